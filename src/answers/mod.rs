//! What is asked of a redrawn sample: one kernel for each kind of answer, for a range of replicates.
//!
//! A kernel lays columns out once for the design that redraws them and then fills rows of answers,
//! replicate after replicate. It knows designs and streams, and nothing of lists or registers.
//!
//! | module | what it holds |
//! |---|---|
//! | [`totals`] | weighted totals of columns, for resampled units |
//! | [`column`] | a column as kernels take it: written out, or where it is not zero |
//! | `sparse` | the second kind, as `totals` walks it |
//! | [`dense`] | the same totals for designs that state their factors |
//! | [`recruitment`] | who recruits whom: transitions, and shares by the homophily configuration graph |
//! | [`covariance`] | totals with their linearised covariances, laid out as in `totals` |
//! | [`quantile`] | quantiles of columns: the walk over all rows, and windows of a few |
//! | [`regression`] | generalised linear models, fitted anew in every replicate |

pub mod column;
pub mod covariance;
pub mod dense;
pub mod quantile;
pub mod recruitment;
pub mod regression;
mod sparse;
pub mod totals;
