//! Whatever happens, in whatever order.

use proptest::prelude::*;

use super::{hash, only};
use crate::clocks::{Clock, Clocks, How, Name, Occasion, Profiles, Reading};
use crate::profile::tests::{at, bulgarian, second};

/// One step of a history.
#[derive(Debug, Clone)]
enum Step {
    Take {
        name: usize,
        qualifier: usize,
        by: u8,
        subject: u8,
        of_whole: bool,
        due: Option<i64>,
    },
    /// Records as missed whatever is overdue when a statement happened.
    Miss(u8),
    Correct(u8, i64),
}

/// How many statements there are; each has a time of its own.
const STATEMENTS: u8 = 24;

/// When a statement happened: about two months, in which summer time begins and months end.
fn time(of: u8) -> i64 {
    1_772_000_000 + i64::from(of.wrapping_mul(11) % STATEMENTS) * 230_123
}

fn step() -> impl Strategy<Value = Step> {
    let by = 0..STATEMENTS;
    let due = prop::option::of(1_771_000_000..1_780_000_000_i64);
    prop_oneof![
        12 => (0..Name::ALL.len(), 0..6_usize, by.clone(), by.clone(), any::<bool>(), due).prop_map(
            |(name, qualifier, by, subject, of_whole, due)| Step::Take {
                name, qualifier, by, subject, of_whole, due,
            }
        ),
        2 => by.clone().prop_map(Step::Miss),
        1 => (by, 1_771_000_000..1_779_000_000_i64).prop_map(|(of, at)| Step::Correct(of, at)),
    ]
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..120)
}

fn profiles() -> impl Strategy<Value = Profiles> {
    prop_oneof![Just(only(bulgarian())), Just(only(second())), Just(both())]
}

/// The second profile from the middle of the histories' time on.
fn both() -> Profiles {
    let mut profiles = only(bulgarian());
    profiles.adopt(std::sync::Arc::new(second()), at(&bulgarian(), "2026-03-25 00:00"));
    profiles
}

fn apply(clocks: &mut Clocks, step: &Step, profiles: &Profiles) {
    match step {
        Step::Take { name, qualifier, by, subject, of_whole, due } => {
            let name = Name::ALL[*name];
            let qualifiers = name.qualifiers();
            let occasion = Occasion {
                qualifier: qualifiers.get(*qualifier % qualifiers.len().max(1)).copied(),
                of_whole: *of_whole,
                due: *due,
                ..Occasion::new(name, time(*by), hash(*by)).about(hash(*subject))
            };
            clocks.take(&occasion, profiles);
        }
        Step::Miss(when) => {
            let overdue: Vec<_> = clocks.overdue(time(*when)).collect();
            for clock in overdue {
                assert!(clocks.is_overdue(clock.id, time(*when)));
                clocks.miss(clock.id, time(*when));
            }
        }
        Step::Correct(of, at) => clocks.correct(&hash(*of), *at, profiles),
    }
}

fn again(clocks: &Clocks) -> Clocks {
    postcard::from_bytes(&postcard::to_allocvec(clocks).unwrap()).unwrap()
}

/// What a clock's reading must be, told another way.
fn holds(clock: &Clock, reading: Reading, now: i64) {
    assert!(!(reading.is_kept() && reading.is_missed()));
    match clock.ended {
        Some(ended) => {
            let in_time = clock.suspended_since.is_some() || ended.at < clock.due;
            let stopped = ended.how == How::Stopped;
            assert_eq!(reading.is_kept(), stopped && in_time, "{clock:?}: {reading:?}");
            let duty_done_late = !clock.term && !in_time && ended.how != How::HandedOver;
            assert_eq!(reading.is_missed(), duty_done_late, "{clock:?}: {reading:?}");
        }
        None => {
            assert!(!reading.is_kept());
            let out = clock.suspended_since.is_none() && clock.due <= now;
            if !clock.term && clock.missed.is_none() {
                assert_eq!(reading == Reading::Overdue, out, "{clock:?}: {reading:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_clock_has_one_reading(steps in history(), profiles in profiles()) {
        let mut clocks = Clocks::default();
        for step in &steps {
            apply(&mut clocks, step, &profiles);
        }
        for clock in clocks.iter() {
            for now in [0, clock.due - 1, clock.due, time(5), i64::MAX] {
                let reading = clocks.reading(clock.id, now).unwrap();
                holds(&clock, reading, now);
                prop_assert_eq!(clocks.is_overdue(clock.id, now), reading == Reading::Overdue);
                let listed = clocks.overdue(now).any(|other| other.id == clock.id);
                prop_assert_eq!(listed, reading == Reading::Overdue);
                if clock.ended.is_some_and(|ended| ended.how == How::HandedOver) {
                    prop_assert_eq!(reading, Reading::HandedOver);
                }
            }
            prop_assert_eq!(clocks.find(&clock.key()), Some(clock.id));
        }
    }

    #[test]
    fn replay_from_any_point_is_the_same(
        steps in history(),
        profiles in profiles(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let mut live = Clocks::default();
        let mut stored = Clocks::default();
        let cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(steps.len().max(1))).collect();
        for (place, step) in steps.iter().enumerate() {
            apply(&mut live, step, &profiles);
            if cuts.contains(&place) {
                stored = again(&stored);
            }
            apply(&mut stored, step, &profiles);
            prop_assert_eq!(&live, &stored);
        }
        prop_assert_eq!(again(&live), live);
    }

    #[test]
    fn the_next_due_is_the_least(steps in history(), profiles in profiles()) {
        let mut clocks = Clocks::default();
        for step in &steps {
            apply(&mut clocks, step, &profiles);
            let least = clocks
                .open()
                .filter(|clock| !clock.term && clock.suspended_since.is_none())
                .filter(|clock| clock.missed.is_none_or(|at| at < clock.due))
                .map(|clock| clock.due)
                .min();
            prop_assert_eq!(clocks.next_due(), least);
            if let Some(due) = least {
                prop_assert_eq!(clocks.overdue(due - 1).count(), 0);
                prop_assert!(clocks.overdue(due).count() > 0);
            }
        }
    }

    #[test]
    fn a_correction_and_back_is_none(
        steps in history(),
        profiles in profiles(),
        of in 0..STATEMENTS,
        to in 1_771_000_000..1_779_000_000_i64,
    ) {
        let mut clocks = Clocks::default();
        let steps = steps.iter().filter(|step| !matches!(step, Step::Correct(..)));
        for step in steps {
            apply(&mut clocks, step, &profiles);
        }
        let before = clocks.clone();
        clocks.correct(&hash(of), to, &profiles);
        for clock in clocks.iter() {
            let first = before.reading(clock.id, i64::MAX);
            if clock.missed.is_none() && clock.suspended_since.is_none() {
                let was_suspended = before.get(clock.id).unwrap().suspended_since.is_some();
                prop_assert!(was_suspended || clocks.first_reading(clock.id, i64::MAX) == first);
            }
        }
        clocks.correct(&hash(of), time(of), &profiles);
        prop_assert_eq!(clocks, before);
    }

    #[test]
    fn taking_the_same_in_twice_starts_nothing_more(steps in history(), profiles in profiles()) {
        let mut clocks = Clocks::default();
        for step in &steps {
            apply(&mut clocks, step, &profiles);
        }
        let keys: Vec<_> = clocks.iter().map(|clock| clock.key()).collect();
        let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
        prop_assert_eq!(distinct.len(), keys.len());
    }
}
