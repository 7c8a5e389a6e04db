//! A data directory as somebody sees it who has all of it, the key-encryption key too, and no server.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use letopis_crypto::section::{CommitmentScope, SealScope, commitment, open, sealed_key_id};
use letopis_domain::{Fact, Statement};
use letopis_ledger::submission::parse;
use letopis_record::StoredEvent;
use letopis_record::frame::FrameHeader;
use letopis_record::scan::Scanner;
use letopis_tests::{Trial, finish, place};
use letopis_types::{Class, LedgerId, StreamKey};
use letopis_vault::{Kek, KeyId, Vault};
use serde_json::Value;

/// Before the slots of a block, each of them, and how many there are (proto/README.md, Vault).
const BLOCK_HEADER: u64 = 64;
pub(crate) const SLOT: usize = 88;
const SLOTS: u64 = 1024;

/// A section: its stream, the version of its event there, its index.
pub(crate) type At = (StreamKey, u64, u32);

/// A data directory of a trial.
pub(crate) struct Stored {
    data: PathBuf,
    ledger: LedgerId,
}

/// An event with its place in its stream.
pub(crate) struct Placed {
    pub(crate) version: u64,
    pub(crate) statement: Statement,
    pub(crate) event: StoredEvent,
}

impl Stored {
    pub(crate) fn new(trial: &Trial, data: &Path) -> Self {
        Self { data: data.to_owned(), ledger: trial.ledger.parse().unwrap() }
    }

    fn scan(&self) -> Scanner {
        Scanner::open(&self.data.join("record"), self.ledger).unwrap()
    }

    /// What is on the record, up to where a crash cut it off.
    pub(crate) fn events(&self) -> Vec<Placed> {
        let mut versions: BTreeMap<StreamKey, u64> = BTreeMap::new();
        let frames = self.scan().map_while(|frame| frame.ok()?.decode().ok());
        let events = frames.flat_map(|frame| frame.events).map(|located| located.event);
        let placed = events.map(|event| {
            let statement = parse(&event.statement).unwrap();
            let version = versions.entry(statement.stream).or_default();
            *version += 1;
            Placed { version: *version, statement, event }
        });
        placed.collect()
    }

    /// The facts of a kind, with their events.
    pub(crate) fn facts<T>(&self, wanted: impl Fn(&Fact) -> Option<T>) -> Vec<(Placed, T)> {
        let events = self.events().into_iter();
        let found = events.filter_map(|placed| {
            let fact = wanted(&placed.statement.fact)?;
            Some((placed, fact))
        });
        found.collect()
    }

    fn vault(&self) -> Vault {
        let kek = Kek::read_file(&self.data.join("keys/vault.kek")).unwrap();
        Vault::open_read_only(&self.data.join("vault"), self.ledger, &kek).unwrap()
    }

    /// The class of every section that there is, and whether it opens to what was signed.
    pub(crate) fn sections(&self) -> BTreeMap<At, (Class, bool)> {
        let vault = self.vault();
        let mut sections = BTreeMap::new();
        for placed in self.events() {
            for (index, section) in (0..).zip(&placed.statement.sections) {
                let at = (placed.statement.stream, placed.version, index);
                sections.insert(at, (section.class, self.opens(&vault, &placed, index)));
            }
        }
        sections
    }

    fn opens(&self, vault: &Vault, placed: &Placed, index: u32) -> bool {
        let Placed { statement, event, .. } = placed;
        let section = &statement.sections[index as usize];
        let sealed = &event.sealed[index as usize];
        let key = sealed_key_id(sealed).and_then(|id| vault.key(&KeyId(id)).ok().flatten());
        let scope = SealScope {
            ledger: &self.ledger,
            stream: &statement.stream,
            class: section.class,
            statement_hash: &event.link.statement_hash,
            index,
        };
        let opened = key.and_then(|key| open(key.as_bytes(), &scope, sealed).ok());
        let scope = CommitmentScope {
            nonce: &statement.nonce,
            index,
            class: section.class,
            payload_type: &section.payload_type,
        };
        opened.is_some_and(|opened| {
            commitment(&scope, &opened.salt, opened.content()) == section.commitment
        })
    }

