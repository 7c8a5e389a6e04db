//! The stories of a district (`year.txt`), taken apart.

use std::collections::BTreeMap;

use crate::calendar::{DAY, HOUR, MINUTE};
use crate::error::Error;

/// The text that comes with this crate.
const TEXT: &str = include_str!("year.txt");

/// Where a story stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// It begins with a signal.
    Signal,
    /// It is that of a further child of a signal, from the opening of its case on.
    Sibling,
    /// It is of the ledger as a whole, not of a family.
    Office,
}

/// A story: what happens, in which order.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) title: String,
    pub(crate) part: Part,
    /// How often it happens, beside the others.
    pub(crate) weight: u64,
    /// Tracks, as the lines name them.
    pub(crate) tracks: Vec<String>,
    /// Its signal may be about several children.
    pub(crate) whole: bool,
    /// Its lead does not leave meanwhile.
    pub(crate) steady: bool,
    /// It begins at night or at a weekend.
    pub(crate) night: bool,
    /// On duty in it is who stands in for the head.
    pub(crate) relief: bool,
    pub(crate) lines: Vec<Line>,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Seconds after the line before, at least.
    pub(crate) later: i64,
    pub(crate) what: What,
}

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// A statement, as the stories of `letopis_domain::testing` tell it.
    Says { kind: String, text: String },
    /// A statement that the rules refuse.
    Tries(String),
    /// A reading.
    Reads(Reading),
    /// Lead and head explain each missed clock of the case.
    Explains,
}

/// Who reads what of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What is read.
    pub what: Wanted,
    /// Which part in the story.
    pub who: String,
}

/// What a reader wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The file with its sections.
    Sections,
    /// The steps alone.
    Facts,
    /// The file, under emergency access.
    Emergency,
    /// The file, which the reader may not see.
    Denied,
}

/// The stories of this crate.
pub(crate) fn scripts() -> Result<Vec<Script>, Error> {
    parse(TEXT)
}

fn parse(text: &str) -> Result<Vec<Script>, Error> {
    let mut beginnings: BTreeMap<&str, Vec<Line>> = BTreeMap::new();
    let mut beginning: Option<&str> = None;
    let mut scripts: Vec<Script> = Vec::new();
    for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let not_understood = || Error::Story { line: line.to_owned() };
        let (word, rest) = line.trim_start().split_once(' ').unwrap_or((line, ""));
        if line.starts_with(' ') {
            let mut parsed = match word {
                "use" => beginnings.get(rest).cloned().ok_or_else(not_understood)?,
                _ => vec![Line::parse(line.trim_start()).ok_or_else(not_understood)?],
            };
            let lines = match beginning {
                Some(name) => beginnings.entry(name).or_default(),
                None => &mut scripts.last_mut().ok_or_else(not_understood)?.lines,
            };
            lines.append(&mut parsed);
            continue;
        }
        match word {
            "#" => {}
            "begin" => beginning = Some(rest),
            "end" => beginning = None,
            "##" => scripts.push(Script::new(rest)),
            _ => {
                let script = scripts.last_mut().ok_or_else(not_understood)?;
                script.set(word, rest).ok_or_else(not_understood)?;
            }
        }
    }
    Ok(scripts)
}

impl Script {
    fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            part: Part::Signal,
            weight: 0,
            tracks: Vec::new(),
            whole: false,
            steady: false,
            night: false,
            relief: false,
            lines: Vec::new(),
        }
    }

    fn set(&mut self, word: &str, rest: &str) -> Option<()> {
        match word {
            "weight" => self.weight = rest.parse().ok()?,
            "track" => self.tracks = rest.split(',').map(str::to_owned).collect(),
            "whole" => self.whole = true,
            "steady" => self.steady = true,
            "night" => self.night = true,
            "relief" => self.relief = true,
            "sibling" => self.part = Part::Sibling,
            "office" => self.part = Part::Office,
            _ => return None,
        }
        Some(())
    }

    /// How long it takes at least, in seconds.
    pub(crate) fn length(&self) -> i64 {
        self.lines.iter().map(|line| line.later).sum()
    }
}

impl Line {
    fn parse(text: &str) -> Option<Self> {
        let (later, text) = match text.strip_prefix('+') {
            Some(rest) => rest.split_once(' ').and_then(|(gap, rest)| Some((span(gap)?, rest)))?,
            None => (0, text),
        };
        let mut words = text.split_whitespace();
        let what = match (words.next()?, words.next(), words.next(), words.next()) {
            ("!", Some(_), ..) => What::Tries(text.trim_start_matches(['!', ' ']).to_owned()),
            ("explains", ..) => What::Explains,
            ("reads", Some(what), Some("by"), Some(who)) => {
                let what = match what {
                    "sections" => Wanted::Sections,
                    "facts" => Wanted::Facts,
                    "emergency" => Wanted::Emergency,
                    _ => return None,
                };
                What::Reads(Reading { what, who: who.to_owned() })
            }
            ("denied", Some("by"), Some(who), _) => {
                What::Reads(Reading { what: Wanted::Denied, who: who.to_owned() })
            }
            (kind, ..) => What::Says { kind: kind.to_owned(), text: text.to_owned() },
        };
        Some(Self { later, what })
    }

    /// Is it a statement of this kind?
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(&self.what, What::Says { kind, .. } if kind == name)
    }
}

/// `3d` in seconds.
fn span(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.strip_prefix(digits)? {
        "min" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

    use super::*;

    #[test]
    fn every_story_of_the_year_is_read() {
        let scripts = scripts().unwrap();
        let of = |part| scripts.iter().filter(move |script| script.part == part);
        assert!(of(Part::Signal).all(|script| !script.tracks.is_empty() && script.weight > 0));
        assert!(of(Part::Sibling).count() > 1 && of(Part::Office).count() > 1);
        for script in &scripts {
            assert!(!script.lines.is_empty(), "{}", script.title);
            for line in &script.lines {
                let What::Says { kind, .. } = &line.what else { continue };
                let known = letopis_proto::KINDS.iter().any(|known| known.name == *kind);
                assert!(known, "{}: {kind}", script.title);
            }
        }
    }

    #[test]
    fn a_line_is_taken_apart() {
        let line = Line::parse("+40min EmergencyActRecorded by duty").unwrap();
        assert_eq!(line.later, 40 * MINUTE);
        assert!(line.is("EmergencyActRecorded"));
        assert_eq!(Line::parse("! PlanAdopted").unwrap().what, What::Tries("PlanAdopted".into()));
        let denied = Reading { what: Wanted::Denied, who: "clerk".into() };
        assert_eq!(Line::parse("+1d denied by clerk").unwrap().what, What::Reads(denied));
        for wrong in ["", "+1 X", "+1y X", "reads novels by head"] {
            assert_eq!(Line::parse(wrong), None, "{wrong}");
        }
        for wrong in ["  X", "begin a\n  use b", "## t\nheight 3"] {
            assert!(matches!(parse(wrong), Err(Error::Story { .. })), "{wrong}");
        }
    }
}
