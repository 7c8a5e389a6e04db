//! What stories add to the figures.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::file::{FileState, own_file};
use crate::registry::Placed;
use crate::testing::World;
use letopis_types::{Sequence, Timestamp};

/// The units that the last line of a story adds.
#[track_caller]
fn adds(story: &str) -> Vec<Unit> {
    let story: Vec<&str> = story.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let (last, before) = story.split_last().unwrap();
    let world = World::bulgarian().and(&before.join("\n"));
    let after = world.clone().and(last);
    let (statement, recorded, hash) = after.taken.last().unwrap();
    let key = own_file(statement).unwrap();
    let placed = Placed {
        statement,
        statement_hash: *hash,
        sequence: Sequence(1),
        recorded_at: Timestamp::from_seconds(u64::try_from(*recorded).unwrap()),
    };
    let file = |world: &World| world.files.get(&key).cloned().unwrap_or_default();
    units(&placed, &file(&world), &file(&after))
}

/// What the last line adds in words: `universe category category`, without its entry in a file.
#[track_caller]
fn counted(story: &str) -> String {
    let units = adds(story);
    let of = units.iter().find(|unit| unit.universe != ENTRIES);
    of.map_or_else(|| "nothing".to_owned(), in_words)
}

const ENTRIES: u8 = 29;

fn in_words(unit: &Unit) -> String {
    let of = universe(unit.universe).unwrap();
    let parts =
        of.breakdowns.iter().zip(&unit.categories).map(|(breakdown, number)| {
            match breakdown.categories {
                Categories::These(these) => {
                    let found = these.iter().find(|category| category.number == *number);
                    found.unwrap_or_else(|| panic!("{}: {number}", breakdown.code)).code.to_owned()
                }
                Categories::ClockRules => number.to_string(),
            }
        });
    let told_by_facts = of.breakdowns.iter().filter(|breakdown| breakdown.sealed.is_none());
    assert_eq!(told_by_facts.count(), unit.categories.len(), "{}", of.code);
    std::iter::once(of.code.to_owned()).chain(parts).collect::<Vec<_>>().join(" ")
}

const OPENED: &str = "SignalReceived
    +1h SignalAssigned
    +1d SignalAssessed
    +1h CaseOpened
";

#[track_caller]
fn in_case(last: &str, expected: &str) {
    assert_eq!(counted(&format!("{OPENED}{last}")), expected, "{last}");
}

#[test]
fn signals_and_their_checks() {
    assert_eq!(counted("SignalReceived"), "signals oral general one");
    assert_eq!(
        counted("SignalReceived children=3 track=coordination"),
        "signals oral coordination several"
    );
    let checked = |days: &str, with: &str| {
        counted(&format!("SignalReceived\n+1h SignalAssigned\n+{days} SignalAssessed {with}"))
    };
    assert_eq!(checked("2h", ""), "checks case 1-day kept");
    assert_eq!(checked("5d", "outcome=no-case"), "checks no-case 7-days kept");
    assert_eq!(checked("20d", "outcome=case-open"), "checks case-open 28-days late");
    assert_eq!(checked("20d", "happened -15d"), "checks case 28-days kept");
    assert_eq!(
        counted("SignalReceived\n+1h SignalAssigned\n+1h SignalNotPursued"),
        "checks not-pursued 1-day kept"
    );
}

#[test]
fn what_waits_for_a_signature_is_counted_as_signed_and_its_term_as_ended_with_the_other_signature()
{
    let waits = "SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed by worker";
    assert_eq!(counted(waits), "checks case 7-days no-clock");
    assert_eq!(
        counted(&format!("{waits}\n+1h Endorsed on SignalAssessed in signal")),
        "signatures confirmed kept"
    );
    let refused = format!("{waits}\n+1h EndorsementRefused on SignalAssessed in signal");
    assert_eq!(counted(&refused), "signatures refused kept");
}

