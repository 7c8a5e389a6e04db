//! Who answers for what in a case: the agency that holds it, and its lead. Where no lead is in force, the
//! head acts as lead by rule: when the lead has not accepted yet, left the role, or can't sign any more.

use letopis_proto::statement::v1::Role;
use letopis_types::{Sequence, StreamKind, Timestamp};

use super::asked::Asked;
use super::rule::Verdict;
use crate::fact::{Fact, Needs};
use crate::file::FileState;
use crate::registry::{LATEST, Registry};

super::rule::rules! {
    BY_HOLDER: "responsibility.holder",
        "the agency that holds the case decides: let somebody of it sign",
        "решава дирекцията, която води случая: нека подпише служител от нея";
    BY_LEAD: "responsibility.lead",
        "the lead answers for it, and the head where no lead is in force: let the right one sign",
        "това е на водещия, а без действащ водещ — на началника: нека подпише който трябва";
    NO_BUSINESS: "responsibility.role",
        "a signer's role has no part in this: leave that signature out",
        "роля на подписал няма място тук: махнете този подпис";
}

/// What the lead answers for in person.
const OF_LEAD: [&str; 13] = [
    "AssessmentCompleted",
    "EmergencyStudyCompleted",
    "TeamConvened",
    "TeamMet",
    "TeamPlanAdopted",
    "PlanAdopted",
    "PlanAmended",
    "CourtDecisionRecorded",
    "PlacementStarted",
    "PlacementChanged",
    "PlacementEnded",
    "ReviewHeld",
    "CaseClosed",
];

/// What others than the holder decide in a case.
const OF_OTHERS: [&str; 5] =
    ["CaseOpened", "TransferProposed", "TransferAccepted", "TransferRejected", "CompetenceDecided"];

/// Whose signatures show that they took part, beside those that are needed.
const PARTICIPANTS: [Role; 2] = [Role::Provider, Role::TeamMember];

/// Is the lead of the case in force at a place in the log, of which the file is, and at that time? The lead has
/// accepted, holds the role at the holder, and has a key.
#[must_use]
pub fn lead_in_force(file: &FileState, registry: &Registry, at: Sequence, then: Timestamp) -> bool {
    let in_force = |lead: &letopis_types::ActorId| {
        registry
            .roles_at(lead, at, then)
            .any(|role| role.role == Role::SocialWorker && role.agency == file.holder)
            && registry.may_sign_at(lead, at, then)
    };
    file.procedure.case.has_lead && file.lead.as_ref().is_some_and(in_force)
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let kind = asked.statement().kind();
    if !super::decide::stands_in(asked, StreamKind::Case) || kind.urgent {
        return Ok(());
    }
    if !OF_OTHERS.contains(&kind.name)
        && let Some(holder) = asked.file.holder
    {
        let by = |roles: &[Role]| roles.iter().any(|role| asked.is_by(*role, holder));
        BY_HOLDER.unless(match asked.fact().needs() {
            Needs::OneOf(roles) if kind.exclusive || roles.iter().all(|role| manages(*role)) => {
                by(roles)
            }
            Needs::BothOf(one, other) if kind.exclusive => by(one) && by(other),
            _ => true,
        })?;
    }
    if OF_LEAD.contains(&kind.name) {
        check_lead(asked)?;
        let roles = [Role::SocialWorker, Role::HeadOfDepartment, Role::Director];
        let of_new_owner = matches!(asked.fact(), Fact::CaseClosed(_));
        let takes_part =
            |role: Role| roles.contains(&role) || PARTICIPANTS.contains(&role) || of_new_owner;
        NO_BUSINESS.unless(asked.roles().all(|(_, role)| takes_part(role)))?;
        check_others(asked)?;
    }
    Ok(())
}

/// Managers of another agency, and workers who are not the lead, have no part in it; whoever takes a
/// duty over on closing has.
fn check_others(asked: &Asked<'_>) -> Verdict {
    let (registry, now) = (asked.around.registry, asked.placed.recorded_at);
    let in_force = lead_in_force(asked.file, registry, LATEST, now);
    let lead = in_force.then_some(asked.file.lead).flatten();
    let takes_over = |actor| match asked.fact() {
        Fact::CaseClosed(fact) => fact.settled.iter().any(|duty| duty.owner == Some(actor)),
        _ => false,
    };
    NO_BUSINESS.unless(asked.held().all(|(actor, held)| match held.role {
        role if manages(role) => held.agency == asked.file.holder,
        Role::SocialWorker => lead == Some(actor) || takes_over(actor),
        _ => true,
    }))
}

/// Does this role decide for an agency?
pub(super) const fn manages(role: Role) -> bool {
    matches!(role, Role::HeadOfDepartment | Role::Director)
}

fn check_lead(asked: &Asked<'_>) -> Verdict {
    let (registry, now) = (asked.around.registry, asked.placed.recorded_at);
    let by_whom = if lead_in_force(asked.file, registry, LATEST, now) {
        asked.file.lead.is_some_and(|lead| asked.is_signed_by(&lead))
    } else {
        asked.file.holder.is_some_and(|holder| asked.is_by(Role::HeadOfDepartment, holder))
    };
    BY_LEAD.unless(by_whom)
}
