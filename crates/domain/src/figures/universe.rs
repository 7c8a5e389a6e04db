//! What a thing that is counted is divided into, and the divisions that several have.

/// One sort of thing that is counted.
#[derive(Debug)]
pub struct Universe {
    /// Its number.
    pub number: u8,
    /// Its code.
    pub code: &'static str,
    /// What is counted, in Bulgarian.
    pub bg: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// How it is divided, each time the whole of it. A breakdown's number is its place, from 1.
    pub breakdowns: &'static [Breakdown],
}

/// One way in which the things of a universe are divided.
#[derive(Debug)]
pub struct Breakdown {
    /// Its code.
    pub code: &'static str,
    /// By what, in Bulgarian.
    pub bg: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// Into what.
    pub categories: Categories,
}

/// Into what a breakdown divides.
#[derive(Debug)]
pub enum Categories {
    /// Into these.
    These(&'static [Category]),
    /// By the number of the clock's rule; the adopted profiles have the words.
    ClockRules,
}

/// A category of a breakdown.
#[derive(Debug)]
pub struct Category {
    /// Its number.
    pub number: u32,
    /// Its code.
    pub code: &'static str,
    /// In Bulgarian.
    pub bg: &'static str,
    /// In English.
    pub en: &'static str,
}

pub(super) const fn c(
    number: u32,
    code: &'static str,
    bg: &'static str,
    en: &'static str,
) -> Category {
    Category { number, code, bg, en }
}

pub(super) const fn by(
    code: &'static str,
    bg: &'static str,
    en: &'static str,
    categories: &'static [Category],
) -> Breakdown {
    Breakdown { code, bg, en, categories: Categories::These(categories) }
}

pub(super) const fn u(
    number: u8,
    code: &'static str,
    bg: &'static str,
    en: &'static str,
    breakdowns: &'static [Breakdown],
) -> Universe {
    Universe { number, code, bg, en, breakdowns }
}

pub(super) const TRACK: Breakdown = by(
    "track",
    "по ред",
    "by track",
    &[
        c(0, "none", "без посочен ред", "none stated"),
        c(1, "general", "общ ред", "general"),
        c(2, "coordination", "координационен механизъм", "coordination mechanism"),
        c(3, "prevention", "превенция на изоставянето", "prevention of abandonment"),
        c(4, "urgent-check", "проверка до 24 часа", "check within a day"),
        c(5, "reintegration", "реинтеграция", "reintegration"),
        c(6, "aftercare", "последващо наблюдение", "visits after the aim was reached"),
    ],
);

pub(super) const AGE: Breakdown = by(
    "age",
    "по възраст",
    "by age",
    &[
        c(1, "under-10", "под 10 години", "under 10"),
        c(2, "10-13", "10–13 години", "10 to 13"),
        c(3, "14-17", "14–17 години", "14 to 17"),
        c(4, "18-20", "18–20 години, ученик", "18 to 20, in school"),
        c(5, "unknown", "неизвестна", "not known"),
    ],
);

/// From the beginning of the file: the last number is for what is longer.
pub(super) const BAND_DAYS: [i64; 7] = [1, 7, 14, 28, 60, 90, 180];

pub(super) const BANDS: &[Category] = &[
    c(1, "1-day", "до 1 ден", "up to 1 day"),
    c(2, "7-days", "до 7 дни", "up to 7 days"),
    c(3, "14-days", "до 14 дни", "up to 14 days"),
    c(4, "28-days", "до 28 дни", "up to 28 days"),
    c(5, "60-days", "до 60 дни", "up to 60 days"),
    c(6, "90-days", "до 90 дни", "up to 90 days"),
    c(7, "180-days", "до 180 дни", "up to 180 days"),
    c(8, "longer", "повече от 180 дни", "more than 180 days"),
];

pub(super) const DURATION: Breakdown =
    by("duration", "след началото на преписката", "since the file began", BANDS);

pub(super) const TIMELY: Breakdown = by(
    "timeliness",
    "спрямо срока",
    "by timeliness",
    &[
        c(1, "kept", "в срок", "in time"),
        c(2, "kept-recorded-late", "в срок, вписано късно", "in time, recorded late"),
        c(3, "late", "след срока", "late"),
        c(4, "no-clock", "без изтичащ срок", "no clock ended"),
    ],
);
