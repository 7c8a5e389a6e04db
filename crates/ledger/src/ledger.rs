//! The ledger's handle: takes submissions in, hands receipts out, ends in order.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use letopis_crypto::sign::SecretKey;
use letopis_domain::registry::Registry;
use letopis_log::Link;
use letopis_log::checkpoint::Origin;
use letopis_record::Record;
use letopis_state::Store;
use letopis_types::{Digest, LedgerId, Version};
use letopis_vault::Vault;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use crate::access::Access;
use crate::applier::Demand;
use crate::background::Background;
use crate::clock::Clock;
use crate::coded::Coded;
use crate::committer::{Health, Published, Tree, Waiting};
use crate::error::{LedgerError, Unavailable};
use crate::readings::{Denials, Named};
use crate::refusals::Refusals;
use crate::sequencer::{Reading, Work};
use crate::submission::{Prepared, Submission, prepare};

/// A submission larger than this is checked on a thread of its own, so that hashing it does not
/// keep others waiting.
const LARGE_BYTES: usize = 64 * 1024;

/// The ledger's own secret keys.
#[derive(Debug)]
pub struct LedgerKeys {
    /// Signs statements of the ledger itself, under actor zero.
    pub statement: SecretKey,
    /// Signs checkpoints.
    pub checkpoint: SecretKey,
}

/// Bounds on what waits and on what is written at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Statements that may wait to be sequenced.
    pub queue_events: usize,
    /// Memory that waiting submissions may take, in bytes.
    pub queue_bytes: u32,
    /// How long a submission waits for each of the two before it is told to come again.
    pub queue_wait: Duration,
    /// Statements in a group commit.
    pub group_events: usize,
    /// Bytes after which a group is closed.
    pub group_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue_events: 4096,
            queue_bytes: 128 << 20,
            queue_wait: Duration::from_secs(2),
            group_events: 128,
            group_bytes: 4 << 20,
        }
    }
}

/// Proof that a statement stands in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Its link.
    pub link: Link,
    /// Its place in its stream.
    pub version: Version,
    /// The link's inclusion proof in the checkpoint's tree.
    pub inclusion_proof: Vec<Digest>,
    /// The signed checkpoint.
    pub checkpoint: Arc<str>,
    /// It was there before.
    pub already_recorded: bool,
}

/// A running ledger. Cloning it gives another handle to the same.
#[derive(Clone)]
pub struct Ledger(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) id: LedgerId,
    pub(crate) origin: Origin,
    pub(crate) genesis: Arc<[u8]>,
    pub(crate) genesis_hash: Digest,
    pub(crate) trial: bool,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) keys: Arc<LedgerKeys>,
    pub(crate) registry: Arc<RwLock<Registry>>,
    pub(crate) access: Arc<Access>,
    /// Whose reading of which files is on the record today.
    pub(crate) named: Named,
    pub(crate) denials: Denials,
    /// How often what was refused.
    pub(crate) refusals: Refusals,
    /// Held for reading while sections are opened, for writing while keys are destroyed.
    pub(crate) openings: Arc<RwLock<()>>,
    /// Counts what sealed sections say in codes.
    pub(crate) coded: Arc<Coded>,
    pub(crate) record: Arc<dyn Record>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) state: Arc<Store>,
    pub(crate) tree: Arc<RwLock<Tree>>,
    pub(crate) tokens: crate::token::UsedTokens,
    pub(crate) published: watch::Receiver<Published>,
    pub(crate) applied: watch::Receiver<u64>,
    /// How many events somebody waits to find in the state.
    pub(crate) demand: Arc<Demand>,
    pub(crate) health: watch::Receiver<Health>,
    /// `None` once the ledger is being stopped.
    pub(crate) queue: RwLock<Option<mpsc::Sender<Work>>>,
    pub(crate) memory: Arc<Semaphore>,
    pub(crate) threads: Mutex<Vec<JoinHandle<()>>>,
    pub(crate) background: Mutex<Option<Background>>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("id", &self.0.id).finish_non_exhaustive()
    }
}

impl Ledger {
    /// The ledger's id.
    #[must_use]
    pub fn id(&self) -> LedgerId {
        self.0.id
    }

    /// The genesis statement's bytes.
    #[must_use]
    pub fn genesis(&self) -> &[u8] {
        &self.0.genesis
    }

