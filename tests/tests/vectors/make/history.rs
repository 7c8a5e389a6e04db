//! `log`: whole small logs, built event by event; and what is asked of every event in them.

use std::collections::HashMap;

use letopis_crypto::hash::{next_head, statement_hash};
use letopis_proto::statement::v1::{self as proto, Role, fact::Kind};
use letopis_types::{Digest, SignatureBytes, StreamKind};
use prost::Message as _;
use serde_json::{Value, json};

use super::invented as i;
use crate::Vector;
use crate::check::hex;

/// The seeds of further people; each one's actor id repeats the same byte.
pub(super) const HEAD: u8 = 8;
pub(super) const DIRECTOR: u8 = 9;
pub(super) const OFFICER: u8 = 10;
pub(super) const SUPERIOR: u8 = 11;
pub(super) const PROVIDER: u8 = 12;
pub(super) const COLLEAGUE: u8 = 13;
pub(super) const WORKER: u8 = i::WORKER;
/// The seeds of keys that are enrolled later.
pub(super) const NEW_KEY: u8 = 20;
pub(super) const OTHER_KEY: u8 = 21;

/// When it begins, in seconds since 1970 UTC.
pub(super) const START: i64 = 1_800_000_000;
pub(super) const HOUR: i64 = 3600;

/// Agencies: of everybody but the service, of the service, and another one.
pub(super) const AGENCY: [u8; 16] = [0xa0; 16];
pub(super) const SERVICE: [u8; 16] = [0xa2; 16];
pub(super) const ELSEWHERE: [u8; 16] = [0xa1; 16];

pub(super) type Place = (StreamKind, u8);

pub(super) const CASE: Place = (StreamKind::Case, 0xca);
pub(super) const PROTECTED: Place = (StreamKind::Protected, 0xca);
pub(super) const OTHER_CASE: Place = (StreamKind::Case, 0xcb);
pub(super) const SIGNAL: Place = (StreamKind::Signal, 0x51);
pub(super) const COMPLAINT: Place = (StreamKind::Complaint, 0xc0);
pub(super) const ROOT: Place = (StreamKind::Root, 0);

/// The stream of an actor.
pub(super) const fn of(seed: u8) -> Place {
    (StreamKind::Actor, seed)
}

/// A log in the making.
#[derive(Clone)]
pub(super) struct History {
    events: Vec<(u64, proto::Statement, Vec<SignatureBytes>)>,
    /// Version and head of each stream.
    heads: HashMap<Place, (u64, Digest)>,
    /// The latest grant of each person.
    grants: HashMap<u8, Vec<u8>>,
    /// When the next event is recorded, in nanoseconds since 1970 UTC.
    now: u64,
}

impl History {
    /// The genesis.
    pub(super) fn new() -> Self {
        let mut history = Self {
            events: Vec::new(),
            heads: HashMap::new(),
            grants: HashMap::new(),
            now: START as u64 * 1_000_000_000,
        };
        history.append(ROOT, i::genesis());
        for seed in i::REGISTRARS.into_iter().chain([i::LEDGER]) {
            history.grants.insert(seed, i::GENESIS_HASH.clone());
        }
        history
    }

    /// The genesis, and these people in their roles.
    pub(super) fn with(people: &[(u8, Role)]) -> Self {
        let mut history = Self::new();
        for (seed, role) in people {
            history.staff(*seed, *role);
        }
        history
    }

    /// Enrols somebody, and grants the role.
    pub(super) fn staff(&mut self, seed: u8, role: Role) {
        self.enrol(seed);
        self.grant(seed, role, None);
    }

    pub(super) fn enrol(&mut self, seed: u8) {
        let fact = proto::ActorEnrolled {
            kind: proto::ActorKind::Person.into(),
            key: i::enrolled_key(seed, proto::KeyUse::Statement),
        };
        let mut signers = self.by(&[1, 2]);
        signers.push(i::signer(seed, &[]));
        self.add(of(seed), signers, Kind::ActorEnrolled(fact));
    }

    /// The role becomes the one that `by` names.
    pub(super) fn grant(&mut self, seed: u8, role: Role, until_seconds: Option<i64>) -> Vec<u8> {
        let agency = if seed == PROVIDER { SERVICE } else { AGENCY };
        let fact = proto::RoleGranted {
            role: role.into(),
            agency: agency.to_vec(),
            region: Some(7),
            until_seconds,
            ..Default::default()
        };
        let grant = self.add(of(seed), self.by(&[1, 2]), Kind::RoleGranted(fact));
        self.grants.insert(seed, grant.clone());
        grant
    }

    /// Signers with their first keys, under their latest grants.
    pub(super) fn by(&self, seeds: &[u8]) -> Vec<proto::Signer> {
        seeds.iter().map(|seed| i::signer(*seed, &self.grants[seed])).collect()
    }

