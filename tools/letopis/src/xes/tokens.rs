//! Well-formed XML as a stream of opened and closed elements, each with its place.
//!
//! The tokenizer below finds where markup begins and ends; what it is lenient about is checked
//! here, so that what comes out is the content of a well-formed XML 1.0 document without a DTD.

use std::io::{self, BufRead, Read};

use letopis_xes::is_character;
use quick_xml::errors::{Error as XmlError, SyntaxError};
use quick_xml::events::Event;

use super::TOKEN_BYTES_MAX;
use super::error::{Malformed, Position, ReadError};
use super::gzip::{Bytes, Text, read_error};
use super::tag::{Tag, is_space};

/// A step through the elements of a document.
#[derive(Debug)]
pub(super) enum Token {
    /// An element begins.
    Open(Tag),
    /// The innermost open element ends.
    Close,
    /// The document is over, all elements closed.
    End,
}

/// What the tokenizer found, without what it borrows.
enum Found {
    Open(Tag),
    Empty(Tag),
    Close,
    Nothing,
    Eof,
}

/// The elements of a document, one after the other.
pub(super) struct Tokens<'r> {
    reader: quick_xml::Reader<Bounded<Bytes<'r>>>,
    /// The bytes of the present token, all of them.
    buffer: Vec<u8>,
    /// Where the next token begins.
    at: Position,
    gzip: bool,
    /// The open elements, outermost first, and where they were opened.
    open: Vec<(String, Position)>,
    /// Whether the innermost open element was an empty-element tag and closes next.
    closing: bool,
    /// Whether the outermost element was seen.
    begun: bool,
}

impl<'r> Tokens<'r> {
    /// Reads from the start of a file.
    pub(super) fn open(input: impl Read + Send + 'r) -> Result<Self, ReadError> {
        let text = Text::open(input)?;
        let mut reader =
            quick_xml::Reader::from_reader(Bounded { inner: text.bytes, left: TOKEN_BYTES_MAX });
        reader.config_mut().check_comments = true;
        Ok(Self {
            reader,
            buffer: Vec::new(),
            at: Position::START,
            gzip: text.gzip,
            open: Vec::new(),
            closing: false,
            begun: false,
        })
    }

    /// The next token. After an error, or the end, there is none.
    pub(super) fn next(&mut self) -> Result<Token, ReadError> {
        if self.closing {
            self.closing = false;
            self.open.pop();
            return Ok(Token::Close);
        }
        loop {
            let start = self.at;
            let found = self.find(start)?;
            self.at = start.after(&self.buffer);
            match found {
                Found::Open(tag) => return self.opened(tag, false),
                Found::Empty(tag) => return self.opened(tag, true),
                Found::Close => {
                    self.open.pop();
                    return Ok(Token::Close);
                }
                Found::Nothing => {}
                Found::Eof => return self.ended(),
            }
        }
    }

    fn opened(&mut self, tag: Tag, empty: bool) -> Result<Token, ReadError> {
        if self.begun && self.open.is_empty() {
            return Err(Malformed::AfterEnd.at(tag.at));
        }
        self.begun = true;
        self.closing = empty;
        self.open.push((tag.name.clone(), tag.at));
        Ok(Token::Open(tag))
    }

    fn ended(&mut self) -> Result<Token, ReadError> {
        match self.open.pop() {
            Some((element, opened)) => Err(Malformed::Ends { element, opened }.at(self.at)),
            None if !self.begun => Err(Malformed::Empty.at(self.at)),
            None => Ok(Token::End),
        }
    }

