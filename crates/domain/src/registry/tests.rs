//! Given what the registry took in, when a statement comes, then it is accepted or refused.
//!
//! All actors are invented. Each one's first key and first grant repeat the actor's byte.

mod any_history;
mod beginning;
mod delegation;
mod keys;
mod narrowing;
mod needs;
mod policy;
mod qualifications;
mod roles;
mod rotation;
mod signers;
mod suspension;

use letopis_proto::statement::v1 as proto;
use letopis_types::{EventId, StreamId, StreamKey, StreamKind, Version};

use super::*;
use crate::Refusal as _;
use crate::fact::{
    ActorEnrolled, CaseClosed, CaseOpened, DutyRosterSet, EnrolledKey, Fact, HistoryImported,
    KeyCompromised, KeyEnrolled, KeyReinstated, KeyRevoked, KeyRotated, KeySuspended,
    PolicyAdopted, QualificationExpired, QualificationVerified, Registrar, Released, RoleDelegated,
    RoleEnded, RoleGranted, SectionsRead, SignalReceived,
};
use crate::statement::{Instant, OccurredAt};

const ID: LedgerId = LedgerId([0x1d; 32]);
const GENESIS: Digest = Digest([0x6e; 32]);
const STATEMENT_KEY: PublicKey = PublicKey([0xe0; 32]);
const CHECKPOINT_KEY: PublicKey = PublicKey([0xe1; 32]);

/// The registrars of the genesis.
const ANNA: ActorId = ActorId([1; 16]);
const BORIS: ActorId = ActorId([2; 16]);
const VERA: ActorId = ActorId([3; 16]);
/// A social worker.
const GALYA: ActorId = ActorId([4; 16]);
/// A registrar by a grant.
const DIMO: ActorId = ActorId([5; 16]);
/// Head of the department, its director, and the data protection officer.
const ELENA: ActorId = ActorId([6; 16]);
const FILIP: ActorId = ActorId([7; 16]);
const ZORA: ActorId = ActorId([8; 16]);
/// Nobody was told of.
const STRANGER: ActorId = ActorId([9; 16]);

const DAY: u64 = 24 * 3600;
/// When everything is recorded that says nothing else.
const START: u64 = 1_800_000_000;

fn key_of(actor: ActorId) -> PublicKey {
    PublicKey([actor.0[0]; 32])
}

fn grant_of(actor: ActorId) -> Digest {
    Digest([actor.0[0]; 32])
}

fn under(actor: ActorId, grant: Digest) -> Signer {
    Signer { actor, key: key_of(actor), grant: Some(grant) }
}

fn registrar(actor: ActorId) -> Signer {
    under(actor, GENESIS)
}

fn granted(actor: ActorId) -> Signer {
    under(actor, grant_of(actor))
}

fn ledger() -> Signer {
    Signer { actor: ActorId::LEDGER, key: STATEMENT_KEY, grant: Some(GENESIS) }
}

fn own_enrolment(actor: ActorId, key: PublicKey) -> Signer {
    Signer { actor, key, grant: None }
}

/// A statement in the making, with its place.
#[derive(Debug, Clone)]
struct Draft {
    statement: Statement,
    hash: Digest,
    sequence: Sequence,
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
        Self {
            statement,
            hash: Digest([0xff; 32]),
            sequence: Sequence(100),
            at: Timestamp::from_seconds(START),
        }
    }

    fn of_actor(actor: ActorId, fact: Fact) -> Self {
        Self::new(StreamKey { kind: StreamKind::Actor, id: StreamId(actor.0) }, fact)
    }

    fn in_stream(kind: StreamKind, fact: Fact) -> Self {
        Self::new(StreamKey { kind, id: StreamId([0xca; 16]) }, fact)
    }

    fn signed_by<const N: usize>(mut self, signers: [Signer; N]) -> Self {
        self.statement.signers = signers.into();
        self.statement.signers.sort_unstable_by_key(|signer| signer.key);
        self
    }

    fn and(mut self, signer: Signer) -> Self {
        self.statement.signers.push(signer);
        self.statement.signers.sort_unstable_by_key(|signer| signer.key);
        self
    }

    fn at(mut self, seconds: u64) -> Self {
        self.at = Timestamp::from_seconds(seconds);
        self
    }

    fn hashed(mut self, hash: Digest) -> Self {
        self.hash = hash;
        self
    }

    fn sequenced(mut self, sequence: u64) -> Self {
        self.sequence = Sequence(sequence);
        self
    }

    fn placed(&self) -> Placed<'_> {
        Placed {
            statement: &self.statement,
            statement_hash: self.hash,
            sequence: self.sequence,
            recorded_at: self.at,
        }
    }
}

