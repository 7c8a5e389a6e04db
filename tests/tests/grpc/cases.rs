//! What breaks a rule, by rule.

use letopis_domain::position::StreamHead;
use letopis_ledger::submission::Submission;
use letopis_ledger::testing::{
    Draft, REGISTRARS, Signing, TOKEN, WORKER, actor, actor_stream, case, chief, end_role, enrol,
    enrol_key, enrol_with, genesis_hash, grant, head_after, holder, note, open_case, plan,
    registrar, registrars, revoke_key, secret, visit, worker,
};
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, KeyUse, Role, fact::Kind};
use letopis_types::{Class, Digest, StreamKey, StreamKind, Version};
use tonic::Code;

use crate::bad_input::Case;
use crate::forged;

/// Somebody whose role has ended, whose key is revoked, whose term is over, who has another role.
const LEFT: u8 = 40;
const LOST: u8 = 41;
const LATE: u8 = 42;
const AUDITOR: u8 = 43;
/// Somebody whose qualification has expired, who stands in for the head of department in some acts,
/// who declared a conflict of interests.
const LAPSED: u8 = 44;
const STANDING_IN: u8 = 45;
const CONFLICTED: u8 = 46;

/// The number of the kind.
const PLAN_ADOPTED: u32 = 115;

fn granted(number: u64, seed: u8, role: Role) -> Draft {
    grant(number, seed, role).seen(head_after(&[&enrol(seed.into(), seed)]))
}

fn granted_until(number: u64, seed: u8, until_seconds: i64) -> Draft {
    let mut draft = granted(number, seed, Role::SocialWorker);
    let kind = draft.statement.fact.as_mut().unwrap().kind.as_mut().unwrap();
    let Kind::RoleGranted(fact) = kind else { panic!("{kind:?}") };
    fact.until_seconds = Some(until_seconds);
    draft
}

fn grants() -> [Draft; 4] {
    [
        granted(100, LEFT, Role::SocialWorker),
        granted(101, LOST, Role::SocialWorker),
        granted_until(102, LATE, 1_800_000_000),
        granted(103, AUDITOR, Role::Auditor),
    ]
}

fn acting(seed: u8) -> Signing {
    let at = [LEFT, LOST, LATE, AUDITOR].iter().position(|other| *other == seed).unwrap();
    Signing { actor: seed, key: seed, grant: Some(grants()[at].hash()) }
}

fn granted_later(seed: u8) -> Draft {
    granted(u64::from(seed) + 70, seed, Role::SocialWorker)
}

fn granted_to(seed: u8) -> Signing {
    Signing { actor: seed, key: seed, grant: Some(granted_later(seed).hash()) }
}

fn lapsed() -> Draft {
    let fact = proto::QualificationVerified { until_seconds: Some(1_700_000_000) };
    let kind = Kind::QualificationVerified(fact);
    let head = head_after(&[&enrol(LAPSED.into(), LAPSED), &granted_later(LAPSED)]);
    Draft::new(117, actor_stream(LAPSED), &[registrar(1)], kind).seen(head)
}

/// For adopting plans, and nothing else.
fn delegated() -> Draft {
    let (from_seconds, until_seconds) = (1_700_000_000, 2_000_000_000);
    let fact = proto::RoleDelegated { from_seconds, until_seconds, kinds: vec![PLAN_ADOPTED] };
    let head = head_after(&[&enrol(STANDING_IN.into(), STANDING_IN)]);
    let kind = Kind::RoleDelegated(fact);
    Draft::new(118, actor_stream(STANDING_IN), &[chief()], kind).seen(head)
}

/// In the protected stream of the case.
fn conflict() -> Draft {
    let stream = StreamKey { kind: StreamKind::Protected, ..case(1) };
    let kind = Kind::ConflictDeclared(proto::ConflictDeclared {});
    Draft::new(119, stream, &[granted_to(CONFLICTED)], kind)
}

