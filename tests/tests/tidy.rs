//! The rules of the workspace that no compiler keeps: which crate may use which, what the pure core
//! never names, how long files and functions get, what every crate says of itself, what lies where.
//!
//! Each rule is a test of its own, and fails with everything that breaks it and what to do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use source::{Follow, Source, functions, paths, sources};
use workspace::{Package, files, names, packages, root, shown};

#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/workspace.rs"]
mod workspace;

/// Dependencies point one way: a crate may use those of the layers before its own. Services come
/// after all of these, `letopisd` after them; the client has a list of its own; tools and tests
/// may use anything.
const LAYERS: [&[&str]; 6] = [
    // Generated code, XES and words stand beside the types: usable by all, and know of nothing.
    &["crates/types", "crates/proto", "crates/xes", "crates/words"],
    &["crates/crypto", "crates/domain"],
    &["crates/log", "crates/policy", "crates/sections", "crates/deidentified"],
    &["crates/record", "crates/vault", "crates/state"],
    &["crates/ledger"],
    // What the services share; what auditors ask, without a server.
    &["services/rpc", "crates/audit"],
];

const SERVER: &str = "services/letopisd";
const CLIENT: &str = "crates/client";
/// Plays on a ledger as its clients do.
const DISTRICT: &str = "crates/district";
/// What agencies' software is built with: nothing of the server is in it.
const FOR_THE_CLIENT: [&str; 7] = [
    "crates/types",
    "crates/proto",
    "crates/crypto",
    "crates/domain",
    "crates/log",
    "crates/sections",
    "crates/words",
];

/// No IO, no clock, no randomness: those are arguments.
const PURE: [&str; 8] = [
    "crates/types",
    "crates/crypto",
    "crates/log",
    "crates/domain",
    "crates/policy",
    "crates/sections",
    "crates/xes",
    "crates/deidentified",
];

const MOST_LINES_OF_A_FILE: usize = 500;
const MOST_LINES_OF_A_FUNCTION: usize = 70;
/// Functions that may be longer: file, name, why.
const LONGER_FUNCTIONS: [(&str, &str, &str); 3] = [
    (
        "crates/ledger/src/open/start.rs",
        "start",
        "wiring: what each stage of the pipeline shares with the others stands in one place",
    ),
    (
        "crates/domain/src/procedure/required.rs",
        "required",
        "a table: which sections each kind of fact must have, to be read beside the catalogue",
    ),
    ("crates/domain/src/testing/kinds.rs", "fact", "a table: a few lines for each kind of fact"),
];

/// What may lie at the top level, beside files whose names begin with a dot, and git's and cargo's.
const TOP_LEVEL: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "crates",
    "proto",
    "services",
    "tests",
    "tools",
];

/// Fails with all that breaks a rule, and with what to do about it.
fn nothing(breaks_it: &[String], what_to_do: &str) {
    assert!(breaks_it.is_empty(), "\n  {}\n{what_to_do}\n", breaks_it.join("\n  "));
}

/// Where a member stands: its layer, counted from 0. `None` for client, district, tools and tests, which
/// stand apart, and for whatever has no place yet.
fn layer(folder: &str) -> Option<usize> {
    match folder {
        SERVER => Some(LAYERS.len() + 1),
        _ => LAYERS
            .iter()
            .position(|layer| layer.contains(&folder))
            .or_else(|| folder.starts_with("services/").then_some(LAYERS.len())),
    }
}

fn may_use(user: &str, used: &str) -> bool {
    match user {
        "tests" => true,
        CLIENT => FOR_THE_CLIENT.contains(&used),
        DISTRICT => used == CLIENT || used == "crates/policy" || FOR_THE_CLIENT.contains(&used),
        _ if user.starts_with("tools/") => true,
        _ => match (layer(user), layer(used)) {
            (Some(user), Some(used)) => used < user,
            _ => false,
        },
    }
}

