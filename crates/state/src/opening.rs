//! Opening a state: what is there is trusted, or set aside and begun anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use letopis_types::{LedgerId, Sequence};

use crate::engine::{self, Engine, MARK};
use crate::guard::{self, Failure};
use crate::place::{self, Place};
use crate::snapshot::{self, LoadError};
use crate::sum::Sum;
use crate::trust::{self, Trust, TrustFile};
use crate::{Distrust, Mark, Origin, Report, SetAside, StateError, Store, files};

/// How a state is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// The ledger that it must be of.
    pub ledger: LedgerId,
    /// The version of the entries' layout that it must have.
    pub schema: u32,
    /// How many bytes of pages sled keeps in memory. In all it uses several times as much: with the
    /// 24 MiB that are the default, and three small entries per event, measured 100 MiB at 100,000
    /// events and 170 at a million; 255 when a second thread has walked over all of them.
    pub cache_bytes: u64,
    /// How often sled writes out what it holds, in milliseconds: so much is lost by a crash of the
    /// process, and applied again.
    pub flush_every_ms: u64,
    /// How long sled may give no sign of life while it opens or closes before it is given up.
    pub open_limit: Duration,
    /// How many bytes of the disk are kept for what it grows by, in bytes; 0: none. At least half of
    /// them are there, once [`Store::keep_room`] has found them.
    pub room_bytes: u64,
    /// Where the system says which boot this is.
    pub boot_id_path: PathBuf,
}

impl Options {
    /// For a ledger and schema, with what suits a server.
    #[must_use]
    pub fn new(ledger: LedgerId, schema: u32) -> Self {
        Self {
            ledger,
            schema,
            cache_bytes: 24 << 20,
            flush_every_ms: 500,
            open_limit: Duration::from_secs(20),
            room_bytes: 0,
            boot_id_path: PathBuf::from("/proc/sys/kernel/random/boot_id"),
        }
    }
}

/// Opens sled at a path. Injected, so that tests can have it fail.
pub(crate) type Opener = Arc<dyn Fn(&Path, &Options) -> sled::Result<sled::Db> + Send + Sync>;

fn open_sled(path: &Path, options: &Options) -> sled::Result<sled::Db> {
    sled::Config::new()
        .path(path)
        .cache_capacity(options.cache_bytes)
        .flush_every_ms(Some(options.flush_every_ms))
        .use_compression(false)
        .open()
}

/// A state half-way to being opened: whether its files can be trusted is known, whether the record
/// has what its mark says is not. In two steps because the record, when it is opened, wants to know
/// how far the state reached.
pub struct Opening {
    place: Place,
    root: PathBuf,
    options: Options,
    opener: Opener,
    boot: Option<String>,
    kept: Option<Kept>,
    set_aside: Option<SetAside>,
}

/// What was there and can be trusted.
struct Kept {
    engine: Engine,
    mark: Mark,
    sum: Sum,
}

/// What was found in an open sled.
struct Found {
    db: sled::Db,
    /// The mark and the sum, as they are stored.
    covers: Option<Vec<u8>>,
    entries: u64,
    sum: Sum,
}

impl Found {
    /// Reads what tells whether the entries are those that the mark covers: all of them.
    fn read(db: sled::Db, alive: &dyn Fn()) -> sled::Result<Self> {
        let covers = db.get(MARK)?.map(|covers| covers.to_vec());
        let (mut entries, mut sum) = (0_u64, Sum::default());
        // The store's own entries come before every key.
        for entry in db.range::<&[u8], _>(&[1][..]..) {
            let (key, value) = entry?;
            sum.add(&key, &value);
            entries = entries.saturating_add(1);
            if entries.is_multiple_of(10_000) {
                alive();
            }
        }
        Ok(Self { db, covers, entries, sum })
    }

    fn covers(&self) -> Option<(Mark, Sum)> {
        let (mark, sum) = self.covers.as_ref()?.split_at_checked(Mark::LEN)?;
        Some((Mark::from_bytes(mark)?, Sum::from_bytes(sum.try_into().ok()?)))
    }

    fn is_empty(&self) -> bool {
        self.covers.is_none() && self.entries == 0
    }
}

impl Opening {
    /// Opens what is there if its files can be trusted: after a clean stop, or a crash of the process
    /// within the same boot, and if sled opens it in time and without a panic; otherwise sets it aside.
    ///
    /// # Errors
    /// [`StateError::Io`]; [`StateError::InUse`] if somebody has it open.
    pub fn begin(dir: &Path, options: &Options) -> Result<Self, StateError> {
        Self::begin_with(dir, options, Arc::new(open_sled))
    }

