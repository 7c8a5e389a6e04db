//! Once no request is in flight, the server's memory holds nothing of what it was given or gave out,
//! and neither does any file: what is said about people is there only sealed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::path::Path;
use std::time::Duration;

use letopis::cmd::init::{new_id, now};
use letopis_client::Draft;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{NoteAdded, Purpose};
use letopis_tests::Trial;
use letopis_types::{Class, StreamId, StreamKey, StreamKind};
use tokio::runtime::Runtime;

/// Nobody writes so.
const MARK: &str = "ИЗМИСЛЕНО-съдържание-7f3a9c51";

/// Sections of some sizes: within one buffer of the transport, and across several.
const LINES: [usize; 4] = [1, 40, 2_000, 20_000];

#[test]
fn nothing_of_it_stays_in_memory_or_on_the_disk() {
    let trial = Trial::begin("memory");
    let server = trial.launch().start();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let client = trial.connect(server.url()).await;
        let registrar = trial.registrar(1);
        let case = StreamKey { kind: StreamKind::Case, id: StreamId(new_id().unwrap()) };
        for lines in LINES {
            let content = format!("{MARK}\n").repeat(lines).into_bytes();
            let draft = Draft::new(case, Kind::NoteAdded(NoteAdded {}), now()).section(
                Class::Restricted,
                "text/plain",
                content,
            );
            let unsigned = draft.seal(*client.ledger(), &[registrar.signer()]).unwrap();
            let signed = unsigned.sign(&[&registrar.statement_key]).unwrap();
            client.append(&signed).await.unwrap();
        }
        let purpose = Purpose::Migration;
        let mut sections =
            client.read_sections(&registrar, &[case], &Class::ALL, purpose).await.unwrap();
        let mut read = 0;
        while let Some(section) = sections.next().await {
            let section = section.unwrap();
            read += section.content.as_ref().map_or(0, |content| content.len());
        }
        assert_eq!(read, LINES.iter().sum::<usize>() * (MARK.len() + 1));
    });
    drop(runtime);
    // The connection is gone; what served it is let go a moment later.
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(server.memory_holds(MARK.as_bytes()), Vec::<String>::new());
    server.stop();
    assert_eq!(files_that_hold(&trial.data, MARK.as_bytes()), Vec::<String>::new());
}

/// The search finds what is there.
#[test]
fn the_search_would_find_it() {
    let trial = Trial::begin("memory");
    let server = trial.launch().start();
    assert!(!server.memory_holds(b"127.0.0.1").is_empty());
    server.stop();
    assert!(!files_that_hold(&trial.data, b"LTPSEG1").is_empty());
}

fn files_that_hold(folder: &Path, mark: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_that_hold(&path, mark));
        } else if memchr::memmem::find(&std::fs::read(&path).unwrap(), mark).is_some() {
            found.push(path.display().to_string());
        }
    }
    found
}
