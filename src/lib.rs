//! The core of hiddenpop: plain Rust that redraws samples and summarises the draws.
//!
//! From the ground up; a module imports from the floors below its own, never from those above.
//!
//! | floor | module | what it holds |
//! |---|---|---|
//! | ground | [`stream`] | one random stream for each (seed, fingerprint, replicate) |
//! | | [`stop`] | calling work off |
//! | | [`parallel`] | a range of replicates on several threads |
//! | | [`error`] | the one error type |
//! | | [`travel`] | what goes to another process and is checked when it arrives |
//! | | [`interval`] | order statistics of draws |
//! | | [`rds`] | where people recruit one another: chances of inclusion, sizes of populations, simulated networks and samples |
//! | designs | [`design`] | how a sample is redrawn |
//! | draws | [`answers`] | what is asked of a redrawn sample: totals, covariances, quantiles, regressions |
//! | | [`sources`] | draws without a sample: uncertain inputs, fixed posteriors |
//! | methods | [`capture`] | lists that overlap: log-linear models and how lists are redrawn |
//! | | [`counts`] | one register: how often each person was seen |
//! | door | `python` | the only door to Python; no other module knows a Python type |

pub mod answers;
pub mod capture;
pub mod counts;
pub mod design;
pub mod error;
pub mod interval;
pub mod parallel;
mod python;
pub mod rds;
pub mod sources;
pub mod stop;
pub mod stream;
pub mod travel;
