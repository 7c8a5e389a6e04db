//! Who may read, and that it is on the record before anything leaves: facts, denials, and the
//! statements that say so.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use letopis_domain::civil::SOFIA;
use letopis_domain::file::file_of;
use letopis_policy::{Action, RuleId};
use letopis_proto::statement::v1::{self as proto, Denial};
use letopis_types::{ActorId, StreamId, StreamKey, StreamKind, Timestamp};

use crate::access::{Asking, Item, Ruling};
use crate::error::{AccessError, LedgerError};
use crate::ledger::Ledger;
use crate::sequencer::{Reading, read};
use crate::token::Caller;

/// Readings that are remembered as named today; beyond these they are named again.
const NAMED_MAX: usize = 1 << 20;

/// Readers whose denials are counted; beyond these a day's count begins anew.
const DENIED_MAX: usize = 1 << 16;

/// Of one reader and civil day so many denials are recorded one by one.
const DENIALS_EACH: u32 = 10;

/// The most files that one statement names.
const FILES_MAX: usize = letopis_domain::fact::FactsRead::FILES_MAX;

/// The civil day of a time, where the ledger's people live.
pub(crate) fn civil_day(now: Timestamp) -> i64 {
    let offset =
        jiff::Timestamp::from_second(now.seconds()).map_or(0, |at| SOFIA.to_offset(at).seconds());
    (now.seconds() + i64::from(offset)).div_euclid(24 * 3600)
}

/// A reader, the number of a purpose, and a file.
type Naming = (ActorId, i32, StreamKey);

/// Whose reading of which files is on the record, on one civil day.
#[derive(Debug, Default)]
pub(crate) struct Named(Mutex<(i64, HashSet<Naming>)>);

impl Named {
    fn unnamed(&self, day: i64, caller: &Caller, files: BTreeSet<StreamKey>) -> Vec<StreamKey> {
        let named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, named) = &*named;
        let is_new =
            |file: &StreamKey| !named.contains(&(caller.actor, caller.purpose.into(), *file));
        files.into_iter().filter(|file| *of != day || is_new(file)).collect()
    }

    fn remember(&self, day: i64, caller: &Caller, files: &[StreamKey]) {
        let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, named) = &mut *named;
        if *of != day || named.len() > NAMED_MAX {
            named.clear();
            *of = day;
        }
        named.extend(files.iter().map(|file| (caller.actor, caller.purpose.into(), *file)));
    }
}

/// How many denials each reader had today.
#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<(i64, HashMap<ActorId, u32>)>);

impl Denials {
    /// Counts one; its number where it is to be recorded.
    fn count(&self, day: i64, actor: ActorId) -> Option<u32> {
        let mut denials = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, counts) = &mut *denials;
        if *of != day || counts.len() > DENIED_MAX {
            counts.clear();
            *of = day;
        }
        let count = counts.entry(actor).or_default();
        *count = count.saturating_add(1);
        // A flood can't fill the log: after the first few, only each doubling.
        (*count <= DENIALS_EACH || count.is_power_of_two()).then_some(*count)
    }
}

impl Ledger {
    /// The caller as the rules look at it now.
    #[must_use]
    pub fn asking(&self, caller: &Caller) -> Asking {
        let now = self.0.clock.now();
        let roles = read(&self.0.registry).roles_in_force(&caller.actor, now).collect();
        Asking { actor: caller.actor, purpose: caller.purpose, now, roles }
    }

    /// What the rules in force say to one question.
    ///
    /// # Errors
    /// The state's.
    pub fn rule_on(
        &self,
        asking: &Asking,
        action: Action,
        item: &Item,
    ) -> Result<Ruling, LedgerError> {
        let rules = self.0.access.rules();
        Ok(rules.decide(&*self.0.access, asking, action, item, self.0.trial)?)
    }

    /// The facts of a stream, as a question; a stream that does not exist is one too.
    ///
    /// # Errors
    /// The state's.
    pub fn facts_of(&self, stream: StreamKey) -> Result<Item, LedgerError> {
        Ok(Item::facts(stream, self.0.state.stream(&stream)?.is_some()))
    }

