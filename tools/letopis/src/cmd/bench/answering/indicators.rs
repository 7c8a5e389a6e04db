//! Indicators: when the quarter is over, by a clock of the bench's own.

use std::path::Path;
use std::time::Instant;

use letopis_district::ClockFile;
use letopis_domain::figures::Quarter;
use letopis_proto::accountability::v1::GetIndicatorsRequest;

use crate::cmd::bench::figures::{Figure, median, percentile};
use crate::cmd::bench::office::Office;
use crate::cmd::bench::runtime;
use crate::cmd::bench::server::Server;
use crate::cmd::init::{Begun, now};
use crate::failure::Failure;

/// How long recording takes what falls due by the quarter's end, and how long its figures.
pub(super) fn measure(
    root: &Path,
    begun: &Begun,
    office: &Office,
    calls: usize,
) -> Result<Vec<Figure>, Failure> {
    let quarter = Quarter::of(now().instant.seconds);
    let path = root.join("clock");
    let clock = ClockFile::create(&path, quarter.end()).map_err(Failure::other)?;
    let started = Instant::now();
    let server = Server::start_by(root, &path)?;
    let figures = runtime()?.block_on(async {
        clock.kept().await.map_err(Failure::other)?;
        let kept = started.elapsed().as_secs_f64();
        let known = root.join("known-indicators");
        let client = office.as_director(&server, &known, begun, clock.for_tokens()).await?;
        let question = GetIndicatorsRequest {
            year: quarter.year().into(),
            quarter: quarter.quarter().into(),
            ..Default::default()
        };
        let mut took = Vec::with_capacity(calls);
        let mut size = 0;
        for _ in 0..calls {
            let started = Instant::now();
            let (answer, as_of) = client.indicators(question.clone()).await?;
            took.push(started.elapsed().as_secs_f64() * 1e6);
            if answer.tables.is_empty() {
                return Err(Failure::other("no indicators were told"));
            }
            size = as_of.0;
        }
        Ok(vec![
            Figure::new("start, and what is due at the quarter's end, s", "due_s", kept),
            // INVARIANT: far below 2^53 events.
            Figure::new("events by then", "events_by_then", size as f64),
            Figure::new(
                "GetIndicators, all of a quarter, median, µs",
                "indicators_us",
                median(took.iter().copied()),
            ),
            Figure::new(
                "  99 of 100, µs",
                "indicators_p99_us",
                percentile(took.iter().copied(), 99),
            ),
        ])
    })?;
    server.stop()?;
    Ok(figures)
}
