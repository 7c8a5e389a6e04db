//! What sections say in codes, counted inside: by the codes as long as the sections are there, and by a residue
//! that names nobody once they are erased.
//!
//! Which sections count where, the state knows from the record ([`CodedRow`]); what they say is in no row. The codes
//! of a quarter are read when its figures are asked for. Before an erasure destroys keys, the codes behind them go
//! into the *residue*, which the vault keeps sealed: a number for each quarter, region and category. So the sum of
//! both stays what it was, whenever, and from whatever state and backup, it is asked for.
//!
//! INVARIANT: a section whose key is there is in no residue, and one that was erased is in it once, if it opened: the residue says
//! up to which erasure it holds, and is durable before that one destroys a key. Whoever counts holds `kept`, and so
//! does an erasure from its residue to the last of its keys.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use letopis_domain::Statement;
use letopis_domain::figures::{NOT_STATED, Quarter, universe};
use letopis_domain::file::file_of;
use letopis_record::{Record, StoredEvent};
use letopis_sections::counted_code;
use letopis_state::Store;
use letopis_state::streams::{CodedRow, CountersKey, QuarterKey};
use letopis_types::{LedgerId, Sequence};
use letopis_vault::Vault;

use crate::access::{Access, Files as _};
use crate::error::LedgerError;
use crate::submission::parse;
use crate::unseal::{Unopened, opened};

mod residue;

use residue::Residue;

/// So many counts of a universe in a quarter are remembered; beyond them one begins anew.
const TOLD_MAX: usize = 256;

/// A category of a quarter's counters, by its number.
pub(crate) type Cell = (QuarterKey, CountersKey, u32);

/// How many of a universe's things are in which category in a quarter.
pub(crate) type Counts = BTreeMap<(CountersKey, u32), u64>;

/// What a section says in code.
enum Says {
    /// This category.
    Category(u32),
    /// Nothing that counts.
    Nothing,
    /// Its key is not there any more, or its sealed bytes are not.
    Gone,
}

/// Counts the codes of sealed sections.
pub(crate) struct Coded {
    ledger: LedgerId,
    record: Arc<dyn Record>,
    state: Arc<Store>,
    vault: Arc<Vault>,
    access: Arc<Access>,
    openings: Arc<RwLock<()>>,
    kept: Mutex<Kept>,
}

/// What is kept of what was counted.
pub(crate) struct Kept {
    residue: Residue,
    /// Universes in quarters that are over, as they were counted once: they never change.
    pub(crate) told: HashMap<(Quarter, u8), Counts>,
}

impl Kept {
    /// Does the residue hold of this erasure?
    pub(crate) fn holds(&self, erasure: Sequence) -> bool {
        self.residue.until >= erasure
    }
}

