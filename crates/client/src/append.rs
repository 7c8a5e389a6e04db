//! Sending statements: one by one, or many in a row without waiting for each.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use letopis_domain::Fact;
use letopis_log::Link;
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as pb;
use letopis_proto::ledger::v1::append_stream_response::Result as Outcome;
use letopis_types::{Sequence, StreamId, StreamKey, StreamKind};
use tokio::sync::mpsc;
use tokio::time::sleep_until;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Response, Streaming};

use crate::caller::Caller;
use crate::client::LedgerClient;
use crate::error::{ClientError, Distrust, Refused, Usage};
use crate::fault::Fault;
use crate::receipt::{Proven, Recorded};
use crate::retry::Backoff;
use crate::signed::SignedStatement;
use crate::trust::SignedCheckpoint;

/// Bytes of statements and sections that may be on their way unanswered.
const PENDING_BYTES_MAX: usize = 64 << 20;

/// Receipts under checkpoints from before, which are checked together.
const OLDER_MAX: usize = 64;

impl LedgerClient {
    /// Records one statement. The same is sent again for as long as [`crate::Retry`] says; it is
    /// recorded once. A statement by which the caller gives up its own token key or role is recorded
    /// too, though nobody can ask for the proof any more: [`Recorded::believed`] tells.
    ///
    /// # Errors
    /// [`ClientError::Refused`], for the author to decide again; [`ClientError::Unavailable`], when
    /// it may or may not be in the record; [`ClientError::Distrust`].
    pub async fn append(&self, statement: &SignedStatement) -> Result<Recorded, ClientError> {
        self.check_ledger(statement)?;
        let floor = self.known.size();
        let request = pb::AppendRequest { submission: Some(statement.submission()) };
        let answer = self
            .caller
            .call(&request, |mut grpc, request| async move { grpc.append(request).await })
            .await?;
        let missing = Distrust::Malformed { what: "there is no receipt" };
        let receipt = answer.receipt.ok_or(missing)?;
        let proven = self.verify_receipt(receipt, statement)?;
        // What was recorded before may come with its first receipt.
        let floor = if proven.already_recorded { Sequence::ZERO } else { floor };
        let gave_up = self.gives_up_own(statement);
        let believed = self.believe_after(&proven.checkpoint, floor, gave_up).await?;
        let (statement, signatures) = statement.clone().into_parts();
        let mut recorded = proven.with(statement, signatures);
        recorded.believed = believed;
        Ok(recorded)
    }

    /// Does it take keys or a role from whoever makes the calls?
    fn gives_up_own(&self, statement: &SignedStatement) -> bool {
        let Some(acting_as) = &self.caller.options.acting_as else { return false };
        let own = StreamKey { kind: StreamKind::Actor, id: StreamId(acting_as.signer.actor().0) };
        statement.stream() == own
            && matches!(
                statement.fact(),
                Ok(Fact::KeySuspended(_)
                    | Fact::KeyRevoked(_)
                    | Fact::KeyCompromised(_)
                    | Fact::KeyRotated(_)
                    | Fact::RoleEnded(_))
            )
    }

    /// Believes the checkpoint of a receipt. False: the caller has just given up the authority to ask
    /// for the proof, so that the checkpoint is not remembered either.
    ///
    /// TRUST: a ledger that refuses the proof gains nothing but that this one checkpoint is not held
    /// against it here: the next proof goes on from the last one believed.
    async fn believe_after(
        &self,
        checkpoint: &Arc<SignedCheckpoint>,
        floor: Sequence,
        gave_up: bool,
    ) -> Result<bool, ClientError> {
        match self.believe(checkpoint, floor).await {
            Err(ClientError::Refused(refused))
                if gave_up
                    && matches!(refused.reason, Reason::TokenKeyWrong | Reason::RoleNotInForce) =>
            {
                Ok(false)
            }
            believed => believed.map(|()| true),
        }
    }

    /// Records statements as they come, with at most `window` unanswered; see [`AppendStream`].
    pub fn append_stream<S>(&self, statements: S, window: usize) -> AppendStream<S>
    where
        S: Stream<Item = SignedStatement> + Unpin,
    {
        AppendStream {
            input: Some(statements),
            window: window.max(1),
            pending: VecDeque::new(),
            pending_bytes: 0,
            answered: 0,
            connection: None,
            backoff: self.caller.backoff(),
            checks: Checks::new(),
            is_over: false,
            client: self.clone(),
        }
    }

