//! How fast the journal is here: appends groups of invented events to a new data directory, opens
//! it again after an orderly stop and after an abrupt one, and reads and scans all of it.
//!
//! `cargo run --release -p letopis-record --features testing --example throughput -- [directory]`

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use letopis_record::scan::Scanner;
use letopis_record::{DataDir, Journal, Options, Record, StoredEvent, Tip, testing};
use letopis_types::{LedgerId, Sequence};

const LEDGER: LedgerId = LedgerId([0x17; 32]);
const BYTES: usize = 600;

fn main() -> Result<(), Box<dyn Error>> {
    let parent = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    for (events, group) in [(400_000, 100), (20_000, 1)] {
        let dir = tempfile::tempdir_in(&parent)?;
        measure(dir.path(), events, group)?;
    }
    Ok(())
}

fn measure(root: &Path, count: usize, group: usize) -> Result<(), Box<dyn Error>> {
    println!("{count} events of {BYTES} bytes in groups of {group}");
    let data = DataDir::create(root, LEDGER)?;
    let journal = Journal::create(&data, Options::default())?;
    let mut appending = Duration::ZERO;
    for _ in 0..count / group {
        let events = invented(&journal.tip(), group);
        let start = Instant::now();
        journal.append(&events)?;
        appending += start.elapsed();
    }
    rate("append", count, appending);
    journal.close()?;
    drop(journal);

    let size = Sequence(count as u64);
    for how in ["open after an orderly stop", "open after an abrupt stop"] {
        let start = Instant::now();
        let (journal, _) = Journal::open(&data, Options::default(), size)?;
        println!("  {how}: {:?}", start.elapsed());
        if how.ends_with("orderly stop") {
            journal.append(&invented(&journal.tip(), group))?;
        }
    }
    let start = Instant::now();
    let (journal, _) = Journal::open(&data, Options::default(), size)?;
    println!("  open again: {:?}", start.elapsed());
    let (start, mut next) = (Instant::now(), Sequence::ZERO);
    while next < journal.tip().size {
        next.0 += journal.read(next, 1_000, 1 << 20)?.len() as u64;
    }
    rate("read in order", count, start.elapsed());
    let (start, reads) = (Instant::now(), 20_000);
    for index in 0..reads {
        let at = index as u64 * 7_919 % size.0;
        journal.read(Sequence(at), 1, 1)?;
    }
    rate("read one here and there", reads, start.elapsed());
    journal.close()?;
    let start = Instant::now();
    for frame in Scanner::open(&data.record(), LEDGER)? {
        frame?.decode()?;
    }
    rate("scan and decode", count, start.elapsed());
    Ok(())
}

/// Events with one signature and one section each time, so that sizes do not vary.
fn invented(tip: &Tip, count: usize) -> Vec<StoredEvent> {
    let lengths = vec![BYTES - 64 - 112 - 6; count];
    let mut events = testing::events(tip, &lengths);
    for event in &mut events {
        event.signatures.truncate(1);
        event.sealed.clear();
    }
    events
}

fn rate(what: &str, count: usize, time: Duration) {
    println!("  {what}: {:?}, {:.0} a second", time, count as f64 / time.as_secs_f64());
}
