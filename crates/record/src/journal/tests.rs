use proptest::prelude::*;

use super::*;
use crate::fixture::{Files, LEDGER, Place, SMALL, append, read_all};
use crate::frame;
use crate::testing::{contract, events};

mod compaction;
mod crash;
mod failing;
mod full;
mod opening;
mod reading;

/// Runs the suite on a real file system.
fn pass_the_contract(options: Options) {
    contract::run(|| {
        let dir = tempfile::tempdir().unwrap();
        drop(Journal::create(&DataDir::create(dir.path(), LEDGER).unwrap(), options).unwrap());
        move || {
            let data = DataDir::open(dir.path()).unwrap();
            Journal::open(&data, options, Sequence::ZERO).unwrap().0
        }
    });
}

#[test]
fn passes_the_contract() {
    pass_the_contract(Options::default());
}

#[test]
fn passes_the_contract_with_small_segments() {
    pass_the_contract(SMALL);
}

#[test]
fn passes_the_contract_with_a_segment_per_group_and_no_space_ahead() {
    pass_the_contract(Options { segment_bytes: 0, preallocate_bytes: 0 });
}

#[test]
fn segments_are_as_long_as_they_may_be() {
    let place = Place::new();
    let (journal, _) = place.open(0).unwrap();
    for round in 0..60 {
        append(&journal, &[10 * (round % 7), 50]);
    }
    // One longer than a segment has one by itself.
    append(&journal, &[5_000]);
    append(&journal, &[5]);
    journal.close().unwrap();
    let files = place.files();
    let segments: Vec<_> = files.iter().filter(|(name, _)| name.ends_with(".segment")).collect();
    assert!(segments.len() > 10);
    let max = SMALL.segment_bytes as usize;
    let long: Vec<_> = segments.iter().filter(|(_, bytes)| bytes.len() > max).collect();
    assert_eq!(long.len(), 1);
    let frames = crate::fixture::frames(long[0].1);
    assert_eq!(frames.len(), 1);
    // The others are closed only when the next frame no longer fits.
    for (_, bytes) in &segments[..segments.len() - 3] {
        assert!(bytes.len() > max - 1_000, "{}", bytes.len());
    }
    drop(journal);
    let expected = read_all(&place.open(0).unwrap().0);
    assert_eq!(place.scan(), (expected, vec![]));
}

#[test]
fn space_is_written_ahead_in_steps() {
    let options = Options { segment_bytes: 10_000, preallocate_bytes: 3_000 };
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::create(dir.path(), LEDGER).unwrap();
    let journal = Journal::create(&data, options).unwrap();
    let mut lengths = Vec::new();
    for _ in 0..20 {
        append(&journal, &[200]);
        let segment = journal.dir.join(names::segment(Sequence::ZERO));
        lengths.push(fs::metadata(segment).unwrap().len());
    }
    lengths.dedup();
    // The last step would go beyond the segment; then it is closed.
    assert_eq!(lengths[..4], [3_000, 6_000, 9_000, 10_000]);
    assert_eq!(lengths.len(), 5);
    assert!(lengths[4] <= 10_000);
}

/// An event can be found from anywhere, before and after points for it were noted.
#[test]
fn frames_are_found_over_long_ways() {
    let options = Options { segment_bytes: 400_000, ..SMALL };
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::create(dir.path(), LEDGER).unwrap();
    let journal = Journal::create(&data, options).unwrap();
    let mut expected = Vec::new();
    for round in 0..300 {
        let tip = journal.tip();
        let group = events(&tip, &vec![100 + round; 1 + round % 20]);
        journal.append(&group).unwrap();
        expected.extend(group);
    }
    journal.close().unwrap();
    let check = |journal: &Journal, from: usize| {
        let read = journal.read(Sequence(from as u64), 3, usize::MAX).unwrap();
        assert_eq!(read, expected[from..(from + 3).min(expected.len())]);
    };
    let open = || Journal::open(&data, options, Sequence::ZERO).unwrap().0;
    let journal = open();
    (0..expected.len()).rev().step_by(7).for_each(|from| check(&journal, from));
    let journal = open();
    (0..expected.len())
        .map(|index| index * 7_919 % expected.len())
        .for_each(|from| check(&journal, from));
}

#[test]
fn the_lock_is_held_for_as_long_as_the_journal() {
    let place = Place::new();
    let (journal, _) = place.open(0).unwrap();
    assert!(DataDir::open(place.root()).is_err());
    drop(journal);
    DataDir::open(place.root()).unwrap();
}

#[test]
fn a_record_is_begun_only_where_there_is_none() {
    let file = |name: &str| Place::of(&Files::from([(name.to_owned(), b"left".to_vec())]));
    for place in [Place::new(), file("clean"), file("head"), file("notes.txt")] {
        let before = place.files();
        let again = Journal::create(&place.data(), SMALL);
        assert!(matches!(again, Err(OpenError::Exists { .. })));
        assert_eq!(place.files(), before);
    }
    Journal::create(&file("00000000000000000000.segment.tmp").data(), SMALL).unwrap();
}

#[test]
fn a_head_that_is_not_text_is_damage() {
    let place = Place::new();
    let (journal, _) = place.open(0).unwrap();
    place.put("head", b"invented\xff");
    let Err(RecordError::Damaged(fault)) = journal.head() else { panic!("not refused") };
    assert_eq!((fault.segment.as_str(), fault.offset, fault.what), ("head", 8, What::NotText));
}

/// What happens to a record between one group and the next.
#[derive(Debug, Clone)]
enum Step {
    Append(Vec<usize>),
    Stop,
    StopAbruptly,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let append = prop::collection::vec(0_usize..900, 1..9).prop_map(Step::Append);
    let step = prop_oneof![6 => append, 1 => Just(Step::Stop), 1 => Just(Step::StopAbruptly)];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_was_appended_is_read_back(
        steps in steps(),
        segment_bytes in 0_u64..9_000,
        preallocate_bytes in 0_u64..3_000,
        max_bytes in 0_usize..4_000,
    ) {
        let options = Options { segment_bytes, preallocate_bytes };
        let place = Place::new();
        let open = |known: &[StoredEvent]| {
            Journal::open(&place.data(), options, Sequence(known.len() as u64)).unwrap()
        };
        let mut expected = Vec::new();
        let (mut journal, _) = open(&expected);
        for step in steps {
            match step {
                Step::Append(lengths) => expected.extend(append(&journal, &lengths)),
                Step::Stop | Step::StopAbruptly => {
                    let orderly = matches!(step, Step::Stop);
                    if orderly {
                        journal.close().unwrap();
                    }
                    drop(journal);
                    let opened;
                    (journal, opened) = open(&expected);
                    prop_assert_eq!(opened.torn, None);
                    prop_assert!(opened.clean || !orderly);
                }
            }
        }
        let mut read = Vec::new();
        while read.len() < expected.len() {
            read.extend(journal.read(Sequence(read.len() as u64), 7, max_bytes).unwrap());
        }
        prop_assert_eq!(&read, &expected);
        prop_assert_eq!(journal.tip(), expected.iter().fold(Tip::EMPTY, |tip, event| tip.after(&event.link).unwrap()));
        drop(journal);
        prop_assert_eq!(place.scan(), (expected, vec![]));
    }
}
