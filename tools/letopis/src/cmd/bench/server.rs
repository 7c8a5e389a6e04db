//! The server in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::failure::Failure;

/// A running server.
pub(super) struct Server {
    child: Child,
    /// Where it listens.
    pub(super) url: String,
}

impl Server {
    /// Starts it for calls with a token, and waits until it listens.
    pub(super) fn start(root: &Path) -> Result<Self, Failure> {
        Self::start_with(root, &[])
    }

    /// Starts it for calls without a token.
    pub(super) fn start_open(root: &Path) -> Result<Self, Failure> {
        Self::start_with(root, &["--open"])
    }

    /// Starts it for calls with a token, by the time that stands in a file.
    pub(super) fn start_by(root: &Path, clock: &Path) -> Result<Self, Failure> {
        let clock = clock.to_str().ok_or_else(|| Failure::other("a path that is no text"))?;
        Self::start_with(root, &["--simulated-clock", clock])
    }

    fn start_with(root: &Path, further: &[&str]) -> Result<Self, Failure> {
        let own = std::env::current_exe().map_err(Failure::other)?;
        let mut child = Command::new(own)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(root)
            .args(further)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Failure::other)?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(Failure::other)?;
        }
        match line.trim().strip_prefix("listening on ") {
            Some(address) => Ok(Self { child, url: format!("http://{address}") }),
            None => {
                let _ = child.wait();
                Err(Failure::other("the server did not start"))
            }
        }
    }

    /// The most memory that it held, in MiB.
    pub(super) fn peak_mib(&self) -> Result<f64, Failure> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).map_err(Failure::other)?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0).ok_or_else(|| Failure::other("no peak of memory is told"))
    }

    /// How long it has kept processors busy, in seconds.
    pub(super) fn cpu_seconds(&self) -> Result<f64, Failure> {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(&path).map_err(Failure::other)?;
        // proc_pid_stat(5): after the name, which may hold anything, utime and stime are the 12th and 13th.
        let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        let ticks = ticks.sum::<Result<f64, _>>().map_err(Failure::other)?;
        // INVARIANT: far below 2^53.
        Ok(ticks / rustix::param::clock_ticks_per_second() as f64)
    }

    /// Ends it in order.
    pub(super) fn stop(mut self) -> Result<(), Failure> {
        let killed = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .map_err(Failure::other)?;
        let ended = self.child.wait().map_err(Failure::other)?;
        match killed.success() && ended.success() {
            true => Ok(()),
            false => Err(Failure::other("the server did not end in order")),
        }
    }

    /// `kill -9`.
    pub(super) fn kill(mut self) -> Result<(), Failure> {
        self.child.kill().and_then(|()| self.child.wait()).map_err(Failure::other).map(drop)
    }
}

impl Drop for Server {
    /// Where measuring failed, nobody stops it.
    fn drop(&mut self) {
        // It has ended, as a rule.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
