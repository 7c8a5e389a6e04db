//! How a client goes about its calls.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letopis_proto::statement::v1::Purpose;

use crate::identity::TokenSigner;
use crate::retry::Retry;
use crate::tls::Tls;

/// How a client goes about its calls. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long one attempt of a call may take; in a stream, how long an answer may be waited for.
    pub timeout: Duration,
    /// When the same is sent again.
    pub retry: Retry,
    /// How often, while statements are streamed, the newest checkpoint is proven against the last
    /// one and remembered.
    pub check_interval: Duration,
    /// Who makes the calls, and what for: each then carries a token. `None`: calls go without,
    /// which only an open trial server takes.
    pub acting_as: Option<ActingAs>,
    /// How an `https` server is recognized; `None`: `https` is refused.
    pub tls: Option<Arc<Tls>>,
    /// By what clock tokens are dated: the system's, but for a trial whose server has a simulated one.
    pub clock: TokenClock,
}

impl Default for Options {
    /// 10 seconds for a call, a check each second, no caller, no TLS, the system's clock.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            retry: Retry::default(),
            check_interval: Duration::from_secs(1),
            acting_as: None,
            tls: None,
            clock: TokenClock::SYSTEM,
        }
    }
}

/// Tells the time that tokens are dated by.
#[derive(Clone)]
pub struct TokenClock(Option<Arc<dyn Fn() -> SystemTime + Send + Sync>>);

impl TokenClock {
    /// The system's clock.
    pub const SYSTEM: Self = Self(None);

    /// A clock that asks `now`.
    #[must_use]
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(now)))
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.as_ref().map_or_else(SystemTime::now, |now| now())
    }
}

impl fmt::Debug for TokenClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenClock")
    }
}

/// Who makes calls, and what for.
#[derive(Clone)]
pub struct ActingAs {
    pub(crate) signer: Arc<dyn TokenSigner>,
    pub(crate) purpose: Purpose,
}

impl ActingAs {
    /// With the token key that this signer holds, for this purpose.
    #[must_use]
    pub fn new(signer: Arc<dyn TokenSigner>, purpose: Purpose) -> Self {
        Self { signer, purpose }
    }
}

impl fmt::Debug for ActingAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActingAs")
            .field("actor", &self.signer.actor())
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}
