//! The case that the demo plays. Everybody in it is invented, and visibly so.

use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Role};
use letopis_types::Class;
use serde_json::{Value, json};

use crate::cli::Lang;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Дежурен.
    Duty,
    /// Социален работник.
    Worker,
    /// Началник на ОЗД.
    Head,
    /// Директор на ДСП.
    Director,
    /// Длъжностно лице по защита на данните.
    Officer,
}

impl Part {
    /// Everybody in the play.
    pub(super) const ALL: [Self; 5] =
        [Self::Duty, Self::Worker, Self::Head, Self::Director, Self::Officer];

    /// The role under which it acts.
    #[must_use]
    pub(super) const fn role(self) -> Role {
        match self {
            Self::Duty => Role::DutyOfficer,
            Self::Worker => Role::SocialWorker,
            Self::Head => Role::HeadOfDepartment,
            Self::Director => Role::Director,
            Self::Officer => Role::DataProtectionOfficer,
        }
    }

    /// The name of its key file.
    #[must_use]
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Duty => "duty.key",
            Self::Worker => "worker.key",
            Self::Head => "head.key",
            Self::Director => "director.key",
            Self::Officer => "officer.key",
        }
    }

    /// Name and office.
    #[must_use]
    pub(super) const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Duty => lang.pick("Дежуран Примеров, дежурен", "Dezhuran Example, duty officer"),
            Self::Worker => lang
                .pick("Измислена Примерова, социален работник", "Izmislena Example, social worker"),
            Self::Head => {
                lang.pick("Образец Примеров, началник ОЗД", "Obrazets Example, head of department")
            }
            Self::Director => lang.pick("Проба Примерова, директор ДСП", "Proba Example, director"),
            Self::Officer => lang.pick(
                "Мисъл Примерова, длъжностно лице по защита на данните",
                "Misal Example, data protection officer",
            ),
        }
    }
}

/// In which stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The signal's.
    Signal,
    /// The case's.
    Case,
}

/// A section: its class, its type, and what it says.
pub(super) type Section = (Class, &'static str, fn(Telling<'_>) -> Value);

/// In which language it is told, and of which child.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling<'a> {
    pub(super) lang: Lang,
    /// The child's id in 32 hex digits.
    pub(super) child: &'a str,
}

impl Telling<'_> {
    const fn say<'b>(&self, bg: &'b str, en: &'b str) -> &'b str {
        self.lang.pick(bg, en)
    }
}

/// One event.
#[derive(Debug)]
pub(super) struct Scene {
    /// Who signs.
    pub(super) by: &'static [Part],
    /// Where it stands.
    pub(super) place: Place,
    /// When it happened: month, day, hour, minute of 2026, in Sofia.
    pub(super) when: (i8, i8, i8, i8),
    /// What it says about people.
    pub(super) sections: &'static [Section],
}

use Class::{Normal as N, Restricted as R, VeryRestricted as V};
use Part::{Director, Duty, Head, Worker};

/// What the child thinks of it.
macro_rules! heard {
    ($bg:literal, $en:literal) => {
        (R, "views/1", |to| {
            json!({"heard": {
                "how": to.say("Разговор насаме, с рисуване", "A talk alone, with drawing"),
                "views": to.say($bg, $en),
            }})
        })
    };
}

/// The best interests of the child, on each of the seven factors.
const BEST_INTERESTS: Section = (R, "best-interests/1", |to| {
    json!({
        "wishes": to.say("Иска да е вкъщи и да ходи на училище.", "Wants to be at home and go to school."),
        "needs": to.say("Топъл дом, храна, редовно училище.", "A warm home, food, regular school."),
        "age_and_characteristics": to.say("На 9 години, привързана към брат си.", "Aged 9, close to her brother."),
        "danger_or_harm": to.say("Оставаше без храна и надзор; вече не.", "Was left without food or care; not now."),
        "parents_capacity": to.say("Майката е грижовна и приема помощ.", "The mother cares, and accepts help."),
        "consequences_of_change": to.say("Отделяне би прекъснало училището.", "A separation would end her schooling."),
        "other": to.say("Бабата живее наблизо и помага.", "The grandmother lives nearby and helps."),
    })
});

