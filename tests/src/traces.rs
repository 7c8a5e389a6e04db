//! Traces of decisions as W3C PROV, held against what `letopis case trace --json` says of them, by the `prov`
//! package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use letopis_client::accountability::Trace;
use letopis_client::words::{Lang, kind_name};
use letopis_domain::Fact;
use letopis_proto::statement::v1::{Precision, Role};
use letopis_types::{StreamKey, Version};
use serde_json::{Map, Value, json};

use crate::finished::finish;
use crate::place;

/// What the traces of an ordinary life are made of: a judgement that meets none of it says little.
const PARTS: [&str; 12] = [
    "wasDerivedFrom",
    "prov:Revision",
    "wasInformedBy",
    "actedOnBehalfOf",
    "wasInvalidatedBy",
    "had_read",
    "section:case/",
    "letopis:misfiled_by",
    "letopis:endorsed_by",
    "first_stated",
    "letopis:corrected_by",
    "letopis:unseen",
];

/// Traces that were told, each beside its document.
#[derive(Debug)]
pub struct Traces {
    folder: PathBuf,
    more: Value,
    files: Vec<PathBuf>,
}

impl Traces {
    /// None yet; what the judge reads is written into this folder.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        let more = json!({"stated": {}, "labels": {}, "roles": roles()});
        Self { folder: folder.into(), more, files: Vec::new() }
    }

    /// Where the next document is to be written.
    #[must_use]
    pub fn document(&self) -> PathBuf {
        self.folder.join(format!("prov-{}.json", self.files.len()))
    }

    /// A decision whose document was written to [`Self::document`]: what was printed of it, and its trace as the
    /// client has it.
    ///
    /// # Panics
    /// If it is none, or can't be written.
    pub fn add(&mut self, (stream, version): (StreamKey, Version), mut told: Value, trace: &Trace) {
        for entry in told["entries"].as_array_mut().unwrap() {
            let is_it = entry["stream"] == stream.to_string() && entry["version"] == version.0;
            entry["is_it"] = is_it.into();
        }
        for entry in &trace.entries {
            let statement = entry.event.statement().unwrap();
            let name = statement.fact.name();
            let (at, precision) = match &statement.fact {
                Fact::HistoryImported(history) => (history.time, Precision::Minute),
                _ => (statement.occurred_at.instant, statement.occurred_at.precision),
            };
            let micros = at.seconds * 1_000_000 + i64::from(at.nanos / 1000);
            let precision = precision.as_str_name().strip_prefix("PRECISION_").unwrap();
            let precision = precision.to_lowercase();
            let hash = entry.event.link.statement_hash.to_string();
            self.more["stated"][hash] = json!([micros, precision]);
            self.more["labels"][name] =
                [Lang::Bg, Lang::En].map(|lang| kind_name(name, lang)).into_iter().collect();
        }
        let trace = self.folder.join(format!("trace-{}.json", self.files.len()));
        fs::write(&trace, told.to_string()).unwrap();
        self.files.extend([self.document(), trace]);
    }

    /// Whether the documents say what the traces do, as `prov` reads them; says so, or what was left out.
    ///
    /// # Panics
    /// If they do not, or if something that traces are made of is in none of them.
    #[must_use]
    pub fn judged(&self) -> String {
        let all: String = self.files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        for part in PARTS {
            assert!(all.contains(part), "{part}");
        }
        let Some(python) = place::pm4py() else {
            return "LEFT OUT, as LETOPIS_LEAVE_OUT says: prov".to_owned();
        };
        let more = self.folder.join("more.json");
        fs::write(&more, self.more.to_string()).unwrap();
        let script = place::repository().join("tests/pm4py/traced.py");
        let said = finish(Command::new(python).arg("-B").args([&script, &more]).args(&self.files));
        said.ok().out
    }
}

fn roles() -> Map<String, Value> {
    let role = |number: i32| {
        let name = Role::try_from(number).ok()?.as_str_name().strip_prefix("ROLE_").unwrap();
        Some((number.to_string(), name.to_lowercase().into()))
    };
    (1..64).filter_map(role).collect()
}
