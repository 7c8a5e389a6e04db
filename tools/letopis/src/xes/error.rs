//! Why a file is refused, and where.
//!
//! Errors name elements, keys, traces and events, never the value of another attribute: a log's
//! values are about people. The place says where to look.

use std::fmt;
use std::io;

use letopis_xes::{BadValue, Missing, NAME_KEY};

use super::{
    ATTRIBUTES_MAX, DEPTH_MAX, ENCODED_BYTES_MAX, HEADER_ATTRIBUTES_MAX, HEADER_BYTES_MAX,
    TOKEN_BYTES_MAX,
};

/// A place in the (unpacked) file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1. Lines end with a line feed.
    pub line: u64,
    /// The character in the line, from 1; a byte order mark does not count.
    pub column: u64,
}

impl Position {
    /// Where a file begins.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place after these bytes, which are UTF-8 or the beginning of it.
    #[must_use]
    pub fn after(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |at, byte| match byte {
            b'\n' => Self { line: at.line + 1, column: 1 },
            // The second to fourth bytes of a character.
            0x80..=0xBF => at,
            _ => Self { line: at.line, column: at.column + 1 },
        })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A file that was not read to its end. Apart from [`ReadError::Io`], reading it again will not
/// help: it must be put right where it came from.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be read; try again.
    #[error("the file could not be read: {source}")]
    Io {
        /// What the system says.
        source: io::Error,
    },
    /// It is not XES, or not well formed.
    #[error("{at}: {problem}")]
    Malformed {
        /// Where.
        at: Position,
        /// What is wrong.
        problem: Malformed,
    },
    /// A trace has no name.
    #[error(
        "{at}: trace {trace} has no {NAME_KEY}; it must stand before the trace's first event \
         (the default of a global is never filled in)"
    )]
    TraceWithoutName {
        /// Where the trace begins.
        at: Position,
        /// Its number in the file, from 1.
        trace: u64,
    },
    /// Two traces have one name, so that their events could not be told apart.
    #[error("{at}: trace {trace} has the same {NAME_KEY} as trace {first}: {name:?}")]
    SameName {
        /// Where the later trace begins.
        at: Position,
        /// Its number in the file, from 1.
        trace: u64,
        /// The number of the earlier one.
        first: u64,
        /// The name of both.
        name: String,
    },
    /// An event lacks what every event needs.
    #[error("{at}: event {event} of trace {trace} ({name:?}) {missing}")]
    EventLacks {
        /// Where the event begins.
        at: Position,
        /// The number of its trace in the file, from 1.
        trace: u64,
        /// The name of its trace.
        name: String,
        /// Its number in its trace, from 1.
        event: u64,
        /// What it lacks.
        missing: Missing,
    },
}

/// What is wrong at a place in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The gzip file ends too early.
    #[error("the gzip file is cut off here")]
    GzipTruncated,
    /// The gzip file is damaged.
    #[error("the gzip file is damaged here, or something else follows it")]
    GzipDamaged,
    /// Bytes that are not UTF-8.
    #[error("not UTF-8; convert the file first")]
    NotUtf8,
    /// The file says that it is in another encoding.
    #[error("the encoding {name} is not read; convert the file to UTF-8 first")]
    Encoding {
        /// What the file says.
        name: String,
    },
    /// The file is empty.
    #[error("not XES: nothing but white space")]
    Empty,
    /// The file is not XML.
    #[error("not XES: it does not begin with an XML element")]
    NotXml,
    /// The file is XML of another kind.
    #[error("not XES: the outermost element is <{element}>, not <log>")]
    NotXes {
        /// The outermost element.
        element: String,
    },
    /// A document type definition.
    #[error("a document type definition (<!DOCTYPE>) is refused; XES has none")]
    Doctype,
    /// An XML declaration that is not at the start, or not as XML 1.0 wants it.
    #[error("an XML declaration that is not at the start of the file, or not of XML 1.0")]
    Declaration,
    /// Markup that does not end.
    #[error("{what} begins here and does not end")]
    Unclosed {
        /// A tag, a comment and so on.
        what: &'static str,
    },
    /// The file ends inside an element.
    #[error("the file ends inside <{element}>, opened at {opened}")]
    Ends {
        /// The innermost open element.
        element: String,
        /// Where it was opened.
        opened: Position,
    },
    /// An end tag for another element than the open one.
    #[error("</{found}> where </{expected}>, opened at {opened}, should end")]
    EndTag {
        /// The element that is open.
        expected: String,
        /// Where it was opened.
        opened: Position,
        /// The end tag.
        found: String,
    },
    /// Something after the outermost element.
    #[error("there is something after the end of the log")]
    AfterEnd,
    /// Markup that XML does not have.
    #[error("not well-formed XML: {what}")]
    Markup {
        /// What was expected.
        what: &'static str,
    },
    /// One XML attribute twice in a tag.
    #[error("{name} stands twice in <{element}>")]
    TwiceInTag {
        /// The element.
        element: String,
        /// The XML attribute.
        name: String,
    },
    /// A reference to an entity that XML does not define.
    #[error("&{name}; is not defined; XES has no entities of its own")]
    UnknownEntity {
        /// The entity's name.
        name: String,
    },
    /// A character that XML 1.0 does not allow.
    #[error("a character that XML does not allow")]
    Character,
    /// Text between elements.
    #[error("text between elements; XES keeps its values in tags")]
    Text,
    /// A tag, comment or stretch of white space that is too long.
    #[error("a tag, comment or white space longer than {TOKEN_BYTES_MAX} bytes")]
    TokenTooLong,
    /// An element where XES has none of that name.
    #[error("<{element}> may not stand in <{parent}>")]
    Element {
        /// The element.
        element: String,
        /// The element around it.
        parent: String,
    },
    /// An XML attribute that XES does not have.
    #[error("<{element}> has no {name} in XES")]
    UnknownXmlAttribute {
        /// The element.
        element: String,
        /// The XML attribute.
        name: String,
    },
    /// An XML attribute that XES needs.
    #[error("<{element}> lacks {name}")]
    MissingXmlAttribute {
        /// The element.
        element: String,
        /// The XML attribute.
        name: &'static str,
    },
    /// A value that is not of its type.
    #[error("the value of {key:?} is {problem}")]
    Value {
        /// The attribute's key.
        key: String,
        /// What is wrong.
        problem: BadValue,
    },
    /// Two attributes of one key.
    #[error("the key {key:?} stands twice in one element")]
    SameKey {
        /// The key.
        key: String,
    },
    /// A trace's attribute after an event of it.
    #[error("an attribute of the trace after its first event; XES puts a trace's attributes first")]
    LateAttribute,
    /// An event outside the traces.
    #[error("an event outside any trace: it is not said which case it belongs to")]
    EventOutsideTrace,
    /// Attributes nested too deeply.
    #[error("attributes are nested more than {DEPTH_MAX} deep")]
    TooDeep,
    /// An event or trace with too many attributes.
    #[error("more than {ATTRIBUTES_MAX} attributes in one event or trace")]
    TooManyAttributes,
    /// An event or trace that would not fit in a section.
    #[error("one event or trace of more than {ENCODED_BYTES_MAX} bytes")]
    TooLarge,
    /// A log header with too many attributes or too much text.
    #[error(
        "the log itself has more than {HEADER_ATTRIBUTES_MAX} attributes or {HEADER_BYTES_MAX} \
         bytes of them"
    )]
    HeaderTooLarge,
}

impl Malformed {
    /// The error, at a place.
    pub(super) const fn at(self, at: Position) -> ReadError {
        ReadError::Malformed { at, problem: self }
    }
}
