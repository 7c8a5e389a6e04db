//! The office: the demo's people and case, served to whoever has a key.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The program under test.
pub(crate) const LETOPIS: &str = env!("CARGO_BIN_EXE_letopis");

/// What a command said, and whether it went well.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) ok: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// What it printed, where it went well.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert!(self.ok, "{}\n{}", self.out, self.err);
        self.out
    }

    /// What it complained of, where it did not.
    #[track_caller]
    pub(crate) fn bad(&self) -> &str {
        assert!(!self.ok, "{}\n{}", self.out, self.err);
        &self.err
    }
}

/// Runs a command with nothing to read.
pub(crate) fn letopis(args: &[&str]) -> Said {
    asked(args, "")
}

/// Runs a command that may ask.
pub(crate) fn asked(args: &[&str], answer: &str) -> Said {
    asked_with(args, answer, &[])
}

/// The same with more in its environment.
pub(crate) fn asked_with(args: &[&str], answer: &str, more: &[(&str, &str)]) -> Said {
    let mut child = Command::new(LETOPIS)
        .args(args)
        .envs(more.iter().copied())
        .env("TZ", "Europe/Sofia")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without reading it.
    let _ = child.stdin.take().unwrap().write_all(answer.as_bytes());
    let output = child.wait_with_output().unwrap();
    Said {
        ok: output.status.success(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Gives a file a mode.
pub(crate) fn secret(path: &str, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// A server in a process of its own.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(root: &str, more: &[&str]) -> Self {
        let mut child = Command::new(LETOPIS)
            .args(["serve", "--listen", "127.0.0.1:0", "--data", root])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect("it listens");
        Self { url: format!("http://{address}"), child }
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The demo's office.
pub(crate) struct Office {
    pub(crate) server: Option<Server>,
    pub(crate) case: String,
    dir: TempDir,
}

impl Office {
    pub(crate) fn open() -> Self {
        Self::served_with(&[])
    }

    pub(crate) fn served_with(more: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("ledger");
        let played = letopis(&["demo", "--lang", "bg", "--data", root.to_str().unwrap()]).good();
        let case = played.split("letopis file show ").nth(1).unwrap();
        let case = case.split(' ').next().unwrap().to_owned();
        let server = Some(Server::start(root.to_str().unwrap(), more));
        Self { server, case, dir }
    }

    pub(crate) fn root(&self) -> String {
        self.path("ledger")
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn key(&self, who: &str) -> String {
        format!("{}/people/{who}.key", self.root())
    }

    pub(crate) fn actor(&self, who: &str) -> String {
        let shown = letopis(&["key", "show", &self.key(who)]).good();
        shown.lines().next().unwrap().split_whitespace().nth(1).unwrap().to_owned()
    }

    /// A file with passphrases.
    pub(crate) fn passphrases(&self, text: &str) -> String {
        let path = self.path("passphrases");
        std::fs::write(&path, text).unwrap();
        secret(&path, 0o600);
        path
    }

    pub(crate) fn run(&self, args: &[&str]) -> Said {
        self.run_asked(args, "")
    }

    pub(crate) fn run_asked(&self, args: &[&str], answer: &str) -> Said {
        let trust = self.path("trust");
        let mut all = args.to_vec();
        // Commands of a key file alone ask no server.
        if let (Some(server), false) = (&self.server, args.starts_with(&["key", "show"])) {
            all.extend(["--server", &server.url, "--trust", &trust]);
        }
        asked(&all, answer)
    }

    /// `letopis file VERB CASE …` by somebody.
    pub(crate) fn file(&self, verb: &str, who: &str, more: &[&str]) -> Said {
        self.file_asked(verb, who, more, "")
    }

    pub(crate) fn file_asked(&self, verb: &str, who: &str, more: &[&str], answer: &str) -> Said {
        let key = self.key(who);
        let args = [&["file", verb, &self.case, "--key", &key][..], more].concat();
        self.run_asked(&args, answer)
    }

    /// `letopis file break-glass VERB CASE …` by these.
    pub(crate) fn break_glass(&self, verb_and_more: &[&str], who: &[&str]) -> Said {
        let (verb, more) = verb_and_more.split_first().unwrap();
        self.signed(&["file", "break-glass", verb, &self.case], who, more)
    }

    /// A command with the keys of these.
    pub(crate) fn signed(&self, command: &[&str], who: &[&str], more: &[&str]) -> Said {
        let keys: Vec<_> = who.iter().map(|who| self.key(who)).collect();
        let keys: Vec<_> = keys.iter().flat_map(|key| ["--key", key.as_str()]).collect();
        self.run(&[command, &keys, more].concat())
    }
}

/// Waits until a file is there.
pub(crate) fn wait_for(path: &str) {
    for _ in 0..200 {
        if Path::new(path).exists() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{path} does not come");
}
