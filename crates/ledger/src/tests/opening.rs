//! What does not fit together is not opened.

use std::sync::Arc;

use letopis_crypto::sign::SecretKey;
use letopis_log::checkpoint::{Checkpoint, Origin};
use letopis_record::testing::MemoryRecord;
use letopis_record::{Record, Tip};
use letopis_types::{Class, Digest, LedgerId, Sequence};
use letopis_vault::VaultError;

use super::world::World;
use crate::testing::{CHECKPOINT, LEDGER, case, id, keys, note, secret, staff};
use crate::{Ledger, LedgerKeys, OpenError};

/// A head file over this size and root.
fn head(size: u64, root: Digest, name: &str, ledger: LedgerId, key: &SecretKey) -> String {
    let origin = Origin::new(name, ledger).unwrap();
    let checkpoint = Checkpoint { origin, size: Sequence(size), root };
    checkpoint.sign(key.public(), |text| key.sign(text)).to_text()
}

/// Opens over a copy of the record with another head file.
fn open_with_head(world: &World, head: Option<&str>) -> Result<Ledger, OpenError> {
    let record = MemoryRecord::new(id());
    record.append(&world.events()).unwrap();
    if let Some(head) = head {
        record.write_head(head).unwrap();
    }
    let (state, _) = world.state("state");
    crate::open(world.parts(Arc::new(record), state)).map(|(ledger, _)| ledger)
}

#[test]
fn a_head_file_that_is_not_over_this_record_is_refused() {
    const NAME: &str = "invented.example";
    let (world, running) = World::staffed();
    running.record(&note(10, case(1)));
    let (size, text) = (running.ledger.size(), running.ledger.checkpoint().to_string());
    let root = Checkpoint::open(&text, &running.ledger.verification_key().parse().unwrap());
    let root = root.unwrap().root;
    running.close();
    let by = secret(CHECKPOINT);

    let is_head =
        |head: &str| matches!(open_with_head(&world, Some(head)), Err(OpenError::Head(_)));
    assert!(is_head(""));
    assert!(is_head("not a checkpoint\n"));
    assert!(is_head(&text.replace("invented", "invanted")));
    assert!(is_head(&head(size.0, root, NAME, id(), &secret(LEDGER))), "by another key");
    assert!(is_head(&head(size.0, root, "other.example", id(), &by)), "of another name");
    assert!(is_head(&head(size.0, root, NAME, LedgerId([9; 32]), &by)), "of another ledger");

    let longer = head(size.0 + 3, root, NAME, id(), &by);
    match open_with_head(&world, Some(&longer)) {
        Err(OpenError::RolledBack { events, signed }) => {
            assert_eq!((events, signed), (size, Sequence(size.0 + 3)));
        }
        other => panic!("{other:?}"),
    }
    for size in [1, 3, size.0] {
        match open_with_head(&world, Some(&head(size, Digest([9; 32]), NAME, id(), &by))) {
            Err(OpenError::Forked { signed }) => assert_eq!(signed, Sequence(size)),
            other => panic!("{other:?}"),
        }
    }
    // None at all would hide a roll-back.
    match open_with_head(&world, None) {
        Err(OpenError::HeadMissing { events }) => assert_eq!(events, size),
        other => panic!("{other:?}"),
    }
    // One that is behind, by an earlier root, is what a crash leaves.
    let earlier = world.record.reopen().read(Sequence::ZERO, 1, 1).unwrap();
    let earlier = letopis_log::merkle::leaf_hash(&earlier[0].link.to_bytes());
    let earlier = head(1, earlier, NAME, id(), &by);
    for good in [Some(text.as_str()), Some(&earlier)] {
        open_with_head(&world, good).unwrap().close().unwrap();
    }
}

#[test]
fn other_keys_are_refused() {
    let (world, running) = World::staffed();
    running.close();
    for keys in [
        LedgerKeys { statement: secret(99), ..keys() },
        LedgerKeys { checkpoint: secret(99), ..keys() },
        LedgerKeys { statement: secret(CHECKPOINT), checkpoint: secret(LEDGER) },
    ] {
        let mut parts = world.parts(Arc::new(world.record.reopen()), world.state("state").0);
        parts.keys = keys;
        assert!(matches!(crate::open(parts), Err(OpenError::OtherKeys)));
    }
}

#[test]
fn a_record_without_its_genesis_is_refused() {
    let (world, running) = World::staffed();
    running.close();
    let none = MemoryRecord::new(id());
    let of_another = MemoryRecord::new(id());
    of_another.append(&letopis_record::testing::events(&Tip::EMPTY, &[50])).unwrap();
    for record in [none, of_another] {
        let (state, _) = world.state("none");
        let opened = crate::open(world.parts(Arc::new(record), state));
        assert!(matches!(opened, Err(OpenError::Genesis { ledger }) if ledger == id()));
    }
}

#[test]
fn a_statement_that_is_none_is_refused_by_its_sequence() {
    let (world, running) = World::staffed();
    running.close();
    let record = world.record.reopen();
    let broken = letopis_record::testing::events(&record.tip(), &[50]);
    record.append(&broken).unwrap();
    let sequence = broken[0].link.sequence;
    match crate::open(world.parts(Arc::new(record), world.state("state").0)) {
        Err(OpenError::Statement { sequence: at, .. }) => assert_eq!(at, sequence),
        other => panic!("{other:?}"),
    }
}

/// A state that covers more than the record has is not of this record: an error, not a panic.
#[test]
fn a_state_ahead_of_the_record_is_refused() {
    let (world, running) = World::staffed();
    // Full tiles only, so that nothing of the tree is read from the record.
    let left = 256 - world.events().len() as u64;
    let drafts: Vec<_> = (10..10 + left).map(|number| note(number, case(1))).collect();
    for answer in running.send(&drafts) {
        running.wait(answer).unwrap();
    }
    running.close();
    for length in [1, 1 + staff().len(), 255] {
        let shorter = MemoryRecord::new(id());
        shorter.append(&world.events()[..length]).unwrap();
        match crate::open(world.parts(Arc::new(shorter), world.state("state").0)) {
            Err(OpenError::StateAhead { events, covered }) => {
                assert_eq!((events, covered), (Sequence(length as u64), Sequence(256)));
            }
            other => panic!("{:?}", other.map(|_| ())),
        }
    }
}

#[test]
fn a_vault_behind_the_record_is_refused() {
    let (world, running) = World::staffed();
    running.record(&note(10, case(1)).section(Class::Normal, b"invented"));
    running.close();
    // The blocks with the keys are not there, and the state does not say so: it is begun anew.
    for entry in std::fs::read_dir(world.path("vault")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("block-") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let opened = crate::open(world.parts(Arc::new(world.record.reopen()), world.state("anew").0));
    match opened {
        Err(OpenError::Vault(VaultError::BlockMissing { .. })) => {}
        other => panic!("{:?}", other.map(|_| ())),
    }
}
