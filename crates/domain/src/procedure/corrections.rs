//! Corrections, what was entered in the wrong file, and objections. What was recorded stays.

use letopis_proto::statement::v1::Role;
use letopis_types::ActorId;

use super::asked::{Around, Asked};
use super::events::Known;
use super::rule::Verdict;
use crate::fact::{EventCorrected, Fact};
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
    let known = asked.procedure().events.find(&target).ok_or(UNKNOWN)?;
    match asked.fact() {
        Fact::EventCorrected(fact) => decide_correction(asked, fact, known),
        Fact::EventMisfiled(_) => check_author(asked, known),
        Fact::DocumentCertified(_) => UNKNOWN.unless(known.is("DocumentAdded")),
        _ => Ok(()),
    }
}

fn decide_correction(asked: &Asked<'_>, fact: &EventCorrected, known: Known<'_>) -> Verdict {
    OF_CORRECTION.unless(!known.is("EventCorrected"))?;
    let same = fact.fact.as_ref().is_none_or(|fact| fact.kind().number == known.kind);
    KIND.unless(same)?;
    // Besides them there is the reason.
    SECTIONS.unless(fact.sections.len() < asked.statement().sections.len().max(1))?;
    if ACTS.iter().any(|act| known.is(act)) {
        let issuer = |actor: &ActorId| known.is_signed_by(actor);
        return BY_ISSUER
            .unless(asked.roles().any(|(actor, role)| role == Role::Director && issuer(&actor)));
    }
    let moved = fact.occurred_at.is_some_and(|time| time.seconds != known.at);
    if moved && asked.procedure().clocks.concerns(&fact.event) {
        let both = asked.has_role(Role::HeadOfDepartment) && asked.has_role(Role::Director);
        return MOVES_CLOCK.unless(both);
    }
    check_author(asked, known)
}

fn check_author(asked: &Asked<'_>, known: Known<'_>) -> Verdict {
    let by_author = asked.signers().any(|signer| known.is_signed_by(&signer));
    let by_lead = asked.file.lead.is_none_or(|lead| asked.is_signed_by(&lead));
    BY_WHOM.unless(by_author || by_lead && asked.has_role(Role::HeadOfDepartment))
}

pub(super) fn evolve(file: &mut FileState, placed: &Placed<'_>, around: &Around<'_>) {
    match &placed.statement.fact {
        Fact::EventCorrected(EventCorrected { event, occurred_at: Some(time), .. }) => {
            file.procedure.clocks.correct(event, time.seconds, around.profiles);
        }
        Fact::EventMisfiled(fact) => {
            file.procedure.acts.misfiled(&fact.event);
            let at = placed.statement.occurred_at.instant.seconds;
            file.procedure.clocks.misfiled(&fact.event, at, placed.statement_hash);
        }
        Fact::DeadlineMissed(fact) => {
            let clocks = &mut file.procedure.clocks;
            if let Some(clock) = clocks.find(&fact.key()) {
                clocks.miss(clock, placed.recorded_at.seconds());
            }
        }
        _ => {}
    }
}
