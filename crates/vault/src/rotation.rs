//! Rotation: a new vault key, every slot wrapped anew, the old vault key destroyed.
//!
//! The new vault is built beside the old one, as `vault.next`. Then the old one is renamed to
//! `vault.old`: that is the commit. Then the new one gets the name `vault`, and the old one is
//! destroyed. Which names are there tells how far it came, and which vault it is:
//!
//! | `vault` | `vault.next` | `vault.old` | it is | opening |
//! |---|---|---|---|---|
//! | yes | | | `vault` | |
//! | yes | yes | | `vault` | destroys `vault.next`: undone |
//! | | yes | yes | `vault.next` | gives it its name, then as below |
//! | yes | | yes | `vault` | destroys `vault.old`, once `vault` has opened: finished |
//!
//! Anything else is refused. Opening for reading only takes the vault that it is, and changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use letopis_types::LedgerId;

use crate::block::{self, Block};
use crate::marks::{self, Erased, Rotation};
use crate::residue::{self, RESIDUE};
use crate::vault::{Vault, lock};
use crate::{Kek, VaultError, files, key_file};

/// Asked after every change to the disk whether to go on; the tests stop there.
pub(crate) type Step<'a> = &'a mut dyn FnMut() -> Result<(), VaultError>;

/// The most symbolic links that are followed to the vault, as many as Linux follows.
const MOST_LINKS: usize = 40;

struct Places {
    vault: PathBuf,
    next: PathBuf,
    old: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// No rotation, or none that left anything.
    Whole,
    /// Not committed.
    Begun,
    /// Committed; the new vault does not have its name yet.
    Renaming,
    /// The new vault has its name; the old one is still there.
    Renamed,
}

impl Places {
    fn of(dir: &Path) -> Self {
        // Where `vault` is a link to a directory elsewhere, that directory's name is exchanged.
        let mut vault = dir.to_path_buf();
        for _ in 0..MOST_LINKS {
            let Ok(target) = fs::read_link(&vault) else { break };
            vault = files::parent(&vault).join(target);
        }
        let beside = |suffix| files::with_suffix(&vault, suffix);
        Self { next: beside(".next"), old: beside(".old"), vault }
    }

    fn standing(&self) -> Result<Standing, VaultError> {
        let there = [&self.vault, &self.next, &self.old].map(|path| files::is_there(path));
        let [vault, next, old] = there;
        match (vault?, next?, old?) {
            (_, false, false) => Ok(Standing::Whole),
            (true, true, false) => Ok(Standing::Begun),
            (false, true, true) => Ok(Standing::Renaming),
            (true, false, true) => Ok(Standing::Renamed),
            _ => Err(VaultError::RotationUnclear { path: self.vault.clone() }),
        }
    }

    fn sync(&self) -> Result<(), VaultError> {
        files::sync_dir(&files::parent(&self.vault))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), VaultError> {
        fs::rename(from, to).map_err(VaultError::io("rename", from))
    }
}

/// Where the vault lies that it is, whatever a rotation left.
pub(crate) fn present(dir: &Path) -> Result<PathBuf, VaultError> {
    let places = Places::of(dir);
    Ok(if places.standing()? == Standing::Renaming { places.next } else { places.vault })
}

/// Whether nothing of a rotation lies beside this place.
pub(crate) fn nothing_beside(dir: &Path) -> Result<(), VaultError> {
    let places = Places::of(dir);
    for path in [places.next, places.old] {
        if files::is_there(&path)? {
            return Err(VaultError::AlreadyThere { path });
        }
    }
    Ok(())
}

/// Undoes a rotation that was not committed, or gives the new vault of a committed one its name.
/// Returns whether an old vault is left for [`finish`].
pub(crate) fn settle(dir: &Path, step: Step<'_>) -> Result<bool, VaultError> {
    let places = Places::of(dir);
    match places.standing()? {
        Standing::Whole => return Ok(false),
        Standing::Begun => {
            // CRASH: to be seen here, or again after a crash, is the same: it is destroyed before
            // this vault is changed, so no erasure passes it by.
            discard(&places.next, step)?;
            return Ok(false);
        }
        Standing::Renaming => {
            // CRASH: the commit that was read back may not be on the disk.
            places.sync()?;
            places.rename(&places.next, &places.vault)?;
            step()?;
        }
        Standing::Renamed => {}
    }
    // CRASH: the names are on the disk before anything of the old vault is destroyed.
    places.sync()?;
    step()?;
    Ok(true)
}

/// Destroys the old vault of a rotation. The caller has opened the new one.
pub(crate) fn finish(dir: &Path, step: Step<'_>) -> Result<(), VaultError> {
    let places = Places::of(dir);
    match places.standing()? {
        Standing::Renamed => discard(&places.old, step),
        _ => Ok(()),
    }
}

/// Destroys a vault: its key first, without which its slots are of no use to anybody.
fn discard(dir: &Path, step: Step<'_>) -> Result<(), VaultError> {
    // CRASH: stopped anywhere in here it is still there under its name, and this is done again.
    files::destroy(&key_file::path(dir))?;
    step()?;
    for name in files::names(dir)? {
        files::remove_if_there(&dir.join(name))?;
        step()?;
    }
    fs::remove_dir(dir).map_err(VaultError::io("remove the directory", dir))?;
    step()?;
    files::sync_dir(&files::parent(dir))
}

