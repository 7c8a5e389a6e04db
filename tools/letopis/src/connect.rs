//! A connection to a server whose ledger is checked against what is known of it.

use std::path::{Path, PathBuf};

use letopis_client::{KnownLedgers, LedgerClient, Options};
use letopis_log::VerifierKey;

use crate::cli::ServerArgs;
use crate::failure::Failure;

/// Connects. With `--vkey` the ledger must be that one; without, the one that was known before, or
/// at the first meeting whatever answers, which is said.
///
/// # Errors
/// Why the server can't be reached, or is not to be trusted.
pub async fn connect(args: &ServerArgs) -> Result<LedgerClient, Failure> {
    let directory = trust_dir(args)?;
    let known = KnownLedgers::new(&directory);
    if let Some(vkey) = &args.vkey {
        let key: VerifierKey = vkey.parse().map_err(Failure::other)?;
        let ledger = known.with_key(&key).map_err(Failure::other)?;
        return Ok(LedgerClient::connect(&args.server, ledger, Options::default()).await?);
    }
    let before = names(&directory);
    let (client, genesis) =
        LedgerClient::trust_on_first_use(&args.server, &known, Options::default()).await?;
    let id = client.ledger().to_string();
    if !args.json && !before.iter().any(|name| name.contains(&id)) {
        let trial = if genesis.is_trial() { "a TRIAL ledger, " } else { "" };
        eprintln!("first meeting with {trial}{};", client.known().key().name());
        eprintln!("its key was taken from the server: compare it with yours, or give --vkey");
    }
    Ok(client)
}

/// The files of what is known.
fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn trust_dir(args: &ServerArgs) -> Result<PathBuf, Failure> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".letopis"));
    args.trust
        .clone()
        .or_else(home)
        .ok_or_else(|| Failure::other("there is no home directory: name one with --trust"))
}
