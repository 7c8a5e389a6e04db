//! Reading: events, pages, receipts and proofs, checked with nothing but what a client has.

use letopis_crypto::hash::ledger_id;
use letopis_domain::position::StreamHead;
use letopis_domain::{Fact, Statement};
use letopis_ledger::testing::{
    Draft, case, event_id, head_after, note, open_case, plan, staff, stream_message, visit,
};
use letopis_log::merkle::{verify_consistency, verify_inclusion};
use letopis_log::receipt::Signed;
use letopis_log::{Checkpoint, Link, Origin, Receipt, VerifierKey, merkle};
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::statement::v1 as statement;
use letopis_types::{Class, Digest, Sequence, SignatureBytes, StreamKind, Version};
use prost::Message as _;
use tonic::Code;

use crate::server::{Place, Server, refused};

fn typed(bytes: &[u8]) -> Statement {
    letopis_crypto::canonical::check(bytes).unwrap();
    Statement::from_proto(&statement::Statement::decode(bytes).unwrap()).unwrap()
}

/// The key that checkpoints verify with, from the genesis alone.
fn key_of(genesis: &[u8]) -> VerifierKey {
    let Fact::Genesis(fact) = typed(genesis).fact else { panic!("not a genesis") };
    Origin::new(&fact.name, ledger_id(genesis)).unwrap().verifier_key(fact.checkpoint_key)
}

fn receipt_file(event: &proto::Event, receipt: &proto::Receipt) -> Receipt {
    assert_eq!(event.link, receipt.link);
    let hash = |bytes: &tonic::codegen::Bytes| Digest::from_slice(bytes).unwrap();
    let signature = |bytes: &tonic::codegen::Bytes| SignatureBytes::from_slice(bytes).unwrap();
    Receipt {
        statement: event.statement.to_vec(),
        signatures: event.signatures.iter().map(signature).collect(),
        link: Link::from_bytes(&receipt.link).unwrap(),
        inclusion: receipt.inclusion_proof.iter().map(hash).collect(),
        checkpoint: receipt.checkpoint.clone(),
    }
}

fn verify(file: &Receipt, key: &VerifierKey, genesis: &[u8]) {
    let signers: Vec<_> = typed(&file.statement).signers.iter().map(|by| by.key).collect();
    let signed = Signed { ledger: ledger_id(genesis), signers: &signers };
    file.verify(key, &signed).unwrap();
}

