//! Files that are there as a whole or not at all, and directories that are on the disk.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::StateError;

/// Puts a file in place of the one of that name: written beside, synced, renamed, directory synced.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), StateError> {
    let beside = beside(path);
    let mut file = File::create(&beside).map_err(StateError::io("create", &beside))?;
    file.write_all(content).map_err(StateError::io("write", &beside))?;
    file.sync_all().map_err(StateError::io("sync", &beside))?;
    put_in_place(&beside, path)
}

/// The name under which a file is written before it is renamed.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(".new");
    PathBuf::from(name)
}

/// Renames a synced file or directory and makes its name durable.
pub(crate) fn put_in_place(from: &Path, to: &Path) -> Result<(), StateError> {
    fs::rename(from, to).map_err(StateError::io("rename into place", to))?;
    sync_dir(&parent(to))
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), StateError> {
    let dir = File::open(path).map_err(StateError::io("open the directory", path))?;
    dir.sync_all().map_err(StateError::io("sync the directory", path))
}

/// Syncs every file and directory under a directory, and itself.
pub(crate) fn sync_tree(path: &Path) -> Result<(), StateError> {
    for entry in fs::read_dir(path).map_err(StateError::io("list", path))? {
        let path = entry.map_err(StateError::io("list", path))?.path();
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
            let file = File::open(&path).map_err(StateError::io("open", &path))?;
            file.sync_all().map_err(StateError::io("sync", &path))?;
        }
    }
    sync_dir(path)
}

/// Makes a directory and those above it, and their names durable.
pub(crate) fn create_dir(path: &Path) -> Result<(), StateError> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = parent(path);
    create_dir(&parent)?;
    fs::create_dir(path).map_err(StateError::io("create the directory", path))?;
    sync_dir(&parent)
}

/// Removes a file; one that is not there is none the worse.
pub(crate) fn remove(path: &Path) -> Result<(), StateError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StateError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// The directory that a file lies in.
pub(crate) fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}
