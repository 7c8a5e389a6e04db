//! What the gRPC services share: under whose authority a call is answered, for how long, and how its
//! errors read.
//!
//! In scope: the token of every call, and how long it carries a stream; errors with their public
//! reason; deadlines; bounds on sizes, windows and pages, and on what is on its way at once. Out of
//! scope: what any method does; listening, TLS, configuration.
//!
//! Invariants: every refusal carries a reason; no message of a stream leaves or is taken once its
//! caller's authority is gone; no message is received before there is room for it.

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

mod authority;
pub mod convert;
mod deadline;
mod intake;
pub mod oversize;
mod settings;
mod status;

pub use authority::{Admission, Authority, admit};
pub use deadline::{Deadline, DeadlineLayer};
pub use intake::{Activity, Bounds, Held, IntakeLayer};
pub use oversize::OversizeLayer;
pub use settings::{Answers, MESSAGE_BYTES_MAX, STREAM_MAX, Settings, ask, ask_now, page_size};
pub use status::Told;
