//! The service: one method per RPC, each of them short.

use letopis_ledger::Ledger;
use letopis_ledger::token::Caller;
use letopis_proto::accountability::v1 as proto;
use letopis_proto::accountability::v1::accountability_service_server::{
    AccountabilityService, AccountabilityServiceServer,
};
use letopis_service_rpc::{Answers, Authority, Deadline, MESSAGE_BYTES_MAX, Settings, admit};
use prost::Message;
use tonic::{Request, Response, Status};

use crate::watch::{self, Watched};
use crate::{
    case, cases, clocks, decisions, duties, export, indicators, known, register, timeline, trace,
};

/// The longest request: some ids, and what is around them.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// Messages of a watch that wait to be sent.
const WAITING: usize = 16;

/// AccountabilityService for one ledger.
#[derive(Debug, Clone)]
pub struct AccountabilityApi {
    ledger: Ledger,
    settings: Settings,
}

/// A method's full name, as tokens name it.
macro_rules! method {
    ($name:literal) => {
        concat!("letopis.accountability.v1.AccountabilityService/", $name)
    };
}

impl AccountabilityApi {
    /// For a ledger.
    #[must_use]
    pub fn new(ledger: Ledger, settings: Settings) -> Self {
        Self { ledger, settings }
    }

    /// As a tonic service, with its bounds.
    #[must_use]
    pub fn into_service(self) -> AccountabilityServiceServer<Self> {
        AccountabilityServiceServer::new(self)
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
impl AccountabilityService for AccountabilityApi {
    type WatchClocksStream = Answers<proto::WatchClocksResponse>;
    type ExportLogStream = Answers<proto::ExportLogResponse>;

    async fn get_case(
        &self,
        request: Request<proto::GetCaseRequest>,
    ) -> Result<Response<proto::GetCaseResponse>, Status> {
        let (caller, request) = self.admit(method!("GetCase"), request).await?;
        Ok(Response::new(case::get_case(&self.ledger, &caller, request).await?))
    }

    async fn list_cases(
        &self,
        request: Request<proto::ListCasesRequest>,
    ) -> Result<Response<proto::ListCasesResponse>, Status> {
        let (caller, request) = self.admit(method!("ListCases"), request).await?;
        Ok(Response::new(cases::list_cases(&self.ledger, &caller, request).await?))
    }

    async fn get_timeline(
        &self,
        request: Request<proto::GetTimelineRequest>,
    ) -> Result<Response<proto::GetTimelineResponse>, Status> {
        let (caller, request) = self.admit(method!("GetTimeline"), request).await?;
        Ok(Response::new(timeline::get_timeline(&self.ledger, &caller, request).await?))
    }

    async fn trace_decision(
        &self,
        request: Request<proto::TraceDecisionRequest>,
    ) -> Result<Response<proto::TraceDecisionResponse>, Status> {
        let (caller, request) = self.admit(method!("TraceDecision"), request).await?;
        Ok(Response::new(trace::trace_decision(&self.ledger, &caller, request).await?))
    }

    async fn get_case_as_known_at(
        &self,
        request: Request<proto::GetCaseAsKnownAtRequest>,
    ) -> Result<Response<proto::GetCaseAsKnownAtResponse>, Status> {
        let (caller, request) = self.admit(method!("GetCaseAsKnownAt"), request).await?;
        Ok(Response::new(known::get_case_as_known_at(&self.ledger, &caller, request).await?))
    }

    async fn list_clocks(
        &self,
        request: Request<proto::ListClocksRequest>,
    ) -> Result<Response<proto::ListClocksResponse>, Status> {
        let (caller, request) = self.admit(method!("ListClocks"), request).await?;
        Ok(Response::new(clocks::list_clocks(&self.ledger, &caller, request).await?))
    }

    async fn watch_clocks(
        &self,
        request: Request<proto::WatchClocksRequest>,
    ) -> Result<Response<Self::WatchClocksStream>, Status> {
        let (metadata, extensions, message) = request.into_parts();
        let deadline = Deadline::of(&extensions);
        let method = method!("WatchClocks");
        let (authority, request) =
            Authority::of_message(&self.ledger, &self.settings, &metadata, method, message).await?;
        authority.caller()?;
        let watched = Watched::new(&self.ledger, request)?;
        let ledger = self.ledger.clone();
        let watch = move |authority, sender| async move {
            watch::watch_clocks(&ledger, &authority, watched, &sender).await
        };
        Ok(Response::new(authority.answer(&self.settings, deadline, WAITING, watch)))
    }

    async fn list_duties(
        &self,
        request: Request<proto::ListDutiesRequest>,
    ) -> Result<Response<proto::ListDutiesResponse>, Status> {
        let (caller, request) = self.admit(method!("ListDuties"), request).await?;
        Ok(Response::new(duties::list_duties(&self.ledger, &caller, request).await?))
    }

    async fn list_decisions(
        &self,
        request: Request<proto::ListDecisionsRequest>,
    ) -> Result<Response<proto::ListDecisionsResponse>, Status> {
        let (caller, request) = self.admit(method!("ListDecisions"), request).await?;
        Ok(Response::new(decisions::list_decisions(&self.ledger, &caller, request).await?))
    }

    async fn get_register(
        &self,
        request: Request<proto::GetRegisterRequest>,
    ) -> Result<Response<proto::GetRegisterResponse>, Status> {
        let (caller, request) = self.admit(method!("GetRegister"), request).await?;
        Ok(Response::new(register::get_register(&self.ledger, &caller, request).await?))
    }

    async fn export_log(
        &self,
        request: Request<proto::ExportLogRequest>,
    ) -> Result<Response<Self::ExportLogStream>, Status> {
        let (metadata, extensions, message) = request.into_parts();
        let deadline = Deadline::of(&extensions);
        let method = method!("ExportLog");
        let (authority, request) =
            Authority::of_message(&self.ledger, &self.settings, &metadata, method, message).await?;
        let found = export::find(&self.ledger, authority.caller()?, &request).await?;
        let ledger = self.ledger.clone();
        let send = move |authority, sender| async move {
            export::send(&ledger, &authority, found, &sender).await
        };
        Ok(Response::new(authority.answer(&self.settings, deadline, export::WAITING, send)))
    }

    async fn get_indicators(
        &self,
        request: Request<proto::GetIndicatorsRequest>,
    ) -> Result<Response<proto::GetIndicatorsResponse>, Status> {
        let (caller, request) = self.admit(method!("GetIndicators"), request).await?;
        Ok(Response::new(indicators::get_indicators(&self.ledger, &caller, request).await?))
    }
}
