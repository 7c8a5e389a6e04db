//! Figures that name nobody: asked of a real server.

use std::collections::BTreeSet;

use letopis_domain::figures::{Categories, Quarter, UNIVERSES};
use letopis_domain::profile::{BULGARIAN, Profile};
use letopis_domain::testing::{BEGINNING, PEOPLE, Story};
use letopis_proto::accountability::v1 as proto;
use letopis_types::Timestamp;
use tonic::{Code, Status};

use crate::accountability::{Client, office, place};
use crate::server::Place;
use crate::stories::Office;

/// Asked by somebody, for the purpose that indicators are for in that role.
pub(crate) async fn get_indicators(
    office: &mut Office,
    place: &Place,
    who: &str,
    request: proto::GetIndicatorsRequest,
) -> Result<proto::GetIndicatorsResponse, Status> {
    const METHOD: &str = "letopis.accountability.v1.AccountabilityService/GetIndicators";
    let purpose = match who {
        "auditor" => "inspection",
        "officer" => "data_protection",
        "head" | "director" | "superior" | "supervisor" => "supervision",
        _ => "case_work",
    };
    let request = office.call_for(purpose, place, who, METHOD, request);
    let mut client = Client::new(office.server.channel.clone());
    Ok(client.get_indicators(request).await?.into_inner())
}

/// A quarter's work: twelve signals, nine cases of them, some visits.
async fn a_quarter(office: &mut Office, place: &Place) -> Vec<Story> {
    let mut stories = Vec::new();
    for number in 0..12 {
        let mut story = Story::new(400 + number);
        let outcome = if number < 9 { "case" } else { "no-case" };
        let assessed = format!("+1d SignalAssessed outcome={outcome}");
        let check = ["SignalReceived", "+1h SignalAssigned", &assessed];
        office.tell(place, &mut story, &check).await;
        if number < 9 {
            office.tell(place, &mut story, &["+1h CaseOpened"]).await;
        }
        if number < 7 {
            office.tell(place, &mut story, &["+1d VisitRecorded"]).await;
        }
        stories.push(story);
    }
    stories
}

fn first() -> Quarter {
    Quarter::of(BEGINNING)
}

/// After the quarter in which the stories begin.
pub(crate) fn later(place: &Place, days: i64) {
    place.set_now(Timestamp::from_seconds((first().end() + days * 86_400) as u64));
}

pub(crate) fn of_first() -> proto::GetIndicatorsRequest {
    proto::GetIndicatorsRequest {
        year: first().year().into(),
        quarter: first().quarter().into(),
        ..Default::default()
    }
}

fn table<'a>(
    answer: &'a proto::GetIndicatorsResponse,
    universe: &str,
) -> &'a proto::IndicatorTable {
    answer.tables.iter().find(|table| table.universe == universe).unwrap()
}

