//! Given what happened in the files, when a statement comes, then it is accepted or refused; and
//! what it changes.
//!
//! All people, agencies and ids are invented. Each one's key and grant repeat the actor's byte.

mod any_history;
mod changes;
mod refusals;

use std::collections::BTreeMap;

use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, Relation, Role};
use letopis_types::{EventId, LedgerId, PublicKey, Sequence};

use super::*;
use crate::Refusal as _;
use crate::clocks::Profiles;
use crate::fact::{
    AccessGranted, AccessRevoked, BreakGlassClosed, BreakGlassOpened, BreakGlassReviewed,
    CaseClosed, CaseOpened, DisclosureReceived, HandlerAssigned, InformationShared, LeadAssigned,
    LegalHoldLifted, RoleGranted, SectionsErased, ServiceReferred, SignalReceived, TeamConvened,
    TransferAccepted, TransferProposed, TransferRejected,
};
use crate::procedure::{Around, Taken};
use crate::registry::{Placed, Registry};
use crate::statement::{Instant, OccurredAt, Reference, Section, Signer};

const ID: LedgerId = LedgerId([0x1d; 32]);
/// When everything is recorded that says nothing else.
const START: u64 = 1_800_000_000;
const DAY: u64 = 24 * 3600;

/// The agencies, and the regions of their people.
const SOFIA: AgencyId = AgencyId([0xa0; 16]);
const VARNA: AgencyId = AgencyId([0xa1; 16]);
const SERVICE: AgencyId = AgencyId([0xa2; 16]);
const SOFIA_REGION: u32 = 7;
const VARNA_REGION: u32 = 9;

/// The data protection officer, of no agency and no region, whose key sorts before all others.
const OFFICER: ActorId = ActorId([0x01; 16]);
/// In Sofia: head of department, director, two social workers.
const HEAD: ActorId = ActorId([0x02; 16]);
const DIRECTOR: ActorId = ActorId([0x03; 16]);
const GALYA: ActorId = ActorId([0x04; 16]);
const DIMO: ActorId = ActorId([0x05; 16]);
/// In Varna, a social worker.
const ELENA: ActorId = ActorId([0x06; 16]);
/// A superior, of no agency, in a region.
const SUPERIOR: ActorId = ActorId([0x07; 16]);
/// Of a service.
const PROVIDER: ActorId = ActorId([0x08; 16]);
/// Handles complaints; everywhere.
const HANDLER: ActorId = ActorId([0x09; 16]);

const PEOPLE: [(ActorId, Role, Option<AgencyId>, Option<u32>); 9] = [
    (OFFICER, Role::DataProtectionOfficer, None, None),
    (HEAD, Role::HeadOfDepartment, Some(SOFIA), Some(SOFIA_REGION)),
    (DIRECTOR, Role::Director, Some(SOFIA), Some(SOFIA_REGION)),
    (GALYA, Role::SocialWorker, Some(SOFIA), Some(SOFIA_REGION)),
    (DIMO, Role::SocialWorker, Some(SOFIA), Some(SOFIA_REGION)),
    (ELENA, Role::SocialWorker, Some(VARNA), Some(VARNA_REGION)),
    (SUPERIOR, Role::Superior, None, Some(VARNA_REGION)),
    (PROVIDER, Role::Provider, Some(SERVICE), None),
    (HANDLER, Role::ComplaintHandler, Some(VARNA), None),
];

const CASE: StreamKey = StreamKey { kind: StreamKind::Case, id: StreamId([0xca; 16]) };
const PROTECTED: StreamKey = StreamKey { kind: StreamKind::Protected, ..CASE };
const OTHER_CASE: StreamKey = StreamKey { id: StreamId([0xcb; 16]), ..CASE };
const SIGNAL: StreamKey = StreamKey { kind: StreamKind::Signal, id: StreamId([0x51; 16]) };
const COMPLAINT: StreamKey = StreamKey { kind: StreamKind::Complaint, id: StreamId([0xc0; 16]) };
const PERSON: StreamKey = StreamKey { kind: StreamKind::Person, id: StreamId([0xbe; 16]) };
const STAFF: StreamKey = StreamKey { kind: StreamKind::Actor, id: StreamId(GALYA.0) };

fn hash(byte: u8) -> Digest {
    Digest([byte; 32])
}

fn signer(actor: ActorId) -> Signer {
    let byte = actor.0[0];
    Signer { actor, key: PublicKey([byte; 32]), grant: Some(hash(byte)) }
}

/// A statement in the making, with its place.
#[derive(Debug, Clone)]
struct Draft {
    statement: Statement,
    hash: Digest,
    at: Timestamp,
}

