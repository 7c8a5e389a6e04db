//! Sections leave the server only after their reading is on the record.

use letopis_crypto::section::{CommitmentScope, commitment};
use letopis_domain::fact::SectionsRead;
use letopis_domain::{Fact, Statement};
use letopis_ledger::testing::{
    CHIEF, Draft, TOKEN, actor, case, note, staff, stream_message, token, token_claims,
    token_header,
};
use letopis_ledger::token::Call;
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::statement::v1 as statement;
use letopis_types::{Class, StreamKey, StreamKind};
use prost::Message as _;
use tonic::{Code, Request, Status};

use crate::server::{Place, Server, refused};

const METHOD: &str = "letopis.ledger.v1.LedgerService/ReadSections";

fn request(streams: &[StreamKey], classes: &[Class]) -> proto::ReadSectionsRequest {
    proto::ReadSectionsRequest {
        streams: streams.iter().map(stream_message).collect(),
        classes: classes.iter().map(|class| *class as i32).collect(),
    }
}

/// A good token for this request.
fn good_token(place: &Place, request: &proto::ReadSectionsRequest, jti: &str) -> String {
    let call = Call { method: METHOD, request: &request.encode_to_vec() };
    token(&token_header(TOKEN), &token_claims(call, place.now(), jti), TOKEN)
}

async fn read(
    server: &Server,
    request: proto::ReadSectionsRequest,
    authorization: Option<String>,
) -> Result<Vec<proto::OpenedSection>, Status> {
    let mut request = Request::new(request);
    if let Some(authorization) = authorization {
        request.metadata_mut().insert("authorization", authorization.parse().unwrap());
    }
    let mut answers = server.client.clone().read_sections(request).await?.into_inner();
    let mut sections = Vec::new();
    while let Some(answer) = answers.message().await? {
        sections.push(answer.section.unwrap());
    }
    Ok(sections)
}

fn drafts() -> Vec<Draft> {
    vec![
        note(10, case(1)).section(Class::Normal, b"one").section(Class::Restricted, b"two"),
        note(11, case(1)),
        note(12, case(1)).section(Class::Restricted, &[b'x'; 1 << 20]),
        note(13, case(2)).section(Class::VeryRestricted, b"four"),
        note(14, case(3)).section(Class::Normal, b"five"),
        note(15, case(4)),
    ]
}

/// What the log has beyond a sequence.
async fn readings(server: &Server, from: u64) -> Vec<(Statement, SectionsRead)> {
    let request = proto::ReadLogRequest { from_sequence: from, follow: false };
    let mut log = server.client.clone().read_log(request).await.unwrap().into_inner();
    let mut found = Vec::new();
    while let Some(message) = log.message().await.unwrap() {
        for event in message.events {
            let message = statement::Statement::decode(&event.statement[..]).unwrap();
            let typed = Statement::from_proto(&message).unwrap();
            let Fact::SectionsRead(read) = typed.fact.clone() else { panic!("{typed:?}") };
            found.push((typed, read));
        }
    }
    found
}

/// A commitment that is recomputed from what was handed out.
fn opens(section: &proto::OpenedSection, draft: &Draft) -> bool {
    let nonce = draft.statement.nonce[..].try_into().unwrap();
    let scope = CommitmentScope {
        nonce: &nonce,
        index: section.index,
        class: Class::from_number(section.class.into()).unwrap(),
        payload_type: &section.payload_type,
    };
    let salt = section.salt[..].try_into().unwrap();
    let found = commitment(&scope, &salt, section.content.as_ref().unwrap());
    draft.statement.sections[section.index as usize].commitment == found.0
}

#[tokio::test(flavor = "multi_thread")]
async fn one_reading_per_stream_stands_before_the_content() {
    let place = Place::new();
    let server = place.start().await;
    let drafts = drafts();
    server.record_all(&drafts).await;
    let size = server.size().await;
    let classes = [Class::Restricted, Class::VeryRestricted];
    let asked = request(&[case(2), case(1), case(4)], &classes);
    let bearer = good_token(&place, &asked, "invented-token-id-1");
    let sections = read(&server, asked, Some(format!("Bearer {bearer}"))).await.unwrap();

    let expected = [(&drafts[3], 1, 0), (&drafts[0], 1, 1), (&drafts[2], 3, 0)];
    assert_eq!(sections.len(), expected.len());
    for (section, (draft, version, index)) in sections.iter().zip(expected) {
        assert_eq!(section.stream, draft.statement.stream);
        assert_eq!((section.version, section.index), (version, index));
        assert_eq!(
            section.content.as_ref().unwrap()[..],
            draft.contents[index as usize].content[..]
        );
        assert!(opens(section, draft));
    }
    let readings = readings(&server, size).await;
    assert_eq!(readings.len(), 2, "none for the stream that has no such sections");
    for ((typed, read), stream) in readings.iter().zip([case(2), case(1)]) {
        assert_eq!(typed.stream, StreamKey { kind: StreamKind::Access, id: stream.id });
        assert_eq!(
            (read.reader, read.kind),
            (actor(letopis_ledger::testing::WORKER), StreamKind::Case)
        );
        assert_eq!(read.token, bearer.as_bytes(), "the reader's own key proves the request");
    }
    let released: Vec<_> =
        readings[1].1.released.iter().map(|r| (r.version.0, r.sections.clone())).collect();
    assert_eq!(released, [(1, vec![1]), (3, vec![0])]);

    // All classes where none is named.
    let asked = request(&[case(1)], &[]);
    let bearer = good_token(&place, &asked, "invented-token-id-2");
    assert_eq!(read(&server, asked, Some(format!("Bearer {bearer}"))).await.unwrap().len(), 3);
    server.stop().await;
    let verified = place.verify();
    assert_eq!((verified.events, verified.sections_opened), (size + 3, 5));
}

