//! ListCases: the cases that a caller may see, in short.

use letopis_domain::clocks::Reading;
use letopis_ledger::token::Caller;
use letopis_ledger::{CaseRow, Ledger, LedgerError};
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::Told;
use letopis_types::StreamId;

use crate::clocks::Whose;
use crate::convert;
use crate::pages::{self, Page};
use crate::seen::{Seen, protected};

/// What is asked.
struct Asked {
    whose: Whose,
    stage: proto::Stage,
    /// The number of a Track; 0: any.
    track: i32,
}

impl Asked {
    fn is_met_by(&self, row: &CaseRow) -> bool {
        let stage = self.stage == proto::Stage::Unspecified || self.stage == convert::stage_of(row);
        let track = self.track == 0 || self.track == i32::from(row.track);
        (self.whose.lead.is_none() || self.whose.lead == row.lead) && stage && track
    }
}

pub(crate) async fn list_cases(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ListCasesRequest,
) -> Result<proto::ListCasesResponse, Told> {
    let read = |question: &proto::ListCasesRequest| {
        Ok(Asked {
            whose: Whose::new(&question.holder, &question.lead, question.region)?,
            stage: question.stage(),
            track: question.track,
        })
    };
    let listed = pages::list(ledger, caller, "cases", request, read, fill).await?;
    Ok(proto::ListCasesResponse {
        cases: listed.entries,
        next_page_token: listed.next_page_token,
        as_of_size: listed.as_of_size,
    })
}

fn fill(
    seen: &mut Seen<'_>,
    asked: &Asked,
    page: &mut Page<proto::CaseSummary, StreamId>,
) -> Result<(), LedgerError> {
    let after = page.after;
    let rows = seen.ledger.cases(asked.whose.holder.as_ref(), after.as_ref());
    for (looked_at, row) in rows.enumerate() {
        let row = row?;
        if page.ends(looked_at) {
            return Ok(());
        }
        page.last = Some(row.id);
        let stream = row.stream();
        if asked.is_met_by(&row)
            && seen.allows(stream)?
            && asked.whose.is_of(seen.view(stream)?.file.region)
        {
            page.push(stream, in_short(seen, &row)?);
        }
    }
    page.was_last();
    Ok(())
}

/// A case in short, as the caller may be told of it.
pub(crate) fn in_short(
    seen: &mut Seen<'_>,
    row: &CaseRow,
) -> Result<proto::CaseSummary, LedgerError> {
    let (ledger, stream) = (seen.ledger, row.stream());
    let sees_hidden = seen.allows(protected(stream))?;
    let view = seen.view(stream)?;
    let (file, now) = (&view.file, view.at.seconds());
    let clocks = file.procedure.clocks();
    let open = || clocks.open().filter(|clock| sees_hidden || !clock.protected);
    let ran_out = |id| clocks.reading(id, now).is_some_and(Reading::is_missed);
    let acts = file.procedure.acts().iter();
    let due = acts.filter(|act| act.is_open() && (sees_hidden || !act.is_protected()));
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(proto::CaseSummary {
        case_id: convert::bytes(&row.id.0),
        stage: convert::stage(file.procedure.stage()).into(),
        holder: file.holder.map(|agency| convert::bytes(&agency.0)).unwrap_or_default(),
        lead: file.lead.map(|lead| convert::bytes(&lead.0)).unwrap_or_default(),
        lead_in_force: ledger.lead_in_force(view),
        track: file.procedure.track().into(),
        next_due: open().map(|clock| clock.due).min(),
        overdue: count(open().filter(|clock| ran_out(clock.id)).count()),
        acts_due: count(due.count()),
        region: file.region.unwrap_or_default(),
    })
}
