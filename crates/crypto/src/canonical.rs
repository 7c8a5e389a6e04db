//! The canonical encoding of statements, checked by walking the wire format along the schema.
//!
//! Encoding the parsed message again would show *that* bytes are not canonical; walking them shows
//! what is wrong where, without trusting a protobuf library with it.

use letopis_proto::{FieldSchema, FieldType, MessageSchema, Presence, SCHEMA};

/// The longest statement, 64 KiB.
pub const STATEMENT_BYTES_MAX: usize = 64 * 1024;

/// How deep messages may nest. The schema needs 5.
const DEPTH_MAX: u32 = 16;

/// What about the bytes is not canonical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreachKind {
    /// Longer than [`STATEMENT_BYTES_MAX`].
    TooLarge,
    /// A length or a varint goes beyond the end.
    Truncated,
    /// Another wire type than the schema's.
    WireType,
    /// A field that the schema does not have, or a group.
    UnknownField,
    /// Fields not in ascending order.
    Order,
    /// A singular field twice, or two members of a oneof.
    Repeated,
    /// A varint longer than needed.
    NotMinimal,
    /// A varint that does not fit its type.
    OutOfRange,
    /// A field without presence written at its default.
    DefaultWritten,
    /// Repeated scalars not packed into exactly one field.
    NotPacked,
    /// An enum value that the schema does not have.
    EnumUnknown,
    /// An enum at 0, or absent though it has no presence.
    EnumUnspecified,
    /// A string that is not UTF-8.
    Utf8,
}

/// Where and how bytes are not canonical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?} at byte {offset}, {message}.{field}")]
pub struct Breach {
    /// What is wrong.
    pub kind: BreachKind,
    /// Where in the statement, in bytes.
    pub offset: usize,
    /// In which message.
    pub message: &'static str,
    /// In which field; empty where there is none.
    pub field: &'static str,
}

/// Checks that bytes are the canonical encoding of a `letopis.statement.v1.Statement`.
///
/// # Errors
/// The first [`Breach`].
pub fn check(statement: &[u8]) -> Result<(), Breach> {
    let mut walker = Walker { bytes: statement, at: 0, message: "Statement", field: "" };
    if statement.len() > STATEMENT_BYTES_MAX {
        return Err(walker.breach(BreachKind::TooLarge));
    }
    match SCHEMA.first() {
        Some(schema) => walker.message(schema, statement.len(), DEPTH_MAX),
        None => Err(walker.breach(BreachKind::UnknownField)),
    }
}

const VARINT: u64 = 0;
const LENGTH_DELIMITED: u64 = 2;

struct Walker<'a> {
    bytes: &'a [u8],
    at: usize,
    message: &'static str,
    field: &'static str,
}

