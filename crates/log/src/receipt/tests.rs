use letopis_crypto::sign::SecretKey;
use proptest::prelude::*;

use super::*;
use crate::checkpoint::Origin;
use crate::merkle::{Frontier, Nodes, inclusion_proof};
use crate::tile::{Tile, TileStore, TileTree};

const LEDGER: LedgerId = LedgerId([0xab; 32]);

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn origin() -> Origin {
    Origin::new("ledger.invalid", LEDGER).unwrap()
}

fn log_key() -> VerifierKey {
    origin().verifier_key(secret(0).public())
}

/// The signers of every invented statement.
fn signers() -> [PublicKey; 2] {
    [secret(1).public(), secret(2).public()]
}

struct NoStore;

impl TileStore for NoStore {
    type Error = std::convert::Infallible;

    fn tile(&self, _: u8, _: u64) -> Result<Option<Tile>, Self::Error> {
        Ok(None)
    }
}

/// A log of invented statements, with the receipt of each under one checkpoint.
fn receipts(count: u64) -> Vec<Receipt> {
    let mut tree = TileTree::open(NoStore, 0, &[]).unwrap();
    let mut frontier = Frontier::new();
    let mut previous = Digest::ZERO;
    let mut receipts = Vec::new();
    for sequence in 0..count {
        let statement = format!("invented statement {sequence}").into_bytes();
        let signatures: Vec<_> =
            [1, 2].into_iter().map(|seed| secret(seed).sign_statement(&statement)).collect();
        let link = Link {
            sequence: Sequence(sequence),
            recorded_at: Timestamp::from_seconds(1_800_000_000 + sequence),
            previous,
            statement_hash: statement_hash(&statement),
            signatures_hash: signatures_hash(&signatures),
        };
        previous = link.hash();
        frontier.append(leaf_hash(&link.to_bytes()));
        tree.append(leaf_hash(&link.to_bytes()));
        let (inclusion, checkpoint) = (Vec::new(), String::new());
        receipts.push(Receipt { statement, signatures, link, inclusion, checkpoint });
    }
    let checkpoint = Checkpoint { origin: origin(), size: Sequence(count), root: frontier.root() };
    let note = checkpoint.sign(secret(0).public(), |text| secret(0).sign(text)).to_text();
    for receipt in &mut receipts {
        receipt.inclusion = inclusion_proof(&tree, receipt.link.sequence.0, count).unwrap();
        receipt.checkpoint.clone_from(&note);
    }
    assert_eq!(tree.node(0, 0).unwrap(), leaf_hash(&receipts[0].link.to_bytes()));
    receipts
}

fn receipt() -> Receipt {
    receipts(6).swap_remove(3)
}

fn verify(receipt: &Receipt) -> Result<Verified, ReceiptError> {
    receipt.verify(&log_key(), &Signed { ledger: LEDGER, signers: &signers() })
}

#[test]
fn every_receipt_of_a_log_verifies_and_survives_its_text() {
    for receipt in receipts(9) {
        let verified = verify(&receipt).unwrap();
        assert_eq!(verified.sequence, receipt.link.sequence);
        assert_eq!(verified.recorded_at, receipt.link.recorded_at);
        assert_eq!(verified.ledger, LEDGER);
        assert_eq!(verified.checkpoint.size, Sequence(9));
        assert_eq!(Receipt::from_text(&receipt.to_text()), Ok(receipt));
    }
}

#[test]
fn the_text_is_the_specified_one() {
    let receipt = receipt();
    let lines: Vec<_> = receipt.to_text().split('\n').map(str::to_owned).collect();
    assert_eq!(lines[0], "letopis.receipt.v1");
    assert_eq!(lines[1], "aW52ZW50ZWQgc3RhdGVtZW50IDM=");
    assert_eq!(lines[2].len(), 172, "128 bytes");
    assert_eq!(lines[3], "");
    assert_eq!(lines[4], "c2sp.org/tlog-proof@v1");
    assert!(lines[5].starts_with("extra AAAAAAAAAAM"));
    assert_eq!(lines[6], "index 3");
    assert_eq!(lines[7..10].iter().map(String::len).collect::<Vec<_>>(), [44, 44, 44]);
    assert_eq!(lines[10], "");
    assert_eq!(lines[11], format!("ledger.invalid/{LEDGER}"));
    assert!(receipt.to_text().ends_with(&receipt.checkpoint));
}

