//! Who is who in the office, and in the one in the next region.

use letopis_proto::statement::v1::{self as proto, Role, fact::Kind};
use letopis_types::{StreamKey, StreamKind};

use crate::act::{Act, now, stream};
use crate::office::{Office, Term};

/// ДСП „Север“, in region 1.
pub(crate) const NORTH: [u8; 16] = *b"agency-north-dsp";
/// ДСП „Юг“, in region 2.
pub(crate) const SOUTH: [u8; 16] = *b"agency-south-dsp";
/// Дневен център, to which the family was referred.
pub(crate) const CENTRE: [u8; 16] = *b"provider-day-cen";
/// Another provider.
pub(crate) const OTHER_CENTRE: [u8; 16] = *b"provider-other-x";

/// The case that most of the table is about.
pub(crate) const CASE: StreamKey = stream(StreamKind::Case, *b"invented-case-01");
/// What of it must not even be known to exist.
pub(crate) const PROTECTED: StreamKey = stream(StreamKind::Protected, *b"invented-case-01");
/// A case that was closed.
pub(crate) const CLOSED: StreamKey = stream(StreamKind::Case, *b"invented-case-02");
/// A case that went from north to south.
pub(crate) const TRANSFERRED: StreamKey = stream(StreamKind::Case, *b"invented-case-03");
/// A case of the south.
pub(crate) const SOUTHERN: StreamKey = stream(StreamKind::Case, *b"invented-case-04");
/// No such case.
pub(crate) const NOWHERE: StreamKey = stream(StreamKind::Case, *b"invented-case-99");
/// The signal from which [`CASE`] came.
pub(crate) const SIGNAL: StreamKey = stream(StreamKind::Signal, *b"invented-sign-01");
/// A complaint about [`CASE`], whose handler was not told who gave the signal.
pub(crate) const COMPLAINT: StreamKey = stream(StreamKind::Complaint, *b"invented-comp-01");
/// Another one, whose handler was.
pub(crate) const GRAVE: StreamKey = stream(StreamKind::Complaint, *b"invented-comp-02");

impl Office {
    /// Everybody but those whose roles come from others.
    pub(crate) async fn staff(&mut self) {
        let north = Term { agency: Some(NORTH), region: Some(1), until: None };
        let south = Term { agency: Some(SOUTH), region: Some(2), until: None };
        let centre = Term { agency: Some(CENTRE), ..Term::default() };
        let other_centre = Term { agency: Some(OTHER_CENTRE), ..Term::default() };
        let at_large = Term::default();
        let region = |number| Term { region: Some(number), ..Term::default() };
        let staff = [
            ("SW/lead", Role::SocialWorker, north),
            ("SW/team", Role::SocialWorker, north),
            ("SW/intake", Role::SocialWorker, north),
            ("SW/colleague", Role::SocialWorker, north),
            ("SW/conflicted", Role::SocialWorker, north),
            ("SW/recused", Role::SocialWorker, north),
            ("SW/closed-lead", Role::SocialWorker, north),
            ("SW/former-lead", Role::SocialWorker, north),
            ("SW/new-lead", Role::SocialWorker, south),
            ("SW/south-lead", Role::SocialWorker, south),
            ("SW/granted", Role::SocialWorker, south),
            ("SW/granted-V", Role::SocialWorker, south),
            ("SW/grant-over", Role::SocialWorker, south),
            ("SW/grant-revoked", Role::SocialWorker, south),
            ("SW/glass", Role::SocialWorker, south),
            ("SW/glass-closed", Role::SocialWorker, south),
            ("MDT/team", Role::TeamMember, at_large),
            ("MDT/outside", Role::TeamMember, at_large),
            ("MDT/closed-team", Role::TeamMember, at_large),
            ("MDT/shared", Role::TeamMember, at_large),
            ("HD/north", Role::HeadOfDepartment, north),
            ("HD/south", Role::HeadOfDepartment, south),
            ("HD/south-other", Role::HeadOfDepartment, south),
            ("DIR/north", Role::Director, north),
            ("DIR/south", Role::Director, south),
            ("DEP/north", Role::Deputy, north),
            ("DUT/north", Role::DutyOfficer, north),
            ("DUT/glass", Role::DutyOfficer, south),
            ("SUP/north", Role::Supervisor, north),
            ("SUP/south", Role::Supervisor, south),
            ("SUP/conflicted", Role::Supervisor, north),
            ("SPR/north", Role::Superior, region(1)),
            ("SPR/south", Role::Superior, region(2)),
            ("PRV/referred", Role::Provider, centre),
            ("PRV/other", Role::Provider, other_centre),
            ("CH/handler", Role::ComplaintHandler, at_large),
            ("CH/reporter-granted", Role::ComplaintHandler, at_large),
            ("CH/other", Role::ComplaintHandler, at_large),
            ("AUD/ordered", Role::Auditor, at_large),
            ("AUD/plain", Role::Auditor, at_large),
            ("RES/researcher", Role::Researcher, at_large),
            ("CLERK/north", Role::Clerk, north),
            ("CLERK/south", Role::Clerk, south),
        ];
        for (name, role, term) in staff {
            self.enrol(name, role, term).await;
        }
        self.people.insert("REG/registrar".to_owned(), self.registrars[2].clone());
        self.stand_in().await;
    }

    /// Somebody who stands in for the head of the north, and has no role besides.
    async fn stand_in(&mut self) {
        let name = "HD/stand-in";
        self.enrol_actor(name).await;
        let fact = proto::RoleDelegated {
            from_seconds: now() - 60,
            until_seconds: now() + 86_400,
            kinds: Vec::new(),
        };
        let act = Act::new(self.own_stream(name), Kind::RoleDelegated(fact));
        let grant = self.by(&act, &["HD/north"]).await;
        self.act_under(name, *grant.statement_hash());
        self.enrol_token_key(name).await;
    }
}
