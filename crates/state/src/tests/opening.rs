//! What is trusted, what is set aside, and from what it is begun anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::*;
use crate::engine::MARK;
use crate::opening::{Opener, Opening};
use crate::sum::Sum;
use crate::{Distrust, Origin, StateError};

const KEPT_100: Origin = Origin::Kept { size: Sequence(100) };

/// A state of 100 events, stopped in order, with a snapshot of the first 60.
fn stopped() -> Place {
    let place = Place::new();
    let (store, _) = place.open();
    follow(&store, 60, 9);
    store.snapshot().unwrap();
    follow(&store, 100, 9);
    store.close().unwrap();
    place
}

/// As [`stopped`], but the process died.
fn crashed() -> Place {
    let place = stopped();
    let (store, _) = place.open();
    drop(store);
    place
}

fn why(report: &Report) -> &Distrust {
    &report.set_aside.as_ref().unwrap().why
}

/// Opens it, and sees it rebuilt from the snapshot of 60 events to the digest of 100.
fn assert_rebuilt(place: &Place, expected: &Distrust) {
    let (store, report) = place.open();
    assert_eq!(why(&report), expected, "{report}");
    assert_rebuilt_from(&store, &report);
    store.close().unwrap();
    let (store, report) = place.open();
    assert_eq!(report.origin, KEPT_100, "{report}");
    assert_is(&store, 100);
}

fn assert_rebuilt_from(store: &Store, report: &Report) {
    assert_eq!(report.origin, Origin::Snapshot { size: Sequence(60) }, "{report}");
    assert!(report.set_aside.as_ref().unwrap().to.as_ref().unwrap().is_dir());
    assert_is(store, 60);
    follow(store, 100, 11);
    assert_is(store, 100);
}

#[test]
fn a_clean_stop_is_trusted_in_any_boot() {
    let place = stopped();
    place.boot(2);
    let (store, report) = place.open();
    assert_eq!(report.origin, KEPT_100);
    assert_eq!(report.set_aside, None);
    assert_is(&store, 100);
}

#[test]
fn a_crash_is_trusted_within_the_same_boot_only() {
    let place = crashed();
    let (store, report) = place.open();
    assert_eq!(report.origin, KEPT_100);
    assert_is(&store, 100);
    drop(store);
    place.boot(2);
    assert_rebuilt(&place, &Distrust::OtherBoot);
}

#[test]
fn a_system_that_does_not_say_its_boot_is_not_trusted() {
    let place = crashed();
    fs::remove_file(&place.options.boot_id_path).unwrap();
    assert_rebuilt(&place, &Distrust::OtherBoot);
    let (store, _) = place.open();
    drop(store);
    assert_rebuilt_again(&place);
}

fn assert_rebuilt_again(place: &Place) {
    let (store, report) = place.open();
    assert_eq!(why(&report), &Distrust::OtherBoot, "unknown is not the same as unknown");
    assert_rebuilt_from(&store, &report);
}

#[test]
fn the_clean_stop_counts_once() {
    let place = stopped();
    let (store, _) = place.open();
    drop(store);
    place.boot(2);
    assert_rebuilt(&place, &Distrust::OtherBoot);
}

#[test]
fn a_copy_of_a_state_in_use_is_not_trusted() {
    let place = stopped();
    let (store, _) = place.open();
    let copy = place.temp.path().join("copy");
    copy_dir(&place.root(), &copy);
    store.close().unwrap();
    fs::rename(place.root(), place.temp.path().join("original")).unwrap();
    fs::rename(&copy, place.root()).unwrap();
    assert_rebuilt(&place, &Distrust::Copied);
    // One that was stopped in order may be copied and moved.
    let (store, _) = place.open();
    store.close().unwrap();
    copy_dir(&place.root(), &copy);
    fs::remove_dir_all(place.root()).unwrap();
    fs::rename(&copy, place.root()).unwrap();
    assert_eq!(place.open().1.origin, KEPT_100);
}

