//! What a statement adds to the figures.

use letopis_proto::statement::v1::{AgeBand, EmergencyAct, SignalOutcome, Track};
use letopis_types::StreamKind;

use super::universe::BAND_DAYS;
use crate::clocks::{How, Reading};
use crate::fact::{Fact, SignalAssessed};
use crate::file::FileState;
use crate::registry::Placed;

/// One more thing that is counted: in which universe, and the number of its category in each of the universe's
/// breakdowns that facts tell, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The number of the universe.
    pub universe: u8,
    /// The categories, save that of a breakdown by sealed codes.
    pub categories: Vec<u32>,
}

/// What a statement adds, with its own file before and after it. Nothing for imported history, which was
/// decided elsewhere; the ledger's own statements count where a deadline was missed.
#[must_use]
pub fn units(placed: &Placed<'_>, before: &FileState, after: &FileState) -> Vec<Unit> {
    let entry = entry(placed).map(|band| unit(29, [band]));
    told(placed, before, after).into_iter().chain(entry).collect()
}

fn unit<const N: usize>(universe: u8, categories: [u32; N]) -> Unit {
    Unit { universe, categories: categories.to_vec() }
}

/// How long after it happened somebody records something in a case or signal.
fn entry(placed: &Placed<'_>) -> Option<u32> {
    let statement = placed.statement;
    let of_file = matches!(
        statement.stream.kind,
        StreamKind::Case | StreamKind::Protected | StreamKind::Signal
    );
    let signed = statement.signers.iter().any(|signer| signer.grant.is_some());
    let imported = matches!(statement.fact, Fact::HistoryImported(_));
    let counts = of_file && signed && !imported;
    counts.then(|| {
        band(placed.recorded_at.seconds().saturating_sub(statement.occurred_at.instant.seconds))
    })
}

/// The band of a duration in seconds.
fn band(seconds: i64) -> u32 {
    let longer = BAND_DAYS.iter().filter(|days| seconds > **days * 24 * 3600);
    // INVARIANT: bands are few.
    longer.count() as u32 + 1
}

