//! Appeals of acts (чл. 84, 149 АПК, 27а, 28 ЗЗДет).

use letopis_proto::statement::v1::{AppealOutcome, AppealRoute};
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::decide::there;
use super::execution::check_after;
use super::orders::{End, OrderKind};
use super::rule::{Broken, Verdict};
use crate::clocks::occasion::{Name, Qualifier};
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
    /// What the clocks know the act by.
    subject: Digest,
    /// The number of an [`AppealRoute`].
    route: i32,
    at: i64,
    forwarded: bool,
    decided: bool,
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
        self.0.iter().any(|appeal| !appeal.decided)
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
            FORWARDED.unless(!appeal.forwarded)?;
            check_after(asked, appeal.at)
        }
        Fact::AppealDecided(fact) => {
            let appeal = find_open(asked, &fact.appeal)?;
            NOT_FORWARDED.unless(appeal.forwarded || appeal.route() != AppealRoute::Placement)?;
            check_after(asked, appeal.at)
        }
        _ => Ok(()),
    }
}

/// That it came too late is the court's to say: it is recorded all the same.
fn decide_filing(asked: &Asked<'_>, fact: &AppealFiled) -> Verdict {
    let act = there(asked.procedure().placement.orders.find(&fact.act), ACT)?;
    let served_at = there(act.served, ACT)?.at;
    let fits = match act.kind {
        OrderKind::Emergency | OrderKind::Placement => fact.route == AppealRoute::Placement,
        OrderKind::Decision => fact.route == AppealRoute::Court,
        OrderKind::Instruction | OrderKind::Aid => fact.route != AppealRoute::Placement,
    };
    ROUTE.unless(fits)?;
    check_after(asked, served_at)
}

fn find_open<'a>(asked: &Asked<'a>, hash: &Digest) -> Result<&'a Appeal, Broken> {
    let mut appeals = asked.procedure().appeals.0.iter();
    there(appeals.find(|appeal| appeal.hash == *hash && !appeal.decided), UNKNOWN)
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    match deed.fact {
        Fact::AppealFiled(fact) => filed(file, deed, fact, happened),
        Fact::AppealForwarded(fact) => {
            let Some(appeal) = file.procedure.appeals.find_mut(&fact.appeal) else { return };
            appeal.forwarded = true;
            let forwarded = deed.is(Name::AppealForwarded).about(appeal.subject);
            happened.push(forwarded.qualified(of_route(appeal.route())));
        }
        Fact::AppealDecided(fact) => decided(file, deed, *fact, happened),
        Fact::EventMisfiled(fact) => misfiled(file, &fact.event),
        _ => {}
    }
}

fn filed(file: &mut FileState, deed: &Deed<'_>, fact: &AppealFiled, happened: &mut Happened<'_>) {
    let procedure = &mut file.procedure;
    let Some(order) = procedure.placement.orders.find_mut(&fact.act) else { return };
    // One that came too late keeps nothing from being executed.
    order.appealed = !order.is_appealed_late(&procedure.clocks, deed.at);
    let subject = order.subject;
    procedure.appeals.0.push(Appeal {
        hash: deed.hash,
        act: fact.act,
        subject,
        route: fact.route.into(),
        at: deed.at,
        forwarded: false,
        decided: false,
    });
    let filed = deed.is(Name::AppealFiled).about(subject);
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
    appeal.decided = true;
    let (act, route) = (appeal.act, appeal.route());
    let decided = deed.is(Name::AppealDecided).about(appeal.subject);
    happened.push(decided.qualified(of_route(route)));
    // Each party may have appealed.
    let mut others = procedure.appeals.0.iter();
    let appealed = others.any(|appeal| appeal.act == act && !appeal.decided);
    if let Some(order) = procedure.placement.orders.find_mut(&act) {
        order.appealed = appealed;
        // What the superior lets stand may still be brought before the court.
        order.contestable_until = (route == AppealRoute::Superior)
            .then(|| happened.profile?.term_due("appeal-after-superior", deed.at))
            .flatten()
            .map(|due| due.at);
    }
    if matches!(fact.outcome, AppealOutcome::Annulled | AppealOutcome::Returned) {
        procedure.end_order(&act, End::Annulled, deed.hash);
        procedure.court.undo(&act);
    }
}

fn misfiled(file: &mut FileState, event: &Digest) {
    let procedure = &mut file.procedure;
    if let Some(appeal) = procedure.appeals.find_mut(event) {
        let act = appeal.act;
        if let Some(order) = procedure.placement.orders.find_mut(&act) {
            order.appealed = false;
        }
    }
    procedure.appeals.0.retain(|appeal| appeal.hash != *event && appeal.act != *event);
}

const fn of_route(route: AppealRoute) -> Qualifier {
    match route {
        AppealRoute::Unspecified | AppealRoute::Placement => Qualifier::Placement,
        AppealRoute::Superior => Qualifier::Superior,
        AppealRoute::Court => Qualifier::Court,
    }
}