#[test]
fn a_mark_that_the_record_does_not_have_is_not_trusted() {
    let place = stopped();
    let record_of_80 = |mark: &Mark| on_record(mark) && mark.size.0 <= 80;
    let (store, report) = Store::open(&place.root(), &place.options, record_of_80).unwrap();
    assert_eq!(why(&report), &Distrust::NotOfRecord(Sequence(100)));
    assert_rebuilt_from(&store, &report);
    store.close().unwrap();

    let another_record = |_: &Mark| false;
    let (store, report) = Store::open(&place.root(), &place.options, another_record).unwrap();
    assert_eq!(why(&report), &Distrust::NotOfRecord(Sequence(100)));
    assert_eq!(report.origin, Origin::Empty);
    assert_eq!(report.refused_snapshots.len(), 1);
    assert_eq!(place.snapshots(), Vec::<PathBuf>::new(), "of another record, and in the way");
    follow(&store, 100, 30);
    assert_is(&store, 100);
}

#[test]
fn the_state_of_another_ledger_or_schema_is_not_trusted() {
    for schema in [false, true] {
        let mut place = stopped();
        let expected = if schema {
            place.options.schema += 1;
            Distrust::OtherSchema(SCHEMA)
        } else {
            place.options.ledger = OTHER_LEDGER;
            Distrust::OtherLedger
        };
        let (store, report) = Store::open(&place.root(), &place.options, |_| true).unwrap();
        assert_eq!(why(&report), &expected);
        assert_eq!(report.origin, Origin::Empty);
        assert_eq!(report.refused_snapshots.len(), 1);
        assert_eq!(store.mark(), None);
    }
}

#[test]
fn interrupted_large_changes_are_not_trusted() {
    let place = crashed();
    let (store, _) = place.open();
    let mut writer = crate::store::Writer::new(store.engine(), Sum::default());
    for (key, value) in fold(100, 400, |key| store.get(key).unwrap()) {
        writer.put(&key, None, value.as_deref()).unwrap();
    }
    // Never finished.
    drop(writer);
    drop(store);
    assert_rebuilt(&place, &Distrust::OtherEntries);
}

#[test]
fn entries_without_a_mark_are_not_trusted() {
    let place = crashed();
    let (store, _) = place.open();
    store.engine().call("test", |db| db.remove(MARK)).unwrap();
    drop(store);
    assert_rebuilt(&place, &Distrust::NoMark);
    let (store, _) = place.open();
    store.engine().call("test", |db| db.insert(MARK, &[1, 2, 3])).unwrap();
    drop(store);
    assert_rebuilt(&place, &Distrust::NoMark);
}

#[test]
fn entries_that_sled_lost_or_changed_are_not_trusted() {
    let position = fold(0, 100, |_| None).into_iter().find(|(key, _)| key[0] == 2).unwrap().0;
    for clean in [true, false] {
        for lost in [true, false] {
            let place = stopped();
            let (store, _) = place.open();
            let change = |db: &sled::Db| {
                if lost { db.remove(&position) } else { db.insert(&position, b"another") }
            };
            store.engine().call("test", change).unwrap();
            if clean {
                store.close().unwrap();
            } else {
                drop(store);
            }
            assert_rebuilt(&place, &Distrust::OtherEntries);
        }
    }
}

#[test]
fn a_state_that_lost_its_end_is_not_trusted() {
    // An earlier state of the same files, as when sled forgets the end of its log.
    let place = stopped();
    let earlier = place.temp.path().join("earlier");
    copy_dir(&place.live().join("sled"), &earlier);
    let (store, _) = place.open();
    follow(&store, 150, 10);
    store.close().unwrap();
    let live = place.live().join("sled");
    fs::remove_dir_all(&live).unwrap();
    copy_dir(&earlier, &live);
    let expected = Distrust::Rewound { found: Sequence(100), had: Sequence(150) };
    assert_rebuilt(&place, &expected);

    // After a crash nothing says what the mark was, but a snapshot may say that it was further.
    let other = stopped();
    let place = stopped();
    let (store, _) = place.open();
    follow(&store, 150, 10);
    store.snapshot().unwrap();
    drop(store);
    fs::remove_dir_all(place.live().join("sled")).unwrap();
    copy_dir(&other.live().join("sled"), &place.live().join("sled"));
    let (store, report) = place.open();
    assert_eq!(why(&report), &Distrust::Rewound { found: Sequence(100), had: Sequence(150) });
    assert_eq!(report.origin, Origin::Snapshot { size: Sequence(150) });
    assert_is(&store, 150);
}

