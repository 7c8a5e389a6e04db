//! Policy, readings, denials and erasure, in the pipeline.

mod contents;
mod counted;
mod damaged;
mod interrupted;

use letopis_domain::{Fact, Refusal as _, Statement};
use letopis_policy::{Action, BG};
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, KeyUse, Purpose, Role, fact::Kind};
use letopis_types::{Class, Digest, Sequence, StreamKey, StreamKind, Version};
use letopis_vault::KeyId;

mod rebuilt;
mod replayed;

use super::world::{Running, World, kek, logged};
use crate::access::Item;
use crate::submission::parse;
use crate::testing::{
    BEGAN, Draft, Signing, WORKER, actor, actor_stream, case, enrol, enrol_key, head_after, id,
    note, open_case, registrars, token, token_claims, token_header, worker,
};
use crate::token::{Call, Caller};
use crate::{LedgerError, Wanted};

const CALL: Call<'_> = Call { method: "invented.Service/Method", request: b"invented request" };
const AGENCY: [u8; 16] = [0xa0; 16];
const OTHER_AGENCY: [u8; 16] = [0xb0; 16];

/// People of the office beside the staff: seed, role, agency. Their token keys are 100 more.
const PEOPLE: [(u8, Role, Option<[u8; 16]>); 6] = [
    (20, Role::HeadOfDepartment, Some(AGENCY)),
    (21, Role::Director, Some(AGENCY)),
    (22, Role::DataProtectionOfficer, None),
    (23, Role::SocialWorker, Some(OTHER_AGENCY)),
    (24, Role::Auditor, None),
    (25, Role::Provider, Some([0xc0; 16])),
];
const HEAD: u8 = 20;
const DIRECTOR: u8 = 21;
const OFFICER: u8 = 22;
const STRANGER: u8 = 23;
const AUDITOR: u8 = 24;
const PROVIDER: u8 = 25;

fn grant_draft(seed: u8, role: Role, agency: Option<[u8; 16]>) -> Draft {
    let agency = agency.map(Vec::from).unwrap_or_default();
    let fact = proto::RoleGranted { role: role.into(), agency, ..Default::default() };
    let number = 1000 + u64::from(seed) * 4;
    let enrolment = enrol(number, seed);
    Draft::new(number + 1, actor_stream(seed), &registrars(), Kind::RoleGranted(fact))
        .seen(head_after(&[&enrolment]))
}

fn by(seed: u8) -> Signing {
    let (_, role, agency) = PEOPLE.into_iter().find(|(person, ..)| *person == seed).unwrap();
    Signing { actor: seed, key: seed, grant: Some(grant_draft(seed, role, agency).hash()) }
}

fn office() -> Vec<Draft> {
    PEOPLE
        .into_iter()
        .flat_map(|(seed, role, agency)| {
            let number = 1000 + u64::from(seed) * 4;
            [
                enrol(number, seed),
                grant_draft(seed, role, agency),
                enrol_key(number + 2, seed, seed + 100, KeyUse::Token, &[by(seed)]),
            ]
        })
        .collect()
}

fn adopt(number: u64, text: &str) -> Draft {
    let fact = proto::PolicyAdopted { text: text.to_owned() };
    let signing = [registrars(), vec![by(OFFICER)]].concat();
    Draft::new(number, StreamKey::ROOT, &signing, Kind::PolicyAdopted(fact))
}

/// A ledger with its office, an adopted policy, and one case with sections of every class.
fn office_at_work() -> (World, Running) {
    let (world, running) = World::staffed();
    running.record_all(&office());
    let (genesis, _) = crate::testing::genesis();
    let root = letopis_crypto::hash::next_head(
        &Digest::ZERO,
        &letopis_crypto::hash::statement_hash(&genesis),
    );
    let head = letopis_domain::position::StreamHead { version: Version(1), head: root };
    running.record(&adopt(900, BG).seen(head));
    running.record_all(&[
        open_case(10, case(1)).section(Class::Normal, b"normal"),
        note(11, case(1))
            .section(Class::Restricted, b"restricted")
            .section(Class::VeryRestricted, b"very restricted"),
    ]);
    running.caught_up();
    (world, running)
}

fn caller(running: &Running, seed: u8, purpose: &str, jti: &str) -> Caller {
    let key = if seed == WORKER { crate::testing::TOKEN } else { seed + 100 };
    let mut claims = token_claims(CALL, BEGAN, &format!("invented-token-{jti}"));
    claims["sub"] = actor(seed).to_string().into();
    claims["purpose"] = purpose.into();
    let text = token(&token_header(key), &claims, key);
    running.ledger.check_caller(Some(&text), CALL).unwrap()
}

