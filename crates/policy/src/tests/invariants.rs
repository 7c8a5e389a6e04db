//! What the Bulgarian set must never allow, whatever else is true.

use std::sync::LazyLock;

use letopis_proto::KINDS;
use letopis_proto::statement::v1::{Purpose, Role};
use letopis_types::{Class, StreamKind};
use proptest::prelude::*;
use proptest::sample::select;

use super::{purposes, roles};
use crate::{Action, BG, Content, PolicySet, Question, Relation, Verdict};

static SET: LazyLock<PolicySet> = LazyLock::new(|| PolicySet::parse(BG).unwrap());

fn relation() -> impl Strategy<Value = Relation> {
    // Few flags are as likely as many.
    let none = Just(Relation::NONE);
    let one = || select(Relation::ALL).prop_map(|(flag, _)| flag);
    let several = proptest::collection::vec(one(), 0..8)
        .prop_map(|flags| flags.into_iter().fold(Relation::NONE, |all, flag| all | flag));
    let any = any::<[bool; 21]>().prop_map(|flags| {
        let set = Relation::ALL.iter().zip(flags);
        set.fold(Relation::NONE, |all, ((flag, _), is)| all | flag.when(is))
    });
    prop_oneof![none, several, any]
}

fn payload_type() -> impl Strategy<Value = &'static str> {
    select(vec![
        "reporter/1",
        "third-person/1",
        "place/1",
        "child-words/1",
        "supervision/1",
        "danger/1",
        "note/1",
        "",
    ])
}

fn event() -> impl Strategy<Value = &'static str> {
    let known = select(KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>());
    prop_oneof![known, Just(""), Just("NotKnownHere")]
}

prop_compose! {
    fn question()(
        action in select(Action::ALL.to_vec()),
        purpose in select(purposes()),
        role in select(roles()),
        delegated: bool,
        stream in select(StreamKind::ALL.to_vec()),
        event in event(),
        class in prop_oneof![Just(None), select(Class::ALL.to_vec()).prop_map(Some)],
        payload_type in payload_type(),
        relation in relation(),
    ) -> Question<'static> {
        Question {
            action, purpose: purpose.0, role: role.0, delegated, stream, event, class,
            payload_type, relation,
        }
    }
}

fn decide(question: &Question<'_>) -> Verdict {
    SET.decide(question)
}

