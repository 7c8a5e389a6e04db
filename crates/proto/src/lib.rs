//! Generated code of the protos, and what the ledger has to know of each kind of fact.
//!
//! In scope: messages, service traits, the descriptors for reflection, and three tables that the
//! build takes from the descriptors: [`SCHEMA`] (the shape of a statement, for the canonical
//! check), [`KINDS`] (the option on each member of `Fact`) and [`COMMENTS`] (what the protos say of each
//! name, for those who fill statements in). Out of scope: any rule.
#![allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    reason = "generated code; its docs are the protos' comments"
)]
#![allow(clippy::all, clippy::allow_attributes_without_reason, reason = "generated code")]

/// What is signed and stored for ever.
pub mod statement {
    pub mod v1 {
        tonic::include_proto!("letopis.statement.v1");
    }
}

/// The RPCs of the ledger.
pub mod ledger {
    pub mod v1 {
        tonic::include_proto!("letopis.ledger.v1");
    }
}

/// The RPCs of who is responsible, and how it came about.
pub mod accountability {
    pub mod v1 {
        tonic::include_proto!("letopis.accountability.v1");
    }
}

/// The RPCs of who may see what.
pub mod confidentiality {
    pub mod v1 {
        tonic::include_proto!("letopis.confidentiality.v1");
    }
}

/// The reasons of errors.
pub mod error {
    pub mod v1 {
        tonic::include_proto!("letopis.error.v1");
    }
}

/// The compiled descriptors of all protos, for server reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The messages reachable from `Statement`; the first is `Statement` itself.
pub const SCHEMA: &[MessageSchema] = include!(concat!(env!("OUT_DIR"), "/schema.rs"));

/// The members of `Fact`, ascending by number.
pub const KINDS: &[KindInfo] = include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

/// What the protos say of the messages, fields, enums and values of statements, by name without the
/// package (`VisitRecorded`, `VisitRecorded.child_seen_alone`, `Class.CLASS_NORMAL`); ascending, in one
/// line each.
pub const COMMENTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/comments.rs"));

/// What the protos say of a message, field, enum or value; see [`COMMENTS`].
#[must_use]
pub fn comment(name: &str) -> Option<&'static str> {
    let at = COMMENTS.binary_search_by_key(&name, |(name, _)| name).ok()?;
    COMMENTS.get(at).map(|(_, text)| *text)
}

/// One message of [`SCHEMA`].
#[derive(Debug)]
pub struct MessageSchema {
    /// Its name without the package.
    pub name: &'static str,
    /// Its fields, ascending by number.
    pub fields: &'static [FieldSchema],
}

/// One field of a message.
#[derive(Debug)]
pub struct FieldSchema {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: FieldType,
    /// When it is written.
    pub presence: Presence,
}

/// The types that the format uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Bytes.
    Bytes,
    /// UTF-8.
    String,
    /// A flag.
    Bool,
    /// A varint of 32 bits.
    Uint32,
    /// A varint of 64 bits.
    Uint64,
    /// A zigzag varint of 32 bits.
    Sint32,
    /// A zigzag varint of 64 bits.
    Sint64,
    /// An enum with these numbers.
    Enum(&'static [i32]),
    /// A message, by its place in [`SCHEMA`].
    Message(usize),
}

/// When a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Omitted at its default.
    Implicit,
    /// Exactly when set.
    Explicit,
    /// Exactly when set, and then no other member is.
    OneofMember,
    /// Any number of times; scalars packed.
    Repeated,
}

/// What the ledger has to know of a kind of fact.
#[derive(Debug, PartialEq, Eq)]
pub struct KindInfo {
    /// Its number in `Fact`.
    pub number: u32,
    /// The message's name.
    pub name: &'static str,
    /// A decision on the present head of its stream.
    pub exclusive: bool,
    /// The numbers of the kinds of stream in which it may stand.
    pub streams: &'static [u32],
    /// May still change.
    pub unstable: bool,
    /// May not be kept off the record because delay endangers a child.
    pub urgent: bool,
}

impl KindInfo {
    /// The kind of that number.
    #[must_use]
    pub fn find(number: u32) -> Option<&'static Self> {
        KINDS.binary_search_by_key(&number, |kind| kind.number).ok().and_then(|at| KINDS.get(at))
    }

    /// The name of the kind of that number; empty: none is known.
    #[must_use]
    pub fn name_of(number: u32) -> &'static str {
        Self::find(number).map_or("", |kind| kind.name)
    }
}
