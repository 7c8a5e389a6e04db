//! Cases of twenty events each, as the procedure has it: for some agencies, each with a head and leads.

use std::collections::BTreeMap;
use std::sync::Arc;

use letopis_client::{
    Draft, Identity, Instant, LedgerClient, OccurredAt, Reference, Seen, SignedStatement,
};
use letopis_crypto::hash::next_head;
use letopis_domain::position::StreamHead;
use letopis_domain::testing::{Cast, Story, Told};
use letopis_proto::statement::v1::{Knowledge, Precision, Role};
use letopis_types::{ActorId, AgencyId, StreamId, StreamKey, StreamKind};

use super::super::office::Office;
use crate::cmd::actor::{Newcomer, enrol};
use crate::cmd::init::{new_id, now};
use crate::failure::Failure;
use crate::holder::Holder;

/// Agencies, and leads of each.
const AGENCIES: usize = 10;
const LEADS: usize = 10;

/// What happens in every case, within a day: so that nothing runs out meanwhile.
const CASE: [&str; 20] = [
    "SignalReceived",
    "+20min SignalAssigned",
    "+1h SignalAssessed",
    "+20min CaseOpened",
    "+20min VisitRecorded",
    "+20min ChildInformed",
    "+20min ChildHeard",
    "+20min FamilyHeard",
    "+1h AssessmentCompleted",
    "+20min WeightOfViewsExplained on AssessmentCompleted",
    "+20min PlanAdopted",
    "+20min NoteAdded",
    "+20min VisitRecorded",
    "+20min FamilyHeard",
    "+20min NoteAdded",
    "+20min VisitRecorded",
    "+20min NoteAdded",
    "+20min SupervisionHeld",
    "+20min VisitRecorded",
    "+20min NoteAdded",
];

/// How long before now it begins, in seconds.
const BEGAN: i64 = 14 * 3600;

/// How many further events a long case has.
pub(super) const LONG: usize = 283;

/// Somebody's agency and who is there.
#[derive(Debug)]
pub(super) struct Agency {
    pub(super) id: AgencyId,
    pub(super) head: Arc<Identity>,
    director: Arc<Identity>,
    supervisor: Arc<Identity>,
    pub(super) leads: Vec<Arc<Identity>>,
}

/// A case that was recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) stream: StreamKey,
    pub(super) agency: usize,
    pub(super) lead: usize,
}

impl Agency {
    /// Enrols the people of several.
    pub(super) async fn enrol_all(office: &Office) -> Result<Vec<Self>, Failure> {
        let registrar = office.registrars.first().map(Holder::tokens);
        let registrar = registrar.ok_or_else(|| Failure::other("no registrar"))?;
        let purpose = letopis_proto::statement::v1::Purpose::Migration;
        let client = office.client.clone().as_caller(registrar, purpose);
        let mut agencies = Vec::new();
        for _ in 0..AGENCIES {
            agencies.push(Self::enrol(&client, &office.registrars).await?);
        }
        Ok(agencies)
    }

    async fn enrol(client: &LedgerClient, registrars: &[Holder]) -> Result<Self, Failure> {
        let agency = ActorId(new_id()?);
        let enrol = async |role: Role| {
            let newcomer = Newcomer { name: "Измислен Примеров", role, agency };
            Ok::<_, Failure>(Arc::new(enrol(client, registrars, &newcomer).await?))
        };
        let mut leads = Vec::new();
        for _ in 0..LEADS {
            leads.push(enrol(Role::SocialWorker).await?);
        }
        Ok(Self {
            id: AgencyId(agency.0),
            head: enrol(Role::HeadOfDepartment).await?,
            director: enrol(Role::Director).await?,
            supervisor: enrol(Role::Supervisor).await?,
            leads,
        })
    }
}

/// Who plays one case.
#[derive(Debug)]
struct Played {
    agency: Arc<Agency>,
    lead: Arc<Identity>,
    /// Signal, case and others have ids of their own.
    ids: [StreamId; 3],
    child: [u8; 16],
}

impl Played {
    fn member(&self, part: &str) -> &Arc<Identity> {
        match part {
            "head" => &self.agency.head,
            "director" => &self.agency.director,
            "supervisor" => &self.agency.supervisor,
            _ => &self.lead,
        }
    }
}

impl Cast for Played {
    fn actor(&self, part: &str) -> ActorId {
        self.member(part).actor
    }

