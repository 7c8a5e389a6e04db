//! `letopis vault`, `letopis record`: what an operator does for erasures to be final.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use letopis_domain::Fact;
use letopis_domain::fact::SectionsErased;
use letopis_ledger::submission::parse;
use letopis_ledger::verify::open_vault;
use letopis_record::scan::Scanner;
use letopis_record::{DataDir, compact};
use letopis_types::{Class, LedgerId, Sequence, StreamKey, Timestamp, Version};
use letopis_vault::{
    Kek, Pin, PinSource, Rotation, TokenError, TokenKek, Vault, last_erasure, rotate,
};
use letopisd::data::{KEK_FILE, keys_dir};
use letopisd::kek::KekFiles;
use serde_json::json;

use crate::cli::{KekArgs, RecordCommand, ToArgs, VaultCommand};
use crate::cmd::status::recorded;
use crate::cmd::verify::verify_dir_with;
use crate::failure::Failure;
use crate::out;

/// `letopis vault`.
///
/// # Errors
/// Why the keys were not exchanged; either key opens the vault then, and the next run finishes.
pub fn run(command: &VaultCommand) -> Result<(), Failure> {
    match command {
        VaultCommand::Rotate { data, kek, to } => {
            // Held until it is done: no server may run meanwhile.
            let dir = DataDir::open(data)?;
            let rotation = exchange(data, dir.ledger(), kek, to, seconds_now())?;
            out::line(&format!("rotated     {}", at(&rotation)))?;
            let covers = match rotation.covers {
                Some(sequence) => format!("erasures up to sequence {sequence}"),
                None => "no erasure: there was none".to_owned(),
            };
            out::line(&format!("makes final {covers}"))?;
            out::line("            once every backup of the vault from before is destroyed too")
        }
        VaultCommand::Status { data, kek, json } => status(data, kek, *json),
    }
}

/// A key in a token, by library, token's label, key's label and where the PIN is.
type InToken<'a> = (&'a Path, &'a str, &'a str, &'a PinSource);

fn in_token(kek: &KekArgs) -> Option<InToken<'_>> {
    Some((
        kek.kek_module.as_deref()?,
        kek.kek_token.as_deref()?,
        kek.kek_key.as_deref()?,
        kek.kek_pin.as_ref()?,
    ))
}

fn to_token(to: &ToArgs) -> Option<InToken<'_>> {
    let (module, token) = (to.to_module.as_deref()?, to.to_token.as_deref()?);
    Some((module, token, to.to_key.as_deref()?, to.to_pin.as_ref()?))
}

