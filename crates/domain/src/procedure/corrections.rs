//! Corrections, what was entered in the wrong file, and objections. What was recorded stays.

use letopis_proto::statement::v1::Role;
use letopis_types::{ActorId, Digest};

use super::asked::{Around, Asked, Happened};
use super::coordination;
use super::decide::{check_after, stands_in};
use super::events::Known;
use super::rule::Verdict;
use crate::clocks::Profiles;
use crate::fact::{self, Day, EventCorrected, Fact};
use crate::file::FileState;
use crate::registry::Placed;

super::rule::rules! {
    UNKNOWN: "correction.event-unknown",
        "name an event of this stream",
        "посочете събитие от същата преписка";
    OF_CORRECTION: "correction.of-correction",
        "a correction is not corrected: correct the event itself once more",
        "поправка не се поправя: поправете самото събитие още веднъж";
    KIND: "correction.kind",
        "the corrected fact is of the same kind as the event",
        "поправеният факт е от същия вид като събитието";
    BY_WHOM: "correction.by-whom",
        "an event is corrected by its author, or by the present lead and the head together",
        "събитие поправя авторът му или заедно сегашният водещ и началникът";
    BY_ISSUER: "correction.by-issuer",
        "an act is corrected by whoever issued it, and served anew",
        "акт поправя само издателят му и се съобщава отново";
    MOVES_CLOCK: "correction.moves-clock",
        "it moves a clock: the head and the director sign it together",
        "поправката мести срок: подписват заедно началникът и директорът";
    TIME: "correction.time",
        "it did not happen yet, or before the file begins: check the corrected time",
        "още не се е случило или е преди началото на преписката: проверете поправеното време";
    MISFILED: "correction.misfiled-already",
        "the event was entered here by mistake, and belongs elsewhere: go on there",
        "събитието е вписано тук по погрешка и е на друго място: продължете там";
    NOT_MISFILED: "correction.not-misfiled",
        "what opens, ends or hands over a case, and a signature, is not taken back so: void the case, or decide anew",
        "откриване, край или прехвърляне на случай и подпис не се връщат така: анулирайте или решете отново";
    EFFECT: "correction.effect",
        "more than a detail or a day hangs on it: decide anew, or in a case take it back as misfiled and record the right one",
        "от това зависи повече от подробност или дата: решете отново или, в случай, върнете го като погрешно вписано и впишете вярното";
    WAITS: "correction.waits",
        "the act waits for a signature: have it refused, or sign a right one where that takes its place",
        "актът чака подпис: откажете го или подпишете верен, ако той го заменя";
    DAY: "correction.day",
        "what is due by a day is not due before it was said: check the corrected day",
        "срокът не изтича преди деня, в който е посочен: проверете поправената дата";
    SECTIONS: "correction.sections",
        "there is a section here for each section that is corrected",
        "за всеки поправен раздел трябва да има нов раздел тук";
}

/// The kinds that are acts: served, appealed, corrected by their issuer alone (чл. 62 АПК).
const ACTS: [&str; 5] = [
    "EmergencyPlacementOrdered",
    "PlacementOrdered",
    "InstructionIssued",
    "AidDecided",
    "ExecutionOrdered",
];

/// What says how something was done, and nothing that what comes after follows from; an act's issuer
/// answers for it anew. Of other facts only such details, and the days that they state, are corrected.
const DETAILS: [&str; 11] = [
    "AssessmentCompleted",
    "ChildHeard",
    "ChildNotHeard",
    "ConsentGiven",
    "ConsentRefused",
    "CourtReportFiled",
    "CourtReportRequested",
    "EmergencyPlacementOrdered",
    "PlacementOrdered",
    "ReviewHeld",
    "VisitRecorded",
];

