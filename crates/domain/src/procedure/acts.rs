//! Acts whose signature or review is due.
//!
//! A *confirming* signature is given with the act or later, by Endorsed. Until it is there the act is
//! pending and nothing follows from it; where delay endangers a child (a section `danger`) it is in force
//! at once, unconfirmed, and reviewed, but for what ends protection, which always waits
//! ([`may_be_urgent`]). What was signed under delegation, under recusal or on an expired qualification is
//! reviewed as well, and so is an emergency act that is entered later; of what waits for a confirming
//! signature, that is the review. Participatory signatures keep nothing from being in force.

mod act;
mod pended;

use letopis_proto::KindInfo;
use letopis_proto::statement::v1::{Relation, Role};
use letopis_types::{ActorId, Digest};

pub(crate) use self::act::Acts;
use self::act::Due;
pub use self::act::{Act, DueSignature, Status};
use self::pended::{Pended, may_be_urgent};
use super::asked::{Around, Asked, Deed, Happened, Taken};
use super::decide::check_after;
use super::evolve::{answers, take_effect};
use super::responsibility::manages;
use super::rule::Verdict;
use crate::clocks::occasion::{Name, Occasion, Qualifier};
use crate::fact::{Fact, LeadAssigned, Needs};
use crate::file::FileState;
use crate::registry::Placed;

super::rule::rules! {
    UNKNOWN: "signature.act-unknown",
        "refer to exactly one event of this stream, whose signature is due",
        "посочете точно едно събитие от същата преписка, чийто подпис се дължи";
    OWN: "signature.own-act",
        "nobody endorses an own act: let another sign",
        "никой не съгласува собствения си акт: нека подпише друг";
    GIVEN: "signature.given-already",
        "this signer endorsed the act before: one signature is enough",
        "подписалият вече е съгласувал акта: един подпис е достатъчен";
    ENDED: "signature.act-ended",
        "the act was refused, lapsed, or another took its place: endorse the present one",
        "актът е отказан, изтекъл или заменен: съгласувайте действащия";
    NOT_DUE: "signature.not-due",
        "no signature by this role is due under this act: let the right one sign",
        "по този акт не се дължи подпис от тази роля: нека подпише който трябва";
    TOO_EARLY: "signature.not-lapsed",
        "the term for the signature still runs: wait until it is over",
        "срокът за подписа още тече: изчакайте да изтече";
}

/// The roles that review what was done under an exception.
const REVIEWERS: &[Role] = &[Role::HeadOfDepartment, Role::Director, Role::Superior];

/// The name of the payload type that says that delay endangers a child.
const DANGER: &str = "danger";

/// May it be endorsed, refused, said to have lapsed?
pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let relation = match asked.fact() {
        Fact::Endorsed(_) | Fact::SignatureAttested(_) => Relation::Endorses,
        Fact::EndorsementRefused(_) | Fact::EndorsementLapsed(_) => Relation::RespondsTo,
        _ => return Ok(()),
    };
    let own = asked.statement().stream;
    let mut named = asked.statement().references.iter().filter(|to| to.relation == relation);
    let target = named.next().filter(|to| to.stream == own).ok_or(UNKNOWN)?.statement_hash;
    UNKNOWN.unless(named.next().is_none())?;
    let Some(known) = asked.procedure().events.find(&target) else {
        // What the procedure takes no note of is endorsed where its key was compromised.
        return UNKNOWN.unless(matches!(asked.fact(), Fact::Endorsed(_)));
    };
    let act = asked.procedure().acts.find(&target);
    ENDED.unless(act.is_none_or(|act| !act.ended()))?;
    match asked.fact() {
        Fact::SignatureAttested(_) => Ok(()),
        Fact::Endorsed(_) => {
            OWN.unless(asked.signers().all(|signer| !known.is_signed_by(&signer)))?;
            check_after(asked, &target)?;
            let given = asked.file.endorsements.iter();
            let again =
                given.filter(|(act, _)| *act == target).any(|(_, by)| asked.is_signed_by(by));
            GIVEN.unless(!again)?;
            let is_due = act.is_none_or(|act| !act.is_open() || satisfies(asked, act));
            let takes_part = |role| matches!(role, Role::Provider | Role::TeamMember);
            NOT_DUE.unless(is_due || asked.roles().any(|(_, role)| takes_part(role)))
        }
        Fact::EndorsementRefused(_) => {
            let act = act.ok_or(NOT_DUE)?;
            OWN.unless(asked.signers().all(|signer| !act.signers.contains(&signer)))?;
            NOT_DUE.unless(act.is_open() && satisfies(asked, act))
        }
        _ => {
            // What is in force is not undone because somebody did not look at it.
            let act = act.filter(|act| act.status == Status::Pending).ok_or(NOT_DUE)?;
            let (clocks, profiles) = (&asked.procedure().clocks, asked.around.profiles);
            TOO_EARLY.unless(clocks.confirmation_is_out(&act.hash, asked.now(), profiles))
        }
    }
}

