//! Who read a case, who may, and why.

use letopis_proto::confidentiality::v1::{Access, Emergency, Explanation, Reading, Rule};
use letopis_proto::statement::v1::Purpose;
use letopis_types::{ActorId, Class, Digest, StreamId, StreamKey, StreamKind, Timestamp, Version};
use letopis_words::{Lang, say};
use serde_json::{Value, json};

use crate::cli::CaseArgs;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::{out, words};

/// Characters of a line of text.
const WIDTH: usize = 78;

pub(super) async fn readings(args: &CaseArgs, for_person: bool) -> Result<(), Failure> {
    let (lang, json) = (args.lang, args.server.json);
    let usual = if for_person { Purpose::PartyAccess } else { Purpose::CaseWork };
    let connected = connect_for(&args.server, usual).await?;
    let (readings, emergencies) = connected.client.readings(&args.case, for_person).await?;
    if json {
        emergencies.iter().try_for_each(|one| out::line(&emergency_json(one).to_string()))?;
        return readings.iter().try_for_each(|one| out::line(&reading_json(one).to_string()));
    }
    let title = match for_person {
        true => say!(lang, "file-readings-for-person"),
        false => say!(lang, "file-readings"),
    };
    let mut text = format!("{title}\n\n");
    for one in &emergencies {
        text += &format!("{}\n\n", emergency(one, lang, false));
    }
    if readings.is_empty() {
        text += &format!("{}\n", say!(lang, "file-nobody"));
    }
    for one in &readings {
        text += &format!("{}\n", reading(one, lang, false));
    }
    out::text(&text)
}

/// One reading: when, who, in which role, for what, and what was given.
#[must_use]
pub fn reading(reading: &Reading, lang: Lang, with_case: bool) -> String {
    let when = words::recorded(Timestamp(reading.recorded_at), lang);
    let mut who = Vec::new();
    if !reading.reader.is_empty() {
        who.push(words::short_bytes(&reading.reader));
    }
    who.extend(reading.roles.iter().map(|role| words::role_number(*role, lang)));
    let agencies = reading.agencies.iter().map(|id| words::short_bytes(id));
    who.extend(agencies.map(|id| say!(lang, "common-agency-named", id = id)));
    let purpose = lang.pick(&reading.purpose_bg, &reading.purpose_en);
    let mut text = format!("{when}  {}\n", who.join(", "));
    if with_case && let Some(file) = &reading.file {
        let id = StreamId::from_slice(&file.id).map(|id| id.to_string()).unwrap_or_default();
        text += &format!("    {}\n", say!(lang, "common-file-named", id = id));
    }
    text += &format!("    {}", say!(lang, "common-for", purpose = purpose));
    let what = match (reading.denied, reading.sections.is_empty()) {
        (true, _) => say!(lang, "file-denied").to_owned(),
        (false, true) => say!(lang, "file-steps-alone").to_owned(),
        (false, false) => {
            let events = reading.sections.iter().map(|read| {
                let indices: Vec<_> = read.sections.iter().map(u32::to_string).collect();
                format!("{}:{}", read.version, indices.join(","))
            });
            let events: Vec<_> = events.collect();
            say!(lang, "file-sections", sections = events.join(" "))
        }
    };
    text += &format!("; {what}");
    if reading.emergency {
        text += &format!("; {}", say!(lang, "file-emergency-access"));
    }
    text
}

/// Emergency access: when, who, to what, until when, and whether it was reviewed.
#[must_use]
pub(super) fn emergency(emergency: &Emergency, lang: Lang, with_file: bool) -> String {
    let reviewed = match emergency.reviewed {
        true => say!(lang, "common-reviewed"),
        false => say!(lang, "common-not-reviewed"),
    };
    let when = words::recorded(Timestamp(emergency.opened_at), lang);
    let reader = words::short_bytes(&emergency.reader);
    let title = say!(lang, "file-emergency", reviewed = reviewed);
    let mut text = format!("{when}  {reader}\n    {title}\n");
    if with_file && let Some(file) = &emergency.file {
        let id = StreamId::from_slice(&file.id).map(|id| id.to_string()).unwrap_or_default();
        text += &format!("    {}\n", say!(lang, "common-file-named", id = id));
    }
    let classes = emergency.classes.iter().filter_map(|it| Class::from_number((*it).into()));
    let classes: Vec<_> = classes.map(|class| words::class(class, lang)).collect();
    let until = u64::try_from(emergency.until_seconds).map(Timestamp::from_seconds);
    let until = until.map(|until| words::recorded(until, lang)).unwrap_or_default();
    let ends = match emergency.closed {
        true => say!(lang, "file-closed").to_owned(),
        false => say!(lang, "file-until", when = until.trim_start()),
    };
    text + &format!("    {}; {ends}", classes.join(", "))
}

pub(super) fn emergency_json(emergency: &Emergency) -> Value {
    json!({
        "emergency_opened": <[u8; 32]>::try_from(&emergency.opened[..]).ok().map(|hash| Digest(hash).to_string()),
        "file": emergency.file.as_ref().and_then(|file| StreamId::from_slice(&file.id))
            .map(|id| id.to_string()),
        "reader": ActorId::from_slice(&emergency.reader).map(|id| id.to_string()),
        "opened_at": emergency.opened_at,
        "until_seconds": emergency.until_seconds,
        "classes": emergency.classes,
        "closed": emergency.closed,
        "reviewed": emergency.reviewed,
    })
}

