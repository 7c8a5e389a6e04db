//! `log`: who may read and write in a file.

use letopis_proto::statement::v1::{self as proto, Class, Purpose, Relation, Role, fact::Kind};

use super::history::{
    AGENCY, CASE, COLLEAGUE, COMPLAINT, DIRECTOR, ELSEWHERE, HEAD, HOUR, History, NEW_KEY, OFFICER,
    OTHER_CASE, PROTECTED, PROVIDER, Place, SERVICE, SIGNAL, SUPERIOR, WORKER, case_opened,
    child_missing, note, of, reference,
};
use super::invented as i;
use super::more_kinds::named;
use crate::Vector;

const NOT_THERE: &str = "not_in_force";
const ROLE: &str = "role_wrong";
const DAY: i64 = 24 * HOUR;

pub(super) fn vectors() -> Vec<Vector> {
    [
        histories(),
        conflicts(),
        grants(),
        reporters(),
        emergencies(),
        reviews(),
        shares(),
        holds(),
        erasures(),
        transfers(),
        endorsements(),
        roles(),
    ]
    .concat()
}

/// These people; a case is open that the agency holds.
fn given(people: &[(u8, Role)]) -> History {
    let mut history = History::with(&[(WORKER, Role::SocialWorker)]);
    for (seed, role) in people {
        history.staff(*seed, *role);
    }
    history.add(CASE, history.by(&[WORKER]), case_opened());
    history
}

/// After what these people are given, more.
fn and(people: &[(u8, Role)], add: impl FnOnce(&mut History)) -> History {
    let mut history = given(people);
    add(&mut history);
    history
}

/// The hash of the event that opened the case.
fn opening(history: &mut History) -> Vec<u8> {
    history.add(OTHER_CASE, history.by(&[WORKER]), case_opened())
}

fn signal_received() -> Kind {
    let channel = proto::SignalChannel::Hotline.into();
    Kind::SignalReceived(proto::SignalReceived {
        channel,
        children: vec![vec![0xc1; 16]],
        track: proto::Track::General.into(),
        anonymous: false,
    })
}

fn histories() -> Vec<Vector> {
    let from_signal_to_closing = and(&[(HEAD, Role::HeadOfDepartment)], |h| {
        let signal = h.add(SIGNAL, h.by(&[WORKER]), signal_received());
        h.add_with(OTHER_CASE, h.by(&[HEAD]), case_opened(), |s| {
            s.references = vec![reference(Relation::BasedOn, SIGNAL, &signal)];
        });
        let lead = Kind::LeadAssigned(proto::LeadAssigned { lead: i::actor(HEAD) });
        h.add(OTHER_CASE, h.by(&[HEAD]), lead);
        let team = proto::TeamConvened {
            mechanism: proto::Mechanism::Coordination.into(),
            members: vec![i::actor(WORKER)],
        };
        h.add(OTHER_CASE, h.by(&[HEAD]), Kind::TeamConvened(team));
        h.add(
            OTHER_CASE,
            h.by(&[HEAD]),
            Kind::CaseClosed(proto::CaseClosed {
                age_band: proto::AgeBand::Unknown.into(),
                ..Default::default()
            }),
        );
    });
    let complaint = and(&[(SUPERIOR, Role::Superior)], |h| {
        let opened = opening(h);
        let lodged = Kind::ComplaintLodged(proto::ComplaintLodged {});
        h.add_with(COMPLAINT, h.by(&[SUPERIOR]), lodged, |s| {
            s.references = vec![reference(Relation::ComplainsOf, OTHER_CASE, &opened)];
        });
        let assigned = proto::HandlerAssigned { handler: i::actor(SUPERIOR) };
        h.add(COMPLAINT, h.by(&[SUPERIOR]), Kind::HandlerAssigned(assigned));
    });
    vec![
        from_signal_to_closing.valid("from-a-signal-to-the-closing-of-a-case"),
        complaint.valid("complaint-lodged-and-handler-assigned"),
    ]
}

fn conflict() -> Kind {
    Kind::ConflictDeclared(proto::ConflictDeclared {})
}

