//! A statement in plain words, in Bulgarian or English: what a person reads before they sign.
//!
//! Everything that is signed is said: fact, stream, time, signers, history, references, sections;
//! and, where they are at hand, what the sections hold. Left out are only random bytes, and the
//! commitments, which the contents were compared with; what is very long is cut, which is said. Texts can't pretend to be more than texts: control characters
//! and those that turn the direction of writing are replaced, and their lines are marked.

mod fact;
mod names;
mod text;

use letopis_crypto::hash::statement_hash;
use letopis_domain::Statement;
use letopis_domain::statement::{OccurredAt, Reference, Section, Seen, Signer};
use letopis_proto::statement::v1::Precision;
use letopis_types::{ActorId, Class, StreamKey};
use letopis_words::say;

use crate::signed::{StatementError, Unsigned, parse_statement};

pub use letopis_words::Lang;
pub use names::{code_name, field_name, kind_name};

/// What a statement says, with what its sections hold, line by line.
#[must_use]
pub fn describe(unsigned: &Unsigned, lang: Lang) -> Vec<String> {
    let contents: Vec<_> = unsigned.contents().map(Some).collect();
    lines(unsigned.statement(), unsigned.statement_bytes(), &contents, lang)
}

/// What a statement says, where only its bytes are at hand: of its sections it shows the classes
/// and types.
///
/// # Errors
/// [`StatementError`] where they are not canonical and well-formed: such are not to be signed.
pub fn describe_bytes(statement: &[u8], lang: Lang) -> Result<Vec<String>, StatementError> {
    let typed = parse_statement(statement)?;
    let contents = vec![None; typed.sections.len()];
    Ok(lines(&typed, statement, &contents, lang))
}

fn lines(
    statement: &Statement,
    bytes: &[u8],
    contents: &[Option<&[u8]>],
    lang: Lang,
) -> Vec<String> {
    let name = statement.kind().name;
    let title = kind_name(name, lang).unwrap_or_else(|| name.to_owned());
    let mut out = vec![format!("{title} ({name})")];
    out.push(say!(lang, "statement-in", stream = stream(&statement.stream, lang)));
    out.push(occurred(&statement.occurred_at, lang));
    out.extend(fact::lines(bytes, lang));
    out.push(seen(statement.seen.as_ref(), lang));
    out.extend(statement.references.iter().map(|one| reference(one, lang)));
    out.extend(sections(&statement.sections, contents, lang));
    out.extend(statement.signers.iter().map(|one| signer(one, lang)));
    if let Some(ledger) = statement.ledger {
        out.push(say!(lang, "statement-ledger", ledger = short(ledger)));
    }
    let hash = statement_hash(bytes).to_string();
    out.push(say!(lang, "statement-hash", hash = hash));
    out
}

/// The first half of an id's or hash's text: enough to tell it from all others that a person sees.
fn short(id: impl std::fmt::Display) -> String {
    let text: String = id.to_string().chars().take(16).collect();
    text + "…"
}

fn stream(stream: &StreamKey, lang: Lang) -> String {
    let name = format!("STREAM_KIND_{}", stream.kind.name().to_uppercase());
    let word = code_name("STREAM_KIND_", &name, lang);
    if *stream == StreamKey::ROOT { word } else { format!("{word} {}", stream.id) }
}

fn occurred(at: &OccurredAt, lang: Lang) -> String {
    let instant = &at.instant;
    let when = text::civil(instant.seconds, instant.offset_minutes, at.precision);
    let precision = code_name("PRECISION_", at.precision.as_str_name(), lang);
    let knowledge = code_name("KNOWLEDGE_", at.knowledge.as_str_name(), lang);
    say!(lang, "statement-when", when = when, precision = precision, knowledge = knowledge)
}

/// A time of a fact, which is in UTC.
fn utc(seconds: i64) -> String {
    text::civil(seconds, 0, Precision::Second)
}

fn seen(seen: Option<&Seen>, lang: Lang) -> String {
    match seen {
        Some(Seen { version, head }) => {
            say!(lang, "statement-seen", version = version.to_string(), head = short(head))
        }
        None => say!(lang, "statement-seen-nothing").to_owned(),
    }
}

fn reference(reference: &Reference, lang: Lang) -> String {
    let relation = code_name("RELATION_", reference.relation.as_str_name(), lang);
    let (stream, hash) = (stream(&reference.stream, lang), short(reference.statement_hash));
    say!(lang, "statement-reference", relation = relation, stream = stream, hash = hash)
}

fn class(class: Class, lang: Lang) -> String {
    code_name("CLASS_", class_name(class), lang)
}

const fn class_name(class: Class) -> &'static str {
    match class {
        Class::Normal => "CLASS_NORMAL",
        Class::Restricted => "CLASS_RESTRICTED",
        Class::VeryRestricted => "CLASS_VERY_RESTRICTED",
    }
}

fn sections(sections: &[Section], contents: &[Option<&[u8]>], lang: Lang) -> Vec<String> {
    let mut counts = say!(lang, "statement-sections", n = sections.len());
    for one in Class::ALL {
        let count = sections.iter().filter(|section| section.class == one).count();
        if count > 0 {
            counts += &format!("; {} {count}", class(one, lang));
        }
    }
    let mut out = vec![counts];
    for (index, section) in sections.iter().enumerate() {
        let class = class(section.class, lang);
        let of_type = section.payload_type.as_str();
        out.push(say!(lang, "statement-section", n = index + 1, class = class, type = of_type));
        match contents.get(index).copied().flatten() {
            Some(content) => out.extend(text::quoted(content, lang)),
            None => out.push(format!("  ({})", say!(lang, "statement-not-at-hand"))),
        }
    }
    out
}

fn signer(signer: &Signer, lang: Lang) -> String {
    let who = match signer.actor {
        ActorId::LEDGER => say!(lang, "common-ledger-itself").to_owned(),
        actor => actor.to_string(),
    };
    let key = short(signer.key);
    match signer.grant.map(short) {
        Some(grant) => say!(lang, "statement-signer", who = who, grant = grant, key = key),
        None => say!(lang, "statement-signer-without-grant", who = who, key = key),
    }
}

#[cfg(test)]
mod tests;
