//! Tokens: how a call says who makes it and what for (proto/README.md, Token). Made here, checked
//! by the server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use letopis_proto::statement::v1::Purpose;
use letopis_types::LedgerId;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::Usage;
use crate::identity::TokenSigner;

/// How long a token is good for; at most 120 s are allowed.
const LIFE: Duration = Duration::from_secs(60);

/// Bytes of a token's id.
const ID_LEN: usize = 16;

/// The one call that a token is for.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The ledger.
    pub ledger: &'a LedgerId,
    /// The full method, `package.Service/Method`.
    pub method: &'a str,
    /// What for.
    pub purpose: Purpose,
    /// The request message's bytes, as they are sent; none where requests are streamed.
    pub request: &'a [u8],
}

impl Call<'_> {
    /// What a token is made for.
    pub(crate) fn ticket(&self) -> Ticket {
        Ticket {
            ledger: *self.ledger,
            method: self.method.to_owned(),
            purpose: self.purpose,
            query: URL_SAFE_NO_PAD.encode(Sha256::digest(self.request)),
        }
    }
}

/// A call as tokens name it, to be carried to wherever they are signed.
#[derive(Debug)]
pub(crate) struct Ticket {
    ledger: LedgerId,
    method: String,
    purpose: Purpose,
    query: String,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    kid: String,
    typ: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: String,
    sub: String,
    iat: u64,
    exp: u64,
    jti: String,
    method: &'a str,
    purpose: String,
    query: &'a str,
}

/// Makes a token for one call, to be used once: a JWS in compact form, signed by the signer's
/// token key.
///
/// # Errors
/// [`Usage::NoTokenKey`], what the signer says, or that the system gave no randomness.
pub fn make(signer: &dyn TokenSigner, call: &Call<'_>, now: SystemTime) -> Result<String, Usage> {
    call.ticket().sign(signer, now)
}

impl Ticket {
    pub(crate) fn sign(&self, signer: &dyn TokenSigner, now: SystemTime) -> Result<String, Usage> {
        let key = signer.token_key().ok_or(Usage::NoTokenKey)?;
        let mut id = [0; ID_LEN];
        getrandom::fill(&mut id)?;
        let iat = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let purpose = self.purpose.as_str_name();
        let header = Header { alg: "EdDSA", kid: key.to_string(), typ: "JWT" };
        let claims = Claims {
            aud: self.ledger.to_string(),
            sub: signer.actor().to_string(),
            iat,
            exp: iat + LIFE.as_secs(),
            jti: URL_SAFE_NO_PAD.encode(id),
            method: &self.method,
            purpose: purpose.strip_prefix("PURPOSE_").unwrap_or(purpose).to_ascii_lowercase(),
            query: &self.query,
        };
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = signer.sign_token(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.0)))
    }
}

/// One part of a JWS.
fn part(value: &impl Serialize) -> String {
    // Structs of strings and numbers always have a JSON form.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
    use jsonwebtoken::errors::ErrorKind;
    use jsonwebtoken::signature::{Error, Verifier};
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
    use letopis_crypto::sign::{SecretKey, verify};
    use letopis_types::{ActorId, PublicKey, SignatureBytes};
    use serde_json::Value;

    use crate::identity::Identity;

    use super::*;

    const LEDGER: LedgerId = LedgerId([0xee; 32]);

    fn identity() -> Identity {
        Identity {
            ledger: None,
            actor: ActorId([7; 16]),
            grant: None,
            statement_key: SecretKey::from_seed(&[1; 32]),
            token_key: Some(SecretKey::from_seed(&[2; 32])),
        }
    }

    fn call() -> Call<'static> {
        let method = "letopis.ledger.v1.LedgerService/ReadSections";
        Call { ledger: &LEDGER, method, purpose: Purpose::CaseWork, request: b"request" }
    }

    /// The strict check, as the library's provider.
    struct Strict(PublicKey);

    impl Verifier<Vec<u8>> for Strict {
        fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
            let signature = SignatureBytes::from_slice(signature).ok_or_else(Error::new)?;
            verify(&self.0, message, &signature).map_err(|_| Error::new())
        }
    }

    impl JwtVerifier for Strict {
        fn algorithm(&self) -> Algorithm {
            Algorithm::EdDSA
        }
    }

    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |_, _| Err(ErrorKind::InvalidAlgorithm.into()),
        verifier_factory: |_, key| {
            let key = PublicKey::from_slice(key.try_get_as_bytes()?);
            Ok(Box::new(Strict(key.ok_or(ErrorKind::InvalidKeyFormat)?)))
        },
        key_utils: KeyUtils::new_unimplemented(),
    };

    #[test]
    fn a_library_for_tokens_reads_them() {
        // Another test of this process may have been first.
        let _ = PROVIDER.install_default();
        let now = SystemTime::now();
        let token = make(&identity(), &call(), now).unwrap();
        assert!(token.len() <= 2048);
        let key = identity().token_key.unwrap().public();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[LEDGER.to_string()]);
        let data = decode::<Value>(&token, &DecodingKey::from_ed_der(&key.0), &validation).unwrap();
        assert_eq!(data.header.kid, Some(key.to_string()));
        let claims = data.claims;
        let iat = now.duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert_eq!(claims["iat"], iat);
        assert_eq!(claims["exp"], iat + 60);
        assert_eq!(claims["sub"], "07070707-0707-0707-0707-070707070707");
        assert_eq!(claims["purpose"], "case_work");
        assert_eq!(claims["method"], call().method);
        // printf request | sha256sum
        let digest = Sha256::digest(b"request");
        assert_eq!(claims["query"], URL_SAFE_NO_PAD.encode(digest));
        assert_eq!(claims["jti"].as_str().unwrap().len(), 22);

        let other = SecretKey::from_seed(&[3; 32]).public();
        assert!(decode::<Value>(&token, &DecodingKey::from_ed_der(&other.0), &validation).is_err());
    }

    #[test]
    fn every_token_is_another_one() {
        let now = SystemTime::now();
        assert_ne!(
            make(&identity(), &call(), now).unwrap(),
            make(&identity(), &call(), now).unwrap()
        );
    }

    #[test]
    fn without_a_token_key_there_is_none() {
        let identity = Identity { token_key: None, ..identity() };
        assert!(matches!(make(&identity, &call(), SystemTime::now()), Err(Usage::NoTokenKey)));
    }
}
