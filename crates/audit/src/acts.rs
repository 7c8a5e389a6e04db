//! What a file's acts came to: emergency access, what waits for a signature or review, and what became of
//! the review of marked acts.

use letopis_domain::clocks::Clock;
use letopis_domain::clocks::occasion::Name;
use letopis_domain::file::{Emergency, FileState, file_of};
use letopis_domain::procedure::{Act, Status};
use letopis_ledger::verify::Ended;
use letopis_types::{Digest, StreamKey};

use crate::auditor::Auditor;
use crate::event::{Listed, Named, Shown, Time};
use crate::report::{AccessFinding, ActFinding, ActState, MarkedFinding, Report, Review, ReviewOf};

/// A file at the record's end.
#[derive(Clone, Copy)]
pub(crate) struct OfFile<'a> {
    pub(crate) key: &'a StreamKey,
    pub(crate) file: &'a FileState,
    pub(crate) ended: &'a Ended,
}

impl OfFile<'_> {
    /// The record's end, in seconds since 1970 UTC.
    pub(crate) fn now(&self) -> i64 {
        self.ended.at.seconds()
    }

    /// Does an occasion of this name start, stop or restart the clock?
    pub(crate) fn hears(&self, clock: &Clock, name: Name) -> bool {
        let rule = self.file.procedure.clocks().rule(clock.id, &self.ended.profiles);
        rule.is_some_and(|rule| {
            let triggers = [&rule.start, &rule.stop, &rule.restart];
            triggers.into_iter().flatten().any(|trigger| trigger.name == name)
        })
    }
}

/// Adds the file's emergency access and acts.
pub(crate) fn take(report: &mut Report, auditor: &Auditor, of: &OfFile<'_>) {
    for emergency in &of.file.emergencies {
        if auditor.scope.covers(emergency.opened_at.seconds()) {
            report.emergency_access.opened += 1;
            if let Some(finding) = access(emergency, auditor, of) {
                report.emergency_access.findings.push(|| finding);
            }
        }
    }
    let acts = of.file.procedure.acts().iter();
    for act in acts.filter(|act| auditor.scope.covers(act.happened_at())) {
        let Some(state) = state(act) else { continue };
        let list = match state {
            ActState::Unconfirmed | ActState::Unreviewed => &mut report.unreviewed_acts,
            ActState::Pending | ActState::Refused | ActState::Lapsed => &mut report.unfinished_acts,
        };
        list.push(|| finding(act, state, of));
    }
}

fn access(emergency: &Emergency, auditor: &Auditor, of: &OfFile<'_>) -> Option<AccessFinding> {
    let clocks = of.file.procedure.clocks();
    let is_its = |clock: &Clock| {
        clock.started_by == emergency.hash && of.hears(clock, Name::BreakGlassReviewed)
    };
    let clock = clocks.iter().find(is_its);
    let review = auditor.reviews.get(&emergency.hash);
    let late = clock.and_then(|clock| clocks.reading(clock.id, of.now()));
    let review_is = match review {
        None => Review::Missing,
        Some((_, false)) => Review::Unjustified,
        Some(_) if late.is_some_and(|reading| reading.is_missed()) => Review::Late,
        Some(_) => return None,
    };
    Some(AccessFinding {
        file: Shown(*of.key),
        opened_by: Named::hash(emergency.hash),
        until: Time(emergency.until_seconds),
        closed: emergency.closed,
        review: review_is,
        review_due: clock.map(|clock| Time(clock.due)),
        reviewed_by: review.map(|(hash, _)| Named::hash(*hash)),
    })
}

fn state(act: &Act) -> Option<ActState> {
    match act.status {
        Status::Pending => Some(ActState::Pending),
        Status::Refused => Some(ActState::Refused),
        Status::Lapsed => Some(ActState::Lapsed),
        Status::Unconfirmed if act.is_open() => Some(ActState::Unconfirmed),
        Status::InForce if act.is_open() => Some(ActState::Unreviewed),
        _ => None,
    }
}

fn finding(act: &Act, state: ActState, of: &OfFile<'_>) -> ActFinding {
    let signature = |clock: &Clock| {
        let names = [Name::ConfirmationDue, Name::ReviewDue];
        clock.subject == act.hash && names.into_iter().any(|name| of.hears(clock, name))
    };
    let due = of.file.procedure.clocks().open().filter(signature).map(|clock| clock.due).min();
    ActFinding {
        file: Shown(*of.key),
        act: Named::hash(act.hash),
        state,
        due: due.map(Time),
        overdue: due.is_some_and(|due| due <= of.now()),
    }
}

/// What became of the review of marked acts.
pub(crate) fn reviews(list: &mut Listed<MarkedFinding>, ended: &Ended) {
    for finding in &mut list.items {
        let stream = finding.act.event.as_ref().map(|event| event.stream.0);
        let file = stream.as_ref().and_then(file_of).and_then(|key| ended.files.get(&key));
        let Some(file) = file else { continue };
        let hash = finding.act.hash.0;
        let Some(act) = find(file, &hash) else { continue };
        finding.review = if act.is_open() { ReviewOf::Waiting } else { ReviewOf::Done };
        let endorsed = file.endorsements.iter().filter(|(target, _)| *target == hash);
        finding.endorsed_by = endorsed.map(|(_, by)| Shown(*by)).collect();
    }
}

/// The act of this statement, where its signature or review is or was due.
pub(crate) fn find<'a>(file: &'a FileState, hash: &Digest) -> Option<&'a Act> {
    file.procedure.acts().iter().find(|act| act.hash == *hash)
}
