//! Reading sections: the reading is on the record before the content leaves.

use letopis_crypto::section::{CommitmentScope, SealScope, commitment, open, sealed_key_id};
use letopis_domain::Statement;
use letopis_domain::fact::SectionsRead;
use letopis_log::Link;
use letopis_proto::statement::v1 as proto;
use letopis_record::StoredEvent;
use letopis_types::{ActorId, Class, EventId, Sequence, StreamKey, StreamKind, Version};
use letopis_vault::KeyId;
use prost::Message as _;
use zeroize::Zeroizing;

use crate::error::{LedgerError, NotFound};
use crate::ledger::Ledger;
use crate::read::EventRef;
use crate::sequencer::read;
use crate::submission::{Submission, parse};
use crate::token::{self, Call, Caller};

/// The most bytes that what was released takes in a statement of 64 KiB; the rest is for the token
/// and what every statement has.
const RELEASED_BYTES_MAX: usize = 60 * 1024;

/// The most bytes that an event takes there beside one for each index: tags, lengths, version.
const RELEASE_BYTES: usize = 16;

/// A section, opened.
pub struct OpenedSection {
    /// The event's stream.
    pub stream: StreamKey,
    /// The event's version in it.
    pub version: Version,
    /// The section's index.
    pub index: u32,
    /// Its class.
    pub class: Class,
    /// What is in it.
    pub payload_type: String,
    /// The salt of its commitment.
    pub salt: [u8; 32],
    /// The content; zeroed when dropped.
    pub content: Zeroizing<Vec<u8>>,
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

/// What of an event is released.
#[derive(Debug, Clone)]
pub struct Release {
    pub(crate) stream: StreamKey,
    pub(crate) version: Version,
    pub(crate) sequence: Sequence,
    pub(crate) sections: Vec<u32>,
}

impl Ledger {
    /// Who makes this call. In a trial ledger any actor with a role in force may.
    ///
    /// # Errors
    /// [`LedgerError::Token`].
    pub fn check_caller(&self, token: Option<&str>, call: Call<'_>) -> Result<Caller, LedgerError> {
        let token = token.ok_or(token::TokenError::Missing)?;
        let (inner, now) = (&self.0, self.0.clock.now());
        let registry = read(&inner.registry);
        Ok(token::check(token, call, &inner.id, &registry, &inner.tokens, now)?)
    }

    /// What streams hold of some classes. Blocks.
    ///
    /// # Errors
    /// [`NotFound::Stream`].
    pub fn releases(
        &self,
        streams: &[StreamKey],
        classes: &[Class],
    ) -> Result<Vec<Release>, LedgerError> {
        let mut releases = Vec::new();
        for stream in streams {
            if self.0.state.stream(stream)?.is_none() {
                return Err(NotFound::Stream { stream: *stream }.into());
            }
            for position in self.0.state.positions(stream, Version::ZERO) {
                let (version, position) = position?;
                let (_, statement) = self.parsed(position.sequence)?;
                let wanted = (0..).zip(&statement.sections);
                let sections: Vec<u32> = wanted
                    .filter(|(_, section)| classes.contains(&section.class))
                    .map(|(index, _)| index)
                    .collect();
                if !sections.is_empty() {
                    let (stream, sequence) = (*stream, position.sequence);
                    releases.push(Release { stream, version, sequence, sections });
                }
            }
        }
        Ok(releases)
    }

    /// Commits the readings: one SectionsRead per stream (several where one can't hold them all).
    /// Once this has answered, what was released may leave.
    ///
    /// # Errors
    /// As [`Ledger::append`]: without the reading on the record nothing may be released.
    pub async fn record_reading(
        &self,
        caller: &Caller,
        releases: &[Release],
    ) -> Result<(), LedgerError> {
        let mut answers = Vec::new();
        for of_stream in releases.chunk_by(|a, b| a.stream == b.stream) {
            for part in parts(of_stream) {
                let submission = self.reading(caller, part)?;
                let prepared = crate::submission::prepare(submission)?;
                answers.push(self.submit(prepared).await?);
            }
        }
        for answer in answers {
            answer.await?;
        }
        Ok(())
    }

    fn reading(&self, caller: &Caller, released: &[Release]) -> Result<Submission, LedgerError> {
        let first = released.first().ok_or(NotFound::Event)?.stream;
        let fact = proto::SectionsRead {
            reader: caller.actor.0.to_vec(),
            purpose: caller.purpose.into(),
            token: caller.token.clone().into_bytes(),
            kind: first.kind as i32,
            released: released
                .iter()
                .map(|release| proto::ReleasedSections {
                    version: release.version.0,
                    sections: release.sections.clone(),
                })
                .collect(),
        };
        self.own_statement(
            StreamKey { kind: StreamKind::Access, id: first.id },
            proto::fact::Kind::SectionsRead(fact),
        )
    }

