//! A ledger in memory, served on a loopback port, that can be told to misbehave. It checks nothing
//! of what it is sent: that is the real one's work.

mod accountability;
mod proxy;
mod service;
mod state;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use letopis_client::{
    Draft, Instant, KnownLedgers, LedgerClient, OccurredAt, Options, Retry, SignedStatement,
    Signer, TokenClock,
};
use letopis_crypto::sign::SecretKey;
use letopis_proto::accountability::v1::accountability_service_server::AccountabilityServiceServer;
use letopis_proto::ledger::v1::ledger_service_server::LedgerServiceServer;
use letopis_proto::statement::v1::{
    self as proto, Genesis, Knowledge, NoteAdded, Precision, Registrar, fact::Kind,
};
use letopis_types::{ActorId, Class, StreamId, StreamKey, StreamKind};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;

use accountability::Accountability;
use proxy::Proxy;
pub use service::Service;
pub use state::{State, Trouble};

pub const OCCURRED_AT: OccurredAt = OccurredAt {
    instant: Instant { seconds: 1_760_000_000, nanos: 0, offset_minutes: 120 },
    precision: Precision::Minute,
    knowledge: Knowledge::Witnessed,
};

pub fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

pub fn case(number: u8) -> StreamKey {
    StreamKey { kind: StreamKind::Case, id: StreamId([number; 16]) }
}

/// The key of whoever writes in these tests.
pub fn author() -> SecretKey {
    secret(40)
}

pub fn signer_of(key: &SecretKey) -> Signer {
    let grant = Some(letopis_types::Digest([9; 32]));
    Signer { actor: ActorId([4; 16]), key: key.public(), grant }
}

/// A genesis of invented registrars; its checkpoint key is `secret(checkpoint_key)`.
pub fn genesis(checkpoint_key: u8) -> SignedStatement {
    genesis_signed_by(checkpoint_key, &[1, 2, 3, 10, checkpoint_key])
}

/// The same, signed by these.
pub fn genesis_signed_by(checkpoint_key: u8, signers: &[u8]) -> SignedStatement {
    let registrars = (1..=3).map(|number| Registrar {
        actor: vec![number; 16],
        statement_key: secret(number).public().0.to_vec(),
    });
    let fact = Genesis {
        name: "invented.test".to_owned(),
        procedure: "bg".to_owned(),
        trial: true,
        registrars: registrars.collect(),
        statement_key: secret(10).public().0.to_vec(),
        checkpoint_key: secret(checkpoint_key).public().0.to_vec(),
        previous_ledger: Vec::new(),
    };
    let keys: Vec<_> = signers.iter().copied().map(secret).collect();
    let actor = |n: u8| if n <= 3 { ActorId([n; 16]) } else { ActorId::LEDGER };
    let signers: Vec<_> = signers
        .iter()
        .zip(&keys)
        .map(|(n, key)| Signer { actor: actor(*n), key: key.public(), grant: None })
        .collect();
    let unsigned =
        Draft::new(StreamKey::ROOT, Kind::Genesis(fact), OCCURRED_AT).seal(None, &signers).unwrap();
    unsigned.sign(&keys.iter().collect::<Vec<_>>()).unwrap()
}

/// Short pauses, so that tests are quick.
pub const OPTIONS: Options = Options {
    timeout: Duration::from_secs(10),
    retry: Retry {
        attempts: 5,
        pause_first: Duration::from_millis(2),
        pause_max: Duration::from_millis(10),
    },
    check_interval: Duration::from_millis(20),
    acting_as: None,
    tls: None,
    clock: TokenClock::SYSTEM,
};

/// The same, and answers that come after 200 ms come too late.
pub const IMPATIENT: Options = Options { timeout: Duration::from_millis(200), ..OPTIONS };

/// Too late for those.
pub const LATE: Trouble = Trouble::Slow(Duration::from_millis(500));

/// A running server, and a directory for what its clients remember.
pub struct Fake {
    state: Arc<Mutex<State>>,
    proxy: Proxy,
    pub direct_url: String,
    pub directory: TempDir,
}

impl Fake {
    pub async fn start() -> Self {
        Self::with_genesis(genesis(11), 11).await
    }

    pub async fn with_genesis(genesis: SignedStatement, checkpoint_key: u8) -> Self {
        let state = Arc::new(Mutex::new(State::new(genesis, secret(checkpoint_key))));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Proxy::start(address).await;
        let service = Service { state: Arc::clone(&state), proxy: proxy.clone() };
        let server = tonic::transport::Server::builder()
            .add_service(LedgerServiceServer::new(service))
            .add_service(AccountabilityServiceServer::new(Accountability(Arc::clone(&state))))
            .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)));
        tokio::spawn(server);
        let directory = tempfile::tempdir().unwrap();
        Self { state, proxy, direct_url: format!("http://{address}"), directory }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn url(&self) -> String {
        self.proxy.url()
    }

    /// What answers, to be served in another way too.
    pub fn service(&self) -> Service {
        Service { state: Arc::clone(&self.state), proxy: self.proxy.clone() }
    }

    /// Breaks every connection there is.
    pub fn cut(&self) {
        self.proxy.cut();
    }

    pub fn known_ledgers(&self) -> KnownLedgers {
        KnownLedgers::new(self.directory.path())
    }

    pub async fn client(&self) -> LedgerClient {
        self.client_with(OPTIONS).await
    }

    pub async fn client_with(&self, options: Options) -> LedgerClient {
        LedgerClient::trust_on_first_use(&self.url(), &self.known_ledgers(), options)
            .await
            .unwrap()
            .0
    }

    /// The files with evidence that clients left behind.
    pub fn evidence(&self) -> Vec<String> {
        std::fs::read_dir(self.directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_str().unwrap().contains(".evidence-"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }

    /// A note in a case of this ledger, with one section.
    pub fn note(&self, stream: StreamKey, text: &str) -> SignedStatement {
        let ledger = self.state().ledger;
        let key = author();
        Draft::new(stream, Kind::NoteAdded(NoteAdded {}), OCCURRED_AT)
            .section(Class::Normal, "text/plain", text.to_owned())
            .seal(ledger, &[signer_of(&key)])
            .unwrap()
            .sign(&[&key])
            .unwrap()
    }

    pub fn notes(&self, count: usize) -> Vec<SignedStatement> {
        (0..count).map(|at| self.note(case(1), &format!("invented note {at}"))).collect()
    }
}

pub fn stream_message(stream: &StreamKey) -> proto::Stream {
    proto::Stream { kind: stream.kind as i32, id: stream.id.0.to_vec() }
}
