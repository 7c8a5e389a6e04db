//! Calls say who makes them: without the right token nothing is answered, and every way of not
//! having it is told by its own reason. What a token carries ends with the authority behind it.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use letopis_ledger::testing::{
    CHIEF, TOKEN, WORKER, actor, actor_stream, case, end_role, enrol_key, head_after, note,
    revoke_key, secret, staff, token, token_claims, token_header, worker,
};
use letopis_ledger::token::Call;
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::ledger::v1::append_stream_response::Result as Outcome;
use letopis_proto::statement::v1::KeyUse;
use letopis_tests::hmac;
use letopis_types::Class;
use letopisd::serve::Settings;
use prost::Message;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Status, Streaming};

use crate::server::{Place, Server, message, refused};

/// One call of each shape: with one answer, with a stream of them, and a stream both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    One,
    Answers,
    BothWays,
}

const SHAPES: [Shape; 3] = [Shape::One, Shape::Answers, Shape::BothWays];

const EVENT: proto::GetEventRequest =
    proto::GetEventRequest { event: Some(proto::get_event_request::Event::Sequence(0)) };
const LOG: proto::ReadLogRequest = proto::ReadLogRequest { from_sequence: 0, follow: false };

impl Shape {
    const fn method(self) -> &'static str {
        match self {
            Self::One => "letopis.ledger.v1.LedgerService/GetEvent",
            Self::Answers => "letopis.ledger.v1.LedgerService/ReadLog",
            Self::BothWays => "letopis.ledger.v1.LedgerService/AppendStream",
        }
    }

    /// What its token is for.
    fn request(self) -> Vec<u8> {
        match self {
            Self::One => EVENT.encode_to_vec(),
            Self::Answers => LOG.encode_to_vec(),
            Self::BothWays => Vec::new(),
        }
    }

    /// Makes it, to its end.
    async fn make(self, server: &Server, authorization: Option<&str>) -> Result<(), Status> {
        let mut client = server.client.clone();
        match self {
            Self::One => client.get_event(with(EVENT, authorization)).await.map(|_| ()),
            Self::Answers => {
                let answers = client.read_log(with(LOG, authorization)).await?;
                to_the_end(answers.into_inner()).await
            }
            Self::BothWays => {
                let submission = Some(message(note(10, case(1)).submission()));
                let requests = [proto::AppendStreamRequest { submission }];
                let requests = with(tokio_stream::iter(requests), authorization);
                to_the_end(client.append_stream(requests).await?.into_inner()).await
            }
        }
    }
}

fn with<T>(message: T, authorization: Option<&str>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(authorization) = authorization {
        request.metadata_mut().insert("authorization", authorization.parse().unwrap());
    }
    request
}

async fn to_the_end<T>(mut answers: Streaming<T>) -> Result<(), Status> {
    while answers.message().await?.is_some() {}
    Ok(())
}

/// The claims of a good token for a call of this shape.
fn claims(place: &Place, shape: Shape, jti: &str) -> Value {
    let call = Call { method: shape.method(), request: &shape.request() };
    token_claims(call, place.now(), jti)
}

fn bearer(header: &Value, claims: &Value, key: u8) -> String {
    format!("Bearer {}", token(header, claims, key))
}