    /// The sealed bytes of a section.
    pub(crate) fn sealed(&self, (stream, version, index): At) -> Vec<u8> {
        let is_it =
            |placed: &Placed| (placed.statement.stream, placed.version) == (stream, version);
        let mut placed = self.events().into_iter().find(is_it).unwrap();
        placed.event.sealed.swap_remove(index as usize)
    }

    /// The key under which a section is sealed.
    pub(crate) fn key(&self, at: At) -> [u8; 32] {
        let id = KeyId(sealed_key_id(&self.sealed(at)).unwrap());
        *self.vault().key(&id).unwrap().unwrap().as_bytes()
    }

    /// Where the slot of the key of a section is: the block, and the offset in it.
    pub(crate) fn slot_at(&self, at: At) -> (PathBuf, u64) {
        self.slot_of(&self.sealed(at))
    }

    /// The same of every section that there is.
    pub(crate) fn slots(&self) -> BTreeMap<At, (PathBuf, u64)> {
        let mut slots = BTreeMap::new();
        for Placed { version, statement, event } in self.events() {
            let sealed = (0..).zip(&event.sealed);
            let of = sealed
                .map(|(index, sealed)| ((statement.stream, version, index), self.slot_of(sealed)));
            slots.extend(of);
        }
        slots
    }

    fn slot_of(&self, sealed: &[u8]) -> (PathBuf, u64) {
        let slot = KeyId(sealed_key_id(sealed).unwrap()).slot();
        let block = self.data.join(format!("vault/block-{:010}", slot / SLOTS));
        (block, BLOCK_HEADER + slot % SLOTS * SLOT as u64)
    }

    /// The slot of the key of a section: its id, a nonce, the wrapped key.
    pub(crate) fn slot(&self, at: At) -> [u8; SLOT] {
        read_slot(&self.slot_at(at))
    }

    pub(crate) fn write_slot(&self, at: At, slot: &[u8; SLOT]) {
        let (block, offset) = self.slot_at(at);
        let file = File::options().write(true).open(block).unwrap();
        file.write_all_at(slot, offset).unwrap();
    }

    /// Exchanges the sealed bytes of two sections, and makes the checksums right again.
    pub(crate) fn exchange(&self, one: At, other: At) {
        let (one, other) = (self.sealed(one), self.sealed(other));
        assert_eq!(one.len(), other.len());
        let mut changed = 0;
        for frame in self.scan() {
            let frame = frame.unwrap();
            let mut bytes = frame.bytes.clone();
            for (from, to) in [(&one, &other), (&other, &one)] {
                if let Some(at) = memchr::memmem::find(&frame.bytes, from) {
                    bytes[at..at + to.len()].copy_from_slice(to);
                    changed += 1;
                }
            }
            let mut hasher = blake3::Hasher::new();
            hasher.update(&bytes[..64]).update(&bytes[FrameHeader::LEN..]);
            bytes[64..FrameHeader::LEN].copy_from_slice(hasher.finalize().as_bytes());
            let segment = self.data.join("record").join(&*frame.segment);
            let file = File::options().write(true).open(segment).unwrap();
            file.write_all_at(&bytes, frame.offset).unwrap();
        }
        assert_eq!(changed, 2);
    }

    /// The files in which any of these stand.
    pub(crate) fn files_with(&self, wanted: &[&[u8]]) -> Vec<PathBuf> {
        files_with(&self.data, wanted)
    }

    /// What the independent verifier says; `None` where it can't run.
    pub(crate) fn by_python(&self) -> Option<Value> {
        let Some(python) = place::python() else {
            println!("LEFT OUT, as LETOPIS_LEAVE_OUT says: verify.py");
            return None;
        };
        let script = place::repository().join("tools/verify-py/verify.py");
        let mut verify = Command::new(python);
        let said = finish(verify.arg("-B").arg(script).args(["data", "--json"]).arg(&self.data));
        Some(serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said}")))
    }
}

/// What is in a slot.
pub(crate) fn read_slot((block, offset): &(PathBuf, u64)) -> [u8; SLOT] {
    let mut slot = [0; SLOT];
    File::open(block).unwrap().read_exact_at(&mut slot, *offset).unwrap();
    slot
}

fn files_with(folder: &Path, wanted: &[&[u8]]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, wanted));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        if wanted.iter().any(|wanted| memchr::memmem::find(&bytes, wanted).is_some()) {
            found.push(path);
        }
    }
    found
}
