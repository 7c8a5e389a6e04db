//! What somebody works out who has published tables and knows the rules by which cells are withheld: that a table
//! adds up, that a year is the sum of its quarters, that no count is negative, and that a cell is withheld for
//! itself, or with others, only where somebody is in it.

use std::collections::BTreeMap;

use letopis_domain::figures::suppress::{Published, Table, Withheld};

use crate::simplex;

/// Which table, row (0: the country) and column (0: the total). Table 4 is the year's.
pub(crate) type Cell = (usize, usize, usize);

/// How hard it tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attack {
    /// Subtraction, whole numbers, elimination.
    Sums,
    /// How small and how large a cell can be.
    Bounds,
}

/// Cells that were withheld, and what they add up to.
pub(crate) struct Knowledge {
    places: BTreeMap<Cell, usize>,
    at_least: Vec<i64>,
    /// Coefficients by cell, and their sum.
    sums: Vec<(Vec<(usize, i64)>, i64)>,
    /// What of each cell follows from whole numbers alone.
    between: Vec<(i64, i64)>,
    determined: Vec<bool>,
}

const MANY: i64 = 1 << 40;

/// A small cell is given away where fewer values than these are left.
const VALUES_MIN: i64 = 4;

/// Branches that a search by whole numbers looks at for one question.
const BRANCHES_MAX: usize = 200_000;

/// What is true, country first, as the attacker would like to know it.
pub(crate) fn truth(table: &Table) -> Vec<Vec<u64>> {
    let width = table.regions.first().map_or(0, Vec::len);
    let sum = |column: usize| table.regions.iter().map(|row| row[column]).sum();
    std::iter::once((0..width).map(sum).collect()).chain(table.regions.iter().cloned()).collect()
}

/// The small cells that the attacker finds out, of all that was published up to each moment, and of each pair.
pub(crate) fn recovered(tables: &[Table; 4], published: &[Published], how: Attack) -> Vec<String> {
    let truths: Vec<_> = tables.iter().map(truth).collect();
    let mut taken: Vec<Vec<usize>> = (1..=published.len()).map(|n| (0..n).collect()).collect();
    for first in 0..published.len() {
        taken.extend((first + 1..published.len()).map(|second| vec![first, second]));
    }
    if how == Attack::Bounds {
        // Whoever knows more does not find less, and it takes long.
        taken = vec![(0..published.len()).collect()];
    }
    let mut found = Vec::new();
    for taken in taken {
        let known = Knowledge::of(&tables[0].widths, published, &taken);
        let of_quarters = taken.iter().filter(|of| **of < 4);
        for of in of_quarters {
            for (row, cells) in truths[*of].iter().enumerate() {
                for (column, count) in cells.iter().enumerate() {
                    if is_small(*count) && known.reveals((*of, row, column), *count, how) {
                        found.push(format!("of {taken:?}: {of}/{row}/{column} is {count}"));
                    }
                }
            }
        }
    }
    found
}

/// The small cells of a table that have fewer than five values, or no large one, in all the tables that fit its
/// publication. No attack on what is published can do better than to find these.
pub(crate) fn confined(table: &Table, published: &Published) -> Vec<String> {
    let known = Knowledge::of(&table.widths, std::slice::from_ref(published), &[0]);
    let mut found = Vec::new();
    for (row, cells) in truth(table).iter().enumerate() {
        for (column, count) in cells.iter().enumerate().filter(|(_, count)| is_small(**count)) {
            let values = known.values((0, row, column), *count);
            if values.len() < 5 || values.iter().all(|value| *value <= 4) {
                found.push(format!("{row}/{column} is {count}, one of {values:?}"));
            }
        }
    }
    found
}

fn is_small(count: u64) -> bool {
    (1..=4).contains(&count)
}

