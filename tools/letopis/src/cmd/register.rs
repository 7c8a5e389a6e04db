//! `letopis register`: a register that the directorate keeps.

use letopis_proto::accountability::v1::{GetRegisterRequest, Register, RegisterEntry};
use letopis_proto::statement::v1::Purpose;
use letopis_words::{Lang, say};

use crate::cli::RegisterArgs;
use crate::cmd::case::overview::summary;
use crate::cmd::case::standing::item;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::words::standing;
use crate::{message_json, out, words};

const ENTRY: &str = "letopis.accountability.v1.RegisterEntry";

/// `letopis register`.
///
/// # Errors
/// Why it is not told.
pub async fn run(args: &RegisterArgs) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    connected.caller()?;
    let register: Register = args.register.into();
    let question = GetRegisterRequest {
        register: register.into(),
        holder: args.holder.0.to_vec().into(),
        ..Default::default()
    };
    let (entries, as_of) = connected.client.register(question).await?;
    if args.server.json {
        let mut lines = entries.iter().map(|entry| message_json::of(ENTRY, entry).to_string());
        return lines.try_for_each(|line| out::line(&line));
    }
    let mut text: String = entries.iter().map(|entry| told(entry, args.lang)).collect();
    let events = say!(args.lang, "common-of-the-first-events", n = as_of.0);
    text += &format!("{}\n", say!(args.lang, "list-entries", n = entries.len(), events = events));
    out::text(&text)
}

fn told(entry: &RegisterEntry, lang: Lang) -> String {
    let Some(case) = &entry.case else { return String::new() };
    let since = say!(lang, "list-since", when = words::moment(entry.since, lang));
    let order = entry.order.as_ref().map(|order| {
        let kind = standing::order_kind(order.kind(), lang);
        format!("{kind}: {}", standing::order(order, lang))
    });
    let more: Vec<String> = std::iter::once(since).chain(order).collect();
    summary(case, lang) + &item(&more.join("; "), &[])
}
