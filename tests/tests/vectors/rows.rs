//! The rows of the state: how files are folded and laid out, held together with the schema's number. No
//! contract, since the state may be deleted at any time; but one that an older version left is trusted
//! only because the number says that it is as this version would have made it.

use letopis_domain::testing::World;
use letopis_state::streams::SCHEMA;

/// A case with something of most parts.
const STORY: &str = "SignalReceived
    +1h SignalAssigned
    +1d SignalAssessed
    +1h CaseOpened
    +1d VisitRecorded
    +1h ChildInformed
    +1h ChildHeard
    +1d AssessmentCompleted
    +1h PlanAdopted
    +1h TeamConvened
    +1h TeamMet
    +1h TeamPlanAdopted commitments=2
    +1h ServiceReferred
    +1h ReferralAccepted
    +1d PlacementOrdered as order
    +1h OrderServed on order
    +1h PlacementStarted on order
    +1d ExecutionSuspended on order
    +1d AppealFiled on order
    +1d CourtRequestFiled on order
    +1w CourtReportRequested due=2026-12-01
    +1w CourtDecisionRecorded term=2027-06-01
    +1h MeasureRequestedByParty
    +1h TransferProposed
    +1h EventCorrected on VisitRecorded time=-1h
    +1h AssessmentCompleted by worker";

#[test]
fn a_schema_has_one_layout() {
    let world = World::bulgarian().and(STORY);
    let mut hasher = blake3::Hasher::new();
    for file in world.files.values() {
        hasher.update(&postcard::to_allocvec(&**file).unwrap());
    }
    let layout = hasher.finalize().to_hex();
    assert_eq!(
        (SCHEMA, &layout[..16]),
        (8, "f0dfe1d867253a8d"),
        "files are folded or laid out otherwise than by the last version: give the rows another SCHEMA \
         (crates/state/src/streams.rs), so that a state of before is rebuilt, and write the two down here"
    );
}
