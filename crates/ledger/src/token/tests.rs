use letopis_domain::registry::Placed;
use letopis_proto::statement::v1 as proto;
use serde_json::{Value, json};

use super::*;
use crate::submission::parse;
use crate::testing::{
    BEGAN, CHIEF, Draft, Signing, TOKEN, WORKER, actor, end_role, enrol, enrol_key, genesis, id,
    revoke_key, secret, staff, token, token_claims, token_header, worker,
};

const CALL: Call<'static> =
    Call { method: "letopis.ledger.v1.LedgerService/ReadSections", request: b"invented request" };
const NOW: Timestamp = Timestamp(BEGAN.0 + 1_000_000_000_000);

/// The staff's registry, and what else was recorded.
fn registry(more: &[Draft]) -> Registry {
    let mut registry = Registry::default();
    let drafts = staff();
    let statements =
        std::iter::once(genesis().0).chain(drafts.iter().chain(more).map(Draft::bytes));
    for statement in statements {
        let parsed = parse(&statement).unwrap();
        let statement_hash = letopis_crypto::hash::statement_hash(&statement);
        let placed = Placed {
            statement: &parsed,
            statement_hash,
            sequence: letopis_types::Sequence::ZERO,
            recorded_at: BEGAN,
        };
        registry.decide(&placed, &id()).unwrap();
        registry.evolve(&placed, &id());
    }
    registry
}

fn claims() -> Value {
    token_claims(CALL, NOW, "invented-token-id-1")
}

fn with(mut value: Value, name: &str, new: impl Into<Value>) -> Value {
    value[name] = new.into();
    value
}

fn without(mut value: Value, name: &str) -> Value {
    value.as_object_mut().unwrap().remove(name).unwrap();
    value
}

fn check_at(token: &str, call: Call<'_>, now: Timestamp) -> Result<Caller, TokenError> {
    check(token, call, &id(), &registry(&[]), &UsedTokens::since(Timestamp(0)), now)
}

fn check_now(token: &str) -> Result<(), TokenError> {
    check_at(token, CALL, NOW).map(|_| ())
}

fn of_claims(claims: &Value) -> Result<(), TokenError> {
    check_now(&token(&token_header(TOKEN), claims, TOKEN))
}

fn of_header(header: &Value) -> Result<(), TokenError> {
    check_now(&token(header, &claims(), TOKEN))
}

#[test]
fn a_good_token_names_its_caller() {
    let text = token(&token_header(TOKEN), &claims(), TOKEN);
    let caller = check_at(&text, CALL, NOW).unwrap();
    assert_eq!((caller.actor, caller.purpose), (actor(WORKER), Purpose::CaseWork));
    assert_eq!(caller.token, text);
    assert_eq!(of_header(&without(token_header(TOKEN), "typ")), Ok(()));
    for (name, purpose) in [
        ("supervision", Purpose::Supervision),
        ("emergency", Purpose::Emergency),
        ("party_access", Purpose::PartyAccess),
    ] {
        let text = token(&token_header(TOKEN), &with(claims(), "purpose", name), TOKEN);
        assert_eq!(check_at(&text, CALL, NOW).unwrap().purpose, purpose);
    }
}

#[test]
fn what_is_no_token_is_refused() {
    let good = token(&token_header(TOKEN), &claims(), TOKEN);
    let parts: Vec<_> = good.split('.').collect();
    let [header, body, signature] = parts[..] else { panic!() };
    let long = with(claims(), "method", "x".repeat(TOKEN_BYTES_MAX));
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "invented".to_owned(),
        format!("{header}.{body}"),
        format!("{header}.{body}."),
        format!("{good}."),
        format!("{good}.{signature}"),
        format!("{header}..{signature}"),
        format!(" {good}"),
        format!("{good}="),
        good.to_uppercase(),
        token(&token_header(TOKEN), &long, TOKEN),
        token(&json!([]), &claims(), TOKEN),
        token(&json!("EdDSA"), &claims(), TOKEN),
        token(&token_header(TOKEN), &json!([claims()]), TOKEN),
        token(&token_header(TOKEN), &in_order(&claims(), CLAIMS), TOKEN),
        token(&in_order(&token_header(TOKEN), ["alg", "kid", "typ"]), &claims(), TOKEN),
        token(&token_header(TOKEN), &json!(null), TOKEN),
    ] {
        assert_eq!(check_now(&bad), Err(TokenError::Invalid), "{bad}");
    }
}

