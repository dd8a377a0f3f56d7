//! Kernels, for Python: columns in, an array (answers x replicates) out.
//!
//! Kernels of one survey share its design: pickle writes it once, and each kernel beside it in bytes. `PyO3` takes no
//! macro inside `#[pymethods]`, so the classes spell out what they have in common.

use std::sync::Arc;

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::base::{flat, length, pack, released, slice, unpack, view, zeros};
use super::design::PyDesign;
use crate::answers::column::Column;
use crate::answers::dense::Dense;
use crate::answers::quantile::{self, Rows};
use crate::answers::regression::{self, Family};
use crate::answers::{covariance, recruitment, totals};
use crate::design::{Design, Redraw};
use crate::error::Error;
use crate::stream::Streams;

/// How pickle makes a kernel again: from its design and the rest in bytes.
type Journey<'py> = (Bound<'py, PyAny>, (Py<PyDesign>, Bound<'py, PyBytes>));

/// A column as Python holds it: its values, or the units that have one, and those.
#[derive(FromPyObject)]
enum Given<'py> {
    Full(PyReadonlyArray1<'py, f64>),
    Sparse(PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, f64>),
}

impl Given<'_> {
    fn column(&self) -> PyResult<Column<'_>> {
        Ok(match self {
            Self::Full(values) => Column::Full(slice(values)?),
            Self::Sparse(units, values) => Column::Sparse { units: slice(units)?, values: slice(values)? },
        })
    }
}

/// Totals of columns over the redrawn sample.
#[pyclass(frozen, module = "hiddenpop._core", name = "Totals")]
pub(super) struct PyTotals {
    kernel: Kernel,
    /// Pickled once for all kernels that share it.
    design: Py<PyDesign>,
}

/// Resampling has a kernel that never writes its factors down.
enum Kernel {
    Gather(totals::Totals),
    Dense(Dense),
}

#[pymethods]
impl PyTotals {
    #[new]
    fn new(py: Python<'_>, design: Py<PyDesign>, columns: Vec<Given>) -> PyResult<Self> {
        let columns: Vec<Column> = columns.iter().map(Given::column).collect::<PyResult<_>>()?;
        let shared = Arc::clone(&design.get().0);
        let kernel = released(py, || {
            Ok::<_, Error>(match &*shared {
                Design::Resample(resample) => {
                    Kernel::Gather(totals::Totals::of(Arc::clone(resample), &columns)?)
                }
                _ => Kernel::Dense(Dense::of(shared, &columns)?),
            })
        })??;
        Ok(Self { kernel, design })
    }

    /// The totals that no replicate changes; NaN for those that vary.
    #[getter]
    fn fixed<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let fixed: Vec<f64> = match &self.kernel {
            Kernel::Gather(totals) => totals.fixed().iter().map(|f| f.unwrap_or(f64::NAN)).collect(),
            Kernel::Dense(dense) => vec![f64::NAN; dense.columns()],
        };
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
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let streams = Streams::new(seed, fingerprint);
        let columns = match &self.kernel {
            Kernel::Gather(totals) => totals.varying(),
            Kernel::Dense(dense) => dense.columns(),
        };
        let mut out = zeros(columns, length(start, stop)?)?;
        released(py, || match &self.kernel {
            Kernel::Gather(totals) => totals.replicates(streams, start, threads, out.view_mut()),
            Kernel::Dense(dense) => dense.replicates(streams, start, threads, out.view_mut()),
        })?;
        Ok(out.into_pyarray(py))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        let restore = py.get_type::<Self>().getattr("_restore")?;
        let bytes = match &self.kernel {
            Kernel::Gather(totals) => pack(py, totals)?,
            Kernel::Dense(dense) => pack(py, dense)?,
        };
        Ok((restore, (self.design.clone_ref(py), bytes)))
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, design: Py<PyDesign>, bytes: &[u8]) -> PyResult<Self> {
        let kernel = match &*design.get().0 {
            Design::Resample(resample) => Kernel::Gather(unpack(py, bytes, resample)?),
            _ => Kernel::Dense(unpack(py, bytes, &design.get().0)?),
        };
        Ok(Self { kernel, design })
    }
}

