//! What was done to the files, in order; and failing at a chosen step. Per thread, under test.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// A file, whatever its name: its inode.
pub(crate) type FileId = u64;

/// A change to files, as [`crate::disk`] makes them.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Create { path: PathBuf, file: Option<FileId> },
    Write { file: FileId, offset: u64, bytes: Vec<u8> },
    SetLen { file: FileId, len: u64 },
    Sync { file: FileId },
    Rename { from: PathBuf, to: PathBuf },
    Remove { path: PathBuf },
    SyncDir { dir: PathBuf },
}

/// A change that is to fail instead of being made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failure {
    /// The index of the first change that fails.
    pub(crate) at: usize,
    /// How many fail from there on.
    pub(crate) times: usize,
    /// How.
    pub(crate) kind: io::ErrorKind,
}

#[derive(Debug, Default)]
struct Trace {
    changes: Vec<Change>,
    failure: Option<Failure>,
}

/// A disk that holds only so much.
#[derive(Debug, Clone)]
pub(crate) struct SmallDisk {
    /// The directory that lies on it; nothing else does.
    pub(crate) dir: PathBuf,
    /// How many bytes its files may have in all.
    pub(crate) bytes: u64,
    /// Of what a file gives back, so many in a hundred are taken by others at once.
    pub(crate) taken: u64,
}

thread_local! {
    static TRACE: RefCell<Option<Trace>> = const { RefCell::new(None) };
    static DISK: RefCell<Option<SmallDisk>> = const { RefCell::new(None) };
}

/// Lets this thread's files lie on a disk of that size, or on one that is large enough.
pub(crate) fn set_disk(disk: Option<SmallDisk>) {
    DISK.set(disk);
}

/// Others give so many bytes back to this thread's disk.
pub(crate) fn free(bytes: u64) {
    DISK.with_borrow_mut(|disk| disk.as_mut().unwrap().bytes += bytes);
}

/// Called before a file is written up to `end`.
pub(super) fn grow(file: &File, end: u64) -> io::Result<()> {
    DISK.with_borrow(|disk| {
        let Some(disk) = disk else { return Ok(()) };
        let growth = end.saturating_sub(file.metadata().unwrap().len());
        let files = std::fs::read_dir(&disk.dir).unwrap();
        let used: u64 = files.map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
        let fits = growth == 0 || used + growth <= disk.bytes;
        if fits { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    })
}

/// Called before a file is cut.
pub(super) fn cut(file: &File, len: u64) {
    DISK.with_borrow_mut(|disk| {
        if let Some(disk) = disk {
            let given = file.metadata().unwrap().len().saturating_sub(len);
            disk.bytes -= given * disk.taken / 100;
        }
    });
}

/// Begins noting this thread's changes.
pub(crate) fn begin(failure: Option<Failure>) {
    TRACE.set(Some(Trace { changes: Vec::new(), failure }));
}

/// How many changes were noted so far.
pub(crate) fn len() -> usize {
    TRACE.with_borrow(|trace| trace.as_ref().map_or(0, |trace| trace.changes.len()))
}

/// Ends noting. A change that failed is among them.
pub(crate) fn end() -> Vec<Change> {
    TRACE.take().unwrap_or_default().changes
}

/// Called before each change.
pub(super) fn step(change: impl FnOnce() -> Change) -> io::Result<()> {
    TRACE.with_borrow_mut(|trace| {
        let Some(trace) = trace else { return Ok(()) };
        let index = trace.changes.len();
        trace.changes.push(change());
        match trace.failure {
            Some(Failure { at, times, kind })
                if (at..at.saturating_add(times)).contains(&index) =>
            {
                Err(kind.into())
            }
            _ => Ok(()),
        }
    })
}

/// Says which file the last change created.
pub(super) fn created(made: &File) {
    let id = id(made);
    TRACE.with_borrow_mut(|trace| {
        if let Some(Change::Create { file, .. }) = trace.as_mut().and_then(|t| t.changes.last_mut())
        {
            *file = Some(id);
        }
    });
}

pub(super) fn id(file: &File) -> FileId {
    file.metadata().unwrap().ino()
}
