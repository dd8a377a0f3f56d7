//! Posteriors, for Python: tables of counts in, probabilities and draws out.

use ndarray::Array3;
use numpy::{IntoPyArray, PyArray1, PyArray3, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::base::{released, slice};
use crate::capture::bayes::average::{Prior, average};
use crate::capture::bayes::graphs::decomposable;
use crate::capture::bayes::latent::{Sampler, Settings, TRACES};
use crate::error::Error;
use crate::stream::Streams;

/// All decomposable graphs of so many lists: sets of lists, each with its exponent in the likelihood.
#[pyfunction]
pub(super) fn decomposable_graphs(lists: usize) -> PyResult<Vec<Vec<(usize, i32)>>> {
    Ok(decomposable(lists)?.into_iter().map(|graph| graph.factors).collect())
}

type Averaged<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Probabilities of 0, 1, ..., `most` people unseen, and of each decomposable graph.
///
/// `prior` is "log-uniform" or "uniform" unless `weights`, one for each number unseen, are given.
#[pyfunction]
#[pyo3(signature = (counts, delta, prior, most, threads, weights=None))]
pub(super) fn decomposable_average<'py>(
    py: Python<'py>,
    counts: PyReadonlyArray1<f64>,
    delta: f64,
    prior: &str,
    most: usize,
    threads: usize,
    weights: Option<PyReadonlyArray1<f64>>,
) -> PyResult<Averaged<'py>> {
    let counts = slice(&counts)?;
    if !counts.len().is_power_of_two() {
        return Err(Error::Argument("counts must hold one number for each history".into()).into());
    }
    let graphs = decomposable(counts.len().trailing_zeros() as usize)?;
    let prior = match (&weights, prior) {
        (Some(weights), _) => Prior::Weights(slice(weights)?),
        (None, "log-uniform") => Prior::LogUniform,
        (None, "uniform") => Prior::Uniform,
        (None, other) => return Err(Error::Argument(format!("no prior is called '{other}'")).into()),
    };
    let found = released(py, || average(counts, &graphs, delta, prior, most, threads))??;
    Ok((found.missed.into_pyarray(py), found.graphs.into_pyarray(py)))
}

/// Chains of the latent class model for one table.
#[pyclass(module = "hiddenpop._core", name = "LatentClasses")]
pub(super) struct PyLatent {
    sampler: Sampler,
    chains: usize,
}

#[pymethods]
impl PyLatent {
    #[new]
    #[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
    fn new(
        py: Python<'_>,
        counts: PyReadonlyArray1<f64>,
        classes: usize,
        alpha: (f64, f64),
        unseen: (u32, u32),
        chains: usize,
        seed: u64,
        fingerprint: u128,
    ) -> PyResult<Self> {
        let settings = Settings { classes, alpha, unseen };
        let streams = Streams::new(seed, fingerprint);
        let counts = slice(&counts)?;
        let sampler = released(py, || Sampler::new(counts, settings, chains, streams))??;
        Ok(Self { sampler, chains })
    }

    /// Sweep on, keeping every `thin`-th state: an array (chains x draws x 3) of people unseen, alpha and
    /// classes with people.
    fn advance<'py>(
        &mut self,
        py: Python<'py>,
        draws: usize,
        thin: usize,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray3<f64>>> {
        let sampler = &mut self.sampler;
        let kept = released(py, || sampler.advance(draws, thin, threads))??;
        let kept = Array3::from_shape_vec((self.chains, draws, TRACES), kept)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(kept.into_pyarray(py))
    }
}
