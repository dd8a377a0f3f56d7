//! One error type; its messages are written for the people who analyse the data.

use thiserror::Error;

/// What can be wrong with what the core is asked.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// A stratum in which one person cannot be redrawn.
    #[error("stratum {stratum} has {people} participant; redrawing needs at least 2 in every stratum")]
    LonelyStratum {
        /// Position of the stratum, from 0.
        stratum: usize,
        /// People in it.
        people: u64,
    },
    /// Arrays that should describe the same units but differ in length.
    #[error("{what} has {got} values where the survey has {expected} rows")]
    Length {
        /// The array's name.
        what: &'static str,
        /// The number of units.
        expected: usize,
        /// What came.
        got: usize,
    },
    /// A number that would poison every total.
    #[error("{what} has a value that is missing or infinite, first at row {row}")]
    NotFinite {
        /// The array's name.
        what: &'static str,
        /// First row, from 0.
        row: usize,
    },
    /// More people than the kernels count.
    #[error("{people} participants are more than one survey can redraw (2 147 483 647 in each stratum)")]
    TooMany {
        /// People in the stratum.
        people: u64,
    },
    /// The work was called off.
    #[error("called off")]
    Stopped,
    /// A probability outside its range, or an order statistic of nothing.
    #[error("{0}")]
    Argument(String),
}

/// The core's result type.
pub type Result<T> = std::result::Result<T, Error>;
