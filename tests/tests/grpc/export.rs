//! A log as a file: asked of a real server, held against what GetTimeline tells of the same cases.

use std::collections::BTreeMap;

use letopis::xes::{Attribute, Item, XesReader};
use letopis_domain::testing::{AGENCY, OTHER_AGENCY, PEOPLE, Story};
use letopis_proto::accountability::v1 as proto;
use letopis_proto::accountability::v1::accountability_service_client::AccountabilityServiceClient;
use letopis_proto::accountability::v1::export_log_response::Part;
use letopis_proto::error::v1::Reason;
use letopis_tests::exports::{Timelines, judged, told};
use letopis_types::{Sequence, StreamId, StreamKey};
use serde_json::{Map, Value};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::accountability::{CASE, get_timeline, list_cases, office, place};
use crate::server::Place;
use crate::stories::Office;

const METHOD: &str = "letopis.accountability.v1.AccountabilityService/ExportLog";

/// A file that came whole.
#[derive(Debug)]
struct Exported {
    as_of: u64,
    file: Vec<u8>,
    whole: proto::ExportWhole,
}

async fn export(
    office: &mut Office,
    place: &Place,
    who: &str,
    request: proto::ExportLogRequest,
) -> Result<Exported, Status> {
    let request = office.call(place, who, METHOD, request);
    let mut client = AccountabilityServiceClient::new(office.server.channel.clone());
    let mut parts = client.export_log(request).await?.into_inner();
    let first = parts.message().await?.and_then(|message| message.part);
    let Some(Part::Begun(begun)) = first else { panic!("it does not begin: {first:?}") };
    let (as_of, mut file) = (begun.as_of_size, Vec::new());
    loop {
        match parts.message().await?.and_then(|message| message.part) {
            Some(Part::Bytes(bytes)) => {
                assert!(bytes.len() <= 64 << 10);
                file.extend_from_slice(&bytes);
            }
            Some(Part::Whole(whole)) => {
                assert!(parts.message().await?.is_none());
                assert_eq!(whole.digest, blake3::hash(&file).as_bytes()[..]);
                return Ok(Exported { as_of, file, whole });
            }
            other => panic!("{other:?}"),
        }
    }
}

fn of_agency(format: proto::LogFormat) -> proto::ExportLogRequest {
    let holder = AGENCY.0.to_vec().into();
    proto::ExportLogRequest { format: format.into(), holder, ..Default::default() }
}

fn csv() -> proto::ExportLogRequest {
    of_agency(proto::LogFormat::Csv)
}

/// Everything that somebody may see of the agency's cases, by the calls that people use.
async fn timelines(office: &mut Office, place: &Place, who: &str) -> Timelines {
    let (mut told, mut page_token) = (Timelines::new(), String::new());
    loop {
        let holder = AGENCY.0.to_vec().into();
        let request = proto::ListCasesRequest { holder, page_token, ..Default::default() };
        let page = list_cases(office, place, who, request).await.unwrap();
        for case in page.cases {
            let id = StreamId::from_slice(&case.case_id).unwrap();
            told.insert(id, timeline(office, place, who, id).await);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return told;
        }
    }
}

async fn timeline(
    office: &mut Office,
    place: &Place,
    who: &str,
    case: StreamId,
) -> Vec<proto::TimelineEntry> {
    let (mut entries, mut page_token) = (Vec::new(), String::new());
    loop {
        let case_id = case.0.to_vec().into();
        let request = proto::GetTimelineRequest { case_id, page_token, ..Default::default() };
        let page = get_timeline(office, place, who, request).await.unwrap();
        entries.extend(page.entries);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return entries;
        }
    }
}

/// Whether both files say what the timelines do, as others read them.
pub(crate) async fn others_read_the_same(office: &mut Office, place: &Place, who: &str) -> String {
    let timelines = timelines(office, place, who).await;
    let xes = export(office, place, who, of_agency(proto::LogFormat::Xes)).await.unwrap();
    let csv = export(office, place, who, csv()).await.unwrap();
    assert_eq!(xes.whole.traces, timelines.len() as u64);
    judged(&xes.file, &csv.file, &timelines)
}

/// A table's rows, by the names of its columns. No cell has a comma or a quote in it.
fn rows(file: &[u8]) -> Vec<BTreeMap<&str, &str>> {
    let text = std::str::from_utf8(file).unwrap();
    assert!(!text.contains('"') && text.split_inclusive('\n').all(|line| line.ends_with("\r\n")));
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap();
    lines
        .map(|cells| {
            assert_eq!(cells.len(), names.len());
            names.iter().copied().zip(cells).collect()
        })
        .collect()
}

