//! What the ledger in memory answers for: its events, and nothing made of them.

use std::sync::{Arc, Mutex, MutexGuard};

use letopis_proto::accountability::v1 as pb;
use letopis_proto::accountability::v1::accountability_service_server::AccountabilityService;
use letopis_proto::accountability::v1::export_log_response::Part;
use letopis_types::{StreamId, StreamKey, StreamKind};
use prost::Message;
use tonic::{Request, Response, Status};

use super::state::State;
use super::stream_message;

type Watched = Result<pb::WatchClocksResponse, Status>;

pub struct Accountability(pub Arc<Mutex<State>>);

impl Accountability {
    fn admit<Q: Message>(
        &self,
        request: Request<Q>,
        method: &'static str,
    ) -> Result<(MutexGuard<'_, State>, Q), Status> {
        let (metadata, _, message) = request.into_parts();
        let mut state = self.0.lock().unwrap();
        state.check_token(&metadata, method, &message.encode_to_vec())?;
        if state.overloaded_readings > 0 {
            state.overloaded_readings -= 1;
            return Err(super::service::refusal(
                letopis_proto::error::v1::Reason::Overloaded,
                Some(std::time::Duration::from_millis(1)),
            ));
        }
        Ok((state, message))
    }
}

fn case_of(id: &[u8]) -> StreamKey {
    StreamKey { kind: StreamKind::Case, id: StreamId::from_slice(id).unwrap() }
}

fn entries(state: &State, case: &StreamKey) -> Vec<pb::TimelineEntry> {
    let all = state.streams.get(case).into_iter().flatten();
    let entries = all.map(|at| {
        let stored = &state.events[*at];
        let mut entry = pb::TimelineEntry {
            event: Some(stored.event.clone()),
            stream: Some(stream_message(case)),
            version: stored.version,
            ..Default::default()
        };
        if let Some(spoil) = state.spoil_entry {
            spoil(&mut entry);
        }
        entry
    });
    entries.collect()
}

/// Five clocks, one after the other.
fn clocks() -> Vec<pb::Clock> {
    (1..=5).map(|due| pb::Clock { due, ..Default::default() }).collect()
}

/// A page, and the token of the next one.
fn page<T>(all: Vec<T>, token: &str, max: usize) -> (Vec<T>, String) {
    let from: usize = token.parse().unwrap_or(0);
    let next = if from + max < all.len() { (from + max).to_string() } else { String::new() };
    (all.into_iter().skip(from).take(max).collect(), next)
}

/// A file of one invented case with two events, in pieces.
fn export(as_of_size: u64, format: pb::LogFormat) -> Vec<Part> {
    let file: &[&str] = match format {
        pb::LogFormat::Csv => &["case,kind\nиз", "мислен,x\nизмисл", "ен,y\n"],
        _ => &["<log>\n<trace>\n<ev", "ent>\n</event>\n<event>\n</event>\n</trace>\n</log>\n"],
    };
    let digest = blake3::hash(file.concat().as_bytes()).as_bytes().to_vec().into();
    let begun = Part::Begun(pb::ExportBegun { as_of_size });
    let pieces = file.iter().map(|piece| Part::Bytes(piece.as_bytes().to_vec().into()));
    let whole = Part::Whole(pb::ExportWhole { traces: 1, events: 2, digest });
    std::iter::once(begun).chain(pieces).chain([whole]).collect()
}

#[tonic::async_trait]
impl AccountabilityService for Accountability {
    type ExportLogStream =
        tokio_stream::Iter<std::vec::IntoIter<Result<pb::ExportLogResponse, Status>>>;

    async fn export_log(
        &self,
        request: Request<pb::ExportLogRequest>,
    ) -> Result<Response<Self::ExportLogStream>, Status> {
        let (state, request) = self.admit(request, "ExportLog")?;
        let mut parts = export(state.size(), request.format());
        if let Some(spoil) = state.spoil_export {
            spoil(&mut parts);
        }
        let responses: Vec<_> =
            parts.into_iter().map(|part| Ok(pb::ExportLogResponse { part: Some(part) })).collect();
        Ok(Response::new(tokio_stream::iter(responses)))
    }

    async fn get_case(
        &self,
        request: Request<pb::GetCaseRequest>,
    ) -> Result<Response<pb::GetCaseResponse>, Status> {
        let (state, request) = self.admit(request, "GetCase")?;
        let case = Some(pb::Case { case_id: request.case_id, ..Default::default() });
        Ok(Response::new(pb::GetCaseResponse { case, as_of_size: state.size() }))
    }

    async fn get_timeline(
        &self,
        request: Request<pb::GetTimelineRequest>,
    ) -> Result<Response<pb::GetTimelineResponse>, Status> {
        let (state, request) = self.admit(request, "GetTimeline")?;
        let all = entries(&state, &case_of(&request.case_id));
        let (entries, next_page_token) = page(all, &request.page_token, state.page);
        let as_of_size = state.size();
        Ok(Response::new(pb::GetTimelineResponse { entries, next_page_token, as_of_size }))
    }

    async fn trace_decision(
        &self,
        request: Request<pb::TraceDecisionRequest>,
    ) -> Result<Response<pb::TraceDecisionResponse>, Status> {
        let (state, request) = self.admit(request, "TraceDecision")?;
        let entries = entries(&state, &case_of(&request.stream.unwrap().id));
        let as_of_size = state.size();
        Ok(Response::new(pb::TraceDecisionResponse { entries, as_of_size, ..Default::default() }))
    }

