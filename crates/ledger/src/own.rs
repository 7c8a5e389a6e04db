//! Statements of the ledger itself: readings, denials, erasures completed. Signed with its statement key,
//! they go through the same door as anybody's.

use letopis_proto::statement::v1 as proto;
use letopis_types::{ActorId, EventId, StreamKey, Timestamp};
use prost::Message as _;
use tokio::sync::oneshot;

use crate::committer::Waiting;
use crate::error::LedgerError;
use crate::ledger::{Ledger, Receipt};
use crate::readings::stream_message;
use crate::sequencer::Reading;
use crate::submission::{Prepared, Submission, prepare};

impl Ledger {
    /// Submits a statement of the ledger itself.
    pub(crate) async fn submit_own(
        &self,
        stream: StreamKey,
        kind: proto::fact::Kind,
        reading: Option<Reading>,
    ) -> Result<impl Future<Output = Result<Receipt, LedgerError>> + use<>, LedgerError> {
        let prepared = self.own(stream, kind)?;
        let (reply, answer) = oneshot::channel();
        self.enqueue(prepared, reading, Waiting::Receipt(reply)).await?;
        Ok(self.answered(answer))
    }

    /// A statement of the ledger itself, checked like any other: a key or a memory that fails must not
    /// leave a record that does not verify.
    pub(crate) fn own(
        &self,
        stream: StreamKey,
        kind: proto::fact::Kind,
    ) -> Result<Prepared, LedgerError> {
        Ok(prepare(self.own_statement(stream, kind)?)?)
    }

    /// A statement of the ledger itself, signed with its statement key.
    fn own_statement(
        &self,
        stream: StreamKey,
        kind: proto::fact::Kind,
    ) -> Result<Submission, LedgerError> {
        let keys = &self.0.keys;
        let mut random = [0; 42];
        getrandom::fill(&mut random).map_err(LedgerError::record)?;
        let (nonce, for_id) = random.split_at(32);
        let now = self.0.clock.now();
        let statement = proto::Statement {
            ledger: self.0.id.0.to_vec(),
            event_id: event_id(now.0 / 1_000_000, for_id).0.to_vec(),
            stream: Some(stream_message(&stream)),
            signers: vec![proto::Signer {
                actor: ActorId::LEDGER.0.to_vec(),
                public_key: keys.statement.public().0.to_vec(),
                grant: self.0.genesis_hash.0.to_vec(),
            }],
            seen: None,
            occurred_at: Some(occurred(now)),
            nonce: nonce.to_vec(),
            references: Vec::new(),
            sections: Vec::new(),
            fact: Some(proto::Fact { kind: Some(kind) }),
        }
        .encode_to_vec();
        let signature = keys.statement.sign_statement(&statement);
        let signatures = vec![signature.0.to_vec()];
        Ok(Submission { statement, signatures, sections: Vec::new() })
    }
}

/// What the ledger's own clock saw.
pub(crate) fn occurred(now: Timestamp) -> proto::OccurredAt {
    proto::OccurredAt {
        seconds: now.seconds(),
        nanos: now.subsec_nanos(),
        offset_minutes: 0,
        precision: proto::Precision::Second.into(),
        knowledge: proto::Knowledge::Witnessed.into(),
    }
}

/// A UUIDv7 from a time in milliseconds and 10 random bytes.
fn event_id(millis: u64, random: &[u8]) -> EventId {
    let mut bytes = [0; 10];
    for (to, from) in bytes.iter_mut().zip(random) {
        *to = *from;
    }
    EventId(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().into_bytes())
}
