//! A history is brought along: every event signed, strictly verified, sealed, durable, its receipt
//! verified. Then the record is verified on one core, and starts are timed after a clean stop and
//! after `kill -9`.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use letopis_client::{Identity, KnownLedgers, LedgerClient, Options};

use super::figures::Figure;
use super::runtime;
use super::server::Server;
use crate::cmd::import::{IdKey, import, survey};
use crate::cmd::init::{Begun, begin_trial};
use crate::cmd::verify::verify_dir;
use crate::failure::Failure;

/// Begins a ledger in `root`, and leaves it there, stopped.
pub(super) fn measure(
    root: &Path,
    file: &Path,
    times: u32,
) -> Result<(Begun, [Figure; 6]), Failure> {
    let begun = begin_trial(root, "bench.example")?;
    let key = letopisd::data::keys_dir(root).join("registrar-1.key");
    // What is measured is the record, not who may read it.
    let server = Server::start_open(root)?;
    let (imported, seconds) = runtime()?.block_on(async {
        let vkey = begun.verification_key.parse().map_err(Failure::other)?;
        let known =
            KnownLedgers::new(root.join("known")).with_key(&vkey).map_err(Failure::other)?;
        let client = LedgerClient::connect(&server.url, known, Options::default()).await?;
        import_times(&client, file, &key, times).await
    })?;
    let server_peak_mib = server.peak_mib()?;
    server.stop()?;

    let started = Instant::now();
    let verified = verify_dir(root, Some(1), None, |_| {})?;
    let verify_seconds = started.elapsed().as_secs_f64();

    let started = Instant::now();
    let server = Server::start_open(root)?;
    let start_clean_ms = started.elapsed().as_secs_f64() * 1e3;
    server.kill()?;
    let started = Instant::now();
    let server = Server::start_open(root)?;
    let start_killed_ms = started.elapsed().as_secs_f64() * 1e3;
    server.stop()?;

    // INVARIANT: far below 2^53 events.
    let events = verified.events as f64;
    let figures = [
        Figure::new("events in the record", "events", events),
        Figure::new(
            "import, client and server, events/s",
            "import_per_second",
            imported as f64 / seconds,
        ),
        Figure::new("verify, on one core, events/s", "verify_per_second", events / verify_seconds),
        Figure::new("server's peak memory, MiB", "server_peak_mib", server_peak_mib),
        Figure::new("start after a clean stop, ms", "start_clean_ms", start_clean_ms),
        Figure::new("start after kill -9, ms", "start_killed_ms", start_killed_ms),
    ];
    Ok((begun, figures))
}

async fn import_times(
    client: &LedgerClient,
    file: &Path,
    key: &Path,
    times: u32,
) -> Result<(u64, f64), Failure> {
    let (mut imported, mut seconds) = (0, 0.0);
    let identity = Arc::new(Identity::read(key)?);
    for _ in 0..times.max(1) {
        let survey = survey(file)?;
        let started = Instant::now();
        let done =
            import(client, file, survey, Arc::clone(&identity), IdKey::fresh()?, |_| {}).await?;
        seconds += started.elapsed().as_secs_f64();
        imported += done.events;
    }
    Ok((imported, seconds))
}
