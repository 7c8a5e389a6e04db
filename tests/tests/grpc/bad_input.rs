//! Bad input: each breach is refused with its own reason, and not a byte of it is in the record.

use std::collections::BTreeSet;
use std::path::Path;

use letopis_ledger::submission::Submission;
use letopis_ledger::testing::{case, note};
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::ledger::v1::append_stream_response::Result as Outcome;
use letopis_types::{Class, StreamId, StreamKey, StreamKind};
use serde_json::Value;
use tonic::Code;

use crate::cases;
use crate::server::{Place, Refused, Server, message, refused, refused_as_value};

/// What is sent, and why it is refused.
pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) submission: Submission,
    pub(crate) reason: Reason,
    pub(crate) code: Code,
}

/// What every refusal has beside its reason: words that say what is wrong and what to do.
fn check_words(what: &str, refused: &Refused) {
    let words = refused.message.split_whitespace().count();
    assert!(words >= 4, "{what}: {}", refused.message);
    for debug in ["{", "Err(", "Some(", "\""] {
        assert!(!refused.message.contains(debug), "{what}: {}", refused.message);
    }
}

/// Each case by Append, then all of them by one AppendStream, between repeats of what is recorded.
async fn check(place: &Place, server: &Server, cases: &[Case]) {
    let recorded = note(900, case(250)).section(Class::Normal, b"invented");
    let receipt = server.record(&recorded).await;
    let (before, size) = (place.record(), server.size().await);
    for Case { what, submission, reason, code } in cases {
        let status = server.append(submission.clone()).await.unwrap_err();
        let told = refused(&status);
        assert_eq!((told.reason, told.code), (*reason, *code), "{what}: {status:?}");
        check_words(what, &told);
    }
    assert_eq!(server.size().await, size);
    assert!(place.record() == before, "something was written");

    let one = [recorded.submission()];
    let submissions = one
        .iter()
        .cloned()
        .chain(cases.iter().flat_map(|case| [case.submission.clone(), one[0].clone()]));
    let outcomes = server.append_stream(submissions.collect()).await;
    for (outcome, case) in outcomes.iter().skip(1).step_by(2).zip(cases) {
        let told = refused_as_value(outcome);
        assert_eq!((told.reason, told.code), (case.reason, case.code), "{}", case.what);
        check_words(&case.what, &told);
    }
    for outcome in outcomes.iter().step_by(2) {
        let Outcome::Receipt(again) = outcome else { panic!("{outcome:?}") };
        assert_eq!((&again.link, again.already_recorded), (&receipt.link, true));
    }
    assert_eq!(server.size().await, size);
    assert!(place.record() == before, "something was written");
}

