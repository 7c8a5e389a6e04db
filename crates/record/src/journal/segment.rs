//! A segment as readers use it: where its frames lie, and the events in them.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use letopis_types::Sequence;

use crate::fault::{Fault, Structure, What};
use crate::frame::{self, FrameHeader, SegmentHeader};
use crate::names;
use crate::port::{RecordError, StoredEvent};

/// Every so many bytes the place of a frame is remembered: few enough that the points of a
/// terabyte fit in memory, and so near that the way from one to any frame is short.
const SPACING: u64 = 64 << 10;

/// How much may still be read.
#[derive(Debug)]
pub(crate) struct Limits {
    events: usize,
    bytes: usize,
    begun: bool,
}

impl Limits {
    pub(crate) fn new(events: usize, bytes: usize) -> Self {
        Self { events, bytes, begun: false }
    }

    /// True once there is an event, and as many events or bytes as were asked for.
    pub(crate) fn reached(&self) -> bool {
        self.begun && (self.events == 0 || self.bytes == 0)
    }

    fn take(&mut self, bytes: usize) {
        self.begun = true;
        self.events = self.events.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

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

    /// Adds the events from `from` on to `out`, within the limits. `until` is where the next
    /// segment begins or the log ends; `from` is before that and in this segment.
    pub(crate) fn read(
        &self,
        from: Sequence,
        until: Sequence,
        limits: &mut Limits,
        out: &mut Vec<StoredEvent>,
    ) -> Result<(), RecordError> {
        let io = RecordError::unreadable("open a segment");
        let file = File::open(&self.path).map_err(&io)?;
        let len = file.metadata().map_err(&io)?.len();
        let mut point = self.nearest(from);
        while point.first < until && !limits.reached() {
            let (header, frame) = self.header(&file, point, len)?;
            self.note(point.first, point.offset);
            if header.next() > from {
                self.take_events(&file, point, frame, from, limits, out)?;
            }
            point = Point { first: header.next(), offset: point.offset + frame as u64 };
        }
        Ok(())
    }

    /// The header of the frame at this place, and the frame's length in bytes.
    ///
    /// What it says is not known to be right before the frame is read. On the way to another one
    /// it is taken as it is: if it is wrong, no frame of the right sequence lies where it leads.
    fn header(
        &self,
        file: &File,
        point: Point,
        len: u64,
    ) -> Result<(FrameHeader, usize), RecordError> {
        let mut bytes = [0; FrameHeader::LEN];
        file.read_exact_at(&mut bytes, point.offset)
            .map_err(RecordError::unreadable("read a frame"))?;
        let header = FrameHeader::from_bytes(&bytes).map_err(|what| self.damaged(point, what))?;
        if header.first != point.first {
            let what = What::Sequence {
                structure: Structure::Frame,
                expected: point.first,
                found: header.first,
            };
            return Err(self.damaged(point, what));
        }
        let truncated = What::Truncated { structure: Structure::Frame };
        let fits = point.offset.saturating_add(header.frame_len()) <= len;
        match usize::try_from(header.frame_len()) {
            Ok(frame) if fits && header.count > 0 => Ok((header, frame)),
            _ => Err(self.damaged(point, truncated)),
        }
    }

    fn take_events(
        &self,
        file: &File,
        point: Point,
        frame: usize,
        from: Sequence,
        limits: &mut Limits,
        out: &mut Vec<StoredEvent>,
    ) -> Result<(), RecordError> {
        let mut bytes = vec![0; frame];
        file.read_exact_at(&mut bytes, point.offset)
            .map_err(RecordError::unreadable("read a frame"))?;
        let view = frame::decode(&bytes).map_err(|fault| {
            let sequence = Sequence(point.first.0.saturating_add(u64::from(fault.index)));
            let offset = point.offset.saturating_add(fault.offset as u64);
            self.damaged(Point { first: sequence, offset }, fault.what)
        })?;
        let wanted = view.events.iter().skip_while(|event| event.link.sequence < from);
        for event in wanted {
            if limits.reached() {
                break;
            }
            limits.take(event.len);
            out.push(event.to_stored());
        }
        Ok(())
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