/// Does a signer give one of the signatures that are due?
fn satisfies(asked: &Asked<'_>, act: &Act) -> bool {
    let roles = counting(asked.placed, asked.around, asked.file);
    act.due.iter().any(|due| by_whom(due, &roles, &act.signers).is_some())
}

/// Who signs in which role, as far as it counts in this file: managers of another agency do not.
fn counting(placed: &Placed<'_>, around: &Around<'_>, file: &FileState) -> Vec<(ActorId, Role)> {
    let counts = |agency| file.holder.is_none() || agency == file.holder;
    let held = placed.held(around.registry);
    held.filter(|(_, held)| !manages(held.role) || counts(held.agency))
        .map(|(actor, held)| (actor, held.role))
        .collect()
}

/// Who gives what is due, but for these.
fn by_whom(due: &Due, roles: &[(ActorId, Role)], but: &[ActorId]) -> Option<ActorId> {
    let gives = |(actor, role): &&(ActorId, Role)| match due {
        Due::Confirmation(wanted) => wanted.contains(&(*role as i32)) && !but.contains(actor),
        Due::Acceptance(lead) => lead == actor,
        Due::Review => REVIEWERS.contains(role) && !but.contains(actor),
    };
    roles.iter().find(gives).map(|(actor, _)| *actor)
}

/// Takes off what these signers give: nobody gives two of the signatures.
fn settle(due: &mut Vec<Due>, roles: &[(ActorId, Role)], but: &[ActorId]) {
    let mut used = but.to_vec();
    due.retain(|due| match by_whom(due, roles, &used) {
        Some(actor) => {
            used.push(actor);
            false
        }
        None => true,
    });
}

/// Notes what is due under a statement. Says whether it takes effect now.
pub(super) fn register(
    file: &mut FileState,
    placed: &Placed<'_>,
    around: &Around<'_>,
    taken: Taken,
    happened: &mut Happened<'_>,
) -> bool {
    let statement = placed.statement;
    let kind = statement.kind();
    let mut due = missing(placed, around, file);
    let waits = !due.is_empty();
    let endangers = statement.sections.iter().any(|section| section.name() == DANGER);
    let in_force = !waits || endangers && may_be_urgent(&statement.fact);
    let by = (placed.statement_hash, statement.occurred_at.instant.seconds);
    supersede(file, &statement.fact, by, in_force, happened);
    let protected = statement.stream.kind == letopis_types::StreamKind::Protected;
    let occasion = |name| {
        let at = statement.occurred_at.instant.seconds;
        let occasion = Occasion::new(name, at, placed.statement_hash);
        if protected { occasion.protected() } else { occasion }
    };
    if waits {
        happened.push(occasion(Name::ConfirmationDue));
    }
    // INVARIANT: an endorsement under an exception is not itself reviewed, or it would never end.
    let is_signature = matches!(statement.fact, Fact::Endorsed(_));
    let marked = [
        (taken.under_delegation && !is_signature, Qualifier::UnderDelegation),
        (taken.under_recusal, Qualifier::UnderRecusal),
        (taken.on_expired_qualification, Qualifier::ExpiredQualification),
        (waits && in_force, Qualifier::Unconfirmed),
        (matches!(statement.fact, Fact::EmergencyActRecorded(_)), Qualifier::EmergencyAct),
    ];
    if let Some((_, why)) = marked.into_iter().find(|(is, _)| *is) {
        // A confirmation is a review as well.
        if !waits {
            due.push(Due::Review);
        }
        happened.push(occasion(Name::ReviewDue).qualified(why));
    }
    if due.is_empty() {
        return true;
    }
    file.procedure.acts.0.push(Act {
        hash: placed.statement_hash,
        kind: kind.number,
        signers: statement.signers.iter().map(|signer| signer.actor).collect(),
        status: match (waits, in_force) {
            (true, false) => Status::Pending,
            (true, true) => Status::Unconfirmed,
            (false, _) => Status::InForce,
        },
        due,
        at: statement.occurred_at.instant.seconds,
        answers: answers(statement),
        about: about(&statement.fact),
        protected,
        pended: if in_force { None } else { Pended::of(&statement.fact) },
    });
    in_force
}

