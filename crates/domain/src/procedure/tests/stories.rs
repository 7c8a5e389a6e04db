//! The reviewed stories, written from the law and the catalogue: what may not follow what, and what may.

use std::collections::BTreeSet;

use super::*;
use crate::testing::{Written, stories};

const FORBIDDEN: &str = include_str!("../../../stories/forbidden.txt");
const ALLOWED: &str = include_str!("../../../stories/allowed.txt");

/// What became of a story otherwise than it says.
fn otherwise(story: &Written) -> Option<String> {
    let mut world = World::bulgarian();
    for line in &story.given {
        if let Err(why) = world.tell(line) {
            return Some(format!("{}\n    given {line}: {why}", story.title));
        }
    }
    match (world.tell(&story.last), story.refused) {
        (Ok(_), false) | (Err(_), true) => None,
        (Ok(_), true) => Some(format!("{}\n    {}: taken", story.title, story.last)),
        (Err(why), false) => Some(format!("{}\n    {}: {why}", story.title, story.last)),
    }
}

fn all_as_they_say(text: &str, least: usize) {
    let stories = stories(text);
    assert!(stories.len() >= least, "{} stories", stories.len());
    let otherwise: Vec<_> = stories.iter().filter_map(otherwise).collect();
    assert!(otherwise.is_empty(), "{} stories:\n  {}", otherwise.len(), otherwise.join("\n  "));
}

#[test]
fn what_is_forbidden_is_refused() {
    all_as_they_say(FORBIDDEN, 150);
}

#[test]
fn what_is_allowed_is_taken() {
    all_as_they_say(ALLOWED, 40);
}

/// What is said by the ledger alone, or has its rules elsewhere.
const NOT_TOLD: [&str; 3] = ["DeadlineMissed", "ComplaintLodged", "HandlerAssigned"];

#[test]
fn each_kind_is_taken_in_one_story_and_refused_in_another() {
    let (forbidden, allowed) = (stories(FORBIDDEN), stories(ALLOWED));
    let kind = |line: &String| crate::testing::Line::parse(line).kind;
    let all = || forbidden.iter().chain(&allowed);
    let taken: BTreeSet<String> = all()
        .flat_map(|story| &story.given)
        .chain(allowed.iter().map(|story| &story.last))
        .map(kind)
        .collect();
    let refused: BTreeSet<String> = forbidden.iter().map(|story| &story.last).map(kind).collect();
    for known in letopis_proto::KINDS.iter().filter(|kind| kind.number >= 100) {
        let name = known.name;
        if NOT_TOLD.contains(&name) {
            continue;
        }
        assert!(taken.contains(name), "{name} is taken nowhere");
        assert!(refused.contains(name), "{name} is refused nowhere");
    }
}