/// A signal comes in.
pub(super) const SIGNAL: Scene = Scene {
    by: &[Duty],
    place: Place::Signal,
    when: (2, 2, 9, 10),
    sections: &[
        (R, "story/1", |to| {
            json!({"told": to.say(
                "Измислено училище съобщава: детето Пример, на 9 години, отсъства втора седмица; идвало \
                 е гладно и без зимни дрехи. Майката не вдига телефона.",
                "An invented school reports: the child Primer, aged 9, has been absent for two weeks, \
                 had come hungry and without winter clothes. The mother does not answer the phone.",
            )})
        }),
        (V, "reporter/1", |to| {
            json!({"known": {
                "name": to.say("г-жа Несъществуваща, класна ръководителка", "Ms Nonexistent, the class teacher"),
                "to_be_notified": true,
            }})
        }),
    ],
};

/// Its check is assigned.
pub(super) const ASSIGNED: Scene =
    Scene { by: &[Head], place: Place::Signal, when: (2, 2, 10, 0), sections: &[] };

/// It is assessed.
pub(super) const ASSESSED: Scene = Scene {
    by: &[Worker, Head],
    place: Place::Signal,
    when: (2, 5, 15, 30),
    sections: &[
        (R, "outcomes/1", |to| {
            json!({"children": [{"child": to.child, "outcome": "case", "reasons": to.say(
                "Има риск: детето гледа по-малкия си брат и не ходи на училище.",
                "There is risk: the child looks after a younger brother and misses school.",
            )}]})
        }),
        (R, "sources/1", |to| {
            json!({"sources": [
                {"kind": "visit", "what": to.say("В дома", "At home"), "date": "2026-02-03"},
                {"kind": "institution", "what": to.say("В училището", "At school"), "date": "2026-02-04"},
            ]})
        }),
        (R, "risks/1", |to| {
            json!({"found": [{
                "risk": to.say("Майката е останала без работа и без ток.", "The mother lost her work; the electricity was cut."),
                "severity": "medium",
                "likelihood": "high",
            }]})
        }),
        heard!("Иска да се върне в клас.", "Wants to go back to class."),
    ],
};

/// Whoever gave the signal is told.
pub(super) const NOTIFIED: Scene = Scene {
    by: &[Worker],
    place: Place::Signal,
    when: (2, 10, 9, 0),
    sections: &[(N, "notice/1", |to| {
        json!({
            "to": to.say("Подателят", "Who gave the signal"),
            "how": "written",
            "date": "2026-02-10",
            "text": to.say("Сигналът е проверен и се работи по него.", "The signal was checked, and is worked on."),
        })
    })],
};

/// A case is opened.
pub(super) const OPENED: Scene = Scene {
    by: &[Worker],
    place: Place::Case,
    when: (2, 5, 16, 0),
    sections: &[(N, "case-kind/1", |_| json!({"kind": "risk", "risk": "medium"}))],
};

/// The child is told what goes on.
pub(super) const INFORMED: Scene = Scene {
    by: &[Worker],
    place: Place::Case,
    when: (2, 6, 9, 0),
    sections: &[(R, "informing/1", |to| {
        json!({
            "what": to.say("Защо идваме, какво следва и че може да не е съгласно.", "Why we come, what follows, and that it may disagree."),
            "how": to.say("Разговор с картинки", "A talk with pictures"),
            "language": "bg",
        })
    })],
};

