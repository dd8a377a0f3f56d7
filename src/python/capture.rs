//! Lists that overlap, for Python: tables of counts in, numbers out.
//!
//! A table has 2^k counts for k lists; several tables are the rows of an array.

use ndarray::Array1;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::base::{Journey, journey, length, released, slice, unpack, zeros};
use crate::capture::models::{self, Hierarchical};
use crate::capture::poisson::{Fit, Fitter};
use crate::capture::profile;
use crate::capture::ranking::{Criterion, Models};
use crate::capture::redraw::Redraw;
use crate::capture::stepwise::{self, Selected};
use crate::capture::table::{MOST_LISTS, Table};
use crate::error::Error;
use crate::parallel;

/// Replicates that one thread takes at a time.
const CHUNK: usize = 8;

/// How lists are redrawn: histories within strata, with the people who might have been seen.
#[pyclass(frozen, module = "hiddenpop._core", name = "ListsRedraw")]
pub(super) struct PyRedraw(Redraw);

#[pymethods]
impl PyRedraw {
    #[new]
    fn new(
        stratum: PyReadonlyArray1<u32>,
        weights: PyReadonlyArray1<f64>,
        people: PyReadonlyArray1<u64>,
    ) -> PyResult<Self> {
        Ok(Self(Redraw::new(slice(&stratum)?, slice(&weights)?, slice(&people)?)?))
    }

    /// People of each history in replicates start..stop: an array (units x replicates).
    #[allow(clippy::too_many_arguments)] // a door passes what Python holds, one argument each
    fn replicates<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        fingerprint: u128,
        start: u64,
        stop: u64,
        sizes: Vec<f64>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let mut out = zeros(self.0.units(), length(start, stop)?)?;
        released(py, || self.0.replicates((seed, fingerprint), start, &sizes, threads, out.view_mut()))??;
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

/// Log-linear models of one family of lists.
#[pyclass(frozen, module = "hiddenpop._core", name = "LogLinear")]
pub(super) struct PyLogLinear {
    models: Models,
    open: Vec<f64>,
}

#[pymethods]
impl PyLogLinear {
    /// `models` hold their terms as numbers, without the intercept; `extras` are columns that all of
    /// them have. With `start`, a table, later fits begin at the coefficients of its fits.
    #[new]
    #[pyo3(signature = (models, open, extras=None, constrained=0, start=None))]
    fn new(
        py: Python<'_>,
        models: Vec<Vec<u32>>,
        open: PyReadonlyArray1<f64>,
        extras: Option<Vec<Vec<f64>>>,
        constrained: usize,
        start: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<Self> {
        let open = slice(&open)?.to_vec();
        let lists = lists(&open)?;
        let extras = extras.unwrap_or_default();
        let inside = models.iter().flatten().all(|t| (1..1 << lists).contains(t));
        let most = models.iter().map(Vec::len).max().unwrap_or(0);
        if most >= open.len() || extras.len() > MOST_EXTRAS || constrained > MOST_CONSTRAINED {
            return Err(
                Error::Argument("a model has more terms or columns than a table tells apart".into()).into()
            );
        }
        if open.iter().chain(extras.iter().flatten()).any(|x| !x.is_finite()) {
            return Err(Error::NotFinite { what: "a column", row: 0 }.into());
        }
        if !inside || constrained > extras.len() || extras.iter().any(|column| column.len() != open.len()) {
            return Err(Error::Argument("a term or a column is not of these lists".into()).into());
        }
        let mut made = Models::new(models.into_iter());
        made.extras = extras;
        made.constrained = constrained;
        if let Some(start) = start {
            let counts = checked(slice(&start)?, &open)?;
            released(py, || made.warm(Table { counts, open: &open }, &mut Fitter::new(lists)))?;
        }
        Ok(Self { models: made, open })
    }

    /// Each model's fit to one table (models x 7): status (`poisson::Status`), people unseen (0 or infinite at a limit),
    /// variance of their logarithm, deviance, Pearson's statistic, log-likelihood without factorials, parameters.
    fn fits<'py>(
        &self,
        py: Python<'py>,
        counts: PyReadonlyArray1<f64>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let table = Table { counts: checked(slice(&counts)?, &self.open)?, open: &self.open };
        let lists = lists(&self.open)?;
        let mut out = zeros(7, self.models.len())?;
        released(py, || {
            parallel::columns(&mut out.view_mut(), 64, threads, |offset, mut part| {
                let mut fitter = Fitter::new(lists);
                for i in 0..part.ncols() {
                    let (fit, p) = self.models.fit(offset + i, table, &mut fitter);
                    part.column_mut(i).assign(&Array1::from(numbers(&fit, p)));
                }
            });
        })?;
        Ok(out.reversed_axes().into_pyarray(py))
    }

