use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use letopis_crypto::sign::{Paper, STATEMENT_TYPE, SecretKey, pae, verify};
use letopis_domain::statement::{Instant, OccurredAt, Signer};
use letopis_proto::ledger::v1 as pb;
use letopis_proto::statement::v1::{
    self as proto, Knowledge, NoteAdded, Precision, Purpose, fact::Kind,
};
use letopis_types::{
    ActorId, Class, LedgerId, PublicKey, SignatureBytes, StreamId, StreamKey, StreamKind,
};
use proptest::prelude::*;
use prost::Message as _;
use tempfile::TempDir;

use super::protocol::{Answer, Listed, MAGIC, Request, read_frame, write_frame};
use super::*;
use crate::draft::{Draft, DraftError};
use crate::identity::{Identity, SignerError, StatementSigner, TokenSigner};
use crate::key_file::{LockedIdentity, Passphrase};
use crate::locker::{AskPassphrase, Clock, Locker};
use crate::signed::Unsigned;
use crate::token::{self, Call};
use crate::words::Lang;

const LEDGER: LedgerId = LedgerId([0xee; 32]);
const ACTOR: ActorId = ActorId([4; 16]);

fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn locked() -> LockedIdentity {
    let identity = Identity {
        ledger: Some(LEDGER),
        actor: ACTOR,
        grant: Some(letopis_types::Digest([9; 32])),
        statement_key: secret(1),
        token_key: Some(secret(2)),
    };
    LockedIdentity::seal_cheaply(&identity, &Passphrase::new("измислена фраза".to_owned()))
}

#[derive(Default)]
struct Set(AtomicU64);

impl Clock for Set {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// Says yes or no, and remembers what it was shown; gives the passphrase or does not.
struct Person {
    agrees: AtomicBool,
    types: AtomicBool,
    shown: Mutex<Vec<Vec<String>>>,
}

impl Confirm for Person {
    fn confirm(&self, act: &[String]) -> bool {
        self.shown.lock().unwrap().push(act.to_vec());
        self.agrees.load(Ordering::SeqCst)
    }
}

impl AskPassphrase for Person {
    fn ask(&self, _: &LockedIdentity, _: u32) -> Option<Passphrase> {
        let types = self.types.load(Ordering::SeqCst);
        types.then(|| Passphrase::new("измислена фраза".to_owned()))
    }
}

/// A running agent, and who sits before it.
struct Running {
    person: Arc<Person>,
    clock: Arc<Set>,
    directory: TempDir,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let person = Arc::new(Person {
            agrees: AtomicBool::new(true),
            types: AtomicBool::new(true),
            shown: Mutex::default(),
        });
        let clock = Arc::new(Set::default());
        let locker = Locker::with_clock(locked(), Some(person.clone()), clock.clone());
        let agent = KeyAgent::new(vec![locker], person.clone(), Lang::Bg);
        let socket = AgentSocket::bind(&directory.path().join("run/agent"), agent).unwrap();
        let stopper = socket.stopper();
        let thread = Some(thread::spawn(move || socket.serve()));
        Self { person, clock, directory, stopper, thread }
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("run/agent")
    }

    fn identity(&self) -> AgentIdentity {
        AgentClient::new(&self.socket()).identities().unwrap().remove(0)
    }

    fn shown(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.person.shown.lock().unwrap())
    }

    /// One request as it is, on a connection of its own.
    fn raw(&self, bytes: &[u8]) -> Option<Answer> {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.write_all(bytes).ok()?;
        let _ = stream.shutdown(std::net::Shutdown::Write);
        Answer::parse(&read_frame(&mut stream, 1 << 16).ok()?, Some(PublicKey([0; 32])))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopper.stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

fn note(ledger: LedgerId, signer: Signer) -> Unsigned {
    let stream = StreamKey { kind: StreamKind::Case, id: StreamId([3; 16]) };
    Draft::new(stream, Kind::NoteAdded(NoteAdded {}), at())
        .section(Class::Normal, "text/plain", "измислена бележка")
        .seal(ledger, &[signer])
        .unwrap()
}

fn at() -> OccurredAt {
    OccurredAt {
        instant: Instant { seconds: 1_760_000_000, nanos: 0, offset_minutes: 120 },
        precision: Precision::Minute,
        knowledge: Knowledge::Witnessed,
    }
}

fn call() -> Call<'static> {
    let method = "letopis.ledger.v1.LedgerService/Append";
    Call { ledger: &LEDGER, method, purpose: Purpose::CaseWork, request: b"request" }
}

