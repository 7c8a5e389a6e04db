//! Opening a case, its lead, its assessment (чл. 15–17 ППЗЗДет).

use letopis_proto::statement::v1::{Relation, Role, SignalOutcome, Track};
use letopis_types::{Digest, StreamKind};
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::decide::check_since;
use super::rule::Verdict;
use super::signal::Signal;
use crate::clocks::occasion::Name;
use crate::fact::{CaseOpened, Fact, LeadAssigned};
use crate::file::FileState;

super::rule::rules! {
    NOT_OPEN: "case.not-open",
        "no case is open here: open it first",
        "тук няма открит случай: първо го открийте";
    OPENED_ALREADY: "case.opened-already",
        "a case was opened here already: go on in it, or reopen it if it is closed",
        "тук вече е открит случай: продължете в него или, ако е закрит, го открийте отново";
    CLOSED: "case.closed",
        "the case is closed: reopen it, or open a new one on a new signal",
        "случаят е закрит: открийте го отново или по нов сигнал открийте нов";
    ENDED: "case.ended",
        "the case was voided or goes on in another one: work there",
        "случаят е анулиран или продължава в друг: работете там";
    NO_SIGNAL: "case.without-signal",
        "a case comes of a signal whose assessment found risk and is in force: refer to it (based on)",
        "случай се открива по сигнал с установен риск и действаща оценка: посочете я";
    SIGNAL_USED: "case.signal-used",
        "a case was opened for each child of the signal that needs one: go on in those",
        "за всяко дете от сигнала, което има нужда, вече е открит случай: продължете в тях";
    HOLDER: "case.holder",
        "the agency of whoever opens the case holds it; another one takes it over by transfer",
        "случая води дирекцията на този, който го открива; друга го поема с прехвърляне";
    LEAD: "case.lead",
        "the lead is a social worker of the holding agency, with the role in force",
        "водещият е социален работник на дирекцията, която води случая, с действаща роля";
    LEAD_CONFLICTED: "case.lead-conflicted",
        "the lead declared a conflict of interests in this case: choose another one",
        "водещият е обявил конфликт на интереси по случая: изберете друг";
    LEAD_SAME: "case.lead-same",
        "this is the lead already: name another",
        "това вече е водещият: посочете друг";
}

/// How far a case is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Not opened.
    #[default]
    None,
    /// Open.
    Open,
    /// Closed.
    Closed,
    /// It should not have been opened.
    Voided,
    /// It goes on in another one.
    Merged,
}

/// The case as such.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) stage: Stage,
    /// When its signal came in, or it was opened; seconds since 1970 UTC.
    pub(crate) begun_at: Option<i64>,
    /// When the signal that it comes of was assessed, in seconds since 1970 UTC, and by which statement.
    pub(crate) found: Option<(i64, Digest)>,
    /// The number of the track that the signal's assessment found.
    track: i32,
    /// The lead has accepted; otherwise the head acts as lead.
    pub(crate) has_lead: bool,
    /// The assessment in force.
    pub(crate) assessed: Option<Digest>,
    /// The child is observed after the case's end.
    pub(crate) observed: bool,
    /// A transfer was rejected, and the holder had proposed it: nobody wants to hold the case.
    pub(crate) disputed: bool,
}

impl Case {
    pub(super) fn track(&self) -> Track {
        Track::try_from(self.track).unwrap_or_default()
    }

    /// The signal came in, or risk was found, at another time than was stated. Says whether that changes
    /// anything.
    pub(super) fn correct_inherited(&mut self, event: &Digest, at: i64) -> bool {
        let before = (self.begun_at, self.found);
        self.begun_at = self.begun_at.map(|begun| begun.min(at));
        if let Some((when, by)) = &mut self.found
            && by == event
        {
            *when = at;
        }
        before != (self.begun_at, self.found)
    }

    /// This statement was entered in the wrong file.
    pub(super) fn misfiled(&mut self, event: &Digest) {
        self.assessed = self.assessed.filter(|assessed| assessed != event);
    }
}

