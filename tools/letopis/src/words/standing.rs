//! How a case, its acts and its clocks stand.

use letopis_domain::{clocks, profile};
use letopis_proto::accountability::v1::OrderKind;
use letopis_proto::accountability::v1::{
    ActStatus, Basis, ClockReading, Duty, Given, Order, Stage,
};
use letopis_words::{Lang, say};

/// How far a case is.
#[must_use]
pub fn stage(stage: Stage, lang: Lang) -> &'static str {
    match stage {
        Stage::Unspecified => say!(lang, "stage-unspecified"),
        Stage::NotOpened => say!(lang, "stage-not-opened"),
        Stage::Open => say!(lang, "stage-open"),
        Stage::Closed => say!(lang, "stage-closed"),
        Stage::Voided => say!(lang, "stage-voided"),
        Stage::Merged => say!(lang, "stage-merged"),
    }
}

/// What an order is.
#[must_use]
pub fn order_kind(kind: OrderKind, lang: Lang) -> &'static str {
    match kind {
        OrderKind::Unspecified => say!(lang, "order-kind-unspecified"),
        OrderKind::Emergency => say!(lang, "order-kind-emergency"),
        OrderKind::Placement => say!(lang, "order-kind-placement"),
        OrderKind::Instruction => say!(lang, "order-kind-instruction"),
        OrderKind::Aid => say!(lang, "order-kind-aid"),
        OrderKind::Decision => say!(lang, "order-kind-decision"),
    }
}

/// Whether an order is in force, and whether it may be executed.
#[must_use]
pub fn order(order: &Order, lang: Lang) -> &'static str {
    match (order.in_force, order.executable) {
        (true, true) => say!(lang, "order-executable"),
        (true, false) => say!(lang, "order-not-executable"),
        (false, _) => say!(lang, "order-not-in-force"),
    }
}

/// How an act stands whose signature is or was due; `None`: none was.
#[must_use]
pub fn act(status: ActStatus, lang: Lang) -> Option<&'static str> {
    Some(match status {
        ActStatus::Unspecified => return None,
        ActStatus::Pending => say!(lang, "act-status-pending"),
        ActStatus::Unconfirmed => say!(lang, "act-status-unconfirmed"),
        ActStatus::InForce => say!(lang, "act-status-in-force"),
        ActStatus::Refused => say!(lang, "act-status-refused"),
        ActStatus::Lapsed => say!(lang, "act-status-lapsed"),
        ActStatus::Superseded => say!(lang, "act-status-superseded"),
        ActStatus::Misfiled => say!(lang, "act-status-misfiled"),
    })
}

/// What a clock reads; what was not done in time stands out.
#[must_use]
pub fn reading(reading: ClockReading, lang: Lang) -> &'static str {
    match reading {
        ClockReading::Unspecified => say!(lang, "reading-unspecified"),
        ClockReading::Running => say!(lang, "reading-running"),
        ClockReading::Suspended => say!(lang, "reading-suspended"),
        ClockReading::Overdue => say!(lang, "reading-overdue"),
        ClockReading::Kept => say!(lang, "reading-kept"),
        ClockReading::KeptRecordedLate => say!(lang, "reading-kept-recorded-late"),
        ClockReading::Late => say!(lang, "reading-late"),
        ClockReading::Missed => say!(lang, "reading-missed"),
        ClockReading::Expired => say!(lang, "reading-expired"),
        ClockReading::Dropped => say!(lang, "reading-dropped"),
        ClockReading::HandedOver => say!(lang, "reading-handed-over"),
    }
}

/// The same as the domain knows it.
#[must_use]
pub const fn reading_of(reading: clocks::Reading) -> ClockReading {
    match reading {
        clocks::Reading::Running => ClockReading::Running,
        clocks::Reading::Suspended => ClockReading::Suspended,
        clocks::Reading::Overdue => ClockReading::Overdue,
        clocks::Reading::Kept => ClockReading::Kept,
        clocks::Reading::KeptRecordedLate => ClockReading::KeptRecordedLate,
        clocks::Reading::Late => ClockReading::Late,
        clocks::Reading::Missed => ClockReading::Missed,
        clocks::Reading::Expired => ClockReading::Expired,
        clocks::Reading::Dropped => ClockReading::Dropped,
        clocks::Reading::HandedOver => ClockReading::HandedOver,
    }
}

/// On what a clock rests.
#[must_use]
pub fn basis(basis: profile::Basis, lang: Lang) -> &'static str {
    match basis {
        profile::Basis::Law => say!(lang, "basis-law"),
        profile::Basis::Policy => say!(lang, "basis-policy"),
        profile::Basis::Assumed => say!(lang, "basis-assumed"),
    }
}

/// The same as it comes in a message; `None`: it is not known.
#[must_use]
pub const fn basis_told(basis: Basis) -> Option<profile::Basis> {
    Some(match basis {
        Basis::Unspecified => return None,
        Basis::Law => profile::Basis::Law,
        Basis::Policy => profile::Basis::Policy,
        Basis::Assumed => profile::Basis::Assumed,
    })
}

/// Whose duty it is, after "duty of".
#[must_use]
pub fn duty(duty: profile::Duty, lang: Lang) -> &'static str {
    use profile::Duty as Of;
    match duty {
        Of::SocialWorker => say!(lang, "duty-social-worker"),
        Of::HeadOfDepartment => say!(lang, "duty-head-of-department"),
        Of::Director => say!(lang, "duty-director"),
        Of::Holder => say!(lang, "duty-holder"),
        Of::Lead => say!(lang, "duty-lead"),
        Of::Provider => say!(lang, "duty-provider"),
        Of::Supervisor => say!(lang, "duty-supervisor"),
        Of::Court => say!(lang, "duty-court"),
        Of::Party => say!(lang, "duty-party"),
        Of::DataProtectionOfficer => say!(lang, "duty-data-protection-officer"),
        Of::Superior => say!(lang, "duty-superior"),
        Of::Owner => say!(lang, "duty-owner"),
    }
}

/// The same as it comes in a message; `None`: it is not known.
#[must_use]
pub const fn duty_told(duty: Duty) -> Option<profile::Duty> {
    Some(match duty {
        Duty::Unspecified => return None,
        Duty::SocialWorker => profile::Duty::SocialWorker,
        Duty::HeadOfDepartment => profile::Duty::HeadOfDepartment,
        Duty::Director => profile::Duty::Director,
        Duty::Holder => profile::Duty::Holder,
        Duty::Lead => profile::Duty::Lead,
        Duty::Provider => profile::Duty::Provider,
        Duty::Supervisor => profile::Duty::Supervisor,
        Duty::Court => profile::Duty::Court,
        Duty::Party => profile::Duty::Party,
        Duty::DataProtectionOfficer => profile::Duty::DataProtectionOfficer,
        Duty::Superior => profile::Duty::Superior,
        Duty::Owner => profile::Duty::Owner,
    })
}

/// What somebody had been given of an event; `None`: nobody was asked about.
#[must_use]
pub fn given(given: Given, lang: Lang) -> Option<&'static str> {
    Some(match given {
        Given::Unspecified => return None,
        Given::Nothing => say!(lang, "given-nothing"),
        Given::Signed => say!(lang, "given-signed"),
        Given::Facts => say!(lang, "given-facts"),
        Given::Perhaps => say!(lang, "given-perhaps"),
    })
}
