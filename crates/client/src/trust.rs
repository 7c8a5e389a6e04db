//! What is remembered of a ledger: its key, and the last checkpoint that was believed.
//!
//! One small file per ledger, in a directory of the caller's. Several processes may share it: a
//! checkpoint is exchanged only for the one that its proof of consistency began with.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use letopis_log::checkpoint::CheckpointError;
use letopis_log::{Checkpoint, Origin, VerifierKey};
use letopis_types::{Digest, LedgerId, Sequence};
use sha2::{Digest as _, Sha256};

use crate::error::{Distrust, Usage};
use crate::files;

/// What the file of a ledger begins with.
const FIRST_LINE: &str = "letopis known ledger 1\n";

/// Nothing in these files is secret.
const MODE: u32 = 0o644;

/// A checkpoint together with the note in which the ledger signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    note: String,
    checkpoint: Checkpoint,
}

impl SignedCheckpoint {
    /// Of a note, if this key signed it for its log.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(note: String, key: &VerifierKey) -> Result<Self, CheckpointError> {
        Ok(Self { checkpoint: Checkpoint::open(&note, key)?, note })
    }

    /// The signed note.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// What it says.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// How many links the log had.
    #[must_use]
    pub const fn size(&self) -> Sequence {
        self.checkpoint.size
    }

    /// The root over them.
    #[must_use]
    pub const fn root(&self) -> &Digest {
        &self.checkpoint.root
    }
}

/// Two checkpoints that do not go together, and what was said to show that they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The signed note that was believed.
    pub known: String,
    /// The signed note that contradicts it, or that was not shown to go on from it.
    pub claimed: String,
    /// The proof of consistency that was given, if any.
    pub proof: Vec<Digest>,
    /// The file in which all of it was kept; `None` where it could not be written.
    pub path: Option<PathBuf>,
}

impl std::fmt::Display for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.path {
            Some(path) => write!(f, "the evidence is in {}", path.display()),
            None => f.write_str("the evidence could not be written to disk"),
        }
    }
}

/// A directory that remembers ledgers.
#[derive(Debug, Clone)]
pub struct KnownLedgers {
    directory: PathBuf,
}

impl KnownLedgers {
    /// In this directory; it is made when something is first remembered.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// A ledger that is remembered, or none.
    ///
    /// # Errors
    /// [`Usage::StoreDamaged`] or [`Usage::Io`].
    pub fn open(&self, ledger: &LedgerId) -> Result<Option<KnownLedger>, Usage> {
        let files = Files { directory: self.directory.clone(), ledger: *ledger };
        let Some(stored) = files.read()? else { return Ok(None) };
        Ok(Some(KnownLedger::new(files, stored)))
    }

    /// A ledger by its verification key, which the caller has from a source of its own: as it is
    /// remembered, or from now on.
    ///
    /// # Errors
    /// [`Usage::KeyName`], [`Usage::OtherKey`], [`Usage::StoreDamaged`] or [`Usage::Io`].
    pub fn with_key(&self, key: &VerifierKey) -> Result<KnownLedger, Usage> {
        let origin: Origin = key.name().parse().map_err(|_| Usage::KeyName)?;
        let files = Files { directory: self.directory.clone(), ledger: *origin.ledger() };
        fs::create_dir_all(&self.directory).map_err(io_of(&self.directory))?;
        let _lock = files.lock()?;
        let stored = match files.read()? {
            Some(stored) if stored.key != *key => {
                return Err(Usage::OtherKey { ledger: files.ledger });
            }
            Some(stored) => stored,
            None => {
                let stored = Stored { key: key.clone(), last: None };
                files.write(&stored)?;
                stored
            }
        };
        Ok(KnownLedger::new(files, stored))
    }
}

/// A ledger whose key is known, and the last of its checkpoints that was believed.
#[derive(Debug)]
pub struct KnownLedger {
    files: Files,
    key: VerifierKey,
    /// As in the file, or newer.
    last: Mutex<Option<Arc<SignedCheckpoint>>>,
    /// The last note whose signature was checked: many receipts come with one.
    opened: Mutex<Option<Arc<SignedCheckpoint>>>,
}

impl KnownLedger {
    fn new(files: Files, stored: Stored) -> Self {
        let Stored { key, last } = stored;
        Self { files, key, last: Mutex::new(last.map(Arc::new)), opened: Mutex::new(None) }
    }

    /// The ledger's id.
    #[must_use]
    pub const fn ledger(&self) -> &LedgerId {
        &self.files.ledger
    }

    /// The key that signs its checkpoints.
    #[must_use]
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The last checkpoint that was believed; `None` before the first.
    #[must_use]
    pub fn last(&self) -> Option<Arc<SignedCheckpoint>> {
        locked(&self.last).clone()
    }

    /// How long the log was at the last checkpoint that was believed.
    #[must_use]
    pub fn size(&self) -> Sequence {
        self.last().map_or(Sequence::ZERO, |last| last.size())
    }

