//! How a case stands: who is responsible, what is in force, what waits for a signature, what is due.

use letopis_client::Instant;
use letopis_client::words::code_name;
use letopis_proto::accountability::v1::{
    Act, Case, Clock, ClockReading, Commitment, DueSignature, Order,
};
use letopis_proto::statement::v1::{Precision, Purpose, Track};
use letopis_types::{Sequence, StreamId};
use letopis_words::{Lang, say};
use serde_json::json;

use super::named::Names;
use crate::cli::{CaseArgs, DayArg};
use crate::connect::{Connected, connect_for};
use crate::failure::Failure;
use crate::words::standing;
use crate::{message_json, out, words};

/// Characters of a line of text.
const WIDTH: usize = 78;

const CASE: &str = "letopis.accountability.v1.Case";

pub(super) async fn run(args: &CaseArgs) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let mut text = heading(&args.case, &connected, args.lang)?;
    let (case, as_of) = connected.client.case_now(&args.case, Sequence::ZERO).await?;
    if args.server.json {
        return out::line(&json(&case, as_of).to_string());
    }
    // Acts and clocks name events by their hashes; people, by their numbers.
    let (entries, _) = connected.client.timeline(&args.case, as_of).await?;
    text += &told(&case, &Names::of(&entries), args.lang);
    out::text(&text)
}

/// Whose case it is shown to, and what for: that is on the record.
pub(super) fn heading(
    case: &StreamId,
    connected: &Connected,
    lang: Lang,
) -> Result<String, Failure> {
    let reader = words::short(connected.caller()?.signer().actor);
    let purpose = words::purpose_words(connected.purpose, lang);
    let title = say!(lang, "common-case-named", id = case.to_string());
    let read_by = say!(lang, "common-read-by", reader = reader, purpose = purpose);
    Ok(format!("{title}\n{read_by}\n\n"))
}

/// A case for a program, as of so many events of the log.
pub(super) fn json(case: &Case, as_of: Sequence) -> serde_json::Value {
    json!({ "case": message_json::of(CASE, case), "as_of_size": as_of.0 })
}

/// A case as it stands, for a person.
pub(super) fn told(case: &Case, names: &Names<'_>, lang: Lang) -> String {
    let mut text = responsible(case, names, lang);
    text +=
        &list(say!(lang, "case-orders-and-decisions"), &case.orders, |one| order(one, names, lang));
    text +=
        &list(say!(lang, "case-waits-for-a-signature"), &case.acts, |one| act(one, names, lang));
    text += &list(say!(lang, "common-terms-title"), &case.clocks, |one| clock(one, names, lang));
    text += &list(say!(lang, "case-commitments"), &case.commitments, |one| {
        commitment(one, names, lang)
    });
    text
}

fn list<T>(title: &str, items: &[T], told: impl Fn(&T) -> String) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: String = items.iter().map(told).collect();
    format!("\n{title}\n{items}")
}

/// A line, broken where it is long, with what follows it further in.
pub fn item(first: &str, more: &[String]) -> String {
    let mut text = String::new();
    for (at, line) in words::wrap(first, WIDTH - 4).iter().enumerate() {
        text += &format!("  {}{line}\n", if at == 0 { "" } else { "  " });
    }
    for line in more.iter().flat_map(|line| words::wrap(line, WIDTH - 6)) {
        text += &format!("      {line}\n");
    }
    text
}

fn responsible(case: &Case, names: &Names<'_>, lang: Lang) -> String {
    let ids = |ids: &[_]| ids.iter().map(|id: &_| short(id)).collect::<Vec<_>>().join(", ");
    let event = |hash: &[u8]| match hash.is_empty() {
        true => String::new(),
        false => names.title(hash, lang),
    };
    let track = match case.track() {
        Track::Unspecified => String::new(),
        track => code_name("TRACK_", track.as_str_name(), lang),
    };
    let yes = |is: bool, said: &str| if is { said.to_owned() } else { String::new() };
    let rows = [
        (say!(lang, "case-stage"), standing::stage(case.stage(), lang).to_owned()),
        (say!(lang, "common-agency"), short(&case.holder)),
        (say!(lang, "case-lead"), lead(case, lang)),
        (say!(lang, "case-team"), ids(&case.team)),
        (say!(lang, "case-track"), track),
        (say!(lang, "case-plan-in-force"), event(&case.plan)),
        (say!(lang, "case-placed-on"), event(&case.placed_on)),
        (say!(lang, "case-proposed-to"), ids(&case.proposed_to)),
        (say!(lang, "case-held-before-by"), ids(&case.former_holders)),
        (say!(lang, "case-dispute"), yes(case.disputed, say!(lang, "case-disputed"))),
        (say!(lang, "case-observation"), yes(case.observed, say!(lang, "case-observed"))),
        (say!(lang, "common-events"), case.events.to_string()),
    ];
    let rows = rows.iter().filter(|(_, said)| !said.is_empty());
    rows.map(|(name, said)| format!("{name:<16}{said}\n")).collect()
}

fn short(id: &impl AsRef<[u8]>) -> String {
    if id.as_ref().is_empty() { String::new() } else { words::short_bytes(id.as_ref()) }
}

fn lead(case: &Case, lang: Lang) -> String {
    match (short(&case.lead), case.lead_in_force) {
        (who, _) if who.is_empty() => say!(lang, "case-no-lead").to_owned(),
        (who, true) => who,
        (who, false) => say!(lang, "case-lead-not-in-force", who = who),
    }
}

