//! How long the procedure takes: to decide a statement on a case of 1,000 events, and to load that case from
//! what the state keeps of it. `cargo run --release -p letopis-domain --features testing --example
//! procedure_speed`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a measurement")]

use std::time::Instant;

use letopis_domain::file::FileState;
use letopis_domain::testing::World;

/// What is done in the case again and again, over some years.
const CYCLE: [&str; 5] = [
    "+2d VisitRecorded",
    "+1h NoteAdded",
    "+1d FamilyHeard",
    "+1h DocumentAdded",
    "+1d SupervisionHeld",
];
const EVENTS: usize = 1_000;
const ROUNDS: u32 = 2_000;

fn main() {
    let mut world = World::bulgarian();
    let beginning = [
        "SignalReceived",
        "+1h SignalAssigned",
        "+5d SignalAssessed",
        "+1h CaseOpened",
        "+1d AssessmentCompleted",
        "+1d PlanAdopted",
    ];
    for line in beginning.into_iter().chain(CYCLE.into_iter().cycle().take(EVENTS)) {
        world.tell(line).unwrap();
    }
    let file = world.of("case");
    let row = postcard::to_allocvec(&*file).unwrap();
    println!("a case of {EVENTS} events: {} bytes in the state", row.len());

    let load = || {
        let loaded: FileState = postcard::from_bytes(&row).unwrap();
        std::hint::black_box(loaded);
    };
    let mut took: Vec<f64> = (0..200).map(|_| micros(1, load)).collect();
    println!("load from the state: {:.0} µs", median(&mut took));

    for line in ["+1h VisitRecorded", "+1h PlanAmended", "+1h CaseClosed", "+1h PlacementOrdered"] {
        let asked = world.ask(line);
        let decide = || {
            std::hint::black_box(asked.decide());
        };
        let mut took: Vec<f64> = (0..20).map(|_| micros(ROUNDS, decide)).collect();
        println!("decide {}: {:.2} µs ({})", &line[4..], median(&mut took), asked.decide());
    }
}

/// Microseconds for each of so many times.
fn micros(times: u32, work: impl Fn()) -> f64 {
    let start = Instant::now();
    (0..times).for_each(|_| work());
    start.elapsed().as_secs_f64() * 1e6 / f64::from(times)
}

fn median(took: &mut [f64]) -> f64 {
    took.sort_unstable_by(f64::total_cmp);
    took[took.len() / 2]
}
