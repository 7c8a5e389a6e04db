//! ListDuties: what one actor owes.

use std::collections::BTreeSet;

use letopis_domain::procedure::Debtor;
use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, Ledger, LedgerError, OwedRow, Place};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_proto::statement::v1::Role;
use letopis_service_rpc::{Told, ask_now, page_size};
use letopis_types::{ActorId, Sequence, StreamKey};

use crate::convert;
use crate::pages::{self, ROWS_MAX};
use crate::seen::Seen;

/// Roles in which one answers for what the agency took upon itself.
const FOR_THE_AGENCY: [Role; 5] =
    [Role::HeadOfDepartment, Role::Director, Role::Deputy, Role::Provider, Role::TeamMember];

/// What is asked.
struct Asked {
    actor: ActorId,
    due_before: Option<i64>,
    after: Option<Place>,
    max: usize,
}

/// A page before it may be told.
#[derive(Default)]
struct Page {
    duties: Vec<proto::OpenDuty>,
    files: BTreeSet<StreamKey>,
    /// The last row that was looked at, where there may be more.
    last: Option<Place>,
    as_of: Sequence,
}

pub(crate) async fn list_duties(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ListDutiesRequest,
) -> Result<proto::ListDutiesResponse, Told> {
    let page = (request.page_size, request.page_token.clone(), request.at_least_size);
    let question = proto::ListDutiesRequest {
        page_size: 0,
        page_token: String::new(),
        at_least_size: 0,
        ..request
    };
    let scope = pages::scope("duties", &question);
    let asked = Asked {
        actor: convert::actor(&question.actor)?.unwrap_or(caller.actor),
        due_before: question.due_before,
        after: pages::after(&page.1, &scope)?,
        max: page_size(page.0)?,
    };
    ledger.holds(Sequence(page.2)).await?;
    let asking = ledger.asking(caller);
    let page = ask_now(ledger, move |ledger| look(ledger, &asking, &asked)).await?;
    // Nothing of it leaves before that is on the record.
    let files: Vec<StreamKey> = page.files.into_iter().collect();
    ledger.read_facts(caller, Action::ReadFacts, &files).await?;
    Ok(proto::ListDutiesResponse {
        duties: page.duties,
        next_page_token: page.last.map(|last| pages::token(&scope, &last)).unwrap_or_default(),
        as_of_size: page.as_of.0,
    })
}

fn look(ledger: &Ledger, asking: &Asking, asked: &Asked) -> Result<Page, LedgerError> {
    let mut page = Page { as_of: ledger.state_size(), ..Page::default() };
    let mut seen = Seen::new(ledger, asking);
    let debtors = owed_by(ledger, asked.actor);
    let rows = ledger.owed(&debtors, asked.after.as_ref());
    let mut told = None;
    for (looked_at, row) in rows.enumerate() {
        let row = row?;
        let waiting = row.waiting;
        if asked.due_before.is_some_and(|before| before <= waiting.due) {
            return Ok(Page { last: None, ..page });
        }
        // What is owed in two ways is told once.
        if told == Some(waiting) {
            continue;
        }
        if page.duties.len() == asked.max || looked_at >= ROWS_MAX {
            return Ok(page);
        }
        if seen.allows_row(&waiting)?
            && let Some(duty) = duty(&mut seen, asked.actor, &row)?
        {
            page.duties.push(duty);
            page.files.insert(waiting.file);
            told = Some(waiting);
        }
        page.last = Some(waiting.place());
    }
    Ok(Page { last: None, ..page })
}

/// In which ways an actor may owe something now.
fn owed_by(ledger: &Ledger, actor: ActorId) -> Vec<Debtor> {
    let mut debtors = vec![Debtor::Party(actor.0)];
    for held in ledger.roles_of(&actor) {
        debtors.push(Debtor::Office(held.agency, held.role));
        if matches!(held.role, Role::Superior | Role::DataProtectionOfficer) {
            debtors.push(Debtor::Office(None, held.role));
        }
        if let Some(agency) = held.agency.filter(|_| FOR_THE_AGENCY.contains(&held.role)) {
            debtors.push(Debtor::Party(agency.0));
        }
    }
    debtors
}

/// What is owed as it is now; `None`: not by this actor, or it went on since the row was read.
fn duty(
    seen: &mut Seen<'_>,
    actor: ActorId,
    row: &OwedRow,
) -> Result<Option<proto::OpenDuty>, LedgerError> {
    let Some(clock) = seen.clock(&row.waiting)? else { return Ok(None) };
    let ledger = seen.ledger;
    let view = seen.view(row.waiting.file)?;
    if row.stands_in && ledger.lead_in_force(&view.file, view.at) {
        return Ok(None);
    }
    let procedure = &view.file.procedure;
    let act = procedure.acts().iter().find(|act| act.is_open() && act.hash == clock.subject);
    // Nobody confirms or reviews an own act.
    if act.is_some_and(|act| act.signers.contains(&actor)) && row.debtor.1 != 0 {
        return Ok(None);
    }
    let undertaken = procedure.commitments().iter();
    let commitment = undertaken.clone().find(|it| clock.subject.0.starts_with(&it.id));
    let (id, role) = row.debtor;
    let is_agency = role != 0 && id != [0; 16];
    Ok(Some(proto::OpenDuty {
        clock: Some(convert::clock(&row.waiting.file, view, &clock)),
        role: role.into(),
        agency: if is_agency { convert::bytes(&id) } else { bytes::Bytes::new() },
        stands_in: row.stands_in,
        act: act.map(convert::act),
        commitment: commitment.map(convert::commitment),
    }))
}