#[test]
fn programs_sign_without_ever_having_the_keys() {
    let running = Running::start();
    let identity = running.identity();
    assert_eq!(identity.signer(), locked().signer());
    assert_eq!(identity.ledger(), Some(LEDGER));
    let unsigned = note(LEDGER, identity.signer());
    let signature = unsigned.collect(&identity).unwrap();
    unsigned.clone().assemble(&[signature]).unwrap();
    let shown = running.shown();
    assert_eq!(shown, [crate::words::describe(&unsigned, Lang::Bg)]);
    assert!(shown[0].contains(&"  │ измислена бележка".to_owned()));

    // Without the contents, what is there is shown.
    let statement = unsigned.statement_bytes();
    let signature = identity.sign_statement(statement).unwrap();
    verify(&secret(1).public(), &pae(STATEMENT_TYPE, statement), &signature).unwrap();
    assert!(running.shown()[0].contains(&"  (съдържанието не е приложено)".to_owned()));

    // A paper it could not show, and does not sign.
    let refused = identity.sign_paper(Paper::Deidentified, b"{}");
    assert!(matches!(refused, Err(SignerError::Refused { .. })), "{refused:?}");
    assert!(running.shown().is_empty());

    // Nobody is asked about a token.
    let token = token::make(&identity, &call(), SystemTime::now()).unwrap();
    assert_eq!(token.split('.').count(), 3);
    assert!(running.shown().is_empty());
}

#[test]
fn whoever_says_no_does_not_sign() {
    let running = Running::start();
    running.person.agrees.store(false, Ordering::SeqCst);
    let identity = running.identity();
    let refused = note(LEDGER, identity.signer()).collect(&identity).unwrap_err();
    assert!(matches!(refused, DraftError::Signer(SignerError::Declined)), "{refused}");
}

#[test]
fn keys_lock_after_five_minutes_in_the_agent_too() {
    let running = Running::start();
    let identity = running.identity();
    identity.sign_token(signing_input(0, &[]).as_bytes()).unwrap();
    running.person.types.store(false, Ordering::SeqCst);
    running.clock.0.store(299, Ordering::SeqCst);
    identity.sign_token(signing_input(0, &[]).as_bytes()).unwrap();
    running.clock.0.store(300, Ordering::SeqCst);
    let input = signing_input(0, &[]);
    assert_eq!(identity.sign_token(input.as_bytes()), Err(SignerError::Locked));
    let refused = note(LEDGER, identity.signer()).collect(&identity).unwrap_err();
    assert!(matches!(refused, DraftError::Signer(SignerError::Locked)), "{refused}");
}

/// The signing input of a proper token that begins so many seconds from now, with changes.
fn signing_input(ahead: i64, changes: &[(&str, &str)]) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let iat = now.checked_add_signed(ahead).unwrap();
    let header = format!(r#"{{"alg":"EdDSA","kid":"{}","typ":"JWT"}}"#, secret(2).public());
    let claims = format!(
        r#"{{"aud":"{LEDGER}","sub":"{ACTOR}","iat":{iat},"exp":{},"jti":"0123456789abcdef","method":"a.B/C","purpose":"case_work","query":"q"}}"#,
        iat + 60
    );
    let changed =
        |text: String| changes.iter().fold(text, |text, (from, to)| text.replace(from, to));
    [header, claims].map(|part| URL_SAFE_NO_PAD.encode(changed(part))).join(".")
}

