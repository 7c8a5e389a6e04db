//! `link`, `stream_head`, `checkpoint`, `receipt`: an invented log of five statements.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use letopis_crypto::hash::{next_head, signatures_hash, statement_hash};
use letopis_log::merkle::{leaf_hash, node_hash};
use letopis_log::{Checkpoint, Link, Note, Origin, Receipt, VerifierKey};
use letopis_proto::statement::v1 as proto;
use letopis_types::{Digest, Sequence, SignatureBytes, Timestamp};
use prost::Message as _;
use serde_json::json;

use super::invented as i;
use super::{invalid, valid};
use crate::Vector;
use crate::check::hex;

/// The statements of the log, with their signatures and links.
pub(super) fn events() -> Vec<(proto::Statement, Vec<SignatureBytes>, Link)> {
    let mut previous = Digest::ZERO;
    let statements =
        [i::genesis(), i::actor_enrolled(), i::role_granted(), i::case_opened(), i::note_added()];
    (0..)
        .zip(statements)
        .map(|(sequence, statement)| {
            let signatures = i::sign(&statement);
            let link = Link {
                sequence: Sequence(sequence),
                recorded_at: Timestamp(1_800_000_000_000_000_000 + sequence),
                previous,
                statement_hash: statement_hash(&statement.encode_to_vec()),
                signatures_hash: signatures_hash(&signatures),
            };
            previous = link.hash();
            (statement, signatures, link)
        })
        .collect()
}

pub(super) fn vectors() -> Vec<Vector> {
    [links(), heads(), checkpoints(), receipts()].concat()
}

fn links() -> Vec<Vector> {
    let link = |what, link: &Link| {
        let input = json!({
            "sequence": link.sequence.0,
            "recorded_at": link.recorded_at.0,
            "previous": hex(link.previous),
            "statement_hash": hex(link.statement_hash),
            "signatures_hash": hex(link.signatures_hash),
        });
        valid("link", what, input)
    };
    let events = events();
    let largest =
        Link { sequence: Sequence(u64::MAX), recorded_at: Timestamp(u64::MAX), ..events[1].2 };
    vec![
        link("valid-first", &events[0].2),
        link("valid-second", &events[1].2),
        link("valid-largest-numbers", &largest),
    ]
}

fn heads() -> Vec<Vector> {
    let events = events();
    let (first, second) = (events[3].2.statement_hash, events[4].2.statement_hash);
    let head = |what, head: Digest, statement_hash: Digest| {
        let input = json!({"head": hex(head), "statement_hash": hex(statement_hash)});
        valid("stream_head", what, input)
    };
    vec![
        head("valid-first", Digest::ZERO, first),
        head("valid-second", next_head(&Digest::ZERO, &first), second),
    ]
}

fn origin() -> Origin {
    Origin::new(i::NAME, *i::LEDGER_ID).unwrap()
}

fn vkey() -> VerifierKey {
    origin().verifier_key(i::public(i::CHECKPOINT))
}

/// A note with this text, signed by the key of a seed under a name.
fn note(text: &str, name: &str, seed: u8) -> String {
    let key = VerifierKey::new(name, i::public(seed)).unwrap();
    Note::sign(text.to_owned(), &key, |bytes| i::secret(seed).sign(bytes)).unwrap().to_text()
}

/// Signed as it should be, whatever the text.
fn signed(text: &str) -> String {
    note(text, &origin().to_string(), i::CHECKPOINT)
}

