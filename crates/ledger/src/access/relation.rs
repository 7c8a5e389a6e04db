//! How a caller stands to a stream: what a policy sees of who they are.

use letopis_domain::file::{FileState, file_of};
use letopis_domain::registry::RoleInForce;
use letopis_policy::Relation;
use letopis_proto::statement::v1::Purpose;
use letopis_state::StateError;
use letopis_types::{ActorId, Class, StreamKey, StreamKind, Timestamp, Version};

use super::{Files, Rules};

/// Who asks, in one role, for what, when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) actor: &'a ActorId,
    pub(crate) role: &'a RoleInForce,
    pub(crate) purpose: Purpose,
    pub(crate) now: Timestamp,
}

/// A section, as far as relations look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionAt {
    /// Its event's version; 0: any event's.
    pub version: Version,
    /// Its index.
    pub index: u32,
    /// Its class.
    pub class: Class,
}

/// What of a case counts for a complaint about it. Whoever works on the case, or handles another
/// complaint about it, is not thereby its handler or reader.
const OF_COMPLAINED: [Relation; 4] =
    [Relation::OWN_AGENCY, Relation::OWN_REGION, Relation::CONFLICTED, Relation::INSPECTION];

/// What of a case counts for a signal that it came of, beside these.
const OF_SIGNALLED: [Relation; 6] = [
    Relation::LEAD,
    Relation::TEAM,
    Relation::REPORTER_GRANTED,
    Relation::BREAK_GLASS,
    Relation::HANDLER,
    Relation::COMPLAINED,
];

/// How the subject stands to a stream, or to one section of it.
pub(crate) fn relation(
    files: &impl Files,
    rules: &Rules,
    subject: Subject<'_>,
    stream: &StreamKey,
    section: Option<SectionAt>,
) -> Result<Relation, StateError> {
    let of_everything = Relation::EVERY_AGENCY.when(subject.role.agency.is_none());
    let own = stream.kind == StreamKind::Actor && stream.id.0 == subject.actor.0;
    let mut found = of_everything | Relation::SUBJECT.when(own);
    let Some(key) = file_of(stream) else { return Ok(found) };
    let file = files.file(&key)?;
    found |= ties(files, rules, subject, &key, &file, stream.kind, section)?;
    if matches!(key.kind, StreamKind::Signal | StreamKind::Complaint) {
        for case in &file.cases {
            let case_key = StreamKey { kind: StreamKind::Case, id: *case };
            let case = files.file(&case_key)?;
            let linked = ties(files, rules, subject, &case_key, &case, stream.kind, section)?;
            let of_signalled = OF_SIGNALLED.into_iter().filter(|_| key.kind == StreamKind::Signal);
            for flag in OF_COMPLAINED.into_iter().chain(of_signalled) {
                found |= flag.when(linked.contains(flag));
            }
        }
    }
    Ok(found)
}

/// How the subject stands to one file.
fn ties(
    files: &impl Files,
    rules: &Rules,
    subject: Subject<'_>,
    key: &StreamKey,
    file: &FileState,
    kind: StreamKind,
    section: Option<SectionAt>,
) -> Result<Relation, StateError> {
    let Subject { actor, role, purpose, now } = subject;
    let class = section.map(|section| section.class);
    // Version 0: any section of this class.
    let listed = section
        .filter(|section| section.version > Version::ZERO)
        .map(|section| (kind, section.version, section.index));
    let is_agency = |of: Option<letopis_types::AgencyId>| of.is_some() && of == role.agency;
    let region = role.region.is_none() || role.region == file.region;
    let mut handler = file.handler == Some(*actor);
    for complaint in &file.complaints {
        let complaint = StreamKey { kind: StreamKind::Complaint, id: *complaint };
        handler |= files.file(&complaint)?.handler == Some(*actor);
    }
    let inspected = rules.inspections.iter().any(|order| {
        order.auditors.contains(actor)
            && now.seconds() < order.until_seconds
            && (order.agency.is_some() && order.agency == file.holder
                || key.kind == StreamKind::Case && order.cases.contains(&key.id))
            && class.is_none_or(|class| order.classes.contains(&class))
    });
    let proposed = file.proposed.iter().any(|(_, to)| is_agency(Some(*to)));
    let former = file.former.iter().any(|held| is_agency(Some(*held)));
    let complained = key.kind == StreamKind::Complaint || !file.complaints.is_empty();
    let reporter = file.is_granted(actor, purpose, class, true, now);
    Ok(Relation::LEAD.when(file.lead == Some(*actor))
        | Relation::TEAM.when(file.team.contains(actor))
        | Relation::INTAKE.when(file.intake.contains(actor))
        | Relation::OWN_AGENCY.when(is_agency(file.holder))
        | Relation::OWN_REGION.when(file.holder.is_some() && region)
        | Relation::COOPERATING.when(proposed)
        | Relation::FORMER_AGENCY.when(former)
        | Relation::SHARED.when(file.is_shared(actor, role.agency, listed, now))
        | Relation::GRANTED.when(file.is_granted(actor, purpose, class, false, now))
        | Relation::REPORTER_GRANTED.when(reporter)
        | Relation::BREAK_GLASS.when(file.is_emergency(actor, class, now))
        | Relation::HANDLER.when(handler)
        | Relation::INSPECTION.when(inspected)
        | Relation::CONFLICTED.when(file.conflicts.contains(actor))
        | Relation::COMPLAINED.when(complained)
        | Relation::CLOSED.when(file.closed))
}
