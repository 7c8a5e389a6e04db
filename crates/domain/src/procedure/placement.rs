//! Placement by order: the parties' view of the file, the order, the child's moves (чл. 25–30 ЗЗДет,
//! 34 АПК).

use letopis_proto::statement::v1::{self as proto, AgeBand, FileAccess, Relation};
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::execution::check_named_since;
use super::orders::{End, OrderKind, Orders};
use super::rule::Verdict;
use crate::clocks::occasion::Name;
use crate::fact::Fact;
use crate::file::FileState;

super::rule::rules! {
    SHOWN_UNKNOWN: "placement.comment-of",
        "name the showing of the file on which the party comments",
        "посочете прегледа на преписката, по който е становището";
    COMMENT_LATE: "placement.comment-late",
        "the term to comment is over: record the paper as a document",
        "срокът за становище е изтекъл: впишете писмото като документ";
    NOT_SHOWN: "placement.file-not-shown",
        "the file was not shown to a party since the last order: show it, postpone that with its \
         reason, or say that it was waived",
        "преписката не е показана на страната след последната заповед: покажете я, отложете с \
         мотиви или посочете, че страната не желае";
    COMMENT_RUNS: "placement.comment-term-runs",
        "a party may still comment: wait for it, or until its term is over",
        "срокът за становище на страната още тече: изчакайте становището или края му";
    NOT_POSTPONED: "placement.access-not-postponed",
        "the showing of the file was not postponed: record that with its reason first",
        "прегледът не е отложен: първо впишете отлагането с мотиви";
    ORDERED: "placement.ordered-already",
        "an order of placement is in force: go on with it, or, once the child is placed, name it as \
         superseded",
        "има действаща заповед за настаняване: продължете по нея или след настаняването я посочете като \
         заменена";
    OF_AGE: "placement.of-age",
        "whoever is eighteen is not placed anew: check the age band",
        "навършил осемнадесет години не се настанява отново: проверете възрастта";
    NOT_ASSESSED: "placement.not-assessed",
        "the child's needs are assessed before it is placed, save in an emergency: have the \
         assessment confirmed",
        "потребностите на детето се оценяват преди настаняването, освен при спешност: първо \
         довършете оценката";
    NO_GROUND: "placement.no-ground",
        "a child is placed on an order or a court's decision that is in force: name it",
        "дете се настанява по действаща заповед или решение на съда: посочете го";
    NOT_EXECUTABLE: "placement.not-executable",
        "the execution of that order is suspended: wait until it is ordered again",
        "изпълнението е спряно: изчакайте възобновяването му";
    PLACED: "placement.placed-already",
        "the child is placed: record how that changed or ended",
        "детето е настанено: впишете промяна или край";
    NOT_PLACED: "placement.not-placed",
        "the child is not placed: record the beginning first",
        "детето не е настанено: първо впишете настаняването";
    SAME_GROUND: "placement.same-ground",
        "a placement changes on a new order or decision: name that",
        "настаняването се променя по нова заповед или решение: посочете го";
    ENDING: "placement.ending",
        "a placement ends by a court's decision in force, other than that on which the child is \
         placed; or name none, and state the ground that lets it end without one",
        "настаняването се прекратява с действащо решение на съда, различно от това за настаняване; \
         или без решение, с посочено основание";
}

/// The file was shown to a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Shown {
    hash: Digest,
    at: i64,
    /// The party commented by this statement.
    commented: Option<Digest>,
    /// This order followed.
    used: Option<Digest>,
}

/// The showing was postponed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Postponed {
    hash: Digest,
    /// This order followed.
    used: Option<Digest>,
}

/// Where a child is placed, since when; or that it is so no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Placed {
    by: Digest,
    at: i64,
    /// On which order or decision; `None`: the placement ended.
    on: Option<Digest>,
    /// The court's decision by which it went on.
    goes_on: Option<Digest>,
}

impl Placed {
    const fn new(deed: &Deed<'_>, on: Option<Digest>) -> Self {
        Self { by: deed.hash, at: deed.at, on, goes_on: None }
    }

