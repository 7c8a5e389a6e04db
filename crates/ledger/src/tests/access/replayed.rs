//! What was given out and erased, as a verifier replays it.

use super::*;
use crate::verify::{Fault, replay};

/// Permits an auditor one action, and nothing to anybody else.
fn only(action: &str) -> String {
    format!(
        "@id(\"only\")\n@bg(\"Само това.\")\n@en(\"This alone.\")\n\
         permit (principal == Role::\"auditor\", action == Action::\"{action}\", resource);\n"
    )
}

fn readopt(running: &Running, text: &str) {
    let (genesis, _) = crate::testing::genesis();
    let genesis = letopis_crypto::hash::statement_hash(&genesis);
    let first = letopis_crypto::hash::next_head(&Digest::ZERO, &genesis);
    let head = letopis_crypto::hash::next_head(&first, &adopted_hash());
    let head = letopis_domain::position::StreamHead { version: Version(2), head };
    running.record(&adopt(901, text).seen(head));
}

fn replayed(world: &World) -> Result<u64, Fault> {
    replay(id(), None, world.events())
}

/// Whoever is told why others may read was given facts too, whatever else is permitted.
#[test]
fn facts_are_given_by_more_than_reading_them() {
    for (action, name) in [
        (Action::ReadFacts, "ReadFacts"),
        (Action::ReadLog, "ReadLog"),
        (Action::ListReadings, "ListReadings"),
        (Action::ListAccess, "ListAccess"),
        (Action::ExplainAccess, "ExplainAccess"),
    ] {
        let (world, running) = office_at_work();
        readopt(&running, &only(name));
        let auditor = caller(&running, AUDITOR, "inspection", "1-auditor");
        let of = [case(1)];
        let read = running.ledger.read_facts(&auditor, action, &of);
        running.runtime.block_on(read).unwrap();
        assert_eq!(replayed(&world), Ok(1), "{name}");
    }
}

#[test]
fn facts_that_nothing_permits_do_not_verify() {
    let (world, running) = office_at_work();
    readopt(&running, &only("ReadSection"));
    assert_eq!(replayed(&world), Ok(0));
    let auditor = caller(&running, AUDITOR, "inspection", "1-auditor");
    let fact = proto::FactsRead {
        reader: auditor.actor.0.to_vec(),
        purpose: auditor.purpose.into(),
        token: auditor.token.clone().into_bytes(),
        files: vec![crate::readings::stream_message(&case(1))],
    };
    let stream =
        StreamKey { kind: StreamKind::Access, id: letopis_types::StreamId(auditor.actor.0) };
    // The ledger itself, without asking.
    let forged = running.ledger.submit_own(stream, Kind::FactsRead(fact), None);
    let forged = running.runtime.block_on(async { forged.await?.await });
    let sequence = forged.unwrap().link.sequence;
    let fault = replayed(&world).unwrap_err();
    assert_eq!(fault.sequence, sequence);
    assert!(fault.what.contains("did not permit"), "{fault}");
}
