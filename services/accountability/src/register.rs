//! GetRegister: the registers that the directorate keeps.

use letopis_domain::procedure::{OrderKind, OrderReading};
use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, CaseRow, Ledger, LedgerError, View};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::{Told, ask_now, page_size};
use letopis_types::{AgencyId, Sequence, StreamId, StreamKey};

use crate::cases::{after, in_short, token};
use crate::convert;
use crate::pages::{self, ROWS_MAX};
use crate::seen::Seen;

/// What is asked.
struct Asked {
    register: proto::Register,
    holder: AgencyId,
    after: Option<StreamId>,
    max: usize,
}

/// A page before it may be told.
#[derive(Default)]
struct Page {
    entries: Vec<proto::RegisterEntry>,
    files: Vec<StreamKey>,
    /// The last row that was looked at, where there may be more.
    last: Option<StreamId>,
    as_of: Sequence,
}

pub(crate) async fn get_register(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::GetRegisterRequest,
) -> Result<proto::GetRegisterResponse, Told> {
    let page = (request.page_size, request.page_token.clone(), request.at_least_size);
    let question = proto::GetRegisterRequest {
        page_size: 0,
        page_token: String::new(),
        at_least_size: 0,
        ..request
    };
    let scope = pages::scope("register", &question);
    if question.register() == proto::Register::Unspecified {
        return Err(Told::request("register", "say which register"));
    }
    let holder = convert::agency(&question.holder)?;
    let asked = Asked {
        register: question.register(),
        holder: holder.ok_or_else(|| Told::request("holder", "say whose register"))?,
        after: after(&page.1, &scope)?,
        max: page_size(page.0)?,
    };
    ledger.holds(Sequence(page.2)).await?;
    let asking = ledger.asking(caller);
    let page = ask_now(ledger, move |ledger| look(ledger, &asking, &asked)).await?;
    // Nothing of it leaves before that is on the record.
    ledger.read_facts(caller, Action::ReadFacts, &page.files).await?;
    Ok(proto::GetRegisterResponse {
        entries: page.entries,
        next_page_token: page.last.map(|last| token(&scope, &last)).unwrap_or_default(),
        as_of_size: page.as_of.0,
    })
}

fn look(ledger: &Ledger, asking: &Asking, asked: &Asked) -> Result<Page, LedgerError> {
    let mut page = Page { as_of: ledger.state_size(), ..Page::default() };
    let mut seen = Seen::new(ledger, asking);
    let rows = ledger.cases(Some(&asked.holder), asked.after.as_ref());
    for (looked_at, row) in rows.enumerate() {
        let row = row?;
        if page.entries.len() == asked.max || looked_at == ROWS_MAX {
            return Ok(page);
        }
        page.last = Some(row.id);
        if seen.allows(row.stream())?
            && let Some(entry) = entry(&mut seen, asked.register, &row)?
        {
            page.entries.push(entry);
            page.files.push(row.stream());
        }
    }
    Ok(Page { last: None, ..page })
}

/// The case's entry; `None`: it has none in this register.
fn entry(
    seen: &mut Seen<'_>,
    register: proto::Register,
    row: &CaseRow,
) -> Result<Option<proto::RegisterEntry>, LedgerError> {
    let view = seen.view(row.stream())?;
    let (since, order) = match register {
        proto::Register::PlacedChildren => {
            let placed_on = view.file.procedure.placed_on();
            let Some(order) = order(view, |order| Some(order.hash) == placed_on) else {
                return Ok(None);
            };
            (order.taken_at, Some(order))
        }
        proto::Register::EmergencyPlacements => {
            let urgent = |order: &OrderReading| order.kind == OrderKind::Emergency;
            let Some(order) = order(view, |order| urgent(order) && order.in_force) else {
                return Ok(None);
            };
            (order.taken_at, Some(order))
        }
        proto::Register::SpecialProtection | proto::Register::Unspecified => {
            let procedure = &view.file.procedure;
            let is_open = convert::stage_of(row) == proto::Stage::Open;
            match procedure.begun_at().filter(|_| is_open || procedure.is_observed()) {
                Some(since) => (since, None),
                None => return Ok(None),
            }
        }
    };
    let case = Some(in_short(seen, row)?);
    Ok(Some(proto::RegisterEntry { case, since, order: order.as_ref().map(convert::order) }))
}

fn order(view: &View, is_it: impl Fn(&OrderReading) -> bool) -> Option<OrderReading> {
    view.file.procedure.orders(view.at.seconds()).filter(is_it).last()
}
