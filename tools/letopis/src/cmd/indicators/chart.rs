//! Charts: for each breakdown of a universe the country's categories, a bar for each period. A withheld cell has
//! a dot in place of its bar, never a bar of no length.

use std::collections::BTreeMap;
use std::path::Path;

use letopis_proto::accountability::v1::{IndicatorColumn, IndicatorTable};
use letopis_words::Lang;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::table::DOT;
use super::{in_words, period};
use crate::failure::Failure;

const WIDTH: u32 = 900;
const LABELS_WIDTH: u32 = 330;
const BAR_HEIGHT: u32 = 16;
const FONT: (&str, u32) = ("sans-serif", 14);

/// Okabe and Ito's colours, which people who see few colours tell apart; the year's is the first.
const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
];

/// Writes a chart for each breakdown in which something is published.
pub(super) fn write_all(
    directory: &Path,
    tables: &[IndicatorTable],
    lang: Lang,
) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).map_err(Failure::io("make", directory))?;
    let mut universes: BTreeMap<&str, Vec<&IndicatorTable>> = BTreeMap::new();
    // The year beside its own quarters would dwarf them: it has the total in the table.
    let quarters = |table: &&IndicatorTable| table.quarter > 0;
    for table in tables.iter().filter(quarters) {
        universes.entry(&table.universe).or_default().push(table);
    }
    for (universe, tables) in universes {
        let Some(first) = tables.first() else { continue };
        let mut breakdowns: Vec<&str> =
            first.columns.iter().map(|column| &*column.breakdown).collect();
        breakdowns.dedup();
        for breakdown in breakdowns.into_iter().filter(|breakdown| !breakdown.is_empty()) {
            if let Some(text) = of(&tables, breakdown, lang)? {
                let path = directory.join(format!("{universe}-{breakdown}.svg"));
                std::fs::write(&path, text).map_err(Failure::io("write", &path))?;
            }
        }
    }
    Ok(())
}

/// A category, and its count in each period.
type Bars<'a> = (&'a IndicatorColumn, Vec<Option<u64>>);

/// The chart of a breakdown; `None`: nothing was counted that is published.
fn of(tables: &[&IndicatorTable], breakdown: &str, lang: Lang) -> Result<Option<String>, Failure> {
    let Some(first) = tables.first() else { return Ok(None) };
    let count = |table: &&IndicatorTable, at: usize| table.rows.first()?.cells.get(at)?.count;
    let bars = first.columns.iter().enumerate().filter(|(_, of)| of.breakdown == breakdown);
    let bars = bars.map(|(at, of)| (of, tables.iter().map(|table| count(table, at)).collect()));
    let empty = |(_, counts): &Bars<'_>| counts.iter().all(|count| *count == Some(0));
    let bars: Vec<Bars<'_>> = bars.filter(|bars| !empty(bars)).collect();
    let most = bars.iter().flat_map(|(_, counts)| counts).flatten().max().copied().unwrap_or(0);
    if most == 0 {
        return Ok(None);
    }
    let title = format!(
        "{}, {}",
        in_words(first.words.as_ref(), lang),
        bars.first().map_or("", |(of, _)| in_words(of.breakdown_words.as_ref(), lang))
    );
    let periods: Vec<String> = tables.iter().map(|table| period(table, lang)).collect();
    let mut text = String::new();
    draw(&mut text, &title, &periods, &bars, lang, most).map_err(Failure::other)?;
    Ok(Some(text))
}

type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

