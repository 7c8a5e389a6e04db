//! Writing: frames, one after the other, and from one segment to the next.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use letopis_types::{Digest, LedgerId, Sequence};

use super::Options;
use super::room::Room;
use crate::disk::{self, Beside};
use crate::frame::{self, Footer, SegmentHeader};
use crate::names;
use crate::port::{GroupError, RecordError, StoredEvent, Tip};

const HEADER: u64 = SegmentHeader::LEN as u64;
const FOOTER: u64 = Footer::LEN as u64;

/// So much is written ahead at once when the disk is full and the reserve gives it, in bytes.
const AHEAD_WHEN_FULL: u64 = 1 << 20;

/// About what a small file takes: a block for it, and for its name.
pub(crate) const SMALL_FILE: u64 = 64 << 10;

/// What writes the last segment.
#[derive(Debug)]
pub(crate) struct Writer {
    dir: PathBuf,
    ledger: LedgerId,
    options: Options,
    room: Arc<Room>,
    file: File,
    /// Where the last frame ends.
    end: u64,
    /// The file's length: zeros from `end` on.
    ///
    /// INVARIANT: after the first frame there is room for the footer, so that closing a segment
    /// can't fail for want of it.
    len: u64,
    /// Whether `clean` is there.
    clean: bool,
    /// The frame to be written.
    frame: Vec<u8>,
}

/// Makes the segment that begins after `tip`, without its name yet.
pub(crate) fn new_segment(dir: &Path, ledger: LedgerId, tip: &Tip) -> io::Result<Beside> {
    let header = SegmentHeader { first: tip.size, ledger, previous: tip.last_link };
    Beside::make(dir, &names::segment(tip.size), |file| disk::write_at(file, &header.to_bytes(), 0))
}

/// [`RecordError::NoRoom`] where that is the cause, otherwise [`RecordError::Fatal`]: for what has
/// changed nothing yet that counts.
pub(crate) fn no_room_or_fatal(action: &'static str) -> impl Fn(io::Error) -> RecordError {
    move |error| {
        if disk::no_room(&error) {
            RecordError::NoRoom { action, source: Arc::new(error) }
        } else {
            RecordError::fatal(action)(error)
        }
    }
}

impl Writer {
    /// Writes to a segment in which there is only the header.
    pub(crate) fn new(
        dir: &Path,
        ledger: LedgerId,
        options: Options,
        room: Arc<Room>,
        file: File,
        clean: bool,
    ) -> Self {
        let (end, len) = (HEADER, HEADER);
        Self { dir: dir.into(), ledger, options, room, file, end, len, clean, frame: Vec::new() }
    }

    /// Goes on where the last frame ends, in a file of that length.
    pub(crate) fn resume_at(&mut self, end: u64, len: u64) {
        (self.end, self.len) = (end, len);
        self.room.ahead(self.ahead());
    }

    /// What is written ahead, without the footer's share, in bytes.
    fn ahead(&self) -> u64 {
        self.len.saturating_sub(self.end + FOOTER)
    }

    /// Lays out the frame that [`Self::write`] will write.
    pub(crate) fn prepare(
        &mut self,
        group: &[StoredEvent],
        durable: Sequence,
        last_link: &Digest,
    ) -> Result<(), GroupError> {
        frame::encode(&mut self.frame, group, durable, last_link)
    }

    /// True if the frame belongs in a new segment. Not while the disk is full: a segment is rather
    /// longer than it should be, than that closing it gives up what is written ahead.
    pub(crate) fn must_roll_over(&self) -> bool {
        self.end > HEADER
            && self.end + self.frame.len() as u64 + FOOTER > self.options.segment_bytes
            && !self.room.is_scarce()
    }

