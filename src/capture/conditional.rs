//! Chances of being on each list that depend on covariates: the conditional likelihood of Huggins (1989,
//! Biometrika 76:133-140) and Alho (1990, Biometrics 46:623-635).
//!
//! Lists are independent given covariates, and person i is on list j with logit `p_ij = x_ij' b`. Those on no list
//! are not seen, so each person counts with the probability of their history given that they are seen: with
//! `pi_i = 1 - prod_j (1 - p_ij)`,
//!
//! `log L = sum_i { sum_j y_ij log p_ij + (1 - y_ij) log(1 - p_ij) } - log pi_i`,
//!
//! which is concave: its curvature is minus the covariance of the histories given that a person is seen. Newton's method
//! with halved steps so finds the maximum, if there is one. The size is `sum_i 1 / pi_i`.
//!
//! Cost of a step: for each kind of people the square of the number of coefficients, half a nanosecond each.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::parallel;
use crate::stop::stopped;
use crate::travel::{Travels, check_coefficients};

/// Newton's steps before giving up; a separated fit needs about 25.
const MOST_STEPS: usize = 100;
/// A squared step in standard errors below which the maximum is found.
const CLOSE: f64 = 1e-13;
/// The same, below which a step that still moves log odds follows a separation.
const FLAT: f64 = 1e-9;
/// Log odds that a step at a maximum does not move any more.
const MOVES: f64 = 0.1;
/// A product of more chances might vanish.
const MOST_LISTS: usize = 12;
/// Groups whose derivatives by all coefficients have a place.
const MOST_GROUPS: usize = 1 << 14;
/// Kinds of people between two looks at whether the work is called off.
const EAR: usize = 256;
/// A pivot below this share of its column depends on the columns before.
const DEPENDENT: f64 = 1e-11;

/// What became of a fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// A maximum.
    Exists = 0,
    /// Some chances go to 0 or 1.
    Separated = 1,
    /// No convergence.
    Lost = 2,
}

/// How log odds depend on coefficients.
#[derive(Debug)]
pub struct Design {
    lists: usize,
    parameters: usize,
    /// Columns that one list uses.
    width: usize,
    /// Each list has coefficients of its own on the same columns.
    own: bool,
    values: Vec<f64>,
    histories: Vec<u32>,
    group: Vec<u32>,
    groups: usize,
}

impl Travels for Design {
    type Sent = (usize, bool, Vec<f64>, Vec<u32>, Vec<u32>, usize);
    type Beside = ();

    fn send(&self) -> impl Serialize {
        (self.lists, self.own, &self.values, &self.histories, &self.group, self.groups)
    }

    fn arrive((lists, own, values, histories, group, groups): Self::Sent, (): &()) -> Result<Self> {
        Self::new(lists, own, values, histories, group, groups)
    }
}

/// One fit.
#[derive(Debug)]
pub struct Fit {
    /// What became of it.
    pub outcome: Outcome,
    /// Coefficients.
    pub beta: Vec<f64>,
    /// Log-likelihood.
    pub likelihood: f64,
    /// Information, rows after one another.
    pub information: Vec<f64>,
    /// Size of each group.
    pub sizes: Vec<f64>,
}

/// Working memory of fits.
#[derive(Debug)]
pub struct Fitter {
    score: Vec<f64>,
    factor: Vec<f64>,
    information: Vec<f64>,
    step: Vec<f64>,
    trial: Vec<f64>,
    chance: Vec<f64>,
    slope: Vec<f64>,
}

impl Design {
    /// `values` are, for each kind of people, the columns that all lists use with coefficients of their own (`own`),
    /// or each list's row of the design, one after the other.
    ///
    /// # Errors
    /// When the arrays don't fit.
    pub fn new(
        lists: usize,
        own: bool,
        values: Vec<f64>,
        histories: Vec<u32>,
        group: Vec<u32>,
        groups: usize,
    ) -> Result<Self> {
        if !(1..=MOST_LISTS).contains(&lists) {
            return Err(Error::Argument(format!(
                "chances are fitted for 1 to {MOST_LISTS} lists, not {lists}"
            )));
        }
        let rows = histories.len() * if own { 1 } else { lists };
        if rows == 0 || !values.len().is_multiple_of(rows) || group.len() != histories.len() {
            return Err(Error::Argument("the design is not of these people and lists".into()));
        }
        if group.iter().any(|&g| g as usize >= groups) || histories.iter().any(|&h| h == 0 || h >> lists > 0)
        {
            return Err(Error::Argument("a history or a group is outside its range".into()));
        }
        if let Some(place) = values.iter().position(|v| !v.is_finite()) {
            return Err(Error::NotFinite { what: "the design", row: place * rows / values.len() });
        }
        let width = values.len() / rows;
        let parameters = if own { width * lists } else { width };
        check_coefficients(parameters)?;
        if groups > MOST_GROUPS {
            return Err(Error::Argument(format!("{groups} groups are more than {MOST_GROUPS}")));
        }
        Ok(Self { lists, parameters, width, own, values, histories, group, groups })
    }

