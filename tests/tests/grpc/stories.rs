//! The stories that were written from the law, told to a real server: what may not follow is refused, by
//! a rule with its article or by whoever may sign; what may is recorded. All stories run at once, each in
//! cases of its own, in the order of their times. Then the record verifies, every rule replayed.

use std::collections::BTreeMap;
use std::fs;

use letopis_crypto::hash::next_head;
use letopis_domain::clocks::ClockId;
use letopis_domain::position::StreamHead;
use letopis_domain::procedure::{Debtor, debtors};
use letopis_domain::profile;
use letopis_domain::testing::{
    AGENCY, BEGINNING, Line, OTHER_AGENCY, PEOPLE, Person, SERVICE, Story, Told, Written, stories,
};
use letopis_ledger::testing::{
    self, Draft, Signing, actor_stream, enrol, enrol_key, head_after, registrar, registrars,
    token_claims, token_header,
};
use letopis_ledger::token::Call;
use letopis_ledger::{CaseRow, Ledger, OwedRow, SignedRow, WaitingRow};
use letopis_proto::KindInfo;
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, KeyUse, Role, fact::Kind};
use letopis_tests::place;
use letopis_types::{Digest, Sequence, StreamKey, StreamKind, Timestamp, Version};
use prost::Message;
use tonic::Request;
use tonic_types::StatusExt as _;

use crate::export;
use crate::server::{Place, Server};

/// What a person's token key is more than its other one.
const TOKEN_KEYS: u8 = 0x60;

/// The office, and what its streams have come to.
pub(crate) struct Office {
    pub(crate) server: Server,
    /// The ledger itself: for what its server does by the clock.
    pub(crate) ledger: Ledger,
    heads: BTreeMap<StreamKey, StreamHead>,
    grants: BTreeMap<u8, Digest>,
    /// The last draft's number.
    number: u64,
}

/// Why something was refused.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) reason: Reason,
    pub(crate) article: String,
    pub(crate) message: String,
    /// The refusal and its signature, in base64, where a rule decided it.
    pub(crate) signed: Option<(String, String)>,
}

impl Office {
    /// Everybody at work, under the policy and the profile that the repository offers.
    pub(crate) async fn open(place: &Place) -> Self {
        let (ledger, _) = tokio::task::block_in_place(|| place.open()).unwrap();
        let server = Server::start(ledger.clone()).await;
        let genesis = testing::genesis_hash();
        let root = StreamHead { version: Version(1), head: next_head(&Digest::ZERO, &genesis) };
        let heads = BTreeMap::from([(StreamKey::ROOT, root)]);
        let grants = BTreeMap::new();
        let mut office = Self { server, ledger, heads, grants, number: 100_000 };
        for (at, person) in (0_u64..).zip(PEOPLE) {
            office.enrol(10 * (at + 1), person).await;
        }
        office.adopt().await;
        office
    }

    /// The server ends in order.
    pub(crate) async fn end(self) {
        let Self { server, ledger, .. } = self;
        drop(ledger);
        server.stop().await;
    }

    /// The server ends in order, and another one goes on.
    pub(crate) async fn restart(self, place: &Place) -> Self {
        self.restart_after(place, || ()).await
    }

    /// The same, where something is done while none runs.
    pub(crate) async fn restart_after(self, place: &Place, work: impl FnOnce()) -> Self {
        let Self { server, ledger, heads, grants, number } = self;
        drop(ledger);
        server.stop().await;
        work();
        let (ledger, _) = tokio::task::block_in_place(|| place.open()).unwrap();
        let server = Server::start(ledger.clone()).await;
        Self { server, ledger, heads, grants, number }
    }

    async fn enrol(&mut self, number: u64, person: &Person) {
        let enrolment = enrol(number, person.seed);
        let fact = proto::RoleGranted {
            role: person.role.into(),
            agency: person.agency.map(|id| id.0.to_vec()).unwrap_or_default(),
            ..Default::default()
        };
        let stream = actor_stream(person.seed);
        let granted = Draft::new(number + 1, stream, &registrars(), Kind::RoleGranted(fact))
            .seen(head_after(&[&enrolment]));
        self.grants.insert(person.seed, granted.hash());
        self.server.record_all(&[enrolment, granted]).await;
    }

    /// Keys for tokens, for everybody.
    pub(crate) async fn give_token_keys(&mut self) {
        for person in PEOPLE {
            let number = self.next();
            let own = [self.signing(person)];
            let key = person.seed + TOKEN_KEYS;
            let draft = enrol_key(number, person.seed, key, KeyUse::Token, &own);
            self.server.record(&draft).await;
        }
    }

