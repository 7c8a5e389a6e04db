//! An event's time was wrong: what moves with it, and both readings.

use super::{File, Reading, at, hash, occasion};
use crate::profile::tests::{bulgarian, second};

/// Corrects the time of a statement.
fn correct(file: &mut File, of: u8, time: &str) {
    let at = file.at(time);
    file.clocks.correct(&hash(of), at, &file.profiles);
}

#[test]
fn a_start_moves_with_its_due_date() {
    let mut file = File::new(bulgarian());
    file.happens("signal-received.general", "2026-03-02 10:00", 1);
    let before = file.clocks.clone();
    correct(&mut file, 1, "2026-03-05 10:00");
    let clock = file.clock(101);
    file.is_due(101, "2026-03-16 00:00");
    assert_eq!(clock.started_at, file.at("2026-03-05 10:00"));
    assert_eq!(clock.first_due, Some(file.at("2026-03-13 00:00")));
    let (now, id) = (file.at("2026-03-14 00:00"), clock.id);
    assert_eq!(file.clocks.reading(id, now), Some(Reading::Running));
    assert_eq!(file.clocks.first_reading(id, now), Some(Reading::Overdue));
    // A second correction leaves what was stated first.
    correct(&mut file, 1, "2026-03-06 10:00");
    assert_eq!(file.clock(101).first_due, clock.first_due);
    correct(&mut file, 1, "2026-03-02 10:00");
    assert_eq!(file.clocks, before);
}

#[test]
fn a_stop_that_moves_changes_the_reading_and_keeps_the_first() {
    let mut file = File::new(bulgarian());
    file.happens("signal-received.general", "2026-03-02 10:00", 1);
    file.miss(101, "2026-03-13 00:00");
    file.about("signal-assessed.case", "2026-03-14 10:00", 2, 1);
    let id = file.clock(101).id;
    assert_eq!(file.clocks.reading(id, i64::MAX), Some(Reading::Late));
    correct(&mut file, 2, "2026-03-12 10:00");
    assert_eq!(file.clocks.reading(id, i64::MAX), Some(Reading::KeptRecordedLate));
    assert_eq!(file.clocks.first_reading(id, i64::MAX), Some(Reading::Late));
    assert_eq!(file.clock(101).first_due, None);
    // The notice to the sender ran from the assessment.
    file.is_due(105, "2026-03-20 00:00");
    assert_eq!(file.clock(105).first_due, Some(file.at("2026-03-22 00:00")));
}

#[test]
fn what_was_missed_by_an_earlier_reading_may_be_missed_again() {
    let mut file = File::new(bulgarian());
    file.happens("signal-received.general", "2026-03-02 10:00", 1);
    file.miss(101, "2026-03-13 00:00");
    correct(&mut file, 1, "2026-03-05 10:00");
    assert_eq!(file.reading(101, "2026-03-15 23:59"), Reading::Running);
    let id = file.clock(101).id;
    assert!(file.clocks.is_overdue(id, file.at("2026-03-16 00:00")));
    file.miss(101, "2026-03-16 00:00");
    assert_eq!(file.reading(101, "2026-03-17 00:00"), Reading::Missed);
    // Back: it was missed then too.
    correct(&mut file, 1, "2026-03-02 10:00");
    assert_eq!(file.reading(101, "2026-03-17 00:00"), Reading::Missed);
}

#[test]
fn suspension_and_extension_move_too() {
    let mut file = File::new(second());
    file.happens("police-protection-begun", "2026-03-10 12:00", 1);
    file.about("execution-suspended", "2026-03-10 13:00", 2, 1);
    file.about("execution-ordered", "2026-03-10 15:00", 3, 1);
    file.about("delay-explained", "2026-03-11 12:00", 4, 1);
    file.is_due(2, "2026-03-12 14:00");
    correct(&mut file, 3, "2026-03-10 14:00");
    file.is_due(2, "2026-03-12 13:00");
    assert_eq!(file.clock(2).first_due, Some(file.at("2026-03-12 14:00")));
    // An extension that came after it had run out was none.
    correct(&mut file, 4, "2026-03-12 13:00");
    file.is_due(2, "2026-03-12 01:00");
    assert_eq!(file.clock(2).extended, 0);
}

