//! The kinds of fact. A new kind is a message in the protos, an entry in [`kinds!`]'s table below,
//! and a test.

mod access;
mod case;
mod grants;
mod keys;
mod registry;

use letopis_proto::KindInfo;
use letopis_proto::statement::v1::{self as proto, Role, fact::Kind};
use letopis_types::PublicKey;

pub use access::{AccessDenied, FactsRead, Released, SectionsRead};
pub use case::{
    CaseOpened, HandlerAssigned, HistoryImported, InspectionOpened, LeadAssigned, TeamConvened,
    TransferProposed,
};
pub use grants::{
    AccessGranted, AccessRevoked, BreakGlassClosed, BreakGlassOpened, BreakGlassReviewed,
    ConsentWithdrawn, DisclosureReceived, ErasureCompleted, InformationShared, LegalHoldLifted,
    PersonUnlinked, ReceiverId, SectionsErased, ServiceReferred, TransferAccepted,
    TransferRejected,
};
pub use keys::{
    DutyRosterSet, KeyCompromised, KeyReinstated, KeyRotated, KeySuspended, PolicyAdopted,
    QualificationExpired, QualificationVerified, RoleDelegated,
};
pub use registry::{
    ActorEnrolled, EnrolledKey, Genesis, KeyEnrolled, KeyRevoked, Registrar, RoleEnded, RoleGranted,
};

use crate::form::{FormError, required};

/// Whose signatures a kind of fact needs. All other signers named must hold as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Every key that the genesis names, and no other.
    GenesisKeys,
    /// Two registrars other than whom it concerns, and the key that it enrols.
    RegistrarsAndKey,
    /// Two registrars other than whom it concerns.
    Registrars,
    /// One registrar, or whom it concerns.
    RegistrarOrSelf,
    /// The holder of a role of its own, alone: it hands part of it to another.
    RoleHolderAlone(&'static [Role]),
    /// Two registrars other than whom it concerns, and a signer of this role.
    RegistrarsAnd(Role),
    /// The ledger alone.
    Ledger,
    /// One of these roles.
    OneOf(&'static [Role]),
    /// Two different actors, one of each group of roles.
    BothOf(&'static [Role], &'static [Role]),
    /// Any role.
    AnyRole,
}

/// What a typed fact is made from.
trait FromProto: Sized {
    type Message;

    fn from_proto(message: &Self::Message) -> Result<Self, FormError>;
}

/// The table of kinds: variant, its type where the ledger looks into it, and who signs. A kind
/// whose content no rule reads yet is kept as its message.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident($ty:ty), $needs:expr;)*) => {
        /// A typed fact.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Fact {
            $($(#[$doc])* $variant($ty),)*
        }

        impl Fact {
            /// From the parsed message.
            ///
            /// # Errors
            /// The first field that is not as it must be.
            pub fn from_proto(message: &proto::Fact) -> Result<Self, FormError> {
                Ok(match required(message.kind.as_ref(), "fact")? {
                    $(Kind::$variant(inner) => Self::$variant(<$ty as FromProto>::from_proto(inner)?),)*
                })
            }

            /// The kind's name in the protos.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => stringify!($variant),)*
                }
            }

            /// Whose signatures it needs.
            #[must_use]
            pub const fn needs(&self) -> Needs {
                match self {
                    $(Self::$variant(_) => $needs,)*
                }
            }
        }

        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($variant),)*];
    };
}

