//! A segment as readers use it: where its frames lie, and the events in them.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use letopis_types::{Digest, LedgerId, Sequence};

use super::cache::CheckedFrame;
use crate::fault::{Fault, Structure, What};
use crate::frame::{Footer, FrameHeader, SegmentHeader};
use crate::names;
use crate::port::RecordError;
use crate::scan;

/// Every so many bytes the place of a frame is remembered: few enough that the points of a
/// terabyte fit in memory, and so near that the way from one to any frame is short.
const SPACING: u64 = 64 << 10;

/// A frame's place.
#[derive(Debug, Clone, Copy)]
struct Point {
    first: Sequence,
    offset: u64,
}

/// A segment as readers use it.
#[derive(Debug)]
pub(crate) struct Segment {
    first: Sequence,
    name: String,
    path: PathBuf,
    /// INVARIANT: ascending, each at least [`SPACING`] after the one before, and none further
    /// than the first frame of which that is true: up to the last point, the way from a point to
    /// any frame before the next one is short. Never locked during IO.
    points: Mutex<Vec<Point>>,
}

impl Segment {
    /// The segment that begins with this sequence.
    pub(crate) fn new(dir: &Path, first: Sequence) -> Self {
        let name = names::segment(first);
        let begin = Point { first, offset: SegmentHeader::LEN as u64 };
        Self { first, path: dir.join(&name), name, points: Mutex::new(vec![begin]) }
    }

    /// The sequence with which it begins.
    pub(crate) fn first(&self) -> Sequence {
        self.first
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Remembers, if it is worth it, where a frame lies that comes after all noted before.
    pub(crate) fn note(&self, first: Sequence, offset: u64) {
        let mut points = self.points();
        if points.last().is_none_or(|last| offset >= last.offset.saturating_add(SPACING)) {
            points.push(Point { first, offset });
        }
    }

    /// Opens it for reading.
    pub(crate) fn open(self: &Arc<Self>) -> Result<OpenSegment, RecordError> {
        let io = RecordError::unreadable("open a segment");
        let file = File::open(&self.path).map_err(&io)?;
        let len = file.metadata().map_err(&io)?.len();
        let begin = Point { first: self.first, offset: SegmentHeader::LEN as u64 };
        Ok(OpenSegment { segment: Arc::clone(self), file, len, at: begin })
    }

    fn nearest(&self, sequence: Sequence) -> Point {
        let points = self.points();
        let after = points.partition_point(|point| point.first <= sequence);
        let nearest = after.checked_sub(1).and_then(|index| points.get(index)).copied();
        nearest.unwrap_or(Point { first: self.first, offset: SegmentHeader::LEN as u64 })
    }

    fn points(&self) -> MutexGuard<'_, Vec<Point>> {
        self.points.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn damaged(&self, at: Point, what: What) -> RecordError {
        let segment = self.name.clone();
        RecordError::Damaged(Fault { segment, offset: at.offset, sequence: at.first, what })
    }
}

/// A segment that is being read.
#[derive(Debug)]
pub(crate) struct OpenSegment {
    segment: Arc<Segment>,
    file: File,
    len: u64,
    /// A frame on the way: the first, or the one after that which was read last.
    at: Point,
}

impl OpenSegment {
    /// Which one it is.
    pub(crate) fn first(&self) -> Sequence {
        self.segment.first
    }

    /// Loads and checks the frame with this event, which is in this segment.
    pub(crate) fn frame(&mut self, sequence: Sequence) -> Result<CheckedFrame, RecordError> {
        let nearest = self.segment.nearest(sequence);
        if self.at.first > sequence || self.at.first < nearest.first {
            self.at = nearest;
        }
        loop {
            let (header, frame) = self.header()?;
            let point = self.at;
            self.segment.note(point.first, point.offset);
            self.at = Point { first: header.next(), offset: point.offset + frame as u64 };
            if header.next() > sequence {
                return self.load(point, frame);
            }
        }
    }

    /// The header of the frame at this place, and the frame's length in bytes.
    ///
    /// What it says is not known to be right before the frame is read. On the way to another one
    /// it is taken as it is: if it is wrong, no frame of the right sequence lies where it leads.
    fn header(&self) -> Result<(FrameHeader, usize), RecordError> {
        let Self { segment, file, at, .. } = self;
        let mut bytes = [0; FrameHeader::LEN];
        file.read_exact_at(&mut bytes, at.offset)
            .map_err(RecordError::unreadable("read a frame"))?;
        let header = FrameHeader::from_bytes(&bytes).map_err(|what| segment.damaged(*at, what))?;
        if header.first != at.first {
            let what = What::Sequence {
                structure: Structure::Frame,
                expected: at.first,
                found: header.first,
            };
            return Err(segment.damaged(*at, what));
        }
        let truncated = What::Truncated { structure: Structure::Frame };
        let fits = at.offset.saturating_add(header.frame_len()) <= self.len;
        match usize::try_from(header.frame_len()) {
            Ok(frame) if fits && header.count > 0 => Ok((header, frame)),
            _ => Err(segment.damaged(*at, truncated)),
        }
    }

    fn load(&self, point: Point, frame: usize) -> Result<CheckedFrame, RecordError> {
        let mut bytes = vec![0; frame];
        self.file
            .read_exact_at(&mut bytes, point.offset)
            .map_err(RecordError::unreadable("read a frame"))?;
        CheckedFrame::decode(bytes).map_err(|fault| {
            let first = Sequence(point.first.0.saturating_add(u64::from(fault.index)));
            let offset = point.offset.saturating_add(fault.offset as u64);
            self.segment.damaged(Point { first, offset }, fault.what)
        })
    }

    /// Checks the segment's header; `previous` is the link hash before its first event.
    pub(crate) fn check_header(
        &self,
        ledger: LedgerId,
        previous: Digest,
    ) -> Result<(), RecordError> {
        let Self { segment, file, .. } = self;
        let mut bytes = [0; SegmentHeader::LEN];
        file.read_exact_at(&mut bytes, 0).map_err(RecordError::unreadable("read a header"))?;
        let begin = Point { first: segment.first, offset: 0 };
        scan::check_header(&bytes, segment.first, ledger, previous)
            .map_err(|what| segment.damaged(begin, what))
    }

    /// Checks the segment's footer, once its last frame was read; `next` is the sequence after it.
    pub(crate) fn check_footer(&self, next: Sequence, last: Digest) -> Result<(), RecordError> {
        let Self { segment, file, at, .. } = self;
        let io = RecordError::unreadable("read a footer");
        // It may have been closed since it was opened.
        let len = file.metadata().map_err(&io)?.len().saturating_sub(at.offset);
        // Longer than any footer where it is not one.
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(usize::MAX).min(Footer::LEN + 1)];
        file.read_exact_at(&mut bytes, at.offset).map_err(&io)?;
        let footer = scan::check_footer(&bytes, at.offset, next);
        match footer {
            Ok(footer) if footer.last_link == last => Ok(()),
            Ok(_) => {
                let what = What::LinkHash { structure: Structure::Footer };
                Err(segment.damaged(*at, what))
            }
            Err(what) => Err(segment.damaged(*at, what)),
        }
    }
}