#[test]
fn a_start_may_move_under_another_rule() {
    let mut file = File::new(second());
    file.happens("signal-received", "2026-06-01 10:00", 1);
    let before = file.clocks.clone();
    correct(&mut file, 1, "2026-05-31 10:00");
    file.is_due(1, "2026-06-08 00:00");
    // Eight working days from the 2nd.
    assert_eq!(file.clock(1).first_due, Some(file.at("2026-06-12 00:00")));
    // No rule applied then: it stays under its own.
    correct(&mut file, 1, "2019-05-31 10:00");
    file.is_due(1, "2019-06-06 00:00");
    correct(&mut file, 1, "2026-06-01 10:00");
    assert_eq!(file.clocks, before);
}

#[test]
fn a_restart_moves_both_clocks() {
    let mut file = File::new(second());
    file.happens("placement-started", "2026-03-01 10:00", 1);
    file.happens("visit-recorded", "2026-04-05 10:00", 2);
    correct(&mut file, 2, "2026-03-31 10:00");
    let readings: Vec<_> = file
        .clocks
        .iter()
        .map(|clock| file.clocks.reading(clock.id, file.at("2026-04-29 00:00")).unwrap())
        .collect();
    assert_eq!(readings, [Reading::Kept, Reading::Running]);
    file.is_due(4, "2026-05-01 00:00");
}

#[test]
fn a_stated_date_is_corrected_for_its_subject() {
    let mut file = File::new(bulgarian());
    for subject in [2, 3] {
        let made = occasion("commitment-made", file.at("2026-03-02 10:00"), 1)
            .about(hash(subject))
            .due(file.at("2026-03-09 00:00"));
        file.clocks.take(&made, &file.profiles);
    }
    let before = file.clocks.clone();
    let (new, old) = (file.at("2026-03-16 00:00"), file.at("2026-03-09 00:00"));
    file.clocks.correct_due(&hash(1), &hash(3), new, &file.profiles);
    let due: Vec<_> = file.clocks.iter().map(|clock| (clock.due, clock.first_due)).collect();
    assert_eq!(due, [(old, None), (new, Some(old))]);
    file.clocks.correct_due(&hash(1), &hash(3), old, &file.profiles);
    assert_eq!(file.clocks, before);
}

#[test]
fn what_happened_by_being_recorded_does_not_move() {
    let mut file = File::new(bulgarian());
    // One statement: an act of the night, entered the day after.
    file.happens("emergency-act-happened", "2026-03-02 03:00", 1);
    let entered = occasion("emergency-act-entered", file.at("2026-03-03 02:00"), 1).recorded();
    file.clocks.take(&entered, &file.profiles);
    assert_eq!(file.reading(203, "2026-04-01 00:00"), Reading::Kept);
    correct(&mut file, 1, "2026-03-02 01:00");
    file.is_due(203, "2026-03-03 01:00");
    assert_eq!(file.reading(203, "2026-04-01 00:00"), Reading::Late);
}

#[test]
fn nothing_moves_by_what_is_not_known() {
    let mut file = File::new(bulgarian());
    file.happens("signal-received.general", "2026-03-02 10:00", 1);
    let before = file.clocks.clone();
    correct(&mut file, 9, "2026-03-05 10:00");
    file.clocks.correct_due(&hash(9), &hash(1), 0, &file.profiles);
    file.clocks.correct_due(&hash(1), &hash(1), 0, &file.profiles);
    assert_eq!(file.clocks, before);
    assert_eq!(at(file.profiles.get(0).unwrap(), "1970-01-01 02:00"), 0);
}