impl Knowledge {
    /// Of these of the published tables, which are quarters and, as the fifth, the year.
    pub(crate) fn of(widths: &[usize], published: &[Published], taken: &[usize]) -> Self {
        let mut known = Self {
            places: BTreeMap::new(),
            at_least: Vec::new(),
            sums: Vec::new(),
            between: Vec::new(),
            determined: Vec::new(),
        };
        for table in taken {
            known.take_in(widths, *table, &published[*table]);
        }
        if taken.contains(&4) && (0..4).all(|quarter| taken.contains(&quarter)) {
            for (row, cells) in published[4].rows.iter().enumerate() {
                for column in 0..cells.len() {
                    let of = |table: usize| (table, row, column);
                    let quarters: Vec<Cell> = (0..4).map(of).collect();
                    known.adds_up(published, of(4), &quarters);
                }
            }
        }
        known.between = known.propagate(known.widest()).expect("the truth fits");
        known.determined = known.eliminate();
        known
    }

    fn take_in(&mut self, widths: &[usize], table: usize, published: &Published) {
        let (rows, columns) = (published.rows.len(), 1 + widths.iter().sum::<usize>());
        for row in 0..rows {
            for column in 0..columns {
                if published.rows[row][column].is_none() {
                    self.places.insert((table, row, column), self.at_least.len());
                    let is = table < 4 && somebody(widths, published, row, column);
                    self.at_least.push(i64::from(is));
                }
            }
        }
        let all = vec![published.clone(); table + 1];
        for column in 0..columns {
            let regions: Vec<Cell> = (1..rows).map(|row| (table, row, column)).collect();
            self.adds_up(&all, (table, 0, column), &regions);
        }
        for row in 0..rows {
            let mut first = 1;
            for width in widths {
                let parts: Vec<Cell> =
                    (first..first + width).map(|column| (table, row, column)).collect();
                self.adds_up(&all, (table, row, 0), &parts);
                first += width;
            }
        }
    }

    fn adds_up(&mut self, published: &[Published], whole: Cell, parts: &[Cell]) {
        let (mut of, mut sum) = (Vec::new(), 0);
        for (cell, sign) in std::iter::once((whole, -1)).chain(parts.iter().map(|of| (*of, 1))) {
            let (table, row, column) = cell;
            match published[table].rows[row][column] {
                Some(count) => sum -= sign * i64::try_from(count).unwrap(),
                None => of.push((self.places[&cell], sign)),
            }
        }
        if of.is_empty() {
            assert_eq!(sum, 0, "a published table does not add up");
        } else {
            self.sums.push((of, sum));
        }
    }

    /// Is it given away how many are in a cell?
    pub(crate) fn reveals(&self, cell: Cell, count: u64, how: Attack) -> bool {
        let Some(place) = self.places.get(&cell).copied() else { return true };
        let (low, high) = self.between[place];
        let count = i64::try_from(count).unwrap();
        assert!((low..=high).contains(&count), "the attacker is wrong about {cell:?}");
        if self.determined[place] || high - low + 1 < VALUES_MIN {
            return true;
        }
        if how == Attack::Sums {
            return false;
        }
        let (least, most) = simplex::bounds(&self.at_least, &self.sums, place);
        let most = most.map_or(MANY, |most| (most + 1e-6).floor() as i64);
        let least = (least - 1e-6).ceil() as i64;
        assert!((least..=most).contains(&count), "{cell:?} is {count}, not {least} to {most}");
        most - least + 1 < VALUES_MIN
    }

    /// Values that a cell has in tables that fit, up to some more than the true one.
    pub(crate) fn values(&self, cell: Cell, count: u64) -> Vec<i64> {
        let Some(place) = self.places.get(&cell).copied() else { return vec![] };
        let (low, high) = self.between[place];
        let most = high.min(i64::try_from(count).unwrap() + 8);
        (low..=most)
            .filter(|value| {
                let mut between = self.between.clone();
                between[place] = (*value, *value);
                self.fits(between, &mut BRANCHES_MAX.clone())
            })
            .collect()
    }

    fn widest(&self) -> Vec<(i64, i64)> {
        self.at_least.iter().map(|least| (*least, MANY)).collect()
    }

