//! The cases that somebody may see, and how each stands.

use letopis_client::words::code_name;
use letopis_proto::accountability::v1::{CaseSummary, ListCasesRequest};
use letopis_proto::statement::v1::{Purpose, Track};
use letopis_types::StreamId;
use letopis_words::{Lang, say};

use super::standing::item;
use crate::cli::{ServerArgs, WhoseArgs};
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::words::standing;
use crate::{message_json, out, words};

const SUMMARY: &str = "letopis.accountability.v1.CaseSummary";

pub(super) async fn run(whose: &WhoseArgs, server: &ServerArgs, lang: Lang) -> Result<(), Failure> {
    let connected = connect_for(server, Purpose::CaseWork).await?;
    connected.caller()?;
    let (holder, lead, region) = whose.fields();
    let (holder, lead) = (holder.into(), lead.into());
    let question = ListCasesRequest { holder, lead, region, ..Default::default() };
    let (cases, _) = connected.client.cases(question).await?;
    if server.json {
        let mut lines = cases.iter().map(|case| message_json::of(SUMMARY, case).to_string());
        return lines.try_for_each(|line| out::line(&line));
    }
    let mut text: String = cases.iter().map(|case| summary(case, lang)).collect();
    text += &format!("{}\n", say!(lang, "common-cases", n = cases.len()));
    out::text(&text)
}

/// A case in short: what it is and how far; who has it; what is due.
pub fn summary(case: &CaseSummary, lang: Lang) -> String {
    let id = StreamId::from_slice(&case.case_id).unwrap_or(StreamId([0; 16]));
    let mut first = format!("{id} {}", standing::stage(case.stage(), lang));
    if case.track() != Track::Unspecified {
        first += &format!(" · {}", code_name("TRACK_", case.track().as_str_name(), lang));
    }
    let lead = match (case.lead.is_empty(), case.lead_in_force) {
        (true, _) => say!(lang, "list-no-lead").to_owned(),
        (false, true) => say!(lang, "list-led-by", who = words::short_bytes(&case.lead)),
        (false, false) => {
            say!(lang, "list-lead-not-in-force", who = words::short_bytes(&case.lead))
        }
    };
    let mut due: Vec<String> = vec![lead];
    due.extend(case.next_due.map(|at| say!(lang, "list-next-due", by = words::by(at, lang))));
    if case.overdue > 0 {
        due.push(format!("! {}", say!(lang, "list-overdue", n = case.overdue)));
    }
    if case.acts_due > 0 {
        due.push(say!(lang, "list-wait-for-a-signature", n = case.acts_due));
    }
    item(&first, &[due.join("; ")])
}
