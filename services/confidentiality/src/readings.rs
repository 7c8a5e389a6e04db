//! Who was given what, and who may be.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, Ledger, LedgerError, ReadingEntry, page_token, submission};
use letopis_policy::{Action, Relation, RuleId};
use letopis_proto::confidentiality::v1 as proto;
use letopis_proto::statement::v1::Purpose;
use letopis_service_rpc::{Authority, Told, ask, convert as rpc, page_size};
use letopis_types::{ActorId, Sequence, StreamKey, StreamKind, Version};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tonic::Status;

use crate::convert;

/// Actors that are looked at for a page of who may read.
const ACTORS_LOOKED_AT: usize = 500;

/// The most cases that are watched by name.
const CASES_MAX: usize = 200;

/// Events that are looked at at once while watching.
const WATCH_EVENTS: usize = 256;

pub(crate) async fn list_readings(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ListReadingsRequest,
) -> Result<proto::ListReadingsResponse, Told> {
    let case = rpc::case(&request.case_id)?;
    let max = page_size(request.page_size)?;
    let scope = [&case.to_bytes()[..], b"readings"].concat();
    let before = page_token::decode::<1>(&request.page_token, &scope)?;
    let is_first = before.is_none();
    let before = before.map_or(ledger.size(), |[before]| Sequence(before));
    ledger.caught_up().await?;
    // What is told of readings is a reading itself; this answer is of those before it.
    ledger.read_facts(caller, Action::ListReadings, &[case]).await?;
    let for_person = request.for_person_concerned || caller.purpose == Purpose::PartyAccess;
    let (entries, emergencies) = ask(ledger, move |ledger| {
        Ok((ledger.readings_of(&case, before, max + 1)?, ledger.emergencies_of(&case)?))
    })
    .await?;
    let next_page_token = match entries.get(max.saturating_sub(1)) {
        Some(last) if entries.len() > max => page_token::encode(&scope, [last.sequence.0]),
        _ => String::new(),
    };
    let readings = entries
        .iter()
        .take(max)
        // What was denied is nobody's business but the overseers'.
        .filter(|entry| !(for_person && entry.denied))
        .map(|entry| reading(entry, !for_person))
        .collect();
    let emergencies = emergencies
        .iter()
        .rev()
        .filter(|_| is_first && !for_person)
        .map(|emergency| convert::emergency(&case, emergency))
        .collect();
    Ok(proto::ListReadingsResponse { readings, next_page_token, emergencies })
}

fn reading(entry: &ReadingEntry, with_reader: bool) -> proto::Reading {
    convert::reading(entry, with_reader, entry.purpose == Purpose::Emergency)
}

pub(crate) async fn list_access(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ListAccessRequest,
) -> Result<proto::ListAccessResponse, Told> {
    let case = rpc::case(&request.case_id)?;
    let max = page_size(request.page_size)?.min(ACTORS_LOOKED_AT);
    let scope = [&case.to_bytes()[..], b"access"].concat();
    let from = page_token::decode::<2>(&request.page_token, &scope)?;
    let from =
        from.map(|[high, low]| ActorId((u128::from(high) << 64 | u128::from(low)).to_be_bytes()));
    ledger.caught_up().await?;
    ledger.read_facts(caller, Action::ListAccess, &[case]).await?;
    let as_of_size = ledger.size().0;
    let (entries, next) = ask(ledger, move |ledger| ledger.access_to(&case, from, max)).await?;
    let access = entries
        .iter()
        .map(|entry| proto::Access {
            actor: Bytes::copy_from_slice(&entry.actor.0),
            role: entry.role.role as u32,
            agency: entry
                .role
                .agency
                .map(|agency| Bytes::copy_from_slice(&agency.0))
                .unwrap_or_default(),
            purpose: entry.purpose.into(),
            classes: entry.classes.iter().map(|class| *class as i32).collect(),
            rules: entry.rules.iter().map(|rule| convert::rule(ledger, rule)).collect(),
        })
        .collect();
    let next_page_token = next.map_or_else(String::new, |actor| {
        let id = u128::from_be_bytes(actor.0);
        page_token::encode(&scope, [(id >> 64) as u64, id as u64])
    });
    Ok(proto::ListAccessResponse { access, next_page_token, as_of_size })
}

pub(crate) async fn explain_access(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::ExplainAccessRequest,
) -> Result<proto::ExplainAccessResponse, Told> {
    let stream = rpc::stream(request.stream.as_ref())?;
    let actor = match &request.actor[..] {
        [] => caller.actor,
        id => ActorId::from_slice(id)
            .ok_or_else(|| Told::request("actor", "an actor's id has 16 bytes"))?,
    };
    let purpose = match request.purpose {
        0 => caller.purpose,
        number => Purpose::try_from(number)
            .map_err(|_| Told::request("purpose", "not a purpose that the server knows"))?,
    };
    ledger.caught_up().await?;
    // Of oneself it may be asked where the facts may be read: they show what there is.
    let action = if actor == caller.actor { Action::ReadFacts } else { Action::ExplainAccess };
    ledger.read_facts(caller, action, &[stream]).await?;
    let version = (request.version > 0).then_some(Version(request.version));
    let rulings =
        ask(ledger, move |ledger| ledger.explain(actor, purpose, stream, version)).await?;
    let explanations = rulings
        .into_iter()
        .map(|(section, ruling)| proto::Explanation {
            index: section.map(|(index, _)| index),
            class: section.map(|(_, class)| class as i32),
            allowed: ruling.allowed,
            rule: ruling
                .rule
                .or_else(|| RuleId::new(RuleId::NO_RULE))
                .map(|rule| convert::rule(ledger, &rule)),
            role: ruling.role.map(|role| role as u32),
            relations: Relation::ALL
                .iter()
                .filter(|(flag, _)| ruling.relation.contains(*flag))
                .map(|(_, name)| (*name).to_owned())
                .collect(),
        })
        .collect();
    Ok(proto::ExplainAccessResponse { explanations })
}

