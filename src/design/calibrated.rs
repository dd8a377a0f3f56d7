//! Calibration: in every replicate the redrawn weights are fitted again to known (or drawn) totals.
//!
//! Weights d become d g(x'l) with the smallest change, by one of three distances, that makes the totals
//! of the auxiliary x right (Deville and Saerndal 1992, Journal of the American Statistical Association
//! 87:376-382): linear g = 1 + u (the regression estimator; poststratification where x are indicators of
//! one question), exponential g = exp(u) (raking), and the logit that keeps g within bounds. Newton's
//! method finds l.
//!
//! Rows with equal x form a cell and share g, so Newton's steps cost cells, not rows. Cost a replicate:
//! the base design's, a few ns a row, and the steps: cells x auxiliaries^2.

use nalgebra::{Cholesky, DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::{Design, Redraw};
use crate::error::{Error, Result};
use crate::stop::stopped;
use crate::stream::Streams;
use crate::travel::check_coefficients;

/// Newton's steps before a replicate counts as one that can't be calibrated.
const STEPS: usize = 60;
/// Calibrations on top of one another: each is a call inside the call before.
pub(super) const MOST_CALIBRATIONS: usize = 16;
/// Cells between two looks at whether the work is called off.
const EAR: usize = 256;
/// Totals count as met within this share of themselves.
const NEAR: f64 = 1e-9;

/// How far new weights are from old ones: what g is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Distance {
    /// 1 + u, cut off at the ends (which may be infinite).
    Linear {
        /// Least g.
        low: f64,
        /// Greatest g.
        high: f64,
    },
    /// exp(u).
    Raking,
    /// Between the ends, low < 1 < high, both finite.
    Logit {
        /// Least g.
        low: f64,
        /// Greatest g.
        high: f64,
    },
}

impl Distance {
    /// g and its slope.
    fn at(self, u: f64) -> (f64, f64) {
        match self {
            Self::Linear { low, high } => {
                let g = 1.0 + u;
                if g < low {
                    (low, 0.0)
                } else if g > high {
                    (high, 0.0)
                } else {
                    (g, 1.0)
                }
            }
            Self::Raking => {
                let g = libm::exp(u);
                (g, g)
            }
            Self::Logit { low, high } => {
                let a = (high - low) / ((1.0 - low) * (high - 1.0));
                // The same share of the way from low to high, written so that nothing overflows.
                let odds = (1.0 - low) / (high - 1.0) * libm::exp(a * u);
                let share = if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 };
                (low + (high - low) * share, a * (high - low) * share * (1.0 - share))
            }
        }
    }
}

/// What a row of the survey is to a calibration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rows {
    /// The unit that is redrawn.
    pub unit: Vec<u32>,
    /// The row's own weight.
    pub weight: Vec<f64>,
    /// The cell of rows with equal auxiliaries.
    pub cell: Vec<u32>,
}

/// A design whose replicates are calibrated. Its units are the rows of the survey, and its factors their
/// calibrated weights.
#[derive(Clone, Debug)]
pub struct Calibrated {
    base: Design,
    rows: Rows,
    /// Auxiliaries, cell after cell.
    x: Vec<f64>,
    totals: Vec<f64>,
    /// Totals that are estimates themselves: replicate after replicate.
    drawn: Vec<f64>,
    distance: Distance,
}

impl Calibrated {
    /// `x` holds the auxiliaries of each cell, cell after cell; `totals` what they should add up to; `drawn` that of
    /// each replicate, one after another, or nothing where it is always the same.
    ///
    /// # Errors
    /// When the arrays don't fit one another, or bounds don't enclose 1.
    pub fn new(
        base: Design,
        rows: Rows,
        x: Vec<f64>,
        totals: Vec<f64>,
        drawn: Vec<f64>,
        distance: Distance,
    ) -> Result<Self> {
        let (n, p) = (rows.unit.len(), totals.len());
        check_coefficients(p)?;
        if base.calibrations() >= MOST_CALIBRATIONS {
            return Err(Error::Argument(format!(
                "weights were calibrated {MOST_CALIBRATIONS} times already"
            )));
        }
        for (what, got) in [("weights", rows.weight.len()), ("cells", rows.cell.len())] {
            if got != n {
                return Err(Error::Length { what, expected: n, got });
            }
        }
        if p == 0 || !x.len().is_multiple_of(p) || !drawn.len().is_multiple_of(p) {
            return Err(Error::Argument(String::from("auxiliaries and their totals differ in number")));
        }
        let outside = |list: &[u32], end: usize| list.iter().any(|&i| i as usize >= end);
        if outside(&rows.unit, base.units()) || outside(&rows.cell, x.len() / p) {
            return Err(Error::Argument(String::from("a row lies in no unit, or in no cell")));
        }
        if let Distance::Linear { low, high } | Distance::Logit { low, high } = distance
            && !(low < 1.0 && 1.0 < high)
        {
            return Err(Error::Argument(format!("bounds {low} and {high} must lie below and above 1")));
        }
        if let Distance::Logit { low, high } = distance
            && !(low.is_finite() && high.is_finite())
        {
            return Err(Error::Argument(format!("logit bounds {low} and {high} must be finite")));
        }
        Ok(Self { base, rows, x, totals, drawn, distance })
    }

