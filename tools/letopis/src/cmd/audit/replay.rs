//! `letopis audit replay`: the record verified, the state rebuilt from it and compared.

use std::time::{Duration, Instant};

use letopis_audit::{Compared, Rebuilt, ReplayError};
use letopis_ledger::verify::{Verified, VerifyError, verify};
use letopis_state::How;
use letopis_words::{Lang, say};
use serde_json::json;

use super::Audited;
use crate::cli::ReplayArgs;
use crate::cmd::verify::{in_words, of_verify, progress_bar};
use crate::failure::Failure;
use crate::out;

/// What was replayed, and how long each pass took.
struct Replayed {
    verified: Verified,
    rebuilt: Rebuilt,
    verifying: Duration,
    rebuilding: Duration,
}

pub(super) fn run(args: &ReplayArgs) -> Result<(), Failure> {
    let outcome = replay(args);
    match (&outcome, args.json) {
        (Ok(replayed), true) => out::line(&as_json(replayed).to_string())?,
        (Ok(replayed), false) => out::text(&told(replayed, args.record.lang))?,
        (Err(failure), true) => {
            out::line(&json!({"verified": false, "fault": failure.to_string()}).to_string())?;
        }
        (Err(_), false) => {}
    }
    let replayed = outcome?;
    match replayed.rebuilt.state.is_fault() {
        true => Err(Failure::other(fault(&replayed.rebuilt, args.record.lang))),
        false => Ok(()),
    }
}

fn replay(args: &ReplayArgs) -> Result<Replayed, Failure> {
    let (audited, options) = Audited::open(&args.record)?;
    let bar = progress_bar(args.json, args.record.lang);
    let verified = verify(&audited.dir, options, |events| bar.set_position(events));
    let verifying = audited.began.elapsed();
    let verified = verified.map_err(of_verify)?;
    audited.check(&args.record, &verified)?;
    let began = Instant::now();
    let rebuilt = letopis_audit::replay(&audited.dir, |events| bar.set_position(events));
    bar.finish_and_clear();
    let rebuilt = rebuilt.map_err(|error| match error {
        ReplayError::Record(VerifyError::Fault(fault)) => Failure::Fault(fault),
        other => other.into(),
    })?;
    Ok(Replayed { verified, rebuilt, verifying, rebuilding: began.elapsed() })
}

/// Events a second.
fn speed(events: u64, elapsed: Duration) -> u64 {
    // Far below 2^53, so that nothing is lost that anybody would miss.
    (events as f64 / elapsed.as_secs_f64().max(1e-9)).round() as u64
}

fn told(replayed: &Replayed, lang: Lang) -> String {
    let Replayed { verified, rebuilt, verifying, rebuilding } = replayed;
    let mut text = in_words(verified, *verifying, lang);
    let width = say!(lang, "common-checkpoint").chars().count() + 2;
    let mut row = |name: &str, said: String| {
        text += &format!("{name:<width$}{said}\n");
    };
    let rates = say!(
        lang,
        "audit-rates",
        verified = speed(verified.events, *verifying),
        folded = speed(rebuilt.size.0, *rebuilding)
    );
    row(say!(lang, "audit-speed"), rates);
    row(say!(lang, "audit-digest"), format!("{} ({})", rebuilt.digest, rebuilt.size));
    row(say!(lang, "audit-state"), state(rebuilt, lang));
    if let Compared::Rows(projections, _) = &rebuilt.state {
        for one in projections {
            let how = match one.differing {
                0 => say!(lang, "audit-rows-same").to_owned(),
                count => say!(lang, "audit-rows-differ", n = count),
            };
            let told = say!(lang, "audit-projection", n = one.rows, how = how);
            row("", format!("{:<24}{:>9} {told}", one.name, one.rows));
        }
    }
    text
}

/// How the state that lies there compares.
fn state(rebuilt: &Rebuilt, lang: Lang) -> String {
    match &rebuilt.state {
        Compared::Nothing => say!(lang, "audit-state-none").to_owned(),
        Compared::Untrusted(why) => say!(lang, "audit-state-untrusted", why = why.to_string()),
        Compared::OfAnotherRecord(size) => say!(lang, "audit-state-of-another", n = size.0),
        Compared::Rows(..) if rebuilt.state.is_fault() => {
            say!(lang, "audit-state-differs").to_owned()
        }
        Compared::Rows(..) if rebuilt.size < rebuilt.events => {
            let (reached, all) = (rebuilt.size.0, rebuilt.events.0);
            say!(lang, "audit-state-same-so-far", reached = reached, all = all)
        }
        Compared::Rows(..) => say!(lang, "audit-state-same").to_owned(),
    }
}

/// Which projection is not what the record gives, and its first row that is not.
fn fault(rebuilt: &Rebuilt, lang: Lang) -> String {
    let differing = match &rebuilt.state {
        Compared::Rows(projections, _) => {
            projections.iter().find_map(|one| one.first.as_ref().map(|first| (one, first)))
        }
        _ => None,
    };
    let Some((projection, (key, how))) = differing else { return state(rebuilt, lang) };
    let how = match how {
        How::Missing => say!(lang, "audit-row-missing"),
        How::Added => say!(lang, "audit-row-added"),
        How::Changed => say!(lang, "audit-row-changed"),
    };
    let (projection, key) = (projection.name, key.to_string());
    say!(lang, "audit-state-fault", projection = projection, key = key, how = how)
}

fn as_json(replayed: &Replayed) -> serde_json::Value {
    let Replayed { verified, rebuilt, verifying, rebuilding } = replayed;
    let (compared, projections) = match &rebuilt.state {
        Compared::Nothing => ("none", &[][..]),
        Compared::Untrusted(_) => ("not compared", &[][..]),
        Compared::OfAnotherRecord(_) => ("of another record", &[][..]),
        Compared::Rows(projections, _) if rebuilt.state.is_fault() => ("differs", &projections[..]),
        Compared::Rows(projections, _) => ("same", &projections[..]),
    };
    let found = match &rebuilt.state {
        Compared::Rows(_, digest) => Some(digest.to_string()),
        _ => None,
    };
    json!({
        "verified": true,
        "events": verified.events,
        "root": verified.root.to_string(),
        "rebuilt_events": rebuilt.size.0,
        "digest": rebuilt.digest.to_string(),
        "state": compared,
        "state_digest": found,
        "projections": projections.iter().map(|one| json!({
            "name": one.name,
            "rows": one.rows,
            "differing": one.differing,
            "first": one.first.as_ref().map(|(key, how)| json!({
                "row": key.to_string(),
                "how": match how {
                    How::Missing => "missing",
                    How::Added => "added",
                    How::Changed => "changed",
                },
            })),
        })).collect::<Vec<_>>(),
        "verified_per_second": speed(verified.events, *verifying),
        "rebuilt_per_second": speed(rebuilt.size.0, *rebuilding),
    })
}
