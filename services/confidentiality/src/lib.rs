//! ConfidentialityService over gRPC: what may I see of this case, and who has seen it.
//!
//! In scope: turning requests into questions to [`letopis_ledger::Ledger`], its rulings and sections
//! into responses, rules into words. Out of scope: deciding who may see what, and recording it: the
//! ledger and the adopted policy do that.
//!
//! Invariants: every call carries a token; nothing of a file leaves before its reading is on the
//! record; what is withheld is shown as withheld, with the rule; whoever may not see a file gets the
//! same answer whether or not it exists.

mod convert;
mod file;
mod readings;
mod sections;
mod service;

pub use service::ConfidentialityApi;
