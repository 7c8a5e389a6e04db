//! What an agent does with what it is asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use letopis_crypto::sign::SecretKey;
use letopis_domain::Statement;
use letopis_proto::ledger::v1 as pb;
use letopis_types::{PublicKey, SignatureBytes};
use prost::Message as _;
use serde::Deserialize;

use super::protocol::{Answer, Listed, Request};
use crate::identity::{Identity, SignerError};
use crate::key_file::LockedIdentity;
use crate::locker::Locker;
use crate::signed::{Unsigned, parse_statement};
use crate::words::{self, Lang};

/// How long a token may be good for, in seconds.
const LIFE_SECONDS_MAX: u64 = 120;

/// How far a token's beginning may be from now, in seconds: none is made ahead, to be used when the
/// keys are locked again.
const NOW_SECONDS: u64 = 5;

/// Asks a person whether to sign.
pub trait Confirm: Send + Sync {
    /// Shows the act, line by line as [`words::describe`] tells it, and says whether it is agreed
    /// to. May take as long as the person does; whoever asked to sign gives up after 10 minutes.
    fn confirm(&self, act: &[String]) -> bool;
}

/// Holds keys under passphrases, and signs with them what its module's header says.
///
/// INVARIANT: a statement key signs only statements that were shown and agreed to, and nothing else.
pub struct KeyAgent {
    keys: Vec<Locker>,
    confirm: Arc<dyn Confirm>,
    lang: Lang,
    /// One question at a time.
    asking: Mutex<()>,
}

impl KeyAgent {
    /// With these keys; acts are shown in this language.
    #[must_use]
    pub fn new(keys: Vec<Locker>, confirm: Arc<dyn Confirm>, lang: Lang) -> Self {
        Self { keys, confirm, lang, asking: Mutex::default() }
    }

    /// Locks all keys now.
    pub fn lock(&self) {
        self.keys.iter().for_each(Locker::lock);
    }

    pub(super) fn answer(&self, request: &[u8]) -> Answer {
        let done = match Request::parse(request) {
            Some(Request::List) => {
                let listed = self.keys.iter().map(|locker| listed(locker.locked()));
                return Answer::Identities(listed.collect());
            }
            Some(Request::SignToken { key, signing_input }) => self.sign_token(key, signing_input),
            Some(Request::SignStatement { key, submission }) => {
                self.sign_statement(key, submission)
            }
            None => Err(refused("this is not a request of the protocol")),
        };
        done.map_or_else(Answer::NotDone, Answer::Signature)
    }

    fn sign_token(
        &self,
        key: PublicKey,
        signing_input: &[u8],
    ) -> Result<SignatureBytes, SignerError> {
        let held = self.keys.iter().find(|held| held.locked().token_key() == Some(key));
        let held = held.ok_or(SignerError::NoSuchKey { key })?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        check_token(signing_input, key, held.locked(), now).map_err(refused)?;
        held.with(|identity| token_key(identity, key).map(|secret| secret.sign(signing_input)))?
    }

    fn sign_statement(
        &self,
        key: PublicKey,
        submission: &[u8],
    ) -> Result<SignatureBytes, SignerError> {
        let is_of = |held: &&Locker| {
            held.locked().statement_key() == key || held.locked().token_key() == Some(key)
        };
        let held = self.keys.iter().find(is_of).ok_or(SignerError::NoSuchKey { key })?;
        let asked = Asked::parse(submission)?;
        check_statement(asked.statement(), key, held.locked())?;
        {
            let _asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.confirm.confirm(&asked.words(self.lang)) {
                return Err(SignerError::Declined);
            }
        }
        held.with(|identity| {
            if identity.statement_key.public() == key {
                return Ok(identity.statement_key.sign_statement(asked.bytes()));
            }
            token_key(identity, key).map(|secret| secret.sign_statement(asked.bytes()))
        })?
    }
}

impl std::fmt::Debug for KeyAgent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyAgent").field("keys", &self.keys).finish_non_exhaustive()
    }
}

fn refused(reason: impl Into<String>) -> SignerError {
    SignerError::Refused { reason: reason.into() }
}

fn listed(locked: &LockedIdentity) -> Listed {
    Listed {
        ledger: locked.ledger,
        actor: locked.actor(),
        grant: locked.grant,
        statement_key: locked.statement_key(),
        token_key: locked.token_key(),
    }
}

