//! What a form says, apart from the fact's fields.

use std::collections::BTreeSet;

use letopis_domain::statement::{OccurredAt, Reference};
use letopis_proto::statement::v1::{Knowledge, Precision, Relation};
use letopis_types::{Class, Digest, Sequence, StreamId, StreamKey, StreamKind, Version};
use uuid::Uuid;

use super::fact::{time_of, wrong};
use super::{Filled, FilledSection, FormError, Found, Pointer, codes};
use crate::yaml::{Entry, Node, Value};

const KEYS: [&str; 8] =
    ["kind", "stream", "occurred_at", "precision", "knowledge", "references", "fact", "sections"];

/// A form that is being read.
pub(super) struct Filling<'a> {
    found: &'a Found,
    own: StreamKey,
    made: Vec<(String, Uuid)>,
    wanted: BTreeSet<Pointer>,
}

pub(super) fn fill(root: &Node, found: &Found) -> Result<Filled, FormError> {
    let form = Keys::of(root, "", &KEYS)?;
    let mut filling =
        Filling { found, own: StreamKey::ROOT, made: Vec::new(), wanted: BTreeSet::new() };

    let node = form.needed("kind")?;
    let kind = node.text().and_then(codes::kind).ok_or_else(|| {
        wrong(node.line, "kind", "there is no such kind: `letopis sign --kinds` lists them")
    })?;
    let (stream, begins) = filling.stream(form.needed("stream")?, "stream")?;
    filling.own = stream;
    let occurred_at = occurred_at(&form)?;
    let references = match form.get("references") {
        Some(node) if !node.is_empty() => filling.references(node)?,
        _ => Vec::new(),
    };
    let fact = super::fact::fact(&mut filling, kind, form.get("fact"), root.line)?;
    let sections = match form.get("sections") {
        Some(node) if !node.is_empty() => sections(node)?,
        _ => Vec::new(),
    };
    let Filling { made, wanted, .. } = filling;
    Ok(Filled { kind, stream, begins, occurred_at, references, fact, sections, made, wanted })
}

/// The entries of a mapping that has no others than these.
struct Keys<'a> {
    line: usize,
    path: String,
    entries: &'a [Entry],
}

impl<'a> Keys<'a> {
    fn of(node: &'a Node, path: &str, known: &[&str]) -> Result<Self, FormError> {
        let expected = || format!("what may stand here is: {}", known.join(", "));
        let Value::Map(entries) = &node.value else {
            return Err(wrong(node.line, path, expected()));
        };
        if let Some(entry) = entries.iter().find(|entry| !known.contains(&entry.key.as_str())) {
            return Err(wrong(entry.line, path, expected()));
        }
        Ok(Self { line: node.line, path: path.to_owned(), entries })
    }

    fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    fn needed(&self, key: &str) -> Result<&'a Node, FormError> {
        self.get(key).ok_or_else(|| wrong(self.line, &self.path, format!("{key} is missing")))
    }
}

fn occurred_at(form: &Keys<'_>) -> Result<OccurredAt, FormError> {
    let (instant, by_form) = time_of(form.needed("occurred_at")?, "occurred_at")?;
    let precision = match form.get("precision") {
        Some(node) => named(node, "precision", "PRECISION_", Precision::from_str_name, PRECISIONS)?,
        None => by_form,
    };
    let knowledge = match form.get("knowledge") {
        Some(node) => named(node, "knowledge", "KNOWLEDGE_", Knowledge::from_str_name, KNOWN)?,
        None => Knowledge::Witnessed,
    };
    Ok(OccurredAt { instant, precision, knowledge })
}

pub(super) const PRECISIONS: &str = "second, minute, day, approximate";
pub(super) const KNOWN: &str = "witnessed, told, document";
pub(super) const RELATIONS: &str =
    "based_on, endorses, supersedes, corrects, responds_to, complains_of";
pub(super) const CLASSES: &str = "normal, restricted, very_restricted";

/// A value by its short name.
fn named<T>(
    node: &Node,
    path: &str,
    prefix: &str,
    from: impl Fn(&str) -> Option<T>,
    all: &str,
) -> Result<T, FormError> {
    let text = node.text().unwrap_or_default();
    let found = all.split(", ").find(|name| *name == text);
    let found = found.and_then(|name| from(&format!("{prefix}{}", name.to_uppercase())));
    found.ok_or_else(|| wrong(node.line, path, format!("write one of: {all}")))
}

