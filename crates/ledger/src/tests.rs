//! The pipeline as a whole, over a record in memory, with a real state and a real vault.

mod access;
mod append;
mod closing;
mod failure;
mod opening;
mod property;
mod reading;
mod reopen;
mod world;
