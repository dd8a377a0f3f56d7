//! Newton's method with Levenberg's damping, and telling a maximum from a boundary.
//!
//! A likelihood that rises for ever along some direction has no maximum. Newton's steps along it keep
//! their length while their gain vanishes: steps of more than [`FAR`] for a gain below [`FLAT`] mean a
//! standard error of hundreds on the log or logit scale. What then happens to the size decides:
//! either it grows with every step (people whose chance of being seen tends to zero: no estimate), or it
//! has settled (a share of inflation that tends to zero: the estimate is that without inflation).

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::stop::stopped;
use crate::travel::{Travels, check_coefficients};

use super::family::{Base, Family, Form};
use super::model::{Curve, Model, nothing};

/// Newton's gain below which nothing is left to climb, relative to the likelihood's own size.
const CLOSE: f64 = 1e-13;
/// A gain that a boundary's flat direction still gives, for estimates and for replicates.
const FLAT: [f64; 2] = [1e-9, 1e-4];
/// A step of a linear predictor or coefficient that is none of a maximum.
const FAR: f64 = 0.3;
/// No linear predictor moves further than this at once.
const LONGEST: f64 = 4.0;
const ITERATIONS: usize = 200;
/// Growth of any row's size, over a further step of 2 along a flat direction, that says it is unbounded: a
/// chance of being seen that tends to zero as e^-x grows it by e^2.
pub(super) const GROWTH: f64 = 2.0;
/// A change of any row's size below this says that it has settled.
const STILL: f64 = 1e-3;
/// Scaled pivots below this say that covariates or parameters can't be told apart.
const SINGULAR: f64 = 1e-10;

/// What the search for a maximum found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// A maximum inside the parameter space.
    Maximum,
    /// None, but the size settles: an extra parameter lies at its boundary.
    Settled,
    /// None, and the size grows without bound.
    Unbounded,
    /// The data don't tell parameters apart.
    Unidentified,
    /// The search did not end.
    Failed,
}

impl Status {
    /// Its number at the door.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// A fitted model.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The coefficients, parameter after parameter.
    pub coefficients: DVector<f64>,
    /// Log-likelihood, gradient and information there.
    pub curve: Curve,
    /// What was found.
    pub status: Status,
    /// Where the likelihood rises for ever, or hardly changes: the last step.
    pub direction: DVector<f64>,
}

/// What a fit holds, as plain lists; the information row after row.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sent {
    coefficients: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
    information: Vec<f64>,
    status: Status,
    direction: Vec<f64>,
}

impl Travels for Fit {
    type Sent = Sent;
    type Beside = ();

    fn send(&self) -> impl Serialize {
        Sent {
            coefficients: self.coefficients.as_slice().to_vec(),
            value: self.curve.value,
            gradient: self.curve.gradient.as_slice().to_vec(),
            information: self.curve.information.transpose().as_slice().to_vec(),
            status: self.status,
            direction: self.direction.as_slice().to_vec(),
        }
    }

    fn arrive(sent: Sent, (): &()) -> Result<Self> {
        let p = sent.coefficients.len();
        check_coefficients(p)?;
        let lengths = [sent.gradient.len(), sent.direction.len()];
        if p == 0 || lengths != [p, p] || sent.information.len() != p * p {
            return Err(Error::Argument("the parts of a fit differ in length".into()));
        }
        let curve = Curve {
            value: sent.value,
            gradient: DVector::from_vec(sent.gradient),
            information: DMatrix::from_row_slice(p, p, &sent.information),
        };
        let coefficients = DVector::from_vec(sent.coefficients);
        Ok(Self { coefficients, curve, status: sent.status, direction: DVector::from_vec(sent.direction) })
    }
}

