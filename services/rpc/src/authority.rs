//! Under whose authority a call is answered, and for how long: each token is for one call, and no
//! call outlasts the authority that its token proved.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use letopis_ledger::token::{Call, Caller, TokenError};
use letopis_ledger::{Ledger, LedgerError};
use letopis_proto::error::v1::Reason;
use prost::Message;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataMap;
use tonic::{Request, Status};

use crate::deadline::Deadline;
use crate::settings::{Answers, Settings};
use crate::status::Told;

/// How often a stream on which nothing happens looks whether its caller's authority is still there.
const LOOK: Duration = Duration::from_secs(1);

/// A message larger than this is hashed on a thread of its own, so that it does not keep others
/// waiting.
const LARGE_BYTES: usize = 64 * 1024;

/// Whose calls are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Those that carry a token.
    Token,
    /// Anybody's, save those that name a reader on the record. A token that comes along is checked.
    /// TRUST: for trial ledgers only.
    Open,
}

/// Under what a call is answered.
#[derive(Debug, Clone)]
pub struct Authority {
    ledger: Ledger,
    /// `None`: admitted without a token.
    proven: Option<Proven>,
}

#[derive(Debug, Clone)]
struct Proven {
    caller: Caller,
    until: Instant,
}

/// Who makes a call, and its message. For methods that are answered to nobody without a token.
///
/// # Errors
/// Why its token does not carry it.
pub async fn admit<T: Message + 'static>(
    ledger: &Ledger,
    settings: &Settings,
    method: &'static str,
    request: Request<T>,
) -> Result<(Caller, T), Status> {
    let (metadata, _, message) = request.into_parts();
    let (authority, message) =
        Authority::of_message(ledger, settings, &metadata, method, message).await?;
    Ok((authority.caller()?.clone(), message))
}

impl Authority {
    /// Of a call with one message, which is handed back.
    ///
    /// # Errors
    /// Why its token does not carry it.
    pub async fn of_message<T: Message + 'static>(
        ledger: &Ledger,
        settings: &Settings,
        metadata: &MetadataMap,
        method: &'static str,
        message: T,
    ) -> Result<(Self, T), Told> {
        let check = |ledger: &Ledger, token: &str, call: Call<'_>, _: &T| {
            ledger.check_caller(Some(token), call)
        };
        Self::of_checked(ledger, settings, metadata, method, message, check).await
    }

    /// Of a call that records one statement, whose bytes `statement` finds in the message. Whoever gives
    /// up power of its own needs less to do so ([`Ledger::check_author`]).
    ///
    /// # Errors
    /// Why its token does not carry it.
    pub async fn of_author<T: Message + 'static>(
        ledger: &Ledger,
        settings: &Settings,
        metadata: &MetadataMap,
        method: &'static str,
        message: T,
        statement: fn(&T) -> &[u8],
    ) -> Result<(Self, T), Told> {
        let check = move |ledger: &Ledger, token: &str, call: Call<'_>, message: &T| {
            ledger.check_author(token, call, statement(message))
        };
        Self::of_checked(ledger, settings, metadata, method, message, check).await
    }

    async fn of_checked<T: Message + 'static>(
        ledger: &Ledger,
        settings: &Settings,
        metadata: &MetadataMap,
        method: &'static str,
        message: T,
        check: impl FnOnce(&Ledger, &str, Call<'_>, &T) -> Result<Caller, LedgerError> + Send + 'static,
    ) -> Result<(Self, T), Told> {
        let Some(token) = bearer(settings.admission, metadata)? else {
            return Ok((Self { ledger: ledger.clone(), proven: None }, message));
        };
        let is_large = message.encoded_len() > LARGE_BYTES;
        let asked = ledger.clone();
        let check = move || {
            let request = message.encode_to_vec();
            let caller = check(&asked, &token, Call { method, request: &request }, &message)?;
            Ok::<_, LedgerError>((caller, message))
        };
        let (caller, message) = match is_large {
            true => spawn_blocking(check).await.map_err(|_| Told::lost())??,
            false => check()?,
        };
        Ok((Self::proven(ledger, settings, caller), message))
    }

    /// Of a call whose messages come later: its token is for a message of no bytes.
    ///
    /// # Errors
    /// Why its token does not carry it.
    pub fn of_stream(
        ledger: &Ledger,
        settings: &Settings,
        metadata: &MetadataMap,
        method: &'static str,
    ) -> Result<Self, Told> {
        let Some(token) = bearer(settings.admission, metadata)? else {
            return Ok(Self { ledger: ledger.clone(), proven: None });
        };
        let caller = ledger.check_caller(Some(&token), Call { method, request: &[] })?;
        Ok(Self::proven(ledger, settings, caller))
    }

    fn proven(ledger: &Ledger, settings: &Settings, caller: Caller) -> Self {
        let until = Instant::now() + settings.stream_max;
        Self { ledger: ledger.clone(), proven: Some(Proven { caller, until }) }
    }

    /// Who calls. Without a token nobody is named, and what names its reader is refused.
    ///
    /// # Errors
    /// No token came along.
    pub fn caller(&self) -> Result<&Caller, Told> {
        let missing = || Told::from(LedgerError::from(TokenError::Missing));
        self.proven.as_ref().map(|proven| &proven.caller).ok_or_else(missing)
    }

    /// Who calls; `None` where the call was admitted without a token.
    #[must_use]
    pub fn known(&self) -> Option<&Caller> {
        self.proven.as_ref().map(|proven| &proven.caller)
    }

    /// Whether it still carries the call: asked anew for each message of a stream.
    ///
    /// # Errors
    /// Why it does not.
    pub fn check(&self) -> Result<(), Told> {
        let Some(Proven { caller, until }) = &self.proven else { return Ok(()) };
        if Instant::now() >= *until {
            return Err(Told::new(
                Reason::StreamExpired,
                "a stream ends after 15 minutes: make a new token and go on where this one ended",
            ));
        }
        self.ledger.still_in_force(caller).map_err(|error| {
            let message =
                format!("the caller's authority changed while the stream went on: {error}");
            Told::new(Reason::AuthorityChanged, message)
        })
    }

    /// Waits until it does not, and says why.
    pub async fn ended(&self) -> Told {
        let Some(Proven { until, .. }) = &self.proven else { return std::future::pending().await };
        loop {
            sleep_until((Instant::now() + LOOK).min(*until)).await;
            if let Err(told) = self.check() {
                return told;
            }
        }
    }
}

