//! Files that are at their place when they are whole, and not before.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file in the making, beside its place; removed with the value, where it was not finished.
#[derive(Debug)]
pub struct Unfinished {
    beside: PathBuf,
    out: PathBuf,
    is_done: bool,
}

impl Unfinished {
    /// Begins one, and the file to write to.
    ///
    /// # Errors
    /// It can't be made.
    pub fn create(out: &Path) -> Result<(Self, File), Failure> {
        let mut beside = out.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let file = File::create(&beside).map_err(Failure::io("create", &beside))?;
        Ok((Self { beside, out: out.to_owned(), is_done: false }, file))
    }

    /// It is whole: synced, and put at its place.
    ///
    /// # Errors
    /// It can't be; nothing is left then.
    pub fn finish(mut self, file: &File) -> Result<(), Failure> {
        file.sync_all().map_err(Failure::io("write", &self.beside))?;
        fs::rename(&self.beside, &self.out).map_err(Failure::io("write", &self.out))?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_done {
            // What was written of it is of no use; that it stays would be no worse.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let (unfinished, mut file) = Unfinished::create(&out).unwrap();
        file.write_all(b"half").unwrap();
        drop(unfinished);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let (unfinished, mut file) = Unfinished::create(&out).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!out.exists());
        unfinished.finish(&file).unwrap();
        assert_eq!(fs::read(&out).unwrap(), b"whole");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
