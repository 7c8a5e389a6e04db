//! Files that are there as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::VaultError;

/// Readable and writable by the owner alone.
pub(crate) const PRIVATE: u32 = 0o600;

/// Writes a new file beside its place, syncs it, renames it into place and syncs the directory.
/// Never writes over one that is there.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<(), VaultError> {
    // Not atomic with the rename: the caller holds the lock on the data directory.
    if path.try_exists().map_err(VaultError::io("look for", path))? {
        return Err(VaultError::AlreadyThere { path: path.to_path_buf() });
    }
    let beside = beside(path);
    // CRASH: what an earlier attempt left there was never renamed, so nobody relies on it.
    remove_if_there(&beside)?;
    let written = write_synced(&beside, content).and_then(|()| {
        fs::rename(&beside, path).map_err(VaultError::io("rename into place", path))
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    // CRASH: before this sync the name may be lost again, but then nobody has used the content.
    sync_dir(&parent(path))
}

fn write_synced(path: &Path, content: &[u8]) -> Result<(), VaultError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE)
        .open(path)
        .map_err(VaultError::io("create", path))?;
    file.write_all(content).map_err(VaultError::io("write", path))?;
    file.sync_all().map_err(VaultError::io("sync", path))
}

fn remove_if_there(path: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(VaultError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), VaultError> {
    let dir = File::open(path).map_err(VaultError::io("open the directory", path))?;
    dir.sync_all().map_err(VaultError::io("sync the directory", path))
}

/// The directory that a file lies in.
pub(crate) fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(".new");
    PathBuf::from(name)
}
