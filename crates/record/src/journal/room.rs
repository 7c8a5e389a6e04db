//! Room on the disk, and the reserve: what keeps readings and erasures going once there is none.
//!
//! What was admitted must be written, or the whole ledger stops. So the reserve, `record/reserve`,
//! is kept at its full length while [`Space::Plenty`] is promised: as long as everything that may
//! be in flight, and what readings and erasures get besides. When the disk is found full, its
//! blocks are given back, as many as are needed, and taken again at once for what is to be written.
//! When room is found again, it is filled up, and only then is there plenty.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::disk;
use crate::names;
use crate::port::Space;

/// At least so much is given back at once, in bytes: some blocks.
const GIVEN_MIN: u64 = 64 << 10;

/// At most so much is filled up at once, in bytes; in between, who needs some of it gets it.
const FILLED_MAX: u64 = 8 << 20;

/// A block as [`MetadataExt::blocks`] counts them, in bytes.
const BLOCK: u64 = 512;

/// What is kept on the disk for the day on which it is full. All in bytes as stored, with what
/// sections take when they are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserve {
    /// The most that is admitted and not yet written at any time. A pipeline has up to three
    /// groups: one being written, one waiting, one being made.
    pub in_flight_bytes: u64,
    /// The same, of what is admitted at [`Space::Reserved`]. At most [`Self::bytes`].
    pub in_flight_reserved_bytes: u64,
    /// What readings, denials, erasures and suspensions may take once nothing else is admitted,
    /// whatever was in flight then.
    pub bytes: u64,
}

impl Reserve {
    /// Nothing is kept: a full disk stops the ledger.
    pub const NONE: Self = Self { in_flight_bytes: 0, in_flight_reserved_bytes: 0, bytes: 0 };

    /// How long the file is when it is whole.
    const fn len(&self) -> u64 {
        self.bytes.saturating_add(self.in_flight_bytes)
    }
}

impl Default for Reserve {
    /// For groups that are closed after 4 MiB: the last statement of each may have 32 sections of
    /// 1 MiB; at [`Space::Reserved`], at most 1 MiB of sections. 32 MiB for readings and erasures:
    /// tens of thousands of them.
    fn default() -> Self {
        Self {
            in_flight_bytes: 3 * (40 << 20),
            in_flight_reserved_bytes: 3 * (6 << 20),
            bytes: 32 << 20,
        }
    }
}

/// The room that there is for a record.
#[derive(Debug)]
pub(crate) struct Room {
    dir: PathBuf,
    /// So much has to be free besides, before there is plenty again, in bytes.
    probe: u64,
    state: Mutex<State>,
    /// Held while room that was given back is taken, or the reserve filled up: not both at once.
    taking: Mutex<()>,
    /// What [`State::level`] was last.
    level: AtomicU8,
}

#[derive(Debug)]
struct State {
    reserve: Reserve,
    file: Option<File>,
    /// INVARIANT: so many bytes of the file have blocks of their own.
    len: u64,
    /// Whether the disk was found full, and the reserve was not filled up since.
    scarce: bool,
    /// What is written ahead in the last segment, in bytes. While there is plenty it does not
    /// count: closing the segment gives it up.
    ahead: u64,
}

impl State {
    /// INVARIANT: what was admitted fits. The pipeline writes in the order in which it admits. So
    /// when the disk is found full, what was in flight is written before what is admitted after it,
    /// and leaves at least [`Reserve::bytes`]; from then on nothing is in flight but what was
    /// admitted here.
    fn level(&self) -> Space {
        if !self.scarce {
            Space::Plenty
        } else if self.len > 0
            && self.len.saturating_add(self.ahead) >= self.reserve.in_flight_reserved_bytes
        {
            Space::Reserved
        } else {
            Space::Gone
        }
    }

    /// Writes zeros up to this length; all of them or none.
    fn fill(&mut self, dir: &Path, len: u64) -> io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => disk::open_or_create(&dir.join(names::RESERVE))?,
        };
        let file = self.file.insert(file);
        // CRASH: it is of any length, and what it holds means nothing; opening looks how many
        // blocks it has.
        let filled = disk::write_zeros(file, self.len, len).1.and_then(|()| disk::sync_all(file));
        match filled {
            Ok(()) => self.len = len,
            // What is left is left to others.
            Err(_) => disk::set_len(file, self.len)?,
        }
        filled
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        if let Some(file) = &self.file
            && len < self.len
        {
            // CRASH: shorter or not: nothing else has changed.
            disk::set_len(file, len)?;
            self.len = len;
            // Some file systems let go of blocks only once that is durable.
            disk::sync_all(file)?;
        }
        Ok(())
    }
}

