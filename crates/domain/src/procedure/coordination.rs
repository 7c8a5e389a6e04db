//! Coordination: teams, and what parties take upon themselves in the plans of a case (чл. 36г, 36д
//! ЗЗДет, чл. 16а ППЗЗДет).

use letopis_proto::statement::v1::{Mechanism, Role};
use letopis_types::{ActorId, AgencyId, Digest};
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::decide::{check_after, check_since};
use super::rule::Verdict;
use crate::clocks::occasion::Name;
use crate::fact::{Commitment, CommitmentId, Day, Fact, ReceiverId};
use crate::file::FileState;

super::rule::rules! {
    NO_TEAM: "team.not-convened",
        "no team is convened: convene it first",
        "няма свикан екип: първо го свикайте";
    NOT_MEMBER: "team.not-member",
        "whoever is said to have attended is not in the team: convene it anew with them",
        "посочен е присъствал, който не е в екипа: свикайте екипа отново с него";
    NOT_MET: "team.not-met",
        "the team did not meet since it was convened: it meets before it adopts a plan",
        "екипът не се е събирал, откакто е свикан: планът се приема след среща";
    ID_KNOWN: "commitment.known",
        "a commitment of this id is in the case already: give each its own",
        "вече има ангажимент с този номер: всеки получава свой";
    NO_OWNER: "commitment.owner",
        "each commitment is somebody's: name who owes it",
        "всеки ангажимент има отговорник: посочете го";
    DUE_BEFORE: "commitment.due",
        "a commitment is due on the day on which it is made, or later",
        "срокът на ангажимент не може да е преди деня, в който е поет";
    NOT_OPEN: "commitment.not-open",
        "no commitment of this id is open: name one that is",
        "няма открит ангажимент с този номер: посочете открит";
    BY_WHOM: "commitment.by-whom",
        "its owner signs, or the lead, or the head",
        "подписва отговорникът, водещият или началникът";
    NOT_DUE: "commitment.not-due",
        "it is not due yet, and can still be fulfilled: wait until its day is over",
        "срокът още тече и ангажиментът може да бъде изпълнен: изчакайте да изтече";
}

/// How a commitment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It is owed.
    Open,
    /// Its owner did it.
    Fulfilled,
    /// It was said that it was not done.
    Missed,
}

/// What a party took upon itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undertaken {
    /// Its name in the case.
    pub id: CommitmentId,
    /// Who owes it: an agency or an actor.
    pub owner: ReceiverId,
    /// By the end of this day.
    pub due_day: Day,
    /// The plan in which it stands: the statement's hash.
    pub plan: Digest,
    /// How it stands.
    pub standing: Standing,
    /// By which statement it was fulfilled or said to be missed.
    settled_by: Option<Digest>,
}

/// Team and commitments of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Coordination {
    /// By which statement the team was convened.
    convened: Option<Digest>,
    /// Its meetings since.
    met: Vec<Digest>,
    commitments: Vec<Undertaken>,
}

impl Coordination {
    /// What parties took upon themselves, in the order of the record.
    pub(crate) fn commitments(&self) -> &[Undertaken] {
        &self.commitments
    }

    /// Was the team that there is convened by this?
    pub(super) fn is_convened_by(&self, event: &Digest) -> bool {
        self.convened == Some(*event)
    }

    fn find(&self, id: &CommitmentId) -> Option<&Undertaken> {
        self.commitments.iter().find(|known| known.id == *id)
    }

    /// Are these what parties took upon themselves in a plan, but for the days?
    pub(super) fn are_all_of(&self, plan: &Digest, commitments: &[Commitment]) -> bool {
        let of_plan = self.commitments.iter().filter(|known| known.plan == *plan);
        of_plan.map(|known| (known.id, known.owner)).eq(commitments.iter().map(|c| (c.id, c.owner)))
    }

    /// A plan stated another day for the commitment that clocks know by this.
    pub(super) fn correct_day(&mut self, plan: &Digest, about: &Digest, day: Day) {
        let of_plan = self.commitments.iter_mut().filter(|known| known.plan == *plan);
        for known in of_plan.filter(|known| subject(&known.id) == *about) {
            known.due_day = day;
        }
    }

    /// This statement was entered in the wrong file.
    pub(super) fn misfiled(&mut self, event: &Digest) {
        self.convened = self.convened.filter(|by| by != event);
        self.met.retain(|met| met != event);
        self.commitments.retain(|known| known.plan != *event);
        for known in self.commitments.iter_mut().filter(|k| k.settled_by == Some(*event)) {
            known.standing = Standing::Open;
            known.settled_by = None;
        }
    }
}

