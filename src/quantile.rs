//! Kernel: quantiles of columns over the redrawn sample, for a range of replicates.
//!
//! A quantile needs every row's count, not a total. Rows are sorted once; a replicate then
//! walks the counts in that order until the share p is reached.
//!
//! Cost a replicate: drawing the counts (about 1 ns a row), then about 1 ns for each row of each
//! label's domain.

use std::sync::Arc;

use ndarray::ArrayViewMut2;

use crate::design::Resample;
use crate::error::{Error, Result};
use crate::parallel;
use crate::stream::Streams;

/// Which value stands for the p-th quantile of a step-shaped distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The smallest value with at least the share p at or below it (type 1 of Hyndman and Fan
    /// 1996).
    Lower,
    /// The same, but midway to the next value when the share is p exactly (their type 2): the
    /// familiar median of an even number.
    Midpoint,
}

/// One quantile of one column in one domain.
#[derive(Debug)]
struct Ordered {
    /// The domain's units, by value.
    units: Vec<u32>,
    /// Their values.
    values: Vec<f64>,
    probability: f64,
}

/// Quantiles of columns, laid out for the design that redraws them.
#[derive(Debug)]
pub struct Quantiles {
    design: Arc<Resample>,
    labels: Vec<Ordered>,
    rule: Rule,
}

impl Quantiles {
    /// One label for each (column, probability); units outside the label's domain hold NaN.
    ///
    /// # Errors
    /// When a column has another length than the survey, or a probability lies outside 0 to 1.
    pub fn new(
        design: Arc<Resample>,
        columns: &[impl AsRef<[f64]>],
        probabilities: &[f64],
        rule: Rule,
    ) -> Result<Self> {
        let mut labels = Vec::with_capacity(columns.len());
        for (column, &probability) in columns.iter().zip(probabilities) {
            let column = column.as_ref();
            if column.len() != design.units() {
                return Err(Error::Length { what: "a column", expected: design.units(), got: column.len() });
            }
            if !(0.0..=1.0).contains(&probability) {
                return Err(Error::Argument(format!("a quantile's share {probability} is not in 0 to 1")));
            }
            let mut units: Vec<u32> =
                (0..column.len() as u32).filter(|&u| !column[u as usize].is_nan()).collect();
            units.sort_by(|&a, &b| column[a as usize].total_cmp(&column[b as usize]));
            let values = units.iter().map(|&u| column[u as usize]).collect();
            labels.push(Ordered { units, values, probability });
        }
        Ok(Self { design, labels, rule })
    }

    /// The number of labels.
    pub fn labels(&self) -> usize {
        self.labels.len()
    }

    /// Fill `out` (labels x replicates) for replicates `first, first + 1, ...`; NaN where a
    /// redrawn domain is empty.
    pub fn replicates(&self, streams: Streams, first: u64, threads: usize, mut out: ArrayViewMut2<f64>) {
        let chunk = 16.min(out.ncols().div_ceil(threads)).max(1);
        parallel::columns(&mut out, chunk, threads, |offset, mut part| {
            let mut cells = vec![0; self.design.most_cells()];
            let mut counts = vec![0; self.design.units()];
            for (i, mut column) in part.columns_mut().into_iter().enumerate() {
                let stream = streams.replicate(first + (offset + i) as u64);
                self.design.counts(stream, &mut cells, &mut counts);
                for (value, label) in column.iter_mut().zip(&self.labels) {
                    *value = label.quantile(&counts, self.rule);
                }
            }
        });
    }

    /// The quantiles of the sample itself, given how many people each unit stands for.
    pub fn sample(&self, multiplicity: &[u32]) -> Vec<f64> {
        self.labels.iter().map(|label| label.quantile(multiplicity, self.rule)).collect()
    }
}

impl Ordered {
    fn quantile(&self, counts: &[u32], rule: Rule) -> f64 {
        let count = |unit: &u32| u64::from(counts[*unit as usize]);
        let total: u64 = self.units.iter().map(count).sum();
        if total == 0 {
            return f64::NAN;
        }
        // p n is a whole number up to rounding when the share is reached exactly.
        let exact = self.probability * total as f64;
        let nearest = exact.round();
        let whole = (exact - nearest).abs() <= 1e-9 * total as f64;
        let needed = if whole { nearest } else { exact.ceil() }.max(1.0) as u64;
        let mut below = 0;
        let mut reached = None;
        for (unit, &value) in self.units.iter().zip(&self.values) {
            let c = count(unit);
            if c == 0 {
                continue;
            }
            if let Some(lower) = reached {
                return f64::midpoint(lower, value);
            }
            below += c;
            if below >= needed {
                let tie =
                    rule == Rule::Midpoint && whole && nearest >= 1.0 && below == needed && below < total;
                if !tie {
                    return value;
                }
                reached = Some(value);
            }
        }
        reached.unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64], p: f64, rule: Rule) -> f64 {
        let n = values.len();
        let design = Arc::new(Resample::new(&vec![0; n], &vec![1; n]).unwrap());
        Quantiles::new(design, &[values], &[p], rule).unwrap().sample(&vec![1; n])[0]
    }

    #[test]
    fn definitions_of_hyndman_and_fan() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(sample(&values, 0.5, Rule::Midpoint), 2.5);
        assert_eq!(sample(&values, 0.5, Rule::Lower), 2.0);
        assert_eq!(sample(&values, 0.3, Rule::Midpoint), 2.0);
        assert_eq!(sample(&values, 0.0, Rule::Midpoint), 1.0);
        assert_eq!(sample(&values, 1.0, Rule::Midpoint), 4.0);
        assert_eq!(sample(&[1.0, f64::NAN, 9.0, f64::NAN, 5.0], 0.5, Rule::Midpoint), 5.0);
    }

    #[test]
    fn redrawn_medians_follow_their_exact_distribution() {
        // Three values, redrawn 3 of 3: the median is the lowest with chance 7/27, and so on.
        let design = Arc::new(Resample::new(&[0; 3], &[1; 3]).unwrap());
        let medians = Quantiles::new(design, &[[10.0, 20.0, 30.0]], &[0.5], Rule::Midpoint).unwrap();
        let n = 50_000;
        let mut out = ndarray::Array2::zeros((1, n));
        medians.replicates(Streams::new(0, 5), 0, 2, out.view_mut());
        for (value, chance) in [(10.0, 7.0 / 27.0), (20.0, 13.0 / 27.0), (30.0, 7.0 / 27.0)] {
            let seen = out.iter().filter(|&&v| v == value).count() as f64 / n as f64;
            assert!((seen - chance).abs() < 4.0 * (chance * (1.0 - chance) / n as f64).sqrt());
        }
    }

    #[test]
    fn an_empty_domain_has_no_quantile() {
        assert!(sample(&[f64::NAN, f64::NAN], 0.5, Rule::Lower).is_nan());
    }
}
