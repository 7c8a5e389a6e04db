//! `letopis key`: keys are made, protected, held, put out of use.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use letopis_client::agent::{AgentSocket, Confirm, KeyAgent};
use letopis_client::{
    CollectedSignature, Draft, Identity, KeyFile, LockedIdentity, Locker, TokenSigner as _,
};
use letopis_crypto::hash::{ledger_id, statement_hash};
use letopis_domain::statement::Signer;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::{StreamId, StreamKey, StreamKind};
use letopis_words::{Lang, say};

use crate::act::{How, agree, carry_out, send};
use crate::cli::{KeyCommand, ServerArgs, SignArgs, signer_text};
use crate::cmd::init::{genesis_of, new_identity, now, read_genesis};
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::holder::{Passphrases, unlock};
use crate::{out, terminal};

/// `letopis key`.
///
/// # Errors
/// Why it was not done.
pub async fn run(command: &KeyCommand) -> Result<(), Failure> {
    match command {
        KeyCommand::New { out, passphrase, passphrase_file } => {
            new(out, *passphrase, passphrase_file.as_deref())
        }
        KeyCommand::Passphrase { file, passphrase_file } => {
            passphrase(file, passphrase_file.as_deref())
        }
        KeyCommand::Show { file, signer } => show(file, *signer),
        KeyCommand::Agent { keys, socket, passphrase_file, lang } => {
            agent(keys, socket, passphrase_file.as_deref(), *lang)
        }
        KeyCommand::Suspend { server, token, both, sign, lang } => {
            let which = match (both, token) {
                (true, _) => Which::Both,
                (false, true) => Which::Token,
                (false, false) => Which::Statement,
            };
            suspend(server, which, sign, *lang).await
        }
        KeyCommand::SignGenesis { genesis, key, passphrase_file } => {
            sign_genesis(genesis, key, passphrase_file.as_deref())
        }
    }
}

fn new(path: &Path, protect: bool, passphrase_file: Option<&Path>) -> Result<(), Failure> {
    let identity = new_identity()?;
    if protect {
        let passphrase = Passphrases::of(passphrase_file)?.fresh(NEW)?;
        LockedIdentity::seal(&identity, &passphrase).map_err(Failure::other)?.write(path)?;
    } else {
        identity.write(path)?;
    }
    out::line(&identity.statement_key.public().to_string())
}

/// What is asked for a passphrase that there is not yet.
const NEW: &str = "Нова парола · New passphrase";

fn passphrase(path: &Path, passphrase_file: Option<&Path>) -> Result<(), Failure> {
    let mut passphrases = Passphrases::of(passphrase_file)?;
    let identity = match KeyFile::read(path)? {
        KeyFile::Open(identity) => identity,
        KeyFile::Locked(locked) => unlock(&locked, &*passphrases.asking(path))?.0,
    };
    let passphrase = passphrases.fresh(NEW)?;
    LockedIdentity::seal(&identity, &passphrase).map_err(Failure::other)?.replace(path)?;
    out::line(&format!("{}: ключът е под новата парола · under the new passphrase", path.display()))
}

fn show(path: &Path, as_signer: bool) -> Result<(), Failure> {
    let (signer, token_key, ledger, protected) = match KeyFile::read(path)? {
        KeyFile::Open(identity) => {
            (identity.signer(), identity.token_key(), identity.ledger, false)
        }
        KeyFile::Locked(locked) => (locked.signer(), locked.token_key(), locked.ledger, true),
    };
    if as_signer {
        return out::line(&signer_text(&signer));
    }
    let Signer { actor, key, grant } = signer;
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "none yet".to_owned());
    out::line(&format!("actor           {actor}"))?;
    out::line(&format!("statement key   {key}"))?;
    out::line(&format!("token key       {}", or_none(token_key.map(|key| key.to_string()))))?;
    out::line(&format!("grant           {}", or_none(grant.map(|grant| grant.to_string()))))?;
    out::line(&format!("ledger          {}", or_none(ledger.map(|ledger| ledger.to_string()))))?;
    out::line(&format!("passphrase      {}", if protected { "yes" } else { "no" }))
}

/// Shows an act at the agent's terminal, and asks there.
struct AtTerminal(Lang);

impl Confirm for AtTerminal {
    fn confirm(&self, act: &[String]) -> bool {
        eprintln!("\n{}", say!(self.0, "key-program-asks"));
        for line in act {
            eprintln!("  {line}");
        }
        terminal::agrees(self.0)
    }
}

