//! The server in a process of its own.

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::binaries;

/// A server that does not listen by then never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lines of its log that are shown when a test fails.
const LOG_LINES: usize = 30;

/// How a server is to be started.
#[derive(Debug, Clone)]
pub struct Launch {
    data: PathBuf,
    host: IpAddr,
    port: u16,
    is_open: bool,
    arguments: Vec<String>,
    environment: Vec<(String, PathBuf)>,
    log: PathBuf,
}

impl Launch {
    /// Over this data directory, on a free port of the loopback address, answering calls without a
    /// token; its log goes beside the directory.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self {
            data: data.into(),
            host: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            is_open: true,
            // Otherwise each would take 150 MiB of the disk.
            arguments: vec!["--no-reserve".to_owned()],
            environment: Vec::new(),
            log: data.with_extension("log"),
        }
    }

    /// On this port.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// On this address of the machine.
    #[must_use]
    pub fn host(mut self, host: impl Into<IpAddr>) -> Self {
        self.host = host.into();
        self
    }

    /// Answering calls with a token only.
    #[must_use]
    pub const fn closed(mut self) -> Self {
        self.is_open = false;
        self
    }

    /// With this setting, as it stands on a command line.
    #[must_use]
    pub fn with(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With the reserve for a full disk.
    #[must_use]
    pub fn reserve(mut self) -> Self {
        self.arguments.retain(|argument| argument != "--no-reserve");
        self
    }

    /// With its log there.
    #[must_use]
    pub fn log(mut self, log: &Path) -> Self {
        self.log = log.into();
        self
    }

    /// Over another data directory.
    #[must_use]
    pub fn data(mut self, data: &Path) -> Self {
        self.data = data.into();
        self
    }

    /// With segments of about this size, and space written this far ahead, in bytes.
    #[must_use]
    pub fn segments(self, segment_bytes: u64, preallocate_bytes: u64) -> Self {
        self.with(format!("--segment-bytes={segment_bytes}"))
            .with(format!("--preallocate-bytes={preallocate_bytes}"))
    }

    /// With this in its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &Path) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Starts the process. It does not listen yet.
    ///
    /// # Panics
    /// If it can't be started.
    #[must_use]
    pub fn spawn(&self) -> Server {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let log_begins = log.metadata().unwrap().len();
        let program = &binaries().letopisd;
        let began = Instant::now();
        let mut child = Command::new(program)
            .arg("--data")
            .arg(&self.data)
            .args(["--listen", &SocketAddr::new(self.host, self.port).to_string()])
            .args(self.is_open.then_some("--open"))
            .args(&self.arguments)
            .env("NO_COLOR", "1")
            .env_remove("RUST_LOG")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            // Ends with the process, or with whoever listens.
            for line in out.lines().map_while(Result::ok) {
                if sender.send((line, began.elapsed())).is_err() {
                    return;
                }
            }
        });
        let address = SocketAddr::new(self.host, self.port);
        let url = String::new();
        Server { child, lines, address, url, log: self.log.clone(), log_begins }
    }

    /// Starts it, and waits until it listens.
    ///
    /// # Panics
    /// With its log, if it does not.
    #[must_use]
    pub fn start(&self) -> Server {
        let mut server = self.spawn();
        server.listening();
        server
    }

    /// A server that refuses to start: waits for its end.
    ///
    /// # Panics
    /// If it starts.
    #[must_use]
    pub fn refused(&self) -> (ExitStatus, String) {
        let mut server = self.spawn();
        match server.lines.recv_timeout(PATIENCE) {
            Err(RecvTimeoutError::Disconnected) => {}
            other => panic!("the server should have refused: {other:?}\n{}", server.log()),
        }
        (server.child.wait().unwrap(), server.log())
    }
}

