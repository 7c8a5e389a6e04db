//! Urgent protection (чл. 33 ППЗЗДет, 36–41 ЗЗДет), a missing child, a child that died.

use letopis_proto::statement::v1::EmergencyAct;
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::execution::check_named_since;
use super::orders::OrderKind;
use super::rule::Verdict;
use crate::clocks::occasion::{Name, Occasion};
use crate::fact::Fact;
use crate::file::FileState;

super::rule::rules! {
    STUDY_OF: "emergency.study-of",
        "name an emergency placement of this file that was not studied yet",
        "посочете спешно настаняване от същата преписка, по което още няма проучване";
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
    /// By which statement it was completed.
    done: Option<Digest>,
    /// The order is in force no more, and no other took its place.
    ended: bool,
}

/// What began, and by which statement it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Lasting {
    begun: Event,
    ended: Option<Digest>,
}

/// What may begin and end again and again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Spells(Vec<Lasting>);

impl Spells {
    fn begin(&mut self, begun: Event) {
        self.0.push(Lasting { begun, ended: None });
    }

    /// Those that have not ended.
    fn open(&self) -> impl Iterator<Item = Event> {
        self.0.iter().filter(|spell| spell.ended.is_none()).map(|spell| spell.begun)
    }

    /// This statement ends those that are meant.
    fn end(&mut self, by: Digest, meant: impl Fn(&Event) -> bool) {
        let open = self.0.iter_mut().filter(|spell| spell.ended.is_none());
        open.filter(|spell| meant(&spell.begun)).for_each(|spell| spell.ended = Some(by));
    }

    /// What it began was not, and what it ended goes on.
    fn misfiled(&mut self, event: &Digest) {
        self.0.retain(|spell| spell.begun.hash != *event);
        self.0.iter_mut().for_each(|spell| spell.ended = spell.ended.filter(|by| by != event));
    }
}

/// Urgent protection in a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Emergency {
    police: Spells,
    studies: Vec<Studied>,
    missing: Spells,
    died: Option<Event>,
}

impl Emergency {
    /// Does urgent protection go on, or is something due after it?
    pub(crate) fn is_open(&self) -> bool {
        let unstudied = self.studies.iter().any(|study| study.done.is_none() && !study.ended);
        self.died.is_none() && unstudied || self.police.open().next().is_some()
    }

    /// Is the child missing?
    pub(crate) fn is_missing(&self) -> bool {
        self.missing.open().next().is_some()
    }

    /// Is it an emergency placement that was not studied?
    pub(super) fn is_unstudied(&self, order: &Digest) -> bool {
        self.studies.iter().any(|study| study.order.hash == *order && study.done.is_none())
    }

    /// Whether the order is in force no more, with no other in its place.
    pub(super) fn set_ended(&mut self, order: &Digest, ended: bool) {
        let studies = self.studies.iter_mut();
        studies.filter(|study| study.order.hash == *order).for_each(|study| study.ended = ended);
    }

    /// It was entered in the wrong file.
    fn misfiled(&mut self, event: &Digest) {
        self.police.misfiled(event);
        self.missing.misfiled(event);
        self.died = self.died.filter(|died| died.hash != *event);
        self.studies.retain(|study| study.order.hash != *event);
        self.studies.iter_mut().for_each(|study| study.done = study.done.filter(|by| by != event));
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let emergency = &asked.procedure().emergency;
    match asked.fact() {
        Fact::EmergencyStudyCompleted(fact) => {
            let mut studies = emergency.studies.iter();
            let study =
                studies.find(|study| study.order.hash == fact.order && study.done.is_none());
            check_named_since(asked, study.ok_or(STUDY_OF)?.order.at)
        }
        Fact::PoliceProtectionRecorded(fact) => match fact.ended {
            None => Ok(()),
            Some(begun) => {
                let police = emergency.police.open().find(|police| police.hash == begun);
                check_named_since(asked, police.ok_or(NOT_PROTECTED)?.at)
            }
        },
        Fact::ChildMissing(_) => MISSING.unless(!emergency.is_missing()),
        Fact::ChildFound(_) => {
            check_named_since(asked, emergency.missing.open().next().ok_or(NOT_MISSING)?.at)
        }
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

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let emergency = &mut file.procedure.emergency;
    let event = Event { hash: deed.hash, at: deed.at };
    match deed.fact {
        Fact::EmergencyActRecorded(fact) => {
            happened.push(deed.is(Name::EmergencyActHappened));
            let entered = deed.is(Name::EmergencyActEntered);
            // Whenever it happened, it was entered when it was.
            happened.push(Occasion { at: deed.recorded_at, ..entered }.recorded());
            if fact.act() == EmergencyAct::Placement {
                place(file, deed, happened);
            }
        }
        Fact::EmergencyPlacementOrdered(_) => place(file, deed, happened),
        Fact::EmergencyStudyCompleted(fact) => {
            let mut studies = emergency.studies.iter_mut();
            if let Some(study) = studies.find(|study| study.order.hash == fact.order) {
                study.done = Some(deed.hash);
            }
            happened.push(deed.is(Name::EmergencyStudyCompleted).about(fact.order));
        }
        Fact::PoliceProtectionRecorded(fact) => {
            match fact.ended {
                Some(begun) => {
                    emergency.police.end(deed.hash, |police| police.hash == begun);
                    happened.push(deed.is(Name::PoliceProtectionEnded).about(begun));
                }
                // INVARIANT: one that begins ends no other. Its 48 hours would begin anew with each.
                None => {
                    emergency.police.begin(event);
                    happened.push(deed.is(Name::PoliceProtectionBegun));
                }
            }
        }
        Fact::ProsecutorNotified(_) => happened.push(deed.is(Name::ProsecutorNotified)),
        Fact::ChildMissing(_) => {
            emergency.missing.begin(event);
            happened.push(deed.is(Name::ChildMissing));
        }
        Fact::ChildFound(_) => {
            emergency.missing.end(deed.hash, |_| true);
            happened.push(deed.is(Name::ChildFound).of_whole());
        }
        Fact::ChildDied(_) => {
            emergency.missing.end(deed.hash, |_| true);
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
    file.procedure.emergency.studies.push(Studied { order, done: None, ended: false });
    file.procedure.order_placement(deed, OrderKind::Emergency);
    happened.push(deed.is(Name::EmergencyPlacementOrdered));
}