fn order(order: &Order, names: &Names<'_>, lang: Lang) -> String {
    let kind = standing::order_kind(order.kind(), lang);
    let first = format!("{}: {}", names.title(&order.act, lang), standing::order(order, lang));
    let served = match order.served_at {
        Some(at) => say!(lang, "case-served-on", when = words::moment(at, lang)),
        None => say!(lang, "case-not-served").to_owned(),
    };
    item(&first, &[format!("{kind}; {served}")])
}

fn act(act: &Act, names: &Names<'_>, lang: Lang) -> String {
    let status = standing::act(act.status(), lang).unwrap_or_default();
    let signers: Vec<_> = act.signers.iter().map(|one| words::short_bytes(one)).collect();
    let mut more = vec![say!(lang, "common-signed-by", who = signers.join(", "))];
    more.extend(act.due.iter().map(|due| due_signature(due, lang)));
    item(&format!("{}: {status}", names.title(&act.act, lang)), &more)
}

fn due_signature(due: &DueSignature, lang: Lang) -> String {
    let who = match due.actor.is_empty() {
        true => {
            let roles: Vec<_> =
                due.roles.iter().map(|role| words::role_number(*role, lang)).collect();
            roles.join(&format!(" {} ", say!(lang, "common-or")))
        }
        false => words::short_bytes(&due.actor),
    };
    match (due.review, due.actor.is_empty()) {
        (true, _) => say!(lang, "case-waits-for-a-review-by", who = who),
        (false, true) => say!(lang, "case-waits-for-a-signature-by", who = who),
        (false, false) => say!(lang, "case-waits-to-be-accepted-by", who = who),
    }
}

/// A clock: by when, how it reads, and what is due; where that stands and whose duty it is; since when.
pub(super) fn clock(clock: &Clock, names: &Names<'_>, lang: Lang) -> String {
    item(&clock_line(clock, lang), &[whose(clock, lang), history(clock, names, lang)])
}

/// By when, how it reads, and what is due.
pub fn clock_line(clock: &Clock, lang: Lang) -> String {
    let reading = standing::reading(clock.reading(), lang);
    let stands_out = matches!(clock.reading(), ClockReading::Overdue | ClockReading::Missed);
    let sign = if stands_out { "! " } else { "" };
    let due = words::by(clock.due, lang);
    let words = clock.words.as_ref().map(|words| lang.pick(&words.bg, &words.en));
    let words = words.unwrap_or(&clock.name);
    format!("{sign}{due} · {reading} · {words}")
}

/// Where a clock stands in the law, and whose duty it is.
pub fn whose(clock: &Clock, lang: Lang) -> String {
    let mut text = clock.article.clone();
    if let Some(basis) = standing::basis_told(clock.basis()) {
        text += &format!(" ({})", standing::basis(basis, lang));
    }
    if clock.assumed {
        text += &format!("; {}", say!(lang, "case-counting-assumed"));
    }
    if let Some(duty) = standing::duty_told(clock.duty()) {
        let whom = standing::duty(duty, lang);
        let whose = match clock.term {
            true => say!(lang, "common-term-of", whom = whom),
            false => say!(lang, "common-duty-of", whom = whom),
        };
        text += &format!("; {whose}");
    }
    text
}

fn history(clock: &Clock, names: &Names<'_>, lang: Lang) -> String {
    // The ledger's own events, of clocks, are in no timeline.
    let by = |hash: &[u8]| match names.find(hash) {
        Some(_) => format!(" ({})", names.number(hash, lang)),
        None => String::new(),
    };
    let at = |seconds| words::moment(seconds, lang);
    let when = |seconds, hash: &[u8]| format!("{}{}", at(seconds), by(hash));
    let started = when(clock.started_at, &clock.started_by);
    let mut parts = vec![say!(lang, "case-runs-since", when = started)];
    let suspended = clock.suspended_since.map(at);
    parts.extend(suspended.map(|at| say!(lang, "case-stands-still-since", when = at)));
    if clock.extended > 0 {
        parts.push(say!(lang, "case-made-longer", n = clock.extended));
    }
    let missed = clock.missed_at.map(at);
    parts.extend(missed.map(|at| say!(lang, "case-missed-on", when = at)));
    let ended = clock.ended_at.map(|seconds| when(seconds, &clock.ended_by));
    parts.extend(ended.map(|at| say!(lang, "case-ended-on", when = at)));
    let before = first(clock, lang);
    parts.extend(before.map(|was| say!(lang, "case-before-a-correction", what = was)));
    parts.join("; ")
}

/// What it was by the times that were stated first, where a correction moved them.
fn first(clock: &Clock, lang: Lang) -> Option<String> {
    let due = clock.first_due.map(|due| words::by(due, lang));
    let reading = match clock.first_reading() {
        ClockReading::Unspecified => None,
        reading => Some(standing::reading(reading, lang).to_owned()),
    };
    let parts: Vec<_> = due.into_iter().chain(reading).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn commitment(commitment: &Commitment, names: &Names<'_>, lang: Lang) -> String {
    let day =
        Instant { seconds: i64::from(commitment.due_day) * 86_400, nanos: 0, offset_minutes: 0 };
    let day = DayArg(commitment.due_day).date().map(|_| words::date(&day, Precision::Day, lang));
    let state = match (commitment.fulfilled, commitment.missed) {
        (true, _) => say!(lang, "case-commitment-fulfilled"),
        (false, true) => say!(lang, "case-commitment-missed"),
        (false, false) => say!(lang, "case-commitment-to-be-done"),
    };
    let owner = words::short_bytes(&commitment.owner);
    let day = day.unwrap_or_default();
    let first = say!(lang, "case-commitment", day = day.trim_start(), state = state);
    let plan = names.number(&commitment.plan, lang);
    item(&first, &[say!(lang, "case-commitment-of", owner = owner, plan = plan)])
}
