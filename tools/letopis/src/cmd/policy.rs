//! `letopis policy`: the rules in force.

use std::path::Path;

use letopis_client::{Draft, Event, History, LedgerClient};
use letopis_domain::Fact;
use letopis_policy::{Lang as PolicyLang, PolicySet};
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::StreamKey;
use letopis_words::{Lang, say};
use serde_json::json;

use crate::act::{How, carry_out};
use crate::cli::{PolicyCommand, ServerArgs};
use crate::cmd::init::now;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::{out, words};

/// Characters of a line of text.
const WIDTH: usize = 78;

/// `letopis policy`.
///
/// # Errors
/// Why it can't be shown, or was not adopted.
pub async fn run(command: &PolicyCommand) -> Result<(), Failure> {
    match command {
        PolicyCommand::Show { server, text, lang } => show(server, *text, *lang).await,
        PolicyCommand::Adopt { server, file, sign, lang } => {
            let text = match file {
                Some(path) => read(path)?,
                None => letopis_policy::BG.to_owned(),
            };
            let set = PolicySet::parse(&text).map_err(Failure::other)?;
            if !sign.yes {
                eprint!("{}", in_words(&set, *lang));
            }
            let connected = connect_for(server, Purpose::DataProtection).await?;
            let draft = draft(&connected.client, text).await?;
            let how = How { sign, lang: *lang, json: server.json };
            carry_out(&connected, &draft, how).await.map(drop)
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(Failure::io("read", path))
}

/// The adoption of a policy, to be signed.
///
/// # Errors
/// Why the root stream can't be read.
pub async fn draft(client: &LedgerClient, text: String) -> Result<Draft, Failure> {
    let seen = client.read_stream(&StreamKey::ROOT).await?.seen();
    let kind = Kind::PolicyAdopted(proto::PolicyAdopted { text });
    Ok(Draft::new(StreamKey::ROOT, kind, now()).seen(seen))
}

async fn show(server: &ServerArgs, text: bool, lang: Lang) -> Result<(), Failure> {
    let client: LedgerClient = connect_for(server, Purpose::CaseWork).await?.client;
    let root: History = client.read_stream(&StreamKey::ROOT).await?;
    let adopted = root.events.iter().rev().find_map(|event| Some((event, policy(event)?)));
    let Some((event, adopted)) = adopted else {
        return out::line(say!(lang, "policy-none"));
    };
    let hash = event.link.statement_hash;
    if server.json {
        let sequence = event.link.sequence.0;
        return out::line(
            &json!({"sequence": sequence, "statement_hash": hash.to_string(), "text": adopted})
                .to_string(),
        );
    }
    if text {
        return out::text(&adopted);
    }
    let since = words::recorded(event.link.recorded_at, lang);
    let hash = hash.to_string();
    let title = say!(lang, "policy-adopted-on", when = since.trim_start(), hash = hash);
    out::line(&format!("{title}\n"))?;
    let set = PolicySet::parse(&adopted).map_err(Failure::other)?;
    out::text(&in_words(&set, lang))
}

fn policy(event: &Event) -> Option<String> {
    match event.statement().ok()?.fact {
        Fact::PolicyAdopted(adopted) => Some(adopted.text),
        _ => None,
    }
}

/// Each rule as it is told to people.
fn in_words(set: &PolicySet, lang: Lang) -> String {
    let lang = match lang {
        Lang::Bg => PolicyLang::Bg,
        Lang::En => PolicyLang::En,
    };
    let mut text = String::new();
    for rule in set.rules() {
        for (at, line) in words::wrap(rule.words(lang), WIDTH).iter().enumerate() {
            text += &format!("{} {line}\n", if at == 0 { "·" } else { " " });
        }
    }
    text
}
