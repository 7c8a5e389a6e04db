//! What many commands take: a server, keys, how something is signed, and small values.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use jiff::Span;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use letopis_domain::statement::Signer;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{ActorId, Class, Version};

use crate::words;

/// Which server, and in whose name it is called.
#[derive(Debug, Clone, Args)]
pub struct ServerArgs {
    /// The server's address
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7443")]
    pub server: String,
    /// The authority that signed an https server's certificate, as PEM
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// In whose name
    #[command(flatten)]
    pub keys: KeyArgs,
    /// What it is for, such as case_work, supervision, data_protection, inspection or emergency
    /// [default: what the command is usually for]
    #[arg(long, value_name = "PURPOSE", value_parser = purpose)]
    pub purpose: Option<Purpose>,
    /// The ledger's verification key, from elsewhere than the server
    #[arg(long, value_name = "VKEY")]
    pub vkey: Option<String>,
    /// Where to remember ledgers and their last checkpoints [default: ~/.letopis]
    #[arg(long, value_name = "DIR")]
    pub trust: Option<PathBuf>,
    /// The time of a trial whose server has this file as its clock too (`letopisd --simulated-clock`)
    #[arg(long, value_name = "FILE")]
    pub simulated_clock: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Whose keys.
#[derive(Debug, Clone, Default, Args)]
pub struct KeyArgs {
    /// Your key file; where several sign, each of theirs, and the first makes the calls
    #[arg(long = "key", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Take passphrases from this file, a line for each key that has one, not from the terminal
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Use the keys that `letopis key agent` holds at this socket
    #[arg(long, value_name = "SOCKET", conflicts_with = "files")]
    pub agent: Option<PathBuf>,
    /// Which of the agent's keys, by their actor
    #[arg(long = "as", value_name = "ACTOR", requires = "agent")]
    pub acting_as: Option<ActorId>,
}

/// How something is signed.
#[derive(Debug, Clone, Default, Args)]
pub struct SignArgs {
    /// Don't ask: for scripts
    #[arg(long)]
    pub yes: bool,
    /// Another signer, who signs later: what `letopis key show --signer` prints for them
    #[arg(long = "with", value_name = "ACTOR:KEY:GRANT", requires = "out")]
    pub others: Vec<SignerArg>,
    /// Where to write the act that waits for the others' signatures
    #[arg(long, value_name = "FILE", requires = "others")]
    pub out: Option<PathBuf>,
}

/// See [`super::Command::Sign`].
#[derive(Debug, Clone, Args)]
pub struct StatementArgs {
    /// The form, in YAML
    #[arg(value_name = "FILE", required_unless_present_any = ["template", "kinds"])]
    pub file: Option<PathBuf>,
    /// Print the template of a kind, such as VisitRecorded or посещение
    #[arg(long, value_name = "KIND", conflicts_with = "file")]
    pub template: Option<String>,
    /// List the kinds
    #[arg(long, conflicts_with_all = ["file", "template"])]
    pub kinds: bool,
    /// Which server, and the keys (--key for each signer)
    #[command(flatten)]
    pub server: ServerArgs,
    /// How it is signed
    #[command(flatten)]
    pub sign: SignArgs,
    /// Language
    #[arg(long, value_parser = super::lang(), default_value_t)]
    pub lang: letopis_words::Lang,
}

/// A signer who is not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignerArg(pub Signer);

impl FromStr for SignerArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(':');
        let parsed = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(actor), Some(key), Some(grant), None) => actor
                .parse()
                .ok()
                .zip(key.parse().ok())
                .zip(if grant.is_empty() { Some(None) } else { grant.parse().ok().map(Some) }),
            _ => None,
        };
        let ((actor, key), grant) = parsed.ok_or("not ACTOR:KEY:GRANT")?;
        Ok(Self(Signer { actor, key, grant }))
    }
}

/// A signer as [`SignerArg`] reads it.
#[must_use]
pub fn signer_text(signer: &Signer) -> String {
    let grant = signer.grant.map(|grant| grant.to_string()).unwrap_or_default();
    format!("{}:{}:{grant}", signer.actor, signer.key)
}

/// A class of sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum ClassArg {
    /// Обичайно
    Normal,
    /// Ограничено
    Restricted,
    /// Строго ограничено
    VeryRestricted,
}

impl From<ClassArg> for Class {
    fn from(class: ClassArg) -> Self {
        match class {
            ClassArg::Normal => Self::Normal,
            ClassArg::Restricted => Self::Restricted,
            ClassArg::VeryRestricted => Self::VeryRestricted,
        }
    }
}

/// Sections of one event: `N:INDEX`, or `N:INDEX,INDEX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionsOf {
    /// The event's number in its stream, from 1.
    pub version: Version,
    /// The sections' indices, from 0; at least one, ascending.
    pub indices: Vec<u32>,
}

