//! What was counted of sections that are erased: numbers, and nothing of whose sections they were.

use std::collections::BTreeMap;

use letopis_types::Sequence;
use zeroize::Zeroizing;

use super::{Cell, Counts};
use letopis_state::streams::QuarterKey;

/// The bytes of a cell and its number.
const CELL_BYTES: usize = 20;

/// The numbers, and of which erasures they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Residue {
    /// The last erasure of whose sections something was added. Of those before it all that counts was added.
    pub(super) until: Sequence,
    counts: BTreeMap<Cell, u64>,
}

impl Residue {
    /// With what counts of one more erasure.
    pub(super) fn with(&self, erasure: Sequence, cells: &[Cell]) -> Self {
        let mut counts = self.counts.clone();
        for cell in cells {
            *counts.entry(*cell).or_default() += 1;
        }
        Self { until: erasure, counts }
    }

    /// What it holds of a universe in a quarter.
    pub(super) fn of(&self, quarter: QuarterKey, universe: u8) -> Counts {
        let cells = (quarter, (universe, 0), 0)..=(quarter, (universe, u32::MAX), u32::MAX);
        let cells = self.counts.range(cells);
        cells.map(|((_, key, category), count)| ((*key, *category), *count)).collect()
    }

    /// As the vault keeps it (proto/README.md, Vault).
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(8 + CELL_BYTES * self.counts.len()));
        bytes.extend_from_slice(&self.until.0.to_be_bytes());
        for (((year, quarter), (universe, region), category), count) in &self.counts {
            bytes.extend_from_slice(&year.to_be_bytes());
            bytes.extend_from_slice(&[*quarter, *universe]);
            bytes.extend_from_slice(&region.to_be_bytes());
            bytes.extend_from_slice(&category.to_be_bytes());
            bytes.extend_from_slice(&count.to_be_bytes());
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (until, rest) = bytes.split_first_chunk()?;
        let (cells, []) = rest.as_chunks::<CELL_BYTES>() else { return None };
        let counts = cells.iter().map(|cell| read(cell)).collect::<Option<_>>()?;
        Some(Self { until: Sequence(u64::from_be_bytes(*until)), counts })
    }
}

fn read(cell: &[u8]) -> Option<(Cell, u64)> {
    let (year, rest) = cell.split_first_chunk()?;
    let ([quarter, universe], rest) = rest.split_first_chunk()?;
    let (region, rest) = rest.split_first_chunk()?;
    let (category, count) = rest.split_first_chunk()?;
    let key = (*universe, u32::from_be_bytes(*region));
    let cell = ((u16::from_be_bytes(*year), *quarter), key, u32::from_be_bytes(*category));
    Some((cell, u64::from_be_bytes(*count.as_array()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Cell = ((2026, 1), (33, 7), 3);
    const OTHER: Cell = ((2026, 2), (35, 0), 12);

    #[test]
    fn it_grows_by_what_is_erased_and_tells_each_universe_of_a_quarter() {
        let residue = Residue::default().with(Sequence(9), &[FIRST, OTHER, FIRST]);
        let residue = residue.with(Sequence(20), &[FIRST]);
        assert_eq!(residue.until, Sequence(20));
        assert_eq!(residue.of((2026, 1), 33), [(((33, 7), 3), 3)].into());
        assert_eq!(residue.of((2026, 2), 35), [(((35, 0), 12), 1)].into());
        for (quarter, universe) in
            [((2025, 4), 33), ((2026, 1), 32), ((2026, 1), 34), ((2026, 2), 33)]
        {
            assert_eq!(residue.of(quarter, universe), Counts::new());
        }
    }

    #[test]
    fn its_bytes_are_as_the_format_says() {
        let residue = Residue::default().with(Sequence(0x0102), &[FIRST, OTHER]);
        let bytes = residue.to_bytes();
        assert_eq!(bytes.len(), 48);
        assert_eq!(bytes[..8], [0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(bytes[8..28], [7, 234, 1, 33, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(Residue::from_bytes(&bytes), Some(residue));
        assert_eq!(Residue::from_bytes(&bytes[..47]), None);
        assert_eq!(Residue::from_bytes(&[]), None);
    }
}
