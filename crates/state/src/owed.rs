//! Who owes what: a row for each clock that has not ended under each of those who owe what is due, by due
//! date.

use crate::streams::{damaged, key};
use crate::waiting::{Place, WaitingRow};
use crate::{Change, StateError, Store};

const OWED: u8 = b'o';

/// Under whom a row stands: a party by its id, with no role; an agency with the number of a role, all
/// zeros where it is of no agency.
pub type DebtorKey = ([u8; 16], u8);

/// Something due, under one of those who owe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwedRow {
    /// What is due.
    pub waiting: WaitingRow,
    /// Who owes it.
    pub debtor: DebtorKey,
    /// Only where the lead is not in force.
    pub stands_in: bool,
}

impl OwedRow {
    /// The write that stores it, or takes it away.
    #[must_use]
    pub fn entry(&self, owes: bool) -> Change {
        let mut value = self.waiting.value();
        value.push(self.stands_in.into());
        let (id, role) = self.debtor;
        (key(OWED, &[&id, &[role], &self.waiting.place()]), owes.then_some(value))
    }

    fn read(debtor: DebtorKey, place: &[u8], value: &[u8]) -> Option<Self> {
        let (stands_in, value) = value.split_last()?;
        let waiting = WaitingRow::read(place, value)?;
        Some(Self { waiting, debtor, stands_in: *stands_in != 0 })
    }
}

impl Store {
    /// What somebody owes, the most urgent first; after a place.
    pub fn owed(
        &self,
        debtor: DebtorKey,
        after: Option<&Place>,
    ) -> impl Iterator<Item = Result<OwedRow, StateError>> {
        let prefix = key(OWED, &[&debtor.0, &[debtor.1]]);
        let after = after.map(|place| [&prefix[..], place].concat());
        let skip = prefix.len();
        self.scan(&prefix, after.as_deref()).map(move |entry| {
            let (key, value) = entry?;
            let row = key.get(skip..).and_then(|place| OwedRow::read(debtor, place, &value));
            row.ok_or_else(|| damaged("read what is owed"))
        })
    }
}
