//! A statement as a form that a person fills in: YAML, with a commented template for each kind.
//!
//! In scope: templates, made from the protos, the procedure's table of sections and the sections'
//! schemas; reading a form strictly into what is to be signed. Out of scope: the ledger's rules.
//! Errors name the place and what may stand there, never what does.

mod codes;
mod fact;
mod read;
pub mod template;
mod time;
mod yaml_of;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use letopis_client::Draft;
use letopis_domain::statement::{OccurredAt, Reference, Seen};
use letopis_proto::KindInfo;
use letopis_proto::statement::v1::fact::Kind;
use letopis_types::{Class, Digest, Sequence, StreamKey, Version};

use crate::failure::Failure;
use crate::yaml::{self, Node, YamlError};

/// The most bytes of a form: enough for what 32 sections of that length are, in a file that a person
/// still opens.
pub const BYTES_MAX: u64 = 8 << 20;

/// What is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {path}{what}", path = place(.path))]
pub struct FormError {
    /// The line, from 1.
    pub line: usize,
    /// Where: the keys from the outside in, parted by dots; empty: the whole.
    pub path: String,
    /// What is wrong there, and what to write.
    pub what: String,
}

fn place(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}: ") }
}

impl From<YamlError> for FormError {
    fn from(error: YamlError) -> Self {
        Self { line: error.line, path: String::new(), what: error.what.to_owned() }
    }
}

/// A statement of the record, as a form names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pointer {
    /// By its place in the log.
    Sequence(Sequence),
    /// By its place in a stream.
    Version(StreamKey, Version),
}

/// What pointers were found to point at.
pub type Found = BTreeMap<Pointer, (StreamKey, Digest)>;

/// A section that was filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct FilledSection {
    /// Its class.
    pub class: Class,
    /// What is in it.
    pub payload_type: String,
    /// Its content: JSON.
    pub content: Vec<u8>,
    /// The line on which it begins, from 1.
    pub line: usize,
}

/// What a form says.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// The kind of fact.
    pub kind: &'static KindInfo,
    /// The stream.
    pub stream: StreamKey,
    /// The stream begins here: its id was made just now.
    pub begins: bool,
    /// When it happened.
    pub occurred_at: OccurredAt,
    /// What it refers to.
    pub references: Vec<Reference>,
    /// The fact.
    pub fact: Kind,
    /// Its sections.
    pub sections: Vec<FilledSection>,
    /// The ids that were made for it, and where.
    pub made: Vec<(String, uuid::Uuid)>,
    /// What is still to be looked up; where there is any, its hashes are zeros.
    pub wanted: BTreeSet<Pointer>,
}

/// A form.
#[derive(Debug, Clone)]
pub struct Form(Node);

impl Form {
    /// From a file of at most [`BYTES_MAX`].
    ///
    /// # Errors
    /// Why it is no form.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let file = File::open(path).map_err(Failure::io("open", path))?;
        let mut text = String::new();
        let bytes = file.take(BYTES_MAX + 1).read_to_string(&mut text);
        let bytes = bytes.map_err(Failure::io("read", path))? as u64;
        if bytes > BYTES_MAX {
            let most = BYTES_MAX >> 20;
            return Err(Failure::other(format!("{} is longer than {most} MiB", path.display())));
        }
        Self::parse(&text).map_err(|error| Failure::other(format!("{}: {error}", path.display())))
    }

    /// From its text.
    ///
    /// # Errors
    /// Where it is not YAML as [`yaml`] takes it.
    pub fn parse(text: &str) -> Result<Self, FormError> {
        Ok(Self(yaml::parse(text)?))
    }

    /// What it says, with what its pointers were found to point at.
    ///
    /// # Errors
    /// The first thing in it that is not as it must be.
    pub fn fill(&self, found: &Found) -> Result<Filled, FormError> {
        read::fill(&self.0, found)
    }
}

impl Filled {
    /// As a draft, on the history that its author has before them.
    #[must_use]
    pub fn draft(&self, seen: Option<Seen>) -> Draft {
        let mut draft = Draft::new(self.stream, self.fact.clone(), self.occurred_at);
        if let Some(seen) = seen {
            draft = draft.seen(seen);
        }
        for reference in &self.references {
            draft = draft.reference(*reference);
        }
        for section in &self.sections {
            draft =
                draft.section(section.class, section.payload_type.clone(), section.content.clone());
        }
        draft
    }
}
