//! A load of several kinds, and the account of it: what was sent, what was acknowledged, and at
//! the end what the log says of both.
//!
//! The clients behind it go on trying across every end of the server. So in the end all that was
//! sent is acknowledged, and just once on the record.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use letopis::cmd::case::Sections;
use letopis::cmd::init::{new_id, new_identity, now};
use letopis_client::{
    Draft, Event, Identity, LedgerClient, Recorded, SignedStatement, Signer, Unsigned,
};
use letopis_crypto::hash::next_head;
use letopis_domain::Fact;
use letopis_domain::statement::Seen;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::{
    Class, Digest, EventId, LedgerId, Sequence, StreamId, StreamKey, StreamKind, Version,
};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;

use crate::Trial;

/// Cases that notes and imported events go to, of each.
const CASES: usize = 40;

/// Statements on their way in each pipelined stream.
const WINDOW: usize = 64;

/// Decisions in an actor's stream before another actor is enrolled.
const DECISIONS: u32 = 10;

/// What a section of the load says: it is known from the event's id alone.
#[must_use]
pub fn text(event_id: &EventId, index: u32) -> Vec<u8> {
    let line = format!("invented section {index} of event {event_id}\n");
    line.repeat(1 + usize::from(event_id.0[0] % 16)).into_bytes()
}

/// A new id of an event, as a UUIDv8.
fn new_event_id() -> EventId {
    EventId(uuid::Builder::from_custom_bytes(new_id().unwrap()).into_uuid().into_bytes())
}

fn new_stream(kind: StreamKind) -> StreamKey {
    StreamKey { kind, id: StreamId(new_id().unwrap()) }
}

/// Writes statements as a registrar.
struct Author {
    ledger: LedgerId,
    identity: Identity,
    cases: Vec<StreamKey>,
}

impl Author {
    fn new(trial: &Trial, registrar: u32) -> Self {
        Self {
            ledger: trial.ledger.parse().unwrap(),
            identity: trial.registrar(registrar),
            cases: (0..CASES).map(|_| new_stream(StreamKind::Case)).collect(),
        }
    }

    fn case(&self, event_id: &EventId) -> StreamKey {
        self.cases[usize::from(event_id.0[15]) % CASES]
    }

    fn sign(&self, draft: &Draft) -> SignedStatement {
        let unsigned: Unsigned = draft.seal(self.ledger, &[self.identity.signer()]).unwrap();
        unsigned.sign(&[&self.identity.statement_key]).unwrap()
    }

    fn note(&self) -> SignedStatement {
        let id = new_event_id();
        let fact = Kind::NoteAdded(proto::NoteAdded {});
        let draft = Draft::new(self.case(&id), fact, now()).event_id(id);
        self.sign(&draft.section(Class::Restricted, "text/plain", text(&id, 0)))
    }

    fn history(&self) -> SignedStatement {
        let id = new_event_id();
        let fact = Kind::HistoryImported(proto::HistoryImported {
            activity: 1 + u32::from(id.0[1]),
            time: Some(proto::Instant { seconds: 1_300_000_000, nanos: 0, offset_minutes: 60 }),
        });
        let draft = Draft::new(self.case(&id), fact, now()).event_id(id);
        let draft = draft.section(Class::Normal, "text/plain", text(&id, 0));
        self.sign(&draft.section(Class::VeryRestricted, "text/plain", text(&id, 1)))
    }
}

/// A statement that the ledger acknowledged.
#[derive(Debug, Clone, Copy)]
pub struct Acknowledged {
    /// Its stream.
    pub stream: StreamKey,
    /// Its id there.
    pub event_id: EventId,
    /// Its place there.
    pub version: Version,
    /// Its place in the log.
    pub sequence: Sequence,
    /// The hash of its link.
    pub link: Digest,
    /// How many sections it has.
    pub sections: usize,
}

/// What was sent, and what was acknowledged.
#[derive(Debug, Default)]
struct Account {
    sent: AtomicU64,
    acknowledged: Mutex<Vec<Acknowledged>>,
    /// How many of those had been recorded before the attempt that was answered.
    repeated: AtomicU64,
}

impl Account {
    fn acknowledge(&self, name: (StreamKey, EventId), recorded: &Recorded, sections: usize) {
        self.repeated.fetch_add(recorded.already_recorded.into(), Ordering::Relaxed);
        self.acknowledged.lock().unwrap().push(Acknowledged {
            stream: name.0,
            event_id: name.1,
            version: recorded.version,
            sequence: recorded.sequence(),
            link: recorded.link.hash(),
            sections,
        });
    }
}

