//! An auditor's afternoon: from a checkpoint of one's own and a copy of a data directory to a report, with the
//! real programs and without a server. Then one planted fault of each kind, each found and named.

use std::fs;
use std::path::{Path, PathBuf};

use letopis_domain::testing::person;
use letopis_ledger::testing::{self, CHECKPOINT, Draft, LEDGER, Signing, case};
use letopis_ledger::verify::{VerifyError, each_event};
use letopis_log::Link;
use letopis_log::checkpoint::{Checkpoint, Origin};
use letopis_log::merkle::{Frontier, leaf_hash};
use letopis_proto::statement::v1::{self as proto, Purpose, fact::Kind};
use letopis_record::{DataDir, Journal, Record as _, StoredEvent};
use letopis_state::streams::{SCHEMA, file_entry};
use letopis_state::{Options, Store};
use letopis_tests::{Finished, binaries, copy_dir, finish};
use letopis_types::{Digest, Sequence, SignatureBytes, StreamKey, StreamKind};
use serde_json::Value;

use crate::audit::{OPENED, Scene};
use crate::server::{OPTIONS, files};

/// What the auditor has: a copy of the directory, and a checkpoint and key of one's own.
struct Desk {
    folder: tempfile::TempDir,
    vkey: String,
    /// How many events the checkpoint covers.
    covered: u64,
    /// The case's file.
    case: StreamKey,
}

impl Desk {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn copy(&self) -> PathBuf {
        self.path("copy")
    }

    /// `letopis audit VERB` of a directory, against the auditor's own checkpoint and key.
    fn audit(&self, verb: &str, data: &Path, more: &[&str]) -> Finished {
        let mut command = binaries().letopis(&["audit", verb, "--vkey", &self.vkey, "--data"]);
        command.arg(data).arg("--checkpoint").arg(self.path("checkpoint")).args(more);
        finish(&mut command)
    }

    /// The same without a checkpoint: what shows by itself.
    fn replay_alone(&self, data: &Path) -> Finished {
        finish(binaries().letopis(&["audit", "replay", "--data"]).arg(data))
    }

    /// A copy of the record, and of nothing else that the operator could not make anew, with other events;
    /// the links are made right again, and the head is signed with the ledger's own key.
    fn forged(&self, name: &str, forge: impl FnOnce(&mut Vec<StoredEvent>)) -> PathBuf {
        let data = self.path(name);
        copy_dir(&self.copy(), &data);
        let mut events = events(&data);
        forge(&mut events);
        fs::remove_dir_all(data.join("state")).unwrap();
        fs::remove_dir_all(data.join("record")).unwrap();
        let dir = DataDir::open(&data).unwrap();
        let journal = Journal::create(&dir, OPTIONS).unwrap();
        let (mut previous, mut tree) = (Digest::ZERO, Frontier::new());
        for (sequence, event) in (0..).map(Sequence).zip(&mut events) {
            event.link = Link { sequence, previous, ..event.link };
            previous = event.link.hash();
            tree.append(leaf_hash(&event.link.to_bytes()));
            journal.append(std::slice::from_ref(event)).unwrap();
        }
        let origin = Origin::new("invented.example", dir.ledger()).unwrap();
        let size = Sequence(events.len() as u64);
        let checkpoint = Checkpoint { origin, size, root: tree.root() };
        let key = testing::secret(CHECKPOINT);
        let note = checkpoint.sign(key.public(), |bytes| key.sign(bytes));
        journal.write_head(&note.to_text()).unwrap();
        journal.close().unwrap();
        data
    }
}

fn events(data: &Path) -> Vec<StoredEvent> {
    let dir = DataDir::open_read_only(data).unwrap();
    let mut events = Vec::new();
    each_event(&dir, |event| {
        events.push(event);
        Ok::<(), VerifyError>(())
    })
    .unwrap();
    events
}

/// Where in the log the statement of this hash stands.
fn place_of(events: &[StoredEvent], hash: Digest) -> usize {
    events.iter().position(|event| event.link.statement_hash == hash).unwrap()
}