fn conflicts() -> Vec<Vector> {
    let declared_and = |add: fn(&mut History)| {
        and(&[(COLLEAGUE, Role::SocialWorker)], |h| {
            h.add(PROTECTED, h.by(&[WORKER]), conflict());
            add(h);
        })
    };
    let fault = "conflict_declared";
    vec![
        declared_and(|h| {
            h.add(CASE, h.by(&[WORKER]), child_missing());
            h.add(CASE, h.by(&[WORKER, COLLEAGUE]), child_missing());
            h.add(PROTECTED, h.by(&[WORKER]), conflict());
            h.add(CASE, h.by(&[COLLEAGUE]), note());
            h.add(OTHER_CASE, h.by(&[WORKER]), case_opened());
        })
        .valid("conflict-declared-and-urgent"),
        declared_and(|h| {
            h.add(CASE, h.by(&[WORKER]), note());
        })
        .invalid("conflict-declared", fault),
        declared_and(|h| {
            h.add(CASE, h.by(&[WORKER, COLLEAGUE]), note());
        })
        .invalid("conflict-declared-by-one-of-two", fault),
        and(&[], |h| {
            let declared = h.add(PROTECTED, h.by(&[WORKER]), conflict());
            let endorsed = Kind::Endorsed(proto::Endorsed {});
            h.add_with(PROTECTED, h.by(&[WORKER]), endorsed, |s| {
                s.references = vec![reference(Relation::Endorses, PROTECTED, &declared)];
            });
        })
        .invalid("conflict-declared-and-in-the-protected-stream", fault),
    ]
}

fn granted(reader: u8, until_seconds: i64, complaint: bool) -> Kind {
    Kind::AccessGranted(proto::AccessGranted {
        reader: i::actor(reader),
        classes: vec![Class::Normal.into(), Class::VeryRestricted.into()],
        purpose: Purpose::ComplaintReview.into(),
        until_seconds,
        complaint: if complaint { vec![0xc0; 16] } else { Vec::new() },
    })
}

fn revoked(granted: &[u8]) -> Kind {
    Kind::AccessRevoked(proto::AccessRevoked { granted: granted.to_vec() })
}

const HEADED: &[(u8, Role)] = &[(HEAD, Role::HeadOfDepartment), (COLLEAGUE, Role::SocialWorker)];

fn grants() -> Vec<Vector> {
    let granted_and = |add: fn(&mut History, &[u8])| {
        and(HEADED, |h| {
            let until = h.seconds() + HOUR;
            let grant = h.add(CASE, h.by(&[HEAD]), granted(COLLEAGUE, until, false));
            add(h, &grant);
        })
    };
    let by = |seeds: &[u8], reader, seconds| {
        and(HEADED, |h| {
            let until = h.seconds() + seconds;
            h.add(CASE, h.by(seeds), granted(reader, until, false));
        })
    };
    vec![
        granted_and(|h, grant| {
            h.later(2 * HOUR);
            h.add(CASE, h.by(&[WORKER]), revoked(grant));
        })
        .valid("access-granted-and-revoked"),
        by(&[WORKER], COLLEAGUE, 1).invalid("access-granted-by-a-social-worker", ROLE),
        by(&[HEAD, WORKER], WORKER, 1).invalid("access-granted-to-a-signer", "self_review"),
        by(&[HEAD], HEAD, 1).invalid("access-granted-to-oneself", "self_review"),
        by(&[HEAD], COLLEAGUE, 0).invalid("access-granted-until-now", "term_invalid"),
        granted_and(|h, grant| {
            h.add(CASE, h.by(&[WORKER]), revoked(grant));
            h.add(CASE, h.by(&[WORKER]), revoked(grant));
        })
        .invalid("access-revoked-twice", NOT_THERE),
        granted_and(|h, grant| {
            h.add(OTHER_CASE, h.by(&[WORKER]), case_opened());
            h.add(OTHER_CASE, h.by(&[WORKER]), revoked(grant));
        })
        .invalid("access-revoked-of-another-case", NOT_THERE),
        granted_and(|h, _| {
            let note = h.add(CASE, h.by(&[WORKER]), note());
            h.add(CASE, h.by(&[WORKER]), revoked(&note));
        })
        .invalid("access-revoked-that-is-a-note", NOT_THERE),
        granted_and(|h, _| {
            h.add(CASE, h.by(&[WORKER]), revoked(&named()));
        })
        .invalid("access-revoked-that-is-not-there", NOT_THERE),
    ]
}

