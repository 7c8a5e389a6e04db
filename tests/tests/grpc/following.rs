//! The log as it is and as it comes.

use letopis_ledger::testing::{case, note, staff, visit};
use letopis_log::Link;
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_types::Class;
use tonic::{Code, Streaming};

use crate::server::{Place, Server, refused};

async fn read_log(
    server: &Server,
    from_sequence: u64,
    follow: bool,
) -> Streaming<proto::ReadLogResponse> {
    let request = proto::ReadLogRequest { from_sequence, follow };
    server.client.clone().read_log(request).await.unwrap().into_inner()
}

/// Takes events until there are so many, or no more.
async fn take(log: &mut Streaming<proto::ReadLogResponse>, count: usize) -> Vec<proto::Event> {
    let mut events = Vec::new();
    while events.len() < count {
        let Some(message) = log.message().await.unwrap() else { break };
        assert!(!message.events.is_empty());
        events.extend(message.events);
    }
    events
}

fn sequences(events: &[proto::Event]) -> Vec<u64> {
    events.iter().map(|event| Link::from_bytes(&event.link).unwrap().sequence.0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_comes_whole_and_ends() {
    let place = Place::new();
    let server = place.start().await;
    let drafts: Vec<_> = (10..460)
        .map(|number| note(number, case((number % 5) as u8)).section(Class::Normal, b"invented"))
        .collect();
    server.record_all(&drafts).await;
    let size = server.size().await;
    let events = take(&mut read_log(&server, 0, false).await, usize::MAX).await;
    assert_eq!(sequences(&events), (0..size).collect::<Vec<_>>());
    for (event, draft) in events.iter().skip(1 + staff().len()).zip(&drafts) {
        assert_eq!(event.statement, draft.bytes());
        assert_eq!(event.signatures, draft.submission().signatures);
    }
    let from = size - 3;
    let events = take(&mut read_log(&server, from, false).await, usize::MAX).await;
    assert_eq!(sequences(&events), (from..size).collect::<Vec<_>>());
    assert!(take(&mut read_log(&server, size, false).await, usize::MAX).await.is_empty());
    let beyond = proto::ReadLogRequest { from_sequence: size + 1, follow: true };
    let told = refused(&server.client.clone().read_log(beyond).await.unwrap_err());
    assert_eq!((told.reason, told.code), (Reason::SequenceOutOfRange, Code::OutOfRange));
    assert_eq!(told.metadata["size"], size.to_string());
    server.stop().await;
}

/// First what is there, then what comes; nothing twice and nothing left out, however many come
/// while the reader is catching up.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_follows_what_is_there() {
    const MORE: u64 = 600;
    let place = Place::new();
    let server = place.start().await;
    server.record_all(&(10..300).map(|n| note(n, case(1))).collect::<Vec<_>>()).await;
    let mut early = read_log(&server, 0, true).await;
    let mut later = read_log(&server, server.size().await, true).await;
    let begin = server.size().await;
    let more: Vec<_> = (1000..1000 + MORE).map(|n| visit(n, case((n % 3) as u8))).collect();
    let (_, early_events, later_events) = tokio::join!(
        server.record_all(&more),
        take(&mut early, (begin + MORE) as usize),
        take(&mut later, MORE as usize),
    );
    assert_eq!(sequences(&early_events), (0..begin + MORE).collect::<Vec<_>>());
    assert_eq!(sequences(&later_events), (begin..begin + MORE).collect::<Vec<_>>());
    // One by one as they are recorded.
    for number in 3000..3005 {
        let receipt = server.record(&note(number, case(1))).await;
        for log in [&mut early, &mut later] {
            let events = take(log, 1).await;
            assert_eq!(events.iter().map(|e| &e.link).collect::<Vec<_>>(), [&receipt.link]);
        }
    }
    drop((early, later));
    server.stop().await;
}