    /// A signer with another key than the first.
    pub(super) fn with_key(&self, seed: u8, key: u8) -> proto::Signer {
        proto::Signer { public_key: i::key_bytes(key), ..i::signer(seed, &self.grants[&seed]) }
    }

    /// The next event, on the stream's present head where it is exclusive. Its statement hash.
    pub(super) fn add(&mut self, at: Place, signers: Vec<proto::Signer>, kind: Kind) -> Vec<u8> {
        self.add_with(at, signers, kind, |_| ())
    }

    /// The next event, changed before it is signed.
    pub(super) fn add_with(
        &mut self,
        at: Place,
        signers: Vec<proto::Signer>,
        kind: Kind,
        change: impl FnOnce(&mut proto::Statement),
    ) -> Vec<u8> {
        let (stream_kind, id) = at;
        let byte = self.events.len() as u8 + 1;
        let mut statement = i::statement(byte, i::stream(stream_kind, id), signers, kind);
        statement.seen = self
            .heads
            .get(&at)
            .map(|(version, head)| proto::Seen { version: *version, head: head.0.to_vec() });
        change(&mut statement);
        self.append(at, statement)
    }

    fn append(&mut self, at: Place, statement: proto::Statement) -> Vec<u8> {
        let signatures = i::sign(&statement);
        let hash = statement_hash(&statement.encode_to_vec());
        let (version, head) = self.heads.entry(at).or_insert((0, Digest::ZERO));
        (*version, *head) = (*version + 1, next_head(head, &hash));
        self.events.push((self.now, statement, signatures));
        hash.0.to_vec()
    }

    /// Time passes.
    pub(super) fn later(&mut self, seconds: i64) {
        self.now += seconds as u64 * 1_000_000_000;
    }

    pub(super) fn nanoseconds_later(&mut self, nanoseconds: u64) {
        self.now += nanoseconds;
    }

    pub(super) fn seconds(&self) -> i64 {
        (self.now / 1_000_000_000) as i64
    }

    /// The sequence of the next event.
    pub(super) fn next(&self) -> u64 {
        self.events.len() as u64
    }

    pub(super) fn valid(&self, what: &str) -> Vector {
        super::valid("log", &format!("valid-{what}"), self.input())
    }

    pub(super) fn invalid(&self, what: &str, fault: &str) -> Vector {
        super::invalid("log", what, fault, self.input())
    }

    fn input(&self) -> Value {
        let events = self.events.iter().map(|(recorded_at, statement, signatures)| {
            json!({
                "recorded_at": recorded_at,
                "statement": hex(statement.encode_to_vec()),
                "signatures": signatures.iter().map(hex).collect::<Vec<_>>(),
            })
        });
        json!({"events": events.collect::<Vec<_>>()})
    }
}

pub(super) fn note() -> Kind {
    Kind::NoteAdded(proto::NoteAdded {})
}

pub(super) fn case_opened() -> Kind {
    let holder = AGENCY.to_vec();
    Kind::CaseOpened(proto::CaseOpened { holder, lead: i::actor(WORKER) })
}

pub(super) fn child_missing() -> Kind {
    Kind::ChildMissing(proto::ChildMissing {})
}

pub(super) fn reference(
    relation: proto::Relation,
    (kind, id): Place,
    statement_hash: &[u8],
) -> proto::Reference {
    let statement_hash = statement_hash.to_vec();
    proto::Reference { relation: relation.into(), stream: i::stream(kind, id), statement_hash }
}

/// A social worker, who opened a case.
pub(super) fn office() -> History {
    let mut history = History::with(&[(WORKER, Role::SocialWorker)]);
    history.add(CASE, history.by(&[WORKER]), case_opened());
    history
}

pub(super) fn vectors() -> Vec<Vector> {
    [grants_and_keys(), places()].concat()
}

/// After the office's history, one more event.
fn one_more(
    what: &str,
    fault: &str,
    signers: impl FnOnce(&History) -> Vec<proto::Signer>,
    kind: Kind,
    change: impl FnOnce(&mut proto::Statement),
) -> Vector {
    let mut history = office();
    let signers = signers(&history);
    history.add_with(CASE, signers, kind, change);
    history.invalid(what, fault)
}

