//! What there was in a year, counted while it is played.

use std::collections::{BTreeMap, BTreeSet};

use letopis_types::Sequence;

use crate::plan::Begun;

/// What there was so far.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Children that signals were about.
    pub children: usize,
    /// Families of these children, by number.
    pub families: BTreeSet<usize>,
    /// Signals about them, further ones in the same matter not counted, and how many of them were about several
    /// children.
    pub signals: usize,
    /// Of these.
    pub several: usize,
    /// Stories by track.
    pub tracks: BTreeMap<String, usize>,
    /// Statements of people, by kind.
    pub kinds: BTreeMap<String, usize>,
    /// Statements about families.
    pub entries: usize,
    /// Of these, recorded a day or more after they happened.
    pub late: usize,
    /// What the rules refused.
    pub refused: usize,
    /// Readings that were given.
    pub read: usize,
    /// Readings that were denied.
    pub denied: usize,
    /// How many events the log had after the last of them.
    pub events: u64,
}

impl Summary {
    /// A story begins.
    pub(crate) fn begin(&mut self, begun: &Begun) {
        let Some(family) = begun.family else { return };
        self.families.insert(family);
        *self.tracks.entry(begun.track.clone()).or_default() += 1;
        if begun.after.is_none() {
            self.signals += 1;
            self.children += usize::from(begun.children);
            self.several += usize::from(begun.children > 1);
        }
    }

    /// Somebody said something.
    pub(crate) fn said(&mut self, kind: &str, is_late: bool) {
        self.entries += 1;
        self.late += usize::from(is_late);
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
    }

    /// It is on the record.
    pub(crate) fn recorded(&mut self, at: Sequence) {
        self.events = self.events.max(at.0 + 1);
    }
}
