//! What people say in the stories: as a statement, signed and sent.

use std::sync::Arc;

use letopis_client::{
    ClientError, Draft, Instant, OccurredAt, Recorded, Reference, Seen, SignedStatement, Signer,
};
use letopis_crypto::sign::SecretKey;
use letopis_domain::position::StreamHead;
use letopis_domain::testing::Told;
use letopis_proto::statement::v1::{Knowledge, Precision};
use letopis_types::{StreamKey, StreamKind};

use super::{Player, call};
use crate::content::content;
use crate::error::Error;
use crate::random::Random;

/// Entered so much later than it happened, in seconds, an entry is late.
const LATE: i64 = 24 * 3600;

impl Player {
    /// Somebody says the line, and it is taken.
    pub(super) async fn say(&mut self, story: usize, at: i64, line: &str) -> Result<(), Error> {
        let Some((told, recorded)) = self.tell(story, at, line).await? else { return Ok(()) };
        let recorded = recorded.map_err(call(line))?;
        let [kind, _] = &told.names;
        self.summary.said(kind, told.happened < at - LATE);
        self.recorded(told.stream, &recorded);
        if let Some(tale) = self.tales.get_mut(&story) {
            tale.story.remember(&told, *recorded.statement_hash());
        }
        Ok(())
    }

    /// Somebody says the line, and the rules refuse it.
    pub(super) async fn try_in_vain(
        &mut self,
        story: usize,
        at: i64,
        line: &str,
    ) -> Result<(), Error> {
        let Some((_, tried)) = self.tell(story, at, line).await? else { return Ok(()) };
        match tried {
            Err(error) if error.refused().is_some() => {
                self.summary.refused += 1;
                Ok(())
            }
            Err(error) => Err(call(line)(error)),
            Ok(_) => Err(Error::NotRefused { what: line.to_owned() }),
        }
    }

    /// What the line says, and what the ledger answers.
    async fn tell(
        &mut self,
        story: usize,
        at: i64,
        line: &str,
    ) -> Result<Option<(Told, Result<Recorded, ClientError>)>, Error> {
        let Some(tale) = self.tales.get_mut(&story) else { return Ok(None) };
        tale.story.set_now(at);
        let told = tale.story.tell(line);
        let cast = Arc::clone(&tale.cast);
        let by: Vec<usize> = told.by.iter().filter_map(|part| cast.member(part.name)).collect();
        let child = cast.child_name();
        let mut draft = self.draft(&told).await?;
        for (payload_type, class) in &told.sections {
            let content = content(payload_type, &child, &self.calendar.day(told.happened));
            let content = content.ok_or_else(|| Error::Story { line: line.to_owned() })?;
            draft = draft.section(*class, payload_type.clone(), content);
        }
        let signed = self.sign_by(line, &draft, &by)?;
        let caller = by.first().and_then(|first| self.as_member(*first));
        let caller = caller.ok_or_else(|| Error::Story { line: line.to_owned() })?;
        let answer = caller.append(&signed).await;
        Ok(Some((told, answer)))
    }

    async fn draft(&mut self, told: &Told) -> Result<Draft, Error> {
        let occurred_at = self.occurred_at(told.happened);
        let mut draft = Draft::new(told.stream, told.fact.clone(), occurred_at);
        let [kind, _] = &told.names;
        let exclusive =
            letopis_proto::KINDS.iter().any(|known| known.exclusive && known.name == *kind);
        if exclusive && let Some(seen) = self.seen(&told.stream).await? {
            draft = draft.seen(seen);
        }
        for (relation, stream, statement_hash) in &told.references {
            draft = draft.reference(Reference {
                relation: *relation,
                stream: *stream,
                statement_hash: *statement_hash,
            });
        }
        Ok(draft)
    }

    /// What an author has before them. Where the ledger writes too, it is asked.
    pub(super) async fn seen(&self, stream: &StreamKey) -> Result<Option<Seen>, Error> {
        let only_people =
            [StreamKind::Case, StreamKind::Signal, StreamKind::Person, StreamKind::Actor];
        if only_people.contains(&stream.kind) {
            let head = self.heads.get(stream).filter(|head| **head != StreamHead::NONE);
            return Ok(head.map(|head| Seen { version: head.version, head: head.head }));
        }
        let history = self.client.read_stream(stream).await.map_err(call("read a stream"))?;
        Ok(Some(history.seen()))
    }

    /// When it happened, as somebody states it who was there.
    pub(super) fn occurred_at(&self, seconds: i64) -> OccurredAt {
        let offset_minutes = self.calendar.offset_minutes(seconds);
        OccurredAt {
            instant: Instant { seconds, nanos: 0, offset_minutes },
            precision: Precision::Minute,
            knowledge: Knowledge::Witnessed,
        }
    }

    fn sign_by(
        &mut self,
        what: &str,
        draft: &Draft,
        by: &[usize],
    ) -> Result<SignedStatement, Error> {
        let people = by.iter().filter_map(|member| self.people.get(member));
        let identities: Vec<_> = people.map(|person| Arc::clone(&person.identity)).collect();
        let signing: Vec<_> =
            identities.iter().map(|one| (one.signer(), &one.statement_key)).collect();
        self.sign(what, draft, &signing)
    }

    /// The statement, with nonce, salts and id from the seed, signed.
    pub(super) fn sign(
        &mut self,
        what: &str,
        draft: &Draft,
        signing: &[(Signer, &SecretKey)],
    ) -> Result<SignedStatement, Error> {
        self.made += 1;
        let mut random = Random::of(self.seed, "statement", self.made);
        let signers: Vec<_> = signing.iter().map(|(signer, _)| *signer).collect();
        let keys: Vec<_> = signing.iter().map(|(_, key)| *key).collect();
        let unsigned =
            draft.seal_simulated(*self.client.ledger(), &signers, |bytes| random.fill(bytes));
        let signed = unsigned.and_then(|unsigned| unsigned.sign(&keys));
        signed.map_err(|source| Error::Draft { what: what.to_owned(), source })
    }
}
