//! Deadlines: the caller's `grpc-timeout`, honoured and answered with DEADLINE_EXCEEDED.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tonic::Status;
use tonic::metadata::MetadataMap;

use crate::status::Told;

/// The transport answers CANCELLED when the same deadline passes; this answer comes just before.
const MARGIN: Duration = Duration::from_millis(5);

/// Longer than any call lasts.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// When a call must have been answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn of(metadata: &MetadataMap) -> Self {
        let timeout = metadata
            .get("grpc-timeout")
            .and_then(|value| parse(value.to_str().ok()?))
            .unwrap_or(FOREVER)
            .min(FOREVER);
        Self(Instant::now() + timeout.saturating_sub(MARGIN))
    }

    /// The answer, or DEADLINE_EXCEEDED.
    pub(crate) async fn guard<T>(
        self,
        answer: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Status> {
        timeout_at(self.0, answer).await.unwrap_or_else(|_| Err(Told::deadline().into()))
    }

    /// Waits until it has passed.
    pub(crate) async fn passed(self) {
        tokio::time::sleep_until(self.0).await;
    }
}

/// At most 8 digits and a unit, as the gRPC specification says.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(value * 3600),
        "M" => Duration::from_secs(value * 60),
        "S" => Duration::from_secs(value),
        "m" => Duration::from_millis(value),
        "u" => Duration::from_micros(value),
        "n" => Duration::from_nanos(value),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_specified() {
        assert_eq!(parse("1H"), Some(Duration::from_secs(3600)));
        assert_eq!(parse("250m"), Some(Duration::from_millis(250)));
        assert_eq!(parse("99999999n"), Some(Duration::from_nanos(99_999_999)));
        for bad in ["", "S", "1", "1x", "-1S", "999999999S", "1 S"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
