//! What is wrong with a record on disk, and where.

use std::io;

use letopis_types::{LedgerId, Sequence};

/// A fault in a record, by where it lies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{segment}, offset {offset}, sequence {sequence}: {what}")]
pub struct Fault {
    /// The file's name in the record's directory.
    pub segment: String,
    /// Offset in that file, in bytes: of the fault, or of the structure that does not check.
    pub offset: u64,
    /// The event that it concerns, or the first one of its frame or segment.
    pub sequence: Sequence,
    /// What is wrong.
    pub what: What,
}

/// What is wrong at a place of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum What {
    /// A file that belongs to no record.
    #[error("a file of this name does not belong here")]
    UnknownFile,
    /// A torn tail that no operator has looked at.
    #[error("a torn tail was set aside here; look at it, then rename it to acknowledged-…")]
    TornTail,
    /// The log goes on in a segment that is not there.
    #[error("this segment is missing")]
    SegmentMissing,
    /// The file could not be read.
    #[error("could not be read: {error}")]
    Unreadable {
        /// What the system said.
        error: String,
    },
    /// A structure goes beyond the end of what holds it.
    #[error("the {structure} goes beyond the end")]
    Truncated {
        /// Which structure.
        structure: Structure,
    },
    /// Not the eight bytes that the structure begins with.
    #[error("no {structure} begins here")]
    Magic {
        /// Which structure.
        structure: Structure,
    },
    /// The BLAKE3 hash in the structure is not that of its bytes.
    #[error("the checksum of the {structure} is wrong")]
    Checksum {
        /// Which structure.
        structure: Structure,
    },
    /// A segment of another ledger.
    #[error("the segment is of ledger {found}")]
    Ledger {
        /// Whose it is.
        found: LedgerId,
    },
    /// A structure or link that says it stands elsewhere in the log.
    #[error("the {structure} says sequence {found} where {expected} comes next")]
    Sequence {
        /// Which structure.
        structure: Structure,
        /// What comes next.
        expected: Sequence,
        /// What it says.
        found: Sequence,
    },
    /// Not the hash of the link before, or of the last one.
    #[error("the {structure} does not hold the right link hash")]
    LinkHash {
        /// Which structure.
        structure: Structure,
    },
    /// A link that was recorded before the one before it.
    #[error("recorded before the event before it")]
    Time,
    /// A footer that says it stands at another offset.
    #[error("the footer says it is at offset {found}")]
    FooterOffset {
        /// What it says.
        found: u64,
    },
    /// A frame whose number of events is zero, or more than its length could hold.
    #[error("{count} events in a body of {length} bytes")]
    Count {
        /// How many, as it says.
        count: u32,
        /// The body's length in bytes, as it says.
        length: u32,
    },
    /// A frame that knew more events durable than came before it.
    #[error("{durable} events known durable before there were as many")]
    Durable {
        /// How many, as it says.
        durable: Sequence,
    },
    /// Bytes in a body after its last event.
    #[error("{bytes} bytes after the last event of the frame")]
    BytesAfter {
        /// How many.
        bytes: u64,
    },
    /// The last segment is one that another came after.
    #[error("the last segment ends with a footer; the segment after it is missing")]
    FooterAtEnd,
    /// Bytes other than zeros after the last frame.
    #[error("bytes other than zeros after the last frame, the first at offset {first}")]
    NotZeros {
        /// The first one's offset in the file.
        first: u64,
    },
    /// The head file is not text.
    #[error("not a text")]
    NotText,
}

/// A structure of the record's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// With which a segment begins.
    Header,
    /// A group of events.
    Frame,
    /// An event in a frame.
    Event,
    /// With which a segment ends that is not the last.
    Footer,
}

impl std::fmt::Display for Structure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Frame => "frame",
            Self::Event => "event",
            Self::Footer => "footer",
        })
    }
}

impl From<io::Error> for What {
    fn from(error: io::Error) -> Self {
        Self::Unreadable { error: error.to_string() }
    }
}
