//! A connection to a server whose ledger is checked against what is known of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use letopis_client::{ActingAs, KnownLedgers, LedgerClient, Options, Tls, TokenClock};
use letopis_log::VerifierKey;
use letopis_proto::statement::v1::Purpose;
use letopisd::simulated::SimulatedClock;

use crate::cli::ServerArgs;
use crate::failure::Failure;
use crate::holder::Holder;

/// A connection, and who is at this end of it.
#[derive(Debug)]
pub struct Connected {
    /// The connection; its calls are made by the first holder, if there is one.
    pub client: LedgerClient,
    /// Whose keys there are, in the order of the arguments.
    pub holders: Vec<Holder>,
    /// What the calls are for.
    pub purpose: Purpose,
}

impl Connected {
    /// Who makes the calls.
    ///
    /// # Errors
    /// Where nobody does.
    pub fn caller(&self) -> Result<&Holder, Failure> {
        self.holders.first().ok_or_else(|| Failure::other("say who you are: --key or --agent"))
    }
}

/// Connects, for work on cases. With `--vkey` the ledger must be that one; without, the one that was
/// known before, or at the first meeting whatever answers, which is said.
///
/// # Errors
/// Why the server can't be reached, or is not to be trusted.
pub async fn connect(args: &ServerArgs) -> Result<LedgerClient, Failure> {
    Ok(connect_for(args, Purpose::CaseWork).await?.client)
}

/// The same for what is usually done for another purpose.
///
/// # Errors
/// As [`connect`].
pub async fn connect_for(args: &ServerArgs, usual: Purpose) -> Result<Connected, Failure> {
    connect_with(args, Holder::all(&args.keys)?, usual).await
}

/// The same, by whoever was found already.
///
/// # Errors
/// As [`connect`].
pub async fn connect_with(
    args: &ServerArgs,
    holders: Vec<Holder>,
    usual: Purpose,
) -> Result<Connected, Failure> {
    let purpose = args.purpose.unwrap_or(usual);
    let acting_as = holders.first().map(|holder| ActingAs::new(holder.tokens(), purpose));
    let tls = args.ca.as_deref().map(Tls::with_authority_file).transpose();
    let tls = tls.map_err(Failure::other)?.map(Arc::new);
    let clock = token_clock(args.simulated_clock.as_deref())?;
    let client = meet(args, Options { acting_as, tls, clock, ..Options::default() }).await?;
    for holder in &holders {
        if holder.ledger().is_some_and(|ledger| ledger != *client.ledger()) {
            return Err(Failure::other(format!(
                "{} serves the ledger {}, and the key is for another one",
                args.server,
                client.ledger()
            )));
        }
    }
    Ok(Connected { client, holders, purpose })
}

/// The system's clock, or the one in this file.
fn token_clock(simulated: Option<&Path>) -> Result<TokenClock, Failure> {
    let Some(file) = simulated else { return Ok(TokenClock::SYSTEM) };
    let clock = SimulatedClock::open(file).map_err(Failure::other)?;
    Ok(TokenClock::new(move || UNIX_EPOCH + Duration::from_secs(clock.seconds())))
}

async fn meet(args: &ServerArgs, options: Options) -> Result<LedgerClient, Failure> {
    let directory = trust_dir(args)?;
    let known = KnownLedgers::new(&directory);
    if let Some(vkey) = &args.vkey {
        let key: VerifierKey = vkey.parse().map_err(Failure::other)?;
        let ledger = known.with_key(&key).map_err(Failure::other)?;
        return Ok(LedgerClient::connect(&args.server, ledger, options).await?);
    }
    let before = names(&directory);
    let (client, genesis) = LedgerClient::trust_on_first_use(&args.server, &known, options).await?;
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
