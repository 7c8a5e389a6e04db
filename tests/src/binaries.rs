//! The programs under test, built as they are shipped.

use std::env;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::place::{profile_dir, repository};

/// The programs under test.
#[derive(Debug)]
pub struct Binaries {
    /// The command line.
    pub letopis: PathBuf,
    /// The server.
    pub letopisd: PathBuf,
}

impl Binaries {
    /// `letopis`, with these arguments. It finds no home folder and so no ledger that was met
    /// before, unless it is told where.
    #[must_use]
    pub fn letopis(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.letopis);
        command.args(arguments).env_remove("HOME").env_remove("RUST_LOG");
        command
    }
}

/// Builds the programs, once for each test process, in the profile and target folder of the test.
///
/// All of the workspace's programs together, because cargo then builds them with the features that
/// `cargo test --workspace` has built their dependencies with.
///
/// # Panics
/// If they do not build.
#[must_use]
pub fn binaries() -> &'static Binaries {
    static BUILT: OnceLock<Binaries> = OnceLock::new();
    BUILT.get_or_init(|| {
        let profile_dir = profile_dir();
        let target = profile_dir.parent().unwrap();
        fs::create_dir_all(target.join("tmp")).unwrap();
        let lock = File::create(target.join("tmp").join("binaries.lock")).unwrap();
        // Let go of with the file, at the end of this.
        lock.lock().unwrap();
        let profile = match profile_dir.file_name().and_then(|name| name.to_str()) {
            Some("debug") => "dev",
            Some(name) => name,
            None => panic!("{} is not a profile's folder", profile_dir.display()),
        };
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        // What cargo tells the test of its package would be news to build scripts that look at it:
        // they, and all that depends on them, would be built anew by this build and by the next.
        for (name, _) in env::vars_os() {
            let told = name.to_string_lossy();
            if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
                build.env_remove(name);
            }
        }
        let built = build
            .args(["build", "--quiet", "--workspace", "--bins", "--profile", profile])
            .arg("--target-dir")
            .arg(target)
            .current_dir(repository())
            .status()
            .unwrap();
        assert!(built.success(), "the programs under test do not build");
        let program = |name| profile_dir.join(name);
        Binaries { letopis: program("letopis"), letopisd: program("letopisd") }
    })
}
