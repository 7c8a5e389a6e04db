//! `letopis receipt`: proof that a statement is in the record, fetched and verified.

use std::fs;
use std::path::Path;

use letopis_client::{EventRef, LedgerClient};
use letopis_domain::Statement;
use letopis_ledger::submission::parse;
use letopis_log::receipt::Signed;
use letopis_log::{Receipt, VerifierKey};
use letopis_types::{EventId, PublicKey, Sequence, StreamKey, StreamKind};
use letopis_words::Lang;
use serde_json::json;

use crate::cli::ReceiptCommand;
use crate::cmd::status::recorded;
use crate::connect::connect;
use crate::failure::Failure;
use crate::words;

/// `letopis receipt`.
///
/// # Errors
/// Why there is no receipt, or why it does not verify.
pub async fn run(command: &ReceiptCommand) -> Result<(), Failure> {
    match command {
        ReceiptCommand::Get { event, out, server } => {
            let client = connect(server).await?;
            let (stream, event_id) = find(&client, event).await?;
            let (_, recorded) = client.get_receipt(&stream, &event_id).await?;
            fs::write(out, recorded.receipt().to_text()).map_err(Failure::io("write", out))?;
            println!("receipt     {} of sequence {}", out.display(), recorded.sequence());
            println!(
                "verify it   letopis receipt verify {} --vkey '{}'",
                out.display(),
                client.known().key()
            );
            Ok(())
        }
        ReceiptCommand::Verify { file, vkey, json } => verify(file, vkey, *json),
    }
}

/// An event by its sequence, or as KIND/STREAM-ID/EVENT-ID.
async fn find(client: &LedgerClient, event: &str) -> Result<(StreamKey, EventId), Failure> {
    if let Ok(sequence) = event.parse() {
        let found = client.get_event(EventRef::Sequence(Sequence(sequence))).await?;
        return found
            .stream()
            .zip(found.event_id())
            .ok_or_else(|| Failure::other("the event's stream is not known here"));
    }
    let mut parts = event.split('/');
    let name = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(kind), Some(id), Some(event_id), None) => StreamKind::ALL
            .into_iter()
            .find(|known| known.name() == kind)
            .zip(id.parse().ok())
            .zip(event_id.parse().ok()),
        _ => None,
    };
    name.map(|((kind, id), event_id)| (StreamKey { kind, id }, event_id))
        .ok_or_else(|| Failure::other("name an event by its sequence, or KIND/STREAM-ID/EVENT-ID"))
}

fn verify(file: &Path, vkey: &str, as_json: bool) -> Result<(), Failure> {
    let key: VerifierKey = vkey.parse().map_err(Failure::other)?;
    let text = fs::read_to_string(file).map_err(Failure::io("read", file))?;
    let (receipt, statement) = check(&text, &key)?;
    let link = receipt.link;
    let ledger = key.name();
    if as_json {
        println!(
            "{}",
            json!({
                "verified": true,
                "ledger": ledger,
                "sequence": link.sequence.0,
                "recorded_at": link.recorded_at.0,
                "kind": statement.fact.name(),
                "stream": statement.stream.to_string(),
                "statement_hash": link.statement_hash.to_string(),
            })
        );
        return Ok(());
    }
    println!("verified    this statement is in the record of {ledger}");
    println!("what        {} in {}", words::kind(&statement.fact, Lang::En), statement.stream);
    println!("sequence    {}", link.sequence);
    println!("recorded    {} (the operator's claim)", recorded(link.recorded_at));
    for signer in &statement.signers {
        println!("signed by   actor {}", signer.actor);
    }
    Ok(())
}

/// Everything that a receipt shows, checked offline.
///
/// # Errors
/// What is wrong with it.
pub fn check(text: &str, key: &VerifierKey) -> Result<(Receipt, Statement), Failure> {
    let receipt = Receipt::from_text(text).map_err(Failure::other)?;
    let statement = parse(&receipt.statement).map_err(Failure::other)?;
    let signers: Vec<PublicKey> = statement.signers.iter().map(|signer| signer.key).collect();
    let ledger =
        statement.ledger.unwrap_or_else(|| letopis_crypto::hash::ledger_id(&receipt.statement));
    receipt.verify(key, &Signed { ledger, signers: &signers }).map_err(Failure::other)?;
    Ok((receipt, statement))
}
