//! LedgerService over gRPC: messages in, messages out.
//!
//! In scope: turning requests into calls of [`letopis_ledger::Ledger`] and its answers into
//! responses; errors with their public reason; deadlines; bounds on sizes, windows and pages.
//! Out of scope: every rule about what may be recorded; listening, TLS, configuration.
//!
//! Invariants: no answer to an append before it is durable; one result per statement, in order;
//! content leaves only after its reading is on the record; every refusal carries a reason.

mod append;
mod convert;
mod deadline;
mod oversize;
mod read;
mod service;
mod status;

pub use oversize::OversizeLayer;
pub use service::{LedgerApi, MESSAGE_BYTES_MAX};
