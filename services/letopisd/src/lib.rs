//! The server: configuration and wiring only.
//!
//! In scope: a data directory made and opened ([`data`]), the ledger's own key file ([`keys`]) and the
//! key-encryption key's while it is exchanged ([`kek`]),
//! that the clock leapt ([`leap`]), a trial's simulated clock ([`simulated`]), connections and their encryption ([`incoming`], [`tls`]), serving it over gRPC until told to
//! stop ([`serve`]), and when the ledger is asked to record what nobody sends it: missed deadlines and
//! counts of refusals every ten seconds, erasures that became final once a day ([`run`]). Out of scope:
//! what may be recorded, how it lies on disk, what the calls mean, who may make them.
//!
//! Invariants: a ledger that is not a trial is never served without tokens or by a simulated clock, and
//! none without TLS beyond loopback; whatever callers send, connections, calls and the memory for their messages stay
//! within bounds; a directory that is not ours, is newer, in use or damaged is not touched.

pub mod config;
pub mod data;
pub mod incoming;
pub mod kek;
pub mod keys;
pub mod leap;
pub mod run;
pub mod serve;
pub mod simulated;
pub mod tls;
