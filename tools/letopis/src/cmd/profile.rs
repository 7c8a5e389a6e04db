//! `letopis profile`: the rules of procedure in force.

use std::path::Path;

use jiff::civil::Date;
use letopis_client::{Draft, Event, History, LedgerClient};
use letopis_domain::Fact;
use letopis_domain::profile::{ClockRule, Ends, Length, Profile};
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::StreamKey;
use letopis_words::{Lang, say};
use serde_json::json;

use crate::act::{How, carry_out};
use crate::cli::{ProfileCommand, ServerArgs};
use crate::cmd::init::now;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::words::standing;
use crate::{out, words};

/// Characters of a line of text.
const WIDTH: usize = 78;

/// `letopis profile`.
///
/// # Errors
/// Why it can't be shown, or was not adopted.
pub async fn run(command: &ProfileCommand) -> Result<(), Failure> {
    match command {
        ProfileCommand::Show { server, text, lang } => show(server, *text, *lang).await,
        ProfileCommand::Adopt { file, from, server, sign, lang } => {
            let text = match file {
                Some(path) => read(path)?,
                None => letopis_domain::profile::BULGARIAN.to_owned(),
            };
            let profile = Profile::parse(&text).map_err(Failure::other)?;
            if !sign.yes {
                eprint!("{}", heading(&profile, *lang) + &clocks(&profile, *lang));
            }
            let connected = connect_for(server, Purpose::Supervision).await?;
            let draft = draft(&connected.client, text, from.map(|day| day.0)).await?;
            let how = How { sign, lang: *lang, json: server.json };
            carry_out(&connected, &draft, how).await.map(drop)
        }
    }
}

/// A profile's text; of a file that is longer than any, an error, however long it is.
fn read(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::metadata(path).map_err(Failure::io("look at", path))?.len();
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    if bytes > letopis_domain::profile::MAX_BYTES {
        return Err(Failure::other(letopis_domain::profile::ProfileError::TooLong { bytes }));
    }
    std::fs::read_to_string(path).map_err(Failure::io("read", path))
}

/// The adoption of a profile, to be signed.
///
/// # Errors
/// Why the root stream can't be read.
pub async fn draft(
    client: &LedgerClient,
    text: String,
    effective_day: Option<i32>,
) -> Result<Draft, Failure> {
    let seen = client.read_stream(&StreamKey::ROOT).await?.seen();
    let kind = Kind::ProfileAdopted(proto::ProfileAdopted { text, effective_day });
    Ok(Draft::new(StreamKey::ROOT, kind, now()).seen(seen))
}

/// One adoption that stands on the record.
struct Adopted<'a> {
    event: &'a Event,
    text: String,
    profile: Profile,
    /// From when on, seconds since 1970 UTC.
    from: i64,
}

fn adopted(event: &Event) -> Option<Result<Adopted<'_>, Failure>> {
    let Fact::ProfileAdopted(fact) = event.statement().ok()?.fact else { return None };
    let adopted = fact.profile(event.link.recorded_at.seconds()).map_err(Failure::other);
    Some(adopted.map(|(profile, from)| Adopted { event, text: fact.text, profile, from }))
}

async fn show(server: &ServerArgs, text: bool, lang: Lang) -> Result<(), Failure> {
    let client: LedgerClient = connect_for(server, Purpose::CaseWork).await?.client;
    let root: History = client.read_stream(&StreamKey::ROOT).await?;
    let all = root.events.iter().filter_map(adopted).collect::<Result<Vec<_>, _>>()?;
    let now = now().instant.seconds;
    let Some(one) = all.iter().rev().find(|one| one.from <= now).or(all.last()) else {
        return out::line(say!(lang, "profile-none"));
    };
    let hash = one.event.link.statement_hash;
    if server.json {
        let value = json!({
            "sequence": one.event.link.sequence.0,
            "statement_hash": hash.to_string(),
            "code": one.profile.code,
            "version": one.profile.version,
            "from_seconds": one.from,
            "text": one.text,
        });
        return out::line(&value.to_string());
    }
    if text {
        return out::text(&one.text);
    }
    let mut said = heading(&one.profile, lang);
    let adopted_at = moment(one.event.link.recorded_at.seconds(), &one.profile, lang);
    said += &say!(lang, "profile-adopted-on", when = adopted_at, hash = hash.to_string());
    let since = moment(one.from, &one.profile, lang);
    said += &format!("\n{}\n", say!(lang, "profile-in-force-since", when = since));
    for later in all.iter().filter(|later| later.from > now && later.from > one.from) {
        let when = moment(later.from, &later.profile, lang);
        let version = later.profile.version.to_string();
        let words = say!(lang, "profile-to-come", version = version, when = when);
        said += &format!("{words}\n");
    }
    out::text(&(said + "\n" + &clocks(&one.profile, lang)))
}

