//! The court (чл. 27–30 ЗЗДет).

use letopis_proto::statement::v1::CourtOutcome;
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::acts;
use super::asked::{Asked, Deed, Happened};
use super::execution::check_named_since;
use super::orders::{End, Order, OrderKind, Told};
use super::rule::Verdict;
use crate::clocks::occasion::Name;
use crate::fact::{CourtDecisionRecorded, Fact};
use crate::file::FileState;

super::rule::rules! {
    ORDER: "court.order",
        "name an order of placement on which the court has not decided, and that was not annulled",
        "посочете заповед за настаняване, по която съдът не е решил и която не е отменена";
    REQUESTED: "court.requested-already",
        "the court was asked about this order: wait for its decision",
        "искането по тази заповед вече е подадено: изчакайте решението";
    NOT_STUDIED: "court.not-studied",
        "the study after the emergency placement is completed first",
        "първо се приключва проучването след спешното настаняване";
    REQUEST: "court.request",
        "name a request to the court that is not decided; none, if another one asked",
        "посочете искане, по което съдът не е решил; или никое, ако друг е поискал";
    TERM: "court.term",
        "a term goes with a request that was granted, and does not end before the decision",
        "срок има само при уважено искане и не изтича преди решението: проверете датата";
    REPORT_TERM: "court.report-term",
        "the day by which the court wants the report is not before the one on which it asked: check both",
        "срокът за доклада не изтича преди деня, в който съдът го е изискал: проверете датите";
    REPORT_NOT_SHOWN: "court.report-not-shown",
        "a report is shown to the parents and to a child of 14 beforehand, unless that harms the \
         child: show it, or record why not",
        "докладът първо се показва на родителите и на дете над 14 години, освен ако това вреди на \
         детето: покажете го или впишете отлагане с мотиви";
}

/// A request to the court.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Request {
    hash: Digest,
    at: i64,
    order: Option<Digest>,
    decision: Option<Digest>,
}

/// A court's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Decision {
    hash: Digest,
    /// The number of a [`CourtOutcome`].
    outcome: i32,
    /// It decides on an order of placement.
    on_order: bool,
    /// By which statement it was annulled on appeal.
    annulled: Option<Digest>,
}

/// A term that the court stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Term {
    decision: Digest,
    /// The first second after it, since 1970 UTC.
    until: i64,
    /// By which statement another took its place, or the placement ended.
    over: Option<Digest>,
}

/// What the court was asked and decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Court {
    requests: Vec<Request>,
    decisions: Vec<Decision>,
    terms: Vec<Term>,
    /// The child died: there is nothing to decide on.
    moot: Option<Digest>,
}

impl Court {
    /// Is a request undecided, or does a term of the court run?
    pub(crate) fn is_open(&self, now: i64) -> bool {
        let undecided = self.requests.iter().any(|request| !self.is_decided(request));
        let stands = |term: &&Term| term.over.is_none() && !self.is_annulled(&term.decision);
        let term_runs = self.terms.iter().filter(stands).any(|term| now < term.until);
        self.moot.is_none() && (undecided || term_runs)
    }

    /// Can a placement end by this decision? Not by one that grants what an order asked for, nor by one
    /// by which the court decided nothing.
    pub(super) fn may_end_placement(&self, decision: &Digest) -> bool {
        let granted = i32::from(CourtOutcome::Granted);
        let refused = i32::from(CourtOutcome::Refused);
        self.decisions.iter().any(|found| {
            let ends = found.outcome == refused || found.outcome == granted && !found.on_order;
            found.hash == *decision && ends
        })
    }

    fn is_decided(&self, request: &Request) -> bool {
        request.decision.is_some_and(|decision| !self.is_annulled(&decision))
    }

    fn is_annulled(&self, decision: &Digest) -> bool {
        let mut annulled = self.decisions.iter().filter(|found| found.annulled.is_some());
        annulled.any(|found| found.hash == *decision)
    }

    /// This statement annulled a decision: the court has not decided.
    pub(super) fn annul(&mut self, decision: &Digest, by: Digest) {
        let found = self.decisions.iter_mut().find(|found| found.hash == *decision);
        found.into_iter().for_each(|found| found.annulled = Some(by));
    }

