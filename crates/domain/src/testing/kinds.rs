//! What each kind of fact is like in the stories: its fields, what it names, who signs it.

use letopis_proto::statement::v1::{
    self as proto, AgeBand, AppealNotice, AppealOutcome, AppealRoute, CourtOutcome, EmergencyAct,
    FileAccess, Mechanism, PartyRequest, Relation, SignalChannel, SignalOutcome, Stance, Track,
    fact::Kind,
};
use letopis_types::{Digest, StreamKey};

use super::line::day_of;
use super::{Line, Story, access};

type Tied = Vec<(Relation, StreamKey, Digest)>;

/// What may be served and appealed.
const ORDERS: &[&str] = &[
    "PlacementOrdered",
    "EmergencyPlacementOrdered",
    "InstructionIssued",
    "AidDecided",
    "EmergencyActRecorded",
];
/// What a placement executes.
const GROUNDS: &[&str] = &[
    "CourtDecisionRecorded",
    "PlacementOrdered",
    "EmergencyPlacementOrdered",
    "EmergencyActRecorded",
];

/// The fact of a line, and what the statement refers to.
#[expect(clippy::too_many_lines, reason = "a table: a few lines for each kind")]
pub(super) fn fact(story: &Story, line: &Line) -> (Kind, Tied) {
    let age = || enumeration(line, "age", AgeBand::AgeBand10To13).into();
    let on = |kinds: &[&str]| named(story, line, kinds).map_or(Digest::ZERO, |found| found.1);
    let hash = |kinds: &[&str]| bytes(on(kinds));
    let actor =
        |field: &str, other: &str| story.cast.actor(line.field(field).unwrap_or(other)).0.to_vec();
    let agency = |name: &str| story.cast.agency(name).0.to_vec();
    let tie = |relation, kinds: &[&str]| -> Tied {
        let found = named(story, line, kinds);
        found.into_iter().map(|(stream, digest)| (relation, stream, digest)).collect()
    };
    let track = || enumeration(line, "track", Track::General).into();
    let commitments = || commitments(story, line);
    let mut tied = Tied::new();
    let kind = match line.kind.as_str() {
        "PersonRecorded" => Kind::PersonRecorded(proto::PersonRecorded {}),
        "PersonCorrected" => Kind::PersonCorrected(proto::PersonCorrected {}),
        "PersonsMerged" => Kind::PersonsMerged(proto::PersonsMerged {
            other: story.stream("person2").id.0.to_vec(),
        }),
        "PersonsSeparated" => {
            Kind::PersonsSeparated(proto::PersonsSeparated { merged: hash(&["PersonsMerged"]) })
        }
        "PersonLinked" => Kind::PersonLinked(proto::PersonLinked {}),
        "PersonUnlinked" => {
            Kind::PersonUnlinked(proto::PersonUnlinked { linked: hash(&["PersonLinked"]) })
        }
        "SignalReceived" => Kind::SignalReceived(proto::SignalReceived {
            channel: SignalChannel::Oral.into(),
            children: (1..=count(line, "children", 1)).map(|n| story.child(n)).collect(),
            track: track(),
            anonymous: line.field("anonymous").is_some(),
        }),
        "SignalAssigned" => {
            Kind::SignalAssigned(proto::SignalAssigned { worker: actor("worker", "worker") })
        }
        "SignalJoined" => {
            tied = tie(Relation::BasedOn, &["SignalReceived"]);
            let prior = tied.first().map(|(_, stream, _)| stream.id.0.to_vec());
            Kind::SignalJoined(proto::SignalJoined { prior: prior.unwrap_or(vec![9; 16]) })
        }
        "SignalForwarded" => Kind::SignalForwarded(proto::SignalForwarded {}),
        "SignalAssessed" => {
            let outcome = enumeration(line, "outcome", SignalOutcome::Case);
            let track = (outcome != SignalOutcome::NoCase).then(track);
            let outcomes = (1..=count(line, "children", 1)).map(|n| proto::ChildOutcome {
                child: story.child(n),
                outcome: outcome.into(),
                track,
                age_band: age(),
            });
            Kind::SignalAssessed(proto::SignalAssessed { outcomes: outcomes.collect() })
        }
        "SignalNotPursued" => Kind::SignalNotPursued(proto::SignalNotPursued {}),
        "SenderNotified" => Kind::SenderNotified(proto::SenderNotified {}),
        "EmergencyActRecorded" => Kind::EmergencyActRecorded(proto::EmergencyActRecorded {
            act: enumeration(line, "act", EmergencyAct::Placement).into(),
            age_band: age(),
        }),
        "PoliceProtectionRecorded" => {
            let ended = line.field("ended").map(|_| hash(&["PoliceProtectionRecorded"]));
            Kind::PoliceProtectionRecorded(proto::PoliceProtectionRecorded {
                ended: ended.unwrap_or_default(),
            })
        }
        "EmergencyPlacementOrdered" => {
            Kind::EmergencyPlacementOrdered(proto::EmergencyPlacementOrdered { age_band: age() })
        }
        "EmergencyStudyCompleted" => {
            let order = hash(&["EmergencyPlacementOrdered", "EmergencyActRecorded"]);
            Kind::EmergencyStudyCompleted(proto::EmergencyStudyCompleted { order })
        }
        "ProsecutorNotified" => Kind::ProsecutorNotified(proto::ProsecutorNotified {}),
        "CaseOpened" => {
            tied = tie(Relation::BasedOn, &["SignalAssessed"]);
            let holder = agency(line.field("holder").unwrap_or("own"));
            Kind::CaseOpened(proto::CaseOpened { holder, lead: actor("lead", "worker") })
        }
        "LeadAssigned" => {
            let nobody = line.field("lead") == Some("nobody");
            let lead = if nobody { Vec::new() } else { actor("lead", "worker2") };
            Kind::LeadAssigned(proto::LeadAssigned { lead })
        }
        "AssessmentCompleted" => {
            Kind::AssessmentCompleted(proto::AssessmentCompleted { age_band: age() })
        }
        "ConflictDeclared" => Kind::ConflictDeclared(proto::ConflictDeclared {}),
        "Endorsed" => {
            tied = tie(Relation::Endorses, &[]);
            Kind::Endorsed(proto::Endorsed {})
        }
        "EndorsementRefused" => {
            tied = tie(Relation::RespondsTo, &[]);
            Kind::EndorsementRefused(proto::EndorsementRefused {})
        }
        "EndorsementLapsed" => {
            tied = tie(Relation::RespondsTo, &[]);
            Kind::EndorsementLapsed(proto::EndorsementLapsed {})
        }
        "SignatureAttested" => {
            tied = tie(Relation::Endorses, &[]);
            let stance = enumeration(line, "stance", Stance::Agrees).into();
            Kind::SignatureAttested(proto::SignatureAttested { stance })
        }
        "TeamConvened" => Kind::TeamConvened(proto::TeamConvened {
            mechanism: enumeration(line, "mechanism", Mechanism::Coordination).into(),
            members: members(story),
        }),
        "TeamMet" => Kind::TeamMet(proto::TeamMet { attended: vec![actor("attended", "police")] }),
        "TeamPlanAdopted" => {
            Kind::TeamPlanAdopted(proto::TeamPlanAdopted { commitments: commitments() })
        }
        "CommitmentFulfilled" => Kind::CommitmentFulfilled(proto::CommitmentFulfilled {
            commitment: story.cast.commitment(count(line, "commitment", 1)).to_vec(),
        }),
        "CommitmentMissed" => Kind::CommitmentMissed(proto::CommitmentMissed {
            commitment: story.cast.commitment(count(line, "commitment", 1)).to_vec(),
        }),
        "PlanAdopted" => Kind::PlanAdopted(proto::PlanAdopted {
            track: track(),
            age_band: age(),
            commitments: commitments(),
        }),
        "PlanAmended" => {
            tied = tie(Relation::Supersedes, &["PlanAmended", "PlanAdopted"]);
            Kind::PlanAmended(proto::PlanAmended {
                track: track(),
                age_band: age(),
                commitments: commitments(),
            })
        }
        "InstructionIssued" => Kind::InstructionIssued(proto::InstructionIssued {}),
        "ServiceReferred" => Kind::ServiceReferred(proto::ServiceReferred {
            provider: agency("service"),
            shared: Vec::new(),
        }),
        "ReferralAccepted" => {
            Kind::ReferralAccepted(proto::ReferralAccepted { referral: hash(&["ServiceReferred"]) })
        }
        "ReferralDeclined" => {
            Kind::ReferralDeclined(proto::ReferralDeclined { referral: hash(&["ServiceReferred"]) })
        }
        "ServiceReported" => {
            Kind::ServiceReported(proto::ServiceReported { referral: hash(&["ServiceReferred"]) })
        }
        "ServiceEnded" => {
            Kind::ServiceEnded(proto::ServiceEnded { referral: hash(&["ServiceReferred"]) })
        }
        "AidDecided" => {
            Kind::AidDecided(proto::AidDecided { request: hash(&["MeasureRequestedByParty"]) })
        }
        "CarerConsentRecorded" => Kind::CarerConsentRecorded(proto::CarerConsentRecorded {}),
        "FileShownToParty" => Kind::FileShownToParty(proto::FileShownToParty {}),
        "PartyCommented" => {
            Kind::PartyCommented(proto::PartyCommented { shown: hash(&["FileShownToParty"]) })
        }
        "AccessPostponed" => Kind::AccessPostponed(proto::AccessPostponed {}),
        "PlacementOrdered" => {
            let replaced = line.field("replaces").and_then(|label| story.last(&[label]));
            tied.extend(replaced.map(|(stream, hash)| (Relation::Supersedes, stream, hash)));
            Kind::PlacementOrdered(proto::PlacementOrdered {
                age_band: enumeration(line, "age", AgeBand::Under10).into(),
                file_access: enumeration(line, "file", FileAccess::Waived).into(),
            })
        }
        "OrderServed" => Kind::OrderServed(proto::OrderServed {
            order: hash(ORDERS),
            notice: enumeration(line, "notice", AppealNotice::Complete).into(),
        }),
        "OrderDeemedServed" => {
            Kind::OrderDeemedServed(proto::OrderDeemedServed { order: hash(ORDERS) })
        }
        "ExecutionOrdered" => {
            Kind::ExecutionOrdered(proto::ExecutionOrdered { order: hash(ORDERS) })
        }
        "ExecutionSuspended" => {
            Kind::ExecutionSuspended(proto::ExecutionSuspended { order: hash(ORDERS) })
        }
        "CourtRequestFiled" => Kind::CourtRequestFiled(proto::CourtRequestFiled {
            order: named(story, line, &GROUNDS[1..])
                .map_or_else(Vec::new, |(_, digest)| bytes(digest)),
        }),
        "CourtDecisionRecorded" => Kind::CourtDecisionRecorded(proto::CourtDecisionRecorded {
            request: named(story, line, &["CourtRequestFiled"])
                .map_or_else(Vec::new, |(_, digest)| bytes(digest)),
            outcome: enumeration(line, "outcome", CourtOutcome::Granted).into(),
            term_day: line.field("term").map(|text| day_of(text, story.now)),
        }),
        "CourtReportRequested" => Kind::CourtReportRequested(proto::CourtReportRequested {
            due_day: day_of(line.field("due").unwrap_or("2026-06-01"), story.now),
        }),
        "CourtReportFiled" => Kind::CourtReportFiled(proto::CourtReportFiled { age_band: age() }),
        "ProtectionOrderSought" => Kind::ProtectionOrderSought(proto::ProtectionOrderSought {}),
        "CustodySuitFiled" => Kind::CustodySuitFiled(proto::CustodySuitFiled {}),
        "MeasureRequestedByParty" => {
            Kind::MeasureRequestedByParty(proto::MeasureRequestedByParty {
                request: enumeration(line, "request", PartyRequest::Measure).into(),
            })
        }
        "ChildMissing" => Kind::ChildMissing(proto::ChildMissing {}),
        "ChildFound" => Kind::ChildFound(proto::ChildFound {}),
        "ChildDied" => Kind::ChildDied(proto::ChildDied {}),
        "AppealFiled" => Kind::AppealFiled(proto::AppealFiled {
            act: hash(ORDERS),
            route: enumeration(line, "route", AppealRoute::Placement).into(),
        }),
        "AppealForwarded" => {
            Kind::AppealForwarded(proto::AppealForwarded { appeal: hash(&["AppealFiled"]) })
        }
        "AppealDecided" => Kind::AppealDecided(proto::AppealDecided {
            appeal: hash(&["AppealFiled"]),
            outcome: enumeration(line, "outcome", AppealOutcome::Stands).into(),
        }),
        "PlacementStarted" => Kind::PlacementStarted(proto::PlacementStarted {
            order: hash(GROUNDS),
            age_band: age(),
        }),
        "PlacementChanged" => Kind::PlacementChanged(proto::PlacementChanged {
            order: hash(GROUNDS),
            age_band: age(),
        }),
        "PlacementEnded" => {
            let court = line.field("court").map(|_| hash(&["CourtDecisionRecorded"]));
            Kind::PlacementEnded(proto::PlacementEnded {
                decision: court.unwrap_or_default(),
                age_band: age(),
            })
        }
        "VisitRecorded" => Kind::VisitRecorded(proto::VisitRecorded { child_seen_alone: true }),
        "ReviewHeld" => Kind::ReviewHeld(proto::ReviewHeld { age_band: age() }),
        "SupervisionHeld" => Kind::SupervisionHeld(proto::SupervisionHeld {}),
        "EffectivenessChecked" => Kind::EffectivenessChecked(proto::EffectivenessChecked {}),
        "DelayExplained" => {
            let (clock, started_by) = (
                line.field("clock").map_or(101, |n| n.parse().unwrap_or(101)),
                hash(&["SignalReceived"]),
            );
            Kind::DelayExplained(proto::DelayExplained { clock, started_by })
        }
        "ChildInformed" => Kind::ChildInformed(proto::ChildInformed {}),
        "ChildHeard" => Kind::ChildHeard(proto::ChildHeard { age_band: age() }),
        "ChildNotHeard" => Kind::ChildNotHeard(proto::ChildNotHeard { age_band: age() }),
        "WeightOfViewsExplained" => {
            let decision = hash(&[
                "PlacementOrdered",
                "EmergencyPlacementOrdered",
                "PlanAdopted",
                "AssessmentCompleted",
            ]);
            Kind::WeightOfViewsExplained(proto::WeightOfViewsExplained { decision })
        }
        "FamilyHeard" => Kind::FamilyHeard(proto::FamilyHeard {}),
        "ConsentGiven" => Kind::ConsentGiven(proto::ConsentGiven { age_band: age() }),
        "ConsentRefused" => Kind::ConsentRefused(proto::ConsentRefused { age_band: age() }),
        "ConsentWithdrawn" => {
            Kind::ConsentWithdrawn(proto::ConsentWithdrawn { given: hash(&["ConsentGiven"]) })
        }
        "ProtectiveOpinionGiven" => Kind::ProtectiveOpinionGiven(proto::ProtectiveOpinionGiven {}),
        "InformationShared" => Kind::InformationShared(proto::InformationShared {
            receiver: agency("service"),
            shared: vec![proto::ReleasedSections { version: 1, sections: vec![0] }],
            until_seconds: None,
        }),
        "TransferProposed" => {
            let to = agency(line.field("to").unwrap_or("other"));
            Kind::TransferProposed(proto::TransferProposed { to })
        }
        "TransferAccepted" => Kind::TransferAccepted(proto::TransferAccepted {
            proposed: hash(&["TransferProposed"]),
        }),
        "TransferRejected" => Kind::TransferRejected(proto::TransferRejected {
            proposed: hash(&["TransferProposed"]),
        }),
        "CompetenceDecided" => {
            let holder = agency(line.field("holder").unwrap_or("other"));
            Kind::CompetenceDecided(proto::CompetenceDecided { holder })
        }
        "CaseClosed" => Kind::CaseClosed(proto::CaseClosed {
            age_band: age(),
            observed: line.field("observed").is_some(),
            settled: settled(story, line),
        }),
        "ObservationRecorded" => Kind::ObservationRecorded(proto::ObservationRecorded {}),
        "CaseVoided" => Kind::CaseVoided(proto::CaseVoided {}),
        "CasesMerged" => {
            tied = tie(Relation::BasedOn, &["CaseOpened"]);
            let into = tied.first().map(|(_, stream, _)| stream.id.0.to_vec());
            Kind::CasesMerged(proto::CasesMerged { into: into.unwrap_or(vec![9; 16]) })
        }
        "CaseReopened" => Kind::CaseReopened(proto::CaseReopened { lead: actor("lead", "worker") }),
        "NewCaseLinked" => Kind::NewCaseLinked(proto::NewCaseLinked {
            case_id: story.stream("case2").id.0.to_vec(),
        }),
        "EventMisfiled" => Kind::EventMisfiled(proto::EventMisfiled { event: hash(&[]) }),
        "EventCorrected" => {
            let time = line.field("time").map(|time| proto::Instant {
                seconds: Line::parse(&format!("x happened {time}")).time(story.now),
                nanos: 0,
                offset_minutes: 120,
            });
            let corrected = line.field("fact").map(|kind| {
                let kind = fact(story, &Line { kind: kind.to_owned(), on: None, ..line.clone() }).0;
                Box::new(proto::Fact { kind: Some(kind) })
            });
            let sections = if time.is_none() && corrected.is_none() { vec![0] } else { Vec::new() };
            Kind::EventCorrected(Box::new(proto::EventCorrected {
                event: hash(&[]),
                fact: corrected,
                occurred_at: time,
                sections,
            }))
        }
        "DisputeNoted" => Kind::DisputeNoted(proto::DisputeNoted {
            event: named(story, line, &[]).map_or_else(Vec::new, |(_, digest)| bytes(digest)),
        }),
        "DocumentAdded" => Kind::DocumentAdded(proto::DocumentAdded {}),
        "DocumentCertified" => {
            Kind::DocumentCertified(proto::DocumentCertified { document: hash(&["DocumentAdded"]) })
        }
        "FeedbackGiven" => Kind::FeedbackGiven(proto::FeedbackGiven {}),
        "NoteAdded" => Kind::NoteAdded(proto::NoteAdded {}),
        "InspectionOpened" => Kind::InspectionOpened(proto::InspectionOpened {
            auditors: vec![actor("auditor", "auditor")],
            agency: agency("own"),
            cases: Vec::new(),
            classes: Vec::new(),
            until_seconds: story.now + 30 * 86_400,
        }),
        "InspectionFinding" => Kind::InspectionFinding(proto::InspectionFinding {
            opened: hash(&["InspectionOpened"]),
        }),
        "InspectionInstruction" => Kind::InspectionInstruction(proto::InspectionInstruction {
            opened: hash(&["InspectionOpened"]),
            due_day: day_of(line.field("due").unwrap_or("2026-06-01"), story.now),
        }),
        "InspectionComplied" => Kind::InspectionComplied(proto::InspectionComplied {
            instruction: hash(&["InspectionInstruction"]),
        }),
        _ => access::fact(story, line, &hash),
    };
    // `answers=label`: it refers to that statement besides.
    if let Some((stream, digest)) = line.field("answers").and_then(|label| story.last(&[label])) {
        tied.push((Relation::RespondsTo, stream, digest));
    }
    (kind, tied)
}

