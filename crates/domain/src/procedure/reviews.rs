//! Visits, reviews, supervision, and why something was late.

use super::asked::{Asked, Deed, Happened};
use super::rule::Verdict;
use crate::file::FileState;

super::rule::rules! {}

pub(super) fn decide(_asked: &Asked<'_>) -> Verdict {
    Ok(())
}

pub(super) fn evolve(_file: &mut FileState, _deed: &Deed<'_>, _happened: &mut Happened<'_>) {}
