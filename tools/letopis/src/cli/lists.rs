//! What is listed across cases: clocks, duties, decisions, registers.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use letopis_proto::accountability::v1::Register;
use letopis_types::{ActorId, AgencyId};
use letopis_words::Lang;

use super::{ServerArgs, Since, Until, lang};

/// Of which cases.
#[derive(Debug, Args)]
pub struct WhoseArgs {
    /// Only of cases that this agency holds
    #[arg(long, value_name = "AGENCY")]
    pub holder: Option<AgencyId>,
    /// Only of cases that this actor leads
    #[arg(long, value_name = "ACTOR")]
    pub lead: Option<ActorId>,
    /// Only of cases of this region
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub region: Option<u32>,
}

impl WhoseArgs {
    /// The fields of a question: holder, lead, region.
    #[must_use]
    pub fn fields(&self) -> (Vec<u8>, Vec<u8>, u32) {
        let bytes = |id: Option<[u8; 16]>| id.map(Vec::from).unwrap_or_default();
        let (holder, lead) = (self.holder.map(|id| id.0), self.lead.map(|id| id.0));
        (bytes(holder), bytes(lead), self.region.unwrap_or_default())
    }
}

/// See [`super::Command::Clocks`].
#[derive(Debug, Args)]
pub struct ClocksArgs {
    /// Of which cases
    #[command(flatten)]
    pub whose: WhoseArgs,
    /// Only duties that ran out
    #[arg(long)]
    pub overdue: bool,
    /// Only what is due by the end of this day, or by this minute
    #[arg(long, value_name = "DAY")]
    pub until: Option<Until>,
    /// Go on telling what changes, until it is interrupted
    #[arg(long, conflicts_with_all = ["overdue", "until"])]
    pub watch: bool,
    /// Of a watch: end after so many files were told
    #[arg(long, value_name = "N", requires = "watch")]
    pub count: Option<u64>,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`super::Command::Duties`].
#[derive(Debug, Args)]
pub struct DutiesArgs {
    /// Whose [default: your own]
    #[arg(long, value_name = "ACTOR")]
    pub actor: Option<ActorId>,
    /// Only what is due by the end of this day, or by this minute
    #[arg(long, value_name = "DAY")]
    pub until: Option<Until>,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`super::Command::Decisions`].
#[derive(Debug, Args)]
pub struct DecisionsArgs {
    /// Who signed
    #[arg(long, value_name = "ACTOR", required_unless_present = "from")]
    pub actor: Option<ActorId>,
    /// Only of this kind, in English as the protos name it; may be given several times
    #[arg(long, value_name = "KIND")]
    pub kind: Vec<String>,
    /// Only what was recorded on this day or in this minute, or later; without an actor at most 31 days
    #[arg(long, value_name = "DAY")]
    pub from: Option<Since>,
    /// Only what was recorded by the end of this day, or by this minute
    #[arg(long, value_name = "DAY")]
    pub until: Option<Until>,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`super::Command::Register`].
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// Which register
    pub register: RegisterArg,
    /// Whose register
    #[arg(long, value_name = "AGENCY")]
    pub holder: AgencyId,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`super::Command::Indicators`].
#[derive(Debug, Args)]
pub struct IndicatorsArgs {
    /// The year
    #[arg(long, value_name = "YEAR")]
    pub year: u32,
    /// Which quarter of it, 1 to 4 [default: all that are over, and their sum]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4))]
    pub quarter: Option<u32>,
    /// Only of this region beside the whole country; 0: files of no region
    #[arg(long, value_name = "N")]
    pub region: Option<u32>,
    /// Only of this universe, such as signals; may be given several times
    #[arg(long, value_name = "CODE")]
    pub universe: Vec<String>,
    /// Write the tables as CSV; a withheld cell is empty
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write a chart of each breakdown of the whole country into this directory
    #[arg(long, value_name = "DIR")]
    pub svg: Option<PathBuf>,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// A register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RegisterArg {
    /// Children who need special protection
    SpecialProtection,
    /// Emergency placements in force
    EmergencyPlacements,
    /// Children who are placed outside their family
    PlacedChildren,
}

impl From<RegisterArg> for Register {
    fn from(register: RegisterArg) -> Self {
        match register {
            RegisterArg::SpecialProtection => Self::SpecialProtection,
            RegisterArg::EmergencyPlacements => Self::EmergencyPlacements,
            RegisterArg::PlacedChildren => Self::PlacedChildren,
        }
    }
}
