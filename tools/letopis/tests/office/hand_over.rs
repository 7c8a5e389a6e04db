//! A lead's cases go to another: signed by both, or by the head first and accepted later.

use std::path::Path;
use std::sync::Arc;

use letopis_client::Identity;
use letopis_proto::statement::v1 as proto;
use letopis_proto::statement::v1::fact::Kind;
use letopis_types::{StreamId, StreamKey, StreamKind};

use crate::recording::{agency_of, connect, identity, open_cases, record};
use crate::support::{Office, Said, letopis};

const CHECKED: [&str; 2] = ["--checked", "Измислена писмена декларация и справка."];

/// The office with two further social workers and open cases: three led by `worker`, one by `third`.
struct Department {
    office: Office,
    /// Of `worker`.
    cases: Vec<String>,
    /// Of `third`.
    other: String,
}

impl Department {
    fn open() -> Self {
        let office = Office::open();
        let agency = agency_of(&office);
        for name in ["second", "third"] {
            let (out, named) = (office.key(name), format!("{name}: Измислен Примеров"));
            let registrars = [1, 2].map(|n| format!("{}/keys/registrar-{n}.key", office.root()));
            let role = ["--role", "social-worker", "--agency", &agency];
            let keys = ["--key", &registrars[0], "--key", &registrars[1]];
            let enrol = ["actor", "enrol", "--out", &out, "--name", &named];
            office.run(&[&enrol[..], &role, &keys].concat()).good();
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let leads = ["worker", "worker", "worker", "third"];
        let mut cases = runtime.block_on(open_cases(&office, &agency, &leads));
        let other = cases.pop().unwrap();
        Self { office, cases, other }
    }

    /// `letopis case hand-over` of the cases of `from`, with the keys of these.
    fn hand_over(&self, from: &str, to: &str, who: &[&str], more: &[&str]) -> Said {
        self.hand_over_asked(from, to, who, more, "")
    }

    fn hand_over_asked(
        &self,
        from: &str,
        to: &str,
        who: &[&str],
        more: &[&str],
        answer: &str,
    ) -> Said {
        let (from, to) = (self.office.actor(from), self.office.actor(to));
        let keys: Vec<_> = who.iter().map(|who| self.office.key(who)).collect();
        let keys: Vec<_> = keys.iter().flat_map(|key| ["--key", key.as_str()]).collect();
        let command = ["case", "hand-over", "--from", &from, "--to", &to];
        self.office.run_asked(&[&command[..], &CHECKED, &keys, more].concat(), answer)
    }

    fn accept(&self, file: &str, who: &str, answer: &str) -> Said {
        let key = self.office.key(who);
        let command = ["case", "accept-lead", file, "--lang", "bg", "--key", &key];
        self.office.run_asked(&command, answer)
    }

    fn may_read(&self, who: &str, case: &str) -> bool {
        self.office.run(&["file", "show", case, "--key", &self.office.key(who)]).ok
    }

    /// Declares a conflict of interests in a case.
    fn declare_conflict(&self, who: &str, case: &str) {
        let stream = StreamKey { kind: StreamKind::Protected, id: case.parse().unwrap() };
        let declared = Kind::ConflictDeclared(proto::ConflictDeclared {});
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let client = connect(&self.office).await;
            record(&client, &[&identity(&self.office, who)], stream, declared, None).await;
        });
    }

    /// Somebody's role is ended by a registrar.
    fn end_role(&self, who: &str) {
        let leaving = identity(&self.office, who);
        let registrar = format!("{}/keys/registrar-1.key", self.office.root());
        let registrar = Arc::new(Identity::read(Path::new(&registrar)).unwrap());
        let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(leaving.actor.0) };
        let ended = proto::RoleEnded { grant: leaving.grant.unwrap().0.to_vec() };
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let client = connect(&self.office).await;
            record(&client, &[&registrar], stream, Kind::RoleEnded(ended), None).await;
        });
    }

    /// What was recorded holds, every rule replayed.
    fn verify(mut self) {
        self.office.server.take().unwrap().stop();
        letopis(&["verify", "--data", &self.office.root()]).good();
    }
}

#[test]
fn cases_are_handed_over_with_both_keys() {
    let department = Department::open();
    let [first, second, conflicted] = department.cases.as_slice() else { panic!() };
    department.declare_conflict("second", conflicted);
    let both = ["head", "second"];
    let bg = ["--lang", "bg"];

    let no = department.hand_over_asked("worker", "second", &both, &bg, "не\n");
    assert!(no.bad().contains("не е подписано"), "{}", no.err);
    for said in ["случаи: 3\n", "подписва тук и с това приема", CHECKED[1], first, conflicted]
    {
        assert!(no.err.contains(said), "{said}\n{}", no.err);
    }
    assert!(!no.err.contains(&department.other), "{}", no.err);
    assert!(department.may_read("worker", first));

    // One is refused, and keeps none of the others back.
    let yes = department.hand_over_asked("worker", "second", &both, &bg, "да\n");
    assert!(yes.bad().contains("пуснете командата отново"), "{}", yes.err);
    assert!(yes.out.ends_with("вписани: 2; оставени: 0; отказани: 1\n"), "{}", yes.out);
    for case in [first, second] {
        assert!(yes.out.contains(&format!("{case}  вписано под номер ")), "{}", yes.out);
        assert!(department.may_read("second", case) && !department.may_read("worker", case));
    }
    assert!(yes.out.contains(&format!("{conflicted}  the ledger refused: ")), "{}", yes.out);
    assert!(department.may_read("worker", conflicted));
    assert!(department.may_read("third", &department.other));

    // Only what is left is asked about again; a rule's refusal is told in its own words.
    let out = department.office.path("refused");
    let later = ["--lang", "bg", "--yes", "--out", &out];
    let again = department.hand_over("worker", "second", &["head"], &later);
    assert!(again.bad().contains("отказани"), "{}", again.err);
    assert!(again.out.contains("водещият е обявил конфликт на интереси"), "{}", again.out);
    assert!(again.out.contains("\n      правило: case.lead-conflicted\n"), "{}", again.out);
    assert!(again.out.ends_with("вписани: 0; оставени: 0; отказани: 1\n"), "{}", again.out);
    assert!(!Path::new(&out).exists());
    department.hand_over("worker", "third", &["head", "third"], &["--yes"]).good();
    assert!(department.may_read("third", conflicted));
    let nothing = department.hand_over("worker", "third", &["head", "third"], &[]).good();
    assert!(nothing.starts_with("you see no open case that is led by "), "{nothing}");
    assert!(nothing.ends_with("\nrecorded: 0; left as they are: 0; refused: 0\n"), "{nothing}");
    department.verify();
}

