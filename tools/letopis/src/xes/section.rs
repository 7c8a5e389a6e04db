//! How an event or a trace's header stands in a section of the record.
//!
//! Payload types `letopis/xes.event/1` (one event) and `letopis/xes.trace/1` (one trace, without
//! its events). The content is one JSON object (RFC 8259) in UTF-8, at most 1 MiB:
//!
//! ```json
//! {"attributes":[
//!   {"key":"concept:name","type":"string","value":"Home visit"},
//!   {"key":"time:timestamp","type":"date","value":"2010-10-02T09:20:39.266+02:00"},
//!   {"key":"org:resource","type":"string","value":"Worker 7",
//!    "attributes":[{"key":"team","type":"int","value":"3"}]},
//!   {"key":"present","type":"list","values":[{"key":"who","type":"string","value":"mother"}]}
//! ]}
//! ```
//!
//! - `attributes` of the object: all attributes of the event or trace, in the order of the log.
//! - An attribute has `key`, any text, and `type`, one of `string`, `date`, `int`, `float`,
//!   `boolean`, `id`, `list`, `container`.
//! - `value` is text, present exactly if the type is none of `list` and `container`. `date` is
//!   an `xs:dateTime` and `float` an `xs:double` (also `Infinity`), both as the log wrote them,
//!   white space around them included; `int` is decimal within 64 bits; `boolean` is `true` or
//!   `false`. Numbers are text so that no reader rounds them. A date without an offset is UTC.
//! - `values`, an array of attributes, is present exactly if the type is `list`.
//! - `attributes`, the attributes of this attribute (of a container: what it contains), is present
//!   exactly if there are any.
//! - An event has a `concept:name` with a value that is not empty and a `time:timestamp` of type
//!   `date`; a trace has such a `concept:name`.
//! - At most 4,096 attributes in all, nested at most 16 deep.
//!
//! What is written here is canonical: members in the order `key`, `type`, `value`, `values`,
//! `attributes`, no white space between them, and in strings only `"`, `\` and control characters
//! escaped, by `\"`, `\\`, `\b`, `\f`, `\n`, `\r`, `\t`, else `\u` and four lower-case digits. A
//! reader need not insist on that; it refuses unknown or repeated members.

use std::borrow::Cow;
use std::io::{self, Write};

use letopis_xes::{Attribute, BadValue, Event, Kind, Missing, TraceHeader, Value};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Serialize, Serializer};

use super::{ATTRIBUTES_MAX, DEPTH_MAX, ENCODED_BYTES_MAX};

/// The payload type of a section that holds an event.
pub const EVENT_PAYLOAD_TYPE: &str = "letopis/xes.event/1";
/// The payload type of a section that holds a trace's header.
pub const TRACE_PAYLOAD_TYPE: &str = "letopis/xes.trace/1";

