//! What a parent or a child asks for, and its answer: a measure, financial aid (чл. 53 ППЗЗДет), the
//! party's own data (чл. 15 ОРЗД).

use letopis_proto::statement::v1::PartyRequest;
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::decide::check_after;
use super::rule::Verdict;
use crate::clocks::occasion::Name;
use crate::fact::Fact;
use crate::file::FileState;

super::rule::rules! {
    NO_AID_REQUEST: "aid.no-request",
        "no such request of aid waits for a decision: record the application first, or name the one that waits",
        "няма такова искане за помощ без решение: първо впишете молбата или посочете което чака";
}

/// What answers a party's request of a measure, if it refers to it (responds to): what is decided, or
/// the letter that says why nothing is.
const ANSWERS: [&str; 15] = [
    "PlanAdopted",
    "PlanAmended",
    "TeamPlanAdopted",
    "InstructionIssued",
    "ServiceReferred",
    "AidDecided",
    "EmergencyPlacementOrdered",
    "PlacementOrdered",
    "PlacementChanged",
    "PlacementEnded",
    "CourtRequestFiled",
    "ProtectionOrderSought",
    "CustodySuitFiled",
    "CaseClosed",
    "DocumentAdded",
];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Request {
    hash: Digest,
    /// The number of a PartyRequest.
    sort: i32,
    answered_by: Option<Digest>,
}

/// What parties asked for in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Requests(Vec<Request>);

impl Requests {
    fn waiting(&self, hash: &Digest, sort: PartyRequest) -> Option<&Request> {
        let mut waiting = self.0.iter().filter(|request| request.answered_by.is_none());
        waiting.find(|request| request.hash == *hash && request.sort == i32::from(sort))
    }

    /// Notes the answer; says whether the request waited for it.
    fn answer(&mut self, hash: &Digest, sort: PartyRequest, by: Digest) -> bool {
        let waited = self.waiting(hash, sort).is_some();
        for request in self.0.iter_mut().filter(|request| waited && request.hash == *hash) {
            request.answered_by = Some(by);
        }
        waited
    }

    /// This statement was entered in the wrong file.
    pub(super) fn misfiled(&mut self, event: &Digest) {
        self.0.retain(|request| request.hash != *event);
        for request in self.0.iter_mut().filter(|r| r.answered_by == Some(*event)) {
            request.answered_by = None;
        }
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let Fact::AidDecided(fact) = asked.fact() else { return Ok(()) };
    let request = fact.request;
    let waiting = asked.procedure().requests.waiting(&request, PartyRequest::Aid);
    check_after(asked, &waiting.ok_or(NO_AID_REQUEST)?.hash)
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let requests = &mut file.procedure.requests;
    match deed.fact {
        Fact::MeasureRequestedByParty(fact) => {
            requests.0.push(Request { hash: deed.hash, sort: fact.request, answered_by: None });
            happened.push(deed.is(match fact.request() {
                PartyRequest::Aid => Name::AidRequested,
                PartyRequest::Data => Name::DataRequested,
                PartyRequest::Measure | PartyRequest::Unspecified => Name::MeasureRequested,
            }));
        }
        Fact::AidDecided(fact) => {
            let about = fact.request;
            requests.answer(&about, PartyRequest::Aid, deed.hash);
            happened.push(deed.is(Name::AidDecided).about(about));
        }
        Fact::SubjectAccessAnswered(_) => answer_data(requests, deed, happened),
        Fact::EventMisfiled(fact) => requests.misfiled(&fact.event),
        _ => {}
    }
    if ANSWERS.contains(&deed.fact.name()) {
        for request in deed.answers {
            if requests.answer(request, PartyRequest::Measure, deed.hash) {
                happened.push(deed.is(Name::MeasureAnswered).about(*request));
            }
        }
    }
}

/// The request that it refers to; without any, all that were made until then.
fn answer_data(requests: &mut Requests, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let made: Vec<Digest> = requests.0.iter().map(|request| request.hash).collect();
    let named = if deed.answers.is_empty() { &made[..] } else { deed.answers };
    for request in named {
        if requests.answer(request, PartyRequest::Data, deed.hash) {
            happened.push(deed.is(Name::DataAnswered).about(*request));
        }
    }
}
