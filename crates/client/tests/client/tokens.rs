//! Each call says who makes it, and what for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use letopis_client::{
    ActingAs, ClientError, EventRef, Identity, KnownLedgers, LedgerClient, Options, Retry,
    SignerError, TokenSigner, Usage,
};
use letopis_proto::ledger::v1 as pb;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{ActorId, PublicKey, Sequence, SignatureBytes, StreamKind};
use tonic::Code;

use crate::fake::{Fake, OPTIONS, Trouble, case, secret};

fn identity() -> Identity {
    Identity {
        ledger: None,
        actor: ActorId([8; 16]),
        grant: None,
        statement_key: secret(50),
        token_key: Some(secret(51)),
    }
}

/// A ledger that wants a token with every call.
async fn closed() -> Fake {
    let fake = Fake::start().await;
    fake.state().token_key = Some(secret(51).public());
    fake
}

fn acting(signer: impl TokenSigner + 'static) -> Options {
    let acting_as = ActingAs::new(Arc::new(signer), Purpose::CaseWork);
    Options { acting_as: Some(acting_as), ..OPTIONS }
}

/// Every method that there is, once at least.
async fn call_everything(fake: &Fake, client: &LedgerClient) {
    let note = fake.note(case(1), "invented");
    client.append(&note).await.unwrap();
    let mut stream = client.append_stream(tokio_stream::iter(fake.notes(3)), 2);
    while let Some(answer) = stream.next().await {
        answer.unwrap().outcome.unwrap();
    }
    client.get_event(EventRef::Sequence(Sequence(1))).await.unwrap();
    client.get_event(EventRef::Name(note.stream(), note.event_id())).await.unwrap();
    client.get_receipt(&note.stream(), &note.event_id()).await.unwrap();
    assert_eq!(client.read_stream(&case(1)).await.unwrap().events.len(), 4);
    while client.list_streams(StreamKind::Case).next().await.unwrap().is_none() {}
    let mut log = client.read_log(Sequence::ZERO, false);
    while let Some(event) = log.next().await {
        event.unwrap();
    }
    client.genesis().await.unwrap();
    client.checkpoint().await.unwrap();
    let reader = identity();
    let mut sections =
        client.read_sections(&reader, &[case(1)], &[], Purpose::CaseWork).await.unwrap();
    while let Some(section) = sections.next().await {
        section.unwrap();
    }
}

#[tokio::test]
async fn every_call_carries_a_token_for_just_that_call() {
    let fake = closed().await;
    let known = fake.known_ledgers();
    let met = LedgerClient::trust_on_first_use(&fake.url(), &known, acting(identity())).await;
    let (client, _) = met.unwrap();
    call_everything(&fake, &client).await;
    let called: BTreeSet<_> = fake.state().tokens.iter().map(|(method, _)| *method).collect();
    let all = [
        "Append",
        "AppendStream",
        "GetConsistencyProof",
        "GetEvent",
        "GetInclusionProof",
        "GetReceipt",
        "ListStreams",
        "ReadLog",
        "ReadSections",
        "ReadStream",
    ];
    assert_eq!(called, all.into());
    assert_eq!(fake.state().purpose, "case_work");

    // A known ledger that has grown since: the proof of that is a call as well.
    fake.state().tokens.clear();
    let known = known.open(client.ledger()).unwrap().unwrap();
    let size = known.size();
    client.append(&fake.note(case(2), "invented")).await.unwrap();
    let again = LedgerClient::connect(&fake.url(), known, acting(identity())).await.unwrap();
    assert!(again.known().size() > size);
}

#[tokio::test]
async fn without_a_caller_calls_go_without_and_the_ledger_says_so() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    assert!(fake.state().tokens.is_empty());
    client.append(&fake.note(case(1), "invented")).await.unwrap();

    fake.state().token_key = Some(secret(51).public());
    let error = client.append(&fake.note(case(1), "invented")).await.unwrap_err();
    assert_eq!(error.refused().unwrap().code, Code::Unauthenticated);
    let error = client.read_stream(&case(1)).await.unwrap_err();
    assert!(error.refused().unwrap().message.contains("no token"));

    let client = client.as_caller(Arc::new(identity()), Purpose::Inspection);
    client.append(&fake.note(case(1), "invented")).await.unwrap();
    assert_eq!(fake.state().purpose, "inspection");
}

#[tokio::test]
async fn a_key_that_is_not_enrolled_is_refused_at_once() {
    let fake = closed().await;
    let other = Identity { token_key: Some(secret(52)), ..identity() };
    let known = fake.known_ledgers();
    let met = LedgerClient::trust_on_first_use(&fake.url(), &known, acting(other)).await;
    assert!(met.unwrap_err().refused().unwrap().message.contains("another key"));
    assert_eq!(fake.state().tokens.len(), 1);
}

