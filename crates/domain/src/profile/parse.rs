//! From a profile's text to a profile. Whatever is not just right is refused: a profile is adopted
//! for years, and by it people are told that they were late.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};

use super::counting::zone;
use super::source::{
    ArticleSource, CalendarSource, ClockSource, ExtensionSource, KnownSource, Source, TermSource,
};
use super::{
    Article, Basis, Calendar, ClockRule, Counting, Extension, Known, Length, MAX_BYTES, NamedTerm,
    Profile, ProfileError, Words,
};
use crate::clocks::occasion::{Name, Qualifier, Trigger};

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// What is wrong with it, where, and what to do; the first thing found.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        if text.len() > MAX_BYTES {
            return Err(ProfileError::TooLong { bytes: text.len() });
        }
        let source: Source = toml::from_str(text).map_err(|error| form(text, &error))?;
        code("code", &source.code, false)?;
        words("name", &source.name)?;
        words("disclaimer", &source.disclaimer)?;
        let found = zone(&source.zone);
        let zone = found.ok_or_else(|| ProfileError::Zone { zone: source.zone.clone() })?;
        let calendar = calendar(&source.calendar)?;
        let drop_all = triggers("drop-all", &source.drop_all)?;
        let clocks = clocks(&source.clock, &calendar, &drop_all)?;
        Ok(Self {
            starts: starts(&clocks),
            code: source.code,
            name: source.name,
            version: source.version,
            disclaimer: source.disclaimer,
            zone: source.zone,
            counting: Counting::new(zone, calendar),
            terms: terms(&source.terms)?,
            rules: rules(&source.rules)?,
            measures: known("measure", &source.measure)?,
            grounds: known("ground", &source.ground)?,
            clocks,
        })
    }
}

fn form(text: &str, error: &toml::de::Error) -> ProfileError {
    let line = error.span().map_or(0, |span| {
        let before = text.get(..span.start).unwrap_or(text);
        before.matches('\n').count() + 1
    });
    ProfileError::Form { line, message: error.message().replace('\n', " ") }
}

/// Which rules may start by an occasion of which name.
fn starts(clocks: &[ClockRule]) -> Vec<Vec<u16>> {
    let places = |name: &Name| {
        let rules = (0_u16..).zip(clocks);
        let starting = rules.filter(|(_, rule)| rule.start.iter().any(|on| on.name == *name));
        starting.map(|(place, _)| place).collect()
    };
    Name::ALL.iter().map(places).collect()
}

fn code(place: &str, text: &str, dotted: bool) -> Result<(), ProfileError> {
    let word = |word: &str| {
        // An article may have a letter of its own alphabet: 11а.
        let allowed = |c| matches!(c, 'a'..='z' | 'а'..='я' | '0'..='9');
        !word.is_empty() && word.chars().all(allowed)
    };
    let parts: Vec<&str> = if dotted { text.split('.').collect() } else { vec![text] };
    if parts.iter().all(|part| part.split('-').all(word)) {
        return Ok(());
    }
    Err(ProfileError::Code { place: place.to_owned(), text: text.to_owned(), dotted })
}

fn filled(place: &str, what: &'static str, text: &str) -> Result<(), ProfileError> {
    if text.trim().is_empty() {
        return Err(ProfileError::Empty { place: place.to_owned(), what });
    }
    Ok(())
}

fn words(place: &str, words: &Words) -> Result<(), ProfileError> {
    filled(place, "bg", &words.bg)?;
    filled(place, "en", &words.en)
}

fn date(place: &str, text: &str) -> Result<Date, ProfileError> {
    // Just this form: the parser of dates takes more.
    let found = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    found.ok_or_else(|| ProfileError::Date { place: place.to_owned(), text: text.to_owned() })
}

fn length(place: &str, text: &str) -> Result<Length, ProfileError> {
    let found = Length::from_text(text);
    found.ok_or_else(|| ProfileError::Length { place: place.to_owned(), text: text.to_owned() })
}

fn unfit(place: &str, why: &'static str) -> ProfileError {
    ProfileError::Unfit { place: place.to_owned(), why }
}

fn article(place: &str, article: &str, basis: Basis) -> Result<Article, ProfileError> {
    filled(place, "article", article)?;
    Ok(Article { article: article.to_owned(), basis, from: None, until: None })
}

fn ordered(place: &str, from: Option<Date>, until: Option<Date>) -> Result<(), ProfileError> {
    match (from, until) {
        (Some(from), Some(until)) if until <= from => Err(ProfileError::Order {
            place: place.to_owned(),
            from: from.to_string(),
            until: until.to_string(),
        }),
        _ => Ok(()),
    }
}

