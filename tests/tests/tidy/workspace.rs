//! The workspace as cargo knows it, and the files of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A member of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    /// Its folder, relative to the root of the repository: `crates/types`.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// The folder, if it is a member too.
    pub(crate) member: Option<String>,
    /// Only for tests, examples and benches.
    pub(crate) dev: bool,
}

#[derive(Debug)]
pub(crate) struct Target {
    /// `lib`, `bin`, `custom-build`, `test`, `example`, `bench`.
    pub(crate) kind: String,
    /// Its first file.
    pub(crate) root: PathBuf,
}

impl Package {
    pub(crate) fn is_tool(&self) -> bool {
        self.folder.starts_with("tools/")
    }

    pub(crate) fn is_tests(&self) -> bool {
        self.folder == "tests"
    }

    pub(crate) fn is_service(&self) -> bool {
        self.folder.starts_with("services/")
    }

    /// What is shipped or builds what is shipped: library, programs, build script.
    pub(crate) fn production_targets(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(|t| matches!(t.kind.as_str(), "lib" | "bin" | "custom-build"))
    }
}

/// The root of the repository: asked when the test runs, since a checkout that shares its target
/// directory with another may run what was built there.
pub(crate) fn root() -> PathBuf {
    let tests = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or(env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    tests.parent().expect("tests/ has a parent").to_path_buf()
}

/// A path as it is written in a message: relative to the root of the repository.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Every member, from `cargo metadata`.
pub(crate) fn packages() -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .output()
        .expect("cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata failed: {said}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    list(&metadata, "packages").iter().map(package).collect()
}

fn package(package: &Value) -> Package {
    let manifest = PathBuf::from(text(package, "manifest_path"));
    Package {
        folder: shown(manifest.parent().expect("a manifest lies in a folder")),
        dependencies: list(package, "dependencies").iter().map(dependency).collect(),
        targets: list(package, "targets").iter().map(target).collect(),
    }
}

fn dependency(dependency: &Value) -> Dependency {
    Dependency {
        name: text(dependency, "name").to_owned(),
        member: dependency["path"].as_str().map(|path| shown(Path::new(path))),
        dev: dependency["kind"].as_str() == Some("dev"),
    }
}

fn target(target: &Value) -> Target {
    let kind = list(target, "kind").first().and_then(Value::as_str).expect("a target has a kind");
    Target { kind: kind.to_owned(), root: PathBuf::from(text(target, "src_path")) }
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().unwrap_or_else(|| panic!("cargo metadata has no list `{name}`"))
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_else(|| panic!("cargo metadata has no text `{name}`"))
}

/// Names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", shown(folder)));
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What nobody wrote, or nobody keeps.
const NOT_OURS: [&str; 4] = [".git", ".venv", "__pycache__", "target"];

/// Every file below a folder, but for what git, cargo and Python make.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in names(folder).iter().filter(|name| !NOT_OURS.contains(&name.as_str())) {
        let path = folder.join(name);
        let kind = path.symlink_metadata().unwrap_or_else(|e| panic!("{}: {e}", shown(&path)));
        match kind.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}
