//! Distributions of sizes on 1..K, each by two numbers, and what was believed of their mean and spread before.

use crate::error::{Error, Result};

/// Added to the second number before its logarithm is taken.
const SMOOTH: f64 = 0.02;

/// How sizes are distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `π_k ∝ λ^k / (k!)^ν`; x = (log λ, ν).
    ConwayMaxwellPoisson,
    /// `π_k ∝ Γ(k + 1/x2) / k! (x2 μ / (1 + x2 μ))^k`; x = (log μ, 1 / size).
    NegativeBinomial,
    /// Poisson with a logarithm that is normal; x = (its mean, its variance).
    PoissonLognormal,
}

impl Family {
    /// The second number is not below this.
    #[allow(clippy::unused_self)] // each family may have its own; today all have one
    pub(super) fn least(self) -> f64 {
        0.0
    }

    /// The two numbers at a place where random walks go: there scaling all sizes is nearly a straight line, and edges are smooth. Also the
    /// logarithm of the determinant that goes with it.
    pub(super) fn at_place(self, [one, two]: [f64; 2]) -> ([f64; 2], f64) {
        let wide = two.exp();
        match self {
            Self::ConwayMaxwellPoisson => ([one * wide, wide - SMOOTH], 2.0 * two),
            Self::NegativeBinomial | Self::PoissonLognormal => ([one, wide - SMOOTH], two),
        }
    }

    /// The place of two numbers.
    pub(super) fn place_of(self, [one, two]: [f64; 2]) -> [f64; 2] {
        let wide = two + SMOOTH;
        match self {
            Self::ConwayMaxwellPoisson => [one / wide, wide.ln()],
            Self::NegativeBinomial | Self::PoissonLognormal => [one, wide.ln()],
        }
    }

    /// Where to begin to look.
    pub(super) fn start(self, counts: &[f64]) -> [f64; 2] {
        let (mut n, mut sum, mut square) = (0.0, 0.0, 0.0);
        for (k, count) in counts.iter().enumerate() {
            let size = (k + 1) as f64;
            n += count;
            sum += count * size;
            square += count * size * size;
        }
        let mean = sum / n;
        let variance = (square / n - mean * mean).max(0.1);
        match self {
            // The mode is near λ^(1/ν) and the variance near mean / ν.
            Self::ConwayMaxwellPoisson => {
                let nu = (mean / variance).clamp(0.05, 5.0);
                [nu * mean.ln(), nu]
            }
            Self::NegativeBinomial => [mean.ln(), ((variance - mean) / (mean * mean)).clamp(0.02, 5.0)],
            Self::PoissonLognormal => {
                let spread = (1.0 + (variance - mean).max(0.02 * mean * mean) / (mean * mean)).ln().min(4.0);
                [mean.ln() - spread / 2.0, spread]
            }
        }
    }

    /// Logarithms of the probabilities of 1..K, which add up to one; none where there is no such distribution.
    pub(super) fn log_probabilities(self, [one, two]: [f64; 2], most: usize) -> Option<Vec<f64>> {
        if !one.is_finite() || !two.is_finite() || two < self.least() {
            return None;
        }
        let mut logs: Vec<f64> = match self {
            Self::ConwayMaxwellPoisson => {
                let mut factorial = 0.0;
                (1..=most)
                    .map(|k| {
                        factorial += (k as f64).ln();
                        one * k as f64 - two * factorial
                    })
                    .collect()
            }
            Self::NegativeBinomial => {
                let mean = one.exp();
                // (1/x2)(1/x2 + 1)...(1/x2 + k - 1) x2^k / k! (μ / (1 + x2 μ))^k, which is the Poisson's at x2 = 0.
                let ratio = one - (two * mean).ln_1p();
                let mut log = 0.0;
                (1..=most)
                    .map(|k| {
                        log += (two * (k - 1) as f64).ln_1p() - (k as f64).ln() + ratio;
                        log
                    })
                    .collect()
            }
            Self::PoissonLognormal => lognormal(one, two.sqrt(), most),
        };
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.iter().map(|log| (log - largest).exp()).sum();
        let total = largest + sum.ln();
        if !total.is_finite() {
            return None;
        }
        for log in &mut logs {
            *log -= total;
        }
        Some(logs)
    }
}

/// Terms of an integral below this share of its highest are left out.
const NEGLIGIBLE: f64 = 1e-11;

