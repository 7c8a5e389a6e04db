//! The template of a kind: what has to be filled in, with what the protos, the procedure and the
//! schemas say of it.

use std::fmt::Write as _;

use letopis_client::words::{code_name, field_name, kind_name};
use letopis_domain::Fact;
use letopis_domain::fact::Needs;
use letopis_domain::procedure::{Need, required};
use letopis_proto::statement::v1::{self as proto, Role};
use letopis_proto::{KINDS, KindInfo};
use letopis_sections::{SectionType, section_types};
use letopis_types::{Class, StreamKind};
use letopis_words::{Lang, say};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::fact::is_id;
use super::{Form, Found, codes, read, yaml_of};
use crate::section_words::at;
use crate::words;

/// Characters of a line.
const WIDTH: usize = 98;

/// Fields that the protos' words let one leave out, or not, but the form of the fact asks otherwise.
const NEEDED: [&str; 4] = [
    "SignalAssessed.outcomes",
    "ChildOutcome.track",
    "InspectionOpened.agency",
    "EventCorrected.occurred_at",
];

/// The kinds that people sign: all but the beginning and what the ledger itself says.
pub fn kinds() -> impl Iterator<Item = &'static KindInfo> {
    let by_people = |fact: Fact| !matches!(fact.needs(), Needs::Ledger | Needs::GenesisKeys);
    KINDS.iter().filter(move |kind| sample(kind).is_some_and(by_people))
}

/// The kind that somebody means: by its name in the protos, or by what people call it.
#[must_use]
pub fn find(name: &str) -> Option<&'static KindInfo> {
    let wanted = name.to_lowercase();
    kinds().find(|kind| {
        let called = |lang: Lang| kind_name(kind.name, lang).map(|n| n.to_lowercase());
        kind.name.to_lowercase() == wanted
            || [Lang::Bg, Lang::En].into_iter().any(|lang| called(lang).as_ref() == Some(&wanted))
    })
}

/// The template of a kind, commented in this language. What stands in angle brackets, and the invented
/// texts of the sections, is to be replaced.
#[must_use]
pub fn template(kind: &KindInfo, lang: Lang) -> String {
    let mut out = String::new();
    let name = kind_name(kind.name, lang).unwrap_or_else(|| kind.name.to_owned());
    let about = letopis_proto::comment(kind.name).unwrap_or_default();
    out += &comment(&format!("{name} ({})", kind.name), "");
    out += &comment(about, "");
    let fact = sample(kind);
    if let Some(fact) = &fact {
        let who = needs(fact.needs(), lang);
        out += &comment(&say!(lang, "form-signed-by", who = who), "");
        let groups: Vec<_> = fact.confirmed_by().iter().map(|group| roles(group, lang)).collect();
        if !groups.is_empty() {
            let who = groups.join(&format!("; {} ", say!(lang, "form-confirmed-and")));
            out += &comment(&say!(lang, "form-confirmed-by", who = who), "");
        }
    }
    out += &comment(position(kind, lang), "");
    out += &comment(say!(lang, "form-how-to-fill-in"), "");
    out += &head(kind, lang);
    out += &references(about, lang);
    out += &fact_lines(kind, lang);
    let needs = fact.as_ref().map_or(&[][..], required);
    out += &sections(kind, needs, lang);
    out
}

/// A comment, broken into lines.
pub(super) fn comment(text: &str, indent: &str) -> String {
    let lines = words::wrap(text, WIDTH.saturating_sub(indent.len() + 2).max(40));
    lines.iter().map(|line| format!("{indent}# {line}\n")).collect()
}

fn position(kind: &KindInfo, lang: Lang) -> &'static str {
    if kind.exclusive { say!(lang, "form-exclusive") } else { say!(lang, "form-additive") }
}

/// Does a stream of its own begin with it?
fn begins(kind: &KindInfo) -> bool {
    matches!(
        kind.name,
        "CaseOpened" | "SignalReceived" | "PersonRecorded" | "ComplaintLodged" | "ActorEnrolled"
    )
}

