//! Reading a log as a stream: a trace's header, its events one by one, the next trace.
//!
//! The whole file is XES or it is refused; since a file may be larger than memory, that is known
//! only at its end. So read it twice: once to see that it is whole, and again to use it.
//!
//! What the standard's schema demands and this reader insists on: a trace's attributes stand
//! before its events (a header that was handed out can't change), keys are unique except in lists
//! and containers, values are of their type. What it does not insist on: keys and names being XML
//! names, the order of extensions, globals, classifiers and attributes of the log, and the XES
//! version.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Read;

use letopis_xes::{
    Attribute, BadValue, Classifier, Event, Extension, Global, Kind, LogHeader, TraceHeader, Value,
};

use super::error::{Malformed, Position, ReadError};
use super::section;
use super::tag::Tag;
use super::tokens::{Token, Tokens};
use super::{
    ATTRIBUTES_MAX, DEPTH_MAX, ENCODED_BYTES_MAX, HEADER_ATTRIBUTES_MAX, HEADER_BYTES_MAX,
};

/// What a log consists of, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A trace begins. It may have no events.
    Trace(TraceHeader),
    /// An event of the trace that began last.
    Event(Event),
}

/// Reads a log, item by item. After an error or the end there is nothing more.
pub struct XesReader<'r> {
    tokens: Tokens<'r>,
    header: LogHeader,
    header_budget: Budget,
    /// The prefix of the root element, with its colon: elements without it are not of XES.
    prefix: String,
    state: State,
    traces: u64,
    names: HashMap<[u8; 16], u64>,
}

/// Where in the file the reader stands.
enum State {
    Start,
    Log,
    Trace(OpenTrace),
    Done,
}

/// The trace that is being read.
struct OpenTrace {
    name: String,
    events: u64,
    /// Where the first event's tag stood, which was read to learn that the header is over.
    first_event: Option<Position>,
}

impl<'r> XesReader<'r> {
    /// Reads from the start of a file, plain or gzip. Reading is buffered here.
    ///
    /// # Errors
    /// The file can't be read, or its first bytes are damaged gzip.
    pub fn new(input: impl Read + Send + 'r) -> Result<Self, ReadError> {
        Ok(Self {
            tokens: Tokens::open(input)?,
            header: LogHeader::default(),
            header_budget: Budget::header(),
            prefix: String::new(),
            state: State::Start,
            traces: 0,
            names: HashMap::new(),
        })
    }

    /// What the log said of itself so far; complete after the last item.
    #[must_use]
    pub const fn header(&self) -> &LogHeader {
        &self.header
    }

