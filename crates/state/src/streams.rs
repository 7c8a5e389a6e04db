//! The rows that the ledger folds out of the record: a stream's end, where each of its events
//! stands, which event ids it has; what decides on reading and writing in a file, who read it, what
//! is due in it when, what was erased; what was counted, and which sealed codes are; and the full tiles of the log's tree.
//!
//! Three small writes per event, all clustered by stream: no payloads, no index by random hash.
//! That a stream holds some statement is found out from its rolling heads alone.

use std::sync::Arc;

use letopis_log::tile::{Tile, TileStore};
use letopis_types::{Digest, EventId, Sequence, StreamKey, StreamKind, Version};

pub use crate::cases::CaseRow;
pub use crate::coded::CodedRow;
pub use crate::counters::{Counters, CountersKey, QuarterKey, counters_entry};
pub use crate::owed::{DebtorKey, OwedRow};
pub use crate::signed::SignedRow;
pub use crate::waiting::{Place, WaitingRow};
use crate::{Change, StateError, Store};

/// Version of the rows' layout. A store of another one is rebuilt.
pub const SCHEMA: u32 = 8;

const STREAM: u8 = b's';
const POSITION: u8 = b'p';
const EVENT: u8 = b'e';
const TILE: u8 = b't';
const FILE: u8 = b'f';
const READING: u8 = b'r';
const ERASURE: u8 = b'x';
const MARKS: u8 = b'k';
const DUE: u8 = b'd';

/// A stream's folded state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamRow {
    /// How many events it holds.
    pub version: Version,
    /// Its rolling head.
    pub head: Digest,
    /// The sequence of its first event.
    pub first: Sequence,
    /// The sequence of its last event.
    pub last: Sequence,
}

/// Where an event of a stream stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionRow {
    /// Its sequence.
    pub sequence: Sequence,
    /// The stream's rolling head after it.
    pub head: Digest,
}

pub(crate) fn key(table: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 + parts.iter().map(|part| part.len()).sum::<usize>());
    out.push(table);
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

fn stream_key(stream: &StreamKey) -> Vec<u8> {
    key(STREAM, &[&stream.to_bytes()])
}

fn position_key(stream: &StreamKey, version: Version) -> Vec<u8> {
    key(POSITION, &[&stream.to_bytes(), &version.0.to_be_bytes()])
}

fn event_key(stream: &StreamKey, event_id: &EventId) -> Vec<u8> {
    key(EVENT, &[&stream.to_bytes(), &event_id.0])
}

fn tile_key(level: u8, index: u64) -> Vec<u8> {
    key(TILE, &[&[level], &index.to_be_bytes()])
}

impl StreamRow {
    /// The write that stores it.
    #[must_use]
    pub fn entry(&self, stream: &StreamKey) -> Change {
        let mut value = Vec::with_capacity(56);
        value.extend_from_slice(&self.version.0.to_be_bytes());
        value.extend_from_slice(&self.first.0.to_be_bytes());
        value.extend_from_slice(&self.last.0.to_be_bytes());
        value.extend_from_slice(&self.head.0);
        (stream_key(stream), Some(value))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = split_u64(bytes)?;
        let (first, rest) = split_u64(rest)?;
        let (last, rest) = split_u64(rest)?;
        Some(Self {
            version: Version(version),
            head: Digest::from_slice(rest)?,
            first: Sequence(first),
            last: Sequence(last),
        })
    }
}

impl PositionRow {
    /// The writes that store it and the event's id.
    #[must_use]
    pub fn entries(&self, stream: &StreamKey, version: Version, event_id: &EventId) -> [Change; 2] {
        let value = [&self.sequence.0.to_be_bytes()[..], &self.head.0].concat();
        [
            (position_key(stream, version), Some(value)),
            (event_key(stream, event_id), Some(version.0.to_be_bytes().to_vec())),
        ]
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (sequence, head) = split_u64(bytes)?;
        Some(Self { sequence: Sequence(sequence), head: Digest::from_slice(head)? })
    }
}

