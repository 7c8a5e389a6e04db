//! The same statements are recorded in two ledgers that differ in one thing: one has adopted the
//! policy, which is asked about each, or beside it the profile, whose rules and schemas each is held
//! to. They take turns on one machine.
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

/// What makes the difference between two ledgers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// One of them has the policy, and neither the profile.
    Policy,
    /// One of them has the profile, and both the policy.
    Procedure,
}

/// Begins two ledgers in `root` for each comparison.
pub(super) fn measure(root: &Path, args: &BenchArgs) -> Result<[Figure; 6], Failure> {
    let [without, with] = compare(root, Rules::Policy, args)?;
    let [free, held] = compare(root, Rules::Procedure, args)?;
    let slower = |without: f64, with: f64| (1.0 - with / without) * 100.0;
    Ok([
        Figure::new("append without policy, events/s", "append_without_policy", without),
        Figure::new("append with policy, events/s", "append_with_policy", with),
        Figure::new("  slower, of a hundred", "append_slower_percent", slower(without, with)),
        Figure::new("append without procedure, events/s", "append_without_procedure", free),
        Figure::new("append with procedure, events/s", "append_with_procedure", held),
        Figure::new("  slower, of a hundred", "procedure_slower_percent", slower(free, held)),
    ])
}

/// What both record per second: without the rules, and with them.
fn compare(root: &Path, rules: Rules, args: &BenchArgs) -> Result<[f64; 2], Failure> {
    let root = root.join(match rules {
        Rules::Policy => "policy",
        Rules::Procedure => "procedure",
    });
    std::fs::create_dir(&root).map_err(Failure::io("create", &root))?;
    let roots = [root.join("without"), root.join("with")];
    let [first, second] = &roots;
    let begun = [begin_trial(first, "bench.example")?, begin_trial(second, "bench.example")?];
    let servers = [Server::start(first)?, Server::start(second)?];
    let measured = runtime()?.block_on(async {
        let [without, with] = &servers;
        let [begun_without, begun_with] = &begun;
        let without = Office::open(without, first, begun_without).await?;
        let with = Office::open(with, second, begun_with).await?;
        with.adopt_policy().await?;
        if rules == Rules::Procedure {
            without.adopt_policy().await?;
            with.adopt_profile().await?;
        }
        take_turns(&without, &with, args.appends as usize).await
    })?;
    for server in servers {
        server.stop()?;
    }
    Ok(measured)
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
            let signed = (0..statements).map(|number| office.act(number, &lines(number)));
            let signed = signed.collect::<Result<Vec<_>, _>>()?;
            let started = Instant::now();
            office.record(signed).await?;
            // INVARIANT: far below 2^53 statements.
            measured.push(statements as f64 / started.elapsed().as_secs_f64());
        }
    }
    Ok(measured.map(median))
}
