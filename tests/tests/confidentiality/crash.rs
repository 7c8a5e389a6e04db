//! `kill -9` of the server at random moments while sections are read and erased: nobody was given
//! anything that is not on the record, and no erasure stops half-way.
//!
//! `LETOPIS_CRASH_ROUNDS` says how many times.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use letopis_client::{ClientError, LedgerClient, SignedStatement};
use letopis_domain::Fact;
use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::confidentiality::v1::confidentiality_service_client::ConfidentialityServiceClient;
use letopis_proto::statement::v1::{self as proto, Purpose, Role, fact::Kind};
use letopis_tests::{Launch, Trial, acknowledge_torn, random_between, rounds};
use letopis_types::{Class, Digest, Sequence, StreamKey, StreamKind, Version};

use crate::act::{Act, stream};
use crate::cast::NORTH;
use crate::office::{Office, SERVICE, Term};
use crate::stored::{At, SLOT, Stored, read_slot};

/// When it is killed: at the latest so long after some erasures of the round.
const KILLED: [Duration; 2] = [Duration::ZERO, Duration::from_millis(10)];

/// How long those may take. Tokens of the second in which the server started are not taken.
const PATIENCE: Duration = Duration::from_secs(5);

/// Or so long after its start, while it opens.
const KILLED_OPENING: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(150)];

/// Cases for each round, and who reads them at the same time.
const CASES: u32 = 10;
const READERS: usize = 3;

/// Erasures of a round.
const ERASURES: usize = 3 * CASES as usize;

/// A statement that erases, and what.
struct Erasure {
    signed: SignedStatement,
    erases: Vec<At>,
}

/// Sections that were given, and the sequence of the reading that says so.
type Given = (Sequence, Vec<At>);

/// What the clients know.
#[derive(Default)]
struct Known {
    given: Mutex<Vec<Given>>,
    erased: Mutex<BTreeSet<At>>,
    /// How many erasures were acknowledged, and how many may be sent by now.
    done: AtomicUsize,
    allowed: AtomicUsize,
    stop: AtomicBool,
}

fn case(number: u32) -> StreamKey {
    let mut id = *b"invented-case-##";
    id[12..].copy_from_slice(&number.to_be_bytes());
    stream(StreamKind::Case, id)
}

/// An office with as many cases, each of one event with four sections; and the three erasures of each
/// case, signed one over the other.
async fn office(trial: Trial, launch: &Launch, cases: u32) -> (Office, Vec<Erasure>) {
    let mut office = Office::over(trial, launch, None).await;
    let north = Term { agency: Some(NORTH), region: Some(1), until: None };
    office.enrol("SW/lead", Role::SocialWorker, north).await;
    office.enrol("DIR/north", Role::Director, north).await;
    let lead = office.actor("SW/lead").to_vec();
    let mut erasures = Vec::new();
    for number in 0..cases {
        let case = case(number);
        let fact = proto::CaseOpened { holder: NORTH.to_vec(), lead: lead.clone() };
        let mut opened = Act::new(case, Kind::CaseOpened(fact));
        for class in [Class::Normal, Class::Normal, Class::Restricted, Class::Restricted] {
            opened = opened.section(class, "text/1", "Измислено");
        }
        office.by(&opened, &["SW/lead"]).await;
        let section = |index| {
            proto::sections_erased::What::Section(proto::ErasedSection { version: 1, index })
        };
        let class = proto::sections_erased::What::Class(Class::Restricted as i32);
        let steps = [(section(0), vec![0]), (class, vec![2, 3]), (section(1), vec![1])];
        for (version, (what, indexes)) in (2..).zip(steps) {
            let fact = proto::SectionsErased { what: Some(what) };
            let act = Act::new(case, Kind::SectionsErased(fact));
            let signers = [office.person("DPO"), office.person("DIR/north")];
            let signed = office.sign(&act, &signers, &[]);
            office.note(case, Version(version), signed.statement_hash());
            let erases = indexes.into_iter().map(|index| (case, 1, index)).collect();
            erasures.push(Erasure { signed, erases });
        }
    }
    (office, erasures)
}

