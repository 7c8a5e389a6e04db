//! The layouts of a segment: header, frame, event, footer (proto/README.md, "Record: how it lies
//! on disk"). Pure: bytes to values and back, with every check that needs nothing else.

use letopis_log::Link;
use letopis_types::{Digest, LedgerId, Sequence, SignatureBytes};

use crate::fault::{Structure, What};
use crate::port::{GroupError, StoredEvent};

#[cfg(test)]
mod tests;

/// With which a frame begins.
pub const FRAME_MAGIC: [u8; 8] = *b"LTPFRM1\n";
const HEADER_MAGIC: [u8; 8] = *b"LTPSEG1\n";
const FOOTER_MAGIC: [u8; 8] = *b"LTPEND1\n";

/// The largest body that is written, in bytes: the largest event, with room for others. What is
/// read may be larger; the layout allows [`u32::MAX`].
pub const MAX_BODY: u64 = 64 << 20;

/// An event without statement, signatures and sections, in bytes.
const MIN_EVENT: u64 = Link::LEN as u64 + 4 + 1 + 1;

/// With which a segment begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentHeader {
    /// The sequence of the segment's first event.
    pub first: Sequence,
    /// Whose events these are.
    pub ledger: LedgerId,
    /// The link hash of the event before; zeros for sequence 0.
    pub previous: Digest,
}

impl SegmentHeader {
    /// Length of its layout.
    pub const LEN: usize = 112;

    /// Its layout.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let first = self.first.0.to_be_bytes();
        with_hash([&HEADER_MAGIC, &first, &self.ledger.0, &self.previous.0])
    }

    /// From its layout.
    ///
    /// # Errors
    /// If it does not check.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, What> {
        let mut rest = between_magic_and_hash(bytes, HEADER_MAGIC, Self::LEN, Structure::Header)?;
        let truncated = What::Truncated { structure: Structure::Header };
        let mut read = || {
            Some(Self {
                first: Sequence(take_u64(&mut rest)?),
                ledger: LedgerId(take_array(&mut rest)?),
                previous: Digest(take_array(&mut rest)?),
            })
        };
        read().ok_or(truncated)
    }
}

/// With which a segment ends that is not the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footer {
    /// Its own offset in the file, in bytes.
    pub offset: u64,
    /// The first sequence of the segment that follows.
    pub next: Sequence,
    /// The link hash of the segment's last event.
    pub last_link: Digest,
}

impl Footer {
    /// Length of its layout.
    pub const LEN: usize = 88;

    /// Its layout.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (offset, next) = (self.offset.to_be_bytes(), self.next.0.to_be_bytes());
        with_hash([&FOOTER_MAGIC, &offset, &next, &self.last_link.0])
    }

    /// From its layout.
    ///
    /// # Errors
    /// If it does not check.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, What> {
        let mut rest = between_magic_and_hash(bytes, FOOTER_MAGIC, Self::LEN, Structure::Footer)?;
        let truncated = What::Truncated { structure: Structure::Footer };
        let mut read = || {
            Some(Self {
                offset: take_u64(&mut rest)?,
                next: Sequence(take_u64(&mut rest)?),
                last_link: Digest(take_array(&mut rest)?),
            })
        };
        read().ok_or(truncated)
    }
}

/// What a frame says of itself, before its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// The sequence of its first event.
    pub first: Sequence,
    /// How many events it has, at least 1.
    pub count: u32,
    /// Length of its body, in bytes.
    pub length: u32,
    /// How many events of the log were known durable when it was written.
    pub durable: Sequence,
    /// The link hash of its last event.
    pub last_link: Digest,
    /// BLAKE3 of the bytes before this, and the body.
    pub checksum: Digest,
}

impl FrameHeader {
    /// Length of its layout.
    pub const LEN: usize = 96;

    /// What of it is hashed.
    const HASHED: usize = 64;

    /// From its layout. What it says is not to be relied on before the checksum is known right.
    ///
    /// # Errors
    /// If other bytes come first, or too few.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, What> {
        let mut rest = bytes;
        if take_array(&mut rest) != Some(FRAME_MAGIC) {
            return Err(What::Magic { structure: Structure::Frame });
        }
        let mut read = || {
            Some(Self {
                first: Sequence(take_u64(&mut rest)?),
                count: take_u32(&mut rest)?,
                length: take_u32(&mut rest)?,
                durable: Sequence(take_u64(&mut rest)?),
                last_link: Digest(take_array(&mut rest)?),
                checksum: Digest(take_array(&mut rest)?),
            })
        };
        read().ok_or(What::Truncated { structure: Structure::Frame })
    }

    /// Whether what it says can be.
    fn check(&self) -> Result<(), What> {
        let Self { first, count, length, durable, .. } = *self;
        if count == 0 || u64::from(count) * MIN_EVENT > u64::from(length) {
            return Err(What::Count { count, length });
        }
        if durable > first {
            return Err(What::Durable { durable });
        }
        Ok(())
    }

    /// The whole frame's length in bytes.
    #[must_use]
    pub const fn frame_len(&self) -> u64 {
        Self::LEN as u64 + self.length as u64
    }

    /// The first sequence after the frame.
    #[must_use]
    pub const fn next(&self) -> Sequence {
        Sequence(self.first.0.saturating_add(self.count as u64))
    }
}

