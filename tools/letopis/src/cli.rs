//! What the command line takes.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use letopis_proto::accountability::v1::LogFormat;
use letopis_types::{AgencyId, PublicKey};
use letopis_words::Lang;

mod args;
mod audit;
mod case;
mod deidentified;
mod file;
mod lists;
mod office;

pub use args::{
    ClassArg, DayArg, KeyArgs, SectionsOf, ServerArgs, SignArgs, SignerArg, Since, StatementArgs,
    Until, purpose, signer_text,
};
pub use audit::{AuditCommand, RecordArgs, ReplayArgs, ReportArgs, ReportFormat};
pub use case::{AcceptLeadArgs, CaseCommand, HandOverArgs};
pub use deidentified::{
    CheckArgs, DeidentifiedCommand, GrainArg, MakeArgs, PageFormat, RecordSharedArgs, RenderArgs,
    ReviewArgs,
};
pub use file::{
    ActCommand, BreakGlassCommand, CaseActArgs, CaseArgs, FileCommand, HoldCommand, ShareArgs,
};
pub use lists::{
    ClocksArgs, DecisionsArgs, DutiesArgs, IndicatorsArgs, RegisterArg, RegisterArgs, WhoseArgs,
};
pub use office::{
    ActorCommand, KekArgs, KeyCommand, PolicyCommand, ProfileCommand, RecordCommand, RoleArg,
    ToArgs, VaultCommand,
};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "letopis",
    version,
    about = "Letopis: a case ledger for child protection that can answer for itself",
    after_help = "New here? `letopis demo` needs nothing and shows everything.\n\
        A trial of your own: `letopis init --data DIR --name my-trial`, then\n\
        `letopisd --data DIR`, then `letopis status --server http://127.0.0.1:7443`."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play one case from the signal to the closing, or a year; verify it, and let a change be found
    Demo(DemoArgs),
    /// Make a ledger: a trial at once, or a real one with its registrars' signatures
    Init(InitArgs),
    /// Keys: make, protect, hold, put out of use
    #[command(subcommand)]
    Key(KeyCommand),
    /// People who act: enrol them
    #[command(subcommand)]
    Actor(ActorCommand),
    /// Who may read and record what: the rules in force
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// What the law asks of a case: terms, articles, whose duty
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Verify a data directory offline: everything in it, without trust in the server
    Verify(VerifyArgs),
    /// For auditors, from a data directory alone: is the state what the record gives; what an inspection asks
    #[command(subcommand)]
    Audit(AuditCommand),
    /// What a server says of its ledger, checked
    Status(StatusArgs),
    /// The log, event by event
    Log(LogArgs),
    /// Cases
    #[command(subcommand)]
    Case(CaseCommand),
    /// What is due, the most urgent first; or as it changes
    Clocks(ClocksArgs),
    /// What somebody owes: as lead, by an office, by a commitment
    Duties(DutiesArgs),
    /// What was signed: by one actor, of one kind, in a time
    Decisions(DecisionsArgs),
    /// A register that the directorate keeps
    Register(RegisterArgs),
    /// Figures for policy and research, which name nobody: of a quarter or year that is over
    Indicators(IndicatorsArgs),
    /// A case's file: read it, who read it, share, emergency access, erasure
    #[command(subcommand)]
    File(FileCommand),
    /// Sign a statement of any kind from a form; --template KIND prints one to fill in
    Sign(StatementArgs),
    /// Acts that wait for somebody's signature
    #[command(subcommand)]
    Act(ActCommand),
    /// The vault of sections' keys
    #[command(subcommand)]
    Vault(VaultCommand),
    /// The record on the disk
    #[command(subcommand)]
    Record(RecordCommand),
    /// Receipts: proof that a statement is in the record
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// Bring a history along from an older system
    #[command(subcommand)]
    Import(ImportCommand),
    /// Take cases out, for other programs; the reading is recorded first
    #[command(subcommand)]
    Export(ExportCommand),
    /// Measure a ledger on this machine
    Bench(BenchArgs),
    /// The server, as `letopisd` is; for `bench`, which measures it in a process of its own
    #[command(hide = true)]
    Serve(letopisd::config::Config),
}

