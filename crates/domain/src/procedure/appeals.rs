//! Appeals of acts (чл. 84, 149 АПК, 27а, 28 ЗЗДет).

use letopis_proto::statement::v1::{AppealOutcome, AppealRoute};
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::execution::check_named_since;
use super::orders::{End, OrderKind};
use super::rule::{Broken, Verdict};
use crate::clocks::occasion::{Name, Occasion, Qualifier};
use crate::fact::{AppealDecided, AppealFiled, Fact};
use crate::file::FileState;

super::rule::rules! {
    ACT: "appeal.act",
        "name an act of this file that was served, or a court's decision",
        "посочете съобщен акт от същата преписка или решение на съда";
    ROUTE: "appeal.route",
        "an order of placement is appealed by its own way, a court's decision to the court, another \
         act to the superior or the court: choose that",
        "заповед за настаняване се обжалва по своя ред, решение на съда - пред съда, друг акт - пред \
         горестоящия орган или съда: посочете правилния ред";
    UNKNOWN: "appeal.unknown",
        "name an appeal of this file that is not decided",
        "посочете нерешена жалба от същата преписка";
    FORWARDED: "appeal.forwarded-already",
        "the appeal was forwarded already",
        "жалбата вече е изпратена";
    NOT_FORWARDED: "appeal.not-forwarded",
        "the court decides on it: forward it first",
        "по жалбата решава съдът: първо я изпратете";
}

/// An appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Appeal {
    hash: Digest,
    act: Digest,
    /// The number of an [`AppealRoute`].
    route: i32,
    at: i64,
    /// It did not come too late.
    in_time: bool,
    /// By which statement it was forwarded.
    forwarded: Option<Digest>,
    decided: Option<Decided>,
}

/// That an appeal was decided: by which statement, when, and until when the court may be asked after
/// it; seconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Decided {
    by: Digest,
    at: i64,
    contestable_until: Option<i64>,
}

impl Appeal {
    fn route(&self) -> AppealRoute {
        AppealRoute::try_from(self.route).unwrap_or_default()
    }
}

/// Appeals in a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Appeals(Vec<Appeal>);

impl Appeals {
    /// Is an appeal undecided?
    pub(crate) fn is_open(&self) -> bool {
        self.0.iter().any(|appeal| appeal.decided.is_none())
    }

    /// Does one that came in time wait for its decision? Each party may have appealed.
    fn hold(&self, act: &Digest) -> bool {
        let mut of_act = self.0.iter().filter(|appeal| appeal.act == *act);
        of_act.any(|appeal| appeal.in_time && appeal.decided.is_none())
    }

    /// Until when the court may be asked about the act since the superior let it stand.
    fn contestable_until(&self, act: &Digest) -> Option<i64> {
        let of_act = self.0.iter().filter(|appeal| appeal.act == *act);
        let decided = of_act.filter_map(|appeal| appeal.decided);
        decided.max_by_key(|decided| decided.at)?.contestable_until
    }

    fn find_mut(&mut self, hash: &Digest) -> Option<&mut Appeal> {
        self.0.iter_mut().find(|appeal| appeal.hash == *hash)
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    match asked.fact() {
        Fact::AppealFiled(fact) => decide_filing(asked, fact),
        Fact::AppealForwarded(fact) => {
            let appeal = find_open(asked, &fact.appeal)?;
            FORWARDED.unless(appeal.forwarded.is_none())?;
            check_named_since(asked, appeal.at)
        }
        Fact::AppealDecided(fact) => {
            let appeal = find_open(asked, &fact.appeal)?;
            let forwarded = appeal.forwarded.is_some();
            NOT_FORWARDED.unless(forwarded || appeal.route() != AppealRoute::Placement)?;
            check_named_since(asked, appeal.at)
        }
        _ => Ok(()),
    }
}

/// That it came too late is the court's to say: it is recorded all the same.
fn decide_filing(asked: &Asked<'_>, fact: &AppealFiled) -> Verdict {
    let act = asked.procedure().placement.orders.find(&fact.act).ok_or(ACT)?;
    let served_at = act.served().ok_or(ACT)?.at;
    let fits = match act.kind {
        OrderKind::Emergency | OrderKind::Placement => fact.route == AppealRoute::Placement,
        OrderKind::Decision => fact.route == AppealRoute::Court,
        OrderKind::Instruction | OrderKind::Aid => fact.route != AppealRoute::Placement,
    };
    ROUTE.unless(fits)?;
    check_named_since(asked, served_at)
}

fn find_open<'a>(asked: &Asked<'a>, hash: &Digest) -> Result<&'a Appeal, Broken> {
    let mut appeals = asked.procedure().appeals.0.iter();
    let found = appeals.find(|appeal| appeal.hash == *hash && appeal.decided.is_none());
    found.ok_or_else(|| UNKNOWN.into())
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    match deed.fact {
        Fact::AppealFiled(fact) => filed(file, deed, fact, happened),
        Fact::AppealForwarded(fact) => {
            let Some(appeal) = file.procedure.appeals.find_mut(&fact.appeal) else { return };
            appeal.forwarded = Some(deed.hash);
            let forwarded = deed.is(Name::AppealForwarded).about(appeal.hash);
            happened.push(forwarded.qualified(of_route(appeal.route())));
        }
        Fact::AppealDecided(fact) => decided(file, deed, *fact, happened),
        Fact::EventMisfiled(fact) => misfiled(file, &fact.event, happened),
        _ => {}
    }
}

