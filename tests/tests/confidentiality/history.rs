//! What happened in the office's cases: one section of every kind that the table asks about.

use std::time::Duration;

use letopis_client::Recorded;
use letopis_proto::statement::v1::{self as proto, Relation, Role, fact::Kind};
use letopis_types::{Class, Digest, StreamKey};

use crate::act::{Act, access_granted, break_glass, listed, now};
use crate::cast::{
    CASE, CENTRE, CLOSED, COMPLAINT, GRAVE, NORTH, PROTECTED, SIGNAL, SOUTH, SOUTHERN, TRANSFERRED,
};
use crate::office::{Office, Term, actor_of};

use Class::{Normal as N, Restricted as R, VeryRestricted as V};

/// A section by the table's name for it.
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) stream: StreamKey,
    pub(crate) version: u64,
    pub(crate) index: u32,
}

/// What is where.
pub(crate) struct History {
    sections: Vec<Named>,
    /// When the last of the terms that end during the set-up has ended, seconds since 1970.
    pub(crate) over_at: i64,
    /// The signal's and the case's first statement, for references.
    signal: Digest,
    opened: Digest,
}

impl History {
    const fn new() -> Self {
        Self { sections: Vec::new(), over_at: 0, signal: Digest::ZERO, opened: Digest::ZERO }
    }

    fn put(&mut self, stream: StreamKey, recorded: &Recorded, names: &[&'static str]) {
        for (index, name) in (0..).zip(names) {
            let version = recorded.version.0;
            self.sections.push(Named { name, stream, version, index });
        }
    }

    pub(crate) fn find(&self, stream: StreamKey, name: &str) -> &Named {
        let is = |named: &&Named| named.stream == stream && named.name == name;
        self.sections.iter().find(is).unwrap_or_else(|| panic!("no {name} in {stream:?}"))
    }
}

impl Office {
    /// Plays all of it.
    pub(crate) async fn history(&mut self) -> History {
        let mut history = History::new();
        self.signal(&mut history).await;
        self.case(&mut history).await;
        self.conflicts(&mut history).await;
        self.complaints(&mut history).await;
        self.other_cases(&mut history).await;
        self.sharing(&history).await;
        self.inspection().await;
        self.emergencies(&mut history).await;
        self.terms(&mut history).await;
        history
    }

    async fn signal(&mut self, history: &mut History) {
        let fact = proto::SignalReceived {
            channel: proto::SignalChannel::Hotline.into(),
            children: vec![b"invented-child-1".to_vec()],
            track: proto::Track::General.into(),
            anonymous: false,
        };
        let act = Act::new(SIGNAL, Kind::SignalReceived(fact))
            .section(R, "text/1", "Съседка съобщава, че детето е оставяно само нощем")
            .section(V, "reporter/1", "Подателка: Измислена Съседкова, тел. 0000");
        let done = self.by(&act, &["SW/intake"]).await;
        history.put(SIGNAL, &done, &["R/text", "V/reporter"]);
        history.signal = *done.statement_hash();
    }

    async fn case(&mut self, history: &mut History) {
        let fact =
            proto::CaseOpened { holder: NORTH.to_vec(), lead: self.actor("SW/lead").to_vec() };
        let act = Act::new(CASE, Kind::CaseOpened(fact))
            .refers(Relation::BasedOn, SIGNAL, history.signal)
            .section(N, "text/1", "Открит случай по сигнал от горещата линия")
            .section(R, "text/1", "Риск: детето остава само нощем");
        let done = self.by(&act, &["SW/lead"]).await;
        history.put(CASE, &done, &["N/text", "R/text"]);
        history.opened = *done.statement_hash();

        let members =
            ["SW/team", "MDT/team", "SW/conflicted", "SW/expired"].map(|name| actor_of(name).0);
        let team = team(&members);
        self.by(&Act::new(CASE, team), &["SW/lead"]).await;

        let act = Act::new(CASE, Kind::PersonLinked(proto::PersonLinked {})).section(
            R,
            "third-person/1",
            "Нов партньор на майката: Измислен Партньоров",
        );
        let done = self.by(&act, &["SW/lead"]).await;
        history.put(CASE, &done, &["R/third-person"]);

        let fact = proto::ChildHeard { age_band: proto::AgeBand::AgeBand10To13.into() };
        let act = Act::new(CASE, Kind::ChildHeard(fact)).section(
            V,
            "child-words/1",
            "„Страх ме е нощем, когато съм сам“",
        );
        let done = self.by(&act, &["SW/lead"]).await;
        history.put(CASE, &done, &["V/child-words"]);

        let placed = Kind::EmergencyPlacementOrdered(proto::EmergencyPlacementOrdered {
            age_band: proto::AgeBand::Unknown.into(),
        });
        let act = Act::new(CASE, placed).section(
            V,
            "place/1",
            "Настанено у измислена приемна майка, ул. Никоя 0",
        );
        let done = self.by(&act, &["DIR/north"]).await;
        history.put(CASE, &done, &["V/place"]);

        let supervised = Act::new(CASE, Kind::NoteAdded(proto::NoteAdded {})).section(
            V,
            "supervision/1",
            "Работещата се чувства изчерпана от случая",
        );
        let done = self.by(&supervised, &["SUP/north", "SW/team"]).await;
        history.put(CASE, &done, &["V/supervision"]);

        let note = Act::new(CASE, Kind::NoteAdded(proto::NoteAdded {}))
            .section(V, "text/1", "Данни за осиновяване на брата")
            .section(V, "reporter/1", "Сигналът е подаден от Измислена Съседкова");
        let done = self.by(&note, &["SW/intake"]).await;
        history.put(CASE, &done, &["V/text", "V/reporter"]);
    }