/// Logarithms of ∫ Poisson(k; e^u) normal(u; m, s²) du, by the trapezoidal rule around where each k's product is highest: some 25
/// exponentials for each k, however wide the normal is.
fn lognormal(middle: f64, spread: f64, most: usize) -> Vec<f64> {
    let tight = spread.max(1e-6).powi(-2);
    let mut factorial = 0.0;
    (1..=most)
        .map(|k| {
            let size = k as f64;
            factorial += size.ln();
            let at = highest(size, middle, tight);
            let expected = at.exp();
            let width = (expected + tight).sqrt().recip();
            let height = size * at - expected - 0.5 * tight * (at - middle).powi(2);
            // Few people's products lean to one side, and want finer steps.
            let step = if k < 4 { 0.5 } else { 0.65 } * width;
            let side = |step: f64| {
                let (mut sum, mut u, mut here) = (0.0, at, expected);
                let times = step.exp();
                loop {
                    u += step;
                    here *= times;
                    let term = (size * u - here - 0.5 * tight * (u - middle).powi(2) - height).exp();
                    sum += term;
                    if term.is_nan() || term < NEGLIGIBLE {
                        break sum;
                    }
                }
            };
            let sum = 1.0 + side(step) + side(-step);
            height + (sum * step).ln() - factorial + 0.5 * (tight / std::f64::consts::TAU).ln()
        })
        .collect()
}

/// Where k u - e^u - (u - m)² / 2s² is highest, by Newton's steps, which from above never pass it: the slope is concave.
fn highest(size: f64, middle: f64, tight: f64) -> f64 {
    let log = size.ln();
    let mut at = (size + tight * (middle - log).max(0.0)).ln().min(middle.max(log));
    for _ in 0..60 {
        let expected = at.exp();
        let step = (size - expected - tight * (at - middle)) / (expected + tight);
        at += step;
        if step.abs() < 1e-4 {
            break;
        }
    }
    at
}

/// What was believed of the sizes' mean and standard deviation: mean | sd normal around `mean` with sd²/`mean_weight`, and sd² scaled
/// inverse chi-square around `sd`² with `sd_weight` degrees of freedom.
#[derive(Clone, Copy, Debug)]
pub struct SizePrior {
    /// The mean size.
    pub mean: f64,
    /// The standard deviation of sizes.
    pub sd: f64,
    /// How many people this knowledge of the mean is worth.
    pub mean_weight: f64,
    /// The same of the standard deviation.
    pub sd_weight: f64,
    /// Whether it is a density of the mean and variance, as it says; else one of the family's own two numbers, without the
    /// determinant that goes with the change, as the R package sspse has it.
    pub jacobian: bool,
}

impl SizePrior {
    pub(super) fn check(&self) -> Result<()> {
        let numbers = [self.mean, self.sd, self.mean_weight, self.sd_weight];
        if numbers.iter().all(|number| number.is_finite() && *number > 0.0) {
            return Ok(());
        }
        Err(Error::Argument("the prior of sizes must have a mean, a spread and weights above 0".into()))
    }

    /// Logarithm of the density of the mean and variance of sizes whose logarithms are given.
    pub(super) fn log_density(&self, logs: &[f64]) -> Option<f64> {
        let (mean, variance) = moments(logs);
        if variance <= 0.0 {
            return None;
        }
        let off = mean - self.mean;
        Some(
            -0.5 * self.mean_weight * off * off / variance
                - 0.5 * variance.ln()
                - (0.5 * self.sd_weight + 1.0) * variance.ln()
                - 0.5 * self.sd_weight * self.sd * self.sd / variance,
        )
    }

    /// What turns it into a density of x; `logs` are the logarithms of the sizes' probabilities there.
    pub(super) fn turned(&self, family: Family, at: [f64; 2], logs: &[f64]) -> f64 {
        if self.jacobian { change(family, at, logs).unwrap_or(0.0) } else { 1.0 }
    }
}

/// Mean and variance of sizes.
fn moments(logs: &[f64]) -> (f64, f64) {
    let (mut mean, mut square) = (0.0, 0.0);
    for (k, log) in logs.iter().enumerate() {
        let (size, p) = ((k + 1) as f64, log.exp());
        mean += size * p;
        square += size * size * p;
    }
    (mean, square - mean * mean)
}

