//! `letopis verify`: a data directory, offline.

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use letopis_ledger::verify::{Marked, Options, Verified, VerifyError, verify};
use letopis_log::{Checkpoint, VerifierKey};
use letopis_proto::confidentiality::v1::Mark;
use letopis_record::{DataDir, ReadOnlyDataDir};
use letopis_types::Sequence;
use letopis_words::{Lang, say};
use serde_json::json;

use crate::cli::{KekArgs, VerifyArgs};
use crate::cmd::vault;
use crate::failure::Failure;
use crate::words;

/// Runs the command. A fault is printed and is the exit code 1.
///
/// # Errors
/// What kept it from verifying.
pub fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let earlier = args.checkpoint.as_deref().map(Earlier::read).transpose()?;
    let size = earlier.as_ref().map(Earlier::size);
    let bar = progress_bar(args.json, args.lang);
    let started = Instant::now();
    let verified = verify_dir_with(&args.data, &args.kek, args.threads, size, |events| {
        bar.set_position(events);
    });
    bar.finish_and_clear();
    let elapsed = started.elapsed();
    let outcome = verified.and_then(|verified| {
        earlier.map_or(Ok(()), |earlier| earlier.check(&verified))?;
        Ok(verified)
    });
    match (&outcome, args.json) {
        (Ok(verified), true) => println!("{}", as_json(verified, elapsed)),
        (Ok(verified), false) => print!("{}", in_words(verified, elapsed, args.lang)),
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
    let options = options(&dir, kek, threads, size)?;
    verify(&dir, options, progress).map_err(of_verify)
}

/// How a directory is verified: with its vault, where the key-encryption key is at hand.
pub(crate) fn options(
    dir: &ReadOnlyDataDir,
    kek: &KekArgs,
    threads: Option<usize>,
    size: Option<Sequence>,
) -> Result<Options, Failure> {
    let vault = vault::open_read_only(dir.root(), kek, dir.ledger())?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Options { vault, workers: threads.unwrap_or(cores), size })
}

/// Why a record was not verified.
pub(crate) fn of_verify(error: VerifyError) -> Failure {
    match error {
        VerifyError::Fault(fault) => Failure::Fault(fault),
        other => other.into(),
    }
}

/// A checkpoint from before; whether it is rightly signed is asked once the genesis is known.
pub(crate) struct Earlier {
    text: String,
    size: Sequence,
}

impl Earlier {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(Failure::io("read", path))?;
        let lines = text.split_inclusive('\n').take(3).collect::<String>();
        let size = Checkpoint::from_text(&lines).map_err(Failure::other)?.size;
        Ok(Self { text, size })
    }

    /// How many events it covers.
    pub(crate) const fn size(&self) -> Sequence {
        self.size
    }

    /// The record goes on from it.
    pub(crate) fn check(&self, verified: &Verified) -> Result<(), Failure> {
        let earlier = Checkpoint::open(&self.text, &key_of(verified)?).map_err(Failure::other)?;
        match verified.root_at {
            Some(root) if root == earlier.root => Ok(()),
            Some(_) => Err(Failure::other(format!(
                "the record is not a continuation of the checkpoint of {} events: it was altered, \
                 or the checkpoint is of a fork",
                earlier.size
            ))),
            None => Err(Failure::other(format!(
                "the checkpoint covers {} events, and the record has {}: it was rolled back",
                earlier.size, verified.events
            ))),
        }
    }
}

/// The key with which the record's own genesis lets its checkpoints be checked.
fn key_of(verified: &Verified) -> Result<VerifierKey, Failure> {
    let origin = letopis_log::Origin::new(&verified.genesis.name, verified.ledger)
        .map_err(Failure::other)?;
    Ok(origin.verifier_key(verified.genesis.checkpoint_key))
}

/// It is the ledger of this verification key.
pub(crate) fn check_key(verified: &Verified, key: &VerifierKey) -> Result<(), Failure> {
    let own = key_of(verified)?;
    if own == *key {
        return Ok(());
    }
    Err(Failure::other(format!("the record is of another ledger: its verification key is {own}")))
}

