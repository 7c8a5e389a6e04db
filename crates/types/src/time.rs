//! Time as the log writes it down.

/// Nanoseconds since 1970 UTC.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// From whole seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// Whole seconds since 1970 UTC, rounded down. Fits: u64 nanoseconds end in the year 2554.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        (self.0 / 1_000_000_000) as i64
    }

    /// The nanoseconds beyond [`Self::seconds`].
    #[must_use]
    pub const fn subsec_nanos(self) -> u32 {
        (self.0 % 1_000_000_000) as u32
    }
}
