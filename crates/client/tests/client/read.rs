//! Reading events, streams, the log.

use std::time::Duration;

use letopis_client::{ClientError, Distrust, EventRef, LedgerClient, LogPosition};
use letopis_crypto::hash::next_head;
use letopis_proto::error::v1::Reason;
use letopis_types::{Digest, EventId, Sequence, StreamKind, Version};

use crate::fake::{Fake, case};

/// A ledger with seven notes in a case, among others.
async fn with_notes() -> (Fake, LedgerClient) {
    let fake = Fake::start().await;
    let client = fake.client().await;
    for (at, note) in fake.notes(7).iter().enumerate() {
        client.append(note).await.unwrap();
        client.append(&fake.note(case(10 + at as u8), "another case")).await.unwrap();
    }
    (fake, client)
}

#[tokio::test]
async fn a_stream_is_read_whole_and_its_head_follows() {
    let (_fake, client) = with_notes().await;
    let history = client.read_stream(&case(1)).await.unwrap();
    assert_eq!((history.version, history.events.len()), (Version(7), 7));
    let head = history
        .events
        .iter()
        .fold(Digest::ZERO, |head, event| next_head(&head, &event.link.statement_hash));
    assert_eq!(history.seen().head, head);
    assert_eq!(history.at(Version(7)).unwrap().link.sequence, Sequence(13));
    assert!(history.at(Version(0)).is_none() && history.at(Version(8)).is_none());
    let statement = history.events[0].statement().unwrap();
    assert_eq!(statement.stream, case(1));
    let error = client.read_stream(&case(99)).await.unwrap_err();
    assert_eq!(error.refused().unwrap().reason, Reason::StreamNotFound);
}

#[tokio::test]
async fn a_stream_that_was_tampered_with_is_not_believed() {
    type Spoil = fn(&mut letopis_proto::ledger::v1::ReadStreamResponse);
    let spoils: [(Spoil, &str); 8] = [
        (|page| page.version += 1, "version"),
        (|page| page.version -= 1, "version"),
        (|page| page.head = vec![1; 32].into(), "head"),
        (
            |page| {
                page.events.remove(0);
            },
            "version",
        ),
        (|page| page.events.swap(0, 1), "log order"),
        (|page| page.events[0].link = vec![1; 111].into(), "112"),
        (|page| page.events[0].statement = page.events[1].statement.clone(), "statement"),
        (
            |page| {
                page.events.clear();
                page.next_page_token = "1".to_owned();
            },
            "empty page",
        ),
    ];
    for (spoil, what) in spoils {
        let (fake, client) = with_notes().await;
        // Pages of two, and a last one of one would not do for some.
        fake.state().page = 7;
        fake.state().spoil_page = Some(spoil);
        let error = client.read_stream(&case(1)).await.unwrap_err();
        let distrust = error.distrust().unwrap().to_string();
        assert!(distrust.contains(what), "{what}: {distrust}");
    }
}

#[tokio::test]
async fn signatures_are_verified_when_read() {
    let (fake, client) = with_notes().await;
    fake.state().spoil_page = Some(|page| {
        // Link and signatures go together, and the signature is of something else.
        let event = &mut page.events[0];
        let mut link = letopis_log::Link::from_bytes(&event.link).unwrap();
        let wrong = letopis_types::SignatureBytes([3; 64]);
        link.signatures_hash = letopis_crypto::hash::signatures_hash(&[wrong]);
        event.link = link.to_bytes().to_vec().into();
        event.signatures = vec![wrong.0.to_vec().into()];
    });
    let error = client.read_stream(&case(1)).await.unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::Signature { .. })), "{error}");
}

#[tokio::test]
async fn an_event_is_the_one_asked_for() {
    let (_fake, client) = with_notes().await;
    let event = client.get_event(EventRef::Sequence(Sequence(3))).await.unwrap();
    assert_eq!(event.link.sequence, Sequence(3));
    let (stream, event_id) = (event.stream().unwrap(), event.event_id().unwrap());
    let by_name = client.get_event(EventRef::Name(stream, event_id)).await.unwrap();
    assert_eq!(by_name.link, event.link);
    let (event, recorded) = client.get_receipt(&stream, &event_id).await.unwrap();
    assert_eq!(recorded.link, event.link);
    assert!(recorded.receipt().to_text().starts_with("letopis.receipt.v1\n"));
    let error = client.get_event(EventRef::Name(stream, EventId([1; 16]))).await.unwrap_err();
    assert_eq!(error.refused().unwrap().reason, Reason::EventNotFound);
    assert!(client.get_event(EventRef::Sequence(Sequence(0))).await.unwrap().ledger().is_none());
}

