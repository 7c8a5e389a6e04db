//! The token with which a caller says who makes a call, for what (proto/README.md, Token).
//!
//! The library parses and validates; the signature is checked as strictly as a statement's.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, Once, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use letopis_crypto::sign;
use letopis_domain::Statement;
use letopis_domain::fact::Needs;
use letopis_domain::registry::Registry;
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{KeyUse, Purpose};
use letopis_types::{
    ActorId, Digest, LedgerId, PublicKey, SignatureBytes, StreamId, StreamKey, StreamKind,
    Timestamp,
};
use sha2::{Digest as _, Sha256};

use crate::submission::parse;

/// The longest token, in bytes.
pub const TOKEN_BYTES_MAX: usize = 2048;

/// The longest life of a token, in seconds.
const LIFE_SECONDS_MAX: i64 = 120;

/// How far clocks may differ, in seconds.
const LEEWAY_SECONDS: i64 = 5;

/// How far back readings are looked through for tokens that a new process would still take: one that
/// is issued now by a clock that is ahead may have been used so long ago.
pub(crate) const REMEMBERED_SECONDS: i64 = 2 * LEEWAY_SECONDS;

/// Tokens remembered as used; more than these can't be in their time at once.
const USED_MAX: usize = 1 << 20;

/// Why a token does not carry a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is none.
    #[error("the call takes a self-signed token in `authorization: Bearer`: make one")]
    Missing,
    /// Malformed, not EdDSA, with a header of its own, or not signed by its key.
    #[error("the token is not a JWS that this call accepts: make one as proto/README.md says")]
    Invalid,
    /// Not in its time, or valid for too long.
    #[error("the token is expired, not valid yet, or valid for more than 120 s: make a new one")]
    Expired,
    /// For another ledger, method or request.
    #[error("the token is for another ledger, method or request: make one for exactly this call")]
    AnotherCall,
    /// Its key is not a token key in force of the actor that it names.
    #[error("the token's key is not a token key in force of its actor: enrol one, use it")]
    Key,
    /// It was used before.
    #[error("the token was used before: make a new one for each call")]
    Reused,
    /// Its actor has no role in force.
    #[error("the reader has no role in force: have a registrar grant one")]
    NoRole,
}

impl TokenError {
    pub(crate) const fn reason(self) -> Reason {
        match self {
            Self::Missing => Reason::TokenMissing,
            Self::Invalid => Reason::TokenInvalid,
            Self::Expired => Reason::TokenExpired,
            Self::AnotherCall => Reason::TokenForAnotherCall,
            Self::Key => Reason::TokenKeyWrong,
            Self::Reused => Reason::TokenReused,
            Self::NoRole => Reason::RoleNotInForce,
        }
    }
}

/// The call that a token has to be for.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The full method, `package.Service/Method`.
    pub method: &'a str,
    /// The request message's bytes.
    pub request: &'a [u8],
}

/// Who makes a call, and what for.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The actor.
    pub actor: ActorId,
    /// What it reads for.
    pub purpose: Purpose,
    /// The token key that it called with.
    pub key: PublicKey,
    /// The role grants that were in force then.
    pub grants: Vec<Digest>,
    /// The token itself, which the reading keeps.
    pub token: String,
}

/// The one type of a token, also where none is written.
const TYPE: &str = "JWT";

/// TRUST: narrower than the library's, which knows headers that bring their own key.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenHeader {
    alg: Algorithm,
    kid: String,
    #[serde(default = "default_type")]
    typ: String,
}

fn default_type() -> String {
    TYPE.to_owned()
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    method: String,
    purpose: String,
    query: String,
}

/// Checks a token for a call.
///
/// # Errors
/// Why it does not carry the call.
pub fn check(
    token: &str,
    call: Call<'_>,
    ledger: &LedgerId,
    registry: &Registry,
    used: &UsedTokens,
    now: Timestamp,
) -> Result<Caller, TokenError> {
    checked(token, call, ledger, registry, used, now, |_| false)
}