fn head(kind: &KindInfo, lang: Lang) -> String {
    let mut out = format!("kind: {}\n", kind.name);
    let known = |number: &u32| {
        StreamKind::ALL.into_iter().find(|one| *one as u32 == *number).map(StreamKind::name)
    };
    let names: Vec<_> = kind.streams.iter().filter_map(known).collect();
    if names.len() > 1 {
        out += &comment(&say!(lang, "form-may-stand-in", streams = names.join(", ")), "");
    }
    let stream = match names.first().copied().unwrap_or("root") {
        "root" => "root".to_owned(),
        name if begins(kind) => format!("{name}/new"),
        name => format!("{name}/<id>"),
    };
    let _ = writeln!(out, "stream: {stream}");
    out += &comment(say!(lang, "form-occurred-at"), "");
    out += "occurred_at: <time>\n";
    let known = codes_of("KNOWLEDGE_", read::KNOWN, lang);
    out += &comment(&say!(lang, "form-knowledge", codes = known), "");
    out += "knowledge: witnessed\n";
    let exact = codes_of("PRECISION_", read::PRECISIONS, lang);
    out += &comment(&say!(lang, "form-precision", codes = exact), "");
    out += "# precision:\n";
    out
}

/// Short names with their words.
fn codes_of(prefix: &str, names: &str, lang: Lang) -> String {
    let one = |name: &str| {
        let value = format!("{prefix}{}", name.to_uppercase());
        with_word(name, &code_name(prefix, &value, lang))
    };
    names.split(", ").map(one).collect::<Vec<_>>().join(", ")
}

fn with_word(code: &str, word: &str) -> String {
    if word == code.replace('_', " ") { code.to_owned() } else { format!("{code} ({word})") }
}

/// What it has to refer to, where the protos say so.
fn references(about: &str, lang: Lang) -> String {
    let relation = about.split("relation \"").nth(1).and_then(|rest| rest.split('"').next());
    let word = say!(lang, "form-references");
    let mut out = comment(word, "");
    let relations = codes_of("RELATION_", read::RELATIONS, lang);
    match relation {
        Some(relation) => {
            let _ = writeln!(out, "references:\n  - relation: {}", relation.replace(' ', "_"));
            if about.contains("signal") {
                out += "    stream: signal/<id>\n";
            }
            out += "    version: <number>\n";
        }
        None => {
            out += &comment(&relations, "");
            out += "# references:\n#   - relation: based_on\n#     version:\n";
        }
    }
    out
}

fn fact_lines(kind: &KindInfo, lang: Lang) -> String {
    let Some(message) = codes::message(kind).filter(|message| message.fields().len() > 0) else {
        return String::new();
    };
    format!("fact:\n{}", fields(&message, "  ", lang))
}

fn fields(message: &MessageDescriptor, indent: &str, lang: Lang) -> String {
    let mut out = String::new();
    let mut last_oneof = None;
    for field in message.fields() {
        let real = field.field_descriptor_proto().proto3_optional.is_none();
        let oneof = field.containing_oneof().filter(|_| real).map(|oneof| oneof.name().to_owned());
        let another = oneof.is_some() && oneof == last_oneof;
        last_oneof = oneof;
        let left_out = another || may_be_left_out(&field);
        out += &one_field(&field, indent, left_out, lang);
    }
    out
}

fn may_be_left_out(field: &FieldDescriptor) -> bool {
    let name = format!("{}.{}", field.parent_message().name(), field.name());
    if NEEDED.contains(&name.as_str()) {
        return false;
    }
    let said = codes::comment(field);
    let optional = field.field_descriptor_proto().proto3_optional.is_some();
    let few = field.is_list() && !["1 to", "at least one"].iter().any(|one| said.contains(one));
    optional || few || said.contains("Absent") || said.contains("absent")
}

fn one_field(field: &FieldDescriptor, indent: &str, left_out: bool, lang: Lang) -> String {
    let word = field_name(field.parent_message().name(), field.name(), lang);
    let mut about = codes::comment(field).to_owned();
    if lang == Lang::Bg {
        about = format!("{word}. {about}");
    }
    if let Kind::Enum(list) = field.kind() {
        let prefix = codes::prefix(&list);
        let all = codes::values(&list)
            .into_iter()
            .map(|(_, name, short)| with_word(&short, &code_name(&prefix, &name, lang)));
        let all = all.collect::<Vec<_>>().join(", ");
        about += &format!(" {}", say!(lang, "form-one-of", codes = all));
    }
    let mut lines = String::new();
    let (name, list) = (field.name(), field.is_list());
    match field.kind() {
        Kind::Message(inner) if inner.name() == "Fact" => {
            let _ =
                writeln!(lines, "{indent}{name}: {{VisitRecorded: {{child_seen_alone: true}}}}");
        }
        Kind::Message(inner) if inner.name() != "Instant" => {
            let deeper = format!("{indent}{}", if list { "    " } else { "  " });
            let dash = if list { format!("{indent}  -\n") } else { String::new() };
            let _ = write!(lines, "{indent}{name}:\n{dash}{}", fields(&inner, &deeper, lang));
        }
        _ if list => {
            let _ = writeln!(lines, "{indent}{name}:\n{indent}  - {}", blank(field));
        }
        _ => {
            let _ = writeln!(lines, "{indent}{name}: {}", blank(field));
        }
    }
    let mut out = comment(about.trim(), indent);
    if left_out {
        let bare = |line: &str| line.strip_prefix(indent).unwrap_or(line).to_owned();
        let skip = lines.lines().map(|line| format!("{indent}# {}\n", bare(line)));
        out.extend(skip);
    } else {
        out += &lines;
    }
    out
}

