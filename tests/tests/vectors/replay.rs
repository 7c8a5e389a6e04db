//! A whole log, event by event: what a verifier asks of a record, but for sealed sections and
//! policies.

use std::collections::{HashMap, HashSet};

use letopis_crypto::hash::{ledger_id, next_head, signatures_hash, statement_hash};
use letopis_crypto::sign::{STATEMENT_TYPE, check_enrollable, pae, verify};
use letopis_domain::clocks::Profiles;
use letopis_domain::file::{FileState, file_of, own_file, touched};
use letopis_domain::position::{self, PositionError, StreamHead};
use letopis_domain::procedure::{Around, Taken as TakenUnder, governs};
use letopis_domain::registry::{Placed, Registry};
use letopis_domain::{Fact, Refusal, Statement};
use letopis_log::Link;
use letopis_types::{
    Digest, EventId, LedgerId, Sequence, SignatureBytes, StreamKey, Timestamp, Version,
};
use serde_json::{Value, json};

use crate::check::{check_statement, hex, reason_name, signature_reason};

/// An event as a vector has it.
pub(crate) struct Event {
    pub(crate) recorded_at: Timestamp,
    pub(crate) statement: Vec<u8>,
    pub(crate) signatures: Vec<SignatureBytes>,
}

/// The output of a log. The fault of one must be its last event's.
pub(crate) fn run(events: &[Event]) -> Result<Value, String> {
    let mut replay = Replay::default();
    for (number, event) in events.iter().enumerate() {
        replay.take(event).map_err(|fault| {
            let is_last = number + 1 == events.len();
            if is_last { fault } else { format!("{fault}, at event {number} already") }
        })?;
    }
    Ok(replay.output())
}

#[derive(Default)]
struct Replay {
    ledger: Option<LedgerId>,
    last: Option<Link>,
    registry: Registry,
    files: HashMap<StreamKey, FileState>,
    streams: HashMap<StreamKey, Stream>,
    taken: Vec<Taken>,
}

struct Taken {
    statement: Statement,
    hash: Digest,
    marks: Vec<&'static str>,
}

#[derive(Default)]
struct Stream {
    /// The head after each version.
    heads: Vec<Digest>,
    event_ids: HashSet<EventId>,
    statements: HashSet<Digest>,
}

impl Stream {
    fn head(&self) -> StreamHead {
        let version = Version(self.heads.len() as u64);
        self.heads.last().map_or(StreamHead::NONE, |head| StreamHead { version, head: *head })
    }

    fn head_at(&self, version: Version) -> Option<Digest> {
        let index = version.0.checked_sub(1)?;
        self.heads.get(usize::try_from(index).ok()?).copied()
    }
}

impl Replay {
    fn take(&mut self, event: &Event) -> Result<(), String> {
        let statement = check_statement(&event.statement)?;
        check_signatures(event, &statement)?;
        let link = Link {
            sequence: Sequence(self.taken.len() as u64),
            recorded_at: event.recorded_at,
            previous: self.last.map_or(Digest::ZERO, |link| link.hash()),
            statement_hash: statement_hash(&event.statement),
            signatures_hash: signatures_hash(&event.signatures),
        };
        if self.last.is_some_and(|last| link.recorded_at < last.recorded_at) {
            return Err("link_time".to_owned());
        }
        let ledger = *self.ledger.get_or_insert_with(|| ledger_id(&event.statement));
        let placed = Placed {
            statement: &statement,
            statement_hash: link.statement_hash,
            sequence: link.sequence,
            recorded_at: link.recorded_at,
        };
        let signed = self.registry.decide(&placed, &ledger).map_err(reason)?;
        let present = self.check_place(&statement)?;
        self.check_profile(&statement)?;
        let file = own_file(&statement).and_then(|key| self.files.get(&key).cloned());
        let file = file.unwrap_or_default();
        // The rules of procedure are not replayed here: without a profile there are none.
        let none = Profiles::new();
        let around = Around { registry: &self.registry, profiles: &none, others: &[] };
        let filed = file.decide(&placed, present, &around).map_err(reason)?;
        let marks = [
            ("without_the_holder", is_without_the_holder(&statement)),
            ("on_expired_qualification", signed.expired_qualification),
            ("under_recusal", filed.under_recusal),
        ];
        let marks = marks.into_iter().filter(|(_, is)| *is).map(|(mark, _)| mark).collect();
        self.fold(&placed, Version(present.0 + 1), &ledger);
        self.last = Some(link);
        self.taken.push(Taken { hash: link.statement_hash, statement, marks });
        Ok(())
    }

