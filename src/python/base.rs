//! What every door uses (errors translated, arrays as slices, kernels as bytes), and the doors to what every kernel
//! uses: order statistics of draws and threads.

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::PyTypeInfo;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::{interval, parallel};

pyo3::import_exception!(hiddenpop.errors, InputError);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        InputError::new_err(error.to_string())
    }
}

pub(super) fn slice<'a, T: numpy::Element>(array: &'a PyReadonlyArray1<T>) -> PyResult<&'a [T]> {
    array.as_slice().map_err(|_| PyValueError::new_err("arrays must be contiguous"))
}

pub(super) fn pack<'py, T: Serialize + Sync>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = py.detach(|| postcard::to_stdvec(value)).map_err(|e| PyValueError::new_err(e.to_string()))?;
    Ok(PyBytes::new(py, &bytes))
}

/// How pickle makes a class again: by its `_restore`, from bytes.
pub(super) type Journey<'py> = (Bound<'py, PyAny>, (Bound<'py, PyBytes>,));

/// Send what a class holds on its journey.
pub(super) fn journey<'py, C: PyTypeInfo, T: Serialize + Sync>(
    py: Python<'py>,
    held: &T,
) -> PyResult<Journey<'py>> {
    Ok((py.get_type::<C>().getattr("_restore")?, (pack(py, held)?,)))
}

pub(super) fn unpack<T: DeserializeOwned + Send>(py: Python<'_>, bytes: &[u8]) -> PyResult<T> {
    py.detach(|| postcard::from_bytes(bytes)).map_err(|e| PyValueError::new_err(e.to_string()))
}

pub(super) fn length(start: u64, stop: u64) -> usize {
    stop.saturating_sub(start) as usize
}

/// Quantiles of each label's draws (labels x probabilities), and how many draws were undefined.
#[pyfunction]
pub(super) fn draw_quantiles<'py>(
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
pub(super) fn available_threads() -> usize {
    parallel::available()
}