    /// What was calibrated.
    pub fn base(&self) -> &Design {
        &self.base
    }

    pub(super) fn sent(&self) -> Sent {
        Sent {
            rows: self.rows.clone(),
            x: self.x.clone(),
            totals: self.totals.clone(),
            drawn: self.drawn.clone(),
            distance: self.distance,
        }
    }

    /// Calibrated weights, given the factors of the base design's units; `Err` has the auxiliary whose total
    /// is furthest from met.
    ///
    /// # Errors
    /// When the totals can't be met.
    pub fn weights(&self, factors: &[f64], out: &mut [f64]) -> std::result::Result<(), usize> {
        self.fit(factors, &self.totals, out)
    }

    fn fit(&self, factors: &[f64], totals: &[f64], out: &mut [f64]) -> std::result::Result<(), usize> {
        let p = totals.len();
        let mut cells = vec![0.0; self.x.len() / p];
        let Rows { unit, weight, cell } = &self.rows;
        for (((out, &u), &w), &c) in out.iter_mut().zip(unit).zip(weight).zip(cell) {
            *out = factors[u as usize] * w;
            cells[c as usize] += *out;
        }
        let g = self.adjust(&cells, totals)?;
        for (out, &c) in out.iter_mut().zip(cell) {
            *out *= g[c as usize];
        }
        Ok(())
    }

    /// g of each cell, given the cells' weights.
    fn adjust(&self, cells: &[f64], totals: &[f64]) -> std::result::Result<Vec<f64>, usize> {
        let p = totals.len();
        let mut size: Vec<f64> = totals.iter().map(|t| t.abs()).collect();
        for (x, &weight) in self.x.chunks_exact(p).zip(cells) {
            size.iter_mut().zip(x).for_each(|(s, x)| *s = s.max(weight * x.abs()));
        }
        let mut lambda = DVector::zeros(p);
        let mut now = self.evaluate(cells, totals, &lambda);
        for _ in 0..STEPS {
            let worst = worst(&now.off, &size);
            if stopped() {
                return Err(worst.0);
            }
            if worst.1 <= NEAR {
                return Ok(now.g);
            }
            let Some(factor) = Cholesky::new(std::mem::take(&mut now.slope)) else { return Err(worst.0) };
            let step = factor.solve(&now.off);
            let mut length = 1.0;
            loop {
                let moved = &lambda + &step * length;
                let next = self.evaluate(cells, totals, &moved);
                let better = self::worst(&next.off, &size).1;
                // Newton's step is taken as soon as it does not lead away; a tenth more is no leading away.
                if better < 1.1 * worst.1 || (length == 1.0 && better <= NEAR) {
                    (lambda, now) = (moved, next);
                    break;
                }
                length /= 2.0;
                if length < 1e-6 {
                    return Err(worst.0);
                }
            }
        }
        Err(worst(&now.off, &size).0)
    }

    fn evaluate(&self, cells: &[f64], totals: &[f64], lambda: &DVector<f64>) -> Fit {
        let p = totals.len();
        let mut fit = Fit {
            g: vec![1.0; cells.len()],
            off: DVector::from_column_slice(totals),
            slope: DMatrix::zeros(p, p),
        };
        for (number, (x, &weight)) in self.x.chunks_exact(p).zip(cells).enumerate() {
            if number % EAR == 0 && stopped() {
                break;
            }
            let (g, slope) = self.distance.at(x.iter().zip(lambda.iter()).map(|(x, l)| x * l).sum());
            fit.g[number] = g;
            if weight == 0.0 {
                continue; // an empty cell may have any g
            }
            for (j, &xj) in x.iter().enumerate() {
                if xj == 0.0 {
                    continue;
                }
                fit.off[j] -= weight * g * xj;
                for (k, &xk) in x.iter().enumerate().take(j + 1) {
                    fit.slope[(j, k)] += weight * slope * xj * xk;
                }
            }
        }
        fit
    }
}

/// What a calibration adds to its base.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    rows: Rows,
    x: Vec<f64>,
    totals: Vec<f64>,
    drawn: Vec<f64>,
    distance: Distance,
}

impl Sent {
    /// On this base.
    pub(super) fn on(self, base: Design) -> Result<Calibrated> {
        Calibrated::new(base, self.rows, self.x, self.totals, self.drawn, self.distance)
    }
}

