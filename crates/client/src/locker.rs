//! Keys that lock themselves again: 5 minutes after they were unlocked they are gone from memory.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use letopis_crypto::sign::Paper;
use letopis_types::{ActorId, PublicKey, SignatureBytes};
use rustix::time::{ClockId, clock_gettime};

use crate::identity::{Identity, SignerError, StatementSigner, TokenSigner};
use crate::key_file::{LockedIdentity, Passphrase};
use crate::timed::{Timed, lock};

/// How long keys stay unlocked, whether they are used or not.
pub const UNLOCKED: Duration = Duration::from_secs(5 * 60);

/// How often a passphrase is asked for before signing fails.
const ATTEMPTS: u32 = 3;

/// What time it is, for whatever locks itself.
pub trait Clock: Send + Sync {
    /// Time since some moment. Never goes back, and goes on while the machine sleeps.
    fn now(&self) -> Duration;
}

/// The system's clock since it was started (CLOCK_BOOTTIME).
#[derive(Debug, Clone, Copy, Default)]
pub struct BootClock;

impl Clock for BootClock {
    fn now(&self) -> Duration {
        // Since the start, so that neither part is negative.
        let now = clock_gettime(ClockId::Boottime);
        Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
    }
}

/// Asks a person for a passphrase.
pub trait AskPassphrase: Send + Sync {
    /// The passphrase of these keys; `None`: nobody gives one. `attempt` counts from 1; after the
    /// third wrong one signing fails.
    fn ask(&self, keys: &LockedIdentity, attempt: u32) -> Option<Passphrase>;
}

/// Keys under a passphrase, unlocked for 5 minutes at a time. Cheap to clone; clones share it.
///
/// INVARIANT: secret keys are in memory only between an unlocking and 5 minutes after it; they are
/// zeroed then, also if nobody asks for them.
#[derive(Clone)]
pub struct Locker(Arc<Inner>);

struct Inner {
    locked: LockedIdentity,
    ask: Option<Arc<dyn AskPassphrase>>,
    open: Timed<Identity>,
    /// Held by whoever asks for the passphrase, so that nobody is asked twice at once.
    asking: Mutex<()>,
}

impl Locker {
    /// Holds these keys, locked. Without anybody to ask, signing fails with
    /// [`SignerError::Locked`] until [`Self::unlock`].
    #[must_use]
    pub fn new(locked: LockedIdentity, ask: Option<Arc<dyn AskPassphrase>>) -> Self {
        Self::with_clock(locked, ask, Arc::new(BootClock))
    }

    /// The same, by another clock.
    #[must_use]
    pub fn with_clock(
        locked: LockedIdentity,
        ask: Option<Arc<dyn AskPassphrase>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Inner { locked, ask, open: Timed::new(clock), asking: Mutex::default() }))
    }

    /// Unlocks the keys, for 5 minutes from now.
    ///
    /// # Errors
    /// [`SignerError::Passphrase`]; [`SignerError::Failed`] where it can't be tried.
    pub fn unlock(&self, passphrase: &Passphrase) -> Result<(), SignerError> {
        self.0.open.put(self.0.locked.unlock(passphrase)?);
        Ok(())
    }

    /// Locks the keys now.
    pub fn lock(&self) {
        self.0.open.clear();
    }

    /// Locks the keys if their time is over. Needs not be called: signing does, and so does a
    /// thread that waits for it.
    pub fn lock_if_due(&self) {
        self.0.open.clear_if_due();
    }

    /// Whether the keys are locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.0.open.is_clear()
    }

    /// What can be known of the keys while they are locked.
    #[must_use]
    pub fn locked(&self) -> &LockedIdentity {
        &self.0.locked
    }

    /// Does something with the keys, asking for the passphrase where they are locked.
    pub(crate) fn with<T>(&self, work: impl Fn(&Identity) -> T) -> Result<T, SignerError> {
        let mut attempt = 0;
        let _asking = if self.is_locked() { Some(lock(&self.0.asking)) } else { None };
        loop {
            if let Some(done) = self.0.open.with(&work) {
                return Ok(done);
            }
            attempt += 1;
            let ask = self.0.ask.as_ref().ok_or(SignerError::Locked)?;
            let passphrase = ask.ask(&self.0.locked, attempt).ok_or(SignerError::Locked)?;
            match self.unlock(&passphrase) {
                Err(SignerError::Passphrase) if attempt < ATTEMPTS => {}
                unlocked => unlocked?,
            }
        }
    }
}

impl StatementSigner for Locker {
    fn public_key(&self) -> PublicKey {
        self.0.locked.statement_key()
    }

    fn sign_statement(&self, statement: &[u8]) -> Result<SignatureBytes, SignerError> {
        self.with(|identity| identity.statement_key.sign_statement(statement))
    }

    fn sign_paper(&self, paper: Paper, bytes: &[u8]) -> Result<SignatureBytes, SignerError> {
        self.with(|identity| identity.statement_key.sign_paper(paper, bytes))
    }
}

impl TokenSigner for Locker {
    fn actor(&self) -> ActorId {
        self.0.locked.actor()
    }

    fn token_key(&self) -> Option<PublicKey> {
        self.0.locked.token_key()
    }

    fn sign_token(&self, signing_input: &[u8]) -> Result<SignatureBytes, SignerError> {
        self.with(|identity| identity.sign_token(signing_input))?
    }
}

impl fmt::Debug for Locker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Locker").field(&self.0.locked).finish()
    }
}

#[cfg(test)]
mod tests;
