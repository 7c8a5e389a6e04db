//! `letopis verify`: a data directory, offline.

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use letopis_ledger::verify::{Options, Verified, VerifyError, verify};
use letopis_log::Checkpoint;
use letopis_record::DataDir;
use letopis_types::Sequence;
use serde_json::json;

use crate::cli::{KekArgs, VerifyArgs};
use crate::cmd::vault;
use crate::failure::Failure;

/// Runs the command. A fault is printed and is the exit code 1.
///
/// # Errors
/// What kept it from verifying.
pub fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let earlier = args.checkpoint.as_deref().map(read_checkpoint).transpose()?;
    let size = earlier.as_ref().map(|(_, checkpoint)| checkpoint.size);
    let bar = progress_bar(args.json);
    let started = Instant::now();
    let verified = verify_dir_with(&args.data, &args.kek, args.threads, size, |events| {
        bar.set_position(events);
    });
    bar.finish_and_clear();
    let elapsed = started.elapsed();
    let outcome = verified.and_then(|verified| {
        if let Some((text, _)) = &earlier {
            check_continues(&verified, text)?;
        }
        Ok(verified)
    });
    match (&outcome, args.json) {
        (Ok(verified), true) => println!("{}", as_json(verified, elapsed)),
        (Ok(verified), false) => print!("{}", in_words(verified, elapsed)),
        (Err(failure), true) => {
            println!("{}", json!({"verified": false, "fault": failure.to_string()}))
        }
        (Err(_), false) => {}
    }
    outcome.map(drop)
}

/// Verifies a directory; opens its sections where the key-encryption key lies beside them.
///
/// # Errors
/// [`Failure::Fault`] with the first fault.
pub fn verify_dir(
    data: &Path,
    threads: Option<usize>,
    size: Option<Sequence>,
    progress: impl FnMut(u64),
) -> Result<Verified, Failure> {
    verify_dir_with(data, &KekArgs::default(), threads, size, progress)
}

/// The same where the key-encryption key may lie elsewhere.
///
/// # Errors
/// As [`verify_dir`].
pub fn verify_dir_with(
    data: &Path,
    kek: &KekArgs,
    threads: Option<usize>,
    size: Option<Sequence>,
    progress: impl FnMut(u64),
) -> Result<Verified, Failure> {
    let dir = DataDir::open_read_only(data)?;
    let vault = vault::open_read_only(data, kek, dir.ledger())?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let options = Options { vault, workers: threads.unwrap_or(cores), size };
    match verify(&dir, options, progress) {
        Err(VerifyError::Fault(fault)) => Err(Failure::Fault(fault)),
        other => Ok(other?),
    }
}

/// A checkpoint from before; whether it is rightly signed is asked once the genesis is known.
fn read_checkpoint(path: &Path) -> Result<(String, Checkpoint), Failure> {
    let text = std::fs::read_to_string(path).map_err(Failure::io("read", path))?;
    let lines = text.split_inclusive('\n').take(3).collect::<String>();
    let checkpoint = Checkpoint::from_text(&lines).map_err(Failure::other)?;
    Ok((text, checkpoint))
}

/// The record goes on from an earlier checkpoint.
fn check_continues(verified: &Verified, text: &str) -> Result<(), Failure> {
    let origin = letopis_log::Origin::new(&verified.genesis.name, verified.ledger)
        .map_err(Failure::other)?;
    let key = origin.verifier_key(verified.genesis.checkpoint_key);
    let earlier = Checkpoint::open(text, &key).map_err(Failure::other)?;
    match verified.root_at {
        Some(root) if root == earlier.root => Ok(()),
        Some(_) => Err(Failure::other(format!(
            "the record is not a continuation of the checkpoint of {} events: it was altered, or \
             the checkpoint is of a fork",
            earlier.size
        ))),
        None => Err(Failure::other(format!(
            "the checkpoint covers {} events, and the record has {}: it was rolled back",
            earlier.size, verified.events
        ))),
    }
}

fn progress_bar(quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {human_pos} events, {per_sec}, {elapsed}");
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(200));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// What was verified, for a person.
#[must_use]
pub fn in_words(verified: &Verified, elapsed: Duration) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    if verified.genesis.trial {
        line("A TRIAL ledger: the server made its registrars' keys.".to_owned());
    }
    line(format!("ledger      {}/{}", verified.genesis.name, verified.ledger));
    line(format!("events      {} in {} streams", verified.events, verified.streams));
    let closed = match verified.sections_closed {
        0 => String::new(),
        closed => format!(", {closed} could not be opened here"),
    };
    let erased = match verified.sections_erased {
        0 => String::new(),
        erased => format!(", {erased} erased, each by an erasure on the record"),
    };
    line(format!("sections    {} opened and compared{closed}{erased}", verified.sections_opened));
    line(format!(
        "readings    {}; what the policy in force said to each, and to each statement, was replayed",
        verified.readings
    ));
    line(format!("checkpoint  signed over {} events", verified.checkpoint.0));
    line(format!("verified    everything, in {:.2} s", elapsed.as_secs_f64()));
    text
}

fn as_json(verified: &Verified, elapsed: Duration) -> serde_json::Value {
    json!({
        "verified": true,
        "trial": verified.genesis.trial,
        "name": verified.genesis.name,
        "ledger": verified.ledger.to_string(),
        "events": verified.events,
        "streams": verified.streams,
        "sections_opened": verified.sections_opened,
        "sections_closed": verified.sections_closed,
        "sections_erased": verified.sections_erased,
        "readings": verified.readings,
        "checkpoint_size": verified.checkpoint.0.0,
        "root": verified.root.to_string(),
        "seconds": elapsed.as_secs_f64(),
    })
}
