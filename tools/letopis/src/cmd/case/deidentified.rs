//! `letopis case share-deidentified`: a case for professional discussion, made by one, looked through by another,
//! put on the record by both.

mod page;
mod record;

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;

use letopis_client::accountability::TimelineEntry;
use letopis_client::{LedgerClient, StatementError};
use letopis_crypto::sign::Paper;
use letopis_deidentified::{FILE_BYTES_MAX, Past, Signature, Signed, TEXT_BYTES_MAX, Wishes, told};
use letopis_domain::Statement;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{ActorId, Digest, PublicKey, Sequence, StreamId, StreamKey, StreamKind};
use letopis_words::say;

use crate::act::ask;
use crate::cli::{CheckArgs, DeidentifiedCommand, MakeArgs, PageFormat, RenderArgs, ReviewArgs};
use crate::cmd::audit::{html, text};
use crate::connect::{Connected, connect_for};
use crate::failure::Failure;
use crate::holder::Holder;
use crate::{out, secret_file};

pub(super) async fn run(command: &DeidentifiedCommand) -> Result<(), Failure> {
    match command {
        DeidentifiedCommand::Make(args) => make(args).await,
        DeidentifiedCommand::Review(args) => review(args).await,
        DeidentifiedCommand::Check(args) => check(args),
        DeidentifiedCommand::Render(args) => render(args),
        DeidentifiedCommand::Record(args) => record::run(args).await,
    }
}

async fn make(args: &MakeArgs) -> Result<(), Failure> {
    let lang = args.case.lang;
    let introduction = match &args.introduction {
        Some(path) => read_text(path, TEXT_BYTES_MAX)?,
        None => String::new(),
    };
    let connected = connect_for(&args.case.server, Purpose::CaseWork).await?;
    let author = connected.caller()?;
    let (_, past) = history(&connected.client, &args.case.case).await?;
    // Drawn for this document alone and kept nowhere: by how far its days are moved.
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(Failure::other)?;
    let wishes = Wishes {
        grain: args.grain.into(),
        left_out: &args.leave_out,
        introduction: &introduction,
        random: u64::from_be_bytes(random),
    };
    let document = letopis_deidentified::make(&past, &wishes).map_err(Failure::other)?;
    let line = document.to_line().map_err(Failure::other)?;
    ask(std::slice::from_ref(author), args.yes, lang, || {
        eprint!("{}", text::of(&page::of(&document, None, lang), lang));
    })?;
    let signature = sign(author, Paper::Deidentified, &line)?;
    let signed = Signed::by_author(&line, signature).map_err(Failure::other)?;
    secret_file::create(&args.out, &signed.to_text())?;
    let file = args.out.display().to_string();
    let next = format!("letopis case share-deidentified review {file} --found … --key …");
    out::line(&say!(lang, "deidentified-made", file = file, digest = signed.digest().to_string()))?;
    out::line(&say!(lang, "deidentified-review-next", command = next))
}

async fn review(args: &ReviewArgs) -> Result<(), Failure> {
    let signed = read(&args.file)?;
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let reviewer = connected.caller()?;
    check_other(&connected, signed.author()).await?;
    let key = reviewer.statements().public_key();
    let line = signed.review_line(&key, &args.found).map_err(Failure::other)?;
    ask(std::slice::from_ref(reviewer), args.yes, args.lang, || {
        let said = page::of(signed.document(), Some(args.found.trim()), args.lang);
        eprint!("{}", text::of(&said, args.lang));
    })?;
    let before = signed.to_text();
    let signature = sign(reviewer, Paper::DeidentifiedReview, &line)?;
    let reviewed = signed.reviewed(&line, signature).map_err(Failure::other)?.to_text();
    add(&args.file, &before, reviewed.strip_prefix(&before).unwrap_or_default())?;
    let next = format!("letopis case share-deidentified record {} CASE …", args.file.display());
    out::line(&say!(args.lang, "deidentified-record-next", command = next))
}

/// The author's key is not another one of whoever reviews. That both act under a role the server asks of every
/// call, and the ledger of the statement that records the sharing.
async fn check_other(connected: &Connected, author: &PublicKey) -> Result<(), Failure> {
    let actor = connected.caller()?.signer().actor;
    let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(actor.0) };
    let own = connected.client.read_stream(&stream).await?;
    let own = own.events.iter().map(|event| (event.link.sequence, event.statement()));
    check_keys(own, author)
}

/// The author's key is none that these statements enrol. One that can't be read might enrol it.
fn check_keys(
    own: impl IntoIterator<Item = (Sequence, Result<Statement, StatementError>)>,
    author: &PublicKey,
) -> Result<(), Failure> {
    for (sequence, statement) in own {
        let unknown = |error: StatementError| Failure::Unknown { sequence, why: error.to_string() };
        if statement.map_err(unknown)?.fact.enrolled_keys().contains(author) {
            return Err(Failure::other(letopis_deidentified::FileError::OwnReview));
        }
    }
    Ok(())
}

fn check(args: &CheckArgs) -> Result<(), Failure> {
    let lang = args.lang;
    let signed = read(&args.file)?;
    let reviewer = signed.review().map(|(_, key)| *key);
    let key = |found: &PublicKey, known: Option<PublicKey>| match known {
        Some(known) if known != *found => {
            Err(Failure::other(say!(lang, "deidentified-key-of-another")))
        }
        Some(_) => Ok(found.to_string()),
        None => Ok(say!(lang, "deidentified-key-not-compared", key = found.to_string())),
    };
    out::line(&say!(lang, "deidentified-digest", digest = signed.digest().to_string()))?;
    let author = key(signed.author(), args.author)?;
    out::line(&say!(lang, "deidentified-author", key = author))?;
    let reviewer = key(&reviewer.map_err(Failure::other)?, args.reviewer)?;
    out::line(&say!(lang, "deidentified-reviewer", key = reviewer))?;
    out::line(say!(lang, "deidentified-signatures-hold"))
}

