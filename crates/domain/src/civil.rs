//! Civil time, where the ledger's people live.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The name of [`SOFIA`] in the tz database.
pub const ZONE: &str = "Europe/Sofia";

/// The zone in which civil days, quarters and years are counted, wherever the ledger runs: of the bundled tz
/// database, never of the machine's, so that the same record is of the same days everywhere.
pub static SOFIA: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZoneDatabase::bundled().get(ZONE).unwrap_or(TimeZone::UTC));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sofia_is_known() {
        assert_eq!(SOFIA.iana_name(), Some(ZONE));
    }
}