const CLAIMS: [&str; 8] = ["aud", "sub", "iat", "exp", "jti", "method", "purpose", "query"];

/// An object's values without their names, which a lenient parser takes for the same.
fn in_order<const N: usize>(object: &Value, names: [&str; N]) -> Value {
    json!(names.map(|name| object[name].clone()).to_vec())
}

#[test]
fn only_the_one_algorithm_is_accepted() {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for alg in ["none", "None", "HS256", "HS512", "RS256", "ES256", "Ed25519", "eddsa", ""] {
        let header = with(token_header(TOKEN), "alg", alg);
        assert_eq!(of_header(&header), Err(TokenError::Invalid), "{alg}");
        let unsigned = format!("{}.{}.", encode(&header), encode(&claims()));
        assert_eq!(check_now(&unsigned), Err(TokenError::Invalid), "{alg}");
    }
    assert_eq!(of_header(&with(token_header(TOKEN), "alg", Value::Null)), Err(TokenError::Invalid));
    assert_eq!(of_header(&without(token_header(TOKEN), "alg")), Err(TokenError::Invalid));
    // HMAC under what everybody knows: the public key, as bytes and as text.
    let header = with(token_header(TOKEN), "alg", "HS256");
    let signed = format!("{}.{}", encode(&header), encode(&claims()));
    let public = secret(TOKEN).public();
    for key in [public.0.to_vec(), public.to_string().into_bytes()] {
        let tag = URL_SAFE_NO_PAD.encode(hmac_sha256(&key, signed.as_bytes()));
        assert_eq!(check_now(&format!("{signed}.{tag}")), Err(TokenError::Invalid));
    }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    if key.len() > 64 { Sha256::digest(key).to_vec() } else { key.to_vec() }
        .iter()
        .zip(&mut block)
        .for_each(|(from, to)| *to = *from);
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message);
    let outer = Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner.finalize());
    outer.finalize().into()
}

#[test]
fn a_header_holds_nothing_else() {
    let key = URL_SAFE_NO_PAD.encode(secret(TOKEN).public().0);
    let more: [(&str, Value); 10] = [
        ("jwk", json!({"kty": "OKP", "crv": "Ed25519", "x": key})),
        ("jwk", Value::Null),
        ("jku", json!("https://invented.example/keys")),
        ("x5u", json!("https://invented.example/keys")),
        ("x5c", json!([])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("cty", json!("JWT")),
        ("nonce", json!("invented")),
        ("invented", json!(1)),
    ];
    for (name, value) in more {
        let header = with(token_header(TOKEN), name, value);
        assert_eq!(of_header(&header), Err(TokenError::Invalid), "{name}");
    }
    for typ in ["jwt", "at+jwt", ""] {
        let header = with(token_header(TOKEN), "typ", typ);
        assert_eq!(of_header(&header), Err(TokenError::Invalid), "{typ}");
    }
    let kid = secret(TOKEN).public().to_string();
    for kid in [json!(kid.to_uppercase()), json!(kid[1..]), json!(key), json!(7), Value::Null] {
        let header = with(token_header(TOKEN), "kid", kid.clone());
        assert_eq!(of_header(&header), Err(TokenError::Invalid), "{kid}");
    }
    assert_eq!(of_header(&without(token_header(TOKEN), "kid")), Err(TokenError::Invalid));
    // Written twice.
    let twice = format!(r#"{{"alg":"EdDSA","alg":"EdDSA","kid":"{kid}"}}"#);
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(twice), {
        URL_SAFE_NO_PAD.encode(claims().to_string())
    });
    let signature = secret(TOKEN).sign(signed.as_bytes());
    let text = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.0));
    assert_eq!(check_now(&text), Err(TokenError::Invalid));
}

