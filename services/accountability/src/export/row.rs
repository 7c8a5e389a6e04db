//! What is said of a case and of each of its events: facts alone, in the order of the columns.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use letopis_domain::Fact;
use letopis_ledger::{Ledger, LedgerError, PastEvent};
use letopis_proto::accountability::v1 as proto;
use letopis_proto::confidentiality::v1::Mark;
use letopis_proto::statement::v1::Track;
use letopis_types::{ActorId, AgencyId, Digest, Sequence};

use crate::case::Readable;
use crate::convert;
use crate::entry::entry;

/// A value in a row. Texts are ids, codes and hashes; an empty one is none.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    /// An id, a code, a hash; or several, with semicolons between them.
    Text(&'a str),
    /// A time: RFC 3339 in UTC, which is an `xs:dateTime` as well.
    Time(&'a str),
    /// A count or a place.
    Number(u64),
}

/// A case.
#[derive(Debug, Default)]
pub(super) struct CaseRow {
    id: String,
    holder: String,
    stage: String,
    track: String,
}

impl CaseRow {
    /// Its columns.
    pub(super) fn cells(&self) -> [(&'static str, Cell<'_>); 4] {
        [
            ("concept:name", Cell::Text(&self.id)),
            ("holder", Cell::Text(&self.holder)),
            ("stage", Cell::Text(&self.stage)),
            ("track", Cell::Text(&self.track)),
        ]
    }
}

/// An event.
#[derive(Debug, Default)]
pub(super) struct EventRow {
    /// Its kind, as the protos name it.
    kind: &'static str,
    /// When it happened, by what is known now.
    happened: String,
    /// What signed statements are is done; whether they are in force is said by the status.
    lifecycle: &'static str,
    /// Who signed it, in which role, for which agency: three lists in one order.
    signers: String,
    roles: String,
    agencies: String,
    /// How exactly the author knew when it happened.
    precision: String,
    /// When it was first said to have happened, where that was corrected.
    first_stated: String,
    recorded: String,
    /// Whole hours between the two.
    late_hours: u64,
    sequence: u64,
    stream: &'static str,
    version: u64,
    hash: String,
    status: String,
    corrected_by: String,
    misfiled_by: String,
    endorsed_by: String,
    marks: String,
}

impl EventRow {
    /// Its columns. Names with a colon are those of standard extensions of XES.
    pub(super) fn cells(&self) -> [(&'static str, Cell<'_>); 19] {
        [
            ("concept:name", Cell::Text(self.kind)),
            ("time:timestamp", Cell::Time(&self.happened)),
            ("lifecycle:transition", Cell::Text(self.lifecycle)),
            ("org:resource", Cell::Text(&self.signers)),
            ("org:role", Cell::Text(&self.roles)),
            ("org:group", Cell::Text(&self.agencies)),
            ("precision", Cell::Text(&self.precision)),
            ("first_stated", Cell::Time(&self.first_stated)),
            ("recorded", Cell::Time(&self.recorded)),
            ("late_hours", Cell::Number(self.late_hours)),
            ("sequence", Cell::Number(self.sequence)),
            ("stream", Cell::Text(self.stream)),
            ("version", Cell::Number(self.version)),
            ("hash", Cell::Text(&self.hash)),
            ("status", Cell::Text(&self.status)),
            ("corrected_by", Cell::Text(&self.corrected_by)),
            ("misfiled_by", Cell::Text(&self.misfiled_by)),
            ("endorsed_by", Cell::Text(&self.endorsed_by)),
            ("marks", Cell::Text(&self.marks)),
        ]
    }
}

/// A case with its events, in log order.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) case: CaseRow,
    pub(super) events: Vec<EventRow>,
}

/// A case as the log had it when it had so many events, as far as it may be told; `None`: not at all then.
/// Blocks.
pub(super) fn rows(
    ledger: &Ledger,
    readable: Readable,
    as_of: Sequence,
) -> Result<Option<Rows>, LedgerError> {
    let (view, mut events) = ledger.past(&readable.case, as_of)?;
    events.retain(|past| readable.streams().any(|stream| stream == past.statement.stream));
    if events.is_empty() {
        return Ok(None);
    }
    let file = &view.file;
    let track = Track::try_from(i32::from(file.procedure.track())).unwrap_or_default();
    let case = CaseRow {
        id: readable.case.id.to_string(),
        holder: file.holder.map(|agency| agency.to_string()).unwrap_or_default(),
        stage: code("STAGE_", convert::stage(file.procedure.stage()).as_str_name()),
        track: code("TRACK_", track.as_str_name()),
    };
    let events = events.into_iter().map(|past| {
        let kept = past.clone();
        Ok(event_row(ledger, &kept, &entry(ledger, &view, past)?))
    });
    Ok(Some(Rows { case, events: events.collect::<Result<_, LedgerError>>()? }))
}

