//! What is signed about a file: sharing, emergency access, erasure, holds.

use std::time::{SystemTime, UNIX_EPOCH};

use letopis_client::{Draft, Event, History};
use letopis_domain::Fact;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::{ActorId, Class, Digest, StreamKey, StreamKind, Version};
use serde_json::json;

use super::of_case;
use crate::act::{How, carry_out};
use crate::cli::{
    BreakGlassCommand, CaseActArgs, ClassArg, HoldCommand, SectionsOf, ShareArgs, Until,
};
use crate::cmd::init::now;
use crate::connect::{Connected, connect_for};
use crate::failure::Failure;

/// What the sections of these acts are: texts by the author.
const NECESSITY: &str = "necessity/1";
const DANGER: &str = "danger/1";
const REASONS: &str = "reasons/1";
const GROUND: &str = "ground/1";

pub(in crate::cmd) const fn how(act: &CaseActArgs) -> How<'_> {
    How { sign: &act.sign, lang: act.case.lang, json: act.case.server.json }
}

/// An act about the case, with what its author has to say in a section that is guarded as usual.
fn draft(stream: StreamKey, kind: Kind, payload_type: &str, text: &str) -> Result<Draft, Failure> {
    if text.trim().is_empty() {
        return Err(Failure::other("say why: the text is empty"));
    }
    let text = text.trim().as_bytes().to_vec();
    Ok(Draft::new(stream, kind, now()).section(Class::Normal, payload_type, text))
}

pub(super) async fn share(
    act: &CaseActArgs,
    to: ActorId,
    events: &[SectionsOf],
    basis: &ShareArgs,
    until: Option<Until>,
) -> Result<(), Failure> {
    let connected = connect_for(&act.case.server, Purpose::CaseWork).await?;
    let stream = of_case(act.case.case);
    let history = connected.client.read_stream(&stream).await?;
    for one in events {
        check_there(&history, one)?;
    }
    if until.is_none() && is_closed(&history) {
        return Err(Failure::other(
            "the case is closed, and what is shared without a term ends there: give --until",
        ));
    }
    let fact = proto::InformationShared {
        receiver: to.0.to_vec(),
        shared: merged(events),
        until_seconds: until.map(|until| until.0),
    };
    let draft = sharing(stream, fact, basis)?.seen(history.seen());
    carry_out(&connected, &draft, how(act)).await.map(drop)
}

/// That something of a case is shared, and why.
pub(in crate::cmd) fn sharing(
    stream: StreamKey,
    fact: proto::InformationShared,
    basis: &ShareArgs,
) -> Result<Draft, Failure> {
    draft(stream, Kind::InformationShared(fact), NECESSITY, &necessity(basis)?)
}

/// The section that says why, checked before anybody signs.
fn necessity(basis: &ShareArgs) -> Result<String, Failure> {
    let ShareArgs { necessity, ground, article, what, receiver } = basis;
    let content = json!({
        "necessity": necessity, "ground": ground, "article": article, "what": what, "to": receiver,
    });
    let content = format!("{content:#}");
    letopis_sections::check(NECESSITY, Class::Normal, content.as_bytes())
        .map_err(Failure::other)?;
    Ok(content)
}

fn is_closed(history: &History) -> bool {
    let facts = history.events.iter().rev().filter_map(fact);
    let mut ends = facts.filter(|fact| matches!(fact, Fact::CaseOpened(_) | Fact::CaseClosed(_)));
    matches!(ends.next(), Some(Fact::CaseClosed(_)))
}

/// Ascending, each event once.
fn merged(events: &[SectionsOf]) -> Vec<proto::ReleasedSections> {
    let mut by_version: std::collections::BTreeMap<Version, Vec<u32>> = Default::default();
    for one in events {
        by_version.entry(one.version).or_default().extend(&one.indices);
    }
    let released = |(version, mut sections): (Version, Vec<u32>)| {
        sections.sort_unstable();
        sections.dedup();
        proto::ReleasedSections { version: version.0, sections }
    };
    by_version.into_iter().map(released).collect()
}

/// The ledger takes a list of what is not there; a person should hear of it before they sign.
fn check_there(history: &History, sections: &SectionsOf) -> Result<(), Failure> {
    let version = sections.version;
    let event = history.at(version);
    let event = event.ok_or_else(|| Failure::other(format!("the file has no event {version}")))?;
    let count = event.statement().map_or(0, |statement| statement.sections.len());
    match sections.indices.iter().find(|index| **index as usize >= count) {
        Some(index) => Err(Failure::other(format!("event {version} has no section {index}"))),
        None => Ok(()),
    }
}