    /// The number of groups.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// The number of coefficients.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// The number of kinds of people.
    pub fn kinds(&self) -> usize {
        self.histories.len()
    }

    /// Columns of one kind for one list, and the place of their first coefficient.
    fn row(&self, kind: usize, list: usize) -> (&[f64], usize) {
        if self.own {
            (&self.values[kind * self.width..][..self.width], list * self.width)
        } else {
            (&self.values[(kind * self.lists + list) * self.width..][..self.width], 0)
        }
    }

    fn odds(&self, kind: usize, list: usize, beta: &[f64]) -> f64 {
        let (x, first) = self.row(kind, list);
        x.iter().zip(&beta[first..]).map(|(x, b)| x * b).sum()
    }

    /// A person's chance of being seen.
    fn seen(&self, kind: usize, beta: &[f64]) -> f64 {
        -(-(0..self.lists).map(|j| softplus(self.odds(kind, j, beta))).sum::<f64>()).exp_m1()
    }

    /// Each kind's chance of being seen.
    pub fn chances(&self, beta: &[f64]) -> Vec<f64> {
        (0..self.kinds()).map(|kind| self.seen(kind, beta)).collect()
    }

    fn sizes(&self, weights: &[f64], beta: &[f64]) -> Vec<f64> {
        let mut sizes = vec![0.0; self.groups];
        for (kind, &weight) in weights.iter().enumerate() {
            if weight > 0.0 {
                sizes[self.group[kind] as usize] += weight / self.seen(kind, beta);
            }
        }
        sizes
    }

    /// Derivatives of the groups' sizes by the coefficients (groups x coefficients).
    pub fn derivatives(&self, weights: &[f64], beta: &[f64]) -> Array2<f64> {
        let mut result = Array2::zeros((self.groups, self.parameters));
        for (kind, &weight) in weights.iter().enumerate() {
            let seen = self.seen(kind, beta);
            let mut row = result.row_mut(self.group[kind] as usize);
            for j in 0..self.lists {
                let by_odds = -weight * (1.0 - seen) / (seen * seen) * expit(self.odds(kind, j, beta));
                let (x, first) = self.row(kind, j);
                for (entry, x) in row.iter_mut().skip(first).zip(x) {
                    *entry += by_odds * x;
                }
            }
        }
        result
    }

    /// Fit by weights of the kinds, beginning at `start`.
    pub fn fit(&self, weights: &[f64], start: &[f64], fitter: &mut Fitter) -> Fit {
        let p = self.parameters;
        let mut beta = start.to_vec();
        let mut likelihood = self.weigh(weights, &beta, fitter);
        let mut outcome = Outcome::Lost;
        let mut before = vec![];
        for _ in 0..MOST_STEPS {
            if stopped() {
                break;
            }
            fitter.solve(p);
            let length: f64 = fitter.score.iter().zip(&fitter.step).map(|(a, b)| a * b).sum();
            if !length.is_finite() {
                break;
            }
            if length < FLAT && self.largest_move(weights, &fitter.step) > MOVES {
                outcome = Outcome::Separated;
                before = self.sizes(weights, &beta);
                add(&mut beta, &fitter.step, 1.0);
                break;
            }
            if length < CLOSE {
                add(&mut beta, &fitter.step, 1.0);
                outcome = Outcome::Exists;
                break;
            }
            let mut share = 1.0;
            loop {
                fitter.trial.copy_from_slice(&beta);
                add(&mut fitter.trial, &fitter.step, share);
                let trial = std::mem::take(&mut fitter.trial);
                let reached = self.weigh(weights, &trial, fitter);
                fitter.trial = trial;
                if reached >= likelihood - 1e-13 * likelihood.abs() || share < 1e-9 {
                    likelihood = reached;
                    break;
                }
                share /= 2.0;
            }
            beta.copy_from_slice(&fitter.trial);
        }
        let mut sizes = self.sizes(weights, &beta);
        match outcome {
            // At a limit of the chances the size may have a limit as well.
            Outcome::Separated => {
                for (size, before) in sizes.iter_mut().zip(before) {
                    if (*size / before - 1.0).abs() > 1e-3 {
                        *size = f64::INFINITY;
                    }
                }
            }
            Outcome::Lost => sizes.fill(f64::NAN),
            Outcome::Exists => {}
        }
        Fit { outcome, beta, likelihood, information: fitter.information.clone(), sizes }
    }