fn event_row(ledger: &Ledger, past: &PastEvent, told: &proto::TimelineEntry) -> EventRow {
    let PastEvent { event, statement, version } = past;
    let stated = match &statement.fact {
        // What matters is when it happened, not when it was brought along.
        Fact::HistoryImported(history) => history.time,
        _ => statement.occurred_at.instant,
    };
    let happened = told.corrected_at.map_or((stated.seconds, stated.nanos), |at| (at, 0));
    let recorded = event.link.recorded_at;
    let late = recorded.seconds().saturating_sub(happened.0).max(0);
    let roles: Vec<_> = statement.signers.iter().map(|signer| ledger.role_of(signer)).collect();
    EventRow {
        kind: statement.fact.name(),
        happened: time(happened.0, happened.1),
        lifecycle: "complete",
        signers: list(statement.signers.iter().map(|signer| signer.actor.to_string())),
        roles: list(roles.iter().map(|role| {
            role.map(|role| code("ROLE_", role.role.as_str_name())).unwrap_or_default()
        })),
        agencies: list(roles.iter().map(|role| {
            let agency: Option<AgencyId> = role.and_then(|role| role.agency);
            agency.map(|agency| agency.to_string()).unwrap_or_default()
        })),
        precision: code("PRECISION_", statement.occurred_at.precision.as_str_name()),
        first_stated: match told.corrected_at {
            Some(_) => time(stated.seconds, stated.nanos),
            None => String::new(),
        },
        recorded: time(recorded.seconds(), recorded.subsec_nanos()),
        late_hours: late.unsigned_abs() / 3600,
        sequence: event.link.sequence.0,
        stream: statement.stream.kind.name(),
        version: version.0,
        hash: event.link.statement_hash.to_string(),
        status: code("ACT_STATUS_", told.status().as_str_name()),
        corrected_by: list(told.corrected_by.iter().map(|by| hash(by))),
        misfiled_by: hash(&told.misfiled_by),
        endorsed_by: list(
            told.endorsed_by.iter().map(|by| {
                ActorId::from_slice(by).map(|actor| actor.to_string()).unwrap_or_default()
            }),
        ),
        marks: list(told.marks().map(|mark: Mark| code("MARK_", mark.as_str_name()))),
    }
}

fn hash(bytes: &[u8]) -> String {
    Digest::from_slice(bytes).map(|hash| hash.to_string()).unwrap_or_default()
}

/// Several in one cell. Those of one event stand in one order, so that the first role is the first signer's;
/// where none has one there is nothing.
fn list(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    if all.iter().all(String::is_empty) { String::new() } else { all.join(";") }
}

/// An enum's name as a code: `in_force` of `ACT_STATUS_IN_FORCE`; nothing where it is unspecified.
fn code(prefix: &str, name: &str) -> String {
    let name = name.strip_prefix(prefix).unwrap_or(name);
    if name == "UNSPECIFIED" { String::new() } else { name.to_ascii_lowercase() }
}

/// RFC 3339 in UTC, always to the microsecond: what reads a column guesses one form for all of it.
fn time(seconds: i64, nanos: u32) -> String {
    // Not a jiff::Timestamp, which ends some hours before the year 9999 does.
    let since = SignedDuration::new(seconds, nanos as i32);
    // INVARIANT: a statement's times, and the log's, are of the years 1 to 9999.
    EPOCH.checked_add(since).map(|at| format!("{at:.6}Z")).unwrap_or_default()
}

const EPOCH: DateTime = jiff::civil::datetime(1970, 1, 1, 0, 0, 0, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_form() {
        assert_eq!(time(0, 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(time(-1, 999_999_999), "1969-12-31T23:59:59.999999Z");
        assert_eq!(time(-62_135_596_800, 0), "0001-01-01T00:00:00.000000Z");
        assert_eq!(time(253_402_300_799, 999_999_999), "9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn what_is_not_there_is_nothing() {
        assert_eq!(code("ACT_STATUS_", "ACT_STATUS_IN_FORCE"), "in_force");
        assert_eq!(code("ACT_STATUS_", "ACT_STATUS_UNSPECIFIED"), "");
        let several = |all: &[&str]| list(all.iter().map(|one| (*one).to_owned()));
        assert_eq!(several(&["a", "", "b"]), "a;;b");
        assert_eq!(several(&["", ""]), "");
    }
}
