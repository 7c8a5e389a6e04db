//! Tokens, and what is wrong with them where that is wanted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use letopis_types::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{WORKER, actor, id, secret};
use crate::token::Call;

/// The header of a token signed with the key of this seed.
#[must_use]
pub fn token_header(key: u8) -> Value {
    json!({"alg": "EdDSA", "kid": secret(key).public().to_string(), "typ": "JWT"})
}

/// The worker's claims for a call that is made at this time.
#[must_use]
pub fn token_claims(call: Call<'_>, now: Timestamp, jti: &str) -> Value {
    json!({
        "aud": id().to_string(),
        "sub": actor(WORKER).to_string(),
        "iat": now.seconds(),
        "exp": now.seconds() + 60,
        "jti": jti,
        "method": call.method,
        "purpose": "case_work",
        "query": URL_SAFE_NO_PAD.encode(Sha256::digest(call.request)),
    })
}

/// A token of this header and these claims, signed with the key of this seed.
#[must_use]
pub fn token(header: &Value, claims: &Value, key: u8) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = secret(key).sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.0))
}
