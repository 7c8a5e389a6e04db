//! A case for professional discussion: made by its lead, looked through by the head, recorded by both.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use letopis_client::Identity;
use letopis_crypto::sign::{Paper, SecretKey};
use letopis_deidentified::{Signature, Signed};
use letopis_proto::statement::v1 as proto;
use letopis_proto::statement::v1::fact::Kind;
use letopis_types::{StreamId, StreamKey, StreamKind};

use crate::recording::{agency_of, connect, identity, open_cases, record};
use crate::support::{Office, Said, letopis};

const FOUND: &str = "Прочетох всички стъпки, не разпознавам семейството.";

const BASIS: [&str; 8] = [
    "--to",
    "Измислена мрежа за обсъждане на случаи",
    "--necessity",
    "Съвет от колеги.",
    "--ground",
    "16-1",
    "--article",
    "чл. 16, ал. 1 ЗЗДет",
];

/// The demo's office, and a document of its case.
struct Shared {
    office: Office,
    file: String,
}

impl Shared {
    fn open() -> Self {
        let office = Office::open();
        let file = office.path("case.txt");
        Self { office, file }
    }

    fn make(&self, who: &str, more: &[&str]) -> Said {
        let (case, key) = (self.office.case.clone(), self.office.key(who));
        let command = ["case", "share-deidentified", "make", &case, "--out", &self.file];
        let by = ["--lang", "bg", "--key", &key];
        self.office.run(&[&command[..], &by, more].concat())
    }

    fn review(&self, who: &str, answer: &str) -> Said {
        let key = self.office.key(who);
        let command = ["case", "share-deidentified", "review", &self.file, "--found", FOUND];
        self.office.run_asked(&[&command[..], &["--lang", "bg", "--key", &key]].concat(), answer)
    }

    fn record(&self, who: &[&str], more: &[&str]) -> Said {
        let case = self.office.case.clone();
        let command = ["case", "share-deidentified", "record", &self.file, &case, "--lang", "bg"];
        self.office.signed(&command, who, &[&BASIS[..], &["--yes"], more].concat())
    }

    /// Asked of no server.
    fn offline(&self, verb: &str, more: &[&str]) -> Said {
        let command = ["case", "share-deidentified", verb, &self.file];
        letopis(&[&command[..], more].concat())
    }

    /// What names the case, its people, its agency, its events, its days.
    fn secrets(&self) -> Vec<String> {
        let office = &self.office;
        let mut secrets = vec![office.case.clone(), agency_of(office)];
        let people = ["worker", "head", "director", "duty", "officer"];
        secrets.extend(people.map(|who| office.actor(who)));
        let timeline = ["case", "timeline", &office.case, "--json", "--key", &office.key("worker")];
        for line in office.run(&timeline).good().lines() {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = event["event"]["statement_hash"].as_str();
            secrets.extend(text.map(str::to_owned));
        }
        secrets.extend(["Примеров", "Измислена", "Образец", "2026-0"].map(str::to_owned));
        secrets
    }

    /// The public key with which somebody signs.
    fn key(&self, who: &str) -> String {
        let shown = letopis(&["key", "show", "--signer", &self.office.key(who)]).good();
        shown.trim().split(':').nth(1).unwrap().to_owned()
    }
}

