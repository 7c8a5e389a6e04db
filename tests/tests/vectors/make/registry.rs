//! `log`: who may sign, by keys, qualifications and those who stand in.

use letopis_proto::statement::v1::{self as proto, KeyUse, Role, fact::Kind};

use super::history::{
    AGENCY, CASE, COLLEAGUE, DIRECTOR, HEAD, HOUR, History, NEW_KEY, OFFICER, OTHER_KEY, ROOT,
    START, SUPERIOR, WORKER, child_missing, note, of, office,
};
use super::invented as i;
use super::more_kinds::POLICY;
use crate::Vector;

const NOT_IN_FORCE: &str = "key_not_in_force";
const STATE: &str = "not_in_force";

pub(super) fn vectors() -> Vec<Vector> {
    [
        rotations(),
        suspensions(),
        compromises(),
        qualifications(),
        delegations(),
        who_delegates(),
        policies(),
    ]
    .concat()
}

fn rotated(key: u8, key_use: KeyUse, replaces: u8) -> Kind {
    let replaces = i::key_bytes(replaces);
    Kind::KeyRotated(proto::KeyRotated { key: i::enrolled_key(key, key_use), replaces })
}

fn suspended(key: u8) -> Kind {
    Kind::KeySuspended(proto::KeySuspended { public_key: i::key_bytes(key) })
}

fn reinstated(key: u8) -> Kind {
    Kind::KeyReinstated(proto::KeyReinstated { public_key: i::key_bytes(key) })
}

fn revoked(key: u8) -> Kind {
    Kind::KeyRevoked(proto::KeyRevoked { public_key: i::key_bytes(key) })
}

fn compromised(key: u8, since_sequence: u64) -> Kind {
    let public_key = i::key_bytes(key);
    Kind::KeyCompromised(proto::KeyCompromised { public_key, since_sequence })
}

fn ended(grant: &[u8]) -> Kind {
    Kind::RoleEnded(proto::RoleEnded { grant: grant.to_vec() })
}

/// The worker's new key, which signs its own enrolment.
fn new_key(key: u8) -> proto::Signer {
    proto::Signer { actor: i::actor(WORKER), ..i::signer(key, &[]) }
}

/// A key of the worker is replaced; with its signature, where that is wanted.
fn rotate(history: &mut History, key: u8, replaces: u8, with_holder: bool) {
    let mut signers = history.by(if with_holder { &[1, 2, WORKER] } else { &[1, 2] });
    signers.push(new_key(key));
    history.add(of(WORKER), signers, rotated(key, KeyUse::Statement, replaces));
}

fn note_with(history: &mut History, key: u8) {
    let signer = history.with_key(WORKER, key);
    history.add(CASE, vec![signer], note());
}

/// After the office's history.
fn office_and(add: impl FnOnce(&mut History)) -> History {
    let mut history = office();
    add(&mut history);
    history
}

