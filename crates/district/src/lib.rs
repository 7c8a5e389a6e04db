//! A year in a district, simulated from a seed.
//!
//! In scope: what happens in it ([`Plan`]: people, families, signals, and for each case a story of dated acts,
//! all from a seed alone), and playing it on a ledger ([`Player`]: signs each act with its people's keys and
//! sends it over gRPC at its own time, by a simulated clock that a file carries to the server). Out of scope:
//! serving the ledger, and what its rules say: a year that they do not let pass ends with an error.
//!
//! Invariants: the same seed and number of children give the same statements (ids, keys, times, facts, what
//! sections say), whatever the ledger's own randomness; a year of any size is planned story by story; all
//! people and all texts are invented. Keys come from the seed as well: for trials only.

mod calendar;
mod cast;
mod clock;
mod content;
mod error;
mod office;
mod plan;
mod player;
mod random;
mod script;
mod staff;
mod summary;

pub use cast::FamilyCast;
pub use clock::ClockFile;
pub use error::Error;
pub use office::Duty;
pub use plan::{Act, Begun, Deed, Plan};
pub use player::{Player, Site};
pub use script::{Reading, Wanted};
pub use staff::{Agency, Member, Staff, registrars};
pub use summary::Summary;