/// The answer begins only when the reading is durable: no record, no content.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_released_while_the_reading_is_not_durable() {
    let place = Place::new();
    let (server, gate) = place.start_gated().await;
    server.record_all(&drafts()).await;
    let size = server.size().await;
    let asked = request(&[case(1)], &[]);
    let bearer = good_token(&place, &asked, "invented-token-id-1");
    gate.shut();
    let mut call = Request::new(asked);
    call.metadata_mut().insert("authorization", format!("Bearer {bearer}").parse().unwrap());
    let mut client = server.client.clone();
    let reading = tokio::spawn(async move { client.read_sections(call).await });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(!reading.is_finished());
    gate.open();
    let mut answers = reading.await.unwrap().unwrap().into_inner();
    let size_at_first = {
        assert!(answers.message().await.unwrap().is_some());
        server.size().await
    };
    assert_eq!(size_at_first, size + 1);
    drop(answers);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_token_nothing_is_read_and_nothing_recorded() {
    let place = Place::new();
    let server = place.start().await;
    server.record_all(&drafts()).await;
    let before = place.record();
    let asked = request(&[case(1)], &[]);
    let call = Call { method: METHOD, request: &asked.encode_to_vec() };
    let claims = || token_claims(call, place.now(), "invented-token-id-1");
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = claims();
        claims[name] = value;
        Some(format!("Bearer {}", token(&token_header(TOKEN), &claims, TOKEN)))
    };
    let good = good_token(&place, &asked, "invented-token-id-1");
    let now = place.now().seconds();
    let cases = [
        ("none", None, Reason::TokenMissing),
        ("not Bearer", Some(format!("Basic {good}")), Reason::TokenMissing),
        ("no token", Some("Bearer invented".to_owned()), Reason::TokenInvalid),
        (
            "one character less",
            Some(format!("Bearer {}", &good[..good.len() - 1])),
            Reason::TokenInvalid,
        ),
        ("expired", with("exp", (now - 6).into()), Reason::TokenExpired),
        ("too long", with("exp", (now + 121).into()), Reason::TokenExpired),
        ("another method", with("method", "a/B".into()), Reason::TokenForAnotherCall),
        ("another query", with("query", "AAAA".into()), Reason::TokenForAnotherCall),
        ("another actor", with("sub", actor(CHIEF).to_string().into()), Reason::TokenKeyWrong),
        (
            "a signing key",
            Some(format!("Bearer {}", token(&token_header(6), &claims(), 6))),
            Reason::TokenKeyWrong,
        ),
    ];
    for (what, authorization, reason) in cases {
        let told = refused(&read(&server, asked.clone(), authorization).await.unwrap_err());
        assert_eq!((told.reason, told.code), (reason, Code::Unauthenticated), "{what}");
    }
    // The right token, and a wrong request: the stream is not there.
    let wrong = [
        (request(&[case(1), case(9)], &[]), Reason::StreamNotFound, Code::NotFound),
        (request(&[], &[]), Reason::RequestInvalid, Code::InvalidArgument),
        (request(&[case(1), case(1)], &[]), Reason::RequestInvalid, Code::InvalidArgument),
        (
            proto::ReadSectionsRequest { classes: vec![4], ..asked.clone() },
            Reason::RequestInvalid,
            Code::InvalidArgument,
        ),
        (
            request(&(0..201).map(case).collect::<Vec<_>>(), &[]),
            Reason::RequestInvalid,
            Code::InvalidArgument,
        ),
    ];
    for (number, (asked, reason, code)) in wrong.into_iter().enumerate() {
        let bearer = good_token(&place, &asked, &format!("invented-token-id-{number}0"));
        let told = read(&server, asked, Some(format!("Bearer {bearer}"))).await.unwrap_err();
        let told = refused(&told);
        assert_eq!((told.reason, told.code), (reason, code), "{}", told.message);
    }
    assert!(place.record() == before);

    // A token is used once.
    let bearer = Some(format!("Bearer {good}"));
    assert_eq!(read(&server, asked.clone(), bearer.clone()).await.unwrap().len(), 3);
    let before = place.record();
    let told = refused(&read(&server, asked, bearer).await.unwrap_err());
    assert_eq!((told.reason, told.code), (Reason::TokenReused, Code::Unauthenticated));
    assert!(place.record() == before);
    assert_eq!(server.size().await, 1 + (staff().len() + drafts().len()) as u64 + 1);
    server.stop().await;
}
