//! `letopis demo --year`: a year in a district, played on a trial ledger whose server follows a simulated
//! clock; counted, verified, and kept where `--data` says so.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use letopis_client::words::code_name;
use letopis_client::{Identity, KnownLedgers};
use letopis_district::{ClockFile, Plan, Player, Site, Summary};
use letopis_domain::Fact;
use letopis_ledger::Clock;
use letopis_record::DataDir;
use letopis_types::Timestamp;
use letopis_words::{Lang, say};
use letopisd::data;
use letopisd::simulated::SimulatedClock;

use super::{BACKUP_DAYS, heading, on_loopback_by};
use crate::cli::DemoArgs;
use crate::cmd::init::{Begun, begin_trial_by};
use crate::cmd::vault::{each, rotate_at};
use crate::cmd::verify::{in_words, verify_dir};
use crate::failure::Failure;

const DAY: i64 = 24 * 3600;

/// Beside the ledger: the clock that its server follows.
const CLOCK: &str = "simulated-clock";
/// Beside the ledger: the keys of a few of its people.
const PEOPLE: &str = "people";

/// Plays it.
///
/// # Errors
/// Whatever did not go as it should.
pub(super) fn run(args: &DemoArgs) -> Result<(), Failure> {
    let lang = args.lang;
    let temporary = tempfile::tempdir().map_err(Failure::other)?;
    let root = args.data.clone().unwrap_or_else(|| temporary.path().join("ledger"));
    let plan = Plan::new(args.seed, args.children as usize).map_err(Failure::other)?;
    let (begins, ends) = (plan.begins(), plan.ends());

    heading(say!(lang, "demo-a-new-trial-ledger"));
    let at_first = Clock::new(move || Timestamp::from_seconds(begins.unsigned_abs()));
    let registrars = letopis_district::registrars(args.seed);
    let begun = begin_trial_by(&at_first, &root, "year.example", registrars)?;
    println!("    {}\n    {}", begun.ledger, begun.verification_key);
    let clock = ClockFile::create(&root.join(CLOCK), begins).map_err(Failure::other)?;

    heading(say!(lang, "demo-a-year-in-a-district"));
    let started = Instant::now();
    let year = Year { root: root.clone(), begun, clock: clock.clone(), seed: args.seed, lang };
    let played = served(&clock, &root, |server| year.play(server, plan))?;
    finish_erasures(&clock, &root, ends)?;
    let elapsed = started.elapsed();
    print!("{}", in_figures(&played, missed_clocks(&root)?, elapsed, lang));

    heading(say!(lang, "demo-verified-without-the-server"));
    let started = Instant::now();
    let verified = verify_dir(&root, None, None, |_| {})?;
    print!("{}", in_words(&verified, started.elapsed(), lang));
    println!();
    match &args.data {
        Some(kept) => tell_how_to_serve(kept, lang),
        None => println!("{}", say!(lang, "demo-ledger-is-removed")),
    }
    Ok(())
}

fn served<T, F>(
    clock: &ClockFile,
    root: &Path,
    work: impl FnOnce(String) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let simulated = SimulatedClock::open(&root.join(CLOCK)).map_err(Failure::other)?;
    // What was kept before is no answer to what is asked now.
    clock.forget_kept().map_err(Failure::other)?;
    on_loopback_by(Some(simulated), root, work)
}

/// When the year is over, the vault's keys are exchanged; once the backups from before have expired, what was
/// erased is gone for ever.
fn finish_erasures(clock: &ClockFile, root: &Path, ends: i64) -> Result<(), Failure> {
    rotate_at(root, ends.unsigned_abs())?;
    clock.advance(ends + (i64::from(BACKUP_DAYS) + 1) * DAY).map_err(Failure::other)?;
    served(clock, root, |_| async { clock.kept().await.map_err(Failure::other) })
}

/// A year that is to be played.
struct Year {
    root: PathBuf,
    begun: Begun,
    clock: ClockFile,
    seed: u64,
    lang: Lang,
}

