//! Makes the vectors, the same ones every time. Outputs are computed by the crates: what holds them
//! still is that a file is never written twice, and that the independent verifier agrees.

mod deidentified;
mod encoding;
mod files;
mod form;
mod history;
mod invented;
mod kinds;
mod log;
mod more_form;
mod more_kinds;
mod record;
mod registry;
mod section;
mod sign;
mod wire;

use serde_json::Value;

use crate::{Vector, check};

/// Every vector.
pub(crate) fn all() -> Vec<Vector> {
    let mut vectors = Vec::new();
    vectors.extend(kinds::vectors());
    vectors.extend(encoding::vectors());
    vectors.extend(form::vectors());
    vectors.extend(more_form::vectors());
    vectors.extend(section::vectors());
    vectors.extend(sign::vectors());
    vectors.extend(log::vectors());
    vectors.extend(record::vectors());
    vectors.extend(history::vectors());
    vectors.extend(registry::vectors());
    vectors.extend(files::vectors());
    vectors.extend(deidentified::vectors());
    vectors
}

/// A vector that must be accepted.
fn valid(structure: &str, what: &str, input: Value) -> Vector {
    let vector = vector(structure, what, input);
    let output = check::run(structure, &vector.input);
    let output = output.unwrap_or_else(|fault| panic!("{}: {fault}", vector.name));
    Vector { output, ..vector }
}

/// A vector that must be refused for this fault.
fn invalid(structure: &str, what: &str, fault: &str, input: Value) -> Vector {
    let vector = vector(structure, what, input);
    let got = check::run(structure, &vector.input);
    assert_eq!(got, Err(fault.to_owned()), "{}", vector.name);
    Vector { valid: false, fault: Some(fault.to_owned()), ..vector }
}

fn vector(structure: &str, what: &str, input: Value) -> Vector {
    let Value::Object(input) = input else { panic!("{what}: the input is no object") };
    Vector {
        name: format!("{structure}.{what}"),
        structure: structure.to_owned(),
        valid: true,
        fault: None,
        input,
        output: Default::default(),
    }
}