/// A good token for one call.
fn good(place: &Place, shape: Shape, jti: &str) -> String {
    bearer(&token_header(TOKEN), &claims(place, shape, jti), TOKEN)
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// What is not accepted, why not, and what the caller is told.
fn wrong(place: &Place, shape: Shape) -> Vec<(&'static str, Option<String>, Reason)> {
    let good_claims = claims(place, shape, "invented-token-id-1");
    let claim = |name: &str, value: Value| {
        let mut claims = good_claims.clone();
        claims[name] = value;
        Some(bearer(&token_header(TOKEN), &claims, TOKEN))
    };
    let header = |name: &str, value: Value| {
        let mut header = token_header(TOKEN);
        header[name] = value;
        header
    };
    let signed = |header: &Value| Some(bearer(header, &good_claims, TOKEN));
    let by = |key: u8| Some(bearer(&token_header(key), &good_claims, key));
    let unsigned =
        format!("Bearer {}.{}.", encoded(&header("alg", "none".into())), encoded(&good_claims));
    let public = secret(TOKEN).public().0;
    let to_sign = format!("{}.{}", encoded(&header("alg", "HS256".into())), encoded(&good_claims));
    let mac = URL_SAFE_NO_PAD.encode(hmac(&public, to_sign.as_bytes()));
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(public)});
    let good = good(place, shape, "invented-token-id-1");
    let now = place.now().seconds();
    vec![
        ("none", None, Reason::TokenMissing),
        ("not Bearer", Some(good.replace("Bearer", "Basic")), Reason::TokenMissing),
        ("not a token", Some("Bearer invented".to_owned()), Reason::TokenInvalid),
        ("cut", Some(good[..good.len() - 2].to_owned()), Reason::TokenInvalid),
        ("too long", Some(format!("{good}{}", "A".repeat(2048))), Reason::TokenInvalid),
        ("unsigned", Some(unsigned), Reason::TokenInvalid),
        (
            "HS256 with the public key",
            Some(format!("Bearer {to_sign}.{mac}")),
            Reason::TokenInvalid,
        ),
        ("its own jwk", signed(&header("jwk", jwk)), Reason::TokenInvalid),
        (
            "a key to be fetched",
            signed(&header("jku", "https://x.example".into())),
            Reason::TokenInvalid,
        ),
        (
            "another's signature",
            Some(bearer(&token_header(TOKEN), &good_claims, 17)),
            Reason::TokenInvalid,
        ),
        ("expired", claim("exp", (now - 6).into()), Reason::TokenExpired),
        ("from the future", claim("iat", (now + 6).into()), Reason::TokenExpired),
        ("good for too long", claim("exp", (now + 121).into()), Reason::TokenExpired),
        ("another ledger", claim("aud", "ee".repeat(32).into()), Reason::TokenForAnotherCall),
        ("another method", claim("method", "a.B/C".into()), Reason::TokenForAnotherCall),
        ("another request", claim("query", "A".repeat(43).into()), Reason::TokenForAnotherCall),
        ("another's name", claim("sub", actor(CHIEF).to_string().into()), Reason::TokenKeyWrong),
        ("a signing key", by(WORKER), Reason::TokenKeyWrong),
        ("an unknown key", by(17), Reason::TokenKeyWrong),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_token_is_refused_with_its_own_reason_by_calls_of_each_shape() {
    let place = Place::new();
    let server = place.start_with(Settings::closed()).await;
    let before = place.record();
    for shape in SHAPES {
        for (what, authorization, reason) in wrong(&place, shape) {
            let status = shape.make(&server, authorization.as_deref()).await.unwrap_err();
            let told = refused(&status);
            let expected = (reason, Code::Unauthenticated);
            assert_eq!((told.reason, told.code), expected, "{what}, {shape:?}: {status:?}");
            // A token is a secret as long as it is good.
            for part in authorization.iter().flat_map(|text| text.split(['.', ' '])) {
                assert!(part.len() < 16 || !format!("{status:?}").contains(part), "{what}");
            }
        }
    }
    assert!(place.record() == before, "something was written");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_carries_one_call() {
    let place = Place::new();
    let server = place.start_with(Settings::closed()).await;
    for (number, shape) in SHAPES.into_iter().enumerate() {
        let good = good(&place, shape, &format!("invented-token-id-{number}"));
        shape.make(&server, Some(&good)).await.unwrap();
        let told = refused(&shape.make(&server, Some(&good)).await.unwrap_err());
        assert_eq!((told.reason, told.code), (Reason::TokenReused, Code::Unauthenticated));
    }
    server.stop().await;
}

/// A token for one call is none for another.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_carries_no_other_call() {
    let place = Place::new();
    let server = place.start_with(Settings::closed()).await;
    for shape in SHAPES {
        for other in SHAPES.into_iter().filter(|other| *other != shape) {
            let good = good(&place, shape, "invented-token-id-1");
            let told = refused(&other.make(&server, Some(&good)).await.unwrap_err());
            assert_eq!(told.reason, Reason::TokenForAnotherCall, "{shape:?} as {other:?}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_and_an_ended_role_carry_nothing() {
    for (end, reason, code) in [
        (revoke_key(80, WORKER, TOKEN), Reason::TokenKeyWrong, Code::Unauthenticated),
        (end_roles(81), Reason::RoleNotInForce, Code::PermissionDenied),
    ] {
        let place = Place::new();
        let ledger = tokio::task::block_in_place(|| place.open()).unwrap().0;
        for draft in staff().iter().chain([&end]) {
            ledger.append(draft.submission()).await.unwrap();
        }
        let server = Server::start_with(ledger, Settings::closed()).await;
        for shape in SHAPES {
            let good = good(&place, shape, "invented-token-id-1");
            let told = refused(&shape.make(&server, Some(&good)).await.unwrap_err());
            assert_eq!((told.reason, told.code), (reason, code), "{shape:?}");
        }
        server.stop().await;
    }
}

/// The worker's only role ends.
fn end_roles(number: u64) -> letopis_ledger::testing::Draft {
    end_role(number, WORKER, worker().grant.unwrap())
}

/// Every method but one asks for a token, before it looks at anything else.
#[tokio::test(flavor = "multi_thread")]
async fn every_method_but_one_takes_a_token() {
    let place = Place::new();
    let server = place.start_with(Settings::closed()).await;
    let mut client = server.client.clone();
    let missing = |status: Status| {
        let told = refused(&status);
        assert_eq!((told.reason, told.code), (Reason::TokenMissing, Code::Unauthenticated));
    };
    missing(client.append(proto::AppendRequest::default()).await.unwrap_err());
    missing(client.append_stream(tokio_stream::empty()).await.unwrap_err());
    missing(client.get_event(proto::GetEventRequest::default()).await.unwrap_err());
    missing(client.read_stream(proto::ReadStreamRequest::default()).await.unwrap_err());
    missing(client.read_log(proto::ReadLogRequest::default()).await.unwrap_err());
    missing(client.get_receipt(proto::GetReceiptRequest::default()).await.unwrap_err());
    missing(
        client.get_inclusion_proof(proto::GetInclusionProofRequest::default()).await.unwrap_err(),
    );
    missing(
        client
            .get_consistency_proof(proto::GetConsistencyProofRequest::default())
            .await
            .unwrap_err(),
    );
    missing(client.list_streams(proto::ListStreamsRequest::default()).await.unwrap_err());
    missing(client.read_sections(proto::ReadSectionsRequest::default()).await.unwrap_err());
    assert!(!server.checkpoint().await.genesis.is_empty());
    server.stop().await;
}

/// An open trial answers without a token, but one that is sent must be right, and nobody reads
/// sections without a name.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_trial_still_checks_what_is_sent() {
    let place = Place::new();
    let server = place.start().await;
    for shape in SHAPES {
        shape.make(&server, None).await.unwrap();
        for (what, authorization, reason) in wrong(&place, shape).into_iter().skip(1) {
            let status = shape.make(&server, authorization.as_deref()).await.unwrap_err();
            assert_eq!(refused(&status).reason, reason, "{what}, {shape:?}");
        }
    }
    let sections = proto::ReadSectionsRequest::default();
    let status = server.client.clone().read_sections(sections).await.unwrap_err();
    assert_eq!(refused(&status).reason, Reason::TokenMissing);
    server.stop().await;
}

/// A log that is followed, and its first message.
async fn follow(place: &Place, server: &Server) -> Streaming<proto::ReadLogResponse> {
    let request = proto::ReadLogRequest { from_sequence: 0, follow: true };
    let call = Call { method: Shape::Answers.method(), request: &request.encode_to_vec() };
    let claims = token_claims(call, place.now(), "invented-token-id-1");
    let authorization = bearer(&token_header(TOKEN), &claims, TOKEN);
    let request = with(request, Some(&authorization));
    let mut log = server.client.clone().read_log(request).await.unwrap().into_inner();
    assert!(log.message().await.unwrap().is_some());
    log
}

type Sending = mpsc::Sender<proto::AppendStreamRequest>;

/// A stream of appends that goes on, with its first statement answered.
async fn append(
    place: &Place,
    server: &Server,
) -> (Sending, Streaming<proto::AppendStreamResponse>) {
    let (sender, requests) = mpsc::channel(4);
    let authorization = good(place, Shape::BothWays, "invented-token-id-2");
    let requests = with(ReceiverStream::new(requests), Some(&authorization));
    let mut answers = server.client.clone().append_stream(requests).await.unwrap().into_inner();
    send(&sender, 10).await;
    let answer = answers.message().await.unwrap().unwrap();
    assert!(matches!(answer.result, Some(Outcome::Receipt(_))));
    (sender, answers)
}

async fn send(sender: &Sending, number: u64) {
    let submission = Some(message(note(number, case(1)).submission()));
    sender.send(proto::AppendStreamRequest { submission }).await.unwrap();
}

/// Idle or not, what a token carries has an end.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_after_its_time() {
    const LONGEST: Duration = Duration::from_millis(700);
    let place = Place::new();
    let settings = Settings { stream_max: LONGEST, ..Settings::closed() };
    let server = place.start_with(settings).await;
    let since = Instant::now();
    let mut log = follow(&place, &server).await;
    let (sender, mut answers) = append(&place, &server).await;
    let mut last = loop {
        match log.message().await {
            Ok(message) => assert!(message.is_some(), "ended without a word"),
            Err(status) => break vec![status],
        }
    };
    last.push(answers.message().await.unwrap_err());
    for status in last {
        let told = refused(&status);
        assert_eq!((told.reason, told.code), (Reason::StreamExpired, Code::Unavailable));
        assert!(told.message.contains("new token"), "{}", told.message);
    }
    let waited = since.elapsed();
    assert!(waited >= LONGEST && waited < 5 * LONGEST, "{waited:?}");
    drop(sender);
    server.stop().await;
}

/// A key is revoked, a role ends: both streams end without anything happening on them, and what was
/// recorded by then is all there is.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_authority_behind_it() {
    for end in [revoke_key(80, WORKER, TOKEN), end_roles(81)] {
        let place = Place::new();
        let (ledger, _) = tokio::task::block_in_place(|| place.open()).unwrap();
        for draft in staff() {
            ledger.append(draft.submission()).await.unwrap();
        }
        let server = Server::start_with(ledger.clone(), Settings::closed()).await;
        let mut log = follow(&place, &server).await;
        let (sender, mut answers) = append(&place, &server).await;
        assert!(log.message().await.unwrap().is_some(), "the note");
        ledger.append(end.submission()).await.unwrap();
        // The event that ends it is not among those given out.
        let ended = loop {
            match log.message().await {
                Ok(message) => {
                    let events = message.unwrap().events;
                    assert!(events.iter().all(|event| event.statement != end.bytes()));
                }
                Err(status) => break status,
            }
        };
        for status in [ended, answers.message().await.unwrap_err()] {
            let told = refused(&status);
            assert_eq!(told.reason, Reason::AuthorityChanged, "{status:?}");
            assert_eq!(told.code, Code::PermissionDenied);
        }
        drop((sender, ledger));
        server.stop().await;
    }
}

/// Each statement is decided anew: the one that comes after the key was revoked is not taken.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_end_is_not_taken() {
    let place = Place::new();
    let (ledger, _) = tokio::task::block_in_place(|| place.open()).unwrap();
    for draft in staff() {
        ledger.append(draft.submission()).await.unwrap();
    }
    let server = Server::start_with(ledger.clone(), Settings::closed()).await;
    let (sender, mut answers) = append(&place, &server).await;
    ledger.append(revoke_key(80, WORKER, TOKEN).submission()).await.unwrap();
    let size = ledger.size();
    send(&sender, 11).await;
    let told = refused(&answers.message().await.unwrap_err());
    assert_eq!(told.reason, Reason::AuthorityChanged);
    assert_eq!(ledger.size(), size);
    drop((sender, ledger));
    server.stop().await;
}