fn everything(stream: StreamKey) -> Wanted {
    let (versions, from) = (Vec::new(), Version::ZERO);
    Wanted { stream, versions, from, classes: Class::ALL.to_vec(), events_max: 100 }
}

/// What this caller is given of the case: version, index.
fn given(running: &Running, caller: &Caller, stream: StreamKey) -> Vec<(u64, u32)> {
    let asking = running.ledger.asking(caller);
    let sifted = running.ledger.sift(&asking, &everything(stream)).unwrap();
    let releases = sifted.releases.iter();
    releases
        .flat_map(|release| release.sections.iter().map(|index| (release.version.0, *index)))
        .collect()
}

fn facts(world: &World) -> Vec<Statement> {
    world.events().iter().map(|event| parse(&event.statement).unwrap()).collect()
}

fn reason<T>(result: Result<T, LedgerError>) -> Reason {
    result.map(|_| ()).unwrap_err().reason()
}

#[test]
fn who_is_given_what() {
    let (_, running) = office_at_work();
    let all = vec![(1, 0), (2, 0), (2, 1)];
    let of = |seed, purpose, jti| given(&running, &caller(&running, seed, purpose, jti), case(1));
    assert_eq!(of(WORKER, "case_work", "1-lead"), all, "the lead");
    assert_eq!(of(HEAD, "case_work", "2-head"), all, "the head in its agency");
    assert_eq!(of(STRANGER, "case_work", "3-stranger"), [], "another agency");
    assert_eq!(of(PROVIDER, "case_work", "4-provider"), [], "a provider without a share");
    assert_eq!(of(AUDITOR, "inspection", "5-auditor"), [], "an auditor without an order");
    assert_eq!(of(WORKER, "inspection", "6-lead"), [], "a purpose that is not the role's");
}

#[test]
fn what_is_shared_is_given_and_nothing_else() {
    let (_, running) = office_at_work();
    let fact = proto::ServiceReferred {
        provider: vec![0xc0; 16],
        shared: vec![proto::ReleasedSections { version: 2, sections: vec![0] }],
    };
    running.record(&Draft::new(12, case(1), &[by(DIRECTOR)], Kind::ServiceReferred(fact)));
    let provider = caller(&running, PROVIDER, "case_work", "1-provider");
    assert_eq!(given(&running, &provider, case(1)), [(2, 0)]);
}

#[test]
fn a_conflict_bars_all_but_what_is_urgent() {
    let (_, running) = office_at_work();
    let protected = StreamKey { kind: StreamKind::Protected, ..case(1) };
    let conflict = Kind::ConflictDeclared(proto::ConflictDeclared {});
    running.record(&Draft::new(12, protected, &[worker()], conflict));
    assert_eq!(running.refusal(&note(13, case(1))), Reason::ConflictDeclared);
    let urgent = Kind::EmergencyActRecorded(proto::EmergencyActRecorded { act: 2, age_band: 5 });
    let urgent = Draft::new(14, case(1), &[worker()], urgent);
    let receipt = running.record(&urgent);
    let lead = caller(&running, WORKER, "case_work", "1-lead");
    assert_eq!(given(&running, &lead, case(1)), []);
    running.caught_up();
    let statement = parse(&urgent.bytes()).unwrap();
    let marks = running
        .ledger
        .marks(&statement, &urgent.hash(), receipt.link.sequence, receipt.version)
        .unwrap();
    assert_eq!(marks, [crate::Mark::UnderRecusal]);
}

#[test]
fn facts_are_named_once_a_day_and_denials_are_recorded() {
    let (world, running) = office_at_work();
    let lead = caller(&running, WORKER, "case_work", "1-lead");
    let read = |caller: &Caller, stream| {
        running.runtime.block_on(running.ledger.read_facts(caller, Action::ReadFacts, &[stream]))
    };
    read(&lead, case(1)).unwrap();
    read(&lead, case(1)).unwrap();
    let named = |world: &World| {
        let facts = facts(world);
        facts.iter().filter(|it| matches!(it.fact, Fact::FactsRead(_))).count()
    };
    assert_eq!(named(&world), 1);
    let tomorrow = BEGAN.seconds() as u64 + 24 * 3600;
    world.set_time(letopis_types::Timestamp::from_seconds(tomorrow));
    read(&lead, case(1)).unwrap();
    assert_eq!(named(&world), 2);

    let stranger = {
        world.set_time(BEGAN);
        caller(&running, STRANGER, "case_work", "2-stranger")
    };
    let (forbidden, nowhere) = (read(&stranger, case(1)), read(&stranger, case(9)));
    assert_eq!(forbidden.as_ref().unwrap_err().to_string(), nowhere.unwrap_err().to_string());
    assert_eq!(reason(forbidden), Reason::AccessDenied);
    let denied: Vec<_> = facts(&world)
        .into_iter()
        .filter_map(|statement| match statement.fact {
            Fact::AccessDenied(denied) => Some((denied.reader, denied.file, denied.count)),
            _ => None,
        })
        .collect();
    let stranger = actor(STRANGER);
    assert_eq!(denied, [(stranger, case(1), 1), (stranger, case(9), 2)]);
}

