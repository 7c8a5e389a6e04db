//! What a report says. Serialized, its names are for ever: a later version may add some, and takes none
//! away.
//!
//! Times are RFC 3339 in UTC, ids and hashes as `letopis` shows them everywhere, codes in lower case.

use letopis_domain::clocks::Reading;
use letopis_domain::profile::{Basis, Duty};
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{Denial, Purpose, Role};
use letopis_types::{ActorId, AgencyId, Digest, LedgerId, StreamKey};
use serde::{Serialize, Serializer};

use crate::event::{Listed, Named, Shown, Time, code, role};
use crate::scope::Scope;

/// What an inspection asks of a record.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// `letopis-audit-report/1`.
    pub format: &'static str,
    /// Of which ledger.
    pub ledger: LedgerRef,
    /// Of which record.
    pub record: RecordRef,
    /// Of which time and agency.
    pub scope: Scope,
    /// Duties that were missed, done late, or done in time and recorded late.
    pub late: Listed<ClockFinding>,
    /// What was recorded more than three days after it happened.
    pub entered_late: Listed<Named>,
    /// Emergency access.
    pub emergency_access: EmergencyAccess,
    /// Acts that are in force, and whose review or confirmation is still due.
    pub unreviewed_acts: Listed<ActFinding>,
    /// Urgent acts with a signer's qualification expired.
    pub on_expired_qualification: Listed<MarkedFinding>,
    /// Urgent acts in spite of a declared conflict of interests.
    pub under_recusal: Listed<MarkedFinding>,
    /// Acts by who stood in for the role's holder.
    pub under_delegation: Listed<MarkedFinding>,
    /// Supervision on cases.
    pub supervision: Supervision,
    /// Who read what for what.
    pub readings: Readings,
    /// Keys that were compromised.
    pub compromised_keys: Listed<Named>,
    /// What was signed with one of them since, and nobody else has endorsed.
    pub disputed: Listed<Named>,
    /// What was refused.
    pub refusals: Refusals,
    /// Acts that wait for a confirming signature and are not in force, or that were refused one or did not
    /// get it in time.
    pub unfinished_acts: Listed<ActFinding>,
    /// Duties that were open at the record's end.
    pub open_duties: Listed<ClockFinding>,
    /// What was changed after the fact, by kind.
    pub changes: Vec<Change>,
}

/// A ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerRef {
    /// Its id.
    pub id: Shown<LedgerId>,
    /// Its name.
    pub name: String,
    /// The server made its registrars' keys.
    pub trial: bool,
}

/// A record that verifies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordRef {
    /// How many events it has.
    pub events: u64,
    /// The root of its tree.
    pub root: Shown<Digest>,
    /// When its last event was recorded: clocks are read as of then.
    pub ends_at: Time,
    /// How many events the auditor's own checkpoint covers, of which whoever asked for the report found the
    /// record to be a continuation; null: it was compared with none.
    pub continues: Option<u64>,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WordsRef {
    /// In Bulgarian.
    pub bg: String,
    /// In English.
    pub en: String,
}

/// The rule of a clock, as it was adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockRuleRef {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// In words.
    pub words: WordsRef,
    /// Where it stands.
    pub article: String,
    /// On what it rests; null: the profile is not known.
    pub basis: Option<Basis>,
    /// Whose duty it is; null: the profile is not known.
    #[serde(serialize_with = "duty")]
    pub duty: Option<Duty>,
}

/// Whether something late was explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Explanation {
    /// An explanation is on the record, with the signatures that it needs.
    Given,
    /// One is on the record, and waits for a signature.
    Unconfirmed,
    /// None is.
    Missing,
    /// None is due: it is itself the term of an explanation.
    NotDue,
}

/// A clock, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockFinding {
    /// The file in which it runs.
    pub file: Shown<StreamKey>,
    /// The agency that holds it at the record's end.
    pub holder: Option<Shown<AgencyId>>,
    /// Its rule.
    pub rule: ClockRuleRef,
    /// How it stands.
    #[serde(serialize_with = "reading")]
    pub reading: Reading,
    /// How it stood by the times that were stated first, where a correction changed that.
    #[serde(serialize_with = "reading_or_none")]
    pub first_reading: Option<Reading>,
    /// The first second that is too late.
    pub due: Time,
    /// The event that started it.
    pub started_by: Named,
    /// The event that ended it.
    pub ended_by: Option<Named>,
    /// When that happened.
    pub ended_at: Option<Time>,
    /// When the ledger recorded it as missed.
    pub missed_at: Option<Time>,
    /// Whether it was explained.
    pub explanation: Explanation,
    /// The explanations.
    pub explained_by: Vec<Named>,
}

