//! Cases for other programs: a log as a file, a trace as PROV.

use std::fs;
use std::path::Path;

use letopis::cmd::init::now;
use letopis::xes::{Item, XesReader};
use letopis_client::{LedgerClient, Reference};
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Relation};
use letopis_tests::traces::Traces;
use letopis_types::{Sequence, StreamKey, StreamKind, Version};
use serde_json::{Value, json};

use crate::answering::Case;
use crate::recording::{agency_of, connect, identity, record, record_upon};
use crate::support::{Office, Said};

fn export(office: &Office, who: &str, more: &[&str]) -> Said {
    office.run(&[&["export", "log", "--key", &office.key(who)], more].concat())
}

/// Traces and events.
fn counted(file: &[u8]) -> (usize, usize) {
    let items: Vec<Item> = XesReader::new(file).unwrap().map(Result::unwrap).collect();
    let traces = items.iter().filter(|item| matches!(item, Item::Trace(_))).count();
    (traces, items.len() - traces)
}

#[test]
fn a_log_is_written_whole_or_not_at_all() {
    let case = Case::open();
    let office = &case.office;
    let agency = agency_of(office);
    let [xes, csv, packed] = ["log.xes", "log.csv", "log.xes.gz"].map(|name| office.path(name));
    let of = |format: &str, out: &str, more: &[&str]| {
        let asked = ["--format", format, "--out", out, "--holder", &agency];
        export(office, "head", &[&asked[..], more].concat())
    };
    let said = of("xes", &xes, &["--lang", "bg"]).good();
    assert!(said.starts_with("изнесени    22 събития от 2 случая в "), "{said}");
    assert!(said.contains("НЕ Е анонимен"), "{said}");
    let told = of("csv", &csv, &["--json"]).good();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["cases"], &told["events"]), (&json!(2), &json!(22)));
    assert_eq!(told["blake3"], blake3::hash(&fs::read(&csv).unwrap()).to_string());
    assert_eq!(fs::read_to_string(&csv).unwrap().lines().count(), 1 + 22);
    let said = of("xes", &packed, &[]).good();
    assert!(said.contains("the file is NOT anonymous"), "{said}");
    assert_eq!(fs::read(&packed).unwrap()[..2], [0x1f, 0x8b]);
    for file in [&xes, &packed] {
        assert_eq!(counted(&fs::read(file).unwrap()), (2, 22));
    }
    // By when it was recorded, which is today.
    let today = jiff::Zoned::now().in_tz("Europe/Sofia").unwrap().date();
    let of_today = ["--from", &today.yesterday().unwrap().to_string(), "--to", "2999-12-31"];
    of("csv", &csv, &of_today).good();
    assert_eq!(fs::read_to_string(&csv).unwrap().lines().count(), 1 + 22);
    of("csv", &csv, &["--to", "2026-01-01"]).good();
    assert_eq!(fs::read_to_string(&csv).unwrap().lines().count(), 1);

    // Nothing is left of what did not come whole; and what was there stays.
    let none = office.path("none.csv");
    let refused = of("csv", &none, &["--cases-max", "1"]);
    assert!(refused.bad().contains("there are more than 1 such cases"), "{}", refused.err);
    let before = fs::read(&xes).unwrap();
    of("xes", &xes, &["--cases-max", "1"]).bad();
    assert_eq!(fs::read(&xes).unwrap(), before);
    for left in ["none.csv", "none.csv.part", "log.xes.part"] {
        assert!(!fs::exists(office.path(left)).unwrap(), "{left}");
    }
    let nobody =
        office.run(&["export", "log", "--format", "csv", "--out", &none, "--holder", &agency]);
    assert!(nobody.bad().contains("say who you are: --key"), "{}", nobody.err);
}

/// The head signs what waited; and the worker's visit was signed before that was seen.
async fn go_on(client: &LedgerClient, office: &Office, case: StreamKey) {
    let [worker, head] = ["worker", "head"].map(|who| identity(office, who));
    let before = client.read_stream(&case).await.unwrap();
    let waits = before.events.last().unwrap().link.statement_hash;
    let reference = Reference { relation: Relation::Endorses, stream: case, statement_hash: waits };
    let endorsed = Kind::Endorsed(proto::Endorsed {});
    record(client, &[&head], case, endorsed, Some(reference)).await;
    let visit = Kind::VisitRecorded(proto::VisitRecorded { child_seen_alone: true });
    record_upon(client, &[&worker], case, visit, (None, now(), Some(before.seen()))).await;
}

#[test]
fn a_trace_in_prov_says_the_same() {
    let case = Case::open();
    let office = &case.office;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = runtime.block_on(connect(office));
    let own = StreamKey { kind: StreamKind::Case, id: case.id.parse().unwrap() };
    runtime.block_on(go_on(&client, office, own));
    let folder = office.path("traces");
    fs::create_dir(&folder).unwrap();
    let mut traces = Traces::new(Path::new(&folder));
    for (case, events) in [(&office.case, 16), (&case.id, 8)] {
        let stream = StreamKey { kind: StreamKind::Case, id: case.parse().unwrap() };
        for version in 1..=events {
            let (prov, number) = (traces.document(), version.to_string());
            let key = office.key("head");
            let asked = ["case", "trace", case, "--event", &number, "--key", &key];
            let written = ["--json", "--prov", prov.to_str().unwrap()];
            let said = office.run(&[&asked[..], &written].concat()).good();
            let trace = client.trace_decision(&stream, Version(version), Sequence::ZERO);
            let trace = runtime.block_on(trace).unwrap();
            traces.add((stream, Version(version)), serde_json::from_str(&said).unwrap(), &trace);
        }
    }
    println!("{}", traces.judged());
}
