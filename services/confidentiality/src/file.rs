//! GetCaseFile: a case as the caller may see it.

use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, Ledger, LedgerError, Mark, Sifted, Wanted, page_token};
use letopis_policy::Action;
use letopis_proto::confidentiality::v1 as proto;
use letopis_service_rpc::{Told, ask_now, convert as rpc, page_size};
use letopis_types::{Sequence, StreamKey, Version};

use crate::convert;
use crate::sections::release;

/// A page ends after about so many bytes of sections.
const PAGE_BYTES: usize = 4 << 20;

/// An event of the file, before its sections are opened.
struct Found {
    stream: StreamKey,
    version: Version,
    event: letopis_ledger::StoredEvent,
    marks: Vec<Mark>,
    sifted: Sifted,
}

pub(crate) async fn get_case_file(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::GetCaseFileRequest,
) -> Result<proto::GetCaseFileResponse, Told> {
    let case = rpc::case(&request.case_id)?;
    let classes = convert::classes(&request.classes)?;
    let max = page_size(request.page_size)?;
    let scope = [&case.to_bytes()[..], b"file"].concat();
    let next = page_token::decode::<2>(&request.page_token, &scope)?;
    let next = next.unwrap_or([1, 1]).map(Version);

    ledger.caught_up().await?;
    let streams = Ledger::streams_of_case(case.id);
    ledger.authorize(caller, Action::ReadFacts, case).await?;
    let readable = ledger.readable(caller, &streams)?;
    let wanted: Vec<Wanted> = streams
        .into_iter()
        .zip(next)
        .zip(readable)
        .filter_map(|(of, readable)| readable.then_some(of))
        .map(|(stream, from)| {
            let (versions, classes) = (Vec::new(), classes.clone());
            Wanted { stream, versions, from, classes, events_max: max }
        })
        .collect();
    ledger.read_facts(caller, Action::ReadFacts, &[case]).await?;

    let asking = ledger.asking(caller);
    let (mut found, more) =
        ask_now(ledger, move |ledger| page(ledger, &asking, &wanted, max)).await?;
    let mut all = Sifted::default();
    for event in &mut found {
        all.releases.append(&mut event.sifted.releases);
    }
    all.releases.sort_by_key(|release| (release.stream(), release.sequence()));
    let (mut sections, _) = release(ledger, caller, &all).await?;
    let next_page_token =
        if more { page_token::encode(&scope, after(&found, streams, next)) } else { String::new() };
    let entries = found
        .into_iter()
        .map(|found| {
            let is_of = |section: &letopis_proto::ledger::v1::OpenedSection| {
                section.version == found.version.0
                    && section.stream.as_ref().is_some_and(|of| of.kind == found.stream.kind as i32)
            };
            let (own, others) = sections.drain(..).partition(is_of);
            sections = others;
            proto::FileEntry {
                event: Some(rpc::event(found.event)),
                version: found.version.0,
                marks: found.marks.iter().map(|it| rpc::mark(*it).into()).collect(),
                sections: own,
                withheld: found
                    .sifted
                    .withheld
                    .iter()
                    .map(|it| convert::withheld(ledger, it))
                    .collect(),
            }
        })
        .collect();
    Ok(proto::GetCaseFileResponse { entries, next_page_token })
}

/// The versions from which the two streams go on after a page.
fn after(found: &[Found], streams: [StreamKey; 2], from: [Version; 2]) -> [u64; 2] {
    let last = |stream: &StreamKey| found.iter().rev().find(|found| found.stream == *stream);
    let [case, protected] = streams;
    let [from_case, from_protected] = from;
    [
        last(&case).map_or(from_case, |found| found.version.next()).0,
        last(&protected).map_or(from_protected, |found| found.version.next()).0,
    ]
}

/// The next events of the streams in log order, parted for the caller; and whether there are more.
fn page(
    ledger: &Ledger,
    asking: &Asking,
    wanted: &[Wanted],
    max: usize,
) -> Result<(Vec<Found>, bool), LedgerError> {
    let mut next: Vec<(Sequence, Version, &Wanted)> = Vec::new();
    for wanted in wanted {
        let positions = ledger.positions(&wanted.stream, wanted.from, max + 1)?;
        next.extend(positions.into_iter().map(|(version, at)| (at, version, wanted)));
    }
    next.sort_unstable_by_key(|(at, ..)| *at);
    let more = next.len() > max;
    let mut found = Vec::new();
    let mut bytes = 0;
    for (sequence, version, wanted) in next.into_iter().take(max) {
        if bytes > PAGE_BYTES {
            return Ok((found, true));
        }
        let (event, statement) = ledger.parsed(sequence)?;
        bytes += event.sealed.iter().map(Vec::len).sum::<usize>();
        let marks = ledger.marks(&statement, &event.link.statement_hash, sequence, version)?;
        let mut sifted = Sifted::default();
        ledger.sift_event(asking, wanted, version, &event, &statement, &mut sifted)?;
        found.push(Found { stream: wanted.stream, version, event, marks, sifted });
    }
    Ok((found, more))
}