#[test]
fn a_reading_that_is_no_longer_permitted_is_not_recorded() {
    let (world, running) = office_at_work();
    let lead = caller(&running, WORKER, "case_work", "1-lead");
    let asking = running.ledger.asking(&lead);
    let sifted = running.ledger.sift(&asking, &everything(case(1))).unwrap();
    let protected = StreamKey { kind: StreamKind::Protected, ..case(1) };
    let conflict = Kind::ConflictDeclared(proto::ConflictDeclared {});
    running.record(&Draft::new(12, protected, &[worker()], conflict));
    let before = world.events().len();
    let recorded = running.ledger.record_reading(&lead, &sifted.releases);
    assert_eq!(reason(running.runtime.block_on(recorded)), Reason::AccessDenied);
    assert_eq!(world.events().len(), before);
}

/// Between the ruling and the reading's place in the log the section was erased; its key may still be
/// there.
#[test]
fn a_reading_of_what_was_erased_meanwhile_is_not_recorded() {
    let (world, running) = office_at_work();
    let lead = caller(&running, WORKER, "case_work", "1-lead");
    let asking = running.ledger.asking(&lead);
    let sifted = running.ledger.sift(&asking, &everything(case(1))).unwrap();
    let section = proto::ErasedSection { version: 2, index: 1 };
    running.record(&erase(&running, 20, proto::sections_erased::What::Section(section)));
    let before = world.events().len();
    let (first, second) = sifted.releases.split_at(1);
    let recorded = running.ledger.record_reading(&lead, second);
    assert_eq!(reason(running.runtime.block_on(recorded)), Reason::AccessDenied);
    assert_eq!(world.events().len(), before);
    let recorded = running.ledger.record_reading(&lead, first);
    running.runtime.block_on(recorded).unwrap();
}

/// A reading is told with the roles that the reader had then, not with those of today.
#[test]
fn a_reading_shows_the_roles_of_its_day() {
    let (_world, running) = office_at_work();
    let auditor = caller(&running, AUDITOR, "inspection", "1-auditor");
    let (ledger, files) = (&running.ledger, [case(1)]);
    running.runtime.block_on(ledger.read_facts(&auditor, Action::ReadFacts, &files)).unwrap();
    running.caught_up();

    let granted = grant_draft(AUDITOR, Role::Auditor, None);
    let enrolment = enrol(1000 + u64::from(AUDITOR) * 4, AUDITOR);
    let token_key = enrol_key(
        1000 + u64::from(AUDITOR) * 4 + 2,
        AUDITOR,
        AUDITOR + 100,
        KeyUse::Token,
        &[by(AUDITOR)],
    );
    let fact = proto::RoleEnded { grant: granted.hash().0.to_vec() };
    let ended = Draft::new(30, actor_stream(AUDITOR), &registrars()[..1], Kind::RoleEnded(fact));
    running.record(&ended);
    let fact = proto::RoleGranted { role: Role::Researcher.into(), ..Default::default() };
    let again = Draft::new(31, actor_stream(AUDITOR), &registrars(), Kind::RoleGranted(fact));
    running.record(&again.seen(head_after(&[&enrolment, &granted, &token_key, &ended])));

    let entries = running.ledger.readings_of(&case(1), Sequence(u64::MAX), 10).unwrap();
    let roles: Vec<Vec<Role>> =
        entries.iter().map(|entry| entry.roles.iter().map(|role| role.role).collect()).collect();
    assert_eq!(roles, [[Role::Auditor]]);
    let present = running.ledger.asking(&Caller { actor: actor(AUDITOR), ..auditor });
    let present: Vec<_> = present.roles.iter().map(|role| role.role).collect();
    assert_eq!(present, [Role::Researcher]);
}