    /// Nothing about people goes to another ledger than the one that it is meant for.
    fn check_ledger(&self, statement: &SignedStatement) -> Result<(), Usage> {
        if statement.ledger() == Some(*self.ledger()) {
            return Ok(());
        }
        Err(Usage::OtherLedger { ledger: *self.ledger() })
    }

    fn verify_receipt(
        &self,
        receipt: pb::Receipt,
        statement: &SignedStatement,
    ) -> Result<Proven, Distrust> {
        let hashes = (statement.statement_hash(), statement.signatures_hash());
        Proven::verify(receipt, hashes.0, hashes.1, &self.known)
    }
}

/// What became of one statement of a stream.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Which one, from 0, in the order sent.
    pub index: u64,
    /// Its receipt, verified; or why the ledger refused it. The others go on.
    pub outcome: Result<Recorded, Refused>,
}

/// Statements on their way into the record: pipelined, answered in the order sent.
///
/// A connection that breaks, or an answer that asks for it, has everything unanswered sent again,
/// in the same order. Every receipt is verified, each checkpoint's signature once, and links that
/// follow one another must chain. At [`crate::Options::check_interval`], and at the end, the newest
/// checkpoint is proven to go on from the last one believed, and remembered; only when
/// [`Self::next`] has answered `None` is that so for the whole stream.
///
/// INVARIANT: `pending` is what was taken and not answered, in order; what the open connection was
/// given is exactly that, behind what it has answered.
#[derive(Debug)]
pub struct AppendStream<S> {
    client: LedgerClient,
    /// `None`: it has ended.
    input: Option<S>,
    window: usize,
    pending: VecDeque<SignedStatement>,
    pending_bytes: usize,
    answered: u64,
    connection: Option<Connection>,
    backoff: Backoff,
    checks: Checks,
    is_over: bool,
}

/// What happens next to a stream.
enum Step {
    Taken(Option<SignedStatement>),
    Answered(pb::AppendStreamResponse),
    Failed(Fault),
}

impl<S: Stream<Item = SignedStatement> + Unpin> AppendStream<S> {
    /// The next answer; `None` once every statement has one. After an error the stream is over:
    /// statements from the one after the last answer on may or may not be in the record. A refusal
    /// of the call itself, as of a message that is too large for the server, is such an error.
    ///
    /// Nothing is lost if the future is dropped before it is ready. Statements are sent and
    /// answers taken only while it is awaited.
    pub async fn next(&mut self) -> Option<Result<Answer, ClientError>> {
        if self.is_over {
            return None;
        }
        let next = self.advance().await.transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }

    async fn advance(&mut self) -> Result<Option<Answer>, ClientError> {
        loop {
            let due_at = self.checks.due_at(&self.client.caller);
            if Instant::now() >= due_at {
                self.checks.make(&self.client).await?;
            }
            let step = match (self.pending.is_empty(), &mut self.input) {
                (true, None) => {
                    self.connection = None;
                    self.checks.make(&self.client).await?;
                    return Ok(None);
                }
                (true, Some(input)) => tokio::select! {
                    taken = input.next() => Step::Taken(taken),
                    () = sleep_until(due_at.into()), if self.checks.newest.is_some() => continue,
                },
                (false, _) => self.step().await,
            };
            match step {
                Step::Taken(Some(statement)) => self.send(statement)?,
                Step::Taken(None) => self.end_input(),
                Step::Answered(answer) => match self.settle(answer)? {
                    Ok(answer) => return Ok(Some(answer)),
                    Err(fault) => self.connect_again(fault).await?,
                },
                Step::Failed(fault) => self.connect_again(fault).await?,
            }
        }
    }