    fn agency(&self, _: &str) -> AgencyId {
        self.agency.id
    }

    fn stream(&self, kind: StreamKind, _: u8) -> StreamId {
        let [signal, case, other] = self.ids;
        match kind {
            StreamKind::Signal => signal,
            StreamKind::Person | StreamKind::Complaint => other,
            _ => case,
        }
    }

    fn child(&self, _: u8) -> [u8; 16] {
        self.child
    }

    fn commitment(&self, _: u8) -> [u8; 16] {
        self.child
    }
}

/// Signs what happens in one case after the other.
pub(super) struct Cases {
    agencies: Vec<Arc<Agency>>,
    client: LedgerClient,
    number: usize,
    now: i64,
    pub(super) made: Vec<Case>,
}

impl Cases {
    pub(super) fn new(agencies: &[Arc<Agency>], client: &LedgerClient) -> Self {
        let now = now().instant.seconds;
        Self {
            agencies: agencies.to_vec(),
            client: client.clone(),
            number: 0,
            now,
            made: Vec::new(),
        }
    }

    /// All that happens in the next case; in a long one much more.
    pub(super) fn next(&mut self, is_long: bool) -> Result<Vec<SignedStatement>, Failure> {
        let number = self.number;
        self.number += 1;
        let (agency, lead) = (number % AGENCIES, number / AGENCIES % LEADS);
        let of = self.agencies.get(agency).ok_or_else(|| Failure::other("no such agency"))?;
        let who = of.leads.get(lead).ok_or_else(|| Failure::other("no such lead"))?;
        let played = Arc::new(Played {
            agency: Arc::clone(of),
            lead: Arc::clone(who),
            ids: [StreamId(new_id()?), StreamId(new_id()?), StreamId(new_id()?)],
            child: new_id()?,
        });
        let mut story = Story::played_by(Arc::clone(&played) as _);
        story.set_now(self.now - BEGAN);
        let mut heads = BTreeMap::new();
        let further = (0..if is_long { LONG } else { 0 }).map(|_| "+1min NoteAdded");
        let mut signed = Vec::with_capacity(CASE.len());
        for line in CASE.into_iter().chain(further) {
            let told = story.tell(line);
            let statement = self.sign(&told, &played, &heads)?;
            let hash = *statement.statement_hash();
            let head = heads.entry(told.stream).or_insert(StreamHead::NONE);
            *head = StreamHead { version: head.version.next(), head: next_head(&head.head, &hash) };
            story.remember(&told, hash);
            signed.push(statement);
        }
        self.made.push(Case { stream: story.stream("case"), agency, lead });
        Ok(signed)
    }

    fn sign(
        &self,
        told: &Told,
        played: &Played,
        heads: &BTreeMap<StreamKey, StreamHead>,
    ) -> Result<SignedStatement, Failure> {
        let happened = OccurredAt {
            instant: Instant { seconds: told.happened, nanos: 0, offset_minutes: 0 },
            precision: Precision::Minute,
            knowledge: Knowledge::Witnessed,
        };
        let mut draft = Draft::new(told.stream, told.fact.clone(), happened);
        let [name, _] = &told.names;
        let is_exclusive = |kind: &&letopis_proto::KindInfo| kind.name == *name && kind.exclusive;
        if let Some(head) = heads.get(&told.stream)
            && letopis_proto::KINDS.iter().any(|kind| is_exclusive(&kind))
        {
            draft = draft.seen(Seen { version: head.version, head: head.head });
        }
        for (relation, stream, statement_hash) in &told.references {
            let (relation, stream) = (*relation, *stream);
            draft =
                draft.reference(Reference { relation, stream, statement_hash: *statement_hash });
        }
        for (payload_type, class) in &told.sections {
            let content = letopis_sections::example(payload_type);
            let content = content.ok_or_else(|| Failure::other("a section without a schema"))?;
            draft = draft.section(*class, payload_type.clone(), content.to_owned());
        }
        let people: Vec<_> = told.by.iter().map(|one| played.member(one.name)).collect();
        let signers: Vec<_> = people.iter().map(|one| one.signer()).collect();
        let keys: Vec<_> = people.iter().map(|one| &one.statement_key).collect();
        Ok(draft.seal(*self.client.ledger(), &signers)?.sign(&keys)?)
    }
}
