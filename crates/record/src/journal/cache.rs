//! Frames kept in memory: reading one event would otherwise load and hash the whole frame in which
//! it lies. What is kept is as it lies on the disk: sections are sealed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use letopis_types::Sequence;

use crate::frame::{self, EventView, FrameFault, FrameHeader};
use crate::port::{GroupError, StoredEvent};

/// A frame may take this part of the memory, so that one does not push out all others.
const LARGEST_PART: usize = 4;

/// What a kept frame takes besides bytes and places, about.
const OVERHEAD: usize = 256;

/// A frame that was checked, or that this process wrote, and where its events lie.
#[derive(Debug)]
pub(crate) struct CheckedFrame {
    first: Sequence,
    bytes: Vec<u8>,
    /// Where each event begins in the body, which is at most [`u32::MAX`] bytes long.
    places: Vec<u32>,
}

impl CheckedFrame {
    /// Checks what was read.
    ///
    /// # Errors
    /// The first fault.
    pub(crate) fn decode(bytes: Vec<u8>) -> Result<Self, FrameFault> {
        let view = frame::decode(&bytes)?;
        let place = |event: &EventView<'_>| (event.offset - FrameHeader::LEN) as u32;
        let places = view.events.iter().map(place).collect();
        Ok(Self { first: view.header.first, places, bytes })
    }

    /// Takes what was made of a group.
    ///
    /// # Errors
    /// As [`frame::event_len`]; none of a group that was laid out.
    pub(crate) fn written(bytes: Vec<u8>, group: &[StoredEvent]) -> Result<Self, GroupError> {
        let mut places = Vec::with_capacity(group.len());
        let mut place = 0;
        for event in group {
            places.push(place as u32);
            place += frame::event_len(event)?;
        }
        let first = group.first().map_or(Sequence::ZERO, |event| event.link.sequence);
        Ok(Self { first, bytes, places })
    }

    /// The sequence of its first event.
    pub(crate) const fn first(&self) -> Sequence {
        self.first
    }

    /// The first sequence after it.
    pub(crate) const fn next(&self) -> Sequence {
        Sequence(self.first.0.saturating_add(self.places.len() as u64))
    }

    /// How long it is, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Its event of that sequence.
    pub(crate) fn event(&self, sequence: Sequence) -> Option<EventView<'_>> {
        let index = usize::try_from(sequence.0.checked_sub(self.first.0)?).ok()?;
        frame::event_at(&self.bytes, FrameHeader::LEN + *self.places.get(index)? as usize)
    }

    /// What it takes of the memory, in bytes.
    fn size(&self) -> usize {
        self.bytes.capacity() + self.places.capacity() * size_of::<u32>() + OVERHEAD
    }
}

/// The frames that were used last, up to a bound. Shared by all readers.
#[derive(Debug)]
pub(crate) struct FrameCache {
    bytes_max: usize,
    kept: Mutex<Kept>,
}

/// INVARIANT: `used` names each frame of `frames` once, and `bytes` is what they take.
#[derive(Debug, Default)]
struct Kept {
    frames: BTreeMap<Sequence, Entry>,
    /// By when they were used last.
    used: BTreeMap<u64, Sequence>,
    bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    frame: Arc<CheckedFrame>,
    used: u64,
}

impl FrameCache {
    /// An empty one, that will take at most so many bytes.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, kept: Mutex::default() }
    }

    /// The frame with this event, if it is kept.
    pub(crate) fn get(&self, sequence: Sequence) -> Option<Arc<CheckedFrame>> {
        // Nothing panics while it is held.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Kept { frames, used, uses, .. } = &mut *kept;
        let (first, entry) = frames.range_mut(..=sequence).next_back()?;
        if sequence >= entry.frame.next() {
            return None;
        }
        *uses += 1;
        used.remove(&entry.used);
        used.insert(*uses, *first);
        entry.used = *uses;
        Some(Arc::clone(&entry.frame))
    }

    /// Keeps a frame, instead of those that were not used for longest.
    pub(crate) fn insert(&self, frame: Arc<CheckedFrame>) {
        let size = frame.size();
        if size > self.bytes_max / LARGEST_PART {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(frame.first());
        while kept.bytes + size > self.bytes_max {
            let Some((_, oldest)) = kept.used.first_key_value() else { break };
            let oldest = *oldest;
            kept.remove(oldest);
        }
        kept.uses += 1;
        let (first, used) = (frame.first(), kept.uses);
        kept.bytes += size;
        kept.used.insert(used, first);
        kept.frames.insert(first, Entry { frame, used });
    }
}

