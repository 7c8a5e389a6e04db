//! What can go wrong in a simulated year.

use letopis_client::{ClientError, DraftError};

/// Why a year was not played to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line of the stories that is none: a mistake in this crate.
    #[error("a line of the stories is not understood: {line}")]
    Story {
        /// Which line.
        line: String,
    },
    /// The machine knows no time in Sofia.
    #[error("the time in Sofia is not known: {0}")]
    TimeZone(#[from] jiff::Error),
    /// A statement could not be made.
    #[error("{what}: {source}")]
    Draft {
        /// What was to be said.
        what: String,
        /// What is wrong with it.
        source: DraftError,
    },
    /// The ledger did not take what the rules let, or could not be asked.
    #[error("{what}: {source}")]
    Call {
        /// What was to be done.
        what: String,
        /// What the client says.
        source: Box<ClientError>,
    },
    /// The ledger took, or gave, what the rules forbid.
    #[error("{what}: this should have been refused")]
    NotRefused {
        /// What was tried.
        what: String,
    },
    /// A key could not be written.
    #[error(transparent)]
    Keys(#[from] letopis_client::KeyFileError),
    /// The clock's file.
    #[error("the simulated clock {path} could not be set: {source}", path = path.display())]
    Clock {
        /// Which file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The server did not follow its clock.
    #[error("the server did not follow the simulated clock: is it served with --simulated-clock?")]
    ClockNotKept,
}
