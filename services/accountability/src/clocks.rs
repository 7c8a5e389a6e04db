//! ListClocks: what is due, the most urgent first.

use std::collections::{BTreeMap, BTreeSet};

use letopis_domain::clocks::{Clock, ClockId, Reading};
use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, Item, Ledger, LedgerError, NotFound, Place, View, WaitingRow};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::{Told, ask_now, page_size};
use letopis_types::{ActorId, AgencyId, Sequence, StreamKey, StreamKind};

use crate::convert;

/// The most rows that are looked at for a page.
const ROWS_MAX: usize = 4096;

/// What is asked.
#[derive(Clone)]
struct Asked {
    due_before: Option<i64>,
    overdue: bool,
    holder: Option<AgencyId>,
    lead: Option<ActorId>,
    after: Option<Place>,
    max: usize,
}

/// A page before it may be told.
#[derive(Default)]
struct Page {
    clocks: Vec<proto::Clock>,
    files: BTreeSet<StreamKey>,
    /// The last row that was looked at, where there may be more.
    last: Option<Place>,
    as_of: Sequence,
}

pub(crate) async fn list_clocks(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ListClocksRequest,
) -> Result<proto::ListClocksResponse, Told> {
    let scope = scope(&request);
    let asked = Asked {
        due_before: request.due_before,
        overdue: request.overdue,
        holder: convert::agency(&request.holder)?,
        lead: convert::actor(&request.lead)?,
        after: after(&request.page_token, &scope)?,
        max: page_size(request.page_size)?,
    };
    ledger.holds(Sequence(request.at_least_size)).await?;
    let asking = ledger.asking(caller);
    let page = ask_now(ledger, move |ledger| page(ledger, &asking, &asked)).await?;
    // Nothing of it leaves before that is on the record.
    let files: Vec<StreamKey> = page.files.into_iter().collect();
    ledger.read_facts(caller, Action::ReadFacts, &files).await?;
    Ok(proto::ListClocksResponse {
        clocks: page.clocks,
        next_page_token: page.last.map(|last| token(&scope, &last)).unwrap_or_default(),
        as_of_size: page.as_of.0,
    })
}

fn page(ledger: &Ledger, asking: &Asking, asked: &Asked) -> Result<Page, LedgerError> {
    let mut page = Page { as_of: ledger.state_size(), ..Page::default() };
    let mut seen = Seen { ledger, asking, allowed: BTreeMap::new(), views: BTreeMap::new() };
    let rows = ledger.waiting(asked.holder.as_ref(), asked.after.as_ref());
    for (looked_at, row) in rows.enumerate() {
        let row = row?;
        if asked.due_before.is_some_and(|before| before <= row.due) {
            return Ok(Page { last: None, ..page });
        }
        if page.clocks.len() == asked.max || looked_at == ROWS_MAX {
            return Ok(page);
        }
        page.last = Some(row.place());
        if asked.lead.is_some() && asked.lead != row.lead || !seen.is_allowed(&row)? {
            continue;
        }
        if let Some(clock) = seen.clock(&row, asked.overdue)? {
            page.clocks.push(clock);
            page.files.insert(row.file);
        }
    }
    Ok(Page { last: None, ..page })
}

/// What was found out for one page.
struct Seen<'a> {
    ledger: &'a Ledger,
    asking: &'a Asking,
    allowed: BTreeMap<StreamKey, bool>,
    views: BTreeMap<StreamKey, View>,
}

impl Seen<'_> {
    /// May the caller be told of it? Of what a protected event started only who may see that stream.
    fn is_allowed(&mut self, row: &WaitingRow) -> Result<bool, LedgerError> {
        let stream = match row.protected {
            true => StreamKey { kind: StreamKind::Protected, ..row.file },
            false => row.file,
        };
        if let Some(known) = self.allowed.get(&stream) {
            return Ok(*known);
        }
        let item = Item::facts(stream, true);
        let allowed = self.ledger.rule_on(self.asking, Action::ReadFacts, &item)?.allowed;
        self.allowed.insert(stream, allowed);
        Ok(allowed)
    }

    /// The clock as it is now; `None` where it is none of those wanted, or went on since its row was read.
    fn clock(
        &mut self,
        row: &WaitingRow,
        overdue: bool,
    ) -> Result<Option<proto::Clock>, LedgerError> {
        if !self.views.contains_key(&row.file) {
            self.views.insert(row.file, self.ledger.present(&row.file)?);
        }
        let Some(view) = self.views.get(&row.file) else { return Ok(None) };
        let clocks = view.file.procedure.clocks();
        let found = clocks.get(ClockId(row.clock));
        let found = found.filter(|clock| clock.ended.is_none() && clock.due == row.due);
        let wanted = |clock: &Clock| {
            !overdue || clocks.reading(clock.id, view.at.seconds()).is_some_and(Reading::is_missed)
        };
        Ok(found.filter(wanted).map(|clock| convert::clock(&row.file, view, &clock)))
    }
}

/// A page belongs to one question.
fn scope(request: &proto::ListClocksRequest) -> Vec<u8> {
    let due = request.due_before.map_or([0; 9], |due| {
        let mut tagged = [1; 9];
        tagged.iter_mut().skip(1).zip(due.to_be_bytes()).for_each(|(to, from)| *to = from);
        tagged
    });
    let (holder, lead) = (&request.holder[..], &request.lead[..]);
    let lengths = [holder.len() as u8, lead.len() as u8, request.overdue.into()];
    [b"clocks", &due[..], &lengths, holder, lead].concat()
}

/// The place after which a page begins, in four numbers.
fn token(scope: &[u8], place: &Place) -> String {
    let mut padded = [0; 32];
    padded.iter_mut().zip(place).for_each(|(to, from)| *to = *from);
    let (numbers, _) = padded.as_chunks::<8>();
    let mut four = [0; 4];
    four.iter_mut().zip(numbers).for_each(|(to, from)| *to = u64::from_be_bytes(*from));
    letopis_ledger::page_token::encode(scope, four)
}

fn after(token: &str, scope: &[u8]) -> Result<Option<Place>, NotFound> {
    let Some(four) = letopis_ledger::page_token::decode::<4>(token, scope)? else {
        return Ok(None);
    };
    let mut place = [0; 29];
    let bytes = four.iter().flat_map(|number| number.to_be_bytes());
    place.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    Ok(Some(place))
}