/// An event at the log's end, as the operator could write it who has the ledger's keys.
fn said_by_the_ledger(events: &[StoredEvent], stream: StreamKey, fact: Kind) -> StoredEvent {
    let grant = Some(testing::genesis_hash());
    let ledger = Signing { actor: LEDGER, key: LEDGER, grant };
    stored(events, &Draft::new(900_000, stream, &[ledger], fact))
}

/// The same of a statement of whoever signed it.
fn stored(events: &[StoredEvent], draft: &Draft) -> StoredEvent {
    let submission = draft.submission();
    let signatures: Vec<SignatureBytes> = submission
        .signatures
        .iter()
        .map(|bytes| SignatureBytes::from_slice(bytes).unwrap())
        .collect();
    let link = Link {
        statement_hash: draft.hash(),
        signatures_hash: letopis_crypto::hash::signatures_hash(&signatures),
        ..events.last().unwrap().link
    };
    StoredEvent { link, statement: submission.statement, signatures, sealed: Vec::new() }
}

/// A year in which something of each kind went wrong.
async fn year() -> (Desk, Scene) {
    let mut scene = Scene::given(&OPENED).await;
    scene.office.give_token_keys().await;
    scene.tell(&["+1h NoteAdded as known"]).await;
    let folder = tempfile::tempdir().unwrap();
    let published = scene.office.server.checkpoint().await;
    fs::write(folder.path().join("checkpoint"), &published.checkpoint).unwrap();
    let covered = scene.office.server.size().await;
    let vkey = scene.office.ledger.verification_key().to_owned();
    let case = scene.case();

    // Signed by whoever had the key in hand.
    scene.tell(&["+1h NoteAdded as stolen by worker2"]).await;
    scene.compromise("worker2", covered).await;
    scene.tell(&["+1h BreakGlassOpened by duty with danger"]).await;
    scene.reads("duty", "emergency").await.unwrap();
    scene.expire("worker").await;
    scene.tell(&["ChildMissing"]).await;
    assert!(scene.misses(32 * 86_400).await > 0);
    (Desk { folder, vkey, covered, case }, scene)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_checkpoint_and_a_copy_to_a_report_and_each_planted_fault_is_found() {
    let (desk, scene) = year().await;
    let said = |name| scene.story.said(name).unwrap();
    let hashes =
        [said("stolen"), said("BreakGlassOpened"), said("ChildMissing"), said("CaseOpened")];
    let (assigned, known) = (said("SignalAssigned"), said("known"));
    let place = scene.end().await;
    copy_dir(&place.root(), &desk.copy());
    let before = files(&desk.copy());
    tokio::task::block_in_place(|| {
        it_holds(&desk);
        findings(&desk, hashes);
        changed_bytes_and_events(&desk, assigned, known);
        another_history(&desk, known);
        a_false_state(&desk);
        false_statements(&desk);
    });
    assert!(files(&desk.copy()) == before, "something of the copy was written");
}

/// The record goes on from the auditor's checkpoint, and the state is what it gives.
fn it_holds(desk: &Desk) {
    let replayed = desk.audit("replay", &desk.copy(), &["--json"]).json();
    assert_eq!((&replayed["verified"], &replayed["state"]), (&true.into(), &"same".into()));
    assert_eq!(replayed["digest"], replayed["state_digest"]);
    let projections = replayed["projections"].as_array().unwrap();
    assert!(projections.len() >= 10, "{replayed}");
    assert!(
        projections.iter().all(|one| one["differing"] == 0 && one["name"] != "of no projection")
    );
    assert!(replayed["events"].as_u64().unwrap() > desk.covered);
    let told = desk.audit("replay", &desk.copy(), &["--lang", "bg"]).ok();
    assert!(told.out.contains("същото, ред по ред") && told.out.contains("събития/s"), "{told}");
    // By a key of another ledger it is none.
    let other = Origin::new("another.example", testing::id()).unwrap();
    let other = other.verifier_key(testing::secret(9).public()).to_string();
    let mut command = binaries().letopis(&["audit", "replay", "--vkey", &other, "--data"]);
    finish(command.arg(desk.copy())).refused("the record is of another ledger");
    // A state that was not left in order is not compared, and that is said.
    let torn = desk.path("torn");
    copy_dir(&desk.copy(), &torn);
    let live = fs::read_dir(torn.join("state")).unwrap().map(|entry| entry.unwrap().path());
    let live = live.into_iter().find(|path| path.is_dir()).unwrap();
    fs::remove_file(live.join("trust")).unwrap();
    let replayed = desk.audit("replay", &torn, &["--json"]).json();
    assert_eq!(replayed["state"], "not compared");
}

/// What went wrong in the year stands in the report, each by its event.
fn findings(desk: &Desk, [stolen, opened, missing, case]: [Digest; 4]) {
    let report = desk.audit("report", &desk.copy(), &["--format", "json"]).json();
    assert_eq!(report["record"]["continues"], desk.covered);
    let items = |part: &Value| part["items"].as_array().unwrap().clone();
    let [disputed] = &items(&report["disputed"])[..] else { panic!("{report}") };
    assert_eq!(disputed["hash"], stolen.to_string());
    assert_eq!(disputed["signers"][0]["role"], "social_worker");
    let [access] = &items(&report["emergency_access"]["findings"])[..] else { panic!("{report}") };
    assert_eq!(
        (&access["review"], &access["opened_by"]["hash"]),
        (&"missing".into(), &opened.to_string().into())
    );
    let [expired] = &items(&report["on_expired_qualification"])[..] else { panic!("{report}") };
    assert_eq!(
        (&expired["review"], &expired["act"]["hash"]),
        (&"waiting".into(), &missing.to_string().into())
    );
    let late = items(&report["late"]);
    let supervision = late.iter().find(|clock| clock["rule"]["name"] == "supervision").unwrap();
    assert_eq!(supervision["started_by"]["hash"], case.to_string());
    assert_eq!(
        (&supervision["reading"], &supervision["explanation"]),
        (&"missed".into(), &"missing".into())
    );

    for (lang, words) in [
        ("bg", ["НЕПРЕГЛЕДАН · №", "Супервизия по случая", "обяснение     НЯМА"]),
        ("en", ["NOT REVIEWED · no.", "Supervision on the case", "explanation  NONE"]),
    ] {
        let told = desk.audit("report", &desk.copy(), &["--lang", lang]).ok();
        let page = desk.path(&format!("report-{lang}.html"));
        let out = page.to_str().unwrap();
        let html = ["--lang", lang, "--format", "html", "--out", out];
        desk.audit("report", &desk.copy(), &html).ok();
        let page = fs::read_to_string(out).unwrap();
        for hash in [stolen, opened, missing] {
            assert!(told.out.contains(&hash.to_string()) && page.contains(&hash.to_string()));
        }
        for words in words {
            let plain = told.out.split_whitespace().collect::<Vec<_>>().join(" ");
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(plain.contains(&words), "{words}: {told}");
        }
        assert!(page.starts_with("<!DOCTYPE html>") && page.contains(&format!("lang=\"{lang}\"")));
        for foreign in ["<script", "http://", "https://", "src=", "url(", "@import"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        // Another file is not written over.
        desk.audit("report", &desk.copy(), &html).refused("could not create");
    }
}

fn changed_bytes_and_events(desk: &Desk, assigned: Digest, known: Digest) {
    // A flipped byte.
    let flipped = desk.path("flipped");
    copy_dir(&desk.copy(), &flipped);
    let segments = fs::read_dir(flipped.join("record")).unwrap();
    let segment = segments
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "segment"))
        .unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[5_000] ^= 1;
    fs::write(&segment, bytes).unwrap();
    for verb in ["replay", "report"] {
        desk.audit(verb, &flipped, &[]).refused("the record does not verify");
    }

    // An event that others follow is dropped: it shows by itself.
    let dropped = desk.forged("dropped", |events| drop(events.remove(place_of(events, assigned))));
    desk.replay_alone(&dropped).refused("the record does not verify");
    // One that nothing follows: it shows by the auditor's checkpoint.
    let dropped =
        desk.forged("dropped-note", |events| drop(events.remove(place_of(events, known))));
    desk.replay_alone(&dropped).ok();
    desk.audit("replay", &dropped, &[]).refused("it was altered, or the checkpoint is of a fork");

    // An event is inserted: one that is there already, and one that nobody there could sign.
    let twice = desk.forged("twice", |events| {
        let at = place_of(events, known);
        events.insert(at + 1, events[at].clone());
    });
    desk.replay_alone(&twice).refused("the stream has another event under this id");
    let stranger = desk.forged("stranger", |events| {
        let grant = Some(Digest([7; 32]));
        let draft =
            Draft::new(1, case(1), &[Signing { actor: 0x70, key: 0x70, grant }], note_fact());
        events.push(stored(events, &draft));
    });
    desk.replay_alone(&stranger).refused("the record does not verify");
}

