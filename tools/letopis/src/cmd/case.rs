//! `letopis case`: what happened in a case; its sections only to who reads them on the record. And cases
//! that go from one lead to another, many at once.

mod accept_lead;
mod deidentified;
mod hand_over;
mod known;
mod many;
pub mod named;
pub mod overview;
mod prov;
mod receipts;
pub mod standing;
pub mod timeline;
mod trace;

use std::collections::BTreeMap;

use letopis_client::{Event, History, LedgerClient, OpenedSection, TokenSigner};
use letopis_domain::Fact;
use letopis_proto::statement::v1::{Precision, Purpose};
use letopis_types::{StreamKey, StreamKind, Version};
use letopis_words::{Lang, say};
use serde_json::json;

use crate::cli::{CaseCommand, ServerArgs};
use crate::cmd::status::{as_json, recorded};
use crate::connect::{connect, connect_for};
use crate::failure::Failure;
use crate::xes::Attribute;
use crate::xes::section::{EVENT_PAYLOAD_TYPE, TRACE_PAYLOAD_TYPE, decode_event, decode_trace};
use crate::{out, section_words, words};

/// Characters of a line of text.
const WIDTH: usize = 78;

/// A case's sections by version.
pub type Sections = BTreeMap<Version, Vec<OpenedSection>>;

/// `letopis case`.
///
/// # Errors
/// Why a case can't be shown, or was not handed over.
pub async fn run(command: &CaseCommand) -> Result<(), Failure> {
    match command {
        CaseCommand::List { server, lang } => list(server, *lang).await,
        CaseCommand::Overview { whose, server, lang } => overview::run(whose, server, *lang).await,
        CaseCommand::Status(args) => standing::run(args).await,
        CaseCommand::Timeline(args) => timeline::run(args).await,
        CaseCommand::Trace { case, event, protected, prov } => {
            trace::run(case, *event, *protected, prov.as_deref()).await
        }
        CaseCommand::AsKnownAt { case, size, at, actor } => {
            known::run(case, known::moment(*size, *at), actor.as_ref()).await
        }
        CaseCommand::HandOver(args) => hand_over::run(args).await,
        CaseCommand::AcceptLead(args) => accept_lead::run(args).await,
        CaseCommand::ShareDeidentified(command) => deidentified::run(command).await,
        CaseCommand::Show { case, server, lang } => {
            let connected = connect_for(server, Purpose::CaseWork).await?;
            let (client, purpose) = (&connected.client, connected.purpose);
            let stream = StreamKey { kind: StreamKind::Case, id: *case };
            let history = client.read_stream(&stream).await?;
            let sections = match connected.holders.first() {
                Some(holder) => read(client, &*holder.tokens(), &[stream], purpose).await?,
                None => BTreeMap::new(),
            };
            let sections = sections.get(&stream);
            if server.json {
                return history
                    .events
                    .iter()
                    .try_for_each(|event| out::line(&as_json(event).to_string()));
            }
            out::text(&show(&history, sections, *lang))
        }
    }
}

async fn list(server: &ServerArgs, lang: Lang) -> Result<(), Failure> {
    let client = connect(server).await?;
    let mut list = client.list_streams(StreamKind::Case);
    let mut count = 0;
    while let Some(case) = list.next().await? {
        count += 1;
        let (id, events, last) = (case.stream.id, case.version, case.last_sequence);
        out::line(&match server.json {
            true => json!({"case": id.to_string(), "events": events.0, "last_sequence": last.0})
                .to_string(),
            false => {
                let (n, last) = (events.0, last.to_string());
                format!("{id}  {n:>5} {}", say!(lang, "case-in-the-list", n = n, last = last))
            }
        })?;
    }
    if server.json {
        return Ok(());
    }
    out::line(&say!(lang, "common-cases", n = count))
}

/// Sections of streams, whose reading is then on the record.
///
/// # Errors
/// Why they are not given.
pub async fn read(
    client: &LedgerClient,
    reader: &dyn TokenSigner,
    streams: &[StreamKey],
    purpose: Purpose,
) -> Result<BTreeMap<StreamKey, Sections>, Failure> {
    let mut found: BTreeMap<StreamKey, Sections> = BTreeMap::new();
    let mut sections = client.read_sections(reader, streams, &[], purpose).await?;
    while let Some(section) = sections.next().await {
        let section = section?;
        found.entry(section.stream).or_default().entry(section.version).or_default().push(section);
    }
    Ok(found)
}

fn show(history: &History, sections: Option<&Sections>, lang: Lang) -> String {
    let mut text = format!("{}\n\n", history.stream);
    for (version, event) in (1..).map(Version).zip(&history.events) {
        text += &entry(event, &signers(event), sections.and_then(|all| all.get(&version)), lang);
    }
    text
}

/// A section's content as a person reads it.
#[must_use]
pub fn content(section: &OpenedSection, lang: Lang) -> String {
    let Some(content) = &section.content else {
        return say!(lang, "common-erased").to_owned();
    };
    let attributes = match section.payload_type.as_str() {
        EVENT_PAYLOAD_TYPE => decode_event(content).ok().map(|event| in_line(event.attributes())),
        TRACE_PAYLOAD_TYPE => decode_trace(content).ok().map(|trace| in_line(trace.attributes())),
        payload_type => section_words::told(payload_type, content, lang),
    };
    attributes.unwrap_or_else(|| String::from_utf8_lossy(content).into_owned())
}

/// Attributes of an imported event, one after the other.
fn in_line(attributes: &[Attribute]) -> String {
    let one = |attribute: &Attribute| {
        let value = attribute.value.text().unwrap_or_default();
        format!("{}: {value}", attribute.key)
    };
    attributes.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn signers(event: &Event) -> String {
    let Ok(statement) = event.statement() else { return String::new() };
    let names: Vec<_> = statement.signers.iter().map(|signer| signer.actor.to_string()).collect();
    names.join(", ")
}

/// One event of a timeline: when, what, who, and what it says where that was read.
#[must_use]
pub fn entry(
    event: &Event,
    who: &str,
    sections: Option<&Vec<OpenedSection>>,
    lang: Lang,
) -> String {
    let Ok(statement) = event.statement() else {
        let words = say!(lang, "common-kind-not-known");
        return format!("{}  {words}\n\n", recorded(event.link.recorded_at));
    };
    let when = match &statement.fact {
        // What matters is when it happened, not when it was brought along.
        Fact::HistoryImported(history) => words::date(&history.time, Precision::Minute, lang),
        _ => words::date(&statement.occurred_at.instant, statement.occurred_at.precision, lang),
    };
    let mut text = format!("{when}  ·  {}\n", words::kind(&statement.fact, lang));
    text += &format!("    {who}\n");
    let opened = sections.map(Vec::as_slice).unwrap_or_default();
    for section in opened {
        let label = words::class(section.class, lang);
        for line in words::wrap(&content(section, lang), WIDTH) {
            text += &format!("    │ {line}\n");
        }
        text += &format!("    └ {label}\n");
    }
    if opened.is_empty() && !statement.sections.is_empty() {
        let count = statement.sections.len();
        text += &format!("    │ {}\n", say!(lang, "case-sealed-sections", n = count));
    }
    text.push('\n');
    text
}
