//! Services, instructions, requests and their answers.

use super::*;

const OPENED: &str = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened";

fn opened() -> World {
    given(OPENED)
}

fn planned() -> World {
    opened().and("+1d AssessmentCompleted\n+1d PlanAdopted")
}

fn referred() -> World {
    planned().and("+1h ServiceReferred")
}

fn accepted() -> World {
    referred().and("+1d ReferralAccepted")
}

#[test]
fn a_service_follows_from_a_plan_or_from_danger() {
    assert_eq!(opened().refuses("+1h ServiceReferred"), "service.no-plan");
    opened().and("+1h ServiceReferred with danger");
    assert_eq!(referred().clock("case", "referral-answer"), Some(Reading::Running));
}

#[test]
fn the_provider_answers_a_referral_once() {
    let world = accepted();
    assert_eq!(world.clock("case", "referral-answer"), Some(Reading::Kept));
    assert_eq!(world.clock("case", "provider-report"), Some(Reading::Running));
    for answer in ["ReferralAccepted", "ReferralDeclined"] {
        let refuses = |world: &World, line: &str| world.refuses(&format!("+1h {answer} {line}"));
        assert_eq!(refuses(&world, ""), "service.not-waiting");
        assert_eq!(refuses(&referred(), "on nothing"), "service.not-waiting");
        assert_eq!(refuses(&referred(), "happened -2h"), "time.before-cause");
        let late = referred().and(&format!("+8d {answer}"));
        assert_eq!(late.clock("case", "referral-answer"), Some(Reading::Late));
    }
    let declined = referred().and("+1d ReferralDeclined");
    assert_eq!(declined.clock("case", "referral-answer"), Some(Reading::Kept));
    assert_eq!(declined.clock("case", "provider-report"), None);
}

#[test]
fn a_provider_reports_every_three_months_and_after_the_end() {
    assert_eq!(referred().refuses("+1h ServiceReported"), "service.not-accepted");
    assert_eq!(accepted().refuses("+1h ServiceReported happened -3h"), "time.before-cause");
    let world = accepted().and("+80d ServiceReported");
    assert_eq!(world.clock("case", "provider-report"), Some(Reading::Running));
    let overdue = world.clone().later(95 * 86_400);
    assert_eq!(overdue.clock("case", "provider-report"), Some(Reading::Overdue));
    let ended = world.and("+1d ServiceEnded");
    assert_eq!(ended.clock("case", "provider-report"), Some(Reading::Dropped));
    assert_eq!(ended.clock("case", "provider-final-report"), Some(Reading::Running));
    let kept = ended.clone().and("+9d ServiceReported");
    assert_eq!(kept.clock("case", "provider-final-report"), Some(Reading::Kept));
    let late = ended.and("+11d ServiceReported");
    assert_eq!(late.clock("case", "provider-final-report"), Some(Reading::Late));
}

#[test]
fn a_service_that_was_accepted_ends_once() {
    assert_eq!(referred().refuses("+1h ServiceEnded"), "service.not-accepted");
    assert_eq!(accepted().refuses("+1h ServiceEnded on nothing"), "service.not-accepted");
    assert_eq!(accepted().refuses("+1h ServiceEnded happened -2h"), "time.before-cause");
    let declined = referred().and("+1d ReferralDeclined");
    assert_eq!(declined.refuses("+1h ServiceEnded"), "service.not-accepted");
    assert_eq!(accepted().and("+1d ServiceEnded").refuses("+1h ServiceEnded"), "service.ended");
}

#[test]
fn another_provider_answers_for_nobody_else() {
    let mut world = planned();
    let to_another = crate::fact::ServiceReferred { provider: [0xab; 16], shared: Vec::new() };
    let case = world.story.stream("case");
    let fact = Fact::ServiceReferred(to_another);
    let mut statement = world.said(case, &[(0x24, Digest([0x24; 32]))], fact);
    statement.sections = ["need/1", "service/1"]
        .map(|name| crate::statement::Section {
            class: letopis_types::Class::Restricted,
            payload_type: name.to_owned(),
            commitment: Digest([0xc0; 32]),
        })
        .to_vec();
    let referral = world.say(statement).unwrap();
    let fact = Fact::ReferralAccepted(crate::fact::ReferralAccepted { referral });
    let answer = world.said(case, &[(0x2b, Digest([0x2b; 32]))], fact);
    assert_eq!(world.say(answer).unwrap_err(), "service.by-provider");
}

