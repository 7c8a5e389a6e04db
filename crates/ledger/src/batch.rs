//! What the state takes in together: of whatever events change twice, only what comes of it is written.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use letopis_domain::clocks::Profiles;
use letopis_log::tile::Completed;
use letopis_state::Change;
use letopis_state::streams::{PositionRow, StreamRow};
use letopis_types::{Digest, Sequence, StreamKey};

use crate::access::ChangedFile;
use crate::committer::Durable;
use crate::fold::Effect;
use crate::rows;

/// Durable events that follow each other, as the state takes them in.
#[derive(Default)]
pub(crate) struct Batch {
    events: usize,
    end: Option<End>,
    streams: HashMap<StreamKey, StreamRow>,
    files: HashMap<StreamKey, ChangedFile>,
    others: HashMap<Vec<u8>, Option<Vec<u8>>>,
    positions: Vec<Change>,
    /// The tiles of the log's tree that became full.
    pub(crate) tiles: Vec<Completed>,
}

/// What the state covers with the last of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) size: Sequence,
    pub(crate) last_link: Digest,
    pub(crate) next_key_slot: u64,
}

impl Batch {
    /// How many events.
    pub(crate) const fn events(&self) -> usize {
        self.events
    }

    /// What they end with; `None`: there are none.
    pub(crate) const fn end(&self) -> Option<End> {
        self.end
    }

    /// The files that they change.
    pub(crate) fn files(&self) -> impl Iterator<Item = &StreamKey> {
        self.files.keys()
    }

    /// Adds what comes next.
    pub(crate) fn add(&mut self, durable: Durable) {
        let Durable { effects, tiles, end } = durable;
        self.events += effects.len();
        self.end = Some(end);
        effects.into_iter().for_each(|effect| self.add_effect(effect));
        self.tiles.extend(tiles);
    }

    fn add_effect(&mut self, effect: Effect) {
        let Effect { stream, event_id, row, files, others } = effect;
        let position = PositionRow { sequence: row.last, head: row.head };
        self.positions.extend(position.entries(&stream, row.version, &event_id));
        self.streams.insert(stream, row);
        for changed in files {
            match self.files.entry(changed.key) {
                // What it was before the first of them is what the state has.
                Entry::Occupied(mut known) => known.get_mut().file = changed.file,
                Entry::Vacant(new) => drop(new.insert(changed)),
            }
        }
        self.others.extend(others);
    }

    /// The writes, but for the tiles.
    pub(crate) fn entries(self, profiles: &Profiles) -> Vec<Change> {
        let mut entries = self.positions;
        entries.extend(self.streams.iter().map(|(stream, row)| row.entry(stream)));
        entries.extend(self.files.values().flat_map(|file| rows::of_file(file, profiles)));
        entries.extend(self.others);
        entries
    }
}