/// The languages of what a person reads.
fn lang() -> impl TypedValueParser<Value = Lang> {
    let value = |lang: Lang| PossibleValue::new(lang.code()).help(lang.name());
    PossibleValuesParser::new(Lang::ALL.map(value)).try_map(|code| code.parse())
}

/// See [`Command::Demo`].
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Play a year in a district instead, simulated from a seed
    #[arg(long)]
    pub year: bool,
    /// The seed: the same one gives the same year
    #[arg(long, value_name = "N", default_value_t = 1, requires = "year")]
    pub seed: u64,
    /// About how many children the year's signals are
    #[arg(long, value_name = "N", default_value_t = 400, requires = "year",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub children: u32,
    /// Keep the ledger in this directory, which must not exist or be empty
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Language of the case and its timeline
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`Command::Init`].
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where the ledger is to lie; must not exist or be empty
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The ledger's name, for people; the first part of its origin unless --origin says otherwise
    #[arg(long, value_name = "NAME", required_unless_present = "signature")]
    pub name: Option<String>,
    /// DNS-like name that stands in every checkpoint, such as ledger.example.org
    #[arg(long, value_name = "DNS-NAME")]
    pub origin: Option<String>,
    /// A registrar's public key, 64 hex digits; three or more make a real ledger, none a trial
    #[arg(long, value_name = "PUBLIC_KEY")]
    pub registrar: Vec<PublicKey>,
    /// Second step of a real ledger: what `letopis key sign-genesis` printed for each registrar
    #[arg(long, value_name = "SIGNATURE", conflicts_with_all = ["name", "origin", "registrar"])]
    pub signature: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// See [`Command::Verify`].
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The data directory, or a copy of it; no server may be using it
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// A checkpoint from before: the record must be a continuation of it
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// Where the vault's key-encryption key is; without it the sections stay closed
    #[command(flatten)]
    pub kek: KekArgs,
    /// Threads that check [default: one per core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// See [`Command::Status`].
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`Command::Log`].
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
    /// First sequence to show
    #[arg(long, value_name = "SEQUENCE", default_value_t = 0)]
    pub from: u64,
    /// Go on with what comes
    #[arg(long)]
    pub follow: bool,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`Command::Receipt`].
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "made once, from the command line")]
pub enum ReceiptCommand {
    /// Fetch an event's receipt
    Get {
        /// The event: its sequence, or KIND/STREAM-ID/EVENT-ID
        event: String,
        /// Where to write it
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Which server
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Verify a receipt offline
    Verify {
        /// The receipt
        file: PathBuf,
        /// The ledger's verification key
        #[arg(long, value_name = "VKEY")]
        vkey: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// See [`Command::Import`].
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// A log in IEEE XES, plain or gzip, with a registrar's --key. A second run adds nothing; an
    /// interrupted one goes on
    Xes {
        /// The log
        file: PathBuf,
        /// Which server
        #[command(flatten)]
        server: ServerArgs,
    },
}

/// See [`Command::Export`].
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Histories that were imported, back as they came: one log in IEEE XES with what their sections
    /// hold, read with a registrar's --key
    #[command(
        after_help = "Внесените истории, върнати каквито са дошли, с лични данни. За случаите в \
        самия дневник: letopis export log."
    )]
    Xes {
        /// Which server
        #[command(flatten)]
        server: ServerArgs,
        /// Where to write; gzip if the name ends in .gz
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Cases as they stand in the record, for process mining and tables: facts alone (kinds, times, random
    /// ids, hashes), of the cases that you may see
    #[command(
        after_help = "Случаите в самия дневник: само факти, без раздели и имена. Файлът не е \
        анонимен. За внесени истории: letopis export xes."
    )]
    Log(ExportLogArgs),
}

/// The form of an exported log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormatArg {
    /// IEEE XES, as process mining programs read it
    Xes,
    /// A table with a row for each event
    Csv,
}

