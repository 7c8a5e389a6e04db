//! Many statements in a row.

use std::collections::HashMap;
use std::time::Duration;

use letopis_client::{Answer, ClientError, Distrust, LedgerClient, Options, SignedStatement};
use letopis_proto::error::v1::Reason;
use letopis_types::Sequence;
use proptest::prelude::*;

use crate::fake::{Fake, IMPATIENT, LATE, OPTIONS, Trouble, case};

async fn all(
    client: &LedgerClient,
    notes: &[SignedStatement],
    window: usize,
) -> (Vec<Answer>, Option<ClientError>) {
    let mut stream = client.append_stream(tokio_stream::iter(notes.to_vec()), window);
    let mut answers = Vec::new();
    while let Some(answer) = stream.next().await {
        match answer {
            Ok(answer) => answers.push(answer),
            Err(error) => {
                assert!(stream.next().await.is_none());
                return (answers, Some(error));
            }
        }
    }
    (answers, None)
}

/// Every statement was answered in its place, with a receipt of its own.
fn assert_all_recorded(answers: &[Answer], notes: &[SignedStatement]) {
    assert_eq!(answers.len(), notes.len());
    for (at, (answer, note)) in answers.iter().zip(notes).enumerate() {
        assert_eq!(answer.index, at as u64);
        assert_eq!(answer.outcome.as_ref().unwrap().statement_hash(), note.statement_hash());
    }
}

#[tokio::test]
async fn answers_come_in_order_and_the_last_checkpoint_is_remembered() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let notes = fake.notes(200);
    let signed_before = fake.state().checkpoints_signed;
    let (answers, error) = all(&client, &notes, 16).await;
    assert!(error.is_none());
    assert_all_recorded(&answers, &notes);
    assert_eq!(client.known().size(), Sequence(201));
    // Checkpoints are shared by those recorded together, and proofs asked for by none or a few.
    let state = fake.state();
    assert!(state.checkpoints_signed - signed_before < 200);
    assert!((1..100).contains(&state.proofs_asked), "{}", state.proofs_asked);
}

#[tokio::test]
async fn an_empty_stream_ends() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    assert!(all(&client, &[], 16).await.0.is_empty());
}

#[tokio::test]
async fn a_refusal_in_the_middle_does_not_end_it() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let notes = fake.notes(20);
    fake.state().troubles.insert(7, Trouble::Refuse(Reason::ReferenceUnknown));
    let (answers, error) = all(&client, &notes, 8).await;
    assert!(error.is_none());
    assert_eq!(answers.len(), 20);
    for answer in &answers {
        match &answer.outcome {
            Ok(recorded) => {
                let note = &notes[answer.index as usize];
                assert_eq!(recorded.statement_hash(), note.statement_hash());
            }
            Err(refused) => {
                assert_eq!((answer.index, refused.reason), (7, Reason::ReferenceUnknown));
            }
        }
    }
    assert_eq!(answers.iter().filter(|answer| answer.outcome.is_err()).count(), 1);
    assert_eq!(fake.state().events.len(), 20);
}

#[tokio::test]
async fn what_was_not_answered_is_sent_again_in_order() {
    for trouble in [
        Trouble::CutAfterRecording,
        Trouble::BareUnavailable,
        Trouble::EndStream,
        Trouble::Overloaded(Duration::from_millis(1)),
        LATE,
    ] {
        let fake = Fake::start().await;
        let is_late = matches!(trouble, Trouble::Slow(_));
        let client = fake.client_with(if is_late { IMPATIENT } else { OPTIONS }).await;
        let notes = fake.notes(30);
        fake.state().troubles.insert(5, trouble);
        let (answers, error) = all(&client, &notes, 8).await;
        assert!(error.is_none(), "{trouble:?}: {error:?}");
        assert_all_recorded(&answers, &notes);
        assert_eq!(fake.state().events.len(), 31, "{trouble:?}");
    }
}

#[tokio::test]
async fn it_is_given_up_when_the_same_one_fails_again_and_again() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    for at in 10..1000 {
        fake.state().troubles.insert(at, Trouble::Overloaded(Duration::ZERO));
    }
    let (answers, error) = all(&client, &fake.notes(30), 8).await;
    assert_eq!(answers.len(), 10);
    let Some(ClientError::Unavailable { attempts, reason, .. }) = error else {
        panic!("{error:?}")
    };
    assert_eq!((attempts, reason), (OPTIONS.retry.attempts, Reason::Overloaded));
}

#[tokio::test]
async fn an_answer_begins_a_new_row_of_attempts() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    // Every statement fails once: more often in all than one may in a row.
    for at in 0..20 {
        fake.state().troubles.insert(2 * at, Trouble::Overloaded(Duration::ZERO));
    }
    let notes = fake.notes(10);
    let (answers, error) = all(&client, &notes, 1).await;
    assert!(error.is_none(), "{error:?}");
    assert_all_recorded(&answers, &notes);
}

#[tokio::test]
async fn a_receipt_that_does_not_prove_it_ends_the_stream() {
    for trouble in
        [Trouble::OtherStatement, Trouble::WrongProof, Trouble::OtherKey, Trouble::BrokenChain]
    {
        let fake = Fake::start().await;
        let client = fake.client().await;
        fake.state().troubles.insert(5, trouble);
        let (answers, error) = all(&client, &fake.notes(10), 1).await;
        assert_eq!(answers.len(), 5, "{trouble:?}");
        assert!(error.unwrap().distrust().is_some(), "{trouble:?}");
    }
}