/// The events of each case in XES, by our own reader.
fn traces(file: &[u8]) -> BTreeMap<String, Vec<Map<String, Value>>> {
    let mut traces: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut last = String::new();
    for item in XesReader::new(file).unwrap() {
        match item.unwrap() {
            Item::Trace(trace) => {
                trace.name().clone_into(&mut last);
                assert!(traces.insert(last.clone(), Vec::new()).is_none());
            }
            Item::Event(event) => {
                let text = |one: &Attribute| (one.key.clone(), one.value.text().unwrap().into());
                traces.get_mut(&last).unwrap().push(event.attributes().iter().map(text).collect());
            }
        }
    }
    traces
}

fn micros(time: &str) -> i64 {
    letopis::xes::Date::parse(time).map_or(-1, |date| {
        let at = date.instant();
        at.seconds * 1_000_000 + i64::from(at.nanos / 1000)
    })
}

/// An attribute as it is told: of what is not there, nothing.
fn is_told(key: &str, told: &Value, found: &str) -> bool {
    match told {
        Value::String(told) => told == found,
        Value::Null => found.is_empty(),
        number if matches!(key, "time:timestamp" | "first_stated" | "recorded") => {
            number.as_i64() == Some(micros(found))
        }
        number => found.parse() == Ok(number.as_u64().unwrap()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_says_what_the_timelines_do() {
    let place = place();
    let mut office = office(&place).await;
    let (mut one, mut other) = (Story::new(31), Story::new(32));
    office.tell(&place, &mut one, &CASE).await;
    other.set_now(one.now());
    office.tell(&place, &mut other, &CASE[..9]).await;

    let timelines = timelines(&mut office, &place, "head").await;
    let told = told(&timelines);
    let xes = of_agency(proto::LogFormat::Xes);
    let size = office.ledger.size().0;
    let xes = proto::ExportLogRequest { at_least_size: size, ..xes };
    let xes = export(&mut office, &place, "head", xes).await.unwrap();
    let csv = export(&mut office, &place, "head", csv()).await.unwrap();
    let events: usize = timelines.values().map(Vec::len).sum();
    for exported in [&xes, &csv] {
        assert!(exported.as_of >= size);
        assert_eq!((exported.whole.traces, exported.whole.events), (2, events as u64));
    }
    let (table, traces) = (rows(&csv.file), traces(&xes.file));
    assert_eq!((table.len(), traces.len()), (events, 2));
    let told = told.as_object().unwrap().iter();
    let told = told.flat_map(|(case, all)| {
        all.as_array().unwrap().iter().enumerate().map(move |(at, event)| (case, at, event))
    });
    for ((case, at, event), row) in told.zip(&table) {
        assert_eq!(row["case:concept:name"], case);
        assert_eq!((row["case:holder"], row["case:stage"]), (&*AGENCY.to_string(), "open"));
        let found = &traces[case][at];
        for (key, told) in event.as_object().unwrap() {
            let in_xes = found.get(key).map_or("", |value| value.as_str().unwrap());
            assert!(is_told(key, told, row[&**key]), "{key}: {told}, not {}", row[&**key]);
            assert_eq!(in_xes, row[&**key], "{key}");
        }
        // Who they are is known here from elsewhere.
        let people = row["org:resource"]
            .split(';')
            .map(|id| PEOPLE.iter().find(|person| person.actor().to_string() == id).unwrap());
        let of = |agency: letopis_types::AgencyId| agency.to_string();
        let (roles, groups): (Vec<_>, Vec<_>) = people
            .map(|person| {
                let role = person.role.as_str_name().strip_prefix("ROLE_").unwrap();
                (role.to_lowercase(), person.agency.map(of).unwrap_or_default())
            })
            .unzip();
        assert_eq!(row["org:role"], roles.join(";"));
        let groups = groups.join(";");
        assert_eq!(
            row["org:group"],
            if groups.trim_matches(';').is_empty() { "" } else { &groups }
        );
        assert_eq!(row["lifecycle:transition"], "complete");
        assert!(["second", "minute"].contains(&row["precision"]), "{}", row["precision"]);
    }
    // What a spreadsheet would take for a formula is nowhere.
    let cells = table.iter().flat_map(BTreeMap::iter).flat_map(|(name, cell)| [name, cell]);
    assert!(cells.into_iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t'])));
    let of = |kind: &str| table.iter().filter(|row| row["concept:name"] == kind).count();
    assert_eq!((of("CaseOpened"), of("PlanAmended")), (2, 1));
    let waits = table.iter().find(|row| row["concept:name"] == "PlanAmended").unwrap();
    assert_eq!(waits["status"], "pending");
    assert!(table.iter().any(|row| !row["misfiled_by"].is_empty()));
    assert!(table.iter().any(|row| !row["first_stated"].is_empty()));

    println!("{}", others_read_the_same(&mut office, &place, "head").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_finds_what_they_may_not_see() {
    let place = place();
    let mut office = office(&place).await;
    let (mut one, mut other) = (Story::new(33), Story::new(34));
    office.tell(&place, &mut one, &CASE).await;
    other.set_now(one.now());
    office.tell(&place, &mut other, &CASE[..5]).await;
    let [one, other] = [&mut one, &mut other].map(|story| story.stream("case").id.to_string());

    let cases = |exported: &Exported| -> Vec<String> {
        let mut cases: Vec<_> =
            rows(&exported.file).iter().map(|row| row["case:concept:name"].to_owned()).collect();
        cases.dedup();
        cases.sort_unstable();
        cases
    };
    let all = export(&mut office, &place, "worker", csv()).await.unwrap();
    let mut both = [one.clone(), other.clone()];
    both.sort_unstable();
    assert_eq!(cases(&all), both);
    let hidden = |exported: &Exported| {
        rows(&exported.file).iter().filter(|row| row["stream"] == "protected").count()
    };
    assert!(hidden(&all) > 0);
    // A member of the team of one case: that one, without its protected part.
    let by_team = export(&mut office, &place, "police", csv()).await.unwrap();
    assert_eq!((cases(&by_team), hidden(&by_team)), (vec![one], 0));
    assert!(
        rows(&by_team.file).iter().all(|row| row["concept:name"] != "PoliceProtectionRecorded")
    );
    let xes = of_agency(proto::LogFormat::Xes);
    let by_team = export(&mut office, &place, "police", xes).await.unwrap();
    let text = String::from_utf8(by_team.file).unwrap();
    assert!(!text.contains("PoliceProtectionRecorded") && !text.contains(&other));
    // Whoever may see nothing gets an empty file, as of an agency that there is not.
    let nothing = export(&mut office, &place, "duty", csv()).await.unwrap();
    let holder = vec![0xee; 16].into();
    let nowhere = proto::ExportLogRequest { holder, ..csv() };
    let nowhere = export(&mut office, &place, "duty", nowhere).await.unwrap();
    assert_eq!((nothing.file, nothing.whole), (nowhere.file, nowhere.whole.clone()));
    assert_eq!((nowhere.whole.traces, nowhere.whole.events), (0, 0));

    let mut client = AccountabilityServiceClient::new(office.server.channel.clone());
    let unproven = client.export_log(csv()).await.unwrap_err();
    assert_eq!(unproven.code(), Code::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readings_are_on_the_record_and_only_those_of_what_was_given() {
    let place = place();
    let mut office = office(&place).await;
    let (mut one, mut other) = (Story::new(35), Story::new(36));
    office.tell(&place, &mut one, &CASE).await;
    other.set_now(one.now());
    office.tell(&place, &mut other, &CASE[..5]).await;
    let cases = [one.stream("case"), other.stream("case")];
    let police = letopis_domain::testing::person("police").actor();
    let readings = |office: &Office, case: StreamKey| {
        let of = || office.ledger.readings_of(&case, Sequence(u64::MAX), 100).unwrap();
        let all = tokio::task::block_in_place(of);
        all.iter().filter(|reading| reading.reader == police && !reading.denied).count()
    };
    export(&mut office, &place, "police", csv()).await.unwrap();
    office.ledger.caught_up().await.unwrap();
    assert_eq!(cases.map(|case| readings(&office, case)), [1, 0]);
    // What is refused is no reading.
    let too_many = proto::ExportLogRequest { cases_max: 20_000, ..csv() };
    export(&mut office, &place, "head", too_many).await.unwrap_err();
    let head = letopis_domain::testing::person("head").actor();
    office.ledger.caught_up().await.unwrap();
    let of = || office.ledger.readings_of(&cases[1], Sequence(u64::MAX), 100).unwrap();
    assert!(tokio::task::block_in_place(of).iter().all(|reading| reading.reader != head));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_list_the_world_is_refused() {
    let place = place();
    let mut office = office(&place).await;
    let (mut one, mut other) = (Story::new(37), Story::new(38));
    office.tell(&place, &mut one, &CASE[..5]).await;
    other.set_now(one.now());
    office.tell(&place, &mut other, &CASE[..5]).await;

    let refused = async |office: &mut Office, request: proto::ExportLogRequest| {
        let status = export(office, &place, "head", request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        let info = status.get_error_details().error_info().unwrap().clone();
        assert_eq!(
            Reason::from_str_name(&format!("REASON_{}", info.reason)),
            Some(Reason::RequestInvalid)
        );
        (info.metadata["field"].clone(), status.message().to_owned())
    };
    let world = proto::ExportLogRequest { holder: Vec::new().into(), ..csv() };
    let (field, why) = refused(&mut office, world).await;
    assert!(field == "holder" && why.contains("every case"), "{why}");
    let one_only = proto::ExportLogRequest { cases_max: 1, ..csv() };
    let (field, why) = refused(&mut office, one_only).await;
    assert!(field == "cases_max" && why.contains("more than 1 such cases"), "{why}");
    let two = proto::ExportLogRequest { cases_max: 2, ..csv() };
    assert_eq!(export(&mut office, &place, "head", two).await.unwrap().whole.traces, 2);
    // Those that the caller may not see are not counted: nobody learns how many there are.
    let one_only = proto::ExportLogRequest { cases_max: 1, ..csv() };
    assert_eq!(export(&mut office, &place, "duty", one_only).await.unwrap().whole.traces, 0);
    for (wrong, of) in [
        (proto::ExportLogRequest { cases_max: 10_001, ..csv() }, "cases_max"),
        (proto::ExportLogRequest { format: 0, ..csv() }, "format"),
        (proto::ExportLogRequest { format: 9, ..csv() }, "format"),
        (proto::ExportLogRequest { holder: vec![1; 3].into(), ..csv() }, "holder"),
    ] {
        assert_eq!(refused(&mut office, wrong).await.0, of);
    }
    let beyond = proto::ExportLogRequest { at_least_size: 1 << 40, ..csv() };
    let beyond = export(&mut office, &place, "head", beyond).await.unwrap_err();
    assert_eq!(beyond.code(), Code::OutOfRange);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_period_selects_whole_cases_by_what_was_recorded_in_it() {
    let place = place();
    let mut office = office(&place).await;
    let (mut early, mut late) = (Story::new(39), Story::new(40));
    office.tell(&place, &mut early, &CASE[..8]).await;
    // The police protection, and nothing else, is of this second.
    office.tell(&place, &mut early, &CASE[8..9]).await;
    let protected_at = early.now();
    office.tell(&place, &mut early, &["+1h NoteAdded as later"]).await;
    office.tell(&place, &mut early, &CASE[9..]).await;
    late.set_now(early.now() + 3600);
    let between = early.now() + 60;
    office.tell(&place, &mut late, &CASE[..5]).await;
    assert_ne!(early.stream("case"), late.stream("case"));

    let nanos = |second: i64| u64::try_from(second).unwrap() * 1_000_000_000;
    let in_period = |from: Option<i64>, before: Option<i64>| proto::ExportLogRequest {
        format: proto::LogFormat::Csv.into(),
        recorded_from: from.map(nanos),
        recorded_before: before.map(nanos),
        ..Default::default()
    };
    let whole = timelines(&mut office, &place, "worker").await;
    let events = |story: &mut Story| whole[&story.stream("case").id].len() as u64;
    let (of_early, of_late) = (events(&mut early), events(&mut late));
    for (request, expected) in [
        (in_period(Some(0), None), (2, of_early + of_late)),
        (in_period(None, Some(between)), (1, of_early)),
        (in_period(Some(between), None), (1, of_late)),
        (in_period(Some(protected_at), Some(protected_at + 1)), (1, of_early)),
        (in_period(Some(protected_at + 1), Some(protected_at + 2)), (0, 0)),
        (in_period(Some(between), Some(between)), (0, 0)),
        (in_period(None, Some(0)), (0, 0)),
        (in_period(Some(between), Some(0)), (0, 0)),
        (
            proto::ExportLogRequest { recorded_from: Some(u64::MAX), ..in_period(None, None) },
            (0, 0),
        ),
        (
            proto::ExportLogRequest { recorded_before: Some(u64::MAX), ..in_period(None, None) },
            (2, of_early + of_late),
        ),
    ] {
        let found = export(&mut office, &place, "worker", request.clone()).await.unwrap().whole;
        assert_eq!((found.traces, found.events), expected, "{request:?}");
    }
    let elsewhere = OTHER_AGENCY.0.to_vec().into();
    let elsewhere = proto::ExportLogRequest { holder: elsewhere, ..in_period(Some(0), None) };
    assert_eq!(export(&mut office, &place, "worker", elsewhere).await.unwrap().whole.traces, 0);
    // That something hidden was recorded then is not told to whoever may not see it.
    let hidden = in_period(Some(protected_at), Some(protected_at + 1));
    let found = export(&mut office, &place, "police", hidden).await.unwrap().whole;
    assert_eq!(found.traces, 0);
    let told = export(&mut office, &place, "police", in_period(Some(0), None)).await.unwrap();
    assert_eq!(told.whole.traces, 1);
}
