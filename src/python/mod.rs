//! The only door to Python: arrays in, arrays out, errors translated, the GIL released.

#![allow(clippy::needless_pass_by_value)] // PyO3 hands arguments over by value

mod bayes;
mod capture;
mod counts;
mod covariates;

use std::sync::Arc;

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::answers::dense::Dense;
use crate::answers::quantile::{self, Rows};
use crate::answers::regression::{self, Family};
use crate::answers::{covariance, totals};
use crate::design::calibrated::{self, Distance};
use crate::design::resample::Rule;
use crate::design::{Calibrated, Design, Dirichlet, Nested, Redraw, Resample};
use crate::error::Error;
use crate::sources::input::Input;
use crate::stream::Streams;
use crate::{interval, parallel};

pyo3::import_exception!(hiddenpop.errors, InputError);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        InputError::new_err(error.to_string())
    }
}

/// How a sample is redrawn.
#[pyclass(frozen, module = "hiddenpop._core", name = "Design")]
struct PyDesign(Arc<Design>);

#[pymethods]
impl PyDesign {
    /// Units are redrawn with replacement within strata: as many as there were or, by `rules` (draws, offset
    /// and scale for each stratum), rescaled.
    #[staticmethod]
    #[pyo3(signature = (stratum, multiplicity, rules=None))]
    fn resample(
        stratum: PyReadonlyArray1<u32>,
        multiplicity: PyReadonlyArray1<u64>,
        rules: Option<Vec<(u32, f64, f64)>>,
    ) -> PyResult<Self> {
        let design = resample(&stratum, slice(&multiplicity)?, rules)?;
        Ok(Self(Arc::new(Design::Resample(Arc::new(design)))))
    }

    /// The Bayesian bootstrap, with a concentration for each stratum.
    #[staticmethod]
    fn dirichlet(
        stratum: PyReadonlyArray1<u32>,
        people: PyReadonlyArray1<f64>,
        alpha: PyReadonlyArray1<f64>,
    ) -> PyResult<Self> {
        let design = Dirichlet::new(slice(&stratum)?, slice(&people)?, slice(&alpha)?)?;
        Ok(Self(Arc::new(Design::Dirichlet(design))))
    }

    /// Several stages: each with the stratum or parent of every unit, and a rule for each of those.
    #[staticmethod]
    #[allow(clippy::type_complexity)] // lists of pairs, as Python gives them
    fn nested(stages: Vec<(PyReadonlyArray1<u32>, Vec<(u32, f64, f64)>)>) -> PyResult<Self> {
        let mut designs = vec![];
        for (above, rules) in stages {
            let ones = vec![1; above.len()?];
            designs.push((slice(&above)?.to_vec(), resample(&above, &ones, Some(rules))?));
        }
        let mut designs = designs.into_iter();
        let (_, first) = designs.next().ok_or_else(|| PyValueError::new_err("no stage is given"))?;
        Ok(Self(Arc::new(Design::Nested(Nested::new(first, designs.collect())?))))
    }

    /// This design, its weights calibrated again in every replicate; units are then rows.
    #[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
    fn calibrated(
        &self,
        unit: PyReadonlyArray1<u32>,
        weight: PyReadonlyArray1<f64>,
        cell: PyReadonlyArray1<u32>,
        x: PyReadonlyArray2<f64>,
        totals: PyReadonlyArray1<f64>,
        drawn: PyReadonlyArray2<f64>,
        distance: &str,
        low: f64,
        high: f64,
    ) -> PyResult<Self> {
        let rows = calibrated::Rows {
            unit: slice(&unit)?.to_vec(),
            weight: slice(&weight)?.to_vec(),
            cell: slice(&cell)?.to_vec(),
        };
        let distance = match distance {
            "raking" => Distance::Raking,
            "logit" => Distance::Logit { low, high },
            _ => Distance::Linear { low, high },
        };
        let (x, drawn) = (x.as_array().iter().copied().collect(), drawn.as_array().iter().copied().collect());
        let base = (*self.0).clone();
        let design = Calibrated::new(base, rows, x, slice(&totals)?.to_vec(), drawn, distance)?;
        Ok(Self(Arc::new(Design::Calibrated(Box::new(design)))))
    }

