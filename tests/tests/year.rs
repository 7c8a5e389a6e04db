//! A year in a district, as `letopis demo --year` plays it over gRPC: every kind of event is in it, the record
//! verifies with every rule replayed, and the seed alone decides what people said. It is played once, and whoever
//! has something to say about a ledger looks at it: the naive program, the readers of its exports, the attacker.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

#[path = "indicators/attacker.rs"]
mod attacker;
#[path = "year/figures.rs"]
mod figures;
#[path = "year/known.rs"]
mod known;
#[path = "year/others.rs"]
mod others;
#[path = "year/served.rs"]
mod served;
#[path = "indicators/simplex.rs"]
mod simplex;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use letopis_crypto::hash::statement_hash;
use letopis_district::ClockFile;
use letopis_ledger::submission::parse;
use letopis_proto::KINDS;
use letopis_proto::statement::v1 as proto;
use letopis_record::DataDir;
use letopis_record::scan::Scanner;
use letopis_tests::{Dice, binaries, finish, place, verified};
use letopis_types::{ActorId, StreamKey, StreamKind, Version};
use prost::Message as _;
use served::{Served, clock, launch, shown};

/// Children of a small year in which every kind of event happens.
const CHILDREN: &str = "90";

/// How often each kind happens at least.
const AT_LEAST: usize = 3;

/// Kinds that nobody records in a year, each with the reason.
const NOT_IN_A_YEAR: [(&str, &str); 3] = [
    ("Genesis", "a ledger begins once"),
    ("ComplaintLodged", "complaints are not released yet"),
    ("HandlerAssigned", "complaints are not released yet"),
];

/// The genesis, and the registrars' keys for calls: what `letopis init` makes.
const OF_THE_BEGINNING: usize = 4;

/// An event of the record.
struct Recorded {
    statement: Vec<u8>,
    kind: &'static str,
    stream: StreamKey,
    version: Version,
    /// The ledger signed it itself.
    by_ledger: bool,
    recorded_at: i64,
}

/// Plays a year and reads its record.
fn play(seed: &str, children: &str, data: &Path) -> Vec<Recorded> {
    let arguments = ["demo", "--year", "--seed", seed, "--children", children, "--data"];
    let said = finish(binaries().letopis(&arguments).arg(data)).ok();
    assert!(said.out.contains("--simulated-clock"), "{said}");
    record(data)
}

fn record(data: &Path) -> Vec<Recorded> {
    let dir = DataDir::open_read_only(data).unwrap();
    let frames = Scanner::open(&dir.record(), dir.ledger()).unwrap();
    let events = frames.flat_map(|frame| frame.unwrap().decode().unwrap().events);
    let mut versions: HashMap<StreamKey, Version> = HashMap::new();
    events
        .map(|event| {
            let (link, statement) = (event.event.link, event.event.statement);
            let parsed = parse(&statement).unwrap();
            let version = versions.entry(parsed.stream).or_default();
            *version = version.next();
            Recorded {
                kind: parsed.fact.name(),
                stream: parsed.stream,
                version: *version,
                by_ledger: parsed.signers.iter().all(|signer| signer.actor == ActorId::LEDGER),
                recorded_at: link.recorded_at.seconds(),
                statement,
            }
        })
        .collect()
}

/// What people said, without what another ledger would make of it: its id, the heads of its streams and the
/// hashes of statements, which stand for the places of these.
fn said(events: &[Recorded]) -> Vec<Vec<u8>> {
    let mut places: HashMap<[u8; 32], [u8; 32]> = HashMap::new();
    let mut said = Vec::new();
    for (place, event) in (1_u64..).zip(events.iter().filter(|event| !event.by_ledger)) {
        let mut message = proto::Statement::decode(&event.statement[..]).unwrap();
        message.ledger.clear();
        message.seen = message.seen.map(|seen| proto::Seen { head: Vec::new(), ..seen });
        let mut bytes = message.encode_to_vec();
        for at in 0..bytes.len().saturating_sub(31) {
            let found: [u8; 32] = bytes[at..at + 32].try_into().unwrap();
            if let Some(stands_for) = places.get(&found) {
                bytes[at..at + 32].copy_from_slice(stands_for);
            }
        }
        let mut stands_for = [0; 32];
        stands_for[..8].copy_from_slice(&place.to_be_bytes());
        places.insert(statement_hash(&event.statement).0, stands_for);
        said.push(bytes);
    }
    said
}

