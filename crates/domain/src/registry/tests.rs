//! Given what the registry took in, when a statement comes, then it is accepted or refused.
//!
//! All actors are invented. Each one's first key and first grant repeat the actor's byte.

use letopis_proto::statement::v1 as proto;
use letopis_types::{EventId, StreamId, StreamKey, Version};

use super::*;
use crate::Refusal as _;
use crate::fact::{
    ActorEnrolled, CaseOpened, HistoryImported, KeyEnrolled, KeyRevoked, Registrar, Released,
    RoleEnded, SectionsRead,
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
        Self { statement, hash: Digest([0xff; 32]), at: Timestamp::from_seconds(START) }
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

    fn placed(&self) -> Placed<'_> {
        Placed { statement: &self.statement, statement_hash: self.hash, recorded_at: self.at }
    }
}

struct Given(Registry);

struct Then(Result<(), AuthorityError>);

/// A history, each statement of which must have been admitted.
#[track_caller]
fn given(history: impl IntoIterator<Item = Draft>) -> Given {
    let mut registry = Registry::default();
    for draft in history {
        assert_eq!(registry.decide(&draft.placed(), &ID), Ok(()), "{:?}", draft.statement.fact);
        registry.evolve(&draft.placed(), &ID);
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
        assert_eq!(self.0.decide(&draft.placed(), &ID), Ok(()), "{:?}", draft.statement.fact);
        self.0.evolve(&draft.placed(), &ID);
        self
    }
}