fn token_key(identity: &Identity, key: PublicKey) -> Result<&SecretKey, SignerError> {
    identity.token_key.as_ref().ok_or(SignerError::NoSuchKey { key })
}

/// A statement that the agent is asked to sign.
enum Asked {
    WithContents(Box<Unsigned>),
    Bare(Vec<u8>, Box<Statement>),
}

impl Asked {
    /// INVARIANT: canonical and well-formed; every content opens its commitment.
    fn parse(submission: &[u8]) -> Result<Self, SignerError> {
        let message = pb::Submission::decode(submission)
            .map_err(|_| refused("this is not a submission with a statement"))?;
        if !message.signatures.is_empty() {
            return Err(refused("this is signed already"));
        }
        let statement =
            parse_statement(&message.statement).map_err(|error| refused(error.to_string()))?;
        if message.sections.is_empty() && !statement.sections.is_empty() {
            return Ok(Self::Bare(message.statement.to_vec(), Box::new(statement)));
        }
        let unsigned =
            Unsigned::from_bytes(submission).map_err(|error| refused(error.to_string()))?;
        Ok(Self::WithContents(Box::new(unsigned)))
    }

    fn statement(&self) -> &Statement {
        match self {
            Self::WithContents(unsigned) => unsigned.statement(),
            Self::Bare(_, statement) => statement,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::WithContents(unsigned) => unsigned.statement_bytes(),
            Self::Bare(bytes, _) => bytes,
        }
    }

    fn words(&self, lang: Lang) -> Vec<String> {
        match self {
            Self::WithContents(unsigned) => words::describe(unsigned, lang),
            // It was parsed before.
            Self::Bare(bytes, _) => words::describe_bytes(bytes, lang).unwrap_or_default(),
        }
    }
}

/// The statement is one that this key may sign: it names it, with its actor, for its ledger; a token
/// key signs only its own enrolment.
fn check_statement(
    statement: &Statement,
    key: PublicKey,
    identity: &LockedIdentity,
) -> Result<(), SignerError> {
    let named = statement.signers.iter().find(|signer| signer.key == key);
    let named = named.ok_or_else(|| refused("the statement does not name this key as a signer"))?;
    if named.actor != identity.actor() {
        return Err(refused("the statement names another actor for this key"));
    }
    if let (Some(own), Some(other)) = (identity.ledger, statement.ledger)
        && own != other
    {
        return Err(refused("the statement is for another ledger than these keys"));
    }
    if key != identity.statement_key() && !statement.fact.enrolled_keys().contains(&key) {
        return Err(SignerError::NoSuchKey { key });
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields that are not compared must be there, and no other")]
struct Claims<'a> {
    aud: &'a str,
    sub: &'a str,
    iat: u64,
    exp: u64,
    jti: &'a str,
    method: &'a str,
    purpose: &'a str,
    query: &'a str,
}

/// It is the signing input of a token by this key, for its actor and ledger, and for now.
fn check_token(
    signing_input: &[u8],
    key: PublicKey,
    identity: &LockedIdentity,
    now: u64,
) -> Result<(), &'static str> {
    let part = |part: Option<&str>| part.and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let mut parts = std::str::from_utf8(signing_input).unwrap_or_default().split('.');
    let (header, claims) = (part(parts.next()), part(parts.next()));
    let (Some(header), Some(claims), None) = (header, claims, parts.next()) else {
        return Err("this is not the signing input of a token");
    };
    let header: Header<'_> =
        serde_json::from_slice(&header).map_err(|_| "the token's header is not as it must be")?;
    if header.alg != "EdDSA" || header.typ != "JWT" || header.kid != key.to_string() {
        return Err("the token's header is not that of this key");
    }
    let claims: Claims<'_> = serde_json::from_slice(&claims)
        .map_err(|_| "the token's claims are not as they must be")?;
    if claims.sub != identity.actor().to_string() {
        return Err("the token is for another actor than this key");
    }
    if identity.ledger.is_some_and(|ledger| claims.aud != ledger.to_string()) {
        return Err("the token is for another ledger than these keys");
    }
    let life = claims.exp.checked_sub(claims.iat);
    if claims.iat.abs_diff(now) > NOW_SECONDS || life.is_none_or(|life| life > LIFE_SECONDS_MAX) {
        return Err("the token is not for now, or for more than 120 s");
    }
    Ok(())
}
