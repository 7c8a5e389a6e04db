//! The ledger's service as a caller in any language meets it: a real server on a real data
//! directory, and the generated client.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

#[path = "grpc/accountability.rs"]
mod accountability;
#[path = "grpc/afternoon.rs"]
mod afternoon;
#[path = "grpc/audit.rs"]
mod audit;
#[path = "grpc/bad_input.rs"]
mod bad_input;
#[path = "grpc/bounds.rs"]
mod bounds;
#[path = "grpc/cases.rs"]
mod cases;
#[path = "grpc/clocks.rs"]
mod clocks;
#[path = "grpc/deadlines.rs"]
mod deadlines;
#[path = "grpc/directories.rs"]
mod directories;
#[path = "grpc/export.rs"]
mod export;
#[path = "grpc/facts_read.rs"]
mod facts_read;
#[path = "grpc/flood.rs"]
mod flood;
#[path = "grpc/following.rs"]
mod following;
#[path = "grpc/forged.rs"]
mod forged;
#[path = "grpc/indicators.rs"]
mod indicators;
#[path = "grpc/lists.rs"]
mod lists;
#[path = "grpc/logging.rs"]
mod logging;
#[path = "grpc/open_calls.rs"]
mod open_calls;
#[path = "grpc/reading.rs"]
mod reading;
#[path = "grpc/sections.rs"]
mod sections;
#[path = "grpc/server.rs"]
mod server;
#[path = "grpc/shutdown.rs"]
mod shutdown;
#[path = "grpc/stories.rs"]
mod stories;
#[path = "grpc/tokens.rs"]
mod tokens;
#[path = "grpc/trace.rs"]
mod trace;
#[path = "grpc/upload.rs"]
mod upload;
#[path = "grpc/watching.rs"]
mod watching;