/// Checks a token for a call that records a statement, by its bytes. Whoever gives up keys or roles of
/// its own, alone, may do so with a token key that is suspended, and without a role: otherwise nobody
/// could put both their keys out of use before a thief uses them.
///
/// TRUST: such a token opens nothing else, and the statement takes the actor's own signature.
///
/// # Errors
/// Why it does not carry the call.
pub fn check_author(
    token: &str,
    call: Call<'_>,
    statement: &[u8],
    ledger: &LedgerId,
    registry: &Registry,
    used: &UsedTokens,
    now: Timestamp,
) -> Result<Caller, TokenError> {
    let gives_up = |actor: &ActorId| parse(statement).is_ok_and(|it| gives_up_own(&it, actor));
    checked(token, call, ledger, registry, used, now, gives_up)
}

/// `gives_up` is asked only of whose token would not carry the call otherwise.
fn checked(
    token: &str,
    call: Call<'_>,
    ledger: &LedgerId,
    registry: &Registry,
    used: &UsedTokens,
    now: Timestamp,
    gives_up: impl FnOnce(&ActorId) -> bool,
) -> Result<Caller, TokenError> {
    let claimed = claimed(token, call, ledger, used, now)?;
    let Claimed { key, actor, .. } = &claimed;
    let caller = claimed.caller(token, registry, now);
    let in_force = registry.key_in_force(key, actor, KeyUse::Token, now);
    let refused = match (in_force, caller.grants.is_empty()) {
        (true, false) => None,
        (true, true) => Some(TokenError::NoRole),
        (false, _) => Some(TokenError::Key),
    };
    if let Some(refused) = refused {
        let is_its = in_force || registry.key_suspended(key, actor, KeyUse::Token);
        if !is_its || !gives_up(actor) {
            return Err(refused);
        }
    }
    claimed.use_up(used, now)?;
    Ok(caller)
}

/// Does this actor, alone, give up power of its own?
fn gives_up_own(statement: &Statement, actor: &ActorId) -> bool {
    let is_own = statement.stream == StreamKey { kind: StreamKind::Actor, id: StreamId(actor.0) };
    statement.fact.needs() == Needs::RegistrarOrSelf
        && is_own
        && statement.signers.iter().all(|signer| signer.actor == *actor)
}

/// What a token that holds by itself says.
struct Claimed {
    key: PublicKey,
    actor: ActorId,
    purpose: Purpose,
    jti: String,
    exp: i64,
}

impl Claimed {
    fn caller(&self, token: &str, registry: &Registry, now: Timestamp) -> Caller {
        let &Self { key, actor, purpose, .. } = self;
        let grants = registry.roles_in_force(&actor, now).map(|role| role.grant).collect();
        Caller { actor, purpose, key, grants, token: token.to_owned() }
    }

    fn use_up(&self, used: &UsedTokens, now: Timestamp) -> Result<(), TokenError> {
        used.remember(&self.jti, self.exp, now.seconds())
    }
}

/// All but what the registry knows.
fn claimed(
    token: &str,
    call: Call<'_>,
    ledger: &LedgerId,
    used: &UsedTokens,
    now: Timestamp,
) -> Result<Claimed, TokenError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenError::Invalid);
    }
    let (key, claims) = open(token, ledger)?;
    let seconds = now.seconds();
    let in_time = claims.iat >= used.since_seconds
        && claims.iat <= seconds.saturating_add(LEEWAY_SECONDS)
        && seconds < claims.exp.saturating_add(LEEWAY_SECONDS)
        && claims.exp.saturating_sub(claims.iat) <= LIFE_SECONDS_MAX;
    if !in_time {
        return Err(TokenError::Expired);
    }
    let query = URL_SAFE_NO_PAD.encode(Sha256::digest(call.request));
    if claims.method != call.method || claims.query != query {
        return Err(TokenError::AnotherCall);
    }
    let actor = claims.sub.parse().map_err(|_| TokenError::Invalid)?;
    let purpose = purpose(&claims.purpose).ok_or(TokenError::Invalid)?;
    Ok(Claimed { key, actor, purpose, jti: claims.jti, exp: claims.exp })
}

