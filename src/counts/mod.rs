//! One register: how often each person was seen, and from that how many were never seen.
//!
//! | module | what it holds |
//! |---|---|
//! | [`family`] | the distributions of counts: log-likelihood and chance of being seen |
//! | [`closed`] | sizes by formulas of the frequencies: bias-corrected bounds, ratio regression |
//! | [`model`] | covariates, cells of identical people, log-likelihood with its derivatives |
//! | [`maximise`] | Newton's method, and telling a maximum from a boundary |
//! | [`size`] | sizes, their analytic covariance, fitted frequencies |
//! | [`redraw`] | the register redrawn, and the model fitted again |
//! | [`influence`] | the fit without each person, and the score test of one-inflation |

pub mod closed;
pub mod family;
pub mod influence;
pub mod maximise;
pub mod model;
pub mod redraw;
pub mod size;

#[cfg(test)]
mod tests;

pub use family::Family;
pub use maximise::{Fit, Status};
pub use model::{Model, Register};