#[tokio::test]
async fn each_attempt_has_a_token_of_its_own() {
    let fake = closed().await;
    let known = fake.known_ledgers();
    let met = LedgerClient::trust_on_first_use(&fake.url(), &known, acting(identity())).await;
    let (client, _) = met.unwrap();
    let note = fake.note(case(1), "invented");
    for arrival in [0, 1, 3, 4] {
        fake.state().troubles.insert(arrival, Trouble::Overloaded(Duration::from_millis(1)));
    }
    client.append(&note).await.unwrap();
    // The stream is opened again for each.
    let mut stream = client.append_stream(tokio_stream::iter(fake.notes(1)), 1);
    while let Some(answer) = stream.next().await {
        answer.unwrap().outcome.unwrap();
    }
    let tokens = fake.state().tokens.clone();
    for method in ["Append", "AppendStream"] {
        let made: BTreeSet<_> = tokens.iter().filter(|(called, _)| *called == method).collect();
        assert_eq!(made.len(), 3, "{method}");
    }
}

#[tokio::test]
async fn a_followed_log_goes_on_with_a_new_token_each_time_that_its_stream_is_over() {
    let fake = closed().await;
    fake.state().log_expires_after = Some(Duration::from_millis(1_050));
    let retry = Retry { attempts: 2, ..OPTIONS.retry };
    let options = Options { retry, ..acting(identity()) };
    let known = fake.known_ledgers();
    let (client, _) = LedgerClient::trust_on_first_use(&fake.url(), &known, options).await.unwrap();
    let mut log = client.read_log(Sequence(1), true);
    let quiet = tokio::time::timeout(Duration::from_millis(3_500), log.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    client.append(&fake.note(case(1), "invented")).await.unwrap();
    assert_eq!(log.next().await.unwrap().unwrap().link.sequence, Sequence(1));
    let readings = |state: &crate::fake::State| {
        state.tokens.iter().filter(|(method, _)| *method == "ReadLog").count()
    };
    assert!(readings(&fake.state()) >= 4);
}

#[tokio::test]
async fn another_service_of_the_server_is_called_in_the_same_way() {
    let fake = closed().await;
    let known = fake.known_ledgers();
    let met = LedgerClient::trust_on_first_use(&fake.url(), &known, acting(identity())).await;
    let (client, _) = met.unwrap();
    let request = pb::GetEventRequest { event: Some(pb::get_event_request::Event::Sequence(0)) };
    let method = "letopis.ledger.v1.LedgerService/GetEvent";
    let request = client.authorize(method, request).await.unwrap();
    assert!(!format!("{request:?}").contains("Bearer"), "a token is shown nowhere");
    let mut grpc = pb::ledger_service_client::LedgerServiceClient::new(client.channel());
    assert!(grpc.get_event(request).await.unwrap().into_inner().event.is_some());
}

/// Something that answers elsewhere, and not always.
struct Elsewhere {
    answer: Result<(), SignerError>,
    thread: std::thread::ThreadId,
}

impl TokenSigner for Elsewhere {
    fn actor(&self) -> ActorId {
        ActorId([8; 16])
    }

    fn token_key(&self) -> Option<PublicKey> {
        Some(secret(51).public())
    }

    fn sign_token(&self, signing_input: &[u8]) -> Result<SignatureBytes, SignerError> {
        assert_ne!(std::thread::current().id(), self.thread, "nothing else waits for it");
        self.answer.clone().map(|()| secret(51).sign(signing_input))
    }
}

#[tokio::test]
async fn a_signer_may_wait_and_may_fail() {
    let fake = closed().await;
    let thread = std::thread::current().id();
    let met = |directory: KnownLedgers, answer| {
        let (url, options) = (fake.url(), acting(Elsewhere { answer, thread }));
        async move { LedgerClient::trust_on_first_use(&url, &directory, options).await }
    };
    let (client, _) = met(fake.known_ledgers(), Ok(())).await.unwrap();
    client.read_log(Sequence::ZERO, false).next().await.unwrap().unwrap();

    let tokens = fake.state().tokens.len();
    let locked = Elsewhere { answer: Err(SignerError::Locked), thread };
    let client = client.as_caller(Arc::new(locked), Purpose::CaseWork);
    let mut stream = client.append_stream(tokio_stream::iter(fake.notes(1)), 1);
    let mut log = client.read_log(Sequence::ZERO, false);
    for error in [
        client.genesis().await.unwrap_err(),
        stream.next().await.unwrap().unwrap_err(),
        log.next().await.unwrap().unwrap_err(),
    ] {
        let ClientError::Usage(usage) = error else { panic!("{error}") };
        assert!(matches!(*usage, Usage::Signer(SignerError::Locked)), "{usage}");
    }
    assert_eq!(fake.state().tokens.len(), tokens);
}