/// What waits for a slow reader does not leave any more once its authority is gone.
#[tokio::test(flavor = "multi_thread")]
async fn sections_that_wait_do_not_leave_after_the_end() {
    const SECTIONS: u64 = 40;
    let place = Place::new();
    let (ledger, _) = tokio::task::block_in_place(|| place.open()).unwrap();
    let large = |number| note(number, case(1)).section(Class::Normal, &[b'x'; 1 << 20]);
    for draft in staff().into_iter().chain((10..10 + SECTIONS).map(large)) {
        ledger.append(draft.submission()).await.unwrap();
    }
    let server = Server::start_with(ledger.clone(), Settings::closed()).await;
    let streams = vec![letopis_ledger::testing::stream_message(&case(1))];
    let request = proto::ReadSectionsRequest { streams, classes: Vec::new() };
    let method = "letopis.ledger.v1.LedgerService/ReadSections";
    let call = Call { method, request: &request.encode_to_vec() };
    let claims = token_claims(call, place.now(), "invented-token-id-1");
    let request = with(request, Some(&bearer(&token_header(TOKEN), &claims, TOKEN)));
    let mut answers = server.client.clone().read_sections(request).await.unwrap().into_inner();
    assert!(answers.message().await.unwrap().is_some());
    ledger.append(revoke_key(80, WORKER, TOKEN).submission()).await.unwrap();
    // What the transport had taken by then is out of our hands.
    let mut given = 1;
    let status = loop {
        match answers.message().await {
            Ok(Some(_)) => given += 1,
            Ok(None) => panic!("all of it was given"),
            Err(status) => break status,
        }
    };
    assert_eq!(refused(&status).reason, Reason::AuthorityChanged);
    assert!(given < SECTIONS, "{given}");
    drop((answers, ledger));
    server.stop().await;
}

/// The key of another actor in force does as well; each says for whom it stands.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_enrolled_later_carries_calls_too() {
    const KEY: u8 = 60;
    let place = Place::new();
    let (ledger, _) = tokio::task::block_in_place(|| place.open()).unwrap();
    let staff = staff();
    for draft in &staff {
        ledger.append(draft.submission()).await.unwrap();
    }
    let of_chief = |draft: &&letopis_ledger::testing::Draft| {
        draft.statement.stream
            == Some(letopis_ledger::testing::stream_message(&actor_stream(CHIEF)))
    };
    let head = head_after(&staff.iter().filter(of_chief).collect::<Vec<_>>());
    let present = [letopis_ledger::testing::chief()];
    let enrolled = enrol_key(70, CHIEF, KEY, KeyUse::Token, &present).seen(head);
    ledger.append(enrolled.submission()).await.unwrap();
    let server = Server::start_with(ledger, Settings::closed()).await;
    let mut claims = claims(&place, Shape::One, "invented-token-id-1");
    claims["sub"] = actor(CHIEF).to_string().into();
    let good = bearer(&token_header(KEY), &claims, KEY);
    Shape::One.make(&server, Some(&good)).await.unwrap();
    server.stop().await;
}
