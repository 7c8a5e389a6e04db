//! A file: what of a case, a signal, a complaint, an actor or a person decides who may read and
//! write there, folded from its streams in log order (proto/README.md, Files).
//!
//! Who holds it, who leads it, who was given what of it, who declared a conflict, what was erased and
//! what bars erasure. What has come of the procedure, clocks included, is kept here as well, in a field of
//! its own; its rules are in [`crate::procedure`].

mod decide;
mod error;
mod evolve;

use letopis_proto::statement::v1::Purpose;
use letopis_types::{
    ActorId, AgencyId, Class, Digest, StreamId, StreamKey, StreamKind, Timestamp, Version,
};
use serde::{Deserialize, Serialize};

pub use decide::FileMarks;
pub use error::FileError;

use crate::fact::{Fact, ReceiverId, Released};
use crate::procedure::Procedure;
use crate::statement::Statement;

/// The file that a stream belongs to: a case's protected and clocks streams to the case. The root
/// stream and streams of readings belong to none.
#[must_use]
pub fn file_of(stream: &StreamKey) -> Option<StreamKey> {
    let kind = match stream.kind {
        StreamKind::Case | StreamKind::Protected | StreamKind::Clocks => StreamKind::Case,
        StreamKind::Root | StreamKind::Access => return None,
        own => own,
    };
    Some(StreamKey { kind, id: stream.id })
}

/// The file that a statement belongs to: that of its stream. But a DeadlineMissed names the kind of its
/// file, which has the stream's id; and of an inspection, or a breach in the root stream, it is the root's.
#[must_use]
pub fn own_file(statement: &Statement) -> Option<StreamKey> {
    let id = statement.stream.id;
    match &statement.fact {
        Fact::DeadlineMissed(missed) => Some(StreamKey { kind: missed.file, id }),
        Fact::InspectionOpened(_)
        | Fact::InspectionFinding(_)
        | Fact::InspectionInstruction(_)
        | Fact::InspectionComplied(_) => Some(StreamKey { kind: StreamKind::Root, id }),
        Fact::BreachRecorded(_) if statement.stream.kind == StreamKind::Root => {
            Some(statement.stream)
        }
        _ => file_of(&statement.stream),
    }
}

/// The other files that a statement is tied to, as far as rules ask about them.
#[must_use]
pub fn tied(statement: &Statement) -> Vec<StreamKey> {
    let own = own_file(statement);
    let others = statement.references.iter().filter_map(|to| file_of(&to.stream));
    let others = others.filter(|to| Some(*to) != own);
    let mut files: Vec<StreamKey> = match statement.fact {
        Fact::CaseOpened(_) | Fact::SignalJoined(_) | Fact::CasesMerged(_) => others.collect(),
        Fact::ComplaintLodged(_) => others.filter(|to| to.kind == StreamKind::Case).collect(),
        _ => Vec::new(),
    };
    files.sort_unstable();
    files.dedup();
    files
}

/// The files that a statement may change: its own, which is as given before it, and those that it is tied
/// to. A corrected time of a signal's event moves what goes on in the cases that came of it.
#[must_use]
pub fn touched(statement: &Statement, own: &FileState) -> Vec<StreamKey> {
    let Some(key) = own_file(statement) else { return Vec::new() };
    let mut files = match &statement.fact {
        Fact::CaseOpened(_) | Fact::ComplaintLodged(_) => tied(statement),
        Fact::EventCorrected(fact) if key.kind == StreamKind::Signal => {
            let cases = own.cases.iter().filter(|_| fact.occurred_at.is_some());
            cases.map(|id| StreamKey { kind: StreamKind::Case, id: *id }).collect()
        }
        _ => Vec::new(),
    };
    files.push(key);
    files.sort_unstable();
    files
}

/// A file's folded state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// The agency that holds it.
    pub holder: Option<AgencyId>,
    /// The region in which it was opened; `None`: everywhere.
    pub region: Option<u32>,
    /// The lead social worker.
    pub lead: Option<ActorId>,
    /// The members of its team.
    pub team: Vec<ActorId>,
    /// Who received the signal, and to whom its check was assigned.
    pub intake: Vec<ActorId>,
    /// It was closed.
    pub closed: bool,
    /// The agencies that held it before.
    pub former: Vec<AgencyId>,
    /// To which agencies it is proposed to be transferred, by the proposal's statement hash.
    pub proposed: Vec<(Digest, AgencyId)>,
    /// Who declared a conflict of interests.
    pub conflicts: Vec<ActorId>,
    /// Of a signal: the cases that came of it. Of a complaint: the cases complained of.
    pub cases: Vec<StreamId>,
    /// Of a case: the complaints about it.
    pub complaints: Vec<StreamId>,
    /// Of a complaint: its handler.
    pub handler: Option<ActorId>,
    /// Access that was granted and not revoked.
    pub grants: Vec<Grant>,
    /// Emergency access that was opened.
    pub emergencies: Vec<Emergency>,
    /// What was given to others.
    pub shares: Vec<Share>,
    /// The legal holds that are set: the statement's hash, and the kind of its stream.
    pub holds: Vec<(Digest, StreamKind)>,
    /// What was erased.
    pub erasures: Vec<Erasure>,
    /// What was endorsed, and by whom.
    pub endorsements: Vec<(Digest, ActorId)>,
    /// What has come of the procedure.
    pub procedure: Procedure,
}

