//! What can go wrong with the state, by what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use letopis_types::Sequence;

/// Why the state did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// sled failed, or failed before. Stop and open the state again: it is set aside and rebuilt.
    #[error(
        "the state is damaged: could not {doing}: {what}; stop, and start again: it will be rebuilt \
         from the record"
    )]
    Damaged {
        /// What was being done.
        doing: &'static str,
        /// What sled says.
        what: String,
    },
    /// sled did not answer within the limit, even in a new directory. Only a new process helps.
    #[error(
        "sled did not {doing} within {seconds} s; stop, and start again: the state will be rebuilt \
         from the record"
    )]
    Hung {
        /// What was being done.
        doing: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// The operating system refused.
    #[error("could not {doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Another process, or another store in this one, has these files open.
    #[error("{} is in use; stop the other process, or close the other store first", path.display())]
    InUse {
        /// The locked file.
        path: PathBuf,
    },
    /// A key that can't be stored: empty, beginning with a zero byte (those are the store's own), or
    /// longer than [`KEY_BYTES_MAX`](crate::KEY_BYTES_MAX). A mistake of the caller's.
    #[error("a key of {length} bytes, beginning with {first:?}, can't be stored")]
    Key {
        /// Its length.
        length: usize,
        /// Its first byte.
        first: Option<u8>,
    },
    /// A value longer than [`VALUE_BYTES_MAX`](crate::VALUE_BYTES_MAX). A mistake of the caller's.
    #[error("a value of {length} bytes is too long for the state")]
    Value {
        /// Its length.
        length: usize,
    },
    /// A mark of another ledger or schema than the store was opened for. A mistake of the caller's.
    #[error("the mark is not of the ledger and schema that the state was opened for")]
    ForeignMark,
    /// A mark that covers fewer events than were applied. A mistake of the caller's.
    #[error("{given} events can't be marked as applied: {have} are already")]
    MarkBehind {
        /// How many events were applied.
        have: Sequence,
        /// How many the mark covers.
        given: Sequence,
    },
    /// No event was applied yet, so there is nothing to digest or to take a snapshot of.
    #[error("no event was applied yet")]
    NothingApplied,
}

impl StateError {
    /// For `map_err`: what was being done to which file.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { doing, path, source }
    }
}
