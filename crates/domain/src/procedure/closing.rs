//! The end of a case: closing, observing, voiding, merging, opening it again.

use letopis_proto::statement::v1::{Relation, Role};
use letopis_types::{Digest, StreamKind};

use super::acts::Act;
use super::asked::{Asked, Deed, Happened};
use super::opening::{Stage, check_lead};
use super::rule::{Broken, Verdict};
use crate::clocks::Clock;
use crate::clocks::occasion::{Name, Occasion, Qualifier};
use crate::fact::{CaseClosed, Fact};
use crate::file::FileState;

super::rule::rules! {
    PENDING: "close.pending-act",
        "an act waits for its signature: have it confirmed or refused first",
        "има акт, който чака подпис: първо да бъде съгласуван или отказан";
    PLACED: "close.placement",
        "the child is placed: the placement ends first",
        "детето е настанено: първо се прекратява настаняването";
    IN_COURT: "close.court",
        "the court has not decided yet, or its term runs: wait for its decision",
        "съдът още не е решил или срокът му тече: изчакайте решението";
    APPEALED: "close.appeal",
        "an appeal is open: wait for its decision",
        "има нерешена жалба: изчакайте решението";
    EMERGENCY: "close.emergency",
        "urgent protection goes on, or what follows from it is due: finish it first",
        "неотложна закрила продължава или се дължи нещо по нея: първо я приключете";
    MISSING_CHILD: "close.missing-child",
        "the child is missing: record that it was found first",
        "детето е в неизвестност: първо впишете, че е намерено";
    OPEN_DUTY: "close.open-duty",
        "a duty is open: do it, hand it to somebody who signs for it, or let the head drop it",
        "има неизпълнено задължение: изпълнете го, предайте го на друг с негов подпис или началникът го отписва";
    NOT_OPEN_DUTY: "close.no-such-duty",
        "this duty is not open: name only what is",
        "това задължение не е открито: посочете само откритите";
    NEW_OWNER: "close.new-owner",
        "whoever takes a duty over signs for it",
        "който поема задължение, подписва за това";
    DROPPED: "close.dropped",
        "a duty is dropped by the head, with the reason in a section `handover`",
        "задължение се отписва от началника с мотиви в раздел `handover`";
    NOT_CLOSED: "close.not-closed",
        "the case is not closed: go on in it",
        "случаят не е закрит: продължете в него";
    NOT_OBSERVED: "close.not-observed",
        "the case was not closed with an observation: add what you saw as a document",
        "случаят не е закрит с наблюдение: впишете видяното като документ";
    MERGED_INTO: "close.merged-into",
        "a case goes on in another open one: refer to it (based on)",
        "случай продължава в друг открит случай: посочете го";
    LINKED: "close.linked",
        "a case is linked with another one, not with itself",
        "случай се свързва с друг, а не със себе си";
}

/// How many open duties a refusal names, each by its clock and its subject.
const NAMED_DUTIES: usize = 8;

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let procedure = asked.procedure();
    let case = &procedure.case;
    match asked.fact() {
        Fact::CaseClosed(fact) => decide_closing(asked, fact),
        Fact::ObservationRecorded(_) => {
            NOT_OBSERVED.unless(case.stage == Stage::Closed && case.observed)
        }
        Fact::CaseReopened(fact) => {
            NOT_CLOSED.unless(case.stage == Stage::Closed)?;
            check_lead(asked, &fact.lead, asked.file.holder)
        }
        Fact::NewCaseLinked(fact) => LINKED.unless(fact.case_id != asked.statement().stream.id),
        Fact::Endorsed(_) => {
            // What came up since it was signed keeps it from taking effect all the same.
            let target = asked.referred(Relation::Endorses);
            let waiting = target.and_then(|target| procedure.acts.waiting_closing(&target));
            waiting.map_or(Ok(()), |(fact, at)| check_closing(asked, fact, at).map(|_| ()))
        }
        Fact::CaseVoided(_) => check_nothing_runs(asked),
        Fact::CasesMerged(fact) => {
            let mut others = asked.others(Relation::BasedOn, StreamKind::Case);
            let into = others.find(|(key, _)| key.id == fact.into);
            let open = into.is_some_and(|(_, file)| file.procedure.case.stage == Stage::Open);
            MERGED_INTO.unless(open && fact.into != asked.statement().stream.id)?;
            check_nothing_runs(asked)
        }
        _ => Ok(()),
    }
}

