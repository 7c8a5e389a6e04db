//! ExportLog: the events of the cases that a caller may see, as a file.
//!
//! The cases are found first, so that too many of them are refused before anything leaves. Then they are
//! written one at a time, each when a slow reader has taken the one before: no more than one case, and what
//! of it is on its way, is in memory.

mod file;
mod row;

use bytes::Bytes;
use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, CaseRow, Ledger, LedgerError};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_proto::accountability::v1::export_log_response::Part;
use letopis_service_rpc::{Authority, Told, ask_now};
use letopis_types::{AgencyId, Sequence, StreamId, Timestamp, Version};
use tokio::sync::mpsc;
use tonic::Status;

use crate::case::Readable;
use crate::convert;
use crate::pages::ROWS_MAX;
use crate::seen::Seen;
use file::LogFile;
use row::rows;

/// The most cases of one file: what a department has, not what a country has.
const CASES_MAX: u32 = 10_000;

/// Cases whose reading is recorded at once.
const READ_AT_ONCE: usize = 200;

/// Messages that wait for a slow reader.
pub(crate) const WAITING: usize = 2;

/// The most bytes of one message.
const PIECE_BYTES: usize = 64 << 10;

/// What is asked.
#[derive(Clone, Copy)]
struct Asked {
    holder: Option<AgencyId>,
    /// Something of the case is among these events of the log: the first, and the one after the last.
    recorded: Option<(Sequence, Sequence)>,
    max: usize,
}

/// What is to be written: of which cases, and as of when.
pub(crate) struct Export {
    format: proto::LogFormat,
    as_of: Sequence,
    cases: Vec<StreamId>,
}

/// Finds the cases that a caller may see, of those asked for.
pub(crate) async fn find(
    ledger: &Ledger,
    caller: &Caller,
    request: &proto::ExportLogRequest,
) -> Result<Export, Told> {
    let format = request.format();
    if format == proto::LogFormat::Unspecified {
        return Err(Told::request("format", "say in which form: XES or CSV"));
    }
    let max = match request.cases_max {
        0 => CASES_MAX,
        max @ 1..=CASES_MAX => max,
        _ => return Err(Told::request("cases_max", "a file has at most 10,000 cases")),
    };
    let holder = convert::agency(&request.holder)?;
    let period = (request.recorded_from, request.recorded_before);
    if holder.is_none() && period == (None, None) {
        let why =
            "that would be every case of the ledger: name the agency that holds them, or a period";
        return Err(Told::request("holder", why));
    }
    ledger.holds(Sequence(request.at_least_size)).await?;
    let as_of = ledger.state_size();
    let recorded = match period {
        (None, None) => None,
        _ => Some(ask_now(ledger, move |ledger| events_of(ledger, period, as_of)).await?),
    };
    let asked = Asked { holder, recorded, max: max as usize };
    let cases = find_all(ledger, caller, asked).await?;
    Ok(Export { format, as_of, cases })
}

/// The events of the log that were recorded in a period: the first, and the one after the last.
fn events_of(
    ledger: &Ledger,
    (from, before): (Option<u64>, Option<u64>),
    as_of: Sequence,
) -> Result<(Sequence, Sequence), LedgerError> {
    // What was recorded before a time was so by the nanosecond before it.
    let size_before = |time: u64| ledger.size_at(Timestamp(time.saturating_sub(1)));
    let first = from.map_or(Ok(Sequence::ZERO), size_before)?;
    let end = before.map_or(Ok(as_of), size_before)?;
    Ok((first, end.min(as_of)))
}

async fn find_all(ledger: &Ledger, caller: &Caller, asked: Asked) -> Result<Vec<StreamId>, Told> {
    let asking = ledger.asking(caller);
    let (mut cases, mut after) = (Vec::new(), None);
    loop {
        let asking = asking.clone();
        let look = move |ledger: &Ledger| look(ledger, &asking, asked, after);
        let (found, last) = ask_now(ledger, look).await?;
        cases.extend(found);
        if cases.len() > asked.max {
            let max = asked.max;
            let why = format!(
                "there are more than {max} such cases: name another agency or a shorter period"
            );
            return Err(Told::request("cases_max", why));
        }
        after = last;
        if after.is_none() {
            return Ok(cases);
        }
    }
}

