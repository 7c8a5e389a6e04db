//! How a decision came about: what it rests on, what its authors knew, and what followed.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use letopis_client::accountability::{TimelineEntry, Trace};
use letopis_proto::accountability::v1::{Knowledge, TraceEdge};
use letopis_proto::statement::v1::{Purpose, Relation};
use letopis_types::{Sequence, StreamKey, StreamKind, Timestamp, Version};
use letopis_words::{Lang, say};
use serde_json::Value;

use super::named::{Names, happened, kind, number, signers};
use super::standing::{clock, heading, item};
use super::{prov, timeline};
use crate::cli::CaseArgs;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::unfinished::Unfinished;
use crate::words::standing;
use crate::{message_json, out, words};

/// Kinds that say what others thought of a decision, or make it another.
const JUDGED: [&str; 9] = [
    "AppealDecided",
    "AppealFiled",
    "DisputeNoted",
    "Endorsed",
    "EndorsementLapsed",
    "EndorsementRefused",
    "EventCorrected",
    "EventMisfiled",
    "SignatureAttested",
];

/// Kinds by which somebody is told of a decision.
const TOLD: [&str; 6] = [
    "ChildInformed",
    "OrderDeemedServed",
    "OrderServed",
    "OutcomeCommunicated",
    "SenderNotified",
    "WeightOfViewsExplained",
];

pub(super) async fn run(
    args: &CaseArgs,
    event: u64,
    protected: bool,
    prov: Option<&Path>,
) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let mut text = heading(&args.case, &connected, args.lang)?;
    let kind = if protected { StreamKind::Protected } else { StreamKind::Case };
    let (stream, version) = (StreamKey { kind, id: args.case }, Version(event));
    let trace = connected.client.trace_decision(&stream, version, Sequence::ZERO).await?;
    let is_it = |entry: &&TimelineEntry| entry.stream == stream && entry.version == version;
    let decision = trace.entries.iter().find(is_it);
    if let (Some(file), Some(decision)) = (prov, decision) {
        write_prov(file, &prov::document(&trace, decision))?;
    }
    if args.server.json {
        return out::line(&json(&trace).to_string());
    }
    if let Some(decision) = decision {
        // Clocks, and what its authors had not seen, name events by their hashes; people, by their numbers.
        let as_of = Sequence(trace.told.as_of_size);
        let (timeline, _) = connected.client.timeline(&args.case, as_of).await?;
        let names = Names::of(timeline.iter().chain(&trace.entries));
        text += &told(&trace, decision, &names, args.lang);
    }
    out::text(&text)
}

fn write_prov(out: &Path, document: &Value) -> Result<(), Failure> {
    let (unfinished, mut file) = Unfinished::create(out)?;
    file.write_all(format!("{document:#}\n").as_bytes()).map_err(Failure::io("write", out))?;
    unfinished.finish(&file)
}

fn json(trace: &Trace) -> Value {
    let mut value =
        message_json::of("letopis.accountability.v1.TraceDecisionResponse", &trace.told);
    if let Value::Object(fields) = &mut value {
        let entries = trace.entries.iter().map(timeline::json);
        fields.insert("entries".to_owned(), entries.collect());
    }
    value
}

fn told(trace: &Trace, decision: &TimelineEntry, names: &Names<'_>, lang: Lang) -> String {
    let around = Around::of(trace, decision);
    let part = |title: &str, entries: Vec<&TimelineEntry>| {
        let lines: String = entries.iter().map(|one| line(one, &around, names, lang)).collect();
        if lines.is_empty() { lines } else { format!("\n{title}\n{lines}") }
    };
    let mut text = timeline::by_day(&[(decision, None)], names, lang);
    text += &format!("\n{}\n", say!(lang, "trace-authors"));
    text.extend(trace.told.authors.iter().map(|author| knowledge(author, names, lang)));
    text += &part(say!(lang, "trace-rests-on"), around.rests_on());
    if around.before.is_empty() {
        text += &format!("\n{}\n", say!(lang, "trace-rests-on-nothing"));
    }
    text += &part(say!(lang, "trace-judged"), around.later(&JUDGED));
    text += &part(say!(lang, "trace-told"), around.later(&TOLD));
    text += &part(say!(lang, "trace-followed"), around.followed());
    if !trace.told.clocks.is_empty() {
        let clocks: String = trace.told.clocks.iter().map(|one| clock(one, names, lang)).collect();
        let title = say!(lang, "trace-terms");
        text += &format!("\n{title}\n{clocks}");
    }
    if trace.told.withheld > 0 {
        text += &format!("\n{}\n", say!(lang, "trace-withheld", n = trace.told.withheld));
    }
    text
}

