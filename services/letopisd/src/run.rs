//! The server's life: open, listen, serve, end in order.

use letopis_ledger::{Clock, Ledger, Limits};
use letopis_record::Options;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::serve::ServeError;
use crate::{data, serve};

/// Serves until SIGTERM or SIGINT. Says on standard output where it listens.
///
/// # Errors
/// Why it could not open, listen or go on; its text says what to do.
pub fn run(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let options = Options {
        segment_bytes: config.segment_bytes,
        preallocate_bytes: config.preallocate_bytes,
    };
    let (ledger, opened) = data::open(&config.data, options, Clock::system(), Limits::default())?;
    tracing::info!("{}", opened.state);
    tracing::info!(
        ledger = %ledger.id(),
        events = opened.ledger.events,
        replayed = opened.ledger.replayed,
        ms = opened.ledger.elapsed.as_millis(),
        "opened",
    );
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
        // On standard output, so that whoever started it learns the port.
        println!("listening on {}", listener.local_addr()?);
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        serve::serve(ledger, listener, stop).await?;
        tracing::info!("ended in order");
        Ok(())
    })
}

/// Refuses before anybody is told where it listens.
async fn listen(config: &Config, ledger: &Ledger) -> Result<TcpListener, ServeError> {
    if !ledger.is_trial() {
        return Err(ServeError::NotTrial);
    }
    serve::listen(config.listen).await
}