#[test]
fn the_policy_decides_on_what_is_recorded() {
    let (_, running) = office_at_work();
    let by_stranger =
        |number| Draft::new(number, case(1), &[by(STRANGER)], Kind::NoteAdded(proto::NoteAdded {}));
    assert_eq!(running.refusal(&by_stranger(12)), Reason::PolicyRefuses);
    let urgent = Kind::EmergencyActRecorded(proto::EmergencyActRecorded { act: 2, age_band: 5 });
    running.record(&Draft::new(13, case(1), &[by(STRANGER)], urgent));
    let opened = Kind::BreakGlassOpened(proto::BreakGlassOpened {
        classes: vec![1],
        until_seconds: BEGAN.seconds() + 3600,
    });
    let opened = Draft::new(14, case(1), &[by(PROVIDER)], opened);
    let opened = opened.section_of(Class::Normal, "danger/1", b"invented");
    assert_eq!(running.refusal(&opened), Reason::PolicyRefuses, "emergency access gives something");
    let (genesis, _) = crate::testing::genesis();
    let genesis = letopis_crypto::hash::statement_hash(&genesis);
    let first = letopis_crypto::hash::next_head(&Digest::ZERO, &genesis);
    let head = letopis_crypto::hash::next_head(&first, &adopted_hash());
    let head = letopis_domain::position::StreamHead { version: Version(2), head };
    for text in ["permit (principal, action, resource);", "not cedar at all"] {
        assert_eq!(running.refusal(&adopt(901, text).seen(head)), Reason::PolicyInvalid, "{text}");
    }
}

fn adopted_hash() -> Digest {
    let (genesis, _) = crate::testing::genesis();
    let genesis = letopis_crypto::hash::statement_hash(&genesis);
    let head = letopis_crypto::hash::next_head(&Digest::ZERO, &genesis);
    let head = letopis_domain::position::StreamHead { version: Version(1), head };
    adopt(900, BG).seen(head).hash()
}

/// The officer and the director erase, on the present head of the case.
fn erase(running: &Running, number: u64, what: proto::sections_erased::What) -> Draft {
    let (_, as_of) = running.ledger.read_stream(case(1), 1, "").unwrap();
    let head = letopis_domain::position::StreamHead { version: as_of.version, head: as_of.head };
    let fact = proto::SectionsErased { what: Some(what) };
    Draft::new(number, case(1), &[by(OFFICER), by(DIRECTOR)], Kind::SectionsErased(fact)).seen(head)
}

/// The keys of the sections of an event of the world.
fn keys_of(world: &World, draft: &Draft) -> Vec<KeyId> {
    let hash = draft.hash();
    let events = world.events();
    let event = events.iter().find(|event| event.link.statement_hash == hash).unwrap();
    let ids = event
        .sealed
        .iter()
        .map(|sealed| KeyId(letopis_crypto::section::sealed_key_id(sealed).unwrap()));
    ids.collect()
}

#[test]
fn one_section_is_erased_and_the_others_stay() {
    let (world, running) = office_at_work();
    let two = note(11, case(1))
        .section(Class::Restricted, b"restricted")
        .section(Class::VeryRestricted, b"very restricted");
    let keys = keys_of(&world, &two);
    let section = proto::ErasedSection { version: 2, index: 1 };
    running.record(&erase(&running, 20, proto::sections_erased::What::Section(section)));
    let there = |key: &KeyId| running.ledger.0.vault.key(key).unwrap().is_some();
    assert!(there(&keys[0]) && !there(&keys[1]));
    let lead = caller(&running, WORKER, "case_work", "1-lead");
    assert_eq!(given(&running, &lead, case(1)), [(1, 0), (2, 0)]);
    let sifted = running.ledger.sift(&running.ledger.asking(&lead), &everything(case(1))).unwrap();
    assert_eq!(sifted.withheld.len(), 1);
    assert!(sifted.withheld[0].rule.is_none(), "shown as erased");

    // The rest of the class, of what came before; what comes later is not touched.
    let later = note(12, case(1)).section(Class::Restricted, b"later");
    let class = proto::sections_erased::What::Class(Class::Restricted.number() as i32);
    running.caught_up();
    running.record(&erase(&running, 21, class));
    running.record(&later);
    running.caught_up();
    assert_eq!(given(&running, &lead, case(1)), [(1, 0), (5, 0)]);
}