struct Given(Registry);

struct Then(Result<Marks, AuthorityError>);

/// A history, each statement of which must have been admitted.
#[track_caller]
fn given(history: impl IntoIterator<Item = Draft>) -> Given {
    let mut registry = Registry::default();
    for draft in history {
        registry = Given(registry).then_given(draft).0;
    }
    Given(registry)
}

impl Given {
    fn when(&self, draft: Draft) -> Then {
        Then(self.0.decide(&draft.placed(), &ID))
    }

    /// The history goes on.
    #[track_caller]
    fn then_given(mut self, draft: Draft) -> Self {
        let admitted = self.0.decide(&draft.placed(), &ID);
        assert!(admitted.is_ok(), "{:?}: {admitted:?}", draft.statement.fact);
        self.0.evolve(&draft.placed(), &ID);
        self
    }
}

impl Then {
    /// Accepted, and nothing has to be known with it.
    #[track_caller]
    fn accepted(self) {
        self.marked(Marks::default());
    }

    #[track_caller]
    fn marked(self, marks: Marks) {
        assert_eq!(self.0, Ok(marks));
    }

    #[track_caller]
    fn refused(self, why: AuthorityError) {
        assert_eq!(self.0, Err(why));
    }
}

fn genesis() -> Draft {
    let fact = Genesis {
        name: "invented.example".into(),
        procedure: "bg".into(),
        trial: true,
        registrars: [ANNA, BORIS, VERA]
            .map(|actor| Registrar { actor, statement_key: key_of(actor) })
            .into(),
        statement_key: STATEMENT_KEY,
        checkpoint_key: CHECKPOINT_KEY,
        previous_ledger: None,
    };
    let signers = [
        own_enrolment(ANNA, key_of(ANNA)),
        own_enrolment(BORIS, key_of(BORIS)),
        own_enrolment(VERA, key_of(VERA)),
        own_enrolment(ActorId::LEDGER, STATEMENT_KEY),
        own_enrolment(ActorId::LEDGER, CHECKPOINT_KEY),
    ];
    let mut draft =
        Draft::new(StreamKey::ROOT, Fact::Genesis(fact)).signed_by(signers).hashed(GENESIS);
    draft.statement.ledger = None;
    draft
}

/// Enrolled by Anna and Boris and by the key itself.
fn enrol_actor(actor: ActorId) -> Draft {
    let key = EnrolledKey { public_key: key_of(actor), key_use: KeyUse::Statement };
    let fact = ActorEnrolled { kind: proto::ActorKind::Person, key };
    Draft::of_actor(actor, Fact::ActorEnrolled(fact)).signed_by([
        registrar(ANNA),
        registrar(BORIS),
        own_enrolment(actor, key_of(actor)),
    ])
}

/// Granted by Anna and Boris.
fn grant_role(actor: ActorId, role: Role) -> Draft {
    grant_term(actor, role, None, None)
}

fn grant_term(actor: ActorId, role: Role, from: Option<i64>, until: Option<i64>) -> Draft {
    let fact =
        RoleGranted { role, agency: None, region: None, from_seconds: from, until_seconds: until };
    Draft::of_actor(actor, Fact::RoleGranted(fact))
        .signed_by([registrar(ANNA), registrar(BORIS)])
        .hashed(grant_of(actor))
}

