//! Histories of other systems, in and out again, by the command line against a server process: the
//! round trip judged by software that nobody here wrote, a second import, an interrupted one, one
//! of a broken file, and a state that is deleted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

#[path = "round_trip/broken.rs"]
mod broken;
#[path = "round_trip/interrupted.rs"]
mod interrupted;
#[path = "round_trip/readings.rs"]
mod readings;
#[path = "round_trip/rebuilt.rs"]
mod rebuilt;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use letopis_tests::logs::{self, Log};
use letopis_tests::{Finished, Server, Trial, finish, place, verified};
use serde_json::json;

/// A ledger, its server, and a user at the command line.
struct Desk {
    trial: Trial,
    server: Server,
}

impl Desk {
    fn new(name: &str) -> Self {
        let trial = Trial::begin(name);
        let server = trial.launch().start();
        Self { trial, server }
    }

    fn import(&self, file: &Path) -> Command {
        let mut command = self.trial.letopis(self.server.url(), &["import", "xes", "--json"]);
        command.arg(file).arg("--key").arg(self.trial.key_file(1));
        command
    }

    fn export(&self, out: &Path) -> Command {
        let mut command = self.trial.letopis(self.server.url(), &["export", "xes", "--json"]);
        command.arg("--out").arg(out).arg("--key").arg(self.trial.key_file(1));
        command
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        finish(&mut self.trial.letopis(self.server.url(), arguments))
    }

    /// How many events the log has.
    fn size(&self) -> u64 {
        self.run(&["status", "--json"]).json()["events"].as_u64().unwrap()
    }
}

#[test]
fn permits_come_out_as_they_went_in() {
    round_trip("permits", logs::permits);
}

#[test]
fn fines_come_out_as_they_went_in() {
    round_trip("fines", logs::fines);
}

fn round_trip(name: &str, log: fn(&Path) -> Log) {
    let began = Instant::now();
    let desk = Desk::new(name);
    let log = log(desk.trial.folder());
    let Log { cases, events, .. } = log;
    let before = desk.size();

    let started = Instant::now();
    let said = finish(&mut desk.import(&log.path)).json();
    let per_second = events as f64 / started.elapsed().as_secs_f64();
    assert_eq!(said, json!({"cases": cases, "events": events, "already": 0, "empty": 0}));
    assert_eq!(desk.size(), before + events);

    // A second import adds nothing.
    let said = finish(&mut desk.import(&log.path)).json();
    assert_eq!(said, json!({"cases": cases, "events": events, "already": events, "empty": 0}));
    assert_eq!(desk.size(), before + events);

    let out = desk.trial.folder().join("out.xes.gz");
    let said = finish(&mut desk.export(&out)).json();
    assert_eq!(said, json!({"cases": cases, "events": events}));
    let judged = judged(&log.path, &out);
    // A reading of each case's sections, and of the facts of up to 200 cases one.
    assert_eq!(desk.size(), before + events + cases + cases.div_ceil(200));
    readings::one_per_case(&desk, cases, events);

    let (desk, rebuilt) = rebuilt::gives_the_same_answers(desk);
    desk.server.stop();
    let said = verified(&desk.trial.data);
    assert_eq!(said["sections_opened"], events + cases);
    let by_python = verified_by_python(&desk.trial);
    println!(
        "round trip: {}: {events} events of {cases} cases, imported at {per_second:.0}/s; {judged}; \
         again: nothing added; {cases} readings on the record; {rebuilt}; verified by letopis verify \
         and {by_python}; {:.0} s",
        log.words,
        began.elapsed().as_secs_f64()
    );
}

/// The two logs tell the same: judged by PM4Py, and by our own reader down to the last attribute.
fn judged(before: &Path, after: &Path) -> String {
    assert!(logs::read(before) == logs::read(after), "our own reader finds a difference");
    let Some(python) = place::pm4py() else {
        return "the same by our own reader, PM4Py LEFT OUT, as LETOPIS_LEAVE_OUT says".to_owned();
    };
    let script = place::repository().join("tests").join("pm4py").join("compare.py");
    let said = finish(Command::new(python).arg("-B").arg(script).arg(before).arg(after)).ok();
    let last = said.out.lines().last().unwrap_or_default();
    assert!(last.starts_with("SAME"), "{said}");
    "the same by PM4Py and our own reader".to_owned()
}

fn verified_by_python(trial: &Trial) -> &'static str {
    let Some(python) = place::python() else { return "verify.py: LEFT OUT" };
    let script = place::repository().join("tools").join("verify-py").join("verify.py");
    let mut verify = Command::new(python);
    let said =
        finish(verify.arg("-B").arg(script).args(["data", "--json"]).arg(&trial.data)).json();
    assert_eq!(said["verified"], true);
    assert_eq!(said["trial"], true);
    "verify.py"
}