#[test]
fn a_case_is_made_reviewed_rendered_and_recorded() {
    let mut shared = Shared::open();
    let made = shared.make("worker", &["--yes"]).good();
    assert!(made.contains("сега трябва да го прегледа втори човек:"), "{made}");
    let digest = made.split("отпечатък ").nth(1).unwrap()[..64].to_owned();
    let mode = fs::metadata(&shared.file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let unreviewed = fs::read_to_string(&shared.file).unwrap();

    // Nobody reads it before a second person has.
    let refused = shared.offline("render", &[]);
    assert!(refused.bad().contains("nobody has reviewed it"), "{}", refused.err);
    assert!(shared.offline("check", &[]).bad().contains("nobody has reviewed it"));
    let refused = shared.record(&["worker", "head"], &[]);
    assert!(refused.bad().contains("nobody has reviewed it"), "{}", refused.err);
    let refused = shared.review("worker", "да\n");
    assert!(refused.bad().contains("its author can't review it"), "{}", refused.err);
    let no = shared.review("head", "не\n");
    assert!(no.bad().contains("не е подписано"), "{}", no.err);
    for said in ["ОСТАТЪЧЕН РИСК", "който познава семейството, може да го разпознае", FOUND]
    {
        assert!(no.err.contains(said), "{said}\n{}", no.err);
    }
    assert_eq!(fs::read_to_string(&shared.file).unwrap(), unreviewed);
    shared.review("head", "да\n").good();
    let again = shared.review("director", "да\n");
    assert!(again.bad().contains("it is reviewed already"), "{}", again.err);

    // What is handed on names nobody.
    let text = shared.offline("render", &["--lang", "bg"]).good();
    let page = shared.offline("render", &["--lang", "en", "--format", "html"]).good();
    // A number beside the risk would be taken for its size.
    assert!(
        text.contains("ОСТАТЪЧЕН РИСК\n") && text.contains("Остатъчен риск  вж. по-долу"),
        "{text}"
    );
    assert!(page.contains("2. Remaining risk</h2>"), "{page}");
    for said in [
        "СТЪПКИ: ",
        "който знае един",
        "социален работник 1",
        "началник на ОЗД 1",
        "седмицата от",
        FOUND,
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    assert!(page.contains("<h1>A case for discussion</h1>"), "{page}");
    let file = fs::read_to_string(&shared.file).unwrap();
    assert!(file.starts_with(&unreviewed));
    for secret in shared.secrets() {
        for shown in [&text, &page, &file] {
            assert!(!shown.contains(&secret), "{secret}\n{shown}");
        }
    }

    // Whoever has the keys checks it without a server.
    let (author, reviewer) = (shared.key("worker"), shared.key("head"));
    let keys = ["--author", author.as_str(), "--reviewer", reviewer.as_str()];
    let checked = shared.offline("check", &keys).good();
    assert!(checked.contains("the signatures hold") && checked.contains(&digest), "{checked}");
    assert!(!checked.contains("not compared"), "{checked}");
    assert!(shared.offline("check", &[]).good().contains("not compared"));
    let wrong = shared.offline("check", &["--author", &reviewer]);
    assert!(wrong.bad().contains("not the one that you gave"), "{}", wrong.err);
    fs::write(&shared.file, file.replacen("\"yes\"", "\"no\"", 1)).unwrap();
    let changed = shared.offline("check", &keys);
    assert!(changed.bad().contains("the author's signature does not hold"), "{}", changed.err);
    fs::write(&shared.file, &file).unwrap();

    // The sharing is recorded by both, and gives nobody access.
    let alone = shared.record(&["worker"], &[]);
    assert!(alone.bad().contains("signed by those who signed the document"), "{}", alone.err);
    let other = shared.record(&["worker", "director"], &[]);
    assert!(other.bad().contains("signed by those who signed the document"), "{}", other.err);
    shared.record(&["worker", "head"], &[]).good();
    let shown = shared.office.file("show", "head", &["--lang", "bg"]).good();
    assert!(shown.contains(&digest) && shown.contains(BASIS[1]), "{shown}");
    // Signers stand in the order of their keys: which of them looked it through is said.
    assert!(shown.contains(&reviewer), "{shown}");
    shared.office.server.take().unwrap().stop();
    letopis(&["verify", "--data", &shared.office.root()]).good();
}

/// The worker enrols a second key, with two registrars; its file is `again.key`.
fn second_key(office: &Office) -> SecretKey {
    let secret = || SecretKey::from_seed(&[0x5e; 32]);
    let worker = identity(office, "worker");
    let with = |grant, token_key| Identity {
        ledger: worker.ledger,
        actor: worker.actor,
        grant,
        statement_key: secret(),
        token_key,
    };
    let registrar = |n| {
        let path = format!("{}/keys/registrar-{n}.key", office.root());
        Arc::new(Identity::read(Path::new(&path)).unwrap())
    };
    let (one, two, own) = (registrar(1), registrar(2), Arc::new(with(None, None)));
    let enrolled = Kind::KeyEnrolled(proto::KeyEnrolled {
        key: Some(proto::EnrolledKey {
            public_key: secret().public().0.to_vec(),
            r#use: proto::KeyUse::Statement.into(),
        }),
    });
    let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(worker.actor.0) };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let client = connect(office).await;
        record(&client, &[&worker, &one, &two, &own], stream, enrolled, None).await;
    });
    let token = worker.token_key.as_ref().map(|key| SecretKey::from_seed(&key.seed()));
    with(worker.grant, token).write(Path::new(&office.key("again"))).unwrap();
    secret()
}

