//! Playing a year on a ledger, over gRPC: each act is signed with its people's keys, and sent at its own time.

mod explain;
mod read;
mod registry;
mod say;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use letopis_client::{
    ActingAs, ClientError, Identity, KnownLedger, LedgerClient, Options, Recorded,
};
use letopis_crypto::sign::SecretKey;
use letopis_domain::position::StreamHead;
use letopis_domain::testing::Story;
use letopis_proto::statement::v1::{Purpose, Role};
use letopis_types::{Digest, StreamKey};

use crate::calendar::{Calendar, HOUR};
use crate::cast::FamilyCast;
use crate::clock::ClockFile;
use crate::error::Error;
use crate::plan::{Act, Begun, Deed, Plan};
use crate::random::Random;
use crate::staff::Staff;
use crate::summary::Summary;

/// How often the server records what fell due, in seconds of its clock.
const TICK: i64 = 12 * HOUR;

/// Where a year is played: a trial ledger that follows the clock.
#[derive(Debug)]
pub struct Site {
    /// The server.
    pub url: String,
    /// What is known of its ledger.
    pub known: KnownLedger,
    /// The ledger's registrars, at least three, with keys for tokens.
    pub registrars: Vec<Arc<Identity>>,
    /// The clock that the server follows.
    pub clock: ClockFile,
}

/// Plays a year.
#[derive(Debug)]
pub struct Player {
    client: LedgerClient,
    clock: ClockFile,
    registrars: Vec<Arc<Identity>>,
    seed: u64,
    staff: Arc<Staff>,
    calendar: Calendar,
    people: BTreeMap<usize, Person>,
    tales: BTreeMap<usize, Tale>,
    /// What the streams have come to that only people write in.
    heads: BTreeMap<StreamKey, StreamHead>,
    /// Statements made so far: each has a nonce and salts of its own.
    made: u64,
    ticked: i64,
    summary: Summary,
}

/// Somebody at work.
#[derive(Debug)]
struct Person {
    identity: Arc<Identity>,
    /// Pairs of keys that they had so far.
    pairs: u64,
    /// Where their enrolment ended in the log.
    enrolled: u64,
    /// The qualification that was verified last.
    qualified: Digest,
}

/// A story that is being told.
#[derive(Debug, Clone)]
struct Tale {
    story: Story,
    cast: Arc<FamilyCast>,
}

impl Player {
    /// Connects to the server.
    ///
    /// # Errors
    /// [`Error::Call`], [`Error::TimeZone`].
    pub async fn connect(site: Site, plan: &Plan, seed: u64) -> Result<Self, Error> {
        let Site { url, known, registrars, clock } = site;
        let signer = registrars.first().cloned();
        let acting_as = signer.map(|signer| ActingAs::new(signer, Purpose::Migration));
        let options = Options { acting_as, clock: clock.for_tokens(), ..Options::default() };
        let client = LedgerClient::connect(&url, known, options).await.map_err(call("connect"))?;
        Ok(Self {
            client,
            clock,
            registrars,
            seed,
            staff: Arc::clone(plan.staff()),
            calendar: plan.calendar().clone(),
            people: BTreeMap::new(),
            tales: BTreeMap::new(),
            heads: BTreeMap::new(),
            made: 0,
            ticked: plan.begins(),
            summary: Summary::default(),
        })
    }

    /// Plays the whole year. What there is so far is told after each act, with its time.
    ///
    /// # Errors
    /// The first thing that did not go as planned.
    pub async fn play(
        &mut self,
        plan: Plan,
        mut tell: impl FnMut(&Summary, i64),
    ) -> Result<(), Error> {
        let ends = plan.ends();
        for act in plan {
            self.pass(act.at).await?;
            let at = act.at;
            self.act(act).await?;
            tell(&self.summary, at);
        }
        self.pass(ends).await?;
        self.clock.kept().await
    }

    /// What was played so far.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Somebody who works in the district, with their keys as they are now; by place in the staff.
    #[must_use]
    pub fn identity(&self, member: usize) -> Option<&Arc<Identity>> {
        self.people.get(&member).map(|person| &person.identity)
    }