    pub(crate) fn begin_with(
        dir: &Path,
        options: &Options,
        opener: Opener,
    ) -> Result<Self, StateError> {
        let mut this = Self {
            place: Place::look(dir)?,
            root: dir.to_path_buf(),
            options: options.clone(),
            opener,
            boot: trust::boot_id(&options.boot_id_path),
            kept: None,
            set_aside: None,
        };
        if let Some(live) = this.place.live() {
            engine::wait_unlocked(&place::sled_lock(&live), options.open_limit)?;
            match this.try_keep(&live)? {
                Ok(kept) => this.kept = kept,
                Err(why) => this.put_aside(why)?,
            }
        }
        Ok(this)
    }

    /// The mark of the files that were there, if they could be trusted. The record had so much, synced.
    #[must_use]
    pub fn mark(&self) -> Option<&Mark> {
        self.kept.as_ref().map(|kept| &kept.mark)
    }

    /// How many events the record had, synced, as far as the state and its snapshots know.
    #[must_use]
    pub fn reach(&self) -> Sequence {
        self.mark().map(|mark| mark.size).max(self.newest_snapshot()).unwrap_or_default()
    }

    /// Keeps what was there if `on_record` says that the record has the mark's link hash at its size;
    /// otherwise sets it aside, and begins anew from the newest snapshot that is valid and of which
    /// `on_record` says so, or else empty. The caller then applies what the record has beyond the mark.
    ///
    /// # Errors
    /// [`StateError::Io`], [`StateError::Damaged`]; [`StateError::Hung`] if sled does not answer in a
    /// new directory either.
    pub fn finish(
        mut self,
        mut on_record: impl FnMut(&Mark) -> bool,
    ) -> Result<(Store, Report), StateError> {
        if let Some(Kept { engine, mark, sum }) = self.kept.take() {
            if on_record(&mark) {
                let store = Store::new(engine, &self.root, &self.options, Some((mark, sum)));
                let origin = Origin::Kept { size: mark.size };
                return Ok((store, self.report(origin, Vec::new())));
            }
            engine.abandon(self.options.open_limit);
            self.put_aside(Distrust::NotOfRecord(mark.size))?;
        }
        let mut refused = Vec::new();
        for path in self.place.snapshots() {
            match self.restore(&path, &mut on_record)? {
                Ok(store) => {
                    let size = store.mark().map(|mark| mark.size).unwrap_or_default();
                    return Ok((store, self.anew(Origin::Snapshot { size }, refused)));
                }
                Err(why) => refused.push((path, why)),
            }
        }
        let engine = self.begin_anew()?;
        let store = self.complete(engine, None)?;
        Ok((store, self.anew(Origin::Empty, refused)))
    }

    /// Opens the live store. `Ok(Ok(None))`: there was nothing in it.
    fn try_keep(&mut self, live: &Path) -> Result<Result<Option<Kept>, Distrust>, StateError> {
        let file = TrustFile::of(live);
        let left = file.read()?;
        if let Err(why) = Trust::judge(left.as_ref(), self.boot.as_deref(), live) {
            return Ok(Err(why));
        }
        // CRASH: durable before sled may write: from here on it was not stopped in order.
        file.write(&Trust::Opening)?;
        let found = match self.open_within_limit(live) {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        let covers = found.covers();
        let distrust = match &covers {
            None if found.is_empty() => None,
            None => Some(Distrust::NoMark),
            Some((mark, sum)) => self.doubt(mark, sum, &found, left.as_ref()),
        };
        match (distrust, covers) {
            (None, Some((mark, sum))) => {
                file.write(&Trust::open_now(live, self.boot.clone())?)?;
                Ok(Ok(Some(Kept { engine: Engine::new(found.db, live), mark, sum })))
            }
            (why, _) => {
                Engine::new(found.db, live).abandon(self.options.open_limit);
                match why {
                    Some(why) => Ok(Err(why)),
                    None => self.place.discard().map(|()| Ok(None)),
                }
            }
        }
    }

    /// What speaks against the entries.
    fn doubt(
        &self,
        mark: &Mark,
        sum: &Sum,
        found: &Found,
        left: Option<&Trust>,
    ) -> Option<Distrust> {
        if mark.ledger != self.options.ledger {
            return Some(Distrust::OtherLedger);
        }
        if mark.schema != self.options.schema {
            return Some(Distrust::OtherSchema(mark.schema));
        }
        if *sum != found.sum {
            return Some(Distrust::OtherEntries);
        }
        // TRUST: sled may silently forget the end of its log. What it was known to have, it must have.
        let had = match left {
            Some(clean @ Trust::Clean { size, .. }) if !clean.agrees(mark) => Some(*size),
            _ => self.newest_snapshot().filter(|size| mark.size < *size),
        };
        had.map(|had| Distrust::Rewound { found: mark.size, had })
    }

    /// How many events the newest snapshot of this ledger covers, by its header.
    fn newest_snapshot(&self) -> Option<Sequence> {
        self.place.snapshot_sizes(&self.options.ledger).into_iter().max()
    }

    fn open_within_limit(&self, dir: &Path) -> Result<Found, Distrust> {
        let (opener, options, path) =
            (Arc::clone(&self.opener), self.options.clone(), place::sled(dir));
        let opened = guard::within(self.options.open_limit, move |alive| -> sled::Result<Found> {
            Found::read(opener(&path, &options)?, alive)
        });
        match opened {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) => Err(Distrust::Refused(error.to_string())),
            Err(Failure::Panicked(words)) => Err(Distrust::Panicked(words)),
            Err(Failure::TimedOut) => Err(Distrust::TimedOut(self.options.open_limit.as_secs())),
        }
    }

