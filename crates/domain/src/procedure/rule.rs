//! Rules: why the procedure does not take a statement. The words say what would be needed; the
//! article comes from the profile in force.

use letopis_proto::error::v1::Reason;

use crate::profile::Profile;
use crate::refusal::Refusal;

/// A rule of procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its id, by which a profile names its article.
    pub id: &'static str,
    /// What it asks for, in English.
    pub en: &'static str,
    /// What it asks for, in Bulgarian.
    pub bg: &'static str,
}

/// Names rules, and lists them.
macro_rules! rules {
    ($($name:ident: $id:literal, $en:literal, $bg:literal;)*) => {
        $(pub(crate) const $name: super::rule::Rule =
            super::rule::Rule { id: $id, en: $en, bg: $bg };)*
        pub(super) const RULES: &[&super::rule::Rule] = &[$(&$name),*];
    };
}
pub(super) use rules;

/// What a part of the procedure answers.
pub(crate) type Verdict = Result<(), Broken>;

/// A rule that is broken, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) rule: Rule,
    pub(crate) what: Option<String>,
}

impl From<Rule> for Broken {
    fn from(rule: Rule) -> Self {
        Self { rule, what: None }
    }
}

impl Rule {
    /// Broken, unless.
    pub(crate) fn unless(self, kept: bool) -> Verdict {
        if kept { Ok(()) } else { Err(self.into()) }
    }

    /// Broken by the lack of this.
    pub(crate) fn lacking(self, what: impl Into<String>) -> Broken {
        Broken { rule: self, what: Some(what.into()) }
    }
}

/// A statement that does not fit into the procedure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}{}{}", .rule.en,
    .what.as_deref().map(|what| format!(": {what}")).unwrap_or_default(),
    .article.as_deref().map(|article| format!(" ({article})")).unwrap_or_default()
)]
pub struct RuleError {
    /// The rule.
    pub rule: Rule,
    /// What is lacking, where that can be said more closely: a section's name, the clocks of open duties.
    pub what: Option<String>,
    /// Where it stands, as the profile in force says; `None`: the profile does not name it.
    pub article: Option<String>,
}

impl RuleError {
    pub(super) fn new(broken: Broken, profile: Option<&Profile>) -> Self {
        let article = profile.and_then(|profile| profile.rule(broken.rule.id));
        let article = article.map(|article| article.article.clone());
        Self { rule: broken.rule, what: broken.what, article }
    }
}

impl Refusal for RuleError {
    fn reason(&self) -> Reason {
        Reason::RuleBroken
    }

    fn particulars(&self) -> Vec<(&'static str, String)> {
        let mut particulars =
            vec![("rule", self.rule.id.to_owned()), ("needed", self.rule.bg.to_owned())];
        particulars.extend(self.article.clone().map(|article| ("article", article)));
        particulars.extend(self.what.clone().map(|what| ("lacking", what)));
        particulars
    }
}
