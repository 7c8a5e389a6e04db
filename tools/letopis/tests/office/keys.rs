//! Keys: protected, held by an agent, put out of use; and people enrolled with new ones.

use std::process::{Command, Stdio};

use crate::support::{LETOPIS, Office, Server, letopis, wait_for};

#[test]
fn a_passphrase_protects_a_key_file() {
    let office = Office::open();
    let (key, file) = (office.key("worker"), office.passphrases("тайна дума\n"));
    letopis(&["key", "passphrase", &key, "--passphrase-file", &file]).good();
    let text = std::fs::read_to_string(&key).unwrap();
    assert!(!text.contains("seed"), "{text}");
    assert!(letopis(&["key", "show", &key]).good().contains("passphrase      yes"));
    let list = ["case", "list", "--key", &key, "--passphrase-file", &file];
    assert!(office.run(&list).good().contains(&office.case));
    let nobody = office.run(&["case", "list", "--key", &key]);
    assert!(nobody.bad().contains("--passphrase-file"), "{}", nobody.err);

    let both = office.passphrases("тайна дума\nдруга тайна\n");
    letopis(&["key", "passphrase", &key, "--passphrase-file", &both]).good();
    office.passphrases("тайна дума\n");
    let old = office.run(&list);
    assert!(old.bad().contains("passphrase is wrong"), "{}", old.err);
    office.passphrases("друга тайна\n");
    office.run(&list).good();
    office.passphrases("къса\n");
    let new = office.path("new.key");
    let short = ["key", "new", "--out", &new, "--passphrase", "--passphrase-file", &file];
    assert!(letopis(&short).bad().contains("at least 8 characters"));
    office.passphrases("достатъчно дълга\n");
    assert_eq!(letopis(&short).good().trim().len(), 64);
    assert!(letopis(&["key", "show", &new]).good().contains("passphrase      yes"));
}

#[test]
fn an_agent_shows_what_is_signed_and_asks() {
    let office = Office::open();
    let (key, file) = (office.key("duty"), office.passphrases("тайна дума\n"));
    let socket = office.path("agent/socket");
    let open = letopis(&["key", "agent", &key, "--socket", &socket]);
    assert!(open.bad().contains("has no passphrase"), "{}", open.err);
    letopis(&["key", "passphrase", &key, "--passphrase-file", &file]).good();
    let mut agent = Command::new(LETOPIS)
        .args(["key", "agent", &key, "--socket", &socket, "--passphrase-file", &file])
        .args(["--lang", "bg"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answers = agent.stdin.take().unwrap();
    std::io::Write::write_all(&mut answers, "да\nне\n".as_bytes()).unwrap();
    wait_for(&socket);
    let danger = ["--danger", "Детето е само.", "--agent", &socket];
    let open = [&["file", "break-glass", "open", &office.case][..], &danger].concat();
    office.run(&open).good();
    let declined = office.run(&open);
    assert!(declined.bad().contains("did not agree"), "{}", declined.err);
    let list = ["case", "list", "--agent", &socket, "--purpose", "emergency"];
    assert!(office.run(&list).good().contains(&office.case));
    let id = agent.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let shown = agent.wait_with_output().unwrap();
    assert!(shown.status.success());
    let shown = String::from_utf8(shown.stderr).unwrap();
    assert_eq!(shown.matches("Спешен достъп (BreakGlassOpened)").count(), 2, "{shown}");
    assert!(shown.contains("Детето е само."), "{shown}");
    drop(answers);
}

#[test]
fn a_key_is_suspended_by_its_owner_alone() {
    let office = Office::open();
    let duty = ["--key", &office.key("duty"), "--yes", "--lang", "bg"];
    let said = office.run(&[&["key", "suspend"][..], &duty].concat()).good();
    assert!(said.contains("Ключът не важи от сега."), "{said}");
    let open = ["open", "--danger", "Детето е само.", "--yes"];
    let refused = office.break_glass(&open, &["duty"]);
    assert!(refused.bad().contains("refused"), "{}", refused.err);

    let head = ["--key", &office.key("head"), "--yes", "--lang", "bg", "--token"];
    let said = office.run(&[&["key", "suspend"][..], &head].concat()).good();
    assert!(said.contains("Ключът не важи от сега."), "{said}");
    office.run(&["case", "list", "--key", &office.key("head")]).bad();

    // Who agrees to one of two has suspended none, and may begin anew.
    let both = ["key", "suspend", "--both", "--lang", "bg", "--key", &office.key("worker")];
    assert!(office.run_asked(&both, "да\nне\n").bad().contains("не е подписано"));
    let worker = ["--key", &office.key("worker"), "--yes", "--lang", "bg", "--both"];
    let said = office.run(&[&["key", "suspend"][..], &worker].concat()).good();
    assert!(said.contains("Ключовете не важат от сега."), "{said}");
    assert_eq!(said.matches("вписано под номер").count(), 2, "{said}");
    office.run(&["case", "list", "--key", &office.key("worker")]).bad();
}

#[test]
fn a_fresh_trial_gets_its_officer_and_its_policy() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (root, officer, trust) = (path("trial"), path("officer.key"), path("trust"));
    letopis(&["init", "--data", &root, "--name", "office.example"]).good();
    let server = Server::start(&root, &[]);
    let at = ["--server", &server.url, "--trust", &trust];
    let registrars = [1, 2].map(|number| format!("{root}/keys/registrar-{number}.key"));
    let two = ["--key", &registrars[0], "--key", &registrars[1]];
    let who = [
        &["actor", "enrol", "--name", "Мисъл Примерова", "--out", &officer][..],
        &["--role", "data-protection-officer"],
        &at,
    ]
    .concat();
    assert!(letopis(&[&who[..], &two[..2]].concat()).bad().contains("--key twice"));
    letopis(&[&who[..], &two].concat()).good();

    let by_officer = ["--key", &officer, "--purpose", "data_protection", "--lang", "bg"];
    let show = [&["policy", "show"][..], &by_officer, &at].concat();
    assert!(letopis(&show).good().contains("Още няма приета политика"));
    let adopt = [&["policy", "adopt", "--yes"][..], &by_officer, &at].concat();
    assert!(letopis(&adopt).bad().contains("refused"));
    letopis(&[&adopt[..], &two].concat()).good();
    assert!(letopis(&show).good().contains("· Спешният достъп отваря"));
    let broken = path("broken.cedar");
    std::fs::write(&broken, "permit (principal, action, resource);").unwrap();
    let adopt = [&adopt[..], &two, &["--file", &broken]].concat();
    assert!(!letopis(&adopt).bad().contains("refused"));
    server.stop();
    letopis(&["verify", "--data", &root]).good();
}