/// Whether a crate from outside may be a dependency of a member.
fn may_use_from_outside(package: &Package, name: &str) -> bool {
    let folder = package.folder.as_str();
    let is = |family: &str| name == family || name.starts_with(&format!("{family}-"));
    let outermost = package.is_tool() || package.is_tests();
    if is("tokio") {
        return outermost
            || [CLIENT, DISTRICT].contains(&folder)
            || layer(folder) >= layer("crates/record");
    }
    if is("tonic") {
        // The traits and clients that are generated from the protos are written against it.
        return outermost || [CLIENT, "crates/proto"].contains(&folder) || package.is_service();
    }
    match name {
        "sled" => folder == "crates/state",
        "quick-xml" => package.is_tool(),
        "clap" => package.is_tool() || folder == SERVER,
        "getrandom" | "rand" | "rand_core" | "tempfile" if PURE.contains(&folder) => false,
        _ => !is("cedar") || folder == "crates/policy",
    }
}

/// Whether a dependency is held to the rules: those for tests are not, except in the pure core.
fn counts(package: &Package, dependency: &workspace::Dependency) -> bool {
    !dependency.dev || PURE.contains(&package.folder.as_str())
}

#[test]
fn every_member_has_a_place() {
    let breaks_it: Vec<String> = packages()
        .into_iter()
        .filter(|p| !p.is_tool() && !p.is_tests() && ![CLIENT, DISTRICT].contains(&&*p.folder))
        .filter(|p| layer(&p.folder).is_none())
        .map(|p| p.folder)
        .collect();
    nothing(&breaks_it, "Give it a layer in LAYERS (tests/tests/tidy.rs) by what it may use.");
}

#[test]
fn dependencies_point_one_way() {
    let mut breaks_it = Vec::new();
    for package in packages() {
        for dependency in package.dependencies.iter().filter(|d| counts(&package, d)) {
            let Some(member) = &dependency.member else { continue };
            if !may_use(&package.folder, member) {
                breaks_it.push(format!("{} uses {member}", package.folder));
            }
        }
    }
    nothing(
        &breaks_it,
        "types, proto <- crypto, domain <- log, policy, sections <- record, vault, state <- ledger \
         <- services <- letopisd; the client uses types, proto, crypto, domain, log, sections, words only. \
         Move what is needed to a crate of an earlier layer, or pass it as an argument.",
    );
}

#[test]
fn the_direction_is_the_one_of_the_design() {
    let right = [
        ("crates/crypto", "crates/types"),
        ("crates/log", "crates/domain"),
        ("crates/ledger", "crates/vault"),
        ("services/ledger", "crates/ledger"),
        ("services/letopisd", "services/ledger"),
        ("crates/client", "crates/log"),
        ("crates/district", "crates/client"),
        ("tools/letopis", "services/letopisd"),
        ("tests", "crates/client"),
    ];
    let wrong = [
        ("crates/types", "crates/proto"),
        ("crates/domain", "crates/crypto"),
        ("crates/log", "crates/record"),
        ("crates/record", "crates/state"),
        ("crates/ledger", "services/ledger"),
        ("services/ledger", "services/letopisd"),
        ("services/letopisd", "crates/client"),
        ("services/letopisd", "tools/letopis"),
        ("crates/client", "crates/record"),
        ("crates/client", "crates/district"),
        ("crates/district", "crates/ledger"),
        ("crates/without-a-place", "crates/types"),
    ];
    for (user, used) in right {
        assert!(may_use(user, used), "{user} may use {used}");
    }
    for (user, used) in wrong {
        assert!(!may_use(user, used), "{user} may not use {used}");
    }
}

#[test]
fn what_comes_from_outside_stays_where_it_belongs() {
    let mut breaks_it = Vec::new();
    for package in packages() {
        for dependency in package.dependencies.iter().filter(|d| counts(&package, d)) {
            let name = &dependency.name;
            if dependency.member.is_none() && !may_use_from_outside(&package, name) {
                breaks_it.push(format!("{} depends on {name}", package.folder));
            }
        }
    }
    nothing(
        &breaks_it,
        "tokio from record upwards; tonic in services, client, tools and proto only; sled in state, \
         Cedar in policy, quick-xml in tools, clap in tools and letopisd only; randomness and \
         temporary files never in the pure core, in its tests neither.",
    );
}

