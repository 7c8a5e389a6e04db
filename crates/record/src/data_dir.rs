//! The data directory: its marker, and the lock of the process that uses it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::marker::PhantomData;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use letopis_types::LedgerId;

use crate::disk;

const MARKER: &str = "letopis";
const LOCK: &str = "lock";
const RECORD: &str = "record";

/// What every marker begins with, whatever its version.
const FAMILY: &str = "letopis data ";
/// The format that this crate reads and writes.
const FORMAT: u32 = 1;
/// The longest marker that is looked at, in bytes.
const MAX_MARKER: u64 = 4096;

/// Why a data directory can't be used. Nothing in it was touched.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// No marker: not a data directory of Letopis, or one whose making was not finished.
    #[error("{} is not a data directory of Letopis: it has no file `letopis`", path.display())]
    NotLetopis {
        /// The directory.
        path: PathBuf,
    },
    /// Made by a later version. Use that.
    #[error("{} has format {found}, and this program knows {FORMAT}; use a newer one", path.display())]
    Newer {
        /// The directory.
        path: PathBuf,
        /// Its format's number, or what stands there.
        found: String,
    },
    /// Another process uses it. Stop that first.
    #[error("{} is in use by another process; stop that one first", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The marker is not what is written there. Restore it: two lines, as the format says.
    #[error("{} has a damaged marker `letopis`; restore that file", path.display())]
    DamagedMarker {
        /// The directory.
        path: PathBuf,
    },
    /// A new one needs a place that does not exist, or is an empty directory.
    #[error("{} is not empty; name a new directory", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// The system refused.
    #[error("could not {action} in {}: {source}", path.display())]
    Io {
        /// What failed.
        action: &'static str,
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The access of a process that nobody else shares the directory with.
#[derive(Debug, Clone)]
pub struct Exclusive;

/// The access of one of several processes that only read.
#[derive(Debug, Clone)]
pub struct Shared;

/// A data directory that this process uses, until the last clone of this is dropped: alone, or, as
/// a [`ReadOnlyDataDir`], beside others that only read.
#[derive(Debug, Clone)]
pub struct DataDir<Access = Exclusive> {
    root: PathBuf,
    ledger: LedgerId,
    // INVARIANT: locked for as long as this exists; the system lets go of it with the process.
    _lock: Option<Arc<File>>,
    _access: PhantomData<Access>,
}

/// A data directory that is only read, by any number of processes and no writer.
pub type ReadOnlyDataDir = DataDir<Shared>;

impl DataDir {
    /// Makes a data directory, which nobody but its owner may enter, in a directory that exists.
    ///
    /// # Errors
    /// [`DataDirError::NotEmpty`], [`DataDirError::InUse`] or [`DataDirError::Io`].
    pub fn create(root: &Path, ledger: LedgerId) -> Result<Self, DataDirError> {
        let io = |action| failed(action, root);
        match DirBuilder::new().mode(0o700).create(root) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(io("make the directory"))?,
        }
        if !is_vacant(root).map_err(io("list the files"))? {
            return Err(DataDirError::NotEmpty { path: root.into() });
        }
        let lock = lock_exclusive(root)?;
        // Again, now that nobody else makes one here.
        if !is_vacant(root).map_err(io("list the files"))? {
            return Err(DataDirError::NotEmpty { path: root.into() });
        }
        // CRASH: before the marker has its name there is at most what `is_vacant` knows, and
        // making it may be tried again.
        let text = format!("{FAMILY}{FORMAT}\n{ledger}\n");
        disk::replace(root, MARKER, text.as_bytes()).map_err(io("write the marker"))?;
        let parent = root.parent().filter(|parent| !parent.as_os_str().is_empty());
        disk::sync_dir(parent.unwrap_or(Path::new("."))).map_err(io("sync the directory above"))?;
        Ok(Self::new(root, ledger, Some(lock)))
    }

    /// Opens a data directory for this process alone.
    ///
    /// # Errors
    /// [`DataDirError`], with nothing touched.
    pub fn open(root: &Path) -> Result<Self, DataDirError> {
        let ledger = read_marker(root)?;
        let lock = lock_exclusive(root)?;
        Ok(Self::new(root, ledger, Some(lock)))
    }

    /// Opens a data directory for reading, beside others that do. Nothing in it is ever touched;
    /// it may lie on a medium that can't be written. A copy without the file `lock` is read
    /// without a lock.
    ///
    /// # Errors
    /// [`DataDirError`].
    pub fn open_read_only(root: &Path) -> Result<ReadOnlyDataDir, DataDirError> {
        let ledger = read_marker(root)?;
        let lock = match File::open(root.join(LOCK)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            opened => {
                let lock = opened.map_err(failed("open the lock", root))?;
                locked(lock.try_lock_shared(), root)?;
                Some(lock)
            }
        };
        Ok(DataDir::new(root, ledger, lock))
    }
}