/// What clocks know a commitment by: its id and sixteen zeros.
fn subject(id: &CommitmentId) -> Digest {
    let mut subject = [0; 32];
    subject.iter_mut().zip(id).for_each(|(to, from)| *to = *from);
    Digest(subject)
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let team = &asked.file.team;
    let state = &asked.procedure().coordination;
    match asked.fact() {
        Fact::TeamConvened(fact) if fact.mechanism == Mechanism::Coordination => {
            // Once the information is confirmed, чл. 36г(2) ЗЗДет; that it was, the open case says.
            asked.procedure().case.found.map_or(Ok(()), |(at, _)| check_since(asked, at))
        }
        Fact::TeamMet(fact) => {
            let convened = state.convened.filter(|_| !team.is_empty()).ok_or(NO_TEAM)?;
            NOT_MEMBER.unless(fact.attended.iter().all(|one| team.contains(one)))?;
            check_after(asked, &convened)
        }
        Fact::TeamPlanAdopted(fact) => {
            NO_TEAM.unless(!team.is_empty())?;
            check_after(asked, state.met.first().ok_or(NOT_MET)?)?;
            check_commitments(asked, &fact.commitments)
        }
        Fact::CommitmentFulfilled(fact) => settle(asked, &fact.commitment).map(|_| ()),
        Fact::CommitmentMissed(fact) => {
            let found = settle(asked, &fact.commitment)?;
            NOT_DUE.unless(asked.end_of(found.due_day) <= asked.at())
        }
        _ => Ok(()),
    }
}

/// May these be undertaken now?
pub(super) fn check_commitments(asked: &Asked<'_>, commitments: &[Commitment]) -> Verdict {
    let state = &asked.procedure().coordination;
    for commitment in commitments {
        ID_KNOWN.unless(state.find(&commitment.id).is_none())?;
        NO_OWNER.unless(commitment.owner != ReceiverId::default())?;
        DUE_BEFORE.unless(asked.at() < asked.end_of(commitment.due_day))?;
    }
    Ok(())
}

/// The open commitment that is named, by whom may say so.
fn settle<'a>(asked: &Asked<'a>, id: &CommitmentId) -> Result<&'a Undertaken, super::rule::Broken> {
    let found = asked.procedure().coordination.find(id);
    let found = found.filter(|found| found.standing == Standing::Open).ok_or(NOT_OPEN)?;
    let by_owner = asked.is_signed_by(&ActorId(found.owner)) || asked.is_for(AgencyId(found.owner));
    let by_lead = asked.file.lead.is_some_and(|lead| asked.is_signed_by(&lead));
    BY_WHOM.unless(by_owner || by_lead || asked.has_role(Role::HeadOfDepartment))?;
    check_after(asked, &found.plan)?;
    Ok(found)
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let state = &mut file.procedure.coordination;
    match deed.fact {
        Fact::TeamConvened(_) => {
            // Another team meets before it adopts anything.
            state.convened = Some(deed.hash);
            state.met.clear();
            happened.push(deed.is(Name::TeamConvened));
        }
        Fact::TeamMet(_) => {
            state.met.push(deed.hash);
            happened.push(deed.is(Name::TeamMet));
        }
        Fact::TeamPlanAdopted(fact) => {
            undertake(file, &fact.commitments, deed, happened);
            happened.push(deed.is(Name::TeamPlanAdopted));
        }
        Fact::CommitmentFulfilled(fact) => {
            set(state, &fact.commitment, Standing::Fulfilled, deed);
            let occasion = deed.is(Name::CommitmentFulfilled);
            happened.push(occasion.about(subject(&fact.commitment)));
        }
        Fact::CommitmentMissed(fact) => {
            set(state, &fact.commitment, Standing::Missed, deed);
            // After its term: what was due is missed, and no longer waited for.
            let occasion = deed.is(Name::CommitmentDropped);
            happened.push(occasion.about(subject(&fact.commitment)));
        }
        Fact::EventMisfiled(fact) => state.misfiled(&fact.event),
        _ => {}
    }
}

/// What a plan that takes effect lays upon parties.
pub(super) fn undertake(
    file: &mut FileState,
    commitments: &[Commitment],
    deed: &Deed<'_>,
    happened: &mut Happened<'_>,
) {
    let state = &mut file.procedure.coordination;
    for commitment in commitments {
        // INVARIANT: one of each id. Another plan may have used it while this one was pending.
        if state.find(&commitment.id).is_some() {
            continue;
        }
        state.commitments.push(Undertaken {
            id: commitment.id,
            owner: commitment.owner,
            due_day: commitment.due_day,
            plan: deed.hash,
            standing: Standing::Open,
            settled_by: None,
        });
        let due = happened.end_of(commitment.due_day);
        let made = deed.is(Name::CommitmentMade).about(subject(&commitment.id));
        happened.push(made.due(due));
    }
}

/// The due dates that a plan states, by what clocks know them by.
pub(super) fn stated(commitments: &[Commitment]) -> impl Iterator<Item = (Digest, Day)> {
    commitments.iter().map(|commitment| (subject(&commitment.id), commitment.due_day))
}

fn set(state: &mut Coordination, id: &CommitmentId, standing: Standing, deed: &Deed<'_>) {
    for known in state.commitments.iter_mut().filter(|known| known.id == *id) {
        known.standing = standing;
        known.settled_by = Some(deed.hash);
    }
}
