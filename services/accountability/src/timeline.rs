//! GetTimeline: a case's events, each with what became of it.

use letopis_ledger::token::Caller;
use letopis_ledger::{Ledger, LedgerError, page_token};
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::{Told, ask_now, convert as rpc, page_size};
use letopis_types::{Sequence, StreamKey, Version};

use crate::case::{Readable, authorize};
use crate::entry::entry;

/// Where a page begins: of how many events of the log all pages hold, and the first event that may be on it.
#[derive(Clone, Copy)]
struct Start {
    as_of: Option<Sequence>,
    from: Sequence,
}

pub(crate) async fn get_timeline(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::GetTimelineRequest,
) -> Result<proto::GetTimelineResponse, Told> {
    let case = rpc::case(&request.case_id)?;
    let max = page_size(request.page_size)?;
    let start = match page_token::decode::<2>(&request.page_token, &scope(&case))? {
        None => Start { as_of: None, from: Sequence::ZERO },
        Some([as_of, from]) => Start { as_of: Some(Sequence(as_of)), from: Sequence(from) },
    };
    let readable = authorize(ledger, caller, case, request.at_least_size).await?;
    ask_now(ledger, move |ledger| page(ledger, readable, start, max)).await
}

fn scope(case: &StreamKey) -> Vec<u8> {
    [&case.to_bytes()[..], b"timeline"].concat()
}

fn page(
    ledger: &Ledger,
    readable: Readable,
    start: Start,
    max: usize,
) -> Result<proto::GetTimelineResponse, LedgerError> {
    let view = ledger.present(&readable.case)?;
    let as_of = start.as_of.unwrap_or(view.as_of).min(view.as_of);
    let mut positions = Vec::new();
    for stream in readable.streams() {
        let of_stream = ledger.positions(&stream, Version(1), usize::MAX)?;
        let of_page = of_stream.into_iter().filter(|(_, at)| start.from <= *at && *at < as_of);
        positions.extend(of_page.map(|(version, at)| (at, version)));
    }
    positions.sort_unstable();
    let next_page_token = match positions.get(max) {
        Some((next, _)) => page_token::encode(&scope(&readable.case), [as_of.0, next.0]),
        None => String::new(),
    };
    let mut entries = Vec::new();
    for (sequence, version) in positions.into_iter().take(max) {
        entries.push(entry(ledger, &view, ledger.past_event(sequence, version)?)?);
    }
    Ok(proto::GetTimelineResponse { entries, next_page_token, as_of_size: as_of.0 })
}
