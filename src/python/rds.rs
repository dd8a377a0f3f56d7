//! Respondent-driven sampling, for Python: chances of inclusion. How such samples are redrawn is a design.

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use super::base::slice;
use crate::error::Error;
use crate::rds::inclusion;

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
