//! Why a text is not a policy set.

use std::fmt;

use crate::{Lang, NESTING_MAX, OPERATORS_MAX, POLICIES_MAX, TEXT_BYTES_MAX, WORDS_CHARS_MAX};

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character in it, from 1.
    pub column: usize,
}

impl Place {
    /// The place of a byte; of the text's end where that lies beyond.
    pub(crate) fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        Self { line: before.matches('\n').count() + 1, column: in_line.chars().count() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text is not a policy set. Each says where; the text is to be corrected and sent again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is longer than [`TEXT_BYTES_MAX`].
    #[error("the set has {bytes} bytes, and may have {TEXT_BYTES_MAX}: shorten it")]
    TooLong {
        /// How long it is, in bytes.
        bytes: usize,
    },
    /// A character that makes the text read otherwise than it is evaluated: a control character, or
    /// one that turns the direction of writing.
    #[error("{place}: the character U+{code:04X} is not allowed here: remove it")]
    Character {
        /// Where it stands.
        place: Place,
        /// The character's code point.
        code: u32,
    },
    /// A policy has more than [`NESTING_MAX`] brackets open, or more than [`OPERATORS_MAX`]
    /// characters of operators.
    #[error(
        "{place}: this policy nests more than {NESTING_MAX} deep or has more than {OPERATORS_MAX} \
         characters of operators: divide it"
    )]
    TooDeep {
        /// Where it is too much.
        place: Place,
    },
    /// It is not Cedar.
    #[error("{place}: {message}")]
    Syntax {
        /// Where the reader stopped.
        place: Place,
        /// What Cedar says of it.
        message: String,
    },
    /// It holds no policy.
    #[error("the set holds no policy: nothing at all would be permitted")]
    Empty,
    /// It holds more than [`POLICIES_MAX`] policies.
    #[error("the set has {count} policies, and may have {POLICIES_MAX}: join some")]
    TooMany {
        /// How many it holds.
        count: usize,
    },
    /// A policy has a slot, such as `?principal`, and nobody fills it.
    #[error("policy {number}, counted from 1, is a template: write the policy out")]
    Template {
        /// Its place among the policies, from 1.
        number: usize,
    },
    /// A policy has no `@id`.
    #[error("policy {number}, counted from 1, has no @id: name it")]
    Unnamed {
        /// Its place among the policies, from 1.
        number: usize,
    },
    /// An `@id` that is not 1 to 64 of `[a-z0-9-]`.
    #[error("policy {number}, counted from 1: its @id is not 1 to 64 of a-z, 0-9 and \"-\"")]
    MalformedId {
        /// Its place among the policies, from 1.
        number: usize,
    },
    /// An `@id` that has a meaning of its own.
    #[error("policy {number}, counted from 1: the @id {id} has a meaning of its own: take another")]
    ReservedId {
        /// Its place among the policies, from 1.
        number: usize,
        /// The id.
        id: &'static str,
    },
    /// Two policies with the same `@id`.
    #[error("policy {number}, counted from 1: an earlier one has the @id {id}: name it otherwise")]
    DuplicateId {
        /// The later one's place among the policies, from 1.
        number: usize,
        /// The id.
        id: String,
    },
    /// A policy does not say in a language what it means.
    #[error("policy {id} has no @{}: say in one sentence what it means", lang.annotation())]
    NoWords {
        /// The policy.
        id: String,
        /// The language.
        lang: Lang,
    },
    /// What it says is not one line of 1 to [`WORDS_CHARS_MAX`] characters.
    #[error(
        "policy {id}: its @{} is not one line of 1 to {WORDS_CHARS_MAX} characters",
        lang.annotation()
    )]
    MalformedWords {
        /// The policy.
        id: String,
        /// The language.
        lang: Lang,
    },
    /// It does not fit the schema: a name that is not there, a comparison of unlike things, a policy
    /// that can never apply.
    #[error("policy {id}, {place}: {message}")]
    Invalid {
        /// The policy.
        id: String,
        /// Where in the text; the text's beginning where Cedar does not say.
        place: Place,
        /// What Cedar says of it.
        message: String,
    },
    /// The schema in this program is at fault, not the text.
    #[error("the built-in schema could not be read: {message}: report it")]
    Schema {
        /// What Cedar says of it.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let text = "абв\nгд\n";
        for (byte, line, column) in [(0, 1, 1), (2, 1, 2), (6, 1, 4), (7, 2, 1), (99, 3, 1)] {
            assert_eq!(Place::of(text, byte), Place { line, column }, "{byte}");
        }
    }
}
