//! When the same is sent again: exponentially later, at random, and not for ever.

use std::time::Duration;

use letopis_proto::error::v1::Reason;

use crate::error::ClientError;
use crate::fault::Fault;

/// A server that asks for a longer wait than this is given up instead.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);

/// How often, and how long after one another, the same is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How many attempts in a row may fail before it is given up; at least 1. In a stream, an
    /// answer begins a new row.
    pub attempts: u32,
    /// The longest pause after the first failure; it doubles with each further one.
    pub pause_first: Duration,
    /// The longest pause.
    pub pause_max: Duration,
}

impl Default for Retry {
    /// 8 attempts, over some 12 seconds at the most.
    fn default() -> Self {
        Self {
            attempts: 8,
            pause_first: Duration::from_millis(100),
            pause_max: Duration::from_secs(5),
        }
    }
}

/// The failures of one row of attempts.
#[derive(Debug)]
pub(crate) struct Backoff {
    policy: Retry,
    failed: u32,
}

impl Backoff {
    pub(crate) const fn new(policy: Retry) -> Self {
        Self { policy, failed: 0 }
    }

    /// An answer came: the next failure is the first of a new row.
    pub(crate) const fn answered(&mut self) {
        self.failed = 0;
    }

    /// Waits until the same may be sent again.
    ///
    /// # Errors
    /// The refusal, or that it is given up.
    pub(crate) async fn after(&mut self, fault: Fault) -> Result<(), ClientError> {
        match fault {
            Fault::Refused(refused) => Err(refused.into()),
            Fault::Own(usage) => Err(usage.into()),
            Fault::Again { retry_after, reason, message } => {
                let pause = self.pause(retry_after, getrandom::u64().unwrap_or(u64::MAX / 2));
                let pause = pause.ok_or_else(|| self.given_up(reason, message))?;
                tokio::time::sleep(pause).await;
                Ok(())
            }
        }
    }

    /// How long to wait: what the server asks for, and on top of it a random part of a bound that
    /// doubles, so that many clients do not come back together. `None`: give up.
    fn pause(&mut self, retry_after: Option<Duration>, random: u64) -> Option<Duration> {
        let doublings = self.failed.min(31);
        self.failed = self.failed.saturating_add(1);
        let retry_after = retry_after.unwrap_or_default();
        if self.failed >= self.policy.attempts || retry_after > RETRY_AFTER_MAX {
            return None;
        }
        let bound = self.policy.pause_first.saturating_mul(1 << doublings);
        let bound = bound.min(self.policy.pause_max);
        let part = random as f64 / u64::MAX as f64;
        Some(retry_after + bound.mul_f64(part))
    }

    fn given_up(&self, reason: Reason, message: String) -> ClientError {
        ClientError::Unavailable { attempts: self.failed, reason, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Retry = Retry {
        attempts: 4,
        pause_first: Duration::from_millis(100),
        pause_max: Duration::from_millis(150),
    };

    #[test]
    fn pauses_double_up_to_a_bound_and_end() {
        let mut backoff = Backoff::new(POLICY);
        assert_eq!(backoff.pause(None, u64::MAX), Some(Duration::from_millis(100)));
        assert_eq!(backoff.pause(None, u64::MAX), Some(Duration::from_millis(150)));
        assert_eq!(backoff.pause(None, 0), Some(Duration::ZERO));
        assert_eq!(backoff.pause(None, 0), None);
        backoff.answered();
        assert_eq!(backoff.pause(None, u64::MAX), Some(Duration::from_millis(100)));
    }

    #[test]
    fn what_the_server_asks_for_is_the_least() {
        let mut backoff = Backoff::new(POLICY);
        let asked = Duration::from_secs(2);
        assert_eq!(backoff.pause(Some(asked), 0), Some(asked));
        assert!(backoff.pause(Some(asked), u64::MAX).unwrap() > asked);
        assert_eq!(backoff.pause(Some(RETRY_AFTER_MAX * 2), 0), None);
    }
}
