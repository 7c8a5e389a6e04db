//! Acts: shown in plain words, agreed to, signed by everybody whose signature they need, recorded.
//!
//! An act whose signers are not all here waits in a file of mode 0600: a header line, the statement
//! with its sections in base64, and a line `PUBLIC-KEY:SIGNATURE` for each who has signed. Its
//! sections lie open in it; it is removed once it is recorded.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letopis_client::words::describe;
use letopis_client::{CollectedSignature, Draft, LedgerClient, Recorded, Unsigned};
use letopis_types::{Digest, PublicKey, SignatureBytes};
use letopis_words::{Lang, say};
use serde_json::json;

use crate::cli::SignArgs;
use crate::connect::Connected;
use crate::failure::Failure;
use crate::holder::Holder;
use crate::{out, secret_file, terminal};

const HEADER: &str = "letopis act 1";

/// How an act is carried out.
#[derive(Debug, Clone, Copy)]
pub struct How<'a> {
    /// How it is signed.
    pub sign: &'a SignArgs,
    /// In which language it is shown.
    pub lang: Lang,
    /// Whether a program reads the outcome.
    pub json: bool,
}

/// Has everybody who is here sign, and records it; where others are to sign later, it is written to
/// a file that waits for them.
///
/// # Errors
/// Who did not agree, or why it was not recorded.
pub async fn carry_out(
    connected: &Connected,
    draft: &Draft,
    how: How<'_>,
) -> Result<Option<Recorded>, Failure> {
    let (unsigned, collected) = agree(connected, draft, how)?;
    let Some(path) = &how.sign.out else {
        let client = &connected.client;
        return send(client, unsigned, &collected, how.lang, how.json).await.map(Some);
    };
    create(path, &unsigned, &collected)?;
    let file = path.display().to_string();
    out::line(&say!(how.lang, "sign-waits-for-signatures", file = file))?;
    for other in &how.sign.others {
        out::line(&format!("    {}", other.0.actor))?;
    }
    out::line(&format!("    letopis act sign {} --key …", path.display()))?;
    out::line(&format!("    letopis act send {} --key …", path.display()))?;
    Ok(None)
}

/// Has a draft signed with the keys that are here.
///
/// # Errors
/// Who did not agree.
pub fn agree(
    connected: &Connected,
    draft: &Draft,
    how: How<'_>,
) -> Result<(Unsigned, Vec<CollectedSignature>), Failure> {
    let Connected { client, holders, .. } = connected;
    connected.caller()?;
    let mut signers: Vec<_> = holders.iter().map(Holder::signer).collect();
    signers.extend(how.sign.others.iter().map(|other| other.0));
    let unsigned = draft.seal(*client.ledger(), &signers)?;
    let collected = sign(&unsigned, holders, how.sign.yes, how.lang)?;
    Ok((unsigned, collected))
}

/// Shows the act and asks, unless that is not wanted; then signs with every key that is here.
///
/// # Errors
/// Where it is not agreed to, or a key does not sign.
pub fn sign(
    unsigned: &Unsigned,
    holders: &[Holder],
    yes: bool,
    lang: Lang,
) -> Result<Vec<CollectedSignature>, Failure> {
    ask(holders, yes, lang, || show(unsigned, lang))?;
    let sign = |holder: &Holder| Ok(unsigned.collect(holder.statements())?);
    // May wait for a person.
    tokio::task::block_in_place(|| holders.iter().map(sign).collect())
}

/// Asks whether to sign what is shown, unless that is not wanted.
///
/// # Errors
/// Where it is not agreed to.
pub fn ask(holders: &[Holder], yes: bool, lang: Lang, show: impl FnOnce()) -> Result<(), Failure> {
    // An agent shows it where its owner sees it, and asks.
    if yes || holders.iter().all(Holder::asks) {
        return Ok(());
    }
    show();
    if terminal::agrees(lang) {
        return Ok(());
    }
    Err(Failure::other(say!(lang, "sign-not-signed")))
}

