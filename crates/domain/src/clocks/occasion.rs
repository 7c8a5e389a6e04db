//! Occasions: what happened that a clock may start, stop or stand still by.
//!
//! The rules of the case emit them when an act takes effect; a profile says which clock listens to
//! which. Both speak of them in the names of this one table.
//!
//! What follows upon something is about the same subject, mostly the statement with which that began;
//! so one subject runs through a matter, and each clock of it finds what stops it:
//! - the signal: its assignment, assessment, joining, forwarding, not being pursued; the notice to its
//!   sender;
//! - the order, instruction or other act that is served: its service, execution, study; the request to
//!   the court, where there is an order; what takes it away on appeal;
//! - the appeal: its forwarding and decision. It is also about the act that it is of: each party may
//!   appeal, and each appeal has its own way;
//! - the court's ruling: what may be said against it, and the term that it states. It is also about what
//!   the court was asked for, the order or else the request, and about a placement by order that it ends;
//! - the act: what is due under it; that it was confirmed, or that this ended; that it was reviewed;
//! - the referral: its answer, the service's reports and end;
//! - the commitment, by its id: that it was fulfilled or dropped;
//! - the showing of the file, the request of a party or data subject, the proposed transfer, the
//!   emergency access, the breach, the inspection's instruction, the suspended key, the police
//!   protection, the views that were considered: whatever answers it;
//! - whatever a clock was about: that it was recorded as missed, and why it was late.
//!
//! Some concern every clock of the file that listens to them, whatever it is about: the lead, the
//! case's assessment, a review of the plan, a report to the court, the end of a placement; that a
//! missing child was found, that a child died; a decision who holds the case; the case's closing,
//! reopening, and its voiding or merging, which are one. The rest are about their own statement alone.
//! A clock that is the file's ([`Scope::File`](crate::profile::Scope::File)) hears them all.

use letopis_types::Digest;

/// An enum of words, each with its text form.
macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $(#[doc = concat!("`", $text, "`")] $variant,)+
        }

        impl $type {
            /// Every one, in the table's order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as profiles write it.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The other way.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.text() == text)
            }
        }
    };
}

words! {
    /// What an occasion may say more closely. Each name has its own few: [`Name::qualifiers`].
    Qualifier {
        General = "general",
        Coordination = "coordination",
        Prevention = "prevention",
        UrgentCheck = "urgent-check",
        Reintegration = "reintegration",
        Aftercare = "aftercare",
        Case = "case",
        NoCase = "no-case",
        Refused = "refused",
        Lapsed = "lapsed",
        Superseded = "superseded",
        Unconfirmed = "unconfirmed",
        UnderDelegation = "under-delegation",
        UnderRecusal = "under-recusal",
        ExpiredQualification = "expired-qualification",
        EmergencyAct = "emergency-act",
        Complete = "complete",
        NoticeMissing = "notice-missing",
        NoticeWrong = "notice-wrong",
        Placement = "placement",
        Superior = "superior",
        Court = "court",
        Observed = "observed",
        Unobserved = "unobserved",
    }
}