    /// Somebody's role ends.
    pub(crate) async fn end_role(&mut self, name: &str) {
        let person = PEOPLE.iter().find(|person| person.name == name).unwrap();
        let fact = proto::RoleEnded { grant: self.grants[&person.seed].0.to_vec() };
        let (number, stream) = (self.next(), actor_stream(person.seed));
        let ended = Draft::new(number, stream, &[registrar(1)], Kind::RoleEnded(fact));
        self.server.record(&ended).await;
    }

    /// A call in somebody's name, for work on the case.
    pub(crate) fn call<T: Message>(
        &mut self,
        place: &Place,
        name: &str,
        method: &str,
        message: T,
    ) -> Request<T> {
        self.call_for("case_work", place, name, method, message)
    }

    /// The same for another purpose.
    pub(crate) fn call_for<T: Message>(
        &mut self,
        purpose: &str,
        place: &Place,
        name: &str,
        method: &str,
        message: T,
    ) -> Request<T> {
        let person = PEOPLE.iter().find(|person| person.name == name).unwrap();
        let encoded = message.encode_to_vec();
        let call = Call { method, request: &encoded };
        let mut claims =
            token_claims(call, place.now(), &format!("invented-token-{}", self.next()));
        claims["sub"] = person.actor().to_string().into();
        claims["purpose"] = purpose.into();
        let key = person.seed + TOKEN_KEYS;
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", testing::token(&token_header(key), &claims, key));
        request.metadata_mut().insert("authorization", bearer.parse().unwrap());
        request
    }

    async fn adopt(&mut self) {
        self.adopt_policy(policy()).await;
        let text = profile::BULGARIAN.to_owned();
        let profile = Kind::ProfileAdopted(proto::ProfileAdopted { text, effective_day: None });
        self.adopted(profile, Role::Director).await;
    }

    /// Another policy is in force from here on.
    pub(crate) async fn adopt_policy(&mut self, text: String) {
        let policy = Kind::PolicyAdopted(proto::PolicyAdopted { text });
        self.adopted(policy, Role::DataProtectionOfficer).await;
    }

    async fn adopted(&mut self, kind: Kind, role: Role) {
        let person = PEOPLE.iter().find(|person| person.role == role).unwrap();
        let mut signing = vec![registrar(1), registrar(2)];
        signing.push(self.signing(person));
        let number = self.next();
        let draft = Draft::new(number, StreamKey::ROOT, &signing, kind);
        let draft = draft.seen(self.heads[&StreamKey::ROOT]);
        self.server.record(&draft).await;
        self.recorded(StreamKey::ROOT, draft.hash());
    }