    async fn conflicts(&mut self, history: &mut History) {
        let declared = Kind::ConflictDeclared(proto::ConflictDeclared {});
        let act = Act::new(PROTECTED, declared.clone()).section(
            V,
            "text/1",
            "Работещият е братовчед на бащата",
        );
        let done = self.by(&act, &["SW/conflicted"]).await;
        history.put(PROTECTED, &done, &["V/text"]);
        for (name, words) in [
            ("SUP/conflicted", "Супервизорката е кума на семейството"),
            ("SW/recused", "Работещата е съседка на семейството"),
        ] {
            let act = Act::new(PROTECTED, declared.clone()).section(V, "text/1", words);
            self.by(&act, &[name]).await;
        }
    }

    async fn complaints(&mut self, history: &mut History) {
        for (complaint, handler) in [(COMPLAINT, "CH/handler"), (GRAVE, "CH/reporter-granted")] {
            let act = Act::new(complaint, Kind::ComplaintLodged(proto::ComplaintLodged {}))
                .refers(Relation::ComplainsOf, CASE, history.opened)
                .section(R, "text/1", "Оплаква се, че майката не е изслушана")
                .section(V, "text/1", "Жалбоподателка: Измислена Майкова");
            let done = self.by(&act, &[handler]).await;
            history.put(complaint, &done, &["R/text", "V/text"]);
            let handler_id = self.actor(handler).to_vec();
            let fact = proto::HandlerAssigned { handler: handler_id };
            let act = Act::new(complaint, Kind::HandlerAssigned(fact)).section(
                N,
                "text/1",
                "Не е участвала в случая",
            );
            self.by(&act, &["SPR/north"]).await;
        }
        let granted = |reader| access_granted(reader, &[V], now() + 86_400, Some(GRAVE.id.0));
        for stream in [SIGNAL, CASE] {
            let act = Act::new(stream, granted(self.actor("CH/reporter-granted")));
            self.by(&act, &["DPO", "SPR/north"]).await;
        }
    }

    async fn other_cases(&mut self, history: &mut History) {
        let lead = |office: &Self, name| office.actor(name).to_vec();
        let opened = [
            (CLOSED, NORTH, "SW/closed-lead"),
            (TRANSFERRED, NORTH, "SW/former-lead"),
            (SOUTHERN, SOUTH, "SW/south-lead"),
        ];
        for (case, holder, name) in opened {
            let fact = proto::CaseOpened { holder: holder.to_vec(), lead: lead(self, name) };
            let act = Act::new(case, Kind::CaseOpened(fact))
                .section(N, "text/1", "Открит случай")
                .section(R, "text/1", "Риск от изоставяне")
                .section(V, "child-words/1", "„Искам при баба“");
            let done = self.by(&act, &[name]).await;
            history.put(case, &done, &["N/text", "R/text", "V/child-words"]);
        }
        let members = team(&[self.actor("MDT/closed-team")]);
        self.by(&Act::new(CLOSED, members), &["SW/closed-lead"]).await;
        let closed = Act::new(
            CLOSED,
            Kind::CaseClosed(proto::CaseClosed {
                age_band: proto::AgeBand::Unknown.into(),
                ..Default::default()
            }),
        )
        .section(R, "text/1", "Рискът е преодолян");
        self.by(&closed, &["SW/closed-lead", "HD/north", "DIR/north"]).await;

        let proposed = Kind::TransferProposed(proto::TransferProposed { to: SOUTH.to_vec() });
        let done = self.by(&Act::new(TRANSFERRED, proposed), &["HD/north"]).await;
        let proposed = done.statement_hash().0.to_vec();
        let accepted = Kind::TransferAccepted(proto::TransferAccepted { proposed });
        self.by(&Act::new(TRANSFERRED, accepted), &["HD/south"]).await;
        let fact = proto::LeadAssigned { lead: lead(self, "SW/new-lead") };
        self.by(&Act::new(TRANSFERRED, Kind::LeadAssigned(fact)), &["HD/south"]).await;
    }

