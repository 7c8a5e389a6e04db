//! Placement by order: the order, its service, its execution (чл. 25–30 ЗЗДет, АПК).

use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::rule::Verdict;
use crate::file::FileState;

super::rule::rules! {}

/// Orders and placements of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Placement {}

impl Placement {
    /// Is the child placed?
    pub(crate) const fn is_placed(&self) -> bool {
        false
    }
}

pub(super) fn decide(_asked: &Asked<'_>) -> Verdict {
    Ok(())
}

pub(super) fn evolve(_file: &mut FileState, _deed: &Deed<'_>, _happened: &mut Happened<'_>) {}