/// Who recruits whom in the redrawn sample.
#[pyclass(frozen, module = "hiddenpop._core", name = "Recruitment")]
pub(super) struct PyRecruitment {
    kernel: recruitment::Recruitment,
    /// Pickled once for all kernels that share it.
    design: Py<PyDesign>,
}

#[pymethods]
impl PyRecruitment {
    #[new]
    #[pyo3(signature = (design, category, categories, values=None))]
    fn new(
        py: Python<'_>,
        design: Py<PyDesign>,
        category: PyReadonlyArray1<u8>,
        categories: usize,
        values: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<Self> {
        let shared = Arc::clone(&design.get().0);
        let category = slice(&category)?.to_vec();
        let values = values.as_ref().map(|v| slice(v).map(<[f64]>::to_vec)).transpose()?;
        let made = released(py, || recruitment::Recruitment::new(&shared, category, values, categories))??;
        Ok(Self { kernel: made, design })
    }

    /// Transitions row by row, then participants, then sums of inverse degrees by category, in replicates start..stop: an array
    /// (numbers x replicates).
    fn transitions<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        fingerprint: u128,
        start: u64,
        stop: u64,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let streams = Streams::new(seed, fingerprint);
        let mut out = zeros(self.kernel.totals(), length(start, stop)?)?;
        released(py, || self.kernel.transitions(streams, start, threads, out.view_mut()))?;
        Ok(out.into_pyarray(py))
    }

    /// By the homophily configuration graph a share for each category, and the mean of `values`, in replicates start..stop: an array
    /// (answers x replicates).
    fn graphs<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        fingerprint: u128,
        start: u64,
        stop: u64,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let streams = Streams::new(seed, fingerprint);
        let mut out = zeros(self.kernel.answers(), length(start, stop)?)?;
        released(py, || self.kernel.graphs(streams, start, threads, out.view_mut()))?;
        Ok(out.into_pyarray(py))
    }

    /// What the graph says where participants count so often (sets x participants), in a population of so many (0: without end).
    fn graph<'py>(
        &self,
        py: Python<'py>,
        factors: PyReadonlyArray2<f64>,
        population: f64,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (factors, units) = (view(&factors)?, self.design.get().0.units());
        if factors.ncols() != units {
            return Err(Error::Length { what: "factors", expected: units, got: factors.ncols() }.into());
        }
        let mut out = zeros(self.kernel.answers(), factors.nrows())?;
        released(py, || self.kernel.of(&factors, population, threads, out.view_mut()))?;
        Ok(out.into_pyarray(py))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (self.design.clone_ref(py), pack(py, &self.kernel)?)))
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, design: Py<PyDesign>, bytes: &[u8]) -> PyResult<Self> {
        let kernel = unpack(py, bytes, &design.get().0)?;
        Ok(Self { kernel, design })
    }
}

/// Totals of columns over the redrawn sample, with their linearised covariances.
#[pyclass(frozen, module = "hiddenpop._core", name = "Covariance")]
pub(super) struct PyCovariance(covariance::Covariance);

#[pymethods]
impl PyCovariance {
    #[new]
    fn new(
        py: Python<'_>,
        design: &PyDesign,
        columns: Vec<Given>,
        pairs: Vec<(usize, usize)>,
    ) -> PyResult<Self> {
        let columns: Vec<Column> = columns.iter().map(Given::column).collect::<PyResult<_>>()?;
        let Design::Resample(design) = &*design.0 else {
            return Err(PyValueError::new_err("only resampled units have covariances in a replicate"));
        };
        let design = Arc::clone(design);
        Ok(Self(released(py, || covariance::Covariance::of(design, &columns, &pairs))??))
    }

    /// Totals, then covariances of the pairs, in replicates start..stop: an array (columns and pairs x replicates).
    fn replicates<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        fingerprint: u128,
        start: u64,
        stop: u64,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let mut out = zeros(self.0.rows(), length(start, stop)?)?;
        released(py, || self.0.replicates(Streams::new(seed, fingerprint), start, threads, out.view_mut()))?;
        Ok(out.into_pyarray(py))
    }
}

/// Quantiles of columns over the redrawn sample.
#[pyclass(frozen, module = "hiddenpop._core", name = "Quantiles")]
pub(super) struct PyQuantiles {
    kernel: quantile::Quantiles,
    /// Pickled once for all kernels that share it.
    design: Py<PyDesign>,
}

