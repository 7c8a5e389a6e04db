//! That the clock leapt outlives the process: a mark in the data directory, until somebody confirms the clock.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use letopis_ledger::Ledger;

/// The mark's file.
const FILE: &str = "clock-unconfirmed";

/// The mark of a data directory.
#[derive(Debug, Clone)]
pub struct LeapMark(PathBuf);

impl LeapMark {
    /// That of this data directory.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self(data.join(FILE))
    }

    /// The clock leapt, and nobody has confirmed it.
    ///
    /// # Errors
    /// The system's.
    pub fn set(&self) -> io::Result<()> {
        fs::File::create(&self.0)?.sync_all()?;
        // The name is to outlive a power cut as well.
        self.0.parent().map_or(Ok(()), |data| fs::File::open(data)?.sync_all())
    }

    /// Before anything is recorded by the clock: it is trusted again where somebody confirms it, and not
    /// where one that leapt before was never confirmed.
    ///
    /// # Errors
    /// The system's.
    pub fn begin(&self, ledger: &Ledger, confirmed: bool) -> io::Result<()> {
        if confirmed {
            ledger.confirm_clock();
            return match fs::remove_file(&self.0) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        if self.0.try_exists()? {
            ledger.distrust_clock();
        }
        Ok(())
    }
}
