//! A server in this process on a data directory of its own, and what callers ask of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use letopis_ledger::submission::Submission;
use letopis_ledger::testing::{self, BEGAN, Draft, Gated};
use letopis_ledger::verify::{Options as VerifyOptions, Verified, open_vault, verify};
use letopis_ledger::{CheckedGenesis, Clock, Ledger, Limits, Parts};
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::ledger::v1::append_stream_response::Result as Outcome;
use letopis_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use letopis_record::{DataDir, DataDirError, Journal, Options, Record};
use letopis_state::Store;
use letopis_state::streams::SCHEMA;
use letopis_types::{Sequence, Timestamp};
use letopis_vault::{Kek, Vault};
use letopisd::data::{self, DataError, Opened, keys_dir};
use letopisd::serve::{ServeError, Settings, listen, serve_with};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

pub(crate) type Client = LedgerServiceClient<Channel>;

/// Small files, so that all of them can be compared.
pub(crate) const OPTIONS: Options =
    Options { segment_bytes: 256 << 10, preallocate_bytes: 16 << 10 };

/// Opens, and waits a moment where it is in use: a process that another test starts has a copy of each
/// lock, also of one that was let go of here, between fork and exec.
fn unlocked<T, E>(open: impl Fn() -> Result<T, E>, in_use: impl Fn(&E) -> bool) -> Result<T, E> {
    for _ in 0..100 {
        match open() {
            Err(error) if in_use(&error) => thread::sleep(Duration::from_millis(10)),
            opened => return opened,
        }
    }
    open()
}

/// A data directory, and the time that its servers are told.
pub(crate) struct Place {
    dir: TempDir,
    time: Arc<AtomicU64>,
}

impl Place {
    /// Of an invented ledger with nothing but its genesis.
    pub(crate) fn new() -> Self {
        Self::begun(Timestamp(BEGAN.0 + 1_000_000_000))
    }

    /// The same, for a server process, which goes by the system's clock.
    pub(crate) fn of_today() -> Self {
        Self::begun(Clock::system().now())
    }

    /// The time that its servers are told from here on.
    pub(crate) fn set_now(&self, now: Timestamp) {
        self.time.store(now.0, Ordering::SeqCst);
    }