    /// Narrows what each cell can be by each sum until nothing changes; `None`: nothing fits.
    fn propagate(&self, mut between: Vec<(i64, i64)>) -> Option<Vec<(i64, i64)>> {
        loop {
            let mut changed = false;
            for (of, sum) in &self.sums {
                let bounds = |(place, sign): (usize, i64)| {
                    let (low, high) = between[place];
                    if sign > 0 { (low, high) } else { (-high, -low) }
                };
                let ends = of.iter().map(|part| bounds(*part));
                let (low, high) = ends.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
                let mut narrowed = Vec::new();
                for (place, sign) in of {
                    let own = bounds((*place, *sign));
                    let (least, most) = (sum - (high - own.1), sum - (low - own.0));
                    let told = if *sign > 0 { (least, most) } else { (-most, -least) };
                    narrowed.push((*place, told));
                }
                for (place, (least, most)) in narrowed {
                    let (low, high) = between[place];
                    let now = (low.max(least), high.min(most));
                    if now.0 > now.1 {
                        return None;
                    }
                    changed |= now != (low, high);
                    between[place] = now;
                }
            }
            if !changed {
                return Some(between);
            }
        }
    }

    /// Is there a table of whole numbers within these bounds?
    fn fits(&self, between: Vec<(i64, i64)>, branches: &mut usize) -> bool {
        let Some(between) = self.propagate(between) else { return false };
        let open = between.iter().enumerate().filter(|(_, (low, high))| low < high);
        let Some((place, (low, high))) = open.min_by_key(|(_, (low, high))| high - low) else {
            return true;
        };
        let middle = low + (high.min(&(low + 40)) - low) / 2;
        *branches = branches.checked_sub(1).expect("a search that ends");
        [(middle, middle), (*low, middle - 1), (middle + 1, *high)].into_iter().any(|part| {
            let mut narrower = between.clone();
            narrower[place] = part;
            part.0 <= part.1 && self.fits(narrower, branches)
        })
    }

    /// Which cells follow from the sums alone: Gauss and Jordan, in the field of a large prime.
    fn eliminate(&self) -> Vec<bool> {
        const PRIME: i128 = (1 << 61) - 1;
        let width = self.at_least.len();
        let mut rows: Vec<Vec<i128>> = self
            .sums
            .iter()
            .map(|(of, _)| {
                let mut row = vec![0; width];
                of.iter().for_each(|(place, sign)| {
                    row[*place] = (row[*place] + i128::from(*sign)).rem_euclid(PRIME);
                });
                row
            })
            .collect();
        let mut top = 0;
        for column in 0..width {
            let Some(found) = (top..rows.len()).find(|row| rows[*row][column] != 0) else {
                continue;
            };
            rows.swap(top, found);
            let inverse = power(rows[top][column], PRIME - 2, PRIME);
            rows[top].iter_mut().for_each(|cell| *cell = *cell * inverse % PRIME);
            let pivot = rows[top].clone();
            for (at, row) in rows.iter_mut().enumerate() {
                let factor = row[column];
                if at != top && factor != 0 {
                    for (cell, by) in row.iter_mut().zip(&pivot).filter(|(_, by)| **by != 0) {
                        *cell = (*cell - factor * by).rem_euclid(PRIME);
                    }
                }
            }
            top += 1;
        }
        let mut determined = vec![false; width];
        for row in &rows {
            let mut parts = (0..width).filter(|column| row[*column] != 0);
            if let (Some(only), None) = (parts.next(), parts.next()) {
                determined[only] = true;
            }
        }
        determined
    }
}

fn power(base: i128, mut exponent: i128, prime: i128) -> i128 {
    let (mut result, mut square) = (1, base);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * square % prime;
        }
        square = square * square % prime;
        exponent >>= 1;
    }
    result
}

/// Does the rule say that somebody is in a withheld cell? Zeros are withheld only where a region's total, a
/// category's country, or a whole level is.
fn somebody(widths: &[usize], published: &Published, row: usize, column: usize) -> bool {
    let whole = |what| published.withheld.contains(&what);
    if whole(Withheld::Universe) {
        return (row, column) == (0, 0);
    }
    let mut ends = widths.iter().scan(1, |first, width| {
        *first += width;
        Some(*first)
    });
    let breakdown = ends.position(|end| column < end).filter(|_| column > 0);
    if breakdown.is_some_and(|of| whole(Withheld::Breakdown(of))) {
        return false;
    }
    if row == 0 {
        return true;
    }
    if column == 0 {
        return !whole(Withheld::Regions);
    }
    let shown = |row: usize, column: usize| published.rows[row][column].is_some();
    shown(row, 0) && shown(0, column) && breakdown.is_some_and(|of| !whole(Withheld::RegionsOf(of)))
}
