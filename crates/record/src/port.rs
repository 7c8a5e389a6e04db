//! The port: what the ledger asks of a record, whatever keeps it.

use std::io;
use std::sync::Arc;

use letopis_log::Link;
use letopis_types::{Digest, LedgerId, Sequence, SignatureBytes, Timestamp};

use crate::Fault;

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the log.
    pub link: Link,
    /// The statement's bytes, exactly as they were signed. At most [`u32::MAX`] bytes.
    pub statement: Vec<u8>,
    /// The signatures in the signers' order. At most 255.
    pub signatures: Vec<SignatureBytes>,
    /// The sealed sections by index, each at most [`u32::MAX`] bytes. At most 255.
    pub sealed: Vec<Vec<u8>>,
}

/// Where a log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// How many events it has: the sequence of the next one.
    pub size: Sequence,
    /// The link hash of the last event; zeros while there is none.
    pub last_link: Digest,
    /// When the last event was recorded; zero while there is none.
    pub last_recorded_at: Timestamp,
}

impl Tip {
    /// Of a log without events.
    pub const EMPTY: Self =
        Self { size: Sequence::ZERO, last_link: Digest::ZERO, last_recorded_at: Timestamp(0) };

    /// Where the log ends once this link is added.
    ///
    /// # Errors
    /// If the link does not continue the log: sequence, hash of the link before, time.
    pub fn after(&self, link: &Link) -> Result<Self, LinkError> {
        let sequence = link.sequence;
        if sequence != self.size {
            return Err(LinkError::Sequence { expected: self.size, found: sequence });
        }
        if link.previous != self.last_link {
            return Err(LinkError::Previous { sequence });
        }
        if link.recorded_at < self.last_recorded_at {
            return Err(LinkError::Time { sequence });
        }
        Ok(Self {
            size: sequence.next(),
            last_link: link.hash(),
            last_recorded_at: link.recorded_at,
        })
    }
}

/// A link that does not continue the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It belongs elsewhere.
    #[error("sequence {found} where {expected} comes next")]
    Sequence {
        /// What comes next.
        expected: Sequence,
        /// What the link says.
        found: Sequence,
    },
    /// It does not hold the hash of the link before it.
    #[error("the link of sequence {sequence} does not hold the hash of the link before it")]
    Previous {
        /// Which link.
        sequence: Sequence,
    },
    /// It was recorded before the link before it.
    #[error("sequence {sequence} was recorded before the event before it")]
    Time {
        /// Which link.
        sequence: Sequence,
    },
}

/// A group that can't be appended. Its maker is at fault; the record is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// A group has at least one event.
    #[error("a group without events")]
    Empty,
    /// A link that does not continue the log, or the link before it in the group.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// More signatures, sections or bytes of one than the layout can hold.
    #[error("the {part} of sequence {sequence} are more than an event can hold")]
    EventTooLarge {
        /// Which event.
        sequence: Sequence,
        /// Which part of it.
        part: &'static str,
    },
    /// The group is too large to be written at once; make several of it.
    #[error("a group of {bytes} bytes; at most {max} are written at once")]
    GroupTooLarge {
        /// Its encoded size in bytes.
        bytes: u64,
        /// The bound in bytes.
        max: u64,
    },
}

