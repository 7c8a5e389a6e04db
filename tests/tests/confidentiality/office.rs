//! An invented office: people with keys and roles, a closed server, and calls in their names.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use letopis_client::draft::Draft;
use letopis_client::{
    ActingAs, ClientError, Identity, LedgerClient, Options, Recorded, SignedStatement, Signer, Tls,
};
use letopis_crypto::hash::next_head;
use letopis_crypto::sign::SecretKey;
use letopis_domain::statement::Seen;
use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::confidentiality::v1::confidentiality_service_client::ConfidentialityServiceClient;
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose, Role};
use letopis_tests::{Launch, Server, Trial, place, verified};
use letopis_types::{ActorId, Class, Digest, StreamKey, StreamKind, Version};
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::act::{Act, MARKS, stream};

/// The service whose methods are called.
pub(crate) const SERVICE: &str = "letopis.confidentiality.v1.ConfidentialityService";

/// Somebody with keys. Two roles of one person are two of these.
pub(crate) type Person = Arc<Identity>;

pub(crate) struct Office {
    pub(crate) trial: Trial,
    pub(crate) server: Server,
    pub(crate) client: LedgerClient,
    pub(crate) registrars: Vec<Person>,
    pub(crate) people: BTreeMap<String, Person>,
    tls: Option<Arc<Tls>>,
    heads: BTreeMap<StreamKey, Seen>,
    /// What was answered otherwise than it should have been: all of it is told at the end.
    faults: RefCell<Vec<String>>,
}

/// For which agency, in which region, and until when somebody has a role.
#[derive(Clone, Copy, Default)]
pub(crate) struct Term {
    pub(crate) agency: Option<[u8; 16]>,
    pub(crate) region: Option<u32>,
    pub(crate) until: Option<i64>,
}

impl Office {
    /// A ledger with a policy, and nobody but its registrars and a data protection officer.
    pub(crate) async fn open(name: &str) -> Self {
        let trial = Trial::begin(name);
        let launch = trial.launch().closed();
        Self::over(trial, &launch, None).await
    }

    /// The same over this ledger, served so; and how its server is recognized, if it has TLS.
    pub(crate) async fn over(trial: Trial, launch: &Launch, tls: Option<Arc<Tls>>) -> Self {
        let server = launch.start();
        // Tokens of the second in which the server started may be from before it.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let registrars: Vec<Person> = (1..=3).map(|one| Arc::new(trial.registrar(one))).collect();
        let client = connect(&trial, &server, tls.clone(), &registrars[0]).await;
        let genesis = client.genesis().await.unwrap().statement_hash;
        let head = next_head(&Digest::ZERO, &genesis);
        let heads = BTreeMap::from([(StreamKey::ROOT, Seen { version: Version(1), head })]);
        let people = BTreeMap::new();
        let faults = RefCell::default();
        let mut office = Self { trial, server, client, registrars, people, tls, heads, faults };
        office.enrol("DPO", Role::DataProtectionOfficer, Term::default()).await;
        office.adopt().await;
        office
    }

    /// The adopted policy: the one that the repository offers.
    async fn adopt(&mut self) {
        let file = place::repository().join("crates/policy/cedar/bg.cedar");
        let text = fs::read_to_string(file).unwrap();
        let act = Act::new(StreamKey::ROOT, Kind::PolicyAdopted(proto::PolicyAdopted { text }));
        let signers = [self.person("DPO"), self.registrars[0].clone(), self.registrars[1].clone()];
        self.record_by(&act, &signers).await;
    }

    pub(crate) fn person(&self, name: &str) -> Person {
        self.people.get(name).unwrap_or_else(|| panic!("nobody is {name}")).clone()
    }

    pub(crate) fn actor(&self, name: &str) -> [u8; 16] {
        self.person(name).actor.0
    }

    /// Enrols somebody, with a role and a token key.
    pub(crate) async fn enrol(&mut self, name: &str, role: Role, term: Term) {
        self.enrol_actor(name).await;
        let fact = proto::RoleGranted {
            role: role.into(),
            agency: term.agency.map(|id| id.to_vec()).unwrap_or_default(),
            region: term.region,
            from_seconds: None,
            until_seconds: term.until,
        };
        let act = Act::new(self.own_stream(name), Kind::RoleGranted(fact));
        let grant = self.record_by(&act, &self.two_registrars()).await;
        self.act_under(name, *grant.statement_hash());
        self.enrol_token_key(name).await;
    }

