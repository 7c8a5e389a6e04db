//! A data directory that can't be served is refused and left as it is.

use std::path::{Path, PathBuf};

use letopis_ledger::OpenError;
use letopis_ledger::testing::{self, case, note};
use letopis_record::{DataDirError, OpenError as RecordOpenError};
use letopis_types::{Class, Sequence};
use letopisd::data::{self, DataError};

use crate::server::{OPTIONS, Place, files};

/// Everything but the state, which may be deleted at any time.
fn kept(root: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files(root);
    files.retain(|path, _| !path.starts_with("state"));
    files
}

/// With some events in it, over several segments, and not in use.
async fn used_place() -> Place {
    let place = Place::new();
    let server = place.start().await;
    let content = [b'x'; 40_000];
    let drafts: Vec<_> =
        (10..30).map(|n| note(n, case(1)).section(Class::Normal, &content)).collect();
    // One by one: what comes at once is one group, in one segment.
    for draft in &drafts {
        server.record(draft).await;
    }
    server.stop().await;
    place
}

fn segments(place: &Place) -> Vec<PathBuf> {
    let files = files(&place.root().join("record"));
    files.into_keys().filter(|path| path.extension().is_some_and(|e| e == "segment")).collect()
}

/// Opening is refused, twice over, and nothing is touched.
fn check_refused(place: &Place, is_expected: impl Fn(&DataError) -> bool) {
    let before = kept(&place.root());
    for _ in 0..2 {
        let error = place.open().map(|_| ()).unwrap_err();
        assert!(is_expected(&error), "{error:?}");
        assert!(error.to_string().split_whitespace().count() > 4, "{error}");
        let after = kept(&place.root());
        let changed: Vec<_> =
            before.keys().chain(after.keys()).filter(|k| before.get(*k) != after.get(*k)).collect();
        assert!(changed.is_empty(), "{error}: {changed:?}");
    }
}

