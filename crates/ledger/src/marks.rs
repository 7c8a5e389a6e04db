//! What has to be known with an event: under which exception it was taken, and whether it is disputed.

use letopis_domain::Statement;
use letopis_domain::file::{FileMarks, file_of, own_file};
use letopis_domain::procedure::Taken;
use letopis_domain::registry::{Marks, Placed, Registry};
use letopis_state::StateError;
use letopis_types::{Digest, LedgerId, Sequence, Version};

use crate::access::Files;
use crate::error::LedgerError;
use crate::history::{PastEvent, View};
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
pub(crate) fn stored(taken: Taken) -> Option<u8> {
    let bit = |set: bool, bit: u8| if set { bit } else { 0 };
    let marks = bit(taken.on_expired_qualification, EXPIRED)
        | bit(taken.under_recusal, RECUSED)
        | bit(taken.under_delegation, DELEGATED);
    (marks != 0).then_some(marks)
}

/// The other way.
pub(crate) const fn kept(marks: u8) -> Taken {
    Taken {
        on_expired_qualification: marks & EXPIRED != 0,
        under_recusal: marks & RECUSED != 0,
        under_delegation: marks & DELEGATED != 0,
    }
}

/// Under which exceptions a statement was taken, as registry and file say.
pub(crate) const fn taken(by_signers: Marks, by_file: FileMarks) -> Taken {
    Taken {
        under_delegation: by_signers.under_delegation,
        under_recusal: by_file.under_recusal,
        on_expired_qualification: by_signers.expired_qualification,
    }
}

/// Of an event that was admitted before.
pub(crate) fn of(
    placed: &Placed<'_>,
    ledger: &LedgerId,
    files: &impl Files,
    registry: &Registry,
) -> Result<Taken, StateError> {
    let by_signers = registry.decide(placed, ledger).unwrap_or_default();
    let by_file = match own_file(placed.statement) {
        Some(key) => files.file(&key)?.marks(placed),
        None => FileMarks::default(),
    };
    Ok(taken(by_signers, by_file))
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
        let mut marks = self.kept_marks(statement, version)?;
        if read(&self.0.registry).is_disputed(&statement.signers, sequence) {
            let file =
                file_of(&statement.stream).map(|key| self.0.access.file(&key)).transpose()?;
            if !file.is_some_and(|file| file.is_endorsed(statement, statement_hash)) {
                marks.push(Mark::Disputed);
            }
        }
        Ok(marks)
    }

    /// What has to be known with an event of a file, as the view of that file has it.
    ///
    /// # Errors
    /// The state's.
    pub fn marks_in(&self, view: &View, past: &PastEvent) -> Result<Vec<Mark>, LedgerError> {
        let (statement, link) = (&past.statement, &past.event.link);
        let mut marks = self.kept_marks(statement, past.version)?;
        let registry = read(&self.0.registry);
        if registry.was_disputed(&statement.signers, link.sequence, view.as_of)
            && !view.file.is_endorsed(statement, &link.statement_hash)
        {
            marks.push(Mark::Disputed);
        }
        Ok(marks)
    }

    /// Under which exceptions an event was taken.
    fn kept_marks(
        &self,
        statement: &Statement,
        version: Version,
    ) -> Result<Vec<Mark>, LedgerError> {
        let bits = self.0.state.marks(&statement.stream, version)?;
        let kept = [
            (EXPIRED, Mark::OnExpiredQualification),
            (RECUSED, Mark::UnderRecusal),
            (DELEGATED, Mark::UnderDelegation),
        ];
        Ok(kept.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, mark)| mark).collect())
    }
}
