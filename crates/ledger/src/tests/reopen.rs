//! Whatever the state was, the ledger that is opened is the same.

use std::collections::HashSet;
use std::time::Duration;

use letopis_crypto::section::sealed_key_id;
use letopis_log::merkle::{leaf_hash, verify_consistency, verify_inclusion};
use letopis_log::{Checkpoint, VerifierKey};
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{KeyUse, Role};
use letopis_state::Origin;
use letopis_types::{Class, Digest, Sequence, Timestamp};
use letopis_vault::KeyId;

use super::world::{Running, World};
use crate::testing::{
    BEGAN, Draft, Signing, WORKER, actor_stream, case, chief, end_role, enrol, enrol_key,
    enrol_with, grant, head_after, note, open_case, plan, revoke_key, staff, worker,
};

/// A worker who is not one any more, one whose key was lost and replaced, and one whose role
/// has not begun.
const LEFT: u8 = 40;
const LOST: u8 = 41;
const NEW_KEY: u8 = 42;

/// Registry events of every kind, in order.
fn registry_events() -> Vec<Draft> {
    let enrolled = [enrol(1001, LEFT), enrol(1002, LOST)];
    let granted = [
        grant(1003, LEFT, Role::SocialWorker).seen(head_after(&[&enrolled[0]])),
        grant(1004, LOST, Role::Director).seen(head_after(&[&enrolled[1]])),
    ];
    let ended = end_role(1005, LEFT, granted[0].hash());
    let revoked = revoke_key(1006, LOST, LOST);
    let replaced = enrol_key(1007, LOST, NEW_KEY, KeyUse::Statement, &[]);
    let [one, two] = enrolled;
    let [three, four] = granted;
    vec![one, two, three, four, ended, revoked, replaced]
}

/// Notes and decisions in several cases, some with sections.
fn work(from: u64, count: u64) -> Vec<Draft> {
    (from..from + count)
        .map(|number| {
            let draft = note(number, case((number % 11) as u8));
            match number % 4 {
                0 => draft.section(Class::Normal, b"invented"),
                1 => draft.section(Class::Restricted, b"invented").section(Class::Normal, b""),
                _ => draft,
            }
        })
        .collect()
}

fn send_all(running: &Running, drafts: &[Draft]) {
    for answer in running.send(drafts) {
        running.wait(answer).unwrap();
    }
}

/// What the registry says to all sorts of signers, through the front door. Nothing is recorded.
fn verdicts(running: &Running) -> Vec<Reason> {
    let events = registry_events();
    let by = |actor: u8, key: u8, grant: Digest| {
        let signing = Signing { actor, key, grant: Some(grant) };
        let fact = letopis_proto::statement::v1::NoteAdded {};
        let kind = letopis_proto::statement::v1::fact::Kind::NoteAdded(fact);
        // Whoever may sign learns only that the reference is wrong.
        Draft::new(2000, case(1), &[signing], kind).reference(&case(1), Digest([9; 32]))
    };
    let director = events[3].hash();
    let drafts = [
        by(WORKER, WORKER, worker().grant.unwrap()),
        by(7, 7, chief().grant.unwrap()),
        by(WORKER, WORKER, chief().grant.unwrap()),
        by(LEFT, LEFT, events[2].hash()),
        by(LOST, LOST, director),
        by(LOST, NEW_KEY, director),
        by(50, 50, director),
        enrol_with(2001, WORKER, 60),
        enrol_key(2002, WORKER, LOST, KeyUse::Statement, &[worker()]),
        grant(2003, WORKER, Role::Auditor),
    ];
    drafts.iter().map(|draft| running.refusal(draft)).collect()
}

const VERDICTS: [Reason; 10] = [
    Reason::ReferenceUnknown,
    Reason::ReferenceUnknown,
    Reason::GrantUnknown,
    Reason::GrantNotInForce,
    Reason::KeyNotInForce,
    Reason::KeyNotInForce,
    Reason::ActorUnknown,
    Reason::ActorAlreadyEnrolled,
    Reason::KeyAlreadyEnrolled,
    Reason::SeenMissing,
];

/// Every inclusion proof, and the consistency proofs between some sizes; all of them verify.
fn proofs(world: &World, running: &Running) -> Vec<Vec<Digest>> {
    let ledger = &running.ledger;
    let size = ledger.size();
    let key: VerifierKey = ledger.verification_key().parse().unwrap();
    let root = Checkpoint::open(&ledger.checkpoint(), &key).unwrap().root;
    let mut proofs = Vec::new();
    let leaves: Vec<_> =
        world.events().iter().map(|event| leaf_hash(&event.link.to_bytes())).collect();
    for (sequence, leaf) in leaves.iter().enumerate() {
        let proof = ledger.inclusion_proof(Sequence(sequence as u64), size).unwrap();
        verify_inclusion(leaf, sequence as u64, size.0, &proof, &root).unwrap();
        proofs.push(proof);
    }
    for from in [1, 2, 100, 255, 256, 257, size.0 - 1] {
        let mut frontier = letopis_log::merkle::Frontier::new();
        leaves[..from as usize].iter().for_each(|leaf| frontier.append(*leaf));
        let proof = ledger.consistency_proof(Sequence(from), size).unwrap();
        verify_consistency(from, size.0, &proof, &frontier.root(), &root).unwrap();
        proofs.push(proof);
    }
    proofs
}

/// Stops as a crash of the process does: the state is not closed in order.
fn crash(running: Running) {
    let Running { ledger, .. } = running;
    let state = ledger.0.state.clone();
    ledger.close().unwrap();
    drop(state);
}

