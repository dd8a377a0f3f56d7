//! The only door to Python: arrays in, arrays out, errors translated, the GIL released.
//!
//! | module | what it opens |
//! |---|---|
//! | `base` | what the doors share; order statistics of draws, and threads |
//! | `design` | [`crate::design`]: how a sample is redrawn |
//! | `rds` | [`crate::rds`]: chances of inclusion, sizes of populations, simulated networks and recruitment |
//! | `answers` | [`crate::answers`]: totals, covariances, quantiles, regressions |
//! | `sources` | [`crate::sources`]: uncertain inputs, fixed posteriors |
//! | `capture` | [`crate::capture`]: log-linear models, selection, and lists redrawn |
//! | `covariates` | [`crate::capture::people`] and [`crate::capture::conditional`]: lists with covariates |
//! | `bayes` | [`crate::capture::bayes`]: averaged graphs and latent classes |
//! | `counts` | [`crate::counts`]: one register |

#![allow(clippy::needless_pass_by_value)] // PyO3 hands arguments over by value

mod answers;
mod base;
mod bayes;
mod capture;
mod counts;
mod covariates;
mod design;
mod rds;
mod sources;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::answers::{PyCovariance, PyQuantiles, PyRecruitment, PyRegression, PyTotals};

    #[pymodule_export]
    use super::base::{available_threads, draw_quantiles};

    #[pymodule_export]
    use super::bayes::{PyLatent, decomposable_average, decomposable_graphs};

    #[pymodule_export]
    use super::capture::{
        PyLogLinear, PyRedraw, chi_square_tails, forward_path, forward_sizes, hierarchical_models,
        sparse_path, sparse_sizes,
    };

    #[pymodule_export]
    use super::counts::{PyCountFit, PyCountModel};

    #[pymodule_export]
    use super::covariates::{PyConditional, PyPeople};

    #[pymodule_export]
    use super::design::PyDesign;

    #[pymodule_export]
    use super::rds::{
        PyVisibilities, inclusion_time, simulated_network, simulated_recruits, successive_size,
    };

    #[pymodule_export]
    use super::sources::{grid_draws, input_draws, input_quantiles, stored_draws};

    #[pymodule_export]
    const MOST_KINDS: usize = crate::design::resample::MOST_KINDS;

    #[pymodule_export]
    const ROWS_PER_KIND: u64 = crate::design::resample::ROWS_PER_KIND;

    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
