//! Published figures under attack: whoever has every table of a year, as it came out quarter by quarter and then as
//! a sum, does not find out how many are in a small cell. Shares no code with what withholds cells.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

#[path = "indicators/attacker.rs"]
mod attacker;
#[path = "indicators/simplex.rs"]
mod simplex;

use attacker::{Attack, Knowledge, confined, recovered, truth};
use letopis_domain::figures::suppress::{Published, Table, Withheld};
use letopis_tests::Dice;

/// Things fall into categories, some likely and some not, so that every breakdown divides the same.
fn table(dice: &mut Dice, regions: usize, widths: &[usize], things: u64) -> Table {
    let width = 1 + widths.iter().sum::<usize>();
    let mut rows = vec![vec![0; width]; regions];
    for _ in 0..things {
        let row = &mut rows[skewed(dice, regions)];
        row[0] += 1;
        let mut first = 1;
        for width in widths {
            row[first + skewed(dice, *width)] += 1;
            first += width;
        }
    }
    Table { widths: widths.to_vec(), regions: rows }
}

fn skewed(dice: &mut Dice, bound: usize) -> usize {
    let at = dice.below(bound as u64).min(dice.below(bound as u64 + 1));
    usize::try_from(at).unwrap().min(bound - 1)
}

/// As it would be with small cells alone withheld.
fn primary_alone(table: &Table) -> Published {
    let cell = |count: u64| (!(1..=4).contains(&count)).then_some(count);
    let rows = truth(table).into_iter().map(|row| row.into_iter().map(cell).collect());
    Published { rows: rows.collect(), withheld: Vec::new() }
}

/// Four quarters, and what they publish; then the year.
fn year(tables: &[Table; 4], publish: impl Fn(&Table) -> Published) -> Vec<Published> {
    let quarters = tables.each_ref().map(publish);
    let sum = Published::year(&quarters);
    quarters.into_iter().chain([sum]).collect()
}

/// Sparse, full of ones, full of zeros, deep, and full tables.
const SHAPES: [(usize, &[usize], u64); 9] = [
    (1, &[2, 3], 9),
    (2, &[2], 12),
    (2, &[3, 2], 40),
    (3, &[3, 4], 25),
    (4, &[4, 3, 2], 60),
    (5, &[6], 150),
    (6, &[8, 2], 14),
    (4, &[3, 3, 3, 3], 300),
    (9, &[5, 4], 400),
];

fn tables(dice: &mut Dice, shape: usize) -> [Table; 4] {
    let (regions, widths, most) = SHAPES[shape];
    [(); 4].map(|()| {
        let things = dice.below(most + 1);
        table(dice, regions, widths, things)
    })
}

/// Subtraction until nothing more is found, and Gaussian elimination: of all at once and of every pair.
#[test]
fn nothing_is_recovered_by_sums_and_elimination() {
    let mut dice = Dice::new(0x1e70_0915);
    for round in 0..20 {
        for shape in 0..SHAPES.len() {
            let tables = tables(&mut dice, shape);
            let published = year(&tables, Table::publish);
            let found = recovered(&tables, &published, Attack::Sums);
            assert!(found.is_empty(), "round {round}, shape {shape}: {found:?}\n{tables:?}");
        }
    }
}

/// How small and how large a cell can be, by linear programming over everything that was published.
#[test]
fn nothing_is_confined_by_linear_programming() {
    let mut dice = Dice::new(0x11_1ea5);
    for round in 0..2 {
        for shape in 0..SHAPES.len() - 1 {
            let tables = tables(&mut dice, shape);
            let published = year(&tables, Table::publish);
            let found = recovered(&tables, &published, Attack::Bounds);
            assert!(found.is_empty(), "round {round}, shape {shape}: {found:?}\n{tables:?}");
        }
    }
}

/// Every table that fits the publication, looked for by whole numbers: each small cell has five values or more in
/// them, and may be large. No attack on what is published can do better than this.
#[test]
fn each_small_cell_may_be_large() {
    let mut dice = Dice::new(0xe5ac7);
    for round in 0..12 {
        for (shape, (regions, widths, most)) in SHAPES.into_iter().enumerate() {
            let things = dice.below(most + 1);
            let table = table(&mut dice, regions, widths, things);
            let found = confined(&table, &table.publish());
            assert!(found.is_empty(), "round {round}, shape {shape}: {found:?}\n{table:?}");
        }
    }
}

