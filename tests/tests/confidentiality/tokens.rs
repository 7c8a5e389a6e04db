//! Tokens that are none, each with the reason that its maker is told.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use letopis_crypto::sign::SecretKey;
use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, Role, fact::Kind};
use letopis_tests::hmac;
use letopis_types::StreamKey;
use prost::Message as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tonic::{Request, Status};

use crate::act::{Act, MARKS, now};
use crate::cast::{CASE, NORTH, SOUTHERN};
use crate::office::{Office, Person, SERVICE, Term, reason, secret, unmarked};

/// What is asked for with every token here.
fn request(of: StreamKey) -> pb::GetSectionsRequest {
    let stream = Some(proto::Stream { kind: of.kind as i32, id: of.id.0.to_vec() });
    pb::GetSectionsRequest { stream, ..Default::default() }
}

fn header(key: &SecretKey) -> Value {
    json!({"alg": "EdDSA", "kid": key.public().to_string(), "typ": "JWT"})
}

/// The claims of a good token.
fn claims(office: &Office, person: &Person) -> Value {
    let digest = Sha256::digest(request(CASE).encode_to_vec());
    json!({
        "aud": office.client.ledger().to_string(),
        "sub": person.actor.to_string(),
        "iat": now(),
        "exp": now() + 60,
        "jti": format!("{:032x}", getrandom_u128()),
        "method": format!("{SERVICE}/GetSections"),
        "purpose": "case_work",
        "query": URL_SAFE_NO_PAD.encode(digest),
    })
}

fn getrandom_u128() -> u128 {
    uuid::Uuid::from_bytes(letopis::cmd::init::new_id().unwrap()).as_u128()
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed(header: &Value, claims: &Value, key: &SecretKey) -> String {
    let input = format!("{}.{}", part(header), part(claims));
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).0))
}

async fn call(
    office: &Office,
    of: StreamKey,
    token: Option<&str>,
) -> Result<pb::GetSectionsResponse, Status> {
    let mut request = Request::new(request(of));
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    office.grpc().get_sections(request).await.map(tonic::Response::into_inner)
}

/// Refused for this reason, and without a word of what is there.
async fn refused(office: &Office, what: &str, token: Option<&str>, expected: Reason) {
    let said = match call(office, CASE, token).await {
        Ok(_) => Reason::Unspecified,
        Err(status) => {
            unmarked(&format!("{status:?}"));
            reason(&status)
        }
    };
    office.expect(what, said, expected);
}

/// What is wrong with a token's claims.
type Change<'a> = &'a dyn Fn(&mut Value);

