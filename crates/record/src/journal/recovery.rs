//! Opening: finding out what is there without touching it, then putting in order what a crash
//! left (proto/README.md, "Torn tail" and "Opening").

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use letopis_types::{Digest, LedgerId, Sequence};

use super::room::Room;
use super::segment::Segment;
use super::writer::SMALL_FILE;
use super::{OpenError, TornTail, failed};
use crate::disk;
use crate::fault::{Fault, Structure, What};
use crate::frame::{self, FRAME_MAGIC, Footer, SegmentHeader};
use crate::names::{self, Listing};
use crate::port::{RecordError, Tip};
use crate::scan::{self, SegmentReader};

/// Copied at once, in bytes.
const CHUNK: u64 = 1 << 20;

/// A record as it was found, and that may be served once it was restored.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) tip: Tip,
    segments: Vec<Arc<Segment>>,
    last: Sequence,
    /// Where the last frame ends in the last segment.
    end: u64,
    tail: Tail,
    clean: bool,
    temporary: Vec<String>,
}

/// What comes after the last frame.
#[derive(Debug)]
enum Tail {
    /// Zeros, or nothing.
    Zeros,
    /// Of a footer, whose segment was being closed.
    Footer,
    /// Of a group that was being written; up to the last byte that is not zero.
    Torn(Vec<u8>),
}

/// A record that may be served.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) segments: Vec<Arc<Segment>>,
    /// The last segment.
    pub(crate) file: File,
    pub(crate) end: u64,
    pub(crate) len: u64,
    pub(crate) clean: bool,
    pub(crate) torn: Option<TornTail>,
}

/// Finds out what is there: the headers and footers of all segments, every frame of the last.
/// Touches nothing.
pub(crate) fn inspect(dir: &Path, ledger: LedgerId, known: Sequence) -> Result<Found, OpenError> {
    let listing = Listing::read(dir).map_err(failed("list the files", dir))?;
    for name in listing.torn.iter().chain(&listing.unknown) {
        tracing::warn!(name, "a file in the record that makes verifying it fail");
    }
    let mut segments = Vec::with_capacity(listing.segments.len());
    let mut tip = Tip::EMPTY;
    for pair in listing.segments.windows(2) {
        let [first, next] = *pair else { continue };
        if first != tip.size {
            return Err(OpenError::Damaged(scan::missing(tip.size)));
        }
        tip.last_link = check_closed(dir, first, next, ledger, tip.last_link)?;
        tip.size = next;
        segments.push(Arc::new(Segment::new(dir, first)));
    }
    let last = match listing.segments.last() {
        Some(last) if *last == tip.size => *last,
        _ => return Err(OpenError::Damaged(scan::missing(tip.size))),
    };
    let segment = Segment::new(dir, last);
    let (end, tail) = read_last(dir, ledger, &segment, &mut tip, listing.clean, known)?;
    if tip.size == last
        && let Some(before) = segments.last()
    {
        tip.last_recorded_at = last_event(before, last)?.last_recorded_at;
    }
    segments.push(Arc::new(segment));
    let Listing { clean, temporary, .. } = listing;
    Ok(Found { tip, segments, last, end, tail, clean, temporary })
}

/// Checks the header and footer of a segment that another follows. Returns its last link hash.
fn check_closed(
    dir: &Path,
    first: Sequence,
    next: Sequence,
    ledger: LedgerId,
    previous: Digest,
) -> Result<Digest, OpenError> {
    let name = names::segment(first);
    let at = |offset, what| {
        OpenError::Damaged(Fault { segment: name.clone(), offset, sequence: first, what })
    };
    let path = dir.join(&name);
    let file = File::open(&path).map_err(failed("open a segment", dir))?;
    let len = file.metadata().map_err(failed("look at a segment", dir))?.len();
    let (Some(offset), true) =
        (len.checked_sub(Footer::LEN as u64), len >= (SegmentHeader::LEN + Footer::LEN) as u64)
    else {
        return Err(at(0, What::Truncated { structure: Structure::Header }));
    };
    let read = failed("read a segment", dir);
    let mut header = [0; SegmentHeader::LEN];
    file.read_exact_at(&mut header, 0).map_err(&read)?;
    scan::check_header(&header, first, ledger, previous).map_err(|what| at(0, what))?;
    let mut footer = [0; Footer::LEN];
    file.read_exact_at(&mut footer, offset).map_err(&read)?;
    let footer = scan::check_footer(&footer, offset, next).map_err(|what| at(offset, what))?;
    Ok(footer.last_link)
}

/// Reads every frame of the last segment, and judges what follows them.
fn read_last(
    dir: &Path,
    ledger: LedgerId,
    segment: &Segment,
    tip: &mut Tip,
    clean: bool,
    known: Sequence,
) -> Result<(u64, Tail), OpenError> {
    let mut reader = SegmentReader::open(dir, segment.first(), ledger, tip.last_link, true)
        .map_err(OpenError::Damaged)?;
    let mut end = reader.offset;
    let fault = loop {
        let checked = reader.next_frame().and_then(|raw| {
            let Some(raw) = raw else { return Ok(None) };
            let (_, after) = raw.check(tip.last_recorded_at)?;
            Ok(Some((raw.offset, after)))
        });
        match checked {
            Ok(Some((offset, after))) => {
                segment.note(tip.size, offset);
                *tip = after;
                end = reader.offset;
            }
            Ok(None) => break None,
            Err(fault) => break Some(fault),
        }
    };
    let tail = match fault {
        None => Tail::Zeros,
        Some(fault) => judge(dir, segment, end, tip, clean, known, fault)?,
    };
    if known > tip.size {
        return Err(OpenError::RolledBack { size: tip.size, known });
    }
    Ok((end, tail))
}

