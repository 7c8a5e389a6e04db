//! The case that the demo plays. Everybody in it is invented, and visibly so.

use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Role};
use letopis_types::Class;

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

/// A section's text.
pub(super) type Text = (Class, &'static str, &'static str);

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
    pub(super) texts: &'static [Text],
}

use Class::{Normal as N, Restricted as R, VeryRestricted as V};
use Part::{Director, Duty, Head, Worker};

/// A signal comes in.
pub(super) const SIGNAL: Scene = Scene {
    by: &[Duty],
    place: Place::Signal,
    when: (2, 2, 9, 10),
    texts: &[
        (
            R,
            "Измислено училище съобщава: детето Пример, на 9 години, отсъства втора седмица; идвало \
             е гладно и без зимни дрехи. Майката не вдига телефона.",
            "An invented school reports: the child Primer, aged 9, has been absent for two weeks, \
             had come hungry and without winter clothes. The mother does not answer the phone.",
        ),
        (
            V,
            "Подател: класната ръководителка, г-жа Несъществуваща.",
            "Reporter: the class teacher, Ms Nonexistent.",
        ),
    ],
};

/// It is assessed.
pub(super) const ASSESSED: Scene = Scene {
    by: &[Worker, Head],
    place: Place::Signal,
    when: (2, 5, 15, 30),
    texts: &[(
        R,
        "Проверено в дома и в училището. Майката е останала без работа и без ток; детето гледа по-малкия \
         си брат. Има риск. Детето иска да се върне в клас.",
        "Checked at home and at school. The mother lost her work and the electricity was cut; the \
         child looks after a younger brother. There is risk. The child wants to go back to class.",
    )],
};

/// A case is opened.
pub(super) const OPENED: Scene = Scene {
    by: &[Worker],
    place: Place::Case,
    when: (2, 5, 16, 0),
    texts: &[(N, "Подкрепа в семейството; риск: среден.", "Support in the family; risk: medium.")],
};

/// Its lead is assigned.
pub(super) const LEAD: Scene = Scene {
    by: &[Worker, Head],
    place: Place::Case,
    when: (2, 6, 9, 0),
    texts: &[(
        N,
        "Няма конфликт на интереси. Приемам случая.",
        "No conflict of interest. I take the case.",
    )],
};

/// The case is assessed.
pub(super) const ASSESSMENT: Scene = Scene {
    by: &[Worker, Head],
    place: Place::Case,
    when: (2, 18, 14, 0),
    texts: &[(
        R,
        "Силни страни: топла връзка между майка и деца, баба наблизо, желание за работа. Нужди: храна и \
         отопление, занималня, детска градина за брата.",
        "Strengths: a warm bond between mother and children, a grandmother nearby, the wish to \
         work. Needs: food and heating, after-school care, a kindergarten for the brother.",
    )],
};

/// The child is heard.
pub(super) const HEARD: Scene = Scene {
    by: &[Worker],
    place: Place::Case,
    when: (2, 20, 11, 0),
    texts: &[
        (
            R,
            "В стаята за рисуване, насаме, 30 минути.",
            "In the drawing room, alone, for 30 minutes.",
        ),
        (
            V,
            "„Искам мама да не плаче и да ходя на училище. Братчето да не остава само.“",
            "“I want Mum not to cry and I want to go to school. And my brother not to be alone.”",
        ),
    ],
};

/// The plan is adopted.
pub(super) const PLAN: Scene = Scene {
    by: &[Worker, Head],
    place: Place::Case,
    when: (2, 24, 10, 0),
    texts: &[(
        R,
        "Еднократна помощ до 1 март (отговаря: социалният работник); занималня от 2 март (училището); място в \
         детска градина (майката, с помощ). Детето е чуто и е съгласно.",
        "One-off aid by 1 March (owner: the social worker); after-school care from 2 March (the \
         school); a kindergarten place (the mother, with help). The child was heard and agrees.",
    )],
};

/// Two notes come in while somebody is out without a connection.
pub(super) const NOTES: [Scene; 2] = [
    Scene {
        by: &[Duty],
        place: Place::Case,
        when: (3, 10, 9, 5),
        texts: &[(
            N,
            "Училището потвърди: детето е в клас.",
            "The school confirmed: the child is in class.",
        )],
    },
    Scene {
        by: &[Head],
        place: Place::Case,
        when: (3, 10, 10, 20),
        texts: &[(N, "Помощта е изплатена.", "The aid has been paid.")],
    },
];

/// The visit that was written down without a connection.
pub(super) const VISIT: Scene = Scene {
    by: &[Worker],
    place: Place::Case,
    when: (3, 10, 11, 0),
    texts: &[(
        R,
        "Домът е топъл, има храна. Видях детето насаме; разказа за занималнята.",
        "The home is warm, there is food. I saw the child alone; it told me about after-school care.",
    )],
};

/// The plan is amended: first on a stale view, then on the present one.
pub(super) const AMENDED: Scene = Scene {
    by: &[Worker, Head],
    place: Place::Case,
    when: (3, 12, 13, 0),
    texts: &[(
        R,
        "Посещенията стават веднъж месечно; добавена е психологическа подкрепа за майката.",
        "Visits become monthly; psychological support for the mother is added.",
    )],
};

/// The plan is reviewed.
pub(super) const REVIEW: Scene = Scene {
    by: &[Worker],
    place: Place::Case,
    when: (8, 20, 10, 0),
    texts: &[(
        R,
        "Майката работи от май; детето завърши трети клас; братчето ходи на градина.",
        "The mother has worked since May; the child finished third grade; the brother goes to kindergarten.",
    )],
};

/// The case is closed.
pub(super) const CLOSED: Scene = Scene {
    by: &[Worker, Head, Director],
    place: Place::Case,
    when: (9, 15, 15, 0),
    texts: &[(
        R,
        "Целите са постигнати, рискът е отпаднал. Детето: „Сега вкъщи е хубаво.“",
        "The goals are reached, the risk is gone. The child: “It is nice at home now.”",
    )],
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
