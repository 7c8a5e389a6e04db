//! Facts about coordination, the action plan and the services in it.

use letopis_proto::statement::v1::{self as proto, Mechanism, Track};
use letopis_types::ActorId;
use serde::{Deserialize, Serialize};

use super::signal::track;
use super::{CommitmentId, FromProto, ReceiverId};
use crate::form::{FormError, ascending_ids, at_most, fixed, in_range};

/// Days since 1970-01-01 of the years 1 to 9999.
const DAYS: std::ops::RangeInclusive<i32> = -719_162..=2_932_896;

/// A civil day: days since 1970-01-01.
pub type Day = i32;

/// Свикване на екип.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamConvened {
    /// Under which mechanism.
    pub mechanism: Mechanism,
    /// The members, ascending.
    pub members: Vec<ActorId>,
}

impl FromProto for TeamConvened {
    type Message = proto::TeamConvened;

    fn from_proto(message: &proto::TeamConvened) -> Result<Self, FormError> {
        Ok(Self {
            mechanism: message.mechanism(),
            members: ascending_ids(&message.members, (1, 64), "members", ActorId)?,
        })
    }
}

/// Среща на екипа.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMet {
    /// The members who attended, ascending.
    pub attended: Vec<ActorId>,
}

impl FromProto for TeamMet {
    type Message = proto::TeamMet;

    fn from_proto(message: &proto::TeamMet) -> Result<Self, FormError> {
        Ok(Self { attended: ascending_ids(&message.attended, (1, 64), "attended", ActorId)? })
    }
}

/// What a party takes upon itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// What names it in its case.
    pub id: CommitmentId,
    /// Who owes it: an agency or an actor.
    pub owner: ReceiverId,
    /// By the end of this day.
    pub due_day: Day,
}

/// План на екипа.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamPlanAdopted {
    /// What each party takes upon itself, ascending by id.
    pub commitments: Vec<Commitment>,
}

impl FromProto for TeamPlanAdopted {
    type Message = proto::TeamPlanAdopted;

    fn from_proto(message: &proto::TeamPlanAdopted) -> Result<Self, FormError> {
        Ok(Self { commitments: commitments(&message.commitments)? })
    }
}

/// План за действие, and its amendment. The track is kept as its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The number of a [`Track`].
    track: i32,
    /// What others take upon themselves, ascending by id.
    pub commitments: Vec<Commitment>,
}

impl Plan {
    /// By which procedure.
    #[must_use]
    pub fn track(&self) -> Track {
        Track::try_from(self.track).unwrap_or_default()
    }

    fn new(number: i32, messages: &[proto::Commitment]) -> Result<Self, FormError> {
        Ok(Self { track: track(number)?.into(), commitments: commitments(messages)? })
    }
}

/// План за действие.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanAdopted(pub Plan);

impl FromProto for PlanAdopted {
    type Message = proto::PlanAdopted;

    fn from_proto(message: &proto::PlanAdopted) -> Result<Self, FormError> {
        Plan::new(message.track, &message.commitments).map(Self)
    }
}

/// Актуализация на плана.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanAmended(pub Plan);

impl FromProto for PlanAmended {
    type Message = proto::PlanAmended;

    fn from_proto(message: &proto::PlanAmended) -> Result<Self, FormError> {
        Plan::new(message.track, &message.commitments).map(Self)
    }
}

fn commitments(messages: &[proto::Commitment]) -> Result<Vec<Commitment>, FormError> {
    at_most(messages.len(), 64, "commitments")?;
    let commitments: Vec<Commitment> = messages
        .iter()
        .map(|message| {
            Ok(Commitment {
                id: fixed(&message.id, "commitments.id")?,
                owner: fixed(&message.owner, "commitments.owner")?,
                due_day: day(message.due_day, "commitments.due_day")?,
            })
        })
        .collect::<Result<_, FormError>>()?;
    let ascending = commitments.is_sorted_by(|a, b| a.id < b.id);
    in_range(ascending, "commitments", "strictly ascending by id")?;
    Ok(commitments)
}

/// A day within its bounds.
pub(super) fn day(day: i32, field: &'static str) -> Result<Day, FormError> {
    in_range(DAYS.contains(&day), field, "the years 1 to 9999")?;
    Ok(day)
}
