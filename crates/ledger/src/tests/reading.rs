//! Reading: pages, receipts, proofs, and sections after their reading is on the record.

use std::collections::BTreeSet;

use letopis_domain::fact::SectionsRead;
use letopis_domain::{Fact, Refusal as _, Statement};
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{Class, Digest, Sequence, StreamKey, StreamKind, Version};

use super::world::{Running, World};
use crate::sections::Release;
use crate::submission::parse;
use crate::testing::{
    BEGAN, TOKEN, WORKER, actor, actor_stream, case, event_id, head_after, note, staff, token,
    token_claims, token_header, visit,
};
use crate::token::{Call, Caller};
use crate::{EventRef, LedgerError};

fn reason<T: std::fmt::Debug>(result: Result<T, LedgerError>) -> Reason {
    result.unwrap_err().reason()
}

/// All pages of the cases.
fn cases(running: &Running, max: usize, mut token: String) -> (Vec<StreamKey>, Sequence) {
    let mut streams = Vec::new();
    loop {
        let (page, as_of) = running.ledger.list_streams(StreamKind::Case, max, &token).unwrap();
        assert!(page.entries.len() <= max);
        streams.extend(page.entries.iter().map(|entry| entry.stream));
        token = page.next;
        if token.is_empty() {
            return (streams, as_of);
        }
    }
}

#[test]
fn a_list_is_whole_as_of_the_size_that_it_names() {
    let (_world, running) = World::staffed();
    let mut first = Vec::new();
    for number in 0..60_u8 {
        // From the last to the first, so that what is new comes at the beginning of the list.
        let stream = case(200 - number);
        first.push((running.record(&note(10 + u64::from(number), stream)).link.sequence, stream));
        let (streams, as_of) = cases(&running, 200, String::new());
        let expected: BTreeSet<_> = first
            .iter()
            .filter(|(sequence, _)| *sequence < as_of)
            .map(|(_, stream)| *stream)
            .collect();
        assert_eq!(streams, expected.into_iter().collect::<Vec<_>>());
    }
    running.caught_up();
    assert_eq!(
        cases(&running, 7, String::new()),
        (first.iter().rev().map(|(_, stream)| *stream).collect(), running.ledger.size(),)
    );
}

#[test]
fn pages_of_streams_hold_still_while_new_ones_come() {
    let (_world, running) = World::staffed();
    for number in 0..10_u8 {
        running.record(&note(10 + u64::from(number), case(2 * number)));
    }
    running.caught_up();
    let (page, as_of) = running.ledger.list_streams(StreamKind::Case, 4, "").unwrap();
    // Behind and ahead of the page's end, and more in those that are listed.
    for number in 0..10_u8 {
        running.record(&note(30 + u64::from(number), case(2 * number + 1)));
    }
    running.record(&note(50, case(10)));
    running.caught_up();
    let (rest, same) = cases(&running, 3, page.next.clone());
    assert_eq!(as_of, same);
    let listed: Vec<_> = page.entries.iter().map(|entry| entry.stream).chain(rest).collect();
    assert_eq!(listed, (0..10).map(|number| case(2 * number)).collect::<Vec<_>>());
    assert_eq!(page.entries[1].row.first, Sequence(1 + staff().len() as u64 + 1));
    assert_eq!(cases(&running, 200, String::new()).0.len(), 20);

    // A token is of its list, and of a size that there is.
    let list = |kind, token: &str| running.ledger.list_streams(kind, 4, token).map(|_| ());
    assert_eq!(reason(list(StreamKind::Actor, &page.next)), Reason::PageTokenInvalid);
    assert_eq!(reason(list(StreamKind::Case, "invented")), Reason::PageTokenInvalid);
    let mut forged = page.next.clone();
    forged.replace_range(2..4, "__");
    assert_eq!(reason(list(StreamKind::Case, &forged)), Reason::PageTokenInvalid);
    let of_stream = running.ledger.read_stream(case(0), 4, &page.next);
    assert_eq!(reason(of_stream), Reason::PageTokenInvalid);
}

#[test]
fn pages_of_a_stream_hold_as_of_its_version() {
    let (_world, running) = World::staffed();
    let drafts: Vec<_> = (10..20).map(|number| visit(number, case(1))).collect();
    running.record_all(&drafts);
    running.caught_up();
    let head = head_after(&drafts.iter().collect::<Vec<_>>());
    let (mut page, as_of) = running.ledger.read_stream(case(1), 3, "").unwrap();
    let mut read: Vec<_> = page.entries.iter().map(|event| event.statement.clone()).collect();
    let mut number = 20;
    while !page.next.is_empty() {
        running.record(&visit(number, case(1)));
        running.caught_up();
        number += 1;
        let (next, same) = running.ledger.read_stream(case(1), 3, &page.next).unwrap();
        assert_eq!(same, as_of);
        read.extend(next.entries.iter().map(|event| event.statement.clone()));
        page = next;
    }
    assert_eq!((as_of.version, as_of.head), (head.version, head.head));
    assert_eq!(read, drafts.iter().map(|draft| draft.bytes()).collect::<Vec<_>>());
    // Anew it has grown.
    let (_, grown) = running.ledger.read_stream(case(1), 3, "").unwrap();
    assert_eq!(grown.version, Version(13));

    let (page, _) = running.ledger.read_stream(case(1), 3, "").unwrap();
    running.record(&visit(40, case(2)));
    running.caught_up();
    let elsewhere = running.ledger.read_stream(case(2), 3, &page.next);
    assert_eq!(reason(elsewhere), Reason::PageTokenInvalid, "it is of another stream");
    assert_eq!(reason(running.ledger.read_stream(case(9), 3, "")), Reason::StreamNotFound);
}