fn rotations() -> Vec<Vector> {
    let rotated_and = |with_holder, add: fn(&mut History)| {
        office_and(|h| {
            rotate(h, NEW_KEY, WORKER, with_holder);
            add(h);
        })
    };
    let wrong = |what, fault, add: fn(&mut History)| office_and(add).invalid(what, fault);
    vec![
        rotated_and(true, |h| note_with(h, NEW_KEY)).valid("key-rotated"),
        rotated_and(false, |h| {
            h.later(72 * HOUR);
            note_with(h, NEW_KEY);
        })
        .valid("key-rotated-without-the-holder"),
        rotated_and(true, |h| note_with(h, WORKER))
            .invalid("key-rotated-and-the-replaced-one-signs", NOT_IN_FORCE),
        rotated_and(false, |h| note_with(h, WORKER))
            .invalid("key-rotated-without-the-holder-and-the-replaced-one-signs", NOT_IN_FORCE),
        rotated_and(false, |h| {
            h.later(72 * HOUR - 1);
            h.nanoseconds_later(999_999_999);
            note_with(h, NEW_KEY);
        })
        .invalid("key-rotated-without-the-holder-a-nanosecond-too-soon", NOT_IN_FORCE),
        rotated_and(true, |h| rotate(h, OTHER_KEY, WORKER, false))
            .invalid("key-rotated-a-replaced-key", NOT_IN_FORCE),
        wrong("key-rotated-a-revoked-key", NOT_IN_FORCE, |h| {
            h.add(of(WORKER), h.by(&[1]), revoked(WORKER));
            rotate(h, NEW_KEY, WORKER, false);
        }),
        wrong("key-rotated-a-key-of-another", "key_unknown", |h| rotate(h, NEW_KEY, 3, true)),
        wrong("key-rotated-a-key-of-another-use", NOT_IN_FORCE, |h| {
            let mut signers = h.by(&[1, 2, WORKER]);
            signers.push(new_key(NEW_KEY));
            h.add(of(WORKER), signers, rotated(NEW_KEY, KeyUse::Token, WORKER));
        }),
        wrong("key-rotated-to-itself", "value_out_of_range", |h| {
            let rotated = rotated(WORKER, KeyUse::Statement, WORKER);
            h.add(of(WORKER), h.by(&[1, 2, WORKER]), rotated);
        }),
        wrong("key-rotated-and-the-new-one-does-not-sign", "holder_missing", |h| {
            let signers = h.by(&[1, 2, WORKER]);
            h.add(of(WORKER), signers, rotated(NEW_KEY, KeyUse::Statement, WORKER));
        }),
        wrong("key-rotated-by-one-registrar", "registrars_missing", |h| {
            let mut signers = h.by(&[1, WORKER]);
            signers.push(new_key(NEW_KEY));
            h.add(of(WORKER), signers, rotated(NEW_KEY, KeyUse::Statement, WORKER));
        }),
        wrong("key-rotated-to-one-that-was-enrolled", "key_already_enrolled", |h| {
            rotate(h, NEW_KEY, WORKER, true);
            let mut signers = h.by(&[1, 2]);
            signers.push(h.with_key(WORKER, NEW_KEY));
            let again = rotated(WORKER, KeyUse::Statement, NEW_KEY);
            signers.push(new_key(WORKER));
            h.add(of(WORKER), signers, again);
        }),
        wrong("key-enrolled-without-the-holder-a-nanosecond-too-soon", NOT_IN_FORCE, |h| {
            let mut signers = h.by(&[1, 2]);
            signers.push(new_key(NEW_KEY));
            let key = i::enrolled_key(NEW_KEY, KeyUse::Statement);
            h.add(of(WORKER), signers, Kind::KeyEnrolled(proto::KeyEnrolled { key }));
            h.later(72 * HOUR - 1);
            h.nanoseconds_later(999_999_999);
            note_with(h, NEW_KEY);
        }),
    ]
}

/// The worker without naming a grant.
fn owner() -> Vec<proto::Signer> {
    vec![i::signer(WORKER, &[])]
}

