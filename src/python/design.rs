//! Designs, for Python: how the units of a sample are redrawn.

use std::sync::Arc;

use numpy::{IntoPyArray, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::base::{Journey, flat, journey, length, released, slice, unpack, view, zeros};
use crate::design::calibrated::{self, Distance};
use crate::design::recruited::{Parts, Scheme};
use crate::design::resample::Rule;
use crate::design::{Calibrated, Design, Dirichlet, Nested, Recruited, Redraw, Resample};
use crate::error::Error;
use crate::stop::stopped;
use crate::stream::Streams;

/// How a sample is redrawn.
#[pyclass(frozen, module = "hiddenpop._core", name = "Design")]
pub(super) struct PyDesign(pub(super) Arc<Design>);

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

    /// Participants who recruited one another, recruited again by a scheme; units are participants, and factors weights, or `plain`
    /// how often each is taken.
    #[staticmethod]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools)] // a door passes what Python holds, one argument each
    fn recruited(
        scheme: &str,
        centre: bool,
        recruiter: PyReadonlyArray1<u32>,
        order: PyReadonlyArray1<u32>,
        site: PyReadonlyArray1<u32>,
        category: PyReadonlyArray1<u32>,
        degree: PyReadonlyArray1<f64>,
        weight: PyReadonlyArray1<f64>,
        population: PyReadonlyArray1<f64>,
        drawn: PyReadonlyArray2<f64>,
        solved: bool,
        plain: bool,
        reweigh: bool,
    ) -> PyResult<Self> {
        let scheme = match scheme {
            "tree" => Scheme::Tree,
            "seeds" => Scheme::Seeds,
            "neighbourhood" => Scheme::Neighbourhood,
            "salganik" => Scheme::Salganik,
            "successive" => Scheme::Successive,
            "homophily_graph" => Scheme::HomophilyGraph,
            other => return Err(PyValueError::new_err(format!("no scheme is called {other}"))),
        };
        let parts = Parts {
            scheme,
            centre,
            recruiter: slice(&recruiter)?.to_vec(),
            order: slice(&order)?.to_vec(),
            site: slice(&site)?.to_vec(),
            category: slice(&category)?.to_vec(),
            degree: slice(&degree)?.to_vec(),
            weight: slice(&weight)?.to_vec(),
            population: slice(&population)?.to_vec(),
            drawn: flat(&drawn)?,
            solved,
            plain,
            reweigh,
        };
        Ok(Self(Arc::new(Design::Recruited(Arc::new(Recruited::new(parts)?)))))
    }

    /// This design, its weights calibrated again in every replicate; units are then rows.
    #[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
    fn calibrated(
        &self,
        unit: PyReadonlyArray1<u32>,
        weight: PyReadonlyArray1<f64>,
        cell: PyReadonlyArray1<u32>,
        x: (PyReadonlyArray1<u32>, PyReadonlyArray1<u32>, PyReadonlyArray1<f64>),
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
            "linear" => Distance::Linear { low, high },
            other => return Err(PyValueError::new_err(format!("no distance is called {other}"))),
        };
        let drawn = flat(&drawn)?;
        let x = calibrated::Auxiliaries {
            starts: slice(&x.0)?.to_vec(),
            columns: slice(&x.1)?.to_vec(),
            values: slice(&x.2)?.to_vec(),
        };
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
        let (factors, units) = (view(&factors)?, design.base().units());
        if factors.ncols() != units {
            return Err(Error::Length { what: "factors", expected: units, got: factors.ncols() }.into());
        }
        let mut out = zeros(factors.nrows(), design.units())?;
        let mut failed = vec![None; factors.nrows()];
        released(py, || {
            for ((factors, mut out), failed) in
                factors.rows().into_iter().zip(out.rows_mut()).zip(&mut failed)
            {
                let Some(weights) = out.as_slice_mut() else { continue };
                if stopped() {
                    return;
                }
                if let Err(auxiliary) = design.weights(&factors.to_vec(), weights) {
                    weights.fill(f64::NAN);
                    *failed = Some(auxiliary);
                }
            }
        })?;
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
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (design, streams) = (&self.0, Streams::new(seed, fingerprint));
        let mut out = zeros(length(start, stop)?, design.units())?;
        released(py, || {
            for (replicate, mut row) in (start..stop).zip(out.rows_mut()) {
                if stopped() {
                    return;
                }
                if let Some(factors) = row.as_slice_mut() {
                    design.factors(streams, replicate, factors);
                }
            }
        })?;
        Ok(out.into_pyarray(py))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Journey<'py>> {
        journey::<Self, _>(py, &*self.0)
    }

    #[staticmethod]
    fn _restore(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        Ok(Self(Arc::new(unpack(py, bytes, &())?)))
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
