//! The typed statement: what its author signed, with the form that the format asks for.

use letopis_proto::KindInfo;
use letopis_proto::statement::v1 as proto;
use letopis_types::{ActorId, Class, Digest, EventId, LedgerId, PublicKey, StreamKey, Version};

use crate::fact::Fact;
use crate::form::{self, FormError, at_most, fixed, in_range, optional_fixed, required};

/// The most signers of a statement.
pub const SIGNERS_MAX: usize = 16;

/// The most sections of a statement.
pub const SECTIONS_MAX: usize = 32;

/// The most references of a statement.
pub const REFERENCES_MAX: usize = 64;

/// Seconds of the years 1 to 9999.
pub(crate) const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// What an author signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The ledger that it is for; `None` exactly in a genesis.
    pub ledger: Option<LedgerId>,
    /// Its id in its stream.
    pub event_id: EventId,
    /// The stream in which it stands.
    pub stream: StreamKey,
    /// Who signs, strictly ascending by public key; at least one.
    pub signers: Vec<Signer>,
    /// The head that the author had before them.
    pub seen: Option<Seen>,
    /// When it happened, as the author states it.
    pub occurred_at: OccurredAt,
    /// Random bytes that keep commitments apart.
    pub nonce: [u8; 32],
    /// Ties to what the record holds already.
    pub references: Vec<Reference>,
    /// Commitments to what it says about people.
    pub sections: Vec<Section>,
    /// What happened.
    pub fact: Fact,
}

/// One signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer {
    /// The actor.
    pub actor: ActorId,
    /// The key.
    pub key: PublicKey,
    /// The statement hash of the role grant acted under.
    pub grant: Option<Digest>,
}

/// The head of a stream that an author had before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How many statements the stream had; never 0.
    pub version: Version,
    /// The head after that many.
    pub head: Digest,
}

/// When something happened, as its author states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OccurredAt {
    /// The instant, and the offset of the author's civil time.
    pub instant: Instant,
    /// How exact it is.
    pub precision: proto::Precision,
    /// How the author knows.
    pub knowledge: proto::Knowledge,
}

/// An instant with the offset of the civil time in which it was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant {
    /// Seconds since 1970 UTC, within the years 1 to 9999.
    pub seconds: i64,
    /// Nanoseconds beyond them.
    pub nanos: u32,
    /// Minutes east of UTC.
    pub offset_minutes: i32,
}

/// A tie to a statement that the record holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// What ties them.
    pub relation: proto::Relation,
    /// The other one's stream.
    pub stream: StreamKey,
    /// The other one's hash.
    pub statement_hash: Digest,
}

/// A commitment to a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// How closely it is guarded.
    pub class: Class,
    /// What is in it.
    pub payload_type: String,
    /// The commitment.
    pub commitment: Digest,
}

impl Section {
    /// The name of its payload type, without the version: `danger` of `danger/1`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.payload_type.split('/').next().unwrap_or_default()
    }
}

impl Statement {
    /// From the parsed message. The caller has checked that its bytes are canonical.
    ///
    /// # Errors
    /// The first field that is not as it must be.
    pub fn from_proto(message: &proto::Statement) -> Result<Self, FormError> {
        let fact = Fact::from_proto(required(message.fact.as_ref(), "fact")?)?;
        let stream = form::stream(required(message.stream.as_ref(), "stream")?, "stream")?;
        check_stream(&fact, &stream)?;
        let ledger = optional_fixed(&message.ledger, "ledger")?.map(LedgerId);
        match (&fact, ledger) {
            (Fact::Genesis(_), Some(_)) => {
                return Err(FormError::Range { field: "ledger", allowed: "absent in a genesis" });
            }
            (Fact::Genesis(_), None) => {}
            (_, None) => return Err(FormError::Missing { field: "ledger" }),
            (_, Some(_)) => {}
        }
        let event_id = EventId(fixed(&message.event_id, "event_id")?);
        if !event_id.is_well_formed() {
            return Err(FormError::EventId);
        }
        Ok(Self {
            ledger,
            event_id,
            stream,
            signers: signers(&message.signers)?,
            seen: message.seen.as_ref().map(seen).transpose()?,
            occurred_at: occurred_at(required(message.occurred_at.as_ref(), "occurred_at")?)?,
            nonce: fixed(&message.nonce, "nonce")?,
            references: references(&message.references)?,
            sections: sections(&message.sections)?,
            fact,
        })
    }