#[test]
fn events_and_receipts_are_found_by_name() {
    let (world, running) = World::staffed();
    let drafts = [note(10, case(1)), note(11, case(1)), note(10, case(2))];
    running.record_all(&drafts);
    running.caught_up();
    for (at, draft) in (1 + staff().len()..).zip(&drafts) {
        let stream = parse(&draft.bytes()).unwrap().stream;
        let (event, receipt) = running.ledger.receipt(stream, draft.event_id()).unwrap();
        assert_eq!(event, world.events()[at]);
        assert_eq!(event.statement, draft.bytes());
        running.check(&draft.submission(), &receipt);
        assert!(receipt.already_recorded);
        let by_sequence = running.ledger.event(EventRef::Sequence(Sequence(at as u64))).unwrap();
        assert_eq!(by_sequence.0, event);
    }
    let nowhere = [(case(1), event_id(99)), (case(2), event_id(11)), (case(9), event_id(10))];
    for (stream, id) in nowhere {
        assert_eq!(reason(running.ledger.receipt(stream, id)), Reason::EventNotFound);
    }
    let beyond = EventRef::Sequence(running.ledger.size());
    assert_eq!(reason(running.ledger.event(beyond)), Reason::EventNotFound);
    let beyond = EventRef::Sequence(Sequence(u64::MAX));
    assert_eq!(reason(running.ledger.event(beyond)), Reason::EventNotFound);
}

#[test]
fn proofs_are_of_sizes_that_there_are() {
    let (_world, running) = World::staffed();
    let size = running.ledger.size();
    let beyond = Sequence(size.0 + 1);
    let ledger = &running.ledger;
    for (sequence, of) in [
        (size, size),
        (Sequence(0), beyond),
        (Sequence(0), Sequence(0)),
        (Sequence(u64::MAX), size),
    ] {
        let refused = ledger.inclusion_proof(sequence, of);
        assert_eq!(reason(refused), Reason::SequenceOutOfRange, "{sequence} in {of}");
    }
    for (from, to) in [(Sequence(2), Sequence(1)), (size, beyond), (beyond, size)] {
        let refused = ledger.consistency_proof(from, to);
        assert_eq!(reason(refused), Reason::SequenceOutOfRange, "{from} to {to}");
    }
    assert_eq!(ledger.consistency_proof(Sequence(0), size).unwrap(), Vec::<Digest>::new());
    assert_eq!(ledger.consistency_proof(size, size).unwrap(), Vec::<Digest>::new());
    assert!(ledger.read_log(size, 10).unwrap().is_empty());
    assert_eq!(ledger.read_log(Sequence(2), 3).unwrap().len(), 3);
    assert_eq!(reason(ledger.read_log(beyond, 10)), Reason::SequenceOutOfRange);
}

const CALL: Call<'static> = Call { method: "invented/Read", request: b"invented request" };

fn caller(running: &Running, jti: &str) -> Caller {
    let text = token(&token_header(TOKEN), &token_claims(CALL, BEGAN, jti), TOKEN);
    running.ledger.check_caller(Some(&text), CALL).unwrap()
}

/// What the access streams say, in log order.
fn readings(world: &World) -> Vec<(Statement, SectionsRead)> {
    let statements = world.events().into_iter().map(|event| parse(&event.statement).unwrap());
    let readings = statements.filter_map(|statement| match &statement.fact {
        Fact::SectionsRead(read) => Some((statement.clone(), read.clone())),
        _ => None,
    });
    readings.collect()
}

