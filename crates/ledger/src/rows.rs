//! What the state keeps of events and of the files that they change, as rows.

use std::collections::BTreeSet;

use letopis_domain::clocks::{Clock, Profiles};
use letopis_domain::file::{FileState, file_of};
use letopis_domain::procedure::{Debtor, Taken, debtors};
use letopis_domain::registry::Placed;
use letopis_domain::{Fact, Statement};
use letopis_state::streams::{
    CaseRow, DebtorKey, OwedRow, SignedRow, WaitingRow, due_entry, erasure_entry, file_entry,
    marks_entry, reading_entry,
};
use letopis_state::{Change, StateError};
use letopis_types::{Sequence, StreamKey, StreamKind, Version};

use crate::access::{Changed, ChangedFile, to_row};
use crate::counters::Counters;
use crate::marks;

/// What the state keeps of an event beside its place and the files that it changed.
pub(crate) fn of_event(
    placed: &Placed<'_>,
    version: Version,
    changed: &Changed,
    taken: Taken,
    counters: &mut Counters,
) -> Result<Vec<Change>, StateError> {
    let Placed { statement, sequence, .. } = *placed;
    let mut rows = counters.take(placed, changed)?;
    rows.extend(signed(statement, sequence, version).map(|row| row.entry()));
    let marks = marks::stored(taken).map(|marks| marks_entry(&statement.stream, version, marks));
    rows.extend(marks);
    let of = |stream: &StreamKey| file_of(stream).map(|file| reading_entry(&file, sequence));
    match &statement.fact {
        Fact::SectionsRead(read) => {
            rows.extend(of(&StreamKey { kind: read.kind, id: statement.stream.id }));
        }
        Fact::FactsRead(read) => rows.extend(read.files.iter().filter_map(of)),
        Fact::AccessDenied(denied) => rows.extend(of(&denied.file)),
        Fact::SectionsErased(_) => rows.push(erasure_entry(sequence, &statement.stream)),
        _ => {}
    }
    Ok(rows)
}

/// The writes that turn what the state keeps of a file into what it keeps after these changes, however many
/// events made them.
///
/// INVARIANT: adopted profiles stay, and a clock keeps its own; so that what is taken away here is what was
/// written before, whichever were adopted between.
pub(crate) fn of_file(
    ChangedFile { key, before, file }: &ChangedFile,
    profiles: &Profiles,
) -> Vec<Change> {
    let mut rows = Vec::new();
    rows.push(file_entry(key, to_row(file)));
    let next_due = |file: &FileState| file.procedure.clocks().next_due();
    let (was_due, is_due) = (next_due(before), next_due(file));
    if is_due != was_due {
        rows.extend(was_due.map(|due| due_entry(due, key, false)));
        rows.extend(is_due.map(|due| due_entry(due, key, true)));
    }
    let (was, is) = (in_short(key, before), in_short(key, file));
    if was != is {
        // What stands under another agency is taken away first.
        rows.extend(was.iter().flat_map(|row| row.entries(false)));
        rows.extend(is.iter().flat_map(|row| row.entries(true)));
    }
    let (were, are) = (waiting(key, before), waiting(key, file));
    rows.extend(were.difference(&are).flat_map(|row| row.entries(false)));
    rows.extend(are.difference(&were).flat_map(|row| row.entries(true)));
    let (were, are) = (owed(key, before, profiles), owed(key, file, profiles));
    rows.extend(were.difference(&are).map(|row| row.entry(false)));
    rows.extend(are.difference(&were).map(|row| row.entry(true)));
    rows
}

/// A case in short, once there is one.
fn in_short(key: &StreamKey, file: &FileState) -> Option<CaseRow> {
    let is_case = key.kind == StreamKind::Case && *file != FileState::default();
    is_case.then(|| CaseRow {
        id: key.id,
        holder: file.holder,
        lead: file.lead,
        stage: file.procedure.stage() as u8,
        // INVARIANT: tracks are few.
        track: u8::try_from(i32::from(file.procedure.track())).unwrap_or_default(),
    })
}

/// The clocks of a case or signal that have not ended, as rows.
fn waiting(key: &StreamKey, file: &FileState) -> BTreeSet<WaitingRow> {
    if !matches!(key.kind, StreamKind::Case | StreamKind::Signal) {
        return BTreeSet::new();
    }
    file.procedure.clocks().open().map(|clock| waiting_row(key, file, &clock)).collect()
}

fn waiting_row(key: &StreamKey, file: &FileState, clock: &Clock) -> WaitingRow {
    WaitingRow {
        due: clock.due,
        file: *key,
        clock: clock.id.0,
        holder: file.holder,
        lead: file.lead,
        protected: clock.protected,
    }
}

/// The clocks of any file that have not ended, once for each of those who owe what is due.
fn owed(key: &StreamKey, file: &FileState, profiles: &Profiles) -> BTreeSet<OwedRow> {
    let mut rows = BTreeSet::new();
    for clock in file.procedure.clocks().open() {
        let waiting = waiting_row(key, file, &clock);
        rows.extend(debtors(key, file, &clock, profiles).into_iter().map(|debtor| OwedRow {
            waiting,
            debtor: debtor_key(debtor),
            stands_in: matches!(debtor, Debtor::StandIn(..)),
        }));
    }
    rows
}

/// Under which key the state keeps what somebody owes.
pub(crate) fn debtor_key(debtor: Debtor) -> DebtorKey {
    match debtor {
        Debtor::Party(id) => (id, 0),
        Debtor::Office(agency, role) => (agency.map_or([0; 16], |agency| agency.0), role as u8),
        Debtor::StandIn(agency, role) => (agency.0, role as u8),
    }
}

/// A statement under each of its signers; history that was imported was decided elsewhere, and what the
/// ledger says itself nobody decided.
fn signed(
    statement: &Statement,
    sequence: Sequence,
    version: Version,
) -> impl Iterator<Item = SignedRow> {
    let imported = matches!(statement.fact, Fact::HistoryImported(_));
    let signers =
        statement.signers.iter().filter(move |signer| !imported && signer.grant.is_some());
    signers.map(move |signer| SignedRow {
        actor: signer.actor,
        sequence,
        stream: statement.stream,
        version,
        kind: statement.kind().number,
    })
}