words! {
    /// The name of an occasion. The numbers are not stored; the words stand in profiles for ever.
    Name {
        // Signal and check.
        SignalReceived = "signal-received",
        SignalAssigned = "signal-assigned",
        SignalJoined = "signal-joined",
        SignalForwarded = "signal-forwarded",
        SignalAssessed = "signal-assessed",
        SignalNotPursued = "signal-not-pursued",
        SenderNotified = "sender-notified",
        // Emergency.
        EmergencyActHappened = "emergency-act-happened",
        EmergencyActEntered = "emergency-act-entered",
        PoliceProtectionBegun = "police-protection-begun",
        PoliceProtectionEnded = "police-protection-ended",
        EmergencyPlacementOrdered = "emergency-placement-ordered",
        EmergencyStudyCompleted = "emergency-study-completed",
        ProsecutorNotified = "prosecutor-notified",
        // Opening and assessment.
        CaseOpened = "case-opened",
        LeadAssigned = "lead-assigned",
        AssessmentCompleted = "assessment-completed",
        // Signatures that are due, acts that are marked.
        ConfirmationDue = "confirmation-due",
        Confirmed = "confirmed",
        ConfirmationEnded = "confirmation-ended",
        ReviewDue = "review-due",
        Reviewed = "reviewed",
        // Coordination.
        TeamConvened = "team-convened",
        TeamMet = "team-met",
        TeamPlanAdopted = "team-plan-adopted",
        CommitmentMade = "commitment-made",
        CommitmentFulfilled = "commitment-fulfilled",
        CommitmentDropped = "commitment-dropped",
        // Plan and services.
        PlanAdopted = "plan-adopted",
        PlanAmended = "plan-amended",
        InstructionIssued = "instruction-issued",
        ServiceReferred = "service-referred",
        ReferralAccepted = "referral-accepted",
        ReferralDeclined = "referral-declined",
        ServiceReported = "service-reported",
        ServiceEnded = "service-ended",
        AidRequested = "aid-requested",
        AidDecided = "aid-decided",
        // Placement, court and appeal.
        FileShown = "file-shown",
        PartyCommented = "party-commented",
        AccessPostponed = "access-postponed",
        PlacementOrdered = "placement-ordered",
        OrderServed = "order-served",
        OrderDeemedServed = "order-deemed-served",
        ExecutionOrdered = "execution-ordered",
        ExecutionSuspended = "execution-suspended",
        CourtRequestFiled = "court-request-filed",
        CourtDecisionRecorded = "court-decision-recorded",
        CourtTermStated = "court-term-stated",
        CourtReportRequested = "court-report-requested",
        CourtReportFiled = "court-report-filed",
        MeasureRequested = "measure-requested",
        MeasureAnswered = "measure-answered",
        DataRequested = "data-requested",
        DataAnswered = "data-answered",
        ChildMissing = "child-missing",
        ChildFound = "child-found",
        ChildDied = "child-died",
        AppealFiled = "appeal-filed",
        AppealForwarded = "appeal-forwarded",
        AppealDecided = "appeal-decided",
        PlacementStarted = "placement-started",
        PlacementChanged = "placement-changed",
        PlacementEnded = "placement-ended",
        // Review and supervision.
        VisitRecorded = "visit-recorded",
        ReviewHeld = "review-held",
        SupervisionHeld = "supervision-held",
        EffectivenessChecked = "effectiveness-checked",
        DeadlineMissed = "deadline-missed",
        DelayExplained = "delay-explained",
        // Voice.
        ViewsConsidered = "views-considered",
        WeightExplained = "weight-explained",
        // Transfer and end.
        TransferProposed = "transfer-proposed",
        TransferAccepted = "transfer-accepted",
        TransferRejected = "transfer-rejected",
        CompetenceDisputed = "competence-disputed",
        CompetenceDecided = "competence-decided",
        CaseClosed = "case-closed",
        CaseReopened = "case-reopened",
        CaseVoided = "case-voided",
        // Access, audit, keys.
        BreakGlassOpened = "break-glass-opened",
        BreakGlassReviewed = "break-glass-reviewed",
        BreachRecorded = "breach-recorded",
        BreachNotified = "breach-notified",
        InspectionInstructed = "inspection-instructed",
        InspectionComplied = "inspection-complied",
        KeySuspended = "key-suspended",
        KeySettled = "key-settled",
    }
}

/// The procedural tracks.
const TRACKS: &[Qualifier] = &[
    Qualifier::General,
    Qualifier::Coordination,
    Qualifier::Prevention,
    Qualifier::UrgentCheck,
    Qualifier::Reintegration,
    Qualifier::Aftercare,
];