fn note_fact() -> Kind {
    Kind::NoteAdded(proto::NoteAdded {})
}

/// What the ledger's own keys can sign, and the auditor's checkpoint shows.
fn another_history(desk: &Desk, known: Digest) {
    // Cut off before the checkpoint.
    let short = desk.covered as usize - 1;
    let back = desk.forged("rolled-back", |events| events.truncate(short));
    desk.replay_alone(&back).ok();
    desk.audit("replay", &back, &[]).refused("it was rolled back");
    desk.audit("report", &back, &[]).refused("it was rolled back");
    // As long as the checkpoint says, with another last event.
    let fork = desk.forged("forked", |events| {
        events.truncate(desk.covered as usize);
        events.remove(place_of(events, known));
        let counts = vec![proto::RefusalCount { reason: 1, count: 1 }];
        let fact = Kind::RefusalsCounted(proto::RefusalsCounted { day: 1, counts });
        events.push(said_by_the_ledger(events, StreamKey::ROOT, fact));
    });
    desk.replay_alone(&fork).ok();
    desk.audit("replay", &fork, &[]).refused("it was altered, or the checkpoint is of a fork");
}

/// A row of the state says something else, and its sum and mark are made right again.
fn a_false_state(desk: &Desk) {
    let data = desk.path("false-state");
    copy_dir(&desk.copy(), &data);
    let ledger = DataDir::open_read_only(&data).unwrap().ledger();
    let (state, _) =
        Store::open(&data.join("state"), &Options::new(ledger, SCHEMA), |_| true).unwrap();
    let mut row = state.file(&desk.case).unwrap().unwrap();
    *row.last_mut().unwrap() ^= 1;
    let mark = state.mark().unwrap();
    state.apply(&[file_entry(&desk.case, row)], &mark).unwrap();
    state.close().unwrap();
    let said = desk.audit("replay", &data, &[]);
    let named =
        format!("the state is not what the record gives: files: {} says something", desk.case);
    let said = said.refused(&named);
    assert!(said.out.contains("1 DIFFER"), "{said}");
    let said = desk.audit("replay", &data, &["--json"]);
    assert_eq!(said.code, Some(1));
    let said: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(said["state"], "differs");
    // The record is as it was: whatever is told of it is.
    desk.audit("report", &data, &[]).ok();
}

