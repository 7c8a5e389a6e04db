//! The people of the stories. All are invented.

use letopis_proto::statement::v1::Role;
use letopis_types::{ActorId, AgencyId};

/// The agency that holds the cases.
pub const AGENCY: AgencyId = AgencyId([0xa0; 16]);
/// Another one.
pub const OTHER_AGENCY: AgencyId = AgencyId([0xa1; 16]);
/// A provider of services.
pub const SERVICE: AgencyId = AgencyId([0xa2; 16]);

/// Somebody with a role.
#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    /// What the stories call them.
    pub name: &'static str,
    /// The actor's first byte; the others repeat it.
    pub seed: u8,
    /// The role.
    pub role: Role,
    /// The agency of the role.
    pub agency: Option<AgencyId>,
}

impl Person {
    /// The actor's id.
    #[must_use]
    pub const fn actor(&self) -> ActorId {
        ActorId([self.seed; 16])
    }
}

const fn of(name: &'static str, seed: u8, role: Role, agency: Option<AgencyId>) -> Person {
    Person { name, seed, role, agency }
}

/// Everybody.
pub const PEOPLE: &[Person] = &[
    of("worker", 0x21, Role::SocialWorker, Some(AGENCY)),
    of("worker2", 0x22, Role::SocialWorker, Some(AGENCY)),
    of("head", 0x23, Role::HeadOfDepartment, Some(AGENCY)),
    of("director", 0x24, Role::Director, Some(AGENCY)),
    of("duty", 0x25, Role::DutyOfficer, Some(AGENCY)),
    of("supervisor", 0x26, Role::Supervisor, Some(AGENCY)),
    of("clerk", 0x27, Role::Clerk, Some(AGENCY)),
    of("other-worker", 0x28, Role::SocialWorker, Some(OTHER_AGENCY)),
    of("other-head", 0x29, Role::HeadOfDepartment, Some(OTHER_AGENCY)),
    of("other-director", 0x2a, Role::Director, Some(OTHER_AGENCY)),
    of("provider", 0x2b, Role::Provider, Some(SERVICE)),
    of("police", 0x2c, Role::TeamMember, None),
    of("superior", 0x2d, Role::Superior, None),
    of("officer", 0x2e, Role::DataProtectionOfficer, None),
    of("auditor", 0x2f, Role::Auditor, None),
    of("handler", 0x30, Role::ComplaintHandler, None),
];

/// Somebody by name.
///
/// # Panics
/// Where nobody is called so.
#[must_use]
pub fn person(name: &str) -> &'static Person {
    let found = PEOPLE.iter().find(|person| person.name == name);
    found.unwrap_or_else(|| panic!("nobody is called {name}"))
}
