//! Reading: events from the frames that are kept in memory, or from the segments.

use std::sync::Arc;

use letopis_types::Sequence;

use super::Journal;
use super::cache::CheckedFrame;
use super::segment::{OpenSegment, Segment};
use crate::port::{RecordError, StoredEvent};
use crate::scan;

/// How much may still be read.
#[derive(Debug)]
struct Limits {
    events: usize,
    bytes: usize,
    begun: bool,
}

impl Limits {
    fn new(events: usize, bytes: usize) -> Self {
        Self { events, bytes, begun: false }
    }

    /// True once there is an event, and as many events or bytes as were asked for.
    fn reached(&self) -> bool {
        self.begun && (self.events == 0 || self.bytes == 0)
    }

    fn take(&mut self, bytes: usize) {
        self.begun = true;
        self.events = self.events.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl Journal {
    /// Events from a sequence on, of those that were durable when this began.
    pub(super) fn events(
        &self,
        from: Sequence,
        max_events: usize,
        max_bytes: usize,
    ) -> Result<Vec<StoredEvent>, RecordError> {
        let mut limits = Limits::new(max_events, max_bytes);
        let mut events = Vec::new();
        let (end, mut next) = (self.view().tip.size, from);
        let mut open = None;
        while next < end && !limits.reached() {
            let kept = self.cache.get(next);
            let loaded = kept.is_none();
            let frame = match kept {
                Some(frame) => frame,
                None => Arc::new(self.load(&mut open, next)?),
            };
            let begun = next;
            // INVARIANT: at least one: a frame that is kept or loaded for an event has it.
            while !limits.reached()
                && let Some(event) = frame.event(next)
            {
                limits.take(event.len);
                events.push(event.to_stored());
                next = next.next();
            }
            // Whoever reads whole frames one after the other won't come back to them soon.
            let passed = max_events > 1 && begun == frame.first() && next == frame.next();
            if loaded && !passed {
                self.cache.insert(frame);
            }
        }
        Ok(events)
    }

    /// Reads frames from the disk and checks them, and the header and footer of their segments.
    pub(super) fn check(&self, from: Sequence, max_bytes: usize) -> Result<Sequence, RecordError> {
        let (end, mut next, mut left) = (self.view().tip.size, from, max_bytes.max(1));
        let mut open = None;
        while next < end && left > 0 {
            let frame = self.load(&mut open, next)?;
            let Some(segment) = &open else { break };
            if let Some(first) = frame.event(segment.first()) {
                segment.check_header(self.data.ledger(), first.link.previous)?;
            }
            next = frame.next();
            left = left.saturating_sub(frame.len());
            let last = frame.event(Sequence(next.0.saturating_sub(1)));
            if let Some(last) = last
                && self.begins_segment(next)
            {
                segment.check_footer(next, last.link.hash())?;
            }
        }
        Ok(next)
    }

    /// The frame with this durable event, from its segment; `open` is the one that was read last.
    fn load(
        &self,
        open: &mut Option<OpenSegment>,
        sequence: Sequence,
    ) -> Result<CheckedFrame, RecordError> {
        let segment = self.segment_of(sequence)?;
        let mut reader = match open.take() {
            Some(reader) if reader.first() == segment.first() => reader,
            _ => segment.open()?,
        };
        let frame = reader.frame(sequence)?;
        *open = Some(reader);
        Ok(frame)
    }

    /// The segment that holds this event.
    fn segment_of(&self, sequence: Sequence) -> Result<Arc<Segment>, RecordError> {
        let view = self.view();
        let after = view.segments.partition_point(|segment| segment.first() <= sequence);
        let segment = after.checked_sub(1).and_then(|index| view.segments.get(index));
        segment.map(Arc::clone).ok_or_else(|| RecordError::Damaged(scan::missing(sequence)))
    }

    /// True if a segment begins with this event, so that the one before it is closed.
    fn begins_segment(&self, sequence: Sequence) -> bool {
        let view = self.view();
        view.segments.binary_search_by_key(&sequence, |segment| segment.first()).is_ok()
    }
}
