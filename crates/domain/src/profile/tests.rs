//! Profiles: what they say, and what is refused.

mod counting;
mod refusals;

use jiff::civil::date;

use super::{BULGARIAN, Basis, LastDay, Length, MAX_BYTES, Profile, Standing};

/// An invented profile that uses everything that a profile can say.
pub(crate) const SECOND: &str = include_str!("tests/second.toml");

pub(crate) fn bulgarian() -> Profile {
    Profile::parse(BULGARIAN).unwrap()
}

pub(crate) fn second() -> Profile {
    Profile::parse(SECOND).unwrap()
}

/// Seconds of a local time, as `2026-03-02 09:15` or with seconds, in a profile's zone. Of a time
/// that is there twice, the first.
pub(crate) fn at(profile: &Profile, text: &str) -> i64 {
    let zone = super::counting::zone(&profile.zone).unwrap();
    let time: jiff::civil::DateTime = text.replace(' ', "T").parse().unwrap();
    zone.to_ambiguous_timestamp(time).compatible().unwrap().as_second()
}

#[test]
fn the_bulgarian_profile_says_what_it_is() {
    let profile = bulgarian();
    assert_eq!((profile.code.as_str(), profile.version), ("bg", 1));
    assert_eq!(profile.zone, "Europe/Sofia");
    assert_eq!(profile.disclaimer.en, "Unofficial consolidation; not legal advice.");
    assert_eq!(profile.disclaimer.bg, "Неофициална консолидация; не е правен съвет.");
    assert!(BULGARIAN.len() < MAX_BYTES);
    let calendar = profile.counting().calendar();
    assert_eq!(calendar.last_day, LastDay::AsItFalls);
    assert_eq!(calendar.last_day_article.basis, Basis::Assumed);
}

#[test]
fn each_clock_has_an_article_or_is_a_policy() {
    let profile = bulgarian();
    for clock in profile.clocks() {
        let stands = clock.article.contains("чл. ");
        let law = clock.basis != Basis::Policy;
        assert!(stands || !law, "{}: {} without an article", clock.number, clock.name);
    }
    for known in profile.measures().iter().chain(profile.grounds()) {
        assert!(known.article.article.contains("чл. "), "{}", known.code);
        assert!(known.article.from.is_some(), "{}", known.code);
    }
}

#[test]
fn measures_and_grounds_are_known_unknown_or_not_in_force() {
    let profile = bulgarian();
    let day = date(2026, 3, 2);
    for code in ["1", "2", "3", "4", "5", "7", "8", "9", "10", "11", "12", "13"] {
        let code = format!("4-1-{code}");
        assert!(matches!(profile.measure(&code, day), Standing::InForce(_)), "{code}");
    }
    let standing = profile.measure("4-1-6", day);
    assert!(matches!(standing, Standing::NotInForce(known) if known.code == "4-1-6"));
    assert!(matches!(profile.measure("4-1-6", date(2020, 6, 30)), Standing::InForce(_)));
    assert_eq!(profile.measure("4-1-14", day), Standing::Unknown);
    for code in ["1", "2", "3", "4", "5", "6"] {
        let code = format!("25-1-{code}");
        assert!(matches!(profile.ground(&code, day), Standing::InForce(_)), "{code}");
    }
    assert_eq!(profile.ground("25-1-7", day), Standing::Unknown);
}

#[test]
fn a_code_may_lapse_and_come_back() {
    let profile = second();
    let article = |day| match profile.measure("care", day) {
        Standing::InForce(known) => Some(known.article.article.as_str()),
        _ => None,
    };
    assert_eq!(article(date(2026, 5, 31)), Some("чл. 4"));
    assert_eq!(article(date(2026, 6, 1)), None);
    assert_eq!(article(date(2026, 7, 1)), Some("чл. 4а"));
    assert!(matches!(profile.measure("care", date(2026, 6, 1)), Standing::NotInForce(_)));
}

#[test]
fn rules_and_terms_are_found_by_name() {
    let profile = second();
    let rule = profile.rule("case.lead").unwrap();
    assert_eq!((rule.article.as_str(), rule.basis), ("чл. 3", Basis::Law));
    assert_eq!(profile.rule("case"), None);
    assert_eq!(profile.rules().count(), 1);
    assert_eq!(profile.term("skew").unwrap().length, Length::Minutes(3));
    assert_eq!(profile.term("deemed-service"), None);
    assert_eq!(profile.term_due("deemed-service", 0), None);
    let bulgarian = bulgarian();
    assert_eq!(bulgarian.term("skew").unwrap().length, Length::Minutes(10));
    let due = bulgarian.term_due("deemed-service", at(&bulgarian, "2026-04-03 10:00")).unwrap();
    // The 10th is Good Friday, on which it ends all the same; what that means is assumed.
    assert_eq!((due.at, due.assumed), (at(&bulgarian, "2026-04-11 00:00"), true));
}

#[test]
fn a_clock_is_that_of_its_day() {
    let profile = second();
    let length = |day| profile.clock(1, day).map(|(_, rule)| rule.length);
    assert_eq!(length(date(2019, 12, 31)), None);
    assert_eq!(length(date(2026, 5, 31)), Some(Length::Days(5)));
    assert_eq!(length(date(2026, 6, 1)), Some(Length::WorkingDays(8)));
    assert_eq!(profile.clock(9, date(2026, 6, 1)), None);
}

#[test]
fn lengths_are_written_one_way() {
    for text in ["10 minutes", "1 hour", "24 hours", "1 day", "4 weeks", "6 months", "stated"] {
        assert_eq!(Length::from_text(text).unwrap().to_string(), text);
    }
    assert_eq!(Length::from_text("3 working days"), Some(Length::WorkingDays(3)));
    assert_eq!(Length::from_text("next working day"), Some(Length::WorkingDays(1)));
    assert_eq!(Length::from_text("9999 days"), Some(Length::Days(Length::MAX)));
    let wrong =
        ["", "day", "0 days", "1 days", "2 day", "+2 days", "02 days", "10000 days", "2  days"];
    for text in wrong.into_iter().chain(["2 Days", "2 years", "two days", "-1 days", "2days"]) {
        assert_eq!(Length::from_text(text), None, "{text:?}");
    }
}

#[test]
fn the_first_second_of_a_day_is_the_procedures() {
    // 2026-12-01T00:00+02:00
    assert_eq!(bulgarian().start_of_day(20_788), 1_796_076_000);
}
