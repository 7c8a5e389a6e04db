//! `letopis export`: imported histories, out again (`xes`), and cases as they stand in the record (`log`).
//! The readings are recorded first.

mod log;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use letopis_client::{Identity, LedgerClient, ListedStream, OpenedSection};
use letopis_domain::Fact;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{Class, StreamKey, StreamKind, Version};
use serde_json::json;

use crate::cli::{ExportCommand, ServerArgs};
use crate::connect::connect_with;
use crate::failure::Failure;
use crate::holder::{Holder, unlocked};
use crate::packed::{Compression, Packed};
use crate::unfinished::Unfinished;
use crate::xes::section::{EVENT_PAYLOAD_TYPE, TRACE_PAYLOAD_TYPE, decode_event, decode_trace};
use crate::xes::{Event, LogHeader, XesWriter};

/// Streams that are read in one call.
const STREAMS: usize = 200;

/// What an export wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// Traces.
    pub cases: u64,
    /// Events.
    pub events: u64,
}

/// `letopis export`.
///
/// # Errors
/// Why it was not written; nothing is left at the place asked for.
pub async fn run(command: &ExportCommand) -> Result<(), Failure> {
    match command {
        ExportCommand::Xes { server, out } => run_xes(server, out).await,
        ExportCommand::Log(args) => log::run(args).await,
    }
}

async fn run_xes(server: &ServerArgs, out: &Path) -> Result<(), Failure> {
    let (_, identity) = unlocked(&server.keys)?;
    let holders = vec![Holder::Open(Arc::clone(&identity))];
    let client = connect_with(server, holders, Purpose::Migration).await?.client;
    let bar = if server.json { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    bar.enable_steady_tick(Duration::from_millis(200));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} events, {elapsed}") {
        bar.set_style(style);
    }
    let exported = export(&client, &identity, out, |events| bar.set_position(events)).await?;
    bar.finish_and_clear();
    let Exported { cases, events } = exported;
    if server.json {
        println!("{}", json!({"cases": cases, "events": events}));
    } else {
        println!("exported    {events} events of {cases} cases to {}", out.display());
        println!("            the reading of each case is on the record");
    }
    Ok(())
}

/// Writes every imported history to a file, in the order in which their cases were begun.
///
/// # Errors
/// Why it was not written; nothing is left at the place asked for.
pub async fn export(
    client: &LedgerClient,
    identity: &Identity,
    out: &Path,
    mut progress: impl FnMut(u64),
) -> Result<Exported, Failure> {
    let (unfinished, file) = Unfinished::create(out)?;
    let compression = Compression::of_name(out);
    let (exported, file) = write(client, identity, file, compression, &mut progress).await?;
    unfinished.finish(&file)?;
    Ok(exported)
}

async fn write(
    client: &LedgerClient,
    identity: &Identity,
    file: File,
    compression: Compression,
    progress: &mut impl FnMut(u64),
) -> Result<(Exported, File), Failure> {
    let packed = Packed::new(file, compression);
    let mut writer = XesWriter::new(packed, &LogHeader::default()).map_err(Failure::other)?;
    let cases = imported_cases(client).await?;
    let mut exported = Exported::default();
    for cases in cases.chunks(STREAMS) {
        let streams: Vec<StreamKey> = cases.iter().map(|case| case.stream).collect();
        let mut sections =
            client.read_sections(identity, &streams, &[Class::Normal], Purpose::Migration).await?;
        // An event's own section comes before the trace's, which its first event carries.
        let mut first: Option<(StreamKey, Event)> = None;
        while let Some(section) = sections.next().await {
            let section = section?;
            match read(&section)? {
                Read::Event(event) if section.version == Version(1) => {
                    first = Some((section.stream, event));
                }
                Read::Event(event) => {
                    writer.event(&event).map_err(Failure::other)?;
                    exported.events += 1;
                }
                Read::Trace(trace) => {
                    let begun = first.take().filter(|(stream, _)| *stream == section.stream);
                    let (_, event) = begun.ok_or_else(|| incomplete(&section))?;
                    writer.trace(&trace).map_err(Failure::other)?;
                    writer.event(&event).map_err(Failure::other)?;
                    exported.cases += 1;
                    exported.events += 1;
                }
                Read::Other => {}
            }
            progress(exported.events);
        }
    }
    let packed = writer.finish().map_err(Failure::other)?;
    let file = packed.finish().map_err(Failure::other)?;
    Ok((exported, file))
}

/// The cases that begin with an imported event, in the order in which they were begun.
async fn imported_cases(client: &LedgerClient) -> Result<Vec<ListedStream>, Failure> {
    let mut list = client.list_streams(StreamKind::Case);
    let mut cases = Vec::new();
    while let Some(case) = list.next().await? {
        let first = letopis_client::EventRef::Sequence(case.first_sequence);
        let event = client.get_event(first).await?;
        if matches!(event.statement().map(|statement| statement.fact), Ok(Fact::HistoryImported(_)))
        {
            cases.push(case);
        }
    }
    cases.sort_unstable_by_key(|case| case.first_sequence);
    Ok(cases)
}

/// What a section holds.
enum Read {
    Event(Event),
    Trace(crate::xes::TraceHeader),
    Other,
}

fn read(section: &OpenedSection) -> Result<Read, Failure> {
    let Some(content) = &section.content else { return Ok(Read::Other) };
    match section.payload_type.as_str() {
        EVENT_PAYLOAD_TYPE => decode_event(content).map(Read::Event).map_err(Failure::other),
        TRACE_PAYLOAD_TYPE => decode_trace(content).map(Read::Trace).map_err(Failure::other),
        _ => Ok(Read::Other),
    }
}

fn incomplete(section: &OpenedSection) -> Failure {
    Failure::other(format!(
        "{} is not a complete import: its first event is missing",
        section.stream
    ))
}