fn show(unsigned: &Unsigned, lang: Lang) {
    for line in describe(unsigned, lang) {
        eprintln!("  {line}");
    }
}

/// Records an act that everybody has signed.
///
/// # Errors
/// Who has not, or why it was not recorded.
pub async fn send(
    client: &LedgerClient,
    unsigned: Unsigned,
    collected: &[CollectedSignature],
    lang: Lang,
    as_json: bool,
) -> Result<Recorded, Failure> {
    let recorded = client.append(&unsigned.assemble(collected)?).await;
    let recorded = recorded.map_err(|error| Failure::of_append(error, lang))?;
    let sequence = recorded.sequence();
    let line = if as_json {
        let hash = recorded.statement_hash();
        json!({"sequence": sequence.0, "statement_hash": hash.to_string()}).to_string()
    } else {
        say!(lang, "common-recorded-as-sequence", sequence = sequence.to_string())
    };
    out::line(&line)?;
    Ok(recorded)
}

/// An act that waits, with the signatures that it has.
#[derive(Debug)]
pub struct Waiting {
    /// What is signed.
    pub unsigned: Unsigned,
    /// Who has.
    pub collected: Vec<CollectedSignature>,
}

impl Waiting {
    /// Reads it from its file; everything in it is checked, but for the signatures.
    ///
    /// # Errors
    /// Where it is not such a file.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path).map_err(Failure::io("read", path))?;
        let wrong = || {
            Failure::other(format!("{} is not an act that waits for signatures", path.display()))
        };
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return Err(wrong());
        }
        let bytes = lines.next().and_then(|line| STANDARD.decode(line).ok()).ok_or_else(wrong)?;
        let unsigned = Unsigned::from_bytes(&bytes)?;
        let collected = lines.map(parse_signature).collect::<Result<_, _>>()?;
        Ok(Self { unsigned, collected })
    }

    /// The keys that have not signed.
    #[must_use]
    pub fn missing(&self) -> Vec<PublicKey> {
        let has_signed = |key: &PublicKey| self.collected.iter().any(|one| one.key == *key);
        let signers = self.unsigned.statement().signers.iter();
        signers.map(|signer| signer.key).filter(|key| !has_signed(key)).collect()
    }
}

/// Adds signatures to an act that waits.
///
/// # Errors
/// Where it can't be written.
pub fn add(path: &Path, collected: &[CollectedSignature]) -> Result<(), Failure> {
    let mut file = OpenOptions::new().append(true).open(path).map_err(Failure::io("open", path))?;
    let lines: String = collected.iter().map(signature_line).collect();
    file.write_all(lines.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(Failure::io("write", path))
}

fn create(
    path: &Path,
    unsigned: &Unsigned,
    collected: &[CollectedSignature],
) -> Result<(), Failure> {
    let mut text = format!("{HEADER}\n{}\n", STANDARD.encode(unsigned.to_bytes()));
    text.extend(collected.iter().map(signature_line));
    secret_file::create(path, &text)
}

fn signature_line(one: &CollectedSignature) -> String {
    format!("{}:{}\n", one.key, one.signature)
}

/// `PUBLIC-KEY:SIGNATURE`, both in hex.
///
/// # Errors
/// Where it is not that.
pub fn parse_signature(text: &str) -> Result<CollectedSignature, Failure> {
    let parsed = text.split_once(':').and_then(|(key, signature)| {
        let (high, low) = signature.split_at_checked(64)?;
        let halves: [Digest; 2] = [high.parse().ok()?, low.parse().ok()?];
        let signature = SignatureBytes::from_slice(halves.map(|half| half.0).as_flattened())?;
        Some(CollectedSignature { key: key.parse().ok()?, signature })
    });
    parsed.ok_or_else(|| Failure::other(format!("{text} is not PUBLIC-KEY:SIGNATURE in hex")))
}
