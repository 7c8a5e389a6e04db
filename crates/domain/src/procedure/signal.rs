//! Signals of a child at risk and their check (чл. 10 and 16 ППЗЗДет).

use letopis_proto::statement::v1::{Relation, Role, SignalOutcome, Track};
use letopis_types::{ActorId, Digest, StreamKind};
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::rule::Verdict;
use crate::clocks::occasion::{Name, Qualifier};
use crate::fact::{ChildId, ChildOutcome, Fact, SignalAssessed, SignalJoined, SignalReceived};
use crate::file::FileState;

super::rule::rules! {
    NOT_RECEIVED: "signal.not-received",
        "no signal was received here: record it first",
        "тук няма постъпил сигнал: първо го впишете";
    RECEIVED_ALREADY: "signal.received-already",
        "the signal is recorded already: a repeated one gets a stream of its own, and is joined",
        "сигналът вече е вписан: повторният се вписва отделно и се присъединява";
    ENDED: "signal.ended",
        "the check of this signal has ended: a new fact is a new signal",
        "проверката по този сигнал е приключила: новите факти са нов сигнал";
    ANONYMOUS: "signal.anonymous",
        "an anonymous signal is checked without more only in the coordination track; otherwise the \
         director signs its assignment",
        "анонимен сигнал се проверява само при насилие; иначе възлагането подписва и директорът";
    NOT_ASSIGNED: "signal.not-assigned",
        "the check is assigned to nobody, or to another: the assigned worker or the head signs",
        "проверката не е възложена или е на друг: подписва определеният работник или началникът";
    WORKER: "signal.worker",
        "the check is assigned to a social worker of this agency, with the role in force",
        "проверката се възлага на социален работник на дирекцията с действаща роля";
    CHILDREN: "signal.children",
        "there is an outcome for each child of the signal, and for no other",
        "посочва се резултат за всяко дете от сигнала и за никое друго";
    JOINED_TO: "signal.joined-to",
        "a signal is joined to another one that was received here before: refer to it (based on)",
        "сигнал се присъединява към друг, вписан по-рано: посочете го";
    NO_SENDER: "signal.no-sender",
        "nobody is known to have given this signal: there is nobody to tell",
        "сигналът е анонимен: няма кого да се уведоми";
}

/// How far the check of a signal is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Check {
    /// There is no signal.
    #[default]
    None,
    /// It goes on.
    Open,
    /// It was assessed.
    Assessed,
    /// It ended without a case, was joined to another signal, or went to another body.
    Ended,
}

/// A signal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signal {
    check: Check,
    /// When it came in; seconds since 1970 UTC.
    pub(crate) received_at: Option<i64>,
    receipt: Option<Digest>,
    children: Vec<ChildId>,
    /// The number of its track.
    track: i32,
    anonymous: bool,
    worker: Option<ActorId>,
    outcomes: Vec<ChildOutcome>,
    /// When it was assessed, in seconds since 1970 UTC, and by which statement.
    pub(crate) assessed: Option<(i64, Digest)>,
    cases: u16,
}

impl Signal {
    fn track(&self) -> Track {
        Track::try_from(self.track).unwrap_or_default()
    }

    /// To whom its check is assigned.
    pub(crate) const fn worker(&self) -> Option<ActorId> {
        self.worker
    }

    /// What the assessment in force found.
    pub(crate) fn outcomes(&self) -> impl Iterator<Item = &ChildOutcome> {
        self.outcomes.iter()
    }

    /// Does this tell of the same signal, but for the channel?
    pub(super) fn was_received_so(&self, fact: &SignalReceived) -> bool {
        (&self.children, self.track(), self.anonymous)
            == (&fact.children, fact.track, fact.anonymous)
    }

    /// Did an assessment find this, but for how old the children are?
    pub(super) fn found_so(&self, event: &Digest, fact: &SignalAssessed) -> bool {
        let found = |one: &ChildOutcome| (one.child, one.outcome(), one.track());
        self.assessed.is_some_and(|(_, by)| by == *event)
            && self.outcomes.iter().map(found).eq(fact.outcomes.iter().map(found))
    }

    /// For how many children a case is to be opened.
    pub(crate) fn wants_cases(&self) -> usize {
        self.outcomes.iter().filter(|found| found.outcome() == SignalOutcome::Case).count()
    }

    /// How many were.
    pub(crate) fn cases_opened(&self) -> usize {
        self.cases.into()
    }

    /// It came in, or was assessed, at another time than was stated.
    pub(super) fn correct(&mut self, event: &Digest, at: i64) {
        if self.receipt == Some(*event) {
            self.received_at = Some(at);
        }
        if let Some((when, by)) = &mut self.assessed
            && by == event
        {
            *when = at;
        }
    }