#[test]
fn an_empty_state_is_nothing_to_keep() {
    let place = Place::new();
    let (store, _) = place.open();
    store.close().unwrap();
    let (store, report) = place.open();
    assert_eq!(report.to_string(), "the state was begun anew and is empty");
    assert_eq!(place.asides(), Vec::<PathBuf>::new());
    follow(&store, 10, 3);
    assert_is(&store, 10);
}

#[test]
fn an_interrupted_rebuild_is_begun_again() {
    let place = stopped();
    let trust = place.live().join("trust");
    fs::write(&trust, "letopis state 1\nbuilding\n").unwrap();
    let (store, report) = place.open();
    assert_eq!(why(&report), &Distrust::Unfinished);
    assert_eq!(report.set_aside.as_ref().unwrap().to, None, "nothing in it is worth keeping");
    assert_eq!(place.asides(), Vec::<PathBuf>::new());
    assert_is(&store, 60);
}

#[test]
fn an_opening_that_killed_the_process_is_not_tried_again() {
    let place = stopped();
    let dying: Opener = Arc::new(|_, _| panic!("as if the process had died"));
    let opening = Opening::begin_with(&place.root(), &place.options, Arc::clone(&dying));
    drop(opening);
    // What such a process leaves, if it can't even set the state aside.
    let aside = place.asides().remove(0);
    fs::rename(&aside, place.root().join("state-1")).unwrap();
    assert_rebuilt(&place, &Distrust::OpeningDied);
}

/// Fails in one way with the first directory that it is asked to open, and opens others.
fn failing_first(how: impl Fn(&Path) + Send + Sync + 'static) -> (Opener, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let opener: Opener = Arc::new(move |path, _| {
        if counter.fetch_add(1, Ordering::SeqCst) == 0 {
            how(path);
            return Err(sled::Error::ReportableBug("as if it had failed".to_owned()));
        }
        sled::Config::new().path(path).open()
    });
    (opener, calls)
}

fn open_with(place: &Place, opener: Opener) -> Result<(Store, Report), StateError> {
    Opening::begin_with(&place.root(), &place.options, opener)?.finish(on_record)
}

#[test]
fn what_sled_refuses_or_panics_on_is_set_aside() {
    let place = stopped();
    let (opener, calls) = failing_first(|_| panic!("as if it were damaged"));
    let (store, report) = open_with(&place, opener).unwrap();
    assert_eq!(why(&report), &Distrust::Panicked("as if it were damaged".to_owned()));
    assert_rebuilt_from(&store, &report);
    assert_eq!(calls.load(Ordering::SeqCst), 2);

    let place = stopped();
    let (opener, _) = failing_first(|_| {});
    let (store, report) = open_with(&place, opener).unwrap();
    assert!(
        matches!(why(&report), Distrust::Refused(words) if words.contains("as if it had failed"))
    );
    assert_rebuilt_from(&store, &report);
}

#[test]
fn what_sled_hangs_on_is_set_aside_and_left_alone() {
    let mut place = stopped();
    place.options.open_limit = Duration::from_secs(4);
    // It wakes up when the new store is in use, and writes where it believes to be.
    let (opener, _) = failing_first(|path| {
        thread::sleep(Duration::from_secs(5));
        fs::create_dir_all(path).unwrap();
        fs::write(path.join("db"), b"by the abandoned thread").unwrap();
        thread::sleep(Duration::from_secs(3600));
    });
    let (store, report) = open_with(&place, opener).unwrap();
    assert_eq!(why(&report), &Distrust::TimedOut(4));
    assert_rebuilt_from(&store, &report);
    let live = place.root().join("state-2");
    let abandoned = place.root().join("state-1").join("sled").join("db");
    while !abandoned.exists() {
        thread::sleep(Duration::from_millis(100));
    }
    assert_is(&store, 100);
    store.close().unwrap();
    assert_eq!(place.open().1.origin, KEPT_100);
    assert!(live.is_dir());
}

