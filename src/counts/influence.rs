//! What single people do to a fit, and whether there are more ones than a family allows.

use nalgebra::DVector;

use super::family::{Asked, Base, Family, Form};
use super::maximise::Fit;
use super::model::{Model, jet};
use super::size::Parts;
use crate::error::Result;
use crate::parallel;

/// A score test of one-inflation.
#[derive(Clone, Copy, Debug)]
pub struct Score {
    /// Ones beyond those expected, weighted.
    pub score: f64,
    /// The squared score over its variance: chi-square with one degree of freedom.
    pub statistic: f64,
}

impl Model {
    /// For each cell the fit without one of its people: coefficients and sizes, found by fitting again.
    ///
    /// # Errors
    /// When the work is called off.
    pub fn without_each(
        &self,
        fit: &Fit,
        people: &[f64],
        parts: &Parts,
        threads: usize,
    ) -> Result<Vec<(DVector<f64>, Vec<f64>)>> {
        parallel::rows(self.cells(), threads, |cell| {
            let mut others = people.to_vec();
            others[cell] -= 1.0;
            let found = self.climb(fit.coefficients.clone(), &others, true);
            let mut sizes = vec![0.0; parts.number];
            self.ended(&found, &others, parts, &mut sizes);
            (found.coefficients, sizes)
        })
    }

    /// Test whether a share omega of those seen was bound to be seen once, beside a truncated family.
    ///
    /// With g the chance of a one given being seen, the score at omega = 0 is the sum of 1{y = 1} / g - 1, with
    /// variance `I_oo - I_ob I_bb^-1 I_bo` (Godwin and Böhning 2017, section 4, there without covariates).
    pub fn inflation(&self, fit: &Fit, people: &[f64]) -> Option<Score> {
        if !matches!(
            self.family,
            Family::Counts(Base::Poisson | Base::Geometric | Base::NegativeBinomial, Form::Truncated)
        ) {
            return None;
        }
        let covariance = fit.covariance()?;
        let (mut score, mut own) = (0.0, 0.0);
        let mut cross = DVector::zeros(self.coefficients());
        for row in 0..self.rows() {
            let (seen, _) = self.seen(row, people);
            if seen == 0.0 {
                continue;
            }
            let ones: f64 = self.of_row(row).filter(|&c| self.counts()[c] == 1).map(|c| people[c]).sum();
            let eta = self.predictors(row, &fit.coefficients);
            let (log_once, slope, _) = jet(self.family, &eta, Asked::LogOnce);
            score += ones / log_once.exp() - seen;
            own += seen * ((-log_once).exp() - 1.0);
            self.add_gradient(row, &slope.map(|s| s * seen), &mut cross);
        }
        let variance = own - (cross.transpose() * covariance * &cross)[(0, 0)];
        (variance > 0.0).then(|| Score { score, statistic: score * score / variance })
    }
}