    /// Lets a caller act on a file, or records that it was denied. Whoever may not gets the same
    /// answer whether or not the file exists.
    ///
    /// # Errors
    /// [`AccessError`]; the ledger's, where the denial can't be recorded.
    pub async fn authorize(
        &self,
        caller: &Caller,
        action: Action,
        stream: StreamKey,
    ) -> Result<Ruling, LedgerError> {
        let item = self.facts_of(stream)?;
        let ruling = self.rule_on(&self.asking(caller), action, &item)?;
        if ruling.allowed && (item.exists || action == Action::ReadLog) {
            return Ok(ruling);
        }
        Err(self.deny(caller, stream, &ruling).await)
    }

    /// Lets a caller read facts of these streams: all of them or none. Its reading of their files is
    /// on the record when this returns.
    ///
    /// # Errors
    /// As [`Self::authorize`]; without the reading on the record nothing may be given out.
    pub async fn read_facts(
        &self,
        caller: &Caller,
        action: Action,
        streams: &[StreamKey],
    ) -> Result<(), LedgerError> {
        if action != Action::ReadLog {
            for stream in streams {
                self.authorize(caller, action, *stream).await?;
            }
        }
        self.record_facts_read(caller, action, streams.iter().copied()).await
    }

    /// Lets a caller be given figures about all files together. That they were given is on the record when this
    /// returns: a reading of the root stream, under which nothing else is recorded.
    ///
    /// # Errors
    /// As [`Self::authorize`]; without it on the record nothing may be given out.
    pub async fn read_indicators(&self, caller: &Caller) -> Result<(), LedgerError> {
        self.authorize(caller, Action::ReadIndicators, StreamKey::ROOT).await?;
        self.record_read(caller, Action::ReadIndicators, BTreeSet::from([StreamKey::ROOT])).await
    }

    /// Records that a caller reads facts of the files of these streams, as far as that is not on the record of
    /// today. Of the root stream and those of actors no readings are recorded: they hold what anybody needs who
    /// checks a signature. For answers that were put together of what the rules allow the caller, each stream
    /// asked about ([`Self::rule_on`]). They are asked again about each file that is recorded; a file named
    /// today is not asked about again.
    ///
    /// # Errors
    /// [`AccessError`] where that is no longer so; without it on the record nothing may be given out.
    pub async fn record_facts_read(
        &self,
        caller: &Caller,
        action: Action,
        streams: impl IntoIterator<Item = StreamKey>,
    ) -> Result<(), LedgerError> {
        let files = streams.into_iter().filter_map(|stream| file_of(&stream));
        let files = files.filter(|file| file.kind != StreamKind::Actor).collect();
        self.record_read(caller, action, files).await
    }

    /// Records that a caller reads of these files, as they are named here.
    async fn record_read(
        &self,
        caller: &Caller,
        action: Action,
        files: BTreeSet<StreamKey>,
    ) -> Result<(), LedgerError> {
        let day = civil_day(self.0.clock.now());
        let files = self.0.named.unnamed(day, caller, files);
        let mut answers = Vec::new();
        for files in files.chunks(FILES_MAX) {
            let fact = proto::FactsRead {
                reader: caller.actor.0.to_vec(),
                purpose: caller.purpose.into(),
                token: caller.token.clone().into_bytes(),
                files: files.iter().map(stream_message).collect(),
            };
            let items = files.iter().map(|file| (action, Item::facts(*file, true))).collect();
            answers.push(
                self.submit_own(
                    access_stream(caller),
                    proto::fact::Kind::FactsRead(fact),
                    Some(reading(caller, items)),
                )
                .await?,
            );
        }
        for answer in answers {
            answer.await?;
        }
        self.0.named.remember(day, caller, &files);
        Ok(())
    }