/// What a pure crate may not name: segments of a path that stand together.
const NOT_PURE: [&[&str]; 12] = [
    &["std", "fs"],
    &["std", "net"],
    &["std", "env"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "*"],
    &["SystemTime"],
    &["Instant", "now"],
    &["std", "time", "Instant"],
    &["getrandom"],
    &["rand"],
    &["OsRng"],
];

/// What of a file's names is not pure.
fn impure(source: &Source) -> Vec<String> {
    let found = paths(&source.tokens).into_iter();
    // `std` by itself is `use std as another_name`, under which the rest would not be seen.
    let found =
        found.filter(|name| name.path == ["std"] || NOT_PURE.iter().any(|not| name.has(not)));
    found
        .map(|name| format!("{}:{}: {}", shown(&source.path), name.line, name.path.join("::")))
        .collect()
}

#[test]
fn the_core_is_pure() {
    let mut breaks_it = Vec::new();
    for package in packages().iter().filter(|p| PURE.contains(&p.folder.as_str())) {
        for target in package.production_targets() {
            breaks_it.extend(sources(&target.root, Follow::Shipped).iter().flat_map(impure));
        }
    }
    nothing(
        &breaks_it,
        "types, crypto, log, domain, policy, sections and xes do no IO, read no clock and draw no \
         randomness: take it as an argument, and let the caller do it.",
    );
}

#[test]
fn impurity_is_seen_however_it_is_written() {
    let seen = |text: &str| {
        let tokens = source::shipped(&source::tokens(text).unwrap());
        !impure(&Source { path: "invented.rs".into(), text: text.into(), tokens }).is_empty()
    };
    for text in [
        "use std::fs;",
        "use std::{fmt, io::Read, net::TcpStream};",
        "use ::std::*;",
        "use std as s;",
        "fn f() { assert!(std::env::var(\"x\").is_ok()) }",
        "use std::time::Instant;",
        "fn f(t: std::time::SystemTime) {}",
        "fn f() { clock::Instant::now() }",
        "fn f() { getrandom::fill(&mut []) }",
    ] {
        assert!(seen(text), "{text}");
    }
    for text in [
        "use std::{fmt, time::Duration};",
        "use letopis_types::Instant;",
        "//! Neither `std::fs` nor SystemTime.\nconst A: &str = \"std::fs\";",
        "#[cfg(test)] mod tests { use std::fs; }",
        "fn environment() { let randomness = my::env::fs; }",
    ] {
        assert!(!seen(text), "{text}");
    }
}

/// Every file that is shipped, with the tokens that are.
fn shipped_sources() -> Vec<Source> {
    let packages = packages();
    let shipped = packages.iter().filter(|p| !p.is_tests());
    let roots = shipped.flat_map(Package::production_targets);
    roots.flat_map(|target| sources(&target.root, Follow::Shipped)).collect()
}

#[test]
fn files_are_short() {
    let long: Vec<String> = shipped_sources()
        .iter()
        .map(|source| (source.text.lines().count(), shown(&source.path)))
        .filter(|(lines, _)| *lines > MOST_LINES_OF_A_FILE)
        .map(|(lines, path)| format!("{path} has {lines} lines"))
        .collect();
    nothing(
        &long,
        "A production file has at most 500 lines. Find the second idea in it and give that a module; \
         tests of more than 200 lines go beside, into tests.rs.",
    );
}

