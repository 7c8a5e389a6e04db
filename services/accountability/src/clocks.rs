//! ListClocks: what is due, the most urgent first.

use letopis_domain::clocks::Reading;
use letopis_ledger::token::Caller;
use letopis_ledger::{Ledger, LedgerError, Place, WaitingRow};
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::Told;
use letopis_types::{ActorId, AgencyId};

use crate::convert;
use crate::pages::{self, Page};
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
struct Asked {
    due_before: Option<i64>,
    overdue: bool,
    whose: Whose,
}

pub(crate) async fn list_clocks(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ListClocksRequest,
) -> Result<proto::ListClocksResponse, Told> {
    let read = |question: &proto::ListClocksRequest| {
        Ok(Asked {
            due_before: question.due_before,
            overdue: question.overdue,
            whose: Whose::new(&question.holder, &question.lead, question.region)?,
        })
    };
    let listed = pages::list(ledger, caller, "clocks", request, read, fill).await?;
    Ok(proto::ListClocksResponse {
        clocks: listed.entries,
        next_page_token: listed.next_page_token,
        as_of_size: listed.as_of_size,
    })
}

fn fill(
    seen: &mut Seen<'_>,
    asked: &Asked,
    page: &mut Page<proto::Clock, Place>,
) -> Result<(), LedgerError> {
    let after = page.after;
    let rows = seen.ledger.waiting(asked.whose.holder.as_ref(), after.as_ref());
    for (looked_at, row) in rows.enumerate() {
        let row = row?;
        if asked.due_before.is_some_and(|before| before <= row.due) {
            break;
        }
        if page.ends(looked_at) {
            return Ok(());
        }
        page.last = Some(row.place());
        if asked.whose.has(&row)
            && seen.allows_row(&row)?
            && let Some(clock) = wanted(seen, asked, &row)?
        {
            page.push(row.file, clock);
        }
    }
    page.was_last();
    Ok(())
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
