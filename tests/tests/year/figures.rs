//! Figures of the played year under attack: what the server publishes of each quarter, and of the year.

use std::collections::BTreeMap;
use std::path::Path;

use letopis_domain::figures::suppress::{Published, Table};
use letopis_domain::figures::{Categories, UNIVERSES, Universe};
use letopis_proto::accountability::v1::{GetIndicatorsRequest, IndicatorTable};
use letopis_state::streams::{Counters, CountersKey, SCHEMA};
use letopis_state::{Found, Options, Store};
use letopis_types::LedgerId;

use crate::attacker::{Attack, confined, recovered};
use crate::served::Served;

/// The year whose quarters are over.
const YEAR: u16 = 2026;

/// The tables of the year that anybody may have who is told indicators, with the year's own.
pub(crate) async fn published(served: &Served) -> Vec<IndicatorTable> {
    let question = GetIndicatorsRequest { year: YEAR.into(), ..Default::default() };
    let (answer, _) = served.officer.indicators(question).await.unwrap();
    assert_eq!(answer.tables.len(), 5 * UNIVERSES.len());
    answer.tables
}

/// What was counted, which nobody is told: from a copy of the state.
fn counted(data: &Path, ledger: LedgerId) -> [BTreeMap<CountersKey, Counters>; 4] {
    let scratch = tempfile::tempdir().unwrap();
    let options = Options::new(ledger, SCHEMA);
    let found = Store::open_copy(&data.join("state"), scratch.path(), &options).unwrap();
    let Found::Store(store) = found else { panic!("the server left no state that it trusts") };
    [1, 2, 3, 4].map(|quarter| store.counters((YEAR, quarter)).map(Result::unwrap).collect())
}

/// Nobody finds out what a small cell holds who takes any two tables of a universe, or all of them up to a
/// moment, and subtracts and eliminates; nor who looks for the bounds of each cell in all of them at once.
pub(crate) fn give_nothing_away(tables: &[IndicatorTable], data: &Path, ledger: LedgerId) {
    let counted = counted(data, ledger);
    let (mut cells, mut small) = (0, 0);
    // What stands in sealed sections the state does not hold: nobody but the server could say what is true there.
    for universe in UNIVERSES.iter().filter(|universe| universe.sealed().is_none()) {
        let of = |quarter: u32| {
            let is = |table: &&IndicatorTable| {
                (table.universe.as_str(), table.quarter) == (universe.code, quarter)
            };
            tables.iter().find(is).unwrap()
        };
        let quarters: [Table; 4] = std::array::from_fn(|at| {
            let number = u32::try_from(at + 1).unwrap();
            truth(universe, of(number), &counted[at])
        });
        let published = quarters.each_ref().map(Table::publish);
        let published: Vec<Published> =
            published.iter().cloned().chain([Published::year(&published)]).collect();
        // What was published is what the server told.
        for (quarter, published) in [1, 2, 3, 4, 0].into_iter().zip(&published) {
            let told = of(quarter).rows.iter();
            let told: Vec<Vec<_>> =
                told.map(|row| row.cells.iter().map(|cell| cell.count).collect()).collect();
            assert_eq!(told, published.rows, "{} in {quarter}", universe.code);
        }
        for how in [Attack::Sums, Attack::Bounds] {
            let found = recovered(&quarters, &published, how);
            assert!(found.is_empty(), "{}, {how:?}: {found:?}", universe.code);
        }
        for (table, published) in quarters.iter().zip(&published) {
            let confined = confined(table, published);
            assert!(confined.is_empty(), "{}: {confined:?}", universe.code);
        }
        let counts = quarters.iter().flat_map(|table| table.regions.iter().flatten());
        small += counts.clone().filter(|count| (1..=4).contains(*count)).count();
        cells += counts.count();
    }
    assert!(small > 100, "{small} small cells");
    println!("{small} small cells of {cells} withstood the attack");
}

/// The quarter's table as it would be if nothing were withheld, laid out as the one that was told.
fn truth(
    universe: &Universe,
    told: &IndicatorTable,
    counted: &BTreeMap<CountersKey, Counters>,
) -> Table {
    let columns: Vec<(u8, u32)> =
        told.columns.iter().map(|of| column(universe, &of.breakdown, &of.category)).collect();
    let row = |region: u32| {
        let mut left = counted.get(&(universe.number, region)).cloned().unwrap_or_default();
        let cells = columns.iter().map(|column| left.remove(column).unwrap_or_default()).collect();
        assert!(left.is_empty(), "{}: counted in no column: {left:?}", universe.code);
        cells
    };
    let width = |at: usize| columns.iter().filter(|(of, _)| usize::from(*of) == at + 1).count();
    Table {
        widths: (0..universe.breakdowns.len()).map(width).collect(),
        regions: told.rows.iter().filter_map(|of| of.region).map(row).collect(),
    }
}

/// The place of a breakdown, from 1, and the number of a category; the total's column has neither.
fn column(universe: &Universe, breakdown: &str, category: &str) -> (u8, u32) {
    let mut breakdowns = (1_u8..).zip(universe.breakdowns);
    let Some((place, of)) = breakdowns.find(|(_, of)| of.code == breakdown) else {
        assert_eq!((breakdown, category), ("", ""));
        return (0, 0);
    };
    let number = match of.categories {
        Categories::These(these) => these.iter().find(|of| of.code == category).unwrap().number,
        Categories::ClockRules => category.parse().unwrap(),
    };
    (place, number)
}
