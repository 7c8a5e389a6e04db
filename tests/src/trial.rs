//! A trial ledger, begun as a user begins one.

use std::path::{Path, PathBuf};
use std::process::Command;

use letopis_client::{Identity, KnownLedger, KnownLedgers, LedgerClient, Options, Retry};
use letopis_log::VerifierKey;
use serde_json::Value;
use tempfile::TempDir;

use crate::server::Launch;
use crate::{Finished, binaries, finish, place};

/// A trial ledger in a folder of its own.
#[derive(Debug)]
pub struct Trial {
    folder: TempDir,
    /// Its data directory.
    pub data: PathBuf,
    /// Its id, in hex.
    pub ledger: String,
    /// With which its checkpoints are checked.
    pub vkey: String,
}

impl Trial {
    /// `letopis init`.
    ///
    /// # Panics
    /// If it does not succeed.
    #[must_use]
    pub fn begin(name: &str) -> Self {
        let folder = place::temporary(&format!("{name}-"));
        let data = folder.path().join("data");
        Self::begin_at(folder, data)
    }

    /// `letopis init` of this data directory, which may lie elsewhere than the rest.
    ///
    /// # Panics
    /// If it does not succeed.
    #[must_use]
    pub fn begin_at(folder: TempDir, data: PathBuf) -> Self {
        let mut init = binaries().letopis(&["init", "--json", "--name", "trial.example", "--data"]);
        let begun = finish(init.arg(&data)).json();
        let text = |name: &str| begun[name].as_str().unwrap().to_owned();
        Self { folder, data, ledger: text("ledger"), vkey: text("verification_key") }
    }

    /// The folder around it, where a test may put what it needs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A registrar's key file; there are 1, 2 and 3.
    #[must_use]
    pub fn key_file(&self, registrar: u32) -> PathBuf {
        self.data.join("keys").join(format!("registrar-{registrar}.key"))
    }

    /// A registrar.
    ///
    /// # Panics
    /// If its key file can't be read.
    #[must_use]
    pub fn registrar(&self, number: u32) -> Identity {
        Identity::read(&self.key_file(number)).unwrap()
    }

    /// A server over it.
    #[must_use]
    pub fn launch(&self) -> Launch {
        Launch::new(&self.data)
    }

    /// What a client knows of it.
    ///
    /// # Panics
    /// If it can't be written.
    #[must_use]
    pub fn known(&self) -> KnownLedger {
        let key: VerifierKey = self.vkey.parse().unwrap();
        KnownLedgers::new(self.folder.path().join("known")).with_key(&key).unwrap()
    }

    /// A client that knows it.
    ///
    /// # Panics
    /// If it does not get through.
    pub async fn connect(&self, url: &str) -> LedgerClient {
        LedgerClient::connect(url, self.known(), Options::default()).await.unwrap()
    }

    /// A client that goes on trying for minutes while the server is down.
    ///
    /// # Panics
    /// If it does not get through.
    pub async fn connect_patiently(&self, url: &str) -> LedgerClient {
        let retry = Retry {
            attempts: 20_000,
            pause_first: std::time::Duration::from_millis(10),
            pause_max: std::time::Duration::from_millis(40),
        };
        let options = Options { retry, ..Options::default() };
        LedgerClient::connect(url, self.known(), options).await.unwrap()
    }

    /// `letopis`, against a server that must be this ledger's.
    #[must_use]
    pub fn letopis(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = binaries().letopis(arguments);
        command.args(["--server", url, "--vkey", &self.vkey, "--trust"]).arg(self.trust());
        command
    }

    /// Where [`Self::letopis`] remembers the ledger.
    #[must_use]
    pub fn trust(&self) -> PathBuf {
        self.folder.path().join("trust")
    }
}

/// `letopis verify`.
///
/// # Panics
/// If it can't be started.
pub fn verify(data: &Path) -> Finished {
    finish(binaries().letopis(&["verify", "--json", "--data"]).arg(data))
}

/// `letopis verify` succeeds; what it says. The vault has the key of every section.
///
/// # Panics
/// With all that it said, if it does not.
#[track_caller]
pub fn verified(data: &Path) -> Value {
    let said = verify(data).json();
    assert_eq!((&said["verified"], &said["sections_closed"]), (&true.into(), &0.into()), "{said}");
    said
}
