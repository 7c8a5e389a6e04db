//! Statements in the making, and those that begin the invented ledger.

use std::sync::LazyLock;

use letopis_crypto::hash::{next_head, statement_hash};
use letopis_crypto::section::{CommitmentScope, commitment};
use letopis_domain::position::StreamHead;
use letopis_proto::statement::v1::{self as proto, KeyUse, Role, fact::Kind};
use letopis_types::{Class, Digest, EventId, StreamKey, Version};
use prost::Message as _;
use zeroize::Zeroizing;

use super::{CHIEF, TOKEN, WORKER, actor, actor_stream, event_id, genesis_hash, id, secret};
use crate::submission::{SectionContent, Submission};

// Made once: tests make many thousands of drafts.
static WORKER_GRANT: LazyLock<Digest> = LazyLock::new(|| grant_worker().hash());
static CHIEF_GRANT: LazyLock<Digest> = LazyLock::new(|| grant_chief().hash());

/// Who signs a draft, with which key, under which grant.
#[derive(Debug, Clone, Copy)]
pub struct Signing {
    /// The actor's seed.
    pub actor: u8,
    /// The key's seed.
    pub key: u8,
    /// The grant.
    pub grant: Option<Digest>,
}

/// A registrar of the genesis.
#[must_use]
pub fn registrar(seed: u8) -> Signing {
    Signing { actor: seed, key: seed, grant: Some(genesis_hash()) }
}

/// Two registrars.
#[must_use]
pub fn registrars() -> Vec<Signing> {
    vec![registrar(1), registrar(2)]
}

/// A key that signs its own enrolment.
#[must_use]
pub fn holder(actor: u8, key: u8) -> Signing {
    Signing { actor, key, grant: None }
}

/// The social worker.
#[must_use]
pub fn worker() -> Signing {
    Signing { actor: WORKER, key: WORKER, grant: Some(*WORKER_GRANT) }
}

/// The head of department.
#[must_use]
pub fn chief() -> Signing {
    Signing { actor: CHIEF, key: CHIEF, grant: Some(*CHIEF_GRANT) }
}

/// A statement in the making, and what its sections hold. The number tells it apart.
#[derive(Clone)]
pub struct Draft {
    /// What will be signed.
    pub statement: proto::Statement,
    /// The seeds of its signers, in their order.
    pub seeds: Vec<u8>,
    /// Salt and content of its sections.
    pub contents: Vec<SectionContent>,
    number: u64,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Draft {
    /// Without anything that may be absent.
    #[must_use]
    pub fn new(number: u64, stream: StreamKey, signing: &[Signing], kind: Kind) -> Self {
        let mut signing: Vec<_> = signing.iter().map(|by| (secret(by.key).public(), *by)).collect();
        signing.sort_unstable_by_key(|(key, _)| *key);
        let signers = signing.iter().map(|(key, by)| proto::Signer {
            actor: actor(by.actor).0.to_vec(),
            public_key: key.0.to_vec(),
            grant: by.grant.map(|grant| grant.0.to_vec()).unwrap_or_default(),
        });
        let statement = proto::Statement {
            ledger: id().0.to_vec(),
            event_id: event_id(number).0.to_vec(),
            stream: Some(stream_message(&stream)),
            signers: signers.collect(),
            seen: None,
            occurred_at: Some(proto::OccurredAt {
                seconds: 1_800_000_000,
                nanos: 0,
                offset_minutes: 120,
                precision: proto::Precision::Minute.into(),
                knowledge: proto::Knowledge::Witnessed.into(),
            }),
            nonce: number.to_be_bytes().repeat(4),
            references: Vec::new(),
            sections: Vec::new(),
            fact: Some(proto::Fact { kind: Some(kind) }),
        };
        let seeds = signing.iter().map(|(_, by)| by.key).collect();
        Self { statement, seeds, contents: Vec::new(), number }
    }

    /// On this view of its stream.
    #[must_use]
    pub fn seen(mut self, head: StreamHead) -> Self {
        let seen = proto::Seen { version: head.version.0, head: head.head.0.to_vec() };
        self.statement.seen = (head != StreamHead::NONE).then_some(seen);
        self
    }

    /// With a tie to another.
    #[must_use]
    pub fn reference(mut self, stream: &StreamKey, statement_hash: Digest) -> Self {
        self.statement.references.push(proto::Reference {
            relation: proto::Relation::BasedOn.into(),
            stream: Some(stream_message(stream)),
            statement_hash: statement_hash.0.to_vec(),
        });
        self
    }

    /// With a further section.
    #[must_use]
    pub fn section(self, class: Class, content: &[u8]) -> Self {
        self.section_of(class, "text/plain", content)
    }

    /// With a further section of this payload type.
    #[must_use]
    pub fn section_of(mut self, class: Class, payload_type: &str, content: &[u8]) -> Self {
        let index = self.contents.len() as u32;
        let mut nonce = [0; 32];
        let mut salt = [0xa5; 32];
        for (to, from) in nonce.iter_mut().zip(&self.statement.nonce) {
            *to = *from;
        }
        for (to, from) in
            salt.iter_mut().zip(self.number.to_be_bytes().into_iter().chain([index as u8]))
        {
            *to = from;
        }
        let scope = CommitmentScope { nonce: &nonce, index, class, payload_type };
        self.statement.sections.push(proto::Section {
            class: class.number() as i32,
            payload_type: payload_type.to_owned(),
            commitment: commitment(&scope, &salt, content).0.to_vec(),
        });
        let content = Zeroizing::new(content.to_vec());
        self.contents.push(SectionContent { salt: salt.to_vec(), content });
        self
    }

    /// The statement's bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.statement.encode_to_vec()
    }