impl Draft {
    fn new(stream: StreamKey, fact: Fact) -> Self {
        let statement = Statement {
            ledger: Some(ID),
            event_id: EventId([7; 16]),
            stream,
            signers: Vec::new(),
            seen: None,
            occurred_at: OccurredAt {
                instant: Instant { seconds: 0, nanos: 0, offset_minutes: 0 },
                precision: proto::Precision::Second,
                knowledge: proto::Knowledge::Witnessed,
            },
            nonce: [0; 32],
            references: Vec::new(),
            sections: Vec::new(),
            fact,
        };
        Self { statement, hash: hash(0xff), at: Timestamp::from_seconds(START) }
    }

    fn by<const N: usize>(mut self, actors: [ActorId; N]) -> Self {
        self.statement.signers = actors.map(signer).into();
        self.statement.signers.sort_unstable_by_key(|signer| signer.key);
        self
    }

    fn hashed(mut self, byte: u8) -> Self {
        self.hash = hash(byte);
        self
    }

    fn at(mut self, seconds: u64) -> Self {
        self.at = Timestamp::from_seconds(seconds);
        self
    }

    fn to(mut self, relation: Relation, stream: StreamKey, byte: u8) -> Self {
        let statement_hash = hash(byte);
        self.statement.references.push(Reference { relation, stream, statement_hash });
        self
    }

    fn with_section(mut self, payload_type: &str) -> Self {
        let (class, commitment) = (Class::Restricted, hash(0xc0));
        let payload_type = payload_type.to_owned();
        self.statement.sections.push(Section { class, payload_type, commitment });
        self
    }

    fn placed(&self) -> Placed<'_> {
        Placed {
            statement: &self.statement,
            statement_hash: self.hash,
            sequence: Sequence(100),
            recorded_at: self.at,
        }
    }
}

/// Everybody with a role, and the files.
#[derive(Debug, Clone)]
struct Given {
    registry: Registry,
    files: BTreeMap<StreamKey, FileState>,
    versions: BTreeMap<StreamKey, u64>,
}

/// A history of files, each statement of which must have been taken.
#[track_caller]
fn given(history: impl IntoIterator<Item = Draft>) -> Given {
    let mut registry = Registry::default();
    for (actor, role, agency, region) in PEOPLE {
        let (from_seconds, until_seconds) = (None, None);
        let fact = RoleGranted { role, agency, region, from_seconds, until_seconds };
        let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(actor.0) };
        let draft = Draft::new(stream, Fact::RoleGranted(fact)).hashed(actor.0[0]);
        registry.evolve(&draft.placed(), &ID);
    }
    let given = Given { registry, files: BTreeMap::new(), versions: BTreeMap::new() };
    history.into_iter().fold(given, Given::then_given)
}

impl Given {
    fn file(&self, key: StreamKey) -> FileState {
        self.files.get(&key).cloned().unwrap_or_default()
    }

    fn present(&self, stream: StreamKey) -> Version {
        Version(self.versions.get(&stream).copied().unwrap_or(0))
    }

    fn decide(&self, draft: &Draft) -> Result<FileMarks, FileError> {
        let stream = draft.statement.stream;
        let file = file_of(&stream).map(|key| self.file(key)).unwrap_or_default();
        let profiles = Profiles::new();
        let around = Around { registry: &self.registry, profiles: &profiles, others: &[] };
        file.decide(&draft.placed(), self.present(stream), &around)
    }

    fn when(&self, draft: Draft) -> Then {
        Then(self.decide(&draft))
    }

    /// The history goes on.
    #[track_caller]
    fn then_given(mut self, draft: Draft) -> Self {
        let taken = self.decide(&draft);
        assert!(taken.is_ok(), "{:?}: {taken:?}", draft.statement.fact);
        self.evolve(&draft);
        self
    }

    /// The files that changed.
    fn evolve(&mut self, draft: &Draft) -> Vec<StreamKey> {
        let version = self.versions.entry(draft.statement.stream).or_default();
        *version += 1;
        let version = Version(*version);
        let mut changed = Vec::new();
        let own = own_file(&draft.statement).and_then(|key| self.files.get(&key).cloned());
        for key in touched(&draft.statement, &own.unwrap_or_default()) {
            let file = self.files.entry(key).or_default();
            let before = file.clone();
            let profiles = Profiles::new();
            let around = Around { registry: &self.registry, profiles: &profiles, others: &[] };
            let says = file.evolve(&key, &draft.placed(), version, &around, Taken::default());
            assert!(says || *file == before, "a change that is not said: {key:?}");
            if says {
                changed.push(key);
            }
        }
        changed
    }
}

struct Then(Result<FileMarks, FileError>);

impl Then {
    #[track_caller]
    fn accepted(self) {
        assert_eq!(self.0, Ok(FileMarks::default()));
    }