pub(crate) fn progress_bar(quiet: bool, lang: Lang) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(&say!(
        lang,
        "verify-progress",
        spinner = "{spinner}",
        events = "{human_pos}",
        speed = "{per_sec}",
        elapsed = "{elapsed}"
    ));
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(200));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// What was verified, for a person.
#[must_use]
pub fn in_words(verified: &Verified, elapsed: Duration, lang: Lang) -> String {
    let width = say!(lang, "common-checkpoint").chars().count() + 2;
    let mut text = String::new();
    let mut row = |name: &str, said: String| {
        text += &format!("{name:<width$}{said}\n");
    };
    row(say!(lang, "common-ledger"), format!("{}/{}", verified.genesis.name, verified.ledger));
    let (events, streams) = (verified.events, verified.streams);
    let events = say!(lang, "verify-events", events = events, streams = streams);
    row(say!(lang, "common-events"), events);
    row(say!(lang, "verify-sections"), sections(verified, lang));
    let replayed = say!(lang, "verify-replayed", readings = verified.readings);
    row(say!(lang, "verify-readings"), replayed);
    if verified.emergencies > 0 {
        row(say!(lang, "verify-emergencies"), emergencies(verified, lang));
    }
    for (count, words) in marks(&verified.marked, lang) {
        if count > 0 {
            row(say!(lang, "verify-marked"), format!("{count}: {words}"));
        }
    }
    if verified.disputed > 0 {
        let said = say!(lang, "verify-disputed-of", n = verified.disputed);
        row(say!(lang, "verify-disputed"), said);
    }
    let signed = say!(lang, "verify-signed-over", n = verified.checkpoint.0.0);
    row(say!(lang, "common-checkpoint"), signed);
    let seconds = format!("{:.2}", elapsed.as_secs_f64());
    let all = say!(lang, "verify-everything", seconds = seconds);
    row(say!(lang, "verify-verified"), all);
    // Whoever reads only the first line reads this.
    match verified.genesis.trial {
        true => format!("{}\n{text}", words::trial(lang)),
        false => text,
    }
}

fn sections(verified: &Verified, lang: Lang) -> String {
    let Verified { sections_opened, sections_closed, sections_erased, .. } = *verified;
    let mut said = vec![say!(lang, "verify-opened", n = sections_opened)];
    if sections_closed > 0 {
        said.push(say!(lang, "verify-closed", n = sections_closed));
    }
    if sections_erased > 0 {
        said.push(say!(lang, "verify-erased", n = sections_erased));
    }
    said.join(", ")
}

/// How often emergency access was opened; each that nobody has reviewed on a line of its own.
fn emergencies(verified: &Verified, lang: Lang) -> String {
    let unreviewed = verified.unreviewed.len();
    let mut said =
        say!(lang, "verify-unreviewed", n = verified.emergencies, unreviewed = unreviewed);
    for (file, emergency) in &verified.unreviewed {
        let opened = words::recorded(emergency.opened_at, lang);
        let file = say!(lang, "common-file-named", id = file.id.to_string());
        said += &format!("\n    {}  {file}", opened.trim_start());
    }
    said
}

/// What was taken all the same, and is to be known with it.
fn marks(marked: &Marked, lang: Lang) -> [(u64, &'static str); 4] {
    let without_the_holder = say!(lang, "verify-without-the-holder");
    [
        (marked.without_the_holder, without_the_holder),
        (marked.on_expired_qualification, words::mark(Mark::OnExpiredQualification, lang)),
        (marked.under_recusal, words::mark(Mark::UnderRecusal, lang)),
        (marked.under_delegation, words::mark(Mark::UnderDelegation, lang)),
    ]
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
        "marked": {
            "without_the_holder": verified.marked.without_the_holder,
            "on_expired_qualification": verified.marked.on_expired_qualification,
            "under_recusal": verified.marked.under_recusal,
            "under_delegation": verified.marked.under_delegation,
        },
        "disputed": verified.disputed,
        "emergencies": verified.emergencies,
        "unreviewed": verified.unreviewed.iter().map(|(file, emergency)| json!({
            "file": file.id.to_string(),
            "opened": emergency.hash.to_string(),
            "opened_at": emergency.opened_at.0,
        })).collect::<Vec<_>>(),
        "checkpoint_size": verified.checkpoint.0.0,
        "root": verified.root.to_string(),
        "seconds": elapsed.as_secs_f64(),
    })
}
