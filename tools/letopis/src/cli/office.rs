//! `letopis key`, `actor`, `policy`, `vault`, `record`: what an office and its operator take.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use letopis_proto::statement::v1::Role;
use letopis_vault::PinSource;
use letopis_words::Lang;

use super::{DayArg, ServerArgs, SignArgs, lang};

/// See [`super::Command::Key`].
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "made once, from the command line")]
pub enum KeyCommand {
    /// Make a key pair; prints the public key for `letopis init --registrar`
    New {
        /// The key file to write, mode 0600
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Protect the keys with a passphrase
        #[arg(long)]
        passphrase: bool,
        /// Take the passphrase from this file's first line, not from the terminal
        #[arg(long, value_name = "FILE", requires = "passphrase")]
        passphrase_file: Option<PathBuf>,
    },
    /// Protect a key file with a passphrase, or change the one that it has
    Passphrase {
        /// The key file
        file: PathBuf,
        /// Take the passphrases from this file, not from the terminal: on the last line the new one,
        /// before it the present one, if there is one
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Whose key it is; with --signer as others name you among an act's signers
    Show {
        /// The key file
        file: PathBuf,
        /// Print ACTOR:KEY:GRANT for --with
        #[arg(long)]
        signer: bool,
    },
    /// Hold keys for other programs: shows what is to be signed, and asks; locks after 5 minutes
    Agent {
        /// The key files; all of them have a passphrase
        #[arg(value_name = "KEYFILE", required = true)]
        keys: Vec<PathBuf>,
        /// Where programs find it (their --agent)
        #[arg(long, value_name = "SOCKET")]
        socket: PathBuf,
        /// Take the passphrases from this file, a line for each key, not from the terminal
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
    /// Put your own key out of use at once: it was lost, or somebody saw it
    Suspend {
        /// Which server, and whose key
        #[command(flatten)]
        server: ServerArgs,
        /// The key that signs calls, not the one that signs statements
        #[arg(long)]
        token: bool,
        /// Both
        #[arg(long, conflicts_with_all = ["token", "out"])]
        both: bool,
        /// How it is signed
        #[command(flatten)]
        sign: SignArgs,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
    /// Sign a prepared genesis; shows what it says and prints the signature
    SignGenesis {
        /// The file that `letopis init --registrar …` wrote
        #[arg(long, value_name = "FILE")]
        genesis: PathBuf,
        /// The registrar's key file; it then knows its ledger and grant
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Take the passphrase from this file's first line, not from the terminal
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
}

/// See [`super::Command::Actor`].
#[derive(Debug, Subcommand)]
pub enum ActorCommand {
    /// Enrol somebody with a new key and a role; takes two registrars (--key twice)
    Enrol {
        /// The key file to write for them, mode 0600
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Name and office, as others are to read them
        #[arg(long, value_name = "TEXT")]
        name: String,
        /// The role
        #[arg(long, value_enum, value_name = "ROLE")]
        role: RoleArg,
        /// The agency's id [default: a new one]
        #[arg(long, value_name = "ID")]
        agency: Option<letopis_types::ActorId>,
        /// Which server, and the registrars' keys
        #[command(flatten)]
        server: ServerArgs,
    },
}

/// The roles that somebody can be given on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the roles of the protos")]
pub enum RoleArg {
    SocialWorker,
    HeadOfDepartment,
    Director,
    Deputy,
    DutyOfficer,
    Superior,
    Provider,
    TeamMember,
    Supervisor,
    ComplaintHandler,
    DataProtectionOfficer,
    Auditor,
    Clerk,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::SocialWorker => Self::SocialWorker,
            RoleArg::HeadOfDepartment => Self::HeadOfDepartment,
            RoleArg::Director => Self::Director,
            RoleArg::Deputy => Self::Deputy,
            RoleArg::DutyOfficer => Self::DutyOfficer,
            RoleArg::Superior => Self::Superior,
            RoleArg::Provider => Self::Provider,
            RoleArg::TeamMember => Self::TeamMember,
            RoleArg::Supervisor => Self::Supervisor,
            RoleArg::ComplaintHandler => Self::ComplaintHandler,
            RoleArg::DataProtectionOfficer => Self::DataProtectionOfficer,
            RoleArg::Auditor => Self::Auditor,
            RoleArg::Clerk => Self::Clerk,
        }
    }
}

/// See [`super::Command::Policy`].
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// The rules in force, in words; with --text as they were signed
    Show {
        /// Which server
        #[command(flatten)]
        server: ServerArgs,
        /// The whole text
        #[arg(long)]
        text: bool,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
    /// Adopt a policy; takes the data protection officer and two registrars
    Adopt {
        /// Which server, and the keys (--key for each signer, the officer's first)
        #[command(flatten)]
        server: ServerArgs,
        /// The policy's text [default: the Bulgarian one]
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// How it is signed
        #[command(flatten)]
        sign: SignArgs,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
}

/// See [`super::Command::Profile`].
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// The rules in force: what each term is, where it stands, whose duty; with --text as signed
    Show {
        /// Which server
        #[command(flatten)]
        server: ServerArgs,
        /// The whole text
        #[arg(long)]
        text: bool,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
    /// Adopt rules of procedure; takes a director and two registrars
    Adopt {
        /// The profile's text, in TOML [default: the Bulgarian one]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// In force from this day on, such as 2027-01-01 [default: from when it is recorded]
        #[arg(long, value_name = "DAY")]
        from: Option<DayArg>,
        /// Which server, and the keys (--key for each signer, the director's first)
        #[command(flatten)]
        server: ServerArgs,
        /// How it is signed
        #[command(flatten)]
        sign: SignArgs,
        /// Language
        #[arg(long, value_parser = lang(), default_value_t)]
        lang: Lang,
    },
}

/// See [`super::Command::Vault`].
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Exchange the vault's keys: what was erased before is then gone from this disk for ever
    Rotate {
        /// The data directory; no server may be using it
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Where the present key-encryption key is
        #[command(flatten)]
        kek: KekArgs,
        /// Where the next one is to be
        #[command(flatten)]
        to: ToArgs,
    },
    /// When the vault's keys were last exchanged, and what was erased since
    Status {
        /// The data directory
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Where the key-encryption key is
        #[command(flatten)]
        kek: KekArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Where the vault's key-encryption key is, named as `letopisd` names it.
#[derive(Debug, Default, Args)]
pub struct KekArgs {
    /// In a PKCS#11 token: its library [default: in the data directory's own file]
    #[arg(long = "kek-module", value_name = "FILE", requires_all = ["kek_token", "kek_key", "kek_pin"])]
    pub kek_module: Option<PathBuf>,
    /// The token's label
    #[arg(long = "kek-token", value_name = "LABEL", requires = "kek_module")]
    pub kek_token: Option<String>,
    /// The key's label in the token
    #[arg(long = "kek-key", value_name = "LABEL", requires = "kek_module")]
    pub kek_key: Option<String>,
    /// Where the token's PIN is: file:PATH, env:NAME or fd:NUMBER
    #[arg(long = "kek-pin", value_name = "SOURCE", requires = "kek_module")]
    pub kek_pin: Option<PinSource>,
}

/// Where the vault's next key-encryption key is to be.
#[derive(Debug, Default, Args)]
pub struct ToArgs {
    /// In a new file [default, unless the present one is in a token: that one again]
    #[arg(long, conflicts_with = "to_module")]
    pub to_file: bool,
    /// In a PKCS#11 token: its library; the key is made there if it is not there
    #[arg(long, value_name = "FILE", requires_all = ["to_token", "to_key", "to_pin"])]
    pub to_module: Option<PathBuf>,
    /// The token's label
    #[arg(long, value_name = "LABEL", requires = "to_module")]
    pub to_token: Option<String>,
    /// The key's label in the token
    #[arg(long, value_name = "LABEL", requires = "to_module")]
    pub to_key: Option<String>,
    /// Where the token's PIN is: file:PATH, env:NAME or fd:NUMBER
    #[arg(long, value_name = "SOURCE", requires = "to_module")]
    pub to_pin: Option<PinSource>,
}

/// See [`super::Command::Record`].
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    /// Take the sealed bytes of erased sections out of the record's closed segments; verifies first
    Compact {
        /// The data directory; no server may be using it
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Where the vault's key-encryption key is; without it the sections stay closed
        #[command(flatten)]
        kek: KekArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}
