//! The journal: the record in segment files.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::{fs, io};

use letopis_types::{LedgerId, Sequence};

use crate::data_dir::DataDir;
use crate::disk;
use crate::fault::{Fault, What};
use crate::names::{self, Listing};
use crate::port::{GroupError, Record, RecordError, Space, StoredEvent, Tip};

mod cache;
mod compaction;
mod reading;
mod recovery;
mod room;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

use cache::{CheckedFrame, FrameCache};
use room::Room;
use segment::Segment;
use writer::Writer;

pub use compaction::{CompactError, CompactReport, compact};
pub use room::Reserve;

/// What frames that were read or written may take of the memory, in bytes, if nothing else is said.
const CACHE_BYTES: usize = 32 << 20;

/// How a journal lays out its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// A segment is closed before it would become longer than this, in bytes. A frame that is
    /// longer by itself has a segment by itself.
    pub segment_bytes: u64,
    /// Space is written ahead as zeros in steps of this many bytes, so that most syncs change no
    /// length. 0: no more than is needed.
    pub preallocate_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, preallocate_bytes: 4 << 20 }
    }
}

/// What opening found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Whether the last stop was in order.
    pub clean: bool,
    /// The torn tail that was set aside now, if there was one. An operator should look at it.
    pub torn: Option<TornTail>,
}

/// A group that was being written when the process or the machine stopped. Nobody was told that
/// it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// Where it would have begun.
    pub sequence: Sequence,
    /// How many bytes of it there were.
    pub bytes: u64,
    /// The file in which it lies now.
    pub path: PathBuf,
}

