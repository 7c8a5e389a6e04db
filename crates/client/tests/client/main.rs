//! The SDK against a ledger in memory that misbehaves.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may panic"
)]

mod accountability;
mod append;
mod fake;
mod read;
mod sections;
mod stream;
mod throughput;
mod tls;
mod tokens;
mod trust;
