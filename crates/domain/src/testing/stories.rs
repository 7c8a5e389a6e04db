//! Files of stories, each of which ends in what is refused or accepted.
//!
//! ```text
//! begin opened
//!   SignalReceived
//! end
//!
//! ## A check is assigned before it is done.
//! article чл. 16, ал. 1 ППЗЗДет
//! given opened
//!   +1h SignalForwarded
//! refused
//!   +1h SignalAssessed
//! ```

use std::collections::BTreeMap;

/// A story.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// What it is about.
    pub title: String,
    /// Where it stands: an article, or `catalogue` or `design`.
    pub article: String,
    /// What comes before.
    pub given: Vec<String>,
    /// What is refused, or accepted.
    pub last: String,
    /// Refused.
    pub refused: bool,
}

/// The stories of a file.
///
/// # Panics
/// Where it is not such a file.
#[must_use]
pub fn stories(text: &str) -> Vec<Written> {
    let mut beginnings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut stories: Vec<Written> = Vec::new();
    let mut beginning: Option<String> = None;
    let mut ends = false;
    for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "##" => {
                ends = false;
                stories.push(Written { title: rest.to_owned(), ..Written::default() });
            }
            "#" | "doubt" => {}
            "begin" => {
                beginnings.insert(rest.to_owned(), Vec::new());
                beginning = Some(rest.to_owned());
            }
            "end" => beginning = None,
            _ if line.starts_with(' ') => match (&beginning, stories.last_mut()) {
                (Some(name), _) => {
                    beginnings.entry(name.clone()).or_default().push(line.trim().to_owned());
                }
                (None, Some(story)) if ends => line.trim().clone_into(&mut story.last),
                (None, Some(story)) => story.given.push(line.trim().to_owned()),
                _ => panic!("a line of no story: {line}"),
            },
            _ => {
                let story = stories.last_mut().unwrap_or_else(|| panic!("no story: {line}"));
                match word {
                    "article" => rest.clone_into(&mut story.article),
                    "given" if rest.is_empty() => {}
                    "given" => {
                        let found = beginnings.get(rest);
                        let found = found.unwrap_or_else(|| panic!("no beginning {rest}"));
                        story.given.extend(found.iter().cloned());
                    }
                    "refused" | "accepted" => (story.refused, ends) = (word == "refused", true),
                    _ => panic!("`{line}` is not understood"),
                }
            }
        }
    }
    assert!(stories.iter().all(|story| !story.last.is_empty()), "a story without an end");
    stories
}
