//! How a sample is redrawn: one file for each idea.
//!
//! [`resample`] holds the one design so far: n of n with replacement in each stratum, for rows
//! and for tables of identical rows alike. It stands on [`multinomial`] (how many draws go to
//! each kind or block) and [`picks`] (which row a draw takes).

pub mod binomial;
pub mod multinomial;
pub mod picks;
pub mod resample;

pub use resample::Resample;
