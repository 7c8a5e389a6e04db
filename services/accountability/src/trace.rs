//! TraceDecision: the graph behind one decision.

use std::collections::{BTreeMap, BTreeSet};

use letopis_domain::Statement;
use letopis_domain::registry::RoleInForce;
use letopis_domain::statement::Signer;
use letopis_ledger::token::Caller;
use letopis_ledger::{AllGiven, Ledger, LedgerError, NotFound, PastEvent, View};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_proto::statement::v1::Relation;
use letopis_service_rpc::convert::stream_message;
use letopis_service_rpc::{Told, ask_now, convert as rpc};
use letopis_types::{ActorId, Digest, Sequence, StreamKey, StreamKind, Version};

use crate::case::{Readable, authorize};
use crate::convert;
use crate::entry::entry;

/// The most statements of a graph: those that are nearest to the decision.
const ENTRIES_MAX: usize = 400;

pub(crate) async fn trace_decision(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::TraceDecisionRequest,
) -> Result<proto::TraceDecisionResponse, Told> {
    let stream = rpc::stream(request.stream.as_ref())?;
    if !matches!(stream.kind, StreamKind::Case | StreamKind::Protected) {
        return Err(Told::request(
            "stream",
            "a decision stands in a case's stream or its protected one",
        ));
    }
    let case = StreamKey { kind: StreamKind::Case, ..stream };
    let version = Version(request.version);
    let readable = authorize(ledger, caller, case, request.at_least_size).await?;
    if !readable.streams().any(|told| told == stream) {
        // As of one that has no such event.
        return Err(NotFound::Event.into());
    }
    let asking = ledger.asking(caller);
    let item = ledger.facts_of(case)?;
    let readings = ReadingsOf {
        caller: caller.actor,
        everybody: ledger.rule_on(&asking, Action::ListReadings, &item)?.allowed,
    };
    let (views, events) = ask_now(ledger, move |ledger| {
        let view = ledger.present(&case)?;
        let mut events = Vec::new();
        for stream in readable.streams() {
            ledger.events_before(&stream, view.as_of, &mut events)?;
        }
        let mut signals = BTreeMap::new();
        for signal in letopis_ledger::signals(&events) {
            let item = ledger.facts_of(signal)?;
            if ledger.rule_on(&asking, Action::ReadFacts, &item)?.allowed {
                ledger.events_before(&signal, view.as_of, &mut events)?;
                signals.insert(signal, ledger.present(&signal)?);
            }
        }
        Ok((Views { case: view, signals }, events))
    })
    .await?;
    // Nothing of the signals leaves before that is on the record.
    ledger.record_facts_read(caller, Action::ReadFacts, views.signals.keys().copied()).await?;
    ask_now(ledger, move |ledger| {
        answer(ledger, (readable, readings), (stream, version), &views, events)
    })
    .await
}

/// The files around a decision, each as it is.
struct Views {
    case: View,
    signals: BTreeMap<StreamKey, View>,
}

impl Views {
    /// The file of an event: what became of it stands there alone.
    fn of(&self, past: &PastEvent) -> &View {
        self.signals.get(&past.statement.stream).unwrap_or(&self.case)
    }
}

/// Whose readings a caller is told of: of themselves always, of everybody who looks after that.
#[derive(Clone, Copy)]
struct ReadingsOf {
    caller: ActorId,
    everybody: bool,
}

impl ReadingsOf {
    fn are_told_of(self, actor: &ActorId) -> bool {
        self.everybody || self.caller == *actor
    }
}

fn answer(
    ledger: &Ledger,
    (readable, readings): (Readable, ReadingsOf),
    (stream, version): (StreamKey, Version),
    views: &Views,
    mut events: Vec<PastEvent>,
) -> Result<proto::TraceDecisionResponse, LedgerError> {
    let view = &views.case;
    events.sort_unstable_by_key(|past| past.event.link.sequence);
    let decision = events
        .iter()
        .find(|past| past.statement.stream == stream && past.version == version)
        .cloned()
        .ok_or(NotFound::Event)?;
    let hash = decision.event.link.statement_hash;
    let graph = Graph::of(&events);
    let (near, withheld) = graph.around(hash);
    let edges =
        graph.edges.iter().filter(|edge| near.contains(&edge.from) && near.contains(&edge.to));
    let edges = edges.map(Edge::message).collect();

    let signers = &decision.statement.signers;
    let told = signers.iter().map(|signer| signer.actor);
    let told: Vec<ActorId> = told.filter(|actor| readings.are_told_of(actor)).collect();
    let given = ledger.given(&told, &readable.case, decision.event.link.sequence)?;
    let authors = signers.iter().map(|signer| {
        let given = given.iter().find(|given| given.actor() == signer.actor);
        knowledge(readable, (signer, ledger.role_of(signer)), given, &decision, &events)
    });
    let authors = authors.collect();
    let clocks = view.file.procedure.clocks().iter().filter(|clock| {
        let touched = clock.started_by == hash || clock.ended.is_some_and(|ended| ended.by == hash);
        touched && (readable.protected || !clock.protected)
    });
    let clocks = clocks.map(|clock| convert::clock(&readable.case, view, &clock)).collect();
    let mut entries = Vec::new();
    for past in events {
        if near.contains(&past.event.link.statement_hash) {
            entries.push(entry(ledger, views.of(&past), past)?);
        }
    }
    let (withheld, as_of_size) = (u32::try_from(withheld).unwrap_or(u32::MAX), view.as_of.0);
    Ok(proto::TraceDecisionResponse { entries, edges, authors, clocks, withheld, as_of_size })
}