/// Why a record did not do what it was asked to, by what the caller does about it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecordError {
    /// The group is wrong. Nothing was written, and the record goes on.
    #[error("the group was refused: {0}")]
    Refused(#[from] GroupError),
    /// There is no room. Nothing of it was written; it may be tried again when there is.
    #[error("no room to {action}: {source}; free some space and try again")]
    NoRoom {
        /// What there was no room for.
        action: &'static str,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// Writing or syncing failed, now or before; what is durable is uncertain. Stop the process;
    /// opening again finds out.
    #[error("could not {action}: {source}; stop the process and open the record again")]
    Fatal {
        /// What failed first.
        action: &'static str,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The record was closed before.
    #[error("the record was closed")]
    Closed,
    /// What is stored there does not check, and is not served. Verify the whole record.
    #[error("damaged record: {0}")]
    Damaged(Fault),
    /// Reading failed; it may be tried again.
    #[error("could not {action}: {source}")]
    Unreadable {
        /// What failed.
        action: &'static str,
        /// What the system said.
        source: Arc<io::Error>,
    },
}

impl RecordError {
    pub(crate) fn fatal(action: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Fatal { action, source: Arc::new(source) }
    }

    pub(crate) fn unreadable(action: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Unreadable { action, source: Arc::new(source) }
    }

    /// True when this process can't go on with the record.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(self, Self::Fatal { .. } | Self::Closed)
    }
}

/// What may still be admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// Nothing: what is admitted now might not be written, and the ledger would have to stop.
    Gone,
    /// Only what must go on when the disk is full: readings, denials, erasures, suspensions.
    Reserved,
    /// Anything.
    Plenty,
}

/// What keeps the events of one ledger, for ever and in order.
///
/// Every implementation passes `testing::contract`. All calls block.
///
/// TRUST: whoever holds the storage behind it can destroy events or hold them back, and can't
/// change or add one without the links, signatures and checkpoints no longer agreeing.
pub trait Record: Send + Sync {
    /// Whose events these are.
    fn ledger(&self) -> LedgerId;

    /// Where the log ends: everything before is durable.
    fn tip(&self) -> Tip;

    /// Writes one group and returns once all of it is durable. One at a time: a second caller
    /// waits for the first.
    ///
    /// # Errors
    /// [`RecordError::Refused`] before anything is written if the group does not continue the
    /// tip; [`RecordError::NoRoom`] with nothing of it written; [`RecordError::Fatal`] when it is
    /// uncertain whether it will be found again. After that, every call fails.
    fn append(&self, group: &[StoredEvent]) -> Result<(), RecordError>;

    /// Events in order from a sequence on: at least one if there is one, at most `max_events`
    /// (0 is taken as 1), stopping once they have `max_bytes` as stored. None beyond the tip.
    ///
    /// # Errors
    /// [`RecordError::Damaged`], [`RecordError::Unreadable`], or as every call once it has failed.
    fn read(
        &self,
        from: Sequence,
        max_events: usize,
        max_bytes: usize,
    ) -> Result<Vec<StoredEvent>, RecordError>;

    /// Reads frames from a sequence on as they lie on the storage, past whatever is kept in memory,
    /// checks all of them, and stops once they have `max_bytes`. Returns the sequence to go on with:
    /// [`Self::tip`]'s size when everything was read.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn scrub(&self, from: Sequence, max_bytes: usize) -> Result<Sequence, RecordError> {
        let events = self.read(from, usize::MAX, max_bytes)?;
        Ok(events.last().map_or(from, |event| event.link.sequence.next()))
    }

    /// What may be admitted now. Whoever admits asks before each statement; the answer holds for
    /// that one: whatever was admitted by it is appended without [`RecordError::NoRoom`], if no
    /// more is in flight than the record was told. Does no IO, and never waits.
    ///
    /// A record that can't tell says [`Space::Plenty`].
    fn space(&self) -> Space {
        Space::Plenty
    }

    /// Looks whether there is room again, and says what may be admitted now. To be called every
    /// second or so, not by who admits: it may write. Does nothing while there is plenty.
    fn restore_space(&self) -> Space {
        self.space()
    }

    /// The last checkpoint written, if there is one.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn head(&self) -> Result<Option<String>, RecordError>;

    /// Replaces the checkpoint, and returns once the new one is durable. The caller has signed it
    /// over events that this record returned from [`Self::append`].
    ///
    /// # Errors
    /// [`RecordError::NoRoom`] with the old one still there, or [`RecordError::Fatal`].
    fn write_head(&self, checkpoint: &str) -> Result<(), RecordError>;

    /// Ends in order: everything is durable and marked so. Every later call fails, except this.
    ///
    /// # Errors
    /// As [`Self::append`].
    fn close(&self) -> Result<(), RecordError>;
}