#[test]
fn cases_that_are_handed_over_wait_for_the_new_lead() {
    let department = Department::open();
    let first = &department.cases[0];
    let nowhere = department.hand_over("worker", "second", &["head"], &["--yes"]);
    assert!(nowhere.bad().contains("--out for what they are to accept"), "{}", nowhere.err);
    let stranger = department.hand_over("worker", "second", &["head", "third"], &["--yes"]);
    assert!(stranger.bad().contains("leave the other key out"), "{}", stranger.err);

    let (out, again) = (department.office.path("out"), department.office.path("again"));
    let one = ["--yes", "--case", first, "--out", &out];
    let said = department.hand_over("worker", "second", &["head"], &one).good();
    assert!(said.contains(&format!("letopis case accept-lead {out} --key …")), "{said}");
    assert!(!department.may_read("second", first) && department.may_read("worker", first));
    let taken = department.hand_over("worker", "second", &["head"], &one);
    assert!(taken.bad().contains("is there already"), "{}", taken.err);
    // What waits goes on waiting, and is in the new file too.
    let rest = department.hand_over("worker", "second", &["head"], &["--yes", "--out", &again]);
    let rest = rest.good();
    assert!(rest.contains(&format!("{first}  waits for acceptance already\n")), "{rest}");
    assert!(rest.ends_with("recorded: 2; left as they are: 1; refused: 0\n"), "{rest}");

    let other = department.accept(&again, "third", "да\n");
    assert!(other.bad().contains("assigned to another"), "{}", other.err);
    let no = department.accept(&again, "second", "не\n");
    assert!(no.bad().contains("не е подписано"), "{}", no.err);
    assert!(no.err.contains(&format!("{first}  възложен от ")), "{}", no.err);
    let accepted = department.accept(&again, "second", "да\n").good();
    assert!(accepted.ends_with("вписани: 3; оставени: 0; отказани: 0\n"), "{accepted}");
    for case in &department.cases {
        assert!(department.may_read("second", case) && !department.may_read("worker", case));
    }
    let twice = department.accept(&out, "second", "").good();
    assert_eq!(twice, format!("{first}  вече е приет\nвписани: 0; оставени: 1; отказани: 0\n"));
    department.verify();
}

#[test]
fn a_new_assignment_takes_the_place_of_one_that_waits() {
    let department = Department::open();
    let (out, again) = (department.office.path("out"), department.office.path("again"));
    // Whoever has no role any more leads the cases all the same.
    department.end_role("worker");
    department.hand_over("worker", "second", &["head"], &["--yes", "--out", &out]).good();
    // The new lead is here after all, for one of them.
    let one = ["--case", &department.cases[0]];
    let both = ["head", "second"];
    let said = department.hand_over_asked("worker", "second", &both, &one, "yes\n");
    assert!(said.err.contains("in place of what waits for"), "{}", said.err);
    assert!(said.good().starts_with(&format!("{}  recorded as ", department.cases[0])));
    // The rest goes to somebody else, who is to accept; or to nobody.
    let one = ["--yes", "--case", &department.cases[1], "--out", &again];
    department.hand_over("worker", "third", &["head"], &one).good();
    let (worker, head) = (department.office.actor("worker"), department.office.key("head"));
    let nobody = ["case", "hand-over", "--from", &worker, "--nobody", "--json", "--key", &head];
    let nobody = [&nobody[..], &["--yes", "--case", &department.cases[2]]].concat();
    let told = || -> Vec<serde_json::Value> {
        let said = department.office.run(&nobody).good();
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let [of_case, sum] = &told()[..] else { panic!() };
    assert_eq!(of_case["case"], *department.cases[2]);
    assert_eq!(of_case["outcome"], "recorded");
    assert_eq!((&sum["recorded"], &sum["refused"]), (&1.into(), &0.into()));
    assert_eq!(told()[0]["because"], "not_led");

    // The first file is of no use any more.
    let late = department.accept(&out, "second", "да\n");
    assert!(late.bad().contains("пуснете командата отново"), "{}", late.err);
    assert!(late.out.contains(&format!("{}  вече е приет\n", department.cases[0])));
    assert!(late.out.contains("правило: signature.act-ended"), "{}", late.out);
    assert!(late.out.ends_with("вписани: 0; оставени: 1; отказани: 2\n"), "{}", late.out);
    department.accept(&again, "third", "да\n").good();
    assert!(department.may_read("third", &department.cases[1]));
    department.verify();
}
