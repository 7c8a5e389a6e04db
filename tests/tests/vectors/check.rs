//! What the crates say to the input of a vector: its output, or the fault by name.

use letopis_crypto::canonical::{self, BreachKind};
use letopis_crypto::hash::{ledger_id, next_head, signatures_hash, statement_hash};
use letopis_crypto::section::{
    CommitmentScope, SealError, SealKey, SealScope, commitment, open, seal,
};
use letopis_crypto::sign::{SignatureError, pae, verify};
use letopis_deidentified as deidentified;
use letopis_domain::{Refusal as _, Statement};
use letopis_log::checkpoint::CheckpointError;
use letopis_log::receipt::{ReceiptError, ReceiptFormatError, Signed};
use letopis_log::{Checkpoint, Link, Receipt, VerifierKey};
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1 as proto;
use letopis_record::frame::{Footer, SegmentHeader, decode};
use letopis_record::{What, frame};
use letopis_types::{
    Class, Digest, LedgerId, PublicKey, Sequence, SignatureBytes, StreamId, StreamKey, StreamKind,
    Timestamp,
};
use prost::Message as _;
use serde_json::{Map, Value, json};

use crate::{Vector, replay};

type Fields = Map<String, Value>;

/// Checks the input of a vector.
pub(crate) fn run(structure: &str, input: &Fields) -> Result<Fields, String> {
    let input = Input(input);
    let output = match structure {
        "canonical" => check_statement(&input.bytes("statement")).map(|_| json!({})),
        "statement" => {
            Ok(json!({"statement_hash": hex(statement_hash(&input.bytes("statement")))}))
        }
        "signature" => check_signature(&input).map(|()| json!({})),
        "signatures" => Ok(json!({"signatures_hash": hex(signatures_hash(&input.signatures()))})),
        "commitment" => Ok(json!({"commitment": hex(make_commitment(&input))})),
        "sealed" => check_sealed(&input),
        "link" => {
            let link = make_link(&input);
            Ok(json!({"link": hex(link.to_bytes()), "link_hash": hex(link.hash())}))
        }
        "stream_head" => {
            let head = next_head(&input.digest("head"), &input.digest("statement_hash"));
            Ok(json!({"head": hex(head)}))
        }
        "ledger_id" => Ok(json!({"ledger_id": hex(ledger_id(&input.bytes("genesis")))})),
        "checkpoint" => check_checkpoint(&input),
        "receipt" => check_receipt(&input),
        "segment_header" => check_segment_header(&input),
        "frame" => check_frame(&input),
        "footer" => check_footer(&input),
        "log" => replay::run(&input.events()),
        "deidentified" => check_deidentified(input.text("file")),
        unknown => panic!("unknown structure {unknown}"),
    };
    match output? {
        Value::Object(output) => Ok(output),
        _ => unreachable!("every output is an object"),
    }
}

/// The number of the kind of fact in a vector of `canonical`.
pub(crate) fn kind(vector: &Vector) -> Option<u32> {
    let statement = Input(&vector.input).bytes("statement");
    check_statement(&statement).ok().map(|statement| statement.kind().number)
}

/// The name of a reason as vectors have it.
pub(crate) fn reason_name(reason: Reason) -> String {
    reason.as_str_name().strip_prefix("REASON_").unwrap().to_lowercase()
}

pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Canonical encoding, then form.
pub(crate) fn check_statement(bytes: &[u8]) -> Result<Statement, String> {
    canonical::check(bytes).map_err(|breach| reason_name(breach_reason(breach.kind)))?;
    let message = proto::Statement::decode(bytes).expect("what is canonical parses");
    Statement::from_proto(&message).map_err(|error| reason_name(error.reason()))
}

const fn breach_reason(kind: BreachKind) -> Reason {
    match kind {
        BreachKind::TooLarge => Reason::StatementTooLarge,
        BreachKind::Truncated => Reason::Truncated,
        BreachKind::WireType => Reason::WireTypeWrong,
        BreachKind::UnknownField => Reason::FieldUnknown,
        BreachKind::Order => Reason::FieldOrder,
        BreachKind::Repeated => Reason::FieldRepeated,
        BreachKind::NotMinimal => Reason::VarintNotMinimal,
        BreachKind::OutOfRange => Reason::VarintOutOfRange,
        BreachKind::DefaultWritten => Reason::DefaultWritten,
        BreachKind::NotPacked => Reason::NotPacked,
        BreachKind::EnumUnknown => Reason::EnumUnknown,
        BreachKind::EnumUnspecified => Reason::EnumUnspecified,
        BreachKind::Utf8 => Reason::Utf8Invalid,
    }
}

fn check_signature(input: &Input<'_>) -> Result<(), String> {
    let message = pae(input.text("type"), &input.bytes("body"));
    let key = PublicKey(input.array("public_key"));
    let signature = SignatureBytes(input.array("signature"));
    verify(&key, &message, &signature).map_err(|error| reason_name(signature_reason(error)))
}

