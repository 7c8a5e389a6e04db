//! The state as it should be: rebuilt from the record alone, and compared with the one that lies there.

use std::sync::Arc;

use letopis_ledger::verify::{VerifyError, each_event};
use letopis_ledger::{OpenError, Rebuilding};
use letopis_record::{ReadOnlyDataDir, StoredEvent};
use letopis_state::streams::SCHEMA;
use letopis_state::{Distrust, Found, Options, StateError, Store};
use letopis_types::{Digest, Sequence};

/// Events that are folded at once.
const AT_ONCE: usize = 1024;

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
    let options = Options::new(data.ledger(), SCHEMA);
    let there = data.root().join("state");
    let found = Store::open_copy(&there, &scratch.path().join("copy"), &options)?;
    let covered = match &found {
        Found::Store(store) => store.mark(),
        _ => None,
    };
    let (state, _) = Store::open(&scratch.path().join("rebuilt"), &options, |_| true)?;
    let state = Arc::new(state);
    let until = covered.map(|mark| mark.size);
    let mut rebuild = Rebuild::begin(data, Arc::clone(&state), until)?;
    each_event(data, |event| rebuild.take(event, &mut progress))?;
    rebuild.flush(&mut progress)?;
    let events = rebuild.events;
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

/// A state being rebuilt.
struct Rebuild {
    rebuilding: Rebuilding,
    until: Option<Sequence>,
    waiting: Vec<StoredEvent>,
    events: Sequence,
    folded: u64,
}

impl Rebuild {
    fn begin(
        data: &ReadOnlyDataDir,
        state: Arc<Store>,
        until: Option<Sequence>,
    ) -> Result<Self, ReplayError> {
        let rebuilding = Rebuilding::begin(data.ledger(), state)?;
        let waiting = Vec::with_capacity(AT_ONCE);
        Ok(Self { rebuilding, until, waiting, events: Sequence::ZERO, folded: 0 })
    }

    fn take(
        &mut self,
        event: StoredEvent,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), ReplayError> {
        let sequence = event.link.sequence;
        self.events = sequence.next();
        if self.until.is_some_and(|until| until <= sequence) {
            return Ok(());
        }
        self.waiting.push(event);
        if self.waiting.len() == AT_ONCE { self.flush(progress) } else { Ok(()) }
    }

    fn flush(&mut self, progress: &mut impl FnMut(u64)) -> Result<(), ReplayError> {
        self.rebuilding.take(&self.waiting)?;
        self.folded += self.waiting.len() as u64;
        self.waiting.clear();
        progress(self.folded);
        Ok(())
    }
}
