//! What the journal does when the system refuses.

use std::process::Command;

use super::*;
use crate::disk::trace::{self, Change, Failure};

const GROUPS: usize = 9;

/// Appends groups until one fails; returns what was accepted and how it ended.
fn append_until_failure(journal: &Journal) -> (Vec<StoredEvent>, Option<RecordError>) {
    let mut accepted = Vec::new();
    for round in 0..GROUPS {
        let group = events(&journal.tip(), &vec![100 + 50 * round; 1 + round % 3]);
        if let Err(error) = journal.append(&group) {
            return (accepted, Some(error));
        }
        accepted.extend(group);
        let head = format!("invented head {}\n", journal.tip().size);
        if let Err(error) = journal.write_head(&head) {
            return (accepted, Some(error));
        }
    }
    (accepted, journal.close().err())
}

/// The changes that appending makes when nothing fails, after opening.
fn undisturbed() -> Vec<Change> {
    let place = Place::new();
    place.open(0).unwrap().0.close().unwrap();
    let (journal, _) = place.open(0).unwrap();
    trace::begin(None);
    assert!(append_until_failure(&journal).1.is_none());
    trace::end()
}

/// Opens and appends with the given failure; returns the place too.
fn disturbed(failure: Failure) -> (Place, Journal, Vec<StoredEvent>, Option<RecordError>) {
    let place = Place::new();
    place.open(0).unwrap().0.close().unwrap();
    let (journal, _) = place.open(0).unwrap();
    trace::begin(Some(failure));
    let (accepted, error) = append_until_failure(&journal);
    trace::end();
    (place, journal, accepted, error)
}

/// After any failed write or sync, however short, nothing more is done, and what was accepted is
/// found again.
#[test]
fn after_a_failure_nothing_more_is_done() {
    let changes = undisturbed();
    let syncs = changes.iter().filter(|change| matches!(change, Change::Sync { .. })).count();
    assert!(syncs > 20);
    for (at, change) in changes.iter().enumerate() {
        for times in [1, usize::MAX] {
            let failure = Failure { at, times, kind: io::ErrorKind::Other };
            let (place, journal, accepted, error) = disturbed(failure);
            let error = error.unwrap_or_else(|| panic!("{change:?} did not matter"));
            assert!(matches!(error, RecordError::Fatal { .. }) && error.is_fatal(), "{error}");
            let next = events(&journal.tip(), &[1]);
            assert!(matches!(journal.append(&next), Err(RecordError::Fatal { .. })));
            assert!(matches!(journal.read(Sequence(0), 1, 1), Err(RecordError::Fatal { .. })));
            assert!(matches!(journal.head(), Err(RecordError::Fatal { .. })));
            assert!(matches!(journal.write_head("late"), Err(RecordError::Fatal { .. })));
            assert!(matches!(journal.close(), Err(RecordError::Fatal { .. })));
            drop(journal);
            let (journal, opened) = place.open(accepted.len() as u64).unwrap();
            assert_eq!(opened.torn, None);
            let found = read_all(&journal);
            assert!(found.starts_with(&accepted) && found.len() <= accepted.len() + 3);
            append(&journal, &[10]);
            drop(journal);
            assert_eq!(place.scan().1, []);
        }
    }
}

/// Without room nothing of a group is written, and with room again the record goes on. A change of
/// segments for which there is none is left for later.
#[test]
fn without_room_nothing_is_lost() {
    let changes = undisturbed();
    let (mut refused, mut fatal, mut later) = (0, 0, 0);
    for at in 0..changes.len() {
        let failure = Failure { at, times: 1, kind: io::ErrorKind::StorageFull };
        let (place, journal, mut accepted, error) = disturbed(failure);
        match error {
            None => {
                later += 1;
                drop(journal);
                assert_eq!(place.scan(), (accepted, vec![]));
            }
            Some(error @ RecordError::NoRoom { .. }) => {
                assert!(!error.is_fatal());
                refused += 1;
                accepted.extend(append(&journal, &[250, 3]));
                journal.write_head("invented head").unwrap();
                assert_eq!(read_all(&journal), accepted);
                journal.close().unwrap();
                drop(journal);
                assert_eq!(place.scan(), (accepted, vec![]));
            }
            // What is written in place: by then there was room.
            Some(RecordError::Fatal { .. }) => fatal += 1,
            Some(other) => panic!("{other}"),
        }
    }
    assert!(refused > 20 && fatal > 20 && later > 5, "{refused} {fatal} {later}");
}

/// Opening again goes on where it failed.
#[test]
fn opening_may_fail_and_be_tried_again() {
    let (files, expected) = crate::fixture::example(false);
    for at in 0.. {
        let place = Place::of(&files);
        trace::begin(Some(Failure { at, times: 1, kind: io::ErrorKind::Other }));
        let first = place.open(0);
        trace::end();
        match first {
            Ok(_) => {
                assert!(at > 3);
                break;
            }
            Err(OpenError::Io { .. }) => {}
            Err(other) => panic!("{other}"),
        }
        assert_eq!(read_all(&place.open(0).unwrap().0), expected);
        assert_eq!(place.scan().1, []);
    }
}

const LIMITED: &str = "LETOPIS_TEST_LIMITED_FILES";

/// With the system's own limit on the length of files, in a process of its own.
#[test]
fn a_limit_of_the_system_is_no_room() {
    if std::env::var_os(LIMITED).is_some() {
        let place = Place::new();
        let options = Options { segment_bytes: 1 << 20, preallocate_bytes: 3_000 };
        let open = || Journal::open(&place.data(), options, Sequence::ZERO).unwrap().0;
        let journal = open();
        let mut accepted = Vec::new();
        let error = loop {
            let group = events(&journal.tip(), &[500, 600]);
            match journal.append(&group) {
                Ok(()) => accepted.extend(group),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, RecordError::NoRoom { .. }), "{error}");
        assert!(accepted.len() > 4);
        // What fits still goes, and all of it is there.
        accepted.extend(append(&journal, &[10]));
        assert_eq!(read_all(&journal), accepted);
        journal.close().unwrap();
        drop(journal);
        assert_eq!(read_all(&open()), accepted);
        return;
    }
    let test = "journal::tests::failing::a_limit_of_the_system_is_no_room";
    // Its output through a pipe: the limit holds for every file, also one that output goes to.
    let output = Command::new("sh")
        .args(["-c", r#"trap "" XFSZ && ulimit -f 32 && exec "$0" --exact "$1" --nocapture"#])
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env(LIMITED, "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
