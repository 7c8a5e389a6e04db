//! Who holds a case: exactly one agency at any time.

use letopis_proto::statement::v1::Role;
use letopis_types::{AgencyId, Digest};

use super::asked::{Asked, Deed, Happened};
use super::decide::check_after;
use super::rule::Verdict;
use crate::clocks::occasion::Name;
use crate::fact::Fact;
use crate::file::FileState;

super::rule::rules! {
    BY_HOLDER: "transfer.by-holder",
        "the head of the agency that holds the case proposes to transfer it",
        "прехвърляне предлага началникът на отдела, който води случая";
    PROPOSED_ALREADY: "transfer.proposed-already",
        "a proposal waits for its answer: have it answered first",
        "вече има предложение без отговор: първо трябва да му се отговори";
    BY_RECEIVER: "transfer.by-receiver",
        "the head of the agency that is asked to hold the case answers",
        "отговаря началникът на отдела, на който се предлага случаят";
    DIRECTORATE: "transfer.directorate",
        "only an agency with a child protection department, and a head of it, holds a case: name one",
        "случай води само дирекция с отдел „Закрила на детето“ и началник: посочете такава";
    NO_DISPUTE: "transfer.no-dispute",
        "nobody refused to hold the case: a superior decides only where both did",
        "никой не е отказал случая: горестоящият решава само при спор";
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    match asked.fact() {
        Fact::TransferProposed(fact) => {
            PROPOSED_ALREADY.unless(asked.file.proposed.is_empty())?;
            check_directorate(asked, fact.to)?;
            BY_HOLDER.unless(
                asked.file.holder.is_some_and(|holder| asked.is_by(Role::HeadOfDepartment, holder)),
            )
        }
        Fact::TransferAccepted(fact) => check_receiver(asked, &fact.proposed),
        Fact::TransferRejected(fact) => check_receiver(asked, &fact.proposed),
        Fact::CompetenceDecided(fact) => {
            NO_DISPUTE.unless(asked.procedure().case.disputed && asked.has_role(Role::Superior))?;
            check_directorate(asked, fact.holder)
        }
        _ => Ok(()),
    }
}

/// Whoever is to hold a case has a child protection department: somebody who heads it.
fn check_directorate(asked: &Asked<'_>, agency: AgencyId) -> Verdict {
    let (registry, now) = (asked.around.registry, asked.placed.recorded_at);
    DIRECTORATE.unless(registry.has_anybody(Role::HeadOfDepartment, agency, now))
}

fn check_receiver(asked: &Asked<'_>, proposed: &Digest) -> Verdict {
    let to = asked.file.proposed.iter().find(|(hash, _)| hash == proposed);
    let by = |agency| asked.is_by(Role::HeadOfDepartment, agency);
    BY_RECEIVER.unless(to.is_some_and(|(_, agency)| by(*agency)))?;
    check_after(asked, proposed)
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let case = &mut file.procedure.case;
    match deed.fact {
        Fact::TransferProposed(_) => happened.push(deed.is(Name::TransferProposed)),
        Fact::TransferAccepted(fact) => {
            case.disputed = false;
            // Until the receiving head assigns a lead, that head acts as lead.
            case.has_lead = false;
            happened.push(deed.is(Name::TransferAccepted).about(fact.proposed));
        }
        Fact::TransferRejected(fact) => {
            // Whoever proposed it said that it is not theirs to hold.
            case.disputed = true;
            happened.push(deed.is(Name::TransferRejected).about(fact.proposed));
            happened.push(deed.is(Name::CompetenceDisputed));
        }
        Fact::CompetenceDecided(_) => {
            case.disputed = false;
            case.has_lead = file.lead.is_some();
            happened.push(deed.is(Name::CompetenceDecided).of_whole());
        }
        _ => {}
    }
}
