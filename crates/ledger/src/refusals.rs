//! Refusals: those that a rule of procedure decided are handed out signed; those of statements whose form,
//! signatures and commitments are right are counted, and the counts are recorded day by day. Not counted
//! are what the ledger says itself, and what may be sent again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use letopis_crypto::sign::{REFUSAL_TYPE, pae};
use letopis_domain::Refusal as _;
use letopis_domain::file::FileError;
use letopis_proto::error::v1 as errors;
use letopis_proto::statement::v1::{self as proto, fact::Kind};
use letopis_types::{Digest, StreamKey};
use prost::Message as _;

use crate::error::{LedgerError, Rejected};
use crate::ledger::Ledger;

const DAY: i64 = 24 * 3600;

/// A refusal, signed with the ledger's statement key over its pre-authentication encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRefusal {
    /// A `letopis.error.v1.Refusal`.
    pub refusal: Vec<u8>,
    /// The signature, 64 bytes.
    pub signature: [u8; 64],
}

/// How often what was refused, by day and by reason's number. What is counted and not yet recorded is
/// lost when the process ends: it says how the ledger is used, and nothing about a case.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<BTreeMap<i32, BTreeMap<u32, u64>>>);

impl Refusals {
    fn count(&self, day: i32, reason: errors::Reason) {
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = u32::try_from(i32::from(reason)).unwrap_or(0);
        *days.entry(day).or_default().entry(number).or_default() += 1;
    }

    /// What could not be recorded is counted again.
    fn put_back(&self, day: i32, reasons: BTreeMap<u32, u64>) {
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = days.entry(day).or_default();
        for (reason, count) in reasons {
            *counted.entry(reason).or_default() += count;
        }
    }

    /// The counts of the days before this one; they are forgotten here.
    fn before(&self, day: i32) -> BTreeMap<i32, BTreeMap<u32, u64>> {
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = days.split_off(&day);
        std::mem::replace(&mut days, open)
    }
}

impl Ledger {
    /// Counts what was refused, and signs what a rule of procedure decided.
    pub(crate) fn refused(&self, error: LedgerError, statement_hash: Digest) -> LedgerError {
        let LedgerError::Rejected(rejected) = error else { return error };
        self.0.refusals.count(self.today(), rejected.reason());
        match rejected {
            Rejected::File(FileError::Rule(rule)) => {
                let refusal = errors::Refusal {
                    ledger: self.0.id.0.to_vec(),
                    statement_hash: statement_hash.0.to_vec(),
                    reason: rule.reason().into(),
                    seconds: self.0.clock.now().seconds(),
                    rule: rule.rule.id.to_owned(),
                    article: rule.article.clone().unwrap_or_default(),
                }
                .encode_to_vec();
                let signature = self.0.keys.statement.sign(&pae(REFUSAL_TYPE, &refusal)).0;
                Rejected::Rule { rule, signed: Box::new(SignedRefusal { refusal, signature }) }
            }
            rejected => rejected,
        }
        .into()
    }

    /// Records how often what was refused on the days before today. Returns how many days were.
    ///
    /// # Errors
    /// As [`Ledger::append`]; what was not recorded is recorded by the next call.
    pub async fn count_refusals(&self) -> Result<usize, LedgerError> {
        let (mut count, mut failed) = (0, Ok(()));
        for (day, reasons) in self.0.refusals.before(self.today()) {
            if failed.is_ok() {
                failed = self.record_refusals(day, &reasons).await;
            }
            match failed {
                Ok(()) => count += 1,
                // One that was recorded without our hearing of it would be counted twice: the ledger stops
                // where it does not know.
                Err(_) => self.0.refusals.put_back(day, reasons),
            }
        }
        failed.map(|()| count)
    }

    async fn record_refusals(
        &self,
        day: i32,
        reasons: &BTreeMap<u32, u64>,
    ) -> Result<(), LedgerError> {
        let counts = reasons
            .iter()
            .map(|(reason, count)| proto::RefusalCount { reason: *reason, count: *count })
            .collect();
        let kind = Kind::RefusalsCounted(proto::RefusalsCounted { day, counts });
        self.submit_own(StreamKey::ROOT, kind, None).await?.await.map(drop)
    }

    /// Days since 1970-01-01 UTC.
    fn today(&self) -> i32 {
        i32::try_from(self.0.clock.now().seconds().div_euclid(DAY)).unwrap_or(i32::MAX)
    }
}
