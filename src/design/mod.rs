//! How a sample is redrawn: one file for each design, one trait.
//!
//! A design states the factor of each unit in a replicate ([`Redraw`]); every kernel works with that. [`Design`] is
//! any of them. The kernels know [`resample`] well enough never to write its factors down.
//!
//! | module | what it holds |
//! |---|---|
//! | [`binomial`] | one binomial number without tables |
//! | [`multinomial`] | how many draws go to each kind or block, by binomial splits |
//! | [`picks`] | which row a draw takes |
//! | [`resample`] | units with replacement within strata, the plain bootstrap and Rao and Wu's alike |
//! | [`dirichlet`] | the Bayesian bootstrap |
//! | [`nested`] | several stages |
//! | [`recruited`] | people recruited by people |
//! | [`calibrated`] | any of them, fitted to known totals again in every replicate |

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::stream::Streams;
use crate::travel::Travels;

pub mod binomial;
pub mod calibrated;
pub mod dirichlet;
pub mod multinomial;
pub mod nested;
pub mod picks;
pub mod recruited;
pub mod resample;

pub use calibrated::Calibrated;
pub use dirichlet::Dirichlet;
pub use nested::Nested;
pub use recruited::Recruited;
pub use resample::Resample;

/// What a replicate does with a sample.
pub trait Redraw {
    /// How many units there are.
    fn units(&self) -> usize;

    /// Write the factor of each unit, times the people it stands for, in one replicate. All are NaN
    /// where the replicate has no answer (its weights can't be calibrated).
    fn factors(&self, streams: Streams, replicate: u64, factors: &mut [f64]);
}

/// The designs that there are.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // each is described where it is defined
pub enum Design {
    Resample(Arc<Resample>),
    Dirichlet(Dirichlet),
    Nested(Nested),
    Recruited(Arc<Recruited>),
    Calibrated(Box<Calibrated>),
}

/// Of nobody.
impl Default for Design {
    fn default() -> Self {
        Self::Resample(Arc::default())
    }
}

impl Design {
    fn redraw(&self) -> &dyn Redraw {
        match self {
            Self::Resample(design) => &**design,
            Self::Dirichlet(design) => design,
            Self::Nested(design) => design,
            Self::Recruited(design) => &**design,
            Self::Calibrated(design) => &**design,
        }
    }
}

/// What a design is made of. Calibrations stand in a list and not in one another, so that reading them can't go deep.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sent {
    first: First,
    calibrations: Vec<calibrated::Sent>,
}

#[derive(Debug, Serialize, Deserialize)]
enum First {
    Resample(resample::Sent),
    Dirichlet(dirichlet::Sent),
    Nested(nested::Sent),
    Recruited(recruited::Sent),
}

impl Travels for Design {
    type Sent = Sent;
    type Beside = ();

    fn send(&self) -> impl Serialize {
        let (mut design, mut calibrations) = (self, vec![]);
        let first = loop {
            match design {
                Self::Resample(design) => break First::Resample(design.sent()),
                Self::Dirichlet(design) => break First::Dirichlet(design.sent()),
                Self::Nested(design) => break First::Nested(design.sent()),
                Self::Recruited(design) => break First::Recruited(design.sent()),
                Self::Calibrated(outer) => {
                    calibrations.push(outer.sent());
                    design = outer.base();
                }
            }
        };
        calibrations.reverse();
        Sent { first, calibrations }
    }

    fn arrive(sent: Sent, (): &()) -> Result<Self> {
        let first = match sent.first {
            First::Resample(sent) => Self::Resample(Arc::new(Resample::arrive(sent, &())?)),
            First::Dirichlet(sent) => Self::Dirichlet(Dirichlet::arrive(sent, &())?),
            First::Nested(sent) => Self::Nested(Nested::arrive(sent, &())?),
            First::Recruited(sent) => Self::Recruited(Arc::new(Recruited::arrive(sent, &())?)),
        };
        let on = |base, sent: calibrated::Sent| Ok(Self::Calibrated(Box::new(sent.on(base)?)));
        sent.calibrations.into_iter().try_fold(first, on)
    }
}

impl Design {
    /// How many calibrations stand on one another.
    fn calibrations(&self) -> usize {
        let (mut design, mut number) = (self, 0);
        while let Self::Calibrated(outer) = design {
            (design, number) = (outer.base(), number + 1);
        }
        number
    }
}

impl Redraw for Design {
    fn units(&self) -> usize {
        self.redraw().units()
    }

    fn factors(&self, streams: Streams, replicate: u64, factors: &mut [f64]) {
        self.redraw().factors(streams, replicate, factors);
    }
}
