//! AccountabilityService over gRPC: who is responsible, what is in force and due, how a decision came about,
//! what was known when it was taken.
//!
//! In scope: turning requests into questions to [`letopis_ledger::Ledger`], folded files and events into
//! responses; which statements a decision hangs together with. Out of scope: the rules by which a file
//! becomes what it is (crate domain), the form of XES (crate xes), what sections say (ConfidentialityService),
//! who may read, and that it is recorded: the ledger and the adopted policy see to that.
//!
//! Invariants: every call carries a token; nothing of a file leaves before its reading is on the
//! record; whoever may not see a file gets the same answer whether or not it exists, and who may not see
//! a protected stream is told of nothing in it; answers hold of what is durable, and say of how much.

mod case;
mod cases;
mod clocks;
mod convert;
mod decisions;
mod duties;
mod entry;
mod export;
mod indicators;
mod known;
mod pages;
mod register;
mod seen;
mod service;
mod timeline;
mod trace;
mod watch;

pub use service::AccountabilityApi;
