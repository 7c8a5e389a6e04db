//! The office of the stories in memory: who may sign, the files, and what they say to each line.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use letopis_proto::statement::v1 as proto;
use letopis_types::{
    ActorId, Digest, EventId, LedgerId, PublicKey, Sequence, StreamId, StreamKey, StreamKind,
    Timestamp, Version,
};
use prost::Message as _;

use super::{PEOPLE, Person, Story, Told};
use crate::clocks::{Profiles, Reading};
use crate::fact::{ActorEnrolled, EnrolledKey, Fact, Genesis, Registrar, RoleGranted};
use crate::file::{FileState, own_file, tied, touched};
use crate::procedure::{Act, Around, Status, Taken};
use crate::profile::{BULGARIAN, Profile};
use crate::registry::{Placed, Registry};
use crate::statement::{OccurredAt, Signer, Statement};

const ID: LedgerId = LedgerId([0x1d; 32]);
pub(crate) const GENESIS: Digest = Digest([0x6e; 32]);

static BG: LazyLock<Arc<Profile>> = LazyLock::new(|| Arc::new(Profile::parse(BULGARIAN).unwrap()));

/// The office of the stories, and its files.
#[derive(Debug, Clone)]
pub struct World {
    /// Who may sign.
    pub registry: Registry,
    /// The adopted profiles.
    pub profiles: Profiles,
    /// The folded files.
    pub files: BTreeMap<StreamKey, Arc<FileState>>,
    versions: BTreeMap<StreamKey, u64>,
    /// What is said from here on is signed under a delegation.
    pub under_delegation: bool,
    /// What was told so far.
    pub story: Story,
    statements: u64,
    /// What was taken: when it was recorded, and its hash.
    pub taken: Vec<(Statement, i64, Digest)>,
}

impl World {
    /// An office at work under the Bulgarian profile, and no file.
    #[must_use]
    pub fn bulgarian() -> Self {
        Self::new(Arc::clone(&BG))
    }

    /// An office at work, and no file.
    #[must_use]
    pub fn new(profile: Arc<Profile>) -> Self {
        let mut profiles = Profiles::new();
        profiles.adopt(profile, 0);
        Self {
            registry: registry(),
            profiles,
            files: BTreeMap::new(),
            versions: BTreeMap::new(),
            under_delegation: false,
            story: Story::new(1),
            statements: 0,
            taken: Vec::new(),
        }
    }

    /// The story goes on; each statement must be taken.
    #[track_caller]
    pub fn and(mut self, story: &str) -> Self {
        for line in lines(story) {
            if let Err(error) = self.tell(line) {
                panic!("{line}: {error}");
            }
        }
        self
    }

    /// The last line is refused by a rule: its id.
    #[track_caller]
    pub fn refuses(&self, story: &str) -> String {
        let mut world = self.clone();
        let lines: Vec<&str> = lines(story).collect();
        let (last, before) = lines.split_last().expect("a line");
        for line in before {
            if let Err(error) = world.tell(line) {
                panic!("{line}: {error}");
            }
        }
        match world.tell(last) {
            Ok(_) => format!("taken: {last}"),
            Err(refused) => refused,
        }
    }

    /// Tells a line. The rule that refuses it, or the reason.
    pub fn tell(&mut self, line: &str) -> Result<Digest, String> {
        let told = self.story.tell(line);
        let statement = statement(&told).map_err(|error| error.to_string())?;
        let hash = self.say(statement)?;
        self.story.remember(&told, hash);
        Ok(hash)
    }

    /// Somebody says this now. The rule that refuses it, or the reason.
    pub fn say(&mut self, statement: Statement) -> Result<Digest, String> {
        let mut hash = [0xdd; 32];
        hash[..8].copy_from_slice(&(self.statements + 1).to_be_bytes());
        self.say_as(statement, Digest(hash))
    }