pub(super) async fn break_glass(command: &BreakGlassCommand) -> Result<(), Failure> {
    match command {
        BreakGlassCommand::Open { act, danger, class, hours } => {
            open(act, danger, class, *hours).await
        }
        BreakGlassCommand::Close { act, event } => {
            let connected = connect_for(&act.case.server, Purpose::Emergency).await?;
            let stream = of_case(act.case.case);
            let history = connected.client.read_stream(&stream).await?;
            let opened = opened(&history, *event)?.0.to_vec();
            let kind = Kind::BreakGlassClosed(proto::BreakGlassClosed { opened });
            let draft = Draft::new(stream, kind, now()).seen(history.seen());
            carry_out(&connected, &draft, how(act)).await.map(drop)
        }
        BreakGlassCommand::Review { act, event, justified, reasons } => {
            let connected = connect_for(&act.case.server, Purpose::DataProtection).await?;
            let stream = of_case(act.case.case);
            let history = connected.client.read_stream(&stream).await?;
            let opened = opened(&history, *event)?.0.to_vec();
            let fact = proto::BreakGlassReviewed { opened, justified: *justified };
            let draft = draft(stream, Kind::BreakGlassReviewed(fact), REASONS, reasons)?;
            carry_out(&connected, &draft.seen(history.seen()), how(act)).await.map(drop)
        }
    }
}

async fn open(
    act: &CaseActArgs,
    danger: &str,
    classes: &[ClassArg],
    hours: u32,
) -> Result<(), Failure> {
    let connected = connect_for(&act.case.server, Purpose::Emergency).await?;
    let mut classes: Vec<i32> = match classes {
        [] => [Class::Normal, Class::Restricted].map(|class| class as i32).to_vec(),
        some => some.iter().map(|class| Class::from(*class) as i32).collect(),
    };
    classes.sort_unstable();
    classes.dedup();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let until = i64::try_from(now).map_err(Failure::other)? + i64::from(hours) * 3600;
    let kind = Kind::BreakGlassOpened(proto::BreakGlassOpened { classes, until_seconds: until });
    // On no history: whoever needs this may not see it yet.
    let draft = draft(of_case(act.case.case), kind, DANGER, danger)?;
    carry_out(&connected, &draft, how(act)).await.map(drop)
}

pub(super) async fn erase(
    act: &CaseActArgs,
    what: (Option<ClassArg>, Option<&SectionsOf>),
    kind: StreamKind,
    ground: &str,
) -> Result<(), Failure> {
    let connected = connect_for(&act.case.server, Purpose::DataProtection).await?;
    let stream = StreamKey { kind, id: act.case.case };
    let history = connected.client.read_stream(&stream).await?;
    let what = match what {
        (Some(class), _) => proto::sections_erased::What::Class(Class::from(class) as i32),
        (None, Some(sections)) => {
            check_there(&history, sections)?;
            let [index] = *sections.indices else {
                return Err(Failure::other("an erasure names one section, or a class"));
            };
            let version = sections.version.0;
            proto::sections_erased::What::Section(proto::ErasedSection { version, index })
        }
        (None, None) => return Err(Failure::other("say what: --class or --event")),
    };
    let fact = Kind::SectionsErased(proto::SectionsErased { what: Some(what) });
    let draft = draft(stream, fact, GROUND, ground)?.seen(history.seen());
    carry_out(&connected, &draft, how(act)).await.map(drop)
}

pub(super) async fn hold(command: &HoldCommand) -> Result<(), Failure> {
    let (act, ground) = match command {
        HoldCommand::Set { act, ground } | HoldCommand::Lift { act, ground } => (act, ground),
    };
    let connected: Connected = connect_for(&act.case.server, Purpose::DataProtection).await?;
    let stream = of_case(act.case.case);
    let history = connected.client.read_stream(&stream).await?;
    let kind = match command {
        HoldCommand::Set { .. } => Kind::LegalHoldSet(proto::LegalHoldSet {}),
        HoldCommand::Lift { .. } => {
            let set = hold_in_force(&history).ok_or_else(|| {
                Failure::other("nothing bars erasure in this case: there is no hold to lift")
            })?;
            Kind::LegalHoldLifted(proto::LegalHoldLifted { set: set.0.to_vec() })
        }
    };
    let draft = draft(stream, kind, GROUND, ground)?.seen(history.seen());
    carry_out(&connected, &draft, how(act)).await.map(drop)
}

/// The last hold that was not lifted.
fn hold_in_force(history: &History) -> Option<Digest> {
    let mut set: Vec<Digest> = Vec::new();
    for event in &history.events {
        match fact(event) {
            Some(Fact::LegalHoldSet(_)) => set.push(event.link.statement_hash),
            Some(Fact::LegalHoldLifted(lifted)) => set.retain(|set| *set != lifted.set),
            _ => {}
        }
    }
    set.pop()
}

/// The opening at this number; otherwise the last one.
fn opened(history: &History, number: Option<u64>) -> Result<Digest, Failure> {
    let is_opening = |event: &&Event| matches!(fact(event), Some(Fact::BreakGlassOpened(_)));
    let found = match number {
        Some(number) => history.at(Version(number)).filter(is_opening),
        None => history.events.iter().rev().find(is_opening),
    };
    let hash = found.map(|event| event.link.statement_hash);
    hash.ok_or_else(|| Failure::other("there is no such opening of emergency access in the file"))
}

fn fact(event: &Event) -> Option<Fact> {
    event.statement().ok().map(|statement| statement.fact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_one_event_come_together() {
        let events: Vec<SectionsOf> =
            ["4:1", "3:0", "4:0,1"].iter().map(|text| text.parse().unwrap()).collect();
        let merged = merged(&events);
        let merged: Vec<_> = merged.iter().map(|one| (one.version, &one.sections[..])).collect();
        assert_eq!(merged, [(3, &[0][..]), (4, &[0, 1])]);
    }
}
