//! The kinds of fact. A new kind is a message in the protos, an entry in [`kinds!`]'s table below,
//! and a test.

mod access;
mod case;
mod grants;
mod keys;
mod named;
mod needs;
mod placement;
mod plan;
mod procedure;
mod registry;
mod signal;

use letopis_proto::KindInfo;
use letopis_proto::statement::v1::{self as proto, Role, fact::Kind};
use letopis_types::{Digest, PublicKey};

pub use access::{AccessDenied, FactsRead, Released, SectionsRead};
pub use case::{
    CaseClosed, CaseOpened, DutySettled, EventCorrected, HistoryImported, LeadAssigned,
};
pub use grants::{
    AccessGranted, BreakGlassOpened, BreakGlassReviewed, InformationShared, ReceiverId,
    SectionsErased, ServiceReferred,
};
pub use keys::{
    DutyRosterSet, KeyCompromised, KeyReinstated, KeyRotated, KeySuspended, PolicyAdopted,
    QualificationExpired, QualificationVerified, RoleDelegated,
};
pub use named::*;
pub use placement::{
    AppealDecided, AppealFiled, CourtDecisionRecorded, CourtReportRequested, OrderServed,
    PlacementChanged, PlacementStarted,
};
pub use plan::{
    Commitment, Day, Plan, PlanAdopted, PlanAmended, TeamConvened, TeamMet, TeamPlanAdopted,
};
pub use procedure::{
    DeadlineMissed, DelayExplained, InspectionInstruction, InspectionOpened, ProfileAdopted,
    RefusalsCounted,
};
pub use registry::{
    ActorEnrolled, EnrolledKey, Genesis, KeyEnrolled, KeyRevoked, Registrar, RoleEnded, RoleGranted,
};

pub use signal::{ChildId, ChildOutcome, SignalAssessed, SignalReceived};

use crate::form::{FormError, required};

use needs::{
    DIRECTOR, FILING, FOR_PERSONS, HEAD, HEAD_AND_DIRECTOR, HEAD_OR_DIRECTOR, MANAGER, NOBODY,
    ON_DUTY, PROVIDER, VISITING, WITH_POLICE, WORKER, WORKER_OR_CLERK, WORKER_OR_DIRECTOR,
};
pub use needs::{Groups, Needs};

/// What a typed fact is made from, and which statements it names.
trait FromProto: Sized {
    type Message;

    fn from_proto(message: &Self::Message) -> Result<Self, FormError>;

    fn named(&self) -> Vec<Digest> {
        Vec::new()
    }
}