#[test]
fn nobody_reviews_their_own_with_another_key() {
    let shared = Shared::open();
    let again = second_key(&shared.office);
    shared.make("worker", &["--yes"]).good();
    let refused = shared.review("again", "да\n");
    assert!(refused.bad().contains("its author can't review it"), "{}", refused.err);

    // Nor is it recorded, whatever program made the review.
    let signed = Signed::parse(&fs::read_to_string(&shared.file).unwrap()).unwrap();
    let line = signed.review_line(&again.public(), FOUND).unwrap();
    let signature = again.sign_paper(Paper::DeidentifiedReview, line.as_bytes());
    let reviewed = signed.reviewed(&line, Signature { key: again.public(), signature }).unwrap();
    fs::write(&shared.file, reviewed.to_text()).unwrap();
    let refused = shared.record(&["worker", "again"], &[]);
    assert!(refused.bad().contains("its author can't review it"), "{}", refused.err);
}

#[test]
fn a_document_of_another_case_is_not_recorded() {
    let shared = Shared::open();
    shared.make("worker", &["--yes"]).good();
    shared.review("head", "да\n").good();
    let other = other_case(&shared.office);
    let (author, reviewer) = (shared.office.key("worker"), shared.office.key("head"));
    let keys = ["--key", &author, "--key", &reviewer, "--yes"];
    let command = ["case", "share-deidentified", "record", &shared.file, &other];
    let refused = shared.office.run(&[&command[..], &BASIS, &keys].concat());
    assert!(refused.bad().contains("the document is of another case"), "{}", refused.err);
}

/// Another case of the worker's, just opened.
fn other_case(office: &Office) -> String {
    let agency = agency_of(office);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(open_cases(office, &agency, &["worker"])).remove(0)
}

#[test]
fn what_may_not_be_seen_or_told_is_not_made() {
    let shared = Shared::open();
    let refused = shared.make("officer", &["--yes"]);
    refused.bad();
    let no = shared.make("worker", &["--yes", "--leave-out", "Иван"]);
    assert!(no.bad().contains("is not a kind that is told"), "{}", no.err);
    let introduction = shared.office.path("introduction");
    fs::write(&introduction, format!("За {}", &shared.office.case[..8])).unwrap();
    let no = shared.make("worker", &["--yes", "--introduction", &introduction]);
    assert!(no.bad().contains("the introduction says an id of the case"), "{}", no.err);
    assert!(!fs::exists(&shared.file).unwrap());

    fs::write(&introduction, "Как да се чуе детето по-рано?\n").unwrap();
    let kinds = ["--leave-out", "VisitRecorded", "--grain", "four-weeks"];
    let more = [&["--yes", "--introduction", &introduction][..], &kinds].concat();
    shared.make("worker", &more).good();
    shared.review("head", "да\n").good();
    let text = shared.offline("render", &["--lang", "bg"]).good();
    for said in
        ["Как да се чуе детето по-рано?", "не са включени", "назовани са", "четирите седмици от"]
    {
        assert!(text.contains(said), "{said}\n{text}");
    }
    // What is there already is not written over.
    assert!(!shared.make("worker", &["--yes"]).ok);
}
