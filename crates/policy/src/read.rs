//! From a text to rules that fit the schema, or to what is wrong with it.

use std::collections::BTreeMap;

use cedar_policy::ffi::DetailedError;
use cedar_policy::{Policy, PolicyId, Schema, ValidationMode, Validator};

use crate::scan::{misleads, scan};
use crate::{Lang, POLICIES_MAX, Place, PolicyError, Rule, RuleId, WORDS_CHARS_MAX};

/// The rules of a text and their policies, which bear the rules' ids.
pub(crate) type Policies = BTreeMap<RuleId, (Rule, Policy)>;

/// Reads a text and judges it.
pub(crate) fn read(text: &str, schema: Schema) -> Result<Policies, PolicyError> {
    scan(text)?;
    let named = named(in_order(text)?)?;
    validate(text, &named, schema)?;
    Ok(named)
}

/// The policies in the order in which they stand.
fn in_order(text: &str) -> Result<Vec<Policy>, PolicyError> {
    let set: cedar_policy::PolicySet = text.parse().map_err(|error| {
        let error = DetailedError::from(&error);
        let place = Place::of(text, first_byte(&error).unwrap_or_default());
        PolicyError::Syntax { place, message: message(&error) }
    })?;
    if let Some(number) = set.templates().map(|template| number(template.id())).min() {
        return Err(PolicyError::Template { number });
    }
    let mut policies: Vec<_> = set.policies().cloned().collect();
    policies.sort_by_key(|policy| number(policy.id()));
    match policies.len() {
        0 => Err(PolicyError::Empty),
        count if count > POLICIES_MAX => Err(PolicyError::TooMany { count }),
        _ => Ok(policies),
    }
}

/// A policy's place among the policies, from 1: Cedar calls them policy0, policy1, …
fn number(id: &PolicyId) -> usize {
    let id: &str = id.as_ref();
    id.trim_start_matches("policy").parse::<usize>().map_or(0, |from_zero| from_zero + 1)
}

fn named(policies: Vec<Policy>) -> Result<Policies, PolicyError> {
    let mut named = Policies::new();
    for (number, policy) in (1..).zip(policies) {
        let name = policy.annotation("id").ok_or(PolicyError::Unnamed { number })?;
        let id = RuleId::new(name).ok_or(PolicyError::MalformedId { number })?;
        for reserved in [RuleId::NO_RULE, RuleId::EVALUATION_FAILED] {
            if name == reserved {
                return Err(PolicyError::ReservedId { number, id: reserved });
            }
        }
        let rule = Rule {
            permits: policy.effect() == cedar_policy::Effect::Permit,
            bg: words(&policy, &id, Lang::Bg)?,
            en: words(&policy, &id, Lang::En)?,
            id: id.clone(),
        };
        let policy = policy.new_id(PolicyId::new(name));
        if named.insert(id.clone(), (rule, policy)).is_some() {
            return Err(PolicyError::DuplicateId { number, id: id.to_string() });
        }
    }
    Ok(named)
}

/// What a policy says in a language.
fn words(policy: &Policy, id: &RuleId, lang: Lang) -> Result<String, PolicyError> {
    let id = || id.to_string();
    let words = policy
        .annotation(lang.annotation())
        .ok_or_else(|| PolicyError::NoWords { id: id(), lang })?;
    // Escapes in the text can make characters that do not stand in it.
    let fits = (1..=WORDS_CHARS_MAX).contains(&words.chars().count())
        && words.trim() == words
        && !words.chars().any(|c| misleads(c) || c.is_control());
    if fits { Ok(words.to_owned()) } else { Err(PolicyError::MalformedWords { id: id(), lang }) }
}

/// Strictly, and a warning is an error too: a policy that can never apply, or a name that looks like
/// another, is a mistake.
fn validate(text: &str, policies: &Policies, schema: Schema) -> Result<(), PolicyError> {
    let policies = policies.values().map(|(_, policy)| policy.clone());
    let set = cedar_policy::PolicySet::from_policies(policies)
        .map_err(|error| PolicyError::Schema { message: error.to_string() })?;
    let result = Validator::new(schema).validate(&set, ValidationMode::Strict);
    let errors = result.validation_errors().map(|e| (e.policy_id(), DetailedError::from(e)));
    let warnings = result.validation_warnings().map(|w| (w.policy_id(), DetailedError::from(w)));
    // One fault is told at a time: the first in the text, errors before warnings.
    let first = |(id, error): (&PolicyId, DetailedError)| {
        let place = Place::of(text, first_byte(&error).unwrap_or_default());
        (place, id.to_string(), message(&error))
    };
    let found = errors.map(first).min().or_else(|| warnings.map(first).min());
    match found {
        None => Ok(()),
        Some((place, id, message)) => Err(PolicyError::Invalid { id, place, message }),
    }
}

fn first_byte(error: &DetailedError) -> Option<usize> {
    let own = error.source_locations.iter().map(|label| label.loc.start).min();
    own.or_else(|| error.related.iter().filter_map(first_byte).min())
}

/// What Cedar says, with its advice.
fn message(error: &DetailedError) -> String {
    match &error.help {
        Some(help) => format!("{}; {help}", error.message),
        None => error.message.clone(),
    }
}
