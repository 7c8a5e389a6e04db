//! The server: configuration and wiring only.
//!
//! In scope: a data directory made and opened ([`data`]), the ledger's own key file ([`keys`]),
//! and serving it over gRPC until told to stop ([`serve`]). Out of scope: what may be recorded, how
//! it lies on disk, what the calls mean.
//!
//! Invariants: before access control exists only a trial ledger is served, on loopback only; a
//! directory that is not ours, is newer, in use or damaged is not touched.

pub mod config;
pub mod data;
pub mod keys;
pub mod run;
pub mod serve;
