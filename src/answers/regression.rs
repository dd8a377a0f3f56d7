//! Kernel: generalised linear models fitted anew in every redrawn sample.
//!
//! The coefficients b solve the weighted score equations (pseudo-maximum likelihood; Binder 1983, International
//! Statistical Review 51:279-292)
//!
//! ```text
//! U(b) = sum_i w_i s(y_i, eta_i) x_i = 0,   eta_i = x_i'b + offset_i,
//! ```
//!
//! by Newton's method from the sample's own solution: b + d, where `(sum_i w_i h_i x_i x_i') d = U` and
//! `h = -ds/d(eta)`. All four log-likelihoods are concave, so a step went too far exactly when the score at its end
//! points back along it; then half of it is tried. A step below [`NEAR`] ends the
//! search. Under separation no step ever becomes small: such a replicate has no answer and is NaN, as is one in
//! which a column of x vanishes, or a risk of the log-binomial model that would have to be 1.
//!
//! `targets` are other x for the same rows: the answer is then the weighted mean of the fitted means there
//! (predictive margins; Graubard and Korn 1999, Biometrics 55:652-659) and not b.
//!
//! Cost a replicate of n rows and p columns: the design's own, and about four steps of n (15 + p^2 / 6) ns.

use std::sync::Arc;

use ndarray::{ArrayView2, ArrayViewMut2};
use serde::{Deserialize, Serialize};

use crate::design::{Design, Redraw};
use crate::error::{Error, Result};
use crate::parallel;
use crate::stop::stopped;
use crate::stream::Streams;
use crate::travel::{Travels, check_coefficients};

/// Newton's steps, halved ones included, before there is no answer.
const STEPS: usize = 100;
/// A step that moves the coefficients (of columns whose mean square is 1 in the sample) by less than this part of the
/// largest of them, or of 1, ends the search: Newton's method squares the error, so what is left is rounding.
const NEAR: f64 = 1e-7;
/// A step is halved down to this part of it: further its end is the place it starts from.
const LEAST: f64 = 1e-18;
/// A linear predictor of a share that is further out means a share of 0 or 1 to thirteen digits: separation.
const FAR: f64 = 30.0;
/// A pivot of the matrix below this part of its own diagonal is rounding: the columns are not independent.
const PIVOT: f64 = 1e-11;

/// The distribution of the outcome and its link.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Family {
    /// Linear regression.
    Gaussian,
    /// Logistic regression.
    Binomial,
    /// Counts, with the log link.
    Poisson,
    /// Shares with the log link: relative risks.
    LogBinomial,
}

impl Family {
    /// Find a family by name.
    ///
    /// # Errors
    /// When there is no such family.
    pub fn new(name: &str) -> Result<Self> {
        match name {
            "gaussian" => Ok(Self::Gaussian),
            "binomial" => Ok(Self::Binomial),
            "poisson" => Ok(Self::Poisson),
            "log-binomial" => Ok(Self::LogBinomial),
            _ => Err(Error::Argument(format!("no family is called {name}"))),
        }
    }

    /// The fitted mean.
    fn mean(self, eta: f64) -> f64 {
        match self {
            Self::Gaussian => eta,
            Self::Binomial => 1.0 / (1.0 + libm::exp(-eta)),
            Self::Poisson | Self::LogBinomial => libm::exp(eta),
        }
    }

    /// The derivative s of the log-likelihood by eta, and h = -ds/d(eta).
    fn score(self, y: f64, eta: f64) -> (f64, f64) {
        let mean = self.mean(eta);
        match self {
            Self::Gaussian => (y - mean, 1.0),
            Self::Binomial => (y - mean, mean * (1.0 - mean)),
            Self::Poisson => (y - mean, mean),
            // Where y = 1 the log-likelihood is eta itself.
            Self::LogBinomial if y > 0.0 => (1.0, 0.0),
            Self::LogBinomial => (-mean / (1.0 - mean), mean / (1.0 - mean) / (1.0 - mean)),
        }
    }

