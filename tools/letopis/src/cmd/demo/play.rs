//! The play: an agency is enrolled, a case runs, its file is read, and its timeline is shown.

use std::collections::BTreeMap;
use std::path::PathBuf;

use letopis_client::{
    ClientError, Draft, Identity, KnownLedgers, LedgerClient, Options, Recorded, SignedStatement,
};
use letopis_domain::statement::{Instant, OccurredAt, Reference, Seen, Signer};
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose, Relation};
use letopis_types::{ActorId, Class, StreamId, StreamKey, StreamKind};
use letopisd::data;

use super::heading;
use super::script::{self, Part, Place, Scene};
use crate::cli::Lang;
use crate::cmd::init::{new_id, new_identity, now};
use crate::cmd::{case, receipt};
use crate::failure::Failure;

/// What the demo's texts are.
const TEXT: &str = "text/plain";

/// Plays the case against a server, and shows it.
///
/// # Errors
/// Whatever did not go as it should.
pub(super) async fn play(
    server: String,
    root: PathBuf,
    vkey: String,
    lang: Lang,
) -> Result<(), Failure> {
    let key = vkey.parse().map_err(Failure::other)?;
    let known = KnownLedgers::new(root.join("known")).with_key(&key).map_err(Failure::other)?;
    let client = LedgerClient::connect(&server, known, Options::default()).await?;
    let registrars = (1..=3)
        .map(|number| {
            Identity::read(&data::keys_dir(&root).join(format!("registrar-{number}.key")))
        })
        .collect::<Result<Vec<_>, _>>()?;

    heading(lang, "Малка дирекция", "A small agency");
    let mut stage = Stage::enrol(client, &registrars, lang).await?;
    heading(lang, "Случаят тече", "The case runs");
    stage.run().await?;
    heading(lang, "Хронология", "Timeline");
    stage.show_timeline().await?;
    heading(lang, "Разписка", "A receipt");
    stage.show_receipt(&root)
}

/// Everybody and everything on stage.
struct Stage {
    client: LedgerClient,
    cast: BTreeMap<Part, Identity>,
    agency: [u8; 16],
    signal: StreamKey,
    case: StreamKey,
    last: Option<Recorded>,
    lang: Lang,
}

impl Stage {
    /// Each actor is enrolled by two registrars and its own key, then gets its role, and the
    /// key that signs its calls.
    async fn enrol(
        client: LedgerClient,
        registrars: &[Identity],
        lang: Lang,
    ) -> Result<Self, Failure> {
        let mut stage = Self {
            client,
            cast: BTreeMap::new(),
            agency: new_id()?,
            signal: StreamKey { kind: StreamKind::Signal, id: StreamId(new_id()?) },
            case: StreamKey { kind: StreamKind::Case, id: StreamId(new_id()?) },
            last: None,
            lang,
        };
        for part in Part::ALL {
            let identity = stage.enrol_one(part, registrars).await?;
            println!("    {}", part.name(lang));
            stage.cast.insert(part, identity);
        }
        Ok(stage)
    }

    async fn enrol_one(&self, part: Part, registrars: &[Identity]) -> Result<Identity, Failure> {
        let mut identity = new_identity()?;
        let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(identity.actor.0) };
        let key = |public: letopis_types::PublicKey, key_use: proto::KeyUse| proto::EnrolledKey {
            public_key: public.0.to_vec(),
            r#use: key_use.into(),
        };
        let enrolled = Kind::ActorEnrolled(proto::ActorEnrolled {
            kind: proto::ActorKind::Person.into(),
            key: Some(key(identity.statement_key.public(), proto::KeyUse::Statement)),
        });
        let own = Signer { grant: None, ..identity.signer() };
        let draft = Draft::new(stream, enrolled, now()).section(
            Class::Normal,
            TEXT,
            part.name(self.lang).as_bytes().to_vec(),
        );
        let first = self.send_with(draft, registrars, &[(own, &identity.statement_key)]).await?;

        let granted = Kind::RoleGranted(proto::RoleGranted {
            role: part.role().into(),
            agency: self.agency.to_vec(),
            region: None,
            from_seconds: None,
            until_seconds: None,
        });
        let seen = self.client.read_stream(&stream).await?.seen();
        debug_assert_eq!(first.version, seen.version);
        let draft = Draft::new(stream, granted, now()).seen(seen);
        let granted = self.send_with(draft, registrars, &[]).await?;
        identity.grant = Some(*granted.statement_hash());
        identity.ledger = Some(*self.client.ledger());

