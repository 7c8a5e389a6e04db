//! What the registry sees over the year: who comes and goes, keys lost and found, rules adopted.

use crate::calendar::{Calendar, DAY, HOUR, MINUTE};
use crate::random::Random;
use crate::staff::{DEPARTMENTS, Staff};

/// Between one enrolment of the first day and the next.
const ENROLMENT: i64 = 5;

/// Something that is done in the registry. Members are given by place in the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Somebody is enrolled, gets the role and the key that signs calls.
    Joins(usize),
    /// Somebody leaves: the role ends, the keys are revoked.
    Leaves(usize),
    /// Somebody's keys can't be found, and are suspended.
    Misses(usize),
    /// They are found again.
    Finds(usize),
    /// They were stolen, and new ones are enrolled.
    Loses(usize),
    /// It turns out that somebody had a copy of the key of one who has left.
    Exposes(usize),
    /// Somebody changes the key for a new one.
    Rotates(usize),
    /// Somebody's qualification is verified for a time.
    Qualifies(usize),
    /// It is over.
    Expires(usize),
    /// The head is on leave, and the worker stands in.
    Delegates {
        /// Whose role it is.
        head: usize,
        /// Who stands in.
        to: usize,
    },
    /// Somebody has another stand in for the year, who signs in that role from here on.
    Relieves {
        /// Whose role it is.
        holder: usize,
        /// Who stands in.
        by: usize,
    },
    /// The shifts of the weeks to come.
    Rosters {
        /// Who sets them.
        head: usize,
        /// Who is on duty.
        duty: usize,
    },
    /// The policy on access is adopted.
    AdoptsPolicy,
    /// The procedure is adopted.
    AdoptsProcedure,
    /// A page of an older system's history is brought over; which one.
    Imports(u32),
}

/// All of it, in order of time.
pub(crate) fn year(seed: u64, staff: &Staff, calendar: &Calendar) -> Vec<(i64, Duty)> {
    let mut random = Random::of(seed, "office", 0);
    let mut duties = Vec::new();
    for (number, (member, at)) in staff.members.iter().zip(0..).enumerate() {
        let first = member.joins == calendar.begins();
        let joins = if first { calendar.begins() + at * ENROLMENT } else { member.joins };
        duties.push((joins, Duty::Joins(number)));
        duties.extend(member.leaves.map(|leaves| (leaves + HOUR, Duty::Leaves(number))));
        duties.extend(member.leaves.map(|leaves| (leaves + 20 * DAY, Duty::Exposes(number))));
    }
    for day in [1, 85, 270] {
        duties.push((calendar.at(day, 9, 0), Duty::AdoptsPolicy));
        duties.push((calendar.at(day, 9, 30), Duty::AdoptsProcedure));
    }
    for number in 1..=6 {
        duties.push((calendar.at(2, 10, 0) + i64::from(number) * MINUTE, Duty::Imports(number)));
    }
    for department in 0..DEPARTMENTS {
        let mut at = |day: i64| calendar.at_work(calendar.at(day, 11, 0), &mut random);
        of_department(staff, department, &mut at, &mut duties);
    }
    duties.sort_by_key(|(at, _)| *at);
    duties
}

/// What comes again in each department, some days apart from the others.
fn of_department(
    staff: &Staff,
    department: usize,
    at: &mut impl FnMut(i64) -> i64,
    duties: &mut Vec<(i64, Duty)>,
) {
    let find = |part| staff.find(part, department);
    let apart = 7 * department as i64;
    if let Some(supervisor) = find("supervisor") {
        duties.push((at(3 + apart), Duty::Qualifies(supervisor)));
        // In the evening, when nobody signs what needs it.
        let expires = at(180 + apart) + 9 * HOUR;
        duties.push((expires, Duty::Expires(supervisor)));
        duties.push((expires + 10 * MINUTE, Duty::Qualifies(supervisor)));
    }
    if let Some(clerk) = find("clerk2") {
        let missed = at(40 + apart);
        duties.push((missed, Duty::Misses(clerk)));
        duties.push((missed + 3 * HOUR, Duty::Finds(clerk)));
        duties.push((at(100 + apart), Duty::Rotates(clerk)));
        // Two of three lose theirs for good.
        if department < 2 {
            let lost = at(200 + apart);
            duties.push((lost, Duty::Misses(clerk)));
            duties.push((lost + DAY, Duty::Loses(clerk)));
        }
    }
    let Some(head) = find("head") else { return };
    let begins = staff.members.first().map_or(0, |one| one.joins);
    let stand_in = staff.members.iter().position(|one| {
        let is_worker = (one.part, one.agency) == ("worker", Some(department));
        is_worker && one.joins == begins && one.leaves.is_none()
    });
    if let Some(to) = stand_in {
        duties.push((at(190 + apart), Duty::Delegates { head, to }));
    }
    if let Some((holder, by)) = find("head").zip(find("relief")) {
        duties.push((at(2), Duty::Relieves { holder, by }));
        // It is over for good, so that what waits for nobody is all that they still sign.
        duties.push((at(3), Duty::Qualifies(by)));
        duties.push((at(5), Duty::Expires(by)));
    }
    if let Some(duty) = find("duty") {
        for quarter in 0..4 {
            duties.push((at(4 + apart + 91 * quarter), Duty::Rosters { head, duty }));
        }
    }
}