struct Fit {
    g: Vec<f64>,
    /// What the totals lack.
    off: DVector<f64>,
    /// The derivative of the totals by lambda: the lower triangle.
    slope: DMatrix<f64>,
}

/// The auxiliary furthest from its total, and how far in shares of its size.
fn worst(off: &DVector<f64>, size: &[f64]) -> (usize, f64) {
    let relative = off.iter().zip(size).map(|(off, &size)| {
        let off = off.abs() / if size > 0.0 { size } else { 1.0 };
        if off.is_finite() { off } else { f64::INFINITY }
    });
    relative.enumerate().fold((0, -1.0), |far, (j, off)| if off > far.1 { (j, off) } else { far })
}

impl Redraw for Calibrated {
    fn units(&self) -> usize {
        self.rows.unit.len()
    }

    fn factors(&self, streams: Streams, replicate: u64, factors: &mut [f64]) {
        let mut base = vec![0.0; self.base.units()];
        self.base.factors(streams, replicate, &mut base);
        let p = self.totals.len();
        let totals = if self.drawn.is_empty() {
            &self.totals[..]
        } else {
            match self.drawn.chunks_exact(p).nth(replicate as usize) {
                Some(drawn) => drawn,
                None => return factors.fill(f64::NAN),
            }
        };
        if self.fit(&base, totals, factors).is_err() {
            factors.fill(f64::NAN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Resample;
    use super::*;
    use std::sync::Arc;

    /// Ten rows: two questions of two answers each, and what both should add up to.
    fn two_margins(distance: Distance) -> Calibrated {
        let base = Design::Resample(Arc::new(Resample::new(&[0; 10], &[1; 10], None).unwrap()));
        let cell = vec![0, 0, 0, 1, 1, 2, 2, 3, 3, 3];
        let x = vec![1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0];
        let rows = Rows { unit: (0..10).collect(), weight: vec![2.0; 10], cell };
        Calibrated::new(base, rows, x, vec![40.0, 25.0, 15.0], vec![], distance).unwrap()
    }

    fn margins(design: &Calibrated, weights: &[f64]) -> Vec<f64> {
        let p = design.totals.len();
        let mut sums = vec![0.0; p];
        for (&c, w) in design.rows.cell.iter().zip(weights) {
            for (sum, x) in sums.iter_mut().zip(&design.x[c as usize * p..]) {
                *sum += w * x;
            }
        }
        sums
    }

    #[test]
    fn every_distance_meets_the_totals() {
        let linear = Distance::Linear { low: f64::NEG_INFINITY, high: f64::INFINITY };
        let bounded = Distance::Linear { low: 0.5, high: 3.45 };
        for distance in [linear, bounded, Distance::Raking, Distance::Logit { low: 0.5, high: 3.45 }] {
            let design = two_margins(distance);
            let mut weights = [0.0; 10];
            design.weights(&[1.0; 10], &mut weights).unwrap();
            for (sum, total) in margins(&design, &weights).iter().zip(&design.totals) {
                assert!((sum - total).abs() < 1e-6, "{distance:?}");
            }
            if let Distance::Linear { low, high } | Distance::Logit { low, high } = distance {
                assert!(weights.iter().all(|w| (2.0 * low..=2.0 * high).contains(w)));
            }
        }
    }

    #[test]
    fn raking_equals_proportional_fitting() {
        // Deming and Stephan (1940): scale rows and columns in turn until both fit.
        let design = two_margins(Distance::Raking);
        let mut weights = [0.0; 10];
        design.weights(&[1.0; 10], &mut weights).unwrap();
        let mut table = [[6.0, 4.0], [4.0, 6.0]];
        for _ in 0..200 {
            for (row, total) in table.iter_mut().zip([25.0, 15.0]) {
                let sum: f64 = row.iter().sum();
                for value in row.iter_mut() {
                    *value *= total / sum;
                }
            }
            for (j, total) in [15.0, 25.0].into_iter().enumerate() {
                let sum = table[0][j] + table[1][j];
                for row in &mut table {
                    row[j] *= total / sum;
                }
            }
        }
        // Cells 0..4 are (yes, yes), (yes, no), (no, yes), (no, no).
        let cell = |c: usize| -> f64 {
            design.rows.cell.iter().zip(&weights).filter(|(k, _)| **k as usize == c).map(|(_, w)| w).sum()
        };
        for (c, expected) in [table[0][0], table[0][1], table[1][0], table[1][1]].into_iter().enumerate() {
            assert!((cell(c) - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn what_cannot_be_met_is_said() {
        let design = two_margins(Distance::Logit { low: 0.99, high: 1.01 });
        assert!(design.weights(&[1.0; 10], &mut [0.0; 10]).is_err());
        // A replicate without anyone in a category has no answer.
        let raking = two_margins(Distance::Raking);
        let factors = [2.0, 2.0, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert!(raking.weights(&factors, &mut [0.0; 10]).is_err());
    }
}
