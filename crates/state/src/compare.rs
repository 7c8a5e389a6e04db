//! Two states row by row: are they the same, and where not, which projection and row is the first?

use std::cmp::Ordering;
use std::fmt;

use letopis_types::{ActorId, AgencyId, EventId, Sequence, StreamId, StreamKey, Version};

use crate::streams::split_u64;
use crate::{StateError, Store};

/// What the rows of a projection begin with, and its name. The keys are laid out as in [`crate::streams`],
/// and the modules of cases and of clocks.
const TABLES: [(u8, &str); 17] = [
    (b'a', "signed by actor"),
    (b'c', "cases"),
    (b'd', "due"),
    (b'e', "event ids"),
    (b'f', "files"),
    (b'g', "cases by agency"),
    (b'h', "open clocks by agency"),
    (b'i', "counters"),
    (b'j', "sealed codes that are counted"),
    (b'k', "marks"),
    (b'o', "owed"),
    (b'p', "positions"),
    (b'r', "readings"),
    (b's', "streams"),
    (b't', "tiles"),
    (b'w', "open clocks"),
    (b'x', "erasures"),
];

/// The key of a row, shown as what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowKey(Vec<u8>);

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Only the first state has it.
    Missing,
    /// Only the second state has it.
    Added,
    /// Both have it, and it says something else.
    Changed,
}

/// A projection, compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Its name.
    pub name: &'static str,
    /// Its rows in the first state.
    pub rows: u64,
    /// How many differ.
    pub differing: u64,
    /// The first that does.
    pub first: Option<(RowKey, How)>,
}

impl Store {
    /// Compares this state, as it should be, with another: every projection that either has, in the order of
    /// their keys. Both must be left alone meanwhile.
    ///
    /// # Errors
    /// The stores'.
    pub fn compare(&self, other: &Self) -> Result<Vec<Compared>, StateError> {
        let mut found: Vec<Compared> = Vec::new();
        let (mut ours, mut theirs) = (self.scan(&[], None), other.scan(&[], None));
        let (mut left, mut right) = (ours.next().transpose()?, theirs.next().transpose()?);
        loop {
            let order = match (&left, &right) {
                (None, None) => return Ok(found),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((one, _)), Some((other, _))) => one.cmp(other),
            };
            let one = if order.is_le() { std::mem::take(&mut left) } else { None };
            let another = if order.is_ge() { std::mem::take(&mut right) } else { None };
            let how = match (&one, &another) {
                (Some(_), None) => Some(How::Missing),
                (None, _) => Some(How::Added),
                (Some((_, ours)), Some((_, theirs))) => (ours != theirs).then_some(How::Changed),
            };
            let is_ours = one.is_some();
            if let Some((key, _)) = one.or(another) {
                note(&mut found, key, is_ours, how);
            }
            if order.is_le() {
                left = ours.next().transpose()?;
            }
            if order.is_ge() {
                right = theirs.next().transpose()?;
            }
        }
    }
}

fn note(found: &mut Vec<Compared>, key: Vec<u8>, is_ours: bool, how: Option<How>) {
    let name = table(&key);
    if found.last().is_none_or(|last| last.name != name) {
        found.push(Compared { name, rows: 0, differing: 0, first: None });
    }
    let Some(of) = found.last_mut() else { return };
    of.rows += u64::from(is_ours);
    if let Some(how) = how {
        of.differing += 1;
        of.first.get_or_insert((RowKey(key), how));
    }
}

fn table(key: &[u8]) -> &'static str {
    let known = TABLES.iter().find(|(first, _)| key.first() == Some(first));
    known.map_or("of no projection", |(_, name)| name)
}

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match described(&self.0) {
            Some(text) => f.write_str(&text),
            None => self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// What a row is about; `None`: its key is not of its table's layout.
fn described(key: &[u8]) -> Option<String> {
    let (table, rest) = key.split_first()?;
    Some(match table {
        b's' | b'f' => StreamKey::from_bytes(rest)?.to_string(),
        b'p' | b'k' => {
            let (stream, version) = numbered(rest)?;
            format!("{stream}, event {}", Version(version))
        }
        b'r' => {
            let (file, inverted) = numbered(rest)?;
            format!("{file}, sequence {}", Sequence(!inverted))
        }
        b'e' => {
            let (stream, id) = rest.split_last_chunk::<16>()?;
            format!("{}, event id {}", StreamKey::from_bytes(stream)?, EventId(*id))
        }
        b'a' => {
            let (actor, sequence) = rest.split_first_chunk::<16>()?;
            format!("{}, sequence {}", ActorId(*actor), split_u64(sequence)?.0)
        }
        b'o' => {
            let (debtor, rest) = rest.split_first_chunk::<16>()?;
            let (role, place) = rest.split_first()?;
            format!("{}, owed by {}, role {role}", waiting(place)?, StreamId(*debtor))
        }
        b'c' => StreamId::from_slice(rest)?.to_string(),
        b'g' => {
            let (agency, id) = rest.split_first_chunk::<16>()?;
            format!("{}, agency {}", StreamId::from_slice(id)?, AgencyId(*agency))
        }
        b'd' => due(rest)?,
        b'w' => waiting(rest)?,
        b'h' => {
            let (agency, place) = rest.split_first_chunk::<16>()?;
            format!("{}, agency {}", waiting(place)?, AgencyId(*agency))
        }
        b'i' => {
            let (year, rest) = rest.split_first_chunk::<2>()?;
            let ([quarter, universe], region) = rest.split_first_chunk::<2>()?;
            let (year, region) =
                (u16::from_be_bytes(*year), u32::from_be_bytes(*region.as_array()?));
            format!("{year}, quarter {quarter}, universe {universe}, region {region}")
        }
        b'j' => {
            let (year, rest) = rest.split_first_chunk::<2>()?;
            let (quarter, sequence) = rest.split_first()?;
            let (year, sequence) = (u16::from_be_bytes(*year), split_u64(sequence)?.0);
            format!("{year}, quarter {quarter}, sequence {sequence}")
        }
        b't' => {
            let (level, index) = rest.split_first()?;
            format!("level {level}, tile {}", split_u64(index)?.0)
        }
        b'x' => format!("sequence {}", split_u64(rest)?.0),
        _ => return None,
    })
}

fn numbered(rest: &[u8]) -> Option<(StreamKey, u64)> {
    let (stream, number) = rest.split_last_chunk::<8>()?;
    Some((StreamKey::from_bytes(stream)?, u64::from_be_bytes(*number)))
}

fn due(rest: &[u8]) -> Option<String> {
    let (due, file) = split_u64(rest)?;
    let seconds = due as i64 ^ i64::MIN;
    Some(format!("{}, due at {seconds}", StreamKey::from_bytes(file)?))
}

fn waiting(place: &[u8]) -> Option<String> {
    let (of, clock) = place.split_last_chunk::<4>()?;
    Some(format!("{}, clock {}", due(of)?, u32::from_be_bytes(*clock)))
}
