//! What a caller may be told of, asked once for each file of an answer.

use std::collections::BTreeMap;

use letopis_domain::clocks::{Clock, ClockId};
use letopis_ledger::{Asking, Item, Ledger, LedgerError, View, WaitingRow};
use letopis_policy::Action;
use letopis_types::{StreamKey, StreamKind};

/// What was found out for one answer.
pub(crate) struct Seen<'a> {
    pub(crate) ledger: &'a Ledger,
    asking: &'a Asking,
    allowed: BTreeMap<StreamKey, bool>,
    views: BTreeMap<StreamKey, View>,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(ledger: &'a Ledger, asking: &'a Asking) -> Self {
        Self { ledger, asking, allowed: BTreeMap::new(), views: BTreeMap::new() }
    }

    /// May the caller be told of a stream?
    pub(crate) fn allows(&mut self, stream: StreamKey) -> Result<bool, LedgerError> {
        if let Some(known) = self.allowed.get(&stream) {
            return Ok(*known);
        }
        let item = Item::facts(stream, true);
        let allowed = self.ledger.rule_on(self.asking, Action::ReadFacts, &item)?.allowed;
        self.allowed.insert(stream, allowed);
        Ok(allowed)
    }

    /// May the caller be told of a stream of this file? Of a protected one only who may see its case too.
    pub(crate) fn allows_in(
        &mut self,
        file: StreamKey,
        stream: StreamKey,
    ) -> Result<bool, LedgerError> {
        Ok(self.allows(file)? && self.allows(stream)?)
    }

    /// Of what an event of a protected stream started only who may see that stream is told.
    pub(crate) fn allows_row(&mut self, row: &WaitingRow) -> Result<bool, LedgerError> {
        let stream = if row.protected { protected(row.file) } else { row.file };
        self.allows_in(row.file, stream)
    }

    /// A file as it is.
    pub(crate) fn view(&mut self, file: StreamKey) -> Result<&View, LedgerError> {
        match self.views.entry(file) {
            std::collections::btree_map::Entry::Occupied(entry) => Ok(entry.into_mut()),
            std::collections::btree_map::Entry::Vacant(entry) => {
                Ok(entry.insert(self.ledger.present(&file)?))
            }
        }
    }

    /// The clock of a row; `None`: it went on since the row was read.
    pub(crate) fn clock(&mut self, row: &WaitingRow) -> Result<Option<Clock>, LedgerError> {
        let clocks = self.view(row.file)?.file.procedure.clocks();
        let found = clocks.get(ClockId(row.clock));
        Ok(found.filter(|clock| clock.ended.is_none() && clock.due == row.due))
    }
}

/// The protected stream of a case.
pub(crate) fn protected(file: StreamKey) -> StreamKey {
    StreamKey { kind: StreamKind::Protected, ..file }
}