    /// Calibrated weights of the rows, given factors of the base design's units: (sets x rows), NaN where the
    /// totals can't be met; and for each set the auxiliary that is furthest from its total, or None.
    #[allow(clippy::type_complexity)] // two arrays, as Python takes them
    fn calibrate<'py>(
        &self,
        py: Python<'py>,
        factors: PyReadonlyArray2<f64>,
    ) -> PyResult<(Bound<'py, PyArray2<f64>>, Vec<Option<usize>>)> {
        let Design::Calibrated(design) = &*self.0 else {
            return Err(PyValueError::new_err("this design is not calibrated"));
        };
        let factors = factors.as_array();
        let mut out = Array2::zeros((factors.nrows(), design.units()));
        let mut failed = vec![None; factors.nrows()];
        py.detach(|| {
            for ((factors, mut out), failed) in
                factors.rows().into_iter().zip(out.rows_mut()).zip(&mut failed)
            {
                let Some(weights) = out.as_slice_mut() else { continue };
                if let Err(auxiliary) = design.weights(&factors.to_vec(), weights) {
                    weights.fill(f64::NAN);
                    *failed = Some(auxiliary);
                }
            }
        });
        Ok((out.into_pyarray(py), failed))
    }

    /// Whether replicates redraw units as they are, at one stage.
    #[getter]
    fn resamples(&self) -> bool {
        matches!(&*self.0, Design::Resample(_))
    }

    /// Whether replicates draw counts of kinds of identical people.
    #[getter]
    fn by_kind(&self) -> bool {
        matches!(&*self.0, Design::Resample(design) if design.by_kind())
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
            for (replicate, mut row) in (start..stop).zip(out.rows_mut()) {
                if let Some(factors) = row.as_slice_mut() {
                    design.factors(streams, replicate, factors);
                }
            }
        });
        out.into_pyarray(py)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((py.get_type::<Self>().getattr("_restore")?, (pack(py, &*self.0)?,)))
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        Ok(Self(Arc::new(unpack(py, bytes)?)))
    }
}

fn resample(
    stratum: &PyReadonlyArray1<u32>,
    multiplicity: &[u64],
    rules: Option<Vec<(u32, f64, f64)>>,
) -> PyResult<Resample> {
    let rule = |(draws, offset, scale)| Rule { draws, offset, scale };
    let rules: Option<Vec<Rule>> = rules.map(|all| all.into_iter().map(rule).collect());
    Ok(Resample::new(slice(stratum)?, multiplicity, rules.as_deref())?)
}

/// Totals of columns over the redrawn sample.
#[pyclass(frozen, module = "hiddenpop._core", name = "Totals")]
struct PyTotals {
    kernel: Kernel,
    /// Pickled once for all kernels that share it.
    design: Py<PyDesign>,
}

/// Resampling has a kernel that never writes its factors down.
#[derive(Serialize, Deserialize)]
enum Kernel {
    Gather(totals::Totals),
    Dense(Dense),
}

#[pymethods]
impl PyTotals {
    #[new]
    fn new(py: Python<'_>, design: Py<PyDesign>, columns: Vec<PyReadonlyArray1<f64>>) -> PyResult<Self> {
        let slices: Vec<&[f64]> = columns.iter().map(slice).collect::<PyResult<_>>()?;
        let shared = Arc::clone(&design.get().0);
        let kernel = py.detach(|| {
            Ok::<_, Error>(match &*shared {
                Design::Resample(resample) => {
                    Kernel::Gather(totals::Totals::new(Arc::clone(resample), &slices)?)
                }
                _ => Kernel::Dense(Dense::new(shared, &slices)?),
            })
        })?;
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
    ) -> Bound<'py, PyArray2<f64>> {
        let streams = Streams::new(seed, fingerprint);
        let columns = match &self.kernel {
            Kernel::Gather(totals) => totals.varying(),
            Kernel::Dense(dense) => dense.columns(),
        };
        let mut out = Array2::zeros((columns, length(start, stop)));
        py.detach(|| match &self.kernel {
            Kernel::Gather(totals) => totals.replicates(streams, start, threads, out.view_mut()),
            Kernel::Dense(dense) => dense.replicates(streams, start, threads, out.view_mut()),
        });
        out.into_pyarray(py)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (self.design.clone_ref(py), pack(py, &self.kernel)?)))
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, design: Py<PyDesign>, bytes: &[u8]) -> PyResult<Self> {
        let shared = Arc::clone(&design.get().0);
        let kernel = match (unpack(py, bytes)?, &*shared) {
            (Kernel::Gather(kernel), Design::Resample(resample)) => {
                Kernel::Gather(kernel.with_design(Arc::clone(resample)))
            }
            (Kernel::Dense(kernel), _) => Kernel::Dense(kernel.with_design(shared)),
            _ => return Err(PyValueError::new_err("these columns were laid out for another design")),
        };
        Ok(Self { kernel, design })
    }
}

/// Totals of columns over the redrawn sample, with their linearised covariances.
#[pyclass(frozen, module = "hiddenpop._core", name = "Covariance")]
struct PyCovariance(covariance::Covariance);

#[pymethods]
impl PyCovariance {
    #[new]
    fn new(
        py: Python<'_>,
        design: &PyDesign,
        columns: Vec<PyReadonlyArray1<f64>>,
        pairs: Vec<(usize, usize)>,
    ) -> PyResult<Self> {
        let slices: Vec<&[f64]> = columns.iter().map(slice).collect::<PyResult<_>>()?;
        let Design::Resample(design) = &*design.0 else {
            return Err(PyValueError::new_err("only resampled units have covariances in a replicate"));
        };
        let design = Arc::clone(design);
        Ok(Self(py.detach(|| covariance::Covariance::new(design, &slices, &pairs))?))
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
    ) -> Bound<'py, PyArray2<f64>> {
        let mut out = Array2::zeros((self.0.rows(), length(start, stop)));
        py.detach(|| self.0.replicates(Streams::new(seed, fingerprint), start, threads, out.view_mut()));
        out.into_pyarray(py)
    }
}

