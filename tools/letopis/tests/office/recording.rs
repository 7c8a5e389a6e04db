//! What an office records: cases, and facts with invented sections.

use std::path::Path;
use std::sync::Arc;

use letopis::cmd::init::{new_id, now};
use letopis_client::{
    ActingAs, ClientError, Draft, Identity, KnownLedgers, LedgerClient, OccurredAt, Options,
    Reference, Seen,
};
use letopis_domain::Fact;
use letopis_domain::procedure::required;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose, Relation};
use letopis_types::{ActorId, Class, Digest, StreamId, StreamKey, StreamKind};

use crate::support::Office;

pub(crate) fn agency_of(office: &Office) -> String {
    let head = office.actor("head");
    let access = office.file("access", "head", &["--json"]).good();
    let mut lines = access.lines().map(|line| serde_json::from_str(line).unwrap());
    let own = lines.find(|line: &serde_json::Value| line["actor"] == *head).unwrap();
    own["agency"].as_str().unwrap().to_owned()
}

pub(crate) fn identity(office: &Office, who: &str) -> Arc<Identity> {
    Arc::new(Identity::read(Path::new(&office.key(who))).unwrap())
}

pub(crate) async fn connect(office: &Office) -> LedgerClient {
    let acting_as = Some(ActingAs::new(identity(office, "head"), Purpose::CaseWork));
    let known = KnownLedgers::new(office.path("trust"));
    let options = Options { acting_as, ..Options::default() };
    let url = &office.server.as_ref().unwrap().url;
    LedgerClient::trust_on_first_use(url, &known, options).await.unwrap().0
}

/// One signal about as many children as there are leads, assessed; and a case for each child.
pub(crate) async fn open_cases(office: &Office, agency: &str, leads: &[&str]) -> Vec<String> {
    open_cases_at(office, agency, leads, now()).await
}

/// The same at another time than now.
pub(crate) async fn open_cases_at(
    office: &Office,
    agency: &str,
    leads: &[&str],
    at: OccurredAt,
) -> Vec<String> {
    let client = connect(office).await;
    let [worker, head, duty] = ["worker", "head", "duty"].map(|who| identity(office, who));
    let new = |kind| StreamKey { kind, id: StreamId(new_id().unwrap()) };
    let signal = new(StreamKind::Signal);
    let mut children: Vec<_> = leads.iter().map(|_| new_id().unwrap().to_vec()).collect();
    children.sort();
    let track = proto::Track::General.into();
    let received = Kind::SignalReceived(proto::SignalReceived {
        channel: proto::SignalChannel::Authority.into(),
        children: children.clone(),
        track,
        anonymous: false,
    });
    record_at(&client, &[&duty], signal, received, None, at).await;
    let outcome = |child| proto::ChildOutcome {
        child,
        outcome: proto::SignalOutcome::Case.into(),
        track: Some(track),
        age_band: proto::AgeBand::Under10.into(),
    };
    let outcomes = children.into_iter().map(outcome).collect();
    let assigned = proto::SignalAssigned { worker: worker.actor.0.to_vec() };
    record_at(&client, &[&head], signal, Kind::SignalAssigned(assigned), None, at).await;
    let assessed = Kind::SignalAssessed(proto::SignalAssessed { outcomes });
    let assessed = record_at(&client, &[&worker, &head], signal, assessed, None, at).await;
    let agency: ActorId = agency.parse().unwrap();
    let mut cases = Vec::new();
    for lead in leads {
        let case = new(StreamKind::Case);
        let lead = identity(office, lead).actor.0.to_vec();
        let opened = Kind::CaseOpened(proto::CaseOpened { holder: agency.0.to_vec(), lead });
        let (relation, stream, statement_hash) = (Relation::BasedOn, signal, assessed);
        let because = Reference { relation, stream, statement_hash };
        record_at(&client, &[&head], case, opened, Some(because), at).await;
        cases.push(case.id.to_string());
    }
    cases
}

/// Records a fact with the sections that it must have, each of which holds its schema's example.
pub(crate) async fn record(
    client: &LedgerClient,
    signers: &[&Arc<Identity>],
    stream: StreamKey,
    kind: Kind,
    reference: Option<Reference>,
) -> Digest {
    record_at(client, signers, stream, kind, reference, now()).await
}

/// The same of what happened at another time than now.
pub(crate) async fn record_at(
    client: &LedgerClient,
    signers: &[&Arc<Identity>],
    stream: StreamKey,
    kind: Kind,
    reference: Option<Reference>,
    occurred_at: OccurredAt,
) -> Digest {
    let seen = match client.read_stream(&stream).await {
        Ok(history) => Some(history.seen()),
        Err(ClientError::Refused(_)) => None,
        Err(error) => panic!("{error:?}"),
    };
    record_upon(client, signers, stream, kind, (reference, occurred_at, seen)).await
}

/// The same, signed by somebody who had seen the stream as it was at some time.
pub(crate) async fn record_upon(
    client: &LedgerClient,
    signers: &[&Arc<Identity>],
    stream: StreamKey,
    kind: Kind,
    (reference, occurred_at, seen): (Option<Reference>, OccurredAt, Option<Seen>),
) -> Digest {
    let mut draft = drafted(stream, kind, occurred_at);
    if let Some(reference) = reference {
        draft = draft.reference(reference);
    }
    if let Some(seen) = seen {
        draft = draft.seen(seen);
    }
    send(client, signers, draft).await
}

/// Records a fact with a section more than it must have, of this payload type and content.
pub(crate) async fn record_holding(
    client: &LedgerClient,
    signers: &[&Arc<Identity>],
    stream: StreamKey,
    kind: Kind,
    (payload_type, content): (&'static str, &'static str),
) -> Digest {
    let seen = client.read_stream(&stream).await.unwrap().seen();
    let draft = drafted(stream, kind, now()).section(Class::Restricted, payload_type, content);
    send(client, signers, draft.seen(seen)).await
}

/// A fact with the sections that it must have.
fn drafted(stream: StreamKey, kind: Kind, occurred_at: OccurredAt) -> Draft {
    let fact = Fact::from_proto(&proto::Fact { kind: Some(kind.clone()) }).unwrap();
    let mut draft = Draft::new(stream, kind, occurred_at);
    for need in required(&fact) {
        let payload_type = format!("{}/1", need.any_of[0]);
        let example = letopis_sections::example(&payload_type).unwrap();
        draft = draft.section(need.class, payload_type, example);
    }
    draft
}

async fn send(client: &LedgerClient, signers: &[&Arc<Identity>], draft: Draft) -> Digest {
    let named: Vec<_> = signers.iter().map(|one| one.signer()).collect();
    let keys: Vec<_> = signers.iter().map(|one| &one.statement_key).collect();
    let signed = draft.seal(*client.ledger(), &named).unwrap().sign(&keys).unwrap();
    let client = client.clone().as_caller(Arc::clone(signers[0]) as _, Purpose::CaseWork);
    *client.append(&signed).await.unwrap().statement_hash()
}