    /// Whether eta is a value that the search may reach and that says something. On its way a risk of who has the
    /// outcome may pass 1, as the likelihood stays concave there; see [`Family::holds`].
    fn allows(self, y: f64, eta: f64) -> bool {
        match self {
            Self::Gaussian => eta.is_finite(),
            Self::Binomial => eta.abs() < FAR,
            Self::Poisson => eta > -FAR && eta < 500.0,
            Self::LogBinomial => eta > -FAR && eta < if y > 0.0 { FAR } else { 0.0 },
        }
    }

    /// Whether eta gives a mean that the outcome can have.
    fn holds(self, eta: f64) -> bool {
        self != Self::LogBinomial || eta < 0.0
    }
}

/// What is regressed on what.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Rows {
    /// The unit of the design that each row belongs to, and the row's own weight.
    pub unit: Vec<u32>,
    /// See `unit`.
    pub weight: Vec<f64>,
    /// Outcomes.
    pub y: Vec<f64>,
    /// What is added to the linear predictor.
    pub offset: Vec<f64>,
    /// Predictors, row after row.
    pub x: Vec<f64>,
}

/// A model, and where its fits start.
#[derive(Debug)]
pub struct Regression {
    /// Kernels of one survey share it, so it travels apart.
    design: Arc<Design>,
    family: Family,
    rows: Rows,
    start: Vec<f64>,
    targets: Vec<Vec<f64>>,
}

impl Regression {
    /// Fits start from `start`, one number a predictor; each target has the shape of x.
    ///
    /// # Errors
    /// When the arrays don't fit one another, or hold what is not finite.
    pub fn new(
        design: Arc<Design>,
        family: Family,
        rows: Rows,
        start: Vec<f64>,
        targets: Vec<Vec<f64>>,
    ) -> Result<Self> {
        let (n, p) = (rows.y.len(), start.len());
        check_coefficients(p)?;
        let lengths = [
            ("units", rows.unit.len()),
            ("weights", rows.weight.len()),
            ("offset", rows.offset.len()),
            ("predictors", rows.x.len() / p.max(1)),
        ];
        for (what, got) in lengths.into_iter().chain(targets.iter().map(|t| ("a target", t.len() / p.max(1))))
        {
            if got != n {
                return Err(Error::Length { what, expected: n, got });
            }
        }
        let whole = |x: &Vec<f64>| x.len().is_multiple_of(p);
        if p == 0 || !whole(&rows.x) || !targets.iter().all(whole) {
            return Err(Error::Argument(String::from("a regression needs a column to regress on")));
        }
        if rows.unit.iter().any(|&u| u as usize >= design.units()) {
            return Err(Error::Argument(String::from("a row lies in no unit")));
        }
        let numbers = [("a weight", &rows.weight), ("the outcome", &rows.y), ("the offset", &rows.offset)];
        for (what, values) in numbers {
            if let Some(row) = values.iter().position(|v| !v.is_finite()) {
                return Err(Error::NotFinite { what, row });
            }
        }
        for values in targets.iter().chain([&rows.x]) {
            if let Some(at) = values.iter().position(|v| !v.is_finite()) {
                return Err(Error::NotFinite { what: "a predictor", row: at / p });
            }
        }
        Ok(Self { design, family, rows, start, targets })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows.y.len()
    }

    /// How many answers a replicate has: coefficients, or targets where there are some.
    pub fn answers(&self) -> usize {
        if self.targets.is_empty() { self.start.len() } else { self.targets.len() }
    }

    /// Fill `out` (answers x replicates) for replicates `first, first + 1, ...`.
    pub fn replicates(&self, streams: Streams, first: u64, threads: usize, mut out: ArrayViewMut2<f64>) {
        let chunk = parallel::share(16, out.ncols(), threads);
        parallel::columns(&mut out, chunk, threads, |offset, mut part| {
            let mut factors = vec![0.0; self.design.units()];
            let mut weights = vec![0.0; self.rows.y.len()];
            let mut search = Search::new(self);
            for (i, mut out) in part.columns_mut().into_iter().enumerate() {
                self.design.factors(streams, first + (offset + i) as u64, &mut factors);
                for ((w, &unit), own) in weights.iter_mut().zip(&self.rows.unit).zip(&self.rows.weight) {
                    *w = factors[unit as usize] * own;
                }
                search.answer(&weights, |j, value| out[j] = value);
            }
        });
    }

