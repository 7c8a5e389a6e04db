//! A disk that is full for record, state and vault alike: nothing is given that is not on the record,
//! and once there is room again everything goes on and verifies.

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use letopis_domain::Fact;
use letopis_proto::statement::v1::{self as proto, Purpose, Role, fact::Kind};
use letopis_tests::small_disk::{self, Others};
use letopis_tests::{Launch, Trial, place};
use letopis_types::{Class, Sequence, Version};
use tokio::runtime::Builder;

use crate::act::Act;
use crate::cast::{CASE, NORTH};
use crate::office::{Office, Term, unmarked};
use crate::stored::{At, SLOT, Stored, read_slot};

/// Of the disk, in MiB: the reserve takes some 150.
const DISK: u32 = 288;

/// How long it is read on the full disk.
const FULL: Duration = Duration::from_secs(3);

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is erased on the full disk.
const ERASED: At = (CASE, 1, 3);

#[test]
fn a_full_disk_gives_nothing_that_is_not_recorded() {
    small_disk::with("full::a_full_disk_gives_nothing_that_is_not_recorded", DISK, |disk| {
        let mut runtime = Builder::new_multi_thread();
        runtime.worker_threads(2).enable_all().build().unwrap().block_on(on_small_disk(disk));
    });
}

/// A case of four sections on the small disk. Logs, and what the clients remember, are elsewhere.
async fn office(trial: Trial, launch: &Launch) -> Office {
    let mut office = Office::over(trial, launch, None).await;
    let north = Term { agency: Some(NORTH), region: Some(1), until: None };
    office.enrol("SW/lead", Role::SocialWorker, north).await;
    office.enrol("DIR/north", Role::Director, north).await;
    let fact = proto::CaseOpened { holder: NORTH.to_vec(), lead: office.actor("SW/lead").to_vec() };
    let mut opened = Act::new(CASE, Kind::CaseOpened(fact));
    for _ in 0..4 {
        opened = opened.section(Class::Restricted, "text/1", "Измислено");
    }
    office.by(&opened, &["SW/lead"]).await;
    office
}

/// Reads until the time is over or the server has ended; the readings, and what was said instead.
async fn read(office: &mut Office, others: &Others) -> (Vec<Sequence>, BTreeSet<String>) {
    let (mut readings, mut refused) = (Vec::new(), BTreeSet::new());
    let began = Instant::now();
    while began.elapsed() < FULL && office.server.ended().is_none() {
        match office.sections("SW/lead", Purpose::CaseWork, CASE).await {
            Ok(answer) => {
                assert!(!answer.sections.is_empty());
                readings.push(Sequence(answer.reading.expect("what was given was recorded")));
            }
            Err(status) => {
                refused.insert(format!("{:?}: {}", status.code(), status.message()));
            }
        }
        // Whatever is free for a moment, others take.
        others.take(1 << 20);
    }
    (readings, refused)
}

/// Starts it on the full disk: it serves, or ends and says why.
fn started_on_full_disk(launch: &Launch) -> &'static str {
    let mut server = launch.spawn();
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < PATIENCE, "it neither serves nor ends");
        if server.listened().is_some() {
            return "served";
        }
        if server.ended().is_some() {
            assert!(says_why(&server.log()), "{}", server.log());
            return "was refused";
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn says_why(log: &str) -> bool {
    log.contains("No space left on device") || log.contains("the disk is full")
}

async fn on_small_disk(disk: &Path) {
    let others = Others::on(disk);
    let data = disk.join("data");
    let trial = Trial::begin_at(place::temporary("full-"), data.clone());
    let launch = trial.launch().closed().reserve().log(&trial.folder().join("log"));
    let mut office = office(trial, &launch).await;
    let stored = Stored::new(&office.trial, &data);
    let slot = stored.slot_at(ERASED);
    let (_, version, index) = ERASED;
    let what = proto::sections_erased::What::Section(proto::ErasedSection { version, index });
    let fact = Kind::SectionsErased(proto::SectionsErased { what: Some(what) });
    let signers = [office.person("DPO"), office.person("DIR/north")];
    let erasure = office.sign(&Act::new(CASE, fact), &signers, &[]);
    others.take(usize::MAX);

    // What is erased is gone when that is answered, and stops nobody.
    let officer = office.client_as(&signers[0], Purpose::CaseWork);
    let erased = officer.append(&erasure).await.is_ok();
    assert!(erased || office.server.log().contains("the state is damaged"));
    assert!(!erased || read_slot(&slot) == [0; SLOT]);
    let (readings, refused) = read(&mut office, &others).await;
    let ended = office.server.ended();
    let log = office.server.log();
    assert!(!log.lines().any(|line| line.contains("ERROR") && line.contains("erased")), "{log}");
    assert!(ended.is_none() || says_why(&log), "{log}");
    for refused in &refused {
        unmarked(refused);
    }
    let again = if ended.is_some() { started_on_full_disk(&launch) } else { "was not needed" };

    others.give_back(u64::MAX);
    let office = office.serve_again(&launch).await;
    let officer = office.client_as(&signers[0], Purpose::CaseWork);
    officer.append(&erasure).await.unwrap();
    assert_eq!(read_slot(&slot), [0; SLOT]);
    let answer = office.sections("SW/lead", Purpose::CaseWork, CASE).await.unwrap();
    assert_eq!((answer.sections.len(), answer.withheld[0].erased), (3, true));
    let mut office = office;
    let (case, version) = (CASE, Version(2));
    office.note(case, version, erasure.statement_hash());
    let note = Act::new(CASE, Kind::NoteAdded(proto::NoteAdded {}));
    office.by(&note, &["SW/lead"]).await;
    office.close();
    let recorded = stored.facts(|fact| matches!(fact, Fact::SectionsRead(_)).then_some(()));
    let recorded: BTreeSet<_> =
        recorded.into_iter().map(|(placed, ())| placed.event.link.sequence).collect();
    assert!(readings.iter().all(|reading| recorded.contains(reading)));
    println!(
        "full disk of an office: {} readings given on it, each on the record; then {refused:?}; erased \
         on it: {erased}; the server ended: {}; a start on it {again}; all went on once there was room",
        readings.len(),
        ended.is_some(),
    );
}