    fn put_aside(&mut self, why: Distrust) -> Result<(), StateError> {
        let to = if why == Distrust::Unfinished {
            self.place.discard()?;
            None
        } else {
            self.place.set_aside()?
        };
        self.set_aside = Some(SetAside { why, to });
        Ok(())
    }

    /// The store that a snapshot gives; or why it gives none.
    fn restore(
        &mut self,
        path: &Path,
        on_record: &mut impl FnMut(&Mark) -> bool,
    ) -> Result<Result<Store, String>, StateError> {
        // Checked as a whole before anything is made of it.
        let mark = match snapshot::verify(path) {
            Ok(mark) => mark,
            Err(error) => return Ok(Err(error.to_string())),
        };
        if mark.ledger != self.options.ledger {
            return Ok(Err(Distrust::OtherLedger.to_string()));
        }
        if mark.schema != self.options.schema {
            return Ok(Err(Distrust::OtherSchema(mark.schema).to_string()));
        }
        if !on_record(&mark) {
            return Ok(Err(Distrust::NotOfRecord(mark.size).to_string()));
        }
        let engine = self.begin_anew()?;
        match snapshot::load(path, &engine) {
            Ok(covers) => self.complete(engine, Some(covers)).map(Ok),
            Err(LoadError::Store(error)) => Err(error),
            Err(LoadError::Snapshot(error)) => {
                engine.abandon(self.options.open_limit);
                self.place.discard()?;
                Ok(Err(error.to_string()))
            }
        }
    }

    /// An empty sled in a new directory, which counts for nothing until it is complete.
    fn begin_anew(&mut self) -> Result<Engine, StateError> {
        let dir = self.place.begin()?;
        TrustFile::of(&dir).write(&Trust::Building)?;
        let doing = "open a new state";
        let seconds = self.options.open_limit.as_secs();
        let found = self.open_within_limit(&dir).map_err(|why| match why {
            Distrust::TimedOut(_) => StateError::Hung { doing, seconds },
            why => StateError::Damaged { doing, what: why.to_string() },
        })?;
        // sled has one lock for all its stores in a process, for batches: a thread that was abandoned
        // while it held it would keep this one from ever writing. So this is found out now.
        let db = found.db.clone();
        let probe = guard::within(self.options.open_limit, move |_| {
            let mut batch = sled::Batch::default();
            batch.remove(MARK);
            db.apply_batch(batch)
        });
        match probe {
            Ok(Ok(())) => Ok(Engine::new(found.db, &dir)),
            Ok(Err(error)) => Err(StateError::Damaged { doing, what: error.to_string() }),
            Err(Failure::Panicked(what)) => Err(StateError::Damaged { doing, what }),
            Err(Failure::TimedOut) => Err(StateError::Hung { doing, seconds }),
        }
    }

    /// From now on what is in the new directory counts.
    fn complete(&self, engine: Engine, covers: Option<(Mark, Sum)>) -> Result<Store, StateError> {
        engine.call("flush the state", |db| db.flush())?;
        engine.trust_now(self.boot.clone())?;
        Ok(Store::new(engine, &self.root, &self.options, covers))
    }

    /// Snapshots that were refused go: they would be in the way of those to come, and make the new
    /// state look as if it had lost what they cover.
    fn anew(self, origin: Origin, refused: Vec<(PathBuf, String)>) -> Report {
        for (path, _) in &refused {
            if let Err(error) = files::remove(path) {
                tracing::warn!(%error, "a refused snapshot was not removed");
            }
        }
        self.report(origin, refused)
    }

    fn report(self, origin: Origin, refused_snapshots: Vec<(PathBuf, String)>) -> Report {
        Report { origin, set_aside: self.set_aside, refused_snapshots }
    }
}
