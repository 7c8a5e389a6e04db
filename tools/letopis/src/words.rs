//! The users' words, Bulgarian and English.

use letopis_client::words::code_name;
use letopis_domain::Fact;
use letopis_domain::statement::Instant;
use letopis_proto::confidentiality::v1::Mark;
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{Precision, Purpose, Role};
use letopis_types::{ActorId, Class, Timestamp};
use letopis_words::{Lang, named, say};

pub mod standing;

/// What a kind of fact is called; a kind that this version has no words for, by its message's name.
#[must_use]
pub fn kind(fact: &Fact, lang: Lang) -> String {
    letopis_client::words::kind_name(fact.name(), lang).unwrap_or_else(|| fact.name().to_owned())
}

/// How closely a section is guarded.
#[must_use]
pub fn class(class: Class, lang: Lang) -> &'static str {
    match class {
        Class::Normal => say!(lang, "code-CLASS_NORMAL"),
        Class::Restricted => say!(lang, "code-CLASS_RESTRICTED"),
        Class::VeryRestricted => say!(lang, "code-CLASS_VERY_RESTRICTED"),
    }
}

/// What has to be known with an event.
#[must_use]
pub fn mark(mark: Mark, lang: Lang) -> &'static str {
    match mark {
        Mark::Unspecified => say!(lang, "mark-unspecified"),
        Mark::OnExpiredQualification => say!(lang, "mark-on-expired-qualification"),
        Mark::UnderRecusal => say!(lang, "mark-under-recusal"),
        Mark::UnderDelegation => say!(lang, "mark-under-delegation"),
        Mark::Disputed => say!(lang, "mark-disputed"),
    }
}

/// What is said of a trial ledger before anything else.
#[must_use]
pub fn trial(lang: Lang) -> &'static str {
    say!(lang, "common-trial")
}

/// A role.
#[must_use]
pub fn role(role: Role, lang: Lang) -> &'static str {
    // Every role but the one that is none has words.
    let known = named(lang, "code", role.as_str_name());
    known.unwrap_or_else(|| say!(lang, "role-unspecified"))
}

/// A role by its number; one that this version does not know, by that.
#[must_use]
pub fn role_number(number: u32, lang: Lang) -> String {
    let known = i32::try_from(number).ok().and_then(|number| Role::try_from(number).ok());
    known.map_or_else(|| number.to_string(), |known| role(known, lang).to_owned())
}

/// Why a statement was refused, by the reason's number; one that this version does not know, by that.
#[must_use]
pub fn reason(number: u32, lang: Lang) -> String {
    let known = i32::try_from(number).ok().and_then(|number| Reason::try_from(number).ok());
    let said = |reason: Reason| code_name("REASON_", reason.as_str_name(), lang);
    known.map_or_else(|| number.to_string(), said)
}

/// How somebody stands to a file, by the name that the policy has for it.
#[must_use]
pub fn relation(name: &str, lang: Lang) -> &str {
    match name {
        "exists" => say!(lang, "relation-exists"),
        "lead" => say!(lang, "relation-lead"),
        "team" => say!(lang, "relation-team"),
        "own_agency" => say!(lang, "relation-own-agency"),
        "every_agency" => say!(lang, "relation-every-agency"),
        "own_region" => say!(lang, "relation-own-region"),
        "cooperating" => say!(lang, "relation-cooperating"),
        "former_agency" => say!(lang, "relation-former-agency"),
        "shared" => say!(lang, "relation-shared"),
        "granted" => say!(lang, "relation-granted"),
        "reporter_granted" => say!(lang, "relation-reporter-granted"),
        "break_glass" => say!(lang, "relation-break-glass"),
        "handler" => say!(lang, "relation-handler"),
        "inspection" => say!(lang, "relation-inspection"),
        "conflicted" => say!(lang, "relation-conflicted"),
        "author" => say!(lang, "relation-author"),
        "closed" => say!(lang, "relation-closed"),
        "subject" => say!(lang, "relation-subject"),
        "urgent" => say!(lang, "relation-urgent"),
        "intake" => say!(lang, "relation-intake"),
        "complained" => say!(lang, "relation-complained"),
        other => other,
    }
}

/// A purpose in words.
#[must_use]
pub const fn purpose_words(purpose: Purpose, lang: Lang) -> &'static str {
    let (bg, en) = letopis_domain::purpose::words(purpose);
    lang.pick(bg, en)
}

/// The first part of an id: enough to tell people of one office apart.
#[must_use]
pub fn short(id: impl std::fmt::Display) -> String {
    id.to_string().chars().take(8).collect()
}

/// The same of an id as it comes in a message.
#[must_use]
pub fn short_bytes(id: &[u8]) -> String {
    ActorId::from_slice(id).map_or_else(|| "?".to_owned(), short)
}

