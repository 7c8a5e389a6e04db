//! The schema's enumerations hold just what the protos and types hold.

use std::collections::BTreeSet;

use cedar_policy::SchemaFragment;
use letopis_proto::KINDS;
use letopis_types::StreamKind;

use super::{purposes, roles};
use crate::{Action, Content, Relation, SCHEMA};

/// The texts of an array, or the keys of an object, in the schema's JSON form.
fn names(pointer: &str) -> BTreeSet<String> {
    let (fragment, warnings) = SchemaFragment::from_cedarschema_str(SCHEMA).unwrap();
    assert_eq!(warnings.count(), 0);
    let json = fragment.to_json_value().unwrap();
    let found = json.pointer(pointer).unwrap();
    match (found.as_array(), found.as_object()) {
        (Some(array), _) => array.iter().map(|name| name.as_str().unwrap().to_owned()).collect(),
        (_, Some(object)) => object.keys().cloned().collect(),
        _ => panic!("neither array nor object: {pointer}"),
    }
}

fn members(enumeration: &str) -> BTreeSet<String> {
    names(&format!("//entityTypes/{enumeration}/enum"))
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn roles_and_purposes_are_those_of_the_protos() {
    assert_eq!(roles().len(), 15);
    assert_eq!(purposes().len(), 10);
    assert_eq!(members("Role"), roles().into_iter().map(|(_, name)| name).collect());
    let mut purposes: BTreeSet<_> = purposes().into_iter().map(|(_, name)| name).collect();
    purposes.insert("none".into());
    assert_eq!(members("Purpose"), purposes);
}

#[test]
fn streams_contents_actions_and_relations_are_those_of_the_types() {
    assert_eq!(members("Stream"), set(StreamKind::ALL.map(StreamKind::name)));
    assert_eq!(members("Content"), set(Content::ALL.map(Content::name)));
    assert_eq!(names("//actions"), set(Action::ALL.map(Action::name)));
    let flags = names("//commonTypes/Relation/attributes");
    assert_eq!(flags, set(Relation::ALL.iter().map(|(_, name)| *name)));
}

#[test]
fn every_kind_of_the_protos_can_be_named() {
    let kinds = members("Kind");
    let missing: Vec<_> =
        KINDS.iter().map(|kind| kind.name).filter(|name| !kinds.contains(*name)).collect();
    assert!(missing.is_empty(), "add to Kind in cedar/letopis.cedarschema: {missing:?}");
}