fn grants_and_keys() -> Vec<Vector> {
    let signed = |what, fault, signer: fn(&History) -> proto::Signer| {
        one_more(what, fault, |history| vec![signer(history)], note(), |_| ())
    };
    let mut with_note = office();
    with_note.add(CASE, with_note.by(&[WORKER]), note());
    let reading = Kind::FactsRead(proto::FactsRead {
        reader: i::actor(WORKER),
        purpose: proto::Purpose::CaseWork.into(),
        token: b"invented.token.here".to_vec(),
        files: vec![i::stream(StreamKind::Case, 0xca).unwrap()],
    });
    let mut by_a_registrar = office();
    let access = (StreamKind::Access, 0xca);
    by_a_registrar.add(access, by_a_registrar.by(&[1]), reading.clone());
    let mut by_the_ledger = office();
    by_the_ledger.add(access, by_the_ledger.by(&[i::LEDGER]), reading.clone());
    let mut not_alone = office();
    not_alone.add(access, not_alone.by(&[i::LEDGER, 1]), reading);
    vec![
        with_note.valid("office"),
        by_the_ledger.valid("facts-read"),
        by_a_registrar.invalid("facts-read-by-a-registrar", "ledger_kind"),
        not_alone.invalid("facts-read-not-by-the-ledger-alone", "ledger_kind"),
        signed("signer-never-enrolled", "actor_unknown", |_| i::signer(14, &i::GRANT)),
        signed("signer-with-a-key-of-another", "key_unknown", |h| h.with_key(WORKER, 1)),
        signed("signer-without-a-grant", "grant_missing", |_| i::signer(WORKER, &[])),
        signed("signer-with-a-grant-of-another", "grant_unknown", |_| {
            i::signer(WORKER, &i::GENESIS_HASH)
        }),
        signed("note-by-the-ledger", "role_wrong", |h| h.by(&[i::LEDGER]).remove(0)),
    ]
}

fn places() -> Vec<Vector> {
    let by_worker = |history: &History| history.by(&[WORKER]);
    let assessed = Kind::AssessmentCompleted(proto::AssessmentCompleted {
        age_band: proto::AgeBand::Unknown.into(),
    });
    let time_goes_back = {
        let mut history = office();
        history.now -= 1;
        history.add(CASE, history.by(&[WORKER]), note());
        history.invalid("time-goes-back", "link_time")
    };
    let enrolled_twice = {
        let mut history = office();
        let mut signers = history.by(&[1, 2]);
        let second = proto::Signer { actor: i::actor(WORKER), ..i::signer(NEW_KEY, &[]) };
        signers.push(second);
        let fact = proto::ActorEnrolled {
            kind: proto::ActorKind::Person.into(),
            key: i::enrolled_key(NEW_KEY, proto::KeyUse::Statement),
        };
        history.add(of(WORKER), signers, Kind::ActorEnrolled(fact));
        history.invalid("actor-enrolled-twice", "actor_already_enrolled")
    };
    let another_genesis = {
        let mut history = office();
        let statement = proto::Statement { nonce: vec![9; 32], ..i::genesis() };
        history.append(ROOT, statement);
        history.invalid("genesis-twice", "ledger_wrong")
    };
    let signed = |what, fault, change: fn(&mut Vec<SignatureBytes>)| {
        let mut history = office();
        history.add(CASE, history.by(&[WORKER]), note());
        change(&mut history.events.last_mut().unwrap().2);
        history.invalid(what, fault)
    };
    let of_another_stream = {
        let mut history = office();
        let seen = history.heads[&of(WORKER)];
        let seen = proto::Seen { version: seen.0, head: seen.1.0.to_vec() };
        history.add_with(CASE, history.by(&[WORKER]), note(), |s| s.seen = Some(seen));
        history.invalid("seen-of-another-stream", "seen_unknown")
    };
    let stale = {
        let mut history = office();
        let (version, head) = history.heads[&CASE];
        let seen = proto::Seen { version, head: head.0.to_vec() };
        history.add(CASE, history.by(&[WORKER]), note());
        history.add_with(CASE, history.by(&[WORKER]), assessed.clone(), |s| s.seen = Some(seen));
        history.invalid("seen-stale", "seen_stale")
    };
    let earlier = |s: &mut proto::Statement| s.event_id = i::event_id(4);
    vec![
        time_goes_back,
        enrolled_twice,
        another_genesis,
        signed("signature-missing", "signature_missing", |signatures| signatures.clear()),
        signed("signature-extra", "signature_extra", |s| s.push(s[0])),
        signed("signature-of-other-bytes", "signature_invalid", |s| s[0].0[0] ^= 1),
        of_another_stream,
        stale,
        one_more("seen-missing", "seen_missing", by_worker, assessed, |s| s.seen = None),
        one_more("event-id-taken", "event_id_taken", by_worker, note(), earlier),
        one_more("reference-unknown", "reference_unknown", by_worker, note(), |s| {
            s.references = vec![i::reference(proto::Relation::BasedOn)];
        }),
        one_more("for-another-ledger", "ledger_wrong", by_worker, note(), |s| {
            s.ledger = vec![0x2d; 32];
        }),
    ]
}
