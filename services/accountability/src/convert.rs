//! The domain's types as messages.

use bytes::Bytes;
use letopis_domain::clocks::{Clock, Reading};
use letopis_domain::procedure::{
    Act, DueSignature, OrderKind, OrderReading, Stage, Standing, Status, Undertaken,
};
use letopis_domain::profile::{Basis, ClockRule, Duty};
use letopis_ledger::{CaseRow, View};
use letopis_proto::KindInfo;
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::Told;
use letopis_service_rpc::convert::stream_message;
use letopis_types::{ActorId, AgencyId, Digest, StreamKey};

pub(crate) fn bytes(id: &[u8]) -> Bytes {
    Bytes::copy_from_slice(id)
}

/// A hash; empty: there is none.
pub(crate) fn digest(hash: Option<Digest>) -> Bytes {
    hash.map(|hash| bytes(&hash.0)).unwrap_or_default()
}

/// An actor by its id; `None`: it is not given.
pub(crate) fn actor(id: &[u8]) -> Result<Option<ActorId>, Told> {
    if id.is_empty() {
        return Ok(None);
    }
    let actor = ActorId::from_slice(id);
    actor.map(Some).ok_or_else(|| Told::request("actor", "an actor's id has 16 bytes"))
}

/// An agency by its id; `None`: it is not given.
pub(crate) fn agency(id: &[u8]) -> Result<Option<AgencyId>, Told> {
    if id.is_empty() {
        return Ok(None);
    }
    let agency = AgencyId::from_slice(id);
    agency.map(Some).ok_or_else(|| Told::request("holder", "an agency's id has 16 bytes"))
}

pub(crate) const fn stage(stage: Stage) -> proto::Stage {
    match stage {
        Stage::None => proto::Stage::NotOpened,
        Stage::Open => proto::Stage::Open,
        Stage::Closed => proto::Stage::Closed,
        Stage::Voided => proto::Stage::Voided,
        Stage::Merged => proto::Stage::Merged,
    }
}

/// The stage that a row says.
pub(crate) fn stage_of(row: &CaseRow) -> proto::Stage {
    let stages = [Stage::None, Stage::Open, Stage::Closed, Stage::Voided, Stage::Merged];
    let found = stages.into_iter().find(|stage| *stage as u8 == row.stage);
    found.map_or(proto::Stage::Unspecified, stage)
}

pub(crate) fn order(order: &OrderReading) -> proto::Order {
    let kind = match order.kind {
        OrderKind::Emergency => proto::OrderKind::Emergency,
        OrderKind::Placement => proto::OrderKind::Placement,
        OrderKind::Instruction => proto::OrderKind::Instruction,
        OrderKind::Aid => proto::OrderKind::Aid,
        OrderKind::Decision => proto::OrderKind::Decision,
    };
    proto::Order {
        act: bytes(&order.hash.0),
        kind: kind.into(),
        in_force: order.in_force,
        executable: order.executable,
        served_at: order.served_at,
    }
}

pub(crate) const fn status(status: Status) -> proto::ActStatus {
    match status {
        Status::Pending => proto::ActStatus::Pending,
        Status::Unconfirmed => proto::ActStatus::Unconfirmed,
        Status::InForce => proto::ActStatus::InForce,
        Status::Refused => proto::ActStatus::Refused,
        Status::Lapsed => proto::ActStatus::Lapsed,
        Status::Superseded => proto::ActStatus::Superseded,
        Status::Misfiled => proto::ActStatus::Misfiled,
    }
}

const fn reading(reading: Reading) -> proto::ClockReading {
    match reading {
        Reading::Running => proto::ClockReading::Running,
        Reading::Suspended => proto::ClockReading::Suspended,
        Reading::Overdue => proto::ClockReading::Overdue,
        Reading::Kept => proto::ClockReading::Kept,
        Reading::KeptRecordedLate => proto::ClockReading::KeptRecordedLate,
        Reading::Late => proto::ClockReading::Late,
        Reading::Missed => proto::ClockReading::Missed,
        Reading::Expired => proto::ClockReading::Expired,
        Reading::Dropped => proto::ClockReading::Dropped,
        Reading::HandedOver => proto::ClockReading::HandedOver,
    }
}

