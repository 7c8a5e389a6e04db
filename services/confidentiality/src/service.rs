//! The service: one method per RPC, each of them short.

use letopis_ledger::Ledger;
use letopis_ledger::token::Caller;
use letopis_proto::confidentiality::v1 as proto;
use letopis_proto::confidentiality::v1::confidentiality_service_server::{
    ConfidentialityService, ConfidentialityServiceServer,
};
use letopis_service_rpc::{Answers, Authority, Deadline, MESSAGE_BYTES_MAX, Settings, admit};
use letopis_types::Sequence;
use prost::Message;
use tonic::{Request, Response, Status};

use crate::{file, readings, sections};

/// Messages that wait for a slow reader.
const WAITING: usize = 4;

/// The longest request: 200 ids and what is around them.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// ConfidentialityService for one ledger.
#[derive(Debug, Clone)]
pub struct ConfidentialityApi {
    ledger: Ledger,
    settings: Settings,
}

/// A method's full name, as tokens name it.
macro_rules! method {
    ($name:literal) => {
        concat!("letopis.confidentiality.v1.ConfidentialityService/", $name)
    };
}

impl ConfidentialityApi {
    /// For a ledger.
    #[must_use]
    pub fn new(ledger: Ledger, settings: Settings) -> Self {
        Self { ledger, settings }
    }

    /// As a tonic service, with its bounds.
    #[must_use]
    pub fn into_service(self) -> ConfidentialityServiceServer<Self> {
        ConfidentialityServiceServer::new(self)
            .max_decoding_message_size(REQUEST_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX)
    }

    /// Who calls, and the message. Asked first of all.
    async fn admit<T: Message + 'static>(
        &self,
        method: &'static str,
        request: Request<T>,
    ) -> Result<(Caller, T), Status> {
        admit(&self.ledger, &self.settings, method, request).await
    }
}

#[tonic::async_trait]
impl ConfidentialityService for ConfidentialityApi {
    type WatchReadingsStream = Answers<proto::WatchReadingsResponse>;

    async fn get_sections(
        &self,
        request: Request<proto::GetSectionsRequest>,
    ) -> Result<Response<proto::GetSectionsResponse>, Status> {
        let (caller, request) = self.admit(method!("GetSections"), request).await?;
        Ok(Response::new(sections::get_sections(&self.ledger, &caller, request).await?))
    }

    async fn get_case_file(
        &self,
        request: Request<proto::GetCaseFileRequest>,
    ) -> Result<Response<proto::GetCaseFileResponse>, Status> {
        let (caller, request) = self.admit(method!("GetCaseFile"), request).await?;
        Ok(Response::new(file::get_case_file(&self.ledger, &caller, request).await?))
    }

    async fn list_readings(
        &self,
        request: Request<proto::ListReadingsRequest>,
    ) -> Result<Response<proto::ListReadingsResponse>, Status> {
        let (caller, request) = self.admit(method!("ListReadings"), request).await?;
        Ok(Response::new(readings::list_readings(&self.ledger, &caller, request).await?))
    }

    async fn list_access(
        &self,
        request: Request<proto::ListAccessRequest>,
    ) -> Result<Response<proto::ListAccessResponse>, Status> {
        let (caller, request) = self.admit(method!("ListAccess"), request).await?;
        Ok(Response::new(readings::list_access(&self.ledger, &caller, request).await?))
    }

    async fn explain_access(
        &self,
        request: Request<proto::ExplainAccessRequest>,
    ) -> Result<Response<proto::ExplainAccessResponse>, Status> {
        let (caller, request) = self.admit(method!("ExplainAccess"), request).await?;
        Ok(Response::new(readings::explain_access(&self.ledger, &caller, request).await?))
    }

    async fn watch_readings(
        &self,
        request: Request<proto::WatchReadingsRequest>,
    ) -> Result<Response<Self::WatchReadingsStream>, Status> {
        let (metadata, extensions, message) = request.into_parts();
        let deadline = Deadline::of(&extensions);
        let method = method!("WatchReadings");
        let (authority, request) =
            Authority::of_message(&self.ledger, &self.settings, &metadata, method, message).await?;
        authority.caller()?;
        let cases = readings::cases(&request)?;
        let (ledger, from) = (self.ledger.clone(), Sequence(request.from_sequence));
        let watch = move |authority, sender| async move {
            readings::watch_readings(&ledger, &authority, cases, from, &sender).await
        };
        Ok(Response::new(authority.answer(&self.settings, deadline, WAITING, watch)))
    }
}