/// Exchanges the vault key, while nothing else uses the vault: all slots are wrapped anew under a
/// new one, which `new` wraps, and the old one is destroyed. What was destroyed stays so. With this
/// the erasures up to [`Rotation::covers`] no longer hang on whether a disk forgets what is written
/// over; backups of before, and the key-encryption key for them, are the caller's to end.
///
/// `new` may be the same key-encryption key as `old`. After an error, or a crash, either key opens
/// the vault, never both ([`Vault::opens_with`] tells); repeated, this finishes what was begun, or
/// begins again. Needs as much room on the disk as the vault takes.
///
/// # Errors
/// Those of [`Vault::open`]; [`VaultError::SlotDamaged`] and [`VaultError::SlotMoved`], since a key
/// that does not open can't be taken along; [`VaultError::NotOfTheVault`] for a file that would be
/// destroyed with the old vault though it is no part of it; [`VaultError::Io`], with the vault as it
/// was or as it becomes.
pub fn rotate(
    dir: &Path,
    ledger: LedgerId,
    old: &Kek,
    new: &Kek,
    now_seconds: u64,
) -> Result<Rotation, VaultError> {
    rotate_in_steps(dir, ledger, (old, new), now_seconds, &mut || Ok(()))
}

pub(crate) fn rotate_in_steps(
    dir: &Path,
    ledger: LedgerId,
    (old, new): (&Kek, &Kek),
    now_seconds: u64,
    step: Step<'_>,
) -> Result<Rotation, VaultError> {
    let places = Places::of(dir);
    if settle(dir, step)? {
        // An earlier call was stopped after its commit. If it was this rotation, it is finished.
        let finishes = key_file::opens(&places.vault, &ledger, new)?;
        let kek = if finishes { new } else { old };
        let vault = Vault::load(&places.vault, ledger, kek, 0, false)?;
        finish(dir, step)?;
        if let (true, Some(rotation)) = (finishes, vault.last_rotation()) {
            return Ok(rotation);
        }
    }
    let vault = Vault::load(&places.vault, ledger, old, 0, false)?;
    check_names(&places.vault)?;
    let covers = vault.last_erasure().map(|(sequence, _)| sequence);
    let rotation = Rotation { at_seconds: now_seconds, covers };
    build(&vault, &places, new, &rotation, step)?;
    drop(vault);

    // CRASH: until this rename opening undoes the rotation, from here on it finishes it.
    places.rename(&places.vault, &places.old)?;
    step()?;
    // CRASH: without this sync the next rename could be on the disk alone.
    places.sync()?;
    places.rename(&places.next, &places.vault)?;
    step()?;
    places.sync()?;
    step()?;
    discard(&places.old, step)?;
    Ok(rotation)
}

/// Writes the new vault beside, all of it durable, and reads it back.
fn build(
    from: &Vault,
    places: &Places,
    kek: &Kek,
    rotation: &Rotation,
    step: Step<'_>,
) -> Result<(), VaultError> {
    let (shared, next) = (&from.shared, &places.next);
    let ledger = &shared.ledger;
    files::create_dir(next)?;
    step()?;
    let (vault_key, content) = key_file::make(next, ledger, kek)?;
    files::write_synced(&key_file::path(next), &content)?;
    step()?;
    let blocks = lock(&shared.issue).blocks;
    for number in 0..blocks {
        let block = Block::read(&shared.dir, number)?;
        block.write_rewrapped(next, ledger, &shared.vault_key, &vault_key)?;
        step()?;
    }
    if let Some((sequence, link_hash)) = from.last_erasure() {
        marks::write_erased(next, ledger, &Erased { sequence, link_hash })?;
        step()?;
    }
    let kept = from.residue()?;
    if let Some(content) = &kept {
        residue::write(next, ledger, &vault_key, content)?;
        step()?;
    }
    marks::write_rotated(next, ledger, rotation)?;
    step()?;
    files::sync_dir(next)?;

    // The old keys are about to be destroyed: what was written is opened as it will be, first.
    let read_back = Vault::load(next, *ledger, kek, 0, false)?;
    for number in 0..blocks {
        let (old, new) = (Block::read(&shared.dir, number)?, Block::read(next, number)?);
        let same = new.has_keys_of(&old, ledger, &read_back.shared.vault_key, &shared.vault_key)?;
        if !same {
            let path = block::path(next, number);
            return Err(VaultError::BlockDamaged { path, what: "it was not written as it should" });
        }
    }
    if read_back.residue()? != kept {
        let path = next.join(RESIDUE);
        return Err(VaultError::BlockDamaged { path, what: "it was not written as it should" });
    }
    places.sync()?;
    step()
}

/// Refuses what is no part of a vault: it would be destroyed with the old one.
fn check_names(dir: &Path) -> Result<(), VaultError> {
    let ours = |name: &str| {
        [key_file::NAME, marks::ERASED, marks::ROTATED, RESIDUE].contains(&name)
            || block::number_of(name).is_some()
    };
    for name in files::names(dir)? {
        if !ours(name.strip_suffix(files::BESIDE).unwrap_or(&name)) {
            return Err(VaultError::NotOfTheVault { path: dir.join(name) });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