#[test]
fn a_claim_more_or_less_or_of_another_type_is_refused() {
    for (name, _) in claims().as_object().unwrap() {
        assert_eq!(of_claims(&without(claims(), name)), Err(TokenError::Invalid), "no {name}");
        for value in [Value::Null, json!([]), json!({}), json!(true), json!(1.5)] {
            let refused = of_claims(&with(claims(), name, value.clone()));
            // The library takes a list of audiences for one of another ledger.
            let expected = [Err(TokenError::Invalid), Err(TokenError::AnotherCall)];
            assert!(expected.contains(&refused), "{name} {value}: {refused:?}");
        }
    }
    for name in ["nbf", "iss", "role", "Aud"] {
        assert_eq!(of_claims(&with(claims(), name, 1)), Err(TokenError::Invalid), "{name}");
    }
    let text = claims().to_string();
    let twice = text.replacen('{', r#"{"purpose":"court","#, 1);
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(token_header(TOKEN).to_string()),
        URL_SAFE_NO_PAD.encode(twice)
    );
    let signature = secret(TOKEN).sign(signed.as_bytes());
    let twice = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.0));
    assert_eq!(check_now(&twice), Err(TokenError::Invalid));
}

#[test]
fn it_is_for_this_ledger_method_and_request() {
    let other_ledger = secret(9).public().to_string();
    for aud in [other_ledger.as_str(), "", "invented.example"] {
        assert_eq!(of_claims(&with(claims(), "aud", aud)), Err(TokenError::AnotherCall), "{aud}");
    }
    let upper = id().to_string().to_uppercase();
    assert_eq!(of_claims(&with(claims(), "aud", upper)), Err(TokenError::AnotherCall));
    let several = json!([id().to_string(), other_ledger]);
    assert_eq!(of_claims(&with(claims(), "aud", several)), Err(TokenError::Invalid));
    for method in [
        "letopis.ledger.v1.LedgerService/Append",
        "/letopis.ledger.v1.LedgerService/ReadSections",
        "",
    ] {
        let refused = of_claims(&with(claims(), "method", method));
        assert_eq!(refused, Err(TokenError::AnotherCall), "{method}");
    }
    let query = claims()["query"].as_str().unwrap().to_owned();
    for query in [format!("{query}="), query.to_lowercase(), String::new()] {
        let refused = of_claims(&with(claims(), "query", query.clone()));
        assert_eq!(refused, Err(TokenError::AnotherCall), "{query}");
    }
    let text = token(&token_header(TOKEN), &claims(), TOKEN);
    let other_method = Call { method: "letopis.ledger.v1.LedgerService/ReadStream", ..CALL };
    let other_request = Call { request: b"another request", ..CALL };
    for call in [other_method, other_request] {
        let refused = check_at(&text, call, NOW).map(|_| ());
        assert_eq!(refused, Err(TokenError::AnotherCall));
    }
}

