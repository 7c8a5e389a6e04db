//! Appeals of acts (чл. 84, 149 АПК, 27а ЗЗДет).

use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::rule::Verdict;
use crate::file::FileState;

super::rule::rules! {}

/// Appeals in a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Appeals {}

impl Appeals {
    /// Is an appeal undecided?
    pub(crate) const fn is_open(&self) -> bool {
        false
    }
}

pub(super) fn decide(_asked: &Asked<'_>) -> Verdict {
    Ok(())
}

pub(super) fn evolve(_file: &mut FileState, _deed: &Deed<'_>, _happened: &mut Happened<'_>) {}