const fn basis(basis: Basis) -> proto::Basis {
    match basis {
        Basis::Law => proto::Basis::Law,
        Basis::Policy => proto::Basis::Policy,
        Basis::Assumed => proto::Basis::Assumed,
    }
}

const fn duty(duty: Duty) -> proto::Duty {
    match duty {
        Duty::SocialWorker => proto::Duty::SocialWorker,
        Duty::HeadOfDepartment => proto::Duty::HeadOfDepartment,
        Duty::Director => proto::Duty::Director,
        Duty::Holder => proto::Duty::Holder,
        Duty::Lead => proto::Duty::Lead,
        Duty::Provider => proto::Duty::Provider,
        Duty::Supervisor => proto::Duty::Supervisor,
        Duty::Court => proto::Duty::Court,
        Duty::Party => proto::Duty::Party,
        Duty::DataProtectionOfficer => proto::Duty::DataProtectionOfficer,
        Duty::Superior => proto::Duty::Superior,
        Duty::Owner => proto::Duty::Owner,
    }
}

/// A clock of a file, read at the view's time.
pub(crate) fn clock(file: &StreamKey, view: &View, clock: &Clock) -> proto::Clock {
    let clocks = view.file.procedure.clocks();
    let at = view.at.seconds();
    let rule = clocks.rule(clock.id, &view.profiles);
    let text = |of: fn(&ClockRule) -> String| rule.map(of).unwrap_or_default();
    let now = clocks.reading(clock.id, at);
    let first = clocks.first_reading(clock.id, at).filter(|first| Some(*first) != now);
    let number =
        |found: Option<Reading>| found.map_or(proto::ClockReading::Unspecified, reading).into();
    proto::Clock {
        file: Some(stream_message(file)),
        number: clock.number,
        name: text(|rule| rule.name.clone()),
        words: rule
            .map(|rule| proto::Words { bg: rule.words.bg.clone(), en: rule.words.en.clone() }),
        article: text(|rule| rule.article.clone()),
        basis: rule.map_or(proto::Basis::Unspecified, |rule| basis(rule.basis)).into(),
        duty: rule.map_or(proto::Duty::Unspecified, |rule| duty(rule.duty)).into(),
        subject: bytes(&clock.subject.0),
        started_by: bytes(&clock.started_by.0),
        started_at: clock.started_at,
        due: clock.due,
        reading: number(now),
        suspended_since: clock.suspended_since,
        extended: clock.extended.into(),
        term: clock.term,
        assumed: clock.assumed,
        missed_at: clock.missed,
        ended_by: digest(clock.ended.map(|ended| ended.by)),
        ended_at: clock.ended.map(|ended| ended.at),
        first_due: clock.first_due,
        first_reading: number(first),
    }
}

pub(crate) fn act(act: &Act) -> proto::Act {
    let due = act.due().map(|due| match due {
        DueSignature::Confirmation(roles) => proto::DueSignature {
            roles: roles.into_iter().map(|role| role as u32).collect(),
            ..Default::default()
        },
        DueSignature::Acceptance(lead) => {
            proto::DueSignature { actor: bytes(&lead.0), ..Default::default() }
        }
        DueSignature::Review(roles) => proto::DueSignature {
            roles: roles.iter().map(|role| *role as u32).collect(),
            review: true,
            ..Default::default()
        },
    });
    proto::Act {
        act: bytes(&act.hash.0),
        kind: KindInfo::name_of(act.kind).to_owned(),
        status: status(act.status).into(),
        signers: act.signers.iter().map(|signer| bytes(&signer.0)).collect(),
        happened_at: act.happened_at(),
        due: due.collect(),
    }
}

pub(crate) fn commitment(undertaken: &Undertaken) -> proto::Commitment {
    proto::Commitment {
        id: bytes(&undertaken.id),
        owner: bytes(&undertaken.owner),
        due_day: undertaken.due_day,
        plan: bytes(&undertaken.plan.0),
        fulfilled: undertaken.standing == Standing::Fulfilled,
        missed: undertaken.standing == Standing::Missed,
    }
}