fn draw(
    text: &mut String,
    title: &str,
    periods: &[String],
    bars: &[Bars<'_>],
    lang: Lang,
    most: u64,
) -> Drawn {
    // INVARIANT: categories and periods are few, and no count is larger than what a f64 holds.
    let each = periods.len() as u32 + 1;
    let length = bars.len() as u32 * each;
    let legend = 22 * periods.len() as u32;
    let root = SVGBackend::with_string(text, (WIDTH, 90 + legend + BAR_HEIGHT * length));
    let root = root.into_drawing_area();
    root.fill(&WHITE)?;
    let (above, below) = root.split_vertically(40 + legend);
    above.titled(title, ("sans-serif", 18))?;
    for ((at, period), colour) in (0_i32..).zip(periods).zip(COLOURS) {
        let top = 38 + 22 * at;
        above.draw(&Rectangle::new([(20, top), (34, top + 14)], colour.filled()))?;
        above.draw(&Text::new(period.clone(), (42, top), FONT))?;
    }
    let mut chart = ChartBuilder::on(&below)
        .margin(10)
        .x_label_area_size(30)
        .y_label_area_size(LABELS_WIDTH)
        .build_cartesian_2d(0.0..most as f64 * 1.05, f64::from(length)..0.0)?;
    let whole = |at: &f64| format!("{at:.0}");
    let steps = usize::try_from(most.clamp(2, 6)).unwrap_or(2);
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_labels(steps)
        .x_label_formatter(&whole)
        .draw()?;
    let area = chart.plotting_area();
    let right = FONT.into_text_style(&below).pos(Pos::new(HPos::Right, VPos::Center));
    let left = FONT.into_text_style(&below).pos(Pos::new(HPos::Left, VPos::Center));
    for (group, (column, counts)) in (0_u32..).zip(bars) {
        let top = f64::from(group * each);
        let label = in_words(column.words.as_ref(), lang).to_owned();
        let middle = top + f64::from(each - 1) / 2.0;
        let (x, y) = area.map_coordinate(&(0.0, middle));
        let (from_x, from_y) = below.get_base_pixel();
        below.draw(&Text::new(label, (x - from_x - 8, y - from_y), right.clone()))?;
        for ((at, count), colour) in (0_u32..).zip(counts).zip(COLOURS) {
            let (top, bottom) = (top + f64::from(at), top + f64::from(at) + 0.9);
            match count {
                Some(count) => {
                    let corners = [(0.0, top), (*count as f64, bottom)];
                    area.draw(&Rectangle::new(corners, colour.filled()))?;
                }
                None => {
                    let at = (most as f64 / 200.0, (top + bottom) / 2.0);
                    area.draw(&Text::new(DOT, at, left.clone()))?;
                }
            }
        }
    }
    root.present()
}

#[cfg(test)]
mod tests {
    use letopis_proto::accountability::v1::{IndicatorCell, IndicatorRow, Words};

    use super::*;

    fn words(en: &str) -> Option<Words> {
        Some(Words { bg: String::new(), en: en.to_owned() })
    }

    fn table(counts: [Option<u64>; 2]) -> IndicatorTable {
        let column = |category: &str, breakdown: &str| IndicatorColumn {
            breakdown: breakdown.to_owned(),
            breakdown_words: words("by sort"),
            category: category.to_owned(),
            words: words(category),
        };
        let cells = [None, counts[0], counts[1]].map(|count| IndicatorCell { count });
        IndicatorTable {
            year: 2026,
            quarter: 1,
            universe: "invented".to_owned(),
            words: words("Invented"),
            columns: vec![column("", ""), column("this", "sort"), column("that", "sort")],
            rows: vec![IndicatorRow { region: None, cells: cells.to_vec() }],
            withheld: Vec::new(),
        }
    }

    /// How many bars it has, beside the legend's; and how many dots.
    fn drawn(counts: [Option<u64>; 2]) -> Option<(usize, usize)> {
        let text = of(&[&table(counts)], "sort", Lang::En).unwrap()?;
        let bar = "fill=\"#0072B2\"";
        Some((text.matches(bar).count() - 1, text.matches(DOT).count()))
    }

    #[test]
    fn a_withheld_bar_is_missing_and_not_of_no_length() {
        assert_eq!(drawn([Some(7), Some(9)]), Some((2, 0)));
        assert_eq!(drawn([Some(7), None]), Some((1, 1)));
        assert_eq!(drawn([None, None]), None);
        assert_eq!(drawn([Some(0), Some(0)]), None);
    }
}
