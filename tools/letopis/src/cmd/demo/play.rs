//! The play: an agency is enrolled, a case runs, its file is read, and its timeline is shown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use letopis_client::{
    ActingAs, ClientError, Draft, Event, Identity, KnownLedgers, LedgerClient, Options, Recorded,
    SignedStatement,
};
use letopis_domain::statement::{Instant, OccurredAt, Reference, Seen};
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose, Relation};
use letopis_types::{ActorId, Digest, StreamId, StreamKey, StreamKind};
use letopis_words::{Lang, say};
use letopisd::data;

use super::heading;
use super::script::{self, Part, Place, Scene};
use crate::act::sign;
use crate::cmd::actor::{Newcomer, enrol};
use crate::cmd::file::show;
use crate::cmd::init::new_id;
use crate::cmd::{case, policy, profile, receipt};
use crate::failure::Failure;
use crate::holder::Holder;

/// How old the child is, as who signs says for that day.
const AGE: i32 = proto::AgeBand::Under10 as i32;

/// The plan's adoption.
fn plan() -> Kind {
    let track = proto::Track::General.into();
    Kind::PlanAdopted(proto::PlanAdopted { track, age_band: AGE, commitments: Vec::new() })
}

/// Plays the case against a server, and shows it. Which case it was.
///
/// # Errors
/// Whatever did not go as it should.
pub(super) async fn play(
    server: String,
    root: PathBuf,
    vkey: String,
    lang: Lang,
) -> Result<StreamId, Failure> {
    let key = vkey.parse().map_err(Failure::other)?;
    let known = KnownLedgers::new(root.join("known")).with_key(&key).map_err(Failure::other)?;
    let registrars = (1..=3)
        .map(|number| {
            let file = data::keys_dir(&root).join(format!("registrar-{number}.key"));
            Ok(Holder::Open(Arc::new(Identity::read(&file)?)))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let acting_as = registrars.first().map(|one| ActingAs::new(one.tokens(), Purpose::Migration));
    let options = Options { acting_as, ..Options::default() };
    let client = LedgerClient::connect(&server, known, options).await?;

    heading(say!(lang, "demo-a-small-agency"));
    let mut stage = Stage::enrol(client, &registrars, &root.join("people"), lang).await?;
    stage.adopt_policy(&registrars).await?;
    stage.adopt_profile(&registrars).await?;
    heading(say!(lang, "demo-the-case-runs"));
    stage.run().await?;
    heading(say!(lang, "demo-timeline-as-the-lead-sees-it"));
    stage.show_timeline().await?;
    stage.show_aftermath().await?;
    heading(say!(lang, "demo-a-receipt"));
    stage.show_receipt(&root)?;
    Ok(stage.case.id)
}

/// Everybody and everything on stage.
pub(super) struct Stage {
    client: LedgerClient,
    cast: BTreeMap<Part, Arc<Identity>>,
    agency: ActorId,
    child: [u8; 16],
    signal: StreamKey,
    pub(super) case: StreamKey,
    last: Option<Recorded>,
    pub(super) lang: Lang,
}

impl Stage {
    /// Each actor is enrolled by two registrars and its own key, gets its role, and the key that
    /// signs its calls.
    async fn enrol(
        client: LedgerClient,
        registrars: &[Holder],
        people: &Path,
        lang: Lang,
    ) -> Result<Self, Failure> {
        let agency = ActorId(new_id()?);
        let mut cast = BTreeMap::new();
        std::fs::create_dir(people).map_err(Failure::io("create", people))?;
        for part in Part::ALL {
            let newcomer = Newcomer { name: part.name(lang), role: part.role(), agency };
            let identity = enrol(&client, registrars, &newcomer).await?;
            identity.write(&people.join(part.file()))?;
            println!("    {}", part.name(lang));
            cast.insert(part, Arc::new(identity));
        }
        Ok(Self {
            client,
            cast,
            agency,
            child: new_id()?,
            signal: StreamKey { kind: StreamKind::Signal, id: StreamId(new_id()?) },
            case: StreamKey { kind: StreamKind::Case, id: StreamId(new_id()?) },
            last: None,
            lang,
        })
    }

    /// From here on the adopted rules alone decide who reads and records what.
    async fn adopt_policy(&self, registrars: &[Holder]) -> Result<(), Failure> {
        let officer = self.as_caller(Part::Officer, Purpose::DataProtection)?;
        let draft = policy::draft(&officer, letopis_policy::BG.to_owned()).await?;
        let mut holders = vec![Holder::Open(Arc::clone(self.identity(Part::Officer)?))];
        holders.extend(registrars.iter().take(2).cloned());
        let signers: Vec<_> = holders.iter().map(Holder::signer).collect();
        let unsigned = draft.seal(*self.client.ledger(), &signers)?;
        officer
            .append(&unsigned.clone().assemble(&sign(&unsigned, &holders, true, self.lang)?)?)
            .await?;
        self.say(say!(self.lang, "demo-policy-adopted"));
        Ok(())
    }

    /// From here on what is recorded of cases follows the law as the profile has it.
    async fn adopt_profile(&self, registrars: &[Holder]) -> Result<(), Failure> {
        let director = self.as_caller(Part::Director, Purpose::Supervision)?;
        let text = letopis_domain::profile::BULGARIAN.to_owned();
        let draft = profile::draft(&director, text, None).await?;
        let mut holders = vec![Holder::Open(Arc::clone(self.identity(Part::Director)?))];
        holders.extend(registrars.iter().take(2).cloned());
        let signers: Vec<_> = holders.iter().map(Holder::signer).collect();
        let unsigned = draft.seal(*self.client.ledger(), &signers)?;
        let collected = sign(&unsigned, &holders, true, self.lang)?;
        director.append(&unsigned.assemble(&collected)?).await?;
        self.say(say!(self.lang, "demo-profile-adopted"));
        Ok(())
    }

    /// The connection, in the name of somebody.
    pub(super) fn as_caller(&self, part: Part, purpose: Purpose) -> Result<LedgerClient, Failure> {
        let identity = Arc::clone(self.identity(part)?);
        Ok(self.client.clone().as_caller(identity, purpose))
    }

    /// From the signal to the closing.
    async fn run(&mut self) -> Result<(), Failure> {
        let lead = self.actor(Part::Worker)?;
        let signal = self.check_signal(lead).await?;
        let opened = Kind::CaseOpened(proto::CaseOpened {
            holder: self.agency.0.to_vec(),
            lead: lead.0.to_vec(),
        });
        let because = Reference {
            relation: Relation::BasedOn,
            stream: self.signal,
            statement_hash: *signal.statement_hash(),
        };
        self.play(&script::OPENED, opened, None, Some(because)).await?;
        let seen = self.seen(Place::Signal).await?;
        let notified = Kind::SenderNotified(Default::default());
        self.play(&script::NOTIFIED, notified, Some(seen), None).await?;
        self.add(&script::INFORMED, Kind::ChildInformed(Default::default())).await?;
        self.plan_too_early().await?;
        let assessed = Kind::AssessmentCompleted(proto::AssessmentCompleted { age_band: AGE });
        let assessment = self.decide(&script::ASSESSMENT, assessed, None).await?;
        let heard = Kind::ChildHeard(proto::ChildHeard { age_band: AGE });
        self.add(&script::HEARD, heard).await?;
        let plan = self.decide(&script::PLAN, plan(), None).await?;
        let amended = self.offline_visit_and_stale_decision(*plan.statement_hash()).await?;
        for (decision, when) in
            [(assessment, (2, 25, 9, 0)), (plan, (2, 25, 9, 10)), (amended, (3, 13, 9, 0))]
        {
            self.explain(&decision, when).await?;
        }
        let review = Kind::ReviewHeld(proto::ReviewHeld { age_band: AGE });
        let review = self.add(&script::REVIEW, review).await?;
        self.explain(&review, (8, 21, 9, 0)).await?;
        let closed = proto::CaseClosed { age_band: AGE, ..Default::default() };
        self.decide(&script::CLOSED, Kind::CaseClosed(closed), None).await?;
        Ok(())
    }

    /// The signal comes in, is assigned, and is assessed.
    async fn check_signal(&mut self, worker: ActorId) -> Result<Recorded, Failure> {
        self.play(&script::SIGNAL, script::signal(self.child), None, None).await?;
        let assigned = Kind::SignalAssigned(proto::SignalAssigned { worker: worker.0.to_vec() });
        let seen = self.seen(Place::Signal).await?;
        self.play(&script::ASSIGNED, assigned, Some(seen), None).await?;
        let outcome = proto::ChildOutcome {
            child: self.child.to_vec(),
            outcome: proto::SignalOutcome::Case.into(),
            track: Some(proto::Track::General.into()),
            age_band: AGE,
        };
        let assessed = Kind::SignalAssessed(proto::SignalAssessed { outcomes: vec![outcome] });
        let seen = self.seen(Place::Signal).await?;
        self.play(&script::ASSESSED, assessed, Some(seen), None).await
    }

    /// A plan before the assessment that it is to rest on: refused, and the ledger signs that it did.
    async fn plan_too_early(&self) -> Result<(), Failure> {
        let early = self.sign(&script::PLAN, plan(), Some(self.seen(Place::Case).await?), None)?;
        let worker = self.as_caller(Part::Worker, Purpose::CaseWork)?;
        let refused = match worker.append(&early).await {
            Err(ClientError::Refused(refused)) if refused.reason == Reason::RuleBroken => refused,
            Err(other) => return Err(other.into()),
            Ok(_) => return Err(Failure::other("a plan without an assessment was accepted")),
        };
        self.say(say!(self.lang, "demo-plan-too-early"));
        for line in crate::cmd::sign::refusal(&refused, self.lang).lines() {
            println!("      {line}");
        }
        Ok(())
    }

    /// A visit is written down without a connection while others go on: it lands as it is. A
    /// decision on the same old view is refused, and taken again.
    async fn offline_visit_and_stale_decision(
        &mut self,
        before: Digest,
    ) -> Result<Recorded, Failure> {
        let old = self.seen(Place::Case).await?;
        let visit = Kind::VisitRecorded(proto::VisitRecorded { child_seen_alone: true });
        let visit = self.sign(&script::VISIT, visit, Some(old), None)?;
        for note in &script::NOTES {
            self.play(note, Kind::NoteAdded(Default::default()), Some(old), None).await?;
        }
        let worker = self.as_caller(Part::Worker, Purpose::CaseWork)?;
        worker.append(&visit).await?;
        self.say(say!(self.lang, "demo-offline-visit"));
        let replaces = Some(Reference {
            relation: Relation::Supersedes,
            stream: self.case,
            statement_hash: before,
        });
        let track = proto::Track::General.into();
        let amended = || {
            let plan = proto::PlanAmended { track, age_band: AGE, commitments: Vec::new() };
            Kind::PlanAmended(plan)
        };
        let stale = self.sign(&script::AMENDED, amended(), Some(old), replaces)?;
        match worker.append(&stale).await {
            Err(ClientError::Refused(refused)) if refused.reason == Reason::SeenStale => {
                self.say(say!(self.lang, "demo-stale-decision"))
            }
            Err(other) => return Err(other.into()),
            Ok(_) => return Err(Failure::other("a stale decision was accepted")),
        }
        self.decide(&script::AMENDED, amended(), replaces).await
    }

    /// The child is told what its views changed in a decision.
    async fn explain(
        &mut self,
        decision: &Recorded,
        when: (i8, i8, i8, i8),
    ) -> Result<(), Failure> {
        let decision = decision.statement_hash().0.to_vec();
        let weight = proto::WeightOfViewsExplained { decision };
        self.add(&script::weight(when), Kind::WeightOfViewsExplained(weight)).await.map(drop)
    }

    pub(super) fn say(&self, words: &str) {
        println!("    {words}");
    }

    /// A decision on the case as it is now.
    async fn decide(
        &mut self,
        scene: &Scene,
        fact: Kind,
        reference: Option<Reference>,
    ) -> Result<Recorded, Failure> {
        let seen = self.seen(Place::Case).await?;
        self.play(scene, fact, Some(seen), reference).await
    }

    /// Something that adds to the case.
    async fn add(&mut self, scene: &Scene, fact: Kind) -> Result<Recorded, Failure> {
        self.decide(scene, fact, None).await
    }

    async fn play(
        &mut self,
        scene: &Scene,
        fact: Kind,
        seen: Option<Seen>,
        reference: Option<Reference>,
    ) -> Result<Recorded, Failure> {
        let signed = self.sign(scene, fact, seen, reference)?;
        let by = scene.by.first().copied().unwrap_or(Part::Worker);
        let recorded = self.as_caller(by, Purpose::CaseWork)?.append(&signed).await?;
        self.last = Some(recorded.clone());
        Ok(recorded)
    }

    fn sign(
        &self,
        scene: &Scene,
        fact: Kind,
        seen: Option<Seen>,
        reference: Option<Reference>,
    ) -> Result<SignedStatement, Failure> {
        let mut draft = Draft::new(self.stream(scene.place), fact, occurred(scene)?);
        if let Some(seen) = seen {
            draft = draft.seen(seen);
        }
        if let Some(reference) = reference {
            draft = draft.reference(reference);
        }
        let child = uuid::Uuid::from_bytes(self.child).simple().to_string();
        let telling = script::Telling { lang: self.lang, child: &child };
        for (class, payload_type, content) in scene.sections {
            draft = draft.section(*class, *payload_type, content(telling).to_string());
        }
        let signing = scene.by.iter().map(|part| self.identity(*part));
        let signing = signing.collect::<Result<Vec<_>, _>>()?;
        let signers: Vec<_> = signing.iter().map(|one| one.signer()).collect();
        let keys: Vec<_> = signing.iter().map(|one| &one.statement_key).collect();
        Ok(draft.seal(*self.client.ledger(), &signers)?.sign(&keys)?)
    }

    /// What there is, as whoever takes the next step there sees it: the head of signals, the lead of
    /// the case.
    async fn seen(&self, place: Place) -> Result<Seen, Failure> {
        let part = match place {
            Place::Signal => Part::Head,
            Place::Case => Part::Worker,
        };
        let reader = self.as_caller(part, Purpose::CaseWork)?;
        Ok(reader.read_stream(&self.stream(place)).await?.seen())
    }

    const fn stream(&self, place: Place) -> StreamKey {
        match place {
            Place::Signal => self.signal,
            Place::Case => self.case,
        }
    }

    pub(super) fn identity(&self, part: Part) -> Result<&Arc<Identity>, Failure> {
        self.cast.get(&part).ok_or_else(|| Failure::other("somebody is not enrolled"))
    }

    fn actor(&self, part: Part) -> Result<ActorId, Failure> {
        Ok(self.identity(part)?.actor)
    }

    /// The lead reads signal and file, which is then on the record.
    async fn show_timeline(&self) -> Result<(), Failure> {
        let worker = self.as_caller(Part::Worker, Purpose::CaseWork)?;
        let reader = self.identity(Part::Worker)?;
        let sections = case::read(&worker, &**reader, &[self.signal], Purpose::CaseWork).await?;
        let history = worker.read_stream(&self.signal).await?;
        let of_stream = sections.get(&self.signal);
        for (version, event) in (1..).map(letopis_types::Version).zip(&history.events) {
            let opened = of_stream.and_then(|all| all.get(&version));
            print!("{}", case::entry(event, &self.names(event)?, opened, self.lang));
        }
        for entry in worker.case_file(&self.case.id, &[]).await? {
            print!("{}", show::of_entry(&entry, &self.names(&entry.event)?, self.lang));
        }
        Ok(())
    }

    pub(super) fn names(&self, event: &Event) -> Result<String, Failure> {
        let statement = event.statement().map_err(Failure::other)?;
        let names = statement.signers.iter().filter_map(|signer| self.name(&signer.actor));
        Ok(names.collect::<Vec<_>>().join("; "))
    }

    pub(super) fn name(&self, actor: &ActorId) -> Option<&'static str> {
        let part = self.cast.iter().find(|(_, identity)| identity.actor == *actor);
        part.map(|(part, _)| part.name(self.lang))
    }

    fn show_receipt(&self, root: &Path) -> Result<(), Failure> {
        let Some(last) = &self.last else { return Ok(()) };
        let text = last.receipt().to_text();
        let path = root.join("last.receipt");
        std::fs::write(&path, &text).map_err(Failure::io("write", &path))?;
        let (receipt, _) = receipt::check(&text, self.client.known().key())?;
        self.say(say!(self.lang, "demo-receipt-verifies"));
        let (sequence, at) = (receipt.link.sequence.to_string(), receipt.link.recorded_at);
        let when = crate::cmd::status::recorded(at);
        self.say(&say!(self.lang, "demo-receipt-of", sequence = sequence, when = when));
        Ok(())
    }
}

/// A time of 2026 in Sofia.
fn occurred(scene: &Scene) -> Result<OccurredAt, Failure> {
    let (month, day, hour, minute) = scene.when;
    let zoned = jiff::civil::date(2026, month, day)
        .at(hour, minute, 0, 0)
        .in_tz("Europe/Sofia")
        .map_err(Failure::other)?;
    Ok(OccurredAt {
        instant: Instant {
            seconds: zoned.timestamp().as_second(),
            nanos: 0,
            offset_minutes: zoned.offset().seconds() / 60,
        },
        precision: proto::Precision::Minute,
        knowledge: proto::Knowledge::Witnessed,
    })
}
