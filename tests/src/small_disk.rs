//! A small disk of a test's own, which fills up for real.
//!
//! The test runs itself again in a mount namespace of its own, so that nobody else sees the disk;
//! where the system does not allow that, it says that it left this out.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the small disk is, for the process that has it.
const DISK: &str = "LETOPIS_TEST_SMALL_DISK";

/// Runs a part of the test of this name, with its modules, on a new disk of so many MiB.
///
/// # Panics
/// If the test does, there.
pub fn with(name: &str, mebibytes: u32, run: impl FnOnce(&Path)) {
    if let Some(disk) = std::env::var_os(DISK) {
        return run(Path::new(&disk));
    }
    let folder = tempfile::tempdir().unwrap();
    // With a mount of its own, and root there whoever runs it.
    let alone = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
        command.arg(std::env::current_exe().unwrap()).arg(folder.path()).arg(name);
        command.env(DISK, folder.path()).output()
    };
    let mount = format!(r#"mount -t tmpfs -o size={mebibytes}m letopis-test "$1""#);
    match alone(&mount) {
        Ok(tried) if tried.status.success() => {}
        tried => {
            let why =
                tried.map_or_else(|e| e.to_string(), |t| String::from_utf8_lossy(&t.stderr).into());
            println!("full disk: LEFT OUT, no small file system can be mounted: {}", why.trim());
            return;
        }
    }
    let run = format!(r#"{mount} && exec "$0" --exact "$2" --nocapture"#);
    let run = alone(&run).unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains("1 passed"), "{said}");
    said.lines().filter(|line| line.starts_with("full disk")).for_each(|line| println!("{line}"));
}

/// Files of others on the same disk.
#[derive(Debug)]
pub struct Others {
    path: PathBuf,
}

impl Others {
    /// None yet.
    #[must_use]
    pub fn on(disk: &Path) -> Self {
        Self { path: disk.join("others") }
    }

    /// Takes so many bytes, or what is left.
    ///
    /// # Panics
    /// If there can be no file.
    pub fn take(&self, bytes: usize) {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).unwrap();
        // As much as fits.
        let piece = vec![0xee; bytes.min(1 << 20)];
        let mut left = bytes;
        while left > 0 && file.write_all(&piece[..left.min(piece.len())]).is_ok() {
            left = left.saturating_sub(piece.len());
        }
    }

    /// Gives so many bytes back, or all.
    ///
    /// # Panics
    /// If there is no such file.
    pub fn give_back(&self, bytes: u64) {
        let file = OpenOptions::new().write(true).open(&self.path).unwrap();
        file.set_len(file.metadata().unwrap().len().saturating_sub(bytes)).unwrap();
    }
}