/// Why a journal can't be opened. Nothing was touched, but for [`OpenError::Io`], which may come
/// while what a crash left is put in order; opening again goes on with that.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The record is damaged. Verify it; restore it from a copy that verifies.
    #[error("the record is damaged and is not served: {0}")]
    Damaged(Fault),
    /// Events that were durable are gone: an older copy was put in this place.
    #[error(
        "the record has {size} events where {known} were known; it was rolled back and is not served"
    )]
    RolledBack {
        /// How many events it has.
        size: Sequence,
        /// How many it is known to have had.
        known: Sequence,
    },
    /// There is a record already, or other files.
    #[error("there are files in {} already; begin a record in a new directory", path.display())]
    Exists {
        /// The record's directory.
        path: PathBuf,
    },
    /// The system refused.
    #[error("could not {action} in {}: {source}", path.display())]
    Io {
        /// What failed.
        action: &'static str,
        /// The record's directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The record in segment files. See the crate's header for what it keeps true.
#[derive(Debug)]
pub struct Journal {
    /// Keeps the lock for as long as this exists.
    data: DataDir,
    dir: PathBuf,
    /// Held while a group is written.
    writer: Mutex<Writer>,
    /// Held while the head file is written: apart from the writer, so that commits don't wait.
    head: Mutex<()>,
    /// What readers see. Never locked during IO.
    view: RwLock<View>,
    cache: FrameCache,
    room: Arc<Room>,
    /// Why nothing more is done, once that is so.
    stopped: OnceLock<RecordError>,
}

/// INVARIANT: everything before `tip` is durable, and lies in `segments`.
#[derive(Debug)]
struct View {
    segments: Vec<Arc<Segment>>,
    tip: Tip,
}

impl Journal {
    /// Begins a record in a data directory that has none.
    ///
    /// # Errors
    /// [`OpenError::Exists`] or [`OpenError::Io`].
    pub fn create(data: &DataDir, options: Options) -> Result<Self, OpenError> {
        let dir = data.record();
        let io = |action| failed(action, &dir);
        match fs::create_dir(&dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(io("make the directory"))?,
        }
        let listing = Listing::read(&dir).map_err(io("list the files"))?;
        if !listing.is_vacant() {
            return Err(OpenError::Exists { path: dir });
        }
        // CRASH: until the first segment has its name there is no record, and making one may be
        // tried again.
        let file = writer::new_segment(&dir, data.ledger(), &Tip::EMPTY)
            .and_then(disk::Beside::publish)
            .map_err(io("write the first segment"))?;
        disk::sync_dir(data.root()).map_err(io("sync the directory above"))?;
        let room = Room::open(&dir, options.preallocate_bytes).map_err(io("open the reserve"))?;
        let room = Arc::new(room);
        let writer = Writer::new(&dir, data.ledger(), options, Arc::clone(&room), file, false);
        let segments = vec![Arc::new(Segment::new(&dir, Sequence::ZERO))];
        Ok(Self::new(data, writer, room, View { segments, tip: Tip::EMPTY }))
    }

    /// Opens the record of a data directory, and puts in order what a crash left. `known` is how
    /// many events it is known to have had: the larger of the head file's size and the mark of
    /// the state.
    ///
    /// # Errors
    /// [`OpenError`]. Nothing is touched if the record is refused.
    pub fn open(
        data: &DataDir,
        options: Options,
        known: Sequence,
    ) -> Result<(Self, Opened), OpenError> {
        let dir = data.record();
        let found = recovery::inspect(&dir, data.ledger(), known)?;
        let tip = found.tip;
        let room = Room::open(&dir, options.preallocate_bytes)
            .map_err(failed("open the reserve", &dir))?;
        let room = Arc::new(room);
        let recovered = recovery::restore(&dir, found, &room)?;
        let opened = Opened { clean: recovered.clean, torn: recovered.torn };
        if let Some(TornTail { sequence, bytes, .. }) = &opened.torn {
            tracing::warn!(%sequence, bytes, "a torn tail was set aside; look at it");
        }
        tracing::info!(size = %tip.size, clean = opened.clean, "the record is open");
        let recovery::Recovered { segments, file, end, len, clean, .. } = recovered;
        let mut writer = Writer::new(&dir, data.ledger(), options, Arc::clone(&room), file, clean);
        writer.resume_at(end, len);
        Ok((Self::new(data, writer, room, View { segments, tip }), opened))
    }

    /// Lets the frames that were read or written last take so many bytes of memory; 32 MiB if
    /// nothing is said. Each frame may take a fourth of it.
    #[must_use]
    pub fn with_cache(mut self, bytes: usize) -> Self {
        self.cache = FrameCache::new(bytes);
        self
    }

    /// Keeps a reserve for a full disk from now on: fills it up where there is room, which writes
    /// all of it the first time, and gives back what is there beyond it. None is kept if nothing is
    /// said. Returns what may be admitted: less than [`Space::Plenty`] where there is no room.
    pub fn keep_reserve(&self, reserve: Reserve) -> Space {
        self.room.keep(reserve)
    }

    fn new(data: &DataDir, writer: Writer, room: Arc<Room>, view: View) -> Self {
        Self {
            data: data.clone(),
            dir: data.record(),
            writer: Mutex::new(writer),
            head: Mutex::new(()),
            view: RwLock::new(view),
            cache: FrameCache::new(CACHE_BYTES),
            room,
            stopped: OnceLock::new(),
        }
    }

    fn alive(&self) -> Result<(), RecordError> {
        self.stopped.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Remembers a failure after which nothing more is done.
    fn remember<T>(&self, result: Result<T, RecordError>) -> Result<T, RecordError> {
        if let Err(error @ RecordError::Fatal { .. }) = &result {
            tracing::error!(%error, "the record stops");
            let _ = self.stopped.set(error.clone());
        }
        result
    }

    /// The writer, to this caller alone. One that panicked in the middle left it uncertain.
    fn writer(&self) -> Result<MutexGuard<'_, Writer>, RecordError> {
        let panicked = |_| {
            RecordError::fatal("write")(io::Error::other("a thread panicked while it was writing"))
        };
        let writer = self.remember(self.writer.lock().map_err(panicked))?;
        self.alive()?;
        Ok(writer)
    }

    /// Shows readers something new. Readers keep the view only for a moment, and nothing panics
    /// while it is held.
    fn publish(&self, change: impl FnOnce(&mut View)) {
        change(&mut self.view.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn view(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record for Journal {
    fn ledger(&self) -> LedgerId {
        self.data.ledger()
    }

    fn tip(&self) -> Tip {
        self.view().tip
    }

    fn append(&self, group: &[StoredEvent]) -> Result<(), RecordError> {
        let mut writer = self.writer()?;
        let before = self.tip();
        let after = group
            .iter()
            .try_fold(before, |tip, event| tip.after(&event.link))
            .map_err(GroupError::from)?;
        writer.prepare(group, before.size, &after.last_link)?;
        if writer.must_roll_over() && self.remember(writer.roll_over(&before))? {
            let segment = Arc::new(Segment::new(&self.dir, before.size));
            self.publish(|view| view.segments.push(segment));
        }
        let (offset, frame) = self.remember(writer.write())?;
        if let Ok(frame) = CheckedFrame::written(frame, group) {
            self.cache.insert(Arc::new(frame));
        }
        self.publish(|view| {
            if let Some(segment) = view.segments.last() {
                segment.note(before.size, offset);
            }
            view.tip = after;
        });
        Ok(())
    }

    fn read(
        &self,
        from: Sequence,
        max_events: usize,
        max_bytes: usize,
    ) -> Result<Vec<StoredEvent>, RecordError> {
        self.alive()?;
        self.events(from, max_events, max_bytes)
    }

    fn scrub(&self, from: Sequence, max_bytes: usize) -> Result<Sequence, RecordError> {
        self.alive()?;
        self.check(from, max_bytes)
    }

    fn space(&self) -> Space {
        self.room.space()
    }

    fn restore_space(&self) -> Space {
        self.room.restore()
    }

    fn head(&self) -> Result<Option<String>, RecordError> {
        self.alive()?;
        read_head(&self.dir)
    }

    fn write_head(&self, checkpoint: &str) -> Result<(), RecordError> {
        let _alone = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        self.alive()?;
        let action = "write the head file";
        let write = |file: &fs::File| disk::write_at(file, checkpoint.as_bytes(), 0);
        let size = checkpoint.len() as u64 + writer::SMALL_FILE;
        let written = self.room.with(size, || disk::Beside::make(&self.dir, names::HEAD, write));
        let head = self.remember(written.map_err(writer::no_room_or_fatal(action)))?;
        self.remember(head.publish().map(drop).map_err(RecordError::fatal(action)))
    }

    fn close(&self) -> Result<(), RecordError> {
        if matches!(self.stopped.get(), Some(RecordError::Closed)) {
            return Ok(());
        }
        let mut writer = self.writer()?;
        let _alone = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        self.remember(writer.close())?;
        let _ = self.stopped.set(RecordError::Closed);
        tracing::info!(size = %self.tip().size, "the record is closed");
        Ok(())
    }
}

/// The head file's text in this record's directory, if there is one.
///
/// # Errors
/// [`RecordError::Unreadable`], or [`RecordError::Damaged`] where it is not text.
pub fn read_head(dir: &Path) -> Result<Option<String>, RecordError> {
    let bytes = match fs::read(dir.join(names::HEAD)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(RecordError::unreadable("read the head file"))?,
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        RecordError::Damaged(Fault {
            segment: names::HEAD.to_owned(),
            offset: error.utf8_error().valid_up_to() as u64,
            sequence: Sequence::ZERO,
            what: What::NotText,
        })
    })
}

fn failed(action: &'static str, dir: &Path) -> impl Fn(io::Error) -> OpenError {
    move |source| OpenError::Io { action, path: dir.into(), source }
}
