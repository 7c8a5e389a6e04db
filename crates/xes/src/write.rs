//! Writing a log as a stream: its header, then traces with their events, in the order given.
//!
//! What comes out is XES 2.0 (`xes.version="2.0"`), elements in the order of its schema; without
//! containers it is IEEE 1849-2016 as well. Each element stands on a line of its own; keys come
//! before values and both in double quotes, because some tools read XES without an XML parser.
//! Dates and floats are written in their original text. The same log always gives the same bytes.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::model::{Attribute, Event, Extension, LogHeader, TraceHeader, Value};

/// The standard extensions that a log of cases uses: name, prefix, where they are defined.
const STANDARD_EXTENSIONS: [(&str, &str, &str); 4] = [
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
];

/// Why a log was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file could not be written: try again, elsewhere or with more space.
    #[error("the log could not be written: {0}")]
    Io(#[from] io::Error),
    /// A key or value has a character that XML does not allow, so that it can't stand in XES.
    #[error("an attribute's key or value has a character that XML does not allow")]
    Character,
    /// An event before any trace.
    #[error("an event before any trace")]
    EventOutsideTrace,
}

/// The characters of XML 1.0 (production 2).
#[must_use]
pub const fn is_character(c: char) -> bool {
    !matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
}

/// Writes a log, a few bytes at a time: to something that is buffered.
pub struct XesWriter<W: Write> {
    out: W,
    in_trace: bool,
}

impl<W: Write> XesWriter<W> {
    /// Begins a log with this header; the standard extensions are declared in any case.
    ///
    /// # Errors
    /// The header can't be written.
    pub fn new(out: W, header: &LogHeader) -> Result<Self, WriteError> {
        let mut writer = Self { out, in_trace: false };
        writer.header(header)?;
        Ok(writer)
    }

    /// Begins a trace, and ends the one before.
    ///
    /// # Errors
    /// It can't be written.
    pub fn trace(&mut self, trace: &TraceHeader) -> Result<(), WriteError> {
        self.end_trace()?;
        self.text("\t<trace>\n")?;
        self.in_trace = true;
        self.attributes(trace.attributes(), 2)
    }

    /// Adds an event to the trace that was begun last.
    ///
    /// # Errors
    /// It can't be written, or there is no trace.
    pub fn event(&mut self, event: &Event) -> Result<(), WriteError> {
        if !self.in_trace {
            return Err(WriteError::EventOutsideTrace);
        }
        self.text("\t\t<event>\n")?;
        self.attributes(event.attributes(), 3)?;
        Ok(self.text("\t\t</event>\n")?)
    }

    /// What it is written to: whoever takes away what was written so far takes all of it.
    pub const fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Ends the log. A file is whole only after this; flushing and syncing it, and giving it its name, is
    /// for the caller.
    ///
    /// # Errors
    /// It can't be written.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.end_trace()?;
        self.text("</log>\n")?;
        Ok(self.out)
    }

    fn end_trace(&mut self) -> Result<(), WriteError> {
        if std::mem::take(&mut self.in_trace) {
            self.text("\t</trace>\n")?;
        }
        Ok(())
    }

    fn header(&mut self, header: &LogHeader) -> Result<(), WriteError> {
        self.text(concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<log xes.version=\"2.0\" xes.features=\"nested-attributes\" ",
            "xmlns=\"http://www.xes-standard.org/\">\n",
        ))?;
        for Extension { name, prefix, uri } in &header.extensions {
            self.element(1, "extension", &[("name", name), ("prefix", prefix), ("uri", uri)])?;
        }
        for (name, prefix, uri) in STANDARD_EXTENSIONS {
            if !header.extensions.iter().any(|declared| declared.prefix == prefix) {
                self.element(1, "extension", &[("name", name), ("prefix", prefix), ("uri", uri)])?;
            }
        }
        for global in &header.globals {
            self.open(1, "global", optional("scope", global.scope.as_deref()).as_slice())?;
            self.text(">\n")?;
            self.attributes(&global.attributes, 2)?;
            self.close(1, "global")?;
        }
        for classifier in &header.classifiers {
            let mut pairs = vec![("name", classifier.name.as_str())];
            pairs.extend(optional("scope", classifier.scope.as_deref()));
            pairs.push(("keys", &classifier.keys));
            self.element(1, "classifier", &pairs)?;
        }
        self.attributes(&header.attributes, 1)
    }

    fn attributes(&mut self, attributes: &[Attribute], depth: usize) -> Result<(), WriteError> {
        attributes.iter().try_for_each(|attribute| self.attribute(attribute, depth))
    }

    fn attribute(&mut self, attribute: &Attribute, depth: usize) -> Result<(), WriteError> {
        let Attribute { key, value, attributes } = attribute;
        let name = value.kind().name();
        let text = value.text();
        let mut pairs = vec![("key", key.as_str())];
        pairs.extend(optional("value", text.as_deref()));
        if attributes.is_empty() && value.kind().is_elementary() {
            return self.element(depth, name, &pairs);
        }
        self.open(depth, name, &pairs)?;
        self.text(">\n")?;
        if let Value::List(values) = value {
            // IEEE's schema has nested attributes before the values.
            self.attributes(attributes, depth + 1)?;
            self.open(depth + 1, "values", &[])?;
            self.text(">\n")?;
            self.attributes(values, depth + 2)?;
            self.close(depth + 1, "values")?;
        } else {
            self.attributes(attributes, depth + 1)?;
        }
        self.close(depth, name)
    }

    /// An element without content.
    fn element(
        &mut self,
        depth: usize,
        name: &str,
        pairs: &[(&str, &str)],
    ) -> Result<(), WriteError> {
        self.open(depth, name, pairs)?;
        Ok(self.text("/>\n")?)
    }

    /// A start tag up to its end.
    fn open(&mut self, depth: usize, name: &str, pairs: &[(&str, &str)]) -> Result<(), WriteError> {
        self.indent(depth)?;
        self.text("<")?;
        self.text(name)?;
        for (name, value) in pairs {
            if !value.chars().all(is_character) {
                return Err(WriteError::Character);
            }
            self.text(" ")?;
            self.text(name)?;
            self.text("=\"")?;
            self.text(&escape(value))?;
            self.text("\"")?;
        }
        Ok(())
    }

    fn close(&mut self, depth: usize, name: &str) -> Result<(), WriteError> {
        self.indent(depth)?;
        self.text("</")?;
        self.text(name)?;
        Ok(self.text(">\n")?)
    }

    fn indent(&mut self, depth: usize) -> io::Result<()> {
        (0..depth).try_for_each(|_| self.text("\t"))
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }
}

/// A pair if there is a value.
fn optional<'a>(name: &'a str, value: Option<&'a str>) -> Option<(&'a str, &'a str)> {
    value.map(|value| (name, value))
}

/// A value as it stands in double quotes. White space other than the space is written as
/// references, because a reader of XML makes spaces of it; `>` as well, for tools that look for
/// the end of a tag by it.
fn escape(value: &str) -> Cow<'_, str> {
    const SPECIAL: [char; 7] = ['&', '<', '>', '"', '\t', '\n', '\r'];
    if !value.contains(SPECIAL) {
        return Cow::Borrowed(value);
    }
    let mut escaped = String::with_capacity(value.len() + 16);
    for character in value.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}
