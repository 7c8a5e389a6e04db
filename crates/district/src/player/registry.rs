//! What is done in the registry: people, their roles and keys, the rules that are adopted.

use std::sync::Arc;

use letopis_client::{Draft, Identity, Recorded, Signer};
use letopis_crypto::sign::SecretKey;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, KeyUse, Purpose, Role};
use letopis_types::{ActorId, Class, Digest, StreamId, StreamKey, StreamKind};

use super::{Person, Player, call, purpose_of};
use crate::calendar::{DAY, HOUR};
use crate::error::Error;
use crate::office::Duty;
use crate::random::Random;

/// How long a qualification is good for.
const QUALIFIED: i64 = 400 * DAY;
/// How long a head is on leave.
const LEAVE: i64 = 14 * DAY;
/// Nights of a roster, and how long one of them is.
const NIGHTS: i64 = 60;
const NIGHT: i64 = 14 * HOUR;

/// The page of an older system on which an imported event stands.
const PAGE: &str = "Измислена страница от старата система";

impl Player {
    /// Does what the office does at that time.
    pub(super) async fn attend(&mut self, at: i64, duty: Duty) -> Result<(), Error> {
        match duty {
            Duty::Joins(member) => self.join(member, at).await,
            Duty::Leaves(member) => self.leave(member, at).await,
            Duty::Misses(member) => {
                for key in self.keys_of(member) {
                    let fact = Kind::KeySuspended(proto::KeySuspended { public_key: key });
                    self.of_member(member, fact, at, &self.registrars(1)).await?;
                }
                Ok(())
            }
            Duty::Finds(member) => {
                for key in self.keys_of(member) {
                    let fact = Kind::KeyReinstated(proto::KeyReinstated { public_key: key });
                    self.of_member(member, fact, at, &self.registrars(2)).await?;
                }
                Ok(())
            }
            Duty::Loses(member) => self.lose(member, at).await,
            Duty::Exposes(member) => self.expose(member, at).await,
            Duty::Rotates(member) => self.rotate(member, at).await,
            Duty::Qualifies(member) => {
                let until_seconds = Some(at + QUALIFIED);
                let fact =
                    Kind::QualificationVerified(proto::QualificationVerified { until_seconds });
                let verified = self.of_member(member, fact, at, &self.registrars(1)).await?;
                if let Some(person) = self.people.get_mut(&member) {
                    person.qualified = *verified.statement_hash();
                }
                Ok(())
            }
            Duty::Expires(member) => {
                let verified = self.people.get(&member).map(|person| person.qualified.0.to_vec());
                let fact = proto::QualificationExpired { verified: verified.unwrap_or_default() };
                let fact = Kind::QualificationExpired(fact);
                self.of_member(member, fact, at, &self.registrars(1)).await.map(drop)
            }
            Duty::Delegates { head, to } => {
                let fact = proto::RoleDelegated {
                    from_seconds: at,
                    until_seconds: at + LEAVE,
                    kinds: Vec::new(),
                };
                self.of_member(to, Kind::RoleDelegated(fact), at, &self.own(head)).await.map(drop)
            }
            Duty::Relieves { holder, by } => self.relieve(holder, by, at).await,
            Duty::Rosters { head, duty } => {
                let shift = |night: i64| proto::Shift {
                    from_seconds: at + night * DAY,
                    until_seconds: at + night * DAY + NIGHT,
                };
                let shifts = (0..NIGHTS).map(shift).collect();
                let fact = proto::DutyRosterSet { shifts, kinds: Vec::new() };
                self.of_member(duty, Kind::DutyRosterSet(fact), at, &self.own(head)).await.map(drop)
            }
            Duty::AdoptsPolicy => {
                let text = letopis_policy::BG.to_owned();
                let fact = Kind::PolicyAdopted(proto::PolicyAdopted { text });
                self.adopt("officer", fact, at).await
            }
            Duty::AdoptsProcedure => {
                let text = letopis_domain::profile::BULGARIAN.to_owned();
                let fact = proto::ProfileAdopted { text, effective_day: None };
                self.adopt("director", Kind::ProfileAdopted(fact), at).await
            }
            Duty::Imports(page) => self.import(page, at).await,
        }
    }

