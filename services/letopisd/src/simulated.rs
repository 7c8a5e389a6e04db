//! A clock that somebody else drives: a file with the time, for trials in which a year passes in a minute.
//!
//! The file holds one line: seconds since 1970 UTC, as a decimal number. Whoever drives the clock replaces it
//! (writes another file and renames it), and each look at the clock reads it. Beside it, with `.kept` behind
//! its name, the server writes up to which time it has recorded what nobody sends it: missed deadlines,
//! counts of refusals, erasures that became final. A driver that waits for that has them at their times.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use letopis_ledger::{Clock, Ledger, LedgerError};
use letopis_types::Timestamp;

/// How often it is looked whether the clock went on.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Longer than any time in seconds.
const FILE_BYTES_MAX: usize = 32;

/// Why there is no such clock.
#[derive(Debug, thiserror::Error)]
pub enum SimulatedError {
    /// The file says no time.
    #[error(
        "{} holds no time: write seconds since 1970 UTC into it, one number in one line", path.display()
    )]
    NoTime {
        /// Which file.
        path: PathBuf,
    },
    /// A real ledger keeps real time.
    #[error(
        "this is not a trial ledger: only a trial takes its time from a file; leave out --simulated-clock"
    )]
    NotTrial,
}

/// A clock in a file. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SimulatedClock {
    file: PathBuf,
    /// The latest second that it showed: it never goes back.
    latest: Arc<AtomicU64>,
}

impl SimulatedClock {
    /// The clock in this file, which must hold a time.
    ///
    /// # Errors
    /// [`SimulatedError::NoTime`].
    pub fn open(file: &Path) -> Result<Self, SimulatedError> {
        let seconds = read(file).ok_or_else(|| SimulatedError::NoTime { path: file.to_owned() })?;
        Ok(Self { file: file.to_owned(), latest: Arc::new(AtomicU64::new(seconds)) })
    }

    /// What it shows, in seconds since 1970 UTC. While the file can't be read, what it showed last.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        let seconds = read(&self.file).unwrap_or(0);
        self.latest.fetch_max(seconds, Ordering::AcqRel).max(seconds)
    }

    /// As the clock of a ledger.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let this = self.clone();
        Clock::new(move || Timestamp::from_seconds(this.seconds()))
    }

    /// Only a trial may have such a clock.
    ///
    /// # Errors
    /// [`SimulatedError::NotTrial`].
    pub fn check(ledger: &Ledger) -> Result<(), SimulatedError> {
        if ledger.is_trial() { Ok(()) } else { Err(SimulatedError::NotTrial) }
    }

    /// Whenever the clock went on: records what fell due, and says up to when. Ends with its task, or when
    /// the ledger has stopped.
    pub async fn keep(self, ledger: Ledger, backup_days: Option<u32>) {
        let mut kept = None;
        loop {
            let now = self.seconds();
            if kept != Some(now) {
                let done = record_due(&ledger, backup_days).await;
                if let Err(error) = done.map_err(io::Error::other).and_then(|()| self.tell(now)) {
                    tracing::error!(%error, "what fell due by the simulated clock was not recorded");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
                kept = Some(now);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn tell(&self, seconds: u64) -> io::Result<()> {
        let beside = |suffix: &str| {
            let mut name = self.file.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        fs::write(beside(".kept-next"), format!("{seconds}\n"))?;
        fs::rename(beside(".kept-next"), beside(".kept"))
    }
}

/// All that fell due by now, however much it is.
async fn record_due(ledger: &Ledger, backup_days: Option<u32>) -> Result<(), LedgerError> {
    loop {
        // What starts and stops clocks is in the state before it is asked.
        ledger.caught_up().await?;
        if ledger.record_missed_deadlines().await? == 0 {
            break;
        }
    }
    ledger.count_refusals().await?;
    if let Some(days) = backup_days {
        ledger.complete_erasures(days).await?;
    }
    Ok(())
}

fn read(file: &Path) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    (text.len() <= FILE_BYTES_MAX).then(|| text.trim().parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use super::*;

    #[test]
    fn it_shows_what_the_file_says_and_never_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        assert!(matches!(SimulatedClock::open(&file), Err(SimulatedError::NoTime { .. })));
        fs::write(&file, "yesterday\n").unwrap();
        assert!(matches!(SimulatedClock::open(&file), Err(SimulatedError::NoTime { .. })));
        fs::write(&file, "1736146800\n").unwrap();
        let clock = SimulatedClock::open(&file).unwrap();
        assert_eq!(clock.clock().now(), Timestamp::from_seconds(1_736_146_800));
        fs::write(&file, "1736150400").unwrap();
        assert_eq!(clock.seconds(), 1_736_150_400);
        for wrong in ["1736146800", "", "soon", "-1"] {
            fs::write(&file, wrong).unwrap();
            assert_eq!(clock.seconds(), 1_736_150_400, "{wrong}");
        }
        fs::remove_file(&file).unwrap();
        assert_eq!(clock.seconds(), 1_736_150_400);
    }
}
