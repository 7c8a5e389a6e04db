//! Which directories and files there are under `state/`.
//!
//! - `state-<n>/`: the live store: sled's files in `sled/`, and `trust`. Each beginning has a number
//!   of its own: a thread that hangs inside an abandoned one may still write to the paths it knows,
//!   and must find nobody there.
//! - `state.aside-<n>/`: one that was set aside, to be looked at. The latest two are kept.
//! - `snapshot-<events, 20 digits>`: what was synced of it. The latest two are kept.

use std::fs;
use std::path::{Path, PathBuf};

use letopis_types::{LedgerId, Sequence};

use crate::{StateError, files, snapshot};

const LIVE: &str = "state-";
const ASIDE: &str = "state.aside-";
const SNAPSHOT: &str = "snapshot-";
const KEPT: usize = 2;

/// What lies under `state/`.
pub(crate) struct Place {
    root: PathBuf,
    live: Vec<u64>,
    aside: Vec<u64>,
    snapshots: Vec<Sequence>,
}

impl Place {
    /// Looks at the directory, which is made if it is not there.
    pub(crate) fn look(root: &Path) -> Result<Self, StateError> {
        files::create_dir(root)?;
        let (mut live, mut aside, mut snapshots) = (Vec::new(), Vec::new(), Vec::new());
        for entry in fs::read_dir(root).map_err(StateError::io("list", root))? {
            let entry = entry.map_err(StateError::io("list", root))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let number = |prefix| name.strip_prefix(prefix).and_then(number_of);
            live.extend(number(LIVE));
            aside.extend(number(ASIDE));
            snapshots.extend(number(SNAPSHOT).map(Sequence));
        }
        live.sort_unstable();
        aside.sort_unstable();
        snapshots.sort_unstable();
        Ok(Self { root: root.to_path_buf(), live, aside, snapshots })
    }

    /// The live store, if there is one.
    pub(crate) fn live(&self) -> Option<PathBuf> {
        self.live.last().map(|number| self.root.join(format!("{LIVE}{number}")))
    }

    /// Renames the live store; older ones than the latest two set aside are removed.
    pub(crate) fn set_aside(&mut self) -> Result<Option<PathBuf>, StateError> {
        let (Some(number), Some(from)) = (self.live.last().copied(), self.live()) else {
            return Ok(None);
        };
        let to = self.root.join(format!("{ASIDE}{number}"));
        files::put_in_place(&from, &to)?;
        self.live.pop();
        self.aside.push(number);
        while self.aside.len() > KEPT {
            let oldest = self.aside.remove(0);
            remove_dir(&self.root.join(format!("{ASIDE}{oldest}")));
        }
        Ok(Some(to))
    }

    /// Removes the live store, in which nothing counts.
    pub(crate) fn discard(&mut self) -> Result<(), StateError> {
        // Its number is taken all the same.
        if let Some(path) = self.live() {
            fs::remove_dir_all(&path).map_err(StateError::io("remove", &path))?;
        }
        Ok(())
    }

    /// A directory for a new store, numbered above all there were.
    pub(crate) fn begin(&mut self) -> Result<PathBuf, StateError> {
        let last = self.live.iter().chain(&self.aside).max().copied().unwrap_or(0);
        let number = last.saturating_add(1);
        self.live.push(number);
        let path = self.root.join(format!("{LIVE}{number}"));
        files::create_dir(&path)?;
        Ok(path)
    }

    /// The snapshots, newest first.
    pub(crate) fn snapshots(&self) -> Vec<PathBuf> {
        self.snapshots.iter().rev().map(|size| snapshot(&self.root, *size)).collect()
    }

    /// How many events each snapshot of this ledger covers, by its header.
    pub(crate) fn snapshot_sizes(&self, ledger: &LedgerId) -> Vec<Sequence> {
        let marks = self.snapshots().into_iter().filter_map(|path| snapshot::peek(&path));
        marks.filter(|mark| mark.ledger == *ledger).map(|mark| mark.size).collect()
    }

    /// Removes all snapshots but the latest two.
    pub(crate) fn prune_snapshots(&self) {
        for size in self.snapshots.iter().rev().skip(KEPT) {
            let path = snapshot(&self.root, *size);
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "an old snapshot was not removed");
            }
        }
    }
}

/// Where a snapshot of so many events lies.
pub(crate) fn snapshot(root: &Path, size: Sequence) -> PathBuf {
    root.join(format!("{SNAPSHOT}{size:020}", size = size.0))
}

/// Where sled's files lie in a store's directory.
pub(crate) fn sled(dir: &Path) -> PathBuf {
    dir.join("sled")
}

/// The file that sled locks.
pub(crate) fn sled_lock(dir: &Path) -> PathBuf {
    sled(dir).join("db")
}

fn number_of(digits: &str) -> Option<u64> {
    digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn remove_dir(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path) {
        tracing::warn!(path = %path.display(), %error, "an old state was not removed");
    }
}