        if let Some(token_key) = &identity.token_key {
            let fact = Kind::KeyEnrolled(proto::KeyEnrolled {
                key: Some(key(token_key.public(), proto::KeyUse::Token)),
            });
            let of_token = Signer { actor: identity.actor, key: token_key.public(), grant: None };
            let own = [(identity.signer(), &identity.statement_key), (of_token, token_key)];
            self.send_with(Draft::new(stream, fact, now()), registrars, &own).await?;
        }
        Ok(identity)
    }

    /// Signed by two registrars and others.
    async fn send_with(
        &self,
        draft: Draft,
        registrars: &[Identity],
        others: &[(Signer, &letopis_crypto::sign::SecretKey)],
    ) -> Result<Recorded, Failure> {
        let two = registrars.iter().take(2).map(|one| (one.signer(), &one.statement_key));
        let (signers, keys): (Vec<_>, Vec<_>) = two.chain(others.iter().copied()).unzip();
        let signed = draft.seal(*self.client.ledger(), &signers)?.sign(&keys)?;
        Ok(self.client.append(&signed).await?)
    }

    /// From the signal to the closing.
    async fn run(&mut self) -> Result<(), Failure> {
        let child = new_id()?;
        self.play(&script::SIGNAL, script::signal(child), None, None).await?;
        let assessed = Kind::SignalAssessed(proto::SignalAssessed {
            outcome: proto::SignalOutcome::Case.into(),
        });
        let seen = self.seen(Place::Signal).await?;
        let signal = self.play(&script::ASSESSED, assessed, Some(seen), None).await?;

        let lead = self.actor(Part::Worker)?;
        let opened = Kind::CaseOpened(proto::CaseOpened {
            holder: self.agency.to_vec(),
            lead: lead.0.to_vec(),
        });
        let because = Reference {
            relation: Relation::BasedOn,
            stream: self.signal,
            statement_hash: *signal.statement_hash(),
        };
        self.play(&script::OPENED, opened, None, Some(because)).await?;
        let assigned = Kind::LeadAssigned(proto::LeadAssigned { lead: lead.0.to_vec() });
        self.decide(&script::LEAD, assigned).await?;
        self.decide(&script::ASSESSMENT, Kind::AssessmentCompleted(Default::default())).await?;
        let heard =
            Kind::ChildHeard(proto::ChildHeard { age_band: proto::AgeBand::Under10.into() });
        let seen = self.seen(Place::Case).await?;
        self.play(&script::HEARD, heard, Some(seen), None).await?;
        self.decide(&script::PLAN, Kind::PlanAdopted(Default::default())).await?;
        self.offline_visit_and_stale_decision().await?;
        let seen = self.seen(Place::Case).await?;
        self.play(&script::REVIEW, Kind::ReviewHeld(Default::default()), Some(seen), None).await?;
        self.decide(&script::CLOSED, Kind::CaseClosed(Default::default())).await?;
        Ok(())
    }

    /// A visit is written down without a connection while others go on: it lands as it is. A
    /// decision on the same old view is refused, and taken again.
    async fn offline_visit_and_stale_decision(&mut self) -> Result<(), Failure> {
        let old = self.seen(Place::Case).await?;
        let visit = Kind::VisitRecorded(proto::VisitRecorded { child_seen_alone: true });
        let visit = self.sign(&script::VISIT, visit, Some(old), None)?;
        for note in &script::NOTES {
            self.play(note, Kind::NoteAdded(Default::default()), Some(old), None).await?;
        }
        self.client.append(&visit).await?;
        self.say(
            "посещението, записано без връзка, влиза непроменено след две чужди събития",
            "the visit written down without a connection lands unchanged after two events of others",
        );
        let plan = || Kind::PlanAdopted(Default::default());
        let stale = self.sign(&script::AMENDED, plan(), Some(old), None)?;
        match self.client.append(&stale).await {
            Err(ClientError::Refused(refused)) if refused.reason == Reason::SeenStale => self.say(
                "решение върху остаряла картина е отказано (SEEN_STALE); взема се наново",
                "a decision on a stale view is refused (SEEN_STALE); it is taken again",
            ),
            Err(other) => return Err(other.into()),
            Ok(_) => return Err(Failure::other("a stale decision was accepted")),
        }
        self.decide(&script::AMENDED, plan()).await
    }

    fn say(&self, bg: &str, en: &str) {
        println!("    {}", self.lang.pick(bg, en));
    }

    /// A decision on the case as it is now.
    async fn decide(&mut self, scene: &Scene, fact: Kind) -> Result<(), Failure> {
        let seen = self.seen(Place::Case).await?;
        self.play(scene, fact, Some(seen), None).await.map(drop)
    }

    async fn play(
        &mut self,
        scene: &Scene,
        fact: Kind,
        seen: Option<Seen>,
        reference: Option<Reference>,
    ) -> Result<Recorded, Failure> {
        let signed = self.sign(scene, fact, seen, reference)?;
        let recorded = self.client.append(&signed).await?;
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
        for (class, bg, en) in scene.texts {
            let text = self.lang.pick(bg, en);
            draft = draft.section(*class, TEXT, text.as_bytes().to_vec());
        }
        let signing = scene.by.iter().map(|part| self.identity(*part));
        let signing = signing.collect::<Result<Vec<_>, _>>()?;
        let signers: Vec<_> = signing.iter().map(|one| one.signer()).collect();
        let keys: Vec<_> = signing.iter().map(|one| &one.statement_key).collect();
        Ok(draft.seal(*self.client.ledger(), &signers)?.sign(&keys)?)
    }

    async fn seen(&self, place: Place) -> Result<Seen, Failure> {
        Ok(self.client.read_stream(&self.stream(place)).await?.seen())
    }

    const fn stream(&self, place: Place) -> StreamKey {
        match place {
            Place::Signal => self.signal,
            Place::Case => self.case,
        }
    }

    fn identity(&self, part: Part) -> Result<&Identity, Failure> {
        self.cast.get(&part).ok_or_else(|| Failure::other("somebody is not enrolled"))
    }

    fn actor(&self, part: Part) -> Result<ActorId, Failure> {
        Ok(self.identity(part)?.actor)
    }

    /// The lead reads the file, which is then on the record, and sees the case.
    async fn show_timeline(&self) -> Result<(), Failure> {
        let reader = self.identity(Part::Worker)?;
        let streams = [self.signal, self.case];
        let sections = case::read(&self.client, reader, &streams, Purpose::CaseWork).await?;
        for stream in streams {
            let history = self.client.read_stream(&stream).await?;
            let of_stream = sections.get(&stream);
            for (version, event) in (1..).map(letopis_types::Version).zip(&history.events) {
                let who = self.names(event)?;
                let opened = of_stream.and_then(|all| all.get(&version));
                print!("{}", case::entry(event, &who, opened, self.lang));
            }
        }
        self.say(
            "(прочетено от водещия случая; прочитането е вписано преди съдържанието да излезе)",
            "(read by the case's lead; the reading was recorded before the content left)",
        );
        Ok(())
    }

    fn names(&self, event: &letopis_client::Event) -> Result<String, Failure> {
        let statement = event.statement().map_err(Failure::other)?;
        let name = |actor: &ActorId| {
            let part = self.cast.iter().find(|(_, identity)| identity.actor == *actor);
            part.map(|(part, _)| part.name(self.lang))
        };
        let names: Vec<_> =
            statement.signers.iter().filter_map(|signer| name(&signer.actor)).collect();
        Ok(names.join("; "))
    }

    fn show_receipt(&self, root: &std::path::Path) -> Result<(), Failure> {
        let Some(last) = &self.last else { return Ok(()) };
        let text = last.receipt().to_text();
        let path = root.join("last.receipt");
        std::fs::write(&path, &text).map_err(Failure::io("write", &path))?;
        let (receipt, _) = receipt::check(&text, self.client.known().key())?;
        self.say(
            "разписката за последното решение се проверява без сървъра:",
            "the receipt of the last decision verifies without the server:",
        );
        println!(
            "    {} {}, {} {}",
            self.lang.pick("пореден номер", "sequence"),
            receipt.link.sequence,
            self.lang.pick("вписано", "recorded"),
            crate::cmd::status::recorded(receipt.link.recorded_at)
        );
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
