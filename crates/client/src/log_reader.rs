//! Following the log: every event, in order, chained.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as pb;
use letopis_types::{Digest, Sequence, Timestamp};
use tokio::time::timeout;
use tonic::{Status, Streaming};

use crate::client::LedgerClient;
use crate::error::{ClientError, Distrust};
use crate::event::Event;
use crate::fault::Fault;
use crate::retry::Backoff;

/// A server may end a stream that is followed after a while; after less than this it counts as a
/// failure.
const LIFE_MIN: Duration = Duration::from_secs(1);

/// Where in the log to read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPosition {
    /// The next sequence.
    pub next: Sequence,
    /// Hash and time of the link before, with which the next one must chain; `None`: taken on
    /// faith.
    pub previous: Option<(Digest, Timestamp)>,
}

impl LogPosition {
    /// The beginning of the log.
    pub const START: Self =
        Self { next: Sequence::ZERO, previous: Some((Digest::ZERO, Timestamp(0))) };
}

impl From<Sequence> for LogPosition {
    /// From this sequence on; the first link's chaining is taken on faith, unless it is the first.
    fn from(next: Sequence) -> Self {
        if next == Sequence::ZERO { Self::START } else { Self { next, previous: None } }
    }
}

/// Reads the log.
///
/// Every link chains with the one before it, every statement is that of its link, and is for this
/// ledger. That signatures hold is for the reader to ask ([`Event::verify_signatures`]), and that
/// the log read is the one that the ledger signed is shown by the root over its links.
#[derive(Debug)]
pub struct LogReader {
    client: LedgerClient,
    position: LogPosition,
    follow: bool,
    streaming: Option<Streaming<pb::ReadLogResponse>>,
    opened_at: Instant,
    ready: VecDeque<Event>,
    /// Where what is ready ends.
    end: LogPosition,
    /// How long the log is known to be: it does not end before.
    floor: Sequence,
    backoff: Backoff,
    is_over: bool,
}

impl LedgerClient {
    /// Reads the log from a place on; with `follow`, waits for what comes once all is read.
    pub fn read_log(&self, from: impl Into<LogPosition>, follow: bool) -> LogReader {
        let position = from.into();
        LogReader {
            client: self.clone(),
            position,
            follow,
            streaming: None,
            opened_at: Instant::now(),
            ready: VecDeque::new(),
            end: position,
            floor: self.known.size(),
            backoff: self.caller.backoff(),
            is_over: false,
        }
    }
}

impl LogReader {
    /// The next event; `None` at the end of the log, where it is not followed. A connection that
    /// breaks is opened again where it broke. After an error the reading is over.
    ///
    /// Nothing is lost if the future is dropped before it is ready.
    pub async fn next(&mut self) -> Option<Result<Event, ClientError>> {
        if self.is_over {
            return None;
        }
        let next = self.advance().await.transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }

    /// Where the next event will be.
    #[must_use]
    pub const fn position(&self) -> LogPosition {
        self.position
    }

    async fn advance(&mut self) -> Result<Option<Event>, ClientError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.position = after(&event);
                return Ok(Some(event));
            }
            let fault = match self.receive().await {
                Ok(Some(batch)) => {
                    batch.events.into_iter().try_for_each(|event| self.take(event))?;
                    continue;
                }
                Ok(None) if !self.follow && self.end.next >= self.floor => return Ok(None),
                Ok(None) if self.follow && self.opened_at.elapsed() >= LIFE_MIN => {
                    self.backoff.answered();
                    self.streaming = None;
                    continue;
                }
                Ok(None) => Fault::ended(),
                Err(fault) => fault,
            };
            self.streaming = None;
            match fault {
                // It had this size before.
                Fault::Refused(refused)
                    if refused.reason == Reason::SequenceOutOfRange
                        && self.end.next <= self.floor =>
                {
                    return Err(Distrust::LogEnds { known: self.floor }.into());
                }
                // In the course of things, however long nothing came.
                Fault::Again {
                    reason: Reason::StreamExpired | Reason::AuthorityChanged, ..
                } if self.opened_at.elapsed() >= LIFE_MIN => {
                    self.backoff.answered();
                }
                fault => self.backoff.after(fault).await?,
            }
        }
    }

    /// The next message. What is followed may be silent for as long as it likes: a dead connection
    /// shows itself by pings that are not answered.
    async fn receive(&mut self) -> Result<Option<pb::ReadLogResponse>, Fault> {
        let limit = self.client.caller.options.timeout;
        let streaming = match &mut self.streaming {
            Some(streaming) => streaming,
            None => {
                let request =
                    pb::ReadLogRequest { from_sequence: self.end.next.0, follow: self.follow };
                let mut grpc = self.client.caller.grpc.clone();
                let request = self.client.caller.following(request).await?;
                let answer = within(limit, grpc.read_log(request)).await?;
                self.opened_at = Instant::now();
                self.streaming.insert(answer.into_inner())
            }
        };
        if self.follow {
            return streaming.message().await.map_err(Fault::from);
        }
        within(limit, streaming.message()).await
    }

    fn take(&mut self, event: pb::Event) -> Result<(), Distrust> {
        let event = Event::from_message(Some(event))?;
        let (link, sequence) = (event.link, event.link.sequence);
        let broken = |what| Err(Distrust::Chain { sequence, what });
        if sequence != self.end.next {
            return broken("not the next sequence");
        }
        if let Some((previous, recorded_at)) = self.end.previous {
            if link.previous != previous {
                return broken("it does not follow the link before");
            }
            if link.recorded_at < recorded_at {
                return broken("its time is before the link before");
            }
        }
        if !event.is_for(self.client.ledger()) {
            return Err(Distrust::OtherEvent { what: "ledger" });
        }
        self.end = after(&event);
        self.floor = self.floor.max(self.end.next);
        self.backoff.answered();
        self.ready.push_back(event);
        Ok(())
    }
}

fn after(event: &Event) -> LogPosition {
    let link = &event.link;
    LogPosition { next: link.sequence.next(), previous: Some((link.hash(), link.recorded_at)) }
}

async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, Status>>,
) -> Result<T, Fault> {
    match timeout(limit, answer).await {
        Ok(answer) => answer.map_err(Fault::from),
        Err(_) => Err(Fault::deadline()),
    }
}