    /// What somebody signs from here on is signed under this grant.
    pub(crate) fn act_under(&mut self, person: &Person, grant: Digest) {
        self.grants.insert(person.seed, grant);
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    pub(crate) fn signing(&self, person: &Person) -> Signing {
        Signing { actor: person.seed, key: person.seed, grant: Some(self.grants[&person.seed]) }
    }

    fn recorded(&mut self, stream: StreamKey, hash: Digest) {
        let head = self.heads.entry(stream).or_insert(StreamHead::NONE);
        *head = StreamHead { version: head.version.next(), head: next_head(&head.head, &hash) };
    }

    /// The story goes on; each line is taken.
    pub(crate) async fn tell(&mut self, place: &Place, story: &mut Story, lines: &[&str]) {
        for line in lines {
            let told = story.tell(line);
            place.set_now(Timestamp::from_seconds(told.recorded as u64));
            let hash = self.say(&told).await.unwrap_or_else(|why| panic!("{line}: {why:?}"));
            story.remember(&told, hash);
        }
    }

    /// Somebody says this.
    pub(crate) async fn say(&mut self, told: &Told) -> Result<Digest, Refused> {
        let draft = self.draft(told, None);
        self.send(told, &draft).await
    }

    /// The same, where the section of this type holds something else.
    pub(crate) async fn say_holding(
        &mut self,
        told: &Told,
        payload_type: &str,
        content: &[u8],
    ) -> Result<Digest, Refused> {
        let draft = self.draft(told, Some((payload_type, content)));
        self.send(told, &draft).await
    }

    async fn send(&mut self, told: &Told, draft: &Draft) -> Result<Digest, Refused> {
        match self.server.append(draft.submission()).await {
            Ok(_) => {
                self.recorded(told.stream, draft.hash());
                Ok(draft.hash())
            }
            Err(status) => {
                let details = status.get_error_details();
                let info = details.error_info().unwrap();
                Err(Refused {
                    reason: Reason::from_str_name(&format!("REASON_{}", info.reason)).unwrap(),
                    article: info.metadata.get("article").cloned().unwrap_or_default(),
                    message: status.message().to_owned(),
                    signed: info
                        .metadata
                        .get("refusal")
                        .cloned()
                        .zip(info.metadata.get("refusal_signature").cloned()),
                })
            }
        }
    }

    fn draft(&mut self, told: &Told, other: Option<(&str, &[u8])>) -> Draft {
        let signing: Vec<_> = told.by.iter().map(|person| self.signing(person)).collect();
        let number = self.next();
        let mut draft = Draft::new(number, told.stream, &signing, told.fact.clone());
        if is_exclusive(&told.names[0]) {
            draft = draft.seen(self.heads.get(&told.stream).copied().unwrap_or(StreamHead::NONE));
        }
        draft.statement.occurred_at.as_mut().unwrap().seconds = told.happened;
        for (relation, stream, hash) in &told.references {
            draft.statement.references.push(proto::Reference {
                relation: (*relation).into(),
                stream: Some(testing::stream_message(stream)),
                statement_hash: hash.0.to_vec(),
            });
        }
        for (payload_type, class) in &told.sections {
            let example = letopis_sections::example(payload_type);
            let example = example.unwrap_or_else(|| panic!("no section {payload_type}"));
            let other = other.filter(|(other, _)| other == payload_type);
            let content = other.map_or(example.as_bytes(), |(_, content)| content);
            draft = draft.section_of(*class, payload_type, content);
        }
        draft
    }
}

/// The policy that the repository offers.
pub(crate) fn policy() -> String {
    fs::read_to_string(place::repository().join("crates/policy/cedar/bg.cedar")).unwrap()
}

fn is_exclusive(name: &str) -> bool {
    letopis_proto::KINDS.iter().any(|kind: &KindInfo| kind.name == name && kind.exclusive)
}

/// A story that is being told, and what went otherwise than it says.
struct Telling {
    written: Written,
    story: Story,
    otherwise: Option<String>,
}

impl Telling {
    /// Its lines with their times, and whether each is the last.
    fn lines(&self) -> Vec<(i64, String, bool)> {
        let mut at = BEGINNING;
        let given = self.written.given.iter().map(|line| (line, false));
        let lines = given.chain([(&self.written.last, true)]);
        lines
            .map(|(line, is_last)| {
                at += Line::parse(line).later;
                (at, line.clone(), is_last)
            })
            .collect()
    }

