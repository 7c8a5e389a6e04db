//! What a file's clocks came to: what was late and how that was explained, supervision, what is open.

use letopis_domain::clocks::occasion::Name;
use letopis_domain::clocks::{Clock, Reading};
use letopis_domain::procedure::Status;
use letopis_types::Digest;

use crate::acts::{OfFile, find};
use crate::auditor::Auditor;
use crate::event::{Named, Shown, Time};
use crate::report::{ClockFinding, ClockRuleRef, Explanation, Report, SupervisionOf, WordsRef};

/// Adds the file's clocks.
pub(crate) fn take(report: &mut Report, auditor: &Auditor, of: &OfFile<'_>) {
    let clocks = of.file.procedure.clocks();
    for clock in clocks.iter() {
        let Some(reading) = clocks.reading(clock.id, of.now()) else { continue };
        if reading == Reading::HandedOver {
            continue; // it is told where it goes on
        }
        let is_late = reading.is_missed() || reading == Reading::KeptRecordedLate;
        let in_scope = auditor.scope.covers(clock.due);
        if is_late && in_scope {
            report.late.push(|| finding(&clock, reading, auditor, of));
        }
        if clock.ended.is_none() && !clock.term {
            report.open_duties.push(|| finding(&clock, reading, auditor, of));
        }
        if of.hears(&clock, Name::SupervisionHeld) && (in_scope || clock.ended.is_none()) {
            supervised(report, reading, of);
            if is_late && in_scope {
                report.supervision.findings.push(|| finding(&clock, reading, auditor, of));
            }
        }
    }
}

fn supervised(report: &mut Report, reading: Reading, of: &OfFile<'_>) {
    let agency = of.file.holder.map(Shown);
    let all = &mut report.supervision.by_agency;
    let at = all.iter().position(|one| one.agency == agency).unwrap_or_else(|| {
        all.push(SupervisionOf { agency, ..SupervisionOf::default() });
        all.len() - 1
    });
    let Some(counts) = all.get_mut(at) else { return };
    match reading {
        Reading::Kept | Reading::KeptRecordedLate => counts.kept += 1,
        Reading::Late => counts.late += 1,
        Reading::Missed | Reading::Overdue => counts.missed += 1,
        Reading::Running | Reading::Suspended => counts.running += 1,
        // It fell away with the case.
        Reading::Expired | Reading::Dropped | Reading::HandedOver => {}
    }
}

fn finding(clock: &Clock, reading: Reading, auditor: &Auditor, of: &OfFile<'_>) -> ClockFinding {
    let first = of.file.procedure.clocks().first_reading(clock.id, of.now());
    let (explanation, explained_by) = explanation(clock, auditor, of);
    ClockFinding {
        file: Shown(*of.key),
        holder: of.file.holder.map(Shown),
        rule: rule(clock, of),
        reading,
        first_reading: first.filter(|first| *first != reading),
        due: Time(clock.due),
        started_by: Named::hash(clock.started_by),
        ended_by: clock.ended.map(|ended| Named::hash(ended.by)),
        ended_at: clock.ended.map(|ended| Time(ended.at)),
        missed_at: clock.missed.map(Time),
        explanation,
        explained_by: explained_by.into_iter().map(Named::hash).collect(),
    }
}

fn rule(clock: &Clock, of: &OfFile<'_>) -> ClockRuleRef {
    let number = clock.number;
    match of.file.procedure.clocks().rule(clock.id, &of.ended.profiles) {
        Some(rule) => ClockRuleRef {
            number,
            name: rule.name.clone(),
            words: WordsRef { bg: rule.words.bg.clone(), en: rule.words.en.clone() },
            article: rule.article.clone(),
            basis: Some(rule.basis),
            duty: Some(rule.duty),
        },
        None => {
            let (name, article) = (String::new(), String::new());
            let words = WordsRef { bg: String::new(), en: String::new() };
            ClockRuleRef { number, name, words, article, basis: None, duty: None }
        }
    }
}

/// The explanations that nobody took back, and what they amount to.
fn explanation(clock: &Clock, auditor: &Auditor, of: &OfFile<'_>) -> (Explanation, Vec<Digest>) {
    let named = (*of.key, clock.number, clock.started_by);
    let procedure = &of.file.procedure;
    let stands = |hash: &&Digest| {
        procedure.event(hash).is_some_and(|event| event.misfiled.is_none())
            && status(of, hash).is_none_or(|status| {
                matches!(status, Status::Pending | Status::Unconfirmed | Status::InForce)
            })
    };
    let explanations = auditor.explanations.get(&named).into_iter().flatten();
    let standing: Vec<Digest> = explanations.filter(stands).copied().collect();
    let in_force = |hash| status(of, hash).is_none_or(|status| status == Status::InForce);
    let amount = if standing.iter().any(in_force) {
        Explanation::Given
    } else if !standing.is_empty() {
        Explanation::Unconfirmed
    } else if of.hears(clock, Name::DelayExplained) {
        Explanation::NotDue
    } else {
        Explanation::Missing
    };
    (amount, standing)
}

/// How an act stands whose signature is or was due; `None`: none ever was.
fn status(of: &OfFile<'_>, hash: &Digest) -> Option<Status> {
    find(of.file, hash).map(|act| act.status)
}

/// The first due come first.
pub(crate) fn sort(report: &mut Report) {
    for list in [&mut report.late, &mut report.supervision.findings, &mut report.open_duties] {
        list.items.sort_by_key(|clock| clock.due);
    }
    report.supervision.by_agency.sort_by_key(|one| one.agency);
}