/// Sends each until it is acknowledged.
async fn erase(client: LedgerClient, erasures: Vec<Arc<Erasure>>, known: Arc<Known>) -> u64 {
    let mut repeated = 0;
    for erasure in erasures {
        while known.done.load(Ordering::Relaxed) >= known.allowed.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let recorded = loop {
            match client.append(&erasure.signed).await {
                Ok(recorded) => break recorded,
                Err(ClientError::Unavailable { .. }) => {}
                // Of the second in which the server started.
                Err(ClientError::Refused(refused))
                    if refused.reason.as_str_name().starts_with("REASON_TOKEN_") => {}
                Err(other) => panic!("{other:?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        repeated += u64::from(recorded.already_recorded);
        known.erased.lock().unwrap().extend(&erasure.erases);
        known.done.fetch_add(1, Ordering::Relaxed);
    }
    repeated
}

/// Reads one case after the other, from here and there. What was erased before it was asked for is
/// never given.
async fn read(client: LedgerClient, cases: u32, begin: u32, known: Arc<Known>) {
    let mut grpc = ConfidentialityServiceClient::new(client.channel());
    for number in (begin..).step_by(7) {
        if known.stop.load(Ordering::Relaxed) {
            return;
        }
        let case = case(number % cases);
        let erased = known.erased.lock().unwrap().clone();
        let message = pb::GetSectionsRequest {
            stream: Some(proto::Stream { kind: case.kind as i32, id: case.id.0.to_vec() }),
            page_size: 200,
            ..Default::default()
        };
        let request = client.authorize(&format!("{SERVICE}/GetSections"), message).await.unwrap();
        let Ok(answer) = grpc.get_sections(request).await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let answer = answer.into_inner();
        let given: Vec<At> =
            answer.sections.iter().map(|it| (case, it.version, it.index)).collect();
        let again = given.iter().find(|at| erased.contains(at));
        assert!(again.is_none(), "{again:?} was given after it was erased");
        if !given.is_empty() {
            let reading = Sequence(answer.reading.expect("what was given was recorded"));
            known.given.lock().unwrap().push((reading, given));
        }
    }
}

/// What the erasures on the record name, and whether that is gone.
struct Watch {
    stored: Stored,
    by_hash: HashMap<Digest, Vec<At>>,
    slots: BTreeMap<At, (PathBuf, u64)>,
}

impl Watch {
    fn new(stored: Stored, erasures: &[Arc<Erasure>]) -> Self {
        let by_hash = erasures.iter().map(|it| (*it.signed.statement_hash(), it.erases.clone()));
        Self { by_hash: by_hash.collect(), slots: stored.slots(), stored }
    }

    /// What the erasures name that are on the record.
    fn recorded(&self) -> BTreeSet<At> {
        let erases = |fact: &Fact| matches!(fact, Fact::SectionsErased(_)).then_some(());
        let events = self.stored.facts(erases).into_iter();
        let hashes = events.map(|(placed, ())| placed.event.link.statement_hash);
        hashes.flat_map(|hash| self.by_hash[&hash].clone()).collect()
    }

    /// Those of these whose keys are still there.
    fn left(&self, erased: &BTreeSet<At>) -> Vec<At> {
        let is_left = |at: &At| read_slot(&self.slots[at]) != [0; SLOT];
        erased.iter().copied().filter(is_left).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_reading_is_missing_and_no_erasure_stops_half_way() {
    let began = Instant::now();
    let rounds = rounds("LETOPIS_CRASH_ROUNDS", 5, 60);
    let trial = Trial::begin("crash-of-office");
    // Small segments, so that some of the kills hit the change from one to the next.
    let launch = trial.launch().closed().fixed_port().segments(128 << 10, 32 << 10);
    let cases = CASES * rounds;
    let (mut office, erasures) = office(trial, &launch, cases).await;
    let erasures: Vec<_> = erasures.into_iter().map(Arc::new).collect();
    let data = office.trial.data.clone();
    let watch = Watch::new(Stored::new(&office.trial, &data), &erasures);

    let known = Arc::new(Known::default());
    let officer = office.client_as(&office.person("DPO"), Purpose::CaseWork);
    let erasing = tokio::spawn(erase(officer, erasures, Arc::clone(&known)));
    let lead = office.client_as(&office.person("SW/lead"), Purpose::CaseWork);
    let reading: Vec<_> = (0..READERS as u32)
        .map(|begin| tokio::spawn(read(lead.clone(), cases, begin, Arc::clone(&known))))
        .collect();

    let (mut unfinished, mut listens) = (0, true);
    for round in 0..rounds {
        let opening = round % 3 == 1;
        if !listens && !opening {
            tokio::task::block_in_place(|| office.server.listening());
        }
        known.allowed.fetch_add(ERASURES, Ordering::Relaxed);
        let [least, most] = if opening { KILLED_OPENING } else { KILLED };
        // Not the last ones, so that there is always one on its way.
        let some = getrandom::u32().unwrap() as usize % (ERASURES - 5);
        let some = round as usize * ERASURES + some;
        let began = Instant::now();
        while !opening && known.done.load(Ordering::Relaxed) < some && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(random_between(least, most)).await;
        let acknowledged = known.erased.lock().unwrap().clone();
        let mut recorded = BTreeSet::new();
        office = office.killed(&launch, || {
            let left = watch.left(&acknowledged);
            assert!(left.is_empty(), "acknowledged, and still there: {left:?}");
            recorded = watch.recorded();
            assert!(acknowledged.is_subset(&recorded));
            unfinished += watch.left(&recorded).len();
        });
        listens = round % 3 == 2;
        if listens {
            // What is on the record is gone before anything is answered.
            tokio::task::block_in_place(|| office.server.listening());
            let left = watch.left(&recorded);
            assert!(left.is_empty(), "on the record, and still there: {left:?}");
        }
    }
    if !listens {
        tokio::task::block_in_place(|| office.server.listening());
    }
    let repeated = erasing.await.unwrap();
    known.stop.store(true, Ordering::Relaxed);
    for reading in reading {
        reading.await.unwrap();
    }
    acknowledge_torn(&data);
    let given = std::mem::take(&mut *known.given.lock().unwrap());
    let erased = known.erased.lock().unwrap().clone();
    assert_eq!(erased.len(), 4 * cases as usize);
    let trial = office.close();

    let stored = Stored::new(&trial, &data);
    let readings: HashMap<Sequence, Vec<At>> = stored
        .facts(|fact| match fact {
            Fact::SectionsRead(read) => Some(read.clone()),
            _ => None,
        })
        .into_iter()
        .map(|(placed, read)| {
            let of = StreamKey { kind: read.kind, id: placed.statement.stream.id };
            let released = read.released.iter();
            let sections = released
                .flat_map(|it| it.sections.iter().map(move |index| (of, it.version.0, *index)));
            (placed.event.link.sequence, sections.collect())
        })
        .collect();
    for (sequence, sections) in &given {
        let recorded = readings.get(sequence).map(Vec::as_slice).unwrap_or_default();
        assert_eq!(recorded, sections, "given, and the record says otherwise at {sequence:?}");
    }
    let sections = stored.sections();
    let wrong = sections.iter().find(|(at, (_, opens))| *opens == erased.contains(at));
    assert!(wrong.is_none(), "{wrong:?}: what was erased opens, or what was not does not");
    assert_eq!(watch.recorded(), erased);
    println!(
        "crash of an office: {rounds} kills; {} readings on the record, of which {} were answered; {} \
         sections erased, {unfinished} of them between record and vault when it was killed; {repeated} \
         erasures sent again after they were recorded; {:.0} s",
        readings.len(),
        given.len(),
        erased.len(),
        began.elapsed().as_secs_f64()
    );
}
