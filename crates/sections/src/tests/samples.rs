//! Contents made from a schema: everything filled in, each alternative once.

use serde_json::{Map, Value, json};

/// Right contents that between them have every property of the schema.
pub(super) fn samples(schema: &Value) -> Vec<Value> {
    match schema["type"].as_str().unwrap() {
        "object" => objects(schema),
        "array" => samples(&schema["items"]).into_iter().map(|item| json!([item])).collect(),
        "boolean" => vec![json!(true)],
        "integer" => vec![schema["minimum"].clone(), schema["maximum"].clone()],
        _ => strings(schema),
    }
}

fn objects(schema: &Value) -> Vec<Value> {
    let properties = schema["properties"].as_object().unwrap();
    if schema.get("maxProperties").is_some() {
        let alternative = |(name, property): (&String, &Value)| {
            samples(property).into_iter().map(|value| json!({ name: value })).collect::<Vec<_>>()
        };
        return properties.iter().flat_map(alternative).collect();
    }
    let all: Vec<(&String, Vec<Value>)> =
        properties.iter().map(|(name, property)| (name, samples(property))).collect();
    let most = all.iter().map(|(_, values)| values.len()).max().unwrap_or(1);
    let filled = |round: usize| -> Map<String, Value> {
        all.iter()
            .map(|(name, values)| ((*name).clone(), values[round % values.len()].clone()))
            .collect()
    };
    (0..most).map(|round| Value::Object(filled(round))).collect()
}

fn strings(schema: &Value) -> Vec<Value> {
    if let Some(codes) = schema.get("enum") {
        return codes.as_array().unwrap().clone();
    }
    let pattern = schema["pattern"].as_str().unwrap();
    let value = match pattern {
        "\\S" => {
            let most = usize::try_from(schema["maxLength"].as_u64().unwrap()).unwrap();
            return vec![json!("Ж"), json!("Ж".repeat(most))];
        }
        "^([01][0-9]|2[0-3]):[0-5][0-9]$" => "23:59".into(),
        "^[0-9a-f]{32}$" => "0f".repeat(16),
        "^[0-9a-f]{64}$" => "0f".repeat(32),
        "^[0-9]{10}$" => "0000000000".into(),
        "^[a-z]{2,3}$" => "bg".into(),
        _ if schema.get("format").is_some() => "2028-02-29".into(),
        _ if schema.get("x-code").is_some() => "36г-1-2а".into(),
        other => panic!("no sample for {other}"),
    };
    vec![Value::String(value)]
}