fn filed(file: &mut FileState, deed: &Deed<'_>, fact: &AppealFiled, happened: &mut Happened<'_>) {
    let procedure = &mut file.procedure;
    let Some(order) = procedure.placement.orders.find(&fact.act) else { return };
    // One that came too late keeps nothing from being executed.
    let in_time = !order.is_appealed_late(&procedure.clocks, deed.at);
    procedure.appeals.0.push(Appeal {
        hash: deed.hash,
        act: fact.act,
        route: fact.route.into(),
        at: deed.at,
        in_time,
        forwarded: None,
        decided: None,
    });
    hold(file, &fact.act);
    let filed = deed.is(Name::AppealFiled).and_about([Some(fact.act), None]);
    happened.push(filed.qualified(of_route(fact.route)));
}

fn decided(
    file: &mut FileState,
    deed: &Deed<'_>,
    fact: AppealDecided,
    happened: &mut Happened<'_>,
) {
    let procedure = &mut file.procedure;
    let Some(appeal) = procedure.appeals.find_mut(&fact.appeal) else { return };
    let (act, route) = (appeal.act, appeal.route());
    // What the superior lets stand may still be brought before the court.
    let contestable_until = (route == AppealRoute::Superior)
        .then(|| happened.profile?.term_due("appeal-after-superior", deed.at))
        .flatten()
        .map(|due| due.at);
    appeal.decided = Some(Decided { by: deed.hash, at: deed.at, contestable_until });
    let decided = deed.is(Name::AppealDecided).about(fact.appeal);
    happened.push(decided.qualified(of_route(route)));
    if matches!(fact.outcome, AppealOutcome::Annulled | AppealOutcome::Returned) {
        procedure.end_order(&act, End::Annulled, deed.hash);
        procedure.court.annul(&act, deed.hash);
        if route == AppealRoute::Placement {
            // The court took the order away: there is nothing left to ask it about.
            happened.push(decided.about(act).qualified(Qualifier::Court));
        }
    }
    hold(file, &act);
}

/// What undecided appeals, and decided ones, leave of an act.
fn hold(file: &mut FileState, act: &Digest) {
    let procedure = &mut file.procedure;
    if let Some(order) = procedure.placement.orders.find_mut(act) {
        order.appealed = procedure.appeals.hold(act);
        order.contestable_until = procedure.appeals.contestable_until(act);
    }
}

/// A statement was entered in the wrong file: an appeal was none, or is neither forwarded nor decided.
fn misfiled(file: &mut FileState, event: &Digest, happened: &mut Happened<'_>) {
    let appeals = &mut file.procedure.appeals.0;
    let mut acts: Vec<Digest> = Vec::new();
    for appeal in appeals.iter_mut() {
        acts.push(appeal.act);
        appeal.decided = appeal.decided.filter(|decided| decided.by != *event);
        if appeal.forwarded == Some(*event) {
            appeal.forwarded = None;
            // What was decided is not forwarded any more.
            let decided = appeal.decided.map(|decided| {
                Occasion::new(Name::AppealDecided, decided.at, decided.by).about(appeal.hash)
            });
            let decided = decided.map(|decided| decided.qualified(of_route(appeal.route())));
            happened.occasions.extend(decided);
        }
    }
    appeals.retain(|appeal| appeal.hash != *event && appeal.act != *event);
    acts.iter().for_each(|act| hold(file, act));
}

const fn of_route(route: AppealRoute) -> Qualifier {
    match route {
        AppealRoute::Unspecified | AppealRoute::Placement => Qualifier::Placement,
        AppealRoute::Superior => Qualifier::Superior,
        AppealRoute::Court => Qualifier::Court,
    }
}
