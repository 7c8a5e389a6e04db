//! The legal codes that a section names.

use serde_json::Value;

use crate::{SectionError, find, json};

/// What a legal code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeKind {
    /// A measure of protection (чл. 4, ал. 1 ЗЗДет): `4-1-2`.
    Measure,
    /// The ground of an act (such as чл. 25, ал. 1 ЗЗДет): `25-1-3`.
    Ground,
}

/// A legal code in a section, with the days between which it is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// What it stands for.
    pub kind: CodeKind,
    /// The code, as the procedure profile writes it.
    pub code: String,
    /// The first day, `YYYY-MM-DD`. `None`: the section says none, and the act's own day counts.
    pub from: Option<String>,
    /// The last day, `YYYY-MM-DD`. `None`: the section says none.
    pub until: Option<String>,
}

/// Where a type has a code. A property with `x-code` in a schema has its line here.
pub(crate) struct CodePlace {
    pub(crate) payload_type: &'static str,
    pub(crate) kind: CodeKind,
    pub(crate) code: &'static str,
    pub(crate) from: Option<&'static str>,
    pub(crate) until: Option<&'static str>,
}

const fn place(
    (payload_type, kind): (&'static str, CodeKind),
    code: &'static str,
    (from, until): (Option<&'static str>, Option<&'static str>),
) -> CodePlace {
    CodePlace { payload_type, kind, code, from, until }
}

pub(crate) const PLACES: [CodePlace; 5] = [
    place(("court-decision/1", CodeKind::Measure), "measure", (Some("date"), Some("term_until"))),
    place(("ground/1", CodeKind::Ground), "code", (None, None)),
    place(("measure/1", CodeKind::Measure), "code", (Some("from"), Some("until"))),
    place(("necessity/1", CodeKind::Ground), "ground", (None, Some("until"))),
    place(("request/1", CodeKind::Measure), "measure", (Some("date"), None)),
];

/// The legal codes in a section's content, so that the caller can ask the procedure profile whether
/// the law knew them on their day. None for a type that has none. The content is one that
/// [`check`](crate::check) has let pass: of another, codes may be left out.
///
/// # Errors
/// The type is unknown, or the content can't be read.
pub fn codes(payload_type: &str, content: &[u8]) -> Result<Vec<Code>, SectionError> {
    let section = find(payload_type).ok_or(SectionError::UnknownType)?;
    let mut places = PLACES.iter().filter(|place| place.payload_type == section.payload_type);
    let Some(place) = places.next() else { return Ok(Vec::new()) };
    let content = json::parse(section.payload_type, content)?;
    let found = std::iter::once(place).chain(places).filter_map(|place| place.read(&content));
    Ok(found.collect())
}

impl CodePlace {
    fn read(&self, content: &Value) -> Option<Code> {
        let text = |name: &str| content.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Code {
            kind: self.kind,
            code: text(self.code)?,
            from: self.from.and_then(text),
            until: self.until.and_then(text),
        })
    }
}
