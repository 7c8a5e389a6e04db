//! ListCases: the cases that a caller may see, in short.

use letopis_domain::clocks::Reading;
use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, CaseRow, Ledger, LedgerError, NotFound, page_token};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::{Told, ask_now, page_size};
use letopis_types::{Sequence, StreamId, StreamKey};

use crate::clocks::Whose;
use crate::convert;
use crate::pages::{self, ROWS_MAX};
use crate::seen::{Seen, protected};

/// What is asked.
#[derive(Clone)]
struct Asked {
    whose: Whose,
    stage: proto::Stage,
    /// The number of a Track; 0: any.
    track: i32,
    after: Option<StreamId>,
    max: usize,
}

impl Asked {
    fn is_met_by(&self, row: &CaseRow) -> bool {
        let stage = self.stage == proto::Stage::Unspecified || self.stage == convert::stage_of(row);
        let track = self.track == 0 || self.track == i32::from(row.track);
        (self.whose.lead.is_none() || self.whose.lead == row.lead) && stage && track
    }
}

/// A page before it may be told.
#[derive(Default)]
struct Page {
    cases: Vec<proto::CaseSummary>,
    files: Vec<StreamKey>,
    /// The last row that was looked at, where there may be more.
    last: Option<StreamId>,
    as_of: Sequence,
}

pub(crate) async fn list_cases(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ListCasesRequest,
) -> Result<proto::ListCasesResponse, Told> {
    let page = (request.page_size, request.page_token.clone(), request.at_least_size);
    let question = proto::ListCasesRequest {
        page_size: 0,
        page_token: String::new(),
        at_least_size: 0,
        ..request
    };
    let scope = pages::scope("cases", &question);
    let asked = Asked {
        whose: Whose::new(&question.holder, &question.lead, question.region)?,
        stage: question.stage(),
        track: question.track,
        after: after(&page.1, &scope)?,
        max: page_size(page.0)?,
    };
    ledger.holds(Sequence(page.2)).await?;
    let asking = ledger.asking(caller);
    let page = ask_now(ledger, move |ledger| look(ledger, &asking, &asked)).await?;
    // Nothing of it leaves before that is on the record.
    ledger.read_facts(caller, Action::ReadFacts, &page.files).await?;
    Ok(proto::ListCasesResponse {
        cases: page.cases,
        next_page_token: page.last.map(|last| token(&scope, &last)).unwrap_or_default(),
        as_of_size: page.as_of.0,
    })
}

fn look(ledger: &Ledger, asking: &Asking, asked: &Asked) -> Result<Page, LedgerError> {
    let mut page = Page { as_of: ledger.state_size(), ..Page::default() };
    let mut seen = Seen::new(ledger, asking);
    let rows = ledger.cases(asked.whose.holder.as_ref(), asked.after.as_ref());
    for (looked_at, row) in rows.enumerate() {
        let row = row?;
        if page.cases.len() == asked.max || looked_at == ROWS_MAX {
            return Ok(page);
        }
        page.last = Some(row.id);
        let stream = row.stream();
        if asked.is_met_by(&row)
            && seen.allows(stream)?
            && asked.whose.is_of(seen.view(stream)?.file.region)
        {
            page.cases.push(in_short(&mut seen, &row)?);
            page.files.push(stream);
        }
    }
    Ok(Page { last: None, ..page })
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
        lead_in_force: ledger.lead_in_force(file, view.at),
        track: file.procedure.track().into(),
        next_due: open().map(|clock| clock.due).min(),
        overdue: count(open().filter(|clock| ran_out(clock.id)).count()),
        acts_due: count(due.count()),
        region: file.region.unwrap_or_default(),
    })
}

/// The token of what comes after a case.
pub(crate) fn token(scope: &[u8], last: &StreamId) -> String {
    let id = u128::from_be_bytes(last.0);
    page_token::encode(scope, [(id >> 64) as u64, id as u64])
}

pub(crate) fn after(token: &str, scope: &[u8]) -> Result<Option<StreamId>, NotFound> {
    let halves = page_token::decode::<2>(token, scope)?;
    let id = halves.map(|[high, low]| u128::from(high) << 64 | u128::from(low));
    Ok(id.map(|id| StreamId(id.to_be_bytes())))
}
