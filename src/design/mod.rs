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
//! | [`calibrated`] | any of them, fitted to known totals again in every replicate |

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::stream::Streams;

pub mod binomial;
pub mod calibrated;
pub mod dirichlet;
pub mod multinomial;
pub mod nested;
pub mod picks;
pub mod resample;

pub use calibrated::Calibrated;
pub use dirichlet::Dirichlet;
pub use nested::Nested;
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
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)] // each is described where it is defined
pub enum Design {
    Resample(Arc<Resample>),
    Dirichlet(Dirichlet),
    Nested(Nested),
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
            Self::Calibrated(design) => &**design,
        }
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
