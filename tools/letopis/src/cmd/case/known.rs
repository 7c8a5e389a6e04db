//! A case as the record had it at a moment, and what somebody had been given of it by then.

use letopis_client::accountability::{CaseThen, KnownEntry, Moment};
use letopis_proto::statement::v1::Purpose;
use letopis_types::{ActorId, Sequence, Timestamp};
use letopis_words::{Lang, say};
use serde_json::json;

use super::named::Names;
use super::{standing, timeline};
use crate::cli::{CaseArgs, Until};
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::{out, words};

/// The moment that is asked for: one of the two is there.
pub(super) fn moment(size: Option<u64>, at: Option<Until>) -> Moment {
    match (size, at) {
        (_, Some(Until(over))) => {
            let over = Timestamp::from_seconds(u64::try_from(over).unwrap_or_default());
            // The last moment before the first second that is too late.
            Moment::RecordedAt(Timestamp(over.0.saturating_sub(1)))
        }
        (size, None) => Moment::Size(Sequence(size.unwrap_or_default())),
    }
}

pub(super) async fn run(
    args: &CaseArgs,
    moment: Moment,
    actor: Option<&ActorId>,
) -> Result<(), Failure> {
    let lang = args.lang;
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let mut text = standing::heading(&args.case, &connected, lang)?;
    let then = connected.client.case_as_known_at(&args.case, moment, actor).await?;
    if args.server.json {
        out::line(&standing::json(&then.case, then.as_of).to_string())?;
        return then.entries.iter().try_for_each(|known| out::line(&json(known).to_string()));
    }
    let names = Names::of(then.entries.iter().map(|known| &known.entry));
    text += &title(moment, &then, lang);
    if then.entries.is_empty() {
        text += &format!("{}\n", say!(lang, "known-nothing"));
        return out::text(&text);
    }
    text += &standing::told(&then.case, &names, lang);
    text += &format!("\n{}\n\n", events_title(actor, lang));
    let entries = then.entries.iter().map(|known| (&known.entry, given(known, lang)));
    text += &timeline::by_day(&entries.collect::<Vec<_>>(), &names, lang);
    out::text(&text)
}

fn title(moment: Moment, then: &CaseThen, lang: Lang) -> String {
    let events = then.as_of.0;
    let title = match moment {
        Moment::RecordedAt(at) => {
            // It is told as it was asked for: by the first second that is too late.
            let over = words::by(at.seconds().saturating_add(1), lang);
            say!(lang, "known-as-recorded", by = over, n = events)
        }
        Moment::Size(_) => say!(lang, "known-as-recorded-then", n = events),
    };
    title + "\n"
}

fn events_title(actor: Option<&ActorId>, lang: Lang) -> String {
    match actor {
        Some(actor) => say!(lang, "known-events-by-then-given", actor = words::short(actor)),
        None => say!(lang, "known-events-by-then").to_owned(),
    }
}

/// What the actor had been given of an event, and which of its sections.
fn given(known: &KnownEntry, lang: Lang) -> Option<String> {
    let given = words::standing::given(known.given, lang)?;
    let indices = known.sections.iter();
    let sections: Vec<_> =
        indices.map(|index| format!("{}:{index}", known.entry.version)).collect();
    let sections = match sections.is_empty() {
        true => String::new(),
        false => {
            let list = sections.join(" ");
            format!("; {}", say!(lang, "known-with-sections", sections = list))
        }
    };
    Some(format!("→ {given}{sections}"))
}

fn json(known: &KnownEntry) -> serde_json::Value {
    json!({
        "entry": timeline::json(&known.entry),
        "given": known.given.as_str_name(),
        "sections": known.sections,
    })
}
