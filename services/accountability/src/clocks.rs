//! ListClocks: what is due, the most urgent first.

use std::collections::BTreeSet;

use letopis_domain::clocks::Reading;
use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, Ledger, LedgerError, Place, WaitingRow};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::{Told, ask_now, page_size};
use letopis_types::{ActorId, AgencyId, Sequence, StreamKey};

use crate::convert;
use crate::pages::{self, ROWS_MAX};
use crate::seen::Seen;

/// Of which files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whose {
    pub(crate) holder: Option<AgencyId>,
    pub(crate) lead: Option<ActorId>,
    /// 0: any.
    pub(crate) region: u32,
}

impl Whose {
    pub(crate) fn new(holder: &[u8], lead: &[u8], region: u32) -> Result<Self, Told> {
        Ok(Self { holder: convert::agency(holder)?, lead: convert::actor(lead)?, region })
    }

    /// Of such a file, as far as the row says. Rows were sought by holder.
    fn has(&self, row: &WaitingRow) -> bool {
        self.lead.is_none() || self.lead == row.lead
    }

    pub(crate) fn is_of(&self, region: Option<u32>) -> bool {
        self.region == 0 || region == Some(self.region)
    }
}

/// What is asked.
#[derive(Clone)]
struct Asked {
    due_before: Option<i64>,
    overdue: bool,
    whose: Whose,
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
    let page = (request.page_size, request.page_token.clone(), request.at_least_size);
    let question = proto::ListClocksRequest {
        page_size: 0,
        page_token: String::new(),
        at_least_size: 0,
        ..request
    };
    let scope = pages::scope("clocks", &question);
    let asked = Asked {
        due_before: question.due_before,
        overdue: question.overdue,
        whose: Whose::new(&question.holder, &question.lead, question.region)?,
        after: pages::after(&page.1, &scope)?,
        max: page_size(page.0)?,
    };
    ledger.holds(Sequence(page.2)).await?;
    let asking = ledger.asking(caller);
    let page = ask_now(ledger, move |ledger| look(ledger, &asking, &asked)).await?;
    // Nothing of it leaves before that is on the record.
    let files: Vec<StreamKey> = page.files.into_iter().collect();
    ledger.read_facts(caller, Action::ReadFacts, &files).await?;
    Ok(proto::ListClocksResponse {
        clocks: page.clocks,
        next_page_token: page.last.map(|last| pages::token(&scope, &last)).unwrap_or_default(),
        as_of_size: page.as_of.0,
    })
}

fn look(ledger: &Ledger, asking: &Asking, asked: &Asked) -> Result<Page, LedgerError> {
    let mut page = Page { as_of: ledger.state_size(), ..Page::default() };
    let mut seen = Seen::new(ledger, asking);
    let rows = ledger.waiting(asked.whose.holder.as_ref(), asked.after.as_ref());
    for (looked_at, row) in rows.enumerate() {
        let row = row?;
        if asked.due_before.is_some_and(|before| before <= row.due) {
            return Ok(Page { last: None, ..page });
        }
        if page.clocks.len() == asked.max || looked_at == ROWS_MAX {
            return Ok(page);
        }
        page.last = Some(row.place());
        if asked.whose.has(&row)
            && seen.allows_row(&row)?
            && let Some(clock) = wanted(&mut seen, asked, &row)?
        {
            page.clocks.push(clock);
            page.files.insert(row.file);
        }
    }
    Ok(Page { last: None, ..page })
}

/// The row's clock, as far as it is wanted.
fn wanted(
    seen: &mut Seen<'_>,
    asked: &Asked,
    row: &WaitingRow,
) -> Result<Option<proto::Clock>, LedgerError> {
    let Some(clock) = seen.clock(row)? else { return Ok(None) };
    let view = seen.view(row.file)?;
    let reading = view.file.procedure.clocks().reading(clock.id, view.at.seconds());
    let is_wanted = !asked.overdue || reading.is_some_and(Reading::is_missed);
    let is_wanted = is_wanted && asked.whose.is_of(view.file.region);
    Ok(is_wanted.then(|| convert::clock(&row.file, view, &clock)))
}
