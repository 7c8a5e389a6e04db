//! What is counted, in both languages: the one table from which the answer and the command line take their
//! words. Numbers stand in the state and in the vault and are never given to another; codes stand in answers and
//! files.

use super::universe::{
    AGE, BANDS, Breakdown, CAUSE, Categories, DURATION, OTHER_TRACK, SUPPORT, TIMELY, TRACK,
    Universe, by, c, u,
};

/// The universe of this number.
#[must_use]
pub fn universe(number: u8) -> Option<&'static Universe> {
    UNIVERSES.iter().find(|universe| universe.number == number)
}

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
        "Оценки на случай, без превенция на изоставянето",
        "Assessments of cases, save prevention of abandonment",
        &[AGE, OTHER_TRACK, DURATION, TIMELY],
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
    // 13 was the hearings, held and not, in one.
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
            sealed: None,
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
    u(33, "heard", "Изслушвания на деца", "Children heard", &[AGE, TRACK, SUPPORT]),
    u(34, "not-heard", "Неизслушани деца", "Children not heard", &[AGE, TRACK, SUPPORT]),
    u(
        35,
        "prevention-assessments",
        "Оценки при превенция на изоставянето",
        "Assessments where abandonment is prevented",
        &[AGE, DURATION, TIMELY, CAUSE],
    ),
];
