//! `letopis audit report`: what an inspection asks of a record, on a screen, for a program or on paper.

use letopis_audit::{Report, Scope, Shown, audit};

use super::{Audited, document, html, text};
use crate::cli::{DayArg, ReportArgs, ReportFormat};
use crate::cmd::verify::{of_verify, progress_bar};
use crate::failure::Failure;
use crate::{out, secret_file};

pub(super) fn run(args: &ReportArgs) -> Result<(), Failure> {
    let scope = scope(args)?;
    let (audited, options) = Audited::open(&args.record)?;
    // What goes to standard output is all there is.
    let bar = progress_bar(args.out.is_none(), args.record.lang);
    let audited_to_the_end = audit(&audited.dir, options, scope, |events| bar.set_position(events));
    bar.finish_and_clear();
    let (verified, mut report) = audited_to_the_end.map_err(of_verify)?;
    audited.check(&args.record, &verified)?;
    report.record.continues = audited.earlier.as_ref().map(|earlier| earlier.size().0);
    let written = written(&report, args)?;
    match &args.out {
        Some(path) => secret_file::create(path, &written),
        None => out::text(&written),
    }
}

fn scope(args: &ReportArgs) -> Result<Scope, Failure> {
    let day = |day: DayArg| {
        day.date().map(Shown).ok_or_else(|| Failure::other("a day beyond the calendar"))
    };
    let (from, to) = (args.from.map(day).transpose()?, args.to.map(day).transpose()?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(Failure::other("--to is a day before --from: no day is left"));
    }
    Ok(Scope { from, to, agency: args.agency.map(Shown) })
}

fn written(report: &Report, args: &ReportArgs) -> Result<String, Failure> {
    let lang = args.record.lang;
    Ok(match args.format {
        ReportFormat::Json => serde_json::to_string_pretty(report).map_err(Failure::other)? + "\n",
        ReportFormat::Text => text::of(&document::of(report, lang), lang),
        ReportFormat::Html => html::of(&document::of(report, lang), lang),
    })
}
