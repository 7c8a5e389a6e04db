//! What was counted: a row for each universe and region of a quarter, with all its counters, since one event
//! changes several of them.

use std::collections::BTreeMap;

use crate::streams::{damaged, key, split_u64};
use crate::{Change, StateError, Store};

const COUNTERS: u8 = b'i';

/// The quarter of counters: year, and 1 to 4.
pub type QuarterKey = (u16, u8);

/// Which counters stand in one row: the number of the universe, and the region; 0: none is known.
pub type CountersKey = (u8, u32);

/// The counters of a row: by the place of the breakdown, from 1, and the number of the category; (0, 0) is the
/// total.
pub type Counters = BTreeMap<(u8, u32), u64>;

/// The write that stores what counters have come to.
#[must_use]
pub fn counters_entry(
    quarter: QuarterKey,
    (universe, region): CountersKey,
    counters: &Counters,
) -> Change {
    let key = [&prefix(quarter)[..], &[universe], &region.to_be_bytes()].concat();
    let mut value = Vec::with_capacity(13 * counters.len());
    for ((breakdown, category), count) in counters {
        value.push(*breakdown);
        value.extend_from_slice(&category.to_be_bytes());
        value.extend_from_slice(&count.to_be_bytes());
    }
    (key, Some(value))
}

fn prefix((year, quarter): QuarterKey) -> Vec<u8> {
    key(COUNTERS, &[&year.to_be_bytes(), &[quarter]])
}

fn read(place: &[u8], value: &[u8]) -> Option<(CountersKey, Counters)> {
    let (universe, region) = place.split_first()?;
    let region = u32::from_be_bytes(*region.as_array()?);
    let (mut counters, mut rest) = (Counters::new(), value);
    while let Some((breakdown, after)) = rest.split_first() {
        let (category, after) = after.split_first_chunk::<4>()?;
        let (count, after) = split_u64(after)?;
        counters.insert((*breakdown, u32::from_be_bytes(*category)), count);
        rest = after;
    }
    Some(((*universe, region), counters))
}

impl Store {
    /// What was counted in a quarter, by universe and region.
    pub fn counters(
        &self,
        quarter: QuarterKey,
    ) -> impl Iterator<Item = Result<(CountersKey, Counters), StateError>> {
        let prefix = prefix(quarter);
        let skip = prefix.len();
        self.scan(&prefix, None).map(move |entry| {
            let (key, value) = entry?;
            let row = key.get(skip..).and_then(|place| read(place, &value));
            row.ok_or_else(|| damaged("read what was counted"))
        })
    }
}