fn suspensions() -> Vec<Vector> {
    let valid = |what, add: fn(&mut History)| office_and(add).valid(what);
    let wrong = |what, fault, add: fn(&mut History)| office_and(add).invalid(what, fault);
    let with_colleague = |what, fault, kind: Kind| {
        office_and(|h| {
            h.staff(COLLEAGUE, Role::SocialWorker);
            h.add(of(WORKER), h.by(&[COLLEAGUE]), kind);
        })
        .invalid(what, fault)
    };
    vec![
        valid("key-suspended-by-its-owner-alone", |h| {
            h.add(of(WORKER), owner(), suspended(WORKER));
        }),
        valid("key-suspended-by-its-owner-whose-roles-have-ended", |h| {
            let grant = h.by(&[WORKER]).remove(0).grant;
            h.add(of(WORKER), owner(), ended(&grant));
            h.add(of(WORKER), owner(), suspended(WORKER));
        }),
        valid("key-suspended-and-reinstated", |h| {
            h.add(of(WORKER), h.by(&[1]), suspended(WORKER));
            h.add(of(WORKER), h.by(&[1, 2]), reinstated(WORKER));
            note_with(h, WORKER);
        }),
        valid("key-suspended-of-a-registrar-by-two-others", |h| {
            h.add(of(3), h.by(&[1, 2]), suspended(3));
        }),
        wrong("key-suspended-signs", NOT_IN_FORCE, |h| {
            h.add(of(WORKER), h.by(&[1]), suspended(WORKER));
            note_with(h, WORKER);
        }),
        wrong("key-suspended-twice", STATE, |h| {
            h.add(of(WORKER), h.by(&[1]), suspended(WORKER));
            h.add(of(WORKER), h.by(&[1]), suspended(WORKER));
        }),
        wrong("key-suspended-after-it-was-revoked", STATE, |h| {
            h.add(of(WORKER), h.by(&[1]), revoked(WORKER));
            h.add(of(WORKER), h.by(&[1]), suspended(WORKER));
        }),
        wrong("key-suspended-of-another", "key_unknown", |h| {
            h.add(of(WORKER), h.by(&[1]), suspended(3));
        }),
        wrong("key-revoked-of-a-registrar-by-one-other", "registrars_missing", |h| {
            h.add(of(3), h.by(&[1]), revoked(3));
        }),
        wrong("role-ended-of-a-registrar-by-itself-and-another", "registrars_missing", |h| {
            h.add(of(3), h.by(&[1, 3]), ended(&i::GENESIS_HASH));
        }),
        wrong("key-suspended-of-a-registrar-by-one-other", "registrars_missing", |h| {
            h.add(of(3), h.by(&[1]), suspended(3));
        }),
        wrong("key-suspended-by-an-owner-whose-grant-has-ended", "grant_not_in_force", |h| {
            let grant = h.by(&[WORKER]).remove(0).grant;
            h.add(of(WORKER), owner(), ended(&grant));
            h.add(of(WORKER), h.by(&[WORKER]), suspended(WORKER));
        }),
        wrong("key-suspended-without-a-grant-by-another", "grant_missing", |h| {
            h.add(of(3), owner(), suspended(3));
        }),
        with_colleague("key-suspended-by-a-colleague", "role_wrong", suspended(WORKER)),
        with_colleague("key-compromised-by-a-colleague", "role_wrong", compromised(WORKER, 0)),
        wrong("key-reinstated-that-was-not-suspended", STATE, |h| {
            h.add(of(WORKER), h.by(&[1, 2]), reinstated(WORKER));
        }),
        wrong("key-reinstated-that-was-revoked", STATE, |h| {
            h.add(of(WORKER), h.by(&[1]), suspended(WORKER));
            h.add(of(WORKER), h.by(&[1]), revoked(WORKER));
            h.add(of(WORKER), h.by(&[1, 2]), reinstated(WORKER));
        }),
        wrong("key-reinstated-by-one-registrar", "registrars_missing", |h| {
            h.add(of(WORKER), h.by(&[1]), suspended(WORKER));
            h.add(of(WORKER), h.by(&[1]), reinstated(WORKER));
        }),
        wrong("key-reinstated-of-a-registrar-by-itself-and-another", "registrars_missing", |h| {
            // It has a second key, with which it signs for the first.
            let mut signers = h.by(&[1, 2, 3]);
            signers.push(proto::Signer { actor: i::actor(3), ..i::signer(NEW_KEY, &[]) });
            let key = i::enrolled_key(NEW_KEY, KeyUse::Statement);
            h.add(of(3), signers, Kind::KeyEnrolled(proto::KeyEnrolled { key }));
            h.add(of(3), h.by(&[1, 2]), suspended(3));
            h.add(of(3), vec![h.with_key(3, NEW_KEY), h.by(&[1]).remove(0)], reinstated(3));
        }),
    ]
}

