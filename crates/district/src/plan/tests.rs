#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::calendar::DAY;

/// A year's acts in words, without what only keys and ids decide.
fn acts(seed: u64, children: usize) -> Vec<Act> {
    Plan::new(seed, children).unwrap().collect()
}

/// What is counted over the plan alone.
#[derive(Debug, Default)]
struct Counted {
    signals: usize,
    several: usize,
    children: usize,
    families: BTreeSet<usize>,
    tracks: BTreeSet<String>,
    entries: usize,
    late: usize,
    misfiled: usize,
    stories: BTreeMap<String, usize>,
    per_story: BTreeMap<usize, usize>,
}

fn count(acts: &[Act]) -> Counted {
    let mut counted = Counted::default();
    for act in acts {
        match &act.deed {
            Deed::Begins(begun) => {
                *counted.stories.entry(begun.title.to_string()).or_default() += 1;
                let Some(family) = begun.family else { continue };
                counted.families.insert(family);
                counted.tracks.insert(begun.track.clone());
                if begun.after.is_none() {
                    counted.signals += 1;
                    counted.several += usize::from(begun.children > 1);
                    counted.children += usize::from(begun.children);
                }
            }
            Deed::Says(line) => {
                counted.entries += 1;
                *counted.per_story.entry(act.story).or_default() += 1;
                counted.misfiled += usize::from(line.starts_with("EventMisfiled"));
                let happened = line.split_once(" happened -").map_or("", |(_, rest)| rest);
                let span = happened.split_whitespace().next().unwrap_or_default();
                counted.late += usize::from(span.ends_with('d'));
            }
            _ => {}
        }
    }
    counted
}

#[test]
fn a_year_has_what_the_district_has() {
    let plan = Plan::new(1, 400).unwrap();
    let staff = Arc::clone(plan.staff());
    let counted = count(&plan.collect::<Vec<_>>());
    let per_mille = |part: usize, of: usize| part * 1000 / of;
    assert!(counted.children >= 400, "{counted:?}");
    assert_eq!(counted.families.len(), 250);
    let several = per_mille(counted.several, counted.signals);
    assert!((160..=240).contains(&several), "{several} of 1000 signals about several children");
    let late = per_mille(counted.late, counted.entries);
    assert!((80..=120).contains(&late), "{late} of 1000 entries late");
    let misfiled = per_mille(counted.misfiled, counted.entries);
    assert!((24..=36).contains(&misfiled), "{misfiled} of 1000 entries misfiled");
    assert_eq!(counted.tracks.len(), 6, "{:?}", counted.tracks);
    assert!((10..=30).contains(&(counted.entries / counted.children)), "{}", counted.entries);
    assert!(counted.stories.values().all(|count| *count >= 3), "{:?}", counted.stories);

    let workers = staff.members.iter().filter(|one| one.part == "worker");
    let leaving = workers.clone().filter(|one| one.leaves.is_some()).count();
    // Whoever leaves has a successor, who is counted apart.
    let at_first = workers.count() - leaving;
    assert_eq!(at_first / leaving, 7);
    let regions: BTreeSet<_> = staff.agencies.iter().filter_map(|agency| agency.region).collect();
    assert!(regions.len() > 1);
}

#[test]
fn it_is_in_order_of_time_and_within_the_year() {
    let plan = Plan::new(2, 100).unwrap();
    let (begins, ends) = (plan.begins(), plan.ends());
    let acts: Vec<Act> = plan.collect();
    assert!(acts.is_sorted_by_key(|act| act.at));
    assert!(acts.iter().all(|act| (begins..ends).contains(&act.at)));
    assert!(ends - begins > 363 * DAY);
}

#[test]
fn nights_and_weekends_are_in_it() {
    let calendar = Calendar::new().unwrap();
    let mut random = Random::of(0, "test", 0);
    let off_work = acts(3, 100)
        .iter()
        .filter(|act| matches!(act.deed, Deed::Begins(_)))
        .fold(0, |count, act| count + usize::from(calendar.at_work(act.at, &mut random) != act.at));
    assert!(off_work >= 6, "{off_work}");
}

#[test]
fn the_seed_decides() {
    let told = |seed| format!("{:?}", acts(seed, 80));
    assert_eq!(told(4), told(4));
    assert_ne!(told(4), told(5));
}

#[test]
fn stories_are_planned_when_they_begin() {
    let mut plan = Plan::new(6, 10_000).unwrap();
    let mut most = 0;
    while plan.next().is_some() {
        most = most.max(plan.stories.len());
    }
    assert!(plan.begun > 8_000 && plan.stories.len() < plan.begun / 2, "{most} of {}", plan.begun);
    assert!(most < plan.begun * 2 / 3, "{most} of {}", plan.begun);
}
