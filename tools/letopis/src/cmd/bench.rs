//! `letopis bench`: what a ledger does on this machine, client and server together.
//!
//! Each round makes a new trial ledger, imports a log over gRPC into a server process of its own
//! (every event signed, strictly verified, sealed, durable, its receipt verified), verifies the
//! record on one core, and times starts after a clean stop and after `kill -9`. Medians are
//! reported; figures of one run compare with one another, not with another machine's.

mod sample;
mod server;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use letopis_client::{Identity, KnownLedgers, LedgerClient, Options};
use serde_json::json;

use crate::cli::BenchArgs;
use crate::cmd::import::{IdKey, import, survey};
use crate::cmd::init::begin_trial;
use crate::cmd::verify::verify_dir;
use crate::failure::Failure;
use server::Server;

/// What one round measured.
#[derive(Debug, Clone, Copy)]
struct Round {
    events: f64,
    import_per_second: f64,
    verify_per_second: f64,
    server_peak_mib: f64,
    start_clean_ms: f64,
    start_killed_ms: f64,
}

/// `letopis bench`.
///
/// # Errors
/// Whatever did not go as it should.
pub fn run(args: &BenchArgs) -> Result<(), Failure> {
    let work = tempfile::tempdir().map_err(Failure::other)?;
    let file = match &args.file {
        Some(file) => file.clone(),
        None => sample::write(&work.path().join("sample.xes"))?,
    };
    let mut rounds = Vec::new();
    for number in 1..=args.rounds.max(1) {
        let root = work.path().join(format!("round-{number}"));
        let round = measure(&root, &file, args.times)?;
        if !args.json {
            eprintln!(
                "round {number}: {:.0} events, import {:.0}/s, verify {:.0}/s on one core",
                round.events, round.import_per_second, round.verify_per_second
            );
        }
        rounds.push(round);
    }
    report(&rounds, &file, args);
    Ok(())
}

fn report(rounds: &[Round], file: &Path, args: &BenchArgs) {
    let median = |of: fn(&Round) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let rows = [
        ("events in the record", "events", median(|round| round.events)),
        ("import, client and server", "import_per_second", median(|r| r.import_per_second)),
        ("verify, on one core", "verify_per_second", median(|r| r.verify_per_second)),
        ("server's peak memory, MiB", "server_peak_mib", median(|r| r.server_peak_mib)),
        ("start after a clean stop, ms", "start_clean_ms", median(|r| r.start_clean_ms)),
        ("start after kill -9, ms", "start_killed_ms", median(|r| r.start_killed_ms)),
    ];
    if args.json {
        let values = rows.iter().map(|(_, name, value)| ((*name).to_owned(), json!(value)));
        println!("{}", serde_json::Value::Object(values.collect()));
        return;
    }
    println!("median of {} rounds, {} × {}", rounds.len(), args.times, file.display());
    for (words, _, value) in rows {
        println!("    {words:<32}{value:>12.0}");
    }
}

fn measure(root: &Path, file: &Path, times: u32) -> Result<Round, Failure> {
    let begun = begin_trial(root, "bench.example")?;
    let key = letopisd::data::keys_dir(root).join("registrar-1.key");
    let server = Server::start(root)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::other)?;
    let (imported, seconds) = runtime.block_on(async {
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
    let server = Server::start(root)?;
    let start_clean_ms = started.elapsed().as_secs_f64() * 1e3;
    server.kill()?;
    let started = Instant::now();
    let server = Server::start(root)?;
    let start_killed_ms = started.elapsed().as_secs_f64() * 1e3;
    server.stop()?;

    // INVARIANT: far below 2^53 events.
    let events = verified.events as f64;
    Ok(Round {
        events,
        import_per_second: imported as f64 / seconds,
        verify_per_second: events / verify_seconds,
        server_peak_mib,
        start_clean_ms,
        start_killed_ms,
    })
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
