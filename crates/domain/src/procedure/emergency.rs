//! Urgent protection (чл. 33 ППЗЗДет, 36–41 ЗЗДет), a missing child, a child that died.

use letopis_proto::statement::v1::EmergencyAct;
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::decide::there;
use super::execution::check_after;
use super::orders::OrderKind;
use super::rule::Verdict;
use crate::clocks::occasion::Name;
use crate::fact::Fact;
use crate::file::FileState;

super::rule::rules! {
    IN_FORCE: "emergency.order-in-force",
        "an emergency placement is in force and the court has not decided on it: go on with it, or \
         order the placement anew after it",
        "има действащо спешно настаняване, по което съдът не е решил: продължете по него или \
         издайте нова заповед за настаняване";
    STUDY_OF: "emergency.study-of",
        "name an emergency placement of this file that was not studied yet",
        "посочете спешно настаняване от същата преписка, по което още няма проучване";
    PROTECTED: "emergency.protected-already",
        "the child is under police protection: record its end first",
        "детето е под полицейска закрила: първо впишете края й";
    NOT_PROTECTED: "emergency.not-protected",
        "name the police protection that began and has not ended",
        "посочете започналата и неприключила полицейска закрила";
    MISSING: "emergency.missing-already",
        "the child is missing already: record that it was found first",
        "детето вече е вписано като изчезнало: първо впишете, че е намерено";
    NOT_MISSING: "emergency.not-missing",
        "no child is missing here: only who is missing is found",
        "няма изчезнало дете: намира се само изчезнало";
    DIED: "emergency.child-died",
        "the child died before that: nothing is done for it any more; end what goes on, and close",
        "детето е починало преди това: приключете започнатото и закрийте случая";
}

/// What presumes a living child.
const FOR_THE_LIVING: [&str; 23] = [
    "PoliceProtectionRecorded",
    "EmergencyPlacementOrdered",
    "EmergencyActRecorded",
    "AssessmentCompleted",
    "TeamPlanAdopted",
    "PlanAdopted",
    "PlanAmended",
    "ServiceReferred",
    "CarerConsentRecorded",
    "PlacementOrdered",
    "CourtRequestFiled",
    "ProtectionOrderSought",
    "CustodySuitFiled",
    "PlacementStarted",
    "PlacementChanged",
    "VisitRecorded",
    "ReviewHeld",
    "ChildMissing",
    "ChildDied",
    "ChildInformed",
    "ChildHeard",
    "ChildNotHeard",
    "WeightOfViewsExplained",
];

/// A statement, and when what it says happened; seconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Event {
    hash: Digest,
    at: i64,
}

/// An emergency placement and its study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Studied {
    order: Event,
    done: bool,
    /// The order is in force no more, and no other took its place.
    ended: bool,
}

/// Urgent protection in a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Emergency {
    police: Option<Event>,
    studies: Vec<Studied>,
    missing: Option<Event>,
    died: Option<Event>,
}

impl Emergency {
    /// Does urgent protection go on, or is something due after it?
    pub(crate) fn is_open(&self) -> bool {
        let unstudied = self.studies.iter().any(|study| !study.done && !study.ended);
        self.died.is_none() && unstudied || self.police.is_some()
    }

    /// Is the child missing?
    pub(crate) const fn is_missing(&self) -> bool {
        self.missing.is_some()
    }

    /// Is it an emergency placement that was not studied?
    pub(super) fn is_unstudied(&self, order: &Digest) -> bool {
        self.studies.iter().any(|study| study.order.hash == *order && !study.done)
    }

    /// Whether the order is in force no more, with no other in its place.
    pub(super) fn set_ended(&mut self, order: &Digest, ended: bool) {
        let studies = self.studies.iter_mut();
        studies.filter(|study| study.order.hash == *order).for_each(|study| study.ended = ended);
    }

