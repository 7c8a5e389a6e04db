//! Who may see what, and everyone who has: an invented office against a real, closed server
//! process, from outside. A table of verdicts written by hand, every attack with its own reason, a
//! night on which hardly anybody can be reached, and a client in another language. After each of
//! them nothing of what the sections say is in the server's log or in any file that it wrote.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

#[path = "confidentiality/act.rs"]
mod act;
#[path = "confidentiality/attacks.rs"]
mod attacks;
#[path = "confidentiality/cast.rs"]
mod cast;
#[path = "confidentiality/crash.rs"]
mod crash;
#[path = "confidentiality/erased.rs"]
mod erased;
#[path = "confidentiality/full.rs"]
mod full;
#[path = "confidentiality/history.rs"]
mod history;
#[path = "confidentiality/keys.rs"]
mod keys;
#[path = "confidentiality/memory.rs"]
mod memory;
#[path = "confidentiality/night.rs"]
mod night;
#[path = "confidentiality/office.rs"]
mod office;
#[path = "confidentiality/offline.rs"]
mod offline;
#[path = "confidentiality/python.rs"]
mod python;
#[path = "confidentiality/readers.rs"]
mod readers;
#[path = "confidentiality/stored.rs"]
mod stored;
#[path = "confidentiality/swapped.rs"]
mod swapped;
#[path = "confidentiality/tokens.rs"]
mod tokens;
#[path = "confidentiality/verdicts.rs"]
mod verdicts;