#[test]
fn what_goes_on_in_a_case() {
    assert_eq!(counted(OPENED.trim()), "cases-opened general 7-days");
    in_case("+1d AssessmentCompleted", "assessments 10-13 general 7-days kept");
    in_case("+60d AssessmentCompleted", "assessments 10-13 general 90-days late");
    in_case("+1d AssessmentCompleted\n+1d PlanAdopted", "plans adopted general no-clock");
    in_case("+1d VisitRecorded", "visits alone general no-clock");
    in_case("+1h ChildInformed", "informed general");
    in_case("+1h ChildInformed\n+1h ChildHeard", "heard 10-13 general");
    in_case("+1h ChildNotHeard age=under-10", "not-heard under-10 general");
    in_case("+1h SupervisionHeld", "supervision kept");
    in_case("+1h TeamConvened", "teams coordination");
    in_case("+1h TeamConvened\n+25h TeamMet", "team-meetings general no-clock");
    in_case("+1h PoliceProtectionRecorded", "urgent police general");
    in_case("+1h EmergencyPlacementOrdered", "urgent placement general");
    in_case("+1h EmergencyActRecorded act=other", "urgent act general");
    in_case("+1h TransferProposed\n+1h TransferAccepted", "transfers accepted");
    in_case("+1h TransferProposed\n+1h TransferRejected", "transfers rejected");
    in_case("+1h NoteAdded as note\n+1h EventMisfiled on note", "corrections misfiled");
    in_case("+1h NoteAdded", "nothing");
}

#[test]
fn services_commitments_and_placements() {
    let planned = "+1d AssessmentCompleted\n+1h PlanAdopted\n";
    let after = |more: &str, expected: &str| in_case(&format!("{planned}{more}"), expected);
    after("+1h ServiceReferred", "referrals general");
    after("+1h ServiceReferred\n+1h ReferralAccepted", "referral-answers accepted kept");
    after("+1h ServiceReferred\n+1h ReferralDeclined", "referral-answers declined kept");
    let placed = "+1d ChildInformed\n+1h ChildHeard\n+1d PlacementOrdered as order\n+1h OrderServed on order\n";
    after(
        placed.lines().take(3).collect::<Vec<_>>().join("\n").as_str(),
        "placements-ordered under-10 general waived",
    );
    after(&format!("{placed}+1h PlacementStarted on order"), "placements started general");
    after(&format!("{placed}+1d AppealFiled on order"), "appeals placement");
    after(
        &format!(
            "{placed}+1d CourtRequestFiled on order\n+1w CourtDecisionRecorded term=2027-06-01"
        ),
        "court granted general 14-days",
    );
}

#[test]
fn how_a_case_goes_on_and_ends() {
    let signed = "+1h ChildInformed\n+1h ChildHeard\n+1d AssessmentCompleted\n";
    in_case(
        &format!("{signed}+1h WeightOfViewsExplained on AssessmentCompleted"),
        "weight general kept",
    );
    let planned = "+1d AssessmentCompleted\n+1h PlanAdopted\n";
    in_case(&format!("{planned}+20d ReviewHeld"), "reviews 10-13 general kept");
    in_case(&format!("{planned}+190d ReviewHeld"), "reviews 10-13 general late");
    let met = "+1h TeamConvened\n+1d TeamMet\n+1h TeamPlanAdopted commitments=2 due=2026-04-01\n";
    in_case(&format!("{met}+1d CommitmentFulfilled"), "commitments fulfilled kept");
    in_case(&format!("{met}+40d CommitmentMissed"), "commitments missed no-clock");
    let taken = "+1h ServiceReferred\n+1h ReferralAccepted\n";
    in_case(&format!("{planned}{taken}+9d ServiceReported"), "service-reports kept");
    let served = "+1d AssessmentCompleted\n+1d PlacementOrdered\n+1h OrderServed\n+22h AppealFiled\n+5d AppealForwarded\n";
    in_case(&format!("{served}+2w AppealDecided"), "appeals-decided stands");
    in_case(&format!("{served}+2w AppealDecided outcome=annulled"), "appeals-decided annulled");
    let done = "SenderNotified\n+1d AssessmentCompleted\n+1h WeightOfViewsExplained on AssessmentCompleted\n";
    in_case(&format!("{done}+1d CaseClosed"), "cases-closed 7-days general not-observed");
    in_case(&format!("{done}+1d CaseClosed observed=yes"), "cases-closed 7-days general observed");
}

#[test]
fn emergency_access_and_complaints() {
    in_case("+1h BreakGlassOpened with danger", "emergency-access");
    in_case(
        "+1h BreakGlassOpened with danger\n+1h BreakGlassReviewed",
        "emergency-reviews justified",
    );
    // No story has complaints yet: another statement lends its signers.
    let world = World::bulgarian().and("SignalReceived");
    let (mut lodged, ..) = world.taken.last().unwrap().clone();
    lodged.fact = crate::Fact::ComplaintLodged(letopis_proto::statement::v1::ComplaintLodged {});
    lodged.stream.kind = letopis_types::StreamKind::Complaint;
    assert_eq!(of_nothing(&lodged), [Unit { universe: 32, categories: Vec::new() }]);
}

