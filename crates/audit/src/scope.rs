//! Of which time and agency a report is.

use jiff::civil::Date;
use letopis_domain::civil::SOFIA;
use letopis_domain::file::FileState;
use letopis_types::AgencyId;
use serde::Serialize;

use crate::event::Shown;

/// What was recorded more than so many seconds after it happened was recorded long after: three days.
pub const LATE_ENTRY_SECONDS: i64 = 3 * 24 * 3600;

/// Of which time and agency a report is. An event counts by when it was recorded, a clock by when it was
/// due; what is open counts as it stands at the record's end. A file counts as an agency's if that holds
/// it, or held it before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Scope {
    /// The first civil day; null: from the beginning.
    pub from: Option<Shown<Date>>,
    /// The last civil day; null: to the end.
    pub to: Option<Shown<Date>>,
    /// The agency; null: all.
    pub agency: Option<Shown<AgencyId>>,
}

impl Scope {
    /// Lies this moment within the days? Seconds since 1970 UTC.
    pub(crate) fn covers(&self, seconds: i64) -> bool {
        let from = self.from.and_then(|day| start_of(day.0));
        let until = self.to.and_then(|day| start_of(day.0.tomorrow().ok()?));
        from.is_none_or(|from| from <= seconds) && until.is_none_or(|until| seconds < until)
    }

    /// Is the file one of the agency's?
    pub(crate) fn is_of(&self, file: Option<&FileState>) -> bool {
        let Some(Shown(agency)) = self.agency else { return true };
        file.is_some_and(|file| file.holder == Some(agency) || file.former.contains(&agency))
    }
}

fn start_of(day: Date) -> Option<i64> {
    Some(day.to_zoned(SOFIA.clone()).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_whole_and_of_sofia() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        let march = Scope {
            from: Some(Shown(date(2026, 3, 1))),
            to: Some(Shown(date(2026, 3, 31))),
            agency: None,
        };
        for (time, covered) in [
            ("2026-02-28T21:59:59Z", false),
            ("2026-02-28T22:00:00Z", true),
            ("2026-03-31T20:59:59Z", true),
            ("2026-03-31T21:00:00Z", false),
        ] {
            assert_eq!(march.covers(at(time)), covered, "{time}");
            assert!(Scope::default().covers(at(time)));
        }
    }

    #[test]
    fn a_file_is_of_who_holds_it_and_who_held_it() {
        let (one, other) = (AgencyId([0xa0; 16]), AgencyId([0xa1; 16]));
        let of = |agency| Scope { agency: Some(Shown(agency)), ..Scope::default() };
        let file = FileState { holder: Some(one), former: vec![other], ..FileState::default() };
        assert!(of(one).is_of(Some(&file)) && of(other).is_of(Some(&file)));
        assert!(!of(AgencyId([0xa2; 16])).is_of(Some(&file)) && !of(one).is_of(None));
        assert!(Scope::default().is_of(None));
    }
}
