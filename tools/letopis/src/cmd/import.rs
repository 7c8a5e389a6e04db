//! `letopis import xes`: a case history from an older system, signed by a registrar.
//!
//! The file is read twice: once to find everything that is wrong with it before anything is sent,
//! and once to send. Ids of streams and events are hashes under a key that stays beside the
//! registrar's, so that a second run finds everything there, and an interrupted one goes on.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use letopis_client::{Draft, Identity, LedgerClient, SignedStatement};
use letopis_domain::statement::OccurredAt;
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::{Class, EventId, LedgerId, StreamId, StreamKey, StreamKind};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use zeroize::Zeroizing;

use crate::cli::ImportCommand;
use crate::cmd::init::now;
use crate::connect::connect_with;
use crate::failure::Failure;
use crate::holder::{Holder, unlocked};
use crate::secret_file;
use crate::xes::section::{EVENT_PAYLOAD_TYPE, TRACE_PAYLOAD_TYPE, encode_event, encode_trace};
use crate::xes::{Event, Item, TraceHeader, XesReader};

/// Statements on their way that have no answer yet.
const WINDOW: usize = 512;

/// Signed statements that wait to be sent.
const SIGNED_WAITING: usize = 256;

/// Under this context ids are made.
const ID_CONTEXT: &str = "letopis 2026-11 import ids v1";

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Traces that hold events.
    pub cases: u64,
    /// Their events.
    pub events: u64,
    /// How many of those the ledger had already.
    pub already: u64,
    /// Traces without events: they have no history to bring along.
    pub empty: u64,
}

/// `letopis import`.
///
/// # Errors
/// What is wrong with the file, or why the ledger did not take it.
pub async fn run(command: &ImportCommand) -> Result<(), Failure> {
    let ImportCommand::Xes { file, server } = command;
    let (key, identity) = unlocked(&server.keys)?;
    let ids = IdKey::beside(&key)?;
    let survey = survey(file)?;
    let holders = vec![Holder::Open(Arc::clone(&identity))];
    let client = connect_with(server, holders, Purpose::Migration).await?.client;
    let bar = progress(survey.counts.events, server.json);
    let imported =
        import(&client, file, survey, identity, ids, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    let Imported { cases, events, already, empty } = imported;
    if server.json {
        println!(
            "{}",
            json!({"cases": cases, "events": events, "already": already, "empty": empty})
        );
        return Ok(());
    }
    println!("imported    {events} events of {cases} cases, {already} of them there before");
    if empty > 0 {
        println!("left out    {empty} traces without events: they have no history");
    }
    Ok(())
}

/// What the first reading of a file found.
#[derive(Debug)]
pub struct Survey {
    activities: HashMap<String, u32>,
    counts: Imported,
}

/// Reads a whole file and finds what is wrong with it.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn survey(path: &Path) -> Result<Survey, Failure> {
    let mut activities = HashMap::new();
    let mut counts = Imported::default();
    let mut events_of_trace = None;
    let mut reader = open(path)?;
    for item in reader.by_ref() {
        match item.map_err(|error| in_file(path, &error))? {
            Item::Trace(_) => {
                counts.empty += u64::from(events_of_trace == Some(0));
                events_of_trace = Some(0);
            }
            Item::Event(event) => {
                // INVARIANT: fits, as does every number of events that can be signed.
                let next = activities.len() as u32 + 1;
                activities.entry(event.activity().to_owned()).or_insert(next);
                counts.cases += u64::from(events_of_trace == Some(0));
                counts.events += 1;
                events_of_trace = events_of_trace.map(|count| count + 1);
            }
        }
    }
    counts.empty += u64::from(events_of_trace == Some(0));
    Ok(Survey { activities, counts })
}

fn open(path: &Path) -> Result<XesReader<'static>, Failure> {
    let file = File::open(path).map_err(Failure::io("open", path))?;
    XesReader::new(file).map_err(|error| in_file(path, &error))
}

fn in_file(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::other(format!("{}: {error}", path.display()))
}

