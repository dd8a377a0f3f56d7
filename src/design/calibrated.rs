//! Calibration: in every replicate the redrawn weights are fitted again to known (or drawn) totals.
//!
//! Weights d become d g(x'l) with the smallest change, by one of three distances, that makes the totals
//! of the auxiliary x right (Deville and Saerndal 1992, Journal of the American Statistical Association
//! 87:376-382): linear g = 1 + u (the regression estimator; poststratification where x are indicators of
//! one question), exponential g = exp(u) (raking), and the logit that keeps g within bounds. Newton's
//! method finds l.
//!
//! Rows with equal x form a cell and share g, so Newton's steps cost cells, not rows. Cost a replicate:
//! the base design's, a few ns a row, and the steps. With few auxiliaries a step solves its equations by
//! Cholesky's decomposition. With many they are indicators of categories, of which a cell has one for each
//! question: conjugate gradients then take some passes over what is not zero, a single one where the categories
//! are those of one question, which don't overlap.

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
/// Up to so many auxiliaries a step's equations are written out.
const FEW: usize = 40;
/// Conjugate gradients stop where the rest is this share of what it was, or after so many passes.
const REST: f64 = 1e-12;
const PASSES: usize = 200;

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

/// The auxiliaries of cells, of which only what is not zero is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Auxiliaries {
    /// Where each cell begins, and the end.
    pub starts: Vec<u32>,
    /// Which auxiliary.
    pub columns: Vec<u32>,
    /// Its value.
    pub values: Vec<f64>,
}

