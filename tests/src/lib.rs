//! From outside: real server process, real clients, real data, faults.
//!
//! What the tests beside share: the binaries as a user would have them ([`binaries`]), a trial
//! ledger and a server process over it ([`Trial`], [`Server`]), a load that keeps account of what
//! was acknowledged ([`load`]), exports and traces held against what was asked ([`exports`], [`traces`]), chance
//! that can be had again ([`Dice`]), and where everything lies ([`place`]).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

mod aftermath;
mod binaries;
mod dice;
pub mod exports;
mod finished;
mod hmac;
pub mod load;
pub mod logs;
pub mod place;
mod server;
pub mod small_disk;
pub mod traces;
mod trial;

pub use aftermath::{Aftermath, acknowledge_torn, after_crash, copy_dir};
pub use binaries::{Binaries, binaries};
pub use dice::Dice;
pub use finished::{Finished, finish};
pub use hmac::hmac;
pub use server::{Launch, Server};
pub use trial::{Trial, verified, verify};

use std::time::Duration;

/// How often something is repeated: what the variable says, otherwise the second number, or the
/// third where `LETOPIS_LONG` is 1.
///
/// # Panics
/// If the variable is not a number.
#[must_use]
pub fn rounds(variable: &str, default: u32, long: u32) -> u32 {
    if let Ok(text) = std::env::var(variable) {
        return text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}"));
    }
    if is_long() { long } else { default }
}

/// Whether `LETOPIS_LONG` is 1.
#[must_use]
pub fn is_long() -> bool {
    std::env::var("LETOPIS_LONG").is_ok_and(|value| value == "1")
}

/// A random time between two.
///
/// # Panics
/// If the system gives no randomness.
#[must_use]
pub fn random_between(least: Duration, most: Duration) -> Duration {
    let part = getrandom::u64().unwrap() as f64 / u64::MAX as f64;
    least + (most - least).mul_f64(part)
}

/// Smallest, median and largest, in milliseconds.
#[must_use]
pub fn in_millis(times: &[Duration]) -> String {
    let mut millis: Vec<_> = times.iter().map(Duration::as_millis).collect();
    millis.sort_unstable();
    match millis.as_slice() {
        [] => "none".to_owned(),
        [least, .., most] => {
            format!("{least}/{}/{most} ms (min/median/max)", millis[millis.len() / 2])
        }
        [one] => format!("{one} ms"),
    }
}
