//! A data directory as a whole: made, or opened as a running ledger.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use letopis_ledger::{
    CheckedGenesis, Clock, CreateError, Ledger, LedgerKeys, Limits, OpenReport, Parts,
};
use letopis_log::Checkpoint;
use letopis_record::{
    DataDir, DataDirError, Journal, Options, Record, RecordError, Reserve, Space, TornTail,
};
use letopis_state::streams::SCHEMA;
use letopis_state::{Opening, StateError, Store};
use letopis_types::{LedgerId, Sequence};
use letopis_vault::{Kek, Pin, PinError, PinSource, TokenKek, Vault, VaultError};

use crate::kek::{ExchangeError, KekFiles};
use crate::keys::{self, KeysError};

/// The key-encryption key's file in `keys/`.
pub const KEK_FILE: &str = "vault.kek";

/// Why a data directory could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The directory.
    #[error(transparent)]
    Directory(#[from] DataDirError),
    /// The ledger's own keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The vault.
    #[error("the vault: {0}")]
    Vault(#[from] VaultError),
    /// The token's PIN.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The key-encryption key's file.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The record, being opened.
    #[error("the record: {0}")]
    OpenRecord(#[from] letopis_record::OpenError),
    /// The record, being read or written.
    #[error("the record: {0}")]
    Record(#[from] RecordError),
    /// The state.
    #[error("the state: {0}")]
    State(#[from] StateError),
    /// The genesis.
    #[error("the genesis: {0}")]
    Create(#[from] CreateError),
    /// What does not fit together.
    #[error(transparent)]
    Open(#[from] letopis_ledger::OpenError),
    /// The head file holds something else than a checkpoint.
    #[error("the head file is not a checkpoint: the record is damaged; bring back a copy of it")]
    Head,
    /// The ledger was prepared, and its registrars have not signed yet.
    #[error("the ledger has no genesis yet: finish it with `letopis init --signature`")]
    Unfinished,
    /// The system refused.
    #[error("could not {action} {}: {source}", path.display())]
    Io {
        /// What failed.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Where a ledger's secret keys lie.
#[must_use]
pub fn keys_dir(root: &Path) -> PathBuf {
    root.join("keys")
}

fn vault_dir(root: &Path) -> PathBuf {
    root.join("vault")
}

fn state_dir(root: &Path) -> PathBuf {
    root.join("state")
}

/// Makes the directory of a ledger that has no genesis yet: its marker, its own keys, its vault.
/// The id is known before anybody signs: it is made from the genesis's bytes alone.
///
/// # Errors
/// [`DataError`]; a directory that holds anything is left alone.
pub fn prepare(root: &Path, ledger: LedgerId, keys: &LedgerKeys) -> Result<DataDir, DataError> {
    // CRASH: before the genesis is recorded the directory is of no use and says so; it is removed
    // by hand and made again.
    let dir = DataDir::create(root, ledger)?;
    let keys_dir = keys_dir(root);
    let io = |action| {
        let path = keys_dir.clone();
        move |source| DataError::Io { action, path, source }
    };
    fs::create_dir(&keys_dir).map_err(io("create"))?;
    fs::set_permissions(&keys_dir, std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .map_err(io("protect"))?;
    keys::write(&keys_dir.join(keys::FILE), keys)?;
    let kek = Kek::create_file(&keys_dir.join(KEK_FILE))?;
    Vault::create(&vault_dir(root), ledger, &kek)?;
    fs::File::open(&keys_dir).and_then(|dir| dir.sync_all()).map_err(io("sync"))?;
    Ok(dir)
}

/// Records the genesis of a prepared directory.
///
/// # Errors
/// [`DataError`].
pub fn finish(
    dir: &DataDir,
    genesis: &CheckedGenesis,
    keys: &LedgerKeys,
    options: Options,
) -> Result<(), DataError> {
    let journal = Journal::create(dir, options)?;
    letopis_ledger::create(&journal, genesis, keys)?;
    Ok(journal.close()?)
}

/// What opening a data directory found.
#[derive(Debug)]
pub struct Opened {
    /// About the record.
    pub torn: Option<TornTail>,
    /// About the state.
    pub state: letopis_state::Report,
    /// About the whole.
    pub ledger: OpenReport,
}

/// Where the key-encryption key of the vault is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum KekSource {
    /// In the data directory's own file.
    #[default]
    File,
    /// In a PKCS#11 token, which it never leaves.
    Token {
        /// The token's library.
        module: PathBuf,
        /// The token's label.
        token: String,
        /// The key's label.
        key: String,
        /// Where the PIN is.
        pin: PinSource,
    },
}

impl KekSource {
    /// Gets the key, or a way to use it. Blocks.
    fn get(&self, root: &Path, ledger: LedgerId) -> Result<Kek, DataError> {
        match self {
            Self::File => {
                let files = KekFiles::of(&keys_dir(root));
                files.finish_exchange(&vault_dir(root), ledger)?;
                Ok(Kek::read_file(&files.present)?)
            }
            Self::Token { module, token, key, pin } => {
                let pin = Pin::read(pin)?;
                let kek = TokenKek::open(module, token, key, &pin).map_err(VaultError::from)?;
                Ok(kek.into())
            }
        }
    }
}

/// Opens a data directory as a running ledger, its key-encryption key in its own file and without a
/// reserve for a full disk. Blocks.
///
/// # Errors
/// [`DataError`], with nothing touched but a state that can't be trusted.
pub fn open(
    root: &Path,
    options: Options,
    clock: Clock,
    limits: Limits,
) -> Result<(Ledger, Opened), DataError> {
    let storage =
        Storage { record: options, reserve: Reserve::NONE, state_cache_bytes: STATE_CACHE_BYTES };
    open_with(root, &storage, clock, limits, &KekSource::File)
}

/// Room on the disk for what the state grows by when nothing else finds any, in bytes: for at least as
/// many readings as the record's reserve takes.
const STATE_ROOM_BYTES: u64 = 64 << 20;

/// Memory that sled keeps its pages in unless it is told otherwise, in bytes. In all it takes some times as much.
pub const STATE_CACHE_BYTES: u64 = 128 << 20;

/// What disk and memory are used for a data directory.
#[derive(Debug, Clone)]
pub struct Storage {
    /// How the record is written.
    pub record: Options,
    /// What is kept for a full disk.
    pub reserve: Reserve,
    /// Memory that sled keeps the state's pages in, in bytes.
    pub state_cache_bytes: u64,
}

/// Opens a data directory as a running ledger. Blocks.
///
/// # Errors
/// [`DataError`], with nothing touched but a state that can't be trusted.
pub fn open_with(
    root: &Path,
    storage: &Storage,
    clock: Clock,
    limits: Limits,
    kek: &KekSource,
) -> Result<(Ledger, Opened), DataError> {
    let Storage { record: options, reserve, state_cache_bytes } = storage.clone();
    let dir = DataDir::open(root)?;
    if !dir.record().exists() {
        return Err(DataError::Unfinished);
    }
    let keys = keys::read(&keys_dir(root).join(keys::FILE))?;
    let kek = kek.get(root, dir.ledger())?;

    // How far the record is known to have reached: a frame below that is never a torn one.
    let mut of_state = letopis_state::Options::new(dir.ledger(), SCHEMA);
    of_state.cache_bytes = state_cache_bytes;
    if reserve != Reserve::NONE {
        of_state.room_bytes = STATE_ROOM_BYTES;
    }
    let opening = Opening::begin(&state_dir(root), &of_state)?;
    let known = head_size(&dir)?.max(opening.reach());
    let (journal, opened) = Journal::open(&dir, options, known)?;
    if reserve != Reserve::NONE {
        let space = journal.keep_reserve(reserve);
        if space != Space::Plenty {
            tracing::warn!(?space, "the disk has no room for the reserve");
        }
    }
    let (state, report) = opening.finish(|mark| is_on_record(&journal, mark))?;
    state.keep_room();
    let first_unused = state.mark().map_or(0, |mark| mark.next_key_slot);
    let vault = Vault::open(&vault_dir(root), dir.ledger(), &kek, first_unused)?;

    let parts = Parts {
        record: Arc::new(journal),
        vault,
        state: Arc::<Store>::new(state),
        keys,
        clock,
        limits,
    };
    let (ledger, report_ledger) = letopis_ledger::open(parts)?;
    Ok((ledger, Opened { torn: opened.torn, state: report, ledger: report_ledger }))
}

/// The size in the head file, which is signed; whether rightly is asked once the record is open.
fn head_size(dir: &DataDir) -> Result<Sequence, DataError> {
    let Some(head) = letopis_record::read_head(&dir.record())? else { return Ok(Sequence::ZERO) };
    let text = head.split_inclusive('\n').take(3).collect::<String>();
    Checkpoint::from_text(&text).map(|checkpoint| checkpoint.size).map_err(|_| DataError::Head)
}

fn is_on_record(journal: &Journal, mark: &letopis_state::Mark) -> bool {
    let Some(last) = mark.size.0.checked_sub(1) else { return true };
    journal
        .read(Sequence(last), 1, 1)
        .is_ok_and(|events| events.first().is_some_and(|event| event.link.hash() == mark.last_link))
}