/// What a line names: the label after `on`, else the last statement of these kinds. `on nothing` names
/// what was never said.
fn named(story: &Story, line: &Line, kinds: &[&str]) -> Option<(StreamKey, Digest)> {
    match line.on.as_deref() {
        Some("nothing") => Some((story.stream(super::usual::stream_of(line)), Digest([0xee; 32]))),
        Some("none") => None,
        Some(label) => {
            let found = story.last(&[label]);
            assert!(found.is_some(), "nothing is called {label}");
            found
        }
        None => story.last(kinds),
    }
}

fn bytes(digest: Digest) -> Vec<u8> {
    if digest == Digest::ZERO { vec![0xee; 32] } else { digest.0.to_vec() }
}

fn count(line: &Line, field: &str, otherwise: u8) -> u8 {
    line.field(field).map_or(otherwise, |text| text.parse().unwrap_or(otherwise))
}

/// A value of an enum by the end of its name: `track=coordination`.
fn enumeration<E>(line: &Line, field: &str, otherwise: E) -> E
where
    E: TryFrom<i32> + Copy + std::fmt::Debug,
{
    let Some(text) = line.field(field) else { return otherwise };
    let plain = |text: &str| text.replace(['-', '_'], "").to_lowercase();
    let found = (1..64).filter_map(|number| E::try_from(number).ok()).find(|value| {
        let name = plain(&format!("{value:?}"));
        name == plain(text) || name.ends_with(&plain(text)) && !text.is_empty()
    });
    found.unwrap_or_else(|| panic!("{field} has no value {text}"))
}

