//! What a section of each known type must hold: one JSON Schema each, checked on intake.
//!
//! Everything about people stands in sections of a statement. The content of a section whose type is
//! known here is UTF-8 JSON that satisfies the type's schema (draft 2020-12), one readable file in
//! `schemas/`, which agencies' software in any language uses as it is. Beside the standard words a
//! schema has `x-bg` (the Bulgarian term), `x-class` (the least class that the section may stand
//! in: N, R, V), `x-source` (articles, and the events that hold it), `x-bg-values` (the Bulgarian words
//! for codes) and `x-code` (a measure or a ground that the procedure profile knows). `examples-of/`
//! has an invented example of each.
//!
//! In scope: the table of types; class, encoding, schema; the legal codes that a section names, and the code by
//! which indicators count it.
//! Out of scope: which event must have which section (crate domain), which code the law knew on
//! which day (the procedure profile), the length of a content (the format: at most 1 MiB), and whether
//! what is told is true, an ЕГН's check digit included.
//!
//! Invariants: pure, no IO, no clock; an error never holds a value or a name from the content, since
//! errors are logged; what two readers of JSON could read in two ways (a name twice in one object) is
//! refused; every schema is closed and bounded at every level and stands alone: no reference leads
//! out of it; a schema once in use is never changed but gets a successor `<name>-2.json`.
//!
//! The validator is the crate `jsonschema`: its errors are typed, so that what comes from a content can
//! be kept out of ours, and without its default features it pulls neither TLS nor a resolver nor
//! tokio. `boon` would bring all of ICU for host names, which no schema here has. Patterns run on
//! `regex`, in linear time. `format: date` is enforced, which the draft leaves to each validator: dates
//! have a pattern beside it. What it draws from the system for its hash tables has no part in any
//! answer.
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

mod check;
mod codes;
mod error;
mod json;
mod section_type;
mod table;
#[cfg(test)]
mod tests;

pub use check::check;
pub use codes::{Code, CodeKind, counted_code};
pub use error::{Rule, SectionError};
pub use section_type::SectionType;
pub use table::{example, find, section_types};