    /// Of an invented ledger that began then.
    pub(crate) fn begun(now: Timestamp) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let place = Self { dir, time: Arc::new(AtomicU64::new(now.0)) };
        let genesis = place.genesis();
        let dir = data::prepare(&place.root(), genesis.ledger, &testing::keys()).unwrap();
        data::finish(&dir, &genesis, &testing::keys(), OPTIONS).unwrap();
        place
    }

    pub(crate) fn genesis(&self) -> CheckedGenesis {
        let (statement, signatures) = testing::genesis();
        CheckedGenesis::new(statement, signatures, BEGAN.min(self.now())).unwrap()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.time.load(Ordering::SeqCst))
    }

    fn clock(&self) -> Clock {
        let time = Arc::clone(&self.time);
        Clock::new(move || Timestamp(time.load(Ordering::SeqCst)))
    }

    pub(crate) fn open(&self) -> Result<(Ledger, Opened), DataError> {
        unlocked(
            || data::open(&self.root(), OPTIONS, self.clock(), Limits::default()),
            |error| matches!(error, DataError::Directory(DataDirError::InUse { .. })),
        )
    }

    /// Opened as [`data::open`] does, with a record that can be held up.
    pub(crate) fn open_gated(&self) -> (Ledger, Arc<Gated>) {
        self.open_gated_within(Limits::default())
    }

    /// The same, where only so much may wait.
    pub(crate) fn open_gated_within(&self, limits: Limits) -> (Ledger, Arc<Gated>) {
        let in_use = |error: &DataDirError| matches!(error, DataDirError::InUse { .. });
        let dir = unlocked(|| DataDir::open(&self.root()), in_use).unwrap();
        let (journal, _) = Journal::open(&dir, OPTIONS, Sequence::ZERO).unwrap();
        let gate = Gated::new(Arc::new(journal));
        (self.open_over_within(gate.clone(), limits), gate)
    }

    /// Opened over a record that stands for this one.
    pub(crate) fn open_over(&self, record: Arc<dyn Record>) -> Ledger {
        self.open_over_within(record, Limits::default())
    }

    fn open_over_within(&self, record: Arc<dyn Record>, limits: Limits) -> Ledger {
        let root = self.root();
        let options = letopis_state::Options::new(record.ledger(), SCHEMA);
        let (state, _) = Store::open(&root.join("state"), &options, |_| true).unwrap();
        let kek = Kek::read_file(&keys_dir(&root).join(data::KEK_FILE)).unwrap();
        let unused = state.mark().map_or(0, |mark| mark.next_key_slot);
        let vault = Vault::open(&root.join("vault"), record.ledger(), &kek, unused).unwrap();
        let parts = Parts {
            record,
            vault,
            state: Arc::new(state),
            keys: testing::keys(),
            clock: self.clock(),
            limits,
        };
        letopis_ledger::open(parts).unwrap().0
    }

    /// Starts a server that answers without tokens, with the invented staff at work.
    pub(crate) async fn start(&self) -> Server {
        let (ledger, _) = tokio::task::block_in_place(|| self.open()).unwrap();
        let server = Server::start(ledger).await;
        server.record_all(&testing::staff()).await;
        server
    }

    /// Starts a server as it is set, with the invented staff at work.
    pub(crate) async fn start_with(&self, settings: Settings) -> Server {
        let (ledger, _) = tokio::task::block_in_place(|| self.open()).unwrap();
        for draft in testing::staff() {
            ledger.append(draft.submission()).await.unwrap();
        }
        Server::start_with(ledger, settings).await
    }

    /// The same, and nobody is connected to it.
    pub(crate) async fn start_unconnected(&self, settings: Settings) -> Server {
        let (ledger, _) = tokio::task::block_in_place(|| self.open()).unwrap();
        Server::start_unconnected(ledger, settings).await
    }

    /// The same, over a record that can be held up.
    pub(crate) async fn start_gated(&self) -> (Server, Arc<Gated>) {
        let (ledger, gate) = tokio::task::block_in_place(|| self.open_gated());
        let server = Server::start(ledger).await;
        server.record_all(&testing::staff()).await;
        (server, gate)
    }

    /// Everything in the record's directory but the head file, which follows by itself.
    pub(crate) fn record(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = files(&self.root().join("record"));
        files.retain(|path, _| !path.to_string_lossy().starts_with("head"));
        files
    }

    /// Verifies what lies there, sections included. No server may be using it.
    pub(crate) fn verify(&self) -> Verified {
        let root = self.root();
        let data = DataDir::open_read_only(&root).unwrap();
        let kek = keys_dir(&root).join(data::KEK_FILE);
        let vault = open_vault(&root, &kek, data.ledger()).unwrap();
        assert!(vault.is_some());
        verify(&data, VerifyOptions { vault, workers: 2, size: None }, |_| {}).unwrap()
    }
}

/// All files below a directory, with what is in them.
pub(crate) fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![dir.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                found.insert(path.strip_prefix(dir).unwrap().to_path_buf(), bytes);
            }
        }
    }
    found
}

/// A server that runs.
pub(crate) struct Server {
    pub(crate) channel: Channel,
    pub(crate) client: Client,
    pub(crate) address: String,
    stop: Option<oneshot::Sender<()>>,
    pub(crate) serving: JoinHandle<Result<(), ServeError>>,
}

impl Server {
    pub(crate) async fn start(ledger: Ledger) -> Self {
        Self::start_with(ledger, Settings::open()).await
    }

    pub(crate) async fn start_with(ledger: Ledger, settings: Settings) -> Self {
        let server = Self::start_unconnected(ledger, settings).await;
        // The first connection is there before anybody asks.
        server.checkpoint().await;
        server
    }