/// What has to be written there.
fn blank(field: &FieldDescriptor) -> String {
    let name = field.name();
    match field.kind() {
        Kind::Bool => "<true or false>".to_owned(),
        Kind::Enum(list) => {
            let all: Vec<_> = codes::values(&list).into_iter().map(|(_, _, short)| short).collect();
            format!("<{}>", all.join(" | "))
        }
        Kind::Bytes if is_id(field) => "<id>".to_owned(),
        Kind::Bytes if codes::comment(field).contains("statement hash") => {
            "{version: <number>}".to_owned()
        }
        Kind::Bytes if name == "replaces" => "<present key>".to_owned(),
        Kind::Bytes if codes::comment(field).contains("key") => "<key>".to_owned(),
        Kind::Bytes => "<hash>".to_owned(),
        Kind::String => "<text>".to_owned(),
        Kind::Message(_) => "<time>".to_owned(),
        Kind::Sint64 if name.starts_with("until") => "<later time>".to_owned(),
        Kind::Sint64 if name.ends_with("seconds") => "<time>".to_owned(),
        Kind::Sint32 if name == "day" || name.ends_with("_day") => "<day>".to_owned(),
        Kind::Uint32 if name == "kinds" => "<kind>".to_owned(),
        _ => "<number>".to_owned(),
    }
}

