//! Persons and their records. Who anyone is stands in sections; here is only what may follow what.

use letopis_types::{Digest, StreamId, StreamKind};
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::decide::{check_after, stands_in};
use super::rule::Verdict;
use crate::fact::Fact;
use crate::file::FileState;

super::rule::rules! {
    RECORDED_ALREADY: "person.recorded-already",
        "the person is recorded here already: correct the data",
        "лицето вече е вписано: поправете данните";
    NOT_RECORDED: "person.not-recorded",
        "no person is recorded here: record it first",
        "тук няма вписано лице: първо го впишете";
    MERGED_WITH: "person.merged-with",
        "name another person, whose record does not go on here already",
        "посочете друго лице, чийто запис още не продължава тук";
    NOT_MERGED: "person.not-merged",
        "no such merging stands: name one that was not undone",
        "няма такова действащо обединяване: посочете неотменено";
    NOT_LINKED: "person.not-linked",
        "no such link stands in this case: name one that has not ended",
        "няма такава действаща връзка по случая: посочете непрекратена";
}

/// A person's record, and the persons linked with a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct People {
    recorded: Option<Digest>,
    /// Whose records go on in this one, and by which statement.
    merged: Vec<(Digest, StreamId)>,
    /// The links that stand.
    linked: Vec<Digest>,
}

impl People {
    /// This statement was entered in the wrong file.
    pub(super) fn misfiled(&mut self, event: &Digest) {
        self.linked.retain(|hash| hash != event);
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let people = &asked.procedure().people;
    match asked.fact() {
        Fact::PersonRecorded(_) => RECORDED_ALREADY.unless(people.recorded.is_none()),
        Fact::PersonUnlinked(fact) => {
            let link = people.linked.iter().find(|hash| **hash == fact.linked);
            check_after(asked, link.ok_or(NOT_LINKED)?)
        }
        _ if !stands_in(asked, StreamKind::Person) => Ok(()),
        fact => {
            check_after(asked, people.recorded.as_ref().ok_or(NOT_RECORDED)?)?;
            match fact {
                Fact::PersonsMerged(fact) => {
                    let known = people.merged.iter().any(|(_, other)| *other == fact.other);
                    MERGED_WITH.unless(!known && fact.other != asked.statement().stream.id)
                }
                Fact::PersonsSeparated(fact) => {
                    let merged = people.merged.iter().find(|(hash, _)| *hash == fact.merged);
                    check_after(asked, &merged.ok_or(NOT_MERGED)?.0)
                }
                _ => Ok(()),
            }
        }
    }
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, _happened: &mut Happened<'_>) {
    let people = &mut file.procedure.people;
    match deed.fact {
        Fact::PersonRecorded(_) => people.recorded = Some(deed.hash),
        Fact::PersonsMerged(fact) => people.merged.push((deed.hash, fact.other)),
        Fact::PersonsSeparated(fact) => people.merged.retain(|(hash, _)| *hash != fact.merged),
        Fact::PersonLinked(_) => people.linked.push(deed.hash),
        Fact::PersonUnlinked(fact) => people.linked.retain(|hash| *hash != fact.linked),
        Fact::EventMisfiled(fact) => people.misfiled(&fact.event),
        _ => {}
    }
}
