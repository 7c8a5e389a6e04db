//! `letopis bench`: what a ledger does on this machine, client and server together.
//!
//! Each round begins new trial ledgers, each served by a process of its own, and measures over gRPC
//! bringing a history along (`import`), reading sections under the adopted policy (`reading`),
//! recording with and without one (`append`), and answering for many cases (`answer`). Medians are
//! reported; figures of one run compare with one another, not with another machine's.

mod answering;
mod appending;
mod disk;
mod figures;
mod importing;
mod office;
mod reading;
mod sample;
mod server;

use std::path::Path;

use tokio::runtime::Runtime;

use crate::cli::{BenchArgs, BenchPart};
use crate::failure::Failure;
use figures::{Figure, Report};

/// `letopis bench`.
///
/// # Errors
/// Whatever did not go as it should.
pub fn run(args: &BenchArgs) -> Result<(), Failure> {
    let report = Report::begin();
    let work = tempfile::tempdir().map_err(Failure::other)?;
    let file = match &args.file {
        Some(file) => file.clone(),
        None => sample::write(&work.path().join("sample.xes"))?,
    };
    let mut rounds = Vec::new();
    for number in 1..=args.rounds.max(1) {
        let root = work.path().join(format!("round-{number}"));
        std::fs::create_dir(&root).map_err(Failure::io("create", &root))?;
        let round = measure(&root, &file, args)?;
        if !args.json {
            figures::tell(number, &round);
        }
        rounds.push(round);
        // The next one finds the disk as this one did.
        std::fs::remove_dir_all(&root).map_err(Failure::io("remove", &root))?;
    }
    report.print(&rounds, &file, args);
    Ok(())
}

fn measure(root: &Path, file: &Path, args: &BenchArgs) -> Result<Vec<Figure>, Failure> {
    let is_wanted = |part| args.only.is_empty() || args.only.contains(&part);
    let mut figures = Vec::new();
    if is_wanted(BenchPart::Import) || is_wanted(BenchPart::Reading) {
        let ledger = root.join("imported");
        let (begun, imported) = importing::measure(&ledger, file, args.times)?;
        figures.extend(imported);
        if is_wanted(BenchPart::Reading) {
            figures.extend(reading::measure(&ledger, &begun, args)?);
        }
    }
    if is_wanted(BenchPart::Append) {
        figures.extend(appending::measure(root, args)?);
    }
    if is_wanted(BenchPart::Answer) {
        figures.extend(answering::measure(root, args)?);
    }
    Ok(figures)
}

fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::other)
}
