//! Facts about signals and their check.

use letopis_proto::statement::v1::{self as proto, SignalChannel, SignalOutcome, Track};
use letopis_types::StreamId;
use serde::{Deserialize, Serialize};

use super::FromProto;
use crate::form::{FormError, ascending_ids, at_most, fixed, in_range};

/// The most children of a signal.
const CHILDREN_MAX: usize = 32;

/// A child's id: random, made for this signal alone. Who the child is stands in a section.
pub type ChildId = StreamId;

/// Постъпил сигнал.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalReceived {
    /// The children that it is about, ascending.
    pub children: Vec<ChildId>,
    /// How it came.
    pub channel: SignalChannel,
    /// By which procedure it is checked.
    pub track: Track,
    /// Nobody says who gives it.
    pub anonymous: bool,
}

impl FromProto for SignalReceived {
    type Message = proto::SignalReceived;

    fn from_proto(message: &proto::SignalReceived) -> Result<Self, FormError> {
        Ok(Self {
            children: ascending_ids(&message.children, (1, CHILDREN_MAX), "children", StreamId)?,
            channel: message.channel(),
            track: track(message.track)?,
            anonymous: message.anonymous,
        })
    }
}

/// Оценка на сигнала.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalAssessed {
    /// What was found for each child, ascending by child.
    pub outcomes: Vec<ChildOutcome>,
}

/// What the check of a signal found for one child. The enums are kept as their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildOutcome {
    /// The child.
    pub child: ChildId,
    /// The number of a [`SignalOutcome`].
    outcome: i32,
    /// The number of a [`Track`].
    track: Option<i32>,
}

impl ChildOutcome {
    /// What is done.
    #[must_use]
    pub fn outcome(&self) -> SignalOutcome {
        SignalOutcome::try_from(self.outcome).unwrap_or_default()
    }

    /// By which procedure the case is worked on.
    #[must_use]
    pub fn track(&self) -> Option<Track> {
        self.track.and_then(|track| Track::try_from(track).ok())
    }
}

impl FromProto for SignalAssessed {
    type Message = proto::SignalAssessed;

    fn from_proto(message: &proto::SignalAssessed) -> Result<Self, FormError> {
        at_most(message.outcomes.len(), CHILDREN_MAX, "outcomes")?;
        if message.outcomes.is_empty() {
            return Err(FormError::Missing { field: "outcomes" });
        }
        let outcomes: Vec<ChildOutcome> = message
            .outcomes
            .iter()
            .map(|found| {
                let has_case = found.outcome() != SignalOutcome::NoCase;
                let allowed = "there, unless no case is opened";
                in_range(found.track.is_some() == has_case, "outcomes.track", allowed)?;
                Ok(ChildOutcome {
                    child: fixed(&found.child, "outcomes.child").map(StreamId)?,
                    outcome: found.outcome,
                    track: found.track,
                })
            })
            .collect::<Result<_, FormError>>()?;
        let ascending = outcomes.is_sorted_by(|a, b| a.child < b.child);
        in_range(ascending, "outcomes", "strictly ascending by child")?;
        Ok(Self { outcomes })
    }
}

/// A track by its number.
pub(super) fn track(number: i32) -> Result<Track, FormError> {
    Track::try_from(number).map_err(|_| FormError::Range { field: "track", allowed: "a known one" })
}
