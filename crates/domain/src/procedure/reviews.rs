//! Visits, reviews, supervision, and why something was late.

use letopis_types::StreamKind;

use super::asked::{Asked, Deed, Happened};
use super::decide::check_after;
use super::rule::Verdict;
use super::signal::of_track;
use crate::clocks::Reading;
use crate::clocks::occasion::Name;
use crate::fact::{DeadlineMissed, DelayExplained, Fact};
use crate::file::FileState;
use crate::profile::Profile;

super::rule::rules! {
    NO_PLAN: "review.no-plan",
        "no plan is in force that could be reviewed: adopt one first",
        "няма действащ план, който да се прегледа: първо приемете план";
    NOT_OVERDUE: "clock.not-overdue",
        "no such clock has run out by now with this due date, or it is recorded as missed already",
        "няма такъв изтекъл срок с тази дата или пропускът вече е вписан";
    STREAM: "clock.stream",
        "a missed deadline stands in the clocks stream; of a protected event's clock in the \
         protected one, of an inspection's in the root stream",
        "пропуснат срок се вписва при сроковете; по защитено събитие при защитените, по проверка в корена";
    NO_CLOCK: "delay.no-clock",
        "no such clock is known here: name one by its number and by what started it",
        "тук няма такъв срок: посочете номера му и от какво е започнал";
    NOT_LATE: "delay.not-late",
        "this clock is neither late nor recorded as missed: there is nothing to explain",
        "срокът нито е просрочен, нито е вписан като пропуснат: няма какво да се обяснява";
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    match asked.fact() {
        Fact::ReviewHeld(_) => check_after(asked, asked.procedure().plan.adopted().ok_or(NO_PLAN)?),
        Fact::DeadlineMissed(fact) => decide_miss(asked, fact),
        Fact::DelayExplained(fact) => decide_delay(asked, *fact),
        _ => Ok(()),
    }
}

fn decide_miss(asked: &Asked<'_>, fact: &DeadlineMissed) -> Verdict {
    let clocks = &asked.procedure().clocks;
    let id = clocks.find(&fact.key()).ok_or(NOT_OVERDUE)?;
    let clock = clocks.get(id).ok_or(NOT_OVERDUE)?;
    NOT_OVERDUE.unless(clocks.is_overdue(id, asked.now()) && clock.due == fact.due_seconds)?;
    let wanted = match fact.file {
        StreamKind::Root => StreamKind::Root,
        _ if clock.protected => StreamKind::Protected,
        _ => StreamKind::Clocks,
    };
    STREAM.unless(asked.statement().stream.kind == wanted)
}

fn decide_delay(asked: &Asked<'_>, fact: DelayExplained) -> Verdict {
    let clocks = &asked.procedure().clocks;
    // What is protected is not named elsewhere; whoever may not know of it gets the same answer.
    let protected = asked.statement().stream.kind == StreamKind::Protected;
    let named = || {
        clocks.iter().filter(move |clock| {
            (clock.number, clock.started_by) == (fact.clock, fact.started_by)
                && clock.protected == protected
        })
    };
    NO_CLOCK.unless(named().next().is_some())?;
    let is_late = |id| clocks.reading(id, asked.now()).is_some_and(Reading::is_missed);
    NOT_LATE.unless(named().any(|clock| clock.missed.is_some() || is_late(clock.id)))
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    match deed.fact {
        Fact::VisitRecorded(_) => happened.push(deed.is(Name::VisitRecorded)),
        Fact::SupervisionHeld(_) => happened.push(deed.is(Name::SupervisionHeld)),
        Fact::EffectivenessChecked(_) => happened.push(deed.is(Name::EffectivenessChecked)),
        Fact::ReviewHeld(_) => {
            let held = deed.is(Name::ReviewHeld).qualified(of_track(file.procedure.track()));
            happened.push(held.of_whole());
        }
        Fact::DeadlineMissed(fact) => {
            let clocks = &mut file.procedure.clocks;
            if let Some(clock) = clocks.find(&fact.key()) {
                clocks.miss(clock, deed.recorded_at);
            }
            // INVARIANT: that an explanation is late is not itself to be explained, or it would never end.
            if !is_for_delay(happened.profile, fact.clock) {
                happened.push(deed.is(Name::DeadlineMissed).about(fact.subject));
            }
        }
        Fact::DelayExplained(fact) => {
            let named =
                file.procedure.clocks.iter().filter(|clock| {
                    (clock.number, clock.started_by) == (fact.clock, fact.started_by)
                });
            for clock in named {
                happened.push(deed.is(Name::DelayExplained).about(clock.subject));
            }
        }
        _ => {}
    }
}

/// Is it a clock that waits for the explanation of another one?
fn is_for_delay(profile: Option<&Profile>, number: u32) -> bool {
    let mut clocks = profile.into_iter().flat_map(Profile::clocks);
    clocks.any(|rule| {
        rule.number == number && rule.start.iter().any(|on| on.name == Name::DeadlineMissed)
    })
}
