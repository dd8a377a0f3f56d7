//! The door of one-register models.

use nalgebra::{DMatrix, DVector};
use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::base::{Journey, journey, length, released, slice, unpack, view, zeros};
use crate::counts::redraw::{Redraw, Scheme};
use crate::counts::size::Parts;
use crate::counts::{Family, Fit, Model, Register, Status};
use crate::error::Error;
use crate::stream::Streams;

/// A model of the counts of one register.
#[pyclass(frozen, module = "hiddenpop._core", name = "CountModel")]
pub struct PyCountModel(Register);

/// A fitted model of counts.
#[pyclass(frozen, module = "hiddenpop._core", name = "CountFit")]
pub struct PyCountFit(Fit);

#[pymethods]
impl PyCountModel {
    /// `designs` has for each parameter an array (rows x coefficients); `row`, `count` and `people` describe cells.
    #[new]
    fn new(
        family: &str,
        designs: Vec<PyReadonlyArray2<f64>>,
        row: PyReadonlyArray1<u32>,
        count: PyReadonlyArray1<u32>,
        people: PyReadonlyArray1<f64>,
    ) -> PyResult<Self> {
        let designs = designs
            .iter()
            .map(|d| {
                let view = view(d)?;
                Ok(DMatrix::from_fn(view.nrows(), view.ncols(), |i, j| view[(i, j)]))
            })
            .collect::<PyResult<_>>()?;
        let model = Model::new(Family::named(family)?, designs, slice(&row)?, slice(&count)?)?;
        Ok(Self(Register::new(model, slice(&people)?.to_vec())?))
    }

    /// The maximum likelihood fit.
    fn fit(&self, py: Python<'_>) -> PyResult<PyCountFit> {
        Ok(PyCountFit(released(py, || self.0.model.fit(&self.0.people))?))
    }

    /// The size of each part, and their covariance (None where the information is singular).
    #[allow(clippy::type_complexity)] // two arrays
    fn sizes<'py>(
        &self,
        py: Python<'py>,
        fit: &PyCountFit,
        parts: PyReadonlyArray1<u32>,
        number: usize,
    ) -> PyResult<(Bound<'py, PyArray1<f64>>, Option<Bound<'py, PyArray2<f64>>>)> {
        let (fit, parts) = (self.of_this(fit)?, self.parts(&parts, number)?);
        let (sizes, covariance) = released(py, || {
            let mut sizes = vec![0.0; number];
            self.0.model.fitted_sizes(fit, &self.0.people, &parts, &mut sizes);
            (sizes, self.0.model.covariance(fit, &self.0.people, &parts))
        })?;
        Ok((sizes.into_pyarray(py), covariance.map(|all| matrix(py, &all))))
    }

    /// What each person of a cell adds to the slope of the log-likelihood (cells x coefficients).
    fn scores<'py>(&self, py: Python<'py>, fit: &PyCountFit) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let fit = self.of_this(fit)?;
        Ok(matrix(py, &released(py, || self.0.model.scores(&fit.coefficients))?))
    }

    /// How the parts' sizes move with the coefficients (parts x coefficients), and their variance from who is seen.
    #[allow(clippy::type_complexity)] // two arrays
    fn slopes<'py>(
        &self,
        py: Python<'py>,
        fit: &PyCountFit,
        parts: PyReadonlyArray1<u32>,
        number: usize,
    ) -> PyResult<(Bound<'py, PyArray2<f64>>, Bound<'py, PyArray1<f64>>)> {
        let (fit, parts) = (self.of_this(fit)?, self.parts(&parts, number)?);
        let (slopes, luck) = released(py, || self.0.model.slopes(fit, &self.0.people, &parts))?;
        Ok((matrix(py, &slopes), vector(py, &luck)))
    }

    /// Expected numbers of people seen once, twice, ..., `most` times.
    fn frequencies<'py>(
        &self,
        py: Python<'py>,
        fit: &PyCountFit,
        most: u32,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let fit = self.of_this(fit)?;
        if most > MOST_SIGHTINGS {
            return Err(Error::Argument(format!("{most} is more than anybody was seen")).into());
        }
        let found = released(py, || self.0.model.frequencies(&fit.coefficients, &self.0.people, most))?;
        Ok(found.into_pyarray(py))
    }

    /// The number of cells.
    #[getter]
    fn cells(&self) -> usize {
        self.0.model.cells()
    }

    /// Coefficients (cells x coefficients) and sizes (cells x parts) without one person of each cell.
    #[allow(clippy::type_complexity)] // two arrays
    fn without_each<'py>(
        &self,
        py: Python<'py>,
        fit: &PyCountFit,
        parts: PyReadonlyArray1<u32>,
        number: usize,
        threads: usize,
    ) -> PyResult<(Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>)> {
        let (fit, parts) = (self.of_this(fit)?, self.parts(&parts, number)?);
        let (cells, most) = (self.0.model.cells(), self.0.model.coefficients().max(number));
        zeros(cells, most)?; // refused before the work
        let found = released(py, || self.0.model.without_each(fit, &self.0.people, &parts, threads))??;
        let shape = (found.len(), self.0.model.coefficients());
        let coefficients = Array2::from_shape_fn(shape, |(i, j)| found[i].0[j]);
        let sizes = Array2::from_shape_fn((found.len(), number), |(i, j)| found[i].1[j]);
        Ok((coefficients.into_pyarray(py), sizes.into_pyarray(py)))
    }

    /// Score and statistic of the test of one-inflation.
    fn inflation(&self, py: Python<'_>, fit: &PyCountFit) -> PyResult<Option<(f64, f64)>> {
        let fit = self.of_this(fit)?;
        let found = released(py, || self.0.model.inflation(fit, &self.0.people))?;
        Ok(found.map(|test| (test.score, test.statistic)))
    }

    /// Sizes in replicates start..stop (parts x replicates), and below them how each fit ended.
    #[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
    fn replicates<'py>(
        &self,
        py: Python<'py>,
        fit: &PyCountFit,
        person: PyReadonlyArray1<u32>,
        parts: PyReadonlyArray1<u32>,
        number: usize,
        scheme: &str,
        seed: u64,
        fingerprint: u128,
        start: u64,
        stop: u64,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (fit, parts) = (self.of_this(fit)?, self.parts(&parts, number)?);
        let (person, scheme) = (slice(&person)?, Scheme::named(scheme)?);
        let mut out = zeros(number + 1, length(start, stop)?)?;
        let streams = Streams::new(seed, fingerprint);
        released(py, || {
            let redraw = Redraw::new(&self.0.model, person, fit, &self.0.people, scheme)?;
            redraw.replicates(&parts, streams, start, threads, out.view_mut());
            Ok::<_, Error>(())
        })??;
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

