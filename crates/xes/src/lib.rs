//! IEEE XES (IEEE 1849), the interchange format of case histories: what a log holds, and writing one.
//!
//! In scope: logs, traces, events and attributes in memory, with what every one of them must have; their XML
//! as XES 2.0 and IEEE 1849-2016 want it. Out of scope: reading XML, packing, files; sections that hold an
//! imported history (tools/letopis).
//!
//! Invariants: an event has a name and a time, a trace a name; dates and floats stand in the text in which
//! they were given; the same log always gives the same bytes.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::expect_used,
        clippy::panic,
        reason = "tests may panic"
    )
)]

mod date;
mod error;
mod model;
mod write;

pub use error::{BadValue, Missing};
pub use model::{
    Attribute, Classifier, Date, Event, Extension, Float, Global, Instant, Kind, LogHeader,
    NAME_KEY, RESOURCE_KEY, TIME_KEY, TraceHeader, Value,
};
pub use write::{WriteError, XesWriter, is_character};
