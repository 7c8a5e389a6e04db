//! An import that is killed midway goes on with the next run.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use letopis_tests::{finish, logs, verified};
use serde_json::json;

use crate::{Desk, judged};

#[test]
fn an_interrupted_import_goes_on() {
    let desk = Desk::new("interrupted");
    let log = logs::permits(desk.trial.folder());
    let begin = desk.size();
    let mut importing =
        desk.import(&log.path).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let midway = loop {
        let events = desk.size() - begin;
        if events > log.events / 4 {
            importing.kill().unwrap();
            importing.wait().unwrap();
            break events;
        }
        assert_eq!(importing.try_wait().unwrap(), None, "it ended early: {events} events");
        thread::sleep(Duration::from_millis(5));
    };
    // What was on its way is recorded or not, but nothing follows.
    thread::sleep(Duration::from_millis(500));
    let found = desk.size() - begin;
    assert!((midway..log.events).contains(&found), "{found} of {} events", log.events);

    let said = finish(&mut desk.import(&log.path)).json();
    let expected = json!({"cases": log.cases, "events": log.events, "already": found, "empty": 0});
    assert_eq!(said, expected);
    assert_eq!(desk.size(), begin + log.events);
    let out = desk.trial.folder().join("out.xes");
    finish(&mut desk.export(&out)).ok();
    let judged = judged(&log.path, &out);
    desk.server.stop();
    verified(&desk.trial.data);
    println!(
        "interrupted import: {}: killed after {found} of {} events, then went on; {judged}",
        log.words, log.events
    );
}