pub(super) fn reading_json(reading: &Reading) -> Value {
    let actor = |id: &[u8]| ActorId::from_slice(id).map(|id| id.to_string());
    let sections = reading
        .sections
        .iter()
        .map(|read| json!({"version": read.version, "sections": read.sections}));
    json!({
        "sequence": reading.sequence,
        "recorded_at": reading.recorded_at,
        "reader": actor(&reading.reader),
        "roles": reading.roles,
        "agencies": reading.agencies.iter().map(|id| actor(id)).collect::<Vec<_>>(),
        "purpose": reading.purpose().as_str_name(),
        "sections": sections.collect::<Vec<_>>(),
        "denied": reading.denied,
        "emergency": reading.emergency,
    })
}

pub(super) async fn access(args: &CaseArgs) -> Result<(), Failure> {
    let (lang, as_json) = (args.lang, args.server.json);
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let (access, as_of) = connected.client.access(&args.case).await?;
    if as_json {
        return access.iter().try_for_each(|one| out::line(&access_json(one).to_string()));
    }
    let title = say!(lang, "file-who-may-read-now", n = as_of.0);
    let mut text = format!("{title}\n\n");
    for one in &access {
        text += &may_read(one, lang);
    }
    out::text(&text)
}

fn may_read(access: &Access, lang: Lang) -> String {
    let purpose = words::purpose_words(access.purpose(), lang);
    let mut text = format!(
        "{}  {}, {}\n",
        words::short_bytes(&access.actor),
        words::role_number(access.role, lang),
        say!(lang, "common-for", purpose = purpose)
    );
    let classes: Vec<_> = access
        .classes
        .iter()
        .filter_map(|class| Class::from_number((*class).into()))
        .map(|class| words::class(class, lang))
        .collect();
    let what = match classes.is_empty() {
        true => say!(lang, "file-steps-alone").to_owned(),
        false => classes.join(", "),
    };
    text += &format!("    {what}\n");
    for rule in &access.rules {
        text += &rule_lines(rule, lang);
    }
    text + "\n"
}

fn access_json(access: &Access) -> Value {
    let actor = |id: &[u8]| ActorId::from_slice(id).map(|id| id.to_string());
    json!({
        "actor": actor(&access.actor),
        "role": access.role,
        "agency": actor(&access.agency),
        "purpose": access.purpose().as_str_name(),
        "classes": access.classes,
        "rules": access.rules.iter().map(|rule| &rule.id).collect::<Vec<_>>(),
    })
}

/// What `explain` is asked.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) event: Option<u64>,
    pub(super) kind: StreamKind,
    pub(super) actor: Option<ActorId>,
    pub(super) purpose: Option<Purpose>,
}

pub(super) async fn explain(args: &CaseArgs, asked: &Asked) -> Result<(), Failure> {
    let (lang, as_json) = (args.lang, args.server.json);
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let stream = StreamKey { kind: asked.kind, id: args.case };
    let purpose = asked.purpose.unwrap_or(connected.purpose);
    let version = asked.event.map(Version);
    let explained =
        connected.client.explain(asked.actor.as_ref(), purpose, &stream, version).await?;
    if as_json {
        return explained.iter().try_for_each(|one| out::line(&why_json(one).to_string()));
    }
    let reader = match asked.actor {
        Some(actor) => words::short(actor),
        None => words::short(connected.caller()?.signer().actor),
    };
    let purpose = words::purpose_words(purpose, lang);
    let mut text = format!("{reader}, {}\n", say!(lang, "common-for", purpose = purpose));
    for one in &explained {
        text += &why(one, asked.event, lang);
    }
    out::text(&text)
}

fn why(explanation: &Explanation, event: Option<u64>, lang: Lang) -> String {
    let what = match (event, explanation.index) {
        (Some(event), Some(index)) => {
            let class = explanation.class.and_then(|class| Class::from_number(class.into()));
            let class = class.map(|class| words::class(class, lang)).unwrap_or_default();
            format!("{event}:{index}  {class}")
        }
        _ => say!(lang, "file-steps").to_owned(),
    };
    let verdict = match explanation.allowed {
        true => say!(lang, "file-may-be-read"),
        false => say!(lang, "file-may-not-be-read"),
    };
    let mut text = format!("\n{what}: {verdict}\n");
    text.extend(explanation.rule.iter().map(|rule| rule_lines(rule, lang)));
    if let Some(role) = explanation.role {
        let role = words::role_number(role, lang);
        text += &format!("    {}\n", say!(lang, "file-role", role = role));
    }
    let relations = explanation.relations.iter().map(|name| words::relation(name, lang));
    let relations: Vec<_> = relations.collect();
    if !relations.is_empty() {
        let line = say!(lang, "file-relations", relations = relations.join("; "));
        text.extend(words::wrap(&line, WIDTH).iter().map(|line| format!("    {line}\n")));
    }
    text
}

fn why_json(explanation: &Explanation) -> Value {
    json!({
        "index": explanation.index,
        "class": explanation.class,
        "allowed": explanation.allowed,
        "rule": explanation.rule.as_ref().map(|rule| &rule.id),
        "because": explanation.rule.as_ref().map(|rule| &rule.en),
        "role": explanation.role,
        "relations": explanation.relations,
    })
}

fn rule_lines(rule: &Rule, lang: Lang) -> String {
    let words = format!("{} ({})", lang.pick(&rule.bg, &rule.en), rule.id);
    words::wrap(&words, WIDTH).iter().map(|line| format!("    {line}\n")).collect()
}
