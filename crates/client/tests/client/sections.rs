//! Reading what statements say about people.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use letopis_client::{
    ClientError, Distrust, Draft, Identity, LedgerClient, OpenedSection, SectionReader, Usage,
};
use letopis_proto::ledger::v1 as pb;
use letopis_proto::statement::v1::{NoteAdded, Purpose, fact::Kind};
use letopis_types::{ActorId, Class};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::fake::{Fake, OCCURRED_AT, author, case, secret, signer_of, stream_message};

fn reader() -> Identity {
    Identity {
        ledger: None,
        actor: ActorId([8; 16]),
        grant: None,
        statement_key: secret(50),
        token_key: Some(secret(51)),
    }
}

async fn with_sections() -> (Fake, LedgerClient) {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let key = author();
    for (at, stream) in [case(1), case(1), case(2)].into_iter().enumerate() {
        let statement = Draft::new(stream, Kind::NoteAdded(NoteAdded {}), OCCURRED_AT)
            .section(Class::Normal, "text/plain", format!("invented {at}"))
            .section(Class::Restricted, "text/plain", format!("invented and guarded {at}"))
            .seal(*client.ledger(), &[signer_of(&key)])
            .unwrap()
            .sign(&[&key])
            .unwrap();
        client.append(&statement).await.unwrap();
    }
    (fake, client)
}

/// Those with which sections were asked for.
fn tokens(fake: &Fake) -> Vec<String> {
    let state = fake.state();
    let readings = state.tokens.iter().filter(|(method, _)| *method == "ReadSections");
    readings.map(|(_, token)| token.clone()).collect()
}

async fn all(mut sections: SectionReader) -> (Vec<OpenedSection>, Option<ClientError>) {
    let mut opened = Vec::new();
    while let Some(section) = sections.next().await {
        match section {
            Ok(section) => opened.push(section),
            Err(error) => return (opened, Some(error)),
        }
    }
    (opened, None)
}

async fn read(
    client: &LedgerClient,
    classes: &[Class],
) -> (Vec<OpenedSection>, Option<ClientError>) {
    let streams = [case(2), case(1)];
    let sections =
        client.read_sections(&reader(), &streams, classes, Purpose::Supervision).await.unwrap();
    all(sections).await
}

#[tokio::test]
async fn sections_come_in_the_order_asked_for_and_open_their_commitments() {
    let (fake, client) = with_sections().await;
    let (opened, error) = read(&client, &[]).await;
    assert!(error.is_none(), "{error:?}");
    let contents: Vec<_> = opened
        .iter()
        .map(|section| String::from_utf8(section.content.clone().unwrap().to_vec()).unwrap())
        .collect();
    assert_eq!(
        contents,
        [
            "invented 2",
            "invented and guarded 2",
            "invented 0",
            "invented and guarded 0",
            "invented 1",
            "invented and guarded 1",
        ]
    );
    assert!(!format!("{opened:?}").contains("guarded"));
    assert_eq!(read(&client, &[Class::Restricted]).await.0.len(), 3);

    // The token is for just this request.
    let token = tokens(&fake)[0].clone();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    let request = pb::ReadSectionsRequest {
        streams: [case(2), case(1)].iter().map(stream_message).collect(),
        classes: Vec::new(),
    };
    let query = URL_SAFE_NO_PAD.encode(Sha256::digest(request.encode_to_vec()));
    assert_eq!(claims["query"], query);
    assert_eq!(claims["aud"], client.ledger().to_string());
    assert_eq!(claims["purpose"], "supervision");
}

#[tokio::test]
async fn what_was_not_signed_is_not_believed() {
    type Spoil = fn(&mut pb::OpenedSection);
    let spoils: [(Spoil, &str); 9] = [
        (|section| section.content = Some("changed".into()), "content"),
        (|section| section.salt = vec![1; 32].into(), "content"),
        (|section| section.salt = vec![1; 31].into(), "salt"),
        (|section| section.class = 3, "class"),
        (|section| section.payload_type = "text/html".to_owned(), "payload type"),
        (|section| section.index += 2, "no such section"),
        (|section| section.version += 5, "no such version"),
        (|section| section.index = 0, "content"),
        (|section| section.stream = Some(stream_message(&case(3))), "not asked for"),
    ];
    for (spoil, what) in spoils {
        let (fake, client) = with_sections().await;
        fake.state().spoil_section = Some(spoil);
        let (_, error) = read(&client, &[]).await;
        let error = error.unwrap();
        let distrust = error.distrust().unwrap().to_string();
        // Moved to a place that was there already, it is out of order as well.
        assert!(distrust.contains(what) || distrust.contains("order"), "{what}: {distrust}");
    }
    let (fake, client) = with_sections().await;
    fake.state().spoil_section = Some(|section| section.class = 1);
    let error = read(&client, &[Class::Restricted]).await.1.unwrap();
    assert!(matches!(error.distrust(), Some(Distrust::Malformed { .. })), "{error}");
}

#[tokio::test]
async fn what_was_erased_is_told() {
    let (fake, client) = with_sections().await;
    fake.state().spoil_section = Some(|section| {
        section.content = None;
        section.salt.clear();
    });
    let (opened, error) = read(&client, &[]).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(opened.len(), 6);
    assert!(opened.iter().all(|section| section.content.is_none()));
}

#[tokio::test]
async fn each_attempt_has_a_token_of_its_own() {
    let (fake, client) = with_sections().await;
    fake.state().overloaded_readings = 2;
    assert_eq!(read(&client, &[]).await.0.len(), 6);
    let tokens = tokens(&fake);
    assert_eq!(tokens.len(), 3);
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2]);
}

#[tokio::test]
async fn a_reading_that_broke_off_is_not_made_again() {
    let (fake, client) = with_sections().await;
    fake.state().readings_break = true;
    let (opened, error) = read(&client, &[]).await;
    assert_eq!(opened.len(), 1);
    assert!(matches!(error, Some(ClientError::Unavailable { attempts: 1, .. })), "{error:?}");
    assert_eq!(tokens(&fake).len(), 1);
}

#[tokio::test]
async fn without_a_token_key_nothing_is_asked() {
    let (fake, client) = with_sections().await;
    let identity = Identity { token_key: None, ..reader() };
    let asked = client.read_sections(&identity, &[case(1)], &[], Purpose::CaseWork).await;
    let Err(ClientError::Usage(usage)) = asked else { panic!("it was asked") };
    assert!(matches!(*usage, Usage::NoTokenKey));
    assert!(tokens(&fake).is_empty());
}
