use letopis_crypto::sign::SecretKey;

use super::*;
use crate::merkle::empty_root;

const LEDGER: LedgerId = LedgerId([0xab; 32]);

fn secret() -> SecretKey {
    SecretKey::from_seed(&[3; 32])
}

fn origin() -> Origin {
    Origin::new("ledger.invalid", LEDGER).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: origin(), size: Sequence(12_345), root: empty_root() }
}

#[test]
fn text_is_three_lines() {
    let text = format!(
        "ledger.invalid/{}\n12345\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "ab".repeat(32)
    );
    assert_eq!(checkpoint().to_text(), text);
    assert_eq!(Checkpoint::from_text(&text), Ok(checkpoint()));
    for wrong in [
        text.trim_end(),
        &format!("{text}\n"),
        &format!("{text}extension\n"),
        &format!("\n{text}"),
        &text.replace("12345", "012345"),
        &text.replace("12345", "+12345"),
        &text.replace("12345", "12345 "),
        &text.replace("12345", "-1"),
        &text.replace("12345", "18446744073709551616"),
        &text.replace("12345\n", ""),
        &text.replace("FU=", "FV="),
        &text.replace("FU=", "FU"),
        &text.replace("47DEQ", ""),
    ] {
        assert_eq!(Checkpoint::from_text(wrong), Err(CheckpointError::Lines), "{wrong:?}");
    }
    let wrong = text.replace("ledger.invalid", "Ledger.invalid");
    assert_eq!(Checkpoint::from_text(&wrong), Err(CheckpointError::Origin(OriginError::Name)));
}

#[test]
fn an_origin_is_a_name_and_a_ledger() {
    let text = origin().to_string();
    let parsed: Origin = text.parse().unwrap();
    assert_eq!((parsed.name(), parsed.ledger()), ("ledger.invalid", &LEDGER));
    assert!(Origin::new(&"a".repeat(NAME_BYTES_MAX), LEDGER).is_ok());
    for name in ["", "A", "a b", "a+b", "a_b", "a/b", "я", &"a".repeat(NAME_BYTES_MAX + 1)] {
        assert_eq!(Origin::new(name, LEDGER), Err(OriginError::Name), "{name:?}");
    }
    for wrong in ["", "a", "a/", &text.to_uppercase(), &format!("{text}0"), &format!("a/{text}")] {
        assert!(wrong.parse::<Origin>().is_err(), "{wrong:?}");
    }
}

#[test]
fn opens_with_the_logs_key_only() {
    let note = checkpoint().sign(secret().public(), |text| secret().sign(text)).to_text();
    let key = origin().verifier_key(secret().public());
    assert_eq!(key.name(), origin().to_string());
    assert_eq!(VerifierKey::new(key.name(), *key.public_key()), Ok(key.clone()));
    assert_eq!(Checkpoint::open(&note, &key), Ok(checkpoint()));

    let other = origin().verifier_key(SecretKey::from_seed(&[4; 32]).public());
    assert!(matches!(
        Checkpoint::open(&note, &other),
        Err(CheckpointError::Signature(VerificationError::NotSigned { .. }))
    ));
    let forged = checkpoint().sign(secret().public(), |_| secret().sign(b"another text"));
    assert!(matches!(
        Checkpoint::open(&forged.to_text(), &key),
        Err(CheckpointError::Signature(VerificationError::Invalid { .. }))
    ));
    assert!(matches!(Checkpoint::open("", &key), Err(CheckpointError::Note(_))));
}

/// A signature over a note is not enough: the key has to be that of the log in it.
#[test]
fn a_key_vouches_for_its_own_log_only() {
    let mine = Origin::new("other.invalid", LEDGER).unwrap().verifier_key(secret().public());
    let note = Note::sign(checkpoint().to_text(), &mine, |text| secret().sign(text)).unwrap();
    assert_eq!(
        Checkpoint::open(&note.to_text(), &mine),
        Err(CheckpointError::OtherLog { origin: origin() })
    );
    // Nor is it one that signed something else.
    let key = origin().verifier_key(secret().public());
    let extended = format!("{}extension\n", checkpoint().to_text());
    let note = Note::sign(extended, &key, |text| secret().sign(text)).unwrap();
    assert_eq!(Checkpoint::open(&note.to_text(), &key), Err(CheckpointError::Lines));
}