fn compromises() -> Vec<Vector> {
    let wrong = |what, fault, add: fn(&mut History)| office_and(add).invalid(what, fault);
    let endorsed = |h: &mut History, by: u8, note: &[u8]| {
        h.add_with(CASE, h.by(&[by]), Kind::Endorsed(proto::Endorsed {}), |s| {
            let relation = proto::Relation::Endorses;
            s.references = vec![super::history::reference(relation, CASE, note)];
        });
    };
    let disputed = |by: u8| {
        office_and(|h| {
            h.staff(COLLEAGUE, Role::SocialWorker);
            h.add(CASE, h.by(&[WORKER]), note());
            let since = h.next();
            let second = h.add(CASE, h.by(&[WORKER]), note());
            h.add(CASE, h.by(&[WORKER, COLLEAGUE]), note());
            h.add(CASE, h.by(&[COLLEAGUE]), note());
            h.add(of(WORKER), owner(), compromised(WORKER, since));
            if by == COLLEAGUE {
                endorsed(h, by, &second);
            }
        })
    };
    vec![
        disputed(WORKER).valid("key-compromised-disputed"),
        disputed(COLLEAGUE).valid("key-compromised-disputed-and-endorsed"),
        office_and(|h| {
            h.add(CASE, h.by(&[WORKER]), note());
            h.add(of(WORKER), h.by(&[1]), revoked(WORKER));
            h.add(of(WORKER), h.by(&[1]), compromised(WORKER, 0));
        })
        .valid("key-compromised-after-it-was-revoked"),
        office_and(|h| {
            let next = h.next();
            h.add(of(WORKER), h.by(&[1]), compromised(WORKER, next));
        })
        .valid("key-compromised-from-now-on"),
        wrong("key-compromised-since-a-later-sequence", STATE, |h| {
            let next = h.next();
            h.add(of(WORKER), h.by(&[1]), compromised(WORKER, next + 1));
        }),
        wrong("key-compromised-twice", STATE, |h| {
            h.add(of(WORKER), h.by(&[1]), compromised(WORKER, 0));
            h.add(of(WORKER), h.by(&[1]), compromised(WORKER, 0));
        }),
        wrong("key-compromised-signs", NOT_IN_FORCE, |h| {
            h.add(of(WORKER), h.by(&[1]), compromised(WORKER, 0));
            note_with(h, WORKER);
        }),
        wrong("key-compromised-of-another", "key_unknown", |h| {
            h.add(of(WORKER), h.by(&[1]), compromised(3, 0));
        }),
        wrong("key-compromised-of-a-registrar-by-one-other", "registrars_missing", |h| {
            h.add(of(3), h.by(&[1]), compromised(3, 0));
        }),
    ]
}

fn verified(until_seconds: Option<i64>) -> Kind {
    Kind::QualificationVerified(proto::QualificationVerified { until_seconds })
}

fn expired(verified: &[u8]) -> Kind {
    let verified = verified.to_vec();
    Kind::QualificationExpired(proto::QualificationExpired { verified })
}

