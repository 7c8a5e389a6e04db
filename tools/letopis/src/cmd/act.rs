//! `letopis act`: acts that wait for somebody's signature.

use std::fs;
use std::path::Path;

use letopis_client::words::describe;
use letopis_proto::statement::v1::Purpose;
use letopis_words::{Lang, say};

use crate::act::{Waiting, add, send, sign};
use crate::cli::ActCommand;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::holder::Holder;
use crate::out;

/// `letopis act`.
///
/// # Errors
/// Why it was not signed or recorded.
pub async fn run(command: &ActCommand) -> Result<(), Failure> {
    match command {
        ActCommand::Show { file, lang } => show(file, *lang),
        ActCommand::Sign { file, keys, yes, lang } => {
            let waiting = Waiting::read(file)?;
            let holders = Holder::all(keys)?;
            if holders.is_empty() {
                return Err(Failure::other("say who signs: --key or --agent"));
            }
            let missing = waiting.missing();
            if holders.iter().any(|holder| !missing.contains(&holder.signer().key)) {
                return Err(Failure::other(say!(*lang, "sign-signed-already")));
            }
            add(file, &sign(&waiting.unsigned, &holders, *yes, *lang)?)?;
            out::text(&who_is_missing(&Waiting::read(file)?, *lang))
        }
        ActCommand::Send { file, server, lang } => {
            let Waiting { unsigned, collected } = Waiting::read(file)?;
            let connected = connect_for(server, Purpose::CaseWork).await?;
            send(&connected.client, unsigned, &collected, *lang, server.json).await?;
            // What its sections say is not to lie about any longer.
            fs::remove_file(file).map_err(Failure::io("remove", file))
        }
    }
}

fn show(file: &Path, lang: Lang) -> Result<(), Failure> {
    let waiting = Waiting::read(file)?;
    let mut text = String::new();
    for line in describe(&waiting.unsigned, lang) {
        text += &format!("{line}\n");
    }
    out::text(&(text + &who_is_missing(&waiting, lang)))
}

fn who_is_missing(waiting: &Waiting, lang: Lang) -> String {
    let missing = waiting.missing();
    if missing.is_empty() {
        return format!("{}\n", say!(lang, "sign-everybody-has-signed"));
    }
    let mut text = format!("{}\n", say!(lang, "sign-have-not-signed-yet"));
    let signers = &waiting.unsigned.statement().signers;
    for signer in signers.iter().filter(|signer| missing.contains(&signer.key)) {
        text += &format!("    {}\n", signer.actor);
    }
    text
}
