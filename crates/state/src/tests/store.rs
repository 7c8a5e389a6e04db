//! Entries, order, marks, digests, snapshots.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use proptest::prelude::*;

use super::*;
use crate::{BATCH_ENTRIES_MAX, KEY_BYTES_MAX, Origin, StateError, VALUE_BYTES_MAX};

fn put(key: &[u8], value: &[u8]) -> Change {
    (key.to_vec(), Some(value.to_vec()))
}

fn scan(store: &Store, prefix: &[u8], after: Option<&[u8]>) -> Vec<Vec<u8>> {
    store.scan(prefix, after).map(|entry| entry.unwrap().0).collect()
}

#[test]
fn entries_are_found_in_order_of_their_keys() {
    let place = Place::new();
    let (store, report) = place.open();
    assert_eq!(report.origin, Origin::Empty);
    assert_eq!(store.mark(), None);
    let keys: [&[u8]; 6] = [b"\x01", b"a", b"a\0", b"ab", b"b", b"\xff\xff"];
    let changes: Vec<_> = keys.iter().rev().map(|key| put(key, b"of the key")).collect();
    store.apply(&changes, &mark(1)).unwrap();
    assert_eq!(store.mark(), Some(mark(1)));
    assert_eq!(scan(&store, b"", None), keys);
    assert_eq!(scan(&store, b"a", None), keys[1..4]);
    assert_eq!(scan(&store, b"a", Some(b"a\0")), keys[3..4]);
    assert_eq!(scan(&store, b"a", Some(b"0")), keys[1..4], "after what comes before the prefix");
    assert_eq!(scan(&store, b"a", Some(b"b")), Vec::<Vec<u8>>::new());
    assert_eq!(scan(&store, b"", Some(b"ab")), keys[4..]);
    assert_eq!(scan(&store, b"\xff", None), keys[5..]);
    assert_eq!(scan(&store, b"\0", None), [b"\0mark"], "the store's own");
    assert_eq!(store.get(b"ab").unwrap().unwrap(), b"of the key");
    assert_eq!(store.get(b"abc").unwrap(), None);
    assert_eq!(store.get(b"\0mark").unwrap(), None, "the store's own");
    assert_eq!(store.get(b"").unwrap(), None);
}

#[test]
fn of_changes_to_one_key_the_last_counts() {
    let place = Place::new();
    let (store, _) = place.open();
    let changes = [put(b"a", b"1"), put(b"b", b"1"), (b"a".to_vec(), None), put(b"b", b"2")];
    store.apply(&changes, &mark(1)).unwrap();
    assert_eq!(store.get(b"a").unwrap(), None);
    assert_eq!(store.get(b"b").unwrap().unwrap(), b"2");
    store.apply(&[(b"b".to_vec(), None), put(b"a", b"3")], &mark(2)).unwrap();
    assert_eq!(store.get(b"a").unwrap().unwrap(), b"3");
    assert_eq!(store.get(b"b").unwrap(), None);
}

#[test]
fn what_can_not_be_stored_is_refused_and_changes_nothing() {
    let place = Place::new();
    let (store, _) = place.open();
    store.apply(&[put(b"a", b"1")], &mark(2)).unwrap();
    let long = vec![b'k'; KEY_BYTES_MAX + 1];
    for key in [b"".as_slice(), b"\0", b"\0mark", &long] {
        let error = store.apply(&[put(b"a", b"2"), put(key, b"1")], &mark(3)).unwrap_err();
        assert!(matches!(error, StateError::Key { length, .. } if length == key.len()), "{error}");
    }
    let long = vec![0; VALUE_BYTES_MAX + 1];
    let error = store.apply(&[put(b"a", &long)], &mark(3)).unwrap_err();
    assert!(matches!(error, StateError::Value { .. }), "{error}");
    let foreign =
        [Mark { ledger: OTHER_LEDGER, ..mark(3) }, Mark { schema: SCHEMA + 1, ..mark(3) }];
    for mark in foreign {
        let error = store.apply(&[put(b"a", b"2")], &mark).unwrap_err();
        assert!(matches!(error, StateError::ForeignMark), "{error}");
    }
    let error = store.apply(&[put(b"a", b"2")], &mark(1)).unwrap_err();
    assert!(
        matches!(error, StateError::MarkBehind { have: Sequence(2), given: Sequence(1) }),
        "{error}"
    );
    assert_eq!(store.get(b"a").unwrap().unwrap(), b"1");
    assert_eq!(store.mark(), Some(mark(2)));
    store.apply(&[put(&[b'k'; KEY_BYTES_MAX], &long[1..])], &mark(2)).unwrap();
    store.close().unwrap();
    let (store, _) = place.open();
    assert_eq!(store.get(&[b'k'; KEY_BYTES_MAX]).unwrap().unwrap(), &long[1..]);
}