    /// Fill `out` (answers x sets) for given weights of the rows (sets x rows).
    pub fn fits(&self, weights: &ArrayView2<f64>, threads: usize, mut out: ArrayViewMut2<f64>) {
        parallel::columns(&mut out, 4, threads, |offset, mut part| {
            let mut search = Search::new(self);
            for (i, mut out) in part.columns_mut().into_iter().enumerate() {
                let weights = weights.row(offset + i).to_vec();
                search.answer(&weights, |j, value| out[j] = value);
            }
        });
    }
}

impl Travels for Regression {
    type Sent = (Family, Rows, Vec<f64>, Vec<Vec<f64>>);
    type Beside = Arc<Design>;

    fn send(&self) -> impl Serialize {
        (self.family, &self.rows, &self.start, &self.targets)
    }

    fn arrive((family, rows, start, targets): Self::Sent, design: &Arc<Design>) -> Result<Self> {
        Self::new(Arc::clone(design), family, rows, start, targets)
    }
}

/// One thread's workspace. The rows that count in a replicate are brought together, column after column, so that
/// sums run over adjacent numbers.
struct Search<'a> {
    model: &'a Regression,
    weight: Vec<f64>,
    y: Vec<f64>,
    offset: Vec<f64>,
    x: Vec<Vec<f64>>,
    /// Linear predictors; then weighted scores and curvatures of the rows, and a column times curvatures.
    eta: Vec<f64>,
    ws: Vec<f64>,
    wh: Vec<f64>,
    product: Vec<f64>,
    b: Vec<f64>,
    trial: Vec<f64>,
    step: Vec<f64>,
    /// Score and information (lower triangle, row after row) at the trial.
    score: Vec<f64>,
    information: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(model: &'a Regression) -> Self {
        let (p, n) = (model.start.len(), model.rows());
        let (small, large) = (vec![0.0; p], Vec::with_capacity(n));
        Self {
            model,
            weight: large.clone(),
            y: large.clone(),
            offset: large.clone(),
            x: vec![vec![]; p],
            eta: large.clone(),
            ws: large.clone(),
            wh: large.clone(),
            product: large,
            b: small.clone(),
            trial: small.clone(),
            step: small.clone(),
            score: small,
            information: vec![0.0; p * p],
        }
    }

    fn answer(&mut self, weights: &[f64], mut give: impl FnMut(usize, f64)) {
        let model = self.model;
        self.gather(weights);
        let found = self.fit();
        if model.targets.is_empty() {
            (0..self.b.len()).for_each(|j| give(j, if found { self.b[j] } else { f64::NAN }));
            return;
        }
        let whole: f64 = weights.iter().sum();
        for (t, target) in model.targets.iter().enumerate() {
            let mut sum = 0.0;
            for ((row, &w), offset) in target.chunks_exact(self.b.len()).zip(weights).zip(&model.rows.offset)
            {
                if w != 0.0 {
                    let eta: f64 = row.iter().zip(&self.b).map(|(x, b)| x * b).sum();
                    sum += w * model.family.mean(offset + eta);
                }
            }
            give(t, if found { sum / whole } else { f64::NAN });
        }
    }

    /// Bring together the rows with a weight.
    fn gather(&mut self, weights: &[f64]) {
        let rows = &self.model.rows;
        let kept = || weights.iter().enumerate().filter(|&(_, &w)| w != 0.0).map(|(i, _)| i);
        let fill = |to: &mut Vec<f64>, from: &[f64]| {
            to.clear();
            to.extend(kept().map(|i| from[i]));
        };
        fill(&mut self.weight, weights);
        fill(&mut self.y, &rows.y);
        fill(&mut self.offset, &rows.offset);
        let p = self.x.len();
        for (j, column) in self.x.iter_mut().enumerate() {
            column.clear();
            column.extend(kept().map(|i| rows.x[i * p + j]));
        }
    }

    /// Solve the score equations; tells whether there is a solution.
    fn fit(&mut self) -> bool {
        self.trial.copy_from_slice(&self.model.start);
        if !self.evaluate() {
            return false;
        }
        self.b.copy_from_slice(&self.trial);
        for _ in 0..STEPS {
            // `score` and `information` are those at b.
            self.step.copy_from_slice(&self.score);
            if !solve(&mut self.information, &mut self.step) {
                return false;
            }
            let uphill = dot(&self.step, &self.score);
            if stopped() || !self.step.iter().all(|step| step.is_finite()) {
                return false;
            }
            let moved = self.step.iter().fold(0.0_f64, |most, step| most.max(step.abs()));
            let scale = self.b.iter().fold(1.0_f64, |most, b| most.max(b.abs()));
            let mut share = 1.0;
            loop {
                for ((trial, b), step) in self.trial.iter_mut().zip(&self.b).zip(&self.step) {
                    *trial = b + share * step;
                }
                if self.model.family == Family::Gaussian || moved * share <= NEAR * scale {
                    self.b.copy_from_slice(&self.trial);
                    // A step that had to be halved to almost nothing ran into an edge.
                    return share == 1.0 && self.holds();
                }
                // Not so far that the score points back by half of what it pointed forward.
                if self.evaluate() && dot(&self.step, &self.score) >= -0.5 * uphill {
                    break;
                }
                share /= 2.0;
                if share < LEAST {
                    return false;
                }
            }
            self.b.copy_from_slice(&self.trial);
        }
        false
    }

    /// Whether all means are possible.
    fn holds(&mut self) -> bool {
        self.predict();
        self.eta.iter().all(|&eta| self.model.family.holds(eta))
    }

    /// Linear predictors at the trial.
    fn predict(&mut self) {
        self.eta.clone_from(&self.offset);
        for (column, &b) in self.x.iter().zip(&self.trial) {
            self.eta.iter_mut().zip(column).for_each(|(eta, x)| *eta += x * b);
        }
    }

    /// Score and information at the trial; false where the model does not reach.
    fn evaluate(&mut self) -> bool {
        let (family, p) = (self.model.family, self.trial.len());
        self.predict();
        // NaN, as of weights that can't be calibrated, is not allowed either.
        let reached = |(&eta, &y)| family.allows(y, eta);
        if !self.eta.iter().zip(&self.y).all(reached) || self.weight.iter().any(|w| w.is_nan()) {
            return false;
        }
        self.ws.clear();
        self.wh.clear();
        for ((&w, &y), &eta) in self.weight.iter().zip(&self.y).zip(&self.eta) {
            let (s, h) = family.score(y, eta);
            self.ws.push(w * s);
            self.wh.push(w * h);
        }
        for j in 0..p {
            self.score[j] = dot(&self.x[j], &self.ws);
            self.product.clear();
            self.product.extend(self.x[j].iter().zip(&self.wh).map(|(x, wh)| x * wh));
            for k in 0..=j {
                self.information[j * p + k] = dot(&self.product, &self.x[k]);
            }
        }
        true
    }
}

