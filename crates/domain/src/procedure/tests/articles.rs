//! Every rule has its article in the Bulgarian profile, and every article there its rule.

use std::collections::BTreeSet;

use super::*;

/// The parts whose rules and articles are written together elsewhere; either may come first.
const ELSEWHERE: [&str; 5] = ["emergency.", "placement.", "execution.", "court.", "appeal"];

#[test]
fn every_rule_has_an_article_and_every_article_a_rule() {
    let known: BTreeSet<&str> = rules().iter().map(|rule| rule.id).collect();
    let articles: BTreeSet<&str> = BG.rules().map(|(id, _)| id).collect();
    let here = |id: &&&str| !ELSEWHERE.iter().any(|part| id.starts_with(part));
    let without: Vec<_> = known.difference(&articles).filter(here).collect();
    let unknown: Vec<_> = articles.difference(&known).filter(here).collect();
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