impl Year {
    async fn play(self, server: String, plan: Plan) -> Result<Summary, Failure> {
        let vkey = self.begun.verification_key.parse().map_err(Failure::other)?;
        let known = KnownLedgers::new(self.root.join("known")).with_key(&vkey);
        let registrars = (1..=3)
            .map(|number| {
                let file = format!("registrar-{number}.key");
                Ok(Arc::new(Identity::read(&data::keys_dir(&self.root).join(file))?))
            })
            .collect::<Result<Vec<_>, Failure>>()?;
        let site = Site {
            url: server,
            known: known.map_err(Failure::other)?,
            registrars,
            clock: self.clock.clone(),
        };
        let days = (plan.ends() - plan.begins()) / DAY;
        let (bar, begins) = (progress(days.unsigned_abs(), self.lang), plan.begins());
        let mut player = Player::connect(site, &plan, self.seed).await.map_err(Failure::other)?;
        let played = player
            .play(plan, |summary, at| {
                bar.set_position(((at - begins) / DAY).unsigned_abs());
                if summary.entries.is_multiple_of(50) {
                    bar.set_message(summary.events.to_string());
                }
            })
            .await;
        bar.finish_and_clear();
        played.map_err(Failure::other)?;
        let people = self.root.join(PEOPLE);
        std::fs::create_dir(&people).map_err(Failure::io("create", &people))?;
        player.write_keys(&people).map_err(Failure::other)?;
        Ok(player.summary().clone())
    }
}

fn progress(days: u64, lang: Lang) -> ProgressBar {
    let style = ProgressStyle::with_template(&say!(
        lang,
        "demo-progress",
        bar = "{bar:40}",
        day = "{pos}",
        days = "{len}",
        events = "{msg}",
        elapsed = "{elapsed}"
    ));
    let bar = ProgressBar::new(days);
    bar.enable_steady_tick(Duration::from_millis(200));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// How often the ledger recorded that something was not on the record in time.
fn missed_clocks(root: &Path) -> Result<usize, Failure> {
    let mut missed = 0;
    each(&DataDir::open(root)?, |_, _, _, fact, _| {
        missed += usize::from(matches!(fact, Fact::DeadlineMissed(_)));
    })?;
    Ok(missed)
}

/// What there was in the year.
fn in_figures(year: &Summary, missed: usize, elapsed: Duration, lang: Lang) -> String {
    let mut text = String::new();
    let mut row = |name: &str, count: usize| {
        // Writing into a string does not fail.
        let _ = writeln!(text, "    {name:<44}{count:>7}");
    };
    let kind = |name: &str| year.kinds.get(name).copied().unwrap_or(0);
    row(say!(lang, "demo-children"), year.children);
    row(say!(lang, "demo-families"), year.families.len());
    row(say!(lang, "demo-signals"), year.signals);
    part(&mut row, say!(lang, "demo-several-children"), year.several);
    for (track, count) in &year.tracks {
        part(&mut row, &track_name(track, lang), *count);
    }
    row(say!(lang, "demo-cases-opened"), kind("CaseOpened"));
    row(say!(lang, "demo-cases-closed"), kind("CaseClosed"));
    row(say!(lang, "demo-entries"), year.entries);
    part(&mut row, say!(lang, "demo-recorded-late"), year.late);
    part(&mut row, say!(lang, "demo-misfiled"), kind("EventMisfiled"));
    row(say!(lang, "demo-missed-clocks"), missed);
    part(&mut row, say!(lang, "demo-explained"), kind("DelayExplained"));
    row(say!(lang, "demo-readings-of-files"), year.read);
    part(&mut row, say!(lang, "demo-denied"), year.denied);
    row(say!(lang, "demo-statements-refused"), year.refused);
    let events = usize::try_from(year.events).unwrap_or(usize::MAX);
    row(say!(lang, "demo-events"), events);
    let seconds = elapsed.as_secs_f64();
    let _ = writeln!(text, "    {:<44}{seconds:>7.1}", say!(lang, "demo-seconds"));
    text
}

/// A figure that is part of the one above it.
fn part(row: &mut impl FnMut(&str, usize), name: &str, count: usize) {
    row(&format!("  {name}"), count);
}

/// A track by its name in the stories, which is the code's with hyphens.
fn track_name(track: &str, lang: Lang) -> String {
    let code = track.to_uppercase().replace('-', "_");
    code_name("TRACK_", &format!("TRACK_{code}"), lang)
}

fn tell_how_to_serve(kept: &Path, lang: Lang) {
    let kept = kept.display().to_string();
    println!("{}", say!(lang, "demo-ledger-is-kept", folder = kept.as_str()));
    let clock = format!("--simulated-clock {kept}/{CLOCK}");
    println!("    letopisd --data {kept} {clock} &");
    println!(
        "    letopis case list --key {kept}/{PEOPLE}/head.key {clock}{}",
        super::lang_flag(lang)
    );
}