fn qualifications() -> Vec<Vector> {
    // Whoever has this role, qualified for an hour, signs a note after that.
    let in_role = |role| {
        let mut history = History::with(&[(WORKER, role)]);
        history.add(of(WORKER), history.by(&[1]), verified(Some(START + HOUR)));
        history.later(HOUR);
        history.add(CASE, history.by(&[WORKER]), note());
        history
    };
    let of_role = |name: &str, role| {
        in_role(role)
            .invalid(&format!("qualification-expired-of-a-{name}"), "qualification_expired")
    };
    let valid = |what, add: fn(&mut History)| office_and(add).valid(what);
    let wrong = |what, fault, add: fn(&mut History)| office_and(add).invalid(what, fault);
    vec![
        of_role("social-worker", Role::SocialWorker),
        of_role("head-of-department", Role::HeadOfDepartment),
        of_role("duty-officer", Role::DutyOfficer),
        of_role("supervisor", Role::Supervisor),
        department(delegated(&[]), |h, grant| {
            h.add(of(WORKER), h.by(&[1]), verified(Some(START + HOUR)));
            h.later(HOUR);
            h.add(CASE, vec![i::signer(WORKER, grant)], case_opened());
        })
        .invalid("qualification-expired-of-who-stands-in", "qualification_expired"),
        in_role(Role::Director).valid("qualification-is-not-taken-by-a-director"),
        valid("qualification-within-its-term", |h| {
            h.add(of(WORKER), h.by(&[1]), verified(Some(START + HOUR)));
            h.later(HOUR - 1);
            h.nanoseconds_later(999_999_999);
            note_with(h, WORKER);
        }),
        valid("qualification-expired-and-urgent", |h| {
            h.add(of(WORKER), h.by(&[1]), verified(Some(START + HOUR)));
            h.later(HOUR);
            h.add(CASE, h.by(&[WORKER]), child_missing());
            h.add(of(WORKER), h.by(&[WORKER]), suspended(WORKER));
        }),
        valid("qualification-verified-again", |h| {
            let first = h.add(of(WORKER), h.by(&[1]), verified(None));
            h.add(of(WORKER), owner(), expired(&first));
            h.add(of(WORKER), h.by(&[1]), verified(None));
            note_with(h, WORKER);
        }),
        wrong("qualification-ended", "qualification_expired", |h| {
            let first = h.add(of(WORKER), h.by(&[1]), verified(None));
            h.add(of(WORKER), owner(), expired(&first));
            note_with(h, WORKER);
        }),
        wrong("qualification-verified-by-the-actor", "role_wrong", |h| {
            h.add(of(WORKER), h.by(&[WORKER]), verified(None));
        }),
        wrong("qualification-ended-twice", STATE, |h| {
            let first = h.add(of(WORKER), h.by(&[1]), verified(None));
            h.add(of(WORKER), h.by(&[1]), expired(&first));
            h.add(of(WORKER), h.by(&[1]), expired(&first));
        }),
        wrong("qualification-ended-of-another", STATE, |h| {
            let first = h.add(of(3), h.by(&[1]), verified(None));
            h.add(of(WORKER), h.by(&[1]), expired(&first));
        }),
        wrong("qualification-ended-by-a-colleague", "role_wrong", |h| {
            h.staff(COLLEAGUE, Role::SocialWorker);
            let first = h.add(of(WORKER), h.by(&[1]), verified(None));
            h.add(of(WORKER), h.by(&[COLLEAGUE]), expired(&first));
        }),
    ]
}

const CASE_OPENED: u32 = 100;
const NOTE_ADDED: u32 = 101;

/// From an hour after the start on, for another hour.
fn delegated(kinds: &[u32]) -> Kind {
    Kind::RoleDelegated(proto::RoleDelegated {
        from_seconds: START + HOUR,
        until_seconds: START + 2 * HOUR,
        kinds: kinds.to_vec(),
    })
}

/// The second and the fourth hour after the start.
fn roster() -> Kind {
    let shift = |hour: i64| proto::Shift {
        from_seconds: START + hour * HOUR,
        until_seconds: START + (hour + 1) * HOUR,
    };
    Kind::DutyRosterSet(proto::DutyRosterSet { shifts: vec![shift(1), shift(3)], kinds: vec![] })
}

fn case_opened() -> Kind {
    Kind::CaseOpened(proto::CaseOpened { holder: AGENCY.to_vec(), lead: i::actor(WORKER) })
}