fn render(args: &RenderArgs) -> Result<(), Failure> {
    let signed = read(&args.file)?;
    let (review, _) = signed.review().map_err(Failure::other)?;
    let page = page::of(signed.document(), Some(&review.found), args.lang);
    let written = match args.format {
        PageFormat::Text => text::of(&page, args.lang),
        PageFormat::Html => html::of(&page, args.lang),
    };
    match &args.out {
        Some(path) => secret_file::create(path, &written),
        None => out::text(&written),
    }
}

fn sign(holder: &Holder, paper: Paper, line: &str) -> Result<Signature, Failure> {
    let key = holder.statements();
    // May wait for a person.
    let signed = tokio::task::block_in_place(|| key.sign_paper(paper, line.as_bytes()));
    Ok(Signature { key: key.public_key(), signature: signed.map_err(Failure::other)? })
}

/// The file, with everything in it verified.
fn read(path: &Path) -> Result<Signed, Failure> {
    let text = read_text(path, FILE_BYTES_MAX)?;
    Signed::parse(&text).map_err(|error| Failure::other(format!("{}: {error}", path.display())))
}

fn read_text(path: &Path, max: usize) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Failure::io("open", path))?;
    // One more than may be, so that what is too long is seen to be.
    file.take(max as u64 + 1).read_to_end(&mut bytes).map_err(Failure::io("read", path))?;
    let shown = path.display();
    if bytes.len() > max {
        return Err(Failure::other(format!("{shown} is too long: at most {max} bytes")));
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::other(format!("{shown} is no text in UTF-8: save it as that")))
}

/// Adds to a file of this text; all of it, or nothing. What was there stays as it is.
fn add(path: &Path, before: &str, added: &str) -> Result<(), Failure> {
    let file = OpenOptions::new().read(true).append(true).open(path);
    let mut file = file.map_err(Failure::io("open", path))?;
    file.lock().map_err(Failure::io("lock", path))?;
    let mut there = String::new();
    file.read_to_string(&mut there).map_err(Failure::io("read", path))?;
    if there != before {
        let path = path.display();
        return Err(Failure::other(format!(
            "{path} was changed while you looked it through: look at it again"
        )));
    }
    let written = file.write_all(added.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Where even that fails, what is there is no such file any more, and is read as none.
        let _ = file.set_len(before.len() as u64);
        Failure::io("write", path)(error)
    })
}

/// A case's events with what became of them; of those that may be told, who signed them in which role and the
/// clocks that they moved.
async fn history(
    client: &LedgerClient,
    case: &StreamId,
) -> Result<(Vec<TimelineEntry>, Vec<Past>), Failure> {
    let (entries, as_of) = client.timeline(case, Sequence::ZERO).await?;
    let mut history = Vec::new();
    for entry in &entries {
        let mut past = past(entry);
        let statement = entry.event.statement();
        let is_told = statement.is_ok_and(|statement| told::is_told(statement.fact.name()));
        if is_told && entry.stream.kind == StreamKind::Case {
            let trace = client.trace_decision(&entry.stream, entry.version, as_of).await?;
            let authors = trace.told.authors.iter();
            past.authors = authors
                .filter_map(|author| Some((ActorId::from_slice(&author.actor)?, author.role)))
                .collect();
            past.clocks = trace.told.clocks;
        }
        history.push(past);
    }
    Ok((entries, history))
}

fn past(entry: &TimelineEntry) -> Past {
    let told = &entry.told;
    Past {
        statement: entry.event.bytes.to_vec(),
        status: told.status(),
        misfiled: !told.misfiled_by.is_empty(),
        corrected_at: told.corrected_at,
        corrected_by: told.corrected_by.iter().filter_map(|by| Digest::from_slice(by)).collect(),
        ..Past::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reviews_while_a_statement_about_them_cannot_be_read() {
        let unread = || [(Sequence(7), Err(StatementError::Unreadable))];
        let author = PublicKey([1; 32]);
        let refused = check_keys(unread(), &author).unwrap_err().to_string();
        assert!(refused.contains("sequence 7 is not known to this version: use a newer one"));
        assert!(check_keys([], &author).is_ok());
    }

    #[test]
    fn a_review_is_added_to_what_was_looked_through_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case.txt");
        std::fs::write(&path, "looked through\n").unwrap();
        add(&path, "looked through\n", "one\n").unwrap();
        assert!(add(&path, "looked through\n", "another\n").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "looked through\none\n");
    }

    #[test]
    fn a_text_that_is_too_long_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("introduction");
        // Cut after so many bytes, it would end within a letter.
        std::fs::write(&path, "я".repeat(4100)).unwrap();
        let said = read_text(&path, TEXT_BYTES_MAX).unwrap_err().to_string();
        assert!(said.contains("is too long: at most 8192 bytes"), "{said}");
        std::fs::write(&path, [0xff]).unwrap();
        assert!(read_text(&path, TEXT_BYTES_MAX).unwrap_err().to_string().contains("UTF-8"));
    }
}
