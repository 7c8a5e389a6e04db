//! The streams that give out: the log, and sections.

use letopis_ledger::token::Call;
use letopis_ledger::{Ledger, LedgerError};
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_types::{Class, Sequence, StreamKey};
use prost::Message as _;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::convert;
use crate::deadline::Deadline;
use crate::service::Answers;
use crate::status::Told;

/// Events in one message of the log.
const LOG_EVENTS: usize = 200;

/// Messages that wait for a slow reader; reading goes on when it has taken one.
const WAITING: usize = 4;

/// Sections that wait for a slow reader.
const SECTIONS_WAITING: usize = 16;

/// The most streams of one ReadSections.
const STREAMS_MAX: usize = 200;

const READ_SECTIONS: &str = "letopis.ledger.v1.LedgerService/ReadSections";

pub(crate) fn read_log(
    ledger: &Ledger,
    request: &proto::ReadLogRequest,
    deadline: Deadline,
    mut stopping: watch::Receiver<bool>,
) -> Result<Answers<proto::ReadLogResponse>, Status> {
    let size = ledger.size();
    let from = Sequence(request.from_sequence);
    if from > size {
        let beyond = letopis_ledger::NotFound::Sequence { size };
        return Err(Told::from(LedgerError::from(beyond)).into());
    }
    let (sender, answers) = mpsc::channel(WAITING);
    let (ledger, follow) = (ledger.clone(), request.follow);
    tokio::spawn(async move {
        let sent = tokio::select! {
            sent = send_log(&ledger, from, follow, &sender) => sent,
            () = deadline.passed() => Err(Told::deadline()),
            _ = stopping.wait_for(|stopping| *stopping) => Err(Told::shutting_down()),
        };
        if let Err(told) = sent {
            // The reader may be gone.
            let _ = sender.send(Err(told.into())).await;
        }
    });
    Ok(Box::pin(ReceiverStream::new(answers)))
}

async fn send_log(
    ledger: &Ledger,
    mut next: Sequence,
    follow: bool,
    sender: &mpsc::Sender<Result<proto::ReadLogResponse, Status>>,
) -> Result<(), Told> {
    let mut follower = ledger.follow();
    let until = ledger.size();
    loop {
        let reading = ledger.clone();
        let events = spawn_blocking(move || reading.read_log(next, LOG_EVENTS))
            .await
            .map_err(|_| Told::new(Reason::RecordUnavailable, "the answer was lost"))??;
        if let Some(last) = events.last() {
            next = last.link.sequence.next();
            let events = events.into_iter().map(convert::event).collect();
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
    token: Option<&str>,
    request: &proto::ReadSectionsRequest,
    deadline: Deadline,
) -> Result<Answers<proto::ReadSectionsResponse>, Status> {
    let streams = streams(request)?;
    let classes = classes(request)?;
    let call = Call { method: READ_SECTIONS, request: &request.encode_to_vec() };
    let caller = ledger.check_caller(token, call).map_err(Told::from)?;
    ledger.caught_up().await.map_err(LedgerError::from).map_err(Told::from)?;
    let reading = ledger.clone();
    let releases = spawn_blocking(move || reading.releases(&streams, &classes))
        .await
        .map_err(|_| Told::new(Reason::RecordUnavailable, "the answer was lost"))?
        .map_err(Told::from)?;
    // No record, no content: nothing is opened before the readings are durable.
    ledger.record_reading(&caller, &releases).await.map_err(Told::from)?;

    let (sender, answers) = mpsc::channel(SECTIONS_WAITING);
    let ledger = ledger.clone();
    tokio::spawn(async move {
        let send = async {
            for release in releases {
                let opening = ledger.clone();
                let sections = spawn_blocking(move || opening.open_released(&release))
                    .await
                    .map_err(|_| Told::new(Reason::RecordUnavailable, "the answer was lost"))??;
                for section in &sections {
                    let section = Some(convert::section(section));
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
    Ok(Box::pin(ReceiverStream::new(answers)))
}

fn streams(request: &proto::ReadSectionsRequest) -> Result<Vec<StreamKey>, Told> {
    let mut streams = Vec::with_capacity(request.streams.len().min(STREAMS_MAX));
    if !(1..=STREAMS_MAX).contains(&request.streams.len()) {
        return Err(Told::request("streams", "name 1 to 200 streams"));
    }
    for message in &request.streams {
        streams.push(convert::stream(Some(message))?);
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
