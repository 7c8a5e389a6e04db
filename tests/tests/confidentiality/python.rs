//! A client that nobody here wrote: grpcio, with stubs made from the protos and a token by PyJWT.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use letopis_proto::statement::v1::{self as proto, Role, fact::Kind};
use letopis_tests::place;
use letopis_types::Class;
use serde_json::{Value, json};

use crate::act::{Act, MARKS};
use crate::cast::{CASE, NORTH, SOUTH};
use crate::office::{Office, Term, secret};

/// What the client says when it reads the case in somebody's name.
fn read(office: &Office, python: &PathBuf, name: &str, purpose: &str) -> Value {
    let call = json!({
        "ledger": office.client.ledger().to_string(),
        "actor": office.person(name).actor.to_string(),
        "token_key": hex(&*secret(name, "token").seed()),
        "purpose": purpose,
        "case": hex(&CASE.id.0),
    });
    let root = place::repository();
    let mut client = Command::new(python)
        .arg(root.join("tests/grpcio/read_file.py"))
        .arg(root.join("proto"))
        .arg(office.server.address().to_string())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    client.stdin.take().unwrap().write_all(call.to_string().as_bytes()).unwrap();
    let done = client.wait_with_output().unwrap();
    assert!(done.status.success());
    serde_json::from_slice(&done.stdout).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

// The server and the client are waited for on this thread, while the office's own connection goes on on another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_in_python_reads_a_file() {
    let Some(python) = place::grpcio() else {
        println!("LEFT OUT, as LETOPIS_LEAVE_OUT says: grpcio and PyJWT");
        return;
    };
    let mut office = Office::open("python").await;
    let term = |agency, region| Term { agency: Some(agency), region: Some(region), until: None };
    office.enrol("SW/lead", Role::SocialWorker, term(NORTH, 1)).await;
    office.enrol("SW/south-lead", Role::SocialWorker, term(SOUTH, 2)).await;
    let fact = proto::CaseOpened { holder: NORTH.to_vec(), lead: office.actor("SW/lead").to_vec() };
    let act = Act::new(CASE, Kind::CaseOpened(fact))
        .section(Class::Restricted, "text/1", "Риск: детето остава само нощем")
        .section(Class::VeryRestricted, "reporter/1", "Измислена Съседкова");
    office.by(&act, &["SW/lead"]).await;

    let said = read(&office, &python, "SW/lead", "case_work");
    let [event] = &said["events"].as_array().unwrap()[..] else { panic!("{said}") };
    assert_eq!(event["version"], 1);
    let given = event["given"].as_object().unwrap();
    assert_eq!(given.keys().collect::<Vec<_>>(), ["text/1"]);
    let text = given["text/1"].as_str().unwrap();
    assert!(text.starts_with("Риск: детето остава само нощем") && text.contains(MARKS[0]));
    assert_eq!(event["withheld"].as_array().unwrap().len(), 1, "{said}");

    for (name, purpose) in [("SW/south-lead", "case_work"), ("SW/lead", "inspection")] {
        let said = read(&office, &python, name, purpose);
        assert_eq!(said["error"], "PERMISSION_DENIED", "{said}");
    }
    office.close();
}