/// The country's cell of a category.
fn cell(
    answer: &proto::GetIndicatorsResponse,
    of: &str,
    breakdown: &str,
    category: &str,
) -> Option<u64> {
    let table = table(answer, of);
    let is = |column: &proto::IndicatorColumn| {
        column.breakdown == breakdown && column.category == category
    };
    let at = table.columns.iter().position(is).unwrap();
    assert_eq!(table.rows[0].region, None);
    table.rows[0].cells[at].count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quarter_is_published_once_it_is_over_and_never_changes() {
    let place = place();
    let mut office = office(&place).await;
    let mut stories = a_quarter(&mut office, &place).await;

    let early = get_indicators(&mut office, &place, "head", of_first()).await.unwrap_err();
    assert_eq!(early.code(), Code::InvalidArgument);
    assert!(early.message().contains("not over"), "{}", early.message());

    later(&place, 1);
    let answer = get_indicators(&mut office, &place, "auditor", of_first()).await.unwrap();
    assert_eq!(answer.tables.len(), UNIVERSES.len());
    assert_eq!(cell(&answer, "signals", "", ""), Some(12));
    assert_eq!(cell(&answer, "signals", "channel", "oral"), Some(12));
    assert_eq!(cell(&answer, "signals", "channel", "written"), Some(0));
    assert_eq!(cell(&answer, "cases-opened", "", ""), Some(9));
    assert_eq!(cell(&answer, "visits", "timeliness", "kept"), Some(0));
    assert_eq!(cell(&answer, "visits", "timeliness", "no-clock"), Some(7));
    // Nine cases and three without one: the three are withheld, and the nine with them.
    assert_eq!(cell(&answer, "checks", "", ""), Some(12));
    assert_eq!(cell(&answer, "checks", "outcome", "case"), None);
    assert_eq!(cell(&answer, "checks", "outcome", "no-case"), None);
    assert_eq!(cell(&answer, "checks", "outcome", "not-pursued"), Some(0));
    assert!(answer.as_of_size > 0 && answer.withheld.is_some());

    // What is said later of this quarter's events counts in its own.
    let correction = ["+1h EventCorrected on VisitRecorded time=-1h"];
    for story in stories.iter_mut().take(5) {
        later(&place, 2);
        story.set_now(first().end() + 2 * 86_400);
        office.tell(&place, story, &correction).await;
    }
    later(&place, 40);
    let again = get_indicators(&mut office, &place, "auditor", of_first()).await.unwrap();
    assert_eq!(again.tables, answer.tables);
    let next = proto::GetIndicatorsRequest { quarter: of_first().quarter + 1, ..of_first() };
    later(&place, 120);
    let next = get_indicators(&mut office, &place, "auditor", next).await.unwrap();
    assert_eq!(cell(&next, "corrections", "what", "corrected"), Some(5));
    assert_eq!(cell(&next, "visits", "", ""), Some(0));

    // The same from a state that was made anew.
    let remove = || std::fs::remove_dir_all(place.root().join("state")).unwrap();
    let mut office = office.restart_after(&place, remove).await;
    let anew = get_indicators(&mut office, &place, "superior", of_first()).await.unwrap();
    assert_eq!(anew.tables, answer.tables);
}

/// Every word of an answer is of the published list of what is counted, of the profile's clocks, or says what is
/// withheld: nothing of a file, and of no person.
fn says_only_what_is_published(answer: &proto::GetIndicatorsResponse) {
    let mut known = BTreeSet::from(["", "общо", "total"].map(str::to_owned));
    let mut knows = |words: &[&str]| known.extend(words.iter().map(|word| (*word).to_owned()));
    for universe in UNIVERSES {
        knows(&[universe.code, universe.bg, universe.en]);
        for breakdown in universe.breakdowns {
            knows(&[breakdown.code, breakdown.bg, breakdown.en]);
            if let Categories::These(these) = breakdown.categories {
                these.iter().for_each(|one| knows(&[one.code, one.bg, one.en]));
            }
        }
    }
    for rule in Profile::parse(BULGARIAN).unwrap().clocks() {
        knows(&[&rule.number.to_string(), &rule.words.bg, &rule.words.en]);
    }
    let texts = texts(answer);
    assert!(texts.len() > 500, "all tables were looked at");
    for (at, text) in &texts {
        let says_why = at.starts_with("withheld");
        assert!(says_why || known.contains(text), "{at}: {text}");
        assert!(
            !says_why
                || text.contains("твърде малко")
                || text.contains("too few")
                || at == "withheld"
        );
        for person in PEOPLE {
            let [id, bytes] = [person.actor().to_string(), format!("{:?}", person.actor().0)];
            assert!(!text.contains(&id) && !text.contains(&bytes), "{at}: {text}");
        }
        // Whatever looks like an id, a hash or a date.
        let runs = text.split(|c: char| !c.is_ascii_hexdigit());
        assert!(runs.clone().all(|run| run.len() < 8), "{at}: {text}");
    }
}

/// Every text that an answer has, with where it stands. Taken apart field by field: a field that comes later does
/// not compile here until somebody thinks of it.
fn texts(answer: &proto::GetIndicatorsResponse) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut add = |at: &str, words: &[&Option<proto::Words>], codes: &[&String]| {
        texts.extend(codes.iter().map(|code| (at.to_owned(), (*code).clone())));
        for proto::Words { bg, en } in words.iter().filter_map(|words| words.as_ref()) {
            texts.extend([bg, en].map(|text| (at.to_owned(), text.clone())));
        }
    };
    let proto::GetIndicatorsResponse { tables, withheld, as_of_size: _ } = answer;
    add("withheld", &[withheld], &[]);
    for proto::IndicatorTable { year: _, quarter: _, universe, words, columns, rows, withheld } in
        tables
    {
        add("table", &[words], &[universe]);
        for proto::IndicatorColumn { breakdown, breakdown_words, category, words } in columns {
            add("column", &[breakdown_words, words], &[breakdown, category]);
        }
        for proto::IndicatorRow { region: _, cells } in rows {
            cells.iter().for_each(|proto::IndicatorCell { count: _ }| ());
        }
        withheld.iter().for_each(|why| add("withheld in a table", &[&Some(why.clone())], &[]));
    }
    texts
}

