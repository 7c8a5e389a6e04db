//! Case logs of other systems, for importing: those that real administrations published where they
//! are at hand, otherwise invented ones of the same shape.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use letopis::xes::{Event, Item, TraceHeader, XesReader};

use crate::place::shared;

/// A log to import.
#[derive(Debug, Clone)]
pub struct Log {
    /// The file.
    pub path: PathBuf,
    /// What it is, in words.
    pub words: String,
    /// Its cases.
    pub cases: u64,
    /// Their events.
    pub events: u64,
}

/// Permit applications in a Dutch municipality: 1,434 cases.
///
/// # Panics
/// If an invented one can't be written.
#[must_use]
pub fn permits(folder: &Path) -> Log {
    published("receipt.xes.gz", 1_434, 8_577, folder)
}

/// Traffic fines of an Italian police force: 100 cases.
///
/// # Panics
/// If an invented one can't be written.
#[must_use]
pub fn fines(folder: &Path) -> Log {
    published("roadtraffic100traces.xes.gz", 100, 390, folder)
}

fn published(name: &str, cases: u64, events: u64, folder: &Path) -> Log {
    let path = shared().map(|shared| shared.join("data").join(name)).filter(|path| path.exists());
    match path {
        Some(path) => Log { path, words: name.to_owned(), cases, events },
        None => {
            Log { words: format!("INVENTED in place of {name}"), ..invent(folder, cases, events) }
        }
    }
}

/// Writes a log of as many cases, and of as many events in all; visibly invented.
///
/// # Panics
/// If it can't be written.
#[must_use]
pub fn invent(folder: &Path, cases: u64, events: u64) -> Log {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log>\n");
    for case in 0..cases {
        let steps = events / cases + u64::from(case < events % cases);
        writeln!(text, "<trace><string key=\"concept:name\" value=\"invented {case} &amp; Ж\"/>")
            .unwrap();
        for step in 0..steps {
            let (day, hour) = (1 + case % 28, step % 24);
            writeln!(
                text,
                "<event><string key=\"concept:name\" value=\"Invented activity {}\"/>\
                 <string key=\"org:resource\" value=\"Resource{:02}\"/>\
                 <int key=\"invented:number\" value=\"{step}\"/>\
                 <date key=\"time:timestamp\" value=\"2011-03-{day:02}T{hour:02}:30:00.{:03}+01:00\"/>\
                 </event>",
                (case + step) % 27,
                case % 43,
                case % 1000,
            )
            .unwrap();
        }
        text.push_str("</trace>\n");
    }
    text.push_str("</log>\n");
    let path = folder.join(format!("invented-{cases}-{events}.xes"));
    fs::write(&path, text).unwrap();
    Log { path, words: "invented".to_owned(), cases, events }
}

/// The cases of a log, by name, with everything that it says of them.
///
/// # Panics
/// If it can't be read.
#[must_use]
pub fn read(path: &Path) -> BTreeMap<String, (TraceHeader, Vec<Event>)> {
    let mut cases = BTreeMap::new();
    let mut last = String::new();
    for item in XesReader::new(File::open(path).unwrap()).unwrap() {
        match item.unwrap() {
            Item::Trace(header) => {
                header.name().clone_into(&mut last);
                assert!(cases.insert(last.clone(), (header, Vec::new())).is_none());
            }
            Item::Event(event) => cases.get_mut(&last).unwrap().1.push(event),
        }
    }
    cases
}
