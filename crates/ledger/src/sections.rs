//! Reading sections: the reading is on the record before the content leaves.

use std::sync::PoisonError;

use letopis_domain::Statement;
use letopis_domain::fact::SectionsRead;
use letopis_domain::file::file_of;
use letopis_policy::{Action, RuleId};
use letopis_proto::statement::v1 as proto;
use letopis_record::StoredEvent;
use letopis_types::{Class, Sequence, StreamKey, StreamKind, Version};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::access::{Asking, Files as _, Item, SectionAt};
use crate::committer::Waiting;
use crate::error::{LedgerError, NotFound};
use crate::ledger::Ledger;
use crate::read::EventRef;
use crate::readings::reading;
use crate::sequencer::read;
use crate::submission::parse;
use crate::token::{self, Call, Caller, TokenError};
use crate::unseal::opened;

/// The most bytes that what was released takes in a statement of 64 KiB; the rest is for the token
/// and what every statement has.
const RELEASED_BYTES_MAX: usize = 60 * 1024;

/// The most bytes that an event takes there beside one for each index: tags, lengths, version.
const RELEASE_BYTES: usize = 16;

/// So many sealed bytes are opened in no time to speak of.
const LITTLE_BYTES: usize = 64 * 1024;

/// About so many bytes of sealed sections are parted at once.
const SIFTED_BYTES: usize = 4 << 20;

/// A section, opened.
pub struct OpenedSection {
    /// The event's stream.
    pub stream: StreamKey,
    /// The event's version in it.
    pub version: Version,
    /// The section's index.
    pub index: u32,
    /// Its class.
    pub class: Class,
    /// What is in it.
    pub payload_type: String,
    /// The salt of its commitment.
    pub salt: [u8; 32],
    /// The content; zeroed when dropped.
    pub content: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for OpenedSection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenedSection")
            .field("stream", &self.stream)
            .field("version", &self.version)
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

/// What of an event is released.
#[derive(Debug, Clone)]
pub struct Release {
    pub(crate) stream: StreamKey,
    pub(crate) version: Version,
    pub(crate) sequence: Sequence,
    pub(crate) sections: Vec<u32>,
    pub(crate) items: Vec<Item>,
    /// How many sealed bytes they have.
    pub(crate) bytes: usize,
}

impl Release {
    /// The stream.
    #[must_use]
    pub fn stream(&self) -> StreamKey {
        self.stream
    }

    /// Its event's place in the log.
    #[must_use]
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }
}

/// A section that is not given out.
#[derive(Debug, Clone)]
pub struct Withheld {
    /// The event's version in its stream.
    pub version: Version,
    /// The section's index.
    pub index: u32,
    /// Its class.
    pub class: Class,
    /// By which rule; `None` where it was erased.
    pub rule: Option<RuleId>,
}

/// Which sections of a stream are wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The stream.
    pub stream: StreamKey,
    /// The events, ascending; none: all from `from` on.
    pub versions: Vec<Version>,
    /// The first event that is looked at.
    pub from: Version,
    /// The classes.
    pub classes: Vec<Class>,
    /// At most so many events.
    pub events_max: usize,
}

/// What of the wanted sections a caller is given, and what not.
#[derive(Debug, Default)]
pub struct Sifted {
    /// What it is given, by version.
    pub releases: Vec<Release>,
    /// What it is not.
    pub withheld: Vec<Withheld>,
    /// Where to go on; `None`: these were all.
    pub next: Option<Version>,
}

impl Ledger {
    /// Who makes this call: an actor with a token key and a role in force.
    ///
    /// # Errors
    /// [`LedgerError::Token`].
    pub fn check_caller(&self, token: Option<&str>, call: Call<'_>) -> Result<Caller, LedgerError> {
        let token = token.ok_or(TokenError::Missing)?;
        let (inner, now) = (&self.0, self.0.clock.now());
        let registry = read(&inner.registry);
        Ok(token::check(token, call, &inner.id, &registry, &inner.tokens, now)?)
    }

    /// Who makes a call that records a statement, by its bytes. Whoever gives up power of its own may
    /// do so with a suspended token key, and without a role.
    ///
    /// # Errors
    /// [`LedgerError::Token`].
    pub fn check_author(
        &self,
        token: &str,
        call: Call<'_>,
        statement: &[u8],
    ) -> Result<Caller, LedgerError> {
        let (inner, now) = (&self.0, self.0.clock.now());
        let registry = read(&inner.registry);
        let (id, tokens) = (&inner.id, &inner.tokens);
        Ok(token::check_author(token, call, statement, id, &registry, tokens, now)?)
    }

