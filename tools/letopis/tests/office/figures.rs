//! Figures that name nobody, in a quarter that is over.

use std::fs;

use letopis::cmd::init::now;
use letopis_domain::figures::Quarter;
use letopis_proto::statement::v1 as proto;
use letopis_proto::statement::v1::fact::Kind;
use letopis_types::{StreamId, StreamKey, StreamKind};
use serde_json::Value;

use crate::recording::{agency_of, connect, identity, open_cases, record, record_holding};
use crate::support::{Office, Said, Server};

/// An office with sixteen cases in which the child was heard, every second one with an interpreter; the demo's case is
/// one more, and says nothing of support either. The quarter is over.
struct Quarterly {
    office: Office,
    clock: String,
    quarter: Quarter,
}

impl Quarterly {
    fn open() -> Self {
        let mut office = Office::open();
        let agency = agency_of(&office);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            for (number, case) in
                open_cases(&office, &agency, &["worker"; 16]).await.iter().enumerate()
            {
                hear(&office, case, number % 2 == 0).await;
            }
        });
        let quarter = Quarter::of(now().instant.seconds);
        office.server.take().unwrap().stop();
        let clock = office.path("clock");
        fs::write(&clock, format!("{}\n", quarter.end() + 86_400)).unwrap();
        office.server = Some(Server::start(&office.root(), &["--simulated-clock", &clock]));
        Self { office, clock, quarter }
    }

    fn asked_as(&self, who: &str, more: &[&str]) -> Said {
        let key = self.office.key(who);
        let (year, quarter) = (self.quarter.year().to_string(), self.quarter.quarter().to_string());
        let of = ["indicators", "--year", &year, "--quarter", &quarter, "--key", &key];
        self.office.run(&[&of[..], &["--simulated-clock", &self.clock], more].concat())
    }

    fn asked(&self, more: &[&str]) -> Said {
        self.asked_as("head", more)
    }
}

/// The child is told, and heard, with an interpreter or without.
async fn hear(office: &Office, case: &str, interpreted: bool) {
    let client = connect(office).await;
    let worker = identity(office, "worker");
    let stream = StreamKey { kind: StreamKind::Case, id: case.parse::<StreamId>().unwrap() };
    let informed = Kind::ChildInformed(proto::ChildInformed {});
    record(&client, &[&worker], stream, informed, None).await;
    let heard = Kind::ChildHeard(proto::ChildHeard { age_band: proto::AgeBand::Under10.into() });
    if interpreted {
        let support = ("participation/1", r#"{"code":"interpreter"}"#);
        record_holding(&client, &[&worker], stream, heard, support).await;
    } else {
        record(&client, &[&worker], stream, heard, None).await;
    }
}

#[test]
fn a_quarter_is_told_in_tables_csv_and_charts() {
    let office = Quarterly::open();
    let said = office.asked(&["--universe", "heard", "--universe", "signals"]).good();
    let quarter = office.quarter.quarter();
    assert!(!said.contains("Assessments"), "{said}");
    let title = format!("Children heard · quarter {quarter} of {}", office.quarter.year());
    for expected in [&*title, "  by support of participation\n", "Cells of 1 to 4 are withheld"] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    let heard = said.split(&title).nth(1).unwrap();
    let row = |label: &str| {
        let line = heard.lines().find(|line| line.trim_start().starts_with(label)).unwrap();
        line.split_whitespace().last().unwrap().to_owned()
    };
    assert_eq!((row("interpreter"), row("not stated")), ("8".to_owned(), "9".to_owned()));
    // Two signals are too few to be told.
    assert!(said.contains("· all of it: there are too few to name nobody"), "{said}");

    let bg = office.asked(&["--universe", "heard", "--lang", "bg"]).good();
    let title = format!("тримесечие на {} г.", office.quarter.year());
    for expected in [&*title, "Изслушвания на деца", "по подкрепа за участие", "Скрити са клетки"]
    {
        assert!(bg.contains(expected), "{expected}\n{bg}");
    }

    let (csv, charts) = (office.office.path("figures.csv"), office.office.path("charts"));
    office.asked(&["--csv", &csv, "--svg", &charts]).good();
    let csv = fs::read_to_string(csv).unwrap();
    let (header, lines) = csv.split_once('\n').unwrap();
    assert_eq!(header, "year,quarter,universe,breakdown,category,region,count");
    assert!(lines.lines().all(|line| line.split(',').count() == 7));
    let quarterly = format!("{},{quarter},heard,support", office.quarter.year());
    assert!(lines.contains(&format!("{quarterly},interpreter,,8\n")), "{lines}");
    assert!(lines.contains(&format!("{quarterly},sign,,0\n")), "{lines}");
    let counts = lines.lines().filter_map(|line| line.rsplit(',').next());
    let counts: Vec<u64> = counts.filter_map(|count| count.parse().ok()).collect();
    assert!(counts.iter().all(|count| *count == 0 || *count > 4), "{counts:?}");
    let drawn = fs::read_to_string(format!("{charts}/heard-age.svg")).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.contains("Children heard"));

    let told = office.asked(&["--json", "--universe", "heard"]).good();
    let table: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    assert_eq!(table["universe"], "heard");
}

#[test]
fn what_can_t_be_told_says_why() {
    let office = Quarterly::open();
    let unknown = office.asked(&["--universe", "children"]);
    assert!(unknown.bad().contains("one of signals, checks"), "{}", unknown.err);
    let nowhere = office.asked(&["--region", "77"]);
    assert!(nowhere.bad().contains("region"), "{}", nowhere.err);
    let key = office.office.key("head");
    let clock = ["--simulated-clock", &office.clock, "--key", &key];
    let later = ["indicators", "--year", "2999", "--quarter", "1"];
    let later = office.office.run(&[&later[..], &clock].concat());
    assert!(later.bad().contains("not over"), "{}", later.err);
    let fifth = office
        .office
        .run(&[&["indicators", "--year", "2026", "--quarter", "5"][..], &clock].concat());
    assert!(!fifth.ok);
    // Whoever does the work has the own cases.
    let worker = office.asked_as("worker", &[]);
    assert!(!worker.ok && worker.out.is_empty(), "{}", worker.out);
    let year = office.quarter.year().to_string();
    let nobody = office.office.run(&["indicators", "--year", &year]);
    assert!(nobody.bad().contains("say who you are: --key"), "{}", nobody.err);
}
