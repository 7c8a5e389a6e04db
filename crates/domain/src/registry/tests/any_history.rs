//! Whatever is asked for: what is admitted holds by what was admitted before, read again from the
//! beginning each time.

use proptest::prelude::*;

use super::*;
use crate::fact::Needs;

const ACTORS: [ActorId; 5] = [ANNA, VERA, GALYA, DIMO, STRANGER];
const KEYS: [PublicKey; 5] =
    [NEW_KEY, PublicKey([0x45; 32]), PublicKey([9; 32]), PublicKey([4; 32]), PublicKey([3; 32])];
/// How many kinds are asked for; more of those that lead somewhere.
const KINDS: u8 = 18;
/// The hash of the first statement asked for repeats this byte; no other statement has it.
const FIRST: u8 = 0x80;

/// What is asked for: a kind, whom it concerns, two keys, who signs (a bit each), hours later.
type Step = (u8, usize, usize, usize, u8, u64);

/// The key that a fact enrols.
fn key_of_fact(fact: &Fact) -> Option<EnrolledKey> {
    match fact {
        Fact::ActorEnrolled(fact) => Some(fact.key),
        Fact::KeyEnrolled(fact) => Some(fact.key),
        Fact::KeyRotated(fact) => Some(fact.key),
        _ => None,
    }
}

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
        fact => key_of_fact(fact)
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
        draft.statement.fact == Fact::RoleEnded(RoleEnded { grant }) && concerned(draft) == actor
    })
}

/// The latest statement of a kind that concerns an actor.
fn latest(history: &[Draft], actor: ActorId, kind: fn(&Fact) -> bool) -> Option<&Draft> {
    history.iter().rfind(|draft| kind(&draft.statement.fact) && concerned(draft) == actor)
}

/// The latest grant of an actor.
fn grant(history: &[Draft], actor: ActorId) -> Digest {
    let is_grant = |fact: &Fact| matches!(fact, Fact::RoleGranted(_) | Fact::RoleDelegated(_));
    latest(history, actor, is_grant).map_or(GENESIS, |draft| draft.hash)
}

fn asked(history: &[Draft], number: u8, step: Step) -> Draft {
    let (kind, actor, key, other_key, signers, hours) = step;
    let (actor, key) = (ACTORS[actor], KEYS[key]);
    let now = history.last().map_or(0, |draft| draft.at.0) + hours * 3_600_000_000_000;
    let seconds = now / 1_000_000_000;
    let mut draft = fact_asked(history, kind, actor, key, KEYS[other_key], seconds);
    draft.statement.signers.clear();
    if key_of_fact(&draft.statement.fact).is_some() {
        draft = draft.and(own_enrolment(actor, key));
    }
    let owner = Signer { actor, key: key_of(actor), grant: None };
    let pool = [
        registrar(ANNA),
        registrar(BORIS),
        registrar(VERA),
        under(GALYA, grant(history, GALYA)),
        under(DIMO, grant(history, DIMO)),
        Signer { key, ..under(actor, grant(history, actor)) },
        owner,
    ];
    if matches!(draft.statement.fact, Fact::RoleDelegated(_)) {
        let holder = pool[3 + usize::from(signers % 2)];
        draft = draft.and(holder);
        return Draft { at: Timestamp(now), ..draft.hashed(Digest([number; 32])) };
    }
    for (bit, signer) in (0..).zip(pool) {
        let is_there = draft.statement.signers.iter().any(|other| other.key == signer.key);
        if signers >> bit & 1 == 1 && !is_there {
            draft = draft.and(signer);
        }
    }
    Draft { at: Timestamp(now), ..draft.hashed(Digest([number; 32])) }
}

fn fact_asked(
    history: &[Draft],
    kind: u8,
    actor: ActorId,
    key: PublicKey,
    other: PublicKey,
    now: u64,
) -> Draft {
    let of = |fact| Draft::of_actor(actor, fact);
    let statement = EnrolledKey { public_key: key, key_use: KeyUse::Statement };
    let is_verified = |fact: &Fact| matches!(fact, Fact::QualificationVerified(_));
    match kind {
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
        6 => rotate_key(actor, key, other),
        7 => suspend_key(actor, key),
        8 => reinstate_key(actor, key),
        9 => compromise_key(actor, key, 0),
        10 | 11 => grant_role(actor, Role::HeadOfDepartment),
        12 | 13 => delegate(actor, term(now, now + 5 * DAY), &[], Digest::ZERO),
        14 => verify_qualification(actor, Some(now + DAY), Digest::ZERO),
        15 => {
            let verified = latest(history, actor, is_verified).map_or(GENESIS, |draft| draft.hash);
            expire_qualification(actor, verified)
        }
        16 => {
            let placed = proto::EmergencyPlacementOrdered { age_band: 5 };
            in_case(Fact::EmergencyPlacementOrdered(placed))
        }
        _ => note(),
    }
}

