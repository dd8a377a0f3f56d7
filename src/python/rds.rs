//! Respondent-driven sampling, for Python: chances of inclusion, sizes of populations, simulated networks and recruitment. How
//! such samples are redrawn is a design.

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;

use super::base::{released, slice};
use crate::error::Error;
use crate::rds::size::{Family, SizePrior, size};
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

type Sized<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Probabilities of n, n + 1, ... people, and of the sizes 1..`most` among them, after the participants' `sizes` in order.
///
/// `prior` of the sizes: their mean, standard deviation, and how much each of these counts.
#[pyfunction]
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
) -> PyResult<Sized<'py>> {
    let family = match family {
        "conway_maxwell_poisson" => Family::ConwayMaxwellPoisson,
        "negative_binomial" => Family::NegativeBinomial,
        "poisson_lognormal" => Family::PoissonLognormal,
        other => return Err(Error::Argument(format!("no distribution of sizes is called '{other}'")).into()),
    };
    let (mean, sd, mean_weight, sd_weight) = prior;
    let prior = SizePrior { mean, sd, mean_weight, sd_weight, jacobian };
    let sizes = sizes.as_slice().map_err(|_| Error::Argument("sizes must be contiguous".into()))?;
    let log_prior = slice(&log_prior)?;
    let found = released(py, || size(sizes, most, family, prior, log_prior, threads))??;
    Ok((found.people.into_pyarray(py), found.sizes.into_pyarray(py)))
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
