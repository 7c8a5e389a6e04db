//! The legal codes that a section names.

use serde_json::Value;

/// What a legal code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeKind {
    /// A measure of protection (чл. 4, ал. 1 ЗЗДет): `4-1-2`.
    Measure,
    /// The ground of an act (such as чл. 25, ал. 1 ЗЗДет): `25-1-3`.
    Ground,
}

/// A legal code in a section, with the day from which it is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// What it stands for.
    pub kind: CodeKind,
    /// The code, as the procedure profile writes it.
    pub code: String,
    /// The first day, `YYYY-MM-DD`. `None`: the section says none, and the act's own day counts.
    pub from: Option<String>,
}

/// Where a type has a code. A property with `x-code` in a schema has its line here.
pub(crate) struct CodePlace {
    pub(crate) payload_type: &'static str,
    pub(crate) kind: CodeKind,
    pub(crate) code: &'static str,
    pub(crate) from: Option<&'static str>,
}

const fn place(
    (payload_type, kind): (&'static str, CodeKind),
    code: &'static str,
    from: Option<&'static str>,
) -> CodePlace {
    CodePlace { payload_type, kind, code, from }
}

pub(crate) const PLACES: [CodePlace; 5] = [
    place(("court-decision/1", CodeKind::Measure), "measure", Some("date")),
    place(("ground/1", CodeKind::Ground), "code", None),
    place(("measure/1", CodeKind::Measure), "code", Some("from")),
    place(("necessity/1", CodeKind::Ground), "ground", None),
    place(("request/1", CodeKind::Measure), "measure", Some("date")),
];

/// The legal codes in a content that satisfies its type's schema.
pub(crate) fn codes(payload_type: &str, content: &Value) -> Vec<Code> {
    let places = PLACES.iter().filter(|place| place.payload_type == payload_type);
    places.filter_map(|place| place.read(content)).collect()
}

/// The code by which the indicators count a section: the member `code` of its content. `None` where there is none;
/// a content that nobody checked may be anything.
#[must_use]
pub fn counted_code(content: &[u8]) -> Option<String> {
    let content: Value = serde_json::from_slice(content).ok()?;
    content.get("code").and_then(Value::as_str).map(str::to_owned)
}

impl CodePlace {
    fn read(&self, content: &Value) -> Option<Code> {
        let text = |name: &str| content.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Code { kind: self.kind, code: text(self.code)?, from: self.from.and_then(text) })
    }
}
