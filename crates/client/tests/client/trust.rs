//! Which ledger it is, and whether it is still the same.

use std::fs;

use letopis_client::genesis::GenesisError;
use letopis_client::{ClientError, Distrust, LedgerClient, Usage};
use letopis_log::Origin;
use letopis_types::Sequence;

use crate::fake::{Fake, OPTIONS, case, genesis, genesis_signed_by, secret};

async fn first_use(fake: &Fake) -> Result<LedgerClient, ClientError> {
    let directory = fake.known_ledgers();
    Ok(LedgerClient::trust_on_first_use(&fake.url(), &directory, OPTIONS).await?.0)
}

#[tokio::test]
async fn first_use_learns_the_key_and_says_that_it_is_a_trial() {
    let fake = Fake::start().await;
    let directory = fake.known_ledgers();
    let (client, genesis) =
        LedgerClient::trust_on_first_use(&fake.url(), &directory, OPTIONS).await.unwrap();
    assert!(genesis.is_trial());
    assert_eq!(genesis.ledger, fake.state().ledger);
    assert_eq!(genesis.genesis.name, "invented.test");
    assert_eq!(client.genesis().await.unwrap(), genesis);
    assert_eq!(*client.known().key().public_key(), secret(11).public());

    let remembered = directory.open(&genesis.ledger).unwrap().unwrap();
    assert_eq!(remembered.size(), Sequence(1));
    assert_eq!(remembered.key(), &genesis.key);
    let again = LedgerClient::connect(&fake.url(), remembered, OPTIONS).await.unwrap();
    assert_eq!(again.ledger(), client.ledger());
}

#[tokio::test]
async fn a_genesis_that_does_not_hold_is_not_trusted() {
    let fake = Fake::start().await;
    fake.state().spoil_genesis = Some(|event| event.signatures.swap(0, 1));
    let error = first_use(&fake).await.unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::OtherLink { .. })), "{error}");

    // Another genesis than the one that the checkpoint comes with.
    fake.state().spoil_genesis = Some(|event| {
        let other = genesis(12);
        let mut link = letopis_log::Link::from_bytes(&event.link).unwrap();
        link.statement_hash = *other.statement_hash();
        link.signatures_hash = *other.signatures_hash();
        event.link = link.to_bytes().to_vec().into();
        event.statement = other.statement_bytes().clone();
        event.signatures = other.signatures().iter().map(|s| s.0.to_vec().into()).collect();
    });
    let error = first_use(&fake).await.unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::OtherEvent { .. })), "{error}");

    // An event that is none.
    let note = fake.note(case(1), "invented");
    let stranger = Fake::with_genesis(note, 11).await;
    let error = first_use(&stranger).await.unwrap_err();
    let is_none = matches!(error.distrust(), Some(Distrust::Genesis(GenesisError::NotAGenesis)));
    assert!(is_none, "{error}");
}

#[tokio::test]
async fn a_genesis_is_signed_by_just_its_keys_and_first_in_the_log() {
    let fake = Fake::with_genesis(genesis_signed_by(11, &[1, 2, 3, 10]), 11).await;
    let error = first_use(&fake).await.unwrap_err();
    let is_so = matches!(error.distrust(), Some(Distrust::Genesis(GenesisError::Signers(_))));
    assert!(is_so, "{error}");

    let fake = Fake::start().await;
    type Spoil = fn(&mut letopis_log::Link, &mut [letopis_types::SignatureBytes]);
    fn spoil(event: &mut letopis_proto::ledger::v1::Event, spoil: Spoil) {
        let mut link = letopis_log::Link::from_bytes(&event.link).unwrap();
        let of = |bytes: &bytes::Bytes| letopis_types::SignatureBytes::from_slice(bytes).unwrap();
        let mut signatures: Vec<_> = event.signatures.iter().map(of).collect();
        spoil(&mut link, &mut signatures);
        link.signatures_hash = letopis_crypto::hash::signatures_hash(&signatures);
        event.link = link.to_bytes().to_vec().into();
        event.signatures = signatures.iter().map(|s| s.0.to_vec().into()).collect();
    }
    fake.state().spoil_genesis = Some(|event| spoil(event, |_, signatures| signatures.swap(0, 1)));
    let error = first_use(&fake).await.unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::Signature { index: 0, .. })), "{error}");
    fake.state().spoil_genesis = Some(|event| spoil(event, |link, _| link.previous.0[0] = 1));
    let error = first_use(&fake).await.unwrap_err();
    let is_so = matches!(error.distrust(), Some(Distrust::Genesis(GenesisError::NotFirst)));
    assert!(is_so, "{error}");
    fake.state().spoil_genesis = Some(|event| spoil(event, |link, _| link.recorded_at.0 += 1));
    let error = first_use(&fake).await.unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::Inclusion { .. })), "{error}");
    assert!(fs::read_dir(fake.directory.path()).unwrap().next().is_none());
}

