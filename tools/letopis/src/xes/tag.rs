//! One start tag: its name, its XML attributes with their values as XML means them, and the place
//! of each. Strict where the tokenizer is lenient (XML 1.0, productions 4, 5, 10, 25, 40, 41, 44,
//! 66, 67, and 3.3.3 on the normalization of attribute values).

use std::borrow::Cow;

use letopis_xes::is_character;

use super::error::{Malformed, Position, ReadError};

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag {
    /// The element's name, with its prefix if it has one.
    pub(super) name: String,
    /// Where the tag begins.
    pub(super) at: Position,
    /// Its XML attributes, in order, each name once.
    pub(super) attributes: Vec<XmlAttribute>,
}

/// An XML attribute.
#[derive(Debug)]
pub(super) struct XmlAttribute {
    /// Its name, with its prefix if it has one.
    pub(super) name: String,
    /// Its value, references and white space resolved.
    pub(super) value: String,
    /// Where the name begins.
    pub(super) at: Position,
    /// Where the value begins, after the quote.
    pub(super) value_at: Position,
}

impl Tag {
    /// From what stands between `<` and `>` or `/>`; `at` is the place of the `<`.
    pub(super) fn parse(content: &str, at: Position) -> Result<Self, ReadError> {
        let mut cursor = Cursor { rest: content, at: at.after(b"<") };
        let name = cursor.name()?.to_owned();
        let mut attributes: Vec<XmlAttribute> = Vec::new();
        loop {
            let spaced = cursor.skip_space();
            if cursor.rest.is_empty() {
                return Ok(Self { name, at, attributes });
            }
            if !spaced {
                return Err(cursor.error("white space before an attribute"));
            }
            let attribute = cursor.attribute()?;
            if attributes.iter().any(|other| other.name == attribute.name) {
                let problem = Malformed::TwiceInTag { element: name, name: attribute.name };
                return Err(problem.at(attribute.at));
            }
            attributes.push(attribute);
        }
    }

    /// Takes out the XML attribute of that name.
    pub(super) fn take(&mut self, name: &str) -> Option<XmlAttribute> {
        let index = self.attributes.iter().position(|a| a.name == name)?;
        Some(self.attributes.swap_remove(index))
    }
}

/// A place in a tag, and what follows it.
struct Cursor<'t> {
    rest: &'t str,
    at: Position,
}

impl<'t> Cursor<'t> {
    /// Moves on by that many bytes, which must end between characters, and returns them.
    fn advance(&mut self, bytes: usize) -> &'t str {
        let (head, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.at = self.at.after(head.as_bytes());
        self.rest = rest;
        head
    }

    fn error(&self, what: &'static str) -> ReadError {
        Malformed::Markup { what }.at(self.at)
    }

    /// Skips white space; whether there was any.
    fn skip_space(&mut self) -> bool {
        let end = self.rest.find(|c| !is_space(c)).unwrap_or(self.rest.len());
        self.advance(end);
        end > 0
    }

    fn name(&mut self) -> Result<&'t str, ReadError> {
        if !self.rest.starts_with(is_name_start) {
            return Err(self.error("a name was expected"));
        }
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        Ok(self.advance(end))
    }

    /// `name = "value"`, with either quote.
    fn attribute(&mut self) -> Result<XmlAttribute, ReadError> {
        let at = self.at;
        let name = self.name()?.to_owned();
        self.skip_space();
        if !self.rest.starts_with('=') {
            return Err(self.error("= was expected after an attribute's name"));
        }
        self.advance(1);
        self.skip_space();
        let quote = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => quote,
            _ => return Err(self.error("an attribute's value in quotes was expected")),
        };
        self.advance(1);
        let value_at = self.at;
        let Some(end) = self.rest.find(quote) else {
            return Err(self.error("an attribute's value without its closing quote"));
        };
        let value = resolve(self.advance(end), value_at)?.into_owned();
        self.advance(1);
        Ok(XmlAttribute { name, value, at, value_at })
    }
}

/// The value that a raw attribute value means: references replaced; each white space character
/// that is not a reference a space, a line end of two characters one space.
fn resolve(raw: &str, at: Position) -> Result<Cow<'_, str>, ReadError> {
    if !raw.contains(['&', '<', '\t', '\n', '\r']) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut cursor = Cursor { rest: raw, at };
    while let Some(next) = cursor.rest.chars().next() {
        match next {
            '<' => return Err(cursor.error("< in an attribute's value; write &lt;")),
            '&' => value.push(cursor.reference()?),
            '\r' if cursor.rest.starts_with("\r\n") => {
                value.push(' ');
                cursor.advance(2);
            }
            '\t' | '\n' | '\r' => {
                value.push(' ');
                cursor.advance(1);
            }
            _ => {
                let end = cursor.rest.find(['&', '<', '\t', '\n', '\r']);
                value.push_str(cursor.advance(end.unwrap_or(cursor.rest.len())));
            }
        }
    }
    Ok(Cow::Owned(value))
}

impl Cursor<'_> {
    /// A reference: one of the five names, or a character's number.
    fn reference(&mut self) -> Result<char, ReadError> {
        let body = self.rest.strip_prefix('&').unwrap_or(self.rest);
        let Some((name, _)) = body.split_once(';') else {
            return Err(self.error("& without ;, write &amp;"));
        };
        let found = match (name, name.strip_prefix('#')) {
            ("lt", _) => Some('<'),
            ("gt", _) => Some('>'),
            ("amp", _) => Some('&'),
            ("apos", _) => Some('\''),
            ("quot", _) => Some('"'),
            (_, Some(number)) => match numbered(number) {
                Some(character) => Some(character),
                None => return Err(Malformed::Character.at(self.at)),
            },
            _ => None,
        };
        let Some(character) = found else {
            return Err(match name.starts_with(is_name_start) && name.chars().all(is_name) {
                true => Malformed::UnknownEntity { name: name.to_owned() }.at(self.at),
                false => self.error("& without ;, write &amp;"),
            });
        };
        self.advance(name.len() + 2);
        Ok(character)
    }
}

/// The character of a decimal or (after `x`) hexadecimal number, if XML allows it.
fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` takes a sign, XML does not.
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    let character = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    is_character(character).then_some(character)
}

/// White space (production 3).
pub(super) const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The first character of a name (production 4).
const fn is_name_start(c: char) -> bool {
    matches!(c, ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}' | '\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// A further character of a name (production 4a).
const fn is_name(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}'
            | '\u{203F}' | '\u{2040}')
}
