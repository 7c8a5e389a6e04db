//! Bytes flipped and files cut, in sled's files and in snapshots: always rebuilt to the same digest.

use super::*;
use crate::{Origin, StateError};

/// Opens, applies all, reads all; starts again for as long as it is damaged, as a server would.
fn end_at(place: &Place, size: u64) -> Vec<Report> {
    let mut reports = Vec::new();
    for _ in 0..3 {
        let (store, report) = place.open();
        reports.push(report);
        let done = (|| {
            let from = store.mark().map_or(0, |mark| mark.size.0);
            assert!(from <= size);
            for event in from..size {
                let mut failed = None;
                let changes = fold(event, event + 1, |key| {
                    store.get(key).unwrap_or_else(|error| {
                        failed = Some(error);
                        None
                    })
                });
                if let Some(error) = failed {
                    return Err(error);
                }
                store.apply(&changes, &mark(event + 1))?;
            }
            store.digest("all", &[])
        })();
        match done {
            Ok(digest) => {
                assert_eq!(digest, expected_digest("all", &[], size), "{reports:?}");
                assert_eq!(store.mark(), Some(mark(size)));
                return reports;
            }
            Err(StateError::Damaged { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("damaged after every rebuild: {reports:?}");
}

/// A state with enough in it that sled has several segments and has rewritten pages.
fn filled(clean: bool) -> (Place, PathBuf) {
    let place = Place::new();
    let (store, _) = place.open();
    follow(&store, 200, 10);
    store.snapshot().unwrap();
    follow(&store, 1500, 10);
    store.close().unwrap();
    if !clean {
        drop(place.open());
    }
    let saved = place.temp.path().join("saved");
    copy_dir(&place.root(), &saved);
    (place, saved)
}

/// Puts back what was saved, as it was, so that it is trusted for as long as only sled is asked.
fn put_back(place: &Place, saved: &Path) {
    fs::remove_dir_all(place.root()).unwrap();
    copy_dir(saved, &place.root());
    let live = place.live();
    let trust = fs::read_to_string(live.join("trust")).unwrap();
    if trust.contains("open ") {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs::metadata(&live).unwrap();
        let boot = fs::read_to_string(&place.options.boot_id_path).unwrap();
        let line = format!("open {} {}:{}", boot.trim(), metadata.dev(), metadata.ino());
        fs::write(live.join("trust"), format!("letopis state 1\n{line}\n")).unwrap();
    }
}

fn sled_files(place: &Place) -> Vec<PathBuf> {
    let sled = place.live().join("sled");
    let mut files = names(&sled, "");
    files.retain(|path| path.is_file() && fs::metadata(path).unwrap().len() > 0);
    assert!(files.len() >= 2, "the log and its configuration at least");
    files
}

#[test]
fn undamaged_files_are_kept() {
    for clean in [true, false] {
        let (place, saved) = filled(clean);
        put_back(&place, &saved);
        let reports = end_at(&place, 1500);
        assert_eq!(reports.len(), 1);
        assert_eq!(reports[0].origin, Origin::Kept { size: Sequence(1500) }, "{}", reports[0]);
    }
}

#[test]
fn flipped_bytes_never_change_the_digest() {
    let rounds: u64 = std::env::var("LETOPIS_DAMAGE_ROUNDS").map_or(6, |n| n.parse().unwrap());
    for clean in [true, false] {
        let (place, saved) = filled(clean);
        for round in 0..rounds {
            put_back(&place, &saved);
            for (n, path) in (0..).zip(sled_files(&place)) {
                let mut bytes = fs::read(&path).unwrap();
                let random = u64::from_be_bytes(number(round << 8 | n).0[..8].try_into().unwrap());
                let at = (random % bytes.len() as u64) as usize;
                bytes[at] ^= 1 << (random >> 61);
                fs::write(&path, bytes).unwrap();
            }
            end_at(&place, 1500);
        }
    }
}

#[test]
fn one_flipped_byte_in_the_log_never_changes_the_digest() {
    let rounds: u64 = std::env::var("LETOPIS_DAMAGE_ROUNDS").map_or(6, |n| n.parse().unwrap());
    for clean in [true, false] {
        let (place, saved) = filled(clean);
        for round in 0..rounds {
            put_back(&place, &saved);
            let path = place.live().join("sled").join("db");
            let mut bytes = fs::read(&path).unwrap();
            let random = u64::from_be_bytes(number(1000 + round).0[..8].try_into().unwrap());
            let at = (random % bytes.len() as u64) as usize;
            bytes[at] ^= 1 << (random >> 61);
            fs::write(&path, bytes).unwrap();
            end_at(&place, 1500);
        }
    }
}

#[test]
fn cut_files_never_change_the_digest() {
    for clean in [true, false] {
        let (place, saved) = filled(clean);
        let files: Vec<_> = sled_files(&place);
        for path in files {
            for part in 0..3 {
                put_back(&place, &saved);
                let file = fs::File::options().write(true).open(&path).unwrap();
                let length = file.metadata().unwrap().len();
                file.set_len([0, length / 2, length - 1][part]).unwrap();
                end_at(&place, 1500);
            }
            put_back(&place, &saved);
            fs::remove_file(&path).unwrap();
            end_at(&place, 1500);
        }
    }
}

#[test]
fn a_clean_stop_does_not_hide_that_the_end_is_lost() {
    let (place, saved) = filled(true);
    put_back(&place, &saved);
    fs::remove_dir_all(place.live().join("sled")).unwrap();
    let (_, report) = place.open();
    assert_eq!(report.origin, Origin::Snapshot { size: Sequence(200) }, "{report}");
}

#[test]
fn damaged_snapshots_are_refused_and_older_ones_used() {
    let place = Place::new();
    let (store, _) = place.open();
    let mut written = Vec::new();
    for size in [20, 40, 60] {
        follow(&store, size, 5);
        written.push(store.snapshot().unwrap());
    }
    store.close().unwrap();
    assert_eq!(place.snapshots(), written[1..], "the latest two");
    assert_eq!(written[2].file_name().unwrap(), "snapshot-00000000000000000060");
    let newest = fs::read(&written[2]).unwrap();
    let damage: Vec<Vec<u8>> = (0..newest.len())
        .step_by(37)
        .map(|at| {
            let mut bytes = newest.clone();
            bytes[at] ^= 0x80;
            bytes
        })
        .chain([0, 7, 50, 124, newest.len() - 1].map(|length| newest[..length].to_vec()))
        .chain([[newest.as_slice(), b"more"].concat()])
        .collect();
    for (n, bytes) in damage.iter().enumerate() {
        fs::write(&written[2], bytes).unwrap();
        assert!(crate::snapshot::verify(&written[2]).is_err(), "damage {n}");
    }
    fs::write(&written[2], &newest).unwrap();
    assert_eq!(crate::snapshot::verify(&written[2]).unwrap(), mark(60));

    for bytes in [&damage[0], &damage[damage.len() / 2], damage.last().unwrap()] {
        fs::write(&written[2], bytes).unwrap();
        fs::remove_dir_all(place.live()).unwrap();
        let (store, report) = place.open();
        assert_eq!(report.origin, Origin::Snapshot { size: Sequence(40) }, "{report}");
        assert_eq!(report.refused_snapshots.len(), 1);
        assert_eq!(place.snapshots(), written[1..2], "the refused one is gone");
        assert_is(&store, 40);
    }
}

#[test]
fn half_a_snapshot_is_none() {
    let place = Place::new();
    let (store, _) = place.open();
    follow(&store, 20, 5);
    let first = store.snapshot().unwrap();
    assert_eq!(store.snapshot_size(), Sequence(20));
    follow(&store, 40, 5);
    let half = fs::read(&first).unwrap();
    // A crash before the renaming.
    let beside = place.root().join("snapshot-00000000000000000040.new");
    fs::write(&beside, &half[..half.len() / 2]).unwrap();
    drop(store);
    fs::remove_dir_all(place.live()).unwrap();
    let (store, report) = place.open();
    assert_eq!(report.origin, Origin::Snapshot { size: Sequence(20) });
    assert_eq!(report.refused_snapshots, []);
    follow(&store, 40, 5);
    let second = store.snapshot().unwrap();
    assert!(!beside.exists());
    assert_eq!(place.snapshots(), [first, second]);
    assert_eq!(store.snapshot_size(), Sequence(40));
}
