//! Respondent-driven sampling, for Python: chances of inclusion, sizes of populations, simulated networks and recruitment. How
//! such samples are redrawn is a design.

use ndarray::{Array2, Array3};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::base::{released, slice};
use crate::error::Error;
use crate::rds::size::visible::{Beliefs, Sampler, Seen, TRACES};
use crate::rds::size::{Family, SizePrior, rates, size};
use crate::rds::{inclusion, network, recruit};
use crate::stream::Streams;

/// The time at which successive sampling has taken all participants, given how many have each degree; infinite where they
/// are the population, None where it is smaller.
#[pyfunction]
pub(super) fn inclusion_time(
    degrees: PyReadonlyArray1<f64>,
    people: PyReadonlyArray1<f64>,
    population: f64,
) -> PyResult<Option<f64>> {
    let (degrees, people) = (slice(&degrees)?, slice(&people)?);
    if degrees.len() != people.len() {
        return Err(Error::Length { what: "people", expected: degrees.len(), got: people.len() }.into());
    }
    for (what, values) in [("a degree", degrees), ("people", people)] {
        if let Some(row) = values.iter().position(|v| !(*v > 0.0 && v.is_finite())) {
            return Err(Error::NotFinite { what, row }.into());
        }
    }
    Ok(inclusion::time(degrees, people, population))
}

fn family_called(name: &str) -> PyResult<Family> {
    match name {
        "conway_maxwell_poisson" => Ok(Family::ConwayMaxwellPoisson),
        "negative_binomial" => Ok(Family::NegativeBinomial),
        "poisson_lognormal" => Ok(Family::PoissonLognormal),
        other => Err(Error::Argument(format!("no distribution of sizes is called '{other}'")).into()),
    }
}

type Sized<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Probabilities of n, n + 1, ... people, and of the sizes 1..`most` among them, after the participants' `sizes` in order.
///
/// `prior` of the sizes: their mean, standard deviation, and how much each of these counts. With `arrivals`, the rates of all arrivals
/// in several samples, `sizes` are of different people, in any order.
#[pyfunction]
#[pyo3(signature = (sizes, most, family, prior, jacobian, log_prior, threads, arrivals = None))]
#[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
pub(super) fn successive_size<'py>(
    py: Python<'py>,
    sizes: PyReadonlyArray1<u32>,
    most: usize,
    family: &str,
    prior: (f64, f64, f64, f64),
    jacobian: bool,
    log_prior: PyReadonlyArray1<f64>,
    threads: usize,
    arrivals: Option<PyReadonlyArray1<f64>>,
) -> PyResult<Sized<'py>> {
    let family = family_called(family)?;
    let (mean, sd, mean_weight, sd_weight) = prior;
    let prior = SizePrior { mean, sd, mean_weight, sd_weight, jacobian };
    let sizes = sizes.as_slice().map_err(|_| Error::Argument("sizes must be contiguous".into()))?;
    let log_prior = slice(&log_prior)?;
    let arrivals = match &arrivals {
        Some(given) => slice(given)?.to_vec(),
        None => rates(sizes),
    };
    let found = released(py, || size(sizes, &arrivals, most, family, prior, log_prior, threads))??;
    Ok((found.people.into_pyarray(py), found.sizes.into_pyarray(py)))
}

/// Chains that find a size from reported degrees and recruits, where visibilities are not seen.
#[pyclass(module = "hiddenpop._core", name = "Visibilities")]
pub(super) struct PyVisibilities {
    sampler: Sampler,
    chains: usize,
}

#[pymethods]
impl PyVisibilities {
    /// `reports`, in order of arrival, are 0 where there is none; `recruits`, `coupons` and `times` are empty where recruits are left out.
    /// Priors are means and standard deviations: of log optimism, of the logarithm of reports' variance over their mean, and of what
    /// recruits depend on; `sizes` is the prior of visibilities as `successive_size` has it.
    #[new]
    #[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
    fn new(
        py: Python<'_>,
        reports: PyReadonlyArray1<u32>,
        or_more: u32,
        recruits: PyReadonlyArray1<u32>,
        coupons: PyReadonlyArray1<u32>,
        times: PyReadonlyArray1<f64>,
        most: usize,
        family: &str,
        sizes: (f64, f64, f64, f64),
        jacobian: bool,
        optimism: (f64, f64),
        error: (f64, f64),
        recruiting: [(f64, f64); 3],
        log_prior: PyReadonlyArray1<f64>,
        chains: usize,
        seed: u64,
        fingerprint: u128,
    ) -> PyResult<Self> {
        let whole = |array: &PyReadonlyArray1<u32>| -> PyResult<Vec<u32>> {
            Ok(array.as_slice().map_err(|_| Error::Argument("counts must be contiguous".into()))?.to_vec())
        };
        let (reports, recruits, coupons) = (whole(&reports)?, whole(&recruits)?, whole(&coupons)?);
        let family = family_called(family)?;
        let (mean, sd, mean_weight, sd_weight) = sizes;
        let sizes = SizePrior { mean, sd, mean_weight, sd_weight, jacobian };
        let (times, people) = (slice(&times)?, slice(&log_prior)?);
        let seen = Seen { reports: &reports, or_more, recruits: &recruits, coupons: &coupons, times };
        let beliefs = Beliefs { most, family, sizes, optimism, error, recruiting, people };
        let streams = Streams::new(seed, fingerprint);
        let sampler = released(py, || Sampler::new(seen, beliefs, chains, streams))??;
        Ok(Self { sampler, chains })
    }