    /// The same, under this hash.
    pub fn say_as(&mut self, statement: Statement, hash: Digest) -> Result<Digest, String> {
        self.statements += 1;
        let placed = Placed {
            statement: &statement,
            statement_hash: hash,
            sequence: Sequence(1000 + self.statements),
            recorded_at: Timestamp::from_seconds(self.story.now().try_into().unwrap()),
        };
        self.take(&placed)?;
        // What no rule minds the ledger does: a reference to what is not there.
        if statement.references.iter().any(|to| to.statement_hash == Digest([0xee; 32])) {
            return Err("reference.unknown".to_owned());
        }
        self.taken.push((statement, self.story.now(), hash));
        Ok(hash)
    }

    /// What these say now, each by an actor's byte, and under which grant.
    pub fn said(&self, stream: StreamKey, by: &[(u8, Digest)], fact: Fact) -> Statement {
        let now = self.story.now();
        let signers = by.iter().map(|(seed, grant)| Signer {
            actor: ActorId([if *seed == 0xe0 { 0 } else { *seed }; 16]),
            key: PublicKey([*seed; 32]),
            grant: Some(*grant),
        });
        plain(stream, signers.collect(), now, fact)
    }

    /// The ledger says that the last clock of this name ran out, as it knows it.
    pub fn missed(&self, file: &str, name: &str) -> crate::fact::DeadlineMissed {
        let state = self.of(file);
        let clocks = state.procedure.clocks();
        let is = |id| clocks.rule(id, &self.profiles).is_some_and(|rule| rule.name == name);
        let clock = clocks.iter().filter(|clock| is(clock.id)).last().expect("a clock");
        crate::fact::DeadlineMissed {
            clock: clock.number,
            started_by: clock.started_by,
            subject: clock.subject,
            due_seconds: clock.due,
            file: self.story.stream(file).kind,
        }
    }

    /// The ledger signs this in that stream now.
    pub fn by_ledger(&mut self, stream: StreamKey, fact: Fact) -> Result<Digest, String> {
        let statement = self.said(stream, &[(0xe0, GENESIS)], fact);
        self.say(statement)
    }

    /// This is on the record, whatever the registry says; the files follow it.
    pub fn follow(&mut self, statement: Statement) {
        self.statements += 1;
        let placed = Placed {
            statement: &statement,
            statement_hash: Digest([0xdf; 32]),
            sequence: Sequence(1000 + self.statements),
            recorded_at: Timestamp::from_seconds(self.story.now().try_into().unwrap()),
        };
        self.change(&placed, Version(9), &[], Taken::default());
    }

    /// It gets later.
    pub fn later(mut self, seconds: i64) -> Self {
        self.story.set_now(self.story.now() + seconds);
        self
    }

    fn take(&mut self, placed: &Placed<'_>) -> Result<(), String> {
        let statement = placed.statement;
        let marks = self.registry.decide(placed, &ID).map_err(|error| error.to_string())?;
        let others: Vec<_> = tied(statement).into_iter().map(|key| (key, self.file(key))).collect();
        let around = Around { registry: &self.registry, profiles: &self.profiles, others: &others };
        let own = own_file(statement).expect("a file");
        let present = self.versions.entry(statement.stream).or_default();
        let file = self.files.get(&own).cloned().unwrap_or_default();
        let refused = |error| match error {
            crate::file::FileError::Rule(error) => error.rule.id.to_owned(),
            other => other.to_string(),
        };
        let by_file = file.decide(placed, Version(*present), &around).map_err(refused)?;
        file.check_procedure(placed, &around).map_err(refused)?;
        *present += 1;
        let version = Version(*present);
        let taken = Taken {
            under_delegation: marks.under_delegation || self.under_delegation,
            under_recusal: by_file.under_recusal,
            on_expired_qualification: marks.expired_qualification,
        };
        self.change(placed, version, &others, taken);
        Ok(())
    }

    fn change(
        &mut self,
        placed: &Placed<'_>,
        version: Version,
        others: &[(StreamKey, Arc<FileState>)],
        taken: Taken,
    ) {
        let around = Around { registry: &self.registry, profiles: &self.profiles, others };
        let own = own_file(placed.statement).map(|key| self.file(key)).unwrap_or_default();
        for key in touched(placed.statement, &own) {
            let mut file = FileState::clone(&self.files.get(&key).cloned().unwrap_or_default());
            file.evolve(&key, placed, version, &around, taken);
            self.files.insert(key, Arc::new(file));
        }
    }

