//! What has to be known with an event: under which exception it was taken, and whether it is disputed.

use letopis_domain::Statement;
use letopis_domain::file::{FileMarks, file_of};
use letopis_domain::registry::{Marks, Placed, Registry};
use letopis_state::StateError;
use letopis_types::{Digest, LedgerId, Sequence, Version};

use crate::access::Files;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::sequencer::read;

/// Bits as the state keeps them.
const EXPIRED: u8 = 1;
const RECUSED: u8 = 2;
const DELEGATED: u8 = 4;

/// What has to be known with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A signer's qualification had expired: the act was urgent.
    OnExpiredQualification,
    /// A signer had declared a conflict of interests: the act was urgent.
    UnderRecusal,
    /// A signer stood in for the role's holder.
    UnderDelegation,
    /// A signer's key was compromised by then, and nobody else has endorsed it.
    Disputed,
}

/// As the state keeps them; `None` where there is nothing to be known.
pub(crate) fn stored(by_signers: Marks, by_file: FileMarks) -> Option<u8> {
    let bit = |set: bool, bit: u8| if set { bit } else { 0 };
    let marks = bit(by_signers.expired_qualification, EXPIRED)
        | bit(by_file.under_recusal, RECUSED)
        | bit(by_signers.under_delegation, DELEGATED);
    (marks != 0).then_some(marks)
}

/// Of an event that was admitted before, at this version of its stream.
pub(crate) fn of(
    placed: &Placed<'_>,
    ledger: &LedgerId,
    files: &impl Files,
    registry: &Registry,
    version: Version,
) -> Result<Option<u8>, StateError> {
    let by_signers = registry.decide(placed, ledger).unwrap_or_default();
    let by_file = match file_of(&placed.statement.stream) {
        Some(key) => {
            let present = Version(version.0.saturating_sub(1));
            files.file(&key)?.decide(placed, present, registry).unwrap_or_default()
        }
        None => FileMarks::default(),
    };
    Ok(stored(by_signers, by_file))
}

impl Ledger {
    /// What has to be known with an event.
    ///
    /// # Errors
    /// The state's.
    pub fn marks(
        &self,
        statement: &Statement,
        statement_hash: &Digest,
        sequence: Sequence,
        version: Version,
    ) -> Result<Vec<Mark>, LedgerError> {
        let bits = self.0.state.marks(&statement.stream, version)?;
        let kept = [
            (EXPIRED, Mark::OnExpiredQualification),
            (RECUSED, Mark::UnderRecusal),
            (DELEGATED, Mark::UnderDelegation),
        ];
        let mut marks: Vec<Mark> =
            kept.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, mark)| mark).collect();
        if read(&self.0.registry).is_disputed(&statement.signers, sequence) {
            let file =
                file_of(&statement.stream).map(|key| self.0.access.file(&key)).transpose()?;
            if !file.is_some_and(|file| file.is_endorsed(statement, statement_hash)) {
                marks.push(Mark::Disputed);
            }
        }
        Ok(marks)
    }
}