impl FromStr for SectionsOf {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "name sections as N:INDEX, as `letopis file show` does: 3:0, or 4:0,1";
        let (version, indices) = text.split_once(':').ok_or(wrong)?;
        let version = version.parse().ok().filter(|version| *version > 0).ok_or(wrong)?;
        let indices: Option<Vec<u32>> = indices.split(',').map(|one| one.parse().ok()).collect();
        let mut indices = indices.ok_or(wrong)?;
        indices.sort_unstable();
        indices.dedup();
        Ok(Self { version: Version(version), indices })
    }
}

/// A civil day as facts hold it, written `2026-12-31`: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayArg(pub i32);

impl FromStr for DayArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "not a day: write it as 2026-12-31";
        // Nothing else that a date's parser would take: no time, no zone.
        let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text).ok_or(wrong)?;
        day.since(EPOCH).map(|span| Self(span.get_days())).map_err(|_| wrong)
    }
}

impl DayArg {
    /// As a date of the calendar; `None`: beyond it.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        Span::new().try_days(self.0).and_then(|days| EPOCH.checked_add(days)).ok()
    }
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// The first second at which something is over: `2026-12-31` means through that day, by the clock
/// of this machine; a minute may follow, as in `2026-12-31T17:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until(pub i64);

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::in_zone(text, TimeZone::system())
    }
}

impl Until {
    fn in_zone(text: &str, zone: TimeZone) -> Result<Self, String> {
        second(text, zone, Date::tomorrow).map(Self)
    }
}

/// The first second of a day, written `2026-12-31`, or of a minute, `2026-12-31T17:00`, by the clock of
/// this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since(pub i64);

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::in_zone(text, TimeZone::system())
    }
}

impl Since {
    fn in_zone(text: &str, zone: TimeZone) -> Result<Self, String> {
        second(text, zone, Ok).map(Self)
    }
}

/// The second in which a minute begins; of a day, the one in which that day begins which it stands for.
fn second(
    text: &str,
    zone: TimeZone,
    stands_for: impl Fn(Date) -> Result<Date, jiff::Error>,
) -> Result<i64, String> {
    let civil = if text.contains('T') {
        text.parse::<DateTime>()
    } else {
        let day = text.parse().and_then(stands_for);
        day.map(|day| day.to_datetime(jiff::civil::Time::midnight()))
    };
    let zoned = civil.and_then(|civil| civil.to_zoned(zone));
    let zoned = zoned.map_err(|_| "not a day (2026-12-31) or minute (2026-12-31T17:00)")?;
    Ok(zoned.timestamp().as_second())
}

/// A purpose by its name.
///
/// # Errors
/// Where it is none, with those that are.
pub fn purpose(name: &str) -> Result<Purpose, String> {
    words::purpose(name).ok_or_else(|| {
        "a purpose is one of case_work, supervision, complaint_review, inspection, court, \
         data_protection, party_access, emergency, research, migration"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use letopis_types::{Digest, PublicKey};

    use super::*;

    #[test]
    fn sections_are_named_by_event_and_index() {
        let sections: SectionsOf = "4:1,0,1".parse().unwrap();
        assert_eq!(sections, SectionsOf { version: Version(4), indices: vec![0, 1] });
        for wrong in ["", "4", "0:1", "4:", "4:-1", "a:0", "4:0,"] {
            assert!(wrong.parse::<SectionsOf>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_and_lasts_until_the_next_one() {
        let sofia = TimeZone::get("Europe/Sofia").unwrap();
        let until = |text| Until::in_zone(text, sofia.clone()).map(|until| until.0);
        assert_eq!(until("2026-12-31"), Ok(1_798_754_400));
        assert_eq!(until("2027-01-01T00:00"), until("2026-12-31"));
        assert!(until("31.12.2026").is_err());
        let since = |text| Since::in_zone(text, sofia.clone()).map(|since| since.0);
        assert_eq!(since("2027-01-01"), until("2026-12-31"));
        assert_eq!(since("2027-01-01T00:01"), since("2027-01-01").map(|second| second + 60));
        assert!(since("31.12.2026").is_err());
    }

    #[test]
    fn days_are_dates_and_nothing_else() {
        assert_eq!("2026-12-01".parse(), Ok(DayArg(20_788)));
        assert_eq!("1970-01-01".parse(), Ok(DayArg(0)));
        assert_eq!(DayArg(20_788).date(), Some(jiff::civil::date(2026, 12, 1)));
        for wrong in ["", "2026-13-01", "2026-12-01T10:00", "01.12.2026", "20261201"] {
            assert!(wrong.parse::<DayArg>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn signers_are_read_as_they_are_written() {
        let signer = Signer {
            actor: ActorId([7; 16]),
            key: PublicKey([8; 32]),
            grant: Some(Digest([9; 32])),
        };
        for signer in [signer, Signer { grant: None, ..signer }] {
            assert_eq!(signer_text(&signer).parse(), Ok(SignerArg(signer)));
        }
        assert!("a:b:c".parse::<SignerArg>().is_err());
    }
}
