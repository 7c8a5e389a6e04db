//! Whoever acts at the command line: with a key file, open or under a passphrase, or by a key agent.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use letopis_client::agent::{AgentClient, AgentIdentity};
use letopis_client::locker::AskPassphrase;
use letopis_client::{
    Identity, KeyFile, LockedIdentity, Locker, Passphrase, StatementSigner, TokenSigner,
};
use letopis_domain::statement::Signer;
use letopis_types::LedgerId;
use zeroize::Zeroizing;

use crate::cli::KeyArgs;
use crate::failure::Failure;
use crate::terminal;

/// How often a passphrase is asked for.
const ATTEMPTS: u32 = 3;

/// The longest file of passphrases, in bytes.
const FILE_BYTES: u64 = 16 * 1024;

/// Whoever holds keys.
#[derive(Debug, Clone)]
pub enum Holder {
    /// A key file whose keys lie open.
    Open(Arc<Identity>),
    /// A key file under a passphrase; locks itself again after 5 minutes.
    Locked(Box<Locker>),
    /// A key agent.
    Agent(Box<AgentIdentity>),
}

impl Holder {
    /// All that the arguments name, in their order. Passphrases are asked for when a key is used.
    ///
    /// # Errors
    /// What is wrong with a file, or with the agent.
    pub fn all(args: &KeyArgs) -> Result<Vec<Self>, Failure> {
        if let Some(socket) = &args.agent {
            return Ok(vec![Self::of_agent(socket, args)?]);
        }
        let mut passphrases = Passphrases::of(args.passphrase_file.as_deref())?;
        args.files.iter().map(|path| Self::of_file(path, &mut passphrases)).collect()
    }

    fn of_file(path: &Path, passphrases: &mut Passphrases) -> Result<Self, Failure> {
        Ok(match KeyFile::read(path)? {
            KeyFile::Open(identity) => Self::Open(Arc::new(identity)),
            KeyFile::Locked(locked) => {
                Self::Locked(Box::new(Locker::new(locked, Some(passphrases.asking(path)))))
            }
        })
    }

    fn of_agent(socket: &Path, args: &KeyArgs) -> Result<Self, Failure> {
        let mut held = AgentClient::new(socket).identities().map_err(Failure::other)?;
        if let Some(actor) = args.acting_as {
            held.retain(|one| one.signer().actor == actor);
        }
        match (held.pop(), held.is_empty()) {
            (Some(one), true) => Ok(Self::Agent(Box::new(one))),
            (None, _) => Err(Failure::other("the key agent does not hold this actor's key")),
            (Some(_), false) => {
                Err(Failure::other("the key agent holds several keys: say whose with --as ACTOR"))
            }
        }
    }

    /// As a signer of statements.
    #[must_use]
    pub fn signer(&self) -> Signer {
        match self {
            Self::Open(identity) => identity.signer(),
            Self::Locked(locker) => locker.locked().signer(),
            Self::Agent(agent) => agent.signer(),
        }
    }

    /// The ledger for which its keys are; `None`: any.
    #[must_use]
    pub fn ledger(&self) -> Option<LedgerId> {
        match self {
            Self::Open(identity) => identity.ledger,
            Self::Locked(locker) => locker.locked().ledger,
            Self::Agent(agent) => agent.ledger(),
        }
    }

    /// What signs the tokens of calls.
    #[must_use]
    pub fn tokens(&self) -> Arc<dyn TokenSigner> {
        match self {
            Self::Open(identity) => Arc::clone(identity) as _,
            Self::Locked(locker) => Arc::new(Locker::clone(locker)),
            Self::Agent(agent) => Arc::new(AgentIdentity::clone(agent)),
        }
    }

    /// What signs statements. May wait for a passphrase, or for whoever the agent asks.
    #[must_use]
    pub fn statements(&self) -> &dyn StatementSigner {
        match self {
            Self::Open(identity) => &identity.statement_key,
            Self::Locked(locker) => &**locker,
            Self::Agent(agent) => &**agent,
        }
    }

    /// Shows what is to be signed and asks, by itself.
    #[must_use]
    pub const fn asks(&self) -> bool {
        matches!(self, Self::Agent(_))
    }
}

