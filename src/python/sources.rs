//! Sources without a sample, for Python: distributions by name and posteriors as arrays in, draws out.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;

use super::base::{length, released, slice, zeros};
use crate::error::Error;
use crate::sources::input::Input;
use crate::sources::posterior;
use crate::stream::Streams;

/// Draws of an uncertain input in replicates start..stop.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
pub(super) fn input_draws<'py>(
    py: Python<'py>,
    name: &str,
    parameters: Vec<f64>,
    seed: u64,
    fingerprint: u128,
    start: u64,
    stop: u64,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let input = Input::new(name, &parameters)?;
    let mut out = zeros(1, length(start, stop)?)?;
    released(py, || input.replicates(Streams::new(seed, fingerprint), start, threads, out.view_mut()))??;
    Ok(out.into_pyarray(py))
}

/// Values of an uncertain input below which the given shares lie.
#[pyfunction]
pub(super) fn input_quantiles<'py>(
    py: Python<'py>,
    name: &str,
    parameters: Vec<f64>,
    probabilities: Vec<f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    if probabilities.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return Err(Error::Argument("a share is not in 0 to 1".into()).into());
    }
    let inverse = Input::new(name, &parameters)?.inverse()?;
    let found = released(py, || probabilities.into_iter().map(inverse).collect::<Vec<_>>())?;
    Ok(found.into_pyarray(py))
}

/// Places on a grid with these cumulative probabilities, in replicates start..stop.
#[pyfunction]
pub(super) fn grid_draws<'py>(
    py: Python<'py>,
    cumulative: PyReadonlyArray1<f64>,
    seed: u64,
    fingerprint: u128,
    start: u64,
    stop: u64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let cumulative = slice(&cumulative)?;
    if cumulative.is_empty() || cumulative.iter().any(|c| !c.is_finite()) {
        return Err(Error::Argument("a grid needs cumulative probabilities".into()).into());
    }
    let mut out = zeros(1, length(start, stop)?)?.into_raw_vec_and_offset().0;
    released(py, || posterior::on_grid(cumulative, Streams::new(seed, fingerprint), start, &mut out))?;
    Ok(out.into_pyarray(py))
}

/// Stored draws in a random order, in replicates start..stop.
#[pyfunction]
pub(super) fn stored_draws<'py>(
    py: Python<'py>,
    draws: PyReadonlyArray1<f64>,
    seed: u64,
    fingerprint: u128,
    start: u64,
    stop: u64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let draws = slice(&draws)?;
    if draws.is_empty() && start < stop {
        return Err(Error::Argument("there are no draws to hand out".into()).into());
    }
    let mut out = zeros(1, length(start, stop)?)?.into_raw_vec_and_offset().0;
    released(py, || posterior::stored(draws, Streams::new(seed, fingerprint), start, &mut out))?;
    Ok(out.into_pyarray(py))
}
