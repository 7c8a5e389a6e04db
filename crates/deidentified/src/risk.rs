//! The risk that remains: what of a document may be recognised, counted from the document itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::document::{Grain, Step};
use crate::told::STANDS_OUT;

/// What whoever knows something of the case may recognise it by. It follows from the steps alone, so that
/// nobody can state less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// How many steps are told: the more, the fewer cases are like it.
    pub steps: u32,
    /// How many people acted, as far as roles and their numbers tell.
    pub people: u32,
    /// How many weeks lie between the first step and the last, begun ones counted; by a coarser grain, as many as
    /// there may be.
    pub weeks: u32,
    /// Days lie as far apart as in the case: one day of it that somebody knows is enough to find the others. Told
    /// by the week, it is enough to find their weeks.
    pub exact_days: bool,
    /// The child's age band changes, which tells about when a birthday was.
    pub age_changes: bool,
    /// Kinds of steps of which people outside may know. Ascending.
    pub stands_out: Vec<String>,
}

impl Risk {
    /// The risk of these steps.
    #[must_use]
    pub(crate) fn of(steps: &[Step], grain: Grain) -> Self {
        let people: BTreeSet<_> = steps.iter().flat_map(|step| &step.by).collect();
        let days = || steps.iter().filter_map(|step| step.day_number());
        let span = days().max().unwrap_or(0) - days().min().unwrap_or(0);
        let ages: BTreeSet<_> = steps
            .iter()
            .flat_map(|step| &step.codes)
            .filter(|code| code.field == "age_band" && code.value != "AGE_BAND_UNKNOWN")
            .map(|code| &code.value)
            .collect();
        let kinds: BTreeSet<_> = steps.iter().map(|step| step.kind.as_str()).collect();
        let stands_out = STANDS_OUT.iter().filter(|kind| kinds.contains(*kind));
        Self {
            steps: count(steps.len()),
            people: count(people.len()),
            // Through the last day that the last step may have been on.
            weeks: u32::try_from((span + i64::from(grain.days()) + 6) / 7).unwrap_or(u32::MAX),
            exact_days: grain == Grain::Day,
            age_changes: ages.len() > 1,
            stands_out: stands_out.map(|kind| (*kind).to_owned()).collect(),
        }
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
