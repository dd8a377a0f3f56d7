//! What every door uses (errors translated, arrays as slices, kernels as bytes), and the doors to what every kernel
//! uses: order statistics of draws and threads.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ndarray::{Array2, ArrayView2};
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::PyTypeInfo;
use pyo3::exceptions::{PyMemoryError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::Error;
use crate::travel::{self, Travels};
use crate::{interval, parallel, stop};

pyo3::import_exception!(hiddenpop.errors, InputError);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        InputError::new_err(error.to_string())
    }
}

pub(super) fn slice<'a, T: numpy::Element>(array: &'a PyReadonlyArray1<T>) -> PyResult<&'a [T]> {
    array.as_slice().map_err(|_| PyValueError::new_err("arrays must be contiguous"))
}

/// Numbers that an array may hold: 8 GiB of them, as many as draws of one estimate (`draws/ranges.py`).
const MOST_NUMBERS: usize = 1 << 30;
/// Rows or columns of an array that holds nothing.
const MOST_EMPTY: usize = 1 << 20;

/// Refuse an array that could not be held.
fn check_size(rows: usize, columns: usize) -> PyResult<()> {
    let numbers = rows
        .checked_mul(columns)
        .filter(|&n| n <= MOST_NUMBERS && (n > 0 || rows.max(columns) <= MOST_EMPTY));
    match numbers {
        Some(_) => Ok(()),
        None => Err(PyMemoryError::new_err(format!("an array of {rows} x {columns} numbers is too large"))),
    }
}

/// An array to be filled.
pub(super) fn zeros(rows: usize, columns: usize) -> PyResult<Array2<f64>> {
    check_size(rows, columns)?;
    // Refused here it is an exception; in the allocation itself it would end the process.
    Vec::<f64>::new()
        .try_reserve_exact(rows * columns)
        .map_err(|_| PyMemoryError::new_err(format!("no memory for {rows} x {columns} numbers")))?;
    Ok(Array2::zeros((rows, columns)))
}

/// An array of Python's; some claim a size that nothing stands behind.
pub(super) fn view<'a>(array: &'a PyReadonlyArray2<f64>) -> PyResult<ArrayView2<'a, f64>> {
    let view = array.as_array();
    check_size(view.nrows(), view.ncols())?;
    Ok(view)
}

/// All of its numbers, row after row.
pub(super) fn flat(array: &PyReadonlyArray2<f64>) -> PyResult<Vec<f64>> {
    Ok(view(array)?.iter().copied().collect())
}

/// How many replicates a range holds.
pub(super) fn length(start: u64, stop: u64) -> PyResult<usize> {
    let length = stop.checked_sub(start).and_then(|length| usize::try_from(length).ok());
    length.ok_or_else(|| PyValueError::new_err(format!("replicates {start} to {stop} are no range")))
}

thread_local! {
    /// What a signal's handler raised while this thread worked without Python.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Let Python handle its signals; true when a handler raised, as that of Ctrl-C does.
fn interrupted() -> bool {
    let raised = Python::try_attach(|py| py.check_signals().err()).flatten();
    let stop = raised.is_some();
    if stop {
        RAISED.set(raised);
    }
    stop
}

/// Work without Python's lock, until it is done or Ctrl-C is pressed. A panic, which would be a mistake of ours, is an exception.
pub(super) fn released<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    let found = py.detach(|| catch_unwind(AssertUnwindSafe(|| stop::watched(interrupted, work))));
    match found {
        Ok(Some(done)) => Ok(done),
        Ok(None) => Err(RAISED.take().unwrap_or_else(|| Error::Stopped.into())),
        Err(panic) => {
            let said = panic.downcast_ref::<&str>().map(ToString::to_string);
            let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Err(PyRuntimeError::new_err(format!("hiddenpop's core made a mistake, please report it: {said}")))
        }
    }
}

/// How pickle makes a class again: by its `_restore`, from bytes.
pub(super) type Journey<'py> = (Bound<'py, PyAny>, (Bound<'py, PyBytes>,));

/// Something in bytes.
pub(super) fn pack<'py, T: Travels + Sync>(py: Python<'py>, held: &T) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = released(py, || travel::pack(held))??;
    Ok(PyBytes::new(py, &bytes))
}

/// Send what a class holds on its journey.
pub(super) fn journey<'py, C: PyTypeInfo, T: Travels + Sync>(
    py: Python<'py>,
    held: &T,
) -> PyResult<Journey<'py>> {
    Ok((py.get_type::<C>().getattr("_restore")?, (pack(py, held)?,)))
}

/// Make it again from bytes, and from what came beside them.
pub(super) fn unpack<T: Travels + Send>(py: Python<'_>, bytes: &[u8], beside: &T::Beside) -> PyResult<T>
where
    T::Beside: Sync,
{
    Ok(released(py, || travel::unpack(bytes, beside))??)
}

/// Quantiles of each label's draws (labels x probabilities), and how many draws were undefined.
#[pyfunction]
pub(super) fn draw_quantiles<'py>(
    py: Python<'py>,
    draws: PyReadonlyArray2<f64>,
    probabilities: Vec<f64>,
    threads: usize,
) -> PyResult<(Bound<'py, PyArray2<f64>>, Vec<usize>)> {
    let view = view(&draws)?;
    check_size(view.nrows(), probabilities.len())?;
    let rows: Vec<std::borrow::Cow<[f64]>> = view
        .rows()
        .into_iter()
        .map(|row| match row.to_slice() {
            Some(contiguous) => std::borrow::Cow::Borrowed(contiguous),
            None => std::borrow::Cow::Owned(row.to_vec()),
        })
        .collect();
    let results = released(py, || {
        parallel::rows(rows.len(), threads, |l| interval::quantiles(&rows[l], &probabilities))
    })??;
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