    fn next_item(&mut self) -> Result<Option<Item>, ReadError> {
        // An error leaves the reader done.
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Start => {
                    self.read_root()?;
                    self.state = State::Log;
                }
                State::Log => {
                    if let Some(trace) = self.read_log()? {
                        return Ok(Some(Item::Trace(trace)));
                    }
                    if matches!(self.state, State::Done) {
                        return Ok(None);
                    }
                }
                State::Trace(trace) => {
                    if let Some(event) = self.read_trace(trace)? {
                        return Ok(Some(Item::Event(event)));
                    }
                }
                State::Done => return Ok(None),
            }
        }
    }

    fn read_root(&mut self) -> Result<(), ReadError> {
        let mut tag = match self.tokens.next()? {
            Token::Open(tag) => tag,
            Token::Close | Token::End => return Err(Malformed::Empty.at(Position::START)),
        };
        if let Some((prefix, _)) = tag.name.split_once(':') {
            self.prefix = format!("{prefix}:");
        }
        if self.local(&tag) != Some("log") {
            return Err(Malformed::NotXes { element: tag.name }.at(tag.at));
        }
        self.header.version = tag.take("xes.version").map(|a| a.value);
        self.header.features = tag.take("xes.features").map(|a| a.value);
        Ok(())
    }

    /// Reads children of the log up to a trace, and that one's header; none at the log's end.
    fn read_log(&mut self) -> Result<Option<TraceHeader>, ReadError> {
        loop {
            let tag = match self.tokens.next()? {
                Token::Open(tag) => tag,
                Token::Close => {
                    // Whatever follows the log is refused by reading on to the end.
                    self.tokens.next()?;
                    return Ok(None);
                }
                Token::End => return Ok(None),
            };
            match self.local(&tag) {
                Some("trace") => return self.read_trace_header(&tag).map(Some),
                Some("event") => return Err(Malformed::EventOutsideTrace.at(tag.at)),
                Some("extension") => self.read_extension(tag)?,
                Some("global") => self.read_global(tag)?,
                Some("classifier") => self.read_classifier(tag)?,
                _ => {
                    let kind = self.kind(&tag, "log")?;
                    let mut budget = std::mem::take(&mut self.header_budget);
                    let attribute = self.read_attribute(tag, kind, 1, &mut budget)?;
                    self.header_budget = budget;
                    self.header.attributes.push(attribute);
                }
            }
        }
    }

    fn read_extension(&mut self, mut tag: Tag) -> Result<(), ReadError> {
        let extension = Extension {
            name: required(&mut tag, "extension", "name")?,
            prefix: required(&mut tag, "extension", "prefix")?,
            uri: required(&mut tag, "extension", "uri")?,
        };
        let text = extension.name.len() + extension.prefix.len() + extension.uri.len();
        self.header_budget.spend(text, tag.at)?;
        self.header.extensions.push(extension);
        self.close_empty(&tag, "extension")
    }

    fn read_classifier(&mut self, mut tag: Tag) -> Result<(), ReadError> {
        let classifier = Classifier {
            name: required(&mut tag, "classifier", "name")?,
            scope: tag.take("scope").map(|a| a.value),
            keys: required(&mut tag, "classifier", "keys")?,
        };
        self.header_budget.spend(classifier.name.len() + classifier.keys.len(), tag.at)?;
        self.header.classifiers.push(classifier);
        self.close_empty(&tag, "classifier")
    }

    fn read_global(&mut self, mut tag: Tag) -> Result<(), ReadError> {
        let scope = tag.take("scope").map(|a| a.value);
        refuse_others(&tag, "global")?;
        let mut budget = std::mem::take(&mut self.header_budget);
        budget.spend(0, tag.at)?;
        let mut attributes = Vec::new();
        while let Token::Open(tag) = self.tokens.next()? {
            let kind = self.kind(&tag, "global")?;
            attributes.push(self.read_unique(tag, kind, &attributes, 1, &mut budget)?);
        }
        self.header_budget = budget;
        self.header.globals.push(Global { scope, attributes });
        Ok(())
    }

    /// Reads to the end of an element that has no children.
    fn close_empty(&mut self, tag: &Tag, name: &str) -> Result<(), ReadError> {
        refuse_others(tag, name)?;
        match self.tokens.next()? {
            Token::Open(child) => Err(self.misplaced(&child, name)),
            Token::Close | Token::End => Ok(()),
        }
    }

    /// Reads a trace's attributes, up to its first event or its end.
    fn read_trace_header(&mut self, tag: &Tag) -> Result<TraceHeader, ReadError> {
        refuse_others(tag, "trace")?;
        self.traces += 1;
        let mut budget = Budget::section();
        let mut attributes = Vec::new();
        let first_event = loop {
            let child = match self.tokens.next()? {
                Token::Open(child) => child,
                Token::Close | Token::End => break None,
            };
            if self.local(&child) == Some("event") {
                refuse_others(&child, "event")?;
                break Some(child.at);
            }
            let kind = self.kind(&child, "trace")?;
            attributes.push(self.read_unique(child, kind, &attributes, 1, &mut budget)?);
        };
        budget.fits(&attributes, tag.at)?;
        let trace = TraceHeader::new(attributes)
            .map_err(|_| ReadError::TraceWithoutName { at: tag.at, trace: self.traces })?;
        self.remember(trace.name(), tag.at)?;
        let open = OpenTrace { name: trace.name().to_owned(), events: 0, first_event };
        // A trace without events is over already.
        self.state = if first_event.is_some() { State::Trace(open) } else { State::Log };
        Ok(trace)
    }

    /// Refuses a name that an earlier trace had.
    fn remember(&mut self, name: &str, at: Position) -> Result<(), ReadError> {
        let mut key = [0; 16];
        blake3::Hasher::new().update(name.as_bytes()).finalize_xof().fill(&mut key);
        match self.names.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(self.traces);
                Ok(())
            }
            Entry::Occupied(entry) => Err(ReadError::SameName {
                at,
                trace: self.traces,
                first: *entry.get(),
                name: name.to_owned(),
            }),
        }
    }

    /// Reads the next event of a trace; none at the trace's end.
    fn read_trace(&mut self, mut trace: OpenTrace) -> Result<Option<Event>, ReadError> {
        let at = match trace.first_event.take() {
            Some(at) => at,
            None => match self.tokens.next()? {
                Token::Open(tag) if self.local(&tag) == Some("event") => {
                    refuse_others(&tag, "event")?;
                    tag.at
                }
                Token::Open(tag) => {
                    self.kind(&tag, "trace")?;
                    return Err(Malformed::LateAttribute.at(tag.at));
                }
                Token::Close | Token::End => {
                    self.state = State::Log;
                    return Ok(None);
                }
            },
        };
        trace.events += 1;
        let mut budget = Budget::section();
        let mut attributes = Vec::new();
        while let Token::Open(tag) = self.tokens.next()? {
            let kind = self.kind(&tag, "event")?;
            attributes.push(self.read_unique(tag, kind, &attributes, 1, &mut budget)?);
        }
        budget.fits(&attributes, at)?;
        let event = Event::new(attributes).map_err(|missing| ReadError::EventLacks {
            at,
            trace: self.traces,
            name: trace.name.clone(),
            event: trace.events,
            missing,
        })?;
        self.state = State::Trace(trace);
        Ok(Some(event))
    }

    /// Reads an attribute whose key none of the others may have.
    fn read_unique(
        &mut self,
        tag: Tag,
        kind: Kind,
        others: &[Attribute],
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Attribute, ReadError> {
        let at = tag.at;
        let attribute = self.read_attribute(tag, kind, depth, budget)?;
        if others.iter().any(|other| other.key == attribute.key) {
            return Err(Malformed::SameKey { key: attribute.key }.at(at));
        }
        Ok(attribute)
    }

    /// Reads an attribute, and those nested in it, to its end tag.
    fn read_attribute(
        &mut self,
        mut tag: Tag,
        kind: Kind,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Attribute, ReadError> {
        if depth > DEPTH_MAX {
            return Err(Malformed::TooDeep.at(tag.at));
        }
        let key = required(&mut tag, kind.name(), "key")?;
        let (text, text_at) = match tag.take("value") {
            Some(value) => (value.value, value.value_at),
            // A list or container has none; some write an empty one.
            None if !kind.is_elementary() => (String::new(), tag.at),
            None => {
                let element = kind.name().to_owned();
                return Err(Malformed::MissingXmlAttribute { element, name: "value" }.at(tag.at));
            }
        };
        refuse_others(&tag, kind.name())?;
        budget.spend(key.len() + text.len(), tag.at)?;
        let mut values = Vec::new();
        let mut attributes = Vec::new();
        let mut values_seen = false;
        while let Token::Open(child) = self.tokens.next()? {
            if kind == Kind::List && !values_seen && self.local(&child) == Some("values") {
                values_seen = true;
                values = self.read_values(child, depth, budget)?;
                continue;
            }
            let child_kind = self.kind(&child, kind.name())?;
            attributes.push(if kind.is_elementary() {
                self.read_unique(child, child_kind, &attributes, depth + 1, budget)?
            } else {
                self.read_attribute(child, child_kind, depth + 1, budget)?
            });
        }
        let value = match kind {
            Kind::List if text.is_empty() => Ok(Value::List(values)),
            Kind::Container if text.is_empty() => Ok(Value::Container),
            Kind::List | Kind::Container => Err(BadValue::NotElementary),
            _ => Value::parse(kind, text),
        };
        match value {
            Ok(value) => Ok(Attribute { key, value, attributes }),
            Err(problem) => Err(Malformed::Value { key, problem }.at(text_at)),
        }
    }

    /// Reads the values of a list. The schema gives `values` a key by accident; it means nothing.
    fn read_values(
        &mut self,
        mut tag: Tag,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Vec<Attribute>, ReadError> {
        tag.take("key");
        refuse_others(&tag, "values")?;
        let mut values = Vec::new();
        while let Token::Open(child) = self.tokens.next()? {
            let kind = self.kind(&child, "values")?;
            values.push(self.read_attribute(child, kind, depth + 1, budget)?);
        }
        Ok(values)
    }

    /// The element's name without the prefix of XES; none if it has another.
    fn local<'t>(&self, tag: &'t Tag) -> Option<&'t str> {
        tag.name.strip_prefix(self.prefix.as_str())
    }

    /// The type of attribute that an element is.
    fn kind(&self, tag: &Tag, parent: &str) -> Result<Kind, ReadError> {
        self.local(tag).and_then(Kind::from_name).ok_or_else(|| self.misplaced(tag, parent))
    }

    fn misplaced(&self, tag: &Tag, parent: &str) -> ReadError {
        let parent = parent.to_owned();
        Malformed::Element { element: tag.name.clone(), parent }.at(tag.at)
    }
}

