//! Asking: one question after the other, and many in flight.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use letopis_client::LedgerClient;
use letopis_proto::accountability::v1 as pb;
use letopis_proto::accountability::v1::accountability_service_client::AccountabilityServiceClient;
use letopis_proto::ledger::v1::GetCheckpointRequest;
use letopis_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use tokio::task::JoinSet;
use tonic::Request;
use tonic::transport::Channel;

use super::super::server::Server;
use super::cases::LONG;
use crate::failure::Failure;

/// Requests that are signed before they are sent.
const TOGETHER: usize = 4000;

type Grpc = AccountabilityServiceClient<Channel>;

/// A question, signed for as whoever may ask it.
pub(super) type Question = Arc<dyn Fn(usize) -> Option<(LedgerClient, Wanted)> + Send + Sync>;

/// What is asked.
pub(super) enum Wanted {
    /// What costs no more than a call does.
    Checkpoint,
    Case(pb::GetCaseRequest),
    Clocks(pb::ListClocksRequest),
    Known(pb::GetCaseAsKnownAtRequest),
    Trace(pb::TraceDecisionRequest),
}

/// Who asks, and about what.
pub(super) struct Questions<T>(pub(super) Vec<(LedgerClient, T)>);

impl<T: Send + Sync + 'static> Questions<T> {
    /// The questions by number; scattered, so that neighbours in time are none in the ledger.
    pub(super) fn asking(self, wanted: fn(&T) -> Wanted) -> Question {
        Arc::new(move |number| {
            let at = number * 7919 % self.0.len().max(1);
            self.0.get(at).map(|(client, about)| (client.clone(), wanted(about)))
        })
    }
}

/// A request that is signed, and where to.
enum Signed {
    Checkpoint(LedgerServiceClient<Channel>, Request<GetCheckpointRequest>),
    Case(Grpc, Request<pb::GetCaseRequest>),
    Clocks(Grpc, Request<pb::ListClocksRequest>),
    Known(Grpc, Request<pb::GetCaseAsKnownAtRequest>),
    Trace(Grpc, Request<pb::TraceDecisionRequest>),
}

/// What came of a request.
struct Answered {
    /// How long it took since it was sent, in microseconds.
    took: f64,
    /// Holds it what was recorded?
    is_there: bool,
    next_page_token: String,
}

async fn sign(asked: Option<(LedgerClient, Wanted)>) -> Result<Signed, Failure> {
    let (client, wanted) = asked.ok_or_else(|| Failure::other("there is nothing to ask about"))?;
    let grpc = Grpc::new(client.channel());
    macro_rules! signed {
        ($kind:ident, $name:literal, $question:expr) => {{
            let method = concat!("letopis.accountability.v1.AccountabilityService/", $name);
            Ok(Signed::$kind(grpc, client.authorize(method, $question).await?))
        }};
    }
    match wanted {
        Wanted::Checkpoint => {
            let method = "letopis.ledger.v1.LedgerService/GetCheckpoint";
            let request = client.authorize(method, GetCheckpointRequest::default()).await?;
            Ok(Signed::Checkpoint(LedgerServiceClient::new(client.channel()), request))
        }
        Wanted::Case(question) => signed!(Case, "GetCase", question),
        Wanted::Clocks(question) => signed!(Clocks, "ListClocks", question),
        Wanted::Known(question) => signed!(Known, "GetCaseAsKnownAt", question),
        Wanted::Trace(question) => signed!(Trace, "TraceDecision", question),
    }
}

