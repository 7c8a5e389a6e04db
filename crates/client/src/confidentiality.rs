//! Who may see what of a case, and who has: the calls of `ConfidentialityService`, verified as far
//! as what is given out can be.
//!
//! Every call takes a caller ([`LedgerClient::as_caller`]). What is given out is on the record
//! before it comes, so that a call that may have done something is not made again by itself: whoever
//! asks twice has read twice.

use std::collections::VecDeque;

use letopis_crypto::section::{CommitmentScope, commitment};
use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::confidentiality::v1::confidentiality_service_client::ConfidentialityServiceClient;
use letopis_proto::ledger::v1 as ledger;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{ActorId, Class, Sequence, StreamId, StreamKey, StreamKind, Version};
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

use crate::caller::Rpc;
use crate::client::LedgerClient;
use crate::convert::{stream, stream_message};
use crate::error::{ClientError, Distrust};
use crate::event::Event;
use crate::fault::Fault;
use crate::pages::goes_on;
use crate::sections::OpenedSection;

/// How much is asked for at once.
const PAGE: u32 = 200;

/// The longest answer that is taken, in bytes.
const ANSWER_BYTES_MAX: usize = 16 << 20;

type Grpc = ConfidentialityServiceClient<Channel>;

macro_rules! rpcs {
    ($($message:ident: $name:literal;)*) => {
        $(impl Rpc for pb::$message {
            const METHOD: &'static str =
                concat!("letopis.confidentiality.v1.ConfidentialityService/", $name);
        })*
    };
}

rpcs! {
    GetCaseFileRequest: "GetCaseFile";
    ListReadingsRequest: "ListReadings";
    ListAccessRequest: "ListAccess";
    ExplainAccessRequest: "ExplainAccess";
    WatchReadingsRequest: "WatchReadings";
}

/// One event of a case's file, as the caller may see it.
#[derive(Debug, Clone)]
pub struct FileEntry {
    /// Its stream: the case's, or its protected part.
    pub stream: StreamKey,
    /// Its version there.
    pub version: Version,
    /// The event; its signatures hold.
    pub event: Event,
    /// What has to be known with it.
    pub marks: Vec<pb::Mark>,
    /// The sections that are given, compared with what their author signed; ascending.
    pub sections: Vec<OpenedSection>,
    /// Those that are not, and why; ascending.
    pub withheld: Vec<Withheld>,
}

/// A section that the caller is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// Its place in the statement, from 0.
    pub index: u32,
    /// How closely it is guarded.
    pub class: Class,
    /// By which rule, in words. `None`: its content was erased.
    pub rule: Option<pb::Rule>,
}

impl LedgerClient {
    /// The file of a case as the caller may see it, in log order; sections of these classes alone
    /// (none: all). The reading is on the record before it comes.
    ///
    /// Shown to be true: signatures, that each statement stands in this case and ledger, contents,
    /// and that every section is given, withheld or erased. That no event is left out, a history
    /// shows ([`Self::read_stream`]).
    ///
    /// # Errors
    /// [`ClientError::Refused`], also where there is no such case; [`ClientError::Unavailable`], when
    /// the reading may be on the record; [`ClientError::Distrust`].
    pub async fn case_file(
        &self,
        case: &StreamId,
        classes: &[Class],
    ) -> Result<Vec<FileEntry>, ClientError> {
        let mut request = pb::GetCaseFileRequest {
            case_id: case.0.to_vec().into(),
            page_size: PAGE,
            page_token: String::new(),
            classes: classes.iter().map(|class| *class as i32).collect(),
        };
        let mut entries: Vec<FileEntry> = Vec::new();
        loop {
            let page =
                self.once(&request, |mut grpc, request| async move {
                    grpc.get_case_file(request).await
                })
                .await?;
            let is_empty = page.entries.is_empty();
            for entry in page.entries {
                let entry = self.entry(case, classes, entry)?;
                let sequence = entry.event.link.sequence;
                if entries.last().is_some_and(|last| last.event.link.sequence >= sequence) {
                    let what = "a file's events are not in log order";
                    return Err(Distrust::Chain { sequence, what }.into());
                }
                entries.push(entry);
            }
            if !goes_on(&mut request.page_token, page.next_page_token, is_empty)? {
                return Ok(entries);
            }
        }
    }

