//! What went wrong with a call: refused, or worth sending again.

use std::collections::BTreeMap;
use std::time::Duration;

use letopis_proto::error::v1::{self as proto, Reason};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::error::{Refused, Usage};
use crate::tls;

/// The domain of the reasons in google.rpc.ErrorInfo.
const DOMAIN: &str = "letopis";

/// What went wrong with a call, by what is done about it.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The same will be refused again.
    Refused(Refused),
    /// Something on this side is wrong: nothing is sent again.
    Own(Usage),
    /// The same may be sent again.
    Again {
        /// Not before this much time has passed.
        retry_after: Option<Duration>,
        /// Why, where the server said it.
        reason: Reason,
        /// Why, for a person to read.
        message: String,
    },
}

impl Fault {
    /// No answer came in time.
    pub(crate) fn deadline() -> Self {
        Self::Again {
            retry_after: None,
            reason: Reason::DeadlineExceeded,
            message: "no answer came in time".to_owned(),
        }
    }

    /// The server ended a stream that should have gone on.
    pub(crate) fn ended() -> Self {
        Self::Again {
            retry_after: None,
            reason: Reason::Unspecified,
            message: "the server ended the stream".to_owned(),
        }
    }

    /// An error within a stream.
    pub(crate) fn from_value(error: proto::Error) -> Self {
        let reason = Reason::try_from(error.reason).unwrap_or(Reason::Unspecified);
        let retry_after = error.retry_after_ms.map(|ms| Duration::from_millis(ms.into()));
        Self::new(
            Refused {
                reason,
                code: Code::from_i32(error.code),
                message: error.message,
                metadata: error.metadata.into_iter().collect(),
            },
            retry_after,
        )
    }

    fn new(refused: Refused, retry_after: Option<Duration>) -> Self {
        let again = match refused.reason {
            Reason::Overloaded
            | Reason::ShuttingDown
            | Reason::DeadlineExceeded
            | Reason::RecordUnavailable
            // With a new token, and decided anew.
            | Reason::StreamExpired
            | Reason::AuthorityChanged => true,
            Reason::Unspecified => retry_after.is_some() || is_transport(refused.code),
            _ => retry_after.is_some(),
        };
        if again {
            Self::Again { retry_after, reason: refused.reason, message: refused.message }
        } else {
            Self::Refused(refused)
        }
    }
}

impl From<Usage> for Fault {
    fn from(usage: Usage) -> Self {
        Self::Own(usage)
    }
}

impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        if let Some(reason) = tls::refusal(&status) {
            return Self::Own(Usage::Certificate { reason });
        }
        let info = status.get_details_error_info().filter(|info| info.domain == DOMAIN);
        let (reason, metadata) = match info {
            Some(info) => (
                Reason::from_str_name(&format!("REASON_{}", info.reason)),
                info.metadata.into_iter().collect(),
            ),
            None => (None, BTreeMap::new()),
        };
        let retry_after = status.get_details_retry_info().and_then(|info| info.retry_delay);
        Self::new(
            Refused {
                reason: reason.unwrap_or(Reason::Unspecified),
                code: status.code(),
                message: status.message().to_owned(),
                metadata,
            },
            retry_after,
        )
    }
}

/// Codes with which a broken connection, a proxy or a lost thread shows itself. They come without
/// a reason; everything that is sent here may be sent twice.
const fn is_transport(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Cancelled
            | Code::Unknown
            | Code::Internal
    )
}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;

    fn status(code: Code, reason: &str, retry: Option<Duration>) -> Status {
        let mut details = ErrorDetails::new();
        details.set_error_info(reason, DOMAIN, [("version".to_owned(), "4".to_owned())]);
        if retry.is_some() {
            details.set_retry_info(retry);
        }
        Status::with_error_details(code, "told", details)
    }

    fn refused(fault: Fault) -> Option<Refused> {
        match fault {
            Fault::Refused(refused) => Some(refused),
            Fault::Again { .. } | Fault::Own(_) => None,
        }
    }

    #[test]
    fn details_and_values_say_the_same() {
        let from_status = refused(status(Code::Aborted, "SEEN_STALE", None).into()).unwrap();
        let from_value = refused(Fault::from_value(proto::Error {
            code: Code::Aborted.into(),
            reason: Reason::SeenStale.into(),
            message: "told".to_owned(),
            metadata: [("version".to_owned(), "4".to_owned())].into(),
            retry_after_ms: None,
        }));
        assert_eq!(from_status.reason, Reason::SeenStale);
        assert_eq!(from_status.metadata["version"], "4");
        assert_eq!(Some(from_status), from_value);
    }

    #[test]
    fn only_what_may_be_sent_again_is() {
        let second = Some(Duration::from_secs(1));
        for (code, reason, retry, again) in [
            (Code::ResourceExhausted, "OVERLOADED", second, true),
            (Code::Unavailable, "SHUTTING_DOWN", second, true),
            (Code::Unavailable, "RECORD_UNAVAILABLE", None, true),
            (Code::DeadlineExceeded, "DEADLINE_EXCEEDED", None, true),
            (Code::Unauthenticated, "STREAM_EXPIRED", None, true),
            (Code::PermissionDenied, "AUTHORITY_CHANGED", None, true),
            (Code::PermissionDenied, "ACCESS_DENIED", None, false),
            (Code::Aborted, "SEEN_STALE", None, false),
            (Code::AlreadyExists, "EVENT_ID_TAKEN", None, false),
            (Code::Unauthenticated, "TOKEN_REUSED", None, false),
            // A reason of a later version: what its server says about it counts.
            (Code::FailedPrecondition, "INVENTED", None, false),
            (Code::FailedPrecondition, "INVENTED", second, true),
        ] {
            let fault = Fault::from(status(code, reason, retry));
            assert_eq!(matches!(fault, Fault::Again { .. }), again, "{reason}");
        }
        for (code, again) in [
            (Code::Unavailable, true),
            (Code::Unknown, true),
            (Code::Cancelled, true),
            (Code::Unimplemented, false),
            (Code::InvalidArgument, false),
            (Code::OutOfRange, false),
        ] {
            let fault = Fault::from(Status::new(code, "no details"));
            assert_eq!(matches!(fault, Fault::Again { .. }), again, "{code:?}");
        }
    }

    #[test]
    fn another_domain_gives_no_reason() {
        let mut details = ErrorDetails::new();
        details.set_error_info("SEEN_STALE", "example.org", [("a".to_owned(), String::new())]);
        let status = Status::with_error_details(Code::Aborted, "told", details);
        let refused = refused(status.into()).unwrap();
        assert_eq!(refused.reason, Reason::Unspecified);
        assert!(refused.metadata.is_empty());
    }
}
