//! `letopis case share-deidentified`: a case for professional discussion.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use letopis_deidentified::Grain;
use letopis_types::PublicKey;
use letopis_words::Lang;

use super::{CaseActArgs, CaseArgs, ServerArgs, lang};

/// See [`super::CaseCommand::ShareDeidentified`].
#[derive(Debug, Subcommand)]
pub enum DeidentifiedCommand {
    /// Make the document of a case, look at it, and sign it as its author
    Make(MakeArgs),
    /// Look a document through that somebody else made, and sign that you did
    Review(ReviewArgs),
    /// Verify a document and its signatures, without a server
    Check(CheckArgs),
    /// The reviewed document for people to read: as text, or as a page to print
    Render(RenderArgs),
    /// Put the sharing on the record: signed by author and reviewer, with the document's digest
    Record(RecordSharedArgs),
}

/// See [`DeidentifiedCommand::Make`].
#[derive(Debug, Args)]
pub struct MakeArgs {
    /// Which case, and the author's key
    #[command(flatten)]
    pub case: CaseArgs,
    /// Where to write it, in a new file that nobody else may read
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// How exactly days and durations are told: the coarser, the safer
    #[arg(long, value_enum, default_value_t = GrainArg::Week)]
    pub grain: GrainArg,
    /// A kind of steps that is not told, such as ReviewHeld; may be repeated. That it was left out stands in
    /// the document, whether there are any or not
    #[arg(long, value_name = "KIND")]
    pub leave_out: Vec<String>,
    /// A text of your own that stands before the steps: what is to be discussed. Nobody else looks for
    /// names in it than you and the reviewer
    #[arg(long, value_name = "FILE")]
    pub introduction: Option<PathBuf>,
    /// Don't ask: for scripts
    #[arg(long)]
    pub yes: bool,
}

/// How exactly days are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GrainArg {
    /// To the day
    Day,
    /// To the week
    Week,
    /// In fours of weeks
    FourWeeks,
}

impl From<GrainArg> for Grain {
    fn from(grain: GrainArg) -> Self {
        match grain {
            GrainArg::Day => Self::Day,
            GrainArg::Week => Self::Week,
            GrainArg::FourWeeks => Self::FourWeeks,
        }
    }
}

/// See [`DeidentifiedCommand::Review`].
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// The document; the review is added to it
    pub file: PathBuf,
    /// What you looked at and found, in your own words: it goes with the document
    #[arg(long, value_name = "TEXT")]
    pub found: String,
    /// Don't ask: for scripts
    #[arg(long)]
    pub yes: bool,
    /// Which server, and the reviewer's key
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`DeidentifiedCommand::Check`].
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The document
    pub file: PathBuf,
    /// The author's public key, from elsewhere than the document
    #[arg(long, value_name = "KEY")]
    pub author: Option<PublicKey>,
    /// The reviewer's
    #[arg(long, value_name = "KEY")]
    pub reviewer: Option<PublicKey>,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// See [`DeidentifiedCommand::Render`].
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// The document
    pub file: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t)]
    pub format: PageFormat,
    /// Where to write it, in a new file that nobody else may read [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// How something to read is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum PageFormat {
    /// For a person at a terminal
    #[default]
    Text,
    /// One page to print, which needs nothing else
    Html,
}

/// See [`DeidentifiedCommand::Record`].
#[derive(Debug, Args)]
pub struct RecordSharedArgs {
    /// The document
    pub file: PathBuf,
    /// Of which case it is, and how it is signed: with the author's key and the reviewer's
    #[command(flatten)]
    pub act: CaseActArgs,
    /// Who receives it, in words: a network, a seminar, a supervisor
    #[arg(long, value_name = "TEXT")]
    pub to: String,
    /// Why they need it
    #[arg(long, value_name = "TEXT")]
    pub necessity: String,
    /// The ground's code in the profile, such as 16-1
    #[arg(long, value_name = "CODE")]
    pub ground: String,
    /// The article
    #[arg(long, value_name = "TEXT")]
    pub article: String,
    /// What the receiver is: social, police, prosecutor, court, municipality, health, school, provider,
    /// agency or other
    #[arg(long, value_name = "KIND", default_value = "other")]
    pub receiver: String,
}