/// Quantiles of columns over the redrawn sample.
#[pyclass(frozen, module = "hiddenpop._core", name = "Quantiles")]
struct PyQuantiles {
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
        let shared = Arc::clone(&design.get().0);
        let rule = if midpoint { quantile::Rule::Midpoint } else { quantile::Rule::Lower };
        let kernel =
            py.detach(|| quantile::Quantiles::new(shared, rows.as_ref(), &slices, &probabilities, rule))?;
        Ok(Self { kernel, design })
    }

    /// Quantiles of the sample itself, where unit u stands for people[u].
    fn sample<'py>(
        &self,
        py: Python<'py>,
        people: PyReadonlyArray1<f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(self.kernel.sample(slice(&people)?).into_pyarray(py))
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
        let mut out = Array2::zeros((self.kernel.labels(), length(start, stop)));
        py.detach(|| self.kernel.replicates(Streams::new(seed, fingerprint), start, threads, out.view_mut()));
        out.into_pyarray(py)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (self.design.clone_ref(py), pack(py, &self.kernel)?)))
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, design: Py<PyDesign>, bytes: &[u8]) -> PyResult<Self> {
        let kernel: quantile::Quantiles = unpack(py, bytes)?;
        Ok(Self { kernel: kernel.with_design(Arc::clone(&design.get().0)), design })
    }
}

/// A generalised linear model, fitted in every redrawn sample.
#[pyclass(frozen, module = "hiddenpop._core", name = "Regression")]
struct PyRegression {
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
        let flat = |x: &PyReadonlyArray2<f64>| x.as_array().iter().copied().collect::<Vec<f64>>();
        let rows = regression::Rows {
            unit: slice(&unit)?.to_vec(),
            weight: slice(&weight)?.to_vec(),
            y: slice(&y)?.to_vec(),
            offset: slice(&offset)?.to_vec(),
            x: flat(&x),
        };
        let (start, targets) = (slice(&start)?.to_vec(), targets.iter().map(flat).collect());
        let (family, shared) = (Family::new(family)?, Arc::clone(&design.get().0));
        let kernel = py.detach(|| regression::Regression::new(shared, family, rows, start, targets))?;
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
        let weights = weights.as_array();
        if weights.ncols() != self.kernel.rows() {
            return Err(PyValueError::new_err("weights must hold one value a row"));
        }
        let mut out = Array2::zeros((self.kernel.answers(), weights.nrows()));
        py.detach(|| self.kernel.fits(&weights, threads, out.view_mut()));
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
    ) -> Bound<'py, PyArray2<f64>> {
        let mut out = Array2::zeros((self.kernel.answers(), length(start, stop)));
        py.detach(|| self.kernel.replicates(Streams::new(seed, fingerprint), start, threads, out.view_mut()));
        out.into_pyarray(py)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (self.design.clone_ref(py), pack(py, &self.kernel)?)))
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, design: Py<PyDesign>, bytes: &[u8]) -> PyResult<Self> {
        let kernel: regression::Regression = unpack(py, bytes)?;
        Ok(Self { kernel: kernel.with_design(Arc::clone(&design.get().0)), design })
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

/// How pickle makes a kernel again: from its design and the rest in bytes.
type Journey<'py> = (Bound<'py, PyAny>, (Py<PyDesign>, Bound<'py, PyBytes>));

fn pack<'py, T: Serialize + Sync>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = py.detach(|| postcard::to_stdvec(value)).map_err(|e| PyValueError::new_err(e.to_string()))?;
    Ok(PyBytes::new(py, &bytes))
}

fn unpack<T: DeserializeOwned + Send>(py: Python<'_>, bytes: &[u8]) -> PyResult<T> {
    py.detach(|| postcard::from_bytes(bytes)).map_err(|e| PyValueError::new_err(e.to_string()))
}

fn length(start: u64, stop: u64) -> usize {
    stop.saturating_sub(start) as usize
}

#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::{
        PyCovariance, PyDesign, PyQuantiles, PyRegression, PyTotals, available_threads, draw_quantiles,
        input_draws, input_quantiles,
    };

    #[pymodule_export]
    use super::bayes::{PyLatent, decomposable_average, decomposable_graphs, grid_draws, stored_draws};

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
    const MOST_KINDS: usize = crate::design::resample::MOST_KINDS;

    #[pymodule_export]
    const ROWS_PER_KIND: u64 = crate::design::resample::ROWS_PER_KIND;

    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