impl Fit {
    /// The inverse information; coefficients that nothing informs about have variance 0.
    pub fn covariance(&self) -> Option<DMatrix<f64>> {
        let (scaled, scale) = scaled(&self.curve.information);
        let inverse = Cholesky::new(scaled)?.inverse();
        let p = scale.len();
        Some(DMatrix::from_fn(p, p, |i, j| inverse[(i, j)] * scale[i] * scale[j]))
    }
}

impl Model {
    /// The maximum likelihood fit for the people in each cell, searched from several starts.
    pub fn fit(&self, people: &[f64]) -> Fit {
        if let Family::Closed(closed) = self.family {
            return closed.fit(self, people);
        }
        let mut best: Option<Fit> = None;
        for start in self.starts(people) {
            let found = self.climb(start, people, true);
            let better = best.as_ref().is_none_or(|b| found.curve.value > b.curve.value + 1e-9);
            if better || best.as_ref().is_some_and(|b| b.status == Status::Failed) {
                best = Some(found);
            }
        }
        best.unwrap_or_else(|| self.climb(DVector::zeros(self.coefficients()), people, true))
    }

    /// Climb from one start. `exact` is for estimates; replicates may stop a little earlier.
    pub fn climb(&self, start: DVector<f64>, people: &[f64], exact: bool) -> Fit {
        if let Family::Closed(closed) = self.family {
            return closed.fit(self, people);
        }
        let flat = FLAT[usize::from(!exact)];
        let mut at = start;
        let mut curve = self.curve(&at, people);
        let mut damping = 0.0;
        for _ in 0..ITERATIONS {
            if stopped() {
                break;
            }
            let Some((step, gain)) = newton(&curve, damping) else {
                damping = more(damping);
                if damping > 1e12 {
                    break;
                }
                continue;
            };
            let length = self.length(&step);
            if damping == 0.0 && gain < flat && length > FAR {
                let direction = &step * (2.0 / length);
                if let Some(status) = self.beyond(&at, &direction, people) {
                    return Fit { coefficients: at, curve, status, direction };
                }
            }
            if gain <= CLOSE * (1.0 + curve.value.abs()) && (damping == 0.0 || !curved_up(&curve)) {
                return self.arrive(at, curve, people, exact);
            }
            let next = &at + &step * (LONGEST / length).min(1.0);
            let there = self.curve(&next, people);
            if there.value.is_finite() && there.value >= curve.value - 1e-12 * curve.value.abs() {
                (at, curve) = (next, there);
                damping = if damping < 1e-6 { 0.0 } else { damping / 10.0 };
            } else {
                damping = more(damping);
                if damping > 1e12 {
                    break;
                }
            }
        }
        // A search that stops at the limit of rounding has arrived.
        match newton(&curve, 0.0) {
            Some((_, gain)) if gain < 1e-7 => self.arrive(at, curve, people, exact),
            _ => self.stop(at, curve, Status::Failed),
        }
    }

    /// Nothing is left to climb: a maximum, a flat direction that rounding hides, or no information at all.
    fn arrive(&self, at: DVector<f64>, curve: Curve, people: &[f64], exact: bool) -> Fit {
        let Some((step, _)) = newton(&curve, 0.0) else {
            return self.stop(at, curve, Status::Unidentified);
        };
        let length = self.length(&step);
        if length > FAR {
            let direction = &step * (2.0 / length);
            let status = self.beyond(&at, &direction, people).unwrap_or(Status::Failed);
            return Fit { coefficients: at, curve, status, direction };
        }
        // One more step costs little and doubles the digits.
        let last = at + step;
        let curve = if exact { self.curve(&last, people) } else { curve };
        let lowest =
            Cholesky::new(scaled(&curve.information).0).map_or(0.0, |c| c.l_dirty().diagonal().min());
        let unknown = exact && (0..self.rows()).any(|row| self.unknown(row, &curve, people));
        let status =
            if unknown || lowest * lowest < SINGULAR { Status::Unidentified } else { Status::Maximum };
        self.stop(last, curve, status)
    }

