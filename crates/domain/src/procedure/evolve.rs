//! How a file changes by what takes effect, and what its clocks hear of it.

use letopis_proto::statement::v1::Relation;
use letopis_types::{ActorId, Digest, StreamKey, StreamKind};

use super::asked::{Around, Deed, Happened, Taken};
use super::{
    access, acts, appeals, closing, coordination, corrections, court, emergency, execution,
    inspections, opening, people, placement, plan, requests, reviews, services, signal, transfer,
    voice,
};
use crate::clocks::{ClockId, Clocks, Name, Profiles};
use crate::fact::Fact;
use crate::file::FileState;
use crate::registry::Placed;
use crate::statement::Statement;

/// Takes an admitted statement of the file in.
pub(crate) fn evolve(
    file: &mut FileState,
    placed: &Placed<'_>,
    around: &Around<'_>,
    taken: Taken,
) -> bool {
    let statement = placed.statement;
    if !concerns(&statement.fact) {
        return false;
    }
    let signers: Vec<ActorId> = statement.signers.iter().map(|signer| signer.actor).collect();
    let answers = answers(statement);
    let deed = Deed {
        fact: &statement.fact,
        hash: placed.statement_hash,
        at: statement.occurred_at.instant.seconds,
        recorded_at: placed.recorded_at.seconds(),
        answers: &answers,
        protected: statement.stream.kind == StreamKind::Protected,
    };
    let profile =
        around.profiles.in_force(placed.recorded_at.seconds()).map(|(_, profile)| profile);
    let mut happened = Happened { profile, occasions: Vec::new() };
    let (stream, kind) = (statement.stream.kind, statement.kind().number);
    file.procedure.events.push(&deed.hash, (stream, kind), deed.at, &signers);
    if let Fact::CaseOpened(_) = deed.fact {
        take_over(file, statement, around);
    }
    if profile.is_none() || acts::register(file, placed, around, taken, &mut happened) {
        take_effect(file, &deed, &mut happened);
    }
    acts::evolve(file, placed, around, &mut happened);
    acts::end_waiting(file, placed, &mut happened);
    corrections::evolve(file, placed, around, &happened);
    tell_clocks(file, &happened, around);
    true
}

/// What of its own stream a statement answers.
pub(super) fn answers(statement: &Statement) -> Vec<Digest> {
    let references = statement.references.iter();
    references
        .filter(|to| to.relation == Relation::RespondsTo && to.stream == statement.stream)
        .map(|to| to.statement_hash)
        .collect()
}

/// Does the procedure take note of this kind?
fn concerns(fact: &Fact) -> bool {
    super::governs(fact)
        || matches!(
            fact,
            Fact::BreakGlassOpened(_)
                | Fact::BreakGlassReviewed(_)
                | Fact::BreachRecorded(_)
                | Fact::KeySuspended(_)
                | Fact::KeyReinstated(_)
                | Fact::KeyRevoked(_)
                | Fact::KeyRotated(_)
                | Fact::KeyCompromised(_)
                | Fact::SubjectAccessAnswered(_)
        )
}

/// What follows from an act that takes effect.
pub(super) fn take_effect(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let parts = [
        access::evolve,
        appeals::evolve,
        closing::evolve,
        coordination::evolve,
        court::evolve,
        emergency::evolve,
        execution::evolve,
        inspections::evolve,
        opening::evolve,
        people::evolve,
        placement::evolve,
        plan::evolve,
        requests::evolve,
        reviews::evolve,
        services::evolve,
        signal::evolve,
        transfer::evolve,
        voice::evolve,
    ];
    parts.into_iter().for_each(|part| part(file, deed, happened));
}

/// What a signal's clocks still wait for goes on in the case that came of it, as far as it [`goes_on`]; and
/// the case has from the signal when it began, when risk was found, and its track.
fn take_over(case: &mut FileState, statement: &Statement, around: &Around<'_>) {
    for (_, signal) in around.others.iter().filter(|(key, _)| comes_of(statement, key)) {
        let clocks = &signal.procedure.clocks;
        case.procedure.clocks.take_over(clocks, |id| goes_on(clocks, id, around.profiles));
        opening::inherit(case, &signal.procedure.signal);
    }
}

/// Does the case that this opens come of that signal?
pub(crate) fn comes_of(statement: &Statement, signal: &StreamKey) -> bool {
    let mut references = statement.references.iter();
    signal.kind == StreamKind::Signal
        && references.any(|to| to.relation == Relation::BasedOn && to.stream == *signal)
}

/// A case came of this signal. With the last one that its assessment asks for, what goes on in the cases
/// ends here.
pub(crate) fn opened_case(signal: &mut FileState, by: Digest, at: i64, profiles: &Profiles) {
    if signal.procedure.signal.case_opened() {
        let clocks = &mut signal.procedure.clocks;
        clocks.hand_over(by, at, |clocks, id| goes_on(clocks, id, profiles));
    }
}

/// Does a signal's clock go on in the case that comes of it? Not where what stops it stands in the signal's
/// own stream: its assessment or the end of its check, the notice to its sender, the signature under an
/// act, the review of one or of emergency access, an explanation. Nor where its
/// profile is not known.
fn goes_on(clocks: &Clocks, id: ClockId, profiles: &Profiles) -> bool {
    const IN_SIGNAL: [Name; 7] = [
        Name::SignalAssessed,
        Name::SignalNotPursued,
        Name::SenderNotified,
        Name::Confirmed,
        Name::Reviewed,
        Name::DelayExplained,
        Name::BreakGlassReviewed,
    ];
    let rule = clocks.rule(id, profiles);
    rule.is_some_and(|rule| !rule.stop.iter().any(|on| IN_SIGNAL.contains(&on.name)))
}

fn tell_clocks(file: &mut FileState, happened: &Happened<'_>, around: &Around<'_>) {
    for occasion in &happened.occasions {
        file.procedure.clocks.take(occasion, around.profiles);
    }
}
