//! The users' words, Bulgarian and English.

use letopis_domain::Fact;
use letopis_domain::statement::Instant;
use letopis_proto::statement::v1::{Precision, Purpose};
use letopis_types::Class;

use crate::cli::Lang;

impl Lang {
    /// The one of two wordings that is in this language.
    #[must_use]
    pub const fn pick<'a>(self, bg: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Bg => bg,
            Self::En => en,
        }
    }

    /// The same for the words of the client.
    #[must_use]
    pub const fn of_client(self) -> letopis_client::words::Lang {
        match self {
            Self::Bg => letopis_client::words::Lang::Bg,
            Self::En => letopis_client::words::Lang::En,
        }
    }
}

/// What a kind of fact is called; a kind that this version has no words for, by its message's name.
#[must_use]
pub fn kind(fact: &Fact, lang: Lang) -> String {
    letopis_client::words::kind_name(fact.name(), lang.of_client())
        .unwrap_or_else(|| fact.name().to_owned())
}

/// How closely a section is guarded.
#[must_use]
pub const fn class(class: Class, lang: Lang) -> &'static str {
    let (bg, en) = match class {
        Class::Normal => ("обичайно", "normal"),
        Class::Restricted => ("ограничено", "restricted"),
        Class::VeryRestricted => ("строго ограничено", "very restricted"),
    };
    lang.pick(bg, en)
}

/// A purpose by its name in tokens, such as `case_work`.
#[must_use]
pub fn purpose(name: &str) -> Option<Purpose> {
    Purpose::from_str_name(&format!("PURPOSE_{}", name.to_uppercase()))
        .filter(|purpose| *purpose != Purpose::Unspecified && !name.contains(char::is_uppercase))
}

/// A stated time as a person writes it, in its author's civil time.
#[must_use]
pub fn date(instant: &Instant, precision: Precision, lang: Lang) -> String {
    let Some(civil) = civil(instant) else { return format!("{} s", instant.seconds) };
    let month = usize::try_from(civil.month() - 1).unwrap_or(0);
    let months = match lang {
        Lang::Bg => MONTHS_BG,
        Lang::En => MONTHS_EN,
    };
    let day = format!("{:2} {} {}", civil.day(), months.get(month).unwrap_or(&""), civil.year());
    match precision {
        Precision::Second | Precision::Minute => {
            format!("{day}, {:02}:{:02}", civil.hour(), civil.minute())
        }
        _ => day,
    }
}

/// The civil date and time at the offset that its author used.
fn civil(instant: &Instant) -> Option<jiff::civil::DateTime> {
    let offset = jiff::tz::Offset::from_seconds(instant.offset_minutes.checked_mul(60)?).ok()?;
    let timestamp =
        jiff::Timestamp::new(instant.seconds, i32::try_from(instant.nanos).ok()?).ok()?;
    Some(offset.to_datetime(timestamp))
}

const MONTHS_BG: [&str; 12] = [
    "януари",
    "февруари",
    "март",
    "април",
    "май",
    "юни",
    "юли",
    "август",
    "септември",
    "октомври",
    "ноември",
    "декември",
];

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Breaks a text at spaces, at most `width` characters a line where words allow.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if length > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_in_their_authors_civil_time() {
        let midnight_in_sofia = Instant { seconds: 1_769_983_200, nanos: 0, offset_minutes: 120 };
        assert_eq!(
            date(&midnight_in_sofia, Precision::Minute, Lang::Bg),
            " 2 февруари 2026, 00:00"
        );
        assert_eq!(date(&midnight_in_sofia, Precision::Day, Lang::En), " 2 February 2026");
    }

    #[test]
    fn purposes_are_lower_case_names() {
        assert_eq!(purpose("case_work"), Some(Purpose::CaseWork));
        assert_eq!(purpose("Case_Work"), None);
        assert_eq!(purpose("unspecified"), None);
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrap("едно две три", 8), ["едно две", "три"]);
        assert_eq!(wrap("предълга дума", 3), ["предълга", "дума"]);
        assert_eq!(wrap("", 3), [""]);
    }
}
