//! Each way in which a text is no profile, told where and what to do.

use super::SECOND;
use crate::profile::{MAX_BYTES, Profile, ProfileError};

/// The second profile with one thing replaced.
fn with(from: &str, to: &str) -> String {
    assert!(SECOND.contains(from), "{from:?} is in the profile");
    SECOND.replacen(from, to, 1)
}

fn refused(text: &str) -> ProfileError {
    Profile::parse(text).unwrap_err()
}

/// What is replaced, by what, how the refusal is told.
#[rustfmt::skip]
const REFUSALS: &[(&str, &str, &str)] = &[
    // Form: a word that no profile has, a field missing, a wrong type, a word of a closed list.
    ("version = 3", "version = 3\nvresion = 4", "line 5: unknown field `vresion`"),
    ("version = 3", "", "line 1: missing field `version`"),
    ("version = 3", "version = \"3\"", "line 4: invalid type"),
    ("version = 3", "version = ", "line 4: "),
    ("duty = \"lead\"", "duty = \"mayor\"", "unknown variant `mayor`"),
    ("basis = \"policy\"", "basis = \"custom\"", "unknown variant `custom`"),
    ("ends = \"term\"", "ends = \"never\"", "unknown variant `never`"),
    ("en = \"check\"", "en = \"check\"\nfr = \"\"", "unknown field `fr`"),
    // Head.
    ("code = \"second\"", "code = \"Second\"", "code: \"Second\" is no code"),
    ("en = \"An invented procedure\"", "en = \" \"", "name: en is empty"),
    ("bg = \"Измислено.\"", "bg = \"\"", "disclaimer: bg is empty"),
    ("America/Santiago", "America/Nowhere", "\"America/Nowhere\" is no zone"),
    ("drop-all = [\"case-voided\"]", "drop-all = [\"case-void\"]", "drop-all: there is no occasion"),
    // Calendar.
    ("\"friday\"", "\"freitag\"", "\"freitag\" is no day of the week"),
    ("\"friday\"", "\"saturday\"", "calendar, weekend: saturday is there twice"),
    ("\"friday\", \"saturday\"", "\"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\", \
      \"saturday\", \"sunday\"", "no working day is left"),
    ("[2026, 2026]", "[2027, 2026]", "write the first year, then the last"),
    ("\"2026-03-08\"", "\"2025-03-08\"", "outside the years that the calendar covers"),
    ("\"2026-03-08\"", "\"2026-02-30\"", "calendar, holidays: \"2026-02-30\" is no date"),
    ("\"2026-03-08\"", "\"2026-3-8\"", "\"2026-3-8\" is no date"),
    ("\"2026-03-08\"", "\"2026-03-09\"", "2026-03-09 is there twice"),
    ("\"02-29\"", "\"02-30\"", "\"02-30\" is no day of a year"),
    ("\"02-29\"", "\"02-29\", \"02-29\"", "02-29 is there twice"),
    ("article = \"чл. 1\"", "article = \"\"", "calendar, last-day: article is empty"),
    // Terms and rules.
    ("\"3 minutes\"", "\"3 moments\"", "terms, skew: \"3 moments\" is no length"),
    ("\"3 minutes\"", "\"stated\"", "terms, skew: a named term has a length of its own"),
    ("article = \"чл. 2\"", "article = \"\"", "terms, skew: article is empty"),
    ("skew = {", "Skew = {", "terms, Skew: \"Skew\" is no code"),
    ("\"case.lead\"", "\"case..lead\"", "\"case..lead\" is no id"),
    ("article = \"чл. 3\"", "article = \"\"", "rules, case.lead: article is empty"),
    // A rule holds as long as the profile does.
    ("article = \"чл. 3\"", "article = \"чл. 3\"\nfrom = \"2026-01-01\"", "unknown field `from`"),
    // Measures and grounds.
    ("article = \"чл. 4\"", "article = \"чл. 4\"\nfrom = \"2026-06-01\"",
     "measure care: it ends on 2026-06-01, not after it begins on 2026-06-01"),
    ("code = \"danger\"", "code = \"-\"", "ground -: \"-\" is no code"),
    ("from = \"2026-07-01\"", "from = \"2026-05-01\"", "measure care: two entries apply on 2026-05-01"),
    ("from = \"2026-07-01\"", "", "measure care: two entries apply on every early day"),
    ("en = \"danger\"", "en = \"\"", "ground danger: en is empty"),
    // Clocks.
    ("number = 2", "number = 0", "clock 0 (hours, from 2020-01-01): a clock's number is 1 or more"),
    ("number = 2", "number = 4", "another clock has its number or its name, but not both"),
    ("name = \"hours\"", "name = \"visits\"", "another clock has its number or its name"),
    ("name = \"hours\"", "name = \"Hours\"", "\"Hours\" is no code"),
    ("applies-until = \"2026-06-01\"", "", "two entries apply on 2026-06-01"),
    ("applies-until = \"2026-06-01\"", "applies-until = \"2020-01-01\"", "not after it begins"),
    ("applies-from = \"2026-06-01\"", "", "missing field `applies-from`"),
    ("length = \"36 hours\"", "length = \"36 h\"", "\"36 h\" is no length"),
    ("length = \"36 hours\"", "length = \"36 hours\"\nat-most = \"2 days\"", "at-most goes with a stated length"),
    ("at-most = \"10 days\"", "at-most = \"stated\"", "at-most is a length"),
    ("start = [\"order-served\"]", "start = []", "nothing starts it"),
    ("start = [\"order-served\"]", "start = [\"order-sent\"]", "there is no occasion \"order-sent\""),
    ("start = [\"order-served\"]", "start = [\"order-served.lost\"]",
     "order-served has no qualifier \"lost\": write one of complete, notice-missing, notice-wrong"),
    ("start = [\"order-served\"]", "start = [\"order-served\", \"order-served\"]", "order-served is there twice"),
    ("stop = [\"appeal-filed\"]", "stop = [\"visit-recorded.general\"]",
     "visit-recorded has no qualifier \"general\": write the name alone"),
    ("restart = [\"visit-recorded\"]", "", "a duty that nothing stops can't be kept"),
    ("resume = [\"execution-ordered\"]", "", "suspend and resume go together"),
    ("by = \"12 hours\"", "by = \"1 day\"", "a clock in hours is extended by hours"),
    ("by = \"1 month\"", "by = \"1 hour\"", "one in days by days"),
    ("by = \"1 month\"", "by = \"stated\"", "extend, by, is a length"),
    ("times = 2", "times = 0", "extend names at least one occasion"),
    ("article = \"чл. 7\"", "article = \" \"", "clock 2 (hours, from 2020-01-01): article is empty"),
    ("bg = \"часове\"", "bg = \"\"", "clock 2 (hours, from 2020-01-01): bg is empty"),
];

#[test]
fn each_fault_is_refused_with_its_place() {
    for (from, to, told) in REFUSALS {
        let error = refused(&with(from, to)).to_string();
        assert!(error.contains(told), "{to:?}: {error:?} tells {told:?}");
    }
}

#[test]
fn a_profile_has_at_most_48_kib() {
    let fill = |bytes: usize| {
        let comment = "#".repeat(bytes - SECOND.len() - 1);
        format!("{SECOND}{comment}\n")
    };
    assert!(Profile::parse(&fill(MAX_BYTES)).is_ok());
    let error = refused(&fill(MAX_BYTES + 1));
    assert_eq!(error, ProfileError::TooLong { bytes: MAX_BYTES + 1 });
    assert!(error.to_string().contains("shorten it to at most 49152"));
}

#[test]
fn no_text_makes_it_panic() {
    for end in (0..SECOND.len()).filter(|end| SECOND.is_char_boundary(*end)).step_by(7) {
        let _ = Profile::parse(&SECOND[..end]);
    }
}