    /// Reads the next token into the buffer and says what it is.
    fn find(&mut self, start: Position) -> Result<Found, ReadError> {
        self.buffer.clear();
        // One more, to see that a token ends.
        self.reader.get_mut().left = TOKEN_BYTES_MAX + 1;
        let offset = self.reader.buffer_position();
        let side = self.side();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(self.explain(error, start, offset)),
        };
        if event.len() > TOKEN_BYTES_MAX {
            return Err(Malformed::TokenTooLong.at(start));
        }
        match &event {
            Event::Start(tag) => parse_tag(tag, start).map(Found::Open),
            Event::Empty(tag) => parse_tag(tag, start).map(Found::Empty),
            Event::End(_) => Ok(Found::Close),
            Event::Text(text) => blank(text, start, side).map(|()| Found::Nothing),
            Event::CData(text) if side == Side::Inside => {
                blank(text, start.after(b"<![CDATA["), side).map(|()| Found::Nothing)
            }
            Event::CData(_) | Event::GeneralRef(_) => Err(side.stray().at(start)),
            Event::Comment(text) => characters(text, start.after(b"<!--")).map(|()| Found::Nothing),
            Event::PI(text) => characters(text, start.after(b"<?")).map(|()| Found::Nothing),
            Event::Decl(text) => declaration(text, start).map(|()| Found::Nothing),
            Event::DocType(_) => Err(Malformed::Doctype.at(start)),
            Event::Eof => Ok(Found::Eof),
        }
    }

    /// Where the next token stands.
    fn side(&self) -> Side {
        match (self.open.is_empty(), self.begun) {
            (true, false) => Side::Before,
            (true, true) => Side::After,
            (false, _) => Side::Inside,
        }
    }

    /// What an error of the tokenizer means, and where: `start` and `offset` are the place and the
    /// byte at which the token began.
    fn explain(&self, error: XmlError, start: Position, offset: u64) -> ReadError {
        // Errors are placed in the token that was being read, by bytes from its beginning.
        let inside = |bytes: usize| start.after(self.buffer.get(..bytes).unwrap_or(&self.buffer));
        let reported = usize::try_from(self.reader.error_position().saturating_sub(offset));
        let reported = inside(reported.unwrap_or_default());
        match error {
            XmlError::Io(source) if TooLong::is(&source) => Malformed::TokenTooLong.at(start),
            XmlError::Io(source) => {
                let source = io::Error::new(source.kind(), source);
                read_error(source, self.gzip, inside(self.buffer.len()))
            }
            XmlError::Encoding(quick_xml::encoding::EncodingError::Utf8(error)) => {
                Malformed::NotUtf8.at(inside(error.valid_up_to()))
            }
            XmlError::Syntax(error) => self.explain_syntax(error).at(start),
            XmlError::IllFormed(error) => self.explain_ill_formed(error).at(reported),
            _ => Malformed::Markup { what: "markup was expected" }.at(reported),
        }
    }

    fn explain_syntax(&self, error: SyntaxError) -> Malformed {
        let what = match error {
            SyntaxError::InvalidBangMarkup => {
                return Malformed::Markup { what: "a comment or CDATA was expected after <!" };
            }
            SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl => "a processing instruction",
            SyntaxError::UnclosedComment => "a comment",
            SyntaxError::UnclosedDoctype => return Malformed::Doctype,
            SyntaxError::UnclosedCData => "CDATA",
            SyntaxError::UnclosedTag => "a tag",
            SyntaxError::UnclosedSingleQuotedAttributeValue
            | SyntaxError::UnclosedDoubleQuotedAttributeValue => "a tag with a value in quotes",
        };
        Malformed::Unclosed { what }
    }

    fn explain_ill_formed(&self, error: quick_xml::errors::IllFormedError) -> Malformed {
        use quick_xml::errors::IllFormedError as Ill;
        match error {
            Ill::MismatchedEndTag { expected, found } => {
                let opened = self.open.last().map_or(Position::START, |(_, at)| *at);
                Malformed::EndTag { expected, opened, found }
            }
            Ill::UnmatchedEndTag(_) if self.begun => Malformed::AfterEnd,
            Ill::UnmatchedEndTag(_) => Malformed::NotXml,
            Ill::DoubleHyphenInComment => Malformed::Markup { what: "-- inside a comment" },
            Ill::MissingDoctypeName => Malformed::Doctype,
            Ill::UnclosedReference => Malformed::Text,
            _ => Malformed::Markup { what: "markup was expected" },
        }
    }
}

/// Before, in, or after the outermost element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Inside,
    After,
}

impl Side {
    /// Why text may not stand there.
    const fn stray(self) -> Malformed {
        match self {
            Self::Before => Malformed::NotXml,
            Self::Inside => Malformed::Text,
            Self::After => Malformed::AfterEnd,
        }
    }
}

/// A start tag, from what stands between `<` and `>` or `/>`.
fn parse_tag(content: &str, start: Position) -> Result<Tag, ReadError> {
    characters(content, start.after(b"<"))?;
    Tag::parse(content, start)
}

/// Refuses text that is not blank.
fn blank(text: &str, start: Position, side: Side) -> Result<(), ReadError> {
    match text.split_once(|c| !is_space(c)) {
        Some((before, _)) => Err(side.stray().at(start.after(before.as_bytes()))),
        None => Ok(()),
    }
}

/// Refuses characters that XML does not have.
fn characters(text: &str, start: Position) -> Result<(), ReadError> {
    match text.split_once(|c| !is_character(c)) {
        Some((before, _)) => Err(Malformed::Character.at(start.after(before.as_bytes()))),
        None => Ok(()),
    }
}

/// The XML declaration: at the very start, of version 1.0 (a later 1.x is read as 1.0), in UTF-8.
fn declaration(content: &str, start: Position) -> Result<(), ReadError> {
    let mut tag = Tag::parse(content, start.after(b"<"))?;
    let version = tag.take("version").map(|a| a.value);
    if start != Position::START || !version.is_some_and(|v| v.starts_with("1.")) {
        return Err(Malformed::Declaration.at(start));
    }
    match tag.take("encoding") {
        Some(encoding)
            if !["utf-8", "utf8", "us-ascii", "ascii"]
                .contains(&encoding.value.to_ascii_lowercase().as_str()) =>
        {
            Err(Malformed::Encoding { name: encoding.value }.at(encoding.value_at))
        }
        _ => Ok(()),
    }
}

/// A reader that gives no more than so many bytes, until it is allowed more.
///
/// INVARIANT: the tokenizer keeps the whole of a token in memory, so that without this one endless
/// tag would fill it.
struct Bounded<R> {
    inner: R,
    left: usize,
}

/// Why a [`Bounded`] reader gave no more.
#[derive(Debug, thiserror::Error)]
#[error("a token is too long")]
struct TooLong;

impl TooLong {
    fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.left;
        let bytes = self.inner.fill_buf()?;
        if left == 0 && !bytes.is_empty() {
            return Err(io::Error::other(TooLong));
        }
        Ok(bytes.get(..left).unwrap_or(bytes))
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.inner.consume(count);
    }
}
