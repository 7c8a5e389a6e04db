//! Deadlines: the caller's `grpc-timeout` is honoured, and the answer says what it is.

use std::time::{Duration, Instant};

use letopis_ledger::testing::{case, note, staff};
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::ledger::v1::append_stream_response::Result as Outcome;
use tonic::{Code, Request};

use crate::server::{Place, message, refused};
use crate::upload::Upload;

const SOON: Duration = Duration::from_millis(300);

fn within<T>(message: T, timeout: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(timeout);
    request
}

fn check(status: &tonic::Status, since: Instant) {
    let told = refused(status);
    assert_eq!((told.reason, told.code), (Reason::DeadlineExceeded, Code::DeadlineExceeded));
    assert!(told.message.contains("send exactly the same again"), "{}", told.message);
    let waited = since.elapsed();
    assert!(waited > SOON - Duration::from_millis(50) && waited < 10 * SOON, "{waited:?}");
}

/// Whether it was recorded the caller can't know; sending the same again is right.
#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_takes_too_long_says_so() {
    let place = Place::new();
    let (server, gate) = place.start_gated().await;
    gate.shut();
    let draft = note(10, case(1));
    let append = proto::AppendRequest { submission: Some(message(draft.submission())) };
    let since = Instant::now();
    let status = server.client.clone().append(within(append, SOON)).await.unwrap_err();
    check(&status, since);
    gate.open();
    assert!(server.record(&draft).await.already_recorded);
    server.stop().await;
    // It holds the record, and with it the directory's lock.
    drop(gate);
    assert_eq!(place.verify().events, 1 + staff().len() as u64 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn following_ends_at_the_deadline() {
    let place = Place::new();
    let server = place.start().await;
    let request = proto::ReadLogRequest { from_sequence: 0, follow: true };
    let since = Instant::now();
    let mut log = server.client.clone().read_log(within(request, SOON)).await.unwrap().into_inner();
    let mut events = 0;
    let status = loop {
        match log.message().await {
            Ok(Some(message)) => events += message.events.len(),
            Ok(None) => panic!("ended without a word"),
            Err(status) => break status,
        }
    };
    check(&status, since);
    assert_eq!(events, 1 + staff().len());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_appends_ends_at_the_deadline_with_its_answers() {
    let place = Place::new();
    let server = place.start().await;
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let requests = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let since = Instant::now();
    let mut answers =
        server.client.clone().append_stream(within(requests, SOON)).await.unwrap().into_inner();
    let submission = Some(message(note(10, case(1)).submission()));
    sender.send(proto::AppendStreamRequest { submission }).await.unwrap();
    let answer = answers.message().await.unwrap().unwrap();
    assert!(matches!(answer.result, Some(Outcome::Receipt(_))));
    let status = answers.message().await.unwrap_err();
    check(&status, since);
    server.stop().await;
}

/// The time that a message takes to come counts: what is left of it is for the answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_upload_counts() {
    let place = Place::new();
    let server = place.start().await;
    // Two seconds of pieces, all in all.
    let upload = Upload::of((40 * 16) << 10).slowly(Duration::from_millis(50));
    let since = Instant::now();
    check(&upload.send(server.channel.clone(), Some("300m")).await, since);
    // The same in time is answered for what it is.
    let upload = Upload::of((5 * 16) << 10).slowly(Duration::from_millis(50));
    let status = upload.send(server.channel.clone(), Some("5S")).await;
    assert_eq!(refused(&status).reason, Reason::StatementTooLarge);
    server.stop().await;
}

/// Half of the time for the message, half for an answer that does not come.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_counted_from_the_arrival() {
    let place = Place::new();
    let (server, gate) = place.start_gated().await;
    let append = proto::AppendRequest { submission: Some(message(note(10, case(1)).submission())) };
    gate.shut();
    let since = Instant::now();
    let upload = Upload::of_message(&append).slowly(SOON / 2);
    check(&upload.send(server.channel.clone(), Some("300m")).await, since);
    assert!(since.elapsed() < SOON + SOON / 2, "{:?}", since.elapsed());
    gate.open();
    server.stop().await;
}