/// The seed of what is drawn from the year: `LETOPIS_YEAR_SEED`, or another one each time.
fn seed() -> u64 {
    let given = std::env::var("LETOPIS_YEAR_SEED").map(|text| text.parse().unwrap());
    let seed = given.unwrap_or_else(|_| getrandom::u64().unwrap());
    println!("drawn by LETOPIS_YEAR_SEED={seed}");
    seed
}

#[test]
fn a_year_has_everything_in_it_and_others_say_the_same_of_it() {
    let folder = place::temporary("year-");
    let data = folder.path().join("data");
    let events = play("1", CHILDREN, &data);
    verified(&data);
    every_kind_happens(&events);
    let last = in_its_own_time(&events);
    // While the server runs, this thread waits for other programs.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(others_say_the_same(&data, &events));
    verified(&data);
    a_server_goes_on_with_it(&data, last);
}

async fn others_say_the_same(data: &Path, events: &[Recorded]) {
    let seed = seed();
    let of_cases =
        |of: &&Recorded| [StreamKind::Case, StreamKind::Protected].contains(&of.stream.kind);
    let decisions = events.iter().filter(of_cases).map(|of| (of.stream, of.version, of.kind));
    let decisions: Vec<_> = decisions.collect();
    let served = Served::start(data).await;
    let tables = figures::published(&served).await;
    others::read_the_same_log(&served).await;
    others::read_the_same_traces(&served, &decisions, &mut Dice::new(seed)).await;
    known::equals_the_naive_program(&served, seed);
    let ledger = *served.officer.ledger();
    served.server.stop();
    figures::give_nothing_away(&tables, data, ledger);
}

fn every_kind_happens(events: &[Recorded]) {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events {
        *kinds.entry(event.kind).or_default() += 1;
    }
    let missing: Vec<_> = KINDS
        .iter()
        .filter(|kind| NOT_IN_A_YEAR.iter().all(|(name, _)| *name != kind.name))
        .map(|kind| (kind.name, kinds.get(kind.name).copied().unwrap_or(0)))
        .filter(|(_, count)| *count < AT_LEAST)
        .collect();
    assert!(missing.is_empty(), "happen less than {AT_LEAST} times: {missing:?}");
    for (name, _) in &NOT_IN_A_YEAR[1..] {
        let unstable = KINDS.iter().any(|kind| kind.name == *name && kind.unstable);
        assert!(unstable, "{name} is released: let it happen in the year");
        assert_eq!(kinds.get(name), None);
    }
}

/// All of it at its own time: from the Monday on which it begins, for a year and a month. When the last of it was.
fn in_its_own_time(events: &[Recorded]) -> i64 {
    let (first, last) = (events[0].recorded_at, events[events.len() - 1].recorded_at);
    assert_eq!(first, 1_767_585_600);
    assert!((300..430).contains(&((last - first) / 86_400)));
    let missed = events.iter().filter(|event| event.kind == "DeadlineMissed");
    let days: std::collections::BTreeSet<_> =
        missed.map(|event| event.recorded_at / 86_400).collect();
    assert!(days.len() > 50, "missed on {} days", days.len());
    last
}

/// A server process that follows the same clock records what falls due when the clock goes on, and nothing
/// before.
fn a_server_goes_on_with_it(data: &Path, last: i64) {
    let shown = shown(data);
    assert!(shown >= last);
    let server = launch(data).start();
    let later = shown + 40 * 86_400;
    let clock = ClockFile::create(&clock(data), later).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(clock.kept()).unwrap();
    server.stop();
    let after: Vec<_> =
        record(data).into_iter().filter(|event| event.recorded_at > shown).collect();
    assert!(after.iter().any(|event| event.kind == "DeadlineMissed"));
    assert!(after.iter().all(|event| event.by_ledger && event.recorded_at == later));
    verified(data);
}

#[test]
fn the_seed_decides_what_people_say() {
    let folder = place::temporary("year-");
    let [one, again, other] = [("one", "7"), ("again", "7"), ("other", "8")]
        .map(|(name, seed)| said(&play(seed, "4", &folder.path().join(name))));
    assert!(one.len() > 200, "{} statements", one.len());
    // The ledger has other keys each time, so that it begins otherwise.
    let at = one.iter().zip(&again).skip(OF_THE_BEGINNING).position(|(one, again)| one != again);
    assert_eq!((one.len(), at), (again.len(), None));
    assert_ne!(one.last(), other.last());
}
