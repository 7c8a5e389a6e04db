//! Programs that run to their end.

use std::process::{Command, Output};

use serde_json::Value;

/// A program that ended, with all that it said.
#[derive(Debug)]
pub struct Finished {
    /// What was run.
    pub command: String,
    /// Its exit code; `None`: ended by a signal.
    pub code: Option<i32>,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

/// Runs a program to its end.
///
/// # Panics
/// If it can't be started, or says what is not text.
pub fn finish(command: &mut Command) -> Finished {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Finished {
        command: format!("{command:?}"),
        code: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

impl Finished {
    /// It succeeded.
    ///
    /// # Panics
    /// With all that it said, if it did not.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// It refused, with exit code 1 and these words on standard error.
    ///
    /// # Panics
    /// With all that it said, if it did not.
    #[track_caller]
    pub fn refused(self, words: &str) -> Self {
        assert_eq!(self.code, Some(1), "{self}");
        assert!(self.err.contains(words), "no {words:?}: {self}");
        self
    }

    /// It succeeded, and printed one JSON value.
    ///
    /// # Panics
    /// With all that it said, if it did not.
    #[track_caller]
    pub fn json(self) -> Value {
        let this = self.ok();
        serde_json::from_str(&this.out).unwrap_or_else(|error| panic!("{error}: {this}"))
    }

    /// It succeeded, and printed one JSON value a line.
    ///
    /// # Panics
    /// With all that it said, if it did not.
    #[track_caller]
    pub fn json_lines(self) -> Vec<Value> {
        let this = self.ok();
        let lines = this.out.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}: {this}"))
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { command, code, out, err } = self;
        write!(f, "{command}\nended with {code:?}\n--- out\n{out}\n--- err\n{err}")
    }
}
