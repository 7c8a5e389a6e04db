//! Texts that are not sets, each refused for what is wrong with it.

use letopis_proto::statement::v1::{Purpose, Role};
use letopis_types::StreamKind;

use super::nothing;
use crate::{
    Action, Lang, NESTING_MAX, OPERATORS_MAX, POLICIES_MAX, Place, PolicyError, PolicySet,
    Question, Relation, RuleId, TEXT_BYTES_MAX,
};

fn refused(text: &str) -> PolicyError {
    PolicySet::parse(text).expect_err("refused")
}

/// A policy with this id and body.
fn policy(id: &str, body: &str) -> String {
    format!("@id(\"{id}\")\n@bg(\"Измислено правило.\")\n@en(\"An invented rule.\")\n{body}\n")
}

const ALL: &str = "permit (principal, action, resource);";

#[test]
fn the_smallest_set_is_taken_as_it_is() {
    let text = policy("all", ALL);
    let set = PolicySet::parse(&text).unwrap();
    assert_eq!(set.text(), text);
    let verdict = set.decide(&nothing());
    assert!(verdict.allowed);
    assert_eq!(set.words(&verdict.rule, Lang::Bg), "Измислено правило.");
    assert_eq!(set.words(&verdict.rule, Lang::En), "An invented rule.");
    assert_eq!(set.rules().count(), 1);
}

#[test]
fn a_text_is_bounded() {
    let mut text = policy("all", ALL);
    text.push_str(&"/".repeat(TEXT_BYTES_MAX - text.len()));
    assert!(PolicySet::parse(&text).is_ok());
    text.push('/');
    assert_eq!(refused(&text), PolicyError::TooLong { bytes: TEXT_BYTES_MAX + 1 });
}

#[test]
fn policies_are_counted() {
    let many = |count: usize| {
        let body = "permit(principal,action,resource);";
        (0..count).map(|n| format!("@id(\"p{n}\")@bg(\"П\")@en(\"P\"){body}")).collect::<String>()
    };
    assert!(PolicySet::parse(&many(POLICIES_MAX)).is_ok());
    let count = POLICIES_MAX + 1;
    assert_eq!(refused(&many(count)), PolicyError::TooMany { count });
    assert_eq!(refused("// nothing\n"), PolicyError::Empty);
    assert_eq!(refused(""), PolicyError::Empty);
}

#[test]
fn what_is_not_cedar_is_refused_where_it_stands() {
    let text = policy("all", "permit (principal, action);");
    let PolicyError::Syntax { place, message } = refused(&text) else { panic!() };
    assert_eq!(place.line, 4);
    assert!(message.contains("resource"), "{message}");

    let PolicyError::Syntax { place, .. } = refused("permit\n  (principal, # ") else { panic!() };
    assert_eq!(place, Place { line: 2, column: 15 });
    // An annotation given twice, and a whole set that is no policy.
    for text in [policy("all", &format!("@id(\"again\")\n{ALL}")), "{}".into()] {
        assert!(matches!(refused(&text), PolicyError::Syntax { .. }), "{text}");
    }
}

#[test]
fn characters_that_hide_what_a_rule_does_are_refused() {
    for (c, code) in [('\u{202e}', 0x202e), ('\u{200b}', 0x200b), ('\0', 0), ('\r', 13)] {
        let text = format!("// измислено\n// {c}\n{}", policy("all", ALL));
        let place = Place { line: 2, column: 4 };
        assert_eq!(refused(&text), PolicyError::Character { place, code });
    }
}

#[test]
fn templates_are_refused() {
    let slot = "permit (principal == ?principal, action, resource);";
    let text = policy("all", ALL) + &policy("slot", slot);
    assert_eq!(refused(&text), PolicyError::Template { number: 2 });
}

