//! The only door to Python: arrays in, arrays out, errors translated, the GIL released.

#![allow(clippy::needless_pass_by_value)] // PyO3 hands arguments over by value

mod bayes;
mod capture;

use std::sync::Arc;

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::design::Resample;
use crate::design::resample::Rule;
use crate::error::Error;
use crate::input::Input;
use crate::quantile::{self, Rows};
use crate::stream::Streams;
use crate::{interval, parallel, totals};

pyo3::import_exception!(hiddenpop.errors, InputError);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        InputError::new_err(error.to_string())
    }
}

/// How a sample is redrawn: units with replacement within strata, as many as there were or, with
/// `draws`, `offset` and `scale` for each stratum, rescaled.
#[pyclass(frozen, module = "hiddenpop._core", name = "Resample")]
struct PyResample(Arc<Resample>);

#[pymethods]
impl PyResample {
    #[new]
    #[pyo3(signature = (stratum, multiplicity, rules=None))]
    fn new(
        stratum: PyReadonlyArray1<u32>,
        multiplicity: PyReadonlyArray1<u64>,
        rules: Option<Vec<(u32, f64, f64)>>,
    ) -> PyResult<Self> {
        let rule = |(draws, offset, scale)| Rule { draws, offset, scale };
        let rules: Option<Vec<Rule>> = rules.map(|all| all.into_iter().map(rule).collect());
        let design = Resample::new(slice(&stratum)?, slice(&multiplicity)?, rules.as_deref())?;
        Ok(Self(Arc::new(design)))
    }

    #[getter]
    fn by_kind(&self) -> bool {
        self.0.by_kind()
    }

    #[getter]
    fn units(&self) -> usize {
        self.0.units()
    }

    /// The factor of each unit in replicates start..stop: an array (replicates x units).
    fn factors<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        fingerprint: u128,
        start: u64,
        stop: u64,
    ) -> Bound<'py, PyArray2<f64>> {
        let (design, streams) = (&self.0, Streams::new(seed, fingerprint));
        let mut out = Array2::zeros((length(start, stop), design.units()));
        py.detach(|| {
            let mut cells = vec![0; design.most_cells()];
            for (i, mut row) in out.rows_mut().into_iter().enumerate() {
                if let Some(factors) = row.as_slice_mut() {
                    design.factors(streams.replicate(start + i as u64), &mut cells, factors);
                }
            }
        });
        out.into_pyarray(py)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let bytes = postcard::to_stdvec(&*self.0).map_err(|e| PyValueError::new_err(e.to_string()))?;
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (PyBytes::new(py, &bytes),)))
    }

    #[staticmethod]
    fn _restore(bytes: &[u8]) -> PyResult<Self> {
        let design = postcard::from_bytes(bytes).map_err(|e| PyValueError::new_err(e.to_string()))?;
        Ok(Self(Arc::new(design)))
    }
}

/// Totals of columns over the redrawn sample.
#[pyclass(frozen, module = "hiddenpop._core", name = "Totals")]
struct PyTotals(totals::Totals);

#[pymethods]
impl PyTotals {
    #[new]
    fn new(py: Python<'_>, design: &PyResample, columns: Vec<PyReadonlyArray1<f64>>) -> PyResult<Self> {
        let slices: Vec<&[f64]> = columns.iter().map(slice).collect::<PyResult<_>>()?;
        let design = Arc::clone(&design.0);
        Ok(Self(py.detach(|| totals::Totals::new(design, &slices))?))
    }

    /// The totals that no replicate changes; NaN for those that vary.
    #[getter]
    fn fixed<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let fixed: Vec<f64> = self.0.fixed().iter().map(|f| f.unwrap_or(f64::NAN)).collect();
        fixed.into_pyarray(py)
    }

    /// Totals of the varying columns in replicates start..stop: an array (columns x replicates).
    fn replicates<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        fingerprint: u128,
        start: u64,
        stop: u64,
        threads: usize,
    ) -> Bound<'py, PyArray2<f64>> {
        let mut out = Array2::zeros((self.0.varying(), length(start, stop)));
        py.detach(|| self.0.replicates(Streams::new(seed, fingerprint), start, threads, out.view_mut()));
        out.into_pyarray(py)
    }
}

/// Quantiles of columns over the redrawn sample.
#[pyclass(frozen, module = "hiddenpop._core", name = "Quantiles")]
struct PyQuantiles(quantile::Quantiles);

