//! A profile's text as TOML has it, before its words are looked at.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Basis, Duty, Ends, LastDay, Scope, Words};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Source {
    pub(super) code: String,
    pub(super) name: Words,
    pub(super) version: u32,
    pub(super) zone: String,
    pub(super) disclaimer: Words,
    pub(super) calendar: CalendarSource,
    #[serde(default)]
    pub(super) drop_all: Vec<String>,
    #[serde(default)]
    pub(super) terms: BTreeMap<String, TermSource>,
    #[serde(default)]
    pub(super) rules: BTreeMap<String, ArticleSource>,
    #[serde(default)]
    pub(super) measure: Vec<KnownSource>,
    #[serde(default)]
    pub(super) ground: Vec<KnownSource>,
    #[serde(default)]
    pub(super) clock: Vec<ClockSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CalendarSource {
    pub(super) weekend: Vec<String>,
    pub(super) covers: [i16; 2],
    pub(super) holidays: Vec<String>,
    #[serde(default)]
    pub(super) assumed_holidays: Vec<String>,
    pub(super) last_day: LastDaySource,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LastDaySource {
    pub(super) ends: LastDay,
    pub(super) article: String,
    pub(super) basis: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TermSource {
    pub(super) length: String,
    pub(super) article: String,
    pub(super) basis: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ArticleSource {
    pub(super) article: String,
    pub(super) basis: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct KnownSource {
    pub(super) code: String,
    pub(super) bg: String,
    pub(super) en: String,
    pub(super) article: String,
    #[serde(default = "law")]
    pub(super) basis: Basis,
    pub(super) from: Option<String>,
    pub(super) until: Option<String>,
}

/// What is a measure or a ground says the law, unless it is said otherwise.
const fn law() -> Basis {
    Basis::Law
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ClockSource {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) bg: String,
    pub(super) en: String,
    pub(super) article: String,
    pub(super) basis: Basis,
    pub(super) duty: Duty,
    pub(super) ends: Ends,
    pub(super) length: String,
    pub(super) at_most: Option<String>,
    pub(super) last_day: Option<LastDay>,
    #[serde(default)]
    pub(super) of: Scope,
    pub(super) start: Vec<String>,
    #[serde(default)]
    pub(super) stop: Vec<String>,
    #[serde(default)]
    pub(super) restart: Vec<String>,
    #[serde(default)]
    pub(super) drop: Vec<String>,
    #[serde(default)]
    pub(super) suspend: Vec<String>,
    #[serde(default)]
    pub(super) resume: Vec<String>,
    pub(super) extend: Option<ExtensionSource>,
    pub(super) applies_from: String,
    pub(super) applies_until: Option<String>,
    #[serde(default)]
    pub(super) counting_assumed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ExtensionSource {
    pub(super) on: Vec<String>,
    pub(super) by: String,
    pub(super) times: u8,
}
