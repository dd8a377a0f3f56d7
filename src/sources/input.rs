//! Uncertain inputs: what an expert or a publication says, as a distribution to draw from.
//!
//! Every draw inverts the distribution function at one uniform of the replicate's stream, so a
//! draw moves smoothly with its parameters and replays exactly.

use ndarray::ArrayViewMut2;
use rand::Rng;
use statrs::distribution::{Beta, Continuous, ContinuousCDF, Normal};

use crate::error::{Error, Result};
use crate::parallel;
use crate::stream::Streams;

/// A distribution of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// Beta(a, b) on 0 to 1.
    Beta(f64, f64),
    /// Uniform between two ends.
    Uniform(f64, f64),
    /// Triangular: lowest, most likely, highest.
    Triangular(f64, f64, f64),
    /// Normal: mean, standard deviation.
    Normal(f64, f64),
    /// median + sign scale (exp(sigma Z) - 1): the shifted log-normal, reflected when `sign` is -1.
    ShiftedLognormal {
        /// The median.
        median: f64,
        /// 1 or -1.
        sign: f64,
        /// How far the support's end lies from the median.
        scale: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

impl Input {
    /// # Errors
    /// When the distribution's name or number of parameters is unknown.
    pub fn new(name: &str, parameters: &[f64]) -> Result<Self> {
        if parameters.iter().any(|p| !p.is_finite()) {
            return Err(Error::Argument(format!("the parameters of '{name}' must be finite")));
        }
        match (name, parameters) {
            ("beta", &[a, b]) => Ok(Self::Beta(a, b)),
            ("uniform", &[low, high]) => Ok(Self::Uniform(low, high)),
            ("triangular", &[low, mode, high]) => Ok(Self::Triangular(low, mode, high)),
            ("normal", &[mean, sd]) => Ok(Self::Normal(mean, sd)),
            ("shifted lognormal", &[median, sign, scale, sigma]) => {
                Ok(Self::ShiftedLognormal { median, sign, scale, sigma })
            }
            _ => Err(Error::Argument(format!("no distribution '{name}' of {} parameters", parameters.len()))),
        }
    }

    /// The value below which the share u lies.
    ///
    /// # Errors
    /// When the parameters are outside the distribution's range.
    pub fn inverse(&self) -> Result<Box<dyn Fn(f64) -> f64 + Send + Sync>> {
        let refuse = |what: String| Error::Argument(what);
        Ok(match *self {
            Self::Beta(a, b) => {
                let law =
                    Beta::new(a, b).map_err(|_| refuse(format!("beta({a}, {b}) needs positive numbers")))?;
                Box::new(move |u| invert(|x| law.cdf(x), |x| law.pdf(x), a / (a + b), u))
            }
            Self::Uniform(low, high) => Box::new(move |u| low + u * (high - low)),
            Self::Triangular(low, mode, high) => Box::new(move |u| {
                let (width, left) = (high - low, mode - low);
                if u * width < left {
                    low + (u * width * left).sqrt()
                } else {
                    high - ((1.0 - u) * width * (high - mode)).sqrt()
                }
            }),
            Self::Normal(mean, sd) => {
                let law = Normal::new(mean, sd)
                    .map_err(|_| refuse(format!("normal({mean}, {sd}) needs sd > 0")))?;
                Box::new(move |u| law.inverse_cdf(u))
            }
            Self::ShiftedLognormal { median, sign, scale, sigma } => {
                let law = Normal::standard();
                Box::new(move |u| {
                    let z = law.inverse_cdf(if sign > 0.0 { u } else { 1.0 - u });
                    median + sign * scale * (sigma * z).exp_m1()
                })
            }
        })
    }

    /// Fill `out` (1 x replicates) for replicates `first, first + 1, ...`.
    ///
    /// # Errors
    /// As [`Input::inverse`].
    pub fn replicates(
        &self,
        streams: Streams,
        first: u64,
        threads: usize,
        mut out: ArrayViewMut2<f64>,
    ) -> Result<()> {
        let inverse = self.inverse()?;
        parallel::columns(&mut out, 1024, threads, |offset, mut part| {
            for (i, value) in part.iter_mut().enumerate() {
                let word = streams.replicate(first + (offset + i) as u64).next_u64();
                // 53 bits, centred in their cells: never 0, never 1.
                *value = inverse(((word >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0);
            }
        });
        Ok(())
    }
}

/// Solve F(x) = u on 0 to 1 by Newton's method, kept within a shrinking bracket.
///
/// `statrs` inverts the beta distribution too, but by an algorithm (AS 64) that never ends for
/// some parameters; this one ends after at most 200 halvings.
fn invert(cdf: impl Fn(f64) -> f64, density: impl Fn(f64) -> f64, start: f64, u: f64) -> f64 {
    let (mut low, mut high, mut x) = (0.0, 1.0, start);
    for _ in 0..200 {
        let error = cdf(x) - u;
        if error == 0.0 {
            return x;
        }
        *(if error < 0.0 { &mut low } else { &mut high }) = x;
        let step = x - error / density(x);
        let next = if step > low && step < high { step } else { f64::midpoint(low, high) };
        if (next - x).abs() <= 1e-15 * x {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_distributions_mean_and_variance() {
        let triangular = (2.0_f64, 3.0_f64, 7.0_f64);
        let cases = [
            (Input::Beta(80.0, 20.0), 0.8, 0.8 * 0.2 / 101.0),
            (Input::Uniform(1.0, 4.0), 2.5, 9.0 / 12.0),
            (
                Input::Triangular(triangular.0, triangular.1, triangular.2),
                4.0,
                (4.0 + 9.0 + 49.0 - 6.0 - 14.0 - 21.0) / 18.0,
            ),
            (Input::Normal(5.0, 2.0), 5.0, 4.0),
            (
                Input::ShiftedLognormal { median: 9.0, sign: -1.0, scale: 1.0, sigma: 0.5 },
                10.0 - 0.125_f64.exp(),
                (0.25_f64.exp() - 1.0) * 0.25_f64.exp(),
            ),
        ];
        let n = 40_000;
        for (key, (input, mean, variance)) in cases.into_iter().enumerate() {
            let mut out = ndarray::Array2::zeros((1, n));
            input.replicates(Streams::new(0, key as u128), 0, 2, out.view_mut()).unwrap();
            let seen = out.sum() / n as f64;
            let spread = out.iter().map(|v| (v - seen).powi(2)).sum::<f64>() / n as f64;
            assert!((seen - mean).abs() < 4.0 * (variance / n as f64).sqrt(), "{input:?} mean {seen}");
            // Relative s.e. of a variance is at most sqrt((kurtosis - 1) / n), kurtosis below 9 here.
            assert!(
                (spread / variance - 1.0).abs() < 4.0 * (8.0 / n as f64).sqrt(),
                "{input:?} variance {spread}"
            );
        }
    }
}