#[pymethods]
impl PyQuantiles {
    #[new]
    #[pyo3(signature = (design, columns, probabilities, midpoint, unit=None, weight=None))]
    fn new(
        py: Python<'_>,
        design: &PyResample,
        columns: Vec<PyReadonlyArray1<f64>>,
        probabilities: Vec<f64>,
        midpoint: bool,
        unit: Option<PyReadonlyArray1<u32>>,
        weight: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<Self> {
        let rows = match (unit, weight) {
            (Some(unit), Some(weight)) => {
                Some(Rows { unit: slice(&unit)?.to_vec(), weight: slice(&weight)?.to_vec() })
            }
            _ => None,
        };
        let slices: Vec<&[f64]> = columns.iter().map(slice).collect::<PyResult<_>>()?;
        let design = Arc::clone(&design.0);
        let rule = if midpoint { quantile::Rule::Midpoint } else { quantile::Rule::Lower };
        Ok(Self(
            py.detach(|| quantile::Quantiles::new(design, rows.as_ref(), &slices, &probabilities, rule))?,
        ))
    }

    /// Quantiles of the sample itself, where unit u stands for people[u].
    fn sample<'py>(
        &self,
        py: Python<'py>,
        people: PyReadonlyArray1<f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(self.0.sample(slice(&people)?).into_pyarray(py))
    }

    /// Quantiles in replicates start..stop: an array (labels x replicates).
    fn replicates<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        fingerprint: u128,
        start: u64,
        stop: u64,
        threads: usize,
    ) -> Bound<'py, PyArray2<f64>> {
        let mut out = Array2::zeros((self.0.labels(), length(start, stop)));
        py.detach(|| self.0.replicates(Streams::new(seed, fingerprint), start, threads, out.view_mut()));
        out.into_pyarray(py)
    }
}

/// Draws of an uncertain input in replicates start..stop.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
fn input_draws<'py>(
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
    let mut out = Array2::zeros((1, length(start, stop)));
    py.detach(|| input.replicates(Streams::new(seed, fingerprint), start, threads, out.view_mut()))?;
    Ok(out.into_pyarray(py))
}

/// Values of an uncertain input below which the given shares lie.
#[pyfunction]
fn input_quantiles<'py>(
    py: Python<'py>,
    name: &str,
    parameters: Vec<f64>,
    probabilities: Vec<f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let inverse = Input::new(name, &parameters)?.inverse()?;
    Ok(probabilities.into_iter().map(inverse).collect::<Vec<_>>().into_pyarray(py))
}

/// Quantiles of each label's draws (labels x probabilities), and how many draws were undefined.
#[pyfunction]
fn draw_quantiles<'py>(
    py: Python<'py>,
    draws: PyReadonlyArray2<f64>,
    probabilities: Vec<f64>,
    threads: usize,
) -> PyResult<(Bound<'py, PyArray2<f64>>, Vec<usize>)> {
    let view = draws.as_array();
    let rows: Vec<std::borrow::Cow<[f64]>> = view
        .rows()
        .into_iter()
        .map(|row| match row.to_slice() {
            Some(contiguous) => std::borrow::Cow::Borrowed(contiguous),
            None => std::borrow::Cow::Owned(row.to_vec()),
        })
        .collect();
    let results =
        py.detach(|| parallel::rows(rows.len(), threads, |l| interval::quantiles(&rows[l], &probabilities)));
    let mut values = Vec::with_capacity(rows.len() * probabilities.len());
    let mut undefined = Vec::with_capacity(rows.len());
    for (quantiles, count) in results {
        values.extend(quantiles);
        undefined.push(count);
    }
    let shape = (rows.len(), probabilities.len());
    let values = Array2::from_shape_vec(shape, values).map_err(|e| PyValueError::new_err(e.to_string()))?;
    Ok((values.into_pyarray(py), undefined))
}

/// The processors this process may use.
#[pyfunction]
fn available_threads() -> usize {
    parallel::available()
}

fn slice<'a, T: numpy::Element>(array: &'a PyReadonlyArray1<T>) -> PyResult<&'a [T]> {
    array.as_slice().map_err(|_| PyValueError::new_err("arrays must be contiguous"))
}

fn length(start: u64, stop: u64) -> usize {
    stop.saturating_sub(start) as usize
}

#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::{
        PyQuantiles, PyResample, PyTotals, available_threads, draw_quantiles, input_draws, input_quantiles,
    };

    #[pymodule_export]
    use super::bayes::{PyLatent, decomposable_average, decomposable_graphs, grid_draws, stored_draws};

    #[pymodule_export]
    use super::capture::{
        PyLogLinear, PyRedraw, chi_square_tails, forward_path, forward_sizes, hierarchical_models,
        sparse_path, sparse_sizes,
    };

    #[pymodule_export]
    const MOST_KINDS: usize = crate::design::resample::MOST_KINDS;

    #[pymodule_export]
    const ROWS_PER_KIND: u64 = crate::design::resample::ROWS_PER_KIND;

    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