    /// It was entered in the wrong file.
    fn misfiled(&mut self, event: &Digest) {
        let stays = |known: &Event| known.hash != *event;
        self.police = self.police.filter(stays);
        self.missing = self.missing.filter(stays);
        self.died = self.died.filter(stays);
        self.studies.retain(|study| study.order.hash != *event);
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let emergency = &asked.procedure().emergency;
    match asked.fact() {
        Fact::EmergencyActRecorded(fact) if fact.act() == EmergencyAct::Placement => {
            check_none_in_force(asked)
        }
        Fact::EmergencyPlacementOrdered(_) => check_none_in_force(asked),
        Fact::EmergencyStudyCompleted(fact) => {
            let mut studies = emergency.studies.iter();
            let study = studies.find(|study| study.order.hash == fact.order && !study.done);
            check_after(asked, there(study, STUDY_OF)?.order.at)
        }
        Fact::PoliceProtectionRecorded(fact) => match fact.ended {
            None => PROTECTED.unless(emergency.police.is_none()),
            Some(begun) => {
                let police = emergency.police.filter(|police| police.hash == begun);
                check_after(asked, there(police, NOT_PROTECTED)?.at)
            }
        },
        Fact::ChildMissing(_) => MISSING.unless(emergency.missing.is_none()),
        Fact::ChildFound(_) => check_after(asked, there(emergency.missing, NOT_MISSING)?.at),
        _ => Ok(()),
    }
}

/// What was done before the child died may still be entered; and that protection ended.
pub(super) fn check_living(asked: &Asked<'_>) -> Verdict {
    let Some(died) = asked.procedure().emergency.died else { return Ok(()) };
    let name = asked.statement().kind().name;
    let ends = matches!(asked.fact(), Fact::PoliceProtectionRecorded(fact) if fact.ended.is_some());
    let again = matches!(asked.fact(), Fact::ChildDied(_));
    let presumes = FOR_THE_LIVING.contains(&name) && !ends;
    DIED.unless(!presumes || asked.at() < died.at && !again)
}

fn check_none_in_force(asked: &Asked<'_>) -> Verdict {
    IN_FORCE.unless(asked.procedure().placement.orders.in_force(OrderKind::Emergency).is_none())
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let emergency = &mut file.procedure.emergency;
    let event = Event { hash: deed.hash, at: deed.at };
    match deed.fact {
        Fact::EmergencyActRecorded(fact) => {
            happened.push(deed.is(Name::EmergencyActHappened));
            let entered = deed.is(Name::EmergencyActEntered);
            happened.push(crate::clocks::Occasion { at: deed.recorded_at, ..entered });
            if fact.act() == EmergencyAct::Placement {
                place(file, deed, happened);
            }
        }
        Fact::EmergencyPlacementOrdered(_) => place(file, deed, happened),
        Fact::EmergencyStudyCompleted(fact) => {
            let mut studies = emergency.studies.iter_mut();
            if let Some(study) = studies.find(|study| study.order.hash == fact.order) {
                study.done = true;
            }
            happened.push(deed.is(Name::EmergencyStudyCompleted).about(fact.order));
        }
        Fact::PoliceProtectionRecorded(fact) => {
            emergency.police = fact.ended.is_none().then_some(event);
            happened.push(match fact.ended {
                None => deed.is(Name::PoliceProtectionBegun),
                Some(begun) => deed.is(Name::PoliceProtectionEnded).about(begun),
            });
        }
        Fact::ProsecutorNotified(_) => happened.push(deed.is(Name::ProsecutorNotified)),
        Fact::ChildMissing(_) => {
            emergency.missing = Some(event);
            happened.push(deed.is(Name::ChildMissing));
        }
        Fact::ChildFound(_) => {
            emergency.missing = None;
            happened.push(deed.is(Name::ChildFound).of_whole());
        }
        Fact::ChildDied(_) => {
            emergency.missing = None;
            emergency.died = Some(event);
            happened.push(deed.is(Name::ChildDied).of_whole());
        }
        Fact::EventMisfiled(fact) => emergency.misfiled(&fact.event),
        _ => {}
    }
}

/// An emergency placement: from its own date, whether ordered or done on paper.
fn place(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let order = Event { hash: deed.hash, at: deed.at };
    file.procedure.emergency.studies.push(Studied { order, done: false, ended: false });
    file.procedure.order_placement(deed, OrderKind::Emergency);
    happened.push(deed.is(Name::EmergencyPlacementOrdered));
}