    /// A note as a checkpoint of this ledger. The signature of one and the same note is checked
    /// once as long as no other comes in between.
    ///
    /// TRUST: it was signed; whether it goes together with what was believed is another question.
    pub(crate) fn open_note(&self, note: String) -> Result<Arc<SignedCheckpoint>, Distrust> {
        if let Some(opened) = &*locked(&self.opened)
            && opened.note == note
        {
            return Ok(Arc::clone(opened));
        }
        let opened = Arc::new(SignedCheckpoint::open(note, &self.key)?);
        *locked(&self.opened) = Some(Arc::clone(&opened));
        Ok(opened)
    }

    /// Remembers `next` in the place of `expected`, if that is still what is remembered. If not,
    /// what another process put there is taken over, and the answer is false: `next` has to be
    /// proven against that.
    ///
    /// TRUST: the caller has verified that `next` goes on from `expected`.
    pub(crate) fn exchange(
        &self,
        expected: Option<&SignedCheckpoint>,
        next: &Arc<SignedCheckpoint>,
    ) -> Result<bool, Usage> {
        let _lock = self.files.lock()?;
        // A file that is gone was taken away by its owner; what is in memory is still known.
        let stored = match self.files.read()? {
            Some(Stored { key, .. }) if key != self.key => {
                return Err(Usage::OtherKey { ledger: self.files.ledger });
            }
            Some(stored) => stored.last.map(Arc::new),
            None => self.last(),
        };
        if stored.as_deref() != expected {
            *locked(&self.last) = stored;
            return Ok(false);
        }
        self.files
            .write(&Stored { key: self.key.clone(), last: Some(SignedCheckpoint::clone(next)) })?;
        *locked(&self.last) = Some(Arc::clone(next));
        Ok(true)
    }

    /// Keeps two checkpoints that do not go together, beside the ledger's file.
    pub(crate) fn keep_evidence(
        &self,
        known: &SignedCheckpoint,
        claimed: &SignedCheckpoint,
        proof: &[Digest],
    ) -> Box<Evidence> {
        let (known, claimed) = (known.note.clone(), claimed.note.clone());
        let lines: String = proof.iter().map(|hash| format!("{hash}\n")).collect();
        let text = format!(
            "letopis evidence 1\n{}\n--- known\n{known}--- claimed\n{claimed}--- proof\n{lines}",
            self.key
        );
        let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(&text).into();
        let name = format!("evidence-{:08x}", u32::from_be_bytes([a, b, c, d]));
        let path = self.files.path(&name);
        let kept = match files::create(&path, text.as_bytes(), MODE) {
            // The same was kept before.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => true,
            kept => kept.is_ok(),
        };
        Box::new(Evidence { known, claimed, proof: proof.to_vec(), path: kept.then_some(path) })
    }
}

/// What the file of a ledger holds.
struct Stored {
    key: VerifierKey,
    last: Option<SignedCheckpoint>,
}

/// The files of one ledger.
#[derive(Debug)]
struct Files {
    directory: PathBuf,
    ledger: LedgerId,
}

impl Files {
    fn path(&self, what: &str) -> PathBuf {
        self.directory.join(format!("{}.{what}", self.ledger))
    }

    /// Held until it is dropped. Kept by other processes for as long as writing a file takes.
    fn lock(&self) -> Result<File, Usage> {
        let path = self.path("lock");
        let file = File::create(&path).map_err(io_of(&path))?;
        file.lock().map_err(io_of(&path))?;
        Ok(file)
    }

    fn read(&self) -> Result<Option<Stored>, Usage> {
        let path = self.path("known");
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(io_of(&path))?,
        };
        match self.parse(&text) {
            Ok(stored) => Ok(Some(stored)),
            Err(what) => Err(Usage::StoreDamaged { path, what }),
        }
    }

    fn parse(&self, text: &str) -> Result<Stored, String> {
        let rest = text.strip_prefix(FIRST_LINE).ok_or("it does not begin as it must")?;
        let (key, note) = rest.split_once("\n\n").ok_or("no blank line follows the key")?;
        let key: VerifierKey = key.parse().map_err(|error| format!("{error}"))?;
        let origin: Origin = key.name().parse().map_err(|error| format!("{error}"))?;
        if *origin.ledger() != self.ledger {
            return Err("its key is another ledger's".to_owned());
        }
        let last = match note {
            "" => None,
            note => Some(
                SignedCheckpoint::open(note.to_owned(), &key).map_err(|error| error.to_string())?,
            ),
        };
        Ok(Stored { key, last })
    }

    fn write(&self, stored: &Stored) -> Result<(), Usage> {
        let path = self.path("known");
        let note = stored.last.as_ref().map_or("", |last| &last.note);
        let text = format!("{FIRST_LINE}{}\n\n{note}", stored.key);
        files::replace(&path, text.as_bytes(), MODE).map_err(io_of(&path))
    }
}

fn io_of(path: &Path) -> impl Fn(io::Error) -> Usage {
    move |source| Usage::Io { path: path.to_owned(), source }
}

/// What these locks guard is whole at every moment, also after a panic of another thread.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
