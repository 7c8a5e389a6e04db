//! The messages of a language, read once when the first one is asked for.

use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use crate::Lang;

pub use fluent_bundle::FluentValue;

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

struct Words {
    bundle: FluentBundle<FluentResource>,
    /// The messages that take no arguments, put together.
    plain: HashMap<&'static str, String>,
}

static IN_BULGARIAN: LazyLock<Words> = LazyLock::new(|| Words::read(Lang::Bg, BG));
static IN_ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::read(Lang::En, EN));

impl Words {
    fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::Bg => &IN_BULGARIAN,
            Lang::En => &IN_ENGLISH,
        }
    }

    fn read(lang: Lang, files: &[&str]) -> Self {
        let id = lang.code().parse::<LanguageIdentifier>().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Both languages are written from left to right, and a terminal shows the marks.
        bundle.set_use_isolating(false);
        for file in files {
            // The build has read the same files with the same parser, and found them without fault.
            let resource = FluentResource::try_new((*file).to_owned());
            bundle.add_resource_overriding(resource.unwrap_or_else(|(resource, _)| resource));
        }
        let plain = MESSAGES.iter().filter(|(_, arguments)| arguments.is_empty());
        let plain = plain.map(|(id, _)| (*id, said(&bundle, id, None))).collect();
        Self { bundle, plain }
    }
}

fn said(bundle: &FluentBundle<FluentResource>, id: &str, args: Option<&FluentArgs<'_>>) -> String {
    let text = bundle.get_message(id).and_then(|message| message.value());
    // An argument that is missing would be a fault; the compiler has seen that none is.
    let text = text.map(|text| bundle.format_pattern(text, args, &mut Vec::new()));
    text.map_or_else(|| id.to_owned(), Into::into)
}

/// What people call something of the format, by the name that it has there: the message `group-name`.
/// Groups are `kind`, `field` and `code`. `None` where there are no words for it.
#[must_use]
pub fn named(lang: Lang, group: &str, name: &str) -> Option<&'static str> {
    Words::of(lang).plain.get(format!("{group}-{name}").as_str()).map(String::as_str)
}

/// The names of a group that there are words for, ascending.
pub fn codes(group: &'static str) -> impl Iterator<Item = &'static str> {
    MESSAGES.iter().filter_map(move |(id, _)| id.strip_prefix(group)?.strip_prefix('-'))
}

/// See [`crate::say!`], which has checked that it is there.
#[must_use]
pub fn plain(lang: Lang, id: &'static str) -> &'static str {
    Words::of(lang).plain.get(id).map_or(id, String::as_str)
}

/// See [`crate::say!`], which has checked that it is there, and takes these arguments.
#[must_use]
pub fn with<const N: usize>(
    lang: Lang,
    id: &str,
    arguments: [(&'static str, FluentValue<'_>); N],
) -> String {
    said(&Words::of(lang).bundle, id, Some(&arguments.into_iter().collect()))
}

/// Stops the compiler where there is no such message, or it takes other arguments.
///
/// # Panics
/// While compiling only.
#[allow(clippy::panic, clippy::indexing_slicing, reason = "runs in the compiler alone")]
pub const fn check(id: &str, arguments: &[&str]) {
    let (mut low, mut high) = (0, MESSAGES.len());
    while low < high {
        let middle = low.midpoint(high);
        match order(MESSAGES[middle].0, id) {
            0 => return check_arguments(MESSAGES[middle].1, arguments),
            order if order < 0 => low = middle + 1,
            _ => high = middle,
        }
    }
    panic!("there is no such message: add it to the files in crates/words/bg and crates/words/en");
}

#[allow(clippy::panic, clippy::indexing_slicing, reason = "runs in the compiler alone")]
const fn check_arguments(takes: &[&str], given: &[&str]) {
    let mut matched = 0;
    let mut at = 0;
    while at < given.len() {
        let mut of = 0;
        while of < takes.len() {
            if order(takes[of], given[at]) == 0 {
                matched += 1;
            }
            of += 1;
        }
        at += 1;
    }
    if matched != takes.len() || given.len() != takes.len() {
        panic!("the message takes other arguments: see its text in crates/words");
    }
}

/// Which of two texts comes first, by their bytes: below 0, the first; 0, they are the same.
#[allow(clippy::indexing_slicing, reason = "runs in the compiler alone")]
const fn order(one: &str, other: &str) -> i32 {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return one[at] as i32 - other[at] as i32;
        }
        at += 1;
    }
    one.len() as i32 - other.len() as i32
}
