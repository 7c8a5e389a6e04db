//! From a submission to its receipt: idempotency, positions, references, sections, bounds.

use std::collections::HashSet;
use std::time::Duration;

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT as B;
use letopis_crypto::section::{SealScope, open, sealed_key_id};
use letopis_crypto::sign::{STATEMENT_TYPE, pae};
use letopis_domain::Refusal as _;
use letopis_domain::position::StreamHead;
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1 as proto;
use letopis_types::{Class, Digest, Sequence, SignatureBytes, Timestamp, Version};
use letopis_vault::{KeyId, Vault};
use prost::Message as _;
use sha2::{Digest as _, Sha512};

use super::world::{World, kek};
use crate::submission::parse;
use crate::testing::{
    BEGAN, Draft, WORKER, actor_stream, case, event_id, genesis, genesis_hash, head_after, id,
    keys, note, open_case, plan, secret, sign_genesis, staff, visit,
};
use crate::{CheckedGenesis, CreateError, Limits};

/// What an answer says to do differently.
fn particulars(error: &crate::LedgerError, name: &str) -> String {
    let found = error.particulars().into_iter().find(|(particular, _)| *particular == name);
    found.unwrap_or_else(|| panic!("{error} says no {name}")).1
}

#[test]
fn a_receipt_says_where_and_when_and_verifies() {
    let (world, running) = World::staffed();
    let before = world.events().len() as u64;
    world.set_time(Timestamp(BEGAN.0 + 5));
    let receipt = running.record(&note(10, case(1)));
    assert_eq!(receipt.link.sequence, Sequence(before));
    assert_eq!(receipt.link.recorded_at, Timestamp(BEGAN.0 + 5));
    assert_eq!(receipt.version, Version(1));
    assert!(!receipt.already_recorded);
    assert_eq!(running.record(&note(11, case(1))).version, Version(2));
    assert_eq!(running.record(&note(12, case(2))).version, Version(1));
    assert_eq!(running.ledger.size(), Sequence(before + 3));
}

#[test]
fn the_same_again_gets_its_first_receipt() {
    let (world, running) = World::staffed();
    let draft = open_case(10, case(1));
    let first = running.record(&draft);
    running.record(&note(11, case(1)));
    // Once from what is not in the state yet, perhaps; once from the state; once after reopening.
    for _ in 0..2 {
        let again = running.record(&draft);
        assert!(again.already_recorded);
        assert_eq!((again.link, again.version), (first.link, first.version));
        running.caught_up();
    }
    running.close();
    let running = world.open();
    let again = running.record(&draft);
    assert!(again.already_recorded);
    assert_eq!((again.link, again.version), (first.link, first.version));
    assert_eq!(world.events().len(), 1 + staff().len() + 2);
}

#[test]
fn an_event_id_is_taken_once_in_its_stream() {
    let (world, running) = World::staffed();
    let draft = note(10, case(1));
    running.record(&draft);
    let mut other = note(10, case(1));
    other.statement.nonce = vec![9; 32];
    let mut resigned = draft.submission();
    resigned.signatures = vec![sign_with_another_nonce(WORKER, &resigned.statement)];
    for _ in 0..2 {
        assert_eq!(running.refusal(&other), Reason::EventIdTaken);
        let error = running.submit(resigned.clone()).unwrap_err();
        assert_eq!(error.reason(), Reason::EventIdTaken, "another signature is another act");
        assert_eq!(particulars(&error, "event_id"), event_id(10).to_string());
        running.caught_up();
    }
    // In another stream it is another event.
    running.record(&note(10, case(2)));
    assert_eq!(world.events().len(), 1 + staff().len() + 2);
}