fn allowed(question: &Question<'_>) -> bool {
    decide(question).allowed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn in_conflict_only_what_is_urgent(mut question in question()) {
        question.relation |= Relation::CONFLICTED;
        if allowed(&question) {
            let of_emergency = question.relation.contains(Relation::BREAK_GLASS)
                && question.purpose == Purpose::Emergency;
            let urgent = match question.action {
                Action::Append => question.relation.contains(Relation::URGENT),
                Action::ReadSection | Action::ReadFacts => of_emergency,
                _ => false,
            };
            prop_assert!(urgent);
        }
    }

    #[test]
    fn a_provider_reads_no_section_that_was_not_shared(mut question in question()) {
        question.role = Role::Provider;
        question.action = Action::ReadSection;
        question.relation = question.relation.without(Relation::SHARED);
        prop_assert!(!allowed(&question));
    }

    #[test]
    fn the_reporter_is_seen_by_intake_and_whom_both_granted_it(
        mut question in question(),
        payload_type in select(vec!["reporter/1", "reporter/name/2", "reporter"]),
    ) {
        question.action = Action::ReadSection;
        question.payload_type = payload_type;
        let is = |flag| question.relation.contains(flag);
        let of_the_signal = question.stream == StreamKind::Signal
            && matches!(question.role, Role::SocialWorker | Role::DutyOfficer)
            && is(Relation::INTAKE);
        let granted = is(Relation::REPORTER_GRANTED)
            && question.purpose == Purpose::ComplaintReview;
        if allowed(&question) {
            prop_assert!(of_the_signal || granted);
        }
    }

    #[test]
    fn a_researcher_is_given_indicators_alone(mut question in question()) {
        question.role = Role::Researcher;
        if allowed(&question) {
            prop_assert_eq!(question.action, Action::ReadIndicators);
            prop_assert_eq!(question.purpose, Purpose::Research);
        }
    }

    #[test]
    fn indicators_are_of_everything_and_no_file(mut question in question()) {
        question.action = Action::ReadIndicators;
        prop_assert!(!allowed(&question) || question.stream == StreamKind::Root);
    }

    #[test]
    fn without_any_tie_no_section_of_a_file(mut question in question()) {
        question.action = Action::ReadSection;
        question.relation = Relation::EXISTS;
        if allowed(&question) {
            // Registrars move histories and keep the actors.
            prop_assert_eq!(question.role, Role::Registrar);
            prop_assert!(
                question.event == "HistoryImported" || question.stream == StreamKind::Actor
            );
        }
    }

    #[test]
    fn an_agency_that_gave_the_case_away_keeps_the_facts(mut question in question()) {
        question.relation = Relation::EXISTS | Relation::FORMER_AGENCY;
        question.action = Action::ReadSection;
        prop_assert!(!allowed(&question) || question.role == Role::Registrar);
    }

    #[test]
    fn a_party_never_sees_what_is_withheld(
        mut question in question(),
        payload_type in select(vec!["reporter/1", "third-person/1", "place/1", "supervision/1"]),
    ) {
        question.action = Action::ReadSection;
        question.purpose = Purpose::PartyAccess;
        question.payload_type = payload_type;
        prop_assert!(!allowed(&question));
    }

    #[test]
    fn the_protected_part_opens_to_few(mut question in question()) {
        question.stream = StreamKind::Protected;
        prop_assume!(!matches!(question.action, Action::Append | Action::ReadLog));
        if allowed(&question) {
            let is = |flag| question.relation.contains(flag);
            let managers = [Role::HeadOfDepartment, Role::Director, Role::Deputy];
            prop_assert!(
                matches!(question.role, Role::Auditor | Role::DataProtectionOfficer)
                    || is(Relation::LEAD)
                    || is(Relation::BREAK_GLASS)
                    || (is(Relation::OWN_AGENCY) && managers.contains(&question.role))
            );
        }
    }

    #[test]
    fn an_auditor_reads_sections_within_an_order_or_by_explicit_gift(mut question in question()) {
        question.role = Role::Auditor;
        question.action = Action::ReadSection;
        let gifts = Relation::SHARED | Relation::GRANTED | Relation::SUBJECT | Relation::INSPECTION;
        question.relation = question.relation.without(gifts);
        prop_assert!(!allowed(&question));
    }

    #[test]
    fn whoever_reads_a_section_may_claim_the_purpose(question in question()) {
        prop_assume!(question.action != Action::Append);
        if allowed(&question) {
            prop_assert!(claims(question.role, question.purpose));
        }
        let unsaid = Question { purpose: Purpose::Unspecified, ..question };
        prop_assert!(!allowed(&unsaid));
    }

    #[test]
    fn an_append_is_decided_without_purpose_and_class(
        question in question(),
        other in question(),
    ) {
        let question = Question { action: Action::Append, ..question };
        let Question { purpose, class, payload_type, .. } = other;
        let same = Question { purpose, class, payload_type, ..question };
        prop_assert_eq!(decide(&question), decide(&same));
    }

    #[test]
    fn an_urgent_act_for_a_child_is_always_recorded(
        mut question in question(),
        role in select(vec![
            Role::SocialWorker, Role::DutyOfficer, Role::HeadOfDepartment, Role::Director,
            Role::Deputy,
        ]),
    ) {
        question.action = Action::Append;
        question.role = role;
        question.relation |= Relation::URGENT;
        prop_assert!(allowed(&question));
    }

    #[test]
    fn nothing_fails_to_be_evaluated(question in question()) {
        let rule = decide(&question).rule;
        prop_assert_ne!(rule.as_str(), crate::RuleId::EVALUATION_FAILED);
        prop_assert_eq!(Content::of(question.payload_type).name(),
            if question.payload_type.is_empty() || question.payload_type == "note/1" { "other" }
            else { question.payload_type.split('/').next().unwrap() });
    }
}

/// Which role may claim which purpose, written down a second time.
fn claims(role: Role, purpose: Purpose) -> bool {
    use Purpose::{
        CaseWork, ComplaintReview, Court, DataProtection, Emergency, Inspection, Migration,
        PartyAccess, Research, Supervision,
    };
    let may: &[Purpose] = match role {
        Role::SocialWorker => &[CaseWork, Court, PartyAccess, Emergency],
        Role::HeadOfDepartment => &[CaseWork, Supervision, Court, PartyAccess, Emergency],
        Role::Director | Role::Deputy => &[CaseWork, Supervision, Court, Emergency],
        Role::DutyOfficer => &[CaseWork, Emergency],
        Role::Superior => &[CaseWork, Supervision, ComplaintReview, Emergency],
        Role::Provider | Role::TeamMember => &[CaseWork],
        Role::Supervisor => &[Supervision],
        Role::ComplaintHandler => &[ComplaintReview],
        Role::DataProtectionOfficer => &[DataProtection],
        Role::Auditor => &[Inspection],
        Role::Researcher => &[Research],
        Role::Clerk => &[CaseWork, PartyAccess],
        Role::Registrar => &[Migration, DataProtection],
        Role::Unspecified => &[],
    };
    may.contains(&purpose)
}