    /// Somebody new: enrolled by two registrars and the new key, with a role, and a key for calls.
    async fn join(&mut self, number: usize, at: i64) -> Result<(), Error> {
        let Some(member) = self.staff.member(number).cloned() else { return Ok(()) };
        let identity = Identity {
            ledger: Some(*self.client.ledger()),
            actor: member.actor,
            grant: None,
            statement_key: self.secret(number, 1, false),
            token_key: Some(self.secret(number, 1, true)),
        };
        let fact = Kind::ActorEnrolled(proto::ActorEnrolled {
            kind: proto::ActorKind::Person.into(),
            key: Some(enrolled(&identity.statement_key, KeyUse::Statement)),
        });
        let name = [(Class::Normal, "text/plain", member.name.clone())];
        let two = self.registrars(2);
        let new = Some(&identity.statement_key);
        self.of(actor(&identity), fact, at, &two, new, &name).await?;

        let agency = member.agency.and_then(|agency| self.staff.agencies.get(agency));
        let fact = Kind::RoleGranted(proto::RoleGranted {
            role: member.role.into(),
            agency: agency.map(|agency| agency.id.0.to_vec()).unwrap_or_default(),
            region: agency.and_then(|agency| agency.region),
            from_seconds: None,
            until_seconds: None,
        });
        let granted = self.of(actor(&identity), fact, at, &two, None, &[]).await?;
        let identity = Identity { grant: Some(*granted.statement_hash()), ..identity };
        let person = Person {
            identity: Arc::new(identity),
            pairs: 1,
            enrolled: granted.sequence().0,
            qualified: Digest::ZERO,
        };
        let own = Arc::clone(&person.identity);
        self.people.insert(number, person);
        self.enrol_for_tokens(&own, at, &[two, vec![Arc::clone(&own)]].concat()).await
    }

    /// The key with which somebody signs calls is enrolled.
    async fn enrol_for_tokens(
        &mut self,
        of: &Identity,
        at: i64,
        by: &[Arc<Identity>],
    ) -> Result<(), Error> {
        let Some(key) = &of.token_key else { return Ok(()) };
        let key_enrolled = proto::KeyEnrolled { key: Some(enrolled(key, KeyUse::Token)) };
        let fact = Kind::KeyEnrolled(key_enrolled);
        self.of(actor(of), fact, at, by, Some(key), &[]).await.map(drop)
    }

    /// Somebody's role ends, and with it the keys.
    async fn leave(&mut self, member: usize, at: i64) -> Result<(), Error> {
        let grant = self.people.get(&member).and_then(|person| person.identity.grant);
        let fact = proto::RoleEnded { grant: grant.unwrap_or(Digest::ZERO).0.to_vec() };
        self.of_member(member, Kind::RoleEnded(fact), at, &self.registrars(1)).await?;
        for public_key in self.keys_of(member) {
            let fact = Kind::KeyRevoked(proto::KeyRevoked { public_key });
            self.of_member(member, fact, at, &self.registrars(1)).await?;
        }
        Ok(())
    }

    /// What somebody's keys signed may be another's: new ones, in force when the wait is over.
    async fn lose(&mut self, member: usize, at: i64) -> Result<(), Error> {
        let since_sequence = self.people.get(&member).map_or(0, |person| person.enrolled);
        for public_key in self.keys_of(member) {
            let fact = proto::KeyCompromised { public_key, since_sequence };
            let fact = Kind::KeyCompromised(fact);
            self.of_member(member, fact, at, &self.registrars(1)).await?;
        }
        let Some(identity) = self.renew(member) else { return Ok(()) };
        let key = &identity.statement_key;
        let key_enrolled = proto::KeyEnrolled { key: Some(enrolled(key, KeyUse::Statement)) };
        let fact = Kind::KeyEnrolled(key_enrolled);
        let two = self.registrars(2);
        self.of(actor(&identity), fact, at, &two, Some(key), &[]).await?;
        self.enrol_for_tokens(&identity, at, &two).await
    }