#[test]
fn many_are_verified_under_one_checkpoint() {
    let receipts = receipts(5);
    let checkpoint = Checkpoint::open(&receipts[0].checkpoint, &log_key()).unwrap();
    let signers = signers();
    let signed = Signed { ledger: LEDGER, signers: &signers };
    for receipt in &receipts {
        let verified = receipt.verify_against(&checkpoint, &signed).unwrap();
        assert_eq!(verified.checkpoint, checkpoint);
    }
}

#[test]
fn each_check_refuses_by_its_name() {
    use ReceiptError as E;
    let changed = |change: &dyn Fn(&mut Receipt)| {
        let mut receipt = receipt();
        change(&mut receipt);
        verify(&receipt).unwrap_err()
    };
    assert!(matches!(changed(&|r| r.checkpoint.insert(0, 'x')), E::Checkpoint(_)));
    assert_eq!(changed(&|r| r.statement.push(b'!')), E::Statement);
    assert_eq!(changed(&|r| r.signatures.swap(0, 1)), E::Signatures);
    assert_eq!(changed(&|r| r.signatures.truncate(1)), E::Signatures);
    assert_eq!(changed(&|r| r.link.recorded_at.0 += 1), E::Inclusion(InclusionError::Root));
    assert_eq!(
        changed(&|r| r.link.sequence.0 += 1),
        E::Inclusion(InclusionError::Length { expected: 2, found: 3 })
    );
    assert_eq!(
        changed(&|r| r.link.sequence.0 = 6),
        E::Inclusion(InclusionError::OutOfRange { index: 6, size: 6 })
    );
    assert_eq!(changed(&|r| r.inclusion.swap(0, 1)), E::Inclusion(InclusionError::Root));

    let receipt = receipt();
    let with = |key: &VerifierKey, ledger, signers: &[PublicKey]| {
        receipt.verify(key, &Signed { ledger, signers }).unwrap_err()
    };
    let (key, [first, second]) = (log_key(), signers());
    let other = LedgerId([1; 32]);
    let expected = E::Ledger { statement: other, checkpoint: LEDGER };
    assert_eq!(with(&key, other, &signers()), expected);
    let count = |signers| E::SignatureCount { signers, signatures: 2 };
    assert_eq!(with(&key, LEDGER, &[first]), count(1));
    assert_eq!(with(&key, LEDGER, &[first, second, second]), count(3));
    assert_eq!(with(&key, LEDGER, &[]), count(0));
    assert_eq!(
        with(&key, LEDGER, &[second, first]),
        E::Signature { signer: second, source: SignatureError::Invalid }
    );
    let other = Origin::new("other.invalid", LEDGER).unwrap().verifier_key(secret(0).public());
    assert!(matches!(with(&other, LEDGER, &signers()), E::Checkpoint(_)));
}

