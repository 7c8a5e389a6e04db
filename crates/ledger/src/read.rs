//! Reading: where things are, from the state; what they are, from the record. All calls block on
//! the disk, except where they say that they wait.

use std::sync::PoisonError;

use letopis_log::merkle::{consistency_proof, inclusion_proof};
use letopis_record::StoredEvent;
use letopis_state::streams::StreamRow;
use letopis_types::{Digest, EventId, Sequence, StreamId, StreamKey, StreamKind, Version};
use tokio::sync::watch;

use crate::committer::Published;
use crate::error::{LedgerError, NotFound, Unavailable};
use crate::ledger::{Ledger, Receipt};
use crate::page_token;

/// The most entries of a page.
pub const PAGE_MAX: usize = 200;

/// The most bytes of a page of events; at least one event is on it.
const PAGE_BYTES: usize = 2 << 20;

/// The most rows that are looked at for a page of streams.
const ROWS_MAX: usize = 4096;

/// Which event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventRef {
    /// By its place in the log.
    Sequence(Sequence),
    /// By its id in a stream.
    Name(StreamKey, EventId),
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// Its entries.
    pub entries: Vec<T>,
    /// For the next page. Empty: this was the last.
    pub next: String,
}

/// One stream in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSummary {
    /// Which one.
    pub stream: StreamKey,
    /// Its folded state.
    pub row: StreamRow,
}

/// A stream as of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamAsOf {
    /// The version.
    pub version: Version,
    /// The head after it.
    pub head: Digest,
}

impl Ledger {
    /// How many events are durable.
    #[must_use]
    pub fn size(&self) -> Sequence {
        self.0.published.borrow().size
    }

    /// The signed checkpoint over everything durable.
    #[must_use]
    pub fn checkpoint(&self) -> std::sync::Arc<str> {
        std::sync::Arc::clone(&self.0.published.borrow().checkpoint)
    }

    /// Waits until the state knows of everything that is durable now.
    ///
    /// # Errors
    /// [`Unavailable::Record`] where the state has stopped, and would not find what is there.
    pub async fn caught_up(&self) -> Result<(), Unavailable> {
        let size = self.size().0;
        self.0.demand.raise(size);
        let mut applied = self.0.applied.clone();
        let found = applied.wait_for(|applied| *applied >= size).await;
        found.map(drop).map_err(|_| Unavailable::record("the state has stopped"))
    }

    /// Does the state know of this event already? Then it knows of all before it in its stream, and
    /// always will.
    ///
    /// # Errors
    /// The state's.
    pub fn knows(&self, stream: &StreamKey, version: Version) -> Result<bool, LedgerError> {
        Ok(self.0.state.position(stream, version)?.is_some())
    }

    /// Changes with every group that becomes durable.
    #[must_use]
    pub fn follow(&self) -> Follower {
        Follower(self.0.published.clone())
    }

    /// Events from a sequence on, at most `max`.
    ///
    /// # Errors
    /// [`NotFound::Sequence`] beyond the log's size.
    pub fn read_log(&self, from: Sequence, max: usize) -> Result<Vec<StoredEvent>, LedgerError> {
        let size = self.size();
        if from > size {
            return Err(NotFound::Sequence { size }.into());
        }
        self.0.record.read(from, max, PAGE_BYTES).map_err(LedgerError::record)
    }

    /// One event, and its version in its stream where it was named by its id.
    ///
    /// # Errors
    /// [`NotFound::Event`].
    pub fn event(&self, event: EventRef) -> Result<(StoredEvent, Option<Version>), LedgerError> {
        let (sequence, version) = match event {
            EventRef::Sequence(sequence) => (sequence, None),
            EventRef::Name(stream, event_id) => {
                let state = &self.0.state;
                let version = state.version_of(&stream, &event_id)?.ok_or(NotFound::Event)?;
                let position = state.position(&stream, version)?.ok_or(NotFound::Event)?;
                (position.sequence, Some(version))
            }
        };
        let events = self.0.record.read(sequence, 1, 1).map_err(LedgerError::record)?;
        let event = events.into_iter().next().ok_or(NotFound::Event)?;
        Ok((event, version))
    }

    /// An event's receipt against the present checkpoint.
    ///
    /// # Errors
    /// [`NotFound::Event`].
    pub fn receipt(
        &self,
        stream: StreamKey,
        event_id: EventId,
    ) -> Result<(StoredEvent, Receipt), LedgerError> {
        let (event, version) = self.event(EventRef::Name(stream, event_id))?;
        let Published { size, checkpoint } = self.0.published.borrow().clone();
        let link = event.link;
        let receipt = Receipt {
            link,
            version: version.ok_or(NotFound::Event)?,
            inclusion_proof: self.inclusion_proof(link.sequence, size)?,
            checkpoint,
            already_recorded: true,
        };
        Ok((event, receipt))
    }

