//! sled, with its panics caught: after the first failure nothing is asked of it any more, and its
//! files lose all trust.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::guard::{self, Failure};
use crate::trust::{Trust, TrustFile};
use crate::{Mark, StateError, files, place};

/// Under this key lie the mark and the sum of the entries that it covers.
pub(crate) const MARK: &[u8] = b"\0mark";

/// An open sled, trusted so far.
pub(crate) struct Engine {
    db: sled::Db,
    dir: PathBuf,
    trust: TrustFile,
    damaged: AtomicBool,
}

impl Engine {
    /// From a freshly opened sled in `dir`.
    pub(crate) fn new(db: sled::Db, dir: &Path) -> Self {
        let trust = TrustFile::of(dir);
        Self { db, dir: dir.to_path_buf(), trust, damaged: AtomicBool::new(false) }
    }

    /// The store's directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Asks sled for something.
    pub(crate) fn call<T>(
        &self,
        doing: &'static str,
        f: impl FnOnce(&sled::Db) -> sled::Result<T>,
    ) -> Result<T, StateError> {
        if self.damaged.load(Ordering::Acquire) {
            let what = "it failed before".to_owned();
            return Err(StateError::Damaged { doing, what });
        }
        let what = match guard::unpanicked(|| f(&self.db)) {
            Ok(Ok(result)) => return Ok(result),
            Ok(Err(error)) => error.to_string(),
            Err(Failure::Panicked(words)) => format!("sled panicked: {words}"),
            Err(Failure::TimedOut) => "sled did not return".to_owned(),
        };
        // TRUST: a batch that failed half-way is not atomic any more, whatever sled says later.
        self.damaged.store(true, Ordering::Release);
        self.trust.revoke();
        tracing::error!(doing, what, "the state is damaged");
        Err(StateError::Damaged { doing, what })
    }

    /// From now on its files are believed, as long as the process or at least the system lives.
    pub(crate) fn trust_now(&self, boot: Option<String>) -> Result<(), StateError> {
        self.trust.write(&Trust::open_now(&self.dir, boot)?)
    }

    /// Lets go of sled, nothing of which is wanted: that it can't be stopped changes nothing.
    pub(crate) fn abandon(self, limit: Duration) {
        let db = self.db;
        let _ = guard::within(limit, move |_| drop(db));
    }

    /// Stops sled in order and syncs every file of it.
    ///
    /// # Errors
    /// [`StateError::Damaged`], [`StateError::Hung`], [`StateError::InUse`], [`StateError::Io`]: the
    /// files are as after a crash.
    pub(crate) fn stop(self, mark: Option<&Mark>, limit: Duration) -> Result<(), StateError> {
        let doing = "stop the state";
        let Self { db, dir, trust, damaged } = self;
        let stopped = guard::within(limit, move |_| {
            let flushed = db.flush();
            drop(db);
            flushed
        });
        let what = match stopped {
            Ok(Ok(_)) if !damaged.into_inner() => None,
            Ok(Ok(_)) => Some("it failed before".to_owned()),
            Ok(Err(error)) => Some(error.to_string()),
            Err(Failure::Panicked(words)) => Some(format!("sled panicked: {words}")),
            Err(Failure::TimedOut) => {
                return Err(StateError::Hung { doing, seconds: limit.as_secs() });
            }
        };
        if let Some(what) = what {
            trust.revoke();
            return Err(StateError::Damaged { doing, what });
        }
        // sled's own threads may still write what it had begun; they hold its lock until then.
        wait_unlocked(&place::sled_lock(&dir), limit)?;
        // CRASH: sled never syncs its directories, and its files not always; without this a power
        // cut after a clean stop would lose what the flag below vouches for.
        files::sync_tree(&dir)?;
        match mark {
            Some(mark) => trust.write(&Trust::Clean { size: mark.size, last_link: mark.last_link }),
            None => Ok(()),
        }
    }
}

/// Waits until nobody holds the lock on a file; one that is not there is not locked.
pub(crate) fn wait_unlocked(path: &Path, limit: Duration) -> Result<(), StateError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StateError::io("open", path)(error)),
    };
    let begin = Instant::now();
    // Closing the file gives the lock back.
    while file.try_lock().is_err() {
        if begin.elapsed() > limit {
            return Err(StateError::InUse { path: path.to_path_buf() });
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