    async fn tell(&mut self, office: &mut Office, line: &str, is_last: bool) {
        if self.otherwise.is_some() {
            return;
        }
        let told = self.story.tell(line);
        let said = office.say(&told).await;
        let refused = is_last && self.written.refused;
        self.otherwise = match said {
            Ok(_) if refused => Some(format!("{line}: taken")),
            Ok(hash) => {
                self.story.remember(&told, hash);
                None
            }
            Err(why) if refused && why.reason == Reason::RuleBroken && why.article.is_empty() => {
                Some(format!("{line}: refused without an article: {}", why.message))
            }
            Err(_) if refused => None,
            Err(why) => Some(format!("{line}: {:?}: {}", why.reason, why.message)),
        };
    }
}

/// What anybody owes and signed.
fn owed_and_signed(ledger: &Ledger) -> (Vec<OwedRow>, Vec<SignedRow>) {
    let mut debtors: Vec<Debtor> = Vec::new();
    let agencies = [AGENCY, OTHER_AGENCY, SERVICE];
    debtors.extend(agencies.map(|agency| Debtor::Party(agency.0)));
    for person in PEOPLE {
        debtors.push(Debtor::Party(person.actor().0));
        let of_some = agencies.map(|agency| Debtor::Office(Some(agency), person.role));
        debtors.extend(of_some.into_iter().chain([Debtor::Office(None, person.role)]));
    }
    let owed: Vec<OwedRow> = ledger.owed(&debtors, None).map(Result::unwrap).collect();
    assert!(owed.is_sorted_by_key(|row| row.waiting.due));
    let signers = PEOPLE.iter().map(Person::actor);
    let signed = signers.flat_map(|actor| ledger.signed(actor, Sequence::ZERO));
    (owed, signed.map(Result::unwrap).collect())
}

/// Who owes what follows from the file as it is, and nobody else owes anything.
fn what_is_owed_follows_from_the_files(ledger: &Ledger) {
    let (owed, signed) = owed_and_signed(ledger);
    let mut expected = 0;
    let rows: Vec<WaitingRow> = ledger.waiting(None, None).map(Result::unwrap).collect();
    for row in &rows {
        let view = ledger.present(&row.file).unwrap();
        let clock = view.file.procedure.clocks().get(ClockId(row.clock)).unwrap();
        let debtors = debtors(&row.file, &view.file, &clock, &view.profiles);
        assert!(
            debtors.iter().all(|debtor| ledger
                .owed(&[*debtor], None)
                .any(|owed| { owed.unwrap().waiting == *row })),
            "{row:?}: {debtors:?}"
        );
        expected += debtors.len();
    }
    let of_cases = owed.iter().filter(|owed| rows.contains(&owed.waiting)).count();
    assert_eq!(of_cases, expected);
    assert!(expected > 500 && signed.len() > 3_000, "{expected} and {}", signed.len());
}

/// The rows from which cases and clocks are listed: all, and those of one agency.
fn lists(ledger: &Ledger) -> (Vec<CaseRow>, Vec<WaitingRow>) {
    let agencies = [None, Some(AGENCY)];
    let cases = agencies.iter().flat_map(|held| ledger.cases(held.as_ref(), None));
    let cases: Vec<CaseRow> = cases.map(Result::unwrap).collect();
    let clocks = agencies.iter().flat_map(|held| ledger.waiting(held.as_ref(), None));
    let clocks: Vec<WaitingRow> = clocks.map(Result::unwrap).collect();
    assert!(cases.len() > 300 && clocks.len() > 300, "{} and {}", cases.len(), clocks.len());
    (cases, clocks)
}

/// Each case, folded from its events alone, is what it came to while they were recorded.
fn folded_anew_it_is_the_same(ledger: &Ledger) {
    let (mut token, mut cases) = (String::new(), 0);
    loop {
        let (page, _) = ledger.list_streams(StreamKind::Case, 200, &token).unwrap();
        for case in &page.entries {
            let present = ledger.present(&case.stream).unwrap();
            let (past, _) = ledger.past(&case.stream, present.as_of).unwrap();
            assert_eq!(past.file, present.file, "{}", case.stream);
            cases += 1;
        }
        token = page.next;
        if token.is_empty() {
            break;
        }
    }
    assert!(cases > 300, "{cases} cases");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_law_forbids_is_refused_and_what_it_lets_is_recorded() {
    let place = Place::begun(Timestamp::from_seconds(BEGINNING as u64 - 86_400));
    let mut office = Office::open(&place).await;
    let folder = place::repository().join("crates/domain/stories");
    let texts =
        ["forbidden.txt", "allowed.txt"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    let mut tellings: Vec<Telling> = texts
        .iter()
        .flat_map(|text| stories(text))
        .zip(1..)
        .map(|(written, seed)| Telling { written, story: Story::new(seed), otherwise: None })
        .collect();
    assert!(tellings.len() > 400, "{} stories", tellings.len());
    let mut lines: Vec<_> = tellings
        .iter()
        .enumerate()
        .flat_map(|(number, telling)| {
            let lines = telling.lines();
            (0_usize..)
                .zip(lines)
                .map(move |(at, (time, line, is_last))| (time, number, at, line, is_last))
        })
        .collect();
    lines.sort_unstable();
    for (time, number, _, line, is_last) in lines {
        place.set_now(Timestamp::from_seconds(time as u64));
        tellings[number].tell(&mut office, &line, is_last).await;
    }
    let otherwise: Vec<_> = tellings
        .iter()
        .filter_map(|telling| Some((telling.written.title.as_str(), telling.otherwise.as_ref()?)))
        .map(|(title, otherwise)| format!("{title}\n    {otherwise}"))
        .collect();
    assert!(otherwise.is_empty(), "{} stories:\n  {}", otherwise.len(), otherwise.join("\n  "));

    office.give_token_keys().await;
    println!("exported: {}", export::others_read_the_same(&mut office, &place, "head").await);

    let Office { server, ledger, .. } = office;
    ledger.caught_up().await.unwrap();
    let rows = tokio::task::block_in_place(|| {
        folded_anew_it_is_the_same(&ledger);
        what_is_owed_follows_from_the_files(&ledger);
        (lists(&ledger), owed_and_signed(&ledger))
    });
    drop(ledger);
    server.stop().await;
    tokio::task::block_in_place(|| {
        fs::remove_dir_all(place.root().join("state")).unwrap();
        let (rebuilt, _) = place.open().unwrap();
        let again = (lists(&rebuilt), owed_and_signed(&rebuilt));
        assert!(rows == again, "the lists of a rebuilt state are others");
        rebuilt.close().unwrap();
    });
    let verified = tokio::task::block_in_place(|| place.verify());
    assert!(verified.events > 4_000, "{} events", verified.events);
}