/// A head of department, and an auditor who stands in.
fn department(kind: Kind, add: impl FnOnce(&mut History, &[u8])) -> History {
    let mut history = History::with(&[(HEAD, Role::HeadOfDepartment), (WORKER, Role::Auditor)]);
    let grant = history.add(of(WORKER), history.by(&[HEAD]), kind);
    add(&mut history, &grant);
    history
}

fn delegations() -> Vec<Vector> {
    // The worker opens a case as the head, at this time.
    let opens = |kind: Kind, seconds: i64, nanoseconds: u64| {
        department(kind, |h, grant| {
            h.later(seconds);
            h.nanoseconds_later(nanoseconds);
            h.add(CASE, vec![i::signer(WORKER, grant)], case_opened());
        })
    };
    let after = |add: fn(&mut History, &[u8])| {
        department(delegated(&[]), |h, grant| {
            add(h, grant);
            h.later(HOUR);
            h.add(CASE, vec![i::signer(WORKER, grant)], case_opened());
        })
    };
    let no_force = "grant_not_in_force";
    let only_notes = delegated(&[NOTE_ADDED]);
    let ended_by = |by: fn(&History) -> Vec<proto::Signer>| {
        department(delegated(&[]), |h, grant| {
            h.staff(COLLEAGUE, Role::Director);
            let signers = by(h);
            h.add(of(WORKER), signers, ended(grant));
        })
    };
    let after_the_holders_term = {
        let mut history = History::with(&[(WORKER, Role::Auditor)]);
        history.enrol(HEAD);
        history.grant(HEAD, Role::HeadOfDepartment, Some(START + HOUR + 60));
        let grant = history.add(of(WORKER), history.by(&[HEAD]), delegated(&[]));
        history.later(HOUR + 60);
        history.add(CASE, vec![i::signer(WORKER, &grant)], case_opened());
        history
    };
    vec![
        opens(delegated(&[]), HOUR, 0).valid("role-delegated"),
        opens(delegated(&[CASE_OPENED, u32::MAX]), 2 * HOUR - 1, 999_999_999)
            .valid("role-delegated-for-a-kind"),
        opens(roster(), 3 * HOUR, 0).valid("duty-roster-set"),
        ended_by(|h| h.by(&[HEAD])).valid("role-delegated-ended-by-who-delegated-it"),
        after(|h, _| {
            // The holder has another key, and the old one is replaced: the role is the same.
            let mut signers = h.by(&[1, 2, HEAD]);
            signers.push(proto::Signer { actor: i::actor(HEAD), ..i::signer(NEW_KEY, &[]) });
            h.add(of(HEAD), signers, rotated(NEW_KEY, KeyUse::Statement, HEAD));
        })
        .valid("role-delegated-and-the-holders-key-rotated"),
        opens(delegated(&[]), HOUR - 1, 999_999_999)
            .invalid("role-delegated-before-its-term", no_force),
        opens(delegated(&[]), 2 * HOUR, 0).invalid("role-delegated-after-its-term", no_force),
        opens(roster(), 2 * HOUR, 0).invalid("duty-roster-set-between-shifts", no_force),
        opens(roster(), 4 * HOUR, 0).invalid("duty-roster-set-after-its-shifts", no_force),
        opens(only_notes, HOUR, 0).invalid("role-delegated-for-another-kind", "not_delegated"),
        after(|h, _| {
            let grant = h.by(&[HEAD]).remove(0).grant;
            h.add(of(HEAD), h.by(&[1]), ended(&grant));
        })
        .invalid("role-delegated-and-the-holders-role-ended", no_force),
        after_the_holders_term.invalid("role-delegated-and-the-holders-term-over", no_force),
        after(|h, grant| {
            h.add(of(WORKER), h.by(&[HEAD]), ended(grant));
        })
        .invalid("role-delegated-and-ended", no_force),
        ended_by(|h| h.by(&[COLLEAGUE]))
            .invalid("role-delegated-ended-by-a-colleague", "role_wrong"),
        department(delegated(&[]), |h, grant| {
            h.staff(COLLEAGUE, Role::Auditor);
            h.later(HOUR);
            h.add(CASE, vec![i::signer(COLLEAGUE, grant)], case_opened());
        })
        .invalid("role-delegated-to-another", "grant_unknown"),
    ]
}

