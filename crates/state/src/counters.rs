//! What was counted: a row for each counter, by quarter.

use crate::streams::{damaged, key, split_u64};
use crate::{Change, StateError, Store};

const COUNTER: u8 = b'i';

/// The quarter of a counter: year, and 1 to 4.
pub type QuarterKey = (u16, u8);

/// What a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterKey {
    /// The number of the universe.
    pub universe: u8,
    /// The place of the breakdown in it, from 1; 0: the total.
    pub breakdown: u8,
    /// The number of the category.
    pub category: u32,
    /// The region; 0: none is known.
    pub region: u32,
}

/// The write that stores what a counter has come to.
#[must_use]
pub fn counter_entry(quarter: QuarterKey, counter: &CounterKey, count: u64) -> Change {
    let CounterKey { universe, breakdown, category, region } = *counter;
    let place: [&[u8]; 3] =
        [&[universe, breakdown], &category.to_be_bytes(), &region.to_be_bytes()];
    let key = [&prefix(quarter)[..], &place.concat()].concat();
    (key, Some(count.to_be_bytes().to_vec()))
}

fn prefix((year, quarter): QuarterKey) -> Vec<u8> {
    key(COUNTER, &[&year.to_be_bytes(), &[quarter]])
}

fn read(place: &[u8], value: &[u8]) -> Option<(CounterKey, u64)> {
    let ([universe, breakdown], rest) = place.split_first_chunk::<2>()?;
    let (category, rest) = rest.split_first_chunk::<4>()?;
    let region = u32::from_be_bytes(*rest.as_array()?);
    let (count, []) = split_u64(value)? else { return None };
    let category = u32::from_be_bytes(*category);
    Some((CounterKey { universe: *universe, breakdown: *breakdown, category, region }, count))
}

impl Store {
    /// What was counted in a quarter, in the order of what is counted.
    pub fn counters(
        &self,
        quarter: QuarterKey,
    ) -> impl Iterator<Item = Result<(CounterKey, u64), StateError>> {
        let prefix = prefix(quarter);
        let skip = prefix.len();
        self.scan(&prefix, None).map(move |entry| {
            let (key, value) = entry?;
            let row = key.get(skip..).and_then(|place| read(place, &value));
            row.ok_or_else(|| damaged("read what was counted"))
        })
    }
}