/// The case is assessed.
pub(super) const ASSESSMENT: Scene = Scene {
    by: &[Worker, Head],
    place: Place::Case,
    when: (2, 18, 14, 0),
    sections: &[
        (R, "needs/1", |to| {
            json!({"needs": [
                {"area": "housing", "need": to.say("Храна и отопление", "Food and heating"), "met": false},
                {"area": "education", "need": to.say("Занималня; детска градина за брата", "After-school care; a kindergarten for the brother"), "met": false},
            ]})
        }),
        (R, "parenting/1", |to| {
            json!({"carers": [{
                "who": to.say("Майката", "The mother"),
                "role": "parent",
                "does_well": to.say("Топла връзка с децата, желание за работа.", "A warm bond with the children, the wish to work."),
                "finds_hard": to.say("Останала е без доход.", "Was left without an income."),
            }]})
        }),
        (R, "risks/1", |to| {
            json!({"found": [{
                "risk": to.say("Студ и глад", "Cold and hunger"),
                "severity": "medium",
                "likelihood": "medium",
            }]})
        }),
        (
            R,
            "strengths/1",
            |to| json!({"strengths": [{"whose": "network", "strength": to.say("Баба наблизо", "A grandmother nearby")}]}),
        ),
        (
            R,
            "sources/1",
            |to| json!({"sources": [{"kind": "visit", "what": to.say("В дома", "At home"), "date": "2026-02-12"}]}),
        ),
        heard!("Иска да учи и мама да не се тревожи.", "Wants to learn, and Mum not to worry."),
    ],
};

/// The child is heard.
pub(super) const HEARD: Scene = Scene {
    by: &[Worker],
    place: Place::Case,
    when: (2, 20, 11, 0),
    sections: &[
        (R, "hearing/1", |to| {
            json!({
                "setting": to.say("В стаята за рисуване, насаме, 30 минути.", "In the drawing room, alone, for 30 minutes."),
                "present": [{"who": to.say("Измислена Примерова", "Izmislena Example"), "role": to.say("социален работник", "social worker")}],
                "language": "bg",
            })
        }),
        (V, "child-words/1", |to| {
            json!({
                "words": to.say(
                    "„Искам мама да не плаче и да ходя на училище. Братчето да не остава само.“",
                    "“I want Mum not to cry and I want to go to school. And my brother not to be alone.”",
                ),
                "language": "bg",
            })
        }),
    ],
};

/// The plan is adopted.
pub(super) const PLAN: Scene = Scene {
    by: &[Worker, Head],
    place: Place::Case,
    when: (2, 24, 10, 0),
    sections: &[
        (R, "goals/1", |to| {
            json!({"goals": [{
                "goal": to.say("Детето е в клас, вкъщи е топло.", "The child is in class, the home is warm."),
                "actions": [
                    {
                        "what": to.say("Еднократна помощ", "One-off aid"),
                        "owner_adult": {"role": "social_worker"},
                        "due": "2026-03-01",
                        "indicator": to.say("Помощта е изплатена", "The aid is paid"),
                    },
                    {
                        "what": to.say("Занималня", "After-school care"),
                        "owner_adult": {"role": "teacher"},
                        "due": "2026-03-02",
                        "indicator": to.say("Детето е записано", "The child is enrolled"),
                    },
                    {
                        "what": to.say("Място в детска градина", "A kindergarten place"),
                        "owner_adult": {"role": "parent"},
                        "due": "2026-04-01",
                        "indicator": to.say("Братчето ходи на градина", "The brother goes there"),
                    },
                ],
            }]})
        }),
        heard!("Чуто е и е съгласно.", "Was heard, and agrees."),
    ],
};

/// Two notes come in while somebody is out without a connection.
pub(super) const NOTES: [Scene; 2] = [
    Scene {
        by: &[Duty],
        place: Place::Case,
        when: (3, 10, 9, 5),
        sections: &[(
            N,
            "note/1",
            |to| json!({"text": to.say("Училището потвърди: детето е в клас.", "The school confirmed: the child is in class.")}),
        )],
    },
    Scene {
        by: &[Head],
        place: Place::Case,
        when: (3, 10, 10, 20),
        sections: &[(
            N,
            "note/1",
            |to| json!({"text": to.say("Помощта е изплатена.", "The aid has been paid.")}),
        )],
    },
];