fn who_delegates() -> Vec<Vector> {
    let delegates = |role, kind: Kind| {
        let mut history = History::with(&[(WORKER, Role::Auditor), (HEAD, role)]);
        history.add(of(WORKER), history.by(&[HEAD]), kind);
        history
    };
    let handed_on = |kind: Kind| {
        department(delegated(&[]), |h, grant| {
            h.staff(COLLEAGUE, Role::Auditor);
            h.later(HOUR);
            h.add(of(COLLEAGUE), vec![i::signer(WORKER, grant)], kind);
        })
    };
    let with_director = |kind: Kind| {
        let people =
            [(WORKER, Role::Auditor), (HEAD, Role::HeadOfDepartment), (DIRECTOR, Role::Director)];
        let mut history = History::with(&people);
        history.add(of(WORKER), history.by(&[HEAD, DIRECTOR]), kind);
        history
    };
    let to = |seed, kind: Kind| {
        let mut history = History::with(&[(HEAD, Role::HeadOfDepartment)]);
        history.add_with(of(seed), history.by(&[HEAD]), kind, |_| ());
        history
    };
    vec![
        delegates(Role::Director, delegated(&[])).valid("role-delegated-by-a-director"),
        delegates(Role::Superior, delegated(&[])).valid("role-delegated-by-a-superior"),
        delegates(Role::Director, roster()).valid("duty-roster-set-by-a-director"),
        delegates(Role::SocialWorker, delegated(&[]))
            .invalid("role-delegated-by-a-social-worker", "role_wrong"),
        delegates(Role::Deputy, delegated(&[])).invalid("role-delegated-by-a-deputy", "role_wrong"),
        delegates(Role::Superior, roster()).invalid("duty-roster-set-by-a-superior", "role_wrong"),
        handed_on(Kind::RoleDelegated(proto::RoleDelegated {
            from_seconds: START + HOUR,
            until_seconds: START + 2 * HOUR,
            kinds: Vec::new(),
        }))
        .invalid("role-delegated-on", "holder_alone"),
        handed_on(roster()).invalid("duty-roster-set-by-who-stands-in", "holder_alone"),
        with_director(delegated(&[])).invalid("role-delegated-by-two", "holder_alone"),
        with_director(roster()).invalid("duty-roster-set-by-two", "holder_alone"),
        to(HEAD, delegated(&[])).invalid("role-delegated-to-oneself", "holder_alone"),
        to(HEAD, roster()).invalid("duty-roster-set-for-oneself", "holder_alone"),
        to(COLLEAGUE, delegated(&[])).invalid("role-delegated-to-nobody", "actor_unknown"),
    ]
}

fn policies() -> Vec<Vector> {
    let adopted_by = |seeds: &[u8]| {
        let people = [(OFFICER, Role::DataProtectionOfficer), (SUPERIOR, Role::Superior)];
        let mut history = History::with(&people);
        let policy = proto::PolicyAdopted { text: POLICY.into() };
        history.add(ROOT, history.by(seeds), Kind::PolicyAdopted(policy));
        history
    };
    vec![
        adopted_by(&[1, 2, OFFICER]).valid("policy-adopted"),
        adopted_by(&[1, 2]).invalid("policy-adopted-without-the-officer", "role_wrong"),
        adopted_by(&[1, 2, SUPERIOR]).invalid("policy-adopted-by-a-superior", "role_wrong"),
        adopted_by(&[1, OFFICER]).invalid("policy-adopted-by-one-registrar", "registrars_missing"),
    ]
}
