//! How a ledger is served, and what every method does alike.

use std::pin::Pin;
use std::time::Duration;

use letopis_ledger::{Ledger, LedgerError};
use letopis_proto::error::v1::Reason;
use tokio::sync::watch;
use tokio_stream::Stream;
use tonic::Status;

use crate::authority::Admission;
use crate::status::Told;

/// The longest message taken: a statement with 32 sections of 1 MiB, and what is around them.
pub const MESSAGE_BYTES_MAX: usize = 34 << 20;

/// Entries of a page where the caller does not say.
const PAGE_DEFAULT: u32 = 100;

/// The most entries of a page.
const PAGE_MAX: u32 = 200;

/// What a streaming RPC answers.
pub type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// The longest that a token carries a stream.
pub const STREAM_MAX: Duration = Duration::from_secs(15 * 60);

/// How a ledger is served.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whose calls are answered.
    pub admission: Admission,
    /// How long a token carries a stream; [`STREAM_MAX`], but in tests.
    pub stream_max: Duration,
    /// Becomes true when the server is going down; streams end then.
    pub stopping: watch::Receiver<bool>,
}

/// Asks the ledger on a thread that may block, once the state knows of everything acknowledged.
///
/// # Errors
/// The question's, as the caller is told.
pub async fn ask<T: Send + 'static>(
    ledger: &Ledger,
    question: impl FnOnce(&Ledger) -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, Told> {
    ledger.caught_up().await?;
    ask_now(ledger, question).await
}

/// The same without waiting for the state: where the call has waited for it before, or asks nothing
/// of it.
///
/// # Errors
/// The question's, as the caller is told.
pub async fn ask_now<T: Send + 'static>(
    ledger: &Ledger,
    question: impl FnOnce(&Ledger) -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, Told> {
    let ledger = ledger.clone();
    let answer = tokio::task::spawn_blocking(move || question(&ledger)).await;
    Ok(answer.map_err(|_| Told::lost())??)
}

/// The entries that a page may have, of those asked for.
///
/// # Errors
/// [`Reason::PageSizeTooLarge`].
pub fn page_size(asked: u32) -> Result<usize, Told> {
    match asked {
        0 => Ok(PAGE_DEFAULT as usize),
        1..=PAGE_MAX => Ok(asked as usize),
        _ => Err(Told::new(Reason::PageSizeTooLarge, "a page has at most 200 entries")),
    }
}
