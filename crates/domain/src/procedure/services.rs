//! Services: referrals and their reports (чл. 22 ППЗЗДет), instructions to whoever refuses (чл. 18(4)
//! ППЗЗДет).

use letopis_types::{AgencyId, Digest};
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::decide::check_after;
use super::rule::{Broken, Verdict};
use crate::clocks::occasion::Name;
use crate::fact::{Fact, ReceiverId};
use crate::file::FileState;

super::rule::rules! {
    NO_PLAN: "service.no-plan",
        "a service follows from a plan in force; without one, state the danger in a section `danger`",
        "услуга се ползва по действащ план; без план опишете опасността в раздел `danger`";
    NOT_WAITING: "service.not-waiting",
        "no such referral waits for an answer: name one that does",
        "няма такова направление без отговор: посочете което чака";
    NOT_ACCEPTED: "service.not-accepted",
        "no such referral was accepted: accept it first",
        "няма такова прието направление: първо го приемете";
    ENDED: "service.ended",
        "the service has ended already: report on it",
        "услугата вече е прекратена: представете доклад";
    BY_PROVIDER: "service.by-provider",
        "the provider to whom the child was referred signs",
        "подписва доставчикът, към когото е направлението";
}

/// How far a referral is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    Waiting,
    Accepted,
    Declined,
    Ended,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Referral {
    hash: Digest,
    provider: ReceiverId,
    /// Its steps, each by which statement.
    steps: Vec<(Step, Digest)>,
}

impl Referral {
    fn step(&self) -> Step {
        self.steps.last().map_or(Step::Waiting, |(step, _)| *step)
    }

    /// The statement of its last step.
    fn last(&self) -> &Digest {
        self.steps.last().map_or(&self.hash, |(_, by)| by)
    }
}

/// The services of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Services {
    referrals: Vec<Referral>,
}

impl Services {
    fn step(&mut self, referral: &Digest, step: Step, deed: &Deed<'_>) {
        for found in self.referrals.iter_mut().filter(|found| found.hash == *referral) {
            found.steps.push((step, deed.hash));
        }
    }

    /// This statement was entered in the wrong file.
    pub(super) fn misfiled(&mut self, event: &Digest) {
        self.referrals.retain(|referral| referral.hash != *event);
        for referral in &mut self.referrals {
            referral.steps.retain(|(_, by)| by != event);
        }
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let procedure = asked.procedure();
    match asked.fact() {
        Fact::ServiceReferred(_) => {
            let urgent = procedure.emergency.is_open() || asked.has_section("danger");
            NO_PLAN.unless(urgent || procedure.plan.in_force().is_some())
        }
        Fact::ReferralAccepted(fact) => answer(asked, &fact.referral),
        Fact::ReferralDeclined(fact) => answer(asked, &fact.referral),
        Fact::ServiceReported(fact) => {
            // The last report comes after the end, чл. 22(1).
            let found = named(asked, &fact.referral).map_err(|_| NOT_ACCEPTED)?;
            NOT_ACCEPTED.unless(matches!(found.step(), Step::Accepted | Step::Ended))?;
            by_provider(asked, found)?;
            found.steps.get(1).map_or(Ok(()), |(_, accepted)| check_after(asked, accepted))
        }
        Fact::ServiceEnded(fact) => {
            let found = named(asked, &fact.referral).map_err(|_| NOT_ACCEPTED)?;
            ENDED.unless(found.step() != Step::Ended)?;
            NOT_ACCEPTED.unless(found.step() == Step::Accepted)?;
            by_provider(asked, found)?;
            check_after(asked, found.last())
        }
        _ => Ok(()),
    }
}

fn named<'a>(asked: &Asked<'a>, referral: &Digest) -> Result<&'a Referral, Broken> {
    let mut referrals = asked.procedure().services.referrals.iter();
    Ok(referrals.find(|found| found.hash == *referral).ok_or(NOT_WAITING)?)
}

fn answer(asked: &Asked<'_>, referral: &Digest) -> Verdict {
    let found = named(asked, referral)?;
    NOT_WAITING.unless(found.step() == Step::Waiting)?;
    by_provider(asked, found)?;
    check_after(asked, found.last())
}

fn by_provider(asked: &Asked<'_>, referral: &Referral) -> Verdict {
    let provider = AgencyId(referral.provider);
    BY_PROVIDER.unless(asked.is_by(letopis_proto::statement::v1::Role::Provider, provider))
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let services = &mut file.procedure.services;
    let (name, step, referral) = match deed.fact {
        Fact::InstructionIssued(_) => return happened.push(deed.is(Name::InstructionIssued)),
        Fact::ServiceReferred(fact) => {
            services.referrals.push(Referral {
                hash: deed.hash,
                provider: fact.provider,
                steps: vec![(Step::Waiting, deed.hash)],
            });
            return happened.push(deed.is(Name::ServiceReferred));
        }
        Fact::ServiceReported(fact) => {
            return happened.push(deed.is(Name::ServiceReported).about(fact.referral));
        }
        Fact::ReferralAccepted(fact) => (Name::ReferralAccepted, Step::Accepted, fact.referral),
        Fact::ReferralDeclined(fact) => (Name::ReferralDeclined, Step::Declined, fact.referral),
        Fact::ServiceEnded(fact) => (Name::ServiceEnded, Step::Ended, fact.referral),
        Fact::EventMisfiled(fact) => return services.misfiled(&fact.event),
        _ => return,
    };
    services.step(&referral, step, deed);
    happened.push(deed.is(name).about(referral));
}
