//! What of a case is told: kinds of events, and fields of their facts.
//!
//! Both lists are of what is told. A kind or field that is on neither is left out, and a test fails until
//! somebody has decided. Told are procedural codes: which step, by which track and age band, with which
//! outcome. Left out are ids, days and numbers, and the kinds that tie a case to persons or other cases, that
//! say how a file was guarded, or that put the record in order; events of the protected part always are.

use std::sync::LazyLock;

use letopis_domain::profile::{BULGARIAN, ClockRule, LastDay, Length, Profile, Words};
use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};

/// Kinds of events that are told, ascending.
pub const KINDS: &[&str] = &[
    "AccessPostponed",
    "AidDecided",
    "AppealDecided",
    "AppealFiled",
    "AppealForwarded",
    "AssessmentCompleted",
    "CarerConsentRecorded",
    "CaseClosed",
    "CaseOpened",
    "CaseReopened",
    "ChildDied",
    "ChildFound",
    "ChildHeard",
    "ChildInformed",
    "ChildMissing",
    "ChildNotHeard",
    "CommitmentFulfilled",
    "CommitmentMissed",
    "CompetenceDecided",
    "ConsentGiven",
    "ConsentRefused",
    "ConsentWithdrawn",
    "CourtDecisionRecorded",
    "CourtReportFiled",
    "CourtReportRequested",
    "CourtRequestFiled",
    "CustodySuitFiled",
    "DelayExplained",
    "DisputeNoted",
    "EffectivenessChecked",
    "EmergencyActRecorded",
    "EmergencyPlacementOrdered",
    "EmergencyStudyCompleted",
    "Endorsed",
    "EndorsementLapsed",
    "EndorsementRefused",
    "ExecutionOrdered",
    "ExecutionSuspended",
    "FamilyHeard",
    "FeedbackGiven",
    "FileShownToParty",
    "InstructionIssued",
    "LeadAssigned",
    "MeasureRequestedByParty",
    "ObservationRecorded",
    "OrderDeemedServed",
    "OrderServed",
    "PartyCommented",
    "PlacementChanged",
    "PlacementEnded",
    "PlacementOrdered",
    "PlacementStarted",
    "PlanAdopted",
    "PlanAmended",
    "ProtectionOrderSought",
    "ProtectiveOpinionGiven",
    "ReferralAccepted",
    "ReferralDeclined",
    "ReviewHeld",
    "ServiceEnded",
    "ServiceReferred",
    "ServiceReported",
    "SignatureAttested",
    "SupervisionHeld",
    "TeamConvened",
    "TeamMet",
    "TeamPlanAdopted",
    "TransferAccepted",
    "TransferProposed",
    "TransferRejected",
    "VisitRecorded",
    "WeightOfViewsExplained",
];

/// Fields of these kinds' facts that are told: codes and flags. Ascending.
pub const FIELDS: &[(&str, &str)] = &[
    ("AppealDecided", "outcome"),
    ("AppealFiled", "route"),
    ("AssessmentCompleted", "age_band"),
    ("CaseClosed", "age_band"),
    ("CaseClosed", "observed"),
    ("ChildHeard", "age_band"),
    ("ChildNotHeard", "age_band"),
    ("ConsentGiven", "age_band"),
    ("ConsentRefused", "age_band"),
    ("CourtDecisionRecorded", "outcome"),
    ("CourtReportFiled", "age_band"),
    ("EmergencyActRecorded", "act"),
    ("EmergencyActRecorded", "age_band"),
    ("EmergencyPlacementOrdered", "age_band"),
    ("MeasureRequestedByParty", "request"),
    ("OrderServed", "notice"),
    ("PlacementChanged", "age_band"),
    ("PlacementEnded", "age_band"),
    ("PlacementOrdered", "age_band"),
    ("PlacementOrdered", "file_access"),
    ("PlacementStarted", "age_band"),
    ("PlanAdopted", "age_band"),
    ("PlanAdopted", "track"),
    ("PlanAmended", "age_band"),
    ("PlanAmended", "track"),
    ("ReviewHeld", "age_band"),
    ("SignatureAttested", "stance"),
    ("TeamConvened", "mechanism"),
    ("VisitRecorded", "child_seen_alone"),
];