    /// Before the first profile nothing about cases is recorded, save in a trial.
    fn check_profile(&self, statement: &Statement) -> Result<(), String> {
        let trial = self.registry.ledger().is_some_and(|ledger| ledger.genesis.trial);
        let adopted =
            self.taken.iter().any(|taken| matches!(taken.statement.fact, Fact::ProfileAdopted(_)));
        if trial || adopted || !governs(&statement.fact) {
            return Ok(());
        }
        Err("profile_missing".to_owned())
    }

    /// References and position; the version of the stream before it.
    fn check_place(&self, statement: &Statement) -> Result<Version, String> {
        for reference in &statement.references {
            let stream = self.streams.get(&reference.stream);
            if !stream.is_some_and(|stream| stream.statements.contains(&reference.statement_hash)) {
                return Err("reference_unknown".to_owned());
            }
        }
        let nothing = Stream::default();
        let stream = self.streams.get(&statement.stream).unwrap_or(&nothing);
        let (exclusive, head) = (statement.kind().exclusive, stream.head());
        position::decide::<PositionError>(exclusive, statement.seen, head, |version| {
            Ok(stream.head_at(version))
        })
        .map_err(reason)?;
        if stream.event_ids.contains(&statement.event_id) {
            return Err("event_id_taken".to_owned());
        }
        Ok(head.version)
    }

    fn fold(&mut self, placed: &Placed<'_>, version: Version, ledger: &LedgerId) {
        let statement = placed.statement;
        let own = own_file(statement).and_then(|key| self.files.get(&key).cloned());
        for key in touched(statement, &own.unwrap_or_default()) {
            let file = self.files.entry(key).or_default();
            let none = Profiles::new();
            let around = Around { registry: &self.registry, profiles: &none, others: &[] };
            file.evolve(&key, placed, version, &around, TakenUnder::default());
        }
        self.registry.evolve(placed, ledger);
        let stream = self.streams.entry(statement.stream).or_default();
        stream.heads.push(next_head(&stream.head().head, &placed.statement_hash));
        stream.event_ids.insert(statement.event_id);
        stream.statements.insert(placed.statement_hash);
    }

    /// Signed with a key that was compromised then, and endorsed by nobody else in its stream.
    fn is_disputed(&self, sequence: usize, taken: &Taken) -> bool {
        let signers = &taken.statement.signers;
        let file = file_of(&taken.statement.stream).and_then(|key| self.files.get(&key));
        let is_endorsed = file.is_some_and(|file| {
            file.endorsements.iter().any(|(endorsed, actor)| {
                *endorsed == taken.hash && signers.iter().all(|signer| signer.actor != *actor)
            })
        });
        self.registry.is_disputed(signers, Sequence(sequence as u64)) && !is_endorsed
    }

    fn output(&self) -> Value {
        let marks: Vec<_> = self
            .taken
            .iter()
            .enumerate()
            .map(|(sequence, taken)| {
                let mut marks = taken.marks.clone();
                marks.extend(self.is_disputed(sequence, taken).then_some("disputed"));
                marks
            })
            .collect();
        let last_link = self.last.map_or(Digest::ZERO, |link| link.hash());
        json!({"last_link": hex(last_link), "marks": marks})
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn reason(error: impl Refusal) -> String {
    reason_name(error.reason())
}

/// As many as there are signers, each valid; and no enrolled key has a torsion component.
fn check_signatures(event: &Event, statement: &Statement) -> Result<(), String> {
    let (signers, signatures) = (&statement.signers, &event.signatures);
    if signatures.len() < signers.len() {
        return Err("signature_missing".to_owned());
    }
    if signatures.len() > signers.len() {
        return Err("signature_extra".to_owned());
    }
    let message = pae(STATEMENT_TYPE, &event.statement);
    for (signer, signature) in signers.iter().zip(signatures) {
        verify(&signer.key, &message, signature)
            .map_err(|error| reason_name(signature_reason(error)))?;
    }
    for key in statement.fact.enrolled_keys() {
        check_enrollable(&key).map_err(|error| reason_name(signature_reason(error)))?;
    }
    Ok(())
}

/// A further key that was enrolled without a signature of its actor.
fn is_without_the_holder(statement: &Statement) -> bool {
    let is_further = matches!(statement.fact, Fact::KeyEnrolled(_) | Fact::KeyRotated(_));
    let enrolled = statement.fact.enrolled_keys();
    is_further
        && !statement.signers.iter().any(|signer| {
            signer.actor.0 == statement.stream.id.0 && !enrolled.contains(&signer.key)
        })
}
