//! What stops, suspends, extends and restarts a clock, and whose clock an occasion is.

use std::sync::Arc;

use super::{File, Reading, at, hash, occasion};
use crate::clocks::{ClockKey, Clocks, How, Profiles};
use crate::profile::Duty;
use crate::profile::tests::{bulgarian, second};

#[test]
fn a_suspended_clock_in_days_gets_the_days_back() {
    let mut file = File::new(second());
    file.happens("signal-received.general", "2026-03-10 12:00", 1);
    file.is_due(1, "2026-03-16 00:00");
    file.about("execution-suspended", "2026-03-12 23:00", 2, 1);
    assert_eq!(file.reading(1, "2026-03-20 00:00"), Reading::Suspended);
    assert_eq!(file.clock(1).suspended_since, Some(file.at("2026-03-12 23:00")));
    assert!(!file.clocks.is_overdue(file.clock(1).id, file.at("2026-06-01 00:00")));
    assert_eq!(file.clocks.next_due(), None);
    // Four civil days later; the 19th is a Thursday.
    file.about("execution-ordered", "2026-03-16 01:00", 3, 1);
    file.is_due(1, "2026-03-20 00:00");
    assert_eq!(file.reading(1, "2026-03-19 23:59:59"), Reading::Running);
    // Once more, into the weekend (Friday and Saturday).
    file.about("execution-suspended", "2026-03-17 01:00", 4, 1);
    file.about("execution-ordered", "2026-03-18 01:00", 5, 1);
    file.is_due(1, "2026-03-23 00:00");
}

#[test]
fn a_suspended_clock_in_hours_gets_the_minutes_back() {
    let mut file = File::new(second());
    file.happens("police-protection-begun", "2026-03-10 12:00:40", 1);
    file.is_due(2, "2026-03-12 00:00");
    file.about("execution-suspended", "2026-03-10 13:00:30", 2, 1);
    file.about("execution-ordered", "2026-03-10 14:30:10", 3, 1);
    file.is_due(2, "2026-03-12 01:30");
    // A stop while it stands still is in time, however late.
    file.about("execution-suspended", "2026-03-10 15:00", 4, 1);
    file.about("police-protection-ended", "2026-05-01 00:00", 5, 1);
    assert_eq!(file.reading(2, "2027-01-01 00:00"), Reading::Kept);
}

#[test]
fn what_ran_out_is_neither_suspended_nor_extended() {
    let mut file = File::new(second());
    file.happens("police-protection-begun", "2026-03-10 12:00", 1);
    file.about("execution-suspended", "2026-03-12 00:00", 2, 1);
    file.about("delay-explained", "2026-03-12 00:00", 3, 1);
    file.is_due(2, "2026-03-12 00:00");
    assert_eq!(file.reading(2, "2026-03-12 00:00"), Reading::Overdue);
    // By when it happened, not by when it was taken in.
    file.about("delay-explained", "2026-03-11 23:59", 4, 1);
    file.is_due(2, "2026-03-12 12:00");
}

#[test]
fn an_extension_counts_as_often_as_the_rule_says() {
    let mut file = File::new(second());
    file.happens("signal-received", "2026-03-10 12:00", 1);
    file.about("delay-explained", "2026-03-11 12:00", 2, 1);
    // From the last day, the 15th, a month; a Wednesday.
    file.is_due(1, "2026-04-16 00:00");
    file.about("delay-explained", "2026-03-12 12:00", 3, 1);
    file.is_due(1, "2026-04-16 00:00");
    assert_eq!(file.clock(1).extended, 1);

    file.happens("police-protection-begun", "2026-03-10 12:00", 4);
    for by in 5..9 {
        file.about("delay-explained", "2026-03-11 12:00", by, 4);
    }
    assert_eq!(file.clock(2).extended, 2);
    file.is_due(2, "2026-03-13 00:00");
    file.about("police-protection-ended", "2026-03-12 23:59:59", 9, 4);
    assert_eq!(file.reading(2, "2027-01-01 00:00"), Reading::Kept);
}

