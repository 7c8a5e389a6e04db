//! What a server writes about its work says nothing about people and gives nobody a key: no content,
//! name, token or key stands in its log, in clear or encoded, not even when it is asked to write
//! everything down.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use letopis_ledger::testing::{
    TOKEN, WORKER, actor, case, note, secret, staff, stream_message, token, token_claims,
    token_header,
};
use letopis_ledger::token::Call;
use letopis_proto::ledger::v1 as proto;
use letopis_tests::{Launch, Server, copy_dir, place};
use letopis_types::{Class, Timestamp};
use letopisd::data::{KEK_FILE, keys_dir};
use prost::Message;
use tonic::{Request, Status};

use crate::server::{Client, Place, client, connect, message};

const CONTENT: &str = "Измислено съдържание за детето, белязано с 7c1f9e0b";
const NAME: &str = "Измислена Социална-Работничка 5b30aa17";
const JTI: &str = "invented-marked-token-id-91d4";

/// A call's token: what was sent with it is secret as long as it is good.
fn bearer(method: &str, request: &[u8], number: u32) -> String {
    let method = &format!("letopis.ledger.v1.LedgerService/{method}");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Timestamp::from_seconds(now.as_secs());
    let claims = token_claims(Call { method, request }, now, &format!("{JTI}-{number}"));
    token(&token_header(TOKEN), &claims, TOKEN)
}

fn with<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// The same in every form that a log might show it in.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex = |upper: bool| -> Vec<u8> {
        let byte = |byte: &u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
        secret.iter().map(byte).collect::<String>().into_bytes()
    };
    let list = secret.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let escaped = secret.iter().flat_map(|byte| std::ascii::escape_default(*byte)).collect();
    let mut forms = vec![secret.to_vec(), hex(false), hex(true), list.into_bytes(), escaped];
    // Wherever it stands in what is encoded: two characters at either end depend on its neighbours.
    for shift in 0..3 {
        let shifted = [&b"xyz"[..shift], secret].concat();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&shifted).into_bytes();
            forms.push(encoded[4..encoded.len() - 2].to_vec());
        }
    }
    forms
}

/// The line in which it stands.
fn line_with<'a>(log: &'a str, secret: &[u8]) -> Option<&'a str> {
    assert!(secret.len() >= 8, "too short to be told from chance");
    let forms = forms(secret);
    let is_in = |line: &str, form: &[u8]| line.as_bytes().windows(form.len()).any(|w| w == form);
    log.lines().find(|line| forms.iter().any(|form| is_in(line, form)))
}

#[track_caller]
fn check_silent(log: &str, what: &str, secret: &[u8]) {
    if let Some(line) = line_with(log, secret) {
        panic!("{what} stands in the log: {line}");
    }
}

