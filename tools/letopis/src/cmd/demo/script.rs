//! The case that the demo plays. Everybody in it is invented, and visibly so.

use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Role};
use letopis_types::Class;
use letopis_words::{Lang, say};
use serde_json::{Value, json};

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
    pub(super) fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Duty => say!(lang, "play-duty"),
            Self::Worker => say!(lang, "play-worker"),
            Self::Head => say!(lang, "play-head"),
            Self::Director => say!(lang, "play-director"),
            Self::Officer => say!(lang, "play-officer"),
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
    ($id:literal) => {
        (R, "views/1", |to| {
            json!({"heard": {
                "how": say!(to.lang, "play-a-talk-alone-with-drawing"),
                "views": say!(to.lang, $id),
            }})
        })
    };
}

/// The best interests of the child, on each of the seven factors.
const BEST_INTERESTS: Section = (R, "best-interests/1", |to| {
    json!({
        "wishes": say!(to.lang, "play-interests-wishes"),
        "needs": say!(to.lang, "play-interests-needs"),
        "age_and_characteristics": say!(to.lang, "play-interests-age"),
        "danger_or_harm": say!(to.lang, "play-interests-danger"),
        "parents_capacity": say!(to.lang, "play-interests-parents"),
        "consequences_of_change": say!(to.lang, "play-interests-change"),
        "other": say!(to.lang, "play-interests-other"),
    })
});

/// A signal comes in.
pub(super) const SIGNAL: Scene = Scene {
    by: &[Duty],
    place: Place::Signal,
    when: (2, 2, 9, 10),
    sections: &[
        (R, "story/1", |to| json!({"told": say!(to.lang, "play-story")})),
        (V, "reporter/1", |to| {
            json!({"known": {
                "name": say!(to.lang, "play-reporter"),
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
        (
            R,
            "outcomes/1",
            |to| json!({"children": [{"child": to.child, "outcome": "case", "reasons": say!(to.lang, "play-outcome-reasons")}]}),
        ),
        (R, "sources/1", |to| {
            json!({"sources": [
                {"kind": "visit", "what": say!(to.lang, "play-at-home"), "date": "2026-02-03"},
                {"kind": "institution", "what": say!(to.lang, "play-at-school"), "date": "2026-02-04"},
            ]})
        }),
        (R, "risks/1", |to| {
            json!({"found": [{
                "risk": say!(to.lang, "play-risk-no-work"),
                "severity": "medium",
                "likelihood": "high",
            }]})
        }),
        heard!("play-wants-to-go-back-to-class"),
    ],
};

/// Whoever gave the signal is told.
pub(super) const NOTIFIED: Scene = Scene {
    by: &[Worker],
    place: Place::Signal,
    when: (2, 10, 9, 0),
    sections: &[(N, "notice/1", |to| {
        json!({
            "to": say!(to.lang, "play-who-gave-the-signal"),
            "how": "written",
            "date": "2026-02-10",
            "text": say!(to.lang, "play-notice"),
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
            "what": say!(to.lang, "play-informing"),
            "how": say!(to.lang, "play-a-talk-with-pictures"),
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
                {"area": "housing", "need": say!(to.lang, "play-food-and-heating"), "met": false},
                {"area": "education", "need": say!(to.lang, "play-need-education"), "met": false},
            ]})
        }),
        (R, "parenting/1", |to| {
            json!({"carers": [{
                "who": say!(to.lang, "play-the-mother"),
                "role": "parent",
                "does_well": say!(to.lang, "play-parenting-does-well"),
                "finds_hard": say!(to.lang, "play-parenting-finds-hard"),
            }]})
        }),
        (R, "risks/1", |to| {
            json!({"found": [{
                "risk": say!(to.lang, "play-cold-and-hunger"),
                "severity": "medium",
                "likelihood": "medium",
            }]})
        }),
        (
            R,
            "strengths/1",
            |to| json!({"strengths": [{"whose": "network", "strength": say!(to.lang, "play-a-grandmother-nearby")}]}),
        ),
        (
            R,
            "sources/1",
            |to| json!({"sources": [{"kind": "visit", "what": say!(to.lang, "play-at-home"), "date": "2026-02-12"}]}),
        ),
        heard!("play-wants-to-learn"),
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
                "setting": say!(to.lang, "play-hearing-setting"),
                "present": [{"who": say!(to.lang, "play-izmislena-example"), "role": say!(to.lang, "play-social-worker")}],
                "language": "bg",
            })
        }),
        (V, "child-words/1", |to| {
            json!({
                "words": say!(to.lang, "play-child-words"),
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
                "goal": say!(to.lang, "play-goal"),
                "actions": [
                    {
                        "what": say!(to.lang, "play-one-off-aid"),
                        "owner_adult": {"role": "social_worker"},
                        "due": "2026-03-01",
                        "indicator": say!(to.lang, "play-the-aid-is-paid"),
                    },
                    {
                        "what": say!(to.lang, "play-after-school-care"),
                        "owner_adult": {"role": "teacher"},
                        "due": "2026-03-02",
                        "indicator": say!(to.lang, "play-the-child-is-enrolled"),
                    },
                    {
                        "what": say!(to.lang, "play-a-kindergarten-place"),
                        "owner_adult": {"role": "parent"},
                        "due": "2026-04-01",
                        "indicator": say!(to.lang, "play-the-brother-goes-there"),
                    },
                ],
            }]})
        }),
        heard!("play-was-heard-and-agrees"),
    ],
};