fn history() -> [Draft; 2] {
    [open_case(110, case(1)), visit(111, case(1))]
}

/// The head of the case that decisions are taken on here.
pub(crate) fn present_head() -> StreamHead {
    let [opened, visited] = history();
    head_after(&[&opened, &visited])
}

/// What is recorded before the cases are tried.
pub(crate) fn ground() -> Vec<Draft> {
    let enrolled = [LEFT, LOST, LATE, AUDITOR].map(|seed| enrol(seed.into(), seed));
    let [left, ..] = grants();
    let mut drafts = [enrolled, grants()].concat();
    drafts.push(end_role(104, LEFT, left.hash()));
    drafts.push(revoke_key(105, LOST, LOST));
    drafts.extend(history());
    drafts.extend([LAPSED, STANDING_IN, CONFLICTED].map(|seed| enrol(seed.into(), seed)));
    drafts.extend([LAPSED, CONFLICTED].map(granted_later));
    drafts.extend([lapsed(), delegated(), conflict()]);
    drafts
}

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    let by_rule = [signatures(), keys(), sections(), signers(), registry(), positions()];
    by_rule.into_iter().flatten().collect()
}

fn of(what: &str, submission: Submission, reason: Reason, code: Code) -> Case {
    Case { what: what.to_owned(), submission, reason, code }
}

fn invalid(what: &str, submission: Submission, reason: Reason) -> Case {
    of(what, submission, reason, Code::InvalidArgument)
}

fn denied(what: &str, draft: &Draft, reason: Reason) -> Case {
    of(what, draft.submission(), reason, Code::PermissionDenied)
}

fn changed(draft: &Draft, change: impl FnOnce(&mut Submission)) -> Submission {
    let mut submission = draft.submission();
    change(&mut submission);
    submission
}

fn signatures() -> Vec<Case> {
    let draft = note(200, case(1));
    let by_two = Draft::new(201, case(1), &[worker(), chief()], note_added());
    let good = draft.submission();
    let with = |signature: Vec<u8>| changed(&draft, |s| s.signatures[0] = signature);
    let mut flipped = good.signatures[0].clone();
    flipped[40] ^= 1;
    let of_other = note(202, case(1)).submission().signatures[0].clone();
    vec![
        invalid("a flipped bit", with(flipped), Reason::SignatureInvalid),
        invalid("of another statement", with(of_other), Reason::SignatureInvalid),
        invalid(
            "by another key",
            with(secret(7).sign_statement(&good.statement).0.to_vec()),
            Reason::SignatureInvalid,
        ),
        invalid(
            "over the bytes alone",
            with(secret(WORKER).sign(&good.statement).0.to_vec()),
            Reason::SignatureInvalid,
        ),
        invalid("S + L", with(forged::malleated(&good.signatures[0])), Reason::SignatureInvalid),
        invalid("all bits set", with(vec![0xff; 64]), Reason::KeyWeak),
        invalid(
            "in another order",
            changed(&by_two, |s| s.signatures.reverse()),
            Reason::SignatureInvalid,
        ),
        invalid(
            "a statement changed after it was signed",
            changed(&draft, |s| *s.statement.get_mut(40).unwrap() ^= 1),
            Reason::SignatureInvalid,
        ),
        invalid("none", changed(&draft, |s| s.signatures.clear()), Reason::SignatureMissing),
        invalid(
            "one of two",
            changed(&by_two, |s| drop(s.signatures.pop())),
            Reason::SignatureMissing,
        ),
        invalid(
            "one more",
            changed(&draft, |s| s.signatures.push(s.signatures[0].clone())),
            Reason::SignatureExtra,
        ),
        invalid(
            "of 63 bytes",
            changed(&draft, |s| s.signatures[0].truncate(63)),
            Reason::LengthWrong,
        ),
        invalid("of 65 bytes", changed(&draft, |s| s.signatures[0].push(0)), Reason::LengthWrong),
        invalid("of no bytes", changed(&draft, |s| s.signatures[0].clear()), Reason::LengthWrong),
    ]
}