impl Kept {
    fn remove(&mut self, first: Sequence) {
        if let Some(Entry { frame, used }) = self.frames.remove(&first) {
            self.used.remove(&used);
            self.bytes -= frame.size();
        }
    }
}

#[cfg(test)]
mod tests {
    use letopis_log::Link;
    use proptest::prelude::*;

    use super::*;
    use crate::frame::encode;
    use crate::port::Tip;
    use crate::testing::events;

    fn frames(groups: &[usize]) -> Vec<(Arc<CheckedFrame>, Vec<StoredEvent>)> {
        let mut tip = Tip::EMPTY;
        groups
            .iter()
            .map(|count| {
                let durable = tip.size;
                let group = events(&tip, &vec![60; *count]);
                tip = group.iter().fold(tip, |tip, event| tip.after(&event.link).unwrap());
                let mut bytes = Vec::new();
                encode(&mut bytes, &group, durable, &tip.last_link).unwrap();
                (Arc::new(CheckedFrame::written(bytes, &group).unwrap()), group)
            })
            .collect()
    }

    #[test]
    fn events_are_found_in_a_frame() {
        for (frame, group) in frames(&[1, 7, 3]) {
            // What was written is what would be read.
            let read = CheckedFrame::decode(frame.bytes.clone()).unwrap();
            assert_eq!((read.first, &read.places), (frame.first, &frame.places));
            for event in &group {
                let found = frame.event(event.link.sequence).unwrap();
                assert_eq!(&found.to_stored(), event);
                assert_eq!(found.len as u64, frame::event_len(event).unwrap());
            }
            let outside = [frame.next(), Sequence(u64::MAX)];
            assert!(outside.iter().all(|sequence| frame.event(*sequence).is_none()));
            let before = frame.first().0.checked_sub(1).map(Sequence);
            assert!(before.is_none_or(|before| frame.event(before).is_none()));
        }
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let frames = frames(&[2; 12]);
        let size = frames.iter().map(|(frame, _)| frame.size()).max().unwrap();
        let cache = FrameCache::new(size * 5);
        let put = |index: usize| cache.insert(Arc::clone(&frames[index].0));
        let kept = |index: usize| cache.get(Sequence(index as u64 * 2 + 1)).is_some();
        (0..5).for_each(put);
        assert!((0..5).all(kept));
        assert!(kept(0));
        put(5);
        assert!(!kept(1) && kept(0) && kept(5));
        put(2);
        put(6);
        assert!(!kept(3) && kept(2));
    }

    #[test]
    fn a_frame_that_would_push_out_the_others_is_not_kept() {
        let frames = frames(&[1, 60]);
        let cache = FrameCache::new(frames[0].0.size() * 10);
        frames.iter().for_each(|(frame, _)| cache.insert(Arc::clone(frame)));
        assert!(cache.get(Sequence(0)).is_some());
        assert!(cache.get(Sequence(1)).is_none());
        let none = FrameCache::new(0);
        none.insert(Arc::clone(&frames[0].0));
        assert!(none.get(Sequence(0)).is_none());
    }

    proptest! {
        /// Whatever is asked for: what is found is right, and the bound is kept.
        #[test]
        fn it_finds_what_it_was_given_and_keeps_its_bound(
            counts in prop::collection::vec(1_usize..6, 12),
            steps in prop::collection::vec((any::<bool>(), 0_usize..40), 1..80),
            bytes_max in 0_usize..20_000,
        ) {
            let frames = frames(&counts);
            let links: Vec<Link> =
                frames.iter().flat_map(|(_, group)| group).map(|event| event.link).collect();
            let cache = FrameCache::new(bytes_max);
            for (put, index) in steps {
                if put {
                    cache.insert(Arc::clone(&frames[index % frames.len()].0));
                } else if let Some(frame) = cache.get(Sequence(index as u64)) {
                    let found = frame.event(Sequence(index as u64)).map(|event| event.link);
                    prop_assert_eq!(found.as_ref(), links.get(index));
                }
                let kept = cache.kept.lock().unwrap();
                let sizes: usize = kept.frames.values().map(|entry| entry.frame.size()).sum();
                prop_assert!(kept.bytes == sizes && sizes <= bytes_max);
                prop_assert_eq!(kept.used.len(), kept.frames.len());
                for (first, entry) in &kept.frames {
                    prop_assert_eq!(kept.used.get(&entry.used), Some(first));
                }
            }
        }
    }
}