    async fn sharing(&mut self, history: &History) {
        let normal = history.find(CASE, "N/text").version;
        let fact = proto::ServiceReferred { provider: CENTRE.to_vec(), shared: listed(normal, 0) };
        self.by(&Act::new(CASE, Kind::ServiceReferred(fact)), &["DIR/north"]).await;
        let restricted = history.find(CASE, "R/text");
        let fact = proto::InformationShared {
            receiver: self.actor("MDT/shared").to_vec(),
            shared: listed(restricted.version, restricted.index),
            until_seconds: None,
        };
        let act = Act::new(CASE, Kind::InformationShared(fact)).section(
            N,
            "text/1",
            "Необходимо за училищния психолог",
        );
        self.by(&act, &["SW/lead"]).await;
    }

    async fn inspection(&mut self) {
        let fact = proto::InspectionOpened {
            auditors: vec![self.actor("AUD/ordered").to_vec()],
            agency: NORTH.to_vec(),
            cases: Vec::new(),
            classes: vec![N as i32, R as i32],
            until_seconds: now() + 86_400,
        };
        let act = Act::new(StreamKey::ROOT, Kind::InspectionOpened(fact));
        self.by(&act, &["AUD/ordered"]).await;
    }

    async fn emergencies(&mut self, history: &mut History) {
        let act = |classes: &[Class]| {
            Act::new(CASE, break_glass(classes, now() + 3600)).section(
                N,
                "danger/1",
                "Бащата заплашва да отведе детето тази нощ",
            )
        };
        let done = self.by(&act(&[R]), &["SW/glass"]).await;
        history.put(CASE, &done, &["N/danger"]);
        self.by(&act(&[N, R, V]), &["DUT/glass"]).await;
        self.by(&act(&[R]), &["SW/recused"]).await;
        let done = self.by(&act(&[R]), &["SW/glass-closed"]).await;
        let opened = done.statement_hash().0.to_vec();
        let closed = Kind::BreakGlassClosed(proto::BreakGlassClosed { opened });
        self.by(&Act::new(CASE, closed), &["SW/glass-closed"]).await;
    }

    /// Grants of access, and what ends by itself.
    async fn terms(&mut self, history: &mut History) {
        let tomorrow = now() + 86_400;
        for (name, classes) in [("SW/granted", &[R][..]), ("SW/granted-V", &[R, V])] {
            let act = Act::new(CASE, access_granted(self.actor(name), classes, tomorrow, None));
            self.by(&act, &["HD/north"]).await;
        }
        let reader = self.actor("SW/grant-revoked");
        let act = Act::new(CASE, access_granted(reader, &[N, R], tomorrow, None));
        let granted = self.by(&act, &["HD/north"]).await.statement_hash().0.to_vec();
        let revoked = Kind::AccessRevoked(proto::AccessRevoked { granted });
        self.by(&Act::new(CASE, revoked), &["HD/north"]).await;

        history.over_at = now() + 10;
        let north = Term { agency: Some(NORTH), region: Some(1), until: Some(history.over_at) };
        self.enrol("SW/expired", Role::SocialWorker, north).await;
        let reader = self.actor("SW/grant-over");
        let act = Act::new(CASE, access_granted(reader, &[N, R], history.over_at, None));
        self.by(&act, &["HD/north"]).await;
        while now() <= history.over_at {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn team(members: &[[u8; 16]]) -> Kind {
    let mut members: Vec<_> = members.iter().map(|id| id.to_vec()).collect();
    members.sort();
    let mechanism = proto::Mechanism::Multidisciplinary.into();
    Kind::TeamConvened(proto::TeamConvened { mechanism, members })
}
