//! Lists: what is due, who owes it, which cases there are, what was signed; and what is due as it changes.

use letopis_proto::accountability::v1 as pb;
use letopis_types::{Sequence, StreamKey};
use tonic::Streaming;

use super::{TimelineEntry, in_log_order, reaches};
use crate::client::LedgerClient;
use crate::convert::stream;
use crate::error::{ClientError, Distrust};
use crate::fault::Fault;
use crate::pages::goes_on;

/// Takes every page of a list. The page fields of the question are this call's own.
macro_rules! every_page {
    ($client:ident, $question:ident, $call:ident, $items:ident, $take:expr) => {{
        let mut question = $question;
        let at_least = Sequence(question.at_least_size);
        (question.page_size, question.page_token) = (super::PAGE, String::new());
        let mut take = $take;
        loop {
            let page = $client
                .ask(&question, |mut grpc, request| async move { grpc.$call(request).await })
                .await?;
            let as_of = reaches(at_least, page.as_of_size)?;
            for item in page.$items {
                take(item)?;
            }
            // A page ends early where much had to be looked at: an empty one may lead on.
            if !goes_on(&mut question.page_token, page.next_page_token, false)? {
                break as_of;
            }
        }
    }};
}

impl LedgerClient {
    /// The clocks that have not ended, of cases and signals that the caller may see, the most urgent first; and of
    /// how many events that holds, the last page's.
    ///
    /// # Errors
    /// As [`Self::case_now`].
    pub async fn clocks(
        &self,
        question: pb::ListClocksRequest,
    ) -> Result<(Vec<pb::Clock>, Sequence), ClientError> {
        let mut clocks = Vec::<pb::Clock>::new();
        let as_of = every_page!(self, question, list_clocks, clocks, |clock: pb::Clock| {
            by_due_date(clocks.last(), &clock)?;
            clocks.push(clock);
            Ok::<(), Distrust>(())
        });
        Ok((clocks, as_of))
    }

    /// What an actor owes, the caller where none is named; the most urgent first.
    ///
    /// # Errors
    /// As [`Self::case_now`].
    pub async fn duties(
        &self,
        question: pb::ListDutiesRequest,
    ) -> Result<(Vec<pb::OpenDuty>, Sequence), ClientError> {
        let mut duties = Vec::<pb::OpenDuty>::new();
        let as_of = every_page!(self, question, list_duties, duties, |duty: pb::OpenDuty| {
            let clock = duty.clock.as_ref().ok_or(Distrust::Malformed { what: "no clock" })?;
            by_due_date(duties.last().and_then(|duty| duty.clock.as_ref()), clock)?;
            duties.push(duty);
            Ok::<(), Distrust>(())
        });
        Ok((duties, as_of))
    }

    /// The cases that the caller may see, by id.
    ///
    /// # Errors
    /// As [`Self::case_now`].
    pub async fn cases(
        &self,
        question: pb::ListCasesRequest,
    ) -> Result<(Vec<pb::CaseSummary>, Sequence), ClientError> {
        let mut cases = Vec::<pb::CaseSummary>::new();
        let as_of = every_page!(self, question, list_cases, cases, |case: pb::CaseSummary| {
            if cases.last().is_some_and(|last| last.case_id >= case.case_id) {
                return Err(Distrust::Malformed { what: "cases are not in order" });
            }
            cases.push(case);
            Ok(())
        });
        Ok((cases, as_of))
    }

    /// What was signed by an actor, of some kinds, in a time; in log order.
    ///
    /// # Errors
    /// As [`Self::case_now`].
    pub async fn decisions(
        &self,
        question: pb::ListDecisionsRequest,
    ) -> Result<(Vec<TimelineEntry>, Sequence), ClientError> {
        let mut entries = Vec::<TimelineEntry>::new();
        let as_of = every_page!(self, question, list_decisions, entries, |entry| {
            let entry = self.entry_of(entry, |_| true)?;
            in_log_order(entries.last(), &entry)?;
            entries.push(entry);
            Ok::<(), Distrust>(())
        });
        Ok((entries, as_of))
    }