fn keys() -> Vec<Case> {
    let mut weak = note(210, case(1));
    weak.statement.signers[0].public_key = forged::weak_key().0.to_vec();
    let weak = changed(&weak, |s| s.signatures[0] = forged::weak_signature());
    let small_r = changed(&note(211, case(1)), |s| {
        s.signatures[0][..32].copy_from_slice(&forged::weak_key().0);
    });
    let torsioned = torsioned(|number| enrol_key(number, 60, 61, KeyUse::Statement, &[]));
    let first = torsioned_first();
    vec![
        invalid("a key of small order", weak, Reason::KeyWeak),
        invalid("an R of small order", small_r, Reason::KeyWeak),
        invalid("a further key with torsion", torsioned, Reason::KeyTorsioned),
        invalid("a first key with torsion", first, Reason::KeyTorsioned),
    ]
}

fn torsioned_first() -> Submission {
    torsioned(|number| enrol_with(number, 60, 61))
}

/// An enrolment of the torsioned key in the place of that of seed 61, with valid signatures.
fn torsioned(make: impl Fn(u64) -> Draft) -> Submission {
    let key = forged::torsioned_key().0.to_vec();
    let replaced = secret(61).public().0.to_vec();
    (2000..)
        .find_map(|number| {
            let mut draft = make(number);
            match draft.statement.fact.as_mut().unwrap().kind.as_mut().unwrap() {
                Kind::ActorEnrolled(fact) => fact.key.as_mut().unwrap().public_key = key.clone(),
                Kind::KeyEnrolled(fact) => fact.key.as_mut().unwrap().public_key = key.clone(),
                other => panic!("{other:?}"),
            }
            let signers = &mut draft.statement.signers;
            signers.iter_mut().filter(|by| by.public_key == replaced).for_each(|by| {
                by.public_key = key.clone();
            });
            signers.sort_by(|a, b| a.public_key.cmp(&b.public_key));
            let statement = draft.bytes();
            let torsioned = forged::torsioned_signature(&statement)?;
            let signature = |by: &proto::Signer| {
                let mut seeds = REGISTRARS.iter().map(|seed| secret(*seed));
                match seeds.find(|secret| secret.public().0[..] == by.public_key[..]) {
                    Some(secret) => secret.sign_statement(&statement).0.to_vec(),
                    None => torsioned.clone(),
                }
            };
            let signatures = draft.statement.signers.iter().map(signature).collect();
            Some(Submission { statement, signatures, sections: Vec::new() })
        })
        .unwrap()
}

fn sections() -> Vec<Case> {
    let draft =
        note(220, case(1)).section(Class::Normal, b"one").section(Class::Restricted, b"two");
    let invalid = |what: &str, change: &dyn Fn(&mut Submission), reason: Reason| {
        invalid(what, changed(&draft, |s| change(s)), reason)
    };
    vec![
        invalid("none sent", &|s| s.sections.clear(), Reason::SectionMissing),
        invalid("one missing", &|s| drop(s.sections.pop()), Reason::SectionMissing),
        invalid("one more", &|s| s.sections.push(s.sections[0].clone()), Reason::SectionExtra),
        invalid("another content", &|s| s.sections[1].content[0] ^= 1, Reason::CommitmentMismatch),
        invalid("another salt", &|s| s.sections[1].salt[31] ^= 1, Reason::CommitmentMismatch),
        invalid("in another order", &|s| s.sections.swap(0, 1), Reason::CommitmentMismatch),
        invalid(
            "above 1 MiB",
            &|s| s.sections[0].content.resize((1 << 20) + 1, 0),
            Reason::SectionTooLarge,
        ),
        invalid("a salt of 31 bytes", &|s| s.sections[0].salt.truncate(31), Reason::LengthWrong),
    ]
}

fn note_added() -> Kind {
    Kind::NoteAdded(proto::NoteAdded {})
}