fn agent(
    paths: &[PathBuf],
    socket: &Path,
    passphrase_file: Option<&Path>,
    lang: Lang,
) -> Result<(), Failure> {
    let mut passphrases = Passphrases::of(passphrase_file)?;
    let mut keys = Vec::with_capacity(paths.len());
    for path in paths {
        let KeyFile::Locked(locked) = KeyFile::read(path)? else {
            let path = path.display();
            return Err(Failure::other(format!(
                "{path} has no passphrase, and an agent would hold nothing back: first \
                 `letopis key passphrase {path}`"
            )));
        };
        keys.push(Locker::new(locked, Some(passphrases.asking(path))));
    }
    let agent = KeyAgent::new(keys, Arc::new(AtTerminal(lang)), lang);
    let socket = AgentSocket::bind(socket, agent).map_err(Failure::other)?;
    let stopper = socket.stopper();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopper.stop();
        }
    });
    out::line(say!(lang, "key-agent-runs"))?;
    tokio::task::block_in_place(|| socket.serve());
    Ok(())
}

/// Which of one's own keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Statement,
    Token,
    Both,
}

async fn suspend(
    server: &ServerArgs,
    which: Which,
    sign: &SignArgs,
    lang: Lang,
) -> Result<(), Failure> {
    let connected = connect_for(server, Purpose::CaseWork).await?;
    let caller = connected.caller()?;
    let Signer { actor, key, .. } = caller.signer();
    let none = || Failure::other("the key file holds no token key");
    let token_key = || caller.tokens().token_key().ok_or_else(none);
    // The statement key signs both, and so goes last.
    let keys = match which {
        Which::Statement => vec![key],
        Which::Token => vec![token_key()?],
        Which::Both => vec![token_key()?, key],
    };
    let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(actor.0) };
    let how = How { sign, lang, json: server.json };
    let mut drafts = keys.iter().map(|key| {
        let fact = proto::KeySuspended { public_key: key.0.to_vec() };
        Draft::new(stream, Kind::KeySuspended(fact), now())
    });
    if which == Which::Both {
        // All is agreed to before the first is sent: after that nobody can begin anew.
        let agreed = drafts.map(|draft| agree(&connected, &draft, how));
        for (unsigned, collected) in agreed.collect::<Result<Vec<_>, _>>()? {
            send(&connected.client, unsigned, &collected, lang, server.json).await?;
        }
    } else if let Some(draft) = drafts.next() {
        carry_out(&connected, &draft, how).await?;
    }
    if server.json {
        return Ok(());
    }
    out::line(match which {
        Which::Both => say!(lang, "key-both-suspended"),
        _ => say!(lang, "key-suspended"),
    })
}

fn sign_genesis(
    genesis: &Path,
    path: &Path,
    passphrase_file: Option<&Path>,
) -> Result<(), Failure> {
    let mut passphrases = Passphrases::of(passphrase_file)?;
    let (mut identity, passphrase) = match KeyFile::read(path)? {
        KeyFile::Open(identity) => (identity, None),
        KeyFile::Locked(locked) => {
            let (identity, passphrase) = unlock(&locked, &*passphrases.asking(path))?;
            (identity, Some(passphrase))
        }
    };
    let unsigned = read_genesis(genesis)?;
    let fact = genesis_of(&unsigned)?;
    let bytes = unsigned.statement_bytes();
    let public = identity.statement_key.public();
    let named = fact.registrars.iter().find(|named| named.statement_key == public);
    let named = named.ok_or_else(|| Failure::other("the genesis does not name this key"))?;
    eprintln!("This genesis begins the ledger {}/{}", fact.name, ledger_id(bytes));
    eprintln!("with {} registrars; you are actor {}.", fact.registrars.len(), named.actor);
    (identity.actor, identity.grant) = (named.actor, Some(statement_hash(bytes)));
    identity.ledger = Some(ledger_id(bytes));
    let CollectedSignature { key, signature } = unsigned.collect(&identity.statement_key)?;
    replace(&identity, passphrase.as_ref(), path)?;
    out::line(&format!("{key}:{signature}"))
}

/// Writes keys back as they were kept before.
fn replace(
    identity: &Identity,
    passphrase: Option<&letopis_client::Passphrase>,
    path: &Path,
) -> Result<(), Failure> {
    match passphrase {
        None => Ok(identity.replace(path)?),
        Some(passphrase) => {
            let locked = LockedIdentity::seal(identity, passphrase).map_err(Failure::other)?;
            Ok(locked.replace(path)?)
        }
    }
}
