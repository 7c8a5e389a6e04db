//! What is on its way to the server is bounded: connections, calls, the bytes of their messages, and
//! the time that each of them may take.

use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use letopis_ledger::Limits;
use letopis_ledger::testing::{case, note, staff};
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::ledger::v1::append_stream_response::Result as Outcome;
use letopis_service_rpc::Bounds;
use letopis_types::Class;
use letopisd::incoming::ConnectionBounds;
use letopisd::serve::Settings;
use letopisd::tls::TlsFiles;
use tokio::sync::{mpsc, watch};
use tokio::task::block_in_place;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};

use crate::server::{Client, Place, Server, client, connect, message, refused, refused_as_value};
use crate::upload::Upload;

/// Short enough for a test to wait for it several times.
const SHORT: Duration = Duration::from_millis(400);

fn calls(calls: Bounds) -> Settings {
    Settings { calls, ..Settings::open() }
}

fn connections(connections: ConnectionBounds) -> Settings {
    Settings { connections, ..Settings::open() }
}

fn check_overloaded(status: &Status) {
    let told = refused(status);
    assert_eq!((told.reason, told.code), (Reason::Overloaded, Code::ResourceExhausted));
    assert!(told.retry_after.is_some_and(|after| after > Duration::ZERO), "when to come again");
}

async fn follow(client: &Client) -> Result<Streaming<proto::ReadLogResponse>, Status> {
    let request = proto::ReadLogRequest { from_sequence: 0, follow: true };
    let mut log = client.clone().read_log(request).await?.into_inner();
    log.message().await?;
    Ok(log)
}

async fn ask(channel: &Channel) -> Result<(), Status> {
    let request = proto::GetCheckpointRequest {};
    client(channel.clone()).get_checkpoint(request).await.map(|_| ())
}

/// Within some seconds it is so: what a caller lets go of the server learns a little later.
async fn eventually(is_so: impl AsyncFn() -> bool) {
    for _ in 0..100 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never was so");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_calls_than_there_may_be_are_told_to_come_again() {
    let place = Place::new();
    let bounds = Bounds { calls_max: 2, ..Bounds::default() };
    let server = place.start_with(calls(bounds)).await;
    let other = client(connect(&server.address).await);
    let first = follow(&server.client).await.unwrap();
    let second = follow(&other).await.unwrap();
    check_overloaded(&follow(&server.client).await.unwrap_err());
    check_overloaded(&ask(&server.channel).await.unwrap_err());
    drop(second);
    eventually(async || ask(&server.channel).await.is_ok()).await;
    drop(first);
    server.stop().await;
}

/// One message at a time has room; the others wait a little, and what finds none is told so. Small
/// questions are answered meanwhile, and afterwards everything is as before.
#[tokio::test(flavor = "multi_thread")]
async fn messages_wait_for_room_but_not_for_long() {
    const LARGE: usize = 30 << 20;
    let place = Place::new();
    let bounds = Bounds { request_bytes_max: 40 << 20, wait: SHORT, ..Bounds::default() };
    let server = place.start_with(calls(bounds)).await;
    // It takes up all room for large ones, and does not end.
    let stuck = Upload::of(LARGE).stopping_after(1 << 20).send(server.channel.clone(), None);
    let stuck = tokio::spawn(stuck);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let since = Instant::now();
    check_overloaded(&Upload::of(LARGE).send(connect(&server.address).await, None).await);
    let waited = since.elapsed();
    assert!(waited >= SHORT && waited < 4 * SHORT, "{waited:?}");
    // A stream ends so, after its answers.
    let (sender, requests) = mpsc::channel(4);
    let requests = ReceiverStream::new(requests);
    let mut answers = server.client.clone().append_stream(requests).await.unwrap().into_inner();
    let content = vec![b'x'; 1 << 20];
    let large = (0..8).fold(note(11, case(1)), |d, _| d.section(Class::Normal, &content));
    for draft in [note(10, case(1)), large] {
        let submission = Some(message(draft.submission()));
        sender.send(proto::AppendStreamRequest { submission }).await.unwrap();
    }
    let answer = answers.message().await.unwrap().unwrap().result.unwrap();
    assert!(matches!(answer, Outcome::Receipt(_)));
    let since = Instant::now();
    server.record(&note(12, case(1))).await;
    assert!(since.elapsed() < SHORT, "small ones have room of their own");
    check_overloaded(&answers.message().await.unwrap_err());

    stuck.abort();
    let told = async || {
        let status = Upload::of(LARGE).send(server.channel.clone(), None).await;
        refused(&status).reason
    };
    eventually(async || told().await == Reason::StatementTooLarge).await;
    server.stop().await;
}

