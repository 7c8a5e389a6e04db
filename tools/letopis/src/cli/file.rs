//! `letopis file`: what a case's file takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use letopis_proto::statement::v1::Purpose;
use letopis_types::{ActorId, StreamId};
use letopis_words::Lang;

use super::{ClassArg, SectionsOf, ServerArgs, SignArgs, Until, lang, purpose};

/// Which case, where, and in which language.
#[derive(Debug, Args)]
pub struct CaseArgs {
    /// The case's id
    pub case: StreamId,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language
    #[arg(long, value_parser = lang(), default_value_t)]
    pub lang: Lang,
}

/// The same for what is signed.
#[derive(Debug, Args)]
pub struct CaseActArgs {
    /// Which case
    #[command(flatten)]
    pub case: CaseArgs,
    /// How it is signed
    #[command(flatten)]
    pub sign: SignArgs,
}

/// See [`super::Command::File`].
#[derive(Debug, Subcommand)]
pub enum FileCommand {
    /// The file as you may see it; that you read it is recorded first
    Show {
        /// Which case
        #[command(flatten)]
        case: CaseArgs,
        /// Only sections of this class; may be repeated
        #[arg(long, value_enum, value_name = "CLASS")]
        class: Vec<ClassArg>,
    },
    /// Who was given what of the case, when and for what
    Readings {
        /// Which case
        #[command(flatten)]
        case: CaseArgs,
        /// In the form for the person concerned: date, agency, role, purpose in words
        #[arg(long)]
        for_person: bool,
    },
    /// Who may read the case now, by which rule
    Access(CaseArgs),
    /// Why somebody may or may not read something
    Explain {
        /// Which case
        #[command(flatten)]
        case: CaseArgs,
        /// The event, by its number in the file; without, the steps of the case as such
        #[arg(long, value_name = "N")]
        event: Option<u64>,
        /// Of the case's protected part
        #[arg(long)]
        protected: bool,
        /// Who would read [default: you]
        #[arg(long, value_name = "ACTOR")]
        actor: Option<ActorId>,
        /// What they would read it for [default: what you ask for]
        #[arg(long, value_name = "PURPOSE", value_parser = purpose)]
        actor_purpose: Option<Purpose>,
    },
    /// Give an agency or a person just the sections that you list
    Share {
        /// Which case, and how it is signed
        #[command(flatten)]
        act: CaseActArgs,
        /// Who receives it: the id of an agency or of an actor
        #[arg(long, value_name = "ID")]
        to: ActorId,
        /// Sections of an event, as the file shows them: 3:0, or 4:0,1; may be repeated
        #[arg(long, value_name = "N:INDEX", required = true)]
        event: Vec<SectionsOf>,
        /// Why, and on which ground
        #[command(flatten)]
        basis: ShareArgs,
        /// Until this day, or minute: 2026-12-31, 2026-12-31T17:00 [default: until the case is closed]
        #[arg(long, value_name = "WHEN")]
        until: Option<Until>,
    },
    /// Emergency access: at once, for a short time, reviewed afterwards
    #[command(subcommand)]
    BreakGlass(BreakGlassCommand),
    /// Destroy what sections say, for ever; takes data protection officer and director
    Erase {
        /// Which case, and how it is signed
        #[command(flatten)]
        act: CaseActArgs,
        /// Every section of this class
        #[arg(long, value_enum, value_name = "CLASS", required_unless_present = "event")]
        class: Option<ClassArg>,
        /// One section, as the file shows it: 3:0
        #[arg(long, value_name = "N:INDEX", conflicts_with = "class")]
        event: Option<SectionsOf>,
        /// In the case's protected part
        #[arg(long)]
        protected: bool,
        /// On which ground, and why
        #[arg(long, value_name = "TEXT")]
        ground: String,
    },
    /// Bar erasure in the case, or no longer
    #[command(subcommand)]
    Hold(HoldCommand),
    /// Readings as they are recorded; goes on until it is stopped
    Watch {
        /// Only of this case; may be repeated
        #[arg(value_name = "CASE")]
        cases: Vec<StreamId>,
        /// Which server
        #[command(flatten)]
        server: ServerArgs,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
        /// From this sequence on
        #[arg(long, value_name = "SEQUENCE", default_value_t = 0)]
        from: u64,
        /// End after so many readings and alerts
        #[arg(long, value_name = "N")]
        count: Option<u64>,
    },
}

