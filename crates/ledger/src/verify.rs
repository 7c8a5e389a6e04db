//! Verifying a record offline, without trust in whoever runs the server (proto/README.md,
//! Verifying a record).
//!
//! One thread reads frames, workers check what stands by itself, one thread folds what follows
//! from what came before. The first fault in log order is the one that is named.

mod access;
mod check;
mod onlooker;
mod replay;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use letopis_domain::fact::Genesis;
use letopis_domain::file::Emergency;
use letopis_domain::procedure::Taken;
use letopis_domain::registry::Placed;
use letopis_log::checkpoint::{Checkpoint, Origin};
use letopis_record::scan::{RawFrame, Scanner};
use letopis_record::{DataDirError, ReadOnlyDataDir, RecordError, StoredEvent, read_head};
use letopis_types::{Digest, LedgerId, Sequence, StreamKey};
use letopis_vault::Vault;

use check::{CheckedFrame, Checker};
pub use onlooker::{Ended, Onlooker, Permitted, Replayed};
use replay::Replay;

use crate::submission::parse;

/// Frames that wait for a worker.
const FRAMES_WAITING: usize = 16;

/// A fault, by the place where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file in the record's directory.
    pub segment: String,
    /// Offset in it, in bytes.
    pub offset: u64,
    /// Which event it concerns, or the first one of what does not check.
    pub sequence: Sequence,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { segment, offset, sequence, what } = self;
        write!(f, "{segment}, offset {offset}, sequence {sequence}: {what}")
    }
}

impl From<letopis_record::Fault> for Fault {
    fn from(fault: letopis_record::Fault) -> Self {
        let letopis_record::Fault { segment, offset, sequence, what } = fault;
        Self { segment, offset, sequence, what: what.to_string() }
    }
}

/// Why a record does not verify, or can't be looked at.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It does not verify.
    #[error("{0}")]
    Fault(Fault),
    /// The directory can't be looked at.
    #[error(transparent)]
    Directory(#[from] DataDirError),
    /// The record's files can't be listed or read.
    #[error("the record can't be read: {0}")]
    Read(String),
}

impl From<RecordError> for VerifyError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Damaged(fault) => Self::Fault(fault.into()),
            other => Self::Read(other.to_string()),
        }
    }
}

/// How many statements were taken all the same, and are to be known with a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marked {
    /// They enrol a key without a signature of its holder: it is in force 72 hours later.
    pub without_the_holder: u64,
    /// A signer's qualification had expired; they are urgent.
    pub on_expired_qualification: u64,
    /// A signer had declared a conflict of interests; they are urgent.
    pub under_recusal: u64,
    /// A signer stood in for the role's holder.
    pub under_delegation: u64,
}

/// What was verified.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The ledger.
    pub ledger: LedgerId,
    /// What its genesis says.
    pub genesis: Genesis,
    /// Events that the record holds, all of which verify.
    pub events: u64,
    /// Streams that they stand in.
    pub streams: u64,
    /// Sections that were opened, and compared with their commitments.
    pub sections_opened: u64,
    /// Sections whose key is not there, or that no vault was given for.
    pub sections_closed: u64,
    /// Sections whose content is gone; an erasure on the record names each of them.
    pub sections_erased: u64,
    /// Statements with a mark.
    pub marked: Marked,
    /// Statements that were signed with a key that was compromised by then, and that nobody else has
    /// endorsed.
    pub disputed: u64,
    /// Readings, each of them permitted by the policy that was in force.
    pub readings: u64,
    /// How often emergency access was opened.
    pub emergencies: u64,
    /// That which nobody has reviewed, oldest first, and to which file.
    pub unreviewed: Vec<(StreamKey, Emergency)>,
    /// The last signed checkpoint, and how many events it covers.
    pub checkpoint: (Sequence, String),
    /// The root over all events.
    pub root: Digest,
    /// The root over as many events as the checkpoint covers that was asked about.
    pub root_at: Option<Digest>,
}

/// How a record is verified.
#[derive(Default)]
pub struct Options {
    /// Opens the sections; without it they stay closed.
    pub vault: Option<Vault>,
    /// How many threads check; at least one does.
    pub workers: usize,
    /// The size of an earlier checkpoint, whose root is wanted.
    pub size: Option<Sequence>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("workers", &self.workers).finish_non_exhaustive()
    }
}

/// Verifies the record of a data directory; `progress` is told how many events are done.
///
/// # Errors
/// [`VerifyError::Fault`] with the first one.
pub fn verify(
    data: &ReadOnlyDataDir,
    options: Options,
    progress: impl FnMut(u64),
) -> Result<Verified, VerifyError> {
    verify_before(data, options, progress, &mut ()).map(|(verified, _)| verified)
}

