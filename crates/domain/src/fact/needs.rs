//! Who signs: the groups of roles that the table of kinds speaks of.

use letopis_proto::statement::v1::Role;

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

/// Groups of roles: a signature by one of each.
pub type Groups = &'static [&'static [Role]];

pub(super) const NOBODY: Groups = &[];
pub(super) const HEAD_OR_DIRECTOR: Groups = &[MANAGER];
pub(super) const HEAD_AND_DIRECTOR: Groups = &[HEAD, DIRECTOR];

// Who answers for what is the lead's. The head acts as lead where there is none.
pub(super) const WORKER: &[Role] = &[Role::SocialWorker, Role::HeadOfDepartment];
// What can't wait for the lead.
pub(super) const ON_DUTY: &[Role] =
    &[Role::SocialWorker, Role::DutyOfficer, Role::HeadOfDepartment];
pub(super) const HEAD: &[Role] = &[Role::HeadOfDepartment];
pub(super) const DIRECTOR: &[Role] = &[Role::Director];
pub(super) const MANAGER: &[Role] = &[Role::HeadOfDepartment, Role::Director];
pub(super) const PROVIDER: &[Role] = &[Role::Provider];
pub(super) const WITH_POLICE: &[Role] =
    &[Role::SocialWorker, Role::HeadOfDepartment, Role::DutyOfficer, Role::TeamMember];
pub(super) const WORKER_OR_CLERK: &[Role] =
    &[Role::SocialWorker, Role::HeadOfDepartment, Role::Clerk];
pub(super) const WORKER_OR_DIRECTOR: &[Role] =
    &[Role::SocialWorker, Role::HeadOfDepartment, Role::Director];
// Who sees the family at home.
pub(super) const VISITING: &[Role] = &[
    Role::SocialWorker,
    Role::HeadOfDepartment,
    Role::DutyOfficer,
    Role::TeamMember,
    Role::Provider,
];
// Who puts a document into the file.
pub(super) const FILING: &[Role] = &[
    Role::SocialWorker,
    Role::HeadOfDepartment,
    Role::Director,
    Role::DutyOfficer,
    Role::TeamMember,
    Role::Clerk,
];
// Who writes down what a person says.
pub(super) const FOR_PERSONS: &[Role] = &[
    Role::SocialWorker,
    Role::HeadOfDepartment,
    Role::ComplaintHandler,
    Role::DataProtectionOfficer,
    Role::Clerk,
];