/// What was taken over by the ledger makes room for what comes after it in the same stream.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_large_messages_flows_through_little_room() {
    let place = Place::new();
    let bounds = Bounds { request_bytes_max: 8 << 20, ..Bounds::default() };
    let server = place.start_with(calls(bounds)).await;
    let content = vec![b'x'; 1 << 20];
    let drafts: Vec<_> = (10..34)
        .map(|n| note(n, case(1)).section(Class::Normal, &content).section(Class::Normal, &content))
        .collect();
    assert_eq!(server.record_all(&drafts).await.len(), 24);
    server.stop().await;
    assert_eq!(place.verify().sections_opened, 48);
}

/// So it is in a stream whose handler does not count.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_questions_takes_up_no_more_than_one() {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    const QUESTIONS: usize = 3000;
    let place = Place::new();
    let bounds = Bounds { request_bytes_max: 1 << 20, wait: SHORT, ..Bounds::default() };
    let server = place.start_with(calls(bounds)).await;
    let question = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let questions = tokio_stream::iter(vec![question; QUESTIONS]);
    let mut reflection = ServerReflectionClient::new(server.channel.clone());
    let answers = reflection.server_reflection_info(questions).await.unwrap();
    let mut answers = answers.into_inner();
    let mut count = 0;
    while answers.message().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, QUESTIONS);
    server.stop().await;
}

/// Room is not kept by who does not use it.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_too_slowly_is_given_up() {
    let place = Place::new();
    let bounds = Bounds { receive: SHORT, ..Bounds::default() };
    let server = place.start_with(calls(bounds)).await;
    for stuck in [0, 16 << 10] {
        let since = Instant::now();
        let upload = Upload::of(60 << 10).stopping_after(stuck);
        let told = refused(&upload.send(server.channel.clone(), None).await);
        assert_eq!(told.reason, Reason::DeadlineExceeded);
        assert!(told.message.contains("too slowly"), "{}", told.message);
        let waited = since.elapsed();
        assert!(waited >= SHORT && waited < 4 * SHORT, "{waited:?}");
    }
    // A stream may rest between its messages.
    let (sender, requests) = mpsc::channel(4);
    let requests = ReceiverStream::new(requests);
    let mut answers = server.client.clone().append_stream(requests).await.unwrap().into_inner();
    for number in [10, 11] {
        tokio::time::sleep(2 * SHORT).await;
        let submission = Some(message(note(number, case(1)).submission()));
        sender.send(proto::AppendStreamRequest { submission }).await.unwrap();
        let answer = answers.message().await.unwrap().unwrap().result.unwrap();
        assert!(matches!(answer, Outcome::Receipt(_)));
    }
    drop((sender, answers));
    server.stop().await;
}

fn address(server: &Server) -> SocketAddr {
    server.address.strip_prefix("http://").unwrap().parse().unwrap()
}