    #[track_caller]
    fn under_recusal(self) {
        assert_eq!(self.0, Ok(FileMarks { under_recusal: true }));
    }

    #[track_caller]
    fn refused(self, why: FileError) {
        assert_eq!(self.0, Err(why));
    }
}

fn note() -> Draft {
    Draft::new(CASE, Fact::NoteAdded(proto::NoteAdded {})).by([GALYA])
}

/// By the head, held by Sofia, led by Galya.
fn case_opened() -> Draft {
    let fact = CaseOpened { holder: SOFIA, lead: GALYA };
    Draft::new(CASE, Fact::CaseOpened(fact)).by([HEAD]).hashed(0x20)
}

fn signal_received() -> Draft {
    let fact = SignalReceived {
        children: vec![StreamId([0xc1; 16])],
        channel: proto::SignalChannel::Written,
        track: proto::Track::General,
        anonymous: false,
    };
    Draft::new(SIGNAL, Fact::SignalReceived(fact)).by([GALYA]).hashed(0x21)
}

fn complaint_lodged() -> Draft {
    Draft::new(COMPLAINT, Fact::ComplaintLodged(proto::ComplaintLodged {}))
        .by([HANDLER])
        .hashed(0x22)
}

fn conflict_declared(actor: ActorId) -> Draft {
    Draft::new(PROTECTED, Fact::ConflictDeclared(proto::ConflictDeclared {})).by([actor])
}

fn endorsed(byte: u8) -> Draft {
    Draft::new(CASE, Fact::Endorsed(proto::Endorsed {})).by([DIMO]).to(
        Relation::Endorses,
        CASE,
        byte,
    )
}

/// By the head, to Elena, for a day.
fn access_granted() -> Draft {
    let fact = AccessGranted {
        reader: ELENA,
        classes: vec![Class::Normal, Class::Restricted],
        purpose: Purpose::Court,
        until_seconds: (START + DAY) as i64,
        complaint: None,
    };
    Draft::new(CASE, Fact::AccessGranted(fact)).by([HEAD]).hashed(0x23)
}

/// Of the reporter's identity, to the handler.
fn reporter_granted() -> Draft {
    let fact = AccessGranted {
        reader: HANDLER,
        classes: vec![Class::VeryRestricted],
        purpose: Purpose::ComplaintReview,
        until_seconds: (START + DAY) as i64,
        complaint: Some(COMPLAINT.id),
    };
    Draft::new(SIGNAL, Fact::AccessGranted(fact)).by([OFFICER, SUPERIOR]).hashed(0x24)
}

fn access_revoked(byte: u8) -> Draft {
    Draft::new(CASE, Fact::AccessRevoked(AccessRevoked { granted: hash(byte) })).by([GALYA])
}

/// By Elena, for a day, with its danger.
fn break_glass() -> Draft {
    let fact =
        BreakGlassOpened { classes: vec![Class::Restricted], until_seconds: (START + DAY) as i64 };
    Draft::new(CASE, Fact::BreakGlassOpened(fact)).by([ELENA]).with_section("danger/1").hashed(0x25)
}

fn glass_closed(byte: u8) -> Draft {
    Draft::new(CASE, Fact::BreakGlassClosed(BreakGlassClosed { opened: hash(byte) })).by([ELENA])
}

fn glass_reviewed(byte: u8) -> Draft {
    let fact = BreakGlassReviewed { opened: hash(byte), justified: true };
    Draft::new(CASE, Fact::BreakGlassReviewed(fact)).by([OFFICER, HEAD])
}

/// To an agency or an actor: section 1 of the case's first event.
fn shared(receiver: ReceiverId, until_seconds: Option<i64>) -> Draft {
    let shared = vec![Released { version: Version(1), sections: vec![1] }];
    let fact = InformationShared { receiver, shared, until_seconds };
    Draft::new(CASE, Fact::InformationShared(fact)).by([GALYA]).hashed(0x26)
}

fn referred() -> Draft {
    let shared = vec![Released { version: Version(1), sections: vec![1] }];
    let fact = ServiceReferred { provider: SERVICE.0, shared };
    Draft::new(CASE, Fact::ServiceReferred(fact)).by([GALYA]).hashed(0x27)
}

fn received(byte: u8) -> Draft {
    let fact = DisclosureReceived { shared: hash(byte) };
    Draft::new(CASE, Fact::DisclosureReceived(fact)).by([PROVIDER])
}

fn hold_set(stream: StreamKey) -> Draft {
    Draft::new(stream, Fact::LegalHoldSet(proto::LegalHoldSet {})).by([OFFICER]).hashed(0x28)
}

