//! What is counted, in both languages: the one table from which the answer and the command line take their
//! words. Numbers stand in the state and are never given to another; codes stand in answers and files.

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

/// The universe of this number.
#[must_use]
pub fn universe(number: u8) -> Option<&'static Universe> {
    UNIVERSES.iter().find(|universe| universe.number == number)
}

const fn c(number: u32, code: &'static str, bg: &'static str, en: &'static str) -> Category {
    Category { number, code, bg, en }
}

const fn by(
    code: &'static str,
    bg: &'static str,
    en: &'static str,
    categories: &'static [Category],
) -> Breakdown {
    Breakdown { code, bg, en, categories: Categories::These(categories) }
}

const fn u(
    number: u8,
    code: &'static str,
    bg: &'static str,
    en: &'static str,
    breakdowns: &'static [Breakdown],
) -> Universe {
    Universe { number, code, bg, en, breakdowns }
}

const TRACK: Breakdown = by(
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

const AGE: Breakdown = by(
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

const BANDS: &[Category] = &[
    c(1, "1-day", "до 1 ден", "up to 1 day"),
    c(2, "7-days", "до 7 дни", "up to 7 days"),
    c(3, "14-days", "до 14 дни", "up to 14 days"),
    c(4, "28-days", "до 28 дни", "up to 28 days"),
    c(5, "60-days", "до 60 дни", "up to 60 days"),
    c(6, "90-days", "до 90 дни", "up to 90 days"),
    c(7, "180-days", "до 180 дни", "up to 180 days"),
    c(8, "longer", "повече от 180 дни", "more than 180 days"),
];

const DURATION: Breakdown =
    by("duration", "след началото на преписката", "since the file began", BANDS);

const TIMELY: Breakdown = by(
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

/// Everything that is counted.
pub const UNIVERSES: &[Universe] = &[
    u(
        1,
        "signals",
        "Постъпили сигнали",
        "Signals received",
        &[
            by(
                "channel",
                "по начин на подаване",
                "by channel",
                &[
                    c(0, "unknown", "непосочен", "not stated"),
                    c(1, "written", "писмено", "in writing"),
                    c(2, "oral", "устно", "orally"),
                    c(3, "hotline", "линия 116 111", "hotline 116 111"),
                    c(4, "outreach", "при работа на терен", "by outreach"),
                    c(5, "authority", "от друг орган", "by another authority"),
                ],
            ),
            TRACK,
            by(
                "children",
                "по брой деца",
                "by number of children",
                &[
                    c(1, "one", "едно дете", "one child"),
                    c(2, "several", "няколко деца", "several children"),
                ],
            ),
        ],
    ),
    u(
        2,
        "checks",
        "Приключени проверки на сигнали",
        "Checks of signals that ended",
        &[
            by(
                "outcome",
                "по резултат",
                "by outcome",
                &[
                    c(1, "case", "открива се случай", "a case is opened"),
                    c(2, "case-open", "има открит случай", "a case is open already"),
                    c(3, "no-case", "без случай", "no case"),
                    c(4, "not-pursued", "прекратена", "not pursued"),
                ],
            ),
            DURATION,
            TIMELY,
        ],
    ),
    u(3, "cases-opened", "Открити случаи", "Cases opened", &[TRACK, DURATION]),
    u(
        4,
        "assessments",
        "Оценки на случай",
        "Assessments of cases",
        &[AGE, TRACK, DURATION, TIMELY],
    ),
    u(
        5,
        "plans",
        "Планове за действие",
        "Plans of action",
        &[
            by(
                "step",
                "по вид",
                "by step",
                &[c(1, "adopted", "приет", "adopted"), c(2, "amended", "актуализиран", "amended")],
            ),
            TRACK,
            TIMELY,
        ],
    ),
    u(
        6,
        "cases-closed",
        "Закрити случаи",
        "Cases closed",
        &[
            DURATION,
            TRACK,
            by(
                "observation",
                "по наблюдение след края",
                "by observation after the end",
                &[
                    c(1, "observed", "с наблюдение", "observed"),
                    c(2, "not-observed", "без наблюдение", "not observed"),
                ],
            ),
        ],
    ),
    u(
        7,
        "urgent",
        "Спешни мерки",
        "Urgent protection",
        &[
            by(
                "measure",
                "по вид",
                "by measure",
                &[
                    c(1, "police", "полицейска закрила", "police protection"),
                    c(2, "placement", "спешно настаняване", "emergency placement"),
                    c(3, "act", "спешно действие", "emergency act"),
                ],
            ),
            TRACK,
        ],
    ),
    u(
        8,
        "placements-ordered",
        "Заповеди за настаняване",
        "Placements ordered",
        &[
            AGE,
            TRACK,
            by(
                "file-access",
                "по преглед на преписката",
                "by access to the file",
                &[
                    c(0, "unknown", "непосочен", "not stated"),
                    c(1, "shown", "показана", "shown"),
                    c(2, "postponed", "отложен", "postponed"),
                    c(3, "waived", "отказ на страните", "waived by the parties"),
                ],
            ),
        ],
    ),
    u(
        9,
        "placements",
        "Настанявания",
        "Placements carried out",
        &[
            by(
                "step",
                "по вид",
                "by step",
                &[
                    c(1, "started", "започнали", "started"),
                    c(2, "changed", "променени", "changed"),
                    c(3, "ended", "прекратени", "ended"),
                ],
            ),
            TRACK,
        ],
    ),
    u(
        10,
        "court",
        "Съдебни решения",
        "Court decisions",
        &[
            by(
                "outcome",
                "по резултат",
                "by outcome",
                &[
                    c(0, "unknown", "непосочен", "not stated"),
                    c(1, "granted", "уважено искане", "granted"),
                    c(2, "refused", "отхвърлено искане", "refused"),
                    c(3, "discontinued", "прекратено производство", "discontinued"),
                ],
            ),
            TRACK,
            DURATION,
        ],
    ),
    u(
        11,
        "appeals",
        "Подадени жалби срещу актове",
        "Appeals filed",
        &[by(
            "route",
            "по ред",
            "by route",
            &[
                c(0, "unknown", "непосочен", "not stated"),
                c(1, "placement", "чл. 27а ЗЗДет", "placement, чл. 27а ЗЗДет"),
                c(2, "superior", "пред горестоящия орган", "the superior body"),
                c(3, "court", "пред съда", "the court"),
            ],
        )],
    ),
    u(
        12,
        "appeals-decided",
        "Решени жалби срещу актове",
        "Appeals decided",
        &[by(
            "outcome",
            "по резултат",
            "by outcome",
            &[
                c(0, "unknown", "непосочен", "not stated"),
                c(1, "stands", "актът остава", "the act stands"),
                c(2, "annulled", "актът е отменен", "annulled"),
                c(3, "returned", "върнат за ново решаване", "to be decided anew"),
            ],
        )],
    ),
    u(
        13,
        "hearings",
        "Мнение на детето",
        "The child's views",
        &[
            by(
                "heard",
                "по изслушване",
                "by hearing",
                &[
                    c(1, "heard", "изслушано", "heard"),
                    c(2, "not-heard", "неизслушано", "not heard"),
                ],
            ),
            AGE,
            TRACK,
        ],
    ),
    u(14, "informed", "Информиране на детето", "The child informed", &[TRACK]),
    u(
        15,
        "weight",
        "Обратна връзка за мнението на детето",
        "Weight of views told back",
        &[TRACK, TIMELY],
    ),
    u(
        16,
        "visits",
        "Посещения",
        "Visits",
        &[
            by(
                "alone",
                "по среща с детето",
                "by meeting with the child",
                &[
                    c(1, "alone", "детето е видяно насаме", "the child was seen alone"),
                    c(2, "not-alone", "не насаме", "not alone"),
                ],
            ),
            TRACK,
            TIMELY,
        ],
    ),
    u(17, "supervision", "Проведени супервизии", "Supervision held", &[TIMELY]),
    u(18, "reviews", "Проведени прегледи", "Reviews held", &[AGE, TRACK, TIMELY]),
    u(
        19,
        "teams",
        "Свикани екипи",
        "Teams convened",
        &[by(
            "mechanism",
            "по механизъм",
            "by mechanism",
            &[
                c(0, "unknown", "непосочен", "not stated"),
                c(1, "multidisciplinary", "мултидисциплинарен екип", "several disciplines"),
                c(2, "coordination", "координационен механизъм", "coordination mechanism"),
                c(3, "prevention", "превенция на изоставянето", "prevention of abandonment"),
                c(4, "district", "областен механизъм", "the district's mechanism"),
                c(
                    5,
                    "referral",
                    "национален механизъм за насочване",
                    "national mechanism of referral",
                ),
            ],
        )],
    ),
    u(20, "team-meetings", "Срещи на екипи", "Team meetings", &[TRACK, TIMELY]),
    u(
        21,
        "transfers",
        "Отговори на предложено прехвърляне",
        "Answers to proposed transfers",
        &[by(
            "answer",
            "по отговор",
            "by answer",
            &[c(1, "accepted", "приети", "accepted"), c(2, "rejected", "отказани", "rejected")],
        )],
    ),
    u(22, "referrals", "Направления за услуги", "Referrals to services", &[TRACK]),
    u(
        23,
        "referral-answers",
        "Отговори на доставчици",
        "Answers of providers",
        &[
            by(
                "answer",
                "по отговор",
                "by answer",
                &[c(1, "accepted", "приети", "accepted"), c(2, "declined", "отказани", "declined")],
            ),
            TIMELY,
        ],
    ),
    u(24, "service-reports", "Доклади на доставчици", "Reports of providers", &[TIMELY]),
    u(
        25,
        "commitments",
        "Ангажименти на участници",
        "Commitments of participants",
        &[
            by(
                "outcome",
                "по изпълнение",
                "by outcome",
                &[
                    c(1, "fulfilled", "изпълнени", "fulfilled"),
                    c(2, "missed", "неизпълнени", "missed"),
                ],
            ),
            TIMELY,
        ],
    ),
    u(
        26,
        "missed",
        "Вписани пропуснати срокове",
        "Deadlines recorded as missed",
        &[Breakdown {
            code: "clock",
            bg: "по срок",
            en: "by clock",
            categories: Categories::ClockRules,
        }],
    ),
    u(
        27,
        "signatures",
        "Отговори по дължими подписи",
        "Answers where a signature was due",
        &[
            by(
                "answer",
                "по отговор",
                "by answer",
                &[
                    c(1, "confirmed", "съгласувани", "confirmed"),
                    c(2, "refused", "отказани", "refused"),
                    c(3, "lapsed", "изтекли", "lapsed"),
                ],
            ),
            TIMELY,
        ],
    ),
    u(
        28,
        "corrections",
        "Поправени и погрешно вписани",
        "Corrections",
        &[by(
            "what",
            "по вид",
            "by what",
            &[
                c(1, "corrected", "поправени", "corrected"),
                c(2, "misfiled", "погрешно вписани", "misfiled"),
            ],
        )],
    ),
    u(
        29,
        "entries",
        "Вписвания по преписки",
        "Entries in files",
        &[by("delay", "след събитието", "after what they tell of", BANDS)],
    ),
    u(30, "emergency-access", "Спешен достъп", "Emergency access opened", &[]),
    u(
        31,
        "emergency-reviews",
        "Прегледан спешен достъп",
        "Emergency access reviewed",
        &[by(
            "finding",
            "по преценка",
            "by finding",
            &[
                c(1, "justified", "обоснован", "justified"),
                c(2, "not-justified", "необоснован", "not justified"),
            ],
        )],
    ),
    u(32, "complaints", "Постъпили жалби и сигнали по глава 8", "Complaints lodged", &[]),
];
