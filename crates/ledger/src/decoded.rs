//! Folded files as they were read last: what is asked again and again is decoded once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use letopis_domain::file::FileState;
use letopis_state::StateError;
use letopis_types::{Sequence, StreamKey};

use crate::access::from_row;

/// How much of rows is kept, in bytes; what they are decoded to takes some times as much. Beyond it one
/// begins anew.
const BYTES_MAX: usize = 16 << 20;

/// The files that the state has, as far as they were asked for.
pub(crate) struct Decoded(RwLock<Kept>);

#[derive(Default)]
struct Kept {
    files: HashMap<StreamKey, KeptFile>,
    bytes: usize,
    /// As of how many events they are.
    as_of: Sequence,
}

struct KeptFile {
    file: Arc<FileState>,
    row_bytes: usize,
}

impl Decoded {
    /// Of a state that has so many events.
    pub(crate) fn as_of(state: Sequence) -> Self {
        Self(RwLock::new(Kept { as_of: state, ..Kept::default() }))
    }

    /// The file as the state has it, which has taken in so many events by now; `row` reads it there.
    pub(crate) fn file(
        &self,
        key: &StreamKey,
        state: Sequence,
        row: impl FnOnce() -> Result<Option<Vec<u8>>, StateError>,
    ) -> Result<Arc<FileState>, StateError> {
        {
            let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
            // Where the state is further already, what it changed may be among them.
            let known = kept.files.get(key).filter(|_| kept.as_of == state);
            if let Some(known) = known {
                return Ok(Arc::clone(&known.file));
            }
        }
        let Some(row) = row()? else { return Ok(Arc::default()) };
        let file = Arc::new(from_row(&row)?);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // What the state took in since may have changed the row after it was read.
        if kept.as_of == state {
            kept.keep(*key, KeptFile { file: Arc::clone(&file), row_bytes: row.len() });
        }
        Ok(file)
    }

    /// The state has so many events now, which changed these files.
    pub(crate) fn taken_in<'a>(&self, state: Sequence, files: impl Iterator<Item = &'a StreamKey>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.as_of = state;
        files.for_each(|key| kept.forget(key));
    }
}

impl Kept {
    fn keep(&mut self, key: StreamKey, file: KeptFile) {
        if self.bytes > BYTES_MAX {
            (self.files, self.bytes) = (HashMap::new(), 0);
        }
        self.forget(&key);
        self.bytes += file.row_bytes;
        self.files.insert(key, file);
    }

    fn forget(&mut self, key: &StreamKey) {
        if let Some(before) = self.files.remove(key) {
            self.bytes -= before.row_bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use letopis_types::{AgencyId, StreamId, StreamKind};

    use super::*;
    use crate::access::to_row;

    const KEY: StreamKey = StreamKey { kind: StreamKind::Case, id: StreamId([1; 16]) };

    fn held_by(holder: Option<u8>) -> FileState {
        FileState { holder: holder.map(|id| AgencyId([id; 16])), ..FileState::default() }
    }

    fn ask(decoded: &Decoded, state: u64, row: &FileState) -> Arc<FileState> {
        decoded.file(&KEY, Sequence(state), || Ok(Some(to_row(row)))).unwrap()
    }

    #[test]
    fn a_file_is_decoded_once_until_it_changes() {
        let decoded = Decoded::as_of(Sequence(0));
        let first = ask(&decoded, 0, &held_by(None));
        assert_eq!(*first, held_by(None));
        let again = decoded.file(&KEY, Sequence(0), || panic!("it is known")).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        decoded.taken_in(Sequence(1), [StreamKey { kind: StreamKind::Signal, ..KEY }].iter());
        assert!(Arc::ptr_eq(&first, &ask(&decoded, 1, &held_by(None))), "another file changed");
        // The state has it before it is said of which files.
        assert_eq!(*ask(&decoded, 2, &held_by(Some(7))), held_by(Some(7)));
        decoded.taken_in(Sequence(2), [KEY].iter());
        assert_eq!(*ask(&decoded, 2, &held_by(Some(7))), held_by(Some(7)));
        assert_eq!(decoded.0.read().unwrap().bytes, to_row(&held_by(Some(7))).len());
    }

    #[test]
    fn what_changed_while_it_was_read_is_not_kept() {
        let decoded = Decoded::as_of(Sequence(0));
        let read_before = || {
            let row = to_row(&held_by(None));
            decoded.taken_in(Sequence(1), [KEY].iter());
            Ok(Some(row))
        };
        assert_eq!(*decoded.file(&KEY, Sequence(0), read_before).unwrap(), held_by(None));
        assert_eq!(*ask(&decoded, 1, &held_by(Some(7))), held_by(Some(7)));
    }

    #[test]
    fn what_is_not_there_or_not_a_file_is_not_kept() {
        let decoded = Decoded::as_of(Sequence(0));
        let none = decoded.file(&KEY, Sequence(0), || Ok(None)).unwrap();
        assert_eq!(*none, FileState::default());
        assert!(decoded.file(&KEY, Sequence(0), || Ok(Some(vec![0xff; 3]))).is_err());
        assert_eq!(*ask(&decoded, 0, &held_by(Some(7))), held_by(Some(7)));
    }

    #[test]
    fn no_more_is_kept_than_the_bound() {
        let decoded = Decoded::as_of(Sequence(0));
        let row =
            to_row(&FileState { former: vec![AgencyId([7; 16]); 1 << 16], ..FileState::default() });
        for number in 0..32_u8 {
            let key = StreamKey { kind: StreamKind::Case, id: StreamId([number; 16]) };
            decoded.file(&key, Sequence(0), || Ok(Some(row.clone()))).unwrap();
            assert!(decoded.0.read().unwrap().bytes <= BYTES_MAX + row.len());
        }
    }
}