impl Name {
    /// What this occasion may say more closely; none: it has no qualifier.
    #[must_use]
    pub const fn qualifiers(self) -> &'static [Qualifier] {
        use Qualifier as Q;
        match self {
            Self::SignalReceived | Self::PlanAdopted | Self::PlanAmended | Self::ReviewHeld => {
                TRACKS
            }
            Self::SignalAssessed => &[Q::Case, Q::Coordination, Q::NoCase],
            Self::ConfirmationEnded => &[Q::Refused, Q::Lapsed, Q::Superseded],
            Self::ReviewDue => &[
                Q::Unconfirmed,
                Q::UnderDelegation,
                Q::UnderRecusal,
                Q::ExpiredQualification,
                Q::EmergencyAct,
            ],
            Self::OrderServed => &[Q::Complete, Q::NoticeMissing, Q::NoticeWrong],
            Self::AppealFiled | Self::AppealForwarded | Self::AppealDecided => {
                &[Q::Placement, Q::Superior, Q::Court]
            }
            Self::CaseClosed => &[Q::Observed, Q::Unobserved],
            _ => &[],
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    /// What.
    pub name: Name,
    /// More closely.
    pub qualifier: Option<Qualifier>,
    /// When it happened, as its statement says; seconds since 1970 UTC.
    pub at: i64,
    /// The hash of the statement by which it is known.
    pub by: Digest,
    /// What it concerns: the act or thing, mostly by the hash of its statement.
    pub subject: Digest,
    /// What else it concerns. It does to clocks about that what it does to clocks about its subject; but
    /// what it starts is about its subject.
    pub also: [Option<Digest>; 2],
    /// It concerns every clock of a rule in the file, whatever that clock's subject.
    pub of_whole: bool,
    /// The due date that it states, as the first second that is too late, since 1970 UTC.
    pub due: Option<i64>,
    /// Its statement stands in a protected stream.
    pub protected: bool,
    /// It happened when its statement was recorded: no correction of what that states moves it.
    pub recorded: bool,
}

impl Occasion {
    /// One that concerns its own statement, and states nothing more.
    #[must_use]
    pub const fn new(name: Name, at: i64, by: Digest) -> Self {
        Self {
            name,
            qualifier: None,
            at,
            by,
            subject: by,
            also: [None; 2],
            of_whole: false,
            due: None,
            protected: false,
            recorded: false,
        }
    }

    /// With this qualifier.
    #[must_use]
    pub const fn qualified(self, qualifier: Qualifier) -> Self {
        Self { qualifier: Some(qualifier), ..self }
    }

    /// About something else than its own statement.
    #[must_use]
    pub const fn about(self, subject: Digest) -> Self {
        Self { subject, ..self }
    }

    /// About these too.
    #[must_use]
    pub const fn and_about(self, also: [Option<Digest>; 2]) -> Self {
        Self { also, ..self }
    }

    /// Everything that it is about.
    pub(super) fn subjects(&self) -> impl Iterator<Item = &Digest> {
        std::iter::once(&self.subject).chain(self.also.iter().flatten())
    }

    /// About the whole file.
    #[must_use]
    pub const fn of_whole(self) -> Self {
        Self { of_whole: true, ..self }
    }

    /// Stating a due date: the first second that is too late, since 1970 UTC.
    #[must_use]
    pub const fn due(self, due: i64) -> Self {
        Self { due: Some(due), ..self }
    }

    /// From a protected stream.
    #[must_use]
    pub const fn protected(self) -> Self {
        Self { protected: true, ..self }
    }

    /// Happening when its statement is recorded.
    #[must_use]
    pub const fn recorded(self) -> Self {
        Self { recorded: true, ..self }
    }
}

/// What a clock listens to: occasions of a name, all or of one qualifier. In a profile
/// `signal-received`, or `signal-received.coordination`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trigger {
    /// The name.
    pub name: Name,
    /// Just this qualifier; `None`: any or none.
    pub qualifier: Option<Qualifier>,
}

impl Trigger {
    /// Is this such an occasion?
    #[must_use]
    pub fn hears(&self, occasion: &Occasion) -> bool {
        self.name == occasion.name
            && (self.qualifier.is_none() || self.qualifier == occasion.qualifier)
    }
}
