//! Errors, split by what the caller does about them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use letopis_crypto::sign::SignatureError;
use letopis_log::checkpoint::CheckpointError;
use letopis_log::merkle::{ConsistencyError, InclusionError};
use letopis_proto::error::v1::Reason;
use letopis_types::{LedgerId, Sequence, StreamKey, Version};
use tonic::Code;

use crate::draft::DraftError;
use crate::genesis::GenesisError;
use crate::identity::SignerError;
use crate::key_file::KeyFileError;
use crate::tls::TlsError;
use crate::trust::Evidence;

/// Why the SDK did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The ledger refused: correct what is wrong, or read again and decide again. The same will be
    /// refused again.
    #[error("the ledger refused: {0}")]
    Refused(Box<Refused>),
    /// Not reachable or not ready, also after the attempts allowed. The same may be sent again
    /// later; a statement may or may not be in the record by then, and is recorded once.
    #[error("not done after {attempts} attempts: {message}; the same may be sent again later")]
    Unavailable {
        /// How often it was tried.
        attempts: u32,
        /// The reason given last; [`Reason::Unspecified`] where there was none.
        reason: Reason,
        /// What was said last.
        message: String,
    },
    /// Something that the ledger answered is not shown to be true: stop, keep the evidence, have
    /// it looked at.
    #[error("not to be trusted: {0}")]
    Distrust(Box<Distrust>),
    /// Something on this side is wrong: arguments, files, configuration.
    #[error(transparent)]
    Usage(Box<Usage>),
}

impl From<Refused> for ClientError {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

impl From<Distrust> for ClientError {
    fn from(distrust: Distrust) -> Self {
        Self::Distrust(Box::new(distrust))
    }
}

impl From<Usage> for ClientError {
    fn from(usage: Usage) -> Self {
        Self::Usage(Box::new(usage))
    }
}

impl From<DraftError> for ClientError {
    fn from(error: DraftError) -> Self {
        Usage::from(error).into()
    }
}

impl From<KeyFileError> for ClientError {
    fn from(error: KeyFileError) -> Self {
        Usage::from(error).into()
    }
}

impl ClientError {
    /// The refusal, where it is one.
    #[must_use]
    pub fn refused(&self) -> Option<&Refused> {
        match self {
            Self::Refused(refused) => Some(refused),
            _ => None,
        }
    }

    /// The reason for distrust, where it is that.
    #[must_use]
    pub fn distrust(&self) -> Option<&Distrust> {
        match self {
            Self::Distrust(distrust) => Some(distrust),
            _ => None,
        }
    }
}

/// What the ledger says when it refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// The public reason, whose text in the protos says what to do; [`Reason::Unspecified`] where
    /// the server gave none or one that is not known here.
    pub reason: Reason,
    /// The gRPC code.
    pub code: Code,
    /// What is wrong and what to do, for a person to read.
    pub message: String,
    /// Particulars by name, as the reason's text promises them.
    pub metadata: BTreeMap<String, String>,
}

