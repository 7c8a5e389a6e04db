//! Acts of one sort in many cases: signed and sent one by one, and told line by line. What the ledger
//! refuses in one case does not stop the others.

use letopis_client::{Draft, Recorded};
use letopis_types::StreamId;
use letopis_words::{Lang, say};
use serde_json::{Value, json};

use crate::act::{How, agree};
use crate::cli::SignArgs;
use crate::connect::Connected;
use crate::failure::Failure;
use crate::out;

/// An act in a case.
#[derive(Debug)]
pub(super) struct InCase {
    pub(super) case: StreamId,
    pub(super) draft: Draft,
}

/// Why there is nothing to be done in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Its new lead was assigned before, and has not accepted yet.
    Waits,
    /// Whoever hands over does not lead it, or it is closed.
    NotLed,
    /// Whoever accepts leads it already.
    Accepted,
    /// The assignment does not wait any more.
    Ended,
}

impl Left {
    fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Waits => say!(lang, "hand-over-left-waits"),
            Self::NotLed => say!(lang, "hand-over-left-not-led"),
            Self::Accepted => say!(lang, "hand-over-left-accepted"),
            Self::Ended => say!(lang, "hand-over-left-ended"),
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::NotLed => "not_led",
            Self::Accepted => "accepted",
            Self::Ended => "ended",
        }
    }
}

/// Tells what becomes of each case, and counts.
#[derive(Debug)]
pub(super) struct Report {
    lang: Lang,
    json: bool,
    recorded: usize,
    left: usize,
    refused: usize,
}

impl Report {
    pub(super) const fn new(lang: Lang, json: bool) -> Self {
        Self { lang, json, recorded: 0, left: 0, refused: 0 }
    }

    /// Nothing is to be done here.
    pub(super) fn left(&mut self, case: StreamId, why: Left) -> Result<(), Failure> {
        self.left += 1;
        self.tell(case, why.words(self.lang), json!({"outcome": "left", "because": why.code()}))
    }

    /// Has everybody who is here sign each of these, and records it; what was agreed to before. What was
    /// recorded is added to `done`.
    ///
    /// # Errors
    /// Whatever is no refusal, after which the rest can't be expected to go well either.
    pub(super) async fn carry_out(
        &mut self,
        connected: &Connected,
        acts: &[InCase],
        done: &mut Vec<Recorded>,
    ) -> Result<(), Failure> {
        for act in acts {
            match record(connected, &act.draft, self.lang).await {
                Ok(recorded) => {
                    let told = self.recorded(act.case, &recorded);
                    done.push(recorded);
                    told?;
                }
                Err(failure) => self.refused(act.case, failure)?,
            }
        }
        Ok(())
    }

    fn recorded(&mut self, case: StreamId, recorded: &Recorded) -> Result<(), Failure> {
        self.recorded += 1;
        let sequence = recorded.sequence();
        let words = say!(self.lang, "common-recorded-as-sequence", sequence = sequence.to_string());
        let hash = recorded.statement_hash().to_string();
        self.tell(
            case,
            &words,
            json!({"outcome": "recorded", "sequence": sequence.0, "statement_hash": hash}),
        )
    }

    /// Tells a refusal of the ledger; hands back what is none.
    pub(super) fn refused(&mut self, case: StreamId, failure: Failure) -> Result<(), Failure> {
        let told = match &failure {
            Failure::Refused { refused } | Failure::Rule { refused, .. } => json!({
                "outcome": "refused",
                "reason": refused.reason.as_str_name(),
                "rule": refused.metadata.get("rule"),
                "message": refused.message,
            }),
            _ => return Err(failure),
        };
        self.refused += 1;
        self.tell(case, &failure.to_string(), told)
    }

    /// Tells of a case that this program can't make out; hands back what says nothing about the case.
    pub(super) fn unread(&mut self, case: StreamId, failure: Failure) -> Result<(), Failure> {
        let Failure::Unknown { .. } = failure else { return self.refused(case, failure) };
        self.refused += 1;
        let words = failure.to_string();
        self.tell(case, &words, json!({"outcome": "unread", "message": words}))
    }

    fn tell(&self, case: StreamId, words: &str, mut told: Value) -> Result<(), Failure> {
        if self.json {
            if let Value::Object(fields) = &mut told {
                fields.insert("case".to_owned(), case.to_string().into());
            }
            return out::line(&told.to_string());
        }
        // What follows the first line belongs to the same case.
        out::line(&format!("{case}  {}", words.replace('\n', "\n    ")))
    }

    /// Sums up.
    ///
    /// # Errors
    /// Where anything was refused.
    pub(super) fn end(self) -> Result<(), Failure> {
        let Self { lang, json, recorded, left, refused } = self;
        out::line(&match json {
            true => json!({"recorded": recorded, "left": left, "refused": refused}).to_string(),
            false => say!(
                lang,
                "hand-over-summed-up",
                recorded = recorded,
                left = left,
                refused = refused
            ),
        })?;
        if refused == 0 {
            return Ok(());
        }
        Err(Failure::other(say!(lang, "hand-over-some-refused")))
    }
}

async fn record(connected: &Connected, draft: &Draft, lang: Lang) -> Result<Recorded, Failure> {
    let sign = SignArgs { yes: true, ..SignArgs::default() };
    let (unsigned, collected) = agree(connected, draft, How { sign: &sign, lang, json: false })?;
    let recorded = connected.client.append(&unsigned.assemble(&collected)?).await;
    recorded.map_err(|error| Failure::of_append(error, lang))
}
