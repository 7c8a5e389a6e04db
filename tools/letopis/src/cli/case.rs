//! `letopis case`: what cases, one or many, take.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use letopis_types::{ActorId, StreamId};
use letopis_words::Lang;

use super::{CaseArgs, DeidentifiedCommand, ServerArgs, Until, WhoseArgs, lang};

/// See [`super::Command::Case`].
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// All cases, by id
    List {
        /// Which server
        #[command(flatten)]
        server: ServerArgs,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
    /// The cases that you may see, and how each stands
    Overview {
        /// Which of them
        #[command(flatten)]
        whose: WhoseArgs,
        /// Which server
        #[command(flatten)]
        server: ServerArgs,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
    /// One case's events; with --key their sections too, and that reading is recorded
    Show {
        /// The case's id
        case: StreamId,
        /// Which server
        #[command(flatten)]
        server: ServerArgs,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
    /// How a case stands: who is responsible, what is in force, what waits for a signature, what is due
    Status(CaseArgs),
    /// What happened, day by day, and what became of it
    Timeline(CaseArgs),
    /// How a decision came about: what it rests on, what its authors knew, what followed
    Trace {
        /// Which case
        #[command(flatten)]
        case: CaseArgs,
        /// The decision, by its number in the case
        #[arg(long, value_name = "N")]
        event: u64,
        /// Of the case's protected part
        #[arg(long)]
        protected: bool,
        /// Write the trace as W3C PROV too, for other programs: PROV-JSON, in this file
        #[arg(long, value_name = "FILE")]
        prov: Option<PathBuf>,
    },
    /// A case as the record had it at a moment, and what somebody had been given of it by then
    #[command(group = ArgGroup::new("moment").required(true).args(["size", "at"]))]
    AsKnownAt {
        /// Which case
        #[command(flatten)]
        case: CaseArgs,
        /// When the log had so many events
        #[arg(long, value_name = "N")]
        size: Option<u64>,
        /// Of what was recorded through this day, or before this minute: 2026-12-31, 2026-12-31T17:00
        #[arg(long, value_name = "TIME")]
        at: Option<Until>,
        /// Say of each event what they had been given
        #[arg(long, value_name = "ACTOR")]
        actor: Option<ActorId>,
    },
    /// Give all the open cases that somebody leads to another, or to nobody: the head signs. Safe to run
    /// again
    HandOver(HandOverArgs),
    /// Accept the cases that were handed over to you. Safe to run again
    AcceptLead(AcceptLeadArgs),
    /// A case for professional discussion: de-identified, reviewed and signed by a second person
    #[command(subcommand)]
    ShareDeidentified(DeidentifiedCommand),
}

/// See [`CaseCommand::HandOver`].
#[derive(Debug, Args)]
pub struct HandOverArgs {
    /// Who leads them now
    #[arg(long, value_name = "ACTOR")]
    pub from: ActorId,
    /// Who is to lead them; accepts at once where their --key follows the head's
    #[arg(long, value_name = "ACTOR", required_unless_present = "nobody", requires = "checked")]
    pub to: Option<ActorId>,
    /// There is no lead for now, and the head acts as lead
    #[arg(long, conflicts_with_all = ["to", "checked", "out"])]
    pub nobody: bool,
    /// Only this case; may be repeated [default: every open case of theirs that you may see]
    #[arg(long = "case", value_name = "CASE")]
    pub cases: Vec<StreamId>,
    /// How it was checked that the new lead has no conflict of interests; is signed in each case
    #[arg(long, value_name = "TEXT")]
    pub checked: Option<String>,
    /// Where to write what the new lead is to accept, if they don't sign here: until then they may not
    /// see the cases
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Don't ask: for scripts
    #[arg(long)]
    pub yes: bool,
    /// Which server, and the keys: the head's first
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`CaseCommand::AcceptLead`].
#[derive(Debug, Args)]
pub struct AcceptLeadArgs {
    /// What `letopis case hand-over --out` wrote
    pub file: PathBuf,
    /// Don't ask: for scripts
    #[arg(long)]
    pub yes: bool,
    /// Which server, and your key
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::cli::Cli;

    const ACTOR: &str = "00000000-0000-4000-8000-000000000001";

    #[test]
    fn a_case_is_known_at_one_moment() {
        let parses = |more: &[&str]| {
            let command = ["letopis", "case", "as-known-at", ACTOR];
            Cli::try_parse_from(command.iter().chain(more)).is_ok()
        };
        assert!(parses(&["--size", "1"]) && parses(&["--at", "2026-12-31T17:00"]));
        for wrong in [&[][..], &["--size", "1", "--at", "2026-12-31"], &["--at", "31.12.2026"]] {
            assert!(!parses(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn cases_go_to_somebody_who_was_checked_or_to_nobody() {
        let parses = |more: &[&str]| {
            let command = ["letopis", "case", "hand-over", "--from", ACTOR];
            Cli::try_parse_from(command.iter().chain(more)).is_ok()
        };
        assert!(parses(&["--to", ACTOR, "--checked", "Измислена декларация."]));
        assert!(parses(&["--nobody"]));
        for wrong in [
            &[][..],
            &["--to", ACTOR],
            &["--nobody", "--to", ACTOR, "--checked", "x"],
            &["--nobody", "--checked", "x"],
            &["--nobody", "--out", "file"],
        ] {
            assert!(!parses(wrong), "{wrong:?}");
        }
    }
}