#[test]
fn a_sled_that_always_hangs_or_fails_is_an_error() {
    let mut place = stopped();
    let opener: Opener =
        Arc::new(|_, _| Err(sled::Error::ReportableBug("as if it had failed".to_owned())));
    let error = open_with(&place, opener).err().unwrap();
    assert!(matches!(error, StateError::Damaged { .. }), "{error}");

    place.options.open_limit = Duration::from_millis(50);
    let opener: Opener = Arc::new(|_, _| {
        loop {
            thread::sleep(Duration::from_secs(3600));
        }
    });
    let error = open_with(&place, opener).err().unwrap();
    assert!(matches!(error, StateError::Hung { .. }), "{error}");

    // And the next start, with a sled that works, goes on from the snapshot.
    place.options.open_limit = Duration::from_secs(60);
    let (store, report) = place.open();
    assert_eq!(report.origin, Origin::Snapshot { size: Sequence(60) }, "{report}");
    assert_is(&store, 60);
}

#[test]
fn failure_while_in_use_is_an_error_and_then_a_rebuild() {
    let place = stopped();
    let (store, _) = place.open();
    let words = "as if sled had met damage";
    let error = store.engine().call::<()>("test", |_| panic!("{words}")).unwrap_err();
    assert!(
        matches!(&error, StateError::Damaged { doing: "test", what } if what.contains(words)),
        "{error}"
    );
    assert!(
        matches!(store.get(b"k"), Err(StateError::Damaged { .. })),
        "nothing is asked of it now"
    );
    assert!(matches!(store.apply(&[], &mark(101)), Err(StateError::Damaged { .. })));
    assert!(matches!(store.snapshot(), Err(StateError::Damaged { .. })));
    assert!(matches!(store.digest("all", &[]), Err(StateError::Damaged { .. })));
    assert!(matches!(store.close(), Err(StateError::Damaged { .. })));
    assert_rebuilt(&place, &Distrust::FoundDamaged);
}

#[test]
fn two_set_aside_are_kept_and_no_number_is_used_again() {
    let place = stopped();
    for n in 1..6 {
        assert_eq!(place.live(), place.root().join(format!("state-{n}")));
        place.boot(100 + n);
        let (store, _) = place.open();
        drop(store);
        if n > 1 {
            assert_eq!(why_of_last(&place), place.root().join(format!("state.aside-{}", n - 1)));
        }
        assert!(place.asides().len() <= 2);
        place.boot(200 + n);
        let (store, report) = place.open();
        assert_eq!(why(&report), &Distrust::OtherBoot);
        store.close().unwrap();
    }
}

fn why_of_last(place: &Place) -> PathBuf {
    place.asides().pop().unwrap()
}

#[test]
fn a_state_in_use_is_left_alone() {
    let mut place = stopped();
    let (store, _) = place.open();
    place.options.open_limit = Duration::from_millis(100);
    let error = Store::open(&place.root(), &place.options, on_record).err().unwrap();
    assert!(matches!(error, StateError::InUse { .. }), "{error}");
    assert_is(&store, 100);
    assert_eq!(place.asides(), Vec::<PathBuf>::new());
}

#[test]
fn the_reach_is_known_before_the_record_is_opened() {
    let place = stopped();
    let opening = Opening::begin(&place.root(), &place.options).unwrap();
    assert_eq!(opening.mark(), Some(&mark(100)));
    assert_eq!(opening.reach(), Sequence(100));
    // If the record can't be opened, nothing is lost by having looked.
    drop(opening);
    place.boot(2);
    let opening = Opening::begin(&place.root(), &place.options).unwrap();
    assert_eq!(opening.mark(), None);
    assert_eq!(opening.reach(), Sequence(60), "by the snapshot");
    drop(opening);
    let nothing = Opening::begin(&place.temp.path().join("new"), &place.options).unwrap();
    assert_eq!(nothing.reach(), Sequence(0));
}

#[test]
fn the_state_may_be_deleted_at_any_time() {
    let place = stopped();
    fs::remove_dir_all(place.live()).unwrap();
    let (store, report) = place.open();
    assert_eq!(report.set_aside, None);
    assert_eq!(report.origin, Origin::Snapshot { size: Sequence(60) });
    follow(&store, 100, 50);
    assert_is(&store, 100);
    store.close().unwrap();
    fs::remove_dir_all(place.root()).unwrap();
    let (store, report) = place.open();
    assert_eq!(report.origin, Origin::Empty);
    follow(&store, 100, 50);
    assert_is(&store, 100);
}
