//! What the build does not see: whether each message is used, and is in the language of its file.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where messages are said.
const USERS: [&str; 2] = ["../client/src", "../../tools/letopis/src"];

/// Files whose messages are looked up by names of the format: crate client's tests say which.
const LOOKED_UP: [&str; 4] = ["kinds.ftl", "fields.ftl", "codes.ftl", "reasons.ftl"];

/// Every file below a folder whose name ends so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path, ending),
            false => vec![path],
        })
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect()
}

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Each message of a language, with its text, but for those of these files.
fn messages(lang: &str, but: &[&str]) -> BTreeMap<String, String> {
    let mut messages = BTreeMap::new();
    for path in files(&crate_folder().join(lang), ".ftl") {
        if but.contains(&path.file_name().unwrap().to_str().unwrap()) {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let mut last = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            // What belongs to a message is further in.
            let text = match line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                Some((id, text)) => {
                    last = id.to_owned();
                    text
                }
                None => line,
            };
            *messages.entry(last.clone()).or_default() += text;
        }
    }
    messages
}

#[test]
fn every_message_is_used() {
    let mut said = BTreeSet::new();
    for path in USERS.iter().flat_map(|folder| files(&crate_folder().join(folder), ".rs")) {
        let code = fs::read_to_string(path).unwrap();
        said.extend(code.split('"').map(str::to_owned));
    }
    let unused: Vec<_> =
        messages("en", &LOOKED_UP).into_keys().filter(|id| !said.contains(id)).collect();
    assert!(unused.is_empty(), "take these out of bg/ and en/: {unused:?}");
}

/// What is not said in Bulgarian, with what is said for it.
const OTHER_WORDS: [(&str, &str); 2] = [("ведомств", "структура"), ("държи случая", "води случая")];

#[test]
fn one_thing_has_one_word() {
    for (id, text) in messages("bg", &[]) {
        for (other, word) in OTHER_WORDS {
            assert!(!text.contains(other), "{id}: say \"{word}\", not \"{other}\"");
        }
    }
}

/// A code's words are the only ones for it: other messages say it by `named`.
#[test]
fn no_code_has_other_words_too() {
    let others = messages("en", &LOOKED_UP);
    let codes = messages("en", &[]).into_keys().filter_map(|id| {
        let code = id.strip_prefix("code-")?;
        Some(code.to_lowercase().replace('_', "-"))
    });
    let is_again = |code: &String| others.keys().any(|id| id.ends_with(code.as_str()));
    let again: Vec<_> = codes.filter(is_again).collect();
    assert!(again.is_empty(), "these have a second set of words: {again:?}");
}

/// The words of a text, without the names of arguments and of plural forms.
fn words(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| !word.starts_with(['$', '[', '*']));
    words.collect::<Vec<_>>().join(" ")
}

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..='\u{4ff}').contains(&c)
}

#[test]
fn every_message_is_in_its_language() {
    let wrong = |lang: &str, is_wrong: fn(&str) -> bool| -> Vec<String> {
        let messages = messages(lang, &[]).into_iter();
        messages.filter(|(_, text)| is_wrong(&words(text))).map(|(id, _)| id).collect()
    };
    let bulgarian =
        wrong("bg", |text| text.contains(char::is_alphabetic) && !text.contains(is_cyrillic));
    assert!(bulgarian.is_empty(), "not in Bulgarian: {bulgarian:?}");
    let english = wrong("en", |text| text.contains(is_cyrillic));
    assert!(english.is_empty(), "not in English: {english:?}");
}

/// The interfaces' own words stand in the files, and nowhere else.
#[test]
fn no_pair_of_words_stands_in_the_code() {
    let mut pairs = Vec::new();
    for path in USERS.iter().flat_map(|folder| files(&crate_folder().join(folder), ".rs")) {
        let code = fs::read_to_string(&path).unwrap();
        // What is picked comes with data, in both languages.
        for call in code.split(".pick(").skip(1) {
            if call.trim_start().starts_with('"') && !call.trim_start().starts_with("\"x-bg\"") {
                pairs.push(path.display().to_string());
            }
        }
    }
    assert!(pairs.is_empty(), "say! these, with the words in bg/ and en/: {pairs:?}");
}