/// The confirming signatures that a statement does not have yet.
fn missing(placed: &Placed<'_>, around: &Around<'_>, file: &FileState) -> Vec<Due> {
    let signing = counting(placed, around, file);
    let fact = &placed.statement.fact;
    if let Fact::LeadAssigned(LeadAssigned { lead: Some(lead) }) = fact {
        let accepts = signing.iter().any(|(actor, _)| actor == lead);
        return if accepts { Vec::new() } else { vec![Due::Acceptance(*lead)] };
    }
    let answering = match fact.needs() {
        Needs::OneOf(roles) => roles,
        _ => &[],
    };
    let mut due: Vec<Due> = fact
        .confirmed_by()
        .iter()
        .map(|group| Due::Confirmation(group.iter().map(|role| *role as i32).collect()))
        .collect();
    // By others than who answers for the act: whoever signs in the lead's own role, if anybody does.
    let answers = |wanted: &[Role]| signing.iter().find(|(_, role)| wanted.contains(role));
    let by = answers(&[Role::SocialWorker]).or_else(|| answers(answering));
    if let Some((by, _)) = by {
        settle(&mut due, &signing, &[*by]);
    }
    due
}

/// A newer act of the same sort takes the place of one that still waits; once it is in force, also of one
/// that is in force unconfirmed.
fn supersede(
    file: &mut FileState,
    fact: &Fact,
    (by, at): (Digest, i64),
    in_force: bool,
    happened: &mut Happened<'_>,
) {
    let kind = sort(fact.name());
    if fact.confirmed_by().is_empty() && !matches!(fact, Fact::LeadAssigned(_))
        || matches!(fact, Fact::CourtDecisionRecorded(_) | Fact::DelayExplained(_))
    {
        return;
    }
    let gives_way = |act: &Act| match act.status {
        Status::Pending => true,
        Status::Unconfirmed => in_force,
        _ => false,
    };
    let acts = file.procedure.acts.0.iter_mut();
    let same_sort =
        |act: &Act| sort(KindInfo::name_of(act.kind)) == kind && act.about == about(fact);
    for act in acts.filter(|act| act.hash != by && gives_way(act) && same_sort(act)) {
        end(act, Status::Superseded, (by, at), Qualifier::Superseded, happened);
    }
}

/// The placement that a study is about.
const fn about(fact: &Fact) -> Option<Digest> {
    match fact {
        Fact::EmergencyStudyCompleted(fact) => Some(fact.order),
        _ => None,
    }
}

/// Acts of one sort take each other's place.
fn sort(kind: &str) -> &str {
    match kind {
        "PlanAmended" => "PlanAdopted",
        "SignalNotPursued" => "SignalAssessed",
        other => other,
    }
}

/// What ends the matter, or hands it to another agency, ends what waits for a signature there.
pub(super) fn end_waiting(file: &mut FileState, placed: &Placed<'_>, happened: &mut Happened<'_>) {
    let ends = matches!(
        placed.statement.fact,
        Fact::SignalJoined(_)
            | Fact::SignalForwarded(_)
            | Fact::CaseVoided(_)
            | Fact::CasesMerged(_)
            | Fact::TransferAccepted(_)
            | Fact::CompetenceDecided(_)
    );
    if !ends {
        return;
    }
    let by = (placed.statement_hash, placed.statement.occurred_at.instant.seconds);
    let acts = file.procedure.acts.0.iter_mut();
    for act in acts.filter(|act| act.status == Status::Pending) {
        end(act, Status::Superseded, by, Qualifier::Superseded, happened);
    }
}

