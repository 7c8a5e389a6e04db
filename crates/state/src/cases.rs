//! The cases in short: a row for each, and once more under the agency that holds it.

use letopis_types::{ActorId, AgencyId, StreamId, StreamKey, StreamKind};

use crate::streams::{damaged, key};
use crate::{Change, StateError, Store};

const CASE: u8 = b'c';
const HELD: u8 = b'g';

/// A case in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseRow {
    /// Which one.
    pub id: StreamId,
    /// The agency that holds it.
    pub holder: Option<AgencyId>,
    /// Its lead.
    pub lead: Option<ActorId>,
    /// The number of its stage.
    pub stage: u8,
    /// The number of its track.
    pub track: u8,
}

impl CaseRow {
    /// The writes that store it, or take it away.
    pub fn entries(&self, is: bool) -> impl Iterator<Item = Change> + use<> {
        let mut value = Vec::with_capacity(34);
        value.extend_from_slice(&self.holder.map_or([0; 16], |holder| holder.0));
        value.extend_from_slice(&self.lead.map_or([0; 16], |lead| lead.0));
        value.extend_from_slice(&[self.stage, self.track]);
        let value = is.then_some(value);
        let id = self.id;
        let held = self.holder.map(|holder| (key(HELD, &[&holder.0, &id.0]), value.clone()));
        held.into_iter().chain(std::iter::once((key(CASE, &[&id.0]), value)))
    }

    fn read(id: &[u8], value: &[u8]) -> Option<Self> {
        let (holder, rest) = value.split_first_chunk::<16>()?;
        let (lead, rest) = rest.split_first_chunk::<16>()?;
        let [stage, track] = *rest else { return None };
        Some(Self {
            id: StreamId::from_slice(id)?,
            holder: (*holder != [0; 16]).then_some(AgencyId(*holder)),
            lead: (*lead != [0; 16]).then_some(ActorId(*lead)),
            stage,
            track,
        })
    }

    /// Its stream.
    #[must_use]
    pub const fn stream(&self) -> StreamKey {
        StreamKey { kind: StreamKind::Case, id: self.id }
    }
}

impl Store {
    /// The cases by id: all of them, or those that an agency holds; after one.
    pub fn cases(
        &self,
        holder: Option<&AgencyId>,
        after: Option<&StreamId>,
    ) -> impl Iterator<Item = Result<CaseRow, StateError>> {
        let prefix = match holder {
            Some(holder) => key(HELD, &[&holder.0]),
            None => vec![CASE],
        };
        let after = after.map(|id| [&prefix[..], &id.0].concat());
        let skip = prefix.len();
        self.scan(&prefix, after.as_deref()).map(move |entry| {
            let (key, value) = entry?;
            let row = key.get(skip..).and_then(|id| CaseRow::read(id, &value));
            row.ok_or_else(|| damaged("read the cases"))
        })
    }
}