    /// INVARIANT: called with something pending, so that a connection is opened with something to
    /// say, and something is waited for.
    async fn step(&mut self) -> Step {
        let (client, pending) = (&self.client, &self.pending);
        let connection =
            self.connection.get_or_insert_with(|| Connection::open(client, pending, self.window));
        if self.input.is_none() {
            connection.requests = None;
        }
        let may_take = self.pending.len() < self.window && self.pending_bytes < PENDING_BYTES_MAX;
        let overdue = connection.progress_at + client.caller.options.timeout;
        tokio::select! {
            biased;
            answer = connection.next() => match answer {
                Ok(Some(answer)) => Step::Answered(answer),
                Ok(None) => Step::Failed(Fault::ended()),
                Err(fault) => Step::Failed(fault),
            },
            taken = next_of(&mut self.input), if may_take => Step::Taken(taken),
            () = sleep_until(overdue.into()) => Step::Failed(Fault::deadline()),
        }
    }

    fn send(&mut self, statement: SignedStatement) -> Result<(), ClientError> {
        self.client.check_ledger(&statement)?;
        if let Some(connection) = &mut self.connection {
            if self.pending.is_empty() {
                connection.progress_at = Instant::now();
            }
            connection.send(&statement);
        }
        self.pending_bytes += statement.bytes();
        self.pending.push_back(statement);
        Ok(())
    }

    fn end_input(&mut self) {
        self.input = None;
        if let Some(connection) = &mut self.connection {
            connection.requests = None;
        }
    }

    /// Takes an answer as that of the first statement pending. The inner error: it asks for the
    /// same again.
    fn settle(
        &mut self,
        answer: pb::AppendStreamResponse,
    ) -> Result<Result<Answer, Fault>, ClientError> {
        let malformed = |what| Distrust::Malformed { what };
        let first =
            self.pending.front().ok_or_else(|| malformed("more answers than statements"))?;
        let outcome = match answer.result.ok_or_else(|| malformed("an answer without result"))? {
            Outcome::Error(error) => match Fault::from_value(error) {
                Fault::Refused(refused) => Err(refused),
                fault => return Ok(Err(fault)),
            },
            Outcome::Receipt(receipt) => {
                let proven = self.client.verify_receipt(receipt, first)?;
                let floor = self.connection.as_ref().map_or(Sequence::ZERO, |c| c.floor);
                self.checks.take(&proven, floor, &self.client)?;
                Ok(proven)
            }
        };
        let first = self.pending.pop_front().ok_or_else(|| malformed("nothing was pending"))?;
        self.pending_bytes -= first.bytes();
        self.backoff.answered();
        if let Some(connection) = &mut self.connection {
            connection.progress_at = Instant::now();
        }
        let index = self.answered;
        self.answered += 1;
        let outcome = outcome.map(|proven| {
            let gave_up = self.client.gives_up_own(&first);
            self.checks.gave_up |= gave_up;
            let (statement, signatures) = first.into_parts();
            let mut recorded = proven.with(statement, signatures);
            recorded.believed = !gave_up;
            recorded
        });
        Ok(Ok(Answer { index, outcome }))
    }

    /// Gives the connection up; the next step opens another, and sends what is pending again.
    async fn connect_again(&mut self, fault: Fault) -> Result<(), ClientError> {
        self.connection = None;
        self.backoff.after(fault).await
    }
}

async fn next_of<S: Stream + Unpin>(input: &mut Option<S>) -> Option<S::Item> {
    match input {
        Some(input) => input.next().await,
        None => std::future::pending().await,
    }
}

type Opening = Pin<Box<dyn Future<Output = Result<Response<Answers>, Fault>> + Send>>;
type Answers = Streaming<pb::AppendStreamResponse>;

/// One call of AppendStream.
struct Connection {
    /// `None`: nothing more will be sent.
    requests: Option<mpsc::Sender<pb::AppendStreamRequest>>,
    /// The server may wait for a first statement before it opens its side.
    opening: Option<Opening>,
    answers: Option<Answers>,
    /// How long the log was known to be before any of this was sent.
    floor: Sequence,
    /// When the last answer came, or something began to be waited for.
    progress_at: Instant,
}