kinds! {
    /// Начало.
    Genesis(Genesis), Needs::GenesisKeys;
    /// Вписване на участник.
    ActorEnrolled(ActorEnrolled), Needs::RegistrarsAndKey;
    /// Нов ключ.
    KeyEnrolled(KeyEnrolled), Needs::RegistrarsAndKey;
    /// Отменен ключ.
    KeyRevoked(KeyRevoked), Needs::RegistrarOrSelf;
    /// Роля.
    RoleGranted(RoleGranted), Needs::Registrars;
    /// Край на роля. A registrar's takes two others; the registry sees to that.
    RoleEnded(RoleEnded), Needs::RegistrarOrSelf;
    /// Пренесена история.
    HistoryImported(HistoryImported), Needs::OneOf(&[Role::Registrar]);
    /// Смяна на ключ.
    KeyRotated(KeyRotated), Needs::RegistrarsAndKey;
    /// Спрян ключ. For a registrar's as for KeyRevoked.
    KeySuspended(KeySuspended), Needs::RegistrarOrSelf;
    /// Възстановен ключ.
    KeyReinstated(KeyReinstated), Needs::Registrars;
    /// Компрометиран ключ. For a registrar's as for KeyRevoked.
    KeyCompromised(KeyCompromised), Needs::RegistrarOrSelf;
    /// Квалификация.
    QualificationVerified(QualificationVerified), Needs::OneOf(&[Role::Registrar]);
    /// Изтекла квалификация.
    QualificationExpired(QualificationExpired), Needs::RegistrarOrSelf;
    /// Заместване.
    RoleDelegated(RoleDelegated),
        Needs::RoleHolderAlone(&[Role::HeadOfDepartment, Role::Director, Role::Superior]);
    /// Дежурства.
    DutyRosterSet(DutyRosterSet),
        Needs::RoleHolderAlone(&[Role::HeadOfDepartment, Role::Director]);
    /// Политика за достъп.
    PolicyAdopted(PolicyAdopted), Needs::RegistrarsAnd(Role::DataProtectionOfficer);
    /// Прочитане.
    SectionsRead(SectionsRead), Needs::Ledger;
    /// Справка.
    FactsRead(FactsRead), Needs::Ledger;
    /// Отказан достъп.
    AccessDenied(AccessDenied), Needs::Ledger;
    /// Предоставен достъп. Of a reporter's identity by the data protection officer and a superior;
    /// the rules of access see to that.
    AccessGranted(AccessGranted),
        Needs::OneOf(&[Role::HeadOfDepartment, Role::DataProtectionOfficer]);
    /// Отнет достъп.
    AccessRevoked(AccessRevoked), Needs::AnyRole;
    /// Спешен достъп.
    BreakGlassOpened(BreakGlassOpened), Needs::AnyRole;
    /// Край на спешния достъп.
    BreakGlassClosed(BreakGlassClosed), Needs::AnyRole;
    /// Преглед на спешен достъп.
    BreakGlassReviewed(BreakGlassReviewed),
        Needs::BothOf(&[Role::DataProtectionOfficer], &[Role::HeadOfDepartment]);
    /// Предоставяне на информация.
    InformationShared(InformationShared), Needs::AnyRole;
    /// Получаване.
    DisclosureReceived(DisclosureReceived), Needs::AnyRole;
    /// Отказ на предоставяне.
    DisclosureRefused(proto::DisclosureRefused), Needs::OneOf(&[Role::Director]);
    /// Достъп на субекта.
    SubjectAccessAnswered(proto::SubjectAccessAnswered),
        Needs::OneOf(&[Role::DataProtectionOfficer]);
    /// Нарушение на сигурността.
    BreachRecorded(proto::BreachRecorded), Needs::OneOf(&[Role::DataProtectionOfficer]);
    /// Заличаване.
    SectionsErased(SectionsErased),
        Needs::BothOf(&[Role::DataProtectionOfficer], &[Role::Director]);
    /// Окончателно заличаване.
    ErasureCompleted(ErasureCompleted), Needs::Ledger;
    /// Запазване.
    LegalHoldSet(proto::LegalHoldSet), Needs::OneOf(&[Role::DataProtectionOfficer]);
    /// Край на запазването.
    LegalHoldLifted(LegalHoldLifted), Needs::OneOf(&[Role::DataProtectionOfficer]);
    /// Откриване на случай.
    CaseOpened(CaseOpened),
        Needs::OneOf(&[Role::SocialWorker, Role::DutyOfficer, Role::HeadOfDepartment]);
    /// Бележка.
    NoteAdded(proto::NoteAdded), Needs::AnyRole;
    /// Постъпил сигнал. Unstable.
    SignalReceived(proto::SignalReceived), Needs::AnyRole;
    /// Оценка на сигнал. Unstable.
    SignalAssessed(proto::SignalAssessed), Needs::AnyRole;
    /// Водещ случая. Unstable.
    LeadAssigned(LeadAssigned), Needs::AnyRole;
    /// Оценка на случая. Unstable.
    AssessmentCompleted(proto::AssessmentCompleted), Needs::AnyRole;
    /// Изслушване. Unstable.
    ChildHeard(proto::ChildHeard), Needs::AnyRole;
    /// План за действие. Unstable.
    PlanAdopted(proto::PlanAdopted), Needs::AnyRole;
    /// Посещение. Unstable.
    VisitRecorded(proto::VisitRecorded), Needs::AnyRole;
    /// Преглед. Unstable.
    ReviewHeld(proto::ReviewHeld), Needs::AnyRole;
    /// Закриване. Unstable.
    CaseClosed(proto::CaseClosed), Needs::AnyRole;
    /// Връзка лице–случай. Unstable.
    PersonLinked(proto::PersonLinked), Needs::AnyRole;
    /// Край на връзка лице–случай. Unstable.
    PersonUnlinked(PersonUnlinked), Needs::AnyRole;
    /// Свикване на екип. Unstable.
    TeamConvened(TeamConvened), Needs::AnyRole;
    /// Направление. Unstable.
    ServiceReferred(ServiceReferred), Needs::AnyRole;
    /// Конфликт на интереси. Unstable.
    ConflictDeclared(proto::ConflictDeclared), Needs::AnyRole;
    /// Съгласуване. Unstable.
    Endorsed(proto::Endorsed), Needs::AnyRole;
    /// Спешно настаняване. Unstable.
    EmergencyPlacementOrdered(proto::EmergencyPlacementOrdered), Needs::AnyRole;
    /// Спешно действие, вписано по-късно. Unstable.
    EmergencyActRecorded(proto::EmergencyActRecorded), Needs::AnyRole;
    /// Предложено прехвърляне. Unstable.
    TransferProposed(TransferProposed), Needs::AnyRole;
    /// Прието прехвърляне. Unstable.
    TransferAccepted(TransferAccepted), Needs::AnyRole;
    /// Отказано прехвърляне. Unstable.
    TransferRejected(TransferRejected), Needs::AnyRole;
    /// Съгласие. Unstable.
    ConsentGiven(proto::ConsentGiven), Needs::AnyRole;
    /// Отказ на съгласие. Unstable.
    ConsentRefused(proto::ConsentRefused), Needs::AnyRole;
    /// Оттеглено съгласие. Unstable.
    ConsentWithdrawn(ConsentWithdrawn), Needs::AnyRole;
    /// Проверка от ДАЗД. Unstable.
    InspectionOpened(InspectionOpened), Needs::OneOf(&[Role::Auditor]);
    /// Жалба по глава 8. Unstable.
    ComplaintLodged(proto::ComplaintLodged), Needs::AnyRole;
    /// Определяне на проверяващ. Unstable.
    HandlerAssigned(HandlerAssigned), Needs::AnyRole;
}

/// What is said of a fact whose name the table of kinds does not have; the tests show that there
/// is none.
const NO_KIND: KindInfo =
    KindInfo { number: 0, name: "", exclusive: true, streams: &[], unstable: true, urgent: false };

impl Fact {
    /// What the ledger has to know of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static KindInfo {
        let name = self.name();
        letopis_proto::KINDS.iter().find(|kind| kind.name == name).unwrap_or(&NO_KIND)
    }

    /// The keys that it enrols, which must be free of torsion.
    #[must_use]
    pub fn enrolled_keys(&self) -> Vec<PublicKey> {
        match self {
            Self::Genesis(genesis) => genesis.keys(),
            Self::ActorEnrolled(ActorEnrolled { key, .. })
            | Self::KeyEnrolled(KeyEnrolled { key })
            | Self::KeyRotated(KeyRotated { key, .. }) => vec![key.public_key],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
