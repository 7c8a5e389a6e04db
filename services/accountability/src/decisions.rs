//! ListDecisions: what was signed, by whom, of which kind, in which time.

use std::ops::Range;
use std::time::Duration;

use letopis_domain::file::file_of;
use letopis_ledger::token::Caller;
use letopis_ledger::{Ledger, LedgerError};
use letopis_proto::KINDS;
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::Told;
use letopis_types::{ActorId, Sequence, Timestamp};

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
}

/// A page goes on with two numbers: of how many events all pages hold, and where it begins.
type Page = pages::Page<proto::TimelineEntry, [u64; 2]>;

pub(crate) async fn list_decisions(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ListDecisionsRequest,
) -> Result<proto::ListDecisionsResponse, Told> {
    let now = ledger.now();
    let read = |question: &proto::ListDecisionsRequest| {
        let asked = Asked {
            actor: convert::actor(&question.actor)?,
            kinds: kinds(&question.kinds)?,
            from: question.recorded_from.map(Timestamp),
            before: question.recorded_before.map(Timestamp),
        };
        asked.check(now)?;
        Ok(asked)
    };
    let listed = pages::list(ledger, caller, "decisions", request, read, fill).await?;
    Ok(proto::ListDecisionsResponse {
        entries: listed.entries,
        next_page_token: listed.next_page_token,
        as_of_size: listed.as_of_size,
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

fn fill(seen: &mut Seen<'_>, asked: &Asked, page: &mut Page) -> Result<(), LedgerError> {
    let ledger = seen.ledger;
    let mut from = Sequence::ZERO;
    if let Some([of, begins]) = page.after {
        (page.as_of, from) = (page.as_of.min(Sequence(of)), Sequence(begins));
    }
    let recorded_by = |time: Timestamp| ledger.size_at(Timestamp(time.0.saturating_sub(1)));
    from = from.max(asked.from.map_or(Ok(Sequence::ZERO), recorded_by)?);
    let as_of = page.as_of;
    let until = as_of.min(asked.before.map_or(Ok(as_of), recorded_by)?);
    let goes_on_at = |at: Sequence| [as_of.0, at.0];
    let found = candidates(ledger, asked, from..until, page.max)?;
    for at in found.at {
        if page.is_full() {
            page.last = Some(goes_on_at(at));
            return Ok(());
        }
        let past = ledger.past_event_at(at)?;
        let stream = past.statement.stream;
        let Some(file) = file_of(&stream).filter(|_| asked.wants(past.statement.kind().number))
        else {
            continue;
        };
        if !past.statement.signers.is_empty() && seen.allows_in(file, stream)? {
            let entry = entry(ledger, seen.view(file)?, past)?;
            page.push(file, entry);
        }
    }
    page.last = found.next.map(goes_on_at);
    Ok(())
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
    Range { start, end }: Range<Sequence>,
    max: usize,
) -> Result<Candidates, LedgerError> {
    let Some(actor) = asked.actor else {
        let until = end.0.min(start.0.saturating_add(ROWS_MAX as u64));
        let at = (start.0..until).map(Sequence).collect();
        return Ok(Candidates { at, next: (until < end.0).then_some(Sequence(until)) });
    };
    let mut at = Vec::new();
    for (looked_at, row) in ledger.signed(actor, start).enumerate() {
        let row = row?;
        if row.sequence >= end {
            break;
        }
        if looked_at == ROWS_MAX || at.len() > max {
            return Ok(Candidates { at, next: Some(row.sequence) });
        }
        if asked.wants(row.kind) {
            at.push(row.sequence);
        }
    }
    Ok(Candidates { at, next: None })
}