/// The table of kinds: variant, its type where the ledger looks into it, and who signs. A kind
/// whose content no rule reads yet is kept as its message.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident($ty:ty), $needs:expr $(, confirmed by $by:expr)?;)*) => {
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

            /// The statements that it names, beside its references.
            #[must_use]
            pub fn named(&self) -> Vec<Digest> {
                match self {
                    $(Self::$variant(fact) => <$ty as FromProto>::named(fact),)*
                }
            }

            /// Whose signatures it needs.
            #[must_use]
            pub const fn needs(&self) -> Needs {
                match self {
                    $(Self::$variant(_) => $needs,)*
                }
            }

            /// Which further signatures confirm it: one of each group of roles, by others than who
            /// answers for it.
            #[must_use]
            pub const fn confirmed_by(&self) -> Groups {
                match self {
                    $($(Self::$variant(_) => $by,)?)*
                    _ => NOBODY,
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
        Needs::OneOf(ON_DUTY);
    /// Бележка.
    NoteAdded(proto::NoteAdded), Needs::AnyRole;
    /// Версия на правилата.
    ProfileAdopted(ProfileAdopted), Needs::RegistrarsAnd(Role::Director);
    /// Отказани записи.
    RefusalsCounted(RefusalsCounted), Needs::Ledger;
    /// Вписване на лице.
    PersonRecorded(proto::PersonRecorded), Needs::OneOf(ON_DUTY);
    /// Поправка на данни за лице.
    PersonCorrected(proto::PersonCorrected), Needs::OneOf(WORKER);
    /// Връзка лице–случай.
    PersonLinked(proto::PersonLinked), Needs::OneOf(WORKER);
    /// Край на връзка лице–случай.
    PersonUnlinked(PersonUnlinked), Needs::OneOf(WORKER);
    /// Обединяване на записи.
    PersonsMerged(PersonsMerged), Needs::OneOf(HEAD);
    /// Разделяне на записи.
    PersonsSeparated(PersonsSeparated), Needs::OneOf(HEAD);
    /// Постъпил сигнал.
    SignalReceived(SignalReceived), Needs::OneOf(ON_DUTY);
    /// Възлагане на проверката.
    SignalAssigned(SignalAssigned), Needs::OneOf(HEAD);
    /// Присъединяване на повторен сигнал.
    SignalJoined(SignalJoined), Needs::OneOf(HEAD);
    /// Препращане.
    SignalForwarded(proto::SignalForwarded), Needs::OneOf(MANAGER);
    /// Оценка на сигнала.
    SignalAssessed(SignalAssessed), Needs::OneOf(WORKER), confirmed by HEAD_OR_DIRECTOR;
    /// Прекратяване на проверката.
    SignalNotPursued(proto::SignalNotPursued), Needs::OneOf(WORKER), confirmed by HEAD_OR_DIRECTOR;
    /// Уведомяване на подателя.
    SenderNotified(proto::SenderNotified), Needs::OneOf(ON_DUTY);
    /// Спешно действие, вписано по-късно.
    EmergencyActRecorded(proto::EmergencyActRecorded), Needs::OneOf(ON_DUTY);
    /// Полицейска закрила.
    PoliceProtectionRecorded(PoliceProtectionRecorded), Needs::OneOf(WITH_POLICE);
    /// Спешно настаняване.
    EmergencyPlacementOrdered(proto::EmergencyPlacementOrdered), Needs::OneOf(DIRECTOR);
    /// Проучване след спешно настаняване.
    EmergencyStudyCompleted(EmergencyStudyCompleted), Needs::OneOf(WORKER), confirmed by HEAD_OR_DIRECTOR;
    /// Сигнал до прокуратурата.
    ProsecutorNotified(proto::ProsecutorNotified), Needs::OneOf(DIRECTOR);
    /// Водещ случая. Confirmed by the new lead.
    LeadAssigned(LeadAssigned), Needs::OneOf(HEAD);
    /// Оценка на случая.
    AssessmentCompleted(proto::AssessmentCompleted), Needs::OneOf(WORKER), confirmed by HEAD_OR_DIRECTOR;
    /// Конфликт на интереси.
    ConflictDeclared(proto::ConflictDeclared), Needs::AnyRole;
    /// Съгласуване.
    Endorsed(proto::Endorsed), Needs::AnyRole;
    /// Отказ за съгласуване.
    EndorsementRefused(proto::EndorsementRefused), Needs::AnyRole;
    /// Изтекло съгласуване.
    EndorsementLapsed(proto::EndorsementLapsed), Needs::AnyRole;
    /// Удостоверен подпис на хартия.
    SignatureAttested(proto::SignatureAttested), Needs::OneOf(WORKER_OR_CLERK);
    /// Свикване на екип.
    TeamConvened(TeamConvened), Needs::OneOf(WORKER);
    /// Среща на екипа.
    TeamMet(TeamMet), Needs::OneOf(WORKER);
    /// План на екипа.
    TeamPlanAdopted(TeamPlanAdopted), Needs::OneOf(WORKER);
    /// Изпълнение на ангажимент.
    CommitmentFulfilled(CommitmentFulfilled), Needs::AnyRole;
    /// Неизпълнен ангажимент.
    CommitmentMissed(CommitmentMissed), Needs::AnyRole;
    /// План за действие.
    PlanAdopted(PlanAdopted), Needs::OneOf(WORKER), confirmed by HEAD_OR_DIRECTOR;
    /// Актуализация на плана.
    PlanAmended(PlanAmended), Needs::OneOf(WORKER), confirmed by HEAD_OR_DIRECTOR;
    /// Задължително предписание.
    InstructionIssued(proto::InstructionIssued), Needs::OneOf(DIRECTOR);
    /// Направление.
    ServiceReferred(ServiceReferred), Needs::OneOf(DIRECTOR);
    /// Приемане на направление.
    ReferralAccepted(ReferralAccepted), Needs::OneOf(PROVIDER);
    /// Отказ по направление.
    ReferralDeclined(ReferralDeclined), Needs::OneOf(PROVIDER);
    /// Доклад на доставчик.
    ServiceReported(ServiceReported), Needs::OneOf(PROVIDER);
    /// Прекратяване на услуга.
    ServiceEnded(ServiceEnded), Needs::OneOf(PROVIDER);
    /// Финансова помощ.
    AidDecided(AidDecided), Needs::OneOf(DIRECTOR);
    /// Декларация на приемащия.
    CarerConsentRecorded(proto::CarerConsentRecorded), Needs::OneOf(WORKER);
    /// Преглед на преписката.
    FileShownToParty(proto::FileShownToParty), Needs::OneOf(WORKER_OR_CLERK);
    /// Становище по преписката.
    PartyCommented(PartyCommented), Needs::OneOf(WORKER_OR_CLERK);
    /// Отлагане на прегледа на преписката.
    AccessPostponed(proto::AccessPostponed), Needs::OneOf(WORKER);
    /// Заповед за настаняване.
    PlacementOrdered(proto::PlacementOrdered), Needs::OneOf(DIRECTOR);
    /// Съобщаване на заповед.
    OrderServed(OrderServed), Needs::OneOf(WORKER_OR_CLERK);
    /// Заповедта се смята за съобщена.
    OrderDeemedServed(OrderDeemedServed), Needs::OneOf(WORKER_OR_CLERK);
    /// Предварително изпълнение.
    ExecutionOrdered(ExecutionOrdered), Needs::OneOf(WORKER_OR_DIRECTOR);
    /// Спряно изпълнение.
    ExecutionSuspended(ExecutionSuspended), Needs::OneOf(WORKER_OR_DIRECTOR);
    /// Искане до съда.
    CourtRequestFiled(CourtRequestFiled), Needs::OneOf(DIRECTOR);
    /// Съдебно решение.
    CourtDecisionRecorded(CourtDecisionRecorded), Needs::OneOf(WORKER), confirmed by HEAD_OR_DIRECTOR;
    /// Доклад до съда.
    CourtReportFiled(proto::CourtReportFiled), Needs::OneOf(WORKER_OR_DIRECTOR);
    /// Искане по ЗЗДН.
    ProtectionOrderSought(proto::ProtectionOrderSought), Needs::OneOf(WORKER_OR_DIRECTOR);
    /// Иск за родителски права.
    CustodySuitFiled(proto::CustodySuitFiled), Needs::OneOf(WORKER_OR_DIRECTOR);
    /// Молба от родител или дете.
    MeasureRequestedByParty(proto::MeasureRequestedByParty), Needs::OneOf(WORKER_OR_CLERK);
    /// Изчезнало дете.
    ChildMissing(proto::ChildMissing), Needs::OneOf(ON_DUTY);
    /// Намерено дете.
    ChildFound(proto::ChildFound), Needs::AnyRole;
    /// Починало дете.
    ChildDied(proto::ChildDied), Needs::OneOf(ON_DUTY);
    /// Обжалване.
    AppealFiled(AppealFiled), Needs::OneOf(DIRECTOR);
    /// Препращане на жалба.
    AppealForwarded(AppealForwarded), Needs::OneOf(DIRECTOR);
    /// Решение по жалба.
    AppealDecided(AppealDecided), Needs::OneOf(DIRECTOR);
    /// Настаняване.
    PlacementStarted(PlacementStarted), Needs::BothOf(WORKER, DIRECTOR);
    /// Промяна на настаняването.
    PlacementChanged(PlacementChanged), Needs::BothOf(WORKER, DIRECTOR);
    /// Край на настаняването.
    PlacementEnded(PlacementEnded), Needs::BothOf(WORKER, DIRECTOR);
    /// Посещение.
    VisitRecorded(proto::VisitRecorded), Needs::OneOf(VISITING);
    /// Преглед.
    ReviewHeld(proto::ReviewHeld), Needs::OneOf(WORKER);
    /// Супервизия.
    SupervisionHeld(proto::SupervisionHeld), Needs::BothOf(&[Role::Supervisor], WORKER);
    /// Контрол за ефективност.
    EffectivenessChecked(proto::EffectivenessChecked), Needs::OneOf(DIRECTOR);
    /// Не е вписано в срок.
    DeadlineMissed(DeadlineMissed), Needs::Ledger;
    /// Обяснение на закъснение.
    DelayExplained(DelayExplained), Needs::OneOf(WORKER), confirmed by HEAD_OR_DIRECTOR;
    /// Информиране на детето.
    ChildInformed(proto::ChildInformed), Needs::OneOf(WORKER);
    /// Изслушване.
    ChildHeard(proto::ChildHeard), Needs::OneOf(WORKER);
    /// Неизслушване.
    ChildNotHeard(proto::ChildNotHeard), Needs::OneOf(WORKER);
    /// Обратна връзка към детето.
    WeightOfViewsExplained(WeightOfViewsExplained), Needs::OneOf(WORKER);
    /// Становище на родител.
    FamilyHeard(proto::FamilyHeard), Needs::OneOf(WORKER);
    /// Съгласие.
    ConsentGiven(proto::ConsentGiven), Needs::OneOf(WORKER);
    /// Отказ на съгласие.
    ConsentRefused(proto::ConsentRefused), Needs::OneOf(WORKER);
    /// Оттеглено съгласие.
    ConsentWithdrawn(ConsentWithdrawn), Needs::OneOf(WORKER);
    /// Становище по чл. 11а, ал. 2.
    ProtectiveOpinionGiven(proto::ProtectiveOpinionGiven), Needs::OneOf(DIRECTOR);
    /// Предложено прехвърляне.
    TransferProposed(TransferProposed), Needs::OneOf(HEAD);
    /// Прието прехвърляне.
    TransferAccepted(TransferAccepted), Needs::OneOf(HEAD);
    /// Отказано прехвърляне.
    TransferRejected(TransferRejected), Needs::OneOf(HEAD);
    /// Закриване.
    CaseClosed(CaseClosed), Needs::OneOf(WORKER), confirmed by HEAD_AND_DIRECTOR;
    /// Лист за наблюдение.
    ObservationRecorded(proto::ObservationRecorded), Needs::OneOf(WORKER);
    /// Анулиране.
    CaseVoided(proto::CaseVoided), Needs::BothOf(HEAD, DIRECTOR);
    /// Обединяване на случаи.
    CasesMerged(CasesMerged), Needs::BothOf(HEAD, DIRECTOR);
    /// Погрешно вписано. By its author, or the lead and the head; the rules see to that.
    EventMisfiled(EventMisfiled), Needs::AnyRole;
    /// Спор за компетентност.
    CompetenceDecided(CompetenceDecided), Needs::OneOf(&[Role::Superior]);
    /// Ново откриване.
    CaseReopened(CaseReopened), Needs::OneOf(HEAD);
    /// Свързан нов случай.
    NewCaseLinked(NewCaseLinked), Needs::OneOf(HEAD);
    /// Поправка. By its author, or the lead and the head; the rules see to that.
    EventCorrected(EventCorrected), Needs::AnyRole;
    /// Възражение.
    DisputeNoted(DisputeNoted), Needs::OneOf(FOR_PERSONS);
    /// Документ.
    DocumentAdded(proto::DocumentAdded), Needs::OneOf(FILING);
    /// Вярно с оригинала.
    DocumentCertified(DocumentCertified), Needs::OneOf(WORKER_OR_CLERK);
    /// Обратна връзка от ползвател.
    FeedbackGiven(proto::FeedbackGiven), Needs::OneOf(FOR_PERSONS);
    /// Проверка от ДАЗД.
    InspectionOpened(InspectionOpened), Needs::OneOf(&[Role::Auditor]);
    /// Констатации от проверка.
    InspectionFinding(InspectionFinding), Needs::OneOf(&[Role::Auditor]);
    /// Предписание след проверка.
    InspectionInstruction(InspectionInstruction), Needs::OneOf(&[Role::Auditor]);
    /// Изпълнено предписание.
    InspectionComplied(InspectionComplied), Needs::OneOf(DIRECTOR);
    /// Изискан от съда доклад.
    CourtReportRequested(CourtReportRequested), Needs::OneOf(WORKER_OR_DIRECTOR);
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