/// Why a section is not what its payload type says, or can't be made.
#[derive(Debug, thiserror::Error)]
pub enum SectionError {
    /// Not JSON, or not of this shape.
    #[error("the section is not of its payload type: {0}")]
    Json(#[from] serde_json::Error),
    /// An attribute of a type that there is not.
    #[error("the section has an attribute of an unknown type")]
    UnknownType,
    /// An attribute with a member that its type does not have, or without one that it needs.
    #[error("the section has an attribute whose members do not fit its type, {kind}")]
    Members {
        /// The attribute's type.
        kind: &'static str,
    },
    /// A value that is not of its type.
    #[error("the section has a value that is {0}")]
    Value(#[from] BadValue),
    /// The event or trace lacks something.
    #[error("what the section holds {0}")]
    Missing(#[from] Missing),
    /// Too many attributes, nested too deeply, or too long.
    #[error(
        "the section has more than {ATTRIBUTES_MAX} attributes, more than {DEPTH_MAX} levels of \
         them, or more than {ENCODED_BYTES_MAX} bytes"
    )]
    TooLarge,
}

/// The content of an event's section.
///
/// # Errors
/// [`SectionError::TooLarge`]; never for an event that was read from a log.
pub fn encode_event(event: &Event) -> Result<Vec<u8>, SectionError> {
    encode(event.attributes())
}

/// The event of a section.
///
/// # Errors
/// The content is not of this payload type.
pub fn decode_event(content: &[u8]) -> Result<Event, SectionError> {
    Ok(Event::new(decode(content)?)?)
}

/// The content of a trace's section.
///
/// # Errors
/// [`SectionError::TooLarge`]; never for a trace that was read from a log.
pub fn encode_trace(trace: &TraceHeader) -> Result<Vec<u8>, SectionError> {
    encode(trace.attributes())
}

/// The trace's header of a section.
///
/// # Errors
/// The content is not of this payload type.
pub fn decode_trace(content: &[u8]) -> Result<TraceHeader, SectionError> {
    Ok(TraceHeader::new(decode(content)?)?)
}

fn encode(attributes: &[Attribute]) -> Result<Vec<u8>, SectionError> {
    within_bounds(attributes)?;
    let content = serde_json::to_vec(&Content { attributes: Attributes(attributes) })?;
    if content.len() > ENCODED_BYTES_MAX {
        return Err(SectionError::TooLarge);
    }
    Ok(content)
}

fn decode(content: &[u8]) -> Result<Vec<Attribute>, SectionError> {
    if content.len() > ENCODED_BYTES_MAX {
        return Err(SectionError::TooLarge);
    }
    let wire: WireContent = serde_json::from_slice(content)?;
    let attributes = all_from_wire(wire.attributes)?;
    within_bounds(&attributes)?;
    Ok(attributes)
}

/// How many bytes the section of these attributes has, without making it.
pub(super) fn encoded_len(attributes: &[Attribute]) -> usize {
    let mut count = Count(0);
    // Neither the attributes' serialization nor the counter can fail; if one did, the answer
    // "too long" would be the safe one.
    match serde_json::to_writer(&mut count, &Content { attributes: Attributes(attributes) }) {
        Ok(()) => count.0,
        Err(_) => usize::MAX,
    }
}

/// Counts bytes and forgets them.
struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Refuses too many attributes, or too deeply nested ones.
fn within_bounds(attributes: &[Attribute]) -> Result<(), SectionError> {
    let mut count = 0;
    let mut level: Vec<&Attribute> = attributes.iter().collect();
    for _ in 0..DEPTH_MAX {
        count += level.len();
        if count > ATTRIBUTES_MAX {
            return Err(SectionError::TooLarge);
        }
        level = level.iter().flat_map(|a| values(a).iter().chain(&a.attributes)).collect();
    }
    if level.is_empty() { Ok(()) } else { Err(SectionError::TooLarge) }
}

/// The values of a list; none of another attribute.
fn values(attribute: &Attribute) -> &[Attribute] {
    match &attribute.value {
        Value::List(values) => values,
        _ => &[],
    }
}

/// The whole content, as written.
#[derive(Serialize)]
struct Content<'a> {
    attributes: Attributes<'a>,
}

/// Attributes as an array.
struct Attributes<'a>(&'a [Attribute]);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(Some(self.0.len()))?;
        for attribute in self.0 {
            array.serialize_element(&One(attribute))?;
        }
        array.end()
    }
}

/// One attribute as an object.
struct One<'a>(&'a Attribute);

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Attribute { key, value, attributes } = self.0;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("key", key)?;
        object.serialize_entry("type", value.kind().name())?;
        if let Some(text) = value.text() {
            object.serialize_entry("value", &text)?;
        }
        if let Value::List(values) = value {
            object.serialize_entry("values", &Attributes(values))?;
        }
        if !attributes.is_empty() {
            object.serialize_entry("attributes", &Attributes(attributes))?;
        }
        object.end()
    }
}

/// The whole content, as read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireContent<'a> {
    #[serde(borrow)]
    attributes: Vec<Wire<'a>>,
}

/// One attribute, as read. JSON is nested at most 128 deep by its reader, so this is too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    key: String,
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    value: Option<String>,
    #[serde(borrow)]
    values: Option<Vec<Wire<'a>>>,
    #[serde(borrow, default)]
    attributes: Vec<Wire<'a>>,
}

fn all_from_wire(wires: Vec<Wire<'_>>) -> Result<Vec<Attribute>, SectionError> {
    wires.into_iter().map(from_wire).collect()
}

fn from_wire(wire: Wire<'_>) -> Result<Attribute, SectionError> {
    let kind = Kind::from_name(&wire.kind).ok_or(SectionError::UnknownType)?;
    let value = match (kind, wire.value, wire.values) {
        (Kind::List, None, Some(values)) => Value::List(all_from_wire(values)?),
        (Kind::Container, None, None) => Value::Container,
        (_, Some(text), None) if kind.is_elementary() => Value::parse(kind, text)?,
        _ => return Err(SectionError::Members { kind: kind.name() }),
    };
    Ok(Attribute { key: wire.key, value, attributes: all_from_wire(wire.attributes)? })
}