/// An event where it lies in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventView<'a> {
    /// Its offset in the frame, in bytes.
    pub offset: usize,
    /// Its length as stored, in bytes.
    pub len: usize,
    /// Its place in the log.
    pub link: Link,
    /// The statement's bytes.
    pub statement: &'a [u8],
    /// The signatures, 64 bytes each.
    pub signatures: &'a [[u8; SignatureBytes::LEN]],
    /// The sealed sections.
    pub sealed: Vec<&'a [u8]>,
}

impl EventView<'_> {
    /// The event by itself.
    #[must_use]
    pub fn to_stored(&self) -> StoredEvent {
        StoredEvent {
            link: self.link,
            statement: self.statement.to_vec(),
            signatures: self.signatures.iter().copied().map(SignatureBytes).collect(),
            sealed: self.sealed.iter().map(|section| section.to_vec()).collect(),
        }
    }
}

/// A frame that checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameView<'a> {
    /// What it says of itself.
    pub header: FrameHeader,
    /// Its events, in order.
    pub events: Vec<EventView<'a>>,
}

/// Why bytes are not a frame, and where in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("offset {offset} of the frame: {what}")]
pub struct FrameFault {
    /// Offset in the frame, in bytes.
    pub offset: usize,
    /// The index of the event in the frame that it concerns.
    pub index: u32,
    /// What is wrong.
    pub what: What,
}

/// True if a frame whose checksum is right lies at the start of these bytes.
#[must_use]
pub fn starts_with_frame(bytes: &[u8]) -> bool {
    let Ok(header) = FrameHeader::from_bytes(bytes) else { return false };
    let frame = usize::try_from(header.frame_len()).ok().and_then(|len| bytes.get(..len));
    frame.is_some_and(|frame| checksum(frame) == header.checksum)
}

/// Reads a frame: exactly these bytes, checksum first, then that its events are as many, as long
/// and as placed as it says, and nothing lies between or after them.
///
/// Whether it continues the frame before, and whether its links hang together, is for the caller.
///
/// # Errors
/// The first fault.
pub fn decode(bytes: &[u8]) -> Result<FrameView<'_>, FrameFault> {
    let at = |offset, index, what| FrameFault { offset, index, what };
    let whole = |what| at(0, 0, what);
    let header = FrameHeader::from_bytes(bytes).map_err(whole)?;
    if bytes.len() as u64 != header.frame_len() {
        return Err(whole(What::Truncated { structure: Structure::Frame }));
    }
    if checksum(bytes) != header.checksum {
        return Err(whole(What::Checksum { structure: Structure::Frame }));
    }
    header.check().map_err(whole)?;
    let mut rest = bytes.get(FrameHeader::LEN..).unwrap_or_default();
    // Bounded: the header was refused if so many events could not lie in these bytes.
    let mut events = Vec::with_capacity(header.count as usize);
    for index in 0..header.count {
        let offset = bytes.len() - rest.len();
        let expected = Sequence(header.first.0.saturating_add(u64::from(index)));
        let mut event = take_event(&mut rest)
            .ok_or_else(|| at(offset, index, What::Truncated { structure: Structure::Event }))?;
        event.offset = offset;
        event.len = bytes.len() - rest.len() - offset;
        let found = event.link.sequence;
        if found != expected {
            let what = What::Sequence { structure: Structure::Event, expected, found };
            return Err(at(offset, index, what));
        }
        events.push(event);
    }
    let last = header.count - 1;
    if !rest.is_empty() {
        let what = What::BytesAfter { bytes: rest.len() as u64 };
        return Err(at(bytes.len() - rest.len(), last, what));
    }
    if events.last().map(|event| event.link.hash()) != Some(header.last_link) {
        return Err(at(0, last, What::LinkHash { structure: Structure::Frame }));
    }
    Ok(FrameView { header, events })
}

/// An event's length as stored, in bytes.
///
/// # Errors
/// [`GroupError::EventTooLarge`] if the layout can't hold it.
pub fn event_len(event: &StoredEvent) -> Result<u64, GroupError> {
    let sequence = event.link.sequence;
    let bound = |fits: bool, part| {
        if fits { Ok(()) } else { Err(GroupError::EventTooLarge { sequence, part }) }
    };
    bound(u32::try_from(event.statement.len()).is_ok(), "statement's bytes")?;
    bound(u8::try_from(event.signatures.len()).is_ok(), "signatures")?;
    bound(u8::try_from(event.sealed.len()).is_ok(), "sections")?;
    bound(event.sealed.iter().all(|s| u32::try_from(s.len()).is_ok()), "bytes of a section")?;
    let sealed: u64 = event.sealed.iter().map(|section| 4 + section.len() as u64).sum();
    let signatures = (event.signatures.len() * SignatureBytes::LEN) as u64;
    Ok(MIN_EVENT + event.statement.len() as u64 + signatures + sealed)
}