fn told(placed: &Placed<'_>, before: &FileState, after: &FileState) -> Option<Unit> {
    let statement = placed.statement;
    let track = code(after.procedure.track().into());
    let timely = || timeliness(placed, before, after);
    // Of a statement that misfiles or closes the beginning is what the file had before it.
    let began = after.procedure.begun_at().or(before.procedure.begun_at());
    let lasted =
        || began.map_or(1, |began| band(placed.recorded_at.seconds().saturating_sub(began)));
    Some(match &statement.fact {
        Fact::SignalReceived(fact) => {
            let several = if fact.children.len() > 1 { 2 } else { 1 };
            unit(1, [code(fact.channel.into()), code(fact.track.into()), several])
        }
        Fact::SignalAssessed(fact) => unit(2, [outcome(fact), lasted(), timely()]),
        Fact::SignalNotPursued(_) => unit(2, [4, lasted(), timely()]),
        Fact::CaseOpened(_) => unit(3, [track, lasted()]),
        Fact::AssessmentCompleted(fact) => {
            assessment(age(fact.age_band()), after.procedure.track(), lasted(), timely())
        }
        Fact::PlanAdopted(_) => unit(5, [1, track, timely()]),
        Fact::PlanAmended(_) => unit(5, [2, track, timely()]),
        Fact::CaseClosed(fact) => unit(6, [lasted(), track, if fact.observed { 1 } else { 2 }]),
        Fact::PoliceProtectionRecorded(fact) if fact.ended.is_none() => unit(7, [1, track]),
        Fact::EmergencyPlacementOrdered(_) => unit(7, [2, track]),
        Fact::EmergencyActRecorded(fact) => {
            unit(7, [if fact.act() == EmergencyAct::Placement { 2 } else { 3 }, track])
        }
        Fact::PlacementOrdered(fact) => {
            unit(8, [age(fact.age_band()), track, code(fact.file_access)])
        }
        Fact::PlacementStarted(_) => unit(9, [1, track]),
        Fact::PlacementChanged(_) => unit(9, [2, track]),
        Fact::PlacementEnded(_) => unit(9, [3, track]),
        Fact::CourtDecisionRecorded(fact) => {
            unit(10, [code(fact.outcome().into()), track, lasted()])
        }
        Fact::AppealFiled(fact) => unit(11, [code(fact.route.into())]),
        Fact::AppealDecided(fact) => unit(12, [code(fact.outcome.into())]),
        Fact::ChildHeard(fact) => unit(33, [age(fact.age_band()), track]),
        Fact::ChildNotHeard(fact) => unit(34, [age(fact.age_band()), track]),
        Fact::ChildInformed(_) => unit(14, [track]),
        Fact::WeightOfViewsExplained(_) => unit(15, [track, timely()]),
        Fact::VisitRecorded(fact) => {
            unit(16, [if fact.child_seen_alone { 1 } else { 2 }, track, timely()])
        }
        Fact::SupervisionHeld(_) => unit(17, [timely()]),
        Fact::ReviewHeld(fact) => unit(18, [age(fact.age_band()), track, timely()]),
        Fact::TeamConvened(fact) => unit(19, [code(fact.mechanism.into())]),
        Fact::TeamMet(_) => unit(20, [track, timely()]),
        Fact::TransferAccepted(_) => unit(21, [1]),
        Fact::TransferRejected(_) => unit(21, [2]),
        Fact::ServiceReferred(_) => unit(22, [track]),
        Fact::ReferralAccepted(_) => unit(23, [1, timely()]),
        Fact::ReferralDeclined(_) => unit(23, [2, timely()]),
        Fact::ServiceReported(_) => unit(24, [timely()]),
        Fact::CommitmentFulfilled(_) => unit(25, [1, timely()]),
        Fact::CommitmentMissed(_) => unit(25, [2, timely()]),
        Fact::DeadlineMissed(fact) => unit(26, [fact.clock]),
        Fact::Endorsed(_) if confirms(before, after) => unit(27, [1, timely()]),
        Fact::EndorsementRefused(_) => unit(27, [2, timely()]),
        Fact::EndorsementLapsed(_) => unit(27, [3, timely()]),
        Fact::EventCorrected(_) => unit(28, [1]),
        Fact::EventMisfiled(_) => unit(28, [2]),
        Fact::BreakGlassOpened(_) => unit(30, []),
        Fact::BreakGlassReviewed(fact) => unit(31, [if fact.justified { 1 } else { 2 }]),
        Fact::ComplaintLodged(_) => unit(32, []),
        _ => return None,
    })
}

/// An assessment; one that prevents abandonment is counted apart, by its cause.
fn assessment(age: u32, track: Track, lasted: u32, timely: u32) -> Unit {
    match track {
        Track::Prevention => unit(35, [age, lasted, timely]),
        other => unit(4, [age, code(other.into()), lasted, timely]),
    }
}

/// The number of an enumeration's value, which is never negative.
fn code(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// An age band; one that is not stated is not known.
fn age(band: AgeBand) -> u32 {
    code(if band == AgeBand::Unspecified { AgeBand::Unknown } else { band }.into())
}

/// What a check came to: for the child for whom most is done.
fn outcome(fact: &SignalAssessed) -> u32 {
    let any = |wanted| fact.outcomes.iter().any(|of| of.outcome() == wanted);
    match () {
        () if any(SignalOutcome::Case) => 1,
        () if any(SignalOutcome::CaseOpen) => 2,
        () => 3,
    }
}

/// Is an act confirmed now that was not before?
fn confirms(before: &FileState, after: &FileState) -> bool {
    let open = |file: &FileState| file.procedure.acts().iter().filter(|act| act.is_open()).count();
    open(after) < open(before)
}

/// How the clocks that ended with it stand: the worst of them. What was in time is so by when it happened.
fn timeliness(placed: &Placed<'_>, before: &FileState, after: &FileState) -> u32 {
    const NO_CLOCK: u32 = 4;
    let now = placed.recorded_at.seconds();
    let (were, are) = (before.procedure.clocks(), after.procedure.clocks());
    let ran = |id| were.get(id).is_some_and(|was| was.ended.is_none());
    let stopped = are
        .iter()
        .filter(|clock| clock.ended.is_some_and(|end| end.how == How::Stopped) && ran(clock.id));
    let read = stopped.filter_map(|clock| match are.reading(clock.id, now)? {
        Reading::Kept => Some(1),
        Reading::KeptRecordedLate => Some(2),
        Reading::Late => Some(3),
        _ => None,
    });
    read.max().unwrap_or(NO_CLOCK)
}
