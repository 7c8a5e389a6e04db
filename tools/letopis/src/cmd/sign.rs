//! `letopis sign`: a statement from a form, shown in plain words, signed and sent.

use letopis_client::{ClientError, EventRef, LedgerClient};
use letopis_domain::Fact;
use letopis_domain::statement::Seen;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_words::{Lang, say};

use crate::act::{How, carry_out};
use crate::cli::StatementArgs;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::form::template::{find, is_example, kinds, lacking, template};
use crate::form::{Filled, Form, Found, Pointer};
use crate::out;

/// `letopis sign`.
///
/// # Errors
/// What is wrong with the form, or why it was not recorded.
pub async fn run(args: &StatementArgs) -> Result<(), Failure> {
    let lang = args.lang;
    if args.kinds {
        return kinds().try_for_each(|kind| {
            let name = letopis_client::words::kind_name(kind.name, lang);
            out::line(&format!("{:<28}{}", kind.name, name.unwrap_or_default()))
        });
    }
    if let Some(name) = &args.template {
        let kind = find(name).ok_or_else(|| Failure::other(say!(lang, "sign-no-such-kind")))?;
        return out::text(&template(kind, lang));
    }
    let path = args.file.as_deref().ok_or_else(|| Failure::other("name the form's file"))?;
    let form = Form::read(path)?;
    let wrong = |error| Failure::other(format!("{}: {error}", path.display()));
    // Before anybody is asked for anything.
    let wanted = check(form.fill(&Found::new()).map_err(wrong)?, lang)?.wanted;

    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let mut found = Found::new();
    for pointer in wanted {
        found.insert(pointer, look_up(&connected.client, pointer).await?);
    }
    let filled = form.fill(&found).map_err(wrong)?;
    let seen = seen(&connected.client, &filled).await?;
    for (place, id) in &filled.made {
        let (id, place) = (id.to_string(), place.to_string());
        eprintln!("{}", say!(lang, "sign-new-id", id = id, place = place));
    }
    let how = How { sign: &args.sign, lang, json: args.server.json };
    carry_out(&connected, &filled.draft(seen), how).await.map(drop)
}

/// What the ledger would refuse under any profile, and what nobody means to sign.
fn check(filled: Filled, lang: Lang) -> Result<Filled, Failure> {
    let fact = proto::Fact { kind: Some(filled.fact.clone()) };
    let fact = Fact::from_proto(&fact).map_err(Failure::other)?;
    let lacking = lacking(&fact, &filled.sections);
    if !lacking.is_empty() {
        let list = lacking.join(", ");
        return Err(Failure::other(say!(lang, "sign-sections-lacking", sections = list)));
    }
    let left = filled.sections.iter().find(|one| is_example(&one.payload_type, &one.content));
    if let Some(left) = left {
        let (line, what) = (left.line, &left.payload_type);
        let words = say!(lang, "sign-left-as-example", line = line, type = what);
        return Err(Failure::other(words));
    }
    Ok(filled)
}

/// The statement at which a form points.
async fn look_up(
    client: &LedgerClient,
    pointer: Pointer,
) -> Result<(letopis_types::StreamKey, letopis_types::Digest), Failure> {
    match pointer {
        Pointer::Sequence(sequence) => {
            let event = client.get_event(EventRef::Sequence(sequence)).await?;
            let stream = event.stream();
            let stream =
                stream.ok_or_else(|| Failure::other("the event's stream is not known here"))?;
            Ok((stream, event.link.statement_hash))
        }
        Pointer::Version(stream, version) => {
            let history = client.read_stream(&stream).await?;
            let event = history.at(version);
            let event = event.ok_or_else(|| {
                Failure::other(format!(
                    "{stream} has no event {version}: it has {}",
                    history.version
                ))
            })?;
            Ok((stream, event.link.statement_hash))
        }
    }
}

/// The history that the signers have before them. What adds to a history may come of somebody who may
/// not read it.
async fn seen(client: &LedgerClient, filled: &Filled) -> Result<Option<Seen>, Failure> {
    if filled.begins {
        return Ok(None);
    }
    match client.read_stream(&filled.stream).await {
        Ok(history) => Ok(Some(history.seen())),
        Err(ClientError::Refused(_)) if !filled.kind.exclusive || may_begin(filled) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A case that somebody gave an id of their own.
fn may_begin(filled: &Filled) -> bool {
    filled.kind.name == "CaseOpened"
}

/// A rule's refusal as a person reads it.
#[must_use]
pub fn refusal(refused: &letopis_client::Refused, lang: Lang) -> String {
    let of = |name: &str| refused.metadata.get(name).map(String::as_str);
    let needed = match lang {
        Lang::Bg => of("needed").unwrap_or(&refused.message),
        Lang::En => &refused.message,
    };
    let mut lines = vec![say!(lang, "sign-refused", needed = needed)];
    let mut row = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            lines.push(format!("  {name}: {value}"));
        }
    };
    row(say!(lang, "sign-rule"), of("rule"));
    if lang == Lang::Bg {
        // In English the message says it already.
        row(say!(lang, "common-article"), of("article"));
        let section = of("lacking").and_then(|name| letopis_sections::find(&format!("{name}/1")));
        let named = section.map(|section| format!("{} ({})", section.name, section.term_bg));
        let lacking = named.or_else(|| of("lacking").map(|what| what.replace(", ", "\n    ")));
        row(say!(lang, "sign-lacking"), lacking.as_deref());
    }
    if of("refusal_signature").is_some() {
        let word = say!(lang, "sign-refusal-signed");
        lines.push(format!("  {word}"));
    }
    lines.join("\n")
}
