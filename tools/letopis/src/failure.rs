//! What ends a command without success.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use letopis_client::{ClientError, Refused};
use letopis_ledger::verify::Fault;
use letopis_proto::error::v1::Reason;
use letopis_types::Sequence;
use letopis_words::Lang;

/// What ends a command without success. Its text is for a person, and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A record that does not verify.
    #[error("the record does not verify: {0}")]
    Fault(Fault),
    /// A file that can't be read or written.
    #[error("could not {action} {}: {source}", path.display())]
    Io {
        /// What failed.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What the ledger refused, with what a person at the command line does about it.
    #[error("the ledger refused: {refused}{}", hint(refused.reason))]
    Refused {
        /// What it says.
        refused: Box<Refused>,
    },
    /// What a rule of procedure refused, as a person reads it.
    #[error("{}", crate::cmd::sign::refusal(refused, *lang))]
    Rule {
        /// What the ledger says.
        refused: Box<Refused>,
        /// In which language it is told.
        lang: Lang,
    },
    /// An event that this version does not know.
    #[error("sequence {sequence} is not known to this version: use a newer one ({why})")]
    Unknown {
        /// Its place in the log.
        sequence: Sequence,
        /// What is not known.
        why: String,
    },
    /// Whatever a crate below says, and why.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// Anything else, with what caused it: some say that by themselves, some leave it to us.
    pub fn other<'a>(error: impl Into<Box<dyn Error + 'a>>) -> Self {
        let error = error.into();
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(because) = cause {
            let words = because.to_string();
            if !text.contains(&words) {
                text = format!("{text}: {words}");
            }
            cause = because.source();
        }
        Self::Other(text)
    }

    /// Why a statement was not recorded, in this language where a rule of procedure says it.
    #[must_use]
    pub fn of_append(error: ClientError, lang: Lang) -> Self {
        match error {
            ClientError::Refused(refused) if refused.reason == Reason::RuleBroken => {
                Self::Rule { refused, lang }
            }
            error => error.into(),
        }
    }

    /// A file that can't be read or written.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.into(), source }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused(refused) => Self::Refused { refused },
            error => Self::other(error),
        }
    }
}

/// What the reasons mean at the command line.
const fn hint(reason: Reason) -> &'static str {
    match reason {
        Reason::TokenMissing => "\nsay who you are: --key FILE, or --agent SOCKET",
        Reason::PurposeNotOfRole => {
            "\nsay what you do it for: --purpose; for a data protection officer it is \
             data_protection, for a registrar migration or data_protection, for an auditor \
             inspection, for a supervisor supervision, for a complaint handler complaint_review"
        }
        Reason::SeenStale => "\nsomething new was recorded meanwhile: look at it, and sign again",
        Reason::ProfileMissing => "\nadopt one: letopis profile adopt",
        Reason::PolicyMissing => "\nadopt one: letopis policy adopt",
        _ => "",
    }
}

macro_rules! others {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::other(error)
            }
        }
    )*};
}

others!(
    letopis_audit::ReplayError,
    letopis_client::DraftError,
    letopis_client::KeyFileError,
    letopis_ledger::CreateError,
    letopis_ledger::LedgerError,
    letopis_ledger::verify::VerifyError,
    letopis_record::DataDirError,
    letopis_vault::VaultError,
    letopisd::data::DataError,
    letopisd::keys::KeysError,
    letopisd::serve::ServeError,
);
