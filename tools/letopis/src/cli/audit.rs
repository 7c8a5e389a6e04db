//! What an auditor asks of a data directory, without a server.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use letopis_log::VerifierKey;
use letopis_types::AgencyId;
use letopis_words::Lang;

use super::{DayArg, KekArgs, lang};

/// See [`super::Command::Audit`].
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Verify the record, rebuild everything that is folded from it, and compare the state that lies there
    Replay(ReplayArgs),
    /// Verify the record, and write what an inspection asks: what was late, marked, read outside of case
    /// work, disputed, refused, left open, changed
    Report(ReportArgs),
}

/// Which record, and what the auditor holds against it.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The data directory, or a copy of it; no server may be using it, and nothing in it is written
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Your own checkpoint from before: the record must be a continuation of it
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// The ledger's verification key, from elsewhere than the directory
    #[arg(long, value_name = "VKEY")]
    pub vkey: Option<VerifierKey>,
    /// Where the vault's key-encryption key is; without it the sections stay closed
    #[command(flatten)]
    pub kek: KekArgs,
    /// Threads that check [default: one per core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`AuditCommand::Replay`].
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Which record
    #[command(flatten)]
    pub record: RecordArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReportFormat {
    /// For a person at a terminal
    #[default]
    Text,
    /// For a program; its names stay as they are
    Json,
    /// One page to print, which needs nothing else
    Html,
}

/// See [`AuditCommand::Report`].
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Which record
    #[command(flatten)]
    pub record: RecordArgs,
    /// The first day, as in Sofia: of when it was recorded, or due [default: from the beginning]
    #[arg(long, value_name = "DAY")]
    pub from: Option<DayArg>,
    /// The last day [default: to the end]
    #[arg(long, value_name = "DAY")]
    pub to: Option<DayArg>,
    /// Only files that this agency holds, or held before
    #[arg(long, value_name = "AGENCY")]
    pub agency: Option<AgencyId>,
    /// How it is written
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// Where to write it, in a new file that nobody else may read [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
