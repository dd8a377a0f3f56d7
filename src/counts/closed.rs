//! Sizes by formulas of the frequencies f1, f2, ... of a register: nothing is climbed.
//!
//! The frequencies are multinomial, so the variance of a size is the number unseen (who is seen is left to chance) and, for
//! each frequency, the square of the unseen's slope by it times the frequency. For Chao's bounds that is the
//! published variance (Chao 1987), and for the bias-corrected form the one in use (Colwell 2013).

use nalgebra::{DMatrix, DVector};
use num_dual::Dual64;
use serde::{Deserialize, Serialize};

use super::family::Number;
use super::maximise::{Fit, Status};
use super::model::{Curve, Model};
use super::size::Parts;

/// log of the odds that stand for nobody unseen.
const NOBODY: f64 = -700.0;

/// A formula of the frequencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Closed {
    /// Chao's bound less its bias: f1 (f1 - 1) / (2 (f2 + 1)).
    AdjustedChao,
    /// The bound from twos and threes less its bias: 2 f2 (f2 - 1) (f2 - 2) / (9 (f3 + 1) (f3 + 2)).
    AdjustedOneInflatedChao,
    /// The ratios (y + 1) f(y + 1) / f(y) continued to those never seen by a weighted line through their logs (Rocchetti,
    /// Bunge and Böhning 2011; Böhning 2016).
    RatioRegression {
        /// A line in log(y + 1), or in y.
        log: bool,
        /// Leave the first ratio, of those seen once, out: f2 is taken back over two ratios, and not f1 over one.
        inflated: bool,
    },
}

impl Closed {
    /// Find a formula by its name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "chao_adjusted" => Some(Self::AdjustedChao),
            "oichao_adjusted" => Some(Self::AdjustedOneInflatedChao),
            "ratio_regression_log" => Some(Self::RatioRegression { log: true, inflated: false }),
            "ratio_regression_linear" => Some(Self::RatioRegression { log: false, inflated: false }),
            "ratio_regression_log_inflated" => Some(Self::RatioRegression { log: true, inflated: true }),
            "ratio_regression_linear_inflated" => Some(Self::RatioRegression { log: false, inflated: true }),
            _ => None,
        }
    }

    /// Whether those never seen are shared out by people seen that often.
    pub fn uses(self, times: u32) -> bool {
        match self {
            Self::AdjustedChao => times <= 2,
            Self::AdjustedOneInflatedChao => times == 2 || times == 3,
            Self::RatioRegression { inflated, .. } => times == 1 + u32::from(inflated),
        }
    }

    /// People never seen for each of them: the log of f1 / f0, or of 2 f2 / f0, for the regression, log odds for the others.
    pub fn unseen<D: Number>(self, eta: D) -> D {
        match self {
            Self::RatioRegression { inflated, .. } => (-eta).exp() * (1.0 + f64::from(inflated)),
            _ => eta.exp(),
        }
    }

    /// The fit: coefficients from the frequencies, and their covariance by the delta method.
    pub fn fit(self, model: &Model, people: &[f64]) -> Fit {
        let frequencies = Frequencies::new(model, people);
        let (coefficients, slopes) = frequencies.with_slopes(|f| self.coefficients(f));
        let p = model.coefficients();
        let Some(coefficients) = coefficients.filter(|b| b.len() == p) else {
            let curve =
                Curve { value: f64::NAN, gradient: DVector::zeros(p), information: DMatrix::identity(p, p) };
            // Too few ratios for a line, which may rise as steeply as it likes: any size fits.
            let mut direction = DVector::zeros(p);
            direction[0] = -2.0;
            let (coefficients, status) = (DVector::zeros(p), Status::Unbounded);
            return Fit { coefficients, curve, status, direction };
        };
        let spread = DMatrix::from_diagonal(&DVector::from_vec(frequencies.people.clone()));
        let covariance = &slopes * spread * slopes.transpose();
        // Without an inverse there are no standard errors; information of zero would make them zero.
        let information = covariance.try_inverse().unwrap_or_else(|| DMatrix::from_element(p, p, f64::NAN));
        let curve = Curve { value: f64::NAN, gradient: DVector::zeros(p), information };
        Fit { coefficients, curve, status: Status::Maximum, direction: DVector::zeros(p) }
    }

    /// The covariance of the parts' sizes: what the frequencies leave to chance, and who is seen.
    pub fn covariance(self, model: &Model, people: &[f64], parts: &Parts) -> DMatrix<f64> {
        let frequencies = Frequencies::new(model, people);
        let (unseen, slopes) = frequencies.with_slopes(|f| Some(vec![self.number(f)]));
        let unseen = unseen.map_or(0.0, |u| u[0]);
        let mut share = DVector::<f64>::zeros(parts.number);
        for row in 0..model.rows() {
            share[parts.of[row] as usize] += model.seen(row, people).1;
        }
        let modelled = share.sum().max(f64::MIN_POSITIVE);
        share /= modelled;
        let mut covariance = DMatrix::from_diagonal(&(&share * unseen));
        for row in 0..model.rows() {
            for cell in model.of_row(row).filter(|&c| people[c] > 0.0) {
                let times = model.counts()[cell];
                let mut slope = &share * slopes[(0, frequencies.place(times))];
                if self.uses(times) {
                    slope -= &share * (unseen / modelled);
                    slope[parts.of[row] as usize] += unseen / modelled;
                }
                covariance += &slope * slope.transpose() * people[cell];
            }
        }
        covariance
    }

    /// The number of people never seen.
    fn number<D: Number>(self, f: &Counts<D>) -> D {
        match self {
            Self::AdjustedChao => {
                let (one, two) = (f.at(1), f.at(2));
                least(one * (one - 1.0) / ((two + 1.0) * 2.0))
            }
            Self::AdjustedOneInflatedChao => {
                let (two, three) = (f.at(2), f.at(3));
                least(two * (two - 1.0) * (two - 2.0) * (2.0 / 9.0) / ((three + 1.0) * (three + 2.0)))
            }
            Self::RatioRegression { log, inflated } => {
                f.line(log, inflated).map_or(D::from(0.0), |(b, c)| {
                    let eta = if inflated { b * 2.0 + c * place(1.0, log) } else { b };
                    f.at(1 + u32::from(inflated)) * self.unseen(eta)
                })
            }
        }
    }

    fn coefficients<D: Number>(self, f: &Counts<D>) -> Option<Vec<D>> {
        if let Self::RatioRegression { log, inflated } = self {
            return f.line(log, inflated).map(|(b, c)| vec![b, c]);
        }
        let (unseen, used) = (self.number(f), f.total(|y| self.uses(y)));
        Some(vec![if unseen.re() > 0.0 { (unseen / used).ln() } else { D::from(NOBODY) }])
    }
}

