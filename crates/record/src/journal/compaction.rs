//! Compaction: taking the sealed bytes of erased sections out of closed segments.
//!
//! Erasing destroys a section's key, and that is what counts: a file system may keep the blocks of
//! a file long after another took its name, and there are copies. This gives the space back. Of a
//! section that is taken out a length of zero remains, so that links, statements, signatures and
//! the number of sections are as they were; frames and footers are right in themselves again.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use letopis_types::{Digest, LedgerId, Sequence, Timestamp};

use super::room::Room;
use super::writer::SMALL_FILE;
use crate::data_dir::DataDir;
use crate::disk::{self, Beside};
use crate::fault::Fault;
use crate::frame::{self, EventView, Footer, FrameView, SegmentHeader};
use crate::names::{self, Listing};
use crate::port::StoredEvent;
use crate::scan::{self, SegmentReader};

/// What a compaction came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CompactReport {
    /// Closed segments that were looked at. The last one is never touched.
    pub segments: usize,
    /// How many of them were written anew.
    pub rewritten: usize,
    /// Sections whose sealed bytes were taken out.
    pub sections: u64,
    /// How many bytes the files are shorter by.
    pub bytes: u64,
}

/// Why compaction did not come to its end. Every segment is as it was or compacted; compacting
/// again goes on with the others.
#[derive(Debug, thiserror::Error)]
pub enum CompactError {
    /// The record is damaged. Verify it; restore it from a copy that verifies.
    #[error("the record is damaged and is not compacted further: {0}")]
    Damaged(Fault),
    /// A segment that was written anew read back as something else. The old one is in its place.
    #[error("{segment} was not compacted: what was written did not read back; check the disk")]
    ReadBack {
        /// The segment's name.
        segment: String,
    },
    /// The system refused.
    #[error("could not {action} in {}: {source}", path.display())]
    Io {
        /// What failed.
        action: &'static str,
        /// The record's directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Which sections are erased: by their event's sequence and their index in it. The same question
/// gets the same answer.
type Erased<'a> = &'a dyn Fn(Sequence, usize) -> bool;

/// Writes each closed segment that holds sealed bytes of erased sections anew, without them. No
/// journal of this directory may be open. On a full disk the reserve gives what a new segment takes.
///
/// # Errors
/// [`CompactError`].
pub fn compact(data: &DataDir, erased: Erased<'_>) -> Result<CompactReport, CompactError> {
    let dir = data.record();
    let io = |action| failed(action, &dir);
    let listing = Listing::read(&dir).map_err(io("list the files"))?;
    // What an earlier one left; opening would remove it as well.
    for name in &listing.temporary {
        disk::remove(&dir.join(name)).map_err(io("remove an unfinished file"))?;
    }
    let room = Room::open(&dir, 0).map_err(io("open the reserve"))?;
    let mut report = CompactReport::default();
    let mut place = Place::BEGINNING;
    for pair in listing.segments.windows(2) {
        let [first, next] = *pair else { continue };
        if first != place.first {
            return Err(CompactError::Damaged(scan::missing(place.first)));
        }
        let segment = Segment { dir: &dir, ledger: data.ledger(), place, erased };
        let (after, sections) = segment.look()?;
        if after.first != next {
            return Err(CompactError::Damaged(scan::missing(after.first)));
        }
        place = after;
        report.segments += 1;
        if sections > 0 {
            report.bytes += segment.rewrite(&room)?;
            report.sections += sections;
            report.rewritten += 1;
            tracing::info!(segment = names::segment(first), sections, "compacted");
        }
    }
    Ok(report)
}

/// Where a segment begins, in the log.
#[derive(Debug, Clone, Copy)]
struct Place {
    first: Sequence,
    previous: Digest,
    time: Timestamp,
}

impl Place {
    const BEGINNING: Self =
        Self { first: Sequence::ZERO, previous: Digest::ZERO, time: Timestamp(0) };
}

/// A closed segment.
struct Segment<'a> {
    dir: &'a Path,
    ledger: LedgerId,
    place: Place,
    erased: Erased<'a>,
}

impl Segment<'_> {
    fn reader(&self, path: &Path) -> Result<SegmentReader, Fault> {
        let Place { first, previous, .. } = self.place;
        SegmentReader::open_file(path, first, self.ledger, previous, false)
    }

    fn path(&self) -> PathBuf {
        self.dir.join(names::segment(self.place.first))
    }

    /// True if this section's bytes are there and are to be taken out.
    fn goes(&self, event: &EventView<'_>, index: usize) -> bool {
        event.sealed.get(index).is_some_and(|sealed| !sealed.is_empty())
            && (self.erased)(event.link.sequence, index)
    }