    /// Whether a row has people and nothing that its size could be told from: an estimator of ones and twos, and a group
    /// in which nobody was seen so rarely.
    pub(super) fn unknown(&self, row: usize, curve: &Curve, people: &[f64]) -> bool {
        if self.family.bounds() {
            return false;
        }
        let (seen, modelled) = self.seen(row, people);
        seen > 0.0 && modelled == 0.0 && self.uninformed(row, &curve.information)
    }

    fn stop(&self, coefficients: DVector<f64>, curve: Curve, status: Status) -> Fit {
        Fit { coefficients, curve, status, direction: DVector::zeros(self.coefficients()) }
    }

    /// The furthest that a step moves a coefficient or any row's linear predictor.
    fn length(&self, step: &DVector<f64>) -> f64 {
        let longest =
            (0..self.rows()).flat_map(|r| self.predictors(r, step)).fold(0.0, |a: f64, s| a.max(s.abs()));
        longest.max(1e-300)
    }

    /// What the size does along a direction in which the likelihood is flat; None where that is not clear yet.
    fn beyond(&self, at: &DVector<f64>, direction: &DVector<f64>, people: &[f64]) -> Option<Status> {
        let further = at + direction;
        let growth = (0..self.rows())
            .map(|row| (self.row_size(row, at, people), self.row_size(row, &further, people)))
            .filter(|(here, _)| *here > 0.0)
            .map(|(here, there)| there / here);
        let (mut least, mut most): (f64, f64) = (1.0, 1.0);
        for ratio in growth {
            if ratio.is_nan() {
                return Some(Status::Unbounded);
            }
            (least, most) = (least.min(ratio), most.max(ratio));
        }
        if most > GROWTH {
            return Some(Status::Unbounded);
        }
        (most < 1.0 + STILL && least > 1.0 - STILL).then_some(Status::Settled)
    }

    /// Starts: the fits without covariates, themselves searched from a grid.
    pub(super) fn starts(&self, people: &[f64]) -> Vec<DVector<f64>> {
        let null = self.without_covariates(people);
        let mut fits: Vec<(f64, DVector<f64>)> = grid(self.family, &null.0, &null.1)
            .into_iter()
            .map(|start| null.0.climb(start, &null.1, false))
            .filter(|fit| fit.curve.value.is_finite())
            .map(|fit| (fit.curve.value, fit.coefficients.map(|b| b.clamp(-5.0, 5.0))))
            .collect();
        fits.sort_by(|a, b| b.0.total_cmp(&a.0));
        fits.dedup_by(|a, b| (&a.1 - &b.1).amax() < 0.1);
        fits.truncate(if self.cells() > 2_000 { 1 } else { 3 });
        fits.into_iter().map(|(_, eta)| self.constant(&eta)).collect()
    }

    /// The intercept-only model of all people together.
    fn without_covariates(&self, people: &[f64]) -> (Model, Vec<f64>) {
        let mut totals = std::collections::BTreeMap::new();
        for (&y, n) in self.counts().iter().zip(people) {
            *totals.entry(y).or_insert(0.0) += n;
        }
        let designs = vec![DMatrix::from_element(1, 1, 1.0); self.family.parameters()];
        let counts: Vec<u32> = totals.keys().copied().collect();
        (self.plain(designs, counts), totals.into_values().collect())
    }

    /// Coefficients that bring every row's predictors nearest to given constants.
    fn constant(&self, eta: &DVector<f64>) -> DVector<f64> {
        let mut start = DVector::zeros(self.coefficients());
        for (k, &value) in eta.iter().enumerate() {
            let design = self.design(k);
            let right = design.transpose() * DVector::from_element(self.rows(), value);
            let (mut square, scale) = scaled(&(design.transpose() * design));
            square += DMatrix::identity(scale.len(), scale.len()) * 1e-10;
            if let Some(cholesky) = Cholesky::new(square) {
                let solved = cholesky.solve(&right.component_mul(&scale)).component_mul(&scale);
                start.rows_mut(self.part(k).start, scale.len()).copy_from(&solved);
            }
        }
        start
    }
}

