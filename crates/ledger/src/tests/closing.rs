//! Ending in order.

use std::time::Duration;

use letopis_domain::Refusal as _;
use letopis_proto::error::v1::Reason;
use letopis_record::Record as _;
use letopis_types::{Class, Sequence};

use super::world::World;
use crate::Limits;
use crate::testing::{case, note, staff};

#[test]
fn everything_that_was_taken_is_recorded_and_answered() {
    let (world, running) = World::staffed();
    running.close();
    let (running, gate, _) = world.open_gated();
    gate.shut();
    let drafts: Vec<_> = (10..500).map(|number| note(number, case((number % 7) as u8))).collect();
    let answers = running.send(&drafts);
    let other = running.ledger.clone();
    let mut follower = other.follow();
    let runtime = running.runtime.clone();
    let key = running.ledger.verification_key();
    let closing = std::thread::spawn(move || running.ledger.close());
    std::thread::sleep(Duration::from_millis(20));
    let refused = runtime.block_on(other.append(note(1000, case(1)).submission())).unwrap_err();
    assert_eq!(refused.reason(), Reason::ShuttingDown);
    assert!(!closing.is_finished());
    gate.open();
    for answer in answers {
        runtime.block_on(answer).unwrap().unwrap();
    }
    closing.join().unwrap().unwrap();

    let size = Sequence((1 + staff().len() + drafts.len()) as u64);
    assert_eq!(world.events().len() as u64, size.0);
    assert!(runtime.block_on(follower.beyond(Sequence(size.0 - 1))));
    assert!(!runtime.block_on(follower.beyond(size)), "there is nothing more to come");
    // The last checkpoint is in the head file.
    let head = world.record.reopen().head().unwrap().unwrap();
    let key = key.parse().unwrap();
    assert_eq!(letopis_log::Checkpoint::open(&head, &key).unwrap().size, size);
    drop(other);
    // And the state was closed in order as soon as nobody held it; now it covers all, either way.
    let running = world.open();
    assert_eq!(running.ledger.size(), size);
}

#[test]
fn whoever_waits_for_room_is_sent_away() {
    let (mut world, running) = World::staffed();
    running.close();
    world.limits = Limits { queue_bytes: 1000, ..Limits::default() };
    world.limits.queue_wait = Duration::from_secs(60);
    let (running, gate, _) = world.open_gated();
    gate.shut();
    let first = note(10, case(1)).section(Class::Normal, &[b'x'; 900]);
    let taken = running.send(std::slice::from_ref(&first));
    let ledger = running.ledger.clone();
    let waiting =
        running.runtime.spawn(async move { ledger.append(note(11, case(1)).submission()).await });
    std::thread::sleep(Duration::from_millis(20));
    assert!(!waiting.is_finished());
    let runtime = running.runtime.clone();
    let closing = std::thread::spawn(move || running.ledger.close());
    let refused = runtime.block_on(waiting).unwrap().unwrap_err();
    assert_eq!(refused.reason(), Reason::ShuttingDown);
    gate.open();
    for answer in taken {
        runtime.block_on(answer).unwrap().unwrap();
    }
    closing.join().unwrap().unwrap();
}

#[test]
fn the_head_file_follows_at_most_a_second_behind() {
    let (world, running) = World::staffed();
    running.record(&note(10, case(1)));
    let size = running.ledger.size();
    let written = std::time::Instant::now();
    let key = running.ledger.verification_key().parse().unwrap();
    loop {
        let head = world.record.reopen().head().unwrap().unwrap();
        if letopis_log::Checkpoint::open(&head, &key).unwrap().size == size {
            break;
        }
        // With some leave for a busy machine.
        assert!(written.elapsed() < Duration::from_secs(3));
        std::thread::sleep(Duration::from_millis(20));
    }
}
