//! Stories for tests: a history of an invented office, told in lines of text, each of which makes a
//! whole statement of its kind.
//!
//! ```text
//! SignalReceived
//! +1h SignalAssigned
//! +5d SignalAssessed by worker,head
//! +1h CaseOpened
//! +2d PlacementOrdered without views
//! ```
//!
//! A line is `[+N(min|h|d|w)] Kind` and then, in any order: `by who,who` (else who signs such a thing),
//! `without section`, `with section`, `on label` (what it names or refers to; else the last fitting
//! statement), `as label`, `in stream` (`case`, `case2`, `signal`, …), `happened TIME` or `happened
//! -3d` (else when it is recorded), `field=value`. Times are local: `2026-03-02T10:00`; days too, or so long
//! after now (`due=+30d`). What follows `#` is a comment.

mod access;
mod cast;
mod kinds;
mod line;
mod people;
mod stories;
mod usual;
pub(crate) mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use letopis_proto::statement::v1::{self as proto, fact::Kind};
use letopis_types::{Class, Digest, StreamId, StreamKey, StreamKind};

pub use cast::{Cast, Invented};
pub use line::Line;
pub use people::{AGENCY, OTHER_AGENCY, PEOPLE, Person, SERVICE, person};
pub use stories::{Written, stories};
pub use world::{Question, World};

/// Where the stories begin: Monday, 2 March 2026, 10:00 in Sofia; seconds since 1970 UTC.
pub const BEGINNING: i64 = 1_772_438_400;

/// A statement as a line asks for it.
#[derive(Debug, Clone)]
pub struct Told {
    /// What happened.
    pub fact: Kind,
    /// Where.
    pub stream: StreamKey,
    /// Who signs.
    pub by: Vec<&'static Person>,
    /// Payload types with their classes.
    pub sections: Vec<(String, Class)>,
    /// What it refers to.
    pub references: Vec<(proto::Relation, StreamKey, Digest)>,
    /// When it happened; seconds since 1970 UTC.
    pub happened: i64,
    /// When it is recorded.
    pub recorded: i64,
    /// The name of its kind, and the label that the line gives it.
    pub names: [String; 2],
}

/// What was told so far.
#[derive(Debug, Clone)]
pub struct Story {
    now: i64,
    /// What was said, by kind and by label: the last one last.
    said: BTreeMap<String, Vec<(StreamKey, Digest)>>,
    /// Who plays it. Keeps the ids of one story apart from those of another.
    cast: Arc<dyn Cast>,
}

impl Story {
    /// Nothing was told yet. Stories with different seeds have different cases and signals.
    #[must_use]
    pub fn new(seed: u16) -> Self {
        Self::played_by(Arc::new(Invented(seed)))
    }

    /// Nothing was told yet, and these play it.
    #[must_use]
    pub fn played_by(cast: Arc<dyn Cast>) -> Self {
        Self { now: BEGINNING, said: BTreeMap::new(), cast }
    }

    /// Others play it from here on; what was said stays said.
    pub fn recast(&mut self, cast: Arc<dyn Cast>) {
        self.cast = cast;
    }

    /// The time that the story has come to; seconds since 1970 UTC.
    #[must_use]
    pub const fn now(&self) -> i64 {
        self.now
    }

    /// The story goes on at another time.
    pub const fn set_now(&mut self, now: i64) {
        self.now = now;
    }

    /// What the line asks for.
    ///
    /// # Panics
    /// Where the line is not one.
    pub fn tell(&mut self, line: &str) -> Told {
        let line = Line::parse(line);
        self.now += line.later;
        let (fact, mut references) = kinds::fact(self, &line);
        let stream = self.stream(line.stream.as_deref().unwrap_or(usual::stream_of(&line)));
        let is_known = |to: &StreamKey| to.kind == StreamKind::Root || to.id != StreamId::ZERO;
        references.retain(|(_, to, digest)| *digest != Digest::ZERO && is_known(to));
        Told {
            fact: fact.clone(),
            stream,
            by: usual::signers(&line),
            sections: usual::sections(&line, &fact),
            references,
            happened: line.time(self.now),
            recorded: self.now,
            names: [line.kind.clone(), line.label.clone()],
        }
    }

    /// What was told is on the record.
    pub fn remember(&mut self, told: &Told, hash: Digest) {
        for name in told.names.iter().filter(|name| !name.is_empty()) {
            self.learn(name, told.stream, hash);
        }
    }

    /// A statement that was not told here is called so in what follows.
    pub fn learn(&mut self, name: &str, stream: StreamKey, hash: Digest) {
        self.said.entry(name.to_owned()).or_default().push((stream, hash));
    }

    /// A stream by its name in the stories.
    #[must_use]
    pub fn stream(&self, name: &str) -> StreamKey {
        let (base, number) = match name.strip_suffix(|c: char| c.is_ascii_digit()) {
            Some(base) => (base, name.as_bytes().last().map_or(1, |digit| digit - b'0')),
            None => (name, 1),
        };
        let kind = match base {
            "signal" => StreamKind::Signal,
            "case" => StreamKind::Case,
            "protected" => StreamKind::Protected,
            "clocks" => StreamKind::Clocks,
            "person" => StreamKind::Person,
            "complaint" => StreamKind::Complaint,
            "root" => return StreamKey::ROOT,
            other => panic!("no stream {other}"),
        };
        StreamKey { kind, id: self.cast.stream(kind, number) }
    }

    /// The last statement of one of these kinds or labels.
    fn last(&self, names: &[&str]) -> Option<(StreamKey, Digest)> {
        let place = |name: &&str| self.said.get(*name)?.last().copied();
        names.iter().find_map(place)
    }

    /// The hash of the last statement of this kind or label.
    #[must_use]
    pub fn said(&self, name: &str) -> Option<Digest> {
        self.last(&[name]).map(|(_, hash)| hash)
    }

    /// A child by its number.
    #[must_use]
    pub fn child(&self, number: u8) -> Vec<u8> {
        self.cast.child(number).to_vec()
    }
}
