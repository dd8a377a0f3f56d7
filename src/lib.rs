//! The core of hiddenpop: plain Rust that redraws samples and summarises the draws.
//!
//! | module | what it holds |
//! |---|---|
//! | [`stream`] | one random stream for each (seed, fingerprint, replicate) |
//! | [`design`] | how a sample is redrawn |
//! | [`answers`] | what is asked of a redrawn sample: totals, quantiles, regressions, covariances |
//! | [`interval`] | order statistics of draws |
//! | [`capture`] | lists that overlap: log-linear models and how lists are redrawn |
//! | [`counts`] | one register: how often each person was seen |
//! | [`sources`] | draws without a sample: uncertain inputs, fixed posteriors |
//! | [`parallel`] | a range of replicates on several threads |
//! | [`error`] | the one error type |
//!
//! `python` is the only door to Python; nothing above it knows a Python type.

pub mod answers;
pub mod capture;
pub mod counts;
pub mod design;
pub mod error;
pub mod interval;
pub mod parallel;
mod python;
pub mod sources;
pub mod stream;
