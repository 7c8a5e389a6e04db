//! What was given out and erased, as a verifier replays it.

use super::*;
use crate::verify::{Fault, Marked, replay};

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
    replay(id(), None, world.events()).map(|(readings, _)| readings)
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

/// Whoever brings an older vault back, with the mark of the newer one beside it, has the keys again.
#[test]
fn a_key_that_the_vault_says_was_destroyed_does_not_verify() {
    for what in [
        proto::sections_erased::What::Section(proto::ErasedSection { version: 2, index: 1 }),
        proto::sections_erased::What::Class(Class::VeryRestricted.number() as i32),
    ] {
        let (world, running) = office_at_work();
        copy_vault(&world, "vault", "kept");
        let erased = running.record(&erase(&running, 20, what)).link.sequence;
        // What was not there then is not named by it.
        running.record(&note(12, case(1)).section(Class::VeryRestricted, b"later"));
        running.close();
        let with = |name| {
            let vault = letopis_vault::Vault::open_read_only(&world.path(name), id(), &kek());
            replay(id(), Some(vault.unwrap()), world.events())
        };
        with("vault").unwrap();
        // Not applied yet: the server does so when it starts.
        with("kept").unwrap();
        std::fs::copy(world.path("vault/erased"), world.path("kept/erased")).unwrap();
        let fault = with("kept").unwrap_err();
        assert_eq!(fault.sequence, erased);
        assert!(fault.what.contains("the key of section 1 of version 2 still"), "{fault}");
    }
}

#[test]
fn what_was_taken_all_the_same_is_counted() {
    let (world, running) = office_at_work();
    let marked = || replay(id(), None, world.events()).unwrap().1;
    assert_eq!(marked(), Marked::default());
    running.record(&enrol_key(30, WORKER, 190, KeyUse::Token, &[]));
    running.record(&enrol_key(31, WORKER, 191, KeyUse::Token, &[worker()]));
    let protected = StreamKey { kind: StreamKind::Protected, ..case(1) };
    let conflict = Kind::ConflictDeclared(proto::ConflictDeclared {});
    running.record(&Draft::new(12, protected, &[worker()], conflict));
    let urgent = Kind::EmergencyActRecorded(proto::EmergencyActRecorded { act: 2, age_band: 5 });
    running.record(&Draft::new(13, case(1), &[worker()], urgent));
    let expected = Marked { without_the_holder: 1, under_recusal: 1, ..Marked::default() };
    assert_eq!(marked(), expected);
}