#[test]
fn each_policy_has_an_id_of_its_own() {
    let first = policy("all", ALL);
    let second = |text: &str| refused(&format!("{first}{text}"));
    assert_eq!(second(ALL), PolicyError::Unnamed { number: 2 });
    for id in ["All", "with_underscore", "водещ", "", &"x".repeat(65)] {
        assert_eq!(second(&policy(id, ALL)), PolicyError::MalformedId { number: 2 }, "{id}");
    }
    for id in [RuleId::NO_RULE, RuleId::EVALUATION_FAILED] {
        assert_eq!(second(&policy(id, ALL)), PolicyError::ReservedId { number: 2, id });
    }
    let duplicate = PolicyError::DuplicateId { number: 2, id: "all".into() };
    assert_eq!(second(&policy("all", ALL)), duplicate);
}

#[test]
fn each_policy_says_what_it_means_in_each_language() {
    let id = || "all".to_owned();
    let bg = "@bg(\"Измислено правило.\")\n";
    let en = "@en(\"An invented rule.\")\n";
    let text = policy("all", ALL);
    for (lang, line) in [(Lang::Bg, bg), (Lang::En, en)] {
        let missing = PolicyError::NoWords { id: id(), lang };
        assert_eq!(refused(&text.replace(line, "")), missing);
        for words in ["", " spaced", r"two\nlines", r"turned\u{202e}", &"д".repeat(201)] {
            let line_of = format!("@{}(\"{words}\")\n", lang.annotation());
            let malformed = PolicyError::MalformedWords { id: id(), lang };
            assert_eq!(refused(&text.replace(line, &line_of)), malformed, "{words}");
        }
    }
}

#[test]
fn names_that_the_schema_does_not_have_are_refused() {
    for (body, wrong) in [
        ("permit (principal == Role::\"social_wroker\", action, resource);", "social_wroker"),
        ("permit (principal, action == Action::\"ReadSections\", resource);", "ReadSections"),
        ("permit (principal, action, resource == Stream::\"cases\");", "cases"),
        ("permit (principal is Person, action, resource);", "Person"),
        (
            "permit (principal, action, resource) when { context.event == Kind::\"CaseOpend\" };",
            "CaseOpend",
        ),
        ("permit (principal, action, resource) when { context.relation.leed };", "leed"),
        ("permit (principal, action, resource) when { context.actor == \"x\" };", "actor"),
        ("permit (principal, action, resource) when { principal.name == \"x\" };", "name"),
        (
            "permit (principal, action == Action::\"ReadSection\", resource) \
             when { context.purpose == Purpose::\"curiosity\" };",
            "curiosity",
        ),
        (
            "permit (principal, action == Action::\"ReadSection\", resource) \
             when { context.holds == Content::\"reproter\" };",
            "reproter",
        ),
    ] {
        let text = policy("all", ALL) + &policy("odd", body);
        let PolicyError::Invalid { id, place, message } = refused(&text) else { panic!("{body}") };
        assert_eq!(id, "odd");
        assert!(message.contains(wrong), "{message}");
        assert!((5..=8).contains(&place.line), "{place} {message}");
    }
}

#[test]
fn rules_that_mix_unlike_things_or_never_apply_are_refused() {
    for body in [
        "permit (principal, action, resource) when { context.delegated == 1 };",
        "permit (principal, action, resource) when { context.event == Stream::\"case\" };",
        "permit (principal, action, resource) when { 1 };",
        // Nothing is both.
        "forbid (principal == Role::\"clerk\", action, resource) \
         when { principal is Stream };",
        "permit (principal, action, resource) when { false };",
        "permit (principal in Stream::\"case\", action, resource);",
    ] {
        let refusal = refused(&policy("odd", body));
        assert!(matches!(refusal, PolicyError::Invalid { .. }), "{body}: {refusal:?}");
    }
}

#[test]
fn no_rule_on_appends_sees_a_purpose() {
    let body = "permit (principal, action, resource) \
                when { context.purpose == Purpose::\"case_work\" };";
    let PolicyError::Invalid { message, .. } = refused(&policy("odd", body)) else { panic!() };
    assert!(message.contains("purpose"), "{message}");
}