fn reporters() -> Vec<Vector> {
    let people = [
        (HEAD, Role::HeadOfDepartment),
        (OFFICER, Role::DataProtectionOfficer),
        (SUPERIOR, Role::Superior),
    ];
    let by = |seeds: &[u8], reader| {
        and(&people, |h| {
            let until = h.seconds() + HOUR;
            h.add(CASE, h.by(seeds), granted(reader, until, true));
        })
    };
    let two_keys = and(&people[1..2], |h| {
        let signers = in_both_roles(h, Role::Superior);
        let until = h.seconds() + HOUR;
        h.add(CASE, signers, granted(WORKER, until, true));
    });
    vec![
        by(&[OFFICER, SUPERIOR], WORKER).valid("access-granted-to-the-reporter"),
        by(&[HEAD], WORKER).invalid("access-granted-to-the-reporter-by-the-head", ROLE),
        by(&[OFFICER], WORKER).invalid("access-granted-to-the-reporter-by-the-officer-alone", ROLE),
        by(&[OFFICER, HEAD], WORKER)
            .invalid("access-granted-to-the-reporter-without-a-superior", ROLE),
        by(&[OFFICER, SUPERIOR], SUPERIOR)
            .invalid("access-granted-to-the-reporter-to-a-signer", "self_review"),
        two_keys.invalid("access-granted-to-the-reporter-by-one-actor-in-both-roles", ROLE),
    ]
}

/// The officer is given another role, and signs in both, with two keys.
fn in_both_roles(history: &mut History, role: Role) -> Vec<proto::Signer> {
    let officer = history.by(&[OFFICER]).remove(0);
    let mut signers = history.by(&[1, 2, OFFICER]);
    signers.push(proto::Signer { actor: i::actor(OFFICER), ..i::signer(NEW_KEY, &[]) });
    let key = i::enrolled_key(NEW_KEY, proto::KeyUse::Statement);
    history.add(of(OFFICER), signers, Kind::KeyEnrolled(proto::KeyEnrolled { key }));
    history.grant(OFFICER, role, None);
    vec![officer, history.with_key(OFFICER, NEW_KEY)]
}

fn break_glass(history: &mut History, seeds: &[u8], seconds: i64, section: &str) -> Vec<u8> {
    let until_seconds = history.seconds() + seconds;
    let classes = vec![Class::Restricted.into()];
    let kind = Kind::BreakGlassOpened(proto::BreakGlassOpened { classes, until_seconds });
    history.add_with(CASE, history.by(seeds), kind, |s| {
        s.sections = vec![i::section(1, "text/plain"), i::section(2, section)];
    })
}

fn emergencies() -> Vec<Vector> {
    let opened = |seeds: &'static [u8], seconds, section: &'static str| {
        and(&HEADED[..1], move |h| {
            h.nanoseconds_later(999_999_999);
            break_glass(h, seeds, seconds, section);
        })
    };
    let danger = "danger/1";
    vec![
        opened(&[WORKER], DAY, danger).valid("break-glass-opened-for-24-hours"),
        opened(&[WORKER], 1, danger).valid("break-glass-opened-for-a-second"),
        opened(&[WORKER], DAY + 1, danger)
            .invalid("break-glass-opened-for-a-second-more-than-24-hours", "term_invalid"),
        opened(&[WORKER], 0, danger).invalid("break-glass-opened-until-now", "term_invalid"),
        opened(&[WORKER], HOUR, "dangerous/1")
            .invalid("break-glass-opened-without-a-danger", "danger_missing"),
        opened(&[WORKER, HEAD], HOUR, danger).invalid("break-glass-opened-by-two", ROLE),
    ]
}

fn glass_closed(opened: &[u8]) -> Kind {
    Kind::BreakGlassClosed(proto::BreakGlassClosed { opened: opened.to_vec() })
}

fn glass_reviewed(opened: &[u8]) -> Kind {
    let opened = opened.to_vec();
    Kind::BreakGlassReviewed(proto::BreakGlassReviewed { opened, justified: false })
}

