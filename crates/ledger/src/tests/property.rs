//! Random valid statements, submitted at once, against a model that knows nothing of pipelines.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use letopis_crypto::hash::next_head;
use letopis_domain::Refusal as _;
use letopis_domain::position::StreamHead;
use letopis_log::merkle::{leaf_hash, node_hash};
use letopis_log::{Checkpoint, VerifierKey};
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, Role, fact::Kind};
use letopis_record::StoredEvent;
use letopis_types::{Class, Digest, EventId, Sequence, StreamKey, Version};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::world::{Running, World};
use crate::submission::parse;
use crate::testing::{
    Draft, REGISTRARS, Signing, case, end_role, enrol, grant, head_after, id, revoke_key,
};
use crate::{LedgerError, Receipt};

/// Social workers who come and go; each is enrolled, and has one grant, before the run begins.
const PEOPLE: [u8; 3] = [50, 51, 52];
const CASES: u8 = 3;
/// Acts on the same view of what is recorded.
const ROUND: usize = 16;

/// What somebody does, on which view.
#[derive(Debug, Clone)]
enum Act {
    /// An additive or exclusive event in a case.
    Write { person: usize, case: u8, exclusive: bool, view: View, sections: u8 },
    /// One of what was made before, again.
    Repeat { of: usize },
    /// The id of one made before, with something else.
    Reuse { of: usize },
    /// The person's grant ends.
    EndRole { person: usize },
    /// The person's key is revoked.
    RevokeKey { person: usize },
    /// A reference to one made before, recorded or not.
    Refer { person: usize, to: usize },
}

/// Which head is named.
#[derive(Debug, Clone)]
enum View {
    None,
    /// That of so many statements before the last one made for the case; what was made and not
    /// recorded yet may come in another order, or not at all.
    Before(usize),
    Never,
}

