//! `deidentified`: the file of a de-identified case, with and without its review, and files that are none.

use letopis_crypto::sign::Paper;
use letopis_deidentified::{Grain, Past, Signature, Signed, Wishes, make};
use letopis_proto::accountability::v1 as pb;
use letopis_proto::statement::v1::{self as proto, fact::Kind};
use letopis_types::{ActorId, StreamKind};
use prost::Message as _;
use serde_json::json;

use super::invented as i;
use super::{invalid, valid};
use crate::Vector;

const FOUND: &str = "Измислен преглед: \"нищо\" не се разпознава.\nInvented.";

/// An invented case of two events, in one document.
fn line(grain: Grain) -> String {
    let of_case = i::stream(StreamKind::Case, 0xca);
    let opened = proto::CaseOpened { holder: vec![0xa0; 16], lead: i::actor(i::WORKER) };
    let visited = proto::VisitRecorded { child_seen_alone: true };
    let events = [Kind::CaseOpened(opened), Kind::VisitRecorded(visited)];
    let past: Vec<_> = (1..)
        .zip(events)
        .map(|(byte, kind)| {
            let signers = vec![i::signer(i::WORKER, &[6; 32])];
            let statement = i::statement(byte, of_case.clone(), signers, kind).encode_to_vec();
            let started_by = letopis_crypto::hash::statement_hash(&statement).0.to_vec().into();
            let clock = pb::Clock {
                file: of_case.clone(),
                name: "assessment".to_owned(),
                started_by,
                started_at: 1_800_000_000,
                due: 1_800_000_000 + 28 * 86_400,
                reading: pb::ClockReading::Running.into(),
                ..pb::Clock::default()
            };
            let authors = vec![(ActorId([i::WORKER; 16]), proto::Role::SocialWorker as u32)];
            Past { statement, authors, clocks: vec![clock], ..Past::default() }
        })
        .collect();
    let introduction = "Измислен случай / An invented case: \\ \u{1f4dc}\nвторо";
    let wishes = Wishes { grain, left_out: &["TeamMet".to_owned()], introduction, random: 7 };
    make(&past, &wishes).unwrap().to_line().unwrap()
}

fn sign(seed: u8, paper: Paper, line: &str) -> Signature {
    let key = i::secret(seed);
    Signature { key: key.public(), signature: key.sign_paper(paper, line.as_bytes()) }
}

fn written(one: &Signature) -> String {
    format!("{}:{}", one.key, one.signature)
}

/// By the worker.
fn signed(grain: Grain) -> Signed {
    let line = line(grain);
    Signed::by_author(&line, sign(i::WORKER, Paper::Deidentified, &line)).unwrap()
}

pub(super) fn vectors() -> Vec<Vector> {
    let [reviewer, another, _] = i::REGISTRARS;
    let week = signed(Grain::Week);
    let review = week.review_line(&i::public(reviewer), FOUND).unwrap();
    let by = sign(reviewer, Paper::DeidentifiedReview, &review);
    let reviewed = week.clone().reviewed(&review, by).unwrap().to_text();
    let unreviewed = week.to_text();

    let document = line(Grain::Week);
    let of_statement = i::secret(i::WORKER).sign_statement(document.as_bytes());
    let of_statement = Signature { key: i::public(i::WORKER), signature: of_statement };
    let own = sign(i::WORKER, Paper::DeidentifiedReview, &review);
    let spaced = document.replacen("\":", "\": ", 1);
    let spaced_by = sign(i::WORKER, Paper::Deidentified, &spaced);
    let other_review = signed(Grain::Day).review_line(&i::public(another), FOUND).unwrap();
    let other_by = sign(another, Paper::DeidentifiedReview, &other_review);
    let head = "letopis.deidentified.v1";
    let author = written(&sign(i::WORKER, Paper::Deidentified, &document));

    let file = |text: &str| json!({ "file": text });
    let good = |what, text: &str| valid("deidentified", what, file(text));
    let bad = |what, fault, text: &str| invalid("deidentified", what, fault, file(text));
    vec![
        good("reviewed", &reviewed),
        good("unreviewed", &unreviewed),
        bad("document-changed", "signature_invalid", &unreviewed.replacen("yes", "no", 1)),
        bad(
            "review-changed",
            "signature_invalid",
            &reviewed.replacen("не се разпознава", "се разпознава", 1),
        ),
        bad(
            "signed-as-a-statement",
            "signature_invalid",
            &format!("{head}\n{document}\n{}\n", written(&of_statement)),
        ),
        bad(
            "written-with-a-space",
            "writing",
            &format!("{head}\n{spaced}\n{}\n", written(&spaced_by)),
        ),
        bad("own-review", "own_review", &format!("{unreviewed}{review}\n{}\n", written(&own))),
        bad(
            "review-of-another",
            "other_document",
            &format!("{unreviewed}{other_review}\n{}\n", written(&other_by)),
        ),
        bad("no-last-line-feed", "form", unreviewed.trim_end()),
        bad(
            "signature-in-upper-case",
            "form",
            &unreviewed.replacen(&author, &author.to_uppercase(), 1),
        ),
        bad("a-review-without-signature", "form", &format!("{unreviewed}{review}\n")),
    ]
}
