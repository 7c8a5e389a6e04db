//! What keeps a text from being a value, and attributes from being an event or a trace.

use crate::model::{NAME_KEY, TIME_KEY};

/// What an event or a trace lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// A name.
    #[error("has no {NAME_KEY} (the default of a global is never filled in)")]
    Name,
    /// A time.
    #[error("has no {TIME_KEY} (the default of a global is never filled in)")]
    Time,
    /// It has a time, but as another type of attribute.
    #[error("has a {TIME_KEY} that is not a date")]
    TimeAsDate,
}

/// A text that is not of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadValue {
    /// Not an `xs:dateTime`.
    #[error("not a date and time such as 2010-10-02T09:20:39.266+02:00")]
    Date,
    /// Not an `xs:long`.
    #[error("not a whole number of 64 bits")]
    Int,
    /// Not an `xs:double`.
    #[error("not a decimal number, NaN or INF")]
    Float,
    /// Not an `xs:boolean`.
    #[error("not true or false")]
    Boolean,
    /// Lists and containers have no value in text.
    #[error("not allowed: a list or container has none")]
    NotElementary,
}
