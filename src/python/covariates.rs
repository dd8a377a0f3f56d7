//! People on lists with their covariates, for Python.

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::base::{Journey, journey, released, slice, unpack, view, zeros};
use crate::capture::conditional::{Design, Fit, Fitter};
use crate::capture::people::People;
use crate::error::{Error, Result};

/// Who stands behind the histories of redrawn lists.
#[pyclass(frozen, module = "hiddenpop._core", name = "ListsPeople")]
pub(super) struct PyPeople(People);

#[pymethods]
impl PyPeople {
    /// Each kind's unit (a history in a stratum) and number of people.
    #[new]
    fn new(unit: PyReadonlyArray1<u32>, people: PyReadonlyArray1<u64>, units: usize) -> PyResult<Self> {
        Ok(Self(People::new(slice(&unit)?, slice(&people)?, units)?))
    }

    /// People of each kind (kinds x replicates) from people of each unit in replicates start, ....
    fn replicates<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        fingerprint: u128,
        start: u64,
        counts: PyReadonlyArray2<f64>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let counts = view(&counts)?;
        let mut out = zeros(self.0.kinds(), counts.ncols())?;
        released(py, || self.0.replicates((seed, fingerprint), start, &counts, threads, out.view_mut()))??;
        Ok(out.into_pyarray(py))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        journey::<Self, _>(py, &self.0)
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        Ok(Self(unpack(py, bytes, &())?))
    }
}

/// A fit as arrays: outcome, log-likelihood, coefficients, information, sizes of the groups, their
/// derivatives by the coefficients, chances of being seen.
type Parts<'py> = (
    u8,
    f64,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray1<f64>>,
);

/// Chances of being on lists that depend on covariates, fitted by conditional likelihood.
#[pyclass(frozen, module = "hiddenpop._core", name = "ConditionalFit")]
pub(super) struct PyConditional(Design);

#[pymethods]
impl PyConditional {
    /// `values` are (kinds x columns) if each list has coefficients of its own, else (kinds * lists x columns).
    #[new]
    fn new(
        lists: usize,
        own: bool,
        values: PyReadonlyArray2<f64>,
        histories: PyReadonlyArray1<u32>,
        group: PyReadonlyArray1<u32>,
        groups: usize,
    ) -> PyResult<Self> {
        let values = values.as_slice().map_err(|_| Error::Argument("arrays must be contiguous".into()))?;
        let (histories, group) = (slice(&histories)?.to_vec(), slice(&group)?.to_vec());
        let design = Design::new(lists, own, values.to_vec(), histories, group, groups)?;
        Ok(Self(design))
    }

    /// Fit by the weights of the kinds.
    fn fit<'py>(&self, py: Python<'py>, weights: PyReadonlyArray1<f64>) -> PyResult<Parts<'py>> {
        let weights = slice(&weights)?;
        let start = vec![0.0; self.0.parameters()];
        self.checked(weights.len(), start.len())?;
        let (fit, slopes, chances) = released(py, || {
            let fit = self.0.fit(weights, &start, &mut Fitter::new(&self.0));
            let slopes = self.0.derivatives(weights, &fit.beta);
            let chances = self.0.chances(&fit.beta);
            (fit, slopes, chances)
        })?;
        let Fit { outcome, beta, likelihood, information, sizes } = fit;
        let p = beta.len();
        // Only the lower triangle was filled.
        let whole = Array2::from_shape_fn((p, p), |(a, b)| information[a.max(b) * p + a.min(b)]);
        Ok((
            outcome as u8,
            likelihood,
            beta.into_pyarray(py),
            whole.into_pyarray(py),
            sizes.into_pyarray(py),
            slopes.into_pyarray(py),
            chances.into_pyarray(py),
        ))
    }

    /// Sizes (groups x replicates) of weights (kinds x replicates), beginning at some coefficients.
    fn replicates<'py>(
        &self,
        py: Python<'py>,
        weights: PyReadonlyArray2<f64>,
        start: PyReadonlyArray1<f64>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (weights, start) = (view(&weights)?, slice(&start)?);
        self.checked(weights.nrows(), start.len())?;
        let mut out = zeros(self.0.groups(), weights.ncols())?;
        released(py, || self.0.replicates(&weights, start, threads, out.view_mut()))??;
        Ok(out.into_pyarray(py))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        journey::<Self, _>(py, &self.0)
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        Ok(Self(unpack(py, bytes, &())?))
    }
}

impl PyConditional {
    fn checked(&self, kinds: usize, coefficients: usize) -> Result<()> {
        if kinds != self.0.kinds() || coefficients != self.0.parameters() {
            return Err(Error::Length { what: "weights", expected: self.0.kinds(), got: kinds });
        }
        Ok(())
    }
}
