//! Making a document of a case.

use std::collections::{BTreeMap, BTreeSet};

use letopis_crypto::hash::statement_hash;
use letopis_domain::statement::SECTIONS_MAX;
use letopis_proto::accountability::v1 as pb;
use letopis_proto::statement::v1::Role;
use letopis_types::{ActorId, Digest, StreamKind};
use prost_reflect::{DynamicMessage, Kind, ReflectMessage as _, Value};

use crate::document::{Clock, Code, Document, Grain, Label, STEPS_MAX, Step, day_text};
use crate::error::MakeError;
use crate::plain;
use crate::reveals;
use crate::source::{Event, Past};
use crate::told::{self, NO, YES, is_field_told, is_told};

/// Days are moved by more than so many weeks: a whole year, so that the calendar year says nothing.
const LEAST_WEEKS: i64 = 52;

/// By how many different numbers of weeks days may be moved: ten years.
const DIFFERENT_WEEKS: u64 = 520;

/// What the author wants.
#[derive(Debug, Clone, Copy)]
pub struct Wishes<'a> {
    /// How exactly days and durations are told.
    pub grain: Grain,
    /// Kinds that are not told.
    pub left_out: &'a [String],
    /// What the author wrote for it. Empty: nothing.
    pub introduction: &'a str,
    /// A random number, drawn for this document alone and kept nowhere: by how far days are moved.
    pub random: u64,
}

/// A document of a case's events, in log order.
///
/// # Errors
/// Why there is none.
pub fn make(past: &[Past], wishes: &Wishes<'_>) -> Result<Document, MakeError> {
    let left_out = left_out(wishes.left_out)?;
    let events = Event::all(past)?;
    plain::check(wishes.introduction, "introduction")?;
    reveals::check(wishes.introduction, "introduction", &events)?;
    let told = told(&events, &left_out);
    match told.len() {
        0 => return Err(MakeError::Empty),
        count if count > STEPS_MAX => return Err(MakeError::TooMany { count, max: STEPS_MAX }),
        _ => {}
    }
    if let Some(full) = told.iter().find(|event| event.statement.sections.len() >= SECTIONS_MAX) {
        return Err(MakeError::AllSections { kind: full.kind(), max: SECTIONS_MAX });
    }
    let moved = Moved::of(&events, wishes);
    let known = past.iter().map(|one| statement_hash(&one.statement)).collect();
    let mut teller = Teller::of(&told, &events, known, moved);
    let steps = told.iter().map(|event| teller.step(event)).collect::<Result<_, _>>()?;
    let introduction = wishes.introduction.trim().to_owned();
    Ok(Document::new(introduction, wishes.grain, left_out, steps))
}

/// The events that a document tells, by their statements' hashes: for whoever puts on the record what was
/// shared. It is this case's, nothing was added to what it tells since, and neither its introduction nor what its
/// reviewer found names the case.
///
/// # Errors
/// [`MakeError::OtherCase`]; as [`make`].
pub fn shared(past: &[Past], document: &Document, found: &str) -> Result<Vec<Digest>, MakeError> {
    let Document { grain, left_out, introduction, .. } = document;
    let again = make(past, &Wishes { grain: *grain, left_out, introduction, random: 0 })?;
    let same = |one: &Step, other: &Step| {
        (&one.kind, &one.by, &one.codes, &one.about)
            == (&other.kind, &other.by, &other.codes, &other.about)
    };
    let (steps, others) = (&again.steps, &document.steps);
    let all = steps.iter().zip(others).all(|(one, other)| same(one, other));
    let events = Event::all(past)?;
    let told = told(&events, left_out);
    if steps.len() != others.len() || !all || !is_moved(&told, document) {
        return Err(MakeError::OtherCase);
    }
    reveals::check(found, "review", &events)?;
    Ok(told.iter().map(|event| event.hash).collect())
}

/// Whether there are weeks by which the events' days moved give the document's.
fn is_moved(told: &[&Event<'_>], document: &Document) -> bool {
    let days = || told.iter().zip(&document.steps);
    let first = days().next().and_then(|(event, step)| Some(event.day() - step.day_number()?));
    let Some(most) = first.map(|days| days.div_euclid(7)) else { return false };
    let grain = document.grain;
    // The first day stands for as many as the grain has.
    let mut weeks = (0..i64::from(grain.days().div_ceil(7))).map(|fewer| most - fewer);
    weeks.any(|weeks| {
        days().all(|(event, step)| step.day_number() == Some(grain.floor(event.day() - weeks * 7)))
    })
}

/// What is told, in the order in which it happened.
fn told<'a, 'b>(events: &'b [Event<'a>], left_out: &[String]) -> Vec<&'b Event<'a>> {
    let mut told: Vec<_> = events.iter().filter(|event| event.is_of_case()).collect();
    told.retain(|event| is_told(event.kind()) && !left_out.iter().any(|kind| kind == event.kind()));
    told.sort_by_key(|event| event.day());
    told
}

/// Ascending, each once.
fn left_out(kinds: &[String]) -> Result<Vec<String>, MakeError> {
    let mut kinds = kinds.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    match kinds.iter().find(|kind| !is_told(kind)) {
        Some(kind) => Err(MakeError::NotAKind { kind: kind.clone() }),
        None => Ok(kinds),
    }
}

/// By how far days are moved back, and how exactly they are told.
struct Moved {
    days: i64,
    grain: Grain,
}

