//! When a checkpoint is believed: it goes on from the last one that was.

use std::sync::Arc;

use letopis_log::merkle::verify_consistency;
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as pb;
use letopis_types::{Digest, Sequence};
use tokio::task::spawn_blocking;

use crate::client::LedgerClient;
use crate::convert::hashes;
use crate::error::{ClientError, Distrust, Usage};
use crate::trust::SignedCheckpoint;

impl LedgerClient {
    /// Believes a signed checkpoint and remembers it, once it is shown to go on from the last one;
    /// one that is older is shown to be the beginning of the last one.
    ///
    /// `floor` is how long the log was known to be before the ledger was asked: an answer made
    /// after that can't have been made over fewer links, unless the ledger was rolled back.
    pub(crate) async fn believe(
        &self,
        claimed: &Arc<SignedCheckpoint>,
        floor: Sequence,
    ) -> Result<(), ClientError> {
        loop {
            let last = self.known.last();
            if let Some(last) = &last {
                self.check_floor(claimed, floor)?;
                self.check_consistent(last, claimed).await?;
                if claimed.size() <= last.size() {
                    return Ok(());
                }
            }
            let (known, next) = (Arc::clone(&self.known), Arc::clone(claimed));
            let exchanged = spawn_blocking(move || known.exchange(last.as_deref(), &next)).await;
            if exchanged.map_err(|_| Usage::ThreadLost)?? {
                return Ok(());
            }
        }
    }

    /// The log is as long as it was known to be before the ledger was asked.
    pub(crate) fn check_floor(
        &self,
        claimed: &SignedCheckpoint,
        floor: Sequence,
    ) -> Result<(), Distrust> {
        match self.known.last() {
            Some(last) if claimed.size() < floor => {
                let evidence = self.known.keep_evidence(&last, claimed, &[]);
                Err(Distrust::RolledBack { known: floor, claimed: claimed.size(), evidence })
            }
            _ => Ok(()),
        }
    }

    /// Checkpoints of one size have one root.
    pub(crate) fn check_root(
        &self,
        known: &SignedCheckpoint,
        claimed: &SignedCheckpoint,
    ) -> Result<(), Distrust> {
        if known.root() == claimed.root() {
            return Ok(());
        }
        let evidence = self.known.keep_evidence(known, claimed, &[]);
        Err(Distrust::Fork { size: known.size(), evidence })
    }

    /// Demands and verifies the proof that the smaller of two checkpoints is the beginning of the
    /// greater.
    async fn check_consistent(
        &self,
        known: &SignedCheckpoint,
        claimed: &SignedCheckpoint,
    ) -> Result<(), ClientError> {
        if known.size() == claimed.size() {
            return Ok(self.check_root(known, claimed)?);
        }
        let (earlier, later) =
            if known.size() < claimed.size() { (known, claimed) } else { (claimed, known) };
        let (from, to) = (earlier.size(), later.size());
        let proof = match self.consistency_proof(from, to).await {
            // The ledger denies the size that it signed.
            Err(ClientError::Refused(refused)) if refused.reason == Reason::SequenceOutOfRange => {
                let evidence = self.known.keep_evidence(known, claimed, &[]);
                return Err(Distrust::RolledBack { known: to, claimed: from, evidence }.into());
            }
            proof => proof?,
        };
        verify_consistency(from.0, to.0, &proof, earlier.root(), later.root()).map_err(|source| {
            let evidence = self.known.keep_evidence(known, claimed, &proof);
            Distrust::Inconsistent { from, to, evidence, source }.into()
        })
    }

    async fn consistency_proof(
        &self,
        from: Sequence,
        to: Sequence,
    ) -> Result<Vec<Digest>, ClientError> {
        let request = pb::GetConsistencyProofRequest { from_size: from.0, to_size: to.0 };
        let answer = self.caller.call(&request, |mut grpc, request| async move {
            grpc.get_consistency_proof(request).await
        });
        Ok(hashes(&answer.await?.proof)?)
    }

    /// The present checkpoint, verified against the last one that was believed.
    ///
    /// # Errors
    /// [`Distrust`] where it does not go on from that one; otherwise as every call.
    pub async fn checkpoint(&self) -> Result<Arc<SignedCheckpoint>, ClientError> {
        let floor = self.known.size();
        let answer = self.caller.get_checkpoint().await?;
        let checkpoint = self.known.open_note(answer.checkpoint)?;
        self.believe(&checkpoint, floor).await?;
        Ok(checkpoint)
    }
}