fn calendar(source: &CalendarSource) -> Result<Calendar, ProfileError> {
    let mut weekend = Vec::new();
    for text in &source.weekend {
        let day = weekday(text)?;
        if weekend.contains(&day) {
            return Err(twice("calendar, weekend", text));
        }
        weekend.push(day);
    }
    if weekend.len() >= 7 {
        return Err(unfit("calendar, weekend", "no working day is left: take one out"));
    }
    let [first, last] = source.covers;
    if last < first {
        return Err(unfit("calendar, covers", "write the first year, then the last"));
    }
    let mut holidays = BTreeSet::new();
    for text in &source.holidays {
        let day = date("calendar, holidays", text)?;
        if !(first..=last).contains(&day.year()) {
            return Err(unfit(
                "calendar, holidays",
                "a holiday lies outside the years that the calendar covers: widen covers, or take \
                 it out",
            ));
        }
        if !holidays.insert(day) {
            return Err(twice("calendar, holidays", text));
        }
    }
    let mut assumed_holidays = Vec::new();
    for text in &source.assumed_holidays {
        let day = day_of_year(text)?;
        if assumed_holidays.contains(&day) {
            return Err(twice("calendar, assumed-holidays", text));
        }
        assumed_holidays.push(day);
    }
    Ok(Calendar {
        weekend,
        holidays: holidays.into_iter().collect(),
        covers: (first, last),
        assumed_holidays,
        last_day: source.last_day.ends,
        last_day_article: article(
            "calendar, last-day",
            &source.last_day.article,
            source.last_day.basis,
        )?,
    })
}

fn twice(place: &str, what: &str) -> ProfileError {
    ProfileError::Twice { place: place.to_owned(), what: what.to_owned() }
}

fn weekday(text: &str) -> Result<Weekday, ProfileError> {
    Ok(match text {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => {
            let (place, text) = ("calendar, weekend".to_owned(), text.to_owned());
            return Err(ProfileError::Weekday { place, text });
        }
    })
}

/// Month and day; of a leap year, so that the 29th of February is one.
fn day_of_year(text: &str) -> Result<(i8, i8), ProfileError> {
    let place = "calendar, assumed-holidays";
    let day = date(place, &format!("2024-{text}"))
        .map_err(|_| ProfileError::DayOfYear { place: place.to_owned(), text: text.to_owned() })?;
    Ok((day.month(), day.day()))
}

fn terms(
    source: &BTreeMap<String, TermSource>,
) -> Result<BTreeMap<String, NamedTerm>, ProfileError> {
    let mut terms = BTreeMap::new();
    for (name, term) in source {
        let place = format!("terms, {name}");
        code(&place, name, false)?;
        let length = length(&place, &term.length)?;
        if length == Length::Stated {
            return Err(unfit(&place, "a named term has a length of its own: write it"));
        }
        let article = article(&place, &term.article, term.basis)?;
        terms.insert(name.clone(), NamedTerm { length, article });
    }
    Ok(terms)
}

fn rules(
    source: &BTreeMap<String, ArticleSource>,
) -> Result<BTreeMap<String, Article>, ProfileError> {
    let mut rules = BTreeMap::new();
    for (id, rule) in source {
        let place = format!("rules, {id}");
        code(&place, id, true)?;
        rules.insert(id.clone(), article(&place, &rule.article, rule.basis)?);
    }
    Ok(rules)
}

fn known(kind: &str, source: &[KnownSource]) -> Result<Vec<Known>, ProfileError> {
    let mut found: Vec<Known> = Vec::new();
    for entry in source {
        let place = format!("{kind} {}", entry.code);
        code(&place, &entry.code, false)?;
        let said = Words { bg: entry.bg.clone(), en: entry.en.clone() };
        words(&place, &said)?;
        let read = |day: &Option<String>| day.as_deref().map(|day| date(&place, day)).transpose();
        let (from, until) = (read(&entry.from)?, read(&entry.until)?);
        ordered(&place, from, until)?;
        let article = Article { from, until, ..article(&place, &entry.article, entry.basis)? };
        let same = found.iter().filter(|other| other.code == entry.code);
        for other in same {
            apart(
                &place,
                (article.from, article.until),
                (other.article.from, other.article.until),
            )?;
        }
        found.push(Known { code: entry.code.clone(), words: said, article });
    }
    Ok(found)
}

/// From its first day to the first day no more.
type Range = (Option<Date>, Option<Date>);

fn apart(place: &str, one: Range, other: Range) -> Result<(), ProfileError> {
    let from = one.0.max(other.0);
    let before = |until: Option<Date>| until.is_none_or(|until| from.is_none_or(|f| f < until));
    if before(one.1) && before(other.1) {
        return Err(ProfileError::Overlap {
            place: place.to_owned(),
            day: from.map_or_else(|| "every early day".to_owned(), |day| day.to_string()),
        });
    }
    Ok(())
}

