//! Writing a log as a stream: its header, then traces with their events, in the order given.
//!
//! What comes out is XES 2.0 (`xes.version="2.0"`), elements in the order of its schema; without
//! containers it is IEEE 1849-2016 as well. Each element stands on a line of its own; keys come
//! before values and both in double quotes, because some tools read XES without an XML parser.
//! Dates and floats are written in their original text. The same log always gives the same bytes,
//! also in gzip.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::write::GzEncoder;

use super::model::{Attribute, Event, Extension, LogHeader, TraceHeader, Value};
use super::tag::is_character;

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

/// Whether what is written is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    Plain,
    /// As gzip.
    Gzip,
}

impl Compression {
    /// By a file's name: gzip if it ends in `.gz`.
    #[must_use]
    pub fn of_name(path: &Path) -> Self {
        let gzip = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
        if gzip { Self::Gzip } else { Self::Plain }
    }
}

/// Where the text goes.
enum Output<W: Write> {
    Plain(BufWriter<W>),
    Gzip(BufWriter<GzEncoder<W>>),
}

impl<W: Write> Output<W> {
    fn text(&mut self, text: &str) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.write_all(text.as_bytes()),
            Self::Gzip(out) => out.write_all(text.as_bytes()),
        }
    }

    /// Everything is written; what it was written to.
    fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(out) => out.into_inner().map_err(io::IntoInnerError::into_error),
            Self::Gzip(out) => out.into_inner().map_err(io::IntoInnerError::into_error)?.finish(),
        }
    }
}

/// Writes a log. Writing is buffered here.
pub struct XesWriter<W: Write> {
    out: Output<W>,
    in_trace: bool,
}

impl<W: Write> XesWriter<W> {
    /// Begins a log with this header; the standard extensions are declared in any case.
    ///
    /// # Errors
    /// The header can't be written.
    pub fn new(out: W, compression: Compression, header: &LogHeader) -> Result<Self, WriteError> {
        let out = match compression {
            Compression::Plain => Output::Plain(BufWriter::new(out)),
            Compression::Gzip => {
                let packed = GzEncoder::new(out, flate2::Compression::default());
                Output::Gzip(BufWriter::new(packed))
            }
        };
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
        self.out.text("\t<trace>\n")?;
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
        self.out.text("\t\t<event>\n")?;
        self.attributes(event.attributes(), 3)?;
        Ok(self.out.text("\t\t</event>\n")?)
    }

    /// Ends the log. A file is whole only after this; syncing it, and giving it its name, is for
    /// the caller.
    ///
    /// # Errors
    /// It can't be written.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.end_trace()?;
        self.out.text("</log>\n")?;
        Ok(self.out.finish()?)
    }

    fn end_trace(&mut self) -> Result<(), WriteError> {
        if std::mem::take(&mut self.in_trace) {
            self.out.text("\t</trace>\n")?;
        }
        Ok(())
    }

    fn header(&mut self, header: &LogHeader) -> Result<(), WriteError> {
        self.out.text(concat!(
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
            self.out.text(">\n")?;
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
        self.out.text(">\n")?;
        if let Value::List(values) = value {
            // IEEE's schema has nested attributes before the values.
            self.attributes(attributes, depth + 1)?;
            self.open(depth + 1, "values", &[])?;
            self.out.text(">\n")?;
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
        Ok(self.out.text("/>\n")?)
    }

    /// A start tag up to its end.
    fn open(&mut self, depth: usize, name: &str, pairs: &[(&str, &str)]) -> Result<(), WriteError> {
        self.indent(depth)?;
        self.out.text("<")?;
        self.out.text(name)?;
        for (name, value) in pairs {
            if !value.chars().all(is_character) {
                return Err(WriteError::Character);
            }
            self.out.text(" ")?;
            self.out.text(name)?;
            self.out.text("=\"")?;
            self.out.text(&escape(value))?;
            self.out.text("\"")?;
        }
        Ok(())
    }

    fn close(&mut self, depth: usize, name: &str) -> Result<(), WriteError> {
        self.indent(depth)?;
        self.out.text("</")?;
        self.out.text(name)?;
        Ok(self.out.text(">\n")?)
    }

    fn indent(&mut self, depth: usize) -> io::Result<()> {
        (0..depth).try_for_each(|_| self.out.text("\t"))
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
