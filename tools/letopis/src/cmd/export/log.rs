//! `letopis export log`: the events of cases as they stand in the record, for other programs.

use letopis_client::accountability::{ExportedLog, LogFilter};
use letopis_proto::accountability::v1::LogFormat;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{Sequence, Timestamp};
use letopis_words::say;
use serde_json::json;

use crate::cli::ExportLogArgs;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::out;
use crate::packed::{Compression, Packed};
use crate::unfinished::Unfinished;

pub(super) async fn run(args: &ExportLogArgs) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    connected.caller()?;
    // Before 1970 nothing was recorded.
    let time = |second: i64| Timestamp::from_seconds(u64::try_from(second).unwrap_or_default());
    let filter = LogFilter {
        format: LogFormat::from(args.format),
        holder: args.holder,
        recorded_from: args.from.map(|from| time(from.0)),
        recorded_before: args.to.map(|until| time(until.0)),
        cases_max: args.cases_max,
    };
    let (unfinished, file) = Unfinished::create(&args.out)?;
    let mut packed = Packed::new(file, Compression::of_name(&args.out));
    let exported = connected.client.export_log(&filter, Sequence::ZERO, &mut packed).await?;
    unfinished.finish(&packed.finish().map_err(Failure::io("write", &args.out))?)?;
    out::text(&told(args, &exported))
}

fn told(args: &ExportLogArgs, exported: &ExportedLog) -> String {
    let ExportedLog { as_of, traces, events, digest } = exported;
    if args.server.json {
        let told = json!({
            "cases": traces, "events": events, "as_of_size": as_of.0, "blake3": digest.to_string(),
        });
        return format!("{told}\n");
    }
    let (lang, file) = (args.lang, args.out.display().to_string());
    let mut text = String::new();
    let mut row = |name: &str, said: &str| text += &format!("{name:<12}{said}\n");
    let exported = say!(lang, "export-log-events", events = events, cases = traces, file = file);
    row(say!(lang, "export-log-exported"), &exported);
    row("", &say!(lang, "export-log-as-of", n = as_of.0));
    row("BLAKE3", &say!(lang, "export-log-digest", digest = digest.to_string()));
    row("", say!(lang, "export-log-keep-it"));
    text
}