    fn file(&self, key: StreamKey) -> Arc<FileState> {
        self.files.get(&key).cloned().unwrap_or_default()
    }

    /// What would be said by this line, to be decided as often as one likes.
    ///
    /// # Panics
    /// Where the line makes no statement.
    #[must_use]
    pub fn ask(&self, line: &str) -> Question<'_> {
        let told = self.story.clone().tell(line);
        let statement = statement(&told).unwrap();
        let others = tied(&statement).into_iter().map(|key| (key, self.file(key))).collect();
        let file = self.file(own_file(&statement).unwrap());
        Question { world: self, statement, recorded: told.recorded, others, file }
    }

    /// The file of a stream by its name in the stories.
    pub fn of(&self, stream: &str) -> Arc<FileState> {
        self.file(self.story.stream(stream))
    }

    /// How the clock of this name stands: the last one that started.
    pub fn clock(&self, stream: &str, name: &str) -> Option<Reading> {
        self.clocks(stream, name).pop()
    }

    /// How all clocks of this name stand, in the order of starting.
    pub fn clocks(&self, stream: &str, name: &str) -> Vec<Reading> {
        let file = self.of(stream);
        let clocks = file.procedure.clocks();
        let rule = |id| clocks.rule(id, &self.profiles);
        let named = clocks.iter().filter(|clock| rule(clock.id).is_some_and(|r| r.name == name));
        named.filter_map(|clock| clocks.reading(clock.id, self.story.now())).collect()
    }

    /// The hash of the last statement of this kind or label.
    pub fn story_hash(&self, name: &str) -> Option<Digest> {
        self.story.said(name)
    }

    /// How the act with this label stands.
    pub fn act(&self, stream: &str, kind: &str) -> Option<Status> {
        let file = self.of(stream);
        let named = |act: &&Act| {
            letopis_proto::KindInfo::find(act.kind).is_some_and(|found| found.name == kind)
        };
        file.procedure.acts().iter().rfind(named).map(|act| act.status)
    }
}

/// A statement that asks to be taken.
#[derive(Debug)]
pub struct Question<'a> {
    world: &'a World,
    statement: Statement,
    recorded: i64,
    others: Vec<(StreamKey, Arc<FileState>)>,
    file: Arc<FileState>,
}

impl Question<'_> {
    /// The statement itself.
    #[must_use]
    pub fn into_statement(self) -> Statement {
        self.statement
    }

    /// What the file says: `taken`, or the rule that refuses it.
    #[must_use]
    pub fn decide(&self) -> &'static str {
        let placed = Placed {
            statement: &self.statement,
            statement_hash: Digest([0xdc; 32]),
            sequence: Sequence(1),
            recorded_at: Timestamp::from_seconds(self.recorded.try_into().unwrap_or(0)),
        };
        let World { registry, profiles, .. } = self.world;
        let around = Around { registry, profiles, others: &self.others };
        let decided = self.file.decide(&placed, Version(9), &around);
        match decided.and_then(|_| self.file.check_procedure(&placed, &around)) {
            Ok(()) => "taken",
            Err(crate::file::FileError::Rule(error)) => error.rule.id,
            Err(_) => "refused",
        }
    }
}