    /// The first key only.
    pub(crate) async fn enrol_actor(&mut self, name: &str) {
        let (statement_key, token_key) = (secret(name, "statement"), secret(name, "token"));
        let fact = proto::ActorEnrolled {
            kind: proto::ActorKind::Person.into(),
            key: Some(enrolled(&statement_key, proto::KeyUse::Statement)),
        };
        let identity = Identity {
            ledger: Some(*self.client.ledger()),
            actor: actor_of(name),
            grant: None,
            statement_key,
            token_key: Some(token_key),
        };
        self.people.insert(name.to_owned(), Arc::new(identity));
        let act = Act::new(self.own_stream(name), Kind::ActorEnrolled(fact)).section(
            Class::Normal,
            "text/1",
            &format!("Измислено лице {name}, с измислена лична карта"),
        );
        let person = self.person(name);
        let own = [(person.signer(), &person.statement_key)];
        self.record(&act, &self.two_registrars(), &own).await;
    }

    /// The token key of somebody who has a grant.
    pub(crate) async fn enrol_token_key(&mut self, name: &str) {
        let person = self.person(name);
        let token_key = person.token_key.as_ref().unwrap();
        let fact = proto::KeyEnrolled { key: Some(enrolled(token_key, proto::KeyUse::Token)) };
        let act = Act::new(self.own_stream(name), Kind::KeyEnrolled(fact));
        let key = Signer { actor: person.actor, key: token_key.public(), grant: None };
        let mut signers = self.two_registrars();
        signers.push(person.clone());
        self.record(&act, &signers, &[(key, token_key)]).await;
    }

    /// From now on this person acts under this grant.
    pub(crate) fn act_under(&mut self, name: &str, grant: Digest) {
        let old = self.person(name);
        let identity = Identity {
            ledger: old.ledger,
            actor: old.actor,
            grant: Some(grant),
            statement_key: SecretKey::from_seed(&old.statement_key.seed()),
            token_key: old.token_key.as_ref().map(|key| SecretKey::from_seed(&key.seed())),
        };
        self.people.insert(name.to_owned(), Arc::new(identity));
    }

    pub(crate) fn own_stream(&self, name: &str) -> StreamKey {
        stream(StreamKind::Actor, self.actor(name))
    }

    pub(crate) fn two_registrars(&self) -> Vec<Person> {
        vec![self.registrars[0].clone(), self.registrars[1].clone()]
    }