#[test]
fn a_token_key_signs_tokens_for_now_and_nothing_else() {
    let running = Running::start();
    let identity = running.identity();
    let sign = |input: &str| identity.sign_token(input.as_bytes());
    sign(&signing_input(0, &[])).unwrap();
    let other = secret(3).public().to_string();
    let own = secret(2).public().to_string();
    for wrong in [
        "invented".to_owned(),
        String::new(),
        "DSSEv1 1 a 1 b".to_owned(),
        signing_input(0, &[]) + ".",
        signing_input(60, &[]),
        signing_input(-60, &[]),
        signing_input(0, &[("\"exp\":", "\"exp\":1")]),
        signing_input(0, &[("EdDSA", "none")]),
        signing_input(0, &[(&own, &other)]),
        signing_input(0, &[("\"typ\":\"JWT\"", "\"typ\":\"JWT\",\"jwk\":\"a\"")]),
        signing_input(0, &[("0404-0404", "0505-0505")]),
        signing_input(0, &[("eeee", "dddd")]),
        signing_input(0, &[("\"jti\"", "\"id\"")]),
    ] {
        let signed = sign(&wrong);
        assert!(matches!(signed, Err(SignerError::Refused { .. })), "{wrong}: {signed:?}");
    }
    // The statement key is asked for a token.
    let input = signing_input(0, &[]);
    let request = Request::SignToken { key: secret(1).public(), signing_input: input.as_bytes() };
    assert!(matches!(
        running.raw(&framed(&request)),
        Some(Answer::NotDone(SignerError::NoSuchKey { .. }))
    ));
}

fn framed(request: &Request<'_>) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    write_frame(&mut bytes, &request.to_bytes()).unwrap();
    bytes
}

#[test]
fn only_statements_that_are_this_keys_to_sign_are_signed() {
    let running = Running::start();
    let identity = running.identity();
    let own = identity.signer();
    let refused = |unsigned: &Unsigned| identity.sign_with_contents(unsigned).unwrap_err();
    let other_key = Signer { key: secret(7).public(), ..own };
    let other_actor = Signer { actor: ActorId([5; 16]), ..own };
    for (unsigned, what) in [
        (note(LEDGER, other_key), "does not name this key"),
        (note(LEDGER, other_actor), "another actor"),
        (note(LedgerId([0xdd; 32]), own), "another ledger"),
    ] {
        assert!(refused(&unsigned).to_string().contains(what), "{what}");
    }

    let good = note(LEDGER, own);
    // An unknown field behind it: not canonical.
    let longer = [good.statement_bytes(), &[0xf8, 0x01, 0x01]].concat();
    for wrong in [longer.as_slice(), b"", b"invented"] {
        let refused = identity.sign_statement(wrong).unwrap_err();
        assert!(matches!(refused, SignerError::Refused { .. }), "{refused}");
    }
    let mut submission = pb::Submission::decode(&*good.to_bytes()).unwrap();
    submission.sections[0].content = "друга бележка".into();
    let changed = submission.encode_to_vec();
    submission.sections.push(submission.sections[0].clone());
    let more = submission.encode_to_vec();
    for wrong in [changed, more] {
        let request = Request::SignStatement { key: own.key, submission: &wrong };
        let answer = running.raw(&framed(&request));
        assert!(matches!(answer, Some(Answer::NotDone(SignerError::Refused { .. }))));
    }

    // Nothing of all this was shown to anybody.
    assert!(running.shown().is_empty());
}

