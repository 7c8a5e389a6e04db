//! IEEE XES (IEEE 1849), the interchange format of case histories: reading, and the content of the
//! sections that keep a history in the record. What a log holds, and writing one, is in [`letopis_xes`].
//!
//! **In scope**: the XML serialization of XES 1.0, 2.0 and IEEE 1849-2016, plain or gzip, read as a
//! stream, so that a log may be larger than memory.
//!
//! **Out of scope**: extension definitions (`.xesext`; a log's extensions are kept as declared and
//! never fetched), events outside traces, document type definitions, encodings other than UTF-8,
//! and everything that sends or signs.
//!
//! Invariants:
//! - Nothing is repaired, filled in or left out: what is read is what the file says, or the file is
//!   refused with the place and the reason. In particular a `global` declares that its attributes
//!   exist everywhere in its scope; its values are *never* put in where one is missing.
//! - Memory is bounded by the limits below, whatever the file; only a hash of each trace's
//!   name (some 50 bytes) is kept, to find two of the same name.
//! - What was read and is written again reads the same ([`read`], [`section`] and
//!   [`XesWriter`] are inverse to each other), dates and floats in their original text.

mod error;
mod gzip;
pub mod read;
pub mod section;
mod tag;
#[cfg(test)]
mod tests;
mod tokens;

pub use error::{Malformed, Position, ReadError};
pub use letopis_xes::{
    Attribute, BadValue, Classifier, Date, Event, Extension, Float, Global, Instant, Kind,
    LogHeader, Missing, TraceHeader, Value, WriteError, XesWriter,
};
pub use read::{Item, XesReader};
pub use section::{SectionError, decode_event, decode_trace, encode_event, encode_trace};

/// How deep attributes may be nested: an attribute of an event is at depth 1, its attributes at 2.
pub const DEPTH_MAX: usize = 16;

/// The most attributes that an event, or a trace itself, may have, nested ones counted.
pub const ATTRIBUTES_MAX: usize = 4_096;

/// The largest section content in bytes (proto/README.md, Sections), and so the largest event or
/// trace in its encoding ([`section`]).
pub const ENCODED_BYTES_MAX: usize = 1 << 20;

/// The most attributes that a log's header may have, nested ones, extensions and so on counted.
pub const HEADER_ATTRIBUTES_MAX: usize = 65_536;

/// The most text in bytes, keys and values, that a log's header may have.
pub const HEADER_BYTES_MAX: usize = 8 << 20;

/// The longest piece of markup in bytes: one tag, one comment, one stretch of white space. More
/// than [`ENCODED_BYTES_MAX`], because references may spell one character with several.
pub const TOKEN_BYTES_MAX: usize = 8 << 20;
