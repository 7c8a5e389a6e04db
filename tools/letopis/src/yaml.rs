//! YAML as a person fills it in, read strictly: a tree whose every node knows its line.
//!
//! One document; no anchors, aliases, tags or merge keys, no key twice in one mapping, no nesting deeper
//! than [`DEPTH_MAX`]. What a scalar means is decided by whoever asks for it, so that no word turns
//! into a truth value or a number by itself where a text is wanted. Errors name lines only: the
//! content is about people.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value as Json};

/// The deepest nesting.
pub const DEPTH_MAX: usize = 32;

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A scalar.
    Scalar {
        /// Its text.
        text: String,
        /// Without quotes, and not a block.
        plain: bool,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in its order.
    Map(Vec<Entry>),
}

/// An entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The line on which the key stands, from 1.
    pub line: usize,
    /// The value.
    pub node: Node,
}

/// Why a text is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct YamlError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub what: &'static str,
}

/// A collection that is being read.
enum Open {
    List(Vec<Node>),
    Map(Vec<Entry>, Option<(String, usize)>),
}

/// Reads one document.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse(text: &str) -> Result<Node, YamlError> {
    let mut reader = Reader { open: Vec::new(), root: None, documents: 0, line: 1 };
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| YamlError {
            line: error.marker().line(),
            what: "this is not YAML: look for a missing quote or a wrong indentation",
        })?;
        reader.line = span.start.line();
        reader.take(event)?;
    }
    reader.root.ok_or(YamlError { line: 1, what: "there is nothing in it: fill a template in" })
}

struct Reader {
    open: Vec<(usize, Open)>,
    root: Option<Node>,
    documents: usize,
    line: usize,
}

impl Reader {
    const fn wrong(&self, what: &'static str) -> YamlError {
        YamlError { line: self.line, what }
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), YamlError> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(self.wrong("a second document begins: one statement a file"));
                }
                Ok(())
            }
            Event::Alias(_) => Err(self.wrong("an alias is not taken: write the value itself")),
            Event::Scalar(text, style, anchor, tag) => {
                self.check(anchor, tag.is_some())?;
                let plain = style == ScalarStyle::Plain;
                self.put(self.line, Value::Scalar { text: text.into_owned(), plain })
            }
            Event::SequenceStart(anchor, tag) => {
                self.check(anchor, tag.is_some())?;
                self.begin(Open::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.check(anchor, tag.is_some())?;
                self.begin(Open::Map(Vec::new(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some((line, Open::List(items))) => self.put(line, Value::List(items)),
                Some((line, Open::Map(entries, None))) => self.put(line, Value::Map(entries)),
                _ => Err(self.wrong("a mapping ends after a key: give it a value")),
            },
        }
    }

    const fn check(&self, anchor: usize, tagged: bool) -> Result<(), YamlError> {
        match (anchor, tagged) {
            (0, false) => Ok(()),
            (0, true) => Err(self.wrong("a tag is not taken: leave it out")),
            _ => Err(self.wrong("an anchor is not taken: write the value where it is needed")),
        }
    }

    fn begin(&mut self, open: Open) -> Result<(), YamlError> {
        if self.open.len() >= DEPTH_MAX {
            return Err(self.wrong("it is nested too deep"));
        }
        self.open.push((self.line, open));
        Ok(())
    }

    fn put(&mut self, line: usize, value: Value) -> Result<(), YamlError> {
        let wrong = |what| YamlError { line, what };
        match self.open.last_mut() {
            None => self.root = Some(Node { line, value }),
            Some((_, Open::List(items))) => items.push(Node { line, value }),
            Some((_, Open::Map(entries, key))) => match (key.take(), value) {
                (Some((key, at)), value) => {
                    entries.push(Entry { key, line: at, node: Node { line, value } });
                }
                (None, Value::Scalar { text, .. }) => {
                    if text == "<<" {
                        return Err(wrong("a merge key is not taken: write the values out"));
                    }
                    if entries.iter().any(|entry| entry.key == text) {
                        return Err(wrong("this key stands there twice: keep one"));
                    }
                    *key = Some((text, line));
                }
                (None, _) => return Err(wrong("a key is a word, not a list or a mapping")),
            },
        }
        Ok(())
    }
}

impl Node {
    /// The scalar's text; `None`: it is none.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Is nothing written there?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if is_null(text))
    }

    /// As JSON: what is not quoted and reads as `null`, a truth value or a number of JSON is that; all
    /// other scalars are texts.
    #[must_use]
    pub fn json(&self) -> Json {
        match &self.value {
            Value::Scalar { text, plain: true } => plain(text),
            Value::Scalar { text, plain: false } => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Self::json).collect(),
            Value::Map(entries) => {
                let all = entries.iter().map(|entry| (entry.key.clone(), entry.node.json()));
                Json::Object(all.collect::<Map<_, _>>())
            }
        }
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null")
}

fn plain(text: &str) -> Json {
    match text {
        _ if is_null(text) => Json::Null,
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        _ => serde_json::from_str::<Number>(text)
            .map_or_else(|_| Json::String(text.to_owned()), Json::Number),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_are_what_json_would_make_of_them() {
        let read =
            parse("a: no\nb: true\nc: 2026-11-29\nd: '1'\ne: 1\nf:\ng: |\n  ред\n  два\nh: 007\n");
        let wanted = json!({"a": "no", "b": true, "c": "2026-11-29", "d": "1", "e": 1, "f": null,
            "g": "ред\nдва\n", "h": "007"});
        assert_eq!(read.unwrap().json(), wanted);
    }

    #[test]
    fn lines_are_known() {
        let Value::Map(entries) = parse("# бележка\nедно: 1\nдве:\n  - 2\n").unwrap().value
        else {
            panic!("a mapping");
        };
        assert_eq!(entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(entries[1].node.line, 4);
    }

    #[test]
    fn what_could_be_read_in_two_ways_or_grow_is_refused() {
        let deep = "[".repeat(40) + &"]".repeat(40);
        for (text, line) in [
            ("a: &x 1\nb: *x\n", 1),
            ("a: 1\nb: *x\n", 2),
            ("a: !!str 1\n", 1),
            ("a: 1\na: 2\n", 2),
            ("a: 1\n<<: {b: 2}\n", 2),
            ("? [a]\n: 1\n", 1),
            ("a: 1\n---\nb: 2\n", 2),
            ("a: \"x\nb: 2\n", 1),
            ("", 1),
            (&deep, 1),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.line >= line, "{text}: {error}");
        }
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
        assert_eq!(parse(bomb).unwrap_err().line, 1);
        let secret = parse("име: тайна\nиме: тайна\n").unwrap_err().to_string();
        assert!(!secret.contains("име") && !secret.contains("тайна"), "{secret}");
    }

    proptest! {
        #[test]
        fn quoted_texts_come_back(text in any::<String>()) {
            let quoted = serde_json::to_string(&text).unwrap();
            // YAML takes fewer characters than JSON lets through unescaped.
            if let Ok(node) = parse(&format!("a: {quoted}\n")) {
                prop_assert_eq!(node.json(), json!({"a": text}));
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(text in ".{0,200}") {
            let _ = parse(&text);
        }
    }
}