#[test]
fn a_stated_date_is_bounded_extended_and_suspended() {
    let mut file = File::new(second());
    let mut made = |due: Option<&str>, by: u8| {
        let mut made = occasion("commitment-made", file.at("2026-03-10 12:00"), by);
        made.due = due.map(|due| file.at(due));
        file.clocks.take(&made, &file.profiles);
        file.clock(3)
    };
    let early = made(Some("2026-03-15 09:30"), 1);
    let late = made(Some("2026-05-01 00:00"), 2);
    let open = made(None, 3);
    assert_eq!(early.due, file.at("2026-03-15 09:30"));
    // Ten days, and the 20th and 21st are the weekend.
    assert_eq!(late.due, file.at("2026-03-23 00:00"));
    assert_eq!(open.due, late.due);
    assert!(early.assumed && late.assumed);
    file.about("execution-suspended", "2026-03-14 10:00", 4, 1);
    file.about("execution-ordered", "2026-03-15 11:00", 5, 1);
    let due = |file: &File, id| file.clocks.get(id).unwrap().due;
    assert_eq!(due(&file, early.id), file.at("2026-03-16 10:30"));
    file.about("delay-explained", "2026-03-16 09:00", 6, 2);
    // Two working days after Sunday the 22nd.
    assert_eq!(due(&file, late.id), file.at("2026-03-25 00:00"));
    file.about("commitment-dropped", "2026-03-20 00:00", 7, 2);
    file.about("commitment-fulfilled", "2026-03-20 00:00", 8, 1);
    let reading = |id| file.clocks.reading(id, i64::MAX).unwrap();
    assert_eq!(reading(late.id), Reading::Dropped);
    assert_eq!(reading(early.id), Reading::Late);
    assert_eq!(reading(open.id), Reading::Overdue);
}

#[test]
fn a_running_clock_keeps_the_rule_under_which_it_started() {
    let mut file = File::new(second());
    file.happens("signal-received", "2026-05-31 23:59", 1);
    file.happens("signal-received", "2026-06-01 00:00", 2);
    let clocks: Vec<_> = file.clocks.iter().collect();
    // Five days, to the 5th, a Friday: then Sunday.
    assert_eq!(clocks[0].due, file.at("2026-06-08 00:00"));
    // Eight working days from Tuesday: 2, 3, 4, 7, 8, 9, 10, 11.
    assert_eq!(clocks[1].due, file.at("2026-06-12 00:00"));
    let duty = |place: usize| file.clocks.duty(clocks[place].id, &file.profiles);
    assert_eq!((duty(0), duty(1)), (Some(Duty::SocialWorker), Some(Duty::Lead)));
    // The rule of old knows suspension, the new one does not.
    for (by, subject) in [(3, 1), (4, 2)] {
        file.about("execution-suspended", "2026-06-03 00:00", by, subject);
    }
    let suspended = |id| file.clocks.get(id).unwrap().suspended_since.is_some();
    assert!(suspended(clocks[0].id) && !suspended(clocks[1].id));
}

#[test]
fn a_running_clock_keeps_its_profile() {
    let (old, new) = (bulgarian(), {
        let text =
            crate::profile::BULGARIAN.replacen("length = \"10 days\"", "length = \"5 days\"", 1);
        crate::profile::Profile::parse(&text).unwrap()
    });
    let change = at(&old, "2026-07-01 00:00");
    let mut file = File { profiles: Profiles::new(), clocks: Clocks::default() };
    file.profiles.adopt(Arc::new(old), at(&new, "2026-01-01 00:00"));
    file.happens("signal-received.general", "2026-06-30 23:59", 1);
    file.profiles.adopt(Arc::new(new), change);
    file.happens("signal-received.general", "2026-07-01 00:00", 2);
    // Recorded after the change, and happened before it: the old one's.
    file.happens("signal-received.general", "2026-06-30 12:00", 3);
    let checks: Vec<_> = file.clocks.iter().filter(|clock| clock.number == 101).collect();
    let found: Vec<_> = checks.iter().map(|clock| (clock.profile, clock.due)).collect();
    let (ten, five) = (file.at("2026-07-11 00:00"), file.at("2026-07-07 00:00"));
    assert_eq!(found, [(0, ten), (1, five), (0, ten)]);
    // What happened before the first profile is under the first one.
    assert_eq!(file.profiles.in_force(0).map(|(place, _)| place), Some(0));
    assert_eq!(file.profiles.in_force(change - 1).map(|(place, _)| place), Some(0));
    assert_eq!(file.profiles.in_force(change).map(|(place, _)| place), Some(1));
    assert!(Profiles::new().in_force(0).is_none());
}

#[test]
fn a_profile_effective_earlier_but_adopted_later_counts() {
    let mut profiles = Profiles::new();
    profiles.adopt(Arc::new(second()), 1_000);
    profiles.adopt(Arc::new(second()), 500);
    let in_force = |at| profiles.in_force(at).map(|(place, _)| place);
    assert_eq!((in_force(400), in_force(500), in_force(2_000)), (Some(0), Some(1), Some(1)));
    assert_eq!(profiles.len(), 2);
}