/// Everything that a caller may do, rightly and wrongly.
async fn work(client: &mut Client, tokens: &mut Vec<String>) {
    let mut number = 0;
    let mut token = |method: &str, request: &[u8]| {
        number += 1;
        tokens.push(bearer(method, request, number));
        tokens.last().unwrap().clone()
    };
    let marked = note(10, case(1))
        .section(Class::Restricted, CONTENT.as_bytes())
        .section(Class::VeryRestricted, NAME.as_bytes());
    let append = proto::AppendRequest { submission: Some(message(marked.submission())) };
    let mut broken = append.clone();
    broken.submission.as_mut().unwrap().sections[0].content = format!("{CONTENT}.").into();
    for request in [append.clone(), append, broken] {
        let token = token("Append", &request.encode_to_vec());
        let _: Result<_, Status> = client.append(with(request, &token)).await;
    }
    let streamed = note(11, case(1)).section(Class::Normal, CONTENT.as_bytes()).submission();
    let requests = [proto::AppendStreamRequest { submission: Some(message(streamed)) }];
    let token_of_stream = token("AppendStream", &[]);
    let requests = with(tokio_stream::iter(requests), &token_of_stream);
    let mut answers = client.append_stream(requests).await.unwrap().into_inner();
    while answers.message().await.unwrap().is_some() {}

    let read =
        proto::ReadSectionsRequest { streams: vec![stream_message(&case(1))], classes: vec![] };
    let good = token("ReadSections", &read.encode_to_vec());
    let mut contents = Vec::new();
    let mut answers = client.read_sections(with(read.clone(), &good)).await.unwrap().into_inner();
    while let Some(answer) = answers.message().await.unwrap() {
        contents.push(answer.section.unwrap().content.unwrap());
    }
    assert_eq!(contents, [CONTENT, NAME, CONTENT].map(str::as_bytes));
    // Used again; cut; for something else.
    let other = token("ReadLog", &read.encode_to_vec());
    for wrong in [&good[..], &good[..good.len() - 3], &other] {
        client.read_sections(with(read.clone(), wrong)).await.unwrap_err();
    }
    let mut oversized = note(12, case(1)).submission();
    oversized.statement = CONTENT.repeat(600_000).into_bytes();
    let request = proto::AppendRequest { submission: Some(message(oversized)) };
    let token = token("Append", &request.encode_to_vec());
    client.append(with(request, &token)).await.unwrap_err();
}

/// A server that writes down whatever its parts can, over a ledger whose people are enrolled.
fn start(place: &Place, folder: &std::path::Path, level: &str) -> Server {
    let data = folder.join(format!("data-{level}"));
    copy_dir(&place.root(), &data);
    Launch::new(&data).closed().with("--reflection").env("RUST_LOG", level.as_ref()).start()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_silent_about_people_and_keys() {
    let place = Place::of_today();
    let (ledger, _) = tokio::task::block_in_place(|| place.open()).unwrap();
    for draft in staff() {
        ledger.append(draft.submission()).await.unwrap();
    }
    tokio::task::block_in_place(|| ledger.close()).unwrap();
    let folder = place::temporary("logging-");
    for level in ["info", "trace"] {
        let server = start(&place, folder.path(), level);
        let mut tokens = Vec::new();
        work(&mut client(connect(server.url()).await), &mut tokens).await;
        server.signal("TERM");
        let log = loop {
            let log = server.log();
            if log.contains("ended in order") {
                break log;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        };
        println!("{level}: {} lines", log.lines().count());
        check_silent(&log, "content", CONTENT.as_bytes());
        check_silent(&log, "a name", NAME.as_bytes());
        check_silent(&log, "a token's id", JTI.as_bytes());
        for token in &tokens {
            for part in token.split('.') {
                check_silent(&log, "a token", part.as_bytes());
            }
        }
        check_silent(&log, "an actor", actor(WORKER).to_string().as_bytes());
        check_silent(&log, "an actor", &actor(WORKER).0);
        check_silent(&log, "a caller's key", &secret(TOKEN).public().0);
        for key in [secret(TOKEN), secret(WORKER)] {
            check_silent(&log, "a secret key", &*key.seed());
        }
        for file in [letopisd::keys::FILE, KEK_FILE] {
            let text = std::fs::read_to_string(keys_dir(&place.root()).join(file)).unwrap();
            for word in text.split_whitespace().filter(|word| word.len() == 64) {
                check_silent(&log, file, word.as_bytes());
            }
        }
    }
}

/// The test above sees what it looks for.
#[test]
fn what_stands_in_a_log_is_seen() {
    for form in forms(CONTENT.as_bytes()) {
        let line = String::from_utf8([b"INFO before: ", &form[..], b" after"].concat()).unwrap();
        let log = format!("INFO first\n{line}\nINFO last\n");
        assert_eq!(line_with(&log, CONTENT.as_bytes()), Some(&line[..]));
    }
    assert_eq!(line_with("INFO first\nINFO last\n", CONTENT.as_bytes()), None);
}