#[test]
fn it_holds_for_two_minutes_at_most_give_or_take_five_seconds() {
    let text = token(&token_header(TOKEN), &claims(), TOKEN);
    let at = |seconds: i64| {
        let now = Timestamp::from_seconds((NOW.seconds() + seconds) as u64);
        check_at(&text, CALL, now).map(|_| ())
    };
    assert_eq!(at(-6), Err(TokenError::Expired), "from the future");
    for seconds in [-5, 0, 59, 60, 64] {
        assert_eq!(at(seconds), Ok(()), "{seconds}");
    }
    assert_eq!(at(65), Err(TokenError::Expired));
    let now = NOW.seconds();
    let of = |iat: i64, exp: i64| of_claims(&with(with(claims(), "iat", iat), "exp", exp));
    assert_eq!(of(now, now + 120), Ok(()));
    assert_eq!(of(now, now + 121), Err(TokenError::Expired), "valid for too long");
    assert_eq!(of(now - 119, now + 1), Ok(()));
    assert_eq!(of(now - 125, now - 5), Err(TokenError::Expired));
    for (iat, exp) in [(i64::MIN, i64::MAX), (i64::MIN, i64::MIN), (now, i64::MAX), (i64::MIN, now)]
    {
        assert!(of(iat, exp).is_err(), "{iat} {exp}");
    }
}

#[test]
fn its_key_is_a_token_key_in_force_of_its_actor() {
    let by = |key: u8, claims: &Value| check_now(&token(&token_header(key), claims, key));
    assert_eq!(by(WORKER, &claims()), Err(TokenError::Key), "it signs statements");
    assert_eq!(by(99, &claims()), Err(TokenError::Key), "nobody's");
    let of_another = with(claims(), "sub", actor(CHIEF).to_string());
    assert_eq!(by(TOKEN, &of_another), Err(TokenError::Key));
    let of_the_ledger = with(claims(), "sub", actor(crate::testing::LEDGER).to_string());
    assert_eq!(by(TOKEN, &of_the_ledger), Err(TokenError::Key));
    assert_eq!(by(crate::testing::CHECKPOINT, &of_the_ledger), Err(TokenError::Key));
    for sub in ["", "worker", "06060606"] {
        assert_eq!(by(TOKEN, &with(claims(), "sub", sub)), Err(TokenError::Invalid), "{sub}");
    }
    // Named rightly, and signed with another key.
    let forged = token(&token_header(TOKEN), &claims(), WORKER);
    assert_eq!(check_now(&forged), Err(TokenError::Invalid));

    let text = token(&token_header(TOKEN), &claims(), TOKEN);
    let revoked = registry(&[revoke_key(20, WORKER, TOKEN)]);
    let refused = check(&text, CALL, &id(), &revoked, &UsedTokens::since(Timestamp(0)), NOW);
    assert_eq!(refused.map(|_| ()), Err(TokenError::Key));
    // Enrolled without its holder's present key: in force three days later.
    let waits = registry(&[enrol_key(20, WORKER, 17, KeyUse::Token, &[])]);
    let text = token(&token_header(17), &claims(), 17);
    let early = check(&text, CALL, &id(), &waits, &UsedTokens::since(Timestamp(0)), NOW);
    assert_eq!(early.map(|_| ()), Err(TokenError::Key));
    let later = Timestamp(BEGAN.0 + Timestamp::from_seconds(72 * 3600).0);
    let text = token(&token_header(17), &token_claims(CALL, later, "invented-token-id-1"), 17);
    assert!(check(&text, CALL, &id(), &waits, &UsedTokens::since(Timestamp(0)), later).is_ok());
}

