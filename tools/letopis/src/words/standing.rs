//! How a case, its acts and its clocks stand.

use letopis_domain::{clocks, profile};
use letopis_proto::accountability::v1::OrderKind;
use letopis_proto::accountability::v1::{
    ActStatus, Basis, ClockReading, Duty, Given, Order, Stage,
};

use crate::cli::Lang;

/// How far a case is.
#[must_use]
pub const fn stage(stage: Stage, lang: Lang) -> &'static str {
    let (bg, en) = match stage {
        Stage::Unspecified => ("няма случай", "there is no case"),
        Stage::NotOpened => ("още не е открит", "not opened yet"),
        Stage::Open => ("открит", "open"),
        Stage::Closed => ("закрит", "closed"),
        Stage::Voided => ("анулиран: открит по погрешка", "voided: opened by mistake"),
        Stage::Merged => ("продължава в друг случай", "goes on in another case"),
    };
    lang.pick(bg, en)
}

/// What an order is.
#[must_use]
pub const fn order_kind(kind: OrderKind, lang: Lang) -> &'static str {
    let (bg, en) = match kind {
        OrderKind::Unspecified => ("заповед", "order"),
        OrderKind::Emergency => ("спешно настаняване", "emergency placement"),
        OrderKind::Placement => ("настаняване", "placement"),
        OrderKind::Instruction => ("задължително предписание", "instruction"),
        OrderKind::Aid => ("финансова помощ", "financial aid"),
        OrderKind::Decision => ("съдебно решение", "court decision"),
    };
    lang.pick(bg, en)
}

/// Whether an order is in force, and whether it may be executed.
#[must_use]
pub const fn order(order: &Order, lang: Lang) -> &'static str {
    match (order.in_force, order.executable) {
        (true, true) => lang.pick("в сила, може да се изпълнява", "in force, may be executed"),
        (true, false) => {
            lang.pick("в сила, но НЕ може да се изпълнява", "in force, but may NOT be executed")
        }
        (false, _) => lang.pick("не е в сила", "not in force"),
    }
}

/// How an act stands whose signature is or was due; `None`: none was.
#[must_use]
pub const fn act(status: ActStatus, lang: Lang) -> Option<&'static str> {
    let (bg, en) = match status {
        ActStatus::Unspecified => return None,
        ActStatus::Pending => {
            ("ЧАКА ПОДПИС, още не е в сила", "WAITS FOR A SIGNATURE, not in force yet")
        }
        ActStatus::Unconfirmed => ("в сила, ЧАКА ПОТВЪРЖДЕНИЕ", "in force, WAITS TO BE CONFIRMED"),
        ActStatus::InForce => ("в сила", "in force"),
        ActStatus::Refused => ("ОТКАЗАН ПОДПИС", "SIGNATURE REFUSED"),
        ActStatus::Lapsed => ("подписът НЕ ДОЙДЕ в срок", "the signature did NOT COME in time"),
        ActStatus::Superseded => ("вече не важи", "no longer counts"),
        ActStatus::Misfiled => ("погрешно вписано", "entered in the wrong file"),
    };
    Some(lang.pick(bg, en))
}

/// What a clock reads; what was not done in time stands out.
#[must_use]
pub const fn reading(reading: ClockReading, lang: Lang) -> &'static str {
    let (bg, en) = match reading {
        ClockReading::Unspecified => ("неизвестно", "not known"),
        ClockReading::Running => ("тече", "runs"),
        ClockReading::Suspended => ("спрян", "stands still"),
        ClockReading::Overdue => ("ПРОСРОЧЕН", "OVERDUE"),
        ClockReading::Kept => ("спазен", "kept"),
        ClockReading::KeptRecordedLate => ("спазен, но вписан по-късно", "kept, but recorded late"),
        ClockReading::Late => ("ЗАКЪСНЯЛ", "DONE LATE"),
        ClockReading::Missed => ("ПРОПУСНАТ", "MISSED"),
        ClockReading::Expired => ("изтекъл", "over"),
        ClockReading::Dropped => ("отпаднал", "fell away"),
        ClockReading::HandedOver => ("продължава в друга преписка", "goes on in another file"),
    };
    lang.pick(bg, en)
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
pub const fn basis(basis: profile::Basis, lang: Lang) -> &'static str {
    match basis {
        profile::Basis::Law => lang.pick("закон", "law"),
        profile::Basis::Policy => lang.pick("вътрешно правило", "policy"),
        profile::Basis::Assumed => lang.pick("прието тълкуване", "assumed"),
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
pub const fn duty(duty: profile::Duty, lang: Lang) -> &'static str {
    use profile::Duty as Of;
    let (bg, en) = match duty {
        Of::SocialWorker => ("социалния работник", "the social worker"),
        Of::HeadOfDepartment => ("началника на ОЗД", "the head of department"),
        Of::Director => ("директора на ДСП", "the director"),
        Of::Holder => ("дирекцията, която държи случая", "the agency that holds the case"),
        Of::Lead => ("водещия случая", "the lead"),
        Of::Provider => ("доставчика на услугата", "the provider"),
        Of::Supervisor => ("супервизора", "the supervisor"),
        Of::Court => ("съда", "the court"),
        Of::Party => ("страната", "the party"),
        Of::DataProtectionOfficer => {
            ("длъжностното лице по защита на данните", "the data protection officer")
        }
        Of::Superior => ("горестоящия орган", "the superior body"),
        Of::Owner => ("поелия ангажимента", "who took it on"),
    };
    lang.pick(bg, en)
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
pub const fn given(given: Given, lang: Lang) -> Option<&'static str> {
    let (bg, en) = match given {
        Given::Unspecified => return None,
        Given::Nothing => ("не му е дадено", "was not given it"),
        Given::Signed => ("подписал го е", "signed it"),
        Given::Facts => ("дадено му е", "was given it"),
        Given::Perhaps => ("може да му е дадено", "was perhaps given it"),
    };
    Some(lang.pick(bg, en))
}