    /// Proof that a link is among the first `size`.
    ///
    /// # Errors
    /// [`NotFound::Sequence`].
    pub fn inclusion_proof(
        &self,
        sequence: Sequence,
        size: Sequence,
    ) -> Result<Vec<Digest>, LedgerError> {
        self.check_sizes(sequence.next(), size)?;
        let tree = self.0.tree.read().unwrap_or_else(PoisonError::into_inner);
        inclusion_proof(&*tree, sequence.0, size.0).map_err(LedgerError::record)
    }

    /// Proof that the first `from` links are the beginning of the first `to`.
    ///
    /// # Errors
    /// [`NotFound::Sequence`].
    pub fn consistency_proof(
        &self,
        from: Sequence,
        to: Sequence,
    ) -> Result<Vec<Digest>, LedgerError> {
        self.check_sizes(from, to)?;
        let tree = self.0.tree.read().unwrap_or_else(PoisonError::into_inner);
        consistency_proof(&*tree, from.0, to.0).map_err(LedgerError::record)
    }

    fn check_sizes(&self, from: Sequence, to: Sequence) -> Result<(), NotFound> {
        let size = self.size();
        if from <= to && to <= size { Ok(()) } else { Err(NotFound::Sequence { size }) }
    }

    /// A page of a stream's events, in order; all pages hold as of the version that the stream had
    /// when the first was asked for.
    ///
    /// # Errors
    /// [`NotFound::Stream`], [`NotFound::PageToken`].
    pub fn read_stream(
        &self,
        stream: StreamKey,
        max: usize,
        token: &str,
    ) -> Result<(Page<StoredEvent>, StreamAsOf), LedgerError> {
        let row = self.0.state.stream(&stream)?.ok_or(NotFound::Stream { stream })?;
        let (as_of, from) = match page_token::decode::<2>(token, &stream.to_bytes())? {
            None => (row.version, Version(1)),
            Some([as_of, from]) if as_of <= row.version.0 => (Version(as_of), Version(from)),
            Some(_) => return Err(NotFound::PageToken.into()),
        };
        let head = match as_of == row.version {
            true => row.head,
            false => self.0.state.position(&stream, as_of)?.ok_or(NotFound::PageToken)?.head,
        };
        let mut page = Page { entries: Vec::new(), next: String::new() };
        let mut bytes = 0;
        for position in self.0.state.positions(&stream, from) {
            let (version, position) = position?;
            if version > as_of {
                break;
            }
            if page.entries.len() == max.clamp(1, PAGE_MAX) || bytes >= PAGE_BYTES {
                page.next = page_token::encode(&stream.to_bytes(), [as_of.0, version.0]);
                break;
            }
            let (event, _) = self.event(EventRef::Sequence(position.sequence))?;
            bytes += event.statement.len() + 64 * event.signatures.len();
            page.entries.push(event);
        }
        Ok((page, StreamAsOf { version: as_of, head }))
    }

    /// A page of the streams of a kind, by id; all pages list the streams that there were when the
    /// first was asked for. Also as of how many events of the log that is.
    ///
    /// # Errors
    /// [`NotFound::PageToken`].
    pub fn list_streams(
        &self,
        kind: StreamKind,
        max: usize,
        token: &str,
    ) -> Result<(Page<StreamSummary>, Sequence), LedgerError> {
        let scope = [kind as u8];
        let (as_of, after) = match page_token::decode::<3>(token, &scope)? {
            // What the state covers, and not what is durable: the list comes from the state.
            None => (self.0.state.mark().map_or(Sequence::ZERO, |mark| mark.size), None),
            Some([as_of, ..]) if Sequence(as_of) > self.size() => {
                return Err(NotFound::PageToken.into());
            }
            Some([as_of, high, low]) => {
                let id = StreamId((u128::from(high) << 64 | u128::from(low)).to_be_bytes());
                (Sequence(as_of), Some(StreamKey { kind, id }))
            }
        };
        let mut page = Page { entries: Vec::new(), next: String::new() };
        let mut last: Option<StreamKey> = None;
        for (looked_at, entry) in self.0.state.streams(kind, after.as_ref()).enumerate() {
            let (stream, row) = entry?;
            // A page may be short, even empty, and not the last.
            if page.entries.len() == max.clamp(1, PAGE_MAX) || looked_at == ROWS_MAX {
                let id = last.map_or(0, |stream| u128::from_be_bytes(stream.id.0));
                page.next = page_token::encode(&scope, [as_of.0, (id >> 64) as u64, id as u64]);
                break;
            }
            last = Some(stream);
            if row.first < as_of {
                page.entries.push(StreamSummary { stream, row });
            }
        }
        Ok((page, as_of))
    }
}

/// Tells of new events.
#[derive(Debug, Clone)]
pub struct Follower(watch::Receiver<Published>);

impl Follower {
    /// Waits until the log has more than `size` events; false when the ledger is being stopped.
    pub async fn beyond(&mut self, size: Sequence) -> bool {
        self.0.wait_for(|published| published.size > size).await.is_ok()
    }
}
