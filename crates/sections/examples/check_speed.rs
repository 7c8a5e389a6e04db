//! How long the check of a section takes: `cargo run --release -p letopis-sections --example
//! check_speed`.
//!
//! In scope: compiling every schema once; medians of checking each type's example, and of a long
//! content. Out of scope: what the ledger does beside it.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use letopis_sections::{SectionType, check, find, section_types};

const ROUNDS: usize = 2_000;
/// Shown one by one, beside all.
const SHOWN: [&str; 5] = ["note/1", "best-interests/1", "views/1", "goals/1", "identity/1"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut compiled: Vec<Duration> = Vec::new();
    for section in section_types() {
        let began = Instant::now();
        check(section.payload_type, section.class, section.example_text.as_bytes())?;
        compiled.push(began.elapsed());
    }
    let whole: Duration = compiled.iter().sum();
    println!(
        "{} schemas compiled in {whole:.2?}, median {:.2?}",
        compiled.len(),
        median(&mut compiled)
    );

    println!("{:<20} {:>8} {:>12}", "median of", "bytes", "a check");
    let mut all = Vec::new();
    for section in section_types() {
        let mut times = times(section, section.example_text.as_bytes());
        if SHOWN.contains(&section.payload_type) {
            line(section.payload_type, section.example_text.len(), &mut times);
        }
        all.append(&mut times);
    }
    line("all types", 0, &mut all);

    let note = find("note/1").ok_or("no note")?;
    let long = format!("{{\"text\":\"{}\"}}", "Ж".repeat(20_000));
    line("note/1, longest", long.len(), &mut times(note, long.as_bytes()));
    Ok(())
}

fn times(section: &SectionType, content: &[u8]) -> Vec<Duration> {
    let time = |_| {
        let began = Instant::now();
        let _ = black_box(check(section.payload_type, section.class, black_box(content)));
        began.elapsed()
    };
    (0..ROUNDS).map(time).collect()
}

fn line(name: &str, bytes: usize, times: &mut [Duration]) {
    println!("{name:<20} {bytes:>8} {:>12.2?}", median(times));
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