fn hold_lifted(stream: StreamKey, byte: u8) -> Draft {
    let fact = LegalHoldLifted { set: hash(byte) };
    Draft::new(stream, Fact::LegalHoldLifted(fact)).by([OFFICER])
}

fn erased(stream: StreamKey, what: SectionsErased) -> Draft {
    Draft::new(stream, Fact::SectionsErased(what)).by([OFFICER, DIRECTOR]).hashed(0x29)
}

fn proposed(to: AgencyId, byte: u8) -> Draft {
    let fact = TransferProposed { to };
    Draft::new(CASE, Fact::TransferProposed(fact)).by([HEAD]).hashed(byte)
}

fn accepted(byte: u8) -> Draft {
    let fact = TransferAccepted { proposed: hash(byte) };
    Draft::new(CASE, Fact::TransferAccepted(fact)).by([ELENA])
}

fn rejected(byte: u8) -> Draft {
    let fact = TransferRejected { proposed: hash(byte) };
    Draft::new(CASE, Fact::TransferRejected(fact)).by([ELENA])
}

fn closed() -> Draft {
    Draft::new(CASE, Fact::CaseClosed(CaseClosed { observed: false, settled: Vec::new() }))
        .by([GALYA])
}

fn now() -> Timestamp {
    Timestamp::from_seconds(START)
}

#[test]
fn a_case_and_its_protected_and_clocks_streams_are_one_file() {
    use StreamKind::{Access, Actor, Case, Clocks, Complaint, Person, Protected, Root, Signal};
    let id = StreamId([9; 16]);
    let of = |kind| file_of(&StreamKey { kind, id });
    for kind in [Case, Protected, Clocks] {
        assert_eq!(of(kind), Some(StreamKey { kind: Case, id }));
    }
    for kind in [Actor, Signal, Person, Complaint] {
        assert_eq!(of(kind), Some(StreamKey { kind, id }));
    }
    assert_eq!(of(Access), None);
    assert_eq!(file_of(&StreamKey::ROOT), None);
    assert_eq!(of(Root), None);
}

#[test]
fn a_statement_changes_its_own_file_and_those_that_it_is_tied_to() {
    let tied = |draft: Draft| {
        let draft = draft
            .to(Relation::BasedOn, SIGNAL, 1)
            .to(Relation::ComplainsOf, OTHER_CASE, 2)
            .to(Relation::BasedOn, OTHER_CASE, 3)
            .to(Relation::BasedOn, PERSON, 4)
            .to(Relation::BasedOn, StreamKey::ROOT, 5)
            .to(Relation::BasedOn, StreamKey { kind: StreamKind::Access, ..CASE }, 6);
        touched(&draft.statement, &FileState::default())
    };
    assert_eq!(tied(case_opened()), [CASE, OTHER_CASE, SIGNAL, PERSON]);
    assert_eq!(tied(complaint_lodged()), [OTHER_CASE, COMPLAINT]);
    // Of no other kind do references matter.
    assert_eq!(tied(note()), [CASE]);
    assert_eq!(tied(conflict_declared(GALYA)), [CASE]);
    assert_eq!(tied(signal_received()), [SIGNAL]);
    let root = Draft::new(StreamKey::ROOT, Fact::BreachRecorded(proto::BreachRecorded {}));
    // But in its own: the root's file is what the procedure folds there.
    assert_eq!(tied(root), [StreamKey::ROOT]);
}

/// One of each refusal, with its public reason and the particulars that the reason's text promises.
#[test]
fn every_refusal_has_its_reason() {
    let kind = "NoteAdded";
    let cases = [
        (FileError::Conflict { actor: GALYA }, Reason::ConflictDeclared, vec!["actor"]),
        (FileError::NotInForce { field: "set" }, Reason::NotInForce, vec!["field"]),
        (
            FileError::RoleWrong { kind, needs: "the receiver" },
            Reason::RoleWrong,
            vec!["kind", "needs"],
        ),
        (FileError::DangerMissing, Reason::DangerMissing, vec![]),
        (FileError::Term { allowed: "later than now" }, Reason::TermInvalid, vec!["field"]),
        (FileError::OwnCause { kind }, Reason::SelfReview, vec!["kind"]),
        (FileError::EventUnknown { field: "section" }, Reason::SectionUnknown, vec!["field"]),
        (FileError::LegalHold, Reason::LegalHold, vec![]),
        (FileError::EndorsesNothing, Reason::FieldMissing, vec!["field"]),
    ];
    for (error, reason, names) in cases {
        assert_eq!(error.reason(), reason, "{error}");
        let particulars: Vec<_> = error.particulars().into_iter().map(|(name, _)| name).collect();
        assert_eq!(particulars, names, "{error}");
    }
}
