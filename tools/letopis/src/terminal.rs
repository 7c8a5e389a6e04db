//! Whoever sits at the terminal: asked for a passphrase, or whether they agree.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use letopis_words::{Lang, say};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The longest line that is taken, in bytes. Allocated at once, so that no copy of what was typed is
/// left where it grew.
const LINE_BYTES: usize = 4096;

/// Asks for something that is not shown while it is typed.
///
/// # Errors
/// Where there is no terminal to ask at.
pub fn secret(question: &str) -> Result<Zeroizing<String>, Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::other(
            "there is no terminal to ask for a passphrase: give --passphrase-file",
        ));
    }
    eprint!("{question}: ");
    // What can't be shown is asked all the same.
    let _ = std::io::stderr().flush();
    let _silence = Silence::begin()?;
    let mut line = Zeroizing::new(String::with_capacity(LINE_BYTES));
    let read = stdin.lock().read_line(&mut line).map_err(Failure::other)?;
    eprintln!();
    if read == 0 {
        return Err(Failure::other("no passphrase was given"));
    }
    let length = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(length);
    Ok(line)
}

/// The terminal does not show what is typed, until this is dropped.
struct Silence(Termios);

impl Silence {
    fn begin() -> Result<Self, Failure> {
        let stdin = std::io::stdin();
        let before = tcgetattr(&stdin).map_err(Failure::other)?;
        let mut silent = before.clone();
        silent.local_modes -= LocalModes::ECHO;
        tcsetattr(&stdin, OptionalActions::Flush, &silent).map_err(Failure::other)?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Where the terminal is gone there is nothing to show it on.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// Asks whether to go on; whatever is not a clear yes is a no.
#[must_use]
pub fn agrees(lang: Lang) -> bool {
    eprint!("{} ", say!(lang, "sign-question"));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && is_yes(&answer)
}

fn is_yes(answer: &str) -> bool {
    ["да", "д", "yes", "y"].contains(&answer.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_one() {
        for yes in ["да\n", "ДА", "Yes\n", "y"] {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["", "\n", "не", "no", "да не"] {
            assert!(!is_yes(no), "{no}");
        }
    }
}
