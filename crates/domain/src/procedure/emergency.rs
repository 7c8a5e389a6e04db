//! Urgent protection (чл. 33 ППЗЗДет, 36–41 ЗЗДет), a missing child.

use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::rule::Verdict;
use crate::file::FileState;

super::rule::rules! {}

/// Urgent protection in a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Emergency {}

impl Emergency {
    /// Does urgent protection go on, or is something due after it?
    pub(crate) const fn is_open(&self) -> bool {
        false
    }

    /// Is the child missing?
    pub(crate) const fn is_missing(&self) -> bool {
        false
    }
}

pub(super) fn decide(_asked: &Asked<'_>) -> Verdict {
    Ok(())
}

pub(super) fn evolve(_file: &mut FileState, _deed: &Deed<'_>, _happened: &mut Happened<'_>) {}
