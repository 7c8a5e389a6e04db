//! A disk that is full for record, state and vault alike: readings and erasures go on, nothing is given
//! that is not on the record, and once there is room again everything goes on and verifies.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use letopis_client::SignedStatement;
use letopis_domain::Fact;
use letopis_proto::statement::v1::{self as proto, Purpose, Role, fact::Kind};
use letopis_tests::small_disk::{self, Others};
use letopis_tests::{Launch, Trial, place};
use letopis_types::{Class, Sequence, Version};
use tokio::runtime::Builder;

use crate::act::Act;
use crate::cast::{CASE, NORTH};
use crate::office::{Office, Person, Term};
use crate::stored::{At, SLOT, Stored, read_slot};

/// Of the disk, in MiB: the reserve takes some 210.
const DISK: u32 = 352;

/// Of a disk of the vault's own.
const DISK_OF_VAULT: u32 = 4;

/// How long it is read on the full disk.
const FULL: Duration = Duration::from_secs(3);

/// What is erased on the full disk.
const ERASED: At = (CASE, 1, 3);

#[test]
fn readings_and_erasures_go_on_when_the_disk_is_full() {
    small_disk::with("full::readings_and_erasures_go_on_when_the_disk_is_full", DISK, |disk| {
        let mut runtime = Builder::new_multi_thread();
        runtime.worker_threads(2).enable_all().build().unwrap().block_on(on_small_disk(disk));
    });
}

#[test]
fn an_erasure_waits_for_room_where_indicators_count_what_goes() {
    small_disk::with(
        "full::an_erasure_waits_for_room_where_indicators_count_what_goes",
        DISK,
        |disk| {
            let mut runtime = Builder::new_multi_thread();
            runtime.worker_threads(2).enable_all().build().unwrap().block_on(counted(disk));
        },
    );
}

#[test]
fn no_start_leaves_what_is_erased_where_there_is_no_room_to_count_it() {
    small_disk::with(
        "full::no_start_leaves_what_is_erased_where_there_is_no_room_to_count_it",
        DISK_OF_VAULT,
        |disk| {
            let mut runtime = Builder::new_multi_thread();
            runtime.worker_threads(2).enable_all().build().unwrap().block_on(started(disk));
        },
    );
}

/// What is erased where indicators count it: how a child was helped to take part.
const SUPPORT: At = (CASE, 2, 0);

/// An office that is about to erase [`SUPPORT`]: its slot, who signs, and what.
struct Erasing {
    office: Office,
    slot: (PathBuf, u64),
    signers: [Person; 2],
    erasure: SignedStatement,
}

impl Erasing {
    async fn over(trial: Trial, launch: &Launch) -> Self {
        let mut office = office(trial, launch).await;
        let heard =
            Kind::ChildHeard(proto::ChildHeard { age_band: proto::AgeBand::Unknown.into() });
        let support = r#"{"code":"interpreter"}"#;
        let heard = Act::new(CASE, heard).holding(Class::Restricted, "participation/1", support);
        office.by(&heard, &["SW/lead"]).await;
        let slot = Stored::new(&office.trial, &office.trial.data).slot_at(SUPPORT);
        let (_, version, index) = SUPPORT;
        let what = proto::sections_erased::What::Section(proto::ErasedSection { version, index });
        let fact = Kind::SectionsErased(proto::SectionsErased { what: Some(what) });
        let signers = [office.person("DPO"), office.person("DIR/north")];
        let erasure = office.sign(&Act::new(CASE, fact), &signers, &[]);
        Self { office, slot, signers, erasure }
    }
}

async fn counted(disk: &Path) {
    let others = Others::on(disk);
    let data = disk.join("data");
    let trial = Trial::begin_at(place::temporary("full-"), data.clone());
    let launch = trial.launch().closed().reserve().log(&trial.folder().join("log"));
    let Erasing { mut office, slot, signers, erasure } = Erasing::over(trial, &launch).await;
    let (_, version, index) = SUPPORT;
    others.take(usize::MAX);

    let officer = office.client_as(&signers[0], Purpose::CaseWork);
    let waiting = tokio::spawn(async move { officer.append(&erasure).await.map(drop) });
    // Whatever is free for a moment, others take: the reserve gives way to the record alone.
    let began = Instant::now();
    while began.elapsed() < FULL {
        others.take(1 << 20);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(!waiting.is_finished());
    assert_ne!(read_slot(&slot), [0; SLOT], "its number would be lost");
    // It is on the record, so that nobody is given it any more.
    let answer = office.sections("SW/lead", Purpose::CaseWork, CASE).await.unwrap();
    assert!(
        answer
            .withheld
            .iter()
            .any(|one| (one.version, one.index) == (version, index) && one.erased)
    );
    assert!(office.server.ended().is_none());
    others.give_back(u64::MAX);
    waiting.await.unwrap().unwrap();
    assert_eq!(read_slot(&slot), [0; SLOT]);
    assert!(data.join("vault").join("residue").exists());
    office.close();
}

/// The vault is on a full disk of its own; where the state is on it too, that has no room before.
async fn started(disk: &Path) {
    let others = Others::on(disk);
    let trial = Trial::begin("full");
    let launch = trial.launch().closed();
    let Erasing { office, slot, signers, erasure } = Erasing::over(trial, &launch).await;
    let vault = office.trial.data.join("vault");
    let before = read_slot(&slot);
    let officer = office.client_as(&signers[0], Purpose::CaseWork);
    officer.append(&erasure).await.unwrap();
    let stored = Stored::new(&office.trial, &office.trial.data);
    let office = office.serve_as(&launch, || {
        // As it was when the erasure was recorded, and nothing done for it yet.
        stored.write_slot(SUPPORT, &before);
        for name in ["residue", "erased"] {
            std::fs::remove_file(vault.join(name)).unwrap();
        }
        let there = disk.join("vault");
        std::fs::create_dir(&there).unwrap();
        for name in std::fs::read_dir(&vault).unwrap().map(|entry| entry.unwrap().file_name()) {
            std::fs::copy(vault.join(&name), there.join(name)).unwrap();
        }
        std::fs::remove_dir_all(&vault).unwrap();
        std::os::unix::fs::symlink(there, &vault).unwrap();
        others.take(usize::MAX);
        let (_, log) = launch.refused();
        assert!(log.contains("make room on the disk of vault/, and start again"), "{log}");
        assert_eq!(read_slot(&slot), before, "its number would be lost");
        others.give_back(u64::MAX);
    });
    let office = office.await;
    assert_eq!(read_slot(&slot), [0; SLOT]);
    assert!(vault.join("residue").exists());
    office.close();
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

/// Reads until the time is over: where each reading is on the record.
async fn read(office: &mut Office, others: &Others) -> Vec<Sequence> {
    let mut readings = Vec::new();
    let began = Instant::now();
    while began.elapsed() < FULL {
        let answer = office.sections("SW/lead", Purpose::CaseWork, CASE).await.unwrap();
        assert!(!answer.sections.is_empty());
        readings.push(Sequence(answer.reading.expect("what was given was recorded")));
        // Whatever is free for a moment, others take.
        others.take(1 << 20);
    }
    readings
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
    officer.append(&erasure).await.unwrap();
    assert_eq!(read_slot(&slot), [0; SLOT]);
    let readings = read(&mut office, &others).await;
    let log = office.server.log();
    let goes_on = office.server.ended().is_none() && !log.contains("the state is damaged");
    assert!(goes_on, "{log}");

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
    println!("{} readings on a full disk, each on the record", readings.len());
}