/// A valid signature that the library's signing would not make.
fn sign_with_another_nonce(seed: u8, statement: &[u8]) -> Vec<u8> {
    let message = pae(STATEMENT_TYPE, statement);
    let expanded: [u8; 64] = Sha512::digest([seed; 32]).into();
    let a = Scalar::from_bytes_mod_order(curve25519_dalek::scalar::clamp_integer(
        expanded[..32].try_into().unwrap(),
    ));
    let r = Scalar::from(11u64);
    let commitment = (B * r).compress().to_bytes();
    let hash = Sha512::new()
        .chain_update(commitment)
        .chain_update(secret(seed).public().0)
        .chain_update(message);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    [commitment, (r + k * a).to_bytes()].concat()
}

#[test]
fn the_same_while_the_first_is_in_flight_is_recorded_once() {
    let (world, running) = World::staffed();
    running.close();
    let (running, gate, _) = world.open_gated();
    gate.shut();
    // The second is admitted while the first is being written, the third and fourth together.
    let draft = note(10, case(1));
    let mut answers = running.send(std::slice::from_ref(&draft));
    answers.extend(running.send(&[draft.clone(), note(11, case(1)), note(11, case(1))]));
    let mut other = note(10, case(1));
    other.statement.nonce = vec![9; 32];
    answers.extend(running.send(&[other]));
    std::thread::sleep(Duration::from_millis(50));
    let is_finished = |answer: &tokio::task::JoinHandle<_>| answer.is_finished();
    assert!(!answers[..4].iter().any(is_finished), "nobody is told before it is durable");
    assert_eq!(running.ledger.size(), Sequence(1 + staff().len() as u64));

    gate.open();
    let answers: Vec<_> = answers.into_iter().map(|answer| running.wait(answer)).collect();
    let receipts: Vec<_> = answers[..4].iter().map(|answer| answer.as_ref().unwrap()).collect();
    assert_eq!(receipts[0].link, receipts[1].link);
    assert_eq!(receipts[2].link, receipts[3].link);
    let repeated: Vec<_> = receipts.iter().map(|receipt| receipt.already_recorded).collect();
    assert_eq!(repeated, [false, true, false, true]);
    receipts[..2].iter().for_each(|receipt| running.check(&draft.submission(), receipt));
    assert_eq!(answers[4].as_ref().unwrap_err().reason(), Reason::EventIdTaken);
    assert_eq!(world.events().len(), 1 + staff().len() + 2);
}

#[test]
fn a_decision_is_taken_on_the_present_head_or_refused() {
    let (_world, running) = World::staffed();
    let opened = open_case(10, case(1));
    let visited = visit(11, case(1));
    let adopted = plan(12, case(1));
    assert_eq!(running.refusal(&adopted.clone().seen(head_after(&[&opened]))), Reason::SeenUnknown);
    running.record(&opened);
    // A case is opened once.
    assert_eq!(running.refusal(&open_case(13, case(1))), Reason::SeenMissing);
    running.record(&visited);

    let stale = head_after(&[&opened]);
    let present = head_after(&[&opened, &visited]);
    let error = running.append(&adopted.clone().seen(stale)).unwrap_err();
    assert_eq!(error.reason(), Reason::SeenStale);
    assert_eq!(particulars(&error, "version"), "2");
    assert_eq!(particulars(&error, "head"), present.head.to_string());
    let error = running.append(&adopted).unwrap_err();
    assert_eq!(error.reason(), Reason::SeenMissing);
    assert_eq!(particulars(&error, "head"), present.head.to_string());
    let never = [
        StreamHead { version: Version(2), head: stale.head },
        StreamHead { version: Version(1), head: present.head },
        StreamHead { version: Version(3), head: present.head },
        StreamHead { version: Version(u64::MAX), head: present.head },
    ];
    for head in never {
        assert_eq!(running.refusal(&adopted.clone().seen(head)), Reason::SeenUnknown);
    }
    let receipt = running.record(&adopted.seen(present));
    assert_eq!(receipt.version, Version(3));
}

