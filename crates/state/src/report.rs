//! What happened when a state was opened, in words for the log.

use std::fmt;
use std::path::PathBuf;

use letopis_types::Sequence;

/// Why sled's files were not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// It was not stopped in order, and the system was started since, or can't say.
    #[error("it was not stopped in order before the system was started again")]
    OtherBoot,
    /// It is a copy of a state that was in use.
    #[error("it was copied, or moved between file systems, without having been stopped in order")]
    Copied,
    /// The process died while sled was being opened.
    #[error("the process died when it was last opened")]
    OpeningDied,
    /// It was never completed.
    #[error("it was being rebuilt and never completed")]
    Unfinished,
    /// sled failed while it was in use.
    #[error("it was found damaged while it was in use")]
    FoundDamaged,
    /// Nothing says how it was left.
    #[error("nothing says how it was left")]
    Unknown,
    /// sled panicked on it.
    #[error("sled panicked on it: {0}")]
    Panicked(String),
    /// sled did not return from opening it.
    #[error("sled did not open it within {0} s")]
    TimedOut(u64),
    /// sled refused it.
    #[error("sled refused it: {0}")]
    Refused(String),
    /// It has entries and no mark.
    #[error("it has entries, but no mark")]
    NoMark,
    /// Its entries are not those that its mark covers.
    #[error("a large change to it was interrupted, or sled lost or changed some of its entries")]
    OtherEntries,
    /// sled lost what it had: it is not at the mark of the clean stop, or behind a snapshot of it.
    #[error("it covers {found} events though it had covered {had}")]
    Rewound {
        /// What its mark says now.
        found: Sequence,
        /// What it was known to have.
        had: Sequence,
    },
    /// Its mark is of another ledger.
    #[error("it is of another ledger")]
    OtherLedger,
    /// Its entries are laid out in another way.
    #[error("it is of schema {0}")]
    OtherSchema(u32),
    /// The record does not have the link that its mark names.
    #[error("the record does not hold the {0} events that it covers")]
    NotOfRecord(Sequence),
}

/// A directory that was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Why.
    pub why: Distrust,
    /// Where it is now; `None` if it held nothing worth keeping and was removed.
    pub to: Option<PathBuf>,
}

/// Where the entries came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// sled's files as they were left.
    Kept {
        /// How many events they cover.
        size: Sequence,
    },
    /// The newest snapshot that was valid and of this record.
    Snapshot {
        /// How many events it covers.
        size: Sequence,
    },
    /// Nothing: everything is to be applied again.
    Empty,
}

/// What happened when a state was opened. Its text is for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Where the entries came from.
    pub origin: Origin,
    /// What was found and not used.
    pub set_aside: Option<SetAside>,
    /// Snapshots that were not used, and why. They were removed.
    pub refused_snapshots: Vec<(PathBuf, String)>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.set_aside {
            Some(SetAside { why, to: Some(to) }) => {
                write!(f, "the state was set aside as {} because {why}; ", to.display())?;
            }
            Some(SetAside { why, to: None }) => {
                write!(f, "the state was removed because {why}; ")?;
            }
            None => {}
        }
        for (path, why) in &self.refused_snapshots {
            write!(f, "the snapshot {} was removed because {why}; ", path.display())?;
        }
        match self.origin {
            Origin::Kept { size } => write!(f, "the state was kept and covers {size} events"),
            Origin::Snapshot { size } => {
                write!(f, "the state was begun anew from a snapshot of {size} events")
            }
            Origin::Empty => write!(f, "the state was begun anew and is empty"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_a_sentence() {
        let kept = Origin::Kept { size: Sequence(5) };
        let report = Report { origin: kept, set_aside: None, refused_snapshots: Vec::new() };
        assert_eq!(report.to_string(), "the state was kept and covers 5 events");
        let report = Report {
            origin: Origin::Snapshot { size: Sequence(3) },
            set_aside: Some(SetAside {
                why: Distrust::OtherBoot,
                to: Some("state/state.aside-1".into()),
            }),
            refused_snapshots: vec![("state/snapshot-4".into(), "it is damaged".to_owned())],
        };
        assert_eq!(
            report.to_string(),
            "the state was set aside as state/state.aside-1 because it was not stopped in order \
             before the system was started again; the snapshot state/snapshot-4 was removed because it \
             is damaged; the state was begun anew from a snapshot of 3 events"
        );
    }
}