#[test]
fn a_referral_of_a_wrong_file_waits_for_nothing() {
    let world = accepted().and("+1h EventMisfiled on ReferralAccepted by head,worker");
    world.clone().and("+1h ReferralDeclined");
    let world = world.and("+1h EventMisfiled on ServiceReferred by head,worker");
    assert_eq!(world.refuses("+1h ReferralDeclined"), "service.not-waiting");
}

#[test]
fn an_instruction_is_served() {
    let world = opened().and("+1h InstructionIssued");
    assert_eq!(world.clock("case", "order-service"), Some(Reading::Running));
    for section in ["refusal", "duty", "appeal-notice"] {
        let line = format!("+1h InstructionIssued without {section}");
        assert_eq!(opened().refuses(&line), "section.missing", "{section}");
    }
}

#[test]
fn aid_is_decided_in_twenty_days() {
    let world = opened().and("+1h MeasureRequestedByParty request=aid as asked");
    assert_eq!(world.clock("case", "aid-decision"), Some(Reading::Running));
    assert_eq!(world.clock("case", "measure-answer"), None);
    assert_eq!(world.refuses("+1h AidDecided happened -2h"), "time.before-cause");
    let late = world.clone().and("+21d AidDecided");
    assert_eq!(late.clock("case", "aid-decision"), Some(Reading::Late));
    let kept = world.and("+19d AidDecided");
    assert_eq!(kept.clock("case", "aid-decision"), Some(Reading::Kept));
    assert_eq!(kept.refuses("+1h AidDecided on asked"), "aid.no-request");
    assert_eq!(kept.refuses("+1h AidDecided on nothing"), "aid.no-request");
    let other = opened().and("+1h MeasureRequestedByParty as asked");
    assert_eq!(other.refuses("+1h AidDecided on asked"), "aid.no-request");
    assert_eq!(opened().refuses("+1h AidDecided on none"), "aid.no-request");
}

#[test]
fn a_request_of_a_measure_is_answered_by_what_refers_to_it() {
    let world = planned().and("+1h MeasureRequestedByParty as asked");
    assert_eq!(world.clock("case", "measure-answer"), Some(Reading::Running));
    let silent = world.clone().and("+1d PlanAmended\n+1d NoteAdded answers=asked");
    assert_eq!(silent.clock("case", "measure-answer"), Some(Reading::Running));
    let letter = world.clone().and("+1d DocumentAdded answers=asked");
    assert_eq!(letter.clock("case", "measure-answer"), Some(Reading::Kept));
    // What waits for a signature is no answer yet; then it is one from the day of the act.
    let pending = world.clone().and("+13d PlanAmended by worker answers=asked as amended");
    assert_eq!(pending.clock("case", "measure-answer"), Some(Reading::Running));
    let kept = pending.and("+3d Endorsed on amended");
    assert_eq!(kept.clock("case", "measure-answer"), Some(Reading::Kept));
    let late = world.and("+15d PlanAmended answers=asked");
    assert_eq!(late.clock("case", "measure-answer"), Some(Reading::Late));
}

#[test]
fn a_request_of_data_is_answered_in_a_month() {
    let asked = opened().and("+1h MeasureRequestedByParty request=data as asked");
    assert_eq!(asked.clock("case", "data-request"), Some(Reading::Running));
    let two = asked.clone().and("+1h MeasureRequestedByParty request=data");
    let one = two.clone().and("+1d SubjectAccessAnswered answers=asked");
    assert_eq!(one.clock("case", "data-request"), Some(Reading::Running));
    let whole = two.and("+1d SubjectAccessAnswered");
    assert_eq!(whole.clock("case", "data-request"), Some(Reading::Kept));
    let late = asked.and("+40d SubjectAccessAnswered");
    assert_eq!(late.clock("case", "data-request"), Some(Reading::Late));
}