/// One author: role, what they had before them, and what they had been given.
fn knowledge(author: &Knowledge, names: &Names<'_>, lang: Lang) -> String {
    let mut who =
        format!("{}, {}", words::short_bytes(&author.actor), words::role_number(author.role, lang));
    if !author.agency.is_empty() {
        let agency = words::short_bytes(&author.agency);
        who += &format!(", {}", say!(lang, "common-agency-named", id = agency));
    }
    let mut more = vec![match author.seen_version {
        0 => say!(lang, "trace-seen-nothing").to_owned(),
        version => {
            let number = say!(lang, "common-number", number = version);
            say!(lang, "trace-seen", number = number)
        }
    }];
    if !author.unseen.is_empty() {
        let unseen = names.numbers(&author.unseen, lang);
        more.push(say!(lang, "trace-unseen", events = unseen));
    }
    more.push(match author.facts_read_at {
        _ if author.readings_withheld => say!(lang, "trace-readings-withheld").to_owned(),
        Some(at) => {
            let when = words::moment(Timestamp(at).seconds(), lang);
            say!(lang, "trace-facts-read", when = when)
        }
        None => say!(lang, "trace-facts-not-read").to_owned(),
    });
    more.extend(sections(author, lang));
    item(&who, &more)
}

fn sections(author: &Knowledge, lang: Lang) -> Option<String> {
    let given = author.sections.iter().map(|given| {
        let indices: Vec<_> = given.sections.iter().map(u32::to_string).collect();
        let is_protected = |stream: &_| is_protected(stream);
        let part = match given.stream.as_ref().is_some_and(is_protected) {
            true => format!(" {}", say!(lang, "common-protected-part")),
            false => String::new(),
        };
        format!("{}:{}{part}", given.version, indices.join(","))
    });
    let given: Vec<_> = given.collect();
    let list = given.join(" ");
    (!given.is_empty()).then(|| say!(lang, "trace-sections-given", sections = list))
}

fn is_protected(stream: &letopis_proto::statement::v1::Stream) -> bool {
    stream.kind == StreamKind::Protected as i32
}

/// An event in a line: number, kind, when, by whom, how it stands; and how it refers.
fn line(entry: &TimelineEntry, around: &Around<'_>, names: &Names<'_>, lang: Lang) -> String {
    let (instant, precision) = happened(entry);
    let when = words::date(&instant, precision, lang);
    let number = number(&entry.stream, entry.version, lang);
    let mut first = format!("{number} {}, {}", kind(&entry.event, lang), when.trim_start());
    if let Some(status) = standing::act(entry.told.status(), lang) {
        first += &format!(" · {status}");
    }
    let signed = say!(lang, "common-signed-by", who = signers(&entry.event));
    let relations: Vec<_> = around.relations(entry, names, lang);
    item(&first, &[std::iter::once(signed).chain(relations).collect::<Vec<_>>().join("; ")])
}

/// The statements around a decision.
struct Around<'a> {
    entries: &'a [TimelineEntry],
    edges: &'a [TraceEdge],
    decision: &'a [u8],
    /// What it rests on, however far.
    before: BTreeSet<&'a [u8]>,
}

fn hash(entry: &TimelineEntry) -> &[u8] {
    &entry.event.link.statement_hash.0
}

impl<'a> Around<'a> {
    fn of(trace: &'a Trace, decision: &'a TimelineEntry) -> Self {
        let (edges, decision) = (&trace.told.edges[..], hash(decision));
        let (mut before, mut layer) = (BTreeSet::new(), vec![decision]);
        while let Some(from) = layer.pop() {
            let to = edges.iter().filter(|edge| edge.from == from).map(|edge| &edge.to[..]);
            layer.extend(to.filter(|to| before.insert(*to)));
        }
        Self { entries: &trace.entries, edges, decision, before }
    }

    fn rests_on(&self) -> Vec<&'a TimelineEntry> {
        self.entries.iter().filter(|entry| self.before.contains(hash(entry))).collect()
    }

    /// What refers to it, however far.
    fn after(&self) -> impl Iterator<Item = &'a TimelineEntry> {
        self.entries
            .iter()
            .filter(|entry| hash(entry) != self.decision && !self.before.contains(hash(entry)))
    }

    /// Those of these kinds that refer to the decision itself.
    fn later(&self, kinds: &[&str]) -> Vec<&'a TimelineEntry> {
        self.after().filter(|entry| self.is_one(entry, kinds)).collect()
    }

    /// All the others.
    fn followed(&self) -> Vec<&'a TimelineEntry> {
        let others = self.after();
        others.filter(|entry| !self.is_one(entry, &JUDGED) && !self.is_one(entry, &TOLD)).collect()
    }

    fn is_one(&self, entry: &TimelineEntry, kinds: &[&str]) -> bool {
        let statement = entry.event.statement();
        statement.is_ok_and(|statement| kinds.contains(&statement.fact.name()))
            && self.edges.iter().any(|edge| edge.from == hash(entry) && edge.to == self.decision)
    }

    /// How it and the others refer to each other.
    fn relations(&self, entry: &TimelineEntry, names: &Names<'_>, lang: Lang) -> Vec<String> {
        let from = self.edges.iter().filter(|edge| edge.from == hash(entry));
        let told = from.map(|edge| {
            let how = match edge.relation() {
                Relation::Unspecified => say!(lang, "trace-about").to_owned(),
                relation => timeline::relation(relation, lang),
            };
            format!("{how} {}", names.number(&edge.to, lang))
        });
        told.collect()
    }
}
