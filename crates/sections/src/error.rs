//! Why a section is not taken in.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use letopis_types::Class;

/// Why a section is not taken in: the author corrects it and signs again. Never with a value or a
/// name from the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SectionError {
    /// The payload type is none of [`section_types`](crate::section_types).
    #[error("no such type of section: take one that is listed, as <name>/<version>")]
    UnknownType,
    /// The section stands in a class that guards it less than its type asks for.
    #[error("{payload_type} stands in class {least:?} at least, and not in {given:?}: raise it")]
    ClassTooLow {
        /// The section's type.
        payload_type: &'static str,
        /// The least class.
        least: Class,
        /// The class that it was given.
        given: Class,
    },
    /// The content is not UTF-8.
    #[error("{payload_type}: not UTF-8 from byte {byte} on: encode the text in UTF-8")]
    NotUtf8 {
        /// The section's type.
        payload_type: &'static str,
        /// The first byte that is not, from 0.
        byte: usize,
    },
    /// The content is not JSON, or nested too deep, or has a number too large for any field.
    #[error(
        "{payload_type}: not JSON at line {line}, column {column}: write it as JSON (RFC 8259)"
    )]
    NotJson {
        /// The section's type.
        payload_type: &'static str,
        /// The line, from 1.
        line: usize,
        /// The byte in it, from 1.
        column: usize,
    },
    /// An object has one name twice, so that two readers could read two contents.
    #[error(
        "{payload_type}: a name stands twice in one object, at line {line}, column {column}: keep one"
    )]
    NameTwice {
        /// The section's type.
        payload_type: &'static str,
        /// The line of the second, from 1.
        line: usize,
        /// The byte in it, from 1.
        column: usize,
    },
    /// The content breaks a rule of the type's schema.
    #[error("{payload_type}: {}: {rule}", place(.pointer))]
    Broken {
        /// The section's type.
        payload_type: &'static str,
        /// Where: a JSON pointer (RFC 6901); empty: the whole. Its names are the schema's own.
        pointer: String,
        /// What is asked for there.
        rule: Rule,
    },
    /// The type's schema does not compile: a fault of this build, not of the content.
    #[error("{payload_type}: this build can't read the type's schema: report it")]
    NoSchema {
        /// The section's type.
        payload_type: &'static str,
    },
}

fn place(pointer: &str) -> &str {
    if pointer.is_empty() { "the whole" } else { pointer }
}

/// What a schema asks for. All that is in it stands in the schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// `type`.
    #[error("must be of type {expected}")]
    Type {
        /// The type.
        expected: String,
    },
    /// `required`, `dependentRequired`.
    #[error("{property} is missing")]
    Missing {
        /// The property that must be there.
        property: String,
    },
    /// `additionalProperties`: the schema does not know one of the properties here.
    #[error("has a property that the schema does not know")]
    UnknownProperty,
    /// `minProperties`: one of several properties must be there.
    #[error("too few of its properties: at least {least}")]
    TooFewProperties {
        /// How many.
        least: u64,
    },
    /// `maxProperties`: no more than one of several properties may be there.
    #[error("too many of its properties: at most {most}")]
    TooManyProperties {
        /// How many.
        most: u64,
    },
    /// `minItems`.
    #[error("too few items: at least {least}")]
    TooFewItems {
        /// How many.
        least: u64,
    },
    /// `maxItems`.
    #[error("too many items: at most {most}")]
    TooManyItems {
        /// How many.
        most: u64,
    },
    /// `minLength`.
    #[error("too few characters: at least {least}")]
    TooShort {
        /// How many.
        least: u64,
    },
    /// `maxLength`.
    #[error("too many characters: at most {most}")]
    TooLong {
        /// How many.
        most: u64,
    },
    /// `minimum`.
    #[error("must be at least {least}")]
    TooSmall {
        /// The least number.
        least: String,
    },
    /// `maximum`.
    #[error("must be at most {most}")]
    TooLarge {
        /// The largest number.
        most: String,
    },
    /// `enum`.
    #[error("must be one of {codes}")]
    NotListed {
        /// The codes, as a JSON array.
        codes: String,
    },
    /// `pattern`, where it asks for a character that shows.
    #[error("must not be blank")]
    Blank,
    /// `pattern`.
    #[error("must match {pattern}")]
    Pattern {
        /// The regular expression.
        pattern: String,
    },
    /// `format`.
    #[error("must be a {format} of the calendar")]
    Format {
        /// The format: `date`.
        format: String,
    },
    /// Another word of JSON Schema.
    #[error("breaks the schema's {keyword}")]
    Other {
        /// The word.
        keyword: String,
    },
}

impl Rule {
    /// The rule behind a validator's error; only what comes from the schema is taken over.
    // INVARIANT: `AdditionalProperties` holds names from the content, and `Custom` could hold
    // anything: neither gets further than here.
    pub(crate) fn of(kind: &ValidationErrorKind) -> Self {
        use ValidationErrorKind as K;
        match kind {
            K::Type { kind: TypeKind::Single(expected) } => {
                Self::Type { expected: expected.to_string() }
            }
            K::Required { property } => {
                Self::Missing { property: property.as_str().unwrap_or_default().to_owned() }
            }
            K::AdditionalProperties { .. } => Self::UnknownProperty,
            K::MinProperties { limit } => Self::TooFewProperties { least: *limit },
            K::MaxProperties { limit } => Self::TooManyProperties { most: *limit },
            K::MinItems { limit } => Self::TooFewItems { least: *limit },
            K::MaxItems { limit } => Self::TooManyItems { most: *limit },
            K::MinLength { limit } => Self::TooShort { least: *limit },
            K::MaxLength { limit } => Self::TooLong { most: *limit },
            K::Minimum { limit } => Self::TooSmall { least: limit.to_string() },
            K::Maximum { limit } => Self::TooLarge { most: limit.to_string() },
            K::Enum { options } => Self::NotListed { codes: options.to_string() },
            K::Pattern { pattern } if pattern == "\\S" => Self::Blank,
            K::Pattern { pattern } => Self::Pattern { pattern: pattern.clone() },
            K::Format { format } => Self::Format { format: format.clone() },
            other => Self::Other { keyword: other.keyword().to_owned() },
        }
    }
}