/// What the ledger says with its own key is held to the rules like everything else.
fn false_statements(desk: &Desk) {
    // That something is late which is not.
    let clocks = StreamKey { kind: StreamKind::Clocks, ..desk.case };
    let missed = desk.forged("false-deadline", |events| {
        let fact = proto::DeadlineMissed {
            clock: 411,
            started_by: vec![9; 32],
            subject: vec![9; 32],
            due_seconds: 1,
            file: desk.case.kind as i32,
        };
        events.push(said_by_the_ledger(events, clocks, Kind::DeadlineMissed(fact)));
    });
    desk.replay_alone(&missed).refused("no such clock has run out by now");
    // That a stranger was rightly given facts.
    let reader = person("other-worker").actor();
    let access = StreamKey { kind: StreamKind::Access, id: letopis_types::StreamId(reader.0) };
    let read = desk.forged("false-reading", |events| {
        let fact = proto::FactsRead {
            reader: reader.0.to_vec(),
            purpose: Purpose::CaseWork.into(),
            token: b"invented".to_vec(),
            files: vec![testing::stream_message(&desk.case)],
        };
        events.push(said_by_the_ledger(events, access, Kind::FactsRead(fact)));
    });
    desk.replay_alone(&read).refused("a reading that the policy in force did not permit");
}
