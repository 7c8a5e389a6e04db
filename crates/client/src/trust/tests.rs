use letopis_crypto::sign::SecretKey;

use super::*;

const LEDGER: LedgerId = LedgerId([0x1e; 32]);

fn secret() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn origin() -> Origin {
    Origin::new("invented.test", LEDGER).unwrap()
}

fn key() -> VerifierKey {
    origin().verifier_key(secret().public())
}

fn signed(size: u64, root: u8) -> Arc<SignedCheckpoint> {
    let checkpoint =
        Checkpoint { origin: origin(), size: Sequence(size), root: Digest([root; 32]) };
    let note = checkpoint.sign(secret().public(), |text| secret().sign(text)).to_text();
    Arc::new(SignedCheckpoint::open(note, &key()).unwrap())
}

#[test]
fn what_is_remembered_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let ledgers = KnownLedgers::new(dir.path().join("made when needed"));
    assert!(ledgers.open(&LEDGER).unwrap().is_none());
    let known = ledgers.with_key(&key()).unwrap();
    assert_eq!((known.ledger(), known.size()), (&LEDGER, Sequence::ZERO));
    assert!(known.exchange(None, &signed(3, 3)).unwrap());
    assert!(known.exchange(Some(&signed(3, 3)), &signed(5, 5)).unwrap());
    for known in [known, ledgers.with_key(&key()).unwrap(), ledgers.open(&LEDGER).unwrap().unwrap()]
    {
        assert_eq!(known.last(), Some(signed(5, 5)));
        assert_eq!(known.key(), &key());
    }
}

#[test]
fn a_checkpoint_takes_the_place_only_of_the_one_that_was_proven() {
    let dir = tempfile::tempdir().unwrap();
    let ledgers = KnownLedgers::new(dir.path());
    let (one, other) = (ledgers.with_key(&key()).unwrap(), ledgers.with_key(&key()).unwrap());
    assert!(one.exchange(None, &signed(3, 3)).unwrap());
    // The other one has not seen that, and learns it.
    assert!(!other.exchange(None, &signed(2, 2)).unwrap());
    assert_eq!(other.last(), Some(signed(3, 3)));
    assert!(other.exchange(Some(&signed(3, 3)), &signed(4, 4)).unwrap());
    assert_eq!(ledgers.open(&LEDGER).unwrap().unwrap().size(), Sequence(4));
}

#[test]
fn what_was_remembered_survives_the_loss_of_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let known = KnownLedgers::new(dir.path()).with_key(&key()).unwrap();
    assert!(known.exchange(None, &signed(3, 3)).unwrap());
    fs::remove_file(known.files.path("known")).unwrap();
    assert!(!known.exchange(None, &signed(2, 2)).unwrap());
    assert!(known.exchange(Some(&signed(3, 3)), &signed(4, 4)).unwrap());
}

#[test]
fn a_damaged_file_is_not_taken_for_nothing() {
    let good = {
        let dir = tempfile::tempdir().unwrap();
        let known = KnownLedgers::new(dir.path()).with_key(&key()).unwrap();
        known.exchange(None, &signed(3, 3)).unwrap();
        fs::read_to_string(known.files.path("known")).unwrap()
    };
    let other_key = origin().verifier_key(SecretKey::from_seed(&[2; 32]).public()).to_string();
    let other_ledger = Origin::new("invented.test", LedgerId([2; 32])).unwrap();
    let other_ledger = other_ledger.verifier_key(secret().public()).to_string();
    for damaged in [
        String::new(),
        good.replace("ledger 1", "ledger 2"),
        good[..good.len() - 20].to_owned(),
        good.replace("\n3\n", "\n2\n"),
        good.replacen(&key().to_string(), &other_key, 1),
        good.replacen(&key().to_string(), &other_ledger, 1),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let ledgers = KnownLedgers::new(dir.path());
        fs::write(dir.path().join(format!("{LEDGER}.known")), &damaged).unwrap();
        let errors = [ledgers.open(&LEDGER).unwrap_err(), ledgers.with_key(&key()).unwrap_err()];
        assert!(matches!(errors, [Usage::StoreDamaged { .. }, Usage::StoreDamaged { .. }]));
    }
}

#[test]
fn a_key_is_named_after_its_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let ledgers = KnownLedgers::new(dir.path());
    let key = VerifierKey::new("invented.test", secret().public()).unwrap();
    assert!(matches!(ledgers.with_key(&key), Err(Usage::KeyName)));
}

#[test]
fn evidence_is_kept_once_and_told_where_it_can_not_be() {
    let dir = tempfile::tempdir().unwrap();
    let known = KnownLedgers::new(dir.path().join("ledgers")).with_key(&key()).unwrap();
    let one = known.keep_evidence(&signed(3, 3), &signed(3, 4), &[Digest([7; 32])]);
    let again = known.keep_evidence(&signed(3, 3), &signed(3, 4), &[Digest([7; 32])]);
    assert_eq!(one, again);
    let text = fs::read_to_string(one.path.as_ref().unwrap()).unwrap();
    for part in [signed(3, 3).note(), signed(3, 4).note(), &key().to_string(), "07070707"] {
        assert!(text.contains(part), "{part}");
    }
    fs::remove_dir_all(dir.path().join("ledgers")).unwrap();
    let lost = known.keep_evidence(&signed(3, 3), &signed(3, 4), &[]);
    assert_eq!((lost.path.as_ref(), lost.claimed.as_str()), (None, signed(3, 4).note()));
    assert!(lost.to_string().contains("could not"));
}

#[test]
fn one_note_is_opened_once() {
    let dir = tempfile::tempdir().unwrap();
    let known = KnownLedgers::new(dir.path()).with_key(&key()).unwrap();
    let one = known.open_note(signed(3, 3).note().to_owned()).unwrap();
    let again = known.open_note(signed(3, 3).note().to_owned()).unwrap();
    assert!(Arc::ptr_eq(&one, &again));
    assert!(known.open_note(signed(3, 3).note().replace("\n3\n", "\n4\n")).is_err());
}