#[tokio::test]
async fn a_checkpoint_by_another_key_is_not_trusted() {
    // The genesis names another checkpoint key than the server signs with.
    let fake = Fake::with_genesis(genesis(11), 12).await;
    let error = first_use(&fake).await.unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::Checkpoint(_))), "{error}");
    assert!(fs::read_dir(fake.directory.path()).unwrap().next().is_none());
}

#[tokio::test]
async fn another_ledger_is_not_the_one_that_is_known() {
    let (fake, other) = (Fake::start().await, Fake::start().await);
    let key = fake.client().await.known().key().clone();
    let known = fake.known_ledgers().with_key(&key).unwrap();
    let error = LedgerClient::connect(&other.url(), known, OPTIONS).await.unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::Checkpoint(_))), "{error}");
}

#[tokio::test]
async fn two_roots_of_one_size_are_a_fork_and_kept() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    for note in fake.notes(3) {
        client.append(&note).await.unwrap();
    }
    let known = client.known().last().unwrap();
    fake.state().fork(3);
    let error = client.checkpoint().await.unwrap_err();
    let Some(Distrust::Fork { size, evidence }) = error.distrust() else { panic!("{error}") };
    assert_eq!(*size, Sequence(4));
    assert_eq!(evidence.known, known.note());
    let kept = fs::read_to_string(evidence.path.as_ref().unwrap()).unwrap();
    assert!(kept.contains(known.note()) && kept.contains(&fake.state().checkpoint()));
    // What was believed still is; the same is found again, also by another process.
    assert_eq!(client.known().last().unwrap(), known);
    assert!(client.checkpoint().await.unwrap_err().distrust().is_some());
    assert!(first_use(&fake).await.unwrap_err().distrust().is_some());
    assert_eq!(fake.evidence().len(), 1);
}

#[tokio::test]
async fn a_proof_that_fails_is_a_fork_and_kept() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    for note in fake.notes(2) {
        client.append(&note).await.unwrap();
    }
    fake.state().wrong_consistency = true;
    let error = client.append(&fake.note(case(1), "invented")).await.unwrap_err();
    let Some(Distrust::Inconsistent { from, to, evidence, .. }) = error.distrust() else {
        panic!("{error}")
    };
    assert_eq!((*from, *to), (Sequence(3), Sequence(4)));
    assert!(!evidence.proof.is_empty());
    assert!(fake.evidence()[0].contains(&evidence.proof[0].to_string()));
    assert_eq!(client.known().size(), Sequence(3));
}

#[tokio::test]
async fn a_log_that_became_shorter_was_rolled_back() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    for note in fake.notes(5) {
        client.append(&note).await.unwrap();
    }
    fake.state().roll_back(4);
    let error = client.checkpoint().await.unwrap_err();
    let Some(Distrust::RolledBack { known, claimed, .. }) = error.distrust() else {
        panic!("{error}")
    };
    assert_eq!((*known, *claimed), (Sequence(6), Sequence(4)));
    assert_eq!(fake.evidence().len(), 1);
    // Grown again with other events, it is no longer the same.
    for at in 0..3 {
        let submission = fake.note(case(9), &format!("other {at}"));
        let signatures =
            submission.signatures().iter().map(|s| bytes::Bytes::copy_from_slice(&s.0)).collect();
        fake.state().record(
            letopis_proto::ledger::v1::Submission {
                statement: submission.statement_bytes().clone(),
                signatures,
                sections: Vec::new(),
            },
            false,
        );
    }
    let error = client.checkpoint().await.unwrap_err();
    assert!(matches!(error.distrust(), Some(Distrust::Inconsistent { .. })), "{error}");
}

#[tokio::test]
async fn processes_that_share_a_directory_go_on_from_each_other() {
    let fake = Fake::start().await;
    let one = fake.client().await;
    let other = fake.client().await;
    for (at, note) in fake.notes(8).iter().enumerate() {
        let client = if at % 2 == 0 { &one } else { &other };
        client.append(note).await.unwrap();
    }
    let ledger = *one.ledger();
    assert_eq!(fake.known_ledgers().open(&ledger).unwrap().unwrap().size(), Sequence(9));
    // What the other one believed counts for this one as well.
    fake.state().fork(8);
    assert!(one.append(&fake.note(case(1), "invented")).await.unwrap_err().distrust().is_some());
}

#[tokio::test]
async fn many_calls_at_once_believe_one_log() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let calls: Vec<_> = fake
        .notes(20)
        .into_iter()
        .map(|note| {
            let client = client.clone();
            tokio::spawn(async move { client.append(&note).await.map(|_| ()) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(client.known().size(), Sequence(21));
    assert!(fake.evidence().is_empty());
}

#[tokio::test]
async fn another_key_for_a_known_ledger_is_refused() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let origin = Origin::new("invented.test", *client.ledger()).unwrap();
    let other = origin.verifier_key(secret(77).public());
    let error = fake.known_ledgers().with_key(&other).unwrap_err();
    assert!(matches!(error, Usage::OtherKey { .. }));
}