impl Then {
    #[track_caller]
    fn accepted(self) {
        assert_eq!(self.0, Ok(()));
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

mod beginning {
    use super::*;

    #[test]
    fn the_genesis_is_signed_by_exactly_its_keys() {
        let new = given([]);
        new.when(genesis()).accepted();
        for missing in 0..5 {
            let mut draft = genesis();
            draft.statement.signers.remove(missing);
            new.when(draft).refused(AuthorityError::GenesisSigners);
        }
        let extra = own_enrolment(STRANGER, key_of(STRANGER));
        new.when(genesis().and(extra)).refused(AuthorityError::GenesisSigners);
        for at in 0..5 {
            let mut draft = genesis();
            draft.statement.signers[at].actor = STRANGER;
            new.when(draft).refused(AuthorityError::GenesisSigners);
            let mut draft = genesis();
            draft.statement.signers[at].grant = Some(GENESIS);
            new.when(draft).refused(AuthorityError::GenesisSigners);
        }
    }

    #[test]
    fn the_genesis_comes_first_and_once() {
        given([]).when(note().signed_by([granted(GALYA)])).refused(AuthorityError::AnotherLedger);
        given(office()).when(genesis()).refused(AuthorityError::AnotherLedger);
    }

    #[test]
    fn a_statement_is_for_one_ledger() {
        let given = given(office());
        let mut draft = note().signed_by([granted(GALYA)]);
        given.when(draft.clone()).accepted();
        for other in [None, Some(LedgerId([0x2d; 32]))] {
            draft.statement.ledger = other;
            given.when(draft.clone()).refused(AuthorityError::AnotherLedger);
        }
        draft.statement.ledger = Some(LedgerId([0x2d; 32]));
        let elsewhere = given.0.decide(&draft.placed(), &LedgerId([0x2d; 32]));
        assert_eq!(elsewhere, Err(AuthorityError::AnotherLedger));
    }

    #[test]
    fn the_genesis_is_remembered() {
        let mut registry = Registry::default();
        assert!(registry.ledger().is_none());
        registry.evolve(&genesis().placed(), &ID);
        let ledger = registry.ledger().unwrap();
        assert_eq!((ledger.id, ledger.genesis_hash), (ID, GENESIS));
        assert_eq!(ledger.genesis.name, "invented.example");
        let now = Timestamp::default();
        let checkpoint = KeyUse::Checkpoint;
        assert!(registry.key_in_force(&CHECKPOINT_KEY, &ActorId::LEDGER, checkpoint, now));
        assert!(registry.key_in_force(&key_of(ANNA), &ANNA, KeyUse::Statement, now));
    }
}

mod signers {
    use super::*;

    /// What may be wrong with a signer who is not Galya, and what is then said.
    fn bad_signers() -> Vec<(Signer, AuthorityError)> {
        let stranger = granted(STRANGER);
        let no_grant = Signer { grant: None, ..granted(DIMO) };
        let others_key = Signer { key: key_of(BORIS), ..granted(DIMO) };
        let no_ones_key = Signer { key: NEW_KEY, ..granted(DIMO) };
        let others_grant = under(DIMO, grant_of(GALYA));
        let genesis_without_being_in_it = under(DIMO, GENESIS);
        let unknown =
            |signer: Signer| AuthorityError::KeyUnknown { actor: signer.actor, key: signer.key };
        let grant_unknown = |signer: Signer| AuthorityError::GrantUnknown {
            actor: signer.actor,
            grant: signer.grant.unwrap(),
        };
        vec![
            (stranger, AuthorityError::ActorUnknown { actor: STRANGER }),
            (no_grant, AuthorityError::GrantMissing { actor: DIMO }),
            (others_key, unknown(others_key)),
            (no_ones_key, unknown(no_ones_key)),
            (others_grant, grant_unknown(others_grant)),
            (genesis_without_being_in_it, grant_unknown(genesis_without_being_in_it)),
        ]
    }

    #[test]
    fn a_signer_holds_key_and_grant() {
        let given = given(office());
        given.when(note().signed_by([granted(GALYA)])).accepted();
        given.when(note().signed_by([registrar(ANNA)])).accepted();
        for (signer, why) in bad_signers() {
            given.when(note().signed_by([signer])).refused(why);
        }
    }

    #[test]
    fn additional_signers_must_hold_as_well() {
        let given = given(office());
        for (signer, why) in bad_signers() {
            given.when(note().signed_by([granted(GALYA), signer])).refused(why.clone());
            let reading = reading().signed_by([ledger(), signer]);
            given.when(reading).refused(why.clone());
            // Three registrars would do without the fourth.
            let draft = enrol_actor(STRANGER).and(registrar(VERA)).and(signer);
            if signer.actor != STRANGER {
                given.when(draft).refused(why);
            }
        }
    }

    #[test]
    fn an_enrolment_gives_no_role() {
        let given = given([genesis(), enrol_actor(GALYA)]);
        let grant = grant_of(GALYA);
        given
            .when(note().signed_by([granted(GALYA)]))
            .refused(AuthorityError::GrantUnknown { actor: GALYA, grant });
        assert!(!given.0.has_role_in_force(&GALYA, Timestamp::from_seconds(START)));
    }

    #[test]
    fn a_key_of_another_use_signs_no_statement() {
        let given = given(office());
        let key = CHECKPOINT_KEY;
        let actor = ActorId::LEDGER;
        given
            .when(reading().signed_by([Signer { key, ..ledger() }]))
            .refused(AuthorityError::KeyUnknown { actor, key });
        for key_use in [KeyUse::Token, KeyUse::Checkpoint, KeyUse::Witness] {
            let history = office().into_iter().chain([
                // With the holder, so that it is in force at once.
                enrol_key(GALYA, NEW_KEY, key_use).and(granted(GALYA)),
            ]);
            let given = super::given(history);
            let (actor, key) = (GALYA, NEW_KEY);
            given
                .when(note().signed_by([Signer { key, ..granted(GALYA) }]))
                .refused(AuthorityError::KeyUnknown { actor, key });
            let now = Timestamp::from_seconds(START);
            assert!(given.0.key_in_force(&key, &actor, key_use, now));
            assert!(!given.0.key_in_force(&key, &actor, KeyUse::Statement, now));
            assert!(!given.0.key_in_force(&key, &DIMO, key_use, now));
        }
    }
}

mod needs {
    use super::*;

    /// Everyone in the office who can sign.
    const POOL: [ActorId; 6] = [ANNA, BORIS, VERA, GALYA, DIMO, ActorId::LEDGER];

    fn signer(actor: ActorId) -> Signer {
        match actor {
            ActorId::LEDGER => ledger(),
            GALYA | DIMO => granted(actor),
            _ => registrar(actor),
        }
    }

    /// Tries every choice of signers, and compares with what the catalogue says.
    #[track_caller]
    fn signed_by_every_choice(draft: &Draft, allowed: impl Fn(&[ActorId]) -> bool) {
        let given = given(office());
        let (mut accepted, mut refused) = (0, 0);
        for choice in 1u32..1 << POOL.len() {
            let actors: Vec<_> = (0..).zip(POOL).filter(|(i, _)| choice >> i & 1 == 1).collect();
            let actors: Vec<_> = actors.into_iter().map(|(_, actor)| actor).collect();
            let draft = actors.iter().fold(draft.clone(), |d, actor| d.and(signer(*actor)));
            let got = given.when(draft).0;
            assert_eq!(got.is_ok(), allowed(&actors), "{actors:?}: {got:?}");
            if got.is_ok() { accepted += 1 } else { refused += 1 }
        }
        assert!(accepted > 0 && refused > 0);
    }

    fn registrars_other_than(concerned: ActorId) -> impl Fn(&[ActorId]) -> usize {
        move |actors| {
            let is_registrar = |actor: &&ActorId| [ANNA, BORIS, VERA, DIMO].contains(actor);
            actors.iter().filter(is_registrar).filter(|actor| **actor != concerned).count()
        }
    }

    #[test]
    fn what_widens_power_takes_two_registrars_other_than_whom_it_concerns() {
        for concerned in [GALYA, VERA, DIMO] {
            let others = registrars_other_than(concerned);
            let mut draft = grant_role(concerned, Role::Director);
            draft.statement.signers.clear();
            signed_by_every_choice(&draft, |actors| others(actors) >= 2);

            let mut draft = enrol_key(concerned, NEW_KEY, KeyUse::Token);
            draft.statement.signers = vec![own_enrolment(concerned, NEW_KEY)];
            signed_by_every_choice(&draft, |actors| others(actors) >= 2);
        }
        let mut draft = enrol_actor(STRANGER);
        draft.statement.signers = vec![own_enrolment(STRANGER, key_of(STRANGER))];
        let others = registrars_other_than(STRANGER);
        signed_by_every_choice(&draft, |actors| others(actors) >= 2);
    }

    #[test]
    fn what_narrows_it_takes_one_registrar_or_the_actor() {
        let any = registrars_other_than(GALYA);
        signed_by_every_choice(&revoke_key(GALYA, key_of(GALYA)), |actors| {
            any(actors) > 0 || actors.contains(&GALYA)
        });
        let any = registrars_other_than(GALYA);
        signed_by_every_choice(&end_role(GALYA, grant_of(GALYA)), |actors| {
            any(actors) > 0 || actors.contains(&GALYA)
        });
    }

    /// Otherwise one registrar could revoke the others' keys, and nothing would be enrolled again.
    #[test]
    fn revoking_a_registrars_key_takes_two_others_or_the_registrar() {
        for concerned in [VERA, DIMO] {
            let draft = revoke_key(concerned, key_of(concerned));
            let others = registrars_other_than(concerned);
            signed_by_every_choice(&draft, |actors| {
                others(actors) >= 2 || actors.contains(&concerned)
            });
        }
    }

    #[test]
    fn ending_a_registrar_takes_two_others() {
        for (concerned, grant) in [(VERA, GENESIS), (DIMO, grant_of(DIMO))] {
            let others = registrars_other_than(concerned);
            let draft = end_role(concerned, grant);
            signed_by_every_choice(&draft, |actors| others(actors) >= 2);
        }
    }

    #[test]
    fn the_kinds_of_a_case() {
        let of_case = |fact| Draft::in_stream(StreamKind::Case, fact);
        let time = Instant { seconds: 0, nanos: 0, offset_minutes: 0 };
        let imported = Fact::HistoryImported(HistoryImported { activity: 1, time });
        let any_registrar = registrars_other_than(STRANGER);
        signed_by_every_choice(&of_case(imported), |actors| any_registrar(actors) > 0);

        let opened = Fact::CaseOpened(CaseOpened { holder: [1; 16], lead: GALYA });
        signed_by_every_choice(&of_case(opened), |actors| actors.contains(&GALYA));

        signed_by_every_choice(&note(), |actors| actors != [ActorId::LEDGER]);
        signed_by_every_choice(&reading(), |actors| actors == [ActorId::LEDGER]);
    }

    #[test]
    fn a_case_is_opened_in_three_roles() {
        let opened = Fact::CaseOpened(CaseOpened { holder: [1; 16], lead: GALYA });
        let draft = Draft::in_stream(StreamKind::Case, opened).signed_by([granted(GALYA)]);
        for number in 1..=15 {
            let role = Role::try_from(number).unwrap();
            let given = given([genesis(), enrol_actor(GALYA), grant_role(GALYA, role)]);
            let may = [Role::SocialWorker, Role::DutyOfficer, Role::HeadOfDepartment];
            if may.contains(&role) {
                given.when(draft.clone()).accepted();
            } else {
                let needs =
                    "ROLE_SOCIAL_WORKER or ROLE_DUTY_OFFICER or ROLE_HEAD_OF_DEPARTMENT".into();
                let kind = "CaseOpened";
                given.when(draft.clone()).refused(AuthorityError::RoleWrong { kind, needs });
            }
        }
    }

    #[test]
    fn who_is_missing_is_said() {
        let given = given(office());
        let role = grant_role(GALYA, Role::Director);
        let kind = "RoleGranted";
        given
            .when(role.clone().signed_by([registrar(ANNA)]))
            .refused(AuthorityError::RegistrarsMissing { kind, found: 1 });
        given
            .when(role.signed_by([granted(GALYA)]))
            .refused(AuthorityError::RegistrarsMissing { kind, found: 0 });
        given
            .when(reading().signed_by([granted(GALYA)]))
            .refused(AuthorityError::LedgerKind { kind: "SectionsRead" });
        given.when(note().signed_by([ledger()])).refused(AuthorityError::RoleWrong {
            kind: "NoteAdded",
            needs: "anyone with a role".into(),
        });
        given
            .when(revoke_key(DIMO, key_of(DIMO)).signed_by([granted(GALYA)]))
            .refused(AuthorityError::RegistrarsMissing { kind: "KeyRevoked", found: 0 });
    }

    #[test]
    fn two_keys_of_one_registrar_are_one_registrar() {
        let second = enrol_key(ANNA, NEW_KEY, KeyUse::Statement)
            .signed_by([registrar(BORIS), registrar(VERA), registrar(ANNA)])
            .and(own_enrolment(ANNA, NEW_KEY));
        let given = given(office()).then_given(second);
        let also_anna = Signer { key: NEW_KEY, ..registrar(ANNA) };
        let draft = grant_role(GALYA, Role::Director);
        let kind = "RoleGranted";
        given
            .when(draft.clone().signed_by([registrar(ANNA), also_anna]))
            .refused(AuthorityError::RegistrarsMissing { kind, found: 1 });
        given.when(draft.signed_by([registrar(BORIS), also_anna])).accepted();
    }

    #[test]
    fn a_registrar_who_signs_in_another_role_is_none() {
        let second_role = grant_role(ANNA, Role::SocialWorker)
            .signed_by([registrar(BORIS), registrar(VERA)])
            .hashed(Digest([0x5a; 32]));
        let given = given(office()).then_given(second_role);
        let as_social_worker = under(ANNA, Digest([0x5a; 32]));
        let draft = grant_role(GALYA, Role::Director);
        given
            .when(draft.clone().signed_by([registrar(BORIS), as_social_worker]))
            .refused(AuthorityError::RegistrarsMissing { kind: "RoleGranted", found: 1 });
        given.when(draft.signed_by([registrar(BORIS), registrar(ANNA)])).accepted();
    }
}

mod keys {
    use super::*;

    #[test]
    fn an_enrolled_key_signs_its_own_enrolment() {
        let given = given(office());
        for (draft, actor, key) in [
            (enrol_actor(STRANGER), STRANGER, key_of(STRANGER)),
            (enrol_key(GALYA, NEW_KEY, KeyUse::Token), GALYA, NEW_KEY),
        ] {
            given.when(draft.clone()).accepted();
            let alone = draft.clone().signed_by([registrar(ANNA), registrar(BORIS)]);
            given.when(alone.clone()).refused(AuthorityError::HolderMissing { key });
            // As somebody else: an enrolment in another's stream.
            let as_another = alone.clone().and(own_enrolment(DIMO, key));
            given.when(as_another).refused(AuthorityError::HolderMissing { key });
            let with_grant = Signer { grant: Some(GENESIS), ..own_enrolment(actor, key) };
            given.when(alone.and(with_grant)).refused(AuthorityError::HolderMissing { key });
        }
    }

    #[test]
    fn only_the_enrolled_key_comes_without_a_grant() {
        let draft = enrol_actor(STRANGER).and(own_enrolment(VERA, key_of(VERA)));
        given(office()).when(draft).refused(AuthorityError::GrantMissing { actor: VERA });
        // A second new key in the same statement is nobody's.
        let key = PublicKey([0x55; 32]);
        let draft = enrol_key(GALYA, NEW_KEY, KeyUse::Token).and(own_enrolment(GALYA, key));
        given(office()).when(draft).refused(AuthorityError::KeyUnknown { actor: GALYA, key });
    }

    #[test]
    fn a_key_is_enrolled_once_for_one_actor_and_one_use() {
        let history = || given(office()).then_given(enrol_key(GALYA, NEW_KEY, KeyUse::Token));
        let again = |key| AuthorityError::KeyAlreadyEnrolled { key };
        // For the same actor, for another use, for another actor.
        for draft in [
            enrol_key(GALYA, NEW_KEY, KeyUse::Token),
            enrol_key(GALYA, NEW_KEY, KeyUse::Statement),
            enrol_key(DIMO, NEW_KEY, KeyUse::Token),
        ] {
            history().when(draft).refused(again(NEW_KEY));
        }
        // Also after it was revoked.
        let revoked = revoke_key(GALYA, NEW_KEY).signed_by([granted(GALYA)]);
        history()
            .then_given(revoked)
            .when(enrol_key(GALYA, NEW_KEY, KeyUse::Token))
            .refused(again(NEW_KEY));
        // As a new actor's first, and one that the genesis named.
        let key = EnrolledKey { public_key: NEW_KEY, key_use: KeyUse::Statement };
        let fact = ActorEnrolled { kind: proto::ActorKind::Service, key };
        let draft = Draft::of_actor(STRANGER, Fact::ActorEnrolled(fact)).signed_by([
            registrar(ANNA),
            registrar(BORIS),
            own_enrolment(STRANGER, NEW_KEY),
        ]);
        history().when(draft).refused(again(NEW_KEY));
        let draft = enrol_key(GALYA, CHECKPOINT_KEY, KeyUse::Statement);
        history().when(draft).refused(again(CHECKPOINT_KEY));
        let draft = enrol_key(GALYA, key_of(VERA), KeyUse::Statement);
        history().when(draft).refused(again(key_of(VERA)));
    }

    #[test]
    fn an_actor_is_enrolled_once_and_first() {
        let given = given(office());
        let already = |actor| AuthorityError::ActorAlreadyEnrolled { actor };
        for actor in [GALYA, VERA] {
            let key = EnrolledKey { public_key: NEW_KEY, key_use: KeyUse::Statement };
            let fact = ActorEnrolled { kind: proto::ActorKind::Person, key };
            let draft = Draft::of_actor(actor, Fact::ActorEnrolled(fact)).signed_by([
                registrar(ANNA),
                registrar(BORIS),
                own_enrolment(actor, NEW_KEY),
            ]);
            given.when(draft).refused(already(actor));
        }
        let both = [registrar(ANNA), registrar(BORIS)];
        for draft in [
            grant_role(STRANGER, Role::Clerk),
            enrol_key(STRANGER, NEW_KEY, KeyUse::Token),
            revoke_key(STRANGER, NEW_KEY).signed_by(both),
            end_role(STRANGER, GENESIS).signed_by(both),
        ] {
            given.when(draft).refused(AuthorityError::ActorUnknown { actor: STRANGER });
        }
    }

    #[test]
    fn a_key_enrolled_with_the_holder_is_in_force_at_once() {
        let draft = enrol_key(GALYA, NEW_KEY, KeyUse::Statement).and(granted(GALYA));
        let with_new = note().signed_by([Signer { key: NEW_KEY, ..granted(GALYA) }]);
        given(office()).then_given(draft).when(with_new).accepted();
    }

    #[test]
    fn a_key_enrolled_without_the_holder_is_in_force_after_72_hours() {
        for enrolled_at in [Timestamp::from_seconds(START), Timestamp(START * 1_000_000_000 + 999)]
        {
            let mut draft = enrol_key(GALYA, NEW_KEY, KeyUse::Statement);
            draft.at = enrolled_at;
            let given = given(office()).then_given(draft);
            let with_new = note().signed_by([Signer { key: NEW_KEY, ..granted(GALYA) }]);
            let after = |nanos| Draft { at: Timestamp(enrolled_at.0 + nanos), ..with_new.clone() };
            let hours_72 = Timestamp::from_seconds(3 * DAY).0;
            let (actor, key) = (GALYA, NEW_KEY);
            for too_soon in [0, hours_72 - 1_000_000_000, hours_72 - 1] {
                given.when(after(too_soon)).refused(AuthorityError::KeyNotInForce { actor, key });
            }
            for later in [hours_72, 10 * hours_72] {
                given.when(after(later)).accepted();
            }
        }
    }

    #[test]
    fn another_ones_signature_is_not_the_holders() {
        let draft = enrol_key(GALYA, NEW_KEY, KeyUse::Statement).and(granted(DIMO));
        let with_new = note().signed_by([Signer { key: NEW_KEY, ..granted(GALYA) }]);
        given(office())
            .then_given(draft)
            .when(with_new)
            .refused(AuthorityError::KeyNotInForce { actor: GALYA, key: NEW_KEY });
    }

    #[test]
    fn a_key_that_is_not_in_force_yet_brings_no_further_key() {
        let further = PublicKey([0x45; 32]);
        let draft = enrol_key(GALYA, further, KeyUse::Statement)
            .and(Signer { key: NEW_KEY, ..granted(GALYA) });
        given(office())
            .then_given(enrol_key(GALYA, NEW_KEY, KeyUse::Statement))
            .when(draft)
            .refused(AuthorityError::KeyNotInForce { actor: GALYA, key: NEW_KEY });
    }

    #[test]
    fn a_first_key_is_in_force_at_once() {
        given(office()).when(note().signed_by([granted(GALYA)]).at(START)).accepted();
    }

    #[test]
    fn a_revoked_key_signs_no_more() {
        let (actor, key) = (GALYA, key_of(GALYA));
        let given = given(office()).then_given(revoke_key(actor, key).signed_by([granted(GALYA)]));
        let revoked = AuthorityError::KeyNotInForce { actor, key };
        given.when(note().signed_by([granted(GALYA)])).refused(revoked.clone());
        let later = note().signed_by([granted(GALYA)]).at(START + 30 * DAY);
        given.when(later).refused(revoked.clone());
        let again = revoke_key(actor, key).signed_by([registrar(ANNA)]);
        given.when(again).refused(revoked);
        let now = Timestamp::from_seconds(START);
        assert!(!given.0.key_in_force(&key, &actor, KeyUse::Statement, now));
        // The role is not the key's: with another key the actor goes on.
        let with_new = note().signed_by([Signer { key: NEW_KEY, ..granted(GALYA) }]);
        given
            .then_given(enrol_key(actor, NEW_KEY, KeyUse::Statement))
            .when(with_new.at(START + 3 * DAY))
            .accepted();
    }

    #[test]
    fn only_a_key_of_the_actor_is_revoked_in_its_stream() {
        let given = given(office());
        for key in [NEW_KEY, key_of(DIMO), STATEMENT_KEY] {
            given
                .when(revoke_key(GALYA, key).signed_by([registrar(ANNA)]))
                .refused(AuthorityError::KeyUnknown { actor: GALYA, key });
        }
    }
}

mod roles {
    use super::*;

    const FROM: u64 = START + DAY;
    const UNTIL: u64 = START + 2 * DAY;

    fn given_a_term() -> Given {
        let term = grant_term(GALYA, Role::SocialWorker, Some(FROM as i64), Some(UNTIL as i64));
        given([genesis(), enrol_actor(GALYA), term])
    }

    #[test]
    fn a_grant_is_in_force_within_its_term_to_the_second() {
        let given = given_a_term();
        let note = note().signed_by([granted(GALYA)]);
        let not_in_force = AuthorityError::GrantNotInForce { actor: GALYA, grant: grant_of(GALYA) };
        for (at, in_force) in [
            (Timestamp::from_seconds(START), false),
            (Timestamp(Timestamp::from_seconds(FROM).0 - 1), false),
            (Timestamp::from_seconds(FROM), true),
            (Timestamp::from_seconds(UNTIL - 1), true),
            (Timestamp(Timestamp::from_seconds(UNTIL).0 - 1), true),
            (Timestamp::from_seconds(UNTIL), false),
            (Timestamp::from_seconds(UNTIL + DAY), false),
        ] {
            let draft = Draft { at, ..note.clone() };
            if in_force {
                given.when(draft).accepted();
            } else {
                given.when(draft).refused(not_in_force.clone());
            }
            assert_eq!(given.0.has_role_in_force(&GALYA, at), in_force, "{at:?}");
        }
    }

    #[test]
    fn a_grant_without_a_term_is_in_force_until_ended() {
        let given = given(office());
        given.when(note().signed_by([granted(GALYA)]).at(START + 10_000 * DAY)).accepted();
        let end = end_role(GALYA, grant_of(GALYA)).signed_by([granted(GALYA)]);
        let given = given.then_given(end.clone());
        let (actor, grant) = (GALYA, grant_of(GALYA));
        let ended = AuthorityError::GrantNotInForce { actor, grant };
        given.when(note().signed_by([granted(GALYA)])).refused(ended.clone());
        given.when(end.signed_by([registrar(ANNA)])).refused(ended);
        assert!(!given.0.has_role_in_force(&GALYA, Timestamp::from_seconds(START)));
    }

    #[test]
    fn one_grant_ends_and_another_stays() {
        let second = Digest([0x5a; 32]);
        let given = given(office())
            .then_given(grant_role(GALYA, Role::Clerk).hashed(second))
            .then_given(end_role(GALYA, grant_of(GALYA)).signed_by([registrar(ANNA)]));
        given.when(note().signed_by([under(GALYA, second)])).accepted();
        given
            .when(note().signed_by([granted(GALYA)]))
            .refused(AuthorityError::GrantNotInForce { actor: GALYA, grant: grant_of(GALYA) });
    }

    #[test]
    fn only_a_grant_of_the_actor_is_ended_in_its_stream() {
        let given = given(office());
        for grant in [grant_of(DIMO), GENESIS, Digest([0x5a; 32])] {
            given
                .when(end_role(GALYA, grant).signed_by([registrar(ANNA), registrar(BORIS)]))
                .refused(AuthorityError::GrantUnknown { actor: GALYA, grant });
        }
    }

    #[test]
    fn a_registrar_of_the_genesis_ends() {
        let end = end_role(VERA, GENESIS).signed_by([registrar(ANNA), granted(DIMO)]);
        let given = given(office()).then_given(end);
        let (actor, grant) = (VERA, GENESIS);
        let ended = AuthorityError::GrantNotInForce { actor, grant };
        given.when(note().signed_by([registrar(VERA)])).refused(ended.clone());
        let draft = grant_role(GALYA, Role::Director).signed_by([registrar(ANNA), registrar(VERA)]);
        given.when(draft).refused(ended);
        given.when(note().signed_by([registrar(ANNA)])).accepted();
        given.when(reading().signed_by([ledger()])).accepted();
    }

    #[test]
    fn the_ledger_is_no_reader_with_a_role() {
        let given = given(office());
        let now = Timestamp::from_seconds(START);
        assert!(!given.0.has_role_in_force(&ActorId::LEDGER, now));
        assert!(!given.0.has_role_in_force(&STRANGER, now));
        assert!(given.0.has_role_in_force(&ANNA, now));
    }
}

/// Whatever is asked for: what is admitted holds by what was admitted before, read again from the
/// beginning each time.
mod any_history {
    use proptest::prelude::*;

    use super::*;

    const ACTORS: [ActorId; 5] = [ANNA, VERA, GALYA, DIMO, STRANGER];
    const KEYS: [PublicKey; 4] =
        [NEW_KEY, PublicKey([0x45; 32]), PublicKey([9; 32]), PublicKey([4; 32])];

    /// What is asked for: a kind, whom it concerns, a key, who signs (a bit each), hours later.
    type Step = (u8, usize, usize, u8, u64);

    /// Enrolled keys of a statement: whose, which, for which use.
    fn enrolments(draft: &Draft) -> Vec<(ActorId, PublicKey, KeyUse)> {
        match &draft.statement.fact {
            Fact::Genesis(genesis) => {
                let statement = genesis.signers().into_iter().map(|(key, actor)| {
                    let is_checkpoint = key == genesis.checkpoint_key;
                    let other = KeyUse::Checkpoint;
                    (actor, key, if is_checkpoint { other } else { KeyUse::Statement })
                });
                statement.collect()
            }
            fact => enrolled_key(fact)
                .map(|key| (concerned(draft), key.public_key, key.key_use))
                .into_iter()
                .collect(),
        }
    }

    fn concerned(draft: &Draft) -> ActorId {
        ActorId(draft.statement.stream.id.0)
    }

    fn ended(history: &[Draft], actor: ActorId, grant: Digest) -> bool {
        history.iter().any(|draft| {
            draft.statement.fact == Fact::RoleEnded(RoleEnded { grant })
                && concerned(draft) == actor
        })
    }

    /// The latest grant of an actor.
    fn grant(history: &[Draft], actor: ActorId) -> Digest {
        let is_grant = |draft: &&Draft| {
            matches!(draft.statement.fact, Fact::RoleGranted(_)) && concerned(draft) == actor
        };
        history.iter().rfind(is_grant).map_or(GENESIS, |draft| draft.hash)
    }

    fn asked(history: &[Draft], number: u8, (kind, actor, key, signers, hours): Step) -> Draft {
        let (actor, key) = (ACTORS[actor], KEYS[key]);
        let of = |fact| Draft::of_actor(actor, fact);
        let statement = EnrolledKey { public_key: key, key_use: KeyUse::Statement };
        let mut draft = match kind {
            0 => {
                let kind = proto::ActorKind::Person;
                of(Fact::ActorEnrolled(ActorEnrolled { kind, key: statement }))
            }
            1 => of(Fact::KeyEnrolled(KeyEnrolled { key: statement })),
            2 => {
                let key = EnrolledKey { key_use: KeyUse::Token, ..statement };
                of(Fact::KeyEnrolled(KeyEnrolled { key }))
            }
            3 => revoke_key(actor, key),
            4 => grant_role(actor, Role::Registrar),
            5 => end_role(actor, grant(history, actor)),
            _ => note(),
        };
        draft.statement.signers.clear();
        if kind <= 2 {
            draft = draft.and(own_enrolment(actor, key));
        }
        let pool = [
            registrar(ANNA),
            registrar(BORIS),
            registrar(VERA),
            under(GALYA, grant(history, GALYA)),
            under(DIMO, grant(history, DIMO)),
            Signer { key, ..under(actor, grant(history, actor)) },
        ];
        for (bit, signer) in (0..).zip(pool) {
            let is_there = draft.statement.signers.iter().any(|other| other.key == signer.key);
            if signers >> bit & 1 == 1 && !is_there {
                draft = draft.and(signer);
            }
        }
        let last = history.last().map_or(0, |draft| draft.at.0);
        draft.at = Timestamp(last + hours * 3_600_000_000_000);
        draft.hashed(Digest([number; 32]))
    }

    fn check(history: &[Draft], draft: &Draft) {
        for signer in &draft.statement.signers {
            let before: Vec<_> = history
                .iter()
                .flat_map(|draft| enrolments(draft).into_iter().map(move |key| (draft, key)))
                .filter(|(_, (_, key, _))| *key == signer.key)
                .collect();
            if enrolled_key(&draft.statement.fact).is_some_and(|key| key.public_key == signer.key) {
                assert!(before.is_empty() && signer.grant.is_none(), "enrolled once");
                continue;
            }
            let [(enrolment, enrolled)] = before[..] else { panic!("enrolled once: {before:?}") };
            assert_eq!(enrolled, (signer.actor, signer.key, KeyUse::Statement));
            let is_further = matches!(enrolment.statement.fact, Fact::KeyEnrolled(_));
            let by_holder = enrolment
                .statement
                .signers
                .iter()
                .any(|other| other.actor == signer.actor && other.key != signer.key);
            let waited = draft.at.0 - enrolment.at.0 >= 3 * DAY * 1_000_000_000;
            assert!(!is_further || by_holder || waited, "in force");
            let revocation = Fact::KeyRevoked(KeyRevoked { public_key: signer.key });
            assert!(history.iter().all(|draft| draft.statement.fact != revocation), "revoked");
            let grant = signer.grant.expect("a grant");
            let is_given = |draft: &&Draft| match &draft.statement.fact {
                Fact::Genesis(genesis) => genesis.signers().iter().any(|s| s.1 == signer.actor),
                Fact::RoleGranted(_) => concerned(draft) == signer.actor,
                _ => false,
            };
            assert!(history.iter().filter(is_given).any(|draft| draft.hash == grant), "given");
            assert!(!ended(history, signer.actor, grant), "not ended");
        }
    }

    proptest! {
        #[test]
        fn what_is_admitted_holds(
            steps in prop::collection::vec(
                (0u8..7, 0..ACTORS.len(), 0..KEYS.len(), 0u8..64, 0u64..40), 1..40,
            )
        ) {
            let mut history: Vec<_> = office().into();
            let mut given = given(history.clone());
            for (number, step) in (100..).zip(steps) {
                let draft = asked(&history, number, step);
                if given.when(draft.clone()).0.is_ok() {
                    check(&history, &draft);
                    given = given.then_given(draft.clone());
                    history.push(draft);
                }
            }
        }
    }
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
    ];
    for (error, reason, names) in cases {
        assert_eq!(error.reason(), reason, "{error}");
        let particulars: Vec<_> = error.particulars().into_iter().map(|(name, _)| name).collect();
        assert_eq!(particulars, names, "{error}");
    }
}
