//! A plain table with published margins: which of its cells are withheld with the small ones.

use std::collections::BTreeSet;

use super::{STEP, at, is_small};

/// One breakdown by region, with the rests as a row and a column.
pub(super) struct Core {
    cells: Vec<Vec<u64>>,
    /// Which regions each row stands for, and which categories each column.
    rows: Vec<Vec<usize>>,
    columns: Vec<Vec<usize>>,
}

/// A row or a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Row(usize),
    Column(usize),
}

type Cell = (usize, usize);

/// How dear the way to a line is, and by which cell it comes, from which line.
type Way = (u64, Option<(Cell, Line)>);

impl Core {
    pub(super) fn new(
        regions: &[Vec<u64>],
        width: usize,
        rest_rows: &[usize],
        rest_columns: &[usize],
    ) -> Self {
        let rows = lines(regions.len(), rest_rows);
        let columns = lines(width, rest_columns);
        let sum = |of: &Vec<usize>, columns: &Vec<usize>| {
            let rows = of.iter().filter_map(|row| regions.get(*row));
            rows.flat_map(|row| columns.iter().map(|column| at(row, *column))).sum()
        };
        let cells = rows
            .iter()
            .map(|row| columns.iter().map(|column| sum(row, column)).collect())
            .collect();
        Self { cells, rows, columns }
    }

    fn cell(&self, (row, column): Cell) -> u64 {
        self.cells.get(row).map_or(0, |cells| at(cells, column))
    }

    /// The cells that are withheld, by region and category; `None`: there are not enough others.
    pub(super) fn withheld(&self) -> Option<BTreeSet<Cell>> {
        let all = (0..self.rows.len())
            .flat_map(|row| (0..self.columns.len()).map(move |column| (row, column)));
        let small: Vec<Cell> = all.filter(|cell| is_small(self.cell(*cell))).collect();
        let mut hidden: BTreeSet<Cell> = small.iter().copied().collect();
        for cell in small {
            hidden.extend(self.cycle(cell, &hidden)?);
        }
        let expand = |(row, column): Cell| {
            let rows = self.rows.get(row).into_iter().flatten();
            let columns = self.columns.get(column).into_iter().flatten();
            rows.flat_map(move |row| columns.clone().map(move |column| (*row, *column)))
        };
        Some(hidden.into_iter().flat_map(expand).collect())
    }

    /// The cheapest cycle in which a cell grows by [`STEP`]: from its column by a cell that shrinks to another
    /// row, by one that grows to another column, and so on, back to its own row.
    fn cycle(&self, start: Cell, hidden: &BTreeSet<Cell>) -> Option<Vec<Cell>> {
        let places = self.rows.len() + self.columns.len();
        let place = |line: Line| match line {
            Line::Row(row) => row,
            Line::Column(column) => self.rows.len() + column,
        };
        // Bellman and Ford: tables are small.
        let mut best: Vec<Option<Way>> = vec![None; places];
        let first = Line::Column(start.1);
        if let Some(found) = best.get_mut(place(first)) {
            *found = Some((0, None));
        }
        for _ in 0..places {
            let mut changed = false;
            for (cell, from, to) in self.steps(start) {
                let Some(Some((cost, _))) = best.get(place(from)) else { continue };
                // Of equals the shorter one.
                let price = if hidden.contains(&cell) { 0 } else { self.cell(cell) };
                let cost = cost + price * places as u64 + 1;
                let Some(known) = best.get_mut(place(to)) else { continue };
                if known.is_none_or(|(known, _)| cost < known) {
                    (*known, changed) = (Some((cost, Some((cell, from)))), true);
                }
            }
            if !changed {
                break;
            }
        }
        let (mut line, mut way) = (Line::Row(start.0), Vec::new());
        while line != first {
            let (_, step) = (*best.get(place(line))?)?;
            let (cell, from) = step?;
            way.push(cell);
            line = from;
        }
        Some(way)
    }

    /// The cells through which a cycle may go, each from line to line.
    fn steps(&self, start: Cell) -> impl Iterator<Item = (Cell, Line, Line)> {
        let rows = self.cells.iter().enumerate();
        let cells = rows.flat_map(|(row, cells)| {
            cells.iter().enumerate().map(move |(column, count)| ((row, column), *count))
        });
        cells.filter(move |(cell, _)| *cell != start).flat_map(|((row, column), count)| {
            let shrinks = (count > STEP).then_some((Line::Column(column), Line::Row(row)));
            let grows = (count > 0).then_some((Line::Row(row), Line::Column(column)));
            shrinks.into_iter().chain(grows).map(move |(from, to)| ((row, column), from, to))
        })
    }
}

/// Each place by itself, and the rest as one.
fn lines(count: usize, rest: &[usize]) -> Vec<Vec<usize>> {
    let alone = (0..count).filter(|place| !rest.contains(place)).map(|place| vec![place]);
    alone.chain((!rest.is_empty()).then(|| rest.to_vec())).collect()
}