    /// Fit each replicate's weights (kinds x replicates): sizes (groups x replicates).
    ///
    /// # Errors
    /// When the weights are not of these people.
    pub fn replicates(
        &self,
        weights: &ArrayView2<f64>,
        start: &[f64],
        threads: usize,
        mut out: ArrayViewMut2<f64>,
    ) -> Result<()> {
        if weights.dim() != (self.kinds(), out.ncols()) {
            return Err(Error::Length { what: "weights", expected: self.kinds(), got: weights.nrows() });
        }
        parallel::columns(&mut out, 4, threads, |offset, mut part| {
            let mut fitter = Fitter::new(self);
            for (i, mut sizes) in part.axis_iter_mut(Axis(1)).enumerate() {
                let weights = weights.column(offset + i).to_vec();
                let fit = self.fit(&weights, start, &mut fitter);
                sizes.iter_mut().zip(fit.sizes).for_each(|(size, fitted)| *size = fitted);
            }
        });
        Ok(())
    }

    /// Score and information at some coefficients; returns the log-likelihood.
    fn weigh(&self, weights: &[f64], beta: &[f64], fitter: &mut Fitter) -> f64 {
        let p = self.parameters;
        fitter.score.fill(0.0);
        fitter.information.fill(0.0);
        let mut likelihood = 0.0;
        for (kind, &weight) in weights.iter().enumerate() {
            if weight == 0.0 {
                continue;
            }
            if kind % EAR == 0 && stopped() {
                return f64::NAN;
            }
            // One logarithm a person: products of at most 12 chances, each kept where it can't vanish.
            let (mut unseen, mut own, mut shift) = (1.0, 1.0, 0.0);
            for j in 0..self.lists {
                let odds = self.odds(kind, j, beta);
                let on = self.histories[kind] >> j & 1 == 1;
                let small = (-odds.abs()).exp();
                let (less, more) = (small / (1.0 + small), 1.0 / (1.0 + small));
                let (chance, other) = if odds > 0.0 { (more, less) } else { (less, more) };
                fitter.chance[j] = chance;
                unseen *= other;
                if on == (odds > 0.0) {
                    own *= more;
                } else if small > 1e-20 {
                    own *= less;
                } else {
                    shift -= odds.abs();
                }
            }
            let seen = if unseen < 0.5 { 1.0 - unseen } else { self.seen(kind, beta) };
            likelihood += weight * ((own / seen).ln() + shift);
            fitter.slope.fill(0.0);
            for j in 0..self.lists {
                let (x, first) = self.row(kind, j);
                let chance = fitter.chance[j];
                let y = f64::from(self.histories[kind] >> j & 1);
                let (by, curve) = (weight * (y - chance / seen), weight * chance * (1.0 - chance) / seen);
                for (a, &xa) in x.iter().enumerate() {
                    if xa == 0.0 {
                        continue;
                    }
                    fitter.score[first + a] += by * xa;
                    fitter.slope[first + a] += chance * xa;
                    let row = &mut fitter.information[(first + a) * p + first..][..=a];
                    for (entry, &xb) in row.iter_mut().zip(x) {
                        *entry += curve * xa * xb;
                    }
                }
            }
            let joint = weight * (1.0 - seen) / (seen * seen);
            for a in 0..p {
                let by = joint * fitter.slope[a];
                if by != 0.0 {
                    let row = &mut fitter.information[a * p..][..=a];
                    for (entry, slope) in row.iter_mut().zip(&fitter.slope) {
                        *entry -= by * slope;
                    }
                }
            }
        }
        likelihood
    }

    fn largest_move(&self, weights: &[f64], step: &[f64]) -> f64 {
        let mut largest: f64 = 0.0;
        for (kind, &weight) in weights.iter().enumerate() {
            for j in 0..self.lists {
                if weight > 0.0 {
                    largest = largest.max(self.odds(kind, j, step).abs());
                }
            }
        }
        largest
    }
}

impl Fitter {
    /// Memory for fits of one design.
    pub fn new(design: &Design) -> Self {
        let p = design.parameters;
        Self {
            score: vec![0.0; p],
            factor: vec![0.0; p * p],
            information: vec![0.0; p * p],
            step: vec![0.0; p],
            trial: vec![0.0; p],
            chance: vec![0.0; design.lists],
            slope: vec![0.0; p],
        }
    }

