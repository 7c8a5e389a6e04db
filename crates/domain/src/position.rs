//! Position: the ledger gives a statement its place; `seen` says on which history it was decided.

use letopis_proto::error::v1::Reason;
use letopis_types::{Digest, Version};

use crate::refusal::Refusal;
use crate::statement::Seen;

/// The end of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamHead {
    /// How many statements it holds; 0: it does not exist.
    pub version: Version,
    /// The rolling head after that many; zeros before the first.
    pub head: Digest,
}

impl StreamHead {
    /// A stream that does not exist.
    pub const NONE: Self = Self { version: Version::ZERO, head: Digest::ZERO };
}

/// Why a statement has no place in its stream as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// A decision on a view that is no longer the present one.
    #[error(
        "the stream has {} events, and the decision was taken on {}: read what is new, decide \
         again, sign anew", present.version, seen.version
    )]
    Stale {
        /// What its author had seen.
        seen: Seen,
        /// The present head.
        present: StreamHead,
    },
    /// A head that the stream never had.
    #[error("the stream never had this head at version {}: read it again", seen.version)]
    Unknown {
        /// What its author says to have seen.
        seen: Seen,
    },
    /// A decision without `seen` on a stream that exists.
    #[error(
        "the stream has {} events, and the decision names none: read them, decide, sign anew",
        present.version
    )]
    Missing {
        /// The present head.
        present: StreamHead,
    },
}

impl Refusal for PositionError {
    fn reason(&self) -> Reason {
        match self {
            Self::Stale { .. } => Reason::SeenStale,
            Self::Unknown { .. } => Reason::SeenUnknown,
            Self::Missing { .. } => Reason::SeenMissing,
        }
    }

    fn particulars(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Stale { present, .. } | Self::Missing { present } => {
                vec![("version", present.version.to_string()), ("head", present.head.to_string())]
            }
            Self::Unknown { .. } => Vec::new(),
        }
    }
}

/// Does a statement with this `seen` have a place after the present head? `had` is the head that
/// the stream had at an earlier version.
///
/// # Errors
/// Why not. `E` passes through what `had` could not find out.
pub fn decide<E: From<PositionError>>(
    exclusive: bool,
    seen: Option<Seen>,
    present: StreamHead,
    had: impl FnOnce(Version) -> Result<Option<Digest>, E>,
) -> Result<(), E> {
    let Some(seen) = seen else {
        if exclusive && present != StreamHead::NONE {
            return Err(PositionError::Missing { present }.into());
        }
        return Ok(());
    };
    let is_present = seen.version == present.version && seen.head == present.head;
    if is_present {
        return Ok(());
    }
    // A head that never was is told apart from one that is stale, for both positions.
    let had = if seen.version < present.version { had(seen.version)? } else { None };
    if had != Some(seen.head) {
        return Err(PositionError::Unknown { seen }.into());
    }
    if exclusive {
        return Err(PositionError::Stale { seen, present }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADS: [Digest; 3] = [Digest([1; 32]), Digest([2; 32]), Digest([3; 32])];

    fn seen(version: u64, head: Digest) -> Option<Seen> {
        Some(Seen { version: Version(version), head })
    }

    fn decide_at(exclusive: bool, seen: Option<Seen>, version: u64) -> Result<(), PositionError> {
        let head = |v: Version| v.0.checked_sub(1).and_then(|at| HEADS.get(at as usize)).copied();
        let present = StreamHead {
            version: Version(version),
            head: head(Version(version)).unwrap_or(Digest::ZERO),
        };
        decide(exclusive, seen, present, |v| Ok(head(v)))
    }

    #[test]
    fn an_exclusive_statement_needs_the_present_head() {
        assert_eq!(decide_at(true, None, 0), Ok(()));
        assert_eq!(decide_at(true, seen(3, HEADS[2]), 3), Ok(()));
        assert!(matches!(decide_at(true, None, 3), Err(PositionError::Missing { .. })));
        assert!(matches!(decide_at(true, seen(2, HEADS[1]), 3), Err(PositionError::Stale { .. })));
    }

    #[test]
    fn an_additive_statement_needs_any_head_that_was() {
        for (version, head) in (1..).zip(HEADS) {
            assert_eq!(decide_at(false, seen(version, head), 3), Ok(()));
        }
        assert_eq!(decide_at(false, None, 0), Ok(()));
        assert_eq!(decide_at(false, None, 3), Ok(()));
    }

    #[test]
    fn a_head_that_never_was_is_refused() {
        for exclusive in [true, false] {
            for never in [seen(1, HEADS[1]), seen(4, HEADS[2]), seen(3, Digest([9; 32]))] {
                assert!(matches!(
                    decide_at(exclusive, never, 3),
                    Err(PositionError::Unknown { .. })
                ));
            }
        }
    }
}
