//! What the Bulgarian set says, case by case, and that each of its rules is needed for it.

use std::collections::BTreeSet;

use letopis_types::{Class, StreamKind};

use super::{purposes, roles};
use crate::{Action, BG, Lang, PolicySet, Question, Relation, RuleId, TEXT_BYTES_MAX};

/// Written by hand, in words: see its beginning.
const TABLE: &str = include_str!("bg.txt");

/// A line of the table.
struct Row<'a> {
    line: usize,
    question: Question<'a>,
    allowed: bool,
    rule: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let lines = (1..).zip(TABLE.lines());
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(line, text)| row(line, text)).collect()
}

fn row(line: usize, text: &'static str) -> Row<'static> {
    let fail = |what: &str| panic!("line {line}: {what}: {text}");
    let columns: Vec<_> = text.split('|').map(str::trim).collect();
    let [given, when, then] = columns[..] else { fail("three columns") };

    let (who, ties) = given.split_once(':').unwrap_or((given, ""));
    let (role, purpose) = who.split_once(" for ").unwrap_or((who, "none"));
    let role = roles().into_iter().find(|(_, name)| *name == role.trim());
    let purpose = purposes().into_iter().find(|(_, name)| *name == purpose.trim());
    let mut question = Question {
        action: Action::ReadFacts,
        purpose: purpose.map(|(purpose, _)| purpose).unwrap_or_default(),
        role: role.unwrap_or_else(|| fail("a role")).0,
        delegated: false,
        stream: StreamKind::Case,
        event: "",
        class: None,
        payload_type: "",
        relation: Relation::EXISTS,
    };
    for tie in ties.split(',').map(str::trim).filter(|tie| !tie.is_empty()) {
        match Relation::ALL.iter().find(|(_, name)| *name == tie) {
            Some((flag, _)) => question.relation |= *flag,
            None if tie == "delegated" => question.delegated = true,
            None if tie == "absent" => {
                question.relation = question.relation.without(Relation::EXISTS);
            }
            None => fail("a tie"),
        }
    }

    let mut words = when.split_whitespace();
    let action = words.next().unwrap_or_default();
    question.action =
        *Action::ALL.iter().find(|one| one.name() == action).unwrap_or_else(|| fail("an action"));
    let stream = words.next().unwrap_or_default();
    let kind = StreamKind::ALL.into_iter().find(|kind| kind.name() == stream);
    question.stream = kind.unwrap_or_else(|| fail("a stream"));
    for word in words {
        match word {
            "N" => question.class = Some(Class::Normal),
            "R" => question.class = Some(Class::Restricted),
            "V" => question.class = Some(Class::VeryRestricted),
            _ if word.contains('/') => question.payload_type = word,
            _ => question.event = word,
        }
    }
    let (allowed, rule) = match then.split_once(' ') {
        Some(("yes", rule)) => (true, rule),
        Some(("no", rule)) => (false, rule),
        _ => fail("yes or no, and a rule"),
    };
    Row { line, question, allowed, rule }
}

fn set() -> PolicySet {
    PolicySet::parse(BG).unwrap_or_else(|error| panic!("bg.cedar: {error}"))
}

#[test]
fn the_set_is_valid_and_fits_into_a_fact() {
    assert!(BG.len() <= TEXT_BYTES_MAX, "{} bytes", BG.len());
    assert!(set().rules().count() > 40);
}

#[test]
fn each_line_of_the_table_holds() {
    let set = set();
    let mut wrong = Vec::new();
    for Row { line, question, allowed, rule } in rows() {
        let verdict = set.decide(&question);
        if (verdict.allowed, verdict.rule.as_str()) != (allowed, rule) {
            wrong.push(format!("bg.txt:{line}: {} {}", verdict.allowed, verdict.rule));
        }
    }
    assert!(wrong.is_empty(), "decided otherwise:\n{}", wrong.join("\n"));
}

/// The text without one rule: from its `@id` to the next one's.
fn without(id: &RuleId) -> String {
    let begin = BG.find(&format!("@id(\"{id}\")")).unwrap();
    let rest = &BG[begin + 1..];
    let end = rest.find("@id(").map_or(BG.len(), |next| begin + 1 + next);
    format!("{}{}", &BG[..begin], &BG[end..])
}

#[test]
fn each_rule_is_needed_for_a_line_of_the_table() {
    let rows = rows();
    let mut needless = Vec::new();
    for rule in set().rules() {
        let less = PolicySet::parse(&without(&rule.id)).unwrap();
        assert_eq!(less.rules().count() + 1, set().rules().count());
        let needed = |row: &&Row<'_>| {
            row.rule == rule.id.as_str() && less.decide(&row.question).allowed != row.allowed
        };
        if !rows.iter().any(|row| needed(&row)) {
            needless.push(rule.id.to_string());
        }
    }
    assert!(needless.is_empty(), "no line fails without: {needless:?}");
}

#[test]
fn each_rule_says_one_plain_sentence_in_each_language() {
    let set = set();
    let mut said = BTreeSet::new();
    for rule in set.rules() {
        let bg = set.words(&rule.id, Lang::Bg);
        let en = set.words(&rule.id, Lang::En);
        for words in [bg, en] {
            assert!(words.ends_with('.') && !words.contains(". "), "{}: {words}", rule.id);
            assert!(words.starts_with(char::is_uppercase), "{}: {words}", rule.id);
            assert!(said.insert(words.to_owned()), "said twice: {words}");
            assert!(!words.contains(['_', '"', '`', '/']), "{}: {words}", rule.id);
        }
        let cyrillic = |c: char| ('\u{400}'..='\u{4ff}').contains(&c);
        assert!(!bg.contains(|c: char| c.is_ascii_alphabetic()), "{}: {bg}", rule.id);
        assert!(bg.contains(cyrillic) && !en.contains(cyrillic), "{}", rule.id);
    }
}

#[test]
fn the_two_rules_that_refusals_name_are_there() {
    for id in [RuleId::PURPOSE_NOT_OF_ROLE, RuleId::CONFLICT_DECLARED] {
        assert!(set().rules().any(|rule| rule.id.as_str() == id && !rule.permits));
    }
}
