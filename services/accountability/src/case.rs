//! GetCase: a case as it stands; and who may be told what of one.

use letopis_domain::file::FileState;
use letopis_ledger::token::Caller;
use letopis_ledger::{Ledger, LedgerError, View};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::{Told, ask_now, convert as rpc};
use letopis_types::{Sequence, StreamKey};

use crate::convert;

/// A case that a caller may read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Readable {
    pub(crate) case: StreamKey,
    /// Its protected stream too.
    pub(crate) protected: bool,
}

impl Readable {
    /// The streams of which the caller may be told.
    pub(crate) fn streams(&self) -> impl Iterator<Item = StreamKey> {
        let protected = self.protected;
        let [case, hidden] = Ledger::streams_of_case(self.case.id);
        std::iter::once(case).chain(protected.then_some(hidden))
    }
}

/// Lets a caller read the facts of a case, and has that recorded. Nothing may be told of it before.
pub(crate) async fn authorize(
    ledger: &Ledger,
    caller: &Caller,
    case: StreamKey,
    at_least: u64,
) -> Result<Readable, Told> {
    ledger.holds(Sequence(at_least)).await?;
    ledger.authorize(caller, Action::ReadFacts, case).await?;
    let readable = ledger.readable(caller, &Ledger::streams_of_case(case.id))?;
    ledger.read_facts(caller, Action::ReadFacts, &[case]).await?;
    Ok(Readable { case, protected: readable.get(1).copied().unwrap_or_default() })
}

pub(crate) async fn get_case(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::GetCaseRequest,
) -> Result<proto::GetCaseResponse, Told> {
    let case = rpc::case(&request.case_id)?;
    let readable = authorize(ledger, caller, case, request.at_least_size).await?;
    ask_now(ledger, move |ledger| {
        let view = ledger.present(&case)?;
        let as_of_size = view.as_of.0;
        Ok(proto::GetCaseResponse { case: Some(message(ledger, readable, &view)?), as_of_size })
    })
    .await
}

/// A case as a caller is told of it.
pub(crate) fn message(
    ledger: &Ledger,
    readable: Readable,
    view: &View,
) -> Result<proto::Case, LedgerError> {
    let mut events = 0;
    for stream in readable.streams() {
        events += ledger.version_before(&stream, view.as_of)?.0;
    }
    let file = &view.file;
    let told = |protected: bool| readable.protected || !protected;
    let mut clocks: Vec<_> =
        file.procedure.clocks().open().filter(|clock| told(clock.protected)).collect();
    clocks.sort_by_key(|clock| clock.due);
    let acts = file.procedure.acts().iter();
    Ok(proto::Case {
        case_id: convert::bytes(&readable.case.id.0),
        stage: match **file == FileState::default() {
            true => proto::Stage::Unspecified,
            false => convert::stage(file.procedure.stage()),
        }
        .into(),
        holder: file.holder.map(|agency| convert::bytes(&agency.0)).unwrap_or_default(),
        lead: file.lead.map(|lead| convert::bytes(&lead.0)).unwrap_or_default(),
        lead_in_force: ledger.lead_in_force(view),
        team: file.team.iter().map(|member| convert::bytes(&member.0)).collect(),
        track: file.procedure.track().into(),
        proposed_to: file.proposed.iter().map(|(_, to)| convert::bytes(&to.0)).collect(),
        former_holders: file.former.iter().map(|agency| convert::bytes(&agency.0)).collect(),
        disputed: file.procedure.is_disputed(),
        observed: file.procedure.is_observed(),
        plan: convert::digest(file.procedure.plan()),
        placed_on: convert::digest(file.procedure.placed_on()),
        orders: file.procedure.orders(view.at.seconds()).map(|it| convert::order(&it)).collect(),
        clocks: clocks.iter().map(|clock| convert::clock(&readable.case, view, clock)).collect(),
        acts: acts
            .filter(|act| act.is_open() && told(act.is_protected()))
            .map(convert::act)
            .collect(),
        commitments: file.procedure.commitments().iter().map(convert::commitment).collect(),
        events,
    })
}
