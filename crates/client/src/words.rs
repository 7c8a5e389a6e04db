//! A statement in plain words, in Bulgarian or English: what a person reads before they sign.
//!
//! Everything that is signed is said: fact, stream, time, signers, history, references, sections;
//! and, where they are at hand, what the sections hold. Left out are only random bytes, and the
//! commitments, which the contents were compared with; what is very long is cut, which is said. Texts can't pretend to be more than texts: control characters
//! and those that turn the direction of writing are replaced, and their lines are marked.

mod enums;
mod fact;
mod fields;
mod kinds;
mod text;

use std::fmt::Write as _;

use letopis_crypto::hash::statement_hash;
use letopis_domain::Statement;
use letopis_domain::statement::{OccurredAt, Reference, Section, Seen, Signer};
use letopis_proto::statement::v1::Precision;
use letopis_types::{ActorId, Class, StreamKey};

use crate::signed::{StatementError, Unsigned, parse_statement};

pub use kinds::kind_name;

/// The language of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Bulgarian.
    Bg,
    /// English.
    En,
}

impl Lang {
    const fn pick(self, bg: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Bg => bg,
            Self::En => en,
        }
    }
}

/// What people call a field of a fact's message, both as the protos name them; in English the name in
/// words.
#[must_use]
pub fn field_name(message: &str, field: &str, lang: Lang) -> String {
    fields::word(message, field, lang)
}

/// What people call a value of an enum, as the protos name it; `prefix` is what all of that enum begin
/// with.
#[must_use]
pub fn code_name(prefix: &str, value: &str, lang: Lang) -> String {
    enums::word(prefix, value, lang)
}

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
    out.push(format!("{}: {}", lang.pick("В", "In"), stream(&statement.stream, lang)));
    out.push(occurred(&statement.occurred_at, lang));
    out.extend(fact::lines(bytes, lang));
    out.push(seen(statement.seen.as_ref(), lang));
    out.extend(statement.references.iter().map(|one| reference(one, lang)));
    out.extend(sections(&statement.sections, contents, lang));
    out.extend(statement.signers.iter().map(|one| signer(one, lang)));
    if let Some(ledger) = statement.ledger {
        out.push(format!("{}: {}", lang.pick("За летопис", "For the ledger"), short(ledger)));
    }
    let hash = statement_hash(bytes);
    out.push(format!("{}: {hash}", lang.pick("Отпечатък на изявлението", "Statement hash")));
    out
}

/// The first half of an id's or hash's text: enough to tell it from all others that a person sees.
fn short(id: impl std::fmt::Display) -> String {
    let text: String = id.to_string().chars().take(16).collect();
    text + "…"
}

fn stream(stream: &StreamKey, lang: Lang) -> String {
    let name = format!("STREAM_KIND_{}", stream.kind.name().to_uppercase());
    let word = enums::word("STREAM_KIND_", &name, lang);
    if *stream == StreamKey::ROOT { word } else { format!("{word} {}", stream.id) }
}

fn occurred(at: &OccurredAt, lang: Lang) -> String {
    let instant = &at.instant;
    let when = text::civil(instant.seconds, instant.offset_minutes, at.precision);
    let precision = enums::word("PRECISION_", at.precision.as_str_name(), lang);
    let knowledge = enums::word("KNOWLEDGE_", at.knowledge.as_str_name(), lang);
    format!("{}: {when} ({precision}; {knowledge})", lang.pick("Кога", "When"))
}

/// A time of a fact, which is in UTC.
fn utc(seconds: i64) -> String {
    text::civil(seconds, 0, Precision::Second)
}

fn seen(seen: Option<&Seen>, lang: Lang) -> String {
    match seen {
        Some(Seen { version, head }) => {
            let before = lang.pick("При видяна история до версия", "On the history up to version");
            format!("{before} {version} ({})", short(head))
        }
        None => lang.pick("Без видяна история", "On no history").to_owned(),
    }
}

fn reference(reference: &Reference, lang: Lang) -> String {
    let relation = enums::word("RELATION_", reference.relation.as_str_name(), lang);
    let (stream, hash) = (stream(&reference.stream, lang), short(reference.statement_hash));
    format!("{}: {relation} {stream}, {hash}", lang.pick("Връзка", "Reference"))
}

fn class(class: Class, lang: Lang) -> String {
    enums::word("CLASS_", class_name(class), lang)
}

const fn class_name(class: Class) -> &'static str {
    match class {
        Class::Normal => "CLASS_NORMAL",
        Class::Restricted => "CLASS_RESTRICTED",
        Class::VeryRestricted => "CLASS_VERY_RESTRICTED",
    }
}

fn sections(sections: &[Section], contents: &[Option<&[u8]>], lang: Lang) -> Vec<String> {
    let mut counts = format!("{}: {}", lang.pick("Раздели", "Sections"), sections.len());
    for one in Class::ALL {
        let count = sections.iter().filter(|section| section.class == one).count();
        if count > 0 {
            // Writing into a string does not fail.
            let _ = write!(counts, "; {} {count}", class(one, lang));
        }
    }
    let mut out = vec![counts];
    for (index, section) in sections.iter().enumerate() {
        let (number, class) = (index + 1, class(section.class, lang));
        out.push(format!(
            "{} {number}, {class}, {}:",
            lang.pick("Раздел", "Section"),
            section.payload_type
        ));
        match contents.get(index).copied().flatten() {
            Some(content) => out.extend(text::quoted(content, lang)),
            None => out.push(
                lang.pick("  (съдържанието не е приложено)", "  (the content is not at hand)")
                    .to_owned(),
            ),
        }
    }
    out
}

fn signer(signer: &Signer, lang: Lang) -> String {
    let who = if signer.actor == ActorId::LEDGER {
        lang.pick("самият летопис", "the ledger itself").to_owned()
    } else {
        signer.actor.to_string()
    };
    let grant = match signer.grant {
        Some(hash) => format!("{} {}", lang.pick("по роля", "under the grant"), short(hash)),
        None => lang.pick("без роля", "without a grant").to_owned(),
    };
    let (signs, key) = (lang.pick("Подписва", "Signed by"), lang.pick("ключ", "key"));
    format!("{signs}: {who}, {grant}, {key} {}", short(signer.key))
}

#[cfg(test)]
mod tests;
