//! What is wrong, and what to do about it.

use letopis_crypto::sign::SignatureError;

/// Why a text is not a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is not JSON of this form.
    #[error("it can't be read as a de-identified case: {what}")]
    Unreadable {
        /// What the reader says.
        what: String,
    },
    /// It holds what a document may not hold.
    #[error("a de-identified case does not say this: {what}")]
    NotTold {
        /// What.
        what: &'static str,
    },
    /// It would be written in another way.
    #[error("the same document is written in another way: spaces, order or escapes differ")]
    OtherWriting,
    /// A text is too long.
    #[error("the {what} is too long: at most {max} bytes")]
    TextLong {
        /// Which text.
        what: &'static str,
        /// The most bytes.
        max: usize,
    },
    /// A text may show itself as another one.
    #[error("the {what} has characters that don't show, or turn the writing: write it without")]
    TextHides {
        /// Which text.
        what: &'static str,
    },
}

/// Why no document is made of a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MakeError {
    /// Nothing is left to tell.
    #[error("nothing of the case is left to tell: leave out less")]
    Empty,
    /// There are too many steps.
    #[error("{count} steps, but at most {max}: leave out kinds that the discussion does not need")]
    TooMany {
        /// How many there are.
        count: usize,
        /// The most.
        max: usize,
    },
    /// An event has as many sections as there can be. What is shared is named by section, and a section that an
    /// event does not have stands for its facts alone: here there is none.
    #[error(
        "a sharing can't name an event that has {max} sections: make the document with --leave-out {kind}"
    )]
    AllSections {
        /// Of which kind it is.
        kind: &'static str,
        /// How many sections there can be.
        max: usize,
    },
    /// A kind that is to be left out is none that would be told.
    #[error("{kind} is not a kind that is told: see `letopis sign --kinds` for the names")]
    NotAKind {
        /// What was asked for.
        kind: String,
    },
    /// A statement is none.
    #[error("a statement of the case can't be read here: use a newer version")]
    Unreadable,
    /// A moved day would lie before the calendar's first: the case is said to have lasted for centuries.
    #[error("a day of the case lies centuries away from the others: correct when that happened")]
    Calendar,
    /// What the author or the reviewer wrote has an id or a day of the case in it.
    #[error("the {whose} says {what} of the case: write it without, and make the document anew")]
    Reveals {
        /// Which text.
        whose: &'static str,
        /// What it has.
        what: &'static str,
    },
    /// A document tells another case, or this one as it was.
    #[error("the document is of another case, or the case went on since: make it anew")]
    OtherCase,
    /// What the author wrote can't stand in a document.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Why a file is not a de-identified case that holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It does not have the lines of such a file.
    #[error("this is not the file of a de-identified case")]
    Form,
    /// Its document is none.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A signature does not hold: the text was changed after it was signed.
    #[error("the {whose} signature does not hold, so this is not what was signed: {source}")]
    Signature {
        /// The author's or the reviewer's.
        whose: &'static str,
        /// What is wrong with it.
        source: SignatureError,
    },
    /// The review is of something else.
    #[error("the review is of another document")]
    OtherDocument,
    /// Who wrote it reviewed it.
    #[error("its author can't review it: somebody else has to")]
    OwnReview,
    /// It was reviewed before.
    #[error("it is reviewed already")]
    Reviewed,
    /// Nobody has reviewed it.
    #[error(
        "nobody has reviewed it: a second person runs `letopis case share-deidentified review`"
    )]
    NotReviewed,
    /// The reviewer says nothing.
    #[error("say what you looked at and found: a review is no review without words")]
    Empty,
}