#[test]
fn large_changes_are_whole_in_the_end() {
    let place = Place::new();
    let (store, _) = place.open();
    let entries = BATCH_ENTRIES_MAX * 3 + 1;
    let changes: Vec<_> = (0..entries as u32)
        .map(|n| put(&[b"k".as_slice(), &n.to_be_bytes()].concat(), b"v"))
        .collect();
    store.apply(&changes, &mark(1)).unwrap();
    assert_eq!(scan(&store, b"k", None).len(), entries);
    let large: Vec<_> = (0..20u8).map(|n| put(&[b'l', n], &vec![n; 100 << 10])).collect();
    store.apply(&large, &mark(2)).unwrap();
    store.close().unwrap();
    let (store, report) = place.open();
    assert_eq!(report.origin, Origin::Kept { size: Sequence(2) });
    assert_eq!(store.get(&[b'l', 19]).unwrap().unwrap(), vec![19; 100 << 10]);
    assert_eq!(scan(&store, b"k", None).len(), entries);
}

#[test]
fn the_digest_is_that_of_the_format() {
    let place = Place::new();
    let (store, _) = place.open();
    assert!(matches!(store.digest("all", &[]), Err(StateError::NothingApplied)));
    assert!(matches!(store.snapshot(), Err(StateError::NothingApplied)));
    follow(&store, 300, 40);
    for prefix in [b"".as_slice(), b"\x01", b"\x02", b"\x03", b"\x04"] {
        let digest = store.digest("invented", prefix).unwrap();
        assert_eq!(digest, expected_digest("invented", prefix, 300));
    }
    assert_ne!(store.digest("a", &[1]).unwrap(), store.digest("b", &[1]).unwrap());

    // By hand: one entry after the genesis.
    let place = Place::new();
    let (store, _) = place.open();
    store.apply(&[put(b"k", b"value")], &mark(1)).unwrap();
    let bytes = b"\0\0\0\0\0\0\0\x01p\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01k\0\0\0\0\0\0\0\x05value";
    assert_eq!(store.digest("p", &[]).unwrap(), hash(Purpose::Projection, bytes));
}

#[test]
fn how_events_are_grouped_makes_no_difference() {
    for group in [1, 7, 500] {
        let place = Place::new();
        let (store, _) = place.open();
        follow(&store, 500, group);
        assert_is(&store, 500);
    }
}

#[test]
fn readers_and_digests_go_on_beside_changes() {
    let place = Place::new();
    let (store, _) = place.open();
    follow(&store, 10, 10);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            follow(&store, 600, 20);
            done.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                let before = store.mark().unwrap().size.0;
                let events = scan(&store, b"\x02", None).len() as u64;
                assert!(events >= before);
            }
        });
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                store.digest("all", &[]).unwrap();
                store.snapshot().unwrap();
            }
        });
    });
    assert_is(&store, 600);
    assert_eq!(place.snapshots().len(), 2);
    for path in place.snapshots() {
        let mark = crate::snapshot::verify(&path).unwrap();
        assert!(on_record(&mark));
    }
}

#[derive(Debug, Clone)]
enum Step {
    Apply(Vec<(u8, u8, Option<u16>)>),
    Close,
    Crash,
    Snapshot,
    Restore,
}

fn step() -> impl Strategy<Value = Step> {
    let change = (0u8..6, any::<u8>(), proptest::option::of(0u16..2000));
    prop_oneof![
        8 => proptest::collection::vec(change, 0..40).prop_map(Step::Apply),
        1 => Just(Step::Close),
        1 => Just(Step::Crash),
        2 => Just(Step::Snapshot),
        1 => Just(Step::Restore),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is applied, reopened, snapshot and begun anew from it: the entries are those of a map
    /// to which the same was done, and so is the digest.
    #[test]
    fn the_store_is_a_map_that_survives(steps in proptest::collection::vec(step(), 1..24)) {
        let place = Place::new();
        let (mut store, _) = place.open();
        let mut entries = BTreeMap::<Vec<u8>, Vec<u8>>::new();
        let mut size = 0;
        let mut saved = None;
        for step in steps {
            match step {
                Step::Apply(changes) => {
                    let changes: Vec<Change> = changes
                        .into_iter()
                        .map(|(a, b, length)| {
                            (vec![a + 1, b], length.map(|length| vec![b; usize::from(length)]))
                        })
                        .collect();
                    size += 1;
                    store.apply(&changes, &mark(size)).unwrap();
                    for (key, value) in changes {
                        match value {
                            Some(value) => entries.insert(key, value),
                            None => entries.remove(&key),
                        };
                    }
                }
                Step::Close => {
                    store.close().unwrap();
                    store = place.open().0;
                }
                Step::Crash => {
                    drop(store);
                    store = place.open().0;
                }
                Step::Snapshot if size > 0 => {
                    store.snapshot().unwrap();
                    saved = Some((entries.clone(), size));
                }
                Step::Restore => {
                    drop(store);
                    fs::remove_dir_all(place.live()).unwrap();
                    (entries, size) = saved.clone().unwrap_or_default();
                    store = place.open().0;
                }
                Step::Snapshot => {}
            }
            prop_assert_eq!(store.mark(), (size > 0).then(|| mark(size)));
            let found: BTreeMap<_, _> = store.scan(&[], None).map(Result::unwrap).collect();
            prop_assert_eq!(&found, &entries);
        }
    }
}
