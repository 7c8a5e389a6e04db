//! Answering for many cases: how one stands, what is due, how a long one was known and a decision in it came
//! about; rebuilding the state that answers; and figures of all of it.
//!
//! The day's readings of facts are on the record before anything is measured, but for the first page of
//! clocks, whose reading of its cases is part of what is measured.

mod asking;
mod cases;
mod indicators;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use letopis_client::{Identity, LedgerClient};
use letopis_proto::accountability::v1 as pb;
use letopis_proto::accountability::v1::get_case_as_known_at_request::Moment;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::{AgencyId, StreamKey, StreamKind};

use super::figures::{Figure, median, percentile};
use super::office::Office;
use super::runtime;
use super::server::Server;
use crate::cli::BenchArgs;
use crate::cmd::init::begin_trial;
use crate::failure::Failure;
use asking::{InFlight, Question, Questions, Wanted, alone, ask_for_clocks, in_flight};
use cases::{Agency, Case, Cases};

/// Cases of which the readings are recorded beforehand, and which are then asked about.
const ASKED: usize = 2000;

/// Cases of 300 events and more.
const LONG_CASES: usize = 8;

/// Statements that are signed before they are sent.
const TOGETHER: usize = 4000;

/// The version of the plan in its case.
const PLAN: u64 = 8;

/// Entries of a page of clocks.
const PAGE: u32 = 50;

/// Begins a ledger in `root`, fills it, and asks.
pub(super) fn measure(root: &Path, args: &BenchArgs) -> Result<Vec<Figure>, Failure> {
    let root = root.join("answering");
    let begun = begin_trial(&root, "bench.example")?;
    let server = Server::start(&root)?;
    let (office, mut figures) = runtime()?.block_on(async {
        let office = Office::open(&server, &root, &begun).await?;
        office.adopt_policy().await?;
        office.adopt_profile().await?;
        let agencies = Agency::enrol_all(&office).await?.into_iter().map(Arc::new);
        let agencies: Vec<_> = agencies.collect();
        let mut cases = Cases::new(&agencies, &office.client);
        let started = Instant::now();
        let (mut number, mut events) = (0, 0);
        while number < args.cases as usize {
            // Some at a time: what is signed and not sent takes memory.
            let mut signed = Vec::new();
            while number < args.cases as usize && signed.len() < TOGETHER {
                signed.extend(cases.next(number < LONG_CASES)?);
                number += 1;
            }
            events += signed.len();
            office.record(signed).await?;
        }
        // INVARIANT: far below 2^53 events.
        let filled = events as f64 / started.elapsed().as_secs_f64();
        let asked = Asked {
            server: &server,
            office: &office,
            agencies: &agencies,
            cases: &cases.made,
            args,
        };
        let mut figures = vec![
            Figure::new("events of these cases", "answer_events", events as f64),
            Figure::new("signed and recorded, events/s", "filled_per_second", filled),
        ];
        figures.extend(asked.measure().await?);
        Ok::<_, Failure>((office, figures))
    })?;
    figures.push(Figure::new("server's peak memory, MiB", "answer_peak_mib", server.peak_mib()?));
    server.stop()?;
    figures.extend(rebuilt(&root)?);
    figures.extend(indicators::measure(&root, &begun, &office, args.calls.div_ceil(20) as usize)?);
    Ok(figures)
}

/// How long the state takes that is rebuilt from the record, by the server's first start without one.
fn rebuilt(root: &Path) -> Result<[Figure; 1], Failure> {
    let state = root.join("state");
    std::fs::remove_dir_all(&state).map_err(Failure::io("remove", &state))?;
    let started = Instant::now();
    let server = Server::start(root)?;
    let took = started.elapsed().as_secs_f64();
    server.stop()?;
    Ok([Figure::new("start with a state rebuilt, s", "rebuilt_s", took)])
}

/// Who asks about what.
struct Asked<'a> {
    server: &'a Server,
    office: &'a Office,
    agencies: &'a [Arc<Agency>],
    cases: &'a [Case],
    args: &'a BenchArgs,
}

