//! The state may be deleted at any time.

use std::fs;

use serde_json::Value;

use crate::Desk;

/// All that the ledger answers.
#[derive(PartialEq)]
struct Answers {
    status: Value,
    log: Vec<Value>,
    cases: Vec<Value>,
    last_case: Vec<Value>,
    receipt: String,
}

/// Stops the server, deletes the state and starts it again: it is rebuilt and answers the same.
/// How long the start took, in words.
pub(crate) fn gives_the_same_answers(desk: Desk) -> (Desk, String) {
    let before = answers(&desk);
    let Desk { trial, server } = desk;
    server.stop();
    fs::remove_dir_all(trial.data.join("state")).unwrap();
    let mut server = trial.launch().spawn();
    let took = server.listening();
    let log = server.log();
    assert!(log.contains("the state was begun anew and is empty"), "{log}");
    let desk = Desk { trial, server };
    // Where they differ, they are too long to be shown.
    assert!(answers(&desk) == before, "a rebuilt state answers otherwise");
    (desk, format!("state deleted and rebuilt in {} ms, the same answers", took.as_millis()))
}

fn answers(desk: &Desk) -> Answers {
    let cases = desk.run(&["case", "list", "--json"]).json_lines();
    let last = cases.last().unwrap()["case"].as_str().unwrap().to_owned();
    let receipt = desk.trial.folder().join("receipt");
    desk.run(&["receipt", "get", "100", "--out", receipt.to_str().unwrap()]).ok();
    Answers {
        status: desk.run(&["status", "--json"]).json(),
        log: desk.run(&["log", "--json"]).json_lines(),
        last_case: desk.run(&["case", "show", &last, "--json"]).json_lines(),
        receipt: fs::read_to_string(receipt).unwrap(),
        cases,
    }
}
