//! The streams that give out: the log, and sections.

use letopis_ledger::{Ledger, LedgerError, NotFound, StoredEvent, submission};
use letopis_policy::Action;
use letopis_proto::ledger::v1 as proto;
use letopis_types::{Class, Sequence, StreamKey};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use letopis_service_rpc::convert::event;
use letopis_service_rpc::{Answers, Authority, Deadline, Settings, Told, ask};

/// Events in one message of the log.
const LOG_EVENTS: usize = 200;

/// Messages that wait for a slow reader; reading goes on when it has taken one.
const WAITING: usize = 2;

/// Sections that wait for a slow reader.
const SECTIONS_WAITING: usize = 4;

/// The most streams of one ReadSections.
const STREAMS_MAX: usize = 200;

pub(crate) fn read_log(
    ledger: &Ledger,
    authority: Authority,
    request: &proto::ReadLogRequest,
    deadline: Deadline,
    settings: &Settings,
) -> Result<Answers<proto::ReadLogResponse>, Told> {
    let size = ledger.size();
    let from = Sequence(request.from_sequence);
    if from > size {
        return Err(NotFound::Sequence { size }.into());
    }
    let (ledger, follow) = (ledger.clone(), request.follow);
    Ok(authority.answer(settings, deadline, WAITING, move |authority, sender| async move {
        send_log(&ledger, &authority, from, follow, &sender).await
    }))
}

/// The streams in which events stand.
fn streams_of(events: &[StoredEvent]) -> Result<Vec<StreamKey>, LedgerError> {
    let parsed = events.iter().map(|event| Ok(submission::parse(&event.statement)?.stream));
    parsed.collect()
}

async fn send_log(
    ledger: &Ledger,
    authority: &Authority,
    mut next: Sequence,
    follow: bool,
    sender: &mpsc::Sender<Result<proto::ReadLogResponse, Status>>,
) -> Result<(), Told> {
    let mut follower = ledger.follow();
    let until = ledger.size();
    if let Some(caller) = authority.known() {
        ledger.authorize(caller, Action::ReadLog, StreamKey::ROOT).await?;
    }
    loop {
        let reading = ledger.clone();
        let events = spawn_blocking(move || reading.read_log(next, LOG_EVENTS))
            .await
            .map_err(|_| Told::lost())??;
        if let Some(last) = events.last() {
            next = last.link.sequence.next();
            if let Some(caller) = authority.known() {
                // Nothing is recorded in the name of a caller who would not be given it.
                authority.check()?;
                let streams = streams_of(&events)?;
                ledger.read_facts(caller, Action::ReadLog, &streams).await?;
            }
            let events = events.into_iter().map(event).collect();
            if sender.send(Ok(proto::ReadLogResponse { events })).await.is_err() {
                return Ok(());
            }
        }
        if !follow && next >= until {
            return Ok(());
        }
        if next >= ledger.size() && !follower.beyond(next).await {
            return Err(Told::shutting_down());
        }
    }
}

pub(crate) async fn read_sections(
    ledger: &Ledger,
    authority: Authority,
    request: &proto::ReadSectionsRequest,
    deadline: Deadline,
) -> Result<Answers<proto::ReadSectionsResponse>, Told> {
    let caller = authority.caller()?;
    let streams = streams(request)?;
    let classes = classes(request)?;
    ledger.caught_up().await?;
    let asking = ledger.asking(caller);
    let releases = ask(ledger, move |ledger| ledger.releases(&asking, &streams, &classes)).await?;
    // No record, no content: nothing is opened before the readings are durable.
    ledger.record_reading(caller, &releases).await?;

    let (sender, answers) = mpsc::channel(SECTIONS_WAITING);
    let ledger = ledger.clone();
    tokio::spawn(async move {
        let send = async {
            for release in releases {
                let opening = ledger.clone();
                let sections = spawn_blocking(move || opening.open_released(&release))
                    .await
                    .map_err(|_| Told::lost())??;
                for section in &sections {
                    let section = Some(letopis_service_rpc::convert::section(section));
                    if sender.send(Ok(proto::ReadSectionsResponse { section })).await.is_err() {
                        return Ok(());
                    }
                }
            }
            Ok(())
        };
        let sent = tokio::select! {
            sent = send => sent,
            () = deadline.passed() => Err(Told::deadline()),
        };
        if let Err(told) = sent {
            // The reader may be gone.
            let _ = sender.send(Err(told.into())).await;
        }
    });
    Ok(authority.watch(ReceiverStream::new(answers)))
}

fn streams(request: &proto::ReadSectionsRequest) -> Result<Vec<StreamKey>, Told> {
    let mut streams = Vec::with_capacity(request.streams.len().min(STREAMS_MAX));
    if !(1..=STREAMS_MAX).contains(&request.streams.len()) {
        return Err(Told::request("streams", "name 1 to 200 streams"));
    }
    for message in &request.streams {
        streams.push(letopis_service_rpc::convert::stream(Some(message))?);
    }
    let mut once = streams.clone();
    once.sort_unstable();
    once.dedup();
    if once.len() < streams.len() {
        return Err(Told::request("streams", "name each stream once"));
    }
    Ok(streams)
}

fn classes(request: &proto::ReadSectionsRequest) -> Result<Vec<Class>, Told> {
    if request.classes.is_empty() {
        return Ok(Class::ALL.to_vec());
    }
    let class = |number: &i32| Class::from_number((*number).into());
    request
        .classes
        .iter()
        .map(|number| class(number).ok_or_else(|| Told::request("classes", "an unknown class")))
        .collect()
}
