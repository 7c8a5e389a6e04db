//! Files that are there as a whole or not at all, and files that are made to forget.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::VaultError;

/// Readable and writable by the owner alone.
const PRIVATE: u32 = 0o600;

/// What the name of a file ends in that is written beside its place.
pub(crate) const BESIDE: &str = ".new";

/// Writes a new file beside its place, syncs it, renames it into place and syncs the directory.
/// Never writes over one that is there.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<(), VaultError> {
    // Not atomic with the rename: the caller holds the lock on the data directory.
    if is_there(path)? {
        return Err(VaultError::AlreadyThere { path: path.to_path_buf() });
    }
    replace(path, content)
}

/// As [`write_new`], but what is there is replaced, as a whole.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), VaultError> {
    let beside = with_suffix(path, BESIDE);
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

/// Writes a new file and syncs it; its name is durable when the caller has synced the directory.
pub(crate) fn write_synced(path: &Path, content: &[u8]) -> Result<(), VaultError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE)
        .open(path)
        .map_err(VaultError::io("create", path))?;
    file.write_all(content).map_err(VaultError::io("write", path))?;
    file.sync_all().map_err(VaultError::io("sync", path))
}

/// Writes zeros over all of a file, syncs it, removes it and syncs the directory. Nothing to do
/// where there is none.
pub(crate) fn destroy(path: &Path) -> Result<(), VaultError> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(VaultError::io("open", path))?,
    };
    let length = file.metadata().map_err(VaultError::io("look at", path))?.len();
    let mut zeros = io::Read::take(io::repeat(0), length);
    io::copy(&mut zeros, &mut file).map_err(VaultError::io("write zeros over", path))?;
    // CRASH: the zeros are on the disk before the name goes: a name that comes back names zeros.
    file.sync_all().map_err(VaultError::io("sync", path))?;
    remove_if_there(path)?;
    sync_dir(&parent(path))
}

pub(crate) fn remove_if_there(path: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(VaultError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Whether there is anything of this name.
pub(crate) fn is_there(path: &Path) -> Result<bool, VaultError> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        looked => looked.map(|_| true).map_err(VaultError::io("look for", path)),
    }
}

/// Makes a directory that nobody but its owner may enter, and those above it.
pub(crate) fn create_dir(path: &Path) -> Result<(), VaultError> {
    let mut builder = DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(path);
    made.map_err(VaultError::io("create the directory", path))?;
    sync_dir(&parent(path))
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), VaultError> {
    let dir = File::open(path).map_err(VaultError::io("open the directory", path))?;
    dir.sync_all().map_err(VaultError::io("sync the directory", path))
}

/// The names in a directory that are text; ours are.
pub(crate) fn names(dir: &Path) -> Result<Vec<String>, VaultError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(VaultError::io("list", dir))? {
        let name = entry.map_err(VaultError::io("list", dir))?.file_name();
        names.push(name.to_string_lossy().into_owned());
    }
    Ok(names)
}

/// The directory that a file lies in.
pub(crate) fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// A path whose last name ends in this too.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

/// The permission bits of a file to which others than its owner have any right.
pub(crate) fn exposed(metadata: &Metadata) -> Option<u32> {
    let mode = metadata.mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_destroyed_was_zeros_before_it_went() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other_name) = (dir.path().join("key"), dir.path().join("other name"));
        fs::write(&path, [7; 10_000]).unwrap();
        fs::hard_link(&path, &other_name).unwrap();
        destroy(&path).unwrap();
        assert!(!path.exists());
        assert_eq!(fs::read(other_name).unwrap(), [0; 10_000]);
        destroy(&path).unwrap();
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(with_suffix(&path, BESIDE), b"half").unwrap();
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(exposed(&fs::metadata(&path).unwrap()), None);
        assert_eq!(names(dir.path()).unwrap(), ["file"]);
        assert!(matches!(write_new(&path, b"three"), Err(VaultError::AlreadyThere { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }
}
