//! Logs that real administrations published. Left out where they are not at hand.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::super::{decode_event, decode_trace, encode_event, encode_trace};
use super::{Compression, Log, read, write};

fn log(name: &str) -> Option<Vec<u8>> {
    let shared = match std::env::var_os("LETOPIS_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let bytes = fs::read(shared.join("data").join(name)).ok();
    if bytes.is_none() {
        println!("left out: no {name} at hand");
    }
    bytes
}

fn activities((_, traces): &Log) -> usize {
    let events = traces.iter().flat_map(|(_, events)| events);
    events.map(|event| event.activity()).collect::<BTreeSet<_>>().len()
}

fn check(bytes: &[u8], cases: usize, events: usize, kinds: usize) {
    let log = read(bytes).unwrap();
    assert_eq!(log.1.len(), cases);
    assert_eq!(log.1.iter().map(|(_, events)| events.len()).sum::<usize>(), events);
    assert_eq!(activities(&log), kinds);

    for compression in [Compression::Plain, Compression::Gzip] {
        let written = write(&log, compression);
        let again = read(&written).unwrap();
        assert_eq!(again.1, log.1);
        assert_eq!(again.0.attributes, log.0.attributes);
        assert_eq!(again.0.globals, log.0.globals);
        assert_eq!(again.0.classifiers, log.0.classifiers);
        assert_eq!(write(&again, compression), written, "the same log, the same bytes");
    }
    for (trace, events) in &log.1 {
        assert_eq!(&decode_trace(&encode_trace(trace).unwrap()).unwrap(), trace);
        for event in events {
            assert_eq!(&decode_event(&encode_event(event).unwrap()).unwrap(), event);
        }
    }
}

#[test]
fn permit_applications_are_read_whole() {
    if let Some(bytes) = log("receipt.xes.gz") {
        check(&bytes, 1_434, 8_577, 27);
        let (header, traces) = read(&bytes).unwrap();
        assert_eq!(header.extensions.len(), 11);
        assert_eq!(header.globals.len(), 2);
        assert_eq!(header.classifiers.len(), 3);
        let last = traces.last().unwrap().1.last().unwrap();
        let time = last.time();
        assert_eq!(
            (time.seconds, time.nanos, time.offset_minutes),
            (1_318_921_580, 547_000_000, 120)
        );
    }
}

#[test]
fn traffic_fines_are_read_whole() {
    if let Some(bytes) = log("roadtraffic100traces.xes.gz") {
        check(&bytes, 100, 390, 10);
        let (header, traces) = read(&bytes).unwrap();
        assert_eq!(header.version, None, "a log without a version or a namespace");
        let (trace, events) = &traces[0];
        assert_eq!(trace.name(), "N77802");
        assert_eq!(events[0].activity(), "Create Fine");
        assert_eq!(events[0].resource().as_deref(), Some("537"));
        assert_eq!(events[0].time().seconds, 1_111_532_400);
    }
}