fn checkpoints() -> Vec<Vector> {
    let text = |size, root| Checkpoint { origin: origin(), size: Sequence(size), root }.to_text();
    let root = Digest([0x0a; 32]);
    let right = text(5, root);
    let vkey_text = vkey().to_string();
    let ok = |what, note: &str| valid("checkpoint", what, json!({"vkey": vkey_text, "note": note}));
    let no = |what, fault, note: &str| {
        invalid("checkpoint", what, fault, json!({"vkey": vkey_text, "note": note}))
    };
    let with_key = |what, vkey: &str| {
        let input = json!({"vkey": vkey, "note": signed(&right)});
        invalid("checkpoint", what, "verification_key", input)
    };
    let right_note = signed(&right);
    let line = right_note.rsplit_once("\n\n").unwrap().1;
    let other_ledger = origin().to_string().replace(i::NAME, "another.example");
    let replace = |old: &str, new: &str| signed(&right.replace(old, new));
    let root_text = BASE64.encode(root);
    // The same bytes, with a bit set that base64 leaves over.
    let left_over = root_text.replace("Cgo=", "Cgp=");
    assert_ne!(left_over, root_text);
    vec![
        ok("valid", &right_note),
        ok("valid-size-0", &signed(&text(0, letopis_log::merkle::empty_root()))),
        ok("valid-size-max", &signed(&text(u64::MAX, root))),
        ok("valid-with-another-signature", &(right_note.clone() + COSIGNATURE)),
        ok(
            "valid-with-another-signature-before",
            &right_note.replace(line, &{ COSIGNATURE.to_owned() + line }),
        ),
        no("text-changed", "signature", &right_note.replace("\n5\n", "\n6\n")),
        no("signed-by-another-key", "signature", &note(&right, &origin().to_string(), 1)),
        no("signed-under-another-name", "signature", &note(&right, &other_ledger, i::CHECKPOINT)),
        no("signed-twice", "signature", &(right_note.clone() + line)),
        no("of-another-origin", "other_log", &replace(i::NAME, "another.example")),
        no(
            "origin-without-ledger-id",
            "origin",
            &signed(&{ right.replacen(&origin().to_string(), i::NAME, 1) }),
        ),
        no(
            "origin-ledger-id-upper-case",
            "origin",
            &signed(&right.replacen(
                &i::LEDGER_ID.to_string(),
                &i::LEDGER_ID.to_string().to_uppercase(),
                1,
            )),
        ),
        no("extension-line", "lines", &signed(&(right.clone() + "extension\n"))),
        no("two-lines", "lines", &replace(&format!("{root_text}\n"), "")),
        no("size-with-leading-zero", "lines", &replace("\n5\n", "\n05\n")),
        no("size-with-sign", "lines", &replace("\n5\n", "\n+5\n")),
        no("size-above-64-bits", "lines", &replace("\n5\n", "\n18446744073709551616\n")),
        no("root-of-31-bytes", "lines", &replace(&root_text, &BASE64.encode([0x0a; 31]))),
        no("root-without-padding", "lines", &replace(&root_text, root_text.trim_end_matches('='))),
        no("root-with-bits-left-over", "lines", &replace(&root_text, &left_over)),
        no("no-blank-line", "note", &right_note.replace("\n\n", "\n")),
        no("no-signature", "note", &format!("{right}\n")),
        no("no-final-newline", "note", right_note.trim_end()),
        no("line-that-is-no-signature", "note", &(right_note.clone() + "invented\n")),
        no("hyphen-for-dash", "note", &right_note.replace('\u{2014}', "-")),
        no("carriage-returns", "note", &right_note.replace('\n', "\r\n")),
        with_key(
            "key-hash-wrong",
            &vkey_text.replacen(&format!("+{}+", vkey().id()), "+00000000+", 1),
        ),
        with_key("key-of-another-type", &{
            let (rest, _) = vkey_text.rsplit_once('+').unwrap();
            let key = [&[4][..], &i::public(i::CHECKPOINT).0].concat();
            format!("{}+{}", rest, BASE64.encode(key))
        }),
    ]
}

/// A line by a key that the reader does not have; not looked at.
const COSIGNATURE: &str = "\u{2014} witness.example AQIDBAUGBwgJCgsMDQ4P\n";

/// The hashes from a leaf up, in a tree of five.
fn inclusion(index: usize) -> (Vec<Digest>, Digest) {
    let leaves: Vec<_> = events().iter().map(|(_, _, link)| leaf_hash(&link.to_bytes())).collect();
    let [a, b, c, d, e] = leaves[..] else { unreachable!("there are five") };
    let (ab, cd) = (node_hash(&a, &b), node_hash(&c, &d));
    let abcd = node_hash(&ab, &cd);
    let proof = match index {
        0 => vec![b, cd, e],
        1 => vec![a, cd, e],
        2 => vec![d, ab, e],
        3 => vec![c, ab, e],
        _ => vec![abcd],
    };
    (proof, node_hash(&abcd, &e))
}