    /// Sweep while walks learn, and keep nothing.
    fn settle(&mut self, py: Python<'_>, sweeps: usize, threads: usize) -> PyResult<()> {
        let sampler = &mut self.sampler;
        released(py, || sampler.settle(sweeps, threads))??;
        Ok(())
    }

    /// Sweep on, keeping every `thin`-th state: an array (chains x draws x 6) of people unseen, optimism, variance of reports over their
    /// mean, mean and standard deviation of visibilities, and what log visibility adds to the logit of a coupon's return.
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

    /// Probabilities of n, n + 1, ... people as sweeps so far have them, and each participant's mean visibility.
    fn found<'py>(&self, py: Python<'py>) -> PyResult<Sized<'py>> {
        let sampler = &self.sampler;
        let (people, visible) = released(py, || sampler.found())??;
        Ok((people.into_pyarray(py), visible.into_pyarray(py)))
    }
}

/// Labels of people (traits x people) and ties (ties x 2).
type Population<'py> = (Bound<'py, PyArray2<u32>>, Bound<'py, PyArray2<u32>>);

/// Draw people who know one another. A trait is how many people have each of its labels, how active they are, and its homophily.
#[pyfunction]
pub(super) fn simulated_network(
    py: Python<'_>,
    people: usize,
    traits: Vec<(Vec<u64>, Vec<f64>, f64)>,
    ties: usize,
    spread: f64,
    seed: u64,
    fingerprint: u128,
) -> PyResult<Population<'_>> {
    let traits: Vec<network::Trait> = traits
        .into_iter()
        .map(|(people, activity, homophily)| network::Trait { people, activity, homophily })
        .collect();
    let mut stream = Streams::new(seed, fingerprint).replicate(0);
    let made = released(py, || network::draw(people, &traits, ties, spread, &mut stream))??;
    let labels = Array2::from_shape_fn((traits.len(), people), |(t, i)| made.labels[t][i]);
    let ends = Array2::from_shape_fn((ties, 2), |(tie, end)| {
        let (a, b) = made.ties[tie];
        if end == 0 { a } else { b }
    });
    Ok((labels.into_pyarray(py), ends.into_pyarray(py)))
}

/// Participants in the order in which they came: who they are, which participant recruited them (-1: a seed), wave and time.
type Recruits<'py> = (
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<f64>>,
);

/// Recruit people through a network. `seeds` is how many there are and by what they come.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
pub(super) fn simulated_recruits<'py>(
    py: Python<'py>,
    start: PyReadonlyArray1<u32>,
    neighbour: PyReadonlyArray1<u32>,
    size: usize,
    seeds: usize,
    by: PyReadonlyArray1<f64>,
    coupons: usize,
    refuse: f64,
    time: f64,
    replacement: bool,
    reseed: bool,
    seed: u64,
    fingerprint: u128,
) -> PyResult<Recruits<'py>> {
    let ties = recruit::Ties::new(slice(&start)?, slice(&neighbour)?)?;
    let by = slice(&by)?;
    let rules = recruit::Rules { size, seeds, by, coupons, refuse, time, replacement, reseed };
    let mut stream = Streams::new(seed, fingerprint).replicate(0);
    let found = released(py, || recruit::draw(ties, &rules, &mut stream))??;
    let recruiter = found.iter().map(|p| p.recruiter.map_or(-1, i64::from));
    Ok((
        found.iter().map(|p| p.person).collect::<Vec<_>>().into_pyarray(py),
        recruiter.collect::<Vec<_>>().into_pyarray(py),
        found.iter().map(|p| p.wave).collect::<Vec<_>>().into_pyarray(py),
        found.iter().map(|p| p.time).collect::<Vec<_>>().into_pyarray(py),
    ))
}
