//! Does the procedure take a statement? What holds for every kind stands here; the rest in the parts.

use letopis_types::{Digest, StreamKind};

use super::asked::{Around, Asked};
use super::required::{Need, required};
use super::rule::{RuleError, Verdict};
use super::{
    acts, appeals, closing, coordination, corrections, court, emergency, execution, inspections,
    opening, people, placement, plan, requests, responsibility, reviews, services, signal,
    transfer, voice,
};
use crate::fact::Fact;
use crate::file::FileState;
use crate::registry::Placed;
use crate::statement::Statement;

super::rule::rules! {
    IN_FUTURE: "time.future",
        "it did not happen yet: state when it happened",
        "още не се е случило: посочете кога се е случило";
    BEFORE_BEGINNING: "time.before-beginning",
        "it is stated to have happened before the file begins: check the date",
        "посочено е време преди началото на преписката: проверете датата";
    BEFORE_CAUSE: "time.before-cause",
        "it is stated to have happened before what it follows from: check the dates",
        "посочено е време преди това, от което следва: проверете датите";
    SECTION_MISSING: "section.missing",
        "a section is missing or not guarded closely enough: add it",
        "липсва раздел или класът му е по-нисък от нужния: добавете го";
}

/// How far ahead of the ledger's clock an author's may be, where the profile does not say; seconds.
const SKEW_SECONDS: i64 = 600;

/// Is this a kind that the procedure has rules for?
#[must_use]
pub fn governs(fact: &Fact) -> bool {
    match fact {
        Fact::InformationShared(_) => true,
        Fact::ComplaintLodged(_) | Fact::HandlerAssigned(_) => false,
        _ => fact.kind().number >= 100,
    }
}

/// Does the procedure of the file take this statement now?
///
/// # Errors
/// The rule that it breaks, with its article and what would be needed.
pub(crate) fn decide(
    file: &FileState,
    placed: &Placed<'_>,
    around: &Around<'_>,
) -> Result<(), RuleError> {
    let Some((_, profile)) = around.profiles.in_force(placed.recorded_at.seconds()) else {
        return Ok(());
    };
    if !governs(&placed.statement.fact) {
        return Ok(());
    }
    let asked = Asked { placed, file, around, profile };
    check(&asked).map_err(|broken| RuleError::new(broken, Some(profile)))
}

fn check(asked: &Asked<'_>) -> Verdict {
    check_time(asked)?;
    opening::check_stage(asked)?;
    emergency::check_living(asked)?;
    check_sections(asked.statement())?;
    let parts = [
        acts::decide,
        appeals::decide,
        closing::decide,
        coordination::decide,
        corrections::decide,
        court::decide,
        emergency::decide,
        execution::decide,
        inspections::decide,
        opening::decide,
        people::decide,
        placement::decide,
        plan::decide,
        requests::decide,
        responsibility::decide,
        reviews::decide,
        services::decide,
        signal::decide,
        transfer::decide,
        voice::decide,
    ];
    parts.into_iter().try_for_each(|part| part(asked))
}

/// Not in the future, and not before what the file begins with.
fn check_time(asked: &Asked<'_>) -> Verdict {
    if matches!(asked.fact(), Fact::DeadlineMissed(_)) {
        return Ok(());
    }
    let now = asked.now();
    let ahead = asked.profile.term_due("skew", now).map_or(now + SKEW_SECONDS, |due| due.at);
    IN_FUTURE.unless(asked.at() <= ahead)?;
    // What a document or a correction is about may well be older than the file; so may what an
    // urgent act is.
    let may_be_older = asked.statement().kind().urgent
        || matches!(asked.fact(), Fact::DocumentAdded(_) | Fact::DocumentCertified(_));
    match asked.procedure().begun_at() {
        Some(begun) if !may_be_older => BEFORE_BEGINNING.unless(not_before(asked, begun)),
        _ => Ok(()),
    }
}

/// Not before what it follows from; seconds since 1970 UTC.
pub(super) fn check_since(asked: &Asked<'_>, cause: i64) -> Verdict {
    BEFORE_CAUSE.unless(not_before(asked, cause))
}

/// Not before the event of the file that it follows from.
pub(super) fn check_after(asked: &Asked<'_>, cause: &Digest) -> Verdict {
    let cause = asked.procedure().events.find(cause);
    cause.map_or(Ok(()), |cause| check_since(asked, cause.at))
}

/// A time that is stated to the day, or about, may lie before another one of that day.
pub(super) fn not_before(asked: &Asked<'_>, other: i64) -> bool {
    use letopis_proto::statement::v1::Precision;
    let precision = asked.statement().occurred_at.precision;
    let is_about = matches!(precision, Precision::Day | Precision::Approximate);
    let day = |at| asked.profile.counting().day_of(at);
    asked.at() >= other || is_about && day(asked.at()) == day(other)
}

fn check_sections(statement: &Statement) -> Verdict {
    let missing = required(&statement.fact).iter().find(|need| !has(statement, need));
    match missing.and_then(|need| need.any_of.first()) {
        Some(name) => Err(SECTION_MISSING.lacking(*name)),
        None => Ok(()),
    }
}

fn has(statement: &Statement, need: &Need) -> bool {
    statement.sections.iter().any(|section| need.is_met_by(section.name(), section.class))
}

impl super::Procedure {
    /// When the file begins: when its signal came in, when its case was opened; seconds since 1970 UTC.
    #[must_use]
    pub fn begun_at(&self) -> Option<i64> {
        self.signal.received_at.or(self.case.begun_at)
    }
}

/// Is the statement in a stream of this kind?
pub(super) fn stands_in(asked: &Asked<'_>, kind: StreamKind) -> bool {
    asked.statement().stream.kind == kind
}