    /// Each table's ranking (4 x tables): size by the best model, averaged size, the best model's
    /// place, models that say nothing of the size. Sizes may be infinite.
    fn rank<'py>(
        &self,
        py: Python<'py>,
        tables: PyReadonlyArray2<f64>,
        criterion: &str,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let criterion = named(criterion)?;
        let lists = lists(&self.open)?;
        let (rows, counts) = rows(&tables, &self.open)?;
        let mut out = zeros(4, rows)?;
        released(py, || {
            parallel::columns(&mut out.view_mut(), CHUNK, threads, |offset, mut part| {
                let mut fitter = Fitter::new(lists);
                let mut space = vec![];
                for i in 0..part.ncols() {
                    let table = Table { counts: row(counts, &self.open, offset + i), open: &self.open };
                    let ranked = self.models.rank(table, criterion, &mut fitter, &mut space);
                    let best = ranked.best.map_or(f64::NAN, |place| place as f64);
                    let values = [ranked.size, ranked.average, best, ranked.lost as f64];
                    part.column_mut(i).assign(&Array1::from(values.to_vec()));
                }
            });
        })?;
        Ok(out.into_pyarray(py))
    }

    /// The fitted counts of the first model, by history; NaN without an estimate.
    fn fitted<'py>(
        &self,
        py: Python<'py>,
        counts: PyReadonlyArray1<f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let table = Table { counts: checked(slice(&counts)?, &self.open)?, open: &self.open };
        let lists = lists(&self.open)?;
        self.first()?;
        let mu = released(py, || {
            let mut fitter = Fitter::new(lists);
            let (fit, _) = self.models.fit(0, table, &mut fitter);
            let mut mu = fitter.mu;
            mu[0] = fit.unseen;
            mu
        })?;
        Ok(mu.into_pyarray(py))
    }

    /// Each table's size at the maximum of the first model's multinomial likelihood; NaN without one.
    fn multinomial<'py>(
        &self,
        py: Python<'py>,
        tables: PyReadonlyArray2<f64>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let lists = lists(&self.open)?;
        self.first()?;
        let (rows, counts) = rows(&tables, &self.open)?;
        let mut out = zeros(1, rows)?;
        released(py, || {
            parallel::columns(&mut out.view_mut(), CHUNK, threads, |offset, mut part| {
                let mut fitter = Fitter::new(lists);
                for (i, size) in part.iter_mut().enumerate() {
                    let table = Table { counts: row(counts, &self.open, offset + i), open: &self.open };
                    *size = profile::size(table, &self.models, 0, &mut fitter).unwrap_or(f64::NAN);
                }
            });
        })?;
        Ok(out.into_raw_vec_and_offset().0.into_pyarray(py))
    }

    /// Profile likelihood of the first model: size, lower and upper end; None if it can't be had.
    fn profile(
        &self,
        py: Python<'_>,
        counts: PyReadonlyArray1<f64>,
        drop: f64,
    ) -> PyResult<Option<(f64, f64, f64)>> {
        let table = Table { counts: checked(slice(&counts)?, &self.open)?, open: &self.open };
        let mut fitter = Fitter::new(lists(&self.open)?);
        self.first()?;
        released(py, || {
            let found = profile::profile(table, &self.models, 0, drop, &mut fitter)?;
            Some((found.size, found.lower, found.upper))
        })
    }
}

