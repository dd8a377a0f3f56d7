//! Sizes, their analytic covariance, and fitted frequencies.
//!
//! The variance has two parts (van der Heijden et al. 2003, eq. 7 to 9): that of the coefficients,
//! carried over by the delta method, and that of who happens to be seen.

use nalgebra::{DMatrix, DVector};

use super::family::{Asked, Family};
use super::maximise::{Fit, Status};
use super::model::{Model, jet};

/// The direction of a fit at a boundary moves what runs away by up to 2; what moves by less than this stands still.
const RUNNING: f64 = 0.2;
/// So many such steps further the size has no digit left to change.
const LIMIT: f64 = 20.0;

/// Which part of the population each row belongs to.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    /// For each row its part.
    pub of: &'a [u32],
    /// The number of parts.
    pub number: usize,
}

impl Model {
    /// The size of the population.
    pub fn size(&self, coefficients: &DVector<f64>, people: &[f64]) -> f64 {
        (0..self.rows()).map(|row| self.row_size(row, coefficients, people)).sum()
    }

    /// How many people those seen of one row stand for.
    pub(super) fn row_size(&self, row: usize, coefficients: &DVector<f64>, people: &[f64]) -> f64 {
        let (seen, few) = self.seen(row, people);
        if seen == 0.0 {
            return 0.0;
        }
        self.stood_for(&self.predictors(row, coefficients), seen, few)
    }

    /// A chance of being seen that rounding brought above 1 must not take people away.
    fn stood_for(&self, eta: &[f64; 3], seen: f64, modelled: f64) -> f64 {
        self.family.size(&eta[..self.family.parameters()], seen, modelled).max(seen)
    }

    /// The size of each part of the population.
    pub fn sizes(&self, coefficients: &DVector<f64>, people: &[f64], parts: &Parts, out: &mut [f64]) {
        out.fill(0.0);
        for row in 0..self.rows() {
            out[parts.of[row] as usize] += self.row_size(row, coefficients, people);
        }
    }

    /// The size of each part of the population by a fit; where a parameter lies at its boundary, in that limit.
    pub fn fitted_sizes(&self, fit: &Fit, people: &[f64], parts: &Parts, out: &mut [f64]) {
        if fit.status != Status::Settled {
            return self.sizes(&fit.coefficients, people, parts, out);
        }
        out.fill(0.0);
        for row in 0..self.rows() {
            let (seen, few) = self.seen(row, people);
            if seen > 0.0 {
                let (mut eta, step) =
                    (self.predictors(row, &fit.coefficients), self.predictors(row, &fit.direction));
                for (e, s) in eta.iter_mut().zip(step).filter(|(_, s)| s.abs() > RUNNING) {
                    *e += LIMIT * s;
                }
                out[parts.of[row] as usize] += self.stood_for(&eta, seen, few);
            }
        }
    }

    /// The analytic covariance of the parts' sizes.
    pub fn covariance(&self, fit: &Fit, people: &[f64], parts: &Parts) -> Option<DMatrix<f64>> {
        if let Family::Closed(closed) = self.family {
            return Some(closed.covariance(self, people, parts));
        }
        let (slopes, luck) = self.slopes(fit, people, parts);
        Some(&slopes * fit.covariance()? * slopes.transpose() + DMatrix::from_diagonal(&luck))
    }

    /// How the parts' sizes move with the coefficients, and the variance from the chance of who is seen.
    pub fn slopes(&self, fit: &Fit, people: &[f64], parts: &Parts) -> (DMatrix<f64>, DVector<f64>) {
        let mut slopes = DMatrix::zeros(parts.number, self.coefficients());
        let mut luck = DVector::zeros(parts.number);
        for row in 0..self.rows() {
            let (seen, few) = self.seen(row, people);
            if seen == 0.0 {
                continue;
            }
            let (part, eta) = (parts.of[row] as usize, self.predictors(row, &fit.coefficients));
            let (_, slope, _) = jet(self.family, &eta, Asked::Size(seen, few));
            let mut gradient = DVector::zeros(self.coefficients());
            self.add_gradient(row, &slope, &mut gradient);
            let mut target = slopes.row_mut(part);
            target += gradient.transpose();
            luck[part] += self.family.spread(&eta[..self.family.parameters()], seen, few);
        }
        (slopes, luck)
    }

    /// How many people are expected to be seen once, twice, ..., `most` times, given how many were seen.
    pub fn frequencies(&self, coefficients: &DVector<f64>, people: &[f64], most: u32) -> Vec<f64> {
        let mut expected = vec![0.0; most as usize];
        for row in 0..self.rows() {
            let (seen, few) = self.seen(row, people);
            let seen = if self.family.full() { seen } else { few };
            if seen > 0.0 {
                let eta = self.predictors(row, coefficients);
                let masses = self.family.masses(&eta[..self.family.parameters()], most);
                expected.iter_mut().zip(masses).for_each(|(e, mass)| *e += seen * mass);
            }
        }
        expected
    }
}