/// Access that was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The statement's hash.
    pub hash: Digest,
    /// The kind of the stream in which it stands.
    pub kind: StreamKind,
    /// Who may read.
    pub reader: ActorId,
    /// Which classes.
    pub classes: Vec<Class>,
    /// For which purpose; the number of a Purpose.
    pub purpose: i32,
    /// Before this second since 1970 UTC.
    pub until_seconds: i64,
    /// Of the reporter's identity, for this complaint.
    pub complaint: Option<StreamId>,
}

/// Emergency access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// The statement's hash.
    pub hash: Digest,
    /// Who opened it.
    pub reader: ActorId,
    /// Which classes it gives.
    pub classes: Vec<Class>,
    /// From when it was recorded; nanoseconds since 1970 UTC.
    pub opened_at: Timestamp,
    /// Before this second since 1970 UTC.
    pub until_seconds: i64,
    /// It was closed.
    pub closed: bool,
    /// It was reviewed.
    pub reviewed: bool,
}

/// What was given to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The statement's hash.
    pub hash: Digest,
    /// To whom: an agency or an actor.
    pub receiver: ReceiverId,
    /// What of the stream in which it stands.
    pub shared: Vec<Released>,
    /// That stream's kind.
    pub kind: StreamKind,
    /// Before this second since 1970 UTC; `None`: until the file is closed.
    pub until_seconds: Option<i64>,
    /// By a referral to a service, of which no receipt is signed.
    pub referral: bool,
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The statement's hash.
    pub hash: Digest,
    /// The kind of the stream in which it stands.
    pub kind: StreamKind,
    /// Its version there: what came before is erased.
    pub version: Version,
    /// What.
    pub what: Erased,
}

/// What an erasure names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Erased {
    /// Every earlier section of a class.
    Class(Class),
    /// One section of an earlier event.
    Section(Version, u32),
}

impl FileState {
    /// Was this section of a stream of the file erased?
    #[must_use]
    pub fn is_erased(&self, kind: StreamKind, version: Version, index: u32, class: Class) -> bool {
        self.erasures.iter().any(|erasure| erasure.covers(kind, version, index, class))
    }

    /// Has anybody who is not among its signers endorsed this statement?
    #[must_use]
    pub fn is_endorsed(&self, statement: &Statement, statement_hash: &Digest) -> bool {
        self.endorsements.iter().any(|(target, by)| {
            target == statement_hash && statement.signers.iter().all(|signer| signer.actor != *by)
        })
    }

    /// Is a grant in force that gives this class to this reader for this purpose? Of a reporter's
    /// identity only where `complaint` asks for it.
    #[must_use]
    pub fn is_granted(
        &self,
        reader: &ActorId,
        purpose: Purpose,
        class: Option<Class>,
        of_reporter: bool,
        now: Timestamp,
    ) -> bool {
        self.grants.iter().any(|grant| {
            grant.reader == *reader
                && grant.purpose == purpose as i32
                && class.is_none_or(|class| grant.classes.contains(&class))
                && grant.complaint.is_some() == of_reporter
                && now.seconds() < grant.until_seconds
        })
    }

    /// Is emergency access of this reader open that gives this class?
    #[must_use]
    pub fn is_emergency(&self, reader: &ActorId, class: Option<Class>, now: Timestamp) -> bool {
        self.emergencies.iter().any(|emergency| {
            emergency.reader == *reader
                && class.is_none_or(|class| emergency.classes.contains(&class))
                && !emergency.closed
                && now.seconds() < emergency.until_seconds
        })
    }

    /// Was this section given to the reader, or to its agency? Without a section: anything of the
    /// file.
    #[must_use]
    pub fn is_shared(
        &self,
        reader: &ActorId,
        agency: Option<AgencyId>,
        section: Option<(StreamKind, Version, u32)>,
        now: Timestamp,
    ) -> bool {
        self.shares.iter().any(|share| {
            let receives = share.receiver == reader.0
                || agency.is_some_and(|agency| share.receiver == agency.0);
            let in_time = share.until_seconds.map_or(!self.closed, |until| now.seconds() < until);
            receives && in_time && section.is_none_or(|section| share.lists(section))
        })
    }
}

impl Erasure {
    /// Does it name this section?
    #[must_use]
    pub fn covers(&self, kind: StreamKind, version: Version, index: u32, class: Class) -> bool {
        kind == self.kind
            && version < self.version
            && match self.what {
                Erased::Class(erased) => erased == class,
                Erased::Section(of, at) => (of, at) == (version, index),
            }
    }
}

impl Share {
    fn lists(&self, (kind, version, index): (StreamKind, Version, u32)) -> bool {
        kind == self.kind
            && self
                .shared
                .iter()
                .any(|shared| shared.version == version && shared.sections.contains(&index))
    }
}

#[cfg(test)]
mod tests;