/// Parts of a population, whose sizes have a covariance each with each.
const MOST_PARTS: usize = 8192;
/// Sightings that are counted one by one.
const MOST_SIGHTINGS: u32 = 1_000_000;

impl PyCountModel {
    /// A fit of this model, or of another that can't be told from it.
    fn of_this<'a>(&self, fit: &'a PyCountFit) -> PyResult<&'a Fit> {
        let (expected, got) = (self.0.model.coefficients(), fit.0.coefficients.len());
        if got != expected {
            return Err(Error::Length { what: "a fit", expected, got }.into());
        }
        Ok(&fit.0)
    }

    fn parts<'a>(&self, of: &'a PyReadonlyArray1<u32>, number: usize) -> PyResult<Parts<'a>> {
        let of = slice(of)?;
        if number > MOST_PARTS {
            return Err(Error::Argument(format!("{number} parts are more than {MOST_PARTS}")).into());
        }
        if of.len() != self.0.model.rows() || of.iter().any(|&part| part as usize >= number) {
            return Err(Error::Length { what: "parts", expected: self.0.model.rows(), got: of.len() }.into());
        }
        Ok(Parts { of, number })
    }
}

#[pymethods]
impl PyCountFit {
    #[getter]
    fn coefficients<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        vector(py, &self.0.coefficients)
    }

    #[getter]
    fn loglik(&self) -> f64 {
        self.0.curve.value
    }

    /// How the search ended: "maximum", "settled", "unbounded", "unidentified" or "failed".
    #[getter]
    fn status(&self) -> &'static str {
        match self.0.status {
            Status::Maximum => "maximum",
            Status::Settled => "settled",
            Status::Unbounded => "unbounded",
            Status::Unidentified => "unidentified",
            Status::Failed => "failed",
        }
    }

    /// Where the likelihood rises for ever; zero at a maximum.
    #[getter]
    fn direction<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        vector(py, &self.0.direction)
    }

    /// The inverse of the observed information; None where it has none.
    #[getter]
    fn covariance<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray2<f64>>>> {
        Ok(released(py, || self.0.covariance())?.map(|covariance| matrix(py, &covariance)))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        journey::<Self, _>(py, &self.0)
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        Ok(Self(unpack(py, bytes, &())?))
    }
}

fn vector<'py>(py: Python<'py>, values: &DVector<f64>) -> Bound<'py, PyArray1<f64>> {
    values.as_slice().to_vec().into_pyarray(py)
}

fn matrix<'py>(py: Python<'py>, values: &DMatrix<f64>) -> Bound<'py, PyArray2<f64>> {
    Array2::from_shape_fn(values.shape(), |(i, j)| values[(i, j)]).into_pyarray(py)
}
