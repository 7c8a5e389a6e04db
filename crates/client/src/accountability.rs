//! Who is responsible for a case, what is due, how a decision came about, and what was known when it was
//! taken: the calls of `AccountabilityService`.
//!
//! Every call takes a caller ([`LedgerClient::as_caller`]). That the facts were read is on the record
//! before they come, so that a call that may have done something is not made again by itself.
//!
//! Of each event it is shown who signed it, and that it stands in the case and ledger that were asked for.
//! The rest is what the server made of the record (`told`): nothing but the record itself shows that it is so
//! ([`LedgerClient::read_stream`]).

mod export;
mod lists;

use letopis_proto::accountability::v1 as pb;
use letopis_proto::accountability::v1::accountability_service_client::AccountabilityServiceClient;
use letopis_proto::accountability::v1::get_case_as_known_at_request as asked;
use letopis_types::{ActorId, Sequence, StreamId, StreamKey, StreamKind, Timestamp, Version};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::caller::Rpc;
use crate::client::LedgerClient;
use crate::convert::stream_message;
use crate::error::{ClientError, Distrust};
use crate::event::Event;
use crate::pages::goes_on;

pub use export::{ExportedLog, LogFilter};
pub use lists::{ClockWatch, WatchedClocks};

/// How much is asked for at once.
const PAGE: u32 = 200;

/// The longest answer that is taken, in bytes.
const ANSWER_BYTES_MAX: usize = 16 << 20;

type Grpc = AccountabilityServiceClient<Channel>;

macro_rules! rpcs {
    ($($message:ident: $name:literal;)*) => {
        $(impl Rpc for pb::$message {
            const METHOD: &'static str =
                concat!("letopis.accountability.v1.AccountabilityService/", $name);
        })*
    };
}

rpcs! {
    GetCaseRequest: "GetCase";
    GetTimelineRequest: "GetTimeline";
    TraceDecisionRequest: "TraceDecision";
    GetCaseAsKnownAtRequest: "GetCaseAsKnownAt";
    ListCasesRequest: "ListCases";
    ListClocksRequest: "ListClocks";
    WatchClocksRequest: "WatchClocks";
    ListDutiesRequest: "ListDuties";
    ListDecisionsRequest: "ListDecisions";
    GetRegisterRequest: "GetRegister";
    ExportLogRequest: "ExportLog";
    GetIndicatorsRequest: "GetIndicators";
}

/// One event of a timeline.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// Its stream: the case's, its protected part; behind a decision also a signal's.
    pub stream: StreamKey,
    /// Its version there.
    pub version: Version,
    /// The event; its signatures hold.
    pub event: Event,
    /// What became of it, as the server says; without the event.
    pub told: pb::TimelineEntry,
}

/// How a decision came about.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The decision, what it rests on, and what refers to it; in log order.
    pub entries: Vec<TimelineEntry>,
    /// The rest, as the server says; without the entries.
    pub told: pb::TraceDecisionResponse,
}

/// A moment of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When the log had so many events.
    Size(Sequence),
    /// At this time: of what was recorded by then.
    RecordedAt(Timestamp),
}

/// A case as the record had it.
#[derive(Debug, Clone)]
pub struct CaseThen {
    /// The case, as the server says.
    pub case: pb::Case,
    /// The events of then, in log order.
    pub entries: Vec<KnownEntry>,
    /// How many events the log had then.
    pub as_of: Sequence,
}

/// An event of then.
#[derive(Debug, Clone)]
pub struct KnownEntry {
    /// The event, and what had become of it by then.
    pub entry: TimelineEntry,
    /// What the actor had been given of its facts by then.
    pub given: pb::Given,
    /// Which of its sections the actor had been given by then, ascending.
    pub sections: Vec<u32>,
}

impl LedgerClient {
    /// A case as it stands, of at least so many events of the log (0: whatever the server has); and of
    /// how many it is.
    ///
    /// # Errors
    /// [`ClientError::Refused`], also where there is no such case; [`ClientError::Unavailable`], when
    /// the reading may be on the record; [`ClientError::Distrust`].
    pub async fn case_now(
        &self,
        case: &StreamId,
        at_least: Sequence,
    ) -> Result<(pb::Case, Sequence), ClientError> {
        let case_id = case.0.to_vec().into();
        let request = pb::GetCaseRequest { case_id, at_least_size: at_least.0 };
        let answer = self
            .ask(&request, |mut grpc, request| async move { grpc.get_case(request).await })
            .await?;
        let told = told_of(case, answer.case)?;
        Ok((told, reaches(at_least, answer.as_of_size)?))
    }

    /// A case's events in log order, each with what became of it, of at least so many events of the log;
    /// and of how many it is.
    ///
    /// # Errors
    /// As [`Self::case_now`].
    pub async fn timeline(
        &self,
        case: &StreamId,
        at_least: Sequence,
    ) -> Result<(Vec<TimelineEntry>, Sequence), ClientError> {
        let mut request = pb::GetTimelineRequest {
            case_id: case.0.to_vec().into(),
            page_size: PAGE,
            page_token: String::new(),
            at_least_size: at_least.0,
        };
        let mut entries = Vec::new();
        loop {
            let page = self
                .ask(&request, |mut grpc, request| async move { grpc.get_timeline(request).await })
                .await?;
            let is_empty = page.entries.is_empty();
            for entry in page.entries {
                let entry = self.entry_of(entry, |stream| is_of_case(stream, case))?;
                in_log_order(entries.last(), &entry)?;
                entries.push(entry);
            }
            if !goes_on(&mut request.page_token, page.next_page_token, is_empty)? {
                return Ok((entries, reaches(at_least, page.as_of_size)?));
            }
        }
    }

