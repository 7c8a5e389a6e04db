//! Going down in order: what was taken is answered, and what is open ends with a word.

use std::time::{Duration, Instant};

use letopis_ledger::testing::{case, note, staff};
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::ledger::v1::append_stream_response::Result as Outcome;
use letopis_state::Origin;
use letopis_types::Sequence;
use letopisd::serve::{ServeError, listen};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::server::{Place, message, refused};

fn check_going_down(status: &tonic::Status) {
    let told = refused(status);
    assert_eq!((told.reason, told.code), (Reason::ShuttingDown, Code::Unavailable));
    assert!(told.retry_after.is_some_and(|after| after > Duration::ZERO), "when to come again");
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_in_flight_are_answered() {
    let place = Place::new();
    let (mut server, gate) = place.start_gated().await;
    gate.shut();
    let mut waiting = Vec::new();
    for number in 10..20 {
        let submission = Some(message(note(number, case(1)).submission()));
        let mut client = server.client.clone();
        let request = proto::AppendRequest { submission };
        waiting.push(tokio::spawn(async move { client.append(request).await }));
    }
    // A stream of them, which the caller does not end.
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let requests = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let mut answers = server.client.clone().append_stream(requests).await.unwrap().into_inner();
    let submission = Some(message(note(30, case(2)).submission()));
    sender.send(proto::AppendStreamRequest { submission }).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;

    server.tell_to_stop();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!server.serving.is_finished());
    gate.open();
    for answer in waiting {
        let receipt = answer.await.unwrap().unwrap().into_inner().receipt.unwrap();
        assert!(!receipt.already_recorded);
    }
    let answer = answers.message().await.unwrap().unwrap();
    assert!(matches!(answer.result, Some(Outcome::Receipt(_))), "{answer:?}");
    check_going_down(&answers.message().await.unwrap_err());
    server.serving.await.unwrap().unwrap();
    // It holds the record, and with it the directory's lock.
    drop(gate);
    assert_eq!(place.verify().events, 1 + staff().len() as u64 + 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_are_told() {
    let place = Place::new();
    let mut server = place.start().await;
    let request = proto::ReadLogRequest { from_sequence: 0, follow: true };
    let mut log = server.client.clone().read_log(request).await.unwrap().into_inner();
    assert_eq!(log.message().await.unwrap().unwrap().events.len(), 1 + staff().len());
    server.tell_to_stop();
    check_going_down(&log.message().await.unwrap_err());
    server.serving.await.unwrap().unwrap();
    // Nobody listens any more.
    assert!(
        tonic::transport::Endpoint::from_shared(server.address).unwrap().connect().await.is_err()
    );
}

/// Whoever watches the health is told, and does not keep the server up.
#[tokio::test(flavor = "multi_thread")]
async fn watchers_of_the_health_are_told() {
    let place = Place::new();
    let mut server = place.start().await;
    let mut watches = Vec::new();
    for service in ["", "letopis.ledger.v1.LedgerService"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let mut client = HealthClient::new(server.channel.clone());
        let mut watch = client.watch(request).await.unwrap().into_inner();
        let status = watch.message().await.unwrap().unwrap().status();
        assert_eq!(status, ServingStatus::Serving);
        watches.push(watch);
    }
    let told = Instant::now();
    server.tell_to_stop();
    for mut watch in watches {
        let status = watch.message().await.unwrap().unwrap().status();
        assert_eq!(status, ServingStatus::NotServing);
        assert!(watch.message().await.unwrap().is_none(), "and that is all");
    }
    server.serving.await.unwrap().unwrap();
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
}

/// After an orderly stop everything is where it was, and nothing has to be applied again.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_start_finds_everything_in_order() {
    let place = Place::new();
    let server = place.start().await;
    let draft = note(10, case(1));
    let receipt = server.record(&draft).await;
    let (size, checkpoint) = (server.size().await, server.checkpoint().await);
    server.stop().await;
    let verified = place.verify();
    assert_eq!((verified.events, verified.checkpoint.0), (size, Sequence(size)));

    let (ledger, opened) = tokio::task::block_in_place(|| place.open()).unwrap();
    assert!(opened.torn.is_none());
    assert_eq!(opened.state.origin, Origin::Kept { size: Sequence(size) });
    assert!(opened.state.set_aside.is_none());
    assert_eq!((opened.ledger.events, opened.ledger.replayed), (size, 0));
    let server = crate::server::Server::start(ledger).await;
    assert_eq!(server.checkpoint().await, checkpoint);
    let again = server.record(&draft).await;
    assert_eq!((again.link, again.already_recorded), (receipt.link, true));
    server.stop().await;
}

/// A ledger that can't write ends its server by itself, with a word to everybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_fails_ends_its_server() {
    use letopis_record::testing::{Failure, MemoryRecord};
    let place = Place::new();
    let record = MemoryRecord::new(letopis_ledger::testing::id());
    letopis_ledger::create(&record, &place.genesis(), &letopis_ledger::testing::keys()).unwrap();
    let over = std::sync::Arc::new(record.clone());
    let ledger = tokio::task::block_in_place(|| place.open_over(over));
    let server = crate::server::Server::start(ledger).await;
    let request = proto::ReadLogRequest { from_sequence: 1, follow: true };
    let mut log = server.client.clone().read_log(request).await.unwrap().into_inner();
    record.fail_next(Failure::FatalAndLost);
    let status = server.append(staff()[0].submission()).await.unwrap_err();
    let told = refused(&status);
    assert_eq!((told.reason, told.code), (Reason::RecordUnavailable, Code::Unavailable));
    check_going_down(&log.message().await.unwrap_err());
    let ended = server.serving.await.unwrap();
    assert!(matches!(ended, Err(ServeError::Failed(_))), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_loopback_is_listened_on() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let refused = listen(address.parse().unwrap()).await;
        assert!(matches!(refused, Err(ServeError::NotLoopback { .. })), "{address}");
    }
}
