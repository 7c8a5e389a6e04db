//! Logs larger than memory, made while they are read.

use std::io::{self, Read};
use std::process::Command;
use std::time::Instant;

use super::super::{Item, XesReader, XesWriter};
use super::{Compression, Packed, event, read, string, trace};

/// The text of an invented log of at least so many bytes, which is nowhere as a whole.
struct Synthetic {
    bytes_left: u64,
    trace: u64,
    chunk: Vec<u8>,
    at: usize,
    ended: bool,
}

const EVENTS_PER_TRACE: usize = 8;

impl Synthetic {
    fn new(bytes: u64) -> Self {
        Self { bytes_left: bytes, trace: 0, chunk: b"<log>\n".to_vec(), at: 0, ended: false }
    }

    fn next_chunk(&mut self) {
        self.at = 0;
        self.chunk.clear();
        if self.bytes_left == 0 {
            if !self.ended {
                self.chunk.extend(b"</log>\n");
            }
            self.ended = true;
            return;
        }
        self.trace += 1;
        let mut text =
            format!("<trace>\n<string key=\"concept:name\" value=\"дело {}\"/>\n", self.trace);
        for number in 0..EVENTS_PER_TRACE {
            text.push_str(&format!(
                "\t<event>\n\t\t<string key=\"concept:name\" value=\"Стъпка {number}\"/>\n\
                 \t\t<string key=\"org:resource\" value=\"Служител {}\"/>\n\
                 \t\t<date key=\"time:timestamp\" value=\"2024-02-{:02}T10:00:00.000+02:00\"/>\n\
                 \t\t<string key=\"lifecycle:transition\" value=\"complete\"/>\n\
                 \t\t<int key=\"points\" value=\"{number}\"/>\n\t</event>\n",
                self.trace % 50,
                number + 1,
            ));
        }
        text.push_str("</trace>\n");
        self.chunk.extend(text.as_bytes());
        self.bytes_left = self.bytes_left.saturating_sub(self.chunk.len() as u64);
    }
}

impl Read for Synthetic {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            self.next_chunk();
        }
        let count = (&self.chunk[self.at..]).read(out)?;
        self.at += count;
        Ok(count)
    }
}

/// The most memory that this process ever had, where the system tells.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1_024)
}

/// Reads a synthetic log and writes it to nowhere; traces and events.
fn pass(bytes: u64, compression: Compression) -> (u64, u64) {
    let mut reader = XesReader::new(Synthetic::new(bytes)).unwrap();
    let mut writer =
        XesWriter::new(Packed::new(io::sink(), compression), &Default::default()).unwrap();
    let (mut traces, mut events) = (0, 0);
    for item in reader.by_ref() {
        match item.unwrap() {
            Item::Trace(trace) => {
                writer.trace(&trace).unwrap();
                traces += 1;
            }
            Item::Event(event) => {
                writer.event(&event).unwrap();
                events += 1;
            }
        }
    }
    writer.finish().unwrap().finish().unwrap();
    (traces, events)
}

/// Bytes of the log that [`measure`] reads.
const SIZE: &str = "XES_TEST_BYTES";

/// A process of its own, so that the other tests' memory does not count.
#[test]
fn a_log_is_read_and_written_without_keeping_it() {
    let (_, name) = concat!(module_path!(), "::measure").split_once("::").unwrap();
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env(SIZE, "6000000")
        .output()
        .unwrap();
    let out =
        format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.contains("1 passed"), "{out}");
}

/// Alone and optimized: `cargo test --release -p letopis xes::tests::large::measure -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, and run in a process of its own by the test above"]
fn measure() {
    let bytes = std::env::var(SIZE).map_or(200_000_000, |size| size.parse().unwrap());
    // What the program itself takes is not counted: all of it was touched once.
    for compression in [Compression::Plain, Compression::Gzip] {
        pass(100_000, compression);
    }
    let before = peak_bytes();
    let start = Instant::now();
    let mut reader = XesReader::new(Synthetic::new(bytes)).unwrap();
    let events = reader.by_ref().filter(|item| matches!(item, Ok(Item::Event(_)))).count();
    let seconds = start.elapsed().as_secs_f64();
    println!("read {bytes} bytes: {events} events, {:.0} events/s", events as f64 / seconds);
    for compression in [Compression::Plain, Compression::Gzip] {
        let start = Instant::now();
        let (traces, events) = pass(bytes, compression);
        assert_eq!(events, traces * EVENTS_PER_TRACE as u64);
        let seconds = start.elapsed().as_secs_f64();
        println!("read and written, {compression:?}: {:.0} events/s", events as f64 / seconds);
    }
    if let (Some(before), Some(after)) = (before, peak_bytes()) {
        println!("{} KiB of memory more", (after - before) >> 10);
        // Buffers, and the traces' names.
        assert!(after - before < (2 << 20) + bytes / 20);
    }
}

#[test]
fn a_large_event_and_many_events_of_one_trace() {
    let (header, mut traces) = read(b"<log/>").unwrap();
    let large = event(vec![string("текст", &"\n\"<я>\"\t".repeat(60_000))]);
    traces.push((trace("дело", Vec::new()), vec![event(Vec::new()); 20_000]));
    traces[0].1.push(large);
    let written = super::write(&(header, traces.clone()), Compression::Gzip);
    assert_eq!(read(&written).unwrap().1, traces);
}
