//! Whatever is said, by whomever and in whatever order: what the files took holds together.

use proptest::prelude::*;

use super::*;

/// Every kind that the stories know, with what else may be said of it.
const LINES: &[&str] = &[
    "PersonRecorded",
    "PersonCorrected",
    "PersonsMerged",
    "PersonsSeparated",
    "PersonLinked",
    "PersonUnlinked",
    "SignalReceived",
    "SignalReceived track=coordination",
    "SignalReceived children=2 in signal2",
    "SignalAssigned",
    "SignalJoined in signal2",
    "SignalForwarded in signal2",
    "SignalAssessed",
    "SignalAssessed with danger",
    "SignalAssessed track=coordination",
    "SignalNotPursued",
    "SenderNotified",
    "EmergencyActRecorded",
    "PoliceProtectionRecorded",
    "PoliceProtectionRecorded ended=yes",
    "EmergencyPlacementOrdered",
    "EmergencyStudyCompleted",
    "ProsecutorNotified",
    "CaseOpened",
    "LeadAssigned",
    "LeadAssigned lead=nobody",
    "AssessmentCompleted",
    "ConflictDeclared by worker2",
    "Endorsed on PlanAdopted",
    "Endorsed on CaseClosed",
    "Endorsed on AssessmentCompleted",
    "Endorsed on SignalAssessed in signal",
    "EndorsementRefused on PlanAdopted",
    "EndorsementLapsed on PlanAmended",
    "SignatureAttested on PlanAdopted",
    "TeamConvened",
    "TeamMet",
    "TeamPlanAdopted commitments=2",
    "CommitmentFulfilled",
    "CommitmentMissed",
    "PlanAdopted",
    "PlanAdopted track=prevention commitments=1",
    "PlanAmended",
    "PlanAmended track=reintegration",
    "InstructionIssued",
    "ServiceReferred",
    "ReferralAccepted",
    "ReferralDeclined",
    "ServiceReported",
    "ServiceEnded",
    "AidDecided",
    "CarerConsentRecorded",
    "FileShownToParty",
    "PartyCommented",
    "AccessPostponed",
    "PlacementOrdered",
    "OrderServed",
    "OrderDeemedServed",
    "ExecutionOrdered",
    "ExecutionSuspended",
    "CourtRequestFiled",
    "CourtDecisionRecorded term=2026-12-01",
    "CourtReportRequested",
    "CourtReportFiled",
    "ProtectionOrderSought",
    "CustodySuitFiled",
    "MeasureRequestedByParty",
    "MeasureRequestedByParty request=aid",
    "MeasureRequestedByParty request=data",
    "ChildMissing",
    "ChildFound",
    "AppealFiled",
    "AppealForwarded",
    "AppealDecided",
    "PlacementStarted",
    "PlacementChanged",
    "PlacementEnded",
    "VisitRecorded",
    "ReviewHeld",
    "SupervisionHeld",
    "EffectivenessChecked",
    "DelayExplained clock=101 in signal",
    "DelayExplained clock=104",
    "ChildInformed",
    "ChildHeard",
    "ChildNotHeard",
    "WeightOfViewsExplained",
    "FamilyHeard",
    "ConsentGiven",
    "ConsentRefused",
    "ConsentWithdrawn",
    "ProtectiveOpinionGiven",
    "InformationShared",
    "TransferProposed",
    "TransferAccepted",
    "TransferRejected",
    "CompetenceDecided",
    "CaseClosed",
    "CaseClosed observed=yes",
    "ObservationRecorded",
    "CaseVoided",
    "CasesMerged",
    "CaseReopened",
    "NewCaseLinked",
    "EventMisfiled on AssessmentCompleted",
    "EventMisfiled on PlanAdopted",
    "EventCorrected on SignalReceived time=-1h in signal",
    "EventCorrected on VisitRecorded time=-1h",
    "DisputeNoted on none",
    "DocumentAdded",
    "DocumentCertified",
    "FeedbackGiven",
    "NoteAdded",
    "InspectionOpened",
    "InspectionFinding",
    "InspectionInstruction",
    "InspectionComplied",
    "BreakGlassOpened with danger",
    "BreakGlassReviewed",
    "BreachRecorded",
    "SubjectAccessAnswered",
];

/// Who signs instead of those who sign such a thing; mostly these do.
const SIGNERS: &[&str] = &["", "", "", "", " by worker", " by head", " by worker,head,director"];
const LATER: &[&str] = &["+1min", "+1h", "+1d", "+9d"];

/// Beginnings of different length, so that what is said late in a case is reached as well.
const BEGINNINGS: &[&str] = &[
    "",
    "SignalReceived\nSignalAssigned",
    "SignalReceived\nSignalAssigned\nSignalAssessed\nCaseOpened",
    "SignalReceived\nSignalAssigned\nSignalAssessed\nSenderNotified\nCaseOpened\n\
     AssessmentCompleted\nWeightOfViewsExplained on AssessmentCompleted",
    "SignalReceived\nSignalAssigned\nSignalAssessed\nCaseOpened\nAssessmentCompleted\n\
     PlanAdopted commitments=1\nTeamConvened\nTeamMet\nServiceReferred\nVisitRecorded",
    "SignalReceived\nSignalAssigned\nSignalAssessed\nCaseOpened\nAssessmentCompleted\n\
     WeightOfViewsExplained on AssessmentCompleted\nTransferProposed\nTransferRejected",
    "SignalReceived\nSignalAssigned\nSignalAssessed\nCaseOpened\nAssessmentCompleted\n\
     WeightOfViewsExplained on AssessmentCompleted\nCaseClosed observed=yes",
];