impl PyLogLinear {
    /// What speaks of the first model needs one.
    fn first(&self) -> PyResult<()> {
        if self.models.is_empty() {
            return Err(Error::Argument("there is no model to fit".into()).into());
        }
        Ok(())
    }
}

/// Columns beside the terms, and those of them with a constraint: all sets of the latter may have to be tried.
const MOST_EXTRAS: usize = 64;
const MOST_CONSTRAINED: usize = 12;
/// People of one history in a table; whole numbers of more have no place in a double.
const MOST_PEOPLE: f64 = 9_007_199_254_740_992.0;
/// Beyond these degrees of freedom the chance is not computed: its series would not end in time.
const MOST_FREEDOM: f64 = 1e9;

/// Chances that chi-square variables pass the values; NaN without degrees of freedom.
#[pyfunction]
pub(super) fn chi_square_tails(py: Python<'_>, values: Vec<f64>, df: Vec<f64>) -> PyResult<Vec<f64>> {
    if values.len() != df.len() {
        return Err(
            Error::Length { what: "degrees of freedom", expected: values.len(), got: df.len() }.into()
        );
    }
    let tail = |(value, df): (f64, f64)| match ChiSquared::new(df) {
        Ok(_) if value < f64::MIN_POSITIVE => 1.0,
        Ok(law) if df <= MOST_FREEDOM && value < MOST_PEOPLE => law.sf(value.max(0.0)),
        Ok(_) if value >= MOST_PEOPLE => 0.0,
        _ => f64::NAN,
    };
    released(py, || values.into_iter().zip(df).map(tail).collect())
}

/// All hierarchical models of k lists (at most five) with interactions of at most `order` lists.
#[pyfunction]
pub(super) fn hierarchical_models(lists: usize, order: usize) -> PyResult<Vec<Vec<u32>>> {
    if !(1..=models::MOST_LISTS).contains(&lists) {
        return Err(Error::Argument(format!("all models of {lists} lists are too many")).into());
    }
    Ok(Hierarchical::new(lists, order).map(|set| models::terms(set).collect()).collect())
}

/// Stepwise selection by Poisson p-values on each table (1 + pairs of lists, x tables): the size, and
/// which pairs came in.
#[pyfunction]
pub(super) fn sparse_sizes<'py>(
    py: Python<'py>,
    tables: PyReadonlyArray2<f64>,
    open: PyReadonlyArray1<f64>,
    threshold: f64,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let open = slice(&open)?;
    let lists = lists(open)?;
    let (rows, counts) = rows(&tables, open)?;
    let pairs: Vec<u32> = stepwise::pairs(lists).collect();
    let mut out = zeros(1 + pairs.len(), rows)?;
    released(py, || {
        parallel::columns(&mut out.view_mut(), CHUNK, threads, |offset, mut part| {
            let mut fitter = Fitter::new(lists);
            for i in 0..part.ncols() {
                let counts = row(counts, open, offset + i);
                let found = stepwise::sparse(Table { counts, open }, lists, threshold, &mut fitter);
                part[[0, i]] = found.fit.unseen + counts.iter().sum::<f64>();
                for (j, pair) in pairs.iter().enumerate() {
                    part[[1 + j, i]] = f64::from(u8::from(found.terms.contains(pair)));
                }
            }
        });
    })?;
    Ok(out.into_pyarray(py))
}

/// A model that selection arrived at: its terms, what brought each interaction in, and its fit.
type Path = (Vec<u32>, Vec<f64>, Vec<f64>);

/// Stepwise selection by Poisson p-values on one table: terms, p-values, fit (as `LogLinear.fits`).
#[pyfunction]
pub(super) fn sparse_path(
    py: Python<'_>,
    counts: PyReadonlyArray1<f64>,
    open: PyReadonlyArray1<f64>,
    threshold: f64,
) -> PyResult<Path> {
    let open = slice(&open)?;
    let lists = lists(open)?;
    let table = Table { counts: checked(slice(&counts)?, open)?, open };
    released(py, || path(stepwise::sparse(table, lists, threshold, &mut Fitter::new(lists))))
}

