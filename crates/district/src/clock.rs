//! Driving a server's simulated clock: the file that `letopisd --simulated-clock` reads.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use letopis_client::TokenClock;

use crate::error::Error;

/// How often it is looked whether the server has caught up.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// How long the server may take for it: much may fall due at once.
const CATCH_UP: Duration = Duration::from_secs(600);

/// A clock in a file, which this process alone moves.
#[derive(Debug, Clone)]
pub struct ClockFile {
    path: PathBuf,
    seconds: Arc<AtomicU64>,
}

impl ClockFile {
    /// A clock that shows this time; seconds since 1970 UTC.
    ///
    /// # Errors
    /// [`Error::Clock`].
    pub fn create(path: &Path, seconds: i64) -> Result<Self, Error> {
        let this = Self { path: path.to_owned(), seconds: Arc::new(AtomicU64::new(0)) };
        this.advance(seconds)?;
        Ok(this)
    }

    /// What it shows, in seconds since 1970 UTC.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        i64::try_from(self.seconds.load(Ordering::Acquire)).unwrap_or(i64::MAX)
    }

    /// It shows this time from here on; an earlier one than before changes nothing.
    ///
    /// # Errors
    /// [`Error::Clock`].
    pub fn advance(&self, seconds: i64) -> Result<(), Error> {
        let seconds = u64::try_from(seconds).unwrap_or(0);
        if self.seconds.fetch_max(seconds, Ordering::AcqRel) >= seconds {
            return Ok(());
        }
        let next = beside(&self.path, ".next");
        let written = fs::write(&next, format!("{seconds}\n"));
        written
            .and_then(|()| fs::rename(&next, &self.path))
            .map_err(|source| Error::Clock { path: self.path.clone(), source })
    }

    /// Waits until the server has recorded all that fell due by now.
    ///
    /// # Errors
    /// [`Error::ClockNotKept`].
    pub async fn kept(&self) -> Result<(), Error> {
        let (began, kept) = (Instant::now(), beside(&self.path, ".kept"));
        loop {
            if read(&kept).is_ok_and(|kept| kept >= self.seconds()) {
                return Ok(());
            }
            if began.elapsed() > CATCH_UP {
                return Err(Error::ClockNotKept);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Forgets what a server said so far: before another one is started.
    ///
    /// # Errors
    /// [`Error::Clock`].
    pub fn forget_kept(&self) -> Result<(), Error> {
        match fs::remove_file(beside(&self.path, ".kept")) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Error::Clock { path: self.path.clone(), source })
            }
            _ => Ok(()),
        }
    }

    /// The same clock, for the tokens of calls.
    #[must_use]
    pub fn for_tokens(&self) -> TokenClock {
        let seconds = Arc::clone(&self.seconds);
        TokenClock::new(move || UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::Acquire)))
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(suffix);
    name.into()
}

fn read(path: &Path) -> io::Result<i64> {
    fs::read_to_string(path)?.trim().parse().map_err(io::Error::other)
}