fn lines(story: &str) -> impl Iterator<Item = &str> {
    story.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// What was told, as a statement. It went through the form as any.
fn statement(told: &Told) -> Result<Statement, crate::FormError> {
    let mut signers: Vec<&Person> = told.by.clone();
    signers.sort_unstable_by_key(|person| person.seed);
    let message = proto::Statement {
        ledger: ID.0.to_vec(),
        event_id: EventId([0x70; 16]).0.to_vec(),
        stream: Some(proto::Stream {
            kind: told.stream.kind.number().try_into().unwrap(),
            id: told.stream.id.0.to_vec(),
        }),
        signers: signers
            .into_iter()
            .map(|person| proto::Signer {
                actor: person.actor().0.to_vec(),
                public_key: vec![person.seed; 32],
                grant: vec![person.seed; 32],
            })
            .collect(),
        seen: None,
        occurred_at: Some(proto::OccurredAt {
            seconds: told.happened,
            nanos: 0,
            offset_minutes: 120,
            precision: proto::Precision::Minute.into(),
            knowledge: proto::Knowledge::Witnessed.into(),
        }),
        nonce: vec![1; 32],
        references: told
            .references
            .iter()
            .map(|(relation, stream, hash)| proto::Reference {
                relation: (*relation).into(),
                stream: Some(proto::Stream {
                    kind: stream.kind.number().try_into().unwrap(),
                    id: stream.id.0.to_vec(),
                }),
                statement_hash: hash.0.to_vec(),
            })
            .collect(),
        sections: told
            .sections
            .iter()
            .map(|(payload_type, class)| proto::Section {
                class: class.number().try_into().unwrap(),
                payload_type: payload_type.clone(),
                commitment: vec![0xc0; 32],
            })
            .collect(),
        fact: Some(proto::Fact { kind: Some(told.fact.clone()) }),
    };
    let mut event = message;
    event.event_id[6] = 0x70;
    event.event_id[8] = 0x80;
    // What is encoded and read again is what an author would have sent.
    let event = proto::Statement::decode(&event.encode_to_vec()[..]).unwrap();
    Statement::from_proto(&event)
}

/// Everybody enrolled, each with a key and a grant that repeat the actor's byte.
fn registry() -> Registry {
    let mut registry = Registry::default();
    let registrars = [1, 2, 3]
        .map(|seed| Registrar { actor: ActorId([seed; 16]), statement_key: PublicKey([seed; 32]) });
    let genesis = Genesis {
        name: "invented.example".to_owned(),
        procedure: "bg".to_owned(),
        trial: false,
        registrars: registrars.to_vec(),
        statement_key: PublicKey([0xe0; 32]),
        checkpoint_key: PublicKey([0xe1; 32]),
        previous_ledger: None,
    };
    evolve(
        &mut registry,
        StreamKey { kind: StreamKind::Root, id: StreamId::ZERO },
        0x6e,
        Fact::Genesis(genesis),
    );
    for person in PEOPLE {
        let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(person.actor().0) };
        let key = EnrolledKey {
            public_key: PublicKey([person.seed; 32]),
            key_use: proto::KeyUse::Statement,
        };
        let enrolled = Fact::ActorEnrolled(ActorEnrolled { kind: proto::ActorKind::Person, key });
        evolve(&mut registry, stream, 0xf0, enrolled);
        let granted = Fact::RoleGranted(RoleGranted {
            role: person.role,
            agency: person.agency,
            region: None,
            from_seconds: None,
            until_seconds: None,
        });
        evolve(&mut registry, stream, person.seed, granted);
    }
    registry
}

fn evolve(registry: &mut Registry, stream: StreamKey, hash: u8, fact: Fact) {
    let registrar =
        Signer { actor: ActorId([1; 16]), key: PublicKey([1; 32]), grant: Some(GENESIS) };
    let statement = plain(stream, vec![registrar], 0, fact);
    let placed = Placed {
        statement: &statement,
        statement_hash: Digest([hash; 32]),
        sequence: Sequence(0),
        recorded_at: Timestamp::from_seconds(1_700_000_000),
    };
    registry.evolve(&placed, &ID);
}

/// A statement without references and sections.
fn plain(stream: StreamKey, signers: Vec<Signer>, at: i64, fact: Fact) -> Statement {
    Statement {
        ledger: (!matches!(fact, Fact::Genesis(_))).then_some(ID),
        event_id: EventId([7; 16]),
        stream,
        signers,
        seen: None,
        occurred_at: OccurredAt {
            instant: crate::statement::Instant { seconds: at, nanos: 0, offset_minutes: 120 },
            precision: proto::Precision::Second,
            knowledge: proto::Knowledge::Witnessed,
        },
        nonce: [0; 32],
        references: Vec::new(),
        sections: Vec::new(),
        fact,
    }
}
