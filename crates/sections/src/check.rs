//! Whether a section may be taken in.

use letopis_types::Class;
use serde_json::Value;

use crate::codes::{Code, codes};
use crate::{Rule, SectionError, SectionType, find, json};

/// Checks a section before it is taken in: its type is known, its class guards it enough, and its
/// content, of at most 1 MiB, is what the type's schema asks for. The first time that a type is met
/// its schema is compiled, in about a tenth of a millisecond.
///
/// What it gives are the legal codes that the section names, so that the caller can ask the procedure
/// profile whether the law knew them on their day.
///
/// # Errors
/// The first thing that is wrong, in that order; see [`SectionError`].
pub fn check(payload_type: &str, class: Class, content: &[u8]) -> Result<Vec<Code>, SectionError> {
    let section = find(payload_type).ok_or(SectionError::UnknownType)?;
    if class < section.class {
        let (least, given) = (section.class, class);
        return Err(SectionError::ClassTooLow { payload_type: section.payload_type, least, given });
    }
    let content = json::parse(section.payload_type, content)?;
    conforms(section, &content)?;
    Ok(codes(section.payload_type, &content))
}

fn conforms(section: &SectionType, content: &Value) -> Result<(), SectionError> {
    let payload_type = section.payload_type;
    let validator = section.validator().ok_or(SectionError::NoSchema { payload_type })?;
    validator.validate(content).map_err(|error| SectionError::Broken {
        payload_type,
        // INVARIANT: schemas describe members by name only, and objects are closed, so that no name
        // of the content's own gets into the pointer.
        pointer: error.instance_path().to_string(),
        rule: Rule::of(error.kind()),
    })
}
