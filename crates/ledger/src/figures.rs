//! What may be published of what was counted: tables of quarters and years that are over.

use std::collections::BTreeMap;

use letopis_domain::figures::suppress::{Published, Table};
use letopis_domain::figures::{Categories, NOT_STATED, Quarter, UNIVERSES, Universe};
use letopis_domain::profile::Words;
use letopis_state::streams::{Counters, CountersKey};
use letopis_types::{Sequence, Timestamp};

use crate::coded::Counts;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::sequencer::read;

/// A column of a table: the place of the breakdown, from 1, and the number of the category; (0, 0) is the total.
pub type Column = (u8, u32);

/// The table of a universe in a quarter or year.
#[derive(Debug, Clone)]
pub struct FigureTable {
    /// What is counted.
    pub universe: &'static Universe,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The regions, after the country's row; 0: files of no region.
    pub regions: Vec<u32>,
    /// What is published.
    pub published: Published,
}

/// How tables are laid out: the same for all that one answer holds.
#[derive(Debug, Clone)]
pub struct FigureLayout {
    regions: Vec<u32>,
    /// The rules of clocks, by number, in the words of the profile that was adopted last.
    clocks: BTreeMap<u32, Words>,
}

impl FigureLayout {
    /// The regions that have a row; 0: files of no region.
    #[must_use]
    pub fn regions(&self) -> &[u32] {
        &self.regions
    }

    /// What the clock of this rule is called.
    #[must_use]
    pub fn clock(&self, number: u32) -> Option<&Words> {
        self.clocks.get(&number)
    }

    fn columns(&self, universe: &Universe) -> Vec<Column> {
        let parts = (1_u8..).zip(universe.breakdowns).flat_map(|(place, breakdown)| {
            let numbers: Vec<u32> = match breakdown.categories {
                Categories::These(these) => these.iter().map(|one| one.number).collect(),
                Categories::ClockRules => self.clocks.keys().copied().collect(),
            };
            numbers.into_iter().map(move |number| (place, number))
        });
        std::iter::once((0, 0)).chain(parts).collect()
    }
}

impl Ledger {
    /// How tables are laid out now. Regions and rules that come later get rows and columns of their own; nothing
    /// was counted there before.
    #[must_use]
    pub fn figure_layout(&self) -> FigureLayout {
        let mut regions = read(&self.0.registry).regions();
        regions.insert(0);
        let rules = self.0.access.rules();
        let profiles = &rules.profiles;
        let adopted = (0..).map_while(|place| profiles.get(place));
        let clocks = adopted.flat_map(|profile| profile.clocks());
        let clocks = clocks.map(|rule| (rule.number, rule.words.clone())).collect();
        FigureLayout { regions: regions.into_iter().collect(), clocks }
    }

    /// When the last event was recorded that the state holds of. Blocks.
    ///
    /// # Errors
    /// The record's.
    pub fn recorded_until(&self) -> Result<Timestamp, LedgerError> {
        let Some(last) = self.state_size().0.checked_sub(1) else { return Ok(Timestamp(0)) };
        let events = self.0.record.read(Sequence(last), 1, 1).map_err(LedgerError::record)?;
        Ok(events.first().map_or(Timestamp(0), |event| event.link.recorded_at))
    }

    /// The tables of a quarter, of these universes (none: of all). Only of a quarter that is over by
    /// [`Self::recorded_until`]: what is recorded later is counted in later quarters. Blocks.
    ///
    /// # Errors
    /// The state's, and the vault's where sealed codes count.
    pub fn figures(
        &self,
        quarter: Quarter,
        layout: &FigureLayout,
        universes: &[u8],
    ) -> Result<Vec<FigureTable>, LedgerError> {
        let counters = self.0.state.counters((quarter.year(), quarter.quarter()));
        let mut counters = counters.collect::<Result<BTreeMap<CountersKey, Counters>, _>>()?;
        let wanted =
            |universe: &&Universe| universes.is_empty() || universes.contains(&universe.number);
        for universe in UNIVERSES.iter().filter(wanted) {
            if let Some((place, ..)) = universe.sealed() {
                let coded = self.0.coded.of(quarter, universe.number)?;
                add_coded(&mut counters, (universe.number, place), &coded)?;
            }
        }
        let tables = UNIVERSES.iter().filter(wanted).map(|universe| {
            let columns = layout.columns(universe);
            let row = |region| {
                let counters = counters.get(&(universe.number, region));
                let count = |column| counters.and_then(|of| of.get(column)).copied();
                columns.iter().map(|column| count(column).unwrap_or_default()).collect()
            };
            let regions = layout.regions.iter().map(|region| row(*region));
            let width = |place: usize| {
                columns.iter().filter(|(of, _)| usize::from(*of) == place + 1).count()
            };
            let table = Table {
                widths: (0..universe.breakdowns.len()).map(width).collect(),
                regions: regions.collect(),
            };
            let published = table.publish();
            FigureTable { universe, columns, regions: layout.regions.clone(), published }
        });
        Ok(tables.collect())
    }
}

/// Adds a universe's breakdown by sealed codes, at its place: what no code tells is not stated.
fn add_coded(
    counters: &mut BTreeMap<CountersKey, Counters>,
    (universe, place): (u8, u8),
    coded: &Counts,
) -> Result<(), LedgerError> {
    for (key, counters) in counters.range_mut((universe, 0)..=(universe, u32::MAX)) {
        let stated = coded.range((*key, 0)..=(*key, u32::MAX));
        let stated: Counters = stated.map(|((_, of), count)| ((place, *of), *count)).collect();
        let total = counters.get(&(0, 0)).copied().unwrap_or_default();
        let not_stated = total.checked_sub(stated.values().sum());
        let not_stated = not_stated.ok_or_else(|| more_coded(*key))?;
        counters.extend(stated);
        counters.insert((place, NOT_STATED), not_stated);
    }
    match coded.keys().find(|(key, _)| !counters.contains_key(key)) {
        Some((key, _)) => Err(more_coded(*key)),
        None => Ok(()),
    }
}

/// More was counted by sealed codes than there is. The log names the region: there may be few.
fn more_coded((universe, region): CountersKey) -> LedgerError {
    tracing::error!(universe, region, "vault and vault/residue count more than the record");
    LedgerError::record(
        "vault and vault/residue count more than the record, see the server's log: run `letopis verify`, and restore \
         record and all of vault/ as they were at one time",
    )
}
