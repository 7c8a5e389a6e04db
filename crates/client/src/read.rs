//! Reading events, streams, receipts.

use std::collections::VecDeque;

use bytes::Bytes;
use letopis_crypto::hash::next_head;
use letopis_domain::statement::Seen;
use letopis_proto::ledger::v1 as pb;
use letopis_proto::ledger::v1::get_event_request::Event as Wanted;
use letopis_types::{Digest, EventId, Sequence, StreamKey, StreamKind, Version};

use crate::client::LedgerClient;
use crate::convert::{name_message, stream, stream_message};
use crate::error::{ClientError, Distrust};
use crate::event::Event;
use crate::receipt::{Proven, Recorded};

/// The most entries of a page.
const PAGE: u32 = 200;

/// Which event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventRef {
    /// By its place in the log.
    Sequence(Sequence),
    /// By its id in a stream.
    Name(StreamKey, EventId),
}

/// The whole of one stream, as of some version.
///
/// INVARIANT: version and head are those that the events make, every event is of that stream, and
/// its signatures hold. That nothing is left out at the end is the ledger's claim.
#[derive(Debug, Clone)]
pub struct History {
    /// Which stream.
    pub stream: StreamKey,
    /// How many events it has.
    pub version: Version,
    /// Its rolling head after them.
    pub head: Digest,
    /// The events; the first is version 1.
    pub events: Vec<Event>,
}

impl History {
    /// For a statement whose author has this history before them.
    #[must_use]
    pub const fn seen(&self) -> Seen {
        Seen { version: self.version, head: self.head }
    }

    /// The event at a version, from 1.
    #[must_use]
    pub fn at(&self, version: Version) -> Option<&Event> {
        self.events.get(usize::try_from(version.0.checked_sub(1)?).ok()?)
    }
}

impl LedgerClient {
    /// One event: the one that was asked for, and its signatures hold. That it is in the log is
    /// shown by [`Self::get_receipt`].
    ///
    /// # Errors
    /// [`ClientError::Refused`] where there is none; [`ClientError::Distrust`].
    pub async fn get_event(&self, event: EventRef) -> Result<Event, ClientError> {
        let (stream, event_id) = match event {
            EventRef::Name(stream, event_id) => (stream, event_id),
            EventRef::Sequence(sequence) => {
                let event = self.caller.event_at(sequence).await?;
                let is_ours = event.is_for(self.ledger());
                return if is_ours { Ok(event) } else { Err(other("ledger").into()) };
            }
        };
        let wanted = Some(Wanted::Name(name_message(&stream, &event_id)));
        let event = self.caller.event(&pb::GetEventRequest { event: wanted }).await?;
        self.check_name(&event, &stream, &event_id)?;
        Ok(event)
    }

    /// An event with its receipt against the present checkpoint.
    ///
    /// # Errors
    /// As [`Self::get_event`].
    pub async fn get_receipt(
        &self,
        stream: &StreamKey,
        event_id: &EventId,
    ) -> Result<(Event, Recorded), ClientError> {
        let floor = self.known.size();
        let request = pb::GetReceiptRequest { name: Some(name_message(stream, event_id)) };
        let answer = self
            .caller
            .call(&request, |mut grpc, request| async move { grpc.get_receipt(request).await })
            .await?;
        let event = Event::from_message(answer.event)?;
        self.check_name(&event, stream, event_id)?;
        event.verify_signatures()?;
        let missing = Distrust::Malformed { what: "there is no receipt" };
        let (receipt, link) = (answer.receipt.ok_or(missing)?, &event.link);
        let hashes = (&link.statement_hash, &link.signatures_hash);
        let proven = Proven::verify(receipt, hashes.0, hashes.1, &self.known)?;
        if proven.link != *link {
            return Err(other("event").into());
        }
        self.believe(&proven.checkpoint, floor).await?;
        let recorded = proven.with(event.bytes.clone(), event.signatures.clone());
        Ok((event, recorded))
    }

    fn check_name(
        &self,
        event: &Event,
        stream: &StreamKey,
        event_id: &EventId,
    ) -> Result<(), Distrust> {
        if event.stream() != Some(*stream) {
            return Err(other("stream"));
        }
        if event.event_id() != Some(*event_id) {
            return Err(other("event id"));
        }
        if event.is_for(self.ledger()) { Ok(()) } else { Err(other("ledger")) }
    }

    /// The whole of a stream: what a decision in it is taken on.
    ///
    /// # Errors
    /// [`ClientError::Refused`] where there is no such stream; [`ClientError::Distrust`].
    pub async fn read_stream(&self, stream: &StreamKey) -> Result<History, ClientError> {
        let mut request = pb::ReadStreamRequest {
            stream: Some(stream_message(stream)),
            page_size: PAGE,
            page_token: String::new(),
        };
        let mut reading = Reading { stream: *stream, head: Digest::ZERO, events: Vec::new() };
        let mut as_of: Option<(u64, Bytes)> = None;
        loop {
            let page = self
                .caller
                .call(&request, |mut grpc, request| async move { grpc.read_stream(request).await })
                .await?;
            let claimed = as_of.get_or_insert_with(|| (page.version, page.head.clone()));
            if (page.version, &page.head) != (claimed.0, &claimed.1) {
                return Err(reading.wrong("same version and head on every page").into());
            }
            let is_empty = page.events.is_empty();
            for event in page.events {
                self.take(&mut reading, event, page.version)?;
            }
            if page.next_page_token.is_empty() {
                return Ok(reading.finish(page.version, &page.head)?);
            }
            if is_empty {
                return Err(
                    Distrust::Malformed { what: "an empty page that is not the last" }.into()
                );
            }
            request.page_token = page.next_page_token;
        }
    }

