//! Reading what statements say about people.

use bytes::Bytes;
use letopis_crypto::section::{CommitmentScope, commitment};
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as pb;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{Class, StreamKey, Version};
use tokio::time::timeout;
use tonic::{Request, Streaming};

use crate::client::LedgerClient;
use crate::convert::{stream, stream_message};
use crate::error::{ClientError, Distrust};
use crate::fault::Fault;
use crate::identity::TokenSigner;
use crate::read::History;

/// A section as its author committed to it.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedSection {
    /// The stream of its statement.
    pub stream: StreamKey,
    /// The statement's version in it.
    pub version: Version,
    /// Its place in the statement, from 0.
    pub index: u32,
    /// How closely it is guarded.
    pub class: Class,
    /// What is in it.
    pub payload_type: String,
    /// The content; `None`: erased.
    pub content: Option<Bytes>,
}

impl std::fmt::Debug for OpenedSection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenedSection")
            .field("stream", &self.stream)
            .field("version", &self.version)
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

impl LedgerClient {
    /// Asks for the sections of streams (1 to 200, each once), of these classes (none: all), in the
    /// name of this reader. The reader's own token proves the request; the reading is on the record
    /// before anything of it comes. The statements that the sections are compared with are read as
    /// every other call of this client ([`Self::as_caller`]). A signer that may wait does so on the
    /// thread that polls this.
    ///
    /// Asked again only where the ledger said that it did nothing: every reading is recorded, and
    /// whoever asks twice has read twice.
    ///
    /// # Errors
    /// [`crate::Usage::NoTokenKey`], or what the signer says; [`ClientError::Refused`];
    /// [`ClientError::Unavailable`], when the reading may be on the record.
    pub async fn read_sections(
        &self,
        reader: &dyn TokenSigner,
        streams: &[StreamKey],
        classes: &[Class],
        purpose: Purpose,
    ) -> Result<SectionReader, ClientError> {
        let message = pb::ReadSectionsRequest {
            streams: streams.iter().map(stream_message).collect(),
            classes: classes.iter().map(|class| *class as i32).collect(),
        };
        let mut backoff = self.caller.backoff();
        loop {
            let request =
                self.caller.request_as(reader, purpose, self.ledger(), message.clone())?;
            match self.open_sections(request).await {
                Ok(streaming) => {
                    return Ok(SectionReader {
                        client: self.clone(),
                        streaming,
                        streams: streams.to_vec(),
                        classes: classes.to_vec(),
                        history: None,
                        last: None,
                        is_over: false,
                    });
                }
                Err(fault) if did_nothing(&fault) => backoff.after(fault).await?,
                Err(fault) => return Err(not_again(fault)),
            }
        }
    }

    async fn open_sections(
        &self,
        request: Request<pb::ReadSectionsRequest>,
    ) -> Result<Streaming<pb::ReadSectionsResponse>, Fault> {
        let mut grpc = self.caller.grpc.clone();
        match timeout(self.caller.options.timeout, grpc.read_sections(request)).await {
            Ok(answer) => Ok(answer?.into_inner()),
            Err(_) => Err(Fault::deadline()),
        }
    }
}

/// The ledger says that it did nothing of what it was asked.
pub(crate) const fn did_nothing(fault: &Fault) -> bool {
    matches!(fault, Fault::Again { reason: Reason::Overloaded | Reason::ShuttingDown, .. })
}

/// What is told where it is not asked again.
pub(crate) fn not_again(fault: Fault) -> ClientError {
    match fault {
        Fault::Refused(refused) => refused.into(),
        Fault::Own(usage) => usage.into(),
        Fault::Again { reason, message, .. } => {
            ClientError::Unavailable { attempts: 1, reason, message }
        }
    }
}