    /// Records what these people sign.
    #[track_caller]
    pub(crate) fn by<'a>(
        &'a mut self,
        act: &'a Act,
        names: &'a [&str],
    ) -> impl Future<Output = Recorded> + 'a {
        let signers: Vec<_> = names.iter().map(|name| self.person(name)).collect();
        let fact = act.name();
        async move {
            let done = self.try_record(act, &signers, &[]).await;
            done.unwrap_or_else(|error| panic!("{fact} by {names:?}: {error:?}"))
        }
    }

    /// The answer should have been this one.
    pub(crate) fn expect<T: PartialEq + std::fmt::Debug>(&self, what: &str, said: T, expected: T) {
        if said != expected {
            let fault = format!("{what}: {said:?}, not {expected:?}");
            println!("OTHERWISE {fault}");
            self.faults.borrow_mut().push(fault);
        }
    }

    /// Recording this is refused, and for this reason.
    pub(crate) async fn refuses(
        &mut self,
        what: &str,
        act: &Act,
        names: &[&str],
        expected: Reason,
    ) {
        let signers: Vec<_> = names.iter().map(|name| self.person(name)).collect();
        let said = match self.try_record(act, &signers, &[]).await {
            Err(ClientError::Refused(refused)) => {
                unmarked(&format!("{refused:?}"));
                refused.reason
            }
            Err(other) => panic!("{what}: {} by {names:?}: {other:?}", act.name()),
            Ok(_) => Reason::Unspecified,
        };
        self.expect(&format!("{what}: {} by {names:?}", act.name()), said, expected);
    }

    pub(crate) async fn record_by(&mut self, act: &Act, signers: &[Person]) -> Recorded {
        self.record(act, signers, &[]).await
    }

    async fn record(
        &mut self,
        act: &Act,
        signers: &[Person],
        further: &[(Signer, &SecretKey)],
    ) -> Recorded {
        let done = self.try_record(act, signers, further).await;
        done.unwrap_or_else(|error| panic!("{}: {error:?}", act.name()))
    }

    /// Signs on the head that the office knows, and submits in the name of the first signer who
    /// has a token key in force.
    pub(crate) async fn try_record(
        &mut self,
        act: &Act,
        signers: &[Person],
        further: &[(Signer, &SecretKey)],
    ) -> Result<Recorded, ClientError> {
        let signed = self.sign(act, signers, further);
        let client = self.client_as(&signers[0], Purpose::CaseWork);
        let recorded = client.append(&signed).await?;
        self.note(act.stream, recorded.version, recorded.statement_hash());
        Ok(recorded)
    }

    pub(crate) fn sign(
        &self,
        act: &Act,
        signers: &[Person],
        further: &[(Signer, &SecretKey)],
    ) -> SignedStatement {
        let mut named: Vec<Signer> = signers.iter().map(|person| person.signer()).collect();
        let mut keys: Vec<&SecretKey> =
            signers.iter().map(|person| &person.statement_key).collect();
        for (signer, key) in further {
            named.push(*signer);
            keys.push(key);
        }
        let draft: Draft = match self.heads.get(&act.stream) {
            Some(seen) => act.draft().seen(*seen),
            None => act.draft(),
        };
        draft.seal(*self.client.ledger(), &named).unwrap().sign(&keys).unwrap()
    }

    /// Keeps the heads of the streams, as every program does that decides on them.
    pub(crate) fn note(&mut self, stream: StreamKey, version: Version, statement_hash: &Digest) {
        let before = self.heads.get(&stream).map_or(Digest::ZERO, |seen| seen.head);
        let head = next_head(&before, statement_hash);
        self.heads.insert(stream, Seen { version, head });
    }

    pub(crate) fn client_as(&self, person: &Person, purpose: Purpose) -> LedgerClient {
        self.client.clone().as_caller(person.clone(), purpose)
    }

    pub(crate) fn grpc(&self) -> ConfidentialityServiceClient<Channel> {
        ConfidentialityServiceClient::new(self.client.channel())
    }

    /// GetSections of a whole stream.
    pub(crate) async fn sections(
        &self,
        name: &str,
        purpose: Purpose,
        of: StreamKey,
    ) -> Result<pb::GetSectionsResponse, Status> {
        self.sections_of(name, purpose, of, &[]).await
    }

    /// GetSections of these events of a stream; none: of all.
    pub(crate) async fn sections_of(
        &self,
        name: &str,
        purpose: Purpose,
        of: StreamKey,
        versions: &[u64],
    ) -> Result<pb::GetSectionsResponse, Status> {
        let message = pb::GetSectionsRequest {
            stream: Some(proto::Stream { kind: of.kind as i32, id: of.id.0.to_vec() }),
            versions: versions.to_vec(),
            page_size: 200,
            ..Default::default()
        };
        let client = self.client_as(&self.person(name), purpose);
        let request = client.authorize(&format!("{SERVICE}/GetSections"), message).await.unwrap();
        let answer = self.grpc().get_sections(request).await.map(tonic::Response::into_inner);
        if let Err(status) = &answer {
            unmarked(&format!("{status:?}"));
        }
        answer
    }

    /// GetSections of a stream is refused, and for this reason.
    pub(crate) async fn denies(
        &self,
        name: &str,
        purpose: Purpose,
        of: StreamKey,
        expected: Reason,
    ) {
        let said = match self.sections(name, purpose, of).await {
            Ok(_) => Reason::Unspecified,
            Err(status) => reason(&status),
        };
        self.expect(&format!("{name} reads {of:?} for {purpose:?}"), said, expected);
    }

    /// Ends the server; then nothing that a section says is anywhere but under a key, and nothing was
    /// answered otherwise than it should have been.
    pub(crate) fn close(self) -> Trial {
        let Self { trial, server, faults, .. } = self;
        end(&trial, server);
        let faults = faults.into_inner();
        assert!(faults.is_empty(), "answered otherwise: {faults:#?}");
        trial
    }
}