fn receipt(index: usize) -> Receipt {
    let (statement, signatures, link) = events().swap_remove(index);
    let (inclusion, root) = inclusion(index);
    let checkpoint = Checkpoint { origin: origin(), size: Sequence(5), root };
    Receipt {
        statement: statement.encode_to_vec(),
        signatures,
        link,
        inclusion,
        checkpoint: signed(&checkpoint.to_text()),
    }
}

/// A receipt in a log of one, whose checkpoint is right for it whatever it says.
fn alone(statement: Vec<u8>, signatures: Vec<SignatureBytes>, origin: &Origin) -> Receipt {
    let link = Link {
        sequence: Sequence(0),
        recorded_at: Timestamp(0),
        previous: Digest::ZERO,
        statement_hash: statement_hash(&statement),
        signatures_hash: signatures_hash(&signatures),
    };
    let root = leaf_hash(&link.to_bytes());
    let checkpoint = Checkpoint { origin: origin.clone(), size: Sequence(1), root };
    let checkpoint = note(&checkpoint.to_text(), &origin.to_string(), i::CHECKPOINT);
    Receipt { statement, signatures, link, inclusion: Vec::new(), checkpoint }
}

fn receipts() -> Vec<Vector> {
    let vkey_text = vkey().to_string();
    let input = |text: &str| json!({"vkey": vkey_text, "receipt": text});
    let ok = |what, receipt: &Receipt| valid("receipt", what, input(&receipt.to_text()));
    let mut vectors = vec![
        ok("valid-genesis", &receipt(0)),
        ok("valid-two-signatures", &receipt(2)),
        ok("valid-last", &receipt(4)),
        ok("valid-log-of-one", &{
            let statement = i::genesis();
            alone(statement.encode_to_vec(), i::sign(&statement), &origin())
        }),
    ];
    vectors.extend(changed_receipts(&vkey_text));
    vectors.extend(receipts_of_a_wrong_log(&vkey_text));
    vectors.extend(receipts_of_another_spelling(&vkey_text));
    vectors
}

/// One part changed, or taken from another receipt.
fn changed_receipts(vkey: &str) -> Vec<Vector> {
    let no = |what, fault, change: &dyn Fn(&mut Receipt)| {
        let mut changed = receipt(4);
        change(&mut changed);
        invalid("receipt", what, fault, json!({"vkey": vkey, "receipt": changed.to_text()}))
    };
    let other = receipt(3);
    vec![
        no("statement-of-another", "statement_hash", &|r| r.statement = other.statement.clone()),
        no("signatures-of-another", "signatures_hash", &|r| {
            r.signatures = other.signatures.clone();
        }),
        no("link-of-another", "inclusion", &|r| {
            r.link = Link { sequence: r.link.sequence, ..other.link };
        }),
        no("link-with-another-time", "inclusion", &|r| r.link.recorded_at.0 += 1),
        no("inclusion-hash-wrong", "inclusion", &|r| r.inclusion[0].0[0] ^= 1),
        no("inclusion-hash-missing", "inclusion", &|r| r.inclusion.clear()),
        no("inclusion-hash-too-many", "inclusion", &|r| r.inclusion.push(Digest::ZERO)),
        no("index-beyond-the-size", "inclusion", &|r| r.link.sequence = Sequence(5)),
        no("checkpoint-signature-wrong", "signature", &|r| {
            r.checkpoint = r.checkpoint.replace("\n5\n", "\n6\n");
        }),
        no("checkpoint-by-another-key", "signature", &|r| {
            let (text, _) = r.checkpoint.rsplit_once("\n\n").unwrap();
            r.checkpoint = note(&format!("{text}\n"), &origin().to_string(), 1);
        }),
    ]
}

