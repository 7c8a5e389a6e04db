//! The file, its signatures, and whoever changes it.

use proptest::prelude::*;

use super::*;
use crate::FileError;

const FOUND: &str = "Прочетох го; не го разпознавам. Измислена проверка.";

fn reviewed() -> Signed {
    let signed = signed();
    let line = signed.review_line(&key(2).public(), FOUND).unwrap();
    let reviewer = signature(2, Paper::DeidentifiedReview, &line);
    signed.reviewed(&line, reviewer).unwrap()
}

#[test]
fn it_goes_round_with_and_without_a_review() {
    let signed = signed();
    assert_eq!(Signed::parse(&signed.to_text()), Ok(signed.clone()));
    assert_eq!(signed.review(), Err(FileError::NotReviewed));
    let reviewed = reviewed();
    let read = Signed::parse(&reviewed.to_text()).unwrap();
    let (review, by) = read.review().unwrap();
    assert_eq!(
        (review.found.as_str(), *by, *read.author()),
        (FOUND, key(2).public(), key(1).public())
    );
    assert_eq!(review.document, signed.digest().to_string());
    assert_eq!(reviewed.to_text().lines().count(), 5);
}

#[test]
fn somebody_else_reviews_it_once_and_says_something() {
    let signed = signed();
    assert_eq!(signed.review_line(&key(1).public(), FOUND), Err(FileError::OwnReview));
    assert_eq!(signed.review_line(&key(2).public(), " \n"), Err(FileError::Empty));
    assert_eq!(reviewed().review_line(&key(3).public(), FOUND), Err(FileError::Reviewed));
    // Nor does the author sign what somebody else's program wrote.
    let line = signed.review_line(&key(2).public(), FOUND).unwrap();
    let own = signature(1, Paper::DeidentifiedReview, &line);
    assert_eq!(signed.clone().reviewed(&line, own), Err(FileError::OwnReview));
    let text = signed.to_text() + &format!("{line}\n{}:{}\n", own.key, own.signature);
    assert_eq!(Signed::parse(&text), Err(FileError::OwnReview));
}

#[test]
fn a_review_is_of_one_document() {
    let line = made("CaseOpened", Grain::Day).to_line().unwrap();
    let other = Signed::by_author(&line, signature(1, Paper::Deidentified, &line)).unwrap();
    let line = signed().review_line(&key(2).public(), FOUND).unwrap();
    let reviewer = signature(2, Paper::DeidentifiedReview, &line);
    assert_eq!(other.reviewed(&line, reviewer), Err(FileError::OtherDocument));
}

#[test]
fn a_signature_counts_for_what_it_was_made_for() {
    let line = made(CASE, Grain::Week).to_line().unwrap();
    let statement = key(1).sign_statement(line.as_bytes());
    let bare = key(1).sign(line.as_bytes());
    let review = key(1).sign_paper(Paper::DeidentifiedReview, line.as_bytes());
    for signature in [statement, bare, review] {
        let author = Signature { key: key(1).public(), signature };
        let refused = Signed::by_author(&line, author);
        assert!(matches!(refused, Err(FileError::Signature { whose: "author's", .. })));
    }
    let signed = signed();
    let line = signed.review_line(&key(2).public(), FOUND).unwrap();
    let document = signature(2, Paper::Deidentified, &line);
    let refused = signed.reviewed(&line, document);
    assert!(matches!(refused, Err(FileError::Signature { whose: "reviewer's", .. })));
}

#[test]
fn other_texts_are_none() {
    let text = reviewed().to_text();
    let upper =
        text.replacen(&key(1).public().to_string(), &key(1).public().to_string().to_uppercase(), 1);
    let others =
        ["", "\n", text.trim_end(), &format!("{text}\n"), &text.replace('\n', "\r\n"), &upper];
    for other in others {
        assert!(Signed::parse(other).is_err(), "{other}");
    }
    assert!(Signed::parse(&"x".repeat(crate::FILE_BYTES_MAX + 1)).is_err());
}

proptest! {
    #[test]
    fn any_change_is_found(at in any::<prop::sample::Index>(), with in any::<char>()) {
        let text = reviewed().to_text();
        let mut chars: Vec<_> = text.chars().collect();
        let at = at.index(chars.len());
        prop_assume!(chars[at] != with);
        chars[at] = with;
        let changed: String = chars.into_iter().collect();
        prop_assert!(Signed::parse(&changed).is_err());
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        let _ = Signed::parse(&text);
        let _ = Signed::parse(&format!("letopis.deidentified.v1\n{text}\n{text}\n"));
    }
}