fn signers() -> Vec<Case> {
    let by = |number: u64, signing: Signing| Draft::new(number, case(1), &[signing], note_added());
    let with_grant = |grant| Signing { grant, ..worker() };
    let with =
        |number: u64, other: Signing| Draft::new(number, case(1), &[worker(), other], note_added());
    let mut foreign = note(230, case(1));
    foreign.statement.ledger = vec![0xee; 32];
    let nobody = Signing { actor: 70, key: 70, grant: Some(genesis_hash()) };
    let opens = |number: u64, signing: Signing| {
        let kind = open_case(number, case(9)).statement.fact.unwrap().kind.unwrap();
        Draft::new(number, case(9), &[signing], kind)
    };
    vec![
        invalid("another ledger", foreign.submission(), Reason::LedgerWrong),
        denied("nobody", &by(231, nobody), Reason::ActorUnknown),
        denied("nobody beside somebody", &with(232, nobody), Reason::ActorUnknown),
        denied("a key of another", &by(233, Signing { key: 7, ..worker() }), Reason::KeyUnknown),
        denied(
            "a key that signs tokens",
            &by(234, Signing { key: TOKEN, ..worker() }),
            Reason::KeyUnknown,
        ),
        denied("a revoked key", &by(235, acting(LOST)), Reason::KeyNotInForce),
        denied("one beside with a revoked key", &with(236, acting(LOST)), Reason::KeyNotInForce),
        denied("no grant", &by(237, with_grant(None)), Reason::GrantMissing),
        denied("the grant of another", &by(238, with_grant(chief().grant)), Reason::GrantUnknown),
        denied(
            "the grant of registrars",
            &by(239, with_grant(Some(genesis_hash()))),
            Reason::GrantUnknown,
        ),
        denied("a role that has ended", &by(240, acting(LEFT)), Reason::GrantNotInForce),
        denied("a term that is over", &by(241, acting(LATE)), Reason::GrantNotInForce),
        denied("another role", &opens(242, acting(AUDITOR)), Reason::RoleWrong),
        denied("a registrar", &opens(243, registrar(1)), Reason::RoleWrong),
        denied("the ledger's own kind", &sections_read(244), Reason::LedgerKind),
        denied(
            "a qualification that has expired",
            &by(245, granted_to(LAPSED)),
            Reason::QualificationExpired,
        ),
        denied(
            "in a case of a conflict",
            &by(246, granted_to(CONFLICTED)),
            Reason::ConflictDeclared,
        ),
        denied(
            "beyond what was delegated",
            &by(
                247,
                Signing { grant: Some(delegated().hash()), ..holder(STANDING_IN, STANDING_IN) },
            ),
            Reason::NotDelegated,
        ),
    ]
}

/// What only the ledger itself says.
fn sections_read(number: u64) -> Draft {
    let fact = proto::SectionsRead {
        reader: actor(WORKER).0.to_vec(),
        purpose: proto::Purpose::CaseWork.into(),
        token: b"invented.token.here".to_vec(),
        kind: StreamKind::Case as i32,
        released: vec![proto::ReleasedSections { version: 1, sections: vec![0] }],
    };
    let stream = StreamKey { kind: StreamKind::Access, id: case(1).id };
    Draft::new(number, stream, &[worker()], Kind::SectionsRead(fact))
}