/// Forward selection by a criterion: sizes of the tables.
#[pyfunction]
pub(super) fn forward_sizes<'py>(
    py: Python<'py>,
    tables: PyReadonlyArray2<f64>,
    open: PyReadonlyArray1<f64>,
    order: usize,
    criterion: &str,
    threads: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let criterion = named(criterion)?;
    let open = slice(&open)?;
    let lists = lists(open)?;
    let (rows, counts) = rows(&tables, open)?;
    let mut out = zeros(1, rows)?;
    released(py, || {
        parallel::columns(&mut out.view_mut(), CHUNK, threads, |offset, mut part| {
            let mut fitter = Fitter::new(lists);
            for (i, size) in part.iter_mut().enumerate() {
                let counts = row(counts, open, offset + i);
                let found = stepwise::forward(Table { counts, open }, lists, order, criterion, &mut fitter);
                *size = found.fit.unseen + counts.iter().sum::<f64>();
            }
        });
    })?;
    Ok(out.into_raw_vec_and_offset().0.into_pyarray(py))
}

/// Forward selection by a criterion on one table: terms, the criterion reached at each, fit.
#[pyfunction]
pub(super) fn forward_path(
    py: Python<'_>,
    counts: PyReadonlyArray1<f64>,
    open: PyReadonlyArray1<f64>,
    order: usize,
    criterion: &str,
) -> PyResult<Path> {
    let open = slice(&open)?;
    let lists = lists(open)?;
    let table = Table { counts: checked(slice(&counts)?, open)?, open };
    let criterion = named(criterion)?;
    released(py, || path(stepwise::forward(table, lists, order, criterion, &mut Fitter::new(lists))))
}

fn path(found: Selected) -> Path {
    let p = found.terms.len() + 1;
    (found.terms, found.reasons, numbers(&found.fit, p))
}

fn numbers(fit: &Fit, p: usize) -> Vec<f64> {
    let status = f64::from(fit.status as u8);
    vec![status, fit.unseen, fit.variance, fit.deviance, fit.pearson, fit.likelihood, p as f64]
}

fn named(criterion: &str) -> PyResult<Criterion> {
    Criterion::new(criterion)
        .ok_or_else(|| Error::Argument(format!("'{criterion}' is not one of AIC, AICc, BIC")).into())
}

/// The number of lists that a table of this length is of.
fn lists(open: &[f64]) -> PyResult<usize> {
    let lists = open.len().checked_ilog2().unwrap_or(0) as usize;
    if open.len() != 1 << lists || !(1..=MOST_LISTS).contains(&lists) {
        return Err(
            Error::Argument(format!("a table of {} histories is of no number of lists", open.len())).into()
        );
    }
    Ok(lists)
}

fn checked<'a>(counts: &'a [f64], open: &[f64]) -> PyResult<&'a [f64]> {
    if counts.len() != open.len() {
        return Err(Error::Length { what: "a table", expected: open.len(), got: counts.len() }.into());
    }
    people(counts)
}

/// Numbers of people.
fn people(counts: &[f64]) -> PyResult<&[f64]> {
    if let Some(row) = counts.iter().position(|count| !(0.0..=MOST_PEOPLE).contains(count)) {
        return Err(Error::NotFinite { what: "a table", row }.into());
    }
    Ok(counts)
}

fn rows<'a>(tables: &'a PyReadonlyArray2<f64>, open: &[f64]) -> PyResult<(usize, &'a [f64])> {
    let counts = tables.as_slice().map_err(|_| Error::Argument("tables must be contiguous".into()))?;
    if counts.len() % open.len() != 0 {
        return Err(Error::Length { what: "tables", expected: open.len(), got: counts.len() }.into());
    }
    Ok((counts.len() / open.len(), people(counts)?))
}

fn row<'a>(counts: &'a [f64], open: &[f64], place: usize) -> &'a [f64] {
    &counts[place * open.len()..][..open.len()]
}