fn decide_closing(asked: &Asked<'_>, fact: &CaseClosed) -> Verdict {
    let open = check_closing(asked, fact, asked.at())?;
    for settled in &fact.settled {
        NOT_OPEN_DUTY.unless(open.contains(&settled.subject))?;
        match settled.owner {
            Some(owner) => NEW_OWNER.unless(asked.is_signed_by(&owner))?,
            None => {
                let reasoned = asked.has_section("handover");
                DROPPED.unless(reasoned && asked.has_role(Role::HeadOfDepartment))?;
            }
        }
    }
    Ok(())
}

/// Nothing keeps the case from being closed so. The duties that are open.
fn check_closing(asked: &Asked<'_>, fact: &CaseClosed, at: i64) -> Result<Vec<Digest>, Broken> {
    check_nothing_runs(asked)?;
    let procedure = asked.procedure();
    let is_closing = |act: &&Act| procedure.acts.waiting_closing(&act.hash).is_some();
    PENDING.unless(procedure.acts.pending().all(|act| is_closing(&act)))?;
    // An earlier closing that waits is superseded by this one, and its signature no longer due.
    let superseded: Vec<Digest> =
        procedure.acts.pending().filter(is_closing).map(|act| act.hash).collect();
    let before = procedure.clocks.open_duties().map(|duty| duty.subject);
    let before: Vec<Digest> = before.filter(|duty| !superseded.contains(duty)).collect();
    // What still runs when the clocks have heard of the closing is what is open.
    let mut clocks = procedure.clocks.clone();
    let closed = Occasion::new(Name::CaseClosed, at, asked.placed.statement_hash);
    let how = if fact.observed { Qualifier::Observed } else { Qualifier::Unobserved };
    clocks.take(&closed.qualified(how).of_whole(), asked.around.profiles);
    let is_settled = |duty: &Clock| fact.settled.iter().any(|one| one.subject == duty.subject);
    let left = clocks.open_duties().filter(|duty| before.contains(&duty.subject));
    let named = |duty: Clock| {
        let rule = clocks.rule(duty.id, asked.around.profiles);
        format!("{} {}", rule.map_or("clock", |rule| &rule.name), duty.subject)
    };
    let left: Vec<String> =
        left.filter(|duty| !is_settled(duty)).map(named).take(NAMED_DUTIES).collect();
    if left.is_empty() { Ok(before) } else { Err(OPEN_DUTY.lacking(left.join(", "))) }
}

/// No placement, court, appeal or urgent protection goes on.
fn check_nothing_runs(asked: &Asked<'_>) -> Verdict {
    let procedure = asked.procedure();
    PLACED.unless(!procedure.placement.is_placed())?;
    IN_COURT.unless(!procedure.court.is_open(asked.now()))?;
    APPEALED.unless(!procedure.appeals.is_open())?;
    EMERGENCY.unless(!procedure.emergency.is_open())?;
    MISSING_CHILD.unless(!procedure.emergency.is_missing())
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    match deed.fact {
        Fact::CaseClosed(fact) => {
            file.closed = true;
            // Nobody is asked to hold a closed case.
            file.proposed.clear();
            let case = &mut file.procedure.case;
            case.stage = Stage::Closed;
            case.observed = fact.observed;
            for settled in fact.settled.iter().filter(|settled| settled.owner.is_none()) {
                file.procedure.clocks.drop_duty(&settled.subject, deed.at, deed.hash);
            }
            let how = if fact.observed { Qualifier::Observed } else { Qualifier::Unobserved };
            happened.push(deed.is(Name::CaseClosed).qualified(how).of_whole());
        }
        Fact::CaseVoided(_) => end(file, Stage::Voided, deed, happened),
        Fact::CasesMerged(_) => end(file, Stage::Merged, deed, happened),
        Fact::CaseReopened(fact) => {
            file.closed = false;
            file.lead = Some(fact.lead);
            let case = &mut file.procedure.case;
            case.stage = Stage::Open;
            case.has_lead = true;
            case.observed = false;
            happened.push(deed.is(Name::CaseReopened).of_whole());
        }
        _ => {}
    }
}

fn end(file: &mut FileState, stage: Stage, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    file.closed = true;
    file.proposed.clear();
    file.procedure.case.stage = stage;
    happened.push(deed.is(Name::CaseVoided).of_whole());
}