/// Zero where a formula of few people would go below.
fn least<D: Number>(value: D) -> D {
    if value.re() > 0.0 { value } else { D::from(0.0) }
}

/// People by how often they were seen.
struct Frequencies {
    times: Vec<u32>,
    people: Vec<f64>,
}

/// The same in any kind of number.
struct Counts<'a, D> {
    times: &'a [u32],
    people: Vec<D>,
}

impl Frequencies {
    fn new(model: &Model, people: &[f64]) -> Self {
        let mut totals = std::collections::BTreeMap::new();
        for (&y, n) in model.counts().iter().zip(people).filter(|(_, n)| **n > 0.0) {
            *totals.entry(y).or_insert(0.0) += n;
        }
        Self { times: totals.keys().copied().collect(), people: totals.into_values().collect() }
    }

    fn place(&self, times: u32) -> usize {
        self.times.partition_point(|&y| y < times)
    }

    /// Values, and their slopes by each frequency (values x frequencies).
    fn with_slopes(
        &self,
        ask: impl Fn(&Counts<Dual64>) -> Option<Vec<Dual64>>,
    ) -> (Option<DVector<f64>>, DMatrix<f64>) {
        let mut found: Option<DVector<f64>> = None;
        let mut columns = Vec::new();
        for moved in 0..self.people.len() {
            let people = self
                .people
                .iter()
                .enumerate()
                .map(|(i, &n)| Dual64::new(n, if i == moved { 1.0 } else { 0.0 }))
                .collect();
            let Some(values) = ask(&Counts { times: &self.times, people }) else {
                return (None, DMatrix::zeros(0, 0));
            };
            found = Some(DVector::from_iterator(values.len(), values.iter().map(|v| v.re)));
            columns.push(DVector::from_iterator(values.len(), values.iter().map(|v| v.eps)));
        }
        let slopes = if columns.is_empty() { DMatrix::zeros(0, 0) } else { DMatrix::from_columns(&columns) };
        (found, slopes)
    }
}

impl<D: Number> Counts<'_, D> {
    /// People seen that often.
    fn at(&self, times: u32) -> D {
        self.times.iter().position(|&y| y == times).map_or(D::from(0.0), |i| self.people[i])
    }

    fn total(&self, of: impl Fn(u32) -> bool) -> D {
        let chosen = self.times.iter().zip(&self.people).filter(|(y, _)| of(**y));
        chosen.fold(D::from(0.0), |sum, (_, n)| sum + *n)
    }

    /// Value at 0 and slope of the line through the log ratios of neighbouring frequencies, each weighted by one over its
    /// variance 1 / f(y) + 1 / f(y + 1); None with fewer than two ratios.
    fn line(&self, log: bool, inflated: bool) -> Option<(D, D)> {
        let zero = D::from(0.0);
        let (mut w, mut x, mut xx, mut r, mut xr, mut ratios) = (zero, zero, zero, zero, zero, 0);
        let neighbours = |pair: &[u32]| pair[1] == pair[0] + 1 && !(inflated && pair[0] == 1);
        for (i, pair) in self.times.windows(2).enumerate().filter(|(_, pair)| neighbours(pair)) {
            let (y, few, more) = (f64::from(pair[0]), self.people[i], self.people[i + 1]);
            let weight = (few.recip() + more.recip()).recip();
            let ratio = (more * (y + 1.0) / few).ln();
            let at = place(y, log);
            (w, x, xx) = (w + weight, x + weight * at, xx + weight * (at * at));
            (r, xr) = (r + weight * ratio, xr + weight * ratio * at);
            ratios += 1;
        }
        let determinant = w * xx - x * x;
        (ratios >= 2).then(|| ((xx * r - x * xr) / determinant, (w * xr - x * r) / determinant))
    }
}

/// Where a ratio stands on the line's axis.
fn place(y: f64, log: bool) -> f64 {
    if log { y.ln_1p() } else { y }
}
