//! Verdicts kept in front of a set.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use crate::vocabulary::Asked;
use crate::{PolicySet, Question, Verdict};

/// A bounded cache of verdicts in front of a policy set, for several threads at once. It says the
/// same as the set, always: with another set goes another cache.
#[derive(Debug)]
pub struct Verdicts {
    set: Arc<PolicySet>,
    /// At most so many verdicts are kept.
    capacity: usize,
    kept: RwLock<Kept>,
}

/// Ordered maps: what is equal is found by comparing, never by a hash alone, and nobody can choose
/// payload types that collide.
#[derive(Debug, Default)]
struct Kept {
    /// By payload type, then by all the rest, whose payload type is empty here.
    verdicts: BTreeMap<Box<str>, BTreeMap<Asked<'static>, Verdict>>,
    count: usize,
}

impl Verdicts {
    /// How many verdicts are enough for an agency: some 2 MiB when full.
    pub const CAPACITY: usize = 16_384;

    /// An empty cache that keeps at most `capacity` verdicts.
    #[must_use]
    pub fn new(set: Arc<PolicySet>, capacity: usize) -> Self {
        Self { set, capacity, kept: RwLock::default() }
    }

    /// The set that decides.
    #[must_use]
    pub fn set(&self) -> &Arc<PolicySet> {
        &self.set
    }

    /// Decides as [`PolicySet::decide`] does.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Verdict {
        let Some(asked) = self.set.asked(question) else {
            return self.set.nothing_permits();
        };
        if let Some(verdict) = self.find(&asked) {
            return verdict;
        }
        let verdict = self.set.evaluate(&asked);
        self.keep(&asked, &verdict);
        verdict
    }

    fn find(&self, asked: &Asked<'_>) -> Option<Verdict> {
        // A lock that a panic left behind is one without a cache: the set still decides.
        let kept = self.kept.read().ok()?;
        kept.verdicts.get(asked.payload_type)?.get(&asked.rest()).cloned()
    }

    fn keep(&self, asked: &Asked<'_>, verdict: &Verdict) {
        let Ok(mut kept) = self.kept.write() else { return };
        if kept.count >= self.capacity {
            // Simple and bounded; what is asked often is back after one decision each.
            *kept = Kept::default();
        }
        let of_type = match kept.verdicts.get_mut(asked.payload_type) {
            Some(of_type) => of_type,
            None => kept.verdicts.entry(asked.payload_type.into()).or_default(),
        };
        if of_type.insert(asked.rest(), verdict.clone()).is_none() {
            kept.count += 1;
        }
    }

    /// How many verdicts are kept.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        let kept = self.kept.read().unwrap();
        let counted: usize = kept.verdicts.values().map(BTreeMap::len).sum();
        assert_eq!(counted, kept.count);
        counted
    }
}
