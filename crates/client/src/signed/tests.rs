use letopis_domain::statement::{Instant, OccurredAt, Signer};
use letopis_types::{ActorId, Class, StreamId, StreamKind};

use super::*;
use crate::draft::Draft;
use crate::identity::SignerError;

fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn unsigned(signers: &[u8]) -> Unsigned {
    let occurred_at = OccurredAt {
        instant: Instant { seconds: 1_760_000_000, nanos: 0, offset_minutes: 0 },
        precision: proto::Precision::Day,
        knowledge: proto::Knowledge::Document,
    };
    let stream = StreamKey { kind: StreamKind::Case, id: StreamId([6; 16]) };
    let signers: Vec<_> = signers
        .iter()
        .map(|n| Signer { actor: ActorId([*n; 16]), key: key(*n).public(), grant: None })
        .collect();
    Draft::new(stream, proto::fact::Kind::NoteAdded(proto::NoteAdded {}), occurred_at)
        .section(Class::Normal, "text/plain", "invented")
        .seal(LedgerId([1; 32]), &signers)
        .unwrap()
}

#[test]
fn signatures_are_put_together_in_the_signers_order() {
    let unsigned = unsigned(&[1, 2, 3]);
    let carried = unsigned.to_bytes();
    let mut collected: Vec<_> = [3, 1, 2]
        .into_iter()
        .map(|n| Unsigned::from_bytes(&carried).unwrap().collect(&key(n)).unwrap())
        .collect();
    let elsewhere = unsigned.clone().assemble(&collected).unwrap();
    let here = unsigned.clone().sign(&[&key(2), &key(3), &key(1)]).unwrap();
    assert_eq!(elsewhere.to_bytes(), here.to_bytes());
    let message = pae(STATEMENT_TYPE, here.statement_bytes());
    for (signer, signature) in unsigned.statement().signers.iter().zip(here.signatures()) {
        assert_eq!(verify(&signer.key, &message, signature), Ok(()));
    }

    // A signature of something else, by the right key.
    collected[1].signature = key(1).sign_statement(b"something else");
    let error = unsigned.assemble(&collected).unwrap_err();
    assert!(matches!(error, DraftError::Signature { key: at, .. } if at == key(1).public()));
}

#[test]
fn the_set_is_complete_and_no_larger() {
    let missing = |error| match error {
        DraftError::SignersMissing { missing } => missing,
        other => panic!("{other}"),
    };
    let error = unsigned(&[1, 2, 3]).sign(&[&key(1), &key(3)]).unwrap_err();
    assert_eq!(missing(error), [key(2).public()]);
    let error = unsigned(&[1]).sign(&[&key(1), &key(2)]).unwrap_err();
    assert!(matches!(error, DraftError::SignerNotNamed { .. }));
    let error = unsigned(&[1]).sign(&[&key(1), &key(1)]).unwrap_err();
    assert!(matches!(error, DraftError::SignedTwice { .. }));
    let error = unsigned(&[1]).collect(&key(2)).unwrap_err();
    assert!(matches!(error, DraftError::SignerNotNamed { .. }));
}

#[test]
fn what_was_carried_is_checked_again() {
    let unsigned = unsigned(&[1]);
    let change = |change: fn(&mut pb::Submission)| {
        let mut message = pb::Submission::decode(&*unsigned.to_bytes()).unwrap();
        change(&mut message);
        Unsigned::from_bytes(&message.encode_to_vec()).unwrap_err()
    };
    let error = change(|message| message.sections[0].content = "other".into());
    assert!(matches!(error, DraftError::Commitment { index: 0 }));
    let error = change(|message| message.sections.clear());
    assert!(matches!(error, DraftError::SectionCount { sections: 1 }));
    let error = change(|message| message.sections[0].salt.clear());
    assert!(matches!(error, DraftError::SectionCount { sections: 1 }));
    let error = change(|message| {
        message.statement = [&message.statement[..], &[0xf8, 0x01, 0x00]].concat().into();
    });
    assert!(matches!(error, DraftError::Statement(StatementError::Breach(_))));
    let error = change(|message| message.signatures.push(vec![0; 64].into()));
    assert!(matches!(error, DraftError::NotASubmission));

    let signed = unsigned.sign(&[&key(1)]).unwrap();
    let mut message = pb::Submission::decode(&*signed.to_bytes()).unwrap();
    message.signatures[0] = vec![1; 64].into();
    let error = SignedStatement::from_bytes(&message.encode_to_vec()).unwrap_err();
    assert!(matches!(error, DraftError::Signature { .. }));
    message.signatures.clear();
    let error = SignedStatement::from_bytes(&message.encode_to_vec()).unwrap_err();
    assert!(matches!(error, DraftError::SignersMissing { .. }));
}

#[test]
fn a_signer_may_be_anywhere_and_say_no() {
    struct Locked;
    impl StatementSigner for Locked {
        fn public_key(&self) -> PublicKey {
            key(1).public()
        }
        fn sign_statement(&self, _: &[u8]) -> Result<SignatureBytes, SignerError> {
            Err(SignerError::Locked)
        }
    }
    let error = unsigned(&[1]).collect(&Locked).unwrap_err();
    assert_eq!(error.to_string(), "the key is locked: unlock it with its passphrase");
}
