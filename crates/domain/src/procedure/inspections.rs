//! Inspections by ДАЗД (чл. 61–63 ППЗЗДет): opened, found, instructed, complied with.

use letopis_types::{ActorId, AgencyId, Digest};
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::decide::check_after;
use super::rule::Verdict;
use crate::clocks::occasion::Name;
use crate::fact::{Fact, InspectionOpened};
use crate::file::FileState;

super::rule::rules! {
    SCOPE: "inspection.scope",
        "name the agency, or the cases, that are inspected",
        "посочете проверяваната дирекция или проверяваните случаи";
    TERM: "inspection.term",
        "the term of the inspection is over, or ends before it begins: open another one",
        "срокът на проверката е изтекъл или свършва преди началото ѝ: открийте нова";
    UNKNOWN: "inspection.unknown",
        "no such inspection was opened: name one that was",
        "няма такава открита проверка: посочете открита";
    BY_AUDITOR: "inspection.by-auditor",
        "an auditor who carries the inspection out signs",
        "подписва проверяващ, определен за проверката";
    DUE_BEFORE: "inspection.due",
        "an instruction is due on the day on which it is given, or later",
        "срокът на предписание не може да е преди деня, в който е дадено";
    NOT_OPEN: "inspection.not-instructed",
        "no such instruction waits for compliance: name one that does",
        "няма такова неизпълнено предписание: посочете неизпълнено";
    BY_INSPECTED: "inspection.by-inspected",
        "the director of the agency that was inspected says that it complied",
        "изпълнението вписва директорът на проверената дирекция";
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Inspection {
    hash: Digest,
    auditors: Vec<ActorId>,
    agency: Option<AgencyId>,
    until: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Instruction {
    hash: Digest,
    agency: Option<AgencyId>,
    complied: bool,
}

/// The inspections of the ledger's agencies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Inspections {
    opened: Vec<Inspection>,
    instructions: Vec<Instruction>,
}

impl Inspections {
    fn find(&self, hash: &Digest) -> Option<&Inspection> {
        self.opened.iter().find(|inspection| inspection.hash == *hash)
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    match asked.fact() {
        Fact::InspectionOpened(fact) => {
            SCOPE.unless(fact.agency.is_some() || !fact.cases.is_empty())?;
            TERM.unless(asked.now() < fact.until_seconds && asked.at() < fact.until_seconds)
        }
        Fact::InspectionFinding(fact) => check_auditor(asked, &fact.opened),
        Fact::InspectionInstruction(fact) => {
            check_auditor(asked, &fact.opened)?;
            DUE_BEFORE.unless(asked.at() < asked.end_of(fact.due_day))
        }
        Fact::InspectionComplied(fact) => {
            let instructions = &asked.procedure().inspections.instructions;
            let found = instructions.iter().find(|found| found.hash == fact.instruction);
            let found = found.filter(|found| !found.complied).ok_or(NOT_OPEN)?;
            let by = |agency| asked.is_by(letopis_proto::statement::v1::Role::Director, agency);
            BY_INSPECTED.unless(found.agency.is_none_or(by))?;
            check_after(asked, &found.hash)
        }
        _ => Ok(()),
    }
}

fn check_auditor(asked: &Asked<'_>, opened: &Digest) -> Verdict {
    let inspection = asked.procedure().inspections.find(opened).ok_or(UNKNOWN)?;
    let mut auditors = inspection.auditors.iter();
    BY_AUDITOR.unless(auditors.any(|auditor| asked.is_signed_by(auditor)))?;
    TERM.unless(asked.now() < inspection.until)?;
    check_after(asked, &inspection.hash)
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let inspections = &mut file.procedure.inspections;
    match deed.fact {
        Fact::InspectionOpened(InspectionOpened { auditors, agency, until_seconds, .. }) => {
            inspections.opened.push(Inspection {
                hash: deed.hash,
                auditors: auditors.clone(),
                agency: *agency,
                until: *until_seconds,
            });
        }
        Fact::InspectionInstruction(fact) => {
            let agency = inspections.find(&fact.opened).and_then(|inspection| inspection.agency);
            let hash = deed.hash;
            inspections.instructions.push(Instruction { hash, agency, complied: false });
            let due = happened.end_of(fact.due_day);
            happened.push(deed.is(Name::InspectionInstructed).due(due));
        }
        Fact::InspectionComplied(fact) => {
            let mut instructions = inspections.instructions.iter_mut();
            if let Some(found) = instructions.find(|found| found.hash == fact.instruction) {
                found.complied = true;
            }
            happened.push(deed.is(Name::InspectionComplied).about(fact.instruction));
        }
        _ => {}
    }
}
