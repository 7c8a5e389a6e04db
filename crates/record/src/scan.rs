//! Reading a record offline: every segment and frame of it in order, with places exact to the
//! byte, in bounded memory and without an index. For verifiers, and for opening.
//!
//! A [`Scanner`] reads the files one after the other and hands out frames as bytes;
//! [`RawFrame::decode`] checks one by itself, on any thread. Together they check everything that
//! can be without looking into statements: names, headers, checksums, counts and lengths, footers,
//! that segments and frames follow one another without a gap, that every link holds the hash of
//! the one before it, and that only zeros come after the last frame. What is left to whoever takes
//! the frames together: that time does not run back from one frame to the next.
//!
//! Nothing that lies on the disk makes them panic; memory is bounded by the longest file.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use letopis_types::{Digest, LedgerId, Sequence, Timestamp};

use crate::fault::{Fault, Structure, What};
use crate::frame::{self, Footer, FrameHeader, FrameView, SegmentHeader};
use crate::names::{self, Listing};
use crate::port::{LinkError, StoredEvent, Tip};

#[cfg(test)]
mod tests;

/// Read at once, in bytes; longer bodies are read as they are.
const BUFFER: usize = 256 << 10;

/// Reads a record from its beginning to its end: an iterator over its frames, up to the first
/// fault among them; and after that, one by one, the files that should not be there.
#[derive(Debug)]
pub struct Scanner {
    dir: PathBuf,
    ledger: LedgerId,
    segments: VecDeque<Sequence>,
    current: Option<SegmentReader>,
    next: Sequence,
    previous: Digest,
    misplaced: VecDeque<Fault>,
}

impl Scanner {
    /// Opens the record in this directory, as [`crate::DataDir::record`] names it. Nothing may
    /// write to it meanwhile.
    ///
    /// # Errors
    /// If the directory can't be listed.
    pub fn open(dir: &Path, ledger: LedgerId) -> io::Result<Self> {
        let listing = Listing::read(dir)?;
        let torn = listing.torn.into_iter().map(|name| {
            let sequence = names::torn_sequence(&name).unwrap_or_default();
            misplaced(name, sequence, What::TornTail)
        });
        let unknown = listing
            .unknown
            .into_iter()
            .map(|name| misplaced(name, Sequence::ZERO, What::UnknownFile));
        let mut segments = VecDeque::from(listing.segments);
        if segments.is_empty() {
            // It will be found missing.
            segments.push_back(Sequence::ZERO);
        }
        Ok(Self {
            dir: dir.into(),
            ledger,
            segments,
            current: None,
            next: Sequence::ZERO,
            previous: Digest::ZERO,
            misplaced: torn.chain(unknown).collect(),
        })
    }

    /// The next frame, if there is one.
    fn next_frame(&mut self) -> Result<Option<RawFrame>, Fault> {
        loop {
            if let Some(reader) = &mut self.current {
                if let Some(frame) = reader.next_frame()? {
                    return Ok(Some(frame));
                }
                (self.next, self.previous) = (reader.next, reader.previous);
                self.current = None;
            }
            let Some(first) = self.segments.pop_front() else { return Ok(None) };
            if first > self.next {
                return Err(missing(self.next));
            }
            if first < self.next {
                return Err(misplaced(names::segment(first), first, What::UnknownFile));
            }
            let last = self.segments.is_empty();
            let reader = SegmentReader::open(&self.dir, first, self.ledger, self.previous, last)?;
            self.current = Some(reader);
        }
    }
}

impl Iterator for Scanner {
    type Item = Result<RawFrame, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.next_frame() {
            Ok(Some(frame)) => Some(Ok(frame)),
            Ok(None) => self.misplaced.pop_front().map(Err),
            Err(fault) => {
                // Beyond it no place is certain.
                self.segments.clear();
                self.current = None;
                Some(Err(fault))
            }
        }
    }
}

/// That the segment that begins here is missing.
pub(crate) fn missing(first: Sequence) -> Fault {
    misplaced(names::segment(first), first, What::SegmentMissing)
}

/// A fault of a file as a whole.
fn misplaced(segment: String, sequence: Sequence, what: What) -> Fault {
    Fault { segment, offset: 0, sequence, what }
}