/// Kinds of which people outside may know: courts, the press, neighbours, a school. Ascending.
pub const STANDS_OUT: &[&str] = &[
    "AppealDecided",
    "AppealFiled",
    "AppealForwarded",
    "ChildDied",
    "ChildFound",
    "ChildMissing",
    "CourtDecisionRecorded",
    "CourtReportFiled",
    "CourtReportRequested",
    "CourtRequestFiled",
    "CustodySuitFiled",
    "EmergencyActRecorded",
    "EmergencyPlacementOrdered",
    "PlacementChanged",
    "PlacementEnded",
    "PlacementStarted",
    "ProtectionOrderSought",
];

/// A flag's value.
pub(crate) const YES: &str = "yes";
/// The other one.
pub(crate) const NO: &str = "no";

/// Whether events of this kind are told at all.
#[must_use]
pub fn is_told(kind: &str) -> bool {
    KINDS.binary_search(&kind).is_ok()
}

/// Whether this field of this kind's fact is told.
#[must_use]
pub fn is_field_told(kind: &str, field: &str) -> bool {
    FIELDS.binary_search(&(kind, field)).is_ok()
}

/// Whether this is a value of a field that is told, as a document writes it.
pub(crate) fn is_value(kind: &str, field: &str, value: &str) -> bool {
    let fact = is_field_told(kind, field).then(|| fact(kind)).flatten();
    let field = fact.and_then(|fact| fact.get_field_by_name(field));
    match field.map(|field| field.kind()) {
        Some(Kind::Bool) => [YES, NO].contains(&value),
        Some(Kind::Enum(codes)) => {
            codes.values().any(|code| code.number() != 0 && code.name() == value)
        }
        _ => false,
    }
}

/// What all codes of a field begin with, as the protos name them. Empty: it is a flag.
#[must_use]
pub fn prefix(kind: &str, field: &str) -> String {
    let field = fact(kind).and_then(|fact| fact.get_field_by_name(field));
    let Some(Kind::Enum(codes)) = field.map(|field| field.kind()) else { return String::new() };
    codes.default_value().name().trim_end_matches("UNSPECIFIED").to_owned()
}

/// The clocks of the law, by their names, with their words.
#[must_use]
pub fn clock(name: &str) -> Option<&'static Words> {
    rules(name).next().map(|rule| &rule.words)
}

/// Whether a term of this name has as many days whenever it begins. One in months or working days, one that a
/// holiday makes longer, and one whose end its event states, would tell by its days when in the year it ran.
pub(crate) fn has_as_many_days_always(name: &str) -> bool {
    let always = |length| {
        matches!(length, Length::Minutes(_) | Length::Hours(_) | Length::Days(_) | Length::Weeks(_))
    };
    rules(name).all(|rule| {
        let longer = rule.extend.as_ref().map(|extension| extension.by);
        always(rule.length) && rule.last_day == LastDay::AsItFalls && longer.is_none_or(always)
    })
}

fn rules(name: &str) -> impl Iterator<Item = &'static ClockRule> {
    BG.iter().flat_map(|profile| profile.clocks()).filter(move |rule| rule.name == name)
}

/// How many civil days one moment lies after another, as the law counts them; at least 1.
pub(crate) fn days(from: i64, to: i64) -> u32 {
    let day = |at| BG.as_ref().map(|profile| profile.counting().day_of(at));
    let between = day(from).zip(day(to)).and_then(|(from, to)| from.until(to).ok());
    between.map_or(1, |span| u32::try_from(span.get_days()).unwrap_or(0).max(1))
}

static BG: LazyLock<Option<Profile>> = LazyLock::new(|| Profile::parse(BULGARIAN).ok());

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(letopis_proto::DESCRIPTORS).unwrap_or_default());

/// What a statement is made of.
pub(crate) fn statement() -> Option<MessageDescriptor> {
    POOL.get_message_by_name("letopis.statement.v1.Statement")
}

/// What the fact of a kind is made of.
pub(crate) fn fact(kind: &str) -> Option<MessageDescriptor> {
    POOL.get_message_by_name(&format!("letopis.statement.v1.{kind}"))
}