/// A connection on which nothing is sent; how long it takes until the server closes it.
fn closed_after(server: &Server) -> Duration {
    let since = Instant::now();
    let mut stream = TcpStream::connect(address(server)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut bytes = Vec::new();
    // Its settings, if it speaks first; then the end, one way or the other.
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("not closed"),
        _ => since.elapsed(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_there_may_be_are_closed() {
    let place = Place::new();
    let bounds = ConnectionBounds { connections_max: 2, ..ConnectionBounds::default() };
    let server = place.start_with(connections(bounds)).await;
    let second = connect(&server.address).await;
    ask(&second).await.unwrap();
    assert!(block_in_place(|| closed_after(&server)) < SHORT);
    ask(&server.channel).await.unwrap();
    drop(second);
    let anew = async || {
        let endpoint = tonic::transport::Endpoint::from_shared(server.address.clone()).unwrap();
        match endpoint.connect().await {
            Ok(channel) => ask(&channel).await.is_ok(),
            Err(_) => false,
        }
    };
    eventually(anew).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_on_which_nothing_is_asked_is_closed() {
    let place = Place::new();
    let bounds = ConnectionBounds { idle: SHORT, ..ConnectionBounds::default() };
    let server = place.start_with(connections(bounds)).await;
    let mut log = follow(&server.client).await.unwrap();
    let waited = block_in_place(|| closed_after(&server));
    assert!(waited >= SHORT && waited < 4 * SHORT, "{waited:?}");
    tokio::time::sleep(2 * SHORT).await;
    // A call keeps its connection.
    let other = connect(&server.address).await;
    client(other)
        .append(proto::AppendRequest { submission: Some(message(note(10, case(1)).submission())) })
        .await
        .unwrap();
    assert_eq!(log.message().await.unwrap().unwrap().events.len(), 1);
    drop(log);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_has_its_time() {
    let place = Place::new();
    let bounds = ConnectionBounds { handshake: SHORT, ..ConnectionBounds::default() };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let files = TlsFiles { cert: at("cert.pem"), key: at("key.pem"), client_ca: None };
    let made = rcgen::generate_simple_self_signed(vec!["ledger.example".to_owned()]).unwrap();
    std::fs::write(&files.cert, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    std::fs::set_permissions(&files.key, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .unwrap();
    let (_sender, tls) = watch::channel(files.load().unwrap());
    let server = place.start_unconnected(Settings { tls: Some(tls), ..connections(bounds) }).await;
    let waited = block_in_place(|| closed_after(&server));
    assert!(waited >= SHORT && waited < 4 * SHORT, "{waited:?}");
    server.stop().await;
}

/// The ledger's own queue: what does not fit in is told to come again, by both ways, and nothing of
/// it is lost or recorded twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_told_and_recovers() {
    const SENT: u64 = 40;
    let place = Place::new();
    let limits =
        Limits { queue_events: 4, queue_wait: SHORT, group_events: 4, ..Limits::default() };
    let (ledger, gate) = block_in_place(|| place.open_gated_within(limits));
    let server = Server::start(ledger).await;
    server.record_all(&staff()).await;
    gate.shut();
    let mut waiting = Vec::new();
    for number in 10..10 + SENT {
        let submission = Some(message(note(number, case(1)).submission()));
        let mut client = server.client.clone();
        let request = proto::AppendRequest { submission };
        waiting.push(tokio::spawn(async move { client.append(request).await }));
    }
    tokio::time::sleep(2 * SHORT).await;
    // By then every one was told that was not taken, by a stream as well.
    let drafts: Vec<_> = (100..104).map(|number| note(number, case(2))).collect();
    let outcomes = server.append_stream(drafts.iter().map(|d| d.submission()).collect()).await;
    for outcome in &outcomes {
        let told = refused_as_value(outcome);
        assert_eq!((told.reason, told.code), (Reason::Overloaded, Code::ResourceExhausted));
        assert!(told.retry_after.is_some_and(|after| after > Duration::ZERO));
    }
    gate.open();
    let (mut taken, mut told) = (0, 0);
    for answer in waiting {
        match answer.await.unwrap() {
            Ok(_) => taken += 1,
            Err(status) => {
                check_overloaded(&status);
                told += 1;
            }
        }
    }
    assert!(taken >= 4 && told > 0 && taken + told == SENT, "{taken} taken, {told} told");
    // The same again: each is recorded once.
    for number in 10..10 + SENT {
        server.record(&note(number, case(1))).await;
    }
    server.record_all(&drafts).await;
    assert_eq!(server.size().await, 1 + staff().len() as u64 + SENT + 4);
    server.stop().await;
    drop(gate);
    place.verify();
}