    async fn start_unconnected(ledger: Ledger, settings: Settings) -> Self {
        let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve_with(ledger, listener, settings, async {
            let _ = stopped.await;
        }));
        let channel = Channel::from_shared(address.clone()).unwrap().connect_lazy();
        let client = client(channel.clone());
        Self { channel, client, address, stop: Some(stop), serving }
    }

    pub(crate) fn tell_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Stops it in order.
    pub(crate) async fn stop(mut self) {
        self.tell_to_stop();
        let Self { channel, client, serving, .. } = self;
        // A connection without calls doesn't keep a server up.
        tokio::time::timeout(Duration::from_secs(5), serving).await.unwrap().unwrap().unwrap();
        drop((channel, client));
    }

    pub(crate) async fn append(&self, submission: Submission) -> Result<proto::Receipt, Status> {
        let request = proto::AppendRequest { submission: Some(message(submission)) };
        let response = self.client.clone().append(request).await?;
        Ok(response.into_inner().receipt.unwrap())
    }

    /// Appends what must be taken.
    pub(crate) async fn record(&self, draft: &Draft) -> proto::Receipt {
        self.append(draft.submission()).await.unwrap()
    }

    pub(crate) async fn record_all(&self, drafts: &[Draft]) -> Vec<proto::Receipt> {
        let outcomes = self.append_stream(drafts.iter().map(Draft::submission).collect()).await;
        outcomes
            .into_iter()
            .map(|outcome| match outcome {
                Outcome::Receipt(receipt) => receipt,
                Outcome::Error(error) => panic!("{error:?}"),
            })
            .collect()
    }

    /// One result for each, in their order.
    pub(crate) async fn append_stream(&self, submissions: Vec<Submission>) -> Vec<Outcome> {
        let count = submissions.len();
        let requests = submissions
            .into_iter()
            .map(|submission| proto::AppendStreamRequest { submission: Some(message(submission)) });
        let requests = tokio_stream::iter(requests.collect::<Vec<_>>());
        let mut answers = self.client.clone().append_stream(requests).await.unwrap().into_inner();
        let mut outcomes = Vec::new();
        while let Some(answer) = answers.message().await.unwrap() {
            outcomes.push(answer.result.unwrap());
        }
        assert_eq!(outcomes.len(), count, "one result for each statement");
        outcomes
    }

    pub(crate) async fn size(&self) -> u64 {
        let checkpoint = self.checkpoint().await.checkpoint;
        checkpoint.lines().nth(1).unwrap().parse().unwrap()
    }

    pub(crate) async fn checkpoint(&self) -> proto::GetCheckpointResponse {
        let request = proto::GetCheckpointRequest {};
        self.client.clone().get_checkpoint(request).await.unwrap().into_inner()
    }
}

pub(crate) async fn connect(address: &str) -> Channel {
    Channel::from_shared(address.to_owned()).unwrap().connect().await.unwrap()
}

pub(crate) fn client(channel: Channel) -> Client {
    LedgerServiceClient::new(channel).max_decoding_message_size(64 << 20)
}

pub(crate) fn message(submission: Submission) -> proto::Submission {
    proto::Submission {
        statement: submission.statement.into(),
        signatures: submission.signatures.into_iter().map(Into::into).collect(),
        sections: submission
            .sections
            .into_iter()
            .map(|section| proto::SectionContent {
                salt: section.salt.into(),
                content: section.content.to_vec().into(),
            })
            .collect(),
    }
}

/// What a refused caller is told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refused {
    pub(crate) code: Code,
    pub(crate) reason: Reason,
    pub(crate) message: String,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) retry_after: Option<Duration>,
}

/// A status as every refusal has it: with google.rpc.ErrorInfo of our domain.
pub(crate) fn refused(status: &Status) -> Refused {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
    assert_eq!(info.domain, "letopis");
    let reason = Reason::from_str_name(&format!("REASON_{}", info.reason));
    Refused {
        code: status.code(),
        reason: reason.unwrap_or_else(|| panic!("no reason: {}", info.reason)),
        message: status.message().to_owned(),
        metadata: info.metadata.clone().into_iter().collect(),
        retry_after: details.retry_info().and_then(|retry| retry.retry_delay),
    }
}

/// The same of an error that is a value in a stream.
pub(crate) fn refused_as_value(outcome: &Outcome) -> Refused {
    let Outcome::Error(error) = outcome else { panic!("not refused: {outcome:?}") };
    Refused {
        code: Code::from_i32(error.code),
        reason: error.reason(),
        message: error.message.clone(),
        metadata: error.metadata.clone().into_iter().collect(),
        retry_after: error.retry_after_ms.map(|ms| Duration::from_millis(ms.into())),
    }
}