/// A further key, signed by Anna, Boris and itself; the holder is for the test to add.
fn enrol_key(actor: ActorId, public_key: PublicKey, key_use: KeyUse) -> Draft {
    let fact = KeyEnrolled { key: EnrolledKey { public_key, key_use } };
    Draft::of_actor(actor, Fact::KeyEnrolled(fact)).signed_by([
        registrar(ANNA),
        registrar(BORIS),
        own_enrolment(actor, public_key),
    ])
}

fn revoke_key(actor: ActorId, public_key: PublicKey) -> Draft {
    Draft::of_actor(actor, Fact::KeyRevoked(KeyRevoked { public_key }))
}

fn end_role(actor: ActorId, grant: Digest) -> Draft {
    Draft::of_actor(actor, Fact::RoleEnded(RoleEnded { grant }))
}

fn note() -> Draft {
    Draft::in_stream(StreamKind::Case, Fact::NoteAdded(proto::NoteAdded {}))
}

fn reading() -> Draft {
    let fact = SectionsRead {
        reader: GALYA,
        purpose: proto::Purpose::CaseWork,
        token: b"invented".to_vec(),
        kind: StreamKind::Case,
        released: vec![Released { version: Version(1), sections: vec![0] }],
    };
    Draft::in_stream(StreamKind::Access, Fact::SectionsRead(fact))
}

/// The genesis, Galya as a social worker, Dimo as a registrar by a grant.
fn office() -> [Draft; 5] {
    [
        genesis(),
        enrol_actor(GALYA),
        grant_role(GALYA, Role::SocialWorker),
        enrol_actor(DIMO),
        grant_role(DIMO, Role::Registrar),
    ]
}

const NEW_KEY: PublicKey = PublicKey([0x44; 32]);

/// The agency and region of whoever has one.
const AGENCY: AgencyId = AgencyId([0xa0; 16]);
const REGION: u32 = 7;

/// An actor, enrolled and in this role in the agency and region.
fn staff(actor: ActorId, role: Role) -> [Draft; 2] {
    let mut granted = grant_role(actor, role);
    if let Fact::RoleGranted(fact) = &mut granted.statement.fact {
        (fact.agency, fact.region) = (Some(AGENCY), Some(REGION));
    }
    [enrol_actor(actor), granted]
}

/// The office, and Galya's superiors: head of department, director, data protection officer.
fn department() -> Given {
    let history = office().into_iter().chain(staff(ELENA, Role::HeadOfDepartment));
    let history = history.chain(staff(FILIP, Role::Director));
    given(history.chain(staff(ZORA, Role::DataProtectionOfficer)))
}

fn rotate_key(actor: ActorId, public_key: PublicKey, replaces: PublicKey) -> Draft {
    let key = EnrolledKey { public_key, key_use: KeyUse::Statement };
    Draft::of_actor(actor, Fact::KeyRotated(KeyRotated { key, replaces })).signed_by([
        registrar(ANNA),
        registrar(BORIS),
        own_enrolment(actor, public_key),
    ])
}

fn suspend_key(actor: ActorId, public_key: PublicKey) -> Draft {
    Draft::of_actor(actor, Fact::KeySuspended(KeySuspended { public_key }))
}

/// Reinstated by Anna and Boris.
fn reinstate_key(actor: ActorId, public_key: PublicKey) -> Draft {
    Draft::of_actor(actor, Fact::KeyReinstated(KeyReinstated { public_key }))
        .signed_by([registrar(ANNA), registrar(BORIS)])
}

fn compromise_key(actor: ActorId, public_key: PublicKey, since: u64) -> Draft {
    let fact = KeyCompromised { public_key, since: Sequence(since) };
    Draft::of_actor(actor, Fact::KeyCompromised(fact))
}

/// Verified by Anna.
fn verify_qualification(actor: ActorId, until: Option<u64>, hash: Digest) -> Draft {
    let fact = QualificationVerified { until_seconds: until.map(|until| until as i64) };
    Draft::of_actor(actor, Fact::QualificationVerified(fact))
        .signed_by([registrar(ANNA)])
        .hashed(hash)
}