    /// How the decision at this place of a case's stream, or its protected one, came about; of at least so
    /// many events of the log.
    ///
    /// # Errors
    /// As [`Self::case_now`].
    pub async fn trace_decision(
        &self,
        stream: &StreamKey,
        version: Version,
        at_least: Sequence,
    ) -> Result<Trace, ClientError> {
        let request = pb::TraceDecisionRequest {
            stream: Some(stream_message(stream)),
            version: version.0,
            at_least_size: at_least.0,
        };
        let mut told = self
            .ask(&request, |mut grpc, request| async move { grpc.trace_decision(request).await })
            .await?;
        let mut entries = Vec::new();
        for entry in std::mem::take(&mut told.entries) {
            let of =
                |one: &StreamKey| is_of_case(one, &stream.id) || one.kind == StreamKind::Signal;
            let entry = self.entry_of(entry, of)?;
            in_log_order(entries.last(), &entry)?;
            entries.push(entry);
        }
        let is_asked = |one: &TimelineEntry| one.stream == *stream && one.version == version;
        if !entries.iter().any(is_asked) {
            return Err(Distrust::OtherEvent { what: "decision" }.into());
        }
        reaches(at_least, told.as_of_size)?;
        Ok(Trace { entries, told })
    }

    /// A case as the record had it at a moment; and, where an actor is named, what they had been given of it
    /// by then.
    ///
    /// # Errors
    /// As [`Self::case_now`].
    pub async fn case_as_known_at(
        &self,
        case: &StreamId,
        moment: Moment,
        actor: Option<&ActorId>,
    ) -> Result<CaseThen, ClientError> {
        let mut request = pb::GetCaseAsKnownAtRequest {
            case_id: case.0.to_vec().into(),
            moment: Some(match moment {
                Moment::Size(size) => asked::Moment::Size(size.0),
                Moment::RecordedAt(time) => asked::Moment::RecordedAt(time.0),
            }),
            actor: actor.map(|actor| actor.0.to_vec().into()).unwrap_or_default(),
            page_size: PAGE,
            page_token: String::new(),
        };
        let (mut told, mut entries) = (None, Vec::<KnownEntry>::new());
        loop {
            let page = self
                .ask(&request, |mut grpc, request| async move {
                    grpc.get_case_as_known_at(request).await
                })
                .await?;
            // It comes with the first page.
            told = told.or(page.case);
            let is_empty = page.entries.is_empty();
            for known in page.entries {
                let given = known.given();
                let entry = known.entry.ok_or(Distrust::Malformed { what: "there is no entry" })?;
                let entry = self.entry_of(entry, |stream| is_of_case(stream, case))?;
                in_log_order(entries.last().map(|known| &known.entry), &entry)?;
                entries.push(KnownEntry { entry, given, sections: known.sections });
            }
            if !goes_on(&mut request.page_token, page.next_page_token, is_empty)? {
                let as_of = Sequence(page.as_of_size);
                return Ok(CaseThen { case: told_of(case, told)?, entries, as_of });
            }
        }
    }

    async fn ask<Q: Rpc + Clone, A, F>(
        &self,
        message: &Q,
        make: impl Fn(Grpc, Request<Q>) -> F,
    ) -> Result<A, ClientError>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let grpc = self.accountability();
        self.caller.once(message, |request| make(grpc.clone(), request)).await
    }

    fn accountability(&self) -> Grpc {
        Grpc::new(self.channel()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    fn entry_of(
        &self,
        mut told: pb::TimelineEntry,
        one_of: impl Fn(&StreamKey) -> bool,
    ) -> Result<TimelineEntry, Distrust> {
        let event = Event::from_message(told.event.take())?;
        let stream = event.of_streams(self.ledger(), one_of)?;
        Ok(TimelineEntry { stream, version: Version(told.version), event, told })
    }
}

/// An answer holds of as many events as were asked for.
fn reaches(at_least: Sequence, as_of: u64) -> Result<Sequence, Distrust> {
    if as_of < at_least.0 {
        return Err(Distrust::Malformed { what: "it holds of fewer events than were asked for" });
    }
    Ok(Sequence(as_of))
}

fn is_of_case(stream: &StreamKey, case: &StreamId) -> bool {
    stream.id == *case && matches!(stream.kind, StreamKind::Case | StreamKind::Protected)
}

/// The case that was asked for.
fn told_of(case: &StreamId, told: Option<pb::Case>) -> Result<pb::Case, Distrust> {
    told.filter(|told| *told.case_id == case.0).ok_or(Distrust::OtherEvent { what: "case" })
}

fn in_log_order(last: Option<&TimelineEntry>, next: &TimelineEntry) -> Result<(), Distrust> {
    let sequence = next.event.link.sequence;
    if last.is_some_and(|last| last.event.link.sequence >= sequence) {
        let what = "a case's events are not in log order";
        return Err(Distrust::Chain { sequence, what });
    }
    Ok(())
}
