//! Processes that are killed, and one that can't be helped: this test binary, started again.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::*;
use crate::opening::{Opener, Opening};
use crate::{Distrust, Origin, StateError};

const ROOT: &str = "LETOPIS_STATE_TEST_ROOT";
const GROUP: &str = "LETOPIS_STATE_TEST_GROUP";

fn start(place: &Place, test: &str, group: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(ROOT, place.temp.path())
        .env(GROUP, group.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// The options and directory that the parent gave, if this is a child.
fn given() -> Option<(PathBuf, Options, u64)> {
    let temp = PathBuf::from(std::env::var_os(ROOT)?);
    let mut options = Options::new(LEDGER, SCHEMA);
    options.boot_id_path = temp.join("boot_id");
    options.flush_every_ms = 50;
    let group = std::env::var(GROUP).unwrap().parse().unwrap();
    Some((temp.join("state"), options, group))
}

/// Not a test by itself: follows the invented record until it is killed.
#[test]
fn follows_until_killed() {
    let Some((root, options, group)) = given() else { return };
    let (store, _) = Store::open(&root, &options, on_record).unwrap();
    follow(&store, u64::MAX, group);
}

fn killed_again_and_again(group: u64, partial_is_fine: bool) {
    let place = Place::new();
    let mut highest = 0;
    for round in 0..5 {
        let mut child = start(&place, "tests::crash::follows_until_killed", group);
        // Until it has begun to write, and then a little.
        let begin = Instant::now();
        while names_if_any(&place).is_empty() && begin.elapsed() < Duration::from_secs(60) {
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_millis(300 + 170 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let (store, report) = place.open();
        match (&report.origin, &report.set_aside) {
            (Origin::Kept { .. }, None) => {}
            (_, Some(aside)) if partial_is_fine && interrupted(&aside.why) => {}
            // Killed before the first event was written out, or while opening.
            (Origin::Empty, aside) => {
                let why = aside.as_ref().map(|aside| &aside.why);
                let early = [None, Some(&Distrust::Unfinished), Some(&Distrust::OpeningDied)];
                assert!(early.contains(&why), "{report}");
            }
            _ => panic!("{report}"),
        }
        let size = store.mark().map_or(0, |mark| mark.size.0);
        highest = highest.max(size);
        if size > 0 {
            assert_is(&store, size);
        }
        follow(&store, size + 10, 3);
        assert_is(&store, size + 10);
        store.close().unwrap();
    }
    assert!(partial_is_fine || highest > 0, "nothing was ever written before the kill");
}

/// Killed within a large change; without a mark, if that was the first.
fn interrupted(why: &Distrust) -> bool {
    matches!(why, Distrust::OtherEntries | Distrust::NoMark)
}

fn names_if_any(place: &Place) -> Vec<PathBuf> {
    if place.root().is_dir() { names(&place.root(), "state-") } else { Vec::new() }
}

#[test]
fn a_killed_process_leaves_whole_batches() {
    killed_again_and_again(30, false);
}

#[test]
fn a_process_killed_in_large_changes_leaves_no_half_of_them() {
    killed_again_and_again(1000, true);
}

/// Not a test by itself: sled hangs while it holds the lock that all its stores in a process share.
#[test]
fn hangs_with_the_lock_held() {
    let Some((root, mut options, _)) = given() else { return };
    options.open_limit = Duration::from_secs(5);
    let opener: Opener = Arc::new(|path, _| {
        let db = sled::Config::new().path(path).open()?;
        if path.to_str().unwrap().contains("state-1") {
            db.set_merge_operator(|_: &[u8], _: Option<&[u8]>, _: &[u8]| -> Option<Vec<u8>> {
                thread::sleep(Duration::from_secs(3600));
                None
            });
            db.merge(b"k", b"v")?;
        }
        Ok(db)
    });
    let opened = Opening::begin_with(&root, &options, opener).unwrap().finish(on_record);
    let hung = matches!(opened, Err(StateError::Hung { .. }));
    // Not by returning: the thread that hangs must not keep this process.
    std::process::exit(if hung { 7 } else { 1 });
}

#[test]
fn a_hang_that_only_a_new_process_can_mend_is_an_error() {
    let place = Place::new();
    let (store, _) = place.open();
    follow(&store, 60, 10);
    store.snapshot().unwrap();
    store.close().unwrap();
    let mut child = start(&place, "tests::crash::hangs_with_the_lock_held", 1);
    assert_eq!(child.wait().unwrap().code(), Some(7));
    let (store, report) = place.open();
    assert_eq!(report.origin, Origin::Snapshot { size: Sequence(60) }, "{report}");
    assert_is(&store, 60);
}