#[test]
fn an_addition_lands_on_any_head_that_was() {
    let (_world, running) = World::staffed();
    let first = visit(10, case(1));
    let second = visit(11, case(1)).seen(head_after(&[&first]));
    running.record(&first);
    running.record(&second);
    for (number, head) in
        [(12, head_after(&[&first])), (13, head_after(&[&first, &second])), (14, StreamHead::NONE)]
    {
        running.record(&visit(number, case(1)).seen(head));
    }
    let never = StreamHead { version: Version(1), head: Digest([9; 32]) };
    assert_eq!(running.refusal(&visit(15, case(1)).seen(never)), Reason::SeenUnknown);
    assert_eq!(running.refusal(&visit(16, case(2)).seen(never)), Reason::SeenUnknown);
}

#[test]
fn a_chain_may_be_sent_ahead_of_its_receipts() {
    let (world, running) = World::staffed();
    running.close();
    let (running, gate, _) = world.open_gated();
    gate.shut();
    let opened = open_case(10, case(1));
    let visited =
        visit(11, case(1)).seen(head_after(&[&opened])).reference(&case(1), opened.hash());
    let adopted = plan(12, case(1)).seen(head_after(&[&opened, &visited]));
    let stale = plan(13, case(1)).seen(head_after(&[&opened]));
    let answers = running.send(&[opened, visited, adopted, stale]);
    gate.open();
    let answers: Vec<_> = answers.into_iter().map(|answer| running.wait(answer)).collect();
    for (version, answer) in (1..).zip(&answers[..3]) {
        assert_eq!(answer.as_ref().unwrap().version, Version(version));
    }
    assert_eq!(answers[3].as_ref().unwrap_err().reason(), Reason::SeenStale);
}

#[test]
fn a_reference_names_what_the_record_holds() {
    let (world, running) = World::staffed();
    let first = note(10, case(1));
    running.record(&first);
    let hash = first.hash();
    // In the state, in the same stream and in another; and a whole list of them.
    running.caught_up();
    running.record(&note(11, case(1)).reference(&case(1), hash));
    let with_many = (0..64).fold(note(12, case(2)), |draft, _| draft.reference(&case(1), hash));
    running.record(&with_many);
    running.record(&note(13, case(2)).reference(&actor_stream(WORKER), staff()[1].hash()));

    let elsewhere = note(14, case(2)).reference(&case(1), hash).reference(&case(2), hash);
    let error = running.append(&elsewhere).unwrap_err();
    assert_eq!(error.reason(), Reason::ReferenceUnknown);
    assert_eq!(particulars(&error, "index"), "1");
    let unknown = note(15, case(2)).reference(&case(1), Digest([9; 32]));
    assert_eq!(running.refusal(&unknown), Reason::ReferenceUnknown);
    let nowhere = note(16, case(2)).reference(&case(9), hash);
    assert_eq!(running.refusal(&nowhere), Reason::ReferenceUnknown);
    assert_eq!(world.events().len(), 1 + staff().len() + 4);
}

#[test]
fn every_section_is_sealed_under_a_key_of_its_own() {
    const CONTENT: &[u8] = b"invented: the child is called Nobody";
    let (world, running) = World::staffed();
    let drafts = [
        note(10, case(1)).section(Class::Normal, CONTENT).section(Class::Restricted, CONTENT),
        note(11, case(1)).section(Class::Restricted, b"").section(Class::Restricted, CONTENT),
        note(12, case(2)).section(Class::Normal, CONTENT).section(Class::VeryRestricted, CONTENT),
    ];
    running.record_all(&drafts[..2]);
    // Those that were used are not handed out again after reopening.
    running.close();
    let running = world.open();
    let after = note(13, case(1)).section(Class::Normal, CONTENT);
    running.record_all(&[drafts[2].clone(), after.clone()]);

    let events: Vec<_> = world.events().split_off(1 + staff().len());
    let vault = Vault::open_read_only(&world.path("vault"), id(), &kek()).unwrap();
    let mut ids = Vec::new();
    for (event, draft) in events.iter().zip(drafts.iter().chain([&after])) {
        let statement = parse(&event.statement).unwrap();
        assert_eq!(event.sealed.len(), statement.sections.len());
        for (index, sealed) in event.sealed.iter().enumerate() {
            assert!(!sealed.windows(8).any(|bytes| CONTENT.windows(8).any(|part| part == bytes)));
            let key_id = KeyId(sealed_key_id(sealed).unwrap());
            let key = vault.key(&key_id).unwrap().unwrap();
            let scope = SealScope {
                ledger: &id(),
                stream: &statement.stream,
                class: statement.sections[index].class,
                statement_hash: &event.link.statement_hash,
                index: index as u32,
            };
            let opened = open(key.as_bytes(), &scope, sealed).unwrap();
            assert_eq!(opened.content(), &draft.contents[index].content[..]);
            assert_eq!(opened.salt, draft.contents[index].salt[..]);
            ids.push(key_id);
        }
    }
    assert_eq!(ids.len(), 7);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 7);
}