#[test]
fn a_token_key_signs_its_own_enrolment_and_no_other_statement() {
    let running = Running::start();
    let identity = running.identity();
    let enrolling = identity.enrolling().unwrap();
    let as_token = Signer { actor: ACTOR, key: enrolling.public_key(), grant: None };
    let enrolment = |key: PublicKey| {
        let enrolled =
            proto::EnrolledKey { public_key: key.0.to_vec(), r#use: proto::KeyUse::Token.into() };
        let fact = proto::KeyEnrolled { key: Some(enrolled) };
        let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(ACTOR.0) };
        Draft::new(stream, Kind::KeyEnrolled(fact), at())
            .seal(LEDGER, &[as_token, identity.signer()])
            .unwrap()
    };
    let unsigned = enrolment(enrolling.public_key());
    let signatures = [unsigned.collect(&enrolling).unwrap(), unsigned.collect(&identity).unwrap()];
    unsigned.assemble(&signatures).unwrap();
    assert_eq!(running.shown().len(), 2);

    for unsigned in [enrolment(secret(8).public()), note(LEDGER, as_token)] {
        let refused = unsigned.collect(&enrolling).unwrap_err();
        assert!(matches!(refused, DraftError::Signer(SignerError::NoSuchKey { .. })), "{refused}");
    }
    assert!(running.shown().is_empty());
}

#[test]
fn the_socket_is_its_users_alone_and_one_agent_has_it() {
    let running = Running::start();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&running.socket()), 0o600);
    let agent = || {
        let confirm = Arc::clone(&running.person);
        KeyAgent::new(Vec::new(), confirm, Lang::En)
    };
    let second = AgentSocket::bind(&running.socket(), agent());
    assert!(matches!(second, Err(AgentError::Running { .. })));

    // A directory is made where there is none, and others than 0700 are refused.
    let inner = running.directory.path().join("inner");
    let socket = AgentSocket::bind(&inner.join("agent"), agent()).unwrap();
    assert_eq!(mode(&inner), 0o700);
    drop(socket);
    assert!(!inner.join("agent").exists());
    for wrong in [0o750, 0o701, 0o755] {
        fs::set_permissions(&inner, fs::Permissions::from_mode(wrong)).unwrap();
        let refused = AgentSocket::bind(&inner.join("agent"), agent());
        assert!(matches!(refused, Err(AgentError::Directory { .. })), "{wrong:o}");
    }

    // What was left behind is no obstacle.
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o700)).unwrap();
    drop(UnixListener::bind(inner.join("agent")).unwrap());
    assert!(inner.join("agent").exists());
    AgentSocket::bind(&inner.join("agent"), agent()).unwrap();
}

#[test]
fn whoever_does_not_speak_the_protocol_is_sent_away() {
    let running = Running::start();
    let too_long = [MAGIC.as_slice(), &(35u32 << 20).to_be_bytes()].concat();
    let cut = [MAGIC.as_slice(), &100u32.to_be_bytes(), &[1]].concat();
    let other = framed(&Request::List).split_off(1);
    for wrong in [too_long, cut, other, Vec::new(), vec![0; 64]] {
        assert!(running.raw(&wrong).is_none());
    }
    for unknown in [&[][..], &[9], &[1, 0], &[2, 0]] {
        let mut bytes = MAGIC.to_vec();
        write_frame(&mut bytes, unknown).unwrap();
        let answer = running.raw(&bytes);
        assert!(matches!(answer, Some(Answer::NotDone(SignerError::Refused { .. }))));
    }
}

#[test]
fn whoever_has_its_answer_holds_no_place() {
    let running = Running::start();
    // Idle ones in all places but one: whoever asks there, or is sent away, is followed at once.
    let idle: Vec<_> = (0..15).map(|_| UnixStream::connect(running.socket()).unwrap()).collect();
    for _ in 0..2_000 {
        running.identity();
        assert!(running.raw(&[0; 8]).is_none());
    }
    // And one more has no place.
    let last = UnixStream::connect(running.socket()).unwrap();
    let refused = AgentClient::new(&running.socket()).identities();
    assert!(matches!(refused, Err(SignerError::Failed { .. })), "{refused:?}");
    drop((idle, last));
}