/// The write that stores a full tile.
#[must_use]
pub fn tile_entry(level: u8, index: u64, tile: &Tile) -> Change {
    (tile_key(level, index), Some(tile.to_bytes()))
}

/// The write that stores what decides on reading and writing in a file.
#[must_use]
pub fn file_entry(file: &StreamKey, folded: Vec<u8>) -> Change {
    (key(FILE, &[&file.to_bytes()]), Some(folded))
}

/// The write that stores that an event is a reading, or a denial, of a file.
#[must_use]
pub fn reading_entry(file: &StreamKey, sequence: Sequence) -> Change {
    (reading_key(file, sequence), Some(Vec::new()))
}

/// The latest come first.
fn reading_key(file: &StreamKey, sequence: Sequence) -> Vec<u8> {
    key(READING, &[&file.to_bytes(), &(!sequence.0).to_be_bytes()])
}

/// The write that stores what has to be known with an event, as bits of the ledger's.
#[must_use]
pub fn marks_entry(stream: &StreamKey, version: Version, marks: u8) -> Change {
    (key(MARKS, &[&stream.to_bytes(), &version.0.to_be_bytes()]), Some(vec![marks]))
}

/// The write that stores that an event of this stream erases sections.
#[must_use]
pub fn erasure_entry(sequence: Sequence, stream: &StreamKey) -> Change {
    (key(ERASURE, &[&sequence.0.to_be_bytes()]), Some(stream.to_bytes().to_vec()))
}

/// The write that stores, or takes away, that something is due in a file; seconds since 1970 UTC.
#[must_use]
pub fn due_entry(due: i64, file: &StreamKey, is_due: bool) -> Change {
    (key(DUE, &[&ordered(due), &file.to_bytes()]), is_due.then(Vec::new))
}

/// Signed numbers in the order of their bytes.
pub(crate) fn ordered(number: i64) -> [u8; 8] {
    (number ^ i64::MIN).to_be_bytes()
}

pub(crate) fn split_u64(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*head), rest))
}

/// A row that is not of its table's layout.
pub(crate) fn damaged(doing: &'static str) -> StateError {
    StateError::Damaged { doing, what: "a row is not of its layout".to_owned() }
}

impl Store {
    /// A stream's folded state, if it exists.
    ///
    /// # Errors
    /// The store's.
    pub fn stream(&self, stream: &StreamKey) -> Result<Option<StreamRow>, StateError> {
        self.get(&stream_key(stream))?
            .map(|value| StreamRow::from_bytes(&value).ok_or_else(|| damaged("read the streams")))
            .transpose()
    }

    /// Where a stream's event of this version stands.
    ///
    /// # Errors
    /// The store's.
    pub fn position(
        &self,
        stream: &StreamKey,
        version: Version,
    ) -> Result<Option<PositionRow>, StateError> {
        self.get(&position_key(stream, version))?
            .map(|value| {
                PositionRow::from_bytes(&value).ok_or_else(|| damaged("read the positions"))
            })
            .transpose()
    }

    /// The version that an event id has in a stream.
    ///
    /// # Errors
    /// The store's.
    pub fn version_of(
        &self,
        stream: &StreamKey,
        event_id: &EventId,
    ) -> Result<Option<Version>, StateError> {
        self.get(&event_key(stream, event_id))?
            .map(|value| match split_u64(&value) {
                Some((version, [])) => Ok(Version(version)),
                _ => Err(damaged("read the events")),
            })
            .transpose()
    }

    /// The positions of a stream from a version on, in order.
    pub fn positions(
        &self,
        stream: &StreamKey,
        from: Version,
    ) -> impl Iterator<Item = Result<(Version, PositionRow), StateError>> {
        let prefix = key(POSITION, &[&stream.to_bytes()]);
        let after = from.0.checked_sub(1).map(|before| position_key(stream, Version(before)));
        let at = prefix.len();
        self.scan(&prefix, after.as_deref()).map(move |entry| {
            let (key, value) = entry?;
            let version = key.get(at..).and_then(split_u64).map(|(version, _)| Version(version));
            let row = PositionRow::from_bytes(&value);
            version.zip(row).ok_or_else(|| damaged("read the positions"))
        })
    }

