//! Whether a text that people wrote says which case it is about: by an id of it, or a day.

use std::collections::BTreeSet;

use crate::error::MakeError;
use crate::source::Event;

/// A day by year, month and day of the month, as people write them.
type Date = (u32, u32, u32);

/// Months as they stand in dates; three letters of one are enough.
const MONTHS: [[&str; 2]; 12] = [
    ["януари", "january"],
    ["февруари", "february"],
    ["март", "march"],
    ["април", "april"],
    ["май", "may"],
    ["юни", "june"],
    ["юли", "july"],
    ["август", "august"],
    ["септември", "september"],
    ["октомври", "october"],
    ["ноември", "november"],
    ["декември", "december"],
];

/// What stands after a day's number, with a hyphen or without.
const ORDINALS: [&str; 8] = ["ви", "ми", "ри", "ти", "st", "nd", "rd", "th"];

/// Fails where a text has an id of the case in it, be it the beginning alone by which people know one, or a day
/// on which something of it happened or was said to, in numbers or with the month's name. Names it does not know.
pub(crate) fn check(
    text: &str,
    whose: &'static str,
    events: &[Event<'_>],
) -> Result<(), MakeError> {
    let text = text.to_lowercase();
    let has_id = |id: Vec<u8>| {
        let start: String = id.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        text.contains(&start)
    };
    if events.iter().flat_map(Event::ids).any(has_id) {
        return Err(MakeError::Reveals { whose, what: "an id" });
    }
    let days = events.iter().flat_map(|event| [event.day(), event.stated_day()]);
    let days: BTreeSet<Date> = days.filter_map(date).collect();
    match says_one_of(&text, &days) {
        true => Err(MakeError::Reveals { whose, what: "a day" }),
        false => Ok(()),
    }
}

fn date(day: i64) -> Option<Date> {
    let text = crate::document::day_text(day)?;
    let mut parts = text.split('-').filter_map(|part| part.parse().ok());
    Some((parts.next()?, parts.next()?, parts.next()?))
}

/// A text in lower case.
fn says_one_of(text: &str, days: &BTreeSet<Date>) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty() && !ORDINALS.contains(word)).collect();
    let in_numbers = words.windows(3).any(|three| match *three {
        [one, two, three] => in_numbers([one, two, three], days),
        _ => false,
    });
    in_numbers || (0..words.len()).any(|at| with_name(words.get(at..).unwrap_or_default(), days))
}

/// `5.3.2026`, `05.03.26`, `2026-03-05`.
fn in_numbers(words: [&str; 3], days: &BTreeSet<Date>) -> bool {
    let [Some(one), Some(month), Some(three)] = words.map(number) else { return false };
    let is = |year, day| days.iter().any(|&(y, m, d)| is_year(year, y) && (month, day) == (m, d));
    is(three, one) || is(one, three)
}

/// `5 март 2026 г.`, `5-ти март`, `March 5`.
fn with_name(words: &[&str], days: &BTreeSet<Date>) -> bool {
    let (one, two, year) = match *words {
        [one, two, year, ..] => (one, two, number(year).filter(|year| *year > 31)),
        [one, two] => (one, two, None),
        _ => return false,
    };
    let found = month(two).zip(number(one)).or_else(|| month(one).zip(number(two)));
    found.is_some_and(|(month, day)| {
        let is_it =
            |&(y, m, d): &Date| (month, day) == (m, d) && year.is_none_or(|year| is_year(year, y));
        days.iter().any(is_it)
    })
}

fn is_year(written: u32, year: u32) -> bool {
    written == year || written == year % 100
}

/// The number that a word is, or begins with where it goes on as an ordinal.
fn number(word: &str) -> Option<u32> {
    let ordinal = ORDINALS.iter().find_map(|ordinal| word.strip_suffix(ordinal));
    ordinal.unwrap_or(word).parse().ok()
}

fn month(word: &str) -> Option<u32> {
    let is = |names: &[&str; 2]| {
        word.chars().count() >= 3 && names.iter().any(|name| name.starts_with(word))
    };
    (1..).zip(&MONTHS).find_map(|(number, names)| is(names).then_some(number))
}
