//! Who plays a story of a family, and under which ids its streams, children and commitments stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use letopis_domain::testing::Cast;
use letopis_types::{ActorId, AgencyId, StreamId, StreamKind};

use crate::random::Random;
use crate::staff::{DEPARTMENTS, SERVICE, Staff};

/// Further children of a signal have numbers apart from those of the first one's case.
const OF_A_SIBLING: u8 = 10;

/// The cast of one story.
#[derive(Debug, Clone)]
pub struct FamilyCast {
    staff: Arc<Staff>,
    /// From which the ids are made: the same for all children of a signal.
    seed: u64,
    /// Which child of the signal, from 0.
    child: u8,
    department: usize,
    /// Who plays `worker`, `worker2` and so on; the other parts follow from the department.
    parts: BTreeMap<&'static str, usize>,
}

impl FamilyCast {
    /// With this lead, a colleague, and a worker of the next department.
    pub(crate) fn new(
        staff: &Arc<Staff>,
        seed: u64,
        department: usize,
        (lead, colleague, other): (usize, usize, usize),
    ) -> Self {
        let parts = [("worker", lead), ("worker2", colleague), ("other-worker", other)];
        Self { staff: Arc::clone(staff), seed, child: 0, department, parts: parts.into() }
    }

    /// The cast of a further child's story, with a lead of its own.
    pub(crate) fn of_sibling(&self, child: u8, lead: usize) -> Self {
        let mut cast = Self { child, ..self.clone() };
        cast.parts.insert("worker", lead);
        cast
    }

    /// With somebody else in a part.
    pub(crate) fn with(&self, part: &'static str, member: usize) -> Self {
        let mut cast = self.clone();
        cast.parts.insert(part, member);
        cast
    }

    /// Who plays this part, by place in the staff.
    #[must_use]
    pub fn member(&self, part: &str) -> Option<usize> {
        if let Some(member) = self.parts.get(part) {
            return Some(*member);
        }
        match part.strip_prefix("other-") {
            Some(part) => self.staff.find(part, next(self.department)),
            None => self.staff.find(part, self.department),
        }
    }

    /// What the child of this story is called.
    #[must_use]
    pub fn child_name(&self) -> String {
        let number = Random::of(self.seed, "name", self.child.into()).below(1_000_000);
        format!("Дете Примерово {number}")
    }

    fn id<const N: usize>(&self, what: &str, number: u8) -> [u8; N] {
        Random::of(self.seed, what, number.into()).bytes()
    }

    /// Facts list such ids in ascending order, which is that of their numbers.
    fn ascending(&self, what: &str, number: u8) -> [u8; 16] {
        let mut id = self.id::<16>(what, 0);
        let [.., last] = &mut id;
        *last = number;
        id
    }

    const fn number(&self, number: u8) -> u8 {
        number.saturating_add(self.child.saturating_mul(OF_A_SIBLING))
    }
}

/// The department that works with this one.
pub(crate) const fn next(department: usize) -> usize {
    (department + 1) % DEPARTMENTS
}

impl Cast for FamilyCast {
    fn actor(&self, part: &str) -> ActorId {
        let member = self.member(part).and_then(|number| self.staff.member(number));
        member.map_or(ActorId::LEDGER, |member| member.actor)
    }

    fn agency(&self, name: &str) -> AgencyId {
        let number = match name {
            "own" => self.department,
            "other" => next(self.department),
            _ => SERVICE,
        };
        self.staff.agencies.get(number).map_or(AgencyId([0; 16]), |agency| agency.id)
    }

    fn stream(&self, kind: StreamKind, number: u8) -> StreamId {
        let what = match kind {
            // A signal is about all its children.
            StreamKind::Signal => return StreamId(self.id("signal", number)),
            StreamKind::Person => "person",
            _ => "case",
        };
        StreamId(self.id(what, self.number(number)))
    }

    fn child(&self, number: u8) -> [u8; 16] {
        self.ascending("child", number)
    }

    fn commitment(&self, number: u8) -> [u8; 16] {
        self.ascending("commitment", self.number(number))
    }
}