/// The one key file that the arguments name, unlocked for as long as the program runs: for what
/// signs thousands of statements.
///
/// # Errors
/// Where it is not one file; what is wrong with it.
pub fn unlocked(args: &KeyArgs) -> Result<(PathBuf, Arc<Identity>), Failure> {
    let [path] = args.files.as_slice() else {
        return Err(Failure::other("name one key file with --key"));
    };
    let identity = match KeyFile::read(path)? {
        KeyFile::Open(identity) => identity,
        KeyFile::Locked(locked) => {
            let mut passphrases = Passphrases::of(args.passphrase_file.as_deref())?;
            unlock(&locked, &*passphrases.asking(path))?.0
        }
    };
    Ok((path.clone(), Arc::new(identity)))
}

/// Opens keys, and tells with what.
///
/// # Errors
/// Where nobody gives the passphrase.
pub fn unlock(
    locked: &LockedIdentity,
    ask: &dyn AskPassphrase,
) -> Result<(Identity, Passphrase), Failure> {
    let mut wrong = None;
    for attempt in 1..=ATTEMPTS {
        let Some(passphrase) = ask.ask(locked, attempt) else { break };
        match locked.unlock(&passphrase) {
            Ok(identity) => return Ok((identity, passphrase)),
            Err(error) => wrong = Some(error),
        }
    }
    Err(wrong.map_or_else(|| Failure::other("no passphrase was given"), Failure::other))
}

/// Where passphrases come from.
#[derive(Debug)]
pub enum Passphrases {
    /// They are asked for.
    Terminal,
    /// The lines of a file that are not used yet, the last one first.
    File(Vec<Zeroizing<String>>),
}

impl Passphrases {
    /// From a file of mode 0600, a line for each; without one they are asked for.
    ///
    /// # Errors
    /// Where others may read it, or it is none.
    pub fn of(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::Terminal) };
        let file = File::open(path).map_err(Failure::io("open", path))?;
        let mode = file.metadata().map_err(Failure::io("look at", path))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Failure::other(format!(
                "{} may be read by others (mode {:o}): give it mode 0600",
                path.display(),
                mode & 0o7777
            )));
        }
        let mut text = Zeroizing::new(String::new());
        file.take(FILE_BYTES).read_to_string(&mut text).map_err(Failure::io("read", path))?;
        Ok(Self::File(text.lines().rev().map(|line| Zeroizing::new(line.to_owned())).collect()))
    }

    /// What asks for the next key's. The last line of a file serves all further keys.
    pub fn asking(&mut self, key: &Path) -> Arc<dyn AskPassphrase> {
        match self {
            Self::Terminal => Arc::new(AtTerminal { name: name(key) }),
            Self::File(lines) => {
                let line = if lines.len() > 1 { lines.pop() } else { lines.last().cloned() };
                Arc::new(Given(line))
            }
        }
    }

    /// The next passphrase, for keys that are sealed with it; at the terminal typed twice.
    ///
    /// # Errors
    /// Where there is none, or what was typed twice differs.
    pub fn fresh(&mut self, question: &str) -> Result<Passphrase, Failure> {
        let Self::File(lines) = self else {
            let first = terminal::secret(question)?;
            let again = terminal::secret("Още веднъж · Once more")?;
            return match *first == *again {
                true => Ok(of_text(first)),
                false => Err(Failure::other("that was not the same passphrase twice")),
            };
        };
        let line = lines.pop().ok_or_else(|| Failure::other("the file has no further line"))?;
        Ok(of_text(line))
    }
}

/// Takes the text over, without a copy.
fn of_text(mut text: Zeroizing<String>) -> Passphrase {
    Passphrase::new(std::mem::take(&mut *text))
}

struct AtTerminal {
    name: String,
}

impl AskPassphrase for AtTerminal {
    fn ask(&self, _keys: &LockedIdentity, attempt: u32) -> Option<Passphrase> {
        if attempt > 1 {
            eprintln!("Грешна парола · That was not it");
        }
        let question = format!("Парола за · Passphrase of {}", self.name);
        let asked = terminal::secret(&question).map_err(|failure| eprintln!("letopis: {failure}"));
        asked.ok().map(of_text)
    }
}

struct Given(Option<Zeroizing<String>>);

impl AskPassphrase for Given {
    fn ask(&self, _keys: &LockedIdentity, _attempt: u32) -> Option<Passphrase> {
        // Where it is wrong it is so each time, and that is then said.
        self.0.clone().map(of_text)
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