fn view() -> impl Strategy<Value = View> {
    prop_oneof![
        2 => Just(View::None),
        4 => Just(View::Before(0)),
        3 => (1usize..6).prop_map(View::Before),
        1 => Just(View::Never),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let person = 0..PEOPLE.len();
    prop_oneof![
        12 => (person.clone(), 0..CASES, any::<bool>(), view(), 0u8..3).prop_map(
            |(person, case, exclusive, view, sections)| Act::Write {
                person, case, exclusive, view, sections
            }
        ),
        3 => (0usize..40).prop_map(|of| Act::Repeat { of }),
        1 => (0usize..40).prop_map(|of| Act::Reuse { of }),
        1 => person.clone().prop_map(|person| Act::EndRole { person }),
        1 => person.clone().prop_map(|person| Act::RevokeKey { person }),
        2 => (person, 0usize..40).prop_map(|(person, to)| Act::Refer { person, to }),
    ]
}

fn enrolment(person: usize) -> Draft {
    enrol(10 + person as u64, PEOPLE[person])
}

fn first_grant(person: usize) -> Draft {
    grant(20 + person as u64, PEOPLE[person], Role::SocialWorker)
        .seen(head_after(&[&enrolment(person)]))
}

fn signing(person: usize) -> Signing {
    let key = PEOPLE[person];
    Signing { actor: key, key, grant: Some(first_grant(person).hash()) }
}

/// Drafts being made, on what is recorded of each case and what was made for it since.
struct Maker {
    made: Vec<Draft>,
    heads: BTreeMap<u8, Vec<StreamHead>>,
}

impl Maker {
    fn new() -> Self {
        let heads = (0..CASES).map(|case| (case, vec![StreamHead::NONE])).collect();
        Self { made: Vec::new(), heads }
    }

    /// Looks at the cases as they are now.
    fn look(&mut self, running: &Running) {
        running.caught_up();
        for (number, heads) in &mut self.heads {
            heads.truncate(1);
            for position in running.ledger.0.state.positions(&case(*number), Version::ZERO) {
                let (version, row) = position.unwrap();
                heads.push(StreamHead { version, head: row.head });
            }
        }
    }

    /// Drafts for acts, without knowing what of them will be recorded.
    fn make(&mut self, acts: &[Act]) -> Vec<Draft> {
        let from = self.made.len();
        for act in acts {
            let draft = self.draft(100 + self.made.len() as u64, act);
            self.made.extend(draft);
        }
        self.made[from..].to_vec()
    }

    fn draft(&mut self, number: u64, act: &Act) -> Option<Draft> {
        Some(match act {
            Act::Write { person, case, exclusive, view, sections } => {
                self.write(number, *person, *case, *exclusive, view, *sections)
            }
            Act::Repeat { of } => self.made.get(*of)?.clone(),
            Act::Reuse { of } => {
                let mut draft = self.made.get(*of)?.clone();
                draft.statement.nonce = vec![7; 32];
                draft.statement.sections.clear();
                draft.contents.clear();
                draft
            }
            Act::EndRole { person } => {
                end_role(number, PEOPLE[*person], first_grant(*person).hash())
            }
            Act::RevokeKey { person } => revoke_key(number, PEOPLE[*person], PEOPLE[*person]),
            Act::Refer { person, to } => {
                let to = self.made.get(*to)?;
                let stream = parse(&to.bytes()).unwrap().stream;
                let kind = Kind::NoteAdded(proto::NoteAdded {});
                Draft::new(number, case(0), &[signing(*person)], kind).reference(&stream, to.hash())
            }
        })
    }

    fn write(
        &mut self,
        number: u64,
        person: usize,
        of: u8,
        exclusive: bool,
        view: &View,
        sections: u8,
    ) -> Draft {
        let heads = self.heads.get_mut(&of).unwrap();
        let last = *heads.last().unwrap();
        let head = match view {
            View::None => StreamHead::NONE,
            View::Before(back) => heads[heads.len().saturating_sub(1 + back)],
            View::Never => StreamHead { version: Version(1), head: Digest([9; 32]) },
        };
        let kind = if exclusive {
            Kind::AssessmentCompleted(proto::AssessmentCompleted { age_band: 5 })
        } else {
            Kind::NoteAdded(proto::NoteAdded {})
        };
        let draft = Draft::new(number, case(of), &[signing(person)], kind).seen(head);
        let draft = Class::ALL[..usize::from(sections)]
            .iter()
            .fold(draft, |draft, class| draft.section(*class, b"invented"));
        let head = next_head(&last.head, &draft.hash());
        heads.push(StreamHead { version: last.version.next(), head });
        draft
    }
}

/// What a record says, read from beginning to end with nothing but maps.
#[derive(Default)]
struct Model {
    streams: HashMap<StreamKey, Vec<(Sequence, EventId, Digest, Digest)>>,
    ended: BTreeSet<u8>,
    revoked: BTreeSet<u8>,
    leaves: Vec<Digest>,
    last: Option<StoredEvent>,
}

impl Model {
    fn take(&mut self, event: &StoredEvent) {
        let link = event.link;
        assert_eq!(link.sequence.0, self.leaves.len() as u64);
        let before = self.last.as_ref().map(|event| event.link);
        assert_eq!(link.previous, before.map_or(Digest::ZERO, |before| before.hash()));
        assert!(before.is_none_or(|before| before.recorded_at <= link.recorded_at));
        let statement = parse(&event.statement).unwrap();
        let is_genesis = link.sequence == Sequence::ZERO;
        assert_eq!(statement.ledger, (!is_genesis).then(id));
        assert_eq!(event.sealed.len(), statement.sections.len());

        for signer in statement.signers.iter().filter(|_| !is_genesis) {
            let seed = signer.actor.0[0];
            let is_registrar = REGISTRARS.contains(&seed);
            let is_own_enrolment = signer.grant.is_none();
            let in_force = !self.ended.contains(&seed) && !self.revoked.contains(&seed);
            assert!(is_registrar || is_own_enrolment || in_force, "{statement:?}");
        }
        for reference in &statement.references {
            let stream = &self.streams[&reference.stream];
            assert!(stream.iter().any(|(.., hash, _)| *hash == reference.statement_hash));
        }
        let stream = self.streams.entry(statement.stream).or_default();
        let present = stream.last().map(|(.., head)| *head);
        match statement.seen {
            None => assert!(!statement.kind().exclusive || present.is_none()),
            Some(seen) => {
                let at = seen.version.0 as usize;
                assert_eq!(stream[at - 1].3, seen.head);
                assert!(!statement.kind().exclusive || at == stream.len());
            }
        }
        assert!(stream.iter().all(|(_, event_id, ..)| *event_id != statement.event_id));
        let head = next_head(&present.unwrap_or(Digest::ZERO), &link.statement_hash);
        stream.push((link.sequence, statement.event_id, link.statement_hash, head));

        match statement.fact {
            letopis_domain::Fact::RoleEnded(_) => {
                self.ended.insert(statement.stream.id.0[0]);
            }
            letopis_domain::Fact::KeyRevoked(_) => {
                self.revoked.insert(statement.stream.id.0[0]);
            }
            _ => {}
        }
        self.leaves.push(leaf_hash(&link.to_bytes()));
        self.last = Some(event.clone());
    }
}

/// RFC 6962's definition, word for word.
fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&root(left), &root(right))
        }
    }
}

/// The ledger says of every stream what the model says.
fn compare(running: &Running, model: &Model) {
    running.caught_up();
    let state = &running.ledger.0.state;
    for (stream, events) in &model.streams {
        let row = state.stream(stream).unwrap().unwrap();
        let (first, last) = (events.first().unwrap(), events.last().unwrap());
        assert_eq!((row.version.0, row.head), (events.len() as u64, last.3));
        assert_eq!((row.first, row.last), (first.0, last.0));
        for (version, (sequence, event_id, _, head)) in (1..).map(Version).zip(events) {
            let position = state.position(stream, version).unwrap().unwrap();
            assert_eq!((position.sequence, position.head), (*sequence, *head));
            assert_eq!(state.version_of(stream, event_id).unwrap(), Some(version));
        }
        assert_eq!(state.position(stream, Version(events.len() as u64 + 1)).unwrap(), None);
    }
    let listed: usize = letopis_types::StreamKind::ALL
        .into_iter()
        .map(|kind| state.streams(kind, None).count())
        .sum();
    assert_eq!(listed, model.streams.len());
    let key: VerifierKey = running.ledger.verification_key().parse().unwrap();
    let checkpoint = Checkpoint::open(&running.ledger.checkpoint(), &key).unwrap();
    assert_eq!(checkpoint.size.0, model.leaves.len() as u64);
    assert_eq!(checkpoint.root, root(&model.leaves));
}

