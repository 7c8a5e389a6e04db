//! The interfaces' words, Bulgarian and English, in [Fluent](https://projectfluent.org) files.
//!
//! A message stands in `bg/` and in `en/`, in the file of its subject, under the same id and with the same
//! arguments; both are part of the program. [`say!`] says one:
//!
//! ```
//! use letopis_words::{Lang, say};
//!
//! assert_eq!(say!(Lang::Bg, "common-recorded"), "вписано");
//! assert_eq!(say!(Lang::Bg, "statement-cut", n = 1), "1 знак още");
//! assert_eq!(say!(Lang::Bg, "statement-cut", n = 2), "2 знака още");
//! ```
//!
//! A message that is not there, or takes other arguments, does not compile:
//!
//! ```compile_fail
//! # use letopis_words::{Lang, say};
//! say!(Lang::Bg, "no-such-message");
//! ```
//!
//! ```compile_fail
//! # use letopis_words::{Lang, say};
//! say!(Lang::Bg, "statement-cut", cases = 2);
//! ```
//!
//! What people call a thing of the format (a kind of fact, a field, a code) is looked up by the name that
//! it has there: [`named`].
//!
//! In scope: the languages, the messages, plural forms. Out of scope: words that come with data, in both
//! languages (a rule of the policy, a clock of the profile, the schema of a section: [`Lang::pick`]); dates,
//! columns, line breaks; making a text from outside harmless, which whoever shows it does.
//!
//! Invariants: no IO, no clock; every message is in both languages (`build.rs` sees to it), and is used
//! (`tests/files.rs`); an argument is put in as it is, and is never read as Fluent.

mod messages;

use std::fmt;
use std::str::FromStr;

pub use messages::{codes, named};

#[doc(hidden)]
pub use messages::{FluentValue, check, plain, with};

/// A language in which people are told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Bulgarian, `bg`.
    Bg,
    /// English, `en`.
    #[default]
    En,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Bg, Self::En];

    /// Its code in BCP 47.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.pick("bg", "en")
    }

    /// What it calls itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.pick("Български", "English")
    }

    /// The one of two wordings that is in this language, of data that come in both.
    #[must_use]
    pub const fn pick<'a>(self, bg: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Bg => bg,
            Self::En => en,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(code: &str) -> Result<Self, UnknownLang> {
        Self::ALL.into_iter().find(|lang| lang.code() == code).ok_or(UnknownLang)
    }
}

/// There are no words in the language that was asked for: `bg` and `en` are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLang;

impl fmt::Display for UnknownLang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("give bg or en")
    }
}

impl std::error::Error for UnknownLang {}

/// A message in a language: `say!(lang, "id")`, a `&'static str`; or `say!(lang, "id", name = value, …)`, a
/// `String`, whose values are texts or numbers.
///
/// What is not in the files, or takes other arguments there, does not compile.
#[macro_export]
macro_rules! say {
    ($lang:expr, $id:literal $(,)?) => {{
        const { $crate::check($id, &[]) };
        $crate::plain($lang, $id)
    }};
    ($lang:expr, $id:literal, $($name:ident = $value:expr),+ $(,)?) => {{
        const { $crate::check($id, &[$(stringify!($name)),+]) };
        $crate::with($lang, $id, [$((stringify!($name), $crate::FluentValue::from($value))),+])
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_code() {
        for lang in Lang::ALL {
            assert_eq!(lang.to_string().parse(), Ok(lang));
        }
        assert_eq!("de".parse::<Lang>(), Err(UnknownLang));
    }

    #[test]
    fn an_argument_is_put_in_as_it_is() {
        let said = say!(Lang::En, "statement-in", stream = "{ $stream }\n{\"x\"}");
        assert_eq!(said, "In: { $stream }\n{\"x\"}");
    }

    #[test]
    fn forms_agree_with_their_number() {
        let cut = |lang, n: u64| say!(lang, "statement-cut", n = n);
        assert_eq!([1, 21].map(|n| cut(Lang::Bg, n)), ["1 знак още", "21 знака още"]);
        assert_eq!(cut(Lang::En, 1), "1 character more");
        assert_eq!(cut(Lang::En, 1_234_567), "1234567 characters more");
        let quarter = |n: u32| say!(Lang::Bg, "indicators-quarter", year = "2026", quarter = n);
        assert_eq!(quarter(2), "второ тримесечие на 2026 г.");
        assert_eq!(quarter(4), "четвърто тримесечие на 2026 г.");
        // A term's days, of which some were taken: the days that it was given decide.
        let taken = |lang, taken: u32, given: u32| {
            let (name, reading) = ("T", "R");
            say!(
                lang,
                "deidentified-clock-taken",
                name = name,
                reading = reading,
                taken = taken,
                given = given
            )
        };
        assert_eq!(taken(Lang::Bg, 1, 7), "T: R, за 1 от 7 дни");
        assert_eq!(taken(Lang::Bg, 2, 1), "T: R, за 2 от 1 ден");
        assert_eq!(taken(Lang::En, 1, 7), "T: R, in 1 of 7 days");
        assert_eq!(taken(Lang::En, 2, 1), "T: R, in 2 of 1 day");
    }

    #[test]
    fn names_of_the_format_have_words() {
        assert_eq!(named(Lang::Bg, "kind", "VisitRecorded"), Some("Посещение"));
        assert_eq!(named(Lang::En, "code", "TRACK_GENERAL"), Some("general"));
        assert_eq!(named(Lang::En, "kind", "Invented"), None);
        assert!(
            codes("kind").eq(codes("kind").filter(|name| named(Lang::En, "kind", name).is_some()))
        );
        assert!(codes("kind").any(|name| name == "VisitRecorded"));
    }
}