impl Iterator for XesReader<'_> {
    type Item = Result<Item, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_item().transpose()
    }
}

/// The value of an XML attribute that an element must have.
fn required(tag: &mut Tag, element: &str, name: &'static str) -> Result<String, ReadError> {
    tag.take(name).map(|a| a.value).ok_or_else(|| {
        Malformed::MissingXmlAttribute { element: element.to_owned(), name }.at(tag.at)
    })
}

/// Refuses XML attributes that XES does not have, so that nothing is left out unseen. Those of
/// XML itself and of its namespaces say nothing about the log.
fn refuse_others(tag: &Tag, element: &str) -> Result<(), ReadError> {
    let of_xml = |name: &str| {
        name == "xmlns" || ["xmlns:", "xml:", "xsi:"].iter().any(|prefix| name.starts_with(prefix))
    };
    match tag.attributes.iter().find(|a| !of_xml(&a.name)) {
        Some(other) => {
            let (element, name) = (element.to_owned(), other.name.clone());
            Err(Malformed::UnknownXmlAttribute { element, name }.at(other.at))
        }
        None => Ok(()),
    }
}

/// What may still be kept in memory of one event, one trace's header, or the log's header.
struct Budget {
    attributes: usize,
    bytes: usize,
    header: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self::header()
    }
}