#[test]
fn functions_are_short() {
    let mut breaks_it = Vec::new();
    let mut excepted = LONGER_FUNCTIONS.map(|(file, name, _)| (file, name, false));
    for source in shipped_sources() {
        let path = shown(&source.path);
        let functions = functions(&source.tokens).into_iter();
        for function in functions.filter(|function| function.lines > MOST_LINES_OF_A_FUNCTION) {
            let exception = excepted.iter_mut().find(|e| e.0 == path && e.1 == function.name);
            match exception {
                Some((_, _, used)) => *used = true,
                None => breaks_it.push(format!(
                    "{path}:{}: {} has {} lines",
                    function.line, function.name, function.lines
                )),
            }
        }
    }
    nothing(
        &breaks_it,
        "A function has at most 70 lines. Name the steps and give each a function; or, where it \
         would read worse, add it to LONGER_FUNCTIONS (tests/tests/tidy.rs) with the reason.",
    );
    let unused = excepted.iter().filter(|(.., used)| !used);
    let unused: Vec<String> = unused.map(|(file, name, _)| format!("{file}: {name}")).collect();
    nothing(&unused, "These are short by now: take them out of LONGER_FUNCTIONS.");
}

#[test]
fn no_source_file_is_left_out() {
    let mut breaks_it = Vec::new();
    for package in packages() {
        let reached: BTreeSet<_> = package
            .targets
            .iter()
            .flat_map(|target| sources(&target.root, Follow::All))
            .map(|source| source.path)
            .collect();
        let all = files(&root().join(&package.folder));
        let rust = all.iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
        breaks_it.extend(rust.filter(|path| !reached.contains(*path)).map(|path| shown(path)));
    }
    nothing(
        &breaks_it,
        "No `mod` line leads here, so nothing compiles or checks it. Add the line or remove the file.",
    );
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let forbidden = section(&manifest, "[workspace.lints.rust]")
        .is_some_and(|lints| lints.contains(&"unsafe_code = \"forbid\""));
    assert!(forbidden, "Cargo.toml: write unsafe_code = \"forbid\" under [workspace.lints.rust].");

    let without: Vec<String> = packages()
        .into_iter()
        .map(|package| format!("{}/Cargo.toml", package.folder))
        .filter(|path| {
            let manifest = std::fs::read_to_string(root().join(path)).unwrap();
            section(&manifest, "[lints]") != Some(vec!["workspace = true"])
        })
        .collect();
    nothing(
        &without,
        "Every member takes the workspace's lints: [lints] and below it workspace = true.",
    );
}

/// The lines of a manifest's section, without comments and empty ones.
fn section<'a>(manifest: &'a str, header: &str) -> Option<Vec<&'a str>> {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != header);
    lines.next()?;
    let content = lines.take_while(|line| !line.starts_with('['));
    Some(content.filter(|line| !line.is_empty() && !line.starts_with('#')).collect())
}

