//! Folded files as they were read last: what is asked again and again is decoded once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use letopis_domain::file::FileState;
use letopis_state::StateError;
use letopis_types::StreamKey;

use crate::access::from_row;

/// How much of rows is kept, in bytes; what they are decoded to takes some times as much. Beyond it one
/// begins anew.
const BYTES_MAX: usize = 16 << 20;

/// The files, each with the row from which it was decoded.
#[derive(Default)]
pub(crate) struct Decoded(RwLock<Kept>);

#[derive(Default)]
struct Kept {
    files: HashMap<StreamKey, (Vec<u8>, Arc<FileState>)>,
    bytes: usize,
}

impl Decoded {
    /// The file of a row, as the state has it now.
    pub(crate) fn file(&self, key: &StreamKey, row: Vec<u8>) -> Result<Arc<FileState>, StateError> {
        {
            let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
            // INVARIANT: the same bytes are the same file; nothing else makes it that.
            if let Some((_, file)) = kept.files.get(key).filter(|(known, _)| *known == row) {
                return Ok(Arc::clone(file));
            }
        }
        let file = Arc::new(from_row(&row)?);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes > BYTES_MAX {
            *kept = Kept::default();
        }
        kept.bytes += row.len();
        if let Some((before, _)) = kept.files.insert(*key, (row, Arc::clone(&file))) {
            kept.bytes -= before.len();
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use letopis_types::{AgencyId, StreamId, StreamKind};

    use super::*;
    use crate::access::to_row;

    #[test]
    fn another_row_is_another_file() {
        let decoded = Decoded::default();
        let key = StreamKey { kind: StreamKind::Case, id: StreamId([1; 16]) };
        let held = |holder| FileState { holder, ..FileState::default() };
        let (free, taken) = (held(None), held(Some(AgencyId([7; 16]))));
        let first = decoded.file(&key, to_row(&free)).unwrap();
        assert_eq!(*first, free);
        assert!(Arc::ptr_eq(&first, &decoded.file(&key, to_row(&free)).unwrap()));
        assert_eq!(*decoded.file(&key, to_row(&taken)).unwrap(), taken);
        assert_eq!(*decoded.file(&key, to_row(&free)).unwrap(), free);
        assert!(decoded.file(&key, vec![0xff; 3]).is_err());
        assert_eq!(decoded.0.read().unwrap().bytes, to_row(&free).len());
    }

    #[test]
    fn no_more_is_kept_than_the_bound() {
        let decoded = Decoded::default();
        let row =
            to_row(&FileState { former: vec![AgencyId([7; 16]); 1 << 16], ..FileState::default() });
        for number in 0..32_u8 {
            let key = StreamKey { kind: StreamKind::Case, id: StreamId([number; 16]) };
            decoded.file(&key, row.clone()).unwrap();
            assert!(decoded.0.read().unwrap().bytes <= BYTES_MAX + row.len());
        }
    }
}
