//! `letopis clocks` and `letopis duties`: what is due, and who owes it.

use letopis_client::accountability::WatchedClocks;
use letopis_proto::accountability::v1::{
    Clock, ListClocksRequest, ListDutiesRequest, OpenDuty, WatchClocksRequest,
};
use letopis_proto::statement::v1::{Purpose, Stream};
use letopis_types::{StreamId, StreamKey, StreamKind};
use letopis_words::{Lang, say};
use serde_json::json;

use crate::cli::{ClocksArgs, DutiesArgs};
use crate::cmd::case::standing::{clock_line, item, whose};
use crate::connect::{Connected, connect_for};
use crate::failure::Failure;
use crate::words::standing;
use crate::{message_json, out, words};

const CLOCK: &str = "letopis.accountability.v1.Clock";
const DUTY: &str = "letopis.accountability.v1.OpenDuty";

/// `letopis clocks`.
///
/// # Errors
/// Why they are not told.
pub async fn clocks(args: &ClocksArgs) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    connected.caller()?;
    let (holder, lead, region) = args.whose.fields();
    let (holder, lead) = (holder.into(), lead.into());
    if args.watch {
        let question = WatchClocksRequest { holder, lead, region, ..Default::default() };
        return watch(&connected, question, args).await;
    }
    let question = ListClocksRequest {
        due_before: args.until.map(|until| until.0),
        overdue: args.overdue,
        holder,
        lead,
        region,
        ..Default::default()
    };
    let (clocks, _) = connected.client.clocks(question).await?;
    if args.server.json {
        let mut lines = clocks.iter().map(|clock| message_json::of(CLOCK, clock).to_string());
        return lines.try_for_each(|line| out::line(&line));
    }
    let mut text: String = clocks.iter().map(|clock| told(clock, &[], args.lang)).collect();
    text += &format!("{}\n", say!(args.lang, "list-clocks", n = clocks.len()));
    out::text(&text)
}

/// Tells what is due as it changes.
async fn watch(
    connected: &Connected,
    question: WatchClocksRequest,
    args: &ClocksArgs,
) -> Result<(), Failure> {
    let mut watch = connected.client.watch_clocks(question);
    let (mut seen, lang) = (0, args.lang);
    while args.count.is_none_or(|count| seen < count) {
        let WatchedClocks::File(file, clocks) = watch.next().await? else {
            if !args.server.json {
                let words = say!(lang, "list-changes-from-here");
                out::line(words)?;
            }
            continue;
        };
        seen += 1;
        if args.server.json {
            let clocks: Vec<_> = clocks.iter().map(|it| message_json::of(CLOCK, it)).collect();
            let token = watch.resume_token();
            let line = json!({"file": file.to_string(), "clocks": clocks, "resume_token": token});
            out::line(&line.to_string())?;
            continue;
        }
        let mut text = format!("{}\n", of_file(&file, lang));
        text.extend(
            clocks.iter().map(|clock| item(&clock_line(clock, lang), &[whose(clock, lang)])),
        );
        if clocks.is_empty() {
            text += &item(say!(lang, "list-nothing-runs"), &[]);
        }
        out::text(&text)?;
    }
    Ok(())
}

/// `letopis duties`.
///
/// # Errors
/// Why they are not told.
pub async fn duties(args: &DutiesArgs) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    connected.caller()?;
    let question = ListDutiesRequest {
        actor: args.actor.map(|actor| actor.0.to_vec().into()).unwrap_or_default(),
        due_before: args.until.map(|until| until.0),
        ..Default::default()
    };
    let (duties, _) = connected.client.duties(question).await?;
    if args.server.json {
        let mut lines = duties.iter().map(|duty| message_json::of(DUTY, duty).to_string());
        return lines.try_for_each(|line| out::line(&line));
    }
    let mut text: String = duties.iter().map(|duty| owed(duty, args.lang)).collect();
    text += &format!("{}\n", say!(args.lang, "list-duties", n = duties.len()));
    out::text(&text)
}

/// Something owed: what is due, in which office, and what waits.
fn owed(duty: &OpenDuty, lang: Lang) -> String {
    let Some(clock) = &duty.clock else { return String::new() };
    let mut how = Vec::new();
    if duty.role != 0 {
        let role = words::role_number(duty.role, lang);
        how.push(say!(lang, "list-as", role = role));
    }
    if duty.stands_in {
        let words = say!(lang, "list-stands-in");
        how.push(words.to_owned());
    }
    if let Some(act) = &duty.act {
        let status = standing::act(act.status(), lang).unwrap_or_default();
        let kind = letopis_client::words::kind_name(&act.kind, lang);
        how.push(format!("{}: {status}", kind.unwrap_or_else(|| act.kind.clone())));
    }
    told(clock, &how, lang)
}

/// A clock of some file: by when, how it reads, what is due; where that stands; which file.
fn told(clock: &Clock, more: &[String], lang: Lang) -> String {
    let file = clock.file.as_ref().and_then(stream);
    let file = file.map(|file| of_file(&file, lang)).unwrap_or_default();
    let mut lines = vec![whose(clock, lang), file];
    lines.extend_from_slice(more);
    item(&clock_line(clock, lang), &lines)
}

fn stream(message: &Stream) -> Option<StreamKey> {
    let id = StreamId::from_slice(&message.id)?;
    Some(StreamKey { kind: StreamKind::from_number(message.kind.into())?, id })
}

fn of_file(file: &StreamKey, lang: Lang) -> String {
    let id = file.id.to_string();
    match file.kind {
        StreamKind::Case => say!(lang, "list-case", id = id),
        StreamKind::Signal => say!(lang, "list-signal", id = id),
        _ => say!(lang, "common-file-named", id = id),
    }
}
