//! What is not on the record in time: the ledger says so, once for each clock, with its own signature.

use letopis_proto::statement::v1::{self as proto, fact::Kind};
use letopis_types::{StreamKey, StreamKind};

use crate::access::Files as _;
use crate::error::LedgerError;
use crate::ledger::Ledger;

/// The most files that are looked at in one go; the next go takes the next ones.
const FILES_MAX: usize = 1_024;

/// A deadline that is to be recorded as missed.
struct Missed {
    stream: StreamKey,
    fact: proto::DeadlineMissed,
}

impl Ledger {
    /// Records each deadline that ran out by now and is not kept, suspended or recorded as missed. It may
    /// be called as often as one likes, also after a downtime: the sequencer takes each once.
    /// While the clock has leapt and nobody has confirmed it, nothing is recorded. Returns how many
    /// were.
    ///
    /// # Errors
    /// The state's, and as [`Ledger::append`].
    pub async fn record_missed_deadlines(&self) -> Result<usize, LedgerError> {
        if self.0.clock.has_leapt() {
            return Ok(0);
        }
        let ledger = self.clone();
        let missed = tokio::task::spawn_blocking(move || ledger.missed_deadlines());
        let missed = missed.await.map_err(LedgerError::record)??;
        let mut answers = Vec::with_capacity(missed.len());
        for Missed { stream, fact } in missed {
            answers.push(self.submit_own(stream, Kind::DeadlineMissed(fact), None).await?);
        }
        let mut count = 0;
        for answer in answers {
            match answer.await {
                Ok(_) => count += 1,
                // Something came in between that stopped the clock.
                Err(LedgerError::Rejected(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }

    /// Did the clock leap, or rest for long, and has nobody confirmed it since?
    #[must_use]
    pub fn clock_has_leapt(&self) -> bool {
        self.0.clock.has_leapt()
    }

    /// The clock leapt before the process began, and nobody has confirmed it since.
    pub fn distrust_clock(&self) {
        self.0.clock.distrust();
    }

    /// Somebody looked at the clock, and it is right.
    pub fn confirm_clock(&self) {
        self.0.clock.confirm();
    }

    fn missed_deadlines(&self) -> Result<Vec<Missed>, LedgerError> {
        let now = self.0.clock.now().seconds();
        let mut missed = Vec::new();
        for row in self.0.state.due_by(now).take(FILES_MAX) {
            let (_, key) = row?;
            let file = self.0.access.file(&key)?;
            let overdue = file.procedure.clocks().overdue(now);
            missed.extend(overdue.map(|clock| Missed {
                stream: stream_of(&key, clock.protected),
                fact: proto::DeadlineMissed {
                    clock: clock.number,
                    started_by: clock.started_by.0.to_vec(),
                    subject: clock.subject.0.to_vec(),
                    due_seconds: clock.due,
                    file: key.kind as i32,
                },
            }));
        }
        Ok(missed)
    }
}

/// Where it is said: of what nobody may know of, where nobody may look.
fn stream_of(file: &StreamKey, protected: bool) -> StreamKey {
    let kind = match file.kind {
        StreamKind::Root => StreamKind::Root,
        _ if protected => StreamKind::Protected,
        _ => StreamKind::Clocks,
    };
    StreamKey { kind, id: file.id }
}
