//! The tables as CSV: a line for each cell, in codes and numbers alone, so that nothing needs quotes.

use letopis_proto::accountability::v1::IndicatorTable;

const HEADER: &str = "year,quarter,universe,breakdown,category,region,count\n";

/// Quarter 0: the year; no breakdown: the total; no region: the country; no count: withheld.
pub(super) fn of(tables: &[IndicatorTable]) -> String {
    let lines = tables.iter().flat_map(|table| {
        let IndicatorTable { year, quarter, universe, .. } = table;
        table.rows.iter().flat_map(move |row| {
            table.columns.iter().zip(&row.cells).map(move |(column, cell)| {
                let region = row.region.map(|region| region.to_string()).unwrap_or_default();
                let count = cell.count.map(|count| count.to_string()).unwrap_or_default();
                let (breakdown, category) = (&column.breakdown, &column.category);
                format!("{year},{quarter},{universe},{breakdown},{category},{region},{count}\n")
            })
        })
    });
    std::iter::once(HEADER.to_owned()).chain(lines).collect()
}