/// What names another must have been said; the stories refuse to make it up.
fn is_tellable(world: &World, line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| *word != "on");
    let named = words.nth(1).filter(|named| *named != "none");
    named.is_none_or(|named| world.story_hash(named).is_some())
}

/// What was reached: whether it may follow what was.
fn is_legal(from: Stage, to: Stage) -> bool {
    from == to
        || matches!(
            (from, to),
            (Stage::None | Stage::Closed, Stage::Open)
                | (Stage::Open, Stage::Closed | Stage::Voided | Stage::Merged)
        )
}

/// The ledger records each duty that ran out; it may, and then none is left.
fn record_missed(world: &mut World) {
    for (key, file) in world.files.clone() {
        for clock in file.procedure.clocks().overdue(world.story.now()) {
            let fact = Fact::DeadlineMissed(crate::fact::DeadlineMissed {
                clock: clock.number,
                started_by: clock.started_by,
                subject: clock.subject,
                due_seconds: clock.due,
                file: key.kind,
            });
            let kind = match key.kind {
                StreamKind::Root => StreamKind::Root,
                _ if clock.protected => StreamKind::Protected,
                _ => StreamKind::Clocks,
            };
            assert!(world.by_ledger(StreamKey { kind, id: key.id }, fact).is_ok(), "{clock:?}");
        }
        let left = world.files[&key].procedure.clocks().overdue(world.story.now()).count();
        assert_eq!(left, 0, "{key:?}");
    }
}

fn check(world: &World) {
    for (key, file) in &world.files {
        let procedure = &file.procedure;
        assert!(procedure.stage() == Stage::None || file.holder.is_some(), "{key:?}: no holder");
        assert!(file.holder.is_none_or(|held| !file.proposed.iter().any(|to| to.1 == held)));
        for clock in procedure.clocks().iter() {
            let reading = procedure.clocks().reading(clock.id, world.story.now()).unwrap();
            assert!(!(reading.is_kept() && reading.is_missed()), "{clock:?}");
        }
        for act in procedure.acts() {
            check_act(world, act);
        }
        let ids = procedure.commitments().iter().map(|known| known.id);
        let once: std::collections::BTreeSet<_> = ids.collect();
        assert_eq!(once.len(), procedure.commitments().len());
        let bytes = postcard::to_allocvec(&**file).unwrap();
        let back: FileState = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back, **file);
    }
}

/// What is in force and needs another's signature has it: with the act, or by an endorsement.
fn check_act(world: &World, act: &Act) {
    let found = world.taken.iter().find(|(_, _, hash)| *hash == act.hash);
    let (statement, _, _) = found.expect("an act that was taken");
    let groups = statement.fact.confirmed_by();
    if act.status != Status::InForce || groups.is_empty() {
        return;
    }
    let endorses = |(other, _, _): &&(Statement, i64, Digest)| {
        let mut references = other.references.iter();
        matches!(other.fact, Fact::Endorsed(_))
            && references.any(|to| to.statement_hash == act.hash)
    };
    let mut signers: Vec<&Signer> = statement.signers.iter().collect();
    let endorsements = world.taken.iter().filter(endorses);
    signers.extend(endorsements.flat_map(|(other, _, _)| &other.signers));
    for group in groups {
        let confirms = |signer: &&&Signer| {
            world.registry.role_of(signer).is_some_and(|role| group.contains(&role.role))
        };
        let by = signers.iter().find(confirms).expect("a confirming signature");
        assert!(signers.iter().any(|other| other.actor != by.actor), "confirmed by its author");
    }
}

fn replayed(world: &World) -> World {
    let mut again = World::bulgarian();
    for (statement, recorded, hash) in &world.taken {
        again.story.set_now(*recorded);
        assert_eq!(again.say_as(statement.clone(), *hash), Ok(*hash));
    }
    again
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_the_files_hold_together(
        beginning in 0..BEGINNINGS.len(),
        steps in prop::collection::vec((0..LINES.len(), 0..SIGNERS.len(), 0..LATER.len()), 1..60),
    ) {
        let mut world = given(BEGINNINGS[beginning]);
        let mut stage = world.of("case").procedure.stage();
        for (line, signers, later) in steps {
            if !is_tellable(&world, LINES[line]) {
                continue;
            }
            let before = world.files.clone();
            let told = world.tell(&format!("{} {}{}", LATER[later], LINES[line], SIGNERS[signers]));
            if told.is_err() {
                prop_assert_eq!(&before, &world.files);
            }
            let now = world.of("case").procedure.stage();
            prop_assert!(is_legal(stage, now), "{:?} {:?}", stage, now);
            stage = now;
            if signers == 1 {
                record_missed(&mut world);
            }
        }
        check(&world);
        prop_assert_eq!(replayed(&world).files, world.files);
    }
}

#[test]
fn every_kind_of_the_procedure_is_among_the_lines() {
    // ChildDied ends what can be said of a case; DeadlineMissed is the ledger's.
    let apart = ["ChildDied", "DeadlineMissed", "ComplaintLodged", "HandlerAssigned"];
    for kind in letopis_proto::KINDS.iter().filter(|kind| kind.number >= 100) {
        let said = LINES.iter().any(|line| line.split(' ').next() == Some(kind.name));
        assert!(said || apart.contains(&kind.name), "{}", kind.name);
    }
}
