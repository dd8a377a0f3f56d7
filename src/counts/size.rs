//! Sizes, their analytic covariance, and fitted frequencies.
//!
//! The variance has two parts (van der Heijden et al. 2003, eq. 7 to 9): that of the coefficients,
//! carried over by the delta method, and that of who happens to be seen.

use nalgebra::{DMatrix, DVector};

use super::family::Asked;
use super::maximise::Fit;
use super::model::{Model, jet};

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
        let eta = self.predictors(row, coefficients);
        self.family.size(&eta[..self.family.parameters()], seen, few)
    }

    /// The size of each part of the population.
    pub fn sizes(&self, coefficients: &DVector<f64>, people: &[f64], parts: &Parts, out: &mut [f64]) {
        out.fill(0.0);
        for row in 0..self.rows() {
            out[parts.of[row] as usize] += self.row_size(row, coefficients, people);
        }
    }

    /// The analytic covariance of the parts' sizes.
    pub fn covariance(&self, fit: &Fit, people: &[f64], parts: &Parts) -> Option<DMatrix<f64>> {
        let coefficients = fit.covariance()?;
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
        Some(&slopes * coefficients * slopes.transpose() + DMatrix::from_diagonal(&luck))
    }

    /// How many people are expected to be seen once, twice, ..., `most` times, given how many were seen.
    pub fn frequencies(&self, coefficients: &DVector<f64>, people: &[f64], most: u32) -> Vec<f64> {
        let mut expected = vec![0.0; most as usize];
        for row in 0..self.rows() {
            let (seen, few) = self.seen(row, people);
            let seen = if self.family.ones_and_twos() { few } else { seen };
            if seen > 0.0 {
                let eta = self.predictors(row, coefficients);
                let masses = self.family.masses(&eta[..self.family.parameters()], most);
                expected.iter_mut().zip(masses).for_each(|(e, mass)| *e += seen * mass);
            }
        }
        expected
    }
}
