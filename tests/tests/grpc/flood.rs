//! A flood of large messages: the server's memory stays within what it was given for them.

use std::time::{Duration, Instant};

use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_tests::Trial;
use tonic::Code;

use crate::server::{client, connect, refused};
use crate::upload::Upload;

/// What the server may take for messages.
const BOUND: u64 = 64 << 20;

/// What it may take beside: messages are copied once when they are taken over, what flow control lets
/// in before anybody looks, and what the allocator keeps.
const MARGIN: u64 = 96 << 20;

const CONNECTIONS: usize = 8;
const CALLS: usize = 8;
const MESSAGE: usize = 33 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_bounded() {
    let trial = Trial::begin("flood");
    let server = trial.launch().with(format!("--request-bytes-max={BOUND}")).start();
    let calm = server.peak_bytes();
    let mut calls = Vec::new();
    for _ in 0..CONNECTIONS {
        let channel = connect(server.url()).await;
        for _ in 0..CALLS {
            calls.push(tokio::spawn(Upload::of(MESSAGE).send(channel.clone(), None)));
        }
    }
    // Meanwhile questions are answered at once.
    let channel = connect(server.url()).await;
    let event = Some(proto::get_event_request::Event::Sequence(0));
    let mut slowest = Duration::ZERO;
    while calls.iter().any(|call| !call.is_finished()) {
        let since = Instant::now();
        client(channel.clone())
            .get_event(proto::GetEventRequest { event: event.clone() })
            .await
            .unwrap();
        slowest = slowest.max(since.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (mut received, mut told) = (0, 0);
    for call in calls {
        let refused = refused(&call.await.unwrap());
        match refused.reason {
            Reason::StatementTooLarge => received += 1,
            Reason::Overloaded => {
                assert_eq!(refused.code, Code::ResourceExhausted);
                assert!(refused.retry_after.is_some_and(|after| after > Duration::ZERO));
                told += 1;
            }
            other => panic!("{other:?}: {}", refused.message),
        }
    }
    let grown = server.peak_bytes() - calm;
    println!(
        "{} MiB more at the peak for {} MiB sent at once; {received} received, {told} told to come \
         again; a question took {slowest:?} at most",
        grown >> 20,
        (CONNECTIONS * CALLS * MESSAGE) >> 20,
    );
    assert!(received > 0, "nothing came through");
    assert!(grown < BOUND + MARGIN, "{} MiB", grown >> 20);
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    server.stop();
}
