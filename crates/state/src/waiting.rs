//! What waits to be done: a row for each clock that has not ended, by due date, and once more under the
//! agency that holds its file.

use letopis_types::{ActorId, AgencyId, StreamKey};

use crate::streams::{key, ordered, split_u64};
use crate::{Change, StateError, Store};

const WAITING: u8 = b'w';
const HELD: u8 = b'h';

/// Where a row stands among the others: due date, file, the clock's place in it. A page goes on after one.
pub type Place = [u8; 29];

/// A clock that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WaitingRow {
    /// The first second that is too late, since 1970 UTC.
    pub due: i64,
    /// The file in which it runs.
    pub file: StreamKey,
    /// Its place there.
    pub clock: u32,
    /// The agency that holds the file.
    pub holder: Option<AgencyId>,
    /// The lead of the case.
    pub lead: Option<ActorId>,
    /// An event of a protected stream started it.
    pub protected: bool,
}

impl WaitingRow {
    /// Its place among the others.
    #[must_use]
    pub fn place(&self) -> Place {
        let mut place = [0; 29];
        let parts = [&ordered(self.due)[..], &self.file.to_bytes(), &self.clock.to_be_bytes()];
        let bytes = parts.into_iter().flatten();
        place.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        place
    }

    /// The writes that store it, or take it away.
    pub fn entries(&self, waits: bool) -> impl Iterator<Item = Change> + use<> {
        let value = waits.then(|| self.value());
        let place = self.place();
        let held = self.holder.map(|holder| (key(HELD, &[&holder.0, &place]), value.clone()));
        held.into_iter().chain(std::iter::once((key(WAITING, &[&place]), value)))
    }

    pub(crate) fn value(&self) -> Vec<u8> {
        let mut value = Vec::with_capacity(34);
        value.extend_from_slice(&self.holder.map_or([0; 16], |holder| holder.0));
        value.extend_from_slice(&self.lead.map_or([0; 16], |lead| lead.0));
        value.push(self.protected.into());
        value
    }

    pub(crate) fn read(place: &[u8], value: &[u8]) -> Option<Self> {
        let (due, rest) = split_u64(place)?;
        let (file, clock) = rest.split_last_chunk::<4>()?;
        let (holder, rest) = value.split_first_chunk::<16>()?;
        let (lead, rest) = rest.split_first_chunk::<16>()?;
        let [protected] = rest else { return None };
        Some(Self {
            due: due as i64 ^ i64::MIN,
            file: StreamKey::from_bytes(file)?,
            clock: u32::from_be_bytes(*clock),
            holder: (*holder != [0; 16]).then_some(AgencyId(*holder)),
            lead: (*lead != [0; 16]).then_some(ActorId(*lead)),
            protected: *protected != 0,
        })
    }
}

impl Store {
    /// The clocks that have not ended, the most urgent first: of all files, or of those that an agency holds;
    /// after a place.
    pub fn waiting(
        &self,
        holder: Option<&AgencyId>,
        after: Option<&Place>,
    ) -> impl Iterator<Item = Result<WaitingRow, StateError>> {
        let prefix = match holder {
            Some(holder) => key(HELD, &[&holder.0]),
            None => vec![WAITING],
        };
        let after = after.map(|place| [&prefix[..], place].concat());
        let skip = prefix.len();
        self.scan(&prefix, after.as_deref()).map(move |entry| {
            let (key, value) = entry?;
            let row = key.get(skip..).and_then(|place| WaitingRow::read(place, &value));
            row.ok_or_else(|| crate::streams::damaged("read what waits"))
        })
    }
}