/// What the ledger answered that is not shown to be true.
#[derive(Debug, thiserror::Error)]
pub enum Distrust {
    /// The answer lacks something, or something in it has not the form that it must have.
    #[error("the answer is malformed: {what}")]
    Malformed {
        /// What.
        what: &'static str,
    },
    /// A checkpoint is not signed by the ledger's key, or is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The ledger signed two roots for one size: two histories.
    #[error("FORK: the ledger signed two logs of {size} events; {evidence}")]
    Fork {
        /// The size.
        size: Sequence,
        /// Both checkpoints, and where they were kept.
        evidence: Box<Evidence>,
    },
    /// The ledger does not show that one signed log is the beginning of another.
    #[error(
        "FORK: the log of {from} events is not shown to be the beginning of that of {to}; \
         {evidence}"
    )]
    Inconsistent {
        /// The smaller size.
        from: Sequence,
        /// The greater size.
        to: Sequence,
        /// Both checkpoints and the proof, and where they were kept.
        evidence: Box<Evidence>,
        /// What is wrong with the proof.
        source: ConsistencyError,
    },
    /// The ledger is shorter than it was.
    #[error("ROLLED BACK: the log had {known} events and is now shown with {claimed}; {evidence}")]
    RolledBack {
        /// Its size as known before.
        known: Sequence,
        /// Its size as claimed now.
        claimed: Sequence,
        /// Both checkpoints, and where they were kept.
        evidence: Box<Evidence>,
    },
    /// The log ends before what was read from it.
    #[error("ROLLED BACK: the log is known to have {known} events, and ends before")]
    LogEnds {
        /// How many events it is known to have.
        known: Sequence,
    },
    /// A link binds other hashes than those of what it is said to bind.
    #[error("the link at {sequence} is not of this {what}")]
    OtherLink {
        /// The link's place.
        sequence: Sequence,
        /// Of what it is not.
        what: &'static str,
    },
    /// Links that follow one another do not chain.
    #[error("the log breaks at {sequence}: {what}")]
    Chain {
        /// Where.
        sequence: Sequence,
        /// How.
        what: &'static str,
    },
    /// A link is not shown to be in the log.
    #[error("the link at {sequence} is not shown to be in the log")]
    Inclusion {
        /// The link's place.
        sequence: Sequence,
        /// What is wrong with the proof.
        source: InclusionError,
    },
    /// The answer is another event, or one of another stream or ledger, than was asked for.
    #[error("the answer is of another {what} than was asked for")]
    OtherEvent {
        /// What differs.
        what: &'static str,
    },
    /// A signature under a statement does not hold.
    #[error("signature {index} of the statement at {sequence} does not hold")]
    Signature {
        /// The statement's place.
        sequence: Sequence,
        /// Which signer.
        index: usize,
        /// What is wrong with it; `None`: there is none, or there are too many.
        source: Option<SignatureError>,
    },
    /// The statements of a stream do not make the version or head that they are said to make.
    #[error("the statements of {stream} do not make the {what} that is claimed for it")]
    History {
        /// The stream.
        stream: StreamKey,
        /// What does not follow.
        what: &'static str,
    },
    /// A section is not what its author committed to.
    #[error("section {index} of version {version} of {stream} is not what was signed: {what}")]
    Section {
        /// The stream.
        stream: StreamKey,
        /// The statement's version.
        version: Version,
        /// The section.
        index: u32,
        /// What differs.
        what: &'static str,
    },
    /// What is said to be the ledger's genesis is not.
    #[error("the ledger's genesis does not hold")]
    Genesis(#[from] GenesisError),
}

/// What on this side keeps it from being done.
#[derive(Debug, thiserror::Error)]
pub enum Usage {
    /// Not the URL of a server.
    #[error("{url} is not a URL such as https://ledger.example:7420 or http://127.0.0.1:7420")]
    Url {
        /// What was given.
        url: String,
    },
    /// `https` without a way to recognize the server, or one that can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The server is not recognized: its certificate is not accepted, or it speaks an older TLS.
    #[error(
        "the server is not recognized: {reason}; is it the right server, and the right \
             authority's file?"
    )]
    Certificate {
        /// Why not.
        reason: String,
    },
    /// Plain text to an address that is not this machine.
    #[error("{host} is not a loopback address: nothing goes there in plain text")]
    PlainText {
        /// The host.
        host: String,
    },
    /// The statement is for another ledger.
    #[error("the statement is for another ledger than {ledger}: sign for it")]
    OtherLedger {
        /// The ledger that this client speaks to.
        ledger: LedgerId,
    },
    /// The identity can't make tokens.
    #[error("the identity has no token key: have one enrolled")]
    NoTokenKey,
    /// What holds the token key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A ledger with the same id is known with another key.
    #[error("ledger {ledger} is known already with another key than the one given")]
    OtherKey {
        /// Which ledger.
        ledger: LedgerId,
    },
    /// The key's name is not `<name>/<ledger id>`.
    #[error("the verification key is not named after a ledger: <name>/<ledger id>")]
    KeyName,
    /// What the directory remembers of a ledger can't be read.
    #[error("{} is damaged: {what}; look at it, then move it away", path.display())]
    StoreDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A file can't be read or written.
    #[error("{} can't be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What came can't be written where it was to go.
    #[error("what came can't be written: {source}")]
    Output {
        /// Why.
        source: std::io::Error,
    },
    /// The draft is wrong.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The key file is wrong.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    Randomness(#[from] getrandom::Error),
    /// A work of this crate on another thread was lost.
    #[error("a thread of this program ended before it was done")]
    ThreadLost,
}