    /// Of what they signed the later half may be another's.
    async fn expose(&mut self, member: usize, at: i64) -> Result<(), Error> {
        let Some(person) = self.people.get(&member) else { return Ok(()) };
        let fact = Kind::KeyCompromised(proto::KeyCompromised {
            public_key: person.identity.statement_key.public().0.to_vec(),
            since_sequence: person.enrolled.midpoint(self.summary.events),
        });
        self.of_member(member, fact, at, &self.registrars(1)).await.map(drop)
    }

    /// Somebody stands in for another, and signs as that from here on.
    async fn relieve(&mut self, holder: usize, by: usize, at: i64) -> Result<(), Error> {
        let fact = Kind::RoleDelegated(proto::RoleDelegated {
            from_seconds: at,
            until_seconds: at + QUALIFIED,
            kinds: Vec::new(),
        });
        let delegated = self.of_member(by, fact, at, &self.own(holder)).await?;
        if let Some(pair) = self.people.get(&by).map(|person| person.pairs) {
            self.identify(by, pair, Some(*delegated.statement_hash()));
        }
        Ok(())
    }

    /// Somebody has a new pair of keys, and gives the old one up for it.
    async fn rotate(&mut self, member: usize, at: i64) -> Result<(), Error> {
        let Some(old) = self.identity(member).cloned() else { return Ok(()) };
        let Some(new) = self.renew(member) else { return Ok(()) };
        let pairs = [
            (Some(&old.statement_key), Some(&new.statement_key), KeyUse::Statement),
            (old.token_key.as_ref(), new.token_key.as_ref(), KeyUse::Token),
        ];
        let mut by = [self.registrars(2), vec![Arc::clone(&old)]].concat();
        for (before, after, key_use) in pairs {
            let Some((before, after)) = before.zip(after) else { continue };
            let fact = Kind::KeyRotated(proto::KeyRotated {
                key: Some(enrolled(after, key_use)),
                replaces: before.public().0.to_vec(),
            });
            self.of(actor(&new), fact, at, &by, Some(after), &[]).await?;
            // The old one signs nothing more.
            by = [self.registrars(2), vec![Arc::clone(&new)]].concat();
        }
        Ok(())
    }

    /// Gives somebody the next pair of keys, under the same role.
    fn renew(&mut self, member: usize) -> Option<Arc<Identity>> {
        let person = self.people.get(&member)?;
        self.identify(member, person.pairs + 1, person.identity.grant)
    }

    /// From here on somebody signs with this pair of their keys, under this grant.
    fn identify(
        &mut self,
        member: usize,
        pair: u64,
        grant: Option<Digest>,
    ) -> Option<Arc<Identity>> {
        let (statement, token) =
            (self.secret(member, pair, false), self.secret(member, pair, true));
        let person = self.people.get_mut(&member)?;
        let identity = Identity {
            ledger: person.identity.ledger,
            actor: person.identity.actor,
            grant,
            statement_key: statement,
            token_key: Some(token),
        };
        (person.pairs, person.identity) = (pair, Arc::new(identity));
        Some(Arc::clone(&person.identity))
    }

    /// Rules are adopted by two registrars and whoever answers for them.
    async fn adopt(&mut self, part: &str, fact: Kind, at: i64) -> Result<(), Error> {
        // Nobody writes in the root meanwhile: what fell due is there.
        self.clock.kept().await?;
        let found = self.staff.find(part, 0).and_then(|member| self.identity(member).cloned());
        let by = [self.registrars(2), found.into_iter().collect()].concat();
        self.of(StreamKey::ROOT, fact, at, &by, None, &[]).await.map(drop)
    }