impl Moved {
    /// Whole weeks, so that weekdays stay; more of them than the case lasted, told or not, so that none of its
    /// days is a day of the document.
    fn of(events: &[Event<'_>], wishes: &Wishes<'_>) -> Self {
        let days = || events.iter().map(Event::day);
        let span = days().max().unwrap_or(0) - days().min().unwrap_or(0);
        let more = i64::try_from(wishes.random % DIFFERENT_WEEKS).unwrap_or(0);
        let weeks = LEAST_WEEKS.max(span / 7) + 1 + more;
        Self { days: weeks * 7, grain: wishes.grain }
    }

    fn day(&self, day: i64) -> Result<String, MakeError> {
        day_text(self.grain.floor(day - self.days)).ok_or(MakeError::Calendar)
    }
}

/// Tells step after step.
struct Teller<'a> {
    moved: Moved,
    /// The steps' numbers.
    numbers: BTreeMap<Digest, u32>,
    /// What the case's own stream holds, told or not.
    of_case: BTreeMap<Digest, &'a Event<'a>>,
    /// All that is known of the case, told or not.
    known: BTreeSet<Digest>,
    /// Who had a role before, in the order of appearance.
    people: BTreeMap<u32, Vec<ActorId>>,
}

impl<'a> Teller<'a> {
    fn of(
        told: &[&Event<'_>],
        events: &'a [Event<'a>],
        known: BTreeSet<Digest>,
        moved: Moved,
    ) -> Self {
        let numbers = (1..).zip(told).map(|(number, event)| (event.hash, number)).collect();
        let of_case = events.iter().filter(|event| event.is_of_case());
        let of_case = of_case.map(|event| (event.hash, event)).collect();
        Self { moved, numbers, of_case, known, people: BTreeMap::new() }
    }

    fn step(&mut self, event: &Event<'_>) -> Result<Step, MakeError> {
        let status = event.past.status;
        let authors = event.past.authors.iter();
        let mut by: Vec<_> = authors.map(|(actor, role)| self.label(*actor, *role)).collect();
        by.dedup();
        Ok(Step {
            number: self.numbers.get(&event.hash).copied().unwrap_or_default(),
            day: self.moved.day(event.day())?,
            kind: event.kind().to_owned(),
            status: (status != pb::ActStatus::Unspecified).then(|| status.as_str_name().to_owned()),
            by,
            codes: self.codes(event),
            about: self.about(event),
            clocks: event.past.clocks.iter().filter_map(|one| self.clock(one, event)).collect(),
        })
    }

    fn label(&mut self, actor: ActorId, role: u32) -> Label {
        let known = i32::try_from(role).ok().and_then(|role| Role::try_from(role).ok());
        let role = known.unwrap_or(Role::Unspecified);
        let people = self.people.entry(role as u32).or_default();
        let place = people.iter().position(|one| *one == actor).unwrap_or_else(|| {
            people.push(actor);
            people.len() - 1
        });
        let number = u32::try_from(place + 1).unwrap_or(u32::MAX);
        Label { role: role.as_str_name().to_owned(), number }
    }

    /// What its fact says, by the last correction of it.
    fn codes(&self, event: &Event<'_>) -> Vec<Code> {
        let corrections = event.past.corrected_by.iter().rev();
        let corrected = corrections
            .filter_map(|hash| self.of_case.get(hash)?.corrected_fact())
            .find(|fact| fact.descriptor().name() == event.kind());
        let fact = corrected.or_else(|| event.fact());
        fact.map(|fact| codes(&fact, event.kind())).unwrap_or_default()
    }

    /// The steps that it names, or refers to.
    fn about(&self, event: &Event<'_>) -> Vec<u32> {
        let references = event.statement.references.iter().map(|one| one.statement_hash);
        let named = event.statement.fact.named().into_iter().chain(references);
        let mut about: Vec<_> = named.filter_map(|hash| self.numbers.get(&hash).copied()).collect();
        about.sort_unstable();
        about.dedup();
        about
    }

    /// A term that it began; or ended, where it began outside of the case, with a signal. One that something
    /// began or ended which is not told (in the protected part, of a kind that is never told or that the author
    /// left out) is not told either: it would tell of that, and when.
    fn clock(&self, clock: &pb::Clock, event: &Event<'_>) -> Option<Clock> {
        let of_case = clock.file.as_ref().map(|file| file.kind) == Some(StreamKind::Case as i32);
        let began = Digest::from_slice(&clock.started_by)?;
        let ended = Digest::from_slice(&clock.ended_by);
        let is_told = |hash| self.numbers.contains_key(&hash);
        let is_here = match is_told(began) {
            true => began == event.hash && ended.is_none_or(is_told),
            false => ended == Some(event.hash) && !self.known.contains(&began),
        };
        if !of_case || !is_here {
            return None;
        }
        told::clock(&clock.name)?;
        let days = |end: i64| self.moved.grain.ceil(told::days(clock.started_at, end));
        let reading = clock.reading();
        Some(Clock {
            name: clock.name.clone(),
            reading: (reading != pb::ClockReading::Unspecified)
                .then(|| reading.as_str_name().to_owned())?,
            // To its last second.
            given_days: told::has_as_many_days_always(&clock.name)
                .then(|| days(clock.due.saturating_sub(1))),
            taken_days: clock.ended_at.map(days),
        })
    }
}

/// Codes and flags that are told, in the protos' order.
fn codes(fact: &DynamicMessage, kind: &str) -> Vec<Code> {
    let schema = fact.descriptor();
    let fields = schema.fields().filter(|field| is_field_told(kind, field.name()));
    let code = |field: prost_reflect::FieldDescriptor| {
        let value = match (&*fact.get_field(&field), field.kind()) {
            (Value::Bool(flag), _) => if *flag { YES } else { NO }.to_owned(),
            (Value::EnumNumber(number), Kind::Enum(codes)) if *number != 0 => {
                codes.get_value(*number)?.name().to_owned()
            }
            _ => return None,
        };
        Some(Code { field: field.name().to_owned(), value })
    };
    fields.filter_map(code).collect()
}