fn expire_qualification(actor: ActorId, verified: Digest) -> Draft {
    let fact = QualificationExpired { verified };
    Draft::of_actor(actor, Fact::QualificationExpired(fact))
}

fn term(from: u64, until: u64) -> Term {
    Term { from_seconds: from as i64, until_seconds: until as i64 }
}

/// For all kinds, where none is named.
fn delegate(to: ActorId, term: Term, kinds: &[u32], hash: Digest) -> Draft {
    let fact = RoleDelegated { term, kinds: kinds.to_vec() };
    Draft::of_actor(to, Fact::RoleDelegated(fact)).hashed(hash)
}

fn set_roster(to: ActorId, shifts: &[Term], kinds: &[u32], hash: Digest) -> Draft {
    let fact = DutyRosterSet { shifts: shifts.to_vec(), kinds: kinds.to_vec() };
    Draft::of_actor(to, Fact::DutyRosterSet(fact)).hashed(hash)
}

fn in_case(fact: Fact) -> Draft {
    Draft::in_stream(StreamKind::Case, fact)
}

/// One of each refusal, with its public reason and the particulars that the reason's text promises.
#[test]
fn every_refusal_has_its_reason() {
    use letopis_proto::error::v1::Reason;
    let (actor, key, grant) = (GALYA, NEW_KEY, GENESIS);
    let kind = "NoteAdded";
    let cases = [
        (AuthorityError::AnotherLedger, Reason::LedgerWrong, vec![]),
        (AuthorityError::GenesisSigners, Reason::RoleWrong, vec!["needs"]),
        (AuthorityError::ActorUnknown { actor }, Reason::ActorUnknown, vec!["actor"]),
        (AuthorityError::KeyUnknown { actor, key }, Reason::KeyUnknown, vec!["actor", "key"]),
        (AuthorityError::KeyNotInForce { actor, key }, Reason::KeyNotInForce, vec!["actor", "key"]),
        (AuthorityError::KeyAlreadyEnrolled { key }, Reason::KeyAlreadyEnrolled, vec!["key"]),
        (
            AuthorityError::ActorAlreadyEnrolled { actor },
            Reason::ActorAlreadyEnrolled,
            vec!["actor"],
        ),
        (AuthorityError::GrantMissing { actor }, Reason::GrantMissing, vec!["actor"]),
        (
            AuthorityError::GrantUnknown { actor, grant },
            Reason::GrantUnknown,
            vec!["actor", "grant"],
        ),
        (
            AuthorityError::GrantNotInForce { actor, grant },
            Reason::GrantNotInForce,
            vec!["actor", "grant"],
        ),
        (
            AuthorityError::RoleWrong { kind, needs: "a clerk".into() },
            Reason::RoleWrong,
            vec!["kind", "needs"],
        ),
        (
            AuthorityError::RegistrarsMissing { kind, found: 1 },
            Reason::RegistrarsMissing,
            vec!["kind"],
        ),
        (AuthorityError::HolderMissing { key }, Reason::HolderMissing, vec!["key"]),
        (AuthorityError::LedgerKind { kind }, Reason::LedgerKind, vec!["kind"]),
        (
            AuthorityError::QualificationExpired { actor },
            Reason::QualificationExpired,
            vec!["actor"],
        ),
        (
            AuthorityError::NotDelegated { actor, grant, kind },
            Reason::NotDelegated,
            vec!["actor", "grant"],
        ),
        (AuthorityError::HolderAlone { kind }, Reason::HolderAlone, vec!["kind"]),
        (AuthorityError::NotInForce { field: "verified" }, Reason::NotInForce, vec!["field"]),
    ];
    for (error, reason, names) in cases {
        assert_eq!(error.reason(), reason, "{error}");
        let particulars: Vec<_> = error.particulars().into_iter().map(|(name, _)| name).collect();
        assert_eq!(particulars, names, "{error}");
    }
}
