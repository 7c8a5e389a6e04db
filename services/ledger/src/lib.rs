//! LedgerService over gRPC: messages in, messages out.
//!
//! In scope: turning requests into calls of [`letopis_ledger::Ledger`] and its answers into
//! responses; whose facts a caller may read, by the adopted policy. Out of scope: every rule about
//! what may be recorded; tokens, deadlines, bounds and errors, which the services share; listening,
//! TLS, configuration.
//!
//! Invariants: no answer to an append before it is durable; one result per statement, in order;
//! neither facts nor content leave before their reading is on the record, save from a trial that was
//! opened to everybody; no message of a stream leaves or is taken once its caller's authority is gone.

mod append;
mod convert;
mod read;
mod service;

pub use service::LedgerApi;
