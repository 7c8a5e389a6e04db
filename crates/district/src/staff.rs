//! The agencies of the district and the people who work there. All are invented.

use letopis_client::Identity;
use letopis_crypto::sign::SecretKey;
use letopis_proto::statement::v1::Role;
use letopis_types::{ActorId, AgencyId};

use crate::calendar::{Calendar, DAY};
use crate::random::Random;

/// How many child protection departments there are.
pub(crate) const DEPARTMENTS: usize = 3;

/// The region of each department: the first two are neighbours.
const REGIONS: [u32; DEPARTMENTS] = [1, 1, 2];

/// The provider of services is the agency after the departments.
pub(crate) const SERVICE: usize = DEPARTMENTS;

/// Workers of a department, at least: of so many one leaves.
const WORKERS: usize = 7;

/// Children of a year for whom one worker is enough.
const CHILDREN_OF_A_WORKER: usize = 20;

/// How long somebody new works beside whoever leaves.
const INDUCTION: i64 = 10 * DAY;

/// An agency.
#[derive(Debug, Clone)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// The region it works in; `None`: everywhere.
    pub region: Option<u32>,
}

/// Somebody who works in the district.
#[derive(Debug, Clone)]
pub struct Member {
    /// Name and office, as their enrolment says.
    pub name: String,
    /// What the stories call whoever does this work.
    pub part: &'static str,
    /// The role.
    pub role: Role,
    /// The agency, by its place in [`Staff::agencies`].
    pub agency: Option<usize>,
    /// The actor.
    pub actor: ActorId,
    /// From when; seconds since 1970 UTC.
    pub joins: i64,
    /// Until when, if they leave within the year.
    pub leaves: Option<i64>,
    /// Who goes on with their cases, by place in [`Staff::members`].
    pub successor: Option<usize>,
}

/// The three registrars of the year's ledger, known to no ledger yet. Their keys come from the seed as well.
#[must_use]
pub fn registrars(seed: u64) -> Vec<Identity> {
    let one = |number| {
        let mut random = Random::of(seed, "registrar", number);
        Identity {
            ledger: None,
            actor: ActorId(random.bytes()),
            grant: None,
            statement_key: SecretKey::from_seed(&random.bytes()),
            token_key: Some(SecretKey::from_seed(&random.bytes())),
        }
    };
    (1..=3).map(one).collect()
}

/// Everybody.
#[derive(Debug, Clone)]
pub struct Staff {
    /// The departments, then the provider of services.
    pub agencies: Vec<Agency>,
    /// The people. A member is known by its place.
    pub members: Vec<Member>,
}

/// The parts that each department has once, with what they are called.
const OF_A_DEPARTMENT: [(&str, Role, &str); 7] = [
    ("head", Role::HeadOfDepartment, "началник на отдел"),
    ("director", Role::Director, "директор"),
    ("supervisor", Role::Supervisor, "супервизор"),
    ("clerk", Role::Clerk, "деловодител"),
    ("clerk2", Role::Clerk, "втори деловодител"),
    ("duty", Role::DutyOfficer, "дежурен"),
    ("relief", Role::DutyOfficer, "заместник на началника"),
];

/// The parts that the district has once.
const OF_THE_DISTRICT: [(&str, Role, &str); 5] = [
    ("police", Role::TeamMember, "полицейски инспектор"),
    ("superior", Role::Superior, "регионален директор"),
    ("officer", Role::DataProtectionOfficer, "длъжностно лице по защита на данните"),
    ("auditor", Role::Auditor, "проверяващ от ДАЗД"),
    ("handler", Role::ComplaintHandler, "проверяващ жалби"),
];

impl Staff {
    /// Those who work for so many children.
    pub(crate) fn new(seed: u64, children: usize, calendar: &Calendar) -> Self {
        let mut random = Random::of(seed, "staff", 0);
        let regions = REGIONS.iter().map(|region| Some(*region)).chain([None]);
        let agencies =
            regions.map(|region| Agency { id: AgencyId(random.bytes()), region }).collect();
        let mut staff = Self { agencies, members: Vec::new() };
        let begins = calendar.begins();
        for (part, role, office) in OF_THE_DISTRICT {
            staff.add(&mut random, (part, role, office), None, begins);
        }
        staff.add(&mut random, ("provider", Role::Provider, "център"), Some(SERVICE), begins);
        for department in 0..DEPARTMENTS {
            for of in OF_A_DEPARTMENT {
                staff.add(&mut random, of, Some(department), begins);
            }
            let workers = WORKERS.max(children / (CHILDREN_OF_A_WORKER * DEPARTMENTS));
            staff.add_workers(&mut random, department, workers, calendar);
        }
        staff
    }

    fn add(
        &mut self,
        random: &mut Random,
        (part, role, office): (&'static str, Role, &str),
        agency: Option<usize>,
        joins: i64,
    ) -> usize {
        let number = self.members.len();
        self.members.push(Member {
            name: format!("Служител Измислен {}, {office}", number + 1),
            part,
            role,
            agency,
            actor: ActorId(random.bytes()),
            joins,
            leaves: None,
            successor: None,
        });
        number
    }

    /// Workers of a department, one in seven of whom leaves in the course of the year.
    fn add_workers(
        &mut self,
        random: &mut Random,
        department: usize,
        count: usize,
        calendar: &Calendar,
    ) {
        let worker = ("worker", Role::SocialWorker, "социален работник");
        for number in 0..count {
            let one = self.add(random, worker, Some(department), calendar.begins());
            if number % WORKERS != 0 {
                continue;
            }
            let leaves = calendar.at(random.between(100, 280), 12, 0);
            let leaves = calendar.at_work(leaves, random);
            let successor = self.add(random, worker, Some(department), leaves - INDUCTION);
            if let Some(one) = self.members.get_mut(one) {
                (one.leaves, one.successor) = (Some(leaves), Some(successor));
            }
        }
    }

    /// Who plays a part of a department, or of the district.
    pub(crate) fn find(&self, part: &str, department: usize) -> Option<usize> {
        let agency =
            |agency: Option<usize>| agency.is_none_or(|at| [department, SERVICE].contains(&at));
        self.members.iter().position(|one| one.part == part && agency(one.agency))
    }

    /// The workers of a department who are there at that time and stay so long.
    pub(crate) fn workers(
        &self,
        department: usize,
        at: i64,
        stays_until: i64,
    ) -> impl Iterator<Item = usize> {
        let of = self.members.iter().enumerate().filter(move |(_, one)| {
            (one.part, one.agency) == ("worker", Some(department))
                && one.joins <= at
                && one.leaves.is_none_or(|leaves| leaves > stays_until)
        });
        of.map(|(number, _)| number)
    }

    /// A member by place.
    pub(crate) fn member(&self, number: usize) -> Option<&Member> {
        self.members.get(number)
    }
}
