//! Rules, and verdicts that name them.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// The id of the rule that decided: 1 to 64 of `[a-z0-9-]`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// No rule permits it. No set may call a rule so.
    pub const NO_RULE: &'static str = "no-rule";

    /// A rule could not be worked out, so it was denied. No set may call a rule so.
    pub const EVALUATION_FAILED: &'static str = "evaluation-failed";

    /// What sets call the rule that binds roles to their purposes, so that a refusal can say so.
    pub const PURPOSE_NOT_OF_ROLE: &'static str = "purpose-not-of-role";

    /// What sets call the rule on declared conflicts, so that a refusal can say so.
    pub const CONFLICT_DECLARED: &'static str = "conflict-declared";

    /// The longest id, in bytes.
    pub const BYTES_MAX: usize = 64;

    /// The id of that name, or `None` where it is not 1 to 64 of `[a-z0-9-]`.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let well_formed = (1..=Self::BYTES_MAX).contains(&name.len())
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        well_formed.then(|| Self(name.into()))
    }

    /// For a name that is known to be well formed.
    pub(crate) fn built_in(name: &'static str) -> Self {
        Self(name.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// Both sides compare as text does.
impl Borrow<str> for RuleId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RuleId({self})")
    }
}

/// An answer, and the rule that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may be done.
    pub allowed: bool,
    /// Why: of the rules that decided, the first in the order of bytes.
    pub rule: RuleId,
}

/// A language in which a rule is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Bulgarian.
    Bg,
    /// English.
    En,
}

impl Lang {
    /// Every language, in each of which a rule must have its sentence.
    pub const ALL: [Self; 2] = [Self::Bg, Self::En];

    /// The annotation that holds the sentence.
    #[must_use]
    pub const fn annotation(self) -> &'static str {
        match self {
            Self::Bg => "bg",
            Self::En => "en",
        }
    }
}

/// A rule of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its id, `@id`.
    pub id: RuleId,
    /// It permits; otherwise it forbids.
    pub permits: bool,
    /// What it says in Bulgarian, `@bg`: one plain sentence.
    pub bg: String,
    /// What it says in English, `@en`: one plain sentence.
    pub en: String,
}

impl Rule {
    /// What it says.
    #[must_use]
    pub fn words(&self, lang: Lang) -> &str {
        match lang {
            Lang::Bg => &self.bg,
            Lang::En => &self.en,
        }
    }
}

/// What the two rules say that every set has, and what is said of a rule of another set.
pub(crate) fn built_in_words(rule: &str, lang: Lang) -> &'static str {
    match (rule, lang) {
        (RuleId::NO_RULE, Lang::Bg) => "Никое правило не го разрешава.",
        (RuleId::NO_RULE, Lang::En) => "No rule permits it.",
        (RuleId::EVALUATION_FAILED, Lang::Bg) => {
            "Правилата не можаха да бъдат приложени, затова е отказано."
        }
        (RuleId::EVALUATION_FAILED, Lang::En) => "The rules could not be applied, so it is denied.",
        (_, Lang::Bg) => "Правилото не е от тези, които са в сила.",
        (_, Lang::En) => "The rule is not one of those in force.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_plain() {
        for name in ["a", "lead-reads-case", "0-9", &"x".repeat(64)] {
            assert_eq!(RuleId::new(name).unwrap().as_str(), name);
        }
        for name in ["", "Lead", "lead_reads", "lead reads", "водещ", &"x".repeat(65)] {
            assert_eq!(RuleId::new(name), None, "{name}");
        }
    }
}