fn open_token((module, token, key, pin): InToken<'_>, may_make: bool) -> Result<Kek, Failure> {
    let pin = Pin::read(pin).map_err(Failure::other)?;
    match TokenKek::open(module, token, key, &pin) {
        Err(TokenError::NoKey { .. }) if may_make => {
            Ok(TokenKek::create_key(module, token, key, &pin).map_err(Failure::other)?.into())
        }
        opened => Ok(opened.map_err(Failure::other)?.into()),
    }
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Exchanges the vault's keys for others in files, at that time; seconds since 1970 UTC. No server runs.
///
/// # Errors
/// As [`run`].
pub(super) fn rotate_at(data: &Path, now: u64) -> Result<(), Failure> {
    let dir = DataDir::open(data)?;
    exchange(data, dir.ledger(), &KekArgs::default(), &ToArgs::default(), now).map(drop)
}

/// Exchanges key-encryption key and vault key; finishes what an earlier run began.
fn exchange(
    data: &Path,
    ledger: LedgerId,
    kek: &KekArgs,
    to: &ToArgs,
    now: u64,
) -> Result<Rotation, Failure> {
    let files = KekFiles::of(&keys_dir(data));
    let present = match in_token(kek) {
        Some(token) => open_token(token, false)?,
        None => Kek::read_file(&files.present)?,
    };
    let next_in_token = if to.to_file { None } else { to_token(to).or_else(|| in_token(kek)) };
    let next = match next_in_token {
        Some(token) => open_token(token, true)?,
        None if files.next.exists() => Kek::read_file(&files.next)?,
        None => Kek::create_file(&files.next)?,
    };
    let rotation = exchange_vault(&data.join("vault"), ledger, (&present, &next), now)?;
    if next_in_token.is_none() {
        files.put_in_place().map_err(Failure::other)?;
    } else if in_token(kek).is_none() {
        Kek::destroy_file(&files.present)?;
    }
    Ok(rotation)
}

fn exchange_vault(
    vault: &Path,
    ledger: LedgerId,
    (present, next): (&Kek, &Kek),
    now: u64,
) -> Result<Rotation, Failure> {
    if Vault::opens_with(vault, ledger, present)? || !Vault::opens_with(vault, ledger, next)? {
        return Ok(rotate(vault, ledger, present, next, now)?);
    }
    // CRASH: an earlier run was stopped after the vault had been exchanged.
    let rotated = Vault::open_read_only(vault, ledger, next)?.last_rotation();
    rotated.ok_or_else(|| {
        Failure::other("the vault says nothing of its rotation: bring back keys and vault together")
    })
}

/// Opens the vault of a data directory where its key-encryption key is at hand.
///
/// # Errors
/// Where there is a key, and the vault does not open with it.
pub(super) fn open_read_only(
    data: &Path,
    kek: &KekArgs,
    ledger: LedgerId,
) -> Result<Option<Vault>, Failure> {
    let Some(token) = in_token(kek) else {
        return Ok(open_vault(data, &keys_dir(data).join(KEK_FILE), ledger)?);
    };
    let kek = open_token(token, false)?;
    Ok(Some(Vault::open_read_only(&data.join("vault"), ledger, &kek)?))
}

fn at(rotation: &Rotation) -> String {
    recorded(Timestamp::from_seconds(rotation.at_seconds))
}

fn status(data: &Path, kek: &KekArgs, as_json: bool) -> Result<(), Failure> {
    let dir = DataDir::open_read_only(data)?;
    let vault = open_read_only(data, kek, dir.ledger())?.ok_or_else(|| {
        let path = keys_dir(data).join(KEK_FILE);
        Failure::other(format!(
            "{} is not there: name the token that holds the key, with --kek-module",
            path.display()
        ))
    })?;
    let (rotation, erasure) = (vault.last_rotation(), vault.last_erasure().map(|(at, _)| at));
    let covered = rotation.as_ref().and_then(|rotation| rotation.covers);
    let is_final = erasure <= covered;
    if as_json {
        let value = json!({
            "rotated_at": rotation.as_ref().map(|rotation| rotation.at_seconds),
            "covers": covered.map(|sequence| sequence.0),
            "last_erasure": erasure.map(|sequence| sequence.0),
            "all_covered": is_final,
        });
        return out::line(&value.to_string());
    }
    out::line(&match &rotation {
        Some(rotation) => format!("rotated       {}", at(rotation)),
        None => "rotated       never".to_owned(),
    })?;
    out::line(&match (erasure, is_final) {
        (None, _) => "last erasure  none".to_owned(),
        (Some(at), true) => format!("last erasure  sequence {at}, before the rotation"),
        (Some(at), false) => {
            format!("last erasure  sequence {at}, after it: `letopis vault rotate` makes it final")
        }
    })
}

/// `letopis record`.
///
/// # Errors
/// What is wrong with the record, which is then left alone.
pub fn run_record(command: &RecordCommand) -> Result<(), Failure> {
    let RecordCommand::Compact { data, kek, json } = command;
    // What a record says that does not verify is nothing to destroy anything by.
    verify_dir_with(data, kek, None, None, |_| {})?;
    let dir = DataDir::open(data)?;
    // What an erasure still has to take out of the vault it needs the sealed bytes for.
    let applied = last_erasure(&data.join("vault"), dir.ledger())?;
    let erased = erased(&dir, applied)?;
    let gone = |sequence: Sequence, index: usize| {
        erased.get(&sequence).is_some_and(|indices| indices.contains(&index))
    };
    let report = compact(&dir, &gone).map_err(Failure::other)?;
    if *json {
        let value = json!({
            "segments": report.segments,
            "rewritten": report.rewritten,
            "sections": report.sections,
            "bytes": report.bytes,
        });
        return out::line(&value.to_string());
    }
    out::line(&format!(
        "compacted   {} of {} closed segments: {} erased sections, {} bytes less",
        report.rewritten, report.segments, report.sections, report.bytes
    ))
}

/// The sections that erasures on the record name up to this one, by their event's sequence.
fn erased(
    dir: &DataDir,
    applied: Option<Sequence>,
) -> Result<BTreeMap<Sequence, Vec<usize>>, Failure> {
    let mut erasures: BTreeMap<StreamKey, Vec<(Version, SectionsErased)>> = BTreeMap::new();
    each(dir, |sequence, stream, version, fact, _| {
        if let Fact::SectionsErased(erased) = fact
            && Some(sequence) <= applied
        {
            erasures.entry(stream).or_default().push((version, erased));
        }
    })?;
    let mut gone = BTreeMap::new();
    if erasures.is_empty() {
        return Ok(gone);
    }
    each(dir, |sequence, stream, version, _, classes| {
        let Some(erasures) = erasures.get(&stream) else { return };
        let is_named = |index: usize, class: Class| {
            erasures.iter().any(|(at, what)| {
                version < *at
                    && match what {
                        SectionsErased::Class(named) => *named == class,
                        SectionsErased::Section { version: of, index: named } => {
                            *of == version && *named as usize == index
                        }
                    }
            })
        };
        let indices = classes.iter().enumerate();
        let named = indices.filter(|(index, class)| is_named(*index, **class));
        let named: Vec<_> = named.map(|(index, _)| index).collect();
        if !named.is_empty() {
            gone.insert(sequence, named);
        }
    })?;
    Ok(gone)
}

/// Every event of the record: its place, stream, version there, fact, and its sections' classes.
///
/// # Errors
/// What can't be read.
pub(super) fn each(
    dir: &DataDir,
    mut tell: impl FnMut(Sequence, StreamKey, Version, Fact, &[Class]),
) -> Result<(), Failure> {
    let mut versions: BTreeMap<StreamKey, Version> = BTreeMap::new();
    for frame in Scanner::open(&dir.record(), dir.ledger()).map_err(Failure::other)? {
        let frame = frame.map_err(Failure::other)?;
        let decoded = frame.decode().map_err(Failure::other)?;
        for event in &decoded.events {
            let statement = parse(&event.event.statement).map_err(Failure::other)?;
            let version = versions.entry(statement.stream).or_insert(Version(0));
            *version = version.next();
            let classes: Vec<_> = statement.sections.iter().map(|section| section.class).collect();
            tell(event.event.link.sequence, statement.stream, *version, statement.fact, &classes);
        }
    }
    Ok(())
}
