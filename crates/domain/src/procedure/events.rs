//! What a file remembers of each of its events: kind and author, so that a later one can refer to it.

use letopis_types::{ActorId, Digest, StreamKind};
use serde::{Deserialize, Serialize};

/// A file's events in short: some dozen bytes each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Events {
    actors: Vec<ActorId>,
    events: Vec<Event>,
}

/// The beginning of the statement's hash tells it apart: nobody can make a second one with the same.
type Start = [u8; 16];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Event {
    start: Start,
    /// The kind of the stream in which it stands.
    stream: StreamKind,
    kind: u32,
    /// Places in `actors`.
    signers: Vec<u16>,
    at: i64,
    misfiled: Option<Digest>,
    corrected: Vec<Digest>,
}

/// An event of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known<'a> {
    /// The number of its kind.
    pub(crate) kind: u32,
    /// The kind of the stream in which it stands.
    pub(crate) stream: StreamKind,
    /// When it happened, by the last correction that says so; seconds since 1970 UTC.
    pub at: i64,
    /// By which statement it belongs elsewhere.
    pub misfiled: Option<Digest>,
    /// The statements that correct it, in the order of the record.
    pub corrected: &'a [Digest],
    events: &'a Events,
    signers: &'a [u16],
}

impl Known<'_> {
    /// Who signed it.
    pub(crate) fn signers(&self) -> impl Iterator<Item = ActorId> {
        self.signers.iter().filter_map(|at| self.events.actors.get(usize::from(*at)).copied())
    }

    /// Did this actor sign it?
    pub(crate) fn is_signed_by(&self, actor: &ActorId) -> bool {
        self.signers().any(|signer| signer == *actor)
    }

    /// Is it of this kind?
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name() == name
    }

    /// The name of its kind.
    pub(crate) fn name(&self) -> &'static str {
        letopis_proto::KindInfo::name_of(self.kind)
    }
}

impl Events {
    pub(crate) fn push(
        &mut self,
        hash: &Digest,
        (stream, kind): (StreamKind, u32),
        at: i64,
        signers: &[ActorId],
    ) {
        let signers = signers.iter().filter_map(|actor| self.place(actor)).collect();
        self.events.push(Event {
            start: start(hash),
            stream,
            kind,
            signers,
            at,
            misfiled: None,
            corrected: Vec::new(),
        });
    }

    /// An event of the file, by its statement's hash.
    pub(crate) fn find(&self, hash: &Digest) -> Option<Known<'_>> {
        let wanted = start(hash);
        // What is referred to is mostly of late.
        let event = self.events.iter().rev().find(|event| event.start == wanted)?;
        let Event { kind, stream, at, misfiled, ref signers, ref corrected, .. } = *event;
        Some(Known { kind, stream, at, misfiled, corrected, events: self, signers })
    }

    /// A statement corrects an event: it may have happened at another time.
    pub(crate) fn correct(&mut self, hash: &Digest, at: Option<i64>, by: Digest) {
        let corrected = start(hash);
        for event in self.events.iter_mut().filter(|event| event.start == corrected) {
            event.at = at.unwrap_or(event.at);
            event.corrected.push(by);
        }
    }

    /// A statement says that an event was entered here by mistake.
    pub(crate) fn misfiled(&mut self, hash: &Digest, by: Digest) {
        let misfiled = start(hash);
        for event in self.events.iter_mut().filter(|event| event.start == misfiled) {
            event.misfiled.get_or_insert(by);
        }
    }

    fn place(&mut self, actor: &ActorId) -> Option<u16> {
        let found = self.actors.iter().position(|known| known == actor);
        let place = found.unwrap_or_else(|| {
            self.actors.push(*actor);
            self.actors.len() - 1
        });
        u16::try_from(place).ok()
    }
}

fn start(hash: &Digest) -> Start {
    let mut start = Start::default();
    start.iter_mut().zip(hash.0).for_each(|(to, from)| *to = from);
    start
}
