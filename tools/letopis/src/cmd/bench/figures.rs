//! What was measured, and how it is told.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::cli::BenchArgs;

/// One figure of a round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure {
    /// What it is, with its unit.
    words: &'static str,
    /// Its name in JSON.
    name: &'static str,
    value: f64,
}

impl Figure {
    pub(super) const fn new(words: &'static str, name: &'static str, value: f64) -> Self {
        Self { words, name, value }
    }
}

/// What is told at the end.
pub(super) struct Report {
    /// What else was going on when it began: runnable processes, averaged over a minute.
    load_before: Option<f64>,
}

impl Report {
    /// Before anything is measured.
    pub(super) fn begin() -> Self {
        let load = fs::read_to_string("/proc/loadavg").ok();
        Self { load_before: load.and_then(|text| text.split(' ').next()?.parse().ok()) }
    }

    pub(super) fn print(&self, rounds: &[Vec<Figure>], file: &Path, args: &BenchArgs) {
        let figures = medians(rounds);
        if args.json {
            let mut values: serde_json::Map<_, _> =
                figures.iter().map(|one| (one.name.to_owned(), json!(one.value))).collect();
            values.insert("load_before".to_owned(), json!(self.load_before));
            println!("{}", serde_json::Value::Object(values));
            return;
        }
        println!(
            "median of {} rounds; imported: {} × {}",
            rounds.len(),
            args.times,
            file.display()
        );
        for Figure { words, value, .. } in figures {
            println!("    {words:<44}{value:>12.0}");
        }
        if let Some(load) = self.load_before {
            println!("load of the machine before: {load}");
        }
    }
}

/// A round, in short, while others follow.
pub(super) fn tell(number: u32, round: &[Figure]) {
    let told: Vec<_> =
        round.iter().map(|Figure { name, value, .. }| format!("{name} {value:.0}")).collect();
    eprintln!("round {number}: {}", told.join(", "));
}

/// Of each figure the median over all rounds.
fn medians(rounds: &[Vec<Figure>]) -> Vec<Figure> {
    let first = rounds.first().into_iter().flatten().enumerate();
    let of_all = first.map(|(at, figure)| {
        let values = rounds.iter().filter_map(|round| round.get(at)).map(|one| one.value);
        Figure { value: median(values), ..*figure }
    });
    of_all.collect()
}

/// The middle one; 0 of none.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(values, 50)
}

/// The smallest value that so many of a hundred are not above; 0 of none.
pub(super) fn percentile(values: impl IntoIterator<Item = f64>, of_hundred: usize) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let at = (values.len() * of_hundred).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        assert_eq!(median([]), 0.0);
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(percentile((1..=200).map(f64::from), 99), 198.0);
        assert_eq!(percentile([7.0], 99), 7.0);
    }

    #[test]
    fn of_each_figure_the_median_is_told() {
        let round = |a, b| vec![Figure::new("A", "a", a), Figure::new("B", "b", b)];
        let medians = medians(&[round(1.0, 9.0), round(3.0, 7.0), round(2.0, 8.0)]);
        let told: Vec<_> = medians.iter().map(|one| (one.name, one.value)).collect();
        assert_eq!(told, [("a", 2.0), ("b", 8.0)]);
    }
}
