//! One byte of a copy is changed, and the verifier finds it.

use std::fs;
use std::path::Path;

use letopis_record::DataDir;
use letopis_record::scan::Scanner;
use letopis_words::{Lang, say};

use crate::cmd::verify::verify_dir;
use crate::failure::Failure;

/// Where in a statement the byte is changed: within its event id.
const INTO_STATEMENT: u64 = 112 + 4 + 40;

/// Copies a data directory, changes a byte of the copy, and shows that it is found.
///
/// # Errors
/// Where it is not found: then nothing here is worth anything.
pub(super) fn show(original: &Path, copy: &Path, lang: Lang) -> Result<(), Failure> {
    copy_dir(original, copy)?;
    let (segment, offset) = middle_event(copy)?;
    let path = copy.join("record").join(&segment);
    let mut bytes = fs::read(&path).map_err(Failure::io("read", &path))?;
    let at = usize::try_from(offset + INTO_STATEMENT).map_err(Failure::other)?;
    let byte = bytes.get_mut(at).ok_or_else(|| Failure::other("the record is too short"))?;
    let before = *byte;
    *byte ^= 1;
    let after = *byte;
    fs::write(&path, bytes).map_err(Failure::io("write", &path))?;
    let (before, after) = (format!("{before:02x}"), format!("{after:02x}"));
    let file = segment.as_str();
    let changed =
        say!(lang, "demo-byte-changed", file = file, at = at, before = before, after = after);
    println!("{changed}");
    match verify_dir(copy, None, None, |_| {}) {
        Err(Failure::Fault(fault)) => {
            println!("{}", say!(lang, "demo-byte-found"));
            println!("    {fault}");
            Ok(())
        }
        Err(other) => Err(other),
        Ok(_) => Err(Failure::other("a changed byte was not found")),
    }
}

/// An event in the middle of the record.
fn middle_event(root: &Path) -> Result<(String, u64), Failure> {
    let data = DataDir::open_read_only(root)?;
    let frames = Scanner::open(&data.record(), data.ledger()).map_err(Failure::other)?;
    let mut events = Vec::new();
    for frame in frames {
        let frame = frame.and_then(|frame| frame.decode()).map_err(Failure::other)?;
        events.extend(frame.events.iter().map(|event| (frame.segment.to_string(), event.offset)));
    }
    events.get(events.len() / 2).cloned().ok_or_else(|| Failure::other("the record is empty"))
}

fn copy_dir(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).map_err(Failure::io("create", to))?;
    for entry in fs::read_dir(from).map_err(Failure::io("list", from))? {
        let entry = entry.map_err(Failure::io("list", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_dir(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(Failure::io("copy", &source))?;
        }
    }
    Ok(())
}
