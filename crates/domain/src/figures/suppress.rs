//! Which cells of a table are published, so that nobody in a small one is named.
//!
//! A quarter's table of a universe has a row for the country and one for each region, a column for the total and
//! one for each category of each breakdown. A cell of 1 to [`SMALL`] is withheld, with as many others as it
//! takes; 0 is published where nothing else forbids it, since nobody is in it. What is promised: *for each
//! withheld cell of 1 to [`SMALL`] there are other tables with the very same publication, in which it has at least
//! four other values, and in one of which it is larger than [`SMALL`]*. So no method works it out, whatever else
//! that was published is taken with it. How:
//!
//! - Regions with a small total are withheld whole, zeros too, with the smallest others until they are at least two
//!   and sum to [`SLACK`] more than their number. To whoever subtracts them they are one region, the *rest*.
//! - Categories with a small total are withheld in every row in the same way: one category, the rest.
//! - What remains, with the rests as a row and a column, is a plain table whose margins are all published and none
//!   is small. Each small cell in it is withheld with a *cycle*: cells, all withheld, through which [`STEP`] can
//!   move, up here, down there, without any row's or column's sum changing. Zeros are published there, and no cell
//!   of a cycle gets below 1.
//! - What a rest holds can be divided among its regions and categories in any way that keeps the sums
//!   (a table with given margins always exists), so that every cycle is one of the whole table.
//! - Where there are not enough others, a level of it is withheld whole: a breakdown's regions, the breakdown, all
//!   regions, the universe. INVARIANT: of a breakdown whose regions are withheld, zeros too, each cell may have six
//!   values: it lies between max(0, r + c − n) and min(r, c), where the margins r, c, n − r and n − c are 5 or more.
//!
//! Each quarter stands alone, and each universe. A year's cell is published just where those of its four quarters
//! are, as their sum: it says nothing that they do not. So nothing that is published later tells anything of what
//! was withheld before.
//!
//! Out of scope: what is known from elsewhere, and what could be guessed from why just these cells were chosen.

/// The largest cell that is withheld for itself.
pub const SMALL: u64 = 4;

/// By how much a rest is at least larger than its number of parts.
pub const SLACK: u64 = 8;

/// How much moves along a cycle: a small cell may be large.
pub const STEP: u64 = SMALL;

mod cycle;

use cycle::Core;

/// The least of a total under which regions are withheld with their zeros.
const COUNTRY_MIN: u64 = 10;

/// A table: a row for each region, and in it the total, then each breakdown's categories. The country is their
/// sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// How many categories each breakdown has.
    pub widths: Vec<usize>,
    /// The rows.
    pub regions: Vec<Vec<u64>>,
}

/// A level of a table that is withheld whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Withheld {
    /// All of it.
    Universe,
    /// Every region.
    Regions,
    /// A breakdown, by its place.
    Breakdown(usize),
    /// Every region of a breakdown.
    RegionsOf(usize),
}

/// What of a table is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The country's row, then each region's; columns as in [`Table`]. `None`: withheld.
    pub rows: Vec<Vec<Option<u64>>>,
    /// What is withheld whole, ascending.
    pub withheld: Vec<Withheld>,
}

impl Table {
    /// What of it may be published.
    #[must_use]
    pub fn publish(&self) -> Published {
        let country = self.country();
        let total = country.first().copied().unwrap_or_default();
        let all = || std::iter::once(&country).chain(&self.regions);
        let mut published = Published {
            rows: all().map(|row| row.iter().copied().map(Some).collect()).collect(),
            withheld: Vec::new(),
        };
        if total == 0 {
            return published;
        }
        let totals: Vec<u64> = self.regions.iter().map(|row| at(row, 0)).collect();
        let rest = match rest(&totals) {
            Some(rest) if total > SMALL => rest,
            None if total >= COUNTRY_MIN => {
                published.withheld.push(Withheld::Regions);
                (0..totals.len()).collect()
            }
            _ => {
                published.withheld.push(Withheld::Universe);
                published.hide(|_, _| true);
                return published;
            }
        };
        let mut first = 1;
        for (breakdown, width) in self.widths.iter().enumerate() {
            let columns = first..first + width;
            self.withhold(&mut published, &country, &rest, breakdown, columns.clone());
            first = columns.end;
        }
        published.hide(|row, _| row.checked_sub(1).is_some_and(|region| rest.contains(&region)));
        published
    }