    /// Their hash.
    #[must_use]
    pub fn hash(&self) -> Digest {
        statement_hash(&self.bytes())
    }

    /// The event's id.
    #[must_use]
    pub fn event_id(&self) -> EventId {
        event_id(self.number)
    }

    /// Signed by all its signers.
    #[must_use]
    pub fn submission(&self) -> Submission {
        let statement = self.bytes();
        let sign = |seed: &u8| secret(*seed).sign_statement(&statement).0.to_vec();
        let signatures = self.seeds.iter().map(sign).collect();
        Submission { statement, signatures, sections: self.contents.clone() }
    }
}

/// A stream as a message.
#[must_use]
pub fn stream_message(stream: &StreamKey) -> proto::Stream {
    proto::Stream { kind: stream.kind as i32, id: stream.id.0.to_vec() }
}

/// A stream's head after these statements.
#[must_use]
pub fn head_after(drafts: &[&Draft]) -> StreamHead {
    drafts.iter().fold(StreamHead::NONE, |before, draft| StreamHead {
        version: Version(before.version.0 + 1),
        head: next_head(&before.head, &draft.hash()),
    })
}

/// The worker opens a case: a decision.
#[must_use]
pub fn open_case(number: u64, stream: StreamKey) -> Draft {
    let fact = proto::CaseOpened { holder: vec![0xa0; 16], lead: actor(WORKER).0.to_vec() };
    Draft::new(number, stream, &[worker()], Kind::CaseOpened(fact))
}

/// The worker adds a note to a case: additive.
#[must_use]
pub fn note(number: u64, stream: StreamKey) -> Draft {
    Draft::new(number, stream, &[worker()], Kind::NoteAdded(proto::NoteAdded {}))
}

/// The worker visited the family: additive.
#[must_use]
pub fn visit(number: u64, stream: StreamKey) -> Draft {
    let fact = proto::VisitRecorded { child_seen_alone: true };
    Draft::new(number, stream, &[worker()], Kind::VisitRecorded(fact))
}

/// The head of department adopts a plan: a decision.
#[must_use]
pub fn plan(number: u64, stream: StreamKey) -> Draft {
    let fact = proto::PlanAdopted {
        track: proto::Track::General.into(),
        age_band: proto::AgeBand::Unknown.into(),
        commitments: Vec::new(),
    };
    Draft::new(number, stream, &[chief()], Kind::PlanAdopted(fact))
}

/// Two registrars enrol an actor with its first key.
#[must_use]
pub fn enrol(number: u64, seed: u8) -> Draft {
    enrol_with(number, seed, seed)
}

/// Two registrars enrol an actor with a key of another seed.
#[must_use]
pub fn enrol_with(number: u64, seed: u8, key: u8) -> Draft {
    let fact = proto::ActorEnrolled {
        kind: proto::ActorKind::Person.into(),
        key: Some(enrolled_key(key, KeyUse::Statement)),
    };
    let signing = [registrars(), vec![holder(seed, key)]].concat();
    Draft::new(number, actor_stream(seed), &signing, Kind::ActorEnrolled(fact))
}

/// Two registrars enrol a further key of an actor; `present` signs as well.
#[must_use]
pub fn enrol_key(number: u64, seed: u8, key: u8, key_use: KeyUse, present: &[Signing]) -> Draft {
    let fact = proto::KeyEnrolled { key: Some(enrolled_key(key, key_use)) };
    let signing = [registrars(), vec![holder(seed, key)], present.to_vec()].concat();
    Draft::new(number, actor_stream(seed), &signing, Kind::KeyEnrolled(fact))
}

fn enrolled_key(seed: u8, key_use: KeyUse) -> proto::EnrolledKey {
    proto::EnrolledKey { public_key: secret(seed).public().0.to_vec(), r#use: key_use.into() }
}

/// A registrar revokes a key of an actor.
#[must_use]
pub fn revoke_key(number: u64, seed: u8, key: u8) -> Draft {
    let fact = proto::KeyRevoked { public_key: secret(key).public().0.to_vec() };
    Draft::new(number, actor_stream(seed), &[registrar(3)], Kind::KeyRevoked(fact))
}

/// Two registrars grant a role.
#[must_use]
pub fn grant(number: u64, seed: u8, role: Role) -> Draft {
    let fact = proto::RoleGranted { role: role.into(), ..Default::default() };
    Draft::new(number, actor_stream(seed), &registrars(), Kind::RoleGranted(fact))
}

/// A registrar ends a grant.
#[must_use]
pub fn end_role(number: u64, seed: u8, grant: Digest) -> Draft {
    let fact = proto::RoleEnded { grant: grant.0.to_vec() };
    Draft::new(number, actor_stream(seed), &[registrar(3)], Kind::RoleEnded(fact))
}

fn grant_worker() -> Draft {
    grant(2, WORKER, Role::SocialWorker).seen(head_after(&[&enrol(1, WORKER)]))
}

fn grant_chief() -> Draft {
    grant(5, CHIEF, Role::HeadOfDepartment).seen(head_after(&[&enrol(4, CHIEF)]))
}

/// What makes the worker, with a token key, and the head of department what they are. Their
/// numbers are 1 to 5.
#[must_use]
pub fn staff() -> Vec<Draft> {
    vec![
        enrol(1, WORKER),
        grant_worker(),
        enrol_key(3, WORKER, TOKEN, KeyUse::Token, &[worker()]),
        enrol(4, CHIEF),
        grant_chief(),
    ]
}