/// Newton's step and the gain that it promises.
fn newton(curve: &Curve, damping: f64) -> Option<(DVector<f64>, f64)> {
    let (mut scaled, scale) = scaled(&curve.information);
    for i in 0..scale.len() {
        scaled[(i, i)] += damping;
    }
    let slope = curve.gradient.component_mul(&scale);
    let solved = positive(scaled)?.solve(&slope);
    let gain = solved.dot(&slope);
    (gain.is_finite() && gain >= 0.0).then(|| (solved.component_mul(&scale), gain))
}

fn positive(matrix: DMatrix<f64>) -> Option<Cholesky<f64, Dyn>> {
    let cholesky = Cholesky::new(matrix)?;
    let lowest = cholesky.l_dirty().diagonal().min();
    (lowest * lowest > SINGULAR / 100.0).then_some(cholesky)
}

/// The information with a unit diagonal, and the scale that made it.
///
/// A coefficient without any information (a category that a replicate lost) is cut loose.
fn scaled(information: &DMatrix<f64>) -> (DMatrix<f64>, DVector<f64>) {
    let p = information.nrows();
    let scale = DVector::from_fn(p, |i, _| {
        let d = information[(i, i)].abs();
        if nothing(d) { 0.0 } else { 1.0 / d.sqrt() }
    });
    let matrix = DMatrix::from_fn(p, p, |i, j| {
        if i == j && scale[i] == 0.0 { 1.0 } else { information[(i, j)] * scale[i] * scale[j] }
    });
    (matrix, scale)
}

/// Whether the likelihood curves upwards somewhere, so that a flat place is no maximum.
fn curved_up(curve: &Curve) -> bool {
    let (mut scaled, scale) = scaled(&curve.information);
    for i in 0..scale.len() {
        scaled[(i, i)] += 1e-7;
    }
    Cholesky::new(scaled).is_none()
}

fn more(damping: f64) -> f64 {
    (damping * 10.0).max(1e-3)
}

/// Starting values without covariates: lambda from ratios of neighbouring frequencies, the others coarse.
fn grid(family: Family, null: &Model, people: &[f64]) -> Vec<DVector<f64>> {
    let seen = |times| null.counts().iter().zip(people).find(|(y, _)| **y == times).map_or(0.0, |(_, n)| *n);
    let ratio = |y: u32| {
        let (a, b) = (seen(y), seen(y + 1));
        (a > 0.0 && b > 0.0).then(|| (f64::from(y + 1) * b / a).ln().clamp(-6.0, 4.0))
    };
    let lambdas: Vec<f64> = match family {
        Family::Counts(_, Form::Truncated) | Family::Zelterman | Family::Chao | Family::Closed(_) => {
            vec![ratio(1).unwrap_or(-1.0)]
        }
        Family::Counts(_, Form::ZeroOneTruncated) | Family::OneInflatedChao => {
            vec![ratio(2).unwrap_or(-1.0)]
        }
        Family::Counts(..) => vec![ratio(1).unwrap_or(-1.0), ratio(2).unwrap_or(0.0)],
    };
    let (alphas, shares): (&[f64], &[f64]) = match family {
        Family::Counts(base, form) => (
            if base == Base::NegativeBinomial { &[-2.0, 0.0, 2.0] } else { &[] },
            if form.mixes() { &[-1.5, 0.0, 1.5] } else { &[] },
        ),
        _ => (&[], &[]),
    };
    let mut starts: Vec<Vec<f64>> = lambdas.into_iter().map(|l| vec![l]).collect();
    for values in [alphas, shares].into_iter().filter(|v| !v.is_empty()) {
        starts = starts
            .iter()
            .flat_map(|s| values.iter().map(|v| s.iter().copied().chain([*v]).collect()))
            .collect();
    }
    starts.into_iter().map(DVector::from_vec).collect()
}
