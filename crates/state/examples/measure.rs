//! Measures the store with small entries: `cargo run --release -p letopis-state --example measure`
//! `[directory] [events]`. Writes in a process of its own, closes or is killed, and opens again.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use letopis_state::{Change, Mark, Options, Store};
use letopis_types::{Digest, LedgerId, Sequence};

const LEDGER: LedgerId = LedgerId([0x1e; 32]);
const EVENTS_PER_APPLY: u64 = 100;
const EVENTS_PER_STREAM: u64 = 10;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let dir = args.first().map_or("target/measure-state", String::as_str);
    let events: u64 = args.get(1).map_or(Ok(100_000), |n| n.parse())?;
    match args.get(2).map(String::as_str) {
        Some("write-close") => write(dir, events)?.close()?,
        Some("write-hang") => {
            let _store = write(dir, events)?;
            println!("  written");
            thread::sleep(Duration::from_secs(3600));
        }
        Some("open") => open(dir)?,
        Some("snapshot") => snapshot(dir)?,
        _ => {
            println!("{events} events, three entries each, {EVENTS_PER_APPLY} events per batch");
            for then in ["close", "hang"] {
                let _ = fs::remove_dir_all(dir);
                run(dir, events, &format!("write-{then}"))?;
                println!("after {}:", if then == "close" { "a clean stop" } else { "kill -9" });
                run(dir, events, "open")?;
            }
            run(dir, events, "snapshot")?;
            for entry in fs::read_dir(dir)? {
                let path = entry?.path();
                if path.is_dir() {
                    fs::remove_dir_all(path)?;
                }
            }
            println!("from the snapshot:");
            run(dir, events, "open")?;
            fs::remove_dir_all(dir)?;
        }
    }
    Ok(())
}

/// Runs one step in a process of its own; kills one that hangs on purpose.
fn run(dir: &str, events: u64, step: &str) -> Result<()> {
    let mut command = Command::new(env::current_exe()?);
    command.args([dir, &events.to_string(), step]);
    if step != "write-hang" {
        return if command.status()?.success() { Ok(()) } else { Err("a step failed".into()) };
    }
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut out = std::io::BufReader::new(child.stdout.take().ok_or("no output")?);
    let mut line = String::new();
    while !line.contains("written") {
        line.clear();
        if std::io::BufRead::read_line(&mut out, &mut line)? == 0 {
            return Err("the step ended".into());
        }
        print!("{line}");
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

fn options() -> Options {
    let mut options = Options::new(LEDGER, 1);
    if let Some(bytes) = env::var("CACHE_MIB").ok().and_then(|mib| mib.parse::<u64>().ok()) {
        options.cache_bytes = bytes << 20;
    }
    if let Some(every) = env::var("FLUSH_MS").ok().and_then(|ms| ms.parse().ok()) {
        options.flush_every_ms = every;
    }
    options
}

fn mark(size: u64) -> Mark {
    Mark {
        ledger: LEDGER,
        size: Sequence(size),
        last_link: Digest([size as u8; 32]),
        schema: 1,
        next_key_slot: size,
    }
}

/// A prefix, 17 bytes like a stream's key, and a number; 50 bytes of value.
fn entry(prefix: u8, id: u64, number: u64) -> Change {
    let hash =
        letopis_crypto::hash::hash(letopis_crypto::hash::Purpose::Statement, &id.to_be_bytes());
    let mut key = vec![prefix, 3];
    key.extend(hash.0.iter().take(16));
    key.extend(number.to_be_bytes());
    let value = hash.0.iter().cycle().take(50).map(|byte| byte ^ number as u8).collect();
    (key, Some(value))
}

fn write(dir: &str, events: u64) -> Result<Store> {
    let (store, _) = Store::open(Path::new(dir), &options(), |_| true)?;
    let begin = Instant::now();
    let mut longest = Duration::ZERO;
    let mut state = 0x1234_5678_9abc_def1_u64;
    let mut size = 0;
    while size < events {
        let mut changes = Vec::new();
        for event in size..events.min(size + EVENTS_PER_APPLY) {
            // A xorshift generator: which of the streams so far this event is of.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let stream = state % (event / EVENTS_PER_STREAM + 1);
            changes.push(entry(1, stream, 0));
            changes.push(entry(2, stream, event));
            changes.push(entry(3, state, event));
        }
        size = events.min(size + EVENTS_PER_APPLY);
        let one = Instant::now();
        store.apply(&changes, &mark(size))?;
        longest = longest.max(one.elapsed());
        if size.is_multiple_of((events / 5).max(1)) {
            println!(
                "  {size} events: {:.0}/s, longest apply {} ms, {}",
                size as f64 / begin.elapsed().as_secs_f64(),
                longest.as_millis(),
                memory()
            );
            longest = Duration::ZERO;
        }
    }
    Ok(store)
}

fn open(dir: &str) -> Result<()> {
    let begin = Instant::now();
    let (store, report) = Store::open(Path::new(dir), &options(), |_| true)?;
    println!("  opened in {} ms: {report}; {}", begin.elapsed().as_millis(), memory());
    let begin = Instant::now();
    let digest = store.digest("measure", &[])?;
    println!("  digest {digest} in {} ms; {}", begin.elapsed().as_millis(), memory());
    let begin = Instant::now();
    store.close()?;
    println!("  closed in {} ms; {}", begin.elapsed().as_millis(), disk(dir)?);
    Ok(())
}

fn snapshot(dir: &str) -> Result<()> {
    let (store, _) = Store::open(Path::new(dir), &options(), |_| true)?;
    let begin = Instant::now();
    let path = store.snapshot()?;
    let length = fs::metadata(path)?.len() >> 20;
    println!("snapshot of {length} MiB in {} ms; {}", begin.elapsed().as_millis(), memory());
    Ok(())
}

fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib >> 10)
    };
    let threads = status.lines().find(|line| line.starts_with("Threads")).unwrap_or_default();
    let (now, peak) = (field("VmRSS").unwrap_or(0), field("VmHWM").unwrap_or(0));
    format!(
        "{now} MiB resident, {peak} at most, {threads}, {} ms of processor time",
        processor_ms()
    )
}

/// User and system time of this process, in milliseconds: tells more than the clock on a busy machine.
fn processor_ms() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks =
        after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok());
    ticks.sum::<u64>() * 10
}

fn disk(dir: &str) -> Result<String> {
    let mut bytes = 0;
    let mut open = vec![Path::new(dir).to_path_buf()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                bytes += entry.metadata()?.len();
            }
        }
    }
    Ok(format!("{} MiB on disk", bytes >> 20))
}