/// |∂(mean, variance)/∂x|: covariances of k and (k - mean)² with how the logarithm of `π_k` changes, by differences where that is an
/// integral.
fn change(family: Family, at: [f64; 2], logs: &[f64]) -> Option<f64> {
    if family == Family::PoissonLognormal {
        return differences(family, at, logs.len());
    }
    let (mean, _) = moments(logs);
    // Sums of p s, p (k - mean) s and p (k - mean)² s for both slopes s; and of p (k - mean)².
    let (mut sums, mut square) = ([[0.0; 3]; 2], 0.0);
    let (mut factorial, mut more) = (0.0, 0.0);
    let expected = at[0].exp();
    let spread = 1.0 + at[1] * expected;
    for (place, log) in logs.iter().enumerate() {
        let (size, p) = ((place + 1) as f64, log.exp());
        let slopes = if family == Family::ConwayMaxwellPoisson {
            factorial += size.ln();
            [size, -factorial]
        } else {
            more += place as f64 / (1.0 + at[1] * place as f64);
            [size / spread, more - size * expected / spread]
        };
        let off = size - mean;
        square += p * off * off;
        for (sum, slope) in sums.iter_mut().zip(slopes) {
            let part = p * slope;
            sum[0] += part;
            sum[1] += part * off;
            sum[2] += part * off * off;
        }
    }
    let [one, two] = sums.map(|[all, first, second]| (first, second - square * all));
    Some((one.0 * two.1 - two.0 * one.1).abs())
}

/// The same by differences.
fn differences(family: Family, at: [f64; 2], most: usize) -> Option<f64> {
    let here = |at: [f64; 2]| family.log_probabilities(at, most).map(|logs| moments(&logs));
    let mut sides = [(0.0, 0.0); 2];
    for axis in 0..2 {
        let h = 1e-5 * (1.0 + at[axis].abs());
        let (mut low, mut high) = (at, at);
        high[axis] += h;
        if axis == 0 || at[1] - h >= family.least() {
            low[axis] -= h;
        }
        let (below, above) = (here(low)?, here(high)?);
        let width = high[axis] - low[axis];
        sides[axis] = ((above.0 - below.0) / width, (above.1 - below.1) / width);
    }
    Some((sides[0].0 * sides[1].1 - sides[0].1 * sides[1].0).abs())
}

#[cfg(test)]
mod tests {
    use statrs::function::gamma::ln_gamma;

    use super::*;

    fn all(family: Family, at: [f64; 2]) -> Vec<f64> {
        family.log_probabilities(at, 60).unwrap().iter().map(|log| log.exp()).collect()
    }

    #[test]
    fn all_families_have_the_poisson_in_them() {
        let poisson: Vec<f64> =
            (1..=60).map(|k| (f64::from(k) * 4.0_f64.ln() - ln_gamma(f64::from(k) + 1.0)).exp()).collect();
        let total: f64 = poisson.iter().sum();
        for (family, at) in [
            (Family::ConwayMaxwellPoisson, [4.0_f64.ln(), 1.0]),
            (Family::NegativeBinomial, [4.0_f64.ln(), 0.0]),
            (Family::PoissonLognormal, [4.0_f64.ln(), 0.0]),
        ] {
            for (found, exact) in all(family, at).iter().zip(&poisson) {
                assert!((found - exact / total).abs() < 1e-9, "{family:?}: {found}, {}", exact / total);
            }
        }
    }

    #[test]
    fn a_negative_binomial_has_its_mean_and_variance() {
        let (mean, variance) =
            moments(&Family::NegativeBinomial.log_probabilities([3.0_f64.ln(), 0.5], 2_000).unwrap());
        // Of what is above 0: p(0) = (1 + x2 μ)^(-1/x2) = 0.16.
        let (whole, square) = (3.0 / 0.84, (3.0 + 0.5 * 9.0 + 9.0) / 0.84);
        assert!((mean - whole).abs() < 1e-9 && (variance - (square - whole * whole)).abs() < 1e-8);
    }

