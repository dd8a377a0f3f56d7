//! Kernel: quantiles of columns over the redrawn sample, for a range of replicates.
//!
//! A quantile needs every row's count, not a total. Rows are sorted once; a replicate then
//! walks the counts in that order until the share p is reached.
//!
//! Cost a replicate: drawing the counts (about 1 ns a row), then about 1 ns for each row of each
//! label's domain.

use std::sync::Arc;

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use crate::design::{Design, Redraw};
use crate::error::{Error, Result};
use crate::parallel;
use crate::stream::Streams;

/// Which value stands for the p-th quantile of a step-shaped distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// The smallest value with at least the share p at or below it (type 1 of Hyndman and Fan
    /// 1996).
    Lower,
    /// The same, but midway to the next value when the share is p exactly (their type 2): the
    /// familiar median of an even number.
    Midpoint,
}

/// One quantile of one column in one domain.
#[derive(Debug, Serialize, Deserialize)]
struct Ordered {
    /// The units of the domain's rows, by value.
    units: Vec<u32>,
    /// The rows' own weights.
    weights: Vec<f64>,
    /// Their values.
    values: Vec<f64>,
    probability: f64,
}

/// Which unit of the design a row belongs to, and the row's own weight.
#[derive(Debug)]
pub struct Rows {
    /// The unit of each row.
    pub unit: Vec<u32>,
    /// Its weight within the unit.
    pub weight: Vec<f64>,
}

/// Quantiles of columns, laid out for the design that redraws them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Quantiles {
    /// Kernels of one survey share it, so it travels apart: see [`Quantiles::with_design`].
    #[serde(skip)]
    design: Arc<Design>,
    labels: Vec<Ordered>,
    rule: Rule,
}

impl Quantiles {
    /// One label for each (column, probability); rows outside the label's domain hold NaN. Without
    /// `rows` every unit is a row of weight 1.
    ///
    /// # Errors
    /// When a column has another length than the survey, or a probability lies outside 0 to 1.
    pub fn new(
        design: Arc<Design>,
        rows: Option<&Rows>,
        columns: &[impl AsRef<[f64]>],
        probabilities: &[f64],
        rule: Rule,
    ) -> Result<Self> {
        let mut labels = Vec::with_capacity(columns.len());
        for (column, &probability) in columns.iter().zip(probabilities) {
            let column = column.as_ref();
            let expected = rows.map_or(design.units(), |rows| rows.unit.len());
            if column.len() != expected {
                return Err(Error::Length { what: "a column", expected, got: column.len() });
            }
            if !(0.0..=1.0).contains(&probability) {
                return Err(Error::Argument(format!("a quantile's share {probability} is not in 0 to 1")));
            }
            let mut order: Vec<usize> = (0..column.len()).filter(|&row| !column[row].is_nan()).collect();
            order.sort_by(|&a, &b| column[a].total_cmp(&column[b]));
            let unit = |&row: &usize| rows.map_or(row as u32, |rows| rows.unit[row]);
            let weight = |&row: &usize| rows.map_or(1.0, |rows| rows.weight[row]);
            labels.push(Ordered {
                units: order.iter().map(unit).collect(),
                weights: order.iter().map(weight).collect(),
                values: order.iter().map(|&row| column[row]).collect(),
                probability,
            });
        }
        Ok(Self { design, labels, rule })
    }

    /// The same labels with the design that they were laid out for, after a journey without it.
    #[must_use]
    pub fn with_design(self, design: Arc<Design>) -> Self {
        Self { design, ..self }
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
            let mut factors = vec![0.0; self.design.units()];
            for (i, mut column) in part.columns_mut().into_iter().enumerate() {
                self.design.factors(streams, first + (offset + i) as u64, &mut factors);
                for (value, label) in column.iter_mut().zip(&self.labels) {
                    *value = label.quantile(&factors, self.rule);
                }
            }
        });
    }

    /// The quantiles of the sample itself, given how many people each unit stands for.
    pub fn sample(&self, people: &[f64]) -> Vec<f64> {
        self.labels.iter().map(|label| label.quantile(people, self.rule)).collect()
    }
}

impl Ordered {
    fn quantile(&self, factors: &[f64], rule: Rule) -> f64 {
        let parts =
            || self.units.iter().zip(&self.weights).map(|(&unit, weight)| factors[unit as usize] * weight);
        let total: f64 = parts().sum();
        if total <= 0.0 {
            return f64::NAN;
        }
        // Sums of weights round: what is this near to the needed share has reached it.
        let slack = 1e-9 * total;
        let needed = self.probability * total;
        let mut below = 0.0;
        let mut reached = None;
        for (part, &value) in parts().zip(&self.values) {
            if part <= 0.0 {
                continue;
            }
            if let Some(lower) = reached {
                return f64::midpoint(lower, value);
            }
            below += part;
            if below >= needed - slack {
                let tie = rule == Rule::Midpoint && (below - needed).abs() <= slack && below < total - slack;
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
    use crate::design::Resample;

    fn sample(values: &[f64], p: f64, rule: Rule) -> f64 {
        let n = values.len();
        let design =
            Arc::new(Design::Resample(Arc::new(Resample::new(&vec![0; n], &vec![1; n], None).unwrap())));
        Quantiles::new(design, None, &[values], &[p], rule).unwrap().sample(&vec![1.0; n])[0]
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
        let design = Arc::new(Design::Resample(Arc::new(Resample::new(&[0; 3], &[1; 3], None).unwrap())));
        let medians = Quantiles::new(design, None, &[[10.0, 20.0, 30.0]], &[0.5], Rule::Midpoint).unwrap();
        let n = 50_000;
        let mut out = ndarray::Array2::zeros((1, n));
        medians.replicates(Streams::new(0, 5), 0, 2, out.view_mut());
        for (value, chance) in [(10.0, 7.0 / 27.0), (20.0, 13.0 / 27.0), (30.0, 7.0 / 27.0)] {
            let seen = out.iter().filter(|&&v| v == value).count() as f64 / n as f64;
            assert!((seen - chance).abs() < 4.0 * (chance * (1.0 - chance) / n as f64).sqrt());
        }
    }

    #[test]
    fn rows_of_a_cluster_share_its_factor() {
        // Two clusters of two rows: a replicate holds one of them twice or each once.
        let design = Arc::new(Design::Resample(Arc::new(Resample::new(&[0; 2], &[1; 2], None).unwrap())));
        let rows = Rows { unit: vec![0, 0, 1, 1], weight: vec![1.0, 2.0, 1.0, 1.0] };
        let columns = [[1.0, 2.0, 3.0, 4.0]];
        let medians = Quantiles::new(design, Some(&rows), &columns, &[0.5], Rule::Midpoint).unwrap();
        assert_eq!(medians.sample(&[1.0, 1.0]), [2.0]);
        let mut out = ndarray::Array2::zeros((1, 200));
        medians.replicates(Streams::new(0, 5), 0, 1, out.view_mut());
        assert!(out.iter().all(|v| [2.0, 3.5].contains(v)));
    }

    #[test]
    fn an_empty_domain_has_no_quantile() {
        assert!(sample(&[f64::NAN, f64::NAN], 0.5, Rule::Lower).is_nan());
    }
}
