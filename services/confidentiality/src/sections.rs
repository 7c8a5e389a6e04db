//! GetSections: sections of one stream, opened.

use letopis_ledger::token::Caller;
use letopis_ledger::{Ledger, LedgerError, Sifted, Wanted, page_token};
use letopis_policy::Action;
use letopis_proto::confidentiality::v1 as proto;
use letopis_proto::ledger::v1::OpenedSection;
use letopis_service_rpc::convert::{section, stream};
use letopis_service_rpc::{Told, ask_now, page_size};
use letopis_types::{Sequence, StreamKey, Version};

use crate::convert;

/// The most events that may be named.
const VERSIONS_MAX: usize = 200;

/// So many events are looked at where the call goes on.
const FEW_VERSIONS: usize = 4;

pub(crate) async fn get_sections(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::GetSectionsRequest,
) -> Result<proto::GetSectionsResponse, Told> {
    let stream = stream(request.stream.as_ref())?;
    let classes = convert::classes(&request.classes)?;
    let events_max = page_size(request.page_size)?;
    let versions: Vec<Version> = request.versions.iter().copied().map(Version).collect();
    if versions.len() > VERSIONS_MAX || !versions.is_sorted_by(|a, b| a < b) {
        return Err(Told::request("versions", "at most 200, ascending"));
    }
    let scope = stream.to_bytes();
    let from = page_token::decode::<1>(&request.page_token, &scope)?;
    let from = Version(from.map_or(0, |[version]| version));

    if !finds(ledger, caller, stream, &versions)? {
        ledger.caught_up().await?;
    }
    ledger.read_facts(caller, Action::ReadFacts, &[stream]).await?;
    let asking = ledger.asking(caller);
    let wanted = Wanted { stream, versions, from, classes, events_max };
    // A thread of its own costs more than looking at a few events.
    let sifted = match (1..=FEW_VERSIONS).contains(&wanted.versions.len()) {
        true => ledger.sift(&asking, &wanted)?,
        false => ask_now(ledger, move |ledger| ledger.sift(&asking, &wanted)).await?,
    };
    let (sections, reading) = release(ledger, caller, &sifted).await?;
    Ok(proto::GetSectionsResponse {
        sections,
        withheld: sifted.withheld.iter().map(|it| convert::withheld(ledger, it)).collect(),
        next_page_token: sifted
            .next
            .map_or_else(String::new, |version| page_token::encode(&scope, [version.0])),
        reading: reading.map(|sequence| sequence.0),
    })
}

/// Whether all that is named is there already, so that the state need not be waited for. Never said of
/// a stream that the caller may not read: how long it takes would tell whether it exists.
fn finds(
    ledger: &Ledger,
    caller: &Caller,
    stream: StreamKey,
    versions: &[Version],
) -> Result<bool, LedgerError> {
    let Some(last) = versions.last() else { return Ok(false) };
    let may_read = ledger.readable(caller, &[stream])?.contains(&true);
    Ok(may_read && ledger.knows(&stream, *last)?)
}

/// Records the reading, and only then opens what is given.
pub(crate) async fn release(
    ledger: &Ledger,
    caller: &Caller,
    sifted: &Sifted,
) -> Result<(Vec<OpenedSection>, Option<Sequence>), Told> {
    let reading = ledger.record_reading(caller, &sifted.releases).await?;
    let releases = sifted.releases.clone();
    let open = move |ledger: &Ledger| {
        let mut opened = Vec::new();
        for release in &releases {
            opened.extend(ledger.open_released(release)?);
        }
        Ok(opened)
    };
    // What is released is found by its sequence, and was durable before: the state need not have taken
    // the reading in. A thread of its own costs more than opening a few pages.
    let opened = match ledger.opens_at_once(&sifted.releases) {
        true => open(ledger).map_err(Told::from)?,
        false => ask_now(ledger, open).await?,
    };
    Ok((opened.iter().map(section).collect(), reading))
}