    /// Parts the wanted sections of a stream into what the rules in force give this caller, and what
    /// not. Blocks.
    ///
    /// # Errors
    /// [`NotFound::Event`] for a version that is not there.
    pub fn sift(&self, asking: &Asking, wanted: &Wanted) -> Result<Sifted, LedgerError> {
        let mut sifted = Sifted::default();
        let mut bytes = 0;
        let mut take = |version: Version, sequence: Sequence| -> Result<bool, LedgerError> {
            let (event, statement) = self.parsed(sequence)?;
            bytes += event.sealed.iter().map(Vec::len).sum::<usize>();
            self.sift_event(asking, wanted, version, &event, &statement, &mut sifted)?;
            Ok(bytes < SIFTED_BYTES)
        };
        if wanted.versions.is_empty() {
            let positions = self.0.state.positions(&wanted.stream, wanted.from);
            let mut full = false;
            for (looked_at, position) in positions.enumerate() {
                let (version, position) = position?;
                if looked_at == wanted.events_max || full {
                    sifted.next = Some(version);
                    return Ok(sifted);
                }
                full = !take(version, position.sequence)?;
            }
            return Ok(sifted);
        }
        let mut versions = wanted.versions.iter().filter(|version| **version >= wanted.from);
        while let Some(version) = versions.next() {
            let position = self.0.state.position(&wanted.stream, *version)?;
            if !take(*version, position.ok_or(NotFound::Event)?.sequence)? {
                sifted.next = versions.next().copied();
                return Ok(sifted);
            }
        }
        Ok(sifted)
    }

    /// Parts the wanted sections of one event in the same way, into `sifted`.
    ///
    /// # Errors
    /// The state's.
    pub fn sift_event(
        &self,
        asking: &Asking,
        wanted: &Wanted,
        version: Version,
        event: &StoredEvent,
        statement: &Statement,
        sifted: &mut Sifted,
    ) -> Result<(), LedgerError> {
        let Some(file) = file_of(&wanted.stream) else { return Ok(()) };
        let file = self.0.access.file(&file)?;
        let kind = wanted.stream.kind;
        let (mut sections, mut items, mut bytes) = (Vec::new(), Vec::new(), 0);
        for (index, section) in (0..).zip(&statement.sections) {
            let class = section.class;
            if !wanted.classes.contains(&class) {
                continue;
            }
            let sealed = event.sealed.get(index as usize).map_or(0, Vec::len);
            if sealed == 0 || file.is_erased(kind, version, index, class) {
                sifted.withheld.push(Withheld { version, index, class, rule: None });
                continue;
            }
            let item = Item::section_of(statement, section, SectionAt { version, index, class });
            let ruling = self.rule_on(asking, Action::ReadSection, &item)?;
            if ruling.allowed {
                sections.push(index);
                items.push(item);
                bytes += sealed;
            } else {
                let rule = ruling.rule.or_else(|| RuleId::new(RuleId::NO_RULE));
                sifted.withheld.push(Withheld { version, index, class, rule });
            }
        }
        if !sections.is_empty() {
            let (stream, sequence) = (wanted.stream, event.link.sequence);
            sifted.releases.push(Release { stream, version, sequence, sections, items, bytes });
        }
        Ok(())
    }

    /// What of some classes these streams hold and the rules in force give this caller. Blocks.
    ///
    /// # Errors
    /// [`NotFound::Stream`].
    pub fn releases(
        &self,
        asking: &Asking,
        streams: &[StreamKey],
        classes: &[Class],
    ) -> Result<Vec<Release>, LedgerError> {
        let mut releases = Vec::new();
        for stream in streams {
            if self.0.state.stream(stream)?.is_none() {
                return Err(NotFound::Stream { stream: *stream }.into());
            }
            let mut from = Some(Version::ZERO);
            while let Some(version) = from {
                let wanted = Wanted {
                    stream: *stream,
                    versions: Vec::new(),
                    from: version,
                    classes: classes.to_vec(),
                    events_max: usize::MAX,
                };
                let sifted = self.sift(asking, &wanted)?;
                releases.extend(sifted.releases);
                from = sifted.next;
            }
        }
        Ok(releases)
    }

