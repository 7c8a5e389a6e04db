//! Every rule has its article in the Bulgarian profile, and every article there its rule.

use std::collections::BTreeSet;

use super::*;
use crate::profile::{BULGARIAN, Profile};

#[test]
fn every_rule_has_an_article_and_every_article_a_rule() {
    let known: BTreeSet<&str> = rules().iter().map(|rule| rule.id).collect();
    let profile = Profile::parse(BULGARIAN).unwrap();
    let articles: BTreeSet<&str> = profile.rules().map(|(id, _)| id).collect();
    let without: Vec<_> = known.difference(&articles).collect();
    let unknown: Vec<_> = articles.difference(&known).collect();
    assert!(without.is_empty(), "rules without an article in bg.toml: {without:?}");
    assert!(unknown.is_empty(), "articles in bg.toml without a rule: {unknown:?}");
}

#[test]
fn rules_have_ids_of_their_own_and_say_what_is_needed() {
    let all = rules();
    let ids: BTreeSet<&str> = all.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), all.len(), "an id is used twice");
    for rule in all {
        assert!(rule.en.len() > 20 && rule.bg.len() > 20, "{}", rule.id);
        assert!(rule.bg.chars().any(|c| ('а'..='я').contains(&c)), "{}", rule.id);
    }
}

#[test]
fn each_rule_refuses_something_in_a_test() {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/src/procedure/tests");
    let told: String = std::fs::read_dir(tests)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let untold: Vec<_> = rules()
        .iter()
        .map(|rule| rule.id)
        .filter(|id| !told.contains(&format!("\"{id}\"")))
        .collect();
    assert!(untold.is_empty(), "no test shows what these refuse: {untold:?}");
}
