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

thread_local! {
    static TRACE: RefCell<Option<Trace>> = const { RefCell::new(None) };
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