    /// Everybody who was given something of a case, newest first, and emergency access to it; in the
    /// form for the person concerned where that is asked for.
    ///
    /// # Errors
    /// As [`Self::case_file`].
    pub async fn readings(
        &self,
        case: &StreamId,
        for_person_concerned: bool,
    ) -> Result<(Vec<pb::Reading>, Vec<pb::Emergency>), ClientError> {
        let mut request = pb::ListReadingsRequest {
            case_id: case.0.to_vec().into(),
            page_size: PAGE,
            page_token: String::new(),
            for_person_concerned,
        };
        let (mut readings, mut emergencies) = (Vec::new(), Vec::new());
        loop {
            let page =
                self.once(&request, |mut grpc, request| async move {
                    grpc.list_readings(request).await
                })
                .await?;
            readings.extend(page.readings);
            emergencies.extend(page.emergencies);
            // In the form for the person a page may be empty, for what it leaves out.
            if !goes_on(&mut request.page_token, page.next_page_token, false)? {
                return Ok((readings, emergencies));
            }
        }
    }

    /// Who may read a case, by which rule; and as of which size of the log.
    ///
    /// # Errors
    /// As [`Self::case_file`].
    pub async fn access(
        &self,
        case: &StreamId,
    ) -> Result<(Vec<pb::Access>, Sequence), ClientError> {
        let mut request = pb::ListAccessRequest {
            case_id: case.0.to_vec().into(),
            page_size: PAGE,
            page_token: String::new(),
        };
        let mut access = Vec::new();
        loop {
            let page = self
                .once(&request, |mut grpc, request| async move { grpc.list_access(request).await })
                .await?;
            access.extend(page.access);
            // A page may be empty: so many actors were looked at in vain.
            if !goes_on(&mut request.page_token, page.next_page_token, false)? {
                return Ok((access, Sequence(page.as_of_size)));
            }
        }
    }

    /// What the policy says: of this reader (`None`: the caller) for this purpose, about the sections
    /// of one event of a stream, or its facts (`None`).
    ///
    /// # Errors
    /// As [`Self::case_file`].
    pub async fn explain(
        &self,
        reader: Option<&ActorId>,
        purpose: Purpose,
        of: &StreamKey,
        version: Option<Version>,
    ) -> Result<Vec<pb::Explanation>, ClientError> {
        let request = pb::ExplainAccessRequest {
            actor: reader.map(|actor| actor.0.to_vec().into()).unwrap_or_default(),
            purpose: purpose.into(),
            stream: Some(stream_message(of)),
            version: version.map_or(0, |version| version.0),
        };
        let answer = self
            .once(&request, |mut grpc, request| async move { grpc.explain_access(request).await })
            .await?;
        Ok(answer.explanations)
    }

    /// Readings, and emergency access, as they are recorded, of these cases (none: all that the caller
    /// may see), from a sequence on.
    #[must_use]
    pub fn watch_readings(&self, cases: &[StreamId], from: Sequence) -> ReadingWatch {
        ReadingWatch {
            client: self.clone(),
            case_ids: cases.iter().map(|case| case.0.to_vec()).collect(),
            next: from,
            streaming: None,
            ready: VecDeque::new(),
        }
    }

    fn confidentiality(&self) -> Grpc {
        Grpc::new(self.channel()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// A call whose reading is recorded.
    async fn once<Q: Rpc + Clone, A, F>(
        &self,
        message: &Q,
        make: impl Fn(Grpc, Request<Q>) -> F,
    ) -> Result<A, ClientError>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        self.caller.once(message, |request| make(self.confidentiality(), request)).await
    }

    fn entry(
        &self,
        case: &StreamId,
        classes: &[Class],
        entry: pb::FileEntry,
    ) -> Result<FileEntry, Distrust> {
        let event = Event::from_message(entry.event)?;
        let stream = event.of_streams(self.ledger(), |stream| {
            stream.id == *case && matches!(stream.kind, StreamKind::Case | StreamKind::Protected)
        })?;
        let version = Version(entry.version);
        let place = Place { event: &event, stream, version };
        let sections: Vec<_> =
            entry.sections.iter().map(|section| place.opened(section)).collect::<Result<_, _>>()?;
        let withheld: Vec<_> =
            entry.withheld.into_iter().map(|one| place.withheld(one)).collect::<Result<_, _>>()?;
        place.check_all_there(&sections, &withheld, classes)?;
        let marks = entry.marks.iter().filter_map(|mark| pb::Mark::try_from(*mark).ok()).collect();
        Ok(FileEntry { stream, version, marks, sections, withheld, event })
    }
}

/// An event of a file, with what is said of its sections.
struct Place<'a> {
    event: &'a Event,
    stream: StreamKey,
    version: Version,
}