impl<Access> DataDir<Access> {
    /// The directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the record lies.
    #[must_use]
    pub fn record(&self) -> PathBuf {
        self.root.join(RECORD)
    }

    /// Whose data these are, as the marker says.
    #[must_use]
    pub const fn ledger(&self) -> LedgerId {
        self.ledger
    }

    fn new(root: &Path, ledger: LedgerId, lock: Option<File>) -> Self {
        Self { root: root.into(), ledger, _lock: lock.map(Arc::new), _access: PhantomData }
    }
}

fn failed(action: &'static str, root: &Path) -> impl Fn(io::Error) -> DataDirError + Copy {
    move |source| DataDirError::Io { action, path: root.into(), source }
}

/// True if nothing is there but what an unfinished [`DataDir::create`] leaves.
fn is_vacant(root: &Path) -> io::Result<bool> {
    for entry in std::fs::read_dir(root)? {
        let name = entry?.file_name();
        if name != LOCK && name != format!("{MARKER}{}", crate::names::TEMPORARY).as_str() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn lock_exclusive(root: &Path) -> Result<File, DataDirError> {
    let lock = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(root.join(LOCK))
        .map_err(failed("open the lock", root))?;
    locked(lock.try_lock(), root)?;
    Ok(lock)
}

fn locked(result: Result<(), TryLockError>, root: &Path) -> Result<(), DataDirError> {
    result.map_err(|error| match error {
        TryLockError::WouldBlock => DataDirError::InUse { path: root.into() },
        TryLockError::Error(source) => failed("lock", root)(source),
    })
}

fn read_marker(root: &Path) -> Result<LedgerId, DataDirError> {
    let path = || root.to_path_buf();
    let mut text = Vec::new();
    let read =
        File::open(root.join(MARKER)).and_then(|file| file.take(MAX_MARKER).read_to_end(&mut text));
    match read {
        Err(error) if is_absent(&error) => return Err(DataDirError::NotLetopis { path: path() }),
        read => read.map_err(failed("read the marker", root))?,
    };
    let damaged = || DataDirError::DamagedMarker { path: path() };
    let text = std::str::from_utf8(&text).map_err(|_| damaged())?;
    let (version, rest) =
        text.strip_prefix(FAMILY).and_then(|rest| rest.split_once('\n')).ok_or_else(damaged)?;
    if version != FORMAT.to_string() {
        // No leading zeros or signs: those no version will write.
        let newer = version.parse::<u32>().is_ok_and(|n| n > FORMAT && n.to_string() == version);
        return Err(if newer {
            DataDirError::Newer { path: path(), found: version.to_owned() }
        } else {
            damaged()
        });
    }
    let ledger = rest.strip_suffix('\n').and_then(|hex| hex.parse().ok());
    ledger.ok_or_else(damaged)
}

fn is_absent(error: &io::Error) -> bool {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEDGER: LedgerId = LedgerId([0x5a; 32]);

    fn snapshot(root: &Path) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = std::fs::read_dir(root)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                (name, std::fs::read(entry.path()).unwrap_or_default())
            })
            .collect();
        files.sort();
        files
    }

    fn marked(text: &[u8]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(MARKER), text).unwrap();
        dir
    }

    #[test]
    fn marker_is_the_specified_one_and_opens_again() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("data");
        drop(DataDir::create(&root, LEDGER).unwrap());
        let hex = "5a".repeat(32);
        let marker = std::fs::read_to_string(root.join("letopis")).unwrap();
        assert_eq!(marker, format!("letopis data 1\n{hex}\n"));
        let data = DataDir::open(&root).unwrap();
        assert_eq!((data.ledger(), data.record()), (LEDGER, root.join("record")));
        drop(data);
        let data = DataDir::open_read_only(&root).unwrap();
        assert_eq!((data.ledger(), data.record()), (LEDGER, root.join("record")));
    }

    #[test]
    fn only_its_owner_enters() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("data");
        drop(DataDir::create(&root, LEDGER).unwrap());
        assert_eq!(std::fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn one_writer_or_many_readers() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let writer = DataDir::create(root, LEDGER).unwrap();
        assert!(matches!(DataDir::open(root), Err(DataDirError::InUse { .. })));
        assert!(matches!(DataDir::open_read_only(root), Err(DataDirError::InUse { .. })));
        let clone = writer.clone();
        drop(writer);
        assert!(matches!(DataDir::open(root), Err(DataDirError::InUse { .. })));
        drop(clone);
        let one = DataDir::open_read_only(root).unwrap();
        let two = DataDir::open_read_only(root).unwrap();
        assert!(matches!(DataDir::open(root), Err(DataDirError::InUse { .. })));
        drop((one, two));
        DataDir::open(root).unwrap();
    }

    #[test]
    fn a_copy_without_lock_is_read_and_not_written_to() {
        let dir = marked(format!("letopis data 1\n{LEDGER}\n").as_bytes());
        DataDir::open_read_only(dir.path()).unwrap();
        assert_eq!(snapshot(dir.path()).len(), 1);
    }

    #[test]
    fn creation_takes_only_an_empty_place_and_may_be_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("lock"), b"").unwrap();
        std::fs::write(dir.path().join("letopis.tmp"), b"letopis da").unwrap();
        drop(DataDir::create(dir.path(), LEDGER).unwrap());
        let before = snapshot(dir.path());
        let again = DataDir::create(dir.path(), LedgerId([1; 32]));
        assert!(matches!(again, Err(DataDirError::NotEmpty { .. })));
        assert_eq!(snapshot(dir.path()), before);

        let foreign = tempfile::tempdir().unwrap();
        std::fs::write(foreign.path().join("letter.txt"), b"mine").unwrap();
        let refused = DataDir::create(foreign.path(), LEDGER);
        assert!(matches!(refused, Err(DataDirError::NotEmpty { .. })));
        assert_eq!(snapshot(foreign.path()).len(), 1);
    }

    #[test]
    fn what_is_not_ours_is_told_apart_and_left_alone() {
        type Expected = fn(&DataDirError) -> bool;
        let newer: Expected = |error| matches!(error, DataDirError::Newer { .. });
        let damaged: Expected = |error| matches!(error, DataDirError::DamagedMarker { .. });
        let hex = LEDGER.to_string();
        let cases: [(String, Expected); 9] = [
            (format!("letopis data 2\n{hex}\n"), newer),
            ("letopis data 10\nanything".into(), newer),
            (format!("letopis data 0\n{hex}\n"), damaged),
            (format!("letopis data 02\n{hex}\n"), damaged),
            (format!("letopis data 1\n{hex}"), damaged),
            (format!("letopis data 1\n{hex}\n\n"), damaged),
            (format!("letopis data 1\n{}\n", hex.to_uppercase()), damaged),
            (String::new(), damaged),
            ("something else\n".into(), damaged),
        ];
        for (text, expected) in cases {
            let dir = marked(text.as_bytes());
            let before = snapshot(dir.path());
            for error in [
                DataDir::open(dir.path()).unwrap_err(),
                DataDir::open_read_only(dir.path()).unwrap_err(),
            ] {
                assert!(expected(&error), "{text:?}: {error}");
            }
            assert_eq!(snapshot(dir.path()), before);
        }
        let foreign = tempfile::tempdir().unwrap();
        for path in [foreign.path().to_path_buf(), foreign.path().join("nowhere")] {
            let error = DataDir::open(&path).unwrap_err();
            assert!(matches!(error, DataDirError::NotLetopis { .. }), "{error}");
        }
        assert!(snapshot(foreign.path()).is_empty());
    }
}