impl Walker<'_> {
    fn breach(&self, kind: BreachKind) -> Breach {
        Breach { kind, offset: self.at, message: self.message, field: self.field }
    }

    fn message(
        &mut self,
        schema: &'static MessageSchema,
        end: usize,
        depth: u32,
    ) -> Result<(), Breach> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.breach(BreachKind::UnknownField));
        };
        let mut last = 0;
        let mut oneof_written = false;
        let mut enums = schema.fields.iter().filter(|field| is_required_enum(field)).peekable();
        while self.at < end {
            (self.message, self.field) = (schema.name, "");
            let start = self.at;
            let tag = self.varint(end)?;
            let found = schema.fields.iter().find(|field| u64::from(field.number) == tag >> 3);
            let Some(field) = found else {
                self.at = start;
                return Err(self.breach(BreachKind::UnknownField));
            };
            self.field = field.name;
            self.place(field, last, &mut oneof_written)?;
            while let Some(required) = enums.next_if(|required| required.number <= field.number) {
                if required.number < field.number {
                    self.field = required.name;
                    return Err(self.breach(BreachKind::EnumUnspecified));
                }
            }
            self.value(field, tag & 7, end, depth)?;
            last = field.number;
        }
        if let Some(required) = enums.next() {
            (self.message, self.field) = (schema.name, required.name);
            return Err(self.breach(BreachKind::EnumUnspecified));
        }
        Ok(())
    }

    /// Ascending order, singular fields once, one member of a oneof.
    fn place(&self, field: &FieldSchema, last: u32, oneof: &mut bool) -> Result<(), Breach> {
        if field.presence == Presence::OneofMember && std::mem::replace(oneof, true) {
            return Err(self.breach(BreachKind::Repeated));
        }
        if field.number > last {
            return Ok(());
        }
        Err(self.breach(match (field.number == last, field.presence) {
            (false, _) => BreachKind::Order,
            (true, Presence::Repeated) if !is_scalar(field.ty) => return Ok(()),
            (true, Presence::Repeated) => BreachKind::NotPacked,
            (true, _) => BreachKind::Repeated,
        }))
    }

    fn value(
        &mut self,
        field: &'static FieldSchema,
        wire: u64,
        end: usize,
        depth: u32,
    ) -> Result<(), Breach> {
        let packed = field.presence == Presence::Repeated && is_scalar(field.ty);
        match (is_scalar(field.ty), wire) {
            (true, VARINT) if packed => Err(self.breach(BreachKind::NotPacked)),
            (true, VARINT) => {
                let value = self.scalar(field, end)?;
                self.not_default(field, value == 0)
            }
            (true, LENGTH_DELIMITED) if packed => {
                let end = self.length(end)?;
                if self.at == end {
                    return Err(self.breach(BreachKind::NotPacked));
                }
                while self.at < end {
                    self.scalar(field, end)?;
                }
                Ok(())
            }
            (false, LENGTH_DELIMITED) => self.delimited(field, end, depth),
            (_, 3 | 4) => Err(self.breach(BreachKind::UnknownField)),
            _ => Err(self.breach(BreachKind::WireType)),
        }
    }

    fn delimited(
        &mut self,
        field: &'static FieldSchema,
        end: usize,
        depth: u32,
    ) -> Result<(), Breach> {
        let end = self.length(end)?;
        if let FieldType::Message(inner) = field.ty {
            let Some(schema) = SCHEMA.get(inner) else {
                return Err(self.breach(BreachKind::UnknownField));
            };
            return self.message(schema, end, depth);
        }
        self.not_default(field, self.at == end)?;
        let value = self.bytes.get(self.at..end).unwrap_or_default();
        if field.ty == FieldType::String && std::str::from_utf8(value).is_err() {
            return Err(self.breach(BreachKind::Utf8));
        }
        self.at = end;
        Ok(())
    }

    fn not_default(&self, field: &FieldSchema, default: bool) -> Result<(), Breach> {
        if default && field.presence == Presence::Implicit {
            return Err(self.breach(BreachKind::DefaultWritten));
        }
        Ok(())
    }

    fn scalar(&mut self, field: &FieldSchema, end: usize) -> Result<u64, Breach> {
        let start = self.at;
        let value = self.varint(end)?;
        let kind = match field.ty {
            FieldType::Bool if value > 1 => BreachKind::OutOfRange,
            FieldType::Uint32 | FieldType::Sint32 if value > u64::from(u32::MAX) => {
                BreachKind::OutOfRange
            }
            FieldType::Enum(_) if value == 0 => BreachKind::EnumUnspecified,
            FieldType::Enum(known)
                if !known.iter().any(|number| u64::try_from(*number) == Ok(value)) =>
            {
                BreachKind::EnumUnknown
            }
            _ => return Ok(value),
        };
        self.at = start;
        Err(self.breach(kind))
    }

    /// The end of a length-delimited value that begins after its length.
    fn length(&mut self, end: usize) -> Result<usize, Breach> {
        let length = self.varint(end)?;
        usize::try_from(length)
            .ok()
            .and_then(|length| self.at.checked_add(length))
            .filter(|value_end| *value_end <= end)
            .ok_or_else(|| self.breach(BreachKind::Truncated))
    }

    fn varint(&mut self, end: usize) -> Result<u64, Breach> {
        let start = self.at;
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let Some(byte) = self.bytes.get(self.at).filter(|_| self.at < end) else {
                return Err(self.breach(BreachKind::Truncated));
            };
            self.at += 1;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && *byte > 1 {
                self.at = start;
                return Err(self.breach(BreachKind::OutOfRange));
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                if bits == 0 && shift > 0 {
                    self.at = start;
                    return Err(self.breach(BreachKind::NotMinimal));
                }
                return Ok(value);
            }
        }
        self.at = start;
        Err(self.breach(BreachKind::OutOfRange))
    }
}

const fn is_scalar(ty: FieldType) -> bool {
    !matches!(ty, FieldType::Bytes | FieldType::String | FieldType::Message(_))
}

const fn is_required_enum(field: &FieldSchema) -> bool {
    matches!((field.ty, field.presence), (FieldType::Enum(_), Presence::Implicit))
}

#[cfg(test)]
mod tests;
