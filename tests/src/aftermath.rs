//! What a crash left.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::load::Acknowledged;
use crate::{Launch, finish, place, verified, verify};

/// What was found in a data directory after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aftermath {
    /// It verifies as it is.
    Whole,
    /// A change of segments was cut off: it verifies once it was opened again.
    Mended,
    /// A frame was cut off: it verifies once it was opened again, and an operator acknowledged
    /// the torn tail.
    Torn,
}

/// `verify` passes on what a crash left; or, where the last frame or the change of segments was
/// cut off, as soon as a copy was opened. Nothing that was acknowledged is in a torn tail.
///
/// # Panics
/// If it is not so.
#[track_caller]
pub fn after_crash(launch: &Launch, data: &Path, acknowledged: &[Acknowledged]) -> Aftermath {
    // From the openings before: looked at then, in a copy.
    acknowledge_torn(data);
    let said = verify(data);
    if said.code == Some(0) {
        verified(data);
        return Aftermath::Whole;
    }
    let folder = place::temporary("aftermath-");
    let copy = folder.path().join("data");
    copy_dir(data, &copy);
    launch.clone().data(&copy).port(0).start().stop();
    let torn = acknowledge_torn(&copy);
    let last = acknowledged.iter().map(|one| one.sequence.0).max();
    for first in &torn {
        assert!(last.is_none_or(|last| last < *first), "torn at {first}, acknowledged: {last:?}");
    }
    let again = verify(&copy);
    assert_eq!(again.code, Some(0), "{again}\nbefore it was opened once more:\n{said}");
    verified(&copy);
    if torn.is_empty() { Aftermath::Mended } else { Aftermath::Torn }
}

/// Acknowledges torn tails as an operator does who has looked at them; their first sequences.
///
/// # Panics
/// If they can't be renamed.
pub fn acknowledge_torn(data: &Path) -> Vec<u64> {
    let record = data.join("record");
    let names = fs::read_dir(&record).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    let torn: Vec<_> = names.filter(|name| name.starts_with("torn-")).collect();
    torn.iter()
        .map(|name| {
            let first = &name["torn-".len()..];
            fs::rename(record.join(name), record.join(format!("acknowledged-{first}"))).unwrap();
            first.parse().unwrap()
        })
        .collect()
}

/// A copy of a directory.
///
/// # Panics
/// If it can't be made.
pub fn copy_dir(from: &Path, to: &Path) {
    finish(Command::new("cp").arg("-a").arg(from).arg(to)).ok();
}