fn reviews() -> Vec<Vector> {
    let people = [
        (HEAD, Role::HeadOfDepartment),
        (OFFICER, Role::DataProtectionOfficer),
        (COLLEAGUE, Role::SocialWorker),
    ];
    let opened_by = |seed: u8, add: fn(&mut History, &[u8])| {
        and(&people, |h| {
            let opened = break_glass(h, &[seed], HOUR, "danger/1");
            add(h, &opened);
        })
    };
    let after =
        |what, fault, add: fn(&mut History, &[u8])| opened_by(WORKER, add).invalid(what, fault);
    vec![
        opened_by(WORKER, |h, opened| {
            h.add(CASE, h.by(&[WORKER]), glass_closed(opened));
            h.add(CASE, h.by(&[OFFICER, HEAD]), glass_reviewed(opened));
        })
        .valid("break-glass-closed-and-reviewed"),
        opened_by(WORKER, |h, opened| {
            h.add(CASE, h.by(&[OFFICER, HEAD]), glass_reviewed(opened));
            h.later(2 * HOUR);
            h.add(CASE, h.by(&[OFFICER]), glass_closed(opened));
        })
        .valid("break-glass-reviewed-and-closed-by-the-officer"),
        after("break-glass-closed-by-a-colleague", ROLE, |h, opened| {
            h.add(CASE, h.by(&[COLLEAGUE]), glass_closed(opened));
        }),
        after("break-glass-closed-twice", NOT_THERE, |h, opened| {
            h.add(CASE, h.by(&[WORKER]), glass_closed(opened));
            h.add(CASE, h.by(&[WORKER]), glass_closed(opened));
        }),
        after("break-glass-closed-that-is-not-there", NOT_THERE, |h, _| {
            h.add(CASE, h.by(&[WORKER]), glass_closed(&named()));
        }),
        after("break-glass-reviewed-by-the-head-alone", ROLE, |h, opened| {
            h.add(CASE, h.by(&[HEAD]), glass_reviewed(opened));
        }),
        after("break-glass-reviewed-with-who-opened-it", "self_review", |h, opened| {
            h.add(CASE, h.by(&[OFFICER, HEAD, WORKER]), glass_reviewed(opened));
        }),
        after("break-glass-reviewed-by-one-actor-in-both-roles", ROLE, |h, opened| {
            let signers = in_both_roles(h, Role::HeadOfDepartment);
            h.add(CASE, signers, glass_reviewed(opened));
        }),
        opened_by(HEAD, |h, opened| {
            h.add(CASE, h.by(&[OFFICER, HEAD]), glass_reviewed(opened));
        })
        .invalid("break-glass-reviewed-by-who-opened-it", "self_review"),
        after("break-glass-reviewed-twice", NOT_THERE, |h, opened| {
            h.add(CASE, h.by(&[OFFICER, HEAD]), glass_reviewed(opened));
            h.add(CASE, h.by(&[OFFICER, HEAD]), glass_reviewed(opened));
        }),
    ]
}

fn shared(receiver: &[u8], versions: &[u64], until_seconds: Option<i64>) -> Kind {
    let shared = versions.iter().map(|version| i::released(*version, &[0])).collect();
    let receiver = receiver.to_vec();
    Kind::InformationShared(proto::InformationShared { receiver, shared, until_seconds })
}

fn referred(versions: &[u64]) -> Kind {
    let shared = versions.iter().map(|version| i::released(*version, &[0])).collect();
    Kind::ServiceReferred(proto::ServiceReferred { provider: SERVICE.to_vec(), shared })
}

fn received(shared: &[u8]) -> Kind {
    Kind::DisclosureReceived(proto::DisclosureReceived { shared: shared.to_vec() })
}