    /// A register that the directorate keeps, by case.
    ///
    /// # Errors
    /// As [`Self::case_now`].
    pub async fn register(
        &self,
        question: pb::GetRegisterRequest,
    ) -> Result<(Vec<pb::RegisterEntry>, Sequence), ClientError> {
        let mut entries = Vec::new();
        let as_of = every_page!(self, question, get_register, entries, |entry| {
            entries.push(entry);
            Ok::<(), Distrust>(())
        });
        Ok((entries, as_of))
    }

    /// Figures of a quarter or year that is over, which name nobody; with what withheld cells mean.
    ///
    /// # Errors
    /// As [`Self::case_now`].
    pub async fn indicators(
        &self,
        question: pb::GetIndicatorsRequest,
    ) -> Result<(pb::GetIndicatorsResponse, Sequence), ClientError> {
        let answer = self
            .ask(&question, |mut grpc, request| async move { grpc.get_indicators(request).await })
            .await?;
        let as_of = reaches(Sequence(question.at_least_size), answer.as_of_size)?;
        for table in &answer.tables {
            let width = table.columns.len();
            if table.rows.is_empty() || table.rows.iter().any(|row| row.cells.len() != width) {
                return Err(Distrust::Malformed { what: "a table is not of its columns" }.into());
            }
        }
        Ok((answer, as_of))
    }

    /// What is due, as it changes: goes on by itself where its token or the connection ended.
    #[must_use]
    pub fn watch_clocks(&self, question: pb::WatchClocksRequest) -> ClockWatch {
        ClockWatch { client: self.clone(), question, streaming: None }
    }
}

fn by_due_date(last: Option<&pb::Clock>, next: &pb::Clock) -> Result<(), Distrust> {
    if last.is_some_and(|last| last.due > next.due) {
        return Err(Distrust::Malformed { what: "clocks are not by due date" });
    }
    Ok(())
}

/// What a watch of clocks tells.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchedClocks {
    /// A file's clocks that have not ended, in place of those that were told before.
    File(StreamKey, Vec<pb::Clock>),
    /// Every file in which a clock runs was told; from here on, what changes.
    Complete,
}

/// See [`LedgerClient::watch_clocks`].
#[derive(Debug)]
pub struct ClockWatch {
    client: LedgerClient,
    question: pb::WatchClocksRequest,
    streaming: Option<Streaming<pb::WatchClocksResponse>>,
}

impl ClockWatch {
    /// With which another watch of the same question goes on.
    #[must_use]
    pub fn resume_token(&self) -> &str {
        &self.question.resume_token
    }

    /// The next; waits for it.
    ///
    /// # Errors
    /// [`ClientError::Refused`], also where too much happened since the token; [`ClientError::Unavailable`]
    /// after the attempts allowed; [`ClientError::Distrust`].
    pub async fn next(&mut self) -> Result<WatchedClocks, ClientError> {
        let mut backoff = self.client.caller.backoff();
        loop {
            match self.more().await {
                Ok(message) => {
                    self.question.resume_token = message.resume_token;
                    if message.complete {
                        return Ok(WatchedClocks::Complete);
                    }
                    let file = stream(message.file.as_ref());
                    let file = file.ok_or(Distrust::Malformed { what: "no file" })?;
                    return Ok(WatchedClocks::File(file, message.clocks));
                }
                Err(fault) => {
                    self.streaming = None;
                    backoff.after(fault).await?;
                }
            }
        }
    }

    async fn more(&mut self) -> Result<pb::WatchClocksResponse, Fault> {
        let streaming = match &mut self.streaming {
            Some(streaming) => streaming,
            None => {
                let request = self.client.caller.following(self.question.clone()).await?;
                let mut grpc = self.client.accountability();
                self.streaming.insert(grpc.watch_clocks(request).await?.into_inner())
            }
        };
        streaming.message().await?.ok_or_else(Fault::ended)
    }
}
