//! The kinds of fact. A new kind is a message in the protos, an entry in [`kinds!`]'s table below,
//! and a test.

mod access;
mod case;
mod registry;

use letopis_proto::KindInfo;
use letopis_proto::statement::v1::{self as proto, Role, fact::Kind};
use letopis_types::PublicKey;

pub use access::{Released, SectionsRead};
pub use case::{CaseOpened, HistoryImported};
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
    /// The ledger alone.
    Ledger,
    /// One of these roles.
    OneOf(&'static [Role]),
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
    /// Прочитане.
    SectionsRead(SectionsRead), Needs::Ledger;
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
    LeadAssigned(proto::LeadAssigned), Needs::AnyRole;
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
}

/// What is said of a fact whose name the table of kinds does not have; the tests show that there
/// is none.
const NO_KIND: KindInfo =
    KindInfo { number: 0, name: "", exclusive: true, streams: &[], unstable: true };

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
            | Self::KeyEnrolled(KeyEnrolled { key }) => vec![key.public_key],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
