//! The table of verdicts, line by line through GetSections.

use std::collections::BTreeMap;
use std::fmt;

use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::statement::v1::Purpose;
use letopis_types::StreamKey;
use tonic::{Code, Status};

use crate::cast::{CASE, CLOSED, COMPLAINT, NOWHERE, PROTECTED, SIGNAL, SOUTHERN, TRANSFERRED};
use crate::history::History;
use crate::office::{Office, unmarked};

const TABLE: &str = include_str!("verdicts.txt");

/// What becomes of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Allowed,
    Withheld,
    Denied,
}

impl Verdict {
    fn parse(word: &str) -> Self {
        match word {
            "allowed" => Self::Allowed,
            "withheld" => Self::Withheld,
            "denied" => Self::Denied,
            other => panic!("{other} is no verdict"),
        }
    }
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    who: String,
    file: String,
    purpose: String,
    section: String,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.who, self.file, self.section, self.purpose)
    }
}

/// The rows of a table, each once, with what the columns after the fourth say.
fn rows(text: &str) -> BTreeMap<Row, Vec<&str>> {
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [who, file, sections, purpose, rest @ ..] = &columns[..] else {
            panic!("not a row: {line}")
        };
        for section in sections.split(',') {
            let [who, file, purpose, section] = [*who, *file, *purpose, section].map(str::to_owned);
            let row = Row { who, file, purpose, section };
            let words = format!("{row} stands there twice");
            assert!(rows.insert(row, rest.to_vec()).is_none(), "{words}");
        }
    }
    rows
}

fn file(name: &str) -> StreamKey {
    match name {
        "case" => CASE,
        "closed" => CLOSED,
        "transferred" => TRANSFERRED,
        "southern" => SOUTHERN,
        "signal" => SIGNAL,
        "complaint" => COMPLAINT,
        "protected" => PROTECTED,
        "nowhere" => NOWHERE,
        other => panic!("{other} is no file"),
    }
}

fn purpose(name: &str) -> Purpose {
    Purpose::from_str_name(&format!("PURPOSE_{}", name.to_ascii_uppercase()))
        .unwrap_or_else(|| panic!("{name} is no purpose"))
}

/// What an answer says of a section, and by which rule.
fn verdict(
    answer: &Result<pb::GetSectionsResponse, Status>,
    history: &History,
    row: &Row,
) -> (Verdict, String) {
    let answer = match answer {
        Ok(answer) => answer,
        Err(status) => {
            assert_eq!(status.code(), Code::PermissionDenied, "{row}: {status:?}");
            return (Verdict::Denied, crate::office::reason(status).as_str_name().to_owned());
        }
    };
    let named = history.find(file(&row.file), &row.section);
    let at = (named.version, named.index);
    let given = answer.sections.iter().any(|one| (one.version, one.index) == at);
    let withheld = answer.withheld.iter().find(|one| (one.version, one.index) == at);
    match (given, withheld) {
        (true, None) => (Verdict::Allowed, String::new()),
        (false, Some(withheld)) => {
            let rule = withheld.rule.as_ref().unwrap_or_else(|| panic!("{row}: no rule"));
            assert!(!rule.bg.is_empty() && !rule.en.is_empty(), "{row}: no words");
            (Verdict::Withheld, rule.id.clone())
        }
        other => panic!("{row}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_holds() {
    let expected = rows(TABLE);
    assert!(expected.len() >= 200, "{} rows", expected.len());
    let mut office = Office::open("verdicts").await;
    office.staff().await;
    let history = office.history().await;

    let mut answers = BTreeMap::new();
    let mut differing = Vec::new();
    for (row, words) in &expected {
        let asked = (row.who.clone(), row.file.clone(), row.purpose.clone());
        if !answers.contains_key(&asked) {
            let answer = office.sections(&row.who, purpose(&row.purpose), file(&row.file)).await;
            if let Ok(answer) = &answer {
                // What is withheld is shown without a word of it.
                unmarked(&format!("{:?}", answer.withheld));
            }
            answers.insert(asked.clone(), answer);
        }
        let [word] = &words[..] else { panic!("{row}: one verdict") };
        let (said, why) = verdict(&answers[&asked], &history, row);
        if said != Verdict::parse(word) {
            differing.push(format!("{row}: table {word}, system {said:?} {why}"));
        }
    }
    println!("{} verdicts in {} calls", expected.len(), answers.len());
    office.close();
    assert!(differing.is_empty(), "the system differs from the table in {differing:#?}");
}
