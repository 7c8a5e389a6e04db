//! The same statements are recorded in two ledgers that differ in one thing: one has adopted the
//! policy, which is asked about each. They take turns on one machine.
//!
//! Signed beforehand, so that what is measured is the server, and the client that verifies receipts.

use std::path::Path;
use std::time::Instant;

use super::figures::{Figure, median};
use super::office::{Office, lines};
use super::runtime;
use super::server::Server;
use crate::cli::BenchArgs;
use crate::cmd::init::begin_trial;
use crate::failure::Failure;

/// Turns of each ledger in a round.
const TURNS: usize = 6;

/// Begins both ledgers in `root`.
pub(super) fn measure(root: &Path, args: &BenchArgs) -> Result<[Figure; 3], Failure> {
    let roots = [root.join("without-policy"), root.join("with-policy")];
    let [first, second] = &roots;
    let begun = [begin_trial(first, "bench.example")?, begin_trial(second, "bench.example")?];
    let servers = [Server::start(first)?, Server::start(second)?];
    let [without, with] = runtime()?.block_on(async {
        let [without, with] = &servers;
        let [begun_without, begun_with] = &begun;
        let without = Office::open(without, first, begun_without).await?;
        let with = Office::open(with, second, begun_with).await?;
        with.adopt_policy().await?;
        take_turns(&without, &with, args.appends as usize).await
    })?;
    for server in servers {
        server.stop()?;
    }
    let of_hundred = (1.0 - with / without) * 100.0;
    Ok([
        Figure::new("append without policy, events/s", "append_without_policy", without),
        Figure::new("append with policy, events/s", "append_with_policy", with),
        Figure::new("  slower, of a hundred", "append_slower_percent", of_hundred),
    ])
}

/// The medians of what both record per second.
async fn take_turns(
    without: &Office,
    with: &Office,
    statements: usize,
) -> Result<[f64; 2], Failure> {
    let mut measured = [Vec::new(), Vec::new()];
    for turn in 0..TURNS {
        let mut both: Vec<_> = [without, with].into_iter().zip(&mut measured).collect();
        if turn % 2 == 1 {
            // Neither always comes second.
            both.reverse();
        }
        for (office, measured) in both {
            let signed = (0..statements).map(|number| office.act(number, lines(number)));
            let signed = signed.collect::<Result<Vec<_>, _>>()?;
            let started = Instant::now();
            office.record(signed).await?;
            // INVARIANT: far below 2^53 statements.
            measured.push(statements as f64 / started.elapsed().as_secs_f64());
        }
    }
    Ok(measured.map(median))
}