    const fn on(&self) -> Option<Digest> {
        if self.goes_on.is_some() { self.goes_on } else { self.on }
    }
}

/// Orders and placements of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Placement {
    pub(super) orders: Orders,
    shown: Vec<Shown>,
    postponed: Vec<Postponed>,
    /// What became of the child, one after the other.
    placed: Vec<Placed>,
}

impl Placement {
    /// Is the child placed?
    pub(crate) fn is_placed(&self) -> bool {
        self.placed_on().is_some()
    }

    /// The order or decision on which the child is placed.
    pub(crate) fn placed_on(&self) -> Option<Digest> {
        self.placed.last().and_then(Placed::on)
    }

    /// Since when the child is placed, and on which order or decision.
    fn present(&self) -> Option<(i64, Digest)> {
        self.placed.last().and_then(|placed| Some((placed.at, placed.on()?)))
    }

    fn is_postponed(&self) -> bool {
        self.postponed.iter().any(|postponed| postponed.used.is_none())
    }

    /// Did a party see the file, or was that postponed with a reason?
    pub(super) fn is_shown_or_postponed(&self) -> bool {
        !self.shown.is_empty() || self.is_postponed()
    }

    /// The court decided on what the child was placed by order for: it is placed by the decision.
    pub(super) fn goes_on_by(&mut self, decision: Digest) {
        let orders = &self.orders;
        let by_order = |on: Digest| orders.find(&on).is_some_and(|found| found.kind.is_placement());
        let present = self.placed.last_mut();
        if let Some(placed) = present.filter(|placed| placed.on().is_some_and(by_order)) {
            placed.goes_on = Some(decision);
        }
    }

    /// An order followed: the file is shown anew before the next.
    fn use_up(&mut self, order: Digest) {
        let shown = self.shown.iter_mut().map(|shown| &mut shown.used);
        let postponed = self.postponed.iter_mut().map(|postponed| &mut postponed.used);
        shown.chain(postponed).for_each(|used| {
            used.get_or_insert(order);
        });
    }