#[test]
fn each_subject_has_its_own_clock() {
    let mut file = File::new(bulgarian());
    file.happens("placement-ordered", "2026-03-02 10:00", 1);
    file.happens("placement-ordered", "2026-03-05 10:00", 2);
    assert_eq!(file.count(502), 2);
    file.about("court-request-filed", "2026-03-20 10:00", 3, 2);
    let open: Vec<_> = file.clocks.open().filter(|clock| clock.number == 502).collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].subject, hash(1));
    // Of the whole file: every subject's.
    let ended = occasion("placement-ended", file.at("2026-03-21 10:00"), 4).of_whole();
    file.clocks.take(&ended, &file.profiles);
    assert!(!file.clocks.open().any(|clock| clock.number == 502));
}

#[test]
fn a_clock_of_the_file_is_one() {
    let mut file = File::new(bulgarian());
    file.happens("plan-adopted.prevention", "2026-03-02 10:00", 1);
    file.happens("plan-adopted.prevention", "2026-03-09 10:00", 2);
    assert_eq!(file.count(402), 1);
    file.is_due(402, "2026-06-03 00:00");
    // A review of whatever subject holds for it, and starts the next.
    file.happens("review-held.prevention", "2026-05-31 10:00", 3);
    assert_eq!(file.count(402), 2);
    file.is_due(402, "2026-09-01 00:00");
    let first = file.clocks.iter().find(|clock| clock.number == 402).unwrap();
    assert_eq!(file.clocks.reading(first.id, i64::MAX), Some(Reading::Kept));
    // The longest term goes on from the first plan.
    assert_eq!(file.count(404), 1);
    // Another track: its clock takes the place.
    file.happens("plan-adopted.general", "2026-06-10 10:00", 4);
    assert_eq!(file.reading(402, "2027-01-01 00:00"), Reading::Dropped);
    file.is_due(401, "2026-12-11 00:00");
    // A term that is over does not keep another from starting.
    file.happens("plan-adopted.prevention", "2026-07-01 10:00", 5);
    assert_eq!(file.count(404), 2);
}

#[test]
fn a_review_of_nothing_starts_nothing() {
    let mut file = File::new(bulgarian());
    file.happens("review-held.general", "2026-03-02 10:00", 1);
    file.happens("visit-recorded", "2026-03-02 10:00", 2);
    assert!(file.clocks.is_empty());
}

#[test]
fn a_visit_recorded_late_goes_where_it_belongs() {
    let mut file = File::new(second());
    file.happens("placement-started", "2026-03-01 10:00", 1);
    file.is_due(4, "2026-04-02 00:00");
    file.miss(4, "2026-04-02 00:00");
    let first = file.clock(4).id;
    file.happens("visit-recorded", "2026-04-05 10:00", 2);
    assert_eq!(file.clocks.reading(first, i64::MAX), Some(Reading::Late));
    file.is_due(4, "2026-05-06 00:00");
    // Only now somebody records the visit of the 30th of March.
    file.happens("visit-recorded", "2026-03-30 10:00", 3);
    assert_eq!(file.clocks.reading(first, i64::MAX), Some(Reading::KeptRecordedLate));
    assert_eq!(file.clocks.get(first).unwrap().ended.unwrap().by, hash(3));
    // What runs since the later visit runs on.
    assert_eq!(file.count(4), 2);
    file.is_due(4, "2026-05-06 00:00");
    assert_eq!(file.reading(4, "2026-05-05 23:59"), Reading::Running);
}

#[test]
fn the_same_day_is_not_before_the_start() {
    let mut file = File::new(bulgarian());
    file.happens("placement-ordered", "2026-03-02 15:00", 1);
    // Whoever states only the day of the service states its first second.
    file.about("order-served.complete", "2026-03-02 00:00", 2, 1);
    assert_eq!(file.reading(503, "2026-04-01 00:00"), Reading::Kept);
    file.happens("placement-ordered", "2026-03-02 15:00", 3);
    file.about("order-served.complete", "2026-03-01 23:59", 4, 3);
    assert_eq!(file.reading(503, "2026-03-03 00:00"), Reading::Running);
}

#[test]
fn what_fell_away_after_it_ran_out_stays_missed() {
    let mut file = File::new(bulgarian());
    file.happens("signal-received.general", "2026-03-02 10:00", 1);
    file.miss(101, "2026-03-13 00:00");
    file.about("signal-joined", "2026-03-20 00:00", 2, 1);
    assert_eq!(file.reading(101, "2026-04-01 00:00"), Reading::Missed);
    // It was assessed in time after all.
    file.about("signal-assessed.case", "2026-03-10 00:00", 3, 1);
    assert_eq!(file.reading(101, "2026-04-01 00:00"), Reading::KeptRecordedLate);
}

