//! Facts: what may be said, by whom, at which place of a stream.
//!
//! In scope: the typed [`Statement`] and its form, the kinds of fact, who signs them and who confirms
//! them ([`fact`]), the registry of actors, keys and roles ([`registry`]), who may read and write in a file
//! ([`file`]), the rules of procedure of a case ([`procedure`]) with the clocks that run in it ([`clocks`])
//! and the adopted profile of the law ([`profile`]), positions in a stream ([`position`]), what is counted for policy
//! and research, and what of it is published ([`figures`]), the zone of civil days ([`civil`]), purposes in words
//! ([`purpose`]); as pure functions over folded state (`decide`, `evolve`). Out of scope: IO, the time
//! (an argument everywhere), randomness, hashing and signatures, what sections hold (crate sections), and
//! the rules of complaints.
//!
//! Invariants: `evolve` never fails, and is called with what `decide` admitted, live and in replay
//! alike; a [`Statement`] that exists has the form that proto/README.md asks for; no statutory term
//! and no article decides anything from the code, all come from the profile; an act whose confirming
//! signature is due has no effect on the procedure before it, unless delay endangers a child and the act
//! ends no protection.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::expect_used,
        clippy::panic,
        reason = "tests may panic"
    )
)]

pub mod civil;
pub mod clocks;
pub mod fact;
pub mod figures;
pub mod file;
pub mod form;
pub mod position;
pub mod procedure;
pub mod profile;
pub mod purpose;
pub mod refusal;
pub mod registry;
pub mod statement;
#[cfg(any(test, feature = "testing"))]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "for tests"
)]
pub mod testing;

pub use fact::Fact;
pub use form::FormError;
pub use refusal::Refusal;
pub use statement::Statement;