/// Why something is shared.
#[derive(Debug, Args)]
pub struct ShareArgs {
    /// Why the receiver needs it
    #[arg(long, value_name = "TEXT")]
    pub necessity: String,
    /// The ground's code in the profile, such as 16-1
    #[arg(long, value_name = "CODE")]
    pub ground: String,
    /// The article
    #[arg(long, value_name = "TEXT")]
    pub article: String,
    /// What is given, and what not
    #[arg(long, value_name = "TEXT")]
    pub what: String,
    /// What the receiver is: social, police, prosecutor, court, municipality, health, school, provider,
    /// agency or other
    #[arg(long, value_name = "KIND")]
    pub receiver: String,
}

/// See [`FileCommand::BreakGlass`].
#[derive(Debug, Subcommand)]
pub enum BreakGlassCommand {
    /// Open it, for yourself; read then with --purpose emergency
    Open {
        /// Which case, and how it is signed
        #[command(flatten)]
        act: CaseActArgs,
        /// The danger that can't wait
        #[arg(long, value_name = "TEXT")]
        danger: String,
        /// A class that is needed; may be repeated [default: normal and restricted]
        #[arg(long, value_enum, value_name = "CLASS")]
        class: Vec<ClassArg>,
        /// For how many hours
        #[arg(long, value_name = "N", default_value_t = 8,
            value_parser = clap::value_parser!(u32).range(1..=24))]
        hours: u32,
    },
    /// End it before its time
    Close {
        /// Which case, and how it is signed
        #[command(flatten)]
        act: CaseActArgs,
        /// Which opening, by its number in the file [default: the last one]
        #[arg(long, value_name = "N")]
        event: Option<u64>,
    },
    /// Say whether it was justified; takes data protection officer and head of department
    Review {
        /// Which case, and how it is signed
        #[command(flatten)]
        act: CaseActArgs,
        /// Which opening, by its number in the file [default: the last one]
        #[arg(long, value_name = "N")]
        event: Option<u64>,
        /// Whether it was justified
        #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set)]
        justified: bool,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reasons: String,
    },
}

/// See [`FileCommand::Hold`].
#[derive(Debug, Subcommand)]
pub enum HoldCommand {
    /// Bar erasure
    Set {
        /// Which case, and how it is signed
        #[command(flatten)]
        act: CaseActArgs,
        /// Why
        #[arg(long, value_name = "TEXT")]
        ground: String,
    },
    /// No longer bar it
    Lift {
        /// Which case, and how it is signed
        #[command(flatten)]
        act: CaseActArgs,
        /// Why
        #[arg(long, value_name = "TEXT")]
        ground: String,
    },
}

/// See [`super::Command::Act`].
#[derive(Debug, Subcommand)]
pub enum ActCommand {
    /// What an act says that waits for signatures, and whose are still missing
    Show {
        /// The act's file
        file: PathBuf,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
    /// Sign an act that waits for your signature
    Sign {
        /// The act's file; your signature is added to it
        file: PathBuf,
        /// With which key
        #[command(flatten)]
        keys: super::KeyArgs,
        /// Don't ask
        #[arg(long)]
        yes: bool,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
    /// Record an act that everybody has signed
    Send {
        /// The act's file
        file: PathBuf,
        /// Which server, and in whose name it is called
        #[command(flatten)]
        server: ServerArgs,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
}