    /// Did the server make the registrars' keys itself?
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.0.trial
    }

    /// Name of the log and of its checkpoint key.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// The verification key that readers are given, as text.
    #[must_use]
    pub fn verification_key(&self) -> String {
        self.0.origin.verifier_key(self.0.keys.checkpoint.public()).to_string()
    }

    /// Records one statement; answers once it is durable.
    ///
    /// # Errors
    /// [`LedgerError::Rejected`] where it is wrong, [`LedgerError::Unavailable`] where the same may
    /// be sent again.
    pub async fn append(&self, submission: Submission) -> Result<Receipt, LedgerError> {
        let prepared = if submission.bytes() > LARGE_BYTES {
            tokio::task::spawn_blocking(move || prepare(submission))
                .await
                .map_err(LedgerError::record)??
        } else {
            prepare(submission)?
        };
        self.submit(prepared).await?.await
    }

    /// Puts a prepared statement into the queue. The answer comes later; statements submitted one
    /// after the other are sequenced in that order.
    ///
    /// # Errors
    /// [`Unavailable`] where it was not taken.
    pub async fn submit(
        &self,
        prepared: Prepared,
    ) -> Result<impl Future<Output = Result<Receipt, LedgerError>> + use<>, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let hash = prepared.statement_hash;
        self.enqueue(prepared, None, Waiting::Receipt(reply)).await?;
        let (this, answer) = (self.clone(), self.answered(answer));
        Ok(async move { answer.await.map_err(|error| this.refused(error, hash)) })
    }

    /// Puts it into the queue, with what it gives out where it is a reading.
    pub(crate) async fn enqueue(
        &self,
        prepared: Prepared,
        reading: Option<Reading>,
        waiting: Waiting,
    ) -> Result<(), LedgerError> {
        let contents = prepared.sections.iter().map(|(_, content)| content.len());
        let bytes = prepared.bytes.len() + contents.sum::<usize>();
        let share = u32::try_from(bytes).unwrap_or(u32::MAX).min(self.0.limits.queue_bytes);
        let memory = Arc::clone(&self.0.memory).acquire_many_owned(share);
        let permit = tokio::time::timeout(self.0.limits.queue_wait, memory)
            .await
            .map_err(|_| Unavailable::Overloaded)?
            .map_err(|_| Unavailable::ShuttingDown)?;
        let queue = self.queue()?;
        let work = Work { prepared, reading, waiting, permit };
        tokio::time::timeout(self.0.limits.queue_wait, queue.send(work))
            .await
            .map_err(|_| Unavailable::Overloaded)?
            .map_err(|_| self.stopped())?;
        Ok(())
    }

    /// What the committer answers; where it has ended without an answer, why.
    pub(crate) fn answered<T>(
        &self,
        answer: oneshot::Receiver<Result<T, LedgerError>>,
    ) -> impl Future<Output = Result<T, LedgerError>> + use<T> {
        let this = self.clone();
        async move { answer.await.unwrap_or_else(|_| Err(this.stopped().into())) }
    }

    fn queue(&self) -> Result<mpsc::Sender<Work>, Unavailable> {
        let queue = self.0.queue.read().unwrap_or_else(PoisonError::into_inner);
        queue.clone().ok_or_else(|| self.stopped())
    }

    /// Why nothing is taken any more.
    fn stopped(&self) -> Unavailable {
        match &*self.0.health.borrow() {
            Health::Failed(what) => Unavailable::record(what),
            Health::Serving => Unavailable::ShuttingDown,
        }
    }

    /// Waits until the ledger has failed, and says why. The process should end then: opening the
    /// ledger again finds out what is durable.
    pub async fn failed(&self) -> String {
        let mut health = self.0.health.clone();
        loop {
            if let Health::Failed(what) = &*health.borrow_and_update() {
                return what.clone();
            }
            if health.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Ends in order: what was taken is recorded and answered, everything is synced. Blocks. Other
    /// handles are of no more use; the state is closed in order only if there are none.
    ///
    /// # Errors
    /// What could not be ended in order. The next start recovers.
    pub fn close(self) -> Result<(), LedgerError> {
        self.0.memory.close();
        drop(self.0.queue.write().unwrap_or_else(PoisonError::into_inner).take());
        let background = self.0.background.lock().unwrap_or_else(PoisonError::into_inner).take();
        let ended = background.is_none_or(Background::stop);
        let threads =
            std::mem::take(&mut *self.0.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            thread.join().map_err(|_| LedgerError::record("a thread of the ledger panicked"))?;
        }
        if !ended {
            return Err(LedgerError::record("a thread of the ledger panicked"));
        }
        if let Health::Failed(what) = &*self.0.health.borrow() {
            return Err(LedgerError::record(what));
        }
        self.write_head()?;
        self.0.record.close().map_err(LedgerError::record)?;
        // The state is also within the tree.
        let Some(Inner { state, tree, .. }) = Arc::into_inner(self.0) else { return Ok(()) };
        drop(tree);
        Arc::into_inner(state).map_or(Ok(()), Store::close).map_err(LedgerError::record)
    }

    /// Writes the last checkpoint to the head file.
    pub(crate) fn write_head(&self) -> Result<(), LedgerError> {
        let checkpoint = Arc::clone(&self.0.published.borrow().checkpoint);
        self.0.record.write_head(&checkpoint).map_err(LedgerError::record)
    }
}