#[test]
fn a_reading_is_recorded_before_its_content_is_opened() {
    let (world, running) = World::staffed();
    running.record_all(&[
        note(10, case(1)).section(Class::Normal, b"one").section(Class::Restricted, b"two"),
        note(11, case(1)),
        note(12, case(1)).section(Class::Restricted, b"three"),
        note(13, case(2)).section(Class::VeryRestricted, b"four"),
        note(14, case(3)).section(Class::Normal, b"five"),
    ]);
    running.caught_up();
    let caller = caller(&running, "invented-token-id-1");
    let streams = [case(2), case(1)];
    let classes = [Class::Restricted, Class::VeryRestricted];
    let releases =
        running.ledger.releases(&running.ledger.asking(&caller), &streams, &classes).unwrap();
    assert!(readings(&world).is_empty());
    running.runtime.block_on(running.ledger.record_reading(&caller, &releases)).unwrap();

    let readings = readings(&world);
    assert_eq!(readings.len(), 2, "one for each stream");
    for ((statement, read), stream) in readings.iter().zip(streams) {
        assert_eq!(statement.stream, StreamKey { kind: StreamKind::Access, id: stream.id });
        assert_eq!((read.reader, read.kind), (actor(WORKER), StreamKind::Case));
        assert_eq!(read.purpose, Purpose::CaseWork);
        assert_eq!(read.token, caller.token.as_bytes());
    }
    let released = |at: usize| -> Vec<_> {
        let released = readings[at].1.released.iter();
        released.map(|released| (released.version.0, released.sections.clone())).collect()
    };
    assert_eq!(released(0), [(1, vec![0])]);
    assert_eq!(released(1), [(1, vec![1]), (3, vec![0])]);

    let opened: Vec<_> = releases
        .iter()
        .flat_map(|release| running.ledger.open_released(release).unwrap())
        .map(|section| {
            let place = (section.stream, section.version.0, section.index);
            (place, section.class, section.content.to_vec())
        })
        .collect();
    let expected = [
        ((case(2), 1, 0), Class::VeryRestricted, b"four".to_vec()),
        ((case(1), 1, 1), Class::Restricted, b"two".to_vec()),
        ((case(1), 3, 0), Class::Restricted, b"three".to_vec()),
    ];
    assert_eq!(opened, expected);

    let nowhere =
        running.ledger.releases(&running.ledger.asking(&caller), &[case(1), case(9)], &Class::ALL);
    assert_eq!(reason(nowhere), Reason::StreamNotFound);
    assert!(
        running
            .ledger
            .releases(&running.ledger.asking(&caller), &[actor_stream(WORKER)], &Class::ALL)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn only_little_is_opened_at_once_and_not_while_keys_are_destroyed() {
    let (_world, running) = World::staffed();
    let long = [b'x'; 40 << 10];
    running.record_all(&[
        note(10, case(1)).section(Class::Normal, b"little").section(Class::Restricted, &long),
        note(11, case(1)).section(Class::Restricted, &long),
    ]);
    running.caught_up();
    let caller = caller(&running, "invented-token-id-1");
    let asking = running.ledger.asking(&caller);
    let releases =
        |classes: &[Class]| running.ledger.releases(&asking, &[case(1)], classes).unwrap();
    let little = releases(&[Class::Normal]);
    assert!(running.ledger.opens_at_once(&little));
    let much = releases(&Class::ALL);
    assert!(running.ledger.opens_at_once(&much[1..]), "one of them");
    assert!(!running.ledger.opens_at_once(&much), "both together");

    let destroying = running.ledger.0.openings.write().unwrap();
    assert!(!running.ledger.opens_at_once(&little));
    drop(destroying);
    assert!(running.ledger.opens_at_once(&little));
}

/// However much of a stream is read, what is recorded of it fits into statements.
#[test]
fn a_long_reading_is_several() {
    let (world, running) = World::staffed();
    let caller = caller(&running, "invented-token-id-1");
    let with_sections = |count: u64, sections: u32| -> Vec<_> {
        let release = |version| Release {
            stream: case(1),
            version: Version(version),
            sequence: Sequence(version),
            sections: (0..sections).collect(),
            items: Vec::new(),
            bytes: 0,
        };
        (1..=count).map(release).collect()
    };
    for (count, sections) in [(2048, 1), (2049, 1), (2048, 32), (5000, 7)] {
        let before = readings(&world).len();
        let releases = with_sections(count, sections);
        running.runtime.block_on(running.ledger.record_reading(&caller, &releases)).unwrap();
        let released: Vec<_> = readings(&world)
            .split_off(before)
            .into_iter()
            .flat_map(|(_, read)| read.released)
            .map(|released| (released.version.0, released.sections))
            .collect();
        let expected: Vec<_> = (1..=count).map(|v| (v, (0..sections).collect())).collect();
        assert_eq!(released, expected, "{count} events of {sections} sections");
    }
}

#[test]
fn a_token_that_does_not_carry_the_call_gives_nobody() {
    let (world, running) = World::staffed();
    let check = |token: Option<&str>| reason(running.ledger.check_caller(token, CALL));
    assert_eq!(check(None), Reason::TokenMissing);
    assert_eq!(check(Some("invented")), Reason::TokenInvalid);
    let claims = token_claims(CALL, BEGAN, "invented-token-id-1");
    let text = token(&token_header(TOKEN), &claims, TOKEN);
    running.ledger.check_caller(Some(&text), CALL).unwrap();
    assert_eq!(check(Some(&text)), Reason::TokenReused);
    // The ledger's own clock decides.
    world.set_time(letopis_types::Timestamp::from_seconds(BEGAN.seconds() as u64 + 65));
    let claims = token_claims(CALL, BEGAN, "invented-token-id-2");
    let text = token(&token_header(TOKEN), &claims, TOKEN);
    assert_eq!(check(Some(&text)), Reason::TokenExpired);
}
