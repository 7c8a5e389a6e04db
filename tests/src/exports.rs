//! An exported log held against the timelines of the same cases, by programs of others: PM4Py reads the XES,
//! pandas the CSV.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use letopis_client::LedgerClient;
use letopis_client::accountability::{LogFilter, TimelineEntry};
use letopis_domain::{Fact, Statement};
use letopis_log::Link;
use letopis_proto::accountability::v1 as pb;
use letopis_proto::accountability::v1::LogFormat;
use letopis_proto::ledger::v1 as ledger;
use letopis_proto::statement::v1 as proto;
use letopis_types::{ActorId, AgencyId, Digest, StreamId};
use prost::Message as _;
use serde_json::{Value, json};

use crate::finished::finish;
use crate::place;

/// Whether what a server exports of an agency's cases says what their timelines do, as others read it; says so,
/// or what was left out. Everything by the calls of whoever is at this end of the connection.
///
/// # Panics
/// If it does not.
pub async fn of_server(client: &LedgerClient, agency: AgencyId) -> String {
    let question = pb::ListCasesRequest { holder: agency.0.to_vec().into(), ..Default::default() };
    let (cases, as_of) = client.cases(question).await.unwrap();
    let mut timelines = Timelines::new();
    for case in cases {
        let id = StreamId::from_slice(&case.case_id).unwrap();
        let (entries, _) = client.timeline(&id, as_of).await.unwrap();
        timelines.insert(id, entries.into_iter().map(as_told).collect());
    }
    let [xes, csv] = [LogFormat::Xes, LogFormat::Csv].map(|format| async move {
        let holder = Some(agency);
        let filter =
            LogFilter { format, holder, recorded_from: None, recorded_before: None, cases_max: 0 };
        let mut file = Vec::new();
        let exported = client.export_log(&filter, as_of, &mut file).await.unwrap();
        (file, exported.traces)
    });
    let ((xes, traces), (csv, _)) = (xes.await, csv.await);
    assert_eq!(traces, timelines.len() as u64);
    judged(&xes, &csv, &timelines)
}

/// An entry as the server told it.
fn as_told(entry: TimelineEntry) -> pb::TimelineEntry {
    let TimelineEntry { event, told, .. } = entry;
    let signatures = event.signatures.iter().map(|signature| signature.0.to_vec().into());
    let event = ledger::Event {
        link: event.link.to_bytes().to_vec().into(),
        signatures: signatures.collect(),
        statement: event.bytes,
    };
    pb::TimelineEntry { event: Some(event), ..told }
}

/// What GetTimeline told of each case, all pages.
pub type Timelines = BTreeMap<StreamId, Vec<pb::TimelineEntry>>;

/// Whether both files say what the timelines do, as others read them; says so, or what was left out.
///
/// # Panics
/// If they do not.
#[must_use]
pub fn judged(xes: &[u8], csv: &[u8], timelines: &Timelines) -> String {
    let Some(python) = place::pm4py() else {
        return "LEFT OUT, as LETOPIS_LEAVE_OUT says: PM4Py and pandas".to_owned();
    };
    let dir = place::temporary("exported");
    let path = |name: &str| dir.path().join(name);
    fs::write(path("log.xes"), xes).unwrap();
    fs::write(path("log.csv"), csv).unwrap();
    fs::write(path("told.json"), told(timelines).to_string()).unwrap();
    let script = place::repository().join("tests/pm4py/exported.py");
    let mut judge = Command::new(python);
    judge.arg("-B").arg(script).args(["log.xes", "log.csv", "told.json"].map(path));
    let said = finish(&mut judge).ok();
    let last = said.out.lines().last().unwrap_or_default();
    assert!(last.starts_with("SAME"), "{said}");
    last.to_owned()
}

/// The timelines as a judge reads them: `{case: [event]}`.
#[must_use]
pub fn told(timelines: &Timelines) -> Value {
    let cases = timelines
        .iter()
        .map(|(case, entries)| (case.to_string(), entries.iter().map(event).collect::<Value>()));
    Value::Object(cases.collect())
}

/// What is to be found of an event, made from the signed bytes and what became of it.
fn event(entry: &pb::TimelineEntry) -> Value {
    let event = entry.event.as_ref().unwrap();
    let link = Link::from_bytes(&event.link).unwrap();
    let message = proto::Statement::decode(&*event.statement).unwrap();
    let statement = Statement::from_proto(&message).unwrap();
    let stated = match &statement.fact {
        Fact::HistoryImported(history) => history.time,
        _ => statement.occurred_at.instant,
    };
    let micros = |seconds: i64, nanos: u32| seconds * 1_000_000 + i64::from(nanos / 1000);
    let happened = match entry.corrected_at {
        Some(corrected) => micros(corrected, 0),
        None => micros(stated.seconds, stated.nanos),
    };
    let recorded = link.recorded_at;
    let signers = statement.signers.iter().map(|signer| signer.actor.to_string());
    let hash = |bytes: &[u8]| Digest::from_slice(bytes).unwrap().to_string();
    let actor = |bytes: &[u8]| ActorId::from_slice(bytes).unwrap().to_string();
    let join = |all: Vec<String>| all.join(";");
    let status = entry.status().as_str_name().strip_prefix("ACT_STATUS_").unwrap().to_lowercase();
    json!({
        "concept:name": statement.fact.name(),
        "time:timestamp": happened,
        "first_stated": entry.corrected_at.map(|_| micros(stated.seconds, stated.nanos)),
        "recorded": micros(recorded.seconds(), recorded.subsec_nanos()),
        "late_hours": (recorded.seconds() - happened.div_euclid(1_000_000)).max(0) / 3600,
        "org:resource": join(signers.collect()),
        "sequence": link.sequence.0,
        "stream": statement.stream.kind.name(),
        "version": entry.version,
        "hash": link.statement_hash.to_string(),
        "status": if status == "unspecified" { String::new() } else { status },
        "corrected_by": join(entry.corrected_by.iter().map(|by| hash(by)).collect()),
        "misfiled_by": match &entry.misfiled_by[..] { [] => String::new(), by => hash(by) },
        "endorsed_by": join(entry.endorsed_by.iter().map(|by| actor(by)).collect()),
    })
}
