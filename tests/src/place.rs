//! Where things lie: the repository, what is built, other people's data, interpreters.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The repository's first folder.
///
/// # Panics
/// If this package is not in it.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().into()
}

/// Where cargo put the profile's binaries that this test was built with: `target/debug`.
///
/// # Panics
/// If the test was not built by cargo.
#[must_use]
pub fn profile_dir() -> PathBuf {
    let test = env::current_exe().unwrap();
    // target/PROFILE/deps/TEST
    test.ancestors().nth(2).unwrap().into()
}

/// A new folder below the target folder, removed with the value; `LETOPIS_KEEP=1` keeps it.
///
/// # Panics
/// If it can't be made.
#[must_use]
pub fn temporary(name: &str) -> TempDir {
    let parent = profile_dir().parent().unwrap().join("tmp");
    std::fs::create_dir_all(&parent).unwrap();
    let mut made = tempfile::Builder::new().prefix(name).tempdir_in(parent).unwrap();
    made.disable_cleanup(env::var("LETOPIS_KEEP").is_ok_and(|value| value == "1"));
    made
}

/// Other people's data: `$LETOPIS_SHARED`, else `../shared` beside the repository.
///
/// # Panics
/// If `$LETOPIS_SHARED` is no folder.
#[must_use]
pub fn shared() -> Option<PathBuf> {
    if let Some(given) = env::var_os("LETOPIS_SHARED") {
        let given = PathBuf::from(given);
        assert!(given.is_dir(), "LETOPIS_SHARED is no folder: {}", given.display());
        return Some(given);
    }
    repository().parent().map(|above| above.join("shared")).filter(|shared| shared.is_dir())
}

/// A Python with what the independent verifier needs: `$LETOPIS_PYTHON`, else `python3` where it
/// can import that.
#[must_use]
pub fn python() -> Option<PathBuf> {
    let given = env::var_os("LETOPIS_PYTHON").map(PathBuf::from);
    given.or_else(|| importing("python3", "blake3, cryptography"))
}

/// Any Python that is new enough for the tools here: `$LETOPIS_PYTHON`, else `python3`.
#[must_use]
pub fn plain_python() -> Option<PathBuf> {
    let given = env::var_os("LETOPIS_PYTHON").map(PathBuf::from);
    given.or_else(|| importing("python3", "tomllib"))
}

/// A Python with PM4Py, pandas and prov: `$LETOPIS_PM4PY`.
#[must_use]
pub fn pm4py() -> Option<PathBuf> {
    env::var_os("LETOPIS_PM4PY").map(PathBuf::from)
}

/// A Python with grpcio, grpcio-tools and PyJWT: `$LETOPIS_GRPCIO`.
#[must_use]
pub fn grpcio() -> Option<PathBuf> {
    env::var_os("LETOPIS_GRPCIO").map(PathBuf::from)
}

fn importing(python: &str, modules: &str) -> Option<PathBuf> {
    let tried = Command::new(python).args(["-c", &format!("import {modules}")]).output();
    tried.is_ok_and(|done| done.status.success()).then(|| python.into())
}
