//! What every refusal tells its caller.

use letopis_proto::error::v1::Reason;

/// A refusal with a public reason. Its `Display` is for a person, and says what to do.
pub trait Refusal: std::error::Error {
    /// The public reason.
    fn reason(&self) -> Reason;

    /// Particulars by name, as the reason's text promises them. No personal data.
    fn particulars(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}