    fn take(&self, reading: &mut Reading, event: pb::Event, claimed: u64) -> Result<(), Distrust> {
        let event = Event::from_message(Some(event))?;
        if event.stream() != Some(reading.stream) {
            return Err(other("stream"));
        }
        if !event.is_for(self.ledger()) {
            return Err(other("ledger"));
        }
        event.verify_signatures()?;
        let sequence = event.link.sequence;
        if reading.events.last().is_some_and(|last| last.link.sequence >= sequence) {
            return Err(Distrust::Chain {
                sequence,
                what: "a stream's events are not in log order",
            });
        }
        reading.head = next_head(&reading.head, &event.link.statement_hash);
        reading.events.push(event);
        if reading.events.len() as u64 > claimed { Err(reading.wrong("version")) } else { Ok(()) }
    }

    /// The streams of a kind, by id, page by page.
    #[must_use]
    pub fn list_streams(&self, kind: StreamKind) -> StreamList {
        let request = pb::ListStreamsRequest {
            kind: kind as i32,
            page_size: PAGE,
            page_token: String::new(),
        };
        StreamList {
            client: self.clone(),
            kind,
            request: Some(request),
            as_of: None,
            last: None,
            page: VecDeque::new(),
        }
    }
}

const fn other(what: &'static str) -> Distrust {
    Distrust::OtherEvent { what }
}

/// A stream of which some pages were read.
struct Reading {
    stream: StreamKey,
    head: Digest,
    events: Vec<Event>,
}

impl Reading {
    const fn wrong(&self, what: &'static str) -> Distrust {
        Distrust::History { stream: self.stream, what }
    }

    fn finish(self, version: u64, head: &[u8]) -> Result<History, Distrust> {
        if self.events.len() as u64 != version || version == 0 {
            return Err(self.wrong("version"));
        }
        if self.head.0 != *head {
            return Err(self.wrong("head"));
        }
        let Self { stream, head, events } = self;
        Ok(History { stream, version: Version(version), head, events })
    }
}

/// A stream as a list names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedStream {
    /// Which one.
    pub stream: StreamKey,
    /// How many events it has, as the ledger says.
    pub version: Version,
    /// The place of its first event.
    pub first_sequence: Sequence,
    /// The place of its last event.
    pub last_sequence: Sequence,
}

/// The streams of a kind. That none is left out is the ledger's claim, until heads are sealed.
#[derive(Debug)]
pub struct StreamList {
    client: LedgerClient,
    kind: StreamKind,
    /// `None`: the last page was read.
    request: Option<pb::ListStreamsRequest>,
    as_of: Option<u64>,
    last: Option<StreamKey>,
    page: VecDeque<ListedStream>,
}

impl StreamList {
    /// The next stream, ascending by id; `None` after the last.
    ///
    /// # Errors
    /// [`ClientError::Distrust`] where the list is not what it must be; otherwise as every call.
    pub async fn next(&mut self) -> Result<Option<ListedStream>, ClientError> {
        while self.page.is_empty() {
            let Some(request) = &self.request else { return Ok(None) };
            let page = self
                .client
                .caller
                .call(request, |mut grpc, request| async move { grpc.list_streams(request).await })
                .await?;
            let as_of = *self.as_of.get_or_insert(page.as_of_size);
            if as_of != page.as_of_size
                || (page.streams.is_empty() && !page.next_page_token.is_empty())
            {
                let what = "the pages of a list do not go together";
                return Err(Distrust::Malformed { what }.into());
            }
            for summary in page.streams {
                let listed = self.listed(&summary)?;
                self.last = Some(listed.stream);
                self.page.push_back(listed);
            }
            let token = page.next_page_token;
            self.request = self.request.take().filter(|_| !token.is_empty());
            if let Some(request) = &mut self.request {
                request.page_token = token;
            }
        }
        Ok(self.page.pop_front())
    }

    /// As of which size of the log the list holds; known once the first stream was answered.
    #[must_use]
    pub fn as_of_size(&self) -> Option<Sequence> {
        self.as_of.map(Sequence)
    }

    fn listed(&self, summary: &pb::StreamSummary) -> Result<ListedStream, Distrust> {
        let stream = stream(summary.stream.as_ref())
            .filter(|stream| stream.kind == self.kind && self.last.is_none_or(|l| l < *stream))
            .ok_or(Distrust::Malformed { what: "a list is not of that kind, ascending by id" })?;
        Ok(ListedStream {
            stream,
            version: Version(summary.version),
            first_sequence: Sequence(summary.first_sequence),
            last_sequence: Sequence(summary.last_sequence),
        })
    }
}
