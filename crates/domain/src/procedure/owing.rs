//! Who owes what is due in a file: every duty is a clock, and each clock is somebody's.

use letopis_proto::statement::v1::Role;
use letopis_types::{ActorId, AgencyId, StreamKey, StreamKind};

use super::DueSignature;
use crate::clocks::{Clock, Name, Profiles};
use crate::fact::ReceiverId;
use crate::file::FileState;
use crate::profile::Duty;

/// Who owes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Debtor {
    /// An actor, or an agency that took it upon itself.
    Party(ReceiverId),
    /// Whoever holds this role at this agency; without an agency, whoever holds it.
    Office(Option<AgencyId>, Role),
    /// The same, where the lead is not in force: has not accepted, or holds no role there any more.
    StandIn(AgencyId, Role),
}

/// Who owes what this clock says is due: it is one of the open ones of the file. Nobody where a term only
/// runs, or where it is for a court or a party to act.
#[must_use]
pub fn debtors(
    key: &StreamKey,
    file: &FileState,
    clock: &Clock,
    profiles: &Profiles,
) -> Vec<Debtor> {
    let clocks = &file.procedure.clocks;
    let Some(rule) = clocks.rule(clock.id, profiles).filter(|_| !clock.term) else {
        return Vec::new();
    };
    let by_signature = |name| matches!(name, Name::ConfirmationDue | Name::ReviewDue);
    if rule.start.iter().any(|on| by_signature(on.name)) {
        return of_signature(file, clock);
    }
    let holder = file.holder;
    let party = |id: [u8; 16]| vec![Debtor::Party(id)];
    match rule.duty {
        // A signal has no lead yet.
        Duty::SocialWorker | Duty::Lead if key.kind == StreamKind::Signal => of_check(file),
        Duty::SocialWorker | Duty::Lead => of_lead(file),
        Duty::Holder => {
            let lead = file.lead.map(|lead| Debtor::Party(lead.0));
            let head = Debtor::Office(holder, Role::HeadOfDepartment);
            lead.into_iter().chain([head]).collect()
        }
        Duty::HeadOfDepartment => {
            // Of a proposed transfer it is the other agency's head.
            let proposed = file.proposed.iter().find(|(act, _)| *act == clock.subject);
            let agency = proposed.map_or(holder, |(_, to)| Some(*to));
            vec![Debtor::Office(agency, Role::HeadOfDepartment)]
        }
        Duty::Director => vec![Debtor::Office(holder, Role::Director)],
        Duty::Supervisor => vec![Debtor::Office(holder, Role::Supervisor)],
        // INVARIANT: superiors and officers are of no agency, or of all.
        Duty::Superior => vec![Debtor::Office(None, Role::Superior)],
        Duty::DataProtectionOfficer => of_officer(key, file),
        Duty::Provider => {
            let referral = file.shares.iter().find(|share| share.hash == clock.subject);
            referral.map(|share| party(share.receiver)).unwrap_or_default()
        }
        Duty::Owner => {
            let mut owed = file.procedure.commitments().iter();
            let undertaken = owed.find(|it| clock.subject.0.starts_with(&it.id));
            undertaken.map(|it| party(it.owner)).unwrap_or_default()
        }
        Duty::Court | Duty::Party => Vec::new(),
    }
}

/// Whose signature is due under the act that the clock is about.
fn of_signature(file: &FileState, clock: &Clock) -> Vec<Debtor> {
    let Some(act) = file.procedure.acts.find(&clock.subject) else { return Vec::new() };
    let mut debtors: Vec<Debtor> = act
        .due()
        .flat_map(|due| match due {
            DueSignature::Confirmation(roles) => of_offices(file, &roles),
            DueSignature::Acceptance(ActorId(lead)) => vec![Debtor::Party(lead)],
            DueSignature::Review(roles) => of_offices(file, roles),
        })
        .collect();
    debtors.sort_unstable();
    debtors.dedup();
    debtors
}

/// The file's holder answers in these roles, but for the superior, who is above it.
fn of_offices(file: &FileState, roles: &[Role]) -> Vec<Debtor> {
    let below = roles.iter().filter(|role| **role != Role::Superior || roles.len() == 1);
    let office = |role: &Role| match role {
        Role::Superior | Role::DataProtectionOfficer => Debtor::Office(None, *role),
        _ => Debtor::Office(file.holder, *role),
    };
    below.map(office).collect()
}

/// To whom the check of the signal is assigned; before, who took the signal.
fn of_check(file: &FileState) -> Vec<Debtor> {
    let worker = file.procedure.signal.worker().or_else(|| file.intake.first().copied());
    worker.map(|ActorId(worker)| Debtor::Party(worker)).into_iter().collect()
}

/// The lead, and the head of department where the lead is not in force.
fn of_lead(file: &FileState) -> Vec<Debtor> {
    let head = Role::HeadOfDepartment;
    let stand_in = file.holder.map(|holder| match file.lead {
        Some(_) => Debtor::StandIn(holder, head),
        None => Debtor::Office(Some(holder), head),
    });
    file.lead.map(|lead| Debtor::Party(lead.0)).into_iter().chain(stand_in).collect()
}

/// Emergency access to a case is reviewed by officer and head together.
fn of_officer(key: &StreamKey, file: &FileState) -> Vec<Debtor> {
    let head = file.holder.filter(|_| key.kind == StreamKind::Case);
    let head = head.map(|holder| Debtor::Office(Some(holder), Role::HeadOfDepartment));
    let officer = Debtor::Office(None, Role::DataProtectionOfficer);
    std::iter::once(officer).chain(head).collect()
}
