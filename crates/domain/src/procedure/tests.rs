//! Given a story, when a statement comes, then it is taken, or refused by its rule. The stories are lines
//! of [`crate::testing`]; the profile is the Bulgarian one.

mod access;
mod any_line;
mod any_placement;
mod appeals;
mod articles;
mod closing;
mod coordination;
mod corrections;
mod court;
mod emergency;
mod execution;
mod inspections;
mod opening;
mod owing;
mod people;
mod placement;
mod plan;
mod responsibility;
mod reviews;
mod services;
mod signal;
mod signatures;
mod stories;
mod transfer;
mod voice;

use letopis_proto::statement::v1 as proto;
use letopis_types::{ActorId, Digest, PublicKey, StreamId, StreamKey, StreamKind};

use super::*;
use crate::clocks::Reading;
use crate::fact::Fact;
use crate::file::FileState;
use crate::statement::{Signer, Statement};
use crate::testing::World;
use crate::testing::world::GENESIS;

/// A world in which the story was told, each of whose statements was taken.
#[track_caller]
pub(super) fn given(story: &str) -> World {
    World::bulgarian().and(story)
}