    async fn get_case_as_known_at(
        &self,
        request: Request<pb::GetCaseAsKnownAtRequest>,
    ) -> Result<Response<pb::GetCaseAsKnownAtResponse>, Status> {
        let (state, request) = self.admit(request, "GetCaseAsKnownAt")?;
        let known = entries(&state, &case_of(&request.case_id)).into_iter().map(|entry| {
            let given = pb::Given::Facts.into();
            pb::KnownEntry { entry: Some(entry), given, sections: vec![0] }
        });
        let (entries, next_page_token) = page(known.collect(), &request.page_token, state.page);
        let is_first = request.page_token.is_empty();
        let case = is_first.then(|| pb::Case { case_id: request.case_id, ..Default::default() });
        let as_of_size = state.size();
        Ok(Response::new(pb::GetCaseAsKnownAtResponse {
            case,
            entries,
            next_page_token,
            as_of_size,
        }))
    }

    async fn list_cases(
        &self,
        request: Request<pb::ListCasesRequest>,
    ) -> Result<Response<pb::ListCasesResponse>, Status> {
        let (state, request) = self.admit(request, "ListCases")?;
        let all =
            (1..=5).map(|n| pb::CaseSummary { case_id: vec![n; 16].into(), ..Default::default() });
        let (cases, next_page_token) = page(all.collect(), &request.page_token, state.page);
        let as_of_size = state.size();
        Ok(Response::new(pb::ListCasesResponse { cases, next_page_token, as_of_size }))
    }

    async fn list_clocks(
        &self,
        request: Request<pb::ListClocksRequest>,
    ) -> Result<Response<pb::ListClocksResponse>, Status> {
        let (state, request) = self.admit(request, "ListClocks")?;
        let (mut clocks, next_page_token) = page(clocks(), &request.page_token, state.page);
        if let Some(spoil) = state.spoil_clock {
            clocks.iter_mut().for_each(spoil);
        }
        let as_of_size = state.size();
        Ok(Response::new(pb::ListClocksResponse { clocks, next_page_token, as_of_size }))
    }

    type WatchClocksStream = tokio_stream::Iter<std::vec::IntoIter<Watched>>;

    /// Each stream tells two files, then ends.
    async fn watch_clocks(
        &self,
        request: Request<pb::WatchClocksRequest>,
    ) -> Result<Response<Self::WatchClocksStream>, Status> {
        let request = self.admit(request, "WatchClocks")?.1;
        let from: u8 = request.resume_token.parse().unwrap_or(0);
        let told = (from..from + 2).map(|n| {
            Ok(pb::WatchClocksResponse {
                file: (n != 1).then(|| stream_message(&case_of(&[n; 16]))),
                clocks: clocks(),
                resume_token: (n + 1).to_string(),
                complete: n == 1,
                ..Default::default()
            })
        });
        Ok(Response::new(tokio_stream::iter(told.collect::<Vec<_>>())))
    }

    async fn list_duties(
        &self,
        request: Request<pb::ListDutiesRequest>,
    ) -> Result<Response<pb::ListDutiesResponse>, Status> {
        let (state, request) = self.admit(request, "ListDuties")?;
        let all = clocks()
            .into_iter()
            .map(|clock| pb::OpenDuty { clock: Some(clock), ..Default::default() });
        let (duties, next_page_token) = page(all.collect(), &request.page_token, state.page);
        let as_of_size = state.size();
        Ok(Response::new(pb::ListDutiesResponse { duties, next_page_token, as_of_size }))
    }

    async fn list_decisions(
        &self,
        request: Request<pb::ListDecisionsRequest>,
    ) -> Result<Response<pb::ListDecisionsResponse>, Status> {
        let (state, request) = self.admit(request, "ListDecisions")?;
        let all = entries(&state, &case_of(&[1; 16]));
        let (entries, next_page_token) = page(all, &request.page_token, state.page);
        let as_of_size = state.size();
        Ok(Response::new(pb::ListDecisionsResponse { entries, next_page_token, as_of_size }))
    }

    async fn get_register(
        &self,
        request: Request<pb::GetRegisterRequest>,
    ) -> Result<Response<pb::GetRegisterResponse>, Status> {
        let (state, request) = self.admit(request, "GetRegister")?;
        let all = vec![pb::RegisterEntry::default(); 5];
        let (entries, next_page_token) = page(all, &request.page_token, state.page);
        let as_of_size = state.size();
        Ok(Response::new(pb::GetRegisterResponse { entries, next_page_token, as_of_size }))
    }

    async fn get_indicators(
        &self,
        request: Request<pb::GetIndicatorsRequest>,
    ) -> Result<Response<pb::GetIndicatorsResponse>, Status> {
        let (state, request) = self.admit(request, "GetIndicators")?;
        // Of this universe a cell is missing.
        let cells = if request.universes == ["torn"] { 1 } else { 2 };
        let row = pb::IndicatorRow {
            region: None,
            cells: vec![pb::IndicatorCell { count: Some(7) }; cells],
        };
        let table = pb::IndicatorTable {
            columns: vec![pb::IndicatorColumn::default(); 2],
            rows: vec![row],
            ..Default::default()
        };
        let as_of_size = state.size();
        let tables = vec![table];
        Ok(Response::new(pb::GetIndicatorsResponse { tables, as_of_size, ..Default::default() }))
    }
}