#[test]
fn every_state_gives_the_same_ledger() {
    const BEHIND: u64 = 120;
    let (world, running) = World::staffed();
    running.record_all(&registry_events()[..4]);
    send_all(&running, &work(100, 270));
    running.caught_up();
    running.ledger.0.state.snapshot().unwrap();
    let at_snapshot = running.ledger.size();
    running.close();
    world.copy_state("state", "behind");
    world.copy_state("state", "snapshot");
    std::fs::remove_dir_all(world.path("snapshot").join("state-1")).unwrap();

    let running = world.open();
    running.record_all(&registry_events()[4..]);
    send_all(&running, &work(500, BEHIND - 3));
    running.caught_up();
    let size = running.ledger.size();
    assert_eq!(size.0, at_snapshot.0 + BEHIND);
    let (expected, checkpoint) = (proofs(&world, &running), running.ledger.checkpoint());
    assert_eq!(verdicts(&running), VERDICTS);
    running.close();
    world.copy_state("state", "crashed");
    let digest = world.digest("state");
    assert_eq!(digest.1, size);

    let cases = [
        ("state", Origin::Kept { size }, 0),
        ("behind", Origin::Kept { size: at_snapshot }, BEHIND),
        ("snapshot", Origin::Snapshot { size: at_snapshot }, BEHIND),
        ("empty", Origin::Empty, size.0),
    ];
    for (state, origin, replayed) in cases {
        let running = world.open_with_state(state);
        assert_eq!(running.found.origin, origin, "{state}");
        assert_eq!(running.report.replayed, replayed, "{state}");
        assert_eq!(running.report.events, size.0, "{state}");
        assert_eq!(running.ledger.checkpoint(), checkpoint, "{state}");
        assert_eq!(proofs(&world, &running), expected, "{state}");
        assert_eq!(verdicts(&running), VERDICTS, "{state}");
        running.close();
        assert_eq!(world.digest(state), digest, "{state}");
    }
    // The key that replaced a lost one comes in force after 72 hours, by the record's own time.
    let running = world.open();
    let director = registry_events()[3].hash();
    let signing = Signing { actor: LOST, key: NEW_KEY, grant: Some(director) };
    let fact = letopis_proto::statement::v1::NoteAdded {};
    let kind = letopis_proto::statement::v1::fact::Kind::NoteAdded(fact);
    let draft = Draft::new(3000, case(1), &[signing], kind);
    world.set_time(Timestamp(BEGAN.0 + Duration::from_secs(72 * 3600).as_nanos() as u64 - 1));
    assert_eq!(running.refusal(&draft), Reason::KeyNotInForce);
    world.set_time(Timestamp(BEGAN.0 + Duration::from_secs(72 * 3600).as_nanos() as u64));
    running.record(&draft);
}

#[test]
fn a_crash_within_a_boot_costs_nothing_that_was_acknowledged() {
    let (world, running) = World::staffed();
    let drafts = work(100, 60);
    send_all(&running, &drafts);
    crash(running);
    let running = world.open();
    let size = Sequence((1 + staff().len() + drafts.len()) as u64);
    assert_eq!(running.ledger.size(), size);
    assert_eq!(running.found.origin, Origin::Kept { size });
    for draft in &drafts {
        assert!(running.append(draft).unwrap().already_recorded);
    }
    running.close();
    let digest = world.digest("state");
    let anew = world.open_with_state("anew");
    anew.close();
    assert_eq!(world.digest("anew"), digest);
}

#[test]
fn no_key_is_handed_out_again() {
    let (world, running) = World::staffed();
    let section = |number, stream| note(number, stream).section(Class::Normal, b"invented");
    running.record(&section(100, case(1)));
    running.close();
    world.copy_state("state", "behind");
    let running = world.open();
    running.record(&section(101, case(2)));
    running.close();
    for (number, state) in [(102, "state"), (103, "behind"), (104, "empty")] {
        let running = world.open_with_state(state);
        running.record(&section(number, case(number as u8)));
        running.record(&section(number + 100, case(1)));
        running.close();
    }
    let ids: Vec<_> = world
        .events()
        .iter()
        .flat_map(|event| &event.sealed)
        .map(|sealed| KeyId(sealed_key_id(sealed).unwrap()))
        .collect();
    let slots: Vec<_> = ids.iter().map(KeyId::slot).collect();
    assert_eq!(slots, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 8);
}

/// Positions, ids and references are the same from memory, from the state and after a rebuild.
#[test]
fn streams_go_on_where_they_were() {
    let (world, running) = World::staffed();
    let opened = open_case(100, case(1));
    running.record(&opened);
    running.close();
    let mut drafts = vec![opened];
    for (number, state) in [(101, "state"), (102, "a"), (103, "b"), (104, "state")] {
        let running = world.open_with_state(state);
        let before: Vec<_> = drafts.iter().collect();
        let stale = head_after(&before[..before.len() - 1]);
        let reason = if drafts.len() == 1 { Reason::SeenMissing } else { Reason::SeenStale };
        assert_eq!(running.refusal(&plan(900, case(1)).seen(stale)), reason);
        let next = plan(number, case(1))
            .seen(head_after(&before))
            .reference(&case(1), drafts[0].hash())
            .reference(&actor_stream(WORKER), staff()[0].hash());
        assert_eq!(running.record(&next).version.0, drafts.len() as u64 + 1);
        drafts.push(next);
        running.close();
    }
}