    /// A statement of the ledger itself, signed with its statement key.
    fn own_statement(
        &self,
        stream: StreamKey,
        kind: proto::fact::Kind,
    ) -> Result<Submission, LedgerError> {
        let keys = &self.0.keys;
        let mut random = [0; 42];
        getrandom::fill(&mut random).map_err(LedgerError::record)?;
        let (nonce, for_id) = random.split_at(32);
        let now = self.0.clock.now();
        let statement = proto::Statement {
            ledger: self.0.id.0.to_vec(),
            event_id: event_id(now.0 / 1_000_000, for_id).0.to_vec(),
            stream: Some(proto::Stream { kind: stream.kind as i32, id: stream.id.0.to_vec() }),
            signers: vec![proto::Signer {
                actor: ActorId::LEDGER.0.to_vec(),
                public_key: keys.statement.public().0.to_vec(),
                grant: self.0.genesis_hash.0.to_vec(),
            }],
            seen: None,
            occurred_at: Some(proto::OccurredAt {
                seconds: now.seconds(),
                nanos: now.subsec_nanos(),
                offset_minutes: 0,
                precision: proto::Precision::Second.into(),
                knowledge: proto::Knowledge::Witnessed.into(),
            }),
            nonce: nonce.to_vec(),
            references: Vec::new(),
            sections: Vec::new(),
            fact: Some(proto::Fact { kind: Some(kind) }),
        }
        .encode_to_vec();
        let signature = keys.statement.sign_statement(&statement);
        let signatures = vec![signature.0.to_vec()];
        Ok(Submission { statement, signatures, sections: Vec::new() })
    }

    /// Opens what was released, and compares each section with its commitment. Blocks.
    ///
    /// # Errors
    /// Where the vault does not open it, or it is not what was signed.
    pub fn open_released(&self, release: &Release) -> Result<Vec<OpenedSection>, LedgerError> {
        let (event, statement) = self.parsed(release.sequence)?;
        release
            .sections
            .iter()
            .map(|index| self.open_section(&event, &statement, release.version, *index))
            .collect()
    }

    fn parsed(&self, sequence: Sequence) -> Result<(StoredEvent, Statement), LedgerError> {
        let (event, _) = self.event(EventRef::Sequence(sequence))?;
        let statement = parse(&event.statement)?;
        Ok((event, statement))
    }

    fn open_section(
        &self,
        event: &StoredEvent,
        statement: &Statement,
        version: Version,
        index: u32,
    ) -> Result<OpenedSection, LedgerError> {
        let at = index as usize;
        let (section, sealed) = statement
            .sections
            .get(at)
            .zip(event.sealed.get(at))
            .ok_or_else(|| LedgerError::record("a section has no sealed bytes"))?;
        let key_id = sealed_key_id(sealed)
            .ok_or_else(|| LedgerError::record("sealed bytes have no key id"))?;
        let key = self
            .0
            .vault
            .key(&KeyId(key_id))?
            .ok_or_else(|| LedgerError::record("a data key is not in the vault"))?;
        let Link { statement_hash, .. } = event.link;
        let scope = SealScope {
            ledger: &self.0.id,
            stream: &statement.stream,
            class: section.class,
            statement_hash: &statement_hash,
            index,
        };
        let opened = open(key.as_bytes(), &scope, sealed).map_err(LedgerError::record)?;
        let scope = CommitmentScope {
            nonce: &statement.nonce,
            index,
            class: section.class,
            payload_type: &section.payload_type,
        };
        if commitment(&scope, &opened.salt, opened.content()) != section.commitment {
            return Err(LedgerError::record("a section is not what was signed"));
        }
        Ok(OpenedSection {
            stream: statement.stream,
            version,
            index,
            class: section.class,
            payload_type: section.payload_type.clone(),
            salt: opened.salt,
            content: Zeroizing::new(opened.content().to_vec()),
        })
    }
}

/// Splits what was released of a stream so that each part fits into one statement.
fn parts(mut released: &[Release]) -> Vec<&[Release]> {
    let mut parts = Vec::new();
    while !released.is_empty() {
        let mut bytes = 0;
        let fits = |release: &&Release| {
            bytes += RELEASE_BYTES + release.sections.len();
            bytes <= RELEASED_BYTES_MAX
        };
        let count = released.iter().take(SectionsRead::RELEASED_MAX).take_while(fits).count();
        // INVARIANT: an event has at most 32 sections, so that at least one fits.
        let (part, rest) = released.split_at(count.max(1));
        parts.push(part);
        released = rest;
    }
    parts
}

/// A UUIDv7 from a time in milliseconds and 10 random bytes.
fn event_id(millis: u64, random: &[u8]) -> EventId {
    let mut bytes = [0; 10];
    for (to, from) in bytes.iter_mut().zip(random) {
        *to = *from;
    }
    EventId(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().into_bytes())
}