fn sections(node: &Node) -> Result<Vec<FilledSection>, FormError> {
    let Value::List(items) = &node.value else {
        return Err(wrong(node.line, "sections", "write a list: each section after -"));
    };
    let one = |(at, item): (usize, &Node)| {
        let path = format!("sections.{at}");
        let keys = Keys::of(item, &path, &["type", "class", "content"])?;
        let payload_type = keys.needed("type")?;
        let known = payload_type.text().and_then(letopis_sections::find);
        let known = known.ok_or_else(|| {
            wrong(payload_type.line, &path, "no such type of section: take one from a template")
        })?;
        let class = match keys.get("class") {
            Some(node) => {
                let from = |name: &str| {
                    let class = letopis_proto::statement::v1::Class::from_str_name(name)?;
                    Class::from_number(i64::from(i32::from(class)))
                };
                named(node, &format!("{path}.class"), "CLASS_", from, CLASSES)?
            }
            None => known.class,
        };
        let content = keys.needed("content")?;
        // In lines, so that whoever signs it can read it.
        let bytes = format!("{:#}", content.json()).into_bytes();
        letopis_sections::check(known.payload_type, class, &bytes)
            .map_err(|error| wrong(content.line, &path, error.to_string()))?;
        let payload_type = known.payload_type.to_owned();
        Ok(FilledSection { class, payload_type, content: bytes, line: content.line })
    };
    items.iter().enumerate().map(one).collect()
}

impl Filling<'_> {
    /// `root`, or `KIND/ID`, where the id may be `new`.
    fn stream(&mut self, node: &Node, path: &str) -> Result<(StreamKey, bool), FormError> {
        let what = "write root, or KIND/ID as in case/UUID, signal/new";
        let text = node.text().ok_or_else(|| wrong(node.line, path, what))?;
        if text == "root" {
            return Ok((StreamKey::ROOT, false));
        }
        let (kind, id) = text.split_once('/').ok_or_else(|| wrong(node.line, path, what))?;
        let kind = StreamKind::ALL.into_iter().find(|known| known.name() == kind);
        let kind = kind.filter(|kind| *kind != StreamKind::Root);
        let kind = kind.ok_or_else(|| wrong(node.line, path, what))?;
        if id == "new" {
            let id = StreamId(self.make_id(path)?.into_bytes());
            return Ok((StreamKey { kind, id }, true));
        }
        let id = id.parse::<StreamId>().map_err(|_| wrong(node.line, path, what))?;
        Ok((StreamKey { kind, id }, false))
    }

    pub(super) fn make_id(&mut self, path: &str) -> Result<Uuid, FormError> {
        let id = crate::cmd::init::new_id();
        let id = id.map_err(|_| wrong(0, path, "the system gave no randomness"))?;
        let id = Uuid::from_bytes(id);
        self.made.push((path.to_owned(), id));
        Ok(id)
    }

    fn references(&mut self, node: &Node) -> Result<Vec<Reference>, FormError> {
        let Value::List(items) = &node.value else {
            return Err(wrong(node.line, "references", "write a list: each reference after -"));
        };
        let one = |(at, item): (usize, &Node)| {
            let path = format!("references.{at}");
            let keys =
                Keys::of(item, &path, &["relation", "stream", "version", "sequence", "hash"])?;
            let relation = keys.needed("relation")?;
            let of = format!("{path}.relation");
            let relation = named(relation, &of, "RELATION_", Relation::from_str_name, RELATIONS)?;
            let (stream, statement_hash) = self.pointed_by(&keys)?;
            Ok(Reference { relation, stream, statement_hash })
        };
        items.iter().enumerate().map(one).collect()
    }

    /// The statement that a mapping points at.
    pub(super) fn pointed(
        &mut self,
        node: &Node,
        path: &str,
    ) -> Result<(StreamKey, Digest), FormError> {
        let keys = Keys::of(node, path, &["stream", "version", "sequence", "hash"])?;
        self.pointed_by(&keys)
    }

    fn pointed_by(&mut self, keys: &Keys<'_>) -> Result<(StreamKey, Digest), FormError> {
        let stream = match keys.get("stream") {
            Some(node) => self.stream(node, &format!("{}.stream", keys.path))?.0,
            None => self.own,
        };
        let number = |node: &Node| node.text().and_then(|text| text.parse::<u64>().ok());
        let what = "write just one of version, sequence, hash";
        let pointer = match (keys.get("version"), keys.get("sequence"), keys.get("hash")) {
            (Some(version), None, None) => {
                number(version).filter(|n| *n > 0).map(|n| Pointer::Version(stream, Version(n)))
            }
            (None, Some(sequence), None) => {
                number(sequence).map(|n| Pointer::Sequence(Sequence(n)))
            }
            (None, None, Some(hash)) => {
                let hash = hash.text().and_then(|text| text.to_lowercase().parse().ok());
                let hash =
                    hash.ok_or_else(|| wrong(keys.line, &keys.path, "hash: write 64 hex digits"))?;
                return Ok((stream, hash));
            }
            _ => return Err(wrong(keys.line, &keys.path, what)),
        };
        let pointer =
            pointer.ok_or_else(|| wrong(keys.line, &keys.path, "write a number, from 1"))?;
        Ok(self.found.get(&pointer).copied().unwrap_or_else(|| {
            self.wanted.insert(pointer);
            (stream, Digest([0; 32]))
        }))
    }
}