#[test]
fn erasing_takes_two_and_no_hold() {
    let (_, running) = office_at_work();
    let class = || proto::sections_erased::What::Class(1);
    let mut alone = erase(&running, 20, class());
    let position = alone.seeds.iter().position(|seed| *seed == DIRECTOR).unwrap();
    alone.seeds.remove(position);
    alone.statement.signers.remove(position);
    assert_eq!(running.refusal(&alone), Reason::RoleWrong);
    let (_, as_of) = running.ledger.read_stream(case(1), 1, "").unwrap();
    let head = letopis_domain::position::StreamHead { version: as_of.version, head: as_of.head };
    let hold = Kind::LegalHoldSet(proto::LegalHoldSet {});
    running.record(&Draft::new(21, case(1), &[by(OFFICER)], hold).seen(head));
    running.caught_up();
    assert_eq!(running.refusal(&erase(&running, 22, class())), Reason::LegalHold);
}

/// A crash after the erasure was recorded, before anything was destroyed: it is made up for before
/// anything is served.
#[test]
fn an_erasure_is_made_up_for_at_the_next_start() {
    let (world, running) = office_at_work();
    let section = proto::ErasedSection { version: 2, index: 0 };
    let draft = erase(&running, 20, proto::sections_erased::What::Section(section));
    let note = note(11, case(1))
        .section(Class::Restricted, b"restricted")
        .section(Class::VeryRestricted, b"very restricted");
    let keys = keys_of(&world, &note);
    copy_vault(&world, "vault", "kept");
    running.record(&draft);
    running.close();
    std::fs::remove_dir_all(world.path("vault")).unwrap();
    std::fs::rename(world.path("kept"), world.path("vault")).unwrap();
    for state in ["state", "empty"] {
        let running = world.open_with_state(state);
        assert!(running.ledger.0.vault.key(&keys[0]).unwrap().is_none());
        assert!(running.ledger.0.vault.key(&keys[1]).unwrap().is_some());
        assert!(running.ledger.0.vault.last_erasure().is_some());
        running.close();
    }
}

fn copy_vault(world: &World, from: &str, to: &str) {
    std::fs::create_dir(world.path(to)).unwrap();
    for entry in std::fs::read_dir(world.path(from)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), world.path(to).join(entry.file_name())).unwrap();
    }
}

/// The lead, whatever the tokens.
fn lead(running: &Running) -> crate::Asking {
    crate::Asking {
        actor: actor(WORKER),
        purpose: Purpose::CaseWork,
        now: BEGAN,
        roles: crate::sequencer::read(&running.ledger.0.registry)
            .roles_in_force(&actor(WORKER), BEGAN)
            .collect(),
    }
}

/// Whatever was decided is decided the same from memory, from the state, and after a rebuild.
#[test]
fn files_are_the_same_after_a_rebuild() {
    let (world, running) = office_at_work();
    let before = given(&running, &caller(&running, WORKER, "case_work", "1-lead"), case(1));
    running.close();
    world.set_time(letopis_types::Timestamp::from_seconds(BEGAN.seconds() as u64 + 30));
    for state in ["state", "anew"] {
        let running = world.open_with_state(state);
        let item = Item::facts(case(1), true);
        let asking = lead(&running);
        assert!(running.ledger.rule_on(&asking, Action::ReadFacts, &item).unwrap().allowed);
        let sifted = running.ledger.sift(&asking, &everything(case(1))).unwrap();
        let after: Vec<_> = sifted
            .releases
            .iter()
            .flat_map(|release| release.sections.iter().map(|i| (release.version.0, *i)))
            .collect();
        assert_eq!(after, before, "{state}");
        running.close();
    }
    assert_eq!(world.digest("state").0, world.digest("anew").0);
}

/// Final is what a rotation covers, once every backup from before it has expired; recorded once.
#[test]
fn erasures_become_final() {
    let (world, running) = office_at_work();
    let section = proto::ErasedSection { version: 2, index: 0 };
    running.record(&erase(&running, 20, proto::sections_erased::What::Section(section)));
    running.close();
    let rotated_at = BEGAN.seconds() as u64;
    letopis_vault::rotate(&world.path("vault"), id(), &kek(), &kek(), rotated_at).unwrap();
    let running = world.open();
    let complete = |days| running.runtime.block_on(running.ledger.complete_erasures(days)).unwrap();
    assert_eq!(complete(90), 0, "backups may still hold it");
    world.set_time(letopis_types::Timestamp::from_seconds(rotated_at + 90 * 24 * 3600));
    assert_eq!(complete(90), 1);
    running.caught_up();
    assert_eq!(complete(90), 0);
    let completed =
        facts(&world).into_iter().filter(|it| matches!(it.fact, Fact::ErasureCompleted(_)));
    assert_eq!(completed.count(), 1);
}