impl Coded {
    /// # Errors
    /// Where the residue can't be read.
    pub(crate) fn open(
        ledger: LedgerId,
        record: Arc<dyn Record>,
        state: Arc<Store>,
        vault: Arc<Vault>,
        access: Arc<Access>,
        openings: Arc<RwLock<()>>,
    ) -> Result<Self, LedgerError> {
        let residue = match vault.residue()? {
            Some(content) => Residue::from_bytes(&content)
                .ok_or_else(|| LedgerError::record("the vault's residue is not of its layout"))?,
            None => Residue::default(),
        };
        let kept = Mutex::new(Kept { residue, told: HashMap::new() });
        Ok(Self { ledger, record, state, vault, access, openings, kept })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Kept> {
        // INVARIANT: nothing panics half-way through a change of it.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counts of a universe in a quarter that is over. Blocks; the first time it opens each of its sections.
    pub(crate) fn of(&self, quarter: Quarter, universe: u8) -> Result<Counts, LedgerError> {
        let mut kept = self.lock();
        if let Some(told) = kept.told.get(&(quarter, universe)) {
            return Ok(told.clone());
        }
        let key = (quarter.year(), quarter.quarter());
        let mut counts = kept.residue.of(key, universe);
        for row in self.state.coded(key) {
            let row = row?;
            if row.counters.0 != universe {
                continue;
            }
            if let Some(category) = self.category(&row)? {
                *counts.entry((row.counters, category)).or_default() += 1;
            }
        }
        if kept.told.len() >= TOLD_MAX {
            kept.told.clear();
        }
        kept.told.insert((quarter, universe), counts.clone());
        Ok(counts)
    }

    /// The category of a section that is there; `None`: it states none, or was erased and is in the residue. Where
    /// that can't be told, the log names the section: whoever asks for figures learns of no event.
    fn category(&self, row: &CodedRow) -> Result<Option<u32>, LedgerError> {
        self.stated(row).map_err(|error| {
            let CodedRow { sequence, section, .. } = row;
            tracing::error!(%sequence, section, %error, "a section that counts can't be counted");
            LedgerError::record(
                "a section that counts can't be counted, see the server's log: run `letopis verify`, and restore \
                 record and vault as they were at one time",
            )
        })
    }

    fn stated(&self, row: &CodedRow) -> Result<Option<u32>, LedgerError> {
        let events = self.record.read(row.sequence, 1, 1).map_err(LedgerError::record)?;
        let event = events.first().ok_or_else(|| LedgerError::record("an event is missing"))?;
        let statement = parse(&event.statement)?;
        let _opening = self.openings.read().unwrap_or_else(PoisonError::into_inner);
        match self.says(row, event, &statement)? {
            Says::Category(number) => Ok(Some(number)),
            Says::Nothing => Ok(None),
            Says::Gone if self.is_erased(row, &statement)? => Ok(None),
            Says::Gone => Err(LedgerError::record("its key is gone, and no erasure names it")),
        }
    }

    fn says(
        &self,
        row: &CodedRow,
        event: &StoredEvent,
        statement: &Statement,
    ) -> Result<Says, Unopened> {
        if event.sealed.get(row.section as usize).is_some_and(Vec::is_empty) {
            return Ok(Says::Gone);
        }
        let opened = opened(&self.vault, &self.ledger, event, statement, row.section)?;
        let Some(opened) = opened else { return Ok(Says::Gone) };
        let sealed = universe(row.counters.0).and_then(|of| of.sealed());
        let code = sealed.zip(counted_code(opened.content()));
        let number = code.and_then(|((_, breakdown, _), code)| breakdown.number(&code));
        let number = number.filter(|number| *number != NOT_STATED);
        Ok(number.map_or(Says::Nothing, Says::Category))
    }

    fn is_erased(&self, row: &CodedRow, statement: &Statement) -> Result<bool, LedgerError> {
        let stream = &statement.stream;
        let section = statement.sections.get(row.section as usize);
        let version = self.state.version_of(stream, &statement.event_id)?;
        let Some(((file, section), version)) = file_of(stream).zip(section).zip(version) else {
            return Ok(false);
        };
        let file = self.access.file(&file)?;
        Ok(file.is_erased(stream.kind, version, row.section, section.class))
    }

    /// What counts of a section that is about to be erased: nothing where an erasure before took it already, or
    /// where it does not open. What is damaged has to go all the same; nobody can say any more what it said.
    pub(crate) fn cell(
        &self,
        event: &StoredEvent,
        statement: &Statement,
        section: u32,
    ) -> Result<Option<Cell>, LedgerError> {
        let quarter = Quarter::of(event.link.recorded_at.seconds());
        let quarter = (quarter.year(), quarter.quarter());
        let row = self.state.coded_at(quarter, event.link.sequence)?;
        let Some(row) = row.filter(|row| row.section == section) else { return Ok(None) };
        let says = match self.says(&row, event, statement) {
            Err(Unopened::Damaged(error)) => {
                let sequence = event.link.sequence;
                tracing::error!(%sequence, section, %error, "a section that does not open is erased, uncounted");
                Says::Nothing
            }
            said => said?,
        };
        Ok(match says {
            Says::Category(number) => Some((quarter, row.counters, number)),
            Says::Nothing | Says::Gone => None,
        })
    }

    /// Adds what counts of an erasure's sections to the residue, durably: before their keys are destroyed. False:
    /// the disk has no room for it, and nothing was added.
    pub(crate) fn keep(
        &self,
        kept: &mut Kept,
        erasure: Sequence,
        cells: &[Cell],
    ) -> Result<bool, LedgerError> {
        if cells.is_empty() || kept.holds(erasure) {
            return Ok(true);
        }
        let residue = kept.residue.with(erasure, cells);
        match self.vault.keep_residue(&residue.to_bytes()) {
            Err(error) if error.is_disk_full() => return Ok(false),
            written => written?,
        }
        kept.residue = residue;
        Ok(true)
    }
}
