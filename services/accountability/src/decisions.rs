//! ListDecisions: what was signed, by whom, of which kind, in which time.

use std::collections::BTreeSet;
use std::time::Duration;

use letopis_domain::file::file_of;
use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, Ledger, LedgerError, page_token};
use letopis_policy::Action;
use letopis_proto::KINDS;
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::{Told, ask_now, page_size};
use letopis_types::{ActorId, Sequence, StreamKey, Timestamp};

use crate::convert;
use crate::entry::entry;
use crate::pages::{self, ROWS_MAX};
use crate::seen::Seen;

/// The longest time that is asked about without an actor.
const PERIOD_MAX: Duration = Duration::from_secs(31 * 24 * 3600);

/// The most kinds that are asked for.
const KINDS_MAX: usize = 16;

/// What is asked.
struct Asked {
    actor: Option<ActorId>,
    /// The numbers of kinds. None: any.
    kinds: Vec<u32>,
    from: Option<Timestamp>,
    before: Option<Timestamp>,
    /// Of how many events all pages hold, and where this one begins.
    page: Option<[u64; 2]>,
    max: usize,
}

/// A page before it may be told.
struct Page {
    entries: Vec<proto::TimelineEntry>,
    files: BTreeSet<StreamKey>,
    as_of: Sequence,
    /// Where the next one begins.
    next: Option<Sequence>,
}

pub(crate) async fn list_decisions(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ListDecisionsRequest,
) -> Result<proto::ListDecisionsResponse, Told> {
    let page = (request.page_size, request.page_token.clone(), request.at_least_size);
    let question = proto::ListDecisionsRequest {
        page_size: 0,
        page_token: String::new(),
        at_least_size: 0,
        ..request
    };
    let scope = pages::scope("decisions", &question);
    let asked = Asked {
        actor: convert::actor(&question.actor)?,
        kinds: kinds(&question.kinds)?,
        from: question.recorded_from.map(Timestamp),
        before: question.recorded_before.map(Timestamp),
        page: page_token::decode::<2>(&page.1, &scope)?,
        max: page_size(page.0)?,
    };
    asked.check(ledger.now())?;
    ledger.holds(Sequence(page.2)).await?;
    let asking = ledger.asking(caller);
    let page = ask_now(ledger, move |ledger| look(ledger, &asking, &asked)).await?;
    // Nothing of it leaves before that is on the record.
    let files: Vec<StreamKey> = page.files.into_iter().collect();
    ledger.read_facts(caller, Action::ReadFacts, &files).await?;
    let next = page.next.map(|next| page_token::encode(&scope, [page.as_of.0, next.0]));
    Ok(proto::ListDecisionsResponse {
        entries: page.entries,
        next_page_token: next.unwrap_or_default(),
        as_of_size: page.as_of.0,
    })
}

/// The numbers of kinds by their names.
fn kinds(names: &[String]) -> Result<Vec<u32>, Told> {
    if names.len() > KINDS_MAX {
        return Err(Told::request("kinds", "at most 16 kinds"));
    }
    let number = |name: &String| {
        let found = KINDS.iter().find(|kind| kind.name == name.as_str());
        found.map(|kind| kind.number).ok_or_else(|| Told::request("kinds", "there is no such kind"))
    };
    names.iter().map(number).collect()
}

impl Asked {
    /// What would list the world is refused.
    fn check(&self, now: Timestamp) -> Result<(), Told> {
        let span = self.from.map(|from| self.before.unwrap_or(now).0.saturating_sub(from.0));
        let is_short = span.is_some_and(|span| u128::from(span) <= PERIOD_MAX.as_nanos());
        match self.actor.is_some() || is_short {
            true => Ok(()),
            false => Err(Told::request(
                "recorded_from",
                "name an actor, or a time of at most 31 days: else it would be the whole log",
            )),
        }
    }

    fn wants(&self, kind: u32) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

fn look(ledger: &Ledger, asking: &Asking, asked: &Asked) -> Result<Page, LedgerError> {
    let (mut as_of, mut from) = (ledger.state_size(), Sequence::ZERO);
    if let Some([of, begins]) = asked.page {
        (as_of, from) = (as_of.min(Sequence(of)), Sequence(begins));
    }
    let recorded_by = |time: Timestamp| ledger.size_at(Timestamp(time.0.saturating_sub(1)));
    from = from.max(asked.from.map_or(Ok(Sequence::ZERO), recorded_by)?);
    let until = as_of.min(asked.before.map_or(Ok(as_of), recorded_by)?);
    let mut seen = Seen::new(ledger, asking);
    let mut page = Page { entries: Vec::new(), files: BTreeSet::new(), as_of, next: None };
    let found = candidates(ledger, asked, from, until)?;
    for at in &found.at {
        if page.entries.len() == asked.max {
            page.next = Some(*at);
            return Ok(page);
        }
        let past = ledger.past_event_at(*at)?;
        let stream = past.statement.stream;
        let Some(file) = file_of(&stream).filter(|_| asked.wants(past.statement.kind().number))
        else {
            continue;
        };
        if !past.statement.signers.is_empty() && seen.allows(stream)? {
            page.entries.push(entry(ledger, &seen.view(file)?.file, past)?);
            page.files.insert(file);
        }
    }
    page.next = found.next;
    Ok(page)
}

/// What may be on a page, and where one goes on behind it.
struct Candidates {
    at: Vec<Sequence>,
    next: Option<Sequence>,
}

/// What the actor signed, of the kinds that are wanted; or else whatever was recorded.
fn candidates(
    ledger: &Ledger,
    asked: &Asked,
    from: Sequence,
    until: Sequence,
) -> Result<Candidates, LedgerError> {
    let Some(actor) = asked.actor else {
        let end = until.0.min(from.0.saturating_add(ROWS_MAX as u64));
        let at = (from.0..end).map(Sequence).collect();
        return Ok(Candidates { at, next: (end < until.0).then_some(Sequence(end)) });
    };
    let mut at = Vec::new();
    for (looked_at, row) in ledger.signed(actor, from).enumerate() {
        let row = row?;
        if row.sequence >= until {
            break;
        }
        if looked_at == ROWS_MAX || at.len() > asked.max {
            return Ok(Candidates { at, next: Some(row.sequence) });
        }
        if asked.wants(row.kind) {
            at.push(row.sequence);
        }
    }
    Ok(Candidates { at, next: None })
}
