//! Who read what for what, and who was denied: as the policy ruled when it was replayed.

use std::collections::BTreeMap;

use letopis_domain::Fact;
use letopis_domain::file::file_of;
use letopis_ledger::verify::{Permitted, Replayed};
use letopis_policy::Relation;
use letopis_proto::statement::v1::{Denial, Purpose, Role};
use letopis_types::ActorId;

use crate::event::{Listed, Named, Shown};
use crate::report::{DeniedFinding, DeniedOf, ReadBy, ReadingFinding, Readings, Why};
use crate::scope::Scope;

/// Whoever stands to a file by one of these has something to do with it, emergency or not.
const STANDING: [Relation; 11] = [
    Relation::LEAD,
    Relation::TEAM,
    Relation::INTAKE,
    Relation::OWN_AGENCY,
    Relation::COOPERATING,
    Relation::SHARED,
    Relation::GRANTED,
    Relation::REPORTER_GRANTED,
    Relation::HANDLER,
    Relation::INSPECTION,
    Relation::SUBJECT,
];

/// The readings seen so far.
#[derive(Default)]
pub(crate) struct Read {
    count: u64,
    /// By the numbers of role and purpose.
    by_role: BTreeMap<(i32, i32), u64>,
    findings: Listed<ReadingFinding>,
}

impl Read {
    pub(crate) fn take(&mut self, event: &Replayed<'_>, scope: &Scope) {
        let (reader, purpose, sections) = match &event.placed.statement.fact {
            Fact::SectionsRead(fact) => {
                let sections = fact.released.iter().map(|of| of.sections.len() as u64).sum();
                (fact.reader, fact.purpose, sections)
            }
            Fact::FactsRead(fact) => (fact.reader, fact.purpose, 0),
            _ => return,
        };
        let own = |of: &&Permitted| scope.is_of(event.file(&of.file));
        let read: Vec<&Permitted> = event.read.iter().filter(own).collect();
        // What is of no file is no agency's.
        if read.is_empty() && scope.agency.is_some() {
            return;
        }
        let role = event.read.first().and_then(|of| of.role);
        self.count += 1;
        let number = role.map_or(0, |role| role as i32);
        *self.by_role.entry((number, purpose as i32)).or_default() += 1;
        let why = |of: &Permitted| why(purpose, of.relation);
        let listed: Vec<&Permitted> = read.into_iter().filter(|of| !why(of).is_empty()).collect();
        let of_no_file = event.read.is_empty() && purpose != Purpose::CaseWork;
        if listed.is_empty() && !of_no_file {
            return;
        }
        let mut reasons: Vec<Why> = listed.iter().flat_map(|of| why(of)).collect();
        reasons.extend(of_no_file.then_some(Why::Purpose));
        reasons.sort_unstable();
        reasons.dedup();
        let reader: ActorId = reader;
        self.findings.push(|| ReadingFinding {
            event: Named::of(&event.placed, event.registry),
            reader: Shown(reader),
            role,
            purpose,
            files: listed.iter().map(|of| Shown(of.file)).collect(),
            sections,
            rule: listed.first().and_then(|of| of.rule.as_ref()).map(|rule| rule.as_str().into()),
            why: reasons,
        });
    }

    pub(crate) fn told(self) -> Readings {
        let by_role = self.by_role.into_iter().map(|((role, purpose), count)| ReadBy {
            role: Role::try_from(role).ok().filter(|role| *role != Role::Unspecified),
            purpose: Purpose::try_from(purpose).unwrap_or_default(),
            count,
        });
        Readings { count: self.count, by_role: by_role.collect(), findings: self.findings }
    }
}

/// Why a reading of a file is listed; not at all where this is empty.
fn why(purpose: Purpose, relation: Relation) -> Vec<Why> {
    let standing = STANDING.into_iter().any(|flag| relation.contains(flag));
    // An emergency gives what standing alone would not; without the purpose it gives nothing.
    let emergency = purpose == Purpose::Emergency && relation.contains(Relation::BREAK_GLASS);
    let reasons = [
        (purpose != Purpose::CaseWork, Why::Purpose),
        (!standing, Why::NoStanding),
        (emergency, Why::EmergencyAccess),
    ];
    reasons.into_iter().filter_map(|(is, why)| is.then_some(why)).collect()
}

/// The denials seen so far.
#[derive(Default)]
pub(crate) struct Denials {
    /// By the numbers of purpose and reason.
    counts: BTreeMap<(i32, i32), u64>,
    findings: Listed<DeniedFinding>,
}

impl Denials {
    pub(crate) fn take(&mut self, event: &Replayed<'_>, scope: &Scope) {
        let Fact::AccessDenied(fact) = &event.placed.statement.fact else { return };
        let file = file_of(&fact.file).and_then(|key| event.file(&key));
        if !scope.is_of(file) {
            return;
        }
        *self.counts.entry((fact.purpose as i32, fact.reason as i32)).or_default() += 1;
        self.findings.push(|| DeniedFinding {
            event: Named::of(&event.placed, event.registry),
            reader: Shown(fact.reader),
            purpose: fact.purpose,
            stream: Shown(fact.file),
            reason: fact.reason,
            number: fact.count,
        });
    }

    pub(crate) fn told(self) -> (Vec<DeniedOf>, Listed<DeniedFinding>) {
        let counts = self.counts.into_iter().map(|((purpose, reason), count)| DeniedOf {
            purpose: Purpose::try_from(purpose).unwrap_or_default(),
            reason: Denial::try_from(reason).unwrap_or_default(),
            count,
        });
        (counts.collect(), self.findings)
    }
}