/// Signature, header, audience; the rest is for the caller to look at.
fn open(token: &str, ledger: &LedgerId) -> Result<(PublicKey, Claims), TokenError> {
    install_verifier();
    let encoded = token.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| TokenError::Invalid)?;
    let header: TokenHeader = serde_json::from_slice(&header).map_err(|_| TokenError::Invalid)?;
    let key: PublicKey = header.kid.parse().map_err(|_| TokenError::Invalid)?;
    if header.alg != Algorithm::EdDSA || header.typ != TYPE {
        return Err(TokenError::Invalid);
    }
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[ledger]);
    validation.set_required_spec_claims(&["aud", "sub", "exp"]);
    // The ledger's own clock decides, above.
    validation.validate_exp = false;
    let decoded = decode::<Claims>(token, &DecodingKey::from_ed_der(&key.0), &validation).map_err(
        |error| match error.kind() {
            ErrorKind::InvalidAudience => TokenError::AnotherCall,
            _ => TokenError::Invalid,
        },
    )?;
    let claims = decoded.claims;
    let jti_char = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    let jti_is_proper = (16..=64).contains(&claims.jti.len()) && claims.jti.bytes().all(jti_char);
    if claims.aud != ledger.to_string() || !jti_is_proper {
        return Err(TokenError::Invalid);
    }
    Ok((key, claims))
}

/// A purpose by its name: lower case, without the prefix.
fn purpose(name: &str) -> Option<Purpose> {
    if name.bytes().any(|c| !matches!(c, b'a'..=b'z' | b'_')) {
        return None;
    }
    Purpose::from_str_name(&format!("PURPOSE_{}", name.to_uppercase()))
        .filter(|purpose| *purpose != Purpose::Unspecified)
}

/// Tokens that were used and are still in their time. Those from before this process began are
/// refused by their age: whether they were used, it can't know.
#[derive(Debug)]
pub struct UsedTokens {
    since_seconds: i64,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    ids: HashSet<String>,
    by_expiry: BTreeSet<(i64, String)>,
}

impl UsedTokens {
    /// For a process that begins now. Tokens issued in this second or later may have been used in
    /// the last [`REMEMBERED_SECONDS`] before, where clocks differ: see [`Self::remember_read`].
    #[must_use]
    pub fn since(now: Timestamp) -> Self {
        Self { since_seconds: now.seconds(), used: Mutex::default() }
    }

    /// Remembers the token of a reading that is on the record.
    pub(crate) fn remember_read(&self, token: &[u8], now: Timestamp) {
        let payload = token.split(|byte| *byte == b'.').nth(1).unwrap_or_default();
        let claims = URL_SAFE_NO_PAD.decode(payload).ok();
        let claims = claims.and_then(|json| serde_json::from_slice::<Claims>(&json).ok());
        if let Some(claims) = claims {
            // It is remembered already only if it was recorded twice: one reading of many streams.
            let _ = self.remember(&claims.jti, claims.exp, now.seconds());
        }
    }

    /// Remembers a token until it has expired.
    fn remember(&self, jti: &str, exp: i64, now: i64) -> Result<(), TokenError> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((expiry, id)) = used.by_expiry.pop_first() {
            if expiry.saturating_add(LEEWAY_SECONDS) > now {
                used.by_expiry.insert((expiry, id));
                break;
            }
            used.ids.remove(&id);
        }
        // Fail closed: what can't be remembered is not accepted.
        if used.ids.len() >= USED_MAX || !used.ids.insert(jti.to_owned()) {
            return Err(TokenError::Reused);
        }
        used.by_expiry.insert((exp, jti.to_owned()));
        Ok(())
    }
}

/// Our strict rule as the library's verifier.
struct StrictVerifier(PublicKey);

impl signature::Verifier<Vec<u8>> for StrictVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let signature = SignatureBytes::from_slice(signature).ok_or_else(signature::Error::new)?;
        sign::verify(&self.0, message, &signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for StrictVerifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

fn install_verifier() {
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |_, _| Err(Error::from(ErrorKind::UnsupportedAlgorithm)),
        verifier_factory: |algorithm, key| {
            let key = PublicKey::from_slice(key.try_get_as_bytes()?);
            match (algorithm, key) {
                (Algorithm::EdDSA, Some(key)) => Ok(Box::new(StrictVerifier(key))),
                _ => Err(Error::from(ErrorKind::UnsupportedAlgorithm)),
            }
        },
        key_utils: KeyUtils::new_unimplemented(),
    };
    static ONCE: Once = Once::new();
    // Somebody else's provider would verify less strictly; nobody else here installs one.
    ONCE.call_once(|| {
        let _ = PROVIDER.install_default();
    });
}

#[cfg(test)]
mod tests;
