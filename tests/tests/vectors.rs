//! Golden vectors: the format, held still.
//!
//! Each file of `tests/vectors` says what goes in, whether it is valid, and what comes out. The
//! crates that the ledger is made of are checked against all of them here; the independent verifier
//! is checked against the same files by itself. What is in a file never changes: a persisted
//! format is a contract. With `LETOPIS_WRITE_VECTORS=1` files that are missing are written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[path = "vectors/check.rs"]
mod check;
#[path = "vectors/make/mod.rs"]
mod make;
#[path = "vectors/replay.rs"]
mod replay;
#[path = "vectors/rows.rs"]
mod rows;

/// One file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    /// The file's name without `.json`: the structure, a dot, and what is right or wrong with it.
    name: String,
    /// What it is a vector of.
    structure: String,
    /// Whether it must be accepted.
    valid: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    /// What goes in. Bytes are in lower-case hex.
    input: Map<String, Value>,
    /// What comes out; nothing where it is invalid.
    output: Map<String, Value>,
}

/// What has vectors, and whether anything of it can be invalid.
///
/// A `log` is a small whole log. In: `events`, each with `recorded_at`, `statement` and `signatures`;
/// the links follow from them. It is verified as the events of a record are, without sealed sections
/// and policies. Where it is invalid, its last event is the one that is refused, all before are
/// accepted. Out: `last_link`, the link hash of the last event, and `marks`, for each event a list,
/// in this order: `without_the_holder` (an enrolled key), `on_expired_qualification`,
/// `under_recusal`, `disputed` (at the end of the log).
const STRUCTURES: [(&str, bool); 16] = [
    ("canonical", true),
    ("statement", false),
    ("signature", true),
    ("signatures", false),
    ("commitment", false),
    ("sealed", true),
    ("link", false),
    ("stream_head", false),
    ("ledger_id", false),
    ("checkpoint", true),
    ("receipt", true),
    ("segment_header", true),
    ("frame", true),
    ("footer", true),
    ("log", true),
    ("deidentified", true),
];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Every file, by name; each as it must be to be one.
fn read() -> BTreeMap<String, Vector> {
    write_missing();
    let mut vectors = BTreeMap::new();
    for entry in std::fs::read_dir(directory()).expect("tests/vectors is there") {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let vector: Vector = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: not a vector: {error}", path.display()));
        assert_eq!(path.file_name().unwrap(), format!("{}.json", vector.name).as_str());
        let of_structure = vector.name.strip_prefix(&vector.structure);
        assert!(of_structure.is_some_and(|rest| rest.starts_with('.')), "{}", vector.name);
        assert_eq!(vector.valid, vector.fault.is_none(), "{}: a fault where invalid", vector.name);
        assert!(vector.valid || vector.output.is_empty(), "{}: no output", vector.name);
        vectors.insert(vector.name.clone(), vector);
    }
    vectors
}

fn to_text(vector: &Vector) -> String {
    serde_json::to_string_pretty(vector).unwrap() + "\n"
}

#[test]
fn every_vector_holds() {
    let vectors = read();
    for vector in vectors.values() {
        let got = check::run(&vector.structure, &vector.input);
        match &vector.fault {
            None => assert_eq!(got.as_ref(), Ok(&vector.output), "{}", vector.name),
            Some(fault) => assert_eq!(got.as_ref(), Err(fault), "{}", vector.name),
        }
    }
    println!("{} vectors", vectors.len());
}

#[test]
fn every_structure_has_vectors() {
    let vectors = read();
    for (structure, can_be_invalid) in STRUCTURES {
        let has = |valid| vectors.values().any(|v| v.structure == structure && v.valid == valid);
        assert!(has(true), "{structure} has no valid vector");
        assert_eq!(has(false), can_be_invalid, "{structure}: invalid vectors");
    }
    for vector in vectors.values() {
        let known = STRUCTURES.iter().any(|(structure, _)| *structure == vector.structure);
        assert!(known, "{}: unknown structure", vector.name);
    }
}

/// A valid vector of each kind of fact, and one for each reason to refuse a statement's form.
#[test]
fn every_kind_and_every_reason_has_a_vector() {
    use letopis_proto::error::v1::Reason;
    let vectors = read();
    let canonical = || vectors.values().filter(|vector| vector.structure == "canonical");
    let kinds: Vec<_> = canonical().filter(|v| v.valid).filter_map(check::kind).collect();
    for kind in letopis_proto::KINDS {
        assert!(kinds.contains(&kind.number), "no valid vector of {}", kind.name);
    }
    for number in 101..=121 {
        let reason = check::reason_name(Reason::try_from(number).unwrap());
        let has = canonical().any(|vector| vector.fault.as_deref() == Some(&reason));
        assert!(has, "no vector for {reason}");
    }
    assert!(Reason::try_from(122).is_err(), "a reason of form without a vector");
}

/// A log for each reason not to take a statement that only the whole log gives.
#[test]
fn every_reason_to_refuse_a_log_has_a_vector() {
    use letopis_proto::error::v1::Reason;
    let vectors = read();
    let of_access = [
        Reason::LegalHold,
        Reason::SectionUnknown,
        Reason::DangerMissing,
        Reason::TermInvalid,
        Reason::SelfReview,
    ];
    let numbers = (201..=203).chain(401..=418).chain(501..=505);
    let reasons = numbers.map(|number| Reason::try_from(number).unwrap()).chain(of_access);
    for reason in reasons.map(check::reason_name) {
        let has = vectors
            .values()
            .any(|vector| vector.structure == "log" && vector.fault.as_deref() == Some(&reason));
        assert!(has, "no log for {reason}");
    }
    assert!(Reason::try_from(419).is_err(), "a reason of authority without a log");
}

/// The builder still makes what the files say: a difference is a changed format.
#[test]
fn what_is_made_is_what_is_written() {
    let vectors = read();
    let made = make::all();
    for vector in &made {
        let written = vectors.get(&vector.name);
        assert!(
            written.is_some(),
            "{} is missing; write it with LETOPIS_WRITE_VECTORS=1",
            vector.name
        );
        assert_eq!(written, Some(vector), "{} is another now", vector.name);
    }
    let names: std::collections::BTreeSet<_> = made.iter().map(|vector| &vector.name).collect();
    assert_eq!(names.len(), made.len(), "two vectors of one name");
}

/// Writes what is not there, once; never writes over a file.
fn write_missing() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    if std::env::var_os("LETOPIS_WRITE_VECTORS").is_none_or(|value| value != "1") {
        return;
    }
    ONCE.call_once(|| {
        std::fs::create_dir_all(directory()).unwrap();
        for vector in make::all() {
            let path = directory().join(format!("{}.json", vector.name));
            let new = std::fs::File::options().write(true).create_new(true).open(&path);
            match new {
                Ok(mut file) => {
                    std::io::Write::write_all(&mut file, to_text(&vector).as_bytes()).unwrap();
                    println!("written: {}", path.display());
                }
                Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists),
            }
        }
    });
}