async fn drain(client: &LedgerClient, from: impl Into<LogPosition>) -> (u64, Option<ClientError>) {
    let mut reader = client.read_log(from, false);
    let mut count = 0;
    while let Some(event) = reader.next().await {
        match event {
            Ok(_) => count += 1,
            Err(error) => return (count, Some(error)),
        }
    }
    (count, None)
}

#[tokio::test]
async fn the_log_is_read_to_its_end_across_broken_connections() {
    let (fake, client) = with_notes().await;
    fake.state().log_breaks_after = Some(4);
    let (count, error) = drain(&client, LogPosition::START).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(count, 15);
    assert_eq!(drain(&client, Sequence(10)).await.0, 5);
    let error = drain(&client, Sequence(99)).await.1.unwrap();
    assert_eq!(error.refused().unwrap().reason, Reason::SequenceOutOfRange);
}

#[tokio::test]
async fn a_log_that_breaks_its_chain_is_not_believed() {
    type Spoil = fn(&mut letopis_proto::ledger::v1::Event);
    fn change(
        event: &mut letopis_proto::ledger::v1::Event,
        at: u64,
        change: fn(&mut letopis_log::Link),
    ) {
        let mut link = letopis_log::Link::from_bytes(&event.link).unwrap();
        if link.sequence == Sequence(at) {
            change(&mut link);
            event.link = link.to_bytes().to_vec().into();
        }
    }
    let spoils: [(Spoil, &str); 5] = [
        (|event| change(event, 5, |link| link.previous.0[0] ^= 1), "breaks at 5"),
        (|event| change(event, 5, |link| link.sequence.0 = 6), "breaks at 6"),
        (|event| change(event, 5, |link| link.recorded_at.0 = 1), "breaks at 5"),
        (|event| change(event, 5, |link| link.statement_hash.0[0] ^= 1), "statement"),
        // The genesis's own link has zeros before it.
        (|event| change(event, 0, |link| link.previous.0[0] = 1), "breaks at 0"),
    ];
    for (spoil, what) in spoils {
        let (fake, client) = with_notes().await;
        fake.state().spoil_log = Some(spoil);
        let error = drain(&client, LogPosition::START).await.1.unwrap();
        let distrust = error.distrust().unwrap().to_string();
        assert!(distrust.contains(what), "{what}: {distrust}");
    }
}

#[tokio::test]
async fn a_log_that_ends_before_what_is_known_is_not_its_end() {
    let (fake, client) = with_notes().await;
    fake.state().roll_back(6);
    let (count, error) = drain(&client, LogPosition::START).await;
    assert_eq!(count, 6);
    assert!(matches!(error, Some(ClientError::Unavailable { .. })), "{error:?}");
    let (_, error) = drain(&client, Sequence(9)).await;
    assert!(matches!(error.unwrap().distrust(), Some(Distrust::LogEnds { .. })));
}

#[tokio::test]
async fn the_log_is_followed() {
    let (fake, client) = with_notes().await;
    fake.state().log_breaks_after = Some(8);
    let mut reader = client.read_log(LogPosition::START, true);
    for at in 0..15 {
        assert_eq!(reader.next().await.unwrap().unwrap().link.sequence, Sequence(at));
    }
    assert!(tokio::time::timeout(Duration::from_millis(20), reader.next()).await.is_err());
    client.append(&fake.note(case(1), "one more")).await.unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap().link.sequence, Sequence(15));
    assert_eq!(reader.position().next, Sequence(16));
    fake.cut();
    client.append(&fake.note(case(1), "and one more")).await.unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap().link.sequence, Sequence(16));
}

#[tokio::test]
async fn streams_are_listed_by_id() {
    let (_fake, client) = with_notes().await;
    let mut list = client.list_streams(StreamKind::Case);
    let mut streams = Vec::new();
    while let Some(listed) = list.next().await.unwrap() {
        streams.push(listed);
    }
    assert_eq!(streams.len(), 8);
    assert_eq!((streams[0].stream, streams[0].version), (case(1), Version(7)));
    assert_eq!(streams[0].first_sequence, Sequence(1));
    assert_eq!(streams[0].last_sequence, Sequence(13));
    assert_eq!(list.as_of_size(), Some(Sequence(15)));
    assert!(client.list_streams(StreamKind::Signal).next().await.unwrap().is_none());
}
