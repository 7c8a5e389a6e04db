//! A ledger in a temporary directory, and how it is opened, asked and closed.

use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use letopis_domain::Refusal as _;
use letopis_log::VerifierKey;
use letopis_log::receipt::Signed;
use letopis_proto::error::v1::Reason;
use letopis_record::testing::MemoryRecord;
use letopis_record::{Record, StoredEvent};
use letopis_state::streams::SCHEMA;
use letopis_state::{Options, Report, Store};
use letopis_types::{Digest, LedgerId, Sequence, Timestamp};
use letopis_vault::{Kek, Vault};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use crate::submission::{Submission, parse};
use crate::testing::{self, BEGAN, Draft, Gated, keys};
use crate::{CheckedGenesis, Clock, Ledger, LedgerError, Limits, OpenReport, Parts, Receipt};

pub(super) fn kek() -> Kek {
    Kek::new(Zeroizing::new([0x77; 32]))
}

/// A ledger's record, vault and clock. Its states are directories by name.
pub(super) struct World {
    dir: TempDir,
    pub(super) record: MemoryRecord,
    time: Arc<AtomicU64>,
    pub(super) limits: Limits,
    runtime: Arc<Runtime>,
}

impl World {
    /// With nothing but its genesis.
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (statement, signatures) = testing::genesis();
        let genesis = CheckedGenesis::new(statement, signatures, BEGAN).unwrap();
        let record = MemoryRecord::new(genesis.ledger);
        crate::create(&record, &genesis, &keys()).unwrap();
        Vault::create(&dir.path().join("vault"), genesis.ledger, &kek()).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self {
            dir,
            record,
            time: Arc::new(AtomicU64::new(BEGAN.0)),
            limits: Limits::default(),
            runtime: Arc::new(runtime),
        }
    }

    /// The same, running, with its staff.
    pub(super) fn staffed() -> (Self, Running) {
        let world = Self::new();
        let running = world.open();
        running.record_all(&testing::staff());
        (world, running)
    }

    pub(super) fn set_time(&self, time: Timestamp) {
        self.time.store(time.0, Ordering::SeqCst);
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The state in a directory, and what opening it found.
    pub(super) fn state(&self, name: &str) -> (Store, Report) {
        let options = Options::new(testing::id(), SCHEMA);
        let reopened = self.record.reopen();
        let on_record = |mark: &letopis_state::Mark| {
            let last = Sequence(mark.size.0 - 1);
            let events = reopened.read(last, 1, 1).unwrap();
            events.first().is_some_and(|event| event.link.hash() == mark.last_link)
        };
        Store::open(&self.path(name), &options, on_record).unwrap()
    }

    /// The parts of a ledger over this record and this state.
    pub(super) fn parts(&self, record: Arc<dyn Record>, state: Store) -> Parts {
        let first_unused = state.mark().map_or(0, |mark| mark.next_key_slot);
        let vault =
            Vault::open(&self.path("vault"), record.ledger(), &kek(), first_unused).unwrap();
        let time = Arc::clone(&self.time);
        Parts {
            record,
            vault,
            state: Arc::new(state),
            keys: keys(),
            clock: Clock::new(move || Timestamp(time.load(Ordering::SeqCst))),
            limits: self.limits,
        }
    }

    /// Opens the ledger over another record that stands for this one.
    pub(super) fn open_over(&self, record: Arc<dyn Record>, state: &str) -> Running {
        let (state, found) = self.state(state);
        let (ledger, report) = crate::open(self.parts(record, state)).unwrap();
        Running { ledger, report, found, runtime: Arc::clone(&self.runtime) }
    }

    /// Opens it over a record that can be held up; and the record that may be made to fail.
    pub(super) fn open_gated(&self) -> (Running, Arc<Gated>, MemoryRecord) {
        let record = self.record.reopen();
        let gate = Gated::new(Arc::new(record.clone()));
        (self.open_over(gate.clone(), "state"), gate, record)
    }

    pub(super) fn open_with_state(&self, state: &str) -> Running {
        self.open_over(Arc::new(self.record.reopen()), state)
    }

    pub(super) fn open(&self) -> Running {
        self.open_with_state("state")
    }

    /// Everything that is in the record.
    pub(super) fn events(&self) -> Vec<StoredEvent> {
        self.record.reopen().read(Sequence::ZERO, usize::MAX, usize::MAX).unwrap()
    }

    /// The digest over all entries of a state, and how many events it covers. Of a closed ledger.
    pub(super) fn digest(&self, state: &str) -> (Digest, Sequence) {
        let (store, _) = self.state(state);
        let digest = store.digest("everything", &[]).unwrap();
        let size = store.mark().unwrap().size;
        store.close().unwrap();
        (digest, size)
    }

    pub(super) fn copy_state(&self, from: &str, to: &str) {
        copy_dir(&self.path(from), &self.path(to));
    }
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A running ledger, asked from outside of the runtime.
pub(super) struct Running {
    pub(super) ledger: Ledger,
    pub(super) report: OpenReport,
    pub(super) found: Report,
    pub(super) runtime: Arc<Runtime>,
}

impl Running {
    pub(super) fn append(&self, draft: &Draft) -> Result<Receipt, LedgerError> {
        self.submit(draft.submission())
    }

    pub(super) fn submit(&self, submission: Submission) -> Result<Receipt, LedgerError> {
        self.runtime.block_on(self.ledger.append(submission))
    }

    /// Appends what must be taken, and checks each receipt.
    pub(super) fn record(&self, draft: &Draft) -> Receipt {
        let receipt = self.append(draft).unwrap();
        self.check(&draft.submission(), &receipt);
        receipt
    }

    pub(super) fn record_all(&self, drafts: &[Draft]) {
        for draft in drafts {
            self.record(draft);
        }
    }

    /// Why it is not taken.
    pub(super) fn refusal(&self, draft: &Draft) -> Reason {
        self.append(draft).unwrap_err().reason()
    }

    /// Submits one after the other without waiting for answers.
    pub(super) fn send(
        &self,
        drafts: &[Draft],
    ) -> Vec<tokio::task::JoinHandle<Result<Receipt, LedgerError>>> {
        self.runtime.block_on(async {
            let mut answers = Vec::new();
            for draft in drafts {
                let prepared = crate::submission::prepare(draft.submission()).unwrap();
                answers.push(tokio::spawn(self.ledger.submit(prepared).await.unwrap()));
            }
            answers
        })
    }

    pub(super) fn wait<T>(&self, answer: tokio::task::JoinHandle<T>) -> T {
        self.runtime.block_on(answer).unwrap()
    }

    /// The receipt verifies offline, with nothing but the verification key.
    pub(super) fn check(&self, submission: &Submission, receipt: &Receipt) {
        let key = self.ledger.verification_key().parse().unwrap();
        check_receipt(&key, self.ledger.id(), submission, receipt);
    }

    pub(super) fn caught_up(&self) {
        self.runtime.block_on(self.ledger.caught_up()).unwrap();
    }

    pub(super) fn close(self) {
        self.ledger.close().unwrap();
    }
}

fn check_receipt(key: &VerifierKey, ledger: LedgerId, submission: &Submission, receipt: &Receipt) {
    let statement = parse(&submission.statement).unwrap();
    let signers: Vec<_> = statement.signers.iter().map(|signer| signer.key).collect();
    let signatures = submission.signatures.iter();
    let file = letopis_log::Receipt {
        statement: submission.statement.clone(),
        signatures: signatures
            .map(|bytes| letopis_types::SignatureBytes::from_slice(bytes).unwrap())
            .collect(),
        link: receipt.link,
        inclusion: receipt.inclusion_proof.clone(),
        checkpoint: receipt.checkpoint.to_string(),
    };
    let verified = file.verify(key, &Signed { ledger, signers: &signers }).unwrap();
    assert_eq!(verified.sequence, receipt.link.sequence);
    assert!(verified.checkpoint.size > receipt.link.sequence);
}

/// What this thread logs meanwhile.
pub(super) fn logged<T>(run: impl FnOnce() -> T) -> (T, String) {
    let file = Arc::new(tempfile::tempfile().unwrap());
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(Arc::clone(&file));
    let done = tracing::subscriber::with_default(subscriber.finish(), run);
    let mut log = String::new();
    (&*file).rewind().unwrap();
    (&*file).read_to_string(&mut log).unwrap();
    (done, log)
}
