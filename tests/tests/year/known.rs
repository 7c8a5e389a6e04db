//! Cases as known at moments: what the server answers, held against a naive program that another hand wrote from
//! the documents alone (`tests/naive`).

use std::fs;
use std::process::Command;

use letopis_tests::{binaries, finish, place, rounds};

use crate::served::Served;

/// What life brings, as the answers say it: a comparison that meets none of it says little.
const MET: [&str; 35] = [
    "\"given\": \"GIVEN_SIGNED\"",
    "\"given\": \"GIVEN_FACTS\"",
    "\"given\": \"GIVEN_PERHAPS\"",
    "\"given\": \"GIVEN_NOTHING\"",
    "\"size\"",
    "\"recorded_at\"",
    "\"protected\": false",
    "MARK_DISPUTED",
    "MARK_ON_EXPIRED_QUALIFICATION",
    "MARK_UNDER_RECUSAL",
    "MARK_UNDER_DELEGATION",
    "ACT_STATUS_PENDING",
    "ACT_STATUS_UNCONFIRMED",
    "ACT_STATUS_IN_FORCE",
    "ACT_STATUS_REFUSED",
    "ACT_STATUS_LAPSED",
    "ACT_STATUS_SUPERSEDED",
    "ACT_STATUS_MISFILED",
    "CLOCK_READING_RUNNING",
    "CLOCK_READING_OVERDUE",
    "CLOCK_READING_MISSED",
    "CLOCK_READING_EXPIRED",
    "ORDER_KIND_EMERGENCY",
    "ORDER_KIND_PLACEMENT",
    "ORDER_KIND_INSTRUCTION",
    "ORDER_KIND_AID",
    "ORDER_KIND_DECISION",
    "STAGE_NOT_OPENED",
    "STAGE_OPEN",
    "STAGE_CLOSED",
    "STAGE_VOIDED",
    "STAGE_MERGED",
    "AppealDecided",
    "\"lead_in_force\": false",
    "\"disputed\": true",
];

/// For random cases, moments and actors the answers are those of the naive program.
pub(crate) fn equals_the_naive_program(served: &Served, seed: u64) {
    let Some(python) = place::grpcio() else {
        println!("LEFT OUT, as LETOPIS_LEAVE_OUT says: the naive program");
        return;
    };
    let naive = place::repository().join("tests/naive");
    let number = rounds("LETOPIS_KNOWN_ROUNDS", 500, 6000).to_string();
    let key = |name: &str, purpose: &str| format!("{}={purpose}", served.key(name).display());
    let mut collect = Command::new(&python);
    collect.arg("-B").arg(naive.join("collect.py")).arg("--data").arg(&served.data);
    collect.args(["--server", served.server.url(), "--key", &key("officer", "data_protection")]);
    collect.args(["--without-protected", &key("superior", "supervision")]);
    collect.arg("--letopis").arg(&binaries().letopis).arg("--clock").arg(served.clock());
    collect.arg("--trust").arg(served.folder().join("trust"));
    collect.args(["--draw", &number, "--seed", &seed.to_string()]);
    let collected = finish(&mut collect).ok();
    // What is refused is compared with nothing: of the officer nothing is, of the superior the cases of others.
    let is_of_others = |line: &&str| {
        line.contains("'protected': False") && line.contains("no such file, or not for this caller")
    };
    let refused: Vec<_> = collected.err.lines().filter(|line| !is_of_others(line)).collect();
    assert!(refused.is_empty(), "refused: {refused:#?}");
    let answers = served.folder().join("answers.jsonl");
    fs::write(&answers, &collected.out).unwrap();
    let missing: Vec<_> = MET.iter().filter(|what| !collected.out.contains(**what)).collect();
    assert!(missing.is_empty(), "met in no answer: {missing:?}\n{}", collected.err);

    let mut compare = Command::new(&python);
    compare.arg("-B").arg(naive.join("known.py")).args(["compare", "--data"]).arg(&served.data);
    let compared = finish(compare.arg("--answers").arg(&answers));
    assert_eq!(compared.code, Some(0), "{compared}");
    print!("{}", compared.err);
}