/// Properly in a log, which should not have taken them.
fn receipts_of_a_wrong_log(vkey: &str) -> Vec<Vector> {
    let no = |what, fault, receipt: Receipt| {
        invalid("receipt", what, fault, json!({"vkey": vkey, "receipt": receipt.to_text()}))
    };
    let note = i::note_added();
    let bytes = note.encode_to_vec();
    let signatures = i::sign(&note);
    let by_another = vec![i::secret(1).sign_statement(&bytes)];
    let without_encoding = vec![i::secret(i::WORKER).sign(&bytes)];
    let for_another_ledger = proto::Statement { ledger: vec![0x2d; 32], ..note.clone() };
    let another_genesis = proto::Statement { nonce: vec![9; 32], ..i::genesis() };
    let not_canonical = [&bytes[..], &[0x5a, 0]].concat();
    let by_worker = |bytes: &[u8]| vec![i::secret(i::WORKER).sign_statement(bytes)];
    let twice = [&signatures[..], &signatures].concat();
    let role = i::role_granted();
    let mut swapped = i::sign(&role);
    swapped.reverse();
    let missing = i::sign(&role)[..1].to_vec();
    vec![
        no("statement-signature-by-another-key", "statement_signature", {
            alone(bytes.clone(), by_another, &origin())
        }),
        no("statement-signature-without-pre-authentication-encoding", "statement_signature", {
            alone(bytes.clone(), without_encoding, &origin())
        }),
        no("statement-signatures-in-another-order", "statement_signature", {
            alone(role.encode_to_vec(), swapped, &origin())
        }),
        no("signature-missing", "signature_count", {
            alone(role.encode_to_vec(), missing, &origin())
        }),
        no("signature-extra", "signature_count", alone(bytes, twice, &origin())),
        no("statement-for-another-ledger", "ledger", {
            let signatures = i::sign(&for_another_ledger);
            alone(for_another_ledger.encode_to_vec(), signatures, &origin())
        }),
        no("genesis-of-another-ledger", "ledger", {
            alone(another_genesis.encode_to_vec(), i::sign(&another_genesis), &origin())
        }),
        no("statement-not-canonical", "field_unknown", {
            let signatures = by_worker(&not_canonical);
            alone(not_canonical, signatures, &origin())
        }),
        no("checkpoint-of-another-origin", "other_log", {
            let mut receipt = receipt(4);
            let (text, _) = receipt.checkpoint.rsplit_once("\n\n").unwrap();
            let text = text.replace(i::NAME, "another.example") + "\n";
            receipt.checkpoint = signed(&text);
            receipt
        }),
    ]
}

/// The right receipt, written otherwise.
fn receipts_of_another_spelling(vkey: &str) -> Vec<Vector> {
    let right = receipt(4).to_text();
    let no = |what, fault, text: String| {
        assert_ne!(text, right, "{what}");
        invalid("receipt", what, fault, json!({"vkey": vkey, "receipt": text}))
    };
    let lines: Vec<_> = right.lines().collect();
    let line = |at: usize, new: &str| {
        let mut lines = lines.clone();
        lines[at] = new;
        lines.join("\n") + "\n"
    };
    let extra = lines[5].strip_prefix("extra ").unwrap();
    let link = BASE64.decode(extra).unwrap();
    let short_link = format!("extra {}", BASE64.encode(&link[..111]));
    let unpadded = lines[2].trim_end_matches('=').to_owned();
    let half_a_signature = BASE64.encode([7; 96]);
    vec![
        no("first-line-wrong", "format", line(0, "letopis.receipt.v2")),
        no("signatures-without-padding", "format", line(2, &unpadded)),
        no("signatures-of-96-bytes", "format", line(2, &half_a_signature)),
        no("no-blank-line", "format", right.replacen("\n\n", "\n", 1)),
        no("proof-first-line-wrong", "format", line(4, "c2sp.org/tlog-proof@v2")),
        no("link-of-111-bytes", "link", line(5, &short_link)),
        no("index-of-another", "index", line(6, "index 3")),
        no("index-with-leading-zero", "format", line(6, "index 04")),
        no("index-missing", "format", right.replacen("index 4\n", "", 1)),
        no("carriage-returns", "format", right.replace('\n', "\r\n")),
    ]
}