/// What an author had before them, and had been given, when a decision was taken.
fn knowledge(
    readable: Readable,
    (signer, role): (&Signer, Option<RoleInForce>),
    given: Option<&AllGiven>,
    decision: &PastEvent,
    events: &[PastEvent],
) -> proto::Knowledge {
    let seen = decision.statement.seen.map_or(Version::ZERO, |seen| seen.version);
    let unseen = events.iter().filter(|past| {
        past.statement.stream == decision.statement.stream
            && seen < past.version
            && past.version < decision.version
    });
    let sections = given.into_iter().flat_map(AllGiven::sections);
    let sections = sections.filter(|(stream, _, _)| readable.streams().any(|told| told == *stream));
    proto::Knowledge {
        actor: convert::bytes(&signer.actor.0),
        role: role.map_or(0, |role| role.role as u32),
        agency: role
            .and_then(|role| role.agency)
            .map(|agency| convert::bytes(&agency.0))
            .unwrap_or_default(),
        seen_version: seen.0,
        unseen: unseen.map(|past| convert::bytes(&past.event.link.statement_hash.0)).collect(),
        facts_read_at: given.and_then(AllGiven::facts_read_at).map(|at| at.0),
        readings_withheld: given.is_none(),
        sections: sections
            .map(|(stream, version, sections)| proto::GivenSections {
                stream: Some(stream_message(&stream)),
                version: version.0,
                sections,
            })
            .collect(),
    }
}

/// One statement refers to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: Digest,
    to: Digest,
    /// The number of a Relation; 0: its fact names it.
    relation: i32,
}

impl Edge {
    fn message(&self) -> proto::TraceEdge {
        let (from, to) = (convert::bytes(&self.from.0), convert::bytes(&self.to.0));
        proto::TraceEdge { from, to, relation: self.relation }
    }
}

/// Who refers to whom.
struct Graph {
    known: BTreeMap<Digest, Sequence>,
    edges: BTreeSet<Edge>,
}

impl Graph {
    fn of(events: &[PastEvent]) -> Self {
        let hash = |past: &PastEvent| past.event.link.statement_hash;
        let known = events.iter().map(|past| (hash(past), past.event.link.sequence)).collect();
        let edges = events.iter().flat_map(|past| edges_of(hash(past), &past.statement)).collect();
        Self { known, edges }
    }

    /// The statements around one: what it rests on, however far, and what refers to it, however far; the
    /// nearest first. And how many are named there that are not known here.
    fn around(&self, decision: Digest) -> (BTreeSet<Digest>, usize) {
        let mut near = BTreeSet::from([decision]);
        let mut unknown = BTreeSet::new();
        let forth = |at: &Digest| {
            self.edges
                .iter()
                .filter(|edge| edge.from == *at)
                .map(|edge| edge.to)
                .collect::<Vec<_>>()
        };
        let back = |at: &Digest| {
            self.edges
                .iter()
                .filter(|edge| edge.to == *at)
                .map(|edge| edge.from)
                .collect::<Vec<_>>()
        };
        for next in [&forth as &dyn Fn(&Digest) -> Vec<Digest>, &back] {
            let mut layer = vec![decision];
            while !layer.is_empty() && near.len() < ENTRIES_MAX {
                let reached: BTreeSet<Digest> = layer.iter().flat_map(next).collect();
                let (here, elsewhere): (Vec<_>, Vec<_>) =
                    reached.into_iter().partition(|hash| self.known.contains_key(hash));
                unknown.extend(elsewhere);
                layer = here.into_iter().filter(|hash| near.insert(*hash)).collect();
            }
        }
        (near, unknown.len())
    }
}

fn edges_of(from: Digest, statement: &Statement) -> Vec<Edge> {
    let references = statement.references.iter();
    let mut edges: Vec<Edge> = references
        .map(|to| Edge { from, to: to.statement_hash, relation: to.relation.into() })
        .collect();
    let named = statement.fact.named().into_iter().map(|to| Edge {
        from,
        to,
        relation: Relation::Unspecified.into(),
    });
    edges.extend(named);
    edges
}
