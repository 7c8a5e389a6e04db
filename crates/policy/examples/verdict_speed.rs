//! How long a verdict takes with the Bulgarian set: `cargo run --release -p letopis-policy
//! --example verdict_speed`.
//!
//! In scope: medians, of each of a mix of questions and of them all, decided by the set and found in
//! the cache. Out of scope: finding out the relation that a question holds.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use letopis_policy::{Action, BG, PolicySet, Question, Relation, Verdict, Verdicts};
use letopis_proto::statement::v1::{Purpose, Role};
use letopis_types::{Class, StreamKind};

/// Times each question is asked, and the calls that make one time of a hit.
const ROUNDS: usize = 2_000;
const HITS_AT_A_TIME: u32 = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let set = Arc::new(PolicySet::parse(BG)?);
    println!("{} rules, read and judged in {:.1?}", set.rules().count(), began.elapsed());

    let verdicts = Verdicts::new(Arc::clone(&set), Verdicts::CAPACITY);
    fill(&verdicts);
    println!("{:<24} {:>12} {:>12}  decided by", "median of", "uncached", "cached");
    let (mut all_uncached, mut all_cached) = (Vec::new(), Vec::new());
    for (name, question) in questions() {
        let mut uncached = times(1, || set.decide(black_box(&question)));
        let mut cached = times(HITS_AT_A_TIME, || verdicts.decide(black_box(&question)));
        let rule = set.decide(&question).rule;
        println!(
            "{name:<24} {:>12.2?} {:>12.2?}  {rule}",
            median(&mut uncached),
            median(&mut cached)
        );
        all_uncached.append(&mut uncached);
        all_cached.append(&mut cached);
    }
    println!(
        "{:<24} {:>12.2?} {:>12.2?}",
        "all",
        median(&mut all_uncached),
        median(&mut all_cached)
    );
    Ok(())
}

/// A cache in use: some thousand verdicts over a dozen payload types.
fn fill(verdicts: &Verdicts) {
    let relations = Relation::ALL
        .iter()
        .flat_map(|(one, _)| Relation::ALL.iter().map(|(other, _)| *one | *other));
    for (number, relation) in relations.enumerate() {
        for (_, question) in questions() {
            let payload_type = format!("note/{}", number % 12);
            let _ =
                verdicts.decide(&Question { relation, payload_type: &payload_type, ..question });
        }
    }
}

fn times(calls: u32, mut decide: impl FnMut() -> Verdict) -> Vec<Duration> {
    let time = |_| {
        let began = Instant::now();
        for _ in 0..calls {
            black_box(decide());
        }
        began.elapsed() / calls
    };
    (0..ROUNDS).map(time).collect()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn questions() -> Vec<(&'static str, Question<'static>)> {
    let exists = Relation::EXISTS;
    let section = Question {
        action: Action::ReadSection,
        purpose: Purpose::CaseWork,
        role: Role::SocialWorker,
        delegated: false,
        stream: StreamKind::Case,
        event: "ChildHeard",
        class: Some(Class::VeryRestricted),
        payload_type: "child-words/1",
        relation: exists | Relation::LEAD | Relation::TEAM | Relation::OWN_AGENCY,
    };
    let facts = Question { action: Action::ReadFacts, class: None, payload_type: "", ..section };
    let append = Question { action: Action::Append, ..facts };
    vec![
        ("lead reads", section),
        ("stranger reads", Question { relation: exists, ..section }),
        (
            "head reads",
            Question {
                role: Role::HeadOfDepartment,
                purpose: Purpose::Supervision,
                relation: exists | Relation::OWN_AGENCY,
                ..section
            },
        ),
        (
            "break glass",
            Question {
                role: Role::Deputy,
                purpose: Purpose::Emergency,
                relation: exists | Relation::BREAK_GLASS,
                ..section
            },
        ),
        (
            "auditor reads reporter",
            Question {
                role: Role::Auditor,
                purpose: Purpose::Inspection,
                payload_type: "reporter/1",
                relation: exists | Relation::INSPECTION,
                ..section
            },
        ),
        ("facts of own case", facts),
        ("facts, no tie", Question { relation: exists, ..facts }),
        ("lead appends", append),
        (
            "provider appends",
            Question {
                role: Role::Provider,
                event: "ServiceReported",
                relation: exists | Relation::SHARED,
                ..append
            },
        ),
        ("stranger appends", Question { relation: exists, ..append }),
    ]
}