#[test]
fn a_signals_clocks_go_on_in_its_case() {
    let mut signal = File::new(bulgarian());
    signal.happens("signal-received.general", "2026-03-02 10:00", 1);
    signal.about("signal-assessed.case", "2026-03-10 10:00", 2, 1);
    let mut case = File::new(bulgarian());
    case.happens("case-opened", "2026-03-10 11:00", 3);
    case.clocks.take_over(&signal.clocks, |_| true);
    case.clocks.take_over(&signal.clocks, |_| true);
    signal.clocks.hand_over(hash(3), signal.at("2026-03-10 11:00"), |_, _| true);
    // The check is done and stays; assessment and notice go on, with their dates.
    assert_eq!((case.count(101), case.count(104), case.count(105)), (0, 1, 1));
    case.is_due(104, "2026-03-31 00:00");
    assert_eq!(signal.clocks.open().count(), 0);
    assert_eq!(signal.reading(104, "2026-05-01 00:00"), Reading::HandedOver);
    assert_eq!(signal.reading(101, "2026-05-01 00:00"), Reading::Kept);
    assert_eq!(signal.clock(104).ended.unwrap().how, How::HandedOver);
    // Nothing in the signal touches it any more.
    signal.about("assessment-completed", "2026-03-09 10:00", 4, 1);
    assert_eq!(signal.reading(104, "2026-05-01 00:00"), Reading::HandedOver);
    case.about("assessment-completed", "2026-03-30 23:59", 5, 1);
    assert_eq!(case.reading(104, "2026-05-01 00:00"), Reading::Kept);
}

#[test]
fn a_clock_is_found_by_its_key() {
    let mut file = File::new(bulgarian());
    file.about("commitment-made", "2026-03-02 10:00", 1, 2);
    assert!(file.clocks.is_empty());
    for subject in [2, 3, 3] {
        let made = occasion("commitment-made", file.at("2026-03-02 10:00"), 1)
            .about(hash(subject))
            .due(file.at("2026-03-09 00:00"))
            .protected();
        file.clocks.take(&made, &file.profiles);
    }
    assert_eq!(file.clocks.len(), 2);
    for clock in file.clocks.iter() {
        assert_eq!(file.clocks.find(&clock.key()), Some(clock.id));
        assert!(clock.protected);
    }
    let key = ClockKey { number: 302, started_by: hash(1), subject: hash(4) };
    assert_eq!(file.clocks.find(&key), None);
}

#[test]
fn what_a_protected_event_started_stays_protected() {
    let mut file = File::new(second());
    let start = occasion("placement-started", file.at("2026-03-02 10:00"), 1).protected();
    file.clocks.take(&start, &file.profiles);
    file.happens("visit-recorded", "2026-03-20 10:00", 2);
    assert!(file.clocks.iter().all(|clock| clock.protected));
}

#[test]
fn qualifiers_pick_the_term_of_appeal() {
    let table = [
        ("order-served.complete", 504, "2026-03-17 00:00"),
        ("order-served.notice-missing", 505, "2026-05-05 00:00"),
        ("order-served.notice-wrong", 506, "2026-09-03 00:00"),
    ];
    for (served, number, due) in table {
        let mut file = File::new(bulgarian());
        file.happens("placement-ordered", "2026-03-02 09:00", 1);
        file.about(served, "2026-03-02 10:00", 2, 1);
        let terms: Vec<_> = file.clocks.iter().filter(|clock| clock.term).collect();
        assert_eq!(terms.len(), 1);
        assert_eq!((terms[0].number, terms[0].subject), (number, hash(1)));
        file.is_due(number, due);
        file.about("appeal-filed.placement", "2026-03-16 23:59", 3, 1);
        assert_eq!(file.reading(number, "2027-01-01 00:00"), Reading::Kept);
    }
}

#[test]
fn what_an_occasion_is_about_as_well_is_moved_by_it_and_keeps_its_subject() {
    let mut file = File::new(bulgarian());
    file.happens("referral-accepted", "2026-03-02 10:00", 1);
    file.happens("referral-accepted", "2026-03-02 10:00", 3);
    let reported = occasion("service-reported", file.at("2026-04-02 10:00"), 2);
    file.clocks.take(&reported.and_about([None, Some(hash(1))]), &file.profiles);
    let clocks: Vec<_> =
        file.clocks.iter().map(|clock| (clock.subject, clock.ended.is_some())).collect();
    assert_eq!(clocks, [(hash(1), true), (hash(3), false), (hash(1), false)]);
    assert_eq!(file.clock(407).started_by, hash(2));
}