/// What other rules undo, or nothing: who holds a case, and how far it is, does not hang on a slip.
const NOT_TAKEN_BACK: [&str; 20] = [
    "CaseOpened",
    "CaseClosed",
    "CaseReopened",
    "CaseVoided",
    "CasesMerged",
    "TransferProposed",
    "TransferAccepted",
    "TransferRejected",
    "CompetenceDecided",
    "LeadAssigned",
    "ConflictDeclared",
    "Endorsed",
    "EndorsementRefused",
    "EndorsementLapsed",
    "AccessGranted",
    "LegalHoldSet",
    "DeadlineMissed",
    "EventCorrected",
    "EventMisfiled",
    "BreakGlassOpened",
];

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let target = match asked.fact() {
        Fact::EventCorrected(fact) => fact.event,
        Fact::EventMisfiled(fact) => fact.event,
        Fact::DisputeNoted(fact) => match fact.event {
            Some(event) => event,
            None => return Ok(()),
        },
        Fact::DocumentCertified(fact) => fact.document,
        _ => return Ok(()),
    };
    // A file has several streams, and what is protected is named nowhere else.
    let known = asked.procedure().events.find(&target);
    let known = known.filter(|known| stands_in(asked, known.stream)).ok_or(UNKNOWN)?;
    MISFILED.unless(known.misfiled.is_none() || matches!(asked.fact(), Fact::DisputeNoted(_)))?;
    match asked.fact() {
        Fact::EventCorrected(fact) => decide_correction(asked, fact, known),
        Fact::EventMisfiled(_) => {
            NOT_MISFILED.unless(!NOT_TAKEN_BACK.contains(&known.name()))?;
            check_author(asked, known)
        }
        Fact::DocumentCertified(_) => {
            UNKNOWN.unless(known.is("DocumentAdded"))?;
            check_after(asked, &target)
        }
        _ => Ok(()),
    }
}

fn decide_correction(asked: &Asked<'_>, fact: &EventCorrected, known: Known<'_>) -> Verdict {
    OF_CORRECTION.unless(!known.is("EventCorrected"))?;
    let same = fact.fact.as_ref().is_none_or(|fact| fact.kind().number == known.kind);
    KIND.unless(same)?;
    // Whoever signs under an act signs under what it says.
    let says_else = fact.fact.is_some() || !fact.sections.is_empty();
    WAITS.unless(!(says_else && asked.procedure().acts.is_pending(&fact.event)))?;
    if let Some(corrected) = fact.fact.as_deref() {
        EFFECT.unless(keeps_its_effect(asked, corrected, &fact.event))?;
        let mut days = stated(corrected, fact.event);
        DAY.unless(days.all(|(_, day)| known.at < asked.end_of(day)))?;
    }
    // Besides them there is the reason.
    SECTIONS.unless(fact.sections.len() < asked.statement().sections.len())?;
    if let Some(time) = fact.occurred_at {
        // What is older than the file by its own statement may be so by a correction.
        let begun = asked.procedure().begun_at().filter(|begun| *begun < known.at);
        TIME.unless(time.seconds <= asked.now() && begun.is_none_or(|at| at <= time.seconds))?;
    }
    let is_act = ACTS.contains(&known.name());
    if is_act {
        let issuer = |actor: &ActorId| known.is_signed_by(actor);
        let signing = asked.roles().any(|(actor, role)| role == Role::Director && issuer(&actor));
        BY_ISSUER.unless(signing)?;
    }
    if moves_clock(asked, fact, known) {
        let both = by_holder(asked, Role::HeadOfDepartment) && by_holder(asked, Role::Director);
        return MOVES_CLOCK.unless(both);
    }
    if is_act { Ok(()) } else { check_author(asked, known) }
}

/// Does what followed from an event follow from it as corrected as well, but for days?
fn keeps_its_effect(asked: &Asked<'_>, corrected: &Fact, event: &Digest) -> bool {
    let procedure = asked.procedure();
    let commits = |commitments| procedure.coordination.are_all_of(event, commitments);
    match corrected {
        Fact::TeamPlanAdopted(fact) => commits(&fact.commitments),
        Fact::PlanAdopted(fact::PlanAdopted(plan)) | Fact::PlanAmended(fact::PlanAmended(plan)) => {
            procedure.plan.is_in(event, plan.track()) && commits(&plan.commitments)
        }
        Fact::CourtDecisionRecorded(fact) => procedure.court.decided_so(event, fact),
        Fact::SignalReceived(fact) => procedure.signal.was_received_so(fact),
        Fact::SignalAssessed(fact) => procedure.signal.found_so(event, fact),
        other => DETAILS.contains(&other.name()),
    }
}