    /// Did the court decide so, but for the last day of its term?
    pub(super) fn decided_so(&self, decision: &Digest, fact: &CourtDecisionRecorded) -> bool {
        let known = self.decisions.iter().find(|known| known.hash == *decision);
        let request = self.requests.iter().find(|asked| asked.decision == Some(*decision));
        let states_term = self.terms.iter().any(|term| term.decision == *decision);
        known.is_some_and(|known| known.outcome == i32::from(fact.outcome()))
            && request.map(|request| request.hash) == fact.request
            && states_term == fact.term_day.is_some()
    }

    /// A decision stated another term: its first second that is too late, since 1970 UTC.
    fn correct_term(&mut self, decision: &Digest, until: i64) {
        let terms = self.terms.iter_mut().filter(|term| term.decision == *decision);
        terms.for_each(|term| term.until = until);
    }

    /// What is in force of the court's terms is so no more, by this statement.
    fn end_terms(&mut self, by: Digest) {
        self.terms.iter_mut().for_each(|term| {
            term.over.get_or_insert(by);
        });
    }

    /// A statement never belonged here: the court was not asked or has not decided by it, and what it
    /// ended or annulled stands.
    fn misfiled(&mut self, event: &Digest) {
        self.requests.retain(|request| request.hash != *event);
        for request in &mut self.requests {
            request.decision = request.decision.filter(|decision| decision != event);
        }
        self.decisions.retain(|decision| decision.hash != *event);
        for decision in &mut self.decisions {
            decision.annulled = decision.annulled.filter(|by| by != event);
        }
        self.terms.retain(|term| term.decision != *event);
        self.terms.iter_mut().for_each(|term| term.over = term.over.filter(|by| by != event));
        self.moot = self.moot.filter(|died| died != event);
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let court = &asked.procedure().court;
    match asked.fact() {
        Fact::CourtRequestFiled(fact) => match fact.order {
            Some(order) => decide_request(asked, &order),
            None => Ok(()),
        },
        Fact::CourtDecisionRecorded(fact) => {
            if let Some(request) = fact.request {
                let mut requests = court.requests.iter();
                let found = requests.find(|known| known.hash == request);
                let found = found.filter(|request| !court.is_decided(request));
                check_named_since(asked, found.ok_or(REQUEST)?.at)?;
            }
            check_term(asked, fact)
        }
        Fact::CourtReportRequested(fact) => {
            REPORT_TERM.unless(asked.at() < asked.end_of(fact.due_day))
        }
        Fact::CourtReportFiled(_) | Fact::CustodySuitFiled(_) => {
            REPORT_NOT_SHOWN.unless(asked.procedure().placement.is_shown_or_postponed())
        }
        _ => Ok(()),
    }
}

fn decide_request(asked: &Asked<'_>, order: &Digest) -> Verdict {
    let procedure = asked.procedure();
    let found = procedure.placement.orders.find(order);
    let found = found.filter(|found| {
        // What a newer one took the place of is asked about as well.
        let open = found.is_in_force() || found.is_replaced();
        found.kind.is_placement() && open
    });
    let found = found.ok_or(ORDER)?;
    let court = &procedure.court;
    let mut requests = court.requests.iter().filter(|request| request.order == Some(*order));
    let undecided = requests.any(|request| !court.is_decided(request));
    REQUESTED.unless(!undecided)?;
    NOT_STUDIED.unless(!procedure.emergency.is_unstudied(order))?;
    check_named_since(asked, found.at)
}

fn check_term(asked: &Asked<'_>, fact: &CourtDecisionRecorded) -> Verdict {
    let Some(term) = fact.term_day else { return Ok(()) };
    let not_over = asked.at() < asked.end_of(term);
    TERM.unless(fact.outcome() == CourtOutcome::Granted && not_over)
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let court = &mut file.procedure.court;
    match deed.fact {
        Fact::CourtRequestFiled(fact) => {
            let (hash, at) = (deed.hash, deed.at);
            court.requests.push(Request { hash, at, order: fact.order, decision: None });
            let subject = fact.order.unwrap_or(deed.hash);
            happened.push(deed.is(Name::CourtRequestFiled).about(subject));
        }
        Fact::CourtDecisionRecorded(fact) => decided(file, deed, fact, happened),
        Fact::CourtReportRequested(fact) => {
            let due = happened.end_of(fact.due_day);
            happened.push(deed.is(Name::CourtReportRequested).due(due));
        }
        Fact::CourtReportFiled(_) => report(file, deed, happened),
        Fact::PlacementEnded(_) => court.end_terms(deed.hash),
        Fact::ChildDied(_) => court.moot = Some(deed.hash),
        Fact::EventMisfiled(fact) => court.misfiled(&fact.event),
        Fact::EventCorrected(fact) => {
            if let Some(Fact::CourtDecisionRecorded(corrected)) = fact.fact.as_deref()
                && let Some(day) = corrected.term_day
            {
                court.correct_term(&fact.event, happened.end_of(day));
            }
        }
        _ => {}
    }
}

/// A report answers the request that it responds to; one that names none, whatever was asked.
fn report(file: &FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let events = &file.procedure.events;
    let is_request =
        |known: &&Digest| events.find(known).is_some_and(|event| event.is("CourtReportRequested"));
    let filed = deed.is(Name::CourtReportFiled);
    match deed.answers.iter().find(is_request) {
        Some(request) => happened.push(filed.about(*request)),
        None => happened.push(filed.of_whole()),
    }
}

fn decided(
    file: &mut FileState,
    deed: &Deed<'_>,
    fact: &CourtDecisionRecorded,
    happened: &mut Happened<'_>,
) {
    let procedure = &mut file.procedure;
    let court = &mut procedure.court;
    let request = court.requests.iter().find(|known| Some(known.hash) == fact.request);
    let order = request.and_then(|request| request.order);
    // INVARIANT: of two decisions that waited for their signatures, the first to be confirmed is the
    // court's. In a trial, where none waits, it is the first.
    if request.is_some_and(|request| court.is_decided(request)) {
        return;
    }
    let asked = court.requests.iter_mut().filter(|known| Some(known.hash) == fact.request);
    asked.for_each(|request| request.decision = Some(deed.hash));
    if let Some(request) = &fact.request {
        acts::end_decisions(file, request, deed, happened);
    }
    let procedure = &mut file.procedure;
    let granted = fact.outcome() == CourtOutcome::Granted;
    let ended = match fact.outcome() {
        // Orders hold until the court has decided; a later decision takes the place of an earlier.
        CourtOutcome::Granted => procedure.placement.orders.placing(),
        CourtOutcome::Refused => order.into_iter().collect(),
        CourtOutcome::Discontinued | CourtOutcome::Unspecified => Vec::new(),
    };
    ended.iter().for_each(|order| procedure.end_order(order, End::Decided, deed.hash));
    // The court is not asked any more about a placement that it took the place of.
    let is_placement = |hash: &&Digest| {
        let found = procedure.placement.orders.find(hash);
        found.is_some_and(|found| found.kind.is_placement())
    };
    let placed = ended.iter().find(is_placement).copied();
    let about = order.or(fact.request);
    procedure.placement.orders.push(Order {
        // The parties hear it from the court.
        served: vec![Told { at: deed.at, by: deed.hash }],
        places: granted,
        ..Order::new(deed, OrderKind::Decision)
    });
    procedure.court.decisions.push(Decision {
        hash: deed.hash,
        outcome: fact.outcome().into(),
        on_order: order.is_some(),
        annulled: None,
    });
    if granted && order.is_some() {
        procedure.placement.goes_on_by(deed.hash);
    }
    happened.push(deed.is(Name::CourtDecisionRecorded).and_about([about, placed]));
    if let Some(term) = fact.term_day {
        let until = happened.end_of(term);
        procedure.court.end_terms(deed.hash);
        procedure.court.terms.push(Term { decision: deed.hash, until, over: None });
        happened.push(deed.is(Name::CourtTermStated).due(until));
    }
}
