//! What is counted of each event: running totals of the quarter in which events are recorded, and which sealed codes
//! count with them ([`crate::coded`]).

use std::collections::HashMap;
use std::sync::Arc;

use letopis_domain::figures::{Quarter, units, universe};
use letopis_domain::file::own_file;
use letopis_domain::registry::Placed;
use letopis_state::streams::{self, CodedRow, CountersKey, counters_entry};
use letopis_state::{Change, StateError, Store};

use crate::access::Changed;

/// The totals of the present quarter, after everything sequenced.
pub(crate) struct Counters {
    state: Arc<Store>,
    quarter: Option<Quarter>,
    totals: HashMap<CountersKey, streams::Counters>,
}

impl Counters {
    /// Nothing may be sequenced that the state does not have.
    pub(crate) fn new(state: Arc<Store>) -> Self {
        Self { state, quarter: None, totals: HashMap::new() }
    }

    /// Counts an event, with the files that it changed: the rows of the counters that it changes.
    pub(crate) fn take(
        &mut self,
        placed: &Placed<'_>,
        changed: &Changed,
    ) -> Result<Vec<Change>, StateError> {
        let Some(own) = own_file(placed.statement) else { return Ok(Vec::new()) };
        let Some(file) = changed.iter().find(|changed| changed.key == own) else {
            return Ok(Vec::new());
        };
        let units = units(placed, &file.before, &file.file);
        if units.is_empty() {
            return Ok(Vec::new());
        }
        let quarter = Quarter::of(placed.recorded_at.seconds());
        self.turn_to(quarter)?;
        let region = file.file.region.unwrap_or_default();
        let key_of_quarter = (quarter.year(), quarter.quarter());
        let mut rows = Vec::with_capacity(units.len());
        for unit in units {
            let key = (unit.universe, region);
            rows.extend(coded(placed, key).map(|row| row.entry(key_of_quarter)));
            let counters = self.totals.entry(key).or_default();
            let parts = (1_u8..).zip(unit.categories);
            for part in std::iter::once((0, 0)).chain(parts) {
                *counters.entry(part).or_default() += 1;
            }
            rows.push(counters_entry(key_of_quarter, key, counters));
        }
        Ok(rows)
    }

    /// INVARIANT: what is recorded is never older than what was recorded before it. So of another quarter than
    /// the last one's either nothing was counted yet, or the state has all of it.
    fn turn_to(&mut self, quarter: Quarter) -> Result<(), StateError> {
        if self.quarter != Some(quarter) {
            let counters = self.state.counters((quarter.year(), quarter.quarter()));
            self.totals = counters.collect::<Result<_, _>>()?;
            self.quarter = Some(quarter);
        }
        Ok(())
    }
}

/// The section whose code tells one more of a thing's categories.
fn coded(placed: &Placed<'_>, counters: CountersKey) -> Option<CodedRow> {
    let (_, _, payload_type) = universe(counters.0)?.sealed()?;
    let mut sections = (0..).zip(&placed.statement.sections);
    let (section, _) = sections.find(|(_, section)| section.payload_type == payload_type)?;
    Some(CodedRow { sequence: placed.sequence, section, counters })
}