async fn send(signed: Signed) -> Result<Answered, Failure> {
    let started = Instant::now();
    let took = || started.elapsed().as_secs_f64() * 1e6;
    let mut next_page_token = String::new();
    let (took, is_there) = match signed {
        Signed::Checkpoint(mut grpc, question) => {
            let answer = grpc.get_checkpoint(question).await.map_err(Failure::other)?.into_inner();
            (took(), !answer.checkpoint.is_empty())
        }
        Signed::Case(mut grpc, question) => {
            let answer = grpc.get_case(question).await.map_err(Failure::other)?.into_inner();
            (took(), answer.case.is_some_and(|case| !case.clocks.is_empty()))
        }
        Signed::Clocks(mut grpc, question) => {
            let answer = grpc.list_clocks(question).await.map_err(Failure::other)?.into_inner();
            next_page_token = answer.next_page_token;
            (took(), !answer.clocks.is_empty())
        }
        Signed::Known(mut grpc, question) => {
            let answer = grpc.get_case_as_known_at(question).await.map_err(Failure::other)?;
            let case = answer.into_inner().case;
            (took(), case.is_some_and(|case| case.events > LONG as u64))
        }
        Signed::Trace(mut grpc, question) => {
            let answer = grpc.trace_decision(question).await.map_err(Failure::other)?;
            (took(), !answer.into_inner().entries.is_empty())
        }
    };
    Ok(Answered { took, is_there, next_page_token })
}

fn holds(answered: &Answered) -> Result<f64, Failure> {
    let missing = || Failure::other("an answer does not hold what was recorded");
    answered.is_there.then_some(answered.took).ok_or_else(missing)
}

/// How long an answer took since its request was sent; in microseconds.
pub(super) async fn ask(asked: Option<(LedgerClient, Wanted)>) -> Result<f64, Failure> {
    holds(&send(sign(asked).await?).await?)
}

/// How long it took until the first clocks were there: a page of what is looked through may be empty, and
/// whoever waits for them goes on; in microseconds.
pub(super) async fn ask_for_clocks(
    client: LedgerClient,
    mut question: pb::ListClocksRequest,
) -> Result<f64, Failure> {
    let mut waited = 0.0;
    loop {
        let wanted = Wanted::Clocks(question.clone());
        let answered = send(sign(Some((client.clone(), wanted))).await?).await?;
        waited += answered.took;
        if answered.is_there || answered.next_page_token.is_empty() {
            return holds(&Answered { took: waited, ..answered });
        }
        question.page_token = answered.next_page_token;
    }
}

/// How long calls one after the other took, in microseconds. In a task, as in a service: the runtime's first
/// thread would be woken for every step of the connection.
pub(super) async fn alone(question: &Question, calls: usize) -> Result<Vec<f64>, Failure> {
    let question = Arc::clone(question);
    let calls = tokio::spawn(async move {
        let mut took = Vec::with_capacity(calls);
        for number in 0..calls {
            took.push(ask(question(number)).await?);
        }
        Ok(took)
    });
    calls.await.map_err(Failure::other)?
}

/// What calls took with so many in flight.
pub(super) struct InFlight {
    /// Each, in microseconds.
    pub(super) took: Vec<f64>,
    /// The server's processor time for each, in microseconds.
    pub(super) server: f64,
}

/// Calls with so many in flight. They are signed before, where those who call have machines of their own.
pub(super) async fn in_flight(
    server: &Server,
    question: &Question,
    in_flight: u32,
    calls: usize,
) -> Result<InFlight, Failure> {
    let mut measured = InFlight { took: Vec::with_capacity(calls), server: 0.0 };
    for first in (0..calls).step_by(TOGETHER) {
        let mut signed = Vec::with_capacity(TOGETHER);
        for number in first..calls.min(first + TOGETHER) {
            signed.push(sign(question(number)).await?);
        }
        let before = server.cpu_seconds()?;
        let waiting = Arc::new(Mutex::new(signed));
        let mut asking: JoinSet<Result<Vec<f64>, Failure>> = JoinSet::new();
        for _ in 0..in_flight {
            let waiting = Arc::clone(&waiting);
            asking.spawn(async move {
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let mut took = Vec::new();
                while let Some(signed) = next() {
                    took.push(holds(&send(signed).await?)?);
                }
                Ok(took)
            });
        }
        while let Some(done) = asking.join_next().await {
            measured.took.extend(done.map_err(Failure::other)??);
        }
        measured.server += server.cpu_seconds()? - before;
    }
    // INVARIANT: far below 2^53 calls.
    measured.server *= 1e6 / measured.took.len().max(1) as f64;
    Ok(measured)
}
