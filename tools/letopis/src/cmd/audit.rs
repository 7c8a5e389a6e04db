//! `letopis audit`: what an auditor asks of a data directory, without a server.

pub(super) mod document;
pub(super) mod html;
mod parts;
mod replay;
mod report;
#[cfg(test)]
mod tests;
pub(super) mod text;

use std::time::Instant;

use letopis_ledger::verify::{Options, Verified};
use letopis_record::{DataDir, ReadOnlyDataDir};

use crate::cli::{AuditCommand, RecordArgs};
use crate::cmd::verify::{Earlier, check_key, options};
use crate::failure::Failure;

/// Runs the command. What does not hold is printed, and is the exit code 1.
///
/// # Errors
/// What does not hold, or kept it from being looked at.
pub fn run(command: &AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::Replay(args) => replay::run(args),
        AuditCommand::Report(args) => report::run(args),
    }
}

/// A record that is being looked at, and what the auditor holds against it.
struct Audited {
    dir: ReadOnlyDataDir,
    earlier: Option<Earlier>,
    began: Instant,
}

impl Audited {
    /// Also how it is to be verified.
    fn open(args: &RecordArgs) -> Result<(Self, Options), Failure> {
        let earlier = args.checkpoint.as_deref().map(Earlier::read).transpose()?;
        let size = earlier.as_ref().map(Earlier::size);
        let dir = DataDir::open_read_only(&args.data)?;
        let options = options(&dir, &args.kek, args.threads, size)?;
        Ok((Self { dir, earlier, began: Instant::now() }, options))
    }

    /// What was verified is of the key and the checkpoint that the auditor holds.
    fn check(&self, args: &RecordArgs, verified: &Verified) -> Result<(), Failure> {
        if let Some(key) = &args.vkey {
            check_key(verified, key)?;
        }
        self.earlier.as_ref().map_or(Ok(()), |earlier| earlier.check(verified))
    }
}
