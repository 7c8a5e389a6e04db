//! Who is responsible, what is due, how a decision came about, and what was known by then.

use letopis_client::{Instant, OccurredAt};
use letopis_proto::statement::v1 as proto;
use letopis_proto::statement::v1::fact::Kind;
use letopis_types::{Digest, StreamId, StreamKey, StreamKind};
use serde_json::Value;

use crate::recording::{agency_of, connect, identity, open_cases_at, record, record_at};
use crate::support::{Office, Said};

/// The office with an open case: a visit whose time was corrected, an assessment that waits for the
/// head, and a note of another file.
pub(crate) struct Case {
    pub(crate) office: Office,
    pub(crate) id: String,
}

impl Case {
    pub(crate) fn open() -> Self {
        let office = Office::open();
        let agency = agency_of(&office);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let id = runtime.block_on(async {
            let id =
                open_cases_at(&office, &agency, &["worker"], on_day_of_march(1)).await.remove(0);
            tell(&office, &id).await;
            id
        });
        Self { office, id }
    }

    fn asked(&self, verb: &str, who: &str, more: &[&str]) -> Said {
        let key = self.office.key(who);
        self.office.run(&[&["case", verb, &self.id, "--key", &key], more].concat())
    }

    #[track_caller]
    fn says(&self, verb: &str, more: &[&str], expected: &[&str]) -> String {
        let said = self.asked(verb, "head", more).good();
        for expected in expected {
            assert!(said.contains(expected), "{expected}\n{said}");
        }
        said
    }