/// Sum of products, in eight lanes so that additions need not wait for one another.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut lanes = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for j in 0..8 {
            lanes[j] += a[j] * b[j];
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f64>() + rest
}

/// Solve A z = b by Cholesky's decomposition, in place; A's lower triangle is given, row after row.
fn solve(a: &mut [f64], b: &mut [f64]) -> bool {
    let p = b.len();
    for j in 0..p {
        let whole = a[j * p + j];
        for k in 0..=j {
            let (rj, rk) = (j * p, k * p);
            let inner = dot(&a[rj..rj + k], &a[rk..rk + k]);
            let value = a[rj + k] - inner;
            if k < j {
                a[rj + k] = value / a[rk + k];
            } else if value > PIVOT * whole && value.is_finite() {
                a[rj + j] = value.sqrt();
            } else {
                return false;
            }
        }
    }
    for j in 0..p {
        b[j] = (b[j] - dot(&a[j * p..j * p + j], &b[..j])) / a[j * p + j];
    }
    for j in (0..p).rev() {
        let above: f64 = (j + 1..p).map(|k| a[k * p + j] * b[k]).sum();
        b[j] = (b[j] - above) / a[j * p + j];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Resample;
    use ndarray::Array2;

    /// Ten people, a dummy, and outcomes of which 2 of 4 and 4 of 6 are 1.
    fn model(family: Family, y: &[f64], start: Vec<f64>) -> Regression {
        let design = Arc::new(Design::Resample(Arc::new(Resample::new(&[0; 10], &[1; 10], None).unwrap())));
        let x = (0..10).flat_map(|i| [1.0, f64::from(u8::from(i >= 4))]).collect();
        let rows =
            Rows { unit: (0..10).collect(), weight: vec![1.0; 10], y: y.to_vec(), offset: vec![0.0; 10], x };
        Regression::new(design, family, rows, start, vec![]).unwrap()
    }

    fn fit(model: &Regression, weights: &[f64]) -> Vec<f64> {
        let mut out = Array2::zeros((model.answers(), 1));
        let weights = Array2::from_shape_vec((1, 10), weights.to_vec()).unwrap();
        model.fits(&weights.view(), 1, out.view_mut());
        out.into_raw_vec_and_offset().0
    }

    const Y: [f64; 10] = [1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0];

    #[test]
    fn saturated_models_give_the_shares() {
        let (a, b) = (0.5_f64, 4.0_f64 / 6.0);
        let logit = |p: f64| (p / (1.0 - p)).ln();
        for (family, start, expected) in [
            (Family::Gaussian, 0.0, [a, b - a]),
            (Family::Binomial, 0.0, [logit(a), logit(b) - logit(a)]),
            (Family::Poisson, 0.0, [a.ln(), (b / a).ln()]),
            (Family::LogBinomial, -0.7, [a.ln(), (b / a).ln()]),
        ] {
            let found = fit(&model(family, &Y, vec![start, 0.0]), &[1.0; 10]);
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{family:?} {found} {expected}");
            }
        }
    }

    #[test]
    fn no_answer_is_nan() {
        let separated = [1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        for family in [Family::Binomial, Family::LogBinomial] {
            assert!(fit(&model(family, &separated, vec![-0.5, 0.0]), &[1.0; 10])[1].is_nan(), "{family:?}");
        }
        let nobody = [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert!(fit(&model(Family::Poisson, &nobody, vec![0.0, 0.0]), &[1.0; 10])[1].is_nan());
        // A column that vanishes, and weights that don't exist.
        let alone = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert!(fit(&model(Family::Gaussian, &Y, vec![0.0, 0.0]), &alone)[0].is_nan());
        assert!(fit(&model(Family::Gaussian, &Y, vec![0.0, 0.0]), &[f64::NAN; 10])[0].is_nan());
    }

    #[test]
    fn a_far_start_is_brought_back() {
        let large: Vec<f64> = Y.iter().map(|y| 4000.0 * y + 1.0).collect();
        let found = fit(&model(Family::Poisson, &large, vec![0.0, 0.0]), &[1.0; 10]);
        assert!((found[0] - 2001.0_f64.ln()).abs() < 1e-12);
        let found = fit(&model(Family::Binomial, &Y, vec![12.0, -20.0]), &[1.0; 10]);
        assert!(found[0].abs() < 1e-12);
    }

    #[test]
    fn a_replicate_is_the_fit_to_its_factors() {
        let model = model(Family::Binomial, &Y, vec![0.0, 0.7]);
        let (streams, mut factors) = (Streams::new(0, 5), vec![0.0; 10]);
        let mut out = Array2::zeros((2, 30));
        model.replicates(streams, 3, 2, out.view_mut());
        let mut answers = 0;
        for (replicate, column) in (3..33).zip(out.columns()) {
            model.design.factors(streams, replicate, &mut factors);
            for (drawn, fitted) in column.iter().zip(fit(&model, &factors)) {
                assert!(drawn.to_bits() == fitted.to_bits());
                answers += usize::from(fitted.is_finite());
            }
        }
        assert!(answers > 20);
    }
}