    #[test]
    fn a_poisson_lognormal_has_its_mean_and_variance() {
        let logs = lognormal(1.0, 0.6, 3_000);
        let mean: f64 = logs.iter().enumerate().map(|(k, log)| (k + 1) as f64 * log.exp()).sum();
        let square: f64 = logs.iter().enumerate().map(|(k, log)| ((k + 1) as f64).powi(2) * log.exp()).sum();
        let exact = (1.0_f64 + 0.18).exp();
        assert!((mean - exact).abs() < 1e-7);
        assert!((square - mean * mean - (exact + exact * exact * (0.36_f64.exp() - 1.0))).abs() < 1e-5);
    }

    #[test]
    fn a_poisson_lognormal_far_out_is_what_a_fine_sum_gives() {
        for (middle, spread) in [(-3.0, 2.0), (8.0, 1.0), (0.0, 5.0), (-20.0, 1.0), (100.0, 30.0)] {
            let found = lognormal(middle, spread, 60);
            for k in [1.0_f64, 3.0, 4.0, 60.0] {
                let log = |u: f64| k * u - u.exp() - 0.5 * ((u - middle) / spread).powi(2);
                let nodes: Vec<f64> = (0..200_000).map(|i| log(-80.0 + f64::from(i) * 1e-3)).collect();
                let most = nodes.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum = nodes.iter().map(|log| (log - most).exp()).sum::<f64>() * 1e-3;
                let exact = most + (sum / spread).ln() - 0.5 * std::f64::consts::TAU.ln() - ln_gamma(k + 1.0);
                assert!((found[k as usize - 1] - exact).abs() < 1e-6, "{middle}, {spread}: {k}");
            }
        }
        assert!(Family::PoissonLognormal.log_probabilities([1e300, 1.0], 10).is_none());
    }

    #[test]
    fn the_change_of_variables_is_that_of_covariances() {
        // Of an exponential family: d mean / d log λ = Var k, d mean / d ν = -Cov(k, log k!), and so on.
        let at = [2.0, 1.1];
        let p = all(Family::ConwayMaxwellPoisson, at);
        let size = |i: usize| (i + 1) as f64;
        let expect = |f: &dyn Fn(usize) -> f64| p.iter().enumerate().map(|(i, p)| p * f(i)).sum::<f64>();
        let covariance = |f: &dyn Fn(usize) -> f64, g: &dyn Fn(usize) -> f64| {
            expect(&|i| f(i) * g(i)) - expect(f) * expect(g)
        };
        let (one, two, log) = (&|i| size(i), &|i| size(i) * size(i), &|i: usize| ln_gamma(size(i) + 1.0));
        let mean = expect(one);
        let variance = |g: &dyn Fn(usize) -> f64| covariance(two, g) - 2.0 * mean * covariance(one, g);
        let exact = covariance(one, one) * -variance(log) + covariance(one, log) * variance(one);
        assert!(
            (change(
                Family::ConwayMaxwellPoisson,
                at,
                &Family::ConwayMaxwellPoisson.log_probabilities(at, 60).unwrap()
            )
            .unwrap()
                / exact.abs()
                - 1.0)
                .abs()
                < 1e-6
        );
    }

    #[test]
    fn a_change_of_variables_is_what_differences_give() {
        for family in [Family::ConwayMaxwellPoisson, Family::NegativeBinomial] {
            for at in [[1.5, 0.4], [0.3, 0.05], [2.0, 1.3]] {
                let logs = family.log_probabilities(at, 30).unwrap();
                let (found, close) =
                    (change(family, at, &logs).unwrap(), differences(family, at, 30).unwrap());
                assert!((found / close - 1.0).abs() < 1e-5, "{family:?} {at:?}: {found}, {close}");
            }
        }
    }

    #[test]
    fn places_and_numbers_are_each_other_s() {
        for family in [Family::ConwayMaxwellPoisson, Family::NegativeBinomial, Family::PoissonLognormal] {
            let at = [1.3, 0.4];
            let place = family.place_of(at);
            let (back, log) = family.at_place(place);
            assert!((back[0] - at[0]).abs() < 1e-12 && (back[1] - at[1]).abs() < 1e-12);
            // The determinant by differences.
            let h = 1e-6;
            let side = |axis: usize| {
                let mut next = place;
                next[axis] += h;
                let moved = family.at_place(next).0;
                [(moved[0] - back[0]) / h, (moved[1] - back[1]) / h]
            };
            let (a, b) = (side(0), side(1));
            assert!(((a[0] * b[1] - a[1] * b[0]).abs().ln() - log).abs() < 1e-5);
        }
    }
}
