//! `letopis status`, `letopis log`: what a server says, checked.

use letopis_client::Event;
use letopis_domain::Statement;
use letopis_types::{Sequence, Timestamp};
use letopis_words::{Lang, say};
use serde_json::{Value, json};

use crate::cli::{LogArgs, StatusArgs};
use crate::connect::connect;
use crate::failure::Failure;
use crate::{out, words};

/// `letopis status`.
///
/// # Errors
/// Why the server can't be reached, or is not to be trusted.
pub async fn run(args: &StatusArgs) -> Result<(), Failure> {
    let client = connect(&args.server).await?;
    let genesis = client.genesis().await?;
    let checkpoint = client.checkpoint().await?;
    if args.server.json {
        let value = json!({
            "ledger": client.ledger().to_string(),
            "name": genesis.genesis.name,
            "trial": genesis.is_trial(),
            "events": checkpoint.size().0,
            "root": checkpoint.root().to_string(),
            "verification_key": client.known().key().to_string(),
        });
        return out::line(&value.to_string());
    }
    let lang = args.lang;
    let row = |name: &str, said: String| format!("{name:<19}{said}\n");
    let mut text = String::new();
    if genesis.is_trial() {
        text += &format!("{}\n", words::trial(lang));
    }
    text +=
        &row(say!(lang, "common-ledger"), format!("{}/{}", genesis.genesis.name, client.ledger()));
    text += &row(say!(lang, "common-events"), checkpoint.size().to_string());
    text += &row(say!(lang, "common-root"), checkpoint.root().to_string());
    text += &row(say!(lang, "status-verification-key"), client.known().key().to_string());
    text += &format!("{}\n", say!(lang, "status-continues"));
    out::text(&text)
}

/// `letopis log`.
///
/// # Errors
/// Why the log can't be read, or is not to be trusted.
pub async fn run_log(args: &LogArgs) -> Result<(), Failure> {
    let client = connect(&args.server).await?;
    let mut log = client.read_log(Sequence(args.from), args.follow);
    while let Some(event) = log.next().await {
        let event = event?;
        event.verify_signatures().map_err(Failure::other)?;
        let line = if args.server.json {
            as_json(&event).to_string()
        } else {
            in_words(&event, args.lang)
        };
        out::line(&line)?;
    }
    Ok(())
}

/// One event in one line.
#[must_use]
pub fn in_words(event: &Event, lang: Lang) -> String {
    let head = format!("{:>7}  {}", event.link.sequence.0, recorded(event.link.recorded_at));
    match event.statement() {
        Ok(statement) => format!(
            "{head}  {:<22}  {}{}",
            words::kind(&statement.fact, lang),
            statement.stream,
            sections(&statement, lang)
        ),
        // Signed and chained all the same.
        Err(_) => {
            let words = say!(lang, "common-kind-not-known");
            format!("{head}  {words}")
        }
    }
}

fn sections(statement: &Statement, lang: Lang) -> String {
    match statement.sections.len() {
        0 => String::new(),
        count => format!("  {}", say!(lang, "status-sections", n = count)),
    }
}

/// One event for a program.
#[must_use]
pub fn as_json(event: &Event) -> Value {
    let statement = event.statement().ok();
    json!({
        "sequence": event.link.sequence.0,
        "recorded_at": event.link.recorded_at.0,
        "statement_hash": event.link.statement_hash.to_string(),
        "stream": event.stream().map(|stream| stream.to_string()),
        "event_id": event.event_id().map(|id| id.to_string()),
        "kind": statement.as_ref().map(|statement| statement.fact.name()),
        "signers": statement.as_ref().map(|statement| {
            statement.signers.iter().map(|signer| signer.actor.to_string()).collect::<Vec<_>>()
        }),
        "sections": statement.as_ref().map(|statement| statement.sections.len()),
    })
}

/// When the ledger recorded something, in UTC.
#[must_use]
pub fn recorded(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_second(at.seconds()).ok();
    time.map_or_else(|| at.0.to_string(), |time| time.to_string())
}
