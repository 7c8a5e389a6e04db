//! Whatever the case: nothing that names it leaves.

use letopis_domain::testing::{AGENCY, OTHER_AGENCY, PEOPLE, SERVICE};
use letopis_proto::KINDS as ALL;
use letopis_types::StreamKind;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::document::day_text;

/// Every kind that may stand in a case or its protected part, and that a story can tell.
fn any_kind() -> impl Strategy<Value = &'static str> {
    let of_case = |kind: &&letopis_proto::KindInfo| {
        let streams = [StreamKind::Case as u32, StreamKind::Protected as u32];
        kind.streams.iter().any(|stream| streams.contains(stream))
    };
    let untold = ["HistoryImported", "SectionsErased", "DeadlineMissed"];
    let names = ALL.iter().filter(of_case).map(|kind| kind.name);
    select(names.filter(|name| !untold.contains(name)).collect::<Vec<_>>())
}

fn any_story() -> impl Strategy<Value = Vec<String>> {
    let line = (0..90_u32, any_kind()).prop_map(|(days, kind)| format!("+{days}d {kind}"));
    prop::collection::vec(line, 1..25)
}

fn any_grain() -> impl Strategy<Value = Grain> {
    select(vec![Grain::Day, Grain::Week, Grain::FourWeeks])
}

/// Every id that the invented world knows, and that stands in these statements: in text and in hex, also the
/// beginning alone, by which people know them.
fn ids(past: &[Past]) -> Vec<String> {
    let events = past.iter().filter_map(|past| crate::source::Event::of(past).unwrap());
    let mut ids: Vec<_> = events.flat_map(|event| event.ids()).collect();
    ids.extend([AGENCY, OTHER_AGENCY, SERVICE].map(|agency| agency.0.to_vec()));
    ids.extend(PEOPLE.iter().map(|person| person.actor().0.to_vec()));
    ids.iter().map(|id| id.iter().take(4).map(|byte| format!("{byte:02x}")).collect()).collect()
}

proptest! {
    #[test]
    fn no_id_and_no_day_of_the_case_leaves(
        story in any_story(),
        grain in any_grain(),
        random in any::<u64>(),
    ) {
        let past = past(&story.join("\n"));
        let wishes = Wishes { random, ..wishes(grain) };
        let document = match make(&past, &wishes) {
            Err(MakeError::Empty) => return Ok(()),
            made => made.unwrap(),
        };
        let line = document.to_line().unwrap();
        for id in ids(&past) {
            prop_assert!(!line.contains(&id), "{id}\n{line}");
        }
        let events = past.iter().filter_map(|past| crate::source::Event::of(past).unwrap());
        for day in events.map(|event| day_text(event.day()).unwrap()) {
            prop_assert!(!line.contains(&day), "{day}\n{line}");
        }
        // No time of day either: every digit stands in a day, a number, a code of an age band or the format.
        prop_assert!(!line.contains("T1") && !line.contains(":0"));
        // What is made is read, and holds what its own rules say.
        prop_assert_eq!(Document::parse(&line).unwrap(), document);
    }
}