    /// What the ledger has to know of its kind of fact.
    #[must_use]
    pub fn kind(&self) -> &'static KindInfo {
        self.fact.kind()
    }
}

/// The kind of fact stands in this kind of stream.
fn check_stream(fact: &Fact, stream: &StreamKey) -> Result<(), FormError> {
    let kind = fact.kind();
    if kind.streams.contains(&stream.kind.number()) {
        Ok(())
    } else {
        Err(FormError::Stream { kind: kind.name })
    }
}

fn signers(messages: &[proto::Signer]) -> Result<Vec<Signer>, FormError> {
    at_most(messages.len(), SIGNERS_MAX, "signers")?;
    if messages.is_empty() {
        return Err(FormError::Missing { field: "signers" });
    }
    let signers: Vec<_> = messages
        .iter()
        .map(|message| {
            Ok(Signer {
                actor: ActorId(fixed(&message.actor, "signers.actor")?),
                key: PublicKey(fixed(&message.public_key, "signers.public_key")?),
                grant: optional_fixed(&message.grant, "signers.grant")?.map(Digest),
            })
        })
        .collect::<Result<_, FormError>>()?;
    if signers.is_sorted_by(|a, b| a.key < b.key) {
        Ok(signers)
    } else {
        Err(FormError::SignersNotSorted)
    }
}

fn seen(message: &proto::Seen) -> Result<Seen, FormError> {
    in_range(message.version > 0, "seen.version", "at least 1")?;
    Ok(Seen { version: Version(message.version), head: Digest(fixed(&message.head, "seen.head")?) })
}

fn occurred_at(message: &proto::OccurredAt) -> Result<OccurredAt, FormError> {
    let instant = instant(message.seconds, message.nanos, message.offset_minutes)?;
    let precision = proto::Precision::try_from(message.precision)
        .map_err(|_| FormError::Range { field: "occurred_at.precision", allowed: "a known one" })?;
    let knowledge = proto::Knowledge::try_from(message.knowledge)
        .map_err(|_| FormError::Range { field: "occurred_at.knowledge", allowed: "a known one" })?;
    Ok(OccurredAt { instant, precision, knowledge })
}

/// An instant within its bounds.
pub(crate) fn instant(seconds: i64, nanos: u32, offset_minutes: i32) -> Result<Instant, FormError> {
    in_range(SECONDS.contains(&seconds), "seconds", "the years 1 to 9999")?;
    in_range(nanos < 1_000_000_000, "nanos", "0 to 999999999")?;
    in_range((-1080..=1080).contains(&offset_minutes), "offset_minutes", "-1080 to 1080")?;
    Ok(Instant { seconds, nanos, offset_minutes })
}

fn references(messages: &[proto::Reference]) -> Result<Vec<Reference>, FormError> {
    at_most(messages.len(), REFERENCES_MAX, "references")?;
    messages
        .iter()
        .map(|message| {
            let stream = required(message.stream.as_ref(), "references.stream")?;
            Ok(Reference {
                relation: proto::Relation::try_from(message.relation).map_err(|_| {
                    FormError::Range { field: "references.relation", allowed: "a known one" }
                })?,
                stream: form::stream(stream, "references.stream")?,
                statement_hash: Digest(fixed(
                    &message.statement_hash,
                    "references.statement_hash",
                )?),
            })
        })
        .collect()
}

fn sections(messages: &[proto::Section]) -> Result<Vec<Section>, FormError> {
    at_most(messages.len(), SECTIONS_MAX, "sections")?;
    messages
        .iter()
        .enumerate()
        .map(|(index, message)| {
            let payload_type = &message.payload_type;
            let allowed =
                |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'/' | b'+' | b'-');
            if !(1..=64).contains(&payload_type.len()) || !payload_type.bytes().all(allowed) {
                return Err(FormError::PayloadType { index });
            }
            Ok(Section {
                class: form::class(message.class)?,
                payload_type: payload_type.clone(),
                commitment: Digest(fixed(&message.commitment, "sections.commitment")?),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
