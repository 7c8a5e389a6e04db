//! `letopis indicators`: figures for policy and research, which name nobody.

mod chart;
mod csv;
mod table;

use letopis_proto::accountability::v1::{GetIndicatorsRequest, IndicatorTable, Words};
use letopis_proto::statement::v1::Purpose;
use letopis_words::{Lang, say};

use crate::cli::IndicatorsArgs;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::{message_json, out};

const TABLE: &str = "letopis.accountability.v1.IndicatorTable";

/// `letopis indicators`.
///
/// # Errors
/// Why they are not told, or could not be written.
pub async fn run(args: &IndicatorsArgs) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::Supervision).await?;
    connected.caller()?;
    let question = GetIndicatorsRequest {
        year: args.year,
        quarter: args.quarter.unwrap_or_default(),
        region: args.region,
        universes: args.universe.clone(),
        at_least_size: 0,
    };
    let (answer, as_of) = connected.client.indicators(question).await?;
    if let Some(path) = &args.csv {
        let text = csv::of(&answer.tables);
        std::fs::write(path, text).map_err(Failure::io("write", path))?;
    }
    if let Some(directory) = &args.svg {
        chart::write_all(directory, &answer.tables, args.lang)?;
    }
    if args.server.json {
        let mut lines =
            answer.tables.iter().map(|table| message_json::of(TABLE, table).to_string());
        return lines.try_for_each(|line| out::line(&line));
    }
    let mut text: String =
        answer.tables.iter().map(|table| table::told(table, args.lang)).collect();
    let note = in_words(answer.withheld.as_ref(), args.lang);
    let events = say!(args.lang, "common-of-the-first-events", n = as_of.0);
    text += &format!("\n{} {note}\n{events}\n", table::DOT);
    out::text(&text)
}

fn in_words(words: Option<&Words>, lang: Lang) -> &str {
    words.map_or("", |words| lang.pick(&words.bg, &words.en))
}

/// The period of a table.
fn period(table: &IndicatorTable, lang: Lang) -> String {
    match table.quarter {
        0 => say!(lang, "indicators-year", year = table.year.to_string()),
        quarter => {
            let year = table.year.to_string();
            say!(lang, "indicators-quarter", year = year, quarter = quarter)
        }
    }
}
