//! ListCases: the cases that a caller may see, in short.

use letopis_domain::clocks::Reading;
use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, CaseRow, Item, Ledger, LedgerError, NotFound, page_token};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::{Told, ask_now, page_size};
use letopis_types::{ActorId, AgencyId, Sequence, StreamId, StreamKey, StreamKind};

use crate::convert;

/// The most rows that are looked at for a page.
const ROWS_MAX: usize = 4096;

/// What is asked.
#[derive(Clone)]
struct Asked {
    holder: Option<AgencyId>,
    lead: Option<ActorId>,
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
        (self.lead.is_none() || self.lead == row.lead) && stage && track
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
    let scope = scope(&request);
    let asked = Asked {
        holder: convert::agency(&request.holder)?,
        lead: convert::actor(&request.lead)?,
        stage: request.stage(),
        track: request.track,
        after: after(&request.page_token, &scope)?,
        max: page_size(request.page_size)?,
    };
    ledger.holds(Sequence(request.at_least_size)).await?;
    let asking = ledger.asking(caller);
    let page = ask_now(ledger, move |ledger| page(ledger, &asking, &asked)).await?;
    // Nothing of it leaves before that is on the record.
    ledger.read_facts(caller, Action::ReadFacts, &page.files).await?;
    Ok(proto::ListCasesResponse {
        cases: page.cases,
        next_page_token: page.last.map(|last| token(&scope, &last)).unwrap_or_default(),
        as_of_size: page.as_of.0,
    })
}

fn page(ledger: &Ledger, asking: &Asking, asked: &Asked) -> Result<Page, LedgerError> {
    let mut page = Page { as_of: ledger.state_size(), ..Page::default() };
    let rows = ledger.cases(asked.holder.as_ref(), asked.after.as_ref());
    for (looked_at, row) in rows.enumerate() {
        let row = row?;
        if page.cases.len() == asked.max || looked_at == ROWS_MAX {
            return Ok(page);
        }
        page.last = Some(row.id);
        let stream = row.stream();
        if asked.is_met_by(&row) && is_allowed(ledger, asking, stream)? {
            let hidden = StreamKey { kind: StreamKind::Protected, ..stream };
            let sees_hidden = is_allowed(ledger, asking, hidden)?;
            page.cases.push(in_short(ledger, &row, sees_hidden)?);
            page.files.push(stream);
        }
    }
    Ok(Page { last: None, ..page })
}

fn is_allowed(ledger: &Ledger, asking: &Asking, stream: StreamKey) -> Result<bool, LedgerError> {
    Ok(ledger.rule_on(asking, Action::ReadFacts, &Item::facts(stream, true))?.allowed)
}

fn in_short(
    ledger: &Ledger,
    row: &CaseRow,
    sees_hidden: bool,
) -> Result<proto::CaseSummary, LedgerError> {
    let view = ledger.present(&row.stream())?;
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
    })
}

/// A page belongs to one question.
fn scope(request: &proto::ListCasesRequest) -> Vec<u8> {
    let (holder, lead) = (&request.holder[..], &request.lead[..]);
    let lengths = [holder.len() as u8, lead.len() as u8];
    let (stage, track) = (request.stage.to_be_bytes(), request.track.to_be_bytes());
    [b"cases", &lengths[..], holder, lead, &stage, &track].concat()
}

fn token(scope: &[u8], last: &StreamId) -> String {
    let id = u128::from_be_bytes(last.0);
    page_token::encode(scope, [(id >> 64) as u64, id as u64])
}

fn after(token: &str, scope: &[u8]) -> Result<Option<StreamId>, NotFound> {
    let halves = page_token::decode::<2>(token, scope)?;
    let id = halves.map(|[high, low]| u128::from(high) << 64 | u128::from(low));
    Ok(id.map(|id| StreamId(id.to_be_bytes())))
}