fn shares() -> Vec<Vector> {
    let people =
        [(PROVIDER, Role::Provider), (COLLEAGUE, Role::SocialWorker), (DIRECTOR, Role::Director)];
    // The case has one event, the sharing is its second.
    let valid = |what, add: fn(&mut History)| and(&people, add).valid(what);
    let wrong = |what, fault, add: fn(&mut History)| and(&people, add).invalid(what, fault);
    vec![
        valid("information-shared-and-received", |h| {
            let until = h.seconds() + 1;
            let to_agency = h.add(CASE, h.by(&[WORKER]), shared(&SERVICE, &[1], Some(until)));
            let colleague = i::actor(COLLEAGUE);
            let to_actor = h.add(CASE, h.by(&[WORKER]), shared(&colleague, &[1, 2], None));
            h.add(CASE, h.by(&[PROVIDER]), received(&to_agency));
            h.add(CASE, h.by(&[COLLEAGUE]), received(&to_actor));
            h.add(CASE, h.by(&[DIRECTOR]), referred(&[4, 5]));
            h.add(CASE, h.by(&[DIRECTOR]), referred(&[]));
        }),
        wrong("information-shared-of-itself", "section_unknown", |h| {
            h.add(CASE, h.by(&[WORKER]), shared(&SERVICE, &[1, 2], None));
        }),
        wrong("service-referred-of-itself", "section_unknown", |h| {
            h.add(CASE, h.by(&[DIRECTOR]), referred(&[2]));
        }),
        wrong("information-shared-until-now", "term_invalid", |h| {
            let until = h.seconds();
            h.add(CASE, h.by(&[WORKER]), shared(&SERVICE, &[1], Some(until)));
        }),
        wrong("disclosure-received-by-another", ROLE, |h| {
            let share = h.add(CASE, h.by(&[WORKER]), shared(&SERVICE, &[1], None));
            h.add(CASE, h.by(&[COLLEAGUE]), received(&share));
        }),
        wrong("disclosure-received-by-the-agency-of-the-receiver", ROLE, |h| {
            let provider = i::actor(PROVIDER);
            let share = h.add(CASE, h.by(&[WORKER]), shared(&provider, &[1], None));
            h.staff(SUPERIOR, Role::Superior);
            h.add(CASE, h.by(&[SUPERIOR]), received(&share));
        }),
        wrong("disclosure-received-of-a-referral", NOT_THERE, |h| {
            let referral = h.add(CASE, h.by(&[DIRECTOR]), referred(&[1]));
            h.add(CASE, h.by(&[PROVIDER]), received(&referral));
        }),
        wrong("disclosure-received-that-is-not-there", NOT_THERE, |h| {
            h.add(CASE, h.by(&[PROVIDER]), received(&named()));
        }),
    ]
}

fn hold() -> Kind {
    Kind::LegalHoldSet(proto::LegalHoldSet {})
}

fn lifted(set: &[u8]) -> Kind {
    Kind::LegalHoldLifted(proto::LegalHoldLifted { set: set.to_vec() })
}

fn erased(class: Class) -> Kind {
    let what = Some(proto::sections_erased::What::Class(class.into()));
    Kind::SectionsErased(proto::SectionsErased { what })
}

fn erased_section(version: u64) -> Kind {
    let section = proto::ErasedSection { version, index: 0 };
    let what = Some(proto::sections_erased::What::Section(section));
    Kind::SectionsErased(proto::SectionsErased { what })
}

const ERASERS: &[(u8, Role)] =
    &[(OFFICER, Role::DataProtectionOfficer), (DIRECTOR, Role::Director)];

/// Erases, by the two whom it takes.
fn erase(history: &mut History, at: Place, what: Kind) {
    history.add(at, history.by(&[OFFICER, DIRECTOR]), what);
}