impl Room {
    /// Finds the reserve in a record's directory, if there is one. None is asked for yet.
    pub(crate) fn open(dir: &Path, probe: u64) -> io::Result<Self> {
        let (file, len) = match disk::open(&dir.join(names::RESERVE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => (None, 0),
            opened => {
                let file = opened?;
                let found = file.metadata()?;
                // A copy may be full of holes; those are filled up from the beginning.
                let whole = found.blocks().saturating_mul(BLOCK) >= found.len();
                (Some(file), if whole { found.len() } else { 0 })
            }
        };
        let state = State { reserve: Reserve::NONE, file, len, scarce: false, ahead: 0 };
        let level = AtomicU8::new(code(state.level()));
        let (state, taking) = (Mutex::new(state), Mutex::new(()));
        Ok(Self { dir: dir.into(), probe, state, taking, level })
    }

    /// What may be admitted. Never waits.
    pub(crate) fn space(&self) -> Space {
        match self.level.load(Ordering::Acquire) {
            PLENTY => Space::Plenty,
            RESERVED => Space::Reserved,
            _ => Space::Gone,
        }
    }

    /// Keeps a reserve of that size from now on.
    pub(crate) fn keep(&self, reserve: Reserve) -> Space {
        {
            let _alone = self.taking();
            let mut state = self.state();
            state.reserve = reserve;
            let full = reserve.len();
            // Not whole until it was filled: where there is room, all at once.
            state.scarce |= state.len < full;
            let whole = match state.len < full {
                true => state.fill(&self.dir, full.saturating_add(self.probe)),
                false => Ok(()),
            };
            match whole.and_then(|()| state.cut(full)) {
                Ok(()) => state.scarce &= state.len < full,
                Err(error) => tracing::warn!(%error, "there is no whole reserve"),
            }
            self.publish(&state);
        }
        self.restore()
    }

    /// True if the disk was found full. Whatever does not have to be done is left then.
    pub(crate) fn is_scarce(&self) -> bool {
        self.space() != Space::Plenty
    }

    /// The disk was found full.
    pub(crate) fn full(&self) {
        let mut state = self.state();
        state.scarce = true;
        self.publish(&state);
    }

    /// So much is written ahead in the last segment.
    pub(crate) fn ahead(&self, bytes: u64) {
        let mut state = self.state();
        state.ahead = bytes;
        self.publish(&state);
    }

    /// Does what takes about so many bytes. Where the disk is full, that much of the reserve is
    /// given back, and it is tried again: more than once if others took what was given back.
    pub(crate) fn with<T>(
        &self,
        bytes: u64,
        mut action: impl FnMut() -> io::Result<T>,
    ) -> io::Result<T> {
        let mut error = match action() {
            Err(error) if disk::is_full(&error) => error,
            done => return done,
        };
        let _alone = self.taking();
        while self.give_back(bytes)? {
            error = match action() {
                Err(error) if disk::is_full(&error) => error,
                done => return done,
            };
        }
        Err(error)
    }

    /// False where there is nothing left to give.
    fn give_back(&self, bytes: u64) -> io::Result<bool> {
        let mut state = self.state();
        state.scarce = true;
        let left = state.len.saturating_sub(bytes.max(GIVEN_MIN));
        let given = left < state.len;
        let cut = state.cut(left);
        self.publish(&state);
        cut.map(|()| given)
    }

    /// Fills the reserve up, as far as there is room again. Does nothing while there is plenty.
    ///
    /// Little at first, and only what leaves some room to others: otherwise whatever they free is
    /// taken from them, and the next group would find the disk full again.
    pub(crate) fn restore(&self) -> Space {
        let mut step = GIVEN_MIN;
        loop {
            let _alone = self.taking();
            let mut state = self.state();
            if !state.scarce {
                return state.level();
            }
            let full = state.reserve.len();
            let next = state.len.saturating_add(step).min(full);
            let filled = state.fill(&self.dir, next.saturating_add(self.probe));
            let filled = filled.and_then(|()| state.cut(next));
            state.scarce = filled.is_err() || next < full;
            self.publish(&state);
            match filled {
                Ok(()) => step = step.saturating_mul(2).min(FILLED_MAX),
                Err(error) => {
                    if !disk::is_full(&error) {
                        tracing::warn!(%error, "the reserve can't be filled");
                    }
                    return state.level();
                }
            }
        }
    }

    fn publish(&self, state: &State) {
        let (before, level) = (self.space(), state.level());
        self.level.store(code(level), Ordering::Release);
        match level {
            _ if level == before => {}
            Space::Plenty => tracing::info!("there is room on the disk again"),
            Space::Reserved => tracing::error!(
                left = state.len,
                "the disk is full: only readings and erasures are recorded; free some space"
            ),
            Space::Gone => tracing::error!("the disk is full and the reserve is used up"),
        }
    }

    fn taking(&self) -> MutexGuard<'_, ()> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing panics while it is held.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const PLENTY: u8 = 2;
const RESERVED: u8 = 1;
const GONE: u8 = 0;

const fn code(space: Space) -> u8 {
    match space {
        Space::Plenty => PLENTY,
        Space::Reserved => RESERVED,
        Space::Gone => GONE,
    }
}