#[pymethods]
impl PyQuantiles {
    #[new]
    #[pyo3(signature = (design, columns, probabilities, midpoint, unit=None, weight=None))]
    fn new(
        py: Python<'_>,
        design: Py<PyDesign>,
        columns: Vec<Given>,
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
        let columns: Vec<Column> = columns.iter().map(Given::column).collect::<PyResult<_>>()?;
        let shared = Arc::clone(&design.get().0);
        let rule = if midpoint { quantile::Rule::Midpoint } else { quantile::Rule::Lower };
        let kernel =
            released(py, || quantile::Quantiles::of(shared, rows.as_ref(), &columns, &probabilities, rule))??;
        Ok(Self { kernel, design })
    }

    /// Quantiles of the sample itself, where unit u stands for people[u].
    fn sample<'py>(
        &self,
        py: Python<'py>,
        people: PyReadonlyArray1<f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let people = slice(&people)?;
        Ok(released(py, || self.kernel.sample(people))??.into_pyarray(py))
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
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let mut out = zeros(self.kernel.labels(), length(start, stop)?)?;
        released(py, || {
            self.kernel.replicates(Streams::new(seed, fingerprint), start, threads, out.view_mut());
        })?;
        Ok(out.into_pyarray(py))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (self.design.clone_ref(py), pack(py, &self.kernel)?)))
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, design: Py<PyDesign>, bytes: &[u8]) -> PyResult<Self> {
        Ok(Self { kernel: unpack(py, bytes, &design.get().0)?, design })
    }
}

/// A generalised linear model, fitted in every redrawn sample.
#[pyclass(frozen, module = "hiddenpop._core", name = "Regression")]
pub(super) struct PyRegression {
    kernel: regression::Regression,
    /// Pickled once for all kernels that share it.
    design: Py<PyDesign>,
}

#[pymethods]
impl PyRegression {
    #[new]
    #[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
    fn new(
        py: Python<'_>,
        design: Py<PyDesign>,
        family: &str,
        x: PyReadonlyArray2<f64>,
        y: PyReadonlyArray1<f64>,
        offset: PyReadonlyArray1<f64>,
        unit: PyReadonlyArray1<u32>,
        weight: PyReadonlyArray1<f64>,
        start: PyReadonlyArray1<f64>,
        targets: Vec<PyReadonlyArray2<f64>>,
    ) -> PyResult<Self> {
        let rows = regression::Rows {
            unit: slice(&unit)?.to_vec(),
            weight: slice(&weight)?.to_vec(),
            y: slice(&y)?.to_vec(),
            offset: slice(&offset)?.to_vec(),
            x: flat(&x)?,
        };
        let (start, targets) = (slice(&start)?.to_vec(), targets.iter().map(flat).collect::<PyResult<_>>()?);
        let (family, shared) = (Family::new(family)?, Arc::clone(&design.get().0));
        let kernel = released(py, || regression::Regression::new(shared, family, rows, start, targets))??;
        Ok(Self { kernel, design })
    }

    /// Coefficients (or means at the targets) for given weights (sets x rows): an array (answers x sets), NaN where
    /// there is no answer.
    fn fits<'py>(
        &self,
        py: Python<'py>,
        weights: PyReadonlyArray2<f64>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let weights = view(&weights)?;
        if weights.ncols() != self.kernel.rows() {
            return Err(PyValueError::new_err("weights must hold one value a row"));
        }
        let mut out = zeros(self.kernel.answers(), weights.nrows())?;
        released(py, || self.kernel.fits(&weights, threads, out.view_mut()))?;
        Ok(out.into_pyarray(py))
    }

    /// The same in replicates start..stop: an array (answers x replicates).
    fn replicates<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        fingerprint: u128,
        start: u64,
        stop: u64,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let mut out = zeros(self.kernel.answers(), length(start, stop)?)?;
        released(py, || {
            self.kernel.replicates(Streams::new(seed, fingerprint), start, threads, out.view_mut());
        })?;
        Ok(out.into_pyarray(py))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (self.design.clone_ref(py), pack(py, &self.kernel)?)))
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, design: Py<PyDesign>, bytes: &[u8]) -> PyResult<Self> {
        Ok(Self { kernel: unpack(py, bytes, &design.get().0)?, design })
    }
}