fn holds() -> Vec<Vector> {
    let valid = |what, add: fn(&mut History)| and(ERASERS, add).valid(what);
    let wrong = |what, fault, add: fn(&mut History)| and(ERASERS, add).invalid(what, fault);
    let fault = "legal_hold";
    vec![
        valid("legal-hold-lifted-and-erased", |h| {
            let set = h.add(CASE, h.by(&[OFFICER]), hold());
            erase(h, SIGNAL, erased(Class::Normal));
            h.add(CASE, h.by(&[OFFICER]), lifted(&set));
            erase(h, CASE, erased(Class::Normal));
            erase(h, CASE, erased_section(1));
        }),
        wrong("sections-erased-under-a-hold", fault, |h| {
            h.add(CASE, h.by(&[OFFICER]), hold());
            erase(h, CASE, erased(Class::Normal));
        }),
        wrong("sections-erased-of-one-event-under-a-hold", fault, |h| {
            h.add(CASE, h.by(&[OFFICER]), hold());
            erase(h, CASE, erased_section(1));
        }),
        wrong("sections-erased-in-the-protected-stream-under-the-cases-hold", fault, |h| {
            h.add(CASE, h.by(&[OFFICER]), hold());
            erase(h, PROTECTED, erased(Class::Normal));
        }),
        wrong("sections-erased-under-the-second-of-two-holds", fault, |h| {
            let first = h.add(CASE, h.by(&[OFFICER]), hold());
            h.add(CASE, h.by(&[OFFICER]), hold());
            h.add(CASE, h.by(&[OFFICER]), lifted(&first));
            erase(h, CASE, erased(Class::Normal));
        }),
        wrong("legal-hold-lifted-twice", NOT_THERE, |h| {
            let set = h.add(CASE, h.by(&[OFFICER]), hold());
            h.add(CASE, h.by(&[OFFICER]), lifted(&set));
            h.add(CASE, h.by(&[OFFICER]), lifted(&set));
        }),
        wrong("legal-hold-lifted-of-another-case", NOT_THERE, |h| {
            let set = h.add(CASE, h.by(&[OFFICER]), hold());
            opening(h);
            h.add(OTHER_CASE, h.by(&[OFFICER]), lifted(&set));
        }),
        wrong("legal-hold-set-by-the-director", ROLE, |h| {
            h.add(CASE, h.by(&[DIRECTOR]), hold());
        }),
    ]
}

fn erasures() -> Vec<Vector> {
    let wrong = |what, fault, add: fn(&mut History)| and(ERASERS, add).invalid(what, fault);
    let ledger = |h: &History| h.by(&[i::LEDGER]);
    let completed =
        |erased: &[u8]| Kind::ErasureCompleted(proto::ErasureCompleted { erased: erased.to_vec() });
    let access = (letopis_types::StreamKind::Access, 0xca);
    let mut done = given(ERASERS);
    let erasure = done.add(CASE, done.by(&[OFFICER, DIRECTOR]), erased(Class::Restricted));
    let mut by_the_officer = done.clone();
    done.add(access, ledger(&done), completed(&erasure));
    by_the_officer.add(access, by_the_officer.by(&[OFFICER]), completed(&erasure));
    vec![
        done.valid("sections-erased-and-completed"),
        by_the_officer.invalid("erasure-completed-by-the-officer", "ledger_kind"),
        wrong("sections-erased-by-the-officer-alone", ROLE, |h| {
            h.add(CASE, h.by(&[OFFICER]), erased(Class::Normal));
        }),
        wrong("sections-erased-by-the-director-alone", ROLE, |h| {
            h.add(CASE, h.by(&[DIRECTOR]), erased(Class::Normal));
        }),
        wrong("sections-erased-by-one-actor-in-both-roles", ROLE, |h| {
            let signers = in_both_roles(h, Role::Director);
            h.add(CASE, signers, erased(Class::Normal));
        }),
        wrong("sections-erased-of-itself", "section_unknown", |h| {
            erase(h, CASE, erased_section(2));
        }),
        wrong(
            "sections-erased-of-an-event-of-the-case-in-the-protected-stream",
            "section_unknown",
            |h| erase(h, PROTECTED, erased_section(1)),
        ),
    ]
}

fn proposed(to: [u8; 16]) -> Kind {
    Kind::TransferProposed(proto::TransferProposed { to: to.to_vec() })
}

fn accepted(proposed: &[u8]) -> Kind {
    Kind::TransferAccepted(proto::TransferAccepted { proposed: proposed.to_vec() })
}

fn rejected(proposed: &[u8]) -> Kind {
    Kind::TransferRejected(proto::TransferRejected { proposed: proposed.to_vec() })
}