fn clocks(
    source: &[ClockSource],
    calendar: &Calendar,
    drop_all: &[Trigger],
) -> Result<Vec<ClockRule>, ProfileError> {
    if source.len() > usize::from(u16::MAX) {
        return Err(unfit("clock", "there are too many: take some out"));
    }
    let mut found: Vec<ClockRule> = Vec::new();
    for entry in source {
        let place = format!("clock {} ({}, from {})", entry.number, entry.name, entry.applies_from);
        let mut rule = clock(&place, entry, calendar)?;
        rule.drop.extend(drop_all);
        for other in &found {
            if (other.number == rule.number) != (other.name == rule.name) {
                return Err(unfit(
                    &place,
                    "another clock has its number or its name, but not both: give it its own",
                ));
            }
            if other.number == rule.number {
                let one = (Some(rule.applies_from), rule.applies_until);
                apart(&place, one, (Some(other.applies_from), other.applies_until))?;
            }
        }
        found.push(rule);
    }
    Ok(found)
}

fn clock(
    place: &str,
    source: &ClockSource,
    calendar: &Calendar,
) -> Result<ClockRule, ProfileError> {
    code(place, &source.name, false)?;
    let said = Words { bg: source.bg.clone(), en: source.en.clone() };
    words(place, &said)?;
    filled(place, "article", &source.article)?;
    let applies_from = date(place, &source.applies_from)?;
    let until = source.applies_until.as_deref();
    let applies_until = until.map(|text| date(place, text)).transpose()?;
    ordered(place, Some(applies_from), applies_until)?;
    let on = |texts: &[String]| triggers(place, texts);
    let rule = ClockRule {
        number: source.number,
        name: source.name.clone(),
        words: said,
        article: source.article.clone(),
        basis: source.basis,
        duty: source.duty,
        ends: source.ends,
        length: length(place, &source.length)?,
        at_most: source.at_most.as_deref().map(|text| length(place, text)).transpose()?,
        last_day: source.last_day.unwrap_or(calendar.last_day),
        scope: source.of,
        start: on(&source.start)?,
        stop: on(&source.stop)?,
        restart: on(&source.restart)?,
        drop: on(&source.drop)?,
        suspend: on(&source.suspend)?,
        resume: on(&source.resume)?,
        extend: source.extend.as_ref().map(|source| extension(place, source)).transpose()?,
        applies_from,
        applies_until,
        counting_assumed: source.counting_assumed,
    };
    fits(place, &rule)?;
    Ok(rule)
}

fn extension(place: &str, source: &ExtensionSource) -> Result<Extension, ProfileError> {
    Ok(Extension {
        on: triggers(place, &source.on)?,
        by: length(place, &source.by)?,
        times: source.times,
    })
}

/// What no single field shows.
fn fits(place: &str, rule: &ClockRule) -> Result<(), ProfileError> {
    let why = if rule.number == 0 {
        "a clock's number is 1 or more"
    } else if rule.start.is_empty() {
        "nothing starts it: name an occasion under start"
    } else if rule.at_most.is_some() && rule.length != Length::Stated {
        "at-most goes with a stated length only: write the length itself"
    } else if rule.at_most == Some(Length::Stated) {
        "at-most is a length: write one"
    } else if rule.suspend.is_empty() != rule.resume.is_empty() {
        "suspend and resume go together: name both, or none"
    } else if let Some(why) = rule.extend.as_ref().and_then(|extend| unfit_extension(rule, extend))
    {
        why
    } else if rule.ends == super::Ends::Duty && rule.stop.is_empty() && rule.restart.is_empty() {
        "a duty that nothing stops can't be kept: name an occasion under stop or restart"
    } else {
        return Ok(());
    };
    Err(unfit(place, why))
}

fn unfit_extension(rule: &ClockRule, extend: &Extension) -> Option<&'static str> {
    if extend.on.is_empty() || extend.times == 0 {
        return Some("extend names at least one occasion, and at least one time");
    }
    if extend.by == Length::Stated {
        return Some("extend, by, is a length: write one");
    }
    let stated = rule.length == Length::Stated;
    if !stated && extend.by.to_the_minute() != rule.length.to_the_minute() {
        return Some("a clock in hours is extended by hours, one in days by days, weeks or months");
    }
    None
}

fn triggers(place: &str, texts: &[String]) -> Result<Vec<Trigger>, ProfileError> {
    let mut found = Vec::new();
    for text in texts {
        let trigger = trigger(place, text)?;
        if found.contains(&trigger) {
            return Err(twice(place, text));
        }
        found.push(trigger);
    }
    Ok(found)
}

fn trigger(place: &str, text: &str) -> Result<Trigger, ProfileError> {
    let (name, qualifier) = match text.split_once('.') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (text, None),
    };
    let name = Name::from_text(name)
        .ok_or_else(|| ProfileError::Occasion { place: place.to_owned(), text: text.to_owned() })?;
    let Some(text) = qualifier else { return Ok(Trigger { name, qualifier: None }) };
    let found = Qualifier::from_text(text).filter(|found| name.qualifiers().contains(found));
    match found {
        Some(_) => Ok(Trigger { name, qualifier: found }),
        None => {
            let (place, text) = (place.to_owned(), text.to_owned());
            Err(ProfileError::Qualifier { place, name, text })
        }
    }
}
