//! A record that can't be written: nobody is told of what may be lost, and nothing goes on.

use std::sync::Arc;
use std::time::Duration;

use letopis_domain::Refusal as _;
use letopis_proto::error::v1::Reason;
use letopis_record::testing::Failure;
use letopis_types::{Class, Sequence};

use super::world::World;
use crate::testing::{case, note, open_case, plan, staff};
use crate::{LedgerError, Unavailable};

#[test]
fn nothing_is_acknowledged_and_the_ledger_stops() {
    for (failure, kept) in
        [(Failure::NoRoom, false), (Failure::FatalAndLost, false), (Failure::FatalAndKept, true)]
    {
        let (world, running) = World::staffed();
        running.close();
        let (running, gate, record) = world.open_gated();
        let (size, checkpoint) = (running.ledger.size(), running.ledger.checkpoint());
        let mut follower = running.ledger.follow();
        let failed = running.runtime.spawn({
            let ledger = running.ledger.clone();
            async move { ledger.failed().await }
        });

        // One group that fails, and what was sequenced behind it, repeats of it included.
        gate.shut();
        let first = open_case(10, case(1)).section(Class::Normal, b"invented");
        let mut answers = running.send(std::slice::from_ref(&first));
        std::thread::sleep(Duration::from_millis(20));
        answers.extend(running.send(&[note(11, case(1)), first.clone(), note(12, case(2))]));
        std::thread::sleep(Duration::from_millis(20));
        answers.extend(running.send(&[note(13, case(1)), first.clone()]));
        assert!(!failed.is_finished());
        record.fail_next(failure);
        gate.open();
        let errors: Vec<_> = answers.into_iter().map(|a| running.wait(a).unwrap_err()).collect();
        for error in &errors {
            assert_eq!(error.reason(), Reason::RecordUnavailable, "{failure:?}: {error}");
        }

        // Whoever watches learns of it; whoever comes later is sent away; nobody sees the event.
        assert!(!running.wait(failed).is_empty());
        for draft in [&note(14, case(3)), &first] {
            let error = running.append(draft).unwrap_err();
            assert_eq!(error.reason(), Reason::RecordUnavailable, "{failure:?}: {error}");
        }
        assert_eq!((running.ledger.size(), running.ledger.checkpoint()), (size, checkpoint));
        let told = running.runtime.block_on(async {
            tokio::time::timeout(Duration::from_millis(20), follower.beyond(size)).await
        });
        assert_ne!(told, Ok(true), "{failure:?}");
        let closed = running.ledger.close();
        assert!(
            matches!(closed, Err(LedgerError::Unavailable(Unavailable::Record { .. }))),
            "{failure:?}: {closed:?}"
        );

        // Opening again finds out what is durable; sending the same again is right either way.
        let running = world.open();
        assert_eq!(running.ledger.size(), Sequence(size.0 + u64::from(kept)), "{failure:?}");
        let receipt = running.record(&first);
        assert_eq!(receipt.already_recorded, kept, "{failure:?}");
        let next = plan(20, case(1)).seen(crate::testing::head_after(&[&first]));
        running.record(&next);
        assert_eq!(world.events().len(), 1 + staff().len() + 2);
    }
}

/// What the sequencer admitted ahead of a failure is gone with it.
#[test]
fn what_was_only_admitted_leaves_no_trace() {
    let (world, running) = World::staffed();
    running.close();
    let (running, _gate, record) = world.open_gated();
    record.fail_next(Failure::FatalAndLost);
    assert!(running.append(&note(10, case(1))).is_err());
    // A failed record does not even read.
    assert!(running.ledger.read_log(Sequence::ZERO, 1).is_err());
    drop(running);
    let running = world.open_over(Arc::new(world.record.reopen()), "state");
    assert!(running.ledger.read_stream(case(1), 10, "").is_err(), "no such stream");
    assert_eq!(running.record(&note(10, case(1))).version.0, 1);
}
