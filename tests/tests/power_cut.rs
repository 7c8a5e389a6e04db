//! The power-cut proof in small: the server under a preloaded library that keeps only fsynced and
//! fdatasynced bytes, and directory entries of synced directories; killed at random, and reopened
//! on what was kept. Nothing acknowledged is missing.
//!
//! One load goes on across all the cuts, each of which is another boot. `POWERCUT_ROUNDS` says how
//! many there are. That the library finds a program that acknowledges too early is shown by its own
//! tests (`tests/powercut`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use letopis::cmd::init::new_id;
use letopis_tests::load::{Load, check_sections};
use letopis_tests::{
    Aftermath, Launch, Server, Trial, acknowledge_torn, after_crash, copy_dir, finish, in_millis,
    place, random_between, rounds, verified,
};
use tokio::runtime::Runtime;

/// When the power is cut, after the server's start.
const CUT: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(500)];

/// Small, so that segments roll over all the time.
const SEGMENT_BYTES: u64 = 16 << 10;
const PREALLOCATE_BYTES: u64 = 4 << 10;

/// How long each part of the load rests after a statement: without syncs that take their time it
/// would be many.
const REST: Duration = Duration::from_millis(3);

/// How the state says that it trusted what was there.
const STATE_KEPT: &str = "the state was kept";

/// The library, and the program that builds what it kept.
struct Power {
    library: PathBuf,
    python: PathBuf,
}

impl Power {
    /// `None`, with the reason printed, where it can't be built.
    fn new(folder: &Path) -> Option<Self> {
        let sources = place::repository().join("tests").join("powercut");
        let library = folder.join("libpowercut.so");
        let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let mut compile = Command::new(compiler);
        compile.args(["-shared", "-fPIC", "-O2", "-o"]).arg(&library);
        compile.arg(sources.join("powercut.c")).arg("-ldl");
        if compile.get_program() == "cc" && Command::new("cc").arg("--version").output().is_err() {
            println!("power cut: LEFT OUT, there is no C compiler");
            return None;
        }
        finish(&mut compile).ok();
        let Some(python) = place::plain_python() else {
            println!("power cut: LEFT OUT, there is no Python 3.11");
            return None;
        };
        Some(Self { library, python })
    }

    /// A server over a tree that is as the disk was at this boot.
    fn boot(&self, launch: &Launch, boot: &Boot) -> Server {
        let id = uuid::Builder::from_random_bytes(new_id().unwrap()).into_uuid();
        fs::write(&boot.id, format!("{id}\n")).unwrap();
        launch
            .clone()
            .data(&boot.tree)
            .env("LD_PRELOAD", &self.library)
            .env("POWERCUT_ROOT", &boot.tree)
            .env("POWERCUT_KEPT", &boot.kept)
            .env("POWERCUT_BOOT_ID", &boot.id)
            .spawn()
    }

    /// What the disk holds after a boot whose server is gone.
    fn cut(&self, boot: &Boot, next: &Boot) {
        let script = place::repository().join("tests").join("powercut").join("reconstruct.py");
        let mut build = Command::new(&self.python);
        build.arg("-B").arg(script).arg(&boot.kept).arg(&next.tree);
        finish(&mut build).ok();
    }
}

/// One boot of the machine.
struct Boot {
    tree: PathBuf,
    kept: PathBuf,
    id: PathBuf,
}

impl Boot {
    fn new(folder: &Path, number: u32) -> Self {
        let name = |what: &str| folder.join(format!("{what}-{number}"));
        Self { tree: name("tree"), kept: name("kept"), id: name("boot-id") }
    }

    fn forget(&self) {
        fs::remove_dir_all(&self.tree).unwrap();
        fs::remove_dir_all(&self.kept).unwrap();
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_is_cut() {
    let began = Instant::now();
    let rounds = rounds("POWERCUT_ROUNDS", 20, 200);
    let trial = Trial::begin("power-cut");
    let Some(power) = Power::new(trial.folder()) else { return };
    let launch = trial.launch().fixed_port().segments(SEGMENT_BYTES, PREALLOCATE_BYTES);
    let reader = trial.registrar(1);
    let runtime = Runtime::new().unwrap();

    let mut boot = Boot::new(trial.folder(), 0);
    copy_dir(&trial.data, &boot.tree);
    let mut server = power.boot(&launch, &boot);
    server.listening();
    let client = runtime.block_on(trial.connect_patiently(&launch.url()));
    let load = Load::begin(&runtime, &trial, &client, REST);
    let (mut starts, mut left, mut sections) = (Vec::new(), Vec::new(), 0);
    for round in 1..=rounds {
        thread::sleep(random_between(CUT[0], CUT[1]));
        server.kill();
        let next = Boot::new(trial.folder(), round);
        power.cut(&boot, &next);
        let acknowledged = load.acknowledged();
        // The copy that it may open is none that was booted.
        left.push(after_crash(&launch, &next.tree, &acknowledged));
        boot.forget();
        boot = next;
        server = power.boot(&launch, &boot);
        starts.push(server.listening());
        assert!(!server.log().contains(STATE_KEPT), "trusted after a power cut:\n{}", server.log());
        sections += runtime.block_on(check_sections(&client, &reader, &acknowledged, 3));
    }
    let totals = runtime.block_on(load.settle(&client));
    server.stop();
    // What a stop in order has synced is all that there is to keep.
    let last = Boot::new(trial.folder(), rounds + 1);
    power.cut(&boot, &last);
    for tree in [&boot.tree, &last.tree] {
        acknowledge_torn(tree);
        assert_eq!(verified(tree)["events"], totals.events);
    }
    let names = fs::read_dir(last.tree.join("record")).unwrap().map(|entry| entry.unwrap());
    let segments = names.filter(|entry| entry.file_name().to_str().unwrap().ends_with(".segment"));

    let count = |what| left.iter().filter(|found| **found == what).count();
    println!(
        "power cut: {rounds} cuts, {} with a torn frame, {} with half a change of segments; {} \
         statements acknowledged, each once on the record in {} segments, {} of them sent again \
         after they were recorded; {sections} sections read; started on what was kept in {}; {:.0} s",
        count(Aftermath::Torn),
        count(Aftermath::Mended),
        totals.acknowledged,
        segments.count(),
        totals.repeated,
        in_millis(&starts),
        began.elapsed().as_secs_f64()
    );
}