/// Whoever gives up keys or roles of its own needs neither a role nor a token key that is in force; but
/// for nothing else, and not with a key that was given up for ever.
#[test]
fn power_is_given_up_without_having_it() {
    let stream = crate::testing::actor_stream;
    let suspends = |of: u8, key: u8, signers: &[Signing]| {
        let public_key = secret(key).public().0.to_vec();
        let fact = proto::KeySuspended { public_key };
        Draft::new(30, stream(of), signers, proto::fact::Kind::KeySuspended(fact))
    };
    let own = suspends(WORKER, WORKER, &[worker()]);
    let check_of = |statement: &Draft, recorded: &[Draft]| {
        let text = token(&token_header(TOKEN), &claims(), TOKEN);
        let statement = statement.bytes();
        let used = UsedTokens::since(Timestamp(0));
        let registry = registry(recorded);
        check_author(&text, CALL, &statement, &id(), &registry, &used, NOW).map(|_| ())
    };
    let suspended = suspends(WORKER, TOKEN, &[worker()]);
    let no_role = end_role(21, WORKER, worker().grant.unwrap());
    assert_eq!(check_of(&own, &[]), Ok(()));
    assert_eq!(check_of(&own, std::slice::from_ref(&suspended)), Ok(()));
    assert_eq!(check_of(&own, std::slice::from_ref(&no_role)), Ok(()));
    assert_eq!(check_of(&own, &[revoke_key(20, WORKER, TOKEN)]), Err(TokenError::Key));

    let note = crate::testing::note(31, crate::testing::case(1));
    let of_another = suspends(CHIEF, CHIEF, &[worker()]);
    let with_another = suspends(WORKER, WORKER, &[worker(), crate::testing::registrar(3)]);
    for other in [note, of_another, with_another] {
        assert_eq!(check_of(&other, &[]), Ok(()));
        assert_eq!(check_of(&other, std::slice::from_ref(&suspended)), Err(TokenError::Key));
        assert_eq!(check_of(&other, std::slice::from_ref(&no_role)), Err(TokenError::NoRole));
    }
}

#[test]
fn its_actor_has_a_role_in_force() {
    let ended = registry(&[end_role(20, WORKER, worker().grant.unwrap())]);
    let text = token(&token_header(TOKEN), &claims(), TOKEN);
    let refused = check(&text, CALL, &id(), &ended, &UsedTokens::since(Timestamp(0)), NOW);
    assert_eq!(refused.map(|_| ()), Err(TokenError::NoRole));
    // An actor with a key and no role.
    let enrolled = enrol(20, 40);
    let bare = Draft::new(
        21,
        crate::testing::actor_stream(40),
        &[crate::testing::registrars(), vec![Signing { actor: 40, key: 41, grant: None }]].concat(),
        enrol_key(21, 40, 41, KeyUse::Token, &[]).statement.fact.unwrap().kind.unwrap(),
    );
    let registry = registry(&[enrolled, bare]);
    let later = Timestamp(BEGAN.0 + Timestamp::from_seconds(72 * 3600).0);
    let claims = token_claims(CALL, later, "invented-token-id-1");
    let claims = with(claims, "sub", actor(40).to_string());
    let text = token(&token_header(41), &claims, 41);
    let refused = check(&text, CALL, &id(), &registry, &UsedTokens::since(Timestamp(0)), later);
    assert_eq!(refused.map(|_| ()), Err(TokenError::NoRole));
}

#[test]
fn it_is_used_once() {
    let (registry, used) = (registry(&[]), UsedTokens::since(Timestamp(0)));
    let check_at = |jti: &str, seconds: u64| {
        let now = Timestamp(NOW.0 + Timestamp::from_seconds(seconds).0);
        let text = token(&token_header(TOKEN), &token_claims(CALL, now, jti), TOKEN);
        check(&text, CALL, &id(), &registry, &used, now).map(|_| ())
    };
    assert_eq!(check_at("invented-token-id-1", 0), Ok(()));
    assert_eq!(check_at("invented-token-id-1", 0), Err(TokenError::Reused));
    assert_eq!(check_at("invented-token-id-2", 0), Ok(()));
    // Remembered for as long as the first could be sent again: life and leeway.
    assert_eq!(check_at("invented-token-id-1", 64), Err(TokenError::Reused));
    assert_eq!(check_at("invented-token-id-1", 65), Ok(()));
    assert_eq!(used.used.lock().unwrap().ids.len(), 1, "what has expired is forgotten");

    // What does not carry the call is not used up by trying.
    let used = UsedTokens::since(Timestamp(0));
    let text = token(&token_header(TOKEN), &claims(), TOKEN);
    let elsewhere = Call { request: b"another request", ..CALL };
    assert!(check(&text, elsewhere, &id(), &registry, &used, NOW).is_err());
    assert!(check(&text, CALL, &id(), &registry, &used, NOW).is_ok());
    assert!(check(&text, CALL, &id(), &registry, &used, NOW).is_err());
}

