//! What is counted by a code that stands in a sealed section: a row for each such section, by the quarter in which
//! it was recorded. The code itself stands in no row.

use letopis_types::Sequence;

use crate::counters::{CountersKey, QuarterKey};
use crate::streams::{damaged, key, split_u64};
use crate::{Change, StateError, Store};

const CODED: u8 = b'j';

/// A section whose code is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodedRow {
    /// Its event.
    pub sequence: Sequence,
    /// Its index there.
    pub section: u32,
    /// Among which counters the code counts.
    pub counters: CountersKey,
}

impl CodedRow {
    /// The write that stores it, in its quarter.
    #[must_use]
    pub fn entry(&self, quarter: QuarterKey) -> Change {
        let (universe, region) = self.counters;
        let value = [&self.section.to_be_bytes()[..], &[universe], &region.to_be_bytes()].concat();
        (row_key(quarter, self.sequence), Some(value))
    }

    fn from_bytes(sequence: Sequence, value: &[u8]) -> Option<Self> {
        let (section, rest) = value.split_first_chunk::<4>()?;
        let (universe, region) = rest.split_first()?;
        let region = u32::from_be_bytes(*region.as_array()?);
        let section = u32::from_be_bytes(*section);
        Some(Self { sequence, section, counters: (*universe, region) })
    }
}

fn prefix((year, quarter): QuarterKey) -> Vec<u8> {
    key(CODED, &[&year.to_be_bytes(), &[quarter]])
}

fn row_key(quarter: QuarterKey, sequence: Sequence) -> Vec<u8> {
    [prefix(quarter), sequence.0.to_be_bytes().to_vec()].concat()
}

impl Store {
    /// The sections of a quarter whose codes are counted, in log order.
    pub fn coded(&self, quarter: QuarterKey) -> impl Iterator<Item = Result<CodedRow, StateError>> {
        let prefix = prefix(quarter);
        let skip = prefix.len();
        self.scan(&prefix, None).map(move |entry| {
            let (key, value) = entry?;
            let sequence = key.get(skip..).and_then(split_u64).map(|(number, _)| Sequence(number));
            let row = sequence.and_then(|sequence| CodedRow::from_bytes(sequence, &value));
            row.ok_or_else(|| damaged("read which sections are counted"))
        })
    }

    /// The section of an event of that quarter whose code is counted, if there is one.
    ///
    /// # Errors
    /// The store's.
    pub fn coded_at(
        &self,
        quarter: QuarterKey,
        sequence: Sequence,
    ) -> Result<Option<CodedRow>, StateError> {
        let row = self.get(&row_key(quarter, sequence))?;
        row.map(|value| {
            let row = CodedRow::from_bytes(sequence, &value);
            row.ok_or_else(|| damaged("read which sections are counted"))
        })
        .transpose()
    }
}
