//! A small invented agency on a trial ledger, whose calls carry tokens: somebody who leads cases, the
//! officer with whom a policy is adopted, and the director with whom the procedure is.

use std::path::Path;
use std::sync::Arc;

use letopis_client::{
    ActingAs, Draft, Identity, KnownLedgers, LedgerClient, Options, SignedStatement, TokenClock,
};
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose, Role};
use letopis_types::{ActorId, Class, StreamId, StreamKey, StreamKind};
use letopis_words::Lang;
use letopisd::data;
use serde_json::json;

use super::server::Server;
use crate::act::sign;
use crate::cmd::actor::{Newcomer, enrol};
use crate::cmd::init::{Begun, new_id, now};
use crate::cmd::{policy, profile};
use crate::failure::Failure;
use crate::holder::Holder;

/// Cases that the worker leads.
pub(super) const CASES: usize = 64;

/// Statements on their way that have no answer yet.
const WINDOW: usize = 512;

/// The agency.
pub(super) struct Office {
    /// Each call carries a token of the worker.
    pub(super) client: LedgerClient,
    /// The cases, opened by their lead.
    pub(super) cases: Vec<StreamKey>,
    pub(super) registrars: Vec<Holder>,
    worker: Arc<Identity>,
    officer: Arc<Identity>,
    director: Arc<Identity>,
}

impl Office {
    /// Enrols them, and lets the worker open the cases.
    pub(super) async fn open(server: &Server, root: &Path, begun: &Begun) -> Result<Self, Failure> {
        let registrars = (1..=3)
            .map(|number| {
                let file = data::keys_dir(root).join(format!("registrar-{number}.key"));
                Ok(Holder::Open(Arc::new(Identity::read(&file)?)))
            })
            .collect::<Result<Vec<_>, Failure>>()?;
        let signer = registrars.first().map(Holder::tokens);
        let acting_as = signer.map(|signer| ActingAs::new(signer, Purpose::Migration));
        let options = Options { acting_as, ..Options::default() };
        let client = connect(server, &root.join("known-office"), begun, options).await?;
        let agency = ActorId(new_id()?);
        let newcomer = |name, role| Newcomer { name, role, agency };
        let worker = newcomer("Измислена Примерова, социален работник", Role::SocialWorker);
        let worker = Arc::new(enrol(&client, &registrars, &worker).await?);
        let officer = newcomer("Мисъл Примерова, длъжностно лице", Role::DataProtectionOfficer);
        let officer = Arc::new(enrol(&client, &registrars, &officer).await?);
        let director = newcomer("Проба Примерова, директор", Role::Director);
        let director = Arc::new(enrol(&client, &registrars, &director).await?);
        let client = client.as_caller(Arc::clone(&worker) as _, Purpose::CaseWork);
        let mut office = Self { client, cases: Vec::new(), registrars, worker, officer, director };
        office.open_cases(agency).await?;
        Ok(office)
    }

    async fn open_cases(&mut self, holder: ActorId) -> Result<(), Failure> {
        let mut signed = Vec::with_capacity(CASES);
        for _ in 0..CASES {
            let case = StreamKey { kind: StreamKind::Case, id: StreamId(new_id()?) };
            let fact =
                proto::CaseOpened { holder: holder.0.to_vec(), lead: self.worker.actor.0.to_vec() };
            signed.push(self.sign(&Draft::new(case, Kind::CaseOpened(fact), now()))?);
            self.cases.push(case);
        }
        self.record(signed).await
    }

    /// From here on the Bulgarian rules decide.
    pub(super) async fn adopt_policy(&self) -> Result<(), Failure> {
        let client = self.calls_of(&self.officer, Purpose::DataProtection);
        let draft = policy::draft(&client, letopis_policy::BG.to_owned()).await?;
        self.adopt(&client, &draft, &self.officer).await
    }

    /// From here on what is recorded follows the Bulgarian procedure. The cases are open already.
    pub(super) async fn adopt_profile(&self) -> Result<(), Failure> {
        let client = self.calls_of(&self.director, Purpose::Supervision);
        let text = letopis_domain::profile::BULGARIAN.to_owned();
        let draft = profile::draft(&client, text, None).await?;
        self.adopt(&client, &draft, &self.director).await
    }

