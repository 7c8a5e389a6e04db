//! Two states compared row by row, and a state looked at in a copy.

use letopis_types::{
    ActorId, AgencyId, Digest, EventId, Sequence, StreamId, StreamKey, StreamKind, Version,
};

use super::{BTreeMap, Path, PathBuf, Place, SCHEMA, follow, fs, mark};
use crate::streams::{
    CaseRow, CodedRow, OwedRow, PositionRow, SignedRow, StreamRow, WaitingRow, counters_entry,
    due_entry, erasure_entry, file_entry, marks_entry, reading_entry,
};
use crate::{Change, Distrust, Found, How, Store};

const CASE: StreamKey = StreamKey { kind: StreamKind::Case, id: StreamId([0xca; 16]) };
const SHOWN: &str = "cacacaca-caca-caca-caca-cacacacacaca";
const OWED: &str = "owed by a0a0a0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0, role 3";
const ACTOR: &str = "21212121-2121-2121-2121-212121212121";
const HELD: &str = "agency a0a0a0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0";

/// A row of every projection, and what its key is shown as.
fn rows() -> Vec<(&'static str, Change, String)> {
    let head = Digest([7; 32]);
    let (first, last) = (Sequence(1), Sequence(4));
    let stream = StreamRow { version: Version(2), head, first, last };
    let position = PositionRow { sequence: last, head };
    let [position, event] = position.entries(&CASE, Version(2), &EventId([0xee; 16]));
    let (holder, lead) = (Some(AgencyId([0xa0; 16])), Some(ActorId([0x21; 16])));
    let case = CaseRow { id: CASE.id, holder, lead, stage: 1, track: 1 };
    let clock = WaitingRow { due: -5, file: CASE, clock: 3, holder, lead, protected: false };
    let [held_case, case] =
        <[Change; 2]>::try_from(case.entries(true).collect::<Vec<_>>()).unwrap();
    let [held, waiting] = <[Change; 2]>::try_from(clock.entries(true).collect::<Vec<_>>()).unwrap();
    let owed = OwedRow { waiting: clock, debtor: ([0xa0; 16], 3), stands_in: false };
    let signed = SignedRow {
        actor: ActorId([0x21; 16]),
        sequence: Sequence(9),
        stream: CASE,
        version: Version(2),
        kind: 1,
    };
    let of = |rest: &str| format!("case/{SHOWN}{rest}");
    vec![
        ("streams", stream.entry(&CASE), of("")),
        ("positions", position, of(", event 2")),
        ("event ids", event, of(", event id eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee")),
        ("files", file_entry(&CASE, vec![1]), of("")),
        ("marks", marks_entry(&CASE, Version(2), 1), of(", event 2")),
        ("readings", reading_entry(&CASE, Sequence(9)), of(", sequence 9")),
        ("erasures", erasure_entry(Sequence(9), &CASE), "sequence 9".to_owned()),
        ("due", due_entry(-5, &CASE, true), of(", due at -5")),
        ("cases", case, SHOWN.to_owned()),
        ("cases by agency", held_case, format!("{SHOWN}, {HELD}")),
        ("open clocks", waiting, of(", due at -5, clock 3")),
        ("owed", owed.entry(true), of(&format!(", due at -5, clock 3, {OWED}"))),
        ("signed by actor", signed.entry(), format!("{ACTOR}, sequence 9")),
        ("open clocks by agency", held, of(&format!(", due at -5, clock 3, {HELD}"))),
        (
            "counters",
            counters_entry((2026, 2), (7, 3), &[((0, 0), 5)].into()),
            "2026, quarter 2, universe 7, region 3".into(),
        ),
        (
            "sealed codes that are counted",
            CodedRow { sequence: Sequence(9), section: 1, counters: (33, 3) }.entry((2026, 2)),
            "2026, quarter 2, sequence 9".into(),
        ),
        (
            "tiles",
            (vec![b't', 1, 0, 0, 0, 0, 0, 0, 0, 6], Some(vec![0; 9])),
            "level 1, tile 6".into(),
        ),
        ("of no projection", (vec![b'z', 0xab], Some(vec![])), "7aab".into()),
    ]
}

fn at(place: &Place, name: &str) -> PathBuf {
    place.temp.path().join(name)
}

/// All files below a directory, with what is in them.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let found = paths.map(|path| match path.is_dir() {
        true => files(&path),
        false => BTreeMap::from([(path.clone(), fs::read(&path).unwrap())]),
    });
    found.flatten().collect()
}

/// A state that covers ten events, with all rows but one, which is as given.
fn state(place: &Place, name: &str, other: Option<(usize, Option<Vec<u8>>)>) -> Store {
    let (store, _) = Store::open(&at(place, name), &place.options, |_| true).unwrap();
    let mut changes: Vec<Change> = rows().into_iter().map(|(_, change, _)| change).collect();
    if let Some((number, value)) = other {
        changes[number].1 = value;
    }
    store.apply(&changes, &mark(10)).unwrap();
    store
}

#[test]
fn a_row_that_is_missing_added_or_changed_is_named() {
    let place = Place::new();
    let right = state(&place, "right", None);
    let same = right.compare(&state(&place, "same", None)).unwrap();
    assert_eq!(same.len(), rows().len());
    assert!(same.iter().all(|table| (table.rows, table.differing, &table.first) == (1, 0, &None)));

    for (number, (name, _, shown)) in rows().iter().enumerate() {
        let without = state(&place, &format!("without-{number}"), Some((number, None)));
        let changed = state(&place, &format!("changed-{number}"), Some((number, Some(vec![0xff]))));
        for (one, other, how) in [
            (&right, &without, How::Missing),
            (&without, &right, How::Added),
            (&right, &changed, How::Changed),
        ] {
            let compared = one.compare(other).unwrap();
            let [found] =
                compared.iter().filter(|table| table.differing > 0).collect::<Vec<_>>()[..]
            else {
                panic!("{name}: {compared:?}")
            };
            let (key, found_how) = found.first.as_ref().unwrap();
            assert_eq!((found.name, found.differing, *found_how), (*name, 1, how));
            assert_eq!(key.to_string(), *shown, "{name}");
        }
    }
}

#[test]
fn a_copy_is_opened_and_the_original_left_as_it_is() {
    let place = Place::new();
    let looked_at = |of: &str, to: &str| {
        Store::open_copy(&at(&place, of), &at(&place, to), &place.options).unwrap()
    };
    assert!(matches!(looked_at("nowhere", "one"), Found::Nothing));
    assert!(!at(&place, "nowhere").exists());

    let (store, _) = Store::open(&at(&place, "state"), &place.options, |_| true).unwrap();
    follow(&store, 40, 10);
    // As it would be found if it were copied while a server goes on.
    assert!(matches!(looked_at("state", "two"), Found::Untrusted(Distrust::Copied)));
    let digest = store.digest("everything", &[]).unwrap();
    store.close().unwrap();
    let before = files(&at(&place, "state"));
    let Found::Store(copy) = looked_at("state", "three") else { panic!("not trusted") };
    assert_eq!(copy.mark(), Some(mark(40)));
    assert_eq!(copy.digest("everything", &[]).unwrap(), digest);
    assert_eq!(files(&at(&place, "state")), before);

    let other = crate::Options { schema: SCHEMA + 1, ..place.options.clone() };
    let found = Store::open_copy(&at(&place, "state"), &at(&place, "four"), &other).unwrap();
    assert!(matches!(found, Found::Untrusted(Distrust::OtherSchema(SCHEMA))));
}