/// A frame as it lies in its segment, not yet checked.
#[derive(Debug, Clone)]
pub struct RawFrame {
    /// The segment's name.
    pub segment: Arc<str>,
    /// The frame's offset in the segment, in bytes.
    pub offset: u64,
    /// The sequence that comes next here.
    pub first: Sequence,
    /// The link hash of the event before, as the frame before says it.
    pub previous: Digest,
    /// The frame's bytes: header and body.
    pub bytes: Vec<u8>,
}

/// A frame that checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The segment's name.
    pub segment: Arc<str>,
    /// The frame's offset in the segment, in bytes.
    pub offset: u64,
    /// The sequence of its first event.
    pub first: Sequence,
    /// How many events of the log were known durable when it was written.
    pub durable: Sequence,
    /// Its events.
    pub events: Vec<LocatedEvent>,
}

/// An event, and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedEvent {
    /// Its offset in the segment, in bytes.
    pub offset: u64,
    /// The event.
    pub event: StoredEvent,
}

impl RawFrame {
    /// Checks the frame, and that it continues the one before. Times are compared within it only:
    /// that of its first event with the frame before is for the caller to compare.
    ///
    /// # Errors
    /// The first fault.
    pub fn decode(&self) -> Result<Frame, Fault> {
        let (view, _) = self.check(Timestamp::default())?;
        let located = |event: &frame::EventView<'_>| LocatedEvent {
            offset: self.offset + event.offset as u64,
            event: event.to_stored(),
        };
        Ok(Frame {
            segment: Arc::clone(&self.segment),
            offset: self.offset,
            first: self.first,
            durable: view.header.durable,
            events: view.events.iter().map(located).collect(),
        })
    }

    /// Checks the frame without copying it, after an event recorded at `time`.
    pub(crate) fn check(&self, time: Timestamp) -> Result<(FrameView<'_>, Tip), Fault> {
        let fault = |offset: usize, sequence, what| Fault {
            segment: self.segment.to_string(),
            offset: self.offset + offset as u64,
            sequence,
            what,
        };
        let view =
            frame::decode(&self.bytes).map_err(|frame::FrameFault { offset, index, what }| {
                fault(offset, Sequence(self.first.0.saturating_add(u64::from(index))), what)
            })?;
        let mut tip = Tip { size: self.first, last_link: self.previous, last_recorded_at: time };
        for event in &view.events {
            tip = tip.after(&event.link).map_err(|error| {
                let structure = Structure::Event;
                let what = match error {
                    LinkError::Sequence { expected, found } => {
                        What::Sequence { structure, expected, found }
                    }
                    LinkError::Previous { .. } => What::LinkHash { structure },
                    LinkError::Time { .. } => What::Time,
                };
                fault(event.offset, tip.size, what)
            })?;
        }
        Ok((view, tip))
    }
}

/// Reads one segment from its beginning to its end.
#[derive(Debug)]
pub(crate) struct SegmentReader {
    name: Arc<str>,
    file: BufReader<File>,
    /// Where reading is.
    pub(crate) offset: u64,
    /// Where frames end: the footer's offset, or the file's end.
    end: u64,
    last: bool,
    /// The sequence that comes next.
    pub(crate) next: Sequence,
    /// The link hash of the event before it.
    pub(crate) previous: Digest,
}

impl SegmentReader {
    /// Opens a segment and checks its header.
    pub(crate) fn open(
        dir: &Path,
        first: Sequence,
        ledger: LedgerId,
        previous: Digest,
        last: bool,
    ) -> Result<Self, Fault> {
        let path = dir.join(names::segment(first));
        Self::open_file(&path, first, ledger, previous, last)
    }

