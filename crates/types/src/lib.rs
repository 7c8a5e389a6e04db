//! Ids, sequence, digest, time: the small types that every other crate speaks in.
//!
//! In scope: newtypes that can't be confused with one another, their text forms and bounds.
//! Out of scope: everything else; this crate has no IO, no hashing and knows no message.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may panic"))]

mod id;
mod stream;
mod time;

pub use id::{
    ActorId, AgencyId, Digest, EventId, LedgerId, ParseIdError, PublicKey, SignatureBytes, StreamId,
};
pub use stream::{Class, Sequence, StreamKey, StreamKind, Version};
pub use time::Timestamp;