/// The same before somebody who looks on: at each event once it holds, and then at those that are disputed.
/// Also what the record came to.
///
/// # Errors
/// As [`verify`]. What the onlooker saw by then counts for nothing.
pub fn verify_before(
    data: &ReadOnlyDataDir,
    options: Options,
    progress: impl FnMut(u64),
    onlooker: &mut dyn Onlooker,
) -> Result<(Verified, Ended), VerifyError> {
    let ledger = data.ledger();
    let scanner = scanner(data)?;
    let head = read_head(&data.record())?;
    let Options { vault, workers, size } = options;
    let last_erasure = vault.as_ref().and_then(Vault::last_erasure);
    let checker = Checker { ledger, vault };
    let sizes = [head_size(head.as_deref()), size];
    let stop = AtomicBool::new(false);
    let replay = thread::scope(|scope| {
        let (raw_sender, raw) = sync_channel(FRAMES_WAITING);
        let (checked_sender, checked) = sync_channel(FRAMES_WAITING);
        let raw = Arc::new(Mutex::new(raw));
        scope.spawn(|| scan(scanner, raw_sender, &stop));
        for _ in 0..workers.max(1) {
            let (raw, checked_sender, checker) =
                (Arc::clone(&raw), checked_sender.clone(), &checker);
            scope.spawn(move || work(checker, &raw, &checked_sender));
        }
        // The workers hold the others: when the last one ends, there is nothing more to come.
        drop(checked_sender);
        drop(raw);
        let replay = Replay::new(ledger, sizes, last_erasure);
        let replayed = fold(replay, &checked, progress, onlooker);
        // What is still being read or checked is of no more interest.
        stop.store(true, Ordering::Relaxed);
        drop(checked);
        replayed
    })?;
    let disputed = disputed(data, &replay, onlooker)?;
    let verified = finish(&replay, head, sizes, disputed)?;
    Ok((verified, replay.into_ended()))
}

fn scanner(data: &ReadOnlyDataDir) -> Result<Scanner, VerifyError> {
    Scanner::open(&data.record(), data.ledger())
        .map_err(|error| VerifyError::Read(error.to_string()))
}

/// Goes through the events of a record that was verified once more, in log order.
///
/// # Errors
/// [`VerifyError::Read`]; [`VerifyError::Fault`] where it changed meanwhile.
pub fn each_event<E: From<VerifyError>>(
    data: &ReadOnlyDataDir,
    mut each: impl FnMut(StoredEvent) -> Result<(), E>,
) -> Result<(), E> {
    for frame in scanner(data)? {
        let fault = |fault| VerifyError::Fault(Fault::from(fault));
        let decoded = frame.and_then(|frame| frame.decode()).map_err(fault)?;
        decoded.events.into_iter().try_for_each(|located| each(located.event))?;
    }
    Ok(())
}

/// Replays events without a record around them.
#[cfg(test)]
pub(crate) fn replay(
    ledger: LedgerId,
    vault: Option<Vault>,
    events: Vec<StoredEvent>,
) -> Result<(u64, Marked), Fault> {
    let last_erasure = vault.as_ref().and_then(Vault::last_erasure);
    let checker = Checker { ledger, vault };
    let mut replay = Replay::new(ledger, [None, None], last_erasure);
    for event in events {
        replay.take(checker.check_alone(event)?, &mut ())?;
    }
    match replay.access.unexplained() {
        Some(unexplained) => Err(unexplained.clone()),
        None => Ok((replay.access.readings, replay.marked)),
    }
}

/// How many statements are disputed. Which keys were compromised is known only at the end, so that
/// this looks at the record again, where there are any.
fn disputed(
    data: &ReadOnlyDataDir,
    replay: &Replay,
    onlooker: &mut dyn Onlooker,
) -> Result<u64, VerifyError> {
    let mut disputed = 0;
    let (registry, access) = (replay.registry(), &replay.access);
    if !registry.has_compromised_keys() {
        return Ok(disputed);
    }
    each_event(data, |event| {
        // It parsed before.
        let Ok(statement) = parse(&event.statement) else { return Ok(()) };
        let link = event.link;
        if registry.is_disputed(&statement.signers, link.sequence)
            && !access.is_endorsed(&statement, &link.statement_hash)
        {
            disputed += 1;
            let placed = Placed {
                statement: &statement,
                statement_hash: link.statement_hash,
                sequence: link.sequence,
                recorded_at: link.recorded_at,
            };
            let taken = Taken::default();
            onlooker.disputed(&Replayed { placed, taken, read: &[], registry, access });
        }
        Ok::<(), VerifyError>(())
    })?;
    Ok(disputed)
}

