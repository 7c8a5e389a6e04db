//! Where things lie: the repository, what is built, other people's data, interpreters.
//!
//! A test that needs a Python with other people's libraries, and has none, fails and says what to install: one that
//! passed would be taken for one that compared something. `LETOPIS_LEAVE_OUT` says what may be left out all the same, by the
//! variables that name it: `LETOPIS_LEAVE_OUT=LETOPIS_PM4PY,LETOPIS_GRPCIO`.

use std::env;
use std::ffi::OsString;
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
/// can import that. `None` only where it may be left out.
///
/// # Panics
/// If there is none, and it may not be left out.
#[must_use]
pub fn python() -> Option<PathBuf> {
    let given = env::var_os("LETOPIS_PYTHON");
    let given = given.or_else(|| Some(importing("python3", "blake3, cryptography")?.into()));
    named(&Needed { variable: "LETOPIS_PYTHON", folder: "tools/verify-py" }, given)
}

/// Any Python that is new enough for the tools here: `$LETOPIS_PYTHON`, else `python3`.
#[must_use]
pub fn plain_python() -> Option<PathBuf> {
    let given = env::var_os("LETOPIS_PYTHON").map(PathBuf::from);
    given.or_else(|| importing("python3", "tomllib"))
}

/// A Python with PM4Py, pandas and prov: `$LETOPIS_PM4PY`. `None` only where it may be left out.
///
/// # Panics
/// If the variable is not set, and it may not be left out.
#[must_use]
pub fn pm4py() -> Option<PathBuf> {
    let needed = Needed { variable: "LETOPIS_PM4PY", folder: "tests/pm4py" };
    named(&needed, env::var_os(needed.variable))
}

/// A Python with grpcio, grpcio-tools and PyJWT: `$LETOPIS_GRPCIO`. `None` only where it may be left out.
///
/// # Panics
/// If the variable is not set, and it may not be left out.
#[must_use]
pub fn grpcio() -> Option<PathBuf> {
    let needed = Needed { variable: "LETOPIS_GRPCIO", folder: "tests/grpcio" };
    named(&needed, env::var_os(needed.variable))
}

/// A Python that tests need.
struct Needed {
    /// What names it.
    variable: &'static str,
    /// Where the requirements lie that it must have.
    folder: &'static str,
}

impl Needed {
    fn or_left_out(
        &self,
        given: Option<OsString>,
        may_be_left_out: &str,
    ) -> Result<Option<PathBuf>, String> {
        let Self { variable, folder } = self;
        let made = format!("target/venv/{}", folder.rsplit('/').next().unwrap());
        if given.is_none() && !may_be_left_out.split(',').any(|name| name == *variable) {
            return Err(format!(
                "this test needs a Python with what {folder}/requirements.txt lists, named in {variable}. \
                 tests/run makes one and sets it; by hand, in {}:\n    \
                 python3 -m venv {made}\n    \
                 {made}/bin/python -m pip install -r {folder}/requirements.txt\n    \
                 export {variable}=$PWD/{made}/bin/python\n\
                 To leave out what needs it, set LETOPIS_LEAVE_OUT={variable}; of several, with commas between them.",
                repository().display()
            ));
        }
        Ok(given.map(PathBuf::from))
    }
}

fn named(needed: &Needed, given: Option<OsString>) -> Option<PathBuf> {
    let may_be_left_out = env::var("LETOPIS_LEAVE_OUT").unwrap_or_default();
    needed.or_left_out(given, &may_be_left_out).unwrap_or_else(|what_to_do| panic!("{what_to_do}"))
}

fn importing(python: &str, modules: &str) -> Option<PathBuf> {
    let tried = Command::new(python).args(["-c", &format!("import {modules}")]).output();
    tried.is_ok_and(|done| done.status.success()).then(|| python.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_left_out_only_where_that_is_said() {
        let needed = Needed { variable: "LETOPIS_PM4PY", folder: "tests/pm4py" };
        for may_be_left_out in ["", "LETOPIS_GRPCIO", "LETOPIS_PM4PY_TOO", "1"] {
            let what_to_do = needed.or_left_out(None, may_be_left_out).unwrap_err();
            for said in [
                "named in LETOPIS_PM4PY",
                "pip install -r tests/pm4py/requirements.txt",
                "LETOPIS_LEAVE_OUT=LETOPIS_PM4PY;",
            ] {
                assert!(what_to_do.contains(said), "{what_to_do}");
            }
        }
        for may_be_left_out in ["LETOPIS_PM4PY", "LETOPIS_GRPCIO,LETOPIS_PM4PY"] {
            assert_eq!(needed.or_left_out(None, may_be_left_out), Ok(None));
        }
        let given = needed.or_left_out(Some("python".into()), "LETOPIS_PM4PY");
        assert_eq!(given, Ok(Some("python".into())));
    }

    #[test]
    fn the_requirements_are_where_they_are_said_to_be() {
        for folder in ["tools/verify-py", "tests/pm4py", "tests/grpcio"] {
            assert!(repository().join(folder).join("requirements.txt").is_file(), "{folder}");
        }
    }
}
