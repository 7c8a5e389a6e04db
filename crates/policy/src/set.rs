//! A policy set, and how it decides.

use std::collections::BTreeMap;

use cedar_policy::{
    ActionConstraint, Authorizer, Decision, Entities, EntityUid, Policy, PrincipalConstraint,
};

use crate::read::{Policies, read};
use crate::rule::built_in_words;
use crate::vocabulary::{Asked, Vocabulary, schema};
use crate::{Lang, PolicyError, Question, Rule, RuleId, Verdict};

/// A set of policies that was read and judged: what was adopted, ready to decide.
#[derive(Debug)]
pub struct PolicySet {
    text: String,
    rules: BTreeMap<RuleId, Rule>,
    vocabulary: Vocabulary,
    /// For each role, in the order of their numbers, and in it for each action, in the order of
    /// [`crate::Action::ALL`]: the policies whose scope lets them apply. The others would be looked at in
    /// vain each time.
    by_scope: Vec<Vec<cedar_policy::PolicySet>>,
    authorizer: Authorizer,
    entities: Entities,
    no_rule: RuleId,
    evaluation_failed: RuleId,
}

impl PolicySet {
    /// Reads a set: at most [`crate::TEXT_BYTES_MAX`], valid under the schema in Cedar's strict
    /// sense and without a warning, each policy with an `@id` of its own and a sentence in each
    /// language, no templates. Takes milliseconds: to be done once for each adoption.
    ///
    /// # Errors
    /// The first thing that is wrong, and where; see [`PolicyError`].
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let (schema, kinds) = schema()?;
        let policies = read(text, schema)?;
        let vocabulary = Vocabulary::new(kinds)?;
        Ok(Self {
            text: text.to_owned(),
            by_scope: vocabulary
                .roles()
                .iter()
                .map(|role| {
                    let actions = vocabulary.actions().iter();
                    actions.map(|action| for_scope(&policies, role, action)).collect()
                })
                .collect::<Result<_, _>>()?,
            rules: policies.into_iter().map(|(id, (rule, _))| (id, rule)).collect(),
            vocabulary,
            authorizer: Authorizer::new(),
            entities: Entities::empty(),
            no_rule: RuleId::built_in(RuleId::NO_RULE),
            evaluation_failed: RuleId::built_in(RuleId::EVALUATION_FAILED),
        })
    }

    /// The text that was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The rules, in the order of their ids.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// What a rule says, in one sentence. Of `no-rule` and `evaluation-failed` too; of a rule that is
    /// not in this set, that it is not.
    #[must_use]
    pub fn words(&self, rule: &RuleId, lang: Lang) -> &str {
        match self.rules.get(rule) {
            Some(rule) => rule.words(lang),
            None => built_in_words(rule.as_str(), lang),
        }
    }

    /// Decides. A rule that forbids wins over all that permit; of several that decide, the first in
    /// the order of bytes is named.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Verdict {
        match self.asked(question) {
            Some(asked) => self.evaluate(&asked),
            None => self.nothing_permits(),
        }
    }

    pub(crate) fn asked<'a>(&self, question: &Question<'a>) -> Option<Asked<'a>> {
        self.vocabulary.asked(question)
    }

    pub(crate) fn nothing_permits(&self) -> Verdict {
        Verdict { allowed: false, rule: self.no_rule.clone() }
    }

    pub(crate) fn evaluate(&self, asked: &Asked<'_>) -> Verdict {
        let failed = || Verdict { allowed: false, rule: self.evaluation_failed.clone() };
        let of_role = asked.role_index().and_then(|role| self.by_scope.get(role));
        let policies = of_role.and_then(|actions| actions.get(asked.action as usize));
        let (Some(request), Some(policies)) = (self.vocabulary.request(asked), policies) else {
            return failed();
        };
        let response = self.authorizer.is_authorized(&request, policies, &self.entities);
        let diagnostics = response.diagnostics();
        // TRUST: Cedar leaves a policy out that it can't evaluate. It may have been one that
        // forbids, so nothing is allowed then.
        if diagnostics.errors().next().is_some() {
            return failed();
        }
        let deciding = diagnostics.reason().map(<_ as AsRef<str>>::as_ref).min();
        match deciding.map(|id| self.rules.get_key_value(id)) {
            None => self.nothing_permits(),
            Some(None) => failed(),
            Some(Some((id, _))) => {
                Verdict { allowed: response.decision() == Decision::Allow, rule: id.clone() }
            }
        }
    }
}

/// The policies whose scope lets them apply to a role and an action. INVARIANT: no verdict changes by
/// leaving out the others, since a policy whose scope does not match is not evaluated further.
fn for_scope(
    policies: &Policies,
    role: &EntityUid,
    action: &EntityUid,
) -> Result<cedar_policy::PolicySet, PolicyError> {
    let applies = |policy: &&Policy| {
        let to_role = match policy.principal_constraint() {
            PrincipalConstraint::Eq(one) => one == *role,
            _ => true,
        };
        let to_action = match policy.action_constraint() {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(one) => one == *action,
            ActionConstraint::In(several) => several.contains(action),
        };
        to_role && to_action
    };
    let policies = policies.values().map(|(_, policy)| policy).filter(applies).cloned();
    cedar_policy::PolicySet::from_policies(policies)
        .map_err(|error| PolicyError::Schema { message: error.to_string() })
}
