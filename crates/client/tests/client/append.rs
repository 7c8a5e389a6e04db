//! One statement at a time.

use std::time::{Duration, Instant};

use letopis_client::{ClientError, Distrust, Options, Retry, Usage};
use letopis_log::receipt::Signed;
use letopis_proto::error::v1::Reason;
use letopis_types::{LedgerId, Sequence, Version};
use tonic::Code;

use crate::fake::{Fake, IMPATIENT, LATE, OPTIONS, Trouble, author, case};

#[tokio::test]
async fn a_receipt_comes_back_verified_and_can_be_shown() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let note = fake.note(case(1), "invented");
    let recorded = client.append(&note).await.unwrap();
    assert_eq!(recorded.sequence(), Sequence(1));
    assert_eq!(recorded.version, Version(1));
    assert!(!recorded.already_recorded);
    assert_eq!(recorded.statement_hash(), note.statement_hash());

    // To a stranger who has the key and nothing else.
    let text = recorded.receipt().to_text();
    let receipt = letopis_log::Receipt::from_text(&text).unwrap();
    let signed = Signed { ledger: *client.ledger(), signers: &[author().public()] };
    assert_eq!(receipt.verify(client.known().key(), &signed).unwrap().sequence, Sequence(1));

    let again = client.append(&note).await.unwrap();
    assert!(again.already_recorded);
    assert_eq!(again.link, recorded.link);
}

#[tokio::test]
async fn what_was_not_answered_is_sent_again_and_recorded_once() {
    for trouble in [
        Trouble::CutAfterRecording,
        Trouble::BareUnavailable,
        Trouble::Overloaded(Duration::from_millis(1)),
    ] {
        let fake = Fake::start().await;
        let client = fake.client().await;
        fake.state().troubles.insert(0, trouble);
        let recorded = client.append(&fake.note(case(1), "invented")).await.unwrap();
        assert_eq!(recorded.sequence(), Sequence(1), "{trouble:?}");
        assert_eq!(fake.state().events.len(), 2, "{trouble:?}");
        assert_eq!(fake.state().arrived, 2, "{trouble:?}");
    }
}

#[tokio::test]
async fn what_is_answered_too_late_is_sent_again_and_recorded_once() {
    let fake = Fake::start().await;
    let client = fake.client_with(IMPATIENT).await;
    fake.state().troubles.insert(0, LATE);
    let recorded = client.append(&fake.note(case(1), "invented")).await.unwrap();
    assert!(recorded.already_recorded);
    assert_eq!(fake.state().events.len(), 2);
    assert!(fake.state().arrived >= 2);
}

#[tokio::test]
async fn the_pause_that_the_server_asks_for_is_kept() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let pause = Duration::from_millis(60);
    fake.state().troubles.insert(0, Trouble::Overloaded(pause));
    let began = Instant::now();
    client.append(&fake.note(case(1), "invented")).await.unwrap();
    assert!(began.elapsed() >= pause);
}

#[tokio::test]
async fn it_is_given_up_after_the_attempts_allowed() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    for at in 0..100 {
        fake.state().troubles.insert(at, Trouble::Overloaded(Duration::ZERO));
    }
    let error = client.append(&fake.note(case(1), "invented")).await.unwrap_err();
    let ClientError::Unavailable { attempts, reason, .. } = error else { panic!("{error}") };
    assert_eq!((attempts, reason), (OPTIONS.retry.attempts, Reason::Overloaded));
    assert_eq!(fake.state().arrived, u64::from(OPTIONS.retry.attempts));
}

#[tokio::test]
async fn a_refusal_goes_back_to_the_author_at_once() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    fake.state().troubles.insert(0, Trouble::Refuse(Reason::SeenStale));
    let error = client.append(&fake.note(case(1), "invented")).await.unwrap_err();
    let refused = error.refused().unwrap();
    assert_eq!((refused.reason, refused.code), (Reason::SeenStale, Code::Aborted));
    assert_eq!(refused.metadata["version"], "7");
    assert_eq!(fake.state().arrived, 1);
}

#[tokio::test]
async fn a_receipt_that_does_not_prove_it_is_not_believed() {
    for (trouble, what) in [
        (Trouble::OtherStatement, "is not of this statement"),
        (Trouble::OtherSignatures, "is not of this statement's signatures"),
        (Trouble::WrongProof, "not shown to be in the log"),
        (Trouble::OtherKey, "signature"),
    ] {
        let fake = Fake::start().await;
        let client = fake.client().await;
        fake.state().troubles.insert(0, trouble);
        let error = client.append(&fake.note(case(1), "invented")).await.unwrap_err();
        let distrust = error.distrust().unwrap().to_string();
        assert!(distrust.contains(what), "{trouble:?}: {distrust}");
        assert_eq!(fake.state().arrived, 1, "{trouble:?}");
    }
}

#[tokio::test]
async fn every_receipt_is_proven_against_what_was_believed() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    for note in fake.notes(4) {
        client.append(&note).await.unwrap();
    }
    assert_eq!(client.known().size(), Sequence(5));
    fake.state().fork(2);
    let error = client.append(&fake.note(case(1), "after the fork")).await.unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::Inconsistent { .. })), "{error}");
    assert_eq!(client.known().size(), Sequence(5));
    assert_eq!(fake.evidence().len(), 1);
}

#[tokio::test]
async fn a_first_receipt_from_before_is_accepted_and_a_shorter_log_is_not() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let notes = fake.notes(4);
    for note in &notes {
        client.append(note).await.unwrap();
    }
    fake.state().troubles.insert(4, Trouble::OldCheckpoint(3));
    let recorded = client.append(&notes[0]).await.unwrap();
    assert_eq!(recorded.checkpoint.size(), Sequence(3));

    fake.state().roll_back(3);
    let error = client.append(&fake.note(case(2), "invented")).await.unwrap_err();
    let Some(Distrust::RolledBack { known, claimed, .. }) = error.distrust() else {
        panic!("{error}")
    };
    assert_eq!((*known, *claimed), (Sequence(5), Sequence(4)));
    // What was there before gets its receipt, and the log that has it is too short.
    let error = client.append(&notes[0]).await.unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::RolledBack { .. })), "{error}");
}

#[tokio::test]
async fn nothing_goes_to_another_ledger() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let ours = std::mem::replace(&mut fake.state().ledger, LedgerId([5; 32]));
    let note = fake.note(case(1), "invented");
    fake.state().ledger = ours;
    let error = client.append(&note).await.unwrap_err();
    let ClientError::Usage(usage) = error else { panic!("{error}") };
    assert!(matches!(*usage, Usage::OtherLedger { ledger } if ledger == ours));
    assert_eq!(fake.state().arrived, 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let fake = Fake::start().await;
    let known = fake.client().await.known().key().clone();
    let known = fake.known_ledgers().with_key(&known).unwrap();
    let retry = Retry { attempts: 2, ..OPTIONS.retry };
    let options = Options { retry, ..OPTIONS };
    // A port that was just free.
    let url = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let error = letopis_client::LedgerClient::connect(&url, known, options).await.unwrap_err();
    assert!(matches!(error, ClientError::Unavailable { attempts: 2, .. }), "{error}");
}
