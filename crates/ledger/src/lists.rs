//! What the state keeps rows of: cases, what is due, who owes what, who signed what.

use letopis_domain::file::{own_file, touched};
use letopis_domain::procedure::Debtor;
use letopis_domain::registry::RoleInForce;
use letopis_record::StoredEvent;
use letopis_state::StateError;
use letopis_state::streams::{CaseRow, DebtorKey, OwedRow, Place, SignedRow, WaitingRow};
use letopis_types::{ActorId, AgencyId, Sequence, StreamId, StreamKey};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::rows::debtor_key;
use crate::sequencer::read;
use crate::submission::parse;

impl Ledger {
    /// The cases by id, in short: all of them, or those that an agency holds; after one. Blocks.
    pub fn cases(
        &self,
        holder: Option<&AgencyId>,
        after: Option<&StreamId>,
    ) -> impl Iterator<Item = Result<CaseRow, LedgerError>> {
        self.0.state.cases(holder, after).map(|row| row.map_err(Into::into))
    }

    /// The clocks that have not ended, the most urgent first: of all files, or of those that an agency holds;
    /// after a place. Blocks.
    pub fn waiting(
        &self,
        holder: Option<&AgencyId>,
        after: Option<&Place>,
    ) -> impl Iterator<Item = Result<WaitingRow, LedgerError>> {
        self.0.state.waiting(holder, after).map(|row| row.map_err(Into::into))
    }

    /// What any of these owes, the most urgent first; after a place. What several of them owe comes once for
    /// each. Blocks.
    pub fn owed(
        &self,
        debtors: &[Debtor],
        after: Option<&Place>,
    ) -> impl Iterator<Item = Result<OwedRow, LedgerError>> {
        let mut keys: Vec<DebtorKey> = debtors.iter().map(|debtor| debtor_key(*debtor)).collect();
        keys.sort_unstable();
        keys.dedup();
        let rows = keys.into_iter().map(|key| self.0.state.owed(key, after).peekable());
        let mut rows: Vec<_> = rows.collect();
        std::iter::from_fn(move || {
            // What can't be read comes first.
            let urgency = |row: &Result<OwedRow, StateError>| row.as_ref().ok().copied();
            let heads = rows.iter_mut().enumerate();
            let heads = heads.filter_map(|(at, rows)| Some((urgency(rows.peek()?), at)));
            let (_, first) = heads.min()?;
            rows.get_mut(first)?.next().map(|row| row.map_err(Into::into))
        })
    }

    /// What an actor signed in its own name, in log order, from a place in the log on. Blocks.
    pub fn signed(
        &self,
        actor: ActorId,
        from: Sequence,
    ) -> impl Iterator<Item = Result<SignedRow, LedgerError>> {
        self.0.state.signed(actor, from).map(|row| row.map_err(Into::into))
    }

    /// The roles in which an actor may act now, in the order in which they were granted.
    #[must_use]
    pub fn roles_of(&self, actor: &ActorId) -> Vec<RoleInForce> {
        let now = self.now();
        read(&self.0.registry).roles_in_force(actor, now).collect()
    }

    /// The files that an event may have changed. Blocks.
    ///
    /// # Errors
    /// The state's and the record's.
    pub fn touched(&self, event: &StoredEvent) -> Result<Vec<StreamKey>, LedgerError> {
        let statement = parse(&event.statement)?;
        let Some(own) = own_file(&statement) else { return Ok(Vec::new()) };
        Ok(touched(&statement, &self.present(&own)?.file))
    }
}
