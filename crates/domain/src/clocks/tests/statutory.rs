//! Each clock of the Bulgarian profile: kept to the last second, late a second after, missed, met
//! but recorded late, over; from a list that was written by hand.

use std::collections::BTreeSet;

use super::{File, Reading, at, occasion};
use crate::clocks::{Clock, Clocks};
use crate::profile::tests::bulgarian;
use crate::profile::{Ends, Length};

const LIST: &str = include_str!("statutory.txt");

struct Line {
    number: u32,
    start: &'static str,
    from: &'static str,
    due: &'static str,
    stop: Option<&'static str>,
}

fn lines() -> Vec<Line> {
    let lines = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = |line: &'static str| {
        let fields: Vec<_> = line.split('|').map(str::trim).collect();
        let [number, start, from, due, stop] = fields[..] else { panic!("{line}") };
        let stop = (stop != "-").then_some(stop);
        Line { number: number.parse().unwrap(), start, from, due, stop }
    };
    lines.map(read).collect()
}

/// A file in which a line's clock has started.
fn started(line: &Line) -> (File, Clock) {
    let mut file = File::new(bulgarian());
    let start = occasion(line.start, file.at(line.from), 1).due(file.at(line.due));
    file.clocks.take(&start, &file.profiles);
    assert_eq!(file.count(line.number), 1, "{}: {} starts it once", line.number, line.start);
    let clock = file.clock(line.number);
    (file, clock)
}

/// How the clock stands long after it was stopped at this time; missed before that, or not.
fn stopped(line: &Line, at: i64, missed: bool) -> Reading {
    let (mut file, clock) = started(line);
    if missed {
        file.clocks.miss(clock.id, clock.due);
    }
    let stop = occasion(line.stop.unwrap(), at, 2).about(super::hash(1));
    file.clocks.take(&stop, &file.profiles);
    file.clocks.reading(clock.id, i64::MAX).unwrap()
}

#[test]
fn each_clock_is_on_the_list() {
    let listed: BTreeSet<u32> = lines().iter().map(|line| line.number).collect();
    let known: BTreeSet<u32> = bulgarian().clocks().iter().map(|rule| rule.number).collect();
    assert_eq!(listed, known);
}

#[test]
fn each_is_due_when_the_law_says() {
    for line in lines() {
        let (file, clock) = started(&line);
        let due = file.at(line.due);
        assert_eq!(clock.due, due, "{} from {} is due at {}", line.number, line.from, line.due);
        let reading = |now| file.clocks.reading(clock.id, now).unwrap();
        assert_eq!(reading(due - 1), Reading::Running, "{}", line.number);
        let over = if clock.term { Reading::Expired } else { Reading::Overdue };
        assert_eq!(reading(due), over, "{}", line.number);
        let rule = file.clocks.rule(clock.id, &file.profiles).unwrap();
        assert_eq!(clock.term, rule.ends == Ends::Term);
    }
}

#[test]
fn each_duty_is_overdue_once_and_then_missed() {
    for line in lines() {
        let (mut file, clock) = started(&line);
        let overdue = |clocks: &Clocks, now| clocks.overdue(now).any(|one| one.id == clock.id);
        assert!(!overdue(&file.clocks, clock.due - 1), "{}", line.number);
        assert_eq!(overdue(&file.clocks, clock.due), !clock.term, "{}", line.number);
        assert_eq!(file.clocks.is_overdue(clock.id, clock.due), !clock.term);
        if !clock.term {
            file.clocks.miss(clock.id, clock.due + 30);
            assert!(!overdue(&file.clocks, i64::MAX), "{}", line.number);
            let reading = file.clocks.reading(clock.id, clock.due + 31);
            assert_eq!(reading, Some(Reading::Missed), "{}", line.number);
        }
    }
}

#[test]
fn each_is_kept_to_the_last_second_and_late_after_it() {
    for line in lines().iter().filter(|line| line.stop.is_some()) {
        let (_, clock) = started(line);
        let number = line.number;
        assert_eq!(stopped(line, clock.due - 1, false), Reading::Kept, "{number}");
        let late = if clock.term { Reading::Expired } else { Reading::Late };
        assert_eq!(stopped(line, clock.due, false), late, "{number}");
        if !clock.term {
            assert_eq!(stopped(line, clock.due, true), Reading::Late, "{number}");
            let kept_late = stopped(line, clock.due - 1, true);
            assert_eq!(kept_late, Reading::KeptRecordedLate, "{number}");
        }
    }
}

#[test]
fn none_starts_before_its_rule_applies() {
    for rule in bulgarian().clocks() {
        let mut file = File::new(bulgarian());
        let day = rule.applies_from.yesterday().unwrap();
        let before = at(file.profiles.get(0).unwrap(), &format!("{day} 12:00"));
        for trigger in &rule.start {
            let mut start = occasion(trigger.name.text(), before, 1).due(before + 1_000_000);
            start.qualifier = trigger.qualifier;
            file.clocks.take(&start, &file.profiles);
            assert_eq!(file.count(rule.number), 0, "{} on {day}", rule.number);
            start.at += 24 * 3600;
            file.clocks.take(&start, &file.profiles);
            assert_eq!(file.count(rule.number), 1, "{} the day after {day}", rule.number);
            file.clocks = Clocks::default();
        }
    }
}

#[test]
fn what_voids_the_case_voids_its_clocks() {
    for line in lines() {
        let (mut file, clock) = started(&line);
        let voided = occasion("case-voided", clock.started_at + 60, 2).of_whole();
        file.clocks.take(&voided, &file.profiles);
        assert_eq!(file.clocks.open().count(), 0, "{}", line.number);
        let reading = file.clocks.reading(clock.id, i64::MAX);
        assert_eq!(reading, Some(Reading::Dropped), "{}", line.number);
        assert_eq!(file.clocks.next_due(), None);
    }
}

#[test]
fn assumed_counting_is_told() {
    let assumed = |number: u32, from: &str| {
        let lines = lines();
        let line = lines.iter().find(|line| line.number == number).unwrap();
        let mut file = File::new(bulgarian());
        file.happens(line.start, from, 1);
        file.clock(number).assumed
    };
    // The 12th is a Thursday; the 14th a Saturday, on which it ends all the same.
    assert!(!assumed(101, "2026-03-02 09:15"));
    assert!(assumed(101, "2026-03-04 09:15"));
    // "One day", and a basis that is assumed altogether.
    assert!(assumed(103, "2026-03-02 09:15"));
    assert!(assumed(105, "2026-03-02 09:15"));
    // Hours know no holiday.
    assert!(!assumed(102, "2026-03-07 09:15"));
    // Before a court the law itself says what a holiday does.
    assert!(!assumed(511, "2026-03-27 09:15"));
}

#[test]
fn no_stated_clock_starts_where_nothing_is_stated() {
    let profile = bulgarian();
    for rule in profile.clocks().iter().filter(|rule| rule.length == Length::Stated) {
        let mut file = File::new(bulgarian());
        file.happens(rule.start[0].name.text(), "2026-03-02 10:00", 1);
        assert_eq!(file.count(rule.number), 0, "{}", rule.number);
    }
}