/// Every token that is none, for the lead's own case: with a good one the lead reads it.
pub(crate) async fn attack(office: &mut Office) {
    let lead = office.person("SW/lead");
    let key = secret("SW/lead", "token");
    let good = || claims(office, &lead);
    let fresh = |change: &dyn Fn(&mut Value)| {
        let mut claims = good();
        change(&mut claims);
        signed(&header(&key), &claims, &key)
    };
    let token = fresh(&|_| ());
    let answer = call(office, CASE, Some(&token)).await.unwrap();
    assert!(answer.sections.iter().any(|section| {
        String::from_utf8_lossy(section.content.as_ref().unwrap()).contains(MARKS[0])
    }));
    refused(office, "replayed", Some(&token), Reason::TokenReused).await;

    let other_ledger = "ee".repeat(32);
    let another_call = Reason::TokenForAnotherCall;
    let of_claims: [(&str, Reason, Change<'_>); 9] = [
        ("expired", Reason::TokenExpired, &|claims| {
            claims["iat"] = (now() - 200).into();
            claims["exp"] = (now() - 100).into();
        }),
        ("from the future", Reason::TokenExpired, &|claims| {
            claims["iat"] = (now() + 60).into();
            claims["exp"] = (now() + 100).into();
        }),
        ("good for too long", Reason::TokenExpired, &|claims| {
            claims["exp"] = (now() + 3600).into();
        }),
        ("wrong audience", another_call, &|claims| claims["aud"] = other_ledger.clone().into()),
        ("wrong method", another_call, &|claims| {
            claims["method"] = format!("{SERVICE}/GetCaseFile").into();
        }),
        ("wrong stream", another_call, &|claims| {
            let digest = Sha256::digest(request(SOUTHERN).encode_to_vec());
            claims["query"] = URL_SAFE_NO_PAD.encode(digest).into();
        }),
        ("somebody else's name", Reason::TokenKeyWrong, &|claims| {
            claims["sub"] = office.person("HD/north").actor.to_string().into();
        }),
        ("a purpose of no role's", Reason::TokenInvalid, &|claims| {
            claims["purpose"] = "curiosity".into();
        }),
        ("a purpose of other roles", Reason::PurposeNotOfRole, &|claims| {
            claims["purpose"] = "inspection".into();
        }),
    ];
    for (what, expected, change) in of_claims {
        refused(office, what, Some(&fresh(change)), expected).await;
    }

    let statement_key = secret("SW/lead", "statement");
    let stranger = secret("nobody", "token");
    let with = |name: &str, value: Value| {
        let mut header = header(&key);
        header[name] = value;
        header
    };
    let jwk = json!({"kty": "OKP", "crv": "Ed25519",
        "x": URL_SAFE_NO_PAD.encode(stranger.public().0)});
    let unsigned = format!("{}.{}.", part(&with("alg", "none".into())), part(&good()));
    let to_mac = format!("{}.{}", part(&with("alg", "HS256".into())), part(&good()));
    let mac = URL_SAFE_NO_PAD.encode(hmac(&key.public().0, to_mac.as_bytes()));
    let of_keys = [
        ("none", None, Reason::TokenMissing),
        (
            "the statement key",
            Some(signed(&header(&statement_key), &good(), &statement_key)),
            Reason::TokenKeyWrong,
        ),
        (
            "an unknown key",
            Some(signed(&header(&stranger), &good(), &stranger)),
            Reason::TokenKeyWrong,
        ),
        (
            "another key than it says",
            Some(signed(&header(&key), &good(), &stranger)),
            Reason::TokenInvalid,
        ),
        ("alg none", Some(unsigned), Reason::TokenInvalid),
        ("HS256 with the public key", Some(format!("{to_mac}.{mac}")), Reason::TokenInvalid),
        (
            "an embedded key",
            Some(signed(&with("jwk", jwk), &good(), &stranger)),
            Reason::TokenInvalid,
        ),
    ];
    for (what, token, expected) in of_keys {
        refused(office, what, token.as_deref(), expected).await;
    }
    keys_not_in_force(office).await;
}

/// A revoked and a suspended key, of somebody whose tokens were good a moment ago.
async fn keys_not_in_force(office: &mut Office) {
    let north = Term { agency: Some(NORTH), region: Some(1), until: None };
    for name in ["SW/revoked", "SW/suspended"] {
        office.enrol(name, Role::SocialWorker, north).await;
        let key = secret(name, "token");
        let person = office.person(name);
        let public_key = key.public().0.to_vec();
        let token = || signed(&header(&key), &claims(office, &person), &key);
        let before = call(office, SOUTHERN, Some(&token())).await.unwrap_err();
        assert_eq!(reason(&before), Reason::TokenForAnotherCall, "its key is in force");
        let token = token();
        let fact = match name {
            "SW/revoked" => Kind::KeyRevoked(proto::KeyRevoked { public_key }),
            _ => Kind::KeySuspended(proto::KeySuspended { public_key }),
        };
        let act = Act::new(office.own_stream(name), fact);
        let registrar = [office.registrars[2].clone()];
        office.record_by(&act, &registrar).await;
        refused(office, name, Some(&token), Reason::TokenKeyWrong).await;
    }
}