#[test]
fn what_the_sections_do_not_open_is_refused() {
    let (world, running) = World::staffed();
    let draft = note(10, case(1)).section(Class::Normal, b"one").section(Class::Restricted, b"two");
    type Change = fn(&mut crate::Submission);
    let cases: [(Change, Reason); 7] = [
        (|s| drop(s.sections.pop()), Reason::SectionMissing),
        (|s| s.sections.push(s.sections[0].clone()), Reason::SectionExtra),
        (|s| s.sections.swap(0, 1), Reason::CommitmentMismatch),
        (|s| s.sections[1].content.push(0), Reason::CommitmentMismatch),
        (|s| s.sections[1].salt[0] ^= 1, Reason::CommitmentMismatch),
        (|s| s.sections[1].salt.push(0), Reason::LengthWrong),
        (|s| s.sections[0].content.resize((1 << 20) + 1, 0), Reason::SectionTooLarge),
    ];
    for (change, reason) in cases {
        let mut submission = draft.submission();
        change(&mut submission);
        assert_eq!(running.submit(submission).unwrap_err().reason(), reason);
    }
    assert_eq!(world.events().len(), 1 + staff().len());
    // The largest there may be is taken, on a thread of its own.
    let large = note(11, case(1)).section(Class::Normal, &vec![b'x'; 1 << 20]);
    running.record(&large);
}

#[test]
fn more_than_may_wait_is_told_to_come_again() {
    let (mut world, running) = World::staffed();
    running.close();
    world.limits =
        Limits { queue_bytes: 2000, queue_wait: Duration::from_millis(20), ..Limits::default() };
    let (running, gate, _) = world.open_gated();
    gate.shut();
    let first = note(10, case(1)).section(Class::Normal, &[b'x'; 1500]);
    let second = note(11, case(1)).section(Class::Normal, &[b'y'; 1500]);
    let waiting = running.send(std::slice::from_ref(&first));
    assert_eq!(running.refusal(&second), Reason::Overloaded);
    gate.open();
    for answer in waiting {
        running.wait(answer).unwrap();
    }
    // Now there is room, also for one that is larger than all that may wait.
    running.record(&second);
    running.record(&note(12, case(1)).section(Class::Normal, &[b'z'; 5000]));
}

#[test]
fn groups_are_bounded_by_events_and_bytes() {
    let (mut world, running) = World::staffed();
    running.close();
    world.limits = Limits { group_events: 4, group_bytes: 10_000, ..Limits::default() };
    let (running, gate, _) = world.open_gated();
    gate.shut();
    let small: Vec<_> = (10..30).map(|number| note(number, case(1))).collect();
    let large: Vec<_> =
        (30..34).map(|n| note(n, case(1)).section(Class::Normal, &[b'x'; 20_000])).collect();
    let answers = running.send(&[small, large].concat());
    gate.open();
    answers.into_iter().for_each(|answer| drop(running.wait(answer).unwrap()));
    let groups = gate.groups();
    assert_eq!(groups.iter().sum::<usize>(), 24);
    assert!(groups.iter().all(|size| *size <= 4), "{groups:?}");
    assert!(groups.iter().any(|size| *size > 1), "{groups:?}");
    // Each of the large ones closes its group.
    assert!(groups.len() >= 8, "{groups:?}");
}