impl Place<'_> {
    fn wrong(&self, index: u32, what: &'static str) -> Distrust {
        Distrust::Section { stream: self.stream, version: self.version, index, what }
    }

    /// What the statement commits to at this index.
    fn class(&self, index: u32) -> Result<Class, Distrust> {
        let signed = self.event.section(index as usize);
        let class = signed.and_then(|(_, section)| Class::from_number(section.class.into()));
        class.ok_or_else(|| self.wrong(index, "no such section"))
    }

    fn opened(&self, section: &ledger::OpenedSection) -> Result<OpenedSection, Distrust> {
        let (index, class) = (section.index, self.class(section.index)?);
        let wrong = |what| self.wrong(index, what);
        let none = || wrong("no such section");
        let (nonce, signed) = self.event.section(index as usize).ok_or_else(none)?;
        if stream(section.stream.as_ref()) != Some(self.stream) || section.version != self.version.0
        {
            return Err(wrong("place"));
        }
        if section.class != class as i32 {
            return Err(wrong("class"));
        }
        if section.payload_type != signed.payload_type {
            return Err(wrong("payload type"));
        }
        if let Some(content) = &section.content {
            let salt = (&*section.salt).try_into().map_err(|_| wrong("salt"))?;
            let payload_type = &section.payload_type;
            let scope = CommitmentScope { nonce, index, class, payload_type };
            if *commitment(&scope, salt, content).as_ref() != *signed.commitment {
                return Err(wrong("content"));
            }
        }
        Ok(OpenedSection {
            stream: self.stream,
            version: self.version,
            index,
            class,
            payload_type: section.payload_type.clone(),
            content: section.content.clone(),
        })
    }

    fn withheld(&self, section: pb::WithheldSection) -> Result<Withheld, Distrust> {
        let class = self.class(section.index)?;
        if section.version != self.version.0 {
            return Err(self.wrong(section.index, "place"));
        }
        if section.class != class as i32 {
            return Err(self.wrong(section.index, "class"));
        }
        let rule = if section.erased { None } else { Some(section.rule.unwrap_or_default()) };
        Ok(Withheld { index: section.index, class, rule })
    }

    /// Every section of the classes asked for is either given or told to be withheld, once.
    fn check_all_there(
        &self,
        sections: &[OpenedSection],
        withheld: &[Withheld],
        classes: &[Class],
    ) -> Result<(), Distrust> {
        let told = |index: u32| {
            sections.iter().filter(|section| section.index == index).count()
                + withheld.iter().filter(|section| section.index == index).count()
        };
        for index in 0.. {
            let Ok(class) = self.class(index) else { break };
            let asked = classes.is_empty() || classes.contains(&class);
            if told(index) != usize::from(asked) {
                return Err(self.wrong(index, "given or withheld, once"));
            }
        }
        Ok(())
    }
}

/// What a watch tells of.
#[derive(Debug, Clone, PartialEq)]
pub enum Watched {
    /// Somebody was given something, or denied it.
    Reading(pb::Reading),
    /// Emergency access was opened, closed or reviewed.
    Emergency(pb::Emergency),
}

/// Readings as they are recorded; goes on by itself where its token or the connection ended.
#[derive(Debug)]
pub struct ReadingWatch {
    client: LedgerClient,
    case_ids: Vec<Vec<u8>>,
    next: Sequence,
    streaming: Option<Streaming<pb::WatchReadingsResponse>>,
    ready: VecDeque<Watched>,
}

impl ReadingWatch {
    /// Where to go on from, for another watch.
    #[must_use]
    pub const fn position(&self) -> Sequence {
        self.next
    }

    /// The next; waits for it.
    ///
    /// # Errors
    /// [`ClientError::Refused`]; [`ClientError::Unavailable`] after the attempts allowed.
    pub async fn next(&mut self) -> Result<Watched, ClientError> {
        let mut backoff = self.client.caller.backoff();
        loop {
            if let Some(watched) = self.ready.pop_front() {
                return Ok(watched);
            }
            match self.more().await {
                Ok(message) => {
                    backoff.answered();
                    self.next = Sequence(message.next_sequence);
                    // What can't wait comes first.
                    self.ready.extend(message.emergencies.into_iter().map(Watched::Emergency));
                    self.ready.extend(message.readings.into_iter().map(Watched::Reading));
                }
                Err(fault) => {
                    self.streaming = None;
                    backoff.after(fault).await?;
                }
            }
        }
    }

    async fn more(&mut self) -> Result<pb::WatchReadingsResponse, Fault> {
        let streaming = match &mut self.streaming {
            Some(streaming) => streaming,
            None => {
                let message = pb::WatchReadingsRequest {
                    case_ids: self.case_ids.iter().map(|id| id.clone().into()).collect(),
                    from_sequence: self.next.0,
                };
                let request = self.client.caller.following(message).await?;
                let mut grpc = self.client.confidentiality();
                let opened = grpc.watch_readings(request).await?.into_inner();
                self.streaming.insert(opened)
            }
        };
        streaming.message().await?.ok_or_else(Fault::ended)
    }
}

#[cfg(test)]
mod tests;