/// The number of a frame in reading order, and the frame or what was read in its place.
type Numbered<T> = (u64, Result<T, Fault>);

fn scan(scanner: Scanner, sender: SyncSender<Numbered<RawFrame>>, stop: &AtomicBool) {
    for numbered in (0..).zip(scanner.map(|frame| frame.map_err(Fault::from))) {
        if stop.load(Ordering::Relaxed) || sender.send(numbered).is_err() {
            return;
        }
    }
}

fn work(
    checker: &Checker,
    raw: &Mutex<Receiver<Numbered<RawFrame>>>,
    sender: &SyncSender<Numbered<CheckedFrame>>,
) {
    loop {
        let next = raw.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, frame)) = next else { return };
        if sender.send((number, frame.and_then(|frame| checker.check(&frame)))).is_err() {
            return;
        }
    }
}

/// Takes frames in reading order, as they come.
fn fold(
    mut replay: Replay,
    checked: &Receiver<Numbered<CheckedFrame>>,
    mut progress: impl FnMut(u64),
    onlooker: &mut dyn Onlooker,
) -> Result<Replay, VerifyError> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    while let Ok((number, frame)) = checked.recv() {
        early.insert(number, frame);
        while let Some(frame) = early.remove(&next) {
            let frame = frame.map_err(VerifyError::Fault)?;
            replay.take(frame, onlooker).map_err(VerifyError::Fault)?;
            progress(replay.events());
            next += 1;
        }
    }
    Ok(replay)
}

fn head_size(head: Option<&str>) -> Option<Sequence> {
    let text = head?.split_inclusive('\n').take(3).collect::<String>();
    Some(Checkpoint::from_text(&text).ok()?.size)
}

/// The genesis is there, and the head file is a checkpoint over what was found.
fn finish(
    replay: &Replay,
    head: Option<String>,
    sizes: [Option<Sequence>; 2],
    disputed: u64,
) -> Result<Verified, VerifyError> {
    let events = Sequence(replay.events());
    let fault = |segment: &str, what: String| {
        VerifyError::Fault(Fault { segment: segment.to_owned(), offset: 0, sequence: events, what })
    };
    let Some(genesis) = replay.genesis().cloned() else {
        return Err(fault("record", "there is no genesis".to_owned()));
    };
    let ledger = replay.ledger;
    let origin =
        Origin::new(&genesis.name, ledger).map_err(|error| fault("record", error.to_string()))?;
    let checkpoint = match head {
        // Whoever removes it would hide that the record was rolled back.
        None => return Err(fault("head", "the head file is missing".to_owned())),
        Some(text) => {
            let key = origin.verifier_key(genesis.checkpoint_key);
            let signed =
                Checkpoint::open(&text, &key).map_err(|error| fault("head", error.to_string()))?;
            if signed.size > events {
                let what = format!(
                    "signed over {} events, and there are {events}: the record was rolled back",
                    signed.size
                );
                return Err(fault("head", what));
            }
            if replay.root_at(Some(signed.size)) != Some(signed.root) {
                let what = format!("signed over other events than the first {}", signed.size);
                return Err(fault("head", what));
            }
            (signed.size, text)
        }
    };
    if let Some(unexplained) = replay.access.unexplained() {
        return Err(VerifyError::Fault(unexplained.clone()));
    }
    if replay.vault_is_ahead() {
        let what = "the vault remembers an erasure that the record does not have: the record was \
                    rolled back, or the vault is another's";
        return Err(fault("vault", what.to_owned()));
    }
    let (emergencies, unreviewed) = replay.access.emergencies();
    Ok(Verified {
        sections_erased: replay.access.erased(),
        readings: replay.access.readings,
        emergencies,
        unreviewed,
        marked: replay.marked,
        disputed,
        ledger,
        genesis,
        events: events.0,
        streams: replay.streams(),
        sections_opened: replay.sections_opened,
        sections_closed: replay.sections_closed,
        checkpoint,
        root: replay.root(),
        root_at: replay.root_at(sizes[1]),
    })
}

/// Opens a data directory's vault where its key-encryption key is at hand.
///
/// # Errors
/// Where there is a key, and the vault does not open with it.
pub fn open_vault(
    root: &Path,
    kek: &Path,
    ledger: LedgerId,
) -> Result<Option<Vault>, letopis_vault::VaultError> {
    if !kek.exists() {
        return Ok(None);
    }
    let kek = letopis_vault::Kek::read_file(kek)?;
    Vault::open_read_only(&root.join("vault"), ledger, &kek).map(Some)
}