/// Worker and police, ascending.
fn members(story: &Story) -> Vec<Vec<u8>> {
    let mut members = ["worker", "police"].map(|name| story.cast.actor(name).0.to_vec());
    members.sort_unstable();
    members.into()
}

/// `commitments=2 due=2026-04-01`.
fn commitments(story: &Story, line: &Line) -> Vec<proto::Commitment> {
    let due_day = day_of(line.field("due").unwrap_or("2026-04-01"), story.now);
    (1..=count(line, "commitments", 0))
        .map(|number| proto::Commitment {
            id: story.cast.commitment(number).to_vec(),
            owner: story.cast.agency("service").0.to_vec(),
            due_day,
        })
        .collect()
}

/// `drop=label` or `hand=label to=worker2`: what becomes of the duty about that statement.
fn settled(story: &Story, line: &Line) -> Vec<proto::DutySettled> {
    let about = |field: &str| Some(story.last(&[line.field(field)?])?.1.0.to_vec());
    let dropped = about("drop").map(|subject| proto::DutySettled { subject, owner: Vec::new() });
    let handed = about("hand").map(|subject| proto::DutySettled {
        subject,
        owner: story.cast.actor(line.field("to").unwrap_or("worker2")).0.to_vec(),
    });
    let mut settled: Vec<_> = dropped.into_iter().chain(handed).collect();
    settled.sort_unstable_by(|a, b| a.subject.cmp(&b.subject));
    settled
}