fn registry() -> Vec<Case> {
    let one = |number: u64, signing: &[Signing]| {
        let kind = enrol(number, 60).statement.fact.unwrap().kind.unwrap();
        Draft::new(number, actor_stream(60), signing, kind)
    };
    // A registrar is nobody's second registrar in their own matter.
    let own = {
        let kind = grant(254, 1, Role::Auditor).statement.fact.unwrap().kind.unwrap();
        Draft::new(254, actor_stream(1), &[registrar(1), registrar(2)], kind)
    };
    let exists = |what: &str, draft: &Draft, reason| {
        of(what, draft.submission(), reason, Code::AlreadyExists)
    };
    vec![
        denied(
            "one registrar",
            &one(250, &[registrar(1), holder(60, 60)]),
            Reason::RegistrarsMissing,
        ),
        denied(
            "a registrar and a worker",
            &one(251, &[registrar(1), worker(), holder(60, 60)]),
            Reason::RegistrarsMissing,
        ),
        denied("a registrar for itself", &own, Reason::RegistrarsMissing),
        denied("not the key itself", &one(252, &registrars()), Reason::HolderMissing),
        denied(
            "the key as somebody else",
            &one(253, &[registrars(), vec![holder(61, 60)]].concat()),
            Reason::HolderMissing,
        ),
        exists(
            "a key that there is",
            &enrol_key(255, WORKER, LOST, KeyUse::Statement, &[worker()]),
            Reason::KeyAlreadyEnrolled,
        ),
        exists(
            "an actor that there is",
            &enrol_with(256, WORKER, 60),
            Reason::ActorAlreadyEnrolled,
        ),
        denied(
            "a key of nobody",
            &enrol_key(257, 60, 61, KeyUse::Token, &[]),
            Reason::ActorUnknown,
        ),
        denied("a delegation by two", &delegated_by_two(258), Reason::HolderAlone),
        of(
            "a key suspended after it was revoked",
            suspend_key(259, LOST).submission(),
            Reason::NotInForce,
            Code::FailedPrecondition,
        ),
    ]
}

fn delegated_by_two(number: u64) -> Draft {
    let kind = delegated().statement.fact.unwrap().kind.unwrap();
    Draft::new(number, actor_stream(STANDING_IN), &[chief(), worker()], kind)
}

fn suspend_key(number: u64, seed: u8) -> Draft {
    let fact = proto::KeySuspended { public_key: secret(seed).public().0.to_vec() };
    Draft::new(number, actor_stream(seed), &[registrar(3)], Kind::KeySuspended(fact))
}

fn positions() -> Vec<Case> {
    let [opened, visited] = history();
    let stale = head_after(&[&opened]);
    let never = StreamHead { version: Version(1), head: Digest([9; 32]) };
    let ahead = StreamHead { version: Version(3), head: present_head().head };
    let failed = |what: &str, draft: &Draft, reason| {
        of(what, draft.submission(), reason, Code::FailedPrecondition)
    };
    let aborted =
        |what: &str, draft: &Draft, reason| of(what, draft.submission(), reason, Code::Aborted);
    let mut reused = note(111, case(1));
    reused.statement.nonce = vec![1; 32];
    vec![
        aborted("a decision on a stale view", &plan(260, case(1)).seen(stale), Reason::SeenStale),
        aborted("a decision on no view", &plan(261, case(1)), Reason::SeenMissing),
        aborted("a case opened twice", &open_case(262, case(1)), Reason::SeenMissing),
        failed(
            "a decision on what never was",
            &plan(263, case(1)).seen(never),
            Reason::SeenUnknown,
        ),
        failed("a decision ahead of time", &plan(264, case(1)).seen(ahead), Reason::SeenUnknown),
        failed(
            "an addition to what never was",
            &visit(265, case(1)).seen(never),
            Reason::SeenUnknown,
        ),
        failed(
            "on a stream that is not there",
            &visit(266, case(8)).seen(stale),
            Reason::SeenUnknown,
        ),
        failed(
            "a reference to nothing",
            &note(267, case(1))
                .reference(&case(1), opened.hash())
                .reference(&case(1), Digest([9; 32])),
            Reason::ReferenceUnknown,
        ),
        failed(
            "a reference into another stream",
            &note(268, case(1)).reference(&case(2), visited.hash()),
            Reason::ReferenceUnknown,
        ),
        of(
            "another under the same id",
            reused.submission(),
            Reason::EventIdTaken,
            Code::AlreadyExists,
        ),
    ]
}