pub(crate) const fn signature_reason(error: SignatureError) -> Reason {
    match error {
        SignatureError::WeakKey | SignatureError::WeakR => Reason::KeyWeak,
        SignatureError::Torsioned => Reason::KeyTorsioned,
        SignatureError::Invalid => Reason::SignatureInvalid,
    }
}

fn check_deidentified(file: &str) -> Result<Value, String> {
    let signed = deidentified::Signed::parse(file).map_err(|error| deidentified_fault(&error))?;
    let reviewer = signed.review().map(|(_, key)| hex(key)).unwrap_or_default();
    let (digest, author) = (hex(signed.digest()), hex(signed.author()));
    Ok(json!({"digest": digest, "author": author, "reviewer": reviewer}))
}

fn deidentified_fault(error: &deidentified::FileError) -> String {
    use deidentified::{DocumentError, FileError};
    match error {
        FileError::Signature { source, .. } => reason_name(signature_reason(*source)),
        FileError::Document(DocumentError::OtherWriting) => "writing".to_owned(),
        FileError::OtherDocument => "other_document".to_owned(),
        FileError::OwnReview => "own_review".to_owned(),
        FileError::Form => "form".to_owned(),
        other => panic!("{other}: no vector has this fault"),
    }
}

fn make_commitment(input: &Input<'_>) -> Digest {
    let scope = CommitmentScope {
        nonce: &input.array("nonce"),
        index: input.u32("index"),
        class: input.class(),
        payload_type: input.text("payload_type"),
    };
    commitment(&scope, &input.array("salt"), &input.bytes("content"))
}

/// Seals and opens again; or, where sealed bytes are given, only opens them.
fn check_sealed(input: &Input<'_>) -> Result<Value, String> {
    let kind = StreamKind::from_number(input.u32("stream_kind").into()).unwrap();
    let key = input.array("key");
    let scope = SealScope {
        ledger: &LedgerId(input.array("ledger")),
        stream: &StreamKey { kind, id: StreamId(input.array("stream_id")) },
        class: input.class(),
        statement_hash: &input.digest("statement_hash"),
        index: input.u32("index"),
    };
    let fault = |error| match error {
        SealError::TooLong => "section_too_large",
        SealError::Length => "length",
        SealError::NotAuthentic => "not_authentic",
        SealError::Padding => "padding",
    };
    if input.0.contains_key("sealed") {
        open(&key, &scope, &input.bytes("sealed")).map_err(fault)?;
        return Ok(json!({}));
    }
    let seal_key = SealKey { id: &input.array("key_id"), key: &key };
    let (salt, content) = (input.array("salt"), input.bytes("content"));
    let sealed = seal(seal_key, &input.array("nonce"), &scope, &salt, &content).map_err(fault)?;
    let opened = open(&key, &scope, &sealed).map_err(fault)?;
    assert_eq!((opened.salt, opened.content()), (salt, &content[..]));
    Ok(json!({"sealed": hex(sealed)}))
}

fn make_link(input: &Input<'_>) -> Link {
    Link {
        sequence: Sequence(input.u64("sequence")),
        recorded_at: Timestamp(input.u64("recorded_at")),
        previous: input.digest("previous"),
        statement_hash: input.digest("statement_hash"),
        signatures_hash: input.digest("signatures_hash"),
    }
}

fn verification_key(input: &Input<'_>) -> Result<VerifierKey, String> {
    input.text("vkey").parse().map_err(|_| "verification_key".to_owned())
}

fn check_checkpoint(input: &Input<'_>) -> Result<Value, String> {
    let key = verification_key(input)?;
    let checkpoint = Checkpoint::open(input.text("note"), &key).map_err(checkpoint_fault)?;
    Ok(json!({
        "origin": checkpoint.origin.to_string(),
        "size": checkpoint.size.0,
        "root": hex(checkpoint.root),
    }))
}

fn checkpoint_fault(error: CheckpointError) -> String {
    match error {
        CheckpointError::Note(_) => "note",
        CheckpointError::Signature(_) => "signature",
        CheckpointError::Lines => "lines",
        CheckpointError::Origin(_) => "origin",
        CheckpointError::OtherLog { .. } => "other_log",
    }
    .to_owned()
}