/// The court decided on a request: what else waits for a signature to say so is no decision of the court.
pub(super) fn end_decisions(
    file: &mut FileState,
    request: &Digest,
    deed: &Deed<'_>,
    happened: &mut Happened<'_>,
) {
    let by = (deed.hash, deed.at);
    let on_request = |act: &&mut Act| {
        act.pended.as_ref().and_then(Pended::request) == Some(request) && act.hash != deed.hash
    };
    for act in file.procedure.acts.0.iter_mut().filter(on_request) {
        end(act, Status::Superseded, by, Qualifier::Superseded, happened);
    }
}

fn end(
    act: &mut Act,
    status: Status,
    (by, at): (Digest, i64),
    how: Qualifier,
    happened: &mut Happened<'_>,
) {
    let was = std::mem::replace(&mut act.status, status);
    act.due.clear();
    act.pended = None;
    if was != Status::Pending {
        // Whoever decides anew has looked at it.
        happened.push(Occasion::new(Name::Reviewed, at, by).about(act.hash));
    }
    let ended = Occasion::new(Name::ConfirmationEnded, at, by).about(act.hash).qualified(how);
    happened.push(ended);
}

/// Signatures that came, were refused, or did not come.
pub(super) fn evolve(
    file: &mut FileState,
    placed: &Placed<'_>,
    around: &Around<'_>,
    happened: &mut Happened<'_>,
) {
    let statement = placed.statement;
    let relation = match statement.fact {
        Fact::Endorsed(_) => Relation::Endorses,
        Fact::EndorsementRefused(_) | Fact::EndorsementLapsed(_) => Relation::RespondsTo,
        _ => return,
    };
    let mut targets = statement.references.iter().filter(|to| to.relation == relation);
    let target = targets.find(|to| to.stream == statement.stream).map(|to| to.statement_hash);
    let by = (placed.statement_hash, statement.occurred_at.instant.seconds);
    let acts = &mut file.procedure.acts.0;
    let Some(act) = acts.iter_mut().find(|act| Some(act.hash) == target && act.is_open()) else {
        return;
    };
    let target = act.hash;
    match (&statement.fact, act.status) {
        (Fact::Endorsed(_), _) => endorse(file, target, placed, around, happened),
        (Fact::EndorsementRefused(_), Status::Pending) => {
            end(act, Status::Refused, by, Qualifier::Refused, happened);
        }
        (_, Status::Pending) => end(act, Status::Lapsed, by, Qualifier::Lapsed, happened),
        // What is in force stays so until it is decided anew; who refused has looked at it, and nothing is due
        // any more.
        _ => end(act, Status::InForce, by, Qualifier::Refused, happened),
    }
}

fn endorse(
    file: &mut FileState,
    target: Digest,
    placed: &Placed<'_>,
    around: &Around<'_>,
    happened: &mut Happened<'_>,
) {
    let signing = counting(placed, around, file);
    let at = placed.statement.occurred_at.instant.seconds;
    let acts = &mut file.procedure.acts.0;
    let Some(act) = acts.iter_mut().find(|act| act.hash == target && act.is_open()) else {
        return;
    };
    let signers = act.signers.clone();
    let reviewed = act.due.contains(&Due::Review);
    settle(&mut act.due, &signing, &signers);
    if act.is_open() {
        return;
    }
    let confirmed = if reviewed { Name::Reviewed } else { Name::Confirmed };
    happened.push(Occasion::new(confirmed, at, placed.statement_hash).about(target));
    if !reviewed {
        // What was in force unconfirmed is thereby reviewed.
        happened.push(Occasion::new(Name::Reviewed, at, placed.statement_hash).about(target));
    }
    let was = std::mem::replace(&mut act.status, Status::InForce);
    let (act_at, protected, pended) = (act.at, act.protected, act.pended.take());
    let answers = act.answers.clone();
    if let (Status::Pending, Some(fact)) = (was, pended.map(Pended::fact)) {
        let answers = &answers[..];
        let recorded_at = placed.recorded_at.seconds();
        let (fact, hash, at) = (&fact, target, act_at);
        let deed = Deed { fact, hash, at, recorded_at, answers, protected };
        supersede(file, fact, (hash, at), true, happened);
        take_effect(file, &deed, happened);
    }
}
