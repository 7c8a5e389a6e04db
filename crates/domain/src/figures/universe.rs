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
#[derive(Debug, Clone, Copy)]
pub struct Breakdown {
    /// Its code.
    pub code: &'static str,
    /// By what, in Bulgarian.
    pub bg: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// Into what.
    pub categories: Categories,
    /// The payload type of the sections whose `code` tells the category; `None`: facts tell it. What has no such
    /// section, or none of these codes in it, is in category [`NOT_STATED`].
    pub sealed: Option<&'static str>,
}

/// The category of what no sealed code tells.
pub const NOT_STATED: u32 = 0;

impl Universe {
    /// The breakdown by what stands in sealed sections, with its place from 1 and the payload type. It is the
    /// last one, where there is one.
    #[must_use]
    pub fn sealed(&self) -> Option<(u8, &Breakdown, &'static str)> {
        let last = self.breakdowns.last()?;
        // INVARIANT: breakdowns are few.
        Some((u8::try_from(self.breakdowns.len()).ok()?, last, last.sealed?))
    }
}

impl Breakdown {
    /// The number of the category that has this code.
    #[must_use]
    pub fn number(&self, code: &str) -> Option<u32> {
        let Categories::These(these) = self.categories else { return None };
        these.iter().find(|category| category.code == code).map(|category| category.number)
    }
}

/// Into what a breakdown divides.
#[derive(Debug, Clone, Copy)]
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
    Breakdown { code, bg, en, categories: Categories::These(categories), sealed: None }
}

/// By what stands in sealed sections of a payload type.
pub(super) const fn sealed(payload_type: &'static str, of: Breakdown) -> Breakdown {
    Breakdown { sealed: Some(payload_type), ..of }
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
        c(4, "urgent-check", "проверка в еднодневен срок", "check within a day"),
        c(5, "reintegration", "реинтеграция", "reintegration"),
        c(6, "aftercare", "следосиновителен период", "after an adoption"),
    ],
);

/// Of what is counted apart where the track is the prevention of abandonment.
pub(super) const OTHER_TRACK: Breakdown = by(
    "track",
    "по ред",
    "by track",
    &[
        c(0, "none", "без посочен ред", "none stated"),
        c(1, "general", "общ ред", "general"),
        c(2, "coordination", "координационен механизъм", "coordination mechanism"),
        c(4, "urgent-check", "проверка в еднодневен срок", "check within a day"),
        c(5, "reintegration", "реинтеграция", "reintegration"),
        c(6, "aftercare", "следосиновителен период", "after an adoption"),
    ],
);

/// What helped a child to take part, or would have: see sections `participation/1`.
pub(super) const SUPPORT: Breakdown = sealed(
    "participation/1",
    by(
        "support",
        "по подкрепа за участие",
        "by support of participation",
        &[
            c(NOT_STATED, "not-stated", "непосочена", "not stated"),
            c(1, "unneeded", "не е нужна", "not needed"),
            c(2, "lacking", "нужна, но не е осигурена", "needed, and lacking"),
            c(3, "interpreter", "устен превод", "interpreter"),
            c(4, "sign", "жестов език", "sign language"),
            c(5, "communication", "достъпно общуване", "accessible communication"),
            c(6, "place", "достъпно място или помощно средство", "accessible place or aid"),
            c(7, "trusted", "доверено лице", "a person of trust"),
            c(8, "several", "повече от един вид", "more than one kind"),
        ],
    ),
);

/// Why a child might be abandoned: see sections `abandonment/1`.
pub(super) const CAUSE: Breakdown = sealed(
    "abandonment/1",
    by(
        "cause",
        "по основна причина",
        "by main cause",
        &[
            c(NOT_STATED, "not-stated", "непосочена", "not stated"),
            c(1, "poverty", "бедност", "poverty"),
            c(2, "housing", "липса на жилище", "no place to live"),
            c(3, "alone", "родител без подкрепа", "a parent without support"),
            c(4, "young", "непълнолетен родител", "a parent under age"),
            c(5, "pressure", "натиск от близки", "pressure by relatives"),
            c(6, "unwanted", "нежелана бременност", "unwanted pregnancy"),
            c(7, "illness", "болест на родител", "illness of a parent"),
            c(8, "addiction", "зависимост на родител", "addiction of a parent"),
            c(
                9,
                "disability",
                "болест или увреждане на детето",
                "illness or disability of the child",
            ),
            c(10, "violence", "насилие", "violence"),
            c(11, "absence", "отсъстващ родител", "an absent parent"),
            c(12, "other", "друга", "another"),
        ],
    ),
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

/// The upper ends of [`BANDS`], in days; what is longer is in one more.
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