fn check_receipt(input: &Input<'_>) -> Result<Value, String> {
    let key = verification_key(input)?;
    let receipt = Receipt::from_text(input.text("receipt")).map_err(|error| match error {
        ReceiptFormatError::Index { .. } => "index",
        ReceiptFormatError::Link => "link",
        ReceiptFormatError::FirstLine
        | ReceiptFormatError::Statement
        | ReceiptFormatError::Signatures
        | ReceiptFormatError::BlankLine
        | ReceiptFormatError::Proof(_) => "format",
    })?;
    let statement = check_statement(&receipt.statement)?;
    let signers: Vec<_> = statement.signers.iter().map(|signer| signer.key).collect();
    let ledger = statement.ledger.unwrap_or_else(|| ledger_id(&receipt.statement));
    let verified = receipt.verify(&key, &Signed { ledger, signers: &signers });
    let verified = verified.map_err(|error| match error {
        ReceiptError::Checkpoint(error) => checkpoint_fault(error),
        ReceiptError::Ledger { .. } => "ledger".to_owned(),
        ReceiptError::Statement => "statement_hash".to_owned(),
        ReceiptError::Signatures => "signatures_hash".to_owned(),
        ReceiptError::SignatureCount { .. } => "signature_count".to_owned(),
        ReceiptError::Signature { .. } => "statement_signature".to_owned(),
        ReceiptError::Inclusion(_) => "inclusion".to_owned(),
    })?;
    Ok(json!({"sequence": verified.sequence.0}))
}

fn check_segment_header(input: &Input<'_>) -> Result<Value, String> {
    let header = SegmentHeader::from_bytes(&input.bytes("bytes")).map_err(record_fault)?;
    assert_eq!(header.to_bytes(), input.bytes("bytes"));
    Ok(json!({
        "first_sequence": header.first.0,
        "ledger": hex(header.ledger),
        "previous": hex(header.previous),
    }))
}

fn check_footer(input: &Input<'_>) -> Result<Value, String> {
    let footer = Footer::from_bytes(&input.bytes("bytes")).map_err(record_fault)?;
    assert_eq!(footer.to_bytes(), input.bytes("bytes"));
    Ok(json!({
        "offset": footer.offset,
        "next_sequence": footer.next.0,
        "last_link": hex(footer.last_link),
    }))
}

/// Reads a frame, and writes it again.
fn check_frame(input: &Input<'_>) -> Result<Value, String> {
    let bytes = input.bytes("bytes");
    let view = decode(&bytes).map_err(|fault| record_fault(fault.what))?;
    let header = view.header;
    let stored: Vec<_> = view.events.iter().map(frame::EventView::to_stored).collect();
    let mut again = Vec::new();
    frame::encode(&mut again, &stored, header.durable, &header.last_link).unwrap();
    assert_eq!(again, bytes);
    let events: Vec<_> = stored
        .iter()
        .map(|event| {
            json!({
                "statement": hex(&event.statement),
                "sealed_count": event.sealed.len(),
            })
        })
        .collect();
    Ok(json!({
        "first_sequence": header.first.0,
        "count": header.count,
        "durable": header.durable.0,
        "last_link": hex(header.last_link),
        "events": events,
    }))
}

fn record_fault(what: What) -> String {
    match what {
        What::Truncated { .. } => "length",
        What::Magic { .. } => "magic",
        What::Checksum { .. } => "checksum",
        What::Sequence { .. } => "sequence",
        What::LinkHash { .. } => "last_link",
        What::Count { .. } => "count",
        What::Durable { .. } => "durable",
        What::BytesAfter { .. } => "bytes_after",
        other => panic!("not a fault of one structure: {other}"),
    }
    .to_owned()
}

/// The input of a vector, whose fields are as the structure has them.
struct Input<'a>(&'a Fields);

impl<'a> Input<'a> {
    fn text(&self, name: &str) -> &'a str {
        self.0[name].as_str().unwrap_or_else(|| panic!("{name} is not a text"))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        from_hex(self.text(name))
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap_or_else(|_| panic!("{name} is not {N} bytes"))
    }

    fn digest(&self, name: &str) -> Digest {
        Digest(self.array(name))
    }

    fn u64(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap_or_else(|| panic!("{name} is not a number"))
    }

    fn u32(&self, name: &str) -> u32 {
        self.u64(name).try_into().unwrap()
    }

    fn class(&self) -> Class {
        Class::from_number(self.u32("class").into()).unwrap()
    }

    fn signatures(&self) -> Vec<SignatureBytes> {
        let list = self.0["signatures"].as_array().unwrap();
        let bytes = list.iter().map(|signature| from_hex(signature.as_str().unwrap()));
        bytes.map(|bytes| SignatureBytes::from_slice(&bytes).unwrap()).collect()
    }

    fn events(&self) -> Vec<replay::Event> {
        let events = self.0["events"].as_array().unwrap().iter();
        let events = events.map(|event| Input(event.as_object().unwrap()));
        events
            .map(|event| replay::Event {
                recorded_at: Timestamp(event.u64("recorded_at")),
                statement: event.bytes("statement"),
                signatures: event.signatures(),
            })
            .collect()
    }
}

fn from_hex(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => c - b'0',
        b'a'..=b'f' => c - b'a' + 10,
        _ => panic!("not lower-case hex: {text}"),
    };
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    assert!(odd.is_empty(), "half a byte: {text}");
    pairs.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)).collect()
}
