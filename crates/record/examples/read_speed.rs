//! What reading one event costs here: single events, picked at random among the 8,000 most recent
//! ones of a record that was just written, and of the same record opened again; by one thread and
//! by two.
//!
//! `cargo run --release -p letopis-record --features testing --example read_speed -- [directory]`

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use letopis_record::{DataDir, Journal, Options, Record, testing};
use letopis_types::{LedgerId, Sequence};

const LEDGER: LedgerId = LedgerId([0x17; 32]);
const EVENTS: usize = 20_000;
const RECENT: u64 = 8_000;

fn main() -> Result<(), Box<dyn Error>> {
    let parent = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    // Bytes of a statement; most events have sections besides.
    for (group, statement) in [(1, 600), (100, 600), (128, 8_000), (128, 26_000)] {
        let dir = tempfile::tempdir_in(&parent)?;
        measure(dir.path(), group, statement)?;
    }
    Ok(())
}

fn measure(root: &Path, group: usize, statement: usize) -> Result<(), Box<dyn Error>> {
    let data = DataDir::create(root, LEDGER)?;
    let journal = Journal::create(&data, Options::default())?;
    let mut bytes = 0;
    while journal.tip().size < Sequence(EVENTS as u64) {
        let events = testing::events(&journal.tip(), &vec![statement; group]);
        bytes = letopis_record::frame::body_len(&events)?;
        journal.append(&events)?;
    }
    println!("frames of {group} events, {bytes} bytes");
    read("just written", &journal)?;
    journal.close()?;
    drop(journal);
    let (journal, _) = Journal::open(&data, Options::default(), Sequence(EVENTS as u64))?;
    read("opened again, the first time", &journal)?;
    read("opened again, after that", &journal)
}

fn read(what: &str, journal: &Journal) -> Result<(), Box<dyn Error>> {
    let one = reads(journal, 1)?;
    let two = std::thread::scope(|scope| {
        let threads = [2, 3].map(|seed| scope.spawn(move || reads(journal, seed)));
        threads.map(|thread| thread.join().ok()?.ok())
    });
    let [Some(two), Some(_)] = two else { return Err("a reader failed".into()) };
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    println!("  {what}: {:.2} µs, with two threads {:.2} µs", micros(one), micros(two));
    Ok(())
}

/// How long one read takes on average.
fn reads(journal: &Journal, seed: u64) -> Result<Duration, letopis_record::RecordError> {
    let (size, mut random) = (journal.tip().size.0, seed);
    let begun = Instant::now();
    for reads in 1.. {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let sequence = Sequence(size - 1 - (random >> 33) % RECENT);
        let events = journal.read(sequence, 1, 1)?;
        assert_eq!(events.first().map(|event| event.link.sequence), Some(sequence));
        if reads >= RECENT as u32 || begun.elapsed() > Duration::from_secs(4) {
            return Ok(begun.elapsed() / reads);
        }
    }
    Ok(Duration::ZERO)
}