impl Budget {
    const fn header() -> Self {
        Self { attributes: HEADER_ATTRIBUTES_MAX, bytes: HEADER_BYTES_MAX, header: true }
    }

    const fn section() -> Self {
        Self { attributes: ATTRIBUTES_MAX, bytes: ENCODED_BYTES_MAX, header: false }
    }

    /// For one attribute with so many bytes of text.
    fn spend(&mut self, bytes: usize, at: Position) -> Result<(), ReadError> {
        let problem = |other| if self.header { Malformed::HeaderTooLarge } else { other };
        let Some(attributes) = self.attributes.checked_sub(1) else {
            return Err(problem(Malformed::TooManyAttributes).at(at));
        };
        let Some(left) = self.bytes.checked_sub(bytes) else {
            return Err(problem(Malformed::TooLarge).at(at));
        };
        self.attributes = attributes;
        self.bytes = left;
        Ok(())
    }

    /// Refuses attributes whose section would be too large. It is counted only where it could be:
    /// a byte of text is at most two in JSON, and the rest of an attribute at most 64.
    fn fits(&self, attributes: &[Attribute], at: Position) -> Result<(), ReadError> {
        let text = ENCODED_BYTES_MAX - self.bytes;
        let count = ATTRIBUTES_MAX - self.attributes;
        let at_most = 2 * text + 64 * (count + 1);
        if at_most > ENCODED_BYTES_MAX && section::encoded_len(attributes) > ENCODED_BYTES_MAX {
            return Err(Malformed::TooLarge.at(at));
        }
        Ok(())
    }
}