/// The readings and the emergency access among some events, as far as the caller may list them.
struct Found {
    readings: Vec<proto::Reading>,
    emergencies: Vec<proto::Emergency>,
    /// The files that they are of; one that somebody asked for in vain need not exist.
    files: BTreeSet<StreamKey>,
    /// Where to go on.
    next: Sequence,
}

pub(crate) fn cases(request: &proto::WatchReadingsRequest) -> Result<Vec<StreamKey>, Told> {
    if request.case_ids.len() > CASES_MAX {
        return Err(Told::request("case_ids", "at most 200 cases"));
    }
    request.case_ids.iter().map(|id| rpc::case(id)).collect()
}

/// Sends readings as they come until nobody listens any more.
pub(crate) async fn watch_readings(
    ledger: &Ledger,
    authority: &Authority,
    cases: Vec<StreamKey>,
    mut next: Sequence,
    sender: &mpsc::Sender<Result<proto::WatchReadingsResponse, Status>>,
) -> Result<(), Told> {
    let caller = authority.caller()?.clone();
    for case in &cases {
        ledger.authorize(&caller, Action::ListReadings, *case).await?;
    }
    let mut follower = ledger.follow();
    loop {
        ledger.caught_up().await?;
        let (reading, asking, named) = (ledger.clone(), caller.clone(), cases.clone());
        let found = spawn_blocking(move || look(&reading, &asking, &named, next));
        let Found { readings, emergencies, files: of, next: after } =
            found.await.map_err(|_| Told::lost())??;
        if !readings.is_empty() || !emergencies.is_empty() {
            // Nothing is recorded in the name of a caller who would not be given it.
            authority.check()?;
            let of: Vec<StreamKey> = of.into_iter().collect();
            ledger.read_facts(&caller, Action::ListReadings, &of).await?;
            let next_sequence = after.0;
            let response = proto::WatchReadingsResponse { readings, next_sequence, emergencies };
            if sender.send(Ok(response)).await.is_err() {
                return Ok(());
            }
        }
        let caught_up = after >= ledger.size();
        next = after;
        if caught_up && !follower.beyond(next).await {
            return Err(Told::shutting_down());
        }
    }
}

/// Looks at the next events.
fn look(
    ledger: &Ledger,
    caller: &Caller,
    named: &[StreamKey],
    from: Sequence,
) -> Result<Found, LedgerError> {
    let events = ledger.read_log(from, WATCH_EVENTS)?;
    let mut listable =
        Listable { ledger, asking: ledger.asking(caller), named, known: HashMap::new() };
    let with_reader = caller.purpose != Purpose::PartyAccess;
    let (readings, emergencies) = (Vec::new(), Vec::new());
    let mut found = Found { readings, emergencies, files: BTreeSet::new(), next: from };
    for event in &events {
        found.next = event.link.sequence.next();
        let statement = submission::parse(&event.statement)?;
        for entry in ledger.readings_in(event, &statement) {
            let (may, exists) = listable.look(entry.file)?;
            if may && entry.file.kind == StreamKind::Case {
                found.readings.push(reading(&entry, with_reader));
                found.files.extend(exists.then_some(entry.file));
            }
        }
        if let Some((file, emergency)) = ledger.emergency_in(event, &statement)?
            && with_reader
            && listable.look(file)?.0
        {
            found.emergencies.push(convert::emergency(&file, &emergency));
            found.files.insert(file);
        }
    }
    Ok(found)
}

/// Of which files the caller may list the readings: decided anew for each message.
struct Listable<'a> {
    ledger: &'a Ledger,
    asking: Asking,
    /// Of these alone; none: of all.
    named: &'a [StreamKey],
    known: HashMap<StreamKey, (bool, bool)>,
}

impl Listable<'_> {
    /// May they be listed, and is there such a file?
    fn look(&mut self, file: StreamKey) -> Result<(bool, bool), LedgerError> {
        if !self.named.is_empty() && !self.named.contains(&file) {
            return Ok((false, false));
        }
        if let Some(known) = self.known.get(&file) {
            return Ok(*known);
        }
        let item = self.ledger.facts_of(file)?;
        let ruling = self.ledger.rule_on(&self.asking, Action::ListReadings, &item)?;
        let found = (ruling.allowed, item.exists);
        self.known.insert(file, found);
        Ok(found)
    }
}
