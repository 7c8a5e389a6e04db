//! One type of section, and its validator.

use std::sync::OnceLock;

use jsonschema::{Draft, PatternOptions, Validator};
use letopis_types::Class;

/// A type of section: what its content is, and how closely it is guarded at least.
#[derive(Debug)]
pub struct SectionType {
    /// As statements name it: `<name>/<version>`.
    pub payload_type: &'static str,
    /// The name: small Latin letters and hyphens.
    pub name: &'static str,
    /// The version of its schema, from 1.
    pub version: u32,
    /// The least class that such a section may stand in.
    pub class: Class,
    /// What it is called in Bulgarian.
    pub term_bg: &'static str,
    /// The JSON Schema, draft 2020-12: the file as it is.
    pub schema_text: &'static str,
    /// An invented content that is right.
    pub example_text: &'static str,
    validator: OnceLock<Option<Validator>>,
}

impl SectionType {
    pub(crate) const fn new(
        (payload_type, name, version): (&'static str, &'static str, u32),
        class: Class,
        term_bg: &'static str,
        (schema_text, example_text): (&'static str, &'static str),
    ) -> Self {
        let validator = OnceLock::new();
        Self { payload_type, name, version, class, term_bg, schema_text, example_text, validator }
    }

    /// Compiled when the type is first met, and kept. `None` if the schema is none, which a test
    /// rules out for each.
    pub(crate) fn validator(&self) -> Option<&Validator> {
        self.validator.get_or_init(|| compile(self.schema_text)).as_ref()
    }
}

fn compile(schema_text: &str) -> Option<Validator> {
    let schema = serde_json::from_str(schema_text).ok()?;
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .offline()
        .build(&schema)
        .ok()
}
