//! What goes on beside the pipeline: the head file, and a scrub of what lies on the disk.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use letopis_record::Space;
use letopis_types::Sequence;
use tokio::sync::watch;

use crate::committer::Health;
use crate::ledger::{Inner, Ledger};

/// How far the head file may be behind the commits.
const HEAD_EVERY: Duration = Duration::from_millis(900);

/// Bytes that a scrub reads at once, and how long it rests in between: at most some 10 MiB/s, so that
/// nobody waits for it.
const SCRUB_BYTES: usize = 1 << 20;
const SCRUB_REST: Duration = Duration::from_millis(100);

/// How long a scrub rests when it has read everything.
const SCRUB_EVERY: Duration = Duration::from_secs(24 * 3600);

/// The running threads; they end when this is stopped, or the ledger is gone.
#[derive(Debug)]
pub(crate) struct Background {
    threads: Vec<(SyncSender<()>, JoinHandle<()>)>,
}

impl Background {
    pub(crate) fn start(
        ledger: &Ledger,
        health: Arc<watch::Sender<Health>>,
    ) -> Result<Self, std::io::Error> {
        let inner = Arc::downgrade(&ledger.0);
        let head = move |stopped: Receiver<()>| write_heads(&inner, &stopped, &health);
        let inner = Arc::downgrade(&ledger.0);
        let scrub = move |stopped: Receiver<()>| scrub(&inner, &stopped);
        Ok(Self { threads: vec![spawn("head", head)?, spawn("scrub", scrub)?] })
    }

    /// Ends them; false where one panicked.
    pub(crate) fn stop(self) -> bool {
        self.threads.into_iter().all(|(stop, thread)| {
            drop(stop);
            thread.join().is_ok()
        })
    }
}

fn spawn(
    name: &str,
    work: impl FnOnce(Receiver<()>) + Send + 'static,
) -> Result<(SyncSender<()>, JoinHandle<()>), std::io::Error> {
    let (stop, stopped) = sync_channel(0);
    let thread = thread::Builder::new().name(name.to_owned()).spawn(move || work(stopped))?;
    Ok((stop, thread))
}

/// Rests; `None` when it is time to end.
fn rest(inner: &Weak<Inner>, stopped: &Receiver<()>, duration: Duration) -> Option<Ledger> {
    match stopped.recv_timeout(duration) {
        Err(RecvTimeoutError::Timeout) => inner.upgrade().map(Ledger),
        _ => None,
    }
}

/// Writes the head file at most a second behind the commits; looks whether a full disk has room again,
/// and keeps some for the state.
fn write_heads(inner: &Weak<Inner>, stopped: &Receiver<()>, health: &watch::Sender<Health>) {
    let mut written = Sequence::ZERO;
    while let Some(ledger) = rest(inner, stopped, HEAD_EVERY) {
        ledger.0.record.restore_space();
        ledger.0.state.keep_room();
        let size = ledger.size();
        if size == written {
            continue;
        }
        match ledger.write_head() {
            Ok(()) => written = size,
            // On a full disk it is tried again; nothing of what it would cover is lost.
            Err(_) if ledger.0.record.space() == Space::Gone => {}
            Err(error) => {
                health.send_replace(Health::Failed(error.to_string()));
                return;
            }
        }
    }
}

/// Reads the whole record, slowly and again each day: opening checks footers and the last segment
/// only, and what nobody reads may go bad unseen. What is damaged is not served to anybody who asks
/// for it; here the operator is told before somebody does.
fn scrub(inner: &Weak<Inner>, stopped: &Receiver<()>) {
    let mut next = Sequence::ZERO;
    let mut pause = SCRUB_REST;
    while let Some(ledger) = rest(inner, stopped, pause) {
        pause = SCRUB_REST;
        match ledger.0.record.scrub(next, SCRUB_BYTES) {
            Ok(after) if after >= ledger.size() => {
                tracing::debug!(events = after.0, "scrubbed");
                (next, pause) = (Sequence::ZERO, SCRUB_EVERY);
            }
            Ok(after) => next = after,
            Err(error) => {
                tracing::error!(from = next.0, %error, "the record is damaged; verify it");
                (next, pause) = (Sequence::ZERO, SCRUB_EVERY);
            }
        }
    }
}