    /// Which of these streams the caller may read facts of.
    ///
    /// # Errors
    /// The state's.
    pub fn readable(
        &self,
        caller: &Caller,
        streams: &[StreamKey],
    ) -> Result<Vec<bool>, LedgerError> {
        let asking = self.asking(caller);
        streams
            .iter()
            .map(|stream| {
                let item = Item::facts(*stream, true);
                Ok(self.rule_on(&asking, Action::ReadFacts, &item)?.allowed)
            })
            .collect()
    }

    /// Records that a caller was denied, where it is to be recorded, and says so.
    pub async fn deny(&self, caller: &Caller, stream: StreamKey, ruling: &Ruling) -> LedgerError {
        let rule = ruling.rule.as_ref().map(RuleId::as_str);
        let (reason, error) = match rule {
            Some(RuleId::PURPOSE_NOT_OF_ROLE) => (Denial::Purpose, AccessError::Purpose),
            Some(RuleId::CONFLICT_DECLARED) => (Denial::Conflict, AccessError::Denied),
            Some(RuleId::NO_RULE) => (Denial::NoRule, AccessError::Denied),
            Some(_) => (Denial::Forbidden, AccessError::Denied),
            None if self.0.access.rules().is_adopted() || self.0.trial => {
                (Denial::NoRule, AccessError::Denied)
            }
            None => (Denial::NoRule, AccessError::NoPolicy),
        };
        let day = civil_day(self.0.clock.now());
        let Some(count) = self.0.denials.count(day, caller.actor) else { return error.into() };
        let fact = proto::AccessDenied {
            reader: caller.actor.0.to_vec(),
            purpose: caller.purpose.into(),
            token: caller.token.clone().into_bytes(),
            file: Some(stream_message(&stream)),
            reason: reason.into(),
            count,
        };
        let kind = proto::fact::Kind::AccessDenied(fact);
        let recorded =
            async { self.submit_own(access_stream(caller), kind, None).await?.await.map(drop) };
        match recorded.await {
            Ok(()) => error.into(),
            Err(unrecorded) => unrecorded,
        }
    }

    /// Is the caller's authority as it was when its token was checked? For streams, before each
    /// message.
    ///
    /// # Errors
    /// [`AccessError::Changed`].
    pub fn still_in_force(&self, caller: &Caller) -> Result<(), LedgerError> {
        let now = self.0.clock.now();
        let registry = read(&self.0.registry);
        let in_force = registry.key_in_force(&caller.key, &caller.actor, proto::KeyUse::Token, now)
            && registry
                .roles_in_force(&caller.actor, now)
                .map(|role| role.grant)
                .eq(caller.grants.iter().copied());
        if in_force { Ok(()) } else { Err(AccessError::Changed.into()) }
    }
}

/// Where a reader's readings of facts and denials stand.
fn access_stream(caller: &Caller) -> StreamKey {
    StreamKey { kind: StreamKind::Access, id: StreamId(caller.actor.0) }
}

pub(crate) fn reading(caller: &Caller, items: Vec<(Action, Item)>) -> Reading {
    Reading { actor: caller.actor, purpose: caller.purpose, items }
}

pub(crate) fn stream_message(stream: &StreamKey) -> proto::Stream {
    proto::Stream { kind: stream.kind as i32, id: stream.id.0.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_in_sofia() {
        let at = |text: &str| {
            let at: jiff::Timestamp = text.parse().unwrap();
            civil_day(Timestamp::from_seconds(at.as_second() as u64))
        };
        assert_eq!(at("2026-01-01T21:59:59Z") + 1, at("2026-01-01T22:00:00Z"));
        assert_eq!(at("2026-07-01T20:59:59Z") + 1, at("2026-07-01T21:00:00Z"));
    }

    #[test]
    fn a_flood_of_denials_is_recorded_by_its_doublings() {
        let denials = Denials::default();
        let actor = ActorId([7; 16]);
        let recorded: Vec<u32> = (0..1000).filter_map(|_| denials.count(1, actor)).collect();
        assert_eq!(recorded, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 32, 64, 128, 256, 512]);
        assert_eq!(denials.count(2, actor), Some(1));
    }
}
