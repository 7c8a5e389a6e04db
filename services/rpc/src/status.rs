//! Errors as gRPC statuses with google.rpc details, and as values within a stream.

use std::collections::HashMap;
use std::time::Duration;

use letopis_domain::Refusal;
use letopis_ledger::{LedgerError, NotFound, Unavailable};
use letopis_proto::error::v1::{self as proto, Reason};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The domain of every reason.
const DOMAIN: &str = "letopis";

/// When the same may be sent again.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// What a caller is told.
#[derive(Debug, Clone)]
pub struct Told {
    code: Code,
    reason: Reason,
    message: String,
    metadata: Vec<(&'static str, String)>,
}

impl Told {
    /// With a reason, and a message for a person.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code: code(reason), reason, message, metadata: Vec::new() }
    }

    /// A request that lacks something or contradicts itself.
    pub fn request(field: &'static str, message: impl Into<String>) -> Self {
        let metadata = vec![("field", field.to_owned())];
        Self { metadata, ..Self::new(Reason::RequestInvalid, message) }
    }

    /// The deadline passed.
    #[must_use]
    pub fn deadline() -> Self {
        Self::new(
            Reason::DeadlineExceeded,
            "the deadline passed before the answer; the statement may have been recorded: send \
             exactly the same again",
        )
    }

    /// The server is going down.
    #[must_use]
    pub fn shutting_down() -> Self {
        Self::new(Reason::ShuttingDown, "the server is going down: come again a little later")
    }

    /// A thread that was to answer ended without a word.
    pub fn lost() -> Self {
        Self::new(Reason::RecordUnavailable, "the answer was lost: ask again")
    }

    /// No room for the call or its message.
    pub fn overloaded() -> Self {
        Self::new(
            Reason::Overloaded,
            "more is on its way to the server than it takes in at once: send the same again a \
             little later",
        )
    }

    /// A message that keeps room for too long.
    pub fn too_slow() -> Self {
        Self::new(
            Reason::DeadlineExceeded,
            "the message came too slowly and was not taken: send the same again",
        )
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self.reason, Reason::Overloaded | Reason::ShuttingDown).then_some(RETRY_AFTER)
    }

    /// Within a stream, where an error does not end the call.
    pub fn into_value(self) -> proto::Error {
        let retry_after_ms = self.retry_after().map(|after| after.as_millis() as u32);
        let metadata = self.metadata.into_iter().map(|(name, value)| (name.to_owned(), value));
        proto::Error {
            code: self.code.into(),
            reason: self.reason.into(),
            metadata: metadata.collect(),
            message: self.message,
            retry_after_ms,
        }
    }
}

impl From<LedgerError> for Told {
    fn from(error: LedgerError) -> Self {
        let reason = error.reason();
        Self { metadata: error.particulars(), ..Self::new(reason, error.to_string()) }
    }
}

impl From<NotFound> for Told {
    fn from(not_found: NotFound) -> Self {
        LedgerError::from(not_found).into()
    }
}

impl From<Unavailable> for Told {
    fn from(unavailable: Unavailable) -> Self {
        LedgerError::from(unavailable).into()
    }
}

impl From<Told> for Status {
    fn from(told: Told) -> Self {
        let mut details = ErrorDetails::new();
        let reason = told.reason.as_str_name();
        let metadata: HashMap<String, String> =
            told.metadata.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        details.set_error_info(reason.strip_prefix("REASON_").unwrap_or(reason), DOMAIN, metadata);
        if let Some((_, field)) = told.metadata.iter().find(|(name, _)| *name == "field") {
            details.add_bad_request_violation(field.clone(), told.message.clone());
        }
        if let Some(after) = told.retry_after() {
            details.set_retry_info(Some(after));
        }
        Self::with_error_details(told.code, told.message, details)
    }
}

/// The gRPC code of a reason.
fn code(reason: Reason) -> Code {
    use Reason as R;
    match reason {
        R::SeenStale | R::SeenMissing => Code::Aborted,
        R::SeenUnknown | R::ReferenceUnknown | R::NotInForce | R::PolicyMissing | R::LegalHold => {
            Code::FailedPrecondition
        }
        R::EventIdTaken | R::ActorAlreadyEnrolled | R::KeyAlreadyEnrolled => Code::AlreadyExists,
        R::ActorUnknown
        | R::KeyUnknown
        | R::KeyNotInForce
        | R::GrantMissing
        | R::GrantUnknown
        | R::GrantNotInForce
        | R::RoleWrong
        | R::RegistrarsMissing
        | R::HolderMissing
        | R::LedgerKind
        | R::RoleNotInForce
        | R::QualificationExpired
        | R::ConflictDeclared
        | R::NotDelegated
        | R::HolderAlone
        | R::AccessDenied
        | R::PurposeNotOfRole
        | R::PolicyRefuses
        | R::SelfReview
        | R::AuthorityChanged => Code::PermissionDenied,
        R::EventNotFound | R::StreamNotFound | R::SectionUnknown => Code::NotFound,
        R::SequenceOutOfRange => Code::OutOfRange,
        R::TokenMissing
        | R::TokenInvalid
        | R::TokenExpired
        | R::TokenForAnotherCall
        | R::TokenKeyWrong
        | R::TokenReused => Code::Unauthenticated,
        R::Overloaded | R::DiskFull => Code::ResourceExhausted,
        R::ShuttingDown | R::RecordUnavailable | R::StreamExpired => Code::Unavailable,
        R::DeadlineExceeded => Code::DeadlineExceeded,
        _ => Code::InvalidArgument,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_carries_reason_field_and_retry() {
        let status = Status::from(Told::request("page_size", "too large"));
        let details = status.get_error_details();
        let info = details.error_info().map(|info| (info.reason.as_str(), info.domain.as_str()));
        assert_eq!(info, Some(("REQUEST_INVALID", "letopis")));
        assert!(details.bad_request().is_some());
        assert_eq!(status.code(), Code::InvalidArgument);

        let status = Status::from(Told::shutting_down());
        let retry = status.get_error_details().retry_info().map(|info| info.retry_delay);
        assert_eq!(retry, Some(Some(RETRY_AFTER)));
        assert_eq!(status.code(), Code::Unavailable);
    }
}