/// The visit that was written down without a connection.
pub(super) const VISIT: Scene = Scene {
    by: &[Worker],
    place: Place::Case,
    when: (3, 10, 11, 0),
    sections: &[(R, "visit/1", |to| {
        json!({
            "where": to.say("В дома", "At home"),
            "date": "2026-03-10",
            "who": [to.say("Детето", "The child"), to.say("Майката", "The mother")],
            "seen_alone": true,
            "observations": to.say(
                "Домът е топъл, има храна. Видях детето насаме; разказа за занималнята.",
                "The home is warm, there is food. I saw the child alone; it told me about after-school care.",
            ),
        })
    })],
};

/// The plan is amended: first on a stale view, then on the present one.
pub(super) const AMENDED: Scene = Scene {
    by: &[Worker, Head],
    place: Place::Case,
    when: (3, 12, 13, 0),
    sections: &[
        (R, "change/1", |to| {
            json!({
                "changes": [
                    {"what": to.say("Посещения", "Visits"), "after": to.say("веднъж месечно", "monthly")},
                    {"what": to.say("Психологическа подкрепа за майката", "Psychological support for the mother"), "after": to.say("добавена", "added")},
                ],
                "why": to.say("Вкъщи е спокойно; майката моли за помощ.", "The home is calm; the mother asks for help."),
            })
        }),
        heard!("Съгласно е.", "Agrees."),
    ],
};

/// The child is told what its views changed.
pub(super) const fn weight(when: (i8, i8, i8, i8)) -> Scene {
    Scene {
        by: &[Worker],
        place: Place::Case,
        when,
        sections: &[(R, "weight/1", |to| {
            json!({
                "told_to_child": to.say("Ти каза какво искаш, и това решихме.", "You said what you want, and so we decided."),
                "followed": "yes",
                "how": to.say("Разговор вкъщи", "A talk at home"),
            })
        })],
    }
}

/// The plan is reviewed.
pub(super) const REVIEW: Scene = Scene {
    by: &[Worker],
    place: Place::Case,
    when: (8, 20, 10, 0),
    sections: &[
        (R, "progress/1", |to| {
            json!({
                "goals": [{
                    "goal": to.say("Детето е в клас, вкъщи е топло.", "The child is in class, the home is warm."),
                    "state": "reached",
                    "seen_from": to.say(
                        "Майката работи от май; детето завърши трети клас; братчето ходи на градина.",
                        "The mother has worked since May; the child finished third grade; the brother goes to kindergarten.",
                    ),
                }],
                "conclusion": to.say("Планът е изпълнен.", "The plan is carried out."),
            })
        }),
        BEST_INTERESTS,
        heard!("Харесва ѝ в училище.", "Likes it at school."),
    ],
};

/// The case is closed.
pub(super) const CLOSED: Scene = Scene {
    by: &[Worker, Head, Director],
    place: Place::Case,
    when: (9, 15, 15, 0),
    sections: &[
        (R, "close-result/1", |to| {
            json!({
                "result": "goals_reached",
                "text": to.say("Целите са постигнати, рискът е отпаднал.", "The goals are reached, the risk is gone."),
                "siblings_considered": to.say("Братчето е добре.", "The brother is well."),
                "contacts_considered": to.say("Бабата остава близо.", "The grandmother stays close."),
            })
        }),
        BEST_INTERESTS,
        heard!("„Сега вкъщи е хубаво.“", "“It is nice at home now.”"),
    ],
};

/// The fact of [`SIGNAL`].
#[must_use]
pub(super) fn signal(child: [u8; 16]) -> Kind {
    Kind::SignalReceived(proto::SignalReceived {
        channel: proto::SignalChannel::Authority.into(),
        children: vec![child.to_vec()],
        track: proto::Track::General.into(),
        anonymous: false,
    })
}

/// Why a note is erased.
pub(super) const GROUND: (&str, &str) = (
    "Вписано по погрешка: отнася се за друго дете.",
    "Entered by mistake: it is about another child.",
);
