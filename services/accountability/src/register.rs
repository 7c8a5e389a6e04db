//! GetRegister: the registers that the directorate keeps.

use letopis_domain::procedure::{OrderKind, OrderReading};
use letopis_ledger::token::Caller;
use letopis_ledger::{CaseRow, Ledger, LedgerError, View};
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::Told;
use letopis_types::{AgencyId, StreamId};

use crate::cases::in_short;
use crate::convert;
use crate::pages::{self, Page};
use crate::seen::Seen;

/// What is asked.
struct Asked {
    register: proto::Register,
    holder: AgencyId,
}

pub(crate) async fn get_register(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::GetRegisterRequest,
) -> Result<proto::GetRegisterResponse, Told> {
    let read = |question: &proto::GetRegisterRequest| {
        if question.register() == proto::Register::Unspecified {
            return Err(Told::request("register", "say which register"));
        }
        let holder = convert::agency(&question.holder)?;
        let holder = holder.ok_or_else(|| Told::request("holder", "say whose register"))?;
        Ok(Asked { register: question.register(), holder })
    };
    let listed = pages::list(ledger, caller, "register", request, read, fill).await?;
    Ok(proto::GetRegisterResponse {
        entries: listed.entries,
        next_page_token: listed.next_page_token,
        as_of_size: listed.as_of_size,
    })
}

fn fill(
    seen: &mut Seen<'_>,
    asked: &Asked,
    page: &mut Page<proto::RegisterEntry, StreamId>,
) -> Result<(), LedgerError> {
    let after = page.after;
    let rows = seen.ledger.cases(Some(&asked.holder), after.as_ref());
    for (looked_at, row) in rows.enumerate() {
        let row = row?;
        if page.ends(looked_at) {
            return Ok(());
        }
        page.last = Some(row.id);
        if seen.allows(row.stream())?
            && let Some(entry) = entry(seen, asked.register, &row)?
        {
            page.push(row.stream(), entry);
        }
    }
    page.was_last();
    Ok(())
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
