//! The profiles that a ledger adopted, in order.

use std::sync::Arc;

use crate::fact::ProfileAdopted;
use crate::profile::{ClockRule, Profile, ProfileError};

/// The adopted profiles, in the order of the record.
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    adopted: Vec<(Arc<Profile>, i64)>,
}

impl Profiles {
    /// None adopted: no clock starts.
    #[must_use]
    pub const fn new() -> Self {
        Self { adopted: Vec::new() }
    }

    /// Adopts one for what starts from this time on; seconds since 1970 UTC.
    pub fn adopt(&mut self, profile: Arc<Profile>, effective_from: i64) {
        self.adopted.push((profile, effective_from));
    }

    /// Takes in what a statement adopts that was recorded then; seconds since 1970 UTC.
    ///
    /// # Errors
    /// The text is no profile.
    pub fn take(&mut self, adopted: &ProfileAdopted, recorded: i64) -> Result<(), ProfileError> {
        let (profile, from) = adopted.profile(recorded)?;
        self.adopt(Arc::new(profile), from);
        Ok(())
    }

    /// The profile in force at a time, and its place: of those effective by then the one adopted
    /// last. Before the first is effective it is the first all the same: what happened before the
    /// ledger had a profile was not without law, and each rule has its own first day.
    #[must_use]
    pub fn in_force(&self, at: i64) -> Option<(u16, &Profile)> {
        let effective = self.adopted.iter().rposition(|(_, from)| *from <= at);
        let place = u16::try_from(effective.unwrap_or(0)).ok()?;
        self.get(place).map(|profile| (place, profile))
    }

    /// Those that were adopted first, so many.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        Self { adopted: self.adopted.iter().take(count).cloned().collect() }
    }

    /// The profile at this place.
    #[must_use]
    pub fn get(&self, place: u16) -> Option<&Profile> {
        self.adopted.get(usize::from(place)).map(|(profile, _)| &**profile)
    }

    /// How many were adopted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.adopted.len()
    }

    /// Was none adopted?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.adopted.is_empty()
    }

    /// A profile and one of its rules.
    pub(super) fn rule(&self, profile: u16, rule: u16) -> Option<(&Profile, &ClockRule)> {
        let profile = self.get(profile)?;
        Some((profile, profile.clock_at(rule)?))
    }
}