/// Whether what follows the last good frame is what a crash may leave. Otherwise it is damage.
fn judge(
    dir: &Path,
    segment: &Segment,
    end: u64,
    tip: &Tip,
    clean: bool,
    known: Sequence,
    fault: Fault,
) -> Result<Tail, OpenError> {
    if matches!(fault.what, What::Unreadable { .. }) {
        return Err(OpenError::Damaged(fault));
    }
    let bytes = read_from(segment.path(), end).map_err(failed("read the last segment", dir))?;
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let used = bytes.get(..used).unwrap_or_default();
    // A segment is closed only after its first frame, and not while `clean` is there: then a
    // footer shows that the segment after it is gone.
    let footer = Footer { offset: end, next: tip.size, last_link: tip.last_link };
    if !clean && tip.size > segment.first() && is_of(used, &footer.to_bytes()) {
        return Ok(Tail::Footer);
    }
    // A valid frame here that does not fit in its place was not torn either.
    let follows = used
        .windows(FRAME_MAGIC.len())
        .enumerate()
        .filter(|(_, window)| *window == FRAME_MAGIC)
        .any(|(at, _)| bytes.get(at..).is_some_and(frame::starts_with_frame));
    if follows || known > tip.size || fault.what == What::FooterAtEnd {
        return Err(OpenError::Damaged(fault));
    }
    Ok(Tail::Torn(used.to_vec()))
}

/// True if `part` is what a crash may leave of `whole`, of which any sectors were written.
fn is_of(part: &[u8], whole: &[u8]) -> bool {
    part.len() <= whole.len()
        && part.iter().zip(whole).all(|(part, whole)| matches!(part, 0) || part == whole)
}

fn read_from(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let len = file.metadata()?.len().saturating_sub(offset);
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, offset)?;
    Ok(bytes)
}

/// Where the log ended with the last event before `next`, which lies in this segment.
fn last_event(segment: &Arc<Segment>, next: Sequence) -> Result<Tip, OpenError> {
    let last = Sequence(next.0.saturating_sub(1));
    let frame =
        segment.open().and_then(|mut open| open.frame(last)).map_err(|error| match error {
            RecordError::Damaged(fault) => OpenError::Damaged(fault),
            other => failed("read the last event", segment.path())(io::Error::other(other)),
        })?;
    let link = frame.event(last).map(|event| event.link);
    let link = link.ok_or_else(|| OpenError::Damaged(scan::missing(last)))?;
    Ok(Tip { size: next, last_link: link.hash(), last_recorded_at: link.recorded_at })
}

/// Puts in order what a crash left, and makes durable what was read.
///
/// On a full disk the reserve gives what a copy takes; the file that it replaces gives it back.
pub(crate) fn restore(dir: &Path, found: Found, room: &Room) -> Result<Recovered, OpenError> {
    let Found { tip, segments, last, end, tail, clean, temporary } = found;
    for name in temporary {
        disk::remove(&dir.join(name)).map_err(failed("remove an unfinished file", dir))?;
    }
    let rewrite = !clean || !matches!(tail, Tail::Zeros);
    let torn = match tail {
        Tail::Torn(bytes) => {
            let size = bytes.len() as u64 + SMALL_FILE;
            let kept = room.with(size, || set_aside(dir, tip.size, &bytes));
            Some(kept.map_err(failed("set a torn tail aside", dir))?)
        }
        Tail::Zeros | Tail::Footer => None,
    };
    // CRASH: the torn tail lies in both places, and is found again.
    let name = names::segment(last);
    let file = if rewrite {
        // What was read back may be in memory only, and said to be written.
        room.with(end + SMALL_FILE, || rewritten(dir, &name, end))
            .map_err(failed("copy the last segment", dir))?
    } else {
        synced(dir, &name).map_err(failed("sync the last segment", dir))?
    };
    let len = file.metadata().map_err(failed("look at the last segment", dir))?.len();
    Ok(Recovered { segments, file, end, len, clean, torn })
}

/// Keeps the bytes of a torn tail, behind those that were torn at the same place before.
fn set_aside(dir: &Path, sequence: Sequence, bytes: &[u8]) -> io::Result<TornTail> {
    let name = names::torn(sequence);
    let path = dir.join(&name);
    let mut kept = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    // CRASH: after this and before the segment was copied, they are there already.
    if !kept.ends_with(bytes) {
        kept.extend_from_slice(bytes);
        disk::replace(dir, &name, &kept)?;
    }
    Ok(TornTail { sequence, bytes: bytes.len() as u64, path })
}

/// Copies a segment up to `end`, and puts the copy in its place.
///
/// CRASH: the old file, or the new one whole; they differ in nothing but what follows the frames.
fn rewritten(dir: &Path, name: &str, end: u64) -> io::Result<File> {
    let old = File::open(dir.join(name))?;
    let copy = |new: &File| {
        // Read and written here, not by the kernel: it might let both files share what is not on
        // the disk.
        let mut offset = 0;
        while offset < end {
            let mut bytes = vec![0; (end - offset).min(CHUNK) as usize];
            old.read_exact_at(&mut bytes, offset)?;
            disk::write_at(new, &bytes, offset)?;
            offset += bytes.len() as u64;
        }
        Ok(())
    };
    disk::Beside::make(dir, name, copy)?.publish()
}

/// Opens a segment for writing on, and syncs it and the directory.
fn synced(dir: &Path, name: &str) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).open(dir.join(name))?;
    disk::sync_all(&file)?;
    disk::sync_dir(dir)?;
    Ok(file)
}