    fn misfiled(&mut self, event: &Digest) {
        let stays = |by: &Digest| by != event;
        self.shown.retain(|shown| shown.hash != *event);
        for shown in &mut self.shown {
            shown.commented = shown.commented.filter(stays);
            shown.used = shown.used.filter(stays);
        }
        self.postponed.retain(|postponed| postponed.hash != *event);
        for postponed in &mut self.postponed {
            postponed.used = postponed.used.filter(stays);
        }
        self.placed.retain(|placed| placed.by != *event);
        for placed in &mut self.placed {
            placed.goes_on = placed.goes_on.filter(stays);
        }
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let placement = &asked.procedure().placement;
    match asked.fact() {
        Fact::PartyCommented(fact) => {
            let shown = placement.shown.iter().find(|shown| shown.hash == fact.shown);
            let shown = shown.ok_or(SHOWN_UNKNOWN)?;
            check_named_since(asked, shown.at)?;
            COMMENT_LATE.unless(may_comment(asked, shown).unwrap_or(true))
        }
        Fact::PlacementOrdered(fact) => decide_order(asked, placement, fact),
        Fact::PlacementStarted(fact) => {
            PLACED.unless(!placement.is_placed())?;
            check_ground(asked, &fact.order)
        }
        Fact::PlacementChanged(fact) => {
            let (since, on) = placement.present().ok_or(NOT_PLACED)?;
            SAME_GROUND.unless(on != fact.order)?;
            check_ground(asked, &fact.order)?;
            check_named_since(asked, since)
        }
        Fact::PlacementEnded(fact) => {
            let (since, on) = placement.present().ok_or(NOT_PLACED)?;
            check_named_since(asked, since)?;
            // Without a decision: the ground stands in a section.
            let Some(decision) = fact.decision else { return Ok(()) };
            let ends = asked.procedure().court.may_end_placement(&decision);
            let found = placement.orders.find(&decision).filter(|found| found.is_in_force());
            let found = found.filter(|_| ends && decision != on).ok_or(ENDING)?;
            check_named_since(asked, found.at)
        }
        _ => Ok(()),
    }
}

fn decide_order(
    asked: &Asked<'_>,
    placement: &Placement,
    fact: &proto::PlacementOrdered,
) -> Verdict {
    OF_AGE.unless(fact.age_band() != AgeBand::AgeBand18To20InSchool)?;
    if let Some(order) = placement.orders.in_force(OrderKind::Placement) {
        let executed = placement.placed_on() == Some(order.hash);
        ORDERED.unless(executed && asked.referred(Relation::Supersedes) == Some(order.hash))?;
    }
    let procedure = asked.procedure();
    let urgent = placement.orders.in_force(OrderKind::Emergency);
    NOT_ASSESSED.unless(procedure.case.assessed.is_some() || urgent.is_some())?;
    if let Some(urgent) = urgent {
        check_named_since(asked, urgent.at)?;
    }
    let mut shown =
        placement.shown.iter().filter(|shown| shown.used.is_none() && shown.at <= asked.at());
    match fact.file_access() {
        FileAccess::Shown => {
            NOT_SHOWN.unless(shown.clone().next().is_some())?;
            let heard = |shown: &Shown| {
                shown.commented.is_some() || !may_comment(asked, shown).unwrap_or_default()
            };
            COMMENT_RUNS.unless(shown.all(heard))
        }
        FileAccess::Postponed => NOT_POSTPONED.unless(placement.is_postponed()),
        FileAccess::Waived | FileAccess::Unspecified => Ok(()),
    }
}

/// May the party still comment? `None`: the profile sets no term.
fn may_comment(asked: &Asked<'_>, shown: &Shown) -> Option<bool> {
    let due = asked.profile.term_due("comment", shown.at)?;
    Some(asked.at() < due.at)
}

/// An order or decision that is in force and executable, given before.
fn check_ground(asked: &Asked<'_>, ground: &Digest) -> Verdict {
    let found = asked.procedure().placement.orders.find(ground);
    let found = found.filter(|found| found.places && found.is_in_force()).ok_or(NO_GROUND)?;
    NOT_EXECUTABLE.unless(found.is_executable(&asked.procedure().clocks, asked.at()))?;
    check_named_since(asked, found.at)
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let placement = &mut file.procedure.placement;
    match deed.fact {
        Fact::FileShownToParty(_) => {
            let (hash, at) = (deed.hash, deed.at);
            placement.shown.push(Shown { hash, at, commented: None, used: None });
            happened.push(deed.is(Name::FileShown));
        }
        Fact::PartyCommented(fact) => {
            let shown = placement.shown.iter_mut().filter(|shown| shown.hash == fact.shown);
            shown.for_each(|shown| shown.commented = Some(deed.hash));
            happened.push(deed.is(Name::PartyCommented).about(fact.shown));
        }
        Fact::AccessPostponed(_) => {
            placement.postponed.push(Postponed { hash: deed.hash, used: None });
            happened.push(deed.is(Name::AccessPostponed));
        }
        Fact::PlacementOrdered(_) => {
            placement.use_up(deed.hash);
            file.procedure.order_placement(deed, OrderKind::Placement);
            happened.push(deed.is(Name::PlacementOrdered));
        }
        Fact::PlacementStarted(fact) => {
            placement.placed.push(Placed::new(deed, Some(fact.order)));
            happened.push(deed.is(Name::PlacementStarted));
        }
        Fact::PlacementChanged(fact) => {
            placement.placed.push(Placed::new(deed, Some(fact.order)));
            happened.push(deed.is(Name::PlacementChanged));
        }
        Fact::PlacementEnded(_) => {
            placement.placed.push(Placed::new(deed, None));
            let over = placement.orders.placing();
            let ends = over.iter();
            ends.for_each(|order| file.procedure.end_order(order, End::Over, deed.hash));
            happened.push(deed.is(Name::PlacementEnded).of_whole());
        }
        Fact::EventMisfiled(fact) => {
            placement.misfiled(&fact.event);
            file.procedure.misfile_order(&fact.event);
        }
        _ => {}
    }
}