    /// A case came of it. Says whether none is wanted any more.
    pub(crate) fn case_opened(&mut self) -> bool {
        self.cases = self.cases.saturating_add(1);
        self.cases_opened() >= self.wants_cases()
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    if !super::decide::stands_in(asked, StreamKind::Signal) {
        return Ok(());
    }
    let signal = &asked.procedure().signal;
    if let Fact::SignalReceived(_) = asked.fact() {
        return RECEIVED_ALREADY.unless(signal.check == Check::None);
    }
    NOT_RECEIVED.unless(signal.check != Check::None)?;
    match asked.fact() {
        Fact::SignalAssigned(fact) => {
            ENDED.unless(signal.check == Check::Open)?;
            let let_in = !signal.anonymous
                || signal.track() == Track::Coordination
                || asked.has_role(Role::Director);
            ANONYMOUS.unless(let_in)?;
            WORKER.unless(asked.may_act(&fact.worker, Role::SocialWorker, asked.file.holder))
        }
        Fact::SignalJoined(fact) => {
            ENDED.unless(signal.check == Check::Open)?;
            decide_joining(asked, *fact)
        }
        Fact::SignalForwarded(_) => ENDED.unless(signal.check == Check::Open),
        Fact::SignalAssessed(fact) => {
            ENDED.unless(signal.check == Check::Open)?;
            check_worker(asked)?;
            decide_outcomes(signal, fact)
        }
        Fact::SignalNotPursued(_) => {
            ENDED.unless(signal.check == Check::Open)?;
            check_worker(asked)
        }
        Fact::SenderNotified(_) => NO_SENDER.unless(!signal.anonymous),
        _ => Ok(()),
    }
}

/// Whoever checks was told to. The head does it where that worker holds the role no more.
fn check_worker(asked: &Asked<'_>) -> Verdict {
    let worker = asked.procedure().signal.worker.ok_or(NOT_ASSIGNED)?;
    let in_force = asked.may_act(&worker, Role::SocialWorker, asked.file.holder);
    let by_head = !in_force && asked.has_role(Role::HeadOfDepartment);
    NOT_ASSIGNED.unless(asked.is_signed_by(&worker) || by_head)?;
    let takes_part =
        |role| matches!(role, Role::SocialWorker | Role::HeadOfDepartment | Role::Director);
    NOT_ASSIGNED.unless(asked.roles().all(|(_, role)| takes_part(role)))
}

fn decide_joining(asked: &Asked<'_>, fact: SignalJoined) -> Verdict {
    let prior = asked
        .others(Relation::BasedOn, StreamKind::Signal)
        .find(|(key, _)| key.id == fact.prior && key.id != asked.statement().stream.id);
    JOINED_TO.unless(prior.is_some_and(|(_, file)| file.procedure.signal.check != Check::None))
}

fn decide_outcomes(signal: &Signal, fact: &SignalAssessed) -> Verdict {
    // Both are ascending.
    CHILDREN
        .unless(fact.outcomes.iter().map(|found| found.child).eq(signal.children.iter().copied()))
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let signal = &mut file.procedure.signal;
    let receipt = signal.receipt.unwrap_or(deed.hash);
    let about = |name| deed.is(name).about(receipt);
    match deed.fact {
        Fact::SignalReceived(fact) => {
            *signal = Signal {
                check: Check::Open,
                received_at: Some(deed.at),
                receipt: Some(deed.hash),
                children: fact.children.clone(),
                track: fact.track.into(),
                anonymous: fact.anonymous,
                ..Signal::default()
            };
            happened.push(deed.is(Name::SignalReceived).qualified(of_track(fact.track)));
        }
        Fact::SignalAssigned(fact) => {
            signal.worker = Some(fact.worker);
            happened.push(about(Name::SignalAssigned));
        }
        Fact::SignalJoined(_) => {
            signal.check = Check::Ended;
            happened.push(about(Name::SignalJoined));
        }
        Fact::SignalForwarded(_) => {
            signal.check = Check::Ended;
            happened.push(about(Name::SignalForwarded));
        }
        Fact::SignalNotPursued(_) => {
            signal.check = Check::Ended;
            happened.push(about(Name::SignalNotPursued));
        }
        Fact::SignalAssessed(fact) => {
            signal.check = Check::Assessed;
            signal.outcomes.clone_from(&fact.outcomes);
            signal.assessed = Some((deed.at, deed.hash));
            happened.push(about(Name::SignalAssessed).qualified(of_outcomes(fact)));
        }
        Fact::SenderNotified(_) => happened.push(about(Name::SenderNotified)),
        _ => {}
    }
}

/// A track as clocks hear of it.
pub(super) const fn of_track(track: Track) -> Qualifier {
    match track {
        Track::Unspecified | Track::General => Qualifier::General,
        Track::Coordination => Qualifier::Coordination,
        Track::Prevention => Qualifier::Prevention,
        Track::UrgentCheck => Qualifier::UrgentCheck,
        Track::Reintegration => Qualifier::Reintegration,
        Track::Aftercare => Qualifier::Aftercare,
    }
}

fn of_outcomes(fact: &SignalAssessed) -> Qualifier {
    let cases = || fact.outcomes.iter().filter(|found| found.outcome() == SignalOutcome::Case);
    if cases().any(|found| found.track() == Some(Track::Coordination)) {
        Qualifier::Coordination
    } else if cases().next().is_some() {
        Qualifier::Case
    } else {
        Qualifier::NoCase
    }
}