impl Authority {
    /// What some work of its own sends, until it is done, the deadline passes, the server goes down or nobody
    /// listens any more; so many messages wait for a slow reader.
    pub fn answer<T, F>(
        self,
        settings: &Settings,
        deadline: Deadline,
        waiting: usize,
        work: impl FnOnce(Self, mpsc::Sender<Result<T, Status>>) -> F,
    ) -> Answers<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<(), Told>> + Send + 'static,
    {
        let (sender, answers) = mpsc::channel(waiting);
        let mut stopping = settings.stopping.clone();
        let work = work(self.clone(), sender.clone());
        tokio::spawn(async move {
            let sent = tokio::select! {
                sent = work => sent,
                () = deadline.passed() => Err(Told::deadline()),
                () = sender.closed() => return,
                _ = stopping.wait_for(|stopping| *stopping) => Err(Told::shutting_down()),
            };
            if let Err(told) = sent {
                // The reader may be gone.
                let _ = sender.send(Err(told.into())).await;
            }
        });
        self.watch(ReceiverStream::new(answers))
    }

    /// Answers that go out for as long as the authority carries them: decided for each message when
    /// it leaves, so that what waits for a slow reader does not outlast it.
    pub fn watch<T: Send + 'static>(
        self,
        answers: ReceiverStream<Result<T, Status>>,
    ) -> Answers<T> {
        let ended = {
            let watched = self.clone();
            Box::pin(async move { watched.ended().await })
        };
        Box::pin(Watched { authority: self, answers, ended: Some(ended) })
    }
}

/// See [`Authority::watch`].
struct Watched<T> {
    authority: Authority,
    answers: ReceiverStream<Result<T, Status>>,
    /// Waits for the end; `None` after it.
    ended: Option<Pin<Box<dyn Future<Output = Told> + Send>>>,
}

impl<T> Stream for Watched<T> {
    type Item = Result<T, Status>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(ended) = &mut this.ended else { return Poll::Ready(None) };
        if let Poll::Ready(told) = ended.as_mut().poll(context) {
            this.ended = None;
            return Poll::Ready(Some(Err(told.into())));
        }
        let answer = ready!(Pin::new(&mut this.answers).poll_next(context));
        let decided = answer.map(|answer| {
            let message = answer?;
            this.authority.check()?;
            Ok(message)
        });
        Poll::Ready(decided)
    }
}

/// The token that came along; `None` where none did and none is needed.
fn bearer(admission: Admission, metadata: &MetadataMap) -> Result<Option<String>, Told> {
    let sent = metadata.get("authorization");
    let token = sent.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match (token, sent, admission) {
        (Some(token), ..) => Ok(Some(token.to_owned())),
        (None, None, Admission::Open) => Ok(None),
        _ => Err(LedgerError::from(TokenError::Missing).into()),
    }
}