#[test]
fn its_id_is_16_to_64_characters_of_base64url() {
    for good in ["A".repeat(16), "z_-9".repeat(16)] {
        assert_eq!(of_claims(&with(claims(), "jti", good)), Ok(()));
    }
    let bad = ["A".repeat(15), "A".repeat(65), String::new(), "invented token id".into()];
    for bad in bad.into_iter().chain(["invented+token/id".into(), "invented-token-idé".into()]) {
        let refused = of_claims(&with(claims(), "jti", bad.clone()));
        assert_eq!(refused, Err(TokenError::Invalid), "{bad}");
    }
}

#[test]
fn a_purpose_is_one_of_the_list() {
    for bad in
        ["unspecified", "CASE_WORK", "Case_work", "purpose_case_work", "case work", "curiosity", ""]
    {
        let refused = of_claims(&with(claims(), "purpose", bad));
        assert_eq!(refused, Err(TokenError::Invalid), "{bad}");
    }
    assert_eq!(of_claims(&with(claims(), "purpose", 1)), Err(TokenError::Invalid));
}

#[test]
fn its_signature_is_checked_as_strictly_as_a_statements() {
    let good = token(&token_header(TOKEN), &claims(), TOKEN);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let with_signature =
        |bytes: &[u8]| check_now(&format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes)));
    assert_eq!(with_signature(&signature), Ok(()));
    // S + L, which a lenient verifier takes for S.
    let mut above = signature.clone();
    let mut carry = 0;
    for (byte, l) in above[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(l) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    let flipped = |at: usize| {
        let mut bytes = signature.clone();
        bytes[at] ^= 1;
        bytes
    };
    let mut small_r = signature.clone();
    small_r[..32].fill(0);
    small_r[0] = 1;
    let long = [&signature[..], &[0]].concat();
    for bad in [above, flipped(0), flipped(40), small_r, signature[..63].to_vec(), long, vec![]] {
        assert_eq!(with_signature(&bad), Err(TokenError::Invalid), "{bad:02x?}");
    }
    // A key of small order, under which anything verifies for a lenient verifier.
    let mut identity = PublicKey([0; 32]);
    identity.0[0] = 1;
    let header = with(token_header(TOKEN), "kid", identity.to_string());
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut forged = [0; 64];
    forged[0] = 1;
    let text =
        format!("{}.{}.{}", encode(&header), encode(&claims()), URL_SAFE_NO_PAD.encode(forged));
    assert_eq!(check_now(&text), Err(TokenError::Invalid));
}

/// The order of the base point, little-endian.
const L: [u8; 32] = {
    let mut l = [0; 32];
    let low = 0x14de_f9de_a2f7_9cd6_5812_631a_5cf5_d3ed_u128.to_le_bytes();
    let mut at = 0;
    while at < 16 {
        l[at] = low[at];
        at += 1;
    }
    l[31] = 0x10;
    l
};

/// A token that was used before a restart is not taken after it: by its age, or because the reading
/// that keeps it is on the record.
#[test]
fn a_token_from_before_the_process_began_is_refused() {
    let text = token(&token_header(TOKEN), &claims(), TOKEN);
    let registry = registry(&[]);
    let began = Timestamp::from_seconds(NOW.seconds() as u64 + 1);
    let refused = check(&text, CALL, &id(), &registry, &UsedTokens::since(began), began);
    assert_eq!(refused.unwrap_err(), TokenError::Expired);

    let used = UsedTokens::since(NOW);
    used.remember_read(text.as_bytes(), NOW);
    let refused = check(&text, CALL, &id(), &registry, &used, NOW);
    assert_eq!(refused.unwrap_err(), TokenError::Reused);
}