/// A group's length as the body of a frame, in bytes.
///
/// # Errors
/// [`GroupError`], if there is nothing in it, the layout can't hold it, or it is larger than
/// [`MAX_BODY`].
pub fn body_len(group: &[StoredEvent]) -> Result<u32, GroupError> {
    if group.is_empty() {
        return Err(GroupError::Empty);
    }
    let mut bytes: u64 = 0;
    for event in group {
        bytes = bytes.saturating_add(event_len(event)?);
    }
    let too_large = GroupError::GroupTooLarge { bytes, max: MAX_BODY };
    if bytes > MAX_BODY {
        return Err(too_large);
    }
    u32::try_from(bytes).map_err(|_| too_large)
}

/// Writes a group as a frame into `out`, instead of what was there. `last_link` is the link hash
/// of its last event.
///
/// # Errors
/// As [`body_len`].
pub fn encode(
    out: &mut Vec<u8>,
    group: &[StoredEvent],
    durable: Sequence,
    last_link: &Digest,
) -> Result<(), GroupError> {
    let length = body_len(group)?;
    // No more events than bytes.
    let count = group.len() as u32;
    let first = group.first().map_or(Sequence::ZERO, |event| event.link.sequence);
    out.clear();
    out.reserve(FrameHeader::LEN + length as usize);
    out.extend_from_slice(&FRAME_MAGIC);
    out.extend_from_slice(&first.0.to_be_bytes());
    out.extend_from_slice(&count.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&durable.0.to_be_bytes());
    out.extend_from_slice(&last_link.0);
    out.extend_from_slice(&[0; Digest::LEN]);
    for event in group {
        put_event(out, event);
    }
    let checksum = checksum(out);
    if let Some(place) = out.get_mut(FrameHeader::HASHED..FrameHeader::LEN) {
        place.copy_from_slice(&checksum.0);
    }
    Ok(())
}

/// Adds an event whose lengths were looked at by [`event_len`].
fn put_event(out: &mut Vec<u8>, event: &StoredEvent) {
    out.extend_from_slice(&event.link.to_bytes());
    out.extend_from_slice(&(event.statement.len() as u32).to_be_bytes());
    out.extend_from_slice(&event.statement);
    out.push(event.signatures.len() as u8);
    for signature in &event.signatures {
        out.extend_from_slice(&signature.0);
    }
    out.push(event.sealed.len() as u8);
    for section in &event.sealed {
        out.extend_from_slice(&(section.len() as u32).to_be_bytes());
        out.extend_from_slice(section);
    }
}

/// The event at this offset of a frame that was checked.
pub(crate) fn event_at(frame: &[u8], offset: usize) -> Option<EventView<'_>> {
    let begun = frame.get(offset..)?;
    let mut rest = begun;
    let event = take_event(&mut rest)?;
    Some(EventView { offset, len: begun.len() - rest.len(), ..event })
}

/// Takes the next event; `offset` and `len` are still to be filled in.
fn take_event<'a>(rest: &mut &'a [u8]) -> Option<EventView<'a>> {
    let link = Link::from_bytes(take(rest, Link::LEN)?)?;
    let length = take_u32(rest)?;
    let statement = take(rest, length as usize)?;
    let [count] = take_array(rest)?;
    let (signatures, _) = take(rest, usize::from(count) * SignatureBytes::LEN)?.as_chunks();
    let [count] = take_array(rest)?;
    let sealed = (0..count)
        .map(|_| {
            let length = take_u32(rest)?;
            take(rest, length as usize)
        })
        .collect::<Option<_>>()?;
    Some(EventView { offset: 0, len: 0, link, statement, signatures, sealed })
}

/// BLAKE3 of a frame without its checksum.
fn checksum(frame: &[u8]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(frame.get(..FrameHeader::HASHED).unwrap_or_default());
    hasher.update(frame.get(FrameHeader::LEN..).unwrap_or_default());
    Digest(*hasher.finalize().as_bytes())
}

/// The parts one after the other, and the BLAKE3 hash of them.
fn with_hash(parts: [&[u8]; 4]) -> Vec<u8> {
    let mut out = parts.concat();
    let hash = blake3::hash(&out);
    out.extend_from_slice(hash.as_bytes());
    out
}

/// What lies between magic and hash, if the length, both, and nothing else are there.
fn between_magic_and_hash(
    bytes: &[u8],
    magic: [u8; 8],
    len: usize,
    structure: Structure,
) -> Result<&[u8], What> {
    let mut rest = bytes;
    if take_array(&mut rest) != Some(magic) {
        return Err(What::Magic { structure });
    }
    if bytes.len() != len {
        return Err(What::Truncated { structure });
    }
    let (hashed, hash) = bytes.split_at(len.saturating_sub(Digest::LEN));
    if blake3::hash(hashed).as_bytes().as_slice() != hash {
        return Err(What::Checksum { structure });
    }
    Ok(rest)
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(len)?;
    *rest = left;
    Some(taken)
}

fn take_array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    take(rest, N)?.try_into().ok()
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    take_array(rest).map(u32::from_be_bytes)
}

fn take_u64(rest: &mut &[u8]) -> Option<u64> {
    take_array(rest).map(u64::from_be_bytes)
}