impl Auxiliaries {
    fn cells(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether they are those of so many auxiliaries, each cell's in order.
    fn fits(&self, auxiliaries: usize) -> bool {
        self.starts.first() == Some(&0)
            && self.starts.is_sorted()
            && self.starts.last().is_some_and(|&end| end as usize == self.columns.len())
            && self.columns.len() == self.values.len()
            && self.columns.iter().all(|&j| (j as usize) < auxiliaries)
            && self.values.iter().all(|value| value.is_finite())
            && self.iter().all(|cell| cell.is_sorted_by(|a, b| a.0 < b.0))
    }

    /// Each cell's auxiliaries and their values.
    fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = (usize, f64)> + Clone> {
        self.starts.windows(2).map(|ends| {
            let part = ends[0] as usize..ends[1] as usize;
            self.columns[part.clone()].iter().map(|&j| j as usize).zip(self.values[part].iter().copied())
        })
    }
}

/// A design whose replicates are calibrated. Its units are the rows of the survey, and its factors their
/// calibrated weights.
#[derive(Clone, Debug)]
pub struct Calibrated {
    base: Design,
    rows: Rows,
    x: Auxiliaries,
    totals: Vec<f64>,
    /// Totals that are estimates themselves: replicate after replicate.
    drawn: Vec<f64>,
    distance: Distance,
}

impl Calibrated {
    /// `x` holds the auxiliaries of each cell; `totals` what they should add up to; `drawn` that of
    /// each replicate, one after another, or nothing where it is always the same.
    ///
    /// # Errors
    /// When the arrays don't fit one another, or bounds don't enclose 1.
    pub fn new(
        base: Design,
        rows: Rows,
        x: Auxiliaries,
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
        if p == 0 || !x.fits(p) || !drawn.len().is_multiple_of(p) {
            return Err(Error::Argument(String::from("auxiliaries and their totals differ in number")));
        }
        let outside = |list: &[u32], end: usize| list.iter().any(|&i| i as usize >= end);
        if outside(&rows.unit, base.units()) || outside(&rows.cell, x.cells()) {
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
        let mut cells = vec![0.0; self.x.cells()];
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
        let mut size: Vec<f64> = totals.iter().map(|t| t.abs()).collect();
        for (x, &weight) in self.x.iter().zip(cells) {
            x.for_each(|(j, x)| size[j] = size[j].max(weight * x.abs()));
        }
        let mut lambda = vec![0.0; totals.len()];
        let mut now = self.evaluate(cells, totals, &lambda);
        for _ in 0..STEPS {
            let worst = worst(&now.off, &size);
            if stopped() {
                return Err(worst.0);
            }
            if worst.1 <= NEAR {
                return Ok(now.g);
            }
            let Some(step) = self.solve(&now.slopes, &now.off) else { return Err(worst.0) };
            let mut length = 1.0;
            loop {
                let moved: Vec<f64> = lambda.iter().zip(&step).map(|(l, step)| l + step * length).collect();
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

    fn evaluate(&self, cells: &[f64], totals: &[f64], lambda: &[f64]) -> Fit {
        let mut fit = Fit { g: vec![1.0; cells.len()], off: totals.to_vec(), slopes: vec![0.0; cells.len()] };
        for (number, (x, &weight)) in self.x.iter().zip(cells).enumerate() {
            if number % EAR == 0 && stopped() {
                break;
            }
            let (g, slope) = self.distance.at(x.clone().map(|(j, x)| x * lambda[j]).sum());
            fit.g[number] = g;
            fit.slopes[number] = weight * slope;
            if weight != 0.0 {
                // an empty cell may have any g
                x.for_each(|(j, x)| fit.off[j] -= weight * g * x);
            }
        }
        fit
    }

    /// The step that makes up for what the totals lack: X' S X step = off, where S holds the cells' slopes. None where
    /// the slopes leave it open.
    fn solve(&self, slopes: &[f64], off: &[f64]) -> Option<Vec<f64>> {
        if off.len() > FEW
            && let Some(step) = self.iterate(slopes, off)
        {
            return Some(step);
        }
        if stopped() {
            return None;
        }
        let mut matrix = DMatrix::zeros(off.len(), off.len());
        for (x, &slope) in self.x.iter().zip(slopes) {
            for (j, xj) in x.clone() {
                x.clone().take_while(|&(k, _)| k <= j).for_each(|(k, xk)| matrix[(j, k)] += slope * xj * xk);
            }
        }
        let solved = Cholesky::new(matrix)?.solve(&DVector::from_column_slice(off));
        Some(solved.iter().copied().collect())
    }

    /// The same by conjugate gradients, each auxiliary in its own scale; None where that leads nowhere.
    fn iterate(&self, slopes: &[f64], off: &[f64]) -> Option<Vec<f64>> {
        let mut diagonal = vec![0.0; off.len()];
        for (x, &slope) in self.x.iter().zip(slopes) {
            x.for_each(|(j, x)| diagonal[j] += slope * x * x);
        }
        if !diagonal.iter().all(|&d| d > 0.0) {
            return None;
        }
        let scaled = |rest: &[f64]| -> Vec<f64> { rest.iter().zip(&diagonal).map(|(r, d)| r / d).collect() };
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let (mut step, mut rest) = (vec![0.0; off.len()], off.to_vec());
        let mut towards = scaled(&rest);
        let mut square = dot(&rest, &towards);
        let enough = REST * REST * square;
        for _ in 0..PASSES {
            if square <= enough {
                return Some(step);
            }
            if stopped() {
                return None;
            }
            let mut moved = vec![0.0; off.len()];
            for (x, &slope) in self.x.iter().zip(slopes) {
                let along: f64 = x.clone().map(|(j, x)| x * towards[j]).sum();
                x.for_each(|(j, x)| moved[j] += slope * along * x);
            }
            let length = square / dot(&towards, &moved);
            if !length.is_finite() {
                return None;
            }
            for j in 0..off.len() {
                step[j] += length * towards[j];
                rest[j] -= length * moved[j];
            }
            let next = scaled(&rest);
            let before = std::mem::replace(&mut square, dot(&rest, &next));
            towards.iter_mut().zip(&next).for_each(|(t, n)| *t = n + square / before * *t);
        }
        None
    }
}

/// What a calibration adds to its base.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    rows: Rows,
    x: Auxiliaries,
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
    off: Vec<f64>,
    /// What each cell's weight grows by.
    slopes: Vec<f64>,
}

/// The auxiliary furthest from its total, and how far in shares of its size.
fn worst(off: &[f64], size: &[f64]) -> (usize, f64) {
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
        let x = Auxiliaries {
            starts: vec![0, 3, 5, 7, 8],
            columns: vec![0, 1, 2, 0, 1, 0, 2, 0],
            values: vec![1.0; 8],
        };
        let rows = Rows { unit: (0..10).collect(), weight: vec![2.0; 10], cell };
        Calibrated::new(base, rows, x, vec![40.0, 25.0, 15.0], vec![], distance).unwrap()
    }

    fn margins(design: &Calibrated, weights: &[f64]) -> Vec<f64> {
        let p = design.totals.len();
        let mut sums = vec![0.0; p];
        for (&c, w) in design.rows.cell.iter().zip(weights) {
            design.x.iter().nth(c as usize).unwrap().for_each(|(j, x)| sums[j] += w * x);
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

    /// Two questions of `many` answers each, less the last of the second, which follows.
    fn many_answers(many: usize, distance: Distance) -> Calibrated {
        let n = 40 * many;
        let base = Design::Resample(Arc::new(Resample::new(&vec![0; n], &vec![1; n], None).unwrap()));
        let answers = |u: usize| (u % many, (u * u + u / many) % many);
        let (mut starts, mut columns) = (vec![0], vec![]);
        let mut totals = vec![0.0; 2 * many - 1];
        for u in 0..n {
            let (a, b) = answers(u);
            columns.push(a as u32);
            totals[a] += 1.5 + (a % 3) as f64 / 10.0;
            if b + 1 < many {
                columns.push((many + b) as u32);
                totals[many + b] += 1.5 + (a % 3) as f64 / 10.0;
            }
            starts.push(columns.len() as u32);
        }
        let x = Auxiliaries { starts, values: vec![1.0; columns.len()], columns };
        let rows =
            Rows { unit: (0..n as u32).collect(), weight: vec![1.0; n], cell: (0..n as u32).collect() };
        Calibrated::new(base, rows, x, totals, vec![], distance).unwrap()
    }

    #[test]
    fn many_auxiliaries_are_met_by_conjugate_gradients() {
        let design = many_answers(50, Distance::Raking);
        let n = design.rows.unit.len();
        let mut weights = vec![0.0; n];
        design.weights(&vec![1.0; n], &mut weights).unwrap();
        for (sum, total) in margins(&design, &weights).iter().zip(&design.totals) {
            assert!((sum / total - 1.0).abs() < 1e-8);
        }
        // The step is that of the equations written out, whose last bits another order of sums moves.
        let slopes: Vec<f64> = (0..n).map(|u| 1.0 + (u % 7) as f64).collect();
        let off: Vec<f64> = (0..design.totals.len()).map(|j| (j % 5) as f64 - 2.0).collect();
        let step = design.iterate(&slopes, &off).unwrap();
        let mut rest = off.clone();
        for (x, slope) in design.x.iter().zip(&slopes) {
            let along: f64 = x.clone().map(|(j, x)| x * step[j]).sum();
            x.for_each(|(j, x)| rest[j] -= slope * along * x);
        }
        assert!(rest.iter().all(|rest| rest.abs() < 1e-8), "{rest:?}");
    }

    #[test]
    fn an_answer_that_nobody_gives_cannot_be_met_among_many() {
        let design = many_answers(50, Distance::Raking);
        let factors: Vec<f64> =
            (0..design.rows.unit.len()).map(|u| if u % 50 == 7 { 0.0 } else { 1.0 }).collect();
        assert_eq!(design.weights(&factors, &mut vec![0.0; factors.len()]), Err(7));
    }
}