/// Two notes come in while somebody is out without a connection.
pub(super) const NOTES: [Scene; 2] = [
    Scene {
        by: &[Duty],
        place: Place::Case,
        when: (3, 10, 9, 5),
        sections: &[(N, "note/1", |to| json!({"text": say!(to.lang, "play-note-school")}))],
    },
    Scene {
        by: &[Head],
        place: Place::Case,
        when: (3, 10, 10, 20),
        sections: &[(N, "note/1", |to| json!({"text": say!(to.lang, "play-note-aid")}))],
    },
];

/// The visit that was written down without a connection.
pub(super) const VISIT: Scene = Scene {
    by: &[Worker],
    place: Place::Case,
    when: (3, 10, 11, 0),
    sections: &[(R, "visit/1", |to| {
        json!({
            "where": say!(to.lang, "play-at-home"),
            "date": "2026-03-10",
            "who": [say!(to.lang, "play-the-child"), say!(to.lang, "play-the-mother")],
            "seen_alone": true,
            "observations": say!(to.lang, "play-visit"),
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
                    {"what": say!(to.lang, "play-visits"), "after": say!(to.lang, "play-monthly")},
                    {"what": say!(to.lang, "play-psychological-support-for-the-mother"), "after": say!(to.lang, "play-added")},
                ],
                "why": say!(to.lang, "play-change-why"),
            })
        }),
        heard!("play-agrees"),
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
                "told_to_child": say!(to.lang, "play-weight"),
                "followed": "yes",
                "how": say!(to.lang, "play-a-talk-at-home"),
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
                    "goal": say!(to.lang, "play-goal"),
                    "state": "reached",
                    "seen_from": say!(to.lang, "play-progress"),
                }],
                "conclusion": say!(to.lang, "play-the-plan-is-carried-out"),
            })
        }),
        BEST_INTERESTS,
        heard!("play-likes-it-at-school"),
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
                "text": say!(to.lang, "play-close-result"),
                "siblings_considered": say!(to.lang, "play-the-brother-is-well"),
                "contacts_considered": say!(to.lang, "play-the-grandmother-stays-close"),
            })
        }),
        BEST_INTERESTS,
        heard!("play-it-is-nice-at-home-now"),
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
pub(super) fn ground(lang: Lang) -> &'static str {
    say!(lang, "play-ground")
}
