//! ListDuties: what one actor owes.

use letopis_domain::procedure::Debtor;
use letopis_ledger::token::Caller;
use letopis_ledger::{Ledger, LedgerError, OwedRow, Place};
use letopis_proto::accountability::v1 as proto;
use letopis_proto::statement::v1::Role;
use letopis_service_rpc::Told;
use letopis_types::ActorId;

use crate::convert;
use crate::pages::{self, Page};
use crate::seen::Seen;

/// Roles in which one answers for what the agency took upon itself.
const FOR_THE_AGENCY: [Role; 5] =
    [Role::HeadOfDepartment, Role::Director, Role::Deputy, Role::Provider, Role::TeamMember];

/// What is asked.
struct Asked {
    actor: ActorId,
    due_before: Option<i64>,
}

pub(crate) async fn list_duties(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ListDutiesRequest,
) -> Result<proto::ListDutiesResponse, Told> {
    let read = |question: &proto::ListDutiesRequest| {
        let actor = convert::actor(&question.actor)?.unwrap_or(caller.actor);
        Ok(Asked { actor, due_before: question.due_before })
    };
    let listed = pages::list(ledger, caller, "duties", request, read, fill).await?;
    Ok(proto::ListDutiesResponse {
        duties: listed.entries,
        next_page_token: listed.next_page_token,
        as_of_size: listed.as_of_size,
    })
}

fn fill(
    seen: &mut Seen<'_>,
    asked: &Asked,
    page: &mut Page<proto::OpenDuty, Place>,
) -> Result<(), LedgerError> {
    let ledger = seen.ledger;
    let debtors = owed_by(ledger, asked.actor);
    let after = page.after;
    let rows = ledger.owed(&debtors, after.as_ref());
    let mut told = None;
    for (looked_at, row) in rows.enumerate() {
        let row = row?;
        let waiting = row.waiting;
        if asked.due_before.is_some_and(|before| before <= waiting.due) {
            break;
        }
        // What is owed in two ways is told once.
        if told == Some(waiting) {
            continue;
        }
        // A page goes on after a place: it may not end between two rows that have the same.
        if page.ends(looked_at) && page.last != Some(waiting.place()) {
            return Ok(());
        }
        if seen.allows_row(&waiting)?
            && let Some(duty) = duty(seen, asked.actor, &row)?
        {
            page.push(waiting.file, duty);
            told = Some(waiting);
        }
        page.last = Some(waiting.place());
    }
    page.was_last();
    Ok(())
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
    if row.stands_in && ledger.lead_in_force(view) {
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
