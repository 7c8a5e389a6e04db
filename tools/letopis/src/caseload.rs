//! Cases as their files stand now: who leads one, whether it is closed, which lead is still to accept.
//!
//! Nobody keeps a list of who leads what: it follows from the events. They are folded here with the
//! ledger's own code, from what the caller may read: the case, and the streams that say what the
//! signatures in it are worth.

use std::collections::BTreeSet;

use letopis_client::{ClientError, Event, History, LedgerClient};
use letopis_domain::clocks::Profiles;
use letopis_domain::fact::LeadAssigned;
use letopis_domain::file::FileState;
use letopis_domain::procedure::{Around, Status, Taken};
use letopis_domain::registry::{Placed, Registry};
use letopis_domain::{Fact, Statement};
use letopis_types::{ActorId, Sequence, StreamId, StreamKey, StreamKind, Version};

use crate::failure::Failure;

/// A case.
#[derive(Debug)]
pub struct Case {
    /// What happened in it: what a decision about it is taken on.
    pub history: History,
    file: FileState,
}

impl Case {
    /// Whoever leads it, as long as it is open.
    #[must_use]
    pub fn lead(&self) -> Option<ActorId> {
        self.file.lead.filter(|_| !self.file.closed)
    }

    /// The assignment that waits for its new lead, and who that is.
    #[must_use]
    pub fn waiting(&self) -> Option<(ActorId, &Event)> {
        let acts = self.file.procedure.acts().iter();
        acts.filter(|act| act.status == Status::Pending).find_map(|act| {
            let mut events = self.history.events.iter();
            let event = events.find(|event| event.link.statement_hash == act.hash)?;
            match event.statement().ok()?.fact {
                Fact::LeadAssigned(LeadAssigned { lead: Some(lead) }) => Some((lead, event)),
                _ => None,
            }
        })
    }
}

/// The cases that a caller may read.
#[derive(Debug)]
pub struct Caseload {
    client: LedgerClient,
    /// The profiles as of each adoption, by its place in the log; ascending.
    profiles: Vec<(Sequence, Profiles)>,
    /// Those of the genesis, about whom there may be no stream.
    registrars: BTreeSet<ActorId>,
    /// Whose streams were read.
    known: BTreeSet<ActorId>,
    /// The root stream, and theirs.
    about_signers: Vec<Event>,
    registry: Registry,
}

impl Caseload {
    /// Learns the rules that were adopted.
    ///
    /// # Errors
    /// Why they can't be read.
    pub async fn open(client: LedgerClient) -> Result<Self, Failure> {
        let root = client.read_stream(&StreamKey::ROOT).await?;
        let mut profiles: Vec<(Sequence, Profiles)> = Vec::new();
        let mut registrars = BTreeSet::new();
        for event in &root.events {
            match typed(event)?.fact {
                Fact::Genesis(genesis) => {
                    registrars.extend(genesis.registrars.iter().map(|one| one.actor));
                }
                Fact::ProfileAdopted(adopted) => {
                    let mut all = profiles.last().map(|(_, all)| all.clone()).unwrap_or_default();
                    let recorded = event.link.recorded_at.seconds();
                    all.take(&adopted, recorded).map_err(Failure::other)?;
                    profiles.push((event.link.sequence, all));
                }
                _ => {}
            }
        }
        let (known, registry) = (BTreeSet::from([ActorId::LEDGER]), Registry::default());
        Ok(Self { client, profiles, registrars, known, about_signers: root.events, registry })
    }

    /// Which cases the caller may read.
    ///
    /// # Errors
    /// Why they are not listed.
    pub async fn ids(&self) -> Result<Vec<StreamId>, Failure> {
        let mut list = self.client.list_streams(StreamKind::Case);
        let mut ids = Vec::new();
        while let Some(listed) = list.next().await? {
            ids.push(listed.stream.id);
        }
        Ok(ids)
    }

    /// One case, as it is now.
    ///
    /// # Errors
    /// Why it can't be read, or that this version does not know a kind of event in it.
    pub async fn case(&mut self, id: StreamId) -> Result<Case, Failure> {
        let stream = StreamKey { kind: StreamKind::Case, id };
        let history = self.client.read_stream(&stream).await?;
        self.learn_signers(&history.events).await?;
        let mut file = FileState::default();
        for (version, event) in (1..).map(Version).zip(&history.events) {
            let statement = typed(event)?;
            let profiles = self.profiles_before(event.link.sequence);
            // The signal that it came of gives it clocks, and what was taken under an exception waits
            // for a review: neither says who leads.
            let around = Around { registry: &self.registry, profiles, others: &[] };
            let placed = placed(&statement, event);
            file.evolve(&stream, &placed, version, &around, Taken::default());
        }
        Ok(Case { history, file })
    }

    /// The profiles that were adopted by then.
    fn profiles_before(&self, sequence: Sequence) -> &Profiles {
        static NONE: Profiles = Profiles::new();
        let before = self.profiles.iter().rev().find(|(adopted, _)| *adopted < sequence);
        before.map_or(&NONE, |(_, profiles)| profiles)
    }

    /// Reads the streams of who signed these, of who signed those, and so on: what a delegated role is
    /// worth stands in the stream of whoever delegated it.
    async fn learn_signers(&mut self, events: &[Event]) -> Result<(), Failure> {
        let before = self.known.len();
        let mut waiting = signers(events)?;
        while let Some(actor) = waiting.pop() {
            if !self.known.insert(actor) {
                continue;
            }
            let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(actor.0) };
            match self.client.read_stream(&stream).await {
                Ok(history) => {
                    waiting.extend(signers(&history.events)?);
                    self.about_signers.extend(history.events);
                }
                // Of a registrar of the genesis there may be nothing more than that. Of others their
                // roles are needed: without them another would be taken for the lead.
                Err(ClientError::Refused(_)) if self.registrars.contains(&actor) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if self.known.len() > before { self.fold_registry() } else { Ok(()) }
    }

    /// INVARIANT: a grant stays in the registry also where it has ended, so that the registry of now
    /// names the role of every signature that was ever taken.
    fn fold_registry(&mut self) -> Result<(), Failure> {
        self.about_signers.sort_unstable_by_key(|event| event.link.sequence);
        self.registry = Registry::default();
        for event in &self.about_signers {
            let statement = typed(event)?;
            self.registry.evolve(&placed(&statement, event), self.client.ledger());
        }
        Ok(())
    }
}

fn typed(event: &Event) -> Result<Statement, Failure> {
    let sequence = event.link.sequence;
    event.statement().map_err(|error| Failure::Unknown { sequence, why: error.to_string() })
}

const fn placed<'a>(statement: &'a Statement, event: &Event) -> Placed<'a> {
    Placed {
        statement,
        statement_hash: event.link.statement_hash,
        sequence: event.link.sequence,
        recorded_at: event.link.recorded_at,
    }
}

fn signers(events: &[Event]) -> Result<Vec<ActorId>, Failure> {
    let mut actors = BTreeSet::new();
    for event in events {
        actors.extend(typed(event)?.signers.iter().map(|signer| signer.actor));
    }
    Ok(actors.into_iter().collect())
}
