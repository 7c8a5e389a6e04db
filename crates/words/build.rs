//! Reads the messages of both languages, and fails where they differ: a message that one lacks, or
//! that takes other arguments there. Writes down which there are, for the compiler to check each use.

#[path = "build/messages.rs"]
mod messages;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use messages::{Fault, Messages, read, same};

fn main() -> Result<(), Fault> {
    let (bg, of_bg) = language("bg")?;
    let (en, of_en) = language("en")?;
    same(&of_bg, &of_en)?;
    let mut code = String::new();
    for (name, files) in [("BG", bg), ("EN", en)] {
        writeln!(code, "const {name}: &[&str] = &[")?;
        for file in files {
            writeln!(code, "    include_str!({file:?}),")?;
        }
        writeln!(code, "];")?;
    }
    writeln!(code, "const MESSAGES: &[(&str, &[&str])] = &[")?;
    for (id, arguments) in of_en {
        writeln!(code, "    ({id:?}, &{:?}),", arguments.iter().collect::<Vec<_>>())?;
    }
    writeln!(code, "];")?;
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("messages.rs"), code)?;
    Ok(())
}

/// The files of a language, and what they hold.
fn language(name: &str) -> Result<(Vec<PathBuf>, Messages), Fault> {
    println!("cargo::rerun-if-changed={name}");
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join(name);
    let files = std::fs::read_dir(folder)?.map(|file| file.map(|file| file.path()));
    let mut files = files.collect::<Result<Vec<_>, _>>()?;
    files.sort();
    let mut messages = Messages::new();
    for file in &files {
        let text = std::fs::read_to_string(file)?;
        read(&text, &mut messages).map_err(|fault| format!("{}: {fault}", file.display()))?;
    }
    Ok((files, messages))
}
