//! When an erasure is final: its key was wrapped under a vault key that is gone, and no backup holds
//! that one any more (proto/README.md, Erasure).

use std::collections::HashSet;

use letopis_domain::Fact;
use letopis_proto::statement::v1 as proto;
use letopis_types::{Digest, Sequence, StreamKey, StreamKind, Version};

use crate::error::LedgerError;
use crate::ledger::Ledger;

/// Seconds of a day.
const DAY: u64 = 24 * 3600;

impl Ledger {
    /// Records that erasures are final: those that the last rotation of the vault key covers, once
    /// every backup from before it has expired, `backup_days` after it. Each is recorded once. Returns
    /// how many were recorded now.
    ///
    /// # Errors
    /// The state's, the record's, and as [`Ledger::append`].
    pub async fn complete_erasures(&self, backup_days: u32) -> Result<usize, LedgerError> {
        let Some(rotation) = self.0.vault.last_rotation() else { return Ok(0) };
        let Some(covers) = rotation.covers else { return Ok(0) };
        let expire = rotation.at_seconds.saturating_add(u64::from(backup_days) * DAY);
        if u64::try_from(self.0.clock.now().seconds()).unwrap_or(0) < expire {
            return Ok(0);
        }
        let ledger = self.clone();
        let open = tokio::task::spawn_blocking(move || ledger.incomplete_erasures(covers));
        let open = open.await.map_err(LedgerError::record)??;
        let count = open.len();
        for (stream, erased) in open {
            let access = StreamKey { kind: StreamKind::Access, id: stream.id };
            let fact = proto::ErasureCompleted { erased: erased.0.to_vec() };
            let kind = proto::fact::Kind::ErasureCompleted(fact);
            self.submit_own(access, kind, None).await?.await?;
        }
        Ok(count)
    }

    /// The erasures up to this one that are not recorded as final.
    fn incomplete_erasures(
        &self,
        covers: Sequence,
    ) -> Result<Vec<(StreamKey, Digest)>, LedgerError> {
        let mut open = Vec::new();
        for erasure in self.0.state.erasures(Sequence::ZERO) {
            let (sequence, stream) = erasure?;
            if sequence > covers {
                break;
            }
            let (event, _) = self.parsed(sequence)?;
            let hash = event.link.statement_hash;
            if !self.completed(&stream)?.contains(&hash) {
                open.push((stream, hash));
            }
        }
        Ok(open)
    }

    /// What is recorded as final of a stream.
    fn completed(&self, stream: &StreamKey) -> Result<HashSet<Digest>, LedgerError> {
        let access = StreamKey { kind: StreamKind::Access, id: stream.id };
        let mut completed = HashSet::new();
        for position in self.0.state.positions(&access, Version::ZERO) {
            let (_, statement) = self.parsed(position?.1.sequence)?;
            if let Fact::ErasureCompleted(fact) = statement.fact {
                completed.insert(fact.erased);
            }
        }
        Ok(completed)
    }
}
