//! How long it takes to hand out keys, find them, destroy them and rotate.
//!
//! `cargo run --release -p letopis-vault --example vault_speed -- [DIRECTORY]`; the directory, by
//! default the system's temporary one, should be on the disk that is asked about.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement may panic"
)]

use std::time::{Duration, Instant};

use letopis_types::LedgerId;
use letopis_vault::{Kek, KeyId, Vault, rotate};

const LEDGER: LedgerId = LedgerId([0x1e; 32]);

fn main() {
    let dir = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let temp = tempfile::tempdir_in(dir).unwrap();
    let path = temp.path().join("vault");
    let kek = Kek::create_file(&temp.path().join("kek")).unwrap_or_else(|e| panic!("{e}"));
    let vault = Vault::create(&path, LEDGER, &kek).unwrap_or_else(|e| panic!("{e}"));
    let mut ids = Vec::new();

    // As fast as it goes comes last: it leaves no key ahead.
    for per_second in [Some(10_000u32), Some(30_000), None] {
        let (began, mut taken) = (Instant::now(), Vec::new());
        for n in 0..60_000u32 {
            let due = per_second.map_or(Duration::ZERO, |rate| Duration::from_secs(1) * n / rate);
            while began.elapsed() < due {
                std::thread::sleep(due.saturating_sub(began.elapsed()));
            }
            let start = Instant::now();
            let (id, _) = vault.fresh().unwrap_or_else(|e| panic!("{e}"));
            taken.push(start.elapsed());
            ids.push(id);
        }
        let what = match per_second {
            None => "fresh, as fast as it goes".to_owned(),
            Some(rate) => format!("fresh, {rate} a second"),
        };
        report(&what, taken);
    }
    let found = ids.iter().step_by(37).map(|id| {
        let start = Instant::now();
        assert!(vault.key(id).unwrap_or_else(|e| panic!("{e}")).is_some());
        start.elapsed()
    });
    report("key, not in the cache", found.collect());

    let mut rest = ids.chunks(1000);
    let mut destroy = |what: &str, count: usize, spread: usize, together: bool| {
        let doomed: Vec<KeyId> =
            rest.by_ref().take(count * spread / 1000 + 1).flatten().copied().collect();
        let doomed: Vec<KeyId> = doomed.iter().step_by(spread).take(count).copied().collect();
        let start = Instant::now();
        if together {
            vault.destroy_all(&doomed).unwrap_or_else(|e| panic!("{e}"));
        } else {
            doomed.iter().for_each(|id| vault.destroy(id).unwrap_or_else(|e| panic!("{e}")));
        }
        println!("{what:40} {:?} for {} keys", start.elapsed(), doomed.len());
    };
    destroy("destroy, one by one", 100, 1, false);
    destroy("destroy_all, side by side", 100, 1, true);
    destroy("destroy_all, each in another block", 100, 1024, true);
    drop(vault);

    let start = Instant::now();
    rotate(&path, LEDGER, &kek, &kek, 0).unwrap_or_else(|e| panic!("{e}"));
    println!("{:40} {:?} for {} keys", "rotate", start.elapsed(), ids.len());
}

fn report(what: &str, mut taken: Vec<Duration>) {
    let average = taken.iter().sum::<Duration>() / taken.len() as u32;
    taken.sort_unstable();
    let at = |share: f64| taken[((taken.len() - 1) as f64 * share) as usize];
    println!(
        "{what:40} average {average:?}, median {:?}, 99 % {:?}, 99.99 % {:?}, worst {:?}",
        at(0.5),
        at(0.99),
        at(0.9999),
        at(1.0)
    );
}