/// A running load.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    account: Arc<Account>,
    tasks: Vec<JoinHandle<()>>,
    /// How many events the log had before.
    size_before: u64,
}

impl Load {
    /// Begins it: two pipelined streams of notes and one of imported events with two sections
    /// each, single notes, and decisions that are each signed over the head that the one before
    /// made. Each part of it rests for a while after every statement. Nobody else may append
    /// meanwhile, but readings are known for what they are.
    ///
    /// # Panics
    /// If the server is not there.
    #[must_use]
    pub fn begin(runtime: &Runtime, trial: &Trial, client: &LedgerClient, rest: Duration) -> Self {
        let size_before = runtime.block_on(client.checkpoint()).unwrap().size().0;
        let stop = Arc::new(AtomicBool::new(false));
        let account = Arc::new(Account::default());
        let worker = |sections| Worker {
            client: client.clone(),
            stop: Arc::clone(&stop),
            account: Arc::clone(&account),
            sections,
            rest,
        };
        let author = |registrar| Author::new(trial, registrar);
        let (first, second, third, single) = (author(1), author(2), author(3), author(1));
        let registrars = [trial.registrar(1), trial.registrar(2)];
        let tasks = vec![
            runtime.spawn(worker(1).pipeline(move || first.note())),
            runtime.spawn(worker(1).pipeline(move || second.note())),
            runtime.spawn(worker(2).pipeline(move || third.history())),
            runtime.spawn(worker(1).one_by_one(move || single.note())),
            runtime.spawn(worker(0).decide(registrars)),
        ];
        Self { stop, account, tasks, size_before }
    }

    /// What was acknowledged up to now.
    ///
    /// # Panics
    /// If a part of the load has ended with an error.
    #[must_use]
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        assert!(!self.tasks.iter().any(JoinHandle::is_finished), "a part of the load has ended");
        self.account.acknowledged.lock().unwrap().clone()
    }

    /// Lets everything that was sent be answered, and compares the log with it: every statement
    /// was acknowledged, is in the log exactly once, with the sequence and the link that were
    /// acknowledged; and there is nothing else but readings.
    ///
    /// # Panics
    /// If it is not so.
    pub async fn settle(self, client: &LedgerClient) -> Totals {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        let acknowledged = std::mem::take(&mut *self.account.acknowledged.lock().unwrap());
        let sent = self.account.sent.load(Ordering::Relaxed);
        assert_eq!(acknowledged.len() as u64, sent, "something sent was never acknowledged");

        let mut in_log = HashMap::new();
        let (mut readings, mut events) = (0, 0);
        let mut log = client.read_log(Sequence::ZERO, false);
        while let Some(event) = log.next().await {
            let event: Event = event.unwrap();
            let name = (event.stream().unwrap(), event.event_id().unwrap());
            let twice = in_log.insert(name, (event.link.sequence, event.link.hash()));
            assert!(twice.is_none(), "{name:?} is in the log twice");
            readings += u64::from(matches!(event.statement().unwrap().fact, Fact::SectionsRead(_)));
            events += 1;
        }
        for one in &acknowledged {
            let found = in_log.get(&(one.stream, one.event_id));
            assert_eq!(found, Some(&(one.sequence, one.link)), "acknowledged: {one:?}");
        }
        assert_eq!(events, self.size_before + sent + readings, "something else is in the log");
        let repeated = self.account.repeated.load(Ordering::Relaxed);
        Totals { acknowledged: sent, repeated, readings, events }
    }
}

/// What a load came to.
#[derive(Debug, Clone, Copy)]
pub struct Totals {
    /// Statements that were sent and acknowledged.
    pub acknowledged: u64,
    /// How many of them were in the record already when they were sent the last time.
    pub repeated: u64,
    /// Readings in the log.
    pub readings: u64,
    /// Events in the log.
    pub events: u64,
}

/// One part of a load.
struct Worker {
    client: LedgerClient,
    stop: Arc<AtomicBool>,
    account: Arc<Account>,
    /// How many sections each of its statements has.
    sections: usize,
    rest: Duration,
}

impl Worker {
    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    async fn append(&self, statement: &SignedStatement) -> Recorded {
        self.account.sent.fetch_add(1, Ordering::Relaxed);
        let recorded = self.client.append(statement).await.unwrap();
        let name = (statement.stream(), statement.event_id());
        self.account.acknowledge(name, &recorded, self.sections);
        recorded
    }

