//! A state of somebody else's, looked at in a copy: nothing of the original is written.

use std::fs;
use std::path::Path;

use crate::place::Place;
use crate::{Distrust, Opening, Options, Origin, StateError, Store, files};

/// What lay where a state should.
pub enum Found {
    /// No state.
    Nothing,
    /// One that a server would set aside and rebuild.
    Untrusted(Distrust),
    /// One that a server would go on from.
    Store(Box<Store>),
}

impl Store {
    /// Opens a copy of the state in `dir`, made in `scratch`, which must be empty. Whether the record has
    /// what its mark says is for the caller to find out.
    ///
    /// # Errors
    /// [`StateError::Io`] where it can't be copied, and as [`Store::open`].
    pub fn open_copy(dir: &Path, scratch: &Path, options: &Options) -> Result<Found, StateError> {
        // Looking at a place makes it.
        if !dir.is_dir() {
            return Ok(Found::Nothing);
        }
        let live = Place::look(dir)?.live();
        let Some((live, name)) = live.as_deref().and_then(|live| Some((live, live.file_name()?)))
        else {
            return Ok(Found::Nothing);
        };
        // Without the snapshots: what they would be begun anew from is not what lies there.
        copy_dir(live, &scratch.join(name))?;
        let (store, report) = Opening::begin(scratch, options)?.finish(|_| true)?;
        Ok(match (report.set_aside, report.origin) {
            (Some(aside), _) => Found::Untrusted(aside.why),
            (None, Origin::Kept { .. }) => Found::Store(Box::new(store)),
            (None, _) => Found::Nothing,
        })
    }
}

fn copy_dir(from: &Path, to: &Path) -> Result<(), StateError> {
    files::create_dir(to)?;
    for entry in fs::read_dir(from).map_err(StateError::io("list", from))? {
        let entry = entry.map_err(StateError::io("list", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().map_err(StateError::io("look at", &source))?.is_dir() {
            copy_dir(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(StateError::io("copy", &source))?;
        }
    }
    Ok(())
}
