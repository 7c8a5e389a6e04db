//! Who may read and record what: Cedar schema, policies, verdicts with their reason.
//!
//! In scope: what a policy can see ([`Question`], [`Relation`], and the schema in
//! `cedar/letopis.cedarschema`); reading and judging the text of a set ([`PolicySet::parse`]); a
//! [`Verdict`] that names the rule which decided it, with that rule's sentence for people; a bounded
//! cache of verdicts ([`Verdicts`]); the set that a Bulgarian ledger begins with ([`BG`]).
//! Out of scope: finding out what ties a caller to a stream, which set is adopted, what becomes of a
//! verdict, and who may change keys and roles, which the registry settles.
//!
//! Invariants: a verdict is a function of the set's text and the question, nothing else, and a
//! question holds no id of a person, case or event, so a verdict that is kept never goes stale while
//! the set is the same; what no rule permits is denied, a rule that forbids wins, and whatever can't
//! be decided is denied; a verdict on an append never depends on a purpose, which no statement
//! holds, so it can be looked up in the record again. No IO, no clock, no randomness.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::expect_used,
        clippy::panic,
        reason = "tests may panic"
    )
)]

mod error;
mod question;
mod read;
mod relation;
mod rule;
mod scan;
mod set;
mod verdicts;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use error::{Place, PolicyError};
pub use question::{Action, Content, Question};
pub use relation::Relation;
pub use rule::{Lang, Rule, RuleId, Verdict};
pub use set::PolicySet;
pub use verdicts::Verdicts;

/// The schema that every set is judged by: the names that a policy may write.
pub const SCHEMA: &str = include_str!("../cedar/letopis.cedarschema");

/// The set that a Bulgarian ledger begins with.
pub const BG: &str = include_str!("../cedar/bg.cedar");

/// The longest text of a set, in bytes: what fits into the fact that adopts it.
pub const TEXT_BYTES_MAX: usize = 48 * 1024;

/// The most policies in a set: bounds how long a verdict can take.
pub const POLICIES_MAX: usize = 256;

/// The most brackets that may stand open in one another in a policy.
pub const NESTING_MAX: usize = 16;

/// The most characters of operators, and `if`s, in a policy.
pub const OPERATORS_MAX: usize = 256;

/// The longest sentence of a rule, in characters.
pub const WORDS_CHARS_MAX: usize = 200;