    async fn pipeline(self, make: impl Fn() -> SignedStatement + Send + 'static) {
        let (sender, statements) = mpsc::channel(1);
        let (name_sender, names) = std::sync::mpsc::channel();
        let (stop, account) = (Arc::clone(&self.stop), Arc::clone(&self.account));
        let rest = self.rest;
        let writing = tokio::task::spawn_blocking(move || {
            while !stop.load(Ordering::Relaxed) {
                let statement = make();
                account.sent.fetch_add(1, Ordering::Relaxed);
                name_sender.send((statement.stream(), statement.event_id())).unwrap();
                sender.blocking_send(statement).unwrap();
                thread::sleep(rest);
            }
        });
        let mut answers = self.client.append_stream(ReceiverStream::new(statements), WINDOW);
        while let Some(answer) = answers.next().await {
            let recorded = answer.unwrap().outcome.unwrap();
            // Answers come in the order sent.
            self.account.acknowledge(names.recv().unwrap(), &recorded, self.sections);
        }
        writing.await.unwrap();
    }

    async fn one_by_one(self, make: impl Fn() -> SignedStatement + Send + 'static) {
        while !self.is_over() {
            self.append(&make()).await;
            tokio::time::sleep(self.rest).await;
        }
    }

    /// Enrols actors and decides on their roles. A decision that was recorded, and sent again
    /// because its answer was lost, gets its first receipt, though its `seen` is stale by then.
    async fn decide(self, registrars: [Identity; 2]) {
        while !self.is_over() {
            let actor = new_identity().unwrap();
            let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(actor.actor.0) };
            let enrolled = Kind::ActorEnrolled(proto::ActorEnrolled {
                kind: proto::ActorKind::Person.into(),
                key: Some(proto::EnrolledKey {
                    public_key: actor.statement_key.public().0.to_vec(),
                    r#use: proto::KeyUse::Statement.into(),
                }),
            });
            let own = Signer { grant: None, ..actor.signer() };
            let signers = [registrars[0].signer(), registrars[1].signer(), own];
            let keys = [&registrars[0].statement_key, &registrars[1].statement_key];
            let draft = Draft::new(stream, enrolled, now()).seal(*self.client.ledger(), &signers);
            let signed = draft.unwrap().sign(&[keys[0], keys[1], &actor.statement_key]).unwrap();
            let mut head = Digest::ZERO;
            let mut last = self.append(&signed).await;
            for agency in 1..=DECISIONS {
                if self.is_over() {
                    return;
                }
                head = next_head(&head, last.statement_hash());
                let granted = Kind::RoleGranted(proto::RoleGranted {
                    role: proto::Role::SocialWorker.into(),
                    agency: [agency as u8; 16].to_vec(),
                    region: None,
                    from_seconds: None,
                    until_seconds: None,
                });
                let seen = Seen { version: last.version, head };
                let draft = Draft::new(stream, granted, now()).seen(seen);
                let draft = draft.seal(*self.client.ledger(), &signers[..2]).unwrap();
                let recorded = self.append(&draft.sign(&keys).unwrap()).await;
                assert_eq!(recorded.version, last.version.next());
                last = recorded;
                tokio::time::sleep(self.rest).await;
            }
        }
    }
}

/// Reads the sections of some streams of the load, and compares them with what was sent: all of
/// every event that was acknowledged is there. Answers how many sections there were.
///
/// # Panics
/// If it is not so.
pub async fn check_sections(
    client: &LedgerClient,
    reader: &Identity,
    acknowledged: &[Acknowledged],
    streams: usize,
) -> usize {
    let cases: BTreeSet<StreamKey> = acknowledged
        .iter()
        .map(|one| one.stream)
        .filter(|stream| stream.kind == StreamKind::Case)
        .collect();
    // Their ids are random.
    let cases: Vec<StreamKey> = cases.into_iter().take(streams).collect();
    if cases.is_empty() {
        return 0;
    }
    let read = letopis::cmd::case::read(client, reader, &cases, Purpose::Inspection).await;
    let read: BTreeMap<StreamKey, Sections> = read.unwrap();
    let mut compared = 0;
    for one in acknowledged.iter().filter(|one| cases.contains(&one.stream)) {
        let sections = read.get(&one.stream).and_then(|sections| sections.get(&one.version));
        let sections = sections.map(Vec::as_slice).unwrap_or_default();
        assert_eq!(sections.len(), one.sections, "{one:?}");
        for section in sections {
            let content = section.content.as_deref();
            assert_eq!(content, Some(&*text(&one.event_id, section.index)), "{one:?}");
            compared += 1;
        }
    }
    compared
}
