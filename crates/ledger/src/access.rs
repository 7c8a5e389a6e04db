//! What decides on reading and writing: the folded files, and the rules in force; after everything
//! sequenced. Shared by the sequencer, which alone changes it, and by whoever reads.

mod asked;
mod relation;
mod rules;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use letopis_domain::file::{FileState, own_file, tied, touched};
use letopis_domain::procedure::{Around, Taken};
use letopis_domain::registry::{Placed, Registry};
use letopis_domain::{Fact, Statement};
use letopis_state::{StateError, Store};
use letopis_types::{Sequence, StreamKey, Version};

pub use asked::{Asking, Item, Ruling};
pub use relation::SectionAt;
pub(crate) use rules::Rules;

use crate::decoded::Decoded;

/// How many files are kept in memory beyond those that must be.
const FILES_MAX: usize = 16_384;

/// Where folded files are found.
pub(crate) trait Files {
    /// The file as it is folded now; the default where nothing was.
    fn file(&self, file: &StreamKey) -> Result<Arc<FileState>, StateError>;

    /// The other files that a statement is tied to, as far as rules ask about them.
    fn tied(&self, statement: &Statement) -> Result<Vec<(StreamKey, Arc<FileState>)>, StateError> {
        tied(statement).into_iter().map(|key| Ok((key, self.file(&key)?))).collect()
    }

    /// The files that a statement may change.
    fn touched(&self, statement: &Statement) -> Result<Vec<StreamKey>, StateError> {
        let Some(own) = own_file(statement) else { return Ok(Vec::new()) };
        Ok(touched(statement, &*self.file(&own)?))
    }
}

/// The files that a statement changed.
pub(crate) type Changed = Vec<ChangedFile>;

/// A file that a statement changed.
pub(crate) struct ChangedFile {
    pub(crate) key: StreamKey,
    /// As it is after it.
    pub(crate) file: Arc<FileState>,
    /// As it was before.
    pub(crate) before: Arc<FileState>,
}

/// The files and rules of a running ledger.
pub(crate) struct Access {
    state: Arc<Store>,
    /// How many events the state has taken in.
    applied: Arc<AtomicU64>,
    decoded: Decoded,
    inner: RwLock<Inner>,
}

#[derive(Default)]
struct Inner {
    files: HashMap<StreamKey, Held>,
    /// What the state had taken in when room was made last.
    swept: Sequence,
    rules: Arc<Rules>,
}

struct Held {
    file: Arc<FileState>,
    /// The event that changed it last.
    last: Sequence,
}

// INVARIANT: nothing panics while it changes what a lock guards, so that a poisoned one guards a
// whole.
impl Access {
    pub(crate) fn new(state: Arc<Store>, applied: Arc<AtomicU64>) -> Self {
        let mark = state.mark().map_or(Sequence::ZERO, |mark| mark.size);
        Self { state, applied, decoded: Decoded::as_of(mark), inner: RwLock::default() }
    }

    /// The file as the state has it.
    pub(crate) fn stored(&self, file: &StreamKey) -> Result<Arc<FileState>, StateError> {
        let mark = self.state.mark().map_or(Sequence::ZERO, |mark| mark.size);
        self.decoded.file(file, mark, || self.state.file(file))
    }

    /// The state has so many events now, which changed these files.
    pub(crate) fn taken_in<'a>(&self, size: Sequence, files: impl Iterator<Item = &'a StreamKey>) {
        self.decoded.taken_in(size, files);
    }

    /// The rules in force.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.inner.read().unwrap_or_else(PoisonError::into_inner).rules)
    }

    /// Takes in an admitted statement; the registry is that before it. What changed is for the state.
    pub(crate) fn evolve(
        &self,
        placed: &Placed<'_>,
        version: Version,
        registry: &Registry,
        taken: Taken,
    ) -> Result<Changed, StateError> {
        self.evolve_rules(placed);
        let mut changed = Vec::new();
        if !concerns_files(&placed.statement.fact) {
            return Ok(changed);
        }
        let (rules, others) = (self.rules(), self.tied(placed.statement)?);
        let around = Around { registry, profiles: &rules.profiles, others: &others };
        for key in self.touched(placed.statement)? {
            let before = self.file(&key)?;
            let mut file = FileState::clone(&before);
            if file.evolve(&key, placed, version, &around, taken) {
                changed.push(ChangedFile { key, file: Arc::new(file), before });
            }
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        self.make_room(&mut inner);
        for ChangedFile { key, file, .. } in &changed {
            let held = Held { file: Arc::clone(file), last: placed.sequence };
            inner.files.insert(*key, held);
        }
        Ok(changed)
    }

    /// The file, kept in memory from here on: for the sequencer, which asks again and again.
    pub(crate) fn hold(&self, file: &StreamKey) -> Result<Arc<FileState>, StateError> {
        // Nearly always it is here already, and whoever reads at the same time need not wait.
        if let Some(held) = self.held(file) {
            return Ok(held);
        }
        let found = self.file(file)?;
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        self.make_room(&mut inner);
        // INVARIANT: whoever calls this is the only one who changes files, so that it is as found.
        let held = Held { file: Arc::clone(&found), last: Sequence::ZERO };
        inner.files.entry(*file).or_insert(held);
        Ok(found)
    }

    fn held(&self, file: &StreamKey) -> Option<Arc<FileState>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.files.get(file).map(|held| Arc::clone(&held.file))
    }

    fn make_room(&self, inner: &mut Inner) {
        let applied = Sequence(self.applied.load(Ordering::Acquire));
        // Nothing more can go before the state has taken in more.
        if inner.files.len() > FILES_MAX && inner.swept != applied {
            inner.swept = applied;
            // INVARIANT: what the state has not taken in yet stays here.
            inner.files.retain(|_, held| held.last >= applied);
        }
    }

    /// Takes in what changes the rules alone: for opening, which folds these events by themselves.
    pub(crate) fn evolve_rules(&self, placed: &Placed<'_>) {
        if Rules::are_changed_by(&placed.statement.fact) {
            let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
            Arc::make_mut(&mut inner.rules).evolve(placed);
        }
    }
}

impl Files for Access {
    fn file(&self, file: &StreamKey) -> Result<Arc<FileState>, StateError> {
        // The lock is held while the state is asked: what is not here then is in the state, since
        // only whoever has the lock for writing takes anything out.
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = inner.files.get(file) {
            return Ok(Arc::clone(&held.file));
        }
        self.stored(file)
    }
}

/// Most kinds change no file; these do not even ask.
pub(crate) fn concerns_files(fact: &Fact) -> bool {
    !matches!(
        fact,
        Fact::HistoryImported(_)
            | Fact::SectionsRead(_)
            | Fact::FactsRead(_)
            | Fact::AccessDenied(_)
    )
}

/// A file as the state keeps it.
pub(crate) fn to_row(file: &FileState) -> Vec<u8> {
    // Writing to memory does not fail; a file that did would be folded anew from an empty row, which
    // is refused when it is read.
    postcard::to_allocvec(file).unwrap_or_default()
}

pub(crate) fn from_row(row: &[u8]) -> Result<FileState, StateError> {
    postcard::from_bytes(row).map_err(|_| StateError::Damaged {
        doing: "read the files",
        what: "a row is not of its layout".to_owned(),
    })
}
