//! `letopis decisions`: what was signed, by whom, of which kind, in which time.

use letopis_client::accountability::TimelineEntry;
use letopis_proto::accountability::v1::ListDecisionsRequest;
use letopis_proto::statement::v1::Purpose;
use letopis_words::{Lang, say};

use crate::cli::DecisionsArgs;
use crate::cmd::case::named::{kind, signers};
use crate::cmd::case::standing::item;
use crate::cmd::case::timeline::json;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::words::standing;
use crate::{out, words};

const NANOS: u64 = 1_000_000_000;

/// `letopis decisions`.
///
/// # Errors
/// Why they are not told.
pub async fn run(args: &DecisionsArgs) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    connected.caller()?;
    let nanos = |second: i64| u64::try_from(second).unwrap_or_default().saturating_mul(NANOS);
    let question = ListDecisionsRequest {
        actor: args.actor.map(|actor| actor.0.to_vec().into()).unwrap_or_default(),
        kinds: args.kind.clone(),
        recorded_from: args.from.map(|from| nanos(from.0)),
        recorded_before: args.until.map(|until| nanos(until.0)),
        ..Default::default()
    };
    let (entries, _) = connected.client.decisions(question).await?;
    if args.server.json {
        return entries.iter().try_for_each(|entry| out::line(&json(entry).to_string()));
    }
    let mut text: String = entries.iter().map(|entry| told(entry, args.lang)).collect();
    text += &format!("{}\n", say!(args.lang, "list-decisions", n = entries.len()));
    out::text(&text)
}

fn told(entry: &TimelineEntry, lang: Lang) -> String {
    let recorded = words::recorded(entry.event.link.recorded_at, lang);
    let mut first = format!("{}  {}", recorded.trim_start(), kind(&entry.event, lang));
    if let Some(status) = standing::act(entry.told.status(), lang) {
        first += &format!(" · {status}");
    }
    let number = say!(lang, "common-number", number = entry.version.to_string());
    let place = format!("{}, {number}", entry.stream);
    let signed = say!(lang, "common-signed-by", who = signers(&entry.event));
    item(&first, &[place, signed])
}
