//! Every byte of a small record flipped in turn: both verifiers find every one, and name the file.
//!
//! One bit of each byte, by turns another one; all eight with `LETOPIS_LONG=1`. Of the space written
//! ahead a sample. Each verifier runs in one process, on a copy of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use letopis::cmd::init::now;
use letopis::cmd::verify::verify_dir;
use letopis::failure::Failure;
use letopis_client::{Draft, Identity, LedgerClient};
use letopis_proto::statement::v1 as proto;
use letopis_proto::statement::v1::fact::Kind;
use letopis_tests::{Trial, copy_dir, finish, is_long, place, verified};
use letopis_types::{Class, StreamId, StreamKey, StreamKind};
use tokio::runtime::Runtime;

/// Of what is more than this, frames are not small.
const RECORD_BYTES_MAX: u64 = 8 << 10;

/// Bytes of the space written ahead that are flipped.
const AHEAD_SAMPLED: u64 = 64;

/// One bit of a file of the data directory.
#[derive(Debug, Clone)]
struct Flip {
    file: String,
    offset: u64,
    bit: u8,
}

#[test]
fn both_verifiers_find_every_flipped_byte() {
    let trial = small_record();
    let (flips, sizes) = flips(&trial.data);
    let ours = trial.folder().join("ours");
    copy_dir(&trial.data, &ours);
    let started = Instant::now();
    let missed: Vec<_> = flips.iter().filter_map(|flip| missed(&ours, flip)).collect();
    assert!(missed.is_empty(), "{} of {} missed: {missed:#?}", missed.len(), flips.len());
    let seconds = started.elapsed().as_secs_f64();
    // Every flip was turned back.
    verified(&ours);

    let python = match place::python() {
        Some(python) => by_python(&python, &trial, &flips),
        None => "verify.py LEFT OUT, as LETOPIS_LEAVE_OUT says".to_owned(),
    };
    println!("flips: {sizes}; {} flips; letopis verify {seconds:.1} s; {python}", flips.len());
}

/// A trial of two segments, each with notes, ended in order.
fn small_record() -> Trial {
    let trial = Trial::begin("flips");
    let server = trial.launch().segments(4096, 2048).start();
    let runtime = Runtime::new().unwrap();
    let client = runtime.block_on(trial.connect(server.url()));
    for content in ["an invented note", "another one, which is longer than the first"] {
        runtime.block_on(append_note(&client, &trial.registrar(1), content));
    }
    drop(client);
    server.stop();
    verified(&trial.data);
    trial
}

async fn append_note(client: &LedgerClient, author: &Identity, content: &'static str) {
    let case = StreamKey { kind: StreamKind::Case, id: StreamId([7; 16]) };
    let draft = Draft::new(case, Kind::NoteAdded(proto::NoteAdded {}), now());
    let draft = draft.section(Class::Restricted, "text/plain", content);
    let unsigned = draft.seal(*client.ledger(), &[author.signer()]).unwrap();
    client.append(&unsigned.sign(&[&author.statement_key]).unwrap()).await.unwrap();
}

/// What is flipped, and how much that is, in words.
fn flips(data: &Path) -> (Vec<Flip>, String) {
    let entries = fs::read_dir(data.join("record")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = names.map(|name| format!("record/{name}")).collect();
    files.push("letopis".to_owned());
    files.sort();
    let (mut flips, mut sizes, mut total) = (Vec::new(), BTreeMap::new(), 0);
    for file in files {
        let bytes = fs::read(data.join(&file)).unwrap();
        let size = bytes.len() as u64;
        // Where the space written ahead begins: after the last byte that is not zero, as hashes are.
        let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1);
        flips.extend((0..used).flat_map(|offset| bits(&file, offset)));
        if size > used {
            let step = ((size - used) / AHEAD_SAMPLED).max(1);
            let mut sample: Vec<u64> = (used..size).step_by(step as usize).collect();
            sample.push(size - 1);
            flips.extend(sample.into_iter().flat_map(|offset| bits(&file, offset)));
        }
        total += used;
        sizes.insert(file, (used, size - used));
    }
    let segments = sizes.keys().filter(|name| name.ends_with(".segment")).count();
    assert!(segments >= 2 && sizes.contains_key("record/head"), "{sizes:?}");
    assert!(total <= RECORD_BYTES_MAX, "{total} bytes: {sizes:?}");
    let ahead: u64 = sizes.values().map(|(_, ahead)| ahead).sum();
    let words = format!(
        "{total} bytes of {segments} segments, the head file and the marker, {ahead} bytes ahead"
    );
    (flips, words)
}

fn bits(file: &str, offset: u64) -> impl Iterator<Item = Flip> {
    let one = (offset % 8) as u8;
    let bits = if is_long() { 0..8 } else { one..one + 1 };
    bits.map(move |bit| Flip { file: file.to_owned(), offset, bit })
}

/// What is said of a flip that is not found, or not found where it is.
fn missed(data: &Path, flip: &Flip) -> Option<String> {
    let file = File::options().read(true).write(true).open(data.join(&flip.file)).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, flip.offset).unwrap();
    file.write_all_at(&[byte[0] ^ (1 << flip.bit)], flip.offset).unwrap();
    let found = verify_dir(data, Some(1), None, |_| {});
    file.write_all_at(&byte, flip.offset).unwrap();
    match found {
        Err(Failure::Fault(fault)) if names(&fault.segment, fault.offset, flip) => None,
        // Without the marker it is no data directory.
        Err(Failure::Other(_)) if flip.file == "letopis" => None,
        other => Some(format!("{flip:?}: {other:?}")),
    }
}

/// Whether a fault is named where the flip is, or where the structure begins that it is in; of the
/// head file, which is one text, anywhere. A marker of another ledger shows itself in what does
/// not fit to it.
fn names(segment: &str, offset: u64, flip: &Flip) -> bool {
    match flip.file.as_str() {
        "letopis" => true,
        "record/head" => segment == "head",
        file => file == format!("record/{segment}") && offset <= flip.offset,
    }
}

/// `tests/flips.py` does the same with the independent verifier.
fn by_python(python: &Path, trial: &Trial, flips: &[Flip]) -> String {
    let theirs = trial.folder().join("theirs");
    copy_dir(&trial.data, &theirs);
    let mut list = String::new();
    for Flip { file, offset, bit } in flips {
        writeln!(list, "{file} {offset} {bit}").unwrap();
    }
    let path = trial.folder().join("flips.txt");
    fs::write(&path, list).unwrap();
    let script = place::repository().join("tests").join("flips.py");
    let said = finish(Command::new(python).arg("-B").arg(script).arg(&theirs).arg(&path)).ok();
    said.out.trim().to_owned()
}