impl From<LogFormatArg> for LogFormat {
    fn from(format: LogFormatArg) -> Self {
        match format {
            LogFormatArg::Xes => Self::Xes,
            LogFormatArg::Csv => Self::Csv,
        }
    }
}

/// See [`ExportCommand::Log`].
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").required(true).multiple(true).args(["holder", "from", "to"]))]
pub struct ExportLogArgs {
    /// In which form
    #[arg(long, value_enum)]
    pub format: LogFormatArg,
    /// Only cases that this agency holds
    #[arg(long, value_name = "AGENCY")]
    pub holder: Option<AgencyId>,
    /// Only cases of which something was recorded on this day (2026-01-31) or later; each is told whole
    #[arg(long, value_name = "DAY")]
    pub from: Option<Since>,
    /// Only cases of which something was recorded through this day, or before this minute
    #[arg(long, value_name = "DAY")]
    pub to: Option<Until>,
    /// At most so many cases, or nothing is written [default: 10,000, and no more than that]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub cases_max: u32,
    /// Where to write; gzip if the name ends in .gz
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Which server, and your key
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BenchPart {
    /// Bringing a history along, verifying it, starting
    Import,
    /// Reading sections, under the policy; of the imported ledger, so that it is imported first
    Reading,
    /// Recording, with and without a policy, with and without the procedure
    Append,
    /// Answering for many cases: how they stand, what is due, what was known; rebuilding the state
    Answer,
}

/// See [`Command::Bench`].
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The log to import, in XES [default: one of 1,434 cases made up here]
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// How many times its cases are imported, each time as new ones
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub times: u32,
    /// How often to measure; the median is reported
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub rounds: u32,
    /// Measure this alone; may be repeated [default: everything]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub only: Vec<BenchPart>,
    /// Calls that read sections one after the other; ten times as many with others in flight
    #[arg(long, value_name = "N", default_value_t = 2000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub calls: u32,
    /// How many such calls are in flight at once
    #[arg(long, value_name = "N", default_value_t = 64,
        value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub in_flight: u32,
    /// Over how many connections
    #[arg(long, value_name = "N", default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=64))]
    pub connections: u32,
    /// Statements recorded in each turn, with and without these rules
    #[arg(long, value_name = "N", default_value_t = 5000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub appends: u32,
    /// Cases that are answered for, each of 20 events
    #[arg(long, value_name = "N", default_value_t = 2000,
        value_parser = clap::value_parser!(u32).range(20..=1_000_000))]
    pub cases: u32,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn bench(args: &[&str]) -> Result<BenchArgs, clap::Error> {
        match Cli::try_parse_from(["letopis", "bench"].iter().chain(args))?.command {
            Command::Bench(args) => Ok(args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_log_of_the_whole_world_is_not_asked_for() {
        let parses = |more: &[&str]| {
            let command = ["letopis", "export", "log", "--format", "csv", "--out", "log.csv"];
            Cli::try_parse_from(command.iter().chain(more)).is_ok()
        };
        let agency = "00000000-0000-4000-8000-000000000001";
        assert!(!parses(&[]) && !parses(&["--cases-max", "5"]));
        assert!(parses(&["--holder", agency]) && parses(&["--from", "2026-01-01"]));
        let period = ["--holder", agency, "--from", "2026-01-01", "--to", "2026-12-31"];
        assert!(parses(&period));
    }

    #[test]
    fn bench_measures_everything_unless_told_what() {
        let args = bench(&[]).unwrap();
        assert_eq!((args.times, args.rounds, args.only.len()), (1, 3, 0));
        assert_eq!((args.calls, args.in_flight, args.connections), (2000, 64, 1));
        assert_eq!(args.appends, 5000);

        let args = bench(&["--only", "reading", "--only", "append", "--in-flight", "8"]).unwrap();
        assert_eq!(args.only, [BenchPart::Reading, BenchPart::Append]);
        assert_eq!(args.in_flight, 8);
        for bad in [["--only", "writing"], ["--in-flight", "0"], ["--connections", "65"]] {
            assert!(bench(&bad).is_err(), "{bad:?}");
        }
    }
}