#[test]
fn a_false_agent_is_not_believed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("agent");
    let listener = UnixListener::bind(&path).unwrap();
    let listed = Listed {
        ledger: None,
        actor: ACTOR,
        grant: None,
        statement_key: secret(1).public(),
        token_key: Some(secret(2).public()),
    };
    let false_agent = thread::spawn(move || {
        let signature = secret(9).sign(b"something else");
        for answer in [Answer::Identities(vec![listed]), Answer::Signature(signature)] {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 8]).unwrap();
            read_frame(&mut stream, 1 << 20).unwrap();
            write_frame(&mut stream, &answer.to_bytes()).unwrap();
        }
    });
    let identity = AgentClient::new(&path).identities().unwrap().remove(0);
    let signed = identity.sign_token(b"invented");
    assert!(matches!(signed, Err(SignerError::Signature(_))), "{signed:?}");
    false_agent.join().unwrap();

    let nobody = AgentClient::new(&directory.path().join("nobody")).identities();
    assert!(matches!(nobody, Err(SignerError::Failed { .. })));
}

/// The kernel's word for who is there counts, and not only the modes of files.
#[test]
fn another_user_is_sent_away() {
    if !rustix::process::geteuid().is_root() {
        println!("left out: takes another user, and only root can be one");
        return;
    }
    let running = Running::start();
    for directory in [running.directory.path(), running.socket().parent().unwrap()] {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(running.socket(), fs::Permissions::from_mode(0o666)).unwrap();
    // A copy, where anybody may run it.
    let program = running.directory.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let ask_as = |user: u32| {
        let output = Command::new(&program)
            .args(["--exact", "agent::tests::asks_as_it_is_told", "--ignored", "--nocapture"])
            .env("LETOPIS_TEST_AGENT", running.socket())
            .current_dir("/")
            .uid(user)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(ask_as(0).contains("answered"));
    let other = ask_as(65_534);
    assert!(other.contains("another user's"), "{other}");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn asks_as_it_is_told() {
    let socket = std::env::var_os("LETOPIS_TEST_AGENT").unwrap();
    match AgentClient::new(Path::new(&socket)).identities() {
        Ok(_) => println!("answered"),
        Err(error) => {
            println!("{error}");
            // Nor does the agent answer whoever does not care whose it is.
            let mut stream = UnixStream::connect(&socket).unwrap();
            let _ = stream.write_all(&framed(&Request::List));
            assert!(read_frame(&mut stream, 1 << 16).is_err());
        }
    }
}

fn answers() -> impl Strategy<Value = Answer> {
    let listed = (any::<[u8; 16]>(), any::<[u8; 32]>(), any::<[bool; 3]>()).prop_map(
        |(actor, bytes, there)| Listed {
            ledger: there[0].then_some(LedgerId(bytes)),
            actor: ActorId(actor),
            grant: there[1].then_some(letopis_types::Digest(bytes)),
            statement_key: PublicKey(bytes),
            token_key: there[2].then_some(PublicKey(bytes)),
        },
    );
    prop_oneof![
        proptest::collection::vec(listed, 0..5).prop_map(Answer::Identities),
        any::<[u8; 32]>().prop_map(|half| {
            let mut whole = [1; 64];
            whole[..32].copy_from_slice(&half);
            Answer::Signature(SignatureBytes(whole))
        }),
        "\\PC{0,600}".prop_map(|reason| Answer::NotDone(SignerError::Refused { reason })),
        any::<()>().prop_map(|()| Answer::NotDone(SignerError::Locked)),
    ]
}

proptest! {
    #[test]
    fn answers_round_trip(answer in answers()) {
        let bytes = answer.to_bytes();
        prop_assert!(bytes.len() <= protocol::ANSWER_BYTES_MAX);
        let read = Answer::parse(&bytes, None).unwrap();
        prop_assert_eq!(read.to_bytes(), bytes);
    }

    #[test]
    fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
        if let Some(request) = Request::parse(&bytes) {
            prop_assert_eq!(&**request.to_bytes(), &*bytes);
        }
        let _ = Answer::parse(&bytes, None);
    }
}