/// A moment by the clocks where the procedure is.
fn moment(seconds: i64, profile: &Profile, lang: Lang) -> String {
    let zoned = jiff::Timestamp::from_second(seconds).and_then(|at| at.in_tz(&profile.zone));
    let offset_minutes = zoned.map_or(0, |zoned| zoned.offset().seconds() / 60);
    let instant = letopis_domain::statement::Instant { seconds, nanos: 0, offset_minutes };
    words::date(&instant, proto::Precision::Minute, lang).trim_start().to_owned()
}

/// What it is called, and what it does not claim to be.
fn heading(profile: &Profile, lang: Lang) -> String {
    let Profile { name, disclaimer, code, version, .. } = profile;
    let (name, disclaimer) =
        (lang.pick(&name.bg, &name.en), lang.pick(&disclaimer.bg, &disclaimer.en));
    let version = version.to_string();
    let title = say!(lang, "profile-heading", name = name, code = code, version = version);
    format!("{title}\n{disclaimer}\n")
}

/// Each clock as it is told to people.
fn clocks(profile: &Profile, lang: Lang) -> String {
    let mut text = String::new();
    for rule in profile.clocks() {
        let words = lang.pick(&rule.words.bg, &rule.words.en);
        for (at, line) in words::wrap(words, WIDTH - 5).iter().enumerate() {
            let number = if at == 0 { rule.number.to_string() } else { String::new() };
            text += &format!("{number:>3}  {line}\n");
        }
        for line in words::wrap(&terms(rule, lang), WIDTH - 5) {
            text += &format!("       {line}\n");
        }
    }
    text
}

/// How long, by which article, on what it rests, whose duty.
fn terms(rule: &ClockRule, lang: Lang) -> String {
    let mut text = length(rule.length, lang);
    if let Some(most) = rule.at_most {
        text += &format!(", {}", say!(lang, "profile-at-most", length = length(most, lang)));
    }
    text += &format!("; {} ({})", rule.article, standing::basis(rule.basis, lang));
    let whom = standing::duty(rule.duty, lang);
    let whose = match rule.ends {
        Ends::Duty => say!(lang, "common-duty-of", whom = whom),
        Ends::Term => say!(lang, "common-term-of", whom = whom),
    };
    text += &format!("; {whose}");
    text += &days(rule.applies_from, rule.applies_until, lang);
    text
}

fn days(from: Date, until: Option<Date>, lang: Lang) -> String {
    let today = jiff::Zoned::now().date();
    let mut text = String::new();
    if from > today {
        text += &format!("; {}", say!(lang, "profile-from", day = from.to_string()));
    }
    if let Some(until) = until {
        text += &format!("; {}", say!(lang, "profile-only-before", day = until.to_string()));
    }
    text
}

/// A length as people say it.
fn length(length: Length, lang: Lang) -> String {
    match length {
        Length::Minutes(n) => say!(lang, "profile-minutes", n = n),
        Length::Hours(n) => say!(lang, "profile-hours", n = n),
        Length::Days(n) => say!(lang, "profile-days", n = n),
        Length::Weeks(n) => say!(lang, "profile-weeks", n = n),
        Length::Months(n) => say!(lang, "profile-months", n = n),
        Length::WorkingDays(n) => say!(lang, "profile-working-days", n = n),
        Length::Stated => say!(lang, "profile-stated").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bulgarian_profile_is_told_in_both_languages() {
        let profile = Profile::parse(letopis_domain::profile::BULGARIAN).unwrap();
        let (bg, en) = (clocks(&profile, Lang::Bg), clocks(&profile, Lang::En));
        for rule in profile.clocks() {
            for (said, words) in [(&bg, &rule.words.bg), (&en, &rule.words.en)] {
                let first = words.split_whitespace().next().unwrap();
                assert!(said.contains(&format!("{:>3}  ", rule.number)), "{}", rule.number);
                assert!(said.contains(first), "{words}");
            }
        }
        assert!(bg.contains("(закон); задължение на "), "{bg}");
        assert!(en.contains("(law); duty of the lead"), "{en}");
        assert!(heading(&profile, Lang::Bg).contains("Неофициална консолидация"));
        assert!(bg.lines().chain(en.lines()).all(|line| line.chars().count() <= WIDTH + 2));
    }

    #[test]
    fn lengths_agree_with_their_number() {
        assert_eq!(length(Length::Days(1), Lang::Bg), "1 ден");
        assert_eq!(length(Length::WorkingDays(3), Lang::Bg), "3 работни дни");
        assert_eq!(length(Length::Hours(24), Lang::En), "24 hours");
        assert_eq!(length(Length::Stated, Lang::Bg), "както е посочено");
    }
}