    /// How many sections of an event go.
    fn going(&self, event: &EventView<'_>) -> u64 {
        (0..event.sealed.len()).filter(|index| self.goes(event, *index)).count() as u64
    }

    /// Checks all of it. Where the next one begins, and how many sections go.
    fn look(&self) -> Result<(Place, u64), CompactError> {
        let mut reader = self.reader(&self.path()).map_err(CompactError::Damaged)?;
        let (mut place, mut sections) = (self.place, 0);
        while let Some(raw) = reader.next_frame().map_err(CompactError::Damaged)? {
            let (view, tip) = raw.check(place.time).map_err(CompactError::Damaged)?;
            sections += view.events.iter().map(|event| self.going(event)).sum::<u64>();
            place = Place { first: tip.size, previous: tip.last_link, time: tip.last_recorded_at };
        }
        Ok((place, sections))
    }

    /// Writes it anew, and returns how many bytes shorter it is.
    ///
    /// CRASH: a file that ends in `.tmp`, until the new segment has its name; then that or the old
    /// one, each of them whole. Nothing else is touched.
    fn rewrite(&self, room: &Room) -> Result<u64, CompactError> {
        let io = |action| failed(action, self.dir);
        let name = names::segment(self.place.first);
        let old = self.path().metadata().map_err(io("look at a segment"))?.len();
        let make = || Beside::make(self.dir, &name, |file| self.write(file));
        let new = room.with(old + SMALL_FILE, make).map_err(io("write a compacted segment"))?;
        let len = new.len().map_err(io("look at a compacted segment"))?;
        // INVARIANT: but for what was erased, nothing differs.
        if !self.is_same(new.temporary()).unwrap_or(false) {
            new.discard();
            return Err(CompactError::ReadBack { segment: name });
        }
        new.publish().map_err(io("put a compacted segment in its place"))?;
        Ok(old.saturating_sub(len))
    }

    fn write(&self, file: &File) -> io::Result<()> {
        let Place { first, previous, .. } = self.place;
        let header = SegmentHeader { first, ledger: self.ledger, previous };
        disk::write_at(file, &header.to_bytes(), 0)?;
        let mut offset = SegmentHeader::LEN as u64;
        let mut reader = self.reader(&self.path()).map_err(io::Error::other)?;
        let mut anew = Vec::new();
        while let Some(raw) = reader.next_frame().map_err(io::Error::other)? {
            let view = frame::decode(&raw.bytes).map_err(io::Error::other)?;
            let bytes = if view.events.iter().any(|event| self.going(event) > 0) {
                let group: Vec<_> = view.events.iter().map(|event| self.without(event)).collect();
                let FrameView { header, .. } = &view;
                frame::encode(&mut anew, &group, header.durable, &header.last_link)
                    .map_err(io::Error::other)?;
                &anew
            } else {
                &raw.bytes
            };
            disk::write_at(file, bytes, offset)?;
            offset += bytes.len() as u64;
        }
        let footer = Footer { offset, next: reader.next, last_link: reader.previous };
        disk::write_at(file, &footer.to_bytes(), offset)
    }

    /// The event without what goes.
    fn without(&self, event: &EventView<'_>) -> StoredEvent {
        let mut stored = event.to_stored();
        for (index, sealed) in stored.sealed.iter_mut().enumerate() {
            if self.goes(event, index) {
                sealed.clear();
            }
        }
        stored
    }

    /// Compares what was written with the old segment, event by event.
    fn is_same(&self, new: &Path) -> Result<bool, Fault> {
        let (mut old, mut new) = (self.reader(&self.path())?, self.reader(new)?);
        let mut time = self.place.time;
        loop {
            let (old, new) = match (old.next_frame()?, new.next_frame()?) {
                (Some(old), Some(new)) => (old, new),
                (old, new) => return Ok(old.is_none() && new.is_none()),
            };
            let (before, _) = old.check(time)?;
            let (after, tip) = new.check(time)?;
            time = tip.last_recorded_at;
            let pairs = before.events.iter().zip(&after.events);
            let same = before.events.len() == after.events.len()
                && before.header.durable == after.header.durable
                && pairs
                    .into_iter()
                    .all(|(before, after)| self.without(before) == after.to_stored());
            if !same {
                return Ok(false);
            }
        }
    }
}

fn failed(action: &'static str, dir: &Path) -> impl Fn(io::Error) -> CompactError {
    move |source| CompactError::Io { action, path: dir.into(), source }
}