    /// Closes the segment and goes on in a new one, which begins after `tip`. False if the disk is
    /// full: then it is left for later.
    pub(crate) fn roll_over(&mut self, tip: &Tip) -> Result<bool, RecordError> {
        self.unmark_clean()?;
        let next = match new_segment(&self.dir, self.ledger, tip) {
            Err(error) if disk::is_full(&error) => {
                self.room.full();
                return Ok(false);
            }
            made => made.map_err(no_room_or_fatal("write a new segment"))?,
        };
        // CRASH: a file that ends in `.tmp`; nothing else has changed.
        let footer = Footer { offset: self.end, next: tip.size, last_link: tip.last_link };
        disk::write_at(&self.file, &footer.to_bytes(), self.end)
            .and_then(|()| disk::set_len(&self.file, self.end + FOOTER))
            // CRASH: some of the footer, or all of it. There is no other segment, so this is the
            // last one, and opening takes away what it knows to be of a footer: no event is in it.
            .and_then(|()| disk::sync_all(&self.file))
            .map_err(RecordError::fatal("close a segment"))?;
        // CRASH: a whole footer, as above.
        self.file = next.publish().map_err(RecordError::fatal("begin a new segment"))?;
        // CRASH: two whole segments, the new one without events.
        self.resume_at(HEADER, HEADER);
        Ok(true)
    }

    /// Writes the frame, and returns where it lies, and its bytes, once it is durable.
    pub(crate) fn write(&mut self) -> Result<(u64, Vec<u8>), RecordError> {
        self.unmark_clean()?;
        let offset = self.end;
        let end = offset + self.frame.len() as u64;
        self.make_room(end + FOOTER)?;
        // CRASH: more zeros than before, or some of them.
        disk::write_at(&self.file, &self.frame, offset)
            .map_err(RecordError::fatal("write a frame"))?;
        // CRASH: any part of the frame: torn, unless it is all there. Nothing was written after
        // it, and nobody was told of it.
        disk::sync_data(&self.file).map_err(RecordError::fatal("sync a frame"))?;
        // CRASH: the frame is there for good.
        self.end = end;
        self.room.ahead(self.ahead());
        Ok((offset, std::mem::take(&mut self.frame)))
    }

    /// Writes zeros ahead. They are synced together with the frame.
    fn make_room(&mut self, needed: u64) -> Result<(), RecordError> {
        if needed <= self.len {
            return Ok(());
        }
        let failed = no_room_or_fatal("write space ahead for a frame");
        let step = self.options.preallocate_bytes.max(1);
        let ahead = |step: u64| needed.div_ceil(step).saturating_mul(step);
        let usual = ahead(step).min(self.options.segment_bytes).max(needed);
        match self.write_ahead(usual) {
            Err(error) if disk::is_full(&error) => self.room.full(),
            done => return done.map_err(failed),
        }
        if needed <= self.len {
            return Ok(());
        }
        let until = ahead(step.min(AHEAD_WHEN_FULL));
        let (room, missing) = (Arc::clone(&self.room), until - self.len);
        // CRASH: a shorter reserve, or more zeros than before, or both.
        match room.with(missing, || self.write_ahead(until)) {
            Err(_) if needed <= self.len => Ok(()),
            done => done.map_err(failed),
        }
    }

    /// Writes zeros up to that length; fewer, where there is no room for all.
    fn write_ahead(&mut self, until: u64) -> io::Result<()> {
        let (reached, result) = disk::write_zeros(&self.file, self.len, until);
        self.len = reached;
        result
    }

    /// CRASH: after this, and before anything is written, opening copies the last segment for
    /// nothing. Not the other way round: with the mark there, it would trust what it reads.
    fn unmark_clean(&mut self) -> Result<(), RecordError> {
        if self.clean {
            disk::remove(&self.dir.join(names::CLEAN))
                .and_then(|()| disk::sync_dir(&self.dir))
                .map_err(RecordError::fatal("remove the mark of an orderly stop"))?;
            self.clean = false;
        }
        Ok(())
    }

    /// Marks that everything is durable.
    pub(crate) fn close(&mut self) -> Result<(), RecordError> {
        disk::sync_all(&self.file).map_err(RecordError::fatal("sync the last segment"))?;
        if !self.clean {
            // CRASH: it is there or it is not; what it says is true already.
            let mark = || disk::replace(&self.dir, names::CLEAN, b"");
            self.room
                .with(SMALL_FILE, mark)
                .map_err(no_room_or_fatal("mark the stop as orderly"))?;
            self.clean = true;
        }
        Ok(())
    }
}