#[tokio::test]
async fn a_fork_is_found_at_the_end_at_the_latest() {
    let fake = Fake::start().await;
    let options = Options { check_interval: Duration::from_secs(3600), ..OPTIONS };
    let client = fake.client_with(options).await;
    assert!(all(&client, &fake.notes(5), 1).await.1.is_none());
    fake.state().fork(3);
    let (_, error) = all(&client, &fake.notes(5), 1).await;
    let error = error.unwrap();
    assert!(matches!(error.distrust(), Some(Distrust::Inconsistent { .. })), "{error}");
    assert_eq!(client.known().size(), Sequence(6));
    assert_eq!(fake.evidence().len(), 1);
}

#[tokio::test]
async fn a_fork_is_found_while_statements_go_on() {
    let fake = Fake::start().await;
    let client = fake.client_with(Options { check_interval: Duration::ZERO, ..OPTIONS }).await;
    let notes = fake.notes(8);
    let mut stream = client.append_stream(tokio_stream::iter(notes), 1);
    for _ in 0..4 {
        stream.next().await.unwrap().unwrap();
    }
    fake.state().fork(2);
    let mut error = None;
    while let Some(answer) = stream.next().await {
        error = answer.err();
    }
    // Links no longer chain, or the proof fails, whichever is seen first.
    assert!(error.unwrap().distrust().is_some());
}

#[tokio::test]
async fn a_log_that_was_rolled_back_between_connections_is_found() {
    let fake = Fake::start().await;
    let client = fake.client_with(Options { check_interval: Duration::ZERO, ..OPTIONS }).await;
    let (sender, receiver) = tokio::sync::mpsc::channel(8);
    let input = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let mut stream = client.append_stream(input, 4);
    for note in fake.notes(6) {
        sender.send(note).await.unwrap();
        stream.next().await.unwrap().unwrap();
    }
    // Believed while there is nothing to do.
    while client.known().size() < Sequence(7) {
        assert!(tokio::time::timeout(Duration::from_millis(20), stream.next()).await.is_err());
    }
    assert_eq!(client.known().size(), Sequence(7));
    fake.state().roll_back(3);
    fake.cut();
    sender.send(fake.note(case(1), "after it")).await.unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::RolledBack { .. })), "{error}");
    assert_eq!(fake.evidence().len(), 1);
}

#[tokio::test]
async fn first_receipts_from_before_are_accepted_if_the_log_goes_on_from_them() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let notes = fake.notes(10);
    all(&client, &notes, 4).await;
    for at in 0..10 {
        fake.state().troubles.insert(10 + at, Trouble::OldCheckpoint(at + 2));
    }
    let (answers, error) = all(&client, &notes, 4).await;
    assert!(error.is_none(), "{error:?}");
    assert_all_recorded(&answers, &notes);
    assert_eq!(answers[0].outcome.as_ref().unwrap().checkpoint.size(), Sequence(2));

    // The same, of another history, none of them as long as the log.
    fake.state().fork(1);
    for at in 0..5 {
        fake.state().troubles.insert(20 + at, Trouble::OldCheckpoint(at + 2));
    }
    let (_, error) = all(&client, &notes[..5], 4).await;
    assert!(error.unwrap().distrust().is_some());
}

#[test]
fn calls_can_be_made_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    fn check(client: &LedgerClient, note: &SignedStatement) {
        is_send(&client.append(note));
        is_send(&client.checkpoint());
        is_send(&client.read_stream(&case(1)));
        is_send(&client.read_log(Sequence(0), true).next());
        is_send(&client.append_stream(tokio_stream::iter(vec![note.clone()]), 1).next());
    }
    let _ = check;
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        Just(Trouble::CutAfterRecording),
        Just(Trouble::BareUnavailable),
        Just(Trouble::EndStream),
        Just(Trouble::Overloaded(Duration::ZERO)),
        Just(Trouble::Refuse(Reason::SeenStale)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever happens on the way: one answer for each, in order, and each recorded once or
    /// refused.
    #[test]
    fn everything_is_answered_once_and_in_order(
        troubles in proptest::collection::hash_map(0u64..60, trouble(), 0..12),
        window in 1usize..20,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(troubles, window));
    }
}

async fn run(troubles: HashMap<u64, Trouble>, window: usize) {
    let fake = Fake::start().await;
    let mut options = OPTIONS;
    options.retry.attempts = 20;
    let client = fake.client_with(options).await;
    let notes = fake.notes(30);
    fake.state().troubles = troubles;
    let (answers, error) = all(&client, &notes, window).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(answers.len(), 30);
    let mut recorded = 0;
    for (at, answer) in answers.iter().enumerate() {
        assert_eq!(answer.index, at as u64);
        match &answer.outcome {
            Ok(receipt) => {
                recorded += 1;
                assert_eq!(receipt.statement_hash(), notes[at].statement_hash());
            }
            Err(refused) => assert_eq!(refused.reason, Reason::SeenStale),
        }
    }
    // A statement may be in the record and its repetition refused, where the server says so.
    assert!(fake.state().events.len() > recorded);
    assert_eq!(client.known().size().0 as usize, fake.state().events.len());
}
