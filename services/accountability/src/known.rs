//! GetCaseAsKnownAt: a case as the record had it at a moment, and what one actor had been given of it.

use letopis_ledger::token::Caller;
use letopis_ledger::{Given, GivenOf, Ledger, LedgerError, page_token};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_proto::accountability::v1::get_case_as_known_at_request::Moment;
use letopis_proto::error::v1::Reason;
use letopis_service_rpc::{Told, ask_now, convert as rpc, page_size};
use letopis_types::{ActorId, Sequence, Timestamp};

use crate::case::{self, Readable, authorize};
use crate::convert;
use crate::entry::entry;

/// What is asked.
#[derive(Clone, Copy)]
struct Asked {
    readable: Readable,
    /// How many events the log had then.
    size: Sequence,
    /// The time, where it was asked by time.
    time: Option<Timestamp>,
    actor: Option<ActorId>,
    /// The first event of the page.
    from: u64,
    max: usize,
}

pub(crate) async fn get_case_as_known_at(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::GetCaseAsKnownAtRequest,
) -> Result<proto::GetCaseAsKnownAtResponse, Told> {
    let case = rpc::case(&request.case_id)?;
    let actor = convert::actor(&request.actor)?;
    let max = page_size(request.page_size)?;
    let moment = request.moment.ok_or_else(|| {
        Told::request("moment", "say when: how many events the log had, or the time")
    })?;
    let scope = scope(&request.case_id, moment, actor);
    let from = page_token::decode::<1>(&request.page_token, &scope)?.map_or(0, |[from]| from);
    if actor.is_some_and(|actor| actor != caller.actor) {
        // Who read what is told to those alone who look after that.
        ledger.authorize(caller, Action::ListReadings, case).await?;
    }
    let readable = authorize(ledger, caller, case, 0).await?;
    let (size, time) = match moment {
        Moment::Size(size) => (Sequence(size), None),
        Moment::RecordedAt(time) => {
            let time = Timestamp(time);
            (ask_now(ledger, move |ledger| ledger.size_at(time)).await?, Some(time))
        }
    };
    if size == Sequence::ZERO {
        let why = "nothing was recorded by then: ask for a later moment";
        return Err(Told::new(Reason::SequenceOutOfRange, why));
    }
    let asked = Asked { readable, size, time, actor, from, max };
    ask_now(ledger, move |ledger| answer(ledger, asked, &scope)).await
}

/// A page belongs to one question.
fn scope(case: &[u8], moment: Moment, actor: Option<ActorId>) -> Vec<u8> {
    let (tag, at) = match moment {
        Moment::Size(size) => (b's', size),
        Moment::RecordedAt(time) => (b't', time),
    };
    let actor = actor.map_or([0; 16], |actor| actor.0);
    [b"known", case, &[tag], &at.to_be_bytes(), &actor].concat()
}

fn answer(
    ledger: &Ledger,
    asked: Asked,
    scope: &[u8],
) -> Result<proto::GetCaseAsKnownAtResponse, LedgerError> {
    let Asked { readable, size, time, actor, from, max } = asked;
    let (mut view, mut events) = ledger.past(&readable.case, size)?;
    view.at = time.unwrap_or(view.at).min(ledger.now());
    events.retain(|past| readable.streams().any(|stream| stream == past.statement.stream));
    let actors: Vec<ActorId> = actor.into_iter().collect();
    let given = ledger.given(&actors, &readable.case, size)?;
    let first = usize::try_from(from).unwrap_or(usize::MAX);
    let next_page_token = match events.len() > first.saturating_add(max) {
        true => page_token::encode(scope, [from + max as u64]),
        false => String::new(),
    };
    let mut entries = Vec::new();
    for past in events.into_iter().skip(first).take(max) {
        let known = given.first().map(|given| given.of(&past));
        let (given, sections) = known.map_or((proto::Given::Unspecified, Vec::new()), |known| {
            let GivenOf { facts, sections } = known;
            (of_facts(facts), sections)
        });
        let entry = Some(entry(ledger, &view, past)?);
        entries.push(proto::KnownEntry { entry, given: given.into(), sections });
    }
    let case = match from {
        0 => Some(case::message(ledger, readable, &view)?),
        _ => None,
    };
    Ok(proto::GetCaseAsKnownAtResponse { case, entries, next_page_token, as_of_size: size.0 })
}

const fn of_facts(given: Given) -> proto::Given {
    match given {
        Given::Nothing => proto::Given::Nothing,
        Given::Signed => proto::Given::Signed,
        Given::Facts => proto::Given::Facts,
        Given::Perhaps => proto::Given::Perhaps,
    }
}