    /// Writes the keys of one person for each role of the first department, and of the district.
    ///
    /// # Errors
    /// [`Error::Keys`].
    pub fn write_keys(&self, folder: &Path) -> Result<(), Error> {
        for part in [
            "worker",
            "head",
            "director",
            "supervisor",
            "clerk",
            "duty",
            "provider",
            "police",
            "superior",
            "officer",
            "auditor",
        ] {
            let stays = |member: &usize| {
                self.staff.member(*member).is_some_and(|member| member.leaves.is_none())
            };
            let found = match part {
                "worker" => self.staff.workers(0, self.clock.seconds(), i64::MAX).find(stays),
                part => self.staff.find(part, 0),
            };
            if let Some(identity) = found.and_then(|member| self.identity(member)) {
                identity.write(&folder.join(format!("{part}.key")))?;
            }
        }
        Ok(())
    }

    /// Time passes. Twice a day the server has recorded what fell due before anybody goes on.
    async fn pass(&mut self, to: i64) -> Result<(), Error> {
        while self.ticked + TICK <= to {
            self.ticked += TICK;
            self.clock.advance(self.ticked)?;
            self.clock.kept().await?;
        }
        self.clock.advance(to)
    }

    async fn act(&mut self, act: Act) -> Result<(), Error> {
        let Act { at, story, deed } = act;
        match deed {
            Deed::Begins(begun) => self.begin(story, &begun),
            Deed::Recasts(cast) => {
                if let Some(tale) = self.tales.get_mut(&story) {
                    tale.story.recast(Arc::clone(&cast) as _);
                    tale.cast = cast;
                }
            }
            Deed::Ends => {
                // The further children's stories went on from it long ago.
                self.tales.remove(&story);
            }
            Deed::Says(line) => self.say(story, at, &line).await?,
            Deed::Tries(line) => self.try_in_vain(story, at, &line).await?,
            Deed::Reads(reading) => self.read(story, &reading).await?,
            Deed::Explains => self.explain(story, at).await?,
            Deed::Office(duty) => self.attend(at, duty).await?,
        }
        Ok(())
    }

    fn begin(&mut self, number: usize, begun: &Begun) {
        self.summary.begin(begun);
        let cast = Arc::clone(&begun.cast);
        let before = begun.after.and_then(|first| self.tales.get(&first));
        let mut story = match before {
            Some(first) => first.story.clone(),
            None => Story::played_by(Arc::clone(&cast) as _),
        };
        story.recast(Arc::clone(&cast) as _);
        self.tales.insert(number, Tale { story, cast });
    }

    /// The connection in somebody's name, for what their role calls for.
    fn as_member(&self, member: usize) -> Option<LedgerClient> {
        let person = self.people.get(&member)?;
        let purpose = purpose_of(self.staff.member(member)?.role);
        Some(self.client.clone().as_caller(Arc::clone(&person.identity) as _, purpose))
    }

    fn secret(&self, member: usize, pair: u64, of_token: bool) -> SecretKey {
        let number = (member as u64) << 32 | pair << 1 | u64::from(of_token);
        SecretKey::from_seed(&Random::of(self.seed, "key", number).bytes())
    }

    /// One more statement is on the record.
    fn recorded(&mut self, stream: StreamKey, recorded: &Recorded) {
        self.summary.recorded(recorded.sequence());
        let head = self.heads.entry(stream).or_insert(StreamHead::NONE);
        *head = StreamHead {
            version: head.version.next(),
            head: letopis_crypto::hash::next_head(&head.head, recorded.statement_hash()),
        };
    }
}

/// What somebody in this role calls for.
const fn purpose_of(role: Role) -> Purpose {
    match role {
        Role::Superior | Role::Supervisor => Purpose::Supervision,
        Role::DataProtectionOfficer => Purpose::DataProtection,
        Role::Auditor => Purpose::Inspection,
        Role::ComplaintHandler => Purpose::ComplaintReview,
        Role::Registrar => Purpose::Migration,
        _ => Purpose::CaseWork,
    }
}

/// What was to be done when the client failed.
fn call(what: impl Into<String>) -> impl FnOnce(ClientError) -> Error {
    move |source| Error::Call { what: what.into(), source: Box::new(source) }
}