/// Is the key one of the actor's statement keys, and in force?
fn key_holds(history: &[Draft], now: Timestamp, signer: &Signer) {
    let before: Vec<_> = history
        .iter()
        .flat_map(|draft| enrolments(draft).into_iter().map(move |key| (draft, key)))
        .filter(|(_, (_, key, _))| *key == signer.key)
        .collect();
    let [(enrolment, enrolled)] = before[..] else { panic!("enrolled once: {before:?}") };
    assert_eq!(enrolled, (signer.actor, signer.key, KeyUse::Statement));
    let fact = &enrolment.statement.fact;
    let is_further = matches!(fact, Fact::KeyEnrolled(_) | Fact::KeyRotated(_));
    let others = enrolment.statement.signers.iter();
    let by_holder =
        others.into_iter().any(|other| other.actor == signer.actor && other.key != signer.key);
    let waited = now.0 - enrolment.at.0 >= 3 * DAY * 1_000_000_000;
    assert!(!is_further || by_holder || waited, "in force");
    let mut suspended = false;
    for draft in history {
        match &draft.statement.fact {
            Fact::KeyRevoked(fact) => assert_ne!(fact.public_key, signer.key, "revoked"),
            Fact::KeyCompromised(fact) => assert_ne!(fact.public_key, signer.key, "compromised"),
            Fact::KeyRotated(fact) => assert_ne!(fact.replaces, signer.key, "replaced"),
            Fact::KeySuspended(fact) if fact.public_key == signer.key => suspended = true,
            Fact::KeyReinstated(fact) if fact.public_key == signer.key => suspended = false,
            _ => {}
        }
    }
    assert!(!suspended, "suspended");
}

/// The role of a grant that is the actor's and in force, and whether it was delegated.
fn grant_holds(history: &[Draft], now: Timestamp, actor: ActorId, grant: Digest) -> (Role, bool) {
    assert!(!ended(history, actor, grant), "not ended");
    let given = history.iter().find(|draft| draft.hash == grant).expect("given");
    match &given.statement.fact {
        Fact::Genesis(genesis) => {
            assert!(genesis.registrars.iter().any(|registrar| registrar.actor == actor));
            (Role::Registrar, false)
        }
        Fact::RoleGranted(fact) => {
            assert_eq!(concerned(given), actor);
            (fact.role, false)
        }
        Fact::RoleDelegated(fact) => {
            assert_eq!(concerned(given), actor);
            assert!(fact.term.holds(now.seconds()), "within its term");
            let [holder] = given.statement.signers[..] else { panic!("alone") };
            assert_ne!(holder.actor, actor);
            let (role, delegated) =
                grant_holds(history, now, holder.actor, holder.grant.expect("a grant"));
            assert!(!delegated, "not delegated on");
            (role, true)
        }
        other => panic!("no grant: {other:?}"),
    }
}

/// Is a qualification in force, or was none ever verified?
fn is_qualified(history: &[Draft], now: Timestamp, actor: ActorId) -> bool {
    let mut verified = history
        .iter()
        .filter(|draft| concerned(draft) == actor)
        .filter_map(|draft| match &draft.statement.fact {
            Fact::QualificationVerified(fact) => Some((draft.hash, fact.until_seconds.unwrap())),
            _ => None,
        })
        .peekable();
    let ended = |verified| {
        let end = Fact::QualificationExpired(QualificationExpired { verified });
        history.iter().any(|draft| draft.statement.fact == end && concerned(draft) == actor)
    };
    verified.peek().is_none() || verified.any(|(hash, until)| !ended(hash) && now.seconds() < until)
}

fn check(history: &[Draft], draft: &Draft, marks: Marks) {
    let fact = &draft.statement.fact;
    let mut expected = Marks::default();
    for signer in &draft.statement.signers {
        if key_of_fact(fact).is_some_and(|key| key.public_key == signer.key) {
            let was_there = |draft: &Draft| enrolments(draft).iter().any(|key| key.1 == signer.key);
            assert!(!history.iter().any(was_there) && signer.grant.is_none(), "enrolled once");
            continue;
        }
        key_holds(history, draft.at, signer);
        let narrows = fact.needs() == Needs::RegistrarOrSelf && concerned(draft) == signer.actor;
        let Some(grant) = signer.grant else {
            assert!(narrows, "a grant");
            continue;
        };
        let (role, delegated) = grant_holds(history, draft.at, signer.actor, grant);
        expected.under_delegation |= delegated;
        let takes_one = [Role::SocialWorker, Role::HeadOfDepartment].contains(&role);
        if takes_one && !narrows && !is_qualified(history, draft.at, signer.actor) {
            assert!(matches!(fact, Fact::EmergencyPlacementOrdered(_)), "qualified");
            expected.expired_qualification = true;
        }
    }
    assert_eq!(marks, expected);
}

proptest! {
    #[test]
    fn what_is_admitted_holds(
        steps in prop::collection::vec(
            (
                0..KINDS,
                0..ACTORS.len(),
                0..KEYS.len(),
                0..KEYS.len(),
                0u8..128,
                0u64..20,
            ),
            1..60,
        )
    ) {
        let mut history: Vec<_> = office().into();
        let mut given = given(history.clone());
        for (number, step) in (FIRST..).zip(steps) {
            let draft = asked(&history, number, step);
            if let Ok(marks) = given.when(draft.clone()).0 {
                check(&history, &draft, marks);
                given = given.then_given(draft.clone());
                history.push(draft);
            }
        }
    }
}
