//! The server's life: open, listen, serve, end in order.

use std::sync::Arc;
use std::time::Duration;

use letopis_ledger::{Clock, Ledger, Limits};
use letopis_record::Options;
use letopis_service_rpc::{Admission, Bounds};
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::data::Storage;
use crate::incoming::ConnectionBounds;
use crate::leap::LeapMark;
use crate::serve::{ServeError, Settings};
use crate::simulated::SimulatedClock;
use crate::tls::TlsFiles;
use crate::{data, serve};

/// How often it is looked at what ran out.
const CLOCKS_EVERY: Duration = Duration::from_secs(10);

/// Serves until SIGTERM or SIGINT. Says on standard output where it listens.
///
/// # Errors
/// Why it could not open, listen or go on; its text says what to do.
pub fn run(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    // Before anything is opened for nothing.
    let tls = config.tls().map(|files| files.load().map(|loaded| (files, loaded))).transpose()?;
    let storage = Storage {
        record: Options {
            segment_bytes: config.segment_bytes,
            preallocate_bytes: config.preallocate_bytes,
        },
        reserve: config.reserve(),
        state_cache_bytes: config.state_cache_bytes,
    };
    let simulated = config.simulated_clock.as_deref().map(SimulatedClock::open).transpose()?;
    let clock = simulated.as_ref().map_or_else(Clock::system, SimulatedClock::clock);
    let limits = Limits::default();
    let (ledger, opened) = data::open_with(&config.data, &storage, clock, limits, &config.kek())?;
    tracing::info!("{}", opened.state);
    tracing::info!(
        ledger = %ledger.id(),
        events = opened.ledger.events,
        replayed = opened.ledger.replayed,
        ms = opened.ledger.elapsed.as_millis(),
        "opened",
    );
    if simulated.is_some()
        && let Err(refused) = SimulatedClock::check(&ledger)
    {
        // Nothing was recorded by it.
        ledger.close()?;
        return Err(refused.into());
    }
    let mark = LeapMark::of(&config.data);
    mark.begin(&ledger, config.confirm_clock)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = match runtime.block_on(listen(config, &ledger)) {
        Ok(listener) => listener,
        Err(refused) => {
            // It was opened for nothing, and is ended in order all the same.
            ledger.close()?;
            return Err(refused.into());
        }
    };
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let settings = settings(config, &ledger, tls)?;
        let kept = keep(&ledger, config.backup_days, simulated, mark);
        // On standard output, so that whoever started it learns the port.
        println!("listening on {}", listener.local_addr()?);
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            // It holds the ledger, which is ended in order only when nobody else does.
            kept.iter().for_each(JoinHandle::abort);
        };
        serve::serve_with(ledger, listener, settings, stop).await?;
        tracing::info!("ended in order");
        Ok(())
    })
}

/// Refuses before anybody is told where it listens.
async fn listen(config: &Config, ledger: &Ledger) -> Result<TcpListener, ServeError> {
    if config.open && !ledger.is_trial() {
        return Err(ServeError::OpenNotTrial);
    }
    match config.tls() {
        Some(_) => serve::listen_anywhere(config.listen).await,
        None => serve::listen(config.listen).await,
    }
}

fn settings(
    config: &Config,
    ledger: &Ledger,
    tls: Option<(TlsFiles, Arc<ServerConfig>)>,
) -> std::io::Result<Settings> {
    let closed = Settings::closed();
    Ok(Settings {
        tls: tls.map(|(files, loaded)| reloading(files, loaded)).transpose()?,
        admission: if config.open { Admission::Open } else { Admission::Token },
        reflection: config.reflection.unwrap_or(ledger.is_trial()),
        connections: ConnectionBounds {
            connections_max: config.connections_max as usize,
            ..closed.connections
        },
        calls: Bounds {
            request_bytes_max: usize::try_from(config.request_bytes_max).unwrap_or(usize::MAX),
            ..closed.calls
        },
        ..closed
    })
}

/// Reads the files again on SIGHUP. Connections that are open go on as they are.
fn reloading(
    files: TlsFiles,
    loaded: Arc<ServerConfig>,
) -> std::io::Result<watch::Receiver<Arc<ServerConfig>>> {
    let mut hangup = signal(SignalKind::hangup())?;
    let (sender, tls) = watch::channel(loaded);
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match files.load() {
                Ok(loaded) => {
                    sender.send_replace(loaded);
                    tracing::info!("the certificate was read again");
                }
                Err(error) => tracing::error!(%error, "the certificate stays as it was"),
            }
        }
    });
    Ok(tls)
}

/// What goes on by the clock, as tasks.
fn keep(
    ledger: &Ledger,
    backup_days: Option<u32>,
    simulated: Option<SimulatedClock>,
    mark: LeapMark,
) -> Vec<JoinHandle<()>> {
    if let Some(simulated) = simulated {
        return vec![tokio::spawn(simulated.keep(ledger.clone(), backup_days))];
    }
    let completing = backup_days.map(|days| tokio::spawn(complete_erasures(ledger.clone(), days)));
    let clocks = tokio::spawn(keep_clocks(ledger.clone(), mark));
    completing.into_iter().chain([clocks]).collect()
}

/// Says what is not on the record in time, and how often what was refused.
async fn keep_clocks(ledger: Ledger, mark: LeapMark) {
    let mut often = tokio::time::interval(CLOCKS_EVERY);
    let (mut told, mut marked) = (false, false);
    loop {
        often.tick().await;
        let leapt = ledger.clock_has_leapt();
        if leapt && !told {
            tracing::error!(
                "the clock leapt, or the ledger was at rest for long: no deadline is recorded as missed \
                 until somebody has looked at the clock and starts the server with --confirm-clock"
            );
        }
        told = leapt;
        if leapt && !marked {
            match mark.set() {
                Ok(()) => marked = true,
                Err(error) => {
                    tracing::error!(%error, "the next start would not know that the clock leapt");
                }
            }
        }
        match ledger.record_missed_deadlines().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deadlines were recorded as missed"),
            Err(error) => tracing::error!(%error, "deadlines were not recorded as missed"),
        }
        if let Err(error) = ledger.count_refusals().await {
            tracing::error!(%error, "counts of refusals could not be recorded; they will be tried again");
        }
    }
}

/// Looks once a day whether erasures became final.
async fn complete_erasures(ledger: Ledger, backup_days: u32) {
    let mut daily = tokio::time::interval(Duration::from_secs(24 * 3600));
    loop {
        daily.tick().await;
        match ledger.complete_erasures(backup_days).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "erasures are final"),
            Err(error) => tracing::error!(%error, "erasures were not recorded as final"),
        }
    }
}
