//! What the disk alone takes.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Instant;

use crate::failure::Failure;

/// As far ahead as the record writes zeros, in bytes, so that a sync changes no length.
const AHEAD: u64 = 4 << 20;

/// About what one reading with its token takes in the record, in bytes.
const WRITTEN: usize = 1024;

/// A file beside the record, written and synced as the record is, and nothing else done.
pub(super) struct Disk {
    file: File,
    at: u64,
}

impl Disk {
    /// Its file is made in this directory, which is the ledger's.
    pub(super) fn beside(root: &Path) -> Result<Self, Failure> {
        let path = root.join("bare-fdatasync");
        let file = File::create_new(&path).map_err(Failure::io("create", &path))?;
        for at in (0..AHEAD).step_by(WRITTEN) {
            file.write_all_at(&[0; WRITTEN], at).map_err(Failure::io("write", &path))?;
        }
        file.sync_all().map_err(Failure::io("sync", &path))?;
        Ok(Self { file, at: 0 })
    }

    /// Appends, waits for fdatasync; how long that took, in microseconds.
    pub(super) fn sync(&mut self) -> Result<f64, Failure> {
        let started = Instant::now();
        self.file.write_all_at(&[1; WRITTEN], self.at).map_err(Failure::other)?;
        self.file.sync_data().map_err(Failure::other)?;
        let took = started.elapsed().as_secs_f64() * 1e6;
        // From the beginning again where it ends: no length changes.
        self.at = (self.at + WRITTEN as u64) % AHEAD;
        Ok(took)
    }
}