/// Emergency access.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EmergencyAccess {
    /// How often it was opened.
    pub opened: u64,
    /// That which was not reviewed by both, reviewed late, or found unjustified.
    pub findings: Listed<AccessFinding>,
}

/// What became of reviewing an emergency access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// Data protection officer and head have not reviewed it.
    Missing,
    /// They have, too late.
    Late,
    /// They have, and it was not justified.
    Unjustified,
}

/// An emergency access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessFinding {
    /// The file.
    pub file: Shown<StreamKey>,
    /// Its opening.
    pub opened_by: Named,
    /// Before when it gave anything.
    pub until: Time,
    /// It was closed before.
    pub closed: bool,
    /// What became of its review.
    pub review: Review,
    /// When that was due.
    pub review_due: Option<Time>,
    /// The review.
    pub reviewed_by: Option<Named>,
}

/// How an act stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActState {
    /// Not in force: a confirming signature is due.
    Pending,
    /// In force at once; a confirming signature is due.
    Unconfirmed,
    /// In force; a review is due.
    Unreviewed,
    /// A confirming signature was refused.
    Refused,
    /// A confirming signature did not come in time.
    Lapsed,
}

/// An act whose signature or review is or was due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActFinding {
    /// The file.
    pub file: Shown<StreamKey>,
    /// The act.
    pub act: Named,
    /// How it stands.
    pub state: ActState,
    /// When what is due was due first; null: the procedure sets no term, or none is due.
    pub due: Option<Time>,
    /// That was before the record's end.
    pub overdue: bool,
}

/// What became of reviewing a marked act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewOf {
    /// Nobody has to.
    NotDue,
    /// Nobody has.
    Waiting,
    /// Somebody has: signed it as well, refused that, or decided anew.
    Done,
}

/// An act that was taken under an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MarkedFinding {
    /// The act.
    pub act: Named,
    /// What became of its review.
    pub review: ReviewOf,
    /// Who endorsed it.
    pub endorsed_by: Vec<Shown<ActorId>>,
}

/// Supervision on cases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Supervision {
    /// How its terms were kept, by agency.
    pub by_agency: Vec<SupervisionOf>,
    /// Those that were not.
    pub findings: Listed<ClockFinding>,
}

/// How an agency kept the terms of supervision that were due, and how many run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SupervisionOf {
    /// The agency; null: files that nobody holds.
    pub agency: Option<Shown<AgencyId>>,
    /// Held in time.
    pub kept: u64,
    /// Held too late.
    pub late: u64,
    /// Not held, or not in time to be told before the term was recorded as missed.
    pub missed: u64,
    /// Runs at the record's end.
    pub running: u64,
}

/// Who read what for what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Readings {
    /// All readings on the record.
    pub count: u64,
    /// How many in which role for which purpose.
    pub by_role: Vec<ReadBy>,
    /// Those outside of case work, by readers without a standing relation, and under emergency access.
    pub findings: Listed<ReadingFinding>,
}

/// How many readings there are in a role for a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadBy {
    /// The role that let it be read; null: none had to.
    #[serde(serialize_with = "role")]
    pub role: Option<Role>,
    /// The purpose.
    #[serde(serialize_with = "purpose")]
    pub purpose: Purpose,
    /// How many.
    pub count: u64,
}

/// Why a reading is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It was for something else than work on the case.
    Purpose,
    /// The reader has no standing relation to the file: not its lead, in its team, of the agency that holds
    /// it or cooperates, given access to, handler or inspector of it.
    NoStanding,
    /// Emergency access let it be read.
    EmergencyAccess,
}

/// A reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadingFinding {
    /// The reading.
    pub event: Named,
    /// Who read.
    pub reader: Shown<ActorId>,
    /// The role that let it be read.
    #[serde(serialize_with = "role")]
    pub role: Option<Role>,
    /// What for.
    #[serde(serialize_with = "purpose")]
    pub purpose: Purpose,
    /// The files for which it is listed.
    pub files: Vec<Shown<StreamKey>>,
    /// How many sections were given; 0: facts only.
    pub sections: u64,
    /// The rule of the adopted policy that let the first of them be read.
    pub rule: Option<String>,
    /// Why it is listed.
    pub why: Vec<Why>,
}

/// What was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// Statements, by reason; of the whole ledger, whatever the agency.
    pub counted: Vec<RefusalOf>,
    /// Readings that were denied and recorded, by purpose and reason.
    pub denied: Vec<DeniedOf>,
    /// Each of them. Of many by one reader on one day only some are recorded.
    pub denials: Listed<DeniedFinding>,
    /// Signatures that were refused.
    pub endorsements: Listed<Named>,
}

