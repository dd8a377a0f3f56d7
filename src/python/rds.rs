//! Respondent-driven sampling, for Python: chances of inclusion, sizes of populations. How such samples are redrawn is a design.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use super::base::{released, slice};
use crate::error::Error;
use crate::rds::inclusion;
use crate::rds::size::{Family, SizePrior, size};

/// The time at which successive sampling has taken all participants, given how many have each degree; infinite where they
/// are the population, None where it is smaller.
#[pyfunction]
pub(super) fn inclusion_time(
    degrees: PyReadonlyArray1<f64>,
    people: PyReadonlyArray1<f64>,
    population: f64,
) -> PyResult<Option<f64>> {
    let (degrees, people) = (slice(&degrees)?, slice(&people)?);
    if degrees.len() != people.len() {
        return Err(Error::Length { what: "people", expected: degrees.len(), got: people.len() }.into());
    }
    for (what, values) in [("a degree", degrees), ("people", people)] {
        if let Some(row) = values.iter().position(|v| !(*v > 0.0 && v.is_finite())) {
            return Err(Error::NotFinite { what, row }.into());
        }
    }
    Ok(inclusion::time(degrees, people, population))
}

type Sized<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Probabilities of n, n + 1, ... people, and of the sizes 1..`most` among them, after the participants' `sizes` in order.
///
/// `prior` of the sizes: their mean, standard deviation, and how much each of these counts.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
pub(super) fn successive_size<'py>(
    py: Python<'py>,
    sizes: PyReadonlyArray1<u32>,
    most: usize,
    family: &str,
    prior: (f64, f64, f64, f64),
    jacobian: bool,
    log_prior: PyReadonlyArray1<f64>,
    threads: usize,
) -> PyResult<Sized<'py>> {
    let family = match family {
        "conway_maxwell_poisson" => Family::ConwayMaxwellPoisson,
        "negative_binomial" => Family::NegativeBinomial,
        "poisson_lognormal" => Family::PoissonLognormal,
        other => return Err(Error::Argument(format!("no distribution of sizes is called '{other}'")).into()),
    };
    let (mean, sd, mean_weight, sd_weight) = prior;
    let prior = SizePrior { mean, sd, mean_weight, sd_weight, jacobian };
    let sizes = sizes.as_slice().map_err(|_| Error::Argument("sizes must be contiguous".into()))?;
    let log_prior = slice(&log_prior)?;
    let found = released(py, || size(sizes, most, family, prior, log_prior, threads))??;
    Ok((found.people.into_pyarray(py), found.sizes.into_pyarray(py)))
}