/// A free port below those that the system gives to connections. A client that calls while no
/// server is there could otherwise be given just this port, and talk to itself.
///
/// # Panics
/// If there is none.
#[must_use]
fn fixed_port() -> u16 {
    (0..1000)
        .map(|_| 20_000 + (getrandom::u32().unwrap() % 10_000) as u16)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

impl Launch {
    /// On a free port that stays free while no server is there.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn fixed_port(self) -> Self {
        self.port(fixed_port())
    }

    /// Where a server on a fixed port is reached.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// A server process. Dropping it kills it; in a test that fails, the end of its log is shown.
#[derive(Debug)]
pub struct Server {
    child: Child,
    lines: Receiver<(String, Duration)>,
    address: SocketAddr,
    url: String,
    log: PathBuf,
    log_begins: u64,
}

impl Server {
    /// Waits until it listens; how long it took from its start.
    ///
    /// # Panics
    /// With its log, if it does not.
    pub fn listening(&mut self) -> Duration {
        let Ok((line, took)) = self.lines.recv_timeout(PATIENCE) else {
            panic!("the server does not listen\n{}", self.log())
        };
        let address = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}"));
        self.address = address.parse().unwrap();
        self.url = format!("http://{address}");
        took
    }

    /// How long it took until it listened, if it does by now.
    pub fn listened(&mut self) -> Option<Duration> {
        self.lines.try_recv().ok().map(|(_, took)| took)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, in plain text.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The most memory that it has held so far, in bytes.
    ///
    /// # Panics
    /// If the system does not tell.
    #[must_use]
    pub fn peak_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() << 10
    }

    /// Where these bytes stand in its memory, of what it may write: the mappings, by name.
    ///
    /// # Panics
    /// If the system does not let it be read.
    #[must_use]
    pub fn memory_holds(&self, mark: &[u8]) -> Vec<String> {
        let process = format!("/proc/{}", self.child.id());
        let maps = fs::read_to_string(format!("{process}/maps")).unwrap();
        let memory = fs::File::open(format!("{process}/mem")).unwrap();
        let mut found = Vec::new();
        for line in maps.lines().filter(|line| !line.contains("[vvar")) {
            let mut fields = line.split_whitespace();
            let (from, to) = fields.next().unwrap().split_once('-').unwrap();
            if !fields.next().unwrap().starts_with("rw") {
                continue;
            }
            let address = |text| u64::from_str_radix(text, 16).unwrap();
            let (from, to) = (address(from), address(to));
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            // It may have been given back in between.
            if memory.read_exact_at(&mut bytes, from).is_ok() {
                let at = memchr::memmem::find_iter(&bytes, mark);
                found.extend(at.map(|at| format!("{line}: at {at:#x}")));
            }
        }
        found
    }

    /// How it ended, if it did by now.
    ///
    /// # Panics
    /// If the system does not tell.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Sends it a signal, by its name.
    ///
    /// # Panics
    /// If it can't be sent.
    pub fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        let told = Command::new("kill").args(["-s", name, &process]).status().unwrap();
        assert!(told.success(), "SIG{name} was not sent");
    }

    /// What this process has written to its log.
    ///
    /// # Panics
    /// If it can't be read.
    #[must_use]
    pub fn log(&self) -> String {
        let whole = fs::read(&self.log).unwrap();
        let own = whole.get(usize::try_from(self.log_begins).unwrap()..).unwrap_or_default();
        String::from_utf8_lossy(own).into_owned()
    }

    /// `kill -9`.
    ///
    /// # Panics
    /// With its log, if it had ended by itself.
    pub fn kill(mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("the server ended by itself: {status}\n{}", self.log());
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it in order.
    ///
    /// # Panics
    /// With its log, if it does not end so.
    pub fn stop(mut self) {
        self.signal("TERM");
        let ended = self.child.wait().unwrap();
        assert!(ended.success(), "not ended in order\n{}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Of one that ended already this says so, which is of no interest.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            let shown = &lines[lines.len().saturating_sub(LOG_LINES)..];
            eprintln!("--- the server's log ends with\n{}", shown.join("\n"));
        }
    }
}
