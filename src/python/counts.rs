//! The door of one-register models.

use nalgebra::{DMatrix, DVector};
use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::base::{Journey, journey, length, slice, unpack};
use crate::counts::redraw::{Redraw, Scheme};
use crate::counts::size::Parts;
use crate::counts::{Family, Fit, Model, Status};
use crate::error::Error;
use crate::stream::Streams;

/// A model of the counts of one register.
#[pyclass(frozen, module = "hiddenpop._core", name = "CountModel")]
pub struct PyCountModel {
    model: Model,
    people: Vec<f64>,
}

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
                let view = d.as_array();
                DMatrix::from_fn(view.nrows(), view.ncols(), |i, j| view[(i, j)])
            })
            .collect();
        let model = Model::new(Family::named(family)?, designs, slice(&row)?, slice(&count)?)?;
        let people = slice(&people)?.to_vec();
        if people.len() != model.cells() {
            return Err(Error::Length { what: "people", expected: model.cells(), got: people.len() }.into());
        }
        Ok(Self { model, people })
    }

    /// The maximum likelihood fit.
    fn fit(&self, py: Python<'_>) -> PyCountFit {
        PyCountFit(py.detach(|| self.model.fit(&self.people)))
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
        let parts = self.parts(&parts, number)?;
        let mut sizes = vec![0.0; number];
        self.model.fitted_sizes(&fit.0, &self.people, &parts, &mut sizes);
        let covariance = self.model.covariance(&fit.0, &self.people, &parts);
        Ok((sizes.into_pyarray(py), covariance.map(|all| matrix(py, &all))))
    }

    /// What each person of a cell adds to the slope of the log-likelihood (cells x coefficients).
    fn scores<'py>(&self, py: Python<'py>, fit: &PyCountFit) -> Bound<'py, PyArray2<f64>> {
        matrix(py, &self.model.scores(&fit.0.coefficients))
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
        let parts = self.parts(&parts, number)?;
        let (slopes, luck) = self.model.slopes(&fit.0, &self.people, &parts);
        Ok((matrix(py, &slopes), vector(py, &luck)))
    }

    /// Expected numbers of people seen once, twice, ..., `most` times.
    fn frequencies<'py>(&self, py: Python<'py>, fit: &PyCountFit, most: u32) -> Bound<'py, PyArray1<f64>> {
        self.model.frequencies(&fit.0.coefficients, &self.people, most).into_pyarray(py)
    }

    /// The number of cells.
    #[getter]
    fn cells(&self) -> usize {
        self.model.cells()
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
        let parts = self.parts(&parts, number)?;
        let found = py.detach(|| self.model.without_each(&fit.0, &self.people, &parts, threads));
        let shape = (found.len(), self.model.coefficients());
        let coefficients = Array2::from_shape_fn(shape, |(i, j)| found[i].0[j]);
        let sizes = Array2::from_shape_fn((found.len(), number), |(i, j)| found[i].1[j]);
        Ok((coefficients.into_pyarray(py), sizes.into_pyarray(py)))
    }

    /// Score and statistic of the test of one-inflation.
    fn inflation(&self, fit: &PyCountFit) -> Option<(f64, f64)> {
        self.model.inflation(&fit.0, &self.people).map(|test| (test.score, test.statistic))
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
        let parts = self.parts(&parts, number)?;
        let redraw = Redraw::new(&self.model, slice(&person)?, &fit.0, &self.people, Scheme::named(scheme)?)?;
        let mut out = Array2::zeros((number + 1, length(start, stop)));
        let streams = Streams::new(seed, fingerprint);
        py.detach(|| redraw.replicates(&parts, streams, start, threads, out.view_mut()));
        Ok(out.into_pyarray(py))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        journey::<Self, _>(py, &(&self.model, &self.people))
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        let (model, people) = unpack(py, bytes)?;
        Ok(Self { model, people })
    }
}

impl PyCountModel {
    fn parts<'a>(&self, of: &'a PyReadonlyArray1<u32>, number: usize) -> PyResult<Parts<'a>> {
        let of = slice(of)?;
        if of.len() != self.model.rows() || of.iter().any(|&part| part as usize >= number) {
            return Err(Error::Length { what: "parts", expected: self.model.rows(), got: of.len() }.into());
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
    fn covariance<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray2<f64>>> {
        self.0.covariance().map(|covariance| matrix(py, &covariance))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        journey::<Self, _>(py, &self.0)
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        Ok(Self(unpack(py, bytes)?))
    }
}

fn vector<'py>(py: Python<'py>, values: &DVector<f64>) -> Bound<'py, PyArray1<f64>> {
    values.as_slice().to_vec().into_pyarray(py)
}

fn matrix<'py>(py: Python<'py>, values: &DMatrix<f64>) -> Bound<'py, PyArray2<f64>> {
    Array2::from_shape_fn(values.shape(), |(i, j)| values[(i, j)]).into_pyarray(py)
}