impl Office {
    /// Another server in place of the one that is there, over this data directory.
    pub(crate) async fn serve(self, data: &Path) -> Self {
        let launch = self.trial.launch().closed().data(data);
        self.serve_as(&launch, || ()).await
    }

    /// Another server in place of the one that is there, started so, after what is done while
    /// there is none.
    pub(crate) async fn serve_as(self, launch: &Launch, meanwhile: impl FnOnce()) -> Self {
        let Self { trial, server, registrars, people, tls, heads, faults, .. } = self;
        server.stop();
        meanwhile();
        let server = launch.start();
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let client = connect(&trial, &server, tls.clone(), &registrars[0]).await;
        Self { trial, server, client, registrars, people, tls, heads, faults }
    }

    /// Another server in place of the one that was there, which ended by itself or not at all.
    pub(crate) async fn serve_again(self, launch: &Launch) -> Self {
        let Self { trial, server, registrars, people, tls, heads, faults, .. } = self;
        drop(server);
        let server = launch.start();
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let client = connect(&trial, &server, tls.clone(), &registrars[0]).await;
        Self { trial, server, client, registrars, people, tls, heads, faults }
    }

    /// Another server in place of the one that is there, which is killed. It does not listen yet.
    pub(crate) fn killed(self, launch: &Launch, meanwhile: impl FnOnce()) -> Self {
        let Self { trial, server, client, registrars, people, tls, heads, faults } = self;
        server.kill();
        meanwhile();
        let server = launch.spawn();
        Self { trial, server, client, registrars, people, tls, heads, faults }
    }
}

async fn connect(
    trial: &Trial,
    server: &Server,
    tls: Option<Arc<Tls>>,
    registrar: &Person,
) -> LedgerClient {
    let acting_as = Some(ActingAs::new(registrar.clone(), Purpose::Migration));
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", server.address());
    let options = Options { acting_as, tls, ..Options::default() };
    LedgerClient::connect(&url, trial.known(), options).await.unwrap()
}

/// Ends a server; then nothing that a section says is anywhere but under a key.
pub(crate) fn end(trial: &Trial, server: Server) {
    let log = server.log();
    server.stop();
    unmarked(&log);
    assert!(!log.contains("eyJ"), "a token is in the server's log\n{log}");
    let files = search(trial.folder());
    verified(&trial.data);
    println!("no marked word in the log ({} bytes) nor in {files} files", log.len());
}

/// Nothing of what a section says.
#[track_caller]
pub(crate) fn unmarked(text: &str) {
    let found = MARKS.iter().find(|mark| text.contains(**mark));
    assert!(found.is_none(), "a section's words are in\n{text}");
}

/// Looks at every byte of every file; how many there are.
fn search(folder: &Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += search(&path);
            continue;
        }
        // What is no text becomes replacement characters; a mark begins with a byte that begins a
        // character, so it is found wherever it stands.
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let found = MARKS.iter().any(|mark| text.contains(mark));
        assert!(!found, "a section's words are in {}", path.display());
        files += 1;
    }
    files
}

/// The public reason of a refused call.
pub(crate) fn reason(status: &Status) -> Reason {
    assert_ne!(status.code(), Code::Ok);
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no reason in {status:?}"));
    Reason::from_str_name(&format!("REASON_{}", info.reason))
        .unwrap_or_else(|| panic!("{} is no public reason", info.reason))
}

pub(crate) fn enrolled(key: &SecretKey, r#use: proto::KeyUse) -> proto::EnrolledKey {
    proto::EnrolledKey { public_key: key.public().0.to_vec(), r#use: r#use.into() }
}

/// An invented key, the same in each run.
pub(crate) fn secret(name: &str, what: &str) -> SecretKey {
    SecretKey::from_seed(blake3::hash(format!("invented {name} {what}").as_bytes()).as_bytes())
}

pub(crate) fn actor_of(name: &str) -> ActorId {
    let digest = blake3::hash(format!("invented actor {name}").as_bytes());
    ActorId(digest.as_bytes()[..16].try_into().unwrap())
}