/// The `//!` lines with which a file begins, as one text.
fn header(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_crate_says_what_is_in_scope() {
    let mut breaks_it = Vec::new();
    for package in packages() {
        let roots = package.production_targets().filter(|target| target.kind != "custom-build");
        let headers: Vec<_> = roots.map(|target| (&target.root, header(&target.root))).collect();
        let silent = headers.iter().filter(|(_, header)| header.is_empty());
        breaks_it.extend(silent.map(|(path, _)| format!("{}: no header", shown(path))));
        // The tests are no part of what is described.
        let complete =
            |header: &str| header.contains("In scope") && header.contains("Out of scope");
        if !package.is_tests() && !headers.iter().any(|(_, header)| complete(header)) {
            breaks_it.push(format!("{}: no header tells the scope", package.folder));
        }
    }
    nothing(
        &breaks_it,
        "A crate's first file begins with //! lines that say what it is, what is \"In scope\", what \
         is \"Out of scope\" (in these words), and which invariants it keeps.",
    );
}

#[test]
fn the_top_level_is_as_listed() {
    let other: Vec<String> = names(&root())
        .into_iter()
        .filter(|name| !name.starts_with('.') && name != "target")
        .filter(|name| !TOP_LEVEL.contains(&name.as_str()))
        .collect();
    nothing(
        &other,
        "At the top lie Cargo.toml, Cargo.lock, README.md, LICENSE, proto, crates, services, tools, \
         tests and dot-files, and nothing else. Put it into one of them.",
    );
}

/// Every folder that is a part of the architecture, from what lies there.
fn parts() -> BTreeSet<String> {
    let mut parts = BTreeSet::from(["proto".to_owned(), "tests".to_owned()]);
    for group in ["crates", "services", "tools"] {
        parts.extend(names(&root().join(group)).iter().map(|name| format!("{group}/{name}")));
    }
    parts.extend(packages().into_iter().map(|package| package.folder));
    parts
}

/// The paths at the beginning of the lines of the architecture's map: the first fenced block
/// under its heading. `None` if there is no such heading.
fn mapped(readme: &str) -> Option<Vec<String>> {
    let mut lines = readme.lines().skip_while(|line| line.trim() != "## Architecture");
    lines.next()?;
    let section = lines.take_while(|line| !line.starts_with("## "));
    let mut block = section.skip_while(|line| !line.starts_with("```"));
    block.next();
    let words = block
        .take_while(|line| !line.starts_with("```"))
        .filter_map(|line| line.split_whitespace().next())
        .map(|word| word.trim_end_matches('/').to_owned());
    let is_path = |word: &String| match word.split_once('/') {
        Some((group, _)) => ["crates", "services", "tools", "proto", "tests"].contains(&group),
        None => ["proto", "tests"].contains(&word.as_str()),
    };
    Some(words.filter(is_path).collect())
}

/// What is wrong with a map of these parts.
fn map_faults(mapped: &[String], parts: &BTreeSet<String>) -> Vec<String> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for path in mapped {
        *times.entry(path).or_default() += 1;
    }
    let missing = parts.iter().filter(|part| !times.contains_key(part.as_str()));
    let mut faults: Vec<String> = missing.map(|part| format!("{part} is not on the map")).collect();
    for (path, times) in times {
        if times > 1 {
            faults.push(format!("{path} is on the map {times} times"));
        }
        if !parts.contains(path) && !root().join(path).exists() {
            faults.push(format!("{path} is on the map and not there"));
        }
    }
    faults
}

#[test]
fn the_map_in_the_readme_is_true() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mapped = mapped(&readme).expect("README.md has a heading \"## Architecture\"");
    nothing(
        &map_faults(&mapped, &parts()),
        "The first fenced block under \"## Architecture\" in README.md begins a line with each of \
         crates/*, services/*, tools/*, proto and tests, once. Mend it.",
    );
}

#[test]
fn a_map_is_read_and_judged() {
    let readme = "# L\n```\ncrates/no\n```\n## Architecture\nText: crates/no\n```text\n\
                  crates/a   what it is\n  crates/a/ again\n\ntests  and crates/no\nproto/nowhere\n\
                  word\n```\ncrates/no\n## More\n```\ncrates/no\n```\n";
    let mapped = mapped(readme).unwrap();
    assert_eq!(mapped, ["crates/a", "crates/a", "tests", "proto/nowhere"]);
    let parts = ["crates/a", "crates/b", "tests"].map(String::from).into();
    let faults = [
        "crates/b is not on the map",
        "crates/a is on the map 2 times",
        "proto/nowhere is on the map and not there",
    ];
    assert_eq!(map_faults(&mapped, &parts), faults);
    assert_eq!(self::mapped("# Architecture\n"), None);
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    // Put together here, so that this file does not name them.
    let needles = ["work", "home", "root"].map(|folder| format!("/{folder}/"));
    let mut breaks_it = Vec::new();
    for path in files(&root()) {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        // What is not text names nothing.
        let Ok(text) = String::from_utf8(bytes) else { continue };
        for (number, line) in text.lines().enumerate() {
            if needles.iter().any(|needle| line.contains(needle)) {
                breaks_it.push(format!("{}:{}: {}", shown(&path), number + 1, line.trim()));
            }
        }
    }
    nothing(
        &breaks_it,
        "Find paths from the repository's own place (CARGO_MANIFEST_DIR in Rust, __file__ in Python, \
         the script's folder in bash), or take them from the environment.",
    );
}
