//! For auditors, from a data directory alone: is the state what the record gives, and what does an
//! inspection ask of the record?
//!
//! In scope: the state rebuilt from the record and compared row by row ([`replay`]); the findings of a
//! verified record as typed data ([`audit`], [`Report`]): what was late, done under an exception, read
//! outside of case work, disputed, refused, left open or changed. Out of scope: verifying, which the
//! ledger does; how a report looks in a language and on paper; whether a finding is a fault of anybody.
//!
//! Invariants:
//! - a report is of a record that verifies: it is computed by the pass that verifies it, with the
//!   ledger's own folds, so that a mark or a clock's reading is what the ledger says of it;
//! - it holds ids and facts only, nothing of a section;
//! - each list is bounded, and counts what it leaves out;
//! - nothing in the data directory is written.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::expect_used,
        clippy::panic,
        reason = "tests may panic"
    )
)]

mod acts;
mod auditor;
mod clocks;
mod event;
mod readings;
mod replay;
mod report;
mod scope;

pub use auditor::audit;
pub use event::{EventRef, Listed, Named, Shown, SignerRef, Time};
pub use replay::{Compared, Rebuilt, ReplayError, replay};
pub use report::{
    AccessFinding, ActFinding, ActState, Change, ChangeFinding, ClockFinding, ClockRuleRef,
    DeniedFinding, DeniedOf, EmergencyAccess, Explanation, LedgerRef, MarkedFinding, ReadBy,
    ReadingFinding, Readings, RecordRef, RefusalOf, Refusals, Report, Review, ReviewOf,
    Supervision, SupervisionOf, Why, WordsRef,
};
pub use scope::{LATE_ENTRY_SECONDS, Scope};