#[test]
fn an_assessment_that_prevents_abandonment_is_counted_apart() {
    let opened = OPENED.replace("Received", "Received track=prevention");
    let opened = opened.replace("Assessed", "Assessed track=prevention");
    assert_eq!(
        counted(&format!("{opened}+1d AssessmentCompleted with abandonment")),
        "prevention-assessments 10-13 7-days kept"
    );
}

#[test]
fn a_missed_deadline_is_counted_by_its_clock() {
    let mut world = World::bulgarian().and(OPENED.trim()).later(40 * 24 * 3600);
    let missed = world.missed("case", "assessment");
    let clock = missed.clock;
    let stream = world.story.stream("case");
    let clocks = letopis_types::StreamKey { kind: letopis_types::StreamKind::Clocks, ..stream };
    world.by_ledger(clocks, crate::Fact::DeadlineMissed(missed)).unwrap();
    let (statement, ..) = world.taken.last().unwrap();
    assert_eq!(of_nothing(statement), [Unit { universe: 26, categories: vec![clock] }]);
}

/// What a statement adds in a file of which nothing is known.
fn of_nothing(statement: &crate::Statement) -> Vec<Unit> {
    let placed = Placed {
        statement,
        statement_hash: letopis_types::Digest::ZERO,
        sequence: Sequence(1),
        recorded_at: Timestamp(0),
    };
    units(&placed, &FileState::default(), &FileState::default())
}

#[test]
fn entries_are_counted_by_how_late_they_are() {
    let entry = |line: &str| {
        let units = adds(&format!("{OPENED}{line}"));
        units.iter().find(|unit| unit.universe == ENTRIES).map(in_words)
    };
    assert_eq!(entry("+1h NoteAdded").as_deref(), Some("entries 1-day"));
    assert_eq!(entry("+9d NoteAdded happened -8d").as_deref(), Some("entries 14-days"));
}

/// What one of them counts a second time would tell of the other.
#[test]
fn the_table_is_sound() {
    let mut numbers = BTreeSet::new();
    let mut codes = BTreeMap::new();
    for universe in UNIVERSES {
        assert!(numbers.insert(universe.number), "{}", universe.code);
        assert!(codes.insert(universe.code, universe.number).is_none(), "{}", universe.code);
        let mut breakdowns = BTreeSet::new();
        for breakdown in universe.breakdowns {
            assert!(breakdowns.insert(breakdown.code), "{} {}", universe.code, breakdown.code);
            let Categories::These(categories) = breakdown.categories else { continue };
            assert!(categories.is_sorted_by(|a, b| a.number < b.number), "{}", breakdown.code);
            let last = universe.breakdowns.last().unwrap();
            assert!(breakdown.sealed.is_none() || std::ptr::eq(breakdown, last));
            if breakdown.sealed.is_some() {
                assert_eq!(breakdown.number("not-stated"), Some(NOT_STATED), "{}", breakdown.code);
            }
            let all: BTreeSet<_> = categories.iter().map(|category| category.code).collect();
            assert_eq!(all.len(), categories.len());
            let words = |category: &Category| !category.bg.is_empty() && !category.en.is_empty();
            assert!(categories.iter().all(words));
        }
    }
}

/// Whatever the stories of the law tell is counted in categories that there are.
#[test]
fn every_code_of_a_fact_has_a_category() {
    use letopis_proto::statement::v1 as proto;
    let has = |universe: &str, breakdown: &str, numbers: Vec<i32>| {
        let universe = UNIVERSES.iter().find(|of| of.code == universe).unwrap();
        let breakdown = universe.breakdowns.iter().find(|of| of.code == breakdown).unwrap();
        let Categories::These(categories) = breakdown.categories else { panic!("{breakdown:?}") };
        let known: Vec<u32> = categories.iter().map(|category| category.number).collect();
        for number in numbers {
            assert!(known.contains(&u32::try_from(number).unwrap()), "{breakdown:?}: {number}");
        }
    };
    fn all<T: TryFrom<i32>>() -> Vec<i32> {
        (1..100).take_while(|number| T::try_from(*number).is_ok()).collect()
    }
    has("signals", "channel", all::<proto::SignalChannel>());
    has("signals", "track", all::<proto::Track>());
    has("assessments", "age", all::<proto::AgeBand>());
    has("placements-ordered", "file-access", all::<proto::FileAccess>());
    has("court", "outcome", all::<proto::CourtOutcome>());
    has("appeals", "route", all::<proto::AppealRoute>());
    has("appeals-decided", "outcome", all::<proto::AppealOutcome>());
    has("teams", "mechanism", all::<proto::Mechanism>());
}
