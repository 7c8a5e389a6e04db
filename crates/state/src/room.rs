//! Room on the disk for what sled's file grows by: readings and erasures go on when others have filled
//! the disk, and sled fails for good when a write finds no room.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate};

/// Of these a file's blocks are counted, whatever the file system's own size (stat(2)).
const BLOCK_BYTES: u64 = 512;

/// Sees to it that a file has blocks for so many bytes beyond its end: at least half of them, so that
/// little is asked of the disk as the file grows. It is no longer than before.
///
/// # Errors
/// No room on the disk, or a file system that can't.
pub(crate) fn keep(file: &Path, bytes: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(file)?;
    let found = file.metadata()?;
    if found.blocks() * BLOCK_BYTES >= found.len() + bytes / 2 {
        return Ok(());
    }
    Ok(fallocate(&file, FallocateFlags::KEEP_SIZE, found.len(), bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_kept_beyond_the_end() {
        const ROOM: u64 = 1 << 20;
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("db");
        std::fs::write(&path, b"invented").unwrap();
        let look = || {
            let found = std::fs::metadata(&path).unwrap();
            (found.len(), found.blocks() * BLOCK_BYTES)
        };
        keep(&path, ROOM).unwrap();
        let (len, allocated) = look();
        assert_eq!(len, 8);
        assert!(allocated >= ROOM);
        // Half of it is used up, and no more.
        OpenOptions::new().write(true).open(&path).unwrap().set_len(ROOM / 4).unwrap();
        std::fs::write(&path, vec![7; 3 << 18]).unwrap();
        keep(&path, ROOM).unwrap();
        let (len, allocated) = look();
        assert_eq!(len, 3 << 18);
        assert!(allocated >= len + ROOM / 2);
    }
}