/// The cases among the next rows, and the last row where there may be more.
fn look(
    ledger: &Ledger,
    asking: &Asking,
    asked: Asked,
    after: Option<StreamId>,
) -> Result<(Vec<StreamId>, Option<StreamId>), LedgerError> {
    let (mut found, mut last, mut looked_at) = (Vec::new(), None, 0);
    let mut seen = Seen::new(ledger, asking);
    for row in ledger.cases(asked.holder.as_ref(), after.as_ref()).take(ROWS_MAX) {
        let row = row?;
        (last, looked_at) = (Some(row.id), looked_at + 1);
        if is_wanted(&mut seen, asked, &row)? {
            found.push(row.id);
        }
        if found.len() > asked.max {
            break;
        }
    }
    Ok((found, last.filter(|_| looked_at == ROWS_MAX)))
}

fn is_wanted(seen: &mut Seen<'_>, asked: Asked, row: &CaseRow) -> Result<bool, LedgerError> {
    let Some(readable) = readable(seen, row.id)? else { return Ok(false) };
    let Some((first, end)) = asked.recorded else { return Ok(true) };
    for stream in readable.streams() {
        let positions = seen.ledger.positions(&stream, Version(1), usize::MAX)?;
        if positions.iter().any(|(_, at)| first <= *at && *at < end) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A case as a caller may read it now; `None`: not at all.
fn readable(seen: &mut Seen<'_>, case: StreamId) -> Result<Option<Readable>, LedgerError> {
    let [case, hidden] = Ledger::streams_of_case(case);
    match seen.allows(case)? {
        true => Ok(Some(Readable { case, protected: seen.allows(hidden)? })),
        false => Ok(None),
    }
}

/// Writes the cases to whoever listens.
pub(crate) async fn send(
    ledger: &Ledger,
    authority: &Authority,
    export: Export,
    sender: &mpsc::Sender<Result<proto::ExportLogResponse, Status>>,
) -> Result<(), Told> {
    let Export { format, as_of, cases } = export;
    let caller = authority.caller()?;
    let mut file = match format {
        proto::LogFormat::Csv => LogFile::csv()?,
        _ => LogFile::xes(ledger.id().to_string(), as_of.0)?,
    };
    let mut out = Out { sender, digest: blake3::Hasher::new(), is_heard: true };
    out.part(Part::Begun(proto::ExportBegun { as_of_size: as_of.0 })).await;
    let (mut traces, mut events) = (0, 0);
    for ids in cases.chunks(READ_AT_ONCE) {
        // Nothing is recorded in the name of a caller who would not be given it.
        authority.check()?;
        let (asking, ids) = (ledger.asking(caller), ids.to_vec());
        let told = ask_now(ledger, move |ledger| {
            let mut seen = Seen::new(ledger, &asking);
            let readable = |id| readable(&mut seen, id).transpose();
            ids.into_iter().filter_map(readable).collect::<Result<Vec<_>, _>>()
        })
        .await?;
        // Nothing of them leaves before that is on the record.
        let read = told.iter().map(|readable| readable.case).collect::<Vec<_>>();
        ledger.record_facts_read(caller, Action::ReadFacts, read).await?;
        for readable in told {
            let made = ask_now(ledger, move |ledger| rows(ledger, readable, as_of)).await?;
            if let Some(rows) = made {
                file.add(&rows)?;
                (traces, events) = (traces + 1, events + rows.events.len() as u64);
                out.bytes(&file.take()).await;
            }
            if !out.is_heard {
                return Ok(());
            }
        }
    }
    out.bytes(&file.end()?).await;
    let digest = Bytes::copy_from_slice(out.digest.finalize().as_bytes());
    out.part(Part::Whole(proto::ExportWhole { traces, events, digest })).await;
    Ok(())
}

/// Where the pieces go.
struct Out<'a> {
    sender: &'a mpsc::Sender<Result<proto::ExportLogResponse, Status>>,
    digest: blake3::Hasher,
    is_heard: bool,
}

impl Out<'_> {
    async fn bytes(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        for piece in bytes.chunks(PIECE_BYTES) {
            self.part(Part::Bytes(Bytes::copy_from_slice(piece))).await;
        }
    }

    /// Waits until a slow reader has taken some of what came before.
    async fn part(&mut self, part: Part) {
        let response = proto::ExportLogResponse { part: Some(part) };
        self.is_heard = self.is_heard && self.sender.send(Ok(response)).await.is_ok();
    }
}
