//! The court (чл. 27–30 ЗЗДет).

use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::rule::Verdict;
use crate::file::FileState;

super::rule::rules! {}

/// What the court was asked and decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Court {}

impl Court {
    /// Is a request undecided, or does a term of the court run?
    pub(crate) const fn is_open(&self, _now: i64) -> bool {
        false
    }
}

pub(super) fn decide(_asked: &Asked<'_>) -> Verdict {
    Ok(())
}

pub(super) fn evolve(_file: &mut FileState, _deed: &Deed<'_>, _happened: &mut Happened<'_>) {}
