//! The file that is handed on: the document, its author's signature, the review, the reviewer's signature.
//!
//! Text in UTF-8 with LF: a line that names the format, the document in a line, `PUBLIC-KEY:SIGNATURE` in
//! hex; once it is reviewed, the review in a line, and the reviewer's `PUBLIC-KEY:SIGNATURE`. Nothing else.

use letopis_crypto::sign::{Paper, verify};
use letopis_types::{Digest, PublicKey, SignatureBytes};
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::error::{DocumentError, FileError};
use crate::plain;

/// The longest file, in bytes.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// The file's first line.
const HEADER: &str = "letopis.deidentified.v1";

/// What a review says that it is.
const REVIEW: &str = "letopis.deidentified-review.v1";

/// That somebody looked a document through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// `letopis.deidentified-review.v1`.
    pub format: String,
    /// The document's digest, in hex.
    pub document: String,
    /// What the reviewer looked at and found, in their own words.
    pub found: String,
}

/// Somebody's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The key.
    pub key: PublicKey,
    /// The signature by it.
    pub signature: SignatureBytes,
}

/// A de-identified case that its author signed.
///
/// INVARIANT: the document is one, every signature holds, the review is of this document, and its key is not
/// the author's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    document: Document,
    line: String,
    author: Signature,
    review: Option<(Review, String, Signature)>,
}

impl Signed {
    /// A document with its author's signature under [`Paper::Deidentified`].
    ///
    /// # Errors
    /// [`FileError::Signature`], [`FileError::Document`].
    pub fn by_author(line: &str, author: Signature) -> Result<Self, FileError> {
        let document = Document::parse(line)?;
        check(Paper::Deidentified, line, &author, "author's")?;
        Ok(Self { document, line: line.to_owned(), author, review: None })
    }

    /// What somebody signs under [`Paper::DeidentifiedReview`] who has looked it through.
    ///
    /// # Errors
    /// [`FileError::OwnReview`], [`FileError::Reviewed`]; [`FileError::Empty`], [`FileError::Document`] where
    /// they say nothing, or nothing that can be shown.
    pub fn review_line(&self, reviewer: &PublicKey, found: &str) -> Result<String, FileError> {
        if *reviewer == self.author.key {
            return Err(FileError::OwnReview);
        }
        if self.review.is_some() {
            return Err(FileError::Reviewed);
        }
        let found = found.trim().to_owned();
        let review =
            Review { format: REVIEW.to_owned(), document: self.digest().to_string(), found };
        check_review(&review, &self.line)?;
        write(&review)
    }

    /// The same with the reviewer's signature.
    ///
    /// # Errors
    /// As [`Self::review_line`]; [`FileError::OtherDocument`], [`FileError::Signature`].
    pub fn reviewed(self, line: &str, reviewer: Signature) -> Result<Self, FileError> {
        let review: Review = serde_json::from_str(line).map_err(|_| FileError::Form)?;
        if reviewer.key == self.author.key {
            return Err(FileError::OwnReview);
        }
        check_review(&review, &self.line)?;
        if write(&review)? != line {
            return Err(DocumentError::OtherWriting.into());
        }
        check(Paper::DeidentifiedReview, line, &reviewer, "reviewer's")?;
        Ok(Self { review: Some((review, line.to_owned(), reviewer)), ..self })
    }

    /// Reads a file. What it returns holds.
    ///
    /// # Errors
    /// What does not.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        if text.len() > FILE_BYTES_MAX {
            return Err(FileError::Form);
        }
        let lines: Vec<_> = text.strip_suffix('\n').ok_or(FileError::Form)?.split('\n').collect();
        match *lines.as_slice() {
            [HEADER, document, author] => Self::by_author(document, signature(author)?),
            [HEADER, document, author, review, reviewer] => {
                let signed = Self::by_author(document, signature(author)?)?;
                signed.reviewed(review, signature(reviewer)?)
            }
            _ => Err(FileError::Form),
        }
    }

    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n{}\n{}\n", self.line, signature_text(&self.author));
        if let Some((_, line, reviewer)) = &self.review {
            text += &format!("{line}\n{}\n", signature_text(reviewer));
        }
        text
    }

    /// What is told.
    #[must_use]
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// What it is called in a review and on the record.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Document::digest(&self.line)
    }

    /// Who made it.
    #[must_use]
    pub const fn author(&self) -> &PublicKey {
        &self.author.key
    }

    /// Who looked it through, and what they found.
    ///
    /// # Errors
    /// [`FileError::NotReviewed`].
    pub fn review(&self) -> Result<(&Review, &PublicKey), FileError> {
        let review = self.review.as_ref().ok_or(FileError::NotReviewed)?;
        Ok((&review.0, &review.2.key))
    }
}

fn write(review: &Review) -> Result<String, FileError> {
    serde_json::to_string(review)
        .map_err(|error| DocumentError::Unreadable { what: error.to_string() }.into())
}

fn check_review(review: &Review, document: &str) -> Result<(), FileError> {
    if review.format != REVIEW || review.document != Document::digest(document).to_string() {
        return Err(FileError::OtherDocument);
    }
    if review.found.trim().is_empty() {
        return Err(FileError::Empty);
    }
    Ok(plain::check(&review.found, "review")?)
}

fn check(paper: Paper, line: &str, by: &Signature, whose: &'static str) -> Result<(), FileError> {
    verify(&by.key, &paper.message(line.as_bytes()), &by.signature)
        .map_err(|source| FileError::Signature { whose, source })
}

fn signature_text(one: &Signature) -> String {
    format!("{}:{}", one.key, one.signature)
}

fn signature(text: &str) -> Result<Signature, FileError> {
    let parsed = text.split_once(':').and_then(|(key, signature)| {
        let (high, low) = signature.split_at_checked(64)?;
        let halves: [Digest; 2] = [high.parse().ok()?, low.parse().ok()?];
        let signature = SignatureBytes::from_slice(halves.map(|half| half.0).as_flattened())?;
        Some(Signature { key: key.parse().ok()?, signature })
    });
    // Only as it is written here: hex in lower case.
    parsed.filter(|parsed| signature_text(parsed) == text).ok_or(FileError::Form)
}