    /// What decides on reading and writing in a file, as it was folded.
    ///
    /// # Errors
    /// The store's.
    pub fn file(&self, file: &StreamKey) -> Result<Option<Vec<u8>>, StateError> {
        self.get(&key(FILE, &[&file.to_bytes()]))
    }

    /// What has to be known with an event, as bits of the ledger's; 0: nothing.
    ///
    /// # Errors
    /// The store's.
    pub fn marks(&self, stream: &StreamKey, version: Version) -> Result<u8, StateError> {
        let row = self.get(&key(MARKS, &[&stream.to_bytes(), &version.0.to_be_bytes()]))?;
        Ok(row.and_then(|row| row.first().copied()).unwrap_or(0))
    }

    /// The sequences of the readings and denials of a file before a sequence, the latest first.
    pub fn readings(
        &self,
        file: &StreamKey,
        before: Sequence,
    ) -> impl Iterator<Item = Result<Sequence, StateError>> {
        let prefix = key(READING, &[&file.to_bytes()]);
        let after = reading_key(file, before);
        let at = prefix.len();
        self.scan(&prefix, Some(&after)).map(move |entry| {
            let (key, _) = entry?;
            let sequence =
                key.get(at..).and_then(split_u64).map(|(inverted, _)| Sequence(!inverted));
            sequence.ok_or_else(|| damaged("read the readings"))
        })
    }

    /// The events from a sequence on that erase sections, with their streams, in log order.
    pub fn erasures(
        &self,
        from: Sequence,
    ) -> impl Iterator<Item = Result<(Sequence, StreamKey), StateError>> {
        let after = from.0.checked_sub(1).map(|before| key(ERASURE, &[&before.to_be_bytes()]));
        self.scan(&[ERASURE], after.as_deref()).map(|entry| {
            let (key, value) = entry?;
            let sequence = key.get(1..).and_then(split_u64).map(|(sequence, _)| Sequence(sequence));
            let stream = StreamKey::from_bytes(&value);
            sequence.zip(stream).ok_or_else(|| damaged("read the erasures"))
        })
    }

    /// The files in which something is due by a time, the earliest first; seconds since 1970 UTC.
    pub fn due_by(
        &self,
        seconds: i64,
    ) -> impl Iterator<Item = Result<(i64, StreamKey), StateError>> {
        let rows = self.scan(&[DUE], None).map(|entry| {
            let (key, _) = entry?;
            let split = key.get(1..).and_then(split_u64);
            let row = split.and_then(|(due, file)| {
                Some((due as i64 ^ i64::MIN, StreamKey::from_bytes(file)?))
            });
            row.ok_or_else(|| damaged("read what is due"))
        });
        rows.take_while(move |row| row.as_ref().map_or(true, |(due, _)| *due <= seconds))
    }

    /// The streams of a kind after an id, in order of their ids.
    pub fn streams(
        &self,
        kind: StreamKind,
        after: Option<&StreamKey>,
    ) -> impl Iterator<Item = Result<(StreamKey, StreamRow), StateError>> {
        let after = after.map(stream_key);
        self.scan(&[STREAM, kind as u8], after.as_deref()).map(|entry| {
            let (key, value) = entry?;
            let stream = key.get(1..).and_then(StreamKey::from_bytes);
            stream.zip(StreamRow::from_bytes(&value)).ok_or_else(|| damaged("read the streams"))
        })
    }
}

/// The full tiles of the log's tree, as the state keeps them.
#[derive(Clone)]
pub struct Tiles(pub Arc<Store>);

impl TileStore for Tiles {
    type Error = StateError;

    fn tile(&self, level: u8, index: u64) -> Result<Option<Tile>, StateError> {
        self.0
            .get(&tile_key(level, index))?
            .map(|value| Tile::from_bytes(&value).ok_or_else(|| damaged("read the tiles")))
            .transpose()
    }
}