#[test]
fn deep_and_wide_texts_are_refused_before_cedar_reads_them() {
    for (unit, end) in [
        ("(", ")"),
        ("[", "]"),
        ("{\"a\":", "}"),
        ("true && ", ""),
        ("if true then ", " else true"),
        ("context.", ""),
        ("1 + ", ""),
    ] {
        let times = (TEXT_BYTES_MAX - 400) / (unit.len() + end.len());
        let condition = format!("{}true{}", unit.repeat(times), end.repeat(times));
        let body = format!("permit (principal, action, resource) when {{ {condition} }};");
        let refusal = refused(&policy("deep", &body));
        let PolicyError::TooDeep { place } = refusal else { panic!("{unit}: {refusal:?}") };
        assert_eq!(place.line, 4);
    }
}

#[test]
fn what_is_as_deep_as_may_be_is_still_judged_and_decided() {
    let body = |condition: &str| {
        let body = format!("permit (principal, action, resource) when {{ {condition} }};");
        policy("deep", &body)
    };
    let nest = NESTING_MAX - 1;
    for (unit, end, times) in [
        ("(", ")", nest),
        ("true && ", "", OPERATORS_MAX / 2),
        ("if context.delegated then false else ", "", OPERATORS_MAX / 2),
    ] {
        let condition = |inner| format!("{}{inner}{}", unit.repeat(times), end.repeat(times));
        let set = PolicySet::parse(&body(&condition("true"))).unwrap();
        assert!(set.decide(&nothing()).allowed, "{unit}");
        // The validator did not give up on the way.
        let wrong = refused(&body(&condition("principal.name")));
        assert!(matches!(wrong, PolicyError::TooDeep { .. } | PolicyError::Invalid { .. }));
        let wrong = refused(&body(&condition("1")));
        assert!(matches!(wrong, PolicyError::Invalid { .. }), "{unit}: {wrong:?}");
    }
    let sum = "1+".repeat(OPERATORS_MAX - 2);
    assert!(PolicySet::parse(&body(&format!("{sum}1 > 0"))).is_ok());
    assert!(matches!(refused(&body(&format!("{sum}true"))), PolicyError::Invalid { .. }));
}

#[test]
fn what_cannot_be_worked_out_is_denied() {
    // Valid, and beyond 64 bits for restricted sections and up.
    let overflow = "permit (principal, action == Action::\"ReadSection\", resource) \
                    when { context.class + 9223372036854775806 > 0 };";
    let text = policy("all", ALL) + &policy("beyond", overflow);
    let set = PolicySet::parse(&text).unwrap();
    let mut question = nothing();
    assert!(set.decide(&question).allowed);
    question.class = Some(letopis_types::Class::Restricted);
    let verdict = set.decide(&question);
    assert!(!verdict.allowed);
    assert_eq!(verdict.rule.as_str(), RuleId::EVALUATION_FAILED);
    for (lang, said) in [
        (Lang::Bg, "Правилата не можаха да бъдат приложени, затова е отказано."),
        (Lang::En, "The rules could not be applied, so it is denied."),
    ] {
        assert_eq!(set.words(&verdict.rule, lang), said);
    }
}

#[test]
fn a_rule_that_forbids_wins_and_the_first_id_is_named() {
    let leads = "permit (principal, action, resource) when { context.relation.lead };";
    let closed = "forbid (principal, action, resource) when { context.relation.closed };";
    let text = [("b", ALL), ("a", leads), ("z", closed), ("y", closed)];
    let text: String = text.iter().map(|(id, body)| policy(id, body)).collect();
    let set = PolicySet::parse(&text).unwrap();
    let decide = |relation| {
        let verdict = set.decide(&Question { relation, ..nothing() });
        (verdict.allowed, verdict.rule.to_string())
    };
    assert_eq!(decide(Relation::EXISTS), (true, "b".into()));
    assert_eq!(decide(Relation::LEAD), (true, "a".into()));
    assert_eq!(decide(Relation::LEAD | Relation::CLOSED), (false, "y".into()));
}