    /// Something that an older system knew of a case.
    async fn import(&mut self, page: u32, at: i64) -> Result<(), Error> {
        let id = StreamId(Random::of(self.seed, "imported", u64::from(page % 2)).bytes());
        let case = StreamKey { kind: StreamKind::Case, id };
        let seconds = at - (400 - i64::from(page)) * DAY;
        let offset_minutes = self.calendar.offset_minutes(seconds);
        let fact = Kind::HistoryImported(proto::HistoryImported {
            activity: page,
            time: Some(proto::Instant { seconds, nanos: 0, offset_minutes }),
        });
        let said = [(Class::Normal, "text/plain", format!("{PAGE} {page}."))];
        self.of(case, fact, at, &self.registrars(1), None, &said).await.map(drop)
    }

    /// In the stream of a member.
    async fn of_member(
        &mut self,
        member: usize,
        fact: Kind,
        at: i64,
        by: &[Arc<Identity>],
    ) -> Result<Recorded, Error> {
        let actor = self.staff.member(member).map_or(ActorId::LEDGER, |member| member.actor);
        let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(actor.0) };
        self.of(stream, fact, at, by, None, &[]).await
    }

    /// Signed by these, and by a key that is enrolled with it; the first of these sends it.
    async fn of(
        &mut self,
        stream: StreamKey,
        fact: Kind,
        at: i64,
        by: &[Arc<Identity>],
        new: Option<&SecretKey>,
        sections: &[(Class, &str, String)],
    ) -> Result<Recorded, Error> {
        let what = format!("in the registry, {fact:?}").chars().take(60).collect::<String>();
        let mut draft = Draft::new(stream, fact.clone(), self.occurred_at(at));
        let exclusive = matches!(
            fact,
            Kind::RoleGranted(_)
                | Kind::RoleDelegated(_)
                | Kind::PolicyAdopted(_)
                | Kind::ProfileAdopted(_)
        );
        if exclusive && let Some(seen) = self.seen(&stream).await? {
            draft = draft.seen(seen);
        }
        for (class, payload_type, text) in sections {
            draft = draft.section(*class, *payload_type, text.clone());
        }
        let mut signing: Vec<_> = by.iter().map(|one| (one.signer(), &one.statement_key)).collect();
        signing.extend(new.map(|key| {
            let signer = Signer { actor: ActorId(stream.id.0), key: key.public(), grant: None };
            (signer, key)
        }));
        let signed = self.sign(&what, &draft, &signing)?;
        let caller = match by.first() {
            Some(first) => {
                self.client.clone().as_caller(Arc::clone(first) as _, self.purpose(first))
            }
            None => self.client.clone(),
        };
        let recorded = caller.append(&signed).await.map_err(call(what))?;
        self.recorded(stream, &recorded);
        Ok(recorded)
    }

    fn purpose(&self, of: &Identity) -> Purpose {
        let member = self.staff.members.iter().find(|member| member.actor == of.actor);
        purpose_of(member.map_or(Role::Registrar, |member| member.role))
    }

    fn registrars(&self, count: usize) -> Vec<Arc<Identity>> {
        self.registrars.iter().take(count).cloned().collect()
    }

    fn own(&self, member: usize) -> Vec<Arc<Identity>> {
        self.identity(member).cloned().into_iter().collect()
    }

    /// The public keys that somebody has now.
    fn keys_of(&self, member: usize) -> Vec<Vec<u8>> {
        let Some(identity) = self.identity(member) else { return Vec::new() };
        let statement = Some(identity.statement_key.public());
        let token = identity.token_key.as_ref().map(SecretKey::public);
        statement.into_iter().chain(token).map(|key| key.0.to_vec()).collect()
    }
}

fn actor(of: &Identity) -> StreamKey {
    StreamKey { kind: StreamKind::Actor, id: StreamId(of.actor.0) }
}

fn enrolled(key: &SecretKey, key_use: KeyUse) -> proto::EnrolledKey {
    proto::EnrolledKey { public_key: key.public().0.to_vec(), r#use: key_use.into() }
}
