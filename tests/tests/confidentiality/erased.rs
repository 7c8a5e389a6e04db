//! One section of forty is erased. A copy of the whole data directory opens nothing of it, whoever
//! has the key-encryption key; everything else opens, and all of it verifies.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use letopis_domain::Fact;
use letopis_proto::statement::v1::{self as proto, Purpose, Role, fact::Kind};
use letopis_tests::{copy_dir, verified};
use letopis_types::Class;
use letopis_vault::{Kek, rotate};

use crate::act::{Act, now};
use crate::cast::{CASE, NORTH};
use crate::office::{Office, Term};
use crate::stored::{At, SLOT, Stored};

/// Sections of each of the two events: an event has at most 32.
const SECTIONS: u32 = 20;

/// The one that is erased.
const ERASED: At = (CASE, 2, 7);

/// How long the server may take to record that the erasure is final.
const PATIENCE: Duration = Duration::from_secs(20);

fn says(version: u64, index: u32) -> String {
    format!("Измислено нещо {index} от събитие {version}")
}

fn twenty(mut act: Act, version: u64) -> Act {
    for index in 0..SECTIONS {
        let class = if index % 2 == 0 { Class::Normal } else { Class::Restricted };
        act = act.section(class, "text/1", &says(version, index));
    }
    act
}

/// A case of forty sections, and who may erase one of them.
async fn office() -> Office {
    let mut office = Office::open("erased").await;
    let north = Term { agency: Some(NORTH), region: Some(1), until: None };
    office.enrol("SW/lead", Role::SocialWorker, north).await;
    office.enrol("DIR/north", Role::Director, north).await;
    let fact = proto::CaseOpened { holder: NORTH.to_vec(), lead: office.actor("SW/lead").to_vec() };
    let opened = twenty(Act::new(CASE, Kind::CaseOpened(fact)), 1);
    office.by(&opened, &["SW/lead"]).await;
    let note = twenty(Act::new(CASE, Kind::NoteAdded(proto::NoteAdded {})), 2);
    office.by(&note, &["SW/lead"]).await;
    office
}

/// What the lead is given of the case, each section saying what it should; and what is withheld as
/// erased.
async fn given(office: &Office) -> (Vec<At>, Vec<At>) {
    let answer = office.sections("SW/lead", Purpose::CaseWork, CASE).await.unwrap();
    let given = answer.sections.iter().map(|section| {
        let said = std::str::from_utf8(section.content.as_deref().unwrap()).unwrap();
        let expected = says(section.version, section.index);
        assert!(said.starts_with(&format!("{expected} [")), "{said}, not {expected}");
        (CASE, section.version, section.index)
    });
    let erased = answer.withheld.iter().filter(|section| section.erased);
    let erased = erased.map(|section| (CASE, section.version, section.index));
    (given.collect(), erased.collect())
}

/// What would do to open a section again: its key, the slot in which that lies wrapped, and any 24
/// bytes in a row of the slot's nonce and wrapped key.
fn remains(slot: &[u8; SLOT], key: &[u8; 32]) -> Vec<Vec<u8>> {
    let secret = &slot[16..];
    let pieces = (0..=secret.len() - 16).step_by(8).map(|at| secret[at..at + 16].to_vec());
    pieces.chain([slot.to_vec(), key.to_vec()]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_section_of_forty_is_gone_from_every_copy() {
    let mut office = office().await;
    let data = office.trial.data.clone();
    assert_eq!(given(&office).await.0.len(), 2 * SECTIONS as usize);
    let before = data.with_file_name("before");
    copy_dir(&data, &before);
    let before = Stored::new(&office.trial, &before);
    let mut expected = before.sections();
    assert!(expected.values().all(|(_, opens)| *opens));
    let remains = remains(&before.slot(ERASED), &before.key(ERASED));
    let remains: Vec<&[u8]> = remains.iter().map(Vec::as_slice).collect();
    let found = before.files_with(&remains);
    assert!(found.iter().all(|path| path.ends_with("vault/block-0000000000")), "{found:?}");
    assert_eq!(found.len(), 1, "where it is, it is found");

    let (_, version, index) = ERASED;
    let what = proto::sections_erased::What::Section(proto::ErasedSection { version, index });
    let fact = proto::SectionsErased { what: Some(what) };
    let erase = Act::new(CASE, Kind::SectionsErased(fact));
    let erasure = office.by(&erase, &["DPO", "DIR/north"]).await;
    // At once, from the server that runs.
    let after = data.with_file_name("after");
    copy_dir(&data, &after);
    let after = Stored::new(&office.trial, &after);
    expected.get_mut(&ERASED).unwrap().1 = false;
    opens_all_but_the_erased(&after, &expected, &remains);

    // The operator exchanges the vault key, and the backups from before that expire: it is final.
    let launch = office.trial.launch().closed().with("--backup-days=1");
    let ledger = *office.client.ledger();
    let two_days_ago = u64::try_from(now()).unwrap() - 2 * 86_400;
    let exchange = || {
        let kek = Kek::read_file(&data.join("keys/vault.kek")).unwrap();
        rotate(&data.join("vault"), ledger, &kek, &kek, two_days_ago).unwrap();
    };
    let office = office.serve_as(&launch, exchange).await;
    let stored = Stored::new(&office.trial, &data);
    let completed = || {
        let completed = stored.facts(|fact| match fact {
            Fact::ErasureCompleted(completed) => Some(completed.erased),
            _ => None,
        });
        completed.into_iter().map(|(_, erased)| erased).collect::<Vec<_>>()
    };
    let began = Instant::now();
    while completed().is_empty() && began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(completed(), [*erasure.statement_hash()]);
    let last = data.with_file_name("final");
    copy_dir(&data, &last);
    opens_all_but_the_erased(&Stored::new(&office.trial, &last), &expected, &remains);

    let (given, erased) = given(&office).await;
    assert_eq!((given.len(), erased), (2 * SECTIONS as usize - 1, vec![ERASED]));
    let trial_data = office.trial.data.clone();
    let counted = expected.len();
    let trial = office.close();
    let said = verified(&trial_data);
    assert_eq!(said["sections_opened"], counted - 1);
    assert_eq!(said["sections_erased"], 1);
    if let Some(said) = Stored::new(&trial, &trial_data).by_python() {
        assert_eq!(said["verified"], true, "{said}");
        assert_eq!(
            (&said["sections_opened"], &said["sections_gone"]),
            (&(counted - 1).into(), &1.into())
        );
    }
}

#[track_caller]
fn opens_all_but_the_erased(
    copy: &Stored,
    expected: &BTreeMap<At, (Class, bool)>,
    remains: &[&[u8]],
) {
    assert_eq!(copy.files_with(remains), Vec::<std::path::PathBuf>::new());
    assert_eq!(&copy.sections(), expected);
}
