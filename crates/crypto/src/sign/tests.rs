use std::path::PathBuf;

use serde_json::Value;

use super::*;

/// Other people's vectors, or `None` (said so) where they are not at hand.
fn shared(file: &str) -> Option<Value> {
    let shared = std::env::var_os("LETOPIS_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = shared.join("vectors").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("left out: no {}", path.display());
        return None;
    };
    println!("used: {}", path.display());
    Some(serde_json::from_str(&text).unwrap())
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn accepts(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match (PublicKey::from_slice(key), SignatureBytes::from_slice(signature)) {
        (Some(key), Some(signature)) => verify(&key, message, &signature).is_ok(),
        _ => false,
    }
}

#[test]
fn wycheproof() {
    let Some(file) = shared("ed25519-wycheproof.json") else { return };
    let mut count = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let key = hex(&group["publicKey"]["pk"]);
        for test in group["tests"].as_array().unwrap() {
            let accepted = accepts(&key, &hex(&test["msg"]), &hex(&test["sig"]));
            assert_eq!(accepted, test["result"] == "valid", "tcId {}", test["tcId"]);
            count += 1;
        }
    }
    assert_eq!(count, file["numberOfTests"].as_u64().unwrap());
}

/// Our rule: `low_order_A`, `low_order_R` and `non_canonical_*` are refused; of the others a
/// signature is valid unless only the equation with the cofactor holds (`low_order_residue`).
#[test]
fn cctv_edge_cases() {
    let Some(file) = shared("ed25519-cctv.json") else { return };
    let (mut accepted, mut refused) = (0, 0);
    for test in file.as_array().unwrap() {
        let flags: Vec<_> = match &test["flags"] {
            Value::Array(flags) => flags.iter().map(|flag| flag.as_str().unwrap()).collect(),
            _ => Vec::new(),
        };
        let refuse = ["low_order_A", "low_order_R", "low_order_residue"];
        let expected =
            !flags.iter().any(|flag| refuse.contains(flag) || flag.starts_with("non_canonical"));
        let message = test["msg"].as_str().unwrap().as_bytes();
        let got = accepts(&hex(&test["key"]), message, &hex(&test["sig"]));
        assert_eq!(got, expected, "number {}: {flags:?}", test["number"]);
        if got { accepted += 1 } else { refused += 1 }
    }
    assert!(accepted > 0 && refused > 0);
    println!("{accepted} accepted, {refused} refused");
}

#[test]
fn keys_with_a_torsion_component_verify_but_are_not_enrolled() {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
    use curve25519_dalek::scalar::Scalar;
    let point = ED25519_BASEPOINT_POINT * Scalar::from(7u64);
    for (i, torsion) in EIGHT_TORSION.iter().enumerate() {
        let key = PublicKey((point + torsion).compress().to_bytes());
        let expected = if i == 0 { Ok(()) } else { Err(SignatureError::Torsioned) };
        assert_eq!(check_enrollable(&key), expected);
        let small = PublicKey(torsion.compress().to_bytes());
        assert_eq!(check_enrollable(&small), Err(SignatureError::WeakKey));
    }
}

/// The example of the DSSE specification (protocol.md).
#[test]
fn dsse_pre_authentication_encoding() {
    let encoded = pae("http://example.com/HelloWorld", b"hello world");
    assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

#[test]
fn what_we_sign_verifies_and_nothing_else() {
    let key = SecretKey::from_seed(&[1; 32]);
    let signature = key.sign_statement(b"body");
    let message = pae(STATEMENT_TYPE, b"body");
    assert_eq!(verify(&key.public(), &message, &signature), Ok(()));
    assert_eq!(verify(&key.public(), b"body", &signature), Err(SignatureError::Invalid));
    let other = pae(REFUSAL_TYPE, b"body");
    assert_eq!(verify(&key.public(), &other, &signature), Err(SignatureError::Invalid));
}

#[test]
fn a_secret_key_does_not_show_itself() {
    let key = SecretKey::from_seed(&[0x5a; 32]);
    assert!(!format!("{key:?}").contains("5a5a"));
    assert_eq!(*key.seed(), [0x5a; 32]);
}