    fn lines(&self, verb: &str, more: &[&str]) -> Vec<Value> {
        let said = self.asked(verb, "head", &[more, &["--json"]].concat()).good();
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn tell(office: &Office, id: &str) {
    let client = connect(office).await;
    let worker = identity(office, "worker");
    let case = StreamKey { kind: StreamKind::Case, id: id.parse::<StreamId>().unwrap() };
    let signers = [&worker];
    let visit = Kind::VisitRecorded(proto::VisitRecorded { child_seen_alone: true });
    let visit = record_at(&client, &signers, case, visit, None, on_day_of_march(9)).await;
    let hash = |hash: Digest| hash.0.to_vec();
    let then = on_day_of_march(3).instant;
    let moved = proto::Instant { seconds: then.seconds, nanos: 0, offset_minutes: 120 };
    let corrected = proto::EventCorrected {
        event: hash(visit),
        occurred_at: Some(moved),
        ..Default::default()
    };
    record(&client, &signers, case, Kind::EventCorrected(Box::new(corrected)), None).await;
    let note = Kind::NoteAdded(proto::NoteAdded {});
    let note = record(&client, &signers, case, note, None).await;
    let misfiled = Kind::EventMisfiled(proto::EventMisfiled { event: hash(note) });
    record(&client, &signers, case, misfiled, None).await;
    let assessed = Kind::AssessmentCompleted(proto::AssessmentCompleted {
        age_band: proto::AgeBand::Under10.into(),
    });
    record(&client, &signers, case, assessed, None).await;
}

/// Half past ten in Sofia.
fn on_day_of_march(day: i64) -> OccurredAt {
    let seconds = 1_772_267_400 + day * 86_400;
    OccurredAt {
        instant: Instant { seconds, nanos: 0, offset_minutes: 120 },
        precision: proto::Precision::Minute,
        knowledge: proto::Knowledge::Witnessed,
    }
}

#[test]
fn a_case_is_answered_for_in_both_languages() {
    let case = Case::open();
    case.says(
        "status",
        &["--lang", "bg"],
        &[
            "състояние       открит\n",
            &format!("води го         {}\n", &case.office.actor("worker")[..8]),
            "Чака подпис\n  № 6 Оценка на случая, ",
            "      чака подпис от: началник на ОЗД или директор на ДСП\n",
            "  ! до края на 29 март 2026 · ",
            " · Оценка на случая\n      чл. 16(2) ППЗЗДет; ",
            "задължение на водещия случая",
            "тече от 1 март 2026, 10:30 (№ 1)",
        ],
    );
    case.says(
        "status",
        &["--lang", "en"],
        &[
            "stage           open\n",
            "Waits for a signature\n  no. 6 Assessment completed, ",
            "waits for a signature by: head of department or director",
            "  ! by the end of 29 March 2026 · ",
            "duty of the lead",
        ],
    );
    let told = &case.lines("status", &[])[0]["case"];
    assert_eq!(told["stage"], "STAGE_OPEN");
    assert_eq!(told["acts"][0]["status"], "ACT_STATUS_PENDING");
    let late = ["CLOCK_READING_OVERDUE", "CLOCK_READING_MISSED"];
    assert!(late.contains(&told["clocks"][0]["reading"].as_str().unwrap()), "{told}");
}

#[test]
fn a_timeline_tells_what_became_of_each_event() {
    let case = Case::open();
    case.says(
        "timeline",
        &["--lang", "bg"],
        &[
            "\n1 март 2026\n  10:30  № 1  Откриване на случай\n         подписали: ",
            " дни по-късно, на ",
            "\n\n3 март 2026\n  10:30  № 2  Посещение\n",
            "поправено с № 3; първо беше вписано за 9 март 2026, 10:30\n",
            "НЕ Е ЗА ТУК, погрешно вписано: вж. № 5\n",
            "№ 6  Оценка на случая · ЧАКА ПОДПИС, още не е в сила\n",
        ],
    );
    let said = case.says(
        "timeline",
        &["--lang", "en"],
        &[
            "\n3 March 2026\n  10:30  no. 2  Visit recorded\n",
            "corrected by no. 3; it was first said to have happened on 9 March 2026, 10:30\n",
            "NOT OF THIS FILE: see no. 5\n",
            " · WAITS FOR A SIGNATURE, not in force yet\n",
        ],
    );
    assert!(!said.contains("\n9 March 2026\n"), "{said}");
    let entries = case.lines("timeline", &[]);
    assert_eq!(entries[1]["event"]["kind"], "VisitRecorded");
    assert_eq!(entries[1]["corrected_by"][0], entries[2]["event"]["statement_hash"]);
    assert_eq!((&entries[1]["version"], &entries[0]["corrected_at"]), (&2.into(), &Value::Null));
}

#[test]
fn a_decision_is_traced_to_what_its_authors_knew() {
    let case = Case::open();
    case.says(
        "trace",
        &["--event", "2", "--lang", "bg"],
        &[
            "  10:30  № 2  Посещение\n",
            &format!("  {}, социален работник, структура ", &case.office.actor("worker")[..8]),
            "подписа, видял случая до № 1\n      няма вписана справка по случая преди това\n",
            "На какво почива: не е посочено\n",
            "Съгласие, отказ, поправка\n  № 3 Поправка, ",
        ],
    );
    case.says(
        "trace",
        &["--event", "1", "--lang", "en"],
        &[
            "What it rests on\n  no. 3 of signal ",
            "Signal assessed",
            "Terms that it began or ended\n",
            "Supervision on the case",
        ],
    );
    let told = &case.lines("trace", &["--event", "2"])[0];
    assert_eq!(told["authors"][0]["seen_version"], 1);
    assert_eq!(told["entries"][0]["event"]["kind"], "VisitRecorded");
    let nothing = case.asked("trace", "head", &["--event", "99"]);
    assert!(nothing.bad().contains("refused"), "{}", nothing.err);
}

#[test]
fn a_case_is_told_as_it_was_known() {
    let case = Case::open();
    let size = case.lines("timeline", &[])[3]["event"]["sequence"].as_u64().unwrap();
    let (size, worker, head) =
        (size.to_string(), case.office.actor("worker"), case.office.actor("head"));
    let then = ["--size", &size, "--actor", &worker];
    let said = case.says(
        "as-known-at",
        &[&then[..], &["--lang", "bg"]].concat(),
        &[
            &format!("По вписаното тогава, събития в записа: {size}\n"),
            "събития         3\n",
            &format!("Събитията дотогава, и какво от тях е имал {}\n", &worker[..8]),
            "         → не му е дадено\n",
            "         → подписал го е\n",
        ],
    );
    // What came later was not known.
    assert!(!said.contains("Бележка") && said.contains("поправено с № 3"), "{said}");
    let later = ["--at", "2099-12-31", "--actor", &head, "--lang", "en"];
    case.says(
        "as-known-at",
        &later,
        &[
            "As recorded by the end of 31 December 2099 (events in the record: ",
            "events          6\n",
            "and what of them was given to ",
        ],
    );
    let lines = case.lines("as-known-at", &then);
    assert_eq!(lines[0]["as_of_size"].to_string(), size);
    assert_eq!(lines[1]["given"], "GIVEN_NOTHING");
    let before = ["--size", "10", "--lang", "en"];
    case.says("as-known-at", &before, &["nothing was recorded by then\n"]);
    assert!(case.asked("as-known-at", "head", &[]).bad().contains("--at"));
}

#[test]
fn what_is_due_and_who_owes_it_is_listed() {
    let case = Case::open();
    let run = |words: &[&str], who: &str| {
        let key = case.office.key(who);
        case.office.run(&[words, &["--key", &key]].concat()).good()
    };
    let says = |words: &[&str], who: &str, expected: &[String]| {
        let said = run(words, who);
        for expected in expected {
            assert!(said.contains(expected), "{expected}\n{said}");
        }
    };
    let id = &case.id;
    let of_case = format!("\n      случай {id}\n");
    let overdue = "  ! до края на 29 март 2026 · ".to_owned();
    let assessment = " · Оценка на случая\n      чл. 16(2) ППЗЗДет".to_owned();
    says(&["clocks", "--lang", "bg"], "head", &[overdue, assessment, of_case.clone()]);
    says(
        &["duties", "--lang", "bg"],
        "head",
        &[of_case, "като началник на ОЗД\n      Оценка на случая: ЧАКА ПОДПИС".to_owned()],
    );
    says(&["duties", "--lang", "en"], "duty", &["0 duties\n".to_owned()]);
    let agency = agency_of(&case.office);
    says(
        &["case", "overview", "--holder", &agency, "--lang", "en"],
        "head",
        &[format!("  {id} open · general\n      led by "), "\n2 cases\n".to_owned()],
    );
    says(
        &["register", "special-protection", "--holder", &agency, "--lang", "bg"],
        "head",
        &[format!("  {id} открит"), "от 1 март 2026".to_owned(), "вписани: 1,".to_owned()],
    );
    let worker = case.office.actor("worker");
    says(
        &["decisions", "--actor", &worker, "--kind", "VisitRecorded", "--lang", "en"],
        "head",
        &[format!("Visit recorded\n      case/{id}, no. 2\n"), "\n2 in all\n".to_owned()],
    );
    let lines = run(&["duties", "--actor", &worker, "--json"], "head");
    let files = lines.lines().map(|line| {
        let duty: Value = serde_json::from_str(line).unwrap();
        duty["clock"]["file"].as_str().unwrap().to_owned()
    });
    assert!(files.into_iter().any(|file| file == format!("case/{id}")), "{lines}");
    let watched = run(&["clocks", "--watch", "--count", "1", "--json"], "head");
    let told: Value = serde_json::from_str(&watched).unwrap();
    assert!(!told["clocks"].as_array().unwrap().is_empty(), "{told}");
    let world = case.office.run(&["decisions", "--key", &case.office.key("head")]);
    assert!(world.bad().contains("--actor"), "{}", world.err);
}

#[test]
fn whoever_may_not_see_a_case_is_told_nothing() {
    let case = Case::open();
    for more in [
        &["status"][..],
        &["timeline"],
        &["trace", "--event", "1"],
        &["as-known-at", "--size", "60"],
    ] {
        let said = case.asked(more[0], "duty", &more[1..]);
        assert!(said.bad().contains("no such file, or not for this caller"), "{}", said.err);
        assert_eq!(said.out, "");
    }
}