#[test]
fn time_never_goes_back() {
    let (world, running) = World::staffed();
    world.set_time(Timestamp(BEGAN.0 + 100));
    let first = running.record(&note(10, case(1))).link.recorded_at;
    world.set_time(Timestamp(BEGAN.0 + 40));
    assert_eq!(running.record(&note(11, case(1))).link.recorded_at, first);
    running.close();
    let running = world.open();
    assert_eq!(running.record(&note(12, case(1))).link.recorded_at, first);
    world.set_time(Timestamp(BEGAN.0 + 101));
    assert_eq!(running.record(&note(13, case(1))).link.recorded_at, Timestamp(first.0 + 1));
}

#[test]
fn a_genesis_is_what_begins_a_record_and_nothing_else() {
    let (world, running) = World::staffed();
    let (statement, signatures) = genesis();
    let submit = |statement: &[u8], signatures: &[SignatureBytes]| {
        let signatures = signatures.iter().map(|signature| signature.0.to_vec()).collect();
        let sections = Vec::new();
        running.submit(crate::Submission { statement: statement.to_vec(), signatures, sections })
    };
    let again = submit(&statement, &signatures).unwrap();
    assert!(again.already_recorded);
    assert_eq!(again.link.sequence, Sequence::ZERO);
    let (other, signatures_of_other) = changed_genesis(|genesis| {
        genesis.event_id = event_id(99).0.to_vec();
    });
    let error = submit(&other, &signatures_of_other).unwrap_err();
    assert_eq!(error.reason(), Reason::LedgerWrong, "there is a genesis already: {error}");
    let checked = CheckedGenesis::new(statement, signatures, BEGAN).unwrap();
    let refused = crate::create(&world.record.reopen(), &checked, &keys());
    assert!(matches!(refused, Err(CreateError::NotEmpty)));
}

/// What could not stand at the beginning of a record that verifies is refused before there is one.
#[test]
fn a_genesis_on_something_is_refused() {
    type Change = fn(&mut proto::Statement);
    let cases: [(Change, Reason); 3] = [
        (|s| s.seen = Some(proto::Seen { version: 1, head: vec![1; 32] }), Reason::SeenUnknown),
        (
            |s| {
                s.references.push(proto::Reference {
                    relation: proto::Relation::BasedOn.into(),
                    stream: s.stream.clone(),
                    statement_hash: genesis_hash().0.to_vec(),
                });
            },
            Reason::ReferenceUnknown,
        ),
        (
            |s| {
                s.sections.push(proto::Section {
                    class: 1,
                    payload_type: "text/plain".into(),
                    commitment: vec![1; 32],
                });
            },
            Reason::SectionMissing,
        ),
    ];
    for (change, reason) in cases {
        let (statement, signatures) = changed_genesis(change);
        match CheckedGenesis::new(statement, signatures, BEGAN) {
            Err(CreateError::Rejected(rejected)) => assert_eq!(rejected.reason(), reason),
            other => panic!("{reason:?}: {other:?}"),
        }
    }
}

fn changed_genesis(change: impl FnOnce(&mut proto::Statement)) -> (Vec<u8>, Vec<SignatureBytes>) {
    let mut message = proto::Statement::decode(&genesis().0[..]).unwrap();
    change(&mut message);
    let statement = message.encode_to_vec();
    let parsed = parse(&statement).unwrap();
    let signers: Vec<_> = parsed.signers.iter().map(|by| (by.key, by.actor)).collect();
    let signatures = sign_genesis(&statement, &signers);
    (statement, signatures)
}

#[test]
fn a_statement_of_another_ledger_is_refused() {
    let (_world, running) = World::staffed();
    let mut draft: Draft = note(10, case(1));
    draft.statement.ledger = vec![7; 32];
    assert_eq!(running.refusal(&draft), Reason::LedgerWrong);
}