/// When the ledger recorded something: by the clock of this machine, to the minute.
#[must_use]
pub fn recorded(at: Timestamp, lang: Lang) -> String {
    let seconds = at.seconds();
    date(&here(seconds), Precision::Minute, lang)
}

/// A moment by the clock of this machine.
#[must_use]
pub fn here(seconds: i64) -> Instant {
    Instant { seconds, nanos: 0, offset_minutes: offset_minutes(seconds) }
}

/// The same in words, to the minute.
#[must_use]
pub fn moment(seconds: i64, lang: Lang) -> String {
    date(&here(seconds), Precision::Minute, lang).trim_start().to_owned()
}

/// The end of a term, by its first second that is too late.
#[must_use]
pub fn by(due: i64, lang: Lang) -> String {
    let due = here(due);
    let last = Instant { seconds: due.seconds.saturating_sub(1), ..due };
    let is_midnight =
        civil(&due).is_some_and(|civil| civil.time() == jiff::civil::Time::midnight());
    match is_midnight {
        true => {
            let day = date(&last, Precision::Day, lang);
            say!(lang, "common-by-the-end-of", day = day.trim_start())
        }
        false => say!(lang, "common-by", when = moment(due.seconds, lang)),
    }
}

/// How far the civil time of this machine is ahead of UTC at this moment, in minutes.
#[must_use]
pub fn offset_minutes(seconds: i64) -> i32 {
    let zone = jiff::tz::TimeZone::system();
    let at = jiff::Timestamp::from_second(seconds);
    at.map_or(0, |at| at.to_zoned(zone).offset().seconds() / 60)
}

/// A purpose by its name in tokens, such as `case_work`.
#[must_use]
pub fn purpose(name: &str) -> Option<Purpose> {
    Purpose::from_str_name(&format!("PURPOSE_{}", name.to_uppercase()))
        .filter(|purpose| *purpose != Purpose::Unspecified && !name.contains(char::is_uppercase))
}

/// A stated time as a person writes it, in its author's civil time.
#[must_use]
pub fn date(instant: &Instant, precision: Precision, lang: Lang) -> String {
    let Some(civil) = civil(instant) else { return format!("{} s", instant.seconds) };
    let day = format!("{:2} {} {}", civil.day(), month(civil.month(), lang), civil.year());
    match precision {
        Precision::Second | Precision::Minute => {
            format!("{day}, {:02}:{:02}", civil.hour(), civil.minute())
        }
        _ => day,
    }
}

/// The civil date and time at the offset that its author used.
fn civil(instant: &Instant) -> Option<jiff::civil::DateTime> {
    let offset = jiff::tz::Offset::from_seconds(instant.offset_minutes.checked_mul(60)?).ok()?;
    let timestamp =
        jiff::Timestamp::new(instant.seconds, i32::try_from(instant.nanos).ok()?).ok()?;
    Some(offset.to_datetime(timestamp))
}

/// The name of a month, 1 to 12, as it stands in a date.
fn month(number: i8, lang: Lang) -> &'static str {
    match number {
        1 => say!(lang, "month-1"),
        2 => say!(lang, "month-2"),
        3 => say!(lang, "month-3"),
        4 => say!(lang, "month-4"),
        5 => say!(lang, "month-5"),
        6 => say!(lang, "month-6"),
        7 => say!(lang, "month-7"),
        8 => say!(lang, "month-8"),
        9 => say!(lang, "month-9"),
        10 => say!(lang, "month-10"),
        11 => say!(lang, "month-11"),
        _ => say!(lang, "month-12"),
    }
}

/// Breaks a text at spaces, at most `width` characters a line where words allow.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if length > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_in_their_authors_civil_time() {
        let midnight_in_sofia = Instant { seconds: 1_769_983_200, nanos: 0, offset_minutes: 120 };
        assert_eq!(
            date(&midnight_in_sofia, Precision::Minute, Lang::Bg),
            " 2 февруари 2026, 00:00"
        );
        assert_eq!(date(&midnight_in_sofia, Precision::Day, Lang::En), " 2 February 2026");
    }

    #[test]
    fn purposes_are_lower_case_names() {
        assert_eq!(purpose("case_work"), Some(Purpose::CaseWork));
        assert_eq!(purpose("Case_Work"), None);
        assert_eq!(purpose("unspecified"), None);
    }

    #[test]
    fn every_relation_of_the_policy_has_words() {
        for (_, name) in letopis_policy::Relation::ALL {
            assert!(!relation(name, Lang::Bg).is_ascii(), "{name}");
        }
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrap("едно две три", 8), ["едно две", "три"]);
        assert_eq!(wrap("предълга дума", 3), ["предълга", "дума"]);
        assert_eq!(wrap("", 3), [""]);
    }
}
