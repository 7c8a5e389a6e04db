//! How small and how large one number can be among those that are large enough and add up: the simplex method on
//! a full tableau, by Bland's rule, which ends.

const NOTHING: f64 = 1e-9;

/// The least and the most (`None`: no bound) that the number at `place` can be.
pub(crate) fn bounds(
    at_least: &[i64],
    sums: &[(Vec<(usize, i64)>, i64)],
    place: usize,
) -> (f64, Option<f64>) {
    let low = at_least[place] as f64;
    let mut tableau = Tableau::feasible(at_least, sums);
    let least = tableau.least(place, 1.0).expect("nothing is less than its bound");
    let most = tableau.least(place, -1.0);
    (low + least, most.map(|most| low - most))
}

struct Tableau {
    /// Each a row of coefficients and what they sum to.
    rows: Vec<Vec<f64>>,
    /// Which number each row says.
    basis: Vec<usize>,
    width: usize,
}

impl Tableau {
    /// Numbers that add up, by how much each is more than its bound.
    fn feasible(at_least: &[i64], sums: &[(Vec<(usize, i64)>, i64)]) -> Self {
        let width = at_least.len();
        let all = width + sums.len();
        let mut rows = Vec::new();
        for (at, (of, sum)) in sums.iter().enumerate() {
            let mut row = vec![0.0; all + 1];
            let mut sum = *sum;
            for (place, sign) in of {
                row[*place] += *sign as f64;
                sum -= sign * at_least[*place];
            }
            row[all] = sum as f64;
            if sum < 0 {
                row.iter_mut().for_each(|cell| *cell = -*cell);
            }
            row[width + at] = 1.0;
            rows.push(row);
        }
        let mut found = Self { rows, basis: (width..all).collect(), width: all };
        let mut cost = vec![0.0; all];
        cost[width..].fill(1.0);
        let missing = found.minimize(&cost).expect("a sum of what is not negative");
        assert!(missing < 1e-6, "the truth fits");
        found.without_aids(width);
        found
    }

    /// Takes out what was only there to begin with.
    fn without_aids(&mut self, width: usize) {
        for row in 0..self.rows.len() {
            if self.basis[row] >= width
                && let Some(column) = (0..width).find(|at| self.rows[row][*at].abs() > NOTHING)
            {
                self.pivot(row, column);
            }
        }
        let kept = self.basis.iter().map(|of| *of < width).collect::<Vec<_>>();
        let mut kept_rows = kept.iter();
        self.rows.retain(|_| *kept_rows.next().unwrap());
        self.basis.retain(|of| *of < width);
        for row in &mut self.rows {
            let sum = row[self.width];
            row.truncate(width);
            row.push(sum);
        }
        self.width = width;
    }

    /// The least of a number, or of its opposite; `None`: there is none.
    fn least(&mut self, place: usize, sign: f64) -> Option<f64> {
        let mut cost = vec![0.0; self.width];
        cost[place] = sign;
        self.minimize(&cost)
    }

    fn minimize(&mut self, cost: &[f64]) -> Option<f64> {
        let mut reduced: Vec<f64> = cost.iter().copied().chain([0.0]).collect();
        for (row, of) in self.rows.iter().zip(&self.basis) {
            let factor = cost[*of];
            if factor != 0.0 {
                reduced.iter_mut().zip(row).for_each(|(cell, by)| *cell -= factor * by);
            }
        }
        while let Some(entering) = (0..self.width).find(|at| reduced[*at] < -NOTHING) {
            let ratio = |row: &usize| self.rows[*row][self.width] / self.rows[*row][entering];
            let rows = (0..self.rows.len()).filter(|row| self.rows[*row][entering] > NOTHING);
            let leaving = rows.min_by(|a, b| {
                ratio(a).total_cmp(&ratio(b)).then(self.basis[*a].cmp(&self.basis[*b]))
            })?;
            self.pivot(leaving, entering);
            let factor = reduced[entering];
            reduced.iter_mut().zip(&self.rows[leaving]).for_each(|(cell, by)| *cell -= factor * by);
        }
        Some(-reduced[self.width])
    }

    fn pivot(&mut self, leaving: usize, entering: usize) {
        let by = self.rows[leaving][entering];
        self.rows[leaving].iter_mut().for_each(|cell| *cell /= by);
        let pivot = self.rows[leaving].clone();
        for (at, row) in self.rows.iter_mut().enumerate() {
            let factor = row[entering];
            if at != leaving && factor.abs() > NOTHING {
                row.iter_mut().zip(&pivot).for_each(|(cell, by)| *cell -= factor * by);
            }
        }
        self.basis[leaving] = entering;
    }
}
