//! A table for a person to read: categories down, country and regions across.

use letopis_proto::accountability::v1::{IndicatorCell, IndicatorRow, IndicatorTable};
use letopis_words::{Lang, say};

use super::{in_words, period};

/// What stands for a withheld cell.
pub(super) const DOT: &str = "·";

/// Beyond so many regions the country alone is shown.
const REGIONS_MAX: usize = 8;

/// The width of the first column and of the others.
const WIDTHS: (usize, usize) = (46, 10);

pub(super) fn told(table: &IndicatorTable, lang: Lang) -> String {
    let title = in_words(table.words.as_ref(), lang);
    let mut text = format!("\n{title} · {}\n", period(table, lang));
    for why in &table.withheld {
        text += &format!("  {DOT} {}\n", lang.pick(&why.bg, &why.en));
    }
    let counted = |cell: &IndicatorCell| cell.count != Some(0);
    if !table.rows.iter().flat_map(|row| &row.cells).any(counted) {
        return text + &format!("  {}\n", say!(lang, "common-none"));
    }
    let all = table.rows.len() <= REGIONS_MAX + 1;
    let rows: Vec<&IndicatorRow> =
        table.rows.iter().filter(|row| all || row.region.is_none()).collect();
    text += &line("", rows.iter().map(|row| region(row, lang)));
    let mut breakdown = "";
    for (at, column) in table.columns.iter().enumerate() {
        if column.breakdown != breakdown {
            breakdown = &column.breakdown;
            text += &format!("  {}\n", in_words(column.breakdown_words.as_ref(), lang));
        }
        let cells = rows.iter().filter_map(|row| row.cells.get(at));
        // A category in which nobody is says little; the total does.
        if !breakdown.is_empty() && !cells.clone().any(counted) {
            continue;
        }
        let indent = if breakdown.is_empty() { "  " } else { "    " };
        let label = format!("{indent}{}", in_words(column.words.as_ref(), lang));
        text += &line(&label, cells.map(shown));
    }
    if !all {
        text += &format!("  {}\n", say!(lang, "indicators-more-regions"));
    }
    text
}

fn region(row: &IndicatorRow, lang: Lang) -> String {
    match row.region {
        None => say!(lang, "indicators-country").to_owned(),
        Some(0) => say!(lang, "indicators-no-region").to_owned(),
        Some(number) => say!(lang, "indicators-region", number = number),
    }
}

fn shown(cell: &IndicatorCell) -> String {
    cell.count.map_or_else(|| DOT.to_owned(), |count| count.to_string())
}

fn line(label: &str, cells: impl Iterator<Item = String>) -> String {
    let (first, other) = WIDTHS;
    let cells: String = cells.map(|cell| format!(" {cell:>other$}")).collect();
    format!("{label:<first$}{cells}\n")
}