    /// Withholds what has to be of one breakdown; the regions of the rest are one.
    fn withhold(
        &self,
        published: &mut Published,
        country: &[u64],
        rest_rows: &[usize],
        breakdown: usize,
        columns: std::ops::Range<usize>,
    ) {
        let sums: Vec<u64> = columns.clone().map(|column| at(country, column)).collect();
        let Some(rest_columns) = rest(&sums) else {
            published.withheld.push(Withheld::Breakdown(breakdown));
            published.hide(|_, column| columns.contains(&column));
            return;
        };
        let inside =
            |column: usize| column.checked_sub(columns.start).filter(|at| *at < columns.len());
        published.hide(|_, column| inside(column).is_some_and(|at| rest_columns.contains(&at)));
        let rows: Vec<Vec<u64>> = self
            .regions
            .iter()
            .map(|row| columns.clone().map(|column| at(row, column)).collect())
            .collect();
        let core = Core::new(&rows, columns.len(), rest_rows, &rest_columns);
        match core.withheld() {
            Some(hidden) => published.hide(|row, column| {
                let cell = row.checked_sub(1).zip(inside(column));
                cell.is_some_and(|cell| hidden.contains(&cell))
            }),
            None => {
                published.withheld.push(Withheld::RegionsOf(breakdown));
                published.hide(|row, column| row > 0 && inside(column).is_some());
            }
        }
    }

    fn country(&self) -> Vec<u64> {
        let width = 1 + self.widths.iter().sum::<usize>();
        (0..width).map(|column| self.regions.iter().map(|row| at(row, column)).sum()).collect()
    }
}

impl Published {
    /// A year's table, of those of its quarters: the same regions and categories.
    #[must_use]
    pub fn year(quarters: &[Self; 4]) -> Self {
        let [first, others @ ..] = quarters;
        let sum = |row: usize, column: usize, cell: &Option<u64>| {
            others.iter().try_fold((*cell)?, |sum, quarter| {
                Some(sum + (*quarter.rows.get(row)?.get(column)?)?)
            })
        };
        let cells = |(row, cells): (usize, &Vec<Option<u64>>)| {
            cells.iter().enumerate().map(|(column, cell)| sum(row, column, cell)).collect()
        };
        let mut withheld: Vec<Withheld> =
            quarters.iter().flat_map(|quarter| quarter.withheld.iter().copied()).collect();
        withheld.sort_unstable();
        withheld.dedup();
        Self { rows: first.rows.iter().enumerate().map(cells).collect(), withheld }
    }

    fn hide(&mut self, is: impl Fn(usize, usize) -> bool) {
        for (row, cells) in self.rows.iter_mut().enumerate() {
            let hidden = cells.iter_mut().enumerate().filter(|(column, _)| is(row, *column));
            hidden.for_each(|(_, cell)| *cell = None);
        }
    }
}

fn at(row: &[u64], column: usize) -> u64 {
    row.get(column).copied().unwrap_or_default()
}

const fn is_small(count: u64) -> bool {
    1 <= count && count <= SMALL
}

/// The places of the small ones, and of as many of the smallest others as it takes; none where none is small.
/// `None`: there are not enough.
fn rest(counts: &[u64]) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = (0..counts.len()).filter(|place| at(counts, *place) > 0).collect();
    order.sort_by_key(|place| (at(counts, *place), *place));
    let (mut rest, mut slack) = (Vec::new(), 0);
    for place in order {
        let count = at(counts, place);
        let enough = rest.is_empty() || rest.len() > 1 && slack >= SLACK;
        if enough && !is_small(count) {
            return Some(rest);
        }
        rest.push(place);
        slack += count - 1;
    }
    (rest.is_empty() || rest.len() > 1 && slack >= SLACK).then_some(rest)
}