/// Every golden vector of a statement that is not canonical or not of its form.
fn breaches() -> Vec<Case> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(path).unwrap();
        let vector: Value = serde_json::from_str(&text).unwrap();
        if vector["structure"] != "canonical" || vector["valid"] == true {
            continue;
        }
        let reason = format!("REASON_{}", vector["fault"].as_str().unwrap().to_uppercase());
        let statement = bytes(vector["input"]["statement"].as_str().unwrap());
        cases.push(Case {
            what: vector["name"].as_str().unwrap().to_owned(),
            submission: Submission {
                statement,
                signatures: vec![vec![7; 64]],
                sections: Vec::new(),
            },
            reason: Reason::from_str_name(&reason).unwrap(),
            code: Code::InvalidArgument,
        });
    }
    cases
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_breach_of_form_is_refused_with_its_own_reason() {
    let place = Place::new();
    let server = place.start().await;
    let cases = breaches();
    let reasons: BTreeSet<_> = cases.iter().map(|case| case.reason as i32).collect();
    assert_eq!(reasons, (101..=121).collect());
    check(&place, &server, &cases).await;
    server.stop().await;
    place.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_breach_of_a_rule_is_refused_with_its_own_reason() {
    let place = Place::new();
    let server = place.start().await;
    server.record_all(&cases::ground()).await;
    let cases = cases::all();
    let reasons: BTreeSet<_> =
        cases.iter().map(|case| case.reason as i32).filter(|reason| *reason > 200).collect();
    let every: BTreeSet<_> =
        (201..600).filter(|number| Reason::try_from(*number).is_ok()).collect();
    assert_eq!(reasons, every, "a reason that is not tried here, or one that is no more");
    check(&place, &server, &cases).await;
    server.stop().await;
    place.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_particulars_say_what_is_needed() {
    let place = Place::new();
    let server = place.start().await;
    server.record_all(&cases::ground()).await;
    let cases = cases::all();
    let told = async |reason: Reason| {
        let case = cases.iter().find(|case| case.reason == reason).unwrap();
        let status = server.append(case.submission.clone()).await.unwrap_err();
        let Outcome::Error(error) = &server.append_stream(vec![case.submission.clone()]).await[0]
        else {
            panic!("{reason:?}")
        };
        let told = refused(&status);
        let by_value: std::collections::BTreeMap<_, _> =
            error.metadata.clone().into_iter().collect();
        assert_eq!(told.metadata, by_value, "the same by both ways");
        told.metadata
    };
    let head = cases::present_head();
    for reason in [Reason::SeenStale, Reason::SeenMissing] {
        let particulars = told(reason).await;
        assert_eq!(particulars["version"], head.version.to_string());
        assert_eq!(particulars["head"], head.head.to_string());
    }
    for (reason, name, value) in [
        (Reason::SignatureInvalid, "index", "0"),
        (Reason::CommitmentMismatch, "index", "1"),
        (Reason::ReferenceUnknown, "index", "1"),
        (Reason::LengthWrong, "field", "signatures"),
        (Reason::RoleWrong, "kind", "CaseOpened"),
    ] {
        assert_eq!(told(reason).await[name], value, "{reason:?}");
    }
    let needs = told(Reason::RoleWrong).await["needs"].clone();
    assert!(needs.contains("SOCIAL_WORKER"), "{needs}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_even_a_submission_is_refused() {
    let place = Place::new();
    let server = place.start().await;
    let before = place.record();
    let request = proto::AppendRequest { submission: None };
    let status = server.client.clone().append(request).await.unwrap_err();
    let told = refused(&status);
    assert_eq!((told.reason, told.code), (Reason::RequestInvalid, Code::InvalidArgument));
    assert_eq!(told.metadata["field"], "submission");

    let draft = note(10, case(1));
    let requests = [None, Some(message(draft.submission())), Some(proto::Submission::default())]
        .map(|submission| proto::AppendStreamRequest { submission });
    let mut answers = server
        .client
        .clone()
        .append_stream(tokio_stream::iter(requests))
        .await
        .unwrap()
        .into_inner();
    let mut next = async || answers.message().await.unwrap().map(|answer| answer.result.unwrap());
    assert_eq!(refused_as_value(&next().await.unwrap()).reason, Reason::RequestInvalid);
    assert!(matches!(next().await, Some(Outcome::Receipt(_))));
    assert_eq!(refused_as_value(&next().await.unwrap()).reason, Reason::FieldMissing);
    assert!(next().await.is_none());
    assert!(place.record() != before, "the good one is there");
    server.stop().await;
}

/// More than the server takes in one message: refused before it is looked at. In a stream the
/// transport can't go on after it; what came before is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_beyond_all_bounds_is_refused() {
    let place = Place::new();
    let server = place.start().await;
    let mut oversized = note(11, case(1)).submission();
    oversized.statement = vec![0; 35 << 20];
    let before = place.record();
    let status = server.append(oversized.clone()).await.unwrap_err();
    let told = refused(&status);
    assert_eq!((told.reason, told.code), (Reason::MessageTooLarge, Code::InvalidArgument));
    check_words("oversized", &told);
    assert!(place.record() == before);

    let requests = [note(10, case(1)).submission(), oversized]
        .map(|submission| proto::AppendStreamRequest { submission: Some(message(submission)) });
    let requests = tokio_stream::iter(requests);
    let mut answers = server.client.clone().append_stream(requests).await.unwrap().into_inner();
    let first = answers.message().await.unwrap().unwrap().result.unwrap();
    assert!(matches!(first, Outcome::Receipt(_)), "{first:?}");
    let status = answers.message().await.unwrap_err();
    assert_eq!(refused(&status).reason, Reason::MessageTooLarge);
    assert_eq!(server.size().await, 1 + letopis_ledger::testing::staff().len() as u64 + 1);

    // The largest that there may be: 32 sections of 1 MiB.
    let content = vec![b'x'; 1 << 20];
    let largest =
        (0..32).fold(note(12, case(1)), |draft, _| draft.section(Class::Restricted, &content));
    server.record(&largest).await;
    server.stop().await;
    assert_eq!(place.verify().sections_opened, 32);
}

/// An idempotency key works over the wire, and only for exactly the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_gets_its_first_receipt_and_is_not_recorded_again() {
    let place = Place::new();
    let server = place.start().await;
    let draft = note(10, case(1)).section(Class::Normal, b"invented");
    let first = server.record(&draft).await;
    let before = place.record();
    for _ in 0..3 {
        let again = server.record(&draft).await;
        assert!(again.already_recorded && !first.already_recorded);
        assert_eq!((&again.link, again.version), (&first.link, first.version));
    }
    // Of another ledger it is nothing here, whatever it was there.
    let other = StreamKey { kind: StreamKind::Case, id: StreamId([0xdd; 16]) };
    let mut foreign = note(11, other);
    foreign.statement.ledger = vec![0xee; 32];
    let status = server.append(foreign.submission()).await.unwrap_err();
    assert_eq!(refused(&status).reason, Reason::LedgerWrong);
    assert!(place.record() == before);
    server.stop().await;
}