    /// Opens a file that is to be this segment, whatever its name is.
    pub(crate) fn open_file(
        path: &Path,
        first: Sequence,
        ledger: LedgerId,
        previous: Digest,
        last: bool,
    ) -> Result<Self, Fault> {
        let name = names::segment(first);
        let fault = |what| Fault { segment: name.clone(), offset: 0, sequence: first, what };
        let open = || {
            let file = File::open(path)?;
            let len = file.metadata()?.len();
            Ok((BufReader::with_capacity(BUFFER, file), len))
        };
        let (mut file, len) = open().map_err(|error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => fault(What::SegmentMissing),
            _ => fault(error.into()),
        })?;
        let footer = if last { 0 } else { Footer::LEN as u64 };
        let truncated = |structure| fault(What::Truncated { structure });
        let frames = len
            .checked_sub(SegmentHeader::LEN as u64)
            .ok_or_else(|| truncated(Structure::Header))?;
        if frames < footer {
            return Err(truncated(Structure::Footer));
        }
        let mut bytes = [0; SegmentHeader::LEN];
        file.read_exact(&mut bytes).map_err(|error| fault(error.into()))?;
        check_header(&bytes, first, ledger, previous).map_err(fault)?;
        Ok(Self {
            name: name.into(),
            file,
            offset: SegmentHeader::LEN as u64,
            end: len - footer,
            last,
            next: first,
            previous,
        })
    }

    /// The next frame, unchecked; none at the end, once what follows the frames was checked.
    pub(crate) fn next_frame(&mut self) -> Result<Option<RawFrame>, Fault> {
        self.read_frame().map_err(|what| Fault {
            segment: self.name.to_string(),
            offset: self.offset,
            sequence: self.next,
            what,
        })
    }

    fn read_frame(&mut self) -> Result<Option<RawFrame>, What> {
        let left = self.end.saturating_sub(self.offset);
        if left == 0 && !self.last {
            return self.check_footer().map(|()| None);
        }
        let mut bytes = Vec::with_capacity(FrameHeader::LEN);
        self.file.by_ref().take(left.min(FrameHeader::LEN as u64)).read_to_end(&mut bytes)?;
        if self.last && !bytes.starts_with(&frame::FRAME_MAGIC) {
            return self.check_zeros(&bytes).map(|()| None);
        }
        let header = FrameHeader::from_bytes(&bytes)?;
        if header.frame_len() > left {
            return Err(What::Truncated { structure: Structure::Frame });
        }
        bytes.resize(FrameHeader::LEN + header.length as usize, 0);
        self.file.read_exact(bytes.get_mut(FrameHeader::LEN..).unwrap_or_default())?;
        let frame = RawFrame {
            segment: Arc::clone(&self.name),
            offset: self.offset,
            first: self.next,
            previous: self.previous,
            bytes,
        };
        // What the header says is believed for now: if it is wrong, so is the frame's checksum,
        // and the frame comes before anything that is found later because of it.
        self.offset += header.frame_len();
        self.next = header.next();
        self.previous = header.last_link;
        Ok(Some(frame))
    }

    /// That the last segment ends here: nothing follows but zeros. `begun` was read already.
    fn check_zeros(&mut self, begun: &[u8]) -> Result<(), What> {
        if Footer::from_bytes(begun).is_ok() {
            return Err(What::FooterAtEnd);
        }
        match first_non_zero(&mut begun.chain(&mut self.file))? {
            Some(distance) => Err(What::NotZeros { first: self.offset + distance }),
            None => Ok(()),
        }
    }

    /// That another segment ends here, with the right footer.
    fn check_footer(&mut self) -> Result<(), What> {
        let mut bytes = Vec::with_capacity(Footer::LEN);
        self.file.read_to_end(&mut bytes)?;
        let footer = check_footer(&bytes, self.offset, self.next)?;
        if footer.last_link != self.previous {
            return Err(What::LinkHash { structure: Structure::Footer });
        }
        Ok(())
    }
}

/// Whether these bytes are the header of that segment.
pub(crate) fn check_header(
    bytes: &[u8],
    first: Sequence,
    ledger: LedgerId,
    previous: Digest,
) -> Result<(), What> {
    let structure = Structure::Header;
    let header = SegmentHeader::from_bytes(bytes)?;
    if header.ledger != ledger {
        return Err(What::Ledger { found: header.ledger });
    }
    if header.first != first {
        return Err(What::Sequence { structure, expected: first, found: header.first });
    }
    if header.previous != previous {
        return Err(What::LinkHash { structure });
    }
    Ok(())
}

/// Whether these bytes are a footer at that offset, before the segment that begins with `next`.
pub(crate) fn check_footer(bytes: &[u8], offset: u64, next: Sequence) -> Result<Footer, What> {
    let footer = Footer::from_bytes(bytes)?;
    if footer.offset != offset {
        return Err(What::FooterOffset { found: footer.offset });
    }
    if footer.next != next {
        let structure = Structure::Footer;
        return Err(What::Sequence { structure, expected: next, found: footer.next });
    }
    Ok(footer)
}

/// How far the first byte other than zero is, if there is one before the end.
fn first_non_zero(file: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut distance = 0;
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            return Ok(None);
        }
        if let Some(place) = bytes.iter().position(|byte| *byte != 0) {
            return Ok(Some(distance + place as u64));
        }
        let read = bytes.len();
        distance += read as u64;
        file.consume(read);
    }
}