fn transfers() -> Vec<Vector> {
    let valid =
        |what, add: fn(&mut History)| and(&[(HEAD, Role::HeadOfDepartment)], add).valid(what);
    let wrong = |what, fault, add: fn(&mut History)| {
        and(&[(HEAD, Role::HeadOfDepartment)], add).invalid(what, fault)
    };
    fn add(h: &mut History, kind: Kind) -> Vec<u8> {
        h.add(CASE, h.by(&[HEAD]), kind)
    }
    vec![
        valid("transfer-accepted-and-back", |h| {
            let away = add(h, proposed(ELSEWHERE));
            add(h, accepted(&away));
            let back = add(h, proposed(AGENCY));
            add(h, accepted(&back));
        }),
        valid("transfer-rejected-and-proposed-again", |h| {
            let first = add(h, proposed(ELSEWHERE));
            let second = add(h, proposed(SERVICE));
            add(h, rejected(&first));
            add(h, accepted(&second));
        }),
        wrong("transfer-proposed-to-the-holder", NOT_THERE, |h| {
            add(h, proposed(AGENCY));
        }),
        wrong("transfer-proposed-to-the-new-holder", NOT_THERE, |h| {
            let away = add(h, proposed(ELSEWHERE));
            add(h, accepted(&away));
            add(h, proposed(ELSEWHERE));
        }),
        wrong("transfer-proposed-without-a-holder", NOT_THERE, |h| {
            h.add(OTHER_CASE, h.by(&[HEAD]), note());
            h.add(OTHER_CASE, h.by(&[HEAD]), proposed(ELSEWHERE));
        }),
        wrong("transfer-accepted-twice", NOT_THERE, |h| {
            let away = add(h, proposed(ELSEWHERE));
            add(h, accepted(&away));
            add(h, accepted(&away));
        }),
        wrong("transfer-accepted-after-it-was-rejected", NOT_THERE, |h| {
            let away = add(h, proposed(ELSEWHERE));
            add(h, rejected(&away));
            add(h, accepted(&away));
        }),
        wrong("transfer-rejected-after-another-was-accepted", NOT_THERE, |h| {
            let away = add(h, proposed(ELSEWHERE));
            let other = add(h, proposed(SERVICE));
            add(h, accepted(&away));
            add(h, rejected(&other));
        }),
        wrong("transfer-accepted-that-is-not-there", NOT_THERE, |h| {
            add(h, accepted(&named()));
        }),
    ]
}

fn endorsements() -> Vec<Vector> {
    let endorsed = |references: fn(&[u8], &[u8]) -> Vec<proto::Reference>| {
        and(&[(COLLEAGUE, Role::SocialWorker)], |h| {
            let here = h.add(CASE, h.by(&[WORKER]), note());
            let there = opening(h);
            h.add_with(CASE, h.by(&[COLLEAGUE]), Kind::Endorsed(proto::Endorsed {}), |s| {
                s.references = references(&here, &there);
            });
        })
    };
    let fault = "field_missing";
    vec![
        endorsed(|here, there| {
            vec![
                reference(Relation::Endorses, CASE, here),
                reference(Relation::BasedOn, CASE, here),
                reference(Relation::Endorses, OTHER_CASE, there),
            ]
        })
        .valid("endorsed"),
        endorsed(|_, _| Vec::new()).invalid("endorsed-nothing", fault),
        endorsed(|here, _| vec![reference(Relation::BasedOn, CASE, here)])
            .invalid("endorsed-by-another-relation", fault),
        endorsed(|_, there| vec![reference(Relation::Endorses, OTHER_CASE, there)])
            .invalid("endorsed-in-another-stream", fault),
        endorsed(|here, _| vec![reference(Relation::Endorses, CASE, here); 2])
            .invalid("endorsed-twice-at-once", fault),
    ]
}

/// Kinds that take a certain role, signed by a social worker.
fn roles() -> Vec<Vector> {
    let wrong = |what: &str, at: Place, kind: Kind| {
        and(&[], |h| {
            h.add(at, h.by(&[WORKER]), kind);
        })
        .invalid(&format!("{what}-by-a-social-worker"), ROLE)
    };
    let root = super::history::ROOT;
    let inspection = Kind::InspectionOpened(proto::InspectionOpened {
        auditors: vec![vec![9; 16]],
        agency: AGENCY.to_vec(),
        cases: Vec::new(),
        classes: Vec::new(),
        until_seconds: super::more_kinds::UNTIL,
    });
    let breach = || Kind::BreachRecorded(proto::BreachRecorded {});
    let answered = Kind::SubjectAccessAnswered(proto::SubjectAccessAnswered {});
    vec![
        wrong("disclosure-refused", CASE, Kind::DisclosureRefused(proto::DisclosureRefused {})),
        wrong("subject-access-answered", CASE, answered),
        wrong("breach-recorded", CASE, breach()),
        wrong("breach-recorded-in-root", root, breach()),
        wrong("inspection-opened", root, inspection),
    ]
}