fn name(draft: &Draft) -> proto::EventName {
    proto::EventName {
        stream: draft.statement.stream.clone(),
        event_id: draft.statement.event_id.clone().into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_verify_offline() {
    let place = Place::new();
    let server = place.start().await;
    let genesis = server.checkpoint().await.genesis;
    let key = key_of(&genesis);
    let drafts: Vec<_> =
        (10..20).map(|n| note(n, case(1)).section(Class::Restricted, b"invented")).collect();
    let receipts = server.record_all(&drafts).await;
    for (draft, receipt) in drafts.iter().zip(&receipts) {
        let signatures = draft.submission().signatures.into_iter().map(Into::into).collect();
        let statement = draft.bytes().into();
        let event = proto::Event { link: receipt.link.clone(), statement, signatures };
        let file = receipt_file(&event, receipt);
        verify(&file, &key, &genesis);
        // As a file it says the same; with a flipped bit it says nothing.
        verify(&Receipt::from_text(&file.to_text()).unwrap(), &key, &genesis);
        let mut forged = file.clone();
        forged.inclusion[0].0[0] ^= 1;
        assert!(std::panic::catch_unwind(|| verify(&forged, &key, &genesis)).is_err());

        let request = proto::GetReceiptRequest { name: Some(name(draft)) };
        let found = server.client.clone().get_receipt(request).await.unwrap().into_inner();
        let (event, again) = (found.event.unwrap(), found.receipt.unwrap());
        assert!(again.already_recorded);
        assert_eq!((&again.link, again.version), (&receipt.link, receipt.version));
        verify(&receipt_file(&event, &again), &key, &genesis);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_verify_offline() {
    let place = Place::new();
    let server = place.start().await;
    let mut client = server.client.clone();
    let first = server.checkpoint().await;
    let key = key_of(&first.genesis);
    let drafts: Vec<_> = (10..310).map(|number| note(number, case(1))).collect();
    let receipts = server.record_all(&drafts).await;
    let last = server.checkpoint().await;
    let open = |text: &str| Checkpoint::open(text, &key).unwrap();
    let (before, after) = (open(&first.checkpoint), open(&last.checkpoint));
    let digests = |proof: Vec<tonic::codegen::Bytes>| -> Vec<_> {
        proof.iter().map(|hash| Digest::from_slice(hash).unwrap()).collect()
    };

    let (from_size, to_size) = (before.size.0, after.size.0);
    let request = proto::GetConsistencyProofRequest { from_size, to_size };
    let proof = digests(client.get_consistency_proof(request).await.unwrap().into_inner().proof);
    verify_consistency(from_size, to_size, &proof, &before.root, &after.root).unwrap();
    for receipt in [&receipts[0], &receipts[200], &receipts[299]] {
        let link = Link::from_bytes(&receipt.link).unwrap();
        let sequence = link.sequence.0;
        let request = proto::GetInclusionProofRequest { sequence, size: to_size };
        let proof = digests(client.get_inclusion_proof(request).await.unwrap().into_inner().proof);
        let leaf = merkle::leaf_hash(&receipt.link);
        verify_inclusion(&leaf, sequence, to_size, &proof, &after.root).unwrap();
    }
    for (sequence, size) in [(to_size, to_size), (0, to_size + 1), (0, 0)] {
        let request = proto::GetInclusionProofRequest { sequence, size };
        let told = refused(&client.get_inclusion_proof(request).await.unwrap_err());
        assert_eq!((told.reason, told.code), (Reason::SequenceOutOfRange, Code::OutOfRange));
    }
    for (from_size, to_size) in [(2, 1), (1, to_size + 1)] {
        let request = proto::GetConsistencyProofRequest { from_size, to_size };
        let told = refused(&client.get_consistency_proof(request).await.unwrap_err());
        assert_eq!((told.reason, told.code), (Reason::SequenceOutOfRange, Code::OutOfRange));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_by_sequence_and_by_name() {
    use proto::get_event_request::Event as By;
    let place = Place::new();
    let server = place.start().await;
    let draft = note(10, case(1));
    let receipt = server.record(&draft).await;
    let get = async |by: Option<By>| {
        let request = proto::GetEventRequest { event: by };
        server
            .client
            .clone()
            .get_event(request)
            .await
            .map(|found| found.into_inner().event.unwrap())
    };
    let sequence = Link::from_bytes(&receipt.link).unwrap().sequence.0;
    for by in [By::Sequence(sequence), By::Name(name(&draft))] {
        let event = get(Some(by)).await.unwrap();
        assert_eq!((event.link, event.statement), (receipt.link.clone(), draft.bytes().into()));
    }
    let mut short = name(&draft);
    short.event_id = short.event_id.slice(..15);
    let mut rootless = name(&draft);
    rootless.stream.as_mut().unwrap().kind = 10;
    for (by, reason, code) in [
        (Some(By::Sequence(sequence + 1)), Reason::EventNotFound, Code::NotFound),
        (Some(By::Name(name(&note(11, case(1))))), Reason::EventNotFound, Code::NotFound),
        (Some(By::Name(short)), Reason::RequestInvalid, Code::InvalidArgument),
        (Some(By::Name(rootless)), Reason::RequestInvalid, Code::InvalidArgument),
        (
            Some(By::Name(proto::EventName::default())),
            Reason::RequestInvalid,
            Code::InvalidArgument,
        ),
        (None, Reason::RequestInvalid, Code::InvalidArgument),
    ] {
        let told = refused(&get(by).await.unwrap_err());
        assert_eq!((told.reason, told.code), (reason, code), "{}", told.message);
    }
    let request = proto::GetReceiptRequest { name: Some(name(&note(12, case(9)))) };
    let told = refused(&server.client.clone().get_receipt(request).await.unwrap_err());
    assert_eq!((told.reason, told.code), (Reason::EventNotFound, Code::NotFound));
    server.stop().await;
}

async fn list(
    server: &Server,
    kind: StreamKind,
    page_size: u32,
    token: &str,
) -> Result<proto::ListStreamsResponse, tonic::Status> {
    let page_token = token.to_owned();
    let request = proto::ListStreamsRequest { kind: kind as i32, page_size, page_token };
    server.client.clone().list_streams(request).await.map(tonic::Response::into_inner)
}

async fn page(
    server: &Server,
    stream: u8,
    page_size: u32,
    token: &str,
) -> Result<proto::ReadStreamResponse, tonic::Status> {
    let (stream, page_token) = (Some(stream_message(&case(stream))), token.to_owned());
    let request = proto::ReadStreamRequest { stream, page_size, page_token };
    server.client.clone().read_stream(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_list_are_of_one_sequence() {
    let place = Place::new();
    let server = place.start().await;
    let cases = |from: u8| {
        (0..25)
            .map(|n| note(u64::from(from) + 100 * u64::from(n), case(2 * n + from)))
            .collect::<Vec<_>>()
    };
    server.record_all(&cases(0)).await;
    let mut listed = Vec::new();
    let mut answer = list(&server, StreamKind::Case, 10, "").await.unwrap();
    let as_of = answer.as_of_size;
    assert_eq!(as_of, server.size().await);
    for round in 0.. {
        assert_eq!(answer.as_of_size, as_of);
        listed.extend(answer.streams.iter().map(|summary| summary.stream.clone().unwrap()));
        if answer.next_page_token.is_empty() {
            break;
        }
        // New streams among those that are listed, and more in those.
        server.record_all(&cases(1)[5 * round..5 * round + 5]).await;
        server.record(&visit(9000 + round as u64, case(20))).await;
        answer = list(&server, StreamKind::Case, 10, &answer.next_page_token).await.unwrap();
    }
    let expected: Vec<_> = (0..25).map(|n| stream_message(&case(2 * n))).collect();
    assert_eq!(listed, expected);
    let all = list(&server, StreamKind::Case, 200, "").await.unwrap();
    assert_eq!(all.streams.len(), 35);
    let twenty = all.streams.iter().find(|s| s.stream == Some(stream_message(&case(20)))).unwrap();
    assert_eq!(twenty.version, 3);
    assert!(twenty.first_sequence < as_of && twenty.last_sequence >= as_of);
    assert_eq!(list(&server, StreamKind::Complaint, 0, "").await.unwrap().streams, []);

    let token = list(&server, StreamKind::Case, 1, "").await.unwrap().next_page_token;
    for (kind, size, token, reason) in [
        (StreamKind::Case, 201, "", Reason::PageSizeTooLarge),
        (StreamKind::Case, u32::MAX, "", Reason::PageSizeTooLarge),
        (StreamKind::Actor, 10, token.as_str(), Reason::PageTokenInvalid),
        (StreamKind::Case, 10, "invented", Reason::PageTokenInvalid),
    ] {
        let told = refused(&list(&server, kind, size, token).await.unwrap_err());
        assert_eq!((told.reason, told.code), (reason, Code::InvalidArgument));
    }
    let told = refused(&page(&server, 0, 10, &token).await.unwrap_err());
    assert_eq!(told.reason, Reason::PageTokenInvalid, "of a list, not of a stream");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_stream_are_of_one_version() {
    let place = Place::new();
    let server = place.start().await;
    let drafts: Vec<_> = (10..130).map(|number| visit(number, case(1))).collect();
    server.record_all(&drafts).await;
    let head = head_after(&drafts.iter().collect::<Vec<_>>());
    let mut answer = page(&server, 1, 50, "").await.unwrap();
    let mut statements = Vec::new();
    loop {
        let StreamHead { version, head } = head;
        assert_eq!((answer.version, &answer.head[..]), (version.0, &head.0[..]));
        assert!(answer.events.len() <= 50);
        statements.extend(answer.events.iter().map(|event| event.statement.clone()));
        if answer.next_page_token.is_empty() {
            break;
        }
        server.record(&visit(1000 + statements.len() as u64, case(1))).await;
        answer = page(&server, 1, 50, &answer.next_page_token).await.unwrap();
    }
    assert_eq!(statements, drafts.iter().map(Draft::bytes).collect::<Vec<_>>());
    // The default is 100; the most 200.
    assert_eq!(page(&server, 1, 0, "").await.unwrap().events.len(), 100);
    assert_eq!(page(&server, 1, 200, "").await.unwrap().events.len(), 122);

    server.record(&visit(2000, case(2))).await;
    let token = page(&server, 1, 50, "").await.unwrap().next_page_token;
    for (stream, size, token, reason, code) in [
        (1, 201, "", Reason::PageSizeTooLarge, Code::InvalidArgument),
        (2, 50, token.as_str(), Reason::PageTokenInvalid, Code::InvalidArgument),
        (1, 50, "AAAA", Reason::PageTokenInvalid, Code::InvalidArgument),
        (9, 50, "", Reason::StreamNotFound, Code::NotFound),
    ] {
        let told = refused(&page(&server, stream, size, token).await.unwrap_err());
        assert_eq!((told.reason, told.code), (reason, code));
    }
    let told = server.client.clone().read_stream(proto::ReadStreamRequest::default()).await;
    assert_eq!(refused(&told.unwrap_err()).reason, Reason::RequestInvalid);
    server.stop().await;
}

/// A head that a caller has read, and what was decided on it.
#[tokio::test(flavor = "multi_thread")]
async fn an_offline_visit_lands_unchanged_after_two_events_of_others_and_a_stale_decision_does_not()
{
    let place = Place::new();
    let server = place.start().await;
    let opened = open_case(10, case(1));
    server.record(&opened).await;
    // A worker looks, and goes where there is no network; the head of department looks as well.
    let read = page(&server, 1, 0, "").await.unwrap();
    let seen = StreamHead {
        version: Version(read.version),
        head: Digest::from_slice(&read.head).unwrap(),
    };
    let visited = visit(11, case(1)).seen(seen).section(Class::Normal, b"invented: seen at home");
    let (signed, decided) = (visited.submission(), plan(12, case(1)).seen(seen));

    server.record_all(&[note(13, case(1)), note(14, case(1))]).await;
    let receipt = server.append(signed.clone()).await.unwrap();
    assert_eq!(receipt.version, 4);
    let before = place.record();
    let told = refused(&server.append(decided.submission()).await.unwrap_err());
    assert_eq!((told.reason, told.code), (Reason::SeenStale, Code::Aborted));
    assert!(place.record() == before);

    // Read what is new, decide again, sign anew: the answer itself says what the head is.
    let read = page(&server, 1, 0, "").await.unwrap();
    let event = read.events.last().unwrap();
    assert_eq!(event.statement, signed.statement, "exactly as it was signed offline");
    assert_eq!(event.signatures, signed.signatures);
    let present = StreamHead {
        version: Version(told.metadata["version"].parse().unwrap()),
        head: told.metadata["head"].parse().unwrap(),
    };
    assert_eq!((present.version.0, &present.head.0[..]), (read.version, &read.head[..]));
    let receipt = server.record(&plan(15, case(1)).seen(present)).await;
    assert_eq!(receipt.version, 5);
    server.stop().await;
    assert_eq!(place.verify().events, 1 + staff().len() as u64 + 5);
}

/// The log's first event is what everything else is checked by.
#[tokio::test(flavor = "multi_thread")]
async fn the_genesis_is_the_first_event() {
    let place = Place::new();
    let server = place.start().await;
    let answer = server.checkpoint().await;
    let key = key_of(&answer.genesis);
    let checkpoint = Checkpoint::open(&answer.checkpoint, &key).unwrap();
    assert_eq!(checkpoint.size, Sequence(1 + staff().len() as u64));
    let by = proto::get_event_request::Event::Sequence(0);
    let request = proto::GetEventRequest { event: Some(by) };
    let event = server.client.clone().get_event(request).await.unwrap().into_inner().event.unwrap();
    assert_eq!(event.statement, answer.genesis);
    assert_eq!(typed(&event.statement).event_id, event_id(0));
    server.stop().await;
}