/// Does it change when something is due?
fn moves_clock(asked: &Asked<'_>, fact: &EventCorrected, known: Known<'_>) -> bool {
    let clocks = &asked.procedure().clocks;
    let moved = fact.occurred_at.is_some_and(|time| time.seconds != known.at);
    let due = |(subject, day)| {
        clocks.stated_due(&fact.event, &subject).is_some_and(|due| due != asked.end_of(day))
    };
    moved && clocks.concerns(&fact.event)
        || fact.fact.as_deref().is_some_and(|corrected| stated(corrected, fact.event).any(due))
}

/// The due dates that a fact states, by what clocks know them by.
fn stated(fact: &Fact, event: Digest) -> impl Iterator<Item = (Digest, Day)> {
    let commitments = match fact {
        Fact::TeamPlanAdopted(fact) => &fact.commitments[..],
        Fact::PlanAdopted(fact) => &fact.0.commitments[..],
        Fact::PlanAmended(fact) => &fact.0.commitments[..],
        _ => &[],
    };
    let own = match fact {
        Fact::CourtDecisionRecorded(fact) => fact.term_day,
        Fact::CourtReportRequested(fact) => Some(fact.due_day),
        _ => None,
    };
    coordination::stated(commitments).chain(own.map(|day| (event, day)))
}

fn check_author(asked: &Asked<'_>, known: Known<'_>) -> Verdict {
    let by_author = asked.signers().any(|signer| known.is_signed_by(&signer));
    let by_lead = asked.file.lead.is_none_or(|lead| asked.is_signed_by(&lead));
    BY_WHOM.unless(by_author || by_lead && by_holder(asked, Role::HeadOfDepartment))
}

/// Does somebody sign in this role for the agency that holds the file, where one does?
fn by_holder(asked: &Asked<'_>, role: Role) -> bool {
    asked.file.holder.map_or_else(|| asked.has_role(role), |holder| asked.is_by(role, holder))
}

pub(super) fn evolve(
    file: &mut FileState,
    placed: &Placed<'_>,
    around: &Around<'_>,
    happened: &Happened<'_>,
) {
    match &placed.statement.fact {
        Fact::EventCorrected(fact) => {
            correct(file, fact, placed.statement_hash, around, happened);
        }
        Fact::EventMisfiled(fact) => {
            let at = placed.statement.occurred_at.instant.seconds;
            let procedure = &mut file.procedure;
            let event = &fact.event;
            procedure.events.misfiled(event, placed.statement_hash);
            procedure.acts.misfiled(event);
            procedure.clocks.misfiled(event, at, placed.statement_hash);
        }
        _ => {}
    }
}

/// An event of the signal that a case comes of happened at another time: what goes on in the case by it
/// moves. Says whether anything does.
pub(crate) fn correct_inherited(
    case: &mut FileState,
    event: &Digest,
    at: i64,
    profiles: &Profiles,
) -> bool {
    let procedure = &mut case.procedure;
    let moves = procedure.clocks.concerns(event);
    if moves {
        procedure.clocks.correct(event, at, profiles);
    }
    procedure.case.correct_inherited(event, at) || moves
}

fn correct(
    file: &mut FileState,
    fact: &EventCorrected,
    by: Digest,
    around: &Around<'_>,
    happened: &Happened<'_>,
) {
    let procedure = &mut file.procedure;
    procedure.events.correct(&fact.event, fact.occurred_at.map(|time| time.seconds), by);
    if let Some(time) = fact.occurred_at {
        procedure.clocks.correct(&fact.event, time.seconds, around.profiles);
        procedure.acts.correct(&fact.event, time.seconds);
        procedure.signal.correct(&fact.event, time.seconds);
    }
    let Some(corrected) = fact.fact.as_deref() else { return };
    for (subject, day) in stated(corrected, fact.event) {
        let due = happened.end_of(day);
        procedure.clocks.correct_due(&fact.event, &subject, due, around.profiles);
        procedure.coordination.correct_day(&fact.event, &subject, day);
    }
}