/// The attacker knows the trade: where nothing is withheld beside the small cells, or nothing at all, it finds them.
#[test]
fn without_more_withheld_the_attack_succeeds() {
    let mut dice = Dice::new(0xbad_c0de);
    let (mut by_sums, mut by_bounds) = (0, 0);
    for shape in 1..SHAPES.len() {
        let tables = tables(&mut dice, shape);
        let published = year(&tables, primary_alone);
        by_sums += recovered(&tables, &published, Attack::Sums).len();
        if shape < 5 {
            by_bounds += recovered(&tables, &published, Attack::Bounds).len();
        }
    }
    assert!(by_sums > 100 && by_bounds > 100, "{by_sums} by sums, {by_bounds} by bounds");

    // One small cell in one region: the country's table gives it away.
    let table = Table { widths: vec![2], regions: vec![vec![20, 3, 17], vec![30, 14, 16]] };
    let alone = primary_alone(&table);
    let known = Knowledge::of(&[2], std::slice::from_ref(&alone), &[0]);
    assert!(known.reveals((0, 1, 1), 3, Attack::Sums));
    let known = Knowledge::of(&[2], &[table.publish()], &[0]);
    assert!(!known.reveals((0, 1, 1), 3, Attack::Sums));
    assert!(!known.reveals((0, 1, 1), 3, Attack::Bounds));
}

/// The later table of a year does not give away a quarter: not where just one quarter is withheld.
#[test]
fn a_year_does_not_tell_of_its_quarters() {
    let quarter = |few: u64| Table { widths: vec![2], regions: vec![vec![few + 30, few, 30]] };
    let tables = [quarter(2), quarter(12), quarter(9), quarter(14)];
    let published = year(&tables, Table::publish);
    assert_eq!(published[0].rows[0], [Some(32), None, None]);
    assert_eq!(published[1].rows[0], [Some(42), Some(12), Some(30)]);
    assert_eq!(published[4].rows[0], [Some(32 + 42 + 39 + 44), None, None]);
    assert_eq!(recovered(&tables, &published, Attack::Sums), Vec::<String>::new());

    // A sum of the year would.
    let mut told = published.clone();
    told[4].rows[0][1] = Some(37);
    assert!(!recovered(&tables, &told, Attack::Sums).is_empty());
}

/// What is published is true, and what nobody is in is not hidden for nothing.
#[test]
fn what_is_published_is_true_and_worth_having() {
    let mut dice = Dice::new(0x7a11);
    for shape in 0..SHAPES.len() {
        for table in tables(&mut dice, shape) {
            shown_and_all(&table);
        }
    }
    // A district's quarter: what most is decided by is there to be read.
    let (shown, all) = shown_and_all(&table(&mut dice, 5, &[5, 6, 4], 900));
    assert!(shown * 2 > all, "{shown} of {all} cells are published");
    let nothing = Table { widths: vec![2], regions: vec![vec![0; 3]; 4] };
    assert!(nothing.publish().rows.iter().flatten().all(|cell| *cell == Some(0)));
    let large = Table { widths: vec![2], regions: vec![vec![50, 20, 30]; 4] };
    assert!(large.publish().rows.iter().flatten().all(Option::is_some));
}

/// How many cells are published, of how many; each of them true, and none small.
fn shown_and_all(table: &Table) -> (usize, usize) {
    let published = table.publish();
    let truth = truth(table);
    let all = truth.iter().flatten().zip(published.rows.iter().flatten());
    for (count, told) in all.clone() {
        assert!(told.is_none_or(|told| told == *count && !(1..=4).contains(&told)), "{table:?}");
    }
    (all.clone().filter(|(_, told)| told.is_some()).count(), all.count())
}

/// Each level that is withheld whole says so.
#[test]
fn what_is_withheld_whole_is_named() {
    let withheld = |regions: &[&[u64]], widths: &[usize]| {
        let regions = regions.iter().map(|row| row.to_vec()).collect();
        Table { widths: widths.to_vec(), regions }.publish().withheld
    };
    assert_eq!(withheld(&[&[3, 1, 2]], &[2]), [Withheld::Universe]);
    assert_eq!(withheld(&[&[4, 4, 0], &[3, 3, 0]], &[2]), [Withheld::Universe]);
    let ones: [&[u64]; 12] = [&[1, 1, 0]; 12];
    assert_eq!(withheld(&ones, &[2]), [Withheld::Regions]);
    assert_eq!(withheld(&[&[7, 3, 4]], &[2]), [Withheld::Breakdown(0)]);
    assert_eq!(withheld(&[&[9, 1, 8], &[6, 6, 0]], &[2]), [Withheld::RegionsOf(0)]);
    assert_eq!(withheld(&[&[80, 30, 50], &[60, 30, 30]], &[2]), []);
}
