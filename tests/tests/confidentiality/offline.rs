//! What somebody does to the files of a server that is down: an old record over a newer vault and the
//! reverse, and two keys of the vault exchanged.

use std::fs;
use std::path::{Path, PathBuf};

use letopis_proto::statement::v1::{self as proto, Purpose, Role, fact::Kind};
use letopis_tests::{Launch, copy_dir, verify};
use letopis_types::Class;

use crate::act::Act;
use crate::cast::{CASE, NORTH};
use crate::office::{Office, Term, unmarked};

/// Before the slots of a block, and each of them (proto/README.md, Vault).
const BLOCK_HEADER: usize = 64;
const SLOT: usize = 88;

/// A copy of the data directory with one of its parts from another copy.
fn mixed(base: &Path, other: &Path, part: &str, name: &str) -> PathBuf {
    let made = base.with_file_name(name);
    copy_dir(base, &made);
    fs::remove_dir_all(made.join(part)).unwrap();
    copy_dir(&other.join(part), &made.join(part));
    // What was folded from another record is none of its.
    let _ = fs::remove_dir_all(made.join("state"));
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_different_days_do_not_open_what_was_erased() {
    let mut office = Office::open("offline").await;
    let north = Term { agency: Some(NORTH), region: Some(1), until: None };
    office.enrol("SW/lead", Role::SocialWorker, north).await;
    office.enrol("DIR/north", Role::Director, north).await;
    let fact = proto::CaseOpened { holder: NORTH.to_vec(), lead: office.actor("SW/lead").to_vec() };
    let act = Act::new(CASE, Kind::CaseOpened(fact))
        .section(Class::Normal, "text/1", "Остава")
        .section(Class::Restricted, "text/1", "Заличава се");
    office.by(&act, &["SW/lead"]).await;

    let data = office.trial.data.clone();
    office = office.serve(&data).await;
    // Taken from a server that runs, as backups are: what is erased later is on both.
    let before = data.with_file_name("before");
    copy_dir(&data, &before);
    let what = Some(proto::sections_erased::What::Class(Class::Restricted as i32));
    let erase = Act::new(CASE, Kind::SectionsErased(proto::SectionsErased { what }));
    office.by(&erase, &["DPO", "DIR/north"]).await;
    let after = data.with_file_name("after");
    copy_dir(&data, &after);

    // An old record would bring the section back to life: the vault knows better.
    let old_record = mixed(&after, &before, "record", "old-record");
    let (ended, log) = Launch::new(&old_record).closed().refused();
    assert!(!ended.success());
    unmarked(&log);
    println!("old record, newer vault: {}", log.lines().last().unwrap_or_default());

    // An old vault has the key still: the record says that it is to be destroyed, before any answer.
    let old_vault = mixed(&after, &before, "vault", "old-vault");
    office = office.serve(&old_vault).await;
    let answer = office.sections("SW/lead", Purpose::CaseWork, CASE).await.unwrap();
    let given: Vec<_> = answer.sections.iter().map(|one| (one.version, one.index)).collect();
    assert_eq!(given, [(1, 0)]);
    assert!(answer.withheld.iter().any(|one| (one.version, one.index, one.erased) == (1, 1, true)));
    let slots = |data: &Path| fs::read(data.join("vault/block-0000000000")).unwrap();
    let (old, now) = (slots(&before), slots(&old_vault));
    let destroyed: Vec<&[u8]> = old[BLOCK_HEADER..]
        .chunks(SLOT)
        .zip(now[BLOCK_HEADER..].chunks(SLOT))
        .filter_map(|(old, now)| (old != now).then_some(old))
        .collect();
    assert_eq!(destroyed.len(), 1, "the slot of the erased section, and no other");

    // Two keys exchanged open nothing, and are found.
    let swapped = mixed(&after, &after, "record", "swapped");
    let mut bytes = slots(&swapped);
    let (first, second) = bytes[BLOCK_HEADER..BLOCK_HEADER + 2 * SLOT].split_at_mut(SLOT);
    first.swap_with_slice(second);
    fs::write(swapped.join("vault/block-0000000000"), bytes).unwrap();
    let found = verify(&swapped);
    println!("slots exchanged: {} {}", found.out.trim(), found.err.trim());
    assert_eq!(found.code, Some(1));
    office.close();
}
