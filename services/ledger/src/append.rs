//! AppendStream: statements are checked in parallel, submitted in order, answered in order.

use std::pin::Pin;
use std::task::Poll;

use letopis_ledger::submission::{Prepared, Submission, prepare};
use letopis_ledger::{Ledger, LedgerError, Receipt};
use letopis_proto::ledger::v1 as proto;
use letopis_proto::ledger::v1::append_stream_response::Result as Outcome;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_stream::Stream as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use letopis_service_rpc::{Answers, Authority, Deadline, Held, Told, oversize};

use crate::convert;

/// Statements of one stream that are checked together on one thread.
const BATCH: usize = 32;

/// Bytes of one such batch, after which it is closed.
const BATCH_BYTES: usize = 1 << 20;

/// Batches of one stream that are being checked.
const CHECKING: usize = 4;

/// Statements of one stream that are submitted and not answered.
const WINDOW: usize = 512;

type Receipts = Pin<Box<dyn Future<Output = Result<Receipt, LedgerError>> + Send>>;
type Checked = Vec<Taken<Prepared>>;

/// What comes out of one stage and into the next, in order.
enum Next<T> {
    Work(T),
    /// The last one: why the stream ends early.
    End(Status),
}

/// A statement that was refused, or whose receipt is on its way.
enum Submitted {
    Refused(Told),
    Waiting(Receipts),
}

/// A call of AppendStream.
pub(crate) struct AppendStream {
    pub(crate) requests: Streaming<proto::AppendStreamRequest>,
    /// The room that its messages take up.
    pub(crate) held: Held,
    pub(crate) authority: Authority,
    pub(crate) deadline: Deadline,
    pub(crate) stopping: watch::Receiver<bool>,
}

pub(crate) fn append_stream(
    ledger: &Ledger,
    stream: AppendStream,
) -> Answers<proto::AppendStreamResponse> {
    let (checking, checked) = mpsc::channel(CHECKING);
    let (submitting, submitted) = mpsc::channel(WINDOW);
    let (answering, answers) = mpsc::channel(WINDOW);
    tokio::spawn(check(stream, checking));
    tokio::spawn(submit(ledger.clone(), checked, submitting));
    tokio::spawn(answer(submitted, answering));
    Box::pin(ReceiverStream::new(answers))
}

/// Takes in what has come, and has it checked.
async fn check(stream: AppendStream, checking: mpsc::Sender<Next<JoinHandle<Checked>>>) {
    let AppendStream { mut requests, held, authority, deadline, mut stopping } = stream;
    loop {
        let over = |told: Told| (Vec::new(), Some(told.into()));
        let (batch, end) = tokio::select! {
            batch = next_batch(&mut requests, &held) => batch,
            () = deadline.passed() => over(Told::deadline()),
            told = authority.ended() => over(told),
            _ = stopping.wait_for(|stopping| *stopping) => over(Told::shutting_down()),
        };
        // What has come together is decided together.
        let (batch, end) = authority.check().map_or_else(over, |()| (batch, end));
        let finished = end.is_some() || batch.is_empty();
        if !batch.is_empty() {
            let work = spawn_blocking(move || batch.into_iter().map(Taken::check).collect());
            if checking.send(Next::Work(work)).await.is_err() {
                return;
            }
        }
        if let Some(status) = end {
            // The receiver is gone only when the caller is.
            let _ = checking.send(Next::End(status)).await;
        }
        if finished {
            return;
        }
    }
}

/// A statement on its way to the ledger, and the room that its message takes up until it is there.
struct Taken<T> {
    statement: Result<T, Told>,
    room: Option<OwnedSemaphorePermit>,
}

impl Taken<Submission> {
    fn check(self) -> Taken<Prepared> {
        let check = |submission| prepare(submission).map_err(|no| LedgerError::from(no).into());
        Taken { statement: self.statement.and_then(check), room: self.room }
    }
}

/// Waits for a statement and takes those that have come with it. Empty: there are no more.
async fn next_batch(
    requests: &mut Streaming<proto::AppendStreamRequest>,
    held: &Held,
) -> (Vec<Taken<Submission>>, Option<Status>) {
    let mut batch = Vec::new();
    let mut bytes = 0;
    std::future::poll_fn(|context| {
        while batch.len() < BATCH && bytes < BATCH_BYTES {
            match Pin::new(&mut *requests).poll_next(context) {
                Poll::Ready(Some(Ok(request))) => {
                    let statement = convert::submission(request.submission);
                    bytes += statement.as_ref().map_or(0, Submission::bytes);
                    batch.push(Taken { statement, room: held.take() });
                }
                Poll::Ready(Some(Err(status))) => {
                    return Poll::Ready((std::mem::take(&mut batch), Some(oversize::told(status))));
                }
                Poll::Ready(None) => break,
                Poll::Pending if batch.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready((std::mem::take(&mut batch), None))
    })
    .await
}

/// Submits in order what was found right.
async fn submit(
    ledger: Ledger,
    mut checked: mpsc::Receiver<Next<JoinHandle<Checked>>>,
    submitting: mpsc::Sender<Next<Submitted>>,
) {
    while let Some(next) = checked.recv().await {
        let batch = match next {
            Next::Work(work) => work
                .await
                .unwrap_or_else(|_| vec![Taken { statement: Err(Told::lost()), room: None }]),
            Next::End(status) => {
                let _ = submitting.send(Next::End(status)).await;
                return;
            }
        };
        for Taken { statement, room } in batch {
            let submitted = match statement {
                Err(told) => Submitted::Refused(told),
                Ok(prepared) => match ledger.submit(prepared).await {
                    Ok(receipt) => Submitted::Waiting(Box::pin(receipt)),
                    Err(error) => Submitted::Refused(error.into()),
                },
            };
            // The ledger counts it from here on.
            drop(room);
            if submitting.send(Next::Work(submitted)).await.is_err() {
                return;
            }
        }
    }
}

/// Answers in order.
async fn answer(
    mut submitted: mpsc::Receiver<Next<Submitted>>,
    answering: mpsc::Sender<Result<proto::AppendStreamResponse, Status>>,
) {
    while let Some(next) = submitted.recv().await {
        let outcome = match next {
            Next::Work(Submitted::Refused(told)) => Ok(Outcome::Error(told.into_value())),
            Next::Work(Submitted::Waiting(receipt)) => Ok(match receipt.await {
                Ok(receipt) => Outcome::Receipt(convert::receipt(&receipt)),
                Err(error) => Outcome::Error(Told::from(error).into_value()),
            }),
            Next::End(status) => Err(status),
        };
        let answer = outcome.map(|result| proto::AppendStreamResponse { result: Some(result) });
        if answering.send(answer).await.is_err() {
            return;
        }
    }
}