/// Submits from several tasks at once; answers in the order of the drafts.
fn submit_at_once(
    running: &Running,
    drafts: &[Draft],
    tasks: usize,
) -> Vec<Result<Receipt, LedgerError>> {
    running.runtime.block_on(async {
        let mut handles = Vec::new();
        for task in 0..tasks {
            let ledger = running.ledger.clone();
            let mine: Vec<_> = drafts.iter().skip(task).step_by(tasks).cloned().collect();
            handles.push(tokio::spawn(async move {
                let mut waiting = Vec::new();
                for draft in mine {
                    let prepared = crate::submission::prepare(draft.submission()).unwrap();
                    waiting.push(ledger.submit(prepared).await.unwrap());
                }
                let mut answers = Vec::new();
                for answer in waiting {
                    answers.push(answer.await);
                }
                answers
            }));
        }
        let mut by_task = Vec::new();
        for handle in handles {
            by_task.push(handle.await.unwrap().into_iter());
        }
        (0..drafts.len()).map(|at| by_task[at % tasks].next().unwrap()).collect()
    })
}

/// Why anything of this kind may be refused at all.
const MAY_BE_REFUSED_FOR: [Reason; 7] = [
    Reason::SeenStale,
    Reason::SeenUnknown,
    Reason::SeenMissing,
    Reason::ReferenceUnknown,
    Reason::EventIdTaken,
    Reason::GrantNotInForce,
    Reason::KeyNotInForce,
];

/// Runs acts in rounds; says what was answered.
fn check_run(acts: &[Act], tasks: usize) -> BTreeSet<Option<i32>> {
    let world = World::new();
    let running = world.open();
    for person in 0..PEOPLE.len() {
        running.record_all(&[enrolment(person), first_grant(person)]);
    }
    let mut maker = Maker::new();
    let mut outcomes = BTreeSet::new();
    let mut recorded: HashMap<Digest, Sequence> = HashMap::new();
    let mut first_answers = 0;
    for round in acts.chunks(ROUND) {
        maker.look(&running);
        let drafts = maker.make(round);
        for (draft, answer) in drafts.iter().zip(submit_at_once(&running, &drafts, tasks)) {
            outcomes.insert(answer.as_ref().err().map(|error| error.reason() as i32));
            match answer {
                Ok(receipt) => {
                    running.check(&draft.submission(), &receipt);
                    let sequence = receipt.link.sequence;
                    assert_eq!(*recorded.entry(draft.hash()).or_insert(sequence), sequence);
                    first_answers += usize::from(!receipt.already_recorded);
                }
                Err(error) => assert!(MAY_BE_REFUSED_FOR.contains(&error.reason()), "{error}"),
            }
        }
    }
    assert_eq!(first_answers, recorded.len(), "each was recorded by exactly one of its copies");

    let events = world.events();
    let mut model = Model::default();
    events.iter().for_each(|event| model.take(event));
    // What was acknowledged stands where it was said; beyond the beginnings there is nothing else.
    for (hash, sequence) in &recorded {
        assert_eq!(events[sequence.0 as usize].link.statement_hash, *hash);
    }
    assert_eq!(events.len(), 1 + 2 * PEOPLE.len() + recorded.len());
    compare(&running, &model);
    running.close();

    let digest = world.digest("state");
    let anew = world.open_with_state("anew");
    compare(&anew, &model);
    // Everything again gets its receipt again, and nothing more is recorded.
    for draft in maker.made.iter().filter(|draft| recorded.contains_key(&draft.hash())) {
        let receipt = anew.append(draft).unwrap();
        assert!(receipt.already_recorded);
        assert_eq!(receipt.link.sequence, recorded[&draft.hash()]);
    }
    anew.close();
    assert_eq!(world.digest("anew"), digest);
    outcomes
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10, max_shrink_iters: 100, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn what_is_recorded_is_what_a_naive_replay_says(
        acts in proptest::collection::vec(act(), 1..80),
        tasks in 1usize..5,
    ) {
        check_run(&acts, tasks);
    }
}

/// The acts reach every answer that there is for them.
#[test]
fn the_runs_reach_every_answer() {
    let mut runner = TestRunner::deterministic();
    let mut outcomes = BTreeSet::new();
    for tasks in [1, 3] {
        let acts = proptest::collection::vec(act(), 120..121).new_tree(&mut runner).unwrap();
        outcomes.extend(check_run(&acts.current(), tasks));
    }
    let expected = MAY_BE_REFUSED_FOR.map(|reason| Some(reason as i32));
    assert_eq!(outcomes, expected.into_iter().chain([None]).collect());
}
