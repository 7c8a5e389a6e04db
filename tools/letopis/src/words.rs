//! The users' words, Bulgarian and English.

use letopis_domain::Fact;
use letopis_domain::statement::Instant;
use letopis_proto::confidentiality::v1::Mark;
use letopis_proto::statement::v1::{Precision, Purpose, Role};
use letopis_types::{ActorId, Class, Timestamp};

use crate::cli::Lang;

pub mod standing;

impl Lang {
    /// The one of two wordings that is in this language.
    #[must_use]
    pub const fn pick<'a>(self, bg: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Bg => bg,
            Self::En => en,
        }
    }

    /// The same for the words of the client.
    #[must_use]
    pub const fn of_client(self) -> letopis_client::words::Lang {
        match self {
            Self::Bg => letopis_client::words::Lang::Bg,
            Self::En => letopis_client::words::Lang::En,
        }
    }
}

/// What a kind of fact is called; a kind that this version has no words for, by its message's name.
#[must_use]
pub fn kind(fact: &Fact, lang: Lang) -> String {
    letopis_client::words::kind_name(fact.name(), lang.of_client())
        .unwrap_or_else(|| fact.name().to_owned())
}

/// How closely a section is guarded.
#[must_use]
pub const fn class(class: Class, lang: Lang) -> &'static str {
    let (bg, en) = match class {
        Class::Normal => ("обичайно", "normal"),
        Class::Restricted => ("ограничено", "restricted"),
        Class::VeryRestricted => ("строго ограничено", "very restricted"),
    };
    lang.pick(bg, en)
}

/// What has to be known with an event.
#[must_use]
pub const fn mark(mark: Mark, lang: Lang) -> &'static str {
    let (bg, en) = match mark {
        Mark::Unspecified => ("отбелязано", "marked"),
        Mark::OnExpiredQualification => (
            "неотложно, при изтекла квалификация на подписал",
            "urgent, with a signer's qualification expired",
        ),
        Mark::UnderRecusal => (
            "неотложно, въпреки обявен конфликт на интереси",
            "urgent, in spite of a declared conflict of interests",
        ),
        Mark::UnderDelegation => ("подписано в заместване", "signed standing in for another"),
        Mark::Disputed => (
            "оспорено: ключът на подписал е бил компрометиран",
            "disputed: a signer's key was compromised",
        ),
    };
    lang.pick(bg, en)
}

/// What is said of a trial ledger before anything else.
#[must_use]
pub const fn trial(lang: Lang) -> &'static str {
    lang.pick(
        "ПРОБЕН летопис: ключовете на регистраторите му е направил сървърът.",
        "A TRIAL ledger: the server made its registrars' keys.",
    )
}

/// A role.
#[must_use]
pub const fn role(role: Role, lang: Lang) -> &'static str {
    let (bg, en) = match role {
        Role::Unspecified => ("без роля", "no role"),
        Role::Registrar => ("регистратор на ключове", "registrar of keys"),
        Role::SocialWorker => ("социален работник", "social worker"),
        Role::HeadOfDepartment => ("началник на ОЗД", "head of department"),
        Role::Director => ("директор на ДСП", "director"),
        Role::Deputy => ("заместник", "deputy"),
        Role::DutyOfficer => ("дежурен", "duty officer"),
        Role::Superior => ("горестоящ орган", "superior body"),
        Role::Provider => ("доставчик на услуги", "service provider"),
        Role::TeamMember => ("член на екип", "team member"),
        Role::Supervisor => ("супервизор", "supervisor"),
        Role::ComplaintHandler => ("проверяващ по жалби", "complaint handler"),
        Role::DataProtectionOfficer => {
            ("длъжностно лице по защита на данните", "data protection officer")
        }
        Role::Auditor => ("проверяващ от ДАЗД", "auditor"),
        Role::Researcher => ("изследовател", "researcher"),
        Role::Clerk => ("деловодител", "clerk"),
    };
    lang.pick(bg, en)
}

/// A role by its number; one that this version does not know, by that.
#[must_use]
pub fn role_number(number: u32, lang: Lang) -> String {
    let known = i32::try_from(number).ok().and_then(|number| Role::try_from(number).ok());
    known.map_or_else(|| number.to_string(), |known| role(known, lang).to_owned())
}

/// How somebody stands to a file, by the name that the policy has for it.
#[must_use]
pub fn relation(name: &str, lang: Lang) -> &str {
    let (bg, en) = match name {
        "exists" => ("преписката съществува", "the file exists"),
        "lead" => ("води случая", "leads the case"),
        "team" => ("в екипа по случая", "in the case's team"),
        "own_agency" => ("структурата води случая", "the own agency holds it"),
        "every_agency" => ("отговаря за всички структури", "for every agency"),
        "own_region" => ("случаят е в района", "it is in the own region"),
        "cooperating" => ("структурата съдейства", "the own agency cooperates"),
        "former_agency" => ("структурата е водила случая", "the own agency held it before"),
        "shared" => ("предоставено му е", "it was shared with them"),
        "granted" => ("има изрично разрешение", "has a grant"),
        "reporter_granted" => ("има разрешение за подателя", "has a grant for the reporter"),
        "break_glass" => ("отворен спешен достъп", "has emergency access open"),
        "handler" => ("проверява жалбата", "handles the complaint"),
        "inspection" => ("в обхвата на проверка", "within an inspection"),
        "conflicted" => ("обявен конфликт на интереси", "declared a conflict of interests"),
        "author" => ("сам го е подписал", "signed it themselves"),
        "closed" => ("случаят е закрит", "the case is closed"),
        "subject" => ("отнася се за него", "it is about them"),
        "urgent" => ("неотложно", "urgent"),
        "intake" => ("приел е сигнала", "took the signal"),
        "complained" => ("по случая има жалба", "somebody complained"),
        other => (other, other),
    };
    lang.pick(bg, en)
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
            format!("{} {}", lang.pick("до края на", "by the end of"), day.trim_start())
        }
        false => format!("{} {}", lang.pick("до", "by"), moment(due.seconds, lang)),
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
    let month = usize::try_from(civil.month() - 1).unwrap_or(0);
    let months = match lang {
        Lang::Bg => MONTHS_BG,
        Lang::En => MONTHS_EN,
    };
    let day = format!("{:2} {} {}", civil.day(), months.get(month).unwrap_or(&""), civil.year());
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

const MONTHS_BG: [&str; 12] = [
    "януари",
    "февруари",
    "март",
    "април",
    "май",
    "юни",
    "юли",
    "август",
    "септември",
    "октомври",
    "ноември",
    "декември",
];

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

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