/// What may still be recorded of a case that was closed.
const AFTER_CLOSING: [&str; 20] = [
    "ObservationRecorded",
    "CaseReopened",
    "NewCaseLinked",
    "EventCorrected",
    "EventMisfiled",
    "DisputeNoted",
    "DocumentAdded",
    "DocumentCertified",
    "FeedbackGiven",
    "SenderNotified",
    "DeadlineMissed",
    "DelayExplained",
    "Endorsed",
    "EndorsementRefused",
    "EndorsementLapsed",
    "WeightOfViewsExplained",
    "CommitmentFulfilled",
    "CommitmentMissed",
    "ServiceReported",
    "InformationShared",
];

/// Is the case at a stage at which this may be recorded? Urgent acts wait for no stage.
pub(super) fn check_stage(asked: &Asked<'_>) -> Verdict {
    let kind = asked.statement().kind();
    if !super::decide::stands_in(asked, StreamKind::Case) || kind.urgent {
        return Ok(());
    }
    let open = matches!(asked.fact(), Fact::CaseOpened(_));
    match asked.procedure().case.stage {
        Stage::None => NOT_OPEN.unless(open),
        Stage::Open => Ok(()),
        Stage::Closed => CLOSED.unless(AFTER_CLOSING.contains(&kind.name) || open),
        Stage::Voided | Stage::Merged => ENDED.unless(AFTER_CLOSING.contains(&kind.name)),
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    match asked.fact() {
        Fact::CaseOpened(fact) => decide_opening(asked, fact),
        Fact::LeadAssigned(LeadAssigned { lead: Some(lead) }) => {
            LEAD_SAME.unless(asked.file.lead != Some(*lead))?;
            check_lead(asked, lead, asked.file.holder)
        }
        _ => Ok(()),
    }
}

fn decide_opening(asked: &Asked<'_>, fact: &CaseOpened) -> Verdict {
    OPENED_ALREADY.unless(asked.procedure().case.stage == Stage::None)?;
    let mut signals = asked.others(Relation::BasedOn, StreamKind::Signal).peekable();
    NO_SIGNAL.unless(signals.peek().is_some())?;
    for (_, signal) in signals {
        let signal = &signal.procedure.signal;
        NO_SIGNAL.unless(signal.wants_cases() > 0)?;
        SIGNAL_USED.unless(signal.cases_opened() < signal.wants_cases())?;
        signal.received_at.map_or(Ok(()), |received| check_since(asked, received))?;
    }
    HOLDER.unless(asked.is_for(fact.holder))?;
    check_lead(asked, &fact.lead, Some(fact.holder))
}

pub(super) fn check_lead(
    asked: &Asked<'_>,
    lead: &letopis_types::ActorId,
    holder: Option<letopis_types::AgencyId>,
) -> Verdict {
    LEAD_CONFLICTED.unless(!asked.file.conflicts.contains(lead))?;
    LEAD.unless(asked.may_act(lead, Role::SocialWorker, holder))
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    match deed.fact {
        Fact::CaseOpened(_) => {
            let case = &mut file.procedure.case;
            case.stage = Stage::Open;
            case.has_lead = true;
            case.begun_at.get_or_insert(deed.at);
            happened.push(deed.is(Name::CaseOpened));
        }
        Fact::LeadAssigned(fact) => {
            file.lead = fact.lead;
            file.procedure.case.has_lead = fact.lead.is_some();
            happened.push(deed.is(Name::LeadAssigned).of_whole());
        }
        Fact::AssessmentCompleted(_) => {
            file.procedure.case.assessed = Some(deed.hash);
            happened.push(deed.is(Name::AssessmentCompleted).of_whole());
        }
        Fact::EventMisfiled(fact) => file.procedure.case.misfiled(&fact.event),
        _ => {}
    }
}

/// What a case has from the signal that it comes of.
pub(super) fn inherit(case: &mut FileState, signal: &Signal) {
    let case = &mut case.procedure.case;
    case.begun_at = match (case.begun_at, signal.received_at) {
        (Some(begun), Some(received)) => Some(begun.min(received)),
        (begun, received) => begun.or(received),
    };
    case.found = case.found.max(signal.assessed);
    let found = signal.outcomes().find(|found| found.outcome() == SignalOutcome::Case);
    if let Some(track) = found.and_then(crate::fact::ChildOutcome::track) {
        case.track = track.into();
    }
}