fn write(place: &Place, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = place.root().join(name);
    let mut bytes = std::fs::read(&path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_in_use_is_refused() {
    let place = Place::new();
    let server = place.start().await;
    let before = place.record();
    let refused = tokio::task::block_in_place(|| place.open()).map(|_| ());
    assert!(matches!(refused, Err(DataError::Directory(DataDirError::InUse { .. }))));
    assert!(place.record() == before);
    // The server goes on.
    server.record(&note(10, case(1))).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_not_ours_or_newer_is_refused() {
    let place = used_place().await;
    let marker = std::fs::read(place.root().join("letopis")).unwrap();
    write(&place, "letopis", |marker| marker[13] = b'2');
    check_refused(&place, |error| {
        matches!(error, DataError::Directory(DataDirError::Newer { .. }))
    });
    std::fs::write(place.root().join("letopis"), &marker).unwrap();
    write(&place, "letopis", |marker| marker.truncate(20));
    check_refused(&place, |error| {
        matches!(error, DataError::Directory(DataDirError::DamagedMarker { .. }))
    });
    std::fs::remove_file(place.root().join("letopis")).unwrap();
    check_refused(&place, |error| {
        matches!(error, DataError::Directory(DataDirError::NotLetopis { .. }))
    });
    // Of another ledger: everything in it says otherwise.
    let mut other = marker.clone();
    other[20] = if other[20] == b'0' { b'1' } else { b'0' };
    std::fs::write(place.root().join("letopis"), other).unwrap();
    check_refused(&place, |_| true);
    std::fs::write(place.root().join("letopis"), marker).unwrap();
    place.open().unwrap().0.close().unwrap();

    // Somebody's files: neither opened nor made into a ledger.
    let foreign = tempfile::tempdir().unwrap();
    std::fs::write(foreign.path().join("letter.txt"), b"mine").unwrap();
    let made = data::prepare(foreign.path(), testing::id(), &testing::keys()).map(|_| ());
    assert!(matches!(made, Err(DataError::Directory(DataDirError::NotEmpty { .. }))));
    let opened = data::open(
        foreign.path(),
        OPTIONS,
        letopis_ledger::Clock::system(),
        letopis_ledger::Limits::default(),
    );
    let opened = opened.map(|_| ());
    assert!(matches!(opened, Err(DataError::Directory(DataDirError::NotLetopis { .. }))));
    assert_eq!(files(foreign.path()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_damaged_is_refused() {
    let place = used_place().await;
    let segments = segments(&place);
    assert!(segments.len() >= 3, "{segments:?}");
    let last = Path::new("record").join(segments.last().unwrap());
    let whole = std::fs::read(place.root().join(&last)).unwrap();
    // In the last segment, which is read whole on opening: of its header and of its first frame.
    for at in [3, 60, 100, 400] {
        write(&place, last.to_str().unwrap(), |bytes| bytes[at] ^= 1);
        check_refused(&place, |error| {
            matches!(error, DataError::OpenRecord(RecordOpenError::Damaged(_)))
        });
        std::fs::write(place.root().join(&last), &whole).unwrap();
    }
    // A footer of an earlier one; and one that is not there.
    let earlier = Path::new("record").join(&segments[1]);
    let whole = std::fs::read(place.root().join(&earlier)).unwrap();
    write(&place, earlier.to_str().unwrap(), |bytes| *bytes.last_mut().unwrap() ^= 1);
    check_refused(&place, |error| {
        matches!(error, DataError::OpenRecord(RecordOpenError::Damaged(_)))
    });
    std::fs::remove_file(place.root().join(&earlier)).unwrap();
    check_refused(&place, |error| {
        matches!(error, DataError::OpenRecord(RecordOpenError::Damaged(_)))
    });
    std::fs::write(place.root().join(&earlier), whole).unwrap();
    place.open().unwrap().0.close().unwrap();
    place.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_head_file_is_not_right_is_refused() {
    let place = used_place().await;
    let head = std::fs::read_to_string(place.root().join("record/head")).unwrap();
    write(&place, "record/head", |bytes| *bytes = b"invented\n".to_vec());
    check_refused(&place, |error| matches!(error, DataError::Head));
    let size: u64 = head.lines().nth(1).unwrap().parse().unwrap();
    // A smaller size under the same signature.
    let forged = head.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size - 1), 1);
    write(&place, "record/head", |bytes| *bytes = forged.into_bytes());
    check_refused(&place, |error| matches!(error, DataError::Open(OpenError::Head(_))));
    write(&place, "record/head", |bytes| *bytes = head.clone().into_bytes());
    place.open().unwrap().0.close().unwrap();
}

/// An older copy of the record under the newer head file or the newer state.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_rolled_back_is_refused() {
    let place = used_place().await;
    let record = place.root().join("record");
    let older = files(&record);
    let older_size = place.verify().events;
    let (ledger, _) = tokio::task::block_in_place(|| place.open()).unwrap();
    let server = crate::server::Server::start(ledger).await;
    server.record_all(&(100..110).map(|n| note(n, case(2))).collect::<Vec<_>>()).await;
    server.stop().await;
    let newer = files(&record);

    let put = |files: &std::collections::BTreeMap<PathBuf, Vec<u8>>, head: &[u8]| {
        std::fs::remove_dir_all(&record).unwrap();
        std::fs::create_dir(&record).unwrap();
        for (path, bytes) in files {
            std::fs::write(record.join(path), bytes).unwrap();
        }
        std::fs::write(record.join("head"), head).unwrap();
    };
    let is_rolled_back = |error: &DataError| match error {
        DataError::OpenRecord(RecordOpenError::RolledBack { size, known }) => {
            *size == Sequence(older_size) && *known == Sequence(older_size + 10)
        }
        _ => false,
    };
    put(&older, &newer[Path::new("head")]);
    check_refused(&place, is_rolled_back);
    std::fs::remove_dir_all(place.root().join("state")).unwrap();
    check_refused(&place, is_rolled_back);
    put(&newer, &newer[Path::new("head")]);
    let (ledger, opened) = place.open().unwrap();
    assert_eq!(opened.ledger.events, older_size + 10);
    ledger.close().unwrap();
    // Head file and all: then it is the state that knows.
    put(&older, &older[Path::new("head")]);
    check_refused(&place, is_rolled_back);
    put(&newer, &newer[Path::new("head")]);
    place.open().unwrap().0.close().unwrap();
    place.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_without_its_keys_is_refused() {
    let place = used_place().await;
    let keys = place.root().join("keys");
    let aside = place.root().with_file_name("aside");
    for name in [letopisd::keys::FILE, data::KEK_FILE] {
        let path = keys.join(name);
        std::fs::rename(&path, &aside).unwrap();
        check_refused(&place, |error| matches!(error, DataError::Keys(_) | DataError::Vault(_)));
        std::fs::rename(&aside, &path).unwrap();
    }
    // Another ledger's keys.
    let path = keys.join(letopisd::keys::FILE);
    std::fs::rename(&path, &aside).unwrap();
    letopisd::keys::write(&path, &letopisd::keys::generate().unwrap()).unwrap();
    check_refused(&place, |error| matches!(error, DataError::Open(OpenError::OtherKeys)));
    std::fs::rename(&aside, &path).unwrap();
    place.open().unwrap().0.close().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_never_finished_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("data");
    drop(data::prepare(&root, testing::id(), &testing::keys()).unwrap());
    let open = || {
        let clock = letopis_ledger::Clock::system();
        data::open(&root, OPTIONS, clock, letopis_ledger::Limits::default()).map(|_| ())
    };
    assert!(matches!(open(), Err(DataError::Unfinished)));
    // An interrupted finish: a record without a genesis.
    let data_dir = letopis_record::DataDir::open(&root).unwrap();
    drop(letopis_record::Journal::create(&data_dir, OPTIONS).unwrap());
    drop(data_dir);
    let before = kept(&root);
    let error = open().unwrap_err();
    assert!(matches!(error, DataError::Open(OpenError::Genesis { .. })), "{error:?}");
    assert!(kept(&root) == before);
}
