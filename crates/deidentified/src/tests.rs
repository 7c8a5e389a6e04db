//! An invented case, whatever its story, and what of it may be told.

mod any_case;
mod content;
mod signed;
mod walked;

use letopis_crypto::sign::{Paper, SecretKey};
use letopis_domain::testing::{Story, Told};
use letopis_proto::accountability::v1 as pb;
use letopis_proto::statement::v1::{self as proto, Role};
use letopis_types::{ActorId, Digest, StreamKey};
use prost::Message as _;

use crate::{Document, Grain, MakeError, Past, Signature, Signed, Wishes, make};

/// Between signal and closing.
const CASE: &str = "CaseOpened
    +3d AssessmentCompleted age=under-10
    +2d VisitRecorded
    +10d PlanAdopted age=under-10
    +1d ConflictDeclared
    +30d ReviewHeld age=under-10
    +40d CaseClosed age=under-10";

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn stream(key: StreamKey) -> Option<proto::Stream> {
    Some(proto::Stream { kind: key.kind as i32, id: key.id.0.to_vec() })
}

/// A told line as a statement, like those that clients make.
fn statement(told: &Told, number: usize) -> Vec<u8> {
    let mut signers: Vec<_> = told
        .by
        .iter()
        .map(|person| proto::Signer {
            actor: person.actor().0.to_vec(),
            public_key: key(person.actor().0[0]).public().0.to_vec(),
            grant: person.actor().0.repeat(2),
        })
        .collect();
    signers.sort_by(|one, other| one.public_key.cmp(&other.public_key));
    let reference = |(relation, to, hash): &(proto::Relation, StreamKey, Digest)| {
        let (relation, statement_hash) = (*relation as i32, hash.0.to_vec());
        proto::Reference { relation, stream: stream(*to), statement_hash }
    };
    let mut event_id = [0x77; 16];
    (event_id[6], event_id[8]) = (0x70, 0x80);
    proto::Statement {
        ledger: vec![0x1d; 32],
        event_id: event_id.to_vec(),
        stream: stream(told.stream),
        signers,
        occurred_at: Some(proto::OccurredAt {
            seconds: told.happened,
            nanos: 0,
            offset_minutes: 120,
            precision: proto::Precision::Minute.into(),
            knowledge: proto::Knowledge::Witnessed.into(),
        }),
        nonce: [&[0x99; 24][..], &number.to_be_bytes()].concat(),
        references: told.references.iter().map(reference).collect(),
        fact: Some(proto::Fact { kind: Some(told.fact.clone()) }),
        ..proto::Statement::default()
    }
    .encode_to_vec()
}

/// What the story says, as the record has it.
fn past(story: &str) -> Vec<Past> {
    let mut teller = Story::new(1);
    let lines = story.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.enumerate().map(|(number, line)| tell(&mut teller, line, number)).collect()
}

fn tell(story: &mut Story, line: &str, number: usize) -> Past {
    let told = story.tell(line);
    let statement = statement(&told, number);
    let hash = letopis_crypto::hash::statement_hash(&statement);
    story.remember(&told, hash);
    let authors = told.by.iter().map(|person| (person.actor(), Role::SocialWorker as u32));
    let clock = pb::Clock {
        file: stream(told.stream),
        number: 104,
        name: "assessment".to_owned(),
        started_by: hash.0.to_vec().into(),
        started_at: told.happened,
        due: told.happened + 28 * 86_400,
        reading: pb::ClockReading::Kept.into(),
        ended_at: Some(told.happened + 20 * 86_400),
        ..pb::Clock::default()
    };
    Past { statement, authors: authors.collect(), clocks: vec![clock], ..Past::default() }
}

fn hash(past: &Past) -> Digest {
    letopis_crypto::hash::statement_hash(&past.statement)
}

const fn wishes(grain: Grain) -> Wishes<'static> {
    Wishes { grain, left_out: &[], introduction: "", random: 7 }
}

fn made(story: &str, grain: Grain) -> Document {
    make(&past(story), &wishes(grain)).unwrap()
}

fn kinds(document: &Document) -> Vec<&str> {
    document.steps.iter().map(|step| step.kind.as_str()).collect()
}

/// A document that the key 1 signed.
fn signed() -> Signed {
    let line = made(CASE, Grain::Week).to_line().unwrap();
    let author = signature(1, Paper::Deidentified, &line);
    Signed::by_author(&line, author).unwrap()
}

fn signature(seed: u8, paper: Paper, line: &str) -> Signature {
    let key = key(seed);
    Signature { key: key.public(), signature: key.sign_paper(paper, line.as_bytes()) }
}

fn actor(seed: u8) -> ActorId {
    ActorId([seed; 16])
}