/// Sections as they come, each compared with what its author signed.
#[derive(Debug)]
pub struct SectionReader {
    client: LedgerClient,
    streaming: Streaming<pb::ReadSectionsResponse>,
    streams: Vec<StreamKey>,
    classes: Vec<Class>,
    /// Of the stream that is being read.
    history: Option<History>,
    /// Place of the stream in the request, version and index of the last one.
    last: Option<(usize, Version, u32)>,
    is_over: bool,
}

impl SectionReader {
    /// The next section, in the order of streams, versions and indices; `None` after the last.
    /// After an error the reading is over.
    ///
    /// What is not given is not told apart from what may not be given: a statement's own list of
    /// sections says what there is.
    pub async fn next(&mut self) -> Option<Result<OpenedSection, ClientError>> {
        if self.is_over {
            return None;
        }
        let next = self.advance().await.transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }

    async fn advance(&mut self) -> Result<Option<OpenedSection>, ClientError> {
        let limit = self.client.caller.options.timeout;
        let message = match timeout(limit, self.streaming.message()).await {
            Ok(Ok(Some(message))) => message,
            Ok(Ok(None)) => return Ok(None),
            Ok(Err(status)) => return Err(not_again(status.into())),
            Err(_) => return Err(not_again(Fault::deadline())),
        };
        let missing = Distrust::Malformed { what: "there is no section" };
        let section = message.section.ok_or(missing)?;
        let opened = self.place(&section)?;
        self.load(&opened).await?;
        self.check(&opened, &section)?;
        Ok(Some(opened))
    }

    /// It was asked for, and comes after the last one.
    fn place(&mut self, section: &pb::OpenedSection) -> Result<OpenedSection, Distrust> {
        let malformed = |what| Distrust::Malformed { what };
        let stream = stream(section.stream.as_ref());
        let at = self.streams.iter().position(|asked| Some(*asked) == stream);
        let class = Class::from_number(section.class.into())
            .filter(|class| self.classes.is_empty() || self.classes.contains(class));
        let (Some(stream), Some(at), Some(class)) = (stream, at, class) else {
            return Err(malformed("a section that was not asked for"));
        };
        let place = (at, Version(section.version), section.index);
        if self.last.replace(place).is_some_and(|last| last >= place) {
            return Err(malformed("sections are not in their order"));
        }
        Ok(OpenedSection {
            stream,
            version: place.1,
            index: place.2,
            class,
            payload_type: section.payload_type.clone(),
            content: section.content.clone(),
        })
    }

    /// Has the statement at hand.
    async fn load(&mut self, section: &OpenedSection) -> Result<(), ClientError> {
        let is_at_hand = |history: &History| {
            history.stream == section.stream && section.version <= history.version
        };
        if !self.history.as_ref().is_some_and(is_at_hand) {
            self.history = Some(self.client.read_stream(&section.stream).await?);
        }
        Ok(())
    }

    /// The statement commits to just this.
    fn check(&self, opened: &OpenedSection, section: &pb::OpenedSection) -> Result<(), Distrust> {
        let OpenedSection { stream, version, index, class, .. } = *opened;
        let wrong = |what| Distrust::Section { stream, version, index, what };
        let history = self.history.as_ref().ok_or_else(|| wrong("no such stream"))?;
        let event = history.at(version).ok_or_else(|| wrong("no such version"))?;
        let (nonce, signed) =
            event.section(index as usize).ok_or_else(|| wrong("no such section"))?;
        if signed.class != class as i32 {
            return Err(wrong("class"));
        }
        if signed.payload_type != opened.payload_type {
            return Err(wrong("payload type"));
        }
        let Some(content) = &opened.content else { return Ok(()) };
        let salt = (&*section.salt).try_into().map_err(|_| wrong("salt"))?;
        let scope = CommitmentScope { nonce, index, class, payload_type: &opened.payload_type };
        if *commitment(&scope, salt, content).as_ref() != *signed.commitment {
            return Err(wrong("content"));
        }
        Ok(())
    }
}