/// A log can hold what nobody signed; a receipt for it shows nothing.
#[test]
fn what_the_log_holds_must_be_signed_all_the_same() {
    let make = |signatures: Vec<SignatureBytes>| {
        let statement = b"invented statement".to_vec();
        let link = Link {
            sequence: Sequence(0),
            recorded_at: Timestamp(0),
            previous: Digest::ZERO,
            statement_hash: statement_hash(&statement),
            signatures_hash: signatures_hash(&signatures),
        };
        let root = leaf_hash(&link.to_bytes());
        let checkpoint = Checkpoint { origin: origin(), size: Sequence(1), root };
        let note = checkpoint.sign(secret(0).public(), |text| secret(0).sign(text));
        let checkpoint = note.to_text();
        Receipt { statement, signatures, link, inclusion: Vec::new(), checkpoint }
    };
    let good = [1, 2].map(|seed| secret(seed).sign_statement(b"invented statement"));
    assert!(verify(&make(good.to_vec())).is_ok());
    // Signed without the DSSE encoding: of another type.
    let bare = vec![good[0], secret(2).sign(b"invented statement")];
    let signer = signers()[1];
    let expected = ReceiptError::Signature { signer, source: SignatureError::Invalid };
    assert_eq!(verify(&make(bare)), Err(expected));
    let none = make(Vec::new());
    let signed = Signed { ledger: LEDGER, signers: &[] };
    assert_eq!(
        none.verify(&log_key(), &signed),
        Err(ReceiptError::SignatureCount { signers: 0, signatures: 0 })
    );
}

#[test]
fn what_would_not_be_written_so_is_refused() {
    use ReceiptFormatError as E;
    let good = receipt().to_text();
    let statement = "aW52ZW50ZWQgc3RhdGVtZW50IDM=";
    let signatures = text::base64(&[receipt().signatures[0].0, receipt().signatures[1].0].concat());
    let link = text::base64(&receipt().link.to_bytes());
    let long = text::base64(&vec![1; STATEMENT_BYTES_MAX + 1]);
    for (from, to, expected) in [
        ("receipt.v1", "receipt.v2", E::FirstLine),
        ("receipt.v1\n", "receipt.v1\r\n", E::FirstLine),
        (statement, "", E::Statement),
        (statement, "aW52ZW50ZWQgc3RhdGVtZW50IDN=", E::Statement),
        (statement, "aW52ZW50ZWQgc3RhdGVtZW50IDM", E::Statement),
        (statement, &long, E::Statement),
        (&signatures, "", E::Signatures),
        (&signatures, &text::base64(&[1; 63]), E::Signatures),
        (&signatures, &text::base64(&[1; 64 * (SIGNERS_MAX + 1)]), E::Signatures),
        ("\n\nc2sp", "\nc2sp", E::BlankLine),
        ("\n\nc2sp", "\n\n\nc2sp", E::Proof(ProofFormatError::FirstLine)),
        ("index 3", "index 03", E::Proof(ProofFormatError::Index)),
        (&format!("extra {link}\n"), "", E::Link),
        (&link, &text::base64(&[0; 111]), E::Link),
        ("index 3", "index 4", E::Index { index: Sequence(4), sequence: Sequence(3) }),
    ] {
        assert!(good.contains(from), "{from:?}");
        let wrong = good.replacen(from, to, 1);
        assert_eq!(Receipt::from_text(&wrong), Err(expected), "{from:?} → {:?}", to.get(..60));
    }
}

/// Reads and verifies what may not even be text.
fn accepts(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| Receipt::from_text(text).is_ok_and(|receipt| verify(&receipt).is_ok()))
}

#[test]
fn no_byte_can_be_changed_added_or_left_out() {
    let good = receipt().to_text().into_bytes();
    assert!(accepts(&good));
    for at in 0..good.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            assert!(!accepts(&bytes), "byte {at} flipped by {flip:#x}");
        }
        let mut bytes = good.clone();
        bytes.remove(at);
        assert!(!accepts(&bytes), "byte {at} left out");
        for extra in [b' ', b'\n'] {
            let mut bytes = good.clone();
            bytes.insert(at, extra);
            assert!(!accepts(&bytes), "{extra:#x} put in at {at}");
        }
        assert!(!accepts(&good[..at]), "cut at {at}");
    }
    for end in ["\n", " ", "x"] {
        assert!(!accepts(&[&good, end.as_bytes()].concat()), "{end:?} at the end");
    }
}

proptest! {
    #[test]
    fn no_byte_can_be_another(place: prop::sample::Index, byte: u8) {
        let mut bytes = receipt().to_text().into_bytes();
        let at = place.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        prop_assert!(!accepts(&bytes));
    }
}