    pub(super) fn calls_of(&self, who: &Arc<Identity>, purpose: Purpose) -> LedgerClient {
        self.client.clone().as_caller(Arc::clone(who) as _, purpose)
    }

    /// Signed by somebody with two registrars.
    async fn adopt(
        &self,
        client: &LedgerClient,
        draft: &Draft,
        by: &Arc<Identity>,
    ) -> Result<(), Failure> {
        let mut holders = vec![Holder::Open(Arc::clone(by))];
        holders.extend(self.registrars.iter().take(2).cloned());
        let signers: Vec<_> = holders.iter().map(Holder::signer).collect();
        let unsigned = draft.seal(*client.ledger(), &signers)?;
        let collected = sign(&unsigned, &holders, true, Lang::default())?;
        client.append(&unsigned.assemble(&collected)?).await?;
        Ok(())
    }

    /// What the worker does in one of the cases, with one restricted section: mostly notes, now and
    /// then a visit.
    pub(super) fn act(&self, number: usize, text: &str) -> Result<SignedStatement, Failure> {
        let case = self.cases.get(number % CASES);
        let case = *case.ok_or_else(|| Failure::other("no case was opened"))?;
        let (fact, payload_type) = match number % 4 {
            0 => {
                let visit = proto::VisitRecorded { child_seen_alone: true };
                (Kind::VisitRecorded(visit), "visit/1")
            }
            _ => (Kind::NoteAdded(proto::NoteAdded {}), "note/1"),
        };
        let draft = Draft::new(case, fact, now());
        self.sign(&draft.section(Class::Restricted, payload_type, text.to_owned()))
    }

    fn sign(&self, draft: &Draft) -> Result<SignedStatement, Failure> {
        let unsigned = draft.seal(*self.client.ledger(), &[self.worker.signer()])?;
        Ok(unsigned.sign(&[&self.worker.statement_key])?)
    }

    /// Records all of them, each receipt verified.
    pub(super) async fn record(&self, signed: Vec<SignedStatement>) -> Result<(), Failure> {
        let mut answers = self.client.append_stream(tokio_stream::iter(signed), WINDOW);
        while let Some(answer) = answers.next().await {
            let outcome = answer?.outcome;
            outcome.map_err(|refused| Failure::Refused { refused: Box::new(refused) })?;
        }
        Ok(())
    }

    /// Another connection, for calls of the worker.
    pub(super) async fn connect_again(
        &self,
        server: &Server,
        known: &Path,
        begun: &Begun,
    ) -> Result<LedgerClient, Failure> {
        let acting_as = Some(ActingAs::new(Arc::clone(&self.worker) as _, Purpose::CaseWork));
        connect(server, known, begun, Options { acting_as, ..Options::default() }).await
    }

    /// A connection for calls of the director, at the time that a clock shows.
    pub(super) async fn as_director(
        &self,
        server: &Server,
        known: &Path,
        begun: &Begun,
        clock: TokenClock,
    ) -> Result<LedgerClient, Failure> {
        let acting_as = Some(ActingAs::new(Arc::clone(&self.director) as _, Purpose::Supervision));
        connect(server, known, begun, Options { acting_as, clock, ..Options::default() }).await
    }
}

async fn connect(
    server: &Server,
    known: &Path,
    begun: &Begun,
    options: Options,
) -> Result<LedgerClient, Failure> {
    let vkey = begun.verification_key.parse().map_err(Failure::other)?;
    let known = KnownLedgers::new(known.to_owned()).with_key(&vkey).map_err(Failure::other)?;
    Ok(LedgerClient::connect(&server.url, known, options).await?)
}

/// What the section of such an act says, about nobody.
pub(super) fn lines(number: usize) -> String {
    let text = format!(
        "Измислено посещение № {number}. Домът е топъл, има храна. Видях детето насаме; разказа за \
         занималнята и за братчето си. Майката търси работа; бабата помага следобед. Уговорихме се \
         кога ще дойда пак."
    );
    let content = match number % 4 {
        0 => json!({
            "where": "У дома",
            "date": "2026-02-18",
            "who": ["Детето"],
            "seen_alone": true,
            "observations": text,
        }),
        _ => json!({ "text": text }),
    };
    content.to_string()
}
