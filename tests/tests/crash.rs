//! `kill -9` of the server at random points under load: every acknowledged event is there, none
//! doubled by the clients' retries, and `verify` passes.
//!
//! One load goes on across all the kills. `LETOPIS_CRASH_ROUNDS` says how many.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::thread;
use std::time::{Duration, Instant};

use letopis_tests::load::{Load, check_sections};
use letopis_tests::{Aftermath, Trial, after_crash, in_millis, random_between, rounds, verified};
use tokio::runtime::Runtime;

/// When it is killed, after its start or after it listened: between these, rather early.
const KILLED: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(300)];

#[test]
fn nothing_acknowledged_is_lost_or_doubled_by_kill_9() {
    let began = Instant::now();
    let rounds = rounds("LETOPIS_CRASH_ROUNDS", 50, 200);
    let trial = Trial::begin("crash");
    // Small segments, so that some of the kills hit the change from one to the next.
    let launch = trial.launch().fixed_port().segments(256 << 10, 64 << 10);
    let runtime = Runtime::new().unwrap();
    let mut server = launch.start();
    let client = runtime.block_on(trial.connect_patiently(&launch.url()));
    let load = Load::begin(&runtime, &trial, &client, Duration::ZERO);

    let (mut starts, mut while_starting, mut left) = (Vec::new(), 0, Vec::new());
    for round in 1..=rounds {
        // The first one is under load already. Half of the others are killed while they open.
        if round > 1 && round % 2 == 0 {
            starts.push(server.listening());
        }
        thread::sleep(random_between(KILLED[0], random_between(KILLED[0], KILLED[1])));
        if round > 1 && round % 2 == 1 {
            match server.listened() {
                Some(took) => starts.push(took),
                None => while_starting += 1,
            }
        }
        server.kill();
        left.push(after_crash(&launch, &trial.data, &load.acknowledged()));
        server = launch.spawn();
    }
    starts.push(server.listening());
    let acknowledged = load.acknowledged();
    let sections = runtime.block_on(check_sections(&client, &trial.registrar(1), &acknowledged, 8));
    let totals = runtime.block_on(load.settle(&client));
    server.stop();
    let said = verified(&trial.data);
    assert_eq!(said["events"], totals.events);
    assert!(rounds < 10 || totals.repeated > 0, "no answer was lost on its way: {totals:?}");

    let count = |what| left.iter().filter(|found| **found == what).count();
    println!(
        "crash: {rounds} kills, {while_starting} of them while it opened, {} with a torn frame, \
         {} with half a change of segments; {} statements acknowledged, each once on the record, \
         {} of them sent again after they were recorded; {sections} sections read; started after \
         kill -9 in {}; {:.0} s",
        count(Aftermath::Torn),
        count(Aftermath::Mended),
        totals.acknowledged,
        totals.repeated,
        in_millis(&starts),
        began.elapsed().as_secs_f64()
    );
}

#[test]
fn a_clock_that_leapt_is_not_trusted_by_the_next_process_until_somebody_confirms_it() {
    let trial = Trial::begin("leap");
    let mark = trial.data.join("clock-unconfirmed");
    let says_so = |server: &letopis_tests::Server| server.log().contains("the clock leapt");
    std::fs::write(&mark, "").unwrap();
    for _ in 0..2 {
        let server = trial.launch().start();
        let began = Instant::now();
        while !says_so(&server) {
            assert!(began.elapsed() < Duration::from_secs(20), "{}", server.log());
            thread::sleep(Duration::from_millis(20));
        }
        server.stop();
        assert!(mark.exists());
    }
    let server = trial.launch().with("--confirm-clock").start();
    assert!(!mark.exists());
    assert!(!says_so(&server));
    server.stop();
}
