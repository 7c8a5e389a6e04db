//! `letopis demo`: one case from the signal to the closing, through real gRPC; then a change of
//! one byte, and who finds it. With `--year`, a year in a district instead.

mod aftermath;
mod play;
mod script;
mod tamper;
mod year;

use std::path::{Path, PathBuf};

use letopis_ledger::{Clock, Limits};
use letopis_record::Options;
use letopis_words::{Lang, say};
use letopisd::serve::Settings;
use letopisd::simulated::SimulatedClock;
use letopisd::{data, serve};
use tokio::sync::oneshot;

use crate::cli::DemoArgs;
use crate::cmd::init::begin_trial;
use crate::cmd::verify::{in_words, verify_dir};
use crate::failure::Failure;

/// Plays it. With `--data` the ledger is kept.
///
/// # Errors
/// Whatever did not go as it should.
pub fn run(args: &DemoArgs) -> Result<(), Failure> {
    if args.year {
        return year::run(args);
    }
    let lang = args.lang;
    let temporary = tempfile::tempdir().map_err(Failure::other)?;
    let root = args.data.clone().unwrap_or_else(|| temporary.path().join("ledger"));

    heading(say!(lang, "demo-a-new-trial-ledger"));
    let begun = begin_trial(&root, "demo.example")?;
    println!("{}", say!(lang, "demo-id-and-key"));
    println!("    {}\n    {}", begun.ledger, begun.verification_key);
    let case = on_loopback(&root, |server| {
        play::play(server, root.clone(), begun.verification_key.clone(), lang)
    })?;

    heading(say!(lang, "demo-verified-without-the-server"));
    let started = std::time::Instant::now();
    let verified = verify_dir(&root, None, None, |_| {})?;
    print!("{}", in_words(&verified, started.elapsed(), lang));

    heading(say!(lang, "demo-somebody-changes-one-byte"));
    tamper::show(&root, &temporary.path().join("tampered"), lang)?;

    println!();
    match &args.data {
        Some(kept) => {
            let kept = kept.display().to_string();
            println!("{}", say!(lang, "demo-ledger-is-kept", folder = kept.as_str()));
            println!("    letopisd --data {kept} &");
            println!(
                "    letopis file show {case} --key {kept}/people/worker.key{}",
                lang_flag(lang)
            );
        }
        None => println!("{}", say!(lang, "demo-ledger-is-removed")),
    }
    Ok(())
}

const fn lang_flag(lang: Lang) -> &'static str {
    match lang {
        Lang::Bg => " --lang bg",
        Lang::En => "",
    }
}

fn heading(title: &str) {
    println!("\n── {title} {}\n", "─".repeat(74_usize.saturating_sub(title.chars().count())));
}

/// Serves a data directory on a free loopback port, to callers with a token only, while something is done with it.
///
/// # Errors
/// Why it can't be served, or what the work says.
pub fn on_loopback<T, F>(root: &Path, work: impl FnOnce(String) -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    on_loopback_by(None, root, work)
}

/// Days after which the backups of a demonstration have expired.
const BACKUP_DAYS: u32 = 30;

/// The same, where the server takes its time from a file.
fn on_loopback_by<T, F>(
    clock: Option<SimulatedClock>,
    root: &Path,
    work: impl FnOnce(String) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let root: PathBuf = root.into();
    let shown = clock.as_ref().map_or_else(Clock::system, SimulatedClock::clock);
    let (ledger, _) = data::open(&root, Options::default(), shown, Limits::default())?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::other)?;
    runtime.block_on(async {
        let listener = serve::listen(([127, 0, 0, 1], 0).into()).await?;
        let address = listener.local_addr().map_err(Failure::other)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let stop_it = async {
            // Dropping the sender stops it as well.
            let _ = stopped.await;
        };
        let kept = clock.map(|clock| tokio::spawn(clock.keep(ledger.clone(), Some(BACKUP_DAYS))));
        let server = tokio::spawn(serve::serve_with(ledger, listener, Settings::closed(), stop_it));
        let done = work(format!("http://{address}")).await;
        // It holds the ledger, which is ended in order only when nobody else does.
        if let Some(kept) = kept {
            kept.abort();
        }
        drop(stop);
        server.await.map_err(Failure::other)??;
        done
    })
}
