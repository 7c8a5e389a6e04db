//! The table of verdicts, line by line through GetSections, and through GetIndicators where it is about figures.

use std::collections::BTreeMap;
use std::fmt;

use letopis_client::ClientError;
use letopis_proto::accountability::v1::GetIndicatorsRequest;
use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::statement::v1::Purpose;
use letopis_types::StreamKey;
use tonic::{Code, Status};

use crate::cast::{CASE, CLOSED, COMPLAINT, NOWHERE, PROTECTED, SIGNAL, SOUTHERN, TRANSFERRED};
use crate::history::History;
use crate::office::{Office, unmarked};

const TABLE: &str = include_str!("verdicts.txt");

/// What stands in the place of sections where figures are asked for.
const FIGURES: &str = "indicators";

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

/// A quarter that is over, and long before the ledger was begun.
const OVER: GetIndicatorsRequest = GetIndicatorsRequest {
    year: 2020,
    quarter: 1,
    region: None,
    universes: Vec::new(),
    at_least_size: 0,
};

/// Are figures told?
async fn figures(office: &Office, row: &Row) -> (Verdict, String) {
    let client = office.client_as(&office.person(&row.who), purpose(&row.purpose));
    match client.indicators(OVER).await {
        Ok((answer, _)) => {
            let cells =
                answer.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
            assert!(cells.clone().count() > 0 && cells.clone().all(|cell| cell.count == Some(0)));
            (Verdict::Allowed, String::new())
        }
        Err(ClientError::Refused(refused)) => {
            unmarked(&format!("{refused:?}"));
            assert_eq!(refused.code, Code::PermissionDenied, "{row}: {refused:?}");
            (Verdict::Denied, refused.reason.as_str_name().to_owned())
        }
        Err(other) => panic!("{row}: {other}"),
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
        let [word] = &words[..] else { panic!("{row}: one verdict") };
        if row.section == FIGURES {
            let (said, why) = figures(&office, row).await;
            if said != Verdict::parse(word) {
                differing.push(format!("{row}: table {word}, system {said:?} {why}"));
            }
            continue;
        }
        let asked = (row.who.clone(), row.file.clone(), row.purpose.clone());
        if !answers.contains_key(&asked) {
            let answer = office.sections(&row.who, purpose(&row.purpose), file(&row.file)).await;
            if let Ok(answer) = &answer {
                // What is withheld is shown without a word of it.
                unmarked(&format!("{:?}", answer.withheld));
            }
            answers.insert(asked.clone(), answer);
        }
        let (said, why) = verdict(&answers[&asked], &history, row);
        if said != Verdict::parse(word) {
            differing.push(format!("{row}: table {word}, system {said:?} {why}"));
        }
    }
    println!("{} verdicts in {} calls", expected.len(), answers.len());
    office.close();
    assert!(differing.is_empty(), "the system differs from the table in {differing:#?}");
}
