//! The played year on a server, and who looks at it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use letopis_client::{ActingAs, Identity, KnownLedgers, LedgerClient, Options};
use letopis_district::ClockFile;
use letopis_proto::statement::v1::Purpose;
use letopis_tests::{Launch, Server};

/// A server over the year as it was left. Its clock stands still.
pub(crate) struct Served {
    pub(crate) server: Server,
    pub(crate) data: PathBuf,
    /// The data protection officer's connection: who sees the facts of every case.
    pub(crate) officer: LedgerClient,
}

impl Served {
    pub(crate) async fn start(data: &Path) -> Self {
        let server = launch(data).start();
        let officer = Arc::new(Identity::read(&key(data, "officer")).unwrap());
        let acting_as = Some(ActingAs::new(officer, Purpose::DataProtection));
        let clock = ClockFile::create(&clock(data), shown(data)).unwrap().for_tokens();
        let known = KnownLedgers::new(data.with_file_name("known"));
        let options = Options { acting_as, clock, ..Options::default() };
        let (officer, _) =
            LedgerClient::trust_on_first_use(server.url(), &known, options).await.unwrap();
        Self { server, data: data.to_owned(), officer }
    }

    /// Somebody's keys.
    pub(crate) fn key(&self, name: &str) -> PathBuf {
        key(&self.data, name)
    }

    pub(crate) fn clock(&self) -> PathBuf {
        clock(&self.data)
    }

    /// Where a test may put what it needs.
    pub(crate) fn folder(&self) -> &Path {
        self.data.parent().unwrap()
    }
}

/// A server that takes tokens, and its time from the year's clock.
pub(crate) fn launch(data: &Path) -> Launch {
    Launch::new(data).closed().with(format!("--simulated-clock={}", clock(data).display()))
}

pub(crate) fn clock(data: &Path) -> PathBuf {
    data.join("simulated-clock")
}

/// What the year's clock shows.
pub(crate) fn shown(data: &Path) -> i64 {
    std::fs::read_to_string(clock(data)).unwrap().trim().parse().unwrap()
}

fn key(data: &Path, name: &str) -> PathBuf {
    data.join("people").join(format!("{name}.key"))
}