    /// Commits the readings: one SectionsRead per stream (several where one can't hold them all),
    /// each permitted again at its own place in the log. Once this has answered, what was released
    /// may leave. Returns the sequence of the last one.
    ///
    /// # Errors
    /// As [`Ledger::append`]: without the reading on the record nothing may be released.
    pub async fn record_reading(
        &self,
        caller: &Caller,
        releases: &[Release],
    ) -> Result<Option<Sequence>, LedgerError> {
        let mut answers = Vec::new();
        for of_stream in releases.chunk_by(|a, b| a.stream == b.stream) {
            for part in parts(of_stream) {
                let (stream, kind) = sections_read(caller, part)?;
                let items = part.iter().flat_map(|release| &release.items);
                let items = items.map(|item| (Action::ReadSection, item.clone())).collect();
                let prepared = self.own(stream, kind)?;
                let (reply, answer) = oneshot::channel();
                let waiting = Waiting::Durable(reply);
                self.enqueue(prepared, Some(reading(caller, items)), waiting).await?;
                answers.push(self.answered(answer));
            }
        }
        let mut last = None;
        for answer in answers {
            last = Some(answer.await?);
        }
        Ok(last)
    }

    /// Whether opening all of this would keep nobody waiting: it is little, and no erasure is going
    /// on. Then it need not have a thread of its own.
    #[must_use]
    pub fn opens_at_once(&self, releases: &[Release]) -> bool {
        let bytes: usize = releases.iter().map(|release| release.bytes).sum();
        bytes <= LITTLE_BYTES && self.0.openings.try_read().is_ok()
    }

    /// Opens what was released, and compares each section with its commitment. Blocks.
    ///
    /// # Errors
    /// Where the vault does not open it, or it is not what was signed.
    pub fn open_released(&self, release: &Release) -> Result<Vec<OpenedSection>, LedgerError> {
        // An erasure waits for this before it destroys keys, and what follows it finds none.
        let _opening = self.0.openings.read().unwrap_or_else(PoisonError::into_inner);
        let (event, statement) = self.parsed(release.sequence)?;
        release
            .sections
            .iter()
            .map(|index| self.open_section(&event, &statement, release.version, *index))
            .collect()
    }

    /// An event, with its statement parsed. Blocks.
    ///
    /// # Errors
    /// [`NotFound::Event`]; the record's.
    pub fn parsed(&self, sequence: Sequence) -> Result<(StoredEvent, Statement), LedgerError> {
        let (event, _) = self.event(EventRef::Sequence(sequence))?;
        let statement = parse(&event.statement)?;
        Ok((event, statement))
    }

    fn open_section(
        &self,
        event: &StoredEvent,
        statement: &Statement,
        version: Version,
        index: u32,
    ) -> Result<OpenedSection, LedgerError> {
        let opened = opened(&self.0.vault, &self.0.id, event, statement, index)?
            .ok_or_else(|| LedgerError::record("a data key is not in the vault"))?;
        let section = statement
            .sections
            .get(index as usize)
            .ok_or_else(|| LedgerError::record("a section is not in its statement"))?;
        Ok(OpenedSection {
            stream: statement.stream,
            version,
            index,
            class: section.class,
            payload_type: section.payload_type.clone(),
            salt: opened.salt,
            content: Zeroizing::new(opened.content().to_vec()),
        })
    }
}

fn sections_read(
    caller: &Caller,
    released: &[Release],
) -> Result<(StreamKey, proto::fact::Kind), LedgerError> {
    let first = released.first().ok_or(NotFound::Event)?.stream;
    let fact = proto::SectionsRead {
        reader: caller.actor.0.to_vec(),
        purpose: caller.purpose.into(),
        token: caller.token.clone().into_bytes(),
        kind: first.kind as i32,
        released: released
            .iter()
            .map(|release| proto::ReleasedSections {
                version: release.version.0,
                sections: release.sections.clone(),
            })
            .collect(),
    };
    let stream = StreamKey { kind: StreamKind::Access, id: first.id };
    Ok((stream, proto::fact::Kind::SectionsRead(fact)))
}

/// Splits what was released of a stream so that each part fits into one statement.
fn parts(mut released: &[Release]) -> Vec<&[Release]> {
    let mut parts = Vec::new();
    while !released.is_empty() {
        let mut bytes = 0;
        let fits = |release: &&Release| {
            bytes += RELEASE_BYTES + release.sections.len();
            bytes <= RELEASED_BYTES_MAX
        };
        let count = released.iter().take(SectionsRead::RELEASED_MAX).take_while(fits).count();
        // INVARIANT: an event has at most 32 sections, so that at least one fits.
        let (part, rest) = released.split_at(count.max(1));
        parts.push(part);
        released = rest;
    }
    parts
}