#[test]
fn what_no_rule_permits_is_denied() {
    let text = policy("all", "permit (principal, action == Action::\"ReadFacts\", resource);");
    let set = PolicySet::parse(&text).unwrap();
    let verdict = set.decide(&nothing());
    assert!(!verdict.allowed);
    assert_eq!(verdict.rule.as_str(), RuleId::NO_RULE);
    assert_eq!(set.words(&verdict.rule, Lang::En), "No rule permits it.");
    assert_eq!(set.words(&verdict.rule, Lang::Bg), "Никое правило не го разрешава.");
    let elsewhere = RuleId::new("of-another-set").unwrap();
    assert_eq!(set.words(&elsewhere, Lang::En), "The rule is not one of those in force.");
}

#[test]
fn what_says_too_little_is_denied_whatever_the_rules_are() {
    let set = PolicySet::parse(&policy("all", ALL)).unwrap();
    let denied = |question: Question<'_>| {
        let verdict = set.decide(&question);
        !verdict.allowed && verdict.rule.as_str() == RuleId::NO_RULE
    };
    assert!(denied(Question { role: Role::Unspecified, ..nothing() }));
    assert!(denied(Question { class: None, ..nothing() }));
    let other = |action| Question { action, class: None, ..nothing() };
    assert!(Action::ALL.into_iter().skip(1).all(|action| !denied(other(action))));
}

#[test]
fn everything_that_the_schema_names_can_be_asked() {
    // Each policy holds for just one value, and is the one that decides for it.
    let one = |id: &str, condition: &str| {
        policy(
            id,
            &format!(
                "permit (principal, action == Action::\"ReadSection\", resource) \
                 when {{ {condition} }};"
            ),
        )
    };
    let decides = |condition: &str, yes: Question<'_>, no: Question<'_>| {
        let set = PolicySet::parse(&one("one", condition)).unwrap();
        assert!(set.decide(&yes).allowed, "{condition}");
        assert!(!set.decide(&no).allowed, "{condition}");
    };
    let base = nothing();
    let with = |relation| Question { relation, ..base };
    for (flag, name) in Relation::ALL {
        let all = Relation::ALL.iter().fold(Relation::NONE, |all, (one, _)| all | *one);
        decides(&format!("context.relation.{name}"), with(*flag), with(all.without(*flag)));
    }
    for (role, name) in super::roles() {
        let other = if role == Role::Clerk { Role::Auditor } else { Role::Clerk };
        decides(
            &format!("principal == Role::\"{name}\""),
            Question { role, ..base },
            Question { role: other, ..base },
        );
    }
    let unsaid = Question { purpose: Purpose::Unspecified, ..base };
    for (purpose, name) in super::purposes() {
        let condition = format!("context.purpose == Purpose::\"{name}\"");
        decides(&condition, Question { purpose, ..base }, unsaid);
    }
    decides("context.purpose == Purpose::\"none\"", unsaid, base);
    for stream in StreamKind::ALL {
        let other = if stream == StreamKind::Root { StreamKind::Case } else { StreamKind::Root };
        decides(
            &format!("resource == Stream::\"{}\"", stream.name()),
            Question { stream, ..base },
            Question { stream: other, ..base },
        );
    }
    let event = |event| Question { event, ..base };
    decides("context.event == Kind::\"CaseOpened\"", event("CaseOpened"), event("CaseClosed"));
    decides("context.event == Kind::\"none\"", event(""), event("CaseClosed"));
    decides("context.event == Kind::\"unknown\"", event("ОтДругаВерсия"), event(""));
    decides("context.delegated", Question { delegated: true, ..base }, base);
    for class in letopis_types::Class::ALL {
        let other = if class as u8 == 1 { 2 } else { 1 };
        let other = letopis_types::Class::from_number(other);
        decides(
            &format!("context.class == {}", class.number()),
            Question { class: Some(class), ..base },
            Question { class: other, ..base },
        );
    }
    let payload = |payload_type| Question { payload_type, ..base };
    decides("context.payload like \"scan/*\"", payload("scan/1"), payload("scans/1"));
    decides("context.holds == Content::\"place\"", payload("place/1"), payload("places/1"));
    decides("context.holds == Content::\"other\"", payload("places/1"), payload("place/1"));
}
