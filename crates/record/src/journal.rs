//! The journal: the record in segment files.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::{fs, io};

use letopis_types::{LedgerId, Sequence};

use crate::data_dir::DataDir;
use crate::disk;
use crate::fault::{Fault, What};
use crate::names::{self, Listing};
use crate::port::{GroupError, Record, RecordError, StoredEvent, Tip};

mod recovery;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

use segment::{Limits, Segment};
use writer::Writer;

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
        let writer = Writer::new(&dir, data.ledger(), options, file, false);
        let segments = vec![Arc::new(Segment::new(&dir, Sequence::ZERO))];
        Ok(Self::new(data, writer, View { segments, tip: Tip::EMPTY }))
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
        let recovered = recovery::restore(&dir, found)?;
        let opened = Opened { clean: recovered.clean, torn: recovered.torn };
        if let Some(TornTail { sequence, bytes, .. }) = &opened.torn {
            tracing::warn!(%sequence, bytes, "a torn tail was set aside; look at it");
        }
        tracing::info!(size = %tip.size, clean = opened.clean, "the record is open");
        let mut writer = Writer::new(&dir, data.ledger(), options, recovered.file, recovered.clean);
        writer.resume_at(recovered.end, recovered.len);
        let view = View { segments: recovered.segments, tip };
        Ok((Self::new(data, writer, view), opened))
    }

    fn new(data: &DataDir, writer: Writer, view: View) -> Self {
        Self {
            data: data.clone(),
            dir: data.record(),
            writer: Mutex::new(writer),
            head: Mutex::new(()),
            view: RwLock::new(view),
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

    /// The segment that holds this event, and where the next one begins.
    fn segment_of(&self, sequence: Sequence) -> Option<(Arc<Segment>, Sequence)> {
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        let after = view.segments.partition_point(|segment| segment.first() <= sequence);
        let segment = view.segments.get(after.checked_sub(1)?)?;
        let until = view.segments.get(after).map_or(view.tip.size, |next| next.first());
        Some((Arc::clone(segment), until))
    }
}

impl Record for Journal {
    fn ledger(&self) -> LedgerId {
        self.data.ledger()
    }

    fn tip(&self) -> Tip {
        self.view.read().unwrap_or_else(PoisonError::into_inner).tip
    }

    fn append(&self, group: &[StoredEvent]) -> Result<(), RecordError> {
        let mut writer = self.writer()?;
        let before = self.tip();
        let after = group
            .iter()
            .try_fold(before, |tip, event| tip.after(&event.link))
            .map_err(GroupError::from)?;
        writer.prepare(group, before.size, &after.last_link)?;
        if writer.must_roll_over() {
            self.remember(writer.roll_over(&before))?;
            let segment = Arc::new(Segment::new(&self.dir, before.size));
            self.publish(|view| view.segments.push(segment));
        }
        let offset = self.remember(writer.write())?;
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
        let mut limits = Limits::new(max_events, max_bytes);
        let mut events = Vec::new();
        let (end, mut next) = (self.tip().size, from);
        while next < end && !limits.reached() {
            let Some((segment, until)) = self.segment_of(next) else { break };
            segment.read(next, until, &mut limits, &mut events)?;
            next = Sequence(from.0 + events.len() as u64);
        }
        Ok(events)
    }

    fn head(&self) -> Result<Option<String>, RecordError> {
        self.alive()?;
        read_head(&self.dir)
    }

    fn write_head(&self, checkpoint: &str) -> Result<(), RecordError> {
        let _alone = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        self.alive()?;
        let action = "write the head file";
        let written = disk::Beside::make(&self.dir, names::HEAD, |file| {
            disk::write_at(file, checkpoint.as_bytes(), 0)
        });
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
