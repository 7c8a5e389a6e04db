//! Kinds whose fact is one name: of an earlier statement, an actor, an agency, a file.

use letopis_proto::statement::v1 as proto;
use letopis_types::{ActorId, AgencyId, Digest, StreamId};
use serde::{Deserialize, Serialize};

use super::FromProto;
use crate::form::{FormError, digest, fixed, optional_fixed};

/// Kinds that name one earlier statement, and nothing else.
macro_rules! names_statement {
    ($($(#[$doc:meta])* $ty:ident { $field:ident };)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $ty {
            /// The statement hash of what it names.
            pub $field: Digest,
        }

        impl FromProto for $ty {
            type Message = proto::$ty;

            fn from_proto(message: &proto::$ty) -> Result<Self, FormError> {
                Ok(Self { $field: digest(&message.$field, stringify!($field))? })
            }

            fn named(&self) -> Vec<Digest> {
                vec![self.$field]
            }
        }
    )*};
}

names_statement! {
    /// Отнет достъп.
    AccessRevoked { granted };
    /// Край на спешния достъп.
    BreakGlassClosed { opened };
    /// Получаване.
    DisclosureReceived { shared };
    /// Край на запазването.
    LegalHoldLifted { set };
    /// Окончателно заличаване; names a statement of the stream that its access stream belongs to.
    ErasureCompleted { erased };
    /// Разделяне на записи.
    PersonsSeparated { merged };
    /// Край на връзка лице–случай.
    PersonUnlinked { linked };
    /// Прието прехвърляне.
    TransferAccepted { proposed };
    /// Отказано прехвърляне.
    TransferRejected { proposed };
    /// Оттеглено съгласие.
    ConsentWithdrawn { given };
    /// Приемане на направление.
    ReferralAccepted { referral };
    /// Отказ по направление.
    ReferralDeclined { referral };
    /// Доклад на доставчик.
    ServiceReported { referral };
    /// Прекратяване на услуга.
    ServiceEnded { referral };
    /// Обратна връзка към детето.
    WeightOfViewsExplained { decision };
    /// Становище по преписката.
    PartyCommented { shown };
    /// Проучване след спешно настаняване.
    EmergencyStudyCompleted { order };
    /// Заповедта се смята за съобщена.
    OrderDeemedServed { order };
    /// Предварително изпълнение.
    ExecutionOrdered { order };
    /// Спряно изпълнение.
    ExecutionSuspended { order };
    /// Препращане на жалба.
    AppealForwarded { appeal };
    /// Финансова помощ.
    AidDecided { request };
    /// Погрешно вписано.
    EventMisfiled { event };
    /// Вярно с оригинала.
    DocumentCertified { document };
    /// Констатации от проверка.
    InspectionFinding { opened };
    /// Изпълнено предписание.
    InspectionComplied { instruction };
}

/// Kinds that may name one earlier statement.
macro_rules! may_name_statement {
    ($($(#[$doc:meta])* $ty:ident { $(#[$field_doc:meta])* $field:ident };)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $ty {
            $(#[$field_doc])*
            pub $field: Option<Digest>,
        }

        impl FromProto for $ty {
            type Message = proto::$ty;

            fn from_proto(message: &proto::$ty) -> Result<Self, FormError> {
                Ok(Self { $field: optional_fixed(&message.$field, stringify!($field))?.map(Digest) })
            }

            fn named(&self) -> Vec<Digest> {
                self.$field.into_iter().collect()
            }
        }
    )*};
}

may_name_statement! {
    /// Полицейска закрила.
    PoliceProtectionRecorded {
        /// The one that has ended; `None`: it began.
        ended
    };
    /// Искане до съда.
    CourtRequestFiled {
        /// The order of placement.
        order
    };
    /// Край на настаняването.
    PlacementEnded {
        /// The court's decision that ends it.
        decision
    };
    /// Възражение.
    DisputeNoted {
        /// What is objected to; `None`: the file as a whole.
        event
    };
}

/// Kinds that name an actor, an agency or a file, and nothing else.
macro_rules! names_id {
    ($($(#[$doc:meta])* $ty:ident { $(#[$field_doc:meta])* $field:ident: $id:expr => $of:ty };)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $ty {
            $(#[$field_doc])*
            pub $field: $of,
        }

        impl FromProto for $ty {
            type Message = proto::$ty;

            fn from_proto(message: &proto::$ty) -> Result<Self, FormError> {
                Ok(Self { $field: fixed(&message.$field, stringify!($field)).map($id)? })
            }
        }
    )*};
}

/// What names a commitment in its case.
pub type CommitmentId = [u8; 16];

names_id! {
    /// Обединяване на записи.
    PersonsMerged {
        /// The person whose record goes on in this one.
        other: StreamId => StreamId
    };
    /// Възлагане на проверката.
    SignalAssigned {
        /// The worker who checks.
        worker: ActorId => ActorId
    };
    /// Присъединяване на повторен сигнал.
    SignalJoined {
        /// The signal about the same matter.
        prior: StreamId => StreamId
    };
    /// Изпълнение на ангажимент.
    CommitmentFulfilled {
        /// The commitment.
        commitment: CommitmentId::from => CommitmentId
    };
    /// Неизпълнен ангажимент.
    CommitmentMissed {
        /// The commitment.
        commitment: CommitmentId::from => CommitmentId
    };
    /// Предложено прехвърляне.
    TransferProposed {
        /// The agency that is to hold the case.
        to: AgencyId => AgencyId
    };
    /// Спор за компетентност.
    CompetenceDecided {
        /// The agency that holds the case from here on.
        holder: AgencyId => AgencyId
    };
    /// Обединяване на случаи.
    CasesMerged {
        /// The case in which this one goes on.
        into: StreamId => StreamId
    };
    /// Ново откриване.
    CaseReopened {
        /// The lead social worker.
        lead: ActorId => ActorId
    };
    /// Свързан нов случай.
    NewCaseLinked {
        /// The other case.
        case_id: StreamId => StreamId
    };
    /// Определяне на проверяващ.
    HandlerAssigned {
        /// The handler.
        handler: ActorId => ActorId
    };
}
