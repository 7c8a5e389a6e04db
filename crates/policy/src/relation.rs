//! What ties a caller to a stream.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// What ties a caller to a stream, as a set of flags. Whoever asks finds them out from the state at
/// the sequence of the reading or append; a policy sees them and no ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Relation(u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $attribute:literal;)*) => {
        impl Relation {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*

            /// Each flag with the name that it has in the schema.
            pub const ALL: &[(Self, &str)] = &[$((Self::$name, $attribute),)*];
        }
    };
}

flags! {
    /// The stream exists.
    EXISTS = 0, "exists";
    /// Lead of the case; of a signal: of the case that came of it.
    LEAD = 1, "lead";
    /// Member of the case's team.
    TEAM = 2, "team";
    /// The agency of the caller's grant holds the case, or the signal; of a complaint: the case
    /// that it is about.
    OWN_AGENCY = 3, "own_agency";
    /// The caller's grant names no agency: it is for all.
    EVERY_AGENCY = 4, "every_agency";
    /// The caller's grant covers the region of the case.
    OWN_REGION = 5, "own_region";
    /// The agency of the caller's grant cooperates in the case, or a transfer to it is proposed.
    COOPERATING = 6, "cooperating";
    /// The agency of the caller's grant held the case before; it was transferred away.
    FORMER_AGENCY = 7, "former_agency";
    /// A referral or a sharing in force lists exactly this section for the caller or its agency;
    /// where no section is asked for: anything of the stream.
    SHARED = 8, "shared";
    /// An AccessGranted in force covers class and purpose for this caller; where no section is
    /// asked for: any class.
    GRANTED = 9, "granted";
    /// An AccessGranted in force, by data protection officer and superior, opens the reporter's
    /// identity to this caller for a complaint about the case.
    REPORTER_GRANTED = 10, "reporter_granted";
    /// The caller's emergency access to the case is open and covers the class; where no section is
    /// asked for: any class.
    BREAK_GLASS = 11, "break_glass";
    /// The caller is the assigned handler of a complaint about the case, or of this complaint.
    HANDLER = 12, "handler";
    /// An inspection's order in force covers case, class and caller.
    INSPECTION = 13, "inspection";
    /// The caller declared a conflict of interests in the case.
    CONFLICTED = 14, "conflicted";
    /// The caller signed this event.
    AUTHOR = 15, "author";
    /// The case is closed.
    CLOSED = 16, "closed";
    /// It is the caller's own actor stream.
    SUBJECT = 17, "subject";
    /// The kind that is appended is an urgent one.
    URGENT = 18, "urgent";
    /// The caller received the signal or was assigned it; took down the complaint.
    INTAKE = 19, "intake";
    /// Somebody complained about the case; of a signal: about the case that came of it; it is a
    /// complaint.
    COMPLAINED = 20, "complained";
}

impl Relation {
    /// No tie at all, to what does not even exist.
    pub const NONE: Self = Self(0);

    /// Whether all of these flags are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// These flags if the condition holds, otherwise none: `Relation::LEAD.when(is_lead)`.
    #[must_use]
    pub const fn when(self, holds: bool) -> Self {
        if holds { self } else { Self::NONE }
    }

    /// All but these flags.
    #[must_use]
    pub const fn without(self, flags: Self) -> Self {
        Self(self.0 & !flags.0)
    }
}

impl BitOr for Relation {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Relation {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl fmt::Debug for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = Self::ALL.iter().filter(|(flag, _)| self.contains(*flag));
        f.debug_set().entries(set.map(|(_, name)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_apart_and_combine() {
        let all = Relation::ALL.iter().fold(Relation::NONE, |sum, (flag, name)| {
            assert_eq!(sum.without(*flag), sum, "{name} shares its bit");
            sum | *flag
        });
        assert!(all.contains(Relation::LEAD | Relation::INTAKE));
        assert!(!all.without(Relation::LEAD).contains(Relation::LEAD | Relation::INTAKE));
        assert_eq!(Relation::LEAD.when(false) | Relation::TEAM.when(true), Relation::TEAM);
        assert_eq!(format!("{:?}", Relation::TEAM | Relation::LEAD), r#"{"lead", "team"}"#);
    }
}
