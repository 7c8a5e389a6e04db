//! Reading, writing and the section encoding, held against each other and against real logs.

mod large;
mod malformed;
mod real_logs;
mod round_trip;
mod well_formed;

use super::{Attribute, Event, Item, LogHeader, ReadError, TraceHeader, Value};
use super::{XesReader, XesWriter};
use crate::packed::{Compression, Packed};

/// A log in memory: its header, and its traces with their events.
type Log = (LogHeader, Vec<(TraceHeader, Vec<Event>)>);

fn read(bytes: &[u8]) -> Result<Log, ReadError> {
    let mut reader = XesReader::new(bytes)?;
    let mut traces: Vec<(TraceHeader, Vec<Event>)> = Vec::new();
    for item in reader.by_ref() {
        match item? {
            Item::Trace(trace) => traces.push((trace, Vec::new())),
            Item::Event(event) => traces.last_mut().unwrap().1.push(event),
        }
    }
    assert!(reader.next().is_none(), "nothing follows the end");
    Ok((reader.header().clone(), traces))
}

fn write((header, traces): &Log, compression: Compression) -> Vec<u8> {
    let mut writer = XesWriter::new(Packed::new(Vec::new(), compression), header).unwrap();
    for (trace, events) in traces {
        writer.trace(trace).unwrap();
        for event in events {
            writer.event(event).unwrap();
        }
    }
    writer.finish().unwrap().finish().unwrap()
}

fn string(key: &str, value: &str) -> Attribute {
    Attribute::new(key, Value::String(value.to_owned()))
}

/// An event of an invented case.
fn event(more: Vec<Attribute>) -> Event {
    let mut attributes = vec![
        string("concept:name", "Домашно посещение"),
        Attribute::new(
            "time:timestamp",
            Value::parse(super::Kind::Date, "2024-02-29T10:00:00.5+02:00".to_owned()).unwrap(),
        ),
    ];
    attributes.extend(more);
    Event::new(attributes).unwrap()
}

/// A trace of an invented case.
fn trace(name: &str, more: Vec<Attribute>) -> TraceHeader {
    let mut attributes = vec![string("concept:name", name)];
    attributes.extend(more);
    TraceHeader::new(attributes).unwrap()
}
