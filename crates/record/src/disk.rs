//! The changes that this crate makes to files, a system call or two each; and how a file is made
//! beside the one that it replaces. Directories and the lock hold nothing, and are made where they
//! are needed.
//!
//! Under test, each change is noted, and can be made to fail, by `trace`.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::names::TEMPORARY;

#[cfg(test)]
pub(crate) mod trace;

/// Zeros are written in pieces of this many bytes.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// Makes a file, or empties the one of that name.
fn create(path: &Path) -> io::Result<File> {
    #[cfg(test)]
    trace::step(|| trace::Change::Create { path: path.into(), file: None })?;
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    #[cfg(test)]
    trace::created(&file);
    Ok(file)
}

/// Opens a file for writing in place.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// Opens a file for writing in place, or makes an empty one.
pub(crate) fn open_or_create(path: &Path) -> io::Result<File> {
    match open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path),
        opened => opened,
    }
}

/// Writes all the bytes at an offset.
pub(crate) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    #[cfg(test)]
    trace::grow(file, offset + bytes.len() as u64)?;
    #[cfg(test)]
    trace::step(|| trace::Change::Write { file: trace::id(file), offset, bytes: bytes.to_vec() })?;
    file.write_all_at(bytes, offset)
}

/// Writes zeros from an offset up to another. Also how far it came.
pub(crate) fn write_zeros(file: &File, from: u64, to: u64) -> (u64, io::Result<()>) {
    let mut offset = from;
    while offset < to {
        let left = usize::try_from(to - offset).unwrap_or(usize::MAX);
        let zeros = ZEROS.get(..left).unwrap_or(&ZEROS);
        if let Err(error) = write_at(file, zeros, offset) {
            return (offset, Err(error));
        }
        offset += zeros.len() as u64;
    }
    (offset, Ok(()))
}

/// Cuts a file to a length.
pub(crate) fn set_len(file: &File, len: u64) -> io::Result<()> {
    #[cfg(test)]
    trace::cut(file, len);
    #[cfg(test)]
    trace::step(|| trace::Change::SetLen { file: trace::id(file), len })?;
    file.set_len(len)
}

/// Returns once the file's bytes are durable.
pub(crate) fn sync_data(file: &File) -> io::Result<()> {
    #[cfg(test)]
    trace::step(|| trace::Change::Sync { file: trace::id(file) })?;
    file.sync_data()
}

/// Returns once the file's bytes and length are durable.
pub(crate) fn sync_all(file: &File) -> io::Result<()> {
    #[cfg(test)]
    trace::step(|| trace::Change::Sync { file: trace::id(file) })?;
    file.sync_all()
}

/// Returns once the names in a directory are durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(test)]
    trace::step(|| trace::Change::SyncDir { dir: dir.into() })?;
    File::open(dir)?.sync_all()
}

/// Removes a file; it is no error if there is none.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    trace::step(|| trace::Change::Remove { path: path.into() })?;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// A durable file made beside the one whose name it will have.
///
/// CRASH: before [`Self::publish`] there is at most a file whose name ends in `.tmp`, which the
/// next opening removes; after it, the whole file under its name; in between, one or the other.
#[derive(Debug)]
pub(crate) struct Beside {
    temporary: PathBuf,
    path: PathBuf,
    file: File,
}

impl Beside {
    /// Makes the file, lets `fill` write it, and syncs it.
    pub(crate) fn make(
        dir: &Path,
        name: &str,
        fill: impl FnOnce(&File) -> io::Result<()>,
    ) -> io::Result<Self> {
        let temporary = dir.join(format!("{name}{TEMPORARY}"));
        let made = create(&temporary).and_then(|file| {
            fill(&file)?;
            sync_all(&file)?;
            Ok(file)
        });
        match made {
            Ok(file) => Ok(Self { temporary, path: dir.join(name), file }),
            Err(error) => {
                // What remains of it means nothing; if it can't be removed, the next opening will.
                let _ = remove(&temporary);
                Err(error)
            }
        }
    }

    /// Where it lies until it has its name.
    pub(crate) fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Its length in bytes.
    pub(crate) fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Removes the file, without having given it its name.
    pub(crate) fn discard(self) {
        // As above.
        let _ = remove(&self.temporary);
    }

    /// Gives the file its name, in place of what had it, and syncs the directory.
    pub(crate) fn publish(self) -> io::Result<File> {
        let Self { temporary, path, file } = self;
        #[cfg(test)]
        trace::step(|| trace::Change::Rename { from: temporary.clone(), to: path.clone() })?;
        std::fs::rename(temporary, &path)?;
        sync_dir(path.parent().unwrap_or(Path::new(".")))?;
        Ok(file)
    }
}

/// Makes a file of these bytes, in place of what had its name, and returns once it is durable.
pub(crate) fn replace(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    Beside::make(dir, name, |file| write_at(file, bytes, 0))?.publish().map(drop)
}

/// True where the disk, or what this user may take of it, is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// True where the cause is that there is no room, which may pass: the disk is full, or the file as
/// long as the system lets it be.
pub(crate) fn no_room(error: &io::Error) -> bool {
    is_full(error) || error.kind() == io::ErrorKind::FileTooLarge
}