/// Somebody says a line whose section of this type holds this code.
async fn say(
    office: &mut Office,
    place: &Place,
    story: &mut Story,
    line: &str,
    section: [&str; 2],
) {
    let told = story.tell(line);
    place.set_now(Timestamp::from_seconds(told.recorded as u64));
    let [payload_type, code] = section;
    let content = format!("{{\"code\":\"{code}\"}}");
    let hash = office.say_holding(&told, payload_type, content.as_bytes()).await.unwrap();
    story.remember(&told, hash);
}

/// Twelve children heard, seven not, and six assessments where abandonment is prevented; their codes in sections.
async fn a_quarter_of_codes(office: &mut Office, place: &Place) -> Vec<Story> {
    let mut stories = Vec::new();
    for number in 0..19 {
        let mut story = Story::new(500 + number);
        let track = if number < 6 { "prevention" } else { "general" };
        let lines = [
            format!("SignalReceived track={track}"),
            "+1h SignalAssigned".to_owned(),
            format!("+1d SignalAssessed track={track}"),
            "+1h CaseOpened".to_owned(),
            "+1h ChildInformed".to_owned(),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        office.tell(place, &mut story, &lines).await;
        let (line, code) = match number {
            0..7 => ("+1h ChildNotHeard with participation", "lacking"),
            7..13 => ("+1h ChildHeard with participation", "interpreter"),
            _ => ("+1h ChildHeard with participation", "unneeded"),
        };
        say(office, place, &mut story, line, ["participation/1", code]).await;
        if number < 6 {
            let line = "+1d AssessmentCompleted with abandonment";
            say(office, place, &mut story, line, ["abandonment/1", "poverty"]).await;
        } else if number < 12 {
            office.tell(place, &mut story, &["+1d AssessmentCompleted"]).await;
        }
        stories.push(story);
    }
    stories
}

/// What stands in sealed sections is counted inside, and stays so when it is taken back or erased, and from a state
/// that is made anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn support_and_causes_are_counted_from_sealed_sections() {
    let place = place();
    let mut office = office(&place).await;
    let mut stories = a_quarter_of_codes(&mut office, &place).await;
    // Taken back: it counts among what was taken back, and where it was counted.
    office.tell(&place, &mut stories[0], &["+1h EventMisfiled on ChildNotHeard"]).await;
    // Erased before anybody asked: all that is restricted of one, and one section of another.
    for (story, line) in [
        (1, "+1d SectionsErased class=restricted with erasure"),
        (8, "+1d SectionsErased version=3 index=2 with erasure"),
    ] {
        office.tell(&place, &mut stories[story], &[line]).await;
    }
    later(&place, 1);
    let answer = get_indicators(&mut office, &place, "auditor", of_first()).await.unwrap();
    let support = |category: &str| {
        ["heard", "not-heard"].map(|universe| cell(&answer, universe, "support", category))
    };
    assert_eq!(support("interpreter"), [Some(6), Some(0)]);
    assert_eq!(support("unneeded"), [Some(6), Some(0)]);
    assert_eq!(support("lacking"), [Some(0), Some(7)]);
    assert_eq!(support("not-stated"), [Some(0), Some(0)]);
    assert_eq!(cell(&answer, "prevention-assessments", "cause", "poverty"), Some(6));
    assert_eq!(cell(&answer, "prevention-assessments", "cause", "not-stated"), Some(0));
    assert_eq!(cell(&answer, "assessments", "", ""), Some(6));
    says_only_what_is_published(&answer);

    // Erased when it was published.
    let erased = "+1h SectionsErased class=restricted with erasure";
    for story in [2, 3, 9, 14] {
        later(&place, 2);
        stories[story].set_now(first().end() + 2 * 86_400);
        office.tell(&place, &mut stories[story], &[erased]).await;
    }
    let again = get_indicators(&mut office, &place, "auditor", of_first()).await.unwrap();
    assert_eq!(again.tables, answer.tables);
    let remove = || std::fs::remove_dir_all(place.root().join("state")).unwrap();
    let mut office = office.restart_after(&place, remove).await;
    let anew = get_indicators(&mut office, &place, "superior", of_first()).await.unwrap();
    assert_eq!(anew.tables, answer.tables);
    // Counting is no reading, but the record verifies, the vault with it.
    drop(office.ledger);
    office.server.stop().await;
    tokio::task::block_in_place(|| place.verify());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_finer_can_be_asked_for_and_nobody_is_named() {
    let place = place();
    let mut office = office(&place).await;
    a_quarter(&mut office, &place).await;
    later(&place, 1);

    for (request, field) in [
        (proto::GetIndicatorsRequest { year: 12, ..of_first() }, "four digits"),
        (proto::GetIndicatorsRequest { year: 9999, ..of_first() }, "four digits"),
        (proto::GetIndicatorsRequest { quarter: 5, ..of_first() }, "1 to 4"),
        (proto::GetIndicatorsRequest { year: 2999, ..of_first() }, "not over"),
        (proto::GetIndicatorsRequest { region: Some(77), ..of_first() }, "region"),
        (
            proto::GetIndicatorsRequest { universes: vec!["children".to_owned()], ..of_first() },
            "one of signals, checks",
        ),
    ] {
        let refused = get_indicators(&mut office, &place, "auditor", request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().contains(field), "{}", refused.message());
    }
    // Who does the work sees the own cases, and no figures; whoever may, for the purpose alone.
    for who in ["worker", "duty", "supervisor", "provider"] {
        let refused = get_indicators(&mut office, &place, who, of_first()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{who}");
    }

    let one = proto::GetIndicatorsRequest { universes: vec!["visits".to_owned()], ..of_first() };
    let one = get_indicators(&mut office, &place, "auditor", one).await.unwrap();
    assert_eq!(one.tables.len(), 1);
    let answer = get_indicators(&mut office, &place, "auditor", of_first()).await.unwrap();
    assert_eq!(table(&answer, "visits"), &one.tables[0]);
    says_only_what_is_published(&answer);
    let cells = answer.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
    assert!(cells.clone().all(|cell| cell.count.is_none_or(|count| count == 0 || count > 4)));
    assert!(cells.clone().any(|cell| cell.count.is_none()));

    // It is on the record, and the record verifies.
    drop(office.ledger);
    office.server.stop().await;
    let verified = tokio::task::block_in_place(|| place.verify());
    assert!(verified.readings > 0);
}
