//! Ids, sequence, digest, time, plain text: the small types that every other crate speaks in.
//!
//! In scope: newtypes that can't be confused with one another, their text forms and bounds; which characters
//! no text that people rely on may hold.
//! Out of scope: everything else; this crate has no IO, no hashing and knows no message.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may panic"))]

mod id;
mod stream;
mod text;
mod time;

pub use id::{
    ActorId, AgencyId, Digest, EventId, LedgerId, ParseIdError, PublicKey, SignatureBytes, StreamId,
};
pub use stream::{Class, Sequence, StreamKey, StreamKind, Version};
pub use text::is_deceptive;
pub use time::Timestamp;