    /// Newton's step by Cholesky's factor; coefficients that say nothing new stay where they are.
    fn solve(&mut self, p: usize) {
        self.factor.copy_from_slice(&self.information);
        for j in 0..p {
            let (above, row) = self.factor.split_at_mut(j * p);
            let whole = row[j];
            let mut rest = whole;
            for i in 0..j {
                let other = &above[i * p..=i * p + i];
                if other[i] == 0.0 {
                    row[i] = 0.0;
                    continue;
                }
                let sum: f64 = other[..i].iter().zip(&row[..i]).map(|(a, b)| a * b).sum();
                row[i] = (row[i] - sum) / other[i];
                rest -= row[i] * row[i];
            }
            row[j] = if rest > DEPENDENT * whole && rest > 0.0 { rest.sqrt() } else { 0.0 };
        }
        for i in 0..p {
            let row = &self.factor[i * p..=i * p + i];
            let sum: f64 = row[..i].iter().zip(&self.step).map(|(a, b)| a * b).sum();
            self.step[i] = if row[i] > 0.0 { (self.score[i] - sum) / row[i] } else { 0.0 };
        }
        for i in (0..p).rev() {
            let pivot = self.factor[i * p + i];
            let value = if pivot > 0.0 { self.step[i] / pivot } else { 0.0 };
            self.step[i] = value;
            for (step, l) in self.step[..i].iter_mut().zip(&self.factor[i * p..]) {
                *step -= value * l;
            }
        }
    }
}

fn add(to: &mut [f64], step: &[f64], share: f64) {
    to.iter_mut().zip(step).for_each(|(to, step)| *to += share * step);
}

fn softplus(odds: f64) -> f64 {
    if odds > 35.0 { odds } else { odds.exp().ln_1p() }
}

fn expit(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lists_without_covariates_are_lincoln_petersen() {
        // Closed form: 52 x 72 / 12 = 312, and logit p = log(12 / 60), log(12 / 40).
        let design = Design::new(2, true, vec![1.0; 3], vec![1, 2, 3], vec![0; 3], 1).unwrap();
        let fit = design.fit(&[40.0, 60.0, 12.0], &[0.0; 2], &mut Fitter::new(&design));
        assert_eq!(fit.outcome, Outcome::Exists);
        assert!((fit.sizes[0] - 312.0).abs() < 1e-9, "{}", fit.sizes[0]);
        assert!((fit.beta[0] - (12.0f64 / 60.0).ln()).abs() < 1e-10);
        assert!((fit.beta[1] - (12.0f64 / 40.0).ln()).abs() < 1e-10);
    }

    #[test]
    fn nobody_on_both_has_an_infinite_size() {
        let design = Design::new(2, true, vec![1.0; 3], vec![1, 2, 3], vec![0; 3], 1).unwrap();
        let fit = design.fit(&[40.0, 60.0, 0.0], &[0.0; 2], &mut Fitter::new(&design));
        assert_eq!(fit.outcome, Outcome::Separated);
        assert_eq!(fit.sizes[0], f64::INFINITY);
    }

    #[test]
    fn a_list_with_everyone_keeps_its_size() {
        let design = Design::new(2, true, vec![1.0; 3], vec![1, 2, 3], vec![0; 3], 1).unwrap();
        let fit = design.fit(&[40.0, 0.0, 12.0], &[0.0; 2], &mut Fitter::new(&design));
        assert_eq!(fit.outcome, Outcome::Separated);
        assert!((fit.sizes[0] - 52.0).abs() < 1e-6);
    }

    #[test]
    fn score_and_information_are_derivatives_of_the_likelihood() {
        // Central differences; three lists, common slope.
        let values: Vec<f64> = (0..12)
            .flat_map(|row| {
                let (kind, list) = (row / 3, row % 3);
                let mut x = vec![0.0; 4];
                x[list] = 1.0;
                x[3] = [0.3, -1.2, 0.8, 2.0][kind];
                x
            })
            .collect();
        let design = Design::new(3, false, values, vec![1, 6, 3, 7], vec![0; 4], 1).unwrap();
        let (weights, beta) = ([3.0, 2.0, 4.0, 1.0], [0.2, -0.5, 0.1, 0.4]);
        let mut fitter = Fitter::new(&design);
        design.weigh(&weights, &beta, &mut fitter);
        let (score, information) = (fitter.score.clone(), fitter.information.clone());
        let moved = |a: usize, by: f64| {
            let mut b = beta;
            b[a] += by;
            b
        };
        for a in 0..4 {
            let h = 1e-5;
            let above = design.weigh(&weights, &moved(a, h), &mut fitter);
            let up = fitter.score.clone();
            let below = design.weigh(&weights, &moved(a, -h), &mut fitter);
            assert!(((above - below) / (2.0 * h) - score[a]).abs() < 1e-6);
            for b in 0..=a {
                let curve = (fitter.score[b] - up[b]) / (2.0 * h);
                assert!((curve - information[a * 4 + b]).abs() < 1e-6, "{a} {b}");
            }
        }
    }
}