/// A template with every blank filled in by something invented: what shows that it can be read, and
/// what the procedure asks of the kind.
#[must_use]
pub fn filled_in(template: &str) -> String {
    let mut out = String::new();
    for line in template.lines() {
        let is_comment = line.trim_start().starts_with('#');
        match line.split_once('<').filter(|_| !is_comment) {
            Some((before, rest)) => {
                let (blank, after) = rest.split_once('>').unwrap_or((rest, ""));
                let _ = writeln!(out, "{before}{}{after}", invented(blank));
            }
            None => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
    out
}

fn invented(blank: &str) -> &str {
    match blank {
        "id" => "11111111-1111-4111-8111-111111111111",
        // RFC 8032, section 7.1, test 1.
        // The same, test 2.
        "present key" => "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "key" => "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "hash" => "1111111111111111111111111111111111111111111111111111111111111111",
        "text" => "измислен",
        "time" => "2026-02-02T09:10",
        "later time" => "2026-02-03T09:10",
        "day" => "2026-02-03",
        "kind" => "VisitRecorded",
        "number" => "1",
        "true or false" => "true",
        codes => codes.split(" | ").next().unwrap_or(codes),
    }
}

/// An invented fact of the kind.
fn sample(kind: &KindInfo) -> Option<Fact> {
    let text = format!(
        "kind: {}\nstream: root\noccurred_at: now\n{}",
        kind.name,
        fact_lines(kind, Lang::En)
    );
    let filled = Form::parse(&filled_in(&text)).ok()?.fill(&Found::new()).ok()?;
    Fact::from_proto(&proto::Fact { kind: Some(filled.fact) }).ok()
}

fn roles(roles: &[Role], lang: Lang) -> String {
    let names: Vec<_> = roles.iter().map(|role| words::role(*role, lang)).collect();
    names.join(&format!(" {} ", say!(lang, "common-or")))
}

fn needs(needs: Needs, lang: Lang) -> String {
    let two = say!(lang, "form-needs-registrars");
    let both = |one: &str, other: &str| say!(lang, "form-needs-both", one = one, other = other);
    match needs {
        Needs::GenesisKeys => say!(lang, "form-needs-genesis-keys").to_owned(),
        Needs::Ledger => say!(lang, "common-ledger-itself").to_owned(),
        Needs::RegistrarsAndKey => both(two, say!(lang, "form-needs-new-key")),
        Needs::Registrars => two.to_owned(),
        Needs::RegistrarOrSelf => say!(lang, "form-needs-registrar-or-self").to_owned(),
        Needs::RoleHolderAlone(of) => {
            say!(lang, "form-needs-role-holder-alone", who = roles(of, lang))
        }
        Needs::RegistrarsAnd(role) => both(words::role(role, lang), two),
        Needs::OneOf(of) => roles(of, lang),
        Needs::BothOf(one, other) => both(&roles(one, lang), &roles(other, lang)),
        Needs::AnyRole => say!(lang, "form-needs-any-role").to_owned(),
    }
}

fn sections(kind: &KindInfo, needs: &[Need], lang: Lang) -> String {
    let mut out = String::new();
    let mut named = Vec::new();
    for need in needs {
        let mut types = need.any_of.iter().filter_map(|name| newest(name));
        let Some(first) = types.next() else { continue };
        named.push(first.name);
        out += &section(first, need.class, lang);
        for other in types {
            named.push(other.name);
            let (of_type, title) = (other.payload_type, title(other, lang));
            let words = say!(lang, "form-section-instead", type = of_type, title = title);
            out += &comment(&words, "  ");
        }
    }
    let further = may_have(kind)
        .filter(|one| !named.contains(&one.name))
        .map(|one| format!("{} ({})", one.payload_type, title(one, lang)));
    let further: Vec<_> = further.collect();
    if !further.is_empty() {
        let list = further.join(", ");
        out += &comment(&say!(lang, "form-more-sections", sections = list), "");
    }
    if needs.is_empty() {
        return out;
    }
    let word = say!(lang, "form-sections");
    format!("{}sections:\n{out}", comment(word, ""))
}

fn section(one: &SectionType, class: Class, lang: Lang) -> String {
    let mut out = comment(&title(one, lang), "  ");
    let _ = writeln!(out, "  - type: {}", one.payload_type);
    let class = match class.max(one.class) {
        Class::Normal => "normal",
        Class::Restricted => "restricted",
        Class::VeryRestricted => "very_restricted",
    };
    let _ = writeln!(out, "    class: {class}\n    content:");
    let read = |text| serde_json::from_str(text).unwrap_or_default();
    out + &yaml_of::content(&read(one.schema_text), &read(one.example_text), 6, lang)
}

fn title(one: &SectionType, lang: Lang) -> String {
    match lang {
        Lang::Bg => one.term_bg.to_owned(),
        Lang::En => {
            let schema: serde_json::Value =
                serde_json::from_str(one.schema_text).unwrap_or_default();
            at(&schema, "title").as_str().unwrap_or(one.name).to_owned()
        }
    }
}

fn newest(name: &str) -> Option<&'static SectionType> {
    section_types().iter().filter(|one| one.name == name).max_by_key(|one| one.version)
}

/// The types whose schema says that events of this kind hold them.
fn may_have(kind: &KindInfo) -> impl Iterator<Item = &'static SectionType> {
    section_types().iter().filter(move |one| {
        let schema: serde_json::Value = serde_json::from_str(one.schema_text).unwrap_or_default();
        let source = at(&schema, "x-source").as_str().unwrap_or_default().to_owned();
        let events = source.split("events:").nth(1).unwrap_or_default().to_owned();
        events.split([',', ' ', ';']).any(|word| word == kind.name)
    })
}

/// Is a section still just as the template has it?
#[must_use]
pub fn is_example(payload_type: &str, content: &[u8]) -> bool {
    let parsed = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    let example = letopis_sections::example(payload_type).and_then(|text| parsed(text.as_bytes()));
    example.is_some() && example == parsed(content)
}

/// The required sections that a statement lacks: their names.
#[must_use]
pub fn lacking(fact: &Fact, sections: &[super::FilledSection]) -> Vec<&'static str> {
    let has = |need: &&Need| {
        sections.iter().any(|section| {
            let name = section.payload_type.split('/').next().unwrap_or_default();
            need.is_met_by(name, section.class)
        })
    };
    let missing = required(fact).iter().filter(|need| !has(need));
    missing.filter_map(|need| need.any_of.first().copied()).collect()
}
