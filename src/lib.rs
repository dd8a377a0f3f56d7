//! The core of hiddenpop: plain Rust that redraws samples and summarises the draws.
//!
//! | module | what it holds |
//! |---|---|
//! | [`stream`] | one random stream for each (seed, fingerprint, replicate) |
//! | [`design`] | how a sample is redrawn |
//! | [`totals`] | kernel: weighted totals of columns, for a range of replicates |
//! | [`dense`] | the same totals for designs that state their factors |
//! | [`covariance`] | kernel: totals with their linearised covariances, for a range of replicates |
//! | [`quantile`] | kernel: quantiles of columns, for a range of replicates |
//! | [`regression`] | kernel: generalised linear models, for a range of replicates |
//! | [`interval`] | order statistics of draws |
//! | [`capture`] | lists that overlap: log-linear models and how lists are redrawn |
//! | [`counts`] | one register: how often each person was seen |
//! | [`input`] | uncertain inputs: elicited and published distributions |
//! | [`posterior`] | a fixed posterior as a source of draws |
//! | [`parallel`] | a range of replicates on several threads |
//! | [`error`] | the one error type |
//!
//! `python` is the only door to Python; nothing above it knows a Python type.

pub mod capture;
pub mod counts;
pub mod covariance;
pub mod dense;
pub mod design;
pub mod error;
pub mod input;
pub mod interval;
pub mod parallel;
pub mod posterior;
mod python;
pub mod quantile;
pub mod regression;
pub mod stream;
pub mod totals;