impl Asked<'_> {
    async fn measure(&self) -> Result<Vec<Figure>, Failure> {
        let calls = self.args.calls as usize;
        let first = self.first_pages().await?;
        let (case, clocks) = (self.case(), self.clocks());
        // Whose file is read stands on the record once a day: not in what is measured.
        let many = async |question, calls| {
            in_flight(self.server, question, self.args.in_flight, calls).await
        };
        many(&case, ASKED).await?;
        many(&clocks, self.agencies.len()).await?;
        let (case_alone, clocks_alone) = (alone(&case, calls).await?, alone(&clocks, calls).await?);
        let call = self.led(self.cases.iter().take(1)).asking(|_| Wanted::Checkpoint);
        let call_many = many(&call, 10 * calls).await?;
        let case_many = many(&case, 10 * calls).await?;
        let clocks_many = many(&clocks, 10 * calls).await?;
        let (known, trace) = (self.known(), self.trace());
        alone(&known, LONG_CASES).await?;
        let few = calls.div_ceil(10);
        let (known, trace) = (alone(&known, few).await?, alone(&trace, few).await?);
        let p99 = |words, name, took: &[f64]| {
            Figure::new(words, name, percentile(took.iter().copied(), 99))
        };
        let middle =
            |words, name, took: &[f64]| Figure::new(words, name, median(took.iter().copied()));
        let server = |name, many: &InFlight| {
            Figure::new("  the server's processor time for each, µs", name, many.server)
        };
        Ok(vec![
            middle("any call in flight, median, µs", "call_us", &call_many.took),
            p99("  99 of 100, µs", "call_p99_us", &call_many.took),
            server("call_server_us", &call_many),
            p99("first page of clocks, reading recorded, 99 %, µs", "first_page_p99_us", &first),
            middle("GetCase alone, median, µs", "get_case_alone_us", &case_alone),
            p99("  99 of 100, µs", "get_case_alone_p99_us", &case_alone),
            middle("GetCase in flight, median, µs", "get_case_us", &case_many.took),
            p99("  99 of 100, µs", "get_case_p99_us", &case_many.took),
            server("get_case_server_us", &case_many),
            middle(
                "ListClocks alone, page of 50, median, µs",
                "list_clocks_alone_us",
                &clocks_alone,
            ),
            p99("  99 of 100, µs", "list_clocks_alone_p99_us", &clocks_alone),
            middle("ListClocks in flight, median, µs", "list_clocks_us", &clocks_many.took),
            p99("  99 of 100, µs", "list_clocks_p99_us", &clocks_many.took),
            server("list_clocks_server_us", &clocks_many),
            middle("GetCaseAsKnownAt of 300 events, median, µs", "as_known_at_us", &known),
            p99("  99 of 100, µs", "as_known_at_p99_us", &known),
            middle("TraceDecision of 300 events, median, µs", "trace_us", &trace),
            p99("  99 of 100, µs", "trace_p99_us", &trace),
        ])
    }

    /// How long a lead waits for the first page of the day.
    async fn first_pages(&self) -> Result<Vec<f64>, Failure> {
        let mut took = Vec::new();
        let leads: BTreeSet<_> = self.cases.iter().map(|case| (case.agency, case.lead)).collect();
        for (agency, lead) in leads {
            let agency = self.agencies.get(agency);
            let lead = agency.and_then(|agency| Some((agency, agency.leads.get(lead)?)));
            let (agency, lead) = lead.ok_or_else(|| Failure::other("no such lead"))?;
            let question = pb::ListClocksRequest {
                holder: agency.id.0.to_vec().into(),
                lead: lead.actor.0.to_vec().into(),
                page_size: PAGE,
                ..Default::default()
            };
            took.push(ask_for_clocks(self.caller(lead), question).await?);
        }
        Ok(took)
    }

    /// Whoever makes the calls.
    fn caller(&self, who: &Arc<Identity>) -> LedgerClient {
        self.office.client.clone().as_caller(Arc::clone(who) as _, Purpose::CaseWork)
    }

    /// Of each of these cases its stream, and its lead.
    fn led<'c>(&self, cases: impl Iterator<Item = &'c Case>) -> Questions<StreamKey> {
        let asked = cases.filter_map(|case| {
            let lead = self.agencies.get(case.agency)?.leads.get(case.lead)?;
            Some((self.caller(lead), case.stream))
        });
        Questions(asked.collect())
    }

    /// Cases here and there, by their leads.
    fn case(&self) -> Question {
        let step = (self.cases.len() / ASKED).max(1);
        // No more of them than the day's readings were recorded of.
        self.led(self.cases.iter().step_by(step).take(ASKED)).asking(|case| {
            let case_id = case.id.0.to_vec().into();
            Wanted::Case(pb::GetCaseRequest { case_id, at_least_size: 0 })
        })
    }

    /// The most urgent clocks of an agency, by its head.
    fn clocks(&self) -> Question {
        let heads = self.agencies.iter().map(|it| (self.caller(&it.head), it.id));
        Questions(heads.collect()).asking(|agency: &AgencyId| {
            Wanted::Clocks(pb::ListClocksRequest {
                holder: agency.0.to_vec().into(),
                page_size: PAGE,
                ..Default::default()
            })
        })
    }

    /// Long cases as they are known at the end, by their leads.
    fn known(&self) -> Question {
        self.led(self.cases.iter().take(LONG_CASES)).asking(|case| {
            Wanted::Known(pb::GetCaseAsKnownAtRequest {
                case_id: case.id.0.to_vec().into(),
                moment: Some(Moment::RecordedAt(u64::MAX >> 1)),
                ..Default::default()
            })
        })
    }

    /// How the plan of a long case came about.
    fn trace(&self) -> Question {
        self.led(self.cases.iter().take(LONG_CASES)).asking(|case| {
            let (kind, id) = (StreamKind::Case as i32, case.id.0.to_vec());
            Wanted::Trace(pb::TraceDecisionRequest {
                stream: Some(proto::Stream { kind, id }),
                version: PLAN,
                at_least_size: 0,
            })
        })
    }
}
