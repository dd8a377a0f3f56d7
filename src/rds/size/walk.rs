//! Random walks whose steps learn, while they may, how wide the distribution is (Haario, Saksman and Tamminen 2001; the scale as
//! Andrieu and Thoms 2008, algorithm 4).

use nalgebra::{Cholesky, DMatrix, DVector};
use rand_distr::{Distribution, StandardNormal};

use crate::rds::uniform;
use crate::stream::Stream;

/// The share of steps that is best taken in many dimensions, and in one.
const MANY: f64 = 0.234;
const ONE: f64 = 0.44;
/// Steps after which their shape is found anew.
const OFTEN: usize = 50;

#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// Which numbers of a state walk.
    axes: Vec<usize>,
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
    factor: DMatrix<f64>,
    scale: f64,
    steps: usize,
}

impl Walk {
    /// A walk along some axes, which are about as wide as said.
    pub(super) fn new(axes: Vec<usize>, widths: &[f64]) -> Self {
        let d = axes.len();
        let wide = DVector::from_iterator(d, axes.iter().map(|&axis| widths[axis]));
        let covariance = DMatrix::from_diagonal(&wide.component_mul(&wide));
        Self {
            mean: DVector::zeros(d),
            factor: DMatrix::from_diagonal(&wide),
            covariance,
            scale: 2.38 / (d.max(1) as f64).sqrt(),
            steps: 0,
            axes,
        }
    }

    /// Whether anything walks.
    pub(super) fn moves(&self) -> bool {
        !self.axes.is_empty()
    }

    /// A step from here.
    pub(super) fn step<const D: usize>(&self, here: [f64; D], stream: &mut Stream) -> [f64; D] {
        let normal =
            DVector::from_iterator(self.axes.len(), self.axes.iter().map(|_| StandardNormal.sample(stream)));
        let step: DVector<f64> = &self.factor * normal * self.scale;
        let mut next = here;
        self.axes.iter().zip(step.iter()).for_each(|(&axis, by)| next[axis] += by);
        next
    }

    /// Take a step with a chance whose logarithm is given.
    pub(super) fn takes(log_chance: f64, stream: &mut Stream) -> bool {
        let drawn = uniform(stream).ln();
        drawn < log_chance
    }

    /// Learn from where a step led, and how likely it was taken.
    pub(super) fn learn<const D: usize>(&mut self, here: [f64; D], log_chance: f64) {
        let d = self.axes.len();
        let at = DVector::from_iterator(d, self.axes.iter().map(|&axis| here[axis]));
        if self.steps == 0 {
            self.mean.copy_from(&at);
        }
        self.steps += 1;
        let gain = (self.steps as f64 + 20.0).powf(-0.7);
        let off = &at - &self.mean;
        self.mean += &off * gain;
        self.covariance = &self.covariance * (1.0 - gain) + &off * off.transpose() * gain;
        let chance = if log_chance.is_nan() { 0.0 } else { log_chance.min(0.0).exp() };
        let wanted = if d == 1 { ONE } else { MANY };
        self.scale = (self.scale * (gain * (chance - wanted) * 2.0).exp()).clamp(1e-4, 1e4);
        if self.steps.is_multiple_of(OFTEN) {
            let ridge = DMatrix::from_diagonal(&(self.covariance.diagonal() * 1e-6)).add_scalar(0.0);
            if let Some(found) = Cholesky::new(&self.covariance + ridge) {
                self.factor = found.l();
            }
        }
    }
}