/// How many statements were refused for a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusalOf {
    /// The number of a `letopis.error.v1.Reason`. Serialized by its name; where this version does not know it, by
    /// the number.
    #[serde(serialize_with = "reason")]
    pub reason: u32,
    /// How many.
    pub count: u64,
}

/// How many readings were denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeniedOf {
    /// What they were for.
    #[serde(serialize_with = "purpose")]
    pub purpose: Purpose,
    /// Why they were denied.
    #[serde(serialize_with = "denial")]
    pub reason: Denial,
    /// How many.
    pub count: u64,
}

/// A reading that was denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeniedFinding {
    /// What the ledger recorded of it.
    pub event: Named,
    /// Who asked.
    pub reader: Shown<ActorId>,
    /// For what.
    #[serde(serialize_with = "purpose")]
    pub purpose: Purpose,
    /// For which stream; it need not exist.
    pub stream: Shown<StreamKey>,
    /// Why it was denied.
    #[serde(serialize_with = "denial")]
    pub reason: Denial,
    /// Which one of that reader and day it was.
    pub number: u32,
}

/// Changes of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The kind, by the name of its message.
    pub kind: &'static str,
    /// Each of them.
    pub findings: Listed<ChangeFinding>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeFinding {
    /// The event.
    pub event: Named,
    /// What it changes, where it names that by its hash.
    pub of: Option<Named>,
}

fn reading<S: Serializer>(reading: &Reading, serializer: S) -> Result<S::Ok, S::Error> {
    reading_or_none(&Some(*reading), serializer)
}

fn reading_or_none<S: Serializer>(
    reading: &Option<Reading>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let name = reading.map(|reading| match reading {
        Reading::Running => "running",
        Reading::Suspended => "suspended",
        Reading::Overdue => "overdue",
        Reading::Kept => "kept",
        Reading::KeptRecordedLate => "kept_recorded_late",
        Reading::Late => "late",
        Reading::Missed => "missed",
        Reading::Expired => "expired",
        Reading::Dropped => "dropped",
        Reading::HandedOver => "handed_over",
    });
    name.serialize(serializer)
}

fn duty<S: Serializer>(duty: &Option<Duty>, serializer: S) -> Result<S::Ok, S::Error> {
    let name = duty.map(|duty| match duty {
        Duty::SocialWorker => "social_worker",
        Duty::HeadOfDepartment => "head_of_department",
        Duty::Director => "director",
        Duty::Holder => "holder",
        Duty::Lead => "lead",
        Duty::Provider => "provider",
        Duty::Supervisor => "supervisor",
        Duty::Court => "court",
        Duty::Party => "party",
        Duty::DataProtectionOfficer => "data_protection_officer",
        Duty::Superior => "superior",
        Duty::Owner => "owner",
    });
    name.serialize(serializer)
}

fn purpose<S: Serializer>(purpose: &Purpose, serializer: S) -> Result<S::Ok, S::Error> {
    code(purpose.as_str_name(), "PURPOSE_").serialize(serializer)
}

fn denial<S: Serializer>(denial: &Denial, serializer: S) -> Result<S::Ok, S::Error> {
    code(denial.as_str_name(), "DENIAL_").serialize(serializer)
}

fn reason<S: Serializer>(number: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    let known = i32::try_from(*number).ok().and_then(|number| Reason::try_from(number).ok());
    let name = known.map(|reason| code(reason.as_str_name(), "REASON_"));
    name.unwrap_or_else(|| number.to_string()).serialize(serializer)
}

impl Report {
    /// Every event that a finding names.
    pub(crate) fn named(&mut self, each: &mut dyn FnMut(&mut Named)) {
        let clocks = [&mut self.late, &mut self.supervision.findings, &mut self.open_duties];
        for clock in clocks.into_iter().flat_map(|list| &mut list.items) {
            each(&mut clock.started_by);
            clock.ended_by.iter_mut().chain(&mut clock.explained_by).for_each(&mut *each);
        }
        for access in &mut self.emergency_access.findings.items {
            each(&mut access.opened_by);
            access.reviewed_by.iter_mut().for_each(&mut *each);
        }
        for act in [&mut self.unreviewed_acts, &mut self.unfinished_acts] {
            act.items.iter_mut().for_each(|finding| each(&mut finding.act));
        }
        for change in self.changes.iter_mut().flat_map(|change| &mut change.findings.items) {
            change.of.iter_mut().for_each(&mut *each);
        }
    }
}