impl Connection {
    /// Opens a call, and sends what is pending. A call of this kind has no deadline of its own; an
    /// answer does not come in time where there is no progress.
    fn open(client: &LedgerClient, pending: &VecDeque<SignedStatement>, window: usize) -> Self {
        // INVARIANT: never full, since at most `window` statements are pending.
        let (requests, statements) = mpsc::channel(window);
        let caller = client.caller.clone();
        let opening = async move {
            let statements = ReceiverStream::new(statements);
            let request = caller.streaming::<pb::AppendStreamRequest, _>(statements).await?;
            Ok(caller.grpc.clone().append_stream(request).await?)
        };
        let this = Self {
            requests: Some(requests),
            opening: Some(Box::pin(opening)),
            answers: None,
            floor: client.known.size(),
            progress_at: Instant::now(),
        };
        pending.iter().for_each(|statement| this.send(statement));
        this
    }

    fn send(&self, statement: &SignedStatement) {
        if let Some(requests) = &self.requests {
            // Where the connection is broken, its answers say so, and all is sent again.
            let submission = Some(statement.submission());
            let _ = requests.try_send(pb::AppendStreamRequest { submission });
        }
    }

    /// Nothing is lost if the future is dropped before it is ready.
    async fn next(&mut self) -> Result<Option<pb::AppendStreamResponse>, Fault> {
        if let Some(opening) = &mut self.opening {
            let opened = opening.await;
            self.opening = None;
            self.answers = Some(opened?.into_inner());
        }
        match &mut self.answers {
            Some(answers) => Ok(answers.message().await?),
            None => Ok(None),
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("floor", &self.floor).finish_non_exhaustive()
    }
}

/// What of a stream's receipts is still to be proven against what was believed.
#[derive(Debug)]
struct Checks {
    newest: Option<Arc<SignedCheckpoint>>,
    /// Those of statements that were in the record before the stream began.
    older: Vec<Arc<SignedCheckpoint>>,
    made_at: Instant,
    previous: Option<Link>,
    /// One of the statements took from the caller what it needs to ask for a proof.
    gave_up: bool,
}

impl Checks {
    fn new() -> Self {
        let (older, made_at) = (Vec::new(), Instant::now());
        Self { newest: None, older, made_at, previous: None, gave_up: false }
    }

    /// Takes note of a receipt, and checks what can be checked without asking.
    fn take(
        &mut self,
        proven: &Proven,
        floor: Sequence,
        client: &LedgerClient,
    ) -> Result<(), Distrust> {
        if let Some(previous) = &self.previous {
            check_chain(previous, &proven.link)?;
        }
        self.previous = Some(proven.link);
        let checkpoint = &proven.checkpoint;
        if checkpoint.size() < floor && proven.already_recorded {
            if self.older.last().is_none_or(|last| !Arc::ptr_eq(last, checkpoint)) {
                self.older.push(Arc::clone(checkpoint));
            }
            return Ok(());
        }
        client.check_floor(checkpoint, floor)?;
        match &self.newest {
            Some(newest) if Arc::ptr_eq(newest, checkpoint) => {}
            Some(newest) if newest.size() == checkpoint.size() => {
                client.check_root(newest, checkpoint)?;
            }
            Some(newest) if newest.size() > checkpoint.size() => {}
            _ => self.newest = Some(Arc::clone(checkpoint)),
        }
        Ok(())
    }

    fn due_at(&self, caller: &Caller) -> Instant {
        let is_full = self.older.len() >= OLDER_MAX;
        self.made_at + if is_full { Duration::ZERO } else { caller.options.check_interval }
    }

    /// Nothing is lost if the future is dropped before it is ready.
    async fn make(&mut self, client: &LedgerClient) -> Result<(), ClientError> {
        if let Some(newest) = &self.newest {
            client.believe_after(newest, Sequence::ZERO, self.gave_up).await?;
            self.newest = None;
        }
        while let Some(older) = self.older.last() {
            client.believe_after(older, Sequence::ZERO, self.gave_up).await?;
            self.older.pop();
        }
        self.made_at = Instant::now();
        Ok(())
    }
}

/// Where one link follows the other, it says so.
fn check_chain(previous: &Link, link: &Link) -> Result<(), Distrust> {
    let sequence = link.sequence;
    if sequence == previous.sequence.next() {
        if link.previous != previous.hash() {
            return Err(Distrust::Chain { sequence, what: "it does not follow the link before" });
        }
        if link.recorded_at < previous.recorded_at {
            return Err(Distrust::Chain { sequence, what: "its time is before the link before" });
        }
    }
    Ok(())
}
