//! Figures that name nobody: asked of a real server.

use letopis_domain::figures::{Quarter, UNIVERSES};
use letopis_domain::testing::{BEGINNING, PEOPLE, Story};
use letopis_proto::accountability::v1 as proto;
use letopis_types::Timestamp;
use tonic::{Code, Status};

use crate::accountability::{Client, office, place};
use crate::server::Place;
use crate::stories::Office;

/// Asked by somebody, for the purpose that indicators are for in that role.
async fn get_indicators(
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
fn later(place: &Place, days: i64) {
    place.set_now(Timestamp::from_seconds((first().end() + days * 86_400) as u64));
}

fn of_first() -> proto::GetIndicatorsRequest {
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
    let mut known: Vec<&str> = vec!["", "общо", "total"];
    for universe in UNIVERSES {
        known.extend([universe.code, universe.bg, universe.en]);
        for breakdown in universe.breakdowns {
            known.extend([breakdown.code, breakdown.bg, breakdown.en]);
        }
    }
    for table in &answer.tables {
        let words = table.words.as_ref().unwrap();
        for text in [&table.universe, &words.bg, &words.en] {
            assert!(known.contains(&&**text), "{text}");
        }
    }
    let whole = format!("{answer:?}");
    for person in PEOPLE {
        assert!(!whole.contains(&person.actor().to_string()), "{}", person.name);
        assert!(!whole.contains(&format!("{:?}", person.actor().0)), "{}", person.name);
    }
    let cells = answer.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
    assert!(cells.clone().all(|cell| cell.count.is_none_or(|count| count == 0 || count > 4)));
    assert!(cells.clone().any(|cell| cell.count.is_none()));

    // It is on the record, and the record verifies.
    drop(office.ledger);
    office.server.stop().await;
    let verified = tokio::task::block_in_place(|| place.verify());
    assert!(verified.readings > 0);
}
