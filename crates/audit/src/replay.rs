//! The state as it should be: rebuilt from the record alone, and compared with the one that lies there.

use std::sync::Arc;

use letopis_ledger::verify::{VerifyError, each_event};
use letopis_ledger::{OpenError, Rebuilding};
use letopis_record::ReadOnlyDataDir;
use letopis_state::streams::SCHEMA;
use letopis_state::{Distrust, Found, Options, StateError, Store};
use letopis_types::{Digest, Sequence};

/// Memory for the pages of what is rebuilt, and of the copy, in bytes: nothing else is asked of this machine.
const CACHE_BYTES: u64 = 256 << 20;

/// After how many events it is told again how many are done.
const PROGRESS_EVENTS: u64 = 1024;

/// What could not be done.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The record can't be read, or is not what was verified.
    #[error(transparent)]
    Record(#[from] VerifyError),
    /// Its events do not fold.
    #[error(transparent)]
    Fold(#[from] OpenError),
    /// A state can't be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// There is no room for what is rebuilt.
    #[error(
        "could not make a temporary directory: {0}; make room, or set TMPDIR to where there is some"
    )]
    Scratch(std::io::Error),
}

/// A state that was rebuilt, and how the one that lies there compares.
#[derive(Debug, Clone)]
pub struct Rebuilt {
    /// How many events it covers: those that the other one covers, or all.
    pub size: Sequence,
    /// How many events the record has.
    pub events: Sequence,
    /// The digest over all its rows.
    pub digest: Digest,
    /// How the state that lies there compares.
    pub state: Compared,
}

/// How a state compares with the one that its record gives.
#[derive(Debug, Clone)]
pub enum Compared {
    /// There is none.
    Nothing,
    /// It is not one that a server would go on from: that would rebuild it.
    Untrusted(Distrust),
    /// It covers more events than the record has, or others.
    OfAnotherRecord(Sequence),
    /// Each projection beside its own; and the digest over all rows.
    Rows(Vec<letopis_state::Compared>, Digest),
}

impl Compared {
    /// Is it not what the record gives?
    #[must_use]
    pub fn is_fault(&self) -> bool {
        match self {
            Self::Nothing | Self::Untrusted(_) => false,
            Self::OfAnotherRecord(_) => true,
            Self::Rows(projections, _) => projections.iter().any(|one| one.differing > 0),
        }
    }
}

/// Rebuilds the state of a verified record in a temporary directory, and compares the one that lies beside
/// the record, of which a copy is made. `progress` is told how many events are done.
///
/// # Errors
/// [`ReplayError`]. That they differ is none.
pub fn replay(
    data: &ReadOnlyDataDir,
    mut progress: impl FnMut(u64),
) -> Result<Rebuilt, ReplayError> {
    let scratch = tempfile::tempdir().map_err(ReplayError::Scratch)?;
    let mut options = Options::new(data.ledger(), SCHEMA);
    options.cache_bytes = CACHE_BYTES;
    let there = data.root().join("state");
    let found = Store::open_copy(&there, &scratch.path().join("copy"), &options)?;
    let covered = match &found {
        Found::Store(store) => store.mark(),
        _ => None,
    };
    let (state, _) = Store::open(&scratch.path().join("rebuilt"), &options, |_| true)?;
    let state = Arc::new(state);
    let until = covered.map(|mark| mark.size);
    let mut rebuilding = Rebuilding::begin(data.ledger(), Arc::clone(&state))?;
    let mut events = Sequence::ZERO;
    each_event::<ReplayError>(data, |event| {
        let sequence = event.link.sequence;
        events = sequence.next();
        if until.is_none_or(|until| sequence < until) {
            rebuilding.take(&event)?;
            if events.0.is_multiple_of(PROGRESS_EVENTS) {
                progress(events.0);
            }
        }
        Ok(())
    })?;
    rebuilding.finish()?;
    progress(until.unwrap_or(events).min(events).0);
    let mark = state.mark();
    let compared = match found {
        Found::Nothing => Compared::Nothing,
        Found::Untrusted(why) => Compared::Untrusted(why),
        Found::Store(other) => {
            let ends = |mark: letopis_state::Mark| (mark.size, mark.last_link);
            if mark.map(ends) == covered.map(ends) {
                let digest = other.digest(EVERYTHING, &[])?;
                Compared::Rows(state.compare(&other)?, digest)
            } else {
                Compared::OfAnotherRecord(until.unwrap_or_default())
            }
        }
    };
    let size = mark.map(|mark| mark.size).unwrap_or_default();
    let digest = state.digest(EVERYTHING, &[])?;
    Ok(Rebuilt { size, events, digest, state: compared })
}

/// The name under which a digest is taken over all rows.
const EVERYTHING: &str = "everything";