/// Signs and streams every event of a surveyed file; `progress` is told how many are answered.
///
/// # Errors
/// Why it did not go to the end; a second run goes on.
pub async fn import(
    client: &LedgerClient,
    path: &Path,
    survey: Survey,
    identity: Arc<Identity>,
    ids: IdKey,
    mut progress: impl FnMut(u64),
) -> Result<Imported, Failure> {
    let (sender, signed) = mpsc::channel(SIGNED_WAITING);
    let mut imported = survey.counts;
    let ledger = *client.ledger();
    let path: PathBuf = path.into();
    let signing = tokio::task::spawn_blocking(move || {
        let signer = Importer { ledger, identity, ids, activities: survey.activities };
        signer.sign_all(&path, &sender)
    });
    let mut answers = client.append_stream(ReceiverStream::new(signed), WINDOW);
    let mut done = 0;
    while let Some(answer) = answers.next().await {
        let answer = answer?;
        match answer.outcome {
            Ok(_) => {}
            // Its id is a hash of what it says: it is this event, under other salts.
            Err(refused) if refused.reason == Reason::EventIdTaken => imported.already += 1,
            Err(refused) => {
                return Err(Failure::other(format!("event {}: {refused}", answer.index + 1)));
            }
        }
        done += 1;
        progress(done);
    }
    signing.await.map_err(Failure::other)??;
    Ok(imported)
}

/// Makes signed statements of a file's events.
struct Importer {
    ledger: LedgerId,
    identity: Arc<Identity>,
    ids: IdKey,
    activities: HashMap<String, u32>,
}

impl Importer {
    fn sign_all(&self, path: &Path, sender: &mpsc::Sender<SignedStatement>) -> Result<(), Failure> {
        let mut trace: Option<TraceHeader> = None;
        let mut position = 0;
        for item in open(path)? {
            match item.map_err(|error| in_file(path, &error))? {
                Item::Trace(header) => {
                    trace = Some(header);
                    position = 0;
                }
                Item::Event(event) => {
                    let Some(trace) = &trace else { continue };
                    let signed = self.sign(trace, position, &event)?;
                    if sender.blocking_send(signed).is_err() {
                        // Whoever takes the answers knows why.
                        return Ok(());
                    }
                    position += 1;
                }
            }
        }
        Ok(())
    }

    fn sign(
        &self,
        trace: &TraceHeader,
        position: u64,
        event: &Event,
    ) -> Result<SignedStatement, Failure> {
        let content = encode_event(event).map_err(Failure::other)?;
        let stream = self.ids.stream(trace.name());
        let event_id = self.ids.event(trace.name(), position, &content);
        let time = event.time();
        let activity = self.activities.get(event.activity()).copied();
        let fact = proto::HistoryImported {
            activity: activity.ok_or_else(|| Failure::other("the file has changed meanwhile"))?,
            time: Some(proto::Instant {
                seconds: time.seconds,
                nanos: time.nanos,
                offset_minutes: time.offset_minutes,
            }),
        };
        let occurred_at = OccurredAt { knowledge: proto::Knowledge::Document, ..now() };
        let mut draft = Draft::new(stream, proto::fact::Kind::HistoryImported(fact), occurred_at)
            .event_id(event_id)
            .section(Class::Normal, EVENT_PAYLOAD_TYPE, content);
        if position == 0 {
            let header = encode_trace(trace).map_err(Failure::other)?;
            draft = draft.section(Class::Normal, TRACE_PAYLOAD_TYPE, header);
        }
        let unsigned = draft.seal(self.ledger, &[self.identity.signer()])?;
        Ok(unsigned.sign(&[&self.identity.statement_key])?)
    }
}

/// The key under which ids of streams and events are hashed. It stays with whoever imports.
pub struct IdKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for IdKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdKey")
    }
}

impl IdKey {
    /// The one beside a key file, made if it is not there: `FILE.import`, mode 0600.
    ///
    /// # Errors
    /// Why it can't be read or made.
    pub fn beside(key: &Path) -> Result<Self, Failure> {
        let mut name = key.as_os_str().to_owned();
        name.push(".import");
        secret_file::read_or_make(Path::new(&name)).map(Self)
    }

    /// One that is kept nowhere: everything imported under it is new.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn fresh() -> Result<Self, Failure> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(Failure::other)?;
        Ok(Self(key))
    }

    fn stream(&self, trace: &str) -> StreamKey {
        let id = StreamId(self.uuid(&[b"stream", trace.as_bytes()]));
        StreamKey { kind: StreamKind::Case, id }
    }

    fn event(&self, trace: &str, position: u64, content: &[u8]) -> EventId {
        EventId(self.uuid(&[b"event", trace.as_bytes(), &position.to_be_bytes(), content]))
    }

    /// A UUIDv8 from a keyed hash.
    fn uuid(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_derive_key(ID_CONTEXT);
        hasher.update(self.0.as_ref());
        for part in parts {
            hasher.update(&(part.len() as u64).to_be_bytes()).update(part);
        }
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        uuid::Builder::from_custom_bytes(bytes).into_uuid().into_bytes()
    }
}

fn progress(events: u64, quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(events);
    bar.enable_steady_tick(Duration::from_millis(200));
    let template = "{bar:40} {human_pos}/{human_len} events, {per_sec}, {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
