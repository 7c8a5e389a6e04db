//! Figures for policy and research: what is counted of the record, and what of it may be published.
//!
//! In scope: what is counted ([`UNIVERSES`]), the units that a statement adds ([`units`]), the civil
//! [`Quarter`] in which it is counted, and which cells of a quarter and a year are published ([`suppress`]).
//! Out of scope: keeping the counters, who may ask, and what the answer looks like.
//!
//! Invariants: what was recorded in a quarter is counted there, and never changed: a later correction counts
//! in its own quarter, among the corrections. A thing is counted in one universe, and none is a sum of others:
//! each universe is published by itself, and what is withheld in one can't be worked out from the next. Each
//! breakdown of a universe divides all of it; no two are crossed, and none is a coarser one of another: what would
//! need it is split into two universes (children heard and not, each by the support they had). A unit holds codes
//! alone. The last breakdown of a universe may be by codes that stand in sealed sections: who keeps the sections
//! counts them.

mod count;
mod quarter;
pub mod suppress;
mod table;
mod universe;

pub use count::{Unit, units};
pub use quarter::Quarter;
pub use table::{UNIVERSES, universe};
pub use universe::{Breakdown, Categories, Category, NOT_STATED, Universe};

#[cfg(test)]
mod tests;
